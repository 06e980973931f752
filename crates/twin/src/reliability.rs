//! Failures and what they take down.

use photonics::ageing::{LaserFailure, arrhenius_acceleration};
use system::{
    AsicId, BlastRadius, ConnectorId, EngineId, FauId, FibreId, FibreUse, LaserHome, LaserId,
    LaserModuleId, MediaLaneId, Part, PortId, System,
};
use units::{FailureRate, Seconds};

use crate::steady::SteadyState;

/// What the loss of one kind of part does.
#[derive(Debug, Clone, PartialEq)]
pub struct PartBlast {
    /// The kind of part.
    pub part: &'static str,
    /// Parts of the kind.
    pub count: usize,
    /// Failures of all of them per year.
    pub failures_per_year: f64,
    /// What the worst of them takes down.
    pub radius: BlastRadius,
}

/// Failures of a switch.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReliabilityFigures {
    /// All failures.
    pub total: FailureRate,
    /// Failures per year that take optical lanes down.
    pub link_failures_per_year: f64,
    /// By kind of part, engines first.
    pub parts: Vec<PartBlast>,
}

impl ReliabilityFigures {
    pub(crate) fn new(system: &System, state: &SteadyState) -> Self {
        let rates = Rates::new(system, state);
        let lanes_of = LanesOf::new(system);
        let all = |n: usize, part: fn(usize) -> Part| (0..n).map(part).collect::<Vec<_>>();
        let fibres = |carries: FibreUse| -> Vec<Part> {
            (0..system.fibres.len())
                .filter(|idx| system.fibres[*idx].carries == carries)
                .map(|idx| Part::Fibre(FibreId::from_index(idx)))
                .collect()
        };
        let blast = |part: &'static str, rate: FailureRate, parts: Vec<Part>| PartBlast {
            part,
            count: parts.len(),
            failures_per_year: rate.to_per_year(),
            radius: worst(system, &lanes_of, &parts),
        };
        let none = FailureRate::new(0.0);
        let engine = |idx| Part::Engine(EngineId::from_index(idx));
        let laser = |idx| Part::Laser(LaserId::from_index(idx));
        let module = |idx| Part::LaserModule(LaserModuleId::from_index(idx));
        let connector = |idx| Part::Connector(ConnectorId::from_index(idx));
        Self {
            total: rates.optical() + rates.all_serdes + rates.asics,
            link_failures_per_year: (rates.optical() + rates.host_serdes).to_per_year(),
            parts: vec![
                blast("engine", rates.engines, all(system.engines.len(), engine)),
                blast("laser", rates.lasers, all(system.lasers.len(), laser)),
                blast(
                    "laser_module",
                    rates.modules,
                    all(system.laser_modules.len(), module),
                ),
                blast("data_fibre", rates.data_fibres, fibres(FibreUse::Data)),
                blast("laser_fibre", rates.laser_fibres, fibres(FibreUse::Laser)),
                blast(
                    "ferrule",
                    rates.connectors,
                    all(system.connectors.len(), connector),
                ),
                // Its failures are counted with the engine that it is glued to.
                blast(
                    "fau",
                    none,
                    all(system.faus.len(), |idx| Part::Fau(FauId::from_index(idx))),
                ),
                blast(
                    "asic",
                    rates.asics,
                    all(system.asics.len(), |idx| {
                        Part::Asic(AsicId::from_index(idx))
                    }),
                ),
            ],
        }
    }

    /// The blast radius of an engine, the part that cannot be pulled out at the faceplate.
    pub fn engine(&self) -> Option<&PartBlast> {
        self.parts.first()
    }
}

/// Failure rates of all parts of each kind.
struct Rates {
    engines: FailureRate,
    lasers: FailureRate,
    modules: FailureRate,
    data_fibres: FailureRate,
    laser_fibres: FailureRate,
    connectors: FailureRate,
    host_serdes: FailureRate,
    all_serdes: FailureRate,
    asics: FailureRate,
}

impl Rates {
    fn new(system: &System, state: &SteadyState) -> Self {
        let description = &system.description;
        let plant = &description.fibre_plant;
        let none = FailureRate::new(0.0);
        let n_fibres = |carries| {
            system
                .fibres
                .iter()
                .filter(|fibre| fibre.carries == carries)
                .count() as f64
        };
        let rate = |connector: Option<&system::parts::Connector>| {
            connector.map_or(none, |connector| connector.failure_rate.value)
        };
        let n_modules = system.laser_modules.len() as f64;
        // Ferrules at the faceplate, the mate of each laser module and the connectors behind it.
        let connectors = plant.data_connector.failure_rate.value * system.connectors.len() as f64
            + rate(plant.laser_mate.as_deref()) * n_modules
            + rate(plant.laser_connector.as_deref())
                * (n_modules * f64::from(plant.laser_connectors.unwrap_or(0)));
        let serdes = |lane: usize| {
            let lane = &system.serdes_lanes[lane];
            let group = system.asics[lane.asic.index()].group;
            let class = &description.asic[group].value.serdes[lane.class].value;
            class.part.failure_rate.value
        };
        Self {
            engines: system
                .engines
                .iter()
                .map(|engine| {
                    let part = &description.engine[engine.group].value;
                    let interface = part.host_interface.as_ref().map_or(none, |interface| {
                        interface.failure_rate.value * f64::from(part.host_lanes)
                    });
                    part.failure_rate.value
                        + interface
                        + part.dsp.as_ref().map_or(none, |dsp| dsp.failure_rate.value)
                })
                .sum(),
            lasers: (0..system.lasers.len())
                .map(|idx| laser_rate(system, state, idx))
                .sum(),
            modules: system
                .laser_modules
                .iter()
                .map(|module| {
                    description.laser_module[module.group]
                        .value
                        .failure_rate
                        .value
                })
                .sum(),
            data_fibres: plant.data_fibre.failure_rate.value * n_fibres(FibreUse::Data),
            laser_fibres: plant.laser_fibre.as_ref().map_or(none, |fibre| {
                fibre.failure_rate.value * n_fibres(FibreUse::Laser)
            }),
            connectors,
            host_serdes: system
                .host_lanes
                .iter()
                .map(|lane| serdes(lane.serdes.index()))
                .sum(),
            all_serdes: (0..system.serdes_lanes.len()).map(serdes).sum(),
            asics: system
                .asics
                .iter()
                .map(|asic| description.asic[asic.group].value.failure_rate.value)
                .sum(),
        }
    }

    /// Everything on the optical side of the ASIC.
    fn optical(&self) -> FailureRate {
        self.engines
            + self.lasers
            + self.modules
            + self.data_fibres
            + self.laser_fibres
            + self.connectors
    }
}

/// The lanes whose light passes each fibre, found in one pass over all lanes.
struct LanesOf {
    fibre: Vec<Vec<MediaLaneId>>,
    connector: Vec<Vec<MediaLaneId>>,
    fau: Vec<Vec<MediaLaneId>>,
}

impl LanesOf {
    fn new(system: &System) -> Self {
        let mut lanes = Self {
            fibre: vec![Vec::new(); system.fibres.len()],
            connector: vec![Vec::new(); system.connectors.len()],
            fau: vec![Vec::new(); system.faus.len()],
        };
        for (idx, lane) in system.media_lanes.iter().enumerate() {
            let id = MediaLaneId::from_index(idx);
            let laser_fibre = match system.lasers[lane.laser.index()].home {
                LaserHome::Module(_, fibre) => fibre,
                LaserHome::Engine(_) => None,
            };
            for fibre in [lane.transmit_fibre, lane.receive_fibre]
                .into_iter()
                .chain(laser_fibre)
            {
                let entity = &system.fibres[fibre.index()];
                for list in [
                    &mut lanes.fibre[fibre.index()],
                    &mut lanes.connector[entity.connector.index()],
                    &mut lanes.fau[entity.fau.index()],
                ] {
                    if list.last() != Some(&id) {
                        list.push(id);
                    }
                }
            }
        }
        lanes
    }

    /// Ports down, ports degraded and lanes lost with a part.
    fn rank(&self, system: &System, part: Part) -> (usize, usize, usize) {
        let found;
        let lanes: &[MediaLaneId] = match part {
            Part::Fibre(fibre) => &self.fibre[fibre.index()],
            Part::Connector(connector) => &self.connector[connector.index()],
            Part::Fau(fau) => &self.fau[fau.index()],
            _ => {
                found = system.lanes_of(part);
                &found
            }
        };
        let mut ports: Vec<PortId> = lanes
            .iter()
            .filter_map(|lane| system.media_lanes[lane.index()].port)
            .collect();
        ports.sort_unstable();
        let is_down =
            |port: &[PortId]| port.len() == system.ports[port[0].index()].media_lanes.len();
        let down = ports
            .chunk_by(|a, b| a == b)
            .filter(|port| is_down(port))
            .count();
        let touched = ports.chunk_by(|a, b| a == b).count();
        (down, touched - down, lanes.len())
    }
}

/// The blast radius of the part that takes the most ports down.
fn worst(system: &System, lanes_of: &LanesOf, parts: &[Part]) -> BlastRadius {
    let rank = |part: &Part| lanes_of.rank(system, *part);
    // Of equals the first one counts.
    let worst = parts.iter().rev().max_by_key(|part| rank(part));
    worst.map_or_else(BlastRadius::default, |part| system.blast_radius(*part))
}

/// Mean failure rate of a laser over the service life: random failures, which are stated for a
/// case temperature, and wear-out at the temperature of its junction, `-ln S(t) / t`. A laser that
/// is not lit does not fail.
fn laser_rate(system: &System, state: &SteadyState, index: usize) -> FailureRate {
    let none = FailureRate::new(0.0);
    let laser = &system.lasers[index];
    let Some(lane) = laser.media_lanes.first() else {
        return none;
    };
    let Some(point) = state.lanes.design(*lane).laser.map(|laser| laser.point) else {
        return none;
    };
    let (part, zone) = match laser.home {
        LaserHome::Module(module, _) => {
            let module = &system.laser_modules[module.index()];
            (
                &system.description.laser_module[module.group].value.laser,
                module.zone,
            )
        }
        LaserHome::Engine(engine) => {
            let engine = &system.engines[engine.index()];
            match &system.description.engine[engine.group].value.laser {
                Some(laser) => (laser, engine.zone),
                None => return none,
            }
        }
    };
    let case = system.description.zone[zone.index()]
        .value
        .temperature
        .value;
    let energy = part.activation_energy.value;
    let stated = part.failure_rate.value;
    // Parameters out of range mean that the law says nothing; the rate as stated is what is known.
    let random = arrhenius_acceleration(energy, part.failure_temperature.value, case)
        .map_or(stated, |acceleration| stated * acceleration);
    let life: Seconds = system.description.repair.service_life.value;
    let wearout = LaserFailure {
        wearout_median: part.wearout_median.value,
        wearout_sigma: part.wearout_sigma.value,
        random_rate: none,
        reference_temperature: part.reference_temperature.value,
        activation_energy: energy,
    };
    let survival = wearout.survival(life, point.junction_temperature);
    let worn = survival.map_or(none, |survival| {
        FailureRate::new(-survival.value().max(f64::MIN_POSITIVE).ln() / life.value())
    });
    random + worn
}
