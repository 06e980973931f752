//! Measured tables: CSV text whose header names each column and its unit in brackets.
//!
//! ```text
//! temperature [C],current [mA],power [mW],voltage [V]
//! 25,100,28.1,1.21
//! ```

use std::cmp::Ordering;
use std::sync::Arc;

use units::quantity::Quantity;
use units::{Dimension, Unit, format_si};

use crate::problem::{MAX_PROBLEMS, Problem, SourceText, Span};
use crate::record::shortened;
use crate::schema::Column;

/// Columns of numbers in the units that the newtypes hold.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasuredTable {
    /// One vector per column, in the order of the schema.
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
    /// Rows are sorted by their axes, the first one slowest, and no place stands twice.
    pub(crate) fn parse(
        name: &str,
        text: &str,
        columns: &[Column],
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let source = SourceText::new(name, text);
        let before = problems.len();
        let mut lines = Lines {
            source: &source,
            // Spreadsheets put a byte order mark before the first column.
            start: if text.starts_with('\u{feff}') {
                '\u{feff}'.len_utf8()
            } else {
                0
            },
        };
        let span_of = |range| Span {
            source: Arc::clone(&source),
            range,
        };
        let Some((header, start)) = lines.next() else {
            problems.push(
                Problem::new("table::empty", &span_of(0..0), "the table is empty")
                    .with_help(header_help(columns)),
            );
            return None;
        };
        let order = header_order(header, start, columns, &source, problems)?;
        let mut table = Self {
            columns: vec![Vec::new(); columns.len()],
        };
        let n_cells = header.split(',').count();
        let mut row_spans = Vec::new();
        for (line, start) in lines {
            if problems.len() >= MAX_PROBLEMS {
                break;
            }
            let cells: Vec<&str> = line.split(',').collect();
            if cells.len() != n_cells {
                problems.push(
                    Problem::new(
                        "table::row",
                        &span_of(start..start + line.len()),
                        format!("the row has {} cells, the header {n_cells}", cells.len()),
                    )
                    .with_help("separate cells by commas and write numbers with a decimal point"),
                );
                continue;
            }
            row_spans.push(start..start + line.len());
            table.push_row(
                columns,
                &order,
                &cells,
                &span_of(start..start + line.len()),
                problems,
            );
        }
        if problems.len() == before && table.columns[0].len() < 2 {
            problems.push(
                Problem::new(
                    "table::short",
                    &span_of(start..start + header.len()),
                    format!("too few rows: {}", table.columns[0].len()),
                )
                .with_help("nothing can be interpolated between fewer than two"),
            );
        }
        if problems.len() == before
            && let Some((row, name)) = table.unsorted(columns)
        {
            let help = format!(
                "sort the rows by {}, each place once",
                axis_names(columns).join(", then ")
            );
            problems.push(
                Problem::new(
                    "table::order",
                    &span_of(row_spans[row].clone()),
                    format!("{name} does not rise"),
                )
                .with_help(help),
            );
        }
        (problems.len() == before).then_some(table)
    }

    /// Adds a row, and reports each cell that is no number in the range of its column.
    fn push_row(
        &mut self,
        columns: &[Column],
        order: &[(usize, Unit)],
        cells: &[&str],
        row: &Span,
        problems: &mut Vec<Problem>,
    ) {
        for (column, (cell_idx, unit)) in order.iter().enumerate() {
            let cell = cells[*cell_idx];
            let offset = row.range.start
                + cells[..*cell_idx]
                    .iter()
                    .map(|c| c.len() + 1)
                    .sum::<usize>();
            let Column {
                name,
                dimension,
                low,
                high,
                ..
            } = columns[column];
            let si = cell
                .trim()
                .parse::<f64>()
                .map_or(f64::NAN, |number| unit.to_si(number));
            if (low..=high).contains(&si) {
                self.columns[column].push(si);
            } else {
                problems.push(
                    Problem::new(
                        "table::number",
                        &Span {
                            range: offset..offset + cell.len(),
                            ..row.clone()
                        },
                        format!("{name} cannot be {:?} {}", shortened(cell), unit.symbol),
                    )
                    .with_help(format!(
                        "the valid range is {} to {}; leave rows with gaps out",
                        format_si(dimension, low),
                        format_si(dimension, high)
                    )),
                );
            }
        }
    }

    /// The first row that does not come after the one before it, and the axis that shows it.
    fn unsorted(&self, columns: &[Column]) -> Option<(usize, &'static str)> {
        let axes: Vec<_> = self.columns.iter().zip(axis_names(columns)).collect();
        (1..self.columns[0].len()).find_map(|row| {
            for (axis, (values, name)) in axes.iter().enumerate() {
                match values[row].total_cmp(&values[row - 1]) {
                    Ordering::Greater => return None,
                    Ordering::Equal if axis + 1 < axes.len() => {}
                    _ => return Some((row, *name)),
                }
            }
            None
        })
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

/// Where each wanted column stands in the text, and its unit.
fn header_order(
    header: &str,
    start: usize,
    columns: &[Column],
    source: &Arc<SourceText>,
    problems: &mut Vec<Problem>,
) -> Option<Vec<(usize, Unit)>> {
    let before = problems.len();
    let whole = Span {
        source: Arc::clone(source),
        range: start..start + header.len(),
    };
    let mut found: Vec<Option<(usize, Unit)>> = vec![None; columns.len()];
    let mut offset = start;
    for (cell_idx, cell) in header.split(',').enumerate() {
        let span = Span {
            source: Arc::clone(source),
            range: offset..offset + cell.len(),
        };
        offset += cell.len() + 1;
        let (name, symbol) = match cell.trim().split_once('[') {
            Some((name, unit)) => (name.trim(), unit.trim_end_matches(']').trim()),
            None => (cell.trim(), ""),
        };
        let Some(column) = columns.iter().position(|column| column.name == name) else {
            problems.push(
                Problem::new(
                    "table::column",
                    &span,
                    format!("unknown column {:?}", shortened(name)),
                )
                .with_nearest(name, columns.iter().map(|column| column.name)),
            );
            continue;
        };
        match columns[column].dimension.unit(symbol) {
            _ if found[column].is_some() => {
                problems.push(
                    Problem::new(
                        "table::column",
                        &span,
                        format!("column {name:?} stands twice"),
                    )
                    .with_help("remove one"),
                );
            }
            Some(unit) => found[column] = Some((cell_idx, *unit)),
            None => {
                let dimension: Dimension = columns[column].dimension;
                let units: Vec<_> = dimension.units().iter().map(|unit| unit.symbol).collect();
                problems.push(
                    Problem::new(
                        "table::unit",
                        &span,
                        format!(
                            "column {name:?} needs the unit of {} in brackets",
                            dimension.noun()
                        ),
                    )
                    .with_help(format!(
                        "for example \"{name} [{}]\"; units: {}",
                        units[0],
                        units.join(", ")
                    )),
                );
            }
        }
    }
    if problems.len() == before {
        for column in columns
            .iter()
            .zip(&found)
            .filter(|(_, place)| place.is_none())
            .map(|(c, _)| c)
        {
            problems.push(
                Problem::new(
                    "table::column",
                    &whole,
                    format!("no column {:?}", column.name),
                )
                .with_help(header_help(columns)),
            );
        }
    }
    if problems.len() == before {
        found.into_iter().collect()
    } else {
        None
    }
}

/// A header that would do.
fn header_help(columns: &[Column]) -> String {
    let cells: Vec<_> = columns
        .iter()
        .map(|column| format!("{} [{}]", column.name, column.dimension.units()[0].symbol))
        .collect();
    format!("the first line is, for example, \"{}\"", cells.join(","))
}

fn axis_names(columns: &[Column]) -> Vec<&'static str> {
    columns
        .iter()
        .filter(|column| column.is_axis)
        .map(|column| column.name)
        .collect()
}

/// The lines that hold something, with their offsets.
struct Lines<'a> {
    source: &'a SourceText,
    start: usize,
}

impl<'a> Iterator for Lines<'a> {
    type Item = (&'a str, usize);
    fn next(&mut self) -> Option<Self::Item> {
        while self.start < self.source.text.len() {
            let start = self.start;
            let rest = &self.source.text[start..];
            let length = rest.find('\n').unwrap_or(rest.len());
            self.start = start + length + 1;
            let line = rest[..length].trim_end_matches('\r');
            if !line.trim().is_empty() && !line.trim_start().starts_with('#') {
                return Some((line, start));
            }
        }
        None
    }
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
