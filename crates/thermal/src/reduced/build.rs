//! From a package to its modes.

use rayon::prelude::*;

use super::{FACES, ReducedData, Reduction, dot4};
use crate::ThermalError;
use crate::dense::eigen;
use crate::model::{Model, Source};
use crate::network::Network;
use crate::solve::Linear;

/// Residual of the linear solves. Matrices are differences of their results, so that it has to be far
/// below what is kept.
const TOLERANCE: f64 = 1e-12;

/// Directions of the subspace whose share of the energy is smaller are left out, because the linear
/// solver does not resolve them.
const DIRECTIONS: f64 = 1e-9;

/// Pairs of rates for each decade of time.
const PAIRS_PER_DECADE: f64 = 0.6;

/// Pairs of rates at most.
const MAX_PAIRS: usize = 12;

/// What settles so much faster than the fastest time follows at once.
const AT_ONCE: f64 = 0.1;

/// The package under powers that rise with `exp(rate t)`.
struct Moment {
    rate: f64,
    /// `H = B^T X` with `(A + rate C) X = B`, one row and column for each input.
    transfer: Vec<f64>,
    /// `X^T C X`.
    stored: Vec<f64>,
}

/// Modes before any is left out.
struct Modes {
    tau_s: Vec<f64>,
    gain: Vec<f64>,
}

pub(super) fn build(
    model: &Model,
    blocks: &[usize],
    reduction: &Reduction,
) -> Result<ReducedData, ThermalError> {
    let given = [
        ("fastest time", reduction.fastest.value()),
        ("tolerance", reduction.tolerance.value()),
    ];
    for (what, value) in given {
        if !(value > 0.0 && value.is_finite()) {
            return Err(ThermalError::Time { what, value });
        }
    }
    let network = model.network();
    if !network.is_symmetric() {
        return Err(ThermalError::Streams);
    }
    let all = model.sources();
    if let Some(index) = blocks.iter().copied().find(|block| *block >= all.len()) {
        return Err(ThermalError::Absent {
            what: "block",
            index,
            n: all.len(),
        });
    }
    let sources: Vec<&Source> = blocks.iter().map(|block| &all[*block]).collect();
    let inputs = inputs(network, &sources);
    let rates = rates(network, reduction.fastest.value());
    let moments = rates
        .iter()
        .map(|rate| moment(network, &inputs, *rate))
        .collect::<Result<Vec<_>, _>>()?;
    let m = inputs.len();
    let n = m - FACES;
    let half: Vec<&Moment> = moments.iter().step_by(2).collect();
    let coarse = modes(&half, m);
    let unseen = moments.iter().skip(1).step_by(2);
    let unseen_error = unseen.map(|of| coarse.error_at(of, n)).fold(0.0, f64::max);
    let all: Vec<&Moment> = moments.iter().collect();
    let fine = modes(&all, m);
    let (stepped, left_out) = fine.choose(n, reduction);
    let mut direct = vec![0.0; n * m];
    for (at, row) in fine.gain.chunks_exact(m).enumerate() {
        if stepped.contains(&at) {
            continue;
        }
        for (to, gain) in direct.chunks_exact_mut(m).zip(row) {
            for (to, other) in to.iter_mut().zip(row) {
                *to += gain * other;
            }
        }
    }
    Ok(ReducedData {
        names: sources.iter().map(|of| of.name.clone()).collect(),
        base_k: base(network, &sources)?,
        tau_s: stepped.iter().map(|at| fine.tau_s[*at]).collect(),
        gain: stepped
            .iter()
            .flat_map(|at| fine.gain[at * m..(at + 1) * m].iter().copied())
            .collect(),
        direct,
        error_k_per_w: unseen_error + left_out,
    })
}

/// Heat in every cell for one unit of each input: the blocks, the upper and the lower face.
fn inputs(network: &Network, sources: &[&Source]) -> Vec<Vec<f64>> {
    let n_cells = network.n_cells();
    let mut inputs: Vec<Vec<f64>> = Vec::with_capacity(sources.len() + FACES);
    for source in sources {
        let mut heat = vec![0.0; n_cells];
        for (cell, share) in &source.cells {
            heat[*cell as usize] += share;
        }
        inputs.push(heat);
    }
    let top = n_cells - network.n_columns();
    for (face, first) in [(&network.top, top), (&network.bottom, 0)] {
        let mut heat = vec![0.0; n_cells];
        heat[first..first + network.n_columns()].copy_from_slice(&face.conductance);
        inputs.push(heat);
    }
    inputs
}

/// Temperature of every block without power.
fn base(network: &Network, sources: &[&Source]) -> Result<Vec<f64>, ThermalError> {
    let reference_k = network.reference_k().unwrap_or(0.0);
    let mut rise = vec![0.0; network.n_cells()];
    let b = network.outside_heat(reference_k);
    Linear::new(network, 0.0)?.solve(&b, &mut rise, TOLERANCE)?;
    let mean = |cells: &[(u32, f64)]| -> f64 {
        let terms = cells
            .iter()
            .map(|(cell, share)| share * rise[*cell as usize]);
        terms.sum()
    };
    let means = sources.iter().map(|of| reference_k + mean(&of.cells));
    Ok(means.collect())
}

/// Rates to match: zero, and an even number from the slowest decay to the fastest time.
fn rates(network: &Network, fastest_s: f64) -> Vec<f64> {
    let capacity: f64 = network.capacity.iter().sum();
    let faces = network
        .top
        .conductance
        .iter()
        .chain(&network.bottom.conductance);
    // All heat that is stored over all that leaves: no mode but those of poorly joined parts is
    // slower.
    let slowest = faces.sum::<f64>() / capacity;
    let fastest = (1.0 / fastest_s).max(10.0 * slowest);
    let decades = (fastest / slowest).log10();
    let are_enough = |pairs: &usize| *pairs as f64 >= PAIRS_PER_DECADE * decades;
    let n = 2 * (2..MAX_PAIRS).find(are_enough).unwrap_or(MAX_PAIRS);
    let at = |i: usize| slowest * (fastest / slowest).powf(i as f64 / (n - 1) as f64);
    std::iter::once(0.0).chain((0..n).map(at)).collect()
}

fn moment(network: &Network, inputs: &[Vec<f64>], rate: f64) -> Result<Moment, ThermalError> {
    let linear = Linear::new(network, rate)?;
    let fields = inputs
        .par_iter()
        .map(|heat| {
            let mut field = vec![0.0; heat.len()];
            linear.solve(heat, &mut field, TOLERANCE)?;
            Ok(field)
        })
        .collect::<Result<Vec<_>, ThermalError>>()?;
    let m = inputs.len();
    let product = |weighted: &[Vec<f64>]| -> Vec<f64> {
        let rows: Vec<Vec<f64>> = weighted
            .par_iter()
            .enumerate()
            .map(|(i, row)| fields[..=i].iter().map(|of| dot4(row, of)).collect())
            .collect();
        let entry = |at: usize| rows[(at / m).max(at % m)][(at / m).min(at % m)];
        (0..m * m).map(entry).collect()
    };
    let transfer = product(inputs);
    let weighted: Vec<Vec<f64>> = fields
        .par_iter()
        .map(|of| {
            of.iter()
                .zip(&network.capacity)
                .map(|(x, c)| x * c)
                .collect()
        })
        .collect();
    Ok(Moment {
        rate,
        transfer,
        stored: product(&weighted),
    })
}

/// The package on the subspace of some moments, as modes.
///
/// With `X_i` for the rate `s_i`, `X_i^T A X_j = (s_j H_j - s_i H_i) / (s_j - s_i)` and
/// `X_i^T C X_j = (H_i - H_j) / (s_j - s_i)`, so that no field of all cells is needed here.
fn modes(moments: &[&Moment], m: usize) -> Modes {
    let n = moments.len() * m;
    let (mut conduct, mut store) = (vec![0.0; n * n], vec![0.0; n * n]);
    for (i, a) in moments.iter().enumerate() {
        for (j, b) in moments.iter().enumerate() {
            for at in 0..m * m {
                let to = (i * m + at / m) * n + j * m + at % m;
                let (ha, hb) = (a.transfer[at], b.transfer[at]);
                if i == j {
                    store[to] = a.stored[at];
                    conduct[to] = ha - a.rate * a.stored[at];
                } else {
                    store[to] = (ha - hb) / (b.rate - a.rate);
                    conduct[to] = (b.rate * hb - a.rate * ha) / (b.rate - a.rate);
                }
            }
        }
    }
    // Fields of unit energy; a face that passes no heat has none.
    let scale: Vec<f64> = (0..n)
        .map(|i| conduct[i * n + i])
        .map(|energy| {
            if energy > 0.0 {
                1.0 / energy.sqrt()
            } else {
                0.0
            }
        })
        .collect();
    for (at, entry) in conduct.iter_mut().enumerate() {
        *entry *= scale[at / n] * scale[at % n];
    }
    let energy = eigen(n, conduct);
    let least = DIRECTIONS * energy.values.last().copied().unwrap_or(0.0);
    // One row for each direction kept, orthonormal in energy.
    let kept = energy
        .values
        .iter()
        .zip(energy.vectors.chunks_exact(n.max(1)));
    let basis: Vec<f64> = kept
        .filter(|(value, _)| **value > least)
        .flat_map(|(value, row)| {
            let norm = value.sqrt();
            row.iter()
                .zip(&scale)
                .map(move |(x, scale)| x * scale / norm)
        })
        .collect();
    let rank = basis.len() / n.max(1);
    let rows: Vec<&[f64]> = basis.chunks_exact(n.max(1)).collect();
    let of_store: Vec<Vec<f64>> = rows
        .par_iter()
        .map(|row| store.chunks_exact(n).map(|of| dot4(of, row)).collect())
        .collect();
    let capacity: Vec<f64> = (0..rank * rank)
        .map(|at| ((at / rank).max(at % rank), (at / rank).min(at % rank)))
        .map(|(i, j)| dot4(&of_store[i], rows[j]))
        .collect();
    let time = eigen(rank, capacity);
    // X^T B of every direction, and of every mode.
    let transfer = |of: usize, input: usize| moments[of / m].transfer[(of % m) * m + input];
    let of_rows: Vec<f64> = rows
        .iter()
        .flat_map(|row| {
            let column = move |input: usize| -> f64 {
                row.iter()
                    .enumerate()
                    .map(|(of, x)| x * transfer(of, input))
                    .sum()
            };
            (0..m).map(column)
        })
        .collect();
    let gain = time
        .vectors
        .chunks_exact(rank.max(1))
        .flat_map(|shape| {
            let column = |input: usize| -> f64 {
                let rows = shape.iter().enumerate();
                rows.map(|(k, x)| x * of_rows[k * m + input]).sum()
            };
            (0..m).map(column).collect::<Vec<f64>>()
        })
        .collect();
    let tau_s = time.values;
    Modes { tau_s, gain }
}

impl Modes {
    /// Largest error of a resistance at a rate: the error is a non-negative matrix, whose greatest
    /// entry is on its diagonal.
    fn error_at(&self, of: &Moment, n: usize) -> f64 {
        let m = n + FACES;
        let mut worst = 0.0_f64;
        for block in 0..n {
            let terms = self.gain.chunks_exact(m).zip(&self.tau_s);
            let own: f64 = terms
                .map(|(row, tau)| row[block] * row[block] / (1.0 + of.rate * tau.max(0.0)))
                .sum();
            worst = worst.max((of.transfer[block * m + block] - own).abs());
        }
        worst
    }

    /// Modes to step, slowest first, and the most that a resistance is off through the others.
    fn choose(&self, n: usize, reduction: &Reduction) -> (Vec<usize>, f64) {
        let m = n + FACES;
        let fastest_s = reduction.fastest.value();
        // A mode that follows at once is too early by its part times exp(-t / tau).
        let part = |at: usize| {
            let row = &self.gain[at * m..at * m + n];
            row.iter().map(|gain| gain * gain).fold(0.0, f64::max)
        };
        let mut left_out = 0.0;
        let (mut slow, fast): (Vec<usize>, Vec<usize>) =
            (0..self.tau_s.len()).partition(|at| self.tau_s[*at] > AT_ONCE * fastest_s);
        for at in fast {
            let tau = self.tau_s[at].max(0.0);
            // As a mean over the fastest time.
            left_out += part(at) * tau / (tau + fastest_s);
        }
        slow.sort_by(|a, b| part(*a).total_cmp(&part(*b)));
        let mut spent = 0.0;
        slow.retain(|at| {
            spent += part(*at);
            spent > reduction.tolerance.value()
        });
        let kept: f64 = slow.iter().map(|at| part(*at)).sum();
        left_out += spent - kept;
        slow.sort_by(|a, b| self.tau_s[*b].total_cmp(&self.tau_s[*a]));
        (slow, left_out)
    }
}
