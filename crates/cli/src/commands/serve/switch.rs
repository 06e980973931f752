//! One switch of a world with the devices that manage it.

use std::io::Write as _;
use std::sync::Arc;

use device::{Device, ManagedSwitch, Part};
use plant::{Command, Plant as _, Timestamp};
use serde_json::{Map, Value};
use server::{DeviceInfo, DeviceKind};
use system::System;
use twin::world::TwinPlant;

use super::keeper::Keeper;
use super::wish::Wish;

/// The first I2C bus of engines, and of laser modules.
const FIRST_BUS: [u16; 2] = [100, 500];

/// A switch of a world with the devices that manage it.
pub(super) struct ManagedTwin {
    /// How warnings name it; not at all when it is alone.
    pub(super) name: Option<String>,
    pub(super) system: Arc<System>,
    pub(super) plant: TwinPlant,
    pub(super) devices: ManagedSwitch,
    pub(super) keeper: Option<Keeper>,
}

impl ManagedTwin {
    /// Its devices.
    pub(super) fn managed(&self) -> &[Device] {
        self.devices.fleet().devices()
    }

    /// Its devices as servers know them.
    pub(super) fn infos(&self) -> impl Iterator<Item = DeviceInfo> {
        self.managed().iter().map(|of| {
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
        })
    }

    /// Takes the devices to a time, and hands the plant what they want.
    pub(super) fn command(&mut self, now: Timestamp) {
        self.devices.advance(now);
        self.devices.command(&mut self.plant);
    }

    /// Lets the plant do what devices want before any plant of its world moves on.
    pub(super) fn obey(&mut self, now: Timestamp) {
        self.plant.obey(now);
    }

    /// Takes the plant to a time, and shows the devices what it says.
    ///
    /// # Errors
    /// Why the world does not go on.
    pub(super) fn observe(&mut self, now: Timestamp) -> Result<(), String> {
        match self.plant.poll(now) {
            Ok(Some(seen)) => {
                let seen = self.devices.tick(seen, now);
                seen.map_err(|error| error.to_string())
            }
            Ok(None) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Tells what was refused, and keeps what devices keep.
    pub(super) fn settle(&mut self) {
        for refused in self.devices.take_refusals() {
            self.warn(&refused.to_string());
        }
        if self.keeper.is_none() {
            return;
        }
        for record in self.devices.records() {
            let kept = self.keeper.as_ref().map(|keeper| keeper.keep(&record));
            if let Some(Err(error)) = kept {
                self.warn(&format!("{} is not kept: {error:#}", record.device));
            }
        }
    }

    fn warn(&self, what: &str) {
        let name = self.name.as_ref();
        let name = name.map_or_else(String::new, |name| format!("{name}: "));
        // Nothing can be done when standard error is closed.
        let _ = writeln!(anstream::stderr(), "warning: {name}{what}");
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

    /// Makes something happen to a device.
    ///
    /// # Errors
    /// What is wrong with name or arguments, and what is expected; nothing happened then.
    pub(super) fn inject(
        &mut self,
        device: usize,
        what: &str,
        args: &Map<String, Value>,
    ) -> Result<(), String> {
        match Wish::read(what, args)? {
            Wish::Temperature(celsius) => {
                self.devices
                    .override_sensors(device, |of| of.temperature_c = celsius);
            }
            Wish::Supply(volts) => {
                self.devices
                    .override_sensors(device, |of| of.supply_v = volts);
            }
            Wish::ModuleFault(cause) => {
                self.devices.override_sensors(device, |of| of.fault = cause);
            }
            Wish::Nack(is_silent) => {
                self.devices
                    .override_sensors(device, |of| of.is_silent = is_silent);
            }
            Wish::LowPowerPin(is_set) => self.devices.set_low_power_pin(device, is_set),
            Wish::Reset => self.devices.reset(device),
            Wish::Quirks(quirks) => self.devices.set_quirks(device, quirks),
            Wish::HangCommands(hangs) => self.devices.hang_commands(device, hangs),
            Wish::Say {
                observable,
                lane,
                value,
            } => {
                let is_measured = self
                    .devices
                    .override_sensors(device, |of| of.set_observable(observable, lane, value));
                if is_measured != Some(true) {
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
