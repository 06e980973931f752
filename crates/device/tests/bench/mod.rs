//! A switch on a bench: a plant that does what it is told, and hosts at its devices.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::sync::Arc;
use std::time::Duration;

use cmis::{Address, Nack, Register};
use device::{DeviceError, ManagedSwitch};
use plant::{
    Capabilities, Column, Command, CommandId, CommandKind, DeviceName, Direction, EntityCounts,
    Observation, Outcome, Ownership, Plant, PollError, PowerState, PoweredUnit, Refusal, Signal,
    Status, Storage, TestPattern, Timestamp,
};
use system::{Input, Library, System};

pub(crate) const MS: u64 = 1_000_000;

/// States of signals.
pub(crate) const LOW_POWER: u8 = 1;
pub(crate) const FULL_POWER: u8 = 2;
const ON: u8 = 2;
const OFF: u8 = 0;
const LOCKED: u8 = 2;

pub(crate) fn resolve(name: &str, sets: &[&str]) -> Arc<System> {
    let library = Library::embedded();
    let text = library.platform(name).expect("a platform").to_owned();
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    let system = System::resolve(&Input {
        name,
        bytes: text.as_bytes(),
        sets: &sets,
        library: &library,
        load: &|_| Err("no file".to_owned()),
    });
    Arc::new(system.unwrap_or_else(|problems| panic!("{problems}")))
}

/// What every sensor of a healthy switch reads. The levels are those that its description names.
pub(crate) fn healthy(system: &System) -> Observation {
    let device = DeviceName::new("leaf1").expect("a name");
    let mut observation = Observation::new(system.fingerprint, device);
    let bus = &system.description.bus[0].value;
    let module = bus.module.as_ref().expect("managed");
    let level = |of: &Option<units::Sourced<units::DbMilliwatts>>| {
        of.as_ref().map_or(0.0, |level| level.value.value())
    };
    for info in Signal::TABLE {
        let count = system.count(info.kind);
        let number = match info.signal {
            Signal::EngineTemperature | Signal::LaserModuleTemperature => 45.0,
            Signal::LaserTemperature | Signal::ZoneTemperature => 50.0,
            Signal::EngineSupplyVoltage | Signal::LaserModuleSupplyVoltage => 3.3,
            Signal::EngineInputPower => level(&module.laser_input_level),
            Signal::TransmitMonitorPower | Signal::TransmitOma => level(&module.transmit_level),
            Signal::RxPower | Signal::RxOma => level(&module.receive_level),
            Signal::PreFecBer => 1e-9,
            Signal::RxSnr => 22.0,
            Signal::LaserBias => 0.35,
            Signal::LaserPower => system
                .description
                .laser_module
                .first()
                .map_or(17.0, |of| of.value.launch.value.value()),
            Signal::LaserVoltage => 1.5,
            Signal::LaserAge => 0.1,
            Signal::LaserModulePower => 6.6,
            _ => f64::NAN,
        };
        let column = match (info.storage, info.signal) {
            (Storage::State(names), _) if count > 0 => {
                let is_pattern = names[0] == "none";
                let best = if info.signal == Signal::ZoneState || is_pattern {
                    0
                } else {
                    u8::try_from(names.len() - 1).expect("few")
                };
                Column::from_states(info.signal, vec![best; count])
            }
            (Storage::F32 | Storage::F64, _) if count > 0 && !number.is_nan() => {
                Column::from_values(info.signal, std::iter::repeat_n(number, count))
            }
            _ => continue,
        };
        observation.insert(column.expect("of its storage"));
    }
    observation
}

/// A plant that does at once what it is told, or refuses it.
pub(crate) struct Obedient {
    pub(crate) capabilities: Capabilities,
    pub(crate) observation: Observation,
    /// Everything that it was told.
    pub(crate) told: Vec<Command>,
    /// What it says to a command instead of doing it.
    pub(crate) refuse: Option<fn(&Command) -> Option<Refusal>>,
    outcomes: Vec<Outcome>,
}

impl Obedient {
    pub(crate) fn new(system: &System, commands: &[CommandKind]) -> Self {
        let observation = healthy(system);
        let capabilities = Capabilities {
            device: observation.device.clone(),
            fingerprint: system.fingerprint,
            owns: Ownership::Physics,
            commands: commands.to_vec(),
            signals: observation.columns().iter().map(Column::signal).collect(),
            counts: EntityCounts::from(system),
            minimal_period: Duration::ZERO,
        };
        Self {
            capabilities,
            observation,
            told: Vec::new(),
            refuse: None,
            outcomes: Vec::new(),
        }
    }

    fn state(&mut self, signal: Signal, index: usize, state: u8) {
        if let Some(column) = self.observation.column_mut(signal) {
            column.set_state(index, state);
        }
    }

    pub(crate) fn set(&mut self, signal: Signal, index: usize, value: f64) {
        let column = self.observation.column_mut(signal).expect("measured");
        column.set(index, value);
    }

    fn obey(&mut self, command: &Command) {
        match *command {
            Command::SetPowerState { unit, state } => {
                let state = match state {
                    PowerState::Off => 0,
                    PowerState::LowPower => LOW_POWER,
                    _ => FULL_POWER,
                };
                match unit {
                    PoweredUnit::Engine(id) => {
                        self.state(Signal::EnginePowerState, id.index(), state);
                    }
                    PoweredUnit::LaserModule(id) => {
                        self.state(Signal::LaserModulePowerState, id.index(), state);
                    }
                    PoweredUnit::Zone(_) => {}
                }
            }
            Command::SetTransmitEnable { lane, enabled } => {
                let state = if enabled { ON } else { OFF };
                self.state(Signal::TransmitOutput, lane.index(), state);
                self.state(
                    Signal::TransmitLock,
                    lane.index(),
                    if enabled { LOCKED } else { 0 },
                );
            }
            Command::SetLaserEnable { laser, enabled } => {
                self.state(
                    Signal::LaserOutput,
                    laser.index(),
                    if enabled { ON } else { OFF },
                );
            }
            // Light and bits go around: each lane hears what it sends.
            Command::SetPattern {
                lane,
                direction: Direction::Transmit,
                pattern,
            } => {
                let state = pattern.map_or(TestPattern::NO_STATE, TestPattern::state);
                self.state(Signal::ReceivePattern, lane.index(), state);
            }
            _ => {}
        }
    }
}

impl Plant for Obedient {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn submit(&mut self, command: Command) -> CommandId {
        let id = CommandId(self.told.len() as u64);
        let refusal = self.refuse.and_then(|refuse| refuse(&command));
        let status = if let Some(refusal) = refusal {
            Status::Refused(refusal)
        } else {
            self.obey(&command);
            Status::Done
        };
        self.outcomes.push(Outcome {
            command: id,
            time: self.observation.time,
            status,
        });
        self.told.push(command);
        id
    }

    fn poll(&mut self, now: Timestamp) -> Result<Option<&Observation>, PollError> {
        self.observation.time = now;
        self.observation.sequence += 1;
        self.observation.outcomes = std::mem::take(&mut self.outcomes);
        Ok(Some(&self.observation))
    }
}

/// Every command that a twin takes.
pub(crate) const COMMANDS: [CommandKind; 10] = [
    CommandKind::SetLaserEnable,
    CommandKind::SetLaserOutput,
    CommandKind::SetLaserBias,
    CommandKind::SetTransmitEnable,
    CommandKind::SetHeater,
    CommandKind::SetPowerState,
    CommandKind::SetLoopback,
    CommandKind::SetReceiveEnable,
    CommandKind::SetPattern,
    CommandKind::SetPolarity,
];

pub(crate) struct Bench {
    pub(crate) system: Arc<System>,
    pub(crate) plant: Obedient,
    pub(crate) switch: ManagedSwitch,
    pub(crate) now_ns: u64,
}

impl Bench {
    pub(crate) fn new(name: &str) -> Self {
        Self::with(name, &[], &COMMANDS).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn with(
        name: &str,
        sets: &[&str],
        commands: &[CommandKind],
    ) -> Result<Self, DeviceError> {
        let system = resolve(name, sets);
        let plant = Obedient::new(&system, commands);
        let switch = ManagedSwitch::new(&system, plant.capabilities(), &[], Timestamp::default())?;
        Ok(Self {
            system,
            plant,
            switch,
            now_ns: 0,
        })
    }

    /// With all data paths up, all flags read, and nothing left to ask of the plant.
    pub(crate) fn up(name: &str) -> Self {
        let mut bench = Self::new(name);
        bench.wait_ms(8000);
        bench.clear();
        bench.plant.told.clear();
        bench
    }

    pub(crate) fn step(&mut self, ms: u64) {
        self.now_ns += ms * MS;
        let now = Timestamp::from_nanos(self.now_ns);
        self.switch.advance(now);
        self.switch.command(&mut self.plant);
        let seen = self.plant.poll(now).expect("in order").expect("always new");
        self.switch.tick(seen, now).expect("its own");
        self.switch.command(&mut self.plant);
    }

    /// Lets time pass in steps of 50 ms.
    pub(crate) fn wait_ms(&mut self, ms: u64) {
        for _ in 0..ms.div_ceil(50) {
            self.step(50);
        }
    }

    pub(crate) fn device(&self, name: &str) -> usize {
        let devices = self.switch.fleet().devices().iter();
        let mut named = devices.enumerate().filter(|(_, of)| of.name == name);
        named.next().expect("it exists").0
    }

    pub(crate) fn bytes(&mut self, device: usize, at: Address, n: usize) -> Result<Vec<u8>, Nack> {
        let mut into = vec![0; n];
        self.switch.read(device, at, &mut into)?;
        Ok(into)
    }

    pub(crate) fn get(&mut self, device: usize, bank: u8, register: &Register) -> Vec<u8> {
        let at = Self::at(bank, register);
        self.bytes(device, at, register.total_bytes())
            .expect("it answers")
    }

    pub(crate) fn put(&mut self, device: usize, bank: u8, register: &Register, data: &[u8]) {
        let at = Self::at(bank, register);
        self.switch.write(device, at, data).expect("it answers");
    }

    fn at(bank: u8, register: &Register) -> Address {
        Address {
            bank,
            page: u8::try_from(register.page).unwrap_or(0),
            byte: register.byte,
        }
    }

    /// Reads everything that reading clears.
    pub(crate) fn clear(&mut self) {
        for device in 0..self.switch.fleet().devices().len() {
            let of = &self.switch.fleet().devices()[device];
            let (banks, is_engine) = (of.banks, !of.lanes.is_empty());
            let _ = self.bytes(device, Address::lower(0), 128);
            for bank in 0..banks {
                let pages: &[u8] = if is_engine {
                    &[0x11, 0x2C, 0xC6]
                } else {
                    &[0x1A]
                };
                for page in pages {
                    let _ = self.bytes(device, Address::page(*page, 128).in_bank(bank), 128);
                }
            }
        }
    }

    /// Every flag of lanes that is set: device, page, byte, bits.
    pub(crate) fn flags(&mut self) -> Vec<(String, u8, usize, u32)> {
        let mut found = Vec::new();
        for device in 0..self.switch.fleet().devices().len() {
            let of = &self.switch.fleet().devices()[device];
            let (name, banks, is_engine) = (of.name.clone(), of.banks, !of.lanes.is_empty());
            let (page, bytes) = if is_engine {
                (0x11, 134..154)
            } else {
                (0x1A, 186..194)
            };
            for byte in bytes {
                let mut bits = 0;
                for bank in 0..banks {
                    let at = Address::page(page, u8::try_from(byte).expect("a byte"));
                    let read = self.bytes(device, at.in_bank(bank), 1).expect("it answers");
                    bits |= u32::from(read[0]) << (8 * bank);
                }
                if bits != 0 {
                    found.push((name.clone(), page, byte, bits));
                }
            }
        }
        found
    }
}
