//! How a stack is cut into cells.

use crate::ThermalError;
use crate::stack::Stack;

/// The greatest number of cells of one grid.
pub const MAX_CELLS: usize = 1 << 26;

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
    pub fn from_edges(stack: &Stack, x_m: Vec<f64>, y_m: Vec<f64>) -> Result<Self, ThermalError> {
        let (nx, ny) = (x_m.len().saturating_sub(1), y_m.len().saturating_sub(1));
        for (axis, edges, length) in [
            ("across", &x_m, stack.width.value()),
            ("up", &y_m, stack.height.value()),
        ] {
            let rises = edges.windows(2).all(|pair| pair[0] < pair[1]);
            let first = edges.first().copied().unwrap_or(0.0);
            let last = edges.last().copied().unwrap_or(0.0);
            // Rounding may leave the last edge beside the face of the stack.
            let spans = first.abs() <= 1e-9 * length && (last - length).abs() <= 1e-9 * length;
            if !(rises && spans) {
                return Err(ThermalError::GridEdges {
                    axis,
                    first_mm: first * 1e3,
                    last_mm: last * 1e3,
                    length_mm: length * 1e3,
                });
            }
        }
        let sheets = sheets(stack);
        let nz = sheets.len();
        let n = nx.saturating_mul(ny).saturating_mul(nz);
        if n == 0 || n > MAX_CELLS {
            let limit = MAX_CELLS;
            return Err(ThermalError::Grid { nx, ny, nz, limit });
        }
        Ok(Self { x_m, y_m, sheets })
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
