//! What happens to a world over time: a timeline that replays exactly.
//!
//! # The file
//!
//! A scenario is a TOML file with `format = 1`, optionally `title` and `note`, and a table
//! `[[event]]` for each event, in the order of time.
//!
//! ```toml
//! format = 1
//! title = "a dirty fibre while the load changes"
//!
//! [[event]]
//! at = "0 s"
//! do = "load.profile"
//! profile = "training"
//! period = "2 s"
//! duty = 0.3
//! burst = 0.95
//! base = 0.2
//!
//! [[event]]
//! at = "2 s"
//! do = "plant.fault"
//! id = "dirt"
//! fault = "fibre_dirt"
//! target = ["oe0.tx3", "oe3.rx*"]
//! severity = "1.5 dB"
//! onset = "10 s"
//!
//! [[event]]
//! at = "1 min"
//! do = "plant.clear"
//! id = "dirt"
//! ```
//!
//! Each event has `at`, the time since the start, which is never before that of the event above
//! it, and `do`, the action. In a world of several switches it has `switch` too. A key that an action
//! does not know is an error.
//!
//! | `do` | other keys; those in brackets may be left out |
//! | --- | --- |
//! | `plant.fault` | `fault`, `target`, `[severity]`, `[onset]`, `[for]`, `[recovery]`, `[repeat]`, `[duty]` as in [`fault`](crate::fault), and `[id]` to clear it by |
//! | `plant.clear` | `id` of an event above |
//! | `plant.cooling` | `group`, a name of a `[cooling]`, with `flow`, `inlet` or both |
//! | `plant.age` | `by`, the time that parts age at once, for example `"6 months"`, with load, coolants and faults as they are then; the clock stands |
//! | `load.asic` | `utilisation` 0 to 1, `[asic]`: one die or several; all of them without it |
//! | `load.profile` | `profile = "idle"`, or `"training"` with `period` of a step, `duty`, the share of the step that is its burst, `[burst]` and `[base]`, the utilisation in and outside the burst (1 and 0), and `[ramp]`, the time of rise and fall; `[asic]` |
//! | `load.trace` | `csv`, the path of a table with the columns `time_s` and `utilisation`; `[asic]` |
//! | `command.laser_enable` | `target`, `enabled` |
//! | `command.laser_output` | `target`, `power` |
//! | `command.laser_bias` | `target`, `current` |
//! | `command.transmit_enable` | `target`, `enabled` |
//! | `command.heater` | `target`, `[direction]`: `transmit` or `receive`, `power`: what is held, or `"loop"` |
//! | `command.power_state` | `target`, an engine, a laser module or a thermal zone with all that is in it, `state`: `off`, `low_power` or `full_power` |
//! | `command.loopback` | `target`, `loopback`: `off`, `media_input`, `media_output`, `host_input` or `host_output` |
//! | `command.receive_enable` | `target`, `enabled`: whether the electrical output of a lane is on |
//! | `command.pattern` | `target`, `[direction]`: `transmit` towards the fibre or `receive` towards the host, `pattern`: `prbs31q`, `prbs31`, …, `ssprq`, each also as `prbs31q_inverted`, or `none` |
//! | `command.polarity` | `target`, `[direction]`: the electrical input or output, `inverted`: whether its wires are swapped |
//! | `command.serdes_pattern` | `target`, a lane of a die, `pattern` as above: what it sends in place of data |
//! | `command.reset_counter` | `signal`, `[target]`: all its counters without it |
//! | `device.*` | kept as written for the device layer |
//!
//! A `target` or `asic` is a name, a list of names, or a pattern in which `*` stands for any
//! characters, such as `"oe3.*"`; it becomes one event for each part. A load profile or trace begins
//! at its event and replaces the one before.
//!
//! ```
//! use system::{Input, Library, System};
//! use twin::scenario::{Action, Scenario};
//!
//! let library = Library::embedded();
//! let text = library.platform("cpo-51t").ok_or("no such platform")?;
//! let system = System::resolve(&Input {
//!     name: "cpo-51t",
//!     bytes: text.as_bytes(),
//!     sets: &[],
//!     library: &library,
//!     load: &|file| Err(format!("{file} is not there")),
//! })?;
//! let file = br#"
//!     format = 1
//!     [[event]]
//!     at = "2 s"
//!     do = "load.asic"
//!     utilisation = 0.3
//! "#;
//! let switches = [("leaf1", &system)];
//! let scenario = Scenario::parse("s.toml", file, &switches, &|name| Err(format!("no {name}")))?;
//! assert_eq!(scenario.events[0].at_ns, 2_000_000_000);
//! assert!(matches!(scenario.events[0].action, Action::Load { asic: None, .. }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Absent: whoever acts on it. A scenario is data.

mod command;
pub(crate) mod fields;
mod load;
mod loads;
mod read;
#[cfg(test)]
mod tests;
mod trace;

use std::sync::Arc;

use plant::Command;
use system::{AsicId, Node, Problem, Problems, Span};
use units::{Celsius, Seconds, VolumeFlow};

use crate::fault::Fault;

pub use load::{LoadProfile, Trace, Training};

/// The version of the file format that this crate reads.
pub const FORMAT: i64 = 1;

/// What happens to a world, in the order of time.
#[derive(Debug, Clone, Default)]
pub struct Scenario {
    /// Its events; those of one time in the order of the file.
    pub events: Vec<Event>,
}

/// One thing that happens at one time.
#[derive(Debug, Clone)]
pub struct Event {
    /// Nanoseconds since the start; never before those of the event before.
    pub at_ns: u64,
    /// Position of the switch that it happens to, among those that the scenario was read for.
    pub switch: usize,
    /// What happens.
    pub action: Action,
    /// Where it was written.
    pub span: Span,
}

/// What happens.
#[derive(Debug, Clone)]
pub enum Action {
    /// Something goes wrong.
    Fault {
        /// The name to clear it by; several faults may share it.
        id: Option<Arc<str>>,
        /// What.
        fault: Fault,
    },
    /// The faults of this name begin to recover.
    Clear {
        /// The name.
        id: Arc<str>,
    },
    /// A cooling changes; what is none stays.
    Cooling {
        /// Its position in the description.
        cooling: usize,
        /// Flow through one cooler.
        flow: Option<VolumeFlow>,
        /// Temperature of the fluid that comes in.
        inlet: Option<Celsius>,
    },
    /// All parts age at once by a time.
    Age {
        /// The time.
        by: Seconds,
    },
    /// The load of dies changes.
    Load {
        /// One die; all of them without it.
        asic: Option<AsicId>,
        /// The load since the event.
        load: LoadProfile,
    },
    /// A command is given to the plant.
    Command(Command),
    /// Something for the device layer, which knows its keys.
    Device {
        /// What stands behind `device.`.
        action: String,
        /// The table of the event.
        node: Node,
    },
}

impl Scenario {
    /// Accepts a scenario where there is no device layer.
    ///
    /// # Errors
    /// A problem for each event that only a device can act on.
    pub fn without_devices(&self) -> Result<(), Problems> {
        let refused = self.events.iter().filter_map(|event| {
            let Action::Device { action, .. } = &event.action else {
                return None;
            };
            let message = format!("device.{action} needs a device, and here is a plant alone");
            let problem = Problem::new("scenario::no-device", &event.span, message);
            Some(
                problem.with_help("remove the event, or run the scenario where devices are served"),
            )
        });
        let refused: Vec<Problem> = refused.collect();
        if refused.is_empty() {
            Ok(())
        } else {
            Err(Problems::collected(refused))
        }
    }
}
