//! Ranges instead of points: what the spreads of the parts' figures do to the figures.

use rayon::prelude::*;
use system::System;

use crate::figures::Figures;
use crate::steady::SteadyState;

/// The fifth, fiftieth and ninety-fifth percentile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantiles {
    /// Fifth percentile.
    pub p5: f64,
    /// Median.
    pub p50: f64,
    /// Ninety-fifth percentile.
    pub p95: f64,
}

impl Quantiles {
    /// The quantiles of some numbers, interpolated between neighbours; none of no numbers.
    pub fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let last = values.len().checked_sub(1)?;
        let at = |p: f64| {
            let place = p * last as f64;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a place in a list"
            )]
            let low = place.floor() as usize;
            let high = (low + 1).min(last);
            values[low] + (place - place.floor()) * (values[high] - values[low])
        };
        Some(Self {
            p5: at(0.05),
            p50: at(0.5),
            p95: at(0.95),
        })
    }
}

/// What a number of draws gave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drawn<const N: usize> {
    /// Quantiles of each number over the draws that light every lane.
    pub quantiles: [Option<Quantiles>; N],
    /// Draws that leave a lane dark. They are not counted: a switch that does not work takes no
    /// representative power.
    pub n_dark: usize,
}

/// Quantiles of numbers of the figures over `n` draws from the spreads of all parts.
///
/// `of` gives the numbers of one draw; a draw for which it gives none is left out. The result
/// does not depend on the number of threads.
pub fn power_quantiles<const N: usize>(
    system: &System,
    seed: u64,
    n: u64,
    of: impl Fn(&Figures) -> Option<[f64; N]> + Sync,
) -> Drawn<N> {
    let draws: Vec<(bool, Option<[f64; N]>)> = (0..n)
        .into_par_iter()
        .map(|tick| {
            let drawn = system.drawn(seed, tick);
            let figures = Figures::new(&drawn, &SteadyState::solve(&drawn));
            let is_dark = figures.link.as_ref().is_some_and(|link| link.n_dark > 0);
            (is_dark, of(&figures))
        })
        .collect();
    let lit = || {
        draws
            .iter()
            .filter(|(is_dark, _)| !is_dark)
            .filter_map(|(_, draw)| *draw)
    };
    Drawn {
        quantiles: std::array::from_fn(|term| {
            Quantiles::of(lit().map(|draw| draw[term]).collect())
        }),
        n_dark: draws.iter().filter(|(is_dark, _)| *is_dark).count(),
    }
}
