//! Packages of uniform layers on even grids: solved mode by mode.
//!
//! Cosines across and up diagonalise every sheet at once; for each pair of them a tridiagonal
//! system over the sheets is left.
//!
//! # Source
//! G. Strang, The discrete cosine transform, SIAM Review 41 (1999) 135, for the eigenvectors of the
//! second difference between insulated ends; facts of heat, section 8.

use std::f64::consts::PI;
use std::fmt;
use std::sync::Arc;

use rayon::prelude::*;
use rustdct::{DctPlanner, TransformType2And3};

use crate::network::Network;

/// Relative difference of conductances that counts as rounding of the edges of the grid.
const ROUNDING: f64 = 1e-9;

/// Side of the squares by which sheets are turned.
const TILE: usize = 16;

/// Modes that one task solves.
const PART: usize = 4096;

/// The conductances of one sheet.
#[derive(Debug, Clone, Copy)]
struct Sheet {
    gx: f64,
    gy: f64,
    gz: f64,
    excess: f64,
}

/// A network of uniform sheets.
pub(super) struct Cosine {
    shape: [usize; 3],
    sheets: Vec<Sheet>,
    /// Eigenvalues of the second difference across and up.
    across: Vec<f64>,
    up: Vec<f64>,
    transform_x: Arc<dyn TransformType2And3<f64>>,
    transform_y: Arc<dyn TransformType2And3<f64>>,
}

impl fmt::Debug for Cosine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cosine")
            .field("shape", &self.shape)
            .finish_non_exhaustive()
    }
}

/// The one value of all the numbers of some rows; zero of none, and `None` where they differ.
fn common<'a>(rows: impl Iterator<Item = &'a [f64]>) -> Option<f64> {
    let mut value = None;
    for row in rows {
        for x in row {
            let first = *value.get_or_insert(*x);
            if (x - first).abs() > ROUNDING * first.abs() {
                return None;
            }
        }
    }
    Some(value.unwrap_or(0.0))
}

impl Cosine {
    /// The network by its modes; `None` where a sheet is not uniform, coolant flows, or nothing
    /// takes heat away.
    pub(super) fn new(network: &Network, rate_per_s: f64) -> Option<Self> {
        if !network.streams.is_empty() || !network.bypasses.is_empty() {
            return None;
        }
        let [nx, ny, nz] = network.shape;
        let n_columns = nx * ny;
        let of_sheet = |k: usize| -> Option<Sheet> {
            let here = k * n_columns..(k + 1) * n_columns;
            let rows = |g: &'_ [f64], keep: usize| common(g.chunks(nx).map(|row| &row[..keep]));
            let mut excess = 0.0;
            if k == 0 {
                excess += common(std::iter::once(&network.bottom.conductance[..]))?;
            }
            if k + 1 == nz {
                excess += common(std::iter::once(&network.top.conductance[..]))?;
            }
            if rate_per_s != 0.0 {
                excess += rate_per_s * rows(&network.capacity[here.clone()], nx)?;
            }
            let last_row = here.end - nx;
            Some(Sheet {
                gx: rows(&network.gx[here.clone()], nx - 1)?,
                gy: rows(&network.gy[here.start..last_row], nx)?,
                gz: if k + 1 < nz {
                    rows(&network.gz[here], nx)?
                } else {
                    0.0
                },
                excess,
            })
        };
        // The first sheets that differ end the search, so that it costs nothing on real packages.
        let sheets: Vec<Sheet> = (0..nz).map(of_sheet).collect::<Option<_>>()?;
        if sheets.iter().all(|sheet| sheet.excess <= 0.0) {
            return None;
        }
        let eigenvalues = |n: usize| -> Vec<f64> {
            let half_angle = |m: usize| PI * m as f64 / (2 * n) as f64;
            (0..n).map(|m| 4.0 * half_angle(m).sin().powi(2)).collect()
        };
        let mut planner = DctPlanner::new();
        Some(Self {
            shape: network.shape,
            sheets,
            across: eigenvalues(nx),
            up: eigenvalues(ny),
            transform_x: planner.plan_dct2(nx),
            transform_y: planner.plan_dct2(ny),
        })
    }

    /// `x = A^-1 r`.
    pub(super) fn apply(&self, r: &[f64], x: &mut [f64]) {
        let [nx, ny, nz] = self.shape;
        let n_columns = nx * ny;
        // Until the way back `x` holds the modes of every sheet, those up next to each other.
        let sheets = x.par_chunks_mut(n_columns).zip(r.par_chunks(n_columns));
        sheets.for_each(|(x, r)| self.forward(r, x));
        let mut parts: Vec<Vec<&mut [f64]>> = Vec::new();
        parts.resize_with(n_columns.div_ceil(PART), || Vec::with_capacity(nz));
        for sheet in x.chunks_mut(n_columns) {
            for (part, modes) in parts.iter_mut().zip(sheet.chunks_mut(PART)) {
                part.push(modes);
            }
        }
        let parts = parts.into_par_iter().enumerate();
        parts.for_each(|(part, mut of_sheets)| self.solve_modes(part * PART, &mut of_sheets));
        let sheets = x.par_chunks_mut(n_columns);
        sheets.for_each_init(|| vec![0.0; n_columns], |rows, x| self.back(x, rows));
    }

    fn forward(&self, r: &[f64], x: &mut [f64]) {
        let [nx, ny, _] = self.shape;
        // Most sheets generate nothing.
        if r.iter().all(|r| *r == 0.0) {
            x.fill(0.0);
            return;
        }
        let (mut scratch_x, mut scratch_y) = self.scratch();
        let mut rows = r.to_vec();
        for row in rows.chunks_mut(nx) {
            self.transform_x
                .process_dct2_with_scratch(row, &mut scratch_x);
        }
        turn(&rows, nx, x);
        for row in x.chunks_mut(ny) {
            self.transform_y
                .process_dct2_with_scratch(row, &mut scratch_y);
        }
    }

    fn back(&self, x: &mut [f64], rows: &mut [f64]) {
        let [nx, ny, _] = self.shape;
        let (mut scratch_x, mut scratch_y) = self.scratch();
        for row in x.chunks_mut(ny) {
            self.transform_y
                .process_dct3_with_scratch(row, &mut scratch_y);
        }
        turn(x, ny, rows);
        for row in rows.chunks_mut(nx) {
            self.transform_x
                .process_dct3_with_scratch(row, &mut scratch_x);
        }
        x.copy_from_slice(rows);
    }

    fn scratch(&self) -> (Vec<f64>, Vec<f64>) {
        let of = |transform: &dyn TransformType2And3<f64>| vec![0.0; transform.get_scratch_len()];
        (of(&*self.transform_x), of(&*self.transform_y))
    }

    /// Solves the sheets for some modes, counted from `first`, without subtractions; scaled as the
    /// inverse transform needs it.
    fn solve_modes(&self, first: usize, of_sheets: &mut [&mut [f64]]) {
        let [nx, ny, nz] = self.shape;
        let n = of_sheets[0].len();
        let scale = 4.0 / (nx * ny) as f64;
        // How much of what is above and below a cell passes on to the next one.
        let mut pass = vec![0.0; n * nz];
        let mut excess = vec![0.0; n];
        let (across, up): (Vec<f64>, Vec<f64>) = (first..first + n)
            .map(|mode| (self.across[mode / ny], self.up[mode % ny]))
            .unzip();
        for k in 0..nz {
            let Sheet {
                gx,
                gy,
                gz,
                excess: own,
            } = self.sheets[k];
            let (done, rest) = of_sheets.split_at_mut(k);
            let b = &mut rest[0][..];
            if let Some(below) = done.last() {
                // What lies below is divided by its pivot already.
                let gz = self.sheets[k - 1].gz;
                for (b, below) in b.iter_mut().zip(below.iter()) {
                    *b = *b * scale + gz * below;
                }
            } else {
                for b in b.iter_mut() {
                    *b *= scale;
                }
            }
            let pass = &mut pass[k * n..(k + 1) * n];
            let modes = across.iter().zip(&up);
            for (((b, pass), excess), (across, up)) in
                b.iter_mut().zip(pass).zip(&mut excess).zip(modes)
            {
                *excess += own + gx * across + gy * up;
                let inverse = 1.0 / (*excess + gz);
                *pass = gz * inverse;
                *excess *= *pass;
                *b *= inverse;
            }
        }
        for k in (0..nz - 1).rev() {
            let (below, above) = of_sheets.split_at_mut(k + 1);
            let pass = &pass[k * n..(k + 1) * n];
            for ((x, above), pass) in below[k].iter_mut().zip(above[0].iter()).zip(pass) {
                *x += pass * above;
            }
        }
    }
}

/// Turns rows of `width` into columns.
fn turn(from: &[f64], width: usize, to: &mut [f64]) {
    let height = from.len() / width;
    for j0 in (0..height).step_by(TILE) {
        for i0 in (0..width).step_by(TILE) {
            for i in i0..(i0 + TILE).min(width) {
                for j in j0..(j0 + TILE).min(height) {
                    to[i * height + j] = from[j * width + i];
                }
            }
        }
    }
}
