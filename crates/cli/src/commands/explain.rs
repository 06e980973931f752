//! `explain`: how a figure came about.

use std::io::Write as _;

use anyhow::Result;
use system::System;
use twin::{ExplainError, Explanation, Figures, METRICS, Metric, SteadyState};

use crate::args;
use crate::input;
use crate::output::{Output, UsageError};

/// Explains one figure of a system, or lists the figures.
pub(crate) fn run(explain: &args::Explain, out: &mut Output) -> Result<()> {
    let library = input::library(explain.resolve.library.as_deref())?;
    let system = input::resolve(&explain.system, &library, &explain.resolve)?;
    let state = SteadyState::solve(&system);
    let figures = Figures::new(&system, &state);
    let Some(name) = &explain.quantity else {
        return list(explain, &(system, state, figures), out);
    };
    let metric = Metric::find(name).map_err(|unknown| {
        let near = unknown
            .nearest
            .map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
        UsageError(format!(
            "{unknown}{near}\n`shoreline explain {}` lists the figures",
            explain.system
        ))
    })?;
    let explanation =
        Explanation::new(&system, &state, &figures, metric).map_err(|error| match error {
            ExplainError::Absent { .. } | ExplainError::NotDerived { .. } => {
                anyhow::Error::from(UsageError(error.to_string()))
            }
            ExplainError::Disagrees { .. } | ExplainError::NoValue(_) => error.into(),
        })?;
    let again = explanation.recomputed()?;
    anyhow::ensure!(
        again.to_bits() == explanation.root.si.to_bits(),
        "computed again, {} has other bits: {again} in place of {}",
        metric.name,
        explanation.root.si
    );
    let name = &figures.name;
    if explain.json {
        let value = report::explain_json(&explanation, name, &library);
        writeln!(out, "{}", serde_json::to_string_pretty(&value)?)?;
    } else {
        let depth = explain.depth.map(usize::from);
        let text = report::explain_text(&explanation, name, &library, depth);
        out.write_all(text.as_bytes())?;
    }
    Ok(())
}

/// The figures that have a name, with their values; those without a derivation are not listed.
fn list(
    explain: &args::Explain,
    (system, state, figures): &(System, SteadyState, Figures),
    out: &mut Output,
) -> Result<()> {
    let known: Vec<Explanation> = METRICS
        .iter()
        .filter_map(|metric| Explanation::new(system, state, figures, metric).ok())
        .collect();
    if explain.json {
        let list: Vec<_> = known
            .iter()
            .map(|explanation| {
                let metric = explanation.metric;
                serde_json::json!({
                    "quantity": metric.name, "aliases": metric.aliases, "doc": metric.doc,
                    "unit": metric.unit, "value": metric.in_unit(explanation.root.si),
                })
            })
            .collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&list)?)?;
    } else {
        out.write_all(report::figures_text(&figures.name, &known).as_bytes())?;
    }
    Ok(())
}
