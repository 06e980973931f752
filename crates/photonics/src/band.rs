//! Banded LU factorisation with partial pivoting.

use crate::error::DeviceError;

/// A square matrix whose non-zeros lie within `half_width` of the diagonal, row-major with
/// `3 half_width + 1` slots per row: column `j` of row `i` sits in slot `j - i + half_width`. The
/// last `half_width` slots are for the fill of row exchanges.
#[derive(Debug, Clone)]
pub(crate) struct Band {
    n: usize,
    half_width: usize,
    stride: usize,
    rows: Vec<f64>,
}

impl Band {
    pub(crate) fn new(n: usize, half_width: usize) -> Self {
        let stride = 3 * half_width + 1;
        Self {
            n,
            half_width,
            stride,
            rows: vec![0.0; n * stride],
        }
    }

    pub(crate) fn add(&mut self, row: usize, column: usize, value: f64) {
        let slot = column + self.half_width - row;
        self.rows[row * self.stride + slot] += value;
    }

    /// Factors in place.
    pub(crate) fn factor(mut self) -> Result<BandLu, DeviceError> {
        let (n, w, stride) = (self.n, self.half_width, self.stride);
        let mut pivots = vec![0; n];
        // Multipliers of column k, kept apart so that later exchanges need not move them.
        let mut multipliers = vec![0.0; n * w];
        for k in 0..n {
            let last = (k + w).min(n - 1);
            let at = |i: usize| i * stride + (k + w - i);
            let mut pivot = k;
            for i in k + 1..=last {
                if self.rows[at(i)].abs() > self.rows[at(pivot)].abs() {
                    pivot = i;
                }
            }
            if self.rows[at(pivot)] == 0.0 {
                return Err(DeviceError::Singular { pivot: k });
            }
            pivots[k] = pivot;
            // Columns k ..= k + 2 w may be non-zero in the pivot row.
            let width = (2 * w + 1).min(n - k);
            if pivot != k {
                let (head, tail) = self.rows.split_at_mut(at(pivot));
                head[at(k)..at(k) + width].swap_with_slice(&mut tail[..width]);
            }
            let (head, tail) = self.rows.split_at_mut((k + 1) * stride);
            let pivot_row = &head[at(k)..at(k) + width];
            for i in k + 1..=last {
                let start = at(i) - (k + 1) * stride;
                let row = &mut tail[start..start + width];
                let factor = row[0] / pivot_row[0];
                multipliers[k * w + (i - k - 1)] = factor;
                if factor != 0.0 {
                    for (x, p) in row.iter_mut().zip(pivot_row) {
                        *x -= factor * p;
                    }
                }
            }
        }
        Ok(BandLu {
            matrix: self,
            multipliers,
            pivots,
        })
    }
}

/// A factored [`Band`].
#[derive(Debug, Clone)]
pub(crate) struct BandLu {
    matrix: Band,
    multipliers: Vec<f64>,
    pivots: Vec<usize>,
}

impl BandLu {
    /// Replaces `b` by the solution.
    pub(crate) fn solve(&self, b: &mut [f64]) {
        let Band {
            n,
            half_width: w,
            stride,
            ref rows,
        } = self.matrix;
        for k in 0..n {
            b.swap(k, self.pivots[k]);
            let last = (k + w).min(n - 1);
            let head = b[k];
            let factors = &self.multipliers[k * w..];
            for (x, factor) in b[k + 1..=last].iter_mut().zip(factors) {
                *x -= factor * head;
            }
        }
        for k in (0..n).rev() {
            let width = (2 * w + 1).min(n - k);
            let row = &rows[k * stride + w..k * stride + w + width];
            let known: f64 = row[1..].iter().zip(&b[k + 1..]).map(|(u, x)| u * x).sum();
            b[k] = (b[k] - known) / row[0];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_a_matrix_that_needs_pivoting() {
        // Zero diagonal: without row exchanges the first pivot vanishes.
        let (n, w) = (50, 3);
        let value = |i: usize, j: usize| {
            if i == j {
                0.0
            } else {
                ((i * 7 + j * 13) % 11) as f64 - 5.3
            }
        };
        let mut band = Band::new(n, w);
        let x: Vec<f64> = (0..n).map(|i| (i as f64 * 0.37).sin() + 0.1).collect();
        let mut b = vec![0.0; n];
        for (i, sum) in b.iter_mut().enumerate() {
            for (j, x) in x.iter().enumerate() {
                if i.abs_diff(j) <= w {
                    band.add(i, j, value(i, j));
                    *sum += value(i, j) * x;
                }
            }
        }
        band.factor().unwrap().solve(&mut b);
        for (solved, expected) in b.iter().zip(&x) {
            // A few hundred roundings and the conditioning of a random matrix.
            assert!((solved - expected).abs() < 1e-10);
        }
    }

    #[test]
    fn a_zero_column_is_singular() {
        let mut band = Band::new(3, 1);
        band.add(0, 0, 1.0);
        band.add(2, 2, 1.0);
        assert!(matches!(
            band.factor(),
            Err(DeviceError::Singular { pivot: 1 })
        ));
    }
}
