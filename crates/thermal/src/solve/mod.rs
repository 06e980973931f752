//! Linear systems of heat networks.

mod plain;

use crate::ThermalError;
use crate::network::Network;

/// How a solve ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Convergence {
    /// Iterations done.
    pub(crate) iterations: usize,
}

/// A network made ready to be solved many times: `(A + rate C) x = b`.
#[derive(Debug)]
pub(crate) struct Linear<'a> {
    network: &'a Network,
    diagonal: Vec<f64>,
}

impl<'a> Linear<'a> {
    /// Makes a network ready.
    ///
    /// # Errors
    /// A network whose matrix is not positive definite.
    pub(crate) fn new(network: &'a Network, rate_per_s: f64) -> Result<Self, ThermalError> {
        let diagonal = network.diagonal(rate_per_s);
        if let Some(cell) = diagonal.iter().position(|d| !(*d > 0.0 && d.is_finite())) {
            return Err(ThermalError::NotPositiveDefinite {
                what: format!("the diagonal of cell {cell} is {}", diagonal[cell]),
            });
        }
        Ok(Self { network, diagonal })
    }

    /// Solves for `x`, from the guess that it holds, until the residual is below `tolerance` of the
    /// right-hand side.
    ///
    /// # Errors
    /// An iteration that does not converge.
    pub(crate) fn solve(
        &self,
        b: &[f64],
        x: &mut [f64],
        tolerance: f64,
    ) -> Result<Convergence, ThermalError> {
        plain::solve(self.network, &self.diagonal, b, x, tolerance)
    }
}
