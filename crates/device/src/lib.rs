//! Managed devices on any plant: the modules behind registers that a switch has, fed by what sensors
//! say, acting by commands.
//!
//! A [`Fleet`] says which devices a described system has and what stands on each of their lanes. A
//! [`ManagedSwitch`] is these devices at work: whoever owns the [`Plant`](plant::Plant) hands in its
//! observations ([`ManagedSwitch::tick`]), lets time go on ([`ManagedSwitch::advance`]), serves hosts
//! ([`ManagedSwitch::read`], [`ManagedSwitch::write`]), and hands over what follows from that
//! ([`ManagedSwitch::command`]).
//!
//! ```
//! use std::sync::Arc;
//!
//! use device::ManagedSwitch;
//! use plant::{Capabilities, DeviceName, EntityCounts, Ownership, Timestamp};
//! use system::{Input, Library, System};
//!
//! let library = Library::embedded();
//! let text = library.platform("cpo-51t").expect("a built-in platform");
//! let input = Input {
//!     name: "cpo-51t",
//!     bytes: text.as_bytes(),
//!     sets: &[],
//!     library: &library,
//!     load: &|_| Err("no file".to_owned()),
//! };
//! let system = Arc::new(System::resolve(&input).expect("it resolves"));
//! let capabilities = Capabilities {
//!     device: DeviceName::new("leaf1")?,
//!     fingerprint: system.fingerprint,
//!     owns: Ownership::Physics,
//!     commands: Vec::new(),
//!     signals: Vec::new(),
//!     counts: EntityCounts::from(&*system),
//!     minimal_period: std::time::Duration::ZERO,
//! };
//! let switch = ManagedSwitch::new(&system, &capabilities, &[], Timestamp::default())?;
//! // Eight engines of 64 lanes, two devices of four banks each, and 16 laser modules.
//! assert_eq!(switch.fleet().devices().len(), 32);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Deliberately absent: any plant and what is behind it, sockets and files, a clock, and truth: a
//! device knows what sensors say.

mod commands;
pub mod crosswalk;
mod fleet;
mod interface;
mod overrides;
mod profile;
mod readings;
mod records;
pub mod sonic;
mod switch;

pub use commands::Refused;
pub use fleet::{Device, Fleet, FleetError, Lane, LanePlace, LaserLane, Part};
pub use overrides::Overrides;
pub use records::{FORMAT, RecordError, decode, encode};
pub use switch::{DeviceError, ForeignObservation, ManagedSwitch, Record};
