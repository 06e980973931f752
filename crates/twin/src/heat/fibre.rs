//! How far the bow of a package shifts the fibres of its engines.
//!
//! A package that bows by `w` from its centre to its corners at `r_c` follows the paraboloid
//! `z = w (r / r_c)^2`, whose slope at the distance `r` from the centre is `2 w r / r_c^2`. What
//! came of it after the fibres were attached, times the lever `h` between the fibres and the plane
//! about which the package bends, shifts them against their couplers:
//!
//! ```text
//! d = s h 2 w r / r_c^2
//! ```
//!
//! Small angles, so slopes below about 0.1. All of the shift is taken to lie across the light,
//! which bounds it from above: the part along the light widens the gap only, and costs far less.
//! Engine and package bend as one; what a socket or a compliant bond takes up is not there.

use std::collections::BTreeMap;

use system::System;
use system::parts::PackageStack;
use units::derivation::{number, read, read_ratio};
use units::{Derived, Meters, Ratio, Sourced};

use super::HeatFault;
use super::layout::{Layout, members};

/// Distances from the centre are multiples of it, so that engines which differ by rounding only
/// share their lanes. It moves no shift by more than its share of the distance, a few parts in
/// 10^8.
const SAME_PLACE_M: f64 = 1e-9;

/// How steep a bowed package stands under each engine of a system.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Steepness {
    /// Slope for each metre of bow, `2 r / r_c^2`, 1/m; none of an engine outside of a package that
    /// shifts fibres, and of one at its centre.
    by_engine: Vec<Option<f64>>,
}

/// What makes a shift of a slope: bow, its part since the attach, and lever.
type Bow<'a> = (&'a Sourced<Meters>, &'a Sourced<Ratio>, &'a Sourced<Meters>);

fn bow(stack: &PackageStack) -> Option<Bow<'_>> {
    Some((
        stack.warpage.as_ref()?,
        stack.bow_since_attach.as_ref()?,
        stack.fibre_lever.as_ref()?,
    ))
}

impl Steepness {
    /// Places the engines of a system.
    ///
    /// # Errors
    /// Packages that differ, engines without an outline, parts that do not fit.
    pub(crate) fn new(system: &System) -> Result<Self, HeatFault> {
        let mut by_engine = vec![None; system.engines.len()];
        let stack = system.description.package.stack.as_deref();
        if let Some(stack) = stack.filter(|stack| bow(stack).is_some()) {
            let packages = members(system)?;
            let (dies, engines) = &packages[0];
            let layout = Layout::new(system, dies, engines, stack)?;
            for (_, engines) in &packages {
                for seat in &layout.seats {
                    let r = layout.centre_distance_m2(&seat.outline).sqrt();
                    let r = (r / SAME_PLACE_M).round() * SAME_PLACE_M;
                    let steepness = 2.0 * r / layout.corner_m2();
                    by_engine[engines[seat.place]] = (r > 0.0).then_some(steepness);
                }
            }
        }
        Ok(Self { by_engine })
    }

    /// The same with all engines of a group as steep as the steepest of them, which holds the lane
    /// with the least margin.
    fn levelled(&self, system: &System) -> Vec<Option<f64>> {
        let mut steepest: BTreeMap<usize, f64> = BTreeMap::new();
        for (engine, steepness) in system.engines.iter().zip(&self.by_engine) {
            let so_far = steepest.entry(engine.group).or_insert(0.0);
            *so_far = so_far.max(steepness.unwrap_or(0.0));
        }
        let groups = system.engines.iter().map(|engine| steepest[&engine.group]);
        groups
            .map(|steepest| (steepest > 0.0).then_some(steepest))
            .collect()
    }

    /// How far the fibres of each engine are shifted. Of a system with another number of engines
    /// nothing is known.
    pub(crate) fn shifts(
        &self,
        system: &System,
        is_levelled: bool,
    ) -> Vec<Option<Derived<Meters>>> {
        let stack = system.description.package.stack.as_deref();
        let n = system.engines.len();
        let Some((warpage, since, lever)) =
            stack.and_then(bow).filter(|_| n == self.by_engine.len())
        else {
            return vec![None; n];
        };
        let by_engine = if is_levelled {
            self.levelled(system)
        } else {
            self.by_engine.clone()
        };
        let engines = system.engines.iter().zip(by_engine);
        engines
            .map(|(engine, steepness)| {
                let of = &engine.name;
                let place = number(Meters::new(1.0 / steepness?))
                    .named(format!("r_c^2 / 2 r of the place of {of} in its package"));
                let slope = (read(warpage) / place * read_ratio(since)).named(format!(
                    "slope of the package under {of} since its fibres were attached"
                ));
                Some((read(lever) * slope).named(format!("shift of the fibres of {of}")))
            })
            .collect()
    }
}
