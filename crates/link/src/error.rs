//! What can be wrong with the description of a receiver.

/// Why a lane cannot be evaluated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// A parameter is outside the range in which the model means anything.
    #[error("{name} is {value}, expected {allowed}")]
    OutOfRange {
        /// The parameter, with its unit.
        name: &'static str,
        /// What was given, in that unit.
        value: f64,
        /// The allowed range.
        allowed: &'static str,
    },
    /// Level powers do not rise from one level to the next.
    #[error("level {index} is not above the level below it")]
    LevelsNotAscending {
        /// The first offending level, counted from zero.
        index: usize,
    },
    /// A list has the wrong length.
    #[error("{name} has {found} entries, expected {expected}")]
    Length {
        /// The list.
        name: &'static str,
        /// How many entries it has.
        found: usize,
        /// How many it needs.
        expected: usize,
    },
    /// The plain receiver can do this, the batch kernel cannot.
    #[error("batches do not take {what}; evaluate this lane by itself")]
    NotInBatches {
        /// What was asked for.
        what: &'static str,
    },
    /// A sensitivity was asked for with thresholds that do not follow the signal.
    #[error("a sensitivity needs thresholds that follow the signal, not fixed ones")]
    FixedThresholds,
}

/// Accepts `value` when `within` holds; NaN never passes a comparison and is refused.
pub(crate) fn check(
    name: &'static str,
    value: f64,
    allowed: &'static str,
    within: impl Fn(f64) -> bool,
) -> Result<(), LinkError> {
    if within(value) {
        Ok(())
    } else {
        Err(LinkError::OutOfRange {
            name,
            value,
            allowed,
        })
    }
}

/// Accepts finite values from zero up.
pub(crate) fn check_not_negative(name: &'static str, value: f64) -> Result<(), LinkError> {
    check(name, value, "a finite value >= 0", |v| {
        v >= 0.0 && v.is_finite()
    })
}
