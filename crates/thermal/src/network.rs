//! The conductances between cells.

use crate::solve::for_rows;

/// A stream of coolant through some cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Stream {
    /// The cells, downstream.
    pub cells: Vec<u32>,
    /// Heat capacity that flows: volume flow times volumetric heat capacity, W/K.
    pub capacity_rate_w_per_k: f64,
    /// Temperature at the inlet, kelvin.
    pub inlet_k: f64,
}

/// Conductances that lead from one sheet past the next one: the walls of a coolant layer whose
/// cells hold the coolant.
#[derive(Debug, Clone, PartialEq)]
pub struct Bypass {
    /// The sheet that is passed; the conductances join the sheets below and above it.
    pub sheet: usize,
    /// One conductance for each column, W/K.
    pub conductance: Vec<f64>,
}

/// Heat exchange of the columns of cells at one face: `heat - conductance T` enters.
#[derive(Debug, Clone, PartialEq)]
pub struct FaceLinks {
    /// Conductance of each column to what is outside, W/K.
    pub conductance: Vec<f64>,
    /// Heat that enters each column when its cell is at 0 K, W: conductances times temperatures
    /// outside, and given fluxes.
    pub heat: Vec<f64>,
}

/// A network of heat conductances on a grid of cells.
///
/// `C dT/dt = sum G (T_neighbour - T) + heat - conductance T + P`, with streams upwind:
/// `m c (T_upstream - T)` enters a cell of coolant.
///
/// # Shapes
/// Cell (i, j, k) has the number `(k ny + j) nx + i`. All lists but those of the faces and of a
/// bypass hold one value for each cell; `gx` of a cell leads to the next cell across and is zero in
/// the last one, `gy` and `gz` likewise.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Cells across, up, and from the bottom to the top.
    pub shape: [usize; 3],
    /// Conductance to the next cell across, W/K.
    pub gx: Vec<f64>,
    /// Conductance to the next cell up, W/K.
    pub gy: Vec<f64>,
    /// Conductance to the cell above, W/K.
    pub gz: Vec<f64>,
    /// The lower face.
    pub bottom: FaceLinks,
    /// The upper face.
    pub top: FaceLinks,
    /// Heat capacity of each cell, J/K.
    pub capacity: Vec<f64>,
    /// Walls of coolant layers.
    pub bypasses: Vec<Bypass>,
    /// Streams of coolant.
    pub streams: Vec<Stream>,
}

impl Network {
    /// All cells.
    pub const fn n_cells(&self) -> usize {
        self.shape[0] * self.shape[1] * self.shape[2]
    }

    /// Cells of one sheet.
    pub const fn n_columns(&self) -> usize {
        self.shape[0] * self.shape[1]
    }

    /// Whether the matrix is symmetric: no coolant flows.
    pub const fn is_symmetric(&self) -> bool {
        self.streams.is_empty()
    }

    /// What the diagonal holds beyond the conductances between the cells: the faces, the streams,
    /// and the capacities times `rate`.
    pub(crate) fn excess(&self, rate_per_s: f64) -> Vec<f64> {
        let (n, n_columns) = (self.n_cells(), self.n_columns());
        let mut excess: Vec<f64> = if rate_per_s == 0.0 {
            vec![0.0; n]
        } else {
            self.capacity.iter().map(|c| c * rate_per_s).collect()
        };
        for column in 0..n_columns {
            excess[column] += self.bottom.conductance[column];
            excess[n - n_columns + column] += self.top.conductance[column];
        }
        for stream in &self.streams {
            for cell in &stream.cells {
                excess[*cell as usize] += stream.capacity_rate_w_per_k;
            }
        }
        excess
    }

    /// Diagonal of the matrix with `rate` times the capacities added.
    pub fn diagonal(&self, rate_per_s: f64) -> Vec<f64> {
        let n_columns = self.n_columns();
        let [nx, ny, _] = self.shape;
        let mut diagonal = self.excess(rate_per_s);
        for_rows(&mut diagonal, nx, |row, to| {
            let first = row * nx;
            let here = first..first + nx;
            let mut add = |links: &[f64]| {
                for (to, g) in to.iter_mut().zip(links) {
                    *to += g;
                }
            };
            add(&self.gx[here.clone()]);
            add(&self.gy[here.clone()]);
            add(&self.gz[here.clone()]);
            if !row.is_multiple_of(ny) {
                add(&self.gy[first - nx..first]);
            }
            if row >= ny {
                add(&self.gz[first - n_columns..first - n_columns + nx]);
            }
            for (to, g) in to[1..].iter_mut().zip(&self.gx[here]) {
                *to += g;
            }
        });
        for bypass in &self.bypasses {
            let below = (bypass.sheet - 1) * n_columns;
            for (column, g) in bypass.conductance.iter().enumerate() {
                diagonal[below + column] += g;
                diagonal[below + column + 2 * n_columns] += g;
            }
        }
        diagonal
    }

    /// `y = A x`, with the diagonal that [`Self::diagonal`] gives.
    pub fn apply(&self, diagonal: &[f64], x: &[f64], y: &mut [f64]) {
        let n_columns = self.n_columns();
        for_rows(y, self.shape[0], |row, y| {
            self.apply_in_row(diagonal, x, row, y);
        });
        for bypass in &self.bypasses {
            let below = (bypass.sheet - 1) * n_columns;
            for (column, g) in bypass.conductance.iter().enumerate() {
                let (a, b) = (below + column, below + column + 2 * n_columns);
                y[a] -= g * x[b];
                y[b] -= g * x[a];
            }
        }
        for stream in &self.streams {
            for pair in stream.cells.windows(2) {
                y[pair[1] as usize] -= stream.capacity_rate_w_per_k * x[pair[0] as usize];
            }
        }
    }

    /// One row of cells of [`Self::apply`], without bypasses and streams: row `k ny + j`.
    pub(crate) fn apply_in_row(&self, diagonal: &[f64], x: &[f64], row: usize, y: &mut [f64]) {
        let n_columns = self.n_columns();
        let [nx, ny, nz] = self.shape;
        let first = row * nx;
        let here = first..first + nx;
        let at = &x[here.clone()];
        for ((y, d), x) in y.iter_mut().zip(&diagonal[here.clone()]).zip(at) {
            *y = d * x;
        }
        let mut less = |links: &[f64], x: &[f64]| {
            for ((y, g), x) in y.iter_mut().zip(links).zip(x) {
                *y -= g * x;
            }
        };
        less(&self.gx[here.clone()], &at[1..]);
        if !row.is_multiple_of(ny) {
            let lower = first - nx..first;
            less(&self.gy[lower.clone()], &x[lower]);
        }
        if row % ny + 1 < ny {
            less(&self.gy[here.clone()], &x[first + nx..first + 2 * nx]);
        }
        if row >= ny {
            let below = first - n_columns..first - n_columns + nx;
            less(&self.gz[below.clone()], &x[below]);
        }
        if row < ny * (nz - 1) {
            less(&self.gz[here.clone()], &x[first + n_columns..][..nx]);
        }
        for ((y, g), x) in y[1..].iter_mut().zip(&self.gx[here]).zip(at) {
            *y -= g * x;
        }
    }

    /// Heat from outside into every cell when all cells are at `reference_k`: the right-hand side
    /// for temperatures counted from there, without sources.
    pub fn outside_heat(&self, reference_k: f64) -> Vec<f64> {
        let mut heat = vec![0.0; self.n_cells()];
        self.add_outside_heat(reference_k, &mut heat);
        heat
    }

    /// Adds what [`Self::outside_heat`] gives.
    pub(crate) fn add_outside_heat(&self, reference_k: f64, heat: &mut [f64]) {
        let (n, n_columns) = (self.n_cells(), self.n_columns());
        for (face, first) in [(&self.bottom, 0), (&self.top, n - n_columns)] {
            for column in 0..n_columns {
                heat[first + column] += face.heat[column] - face.conductance[column] * reference_k;
            }
        }
        for stream in &self.streams {
            if let Some(first) = stream.cells.first() {
                heat[*first as usize] +=
                    stream.capacity_rate_w_per_k * (stream.inlet_k - reference_k);
            }
        }
    }

    /// Mean of the temperatures outside, weighted by their conductances; `None` where nothing is
    /// joined to the cells. Given fluxes count as temperatures here, so this is a place to count
    /// from, not a result.
    pub(crate) fn reference_k(&self) -> Option<f64> {
        let (mut conductance, mut heat) = (0.0, 0.0);
        for face in [&self.bottom, &self.top] {
            for (g, q) in face.conductance.iter().zip(&face.heat) {
                if *g > 0.0 {
                    conductance += g;
                    heat += q;
                }
            }
        }
        for stream in &self.streams {
            conductance += stream.capacity_rate_w_per_k;
            heat += stream.capacity_rate_w_per_k * stream.inlet_k;
        }
        (conductance > 0.0).then(|| heat / conductance)
    }
}
