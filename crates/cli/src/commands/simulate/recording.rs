//! Where the observations of a simulation go.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use plant::Signal;
use system::{Fingerprint, nearest};
use telemetry::{Query, Recorder, RecorderOptions, Store, TimeFormat};

use crate::args;
use crate::commands::scene::Scene;
use crate::files;
use crate::output::{Output, UsageError};

/// Where observations go.
pub(super) enum Recording<'a> {
    None,
    /// All of them.
    Store(&'a Path),
    /// One signal of the switch at a position.
    Csv(&'a Path, Signal, usize),
}

/// The signals that the arguments name.
pub(super) fn signals(simulate: &args::Simulate) -> Result<Vec<Signal>, UsageError> {
    let named = |name: &String| {
        Signal::from_name(name).ok_or_else(|| {
            let names = || Signal::TABLE.iter().map(|info| info.name);
            let near = nearest(name, names()).map_or_else(
                || {
                    let names: Vec<&str> = names().collect();
                    format!("there are {}", names.join(", "))
                },
                |near| format!("did you mean {near:?}?"),
            );
            UsageError(format!("there is no signal {name:?}; {near}"))
        })
    };
    simulate.signal.iter().map(named).collect()
}

/// Refuses options that nothing would hear, before anything is read.
pub(super) fn refuse_unheard(simulate: &args::Simulate) -> Result<(), UsageError> {
    let wrong = |what: &str| Err(UsageError(what.to_owned()));
    let ending = simulate.record.as_deref().map(ending);
    let (has_plot, n_signals) = (simulate.plot.is_some(), simulate.signal.len());
    match ending {
        None | Some("slr") if has_plot => Ok(()),
        None if n_signals > 0 => wrong("--signal belongs to --plot, or to --record FILE.csv"),
        None if simulate.switch.is_some() => {
            wrong("--switch belongs to --plot, or to --record FILE.csv")
        }
        Some("slr") if n_signals > 0 => wrong("a recording holds all signals; leave out --signal"),
        Some("slr") if simulate.switch.is_some() => {
            wrong("a recording holds all switches; leave out --switch")
        }
        None | Some("slr") => Ok(()),
        Some("csv") if n_signals == 1 => Ok(()),
        Some("csv") => wrong("a table holds one signal; say which, such as --signal rx_power_dbm"),
        Some(_) => Err(UsageError(format!(
            "cannot tell the form of {}; it ends in .slr or .csv",
            simulate
                .record
                .as_deref()
                .unwrap_or(Path::new(""))
                .display()
        ))),
    }
}

fn ending(path: &Path) -> &str {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.unwrap_or_default()
}

impl<'a> Recording<'a> {
    pub(super) fn new(
        simulate: &'a args::Simulate,
        signals: &[Signal],
        scene: &Scene,
    ) -> Result<Self, UsageError> {
        Ok(match (simulate.record.as_deref(), signals) {
            (None, _) => Self::None,
            (Some(path), [signal]) if ending(path) == "csv" => {
                let switch = scene.one_switch(simulate.switch.as_deref())?;
                Self::Csv(path, *signal, switch)
            }
            (Some(path), _) => Self::Store(path),
        })
    }

    pub(super) fn begin(&self, scene: &Scene) -> Result<Option<Recorder>> {
        let switches = &scene.file.switches;
        let store = match self {
            Self::None => return Ok(None),
            Self::Store(path) => {
                let all: Vec<Fingerprint> =
                    switches.iter().map(|of| of.system.fingerprint).collect();
                Store::create_for_all(*path, &all)?
            }
            Self::Csv(_, _, switch) => Store::in_memory(switches[*switch].system.fingerprint)?,
        };
        Ok(Some(Recorder::new(store, RecorderOptions::default())))
    }

    /// Whether the observations of a switch are taken.
    pub(super) fn takes(&self, switch: usize) -> bool {
        match self {
            Self::None => false,
            Self::Store(_) => true,
            Self::Csv(_, _, of) => *of == switch,
        }
    }

    pub(super) fn end(&self, recorder: Recorder, scene: &Scene, out: &mut Output) -> Result<()> {
        let store = recorder.finish()?;
        if let Self::Csv(path, signal, switch) = self {
            let query = Query::new(scene.file.switches[*switch].name.clone(), *signal);
            let mut bytes = Vec::new();
            store
                .query(&query)?
                .write_csv(&mut bytes, TimeFormat::Seconds)?;
            files::replace(path, &bytes)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        if let Self::Store(path) | Self::Csv(path, _, _) = self {
            writeln!(out, "wrote {}", path.display())?;
        }
        Ok(())
    }
}
