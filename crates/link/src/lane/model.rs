//! A lane as plain numbers, for states that differ from its description and change in time.
//!
//! [`LaneModel::new`] reads everything off a solved [`LaneDesign`]; [`LaneModel::transmit`],
//! [`LaneModel::arrive`] and [`LaneModel::receive`] then follow the light from the laser to the
//! noise of the receiver in a fraction of a microsecond. What is expensive and smooth (absorption
//! that rises with power, the heat of light in a ring, the equaliser) is interpolated between exact
//! values; at the state of the design the result is that of the design.
//!
//! Deliberately absent: the laser under its control (many lanes share it), anything that has a
//! time constant, faults by name, and the far end of another system: whoever joins two lanes hands
//! the light of one to the other.

mod curve;
mod modulator;

use photonics::laser::Laser;
use photonics::waveguide::NonlinearAbsorption;
use serde::{Deserialize, Serialize};
use system::{LaserHome, MediaLaneId, System, parts};
use units::constants::SPEED_OF_LIGHT;
use units::{Decibels, Meters, Watts};

use self::curve::Curve;
use self::modulator::ModulatorModel;
use super::decision::{equaliser_at, is_bounded, spread_over_spacing};
use super::filter::filter_ring;
use super::{HostInput, LaneDesign, LaneFault, modulation};
use crate::batch::LaneBatch;
use crate::element::{Element, Plane};
use crate::fec::FecCode;
use crate::{
    Conditions, Impairments, Interference, InterferenceModel, Modulation, Reception, convert,
};

/// Most levels of a signal.
pub const MAX_LEVELS: usize = 4;

/// Relative change of laser light up to which [`LaneModel::follow_heater`] takes it for the same:
/// 0.0005 dB, which moves the error ratio of an eye of Q by less than `0.43 Q^2 1e-4` decades.
pub const SAME_LIGHT: f64 = 1e-4;

/// Powers of the levels, rising, W; those beyond the number of levels are zero.
pub type LevelPowers = [f64; MAX_LEVELS];

/// `10^(-L / 10)`.
#[inline]
fn passed(loss_db: f64) -> f64 {
    (-loss_db * (std::f64::consts::LN_10 / 10.0)).exp()
}

/// What drives a heater.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum HeaterAct {
    /// Its lock.
    Locked,
    /// A held power, W; zero where the heater is open.
    Held(f64),
}

/// How far the lock of a modulator or filter has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LockState {
    /// It does not hold.
    Unlocked,
    /// It holds.
    Locked,
}

/// The transmitting half of a lane where it differs from its description.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TransmitState {
    /// Light of the laser at the plane of `Element::Laser`, W.
    pub laser_w: f64,
    /// Wavelength against that of the design, m.
    pub wavelength_shift_m: f64,
    /// Temperature of the photonic die, C.
    pub substrate_c: f64,
    /// Loss beyond the described one between laser and input coupler, dB.
    pub feed_db: f64,
    /// The same in the input coupler.
    pub coupler_db: f64,
    /// The same in the splitter.
    pub splitter_db: f64,
    /// The same in the output coupler.
    pub output_db: f64,
    /// Share of the described drive that reaches the modulator; zero without data.
    pub swing: f64,
    /// What the phase between the arms of a Mach-Zehnder modulator has drifted by, rad, before its
    /// bias loop takes that out.
    pub bias_drift_rad: f64,
    /// Who drives the heater of the modulator.
    pub heater: HeaterAct,
    /// How much farther a ring has to be tuned than in the design, m: to the channel that it serves
    /// in place of the one of the design.
    pub tuning_m: f64,
    /// What the heaters beside a ring do for it, as power of its own heater, W.
    pub neighbours_w: f64,
}

/// What leaves a lane.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sent {
    /// Light ahead of the input coupler, W.
    pub fed_w: f64,
    /// Light behind it, W: the tap `MPD_in`.
    pub input_w: f64,
    /// Mean light behind the modulator, W: the tap `MPD_tx`.
    pub mean_w: f64,
    /// Outer modulation amplitude there, W.
    pub amplitude_w: f64,
    /// Levels behind the output coupler, W: test point TP2.
    pub levels_w: LevelPowers,
    /// Power of the modulator's heater, W.
    pub heater_w: f64,
    /// Whether the modulator is held where it works.
    pub lock: LockState,
    /// How far the resonance of a ring is from where its lock keeps it, Hz; positive above. Zero in
    /// lock, and without a ring.
    pub detuning_hz: f64,
}

/// The receiving half of a lane where it differs from its description.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ReceiveState {
    /// Temperature of the photonic die, C.
    pub substrate_c: f64,
    /// Share of the described responsivity.
    pub responsivity: f64,
    /// Amplifier noise over the described one.
    pub noise: f64,
    /// Relative power of a reflected interferer beyond the described ones.
    pub interferer: f64,
}

/// What arrives at a photodiode.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Arrived {
    /// Mean light, W.
    pub mean_w: f64,
    /// Outer modulation amplitude, W.
    pub amplitude_w: f64,
}

/// The laser of a lane: its device and what its control holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LaserModel {
    /// The device as described.
    pub device: Laser,
    /// Set-point of the power control, W.
    pub set_point_w: f64,
    /// From the emitted power to the plane of `Element::Laser`, dB.
    pub output_db: f64,
    /// Wavelength in the design, m.
    pub wavelength_m: f64,
    /// Temperature of its junction in the design, C.
    pub junction_c: f64,
}

/// Loss of mean power and of amplitude, dB.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Path {
    mean_db: f64,
    amplitude_db: f64,
}

/// From the input coupler to the modulator.
#[derive(Debug, Clone, PartialEq)]
struct Routing {
    linear_db: f64,
    /// Absorption that rises with power, dB for each watt over the light in the guide.
    excess: Option<Curve>,
    lasers_in_guide: f64,
}

/// The ring that drops a lane's wavelength at its receiver.
#[derive(Debug, Clone, Copy, PartialEq)]
struct FilterModel {
    drift_m_per_k: f64,
    substrate_c: f64,
    /// Shift by its heater in the design, m.
    needed_m: f64,
    m_per_w: f64,
    rail_w: f64,
    linewidth_m: f64,
    row: RowRing,
}

/// A ring of a lane, as far as the row that it stands in has to know it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowRing {
    /// Wavelength of the lane in the design, m.
    pub wavelength_m: f64,
    /// Free spectral range, m.
    pub fsr_m: f64,
    /// Shift of the resonance by its heater, m/W.
    pub m_per_w: f64,
    /// Greatest power of its heater, W.
    pub rail_w: f64,
    /// By how many channels the rings of the row are shifted in the design.
    pub channels: i32,
}

/// Where the heater of a filter has settled.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FilterPoint {
    /// Its power, W.
    pub heater_w: f64,
    /// Whether it holds the filter on its wavelength.
    pub lock: LockState,
    /// Loss of a filter that is not held, beyond that of one that is, dB.
    pub loss_db: f64,
    /// How far its resonance is from where its lock keeps it, Hz; positive above.
    pub detuning_hz: f64,
}

/// The receiver.
#[derive(Debug, Clone, PartialEq)]
struct ReceiverModel {
    nominal: Reception,
    /// Temperature at which the dark current is that of `nominal`, C.
    substrate_c: f64,
    /// Amplitude of the levels at the design, A.
    amplitude_a: f64,
    /// Mean light at the design, W, and the Q of the worst eye.
    mean_w: f64,
    q: f64,
    /// Over the amplitude relative to that of the design, dB.
    noise_bandwidth_hz: Curve,
    isi: Curve,
    density_a_per_rthz: Curve,
    /// What else disturbs the slicer, as a variance over that of the levels.
    other_variance: f64,
    /// Relative power of all interferers of the design.
    strongest: f64,
    rest: f64,
    /// The strongest of them.
    greatest_ratio: f64,
}

/// A lane as plain numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct LaneModel {
    modulation: Modulation,
    laser: LaserModel,
    feed_db: f64,
    input_db: f64,
    routing: Routing,
    splitter_db: f64,
    modulator: ModulatorModel,
    output_db: f64,
    path: Path,
    outside_db: f64,
    filter: Option<FilterModel>,
    receiver: ReceiverModel,
    host_ber: f64,
    host_input: Option<HostInput>,
    fec: FecCode,
}

impl LaneModel {
    /// A lane of a system whose design has been solved, towards a receiver of equal parts at equal
    /// temperature.
    ///
    /// # Errors
    /// The design is dark: why. A model out of its range.
    pub fn new(
        system: &System,
        lane: MediaLaneId,
        design: &LaneDesign,
        conditions: &Conditions,
    ) -> Result<Self, LaneFault> {
        let solution = design.outcome.as_ref().map_err(Clone::clone)?;
        let entity = &system.media_lanes[lane.index()];
        let engine = &system.description.engine[design.engine_group].value;
        let substrate_c = conditions.engines[entity.engine.index()].value().value();
        let home = system.lasers[entity.laser.index()].home;
        let incomplete = |what| LaneFault::Incomplete { what };
        let (Some(laser), Some(reception)) = (design.laser, &design.reception) else {
            return Err(incomplete("a laser and a receiver"));
        };
        let loss = |of: &[Element]| -> f64 {
            let planes = design.planes.0.iter();
            let planes = planes.filter(|plane| of.contains(&plane.element));
            planes.map(|plane| plane.loss.value()).sum()
        };
        let plane = |of: Element| design.planes.after(of);
        let (Some(launched), Some(sent)) = (plane(Element::Laser), plane(Element::OutputCoupler))
        else {
            return Err(incomplete("its planes"));
        };
        let arrived = design.planes.last().ok_or(incomplete("its planes"))?;
        let launched_w = launched.average.to_watts().value();
        let at_modulator = plane(Element::Splitter).ok_or(incomplete("a splitter"))?;
        Ok(Self {
            modulation: modulation(engine),
            laser: LaserModel {
                device: convert::laser_device(laser_part(system, home, engine)?),
                set_point_w: laser.point.power.value(),
                output_db: 10.0 * (laser.point.power.value() / launched_w).log10(),
                wavelength_m: laser.point.wavelength.value(),
                junction_c: laser.point.junction_temperature.value(),
            },
            feed_db: loss(&[
                Element::LaserMate,
                Element::LaserFibre,
                Element::LaserConnectors,
            ]),
            input_db: loss(&[Element::InputCoupler]),
            routing: routing(system, home, engine, laser.point.wavelength)?,
            splitter_db: loss(&[Element::Splitter]),
            modulator: ModulatorModel::new(
                engine,
                design,
                substrate_c,
                at_modulator.average.to_watts().value(),
            )?,
            output_db: loss(&[Element::Multiplexer, Element::OutputCoupler]),
            path: path(sent, arrived)?,
            outside_db: loss(&[
                Element::OutputCoupler,
                Element::Connectors,
                Element::Shuffle,
                Element::Fibre,
                Element::ReceiveCoupler,
            ]),
            filter: filter(engine, design, laser.point.wavelength, substrate_c),
            receiver: ReceiverModel::new(system, engine, design, reception, substrate_c)?,
            host_ber: solution.host_ber,
            host_input: solution.host_input,
            fec: design.fec,
        })
    }

    /// The laser and its control.
    pub const fn laser(&self) -> &LaserModel {
        &self.laser
    }

    /// Change of the modulator's resonance with temperature, m/K; zero without a ring.
    pub fn drift_m_per_k(&self) -> f64 {
        self.modulator.drift_m_per_k()
    }

    /// Levels of the signal.
    pub const fn modulation(&self) -> Modulation {
        self.modulation
    }

    /// Error ratio of the electrical segments that reach the same decoder.
    pub const fn host_ber(&self) -> f64 {
        self.host_ber
    }

    /// What the engine decides at its electrical input; none of a linear engine.
    pub const fn host_input(&self) -> Option<HostInput> {
        self.host_input
    }

    /// The code.
    pub const fn fec(&self) -> FecCode {
        self.fec
    }

    /// Mean light at the photodiode at which the described signal would have an eye of `q` standard
    /// deviations under the noise of the amplifier alone, W: what a detector of light can tell from
    /// none.
    pub fn detectable_w(&self, q: f64) -> f64 {
        self.receiver.mean_w * q / self.receiver.q
    }

    /// Relative power of the strongest light over two reflections in the design.
    pub const fn strongest_reflection(&self) -> f64 {
        self.receiver.greatest_ratio
    }

    /// The state of the design.
    pub fn as_designed(&self) -> (TransmitState, ReceiveState) {
        let substrate_c = self.receiver.substrate_c;
        let transmit = TransmitState {
            laser_w: self.laser.set_point_w * passed(self.laser.output_db),
            wavelength_shift_m: 0.0,
            substrate_c,
            feed_db: 0.0,
            coupler_db: 0.0,
            splitter_db: 0.0,
            output_db: 0.0,
            swing: 1.0,
            bias_drift_rad: 0.0,
            heater: HeaterAct::Locked,
            tuning_m: 0.0,
            neighbours_w: self.modulator.neighbours_w(),
        };
        let receive = ReceiveState {
            substrate_c,
            responsivity: 1.0,
            noise: 1.0,
            interferer: 0.0,
        };
        (transmit, receive)
    }

    /// The ring that modulates, if a ring does.
    pub fn modulator_ring(&self) -> Option<RowRing> {
        self.modulator.row(self.laser.wavelength_m)
    }

    /// The ring that drops the wavelength of the lane, if a ring does.
    pub fn filter_ring(&self) -> Option<RowRing> {
        self.filter.map(|of| of.row)
    }

    /// Light ahead of the input coupler, behind it, and at the modulator, W.
    fn feed(&self, state: &TransmitState) -> [f64; 3] {
        let fed_w = state.laser_w * passed(self.feed_db + state.feed_db);
        let input_w = fed_w * passed(self.input_db + state.coupler_db);
        let in_guide_w = input_w * self.routing.lasers_in_guide;
        let excess = self.routing.excess.as_ref();
        let excess_db = excess.map_or(0.0, |per_watt| {
            per_watt.at(10.0 * in_guide_w.max(f64::MIN_POSITIVE).log10()) * in_guide_w
        });
        let at_modulator_w = input_w
            * passed(self.routing.linear_db + excess_db + self.splitter_db + state.splitter_db);
        [fed_w, input_w, at_modulator_w]
    }

    /// What the heater of the ring that modulates would need without its neighbours, W, of any sign;
    /// zero without a ring. `followed` is a state for which it is known.
    pub fn needed_w(&self, followed: Option<(&TransmitState, f64)>, now: &TransmitState) -> f64 {
        if let Some((before, needed_w)) = followed
            && is_same_light(before, now)
        {
            let shift_m =
                now.wavelength_shift_m - before.wavelength_shift_m + now.tuning_m - before.tuning_m;
            let warmer_k = now.substrate_c - before.substrate_c;
            return needed_w + self.modulator.moved_w(shift_m, warmer_k);
        }
        let [_, _, at_modulator_w] = self.feed(now);
        self.modulator.needed_w(at_modulator_w, now)
    }

    /// Follows the light from the laser to behind the output coupler.
    pub fn transmit(&self, state: &TransmitState) -> Sent {
        let [fed_w, input_w, at_modulator_w] = self.feed(state);
        let n = self.modulation.n_levels();
        let modulated = self.modulator.at(at_modulator_w, state, n);
        let mean = modulated.levels[..n].iter().sum::<f64>() / n as f64;
        let out = at_modulator_w * passed(self.output_db + state.output_db);
        let mut levels_w = LevelPowers::default();
        for (level_w, level) in levels_w.iter_mut().zip(&modulated.levels[..n]) {
            *level_w = out * (mean + (level - mean) * modulated.kept);
        }
        Sent {
            fed_w,
            input_w,
            mean_w: at_modulator_w * mean,
            amplitude_w: at_modulator_w * (modulated.levels[n - 1] - modulated.levels[0]),
            levels_w,
            heater_w: modulated.heater_w,
            lock: modulated.lock,
            detuning_hz: self.frequency_hz(modulated.off_m),
        }
    }

    /// A small shift of wavelength as one of frequency the other way, `c d / lambda^2`: a resonance that
    /// falls short of a wavelength lies above its frequency.
    fn frequency_hz(&self, short_by_m: f64) -> f64 {
        let wavelength_m = self.laser.wavelength_m;
        short_by_m * SPEED_OF_LIGHT / (wavelength_m * wavelength_m)
    }

    /// The heater in a new state whose light is, within [`SAME_LIGHT`], that of a state followed
    /// before, with the heater and lock of then; none where the light has to be followed anew.
    ///
    /// A lock that holds keeps the modulator where it works: only its heater follows temperature and
    /// wavelength, or the drift of a bias, by the shift that it has to make over the shift that a watt
    /// of it makes.
    pub fn follow_heater(
        &self,
        before: &TransmitState,
        (heater_w, lock): (f64, LockState),
        now: &TransmitState,
    ) -> Option<f64> {
        if !is_same_light(before, now) {
            return None;
        }
        let shift_m =
            now.wavelength_shift_m - before.wavelength_shift_m + now.tuning_m - before.tuning_m;
        let warmed_w = now.neighbours_w - before.neighbours_w;
        let warmer_k = now.substrate_c - before.substrate_c;
        let drift_rad = now.bias_drift_rad - before.bias_drift_rad;
        self.modulator
            .follow_heater((heater_w, lock), (shift_m, warmer_k, warmed_w), drift_rad)
    }

    /// The levels at the photodiode of light that left as `sent_w`, with a loss beyond the described
    /// one on the way, dB.
    pub fn arrive(&self, sent_w: &LevelPowers, extra_db: f64) -> LevelPowers {
        let n = self.modulation.n_levels();
        let mean_w = sent_w[..n].iter().sum::<f64>() / n as f64;
        let mean = passed(self.path.mean_db + extra_db);
        let swing = passed(self.path.amplitude_db + extra_db);
        let mut levels_w = LevelPowers::default();
        for (level_w, sent_w) in levels_w.iter_mut().zip(&sent_w[..n]) {
            *level_w = mean_w * mean + (sent_w - mean_w) * swing;
        }
        levels_w
    }

    /// What light that is turned back inside the engine, from the transmitter's end to the receiver's,
    /// does not lose: both couplers and all between them, dB. The switch that turns it is without loss,
    /// and the fading of the fibre's dispersion stays.
    pub const fn outside_db(&self) -> f64 {
        self.outside_db
    }

    /// The heater of the ring that drops the lane's wavelength, on a die of this temperature; none
    /// where no ring does.
    ///
    /// A ring that is not held passes `1 / (1 + (2 d / W)^2)` of what it drops on resonance, with its
    /// distance `d` from the wavelength and its linewidth `W`. `needed_w` is what its heater would need
    /// without its neighbours ([`Self::filter_needed_w`]), and `neighbours_w` what they do.
    pub fn filter(
        &self,
        needed_w: f64,
        neighbours_w: f64,
        heater: HeaterAct,
    ) -> Option<FilterPoint> {
        let of = self.filter?;
        let asked_w = needed_w - neighbours_w;
        let heater_w = match heater {
            HeaterAct::Locked => asked_w.clamp(0.0, of.rail_w),
            HeaterAct::Held(watts) => watts,
        };
        let short_by_m = (asked_w - heater_w) * of.m_per_w;
        let off = 2.0 * short_by_m / of.linewidth_m;
        Some(FilterPoint {
            heater_w,
            lock: if off == 0.0 && heater == HeaterAct::Locked {
                LockState::Locked
            } else {
                LockState::Unlocked
            },
            loss_db: 10.0 * (1.0 + off * off).log10(),
            detuning_hz: self.frequency_hz(short_by_m),
        })
    }

    /// What the heater of the ring that drops the lane's wavelength would need without its neighbours,
    /// W, of any sign, on a die of this temperature and tuned so much farther than in the design; zero
    /// without such a ring.
    pub fn filter_needed_w(&self, substrate_c: f64, tuning_m: f64) -> f64 {
        self.filter.map_or(0.0, |of| {
            let warmer_k = substrate_c - of.substrate_c;
            (of.needed_m + tuning_m - of.drift_m_per_k * warmer_k) / of.m_per_w
        })
    }

    /// An empty place of a batch for this lane, as designed.
    ///
    /// # Errors
    /// A reception that batches do not take.
    pub fn join(&self, batch: &mut LaneBatch) -> Result<(), LaneFault> {
        let mut reception = self.receiver.nominal.clone();
        reception.impairments = Impairments {
            // Set with the light.
            interference: Interference::default(),
            ..reception.impairments
        };
        Ok(batch.push(&reception, self.fec)?)
    }

    /// Puts the light at the photodiode and the state of the receiver into the lane's place of a
    /// batch.
    ///
    /// # Panics
    /// When there is no such place.
    pub fn receive(
        &self,
        levels_w: &LevelPowers,
        state: &ReceiveState,
        batch: &mut LaneBatch,
        place: usize,
    ) -> Arrived {
        let n = self.modulation.n_levels();
        let of = &self.receiver;
        let amplitude_w = levels_w[n - 1] - levels_w[0];
        let responsivity = of.nominal.receiver.responsivity.value() * state.responsivity;
        let relative =
            (amplitude_w * responsivity / (of.amplitude_a * state.noise)).max(f64::MIN_POSITIVE);
        let relative_db = 10.0 * relative.log10();
        let density = of.density_a_per_rthz.at(relative_db) * state.noise;
        let warmer_k = state.substrate_c - of.substrate_c;
        let dark_a = of.nominal.receiver.dark_current.value()
            * (warmer_k / convert::DARK_DOUBLING.value()).exp2();
        let isi = of.isi.at(relative_db);
        batch.set_light(place, &levels_w[..n]);
        batch.set_receiver(
            place,
            responsivity,
            dark_a,
            density * density,
            of.noise_bandwidth_hz.at(relative_db),
            isi * isi + of.other_variance,
        );
        if state.interferer > of.strongest {
            batch.set_interference(place, state.interferer, of.rest + of.strongest);
        } else {
            batch.set_interference(place, of.strongest, of.rest + state.interferer);
        }
        Arrived {
            mean_w: levels_w[..n].iter().sum::<f64>() / n as f64,
            amplitude_w,
        }
    }
}

/// Whether a state lets the light be, within [`SAME_LIGHT`], that of another one while its lock holds.
fn is_same_light(before: &TransmitState, now: &TransmitState) -> bool {
    let light = now.laser_w - before.laser_w;
    let is_as_bright = light.abs() <= SAME_LIGHT * before.laser_w;
    let is_unchanged = TransmitState {
        laser_w: before.laser_w,
        wavelength_shift_m: before.wavelength_shift_m,
        substrate_c: before.substrate_c,
        bias_drift_rad: before.bias_drift_rad,
        tuning_m: before.tuning_m,
        neighbours_w: before.neighbours_w,
        ..*now
    } == *before;
    is_as_bright && is_unchanged
}

/// The laser of a lane.
fn laser_part<'a>(
    system: &'a System,
    home: LaserHome,
    engine: &'a parts::Engine,
) -> Result<&'a parts::Laser, LaneFault> {
    match home {
        LaserHome::Module(module, _) => {
            let group = system.laser_modules[module.index()].group;
            Ok(&system.description.laser_module[group].value.laser)
        }
        LaserHome::Engine(_) => {
            let missing = LaneFault::Incomplete { what: "a laser" };
            engine.laser.as_deref().ok_or(missing)
        }
    }
}

fn filter(
    engine: &parts::Engine,
    design: &LaneDesign,
    wavelength: Meters,
    substrate_c: f64,
) -> Option<FilterModel> {
    let heater = design.filter_heater?;
    let Some(parts::Demultiplexer::RingFilter(ring)) = &engine.demultiplexer else {
        return None;
    };
    let resonator = filter_ring(ring, wavelength);
    let row = RowRing {
        wavelength_m: wavelength.value(),
        fsr_m: resonator.free_spectral_range().value(),
        m_per_w: ring.heater_efficiency.value.value(),
        rail_w: ring.max_heater_power.value.value(),
        channels: heater.channels,
    };
    Some(FilterModel {
        drift_m_per_k: heater.drift.value(),
        substrate_c,
        needed_m: heater.shift.value(),
        m_per_w: ring.heater_efficiency.value.value(),
        rail_w: ring.max_heater_power.value.value(),
        linewidth_m: resonator.linewidth().value(),
        row,
    })
}

/// Losses between two planes of a design.
fn path(sent: &Plane, arrived: &Plane) -> Result<Path, LaneFault> {
    let incomplete = LaneFault::Incomplete {
        what: "a modulated signal",
    };
    let (Some(before), Some(after)) = (sent.oma, arrived.oma) else {
        return Err(incomplete);
    };
    Ok(Path {
        mean_db: (sent.average - arrived.average).value(),
        amplitude_db: (before - after).value(),
    })
}

fn routing(
    system: &System,
    home: LaserHome,
    engine: &parts::Engine,
    wavelength: Meters,
) -> Result<Routing, LaneFault> {
    let platform = &engine.platform;
    let (length, guide_loss) = (engine.routing_length.value, platform.guide_loss.value);
    let in_guide = match home {
        LaserHome::Module(module, _) => {
            let group = system.laser_modules[module.index()].group;
            let module = &system.description.laser_module[group].value;
            module.wavelengths_per_fibre.unwrap_or(1)
        }
        LaserHome::Engine(_) => 1,
    };
    let beats = 2.0 - 1.0 / f64::from(in_guide);
    let excess = convert::nonlinear(platform).map(|absorption| {
        let absorption = NonlinearAbsorption {
            two_photon: absorption.two_photon * beats,
            ..absorption
        };
        // From -40 to 30 dBm, a quarter of a decibel apart.
        Curve::new(-70.0, 0.25, 281, |level| {
            let watts = Decibels::new(level).to_ratio();
            let loss = absorption.excess_loss(Watts::new(watts), length, guide_loss, wavelength)?;
            Ok(loss.value() / watts)
        })
    });
    Ok(Routing {
        linear_db: (guide_loss * length).value(),
        excess: excess.transpose()?,
        lasers_in_guide: f64::from(in_guide),
    })
}

impl ReceiverModel {
    fn new(
        system: &System,
        engine: &parts::Engine,
        design: &LaneDesign,
        nominal: &Reception,
        substrate_c: f64,
    ) -> Result<Self, LaneFault> {
        let receiver = &nominal.receiver;
        let spread = spread_over_spacing(modulation(engine));
        let at = equaliser_at(system, engine, design, nominal)?;
        // 15 dB up and 25 dB down the taps do not change any more.
        let [noise_bandwidth_hz, residual, density_a_per_rthz] =
            Curve::table(-25.0, 0.25, 161, at)?;
        let isi = residual.scaled(1.0 / spread);
        let total = nominal.impairments.isi.relative_variance();
        let residual = isi.at(0.0);
        let ratios = nominal.impairments.interference.ratios.iter();
        let ratios: Vec<f64> = ratios.map(|ratio| ratio.value()).collect();
        let all: f64 = ratios.iter().sum();
        let greatest_ratio = ratios.iter().copied().fold(0.0, f64::max);
        // As the design decides: bounded where the Gaussian model would err.
        let is_bounded = is_bounded(nominal, design)?;
        let strongest = if is_bounded { greatest_ratio } else { 0.0 };
        Ok(Self {
            nominal: Reception {
                impairments: Impairments {
                    interference: Interference {
                        model: InterferenceModel::Bounded,
                        ..nominal.impairments.interference.clone()
                    },
                    ..nominal.impairments.clone()
                },
                ..nominal.clone()
            },
            substrate_c,
            amplitude_a: nominal.levels.oma().value() * receiver.responsivity.value(),
            mean_w: nominal.levels.average().value(),
            q: design
                .outcome
                .as_ref()
                .map_or(0.0, |solution| solution.q_min),
            noise_bandwidth_hz,
            isi,
            density_a_per_rthz,
            other_variance: (total - residual * residual).max(0.0),
            strongest,
            rest: all - strongest,
            greatest_ratio,
        })
    }
}
