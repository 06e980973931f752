//! Draws with their progress, and how Ctrl-C ends them.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context as _, Result};
use indicatif::{ProgressBar, ProgressStyle};
use signal_hook::consts::SIGINT;
use signal_hook::{SigId, flag};
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
    let interrupt = Interrupt::listen()?;
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
            stop: &interrupt.stop,
            progress: &|n_done| bar.set_position(n_done),
        },
    );
    bar.finish_and_clear();
    sampled.find_influences(system, state);
    drop(interrupt);
    Ok(Some(sampled))
}

/// Ctrl-C sets a flag the first time and ends the program the second, for as long as this lives.
pub(crate) struct Interrupt {
    pub(crate) stop: Arc<AtomicBool>,
    handlers: Vec<SigId>,
}

impl Interrupt {
    pub(crate) fn listen() -> Result<Self> {
        let mut interrupt = Self {
            stop: Arc::new(AtomicBool::new(false)),
            handlers: Vec::new(),
        };
        let stop = &interrupt.stop;
        // The order matters: the first looks at the flag before the second sets it.
        let second =
            flag::register_conditional_shutdown(SIGINT, i32::from(INTERRUPTED), Arc::clone(stop))
                .context("cannot listen to Ctrl-C")?;
        interrupt.handlers.push(second);
        let first = flag::register(SIGINT, Arc::clone(&interrupt.stop))
            .context("cannot listen to Ctrl-C")?;
        interrupt.handlers.push(first);
        Ok(interrupt)
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        for handler in self.handlers.drain(..) {
            signal_hook::low_level::unregister(handler);
        }
    }
}
