//! Linear systems of heat networks.

mod bicgstab;
mod cg;
mod cosine;
mod kernel;
mod march;
mod multigrid;
#[cfg(test)]
mod plain;
#[cfg(test)]
mod tests;

pub(crate) use self::kernel::for_rows;

use self::cosine::Cosine;
use self::kernel::{add, all, follow, norm, residual_norm};
use self::march::March;
use self::multigrid::Multigrid;
use crate::ThermalError;
use crate::network::Network;

/// Corrections of a solution by modes before its residual is taken for rounding.
const REFINEMENTS: usize = 3;

/// How a solve ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Convergence {
    /// Iterations done; none if the modes gave the solution at once.
    pub(crate) iterations: usize,
}

/// How a network is solved.
#[derive(Debug)]
enum Method {
    /// Uniform sheets on an even grid, without streams: mode by mode, in one pass.
    Modes(Cosine),
    /// Everything else without streams: conjugate gradients with a V-cycle.
    Symmetric(Multigrid),
    /// With streams: stabilised bi-conjugate gradients with a V-cycle, after which the coolant is
    /// marched downstream.
    Streams(Multigrid, March),
}

/// A network made ready to be solved many times: `(A + rate C) x = b`.
///
/// The method follows from the network alone. What is kept is only read by [`Self::solve`], which
/// may be called for many right-hand sides at once.
#[derive(Debug)]
pub(crate) struct Linear<'a> {
    network: &'a Network,
    diagonal: Vec<f64>,
    method: Method,
}

impl<'a> Linear<'a> {
    /// Makes a network ready.
    ///
    /// # Errors
    /// A network whose matrix is not positive definite: conductances that are negative or no
    /// numbers, or columns that nothing holds.
    pub(crate) fn new(network: &'a Network, rate_per_s: f64) -> Result<Self, ThermalError> {
        let diagonal = network.diagonal(rate_per_s);
        check(network, &diagonal)?;
        let method = if let Some(modes) = Cosine::new(network, rate_per_s) {
            Method::Modes(modes)
        } else {
            let multigrid = Multigrid::new(network, rate_per_s)?;
            if network.is_symmetric() {
                Method::Symmetric(multigrid)
            } else {
                Method::Streams(multigrid, March::new(network))
            }
        };
        Ok(Self {
            network,
            diagonal,
            method,
        })
    }

    /// Solves for `x`, from the guess that it holds, until the residual is below `tolerance` of the
    /// right-hand side, or so small that rounding of the solution alone makes it.
    ///
    /// # Errors
    /// An iteration that does not converge, and input that is no number.
    pub(crate) fn solve(
        &self,
        b: &[f64],
        x: &mut [f64],
        tolerance: f64,
    ) -> Result<Convergence, ThermalError> {
        let system = System {
            network: self.network,
            diagonal: &self.diagonal,
            b,
            tolerance,
        };
        match &self.method {
            Method::Modes(modes) => system.refine(x, modes),
            Method::Symmetric(multigrid) => {
                let mut workspace = multigrid.workspace();
                cg::solve(&system, x, |r, size, z| {
                    multigrid.apply(r, size, z, &mut workspace);
                })
            }
            Method::Streams(multigrid, march) => {
                let mut workspace = multigrid.workspace();
                bicgstab::solve(&system, x, |r, size, z| {
                    multigrid.apply(r, size, z, &mut workspace);
                    march.apply(&self.diagonal, r, z);
                })
            }
        }
    }
}

/// Refuses conductances that are negative or no numbers, and cells that nothing holds.
fn check(network: &Network, diagonal: &[f64]) -> Result<(), ThermalError> {
    let is_sound = |g: f64| g >= 0.0 && g.is_finite();
    let refuse = |what: String| Err(ThermalError::NotPositiveDefinite { what });
    let holds = |d: f64| d > 0.0 && d.is_finite();
    if !all(diagonal, holds) {
        let cell = diagonal.iter().position(|d| !holds(*d)).unwrap_or(0);
        return refuse(format!("the diagonal of cell {cell} is {}", diagonal[cell]));
    }
    let links = [
        ("across", &network.gx),
        ("up", &network.gy),
        ("through", &network.gz),
        ("of the lower face", &network.bottom.conductance),
        ("of the upper face", &network.top.conductance),
    ];
    let of_bypasses = network
        .bypasses
        .iter()
        .map(|bypass| ("of a wall", &bypass.conductance));
    for (name, of) in links.into_iter().chain(of_bypasses) {
        if !all(of, is_sound) {
            let cell = of.iter().position(|g| !is_sound(*g)).unwrap_or(0);
            return refuse(format!("conductance {cell} {name} is {} W/K", of[cell]));
        }
    }
    for (idx, stream) in network.streams.iter().enumerate() {
        let rate = stream.capacity_rate_w_per_k;
        if !is_sound(rate) {
            return refuse(format!("stream {idx} carries {rate} W/K"));
        }
    }
    Ok(())
}

/// One system, and how well it is to be solved.
#[derive(Debug, Clone, Copy)]
struct System<'a> {
    network: &'a Network,
    diagonal: &'a [f64],
    b: &'a [f64],
    tolerance: f64,
}

impl System<'_> {
    /// `r = b - A x`, and its norm.
    fn residual(&self, x: &[f64], r: &mut [f64]) -> f64 {
        self.network.apply(self.diagonal, x, r);
        follow(r, -1.0, self.b);
        norm(r)
    }

    /// Norm of the right-hand side; `None` if it is zero.
    fn whole(&self) -> Result<Option<f64>, ThermalError> {
        let whole = norm(self.b);
        if !whole.is_finite() {
            let cell = self.b.iter().position(|b| !b.is_finite());
            let what = cell.map_or("heat is too great".to_owned(), |cell| {
                format!("the heat of cell {cell} is {} W", self.b[cell])
            });
            return Err(ThermalError::NotFinite { what });
        }
        Ok((whole > 0.0).then_some(whole))
    }

    /// Residual that rounding of the numbers of `x` makes alone.
    fn rounding(&self, x: &[f64]) -> f64 {
        let squares = x.iter().zip(self.diagonal).map(|(x, d)| (x * d).powi(2));
        4.0 * f64::EPSILON * squares.sum::<f64>().sqrt()
    }

    fn no_convergence(&self, iterations: usize, residual: f64) -> ThermalError {
        ThermalError::NoConvergence {
            iterations,
            residual,
            tolerance: self.tolerance,
        }
    }

    /// Solves by modes, which is exact but for rounding.
    fn refine(&self, x: &mut [f64], modes: &Cosine) -> Result<Convergence, ThermalError> {
        let Some(whole) = self.whole()? else {
            x.fill(0.0);
            return Ok(Convergence { iterations: 0 });
        };
        modes.apply(self.b, x);
        let row = |row: usize, image: &mut [f64]| {
            self.network.apply_in_row(self.diagonal, x, row, image);
        };
        let mut residual = residual_norm(self.b, self.network.shape[0], row);
        let mut iterations = 0;
        let mut r = Vec::new();
        while residual > self.tolerance * whole || !residual.is_finite() {
            if iterations == REFINEMENTS {
                if residual <= self.rounding(x) {
                    break;
                }
                return Err(self.no_convergence(iterations, residual / whole));
            }
            r.resize(x.len(), 0.0);
            self.residual(x, &mut r);
            let mut correction = vec![0.0; x.len()];
            modes.apply(&r, &mut correction);
            add(x, 1.0, &correction);
            residual = self.residual(x, &mut r);
            iterations += 1;
        }
        Ok(Convergence { iterations })
    }
}
