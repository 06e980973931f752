//! The heat of every part at given temperatures.

use link::{Conditions, Element, Lanes, engine_line_rate};
use serde::{Deserialize, Serialize};
use system::parts::Asic;
use system::{LaserHome, System};
use units::derivation::{Function, Given, read, record};
use units::{Celsius, Derived, PerKelvin, Sourced, Watts};

use super::Parts;
use crate::steady::SteadyState;

const LEAKAGE: Function = Function {
    name: "leakage of a die",
    equation: "dP = P_l (exp(b (T - T_l)) - 1)",
    source: "exponential law of sub-threshold leakage round a working point",
};

/// Power of a die without its SerDes at the temperature of its junction: what is stated, and what
/// the leakage differs from its value at the temperature at which it is stated.
pub(crate) fn core_power(part: &Asic, junction: &Derived<Celsius>) -> Derived<Watts> {
    let stated = read(&part.core_power);
    let (Some(_), Some(_), Some(_)) = (
        &part.leakage,
        &part.leakage_temperature,
        &part.leakage_slope,
    ) else {
        return stated;
    };
    let excess = |part: &Asic, at: &[f64]| -> Result<Vec<f64>, std::convert::Infallible> {
        Ok(vec![excess_leakage(part, Celsius::new(at[0])).value()])
    };
    let Ok(result) = excess(part, &[junction.value().value()]);
    let given = Given {
        part,
        fields: &[
            |asic| leakage(asic),
            |asic| leakage_temperature(asic),
            |asic| leakage_slope(asic),
        ],
        others: vec![junction.node()],
    };
    stated + record(&LEAKAGE, &given, result, excess).result(0)
}

const HAS_LEAKAGE: &str = "a die has all three figures of its leakage or none";

fn leakage(part: &mut Asic) -> &mut Sourced<Watts> {
    part.leakage.as_mut().expect(HAS_LEAKAGE)
}

fn leakage_temperature(part: &mut Asic) -> &mut Sourced<Celsius> {
    part.leakage_temperature.as_mut().expect(HAS_LEAKAGE)
}

fn leakage_slope(part: &mut Asic) -> &mut Sourced<PerKelvin> {
    part.leakage_slope.as_mut().expect(HAS_LEAKAGE)
}

/// What the leakage is above its stated value.
fn excess_leakage(part: &Asic, junction: Celsius) -> Watts {
    let (Some(leakage), Some(temperature), Some(slope)) = (
        &part.leakage,
        &part.leakage_temperature,
        &part.leakage_slope,
    ) else {
        return Watts::new(0.0);
    };
    let rise = (junction - temperature.value).value();
    leakage.value * (slope.value.value() * rise).exp_m1()
}

/// Heat of the dies of an engine.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct EngineLoad {
    /// Heaters, lasers inside, and light that does not leave, W.
    pub photonic_w: f64,
    /// Drivers, amplifiers, controller, retimer and host interface, W.
    pub electronic_w: f64,
}

/// Heat of every part, W.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Loads {
    /// Dies without their SerDes.
    pub cores_w: Vec<f64>,
    /// SerDes of each die.
    pub serdes_w: Vec<f64>,
    /// Engines.
    pub engines: Vec<EngineLoad>,
    /// Laser modules.
    pub laser_modules_w: Vec<f64>,
}

impl Loads {
    /// The heat of a system at rest.
    pub fn at_rest(system: &System, state: &SteadyState) -> Self {
        Self::new(system, &state.conditions, &state.lanes)
    }

    /// The heat in given conditions, with the lanes there.
    pub(crate) fn new(system: &System, conditions: &Conditions, lanes: &Lanes) -> Self {
        let cores_w = system
            .asics
            .iter()
            .zip(&conditions.asics)
            .map(|(asic, junction)| {
                let part = &system.description.asic[asic.group].value;
                core_w(part, 1.0, junction.value())
            })
            .collect();
        let designs: Vec<LaneLoad> = (0..lanes.designs.len())
            .map(|design| LaneLoad::new(lanes, design))
            .collect();
        Self {
            cores_w,
            serdes_w: serdes(system),
            engines: engines(system, lanes, &designs),
            laser_modules_w: laser_modules(system, lanes, &designs),
        }
    }

    /// Heat of a module by its position among all parts.
    pub(super) fn of_module(&self, parts: &Parts, part: usize) -> f64 {
        let past_dies = part - parts.n_asics;
        match self.engines.get(past_dies) {
            Some(engine) => engine.photonic_w + engine.electronic_w,
            None => self.laser_modules_w[past_dies - parts.n_engines],
        }
    }

    /// Change of the heat of dies, engines and laser modules for each kelvin, from the heat `probe_k`
    /// kelvin warmer.
    pub(super) fn slopes(&self, warmer: &Self, probe_k: f64) -> Vec<f64> {
        let pairs = |a: &[f64], b: &[f64]| -> Vec<f64> {
            a.iter().zip(b).map(|(a, b)| (b - a) / probe_k).collect()
        };
        let photonic = |loads: &Self| -> Vec<f64> {
            let engines = loads.engines.iter();
            engines.map(|engine| engine.photonic_w).collect()
        };
        let mut slopes = pairs(&self.cores_w, &warmer.cores_w);
        slopes.extend(pairs(&photonic(self), &photonic(warmer)));
        slopes.extend(pairs(&self.laser_modules_w, &warmer.laser_modules_w));
        slopes
    }
}

/// What one lane of a design adds, W.
struct LaneLoad {
    tuning: f64,
    /// Electrical power of its laser.
    laser: f64,
    /// Light of its laser at the input coupler.
    light_in: f64,
    /// Light of its laser where it leaves the laser or its module.
    launched: f64,
    /// Signal behind the output coupler.
    light_out: f64,
}

impl LaneLoad {
    fn new(lanes: &Lanes, design: usize) -> Self {
        let watts =
            |power: Option<Derived<Watts>>| power.map_or(0.0, |power| power.value().value());
        let planes = &lanes.designs[design].planes;
        let light = |element| {
            let plane = planes.after(element)?;
            Some(plane.average.to_watts().value())
        };
        let into = planes.after(Element::InputCoupler);
        let into = into.map(|plane| (plane.average + plane.loss).to_watts().value());
        Self {
            tuning: watts(lanes.tuning_power(design)),
            laser: watts(lanes.laser_power(design)),
            light_in: into.unwrap_or(0.0),
            launched: light(Element::Laser).unwrap_or(0.0),
            light_out: light(Element::OutputCoupler).unwrap_or(0.0),
        }
    }
}

/// Heat of the SerDes of every die: those that drive engines that carry traffic, and those of
/// electrical ports.
fn serdes(system: &System) -> Vec<f64> {
    let mut watts = vec![0.0; system.asics.len()];
    let of_lane = |lane: system::SerdesLaneId| {
        let lane = &system.serdes_lanes[lane.index()];
        let group = system.asics[lane.asic.index()].group;
        let part = &system.description.asic[group].value.serdes[lane.class]
            .value
            .part;
        let power = part.energy.value * part.rate.value;
        (lane.asic.index(), power.value())
    };
    let optical = system.host_lanes.iter().map(|lane| lane.serdes);
    let electrical = system
        .ports
        .iter()
        .flat_map(|port| port.serdes_lanes.iter().copied());
    for (asic, power) in optical.chain(electrical).map(of_lane) {
        watts[asic] += power;
    }
    watts
}

/// Electronic power of an engine that is on, W: drivers, amplifiers, controller, retimer and host
/// interface, without its regulators.
pub(crate) fn electronic_w(system: &System, engine: &system::EngineEntity) -> f64 {
    let part = &system.description.engine[engine.group].value;
    let rate = engine_line_rate(part);
    let mut electronic = part.control_energy.value * rate;
    if !engine.is_spare {
        electronic += (part.driver.energy.value + part.tia.energy.value) * rate;
        if let Some(dsp) = &part.dsp {
            electronic += dsp.energy.value * rate;
        }
        if let Some(interface) = &part.host_interface {
            let host_rate = interface.rate.value * f64::from(part.host_lanes);
            electronic += interface.energy.value * host_rate;
        }
    }
    electronic.value()
}

/// Heat of an engine over what its dies take: a module holds its own regulators, and an engine in
/// the package is fed from the board.
pub(crate) fn heat_over_power(system: &System, engine: &system::EngineEntity) -> f64 {
    let part = &system.description.engine[engine.group].value;
    if part.integration.is_in_package() {
        1.0
    } else {
        1.0 / system.description.power.engine_regulator.value.value()
    }
}

/// Power of a die without its SerDes, W, at a share of its work: what leaks at its junction stays.
pub(crate) fn core_w(part: &Asic, work: f64, junction: Celsius) -> f64 {
    let stated = part.core_power.value.value();
    let leakage = part.leakage.as_ref().map_or(0.0, |of| of.value.value());
    stated - (stated - leakage) * (1.0 - work) + excess_leakage(part, junction).value()
}

fn engines(system: &System, lanes: &Lanes, designs: &[LaneLoad]) -> Vec<EngineLoad> {
    let of_engine = |engine: &system::EngineEntity| {
        let part = &system.description.engine[engine.group].value;
        let of_lanes = engine.media_lanes.clone().map(|lane| {
            let lane = lane as usize;
            let load = &designs[lanes.design_of[lane]];
            let laser = &system.lasers[system.media_lanes[lane].laser.index()];
            // The light of one laser is shared by its lanes.
            let shared = load.light_in / laser.media_lanes.len().max(1) as f64;
            let light = match laser.home {
                LaserHome::Module(..) => shared - load.light_out,
                // A laser inside makes its light from its own power, counted below.
                LaserHome::Engine(_) => -load.light_out,
            };
            load.tuning + light
        });
        let cooler = part.laser_cooler_ratio.as_ref();
        let cooler = 1.0 + cooler.map_or(0.0, |ratio| ratio.value.value());
        let lasers = engine.lasers.clone().filter_map(|laser| {
            let lane = system.lasers[laser as usize].media_lanes.first()?;
            Some(designs[lanes.design_of[lane.index()]].laser * cooler)
        });
        let photonic = of_lanes.sum::<f64>() + lasers.sum::<f64>();
        let share = heat_over_power(system, engine);
        EngineLoad {
            photonic_w: photonic * share,
            electronic_w: electronic_w(system, engine) * share,
        }
    };
    system.engines.iter().map(of_engine).collect()
}

/// Heat of the laser modules: everything that they take, less the light that leaves.
fn laser_modules(system: &System, lanes: &Lanes, designs: &[LaneLoad]) -> Vec<f64> {
    let regulator = system.description.power.laser_regulator.value.value();
    let of_module = |module: &system::LaserModuleEntity| {
        let part = &system.description.laser_module[module.group].value;
        let cooler = 1.0 + part.cooler_power_ratio.value.value();
        let lit = module.lasers.clone().filter_map(|laser| {
            let lane = system.lasers[laser as usize].media_lanes.first()?;
            Some(&designs[lanes.design_of[lane.index()]])
        });
        let (mut electrical, mut light) = (0.0, 0.0);
        for load in lit {
            electrical += load.laser * cooler;
            light += load.launched;
        }
        (electrical + part.electronics_power.value.value()) / regulator - light
    };
    system.laser_modules.iter().map(of_module).collect()
}
