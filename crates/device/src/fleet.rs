//! Which devices a system has behind registers, and what each of their lanes is.
//!
//! A device has banks of eight lanes. An engine with more lanes than the banks of its bus hold is
//! several devices, each of as many lanes in turn; a laser module is one device. On a lane of a
//! device stand a media lane and the host lane that it carries, so that bank 1, lane 2 of the second
//! device of an engine is one transmitter, one receiver and one electrical lane.

use cmis::module::LANES;
use system::parts::ManagedModule;
use system::{
    Bus, EngineId, HostLaneId, LaserHome, LaserId, LaserModuleId, Management, MediaLaneId, Named,
    PortId, SerdesLaneId, System,
};

/// What a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// An optical engine, or some of its lanes.
    Engine(EngineId),
    /// An external laser module.
    LaserModule(LaserModuleId),
}

/// One lane of a device of an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// Its transmitter and receiver.
    pub media: MediaLaneId,
    /// Its electrical lane; a spare engine has none.
    pub host: Option<HostLaneId>,
    /// The lane of the die behind that.
    pub serdes: Option<SerdesLaneId>,
    /// Its port; spare and unused lanes have none.
    pub port: Option<PortId>,
    /// The laser that lights it.
    pub laser: LaserId,
}

/// Where a lane of a device of an engine stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LanePlace {
    /// The position of the device.
    pub device: usize,
    /// Over all its banks, from 0.
    pub lane: usize,
}

/// One laser of a device of a laser module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaserLane {
    /// The laser.
    pub laser: LaserId,
    /// The lanes that it lights.
    pub feeds: Vec<LanePlace>,
}

/// A device behind registers.
#[derive(Debug, Clone)]
pub struct Device {
    /// As hosts know it: `oe0`, `els12`.
    pub name: String,
    /// Which of its kind, from 0.
    pub index: usize,
    /// What it is.
    pub part: Part,
    /// The position of its bus in the description.
    pub bus: usize,
    /// Banks of eight lanes.
    pub banks: u8,
    /// The lanes of an engine, in the order of its registers.
    pub lanes: Vec<Lane>,
    /// The lasers of a laser module, in the order of its registers.
    pub lasers: Vec<LaserLane>,
    /// The positions of the laser modules that light an engine, in the order of its lanes.
    pub lit_by: Vec<usize>,
    /// Whether an engine shows the pages of those laser modules among its own.
    pub is_joint: bool,
}

impl Device {
    /// Its lanes or lasers.
    pub fn n_lanes(&self) -> usize {
        self.lanes.len() + self.lasers.len()
    }
}

/// Why a system has no devices behind registers.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FleetError {
    /// No bus says what its devices are.
    #[error(
        "no bus of {system} says what its devices are; write `module = \"cmis-oe-linear\"`, or another managed_module, below [bus.NAME]"
    )]
    NothingManaged {
        /// The system.
        system: String,
    },
    /// Two buses have the same parts.
    #[error("{group} is on bus.{first} and on bus.{second}; a device has one bus")]
    TwoBuses {
        /// The group of engines or laser modules.
        group: String,
        /// One bus.
        first: String,
        /// The other.
        second: String,
    },
    /// A gearbox stands between host lanes and media lanes.
    #[error(
        "{engine} joins {host} host lanes with {media} media lanes; registers hold one host lane and one media lane on each lane of a bank, so that only engines without a gearbox can be managed"
    )]
    Gearbox {
        /// The engine.
        engine: String,
        /// Its host lanes.
        host: usize,
        /// Its media lanes.
        media: usize,
    },
    /// A data path has to lie in one bank.
    #[error(
        "{port} has {lanes} lanes on {engine} that do not lie next to each other in one bank of eight; a data path never spans banks"
    )]
    SpansBanks {
        /// The port.
        port: String,
        /// The engine.
        engine: String,
        /// Lanes of the port there.
        lanes: usize,
    },
    /// No code names what a data path carries.
    #[error(
        "no interface code is known for lanes of {rate_gbps:.1} Gb/s as those of {engine}; SFF-8024 has lanes of 100 and 200 Gb/s here, {lanes} of them for this data path"
    )]
    NoInterface {
        /// The engine.
        engine: String,
        /// Of one lane, with all coding.
        rate_gbps: f64,
        /// Of one data path.
        lanes: usize,
    },
    /// More kinds of data paths than registers list.
    #[error("{engine} has {found} kinds of data paths; registers list 15")]
    TooManyApplications {
        /// The engine.
        engine: String,
        /// How many.
        found: usize,
    },
    /// More lasers than a device has lanes.
    #[error("{module} has {lasers} lasers; a device has 32 lanes at the most")]
    TooManyLasers {
        /// The laser module.
        module: String,
        /// How many.
        lasers: usize,
    },
}

/// The devices of a system.
#[derive(Debug, Clone)]
pub struct Fleet {
    devices: Vec<Device>,
    /// By media lane.
    places: Vec<Option<LanePlace>>,
    /// Devices of laser modules, by laser module.
    modules: Vec<Option<usize>>,
    /// By port: the devices of laser modules that light it.
    lit_by: Vec<Vec<usize>>,
}

/// Lanes that the fault flags of a laser module count.
const MOST_LASERS: usize = 32;

impl Fleet {
    /// The devices of a system: those of engines, then those of laser modules, both in the order of
    /// their entities. Groups that are on no bus, or on one that does not say what its devices are,
    /// have none.
    ///
    /// # Errors
    /// Nothing is managed, or registers cannot express what there is.
    pub fn new(system: &System) -> Result<Self, FleetError> {
        let engine_buses = buses_of(system, |bus| bus.engine.as_deref(), |bus| &bus.module)?;
        let laser_buses = buses_of(
            system,
            |bus| bus.laser_module.as_deref(),
            |bus| {
                if bus.engine.is_some() {
                    &bus.els
                } else {
                    &bus.module
                }
            },
        )?;
        let mut fleet = Self {
            devices: Vec::new(),
            places: vec![None; system.media_lanes.len()],
            modules: vec![None; system.laser_modules.len()],
            lit_by: vec![Vec::new(); system.ports.len()],
        };
        for (idx, engine) in system.engines.iter().enumerate() {
            let group = &system.description.engine[engine.group].name;
            if let Some(bus) = engine_buses.iter().find(|(name, _)| name == group) {
                fleet.add_engine(system, EngineId::from_index(idx), bus.1)?;
            }
        }
        let n_engines = fleet.devices.len();
        for (idx, module) in system.laser_modules.iter().enumerate() {
            let group = &system.description.laser_module[module.group].name;
            if let Some(bus) = laser_buses.iter().find(|(name, _)| name == group) {
                fleet.add_laser_module(system, LaserModuleId::from_index(idx), bus.1, n_engines)?;
            }
        }
        if fleet.devices.is_empty() {
            let system = system.description.name.clone();
            return Err(FleetError::NothingManaged { system });
        }
        fleet.join(system);
        Ok(fleet)
    }

    /// The devices.
    pub fn devices(&self) -> &[Device] {
        &self.devices
    }

    /// Where a media lane stands.
    pub fn place(&self, lane: MediaLaneId) -> Option<LanePlace> {
        self.places.get(lane.index()).copied().flatten()
    }

    /// The position of the device of a laser module.
    pub fn laser_module(&self, module: LaserModuleId) -> Option<usize> {
        self.modules.get(module.index()).copied().flatten()
    }

    /// The positions of the laser modules that light a port.
    pub fn lighting(&self, port: PortId) -> &[usize] {
        self.lit_by.get(port.index()).map_or(&[], Vec::as_slice)
    }

    /// What a device is behind its registers, as it is described.
    pub fn described<'a>(&self, system: &'a System, device: usize) -> Option<&'a ManagedModule> {
        let of = self.devices.get(device)?;
        let bus = &system.description.bus.get(of.bus)?.value;
        match of.part {
            Part::LaserModule(_) if bus.engine.is_some() => bus.els.as_deref(),
            _ => bus.module.as_deref(),
        }
    }

    fn add_engine(&mut self, system: &System, id: EngineId, bus: usize) -> Result<(), FleetError> {
        let engine = &system.engines[id.index()];
        let (n_media, n_host) = (engine.media_lanes.len(), engine.host_lanes.len());
        if n_host != 0 && n_host != n_media {
            return Err(FleetError::Gearbox {
                engine: engine.name.clone(),
                host: n_host,
                media: n_media,
            });
        }
        let lane = |media: u32| {
            let of = &system.media_lanes[media as usize];
            let host = of.host_lanes.clone().next().map(HostLaneId);
            Lane {
                media: MediaLaneId(media),
                host,
                serdes: host.map(|host| system.host_lanes[host.index()].serdes),
                port: of.port,
                laser: of.laser,
            }
        };
        let all: Vec<Lane> = engine.media_lanes.clone().map(lane).collect();
        let of = &system.description.bus[bus].value;
        let capacity = LANES * of.banks.max(1) as usize;
        for lanes in all.chunks(capacity) {
            let device = self.devices.len();
            for (lane, of) in lanes.iter().enumerate() {
                self.places[of.media.index()] = Some(LanePlace { device, lane });
            }
            self.devices.push(Device {
                name: format!("oe{device}"),
                index: device,
                part: Part::Engine(id),
                bus,
                banks: banks(lanes.len()),
                lanes: lanes.to_vec(),
                lasers: Vec::new(),
                lit_by: Vec::new(),
                is_joint: of.management == Management::Joint,
            });
        }
        Ok(())
    }

    fn add_laser_module(
        &mut self,
        system: &System,
        id: LaserModuleId,
        bus: usize,
        n_engines: usize,
    ) -> Result<(), FleetError> {
        let module = &system.laser_modules[id.index()];
        if module.lasers.len() > MOST_LASERS {
            return Err(FleetError::TooManyLasers {
                module: module.name.clone(),
                lasers: module.lasers.len(),
            });
        }
        let laser = |laser: u32| {
            let lanes = system.lasers[laser as usize].media_lanes.iter();
            LaserLane {
                laser: LaserId(laser),
                feeds: lanes.filter_map(|lane| self.place(*lane)).collect(),
            }
        };
        let lasers: Vec<LaserLane> = module.lasers.clone().map(laser).collect();
        let index = self.devices.len() - n_engines;
        self.modules[id.index()] = Some(self.devices.len());
        self.devices.push(Device {
            name: format!("els{index}"),
            index,
            part: Part::LaserModule(id),
            bus,
            banks: banks(lasers.len()),
            lanes: Vec::new(),
            lasers,
            lit_by: Vec::new(),
            is_joint: false,
        });
        Ok(())
    }

    /// Says which laser modules light which engines and ports.
    fn join(&mut self, system: &System) {
        for (number, entity) in system.media_lanes.iter().enumerate() {
            let LaserHome::Module(module, _) = system.lasers[entity.laser.index()].home else {
                continue;
            };
            let Some(module) = self.modules[module.index()] else {
                continue;
            };
            if let Some(place) = self.places[number] {
                push_new(&mut self.devices[place.device].lit_by, module);
            }
            if let Some(port) = entity.port {
                push_new(&mut self.lit_by[port.index()], module);
            }
        }
    }
}

fn push_new(list: &mut Vec<usize>, item: usize) {
    if !list.contains(&item) {
        list.push(item);
    }
}

fn banks(lanes: usize) -> u8 {
    u8::try_from(lanes.div_ceil(LANES).max(1)).unwrap_or(u8::MAX)
}

/// The bus of each group that is managed.
fn buses_of(
    system: &System,
    group: impl Fn(&Bus) -> Option<&str>,
    module: impl Fn(&Bus) -> &Option<Box<ManagedModule>>,
) -> Result<Vec<(String, usize)>, FleetError> {
    let mut found: Vec<(String, usize)> = Vec::new();
    let buses: &[Named<Bus>] = &system.description.bus;
    for (idx, bus) in buses.iter().enumerate() {
        let Some(name) = group(&bus.value) else {
            continue;
        };
        if module(&bus.value).is_none() {
            continue;
        }
        if let Some((_, first)) = found.iter().find(|(known, _)| known == name) {
            return Err(FleetError::TwoBuses {
                group: name.to_owned(),
                first: buses[*first].name.clone(),
                second: bus.name.clone(),
            });
        }
        found.push((name.to_owned(), idx));
    }
    Ok(found)
}
