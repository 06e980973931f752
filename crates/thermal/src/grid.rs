//! How a stack is cut into cells.

mod fitted;

use units::Meters;

use crate::ThermalError;
use crate::check::check;
use crate::stack::Stack;

/// The greatest number of cells of one grid.
pub const MAX_CELLS: usize = 1 << 26;

/// Share of the extent of a stack by which rounding may move the ends of a grid.
const ROUNDING: f64 = 1e-9;

/// Share of the finest cell below which two edges of blocks count as one.
const MERGE: f64 = 0.02;

/// Least growth of a fitted grid.
const LEAST_GROWTH: f64 = 1.05;

/// How fine a fitted grid is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resolution {
    /// Greatest extent of a cell where heat is generated.
    pub finest: Meters,
    /// Greatest extent of any cell.
    pub coarsest: Meters,
    /// Greatest ratio of the extents of neighbouring cells, at least 1.05.
    pub growth: f64,
}

/// One sheet of cells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sheet {
    /// Position of its layer in the stack.
    pub layer: usize,
    /// Its thickness.
    pub thickness_m: f64,
}

/// A tensor-product grid: edges across and up, and sheets from the bottom to the top.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// Edges of the columns across in metres, rising; one more than there are cells.
    x_m: Vec<f64>,
    /// Edges of the rows.
    y_m: Vec<f64>,
    /// Sheets, lowest first.
    sheets: Vec<Sheet>,
}

impl Grid {
    /// Equal cells, `nx` across and `ny` up.
    ///
    /// # Errors
    /// A grid without cells or with more than 2^26.
    pub fn uniform(stack: &Stack, nx: usize, ny: usize) -> Result<Self, ThermalError> {
        let edges = |length_m: f64, n: usize| -> Vec<f64> {
            (0..=n).map(|i| length_m * i as f64 / n as f64).collect()
        };
        let too_many = nx.max(ny) > MAX_CELLS;
        let (x_m, y_m) = if too_many {
            (Vec::new(), Vec::new())
        } else {
            (
                edges(stack.width.value(), nx),
                edges(stack.height.value(), ny),
            )
        };
        Self::of_lines(stack, x_m, y_m, [nx, ny])
    }

    /// Lines on every edge of a block or a patch, close together where heat is generated and
    /// further apart away from there.
    ///
    /// Edges nearer to each other than a fiftieth of [`Resolution::finest`] count as one, that nearer
    /// to an end of the stack. Cells between near edges are as small as these demand, and their
    /// neighbours are graded. A stack that mirrors itself has a grid that does.
    ///
    /// # Errors
    /// A stack that makes no sense, a resolution that does not either, more than 2^26 cells.
    pub fn fitted(stack: &Stack, resolution: &Resolution) -> Result<Self, ThermalError> {
        let problems = check(stack);
        if !problems.is_empty() {
            return Err(ThermalError::Stack { problems });
        }
        let (finest_m, coarsest_m) = (resolution.finest.value(), resolution.coarsest.value());
        let growth = resolution.growth;
        let is_sound = finest_m > 0.0
            && coarsest_m >= finest_m
            && coarsest_m.is_finite()
            && growth >= LEAST_GROWTH
            && growth.is_finite();
        if !is_sound {
            return Err(ThermalError::Resolution {
                finest_m,
                coarsest_m,
                growth,
            });
        }
        let sizes = fitted::Sizes {
            finest_m,
            coarsest_m,
            growth,
            merge_m: MERGE * finest_m,
        };
        let lines = |length: Meters, axis: usize| {
            fitted::lines(
                length.value(),
                &fitted::extents(stack, axis),
                sizes,
                MAX_CELLS,
            )
        };
        let (across, up) = (lines(stack.width, 0), lines(stack.height, 1));
        let count = |lines: &Option<Vec<f64>>| lines.as_ref().map_or(usize::MAX, |of| of.len() - 1);
        let asked = [count(&across), count(&up)];
        Self::of_lines(
            stack,
            across.unwrap_or_default(),
            up.unwrap_or_default(),
            asked,
        )
    }

    /// The grid of lines along both axes, if the number of cells that is asked for is allowed.
    fn of_lines(
        stack: &Stack,
        x_m: Vec<f64>,
        y_m: Vec<f64>,
        [nx, ny]: [usize; 2],
    ) -> Result<Self, ThermalError> {
        let sheets = sheets(stack);
        let nz = sheets.len();
        let n = nx.saturating_mul(ny).saturating_mul(nz);
        if n == 0 || n > MAX_CELLS {
            let limit = MAX_CELLS;
            return Err(ThermalError::Grid { nx, ny, nz, limit });
        }
        Ok(Self { x_m, y_m, sheets })
    }

    /// Cells between given edges in metres, which rise from zero to the extents of the stack.
    ///
    /// # Errors
    /// Edges that do not rise, or do not span the stack; a grid without cells or with more than
    /// 2^26.
    pub fn from_edges(
        stack: &Stack,
        mut x_m: Vec<f64>,
        mut y_m: Vec<f64>,
    ) -> Result<Self, ThermalError> {
        let asked = [x_m.len().saturating_sub(1), y_m.len().saturating_sub(1)];
        for (axis, edges, length) in [
            ("across", &mut x_m, stack.width.value()),
            ("up", &mut y_m, stack.height.value()),
        ] {
            let first = edges.first().copied().unwrap_or(0.0);
            let last = edges.last().copied().unwrap_or(0.0);
            // Rounding may leave the last edge beside the face of the stack.
            let near = ROUNDING * length;
            let spans = first.abs() <= near && (last - length).abs() <= near;
            if let (true, [start, .., end]) = (spans, &mut edges[..]) {
                (*start, *end) = (0.0, length);
            }
            let rises = edges.windows(2).all(|pair| pair[0] < pair[1]);
            if !(rises && spans) {
                return Err(ThermalError::GridEdges {
                    axis,
                    first_mm: first * 1e3,
                    last_mm: last * 1e3,
                    length_mm: length * 1e3,
                });
            }
        }
        Self::of_lines(stack, x_m, y_m, asked)
    }

    /// Edges of the columns across in metres, rising.
    pub fn x_m(&self) -> &[f64] {
        &self.x_m
    }

    /// Edges of the rows in metres, rising.
    pub fn y_m(&self) -> &[f64] {
        &self.y_m
    }

    /// The sheets of cells, lowest first.
    pub fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    /// Cells across, up, and from the bottom to the top.
    pub fn shape(&self) -> [usize; 3] {
        [
            self.x_m.len().saturating_sub(1),
            self.y_m.len().saturating_sub(1),
            self.sheets.len(),
        ]
    }

    /// All cells.
    pub fn n_cells(&self) -> usize {
        self.shape().iter().product()
    }
}

fn sheets(stack: &Stack) -> Vec<Sheet> {
    let layers = stack.layers.iter().enumerate();
    layers
        .flat_map(|(layer, of)| {
            let n = of.sheets.min(MAX_CELLS);
            let thickness_m = of.thickness.value() / n.max(1) as f64;
            (0..n).map(move |_| Sheet { layer, thickness_m })
        })
        .collect()
}
