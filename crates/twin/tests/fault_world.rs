//! The world does what the table of faults says, and nothing else.

mod fault_table;

use std::sync::Arc;

use fault_table::{Change, Row, platform, read, said};
use plant::{DeviceName, Entity, Quality, Signal, Storage, Values};
use system::{EntityKind, System};
use twin::world::{Switch, SwitchPlan, World, WorldError};
use units::Dimension;

const SECOND_NS: u64 = 1_000_000_000;

/// Readings in a window, one a second.
const WINDOW: u64 = 30;

/// Lowest level that a monitor of the library tells from darkness, dBm.
const FLOOR_DBM: f64 = -39.9;

/// What a signal of an entity said over a window.
#[derive(Debug, Clone, Copy, Default)]
struct Said {
    n: f64,
    n_failed: f64,
    sum: f64,
    sum_of_squares: f64,
    least: f64,
    greatest: f64,
    first_count: u64,
    last_count: u64,
    state: Option<u8>,
}

impl Said {
    fn mean(&self) -> f64 {
        self.sum / self.n
    }

    fn deviation(&self) -> f64 {
        let variance = self.sum_of_squares / self.n - self.mean().powi(2);
        variance.max(0.0).sqrt()
    }

    fn add(&mut self, value: f64) {
        if self.n < 0.5 {
            (self.least, self.greatest) = (value, value);
        }
        self.n += 1.0;
        self.sum += value;
        self.sum_of_squares += value * value;
        self.least = self.least.min(value);
        self.greatest = self.greatest.max(value);
    }
}

/// One vector for each signal.
type Window = Vec<(Signal, Vec<Said>)>;

fn watch(world: &mut World) -> Result<Window, WorldError> {
    let mut window: Window = Vec::new();
    for step in 0..WINDOW {
        world.step(SECOND_NS)?;
        let observation = world.switches()[0].observation();
        for info in Signal::TABLE {
            let Some(column) = observation.column(info.signal) else {
                continue;
            };
            if !window.iter().any(|(signal, _)| *signal == info.signal) {
                window.push((info.signal, vec![Said::default(); column.len()]));
            }
            let found = window.iter_mut().find(|(signal, _)| *signal == info.signal);
            let (_, all) = found.expect("it was just added");
            for (index, said) in all.iter_mut().enumerate() {
                match column.values() {
                    _ if column.quality(index) == Quality::Failed => said.n_failed += 1.0,
                    Values::Counter(counts) => {
                        if step == 0 {
                            said.first_count = counts[index];
                        }
                        said.last_count = counts[index];
                    }
                    Values::State(states) => said.state = Some(states[index]),
                    Values::F32(_) | Values::F64(_) => {
                        said.add(column.value(index).expect("it has not failed"));
                    }
                }
            }
        }
    }
    Ok(window)
}

fn is_so(change: Change, signal: Signal, before: &Said, after: &Said) -> bool {
    let noise = 6.0 * before.deviation().max(after.deviation()) * (2.0 / before.n.max(1.0)).sqrt();
    let moved = after.mean() - before.mean();
    let is_ratio = signal.dimension() == Dimension::Ratio;
    let times = after.mean() / before.mean();
    let counted = |said: &Said| said.last_count.saturating_sub(said.first_count);
    match change {
        Change::By(by, within) => (moved - by).abs() <= within + noise,
        Change::To(to, within) => (after.mean() - to).abs() <= within + noise,
        Change::Factor(factor, within) => (times / factor).ln().abs() <= within.ln(),
        Change::Up(least) if is_ratio => times >= least,
        Change::Down(least) if is_ratio => times * least <= 1.0,
        Change::Up(least) => moved >= least,
        Change::Down(least) => after.n < 0.5 || -moved >= least,
        Change::Either(least) => moved.abs() >= least,
        Change::State(state) => after.state == Some(state),
        Change::Dark => after.n < 0.5 || after.greatest <= FLOOR_DBM,
        Change::Failed => after.n < 0.5 && after.n_failed > 0.5,
        Change::Frozen => after.n > 0.5 && (after.greatest - after.least) <= 0.0,
        Change::Noise(factor, within) => {
            let found = after.deviation() / before.deviation();
            // A deviation from n readings is known to 1 / sqrt(2 n).
            let chance = 4.0 * (0.5 / before.n + 0.5 / after.n).sqrt();
            (found / factor).ln().abs() <= within.ln() + chance
        }
        Change::More => counted(after) > counted(before),
        Change::None => counted(after) == 0,
    }
}

/// Whether a signal of an entity may follow without a number.
fn may_follow(row: &Row, system: &System, signal: Signal, index: u32) -> bool {
    let is_named = |(of, on): &(Signal, Vec<u32>)| *of == signal && on.contains(&index);
    if row.may.iter().any(is_named) {
        return true;
    }
    let of_lane = |lane: u32| {
        let lane = &system.media_lanes[lane as usize];
        match signal.kind() {
            EntityKind::Port => lane.port.is_some_and(|port| port.0 == index),
            EntityKind::SerdesLane => lane
                .host_lanes
                .clone()
                .any(|host| system.host_lanes[host as usize].serdes.0 == index),
            _ => false,
        }
    };
    match signal {
        Signal::PreFecBer | Signal::RxSnr => row.decided.contains(&index),
        _ => row.decided.iter().any(|lane| of_lane(*lane)),
    }
}

/// How far a signal may move with temperatures that move by so much: heaters by 0.55 mW/K, currents
/// of lasers by 4 mA/K, their light by 18 GHz/K, levels by 0.02 dB/K.
fn follows_heat(signal: Signal, kelvin: f64) -> f64 {
    match (signal, signal.dimension()) {
        (_, Dimension::Temperature) => kelvin,
        (Signal::TransmitHeaterPower | Signal::ReceiveHeaterPower, _) => 0.6e-3 * kelvin,
        (Signal::LaserBias, _) => 4e-3 * kelvin,
        (Signal::LaserFrequency, _) => 18e9 * kelvin,
        (_, Dimension::PowerLevel) => 0.02 * kelvin,
        _ => 0.0,
    }
}

/// Whether a signal stayed at its noise floor.
fn stayed(signal: Signal, before: &Said, after: &Said, kelvin: f64) -> bool {
    match signal.storage() {
        Storage::State(_) => before.state == after.state,
        // Chance moves counts; what they are made of is looked at by itself.
        Storage::Counter => true,
        _ if before.n < 0.5 || after.n < 0.5 => (before.n < 0.5) == (after.n < 0.5),
        _ => {
            let noise = 6.0 * before.deviation().max(after.deviation()) * (2.0 / before.n).sqrt();
            let least = noise + follows_heat(signal, kelvin) + 1e-3 * before.mean().abs();
            // A ratio of few errors moves by chance alone.
            let is_rare = signal.dimension() == Dimension::Ratio;
            is_rare || (after.mean() - before.mean()).abs() <= least
        }
    }
}

fn disagreements(row: &Row, system: &System, before: &Window, after: &Window) -> Vec<String> {
    let mut found = Vec::new();
    for of in &row.expect {
        let is_there = before.iter().any(|(signal, _)| *signal == of.signal);
        if !is_there {
            found.push(format!(
                "{}: {} is not observed",
                row.text,
                of.signal.name()
            ));
        }
    }
    for ((signal, before), (_, after)) in before.iter().zip(after) {
        for (index, (before, after)) in before.iter().zip(after).enumerate() {
            let kind = signal.kind();
            let entity = Entity {
                kind,
                index: u32::try_from(index).expect("few entities"),
            };
            let name = system.name_of(kind, index);
            let say = |what: &str| {
                let (mean, now) = (before.mean(), after.mean());
                let states = (before.state, after.state);
                let name = format!("{} {name}", signal.name());
                format!(
                    "{}: {name}: {mean:.6e} -> {now:.6e} {states:?}; {what}",
                    row.text
                )
            };
            if let Some(of) = said(row, entity, *signal) {
                if !is_so(of.change, *signal, before, after) {
                    found.push(say(&format!("expected {:?}, {}", of.change, of.why)));
                }
            } else if !row.spreads
                && !may_follow(row, system, *signal, entity.index)
                && !stayed(*signal, before, after, row.thermal_k)
            {
                found.push(say("expected to stay"));
            }
        }
    }
    found
}

fn check(row: &Row) -> Result<Vec<String>, WorldError> {
    let system = Arc::new(platform(&row.system));
    let plan = Arc::new(SwitchPlan::new(Arc::clone(&system)).expect("a plan"));
    let name = DeviceName::new("leaf1").expect("a name");
    let switch = Switch::new(&plan, name, 1).expect("a switch");
    let mut world = World::looped_back(switch);
    let before = watch(&mut world)?;
    let now_ns = world.now_ns();
    let switch = world.switch_mut(0).expect("the only one");
    switch.strike(row.fault, None, now_ns);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "seconds to minutes"
    )]
    let n_steps = row.after_s as u64;
    for _ in 0..n_steps {
        world.step(SECOND_NS)?;
    }
    let after = watch(&mut world)?;
    Ok(disagreements(row, &system, &before, &after))
}

#[test]
fn every_fault_does_what_the_table_says() {
    let rows = read().expect("the table is sound");
    let only = option_env!("FAULT_KIND");
    let mut found = Vec::new();
    for row in &rows {
        if only.is_none_or(|only| row.kind.name() == only) {
            let stopped = |error| vec![format!("{}: the world stopped: {error}", row.text)];
            found.extend(check(row).unwrap_or_else(stopped));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
