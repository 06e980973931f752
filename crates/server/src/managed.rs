//! Managed devices of one switch, and what all ways to them share.
//!
//! [`ManagedDevices`] is what is served: devices behind registers. [`Managed`] puts them behind one
//! lock with one [`Clock`], so that every way in finds the same devices at the same time.

use std::fmt;
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
    /// The number of the I2C bus at which hosts find it at address 50h; no two devices share one.
    pub bus: u16,
    /// Its banks, from 1 to 8.
    pub banks: u8,
}

impl fmt::Display for DeviceInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.kind.prefix(), self.index)
    }
}

/// The devices of a switch as hosts reach them. A device is named by its place in
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
}

#[derive(Debug)]
struct Shared<D> {
    devices: Mutex<D>,
    infos: Vec<DeviceInfo>,
    clock: Clock,
}

impl<D> Clone for Managed<D> {
    fn clone(&self) -> Self {
        let shared = Arc::clone(&self.shared);
        Self { shared }
    }
}

impl<D: ManagedDevices> Managed<D> {
    /// `devices` by `clock`.
    pub fn new(devices: D, clock: Clock) -> Self {
        let infos = devices.devices().to_vec();
        let devices = Mutex::new(devices);
        let shared = Arc::new(Shared {
            devices,
            infos,
            clock,
        });
        Self { shared }
    }

    /// What does not change about the devices.
    pub fn infos(&self) -> &[DeviceInfo] {
        &self.shared.infos
    }

    /// The time by which they live.
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// The devices, brought to the time of their clock. Everybody else waits until it is dropped.
    pub fn lock(&self) -> MutexGuard<'_, D> {
        // A device that panicked has its state of before or after; either is one to go on with.
        let mut devices = self
            .shared
            .devices
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        devices.advance_to(self.shared.clock.now());
        devices
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

/// A clock that runs by itself was told to advance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the clock is not manual, so nobody advances it")]
pub struct NotManual;
