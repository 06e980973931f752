//! Why a device has no operating point.

use units::{Celsius, Watts};

use crate::platform::Function;

/// What keeps a laser from giving more power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PowerLimit {
    /// Heating: more current gives less light.
    Rollover,
    /// The largest permitted current.
    MaximumCurrent,
}

impl std::fmt::Display for PowerLimit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Rollover => "thermal rollover",
            Self::MaximumCurrent => "the largest permitted current",
        })
    }
}

/// Why a device model has no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// A value lies outside the range in which the model means anything.
    #[error("{quantity} is {value} {unit}, allowed is {low} to {high} {unit}")]
    OutOfRange {
        /// What was given.
        quantity: &'static str,
        /// Its value in `unit`.
        value: f64,
        /// Least allowed value.
        low: f64,
        /// Greatest allowed value.
        high: f64,
        /// Unit of the three numbers; empty for a pure number.
        unit: &'static str,
    },
    /// The laser cannot give the requested power.
    #[error(
        "a laser power of {requested:.3} at a case temperature of {case_temperature:.4} is beyond {limit}; reachable is {reachable:.3}"
    )]
    PowerUnreachable {
        /// What was asked for.
        requested: Watts,
        /// The most that can be had.
        reachable: Watts,
        /// What limits it.
        limit: PowerLimit,
        /// The case temperature.
        case_temperature: Celsius,
    },
    /// The powers do not rise from one modulation level to the next.
    #[error(
        "modulation levels do not rise: level {index} transmits {upper}, the one below {lower}"
    )]
    LevelsNotRising {
        /// Index of the offending level, counted from the lowest.
        index: usize,
        /// Transmission or power of the level below.
        lower: f64,
        /// Transmission or power of the offending level.
        upper: f64,
    },
    /// A figure is defined for another number of levels.
    #[error("{figure} needs {expected} levels, got {actual}")]
    LevelCount {
        /// The figure asked for.
        figure: &'static str,
        /// How many levels it needs.
        expected: usize,
        /// How many there are.
        actual: usize,
    },
    /// The modulator does not respond at this operating point.
    #[error("the transmission does not depend on the drive at this operating point")]
    NoModulation,
    /// The structure guides no mode of the wanted kind.
    #[error(
        "no guided mode: effective index {effective_index} is not above the cladding index {cladding_index}"
    )]
    NoGuidedMode {
        /// Effective index found, or an upper bound to it.
        effective_index: f64,
        /// The larger cladding index.
        cladding_index: f64,
    },
    /// An iteration stopped without meeting its tolerance.
    #[error(
        "{solver} did not converge in {iterations} iterations: residual {residual:e}, last value {last}"
    )]
    NotConverged {
        /// Which iteration.
        solver: &'static str,
        /// How many steps it took.
        iterations: usize,
        /// Relative residual at the end.
        residual: f64,
        /// Last value of the unknown.
        last: f64,
    },
    /// A linear system has no unique solution.
    #[error("singular matrix: pivot {pivot} vanishes")]
    Singular {
        /// Row of the vanishing pivot.
        pivot: usize,
    },
    /// Slices that belong together differ in length.
    #[error("{what} has {actual} entries, expected {expected}")]
    Shape {
        /// Which slice.
        what: &'static str,
        /// Expected length.
        expected: usize,
        /// Given length.
        actual: usize,
    },
    /// The material platform cannot do it.
    #[error("{platform} cannot {function}: {reason}")]
    NotCapable {
        /// Name of the platform.
        platform: &'static str,
        /// What was asked of it.
        function: Function,
        /// Why not.
        reason: &'static str,
    },
}

/// Refuses a value outside `low..=high`, and anything that is not a number.
pub(crate) fn check(
    quantity: &'static str,
    value: f64,
    (low, high): (f64, f64),
    unit: &'static str,
) -> Result<(), DeviceError> {
    if (low..=high).contains(&value) && value.is_finite() {
        Ok(())
    } else {
        Err(DeviceError::OutOfRange {
            quantity,
            value,
            low,
            high,
            unit,
        })
    }
}

/// Refuses anything but a finite positive number.
pub(crate) fn check_positive(
    quantity: &'static str,
    value: f64,
    unit: &'static str,
) -> Result<(), DeviceError> {
    check(quantity, value, (f64::MIN_POSITIVE, f64::INFINITY), unit)
}

/// Refuses anything but zero or a finite positive number.
pub(crate) fn check_non_negative(
    quantity: &'static str,
    value: f64,
    unit: &'static str,
) -> Result<(), DeviceError> {
    check(quantity, value, (0.0, f64::INFINITY), unit)
}
