//! One level of the hierarchy: columns of cells in two colours, each column solved exactly.

use rayon::prelude::*;

use super::coarse::Plain;
use super::{Real, single};
use crate::ThermalError;

/// Numbers of one colour below which a loop stays on one thread.
const SERIAL: usize = 40_000;

/// One value for each cell, by colour.
///
/// Columns (i, j) with an even sum are of colour 0, the others of colour 1, so that all neighbours
/// of a column are of the other colour. In row j, colour c holds the cells
/// `i = 2 h + ((j + c) & 1)`; its value is at `(j nz + k) half + h`, where `half` is half of the
/// cells across, rounded up. A place beyond the last cell holds zero.
pub(super) type Colours = [Vec<Real>; 2];

/// The matrix of one level.
#[derive(Debug)]
pub(super) struct Level {
    pub(super) nx: usize,
    pub(super) ny: usize,
    pub(super) nz: usize,
    pub(super) half: usize,
    /// Conductances across: from cell `2 h` to the next one, and from `2 h + 1` to the next one.
    gx: Colours,
    /// Conductances up, of the cells with even and with odd i.
    gy: Colours,
    /// What a cell passes to the one above when its column is eliminated upwards: conductance over
    /// pivot.
    pass: Colours,
    /// The same past the next cell, where coolant layers have walls.
    pass_two: Option<Colours>,
    /// Reciprocals of the pivots, K/W.
    inverse: Colours,
}

impl Level {
    /// # Errors
    /// A column whose pivots are not positive: nothing holds its temperature.
    pub(super) fn new(plain: &Plain) -> Result<Self, ThermalError> {
        let [nx, ny, nz] = plain.shape;
        let half = nx.div_ceil(2);
        let zeros = || -> Colours { std::array::from_fn(|_| vec![0.0; ny * nz * half]) };
        let mut level = Self {
            nx,
            ny,
            nz,
            half,
            gx: zeros(),
            gy: zeros(),
            pass: zeros(),
            pass_two: (!plain.bypasses.is_empty()).then(zeros),
            inverse: zeros(),
        };
        level.links(plain);
        level.factorise(plain)?;
        Ok(level)
    }

    /// Numbers in one row of one colour.
    pub(super) const fn row(&self) -> usize {
        self.nz * self.half
    }

    fn links(&mut self, plain: &Plain) {
        let (nx, ny, nz, half) = (self.nx, self.ny, self.nz, self.half);
        for (to, from) in [(&mut self.gx, &plain.gx), (&mut self.gy, &plain.gy)] {
            for (parity, to) in to.iter_mut().enumerate() {
                let rows = to
                    .par_chunks_mut(nz * half)
                    .with_min_len(SERIAL.div_ceil(nz * half));
                rows.enumerate().for_each(|(j, to)| {
                    for (k, to) in to.chunks_mut(half).enumerate() {
                        let row = &from[(k * ny + j) * nx..][..nx];
                        for (to, g) in to.iter_mut().zip(row.iter().skip(parity).step_by(2)) {
                            *to = single(*g);
                        }
                    }
                });
            }
        }
    }

    /// Eliminates every column from the bottom to the top, in double precision and without
    /// subtractions, so that a package that hardly anything cools loses no digits.
    fn factorise(&mut self, plain: &Plain) -> Result<(), ThermalError> {
        let [nx, ny, nz] = plain.shape;
        let half = self.half;
        let mut past: Vec<Option<&[f64]>> = vec![None; nz];
        for (sheet, of) in &plain.bypasses {
            past[sheet - 1] = Some(of);
        }
        let row = nz * half;
        for colour in 0..2 {
            let pass = self.pass[colour].par_chunks_mut(row);
            let inverse = self.inverse[colour].par_chunks_mut(row);
            let min = SERIAL.div_ceil(row);
            let eliminate =
                |j: usize, pass: &mut [Real], pass_two: &mut [Real], inverse: &mut [Real]| {
                    let mut excess = vec![0.0; nz];
                    let mut up = vec![0.0; nz];
                    for h in 0..half {
                        let i = 2 * h + ((j + colour) & 1);
                        if i >= nx {
                            continue;
                        }
                        for k in 0..nz {
                            let cell = (k * ny + j) * nx + i;
                            let left = if i > 0 { plain.gx[cell - 1] } else { 0.0 };
                            let lower = if j > 0 { plain.gy[cell - nx] } else { 0.0 };
                            excess[k] =
                                plain.excess[cell] + left + plain.gx[cell] + lower + plain.gy[cell];
                            up[k] = plain.gz[cell];
                        }
                        up[nz - 1] = 0.0;
                        for k in 0..nz {
                            let two = past[k].map_or(0.0, |of| of[j * nx + i]);
                            let pivot = excess[k] + up[k] + two;
                            let (one, two_share) = (up[k] / pivot, two / pivot);
                            if !(pivot > 0.0 && pivot.is_finite()) {
                                return Err(k);
                            }
                            if k + 1 < nz {
                                excess[k + 1] += excess[k] * one;
                            }
                            if two > 0.0 {
                                excess[k + 2] += excess[k] * two_share;
                                up[k + 1] += one * two;
                                pass_two[k * half + h] = single(two_share);
                            }
                            pass[k * half + h] = single(one);
                            inverse[k * half + h] = single(1.0 / pivot);
                        }
                    }
                    Ok(())
                };
            let done = if let Some(two) = &mut self.pass_two {
                let two = two[colour].par_chunks_mut(row);
                let rows = pass.zip(two).zip(inverse).with_min_len(min).enumerate();
                let outcome: Vec<_> = rows.map(|(j, ((p, t), v))| eliminate(j, p, t, v)).collect();
                outcome
            } else {
                let rows = pass.zip(inverse).with_min_len(min).enumerate();
                rows.map(|(j, (p, v))| eliminate(j, p, &mut [], v))
                    .collect()
            };
            if let Some(Err(sheet)) = done.into_iter().find(Result::is_err) {
                return Err(ThermalError::NotPositiveDefinite {
                    what: format!("nothing holds the temperature of cells up to sheet {sheet}"),
                });
            }
        }
        Ok(())
    }

    /// Adds what flows in from the neighbours, all of the other colour, to one row.
    pub(super) fn add_inflow(&self, colour: usize, j: usize, other: &[Real], to: &mut [Real]) {
        let (row, half) = (self.row(), self.half);
        let here = j * row..(j + 1) * row;
        let is_odd = (j + colour) & 1;
        let (inner, outer) = (&self.gx[0][here.clone()], &self.gx[1][here.clone()]);
        let own = &other[here.clone()];
        for k in 0..self.nz {
            let at = k * half..(k + 1) * half;
            let (to, own) = (&mut to[at.clone()], &own[at.clone()]);
            let (inner, outer) = (&inner[at.clone()], &outer[at]);
            for ((to, x), g) in to.iter_mut().zip(own).zip(inner) {
                *to += g * x;
            }
            if is_odd == 0 {
                for ((to, x), g) in to[1..].iter_mut().zip(own).zip(outer) {
                    *to += g * x;
                }
            } else {
                for ((to, x), g) in to.iter_mut().zip(&own[1..]).zip(outer) {
                    *to += g * x;
                }
            }
        }
        let gy = &self.gy[is_odd];
        if j > 0 {
            let lower = (j - 1) * row..j * row;
            for ((to, x), g) in to.iter_mut().zip(&other[lower.clone()]).zip(&gy[lower]) {
                *to += g * x;
            }
        }
        if j + 1 < self.ny {
            let upper = (j + 1) * row..(j + 2) * row;
            for ((to, x), g) in to.iter_mut().zip(&other[upper]).zip(&gy[here]) {
                *to += g * x;
            }
        }
    }

    /// Solves the columns of one row in place.
    fn solve_columns(&self, colour: usize, j: usize, x: &mut [Real]) {
        let (row, half, nz) = (self.row(), self.half, self.nz);
        let pass = &self.pass[colour][j * row..(j + 1) * row];
        let inverse = &self.inverse[colour][j * row..(j + 1) * row];
        let two = self
            .pass_two
            .as_ref()
            .map(|two| &two[colour][j * row..(j + 1) * row]);
        for k in 1..nz {
            let (below, at) = x.split_at_mut(k * half);
            let from = &below[(k - 1) * half..];
            for ((x, below), pass) in at[..half].iter_mut().zip(from).zip(&pass[(k - 1) * half..]) {
                *x += pass * below;
            }
            if let (Some(two), true) = (two, k > 1) {
                let from = &below[(k - 2) * half..];
                for ((x, below), pass) in
                    at[..half].iter_mut().zip(from).zip(&two[(k - 2) * half..])
                {
                    *x += pass * below;
                }
            }
        }
        for k in (0..nz).rev() {
            let (at, above) = x.split_at_mut((k + 1) * half);
            let at = &mut at[k * half..];
            for (x, inverse) in at.iter_mut().zip(&inverse[k * half..]) {
                *x *= inverse;
            }
            for ((x, above), pass) in at.iter_mut().zip(above.iter()).zip(&pass[k * half..]) {
                *x += pass * above;
            }
            if let (Some(two), true) = (two, k + 2 < nz) {
                for ((x, above), pass) in at.iter_mut().zip(&above[half..]).zip(&two[k * half..]) {
                    *x += pass * above;
                }
            }
        }
    }

    /// Solves all columns of one colour, the other one held.
    pub(super) fn relax(&self, colour: usize, b: &[Real], other: Option<&[Real]>, x: &mut [Real]) {
        self.for_rows(x, |j, x| {
            x.copy_from_slice(&b[j * x.len()..(j + 1) * x.len()]);
            if let Some(other) = other {
                self.add_inflow(colour, j, other, x);
            }
            self.solve_columns(colour, j, x);
        });
    }

    /// Calls `f` for every row of some list, on several threads if there is enough to do.
    pub(super) fn for_rows(&self, list: &mut [Real], f: impl Fn(usize, &mut [Real]) + Sync) {
        rows(list, self.ny, f);
    }
}

/// Calls `f` for each of `n` equal parts, on several threads if there is enough to do.
pub(super) fn rows(list: &mut [Real], n: usize, f: impl Fn(usize, &mut [Real]) + Sync) {
    let row = list.len() / n;
    if list.len() < SERIAL || n < 2 {
        for (j, part) in list.chunks_mut(row).enumerate() {
            f(j, part);
        }
    } else {
        let parts = list
            .par_chunks_mut(row)
            .with_min_len(SERIAL.div_ceil(4 * row));
        parts.enumerate().for_each(|(j, part)| f(j, part));
    }
}
