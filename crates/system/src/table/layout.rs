//! Whether rows are in order, and grids full.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use units::Unit;

use super::read::{Rows, as_written, span};
use crate::problem::{Problem, SourceText};
use crate::schema::{Column, ColumnRole, Layout, TableSchema};

/// Rows out of order and missing points that are named; whoever has more mends the first ones.
const MAX_NAMED: usize = 3;

/// Reports rows that are too few or out of order, places that stand twice, and gaps.
pub(super) fn check(
    rows: &Rows,
    schema: &TableSchema,
    source: &Arc<SourceText>,
    problems: &mut Vec<Problem>,
) {
    let before = problems.len();
    let axes: Vec<Axis<'_>> = schema
        .columns
        .iter()
        .zip(rows.columns.iter().zip(&rows.units))
        .filter(|(column, _)| column.is_axis())
        .map(|(column, (values, unit))| Axis {
            column,
            values,
            unit: unit.as_ref(),
        })
        .collect();
    let n_rows = rows.spans.len();
    if n_rows < 2 {
        problems.push(
            Problem::new(
                "table::short",
                &span(source, rows.header.clone()),
                format!("too few rows: {n_rows}"),
            )
            .with_help("nothing can be interpolated between fewer than two"),
        );
        return;
    }
    order(&axes, rows, source, problems);
    if problems.len() > before {
        return;
    }
    match schema.layout {
        Layout::Curves => curves(&axes, rows, source, problems),
        Layout::Grid => grid(&axes, rows, source, problems),
    }
}

/// An axis with its value in each row.
struct Axis<'a> {
    column: &'a Column,
    values: &'a [f64],
    unit: Option<&'a Unit>,
}

impl Axis<'_> {
    fn least(&self) -> usize {
        match self.column.role {
            ColumnRole::Axis { least } => least,
            ColumnRole::Measured | ColumnRole::Optional => 0,
        }
    }

    fn print(&self, value: f64) -> String {
        format!("{} {}", self.column.name, as_written(self.unit, value))
    }
}

/// Reports rows that do not come after the one before.
fn order(axes: &[Axis<'_>], rows: &Rows, source: &Arc<SourceText>, problems: &mut Vec<Problem>) {
    let names: Vec<_> = axes.iter().map(|axis| axis.column.name).collect();
    let help = format!(
        "sort the rows by {}, each place once",
        names.join(", then ")
    );
    let mut n_named = 0;
    for row in 1..rows.spans.len() {
        let compared = axes
            .iter()
            .map(|axis| (axis, axis.values[row].total_cmp(&axis.values[row - 1])))
            .find(|(_, order)| order.is_ne());
        let message = match compared {
            Some((_, Ordering::Greater)) => continue,
            Some((axis, _)) => format!("{} does not rise", axis.column.name),
            None => format!("{} stands twice", place(axes, |axis| axis.values[row])),
        };
        problems.push(
            Problem::new(
                "table::order",
                &span(source, rows.spans[row].clone()),
                message,
            )
            .with_help(help.clone()),
        );
        n_named += 1;
        if n_named == MAX_NAMED {
            return;
        }
    }
}

/// A place in words.
fn place(axes: &[Axis<'_>], value: impl Fn(&Axis<'_>) -> f64) -> String {
    let words: Vec<_> = axes.iter().map(|axis| axis.print(value(axis))).collect();
    words.join(", ")
}

/// Reports curves with too few places.
fn curves(axes: &[Axis<'_>], rows: &Rows, source: &Arc<SourceText>, problems: &mut Vec<Problem>) {
    let Some((along, across)) = axes.split_last() else {
        return;
    };
    let n_rows = rows.spans.len();
    let is_new = |row: usize| {
        row == n_rows
            || across
                .iter()
                .any(|axis| axis.values[row].total_cmp(&axis.values[row - 1]).is_ne())
    };
    let mut first = 0;
    for row in 1..=n_rows {
        if !is_new(row) {
            continue;
        }
        if row - first < along.least() {
            problems.push(
                Problem::new(
                    "table::short",
                    &span(source, rows.spans[first].clone()),
                    format!(
                        "too few places of {}: {} at {}",
                        along.column.name,
                        row - first,
                        place(across, |axis| axis.values[first])
                    ),
                )
                .with_help(format!("measure {} at least", along.least())),
            );
        }
        first = row;
    }
}

/// Reports axes with too few places, and points of the grid that are missing.
fn grid(axes: &[Axis<'_>], rows: &Rows, source: &Arc<SourceText>, problems: &mut Vec<Problem>) {
    let places: Vec<Vec<f64>> = axes
        .iter()
        .map(|axis| {
            let mut places = axis.values.to_vec();
            places.sort_by(f64::total_cmp);
            places.dedup_by(|a, b| a.total_cmp(b).is_eq());
            places
        })
        .collect();
    for (axis, places) in axes.iter().zip(&places) {
        if places.len() < axis.least() {
            problems.push(
                Problem::new(
                    "table::short",
                    &span(source, rows.header.clone()),
                    format!("too few places of {}: {}", axis.column.name, places.len()),
                )
                .with_help(format!("measure {} at least", axis.least())),
            );
        }
    }
    let n_points = places
        .iter()
        .fold(1usize, |n, axis| n.saturating_mul(axis.len()));
    let n_missing = n_points - rows.spans.len().min(n_points);
    let (mut row, mut point) = (0, vec![0; axes.len()]);
    let mut named = 0;
    // Rows are sorted, so that walking over the points in the same order meets each row.
    while named < MAX_NAMED.min(n_missing) {
        let is_there = row < rows.spans.len()
            && axes
                .iter()
                .zip(&places)
                .zip(&point)
                .all(|((axis, places), index)| axis.values[row].total_cmp(&places[*index]).is_eq());
        if is_there {
            row += 1;
        } else {
            let values: Vec<f64> = places.iter().zip(&point).map(|(p, i)| p[*i]).collect();
            let words: Vec<_> = axes
                .iter()
                .zip(&values)
                .map(|(axis, value)| axis.print(*value))
                .collect();
            named += 1;
            problems.push(gap(
                &words.join(", "),
                (named, n_missing),
                &span(source, near(rows, row)),
            ));
        }
        for (index, places) in point.iter_mut().zip(&places).rev() {
            *index += 1;
            if *index < places.len() {
                break;
            }
            *index = 0;
        }
    }
}

/// The row before which a point is missing, or the last one.
fn near(rows: &Rows, row: usize) -> Range<usize> {
    rows.spans
        .get(row)
        .or(rows.spans.last())
        .unwrap_or(&rows.header)
        .clone()
}

fn gap(point: &str, (named, n_missing): (usize, usize), place: &crate::problem::Span) -> Problem {
    let more = match n_missing - named {
        0 => String::new(),
        _ if named < MAX_NAMED => String::new(),
        more => format!(", and {more} more"),
    };
    Problem::new(
        "table::gap",
        place,
        format!("the grid has a gap: {point} is missing{more}"),
    )
    .with_help("measure the same places of each axis at all places of the others, and write the places as they were set")
}
