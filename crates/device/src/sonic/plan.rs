//! Which interfaces there are, and what is behind each.

use cmis::module::LANES;
use system::{PortId, System};

use super::SonicError;
use crate::fleet::{Device, Fleet, Part};

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
    /// Positions in the fleet.
    pub(super) engine: usize,
    pub(super) laser: usize,
    pub(super) bank: usize,
    pub(super) laser_bank: usize,
    /// Lasers of the module, from 0.
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
        let gbps = (group(port).rate.value.value() / 1e9).round() as u64;
        if ports
            .iter()
            .any(|of| (group(*of).rate.value.value() / 1e9).round() as u64 != gbps)
        {
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
        let (laser, lasers) = self.laser(engine, start..start + used.len(), port)?;
        let mut laser_banks: Vec<usize> = lasers.iter().map(|laser| laser / LANES).collect();
        laser_banks.dedup();
        if laser_banks.len() != 1 {
            return Err(SonicError::SeveralLaserBanks {
                port: self.system.ports[port.index()].name.clone(),
                module: self.devices[laser].name.clone(),
                banks: laser_banks.len(),
            });
        }
        Ok(Interface {
            name: format!("Ethernet{first}"),
            index,
            lanes,
            breakouts,
            engine,
            laser,
            bank,
            // In joint mode the banks of its pages tell laser modules apart, and there is one.
            laser_bank: if device.is_joint { 0 } else { laser_banks[0] },
            lasers,
        })
    }

    /// The laser module that lights some lanes of an engine, and its lasers that do.
    fn laser(
        &self,
        engine: usize,
        lanes: std::ops::Range<usize>,
        port: PortId,
    ) -> Result<(usize, Vec<usize>), SonicError> {
        let device = &self.devices[engine];
        let port = || self.system.ports[port.index()].name.clone();
        let mut found: Vec<(usize, Vec<usize>)> = Vec::new();
        for &module in &device.lit_by {
            let lights = |laser: &crate::fleet::LaserLane| {
                let mut feeds = laser.feeds.iter();
                feeds.any(|feed| feed.device == engine && lanes.contains(&feed.lane))
            };
            let all = self.devices[module].lasers.iter().enumerate();
            let lasers: Vec<usize> = all
                .filter_map(|(laser, of)| lights(of).then_some(laser))
                .collect();
            if !lasers.is_empty() {
                found.push((module, lasers));
            }
        }
        if found.len() > 1 {
            let names = found.iter().map(|(module, _)| &*self.devices[*module].name);
            return Err(SonicError::SeveralLaserModules {
                port: port(),
                modules: names.collect::<Vec<_>>().join(" and "),
            });
        }
        if device.is_joint && device.lit_by.len() > 1 {
            return Err(SonicError::SeveralJointModules {
                engine: device.name.clone(),
                modules: device.lit_by.len(),
            });
        }
        found
            .pop()
            .ok_or_else(|| SonicError::NoLaserModule { port: port() })
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
