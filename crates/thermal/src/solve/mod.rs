//! Linear systems of heat networks.

mod bicgstab;
mod cg;
mod kernel;
mod march;
mod multigrid;
mod plain;

pub(crate) use self::kernel::for_rows;

use self::march::March;
use self::multigrid::Multigrid;
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
    multigrid: Multigrid,
    march: March,
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
        let multigrid = Multigrid::new(network, rate_per_s)?;
        let march = March::new(network);
        Ok(Self { network, diagonal, multigrid, march })
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
        let mut workspace = self.multigrid.workspace();
        let cycle = |r: &[f64], size: f64, z: &mut [f64]| {
            self.multigrid.apply(r, size, z, &mut workspace);
        };
        if !self.network.is_symmetric() {
            let mut cycle = cycle;
            let marched = |r: &[f64], size: f64, z: &mut [f64]| {
                cycle(r, size, z);
                self.march.apply(&self.diagonal, r, z);
            };
            return bicgstab::solve(self.network, &self.diagonal, b, x, tolerance, marched);
        }
        cg::solve(self.network, &self.diagonal, b, x, tolerance, cycle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{FaceLinks, Stream};

    /// Silicon, coolant along y in every column, silicon; `ntu` for the whole channel.
    fn cooled(n: usize, ntu: f64) -> Network {
        let columns = n * n;
        let cells = 3 * columns;
        let (lateral, wall) = (0.05, 0.01);
        let rate = wall * 2.0 * n as f64 / ntu;
        let solid = |cell: usize| !(columns..2 * columns).contains(&cell);
        let value = |keep: &dyn Fn(usize) -> bool, g: f64| -> Vec<f64> {
            (0..cells).map(|c| if keep(c) { g } else { 0.0 }).collect()
        };
        let none = || FaceLinks { conductance: vec![0.0; columns], heat: vec![0.0; columns] };
        Network {
            shape: [n, n, 3],
            gx: value(&|c| solid(c) && c % n + 1 < n, lateral),
            gy: value(&|c| solid(c) && c / n % n + 1 < n, lateral),
            gz: value(&|c| c < 2 * columns, wall),
            bottom: none(),
            top: none(),
            capacity: vec![1e-4; cells],
            bypasses: Vec::new(),
            streams: (0..n)
                .map(|i| Stream {
                    cells: (0..n).map(|j| u32::try_from(columns + j * n + i).unwrap_or(0)).collect(),
                    capacity_rate_w_per_k: rate,
                    inlet_k: 300.0,
                })
                .collect(),
        }
    }

    #[test]
    fn streams() {
        for n in [8, 32, 64, 128] {
            for ntu in [0.01, 1.0, 10.0, 100.0, 1e4] {
                let network = cooled(n, ntu);
                let linear = Linear::new(&network, 0.0).expect("sound");
                let mut b = vec![0.0; network.n_cells()];
                for j in 0..n / 2 {
                    b[j * n + n / 3] = 1.0;
                }
                let mut x = vec![0.0; b.len()];
                let done = linear.solve(&b, &mut x, 1e-11);
                eprintln!("{n} {ntu} {done:?}");
            }
        }
    }
}
