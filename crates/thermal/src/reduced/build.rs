//! From a package to its modes.

use rayon::prelude::*;

use super::{ReducedData, Reduction, dot4};
use crate::ThermalError;
use crate::dense::eigen;
use crate::mirror::{Mirror, families};
use crate::model::{Model, Source};
use crate::network::Network;
use crate::response::{FaceRegion, Side, doors};
use crate::solve::Linear;

/// Cells with weights: a block with the shares of its volume, or a way out with its conductances.
type Input = Vec<(usize, f64)>;

/// A part of a face through which heat leaves.
pub(super) struct WayOut {
    side: Side,
    cells: Input,
}

/// Temperatures and heat without power.
type Base = (Vec<f64>, Vec<f64>);

/// Share of all conductance to the outside that may lie beyond the ways out, for rounding.
const COVERED: f64 = 1e-9;

/// Residual of the linear solves. Matrices are differences of their results, so that it has to be far
/// below what is kept.
const TOLERANCE: f64 = 1e-11;

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
    ways_out: &[WayOut],
    is_by_region: bool,
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
    let n = sources.len();
    let outside_w_per_k: Vec<f64> = ways_out
        .iter()
        .map(|way| way.cells.iter().map(|(_, g)| g).sum())
        .collect();
    are_all_ways_out(network, &outside_w_per_k)?;
    let of_blocks = sources.iter().map(|of| {
        let cells = of.cells.iter();
        cells
            .map(|(cell, share)| (*cell as usize, *share))
            .collect()
    });
    let of_ways_out = ways_out.iter().map(|way| way.cells.clone());
    let inputs: Vec<Input> = of_blocks.chain(of_ways_out).collect();
    let plan = Plan::new(network, &sources, inputs);
    let rates = rates(network, reduction.fastest.value());
    let moments = rates
        .iter()
        .map(|rate| moment(network, &plan, *rate))
        .collect::<Result<Vec<_>, _>>()?;
    let m = plan.inputs.len();
    let half: Vec<&Moment> = moments.iter().step_by(2).collect();
    let coarse = modes(&half, m);
    let unseen = moments.iter().skip(1).step_by(2);
    let unseen_error = unseen
        .map(|of| coarse.error_at(of, n, m))
        .fold(0.0, f64::max);
    let all: Vec<&Moment> = moments.iter().collect();
    let fine = modes(&all, m);
    let (stepped, left_out) = fine.choose(n, m, reduction);
    let mut direct = vec![0.0; m * m];
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
    let (base_k, base_w) = base(network, &sources, ways_out)?;
    Ok(ReducedData {
        names: sources.iter().map(|of| of.name.clone()).collect(),
        base_k,
        base_w,
        tau_s: stepped.iter().map(|at| fine.tau_s[*at]).collect(),
        gain: stepped
            .iter()
            .flat_map(|at| fine.gain[at * m..(at + 1) * m].iter().copied())
            .collect(),
        direct,
        outside_w_per_k,
        is_by_region,
        error_k_per_w: unseen_error + left_out,
    })
}

/// Refuses ways out that leave some conductance to the outside uncounted: its heat would be lost.
fn are_all_ways_out(network: &Network, outside_w_per_k: &[f64]) -> Result<(), ThermalError> {
    let faces = [&network.top.conductance, &network.bottom.conductance];
    let whole: f64 = faces.iter().flat_map(|face| face.iter()).sum();
    let counted: f64 = outside_w_per_k.iter().sum();
    if (whole - counted).abs() <= COVERED * whole {
        return Ok(());
    }
    let what = format!(
        "the regions hold {counted:.6} W/K of the {whole:.6} W/K that lead outside: name all ways out"
    );
    Err(ThermalError::Reduced { what })
}

/// The two faces as ways out.
pub(super) fn faces(model: &Model) -> [WayOut; 2] {
    let network = model.network();
    let top = network.n_cells() - network.n_columns();
    let faces = [
        (Side::Top, &network.top, top),
        (Side::Bottom, &network.bottom, 0),
    ];
    faces.map(|(side, face, first)| {
        let columns = face.conductance.iter().enumerate();
        let cells = columns.map(|(column, g)| (first + column, *g)).collect();
        WayOut { side, cells }
    })
}

/// Regions of the faces as ways out.
pub(super) fn regions(model: &Model, regions: &[FaceRegion]) -> Vec<WayOut> {
    let doors = doors(model, regions).into_iter();
    doors
        .zip(regions)
        .map(|(cells, region)| WayOut {
            side: region.side,
            cells,
        })
        .collect()
}

/// What is solved at every rate, and what follows from it as a mirror image.
struct Plan {
    /// The blocks and the ways out.
    inputs: Vec<Input>,
    /// Inputs that are solved, each with those that follow from it.
    families: Vec<Vec<(usize, Option<Mirror>)>>,
}

impl Plan {
    fn new(network: &Network, sources: &[&Source], inputs: Vec<Input>) -> Self {
        let mut families = families(network, sources);
        families.extend((sources.len()..inputs.len()).map(|way| vec![(way, None)]));
        Self { inputs, families }
    }

    /// The field of every input at a rate.
    fn fields(&self, network: &Network, rate: f64) -> Result<Vec<Vec<f64>>, ThermalError> {
        let linear = Linear::new(network, rate)?;
        let found: Vec<Vec<(usize, Vec<f64>)>> = self
            .families
            .par_iter()
            .map(|family| {
                let mut heat = vec![0.0; network.n_cells()];
                for (cell, weight) in &self.inputs[family[0].0] {
                    heat[*cell] += weight;
                }
                let mut field = vec![0.0; heat.len()];
                // A way out through which nothing passes, such as a plate without flow, does nothing.
                if heat.iter().any(|heat| *heat != 0.0) {
                    linear.solve(&heat, &mut field, TOLERANCE)?;
                }
                let image = |mirror: &Option<Mirror>| {
                    mirror.map_or_else(|| field.clone(), |mirror| mirror.field(&field))
                };
                Ok(family
                    .iter()
                    .map(|(at, mirror)| (*at, image(mirror)))
                    .collect())
            })
            .collect::<Result<_, ThermalError>>()?;
        let mut found: Vec<(usize, Vec<f64>)> = found.into_iter().flatten().collect();
        found.sort_by_key(|(at, _)| *at);
        Ok(found.into_iter().map(|(_, field)| field).collect())
    }
}

/// Temperature of every block without power, kelvin, and the heat that leaves through every way out
/// then, W.
fn base(network: &Network, sources: &[&Source], ways_out: &[WayOut]) -> Result<Base, ThermalError> {
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
    let n_columns = network.n_columns();
    let top = network.n_cells() - n_columns;
    let through = |way_out: &WayOut| -> f64 {
        let (face, first) = match way_out.side {
            Side::Top => (&network.top, top),
            Side::Bottom => (&network.bottom, 0),
        };
        let cells = way_out.cells.iter().filter(|(_, g)| *g > 0.0);
        cells
            .map(|(cell, g)| {
                // What is outside of a column stands in its heat at 0 K.
                let column = cell - first;
                let outside_k = face.heat[column] / face.conductance[column];
                g * (rise[*cell] - (outside_k - reference_k))
            })
            .sum()
    };
    let means = sources.iter().map(|of| reference_k + mean(&of.cells));
    Ok((means.collect(), ways_out.iter().map(through).collect()))
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

fn moment(network: &Network, plan: &Plan, rate: f64) -> Result<Moment, ThermalError> {
    let fields = plan.fields(network, rate)?;
    let m = plan.inputs.len();
    let product = |of_row: &(dyn Fn(usize) -> Vec<f64> + Sync)| -> Vec<f64> {
        let rows: Vec<Vec<f64>> = (0..m).into_par_iter().map(of_row).collect();
        let entry = |at: usize| rows[(at / m).max(at % m)][(at / m).min(at % m)];
        (0..m * m).map(entry).collect()
    };
    let transfer = product(&|row| {
        let weighted = |field: &Vec<f64>| -> f64 {
            let cells = plan.inputs[row].iter();
            cells.map(|(cell, weight)| weight * field[*cell]).sum()
        };
        fields[..=row].iter().map(weighted).collect()
    });
    let stored = product(&|row| {
        let capacity = network.capacity.iter();
        let weighted: Vec<f64> = fields[row]
            .iter()
            .zip(capacity)
            .map(|(x, c)| x * c)
            .collect();
        fields[..=row]
            .iter()
            .map(|of| dot4(&weighted, of))
            .collect()
    });
    Ok(Moment {
        rate,
        transfer,
        stored,
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
    fn error_at(&self, of: &Moment, n: usize, m: usize) -> f64 {
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
    fn choose(&self, n: usize, m: usize, reduction: &Reduction) -> (Vec<usize>, f64) {
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
