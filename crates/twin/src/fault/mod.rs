//! What can go wrong in the world: a closed catalogue of physical faults, each with what it
//! strikes, how bad it is, and how it comes and goes.
//!
//! A fault is data. It says nothing about what will be observed: that follows from the world that
//! it acts on.
//!
//! # As a line of text
//!
//! ```text
//! KIND TARGET [SEVERITY] [onset TIME] [for TIME] [recovery TIME] [repeat TIME [duty SHARE]]
//! ```
//!
//! - `KIND` is a name of [`FaultKind::ALL`].
//! - `TARGET` is the name of an entity or of a cooling; two names of fibres for `fibres_swapped`;
//!   the name of a signal and that of an entity for the faults of monitors.
//! - `SEVERITY` is a quantity with its unit. Without it the kind's own default counts. Kinds that
//!   are there or not take none.
//! - `onset` is the time of the rise from nothing to the whole severity, `for` the time at the top,
//!   `recovery` the time of the fall. Without `for` the fault stays until it is cleared; it then
//!   falls within its `recovery`.
//! - `repeat` makes it intermittent: it is there for the `duty`, a half unless stated, of each period.
//!
//! ```
//! use system::{Input, Library, System};
//! use twin::fault::{Fault, FaultKind};
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
//! let fault = Fault::parse("fibre_dirt oe0.tx3 1.5 dB onset 10 s for 1 min", &system)?;
//! assert_eq!(fault.kind, FaultKind::FibreDirt);
//! assert_eq!(fault.strength(5_000_000_000), Some(0.75));
//! assert_eq!(fault.display(&system).to_string(), "fibre_dirt oe0.tx3 1.5 dB onset 10 s for 1 min");
//!
//! let wrong = Fault::parse("fibre_dirt oe0.tx3 1.5 dBm", &system);
//! assert!(wrong.is_err_and(|problems| problems.to_string().contains("found a power")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod kind;
pub(crate) mod piece;
mod profile;
pub(crate) mod target;
#[cfg(test)]
mod tests;
pub(crate) mod text;

use serde::{Deserialize, Serialize};

pub use kind::{FaultKind, Range, Rise, Severity, Strikes};
pub use profile::{Profile, Repeat};
pub use target::Target;
pub use text::FaultText;

/// One thing that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// Where.
    pub target: Target,
    /// How bad it is at the top of its profile, in the unit that the newtype of the severity's
    /// dimension holds; one for a kind that is there or not.
    pub severity: f64,
    /// How it comes and goes.
    pub profile: Profile,
}

impl Fault {
    /// How bad it is so many nanoseconds after it began, as [`Fault::strength_at`] its level; none
    /// while it is not there.
    pub fn strength(&self, since_start_ns: u64) -> Option<f64> {
        self.strength_at(self.profile.level(since_start_ns))
    }

    /// How bad it is at a level of its profile, in the unit of [`Fault::severity`]; none at zero.
    pub fn strength_at(&self, level: f64) -> Option<f64> {
        if level <= 0.0 {
            return None;
        }
        let rise = match self.kind.severity() {
            Severity::None => Rise::Switched,
            Severity::Quantity(range) => range.rise,
            Severity::OfSignal => Rise::FromZero,
        };
        Some(match rise {
            Rise::FromZero => level * self.severity,
            Rise::FromOne => 1.0 + level * (self.severity - 1.0),
            Rise::InPower => self.severity + 10.0 * level.log10(),
            Rise::Switched => self.severity,
        })
    }
}
