//! From text to columns of numbers.

use std::ops::Range;
use std::sync::Arc;

use units::{Dimension, Unit, format_si};

use crate::problem::{MAX_PROBLEMS, Problem, SourceText, Span};
use crate::record::shortened;
use crate::schema::{Column, ColumnRole};

/// A column that is looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) name: &'a str,
    pub(super) dimension: Dimension,
    pub(super) is_optional: bool,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl From<&Column> for Wanted<'static> {
    fn from(column: &Column) -> Self {
        Self {
            name: column.name,
            dimension: column.dimension,
            is_optional: column.role == ColumnRole::Optional,
            low: column.low,
            high: column.high,
        }
    }
}

/// What was read.
#[derive(Debug)]
pub(super) struct Rows {
    /// One vector per wanted column; empty for one that is not there.
    pub(super) columns: Vec<Vec<f64>>,
    /// Where each row stands.
    pub(super) spans: Vec<Range<usize>>,
    /// Where the header stands.
    pub(super) header: Range<usize>,
    /// The unit of each wanted column.
    pub(super) units: Vec<Option<Unit>>,
}

/// A held value as the file has it, less the digits that conversions cost.
pub(super) fn as_written(unit: Option<&Unit>, si: f64) -> String {
    let (number, symbol) = unit.map_or((si, ""), |unit| (unit.from_si(si), unit.symbol));
    let rounded: f64 = format!("{number:.10e}").parse().unwrap_or(number);
    format!("{rounded} {symbol}").trim_end().to_owned()
}

/// A place in a table.
pub(super) fn span(source: &Arc<SourceText>, range: Range<usize>) -> Span {
    Span {
        source: Arc::clone(source),
        range,
    }
}

/// Reads header and rows. Other columns than the wanted ones are skipped, or reported. Without a
/// sound header no rows are read.
pub(super) fn read(
    source: &Arc<SourceText>,
    wanted: &[Wanted<'_>],
    skips_others: bool,
    problems: &mut Vec<Problem>,
) -> Option<Rows> {
    let mut lines = Lines::new(source);
    let Some((header, start)) = lines.next() else {
        problems.push(
            Problem::new("table::empty", &span(source, 0..0), "the table is empty")
                .with_help(header_help(wanted)),
        );
        return None;
    };
    let whole = start..start + header.len();
    let order = header_order(header, start, wanted, skips_others, source, problems)?;
    let mut rows = Rows {
        columns: vec![Vec::new(); wanted.len()],
        spans: Vec::new(),
        header: whole,
        units: order
            .iter()
            .map(|place| place.map(|(_, unit)| unit))
            .collect(),
    };
    let n_cells = header.split(',').count();
    for (line, start) in lines {
        if problems.len() >= MAX_PROBLEMS {
            break;
        }
        let place = start..start + line.len();
        let cells: Vec<&str> = line.split(',').collect();
        if cells.len() != n_cells {
            problems.push(
                Problem::new(
                    "table::row",
                    &span(source, place),
                    format!("the row has {} cells, the header {n_cells}", cells.len()),
                )
                .with_help("separate cells by commas and write numbers with a decimal point"),
            );
            continue;
        }
        push_row(
            &mut rows,
            wanted,
            &order,
            &cells,
            &span(source, place),
            problems,
        );
    }
    Some(rows)
}

/// Adds a row, and reports each cell that is no number in the range of its column.
fn push_row(
    rows: &mut Rows,
    wanted: &[Wanted<'_>],
    order: &[Option<(usize, Unit)>],
    cells: &[&str],
    row: &Span,
    problems: &mut Vec<Problem>,
) {
    rows.spans.push(row.range.clone());
    for ((column, place), values) in wanted.iter().zip(order).zip(&mut rows.columns) {
        let Some((cell_idx, unit)) = place else {
            continue;
        };
        let cell = cells[*cell_idx];
        let before: usize = cells[..*cell_idx].iter().map(|cell| cell.len() + 1).sum();
        let offset = row.range.start + before;
        let si = cell
            .trim()
            .parse::<f64>()
            .map_or(f64::NAN, |number| unit.to_si(number));
        if (column.low..=column.high).contains(&si) && si.is_finite() {
            // Minus zero is the same place as zero.
            values.push(si + 0.0);
        } else {
            let range = if column.high >= 1e300 {
                "write a number".to_owned()
            } else {
                format!(
                    "the valid range is {} to {}",
                    format_si(column.dimension, column.low),
                    format_si(column.dimension, column.high)
                )
            };
            problems.push(
                Problem::new(
                    "table::number",
                    &Span {
                        range: offset..offset + cell.len(),
                        ..row.clone()
                    },
                    format!(
                        "{} cannot be {:?} {}",
                        column.name,
                        shortened(cell),
                        unit.symbol
                    ),
                )
                .with_help(format!("{range}; leave rows with gaps out")),
            );
        }
    }
}

/// The cells of a header: name, symbol of the unit, place.
pub(super) fn header_cells(header: &str, start: usize) -> Vec<(&str, &str, Range<usize>)> {
    let mut offset = start;
    header
        .split(',')
        .map(|cell| {
            let range = offset..offset + cell.len();
            offset += cell.len() + 1;
            match cell.trim().split_once('[') {
                Some((name, unit)) => (name.trim(), unit.trim_end_matches(']').trim(), range),
                None => (cell.trim(), "", range),
            }
        })
        .collect()
}

/// Where each wanted column stands in the text, and its unit.
fn header_order(
    header: &str,
    start: usize,
    wanted: &[Wanted<'_>],
    skips_others: bool,
    source: &Arc<SourceText>,
    problems: &mut Vec<Problem>,
) -> Option<Vec<Option<(usize, Unit)>>> {
    let before = problems.len();
    let whole = span(source, start..start + header.len());
    if header
        .split(',')
        .all(|cell| cell.trim().parse::<f64>().is_ok())
    {
        problems.push(
            Problem::new("table::header", &whole, "the header is missing")
                .with_help(header_help(wanted)),
        );
        return None;
    }
    let mut found: Vec<Option<(usize, Unit)>> = vec![None; wanted.len()];
    for (cell_idx, (name, symbol, range)) in header_cells(header, start).into_iter().enumerate() {
        let place = span(source, range);
        let Some(column) = wanted.iter().position(|column| column.name == name) else {
            if !skips_others {
                problems.push(
                    Problem::new(
                        "table::column",
                        &place,
                        format!("unknown column {:?}", shortened(name)),
                    )
                    .with_nearest(name, wanted.iter().map(|column| column.name)),
                );
            }
            continue;
        };
        match wanted[column].dimension.unit(symbol) {
            _ if found[column].is_some() => problems.push(
                Problem::new(
                    "table::column",
                    &place,
                    format!("column {name:?} stands twice"),
                )
                .with_help("remove one"),
            ),
            Some(unit) => found[column] = Some((cell_idx, *unit)),
            None => problems.push(wrong_unit(name, symbol, wanted[column].dimension, &place)),
        }
    }
    if problems.len() > before {
        return None;
    }
    let is_missing = |(column, place): &(&Wanted<'_>, &Option<(usize, Unit)>)| {
        place.is_none() && !column.is_optional
    };
    for (column, _) in wanted.iter().zip(&found).filter(is_missing) {
        problems.push(
            Problem::new(
                "table::column",
                &whole,
                format!("no column {:?}", column.name),
            )
            .with_help(header_help(wanted)),
        );
    }
    let optional: Vec<&Wanted<'_>> = wanted.iter().filter(|column| column.is_optional).collect();
    let has_none = wanted
        .iter()
        .zip(&found)
        .all(|(column, place)| !column.is_optional || place.is_none());
    if has_none && !optional.is_empty() && problems.len() == before {
        let names: Vec<String> = optional
            .iter()
            .map(|column| format!("{:?}", column.name))
            .collect();
        problems.push(
            Problem::new(
                "table::column",
                &whole,
                format!("neither column {} is there", names.join(" nor ")),
            )
            .with_help(header_help(wanted)),
        );
    }
    (problems.len() == before).then_some(found)
}

/// A column whose unit is missing, or belongs to something else.
fn wrong_unit(name: &str, symbol: &str, dimension: Dimension, place: &Span) -> Problem {
    let units: Vec<_> = dimension.units().iter().map(|unit| unit.symbol).collect();
    let message = match (symbol, Dimension::of_symbol(symbol)) {
        ("", _) => format!(
            "column {name:?} needs the unit of {} in brackets",
            dimension.noun()
        ),
        (_, Some(other)) => format!(
            "column {name:?} takes {}, and {symbol} is the unit of {}",
            dimension.noun(),
            other.noun()
        ),
        (_, None) => format!(
            "column {name:?} takes {}, and there is no unit {:?}",
            dimension.noun(),
            shortened(symbol)
        ),
    };
    Problem::new("table::unit", place, message).with_help(format!(
        "for example \"{}\"; units: {}",
        cell_of(name, dimension),
        units.join(", ")
    ))
}

/// A header cell; a pure number needs no brackets.
fn cell_of(name: &str, dimension: Dimension) -> String {
    match dimension.units()[0].symbol {
        "" => name.to_owned(),
        symbol => format!("{name} [{symbol}]"),
    }
}

/// A header that would do.
pub(super) fn header_help(wanted: &[Wanted<'_>]) -> String {
    let cells: Vec<_> = wanted
        .iter()
        .map(|column| cell_of(column.name, column.dimension))
        .collect();
    format!("the first line is, for example, \"{}\"", cells.join(","))
}

/// The lines that hold something, with their offsets.
pub(super) struct Lines<'a> {
    source: &'a SourceText,
    start: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(source: &'a SourceText) -> Self {
        // Spreadsheets put a byte order mark before the first column.
        let start = if source.text.starts_with('\u{feff}') {
            '\u{feff}'.len_utf8()
        } else {
            0
        };
        Self { source, start }
    }
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
