//! Wafer maps: one value for each site.

use std::sync::Arc;

use units::Dimension;

use super::read::{Lines, Wanted, as_written, header_cells, read, span};
use crate::problem::{Problem, SourceText};

/// The fewest sites of a map: with fewer the extremes say nothing about the tails.
pub const MIN_SITES: usize = 9;

/// The greatest distance from the origin of a wafer, m.
const MAX_DISTANCE: f64 = 1.0;

/// What a map must hold.
pub(crate) struct Sites<'a> {
    /// The column of the values; needed where several have a unit that fits.
    pub(crate) column: Option<&'a str>,
    /// What they measure.
    pub(crate) dimension: Dimension,
    /// Least value, in the unit that the quantity's newtype holds.
    pub(crate) low: f64,
    /// Greatest value.
    pub(crate) high: f64,
}

/// Reads the values of a map, in the order of the file. Every problem of the text is reported.
pub(crate) fn read_sites(
    name: &str,
    text: &str,
    sites: &Sites<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Vec<f64>> {
    let source = SourceText::new(name, text);
    let before = problems.len();
    let axis = |name| Wanted {
        name,
        dimension: Dimension::Length,
        is_optional: false,
        low: -MAX_DISTANCE,
        high: MAX_DISTANCE,
    };
    let column = value_column(&source, sites, problems)?;
    let wanted = [
        axis("x"),
        axis("y"),
        Wanted {
            name: column,
            dimension: sites.dimension,
            is_optional: false,
            low: sites.low,
            high: sites.high,
        },
    ];
    let rows = read(&source, &wanted, true, problems)?;
    if problems.len() > before {
        return None;
    }
    let [x, y, values] = rows.columns.as_slice() else {
        return None;
    };
    // In the order of places, equal ones stand side by side, the earlier row first.
    let mut order: Vec<usize> = (0..values.len()).collect();
    let by_place = |a: &usize, b: &usize| x[*a].total_cmp(&x[*b]).then(y[*a].total_cmp(&y[*b]));
    order.sort_by(by_place);
    let mut twice: Vec<usize> = order
        .windows(2)
        .filter(|pair| by_place(&pair[0], &pair[1]).is_eq())
        .map(|pair| pair[1])
        .collect();
    twice.sort_unstable();
    for row in twice {
        problems.push(
            Problem::new(
                "table::site",
                &span(&source, rows.spans[row].clone()),
                format!(
                    "the site x {}, y {} stands twice",
                    as_written(rows.units[0].as_ref(), x[row]),
                    as_written(rows.units[1].as_ref(), y[row])
                ),
            )
            .with_help("keep one measurement of each site"),
        );
    }
    if values.len() < MIN_SITES {
        problems.push(
            Problem::new(
                "table::short",
                &span(&source, rows.header.clone()),
                format!("too few sites: {}", values.len()),
            )
            .with_help(format!(
                "a distribution needs {MIN_SITES} at least; with fewer, state a value with a spread"
            )),
        );
    }
    (problems.len() == before).then(|| values.clone())
}

/// The name of the column that holds the values.
fn value_column<'a>(
    source: &'a Arc<SourceText>,
    sites: &Sites<'a>,
    problems: &mut Vec<Problem>,
) -> Option<&'a str> {
    let named = sites.column;
    let Some((header, start)) = Lines::new(source).next() else {
        // An empty file is reported when it is read.
        return Some(named.unwrap_or("value"));
    };
    let whole = span(source, start..start + header.len());
    let cells: Vec<(&str, &str)> = header_cells(header, start)
        .into_iter()
        .map(|(name, symbol, _)| (name, symbol))
        .filter(|(name, _)| !["x", "y"].contains(name))
        .collect();
    let names: Vec<&str> = cells.iter().map(|(name, _)| *name).collect();
    let fits: Vec<&str> = cells
        .iter()
        .filter(|(_, symbol)| sites.dimension.unit(symbol).is_some())
        .map(|(name, _)| *name)
        .collect();
    let (message, help) = match (named, names.as_slice(), fits.as_slice()) {
        (Some(column), names, _) if names.contains(&column) => return Some(column),
        (None, _, [only]) | (None, [only], _) => return Some(only),
        (None, [], _) => return Some("value"),
        (None, [first, ..], fits) => (
            format!(
                "the map has {} columns that may be {}",
                fits.len(),
                sites.dimension.noun()
            ),
            format!(
                "say which one is meant: `column = \"{}\"`",
                fits.first().unwrap_or(first)
            ),
        ),
        (Some(column), names, _) => {
            problems.push(
                Problem::new("table::column", &whole, format!("no column {column:?}"))
                    .with_help("add a column of values beside x and y")
                    .with_nearest(column, names.iter().copied()),
            );
            return None;
        }
    };
    problems.push(Problem::new("table::column", &whole, message).with_help(help));
    None
}
