//! Commands as one object whose member `command` says which.

use serde::de::Error;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use system::{EngineId, LaserId, LaserModuleId, MediaLaneId, SerdesLaneId, ZoneId};
use units::{Amperes, DbMilliwatts, Watts};

use super::named;
use crate::{
    Command, DecodeError, Direction, HeaterDrive, Loopback, PowerState, PoweredUnit, Selection,
    Signal, TestPattern,
};

#[derive(Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
enum WireCommand {
    SetLaserEnable {
        laser: u32,
        enabled: bool,
    },
    SetLaserOutput {
        laser: u32,
        power_dbm: f64,
    },
    SetLaserBias {
        laser: u32,
        current_a: f64,
    },
    SetTransmitEnable {
        media_lane: u32,
        enabled: bool,
    },
    SetHeater {
        media_lane: u32,
        #[serde(with = "named::direction")]
        direction: Direction,
        /// The loop drives when this is absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        power_w: Option<f64>,
    },
    SetPowerState {
        #[serde(flatten)]
        unit: WireUnit,
        #[serde(with = "named::power_state")]
        state: PowerState,
    },
    SetLoopback {
        media_lane: u32,
        #[serde(with = "named::loopback")]
        loopback: Loopback,
    },
    SetReceiveEnable {
        media_lane: u32,
        enabled: bool,
    },
    SetPattern {
        media_lane: u32,
        #[serde(with = "named::direction")]
        direction: Direction,
        /// No pattern is sent when this is absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pattern: Option<WirePattern>,
    },
    SetPolarity {
        media_lane: u32,
        #[serde(with = "named::direction")]
        direction: Direction,
        inverted: bool,
    },
    SetSerdesPattern {
        serdes_lane: u32,
        /// Data are sent when this is absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pattern: Option<WirePattern>,
    },
    ResetCounter {
        #[serde(with = "named::signal")]
        signal: Signal,
        /// All counters of the signal when this is absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        index: Option<u32>,
    },
    InjectFault {
        text: String,
    },
}

/// A pattern by its name.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct WirePattern(#[serde(with = "named::pattern")] TestPattern);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireUnit {
    Engine(u32),
    LaserModule(u32),
    Zone(u32),
}

impl Command {
    /// The command as one line of JSON, without the line feed. A number that is not finite
    /// becomes `null`, which decoding refuses.
    ///
    /// ```
    /// use plant::Command;
    /// use system::LaserId;
    ///
    /// let command = Command::SetLaserEnable { laser: LaserId(3), enabled: false };
    /// let text = r#"{"command":"set_laser_enable","laser":3,"enabled":false}"#;
    /// assert_eq!(command.encode_json(), text);
    /// assert_eq!(Command::decode_json(text)?, command);
    /// # Ok::<(), plant::DecodeError>(())
    /// ```
    ///
    /// # Panics
    /// Never: every member has a JSON form.
    pub fn encode_json(&self) -> String {
        serde_json::to_string(&command_out(self)).expect("strings, numbers and string keys only")
    }

    /// Reads one line of JSON.
    ///
    /// # Errors
    /// [`DecodeError::Json`] when the text is malformed, names an unknown command, lacks a member
    /// or has one too many.
    pub fn decode_json(text: &str) -> Result<Self, DecodeError> {
        // Through a value, so that members of every variant are checked alike.
        Self::from_json_value(serde_json::from_str(text)?)
    }

    /// Reads a command from a JSON value that was parsed before.
    ///
    /// # Errors
    /// As [`decode_json`](Self::decode_json).
    pub fn from_json_value(value: Value) -> Result<Self, DecodeError> {
        Ok(command_in(serde_json::from_value(value)?)?)
    }
}

fn command_out(command: &Command) -> WireCommand {
    match *command {
        Command::SetLaserEnable { laser, enabled } => WireCommand::SetLaserEnable {
            laser: laser.0,
            enabled,
        },
        Command::SetLaserOutput { laser, power } => WireCommand::SetLaserOutput {
            laser: laser.0,
            power_dbm: power.value(),
        },
        Command::SetLaserBias { laser, current } => WireCommand::SetLaserBias {
            laser: laser.0,
            current_a: current.value(),
        },
        Command::SetTransmitEnable { lane, enabled } => WireCommand::SetTransmitEnable {
            media_lane: lane.0,
            enabled,
        },
        Command::SetHeater {
            lane,
            direction,
            drive,
        } => WireCommand::SetHeater {
            media_lane: lane.0,
            direction,
            power_w: match drive {
                HeaterDrive::Loop => None,
                HeaterDrive::Fixed(power) => Some(power.value()),
            },
        },
        Command::SetPowerState { unit, state } => WireCommand::SetPowerState {
            unit: match unit {
                PoweredUnit::Engine(engine) => WireUnit::Engine(engine.0),
                PoweredUnit::LaserModule(module) => WireUnit::LaserModule(module.0),
                PoweredUnit::Zone(zone) => WireUnit::Zone(zone.0),
            },
            state,
        },
        Command::SetLoopback { lane, loopback } => WireCommand::SetLoopback {
            media_lane: lane.0,
            loopback,
        },
        Command::SetReceiveEnable { lane, enabled } => WireCommand::SetReceiveEnable {
            media_lane: lane.0,
            enabled,
        },
        Command::SetPattern {
            lane,
            direction,
            pattern,
        } => WireCommand::SetPattern {
            media_lane: lane.0,
            direction,
            pattern: pattern.map(WirePattern),
        },
        Command::SetPolarity {
            lane,
            direction,
            inverted,
        } => WireCommand::SetPolarity {
            media_lane: lane.0,
            direction,
            inverted,
        },
        Command::SetSerdesPattern { serdes, pattern } => WireCommand::SetSerdesPattern {
            serdes_lane: serdes.0,
            pattern: pattern.map(WirePattern),
        },
        Command::ResetCounter { signal, selection } => WireCommand::ResetCounter {
            signal,
            index: match selection {
                Selection::All => None,
                Selection::One(index) => Some(index),
            },
        },
        Command::InjectFault { ref text } => WireCommand::InjectFault { text: text.clone() },
    }
}

fn command_in(wire: WireCommand) -> Result<Command, serde_json::Error> {
    Ok(match wire {
        WireCommand::SetLaserEnable { laser, enabled } => Command::SetLaserEnable {
            laser: LaserId(laser),
            enabled,
        },
        WireCommand::SetLaserOutput { laser, power_dbm } => Command::SetLaserOutput {
            laser: LaserId(laser),
            power: DbMilliwatts::new(finite("power_dbm", power_dbm)?),
        },
        WireCommand::SetLaserBias { laser, current_a } => Command::SetLaserBias {
            laser: LaserId(laser),
            current: Amperes::new(finite("current_a", current_a)?),
        },
        WireCommand::SetTransmitEnable {
            media_lane,
            enabled,
        } => Command::SetTransmitEnable {
            lane: MediaLaneId(media_lane),
            enabled,
        },
        WireCommand::SetHeater {
            media_lane,
            direction,
            power_w,
        } => Command::SetHeater {
            lane: MediaLaneId(media_lane),
            direction,
            drive: match power_w {
                None => HeaterDrive::Loop,
                Some(power_w) => HeaterDrive::Fixed(Watts::new(finite("power_w", power_w)?)),
            },
        },
        WireCommand::SetPowerState { unit, state } => Command::SetPowerState {
            unit: match unit {
                WireUnit::Engine(engine) => PoweredUnit::Engine(EngineId(engine)),
                WireUnit::LaserModule(module) => PoweredUnit::LaserModule(LaserModuleId(module)),
                WireUnit::Zone(zone) => PoweredUnit::Zone(ZoneId(zone)),
            },
            state,
        },
        WireCommand::SetLoopback {
            media_lane,
            loopback,
        } => Command::SetLoopback {
            lane: MediaLaneId(media_lane),
            loopback,
        },
        WireCommand::SetReceiveEnable {
            media_lane,
            enabled,
        } => Command::SetReceiveEnable {
            lane: MediaLaneId(media_lane),
            enabled,
        },
        WireCommand::SetPattern {
            media_lane,
            direction,
            pattern,
        } => Command::SetPattern {
            lane: MediaLaneId(media_lane),
            direction,
            pattern: pattern.map(|WirePattern(pattern)| pattern),
        },
        WireCommand::SetPolarity {
            media_lane,
            direction,
            inverted,
        } => Command::SetPolarity {
            lane: MediaLaneId(media_lane),
            direction,
            inverted,
        },
        WireCommand::SetSerdesPattern {
            serdes_lane,
            pattern,
        } => Command::SetSerdesPattern {
            serdes: SerdesLaneId(serdes_lane),
            pattern: pattern.map(|WirePattern(pattern)| pattern),
        },
        WireCommand::ResetCounter { signal, index } => Command::ResetCounter {
            signal,
            selection: index.map_or(Selection::All, Selection::One),
        },
        WireCommand::InjectFault { text } => Command::InjectFault { text },
    })
}

fn finite(member: &str, value: f64) -> Result<f64, serde_json::Error> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(serde_json::Error::custom(format!("{member} is not finite")))
    }
}
