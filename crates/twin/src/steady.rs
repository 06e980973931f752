//! The world at rest.

use std::collections::BTreeMap;

use link::{Lanes, PowerTerms, Temperatures, group_power};
use system::{System, ZoneId};
use units::derivation::{count, number, read};
use units::{Celsius, Derived, Watts};

/// Every lane and every group of engines at rest.
#[derive(Debug, Clone)]
pub struct SteadyState {
    /// Temperatures of the parts.
    pub temperatures: Temperatures,
    /// The lanes.
    pub lanes: Lanes,
    /// Power of each group of engines, in the order of the description.
    pub power_by_group: Vec<PowerTerms<Derived<Watts>>>,
    /// Power of the SerDes of electrical ports.
    pub electrical_serdes: Derived<Watts>,
}

impl SteadyState {
    /// Solves a system at the temperatures of its zones.
    pub fn solve(system: &System) -> Self {
        Self::at(system, Temperatures::stated(system, Celsius::new(70.0)))
    }

    /// Solves a system whose parts are held at given temperatures.
    pub fn at(system: &System, temperatures: Temperatures) -> Self {
        let lanes = Lanes::new(system, &temperatures);
        let power_by_group = (0..system.description.engine.len())
            .map(|group| group_power(system, &lanes, group))
            .collect();
        let electrical_serdes = electrical_serdes(system);
        Self {
            temperatures,
            lanes,
            power_by_group,
            electrical_serdes,
        }
    }

    /// The highest temperature of the parts of a zone; none of a zone without parts.
    pub fn warmest_of(&self, system: &System, zone: ZoneId) -> Option<Celsius> {
        let of = &self.temperatures;
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
