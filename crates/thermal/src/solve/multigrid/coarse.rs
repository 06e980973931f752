//! Coarser networks: cells merged in pairs across or up, never through the sheets.

use crate::network::Network;

/// Links longer than this many times the shortest one are not merged yet, so that grids with fine
/// strips become even before they become coarse.
const SPREAD: f64 = 3.0;

/// Share of the cells that a step of coarsening has to save; the spread is doubled until it does.
const LEAST_SAVING: f64 = 0.3;

/// A network as the hierarchy sees it, cell (i, j, k) at `(k ny + j) nx + i`.
///
/// `excess` is what the diagonal holds beyond the conductances between the cells: faces, heat
/// capacities times the rate, streams.
#[derive(Debug, Clone)]
pub(super) struct Plain {
    pub(super) shape: [usize; 3],
    pub(super) gx: Vec<f64>,
    pub(super) gy: Vec<f64>,
    pub(super) gz: Vec<f64>,
    pub(super) excess: Vec<f64>,
    /// Sheets that are passed, with a conductance for each column.
    pub(super) bypasses: Vec<(usize, Vec<f64>)>,
}

/// Which cells along one axis become one: the first cell of every group, each of one or two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Groups {
    /// First cells, and the number of cells at the end.
    pub(super) starts: Vec<usize>,
}

impl Groups {
    pub(super) const fn len(&self) -> usize {
        self.starts.len() - 1
    }

    fn is_pair(&self, group: usize) -> bool {
        self.starts[group + 1] - self.starts[group] == 2
    }

    /// For each cell its group and the neighbouring group on its side: itself for a cell alone and
    /// at the rim.
    pub(super) fn main_and_side(&self) -> (Vec<u32>, Vec<u32>) {
        let n = *self.starts.last().unwrap_or(&0);
        let (mut main, mut side) = (Vec::with_capacity(n), Vec::with_capacity(n));
        let last = self.len().saturating_sub(1);
        for group in 0..self.len() {
            let as_u32 =
                |group: usize| u32::try_from(group).expect("a grid has at most 2^26 cells");
            if self.is_pair(group) {
                main.extend([as_u32(group); 2]);
                side.push(as_u32(group.saturating_sub(1)));
                side.push(as_u32((group + 1).min(last)));
            } else {
                main.push(as_u32(group));
                side.push(as_u32(group));
            }
        }
        (main, side)
    }
}

/// Lengths of the links across and up, in units of the extent up, as their conductances have them.
///
/// A sheet of conductance `kappa` on a grid with cells `hx` and `hy` has `kappa hy / hx` in each
/// link across; its sum over a line of links is `kappa Ly / hx`, and that of all lines in series
/// gives `Lx / Ly`.
fn link_lengths(network: &Plain) -> [Vec<f64>; 2] {
    let [nx, ny, _] = network.shape;
    let mut sums = [vec![0.0; nx], vec![0.0; ny]];
    for (row, (gx, gy)) in network.gx.chunks(nx).zip(network.gy.chunks(nx)).enumerate() {
        for (sum, g) in sums[0].iter_mut().zip(gx) {
            *sum += g;
        }
        sums[1][row % ny] += gy.iter().sum::<f64>();
    }
    sums[0].truncate(nx - 1);
    sums[1].truncate(ny - 1);
    // Links without conductance are merged last.
    let far = f64::MAX.sqrt();
    let mut lengths =
        sums.map(|sums| -> Vec<f64> { sums.iter().map(|g| (1.0 / g).min(far)).collect() });
    let whole: Vec<f64> = lengths.iter().map(|of| of.iter().sum::<f64>()).collect();
    if whole[0] > 0.0 && whole[1] > 0.0 {
        let kappa = 1.0 / (whole[0].sqrt() * whole[1].sqrt());
        for length in &mut lengths[0] {
            *length *= kappa;
        }
        for length in &mut lengths[1] {
            *length /= whole[1];
        }
    }
    lengths
}

fn merged(lengths: &[f64], longest: f64) -> Groups {
    let mut starts = vec![0];
    let mut cell = 0;
    while cell <= lengths.len() {
        let is_pair = lengths.get(cell).is_some_and(|length| *length <= longest);
        cell += if is_pair { 2 } else { 1 };
        starts.push(cell);
    }
    Groups { starts }
}

/// Which cells to merge across and up; `None` for a single column.
pub(super) fn groups(network: &Plain) -> Option<[Groups; 2]> {
    let [nx, ny, _] = network.shape;
    if nx * ny == 1 {
        return None;
    }
    let [across, up] = link_lengths(network);
    let shortest = across
        .iter()
        .chain(&up)
        .copied()
        .fold(f64::INFINITY, f64::min);
    let mut longest = SPREAD * shortest;
    loop {
        let both = [merged(&across, longest), merged(&up, longest)];
        let left = both[0].len() * both[1].len();
        let is_all = longest.is_infinite();
        if (left as f64) <= (1.0 - LEAST_SAVING) * (nx * ny) as f64 || is_all {
            return Some(both);
        }
        longest *= 2.0;
    }
}

impl Plain {
    pub(super) fn of(network: &Network, rate_per_s: f64) -> Self {
        Self {
            shape: network.shape,
            gx: network.gx.clone(),
            gy: network.gy.clone(),
            gz: network.gz.clone(),
            excess: network.excess(rate_per_s),
            bypasses: network
                .bypasses
                .iter()
                .map(|bypass| (bypass.sheet, bypass.conductance.clone()))
                .collect(),
        }
    }

    /// The network with groups across merged, and for each cell the weight of the neighbouring
    /// group when values are interpolated.
    pub(super) fn merge_across(&self, groups: &Groups) -> (Self, Vec<f64>) {
        let [nx, ny, nz] = self.shape;
        let mx = groups.len();
        let mut coarse = Self::empty([mx, ny, nz]);
        let mut weights = vec![0.0; nx * ny * nz];
        for row in 0..ny * nz {
            let (fine, first) = (row * nx, row * mx);
            for group in 0..mx {
                let cells = fine + groups.starts[group]..fine + groups.starts[group + 1];
                coarse.gy[first + group] = self.gy[cells.clone()].iter().sum();
                coarse.gz[first + group] = self.gz[cells.clone()].iter().sum();
                coarse.excess[first + group] = self.excess[cells].iter().sum();
            }
            // Half of the resistance within a pair, K/W.
            let half = |group: usize| {
                if groups.is_pair(group) {
                    0.5 / self.gx[fine + groups.starts[group]]
                } else {
                    0.0
                }
            };
            for group in 0..mx - 1 {
                let seam = fine + groups.starts[group + 1] - 1;
                let (left, right) = (half(group), half(group + 1));
                let g = 1.0 / (left + 1.0 / self.gx[seam] + right);
                coarse.gx[first + group] = g;
                weights[seam] = weight(left, g);
                weights[seam + 1] = weight(right, g);
            }
        }
        for (sheet, of) in &self.bypasses {
            let mut merged = Vec::with_capacity(mx * ny);
            for row in of.chunks(nx) {
                let pairs = groups.starts.windows(2);
                merged.extend(pairs.map(|pair| row[pair[0]..pair[1]].iter().sum::<f64>()));
            }
            coarse.bypasses.push((*sheet, merged));
        }
        (coarse, weights)
    }

    /// The same up.
    pub(super) fn merge_up(&self, groups: &Groups) -> (Self, Vec<f64>) {
        let [nx, ny, nz] = self.shape;
        let my = groups.len();
        let mut coarse = Self::empty([nx, my, nz]);
        let mut weights = vec![0.0; nx * ny * nz];
        for k in 0..nz {
            for group in 0..my {
                let first = (k * my + group) * nx;
                let rows = groups.starts[group]..groups.starts[group + 1];
                for j in rows {
                    let fine = (k * ny + j) * nx;
                    for i in 0..nx {
                        coarse.gx[first + i] += self.gx[fine + i];
                        coarse.gz[first + i] += self.gz[fine + i];
                        coarse.excess[first + i] += self.excess[fine + i];
                    }
                }
                if group + 1 == my {
                    continue;
                }
                let half = |group: usize, i: usize| {
                    if groups.is_pair(group) {
                        0.5 / self.gy[(k * ny + groups.starts[group]) * nx + i]
                    } else {
                        0.0
                    }
                };
                let seam = (k * ny + groups.starts[group + 1] - 1) * nx;
                for i in 0..nx {
                    let (below, above) = (half(group, i), half(group + 1, i));
                    let g = 1.0 / (below + 1.0 / self.gy[seam + i] + above);
                    coarse.gy[first + i] = g;
                    weights[seam + i] = weight(below, g);
                    weights[seam + nx + i] = weight(above, g);
                }
            }
        }
        for (sheet, of) in &self.bypasses {
            let mut merged = vec![0.0; nx * my];
            for (group, sums) in merged.chunks_mut(nx).enumerate() {
                for j in groups.starts[group]..groups.starts[group + 1] {
                    for (sum, g) in sums.iter_mut().zip(&of[j * nx..]) {
                        *sum += g;
                    }
                }
            }
            coarse.bypasses.push((*sheet, merged));
        }
        (coarse, weights)
    }

    fn empty(shape: [usize; 3]) -> Self {
        let zeros = || vec![0.0; shape.iter().product()];
        Self {
            shape,
            gx: zeros(),
            gy: zeros(),
            gz: zeros(),
            excess: zeros(),
            bypasses: Vec::new(),
        }
    }
}

/// Share of the way to the neighbouring centre that half of the pair's own resistance makes.
fn weight(half: f64, g: f64) -> f64 {
    if g > 0.0 { half * g } else { 0.0 }
}
