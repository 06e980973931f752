//! Small dense systems: one step of Newton's method, and the gain of a loop.

/// Some parts that heat each other: `matrix[i, j]` is the rise of part `i` for a kelvin of part
/// `j`, the product of a resistance and of the change of heat with temperature.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Loop {
    /// Positions among all parts.
    pub(super) parts: Vec<usize>,
    /// Row-major.
    pub(super) matrix: Vec<f64>,
}

/// Steps of the power iteration.
const MAX_POWER_STEPS: usize = 500;

/// Relative change of the eigenvalue that ends the power iteration.
const SETTLED: f64 = 1e-9;

impl Loop {
    /// The greatest eigenvalue.
    ///
    /// A response is symmetric and positive definite, so its product with a diagonal matrix has
    /// real eigenvalues; a shift by the norm makes the greatest of them the largest, which the
    /// power iteration finds (G. H. Golub and C. F. Van Loan, Matrix Computations, 4th edition,
    /// section 7.3).
    pub(super) fn gain(&self) -> f64 {
        let n = self.parts.len();
        if n == 0 {
            return 0.0;
        }
        let row_sum = |row: &[f64]| row.iter().map(|x| x.abs()).sum::<f64>();
        let shift = self.matrix.chunks_exact(n).map(row_sum).fold(0.0, f64::max);
        if shift == 0.0 {
            return 0.0;
        }
        // Unequal entries, so that no symmetry of the parts hides an eigenvector.
        let mut x: Vec<f64> = (0..n).map(|i| 1.0 + 0.01 * (i as f64).sin()).collect();
        let mut eigenvalue = 0.0;
        for _ in 0..MAX_POWER_STEPS {
            let y: Vec<f64> = self
                .matrix
                .chunks_exact(n)
                .zip(&x)
                .map(|(row, own)| shift * own + row.iter().zip(&x).map(|(a, x)| a * x).sum::<f64>())
                .collect();
            let norm = y.iter().fold(0.0, |max: f64, y| max.max(y.abs()));
            x = y.iter().map(|y| y / norm).collect();
            let settled = (norm - eigenvalue).abs() <= SETTLED * norm;
            eigenvalue = norm;
            if settled {
                break;
            }
        }
        eigenvalue - shift
    }

    /// The part whose own heat comes back to it most.
    pub(super) fn strongest(&self) -> usize {
        let n = self.parts.len();
        let own = |i: &usize| self.matrix[i * n + i];
        let strongest = (0..n).max_by(|a, b| own(a).total_cmp(&own(b)));
        strongest.map_or(0, |i| self.parts[i])
    }

    /// Solves `(1 - matrix) step = difference` for the parts of the loop, by elimination with
    /// pivots; a part whose row vanishes does not move.
    pub(super) fn step(&self, difference: &[f64], step: &mut [f64]) {
        let n = self.parts.len();
        let mut a: Vec<f64> = self.matrix.iter().map(|x| -x).collect();
        for i in 0..n {
            a[i * n + i] += 1.0;
        }
        let mut b: Vec<f64> = self.parts.iter().map(|part| difference[*part]).collect();
        for k in 0..n {
            let pivot = (k..n)
                .max_by(|i, j| a[i * n + k].abs().total_cmp(&a[j * n + k].abs()))
                .unwrap_or(k);
            if a[pivot * n + k] == 0.0 {
                continue;
            }
            for column in 0..n {
                a.swap(k * n + column, pivot * n + column);
            }
            b.swap(k, pivot);
            for i in k + 1..n {
                let factor = a[i * n + k] / a[k * n + k];
                if factor != 0.0 {
                    for column in k..n {
                        a[i * n + column] -= factor * a[k * n + column];
                    }
                    b[i] -= factor * b[k];
                }
            }
        }
        for k in (0..n).rev() {
            let known: f64 = (k + 1..n).map(|j| a[k * n + j] * b[j]).sum();
            let pivot = a[k * n + k];
            b[k] = if pivot == 0.0 {
                0.0
            } else {
                (b[k] - known) / pivot
            };
        }
        for (part, b) in self.parts.iter().zip(&b) {
            step[*part] = *b;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gain_of_two_parts_is_the_greatest_root() {
        // Eigenvalues of [[0.2, 0.1], [0.1, -0.4]] are -0.1 +- sqrt(0.09 + 0.01).
        let of = Loop {
            parts: vec![0, 1],
            matrix: vec![0.2, 0.1, 0.1, -0.4],
        };
        let exact = -0.1 + 0.1_f64.sqrt();
        assert!((of.gain() - exact).abs() < 1e-6, "{}", of.gain());
    }

    #[test]
    fn a_loop_that_only_cools_has_a_negative_gain() {
        let of = Loop {
            parts: vec![3],
            matrix: vec![-0.25],
        };
        assert!((of.gain() + 0.25).abs() < 1e-12);
    }

    #[test]
    fn a_step_solves_its_equation() {
        let of = Loop {
            parts: vec![2, 0],
            matrix: vec![0.5, 0.25, 0.125, 0.0],
        };
        let mut step = [0.0; 3];
        of.step(&[1.0, 9.0, 2.0], &mut step);
        // (1 - M) x = d for x = (x_2, x_0), d = (2, 1).
        let (x2, x0) = (step[2], step[0]);
        assert!((0.5 * x2 - 0.25 * x0 - 2.0).abs() < 1e-12);
        assert!((-0.125 * x2 + x0 - 1.0).abs() < 1e-12);
        assert!(step[1].abs() < 1e-300);
    }
}
