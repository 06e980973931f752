//! Time on the plant's clock.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A point in time: integer nanoseconds since an epoch that whoever polls the plant chooses,
/// usually the Unix epoch or the start of a simulation.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
pub struct Timestamp(u64);

impl Timestamp {
    /// `nanos` nanoseconds after the epoch.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds after the epoch.
    pub const fn nanos(self) -> u64 {
        self.0
    }

    /// The time that passed since `earlier`, or nothing when `earlier` is later than `self`.
    pub fn since(self, earlier: Self) -> Option<Duration> {
        self.0.checked_sub(earlier.0).map(Duration::from_nanos)
    }

    /// This time plus `duration`, at most the last representable time (year 2554 on Unix time).
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(nanos))
    }
}
