//! Measured tables: CSV text whose header names each column and its unit in brackets.
//!
//! ```text
//! temperature [C],current [mA],power [mW],voltage [V]
//! 25,100,28.1,1.21
//! ```

use std::sync::Arc;

use units::{Dimension, Unit};

use crate::problem::{Problem, SourceText, Span};
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
    /// The place lies outside what was measured.
    #[error("{at} lies outside the measured range {low} .. {high}")]
    OutOfRange {
        /// The place asked for.
        at: f64,
        /// Least measured place.
        low: f64,
        /// Greatest measured place.
        high: f64,
    },
}

impl MeasuredTable {
    /// Reads a table. Every problem of the text is reported.
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
            start: 0,
        };
        let span_of = |range| Span {
            source: Arc::clone(&source),
            range,
        };
        let Some((header, start)) = lines.next() else {
            problems.push(Problem::new(
                "table::empty",
                &span_of(0..0),
                "the table is empty",
            ));
            return None;
        };
        let order = header_order(header, start, columns, &source, problems)?;
        let mut table = Self {
            columns: vec![Vec::new(); columns.len()],
        };
        let n_cells = header.split(',').count();
        for (line, start) in lines {
            let cells: Vec<&str> = line.split(',').collect();
            if cells.len() != n_cells {
                problems.push(Problem::new(
                    "table::row",
                    &span_of(start..start + line.len()),
                    format!("the row has {} cells, the header {n_cells}", cells.len()),
                ));
                continue;
            }
            for (column, (cell_idx, unit)) in order.iter().enumerate() {
                let cell = cells[*cell_idx];
                let offset = start
                    + cells[..*cell_idx]
                        .iter()
                        .map(|c| c.len() + 1)
                        .sum::<usize>();
                match cell.trim().parse::<f64>() {
                    Ok(number) if number.is_finite() && unit.to_si(number).is_finite() => {
                        table.columns[column].push(unit.to_si(number));
                    }
                    _ => problems.push(Problem::new(
                        "table::number",
                        &span_of(offset..offset + cell.len()),
                        format!(
                            "expected a number of {}, found {cell:?}",
                            columns[column].name
                        ),
                    )),
                }
            }
        }
        if problems.len() == before && table.columns[0].len() < 2 {
            problems.push(Problem::new(
                "table::short",
                &span_of(0..header.len()),
                "the table needs two rows at least",
            ));
        }
        (problems.len() == before).then_some(table)
    }

    /// Linear interpolation of column `y` over column `x`, whose values must rise.
    ///
    /// # Errors
    /// `at` lies outside the range of `x`: nothing is extrapolated.
    pub fn interpolate(&self, x: usize, y: usize, at: f64) -> Result<f64, TableError> {
        interpolate(&self.columns[x], &self.columns[y], at)
    }
}

/// Linear interpolation of `y` over rising `x`.
///
/// # Errors
/// `at` lies outside the range of `x`.
pub fn interpolate(x: &[f64], y: &[f64], at: f64) -> Result<f64, TableError> {
    let (low, high) = (x[0], x[x.len() - 1]);
    // A quantity that came through a unit conversion may miss the last digit of an end point.
    let slack = 1e-9 * (high - low).abs();
    if !(low - slack..=high + slack).contains(&at) {
        return Err(TableError::OutOfRange { at, low, high });
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
                Problem::new("table::column", &span, format!("unknown column {name:?}"))
                    .with_nearest(name, columns.iter().map(|column| column.name)),
            );
            continue;
        };
        match columns[column].dimension.unit(symbol) {
            _ if found[column].is_some() => {
                problems.push(Problem::new(
                    "table::column",
                    &span,
                    format!("column {name:?} stands twice"),
                ));
            }
            Some(unit) => found[column] = Some((cell_idx, *unit)),
            None => {
                let dimension: Dimension = columns[column].dimension;
                let units: Vec<_> = dimension.units().iter().map(|unit| unit.symbol).collect();
                problems.push(
                    Problem::new(
                        "table::unit",
                        &span,
                        format!("column {name:?} needs {} in brackets", dimension.noun()),
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
    for (column, place) in columns.iter().zip(&found) {
        let is_reported = problems[before..]
            .iter()
            .any(|p| p.message.contains(column.name));
        if place.is_none() && !is_reported {
            problems.push(Problem::new(
                "table::column",
                &whole,
                format!("no column {:?}", column.name),
            ));
        }
    }
    if problems.len() == before {
        found.into_iter().collect()
    } else {
        None
    }
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
