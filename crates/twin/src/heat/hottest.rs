//! The hottest place of a block, beside its mean.

use units::{Celsius, Watts};

use super::HeatFault;
use super::response::{Heated, PackageModel};

/// Shares of the heat of the core and of the SerDes of a die at which the hottest cells are sought.
const SOUGHT: [f64; 7] = [0.0, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0];

/// How far the hottest cell of a block lies above its mean.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Hottest {
    /// Position of the block.
    pub(super) block: usize,
    /// Cells that are hottest at some share of core and SerDes: what each watt of every block of the
    /// package lifts them above the mean, one row for each, K/W.
    k_per_w: Vec<f64>,
    /// What the hottest is above that at the operating point, through `k(T)` and what is outside, K.
    at_rest_k: f64,
    at_rest_w: f64,
}

impl Hottest {
    pub(super) fn new(
        package: &PackageModel,
        heated: &Heated,
        powers_w: &[f64],
        (block, celsius): (usize, f64),
        of_die: [usize; 2],
    ) -> Result<Self, HeatFault> {
        let outside: Vec<Celsius> = heated.outside.iter().copied().map(Celsius::new).collect();
        let mut powers: Vec<Watts> = powers_w.iter().copied().map(Watts::new).collect();
        let mut cells: Vec<usize> = Vec::new();
        for core in SOUGHT {
            for serdes in SOUGHT {
                powers[of_die[0]] = Watts::new(powers_w[of_die[0]] * core);
                powers[of_die[1]] = Watts::new(powers_w[of_die[1]] * serdes);
                let cell = package.response.hottest_cell(block, &powers, &outside)?;
                if !cells.contains(&cell) {
                    cells.push(cell);
                }
            }
        }
        let rows = cells.iter();
        let rows = rows.flat_map(|cell| package.response.above_mean(block, *cell));
        let mut found = Self {
            block,
            k_per_w: rows.map(units::KelvinPerWatt::value).collect(),
            at_rest_k: 0.0,
            at_rest_w: powers_w[block],
        };
        let watts: Vec<Watts> = powers_w.iter().copied().map(Watts::new).collect();
        found.at_rest_k = celsius - heated.averages[block] - found.above_mean_k(&watts);
        Ok(found)
    }

    /// With the given powers of the blocks of the package.
    pub(super) fn above_mean_k(&self, powers: &[Watts]) -> f64 {
        let rows = self.k_per_w.chunks_exact(powers.len());
        let of_row = |row: &[f64]| -> f64 {
            let terms = row.iter().zip(powers);
            terms.map(|(k_per_w, power)| k_per_w * power.value()).sum()
        };
        let highest = rows.map(of_row).fold(f64::NEG_INFINITY, f64::max);
        let share = if self.at_rest_w > 0.0 {
            powers[self.block].value() / self.at_rest_w
        } else {
            1.0
        };
        highest + self.at_rest_k * share
    }
}
