//! Powers as CSV: one value for each block, or a map over one block.
//!
//! UTF-8 with a decimal point and commas; a line that starts with `#` is a remark, and empty lines
//! count for nothing. Powers and lengths have their units in the header, in brackets.
//!
//! **Blocks.** `block,power [W]`, then a line for each block. Blocks that are not named keep their
//! powers.
//!
//! **A map over a block**, in one of two forms:
//!
//! - `x [mm],y [mm],power [W]`: the centre of each pixel, counted from the lower left corner of the
//!   block's outline, and the heat of the whole pixel. The pixels make a full rectangular grid;
//!   they may differ in size, and edges lie halfway between centres. Where there is only one
//!   column or row, it spans the outline.
//! - `power [W]`, then a line for each row of pixels, the uppermost first: equal pixels that fill
//!   the block's outline.
//!
//! A block with a map becomes one block for each pixel, named `asic::1`, `asic::2` and so on, so
//! that the heat of each pixel stays where it is on every grid; [`whole`] leads back to `asic`.

use std::collections::BTreeMap;

use units::{Dimension, Meters, Watts, parse_in};

use super::error::{ReadError, ReadErrors};
use crate::stack::{Block, Rect, Stack};

/// The greatest number of pixels of one map.
pub const MAX_PIXELS: usize = 1 << 16;

/// The greatest number of problems of one file that are told.
const MAX_PROBLEMS: usize = 100;

/// Share of a length that rounding may move an edge by.
const ROUNDING: f64 = 1e-6;

/// What stands between the name of a block and the number of its piece.
const SEPARATOR: &str = "::";

/// The name of a piece of a block, counted from one.
pub(crate) fn piece(block: &str, number: usize) -> String {
    format!("{block}{SEPARATOR}{number}")
}

/// The block that a piece belongs to; other names are themselves.
///
/// ```
/// assert_eq!(thermal::read::power_map::whole("asic::12"), "asic");
/// assert_eq!(thermal::read::power_map::whole("asic"), "asic");
/// ```
pub fn whole(name: &str) -> &str {
    match name.rsplit_once(SEPARATOR) {
        Some((block, number))
            if !block.is_empty()
                && !number.is_empty()
                && number.bytes().all(|b| b.is_ascii_digit()) =>
        {
            block
        }
        _ => name,
    }
}

/// Gives the blocks of a stack the powers of a list, and says how many were named.
///
/// A block that was cut into pieces takes its power as a whole: the pieces share it as they shared
/// the power before, or by area where there was none.
///
/// # Errors
/// Every problem of the file with its line: a header that is none, a number that is none, a block
/// that the stack does not have or that stands twice. The stack is then as it was.
pub fn blocks(file: &str, text: &str, stack: &mut Stack) -> Result<usize, ReadErrors> {
    let mut table = Table::new(file, text);
    let Some(header) = table.next_row() else {
        return Err(table.fail(0, "holds no header", "begin with `block,power [W]`"));
    };
    let [block, power] = header.cells.as_slice() else {
        let found = format!("the header has {} columns", header.cells.len());
        return Err(table.fail(header.line, &found, "it is `block,power [W]`"));
    };
    if *block != "block" {
        let found = format!("the header begins with {block:?}");
        return Err(table.fail(header.line, &found, "it is `block,power [W]`"));
    }
    let unit = table.unit(header.line, power, "power", Dimension::Power)?;
    let mut members: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
    for (layer, of) in stack.layers.iter().enumerate() {
        for (idx, block) in of.blocks.iter().enumerate() {
            let name = whole(&block.name).to_owned();
            members.entry(name).or_default().push((layer, idx));
        }
    }
    let mut given: BTreeMap<String, (usize, f64)> = BTreeMap::new();
    while let Some(row) = table.next_row() {
        let [name, power] = row.cells.as_slice() else {
            let found = format!("{} columns instead of two", row.cells.len());
            table.problem(row.line, &found, None);
            continue;
        };
        let Some(power) = table.number(row.line, power, unit) else {
            continue;
        };
        if !members.contains_key(*name) {
            let help = nearest(name, members.keys().map(String::as_str));
            table.problem(row.line, &format!("there is no block {name:?}"), help);
            continue;
        }
        if let Some((line, _)) = given.get(*name) {
            let message = format!("block {name:?} stands on line {line} already");
            table.problem(row.line, &message, Some("keep one of the two".to_owned()));
            continue;
        }
        given.insert((*name).to_owned(), (row.line, power));
    }
    if given.is_empty() && table.errors.is_empty() {
        return Err(table.fail(0, "names no block", "add lines such as `asic,500`"));
    }
    table.end()?;
    for (name, (_, power)) in &given {
        share(stack, &members[name], *power);
    }
    Ok(given.len())
}

/// Parts a power among the pieces of a block.
fn share(stack: &mut Stack, pieces: &[(usize, usize)], power_w: f64) {
    let weigh = |by_power: bool| -> Vec<f64> {
        let weight = |(layer, idx): &(usize, usize)| {
            let layer = &stack.layers[*layer];
            let block = &layer.blocks[*idx];
            if by_power {
                block.power.value()
            } else {
                let area: f64 = block.area.iter().map(Rect::area_m2).sum();
                area * layer.thickness.value()
            }
        };
        pieces.iter().map(weight).collect()
    };
    let mut weights = weigh(true);
    // Powers of both signs have no shares.
    let is_share = weights.iter().all(|w| *w >= 0.0) && weights.iter().any(|w| *w > 0.0);
    if !is_share {
        weights = weigh(false);
    }
    let whole: f64 = weights.iter().sum();
    for ((layer, idx), weight) in pieces.iter().zip(&weights) {
        let share = if pieces.len() == 1 {
            1.0
        } else {
            weight / whole
        };
        stack.layers[*layer].blocks[*idx].power = Watts::new(power_w * share);
    }
}

/// A map of powers, counted from the lower left corner of a block's outline.
struct Map {
    /// Edges of the columns in metres, rising.
    x_m: Vec<f64>,
    /// Edges of the rows.
    y_m: Vec<f64>,
    /// Power and line of each pixel, row by row from the lowest.
    pixels: Vec<(f64, usize)>,
}

/// Spreads a map of powers over a block, and gives back the power of the whole map.
///
/// The block gives way to one block for each pixel, with the same material; its power is replaced.
/// Each pixel's heat lies where pixel and block share area, and in the pieces of a block that was
/// cut into layers by their volume.
///
/// # Errors
/// Every problem of the file with its line: a block that the stack does not have, a header or
/// number that is none, a grid with gaps, pixels beyond the block's outline, heat where the block
/// is not. The stack is then as it was.
pub fn over_block(
    file: &str,
    text: &str,
    block: &str,
    stack: &mut Stack,
) -> Result<Watts, ReadErrors> {
    let table = Table::new(file, text);
    let pieces_of = |is_meant: &dyn Fn(&str) -> bool| -> Vec<(usize, usize)> {
        let layers = stack.layers.iter().enumerate();
        let all = layers.flat_map(|(layer, of)| {
            let blocks = of.blocks.iter().enumerate();
            blocks.map(move |(idx, block)| (layer, idx, block.name.as_str()))
        });
        let meant = all.filter(|(_, _, name)| is_meant(name));
        meant.map(|(layer, idx, _)| (layer, idx)).collect()
    };
    let mut places = pieces_of(&|name| name == block);
    if places.is_empty() {
        places = pieces_of(&|name| whole(name) == block);
    }
    if places.is_empty() {
        let names: Vec<&str> = stack.blocks().map(|(_, b)| whole(&b.name)).collect();
        let mut error = ReadError::new(file, 0, format!("there is no block {block:?} for it"));
        error.help = nearest(block, names.iter().copied());
        return Err(error.into());
    }
    let of: Vec<Block> = places
        .iter()
        .map(|(layer, idx)| stack.layers[*layer].blocks[*idx].clone())
        .collect();
    let all_rects: Vec<Rect> = of.iter().flat_map(|block| block.area.clone()).collect();
    let outline = outline(&all_rects);
    let map = read_map(table, &outline)?;
    let mut pieces: Vec<Vec<Block>> = vec![Vec::new(); of.len()];
    let mut errors = Vec::new();
    let mut n_pieces = 0;
    let nx = map.x_m.len() - 1;
    for (pixel_idx, (power_w, line)) in map.pixels.iter().enumerate() {
        let (i, j) = (pixel_idx % nx, pixel_idx / nx);
        let pixel = Rect::new(
            outline.x + Meters::new(map.x_m[i]),
            outline.y + Meters::new(map.y_m[j]),
            Meters::new(map.x_m[i + 1] - map.x_m[i]),
            Meters::new(map.y_m[j + 1] - map.y_m[j]),
        );
        let shared: Vec<(Vec<Rect>, f64)> = of
            .iter()
            .zip(&places)
            .map(|(block, (layer, _))| {
                let rects: Vec<Rect> = block
                    .area
                    .iter()
                    .filter_map(|r| common(r, &pixel))
                    .collect();
                let area: f64 = rects.iter().map(Rect::area_m2).sum();
                (rects, area * stack.layers[*layer].thickness.value())
            })
            .collect();
        let volume: f64 = shared.iter().map(|(_, volume)| volume).sum();
        if volume <= 0.0 && *power_w != 0.0 {
            let message = format!("{power_w} W lie beside the block {block:?}");
            errors.push(ReadError::new(file, *line, message));
        }
        for (idx, (area, of_piece)) in shared.into_iter().enumerate() {
            if area.is_empty() {
                continue;
            }
            n_pieces += 1;
            let share = if of.len() == 1 {
                1.0
            } else {
                of_piece / volume
            };
            pieces[idx].push(Block {
                name: piece(block, n_pieces),
                area,
                material: of[idx].material,
                power: Watts::new(power_w * share),
            });
        }
    }
    if !errors.is_empty() {
        errors.truncate(MAX_PROBLEMS);
        return Err(ReadErrors(errors));
    }
    let total: f64 = map.pixels.iter().map(|(power, _)| power).sum();
    // From behind, so that earlier places stay what they are.
    for ((layer, idx), pieces) in places.into_iter().zip(pieces).rev() {
        stack.layers[layer].blocks.splice(idx..=idx, pieces);
    }
    Ok(Watts::new(total))
}

/// The smallest rectangle that holds all of them.
fn outline(area: &[Rect]) -> Rect {
    let least = |f: &dyn Fn(&Rect) -> f64| area.iter().map(f).fold(f64::INFINITY, f64::min);
    let most = |f: &dyn Fn(&Rect) -> f64| area.iter().map(f).fold(f64::NEG_INFINITY, f64::max);
    let (x0, y0) = (least(&|r| r.x.value()), least(&|r| r.y.value()));
    let x1 = most(&|r| (r.x + r.width).value());
    let y1 = most(&|r| (r.y + r.height).value());
    let m = Meters::new;
    Rect::new(m(x0), m(y0), m(x1 - x0), m(y1 - y0))
}

/// What two rectangles share, if it is more than an edge.
fn common(a: &Rect, b: &Rect) -> Option<Rect> {
    let x0 = a.x.max(b.x);
    let y0 = a.y.max(b.y);
    let x1 = (a.x + a.width).value().min((b.x + b.width).value());
    let y1 = (a.y + a.height).value().min((b.y + b.height).value());
    let (width, height) = (x1 - x0.value(), y1 - y0.value());
    let is_area = width > ROUNDING * b.width.value() && height > ROUNDING * b.height.value();
    is_area.then(|| Rect::new(x0, y0, Meters::new(width), Meters::new(height)))
}

fn read_map(mut table: Table<'_>, outline: &Rect) -> Result<Map, ReadErrors> {
    const HELP: &str = "a map begins with `x [mm],y [mm],power [W]`, or with `power [W]` and then has a line for each row of pixels";
    let Some(header) = table.next_row() else {
        return Err(table.fail(0, "holds no header", HELP));
    };
    match header.cells.as_slice() {
        [power] => {
            let unit = table.unit(header.line, power, "power", Dimension::Power)?;
            rows_of_pixels(table, unit, outline)
        }
        [x, y, power] => {
            let x = table.unit(header.line, x, "x", Dimension::Length)?;
            let y = table.unit(header.line, y, "y", Dimension::Length)?;
            let power = table.unit(header.line, power, "power", Dimension::Power)?;
            listed_pixels(table, [x, y, power], outline)
        }
        cells => {
            let found = format!("the header has {} columns", cells.len());
            Err(table.fail(header.line, &found, HELP))
        }
    }
}

/// The form with a line for each row of pixels.
fn rows_of_pixels(mut table: Table<'_>, unit: f64, outline: &Rect) -> Result<Map, ReadErrors> {
    let mut rows: Vec<Vec<(f64, usize)>> = Vec::new();
    let mut n_pixels = 0;
    while let Some(row) = table.next_row() {
        let numbers: Vec<_> = row
            .cells
            .iter()
            .filter_map(|cell| table.number(row.line, cell, unit))
            .map(|power| (power, row.line))
            .collect();
        n_pixels += numbers.len();
        if n_pixels > MAX_PIXELS {
            let found = format!("more than {MAX_PIXELS} pixels");
            return Err(table.fail(row.line, &found, "join pixels"));
        }
        if let Some(first) = rows.first()
            && first.len() != row.cells.len()
        {
            let n = first.len();
            let message = format!("{} pixels where the first row has {n}", row.cells.len());
            table.problem(row.line, &message, None);
        }
        rows.push(numbers);
    }
    if rows.is_empty() {
        return Err(table.fail(0, "holds no pixels", "add a line for each row"));
    }
    table.end()?;
    let (nx, ny) = (rows[0].len(), rows.len());
    let edges = |length: Meters, n: usize| -> Vec<f64> {
        (0..=n)
            .map(|i| length.value() * i as f64 / n as f64)
            .collect()
    };
    Ok(Map {
        x_m: edges(outline.width, nx),
        y_m: edges(outline.height, ny),
        pixels: rows.into_iter().rev().flatten().collect(),
    })
}

/// The form with a line for each pixel.
fn listed_pixels(mut table: Table<'_>, units: [f64; 3], outline: &Rect) -> Result<Map, ReadErrors> {
    let mut pixels: Vec<([f64; 3], usize)> = Vec::new();
    while let Some(row) = table.next_row() {
        if row.cells.len() != 3 {
            let found = format!("{} columns instead of three", row.cells.len());
            table.problem(row.line, &found, None);
            continue;
        }
        let mut numbers = [0.0; 3];
        let mut is_whole = true;
        for ((number, cell), unit) in numbers.iter_mut().zip(&row.cells).zip(units) {
            match table.number(row.line, cell, unit) {
                Some(read) => *number = read,
                None => is_whole = false,
            }
        }
        if is_whole {
            pixels.push((numbers, row.line));
        }
        if pixels.len() > MAX_PIXELS {
            let found = format!("more than {MAX_PIXELS} pixels");
            return Err(table.fail(row.line, &found, "join pixels"));
        }
    }
    if pixels.is_empty() && table.errors.is_empty() {
        return Err(table.fail(0, "holds no pixels", "add a line for each pixel"));
    }
    table.end()?;
    let lengths = [outline.width.value(), outline.height.value()];
    let centres = [0, 1].map(|axis| {
        let all = pixels.iter().map(|(numbers, _)| numbers[axis]);
        distinct(all.collect(), ROUNDING * lengths[axis])
    });
    let (nx, ny) = (centres[0].len(), centres[1].len());
    if nx.saturating_mul(ny) > MAX_PIXELS {
        let found = format!("{nx} places across and {ny} up make no full grid of pixels");
        return Err(table.fail(0, &found, "list every pixel of a rectangular grid"));
    }
    let edges = [0, 1].map(|axis| edges_between(&centres[axis], lengths[axis]));
    for (axis, name) in [(0, "x"), (1, "y")] {
        let (low, high) = (
            edges[axis][0],
            edges[axis].last().copied().unwrap_or_default(),
        );
        let most = lengths[axis];
        if low < -ROUNDING * most || high > most * (1.0 + ROUNDING) {
            let found = format!(
                "pixels reach from {name} = {:.6} to {:.6} mm; the block's outline ends at {:.6} mm",
                low * 1e3,
                high * 1e3,
                most * 1e3
            );
            let help = "places count from the lower left corner of the block, and edges lie halfway between centres";
            return Err(table.fail(0, &found, help));
        }
    }
    let mut of_grid: Vec<Option<(f64, usize)>> = vec![None; nx * ny];
    for ([x, y, power], line) in &pixels {
        let at = |axis: usize, place: f64| nearest_place(&centres[axis], place);
        let slot = &mut of_grid[at(1, *y) * nx + at(0, *x)];
        if let Some((_, first)) = slot {
            let message = format!("this pixel stands on line {first} already");
            table.problem(*line, &message, None);
        }
        *slot = Some((*power, *line));
    }
    for (idx, slot) in of_grid.iter().enumerate() {
        if slot.is_none() {
            let (x, y) = (centres[0][idx % nx] * 1e3, centres[1][idx / nx] * 1e3);
            let message = format!("no pixel at x = {x:.6} mm, y = {y:.6} mm");
            let help = Some("the pixels make a full grid; write those without heat too".to_owned());
            table.problem(0, &message, help);
        }
    }
    table.end()?;
    let [x_m, y_m] = edges;
    Ok(Map {
        x_m,
        y_m,
        pixels: of_grid.into_iter().flatten().collect(),
    })
}

/// Rising places, those within `reach` of each other taken as one.
pub(crate) fn distinct(mut places: Vec<f64>, reach: f64) -> Vec<f64> {
    places.sort_by(f64::total_cmp);
    let mut kept: Vec<f64> = Vec::new();
    for place in places {
        if kept.last().is_none_or(|last| place - last > reach) {
            kept.push(place);
        }
    }
    kept
}

pub(crate) fn nearest_place(places: &[f64], place: f64) -> usize {
    let above = places.partition_point(|p| *p < place);
    let candidates = [
        above.saturating_sub(1),
        above.min(places.len().saturating_sub(1)),
    ];
    let distance = |idx: usize| (places[idx] - place).abs();
    if distance(candidates[0]) <= distance(candidates[1]) {
        candidates[0]
    } else {
        candidates[1]
    }
}

/// Edges halfway between centres; the outer ones as far from their centres as the inner ones.
fn edges_between(centres: &[f64], length: f64) -> Vec<f64> {
    let n = centres.len();
    if n < 2 {
        return vec![0.0, length];
    }
    let mut edges = vec![centres[0] - 0.5 * (centres[1] - centres[0])];
    edges.extend(centres.windows(2).map(|w| f64::midpoint(w[0], w[1])));
    edges.push(centres[n - 1] + 0.5 * (centres[n - 1] - centres[n - 2]));
    edges
}

/// A line of a table.
struct Row<'a> {
    line: usize,
    cells: Vec<&'a str>,
}

/// A file of lines, with what is wrong about it.
struct Table<'a> {
    file: &'a str,
    lines: std::iter::Enumerate<std::str::Lines<'a>>,
    errors: Vec<ReadError>,
}

impl<'a> Table<'a> {
    fn new(file: &'a str, text: &'a str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self {
            file,
            lines: text.lines().enumerate(),
            errors: Vec::new(),
        }
    }

    fn next_row(&mut self) -> Option<Row<'a>> {
        let is_row = |(_, line): &(usize, &str)| {
            let line = line.trim();
            !line.is_empty() && !line.starts_with('#')
        };
        let (idx, line) = self.lines.find(is_row)?;
        Some(Row {
            line: idx + 1,
            cells: line.split(',').map(str::trim).collect(),
        })
    }

    fn problem(&mut self, line: usize, message: &str, help: Option<String>) {
        if self.errors.len() < MAX_PROBLEMS {
            let mut error = ReadError::new(self.file, line, message);
            error.help = help;
            self.errors.push(error);
        }
    }

    fn fail(mut self, line: usize, message: &str, help: &str) -> ReadErrors {
        self.problem(line, message, Some(help.to_owned()));
        ReadErrors(self.errors)
    }

    /// The factor of a unit in a cell of the header such as `power [W]`.
    fn unit(
        &self,
        line: usize,
        cell: &str,
        name: &str,
        dimension: Dimension,
    ) -> Result<f64, ReadErrors> {
        let symbol = cell
            .strip_prefix(name)
            .map(str::trim_start)
            .and_then(|rest| rest.strip_prefix('['))
            .and_then(|rest| rest.strip_suffix(']'));
        let Some(symbol) = symbol else {
            let found = format!("{cell:?} where `{name} [unit]` has to stand");
            return Err(ReadError::new(self.file, line, found).into());
        };
        parse_in(dimension, &format!("1 {}", symbol.trim())).map_err(|error| {
            ReadError::new(self.file, line, format!("unit of {name}: {error}")).into()
        })
    }

    fn number(&mut self, line: usize, cell: &str, unit: f64) -> Option<f64> {
        let read = cell.parse::<f64>().ok().map(|number| number * unit);
        let finite = read.filter(|number| number.is_finite());
        if finite.is_none() {
            self.problem(line, &format!("{cell:?} is no finite number"), None);
        }
        finite
    }

    fn end(&mut self) -> Result<(), ReadErrors> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(ReadErrors(std::mem::take(&mut self.errors)))
        }
    }
}

/// What may have been meant.
fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    /// Names farther away than this have nothing to do with each other.
    const FAR: f64 = 0.5;
    let near = names
        .map(|other| (strsim::normalized_damerau_levenshtein(name, other), other))
        .filter(|(likeness, _)| *likeness > FAR)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    near.map(|(_, other)| format!("did you mean {other:?}?"))
}

#[cfg(test)]
mod tests {
    use units::{ThermalConductivity, VolumetricHeatCapacity};

    use super::*;
    use crate::{Condition, Face, Grid, Layer, Material, Model};

    const MM: f64 = 1e-3;

    fn rect(x: f64, y: f64, width: f64, height: f64) -> Rect {
        let m = |x: f64| Meters::new(x * MM);
        Rect::new(m(x), m(y), m(width), m(height))
    }

    /// Two engines and an ASIC of two rectangles.
    fn package() -> Stack {
        let mut stack = Stack::new(Meters::new(20.0 * MM), Meters::new(10.0 * MM));
        let silicon = stack.material(Material::isotropic(
            "silicon",
            ThermalConductivity::new(120.0),
            VolumetricHeatCapacity::new(1.6e6),
        ));
        let mut die = Layer::new("die", Meters::new(0.5 * MM), silicon);
        let watts = Watts::new;
        die.blocks
            .push(Block::new("engine0", rect(0.0, 0.0, 2.0, 3.0), watts(12.0)));
        die.blocks
            .push(Block::new("engine1", rect(0.0, 5.0, 2.0, 3.0), watts(12.0)));
        let mut asic = Block::new("asic", rect(5.0, 1.0, 4.0, 4.0), watts(500.0)).of(silicon);
        asic.area.push(rect(9.0, 1.0, 4.0, 2.0));
        die.blocks.push(asic);
        stack.layers.push(die);
        stack.top = Face::uniform(Condition::Temperature(units::Celsius::new(40.0)));
        stack
    }

    fn powers(stack: &Stack) -> Vec<(String, f64)> {
        let blocks = stack.blocks();
        blocks
            .map(|(_, block)| (block.name.clone(), block.power.value()))
            .collect()
    }

    fn messages(result: Result<impl std::fmt::Debug, ReadErrors>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn a_list_replaces_the_powers_that_it_names() {
        let mut stack = package();
        let text = "# of the night\n\nblock,power [mW]\nengine1, 8000\nasic,250000\n";
        assert_eq!(blocks("p.csv", text, &mut stack).unwrap(), 2);
        let found: Vec<f64> = powers(&stack).iter().map(|(_, power)| *power).collect();
        assert_eq!(found, [12.0, 8.0, 250.0]);
    }

    #[test]
    fn every_problem_of_a_list_has_its_line() {
        let mut stack = package();
        let text = "block,power [W]\nengine2,3\nasic,much\nengine0,1\nengine0,2\nengine1,3,4\nxyzzy,1\nengine1,inf\n";
        assert_eq!(
            messages(blocks("p.csv", text, &mut stack)),
            "p.csv:2: there is no block \"engine2\" (help: did you mean \"engine1\"?)\n\
             p.csv:3: \"much\" is no finite number\n\
             p.csv:5: block \"engine0\" stands on line 4 already (help: keep one of the two)\n\
             p.csv:6: 3 columns instead of two\n\
             p.csv:7: there is no block \"xyzzy\"\n\
             p.csv:8: \"inf\" is no finite number"
        );
        assert_eq!(stack, package());
        for (text, line) in [
            ("", "p.csv: holds no header"),
            ("block,power\n", "p.csv:1: \"power\" where"),
            ("name,power [W]\n", "p.csv:1: the header begins"),
            ("block,power [mm]\n", "p.csv:1: unit of power"),
            ("block,power [W]\n", "p.csv: names no block"),
        ] {
            let said = messages(blocks("p.csv", text, &mut stack));
            assert!(said.starts_with(line), "{said}");
        }
    }

    #[test]
    fn the_heat_of_each_pixel_stays_on_every_grid() {
        let mut stack = package();
        // The outline of the ASIC is 8 mm by 4 mm; the upper right pixel lies beside it.
        let text = "power [W]\n30,0\n10,20\n";
        let total = over_block("m.csv", text, "asic", &mut stack).unwrap();
        assert_eq!(total, Watts::new(60.0));
        let found = powers(&stack);
        assert_eq!(found.len(), 2 + 3);
        assert_eq!(found[2], ("asic::1".to_owned(), 10.0));
        assert_eq!(found[3], ("asic::2".to_owned(), 20.0));
        assert_eq!(found[4], ("asic::3".to_owned(), 30.0));
        assert!(
            stack.layers[0].blocks[2..]
                .iter()
                .all(|b| b.material.is_some())
        );
        for (nx, ny) in [(1, 1), (7, 3), (40, 20)] {
            let model = Model::new(&stack, &Grid::uniform(&stack, nx, ny).unwrap()).unwrap();
            let heat: f64 = model.heat(&model.powers()).unwrap().iter().sum();
            assert!((heat - 84.0).abs() < 1e-12 * 84.0, "{nx} {ny} {heat}");
        }
        // A list speaks of the whole block again.
        assert_eq!(
            blocks("p.csv", "block,power [W]\nasic,600", &mut stack).unwrap(),
            1
        );
        let found: Vec<f64> = powers(&stack).iter().map(|(_, power)| *power).collect();
        for (found, expected) in found.iter().zip([12.0, 12.0, 100.0, 200.0, 300.0]) {
            assert!((found - expected).abs() < 1e-9);
        }
    }

    #[test]
    fn listed_pixels_are_the_same_map_in_any_order() {
        let (mut rows, mut list) = (package(), package());
        let matrix = "power [W]\n1,2\n3,4\n5,6\n";
        // An engine of 2 mm by 3 mm: pixels of 1 mm by 1 mm.
        let listed = "x [mm],y [um],power [W]\n1.5,2500,2\n0.5,2500,1\n0.5,500,5\n1.5,500,6\n0.5,1500,3\n1.5,1500,4\n";
        over_block("m.csv", matrix, "engine0", &mut rows).unwrap();
        over_block("l.csv", listed, "engine0", &mut list).unwrap();
        for ((_, a), (_, b)) in rows.blocks().zip(list.blocks()) {
            assert_eq!((&a.name, a.power), (&b.name, b.power));
            for (a, b) in a.area.iter().zip(&b.area) {
                assert!((a.x - b.x).value().abs() < 1e-12 && (a.y - b.y).value().abs() < 1e-12);
            }
        }
    }

    #[test]
    fn a_map_reaches_all_layers_of_a_block() {
        let mut stack = package();
        let mut above = stack.layers[0].clone();
        "above".clone_into(&mut above.name);
        above.thickness = Meters::new(1.5 * MM);
        above.blocks = vec![Block::new(
            "asic::2",
            rect(5.0, 1.0, 4.0, 4.0),
            Watts::new(1.0),
        )];
        "asic::1".clone_into(&mut stack.layers[0].blocks[2].name);
        stack.layers.push(above);
        // The left half of the outline is in both layers, the right half in the lower one.
        over_block("m.csv", "power [W]\n8,5\n", "asic", &mut stack).unwrap();
        let found: Vec<(usize, String, f64)> = stack
            .blocks()
            .map(|(layer, block)| (layer, block.name.clone(), block.power.value()))
            .filter(|(_, name, _)| whole(name) == "asic")
            .collect();
        let expected = [
            (0, "asic::1", 2.0),
            (0, "asic::3", 5.0),
            (1, "asic::2", 6.0),
        ];
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!((found.0, found.1.as_str()), (expected.0, expected.1));
            assert!((found.2 - expected.2).abs() < 1e-12, "{found:?}");
        }
    }

    #[test]
    fn every_problem_of_a_map_has_its_line() {
        let check = |text: &str, block: &str, expected: &str| {
            let mut stack = package();
            let said = messages(over_block("m.csv", text, block, &mut stack));
            assert!(said.starts_with(expected), "{said}");
            assert_eq!(stack, package());
        };
        check(
            "power [W]\n1\n",
            "asik",
            "m.csv: there is no block \"asik\" for it (help: did you mean \"asic\"?)",
        );
        check(
            "power [W]\n1,2\n3\n",
            "engine0",
            "m.csv:3: 1 pixels where the first row has 2",
        );
        check(
            "power [W]\n1,x\n",
            "engine0",
            "m.csv:2: \"x\" is no finite number",
        );
        check("power [W]\n", "engine0", "m.csv: holds no pixels");
        check("a,b\n", "engine0", "m.csv:1: the header has 2 columns");
        check(
            "power [W]\n30,7\n10,20\n",
            "asic",
            "m.csv:2: 7 W lie beside the block \"asic\"",
        );
        let list = "x [mm],y [mm],power [W]\n";
        check(
            &format!("{list}0.5,1,1\n1.5,1,1\n0.5,2,1\n"),
            "engine0",
            "m.csv: no pixel at x = 1.500000 mm, y = 2.000000 mm",
        );
        check(
            &format!("{list}0.5,1,1\n0.5,1,1\n"),
            "engine0",
            "m.csv:3: this pixel stands on line 2 already",
        );
        check(
            &format!("{list}0.5,1,1\n2.5,1,1\n"),
            "engine0",
            "m.csv: pixels reach from x = -0.500000 to 3.500000 mm",
        );
    }
}
