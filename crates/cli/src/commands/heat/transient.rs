//! Temperatures over time, with their progress and how Ctrl-C ends them.

use std::sync::atomic::Ordering;

use anyhow::{Context as _, Result};
use indicatif::{ProgressBar, ProgressStyle};
use report::HeatTrace;
use thermal::read::Analysis;
use thermal::read::ice::{Moment, Recorder};
use thermal::{Field, Model, Stepping, Transient};
use units::{Seconds, Watts};

use super::figures::averages;
use super::package::Package;
use crate::commands::sample::Interrupt;
use crate::output::UsageError;

/// What a transient gave, until its end or until Ctrl-C.
pub(super) struct Run {
    /// The last temperatures.
    pub(super) field: Field,
    /// The power of each block at that time.
    pub(super) powers: Vec<Watts>,
    /// Mean temperatures at the start and after each interval.
    pub(super) trace: HeatTrace,
    /// The files that a 3D-ICE file asks for: names and texts.
    pub(super) outputs: Vec<(String, String)>,
    /// Intervals that were done.
    pub(super) n_done: u64,
    /// Intervals that were asked for.
    pub(super) n_asked: u64,
}

/// Follows the powers of a file over time.
///
/// The first Ctrl-C ends it after the interval that is under way, the second the program.
pub(super) fn run(package: &Package, model: &Model, has_outputs: bool) -> Result<Run> {
    let Analysis::Transient {
        initial,
        step,
        intervals,
    } = &package.case.analysis
    else {
        let text = format!(
            "{:?} asks for temperatures at rest and has no powers over time; leave --transient out",
            package.name
        );
        return Err(UsageError(text).into());
    };
    let interrupt = Interrupt::listen()?;
    let n_asked = intervals.len() as u64;
    // Drawn on standard error when that is a terminal, and nowhere else.
    let bar = ProgressBar::new(n_asked).with_style(
        ProgressStyle::with_template("{bar:30} {pos} of {len} intervals, {eta} left")
            .context("the form of the progress bar is wrong")?,
    );
    let mut recorder = package
        .ice
        .as_ref()
        .filter(|_| has_outputs)
        .map(|file| Recorder::new(file, model));
    let mut transient = Transient::at(model, *initial, Stepping::Fixed(*step))?;
    let (names, at_start) = averages(model, &|block| transient.average(block));
    let mut trace = HeatTrace {
        times_s: vec![0.0],
        heated: vec![false; names.len()],
        blocks: names,
        average_c: vec![at_start],
    };
    let mut n_done = 0;
    let mut powers = model.powers();
    for interval in intervals {
        if interrupt.stop.load(Ordering::Relaxed) && n_done > 0 {
            break;
        }
        if let Some(recorder) = &mut recorder {
            // Outputs may be asked for after each step.
            let n = (interval.duration.value() / step.value()).round().max(1.0);
            let part = Seconds::new(interval.duration.value() / n);
            let mut steps = 0.0;
            while steps < n {
                transient.advance(&interval.powers, part)?;
                if let Some(field) = transient.field() {
                    recorder.step(&Moment {
                        time: transient.time(),
                        kelvin: &field.kelvin,
                        powers: &interval.powers,
                    });
                }
                steps += 1.0;
            }
        } else {
            transient.advance(&interval.powers, interval.duration)?;
        }
        powers.clone_from(&interval.powers);
        for (is_heated, power) in trace.heated.iter_mut().zip(&powers) {
            *is_heated |= power.value() != 0.0;
        }
        trace.times_s.push(transient.time().value());
        let (_, now) = averages(model, &|block| transient.average(block));
        trace.average_c.push(now);
        n_done += 1;
        bar.set_position(n_done);
    }
    bar.finish_and_clear();
    drop(interrupt);
    let field = transient
        .field()
        .with_context(|| format!("{:?} has no powers over time", package.name))?;
    let outputs = recorder.map_or_else(Vec::new, |recorder| {
        recorder.finish(&Moment {
            time: transient.time(),
            kelvin: &field.kelvin,
            powers: &powers,
        })
    });
    Ok(Run {
        field,
        powers,
        trace,
        outputs,
        n_done,
        n_asked,
    })
}
