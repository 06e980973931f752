//! `solve`.

use std::io::Write as _;

use anyhow::{Context as _, Result};
use indicatif::{ProgressBar, ProgressStyle};
use system::System;
use twin::solve::{Question, Region, Search, solve};

use crate::args;
use crate::commands::sample::Interrupt;
use crate::input;
use crate::output::{BadInput, Output, Stopped};

/// Finds the region that meets constraints.
pub(crate) fn run(args: &args::Solve, out: &mut Output) -> Result<()> {
    let (system, region) = find(args)?;
    if args.json {
        let value = report::solve_json(&system, &region);
        writeln!(out, "{}", serde_json::to_string_pretty(&value)?)?;
    } else {
        out.write_all(report::solve_text(&system, &region).as_bytes())?;
    }
    match region.problems(&args.constraints) {
        Some(problems) => Err(BadInput(problems).into()),
        None => Ok(()),
    }
}

/// The region, and the system that it starts from.
pub(crate) fn find(args: &args::Solve) -> Result<(System, Region)> {
    let library = input::library(args.resolve.library.as_deref())?;
    let read = input::read(&args.system, &library)?;
    let system = read
        .resolve(&library, &args.resolve.sets)
        .map_err(BadInput)?;
    let question = Question::parse(
        &args.constraints,
        &args.variables,
        args.least.as_deref(),
        &system,
        &library,
    )
    .map_err(BadInput)?;
    let resolve = |sets: &[String]| {
        let sets: Vec<String> = args.resolve.sets.iter().chain(sets).cloned().collect();
        read.resolve(&library, &sets)
    };
    let interrupt = Interrupt::listen()?;
    // Drawn on standard error when that is a terminal, and nowhere else.
    let bar = ProgressBar::new(0).with_style(
        ProgressStyle::with_template("{bar:30} {pos} of {len} solved, {eta} left")
            .context("the form of the progress bar is wrong")?,
    );
    let search = Search {
        seed: args.seed,
        draws: args.samples,
        stop: &interrupt.stop,
        progress: &|done, planned| {
            bar.set_length(planned as u64);
            bar.set_position(done as u64);
        },
    };
    let region = solve(&question, &system, &library, &resolve, &search);
    bar.finish_and_clear();
    drop(interrupt);
    // Half a region would look like a whole one, so nothing is shown of it.
    Ok((system, region.map_err(|_| Stopped)?))
}
