//! The entities of a resolved system. Names are stable, indices are derived.

use std::ops::Range;

use crate::description::{Medium, RepairUnit};
use crate::id::{
    AsicId, ConnectorId, EngineId, FauId, FibreId, HostLaneId, LaserId, LaserModuleId, LinkId,
    MediaLaneId, PortId, SerdesLaneId, WavelengthId, ZoneId,
};

/// Every entity of a system, in flat arrays indexed by typed ids.
///
/// The counts of a description decide what there is and what belongs to what. Counts have no
/// spread, so a system and all its draws share their entities.
#[derive(Debug, Clone, Default)]
pub struct Entities {
    /// Dies.
    pub asics: Vec<AsicEntity>,
    /// SerDes lanes.
    pub serdes_lanes: Vec<SerdesLane>,
    /// Engines.
    pub engines: Vec<EngineEntity>,
    /// Host lanes.
    pub host_lanes: Vec<HostLane>,
    /// Media lanes.
    pub media_lanes: Vec<MediaLane>,
    /// Wavelengths of the grid.
    pub n_wavelengths: usize,
    /// Laser modules.
    pub laser_modules: Vec<LaserModuleEntity>,
    /// Lasers.
    pub lasers: Vec<LaserEntity>,
    /// Fibres.
    pub fibres: Vec<FibreEntity>,
    /// Fibre array units.
    pub faus: Vec<Fau>,
    /// Ferrules.
    pub connectors: Vec<ConnectorEntity>,
    /// Ports.
    pub ports: Vec<Port>,
    /// Connections of optical ports.
    pub links: Vec<Link>,
}

/// A switch die.
#[derive(Debug, Clone)]
pub struct AsicEntity {
    /// Name.
    pub name: String,
    /// Position of its group in the description.
    pub group: usize,
    /// Where it sits.
    pub zone: ZoneId,
    /// Its SerDes lanes.
    pub serdes_lanes: Range<u32>,
}

/// A SerDes lane.
#[derive(Debug, Clone)]
pub struct SerdesLane {
    /// Name.
    pub name: String,
    /// Its die.
    pub asic: AsicId,
    /// Position of its class in the group of the die.
    pub class: usize,
}

/// An optical engine or pluggable module.
#[derive(Debug, Clone)]
pub struct EngineEntity {
    /// Name.
    pub name: String,
    /// Position of its group in the description.
    pub group: usize,
    /// The die that it serves.
    pub asic: AsicId,
    /// Where it sits.
    pub zone: ZoneId,
    /// Whether it stands by.
    pub is_spare: bool,
    /// Its optical lanes.
    pub media_lanes: Range<u32>,
    /// Its electrical lanes; none while it stands by.
    pub host_lanes: Range<u32>,
    /// Its lasers, when they are inside.
    pub lasers: Range<u32>,
    /// Its fibre array units.
    pub faus: Range<u32>,
}

/// An electrical lane between die and engine.
#[derive(Debug, Clone)]
pub struct HostLane {
    /// Name.
    pub name: String,
    /// Its engine.
    pub engine: EngineId,
    /// The lane of the die.
    pub serdes: SerdesLaneId,
}

/// An optical lane: a transmitter and a receiver.
#[derive(Debug, Clone)]
pub struct MediaLane {
    /// Name.
    pub name: String,
    /// Its engine.
    pub engine: EngineId,
    /// Its port; none for spare and unused lanes.
    pub port: Option<PortId>,
    /// The host lanes that its gearbox joins it with.
    pub host_lanes: Range<u32>,
    /// The laser that lights it.
    pub laser: LaserId,
    /// The fibre that it sends into.
    pub transmit_fibre: FibreId,
    /// The fibre that it receives from.
    pub receive_fibre: FibreId,
    /// Its wavelength.
    pub wavelength: WavelengthId,
}

/// A laser module.
#[derive(Debug, Clone)]
pub struct LaserModuleEntity {
    /// Name.
    pub name: String,
    /// Position of its group in the description.
    pub group: usize,
    /// Where it sits.
    pub zone: ZoneId,
    /// Its lasers.
    pub lasers: Range<u32>,
}

/// Where a laser sits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaserHome {
    /// In a laser module, with the fibre that carries its light; a laser that feeds nothing has none.
    Module(LaserModuleId, Option<FibreId>),
    /// In an engine.
    Engine(EngineId),
}

/// A laser.
#[derive(Debug, Clone)]
pub struct LaserEntity {
    /// Name.
    pub name: String,
    /// Where it sits.
    pub home: LaserHome,
    /// The lanes that it lights, all of one engine and of one wavelength, rising.
    pub media_lanes: Vec<MediaLaneId>,
}

/// What a fibre carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FibreUse {
    /// Signals.
    Data,
    /// Laser light.
    Laser,
}

/// A fibre of an engine.
#[derive(Debug, Clone)]
pub struct FibreEntity {
    /// Name.
    pub name: String,
    /// What it carries.
    pub carries: FibreUse,
    /// The engine that it is attached to.
    pub engine: EngineId,
    /// The fibre array unit that holds it.
    pub fau: FauId,
    /// The ferrule that holds it.
    pub connector: ConnectorId,
}

/// A fibre array unit.
#[derive(Debug, Clone)]
pub struct Fau {
    /// Name.
    pub name: String,
    /// Its engine.
    pub engine: EngineId,
}

/// A ferrule at the faceplate.
#[derive(Debug, Clone)]
pub struct ConnectorEntity {
    /// Name.
    pub name: String,
}

/// A port.
#[derive(Debug, Clone)]
pub struct Port {
    /// Name.
    pub name: String,
    /// Position of its group in the description.
    pub group: usize,
    /// What it is made of.
    pub medium: Medium,
    /// Its optical lanes.
    pub media_lanes: Vec<MediaLaneId>,
    /// Its electrical lanes, when it is electrical.
    pub serdes_lanes: Vec<SerdesLaneId>,
    /// The dies that it is striped over, in order.
    pub asics: Vec<AsicId>,
}

/// A connection of a port.
#[derive(Debug, Clone)]
pub struct Link {
    /// Name.
    pub name: String,
    /// The port at this end.
    pub port: PortId,
    /// Position of its group among the links of the description; none where no group names the port.
    pub group: Option<usize>,
    /// Position of the other system among the peers; this system itself without it.
    pub peer: Option<usize>,
}

/// What fails, to ask for its blast radius.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// An engine.
    Engine(EngineId),
    /// A laser.
    Laser(LaserId),
    /// A laser module.
    LaserModule(LaserModuleId),
    /// A fibre.
    Fibre(FibreId),
    /// A ferrule.
    Connector(ConnectorId),
    /// A fibre array unit, with its data and laser fibres.
    Fau(FauId),
    /// A die.
    Asic(AsicId),
}

/// What the loss of a part does to the ports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlastRadius {
    /// Ports that lose every lane.
    pub ports_down: Vec<PortId>,
    /// Ports that lose some lanes.
    pub ports_degraded: Vec<PortId>,
    /// Ports that do not carry traffic while the part is replaced.
    pub ports_in_repair: Vec<PortId>,
    /// Lanes lost.
    pub lanes_lost: usize,
}

impl crate::System {
    /// The optical lanes that stop when a part fails.
    pub fn lanes_of(&self, part: Part) -> Vec<MediaLaneId> {
        let ids = |range: &Range<u32>| range.clone().map(MediaLaneId).collect::<Vec<_>>();
        match part {
            Part::Engine(engine) => ids(&self.engines[engine.index()].media_lanes),
            Part::Laser(laser) => self.lasers[laser.index()].media_lanes.clone(),
            Part::LaserModule(module) => self.laser_modules[module.index()]
                .lasers
                .clone()
                .flat_map(|laser| self.lasers[laser as usize].media_lanes.clone())
                .collect(),
            Part::Fibre(fibre) => self.lanes_where(|lane| self.uses_fibre(lane, |f| f == fibre)),
            Part::Connector(connector) => self.lanes_where(|lane| {
                self.uses_fibre(lane, |f| self.fibres[f.index()].connector == connector)
            }),
            Part::Fau(fau) => self
                .lanes_where(|lane| self.uses_fibre(lane, |f| self.fibres[f.index()].fau == fau)),
            Part::Asic(asic) => {
                self.lanes_where(|lane| self.engines[lane.engine.index()].asic == asic)
            }
        }
    }

    fn lanes_where(&self, mut test: impl FnMut(&MediaLane) -> bool) -> Vec<MediaLaneId> {
        (0..self.media_lanes.len())
            .filter(|idx| test(&self.media_lanes[*idx]))
            .map(MediaLaneId::from_index)
            .collect()
    }

    /// Whether light of the lane passes a fibre that `test` accepts: its signal in either
    /// direction, or the light of its laser.
    fn uses_fibre(&self, lane: &MediaLane, test: impl Fn(FibreId) -> bool) -> bool {
        let laser_fibre = match self.lasers[lane.laser.index()].home {
            LaserHome::Module(_, fibre) => fibre,
            LaserHome::Engine(_) => None,
        };
        test(lane.transmit_fibre) || test(lane.receive_fibre) || laser_fibre.is_some_and(test)
    }

    /// The ports that the loss of a part takes down or degrades, and those that stand still while
    /// it is replaced.
    pub fn blast_radius(&self, part: Part) -> BlastRadius {
        let lanes = self.lanes_of(part);
        let mut lost = vec![0usize; self.ports.len()];
        for lane in &lanes {
            if let Some(port) = self.media_lanes[lane.index()].port {
                lost[port.index()] += 1;
            }
        }
        if let Part::Asic(asic) = part {
            let of_die = &self.asics[asic.index()].serdes_lanes;
            for (lost, port) in lost.iter_mut().zip(&self.ports) {
                *lost += port
                    .serdes_lanes
                    .iter()
                    .filter(|lane| of_die.contains(&lane.0))
                    .count();
            }
        }
        let total = |port: &Port| port.media_lanes.len() + port.serdes_lanes.len();
        let mut radius = BlastRadius {
            lanes_lost: lanes.len(),
            ..BlastRadius::default()
        };
        for (idx, port) in self.ports.iter().enumerate() {
            let id = PortId::from_index(idx);
            if lost[idx] == 0 {
                continue;
            }
            if lost[idx] == total(port) {
                radius.ports_down.push(id);
            } else {
                radius.ports_degraded.push(id);
            }
        }
        radius.ports_in_repair = self.ports_in_repair(part, &lost);
        radius
    }

    fn ports_in_repair(&self, part: Part, lost: &[usize]) -> Vec<PortId> {
        let repair = &self.description.repair;
        // A laser is replaced with the module or the engine that holds it, and a fibre array unit
        // is glued to its engine.
        let replaced = match part {
            Part::Laser(laser) => match self.lasers[laser.index()].home {
                LaserHome::Module(module, _) => Part::LaserModule(module),
                LaserHome::Engine(engine) => Part::Engine(engine),
            },
            Part::Fau(fau) => Part::Engine(self.faus[fau.index()].engine),
            other => other,
        };
        let unit = match replaced {
            Part::Engine(_) | Part::Fau(_) => repair.engine,
            Part::LaserModule(_) | Part::Laser(_) => repair.laser_module,
            Part::Asic(_) => RepairUnit::Switch,
            Part::Fibre(_) | Part::Connector(_) => RepairUnit::Part,
        };
        match (unit, replaced) {
            (RepairUnit::Switch, _) => (0..self.ports.len()).map(PortId::from_index).collect(),
            (RepairUnit::Subassembly, Part::Engine(engine)) => {
                let mut ports: Vec<PortId> = self
                    .subassembly_of(engine)
                    .into_iter()
                    .flat_map(|member| self.ports_touched(Part::Engine(member)))
                    .collect();
                ports.sort_unstable();
                ports.dedup();
                ports
            }
            (_, Part::LaserModule(_) | Part::Engine(_)) => self.ports_touched(replaced),
            _ => (0..self.ports.len())
                .filter(|idx| lost[*idx] > 0)
                .map(PortId::from_index)
                .collect(),
        }
    }

    /// The engines that come out with one: blocks of the engines of one group on one die, in order.
    fn subassembly_of(&self, engine: EngineId) -> Vec<EngineId> {
        let size = self.description.repair.engines_per_subassembly;
        let failed = &self.engines[engine.index()];
        let on_die: Vec<EngineId> = (0..self.engines.len())
            .filter(|idx| {
                let other = &self.engines[*idx];
                other.group == failed.group && other.asic == failed.asic
            })
            .map(EngineId::from_index)
            .collect();
        on_die
            .chunks(size.unwrap_or(1).max(1) as usize)
            .find(|block| block.contains(&engine))
            .map_or_else(Vec::new, <[EngineId]>::to_vec)
    }

    /// The ports that have a lane on a part.
    fn ports_touched(&self, part: Part) -> Vec<PortId> {
        let mut ports: Vec<PortId> = self
            .lanes_of(part)
            .into_iter()
            .filter_map(|lane| self.media_lanes[lane.index()].port)
            .collect();
        ports.sort_unstable();
        ports.dedup();
        ports
    }

    /// The name of a host lane's engine and position, for messages.
    pub fn host_lane_name(&self, lane: HostLaneId) -> &str {
        &self.host_lanes[lane.index()].name
    }

    /// The link of a port, when it has one.
    pub fn link_of(&self, port: PortId) -> Option<LinkId> {
        self.links
            .iter()
            .position(|link| link.port == port)
            .map(LinkId::from_index)
    }
}
