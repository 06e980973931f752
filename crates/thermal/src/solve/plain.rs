//! Krylov iterations with the diagonal as preconditioner: slow, simple, the oracle of tests.

use super::Convergence;
use crate::ThermalError;
use crate::network::Network;

/// Stabilised bi-conjugate gradients (van der Vorst 1992), which is as good for symmetric matrices.
pub(super) fn solve(
    network: &Network,
    diagonal: &[f64],
    b: &[f64],
    x: &mut [f64],
    tolerance: f64,
) -> Result<Convergence, ThermalError> {
    let n = b.len();
    let scale = norm(b);
    if scale == 0.0 {
        x.fill(0.0);
        return Ok(Convergence { iterations: 0 });
    }
    let limit = 20 * n + 1000;
    let (mut r, mut v, mut t) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    let (mut p, mut phat, mut shat) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    network.apply(diagonal, x, &mut v);
    for i in 0..n {
        r[i] = b[i] - v[i];
    }
    let shadow = r.clone();
    v.fill(0.0);
    let (mut rho, mut alpha, mut omega) = (1.0, 1.0, 1.0);
    for iterations in 0..limit {
        let residual = norm(&r) / scale;
        if residual <= tolerance {
            return Ok(Convergence { iterations });
        }
        let next = dot(&shadow, &r);
        let beta = (next / rho) * (alpha / omega);
        rho = next;
        for i in 0..n {
            p[i] = r[i] + beta * (p[i] - omega * v[i]);
            phat[i] = p[i] / diagonal[i];
        }
        network.apply(diagonal, &phat, &mut v);
        alpha = rho / dot(&shadow, &v);
        for i in 0..n {
            r[i] -= alpha * v[i];
            shat[i] = r[i] / diagonal[i];
        }
        network.apply(diagonal, &shat, &mut t);
        let squared = dot(&t, &t);
        omega = if squared > 0.0 {
            dot(&t, &r) / squared
        } else {
            0.0
        };
        for i in 0..n {
            x[i] += alpha * phat[i] + omega * shat[i];
            r[i] -= omega * t[i];
        }
        if !omega.is_finite() || omega == 0.0 && norm(&r) / scale > tolerance {
            break;
        }
    }
    Err(ThermalError::NoConvergence {
        iterations: limit,
        residual: norm(&r) / scale,
        tolerance,
    })
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}
