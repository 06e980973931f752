//! What faults do to the parts of one switch.

use link::{HeaterAct, shift_loss};
use plant::{Entity, Signal};
use serde::{Deserialize, Serialize};
use system::{EntityKind, FibreUse, LaserHome, System};
use units::{Celsius, Meters};

use super::EventId;
use super::ageing::Worn;
use super::laser::LaserHealth;
use super::light::LaneHealth;
use super::plan::SwitchPlan;
use crate::fault::{Fault, FaultKind, Target};
use crate::heat::{Coolant, HeatNow, Loads};
use crate::sensors::SensorFault;

/// Light that is cut, dB: nothing that a receiver knows of is left.
const CUT_DB: f64 = f64::INFINITY;

/// A fault that is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Active {
    /// Under which it is cleared.
    pub(super) name: Option<String>,
    pub(super) fault: Fault,
    pub(super) began_ns: u64,
    pub(super) cleared_ns: Option<u64>,
    /// The event of its beginning.
    pub(super) event: EventId,
}

impl Active {
    /// How bad it is now; none while it is not there.
    pub(super) fn strength(&self, now_ns: u64) -> Option<f64> {
        let since = now_ns.saturating_sub(self.began_ns);
        let profile = &self.fault.profile;
        let level = match self.cleared_ns {
            Some(at) => profile.level_when_cleared(since, at - self.began_ns),
            None => profile.level(since),
        };
        self.fault.strength_at(level)
    }

    /// Whether it will not come again.
    pub(super) fn is_over(&self, now_ns: u64) -> bool {
        self.over_ns().is_some_and(|end| now_ns >= end)
    }

    /// From when on it will not come again; none while that is not known.
    pub(super) fn over_ns(&self) -> Option<u64> {
        let profile = &self.fault.profile;
        let cleared = self
            .cleared_ns
            .map(|at| at.saturating_add(profile.recovery_ns));
        let ended = profile
            .end_ns()
            .map(|end| self.began_ns.saturating_add(end));
        [cleared, ended].into_iter().flatten().min()
    }
}

/// What has befallen a cooling.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct CoolingHealth {
    /// Flow over what would flow otherwise.
    pub(super) flow: f64,
    /// Rise of the inlet, K.
    pub(super) warmer_k: f64,
}

/// What faults do to the parts of a switch.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Harm {
    pub(super) lasers: Vec<LaserHealth>,
    pub(super) lanes: Vec<LaneHealth>,
    /// Loss of every fibre, dB.
    pub(super) fibres_db: Vec<f64>,
    pub(super) absent: Vec<bool>,
    pub(super) path_open: Vec<bool>,
    /// Host lanes into which the die sends nothing.
    pub(super) mute_hosts: Vec<bool>,
    /// Resistance between engines or dies and their cooler, K/W.
    pub(super) engine_k_per_w: Vec<f64>,
    pub(super) asic_k_per_w: Vec<f64>,
    pub(super) coolings: Vec<CoolingHealth>,
    /// Which fibre of this switch stands in the place of each.
    pub(super) fibre_at: Vec<usize>,
    pub(super) sensors: Vec<(Signal, u32, SensorFault)>,
    /// The last fault on each laser module, which opens its path.
    pub(super) module_by: Vec<Option<EventId>>,
}

impl Harm {
    /// Nothing has befallen anything.
    pub(super) fn none(system: &System) -> Self {
        Self {
            lasers: vec![LaserHealth::NEW; system.lasers.len()],
            lanes: vec![LaneHealth::GOOD; system.media_lanes.len()],
            fibres_db: vec![0.0; system.fibres.len()],
            absent: vec![false; system.laser_modules.len()],
            path_open: vec![false; system.laser_modules.len()],
            mute_hosts: vec![false; system.host_lanes.len()],
            engine_k_per_w: vec![0.0; system.engines.len()],
            asic_k_per_w: vec![0.0; system.asics.len()],
            coolings: vec![
                CoolingHealth {
                    flow: 1.0,
                    warmer_k: 0.0,
                };
                system.description.cooling.len()
            ],
            fibre_at: (0..system.fibres.len()).collect(),
            sensors: Vec::new(),
            module_by: vec![None; system.laser_modules.len()],
        }
    }

    /// What ageing and all faults together do now.
    pub(super) fn of(plan: &SwitchPlan, worn: &Worn, faults: &[Active], now_ns: u64) -> Self {
        let mut harm = Self::none(plan.system());
        harm.lasers.copy_from_slice(&worn.lasers);
        harm.fibres_db.copy_from_slice(&worn.fibres_db);
        harm.asic_k_per_w.copy_from_slice(&worn.asic_k_per_w);
        harm.engine_k_per_w.copy_from_slice(&worn.engine_k_per_w);
        for active in faults {
            if let Some(strength) = active.strength(now_ns) {
                harm.add(plan, &active.fault, strength, active.event);
            }
        }
        harm.spread(plan.system());
        harm
    }

    /// Coolants as they are set, with what faults do to them.
    pub(super) fn coolants(&self, set: &[Coolant]) -> Vec<Coolant> {
        let set = set.iter().zip(&self.coolings);
        set.map(|(set, health)| Coolant {
            inlet_c: set.inlet_c + health.warmer_k,
            flow_ratio: (set.flow_ratio * health.flow).max(0.0),
        })
        .collect()
    }

    /// Temperatures of dies, photonic dies and laser modules, C, with what voids under them add.
    pub(super) fn temperatures(
        &self,
        now: &HeatNow,
        loads: &Loads,
    ) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        let watts = loads.cores_w.iter().zip(&loads.serdes_w);
        let watts = watts.map(|(core, serdes)| core + serdes);
        let voids = self.asic_k_per_w.iter().zip(watts);
        let asics = now.junctions.iter().zip(voids);
        let engines = loads.engines.iter();
        let watts = engines.map(|of| of.photonic_w + of.electronic_w);
        let voids = self.engine_k_per_w.iter().zip(watts);
        let engines = now.photonic.iter().zip(voids);
        let warmed = |(t, (k_per_w, watts)): (&Celsius, (&f64, f64))| t.value() + k_per_w * watts;
        (
            asics.map(warmed).collect(),
            engines.map(warmed).collect(),
            now.laser_modules.iter().map(|t| t.value()).collect(),
        )
    }

    fn add(&mut self, plan: &SwitchPlan, fault: &Fault, strength: f64, event: EventId) {
        match fault.target {
            Target::Entity(entity) => self.strike(plan, fault.kind, entity, strength, event),
            Target::TwoEntities(one, other) => {
                let (one, other) = (one.index as usize, other.index as usize);
                self.fibre_at.swap(one, other);
            }
            Target::Cooling(cooling) => {
                let of = &mut self.coolings[cooling];
                if fault.kind == FaultKind::CoolantWarm {
                    of.warmer_k += strength;
                } else {
                    of.flow *= 1.0 - strength;
                }
            }
            Target::Monitor(signal, index) => {
                let kind = match fault.kind {
                    FaultKind::MonitorNoisy => SensorFault::Noisy(strength),
                    FaultKind::MonitorBiased => SensorFault::Biased(strength),
                    FaultKind::MonitorDead => SensorFault::Dead,
                    _ => SensorFault::Stuck,
                };
                self.sensors.push((signal, index, kind));
            }
        }
    }

    fn strike(
        &mut self,
        plan: &SwitchPlan,
        kind: FaultKind,
        entity: Entity,
        strength: f64,
        event: EventId,
    ) {
        let system = plan.system();
        let idx = entity.index as usize;
        if entity.kind == EntityKind::LaserModule {
            self.module_by[idx] = Some(event);
        }
        match kind {
            FaultKind::LaserDegradation => self.lasers[idx].slope *= 1.0 - strength,
            FaultKind::LaserDeath => self.lasers[idx].is_dead = true,
            FaultKind::LaserWavelength => self.lasers[idx].wavelength_m += strength,
            FaultKind::LaserCooler => {
                for laser in system.laser_modules[idx].lasers.clone() {
                    self.lasers[laser as usize].above_case_k += strength;
                }
            }
            FaultKind::ModuleUnseated => {
                for laser in system.laser_modules[idx].lasers.clone() {
                    self.feed(system, laser as usize, strength);
                }
            }
            FaultKind::ModuleAbsent => self.absent[idx] = true,
            FaultKind::LaserPathOpen => self.path_open[idx] = true,
            FaultKind::SplitterDamage => {
                for lane in &system.lasers[idx].media_lanes {
                    self.lanes[lane.index()].splitter_db += strength;
                }
            }
            FaultKind::LaserDirt
            | FaultKind::LaserBend
            | FaultKind::FibreDirt
            | FaultKind::FibreBend => self.fibres_db[idx] += strength,
            FaultKind::FibreBreak => self.fibres_db[idx] = CUT_DB,
            FaultKind::RibbonCut => {
                for (fibre, entity) in system.fibres.iter().enumerate() {
                    if entity.connector.index() == idx {
                        self.fibres_db[fibre] = CUT_DB;
                    }
                }
            }
            FaultKind::Reflection => self.reflection(plan, idx, strength),
            FaultKind::FauShift => self.fau_shift(plan, idx, strength),
            FaultKind::TimVoid if entity.kind == EntityKind::Engine => {
                self.engine_k_per_w[idx] += strength;
            }
            FaultKind::TimVoid => self.asic_k_per_w[idx] += strength,
            FaultKind::SerdesTransmit | FaultKind::SerdesReceive => {
                self.mute_hosts[idx] |= kind == FaultKind::SerdesTransmit;
                for (lane, of_lane) in system.media_lanes.iter().enumerate() {
                    if of_lane.host_lanes.contains(&entity.index) {
                        let of = &mut self.lanes[lane];
                        if kind == FaultKind::SerdesTransmit {
                            of.is_mute = true;
                        } else {
                            of.is_deaf = true;
                        }
                    }
                }
            }
            _ => strike_lane(&mut self.lanes[idx], kind, strength),
        }
    }

    /// Loss of the light of a laser on its way to the engine, by a fault or by age alone.
    fn feed(&mut self, system: &System, laser: usize, loss_db: f64) {
        for lane in &system.lasers[laser].media_lanes {
            self.lanes[lane.index()].feed_db += loss_db;
        }
    }

    /// Light over two reflections, one of them at the bad connector: as the strongest of the
    /// design, with the one reflectance in place of the described one.
    fn reflection(&mut self, plan: &SwitchPlan, fibre: usize, reflectance_db: f64) {
        let system = plan.system();
        let connector = &system.description.fibre_plant.data_connector;
        let described = connector.reflectance.value.value();
        let by = 10f64.powf((reflectance_db - described) / 10.0);
        for (lane, entity) in system.media_lanes.iter().enumerate() {
            if entity.transmit_fibre.index() != fibre && entity.receive_fibre.index() != fibre {
                continue;
            }
            if let Some(model) = plan.lanes[lane].model {
                let of = &mut self.lanes[lane];
                of.interferer += plan.models[model].strongest_reflection() * by;
            }
        }
    }

    /// What a shift of all fibres of an array unit costs at the couplers that they stand at.
    fn fau_shift(&mut self, plan: &SwitchPlan, fau: usize, shift_m: f64) {
        let system = plan.system();
        let is_held = |fibre: system::FibreId| system.fibres[fibre.index()].fau.index() == fau;
        for (lane, entity) in system.media_lanes.iter().enumerate() {
            let Some(model) = plan.lanes[lane].model else {
                continue;
            };
            let group = system.engines[entity.engine.index()].group;
            let engine = &system.description.engine[group].value;
            let wavelength = Meters::new(plan.models[model].laser().wavelength_m);
            // Beyond the model's range nothing is left of the light.
            let loss = |coupler| {
                let at = shift_loss(
                    coupler,
                    wavelength,
                    Celsius::new(25.0),
                    Meters::new(shift_m),
                );
                at.map_or(CUT_DB, |loss| loss.map_or(0.0, units::Decibels::value))
            };
            let of = &mut self.lanes[lane];
            if let LaserHome::Module(_, Some(feed)) = system.lasers[entity.laser.index()].home
                && is_held(feed)
            {
                of.input_db += loss(&engine.input_coupler);
            }
            if is_held(entity.transmit_fibre) {
                of.output_db += loss(&engine.output_coupler);
            }
            if is_held(entity.receive_fibre) {
                of.receive_db += loss(&engine.receive_coupler);
            }
        }
    }

    /// From fibres to the lanes whose light they carry: laser light here, signals where they are
    /// joined.
    fn spread(&mut self, system: &System) {
        for (laser, entity) in system.lasers.iter().enumerate() {
            let LaserHome::Module(_, Some(fibre)) = entity.home else {
                continue;
            };
            let fibre = fibre.index();
            debug_assert!(system.fibres[fibre].carries == FibreUse::Laser);
            self.feed(system, laser, self.fibres_db[fibre]);
        }
    }
}

fn strike_lane(of: &mut LaneHealth, kind: FaultKind, strength: f64) {
    match kind {
        FaultKind::ModulatorOpen => of.swing = 0.0,
        FaultKind::DriverSwing => of.swing *= 1.0 - strength,
        FaultKind::BiasCreep => of.bias_drift_rad += strength,
        FaultKind::HeaterOpen | FaultKind::RingUnlock => of.heater = HeaterAct::Held(0.0),
        FaultKind::HeaterStuck => of.heater = HeaterAct::Held(strength),
        FaultKind::Photodiode => of.responsivity *= 1.0 - strength,
        FaultKind::TiaNoise => of.noise *= strength,
        FaultKind::FarTransmitter => of.receive_db += strength,
        // Every kind that does not strike a lane has been dealt with.
        _ => debug_assert!(false, "{kind:?} strikes no lane"),
    }
}
