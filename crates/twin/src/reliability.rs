//! Failures and what they take down.

use std::collections::BTreeMap;
use std::convert::Infallible;

use link::Conditions;
use photonics::ageing::{LaserFailure, arrhenius_acceleration};
use system::parts::Laser;
use system::{
    AsicId, BlastRadius, ConnectorId, EngineId, FauId, FibreId, FibreUse, LaserHome, LaserId,
    LaserModuleId, MediaLaneId, Part, PortId, System,
};
use units::derivation::{Function, Given, count, number, read, record};
use units::{Celsius, Derived, FailureRate, Seconds};

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
        let blast = |part: &'static str, rate: &Derived<FailureRate>, parts: Vec<Part>| PartBlast {
            part,
            count: parts.len(),
            failures_per_year: rate.value().to_per_year(),
            radius: worst(system, &lanes_of, &parts),
        };
        let none = number(FailureRate::new(0.0));
        let engine = |idx| Part::Engine(EngineId::from_index(idx));
        let laser = |idx| Part::Laser(LaserId::from_index(idx));
        let module = |idx| Part::LaserModule(LaserModuleId::from_index(idx));
        let connector = |idx| Part::Connector(ConnectorId::from_index(idx));
        Self {
            total: rates.all().value(),
            link_failures_per_year: rates.of_links_per_year().value(),
            parts: vec![
                blast("engine", &rates.engines, all(system.engines.len(), engine)),
                blast("laser", &rates.lasers, all(system.lasers.len(), laser)),
                blast(
                    "laser_module",
                    &rates.modules,
                    all(system.laser_modules.len(), module),
                ),
                blast("data_fibre", &rates.data_fibres, fibres(FibreUse::Data)),
                blast("laser_fibre", &rates.laser_fibres, fibres(FibreUse::Laser)),
                blast(
                    "ferrule",
                    &rates.connectors,
                    all(system.connectors.len(), connector),
                ),
                // Its failures are counted with the engine that it is glued to.
                blast(
                    "fau",
                    &none,
                    all(system.faus.len(), |idx| Part::Fau(FauId::from_index(idx))),
                ),
                blast(
                    "asic",
                    &rates.asics,
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
pub(crate) struct Rates {
    engines: Derived<FailureRate>,
    lasers: Derived<FailureRate>,
    modules: Derived<FailureRate>,
    data_fibres: Derived<FailureRate>,
    laser_fibres: Derived<FailureRate>,
    connectors: Derived<FailureRate>,
    host_serdes: Derived<FailureRate>,
    all_serdes: Derived<FailureRate>,
    asics: Derived<FailureRate>,
}

impl Rates {
    pub(crate) fn new(system: &System, state: &SteadyState) -> Self {
        let description = &system.description;
        let plant = &description.fibre_plant;
        let fibres = |fibre: &system::parts::Fibre, carries| {
            let n = system
                .fibres
                .iter()
                .filter(|fibre| fibre.carries == carries);
            read(&fibre.failure_rate) * count("fibres", n.count())
        };
        let connectors = |connector: &system::parts::Connector, n: usize| {
            read(&connector.failure_rate) * count("connectors", n)
        };
        let n_modules = system.laser_modules.len();
        let n_behind = n_modules * plant.laser_connectors.unwrap_or(0) as usize;
        // Ferrules at the faceplate, the mate of each laser module and the connectors behind it.
        let all_connectors = [
            Some(connectors(&plant.data_connector, system.connectors.len())),
            plant
                .laser_mate
                .as_ref()
                .map(|mate| connectors(mate, n_modules)),
            plant
                .laser_connector
                .as_ref()
                .map(|part| connectors(part, n_behind)),
        ];
        let engines = description.engine.iter().enumerate().map(|(idx, group)| {
            let n = system.engines.iter().filter(|engine| engine.group == idx);
            engine_rate(&group.value) * count("engines", n.count())
        });
        let modules = description
            .laser_module
            .iter()
            .enumerate()
            .map(|(idx, group)| {
                let n = system
                    .laser_modules
                    .iter()
                    .filter(|module| module.group == idx);
                read(&group.value.failure_rate) * count("laser modules", n.count())
            });
        let asics = description.asic.iter().enumerate().map(|(idx, group)| {
            let n = system.asics.iter().filter(|asic| asic.group == idx);
            read(&group.value.failure_rate) * count("dies", n.count())
        });
        let host_lanes = system.host_lanes.iter().map(|lane| lane.serdes.index());
        let laser_fibres = plant.laser_fibre.as_ref();
        Self {
            engines: total(engines).named("failures of engines"),
            lasers: laser_rates(system, state).named("failures of lasers"),
            modules: total(modules).named("failures of laser modules but their lasers"),
            data_fibres: fibres(&plant.data_fibre, FibreUse::Data).named("failures of data fibres"),
            laser_fibres: total(laser_fibres.map(|fibre| fibres(fibre, FibreUse::Laser)))
                .named("failures of laser fibres"),
            connectors: total(all_connectors.into_iter().flatten()).named("failures of connectors"),
            host_serdes: serdes_rates(system, host_lanes).named("failures of SerDes of engines"),
            all_serdes: serdes_rates(system, 0..system.serdes_lanes.len())
                .named("failures of SerDes"),
            asics: total(asics).named("failures of dies"),
        }
    }

    /// Everything on the optical side of the ASIC.
    fn optical(&self) -> Derived<FailureRate> {
        let terms = [
            &self.engines,
            &self.lasers,
            &self.modules,
            &self.data_fibres,
            &self.laser_fibres,
            &self.connectors,
        ];
        total(terms.into_iter().cloned()).named("failures on the optical side")
    }

    /// All failures of the switch.
    pub(crate) fn all(&self) -> Derived<FailureRate> {
        self.optical() + self.all_serdes.clone() + self.asics.clone()
    }

    /// Failures that take optical lanes down.
    fn of_links(&self) -> Derived<FailureRate> {
        (self.optical() + self.host_serdes.clone()).named("failures of optical links")
    }

    /// The same per year.
    pub(crate) fn of_links_per_year(&self) -> Derived<f64> {
        self.of_links().map(&PER_YEAR, FailureRate::to_per_year)
    }
}

/// The sum of some rates; zero of none.
fn total(rates: impl IntoIterator<Item = Derived<FailureRate>>) -> Derived<FailureRate> {
    let sum = rates.into_iter().reduce(|sum, rate| sum + rate);
    sum.unwrap_or_else(|| number(FailureRate::new(0.0)))
}

/// Failures of an engine with its interface and DSP, without lasers.
fn engine_rate(engine: &system::parts::Engine) -> Derived<FailureRate> {
    let interface = engine.host_interface.as_ref().map(|interface| {
        read(&interface.failure_rate) * count("host lanes", engine.host_lanes as usize)
    });
    let dsp = engine.dsp.as_ref().map(|dsp| read(&dsp.failure_rate));
    let own = Some(read(&engine.failure_rate));
    total([own, interface, dsp].into_iter().flatten())
}

/// Failures of some SerDes lanes; equal ones are counted.
fn serdes_rates(system: &System, lanes: impl Iterator<Item = usize>) -> Derived<FailureRate> {
    let mut n_by_class: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for lane in lanes {
        let lane = &system.serdes_lanes[lane];
        let group = system.asics[lane.asic.index()].group;
        *n_by_class.entry((group, lane.class)).or_default() += 1;
    }
    total(n_by_class.into_iter().map(|((group, class), n)| {
        let class = &system.description.asic[group].value.serdes[class].value;
        read(&class.part.failure_rate) * count("SerDes lanes", n)
    }))
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

/// Failures of all lasers. Lasers of one home and one lane design are equal: they are counted.
fn laser_rates(system: &System, state: &SteadyState) -> Derived<FailureRate> {
    let mut n_by_design: BTreeMap<usize, (usize, LaserHome)> = BTreeMap::new();
    for laser in &system.lasers {
        // A laser that is not lit does not fail.
        if let Some(lane) = laser.media_lanes.first() {
            let design = state.lanes.design_of[lane.index()];
            n_by_design.entry(design).or_insert((0, laser.home)).0 += 1;
        }
    }
    total(n_by_design.into_iter().filter_map(|(design, (n, home))| {
        let derivation = &state.lanes.designs[design].derivation;
        let junction = derivation.junction_temperature.as_ref()?;
        let conditions = &state.conditions;
        Some(laser_rate(system, conditions, home, junction)? * count("lasers", n))
    }))
}

const PER_YEAR: Function = Function {
    name: "events of a year",
    equation: "n = lambda 8766 h",
    source: "mean year",
};

const RANDOM: Function = Function {
    name: "random failures at temperature",
    equation: "lambda = lambda_0 exp(E_a / k (1 / T_0 - 1 / T))",
    source: "Arrhenius; photonics::ageing",
};

const WEAR: Function = Function {
    name: "wear-out over the service life",
    equation: "lambda = -ln S(t) / t, S lognormal with its median moved by Arrhenius",
    source: "photonics::ageing",
};

/// Mean failure rate of a laser over the service life: random failures, which are stated for a
/// case temperature, and wear-out at the temperature of its junction, `-ln S(t) / t`.
fn laser_rate(
    system: &System,
    conditions: &Conditions,
    home: LaserHome,
    junction: &Derived<Celsius>,
) -> Option<Derived<FailureRate>> {
    let description = &system.description;
    let (part, case) = match home {
        LaserHome::Module(module, _) => {
            let group = system.laser_modules[module.index()].group;
            (
                description.laser_module[group].value.laser.as_ref(),
                &conditions.laser_modules[module.index()],
            )
        }
        LaserHome::Engine(engine) => {
            let group = system.engines[engine.index()].group;
            (
                description.engine[group].value.laser.as_deref()?,
                &conditions.engines[engine.index()],
            )
        }
    };
    let random = |part: &Laser, x: &[f64]| -> Result<Vec<f64>, Infallible> {
        let stated = part.failure_rate.value;
        let (energy, reference) = (part.activation_energy.value, part.failure_temperature.value);
        // Parameters out of range mean that the law says nothing; the rate as stated is what is
        // known.
        let rate = arrhenius_acceleration(energy, reference, Celsius::new(x[0]))
            .map_or(stated, |acceleration| stated * acceleration);
        Ok(vec![rate.value()])
    };
    let worn = |part: &Laser, x: &[f64]| -> Result<Vec<f64>, Infallible> {
        let wearout = LaserFailure {
            wearout_median: part.wearout_median.value,
            wearout_sigma: part.wearout_sigma.value,
            random_rate: FailureRate::new(0.0),
            reference_temperature: part.reference_temperature.value,
            activation_energy: part.activation_energy.value,
        };
        let survival = wearout.survival(Seconds::new(x[0]), Celsius::new(x[1]));
        let rate = survival.map_or(0.0, |survival| {
            -survival.value().max(f64::MIN_POSITIVE).ln() / x[0]
        });
        Ok(vec![rate])
    };
    let life = read(&description.repair.service_life);
    let Ok(random_rate) = random(part, &[case.node().si]);
    let Ok(worn_rate) = worn(part, &[life.node().si, junction.node().si]);
    let given = Given {
        part,
        fields: &[
            |laser: &mut Laser| &mut laser.failure_rate,
            |laser| &mut laser.activation_energy,
            |laser| &mut laser.failure_temperature,
        ],
        others: vec![case.node()],
    };
    let random = record(&RANDOM, &given, random_rate, random).result::<FailureRate>(0);
    let given = Given {
        part,
        fields: &[
            |laser: &mut Laser| &mut laser.wearout_median,
            |laser| &mut laser.wearout_sigma,
            |laser| &mut laser.reference_temperature,
            |laser| &mut laser.activation_energy,
        ],
        others: vec![life.node(), junction.node()],
    };
    let worn = record(&WEAR, &given, worn_rate, worn).result::<FailureRate>(0);
    Some((random + worn).named("failures of a laser"))
}
