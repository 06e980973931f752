//! What can go wrong with a sensor, and what cannot be asked of one.

use plant::Signal;
use serde::{Deserialize, Serialize};

/// A failure of a monitor.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum SensorFault {
    /// Its reading no longer changes, and goes on claiming to be fresh.
    Stuck,
    /// Its noise is this many times what it should be; for counted ratios, the difference between
    /// reading and truth is.
    Noisy(f64),
    /// Its reading is off by this, in the unit of the signal; a level in decibels.
    Biased(f64),
    /// It gives no reading.
    Dead,
}

impl SensorFault {
    /// The name in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stuck => "stuck",
            Self::Noisy(_) => "noisy",
            Self::Biased(_) => "biased",
            Self::Dead => "dead",
        }
    }
}

/// Why a sensor cannot be made to fail, or a counter not be reset.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SensorError {
    /// There is no such sensor.
    #[error("{} is not measured here", .signal.name())]
    NotMeasured {
        /// The signal.
        signal: Signal,
    },
    /// There is no such entity.
    #[error("{} has no element {index}; there are {count}", .signal.name())]
    NoSuchEntity {
        /// The signal.
        signal: Signal,
        /// What was asked for.
        index: u32,
        /// How many there are.
        count: usize,
    },
    /// Only counters can be reset.
    #[error("{} is not a counter", .signal.name())]
    NotACounter {
        /// The signal.
        signal: Signal,
    },
    /// The sensor cannot fail in this way.
    #[error(
        "a sensor of {} cannot be {}: it {reason}; use stuck or dead",
        .signal.name(), .fault.name()
    )]
    NotApplicable {
        /// The signal.
        signal: Signal,
        /// The fault.
        fault: SensorFault,
        /// Why not.
        reason: &'static str,
    },
    /// The number in a fault is none that a sensor could have.
    #[error("a {} sensor of {} needs {allowed}, not {found}", .fault.name(), .signal.name())]
    OutOfRange {
        /// The signal.
        signal: Signal,
        /// The fault.
        fault: SensorFault,
        /// The number.
        found: f64,
        /// What is allowed.
        allowed: &'static str,
    },
}

/// Checks the number in a fault.
pub(super) fn check_number(signal: Signal, fault: SensorFault) -> Result<(), SensorError> {
    let (found, is_allowed, allowed) = match fault {
        SensorFault::Noisy(factor) => (
            factor,
            factor.is_finite() && factor >= 0.0,
            "a factor that is finite and not negative",
        ),
        SensorFault::Biased(amount) => (amount, amount.is_finite(), "a finite amount"),
        SensorFault::Stuck | SensorFault::Dead => return Ok(()),
    };
    if is_allowed {
        return Ok(());
    }
    Err(SensorError::OutOfRange {
        signal,
        fault,
        found,
        allowed,
    })
}
