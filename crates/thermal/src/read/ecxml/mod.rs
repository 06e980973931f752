//! Packages in ECXML, the neutral form of JEDEC JEP181, as far as it is publicly documented.
//!
//! The standard is sold, and its text was not at hand. What is read here follows public
//! descriptions of schema Rev 2.0 and public programs that read and write it; each statement below
//! rests on them, and none was checked against the standard itself:
//!
//! - the root is `neutralXML` with `name`, `producer`, `solutionDomain`, `materials` and
//!   `geometry`; values are elements, never attributes; all units are SI, temperatures in kelvin;
//! - every object is a box: `location` is its least corner, `size` its extents; an `assembly` only
//!   groups, its parts keep their own places, and nothing of an inactive assembly is there;
//! - an object that comes later in the file takes the place of earlier ones where they overlap;
//! - `plane` of a flat object is `+xy`, `-xz` and so on: the letters are the plane, the sign is the
//!   direction in which it looks.
//!
//! | element | what becomes of it |
//! |---|---|
//! | `solid3dBlock`, also as part of a `heatsink`; `printedCircuitBoard`; `solid2dBlock` with a thickness | a block of its material; its power is even over what is seen of it |
//! | `sourceBlock` | heat in whatever fills its box |
//! | `source2dBlock`, `solid2dBlock` without thickness and with power | heat in a tenth of the slab on the side where it looks, or on the other side where that is empty |
//! | `twoResistorModel` | a body of three slabs whose halves have the two resistances, for heat that flows evenly over its area |
//! | `material` with `isotropic`, `orthotropic` conductivity | as it is |
//! | `linearTemperatureDependant`, `nonLinearTemperatureDependant` (so spelt) | `k0 (T/T0)^-n` with the same value and slope at the reference, or nearest to the points; a note tells how far off |
//! | `ambientConditions`, `temperature` | [`Read::ambient`] |
//! | `grille`, `flowResistance`, fans, `enclosure`, `monitorPoint` | left out, with a note: there is no air here |
//! | `solidCylinder`, `externalMcadFile` | refused: they are no boxes |
//! | elements of one vendor | left out, with a note that counts them |
//!
//! The file describes a package in air, whose flow other tools solve. It has no film coefficients,
//! so both faces of the stack pass no heat until the caller gives them a condition, and a place
//! that no object fills is an error unless [`Options::fill`] names a material for it.

mod layers;
mod xml;

use units::{Celsius, Meters};

use super::error::{ReadError, ReadErrors};
use super::power_map::distinct;
use super::{Analysis, Case};
use crate::error::ThermalError;
use crate::grid::Grid;
use crate::stack::{Rect, Stack};

/// What the file leaves open.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Name of the material, one of the file, where no object is.
    pub fill: Option<String>,
    /// Cells across and up; edges of blocks are edges of cells too, so that there are some more.
    pub cells: (usize, usize),
}

impl Default for Options {
    fn default() -> Self {
        Self {
            fill: None,
            cells: (64, 64),
        }
    }
}

/// A package and what is round it.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// The package; its faces pass no heat yet.
    pub case: Case,
    /// Temperature of the surroundings, if the file says it.
    pub ambient: Option<Celsius>,
}

/// Whether a text is meant as ECXML: its first element is `neutralXML`.
pub fn is_ecxml(text: &str) -> bool {
    /// Declarations and comments before the first element are shorter.
    const HEAD: usize = 4096;
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    let start = rest.len();
    while start - rest.len() < HEAD {
        let end = if rest.starts_with("<!--") {
            "-->"
        } else if rest.starts_with("<?") {
            "?>"
        } else {
            break;
        };
        let Some((_, behind)) = rest.split_once(end) else {
            return false;
        };
        rest = behind.trim_start();
    }
    let name = rest.strip_prefix('<').unwrap_or_default();
    let end = name.find(|c: char| c.is_whitespace() || c == '>' || c == '/');
    let name = &name[..end.unwrap_or(name.len())];
    let local = name.rsplit(':').next().unwrap_or_default();
    local.eq_ignore_ascii_case("neutralXML")
}

/// Reads a package.
///
/// # Errors
/// Every problem of the file with its line: text that is no XML or has a document type, objects
/// without place or size, numbers that are none, materials that are not there, objects that are no
/// boxes, places that nothing fills.
pub fn read(name: &str, text: &str, options: &Options) -> Result<Read, ReadErrors> {
    let package = xml::read(name, text)?;
    let (stack, mut notes) = layers::stack(name, &package, options.fill.as_deref())?;
    let grid =
        grid(&stack, options.cells).map_err(|error| ReadError::new(name, 0, error.to_string()))?;
    notes.splice(0..0, package.notes);
    Ok(Read {
        case: Case {
            stack,
            grid,
            analysis: Analysis::Steady,
            notes,
        },
        ambient: package.ambient,
    })
}

/// A grid whose lines go along the edges of all blocks, with cells no wider than the extents over
/// the cells asked for; an even one where the edges alone are more than twice as many.
fn grid(stack: &Stack, (nx, ny): (usize, usize)) -> Result<Grid, ThermalError> {
    /// Edges that are this share of the extent apart are one.
    const ROUNDING: f64 = 1e-6;
    let even = Grid::uniform(stack, nx, ny)?;
    let rects: Vec<&Rect> = stack.blocks().flat_map(|(_, block)| &block.area).collect();
    let lines = |length: Meters, n: usize, edges: &dyn Fn(&Rect) -> [Meters; 2]| {
        let length_m = length.value();
        let all = rects.iter().flat_map(|rect| edges(rect));
        let inside = all
            .map(Meters::value)
            .filter(|x| *x > ROUNDING * length_m && *x < length_m * (1.0 - ROUNDING));
        let mut places = vec![0.0];
        places.extend(distinct(inside.collect(), ROUNDING * length_m));
        places.push(length_m);
        if places.len() > 2 * n + 1 {
            return None;
        }
        let mut lines = vec![0.0];
        for pair in places.windows(2) {
            let parts = ((pair[1] - pair[0]) * n as f64 / length_m - ROUNDING)
                .ceil()
                .max(1.0);
            let mut part = 1.0;
            while part < parts {
                lines.push(pair[0] + (pair[1] - pair[0]) * part / parts);
                part += 1.0;
            }
            lines.push(pair[1]);
        }
        Some(lines)
    };
    let x_m = lines(stack.width, nx, &|rect| [rect.x, rect.x + rect.width]);
    let y_m = lines(stack.height, ny, &|rect| [rect.y, rect.y + rect.height]);
    match (x_m, y_m) {
        (None, None) => Ok(even),
        (x_m, y_m) => Grid::from_edges(
            stack,
            x_m.unwrap_or_else(|| even.x_m().to_vec()),
            y_m.unwrap_or_else(|| even.y_m().to_vec()),
        ),
    }
}

#[cfg(test)]
mod tests;
