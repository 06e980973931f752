//! What is done to a switch: by commands, by a scenario, by time.

use link::HeaterAct;
use plant::{
    Command, Direction, Entity, HeaterDrive, Loopback, PowerState, PoweredUnit, Refusal,
    RefusalReason, Selection,
};
use serde::{Deserialize, Serialize};
use system::{AsicId, MediaLaneId};
use units::{Celsius, VolumeFlow};

use super::carry::{CarryControls, Knob, SerdesControls, side};
use super::event::What;
use super::laser::LaserControl;
use super::plan::SwitchPlan;
use super::switch::{LoadSet, Switch};
use crate::fault::Fault;
use crate::scenario::{Action, LoadProfile};

/// What commands have set of a switch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Controls {
    pub(super) lasers: Vec<LaserControl>,
    pub(super) laser_enabled: Vec<bool>,
    pub(super) transmit_enabled: Vec<bool>,
    /// What lanes carry, beside light.
    pub(super) carry: Vec<CarryControls>,
    /// What lanes of dies send.
    pub(super) serdes: Vec<SerdesControls>,
    pub(super) heaters: Vec<HeaterAct>,
    pub(super) engines: Vec<PowerState>,
    pub(super) modules: Vec<PowerState>,
}

impl Controls {
    /// Everything on that lights something, every loop closed.
    pub(super) fn all_on(plan: &SwitchPlan) -> Self {
        let system = plan.system();
        let n_lanes = system.media_lanes.len();
        Self {
            lasers: vec![LaserControl::Power(1.0); system.lasers.len()],
            laser_enabled: system
                .lasers
                .iter()
                .map(|laser| !laser.media_lanes.is_empty())
                .collect(),
            transmit_enabled: vec![true; n_lanes],
            carry: vec![CarryControls::PLAIN; n_lanes],
            serdes: vec![SerdesControls::PLAIN; system.serdes_lanes.len()],
            heaters: vec![HeaterAct::Locked; n_lanes],
            engines: vec![PowerState::FullPower; system.engines.len()],
            modules: vec![PowerState::FullPower; system.laser_modules.len()],
        }
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
            Action::Age { by } => {
                let stopped = |error: super::WorldError| {
                    Refusal::new(RefusalReason::Malfunction, error.to_string())
                };
                return self.age(*by, at_ns).map_err(stopped);
            }
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
            *of = LoadSet {
                load: load.clone(),
                since_ns: at_ns,
                set_by: Some(event),
                before: self.work[idx],
            };
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
            Command::SetLoopback { lane, .. }
            | Command::SetReceiveEnable { lane, .. }
            | Command::SetPattern { lane, .. }
            | Command::SetPolarity { lane, .. } => {
                if !self.set_carry(command, *lane)? {
                    return Ok(());
                }
            }
            Command::SetSerdesPattern { serdes, pattern } => {
                let of = &mut self.controls.serdes[serdes.index()];
                if of.pattern == *pattern {
                    return Ok(());
                }
                of.pattern = *pattern;
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
            Command::SetPowerState { unit, state } => {
                self.may_power(*unit, *state)?;
                match unit {
                    PoweredUnit::Engine(engine) => self.controls.engines[engine.index()] = *state,
                    PoweredUnit::LaserModule(module) => {
                        self.controls.modules[module.index()] = *state;
                    }
                    // Each of its parts has to know by what.
                    PoweredUnit::Zone(_) => {}
                }
            }
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
        let text = in_words(command).replace('_', " ");
        let event = self.happened(at_ns, command.entity(), What::Commanded(text), None);
        if let Some(entity) = command.entity() {
            self.blame(entity, event);
        }
        if let Some((lane, knob)) = knob(command) {
            self.controls.carry[lane.index()].set_by(knob, event);
            self.carriage.is_stale = true;
        }
        if let Command::SetSerdesPattern { serdes, .. } = command {
            self.controls.serdes[serdes.index()].by = Some(event);
            self.carriage.is_stale = true;
        }
        if let Command::SetPowerState { unit, state } = command {
            self.has_powered(*unit, *state, event);
        }
        self.powers.is_calm = false;
        self.powers.last_ns = self.powers.last_ns.max(at_ns);
        Ok(())
    }

    /// Sets what a lane carries. Whether it is something else than before.
    fn set_carry(&mut self, command: &Command, lane: MediaLaneId) -> Result<bool, Refusal> {
        self.may_carry(command, lane)?;
        let of = &mut self.controls.carry[lane.index()];
        let before = *of;
        match *command {
            Command::SetLoopback { loopback, .. } => of.loopback = loopback,
            Command::SetReceiveEnable { enabled, .. } => of.is_receive_on = enabled,
            Command::SetPattern {
                direction, pattern, ..
            } => of.patterns[side(direction)] = pattern,
            Command::SetPolarity {
                direction,
                inverted,
                ..
            } => of.is_swapped[side(direction)] = inverted,
            _ => {}
        }
        let after = *of;
        let is_inside = |of: CarryControls| of.loopback == Loopback::MediaOutput;
        if is_inside(before) != is_inside(after) {
            // It hears other light now, which nothing else says.
            self.light.forget_decisions();
        }
        Ok(after != before)
    }

    /// Refuses what the engine of a lane cannot do because it recovers no bits.
    fn may_carry(&self, command: &Command, lane: MediaLaneId) -> Result<(), Refusal> {
        let what = match *command {
            Command::SetLoopback { loopback, .. } => match loopback {
                Loopback::Off | Loopback::MediaOutput => return Ok(()),
                other => format!("the loopback {}", other.name()),
            },
            Command::SetPattern {
                pattern: Some(of), ..
            } => format!("the test pattern {}", of.name()),
            Command::SetPolarity { inverted: true, .. } => "swapped wires".to_owned(),
            _ => return Ok(()),
        };
        if self.is_retimed(lane.index()) {
            return Ok(());
        }
        let system = self.plan.system();
        let engine = &system.engines[self.plan.lanes[lane.index()].engine].name;
        let detail = format!(
            "{what} needs bits that are recovered in the engine, and {engine} is linear: it can turn light back ({}) and switch lanes off",
            Loopback::MediaOutput.name()
        );
        Err(Refusal::new(RefusalReason::NotSupported, detail))
    }

    fn reset(&mut self, signal: plant::Signal, selection: Selection) -> Result<(), Refusal> {
        self.sensors
            .reset_counter(signal, selection)
            .map_err(|error| Refusal::new(RefusalReason::NoSuchEntity, error.to_string()))
    }

    /// Remembers which command, or what else sets parts, touched a part last, for the chain of
    /// causes.
    pub(super) fn blame(&mut self, entity: Entity, event: super::EventId) {
        self.commanded.retain(|(of, _)| *of != entity);
        self.commanded.push((entity, event));
    }
}

/// A command as the log has it.
fn in_words(command: &Command) -> String {
    let name = command.kind().name();
    match command {
        Command::SetPowerState { state, .. } => format!("{name} {}", state.name()),
        Command::SetLoopback { loopback, .. } => format!("{name} {}", loopback.name()),
        Command::SetPattern {
            direction, pattern, ..
        } => {
            let pattern = pattern.map_or("none", plant::TestPattern::name);
            format!("{name} {pattern}, {}", direction.name())
        }
        Command::SetSerdesPattern { pattern, .. } => {
            let pattern = pattern.map_or("none", plant::TestPattern::name);
            format!("{name} {pattern}")
        }
        Command::SetPolarity {
            direction,
            inverted,
            ..
        } => {
            let how = if *inverted { "swapped" } else { "straight" };
            format!("{name} {how}, {}", direction.name())
        }
        Command::SetReceiveEnable { enabled, .. } => {
            format!("{name} {}", if *enabled { "on" } else { "off" })
        }
        _ => name.to_owned(),
    }
}

/// What of what a lane carries a command sets.
fn knob(command: &Command) -> Option<(MediaLaneId, Knob)> {
    Some(match *command {
        Command::SetLoopback { lane, .. } => (lane, Knob::Loopback),
        Command::SetReceiveEnable { lane, .. } => (lane, Knob::Receive),
        Command::SetPattern {
            lane, direction, ..
        } => (lane, Knob::Pattern(side(direction))),
        Command::SetPolarity {
            lane, direction, ..
        } => (lane, Knob::Polarity(side(direction))),
        _ => return None,
    })
}
