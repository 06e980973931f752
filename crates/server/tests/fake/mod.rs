//! Devices that are memory, with a few registers that behave.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(unreachable_pub, reason = "shared by test files")]

use cmis::{Address, HALF, Nack, is_banked};
use plant::Timestamp;
use serde_json::{Map, Value};
use server::{DeviceInfo, DeviceKind, ManagedDevices};

/// Reading it clears it.
pub const LATCH: u8 = 8;
/// Milliseconds, 8 bytes, least first.
pub const TIME: u8 = 100;

fn byte(number: usize) -> u8 {
    u8::try_from(number).expect("a small number")
}

#[derive(Debug)]
struct Device {
    lower: [u8; HALF],
    /// Banks of 256 pages.
    pages: Vec<u8>,
    is_present: bool,
    /// As many accesses are not acknowledged.
    n_nacks: u64,
    is_panicking: bool,
}

impl Device {
    fn new(info: DeviceInfo, place: usize) -> Self {
        let n_pages = usize::from(info.banks) * 256;
        let mut pages = vec![0; n_pages * HALF];
        for (n, page) in pages.chunks_exact_mut(HALF).enumerate() {
            // Pages tell where they are.
            page[0] = byte(n % 256);
            page[1] = byte(n / 256);
            page[2] = byte(place);
        }
        let mut lower = [0; HALF];
        lower[0] = 0x80;
        lower[usize::from(LATCH)] = 0xFF;
        Self {
            lower,
            pages,
            is_present: true,
            n_nacks: 0,
            is_panicking: false,
        }
    }

    fn place(&mut self, at: Address, n: usize) -> Option<&mut u8> {
        let byte = usize::from(at.byte) + n;
        if byte < HALF {
            return Some(&mut self.lower[byte]);
        }
        let bank = if is_banked(at.page) { at.bank } else { 0 };
        let page = usize::from(bank) * 256 + usize::from(at.page);
        (byte < 2 * HALF)
            .then(|| self.pages.get_mut(page * HALF + byte - HALF))
            .flatten()
    }

    fn check(&mut self, from: Address, n_bytes: usize) -> Result<(), Nack> {
        assert!(!self.is_panicking, "told to panic");
        if self.n_nacks > 0 {
            self.n_nacks -= 1;
            return Err(Nack);
        }
        let last = self.place(from, n_bytes.max(1) - 1).is_some();
        if self.is_present && last {
            Ok(())
        } else {
            Err(Nack)
        }
    }
}

/// An engine `oe0` of four banks, a laser `els0` and an engine `oe1`, at buses 10, 11 and 12.
#[derive(Debug)]
pub struct Fake {
    infos: Vec<DeviceInfo>,
    devices: Vec<Device>,
    now: Timestamp,
}

impl Fake {
    pub fn new() -> Self {
        let info = |kind, index, bus, banks| DeviceInfo {
            kind,
            index,
            bus,
            banks,
        };
        let infos = vec![
            info(DeviceKind::Engine, 0, 10, 4),
            info(DeviceKind::Laser, 0, 11, 1),
            info(DeviceKind::Engine, 1, 12, 4),
        ];
        let devices = infos.iter().enumerate();
        Self {
            devices: devices
                .map(|(place, &info)| Device::new(info, place))
                .collect(),
            infos,
            now: Timestamp::default(),
        }
    }
}

impl ManagedDevices for Fake {
    fn devices(&self) -> &[DeviceInfo] {
        &self.infos
    }

    fn advance_to(&mut self, now: Timestamp) {
        assert!(now >= self.now, "time goes backwards");
        self.now = now;
    }

    fn read(&mut self, device: usize, from: Address, into: &mut [u8]) -> Result<(), Nack> {
        let now = self.now;
        let device = &mut self.devices[device];
        device.check(from, into.len())?;
        let start = usize::from(TIME);
        let millis = (now.nanos() / 1_000_000).to_le_bytes();
        device.lower[start..start + 8].copy_from_slice(&millis);
        for (n, byte) in into.iter_mut().enumerate() {
            let place = device.place(from, n).ok_or(Nack)?;
            *byte = *place;
            if usize::from(from.byte) + n == usize::from(LATCH) {
                *place = 0;
            }
        }
        Ok(())
    }

    fn peek(&mut self, device: usize, from: Address, into: &mut [u8]) -> Result<(), Nack> {
        let latch = self.devices[device].lower[usize::from(LATCH)];
        let read = self.read(device, from, into);
        self.devices[device].lower[usize::from(LATCH)] = latch;
        read
    }

    fn write(&mut self, device: usize, from: Address, data: &[u8]) -> Result<(), Nack> {
        let device = &mut self.devices[device];
        device.check(from, data.len())?;
        for (n, byte) in data.iter().enumerate() {
            *device.place(from, n).ok_or(Nack)? = *byte;
        }
        Ok(())
    }

    fn is_present(&self, device: usize) -> bool {
        self.devices[device].is_present
    }

    fn fresh(&mut self, device: usize) {
        self.devices[device] = Device::new(self.infos[device], device);
    }

    fn inject(
        &mut self,
        device: usize,
        what: &str,
        args: &Map<String, Value>,
    ) -> Result<(), String> {
        let device = &mut self.devices[device];
        match what {
            "absent" => device.is_present = false,
            "nack" => {
                let n_nacks = args.get("n").and_then(Value::as_u64);
                device.n_nacks = n_nacks.ok_or("n is missing; expected a number")?;
            }
            "panic" => device.is_panicking = true,
            _ => return Err(format!("nothing is called {what:?}")),
        }
        Ok(())
    }
}
