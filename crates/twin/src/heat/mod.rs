//! Heat, light and electrons together: the temperatures at which they agree.
//!
//! Heat makes temperature through the response of each package, which is computed once, and through
//! a field that has the conductivities of its own temperatures. Temperature makes heat: leakage of
//! dies, heaters of rings, lasers that want more current. `solve` finds the temperatures at which
//! both hold, by Newton's method on the response, and says how far the loop is from running away.

mod cooler;
mod dynamics;
mod fibre;
mod figures;
mod hottest;
mod layout;
mod loads;
mod model;
mod module;
mod motion;
mod newton;
mod package;
mod response;
mod search;
mod series;
mod sinks;
mod stack;
mod within;

use std::collections::BTreeMap;

use link::Conditions;
use system::System;
use thermal::ThermalError;
use units::derivation::{number, read};
use units::{Celsius, Derived, KelvinDifference, Meters, Sourced, Watts};

pub use self::dynamics::{HEAT_REDUCTION, HeatDynamics};
pub(crate) use self::fibre::Steepness;
pub use self::figures::{
    CoolingFigures, FibreShift, GroupHeat, HeatFigures, HeatedKind, Range, RingHeat, ZoneHeat,
};
pub use self::loads::{EngineLoad, Loads};
pub(crate) use self::loads::{core_power, core_w, electronic_w, heat_over_power};
pub(crate) use self::model::HeatModel;
pub(crate) use self::motion::HeatMeans;
pub use self::motion::{Coolant, CoolantHeat, HeatMotion, HeatNow, SinkHeat};
pub use self::package::{Package, package};
pub(crate) use self::search::{Agreement, Start, coldest, solve};
pub(crate) use self::within::HeatPart;

use self::module::{Module, modules};

/// Difference of the temperatures that light and electrons were solved at from those that heat
/// then gives, below which both agree.
///
/// Temperatures are held on multiples of it, so that engines which differ by rounding only share
/// their lanes.
pub const AGREEMENT: KelvinDifference = KelvinDifference::new(1e-3);

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
    /// Heat or coolant of another system, or none that can be.
    #[error("{what}")]
    Input {
        /// What is wrong with it.
        what: String,
    },
    /// More heat makes more heat.
    #[error(
        "no stable operating point below {limit:.4}, first of all in {part}: at step {steps} of the search each kelvin makes heat for {gain:.2} K more; give it less power or leakage, or cool it better"
    )]
    Runaway {
        /// The part whose own heat comes back to it most; where the gain is below one, the hottest.
        part: String,
        /// Temperature that no part survives; the search goes no further.
        limit: Celsius,
        /// The step of the search at which a part would pass the limit, or at which the gain is
        /// one or more.
        steps: usize,
        /// Greatest eigenvalue of the loop from heat to temperature to heat, at that step.
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

impl HeatFault {
    /// What went wrong, without the numbers: draws are counted by it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "the description lacks something that heat needs",
            Self::Uneven { .. } => "the packages differ",
            Self::DoesNotFit { .. } => "a die or an engine does not fit its package",
            Self::Thermal(_) => "the heat of the package has no solution",
            Self::Cooler { .. } => "a cooler has no resistance at its flow",
            Self::Input { .. } => "heat or coolant of another system",
            Self::Runaway { .. } => "heat runs away",
            Self::NoAgreement { .. } => "heat, light and electrons do not come to an agreement",
        }
    }
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
    /// their heat gives, with the conductivities of those temperatures. Draws take what
    /// conductivities do from the nominal system.
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

    /// Heated temperatures less held ones, nothing where a temperature is stated, and the greatest
    /// of them.
    fn differences(&self, heated: &[f64], held: &[f64]) -> (Vec<f64>, f64) {
        let pairs = heated.iter().zip(held).zip(&self.stated);
        let difference: Vec<f64> = pairs
            .map(|((heated, held), stated)| match stated {
                Some(_) => 0.0,
                None => heated - held,
            })
            .collect();
        let greatest = difference.iter().fold(0.0, |max: f64, d| max.max(d.abs()));
        (difference, greatest)
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

/// A system to be solved, with its parts and what each of its modules needs.
struct Setting<'a> {
    system: &'a System,
    parts: Parts,
    modules: Vec<Module<'a>>,
}

impl<'a> Setting<'a> {
    fn new(system: &'a System) -> Result<Self, HeatFault> {
        let parts = Parts::new(system);
        let modules = modules(system, &parts)?;
        Ok(Self {
            system,
            parts,
            modules,
        })
    }
}
