//! What is outside of a package, from the heat that comes out.

use units::{KelvinDifference, KelvinPerWatt};

use super::ReducedData;
use crate::ThermalError;
use crate::error::StackProblem;

/// Pivots below this share of the greatest are none: a package that nothing cools.
const SINGULAR: f64 = 1e-9;

/// What is outside of one way out, as against what the stack states.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Beyond {
    /// So much warmer, whatever comes out.
    Held(KelvinDifference),
    /// Warmed by the mean heat of the step that comes out, `u = from + r q`: a fluid with the heat
    /// that it carries, or a film that passes less than that of the stack. A film that passes more
    /// has a negative `r`, which has to stay above that of the way out itself, `-1 / G`.
    Warmed {
        /// How much warmer it would be without heat.
        from: KelvinDifference,
        /// Rise for each watt.
        resistance: KelvinPerWatt,
    },
    /// Nothing passes: what is outside follows what is inside.
    Closed,
}

/// What is outside of every way out, from its law and the mean heat of the step: `q = a + K u` with
/// `u = from + r q`.
pub(super) fn beyond_heat(
    data: &ReducedData,
    outward: &[f64],
    beyond: &[Beyond],
    alone: &[f64],
    matrix: &mut [f64],
    outside: &mut [f64],
) -> Result<(), ThermalError> {
    let k = beyond.len();
    for (at, beyond) in beyond.iter().enumerate() {
        let g = data.outside_w_per_k[at];
        // `own u - by q = own from`, scaled so that neither a resistance of zero nor one without end
        // divides by zero.
        let (own, by, from) = match *beyond {
            Beyond::Held(warmer) => (1.0, 0.0, warmer.value()),
            Beyond::Warmed { from, resistance } => {
                let r = resistance.value();
                let scale = 1.0 / (1.0 + r.abs() * g);
                (scale, scale * r, from.value())
            }
            // A face that passes nothing as the stack states it has nothing outside.
            Beyond::Closed if g == 0.0 => (1.0, 0.0, 0.0),
            Beyond::Closed => (0.0, 1.0 / g, 0.0),
        };
        let row = &mut matrix[at * k..(at + 1) * k];
        for (to, outward) in row.iter_mut().zip(&outward[at * k..]) {
            *to = -by * outward;
        }
        row[at] += own;
        outside[at] = own * from + by * alone[at];
    }
    if eliminate(matrix, outside) {
        return Ok(());
    }
    let problems = vec![StackProblem::Floating];
    Err(ThermalError::Stack { problems })
}

/// Solves a small system in place, with the greatest pivot of each column; false where one vanishes.
fn eliminate(a: &mut [f64], b: &mut [f64]) -> bool {
    let n = b.len();
    let greatest = a.iter().fold(0.0, |max: f64, x| max.max(x.abs()));
    for k in 0..n {
        let size = |i: &usize| a[i * n + k].abs();
        let pivot = (k..n)
            .max_by(|i, j| size(i).total_cmp(&size(j)))
            .unwrap_or(k);
        if size(&pivot) <= SINGULAR * greatest {
            return false;
        }
        for column in 0..n {
            a.swap(k * n + column, pivot * n + column);
        }
        b.swap(k, pivot);
        for i in k + 1..n {
            let by = a[i * n + k] / a[k * n + k];
            for column in k..n {
                a[i * n + column] -= by * a[k * n + column];
            }
            b[i] -= by * b[k];
        }
    }
    for k in (0..n).rev() {
        let known: f64 = (k + 1..n).map(|j| a[k * n + j] * b[j]).sum();
        b[k] = (b[k] - known) / a[k * n + k];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_systems_are_solved_and_singular_ones_refused() {
        let (mut a, mut b) = (vec![0.0, 2.0, 3.0, 4.0], vec![4.0, 11.0]);
        assert!(eliminate(&mut a, &mut b));
        assert!(
            (b[0] - 1.0).abs() < 1e-15 && (b[1] - 2.0).abs() < 1e-15,
            "{b:?}"
        );
        assert!(!eliminate(&mut [1.0, 2.0, 2.0, 4.0], &mut [1.0, 1.0]));
    }
}
