//! Stabilised bi-conjugate gradients, for networks with streams.

use super::kernel::{add, dot, follow, norm};
use super::{Convergence, System};
use crate::ThermalError;

/// Iterations after which there is no hope.
const LIMIT: usize = 1000;

/// A shadow residual that is orthogonal to the residual by more than this makes no progress, and
/// the iteration starts again from where it is.
const ORTHOGONAL: f64 = 1e-10;

/// Starts from the true residual, which the one that is carried along drifts away from.
const STARTS: usize = 8;

/// Solves with a preconditioner: `precondition(r, size, z)` sets `z` to about `A^-1 r`, where `r` is
/// of a given size.
///
/// # Errors
/// No convergence after [`LIMIT`] iterations, or a right-hand side that is no number.
///
/// # Source
/// H. A. van der Vorst, SIAM Journal on Scientific and Statistical Computing 13 (1992) 631, with the
/// preconditioner on the right, so that the residual is that of the equation itself.
pub(super) fn solve(
    system: &System<'_>,
    x: &mut [f64],
    mut precondition: impl FnMut(&[f64], f64, &mut [f64]),
) -> Result<Convergence, ThermalError> {
    let Some(whole) = system.whole()? else {
        x.fill(0.0);
        return Ok(Convergence { iterations: 0 });
    };
    let goal = system.tolerance * whole;
    let zeros = || vec![0.0; x.len()];
    let (mut r, mut shadow, mut p, mut hat) = (zeros(), zeros(), zeros(), zeros());
    let (mut image, mut image_hat) = (zeros(), zeros());
    let mut iterations = 0;
    let mut residual = system.residual(x, &mut r);
    for _ in 0..STARTS {
        let (mut last, mut alpha, mut omega) = (1.0, 1.0, 0.0);
        while residual > goal && iterations < LIMIT {
            let mut along = dot(&shadow, &r);
            let is_stuck = along.abs() <= ORTHOGONAL * residual * norm(&shadow);
            if omega == 0.0 || is_stuck {
                shadow.copy_from_slice(&r);
                p.copy_from_slice(&r);
                along = residual * residual;
            } else {
                add(&mut p, -omega, &image);
                follow(&mut p, along / last * (alpha / omega), &r);
            }
            last = along;
            precondition(&p, norm(&p), &mut hat);
            system.network.apply(system.diagonal, &hat, &mut image);
            alpha = along / dot(&shadow, &image);
            add(&mut r, -alpha, &image);
            add(x, alpha, &hat);
            residual = norm(&r);
            iterations += 1;
            if residual <= goal || !residual.is_finite() {
                break;
            }
            precondition(&r, residual, &mut hat);
            system.network.apply(system.diagonal, &hat, &mut image_hat);
            omega = dot(&image_hat, &r) / dot(&image_hat, &image_hat);
            add(x, omega, &hat);
            add(&mut r, -omega, &image_hat);
            residual = norm(&r);
        }
        residual = system.residual(x, &mut r);
        if residual <= goal || iterations > 0 && residual <= system.rounding(x) {
            return Ok(Convergence { iterations });
        }
    }
    Err(system.no_convergence(iterations, residual / whole))
}
