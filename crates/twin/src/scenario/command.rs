//! Commands of a scenario.

use plant::{
    Command, Direction, Entity, HeaterDrive, Loopback, PowerState, PoweredUnit, Selection, Signal,
    Storage, TestPattern,
};
use system::{
    EngineId, EntityKind, LaserId, LaserModuleId, MediaLaneId, SerdesLaneId, System, ZoneId,
};
use units::{Amperes, DbMilliwatts, Dimension, Watts};

use super::fields::Fields;
use super::read::MAX_EVENTS;
use crate::fault::target::{entities, signal};

/// The names of the actions.
pub(super) const NAMES: [&str; 12] = [
    "command.laser_enable",
    "command.laser_output",
    "command.laser_bias",
    "command.transmit_enable",
    "command.heater",
    "command.power_state",
    "command.loopback",
    "command.receive_enable",
    "command.pattern",
    "command.polarity",
    "command.serdes_pattern",
    "command.reset_counter",
];

/// Bounds of what can be asked for at all; the part itself refuses more.
const LEVEL: (f64, f64) = (-60.0, 40.0);
const CURRENT: (f64, f64) = (0.0, 10.0);
const HEATER: (f64, f64) = (0.0, 10.0);

const LANE: &[EntityKind] = &[EntityKind::MediaLane];

/// The commands of an action, one for each part; none when no action has this name.
pub(super) fn read(
    action: &str,
    system: &System,
    fields: &mut Fields<'_, '_>,
) -> Option<Vec<Command>> {
    const LASER: &[EntityKind] = &[EntityKind::Laser];
    const UNIT: &[EntityKind] = &[
        EntityKind::Engine,
        EntityKind::LaserModule,
        EntityKind::Zone,
    ];
    Some(match action {
        "command.laser_enable" => {
            let enabled = fields.flag("enabled");
            each(LASER, enabled, system, fields, |of, enabled| {
                Command::SetLaserEnable {
                    laser: LaserId(of.index),
                    enabled,
                }
            })
        }
        "command.laser_output" => {
            let power =
                fields.required_quantity("power", Dimension::PowerLevel, LEVEL, "\"13 dBm\"");
            each(LASER, power, system, fields, |of, power| {
                Command::SetLaserOutput {
                    laser: LaserId(of.index),
                    power: DbMilliwatts::new(power),
                }
            })
        }
        "command.laser_bias" => {
            let current =
                fields.required_quantity("current", Dimension::Current, CURRENT, "\"100 mA\"");
            each(LASER, current, system, fields, |of, current| {
                Command::SetLaserBias {
                    laser: LaserId(of.index),
                    current: Amperes::new(current),
                }
            })
        }
        "command.transmit_enable" => {
            let enabled = fields.flag("enabled");
            each(LANE, enabled, system, fields, |of, enabled| {
                Command::SetTransmitEnable {
                    lane: MediaLaneId(of.index),
                    enabled,
                }
            })
        }
        "command.heater" => {
            let setting = heater(fields);
            each(LANE, setting, system, fields, |of, (direction, drive)| {
                Command::SetHeater {
                    lane: MediaLaneId(of.index),
                    direction,
                    drive,
                }
            })
        }
        "command.power_state" => {
            let names: Vec<&str> = PowerState::ALL.iter().map(|state| state.name()).collect();
            let state = fields.choice("state", &names, PowerState::from_name);
            each(UNIT, state, system, fields, |of, state| {
                let unit = match of.kind {
                    EntityKind::Engine => PoweredUnit::Engine(EngineId(of.index)),
                    EntityKind::Zone => PoweredUnit::Zone(ZoneId(of.index)),
                    _ => PoweredUnit::LaserModule(LaserModuleId(of.index)),
                };
                Command::SetPowerState { unit, state }
            })
        }
        "command.reset_counter" => reset(system, fields),
        _ => return carried(action, system, fields),
    })
}

/// Commands about what lanes carry.
fn carried(action: &str, system: &System, fields: &mut Fields<'_, '_>) -> Option<Vec<Command>> {
    Some(match action {
        "command.loopback" => {
            let names: Vec<&str> = Loopback::ALL
                .iter()
                .map(|loopback| loopback.name())
                .collect();
            let loopback = fields.choice("loopback", &names, Loopback::from_name);
            each(LANE, loopback, system, fields, |of, loopback| {
                Command::SetLoopback {
                    lane: MediaLaneId(of.index),
                    loopback,
                }
            })
        }
        "command.receive_enable" => {
            let enabled = fields.flag("enabled");
            each(LANE, enabled, system, fields, |of, enabled| {
                Command::SetReceiveEnable {
                    lane: MediaLaneId(of.index),
                    enabled,
                }
            })
        }
        "command.pattern" => {
            let direction = direction(fields);
            with_pattern(LANE, direction, system, fields, |of, direction, pattern| {
                Command::SetPattern {
                    lane: MediaLaneId(of.index),
                    direction,
                    pattern,
                }
            })
        }
        "command.polarity" => {
            let setting = direction(fields).zip(fields.flag("inverted"));
            each(
                LANE,
                setting,
                system,
                fields,
                |of, (direction, inverted)| Command::SetPolarity {
                    lane: MediaLaneId(of.index),
                    direction,
                    inverted,
                },
            )
        }
        "command.serdes_pattern" => {
            const SERDES: &[EntityKind] = &[EntityKind::SerdesLane];
            with_pattern(SERDES, Some(()), system, fields, |of, (), pattern| {
                Command::SetSerdesPattern {
                    serdes: SerdesLaneId(of.index),
                    pattern,
                }
            })
        }
        _ => return None,
    })
}

/// One command for each part that `target` names, with the test pattern that is named, or with none,
/// which ends one.
fn with_pattern<T: Copy>(
    kinds: &[EntityKind],
    setting: Option<T>,
    system: &System,
    fields: &mut Fields<'_, '_>,
    command: impl Fn(Entity, T, Option<TestPattern>) -> Command,
) -> Vec<Command> {
    let names = TestPattern::names();
    // `none` is first.
    let pattern = fields.choice("pattern", names, |name| {
        (name == names[0])
            .then_some(None)
            .or_else(|| TestPattern::from_name(name).map(Some))
    });
    each(kinds, setting.zip(pattern), system, fields, |of, what| {
        command(of, what.0, what.1)
    })
}

/// One command for each part that `target` names.
fn each<T: Copy>(
    kinds: &[EntityKind],
    setting: Option<T>,
    system: &System,
    fields: &mut Fields<'_, '_>,
    command: impl Fn(Entity, T) -> Command,
) -> Vec<Command> {
    let example = match kinds[0] {
        EntityKind::Laser => "\"els0.laser1\"",
        EntityKind::MediaLane => "\"oe0.lane3\"",
        EntityKind::SerdesLane => "\"switch.optical3\"",
        _ => "\"oe0\"",
    };
    let mut found = Vec::new();
    for word in fields.list("target", example) {
        if found.len() > MAX_EVENTS {
            break;
        }
        found.extend(
            fields
                .keep(entities(kinds, &word, system))
                .unwrap_or_default(),
        );
    }
    let Some(setting) = setting else {
        return Vec::new();
    };
    found.into_iter().map(|of| command(of, setting)).collect()
}

/// The side of a lane: towards the fibre where nothing is said.
fn direction(fields: &mut Fields<'_, '_>) -> Option<Direction> {
    if fields.has("direction") {
        let names: Vec<&str> = Direction::ALL.iter().map(|side| side.name()).collect();
        fields.choice("direction", &names, Direction::from_name)
    } else {
        fields.node("direction");
        Some(Direction::Transmit)
    }
}

fn heater(fields: &mut Fields<'_, '_>) -> Option<(Direction, HeaterDrive)> {
    let direction = direction(fields);
    let power = fields.required("power", "\"5 mW\"")?;
    let drive = if power.text() == "loop" {
        HeaterDrive::Loop
    } else {
        let watts = fields.in_range("power", &power, Dimension::Power, HEATER)?;
        HeaterDrive::Fixed(Watts::new(watts))
    };
    Some((direction?, drive))
}

fn reset(system: &System, fields: &mut Fields<'_, '_>) -> Vec<Command> {
    let word = fields.required("signal", "\"fec_corrected_codewords\"");
    let found = word.and_then(|word| {
        let found = fields.keep(signal(&word))?;
        if found.storage() == Storage::Counter {
            return Some(found);
        }
        let message = format!("{} is no counter", found.name());
        let counters = Signal::TABLE
            .iter()
            .filter(|info| info.storage == Storage::Counter);
        let names: Vec<&str> = counters.map(|info| info.name).collect();
        let help = format!("counters are: {}", names.join(", "));
        fields.push(word.problem("scenario::value", message).with_help(help));
        None
    });
    let targets = fields.optional_list("target");
    let Some(signal) = found else {
        return Vec::new();
    };
    let reset = |selection| Command::ResetCounter { signal, selection };
    let Some(targets) = targets else {
        return vec![reset(Selection::All)];
    };
    let mut commands = Vec::new();
    for word in targets {
        if commands.len() > MAX_EVENTS {
            break;
        }
        let found = fields.keep(entities(&[signal.kind()], &word, system));
        let found = found.unwrap_or_default().into_iter();
        commands.extend(found.map(|of| reset(Selection::One(of.index))));
    }
    commands
}
