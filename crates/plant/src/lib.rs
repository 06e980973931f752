//! The contract between whatever is managed (a *plant*: a twin, or hardware) and whatever
//! manages it.
//!
//! A [`Plant`] is one switch. It yields an [`Observation`], which is what its sensors say and
//! never the truth, and takes a [`Command`]. What became of a command stands in a later
//! observation. [`Capabilities`] say what the plant owns and accepts.
//!
//! ```
//! use plant::{Column, DeviceName, Observation, Plant, Signal, StaticPlant, Timestamp};
//! use system::Fingerprint;
//! use units::DbMilliwatts;
//!
//! let device = DeviceName::new("leaf1")?;
//! let mut template = Observation::new(Fingerprint::of(b"a description"), device);
//! template.insert(Column::from_values(Signal::RxPower, [-3.5, -4.25])?);
//!
//! let mut plant = StaticPlant::new(template)?;
//! let observation = plant.poll(Timestamp::from_nanos(1_000))?.expect("the first poll is new");
//! let power = observation.column(Signal::RxPower).and_then(|c| c.quantity::<DbMilliwatts>(1));
//! assert_eq!(power, Some(DbMilliwatts::new(-4.25)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Observations travel in two forms: [`binary`] between programs of this project, and one line
//! of JSON ([`Observation::encode_json`]) for everything else. Both are refused under a foreign
//! fingerprint, because positions in a column mean nothing under another description.
//!
//! Deliberately absent: thresholds, alarms, module state machines (they belong to `device`),
//! and any way to ask for the true state. A plant does not look at the clock; `now` is passed in.

pub mod binary;
mod capabilities;
mod coded;
mod column;
mod command;
mod entity;
mod error;
mod json;
mod observation;
mod pattern;
mod serial;
mod signal;
mod static_plant;
mod time;

pub use capabilities::{Capabilities, EntityCounts, Ownership};
pub use column::{Column, Quality, Values};
pub use command::{
    Command, CommandId, CommandKind, Direction, HeaterDrive, Loopback, Outcome, PowerState,
    PoweredUnit, Refusal, RefusalReason, Selection, Status,
};
pub use entity::Entity;
pub use error::{ColumnError, DecodeError, NotADeviceName, PollError, TemplateError};
pub use observation::{DeviceName, Edge, EdgeKind, Observation};
pub use pattern::{Sequence, TestPattern};
pub use signal::{Signal, SignalInfo, Storage};
pub use static_plant::StaticPlant;
pub use time::Timestamp;

/// The version of the wire forms. It grows when a signal, an edge, a command or a field is added.
pub const SCHEMA: u16 = 5;

/// Whatever is managed: one switch, simulated or real.
pub trait Plant {
    /// What this plant owns, measures and accepts. It does not change while the plant lives.
    fn capabilities(&self) -> &Capabilities;

    /// Hands in a command. Whether it was accepted, refused or done stands in the
    /// [outcomes](Observation::outcomes) of a later observation, under the returned id.
    /// Ids of one plant are never reused.
    fn submit(&mut self, command: Command) -> CommandId;

    /// The state of the sensors at `now`, or nothing when there is no newer observation than the
    /// last one returned. Never blocks.
    ///
    /// Edges and outcomes stand in exactly one observation, so one caller polls and shares.
    ///
    /// # Errors
    /// [`PollError::TimeReversed`] when `now` is earlier than that of an earlier call;
    /// [`PollError::Unreachable`] when the plant does not answer. A later call may succeed.
    fn poll(&mut self, now: Timestamp) -> Result<Option<&Observation>, PollError>;
}
