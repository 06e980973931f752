//! From the state of a switch to what its sensors meet, and to events.

use link::{LockState, Sent};
use plant::Signal;
use system::LaserHome;
use units::Seconds;

use super::light::dbm;
use super::switch::Switch;
use crate::heat::Coolant;
use crate::sensors::{BitErrors, CodewordErrors, Truth};

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
        self.fill_box(truth, coolants, &taken_w);
    }

    /// Coolant and what the box draws.
    fn fill_box(&self, truth: &mut Truth, coolants: &[Coolant], taken_w: &[f64]) {
        let system = self.plan.system();
        let power = &system.description.power;
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
    pub(super) fn has_signal(&self, lane: usize) -> bool {
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
            if !self.has_signal(lane) || deaf || !self.is_routed[lane] {
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
}

/// Fills in a signal.
fn put(truth: &mut Truth, signal: Signal, values: impl Iterator<Item = f64>) {
    for (slot, value) in truth.values_mut(signal).iter_mut().zip(values) {
        *slot = value;
    }
}
