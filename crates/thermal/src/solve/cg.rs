//! Conjugate gradients.

use super::kernel::{add, dot, follow};
use super::{Convergence, System};
use crate::ThermalError;

/// Iterations after which there is no hope.
const LIMIT: usize = 1000;

/// Starts from the true residual, which the one that is carried along drifts away from.
const STARTS: usize = 4;

/// Solves with a symmetric preconditioner: `precondition(r, size, z)` sets `z` to about `A^-1 r`,
/// where `r` is of a given size.
///
/// # Errors
/// No convergence after [`LIMIT`] iterations, or a right-hand side that is no number.
///
/// # Source
/// Y. Saad, Iterative methods for sparse linear systems, 2nd edition, 2003, algorithm 9.1.
pub(super) fn solve(
    system: &System<'_>,
    x: &mut [f64],
    mut precondition: impl FnMut(&[f64], f64, &mut [f64]),
) -> Result<Convergence, ThermalError> {
    let Some(whole) = system.whole()? else {
        x.fill(0.0);
        return Ok(Convergence { iterations: 0 });
    };
    let n = x.len();
    let goal = system.tolerance * whole;
    let (mut r, mut image) = (vec![0.0; n], vec![0.0; n]);
    let (mut z, mut p) = (vec![0.0; n], vec![0.0; n]);
    let mut iterations = 0;
    let mut residual = system.residual(x, &mut r);
    for _ in 0..STARTS {
        let mut last = f64::INFINITY;
        while residual > goal && iterations < LIMIT {
            precondition(&r, residual, &mut z);
            let along = dot(&r, &z);
            follow(&mut p, along / last, &z);
            last = along;
            system.network.apply(system.diagonal, &p, &mut image);
            let alpha = along / dot(&p, &image);
            add(x, alpha, &p);
            add(&mut r, -alpha, &image);
            residual = dot(&r, &r).sqrt();
            iterations += 1;
        }
        residual = system.residual(x, &mut r);
        if residual <= goal || iterations > 0 && residual <= system.rounding(x) {
            return Ok(Convergence { iterations });
        }
        p.fill(0.0);
    }
    Err(system.no_convergence(iterations, residual / whole))
}
