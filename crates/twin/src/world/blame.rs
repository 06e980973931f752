//! Why something happened: what each change that is there costs, by itself, and the one that costs
//! most.
//!
//! A lane loses its eye to several things at once. Each of them alone (a fault, age, a laser that has
//! faded, a lock that has let go) is put to the lane as it is described, and what it takes of the eye,
//! in decibels of its Q, is its part. A laser is asked in the same way for the light that it could
//! still give. What moves a temperature is found in
//! [`undo`](super::undo). Of equal parts the earlier event counts.

use std::sync::OnceLock;

use link::batch::{LaneBatch, LaneResults, decide_lanes};
use link::{HeaterAct, LaneModel, LockState, ReceiveState, TransmitState};
use photonics::laser::Laser;
use plant::{Entity, PowerState};
use system::{EntityKind, LaserHome};
use units::Celsius;

use super::ageing::Worn;
use super::event::EventId;
use super::harm::Harm;
use super::laser::{LaserControl, LaserHealth};
use super::plan::LaserPlan;
use super::rings::Ends;
use super::route::Route;
use super::switch::Switch;
use super::undo::{Place, Undone};

/// Less than this many decibels, or kelvin, brings nothing about.
const NOTHING: f64 = 1e-6;

/// An event and its part, in decibels or kelvin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Blame {
    pub(super) part: f64,
    pub(super) event: EventId,
}

/// The greatest part so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Greatest(pub(super) Option<Blame>);

impl Greatest {
    pub(super) fn take(&mut self, part: f64, event: Option<EventId>) {
        let Some(event) = event else { return };
        let is_greater = self.0.is_none_or(|of| {
            part > of.part || (part.to_bits() == of.part.to_bits() && event.0 < of.event.0)
        });
        if part > NOTHING && is_greater {
            self.0 = Some(Blame { part, event });
        }
    }
}

/// What is found once in a step, where something happened in it that asks for it.
#[derive(Debug, Clone, Default)]
pub(super) struct Causes {
    pub(super) now_ns: u64,
    /// The first event of the step.
    pub(super) since: EventId,
    /// What each fault, and age, does alone.
    alone: OnceLock<Vec<(EventId, Harm)>>,
    pub(super) heat: OnceLock<Undone>,
}

impl Causes {
    /// Nothing is known yet of a step that ends at a time, and whose first event will be this one.
    pub(super) fn of_step(now_ns: u64, since: EventId) -> Self {
        Self {
            now_ns,
            since,
            ..Self::default()
        }
    }
}

fn entity(kind: EntityKind, index: usize) -> Entity {
    Entity {
        kind,
        index: u32::try_from(index).unwrap_or(u32::MAX),
    }
}

/// Q of a lane's worst eye.
fn eye(model: &LaneModel, transmit: &TransmitState, receive: &ReceiveState, extra_db: f64) -> f64 {
    let levels_w = model.arrive(&model.transmit(transmit).levels_w, extra_db);
    let mut batch = LaneBatch::new(model.modulation());
    if model.join(&mut batch).is_err() {
        return 0.0;
    }
    model.receive(&levels_w, receive, &mut batch, 0);
    let mut results = LaneResults::default();
    decide_lanes(&batch, &[0], &mut results);
    results.q_min[0]
}

/// What a state takes of the described eye, dB; infinite where none is left.
fn cost_db(
    model: &LaneModel,
    transmit: &TransmitState,
    receive: &ReceiveState,
    extra_db: f64,
) -> f64 {
    let (as_sent, as_received) = model.as_designed();
    let described = eye(model, &as_sent, &as_received, 0.0);
    let left = eye(model, transmit, receive, extra_db);
    if left > 0.0 {
        10.0 * (described / left).log10()
    } else {
        f64::INFINITY
    }
}

/// The most light that a laser can give, W.
fn most_light_w(of: &LaserPlan, health: LaserHealth, case_c: f64) -> f64 {
    if health.is_dead {
        return 0.0;
    }
    let device = Laser {
        threshold_current: of.device.threshold_current * health.threshold,
        slope_efficiency: of.device.slope_efficiency * health.slope,
        ..of.device
    };
    let most = device.greatest_power(Celsius::new(case_c + health.above_case_k));
    most.map_or(0.0, |(_, power, _)| power.value())
}

impl Switch {
    /// What each fault, and age, does alone.
    fn alone(&self) -> &[(EventId, Harm)] {
        self.causes.alone.get_or_init(|| {
            let now_ns = self.causes.now_ns;
            let new = Worn::none(self.plan.system());
            let by_faults = self.faults.iter().map(|active| {
                let one = std::slice::from_ref(active);
                (active.event, Harm::of(&self.plan, &new, one, now_ns))
            });
            let by_age = self
                .aged_by
                .map(|event| (event, Harm::of(&self.plan, &self.worn, &[], now_ns)));
            by_faults.chain(by_age).collect()
        })
    }

    /// What a lane's own receiver, and the fibre that it listens to, take of its eye.
    pub(super) fn blame_received(&self, lane: usize) -> Option<Blame> {
        let of = &self.plan.lanes[lane];
        let model = &self.plan.models[of.model?];
        let (sent, received) = model.as_designed();
        let fibre = self.plan.system().media_lanes[lane].receive_fibre.index();
        let mut greatest = Greatest::default();
        if !self.is_on[of.asic] {
            greatest.take(f64::INFINITY, self.flags.trip_events[of.asic]);
        }
        greatest.take(f64::INFINITY, self.unpowered(of.engine));
        let unconnected = self.flags.unconnected_events.get(lane).copied().flatten();
        greatest.take(f64::INFINITY, unconnected);
        for (event, harm) in self.alone() {
            let health = &harm.lanes[lane];
            let state = ReceiveState {
                responsivity: health.responsivity,
                noise: health.noise,
                interferer: health.interferer,
                ..received
            };
            let extra_db = health.receive_db + harm.fibres_db[fibre];
            let part = if health.is_deaf || harm.fibre_at[fibre] != fibre {
                f64::INFINITY
            } else {
                cost_db(model, &sent, &state, extra_db)
            };
            greatest.take(part, Some(*event));
        }
        let filter = self.light.filters[lane].filter(|filter| filter.lock == LockState::Unlocked);
        if let Some(filter) = filter {
            let part = cost_db(model, &sent, &received, filter.loss_db);
            greatest.take(part, self.flags.filter_events.get(lane).copied().flatten());
        }
        greatest.0
    }

    /// What the transmitter of a lane, and the fibre that it sends into, take of the eye at the far
    /// end.
    pub(super) fn blame_sent(&self, lane: usize) -> Option<Blame> {
        let of = &self.plan.lanes[lane];
        let model = &self.plan.models[of.model?];
        let (designed, received) = model.as_designed();
        let fibre = self.plan.system().media_lanes[lane].transmit_fibre.index();
        let cost = |state: &TransmitState, extra_db| cost_db(model, state, &received, extra_db);
        let mut greatest = Greatest::default();
        if !self.is_on[of.asic] {
            greatest.take(f64::INFINITY, self.flags.trip_events[of.asic]);
        }
        greatest.take(f64::INFINITY, self.unpowered(of.engine));
        if !self.controls.transmit_enabled[lane] {
            let event = self.command_to(entity(EntityKind::MediaLane, lane));
            greatest.take(f64::INFINITY, event);
        }
        let (sent, laser) = (&self.light.sent[lane], &self.light.lasers[of.laser]);
        if sent.lock == LockState::Unlocked {
            let state = TransmitState {
                substrate_c: self.engines_c[of.engine],
                wavelength_shift_m: self.light.shift_m(&self.plan, lane),
                heater: HeaterAct::Held(sent.heater_w),
                tuning_m: self.rings.transmit.tuning_m[lane],
                neighbours_w: self.light.modulators.given_w[lane],
                bias_drift_rad: self.harm.lanes[lane].bias_drift_rad + self.wander.bias_rad(lane),
                ..designed
            };
            let event = self.flags.lock_events.get(lane).copied().flatten();
            greatest.take(cost(&state, 0.0), event);
        }
        let state = TransmitState {
            laser_w: laser.launched_w,
            ..designed
        };
        let by_laser = cost(&state, 0.0);
        if by_laser > NOTHING {
            let faded = self.flags.rail_events.get(of.laser).copied().flatten();
            greatest.take(by_laser, faded.or_else(|| self.cause_of_laser(of.laser)));
        }
        for (event, harm) in self.alone() {
            let health = &harm.lanes[lane];
            let state = TransmitState {
                feed_db: health.feed_db,
                coupler_db: health.input_db,
                splitter_db: health.splitter_db,
                output_db: health.output_db,
                swing: if health.is_mute { 0.0 } else { health.swing },
                bias_drift_rad: health.bias_drift_rad,
                ..designed
            };
            let part = if harm.fibre_at[fibre] == fibre {
                cost(&state, harm.fibres_db[fibre])
            } else {
                f64::INFINITY
            };
            greatest.take(part, Some(*event));
        }
        greatest.0
    }

    /// Why a lane that hears its own switch, or for its own part, has more errors than it should.
    pub(super) fn blame_errors(&self, lane: usize) -> Option<Blame> {
        let route = self.routes.get(lane);
        let sender = route.map_or(Some((self.own, lane)), Route::sending_lane);
        let mut greatest = Greatest::default();
        let own = sender.filter(|(switch, _)| *switch == self.own);
        let sent = own.and_then(|(_, sender)| self.blame_sent(sender));
        for blame in [sent, self.blame_received(lane)].into_iter().flatten() {
            greatest.take(blame.part, Some(blame.event));
        }
        greatest.0
    }

    /// Why a laser gives less than it should, or has no current left to give more.
    pub(super) fn cause_of_laser(&self, laser: usize) -> Option<EventId> {
        if self.jumping.is_some() {
            return self.jumping;
        }
        let of = &self.plan.lasers[laser];
        let (home, place) = match of.home {
            LaserHome::Module(module, _) => (
                entity(EntityKind::LaserModule, module.index()),
                Place::Module(module.index()),
            ),
            LaserHome::Engine(engine) => (
                entity(EntityKind::Engine, engine.index()),
                Place::Engine(engine.index()),
            ),
        };
        let most_w = most_light_w(of, LaserHealth::NEW, of.case_c);
        let lost_db = |left_w: f64| 10.0 * (most_w / left_w).log10();
        let mut greatest = Greatest::default();
        for (event, harm) in self.alone() {
            let is_dark = match of.home {
                LaserHome::Module(module, _) => {
                    harm.absent[module.index()] || harm.path_open[module.index()]
                }
                LaserHome::Engine(_) => false,
            };
            let left_w = if is_dark {
                0.0
            } else {
                most_light_w(of, harm.lasers[laser], of.case_c)
            };
            greatest.take(lost_db(left_w), Some(*event));
        }
        let case_c = self.light.lasers[laser].input.case_c;
        let by_heat_db = lost_db(most_light_w(of, LaserHealth::NEW, case_c));
        if by_heat_db > NOTHING {
            greatest.take(by_heat_db, self.cause_of_heat(place));
        }
        let by_laser = self.command_to(entity(EntityKind::Laser, laser));
        match self.controls.lasers[laser] {
            LaserControl::Power(factor) => greatest.take(10.0 * factor.log10().abs(), by_laser),
            LaserControl::Off | LaserControl::Current(_) => greatest.take(f64::INFINITY, by_laser),
        }
        if !self.controls.laser_enabled[laser] {
            greatest.take(f64::INFINITY, by_laser);
        }
        let power = match of.home {
            LaserHome::Module(module, _) => self.powers.module(module.index()),
            LaserHome::Engine(engine) => self.powers.engine(engine.index()),
        };
        if power != PowerState::FullPower {
            greatest.take(f64::INFINITY, self.command_to(home));
        }
        greatest.0.map(|of| of.event)
    }

    /// Why a lock let go: of what holds it and what moves its resonance against the laser, the
    /// greatest.
    pub(super) fn cause_of_unlock(&self, lane: usize) -> Option<EventId> {
        if self.jumping.is_some() {
            return self.jumping;
        }
        let of = &self.plan.lanes[lane];
        let model = &self.plan.models[of.model?];
        let mut greatest = Greatest::default();
        let shift = (self.rings).shifted_by(&self.plan.rings, Ends::Transmit, lane);
        greatest.take(f64::INFINITY, shift);
        // Whoever holds the heater takes it out of its lock whatever else there is.
        for (event, harm) in self.alone() {
            if harm.lanes[self.rings.transmit.made_for[lane]].heater != HeaterAct::Locked {
                greatest.take(f64::INFINITY, Some(*event));
            }
        }
        greatest.take(f64::INFINITY, self.unpowered(of.engine));
        if self.controls.heaters[lane] != HeaterAct::Locked {
            let event = self.command_to(entity(EntityKind::MediaLane, lane));
            greatest.take(f64::INFINITY, event);
        }
        if self.powers.is_dark(&self.plan, lane) {
            for (event, harm) in self.alone() {
                if !harm.lanes[lane].feed_db.is_finite() {
                    greatest.take(f64::INFINITY, Some(*event));
                }
            }
            let faded = self.flags.rail_events.get(of.laser).copied().flatten();
            let event = faded.or_else(|| self.cause_of_laser(of.laser));
            greatest.take(f64::INFINITY, event);
        }
        if model.drift_m_per_k().abs() <= 0.0 {
            // No ring: neither heat nor wavelength moves what its loop holds.
            for (event, harm) in self.alone() {
                greatest.take(harm.lanes[lane].bias_drift_rad.abs(), Some(*event));
            }
            return greatest.0.map(|of| of.event);
        }
        let (laser, nominal) = (&self.light.lasers[of.laser], model.laser());
        let warmer_k = self.engines_c[of.engine] - self.rest_engines_c[of.engine];
        let by_heat_m = (model.drift_m_per_k() * warmer_k).abs();
        // In picometres, so that what counts as nothing is nothing.
        greatest.take(
            1e12 * by_heat_m,
            self.cause_of_heat(Place::Engine(of.engine)),
        );
        let drift = nominal.device.wavelength_drift.value();
        let by_laser_m = drift * (laser.junction_c - nominal.junction_c);
        greatest.take(1e12 * by_laser_m.abs(), self.cause_of_laser_heat(of.laser));
        // A neighbour that is held gives more or less than one that needs what this ring needs.
        for (beside, row) in self.rings.beside(&self.plan.rings, lane) {
            let own_w = self.light.sent[lane].heater_w;
            for (event, harm) in self.alone() {
                if let HeaterAct::Held(watts) = harm.lanes[beside].heater {
                    let by_neighbour_m = row.share * (watts - own_w) * row.m_per_w;
                    greatest.take(1e12 * by_neighbour_m.abs(), Some(*event));
                }
            }
        }
        for (event, harm) in self.alone() {
            let health = harm.lasers[of.laser];
            let by_fault_m = health.wavelength_m + drift * health.above_case_k;
            greatest.take(1e12 * by_fault_m.abs(), Some(*event));
        }
        greatest.0.map(|of| of.event)
    }

    /// The event that took an engine its power.
    fn unpowered(&self, engine: usize) -> Option<EventId> {
        let is_full = self.powers.engine(engine) == PowerState::FullPower;
        let at = entity(EntityKind::Engine, engine);
        (!is_full).then(|| self.command_to(at)).flatten()
    }

    /// Why a laser is as warm as it is.
    fn cause_of_laser_heat(&self, laser: usize) -> Option<EventId> {
        match self.plan.lasers[laser].home {
            LaserHome::Module(module, _) => self.cause_of_heat(Place::Module(module.index())),
            LaserHome::Engine(engine) => self.cause_of_heat(Place::Engine(engine.index())),
        }
    }
}
