//! The staggered grid of the mode solver: cells, the discrete operator, its nearest eigenvector
//! and the sums over the field. The equations stand in [`crate::mode`].

use crate::band::Band;
use crate::error::{DeviceError, check};
use crate::mode::{CrossSection, Resolution};

/// Inverse iteration stops when the effective index changes by less than this relative amount:
/// well below any discretisation error, well above rounding.
const TOLERANCE: f64 = 1e-12;
/// A shift from the effective-index method converges in about ten steps.
const MAX_ITERATIONS: usize = 200;
/// Beyond this many unknowns the band matrix takes more than about half a gigabyte.
const MAX_UNKNOWNS: f64 = 60_000.0;

/// Grid lines with the material of every cell.
pub(crate) struct Grid {
    /// Cell widths along x from the middle outwards, and along y from the bottom up, m.
    dx: Vec<f64>,
    dy: Vec<f64>,
    /// Material of cell `(i, j)` at `i * dy.len() + j`.
    cells: Vec<usize>,
    /// Centre of the core along y and its half dimensions, for the first guess of the field, m.
    centre: f64,
    half: (f64, f64),
}

pub(crate) struct FieldSums {
    pub(crate) sensitivities: [f64; 3],
    pub(crate) te_fraction: f64,
}

impl Grid {
    pub(crate) fn new(
        section: &CrossSection,
        resolution: &Resolution,
    ) -> Result<Self, DeviceError> {
        let (half_width, height) = (0.5 * section.width.value(), section.height.value());
        let slab = section.slab_height.value();
        let hx = half_width / resolution.half_width_cells as f64;
        let hy = height / resolution.height_cells as f64;
        let mut dx = vec![hx; resolution.half_width_cells];
        dx.extend(graded(
            hx,
            resolution.growth,
            resolution.side_padding.value(),
        ));
        let below = graded(hy, resolution.growth, resolution.vertical_padding.value());
        let mut dy: Vec<f64> = below.iter().rev().copied().collect();
        for part in [slab, height - slab] {
            if part > 0.0 {
                let parts = split(part, hy);
                dy.extend(parts);
            }
        }
        dy.extend(&below);
        let unknowns = 2.0 * dx.len() as f64 * dy.len() as f64;
        check("number of unknowns", unknowns, (1.0, MAX_UNKNOWNS), "")?;
        let mut cells = Vec::with_capacity(dx.len() * dy.len());
        for i in 0..dx.len() {
            let top = if i < resolution.half_width_cells {
                height
            } else {
                slab
            };
            let mut y = -below.iter().sum::<f64>();
            for h in &dy {
                let middle = y + 0.5 * h;
                y += h;
                cells.push(if middle < 0.0 {
                    0
                } else if middle < top {
                    1
                } else {
                    2
                });
            }
        }
        Ok(Self {
            centre: below.iter().sum::<f64>() + 0.5 * height,
            half: (half_width, 0.5 * height),
            dx,
            dy,
            cells,
        })
    }

    /// Width of the dual cell round line `i`, where `i` runs from 0 to the number of cells. The
    /// mirror at line 0 leaves half a cell there.
    fn dual(h: &[f64], i: usize) -> f64 {
        let left = if i == 0 { 0.0 } else { h[i - 1] };
        0.5 * (left + h.get(i).copied().unwrap_or(0.0))
    }

    /// Shares of the three materials in the four (or two) quarter cells that touch a point.
    /// `i2` and `j2` count half cells, so that even numbers are lines and odd ones cell centres.
    fn shares(&self, i2: usize, j2: usize) -> [f64; 3] {
        let span = |p: usize, h: &[f64]| {
            let right = p / 2;
            if p % 2 == 1 {
                [(right, 1.0), (right, 0.0)]
            } else {
                let inside = right.min(h.len() - 1);
                let left = right.saturating_sub(1);
                let wl = if right == 0 { 0.0 } else { h[left] };
                let wr = if right == h.len() { 0.0 } else { h[right] };
                [(left, wl / (wl + wr)), (inside, wr / (wl + wr))]
            }
        };
        let mut shares = [0.0; 3];
        for (i, wx) in span(i2, &self.dx) {
            for (j, wy) in span(j2, &self.dy) {
                shares[self.cells[i * self.dy.len() + j]] += wx * wy;
            }
        }
        shares
    }

    fn permittivity(&self, indices: &[f64; 3], i2: usize, j2: usize) -> f64 {
        self.shares(i2, j2)
            .iter()
            .zip(indices)
            .map(|(share, n)| share * n * n)
            .sum()
    }

    /// Index of the horizontal field in cell column `i` on line `j`, inside the walls.
    ///
    /// Unknowns are ordered column by column, horizontal and vertical field interleaved.
    fn ex(&self, i: usize, j: usize) -> Option<usize> {
        (i < self.dx.len() && (1..self.dy.len()).contains(&j)).then(|| 2 * (i * self.dy.len() + j))
    }

    /// Index of the vertical field on line `i` in cell row `j`. It vanishes on the mirror.
    fn ey(&self, i: usize, j: usize) -> Option<usize> {
        ((1..self.dx.len()).contains(&i) && j < self.dy.len())
            .then(|| 2 * (i * self.dy.len() + j) + 1)
    }

    /// Terms of `(1 / eps_z) div(eps E)` at the crossing of lines `(i, j)`; none on the walls.
    fn divergence(&self, eps: &[f64; 3], i: usize, j: usize) -> Vec<(usize, f64)> {
        if i == 0 || j == 0 || i == self.dx.len() || j == self.dy.len() {
            return Vec::new();
        }
        let inverse = 1.0 / self.permittivity(eps, 2 * i, 2 * j);
        let (wx, wy) = (Self::dual(&self.dx, i), Self::dual(&self.dy, j));
        let mut terms = Vec::with_capacity(4);
        let mut push = |unknown: Option<usize>, i2, j2, scale: f64| {
            if let Some(unknown) = unknown {
                terms.push((unknown, scale * inverse * self.permittivity(eps, i2, j2)));
            }
        };
        push(self.ex(i, j), 2 * i + 1, 2 * j, 1.0 / wx);
        push(self.ex(i - 1, j), 2 * i - 1, 2 * j, -1.0 / wx);
        push(self.ey(i, j), 2 * i, 2 * j + 1, 1.0 / wy);
        push(self.ey(i, j - 1), 2 * i, 2 * j - 1, -1.0 / wy);
        terms
    }

    /// Terms of `dEy/dx - dEx/dy` in the middle of cell `(i, j)`.
    fn curl(&self, i: usize, j: usize) -> Vec<(usize, f64)> {
        let (hx, hy) = (self.dx[i], self.dy[j]);
        [
            (self.ey(i + 1, j), 1.0 / hx),
            (self.ey(i, j), -1.0 / hx),
            (self.ex(i, j + 1), -1.0 / hy),
            (self.ex(i, j), 1.0 / hy),
        ]
        .into_iter()
        .filter_map(|(unknown, scale)| Some((unknown?, scale)))
        .collect()
    }

    /// The operator on the left of the module's equation, minus `shift`.
    fn assemble(&self, indices: &[f64; 3], k: f64, shift: f64) -> Band {
        let (nx, ny) = (self.dx.len(), self.dy.len());
        let mut matrix = Band::new(2 * nx * ny, 2 * ny + 2);
        for i in 0..nx {
            for j in 0..ny {
                let row = 2 * (i * ny + j);
                if self.ex(i, j).is_some() {
                    let eps = self.permittivity(indices, 2 * i + 1, 2 * j);
                    matrix.add(row, row, k * k * eps - shift);
                    let (hx, wy) = (self.dx[i], Self::dual(&self.dy, j));
                    for (terms, scale) in [
                        (self.divergence(indices, i + 1, j), 1.0 / hx),
                        (self.divergence(indices, i, j), -1.0 / hx),
                        (self.curl(i, j), -1.0 / wy),
                        (self.curl(i, j - 1), 1.0 / wy),
                    ] {
                        for (column, value) in terms {
                            matrix.add(row, column, scale * value);
                        }
                    }
                } else {
                    matrix.add(row, row, 1.0);
                }
                if self.ey(i, j).is_some() {
                    let eps = self.permittivity(indices, 2 * i, 2 * j + 1);
                    matrix.add(row + 1, row + 1, k * k * eps - shift);
                    let (hy, wx) = (self.dy[j], Self::dual(&self.dx, i));
                    for (terms, scale) in [
                        (self.divergence(indices, i, j + 1), 1.0 / hy),
                        (self.divergence(indices, i, j), -1.0 / hy),
                        (self.curl(i, j), 1.0 / wx),
                        (self.curl(i - 1, j), -1.0 / wx),
                    ] {
                        for (column, value) in terms {
                            matrix.add(row + 1, column, scale * value);
                        }
                    }
                } else {
                    matrix.add(row + 1, row + 1, 1.0);
                }
            }
        }
        matrix
    }

    /// Effective index and transverse field of the mode nearest to the guess.
    pub(crate) fn fundamental(
        &self,
        indices: &[f64; 3],
        k: f64,
        guess: f64,
    ) -> Result<(f64, Vec<f64>), DeviceError> {
        // Scaled by k^2 the eigenvalue is the squared effective index.
        let shift = (k * guess).powi(2);
        let lu = self.assemble(indices, k, shift).factor()?;
        let mut field = self.first_field();
        let (mut n_eff, mut change) = (guess, f64::INFINITY);
        for _ in 0..MAX_ITERATIONS {
            let mut next = field.clone();
            lu.solve(&mut next);
            let (mut projection, mut norm) = (0.0, 0.0);
            for (a, b) in field.iter().zip(&next) {
                projection += a * b;
                norm += b * b;
            }
            // next = (A - shift)^-1 field, so field . next / next . next estimates the distance.
            let square = (shift + projection / norm) / (k * k);
            if square.is_nan() || square <= 0.0 {
                return Err(DeviceError::NoGuidedMode {
                    effective_index: 0.0,
                    cladding_index: indices[0].max(indices[2]),
                });
            }
            let updated = square.sqrt();
            change = (updated / n_eff - 1.0).abs();
            n_eff = updated;
            let scale = 1.0 / norm.sqrt();
            field = next.iter().map(|x| x * scale).collect();
            if change < TOLERANCE {
                return Ok((n_eff, field));
            }
        }
        Err(DeviceError::NotConverged {
            solver: "inverse iteration for a guided mode",
            iterations: MAX_ITERATIONS,
            residual: change,
            last: n_eff,
        })
    }

    /// A horizontal field that is even and concentrated in the core.
    fn first_field(&self) -> Vec<f64> {
        let mut field = vec![0.0; 2 * self.dx.len() * self.dy.len()];
        let mut x = 0.0;
        for (i, hx) in self.dx.iter().enumerate() {
            let mut y = 0.0;
            for (j, hy) in self.dy.iter().enumerate() {
                if let Some(unknown) = self.ex(i, j) {
                    let u = (x + 0.5 * hx) / self.half.0;
                    let v = (y - self.centre) / self.half.1;
                    field[unknown] = (-0.5 * (u * u + v * v)).exp();
                }
                y += hy;
            }
            x += hx;
        }
        field
    }

    /// Sensitivities to the three indices and the share of the horizontal field.
    pub(crate) fn field_sums(
        &self,
        indices: &[f64; 3],
        k: f64,
        n_eff: f64,
        field: &[f64],
    ) -> FieldSums {
        let (nx, ny) = (self.dx.len(), self.dy.len());
        let beta = k * n_eff;
        let value = |unknown: Option<usize>| unknown.map_or(0.0, |u| field[u]);
        // The longitudinal field is -j times this real number: j beta eps E_z = div(eps E_t).
        let mut ez = vec![0.0; (nx + 1) * (ny + 1)];
        for i in 0..=nx {
            for j in 0..=ny {
                let divergence: f64 = self
                    .divergence(indices, i, j)
                    .iter()
                    .map(|&(u, scale)| scale * field[u])
                    .sum();
                ez[i * (ny + 1) + j] = divergence / beta;
            }
        }
        let ez = |i: usize, j: usize| ez[i * (ny + 1) + j];
        let mut energy = [0.0; 3];
        let (mut flux, mut horizontal, mut transverse) = (0.0, 0.0, 0.0);
        let mut add = |i2: usize, j2: usize, square: f64| {
            for (sum, share) in energy.iter_mut().zip(self.shares(i2, j2)) {
                *sum += share * square;
            }
        };
        for i in 0..=nx {
            for j in 0..=ny {
                let (wx, wy) = (Self::dual(&self.dx, i), Self::dual(&self.dy, j));
                add(2 * i, 2 * j, ez(i, j).powi(2) * wx * wy);
                if i < nx {
                    let (e, area) = (value(self.ex(i, j)), self.dx[i] * wy);
                    add(2 * i + 1, 2 * j, e * e * area);
                    let slope = (ez(i + 1, j) - ez(i, j)) / self.dx[i];
                    flux += e * (beta * e - slope) * area;
                    horizontal += e * e * area;
                    transverse += e * e * area;
                }
                if j < ny {
                    let (e, area) = (value(self.ey(i, j)), wx * self.dy[j]);
                    add(2 * i, 2 * j + 1, e * e * area);
                    let slope = (ez(i, j + 1) - ez(i, j)) / self.dy[j];
                    flux += e * (beta * e - slope) * area;
                    transverse += e * e * area;
                }
            }
        }
        let mut sensitivities = [0.0; 3];
        for ((s, n), e) in sensitivities.iter_mut().zip(indices).zip(energy) {
            *s = k * n * e / flux;
        }
        FieldSums {
            sensitivities,
            te_fraction: horizontal / transverse,
        }
    }
}

/// Cells that grow by a constant ratio from `first` until they span at least `total`.
fn graded(first: f64, growth: f64, total: f64) -> Vec<f64> {
    let (mut cells, mut sum, mut h) = (Vec::new(), 0.0, first);
    while sum < total {
        h *= growth;
        sum += h;
        cells.push(h);
    }
    cells
}

/// Equal cells of about `target` that fill `length`.
fn split(length: f64, target: f64) -> Vec<f64> {
    let mut n = 1.0;
    while length / n > 1.2 * target {
        n += 1.0;
    }
    let mut cells = Vec::new();
    let mut count = 0.0;
    while count < n {
        cells.push(length / n);
        count += 1.0;
    }
    cells
}
