//! `simulate`: a switch or a world in time, with a scenario, recorded and drawn.

mod course;
mod picture;
mod recording;
mod struck;

use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::Ordering;

use anyhow::{Context as _, Result};
use indicatif::{ProgressBar, ProgressStyle};
use report::Ran;
use system::{Problem, Problems};
use telemetry::Recorder;
use twin::scenario::Scenario;
use twin::world::World;
use units::{Seconds, parse};

use self::course::Course;
use self::recording::{Recording, refuse_unheard, signals};
use crate::args;
use crate::commands::plot;
use crate::commands::sample::Interrupt;
use crate::commands::scene::Scene;
use crate::files;
use crate::output::{BadInput, Interrupted, Output, UsageError};

/// Simulated time beyond the last event when nobody says how long.
const BEYOND_NS: u64 = 10_000_000_000;
/// Longest simulation: a leap year in nanoseconds.
const MOST_S: f64 = 366.0 * 86_400.0;
/// By how much parts age at once: from an hour to a century.
const AGES_S: (f64, f64) = (3600.0, 100.0 * 31_557_600.0);

/// Simulates one switch whose ports are looped back, or a world.
pub(crate) fn run(simulate: &args::Simulate, out: &mut Output) -> Result<()> {
    refuse_unheard(simulate)?;
    let form = simulate.plot.as_deref().map(plot::Form::of).transpose()?;
    let signals = signals(simulate)?;
    let step_ns = nanoseconds("--step", &simulate.step)?;
    let by = simulate.accelerate.as_deref().map(age).transpose()?;
    let asked_ns = simulate.duration.as_deref();
    let asked_ns = asked_ns
        .map(|text| nanoseconds("--for", text))
        .transpose()?;
    let scene = Scene::read(&simulate.system, &simulate.resolve, simulate.seed)?;
    let recording = Recording::new(simulate, &signals, &scene)?;
    let shown = shown(simulate, &scene)?;
    let scenario = match &simulate.scenario {
        Some(file) => scene.scenario(file)?,
        None => Scenario::default(),
    };
    let faults = scene.faults(&simulate.inject)?;
    let apart = struck::struck(&scene.file, &faults, &scenario);
    let mut world = match &simulate.from {
        Some(file) => scene.restored(file)?,
        None => scene.file.world(simulate.seed)?,
    };
    // A world that goes on does so as it began.
    if simulate.every_lane {
        world.evaluate_every_lane(true);
    }
    let start_ns = world.now_ns();
    let last_ns = scenario.events.last().map_or(0, |event| event.at_ns);
    let end_ns = asked_ns.map_or_else(
        || last_ns.max(start_ns).saturating_add(BEYOND_NS),
        |ns| start_ns.saturating_add(ns),
    );
    for (switch, fault) in faults {
        if let Some(switch) = world.switch_mut(switch) {
            switch.strike(fault, None, start_ns);
        }
    }
    if let Some(by) = by {
        for idx in 0..world.switches().len() {
            let aged = world.switch_mut(idx).map(|switch| switch.age(by, start_ns));
            aged.transpose().context("parts cannot age by that")?;
        }
    }
    let mut course = form.map(|_| {
        let signals = if signals.is_empty() {
            picture::SIGNALS.as_slice()
        } else {
            &signals
        };
        Course::new(&world, shown, (signals, &apart), (step_ns, end_ns))
    });
    let sinks = Sinks {
        recording: &recording,
        recorder: recording.begin(&scene)?,
        course: course.as_mut(),
    };
    let (ran, recorder, stopped) = go(&mut world, &scenario, (step_ns, end_ns), sinks)?;
    let ended = recorder.map(|recorder| recording.end(recorder, &scene, out));
    tell(simulate, &scene, &world, (ran, &mut *out))?;
    let saved = simulate.save.as_deref().map(|file| save(&world, file, out));
    let drawn = match (&course, form, &simulate.plot) {
        (Some(course), Some(form), Some(file)) => {
            let picture = picture::picture(&scene, &world, course);
            plot::write(&picture, form, file, out)
        }
        _ => Ok(()),
    };
    // What became of the world has been told; now what became of its recording and its picture.
    if let Some(stopped) = stopped {
        return Err(stopped);
    }
    ended.transpose()?;
    saved.transpose()?;
    drawn?;
    let asked_ns = end_ns - start_ns;
    if ran.ns < asked_ns {
        return Err(Interrupted {
            n_done: ran.ns / 1_000_000,
            n_asked: asked_ns / 1_000_000,
            what: "simulated milliseconds",
        }
        .into());
    }
    Ok(())
}

/// Writes the world, to go on from.
fn save(world: &World, file: &Path, out: &mut Output) -> Result<()> {
    files::replace(file, &world.snapshot())
        .with_context(|| format!("cannot write {}", file.display()))?;
    writeln!(out, "wrote {}", file.display())?;
    Ok(())
}

/// Positions of the switches that a picture shows.
fn shown(simulate: &args::Simulate, scene: &Scene) -> Result<Vec<usize>, UsageError> {
    match &simulate.switch {
        Some(name) => Ok(vec![scene.switch(name)?]),
        None => Ok((0..scene.file.switches.len()).collect()),
    }
}

/// Prints what happened and where it ended.
fn tell(
    simulate: &args::Simulate,
    scene: &Scene,
    world: &World,
    (ran, out): (Ran, &mut Output),
) -> Result<()> {
    let switches = world.switches();
    if simulate.json {
        let value = match (&scene.title, switches) {
            (None, [switch]) => report::simulation_json(switch, ran),
            _ => report::world_json(scene.file.title.as_deref(), switches, ran),
        };
        writeln!(out, "{}", serde_json::to_string_pretty(&value)?)?;
    } else {
        let text = match (&scene.title, switches) {
            (None, [switch]) => report::simulation_text(switch, ran),
            (title, _) => report::world_text(title.as_deref().unwrap_or(""), switches, ran),
        };
        out.write_all(text.as_bytes())?;
    }
    Ok(())
}

/// A time of an option, in nanoseconds.
fn nanoseconds(option: &str, text: &str) -> Result<u64> {
    let wrong = |what: String| UsageError(format!("{option} '{text}': {what}"));
    let time: Seconds = parse(text).map_err(|error| wrong(error.to_string()))?;
    let seconds = time.value();
    if !(1e-6..=MOST_S).contains(&seconds) {
        return Err(wrong("expected 1 us to 366 days".to_owned()).into());
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between a thousand and 3.2e16"
    )]
    Ok((seconds * 1e9).round() as u64)
}

/// The time of `--accelerate`.
fn age(text: &str) -> Result<Seconds> {
    let wrong = |what: String| UsageError(format!("--accelerate '{text}': {what}"));
    let by: Seconds = parse(text).map_err(|error| wrong(error.to_string()))?;
    let (least, most) = AGES_S;
    if !(least..=most).contains(&by.value()) {
        return Err(wrong("expected 1 h to 100 y".to_owned()).into());
    }
    Ok(by)
}

/// Who looks at the world after each step.
struct Sinks<'a> {
    recording: &'a Recording<'a>,
    recorder: Option<Recorder>,
    course: Option<&'a mut Course>,
}

impl Sinks<'_> {
    /// Shows the world to all of them.
    fn take(&mut self, world: &World) -> Result<(), telemetry::TelemetryError> {
        if let Some(course) = &mut self.course {
            course.take(world);
        }
        let Some(recorder) = &mut self.recorder else {
            return Ok(());
        };
        for (idx, switch) in world.switches().iter().enumerate() {
            if self.recording.takes(idx) {
                recorder.record(switch.observation())?;
            }
        }
        Ok(())
    }
}

/// Steps to the end, each event at its own time; Ctrl-C ends it after a step. A recording that
/// stops, for example on a full disk, stops nothing else: why it did comes back beside how far the
/// world went.
fn go(
    world: &mut World,
    scenario: &Scenario,
    (step_ns, end_ns): (u64, u64),
    mut sinks: Sinks<'_>,
) -> Result<(Ran, Option<Recorder>, Option<anyhow::Error>)> {
    let interrupt = Interrupt::listen()?;
    // Drawn on standard error when that is a terminal, and nowhere else.
    let start_ns = world.now_ns();
    let bar = ProgressBar::new((end_ns - start_ns) / 1_000_000).with_style(
        ProgressStyle::with_template("{bar:30} {percent} % of the time, {eta} left")
            .context("the form of the progress bar is wrong")?,
    );
    // What lies before the start has happened.
    let events = scenario.events.iter();
    let mut events = events.filter(|event| event.at_ns >= start_ns).peekable();
    let mut steps = 0;
    let mut stopped = None;
    while world.now_ns() < end_ns && !interrupt.stop.load(Ordering::Relaxed) {
        let now_ns = world.now_ns();
        while let Some(event) = events.next_if(|event| event.at_ns <= now_ns) {
            let Some(switch) = world.switch_mut(event.switch) else {
                continue;
            };
            switch.act(&event.action, now_ns).map_err(|refusal| {
                let problem = Problem::new("scenario::refused", &event.span, refusal.to_string());
                BadInput(Problems::collected(vec![problem]))
            })?;
        }
        let tick = (now_ns / step_ns + 1) * step_ns;
        let next_event = events.peek().map_or(u64::MAX, |event| event.at_ns);
        let until = tick.min(next_event).min(end_ns);
        world.step(until - now_ns)?;
        steps += 1;
        if let Err(error) = sinks.take(world) {
            let at_s = world.now_ns() as f64 * 1e-9;
            let what = format!("the recording stopped at {at_s:.3} s; what was committed is kept");
            // Nothing can be done when standard error is closed.
            let _ = bar.suspend(|| writeln!(anstream::stderr(), "warning: {what}: {error}"));
            stopped = Some(anyhow::Error::from(error).context(what));
            sinks.recorder = None;
        }
        bar.set_position((world.now_ns() - start_ns) / 1_000_000);
    }
    bar.finish_and_clear();
    let ran = Ran {
        ns: world.now_ns() - start_ns,
        steps,
    };
    Ok((ran, sinks.recorder, stopped))
}
