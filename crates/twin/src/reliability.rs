//! Failures and what they take down.

use photonics::ageing::{LaserFailure, arrhenius_acceleration};
use system::{BlastRadius, EngineId, FibreId, LaserHome, LaserId, LaserModuleId, Part, System};
use units::{Celsius, FailureRate, Seconds};

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
    /// What the first of them takes down.
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
        let description = &system.description;
        let zero = FailureRate::new(0.0);
        let engines: FailureRate = system
            .engines
            .iter()
            .map(|engine| {
                let part = &description.engine[engine.group].value;
                part.failure_rate.value
                    + part.dsp.as_ref().map_or(zero, |dsp| dsp.failure_rate.value)
            })
            .sum();
        let lasers: FailureRate = (0..system.lasers.len())
            .map(|idx| laser_rate(system, state, idx))
            .sum();
        let modules: FailureRate = system
            .laser_modules
            .iter()
            .map(|module| {
                description.laser_module[module.group]
                    .value
                    .failure_rate
                    .value
            })
            .sum();
        let plant = &description.fibre_plant;
        let fibres: FailureRate = system
            .fibres
            .iter()
            .map(|fibre| match (fibre.carries, &plant.laser_fibre) {
                (system::FibreUse::Laser, Some(laser)) => laser.failure_rate.value,
                _ => plant.data_fibre.failure_rate.value,
            })
            .sum();
        let connectors = plant.data_connector.failure_rate.value * system.connectors.len() as f64;
        let host: FailureRate = system
            .host_lanes
            .iter()
            .map(|lane| serdes_rate(system, lane.serdes.index()))
            .sum();
        let all_serdes: FailureRate = (0..system.serdes_lanes.len())
            .map(|idx| serdes_rate(system, idx))
            .sum();
        let asics: FailureRate = system
            .asics
            .iter()
            .map(|asic| description.asic[asic.group].value.failure_rate.value)
            .sum();
        let blast = |part: &'static str, count: usize, rate: FailureRate, first: Part| PartBlast {
            part,
            count,
            failures_per_year: rate.to_per_year(),
            radius: if count == 0 {
                BlastRadius::default()
            } else {
                system.blast_radius(first)
            },
        };
        Self {
            total: engines + lasers + modules + fibres + connectors + all_serdes + asics,
            link_failures_per_year: (engines + lasers + modules + fibres + connectors + host)
                .to_per_year(),
            parts: vec![
                blast(
                    "engine",
                    system.engines.len(),
                    engines,
                    Part::Engine(EngineId(0)),
                ),
                blast(
                    "laser",
                    system.lasers.len(),
                    lasers,
                    Part::Laser(LaserId(0)),
                ),
                blast(
                    "laser_module",
                    system.laser_modules.len(),
                    modules,
                    Part::LaserModule(LaserModuleId(0)),
                ),
                blast(
                    "fibre",
                    system.fibres.len(),
                    fibres,
                    Part::Fibre(FibreId(0)),
                ),
                blast(
                    "ferrule",
                    system.connectors.len(),
                    connectors,
                    Part::Connector(system::ConnectorId(0)),
                ),
                blast(
                    "asic",
                    system.asics.len(),
                    asics,
                    Part::Asic(system::AsicId(0)),
                ),
            ],
        }
    }

    /// The blast radius of an engine, the part that cannot be pulled out at the faceplate.
    pub fn engine(&self) -> Option<&PartBlast> {
        self.parts.first()
    }
}

fn serdes_rate(system: &System, lane: usize) -> FailureRate {
    let lane = &system.serdes_lanes[lane];
    let group = system.asics[lane.asic.index()].group;
    system.description.asic[group].value.serdes[lane.class]
        .value
        .part
        .failure_rate
        .value
}

/// Mean failure rate of a laser over the service life: `-ln S(t) / t`, with random failures and
/// wear-out at the temperature of its junction. A laser that is not lit does not fail.
fn laser_rate(system: &System, state: &SteadyState, index: usize) -> FailureRate {
    let zero = FailureRate::new(0.0);
    let laser = &system.lasers[index];
    let Some(lane) = laser.media_lanes.clone().next() else {
        return zero;
    };
    let design = &state.lanes.designs[state.lanes.design_of[lane as usize]];
    let Some(point) = design.laser.map(|laser| laser.point) else {
        return zero;
    };
    let part = match laser.home {
        LaserHome::Module(module, _) => {
            &system.description.laser_module[system.laser_modules[module.index()].group]
                .value
                .laser
        }
        LaserHome::Engine(engine) => {
            let group = system.engines[engine.index()].group;
            match &system.description.engine[group].value.laser {
                Some(laser) => laser,
                None => return zero,
            }
        }
    };
    let (energy, reference): (_, Celsius) = (
        part.activation_energy.value,
        part.reference_temperature.value,
    );
    let life: Seconds = system.description.repair.service_life.value;
    // The random rate is stated at another temperature than wear-out.
    let stated = arrhenius_acceleration(energy, reference, part.failure_temperature.value);
    let survival = stated.and_then(|acceleration| {
        LaserFailure {
            wearout_median: part.wearout_median.value,
            wearout_sigma: part.wearout_sigma.value,
            random_rate: part.failure_rate.value / acceleration,
            reference_temperature: reference,
            activation_energy: energy,
        }
        .survival(life, point.junction_temperature)
    });
    // Parameters out of range mean that the law says nothing; the random rate is what is known.
    survival.map_or(part.failure_rate.value, |survival| {
        FailureRate::new(-survival.value().max(f64::MIN_POSITIVE).ln() / life.value())
    })
}
