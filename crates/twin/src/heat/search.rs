//! The search for the temperatures at which heat, light and electrons agree.

use std::sync::Arc;

use link::{Conditions, Lanes};
use system::System;
use units::derivation::Derived;
use units::{Celsius, KelvinDifference, Meters};

use super::loads::Loads;
use super::model::HeatModel;
use super::sinks::cooling_of;
use super::{AGREEMENT, HeatFault, HeatState, Parts, Setting};

/// Newton steps before giving up.
const MAX_STEPS: usize = 40;

/// Step of the temperature by which the change of power is found.
const PROBE_K: f64 = 0.5;

/// Slopes stay as long as each step leaves no more than this share of the residual before it. With a
/// gain `g` of the loop that they make and `g'` of the true one, a step leaves `(g' - g) / (1 - g)`:
/// a search that ends with old slopes ends where the true gain is below one too.
const SHRINKS: f64 = 0.1;

/// Temperature that no part of a package survives: an iteration that passes it runs away.
const BEYOND: Celsius = Celsius::new(400.0);

/// The nearest multiple of [`AGREEMENT`].
fn on_grid(celsius: f64) -> f64 {
    (celsius / AGREEMENT.value()).round() * AGREEMENT.value()
}

/// The conditions of a system and what was found on the way.
#[derive(Debug, Clone)]
pub(crate) struct Agreement {
    pub(crate) conditions: Conditions,
    pub(crate) state: HeatState,
    /// Change of the heat of every part with its temperature, W/K, in the order of the parts.
    pub(crate) slopes: Vec<f64>,
}

/// Where a search starts.
pub(crate) struct Start<'a> {
    /// Whether engines of a group, and modules of a group, stand at their mean: for draws, whose
    /// spread is wider than the difference between engines.
    pub(crate) is_levelled: bool,
    /// An agreement of a system that is nearly the same: its temperatures and slopes.
    pub(crate) near: Option<&'a Agreement>,
    /// How far the fibres of each engine have moved.
    pub(crate) fibre_shifts: Vec<Option<Derived<Meters>>>,
    /// Conditions of the systems at the far ends.
    pub(crate) peers: Vec<Conditions>,
}

/// What a search finds: the agreement, the lanes there, and the packages at rest there.
pub(crate) type Found = (Agreement, Lanes, Arc<HeatModel>);

/// Finds the temperatures at which heat, light and electrons agree.
///
/// With the heat `P(T)` of the parts and the response `T = T_0 + R P + E`, each step solves
/// `(1 - R dP/dT) (T' - T) = T_0 + R P(T) + E - T`. `E` is what conductivities `k(T)` make of it:
/// where a search has come to an agreement, the fields of the packages are solved at its heat, each
/// with the conductivities of its own temperatures, `E` follows from them, and the search goes on
/// until it agrees with a field at its own heat. A levelled search leaves `E` where it is.
///
/// # Errors
/// No stable operating point, or none within [`MAX_STEPS`] steps; modules that lack a resistance or
/// a cooler at their flow.
pub(crate) fn solve(
    system: &System,
    model: &Arc<HeatModel>,
    start: &Start<'_>,
) -> Result<Found, HeatFault> {
    let setting = Setting::new(system)?;
    let parts = &setting.parts;
    let mut model = Arc::clone(model);
    // Another number of parts is another system.
    let near = start.near.filter(|near| near.has_parts_of(parts));
    let mut celsius = near.map_or_else(|| coldest_of(system, parts), Agreement::celsius);
    let loads_at = |celsius: &[f64]| {
        let conditions = parts.conditions(celsius, start.fibre_shifts.clone(), start.peers.clone());
        let loads = Loads::new(system, &conditions, &Lanes::lit(system, &conditions));
        (conditions, loads)
    };
    let slopes_at = |celsius: &[f64], loads: &Loads| {
        let warmer: Vec<f64> = celsius.iter().map(|t| t + PROBE_K).collect();
        loads.slopes(&loads_at(&warmer).1, PROBE_K)
    };
    let apart = |model: &HeatModel, celsius: &[f64], loads: &Loads| {
        let mut heated = model.temperatures(&setting, loads);
        if start.is_levelled {
            parts.level(&mut heated);
        }
        parts.differences(&heated, celsius)
    };
    let mut slopes = near.map(|near| near.slopes.clone());
    let (mut residual, mut residual_before) = (f64::INFINITY, f64::INFINITY);
    for steps in 0..MAX_STEPS {
        if start.is_levelled {
            parts.level(&mut celsius);
        }
        for celsius in &mut celsius {
            *celsius = on_grid(*celsius);
        }
        let (conditions, loads) = loads_at(&celsius);
        let (mut difference, mut greatest) = apart(&model, &celsius, &loads);
        // A step with the true slopes leaves little: slopes that do not are old. What is told about
        // an agreement, the gain, is of the slopes there.
        let is_told = greatest <= AGREEMENT.value() && !start.is_levelled;
        let slopes = match &mut slopes {
            Some(slopes) if greatest <= SHRINKS * residual_before && !is_told => slopes,
            slopes => slopes.insert(slopes_at(&celsius, &loads)),
        };
        let (gain, strongest) = model.gain(&setting, slopes);
        let agrees = |greatest: f64| greatest <= AGREEMENT.value() && gain < 1.0;
        if agrees(greatest)
            && !start.is_levelled
            && let Some(at_rest) = model.at_rest(system, &loads)?
        {
            model = Arc::new(at_rest);
            (difference, greatest) = apart(&model, &celsius, &loads);
        }
        residual = greatest;
        if agrees(residual) {
            let state = model.state(&setting, &loads, residual, steps, gain);
            let agreement = Agreement {
                conditions,
                state,
                slopes: slopes.clone(),
            };
            let lanes = Lanes::new(system, &agreement.conditions);
            return Ok((agreement, lanes, model));
        }
        let step = model.newton_step(&setting, slopes, &difference);
        for (celsius, step) in celsius.iter_mut().zip(&step) {
            *celsius += step;
        }
        let is_beyond = |t: &f64| t.is_nan() || *t >= BEYOND.value();
        let beyond = celsius.iter().position(is_beyond);
        if gain >= 1.0 || beyond.is_some() {
            let part = if gain >= 1.0 {
                strongest
            } else {
                hottest(&celsius)
            };
            return Err(HeatFault::Runaway {
                part: parts.names[part].clone(),
                limit: BEYOND,
                steps: steps + 1,
                gain,
            });
        }
        residual_before = residual;
    }
    Err(HeatFault::NoAgreement {
        residual: KelvinDifference::new(residual),
        steps: MAX_STEPS,
    })
}

/// Position of the highest temperature.
fn hottest(celsius: &[f64]) -> usize {
    let all = celsius.iter().enumerate();
    let hottest = all.max_by(|a, b| a.1.total_cmp(b.1));
    hottest.map_or(0, |(part, _)| part)
}

/// Every part as cold as what cools it: a place from which the search approaches the cooler of two
/// operating points.
fn coldest_of(system: &System, parts: &Parts) -> Vec<f64> {
    let zones = system.asics.iter().map(|part| part.zone);
    let zones = zones
        .chain(system.engines.iter().map(|part| part.zone))
        .chain(system.laser_modules.iter().map(|part| part.zone));
    zones
        .zip(&parts.stated)
        .map(|(zone, stated)| {
            let inlet = || cooling_of(system, zone).map(|(_, of)| of.inlet.value);
            let stated = stated.as_ref().map(|stated| stated.value);
            stated.or_else(inlet).unwrap_or_default().value()
        })
        .collect()
}

/// The heat of parts as cold as what cools them.
pub(super) fn coldest_loads(system: &System) -> Loads {
    let cold = coldest(system);
    Loads::new(system, &cold, &Lanes::lit(system, &cold))
}

/// Conditions for systems whose heat has no answer, and for their far ends; all fibres where they
/// were attached.
pub(crate) fn coldest(system: &System) -> Conditions {
    let parts = Parts::new(system);
    let peers = system.peers.iter().map(|peer| coldest(peer)).collect();
    let shifts = vec![None; parts.n_engines];
    parts.conditions(&coldest_of(system, &parts), shifts, peers)
}

impl Agreement {
    /// Whether it speaks of as many dies, engines and laser modules.
    fn has_parts_of(&self, parts: &Parts) -> bool {
        let of = &self.conditions;
        of.asics.len() == parts.n_asics
            && of.engines.len() == parts.n_engines
            && of.laser_modules.len() == parts.n() - parts.n_asics - parts.n_engines
    }

    /// The temperatures of all parts in one list.
    fn celsius(&self) -> Vec<f64> {
        let of = &self.conditions;
        of.asics
            .iter()
            .chain(&of.engines)
            .chain(&of.laser_modules)
            .map(|t| t.value().value())
            .collect()
    }
}
