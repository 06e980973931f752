//! From the state of a switch to what its sensors meet, and to events.

use link::{LockState, Sent};
use plant::{Entity, Signal};
use system::{EntityKind, LaserHome, MediaLaneId, PortId};
use units::Seconds;

use super::event::{EventId, What};
use super::light::dbm;
use super::switch::Switch;
use crate::heat::Coolant;
use crate::sensors::{BitErrors, CodewordErrors, SensorFault, Truth};

/// Positions of states in their signals' lists of names.
mod state {
    pub(super) const UNLOCKED: u8 = 0;
    pub(super) const LOCKED: u8 = 2;
    pub(super) const LOST: u8 = 0;
    pub(super) const PRESENT: u8 = 1;
    pub(super) const DOWN: u8 = 0;
    pub(super) const UP: u8 = 1;
    pub(super) const OPEN: u8 = 0;
    pub(super) const CLOSED: u8 = 1;
    pub(super) const OFF: u8 = 0;
    pub(super) const ON: u8 = 2;
}

/// Position of a power state among the names of its signals.
const fn power_state(power: plant::PowerState) -> u8 {
    match power {
        plant::PowerState::Off => 0,
        plant::PowerState::LowPower => 1,
        _ => 2,
    }
}

/// State of a lock.
const fn lock(holds: bool) -> u8 {
    if holds {
        state::LOCKED
    } else {
        state::UNLOCKED
    }
}

/// A port that is up, among the names of its signal.
pub(super) const UP: u8 = state::UP;

/// A receiver loses its signal where its light would open an eye of less than this many standard
/// deviations, were it modulated as described, and has it again above the other: between them it keeps
/// what it had.
const LOST_BELOW_Q: f64 = 0.5;
const BACK_ABOVE_Q: f64 = 1.0;

/// Uncorrectable codewords in a row that take the alignment of a port.
///
/// # Source
/// IEEE 802.3, clause 119: alignment is lost after three uncorrected codewords.
const LOST_IN_A_ROW: i32 = 3;

/// Share of its set-point below which a laser has faded.
const FADED: f64 = 0.5;

/// What was so at the end of the last step, against which events are told.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Flags {
    pub(super) is_unharmed: bool,
    pub(super) has_stepped: bool,
    pub(super) struck_sensors: Vec<(Signal, u32, SensorFault)>,
    lasers_at_rail: Vec<bool>,
    lasers_faded: Vec<bool>,
    locked: Vec<bool>,
    has_signal: Vec<bool>,
    ports_up: Vec<bool>,
    paths_open: Vec<bool>,
    rail_events: Vec<Option<EventId>>,
    lock_events: Vec<Option<EventId>>,
    signal_events: Vec<Option<EventId>>,
    trip_events: Vec<Option<EventId>>,
}

fn entity(kind: EntityKind, index: usize) -> Entity {
    Entity {
        kind,
        index: u32::try_from(index).unwrap_or(u32::MAX),
    }
}

impl Switch {
    /// What is physically so, for the sensors.
    pub(super) fn fill_truth(&self, truth: &mut Truth, dt: Seconds, coolants: &[Coolant]) {
        self.fill_temperatures(truth, coolants);
        self.fill_lasers(truth);
        self.fill_lanes(truth, dt);
        self.fill_hosts(truth, dt);
        self.fill_ports(truth, dt);
    }

    fn fill_temperatures(&self, truth: &mut Truth, coolants: &[Coolant]) {
        let system = self.plan.system();
        let power = &system.description.power;
        put(
            truth,
            Signal::AsicTemperature,
            self.junctions_c.iter().copied(),
        );
        let asics = self.loads.cores_w.iter().zip(&self.loads.serdes_w);
        put(
            truth,
            Signal::AsicPower,
            asics.map(|(core, serdes)| core + serdes),
        );
        put(
            truth,
            Signal::EngineTemperature,
            self.engines_c.iter().copied(),
        );
        put(truth, Signal::EnginePower, self.drawn_w.iter().copied());
        let states = truth.states_mut(Signal::EnginePowerState);
        for (power, state) in self.controls.engines.iter().zip(states) {
            *state = power_state(*power);
        }
        let is_here = |module: usize| !self.harm.absent[module];
        let here = |module: usize, value: f64| if is_here(module) { value } else { f64::NAN };
        let modules = self.modules_c.iter().enumerate();
        put(
            truth,
            Signal::LaserModuleTemperature,
            modules.map(|(idx, t)| here(idx, *t)),
        );
        // What a module takes is its heat and its light.
        let mut taken_w = self.loads.laser_modules_w.clone();
        for (point, laser) in self.light.lasers.iter().zip(&self.plan.lasers) {
            if let LaserHome::Module(module, _) = laser.home {
                taken_w[module.index()] += point.launched_w;
            }
        }
        let taken = taken_w.iter().enumerate();
        put(
            truth,
            Signal::LaserModulePower,
            taken.map(|(idx, w)| here(idx, *w)),
        );
        let states = truth.states_mut(Signal::LaserModulePowerState);
        for (idx, state) in states.iter_mut().enumerate() {
            *state = if is_here(idx) {
                power_state(self.controls.modules[idx])
            } else {
                Truth::NO_STATE
            };
        }
        let states = truth.states_mut(Signal::LaserPath);
        for (idx, state) in states.iter_mut().enumerate() {
            *state = match (is_here(idx), self.harm.path_open[idx]) {
                (false, _) => Truth::NO_STATE,
                (true, true) => state::OPEN,
                (true, false) => state::CLOSED,
            };
        }
        let mut zones = vec![f64::NAN; system.description.zone.len()];
        let asics = system
            .asics
            .iter()
            .map(|asic| asic.zone)
            .zip(&self.junctions_c);
        let engines = system
            .engines
            .iter()
            .map(|engine| engine.zone)
            .zip(&self.engines_c);
        let modules = system.laser_modules.iter().map(|module| module.zone);
        for (zone, t) in asics.chain(engines).chain(modules.zip(&self.modules_c)) {
            let of = &mut zones[zone.index()];
            *of = of.max(*t);
        }
        put(truth, Signal::ZoneTemperature, zones.into_iter());
        if let Some(coolant) = coolants.first() {
            put(
                truth,
                Signal::CoolantInletTemperature,
                [coolant.inlet_c].into_iter(),
            );
            let outlet = self.heat.now().coolants[0].outlet;
            let outlet = outlet.map_or(f64::NAN, units::Celsius::value);
            put(
                truth,
                Signal::CoolantOutletTemperature,
                [outlet].into_iter(),
            );
        }
        let asic: f64 = self.loads.cores_w.iter().chain(&self.loads.serdes_w).sum();
        let engines = self.drawn_w.iter().zip(&self.plan.engines);
        // A module outside holds its own regulators; what it draws has them in it.
        let engine: f64 = engines.map(|(drawn_w, plan)| drawn_w / plan.share).sum();
        let laser: f64 = taken_w.iter().sum();
        let optics = engine / power.engine_regulator.value.value() + laser;
        let inside = asic / power.asic_regulator.value.value()
            + optics
            + power.cooling.value.value()
            + power.board.value.value();
        let drawn = inside / power.supply.value.value();
        put(truth, Signal::SwitchPower, [drawn].into_iter());
    }

    fn fill_lasers(&self, truth: &mut Truth) {
        let is_here = |laser: usize| match self.plan.lasers[laser].home {
            LaserHome::Module(module, _) => !self.harm.absent[module.index()],
            LaserHome::Engine(_) => true,
        };
        let lasers = || self.light.lasers.iter().enumerate();
        let of = |value: &dyn Fn(&super::light::LaserPoint) -> f64| -> Vec<f64> {
            lasers()
                .map(|(idx, point)| if is_here(idx) { value(point) } else { f64::NAN })
                .collect()
        };
        let columns = [
            (Signal::LaserBias, of(&|point| point.current_a)),
            (Signal::LaserPower, of(&|point| dbm(point.launched_w))),
            (Signal::LaserTemperature, of(&|point| point.junction_c)),
            (Signal::LaserVoltage, of(&|point| point.voltage_v)),
            (
                Signal::LaserFrequency,
                of(&|point| {
                    if point.launched_w > 0.0 {
                        units::constants::SPEED_OF_LIGHT / point.wavelength_m
                    } else {
                        f64::NAN
                    }
                }),
            ),
        ];
        for (signal, values) in columns {
            put(truth, signal, values.into_iter());
        }
        let states = truth.states_mut(Signal::LaserOutput);
        for ((idx, point), state) in lasers().zip(states) {
            *state = match (is_here(idx), point.launched_w > 0.0) {
                (false, _) => Truth::NO_STATE,
                (true, true) => state::ON,
                (true, false) => state::OFF,
            };
        }
    }

    fn fill_lanes(&self, truth: &mut Truth, dt: Seconds) {
        let plan = &self.plan;
        let sent = |value: &dyn Fn(&Sent) -> f64| -> Vec<f64> {
            let lanes = self.light.sent.iter().zip(&plan.lanes);
            lanes
                .map(|(sent, lane)| lane.model.map_or(f64::NAN, |_| value(sent)))
                .collect()
        };
        // Receivers know light by the current that it makes.
        let arrived = |value: &dyn Fn(&link::Arrived) -> f64| -> Vec<f64> {
            let lanes = self.light.arrived.iter().zip(&plan.lanes);
            lanes
                .zip(&self.harm.lanes)
                .map(|((arrived, lane), health)| match lane.model {
                    Some(_) => value(arrived) * health.responsivity,
                    None => f64::NAN,
                })
                .map(dbm)
                .collect()
        };
        let filters = || {
            plan.lanes.iter().map(|lane| {
                let model = &plan.models[lane.model?];
                model.filter(self.engines_c[lane.engine])
            })
        };
        let columns = [
            (Signal::EngineInputPower, sent(&|sent| dbm(sent.input_w))),
            (Signal::TransmitMonitorPower, sent(&|sent| dbm(sent.mean_w))),
            (Signal::TransmitOma, sent(&|sent| dbm(sent.amplitude_w))),
            (Signal::TransmitHeaterPower, sent(&|sent| sent.heater_w)),
            (Signal::RxPower, arrived(&|arrived| arrived.mean_w)),
            (Signal::RxOma, arrived(&|arrived| arrived.amplitude_w)),
            (
                Signal::ReceiveHeaterPower,
                filters()
                    .map(|filter| filter.map_or(f64::NAN, |filter| filter.heater_w))
                    .collect(),
            ),
            (
                Signal::RxSnr,
                (0..plan.lanes.len())
                    .map(|lane| {
                        let decided = self.light.decision(plan, lane);
                        // Without an eye there is no ratio to state.
                        let open = decided.filter(|(_, q)| *q > 0.0);
                        open.map_or(f64::NAN, |(_, q)| 20.0 * q.log10())
                    })
                    .collect(),
            ),
        ];
        for (signal, values) in columns {
            put(truth, signal, values.into_iter());
        }
        let locks = truth.states_mut(Signal::TransmitLock);
        for ((sent, lane), state) in self.light.sent.iter().zip(&plan.lanes).zip(locks) {
            *state = match (lane.model, sent.lock) {
                (None, _) => Truth::NO_STATE,
                (_, LockState::Locked) => state::LOCKED,
                (_, LockState::Unlocked) => state::UNLOCKED,
            };
        }
        let locks = truth.states_mut(Signal::ReceiveLock);
        for (filter, state) in filters().zip(locks) {
            *state = match filter.map(|filter| filter.lock) {
                None => Truth::NO_STATE,
                Some(LockState::Locked) => state::LOCKED,
                Some(LockState::Unlocked) => state::UNLOCKED,
            };
        }
        let outputs = truth.states_mut(Signal::TransmitOutput);
        for ((sent, lane), state) in self.light.sent.iter().zip(&plan.lanes).zip(outputs) {
            *state = match (lane.model, sent.mean_w > 0.0) {
                (None, _) => Truth::NO_STATE,
                (_, true) => state::ON,
                (_, false) => state::OFF,
            };
        }
        let has_signal: Vec<bool> = (0..plan.lanes.len())
            .map(|lane| self.has_signal(lane))
            .collect();
        let signals = truth.states_mut(Signal::ReceiveSignal);
        for (has, state) in has_signal.iter().zip(signals) {
            *state = if *has { state::PRESENT } else { state::LOST };
        }
        let errors = truth.bit_errors_mut(Signal::PreFecBer);
        for (lane, errors) in errors.iter_mut().enumerate() {
            *errors = match self.light.decision(plan, lane) {
                None => BitErrors::ABSENT,
                Some((ratio, _)) => BitErrors {
                    bits: if has_signal[lane] {
                        plan.bits_per_s[lane] * dt.value()
                    } else {
                        0.0
                    },
                    ratio,
                },
            };
        }
    }

    /// Whether a receiver finds light, which it keeps between two limits.
    fn has_signal(&self, lane: usize) -> bool {
        let had = self.flags.has_signal.get(lane).copied().unwrap_or(true);
        let Some(model) = self.plan.lanes[lane].model else {
            return false;
        };
        let least_q = if had { LOST_BELOW_Q } else { BACK_ABOVE_Q };
        let light_w = self.light.arrived[lane].mean_w * self.harm.lanes[lane].responsivity;
        light_w >= self.plan.models[model].detectable_w(least_q)
    }

    /// Lanes of the die: what their receivers decide, and what engines hear of them.
    fn fill_hosts(&self, truth: &mut Truth, dt: Seconds) {
        let system = self.plan.system();
        for (lane, entity) in system.media_lanes.iter().enumerate() {
            let asic = system.engines[entity.engine.index()].asic.index();
            let hosts = entity.host_lanes.clone().map(|host| host as usize);
            let decided = self.light.decision(&self.plan, lane);
            let is_heard = self.has_signal(lane) && self.is_on[asic];
            for host in hosts {
                let serdes = system.host_lanes[host].serdes.index();
                let is_driven = self.is_on[asic] && !self.harm.mute_hosts[host];
                truth.states_mut(Signal::HostInputLock)[host] = lock(is_driven);
                let is_deaf = self.harm.lanes[lane].is_deaf;
                let holds = is_heard && !is_deaf;
                truth.states_mut(Signal::SerdesLock)[serdes] = lock(holds);
                truth.bit_errors_mut(Signal::SerdesBer)[serdes] = match decided {
                    None => BitErrors::ABSENT,
                    Some((ratio, _)) => BitErrors {
                        bits: if holds {
                            self.plan.bits_per_s[lane] * dt.value()
                        } else {
                            0.0
                        },
                        ratio,
                    },
                };
            }
        }
    }

    fn fill_ports(&self, truth: &mut Truth, dt: Seconds) {
        let system = self.plan.system();
        let mut found = Vec::with_capacity(system.ports.len());
        for port in &system.ports {
            found.push(self.codewords(port, dt));
        }
        truth.codeword_errors_mut().copy_from_slice(&found);
        let up: Vec<bool> = system
            .ports
            .iter()
            .zip(&found)
            .map(|(port, errors)| self.is_up(port, errors))
            .collect();
        let states = truth.states_mut(Signal::PortOperation);
        for (up, state) in up.iter().zip(states) {
            *state = if *up { state::UP } else { state::DOWN };
        }
    }

    /// Codewords of a port in an interval; those of an electrical port, or without a code, are not
    /// counted.
    fn codewords(&self, port: &system::Port, dt: Seconds) -> CodewordErrors {
        let Some(model) = &self.plan.codewords else {
            return CodewordErrors::ABSENT;
        };
        if port.media_lanes.is_empty() {
            return CodewordErrors::ABSENT;
        }
        let (mut bits_per_s, mut wrong) = (0.0, 0.0);
        for lane in &port.media_lanes {
            let lane = lane.index();
            let deaf = self.harm.lanes[lane].is_deaf;
            if !self.has_signal(lane) || deaf {
                return CodewordErrors::IDLE;
            }
            let (ratio, _) = self.light.decision(&self.plan, lane).unwrap_or((0.5, 0.0));
            bits_per_s += self.plan.bits_per_s[lane];
            wrong += model.symbol_error_ratio(ratio);
        }
        let mean = wrong / port.media_lanes.len() as f64;
        model.errors(bits_per_s * dt.value() / model.codeword_bits(), mean)
    }

    fn is_up(&self, port: &system::Port, errors: &CodewordErrors) -> bool {
        let all_on = port.asics.iter().all(|asic| self.is_on[asic.index()]);
        let heard = port.media_lanes.iter().all(|lane| {
            let lane = lane.index();
            self.has_signal(lane) && !self.harm.lanes[lane].is_deaf && self.is_routed[lane]
        });
        // Expected runs of lost codewords in the interval.
        let runs = errors.codewords().max(0.0) * errors.uncorrectable().powi(LOST_IN_A_ROW);
        all_on && heard && (runs.is_nan() || runs < 0.5)
    }

    /// Notes what has crossed a limit since the last step, and why.
    pub(super) fn note(&mut self, truth: &Truth, now_ns: u64) {
        self.note_trips();
        self.note_paths(now_ns);
        self.note_lasers(now_ns);
        self.note_locks(now_ns);
        self.note_signals(now_ns);
        self.note_ports(truth, now_ns);
    }

    fn note_trips(&mut self) {
        self.flags.trip_events.resize(self.is_on.len(), None);
        for asic in 0..self.is_on.len() {
            if self.is_on[asic] || self.flags.trip_events[asic].is_some() {
                continue;
            }
            let events = self.log.events();
            let tripped = events.iter().rposition(|event| {
                event.what == What::DieTripped
                    && event.entity == Some(entity(EntityKind::Asic, asic))
            });
            self.flags.trip_events[asic] = tripped.map(EventId);
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
            let wanted_w = self.plan.lasers[laser].set_point_w;
            let was_at_rail = self
                .flags
                .lasers_at_rail
                .get(laser)
                .copied()
                .unwrap_or(false);
            let was_faded = self.flags.lasers_faded.get(laser).copied().unwrap_or(false);
            let is_faded = wanted_w > 0.0 && point.emitted_w < FADED * wanted_w;
            if point.is_at_rail == was_at_rail && is_faded == was_faded {
                continue;
            }
            let cause = self.cause_of_laser(laser);
            let at = Some(entity(EntityKind::Laser, laser));
            if point.is_at_rail != was_at_rail {
                let what = if point.is_at_rail {
                    What::LaserAtRail
                } else {
                    What::LaserHolds
                };
                let event = self.happened(now_ns, at, what, cause);
                self.flags.rail_events[laser] = point.is_at_rail.then_some(event);
            }
            if is_faded && !was_faded {
                let cause = self.flags.rail_events[laser].or(cause);
                let event = self.happened(now_ns, at, What::LaserFaded, cause);
                self.flags.rail_events[laser] = Some(event);
            }
        }
        self.flags.lasers_at_rail = self.light.lasers.iter().map(|p| p.is_at_rail).collect();
        self.flags.lasers_faded = (self.light.lasers.iter().zip(&self.plan.lasers))
            .map(|(p, of)| of.set_point_w > 0.0 && p.emitted_w < FADED * of.set_point_w)
            .collect();
    }

    /// Why a laser does what it does: a fault of its own, its module, or the heat of its place.
    fn cause_of_laser(&self, laser: usize) -> Option<EventId> {
        let module = match self.plan.lasers[laser].home {
            LaserHome::Module(module, _) => self.harm.module_by[module.index()],
            LaserHome::Engine(engine) => self.harm.engine_by[engine.index()],
        };
        let coolings = self.harm.coolings.iter().filter_map(|of| of.by);
        let home = match self.plan.lasers[laser].home {
            LaserHome::Module(module, _) => entity(EntityKind::LaserModule, module.index()),
            LaserHome::Engine(engine) => entity(EntityKind::Engine, engine.index()),
        };
        self.harm.laser_by[laser]
            .or(module)
            .or_else(|| self.command_to(entity(EntityKind::Laser, laser)))
            .or_else(|| self.command_to(home))
            .or(self.aged_by)
            .or(coolings.last())
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

    /// Why a lock let go: the greatest of what moved the resonance against the laser.
    fn cause_of_unlock(&self, lane: usize) -> Option<EventId> {
        let of = &self.plan.lanes[lane];
        if self.harm.lanes[lane].heater != link::HeaterAct::Locked {
            return self.harm.lane_by[lane];
        }
        let engine = self.command_to(entity(EntityKind::Engine, of.engine));
        if self.controls.engines[of.engine] != plant::PowerState::FullPower {
            return engine;
        }
        if self.controls.heaters[lane] != link::HeaterAct::Locked {
            return self.command_to(entity(EntityKind::MediaLane, lane));
        }
        let model = &self.plan.models[of.model?];
        let point = &self.light.lasers[of.laser];
        let warmer_k = self.engines_c[of.engine] - self.rest_engines_c[of.engine];
        let by_heat_m = (model.drift_m_per_k() * warmer_k).abs();
        let drift = model.laser().device.wavelength_drift.value();
        let by_laser_m = (drift * (point.junction_c - model.laser().junction_c)
            + point.input.health.wavelength_m)
            .abs();
        if by_laser_m > by_heat_m {
            self.cause_of_laser(of.laser)
        } else {
            let asic = self.plan.system().engines[of.engine].asic.index();
            self.flags.trip_events[asic]
                .or(self.harm.engine_by[of.engine])
                .or_else(|| self.cause_of_heat(asic))
        }
    }

    fn note_signals(&mut self, now_ns: u64) {
        let n = self.plan.lanes.len();
        self.flags.signal_events.resize(n, None);
        let now: Vec<bool> = (0..n).map(|lane| self.has_signal(lane)).collect();
        for (lane, has) in now.iter().enumerate() {
            let had = self.flags.has_signal.get(lane).copied().unwrap_or(true);
            if *has == had || self.plan.lanes[lane].model.is_none() {
                continue;
            }
            let at = Some(entity(EntityKind::MediaLane, lane));
            if *has {
                let cause = self.flags.signal_events[lane].take();
                self.happened(now_ns, at, What::SignalBack, cause);
            } else {
                let cause = self.cause_of_errors(lane);
                let event = self.happened(now_ns, at, What::SignalLost, cause);
                self.flags.signal_events[lane] = Some(event);
            }
        }
        self.flags.has_signal = now;
    }

    /// Why a lane has more errors than it should: what costs it most, from the die that drives it to
    /// the fibre that brings its light.
    fn cause_of_errors(&self, lane: usize) -> Option<EventId> {
        let system = self.plan.system();
        let entity = &system.media_lanes[lane];
        let asic = system.engines[entity.engine.index()].asic.index();
        let trip = self.flags.trip_events.get(asic).copied().flatten();
        let by_fibre = |fibre: system::FibreId| self.harm.fibre_by[fibre.index()];
        let laser = entity.laser.index();
        trip.or(self.flags.lock_events.get(lane).copied().flatten())
            .or(self.flags.rail_events.get(laser).copied().flatten())
            .or_else(|| self.dark_module(laser))
            .or_else(|| self.command_to(plant::Entity::from(MediaLaneId::from_index(lane))))
            .or(self.harm.lane_by[lane])
            .or(by_fibre(entity.receive_fibre))
            .or(by_fibre(entity.transmit_fibre))
            .or_else(|| self.cause_of_laser(laser))
    }

    /// The event that darkened the module of a laser.
    fn dark_module(&self, laser: usize) -> Option<EventId> {
        let LaserHome::Module(module, _) = self.plan.lasers[laser].home else {
            return None;
        };
        let module = module.index();
        let is_dark = self.harm.absent[module] || self.harm.path_open[module];
        is_dark.then(|| self.harm.module_by[module]).flatten()
    }

    fn note_ports(&mut self, truth: &Truth, now_ns: u64) {
        let now: Vec<bool> = truth
            .states(Signal::PortOperation)
            .iter()
            .map(|state| *state == state::UP)
            .collect();
        let before = std::mem::replace(&mut self.flags.ports_up, now.clone());
        for (port, up) in now.iter().enumerate() {
            if *up == before.get(port).copied().unwrap_or(true) {
                continue;
            }
            let at = Some(entity(EntityKind::Port, port));
            if *up {
                self.happened(now_ns, at, What::PortUp, None);
            } else {
                let cause = self.cause_of_port(PortId::from_index(port));
                self.happened(now_ns, at, What::PortDown, cause);
            }
        }
    }

    /// The worst lane of a port says why the port is down.
    fn cause_of_port(&self, port: PortId) -> Option<EventId> {
        let port = &self.plan.system().ports[port.index()];
        let errors = |lane: usize| {
            let decided = self.light.decision(&self.plan, lane);
            decided.map_or(1.0, |(ratio, _)| ratio)
        };
        let lanes = port.media_lanes.iter().map(|lane| lane.index());
        let worst = lanes.max_by(|a, b| errors(*a).total_cmp(&errors(*b)))?;
        let signal = self.flags.signal_events.get(worst).copied().flatten();
        signal.or_else(|| self.cause_of_errors(worst))
    }
}

/// Fills in a signal.
fn put(truth: &mut Truth, signal: Signal, values: impl Iterator<Item = f64>) {
    for (slot, value) in truth.values_mut(signal).iter_mut().zip(values) {
        *slot = value;
    }
}
