//! Managed devices of one switch or of several, and what all ways to them share.
//!
//! [`ManagedDevices`] is what is served: devices behind registers. [`Managed`] puts them behind one
//! lock with one [`Clock`], so that every way in finds the same devices at the same time. Some of
//! them, such as those of one switch, are [served on their own](Managed::part), and still live by
//! the same clock.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cmis::{Address, Nack};
use plant::Timestamp;

use crate::clock::Clock;

/// What a managed device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DeviceKind {
    /// An optical engine.
    Engine,
    /// An external laser module.
    Laser,
}

impl DeviceKind {
    /// The beginning of the names of its devices: `oe` and `els`.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Engine => "oe",
            Self::Laser => "els",
        }
    }
}

/// What does not change about a managed device. It is shown by its name, such as `oe0` or `els12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeviceInfo {
    /// What it is.
    pub kind: DeviceKind,
    /// Which of its kind, from 0.
    pub index: u16,
    /// The number of the I2C bus at which hosts find it at address 50h; no two devices that are
    /// served together share one.
    pub bus: u16,
    /// Its banks, from 1 to 8.
    pub banks: u8,
}

impl fmt::Display for DeviceInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.kind.prefix(), self.index)
    }
}

/// The devices of a switch or of several as hosts reach them. A device is named by its place in
/// [`devices`](Self::devices).
///
/// # Panics
/// Implementations may panic when there is no such device.
pub trait ManagedDevices: Send + 'static {
    /// The devices; always the same, whether or not they are present.
    fn devices(&self) -> &[DeviceInfo];

    /// Brings everything to `now`, which is never earlier than before. It is called before every
    /// access and has to be cheap when nothing is due.
    fn advance_to(&mut self, now: Timestamp);

    /// Reads as [`cmis::Registers::read`].
    ///
    /// # Errors
    /// The device does not acknowledge, or is not there; nothing is cleared then.
    fn read(&mut self, device: usize, from: Address, into: &mut [u8]) -> Result<(), Nack>;

    /// What [`read`](Self::read) would give, without clearing anything.
    ///
    /// # Errors
    /// As that.
    fn peek(&mut self, device: usize, from: Address, into: &mut [u8]) -> Result<(), Nack>;

    /// Writes as [`cmis::Registers::write`].
    ///
    /// # Errors
    /// The device does not acknowledge, or is not there; nothing is written then.
    fn write(&mut self, device: usize, from: Address, data: &[u8]) -> Result<(), Nack>;

    /// Whether the device is plugged in.
    fn is_present(&self, device: usize) -> bool;

    /// Back to the state at power-on.
    fn fresh(&mut self, device: usize);

    /// Makes `what` happen to the device, with arguments as a JSON object.
    ///
    /// # Errors
    /// What is wrong with name or arguments, and what is expected; nothing happened then.
    fn inject(
        &mut self,
        device: usize,
        what: &str,
        args: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<(), String>;
}

/// Devices behind one lock, with the clock by which they live. Clones are the same devices.
#[derive(Debug)]
pub struct Managed<D> {
    shared: Arc<Shared<D>>,
    /// The place of the first device among all that are behind the lock.
    first: usize,
    infos: Arc<[DeviceInfo]>,
}

#[derive(Debug)]
struct Shared<D> {
    devices: Mutex<D>,
    clock: Clock,
}

impl<D> Clone for Managed<D> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            first: self.first,
            infos: Arc::clone(&self.infos),
        }
    }
}

impl<D: ManagedDevices> Managed<D> {
    /// `devices` by `clock`.
    pub fn new(devices: D, clock: Clock) -> Self {
        let infos = devices.devices().into();
        let devices = Mutex::new(devices);
        Self {
            shared: Arc::new(Shared { devices, clock }),
            first: 0,
            infos,
        }
    }

    /// Some of these devices, counted from 0, behind the same lock and with the same clock: what is
    /// advanced are all devices.
    ///
    /// # Panics
    /// There are not as many devices.
    #[must_use]
    pub fn part(&self, devices: Range<usize>) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            first: self.first + devices.start,
            infos: self.infos[devices].into(),
        }
    }

    /// What does not change about the devices.
    pub fn infos(&self) -> &[DeviceInfo] {
        &self.infos
    }

    /// The time by which they live.
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// The devices, brought to the time of their clock. Everybody else waits until it is dropped.
    pub fn lock(&self) -> Locked<'_, D> {
        // A device that panicked has its state of before or after; either is one to go on with.
        let devices = self.shared.devices.lock();
        let mut devices = devices.unwrap_or_else(PoisonError::into_inner);
        devices.advance_to(self.shared.clock.now());
        Locked {
            devices,
            first: self.first,
        }
    }

    /// Advances a manual clock and the devices with it.
    ///
    /// # Errors
    /// The clock runs by itself.
    pub fn advance(&self, by: Duration) -> Result<(), NotManual> {
        self.shared.clock.advance(by).ok_or(NotManual)?;
        drop(self.lock());
        Ok(())
    }
}

/// Devices that nobody else accesses meanwhile. Its methods are those of [`ManagedDevices`] with
/// devices counted as in [`Managed::infos`], and panic as those.
#[derive(Debug)]
pub struct Locked<'a, D> {
    devices: MutexGuard<'a, D>,
    first: usize,
}

impl<D: ManagedDevices> Locked<'_, D> {
    /// Brings all devices to `now`.
    pub fn advance_to(&mut self, now: Timestamp) {
        self.devices.advance_to(now);
    }

    /// Reads.
    ///
    /// # Errors
    /// The device does not acknowledge.
    pub fn read(&mut self, device: usize, from: Address, into: &mut [u8]) -> Result<(), Nack> {
        self.devices.read(self.first + device, from, into)
    }

    /// Reads without clearing anything.
    ///
    /// # Errors
    /// The device does not acknowledge.
    pub fn peek(&mut self, device: usize, from: Address, into: &mut [u8]) -> Result<(), Nack> {
        self.devices.peek(self.first + device, from, into)
    }

    /// Writes.
    ///
    /// # Errors
    /// The device does not acknowledge.
    pub fn write(&mut self, device: usize, from: Address, data: &[u8]) -> Result<(), Nack> {
        self.devices.write(self.first + device, from, data)
    }

    /// Whether the device is plugged in.
    pub fn is_present(&self, device: usize) -> bool {
        self.devices.is_present(self.first + device)
    }

    /// Back to the state at power-on.
    pub fn fresh(&mut self, device: usize) {
        self.devices.fresh(self.first + device);
    }

    /// Makes `what` happen to the device.
    ///
    /// # Errors
    /// What is wrong with name or arguments.
    pub fn inject(
        &mut self,
        device: usize,
        what: &str,
        args: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<(), String> {
        self.devices.inject(self.first + device, what, args)
    }
}

/// A clock that runs by itself was told to advance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the clock is not manual, so nobody advances it")]
pub struct NotManual;
