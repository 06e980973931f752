//! What is done to a switch: by commands, by a scenario, by time.

use link::HeaterAct;
use photonics::ageing::arrhenius_acceleration;
use plant::{
    Command, Direction, Entity, HeaterDrive, PowerState, PoweredUnit, Refusal, RefusalReason,
    Selection,
};
use serde::{Deserialize, Serialize};
use system::{AsicId, LaserHome};
use units::random::Draw;
use units::{Celsius, Seconds, VolumeFlow};

use super::event::What;
use super::light::LaserControl;
use super::plan::SwitchPlan;
use super::switch::Switch;
use crate::fault::Fault;
use crate::scenario::{Action, LoadProfile};

/// What commands have set of a switch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Controls {
    pub(super) lasers: Vec<LaserControl>,
    pub(super) laser_enabled: Vec<bool>,
    pub(super) transmit_enabled: Vec<bool>,
    pub(super) heaters: Vec<HeaterAct>,
    pub(super) engines: Vec<PowerState>,
    pub(super) modules: Vec<PowerState>,
}

impl Controls {
    /// Everything on, every loop closed.
    pub(super) fn all_on(plan: &SwitchPlan) -> Self {
        let system = plan.system();
        let n_lanes = system.media_lanes.len();
        Self {
            lasers: vec![LaserControl::Power(1.0); system.lasers.len()],
            laser_enabled: vec![true; system.lasers.len()],
            transmit_enabled: vec![true; n_lanes],
            heaters: vec![HeaterAct::Locked; n_lanes],
            engines: vec![PowerState::FullPower; system.engines.len()],
            modules: vec![PowerState::FullPower; system.laser_modules.len()],
        }
    }

    /// What the control of a laser is set to, with the power of its module or engine.
    pub(super) fn laser(&self, laser: usize, home: LaserHome) -> LaserControl {
        let power = match home {
            LaserHome::Module(module, _) => self.modules[module.index()],
            LaserHome::Engine(engine) => self.engines[engine.index()],
        };
        if self.laser_enabled[laser] && power == PowerState::FullPower {
            self.lasers[laser]
        } else {
            LaserControl::Off
        }
    }
}

/// How old the lasers of a switch are, each in medians of its wear-out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Ages {
    ages: Vec<f64>,
    /// How much faster or slower than the median each laser wears, drawn once.
    pace: Vec<f64>,
}

impl Ages {
    /// New lasers.
    pub(super) fn new(plan: &SwitchPlan, seed: u64) -> Self {
        let lasers = &plan.system().lasers;
        let pace = lasers.iter().zip(&plan.lasers).map(|(laser, of)| {
            let drawn = Draw::new(seed, &laser.name, "wear").normal(0);
            (of.wear.sigma * drawn).exp()
        });
        Self {
            ages: vec![0.0; lasers.len()],
            pace: pace.collect(),
        }
    }

    /// How many lasers have an age.
    pub(super) fn len(&self) -> usize {
        self.ages.len().min(self.pace.len())
    }

    /// Lets a laser of a junction temperature age by a time: `dt / t_m(T)` medians of wear-out,
    /// with `t_m(T) = t_m exp(E / k (1 / T - 1 / T_r))`.
    pub(super) fn pass(&mut self, plan: &SwitchPlan, laser: usize, junction_c: f64, dt_s: f64) {
        let wear = &plan.lasers[laser].wear;
        let junction = Celsius::new(junction_c);
        let faster = arrhenius_acceleration(wear.activation, wear.reference, junction)
            .expect("an activation energy is not negative and a junction not below zero kelvin");
        self.ages[laser] += self.pace[laser] * faster * dt_s / wear.median_s;
    }

    /// Threshold over that of a new laser, `1 + g a^m` at the age `a`.
    ///
    /// # Source
    /// Telcordia GR-468-CORE, sublinear degradation of threshold in time.
    pub(super) fn threshold(&self, plan: &SwitchPlan, laser: usize) -> f64 {
        let wear = &plan.lasers[laser].wear;
        1.0 + wear.growth * self.ages[laser].powf(wear.exponent)
    }
}

impl Switch {
    /// Does what a scenario says at its time.
    ///
    /// # Errors
    /// A command that is refused, or something that only a device can do.
    pub fn act(&mut self, action: &Action, at_ns: u64) -> Result<(), Refusal> {
        match action {
            Action::Fault { id, fault } => {
                self.strike(*fault, id.as_deref().map(str::to_owned), at_ns);
            }
            Action::Clear { id } => {
                self.clear(id, at_ns);
            }
            Action::Cooling {
                cooling,
                flow,
                inlet,
            } => return self.set_coolant(*cooling, *flow, *inlet, at_ns),
            Action::Age { by } => self.age(*by, at_ns),
            Action::Load { asic, load } => self.set_load(*asic, load, at_ns),
            Action::Command(command) => return self.command(command, at_ns),
            Action::Device { action, .. } => {
                let detail = format!("device.{action} needs a device, and here is a plant alone");
                return Err(Refusal::new(RefusalReason::NotSupported, detail));
            }
        }
        Ok(())
    }

    /// Sets the load of one die, or of all, as a function of the time since now.
    pub fn set_load(&mut self, asic: Option<AsicId>, load: &LoadProfile, at_ns: u64) {
        let names = &self.plan.system().asics;
        let who = match asic {
            Some(asic) => names[asic.index()].name.clone(),
            None => "every die".to_owned(),
        };
        let what = match load {
            LoadProfile::Constant(share) => format!("works at {:.0} %", 100.0 * share),
            LoadProfile::Training(_) => "works in steps of training".to_owned(),
            LoadProfile::Trace(_) => "works along a trace".to_owned(),
        };
        let event = self.happened(at_ns, None, What::LoadSet(format!("{who} {what}")), None);
        let all = 0..self.loads_set.len();
        for idx in all.filter(|idx| asic.is_none_or(|asic| asic.index() == *idx)) {
            let of = &mut self.loads_set[idx];
            (of.load, of.since_ns, of.set_by) = (load.clone(), at_ns, Some(event));
        }
    }

    /// Sets flow and inlet of a cooling; what is none stays as it is.
    ///
    /// # Errors
    /// A flow through a cooling that is described without any.
    pub fn set_coolant(
        &mut self,
        cooling: usize,
        flow: Option<VolumeFlow>,
        inlet: Option<Celsius>,
        at_ns: u64,
    ) -> Result<(), Refusal> {
        let group = &self.plan.system().description.cooling[cooling];
        let described = group.value.flow.value;
        if flow.is_some() && described.value() <= 0.0 {
            let detail = format!("cooling.{} is described without flow", group.name);
            return Err(Refusal::new(RefusalReason::OutOfRange, detail));
        }
        let of = &mut self.coolants_set[cooling];
        if let Some(flow) = flow {
            of.flow_ratio = flow / described;
        }
        if let Some(inlet) = inlet {
            of.inlet_c = inlet.value();
        }
        let text = format!(
            "coolant {} flows at {:.0} % of what is described, from {:.1} C",
            group.name,
            100.0 * of.flow_ratio,
            of.inlet_c
        );
        let event = self.happened(at_ns, None, What::CoolantSet(text), None);
        self.coolant_by[cooling] = Some(event);
        Ok(())
    }

    /// Lets all parts age at once, at the temperatures that they have.
    pub fn age(&mut self, by: Seconds, at_ns: u64) {
        for laser in 0..self.light.lasers.len() {
            let junction_c = self.light.lasers[laser].junction_c;
            self.ages.pass(&self.plan, laser, junction_c, by.value());
        }
        self.wear();
        let text = format!("parts have aged by {:.3} years", by.value() / YEAR_S);
        let event = self.happened(at_ns, None, What::Aged(text), None);
        self.aged_by = Some(event);
    }

    /// Lets the lasers age by a step; their thresholds follow once an hour.
    pub(super) fn age_by_step(&mut self, dt: Seconds, now_ns: u64) {
        for (laser, point) in self.light.lasers.iter().enumerate() {
            if point.emitted_w > 0.0 {
                self.ages
                    .pass(&self.plan, laser, point.junction_c, dt.value());
            }
        }
        if now_ns / HOUR_NS != self.worn_at_ns / HOUR_NS {
            self.worn_at_ns = now_ns;
            self.wear();
        }
    }

    /// Puts the ages of the lasers into their thresholds.
    pub(super) fn wear(&mut self) {
        for (laser, health) in self.worn.iter_mut().enumerate() {
            health.threshold = self.ages.threshold(&self.plan, laser);
        }
        self.flags.is_harm_known = false;
    }

    /// Takes a command.
    ///
    /// # Errors
    /// Why it is refused; nothing has changed then.
    pub fn command(&mut self, command: &Command, at_ns: u64) -> Result<(), Refusal> {
        let out_of_range = |what: String| Refusal::new(RefusalReason::OutOfRange, what);
        match command {
            Command::SetLaserEnable { laser, enabled } => {
                self.controls.laser_enabled[laser.index()] = *enabled;
            }
            Command::SetLaserOutput { laser, power } => {
                let idx = laser.index();
                let of = &self.plan.lasers[idx];
                let described_w = of.set_point_w * of.output;
                if described_w <= 0.0 {
                    return Err(out_of_range("the laser feeds no lane".to_owned()));
                }
                let factor = power.to_watts().value() / described_w;
                self.controls.lasers[idx] = LaserControl::Power(factor);
            }
            Command::SetLaserBias { laser, current } => {
                let idx = laser.index();
                let most = self.plan.lasers[idx].device.max_current;
                if *current > most {
                    return Err(out_of_range(format!("the laser takes at most {most:.3}")));
                }
                self.controls.lasers[idx] = LaserControl::Current(current.value());
            }
            Command::SetTransmitEnable { lane, enabled } => {
                self.controls.transmit_enabled[lane.index()] = *enabled;
            }
            Command::SetHeater {
                lane,
                direction: Direction::Transmit,
                drive,
            } => {
                self.controls.heaters[lane.index()] = match drive {
                    HeaterDrive::Loop => HeaterAct::Locked,
                    HeaterDrive::Fixed(power) => HeaterAct::Held(power.value()),
                };
            }
            Command::SetPowerState { unit, state } => match unit {
                PoweredUnit::Engine(engine) => self.controls.engines[engine.index()] = *state,
                PoweredUnit::LaserModule(module) => {
                    self.controls.modules[module.index()] = *state;
                }
            },
            Command::ResetCounter { signal, selection } => {
                return self.reset(*signal, *selection);
            }
            Command::InjectFault { text } => {
                let fault = Fault::parse(text, self.plan.system()).map_err(|problems| {
                    Refusal::new(RefusalReason::OutOfRange, problems.to_string())
                })?;
                self.strike(fault, None, at_ns);
                return Ok(());
            }
            other => {
                let detail = format!("the twin does not support {} yet", other.kind().name());
                return Err(Refusal::new(RefusalReason::NotSupported, detail));
            }
        }
        let text = command.kind().name().replace('_', " ");
        let event = self.happened(at_ns, command.entity(), What::Commanded(text), None);
        self.blame_command(command.entity(), event);
        Ok(())
    }

    fn reset(&mut self, signal: plant::Signal, selection: Selection) -> Result<(), Refusal> {
        self.sensors
            .reset_counter(signal, selection)
            .map_err(|error| Refusal::new(RefusalReason::NoSuchEntity, error.to_string()))
    }

    /// Remembers which command touched a part last, for the chain of causes.
    fn blame_command(&mut self, entity: Option<Entity>, event: super::EventId) {
        if let Some(entity) = entity {
            self.commanded.retain(|(of, _)| *of != entity);
            self.commanded.push((entity, event));
        }
    }
}

const HOUR_NS: u64 = 3_600_000_000_000;
/// Seconds of a Julian year.
const YEAR_S: f64 = 31_557_600.0;
