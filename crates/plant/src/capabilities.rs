//! What a plant owns, measures and accepts.

use std::time::Duration;

use system::{EntityKind, Fingerprint, System};

use crate::coded::coded;
use crate::entity::kind_position;
use crate::{
    Command, CommandKind, DeviceName, HeaterDrive, Observation, Refusal, RefusalReason, Signal,
    Storage,
};

coded! {
    /// What the plant itself runs. Whoever manages it emulates only what is missing.
    Ownership: u8;
    /// Light, heat and electrons. Module and data-path state machines must be supplied.
    Physics = 0, "physics";
    /// Also module and data-path state machines, as hardware behind CMIS does.
    Modules = 1, "modules";
}

/// How many entities of each kind a switch has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EntityCounts([u32; EntityKind::ALL.len()]);

impl EntityCounts {
    /// The number of entities of `kind`.
    pub fn get(&self, kind: EntityKind) -> u32 {
        self.0[kind_position(kind)]
    }

    /// Sets the number of entities of `kind`.
    pub fn set(&mut self, kind: EntityKind, count: u32) {
        self.0[kind_position(kind)] = count;
    }

    /// The counts that the lengths of an observation's columns imply: the longest of each kind.
    pub fn of(observation: &Observation) -> Self {
        let mut counts = Self::default();
        for column in observation.columns() {
            let count = &mut counts.0[kind_position(column.signal().kind())];
            *count = (*count).max(u32::try_from(column.len()).unwrap_or(u32::MAX));
        }
        counts
    }
}

impl From<&System> for EntityCounts {
    fn from(system: &System) -> Self {
        let mut counts = Self::default();
        for kind in EntityKind::ALL {
            let count = u32::try_from(system.count(kind)).expect("ids of entities are u32");
            counts.set(kind, count);
        }
        counts
    }
}

/// What a plant owns, measures and accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// Which switch.
    pub device: DeviceName,
    /// The description whose ids index columns and commands.
    pub fingerprint: Fingerprint,
    /// What the plant itself runs.
    pub owns: Ownership,
    /// The commands it accepts, in ascending order. A plant into which faults can be injected
    /// lists [`CommandKind::InjectFault`].
    pub commands: Vec<CommandKind>,
    /// The signals it measures, in ascending order.
    pub signals: Vec<Signal>,
    /// How many entities there are to address.
    pub counts: EntityCounts,
    /// The shortest time between two observations.
    pub minimal_period: Duration,
}

impl Capabilities {
    /// Whether commands of this kind are accepted at all.
    pub fn accepts(&self, kind: CommandKind) -> bool {
        self.commands.contains(&kind)
    }

    /// Checks what can be checked without the plant's state: the kind of the command, that the
    /// addressed entities exist, that numbers are finite and not negative where they cannot be.
    ///
    /// # Errors
    /// The reason why the plant will refuse the command.
    pub fn check(&self, command: &Command) -> Result<(), Refusal> {
        let kind = command.kind();
        if !self.accepts(kind) {
            let detail = format!("{} does not support {}", self.device, kind.name());
            return Err(Refusal::new(RefusalReason::NotSupported, detail));
        }
        if let Some(entity) = command.entity() {
            let count = self.counts.get(entity.kind);
            if entity.index >= count {
                let detail = format!("{entity} does not exist; there are {count}");
                return Err(Refusal::new(RefusalReason::NoSuchEntity, detail));
            }
        }
        match *command {
            Command::SetLaserOutput { power, .. } if !power.value().is_finite() => {
                Err(out_of_range("the output power", "a finite level"))
            }
            Command::SetLaserBias { current, .. } if !is_physical(current.value()) => {
                Err(out_of_range("the bias current", "finite and not negative"))
            }
            Command::SetHeater {
                drive: HeaterDrive::Fixed(power),
                ..
            } if !is_physical(power.value()) => {
                Err(out_of_range("the heater power", "finite and not negative"))
            }
            Command::ResetCounter { signal, .. } => self.check_counter(signal),
            _ => Ok(()),
        }
    }

    fn check_counter(&self, signal: Signal) -> Result<(), Refusal> {
        let problem = if signal.storage() != Storage::Counter {
            "is not a counter"
        } else if !self.signals.contains(&signal) {
            "is not measured here"
        } else {
            return Ok(());
        };
        let detail = format!("{} {problem}", signal.name());
        Err(Refusal::new(RefusalReason::NoSuchEntity, detail))
    }
}

fn is_physical(value: f64) -> bool {
    value.is_finite() && value >= 0.0
}

fn out_of_range(what: &str, allowed: &str) -> Refusal {
    Refusal::new(
        RefusalReason::OutOfRange,
        format!("{what} must be {allowed}"),
    )
}
