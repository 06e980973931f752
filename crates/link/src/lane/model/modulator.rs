//! A modulator as plain numbers.

use photonics::modulation::LevelSpacing;
use photonics::mzm::MachZehnder;
use photonics::ring_modulator::RingModulator;
use photonics::self_heating::HeatedRing;
use system::parts::{self, Modulator};
use units::{Decibels, Meters, Radians, Watts};

use super::curve::Curve;
use super::{HeaterAct, LockState, MAX_LEVELS, RowRing, TransmitState};
use crate::convert;
use crate::lane::devices::ring_device;
use crate::lane::{LaneDesign, LaneFault};

/// What a modulator makes of light.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Modulated {
    /// Transmission of each level, rising.
    pub(super) levels: [f64; MAX_LEVELS],
    /// Share of the amplitude that the error of the lock leaves.
    pub(super) kept: f64,
    pub(super) heater_w: f64,
    pub(super) lock: LockState,
    /// Laser minus resonance of a ring, beyond what its lock keeps, m.
    pub(super) off_m: f64,
}

/// A modulator round its operating point.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ModulatorModel {
    designed: Modulated,
    drives: Drives,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    MachZehnder(Box<MachZehnder>, Option<BiasHeater>),
    /// A Mach-Zehnder modulator whose levels are measured: drive and bias do not change them.
    MeasuredMachZehnder,
    Ring(Box<RingModel>),
}

/// The heater that holds the bias of a Mach-Zehnder modulator. Its phase is in proportion to its
/// power.
#[derive(Debug, Clone, Copy, PartialEq)]
struct BiasHeater {
    rad_per_w: f64,
    /// Greatest power, W.
    rail_w: f64,
}

impl BiasHeater {
    /// None of a modulator that stands at its bias without power.
    fn of(part: &parts::MachZehnder) -> Option<Self> {
        let (phase, power) = (part.bias.value.value(), part.bias_power.value.value());
        (phase > 0.0 && power > 0.0).then(|| Self {
            rad_per_w: phase / power,
            rail_w: part.max_bias_power.value.value(),
        })
    }
}

/// A ring with its heater.
#[derive(Debug, Clone, PartialEq)]
struct RingModel {
    device: RingModulator,
    heated: HeatedRing,
    /// Laser minus resonance that the lock keeps, m. Away from its lock a measured ring is that of its
    /// part.
    detuning_m: f64,
    drift_m_per_k: f64,
    substrate_c: f64,
    /// Shift by heater and light together in the design, m.
    needed_m: f64,
    m_per_w: f64,
    rail_w: f64,
    /// What the rings beside it do in the design, as power of its own heater, W.
    neighbours_w: f64,
    /// Channels by which the rings of its bus are shifted in the design.
    channels: i32,
    /// Shift by the light of a locked ring, m/W over the level of the light, dBW.
    by_light: Curve,
}

impl ModulatorModel {
    pub(super) fn new(
        engine: &parts::Engine,
        design: &LaneDesign,
        substrate_c: f64,
        input_w: f64,
    ) -> Result<Self, LaneFault> {
        let incomplete = LaneFault::Incomplete {
            what: "a modulator",
        };
        let state = design.modulator.as_ref().ok_or(incomplete)?;
        let mut levels = [0.0; MAX_LEVELS];
        levels[..state.levels.len()].copy_from_slice(&state.levels);
        let designed = Modulated {
            levels,
            kept: state.lock_penalty.to_transmission(),
            heater_w: state.tuning_power.value(),
            lock: LockState::Locked,
            off_m: 0.0,
        };
        let kind = match &engine.modulator {
            Modulator::MachZehnder(part) if part.measured.is_some() => Kind::MeasuredMachZehnder,
            Modulator::MachZehnder(part) => {
                let device = Box::new(convert::mach_zehnder(part));
                Kind::MachZehnder(device, BiasHeater::of(part))
            }
            Modulator::RingModulator(part) => Kind::Ring(Box::new(RingModel::new(
                engine,
                part,
                design,
                substrate_c,
                input_w,
            )?)),
        };
        let n_levels = state.levels.len();
        let drives = match &kind {
            Kind::MachZehnder(device, _) => {
                drives(n_levels, device.spacing, |u| device.transmission(u))
            }
            Kind::Ring(ring) => drives(n_levels, ring.device.spacing, |u| {
                ring.transmission(ring.detuning_m, u)
            }),
            Kind::MeasuredMachZehnder => [0.0; MAX_LEVELS],
        };
        Ok(Self {
            designed,
            drives,
            kind,
        })
    }

    pub(super) fn drift_m_per_k(&self) -> f64 {
        match &self.kind {
            Kind::Ring(ring) => ring.drift_m_per_k,
            Kind::MachZehnder(..) | Kind::MeasuredMachZehnder => 0.0,
        }
    }

    /// The ring, for the row that it stands in.
    pub(super) fn row(&self, wavelength_m: f64) -> Option<RowRing> {
        match &self.kind {
            Kind::Ring(ring) => Some(RowRing {
                wavelength_m,
                fsr_m: ring.device.ring.free_spectral_range().value(),
                m_per_w: ring.m_per_w,
                rail_w: ring.rail_w,
                channels: ring.channels,
            }),
            Kind::MachZehnder(..) | Kind::MeasuredMachZehnder => None,
        }
    }

    /// What the rings beside it do in the design, W.
    pub(super) fn neighbours_w(&self) -> f64 {
        match &self.kind {
            Kind::Ring(ring) => ring.neighbours_w,
            Kind::MachZehnder(..) | Kind::MeasuredMachZehnder => 0.0,
        }
    }

    /// What a change of wavelength and temperature asks of the heater of a ring, W.
    pub(super) fn moved_w(&self, shift_m: f64, warmer_k: f64) -> f64 {
        match &self.kind {
            Kind::Ring(ring) => (shift_m - ring.drift_m_per_k * warmer_k) / ring.m_per_w,
            Kind::MachZehnder(..) | Kind::MeasuredMachZehnder => 0.0,
        }
    }

    /// What the heater of a ring would need without its neighbours, W.
    pub(super) fn needed_w(&self, input_w: f64, state: &TransmitState) -> f64 {
        match &self.kind {
            Kind::Ring(ring) => {
                (ring.needed_m(state) - ring.shift_by_light(input_w)) / ring.m_per_w
            }
            Kind::MachZehnder(..) | Kind::MeasuredMachZehnder => 0.0,
        }
    }

    /// The heater after a change of wavelength, temperature, what its neighbours do, and drift of the
    /// bias; none where the light changes with it.
    pub(super) fn follow_heater(
        &self,
        (heater_w, lock): (f64, LockState),
        (shift_m, warmer_k, warmed_w): (f64, f64, f64),
        drift_rad: f64,
    ) -> Option<f64> {
        // A Mach-Zehnder modulator knows neither temperature nor wavelength, a ring no bias.
        let (moved, per_w, rail_w) = match &self.kind {
            Kind::MeasuredMachZehnder => return Some(heater_w),
            Kind::MachZehnder(_, None) => return (drift_rad == 0.0).then_some(heater_w),
            Kind::MachZehnder(_, Some(heater)) => (-drift_rad, heater.rad_per_w, heater.rail_w),
            Kind::Ring(ring) => {
                let moved_m = shift_m - ring.drift_m_per_k * warmer_k - ring.m_per_w * warmed_w;
                (moved_m, ring.m_per_w, ring.rail_w)
            }
        };
        if lock == LockState::Unlocked {
            return (moved == 0.0).then_some(heater_w);
        }
        let asked_w = heater_w + moved / per_w;
        (0.0..=rail_w).contains(&asked_w).then_some(asked_w)
    }

    /// The modulator under `input_w` of light.
    pub(super) fn at(&self, input_w: f64, state: &TransmitState, n_levels: usize) -> Modulated {
        match &self.kind {
            Kind::MeasuredMachZehnder => self.designed,
            Kind::MachZehnder(device, heater) => {
                self.mach_zehnder((device, *heater), state, n_levels)
            }
            Kind::Ring(ring) => ring.at((&self.designed, &self.drives), input_w, state, n_levels),
        }
    }

    /// A bias loop takes out what the phase between the arms drifts, within the rails of its heater;
    /// at a rail it stays, without going on a whole turn away, and the rest of the drift bends the
    /// levels. A drift that no loop takes out does so whole.
    fn mach_zehnder(
        &self,
        (device, heater): (&MachZehnder, Option<BiasHeater>),
        state: &TransmitState,
        n_levels: usize,
    ) -> Modulated {
        let designed_w = self.designed.heater_w;
        let drift_rad = state.bias_drift_rad;
        let (heater_w, lock, error_rad) = match (state.heater, heater) {
            (HeaterAct::Locked, None) => (designed_w, LockState::Locked, drift_rad),
            (HeaterAct::Held(watts), None) => (watts, LockState::Unlocked, drift_rad),
            (HeaterAct::Locked, Some(of)) => {
                let asked_w = designed_w - drift_rad / of.rad_per_w;
                let heater_w = asked_w.clamp(0.0, of.rail_w);
                if (0.0..=of.rail_w).contains(&asked_w) {
                    (heater_w, LockState::Locked, 0.0)
                } else {
                    let left_rad = (heater_w - asked_w) * of.rad_per_w;
                    (heater_w, LockState::Unlocked, left_rad)
                }
            }
            (HeaterAct::Held(watts), Some(of)) => {
                let by_heater_rad = (watts - designed_w) * of.rad_per_w;
                (watts, LockState::Unlocked, by_heater_rad + drift_rad)
            }
        };
        let bias = device.bias + Radians::new(error_rad);
        #[expect(
            clippy::float_cmp,
            reason = "exactly what the description says, or not"
        )]
        let is_designed = state.swing == 1.0 && bias == device.bias;
        if is_designed {
            return Modulated {
                heater_w,
                lock,
                ..self.designed
            };
        }
        let device = MachZehnder {
            drive_voltage: device.drive_voltage * state.swing,
            bias,
            ..*device
        };
        let levels = driven(&self.drives, n_levels, |u| device.transmission(u));
        Modulated {
            levels,
            heater_w,
            lock,
            ..self.designed
        }
    }
}

/// Drives from -1/2 to 1/2 of the described swing.
type Drives = [f64; MAX_LEVELS];

/// The levels of light at some drives, in the order of their power: drives that run over a peak or
/// a null fold them.
fn driven(drives: &Drives, n_levels: usize, transmission: impl Fn(f64) -> f64) -> Drives {
    let mut levels = [0.0; MAX_LEVELS];
    for (level, drive) in levels[..n_levels].iter_mut().zip(drives) {
        *level = transmission(*drive);
    }
    levels[..n_levels].sort_by(f64::total_cmp);
    levels
}

/// The drives of a modulator as designed: even ones, or those that make its light even.
fn drives(n_levels: usize, spacing: LevelSpacing, transmission: impl Fn(f64) -> f64) -> Drives {
    let mut drives = [0.0; MAX_LEVELS];
    let last = (n_levels - 1) as f64;
    let (first, top) = (transmission(-0.5), transmission(0.5));
    for (k, drive) in drives[..n_levels].iter_mut().enumerate() {
        let place = k as f64 / last;
        *drive = match spacing {
            LevelSpacing::EvenDrive => place - 0.5,
            LevelSpacing::EvenLight => {
                let wanted = first + (top - first) * place;
                let (mut low, mut high) = (-0.5, 0.5);
                for _ in 0..BISECTIONS {
                    let middle = f64::midpoint(low, high);
                    if (transmission(middle) < wanted) == (first < top) {
                        low = middle;
                    } else {
                        high = middle;
                    }
                }
                f64::midpoint(low, high)
            }
        };
    }
    drives
}

/// Halvings that bring a drive to rounding.
const BISECTIONS: usize = 52;

impl RingModel {
    fn new(
        engine: &parts::Engine,
        part: &parts::RingModulator,
        design: &LaneDesign,
        substrate_c: f64,
        input_w: f64,
    ) -> Result<Self, LaneFault> {
        let incomplete = |what| LaneFault::Incomplete { what };
        let state = design.modulator.as_ref().ok_or(incomplete("a modulator"))?;
        let heater = state.heater.ok_or(incomplete("a heater"))?;
        let detuning = state.detuning.ok_or(incomplete("a detuning"))?;
        let laser = design.laser.ok_or(incomplete("a laser"))?;
        let (device, heated) = ring_device(engine, part, laser.point.wavelength, heater.drift);
        // From -60 to 30 dBm, a quarter of a decibel apart.
        let by_light = Curve::new(-90.0, 0.25, 361, |level| {
            let watts = Decibels::new(level).to_ratio();
            let state = heated.locked_state(Watts::new(watts), detuning)?;
            Ok(state.shift.value() / watts)
        })?;
        let mut model = Self {
            device,
            heated,
            detuning_m: detuning.value(),
            drift_m_per_k: heater.drift.value(),
            substrate_c,
            needed_m: heater.shift.value(),
            m_per_w: part.heater_efficiency.value.value(),
            rail_w: part.max_heater_power.value.value(),
            neighbours_w: (heater.shift / part.heater_efficiency.value - heater.power).value(),
            channels: heater.channels,
            by_light,
        };
        model.needed_m += model.shift_by_light(input_w);
        Ok(model)
    }

    fn shift_by_light(&self, input_w: f64) -> f64 {
        let level = 10.0 * input_w.max(f64::MIN_POSITIVE).log10();
        self.by_light.at(level) * input_w
    }

    /// Shift by heaters and light together. A warmer substrate does a part of the work, a longer wave
    /// and a farther channel ask for more.
    fn needed_m(&self, state: &TransmitState) -> f64 {
        self.needed_m + state.wavelength_shift_m + state.tuning_m
            - self.drift_m_per_k * (state.substrate_c - self.substrate_c)
    }

    /// Transmission at a drive from -1/2 to 1/2 with the laser so far from the resonance at rest.
    fn transmission(&self, detuning_m: f64, drive: f64) -> f64 {
        let device = &self.device;
        let mean = device.resonance_shift(device.bias);
        let driven = device.bias + device.drive_voltage * drive;
        let shift = device.resonance_shift(driven) - mean;
        device.bus_loss.to_transmission() * device.ring.through(Meters::new(detuning_m) - shift)
    }

    fn at(
        &self,
        (designed, drives): (&Modulated, &Drives),
        input_w: f64,
        state: &TransmitState,
        n_levels: usize,
    ) -> Modulated {
        let needed_m = self.needed_m(state);
        let by_light_m = self.shift_by_light(input_w);
        let asked_w = (needed_m - by_light_m) / self.m_per_w - state.neighbours_w;
        let (heater_w, lock) = match state.heater {
            HeaterAct::Locked if (0.0..=self.rail_w).contains(&asked_w) => {
                (asked_w, LockState::Locked)
            }
            HeaterAct::Locked => (asked_w.clamp(0.0, self.rail_w), LockState::Unlocked),
            HeaterAct::Held(watts) => (watts, LockState::Unlocked),
        };
        #[expect(
            clippy::float_cmp,
            reason = "exactly what the description says, or not"
        )]
        let is_driven = state.swing == 1.0;
        if lock == LockState::Locked && is_driven {
            return Modulated {
                heater_w,
                lock,
                ..*designed
            };
        }
        let detuning_m = if lock == LockState::Locked {
            self.detuning_m
        } else {
            // Laser minus the resonance without light; the light settles where it can.
            let by_heaters_m = (heater_w + state.neighbours_w) * self.m_per_w;
            let cold = Meters::new(self.detuning_m + needed_m - by_heaters_m);
            let states = self.heated.steady_states(Watts::new(input_w), cold);
            let states = states.unwrap_or_default();
            let settled = states.iter().find(|state| state.is_stable);
            settled.map_or(cold, |state| cold - state.shift).value()
        };
        let levels = driven(drives, n_levels, |u| {
            self.transmission(detuning_m, u * state.swing)
        });
        Modulated {
            levels,
            // The error of a lock that does not hold is in the detuning.
            kept: if lock == LockState::Locked {
                designed.kept
            } else {
                1.0
            },
            heater_w,
            lock,
            off_m: detuning_m - self.detuning_m,
        }
    }
}
