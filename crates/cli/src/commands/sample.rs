//! Draws with their progress, and how Ctrl-C ends them.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context as _, Result};
use indicatif::{ProgressBar, ProgressStyle};
use signal_hook::consts::SIGINT;
use signal_hook::flag;
use system::System;
use twin::{SamplePlan, Sampled, SteadyState};

use crate::args;
use crate::output::INTERRUPTED;

/// Draws a system as often as asked; none when not at all.
///
/// The first Ctrl-C ends the drawing with what is done, the second the program.
pub(crate) fn sample(
    system: &System,
    state: &SteadyState,
    draws: &args::Draws,
) -> Result<Option<Sampled>> {
    if draws.samples == 0 {
        return Ok(None);
    }
    let stop = Arc::new(AtomicBool::new(false));
    // The order matters: the first looks at the flag before the second sets it.
    let second =
        flag::register_conditional_shutdown(SIGINT, i32::from(INTERRUPTED), Arc::clone(&stop));
    let first = flag::register(SIGINT, Arc::clone(&stop));
    let handlers = [
        second.context("cannot listen to Ctrl-C")?,
        first.context("cannot listen to Ctrl-C")?,
    ];
    // Drawn on standard error when that is a terminal, and nowhere else.
    let bar = ProgressBar::new(draws.samples).with_style(
        ProgressStyle::with_template("{bar:30} {pos} of {len} draws, {eta} left")
            .context("the form of the progress bar is wrong")?,
    );
    let mut sampled = Sampled::new(
        system,
        state,
        &SamplePlan {
            seed: draws.seed,
            n: draws.samples,
            stop: &stop,
            progress: &|n_done| bar.set_position(n_done),
        },
    );
    bar.finish_and_clear();
    sampled.find_influences(system, state);
    for handler in handlers {
        signal_hook::low_level::unregister(handler);
    }
    Ok(Some(sampled))
}
