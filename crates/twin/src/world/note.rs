//! What has crossed a limit since the last step, and why.

use link::LockState;
use plant::{Entity, Signal};
use serde::{Deserialize, Serialize};
use system::{EntityKind, PortId};

use super::event::{EventId, What};
use super::laser::LaserControl;
use super::rings::Ends;
use super::switch::Switch;
use super::truth::UP;
use super::undo::Place;
use crate::sensors::{SensorFault, Truth};

/// Share of its set-point below which a laser has faded.
const FADED: f64 = 0.5;

/// What was so at the end of the last step, against which events are told.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Flags {
    /// How bad each fault was when its harm was found; nothing where harm has to be found anew.
    pub(super) strengths: Vec<Option<f64>>,
    pub(super) is_harm_known: bool,
    /// Whether harm was found anew in this step.
    pub(super) is_harm_new: bool,
    /// Which dies were on when hosts and ports were looked at.
    pub(super) was_on: Vec<bool>,
    /// Length of the step that the truth was filled in for, s; zero before.
    pub(super) filled_for_s: f64,
    pub(super) has_stepped: bool,
    /// Which fibre stood in the place of each when the lanes were laid.
    pub(super) laid_at: Vec<usize>,
    pub(super) struck_sensors: Vec<(Signal, u32, SensorFault)>,
    lasers_at_rail: Vec<bool>,
    lasers_faded: Vec<bool>,
    locked: Vec<bool>,
    had_signal: Vec<bool>,
    pub(super) ports_up: Vec<bool>,
    paths_open: Vec<bool>,
    pub(super) rail_events: Vec<Option<EventId>>,
    pub(super) lock_events: Vec<Option<EventId>>,
    signal_events: Vec<Option<EventId>>,
    port_events: Vec<Option<EventId>>,
    /// Why filters are not held; none of those that are.
    pub(super) filter_events: Vec<Option<EventId>>,
    pub(super) trip_events: Vec<Option<EventId>>,
    /// By lane.
    pub(super) unconnected_events: Vec<Option<EventId>>,
}

impl Flags {
    /// Why a die is off, where it has not switched itself off.
    pub(super) fn off_by(&mut self, asic: usize, event: Option<EventId>) {
        let n = self.trip_events.len().max(asic + 1);
        self.trip_events.resize(n, None);
        self.trip_events[asic] = event;
    }
}

fn entity(kind: EntityKind, index: usize) -> Entity {
    Entity {
        kind,
        index: u32::try_from(index).unwrap_or(u32::MAX),
    }
}

impl Switch {
    /// Notes what has crossed a limit since the last step, and why.
    pub(super) fn note(&mut self, truth: &Truth, now_ns: u64) {
        self.note_unconnected(now_ns);
        self.note_sending(now_ns);
        self.note_signals(now_ns);
        self.note_ports(truth, now_ns);
    }

    /// Of that, what the switch knows without the light of others.
    pub(super) fn note_sending(&mut self, now_ns: u64) {
        self.note_trips();
        self.note_paths(now_ns);
        self.note_lasers(now_ns);
        self.note_locks(now_ns);
        self.note_filters(now_ns);
    }

    fn note_trips(&mut self) {
        self.flags.trip_events.resize(self.is_on.len(), None);
        for asic in 0..self.is_on.len() {
            if self.is_on[asic] {
                self.flags.trip_events[asic] = None;
            }
            if self.is_on[asic] || self.flags.trip_events[asic].is_some() {
                continue;
            }
            let at = Some(entity(EntityKind::Asic, asic));
            let tripped = self
                .log
                .iter()
                .rfind(|(_, event)| event.what == What::DieTripped && event.entity == at);
            self.flags.trip_events[asic] = tripped.map(|(id, _)| id);
        }
    }

    fn note_paths(&mut self, now_ns: u64) {
        let now = self.harm.path_open.clone();
        let before = std::mem::replace(&mut self.flags.paths_open, now.clone());
        for (module, is_open) in now.iter().enumerate() {
            if *is_open == before.get(module).copied().unwrap_or(false) {
                continue;
            }
            let what = if *is_open {
                What::LightLowered
            } else {
                What::LightRestored
            };
            let cause = self.harm.module_by[module];
            self.happened(
                now_ns,
                Some(entity(EntityKind::LaserModule, module)),
                what,
                cause,
            );
        }
    }

    fn note_lasers(&mut self, now_ns: u64) {
        let n = self.light.lasers.len();
        self.flags.rail_events.resize(n, None);
        for laser in 0..n {
            let point = self.light.lasers[laser];
            let was_at_rail = self
                .flags
                .lasers_at_rail
                .get(laser)
                .copied()
                .unwrap_or(false);
            let was_faded = self.flags.lasers_faded.get(laser).copied().unwrap_or(false);
            let is_faded = self.is_faded(laser);
            if point.is_at_rail == was_at_rail && is_faded == was_faded {
                continue;
            }
            let cause = self.cause_of_laser(laser);
            let at = Some(entity(EntityKind::Laser, laser));
            if point.is_at_rail && !was_at_rail {
                let event = self.happened(now_ns, at, What::LaserAtRail, cause);
                self.flags.rail_events[laser] = Some(event);
            }
            if !point.is_at_rail && was_at_rail {
                let rail = self.flags.rail_events[laser].take();
                self.happened(now_ns, at, What::LaserHolds, rail);
            }
            if is_faded && !was_faded {
                let cause = self.flags.rail_events[laser].or(cause);
                let event = self.happened(now_ns, at, What::LaserFaded, cause);
                self.flags.rail_events[laser] = Some(event);
            }
        }
        self.flags.lasers_at_rail = self.light.lasers.iter().map(|p| p.is_at_rail).collect();
        self.flags.lasers_faded = (0..n).map(|laser| self.is_faded(laser)).collect();
    }

    /// Whether a laser gives much less than its control asks for.
    fn is_faded(&self, laser: usize) -> bool {
        let point = &self.light.lasers[laser];
        match point.input.control {
            LaserControl::Power(factor) => {
                point.emitted_w < FADED * factor * self.plan.lasers[laser].set_point_w
            }
            LaserControl::Off | LaserControl::Current(_) => false,
        }
    }

    /// Notes once which ports have nothing at their far ends.
    fn note_unconnected(&mut self, now_ns: u64) {
        if self.flags.has_stepped {
            return;
        }
        let plan = std::sync::Arc::clone(&self.plan);
        let system = plan.system();
        self.flags.unconnected_events = vec![None; system.media_lanes.len()];
        for (port, of) in system.ports.iter().enumerate() {
            let lanes = of.media_lanes.iter().map(|lane| lane.index());
            let is_open = |lane: &usize| self.is_unconnected.get(*lane) == Some(&true);
            let open: Vec<usize> = lanes.filter(is_open).collect();
            if open.is_empty() {
                continue;
            }
            let at = Some(entity(EntityKind::Port, port));
            let event = self.happened(now_ns, at, What::Unconnected, None);
            for lane in open {
                self.flags.unconnected_events[lane] = Some(event);
            }
        }
    }

    fn note_locks(&mut self, now_ns: u64) {
        let n = self.light.sent.len();
        self.flags.lock_events.resize(n, None);
        let now: Vec<bool> = (self.light.sent.iter().zip(&self.plan.lanes))
            .map(|(sent, lane)| lane.model.is_none() || sent.lock == LockState::Locked)
            .collect();
        let before = std::mem::replace(&mut self.flags.locked, now.clone());
        for (lane, is_locked) in now.iter().enumerate() {
            if *is_locked == before.get(lane).copied().unwrap_or(true) {
                continue;
            }
            let at = Some(entity(EntityKind::MediaLane, lane));
            if *is_locked {
                let cause = self.flags.lock_events[lane].take();
                self.happened(now_ns, at, What::Locked, cause);
            } else {
                let cause = self.cause_of_unlock(lane);
                let event = self.happened(now_ns, at, What::Unlocked, cause);
                self.flags.lock_events[lane] = Some(event);
            }
        }
    }

    /// Rings of receivers, which only the temperature of their engine moves.
    fn note_filters(&mut self, now_ns: u64) {
        let n = self.light.filters.len();
        self.flags.filter_events.resize(n, None);
        for lane in 0..n {
            let Some(filter) = self.light.filters[lane] else {
                continue;
            };
            let is_locked = filter.lock == LockState::Locked;
            if is_locked == self.flags.filter_events[lane].is_none() {
                continue;
            }
            let at = Some(entity(EntityKind::MediaLane, lane));
            if is_locked {
                let lost = self.flags.filter_events[lane].take();
                self.happened(now_ns, at, What::FilterLocked, lost);
            } else {
                let engine = self.plan.lanes[lane].engine;
                let shift = (self.rings).shifted_by(&self.plan.rings, Ends::Receive, lane);
                let cause = shift.or_else(|| self.cause_of_heat(Place::Engine(engine)));
                let event = self.happened(now_ns, at, What::FilterUnlocked, cause);
                self.flags.filter_events[lane] = Some(event);
            }
        }
    }

    fn note_signals(&mut self, now_ns: u64) {
        let n = self.plan.lanes.len();
        self.flags.signal_events.resize(n, None);
        let now: Vec<bool> = (0..n).map(|lane| self.has_signal(lane)).collect();
        for (lane, has) in now.iter().enumerate() {
            let had = self.flags.had_signal.get(lane).copied().unwrap_or(true);
            if *has == had || self.plan.lanes[lane].model.is_none() {
                continue;
            }
            let at = Some(entity(EntityKind::MediaLane, lane));
            if *has {
                let cause = self.flags.signal_events[lane].take();
                self.happened(now_ns, at, What::SignalBack, cause);
            } else {
                let cause = self.blame_errors(lane).map(|of| of.event);
                let event = self.happened(now_ns, at, What::SignalLost, cause);
                self.flags.signal_events[lane] = Some(event);
            }
        }
        self.flags.had_signal = now;
    }

    fn note_ports(&mut self, truth: &Truth, now_ns: u64) {
        let now: Vec<bool> = truth
            .states(Signal::PortOperation)
            .iter()
            .map(|state| *state == UP)
            .collect();
        let before = std::mem::replace(&mut self.flags.ports_up, now.clone());
        self.flags.port_events.resize(now.len(), None);
        for (port, up) in now.iter().enumerate() {
            if *up == before.get(port).copied().unwrap_or(true) {
                continue;
            }
            let at = Some(entity(EntityKind::Port, port));
            if *up {
                let down = self.flags.port_events[port].take();
                self.happened(now_ns, at, What::PortUp, down);
            } else {
                let cause = self.cause_of_port(PortId::from_index(port));
                let event = self.happened(now_ns, at, What::PortDown, cause);
                self.flags.port_events[port] = Some(event);
            }
        }
    }

    /// A die that is off, or else the worst lane of a port, says why the port is down.
    fn cause_of_port(&self, port: PortId) -> Option<EventId> {
        let of = &self.plan.system().ports[port.index()];
        let off = of.asics.iter().find(|asic| !self.is_on[asic.index()]);
        if let Some(trip) = off.and_then(|asic| self.flags.trip_events[asic.index()]) {
            return Some(trip);
        }
        let worst = self.worst_lane(port)?;
        let signal = self.flags.signal_events.get(worst).copied().flatten();
        let command = self.unheard_by(worst);
        let command = command.filter(|(switch, _)| *switch == self.own);
        let known = signal.or(command.map(|(_, event)| event));
        known.or_else(|| self.blame_errors(worst).map(|of| of.event))
    }

    /// The lane of a port with most errors. One that does not bring data of its port has nothing but
    /// errors, and one of which a command is the reason comes first.
    pub(super) fn worst_lane(&self, port: PortId) -> Option<usize> {
        let port = &self.plan.system().ports[port.index()];
        let errors = |lane: usize| {
            let is_own = self.hears_its_own(lane);
            match self.ratio_at_die(lane).filter(|_| is_own) {
                Some(ratio) => ratio,
                None if self.unheard_by(lane).is_some() => 2.0,
                None => 1.0,
            }
        };
        let lanes = port.media_lanes.iter().map(|lane| lane.index());
        lanes.max_by(|a, b| errors(*a).total_cmp(&errors(*b)))
    }
}
