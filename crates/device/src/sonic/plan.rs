//! Which interfaces there are, and what is behind each.

use cmis::module::LANES;
use system::{PortGroup, PortId, System};

use super::SonicError;
use crate::fleet::{Device, Fleet, LaserLane, Part};

/// An interface: the used lanes of one bank.
#[derive(Debug)]
pub(super) struct Interface {
    pub(super) name: String,
    /// Of the faceplate, from 1.
    pub(super) index: usize,
    /// Of the ASIC, from 1.
    pub(super) lanes: Vec<usize>,
    /// Each count of ports that it can be broken out into, with the rate of each, Gb/s; the first is as
    /// the system has it.
    pub(super) breakouts: Vec<(usize, u64)>,
    /// Its position in the fleet.
    pub(super) engine: usize,
    pub(super) bank: usize,
    /// What lights it, one at least.
    pub(super) lit_by: Vec<Source>,
}

/// Lasers of one laser module.
#[derive(Debug)]
pub(super) struct Source {
    /// Its position in the fleet.
    pub(super) module: usize,
    pub(super) bank: usize,
    /// From 0.
    pub(super) lasers: Vec<usize>,
}

/// All interfaces of a system.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) system: &'a System,
    pub(super) devices: &'a [Device],
    pub(super) interfaces: Vec<Interface>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(system: &'a System, fleet: &'a Fleet) -> Result<Self, SonicError> {
        let name = |port: PortId| system.ports[port.index()].name.clone();
        let mut banks: Vec<(usize, usize)> = Vec::new();
        for (number, entity) in system.ports.iter().enumerate() {
            let port = PortId::from_index(number);
            if entity.asics.len() > 1 {
                return Err(SonicError::Striped {
                    port: name(port),
                    asics: entity.asics.len(),
                });
            }
            let mut of_port: Vec<(usize, usize)> = Vec::new();
            for lane in &entity.media_lanes {
                let Some(place) = fleet.place(*lane) else {
                    return Err(SonicError::NoEngine { port: name(port) });
                };
                of_port.push((place.device, place.lane / LANES));
            }
            of_port.dedup();
            match of_port[..] {
                [] => return Err(SonicError::NoEngine { port: name(port) }),
                [bank] if !banks.contains(&bank) => banks.push(bank),
                [_] => {}
                _ => {
                    return Err(SonicError::SeveralBanks {
                        port: name(port),
                        banks: of_port.len(),
                    });
                }
            }
        }
        if system.asics.len() > 1 {
            return Err(SonicError::SeveralAsics {
                system: system.description.name.clone(),
                asics: system.asics.len(),
            });
        }
        let mut plan = Self {
            system,
            devices: fleet.devices(),
            interfaces: Vec::new(),
        };
        let mut first = 0;
        for (engine, bank) in banks {
            let index = plan.interfaces.len() + 1;
            let interface = plan.interface(engine, bank, index, first)?;
            first += interface.lanes.len();
            plan.interfaces.push(interface);
        }
        Ok(plan)
    }

    /// The number of a lane of an engine at the ASIC, from 1.
    pub(super) fn asic_lane(&self, device: usize, lane: usize) -> Option<usize> {
        let lane = self.devices.get(device)?.lanes.get(lane)?;
        Some(lane.serdes?.index() + 1)
    }

    fn interface(
        &self,
        engine: usize,
        bank: usize,
        index: usize,
        first: usize,
    ) -> Result<Interface, SonicError> {
        let device = &self.devices[engine];
        let start = bank * LANES;
        let end = device.lanes.len().min(start + LANES);
        let uneven = || SonicError::Uneven {
            engine: device.name.clone(),
            bank,
        };
        let used: Vec<PortId> = device.lanes[start..end]
            .iter()
            .map_while(|lane| lane.port)
            .collect();
        let n_used = device.lanes[start..end]
            .iter()
            .filter(|lane| lane.port.is_some())
            .count();
        let mut ports = used.clone();
        ports.dedup();
        let width = used.len() / ports.len().max(1);
        let is_even = n_used == used.len()
            && used
                .chunks(width.max(1))
                .zip(&ports)
                .all(|(lanes, port)| lanes.len() == width && lanes.iter().all(|of| of == port));
        let Some(&port) = ports.first().filter(|_| is_even) else {
            return Err(uneven());
        };
        let group = |port: PortId| {
            let of = &self.system.ports[port.index()];
            &self.system.description.port[of.group].value
        };
        let gbps = rate_gbps(group(port));
        if ports.iter().any(|of| rate_gbps(group(*of)) != gbps) {
            return Err(uneven());
        }
        let lanes: Option<Vec<usize>> = (start..start + used.len())
            .map(|lane| self.asic_lane(engine, lane))
            .collect();
        let Some(lanes) = lanes else {
            let port = self.system.ports[port.index()].name.clone();
            return Err(SonicError::NoEngine { port });
        };
        let pieces = 1..=group(port).breakout.unwrap_or(1) as usize;
        let breakouts = pieces
            .filter(|pieces| width.is_multiple_of(*pieces) && gbps.is_multiple_of(*pieces as u64))
            .map(|pieces| (pieces * ports.len(), gbps / pieces as u64))
            .collect();
        let lit_by = self.sources(engine, start..start + used.len(), port)?;
        Ok(Interface {
            name: format!("Ethernet{first}"),
            index,
            lanes,
            breakouts,
            engine,
            bank,
            lit_by,
        })
    }

    /// The laser modules that light some lanes of an engine, and their lasers that do.
    fn sources(
        &self,
        engine: usize,
        lanes: std::ops::Range<usize>,
        port: PortId,
    ) -> Result<Vec<Source>, SonicError> {
        let device = &self.devices[engine];
        let port = || self.system.ports[port.index()].name.clone();
        let mut found = Vec::new();
        for &module in &device.lit_by {
            let of = &self.devices[module];
            let lights = |laser: &LaserLane| {
                let mut feeds = laser.feeds.iter();
                feeds.any(|feed| feed.device == engine && lanes.contains(&feed.lane))
            };
            let all = of.lasers.iter().enumerate();
            let lasers: Vec<usize> = all
                .filter_map(|(laser, of)| lights(of).then_some(laser))
                .collect();
            let mut banks: Vec<usize> = lasers.iter().map(|laser| laser / LANES).collect();
            banks.dedup();
            match banks[..] {
                [] => {}
                [bank] => found.push(Source {
                    module,
                    // In joint mode the banks of its pages tell laser modules apart, and there is one.
                    bank: if device.is_joint { 0 } else { bank },
                    lasers,
                }),
                _ => {
                    return Err(SonicError::SeveralLaserBanks {
                        port: port(),
                        module: of.name.clone(),
                        banks: banks.len(),
                    });
                }
            }
        }
        if found.is_empty() {
            return Err(SonicError::NoLaserModule { port: port() });
        }
        if device.is_joint && device.lit_by.len() > 1 {
            return Err(SonicError::SeveralJointModules {
                engine: device.name.clone(),
                modules: device.lit_by.len(),
            });
        }
        Ok(found)
    }

    /// Devices of one kind with their positions.
    pub(super) fn of_kind(
        &self,
        is_engine: bool,
    ) -> impl Iterator<Item = (usize, &'a Device)> + use<'a> {
        let all = self.devices.iter().enumerate();
        all.filter(move |(_, of)| matches!(of.part, Part::Engine(_)) == is_engine)
    }
}

/// The data rate of a port, as SONiC counts it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rates are from 1 Gb/s to 100 Tb/s"
)]
fn rate_gbps(group: &PortGroup) -> u64 {
    (group.rate.value.value() / 1e9).round() as u64
}
