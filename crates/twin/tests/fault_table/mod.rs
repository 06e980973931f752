//! The table of what must be observed of every fault, `tests/data/faults.toml`, whose head explains
//! its words.

use plant::{Entity, Signal, Storage};
use serde::Deserialize;
use system::parts::Modulator;
use system::{EntityKind, Input, Library, System};
use twin::fault::{Fault, FaultKind};
use units::{Dimension, parse_in};

const TEXT: &str = include_str!("../data/faults.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: i64,
    fault: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    kind: String,
    system: String,
    fault: String,
    after: String,
    thermal_mk: f64,
    #[serde(default)]
    spreads: bool,
    #[serde(default)]
    decided: Vec<String>,
    #[serde(default)]
    may: Vec<String>,
    expect: Vec<WrittenExpectation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenExpectation {
    signal: String,
    on: Vec<String>,
    why: String,
    by: Option<String>,
    to: Option<String>,
    within: Option<String>,
    factor: Option<f64>,
    noise: Option<f64>,
    within_factor: Option<f64>,
    goes: Option<String>,
    at_least: Option<String>,
    state: Option<String>,
    reads: Option<String>,
    counts: Option<String>,
}

/// A fault and all that it does.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// What kind it is of.
    pub(crate) kind: FaultKind,
    /// The platform that it happens to.
    pub(crate) system: String,
    /// The fault as a line of text.
    pub(crate) text: String,
    /// The same, read.
    pub(crate) fault: Fault,
    /// Time from its onset to the readings that count, s.
    pub(crate) after_s: f64,
    /// How far temperatures may move that no expectation names, K.
    pub(crate) thermal_k: f64,
    /// Whether it ends with the switch, so that nothing can be said of the rest.
    pub(crate) spreads: bool,
    /// Lanes whose decisions change.
    pub(crate) decided: Vec<u32>,
    /// What else may follow.
    pub(crate) may: Vec<(Signal, Vec<u32>)>,
    /// What must be observed.
    pub(crate) expect: Vec<Expectation>,
}

/// What is observed of one signal on some entities.
#[derive(Debug, Clone)]
pub(crate) struct Expectation {
    /// The signal.
    pub(crate) signal: Signal,
    /// The entities, by their positions.
    pub(crate) on: Vec<u32>,
    /// What it does.
    pub(crate) change: Change,
    /// The reason.
    pub(crate) why: String,
}

/// What a signal does; values stand in its unit, differences of levels in decibels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Change {
    /// Moves by a difference, within a tolerance.
    By(f64, f64),
    /// Is multiplied, within a factor either way.
    Factor(f64, f64),
    /// Stands at a value, within a tolerance.
    To(f64, f64),
    /// Rises by at least so much, or by at least this factor where it is an error ratio.
    Up(f64),
    /// Falls by at least so much.
    Down(f64),
    /// Rises or falls by at least so much.
    Either(f64),
    /// Stands in the state of this position.
    State(u8),
    /// Reads at or below the floor of its monitor, or has failed.
    Dark,
    /// Has failed.
    Failed,
    /// Repeats one reading.
    Frozen,
    /// Scatters more by a factor, within a factor either way.
    Noise(f64, f64),
    /// Counts more than before.
    More,
    /// Counts no more.
    None,
}

/// A platform of the library in which nothing wanders: what a fault does is told from what was before
/// it, seconds ago.
pub(crate) fn platform(name: &str) -> System {
    let system = resolve(name, &[]);
    let mut sets = Vec::new();
    let fibre = system.description.fibre_plant.laser_fibre.as_ref();
    if fibre.is_some_and(|of| of.polarisation_time.is_some()) {
        sets.push("fibre_plant.laser_fibre.polarisation_time=1e15 s".to_owned());
    }
    for engine in &system.description.engine {
        if let Modulator::MachZehnder(part) = &engine.value.modulator
            && part.bias_drift.is_some()
        {
            sets.push(format!("engine.{}.modulator.bias_drift=0 rad", engine.name));
        }
    }
    resolve(name, &sets)
}

fn resolve(name: &str, sets: &[String]) -> System {
    let library = Library::embedded();
    let text = library.platform(name).expect("a platform of the library");
    let input = Input {
        name,
        bytes: text.as_bytes(),
        sets,
        library: &library,
        load: &|file| Err(format!("{file} is not there")),
    };
    System::resolve(&input).expect("platforms resolve")
}

/// Reads the table.
///
/// # Errors
/// The first thing that is wrong with it, with its row.
pub(crate) fn read() -> Result<Vec<Row>, String> {
    let file: File = toml::from_str(TEXT).map_err(|error| error.to_string())?;
    if file.format != 1 {
        return Err(format!("format {}", file.format));
    }
    let mut systems: Vec<(String, System)> = Vec::new();
    let mut rows = Vec::new();
    for written in file.fault {
        if !systems.iter().any(|(name, _)| *name == written.system) {
            systems.push((written.system.clone(), platform(&written.system)));
        }
        let found = systems.iter().find(|(name, _)| *name == written.system);
        let (_, system) = found.ok_or("a system")?;
        let text = written.fault.clone();
        rows.push(row(written, system).map_err(|error| format!("{text}: {error}"))?);
    }
    Ok(rows)
}

fn row(written: Written, system: &System) -> Result<Row, String> {
    let kind = FaultKind::from_name(&written.kind).ok_or("no such kind")?;
    let fault = Fault::parse(&written.fault, system).map_err(|error| error.to_string())?;
    if fault.kind != kind {
        return Err(format!("the text is of {}", fault.kind.name()));
    }
    let mut decided = Vec::new();
    for name in &written.decided {
        decided.extend(entities(EntityKind::MediaLane, name, system)?);
    }
    let mut may = Vec::new();
    for text in &written.may {
        let (name, on) = text.split_once(' ').unwrap_or((text, "*"));
        let signal = signal(name)?;
        may.push((signal, entities(signal.kind(), on, system)?));
    }
    let mut expect = Vec::new();
    for of in written.expect {
        let name = of.signal.clone();
        let read = expectation(of, system);
        expect.push(read.map_err(|error| format!("{name}: {error}"))?);
    }
    if expect.is_empty() {
        return Err("nothing is expected".to_owned());
    }
    Ok(Row {
        kind,
        system: written.system,
        text: written.fault,
        fault,
        after_s: quantity(Dimension::Time, &written.after)?,
        thermal_k: written.thermal_mk * 1e-3,
        spreads: written.spreads,
        decided,
        may,
        expect,
    })
}

fn expectation(of: WrittenExpectation, system: &System) -> Result<Expectation, String> {
    let signal = signal(&of.signal)?;
    let mut on = Vec::new();
    for name in &of.on {
        on.extend(entities(signal.kind(), name, system)?);
    }
    if on.is_empty() || of.why.is_empty() {
        return Err("it is on nothing, or without a reason".to_owned());
    }
    let is_value = matches!(signal.storage(), Storage::F32 | Storage::F64);
    let dimension = signal.dimension();
    let difference = dimension.of_difference();
    let within = || -> Result<f64, String> {
        let text = of.within.as_deref().ok_or("no tolerance")?;
        quantity(difference, text)
    };
    let within_factor = || of.within_factor.ok_or("no factor for the tolerance");
    let mut changes = Vec::new();
    if let Some(by) = &of.by {
        changes.push(Change::By(quantity(difference, by)?, within()?));
    }
    if let Some(to) = &of.to {
        changes.push(Change::To(quantity(dimension, to)?, within()?));
    }
    if let Some(factor) = of.factor {
        changes.push(Change::Factor(factor, within_factor()?));
    }
    if let Some(noise) = of.noise {
        changes.push(Change::Noise(noise, within_factor()?));
    }
    if let Some(goes) = &of.goes {
        let least = of.at_least.as_deref().ok_or("no least amount")?;
        let least = quantity(difference, least)?;
        changes.push(match goes.as_str() {
            "up" => Change::Up(least),
            "down" => Change::Down(least),
            "either" => Change::Either(least),
            other => return Err(format!("it cannot go {other}")),
        });
    }
    let n_of_values = changes.len();
    if let Some(state) = &of.state {
        let Storage::State(states) = signal.storage() else {
            return Err("it has no states".to_owned());
        };
        let position = states.iter().position(|name| name == state);
        let position = position.ok_or(format!("no state {state}"))?;
        let position = u8::try_from(position).map_err(|error| error.to_string())?;
        changes.push(Change::State(position));
    }
    if let Some(reads) = &of.reads {
        changes.push(match reads.as_str() {
            "dark" if dimension == Dimension::PowerLevel => Change::Dark,
            "failed" => Change::Failed,
            "frozen" => Change::Frozen,
            other => return Err(format!("it cannot read {other}")),
        });
    }
    if let Some(counts) = &of.counts {
        changes.push(match (counts.as_str(), signal.storage()) {
            ("more", Storage::Counter) => Change::More,
            ("none", Storage::Counter) => Change::None,
            _ => return Err(format!("it cannot count {counts}")),
        });
    }
    if n_of_values > 0 && !is_value {
        return Err("it is a state or a counter".to_owned());
    }
    match changes.as_slice() {
        [change] => Ok(Expectation {
            signal,
            on,
            change: *change,
            why: of.why,
        }),
        _ => Err(format!("{} changes in place of one", changes.len())),
    }
}

fn quantity(dimension: Dimension, text: &str) -> Result<f64, String> {
    parse_in(dimension, text).map_err(|error| error.to_string())
}

fn signal(name: &str) -> Result<Signal, String> {
    Signal::from_name(name).ok_or_else(|| format!("no signal {name}"))
}

/// Positions of the entities that a name stands for, with `{a..b}` for numbers and `*` for any
/// characters.
fn entities(kind: EntityKind, name: &str, system: &System) -> Result<Vec<u32>, String> {
    if let (Some(open), Some(close)) = (name.find('{'), name.find('}')) {
        let range = name[open + 1..close].split_once("..").ok_or("no range")?;
        let number = |text: &str| text.parse::<u32>().map_err(|error| error.to_string());
        let (first, last) = (number(range.0)?, number(range.1)?);
        let mut found = Vec::new();
        for index in first..=last {
            let name = format!("{}{index}{}", &name[..open], &name[close + 1..]);
            found.extend(entities(kind, &name, system)?);
        }
        return Ok(found);
    }
    let names = system.names(kind);
    let found: Vec<u32> = match name.split_once('*') {
        Some((start, end)) => (0..)
            .zip(&names)
            .filter(|(_, name)| {
                let rest = name.strip_prefix(start);
                rest.is_some_and(|rest| end.split('*').all(|part| rest.contains(part)))
            })
            .map(|(index, _)| index)
            .collect(),
        None => system.entity_named(kind, name).into_iter().collect(),
    };
    if found.is_empty() {
        return Err(format!("no {} {name}", kind.name()));
    }
    Ok(found)
}

/// What a row says of a signal of an entity; none where it has to stay at its noise floor.
pub(crate) fn said(row: &Row, entity: Entity, signal: Signal) -> Option<&Expectation> {
    let on_it = |of: &&Expectation| of.signal == signal && of.on.contains(&entity.index);
    row.expect.iter().find(on_it)
}
