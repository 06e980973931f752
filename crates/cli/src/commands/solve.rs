//! `solve`.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use twin::solve::{Question, Search, solve};

use crate::args;
use crate::input;
use crate::output::{BadInput, Output};

/// Finds the region that meets constraints.
pub(crate) fn run(args: &args::Solve, out: &mut Output) -> Result<()> {
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
    let shown = Mutex::new(0);
    let progress = |done: usize, planned: usize| show(&shown, done, planned);
    let search = Search {
        seed: args.seed,
        draws: args.samples,
        stop: &AtomicBool::new(false),
        progress: &progress,
    };
    let region = solve(&question, &system, &library, &resolve, &search);
    clear();
    let region = region?;
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

/// Says on a terminal how far the search is, a hundred times at the most.
fn show(shown: &Mutex<usize>, done: usize, planned: usize) {
    let mut err = std::io::stderr();
    if !err.is_terminal() {
        return;
    }
    let percent = 100 * done / planned.max(1);
    let Ok(mut shown) = shown.try_lock() else {
        return;
    };
    if *shown != percent {
        *shown = percent;
        // Nothing can be done when standard error is closed.
        let _ = write!(err, "\r{done} of {planned} solved ");
    }
}

fn clear() {
    let mut err = std::io::stderr();
    if err.is_terminal() {
        let _ = write!(err, "\r\x1b[K");
    }
}
