//! From the file to events.

use std::collections::BTreeMap;
use std::sync::Arc;

use system::{Load, Node, NodeValue, Problem, Problems, System};
use units::{Celsius, Dimension, Seconds, VolumeFlow};

use super::fields::{Fields, SCENARIO, check_format, check_text};
use super::loads::{SHARE, loads, profile};
use super::{Action, Event, FORMAT, LoadProfile, Scenario, Trace, command};
use crate::fault::piece::Piece;
use crate::fault::target::{Target, cooling_named};
use crate::fault::text::{self, Clauses};
use crate::fault::{Fault, Severity};

/// The greatest number of events, after targets of several parts became one event each.
pub(super) const MAX_EVENTS: usize = 200_000;

/// The greatest number of problems; whoever has more mends the first ones.
const MAX_PROBLEMS: usize = 200;

/// The actions with keys of their own.
const ACTIONS: [&str; 7] = [
    "plant.fault",
    "plant.clear",
    "plant.cooling",
    "plant.age",
    "load.asic",
    "load.profile",
    "load.trace",
];

const DEVICE: &str = "device.";

impl Scenario {
    /// Reads a scenario for one switch or several, each with its name and description. Traces are
    /// read through `load`.
    ///
    /// # Errors
    /// All problems of the file and of its traces at once, each with its place.
    pub fn parse(
        name: &str,
        bytes: &[u8],
        switches: &[(&str, &System)],
        load: &Load<'_>,
    ) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let Some(root) = system::parse_bytes(name, bytes, &mut problems) else {
            return Err(Problems::collected(problems));
        };
        if !problems.is_empty() {
            return Err(Problems::collected(problems));
        }
        let mut reader = Reader {
            switches,
            load,
            traces: BTreeMap::new(),
            ids: BTreeMap::new(),
            last: None,
            events: Vec::new(),
            is_full: false,
            problems,
        };
        reader.file(&root);
        if reader.problems.is_empty() {
            Ok(Self {
                events: reader.events,
            })
        } else {
            Err(Problems::collected(reader.problems))
        }
    }
}

struct Reader<'a> {
    switches: &'a [(&'a str, &'a System)],
    load: &'a Load<'a>,
    /// Traces by their file; none for one that cannot be read.
    traces: BTreeMap<String, Option<Arc<Trace>>>,
    /// Names of faults, and the switch that they are on.
    ids: BTreeMap<String, usize>,
    /// Time of the event before, and how it was written.
    last: Option<(u64, String)>,
    events: Vec<Event>,
    /// Whether there were too many events, which is said once.
    is_full: bool,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn file(&mut self, root: &Node) {
        check_format(&SCENARIO, root, FORMAT, &mut self.problems);
        for entry in root.entries().unwrap_or_default() {
            match (entry.key.as_str(), &entry.node.value) {
                ("format", _) => {}
                ("title" | "note", _) => check_text(&SCENARIO, entry, &mut self.problems),
                ("event", NodeValue::Array(events)) => {
                    for event in events {
                        if self.is_full || self.problems.len() >= MAX_PROBLEMS {
                            break;
                        }
                        self.event(event);
                    }
                }
                ("event", _) => {
                    let message =
                        format!("event takes a list of tables, found {}", entry.node.noun());
                    let problem = Problem::new("scenario::type", &entry.node.span, message);
                    let help = "begin each event with `[[event]]`";
                    self.problems.push(problem.with_help(help));
                }
                (key, _) => {
                    let message = format!("a scenario has no key {key:?}");
                    let problem = Problem::new("scenario::unknown-key", &entry.key_span, message);
                    let known = ["format", "title", "note", "event"];
                    self.problems.push(problem.with_nearest(key, known));
                }
            }
        }
    }

    fn event(&mut self, node: &Node) {
        let Some(entries) = node.entries() else {
            let message = format!("an event is a table, found {}", node.noun());
            let problem = Problem::new("scenario::type", &node.span, message);
            self.problems
                .push(problem.with_help("begin each event with `[[event]]`"));
            return;
        };
        // The fields hold the problems while the reader is in use.
        let mut problems = std::mem::take(&mut self.problems);
        let mut fields = Fields::new((&SCENARIO, "the event"), entries, &node.span, &mut problems);
        let at_ns = self.time(&mut fields);
        let switch = self.switch(&mut fields);
        let action = fields.required("do", "\"plant.fault\"");
        match action.map(|action| (action.text(), action)) {
            None => {}
            Some((name, _)) if name.starts_with(DEVICE) && name.len() > DEVICE.len() => {
                let action = Action::Device {
                    action: name[DEVICE.len()..].to_owned(),
                    node: node.clone(),
                };
                self.happen(at_ns, switch, vec![action], &mut fields);
            }
            Some((name, word)) => {
                fields.about(name);
                // Names of parts mean nothing without their switch.
                let system = switch.map(|switch| self.switches[switch].1);
                if let Some(system) = system {
                    let actions = self.actions(&word, switch, system, &mut fields);
                    if let Some(actions) = actions {
                        self.happen(at_ns, switch, actions, &mut fields);
                        fields.finish();
                    }
                }
            }
        }
        self.problems = problems;
    }

    fn happen(
        &mut self,
        at_ns: Option<u64>,
        switch: Option<usize>,
        actions: Vec<Action>,
        fields: &mut Fields<'_, '_>,
    ) {
        if self.events.len() + actions.len() > MAX_EVENTS {
            self.is_full = true;
            let message = format!("the scenario has more than {MAX_EVENTS} events");
            let problem = Problem::new("scenario::too-large", fields.span(), message);
            fields.push(problem.with_help("name fewer parts, or split the scenario"));
            return;
        }
        let (Some(at_ns), Some(switch)) = (at_ns, switch) else {
            return;
        };
        let span = fields.span().clone();
        self.events.extend(actions.into_iter().map(|action| Event {
            at_ns,
            switch,
            action,
            span: span.clone(),
        }));
    }

    /// The time of an event, which is not before that of the one above.
    fn time(&mut self, fields: &mut Fields<'_, '_>) -> Option<u64> {
        const CODE: &str = "scenario::time";
        let piece = fields.required("at", "\"2 s\"")?;
        let at_ns = fields.keep(piece.nanoseconds(CODE))?;
        if let Some((last, written)) = &self.last
            && at_ns < *last
        {
            let message = format!("time runs backwards: {} after {written}", piece.text());
            let problem = piece.problem(CODE, message);
            fields.push(problem.with_help("put the events into the order of time"));
            return None;
        }
        self.last = Some((at_ns, piece.text().to_owned()));
        Some(at_ns)
    }

    fn switch(&self, fields: &mut Fields<'_, '_>) -> Option<usize> {
        let names = || self.switches.iter().map(|(name, _)| *name);
        match fields.optional("switch") {
            Some(piece) => {
                let found = names().position(|name| name == piece.text());
                if found.is_none() {
                    let message = format!("there is no switch {:?}", piece.text());
                    let problem = piece.problem("scenario::switch", message);
                    fields.push(problem.with_nearest(piece.text(), names()));
                }
                found
            }
            None if self.switches.len() == 1 => Some(0),
            None => {
                let example = names()
                    .next()
                    .map_or_else(String::new, |n| format!("{n:?}"));
                fields.lacks("switch", &example);
                None
            }
        }
    }

    fn actions(
        &mut self,
        word: &Piece<'_>,
        switch: Option<usize>,
        system: &System,
        fields: &mut Fields<'_, '_>,
    ) -> Option<Vec<Action>> {
        Some(match word.text() {
            "plant.fault" => self.faults(switch, system, fields),
            "plant.clear" => self.clear(switch, fields).into_iter().collect(),
            "plant.cooling" => cooling(system, fields).into_iter().collect(),
            "plant.age" => {
                let range = (0.0, 1e10);
                let by = fields.required_quantity("by", Dimension::Time, range, "\"6 months\"");
                let age = |by| Action::Age {
                    by: Seconds::new(by),
                };
                by.map(age).into_iter().collect()
            }
            "load.asic" => {
                let load = fields
                    .required_quantity("utilisation", Dimension::Ratio, SHARE, "0.5")
                    .map(LoadProfile::Constant);
                loads(load, system, fields)
            }
            "load.profile" => {
                let load = profile(fields);
                loads(load, system, fields)
            }
            "load.trace" => {
                let load = self.trace(fields).map(LoadProfile::Trace);
                loads(load, system, fields)
            }
            other => {
                let Some(commands) = command::read(other, system, fields) else {
                    let message = format!("there is no action {other:?}");
                    let problem = word.problem("scenario::action", message);
                    let names = ACTIONS.into_iter().chain(command::NAMES);
                    fields.push(problem.with_nearest(other, names));
                    return None;
                };
                commands.into_iter().map(Action::Command).collect()
            }
        })
    }

    fn faults(
        &mut self,
        switch: Option<usize>,
        system: &System,
        fields: &mut Fields<'_, '_>,
    ) -> Vec<Action> {
        let id = fields.optional("id");
        let kind = fields
            .required("fault", "\"fibre_dirt\"")
            .and_then(|word| fields.keep(text::kind(&word)));
        let targets = fields.list("target", "\"oe0.tx3\"");
        let severity = fields.optional("severity");
        let clauses = Clauses {
            onset: fields.optional("onset"),
            hold: fields.optional("for"),
            recovery: fields.optional("recovery"),
            repeat: fields.optional("repeat"),
            duty: fields.optional("duty"),
        };
        let id = id.and_then(|id| self.new_id(&id, switch, fields));
        let Some(kind) = kind else {
            return Vec::new();
        };
        let mut problems = Vec::new();
        let profile = text::profile(kind, &clauses, &mut problems);
        let mut faults = Vec::new();
        for piece in &targets {
            if faults.len() > MAX_EVENTS {
                break;
            }
            let found = Target::parse_all(kind, piece, system);
            for target in found.map_err(|p| problems.push(*p)).unwrap_or_default() {
                let signal = match target {
                    Target::Monitor(signal, _) => Some(signal),
                    _ => None,
                };
                faults.push((target, signal));
            }
        }
        // One severity counts for all targets; only monitors of several signals read it anew.
        let mut known: Option<(Option<plant::Signal>, Option<f64>)> = None;
        let mut actions = Vec::new();
        for (target, signal) in faults {
            let severity = match known {
                Some((of, severity)) if of == signal => severity,
                _ => {
                    let end = targets[targets.len() - 1].end();
                    text::severity(kind, signal, severity.as_ref(), &end)
                        .map_err(|p| problems.push(*p))
                        .ok()
                }
            };
            known = Some((signal, severity));
            if let (Some(severity), Some(profile)) = (severity, profile) {
                let fault = Fault {
                    kind,
                    target,
                    severity,
                    profile,
                };
                let id = id.clone();
                actions.push(Action::Fault { id, fault });
            }
        }
        // A severity is read even when nothing is struck, so that all its problems are said.
        if known.is_none()
            && kind.severity() != Severity::OfSignal
            && let Some(stated) = &severity
            && let Err(problem) = text::severity(kind, None, Some(stated), stated)
        {
            problems.push(*problem);
        }
        for problem in problems {
            fields.push(problem);
        }
        actions
    }

    fn new_id(
        &mut self,
        id: &Piece<'_>,
        switch: Option<usize>,
        fields: &mut Fields<'_, '_>,
    ) -> Option<Arc<str>> {
        const CODE: &str = "scenario::id";
        if id.text().is_empty() {
            let problem = id.problem(CODE, "the id is empty");
            fields.push(problem.with_help("write a name, or leave the id out"));
            return None;
        }
        if self.ids.insert(id.text().to_owned(), switch?).is_some() {
            let problem = id.problem(CODE, format!("the id {:?} stands twice", id.text()));
            fields.push(problem.with_help("a clear would not know which one is meant; rename one"));
            return None;
        }
        Some(id.text().into())
    }

    fn clear(&mut self, switch: Option<usize>, fields: &mut Fields<'_, '_>) -> Option<Action> {
        const CODE: &str = "scenario::id";
        let id = fields.required("id", "\"the id of a fault above\"")?;
        match self.ids.get(id.text()) {
            Some(of) if Some(*of) == switch => Some(Action::Clear {
                id: id.text().into(),
            }),
            Some(of) => {
                let name = self.switches[*of].0;
                let message = format!("the fault {:?} is on the switch {name:?}", id.text());
                fields.push(
                    id.problem(CODE, message)
                        .with_help(format!("write `switch = {name:?}`")),
                );
                None
            }
            None => {
                let message = format!("no event above has the id {:?}", id.text());
                let ids = self.ids.keys().map(String::as_str);
                let mut problem = id.problem(CODE, message).with_nearest(id.text(), ids);
                if problem.help.is_none() {
                    problem = problem.with_help("give the fault an `id`, above its clear");
                }
                fields.push(problem);
                None
            }
        }
    }

    fn trace(&mut self, fields: &mut Fields<'_, '_>) -> Option<Arc<Trace>> {
        let file = fields.required("csv", "\"load.csv\"")?;
        if let Some(known) = self.traces.get(file.text()) {
            return known.clone();
        }
        let trace = match (self.load)(file.text()) {
            Ok(bytes) => match Trace::parse(file.text(), &bytes) {
                Ok(trace) => Some(Arc::new(trace)),
                Err(problems) => {
                    problems.0.into_iter().for_each(|p| fields.push(p));
                    None
                }
            },
            Err(error) => {
                let message = format!("cannot read {:?}: {error}", file.text());
                let problem = file.problem("scenario::file", message);
                fields.push(problem.with_help("the path is relative to the scenario"));
                None
            }
        };
        self.traces.insert(file.text().to_owned(), trace.clone());
        trace
    }
}

fn cooling(system: &System, fields: &mut Fields<'_, '_>) -> Option<Action> {
    let word = fields.required("group", "\"a name of a [cooling]\"");
    // The ranges of the fields of a cooling.
    let flow = fields.quantity("flow", Dimension::VolumeFlow, (0.0, 10.0));
    let inlet = fields.quantity("inlet", Dimension::Temperature, (-60.0, 200.0));
    let cooling = word.and_then(|word| fields.keep(cooling_named(&word, system)));
    if !fields.has("flow") && !fields.has("inlet") {
        fields.lacks("flow or inlet", "\"2 L/min\"");
        return None;
    }
    Some(Action::Cooling {
        cooling: cooling?,
        flow: flow.map(VolumeFlow::new),
        inlet: inlet.map(Celsius::new),
    })
}
