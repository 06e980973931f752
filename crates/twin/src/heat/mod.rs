//! Heat, light and electrons together: the temperatures at which they agree.
//!
//! Heat makes temperature through the response of each package, which is linear and is computed
//! once. Temperature makes heat: leakage of dies, heaters of rings, lasers that want more current.
//! `solve` finds the temperatures at which both hold, by Newton's method, and says how far the
//! loop is from running away.

mod cooler;
mod fibre;
mod figures;
mod layout;
mod loads;
mod model;
mod newton;
mod package;
mod stack;

use std::collections::BTreeMap;
use std::sync::Arc;

use link::{Conditions, Lanes};
use system::System;
use thermal::ThermalError;
use units::derivation::{number, read};
use units::{Celsius, Derived, KelvinDifference, Meters, Sourced, Watts};

pub(crate) use self::fibre::Steepness;
pub use self::figures::{
    CoolingFigures, FibreShift, GroupHeat, HeatFigures, HeatedKind, Range, RingHeat, ZoneHeat,
};
pub(crate) use self::loads::core_power;
pub(crate) use self::model::HeatModel;
pub use self::package::{Package, package};

use self::loads::Loads;

/// Difference of the temperatures that light and electrons were solved at from those that heat
/// then gives, below which both agree.
///
/// Temperatures are held on multiples of it, so that engines which differ by rounding only share
/// their lanes.
pub const AGREEMENT: KelvinDifference = KelvinDifference::new(1e-3);

/// Newton steps before giving up.
const MAX_STEPS: usize = 40;

/// Step of the temperature by which the change of power is found.
const PROBE_K: f64 = 0.5;

/// Temperature that no part of a package survives: an iteration that passes it runs away.
const BEYOND: Celsius = Celsius::new(400.0);

/// Why a system has no temperatures.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HeatFault {
    /// The description lacks something.
    #[error("{of} lacks {what}")]
    Missing {
        /// What is missing.
        what: &'static str,
        /// Where.
        of: String,
    },
    /// The packages differ.
    #[error("{n} {what} do not spread evenly over {packages} packages")]
    Uneven {
        /// Dies or engines.
        what: &'static str,
        /// How many there are.
        n: usize,
        /// Packages.
        packages: usize,
    },
    /// A die or an engine reaches beyond the package.
    #[error(
        "{part} reaches beyond the package of {width:.4} x {height:.4}: its corner lies at ({x:.4}, {y:.4})"
    )]
    DoesNotFit {
        /// The die or engine.
        part: String,
        /// Left edge.
        x: Meters,
        /// Lower edge.
        y: Meters,
        /// Width of the package.
        width: Meters,
        /// Height of the package.
        height: Meters,
    },
    /// The package has no solution.
    #[error(transparent)]
    Thermal(#[from] ThermalError),
    /// A cooler has no resistance at its flow.
    #[error("cooler: {what}")]
    Cooler {
        /// Why.
        what: String,
    },
    /// More heat makes more heat.
    #[error(
        "no stable operating point below {limit:.4}: heat that makes heat comes back {gain:.2} times, most of it in {part}"
    )]
    Runaway {
        /// The part whose own heat comes back to it most.
        part: String,
        /// Where the search ends.
        limit: Celsius,
        /// Steps done.
        steps: usize,
        /// Greatest eigenvalue of the loop from heat to temperature to heat.
        gain: f64,
    },
    /// Heat, light and electrons do not come to an agreement.
    #[error("heat, light and electrons differ by {residual:.3} after {steps} steps")]
    NoAgreement {
        /// Greatest difference left.
        residual: KelvinDifference,
        /// Steps done.
        steps: usize,
    },
}

/// One part and its heat.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PartHeat {
    /// What it takes up and gives off as heat.
    pub power: Watts,
    /// The temperature that counts: the hottest place of a die, the mean of a photonic die, the
    /// case of a module.
    pub temperature: Celsius,
}

/// Heat of an engine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EngineHeat {
    /// Photonic die, or the optics of a module.
    pub photonic: PartHeat,
    /// Electronic die; that of a module has the temperature of its optics.
    pub electronic: PartHeat,
    /// Kelvin for each watt of the die of its package; none outside a package.
    pub crosstalk_k_per_w: Option<f64>,
    /// Kelvin for each watt of its own photonic die.
    pub own_k_per_w: Option<f64>,
}

/// The agreement of heat, light and electrons.
#[derive(Debug, Clone, PartialEq)]
pub struct HeatState {
    /// Dies.
    pub asics: Vec<PartHeat>,
    /// Engines.
    pub engines: Vec<EngineHeat>,
    /// Laser modules.
    pub laser_modules: Vec<PartHeat>,
    /// Fluids that leave, by the position of the cooling in the description; none where nothing
    /// solved rests on it.
    pub outlets: Vec<Option<Celsius>>,
    /// Greatest difference between the temperatures that the lanes were solved at and those that
    /// their heat gives.
    pub residual: KelvinDifference,
    /// Newton steps.
    pub steps: usize,
    /// Greatest eigenvalue of the loop from heat to temperature to heat: it runs away at one.
    pub gain: f64,
    /// Where the heat of each package went, in the order of the packages.
    pub balances: Vec<PackageBalance>,
}

/// Where the heat of a package goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PackageBalance {
    /// Generated.
    pub generated: Watts,
    /// Into its coolers.
    pub to_coolers: Watts,
    /// Through the board.
    pub to_board: Watts,
}

/// A temperature that the search holds, as the leaf of expressions.
fn held(name: &str, celsius: f64) -> Derived<Celsius> {
    number(Celsius::new(celsius)).named(format!("temperature of {name}, solved with its heat"))
}

/// The nearest multiple of [`AGREEMENT`].
fn on_grid(celsius: f64) -> f64 {
    (celsius / AGREEMENT.value()).round() * AGREEMENT.value()
}

/// The parts of a system in one list: dies, engines, laser modules.
pub(crate) struct Parts {
    /// The stated temperature of each; none where heat is solved.
    stated: Vec<Option<Sourced<Celsius>>>,
    names: Vec<String>,
    /// Kind and group of each.
    groups: Vec<(u8, usize)>,
    n_asics: usize,
    n_engines: usize,
}

impl Parts {
    pub(crate) fn new(system: &System) -> Self {
        let zone = |zone: system::ZoneId| {
            let zone = &system.description.zone[zone.index()].value;
            zone.temperature.clone()
        };
        let asics = system
            .asics
            .iter()
            .map(|part| (zone(part.zone), &part.name));
        let engines = system
            .engines
            .iter()
            .map(|part| (zone(part.zone), &part.name));
        let modules = system
            .laser_modules
            .iter()
            .map(|part| (zone(part.zone), &part.name));
        let (stated, names) = asics
            .chain(engines)
            .chain(modules)
            .map(|(stated, name)| (stated, name.clone()))
            .unzip();
        let groups = system.asics.iter().map(|part| (0, part.group));
        let groups = groups
            .chain(system.engines.iter().map(|part| (1, part.group)))
            .chain(system.laser_modules.iter().map(|part| (2, part.group)));
        Self {
            groups: groups.collect(),
            stated,
            names,
            n_asics: system.asics.len(),
            n_engines: system.engines.len(),
        }
    }

    /// Whether every zone states its temperature, so that nothing is left to solve.
    pub(crate) fn are_all_stated(&self) -> bool {
        self.stated.iter().all(Option::is_some)
    }

    /// Puts the parts of each group at their mean.
    fn level(&self, celsius: &mut [f64]) {
        let mut sums: BTreeMap<(u8, usize), (f64, f64)> = BTreeMap::new();
        for (group, celsius) in self.groups.iter().zip(celsius.iter()) {
            let sum = sums.entry(*group).or_insert((0.0, 0.0));
            *sum = (sum.0 + celsius, sum.1 + 1.0);
        }
        for (group, celsius) in self.groups.iter().zip(celsius) {
            let (sum, n) = sums[group];
            *celsius = sum / n;
        }
    }

    fn n(&self) -> usize {
        self.stated.len()
    }

    /// Conditions for `link` at a place of the search.
    fn conditions(
        &self,
        celsius: &[f64],
        fibre_shifts: Vec<Option<Derived<Meters>>>,
        peers: Vec<Conditions>,
    ) -> Conditions {
        let all: Vec<Derived<Celsius>> = (0..self.n())
            .map(|idx| match &self.stated[idx] {
                Some(stated) => read(stated),
                None => held(&self.names[idx], celsius[idx]),
            })
            .collect();
        let (asics, rest) = all.split_at(self.n_asics);
        let (engines, modules) = rest.split_at(self.n_engines);
        Conditions {
            asics: asics.to_vec(),
            engines: engines.to_vec(),
            fibre_shifts,
            laser_modules: modules.to_vec(),
            peers,
        }
    }
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

/// Finds the temperatures at which heat, light and electrons agree.
///
/// With the heat `P(T)` of the parts and the response `T = T_0 + R P`, each step solves
/// `(1 - R dP/dT) (T' - T) = T_0 + R P(T) - T`.
///
/// # Errors
/// No stable operating point, or none within [`MAX_STEPS`] steps.
pub(crate) fn solve(
    system: &System,
    model: &Arc<HeatModel>,
    start: &Start<'_>,
) -> Result<(Agreement, Lanes), HeatFault> {
    let parts = Parts::new(system);
    // Another number of parts is another system.
    let near = start.near.filter(|near| near.has_parts_of(&parts));
    let mut celsius = near.map_or_else(|| coldest_of(system, &parts), Agreement::celsius);
    let loads_at = |celsius: &[f64]| {
        let conditions = parts.conditions(celsius, start.fibre_shifts.clone(), start.peers.clone());
        let lanes = Lanes::new(system, &conditions);
        let loads = Loads::new(system, &conditions, &lanes);
        (conditions, lanes, loads)
    };
    let mut slopes = near.map(|near| near.slopes.clone());
    let mut residual = f64::INFINITY;
    for steps in 0..MAX_STEPS {
        if start.is_levelled {
            parts.level(&mut celsius);
        }
        for celsius in &mut celsius {
            *celsius = on_grid(*celsius);
        }
        let (conditions, lanes, loads) = loads_at(&celsius);
        let mut heated = model.temperatures(system, &parts, &loads);
        if start.is_levelled {
            parts.level(&mut heated);
        }
        let slopes = slopes.get_or_insert_with(|| {
            let warmer: Vec<f64> = celsius.iter().map(|t| t + PROBE_K).collect();
            let (_, _, more) = loads_at(&warmer);
            loads.slopes(&more, PROBE_K)
        });
        let difference: Vec<f64> = (0..parts.n())
            .map(|idx| match parts.stated[idx] {
                Some(_) => 0.0,
                None => heated[idx] - celsius[idx],
            })
            .collect();
        residual = difference.iter().fold(0.0, |max: f64, d| max.max(d.abs()));
        let (gain, strongest) = model.gain(system, &parts, slopes);
        if residual <= AGREEMENT.value() && gain < 1.0 {
            let state = model.state(system, &parts, &loads, residual, steps, gain);
            let agreement = Agreement {
                conditions,
                state,
                slopes: slopes.clone(),
            };
            return Ok((agreement, lanes));
        }
        let step = model.newton_step(system, &parts, slopes, &difference);
        for (celsius, step) in celsius.iter_mut().zip(&step) {
            *celsius += step;
        }
        let is_beyond = |t: &f64| t.is_nan() || *t >= BEYOND.value();
        if gain >= 1.0 || celsius.iter().any(is_beyond) {
            return Err(HeatFault::Runaway {
                part: parts.names[strongest].clone(),
                limit: BEYOND,
                steps: steps + 1,
                gain,
            });
        }
        // Leakage grows with temperature: its slope is found anew where the step was long.
        if residual > PROBE_K {
            let at: Vec<f64> = celsius.iter().map(|t| on_grid(*t)).collect();
            let warmer: Vec<f64> = at.iter().map(|t| t + PROBE_K).collect();
            let ((_, _, here), (_, _, there)) = (loads_at(&at), loads_at(&warmer));
            slopes.clone_from(&here.slopes(&there, PROBE_K));
        }
    }
    Err(HeatFault::NoAgreement {
        residual: KelvinDifference::new(residual),
        steps: MAX_STEPS,
    })
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
            let inlet = || model::cooling_of(system, zone).map(|(_, of)| of.inlet.value);
            let stated = stated.as_ref().map(|stated| stated.value);
            stated.or_else(inlet).unwrap_or_default().value()
        })
        .collect()
}

/// The same for systems whose heat has no answer, and for their far ends; all fibres where they were
/// attached.
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
