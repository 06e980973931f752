//! Values that know where they come from.

use std::sync::Arc;

use crate::Spread;
use crate::quantity::Quantity;
use crate::random::Draw;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A source that can be looked up: the key into the list of sources.
    Source(Arc<str>),
    /// An estimate of the library, with the key that explains it. Results that rest on it are
    /// marked *assumed*.
    Estimate(Arc<str>),
    /// Written in the description by its author.
    Stated,
    /// Computed from other values.
    Derived,
    /// Measured at some sites, for example of a wafer.
    Measured {
        /// The file of the measurement.
        file: Arc<str>,
        /// How many sites it has.
        n_sites: usize,
    },
}

impl Origin {
    /// Whether results that rest on this value must be marked *assumed*.
    pub fn is_estimate(&self) -> bool {
        matches!(self, Self::Estimate(_))
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Source(key) => write!(f, "{key}"),
            Self::Estimate(key) => write!(f, "{key} (estimate)"),
            Self::Stated => write!(f, "stated"),
            Self::Derived => write!(f, "derived"),
            Self::Measured { file, n_sites } => write!(f, "measured: {file}, {n_sites} sites"),
        }
    }
}

/// The stable name of the place that states a value. Two parts that share a library value have the
/// same place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The library part, such as `driver cmos-mzm-56gbd`, or the path in the description.
    pub key: Arc<str>,
    /// The field.
    pub field: &'static str,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.key.is_empty() {
            f.write_str(self.field)
        } else {
            write!(f, "{}.{}", self.key, self.field)
        }
    }
}

/// A quantity with its spread and its origin.
#[derive(Debug, Clone, PartialEq)]
pub struct Sourced<Q> {
    /// The value to compute with: nominal, or drawn from the spread.
    pub value: Q,
    /// How it varies from part to part.
    pub spread: Spread,
    /// Where it comes from.
    pub origin: Origin,
    /// Where it is stated; none for a value that a program made.
    pub place: Option<Place>,
}

impl<Q: Quantity> Sourced<Q> {
    /// A value without spread, written by the author of a description.
    pub fn stated(value: Q) -> Self {
        Self {
            value,
            spread: Spread::Exact,
            origin: Origin::Stated,
            place: None,
        }
    }

    /// The value that `draw` gives at `tick`; the nominal value when there is no spread.
    pub fn sample(&self, draw: &Draw, tick: u64) -> Q {
        if self.spread.is_exact() {
            return self.value;
        }
        Q::from_si(self.spread.quantile(self.value.si(), draw.uniform(tick)))
    }
}

impl<Q: Quantity> std::fmt::Display for Sourced<Q> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(&self.value, f)
    }
}
