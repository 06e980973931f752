//! A V-cycle on columns of cells: the preconditioner of packages that are not uniform.
//!
//! Sheets are thin, so heat passes most easily from sheet to sheet: columns are solved exactly, in
//! two colours, and only the plane is coarsened. Coarse conductances are fine ones in series along
//! the link and in parallel beside it; values are interpolated by the resistances on the way, so
//! that a seam between mold and silicon is no obstacle. Down the hierarchy colour 0 goes first, on
//! the way up last, which makes the cycle symmetric and positive definite, as conjugate gradients
//! need it.
//!
//! After the first half-sweeps the residual is zero on colour 1 and equal to the inflow from it on
//! colour 0, and the correction is needed on colour 0 only: colour 1 is solved again at once.
//!
//! # Source
//! P. Wesseling, An introduction to multigrid methods, 1992, chapters 5 and 8 (cell-centred
//! coarsening and interface problems); the elimination without subtractions is that of Grassmann,
//! Taksar and Heyman, Operations Research 33 (1985) 1107.

mod coarse;
mod level;

use self::coarse::{Groups, Plain};
use self::level::{Colours, Level, rows};
use crate::ThermalError;
use crate::network::Network;

/// Numbers of the hierarchy. The preconditioner only steers the iteration, whose residuals are in
/// double precision: single precision halves its memory and its time, and takes not one iteration
/// more.
type Real = f32;

#[expect(
    clippy::cast_possible_truncation,
    reason = "rounding to single precision is meant; the numbers are scaled to be in its range"
)]
fn single(x: f64) -> Real {
    x as Real
}

/// From one level to the next coarser one and back.
#[derive(Debug)]
struct Transfer {
    across: Groups,
    /// Group of each cell across, and the neighbouring group on its side.
    main_x: Vec<u32>,
    side_x: Vec<u32>,
    /// Weight of the neighbouring group, for the cells of colour 0.
    weight_x: Vec<Real>,
    main_y: Vec<u32>,
    side_y: Vec<u32>,
    /// Weight of the neighbouring group for each row of groups across, at `(j nz + k) mx + group`.
    weight_y: Vec<Real>,
    up: Groups,
}

/// The hierarchy, finest level first.
#[derive(Debug)]
pub(super) struct Multigrid {
    levels: Vec<Level>,
    transfers: Vec<Transfer>,
}

/// What a cycle works on at one level.
#[derive(Debug)]
struct Work {
    b: Colours,
    x: Colours,
    /// Residuals merged across but not up.
    middle: Vec<Real>,
}

/// What a cycle works on: one for each solve that is under way.
#[derive(Debug)]
pub(super) struct Workspace {
    levels: Vec<Work>,
}

impl Multigrid {
    /// # Errors
    /// A network whose temperature nothing holds.
    pub(super) fn new(network: &Network, rate_per_s: f64) -> Result<Self, ThermalError> {
        let mut plain = Plain::of(network, rate_per_s);
        let (mut levels, mut transfers) = (vec![Level::new(&plain)?], Vec::new());
        while let Some([across, up]) = coarse::groups(&plain) {
            let fine = &levels[levels.len() - 1];
            let (half_way, weight_x) = plain.merge_across(&across);
            let (next, weight_y) = half_way.merge_up(&up);
            transfers.push(Transfer::new(fine, across, &weight_x, up, &weight_y));
            plain = next;
            levels.push(Level::new(&plain)?);
        }
        Ok(Self { levels, transfers })
    }

    pub(super) fn workspace(&self) -> Workspace {
        let works = self.levels.iter().enumerate().map(|(idx, level)| {
            let zeros = || vec![0.0; level.ny * level.row()];
            let groups = self.transfers.get(idx).map_or(0, |to| to.across.len());
            Work {
                b: [zeros(), zeros()],
                x: [zeros(), zeros()],
                middle: vec![0.0; level.ny * level.nz * groups],
            }
        });
        Workspace {
            levels: works.collect(),
        }
    }

    /// `z = M r`: one cycle. `size` is the norm of `r`, by which it is scaled on the way, so that no
    /// number leaves the range of single precision.
    pub(super) fn apply(&self, r: &[f64], size: f64, z: &mut [f64], workspace: &mut Workspace) {
        let level = &self.levels[0];
        let (nx, ny, half) = (level.nx, level.ny, level.half);
        let shrink = 1.0 / size;
        for (colour, b) in workspace.levels[0].b.iter_mut().enumerate() {
            level.for_rows(b, |j, b| {
                let odd = (j + colour) & 1;
                for (k, b) in b.chunks_mut(half).enumerate() {
                    let row = &r[(k * ny + j) * nx..][..nx];
                    for (b, pair) in b.iter_mut().zip(row.chunks(2)) {
                        *b = pair.get(odd).map_or(0.0, |r| single(r * shrink));
                    }
                }
            });
        }
        self.cycle(0, &mut workspace.levels);
        let x = &workspace.levels[0].x;
        super::kernel::for_rows(z, nx, |row, z| {
            let (j, k) = (row % ny, row / ny);
            let at = (j * level.nz + k) * half;
            let (even, odd) = (&x[j & 1][at..], &x[1 - (j & 1)][at..]);
            for ((z, even), odd) in z.chunks_mut(2).zip(even).zip(odd) {
                z[0] = size * f64::from(*even);
                if let Some(z) = z.get_mut(1) {
                    *z = size * f64::from(*odd);
                }
            }
        });
    }

    fn cycle(&self, at: usize, works: &mut [Work]) {
        let level = &self.levels[at];
        let Some((work, coarser)) = works.split_first_mut() else {
            return;
        };
        let [x0, x1] = &mut work.x;
        level.relax(0, &work.b[0], None, x0);
        level.relax(1, &work.b[1], Some(x0), x1);
        let Some(transfer) = self.transfers.get(at) else {
            return;
        };
        transfer.restrict(level, x1, &mut work.middle);
        let next = &self.levels[at + 1];
        for (colour, b) in coarser[0].b.iter_mut().enumerate() {
            transfer.gather(next, colour, &work.middle, b);
        }
        self.cycle(at + 1, coarser);
        transfer.prolong(level, next, &coarser[0].x, x0);
        level.relax(1, &work.b[1], Some(x0), x1);
        level.relax(0, &work.b[0], Some(x1), x0);
    }
}

impl Transfer {
    fn new(fine: &Level, across: Groups, weight_x: &[f64], up: Groups, weight_y: &[f64]) -> Self {
        let (nx, ny, nz, half) = (fine.nx, fine.ny, fine.nz, fine.half);
        let mx = across.len();
        let (main_x, side_x) = across.main_and_side();
        let (main_y, side_y) = up.main_and_side();
        let mut of_colour = vec![0.0; ny * nz * half];
        let mut of_rows = vec![0.0; ny * nz * mx];
        for j in 0..ny {
            for k in 0..nz {
                let row = &weight_x[(k * ny + j) * nx..][..nx];
                let to = &mut of_colour[(j * nz + k) * half..][..half];
                for (to, weight) in to.iter_mut().zip(row.iter().skip(j & 1).step_by(2)) {
                    *to = single(*weight);
                }
                let row = &weight_y[(k * ny + j) * mx..][..mx];
                for (to, weight) in of_rows[(j * nz + k) * mx..].iter_mut().zip(row) {
                    *to = single(*weight);
                }
            }
        }
        Self {
            across,
            main_x,
            side_x,
            weight_x: of_colour,
            main_y,
            side_y,
            weight_y: of_rows,
            up,
        }
    }

    /// Residuals of colour 0, which are the inflow from colour 1, merged across.
    fn restrict(&self, level: &Level, x1: &[Real], middle: &mut [Real]) {
        let (row, half, mx) = (level.row(), level.half, self.across.len());
        rows(middle, level.ny, |j, middle| {
            let mut residual = vec![0.0; row];
            level.add_inflow(0, j, x1, &mut residual);
            middle.fill(0.0);
            let odd = j & 1;
            let (main, side) = (
                &self.main_x[odd.min(level.nx)..],
                &self.side_x[odd.min(level.nx)..],
            );
            for (k, to) in middle.chunks_mut(mx).enumerate() {
                let from = &residual[k * half..(k + 1) * half];
                let weights = &self.weight_x[j * row + k * half..][..half];
                let groups = main.iter().step_by(2).zip(side.iter().step_by(2));
                for ((r, weight), (main, side)) in from.iter().zip(weights).zip(groups) {
                    let moved = weight * r;
                    to[*main as usize] += r - moved;
                    to[*side as usize] += moved;
                }
            }
        });
    }

    /// The right-hand side of one colour of the coarser level.
    fn gather(&self, next: &Level, colour: usize, middle: &[Real], b: &mut [Real]) {
        let (nz, mx, half) = (next.nz, self.across.len(), next.half);
        let row = nz * mx;
        next.for_rows(b, |group, b| {
            b.fill(0.0);
            // Own rows, and the nearest rows of the neighbouring groups.
            let (start, end) = (self.up.starts[group], self.up.starts[group + 1]);
            let odd = (group + colour) & 1;
            let first = start.saturating_sub(1);
            let last = (end + 1).min(self.main_y.len());
            for j in first..last {
                let is_own = self.main_y[j] as usize == group;
                let is_side = self.side_y[j] as usize == group;
                if !is_own && !is_side {
                    continue;
                }
                let from = &middle[j * row..(j + 1) * row];
                let weights = &self.weight_y[j * row..(j + 1) * row];
                for (k, b) in b.chunks_mut(half).enumerate() {
                    let at = k * mx..(k + 1) * mx;
                    let pairs = from[at.clone()].chunks(2).zip(weights[at].chunks(2));
                    for (b, (r, weight)) in b.iter_mut().zip(pairs) {
                        let Some((r, weight)) = r.get(odd).zip(weight.get(odd)) else {
                            continue;
                        };
                        let moved = weight * r;
                        if is_own {
                            *b += r - moved;
                        }
                        if is_side {
                            *b += moved;
                        }
                    }
                }
            }
        });
    }

    /// Adds the correction to colour 0.
    fn prolong(&self, level: &Level, next: &Level, coarse: &Colours, x0: &mut [Real]) {
        let (nz, half, mx) = (level.nz, level.half, self.across.len());
        level.for_rows(x0, |j, x| {
            let (main, side) = (self.main_y[j] as usize, self.side_y[j] as usize);
            let mut line = vec![0.0; 2 * next.half];
            let odd = j & 1;
            for k in 0..nz {
                let of = |group: usize, parity: usize| {
                    let at = (group * nz + k) * next.half;
                    &coarse[(group + parity) & 1][at..at + next.half]
                };
                let weights = &self.weight_y[(j * nz + k) * mx..][..mx];
                let pairs = line.chunks_mut(2).zip(weights.chunks(2));
                let near = of(main, 0).iter().zip(of(main, 1));
                let far = of(side, 0).iter().zip(of(side, 1));
                for (((line, weight), near), far) in pairs.zip(near).zip(far) {
                    line[0] = near.0 + weight[0] * (far.0 - near.0);
                    if let Some(weight) = weight.get(1) {
                        line[1] = near.1 + weight * (far.1 - near.1);
                    }
                }
                let groups = self.main_x[odd.min(level.nx)..].iter().step_by(2);
                let groups = groups.zip(self.side_x[odd.min(level.nx)..].iter().step_by(2));
                let weights = &self.weight_x[j * level.row() + k * half..][..half];
                let to = &mut x[k * half..(k + 1) * half];
                for ((x, weight), (main, side)) in to.iter_mut().zip(weights).zip(groups) {
                    let (near, far) = (line[*main as usize], line[*side as usize]);
                    *x += near + weight * (far - near);
                }
            }
        });
    }
}
