//! Coolant solved downstream.

use crate::network::Network;

/// The cells of the streams in the order of the flow, with the conductances to their neighbours.
#[derive(Debug)]
pub(super) struct March {
    cells: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    cell: usize,
    /// The cell upstream and the heat capacity that comes from there.
    upstream: Option<(usize, f64)>,
    /// Neighbours and conductances; those without are absent.
    neighbours: Vec<(usize, f64)>,
}

impl March {
    pub(super) fn new(network: &Network) -> Self {
        let (n, n_columns, nx) = (network.n_cells(), network.n_columns(), network.shape[0]);
        let links = [
            (&network.gx, 1),
            (&network.gy, nx),
            (&network.gz, n_columns),
        ];
        let neighbours = |cell: usize| -> Vec<(usize, f64)> {
            let mut of = Vec::new();
            for (g, stride) in links {
                if cell >= stride && g[cell - stride] > 0.0 {
                    of.push((cell - stride, g[cell - stride]));
                }
                if cell + stride < n && g[cell] > 0.0 {
                    of.push((cell + stride, g[cell]));
                }
            }
            of
        };
        let mut cells = Vec::new();
        for stream in &network.streams {
            for (place, cell) in stream.cells.iter().enumerate() {
                let cell = *cell as usize;
                let before = place
                    .checked_sub(1)
                    .map(|before| stream.cells[before] as usize);
                cells.push(Step {
                    cell,
                    upstream: before.map(|before| (before, stream.capacity_rate_w_per_k)),
                    neighbours: neighbours(cell),
                });
            }
        }
        Self { cells }
    }

    /// Solves the rows of the coolant for the coolant, from the inlets downstream, with the solid
    /// as it is.
    pub(super) fn apply(&self, diagonal: &[f64], r: &[f64], z: &mut [f64]) {
        for step in &self.cells {
            let from_solid: f64 = step.neighbours.iter().map(|(cell, g)| g * z[*cell]).sum();
            let from_upstream = step.upstream.map_or(0.0, |(cell, rate)| rate * z[cell]);
            z[step.cell] = (r[step.cell] + from_solid + from_upstream) / diagonal[step.cell];
        }
    }
}
