//! `run` and `compare`.

use std::io::Write as _;

use anyhow::Result;
use system::System;
use twin::published::Published;
use twin::{Figures, SteadyState};

use crate::args;
use crate::commands::sample;
use crate::input;
use crate::output::{Interrupted, Output};

/// Draws for a comparison with published figures when nobody asks for a number.
const DRAWS: u64 = 1000;

/// Solves one system.
pub(crate) fn run(run: &args::Run, out: &mut Output) -> Result<()> {
    let library = input::library(run.resolve.library.as_deref())?;
    let system = input::resolve(&run.system, &library, &run.resolve)?;
    let state = SteadyState::solve(&system);
    let figures = Figures::new(&system, &state);
    let sampled = sample::sample(&system, &state, run)?;
    let list = Published::embedded()?;
    let published = if run.published {
        let n = if run.samples == 0 { DRAWS } else { run.samples };
        let plain = args::Resolve {
            sets: Vec::new(),
            library: run.resolve.library.clone(),
        };
        let platform = |name: &str| {
            input::resolve(name, &library, &plain).map_err(|error| format!("{error:#}"))
        };
        Some((list.compare(&system, run.seed, n, platform)?, n))
    } else {
        None
    };
    if run.json {
        let mut value = report::run_json(&system, &state, &figures, sampled.as_ref());
        if let Some((rows, n)) = &published {
            value["published"] = report::published_json(rows, *n);
        }
        writeln!(out, "{}", serde_json::to_string_pretty(&value)?)?;
    } else {
        let text = report::run_text(&system, &state, &figures, sampled.as_ref());
        out.write_all(text.as_bytes())?;
        if let Some((rows, n)) = &published {
            out.write_all(report::published_text(rows, *n).as_bytes())?;
        }
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
