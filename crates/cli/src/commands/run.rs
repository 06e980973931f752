//! `run` and `compare`.

use std::io::Write as _;

use anyhow::Result;
use report::html::{self, RunPage};
use report::plot::data::Solved;
use system::System;
use twin::published::Published;
use twin::{Figures, SteadyState};

use crate::args;
use crate::commands::{page, sample};
use crate::input;
use crate::output::{Interrupted, Output};

/// Draws for a comparison with published figures when nobody asks for a number.
const DRAWS: u64 = 1000;

/// Solves one system.
pub(crate) fn run(run: &args::Run, out: &mut Output) -> Result<()> {
    page::check(run.report.as_deref(), run.json)?;
    let library = input::library(run.resolve.library.as_deref())?;
    let system = input::resolve(&run.system, &library, &run.resolve)?;
    let state = SteadyState::solve(&system);
    let figures = Figures::new(&system, &state);
    let sampled = sample::sample(&system, &state, &run.draws)?;
    let list = Published::embedded()?;
    let published = if run.published {
        let n = if run.draws.samples == 0 {
            DRAWS
        } else {
            run.draws.samples
        };
        let plain = args::Resolve {
            sets: Vec::new(),
            library: run.resolve.library.clone(),
        };
        let platform = |name: &str| {
            input::resolve(name, &library, &plain).map_err(|error| format!("{error:#}"))
        };
        Some((list.compare(&system, run.draws.seed, n, platform)?, n))
    } else {
        None
    };
    if let Some(file) = &run.report {
        let command = page::command();
        let page = RunPage {
            solved: Solved {
                system: &system,
                state: &state,
                figures: &figures,
                sampled: sampled.as_ref(),
            },
            making: page::making(&library, &command),
        };
        page::write(&html::run_html(&page)?, file, out)?;
    }
    if page::is_standard_output(run.report.as_deref()) {
        // The report stands for the text.
    } else if run.json {
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
            what: "draws",
        }
        .into()),
        _ => Ok(()),
    }
}

/// Solves several systems and puts them side by side.
pub(crate) fn compare(compare: &args::Compare, out: &mut Output) -> Result<()> {
    page::check(compare.report.as_deref(), compare.json)?;
    let library = input::library(compare.resolve.library.as_deref())?;
    let systems = input::resolve_all(&compare.systems, &library, &compare.resolve)?;
    let mut solved: Vec<(System, SteadyState, Figures)> = Vec::new();
    for system in systems {
        let state = SteadyState::solve(&system);
        let figures = Figures::new(&system, &state);
        solved.push((system, state, figures));
    }
    let pairs: Vec<(&System, &Figures)> = solved
        .iter()
        .map(|(system, _, figures)| (system, figures))
        .collect();
    if let Some(file) = &compare.report {
        let systems: Vec<Solved<'_>> = solved
            .iter()
            .map(|(system, state, figures)| Solved {
                system,
                state,
                figures,
                sampled: None,
            })
            .collect();
        let command = page::command();
        let making = page::making(&library, &command);
        page::write(&html::compare_html(&systems, &making)?, file, out)?;
    }
    if page::is_standard_output(compare.report.as_deref()) {
        // The report stands for the text.
    } else if compare.json {
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
