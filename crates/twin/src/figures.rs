//! Figures of merit, each with its boundary.

use link::{LatencyTerms, Margin, Modulation, PowerTerms, latency};
use system::parts::{Demultiplexer, Modulator};
use system::{FibreUse, MediaLaneId, Medium, System};
use units::derivation::{count, read, read_ratio};
use units::{
    BitRate, BitRatePerMeter, BitRatePerSquareMeter, DbMilliwatts, Derived, EnergyPerBit, Meters,
    Watts,
};

use crate::cost::CostFigures;
use crate::density;
use crate::heat::HeatFigures;
use crate::package::PackageFigures;
use crate::reliability::ReliabilityFigures;
use crate::steady::SteadyState;
use crate::warnings::warnings;

/// Where a power is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Boundary {
    /// What a pluggable module holds: engine, its interface, DSP, tuning, lasers, their regulators.
    Module,
    /// The module with the SerDes of the ASIC that drive it.
    Port,
    /// The switch box at its inlet.
    Switch,
    /// The building.
    Facility,
}

impl Boundary {
    /// What lies inside, in one line.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Module => "engine, engine interface, DSP, tuning, lasers and their regulators",
            Self::Port => "module, and the ASIC's SerDes with its regulator",
            Self::Switch => "the box at its inlet: ASIC, ports, cooling, board, supply losses",
            Self::Facility => "the box times PUE",
        }
    }
}

/// A group of equal ports.
#[derive(Debug, Clone, PartialEq)]
pub struct PortGroupFigures {
    /// Its name.
    pub name: String,
    /// Light or copper.
    pub medium: Medium,
    /// Ports.
    pub count: usize,
    /// Data rate of a port.
    pub rate: BitRate,
    /// Lanes of a port.
    pub lanes: usize,
}

/// Fibres and ferrules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FibreFigures {
    /// Fibres that carry signals.
    pub data: usize,
    /// Fibres that carry laser light.
    pub laser: usize,
    /// Ferrules.
    pub ferrules: usize,
}

/// Power at every boundary: watts, or watts with the expression that gave them.
#[derive(Debug, Clone, PartialEq)]
pub struct PowerFigures<T = Watts> {
    /// One port of the first optical group, by function.
    pub port: PowerTerms<T>,
    /// Data rate of that port.
    pub port_rate: BitRate,
    /// All optical ports at the module boundary.
    pub optics: T,
    /// ASIC without SerDes, with its regulator.
    pub asic: T,
    /// All SerDes with their regulators.
    pub serdes: T,
    /// Cooling and board.
    pub overhead: T,
    /// Lost in the chassis supply.
    pub supply_loss: T,
    /// The box.
    pub switch: T,
    /// The building.
    pub facility: T,
}

impl PowerFigures<Derived<Watts>> {
    /// The watts alone.
    pub(crate) fn values(&self) -> PowerFigures {
        PowerFigures {
            port: self.port.map(Derived::value),
            port_rate: self.port_rate,
            optics: self.optics.value(),
            asic: self.asic.value(),
            serdes: self.serdes.value(),
            overhead: self.overhead.value(),
            supply_loss: self.supply_loss.value(),
            switch: self.switch.value(),
            facility: self.facility.value(),
        }
    }
}

impl PowerFigures {
    /// Energy per bit of data of one port.
    pub fn per_bit(&self, power: Watts) -> EnergyPerBit {
        EnergyPerBit::new(power.value() / self.port_rate.value())
    }
}

/// Bandwidth per length and height.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DensityFigures {
    /// Optical bandwidth, one direction, per length of package edge that the engines take; none
    /// when no engine sits in a package.
    pub shoreline: Option<BitRatePerMeter>,
    /// Optical bandwidth, one direction, per area of the engines in a package; none when one of
    /// them has no outline.
    pub areal: Option<BitRatePerSquareMeter>,
    /// Bandwidth of all ports per rack unit, b/s; none of a package without a chassis.
    pub per_rack_unit: Option<BitRate>,
}

/// One lane among all.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkPoint {
    /// Which.
    pub lane: MediaLaneId,
    /// Optical power to spare, in the direction that is worse off.
    pub margin: Margin,
    /// Bit error ratio at the decoder's input.
    pub pre_fec_ber: f64,
    /// Logarithm to base ten of the codeword error ratio.
    pub log10_codeword_error_ratio: f64,
    /// Received outer modulation amplitude.
    pub rx_oma: DbMilliwatts,
}

/// The optical lanes as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkFigures {
    /// The lit lane with the most codeword errors.
    pub worst: Option<LinkPoint>,
    /// The lit lane with the median of codeword errors.
    pub median: Option<LinkPoint>,
    /// Lanes that are lit but do not reach the code's target.
    pub n_open: usize,
    /// Lanes without signal.
    pub n_dark: usize,
}

/// Everything that a person asks of a system at rest.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// Name of the system.
    pub name: String,
    /// Family.
    pub architecture: system::Architecture,
    /// Whether it is a box of its own; a package that goes into another box is not.
    pub has_chassis: bool,
    /// Data rate of all ports, one direction.
    pub bandwidth: BitRate,
    /// Ports.
    pub ports: usize,
    /// The groups of ports.
    pub port_groups: Vec<PortGroupFigures>,
    /// Optical lanes of all ports.
    pub lanes: usize,
    /// Data rate of a lane; none when they differ.
    pub lane_rate: Option<BitRate>,
    /// Levels of the light, where all engines agree.
    pub modulation: Option<Modulation>,
    /// Wavelengths on a fibre, where all engines agree.
    pub wavelengths: Option<u32>,
    /// Rings that modulate or drop light.
    pub rings: usize,
    /// Length of the first optical port's link.
    pub reach: Option<Meters>,
    /// Optical engines or modules.
    pub optical_engines: usize,
    /// Laser modules.
    pub laser_modules: usize,
    /// Lasers.
    pub lasers: usize,
    /// Fibres.
    pub fibres: FibreFigures,
    /// Power; none without an optical port.
    pub power: Option<PowerFigures>,
    /// Latency of the first optical port's link.
    pub latency: Option<LatencyTerms>,
    /// Density.
    pub density: DensityFigures,
    /// The lanes; none without an optical port.
    pub link: Option<LinkFigures>,
    /// Temperatures and heat.
    pub heat: HeatFigures,
    /// Failures and what they take down.
    pub reliability: ReliabilityFigures,
    /// Yield of the package; none where the description does not say how it is put together.
    pub package: Option<PackageFigures>,
    /// What it costs.
    pub cost: CostFigures,
    /// What a user should know.
    pub warnings: Vec<String>,
}

impl Figures {
    /// The figures of a solved system.
    pub fn new(system: &System, state: &SteadyState) -> Self {
        let description = &system.description;
        let port_groups: Vec<PortGroupFigures> = description
            .port
            .iter()
            .map(|group| PortGroupFigures {
                name: group.name.clone(),
                medium: group.value.medium,
                count: group.value.count as usize,
                rate: group.value.rate.value,
                lanes: group.value.lanes as usize,
            })
            .collect();
        let bandwidth_of = |medium: Option<Medium>| {
            density::bandwidth(system, medium).map_or(BitRate::new(0.0), |rate| rate.value())
        };
        let mut rates: Vec<f64> = port_groups
            .iter()
            .filter(|group| group.medium == Medium::Optical)
            .map(|group| group.rate.value() / group.lanes as f64)
            .collect();
        rates.dedup_by(|a, b| (*a / *b - 1.0).abs() < 1e-9);
        let lane_rate = match rates.as_slice() {
            [rate] => Some(BitRate::new(*rate)),
            _ => None,
        };
        let count_fibres = |carries| {
            system
                .fibres
                .iter()
                .filter(|fibre| fibre.carries == carries)
                .count()
        };
        let power = derived_power(system, state).map(|power| power.values());
        let reliability = ReliabilityFigures::new(system, state);
        let package = PackageFigures::new(system);
        let cost = CostFigures::new(
            system,
            (bandwidth_of(None), bandwidth_of(Some(Medium::Optical))),
            power.as_ref(),
            &reliability,
            package.as_ref(),
        );
        Self {
            name: description.name.clone(),
            architecture: description.architecture,
            has_chassis: description.rack_units.is_some(),
            bandwidth: bandwidth_of(None),
            ports: system.ports.len(),
            lanes: system
                .media_lanes
                .iter()
                .filter(|lane| lane.port.is_some())
                .count(),
            lane_rate,
            modulation: modulation(system),
            wavelengths: wavelengths(system),
            rings: rings(system),
            reach: first_optical_port(system)
                .map(|port| system.link_length(system::PortId::from_index(port)).value),
            optical_engines: system.engines.len(),
            laser_modules: system.laser_modules.len(),
            lasers: system.lasers.len(),
            fibres: FibreFigures {
                data: count_fibres(FibreUse::Data),
                laser: count_fibres(FibreUse::Laser),
                ferrules: system.connectors.len(),
            },
            power,
            latency: first_optical_port(system)
                .and_then(|port| latency(system, system::PortId::from_index(port)))
                .map(|terms| terms.map(Derived::value)),
            density: DensityFigures {
                shoreline: density::shoreline(system).map(|density| density.value()),
                areal: density::areal(system).map(|density| density.value()),
                per_rack_unit: density::per_rack_unit(system).map(|density| density.value()),
            },
            link: link_figures(system, state),
            heat: HeatFigures::new(system, state),
            reliability,
            package,
            cost,
            warnings: warnings(system, state),
            port_groups,
        }
    }
}

fn modulation(system: &System) -> Option<Modulation> {
    let mut kinds: Vec<_> = system
        .description
        .engine
        .iter()
        .map(|group| group.value.modulation)
        .collect();
    kinds.dedup();
    match kinds.as_slice() {
        [system::parts::Modulation::Nrz] => Some(Modulation::Nrz),
        [system::parts::Modulation::Pam4] => Some(Modulation::Pam4),
        _ => None,
    }
}

fn wavelengths(system: &System) -> Option<u32> {
    let mut counts: Vec<u32> = system
        .description
        .engine
        .iter()
        .map(|group| group.value.wavelengths_per_fibre)
        .collect();
    counts.dedup();
    match counts.as_slice() {
        [count] => Some(*count),
        _ => None,
    }
}

/// Rings of all engines: one for each lane that is modulated by one, and one for each that is
/// dropped by one.
fn rings(system: &System) -> usize {
    let of = |engine: &system::EngineEntity| {
        let part = &system.description.engine[engine.group].value;
        let modulators = matches!(part.modulator, Modulator::RingModulator(_));
        let filters = matches!(part.demultiplexer, Some(Demultiplexer::RingFilter(_)));
        engine.media_lanes.len() * (usize::from(modulators) + usize::from(filters))
    };
    system.engines.iter().map(of).sum()
}

pub(crate) fn first_optical_port(system: &System) -> Option<usize> {
    system
        .ports
        .iter()
        .position(|port| port.medium == Medium::Optical)
}

/// Power of the whole switch, and of one port of the first optical group.
pub(crate) fn derived_power(
    system: &System,
    state: &SteadyState,
) -> Option<PowerFigures<Derived<Watts>>> {
    let description = &system.description;
    let delivery = &description.power;
    let first = first_optical_port(system)?;
    let lanes = &system.ports[first].media_lanes;
    let group = system.engines[system.media_lanes[lanes[0].index()].engine.index()].group;
    let n_lanes: usize = system
        .engines
        .iter()
        .filter(|engine| engine.group == group && !engine.is_spare)
        .map(|engine| engine.media_lanes.len())
        .sum();
    let share = (count("lanes of the port", lanes.len()) / count("lanes of the group", n_lanes))
        .named("share of the port");
    let port = state.power_by_group[group].map(|term| term.clone() * share.clone());
    let mut groups = state.power_by_group.iter();
    let first_group = groups.next()?.clone();
    let all = groups.fold(first_group, |sum, terms| sum.plus(terms));
    let efficiency = || read_ratio(&delivery.asic_regulator);
    let asic = (state.core.clone() / efficiency()).named("ASIC without SerDes");
    let serdes = ((all.serdes.clone() + state.electrical_serdes.clone()) / efficiency())
        .named("SerDes with their regulators");
    let overhead = (read(&delivery.cooling) + read(&delivery.board)).named("cooling and board");
    let optics = all.module().named("optics");
    let inside = optics.clone() + asic.clone() + serdes.clone() + overhead.clone();
    let inside = inside.named("inside the box");
    let switch = (inside.clone() / read_ratio(&delivery.supply)).named("switch");
    Some(PowerFigures {
        port,
        port_rate: description.port[system.ports[first].group].value.rate.value,
        optics,
        asic,
        serdes,
        overhead,
        supply_loss: switch.clone() - inside,
        facility: (switch.clone() * read_ratio(&description.facility.pue)).named("facility"),
        switch,
    })
}

fn link_figures(system: &System, state: &SteadyState) -> Option<LinkFigures> {
    let mut points = Vec::new();
    let (mut n_open, mut n_dark) = (0, 0);
    for (idx, lane) in system.media_lanes.iter().enumerate() {
        if lane.port.is_none() {
            continue;
        }
        let id = MediaLaneId::from_index(idx);
        let design = state.lanes.design(id);
        let Ok(solution) = &design.worse().outcome else {
            n_dark += 1;
            continue;
        };
        n_open += usize::from(!solution.closes());
        points.push(LinkPoint {
            lane: id,
            margin: solution.margin,
            pre_fec_ber: solution.pre_fec_ber(),
            log10_codeword_error_ratio: solution.ln_codeword_error_ratio / std::f64::consts::LN_10,
            rx_oma: design
                .incoming()
                .planes
                .last()
                .and_then(|plane| plane.oma)
                .unwrap_or_default(),
        });
    }
    if points.is_empty() && n_dark == 0 {
        return None;
    }
    // The lane that is furthest from closing has the largest codeword error ratio; lanes that no
    // power would close have no margin to sort by.
    points.sort_by(|a, b| {
        b.log10_codeword_error_ratio
            .total_cmp(&a.log10_codeword_error_ratio)
            .then(a.lane.cmp(&b.lane))
    });
    Some(LinkFigures {
        median: points.get(points.len() / 2).cloned(),
        worst: points.first().cloned(),
        n_open,
        n_dark,
    })
}
