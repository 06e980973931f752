//! The world at rest.

use link::{Lanes, PowerTerms, group_power};
use system::System;
use units::Watts;

/// Every lane and every group of engines at rest.
#[derive(Debug, Clone)]
pub struct SteadyState {
    /// The lanes.
    pub lanes: Lanes,
    /// Power of each group of engines, in the order of the description.
    pub power_by_group: Vec<PowerTerms>,
    /// Power of the SerDes of electrical ports.
    pub electrical_serdes: Watts,
}

impl SteadyState {
    /// Solves a system at the temperatures of its zones.
    pub fn solve(system: &System) -> Self {
        let lanes = Lanes::new(system);
        let power_by_group = (0..system.description.engine.len())
            .map(|group| group_power(system, &lanes, group))
            .collect();
        let electrical_serdes = system
            .ports
            .iter()
            .flat_map(|port| &port.serdes_lanes)
            .map(|lane| {
                let entity = &system.serdes_lanes[lane.index()];
                let asic = &system.asics[entity.asic.index()];
                let part = &system.description.asic[asic.group].value.serdes[entity.class]
                    .value
                    .part;
                part.energy.value * part.rate.value
            })
            .sum();
        Self {
            lanes,
            power_by_group,
            electrical_serdes,
        }
    }
}
