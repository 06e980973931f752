//! What all switches of one description share.

use std::sync::Arc;

use link::{Element, LaneDesign, LaneFault, LaneModel, LevelPowers, Modulation};
use photonics::laser::Laser;
use system::parts;
use system::{FibreId, LaserHome, MediaLaneId, System};
use units::Decibels;

use super::WorldError;
use super::ageing::{AgeingPlan, Wear};
use super::flow::{FlowPlan, flow_plans};
use super::power::PowerTimes;
use super::rings::RingPlan;
use super::wander::WanderPlan;
use super::zones::{ZonePlan, zones};
use crate::heat::{HeatDynamics, electronic_w, heat_over_power};
use crate::sensors::{CodewordModel, SensorPlan};
use crate::steady::SteadyState;
use crate::supply::Supply;

/// A laser and where it stands.
#[derive(Debug, Clone)]
pub(super) struct LaserPlan {
    pub(super) device: Laser,
    /// Set-point of its power control, W.
    pub(super) set_point_w: f64,
    /// From the emitted power to where it leaves its module, as a share.
    pub(super) output: f64,
    pub(super) home: LaserHome,
    /// Temperature of its case in the steady state, C.
    pub(super) case_c: f64,
    /// How far its place on the grid of its fibre is from the middle, m.
    pub(super) grid_m: f64,
    /// Current in the steady state, from which the first search starts, A.
    pub(super) near_a: f64,
    pub(super) wear: Wear,
}

/// A lane and how it differs from its model.
#[derive(Debug, Clone, Copy)]
pub(super) struct LanePlan {
    /// Position of its model; none of a lane that is dark as described.
    pub(super) model: Option<usize>,
    /// Whether a ring modulates it.
    pub(super) has_ring: bool,
    /// What its couplers lose beyond those of the model, dB.
    pub(super) input_db: f64,
    pub(super) output_db: f64,
    pub(super) receive_db: f64,
    pub(super) asic: usize,
    pub(super) engine: usize,
    pub(super) laser: usize,
    /// Its place in a batch.
    pub(super) batch: usize,
    pub(super) place: usize,
}

/// Heat of the electronic dies of an engine at full power, W, and what its regulators add.
#[derive(Debug, Clone, Copy)]
pub(super) struct EnginePlan {
    pub(super) electronic_w: f64,
    /// Part of its heat that its own regulators add, as a factor.
    pub(super) share: f64,
    /// Cooler power for each watt of lasers inside.
    pub(super) cooler_ratio: f64,
    pub(super) supply: Option<Supply>,
}

/// A laser module.
#[derive(Debug, Clone, Copy)]
pub(super) struct ModulePlan {
    pub(super) cooler_ratio: f64,
    pub(super) electronics_w: f64,
    /// Efficiency of its regulator.
    pub(super) regulator: f64,
    pub(super) supply: Option<Supply>,
}

/// A description made ready to live in time; shared by all switches of it.
#[derive(Debug)]
pub struct SwitchPlan {
    pub(super) system: Arc<System>,
    pub(super) models: Vec<LaneModel>,
    /// The light of each model as designed, behind its output coupler.
    pub(super) ideal_w: Vec<LevelPowers>,
    pub(super) lanes: Vec<LanePlan>,
    /// Why lanes that are dark as described are, by lane.
    pub(super) dark: Vec<(MediaLaneId, LaneFault)>,
    pub(super) lasers: Vec<LaserPlan>,
    pub(super) engines: Vec<EnginePlan>,
    pub(super) modules: Vec<ModulePlan>,
    /// Modulation of each batch, and its lanes in the order of their places.
    pub(super) batches: Vec<(Modulation, Vec<usize>)>,
    pub(super) heat: Arc<HeatDynamics>,
    pub(super) sensors: Arc<SensorPlan>,
    pub(super) ageing: AgeingPlan,
    pub(super) powers: PowerTimes,
    pub(super) wander: WanderPlan,
    pub(super) rings: RingPlan,
    pub(super) zones: Vec<ZonePlan>,
    /// Pumps and fans, by cooling.
    pub(super) flows: Vec<FlowPlan>,
    pub(super) codewords: Option<CodewordModel>,
    /// Bit rate of every lane.
    pub(super) bits_per_s: Vec<f64>,
    /// Heat of the SerDes of every die.
    pub(super) serdes_w: Vec<f64>,
    /// Lanes by the fibre that they send into, and by the one that they receive from.
    pub(super) by_transmit: Vec<Vec<usize>>,
    pub(super) by_receive: Vec<Vec<usize>>,
}

impl SwitchPlan {
    /// Solves a description at rest and makes it ready for time.
    ///
    /// # Errors
    /// Heat without an answer, a package that cannot be reduced.
    pub fn new(system: Arc<System>) -> Result<Self, WorldError> {
        let steady = SteadyState::solve(&system);
        if let Some(Err(fault)) = &steady.heat {
            return Err(WorldError::Heat(fault.clone()));
        }
        let heat = Arc::new(HeatDynamics::new(&system, &steady).map_err(WorldError::Heat)?);
        let (models, lanes, dark) = lanes(&system, &steady);
        let mut plan = Self {
            lasers: lasers(&system, &steady, &models, &lanes),
            engines: engines(&system),
            modules: modules(&system),
            batches: Vec::new(),
            sensors: Arc::new(SensorPlan::new(&system)),
            ageing: AgeingPlan::new(&system),
            powers: PowerTimes::new(&system),
            wander: WanderPlan::new(&system),
            rings: RingPlan::new(&system, &steady, &models, &lanes),
            zones: zones(&system),
            flows: flow_plans(&system),
            codewords: models
                .first()
                .and_then(|model| CodewordModel::new(model.fec())),
            bits_per_s: bit_rates(&system),
            serdes_w: heat.loads().serdes_w.clone(),
            by_transmit: by_fibre(&system, |lane| lane.transmit_fibre),
            by_receive: by_fibre(&system, |lane| lane.receive_fibre),
            ideal_w: models
                .iter()
                .map(|model| model.transmit(&model.as_designed().0).levels_w)
                .collect(),
            system,
            models,
            lanes,
            dark,
            heat,
        };
        plan.batch();
        Ok(plan)
    }

    /// The description.
    pub const fn system(&self) -> &Arc<System> {
        &self.system
    }

    /// Lanes that are dark as they are described, and why; they stay dark.
    pub fn dark_lanes(&self) -> &[(MediaLaneId, LaneFault)] {
        &self.dark
    }

    /// The lane of the same wavelength on a fibre.
    pub(super) fn lane_at(&self, by: &[Vec<usize>], fibre: FibreId, like: usize) -> Option<usize> {
        let lanes = &self.system.media_lanes;
        let wanted = lanes[like].wavelength;
        let mut on_fibre = by[fibre.index()].iter().copied();
        on_fibre.find(|lane| lanes[*lane].wavelength == wanted)
    }

    /// Whether a lane can hear one of another switch: the same levels at the same rate.
    pub(super) fn hears(&self, lane: usize, there: &Self, end: MediaLaneId) -> bool {
        let Some(rate) = there.bits_per_s.get(end.index()) else {
            return false;
        };
        let levels = |plan: &Self, lane: usize| {
            let model = plan.lanes[lane].model;
            model.map(|model| plan.models[model].modulation())
        };
        let (own, far) = (levels(self, lane), levels(there, end.index()));
        // A lane that is dark as described hears and sends nothing, however it is joined.
        let is_alike = own.is_none() || far.is_none() || own == far;
        is_alike && rate.to_bits() == self.bits_per_s[lane].to_bits()
    }

    /// Gives every lit lane its place among those of its modulation.
    fn batch(&mut self) {
        for (idx, lane) in self.lanes.iter_mut().enumerate() {
            let Some(model) = lane.model else { continue };
            let modulation = self.models[model].modulation();
            let found = self.batches.iter().position(|(of, _)| *of == modulation);
            lane.batch = found.unwrap_or_else(|| {
                self.batches.push((modulation, Vec::new()));
                self.batches.len() - 1
            });
            let members = &mut self.batches[lane.batch].1;
            lane.place = members.len();
            members.push(idx);
        }
    }
}

fn by_fibre(system: &System, of: impl Fn(&system::MediaLane) -> FibreId) -> Vec<Vec<usize>> {
    let mut by = vec![Vec::new(); system.fibres.len()];
    for (lane, entity) in system.media_lanes.iter().enumerate() {
        by[of(entity).index()].push(lane);
    }
    by
}

fn bit_rates(system: &System) -> Vec<f64> {
    let lanes = system.media_lanes.iter();
    lanes
        .map(|lane| {
            let group = system.engines[lane.engine.index()].group;
            system.description.engine[group]
                .value
                .media_rate
                .value
                .value()
        })
        .collect()
}

/// The loss of an element in a design.
fn loss(design: &LaneDesign, of: Element) -> f64 {
    let plane = design.planes.after(of);
    plane.map_or(0.0, |plane| plane.loss.value())
}

type Lanes = (Vec<LaneModel>, Vec<LanePlan>, Vec<(MediaLaneId, LaneFault)>);

/// One model for each kind of lane; lanes of a kind differ by their couplers.
fn lanes(system: &System, steady: &SteadyState) -> Lanes {
    let solved = &steady.lanes;
    let mut models = Vec::new();
    let mut model_of_kind: Vec<Option<(usize, usize)>> = vec![None; solved.kind_of.len()];
    let mut dark = Vec::new();
    let mut lanes = Vec::with_capacity(system.media_lanes.len());
    for (idx, entity) in system.media_lanes.iter().enumerate() {
        let id = MediaLaneId::from_index(idx);
        let design_idx = solved.design_of[idx];
        let (design, kind) = (&solved.designs[design_idx], solved.kind_of[design_idx]);
        let known = model_of_kind[kind].map_or_else(
            || {
                let model = LaneModel::new(system, id, design, &steady.conditions)?;
                models.push(model);
                Ok((models.len() - 1, design_idx))
            },
            Ok,
        );
        let known = known
            .map_err(|fault: LaneFault| dark.push((id, fault)))
            .ok();
        model_of_kind[kind] = known.or(model_of_kind[kind]);
        let beyond = |of| {
            known.map_or(0.0, |(_, designed)| {
                loss(design, of) - loss(&solved.designs[designed], of)
            })
        };
        lanes.push(LanePlan {
            model: known.map(|(model, _)| model),
            has_ring: known.is_some_and(|(model, _)| models[model].modulator_ring().is_some()),
            input_db: beyond(Element::InputCoupler),
            output_db: beyond(Element::OutputCoupler),
            receive_db: beyond(Element::ReceiveCoupler),
            asic: system.engines[entity.engine.index()].asic.index(),
            engine: entity.engine.index(),
            laser: entity.laser.index(),
            batch: 0,
            place: 0,
        });
    }
    (models, lanes, dark)
}

fn lasers(
    system: &System,
    steady: &SteadyState,
    models: &[LaneModel],
    lanes: &[LanePlan],
) -> Vec<LaserPlan> {
    let case_c = |laser: &system::LaserEntity| match laser.home {
        LaserHome::Module(module, _) => {
            let of = &steady.conditions.laser_modules[module.index()];
            of.value().value()
        }
        LaserHome::Engine(engine) => steady.conditions.engines[engine.index()].value().value(),
    };
    let of_laser = |laser: &system::LaserEntity| {
        let mut lit = laser.media_lanes.iter();
        let model = lit.find_map(|lane| lanes[lane.index()].model);
        let point = laser.media_lanes.first().and_then(|lane| {
            let design = steady.lanes.design(*lane);
            design.laser.map(|laser| laser.point)
        });
        model.map(|model| {
            let of = models[model].laser();
            LaserPlan {
                device: of.device,
                set_point_w: of.set_point_w,
                output: Decibels::new(of.output_db).to_transmission(),
                home: laser.home,
                case_c: case_c(laser),
                grid_m: of.wavelength_m
                    - of.device.wavelength.value()
                    - of.device.wavelength_drift.value()
                        * (of.junction_c - of.device.reference_temperature.value()),
                near_a: point.map_or(0.0, |point| point.current.value()),
                wear: Wear::of(laser_part(system, laser)),
            }
        })
    };
    let unlit = |laser: &system::LaserEntity| LaserPlan {
        device: link::laser_device(laser_part(system, laser)),
        set_point_w: spare(system, laser).map_or(0.0, |(set_point_w, _)| set_point_w),
        output: spare(system, laser).map_or(1.0, |(_, output)| output),
        home: laser.home,
        case_c: case_c(laser),
        grid_m: 0.0,
        near_a: 0.0,
        wear: Wear::of(laser_part(system, laser)),
    };
    let lasers = system.lasers.iter();
    lasers
        .map(|laser| of_laser(laser).unwrap_or_else(|| unlit(laser)))
        .collect()
}

/// Set-point and output of a laser of a module that feeds no lane, W and a share: what its module is
/// made for, should somebody switch it on.
fn spare(system: &System, laser: &system::LaserEntity) -> Option<(f64, f64)> {
    let LaserHome::Module(module, _) = laser.home else {
        return None;
    };
    if !laser.media_lanes.is_empty() {
        return None;
    }
    let group = system.laser_modules[module.index()].group;
    let part = &system.description.laser_module[group].value;
    let launch = part.launch.value - part.launch_shortfall();
    let output = part.internal_loss.value.to_transmission();
    Some((launch.to_watts().value() / output, output))
}

/// The part of a laser that lights nothing.
fn laser_part<'a>(system: &'a System, laser: &system::LaserEntity) -> &'a parts::Laser {
    match laser.home {
        LaserHome::Module(module, _) => {
            let group = system.laser_modules[module.index()].group;
            &system.description.laser_module[group].value.laser
        }
        LaserHome::Engine(engine) => {
            let group = system.engines[engine.index()].group;
            let part = system.description.engine[group].value.laser.as_ref();
            part.expect("a laser at home in an engine is a part of it")
        }
    }
}

fn engines(system: &System) -> Vec<EnginePlan> {
    let of_engine = |engine: &system::EngineEntity| {
        let part = &system.description.engine[engine.group].value;
        let cooler = part.laser_cooler_ratio.as_ref();
        EnginePlan {
            electronic_w: electronic_w(system, engine),
            share: heat_over_power(system, engine),
            cooler_ratio: cooler.map_or(0.0, |ratio| ratio.value.value()),
            supply: Supply::of_engine(part),
        }
    };
    system.engines.iter().map(of_engine).collect()
}

fn modules(system: &System) -> Vec<ModulePlan> {
    let regulator = system.description.power.laser_regulator.value.value();
    let of_module = |module: &system::LaserModuleEntity| {
        let part = &system.description.laser_module[module.group].value;
        ModulePlan {
            cooler_ratio: part.cooler_power_ratio.value.value(),
            electronics_w: part.electronics_power.value.value(),
            regulator,
            supply: Supply::of_module(part),
        }
    };
    system.laser_modules.iter().map(of_module).collect()
}
