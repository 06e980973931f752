//! The world at rest.

use std::collections::BTreeMap;
use std::sync::Arc;

use link::{Conditions, Lanes, PowerTerms, group_power};
use system::{System, ZoneId};
use units::derivation::{count, number, read};
use units::{Celsius, Derived, Meters, Watts};

use crate::heat::{self, Agreement, HeatFault, HeatModel, HeatState, Parts, Start, Steepness};

/// Every lane and every group of engines at rest.
#[derive(Debug, Clone)]
pub struct SteadyState {
    /// Temperatures of the parts, and how far their fibres have moved.
    pub conditions: Conditions,
    /// How heat, light and electrons came to agree on them; none where every zone states its
    /// temperature.
    pub heat: Option<Result<HeatState, HeatFault>>,
    /// The lanes.
    pub lanes: Lanes,
    /// Power of each group of engines, in the order of the description.
    pub power_by_group: Vec<PowerTerms<Derived<Watts>>>,
    /// Power of the dies without their SerDes, all of them.
    pub core: Derived<Watts>,
    /// Power of the SerDes of electrical ports.
    pub electrical_serdes: Derived<Watts>,
    /// The packages and modules as resistances.
    pub(crate) model: Option<Arc<HeatModel>>,
    /// Where a search in a nearly equal system starts.
    agreement: Option<Arc<Agreement>>,
    /// How steep bowed packages stand under their engines, or why that is not known; none in given
    /// conditions.
    steepness: Option<Arc<Result<Steepness, HeatFault>>>,
}

impl SteadyState {
    /// Finds the temperatures at which heat, light and electrons agree, and solves the lanes there.
    ///
    /// Where there are none, [`SteadyState::heat`] says why, and the lanes are solved with the parts
    /// as cold as what cools them.
    pub fn solve(system: &System) -> Self {
        let bowed = Bowed::new(system);
        if Parts::new(system).are_all_stated() {
            return Self::stated(system, &bowed);
        }
        match HeatModel::new(system) {
            Ok(model) => Self::with(system, &Arc::new(model), None, &bowed),
            Err(fault) => Self::without(system, fault, &bowed),
        }
    }

    /// Solves a system that differs from another one in its values: the packages are cut into cells
    /// again only where what they are made of differs.
    pub fn solve_near(system: &System, near: &Self) -> Self {
        match &near.model {
            Some(model) if model.fits(system) => {
                Self::with(system, model, near.agreement.as_ref(), &Bowed::new(system))
            }
            _ => Self::solve(system),
        }
    }

    /// Solves a draw of a system: layers and materials of the packages and the places in them stay
    /// nominal, and engines of a group stand at their mean temperature and with the greatest of their
    /// shifts; everything else is drawn, the bow that shifts fibres too.
    pub fn solve_drawn(system: &System, nominal: &Self) -> Self {
        let Some(steepness) = &nominal.steepness else {
            return Self::solve(system);
        };
        let bowed = Bowed {
            steepness: Arc::clone(steepness),
            is_levelled: true,
        };
        match &nominal.model {
            Some(model) => Self::with(system, model, nominal.agreement.as_ref(), &bowed),
            None if Parts::new(system).are_all_stated() => Self::stated(system, &bowed),
            None => Self::solve(system),
        }
    }

    /// A system whose zones state all temperatures.
    fn stated(system: &System, bowed: &Bowed) -> Self {
        let conditions = Conditions {
            fibre_shifts: bowed.shifts(system),
            peers: peers(system),
            ..Conditions::stated(system, Celsius::new(0.0))
        };
        Self {
            steepness: Some(Arc::clone(&bowed.steepness)),
            ..Self::at(system, conditions)
        }
    }

    fn with(
        system: &System,
        model: &Arc<HeatModel>,
        near: Option<&Arc<Agreement>>,
        bowed: &Bowed,
    ) -> Self {
        let start = Start {
            is_levelled: bowed.is_levelled,
            near: near.map(Arc::as_ref),
            fibre_shifts: bowed.shifts(system),
            peers: peers(system),
        };
        match heat::solve(system, model, &start) {
            Ok((agreement, lanes, model)) => {
                let conditions = agreement.conditions.clone();
                let mut state = Self::of(system, conditions, lanes);
                state.heat = Some(Ok(agreement.state.clone()));
                state.model = Some(model);
                state.agreement = Some(Arc::new(agreement));
                state.steepness = Some(Arc::clone(&bowed.steepness));
                state
            }
            Err(fault) => Self {
                model: Some(Arc::clone(model)),
                ..Self::without(system, fault, bowed)
            },
        }
    }

    /// A system whose heat has no answer.
    fn without(system: &System, fault: HeatFault, bowed: &Bowed) -> Self {
        let conditions = Conditions {
            fibre_shifts: bowed.shifts(system),
            ..heat::coldest(system)
        };
        Self {
            heat: Some(Err(fault)),
            steepness: Some(Arc::clone(&bowed.steepness)),
            ..Self::at(system, conditions)
        }
    }

    /// Why it is not known how far fibres have moved.
    pub(crate) fn unknown_shift(&self) -> Option<&HeatFault> {
        self.steepness.as_ref()?.as_ref().as_ref().err()
    }

    /// Solves a system whose parts are held in given conditions.
    pub fn at(system: &System, conditions: Conditions) -> Self {
        let lanes = Lanes::new(system, &conditions);
        Self::of(system, conditions, lanes)
    }

    fn of(system: &System, conditions: Conditions, lanes: Lanes) -> Self {
        let power_by_group = (0..system.description.engine.len())
            .map(|group| group_power(system, &lanes, group))
            .collect();
        Self {
            core: core_powers(system, &conditions),
            electrical_serdes: electrical_serdes(system),
            conditions,
            heat: None,
            lanes,
            power_by_group,
            model: None,
            agreement: None,
            steepness: None,
        }
    }

    /// The highest temperature of the parts of a zone; none of a zone without parts.
    pub fn warmest_of(&self, system: &System, zone: ZoneId) -> Option<Celsius> {
        let of = &self.conditions;
        let asics = system.asics.iter().map(|asic| asic.zone).zip(&of.asics);
        let engines = system.engines.iter().map(|engine| engine.zone);
        let modules = system.laser_modules.iter().map(|module| module.zone);
        asics
            .chain(engines.zip(&of.engines))
            .chain(modules.zip(&of.laser_modules))
            .filter(|(of, _)| *of == zone)
            .map(|(_, temperature)| temperature.value())
            .reduce(Celsius::max)
    }
}

/// The places of engines in packages that bow.
struct Bowed {
    steepness: Arc<Result<Steepness, HeatFault>>,
    /// Whether the engines of a group stand at their mean.
    is_levelled: bool,
}

impl Bowed {
    /// Every engine at its place.
    fn new(system: &System) -> Self {
        Self {
            steepness: Arc::new(Steepness::new(system)),
            is_levelled: false,
        }
    }

    /// How far the fibres of each engine have moved.
    fn shifts(&self, system: &System) -> Vec<Option<Derived<Meters>>> {
        match self.steepness.as_ref() {
            Ok(steepness) => steepness.shifts(system, self.is_levelled),
            Err(_) => vec![None; system.engines.len()],
        }
    }
}

/// Conditions of the systems at the far ends, each solved as if it stood alone.
fn peers(system: &System) -> Vec<Conditions> {
    let peers = system.peers.iter();
    peers
        .map(|peer| SteadyState::solve(peer).conditions)
        .collect()
}

/// Power of all dies without their SerDes; equal dies are counted.
fn core_powers(system: &System, conditions: &Conditions) -> Derived<Watts> {
    let mut alike: BTreeMap<(usize, u64), (usize, &Derived<Celsius>)> = BTreeMap::new();
    for (asic, junction) in system.asics.iter().zip(&conditions.asics) {
        let key = (asic.group, junction.value().value().to_bits());
        alike.entry(key).or_insert((0, junction)).0 += 1;
    }
    alike
        .into_iter()
        .map(|((group, _), (n, junction))| {
            let part = &system.description.asic[group].value;
            heat::core_power(part, junction) * count("dies", n)
        })
        .reduce(|sum, power| sum + power)
        .unwrap_or_else(|| number(Watts::new(0.0)))
}

/// Power of the SerDes of electrical ports; equal lanes are counted.
fn electrical_serdes(system: &System) -> Derived<Watts> {
    let mut n_by_class: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for lane in system.ports.iter().flat_map(|port| &port.serdes_lanes) {
        let entity = &system.serdes_lanes[lane.index()];
        let group = system.asics[entity.asic.index()].group;
        *n_by_class.entry((group, entity.class)).or_default() += 1;
    }
    n_by_class
        .into_iter()
        .map(|((group, class), n)| {
            let part = &system.description.asic[group].value.serdes[class]
                .value
                .part;
            read(&part.energy) * read(&part.rate) * count("electrical lanes", n)
        })
        .reduce(|sum, power| sum + power)
        .unwrap_or_else(|| number(Watts::new(0.0)))
        .named("SerDes of electrical ports")
}
