//! A twin with its managed devices, as servers take it.

use std::collections::VecDeque;
use std::io::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cmis::{Address, Nack};
use device::{Device, ManagedSwitch, Part};
use plant::{Command, Plant as _, Timestamp};
use serde_json::{Map, Value};
use server::{DeviceInfo, DeviceKind, ManagedDevices};
use system::System;
use twin::scenario::Event;
use twin::world::{TwinPlant, World};

use super::keeper::Keeper;
use super::wish::Wish;

/// Steps that are made at once at the most: when more time has passed, they are longer.
const MOST_STEPS: u32 = 2_000;

/// The first I2C bus of engines, and of laser modules.
const FIRST_BUS: [u16; 2] = [100, 500];

/// A switch of a world with the devices that manage it.
pub(super) struct ManagedTwin {
    system: Arc<System>,
    world: Arc<Mutex<World>>,
    plant: TwinPlant,
    devices: ManagedSwitch,
    infos: Vec<DeviceInfo>,
    step: Duration,
    next_step: Timestamp,
    start: Timestamp,
    /// What is still to happen.
    events: VecDeque<Event>,
    keeper: Option<Keeper>,
    /// Why the world does not go on; it has been told.
    stopped: bool,
}

/// Of what it is made.
pub(super) struct Parts {
    pub(super) system: Arc<System>,
    pub(super) world: Arc<Mutex<World>>,
    pub(super) plant: TwinPlant,
    pub(super) devices: ManagedSwitch,
    pub(super) events: Vec<Event>,
    pub(super) keeper: Option<Keeper>,
    pub(super) step: Duration,
    pub(super) start: Timestamp,
}

impl ManagedTwin {
    pub(super) fn new(parts: Parts) -> Self {
        let infos = parts.devices.fleet().devices().iter().map(|of| {
            let (kind, first) = match of.part {
                Part::Engine(_) => (DeviceKind::Engine, FIRST_BUS[0]),
                Part::LaserModule(_) => (DeviceKind::Laser, FIRST_BUS[1]),
            };
            let index = u16::try_from(of.index).unwrap_or(u16::MAX);
            DeviceInfo {
                kind,
                index,
                bus: first.saturating_add(index),
                banks: of.banks,
            }
        });
        Self {
            infos: infos.collect(),
            system: parts.system,
            world: parts.world,
            plant: parts.plant,
            devices: parts.devices,
            step: parts.step,
            next_step: parts.start,
            start: parts.start,
            events: parts.events.into(),
            keeper: parts.keeper,
            stopped: false,
        }
    }

    /// The devices.
    pub(super) fn managed(&self) -> &[Device] {
        self.devices.fleet().devices()
    }

    /// Takes the world and its devices to a time.
    fn step_to(&mut self, now: Timestamp) {
        self.devices.advance(now);
        self.devices.command(&mut self.plant);
        self.play(now);
        match self.plant.poll(now) {
            Ok(Some(seen)) => {
                if let Err(error) = self.devices.tick(seen, now) {
                    self.stop(&error.to_string());
                }
            }
            Ok(None) => {}
            Err(error) => self.stop(&error.to_string()),
        }
        for refused in self.devices.take_refusals() {
            let _ = writeln!(anstream::stderr(), "warning: {refused}");
        }
        if let Some(keeper) = &self.keeper {
            for record in self.devices.records() {
                if let Err(error) = keeper.keep(&record) {
                    let what = format!("warning: {} is not kept: {error:#}", record.device);
                    // Nothing can be done when standard error is closed.
                    let _ = writeln!(anstream::stderr(), "{what}");
                }
            }
        }
    }

    /// What the scenario says up to a time.
    fn play(&mut self, now: Timestamp) {
        let since_ns = now.nanos().saturating_sub(self.start.nanos());
        while let Some(event) = self.events.front().filter(|event| event.at_ns <= since_ns) {
            let mut world = locked(&self.world);
            let at_ns = world.now_ns();
            let refused = world
                .switch_mut(event.switch)
                .and_then(|switch| switch.act(&event.action, at_ns).err());
            drop(world);
            if let Some(refusal) = refused {
                let _ = writeln!(anstream::stderr(), "warning: scenario: {refusal}");
            }
            self.events.pop_front();
        }
    }

    fn stop(&mut self, why: &str) {
        if !self.stopped {
            self.stopped = true;
            let _ = writeln!(
                anstream::stderr(),
                "error: the world stands still: {why}; registers keep what they said last"
            );
        }
    }

    /// Hands the world a fault as text.
    fn strike(&mut self, text: String) -> Result<(), String> {
        twin::fault::Fault::parse(&text, &self.system).map_err(|problems| problems.to_string())?;
        self.plant.submit(Command::InjectFault { text });
        Ok(())
    }

    /// The name of the fibre, or of the laser, of a lane of a device.
    fn of_lane(&self, device: usize, lane: usize, is_fibre: bool) -> Result<String, String> {
        let of = &self.devices.fleet().devices()[device];
        let system = &self.system;
        let n = of.n_lanes();
        if let Some(on) = of.lanes.get(lane) {
            let media = &system.media_lanes[on.media.index()];
            return Ok(if is_fibre {
                system.fibres[media.receive_fibre.index()].name.clone()
            } else {
                system.lasers[media.laser.index()].name.clone()
            });
        }
        let laser = of.lasers.get(lane).filter(|_| !is_fibre);
        laser
            .map(|on| system.lasers[on.laser.index()].name.clone())
            .ok_or_else(|| format!("{} has no such lane {lane}; it has {n}", of.name))
    }
}

impl ManagedDevices for ManagedTwin {
    fn devices(&self) -> &[DeviceInfo] {
        &self.infos
    }

    fn advance_to(&mut self, now: Timestamp) {
        if !self.stopped && now >= self.next_step {
            let behind_ns = now.nanos() - self.next_step.nanos();
            let step_ns = u64::try_from(self.step.as_nanos()).unwrap_or(u64::MAX);
            let step_ns = step_ns.max(behind_ns / u64::from(MOST_STEPS));
            while self.next_step <= now && !self.stopped {
                self.step_to(self.next_step);
                self.next_step = self.next_step.saturating_add(Duration::from_nanos(step_ns));
            }
        }
        self.devices.advance(now);
    }

    fn read(&mut self, device: usize, from: Address, into: &mut [u8]) -> Result<(), Nack> {
        self.devices.read(device, from, into)
    }

    fn peek(&mut self, device: usize, from: Address, into: &mut [u8]) -> Result<(), Nack> {
        self.devices.peek(device, from, into)
    }

    fn write(&mut self, device: usize, from: Address, data: &[u8]) -> Result<(), Nack> {
        self.devices.write(device, from, data)
    }

    fn is_present(&self, device: usize) -> bool {
        self.devices.is_present(device)
    }

    fn fresh(&mut self, device: usize) {
        self.devices.fresh(device);
    }

    fn inject(
        &mut self,
        device: usize,
        what: &str,
        args: &Map<String, Value>,
    ) -> Result<(), String> {
        match Wish::read(what, args)? {
            Wish::Temperature(celsius) => {
                if let Some(overrides) = self.devices.overrides_mut(device) {
                    overrides.temperature_c = celsius;
                }
            }
            Wish::Supply(volts) => {
                if let Some(overrides) = self.devices.overrides_mut(device) {
                    overrides.supply_v = volts;
                }
            }
            Wish::ModuleFault(cause) => {
                if let Some(overrides) = self.devices.overrides_mut(device) {
                    overrides.fault = cause;
                }
            }
            Wish::Nack(is_silent) => {
                if let Some(overrides) = self.devices.overrides_mut(device) {
                    overrides.is_silent = is_silent;
                }
            }
            Wish::LowPowerPin(is_set) => self.devices.set_low_power_pin(device, is_set),
            Wish::Quirks(quirks) => self.devices.set_quirks(device, quirks),
            Wish::HangCommands(hangs) => self.devices.hang_commands(device, hangs),
            Wish::Say {
                observable,
                lane,
                value,
            } => {
                let overrides = self.devices.overrides_mut(device);
                let is_measured =
                    overrides.is_some_and(|of| of.set_observable(observable, lane, value));
                if !is_measured {
                    return Err(format!(
                        "observable {observable} is none that lanes are measured by; `shoreline cmis observables` lists them"
                    ));
                }
            }
            Wish::Fibre(lane) => {
                let fibre = self.of_lane(device, lane, true)?;
                self.strike(format!("fibre_break {fibre}"))?;
            }
            Wish::Laser(lane) => {
                let laser = self.of_lane(device, lane, false)?;
                self.strike(format!("laser_death {laser}"))?;
            }
            Wish::Fault(text) => self.strike(text)?,
        }
        Ok(())
    }
}

/// A world whose last user stopped amid a step is still what its next step makes of it.
fn locked(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}
