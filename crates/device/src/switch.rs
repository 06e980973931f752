//! The devices of a switch at work.

use std::sync::Arc;

use cmis::map::mirror::{DOCUMENTED, Mirror, shown_on};
use cmis::module::{
    self, Image, Kind, LaneWanted, LaserSetpoint, LaserWanted, Loopback, Module, Nonvolatile,
    Profile, Quirks, Readings, Version, Wanted,
};
use cmis::{Address, HALF, LOWER, Nack, Registers};
use plant::{
    Capabilities, CommandKind, Direction, Observation, Ownership, Plant, PowerState, Sequence,
    TestPattern, Timestamp,
};
use sha2::{Digest as _, Sha256};
use system::{EngineId, Fingerprint, PortId, System};

use crate::commands::{Commander, Refused, Setting, Target};
use crate::fleet::{Device, Fleet, FleetError, Part};
use crate::overrides::Overrides;
use crate::profile::Profiler;
use crate::readings::{self, Columns, Dark, Wiring};
use crate::records::{self, RecordError};

/// Blocks of a digest that make the payload of a factory image.
const FACTORY_BLOCKS: u32 = 128;

/// Why there are no devices.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DeviceError {
    /// The system cannot be managed so.
    #[error(transparent)]
    Fleet(#[from] FleetError),
    /// The plant is of another description.
    #[error("the plant {device} is of description {found}, not of {expected}")]
    Foreign {
        /// The plant.
        device: String,
        /// That of the system.
        expected: Fingerprint,
        /// That of the plant.
        found: Fingerprint,
    },
    /// The plant has modules of its own.
    #[error("the plant {device} runs its modules itself; their registers are not emulated")]
    OwnsModules {
        /// The plant.
        device: String,
    },
    /// A record of what a device keeps cannot be used.
    #[error("the record of {device}: {source}")]
    Record {
        /// The device.
        device: String,
        /// What is wrong.
        source: RecordError,
    },
}

/// An observation of another description; nothing of it was taken in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "an observation of {device} under description {found}; the devices are those of {expected}"
)]
pub struct ForeignObservation {
    /// What was observed.
    pub device: String,
    /// That of the system.
    pub expected: Fingerprint,
    /// That of the observation.
    pub found: Fingerprint,
}

/// What a device keeps without supply, as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The name of the device.
    pub device: String,
    /// See [`decode`](crate::decode).
    pub bytes: Vec<u8>,
}

/// One device at work.
#[derive(Debug)]
struct Slot {
    kind: Kind,
    module: Module,
    wiring: Wiring,
    readings: Readings,
    overrides: Overrides,
    is_present: bool,
    /// What has been handed over to be kept.
    kept: Nonvolatile,
    /// Where its wishes stand.
    wishes: Wishes,
}

/// Positions of what a device wants, in the [`Commander`].
#[derive(Debug)]
struct Wishes {
    power: usize,
    /// Of each lane.
    lanes: Vec<LaneWishes>,
    /// Whether each laser shall give light, and how much.
    lasers: Vec<(usize, usize)>,
}

/// Positions of what a lane wants, as far as the plant takes it.
#[derive(Debug)]
struct LaneWishes {
    transmit: usize,
    receive: Option<usize>,
    loopback: Option<usize>,
    /// Towards the fibre, and towards the host.
    patterns: Option<[usize; 2]>,
    /// Of the electrical input, and of the output.
    polarity: Option<[usize; 2]>,
}

/// The sides of a lane.
const SIDES: [Direction; 2] = [Direction::Transmit, Direction::Receive];

/// The devices of one switch.
#[derive(Debug)]
pub struct ManagedSwitch {
    system: Arc<System>,
    fleet: Fleet,
    slots: Vec<Slot>,
    commander: Commander,
    mirrors: Vec<Mirror>,
    now_ns: u64,
    /// When something happens by itself at the earliest.
    due_ns: u64,
}

impl ManagedSwitch {
    /// The devices of a system whose plant can do what `capabilities` say, as their supply comes on.
    /// Devices that a record is of go on with what they kept, the others are new; records of devices
    /// that there are not are left alone.
    ///
    /// # Errors
    /// Registers cannot express the system, the plant is another one, or a record is damaged.
    pub fn new(
        system: &Arc<System>,
        capabilities: &Capabilities,
        records: &[Record],
        now: Timestamp,
    ) -> Result<Self, DeviceError> {
        let device = || capabilities.device.as_str().to_owned();
        if capabilities.fingerprint != system.fingerprint {
            return Err(DeviceError::Foreign {
                device: device(),
                expected: system.fingerprint,
                found: capabilities.fingerprint,
            });
        }
        if capabilities.owns == Ownership::Modules {
            return Err(DeviceError::OwnsModules { device: device() });
        }
        let fleet = Fleet::new(system)?;
        let profiler = Profiler {
            system,
            fleet: &fleet,
            capabilities,
        };
        let mut commander = Commander::default();
        let mut powers: Vec<(EngineId, usize)> = Vec::new();
        let mut slots = Vec::with_capacity(fleet.devices().len());
        for (number, device) in fleet.devices().iter().enumerate() {
            let profile = profiler.profile(number)?;
            let wiring = Wiring::new(system, &fleet, number, dark(&profile));
            let wishes = wishes(device, &profile, capabilities, &mut commander, &mut powers);
            let kept = match records.iter().find(|record| record.device == device.name) {
                Some(record) => {
                    records::decode(&record.bytes).map_err(|source| DeviceError::Record {
                        device: device.name.clone(),
                        source,
                    })?
                }
                None => Nonvolatile::new(factory_image(profiler.factory_version(number))),
            };
            let kind = Kind::new(profile);
            slots.push(Slot {
                module: Module::new(&kind, kept.clone(), now.nanos()),
                kind,
                wiring,
                readings: Readings::default(),
                overrides: Overrides::default(),
                is_present: true,
                kept,
                wishes,
            });
        }
        let mut switch = Self {
            system: Arc::clone(system),
            fleet,
            slots,
            commander,
            mirrors: DOCUMENTED.to_vec(),
            now_ns: now.nanos(),
            due_ns: 0,
        };
        switch.let_select_mirrors();
        switch.find_due();
        Ok(switch)
    }

    /// Which devices there are.
    pub fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// Says on which pages engines in joint mode show those of their laser modules; as documents have
    /// it without.
    pub fn set_mirrors(&mut self, mirrors: &[Mirror]) {
        self.mirrors = mirrors.to_vec();
        self.let_select_mirrors();
    }

    /// Lets hosts select the pages of laser modules that engines in joint mode show.
    fn let_select_mirrors(&mut self) {
        let pages: Vec<u8> = self.mirrors.iter().map(|of| of.engine_page).collect();
        let engines = self.slots.iter_mut().zip(self.fleet.devices());
        for (slot, of) in engines.filter(|(_, of)| of.is_joint) {
            let banks = u8::try_from(of.lit_by.len()).unwrap_or(u8::MAX);
            slot.kind.set_foreign_pages(&pages, banks);
            slot.module.set_foreign_pages(&pages, banks);
        }
    }

    /// The module of a device, to look at without touching it.
    pub fn module(&self, device: usize) -> Option<&Module> {
        self.slots.get(device).map(|slot| &slot.module)
    }

    /// Changes what is put in place of what the sensors of a device say. What is put there holds at
    /// once; what is taken away is as the sensors say from the next [`tick`](Self::tick) on. What the
    /// change returns; none where there is no such device.
    pub fn override_sensors<T>(
        &mut self,
        device: usize,
        change: impl FnOnce(&mut Overrides) -> T,
    ) -> Option<T> {
        let now_ns = self.now_ns;
        let slot = self.slots.get_mut(device)?;
        let done = change(&mut slot.overrides);
        if slot.is_present {
            slot.module.advance(now_ns);
            slot.overrides.apply(&mut slot.readings);
            slot.module.observe(&slot.readings);
        }
        self.find_due();
        Some(done)
    }

    /// Takes in what the sensors of the plant say, and what became of commands.
    ///
    /// # Errors
    /// The observation is of another description.
    pub fn tick(
        &mut self,
        observation: &Observation,
        now: Timestamp,
    ) -> Result<(), ForeignObservation> {
        if observation.fingerprint != self.system.fingerprint {
            return Err(ForeignObservation {
                device: observation.device.to_string(),
                expected: self.system.fingerprint,
                found: observation.fingerprint,
            });
        }
        self.now_ns = self.now_ns.max(now.nanos());
        let at_ns = observation.time.nanos().min(self.now_ns);
        self.commander.learn(&observation.outcomes, self.now_ns);
        let columns = Columns::of(observation);
        for number in 0..self.slots.len() {
            let part = self.fleet.devices()[number].part;
            let was = self.slots[number].is_present;
            self.plug(number, readings::is_present(&columns, part, was));
        }
        let are_present: Vec<bool> = self.slots.iter().map(|slot| slot.is_present).collect();
        for (slot, device) in self.slots.iter_mut().zip(self.fleet.devices()) {
            if !slot.is_present {
                continue;
            }
            slot.module.advance(at_ns);
            readings::fill(
                &self.system,
                device,
                &slot.wiring,
                &columns,
                |module| are_present[module],
                &mut slot.readings,
            );
            slot.overrides.apply(&mut slot.readings);
            slot.module.observe(&slot.readings);
            slot.module.advance(self.now_ns);
        }
        self.find_due();
        Ok(())
    }

    /// A device that comes back starts anew with what it kept.
    fn plug(&mut self, number: usize, is_present: bool) {
        let slot = &mut self.slots[number];
        if is_present && !slot.is_present {
            let kept = slot.module.nonvolatile().clone();
            slot.module = Module::new(&slot.kind, kept, self.now_ns);
            slot.readings = Readings::default();
            for wish in slot.wishes.all() {
                self.commander.forget(wish);
            }
        }
        slot.is_present = is_present;
    }

    /// Lets time go on. Cheap while nothing is due.
    pub fn advance(&mut self, now: Timestamp) {
        self.now_ns = self.now_ns.max(now.nanos());
        if self.now_ns < self.due_ns {
            return;
        }
        for slot in self.slots.iter_mut().filter(|slot| slot.is_present) {
            slot.module.advance(self.now_ns);
        }
        self.find_due();
    }

    /// When something happens by itself at the earliest.
    pub fn due(&self) -> Option<Timestamp> {
        (self.due_ns != u64::MAX).then(|| Timestamp::from_nanos(self.due_ns))
    }

    fn find_due(&mut self) {
        let present = self.slots.iter().filter(|slot| slot.is_present);
        let due = present.filter_map(|slot| slot.module.due_ns()).min();
        self.due_ns = due.unwrap_or(u64::MAX);
    }

    /// Hands a plant what the devices want and it has not taken yet, and remembers under which ids, so
    /// that [`tick`](Self::tick) learns what became of it. How many commands.
    pub fn command(&mut self, plant: &mut dyn Plant) -> usize {
        let wanted: Vec<Wanted> = self.slots.iter().map(|slot| slot.module.wanted()).collect();
        for (slot, wanted) in self.slots.iter().zip(&wanted) {
            if !slot.is_present {
                continue;
            }
            let wishes = &slot.wishes;
            for (wishes, lane) in wishes.lanes.iter().zip(&wanted.lanes) {
                for (entry, setting) in wishes.settings(*lane) {
                    self.commander.want(entry, setting);
                }
            }
            for ((enable, level), laser) in wishes.lasers.iter().zip(&wanted.lasers) {
                let (on, setpoint) = laser_settings(laser);
                self.commander.want(*enable, on);
                if let Some(setpoint) = setpoint {
                    self.commander.want(*level, setpoint);
                }
            }
        }
        // Devices of one engine share its power: it has it while one of them wants it.
        let mut is_full = vec![false; self.commander.len()];
        let present = || {
            self.slots
                .iter()
                .zip(&wanted)
                .filter(|(of, _)| of.is_present)
        };
        for (slot, wanted) in present() {
            is_full[slot.wishes.power] |= wanted.is_full_power;
        }
        for (slot, _) in present() {
            let entry = slot.wishes.power;
            self.commander.want(entry, power(is_full[entry]));
        }
        self.commander.submit(plant, self.now_ns)
    }

    /// How many commands were refused since the beginning.
    pub const fn n_refused(&self) -> u64 {
        self.commander.n_refused()
    }

    /// The refusals since this was last asked, the last 64 of them, for logs.
    pub fn take_refusals(&mut self) -> Vec<Refused> {
        self.commander.take_refusals()
    }

    /// Reads bytes of a device, with what that clears.
    ///
    /// # Errors
    /// It does not answer, is not plugged in, or does not exist; nothing is cleared then.
    pub fn read(&mut self, device: usize, from: Address, into: &mut [u8]) -> Result<(), Nack> {
        self.look(device, from, into, Module::read)
    }

    /// What [`read`](Self::read) would give, without clearing anything.
    ///
    /// # Errors
    /// As that.
    pub fn peek(&mut self, device: usize, from: Address, into: &mut [u8]) -> Result<(), Nack> {
        self.look(device, from, into, |module, from, into| {
            module.peek(from, into)
        })
    }

    fn look<F>(&mut self, device: usize, from: Address, into: &mut [u8], how: F) -> Result<(), Nack>
    where
        F: Fn(&mut Module, Address, &mut [u8]) -> Result<(), Nack> + Copy,
    {
        if let Some((laser, at)) = self.mirrored(device, from)? {
            self.answering(device)?;
            return how(&mut self.answering(laser)?.module, at, into);
        }
        let room = HALF - usize::from(from.byte).min(HALF);
        let (lower, upper) = into.split_at_mut(room.min(into.len()));
        let next = Address { byte: 128, ..from };
        if from.is_lower() && !upper.is_empty() && self.mirrored(device, next)?.is_some() {
            how(&mut self.answering(device)?.module, from, lower)?;
            return self.look(device, next, upper, how);
        }
        how(&mut self.answering(device)?.module, from, into)
    }

    /// Writes bytes of a device.
    ///
    /// # Errors
    /// It does not answer, is not plugged in, or does not exist; nothing is written then.
    pub fn write(&mut self, device: usize, from: Address, data: &[u8]) -> Result<(), Nack> {
        let (device, from) = match self.mirrored(device, from)? {
            Some(of_laser) => {
                self.answering(device)?;
                of_laser
            }
            None => (device, from),
        };
        let slot = self.answering(device)?;
        slot.module.write(from, data)?;
        if let Some(due_ns) = slot.module.due_ns() {
            self.due_ns = self.due_ns.min(due_ns);
        }
        Ok(())
    }

    /// A device that answers, at this instant.
    fn answering(&mut self, device: usize) -> Result<&mut Slot, Nack> {
        let now_ns = self.now_ns;
        let slot = self.slots.get_mut(device).ok_or(Nack)?;
        if !slot.is_present || slot.overrides.is_silent {
            return Err(Nack);
        }
        slot.module.advance(now_ns);
        Ok(slot)
    }

    /// The laser module whose page an engine in joint mode shows at an address, and the address there.
    /// Bank `b` shows the laser module `b` of those that light the engine.
    fn mirrored(&self, device: usize, from: Address) -> Result<Option<(usize, Address)>, Nack> {
        let of = self.fleet.devices().get(device).ok_or(Nack)?;
        if !of.is_joint || from.is_lower() {
            return Ok(None);
        }
        let Some(page) = shown_on(&self.mirrors, from.page) else {
            return Ok(None);
        };
        let laser = of.lit_by.get(usize::from(from.bank)).ok_or(Nack)?;
        let at = if page == LOWER {
            Address::lower(from.byte - 128)
        } else {
            let page = u8::try_from(page).map_err(|_| Nack)?;
            Address::page(page, from.byte)
        };
        Ok(Some((*laser, at)))
    }

    /// Whether a device is plugged in. Engines always are.
    pub fn is_present(&self, device: usize) -> bool {
        self.slots.get(device).is_some_and(|slot| slot.is_present)
    }

    /// Whether a port counts as present: while all laser modules that light it are plugged in. Its
    /// engine answers either way.
    pub fn port_presence(&self, port: PortId) -> bool {
        let lighting = self.fleet.lighting(port);
        lighting.iter().all(|module| self.is_present(*module))
    }

    /// Whether a device asks for a host's attention.
    pub fn is_interrupting(&self, device: usize) -> bool {
        let slot = self.slots.get(device);
        slot.is_some_and(|slot| slot.is_present && slot.module.is_interrupting())
    }

    /// Sets the pin by which hosts ask a device for low power.
    pub fn set_low_power_pin(&mut self, device: usize, is_set: bool) {
        let now_ns = self.now_ns;
        if let Some(slot) = self.slots.get_mut(device) {
            slot.module.advance(now_ns);
            slot.module.set_low_power_pin(is_set);
            self.find_due();
        }
    }

    /// Lets a device be odd; see [`Module::set_quirks`].
    pub fn set_quirks(&mut self, device: usize, quirks: Quirks) {
        if let Some(slot) = self.slots.get_mut(device) {
            slot.module.set_quirks(quirks);
            self.find_due();
        }
    }

    /// Lets commands of a device never end; see [`Module::hang_commands`].
    pub fn hang_commands(&mut self, device: usize, hangs: bool) {
        if let Some(slot) = self.slots.get_mut(device) {
            slot.module.hang_commands(hangs);
            self.find_due();
        }
    }

    /// Resets a device, as its pin does.
    pub fn reset(&mut self, device: usize) {
        let now_ns = self.now_ns;
        if let Some(slot) = self.slots.get_mut(device) {
            slot.module.advance(now_ns);
            slot.module.reset();
            self.find_due();
        }
    }

    /// Takes the supply of a device away and gives it back: what it keeps stays, and overrides go.
    pub fn fresh(&mut self, device: usize) {
        let now_ns = self.now_ns;
        if let Some(slot) = self.slots.get_mut(device) {
            let kept = slot.module.nonvolatile().clone();
            slot.module = Module::new(&slot.kind, kept, now_ns);
            slot.overrides = Overrides::default();
            slot.readings.fault = 0;
            slot.module.observe(&slot.readings);
            self.find_due();
        }
    }

    /// What devices keep that has changed since this was last asked.
    pub fn records(&mut self) -> Vec<Record> {
        let mut changed = Vec::new();
        for (slot, device) in self.slots.iter_mut().zip(self.fleet.devices()) {
            let now = slot.module.nonvolatile();
            if *now != slot.kept {
                changed.push(Record {
                    device: device.name.clone(),
                    bytes: records::encode(now),
                });
                slot.kept = now.clone();
            }
        }
        changed
    }

    /// Lets a device go on with what was kept, as its supply comes on.
    ///
    /// # Errors
    /// The bytes are damaged or no record; nothing has changed then. So it is where there is no such
    /// device.
    pub fn restore(&mut self, device: usize, bytes: &[u8]) -> Result<(), RecordError> {
        let kept = records::decode(bytes)?;
        let now_ns = self.now_ns;
        if let Some(slot) = self.slots.get_mut(device) {
            slot.module = Module::new(&slot.kind, kept.clone(), now_ns);
            slot.module.observe(&slot.readings);
            slot.kept = kept;
            self.find_due();
        }
        Ok(())
    }
}

impl Wishes {
    fn all(&self) -> impl Iterator<Item = usize> + '_ {
        let lanes = self.lanes.iter();
        let lanes = lanes.flat_map(|lane| {
            let wanted = lane.settings(LaneWanted::default());
            wanted.map(|(entry, _)| entry)
        });
        let lasers = self.lasers.iter().flat_map(|(on, level)| [*on, *level]);
        let rest = lanes.chain(lasers);
        std::iter::once(self.power).chain(rest)
    }
}

/// Places for what a device wants.
fn wishes(
    device: &Device,
    profile: &Profile,
    capabilities: &Capabilities,
    commander: &mut Commander,
    powers: &mut Vec<(EngineId, usize)>,
) -> Wishes {
    let power = match device.part {
        Part::Engine(engine) => {
            let known = powers.iter().find(|(of, _)| *of == engine);
            if let Some((_, entry)) = known {
                *entry
            } else {
                let entry = commander.add(Target::Engine(engine), power(false));
                powers.push((engine, entry));
                entry
            }
        }
        Part::LaserModule(module) => commander.add(Target::LaserModule(module), power(false)),
    };
    let lanes = device.lanes.iter().map(|lane| {
        let media = lane.media;
        let takes = |kind| capabilities.accepts(kind);
        let of = profile.diagnostics.unwrap_or_default().patterns;
        let makes_patterns = of.media_generator | of.host_generator != 0;
        let off = Setting::Loopback(plant::Loopback::Off);
        let transmit = commander.add(Target::Transmit(media), Setting::Enabled(false));
        let receive = takes(CommandKind::SetReceiveEnable)
            .then(|| commander.add(Target::Receive(media), Setting::Enabled(false)));
        let loopback =
            takes(CommandKind::SetLoopback).then(|| commander.add(Target::Loopback(media), off));
        let patterns = makes_patterns.then(|| {
            SIDES.map(|side| commander.add(Target::Pattern(media, side), Setting::Pattern(None)))
        });
        let polarity = profile.flips_polarity.then(|| {
            SIDES.map(|side| commander.add(Target::Polarity(media, side), Setting::Inverted(false)))
        });
        LaneWishes {
            transmit,
            receive,
            loopback,
            patterns,
            polarity,
        }
    });
    let lanes = lanes.collect();
    // What lasers hold until they are told otherwise.
    let level_mw = profile.laser.as_ref().map_or(0.0, |laser| laser.power_mw);
    let lasers = device.lasers.iter().map(|lane| {
        let enable = commander.add(Target::LaserEnable(lane.laser), Setting::Enabled(false));
        let level = commander.add(Target::LaserLevel(lane.laser), Setting::output_mw(level_mw));
        (enable, level)
    });
    Wishes {
        power,
        lanes,
        lasers: lasers.collect(),
    }
}

const fn power(is_full: bool) -> Setting {
    Setting::Power(if is_full {
        PowerState::FullPower
    } else {
        PowerState::LowPower
    })
}

impl LaneWishes {
    /// What each of them shall be.
    fn settings(&self, lane: LaneWanted) -> impl Iterator<Item = (usize, Setting)> + use<> {
        let loopback = match lane.loopback {
            Loopback::None => plant::Loopback::Off,
            Loopback::MediaOutput => plant::Loopback::MediaOutput,
            Loopback::MediaInput => plant::Loopback::MediaInput,
            Loopback::HostOutput => plant::Loopback::HostOutput,
            Loopback::HostInput => plant::Loopback::HostInput,
        };
        let patterns = [lane.media_pattern, lane.host_pattern].map(pattern);
        let polarity = [lane.is_input_flipped, lane.is_output_flipped].map(Setting::Inverted);
        let single = [
            Some((self.transmit, Setting::Enabled(lane.is_tx_on))),
            self.receive.map(|of| (of, Setting::Enabled(lane.is_rx_on))),
            self.loopback.map(|of| (of, Setting::Loopback(loopback))),
        ];
        let both = |of: Option<[usize; 2]>, settings: [Setting; 2]| {
            of.into_iter()
                .flat_map(move |of| of.into_iter().zip(settings))
        };
        let patterns = both(self.patterns, patterns);
        let polarity = both(self.polarity, polarity);
        single.into_iter().flatten().chain(patterns).chain(polarity)
    }
}

/// A pattern by its code, which plants have from registers.
fn pattern(of: Option<module::TestPattern>) -> Setting {
    Setting::Pattern(of.and_then(|of| {
        Some(TestPattern {
            sequence: Sequence::from_code(of.code)?,
            is_inverted: of.is_inverted,
        })
    }))
}

/// A laser that shall hold no light is off: no level in decibels is nothing.
fn laser_settings(laser: &LaserWanted) -> (Setting, Option<Setting>) {
    let setpoint = match laser.setpoint {
        LaserSetpoint::PowerMw(mw) if mw > 0.0 => Some(Setting::output_mw(mw)),
        LaserSetpoint::PowerMw(_) => None,
        LaserSetpoint::BiasMa(ma) => Some(Setting::bias_ma(ma)),
    };
    let is_on = laser.is_on && setpoint.is_some();
    (Setting::Enabled(is_on), setpoint)
}

/// Where darkness and the rail of lasers lie.
fn dark(profile: &Profile) -> Dark {
    Dark {
        max_bias_ma: profile
            .laser
            .as_ref()
            .map_or(f64::INFINITY, |laser| laser.bias_range_ma.1),
        dark_mw: profile.thresholds.rx_power_mw.low_alarm,
    }
}

/// The image that a device is made with: a payload that follows from its version.
fn factory_image(version: Version) -> Image {
    let name = format!("{}.{}.{}", version.major, version.minor, version.build);
    let blocks = (0..FACTORY_BLOCKS).map(|block| Sha256::digest(format!("{name} {block}")));
    let payload = blocks.flat_map(|block| block.to_vec()).collect();
    Image::new(version, payload).expect("shorter than the longest payload")
}
