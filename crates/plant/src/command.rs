//! What can be asked of a plant, and what became of it.

use std::fmt;

use system::{EngineId, LaserId, LaserModuleId, MediaLaneId, SerdesLaneId, ZoneId};
use units::{Amperes, DbMilliwatts, Watts};

use crate::coded::coded;
use crate::{Entity, Signal, TestPattern, Timestamp};

/// Tells one command of a plant from all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CommandId(pub u64);

coded! {
    /// The side of a media lane.
    Direction: u8;
    /// From the host to the fibre.
    Transmit = 0, "transmit";
    /// From the fibre to the host.
    Receive = 1, "receive";
}

coded! {
    /// How much of a part is powered.
    PowerState: u8;
    /// No power at all.
    Off = 0, "off";
    /// Management only; no laser light, no data.
    LowPower = 1, "low_power";
    /// Everything.
    FullPower = 2, "full_power";
}

coded! {
    /// Where a signal is turned back.
    Loopback: u8;
    /// Nowhere.
    Off = 0, "off";
    /// Light received returns to the fibre.
    MediaInput = 1, "media_input";
    /// What would leave on the fibre returns to the host.
    MediaOutput = 2, "media_output";
    /// What the host sends returns to the host at once.
    HostInput = 3, "host_input";
    /// What would leave to the host returns to the fibre.
    HostOutput = 4, "host_output";
}

/// A part whose power state can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PoweredUnit {
    /// An optical engine.
    Engine(EngineId),
    /// A laser module.
    LaserModule(LaserModuleId),
    /// All dies, engines and laser modules of a thermal zone.
    Zone(ZoneId),
}

/// Who drives a heater.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum HeaterDrive {
    /// The lock loop.
    Loop,
    /// Nobody: this power is held.
    Fixed(Watts),
}

/// Which counters of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Selection {
    /// All of them.
    All,
    /// The one of this entity.
    One(u32),
}

/// Something asked of a plant.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Command {
    /// Switches a laser on or off.
    SetLaserEnable {
        /// Which laser.
        laser: LaserId,
        /// Whether it shall emit.
        enabled: bool,
    },
    /// Sets the output power that the laser's power loop holds.
    SetLaserOutput {
        /// Which laser.
        laser: LaserId,
        /// The setpoint.
        power: DbMilliwatts,
    },
    /// Sets the bias current that the laser's current loop holds.
    SetLaserBias {
        /// Which laser.
        laser: LaserId,
        /// The setpoint, not negative.
        current: Amperes,
    },
    /// Switches the optical output of a lane on or off.
    SetTransmitEnable {
        /// Which lane.
        lane: MediaLaneId,
        /// Whether it shall emit.
        enabled: bool,
    },
    /// Sets who drives the heater of a lane.
    SetHeater {
        /// Which lane.
        lane: MediaLaneId,
        /// The modulator's heater or the drop filter's.
        direction: Direction,
        /// Who drives it; a fixed power is not negative.
        drive: HeaterDrive,
    },
    /// Sets the power state of a part.
    SetPowerState {
        /// Which part.
        unit: PoweredUnit,
        /// The wanted state.
        state: PowerState,
    },
    /// Turns the signal of a lane back.
    SetLoopback {
        /// Which lane.
        lane: MediaLaneId,
        /// Where.
        loopback: Loopback,
    },
    /// Switches the electrical output of a lane, towards the host, on or off.
    SetReceiveEnable {
        /// Which lane.
        lane: MediaLaneId,
        /// Whether it shall carry what it receives.
        enabled: bool,
    },
    /// Sends a test pattern in place of what a lane carries.
    SetPattern {
        /// Which lane.
        lane: MediaLaneId,
        /// Towards the fibre or towards the host.
        direction: Direction,
        /// Which pattern; none ends it.
        pattern: Option<TestPattern>,
    },
    /// Swaps the two wires of an electrical input or output of a lane.
    SetPolarity {
        /// Which lane.
        lane: MediaLaneId,
        /// The electrical input, towards the fibre, or the output, towards the host.
        direction: Direction,
        /// Whether they are swapped.
        inverted: bool,
    },
    /// Sends a test pattern in place of data from a lane of a die.
    SetSerdesPattern {
        /// Which lane.
        serdes: SerdesLaneId,
        /// Which pattern; none ends it.
        pattern: Option<TestPattern>,
    },
    /// Sets counters to zero and begins a new reset epoch.
    ResetCounter {
        /// A signal stored as counter.
        signal: Signal,
        /// Which of its counters.
        selection: Selection,
    },
    /// Does to the world what `text` says, in the plant's own language. Only a simulated plant
    /// that was told to allow it accepts this.
    InjectFault {
        /// Not interpreted on the way.
        text: String,
    },
}

coded! {
    /// A command without its arguments, for capabilities.
    CommandKind: u8;
    /// [`Command::SetLaserEnable`].
    SetLaserEnable = 1, "set_laser_enable";
    /// [`Command::SetLaserOutput`].
    SetLaserOutput = 2, "set_laser_output";
    /// [`Command::SetLaserBias`].
    SetLaserBias = 3, "set_laser_bias";
    /// [`Command::SetTransmitEnable`].
    SetTransmitEnable = 4, "set_transmit_enable";
    /// [`Command::SetHeater`].
    SetHeater = 5, "set_heater";
    /// [`Command::SetPowerState`].
    SetPowerState = 6, "set_power_state";
    /// [`Command::SetLoopback`].
    SetLoopback = 7, "set_loopback";
    /// [`Command::ResetCounter`].
    ResetCounter = 8, "reset_counter";
    /// [`Command::InjectFault`].
    InjectFault = 9, "inject_fault";
    /// [`Command::SetReceiveEnable`].
    SetReceiveEnable = 10, "set_receive_enable";
    /// [`Command::SetPattern`].
    SetPattern = 11, "set_pattern";
    /// [`Command::SetPolarity`].
    SetPolarity = 12, "set_polarity";
    /// [`Command::SetSerdesPattern`].
    SetSerdesPattern = 13, "set_serdes_pattern";
}

impl Command {
    /// The command without its arguments.
    pub const fn kind(&self) -> CommandKind {
        match self {
            Self::SetLaserEnable { .. } => CommandKind::SetLaserEnable,
            Self::SetLaserOutput { .. } => CommandKind::SetLaserOutput,
            Self::SetLaserBias { .. } => CommandKind::SetLaserBias,
            Self::SetTransmitEnable { .. } => CommandKind::SetTransmitEnable,
            Self::SetHeater { .. } => CommandKind::SetHeater,
            Self::SetPowerState { .. } => CommandKind::SetPowerState,
            Self::SetLoopback { .. } => CommandKind::SetLoopback,
            Self::ResetCounter { .. } => CommandKind::ResetCounter,
            Self::InjectFault { .. } => CommandKind::InjectFault,
            Self::SetReceiveEnable { .. } => CommandKind::SetReceiveEnable,
            Self::SetPattern { .. } => CommandKind::SetPattern,
            Self::SetPolarity { .. } => CommandKind::SetPolarity,
            Self::SetSerdesPattern { .. } => CommandKind::SetSerdesPattern,
        }
    }

    /// The entity it addresses, where it addresses exactly one.
    pub fn entity(&self) -> Option<Entity> {
        Some(match *self {
            Self::SetLaserEnable { laser, .. }
            | Self::SetLaserOutput { laser, .. }
            | Self::SetLaserBias { laser, .. } => laser.into(),
            Self::SetTransmitEnable { lane, .. }
            | Self::SetReceiveEnable { lane, .. }
            | Self::SetHeater { lane, .. }
            | Self::SetPattern { lane, .. }
            | Self::SetPolarity { lane, .. }
            | Self::SetLoopback { lane, .. } => lane.into(),
            Self::SetSerdesPattern { serdes, .. } => serdes.into(),
            Self::SetPowerState { unit, .. } => match unit {
                PoweredUnit::Engine(engine) => engine.into(),
                PoweredUnit::LaserModule(module) => module.into(),
                PoweredUnit::Zone(zone) => zone.into(),
            },
            Self::ResetCounter {
                signal,
                selection: Selection::One(index),
            } => Entity {
                kind: signal.kind(),
                index,
            },
            Self::ResetCounter { .. } | Self::InjectFault { .. } => return None,
        })
    }
}

coded! {
    /// Why a command was refused, for programs.
    RefusalReason: u8;
    /// The plant does not know this kind of command.
    NotSupported = 1, "not_supported";
    /// The addressed entity does not exist.
    NoSuchEntity = 2, "no_such_entity";
    /// An argument is outside what the part can do.
    OutOfRange = 3, "out_of_range";
    /// The plant was told not to accept this.
    NotAllowed = 4, "not_allowed";
    /// The present state does not permit it.
    NotNow = 5, "not_now";
    /// It was accepted but the part failed to do it.
    Malfunction = 6, "malfunction";
}

/// Why a command was refused.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Refusal {
    /// For programs.
    pub reason: RefusalReason,
    /// For people: the offending value and the allowed range.
    pub detail: String,
}

impl Refusal {
    /// A refusal.
    pub fn new(reason: RefusalReason, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { reason, detail }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

/// How far a command has come.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Status {
    /// It will be done; a later outcome says when it is.
    Accepted,
    /// It will not be done, or could not be completed.
    Refused(Refusal),
    /// It was done. A command that is done at once has no earlier outcome.
    Done,
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Outcome {
    /// Which command.
    pub command: CommandId,
    /// When.
    pub time: Timestamp,
    /// How far it has come.
    pub status: Status,
}
