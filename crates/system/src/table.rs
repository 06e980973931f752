//! Measured tables: CSV text whose header names each column and its unit in brackets.
//!
//! ```text
//! # Lines that start with a hash are remarks.
//! temperature [C],current [mA],power [mW],voltage [V]
//! 25,100,28.1,1.21
//! ```

mod layout;
mod read;
mod sites;

use units::quantity::Quantity;
use units::{Dimension, format_si};

use crate::problem::{Problem, SourceText};
use crate::schema::TableSchema;

use self::read::{Wanted, read};

pub use self::sites::MIN_SITES;
pub(crate) use self::sites::{Sites, read_sites};

/// Columns of numbers in the units that the newtypes hold.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasuredTable {
    /// One vector per column, in the order of the schema. Empty for a column that was left out.
    pub columns: Vec<Vec<f64>>,
}

/// Why a table has no value at a place.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TableError {
    /// There are not two places to interpolate between.
    #[error("the table has {n_rows} rows; two are needed at least")]
    TooShort {
        /// Rows there are.
        n_rows: usize,
    },
    /// The place lies outside what was measured.
    #[error(
        "{} lies outside the measured range {} to {}; nothing is extrapolated",
        format_si(*.axis, *.at), format_si(*.axis, *.low), format_si(*.axis, *.high)
    )]
    OutOfRange {
        /// What the axis measures.
        axis: Dimension,
        /// The place asked for, in the unit that the quantity's newtype holds.
        at: f64,
        /// Least measured place.
        low: f64,
        /// Greatest measured place.
        high: f64,
    },
}

impl MeasuredTable {
    /// Reads a table. Every problem of the text is reported.
    ///
    /// Rows are sorted by their axes, the first one slowest, and no place stands twice; a grid has
    /// no gaps.
    pub(crate) fn parse(
        name: &str,
        text: &str,
        schema: &TableSchema,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let source = SourceText::new(name, text);
        let before = problems.len();
        let wanted: Vec<Wanted<'_>> = schema.columns.iter().map(Wanted::from).collect();
        let rows = read(&source, &wanted, false, problems)?;
        if problems.len() == before {
            layout::check(&rows, schema, &source, problems);
        }
        (problems.len() == before).then_some(Self {
            columns: rows.columns,
        })
    }

    /// The places of an axis, rising, each once.
    ///
    /// # Panics
    /// There is no such column.
    pub fn places(&self, axis: usize) -> Vec<f64> {
        let mut places = self.columns[axis].clone();
        places.sort_by(f64::total_cmp);
        places.dedup_by(|a, b| a.total_cmp(b).is_eq());
        places
    }

    /// Linear interpolation of column `y` over column `x`, whose values must rise.
    ///
    /// # Errors
    /// `at` lies outside the range of `x`: nothing is extrapolated.
    ///
    /// # Panics
    /// There is no column `x` or `y`.
    pub fn interpolate<Q: Quantity>(&self, x: usize, y: usize, at: Q) -> Result<f64, TableError> {
        interpolate(&self.columns[x], &self.columns[y], at)
    }
}

/// Linear interpolation of `y` over rising `x`.
///
/// # Errors
/// `at` lies outside the range of `x`, or there are fewer than two values.
pub fn interpolate<Q: Quantity>(x: &[f64], y: &[f64], at: Q) -> Result<f64, TableError> {
    let at = at.si();
    let n_rows = x.len().min(y.len());
    if n_rows < 2 {
        return Err(TableError::TooShort { n_rows });
    }
    let (x, y) = (&x[..n_rows], &y[..n_rows]);
    let (low, high) = (x[0], x[n_rows - 1]);
    // A quantity that came through a unit conversion may miss the last digit of an end point.
    let slack = 1e-9 * (high - low).abs();
    if !(low - slack..=high + slack).contains(&at) {
        return Err(TableError::OutOfRange {
            axis: Q::DIMENSION,
            at,
            low,
            high,
        });
    }
    let upper = x.partition_point(|value| *value < at).clamp(1, x.len() - 1);
    let weight = ((at - x[upper - 1]) / (x[upper] - x[upper - 1])).clamp(0.0, 1.0);
    Ok(y[upper - 1] + weight * (y[upper] - y[upper - 1]))
}

#[cfg(test)]
mod tests {
    use units::Ratio;

    use super::*;

    #[test]
    fn measured_places_give_measured_values_and_places_between_lie_on_the_line() {
        let (x, y) = ([1.0, 2.0, 4.0], [10.0, 20.0, 0.0]);
        for (at, expected) in [
            (1.0, 10.0),
            (1.5, 15.0),
            (2.0, 20.0),
            (3.0, 10.0),
            (4.0, 0.0),
        ] {
            let found = interpolate(&x, &y, Ratio::new(at)).unwrap();
            assert!((found - expected).abs() < 1e-12, "{at}: {found}");
        }
    }

    #[test]
    fn nothing_is_extrapolated() {
        let (x, y) = ([1.0, 2.0], [1.0, 2.0]);
        for at in [0.999, 2.001, f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
            let found = interpolate(&x, &y, Ratio::new(at));
            assert!(
                matches!(found, Err(TableError::OutOfRange { .. })),
                "{at}: {found:?}"
            );
        }
        // The last digit of an end point may be lost in a unit conversion.
        assert_eq!(interpolate(&x, &y, Ratio::new(2.0 + 1e-12)), Ok(2.0));
    }

    #[test]
    fn one_place_is_no_table() {
        for x in [&[][..], &[1.0]] {
            let n_rows = x.len();
            assert_eq!(
                interpolate(x, x, Ratio::new(1.0)),
                Err(TableError::TooShort { n_rows })
            );
        }
    }
}
