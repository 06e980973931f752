//! Which spreads matter, and what for.

use rayon::prelude::*;
use system::{StatedValue, System};

use crate::sampled::{Kinds, LitRow, Outputs};
use crate::steady::SteadyState;
use crate::variance::{FirstOrder, first_order};

/// Draws that fail, and draws that do not, below which nothing is said on why they fail.
const MIN_OF_EACH: usize = 10;

/// What one value does to one result.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Effect {
    /// The share of the result's variance that the value explains alone; none where the result
    /// does not vary or draws are too few.
    pub first_order: Option<FirstOrder>,
    /// The result with the value at its fifth percentile and all others nominal; none where the
    /// lane is then dark or has no finite margin.
    pub at_p5: Option<f64>,
    /// The same at its ninety-fifth percentile.
    pub at_p95: Option<f64>,
}

impl Effect {
    /// How far the result moves between the two; none where one of them is missing.
    pub fn swing(&self) -> Option<f64> {
        Some((self.at_p95? - self.at_p5?).abs())
    }

    fn share(&self) -> f64 {
        self.first_order.map_or(0.0, |index| index.value)
    }
}

/// A value with a spread, and what it does.
#[derive(Debug, Clone, PartialEq)]
pub struct Influence {
    /// The value with its spread.
    pub value: StatedValue,
    /// Its fifth percentile, in the unit that the quantity's newtype holds.
    pub p5: f64,
    /// Its ninety-fifth percentile.
    pub p95: f64,
    /// On the margin of the worst lane, decibels; the variance is that over lit draws with a
    /// finite margin.
    pub margin_db: Effect,
    /// On the power of a port at the module boundary, watts.
    pub module_w: Effect,
    /// The share that the value has in whether all lanes close, dark draws being failures; none
    /// where fewer than ten draws fail or fewer than ten do not.
    pub closing: Option<FirstOrder>,
}

/// What every value with a spread does that moves anything, strongest on the margin first. Where
/// draws have results that the nominal system lacks, that is every value with a spread.
pub(crate) fn influences(
    system: &System,
    nominal: &SteadyState,
    seed: u64,
    outputs: &Outputs,
) -> Vec<Influence> {
    let kinds = Kinds::new(system, nominal);
    let run = |system: &System, state: &SteadyState| {
        let row = kinds.row(system, state);
        let lit = row.lit.as_ref().ok();
        let margin_db = lit.and_then(LitRow::margin_db);
        (margin_db, lit.and_then(LitRow::module_w))
    };
    let centre = run(system, nominal);
    let n_closed = outputs.closes.iter().filter(|closes| **closes).count();
    // A nominal system that is dark stays so whatever one value does, and tells nothing apart.
    let is_blind = (centre.0.is_none() && outputs.margin_db.iter().any(Option::is_some))
        || (centre.1.is_none() && outputs.module_w.iter().any(Option::is_some));
    let has_both = n_closed >= MIN_OF_EACH && outputs.closes.len() - n_closed >= MIN_OF_EACH;
    let closes: Vec<Option<f64>> = outputs
        .closes
        .iter()
        .map(|closes| Some(f64::from(u8::from(*closes))))
        .collect();
    let mut found: Vec<Influence> = system
        .values()
        .into_par_iter()
        .filter(|value| !value.spread.is_exact())
        .filter_map(|value| {
            let at = |p: f64| {
                let si = value.quantile(p);
                // A quantile lies within the range of its field.
                let moved = system.with_values(&[(&value.key, value.field, si)]).ok()?;
                Some(run(&moved, &SteadyState::solve_drawn(&moved, nominal)))
            };
            let (low, high) = (at(0.05)?, at(0.95)?);
            if low == centre && high == centre && !is_blind {
                return None;
            }
            let levels: Vec<f64> = {
                let draw = value.draw(seed);
                (0..outputs.closes.len() as u64)
                    .map(|tick| draw.uniform(tick))
                    .collect()
            };
            Some(Influence {
                p5: value.quantile(0.05),
                p95: value.quantile(0.95),
                margin_db: Effect {
                    first_order: index(&levels, &outputs.margin_db),
                    at_p5: low.0,
                    at_p95: high.0,
                },
                module_w: Effect {
                    first_order: index(&levels, &outputs.module_w),
                    at_p5: low.1,
                    at_p95: high.1,
                },
                closing: has_both.then(|| index(&levels, &closes)).flatten(),
                value,
            })
        })
        .collect();
    // A stable sort: what is equal stays in the order of the description.
    found.sort_by(|a, b| {
        let strength = |i: &Influence| (i.margin_db.share(), i.module_w.share());
        let ((a_margin, a_power), (b_margin, b_power)) = (strength(a), strength(b));
        b_margin
            .total_cmp(&a_margin)
            .then(b_power.total_cmp(&a_power))
    });
    found
}

/// The index over the draws that have a result.
fn index(levels: &[f64], outputs: &[Option<f64>]) -> Option<FirstOrder> {
    let (levels, outputs): (Vec<f64>, Vec<f64>) = levels
        .iter()
        .zip(outputs)
        .filter_map(|(level, output)| Some((*level, (*output)?)))
        .unzip();
    first_order(&levels, &outputs)
}
