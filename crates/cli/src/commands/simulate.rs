//! `simulate`: a system in time, with a scenario, recorded.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::{Context as _, Result};
use indicatif::{ProgressBar, ProgressStyle};
use plant::{DeviceName, Signal};
use report::Ran;
use system::{Problem, Problems, System};
use telemetry::{Query, Recorder, RecorderOptions, Store, TimeFormat};
use twin::fault::Fault;
use twin::scenario::Scenario;
use twin::world::{Switch, SwitchPlan, World};
use units::{Seconds, parse};

use crate::args;
use crate::commands::sample::Interrupt;
use crate::files;
use crate::input;
use crate::output::{BadInput, Interrupted, Output, UsageError};

/// Simulated time beyond the last event when nobody says how long.
const BEYOND_NS: u64 = 10_000_000_000;
/// Longest simulation: a leap year in nanoseconds.
const MOST_S: f64 = 366.0 * 86_400.0;
/// By how much parts age at once: from an hour to a century.
const AGES_S: (f64, f64) = (3600.0, 100.0 * 31_557_600.0);

/// Simulates one switch whose ports are looped back.
pub(crate) fn run(simulate: &args::Simulate, out: &mut Output) -> Result<()> {
    let recording = Recording::new(simulate)?;
    let step_ns = nanoseconds("--step", &simulate.step)?;
    let by = simulate.accelerate.as_deref().map(age).transpose()?;
    let library = input::library(simulate.resolve.library.as_deref())?;
    let system = Arc::new(input::resolve(
        &simulate.system,
        &library,
        &simulate.resolve,
    )?);
    let name = DeviceName::new(system.description.name.clone())?;
    let scenario = match &simulate.scenario {
        Some(file) => read_scenario(file, &name, &system)?,
        None => Scenario::default(),
    };
    let faults = simulate
        .inject
        .iter()
        .map(|text| Fault::parse(text, &system).map_err(BadInput))
        .collect::<Result<Vec<_>, _>>()?;
    let last_ns = scenario.events.last().map_or(0, |event| event.at_ns);
    let end_ns = match &simulate.duration {
        Some(text) => nanoseconds("--for", text)?,
        None => last_ns.saturating_add(BEYOND_NS),
    };
    let plan = Arc::new(SwitchPlan::new(Arc::clone(&system))?);
    let mut world = World::looped_back(Switch::new(&plan, name, simulate.seed)?);
    if let Some(switch) = world.switch_mut(0) {
        for fault in faults {
            switch.strike(fault, None, 0);
        }
        if let Some(by) = by {
            switch.age(by, 0).context("parts cannot age by that")?;
        }
    }
    let mut recorder = recording.begin(&system)?;
    let (ran, stopped) = go(&mut world, &scenario, (step_ns, end_ns), recorder.as_mut())?;
    let recorder = recorder.filter(|_| stopped.is_none());
    let ended = recorder.map(|recorder| recording.end(recorder, &world.switches()[0], out));
    let switch = &world.switches()[0];
    if simulate.json {
        let value = report::simulation_json(switch, ran);
        writeln!(out, "{}", serde_json::to_string_pretty(&value)?)?;
    } else {
        out.write_all(report::simulation_text(switch, ran).as_bytes())?;
    }
    // What became of the world has been told; now what became of its recording.
    if let Some(stopped) = stopped {
        return Err(stopped);
    }
    ended.transpose()?;
    if ran.ns < end_ns {
        return Err(Interrupted {
            n_done: ran.ns / 1_000_000,
            n_asked: end_ns / 1_000_000,
            what: "simulated milliseconds",
        }
        .into());
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

fn read_scenario(file: &Path, name: &DeviceName, system: &System) -> Result<Scenario> {
    let bytes = input::read_named(file)?;
    let folder = file.parent().unwrap_or_else(|| Path::new("."));
    let load = |name: &str| input::read_file(&folder.join(name));
    let shown = file.display().to_string();
    let switches = [(name.as_str(), system)];
    let scenario = Scenario::parse(&shown, &bytes, &switches, &load).map_err(BadInput)?;
    scenario.without_devices().map_err(BadInput)?;
    Ok(scenario)
}

/// Steps to the end, each event at its own time; Ctrl-C ends it after a step. A recording that
/// stops, for example on a full disk, stops nothing else: why it did comes back beside how far the
/// world went.
fn go(
    world: &mut World,
    scenario: &Scenario,
    (step_ns, end_ns): (u64, u64),
    mut recorder: Option<&mut Recorder>,
) -> Result<(Ran, Option<anyhow::Error>)> {
    let interrupt = Interrupt::listen()?;
    // Drawn on standard error when that is a terminal, and nowhere else.
    let bar = ProgressBar::new(end_ns / 1_000_000).with_style(
        ProgressStyle::with_template("{bar:30} {percent} % of the time, {eta} left")
            .context("the form of the progress bar is wrong")?,
    );
    let mut events = scenario.events.iter().peekable();
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
        if let Some(of) = recorder.as_deref_mut()
            && let Err(error) = of.record(world.switches()[0].observation())
        {
            let at_s = world.now_ns() as f64 * 1e-9;
            let what = format!("the recording stopped at {at_s:.3} s; what was committed is kept");
            // Nothing can be done when standard error is closed.
            let _ = bar.suspend(|| writeln!(anstream::stderr(), "warning: {what}: {error}"));
            stopped = Some(anyhow::Error::from(error).context(what));
            recorder = None;
        }
        bar.set_position(world.now_ns() / 1_000_000);
    }
    bar.finish_and_clear();
    let ran = Ran {
        ns: world.now_ns(),
        steps,
    };
    Ok((ran, stopped))
}

/// Where observations go.
enum Recording<'a> {
    None,
    Store(&'a Path),
    Csv(&'a Path, Signal),
}

impl<'a> Recording<'a> {
    fn new(simulate: &'a args::Simulate) -> Result<Self, UsageError> {
        let Some(path) = simulate.record.as_deref() else {
            return Ok(Self::None);
        };
        let wrong = |what: &str| Err(UsageError(what.to_owned()));
        let extension = path.extension().and_then(|extension| extension.to_str());
        match (extension, &simulate.signal) {
            (Some("slr"), None) => Ok(Self::Store(path)),
            (Some("slr"), Some(_)) => wrong("a recording holds all signals; leave out --signal"),
            (Some("csv"), Some(name)) => {
                let names = || Signal::TABLE.iter().map(|info| info.name);
                let unknown = || {
                    let names: Vec<&str> = names().collect();
                    let names = names.join(", ");
                    UsageError(format!("there is no signal {name:?}; there are {names}"))
                };
                Ok(Self::Csv(
                    path,
                    Signal::from_name(name).ok_or_else(unknown)?,
                ))
            }
            (Some("csv"), None) => {
                wrong("a table holds one signal; say which, such as --signal rx_power_dbm")
            }
            _ => Err(UsageError(format!(
                "cannot tell the form of {}; it ends in .slr or .csv",
                path.display()
            ))),
        }
    }

    fn begin(&self, system: &System) -> Result<Option<Recorder>> {
        let store = match self {
            Self::None => return Ok(None),
            Self::Store(path) => Store::create(*path, system.fingerprint)?,
            Self::Csv(..) => Store::in_memory(system.fingerprint)?,
        };
        Ok(Some(Recorder::new(store, RecorderOptions::default())))
    }

    fn end(&self, recorder: Recorder, switch: &Switch, out: &mut Output) -> Result<()> {
        let store = recorder.finish()?;
        if let Self::Csv(path, signal) = self {
            let query = Query::new(switch.name().clone(), *signal);
            let mut bytes = Vec::new();
            store
                .query(&query)?
                .write_csv(&mut bytes, TimeFormat::Seconds)?;
            files::replace(path, &bytes)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        if let Self::Store(path) | Self::Csv(path, _) = self {
            writeln!(out, "wrote {}", path.display())?;
        }
        Ok(())
    }
}
