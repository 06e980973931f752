//! The only conversion from a description to its lanes.
//!
//! Lanes that share every part and every length share one [`LaneDesign`]; a switch of 512 lanes
//! has one or a few. [`Lanes::new`] finds and solves them.

mod decision;
mod derivation;
mod devices;
mod filter;
mod light;
mod model;
mod path;
mod row;

use std::collections::BTreeMap;

use photonics::DeviceError;
use system::parts;
use system::{LaserHome, MediaLaneId, System, TableError};
use units::special::normal_quantile;
use units::{
    Celsius, Decibels, DecibelsPerHertz, Derived, Hertz, Meters, Sourced, SymbolRate, Volts, Watts,
};

use crate::control::{HeaterState, LaserState};
use crate::element::Planes;
use crate::equaliser::Equalised;
use crate::fec::FecCode;
use crate::{Conditions, LinkError, Margin, Modulation, NoiseKind, Reception};

pub(crate) use self::path::fitting_engine;

use self::path::Solver;
use self::row::{settle_class, settle_rows};

pub(crate) use self::row::RingNeed;

pub use self::derivation::{DerivedPlane, LaneDerivation};
pub use self::model::{
    Arrived, FilterPoint, HeaterAct, LaneModel, LaserModel, LevelPowers, LockState, MAX_LEVELS,
    ReceiveState, RowRing, SAME_LIGHT, Sent, TransmitState,
};
pub use self::row::{LaneHeaters, RingRow, ring_rows};

/// Why a lane carries no signal.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LaneFault {
    /// A device has no operating point.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The receiver's figures make no sense.
    #[error(transparent)]
    Receiver(#[from] LinkError),
    /// A measured table does not reach the operating point.
    #[error("measured table: {0}")]
    Table(#[from] TableError),
    /// A measured table has another form.
    #[error("{what}")]
    MeasuredTable {
        /// What is wrong.
        what: &'static str,
    },
    /// A spectrum of a measured ring does not show one resonance.
    #[error(
        "measured ring: at {temperature:.4} and {voltage:.3} the spectrum has {n_dips} {}; it needs one, with both its flanks", if *.n_dips == 1 && !*.is_whole { "dip that is cut off" } else { "dips that fall half way" }
    )]
    NoSingleResonance {
        /// Temperature of the spectrum.
        temperature: Celsius,
        /// Its voltage.
        voltage: Volts,
        /// Dips that fall below the middle of least and greatest transmission.
        n_dips: usize,
        /// Whether none of them is cut off by an end of the spectrum.
        is_whole: bool,
    },
    /// The wavelengths of a measured ring lie too far apart.
    #[error(
        "measured ring: wavelengths {step:.3} apart are too coarse for a linewidth of {linewidth:.3}; eight steps are needed at least"
    )]
    CoarseGrid {
        /// Widest step within the dip.
        step: Meters,
        /// Full width at half depth.
        linewidth: Meters,
    },
    /// The measured response of a receiver does not show its bandwidth.
    #[error("measured receiver: the response does not fall by 3 dB up to {high:.4}, where it ends")]
    NoCorner {
        /// Greatest measured frequency.
        high: Hertz,
    },
    /// The heater cannot hold the ring.
    #[error(
        "ring not locked at {substrate:.4}: the heater needs {needed:.3}, and has {low:.3} to {high:.3}"
    )]
    RingUnlocked {
        /// Needed heater power.
        needed: Watts,
        /// Least power that leaves the reserve.
        low: Watts,
        /// Greatest power.
        high: Watts,
        /// Temperature of the substrate.
        substrate: Celsius,
    },
    /// The description lacks something that the lane needs.
    #[error("the description lacks {what}")]
    Incomplete {
        /// What is missing.
        what: &'static str,
    },
    /// The fibre has moved too far for the model of its coupler.
    #[error(
        "fibre shifted by {shift:.3} against its coupler, beyond its mode of {mode:.3}: the overlap of two Gaussian modes does not hold there"
    )]
    FibreShift {
        /// How far.
        shift: Meters,
        /// Mode field diameter of the fibre.
        mode: Meters,
    },
    /// Dispersion closes the channel.
    #[error("dispersion over {length:.4} fades the signal at {nyquist:.4}")]
    Dispersion {
        /// Length of the fibre.
        length: Meters,
        /// Half the symbol rate.
        nyquist: Hertz,
    },
    /// The light is too strong for the receiver.
    #[error("{received:.3} at the photodiode overload the receiver, which takes {limit:.3}")]
    Overload {
        /// Mean received power.
        received: Watts,
        /// Greatest mean power.
        limit: Watts,
    },
    /// The light was followed, and nothing was asked of the receiver: [`Lanes::lit`].
    #[error("the light was followed to the photodiode only")]
    NotDecided,
    /// No code of this size is known.
    #[error("no code RS({n},{k}) is known; use (544,514), (528,514) or (272,258)")]
    UnknownCode {
        /// Symbols of a codeword.
        n: u32,
        /// Data symbols.
        k: u32,
    },
    /// The far end cannot receive what this end sends.
    #[error("the far end {peer:?} has no engine for this rate and modulation")]
    PeerMismatch {
        /// Name of the far system.
        peer: String,
    },
    /// The bus loss of the host lane exceeds what its SerDes overcomes.
    #[error("the electrical path loses {loss:.3}; its SerDes overcomes {budget:.3}")]
    HostChannel {
        /// Loss at the Nyquist frequency.
        loss: Decibels,
        /// What the interface class overcomes.
        budget: Decibels,
    },
}

impl LaneFault {
    /// What went wrong, without the numbers: lanes of several draws are counted by it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Device(DeviceError::PowerUnreachable { .. }) => {
                "the laser does not reach its power"
            }
            Self::Device(_) => "a device has no operating point",
            Self::Receiver(_) => "the receiver's figures make no sense",
            Self::Table(_) | Self::MeasuredTable { .. } => {
                "a measured table does not reach the operating point"
            }
            Self::NoSingleResonance { .. } | Self::CoarseGrid { .. } | Self::NoCorner { .. } => {
                "a measured table does not show the device"
            }
            Self::RingUnlocked { .. } => "the heater cannot hold the ring",
            Self::Incomplete { .. } => "the description lacks something",
            Self::Dispersion { .. } => "dispersion fades the signal",
            Self::Overload { .. } => "the light overloads the receiver",
            Self::NotDecided => "the receiver was left out",
            Self::UnknownCode { .. } => "the code is unknown",
            Self::PeerMismatch { .. } => "the far end cannot receive",
            Self::HostChannel { .. } => "the electrical path loses too much",
            Self::FibreShift { .. } => "the fibre has moved from its coupler",
        }
    }
}

/// The modulator at work.
#[derive(Debug, Clone, PartialEq)]
pub struct ModulatorState {
    /// Loss of the top level.
    pub insertion_loss: Decibels,
    /// Outer extinction ratio.
    pub extinction_ratio: Decibels,
    /// Ratio of level mismatch; 1 for two levels.
    pub rlm: f64,
    /// 3 dB bandwidth.
    pub bandwidth: Hertz,
    /// Power that holds it on its operating point: ring heater or bias heater.
    pub tuning_power: Watts,
    /// The heater of a ring.
    pub heater: Option<HeaterState>,
    /// Laser wavelength minus ring resonance.
    pub detuning: Option<Meters>,
    /// Relative transmission of each level, rising.
    pub levels: Vec<f64>,
    /// Whether light can hold the ring in either of two states.
    pub is_bistable: bool,
    /// Loss of amplitude from the residual error of the lock.
    pub lock_penalty: Decibels,
}

/// What makes most of the errors of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// A noise of the optical receiver.
    Noise(NoiseKind),
    /// The electrical segments.
    Host,
}

impl Limit {
    /// The name in tables and machine output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Noise(kind) => kind.name(),
            Self::Host => "electrical segments between ASIC and engine",
        }
    }
}

/// What the receiver makes of a lane.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// Bit error ratio of the optical segment.
    pub optical_ber: f64,
    /// Bit error ratio of the electrical segments that reach the same decoder.
    pub host_ber: f64,
    /// What the engine that sends decides at its electrical input; none of a linear engine.
    pub host_input: Option<HostInput>,
    /// Natural logarithm of the codeword error ratio.
    pub ln_codeword_error_ratio: f64,
    /// Optical power to spare before the code fails its target.
    pub margin: Margin,
    /// What makes most of the errors.
    pub limiting: Limit,
    /// Least eye in standard deviations.
    pub q_min: f64,
}

/// What a retimed engine decides at its electrical input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HostInput {
    /// Bit error ratio of the segment from the die, before correction.
    pub bit_error_ratio: f64,
    /// The eye that makes it, in standard deviations; none of a ratio that no open eye makes.
    pub q: Option<f64>,
}

impl HostInput {
    /// Of a ratio: with equal eyes and Gaussian noise `BER = 2 (M - 1) / (M log2 M) Q(q)` of `M` levels.
    ///
    /// # Source
    /// J. G. Proakis, Digital Communications, pulse amplitude modulation with Gray coding.
    pub fn of(bit_error_ratio: f64, modulation: Modulation) -> Self {
        let levels = modulation.n_levels() as f64;
        let per_eye = 2.0 * (levels - 1.0) / (levels * modulation.bits_per_symbol() as f64);
        let tail = bit_error_ratio / per_eye;
        Self {
            bit_error_ratio,
            q: (tail > 0.0 && tail < 0.5).then(|| -normal_quantile(tail)),
        }
    }
}

impl Solution {
    /// Bit error ratio at the decoder's input.
    pub fn pre_fec_ber(&self) -> f64 {
        self.optical_ber + self.host_ber
    }

    /// Whether the code reaches its target.
    pub fn closes(&self) -> bool {
        matches!(self.margin, Margin::Met(_) | Margin::MetThroughout)
    }
}

/// All that lanes of equal parts share.
#[derive(Debug, Clone)]
pub struct LaneDesign {
    /// Position of the engine's group in the description.
    pub engine_group: usize,
    /// The light from laser to photodiode.
    pub planes: Planes,
    /// The laser; none when it has no operating point.
    pub laser: Option<LaserState>,
    /// Its noise with the feedback of this path.
    pub rin: DecibelsPerHertz,
    /// The modulator.
    pub modulator: Option<ModulatorState>,
    /// The equaliser of the receiver.
    pub equaliser: Option<Equalised>,
    /// The receiver's input.
    pub reception: Option<Reception>,
    /// The heater of the ring that drops the lane's wavelength at the far end.
    pub filter_heater: Option<HeaterState>,
    /// The code.
    pub fec: FecCode,
    /// Bit error ratio that the optical segment may have.
    pub target_ber: f64,
    /// Bit error ratio that the code corrects to its target, from all segments together.
    pub allowed_ber: f64,
    /// The lane that comes back from another system; none when the far end is of equal parts, so
    /// that both directions are alike.
    pub back: Option<Box<LaneDesign>>,
    /// How its numbers came about.
    pub derivation: LaneDerivation,
    /// The solution, or why there is none.
    pub outcome: Result<Solution, LaneFault>,
}

impl LaneDesign {
    /// The lane whose light this end receives.
    pub fn incoming(&self) -> &Self {
        self.back.as_deref().unwrap_or(self)
    }

    /// The direction that is worse off: one that is dark, or the one with more errors.
    pub fn worse(&self) -> &Self {
        let back = self.incoming();
        match (&self.outcome, &back.outcome) {
            (Err(_), _) => self,
            (_, Err(_)) => back,
            (Ok(out), Ok(come)) if come.ln_codeword_error_ratio > out.ln_codeword_error_ratio => {
                back
            }
            _ => self,
        }
    }
}

/// Every lane of a system with its design.
#[derive(Debug, Clone)]
pub struct Lanes {
    /// The distinct designs.
    pub designs: Vec<LaneDesign>,
    /// The kind of each design: those of one kind differ in the conditions of their ends only.
    pub kind_of: Vec<usize>,
    /// The design of each media lane.
    pub design_of: Vec<usize>,
    /// The heaters of each media lane whose rings warm each other, each in its place.
    heaters: Vec<LaneHeaters>,
}

impl Lanes {
    /// Solves every lane of a system in the conditions of its parts, each distinct one once.
    pub fn new(system: &System, conditions: &Conditions) -> Self {
        Self::to(system, conditions, Goal::Decision)
    }

    /// Follows the light of every lane to its photodiode: powers and planes are those of
    /// [`Lanes::new`], and the receivers, which take most of its time, are left out.
    pub fn lit(system: &System, conditions: &Conditions) -> Self {
        Self::to(system, conditions, Goal::Photodiode)
    }

    fn to(system: &System, conditions: &Conditions, goal: Goal) -> Self {
        let mut lanes = Self::of(system, conditions, goal, &system.media_lanes);
        settle_rows(system, &mut lanes);
        lanes
    }

    /// Some lanes, each distinct one once, as if no ring had a neighbour.
    fn of<'a>(
        system: &'a System,
        conditions: &'a Conditions,
        goal: Goal,
        of: impl IntoIterator<Item = &'a system::MediaLane>,
    ) -> Self {
        let mut lanes = Self {
            designs: Vec::new(),
            kind_of: Vec::new(),
            design_of: Vec::new(),
            heaters: Vec::new(),
        };
        let mut length_of = vec![&system.description.fibre_plant.reach; system.ports.len()];
        let mut peer_of = vec![None; system.ports.len()];
        for link in &system.links {
            length_of[link.port.index()] = system.link_length(link.port);
            peer_of[link.port.index()] = link.peer;
        }
        let (mut kinds, mut known) = (BTreeMap::new(), BTreeMap::new());
        for lane in of {
            let group = system.engines[lane.engine.index()].group;
            let (length, peer) = lane
                .port
                .map_or((&system.description.fibre_plant.reach, None), |port| {
                    (length_of[port.index()], peer_of[port.index()])
                });
            let engine = lane.engine.index();
            let warmth = [
                conditions.engines[engine].value(),
                laser_case(system, lane, conditions),
            ];
            let warmth = warmth.map(|celsius| celsius.value().to_bits());
            let shift = conditions.fibre_shifts[engine].as_ref();
            let shift_bits = shift.map(|shift| shift.value().value().to_bits());
            let length_bits = length.value.value().to_bits();
            let n_kinds = kinds.len();
            let kind = *kinds
                .entry((group, lane.wavelength, length_bits, peer))
                .or_insert(n_kinds);
            let design = *known.entry((kind, warmth, shift_bits)).or_insert_with(|| {
                lanes.kind_of.push(kind);
                let ends = Ends::new(system, conditions, peer);
                lanes.designs.push(design(&ends, lane, length, goal));
                lanes.designs.len() - 1
            });
            lanes.design_of.push(design);
        }
        lanes
    }

    /// Powers of the heaters of a lane's rings. Those of its design are the mean of the lanes of a row
    /// that share it.
    pub fn heaters(&self, lane: MediaLaneId) -> LaneHeaters {
        let design = self.design(lane);
        let modulator = design.modulator.as_ref().and_then(|of| of.heater);
        let own = self.heaters[lane.index()];
        LaneHeaters {
            transmit: own.transmit.or(modulator.map(|of| of.power)),
            receive: own.receive.or(design.filter_heater.map(|of| of.power)),
        }
    }

    /// Electrical power of a laser of a design; none where it has no operating point.
    pub fn laser_power(&self, design: usize) -> Option<Derived<Watts>> {
        self.designs[design].derivation.laser_power.clone()
    }

    /// Power that holds the modulator of a design and the ring that drops what comes in; none
    /// where neither has an operating point.
    pub fn tuning_power(&self, design: usize) -> Option<Derived<Watts>> {
        let design = &self.designs[design];
        let modulator = design.derivation.tuning_power.clone();
        match (modulator, design.incoming().derivation.filter_power.clone()) {
            (Some(modulator), Some(filter)) => Some(modulator + filter),
            (modulator, filter) => modulator.or(filter),
        }
    }

    /// The design of a lane.
    pub fn design(&self, lane: MediaLaneId) -> &LaneDesign {
        &self.designs[self.design_of[lane.index()]]
    }
}

/// Solves one lane, with those whose rings stand in a row with its own. [`Lanes::new`] is the same
/// for all lanes at once.
pub fn lane(system: &System, conditions: &Conditions, id: MediaLaneId) -> LaneDesign {
    let rows = ring_rows(system);
    let row = rows.into_iter().find(|row| row.lanes.contains(&id));
    let row = row.map_or_else(|| vec![id], |row| row.lanes);
    let of = row.iter().map(|lane| &system.media_lanes[lane.index()]);
    let lanes = Lanes::of(system, conditions, Goal::Decision, of);
    let (mut designs, _) = settle_class(&lanes.design_of, &lanes.designs);
    let place = row.iter().position(|lane| *lane == id).unwrap_or(0);
    let own = lanes.design_of[place];
    let settled = designs.remove(&own);
    settled.unwrap_or_else(|| lanes.designs[own].clone())
}

/// Temperature of the case of a lane's laser.
fn laser_case(system: &System, lane: &system::MediaLane, conditions: &Conditions) -> Celsius {
    match system.lasers[lane.laser.index()].home {
        LaserHome::Module(module, _) => conditions.laser_modules[module.index()].value(),
        LaserHome::Engine(engine) => conditions.engines[engine.index()].value(),
    }
}

/// How far a lane is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Goal {
    Photodiode,
    Decision,
}

/// Two systems that a link joins, or one with itself, with their conditions.
#[derive(Clone, Copy)]
struct Ends<'a> {
    near: (&'a System, &'a Conditions),
    far: (&'a System, &'a Conditions),
}

impl<'a> Ends<'a> {
    fn new(system: &'a System, conditions: &'a Conditions, peer: Option<usize>) -> Self {
        let near = (system, conditions);
        let far = peer.map_or(near, |peer| {
            (system.peers[peer].as_ref(), &conditions.peers[peer])
        });
        Self { near, far }
    }

    const fn turned(self) -> Self {
        Self {
            near: self.far,
            far: self.near,
        }
    }
}

/// Symbol rate of an engine's lanes.
pub fn symbol_rate(engine: &parts::Engine) -> SymbolRate {
    SymbolRate::new(engine.media_rate.value.value() / modulation(engine).bits_per_symbol() as f64)
}

/// Levels of an engine's light.
pub(crate) fn symbol_levels(engine: &parts::Engine) -> usize {
    modulation(engine).n_levels()
}

fn modulation(engine: &parts::Engine) -> Modulation {
    modulation_of(engine.modulation)
}

const fn modulation_of(modulation: parts::Modulation) -> Modulation {
    match modulation {
        parts::Modulation::Nrz => Modulation::Nrz,
        parts::Modulation::Pam4 => Modulation::Pam4,
    }
}

/// The SerDes class of the ASIC that drives a group of engines.
pub fn host_class<'a>(
    system: &'a System,
    engine: &parts::Engine,
) -> Option<&'a parts::SerdesClass> {
    let asics = &system.description.asic;
    let asic = match &engine.asic {
        Some(name) => asics.iter().find(|group| group.name == *name),
        None => asics.first(),
    }?;
    let classes = &asic.value.serdes;
    match &engine.host {
        Some(name) => classes.iter().find(|class| class.name == *name),
        None => classes.first(),
    }
    .map(|class| &class.value)
}

fn design(
    ends: &Ends<'_>,
    lane: &system::MediaLane,
    length: &Sourced<Meters>,
    goal: Goal,
) -> LaneDesign {
    let (system, far) = (ends.near.0, ends.far.0);
    let mut there = one_way(ends, lane, length, goal);
    if !std::ptr::eq(system, far) {
        let engine = &system.description.engine[there.engine_group].value;
        let back = fitting_engine(far, engine).and_then(|id| {
            let first = far.engines[id.index()].media_lanes.start;
            far.media_lanes.get(first as usize)
        });
        there.back = back.map(|lane| Box::new(one_way(&ends.turned(), lane, length, goal)));
    }
    there
}

fn one_way(
    ends: &Ends<'_>,
    lane: &system::MediaLane,
    length: &Sourced<Meters>,
    goal: Goal,
) -> LaneDesign {
    let system = ends.near.0;
    let group = system.engines[lane.engine.index()].group;
    let mut design = LaneDesign {
        engine_group: group,
        planes: Planes::default(),
        laser: None,
        rin: DecibelsPerHertz::new(0.0),
        modulator: None,
        equaliser: None,
        reception: None,
        filter_heater: None,
        fec: FecCode::None,
        target_ber: 0.0,
        allowed_ber: 0.0,
        back: None,
        derivation: LaneDerivation::default(),
        outcome: Err(LaneFault::Incomplete { what: "a lane" }),
    };
    let solver = Solver {
        system,
        far: ends.far.0,
        lane,
        length,
        here: ends.near.1,
        there: ends.far.1,
    };
    design.outcome = solver.solve(&mut design, goal);
    design
}
