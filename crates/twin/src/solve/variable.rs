//! What may vary, and how a value of it changes the description.

use link::{drive_for_extinction_ratio, residual_for_coupler_loss};
use system::parts::{Coupler, ElsfpClass, Modulator};
use system::{LaserHome, Library, System, Value};
use units::{Celsius, Decibels, Derived, Dimension, Meters, Spread};

use crate::figures::Figures;
use crate::steady::SteadyState;

/// The values of a variable.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Numbers in the unit of the variable, rising.
    Numbers {
        /// The numbers.
        values: Vec<f64>,
        /// Whether the author said how many there are.
        is_fixed: bool,
    },
    /// Whole numbers, rising.
    Counts(Vec<u32>),
    /// Words.
    Words(Vec<String>),
}

impl Values {
    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers { values, .. } => values.len(),
            Self::Counts(values) => values.len(),
            Self::Words(values) => values.len(),
        }
    }

    /// Whether there are none, which no variable has.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// One thing that varies.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Its alias or path.
    pub name: String,
    /// Unit of its numbers; empty for counts and words.
    pub unit: &'static str,
    /// The values tried.
    pub values: Values,
    /// Whether values between those tried mean something.
    pub is_continuous: bool,
    pub(super) target: Target,
}

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum One {
    Number(f64),
    Count(u32),
    Word(String),
}

/// What a variable changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Alias(Alias),
    Path,
}

/// Specifications that have a name of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alias {
    /// The power class of the laser modules, each by a module of the library.
    LaserClass,
    /// The number of lanes that share a laser.
    LanesPerLaser,
    /// What each coupler loses as a whole.
    CouplerLoss,
    /// The outer extinction ratio of the modulators.
    ExtinctionRatio,
}

impl Alias {
    const ALL: [(&'static str, Self); 4] = [
        ("laser.class", Self::LaserClass),
        ("lanes_per_laser", Self::LanesPerLaser),
        ("coupler.loss", Self::CouplerLoss),
        ("modulator.er", Self::ExtinctionRatio),
    ];

    pub(super) fn find(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, alias)| *alias)
    }

    /// The names.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().map(|(name, _)| *name)
    }

    /// The classes that the library has a module of, rising.
    pub(super) fn classes(library: &Library) -> Vec<String> {
        ElsfpClass::ALL
            .iter()
            .filter(|class| !modules_of(library, **class).is_empty())
            .map(|class| class.word().to_owned())
            .collect()
    }

    /// The range without one from the author: what parts on the market span.
    pub(super) fn default_range(self, library: &Library) -> String {
        match self {
            Self::LaserClass => Self::classes(library).join("|"),
            Self::LanesPerLaser => "1|2|4|8|16".to_owned(),
            Self::CouplerLoss => "0.7 dB..2.5 dB".to_owned(),
            Self::ExtinctionRatio => "3.5 dB..6 dB".to_owned(),
        }
    }

    /// Why a system has nothing for the alias to change.
    pub(super) fn applies(self, system: &System) -> Result<(), &'static str> {
        let description = &system.description;
        let has_engines = !description.engine.is_empty();
        let has_modules = !description.laser_module.is_empty();
        match self {
            Self::LaserClass if !has_modules => Err("the description has no laser_module"),
            _ if !has_engines => Err("the description has no engine"),
            _ => Ok(()),
        }
    }
}

/// The laser modules of a class in the library, with the number of their lasers.
fn modules_of(library: &Library, class: ElsfpClass) -> Vec<(String, u32)> {
    library
        .names("laser_module")
        .filter_map(|name| {
            let part = library.part("laser_module", name).ok()?;
            let Value::Choice(found) = part.get("class")?.value else {
                return None;
            };
            let Value::Count(lasers) = part.get("lasers")?.value else {
                return None;
            };
            (ElsfpClass::ALL.get(found) == Some(&class)).then(|| (name.to_owned(), lasers))
        })
        .collect()
}

/// What the inverse models start from.
pub(super) struct Context<'a> {
    system: &'a System,
    library: &'a Library,
    /// Wavelength, temperature and greatest shift of the fibres of each group of engines.
    conditions: Vec<(Meters, Celsius, Meters)>,
    /// The starting system at rest.
    state: SteadyState,
}

impl<'a> Context<'a> {
    pub(super) fn new(system: &'a System, library: &'a Library) -> Self {
        let state = SteadyState::solve(system);
        let description = &system.description;
        let conditions = (0..description.engine.len())
            .map(|group| {
                let designs = state.lanes.designs.iter();
                let mut lit = designs.filter(|design| design.engine_group == group);
                let wavelength = lit.find_map(|design| Some(design.laser?.point.wavelength));
                let first = system
                    .engines
                    .iter()
                    .position(|engine| engine.group == group);
                let temperature = state.conditions.engines[first.unwrap_or(0)].value();
                let engines = system.engines.iter().zip(&state.conditions.fibre_shifts);
                let shifts = engines.filter_map(|(engine, shift)| {
                    let shift = shift.as_ref().filter(|_| engine.group == group);
                    shift.map(Derived::value)
                });
                (
                    wavelength.unwrap_or_else(|| stated_wavelength(system, group)),
                    temperature,
                    shifts.reduce(Meters::max).unwrap_or_default(),
                )
            })
            .collect();
        Self {
            system,
            library,
            conditions,
            state,
        }
    }

    /// A system that differs from the starting one in its values, at rest.
    pub(super) fn solve(&self, system: &System) -> SteadyState {
        SteadyState::solve_near(system, &self.state)
    }
}

impl Context<'_> {
    /// Whether a price of the starting system is an estimate.
    pub(super) fn has_assumed_prices(&self) -> bool {
        Figures::new(self.system, &self.state).cost.capex.is_assumed
    }
}

/// The wavelength that a group's laser states, for lasers without an operating point.
fn stated_wavelength(system: &System, group: usize) -> Meters {
    let description = &system.description;
    let lane = system
        .media_lanes
        .iter()
        .find(|lane| system.engines[lane.engine.index()].group == group);
    let home = lane.map(|lane| system.lasers[lane.laser.index()].home);
    let part = match home {
        Some(LaserHome::Module(module, _)) => {
            let module = &system.laser_modules[module.index()];
            Some(&description.laser_module[module.group].value.laser)
        }
        _ => description.engine[group].value.laser.as_ref(),
    };
    part.map_or(Meters::new(0.0), |laser| laser.wavelength.value)
}

impl Variable {
    pub(super) fn one(&self, index: usize) -> One {
        match &self.values {
            Values::Numbers { values, .. } => One::Number(values[index]),
            Values::Counts(values) => One::Count(values[index]),
            Values::Words(values) => One::Word(values[index].clone()),
        }
    }

    /// A value as it is written.
    pub fn text(&self, index: usize) -> String {
        match self.one(index) {
            One::Number(number) => format!("{} {}", short(number), self.unit)
                .trim_end()
                .to_owned(),
            One::Count(count) => count.to_string(),
            One::Word(word) => word,
        }
    }

    /// The changes of the description that give the variable a value.
    ///
    /// # Errors
    /// Why no description has it.
    pub(super) fn sets(&self, context: &Context<'_>, value: &One) -> Result<Vec<String>, String> {
        match (self.target, value) {
            (Target::Path, One::Number(number)) => {
                let nominal = format!("{number} {}", self.unit);
                Ok(vec![quantity_set(
                    context.system,
                    &self.name,
                    nominal.trim_end(),
                )])
            }
            (Target::Path, One::Count(count)) => Ok(vec![format!("{}={count}", self.name)]),
            (Target::Path, One::Word(word)) => Ok(vec![format!("{}={word}", self.name)]),
            (Target::Alias(Alias::LaserClass), One::Word(word)) => class_sets(context, word),
            (Target::Alias(Alias::LanesPerLaser), One::Count(count)) => {
                Ok(sharing_sets(context.system, *count))
            }
            (Target::Alias(Alias::CouplerLoss), One::Number(db)) => {
                coupler_sets(context, Decibels::new(*db))
            }
            (Target::Alias(Alias::ExtinctionRatio), One::Number(db)) => {
                extinction_sets(context, Decibels::new(*db))
            }
            _ => Err(format!("{} does not take this value", self.name)),
        }
    }
}

/// Five significant digits.
pub(super) fn short(number: f64) -> String {
    let precise = format!("{number:.4e}");
    precise.parse::<f64>().unwrap_or(number).to_string()
}

/// A module of the class for every group. Its launch is written out beside it, so that it is the
/// same value of the description at every class, and draws of it are common to all.
fn class_sets(context: &Context<'_>, word: &str) -> Result<Vec<String>, String> {
    let class = ElsfpClass::ALL.iter().find(|class| class.word() == word);
    let modules = class.map_or_else(Vec::new, |class| modules_of(context.library, *class));
    let mut sets = Vec::new();
    for group in &context.system.description.laser_module {
        // The module that is there where it is of the class, else one with as many lasers, so that
        // nothing but the class changes.
        let present = modules
            .iter()
            .find(|(name, _)| group.part.as_ref() == Some(name));
        let alike = || {
            modules
                .iter()
                .find(|(_, lasers)| *lasers == group.value.lasers)
        };
        let (name, _) = present
            .or_else(alike)
            .or(modules.first())
            .ok_or_else(|| format!("the library has no laser module of class {word}"))?;
        sets.push(format!("laser_module.{}.use={name}", group.name));
        let part = context.library.part("laser_module", name).ok();
        let launch = part.as_ref().and_then(|part| part.get("launch"));
        if let Some(Value::Quantity { si, spread, .. }) = launch.map(|field| &field.value) {
            let spread = spread_text(Dimension::PowerLevel, spread, *si, *si, f64::MIN);
            let path = format!("laser_module.{}.launch", group.name);
            sets.push(assignment(&path, &format!("{si} dBm"), spread));
        }
    }
    Ok(sets)
}

fn sharing_sets(system: &System, count: u32) -> Vec<String> {
    let modules = &system.description.laser_module;
    let outside = modules
        .iter()
        .map(|group| format!("laser_module.{}.lanes_per_laser={count}", group.name));
    let engines = &system.description.engine;
    let inside = engines
        .iter()
        .filter(|group| group.value.laser.is_some())
        .map(|group| format!("engine.{}.lanes_per_laser={count}", group.name));
    outside.chain(inside).collect()
}

fn coupler_sets(context: &Context<'_>, target: Decibels) -> Result<Vec<String>, String> {
    let mut sets = Vec::new();
    for (group, (wavelength, temperature, shift)) in context
        .system
        .description
        .engine
        .iter()
        .zip(&context.conditions)
    {
        let engine = &group.value;
        let mut couplers = vec![
            ("output_coupler", &engine.output_coupler),
            ("receive_coupler", &engine.receive_coupler),
        ];
        // A laser inside is coupled by what its slope efficiency includes.
        if engine.laser.is_none() {
            couplers.push(("input_coupler", &engine.input_coupler));
        }
        for (field, coupler) in couplers {
            let residual =
                residual_for_coupler_loss(coupler, *wavelength, *temperature, *shift, target)
                    .map_err(|error| format!("{field} of {}: {error}", group.name))?;
            let leaf = match coupler {
                Coupler::EdgeCoupler(_) => "residual_loss",
                Coupler::GratingCoupler(_) => "peak_loss",
            };
            let path = format!("engine.{}.{field}.{leaf}", group.name);
            sets.push(quantity_set(
                context.system,
                &path,
                &format!("{} dB", residual.value()),
            ));
        }
    }
    Ok(sets)
}

fn extinction_sets(context: &Context<'_>, target: Decibels) -> Result<Vec<String>, String> {
    let engines = &context.system.description.engine;
    engines
        .iter()
        .zip(&context.conditions)
        .map(|(group, (wavelength, _, _))| {
            let drive = drive_for_extinction_ratio(&group.value, *wavelength, target)
                .map_err(|error| format!("{}: {error}", group.name))?;
            let path = format!("engine.{}.modulator.drive_voltage", group.name);
            debug_assert!(matches!(
                group.value.modulator,
                Modulator::MachZehnder(_) | Modulator::RingModulator(_)
            ));
            Ok(quantity_set(
                context.system,
                &path,
                &format!("{} V", drive.value()),
            ))
        })
        .collect()
}

/// The assignment of a quantity that keeps the spread which the description gives it: as it is
/// where it is absolute, in proportion where the quantity has a natural zero.
fn quantity_set(system: &System, path: &str, nominal: &str) -> String {
    let spread = system.find(path).ok().and_then(|found| {
        let system::FieldKind::Quantity(dimension) = found.schema.kind else {
            return None;
        };
        let Value::Quantity { si, spread, .. } = &found.field?.value else {
            return None;
        };
        let new = units::parse_in(dimension, nominal).ok()?;
        spread_text(dimension, spread, *si, new, found.schema.low)
    });
    assignment(path, nominal, spread)
}

fn assignment(path: &str, nominal: &str, spread: Option<String>) -> String {
    match spread {
        Some(spread) => format!(
            "{path}={{ value = \"{nominal}\", spread = \"{spread}\", estimate = \"varied by solve\" }}"
        ),
        None => format!("{path}={nominal}"),
    }
}

/// A spread round another nominal value, as it is written; none for an exact value, for one of zero
/// whose spread is in proportion, and for a measured distribution, which no text states and which
/// belongs to the parts measured.
fn spread_text(
    dimension: Dimension,
    spread: &Spread,
    old: f64,
    new: f64,
    least: f64,
) -> Option<String> {
    let unit = dimension.units()[0].symbol;
    let difference = dimension.of_difference().units()[0].symbol;
    let in_proportion = dimension.has_natural_zero() && old != 0.0;
    if in_proportion && new == 0.0 {
        // What is nothing varies by nothing, and no interval has its ends at one place.
        return None;
    }
    let moved = |x: f64| {
        let moved = if in_proportion {
            x * (new / old)
        } else {
            x + (new - old)
        };
        // Where the range of the field cuts the spread off, draws are cut off as well.
        moved.max(least.min(new))
    };
    let width = |x: f64| {
        if in_proportion {
            x * (new / old).abs()
        } else {
            x
        }
    };
    match *spread {
        Spread::Exact | Spread::Empirical { .. } => None,
        Spread::Normal { sigma } => Some(format!("normal {} {difference}", width(sigma))),
        Spread::Truncated { sigma, low, high } => Some(format!(
            "normal {} {difference} within {} {unit} .. {} {unit}",
            width(sigma),
            moved(low),
            moved(high)
        )),
        Spread::Uniform { low, high } => Some(format!(
            "range {} {unit} .. {} {unit}",
            moved(low),
            moved(high)
        )),
        Spread::Lognormal { sigma_ln } => {
            Some(format!("lognormal {} %", 100.0 * sigma_ln.exp_m1()))
        }
    }
}
