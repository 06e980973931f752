//! `run` and `compare`.

use std::io::Write as _;

use anyhow::Result;
use system::System;
use twin::{Figures, SteadyState};

use crate::args;
use crate::commands::sample;
use crate::input;
use crate::output::{Interrupted, Output};

/// Solves one system.
pub(crate) fn run(run: &args::Run, out: &mut Output) -> Result<()> {
    let library = input::library(run.resolve.library.as_deref())?;
    let system = input::resolve(&run.system, &library, &run.resolve)?;
    let state = SteadyState::solve(&system);
    let figures = Figures::new(&system, &state);
    let sampled = sample::sample(&system, &state, run)?;
    if run.json {
        let value = report::run_json(&system, &state, &figures, sampled.as_ref());
        writeln!(out, "{}", serde_json::to_string_pretty(&value)?)?;
    } else {
        let text = report::run_text(&system, &state, &figures, sampled.as_ref());
        out.write_all(text.as_bytes())?;
    }
    match sampled {
        Some(sampled) if sampled.n_done < sampled.n_asked => Err(Interrupted {
            n_done: sampled.n_done,
            n_asked: sampled.n_asked,
        }
        .into()),
        _ => Ok(()),
    }
}

/// Solves several systems and puts them side by side.
pub(crate) fn compare(compare: &args::Compare, out: &mut Output) -> Result<()> {
    let library = input::library(compare.resolve.library.as_deref())?;
    let mut solved: Vec<(System, Figures)> = Vec::new();
    for name in &compare.systems {
        let system = input::resolve(name, &library, &compare.resolve)?;
        let figures = Figures::new(&system, &SteadyState::solve(&system));
        solved.push((system, figures));
    }
    let pairs: Vec<(&System, &Figures)> = solved
        .iter()
        .map(|(system, figures)| (system, figures))
        .collect();
    if compare.json {
        writeln!(
            out,
            "{}",
            serde_json::to_string_pretty(&report::compare_json(&pairs))?
        )?;
    } else {
        out.write_all(report::compare_text(&pairs).as_bytes())?;
    }
    Ok(())
}
