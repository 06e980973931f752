//! Conjugate gradients.

use super::Convergence;
use super::kernel::{add, dot, follow, norm};
use crate::ThermalError;
use crate::network::Network;

/// Iterations after which there is no hope.
const LIMIT: usize = 1000;

/// Solves `A x = b` with a symmetric preconditioner: `precondition(r, size, z)` sets `z` to about
/// `A^-1 r`, where `r` is of a given size.
///
/// # Errors
/// No convergence after [`LIMIT`] iterations, or a matrix that is not positive definite.
pub(super) fn solve(
    network: &Network,
    diagonal: &[f64],
    b: &[f64],
    x: &mut [f64],
    tolerance: f64,
    mut precondition: impl FnMut(&[f64], f64, &mut [f64]),
) -> Result<Convergence, ThermalError> {
    let n = b.len();
    let whole = norm(b);
    if whole == 0.0 {
        x.fill(0.0);
        return Ok(Convergence { iterations: 0 });
    }
    let mut r = b.to_vec();
    let mut image = vec![0.0; n];
    if x.iter().any(|x| *x != 0.0) {
        network.apply(diagonal, x, &mut image);
        add(&mut r, -1.0, &image);
    }
    let (mut z, mut p) = (vec![0.0; n], vec![0.0; n]);
    let mut last = 1.0;
    let mut residual = norm(&r);
    for iterations in 0..LIMIT {
        if residual <= tolerance * whole {
            return Ok(Convergence { iterations });
        }
        precondition(&r, residual, &mut z);
        let along = dot(&r, &z);
        let beta = if iterations == 0 { 0.0 } else { along / last };
        last = along;
        follow(&mut p, beta, &z);
        network.apply(diagonal, &p, &mut image);
        let curvature = dot(&p, &image);
        let alpha = along / curvature;
        add(x, alpha, &p);
        add(&mut r, -alpha, &image);
        residual = norm(&r);
    }
    Err(ThermalError::NoConvergence {
        iterations: LIMIT,
        residual: residual / whole,
        tolerance,
    })
}
