//! A system made ready for heat in time.
//!
//! Each package becomes modes (`thermal::ReducedModel`) whose inputs are the heat of its dies and
//! engines and the temperatures behind its coolers and its board; each module outside a package is
//! one lump. Conductivities stay those of the operating point that the system was solved at.

use std::sync::Arc;

use system::System;
use thermal::{Beyond, ReducedModel, ReducedState, Reduction};
use units::{Celsius, JoulesPerKelvin, KelvinDifference, KelvinPerWatt, Seconds, Watts};

use super::cooler::{capacity_rate, flows};
use super::hottest::Hottest;
use super::layout::Members;
use super::loads::Loads;
use super::model::HeatModel;
use super::module::{contact_area_m2, modules};
use super::motion::Coolant;
use super::response::{AtRest, Heated, PackageModel, board_ambient};
use super::series::Series;
use super::sinks::{Sink, sinks};
use super::stack::SourceOf;
use super::{HeatFault, Parts};
use crate::steady::SteadyState;

/// How far packages are reduced.
///
/// Ten milliseconds is a tenth of the tick of a twin. A die that jumps by 500 W is off by at most
/// 25 mK through the modes that the tolerance lets follow at once, and only until they have settled;
/// that is a fortieth of what grid and layers leave open.
pub const HEAT_REDUCTION: Reduction = Reduction {
    fastest: Seconds::new(0.01),
    tolerance: KelvinPerWatt::new(5e-5),
};

/// Heat of one source of a package, by its position among the loads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Feed {
    Core(usize),
    Serdes(usize),
    Photonic(usize),
    Electronic(usize),
}

impl Feed {
    /// Its heat.
    pub(super) fn watts(self, loads: &Loads) -> f64 {
        match self {
            Self::Core(die) => loads.cores_w[die],
            Self::Serdes(die) => loads.serdes_w[die],
            Self::Photonic(engine) => loads.engines[engine].photonic_w,
            Self::Electronic(engine) => loads.engines[engine].electronic_w,
        }
    }
}

/// A way out of a package.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum WayOut {
    /// Into a fluid: position among the series.
    Fluid(usize),
    /// Into a fluid that does not flow as the system is described, so that nothing ever leaves; its
    /// position in the description.
    Standing(usize),
    /// To air of a held temperature, °C.
    Board(f64),
}

impl WayOut {
    /// Position of the cooling in the description.
    pub(super) fn cooling(self, series: &[Series]) -> Option<usize> {
        match self {
            Self::Fluid(at) => Some(series[at].cooling),
            Self::Standing(cooling) => Some(cooling),
            Self::Board(_) => None,
        }
    }
}

/// Packages of equal heat.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) model: Arc<ReducedModel>,
    /// Core and SerDes of every die, in the order of the package.
    pub(super) hottest: Vec<[Hottest; 2]>,
    /// Blocks by engine of the package.
    pub(super) photonic: Vec<usize>,
    pub(super) electronic: Vec<usize>,
    pub(super) ways_out: Vec<WayOut>,
    /// Heat through every way out at the operating point as [`SteadyState`] has it, over that of the
    /// model: a steady state counts the shares of the heat of the parts alone.
    pub(super) heat_ratios: Vec<f64>,
}

/// One package.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) shape: usize,
    /// What heats each block.
    pub(super) feeds: Vec<Feed>,
    /// Dies and engines, by position in the system.
    pub(super) members: Members,
}

/// A kind of modules outside packages.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ModuleKind {
    /// Position among the series.
    pub(super) series: usize,
    /// From the module to the cooler as it is described, without what its series adds, K/W.
    pub(super) k_per_w: f64,
    /// J/K; none where it follows at once.
    pub(super) capacity_j_per_k: Option<f64>,
}

/// A module outside packages.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Lump {
    /// Position among all parts.
    pub(super) part: usize,
    pub(super) kind: usize,
}

/// A system made ready for heat in time.
///
/// It is shared: put it into an [`Arc`] and give it to the [`HeatMotion`](super::HeatMotion) of any
/// number of equal switches. Packages of equal heat share one reduced model.
///
/// A part in a zone that states its temperature stays there, whatever its heat.
///
/// # Model
/// Conductivities are those of the operating point: at another heat, temperatures at rest differ from
/// those of [`SteadyState`] by what `k(T)` makes, some 0.1 K. The fins of a cooler and the fluid
/// between them (`cooler.heat_capacity`) have the temperature of the face that they stand on, which
/// makes a plate somewhat slower than it is. The junction of a die is the mean of a block and the
/// distance of that block's hottest cell from it at rest, which follows the heat of the package at
/// once: some tenths of a second too early for what spreads across a die.
/// The warming of a fluid is scaled, by some tenths of a percent, so that the operating point is that of
/// [`SteadyState`], which does not count what the air at the board and the fluids pass to each other
/// through the package.
/// A module outside a package is one lump of its `heat_capacity`; without it, it follows at once.
#[derive(Debug)]
pub struct HeatDynamics {
    pub(super) shapes: Vec<Shape>,
    pub(super) places: Vec<Place>,
    pub(super) series: Vec<Series>,
    pub(super) kinds: Vec<ModuleKind>,
    pub(super) lumps: Vec<Lump>,
    /// Temperatures that zones state, of all parts in order.
    pub(super) stated_c: Vec<Option<f64>>,
    pub(super) n_asics: usize,
    pub(super) n_engines: usize,
    /// Names of the coolings.
    pub(super) coolings: Vec<String>,
    /// Heat capacity that flows through each cooler as it is described, W/K.
    pub(super) capacity_rates: Vec<f64>,
    coolants: Vec<Coolant>,
    loads: Loads,
}

impl HeatDynamics {
    /// Reduces the packages of a system that was solved, with [`HEAT_REDUCTION`].
    ///
    /// # Errors
    /// As [`Self::reduced`].
    pub fn new(system: &System, state: &SteadyState) -> Result<Self, HeatFault> {
        Self::reduced(system, state, &HEAT_REDUCTION)
    }

    /// Reduces the packages of a system that was solved.
    ///
    /// # Errors
    /// Heat without an agreement, given conditions in place of a solution, modules without a
    /// resistance, a solver that does not converge.
    pub fn reduced(
        system: &System,
        state: &SteadyState,
        reduction: &Reduction,
    ) -> Result<Self, HeatFault> {
        if let Some(Err(fault)) = &state.heat {
            return Err(fault.clone());
        }
        let parts = Parts::new(system);
        let loads = Loads::at_rest(system, state);
        let coolings = &system.description.cooling;
        let mut dynamics = Self {
            shapes: Vec::new(),
            places: Vec::new(),
            series: Vec::new(),
            kinds: Vec::new(),
            lumps: Vec::new(),
            stated_c: parts
                .stated
                .iter()
                .map(|stated| stated.as_ref().map(|stated| stated.value.value()))
                .collect(),
            n_asics: parts.n_asics,
            n_engines: parts.n_engines,
            coolings: coolings.iter().map(|group| group.name.clone()).collect(),
            capacity_rates: coolings
                .iter()
                .map(|group| capacity_rate(&group.value))
                .collect(),
            coolants: coolings
                .iter()
                .map(|group| Coolant {
                    inlet_c: group.value.inlet.value.value(),
                    flow_ratio: 1.0,
                })
                .collect(),
            loads,
        };
        if parts.are_all_stated() {
            return Ok(dynamics);
        }
        let model = state.model.as_ref().ok_or_else(|| HeatFault::Missing {
            what: "a solution: its temperatures were given",
            of: format!("system {:?}", system.description.name),
        })?;
        dynamics.add_packages(system, model, reduction)?;
        dynamics.add_modules(system, &parts)?;
        Ok(dynamics)
    }

    fn add_packages(
        &mut self,
        system: &System,
        model: &HeatModel,
        reduction: &Reduction,
    ) -> Result<(), HeatFault> {
        let loads = self.loads.clone();
        // What each shape was frozen at and heated by.
        let mut known: Vec<(Option<&Arc<AtRest>>, Vec<f64>)> = Vec::new();
        let packages = model.heated(system, &loads).zip(&model.at_rest);
        for ((package, members, heated), at_rest) in packages {
            let feeds = feeds(package, members);
            let powers: Vec<f64> = feeds.iter().map(|feed| feed.watts(&loads)).collect();
            let at_rest = at_rest.as_ref();
            let is_same = |(other, heat): &(Option<&Arc<AtRest>>, Vec<f64>)| {
                let same_field = match (at_rest, other) {
                    (Some(a), Some(b)) => Arc::ptr_eq(a, b),
                    (None, None) => true,
                    _ => false,
                };
                same_field && *heat == powers
            };
            let found = known.iter().position(is_same);
            let shape = if let Some(shape) = found {
                shape
            } else {
                let found = (&heated, powers.as_slice(), at_rest.map(Arc::as_ref));
                let shape = self.shape(system, (package, members), found, reduction)?;
                self.shapes.push(shape);
                known.push((at_rest, powers));
                known.len() - 1
            };
            self.places.push(Place {
                shape,
                feeds,
                members: members.clone(),
            });
        }
        Ok(())
    }

    fn shape(
        &mut self,
        system: &System,
        (package, members): (&PackageModel, &Members),
        (heated, powers, at_rest): (&Heated, &[f64], Option<&AtRest>),
        reduction: &Reduction,
    ) -> Result<Shape, HeatFault> {
        let (dies, engines) = members;
        let mut cells = match at_rest {
            Some(at_rest) => package.model.frozen_at(&at_rest.field)?,
            None => package.model.clone(),
        };
        let mut ways_out = Vec::new();
        for ((sink, found), region) in sinks(system, dies, engines).iter().zip(&package.regions) {
            let (Sink::Dies | Sink::Engines, Some((idx, cooling))) = (sink, found) else {
                ways_out.push(WayOut::Board(board_ambient(system)));
                continue;
            };
            let areas = region.areas.iter();
            let area_m2: f64 = areas.map(thermal::Rect::area_m2).sum();
            if let Some(fins) = &cooling.cooler.heat_capacity {
                let capacity = JoulesPerKelvin::new(fins.value.value() * area_m2);
                cells = cells.storing(region, capacity)?;
            }
            if !flows(cooling) {
                ways_out.push(WayOut::Standing(*idx));
                continue;
            }
            ways_out.push(WayOut::Fluid(self.series.len()));
            let series = Series::new(*idx, cooling, Some(area_m2))?;
            self.series.push(series);
        }
        let blocks = package.heated_blocks();
        let model = ReducedModel::through(&cells, &blocks, &package.regions, reduction)?;
        let model = Arc::new(model);
        let heat_ratios = heat_ratios(&model, powers, heated)?;
        let blocks = heated
            .hottest
            .iter()
            .zip(package.core.iter().zip(&package.serdes));
        let hottest = blocks
            .map(|(celsius, (core, serdes))| {
                let of_die = [*core, *serdes];
                let found = |at: usize| {
                    Hottest::new(package, heated, powers, (of_die[at], celsius[at]), of_die)
                };
                Ok([found(0)?, found(1)?])
            })
            .collect::<Result<_, HeatFault>>()?;
        Ok(Shape {
            model,
            hottest,
            heat_ratios,
            photonic: package.photonic.clone(),
            electronic: package.electronic.clone(),
            ways_out,
        })
    }

    fn add_modules(&mut self, system: &System, parts: &Parts) -> Result<(), HeatFault> {
        for module in modules(system, parts)? {
            let area_m2 = contact_area_m2(module.fluid);
            // All modules of one cooling have one law of its flow.
            let first = self.kinds.iter().map(|kind| kind.series);
            let found = first
                .clone()
                .find(|at| self.series[*at].cooling == module.cooling);
            let series = found.unwrap_or(self.series.len());
            if found.is_none() {
                let new = Series::new(module.cooling, module.fluid, area_m2)?;
                self.series.push(new);
            }
            let kind = ModuleKind {
                series,
                k_per_w: module.k_per_w - self.series[series].described(),
                capacity_j_per_k: module.capacity_j_per_k,
            };
            let found = self.kinds.iter().position(|known| *known == kind);
            let kind = found.unwrap_or_else(|| {
                self.kinds.push(kind);
                self.kinds.len() - 1
            });
            self.lumps.push(Lump {
                part: module.part,
                kind,
            });
        }
        Ok(())
    }

    /// The heat of the operating point.
    pub const fn loads(&self) -> &Loads {
        &self.loads
    }

    /// Every cooling as it is described, in the order of the description.
    pub fn coolants(&self) -> &[Coolant] {
        &self.coolants
    }

    /// Names of the coolings, in the order of the description.
    pub fn cooling_names(&self) -> &[String] {
        &self.coolings
    }

    /// The reduced models of the packages, in their order; equal packages share one.
    pub fn package_models(&self) -> impl Iterator<Item = &Arc<ReducedModel>> {
        let places = self.places.iter();
        places.map(|place| &self.shapes[place.shape].model)
    }

    /// Time constants of the modules outside packages with their coolants as described, slowest
    /// first, each once; zero of those that follow at once.
    pub fn module_times(&self) -> Vec<Seconds> {
        let kinds = self.kinds.iter();
        let mut times: Vec<f64> = kinds
            .map(|kind| {
                let whole = kind.k_per_w + self.series[kind.series].described();
                whole * kind.capacity_j_per_k.unwrap_or(0.0)
            })
            .collect();
        times.sort_by(|a, b| b.total_cmp(a));
        times.dedup();
        times.into_iter().map(Seconds::new).collect()
    }

    /// Where the description says that a part is, whatever its heat.
    pub(super) fn stated(&self, part: usize) -> Option<Celsius> {
        self.stated_c[part].map(Celsius::new)
    }
}

/// Heat through every way out at the operating point, that of the steady state over that of the
/// model; one where nothing passes.
fn heat_ratios(
    model: &Arc<ReducedModel>,
    powers_w: &[f64],
    heated: &Heated,
) -> Result<Vec<f64>, HeatFault> {
    let powers: Vec<Watts> = powers_w.iter().copied().map(Watts::new).collect();
    let outside = heated.outside.iter();
    let held: Vec<Beyond> = outside
        .map(|celsius| Beyond::Held(KelvinDifference::new(*celsius)))
        .collect();
    let state = ReducedState::at_rest_beyond(Arc::clone(model), &powers, &held)?;
    let of_steady = heated.to_coolers.iter().map(|(_, watts)| *watts);
    let ratios = of_steady
        .chain([heated.to_board_w])
        .enumerate()
        .map(|(way_out, steady_w)| {
            let own_w = state.heat_through(way_out).value();
            if own_w > 0.0 && steady_w > 0.0 {
                steady_w / own_w
            } else {
                1.0
            }
        });
    Ok(ratios.collect())
}

/// What heats each block of a package, in the order of its response.
fn feeds(package: &PackageModel, (dies, engines): &Members) -> Vec<Feed> {
    let engine = |seat: usize| engines[package.place(seat)];
    let sources = package.sources.iter();
    sources
        .map(|source| match *source {
            SourceOf::Core(die) => Feed::Core(dies[die]),
            SourceOf::Serdes(die) => Feed::Serdes(dies[die]),
            SourceOf::Photonic(seat) => Feed::Photonic(engine(seat)),
            SourceOf::Electronic(seat) => Feed::Electronic(engine(seat)),
        })
        .collect()
}
