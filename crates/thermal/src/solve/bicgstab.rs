//! Stabilised bi-conjugate gradients, for networks with streams.

use super::Convergence;
use super::kernel::{add, dot, norm};
use crate::ThermalError;
use crate::network::Network;

/// Iterations after which there is no hope.
const LIMIT: usize = 1000;

/// A shadow residual that is orthogonal to the residual by more than this makes no progress, and
/// the iteration starts again from where it is.
const ORTHOGONAL: f64 = 1e-10;

/// Solves `A x = b` with a preconditioner: `precondition(r, size, z)` sets `z` to about `A^-1 r`,
/// where `r` is of a given size.
///
/// # Errors
/// No convergence after [`LIMIT`] iterations.
///
/// # Source
/// H. A. van der Vorst, SIAM Journal on Scientific and Statistical Computing 13 (1992) 631, with the
/// preconditioner on the right, so that the residual is that of the equation itself.
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
    let zeros = || vec![0.0; n];
    let (mut r, mut shadow, mut p) = (b.to_vec(), zeros(), zeros());
    let (mut image, mut image_s, mut p_hat, mut s_hat) = (zeros(), zeros(), zeros(), zeros());
    network.apply(diagonal, x, &mut image);
    add(&mut r, -1.0, &image);
    let mut residual = norm(&r);
    let (mut last, mut alpha, mut omega) = (1.0, 1.0, 1.0);
    let mut is_fresh = true;
    for iterations in 0..LIMIT {
        if residual <= tolerance * whole {
            return Ok(Convergence { iterations });
        }
        let mut along = dot(&shadow, &r);
        if is_fresh || along.abs() <= ORTHOGONAL * residual * norm(&shadow) {
            shadow.copy_from_slice(&r);
            p.copy_from_slice(&r);
            along = residual * residual;
        } else {
            let beta = (along / last) * (alpha / omega);
            // p = r + beta (p - omega image)
            add(&mut p, -omega, &image);
            super::kernel::follow(&mut p, beta, &r);
        }
        is_fresh = false;
        last = along;
        precondition(&p, norm(&p), &mut p_hat);
        network.apply(diagonal, &p_hat, &mut image);
        alpha = along / dot(&shadow, &image);
        add(&mut r, -alpha, &image);
        add(x, alpha, &p_hat);
        let size = norm(&r);
        if size <= tolerance * whole {
            return Ok(Convergence { iterations: iterations + 1 });
        }
        precondition(&r, size, &mut s_hat);
        network.apply(diagonal, &s_hat, &mut image_s);
        let squared = dot(&image_s, &image_s);
        omega = dot(&image_s, &r) / squared;
        add(x, omega, &s_hat);
        add(&mut r, -omega, &image_s);
        residual = norm(&r);
        is_fresh = omega == 0.0;
    }
    Err(ThermalError::NoConvergence {
        iterations: LIMIT,
        residual: residual / whole,
        tolerance,
    })
}
