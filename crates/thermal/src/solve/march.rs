//! Coolant solved downstream.

use std::collections::{BTreeMap, BTreeSet};

use crate::network::{Network, Stream};

/// The cells of the streams in the order of the flow, with the conductances to their neighbours.
#[derive(Debug)]
pub(super) struct March {
    cells: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    cell: usize,
    /// The cells upstream and the heat capacity that comes from each.
    upstream: Vec<(usize, f64)>,
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
        let cells = downstream(&network.streams)
            .into_iter()
            .map(|(cell, upstream)| Step {
                cell,
                upstream,
                neighbours: neighbours(cell),
            })
            .collect();
        Self { cells }
    }

    /// Solves the rows of the coolant for the coolant, from the inlets downstream, with the solid
    /// as it is.
    pub(super) fn apply(&self, diagonal: &[f64], r: &[f64], z: &mut [f64]) {
        for step in &self.cells {
            let from_solid: f64 = step.neighbours.iter().map(|(cell, g)| g * z[*cell]).sum();
            let upstream = step.upstream.iter();
            let from_upstream: f64 = upstream.map(|(cell, rate)| rate * z[*cell]).sum();
            z[step.cell] = (r[step.cell] + from_solid + from_upstream) / diagonal[step.cell];
        }
    }
}

/// Each cell that a stream passes, once, behind all from which something flows into it, with those
/// and the heat capacity that they send. Streams that run in a circle have no such order; their
/// cells come last.
fn downstream(streams: &[Stream]) -> Vec<(usize, Vec<(usize, f64)>)> {
    let mut upstream: BTreeMap<usize, BTreeMap<usize, f64>> = BTreeMap::new();
    for stream in streams {
        for (place, cell) in stream.cells.iter().enumerate() {
            let of_cell = upstream.entry(*cell as usize).or_default();
            if let Some(before) = place.checked_sub(1) {
                let before = stream.cells[before] as usize;
                *of_cell.entry(before).or_default() += stream.capacity_rate_w_per_k;
            }
        }
    }
    let mut waiting: BTreeMap<usize, usize> = BTreeMap::new();
    let mut behind: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (cell, of_cell) in &upstream {
        waiting.insert(*cell, of_cell.len());
        for before in of_cell.keys() {
            behind.entry(*before).or_default().push(*cell);
        }
    }
    let is_free = |(cell, n): (&usize, &usize)| (*n == 0).then_some(*cell);
    let mut free: Vec<usize> = waiting.iter().rev().filter_map(is_free).collect();
    let mut order = Vec::with_capacity(upstream.len());
    while let Some(cell) = free.pop() {
        order.push(cell);
        for next in behind.get(&cell).into_iter().flatten() {
            if let Some(n) = waiting.get_mut(next) {
                *n -= 1;
                if *n == 0 {
                    free.push(*next);
                }
            }
        }
    }
    let ordered: BTreeSet<usize> = order.iter().copied().collect();
    order.extend(upstream.keys().filter(|cell| !ordered.contains(cell)));
    order
        .into_iter()
        .map(|cell| {
            let of_cell = upstream.remove(&cell).unwrap_or_default();
            (cell, of_cell.into_iter().collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two streams that part and join, and one that runs in a circle.
    #[test]
    fn every_cell_comes_once_and_behind_what_flows_into_it() {
        let stream = |cells: &[u32], capacity_rate_w_per_k| Stream {
            cells: cells.to_vec(),
            capacity_rate_w_per_k,
            inlet_k: 300.0,
        };
        let streams = [stream(&[9, 5, 1, 2], 1.0), stream(&[9, 7, 1, 2], 2.0)];
        let order = downstream(&streams);
        assert_eq!(
            order,
            [
                (9, vec![]),
                (7, vec![(9, 2.0)]),
                (5, vec![(9, 1.0)]),
                (1, vec![(5, 1.0), (7, 2.0)]),
                (2, vec![(1, 3.0)]),
            ]
        );
        let circle = downstream(&[stream(&[3, 4, 3], 1.0)]);
        assert_eq!(circle, [(3, vec![(4, 1.0)]), (4, vec![(3, 1.0)])]);
    }
}
