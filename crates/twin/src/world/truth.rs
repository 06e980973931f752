//! From the state of a switch to what its sensors meet, and to events.

use link::{LockState, Sent};
use plant::{Signal, TestPattern};
use system::LaserHome;
use units::Seconds;

use super::light::dbm;
use super::rings::Ends;
use super::switch::Switch;
use crate::heat::Coolant;
use crate::sensors::{BitErrors, CodewordErrors, Truth};

/// Positions of states in their signals' lists of names.
mod state {
    pub(super) const UNLOCKED: u8 = 0;
    pub(super) const ACQUIRING: u8 = 1;
    pub(super) const LOCKED: u8 = 2;
    pub(super) const LOST: u8 = 0;
    pub(super) const PRESENT: u8 = 1;
    pub(super) const DOWN: u8 = 0;
    pub(super) const UP: u8 = 1;
    pub(super) const OPEN: u8 = 0;
    pub(super) const CLOSED: u8 = 1;
    pub(super) const OFF: u8 = 0;
    pub(super) const RAMPING: u8 = 1;
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
    /// What is physically so, for the sensors. What has not changed since the step before stays,
    /// unless all of it shall be filled in.
    pub(super) fn fill_truth(&mut self, truth: &mut Truth, dt: Seconds, coolants: &[Coolant]) {
        let is_on = std::mem::take(&mut self.flags.was_on);
        let all =
            self.flags.filled_for_s.to_bits() != dt.value().to_bits() || self.powers.has_moved;
        self.fill_temperatures(truth, coolants);
        self.fill_lasers(truth);
        let is_new = self.carriage.is_new;
        self.fill_lanes(truth, dt, all);
        let is_decided = self.light.is_decided_anew.contains(&true);
        truth.flaps_mut().fill(0);
        if all || is_decided || is_new || self.flags.is_harm_new || is_on != self.is_on {
            self.fill_hosts(truth, dt);
            self.fill_ports(truth, dt);
        }
        self.flags.was_on = is_on;
        self.flags.was_on.clone_from(&self.is_on);
        self.flags.is_harm_new = false;
        self.flags.filled_for_s = dt.value();
    }

    fn fill_temperatures(&self, truth: &mut Truth, coolants: &[Coolant]) {
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
        for (engine, state) in states.iter_mut().enumerate() {
            *state = power_state(self.powers.engine(engine));
        }
        put(truth, Signal::EngineSupplyVoltage, self.engine_supplies());
        let is_here = |module: usize| !self.harm.absent[module];
        let here = |module: usize, value: f64| if is_here(module) { value } else { f64::NAN };
        let modules = self.modules_c.iter().enumerate();
        put(
            truth,
            Signal::LaserModuleTemperature,
            modules.map(|(idx, t)| here(idx, *t)),
        );
        let taken_w = self.taken_w();
        let taken = taken_w.iter().enumerate();
        put(
            truth,
            Signal::LaserModulePower,
            taken.map(|(idx, w)| here(idx, *w)),
        );
        let supplies = self.module_supplies(&taken_w).enumerate();
        let supplies = supplies.map(|(idx, volts)| here(idx, volts));
        put(truth, Signal::LaserModuleSupplyVoltage, supplies);
        let states = truth.states_mut(Signal::LaserModulePowerState);
        for (idx, state) in states.iter_mut().enumerate() {
            *state = if is_here(idx) {
                power_state(self.powers.module(idx))
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
        let states = truth.states_mut(Signal::LaserModulePresence);
        for (idx, state) in states.iter_mut().enumerate() {
            *state = u8::from(is_here(idx));
        }
        let zones = 0..self.zones.len();
        let zones = zones.map(|zone| self.zone_c(zone).unwrap_or(f64::NAN));
        put(truth, Signal::ZoneTemperature, zones);
        let states = truth.states_mut(Signal::ZoneState);
        for (guard, state) in self.zones.iter().zip(states) {
            *state = guard.state();
        }
        self.fill_box(truth, coolants, &taken_w);
    }

    /// What laser modules take: their heat and their light, W.
    pub(super) fn taken_w(&self) -> Vec<f64> {
        let mut taken_w = self.loads.laser_modules_w.clone();
        for (point, laser) in self.light.lasers.iter().zip(&self.plan.lasers) {
            if let LaserHome::Module(module, _) = laser.home {
                taken_w[module.index()] += point.launched_w;
            }
        }
        taken_w
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
            + power.cooling.value.value() * self.drive_ratio()
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
        let of = |value: &dyn Fn(&super::laser::LaserPoint) -> f64| -> Vec<f64> {
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
        let ages = self.harm.lasers.iter().zip(&self.plan.lasers).enumerate();
        let ages = ages.map(|(idx, (health, of))| {
            let age = of.wear.age_of(*health, &of.device, of.set_point_w);
            age.filter(|_| is_here(idx)).unwrap_or(f64::NAN)
        });
        put(truth, Signal::LaserAge, ages);
        let states = truth.states_mut(Signal::LaserOutput);
        for ((idx, point), state) in lasers().zip(states) {
            *state = match (is_here(idx), point.launched_w > 0.0) {
                (false, _) => Truth::NO_STATE,
                (true, true) if self.powers.is_rising(idx) => state::RAMPING,
                (true, true) => state::ON,
                (true, false) => state::OFF,
            };
        }
    }

    fn fill_lanes(&self, truth: &mut Truth, dt: Seconds, all: bool) {
        self.fill_sent(truth, all);
        self.fill_received(truth, dt, all);
        let heaters = self.light.sent.iter().zip(&self.plan.lanes);
        let heaters = heaters.map(|(sent, lane)| lane.model.map_or(f64::NAN, |_| sent.heater_w));
        put(truth, Signal::TransmitHeaterPower, heaters);
        let filters = self.light.filters.iter();
        let heaters = filters.map(|filter| filter.map_or(f64::NAN, |filter| filter.heater_w));
        put(truth, Signal::ReceiveHeaterPower, heaters);
        let filters = self.light.filters.iter();
        let off = filters.map(|filter| filter.map_or(f64::NAN, |filter| filter.detuning_hz));
        put(truth, Signal::ReceiveDetuning, off);
        let locks = truth.states_mut(Signal::ReceiveLock);
        for (filter, state) in self.light.filters.iter().zip(locks.iter_mut()) {
            *state = filter.map_or(Truth::NO_STATE, |filter| {
                lock(filter.lock == LockState::Locked)
            });
        }
        for (lane, state) in locks.iter_mut().enumerate() {
            let moving = self.rings.shifted_by(&self.plan.rings, Ends::Receive, lane);
            if moving.is_some() {
                *state = state::ACQUIRING;
            }
        }
    }

    fn fill_sent(&self, truth: &mut Truth, all: bool) {
        type Of = (Signal, fn(&Sent) -> f64);
        const VALUES: [Of; 3] = [
            (Signal::EngineInputPower, |sent| dbm(sent.input_w)),
            (Signal::TransmitMonitorPower, |sent| dbm(sent.mean_w)),
            (Signal::TransmitOma, |sent| dbm(sent.amplitude_w)),
        ];
        let lanes = || {
            let is_due = self.light.is_sent_anew.iter().map(|is_new| all || *is_new);
            let lanes = self.light.sent.iter().zip(&self.plan.lanes).zip(is_due);
            let lanes = lanes.enumerate();
            lanes.filter_map(|(idx, ((sent, lane), is_due))| {
                (is_due && lane.model.is_some()).then_some((idx, sent))
            })
        };
        for (signal, value) in VALUES {
            let values = truth.values_mut(signal);
            for (idx, sent) in lanes() {
                values[idx] = value(sent);
            }
        }
        let values = truth.values_mut(Signal::TransmitDetuning);
        for (idx, sent) in lanes() {
            values[idx] = if self.plan.lanes[idx].has_ring {
                sent.detuning_hz
            } else {
                f64::NAN
            };
        }
        let states = truth.states_mut(Signal::TransmitLock);
        for (idx, sent) in lanes() {
            states[idx] = lock(sent.lock == LockState::Locked);
        }
        // What a lane that shall not send holds back is behind the modulator and its tap.
        let states = truth.states_mut(Signal::TransmitOutput);
        for (idx, sent) in lanes() {
            let is_let_out = self.controls.transmit_enabled[idx];
            states[idx] = if is_let_out && sent.mean_w > 0.0 {
                state::ON
            } else {
                state::OFF
            };
        }
        // A lock on its way need not follow its light anew to be so.
        if !self.powers.is_calm {
            let locks = truth.states_mut(Signal::TransmitLock);
            for (lane, state) in locks.iter_mut().enumerate() {
                if self.powers.is_acquiring(lane) && self.plan.lanes[lane].model.is_some() {
                    *state = state::ACQUIRING;
                }
            }
        }
    }

    fn fill_received(&self, truth: &mut Truth, dt: Seconds, all: bool) {
        // What a lane carries may go wrong elsewhere.
        let all = all || self.carriage.is_new;
        let lanes = || {
            let is_due = self
                .light
                .is_decided_anew
                .iter()
                .map(|is_new| all || *is_new);
            let lanes = self.plan.lanes.iter().zip(is_due).enumerate();
            lanes
                .filter_map(|(idx, (lane, is_due))| (is_due && lane.model.is_some()).then_some(idx))
        };
        // Receivers know light by the current that it makes.
        let seen = |lane: usize, watts: f64| dbm(watts * self.harm.lanes[lane].responsivity);
        let values = truth.values_mut(Signal::RxPower);
        for lane in lanes() {
            values[lane] = seen(lane, self.light.arrived[lane].mean_w);
        }
        let values = truth.values_mut(Signal::RxOma);
        for lane in lanes() {
            values[lane] = seen(lane, self.light.arrived[lane].amplitude_w);
        }
        let values = truth.values_mut(Signal::RxSnr);
        for lane in lanes() {
            let decided = self.light.decision(&self.plan, lane);
            // Without an eye there is no ratio to state.
            let open = decided.filter(|(_, q)| *q > 0.0);
            values[lane] = open.map_or(f64::NAN, |(_, q)| 20.0 * q.log10());
        }
        let errors = truth.bit_errors_mut(Signal::PreFecBer);
        for lane in lanes() {
            let ratio = self.found_ratio(lane);
            errors[lane] = ratio.map_or(BitErrors::ABSENT, |ratio| BitErrors {
                bits: if self.has_signal(lane) {
                    self.plan.bits_per_s[lane] * dt.value()
                } else {
                    0.0
                },
                ratio,
            });
        }
        let signals = truth.states_mut(Signal::ReceiveSignal);
        for (lane, state) in signals.iter_mut().enumerate() {
            *state = if self.has_signal(lane) {
                state::PRESENT
            } else {
                state::LOST
            };
        }
    }

    /// Finds which receivers have light.
    pub(super) fn find_signals(&mut self) {
        let lanes = self.plan.lanes.iter().zip(&self.light.is_decided_anew);
        for (lane, (of, is_new)) in lanes.enumerate() {
            let Some(model) = of.model else {
                self.has_signal[lane] = false;
                continue;
            };
            if !is_new {
                continue;
            }
            // Between two limits it keeps what it had.
            let least_q = if self.has_signal[lane] {
                LOST_BELOW_Q
            } else {
                BACK_ABOVE_Q
            };
            let light_w = self.light.arrived[lane].mean_w * self.harm.lanes[lane].responsivity;
            self.has_signal[lane] = light_w >= self.plan.models[model].detectable_w(least_q);
        }
    }

    /// Whether a receiver finds light.
    pub(super) fn has_signal(&self, lane: usize) -> bool {
        // Without power nobody looks.
        let engine = self.plan.lanes[lane].engine;
        self.has_signal[lane] && self.powers.engine(engine) == plant::PowerState::FullPower
    }

    /// Lanes of the die: what their receivers decide, and what engines hear of them.
    fn fill_hosts(&self, truth: &mut Truth, dt: Seconds) {
        let system = self.plan.system();
        for (lane, entity) in system.media_lanes.iter().enumerate() {
            let asic = system.engines[entity.engine.index()].asic.index();
            let hosts = entity.host_lanes.clone().map(|host| host as usize);
            let ratio = self.ratio_at_die(lane);
            let holds = self.is_on[asic] && self.reaches_die(lane);
            let finds = self.is_retimed(lane);
            let is_lit = self.plan.lanes[lane].model.is_some();
            truth.states_mut(Signal::ReceivePattern)[lane] = if finds && is_lit {
                self.found_pattern(lane)
            } else {
                Truth::NO_STATE
            };
            for host in hosts {
                let serdes = system.host_lanes[host].serdes.index();
                let is_driven = self.is_on[asic] && !self.harm.mute_hosts[host];
                truth.states_mut(Signal::HostInputLock)[host] = lock(is_driven);
                truth.states_mut(Signal::HostInputPattern)[host] = if finds {
                    self.pattern_at_input(lane, host)
                } else {
                    Truth::NO_STATE
                };
                self.fill_host_input(truth, (lane, host), is_driven, dt);
                truth.states_mut(Signal::SerdesLock)[serdes] = lock(holds);
                truth.states_mut(Signal::SerdesPattern)[serdes] = if holds {
                    self.pattern_at_die(lane)
                } else {
                    TestPattern::NO_STATE
                };
                truth.bit_errors_mut(Signal::SerdesBer)[serdes] = match ratio {
                    None => BitErrors::ABSENT,
                    Some(ratio) => BitErrors {
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

    /// What an engine that retimes decides at an electrical input.
    fn fill_host_input(
        &self,
        truth: &mut Truth,
        (lane, host): (usize, usize),
        is_driven: bool,
        dt: Seconds,
    ) {
        let model = self.plan.lanes[lane].model;
        let Some(input) = model.and_then(|model| self.plan.models[model].host_input()) else {
            return;
        };
        let engine = self.plan.lanes[lane].engine;
        let is_heard = is_driven && self.powers.engine(engine) == plant::PowerState::FullPower;
        let hosts = self.plan.system().media_lanes[lane].host_lanes.len();
        truth.bit_errors_mut(Signal::HostInputBer)[host] = BitErrors {
            bits: if is_heard {
                self.plan.bits_per_s[lane] * dt.value() / hosts as f64
            } else {
                0.0
            },
            ratio: input.bit_error_ratio,
        };
        let q = input.q.filter(|_| is_heard);
        truth.values_mut(Signal::HostInputSnr)[host] = q.map_or(f64::NAN, |q| 20.0 * q.log10());
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
        let were_up = self.flags.ports_up.iter().copied();
        let were_up = were_up.chain(std::iter::repeat(true));
        for ((up, was_up), flaps) in up.iter().zip(were_up).zip(truth.flaps_mut()) {
            *flaps = u32::from(was_up && !up);
        }
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
            if !self.reaches_die(lane) || !self.hears_its_own(lane) {
                return CodewordErrors::IDLE;
            }
            let ratio = self.ratio_at_die(lane).unwrap_or(0.5);
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
            self.reaches_die(lane) && self.hears_its_own(lane)
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
