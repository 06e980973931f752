//! What happened to a world, as text and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};
use twin::world::{Event, EventId, Switch};

use crate::text::{heading, table};
use crate::words::{counted, decimal};

/// How a world was run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ran {
    /// Simulated nanoseconds.
    pub ns: u64,
    /// Steps.
    pub steps: u64,
}

const NS_PER_S: f64 = 1e9;

/// The greatest number of events that the text shows.
const MAX_EVENTS: usize = 60;

/// The greatest number of switches that the text shows.
const MAX_SWITCHES: usize = 16;

/// What happened and where it ended.
pub fn simulation_text(switch: &Switch, ran: Ran) -> String {
    let mut text = format!(
        "{}  {}\n",
        switch.plan().system().description.name,
        ran_text(ran)
    );
    section(&mut text, switch, std::slice::from_ref(switch));
    text
}

/// What happened in a world and where it ended, switch by switch.
pub fn world_text(title: &str, switches: &[Switch], ran: Ran) -> String {
    let n = switches.len();
    let mut text = format!("{title}  {}, {}\n", counted(n, "switch"), ran_text(ran));
    // Of many, those to which something happened.
    let is_told = |of: &&Switch| n <= MAX_SWITCHES || !of.log().events().is_empty();
    let told = switches.iter().filter(is_told);
    let n_told = told.clone().count();
    for switch in told.take(MAX_SWITCHES) {
        let _ = writeln!(
            text,
            "\n{}  {}",
            switch.name(),
            switch.plan().system().description.name
        );
        section(&mut text, switch, switches);
    }
    if n_told > MAX_SWITCHES {
        let left = counted(n_told - MAX_SWITCHES, "switch");
        let _ = writeln!(text, "\n{left} more with events; --json has all of them");
    }
    if n > n_told {
        let _ = writeln!(
            text,
            "\nnothing happened to {}",
            counted(n - n_told, "switch")
        );
    }
    text
}

fn ran_text(ran: Ran) -> String {
    let steps = usize::try_from(ran.steps).unwrap_or(usize::MAX);
    format!("{} s in {}", seconds(ran.ns), counted(steps, "step"))
}

/// One switch of some: what is dark from the start, what happened, where it ended.
fn section(text: &mut String, switch: &Switch, all: &[Switch]) {
    let system = switch.plan().system();
    if let [(lane, fault), ..] = switch.plan().dark_lanes() {
        let _ = writeln!(
            text,
            " {} dark as described, such as {}: {fault}",
            counted(switch.plan().dark_lanes().len(), "lane"),
            system.media_lanes[lane.index()].name
        );
    }
    events(text, switch, all);
    text.push('\n');
    text.push_str(&heading("At the end, least and greatest in truth"));
    let rows = switch.extremes().into_iter().map(|of| {
        let cell = |value: f64| {
            if value.is_finite() {
                decimal(value, of.decimals)
            } else {
                "dark".to_owned()
            }
        };
        vec![
            of.name.to_owned(),
            cell(of.least),
            cell(of.greatest),
            of.unit.to_owned(),
        ]
    });
    text.push('\n');
    text.push_str(&table(&["", "least", "greatest", ""], &[1, 2], rows));
    let (up, all) = switch.ports_up();
    let _ = writeln!(text, "\n {up} of {} up", counted(all, "port"));
}

fn seconds(ns: u64) -> String {
    let text = format!("{:.3}", ns as f64 / NS_PER_S);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// For each event the first of those that are told in one row with it: events of one kind at one time
/// whose causes are told in one row.
fn rows(switch: &Switch) -> Vec<usize> {
    let events = switch.log().events();
    let mut rows: Vec<usize> = Vec::with_capacity(events.len());
    for (idx, event) in events.iter().enumerate() {
        let cause = |of: &Event| of.cause.and_then(|cause| rows.get(cause.0).copied());
        let is_alike = |other: &Event| {
            other.at_ns == event.at_ns
                && other.what == event.what
                && cause(other) == cause(event)
                && other.far_cause == event.far_cause
                && other.entity.map(|of| of.kind) == event.entity.map(|of| of.kind)
        };
        let before = rows.last().copied();
        rows.push(before.filter(|row| is_alike(&events[*row])).unwrap_or(idx));
    }
    rows
}

/// Events in the order of time, each with the number of the one that brought it about. Events of
/// one kind and cause at one time are counted together.
fn events(text: &mut String, switch: &Switch, all: &[Switch]) {
    let system = switch.plan().system();
    let log = switch.log();
    let events = log.events();
    text.push('\n');
    text.push_str(&heading("Events"));
    if events.is_empty() {
        text.push_str("\n none\n");
        return;
    }
    let row_of = rows(switch);
    let mut told = Vec::new();
    let mut idx = 0;
    while idx < events.len() && told.len() < MAX_EVENTS {
        let event = &events[idx];
        let n = row_of[idx..].iter().take_while(|row| **row == idx).count();
        let mut what = log.line(system, EventId(idx));
        if n > 1 {
            let _ = write!(what, ", and {} more", n - 1);
        }
        told.push(vec![
            format!("{}", idx + 1),
            seconds(event.at_ns),
            what,
            because(event, &row_of, all),
        ]);
        idx += n;
    }
    text.push('\n');
    text.push_str(&table(&["", "s", "what", "because of"], &[0, 1, 3], told));
    text.push('\n');
    if idx < events.len() {
        let _ = writeln!(
            text,
            " and {} later; --json has all of them",
            counted(events.len() - idx, "event")
        );
    }
}

/// The row of the event that brought one about, with its switch where that is another.
fn because(event: &Event, row_of: &[usize], all: &[Switch]) -> String {
    let number = |rows: &[usize], event: EventId| rows.get(event.0).map_or(event.0, |row| *row) + 1;
    match (event.cause, event.far_cause) {
        (Some(cause), _) => format!("{}", number(row_of, cause)),
        (None, Some(far)) => {
            let there = all.get(far.switch);
            let name = there.map_or("", |of| of.name().as_str());
            let row_of = there.map(rows).unwrap_or_default();
            format!("{name} {}", number(&row_of, far.event))
        }
        (None, None) => String::new(),
    }
}

/// A world for programs: each switch as [`simulation_json`] has it, and with an event that something
/// at another switch brought about its `far_cause`.
pub fn world_json(title: Option<&str>, switches: &[Switch], ran: Ran) -> Value {
    let all = switches.iter().map(|of| {
        let mut value = simulation_json(of, ran);
        for (idx, event) in of.log().events().iter().enumerate() {
            if let Some(far) = event.far_cause {
                let name = switches.get(far.switch).map(|of| of.name().as_str());
                value["events"][idx]["far_cause"] = json!({ "device": name, "event": far.event.0 });
            }
        }
        value
    });
    let all: Vec<Value> = all.collect();
    json!({
        "title": title,
        "duration_s": ran.ns as f64 / NS_PER_S,
        "steps": ran.steps,
        "switches": all,
    })
}

/// The same for programs: every event with its cause by position.
pub fn simulation_json(switch: &Switch, ran: Ran) -> Value {
    let system = switch.plan().system();
    let log = switch.log();
    let events: Vec<Value> = log
        .events()
        .iter()
        .enumerate()
        .map(|(idx, event)| {
            json!({
                "at_s": event.at_ns as f64 / NS_PER_S,
                "entity": event.entity.map(|entity| {
                    system.name_of(entity.kind, entity.index as usize)
                }),
                "kind": event.entity.map(|entity| entity.kind.name()),
                "what": event.what.to_string(),
                "line": log.line(system, EventId(idx)),
                "cause": event.cause.map(|cause| cause.0),
            })
        })
        .collect();
    let end: Vec<Value> = switch
        .extremes()
        .into_iter()
        .map(|of| {
            json!({
                "name": of.name,
                "unit": of.unit,
                "least": of.least.is_finite().then_some(of.least),
                "greatest": of.greatest.is_finite().then_some(of.greatest),
            })
        })
        .collect();
    let (up, ports) = switch.ports_up();
    json!({
        "name": system.description.name,
        "fingerprint": system.fingerprint.to_string(),
        "device": switch.name().as_str(),
        "duration_s": ran.ns as f64 / NS_PER_S,
        "steps": ran.steps,
        "events": events,
        "end": end,
        "ports_up": up,
        "ports": ports,
    })
}
