//! One switch in time.

use std::sync::Arc;
use std::time::Duration;

use link::HeaterAct;
use plant::{DeviceName, Entity, Observation, PowerState, Timestamp};
use serde::{Deserialize, Serialize};
use units::Seconds;

use super::WorldError;
use super::act::Controls;
use super::ageing::{Ages, Worn};
use super::blame::Causes;
use super::carry::Carriage;
use super::edge::{Dated, Edge, Made};
use super::event::{Event, EventId, EventLog, What};
use super::harm::{Active, Harm};
use super::light::{LaneHealth, Light, Warmth};
use super::load::{Electrons, fill};
use super::note::Flags;
use super::plan::SwitchPlan;
use super::power::{Pace, Powers};
use super::rings::Rings;
use super::route::Route;
use super::wander::Wander;
use super::zones::ZoneGuard;
use crate::fault::Fault;
use crate::heat::{Coolant, HeatMotion, Loads};
use crate::scenario::LoadProfile;
use crate::sensors::{Sensors, Truth};

/// Rounds of heat and light on the way to rest.
const MAX_ROUNDS: usize = 200;
/// Change of a temperature, K, below which a switch is at rest.
const AT_REST_K: f64 = 1e-6;

/// A load as it was set, when, and the event of its setting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct LoadSet {
    pub(super) load: LoadProfile,
    pub(super) since_ns: u64,
    pub(super) set_by: Option<EventId>,
    /// Work of the die before.
    pub(super) before: f64,
}

/// One switch in time.
#[derive(Debug, Clone)]
pub struct Switch {
    pub(super) plan: Arc<SwitchPlan>,
    pub(super) name: DeviceName,
    pub(super) log: EventLog,
    pub(super) faults: Vec<Active>,
    pub(super) harm: Harm,
    /// Parts as they have aged.
    pub(super) worn: Worn,
    pub(super) ages: Ages,
    pub(super) worn_at_ns: u64,
    pub(super) aged_by: Option<EventId>,
    /// The event of the present point of a jump over months, to which all leads back that happens
    /// in it; none outside jumps.
    pub(super) jumping: Option<EventId>,
    pub(super) loads_set: Vec<LoadSet>,
    /// Work of each die now, 0 to 1.
    pub(super) work: Vec<f64>,
    pub(super) is_on: Vec<bool>,
    /// Whether each die has switched itself off for good.
    pub(super) has_tripped: Vec<bool>,
    pub(super) zones: Vec<ZoneGuard>,
    /// Where parts are on their way to what commands ask.
    pub(super) powers: Powers,
    /// Which rings serve which lanes.
    pub(super) rings: Rings,
    /// How far fibres and biases have wandered from their means.
    pub(super) wander: Wander,
    pub(super) coolants_set: Vec<Coolant>,
    /// Speed of the pump or fans of every cooling, over that of the described flow; the flow is as
    /// large a share of its own.
    pub(super) speeds: Vec<f64>,
    pub(super) coolant_by: Vec<Option<EventId>>,
    pub(super) controls: Controls,
    /// The last command to each part.
    pub(super) commanded: Vec<(Entity, EventId)>,
    pub(super) light: Light,
    pub(super) loads: Loads,
    /// Power that each engine draws, W.
    pub(super) drawn_w: Vec<f64>,
    /// Whether each receiver finds light, which it keeps between two limits.
    pub(super) has_signal: Vec<bool>,
    /// From where each lane hears its light; empty before the first step.
    pub(super) routes: Vec<Route>,
    /// Its position in the world, and whether nothing is at the far end of each lane; since the first
    /// step.
    pub(super) own: usize,
    pub(super) is_unconnected: Vec<bool>,
    /// What each lane carries; since the first step.
    pub(super) carriage: Carriage,
    pub(super) heat: HeatMotion,
    /// Photonic dies with what voids under them add, C.
    pub(super) engines_c: Vec<f64>,
    pub(super) modules_c: Vec<f64>,
    pub(super) junctions_c: Vec<f64>,
    /// Where the search for causes measures from: temperatures at rest when the world began.
    pub(super) rest_engines_c: Vec<f64>,
    pub(super) flags: Flags,
    /// What is found for the chain of causes, within one step.
    pub(super) causes: Causes,
    /// What has come about within a step and has not happened yet.
    pub(super) edges: Vec<Dated>,
    /// Refilled at each step.
    pub(super) truth: Option<Box<Truth>>,
    pub(super) sensors: Sensors,
}

impl Switch {
    /// A switch at rest under full load.
    ///
    /// # Errors
    /// A lane that cannot live in time, no state at rest.
    pub fn new(plan: &Arc<SwitchPlan>, name: DeviceName, seed: u64) -> Result<Self, WorldError> {
        let system = plan.system();
        let light = Light::new(plan).map_err(|fault| WorldError::Lane {
            lane: system.description.name.clone(),
            fault,
        })?;
        let loads = plan.heat.loads().clone();
        let coolants_set = plan.heat.coolants().to_vec();
        let heat =
            HeatMotion::at_rest(&plan.heat, &loads, &coolants_set).map_err(WorldError::Heat)?;
        let n_asics = system.asics.len();
        let full = LoadSet {
            load: LoadProfile::Constant(1.0),
            since_ns: 0,
            set_by: None,
            before: 1.0,
        };
        let mut switch = Self {
            harm: Harm::none(system),
            log: EventLog::default(),
            faults: Vec::new(),
            worn: Worn::none(system),
            ages: Ages::new(plan, seed),
            worn_at_ns: 0,
            aged_by: None,
            jumping: None,
            loads_set: vec![full; n_asics],
            work: vec![1.0; n_asics],
            is_on: vec![true; n_asics],
            has_tripped: vec![false; n_asics],
            zones: vec![ZoneGuard::CALM; plan.zones.len()],
            powers: Powers::full(system),
            rings: Rings::new(plan),
            wander: Wander::new(&plan.wander, name.as_str(), seed),
            coolant_by: vec![None; coolants_set.len()],
            speeds: coolants_set.iter().map(|of| of.flow_ratio).collect(),
            coolants_set,
            controls: Controls::all_on(plan),
            commanded: Vec::new(),
            light,
            loads,
            drawn_w: Vec::new(),
            routes: Vec::new(),
            own: 0,
            is_unconnected: Vec::new(),
            carriage: Carriage::unknown(system.media_lanes.len()),
            has_signal: vec![true; system.media_lanes.len()],
            engines_c: Vec::new(),
            modules_c: Vec::new(),
            junctions_c: Vec::new(),
            rest_engines_c: Vec::new(),
            flags: Flags::default(),
            causes: Causes::default(),
            edges: Vec::new(),
            truth: Some(Box::new(Truth::new(system))),
            sensors: Sensors::new(Arc::clone(&plan.sensors), name.clone(), seed),
            name,
            heat,
            plan: Arc::clone(plan),
        };
        switch.read_temperatures();
        switch.rest_engines_c = switch.engines_c.clone();
        switch.settle(0)?;
        Ok(switch)
    }

    /// What it shares with others of its description.
    pub const fn plan(&self) -> &Arc<SwitchPlan> {
        &self.plan
    }

    /// Its name.
    pub const fn name(&self) -> &DeviceName {
        &self.name
    }

    /// What happened to it and why.
    pub const fn log(&self) -> &EventLog {
        &self.log
    }

    /// What physics says at the end of the last step, which no sensor tells; none before the first.
    pub fn truth(&self) -> Option<&Truth> {
        self.truth.as_deref().filter(|_| self.flags.has_stepped)
    }

    /// The heat of its parts in the last step.
    pub const fn loads(&self) -> &Loads {
        &self.loads
    }

    /// What its packages and modules store of their heat, and where it leaves.
    pub const fn heat(&self) -> &HeatMotion {
        &self.heat
    }

    /// What its sensors say.
    pub const fn observation(&self) -> &Observation {
        self.sensors.observation()
    }

    /// A fault begins now.
    pub fn strike(&mut self, fault: Fault, name: Option<String>, at_ns: u64) -> EventId {
        let text = fault.display(self.plan.system()).to_string();
        let entity = match fault.target {
            crate::fault::Target::Entity(entity) => Some(entity),
            _ => None,
        };
        let event = self.happened(at_ns, entity, What::FaultBegan(text), None);
        self.faults.push(Active {
            name,
            fault,
            began_ns: at_ns,
            cleared_ns: None,
            event,
        });
        event
    }

    /// Clears the faults of a name; says how many there were.
    pub fn clear(&mut self, name: &str, at_ns: u64) -> usize {
        let named = self.faults.iter_mut();
        // What recovers already goes on to do so.
        let named = named
            .filter(|active| active.name.as_deref() == Some(name) && active.cleared_ns.is_none());
        let mut n = 0;
        for active in named {
            active.cleared_ns = Some(at_ns);
            n += 1;
        }
        n
    }

    pub(super) fn happened(
        &mut self,
        at_ns: u64,
        entity: Option<Entity>,
        what: What,
        cause: Option<EventId>,
    ) -> EventId {
        self.log.push(Event {
            at_ns,
            entity,
            what,
            cause,
            far_cause: None,
        })
    }

    /// What the faults that are there do now; those that are over leave.
    fn renew_harm(&mut self, now_ns: u64) {
        let over: Vec<Active> = {
            let (over, left) = std::mem::take(&mut self.faults)
                .into_iter()
                .partition(|active| active.is_over(now_ns));
            self.faults = left;
            over
        };
        let last_ns = self.powers.last_ns.min(now_ns);
        for active in &over {
            let text = active.fault.display(self.plan.system()).to_string();
            let at_ns = active.over_ns().unwrap_or(now_ns).clamp(last_ns, now_ns);
            self.comes_about(at_ns, Edge::FaultEnds(text, active.event));
        }
        let strengths = self.faults.iter().map(|active| active.strength(now_ns));
        let is_known = self.flags.is_harm_known && over.is_empty();
        if is_known && strengths.clone().eq(self.flags.strengths.iter().copied()) {
            return;
        }
        self.flags.strengths = strengths.collect();
        self.flags.is_harm_known = true;
        self.flags.is_harm_new = true;
        self.harm = Harm::of(&self.plan, &self.worn, &self.faults, now_ns);
        for (signal, index, _) in std::mem::take(&mut self.flags.struck_sensors) {
            // It was there when it was struck.
            let _ = self.sensors.clear_fault(signal, index);
        }
        for (signal, index, fault) in &self.harm.sensors {
            if self.sensors.set_fault(*signal, *index, *fault).is_ok() {
                self.flags.struck_sensors.push((*signal, *index, *fault));
            }
        }
    }

    /// Faults and commands, and the light that they leave.
    pub(super) fn send(&mut self, now_ns: u64) -> Result<(), WorldError> {
        self.causes = Causes::of_step(now_ns, self.log.next());
        self.renew_harm(now_ns);
        // The first step has no step before it.
        let from_ns = if self.flags.has_stepped {
            self.powers.last_ns
        } else {
            now_ns
        };
        self.power(now_ns, Pace::InTime);
        self.arrive_rings(now_ns, Pace::InTime);
        for (work, of) in self.work.iter_mut().zip(&self.loads_set) {
            // Heat of a step is its mean, however short the bursts are against it.
            let since = |ns: u64| ns.saturating_sub(of.since_ns);
            *work = of.load.mean(since(from_ns), since(now_ns));
        }
        self.limit_work();
        let (plan, harm, controls) = (&*self.plan, &self.harm, &self.controls);
        let (powers, wander, rings) = (&self.powers, &self.wander, &self.rings);
        let driven: Vec<bool> = (0..plan.lanes.len())
            .map(|lane| self.is_driven(lane))
            .collect();
        let is_exact = self.light.is_every_lane_due;
        let laser = |idx: usize| {
            let control = powers.control(plan, idx, controls.lasers[idx]);
            (control, harm.lasers[idx])
        };
        let lane = |idx: usize| {
            let health = harm.lanes[idx];
            let of = &plan.lanes[idx];
            let is_powered = powers.engine(of.engine) == PowerState::FullPower;
            // Without bits, or in an engine that is off, nothing drives the modulator, and in an engine
            // that is off nobody holds its heater.
            let is_driven = driven[idx] && is_powered;
            let heater = heater_act(plan, (harm, controls, powers, rings), idx);
            LaneHealth {
                feed_db: health.feed_db + wander.feed_db(&plan.wander, of.laser, is_exact),
                bias_drift_rad: health.bias_drift_rad + wander.bias_rad(idx),
                swing: if is_driven { health.swing } else { 0.0 },
                // A lane that shall not send lets no light out.
                output_db: if controls.transmit_enabled[idx] {
                    health.output_db
                } else {
                    f64::INFINITY
                },
                heater,
                ..health
            }
        };
        let warmth = Warmth {
            engines_c: &self.engines_c,
            modules_c: &self.modules_c,
        };
        self.light
            .send(plan, warmth, rings, laser, lane)
            .map_err(|(laser, error)| WorldError::Laser {
                laser: plan.system().lasers[laser].name.clone(),
                error,
            })?;
        self.light.tune(plan, &self.engines_c, rings);
        Ok(())
    }

    /// Who drives the heater of a lane's modulator.
    pub(super) fn heater_act(&self, lane: usize) -> HeaterAct {
        let of = (&self.harm, &self.controls, &self.powers, &self.rings);
        heater_act(&self.plan, of, lane)
    }

    /// Share of its electronic power that each engine takes, or would if all were commanded on, and
    /// whether each laser module draws power.
    pub(super) fn powered(&self, is_on: &[bool], are_engines_on: bool) -> (Vec<f64>, Vec<bool>) {
        let engines = self.plan.system().engines.iter().enumerate();
        let engines = engines.map(|(idx, engine)| {
            let is_full = are_engines_on || self.powers.engine(idx) == PowerState::FullPower;
            f64::from(u8::from(is_on[engine.asic.index()] && is_full))
        });
        let modules = self.harm.absent.iter().enumerate();
        let modules =
            modules.map(|(idx, absent)| !absent && self.powers.module(idx) != PowerState::Off);
        (engines.collect(), modules.collect())
    }

    /// Heat of light and electrons now.
    fn fill_loads(&mut self) {
        let (engines, modules) = self.powered(&self.is_on, false);
        let of = Electrons {
            work: &self.work,
            is_on: &self.is_on,
            junctions_c: &self.junctions_c,
            engines: &engines,
            modules: &modules,
        };
        fill(
            &mut self.loads,
            &self.plan,
            &self.light,
            &of,
            &mut self.drawn_w,
        );
    }

    /// Coolants as they are asked for, with what faults do to them.
    pub(super) fn coolants(&self) -> Vec<Coolant> {
        self.harm.coolants(&self.coolants_set)
    }

    pub(super) fn read_temperatures(&mut self) {
        (self.junctions_c, self.engines_c, self.modules_c) =
            self.harm.temperatures(self.heat.now(), &self.loads);
    }

    /// Heat and light at rest with all that has been set.
    pub(super) fn settle(&mut self, now_ns: u64) -> Result<(), WorldError> {
        let mut kelvin = f64::INFINITY;
        for _ in 0..MAX_ROUNDS {
            let before: Vec<f64> = self.temperatures().collect();
            self.send(now_ns)?;
            self.fill_loads();
            self.check_supplies()?;
            let coolants = self.coolants();
            self.heat = HeatMotion::at_rest(&self.plan.heat, &self.loads, &coolants)
                .map_err(WorldError::Heat)?;
            self.come_to_speed(&coolants);
            self.read_temperatures();
            kelvin = self
                .temperatures()
                .zip(&before)
                .map(|(now, before)| (now - before).abs())
                .fold(0.0, f64::max);
            if kelvin <= AT_REST_K {
                self.happen(now_ns);
                self.rest_engines_c = self.engines_c.clone();
                return Ok(());
            }
        }
        Err(WorldError::NotAtRest {
            rounds: MAX_ROUNDS,
            kelvin,
        })
    }

    fn temperatures(&self) -> impl Iterator<Item = f64> {
        let all = self.junctions_c.iter().chain(&self.engines_c);
        all.chain(&self.modules_c).copied()
    }

    /// Lets the heat move for a step, notes what has happened, and reads the sensors.
    pub(super) fn warm(&mut self, dt: Seconds, now_ns: u64, dt_ns: u64) -> Result<(), WorldError> {
        self.fill_loads();
        self.check_supplies()?;
        let coolants = self.coolants();
        self.move_heat(
            &coolants,
            Made {
                length: dt,
                begin_ns: now_ns.saturating_sub(dt_ns),
                end_ns: now_ns,
            },
        )?;
        self.age_by_step(dt, now_ns);
        self.wander.pass(&self.plan.wander, dt.value(), now_ns);
        let system = self.plan.system();
        let mut truth = self.truth.take().unwrap_or_else(|| {
            // A step that failed has lost it.
            self.flags.filled_for_s = 0.0;
            Box::new(Truth::new(system))
        });
        self.fill_truth(&mut truth, dt, &coolants);
        self.note(&truth, now_ns);
        self.shift_rings(now_ns);
        self.flags.has_stepped = true;
        let (now, dt) = (Timestamp::from_nanos(now_ns), Duration::from_nanos(dt_ns));
        self.sensors.read(&truth, now, dt);
        self.truth = Some(truth);
        Ok(())
    }

    /// The last command to a part.
    pub(super) fn command_to(&self, entity: Entity) -> Option<EventId> {
        let found = self.commanded.iter().find(|(of, _)| *of == entity);
        found.map(|(_, event)| *event)
    }
}

/// Who drives the heater of a lane's modulator: nobody without power, a fault of the ring that serves
/// it, a command, or its lock.
fn heater_act(
    plan: &SwitchPlan,
    (harm, controls, powers, rings): (&Harm, &Controls, &Powers, &Rings),
    lane: usize,
) -> HeaterAct {
    let is_powered = powers.engine(plan.lanes[lane].engine) == PowerState::FullPower;
    match (is_powered, harm.lanes[rings.transmit.made_for[lane]].heater) {
        (false, _) => HeaterAct::Held(0.0),
        (true, HeaterAct::Locked) => match controls.heaters[lane] {
            HeaterAct::Locked => powers.heater(lane),
            held @ HeaterAct::Held(_) => held,
        },
        (true, struck) => struck,
    }
}
