//! What can be wrong with a quantity that a person wrote.

use crate::Dimension;

/// Why a text is not the quantity that was expected.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The text does not start with a number.
    #[error("expected {expected} such as {example:?}, found {found:?}", expected = .dimension.noun())]
    NotANumber {
        /// What was expected.
        dimension: Dimension,
        /// A correct example.
        example: String,
        /// The text.
        found: String,
    },
    /// The number has no unit.
    #[error("expected {expected} with its unit ({units}), found a bare number {found:?}", expected = .dimension.noun())]
    MissingUnit {
        /// What was expected.
        dimension: Dimension,
        /// The units that would do.
        units: String,
        /// The text.
        found: String,
    },
    /// The unit belongs to another dimension.
    #[error("expected {expected}, found {actual} ({found:?})", expected = .dimension.noun(), actual = .actual.noun())]
    WrongDimension {
        /// What was expected.
        dimension: Dimension,
        /// What the unit measures.
        actual: Dimension,
        /// The text.
        found: String,
    },
    /// No dimension has this unit.
    #[error("unknown unit {symbol:?} in {found:?}; {expected} takes {units}", expected = .dimension.noun())]
    UnknownUnit {
        /// What was expected.
        dimension: Dimension,
        /// The unknown symbol.
        symbol: String,
        /// The units that would do.
        units: String,
        /// The text.
        found: String,
    },
    /// The number is infinite, not a number, or has no level.
    #[error("{found:?} is not a finite value")]
    NotFinite {
        /// The text.
        found: String,
    },
    /// A spread is not in a known form.
    #[error(
        "{found:?} is not a spread; expected one of \"normal 5 %\", \"normal 0.2 dB within 0 dB .. 1 dB\", \"uniform 10 %\", \"range 4 pJ/bit .. 6 pJ/bit\", \"lognormal 20 %\", with units that fit the value"
    )]
    NotASpread {
        /// The text.
        found: String,
    },
    /// The interval of a spread leaves out the value that spreads.
    #[error("the interval {found:?} does not contain the nominal value {nominal}")]
    SpreadWithoutNominal {
        /// The nominal value with its unit.
        nominal: String,
        /// The interval.
        found: String,
    },
    /// The spread is in per cent, but the quantity has no natural zero.
    #[error("the spread {found:?} of {noun} must be absolute, in {units}", noun = .dimension.noun())]
    RelativeSpread {
        /// The dimension of the value.
        dimension: Dimension,
        /// Units for the spread.
        units: String,
        /// The text.
        found: String,
    },
}
