//! What the driver does with an access to a file.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::Duration;

use cmis::{Address, HALF, Layout, Nack};

use crate::clock::Pace;
use crate::managed::{DeviceInfo, Locked, Managed, ManagedDevices};

/// Until here a file needs no pages.
const UNPAGED_SIZE: u64 = 2 * HALF as u64;
/// Its highest bit says that there are no pages.
const MEMORY_MODEL: Address = Address::lower(2);
const IS_FLAT: u8 = 1 << 7;
/// How long a write that is not acknowledged waits before it is tried again.
const RETRY_PAUSE: Duration = Duration::from_millis(1);

/// Why an access failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The device does not acknowledge a read.
    NoModule,
    /// The device does not acknowledge a write.
    TimedOut,
    /// A write begins behind the end.
    BehindEnd,
    /// A number is none, or out of range.
    BadNumber,
}

/// A number that is set through a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setting {
    WriteMax,
    WriteTimeout,
    MaxBankSize,
}

#[derive(Debug)]
struct Settings {
    write_max: AtomicU32,
    write_timeout_ms: AtomicU32,
    max_bank_size: AtomicU32,
}

/// The driver of all devices.
#[derive(Debug)]
pub(super) struct Driver<D> {
    devices: Managed<D>,
    layout: Layout,
    /// One for each device.
    settings: Vec<Settings>,
}

impl<D: ManagedDevices> Driver<D> {
    pub(super) fn new(devices: Managed<D>, layout: Layout) -> Self {
        let settings = devices.infos().iter().map(|_| Settings {
            write_max: AtomicU32::new(1),
            write_timeout_ms: AtomicU32::new(25),
            max_bank_size: AtomicU32::new(0),
        });
        Self {
            settings: settings.collect(),
            devices,
            layout,
        }
    }

    pub(super) fn infos(&self) -> &[DeviceInfo] {
        self.devices.infos()
    }

    pub(super) fn is_present(&self, device: usize) -> bool {
        self.devices.lock().is_present(device)
    }

    pub(super) fn setting(&self, device: usize, setting: Setting) -> u32 {
        self.place(device, setting).load(Ordering::Acquire)
    }

    /// Sets what `text` says, as the kernel reads numbers.
    pub(super) fn set(&self, device: usize, setting: Setting, text: &[u8]) -> Result<(), Fault> {
        let range = match setting {
            Setting::WriteMax => 1..=128,
            Setting::WriteTimeout => 0..=500,
            Setting::MaxBankSize => 0..=u32::from(u8::MAX),
        };
        let number = number(text).filter(|number| range.contains(number));
        let number = number.ok_or(Fault::BadNumber)?;
        self.place(device, setting).store(number, Ordering::Release);
        Ok(())
    }

    fn place(&self, device: usize, setting: Setting) -> &AtomicU32 {
        let settings = &self.settings[device];
        match setting {
            Setting::WriteMax => &settings.write_max,
            Setting::WriteTimeout => &settings.write_timeout_ms,
            Setting::MaxBankSize => &settings.max_bank_size,
        }
    }

    /// Banks of the file, at least 1.
    fn banks(&self, device: usize) -> u8 {
        let banks = self.setting(device, Setting::MaxBankSize).max(1);
        u8::try_from(banks).expect("it was checked when it was set")
    }

    /// Bytes of the file.
    pub(super) fn size(&self, device: usize) -> u64 {
        self.layout.file_size(self.banks(device)) as u64
    }

    /// Reads up to the end of the file and returns how many bytes that are.
    pub(super) fn read(&self, device: usize, offset: u64, into: &mut [u8]) -> Result<usize, Fault> {
        let banks = self.banks(device);
        let mut guard = self.devices.lock();
        let n_bytes = self.n_legal(&mut guard, device, offset, into.len())?;
        let mut n_read = 0;
        while n_read < n_bytes {
            let Some((from, n_left)) = self.locate(offset, n_read, banks) else {
                break;
            };
            let end = n_bytes.min(n_read + n_left);
            match guard.read(device, from, &mut into[n_read..end]) {
                Ok(()) => n_read = end,
                Err(Nack) if n_read == 0 => return Err(Fault::NoModule),
                Err(Nack) => break,
            }
        }
        Ok(n_read)
    }

    /// Begins to write, up to the end of the file. Waits for nothing.
    pub(super) fn begin_write(
        &self,
        device: usize,
        offset: u64,
        data: &[u8],
    ) -> Result<Progress, Fault> {
        if offset >= self.size(device) {
            return Err(Fault::BehindEnd);
        }
        let mut guard = self.devices.lock();
        let n_bytes = self.n_legal(&mut guard, device, offset, data.len())?;
        drop(guard);
        let mut progress = Progress {
            device,
            offset,
            n_bytes,
            n_written: 0,
        };
        self.go_on(&mut progress, data);
        Ok(progress)
    }

    /// Whether it makes sense to wait for the rest of a write.
    pub(super) fn is_worth_waiting(&self, progress: &Progress) -> bool {
        !progress.is_done()
            && self.devices.clock().pace() != Pace::Manual
            && self.setting(progress.device, Setting::WriteTimeout) > 0
    }

    /// Tries to write the rest until the timeout of the device has passed without progress.
    pub(super) fn wait(&self, progress: &mut Progress, data: &[u8]) {
        let timeout = self.setting(progress.device, Setting::WriteTimeout);
        let mut n_pauses = 0;
        while !progress.is_done() && n_pauses < timeout {
            sleep(RETRY_PAUSE);
            n_pauses += 1;
            if self.go_on(progress, data) {
                n_pauses = 0;
            }
        }
    }

    /// Writes until a piece is not acknowledged, and returns whether any was.
    fn go_on(&self, progress: &mut Progress, data: &[u8]) -> bool {
        let device = progress.device;
        let write_max = self.setting(device, Setting::WriteMax) as usize;
        let banks = self.banks(device);
        let before = progress.n_written;
        let mut guard = self.devices.lock();
        while !progress.is_done() {
            let Some((from, n_left)) = self.locate(progress.offset, progress.n_written, banks)
            else {
                // Somebody made the file shorter meanwhile.
                progress.n_bytes = progress.n_written;
                break;
            };
            let end = progress
                .n_bytes
                .min(progress.n_written + n_left.min(write_max));
            let piece = &data[progress.n_written..end];
            if guard.write(device, from, piece).is_err() {
                break;
            }
            progress.n_written = end;
        }
        progress.n_written > before
    }

    /// How many bytes of an access there are: fewer at the end, none behind it.
    fn n_legal(
        &self,
        devices: &mut Locked<'_, D>,
        device: usize,
        offset: u64,
        n_bytes: usize,
    ) -> Result<usize, Fault> {
        if offset.saturating_add(n_bytes as u64) <= UNPAGED_SIZE {
            return Ok(n_bytes);
        }
        let mut size = self.size(device);
        if offset >= size {
            return Ok(0);
        }
        let mut model = [0];
        let read = devices.read(device, MEMORY_MODEL, &mut model);
        read.map_err(|Nack| Fault::NoModule)?;
        if model[0] & IS_FLAT != 0 {
            size = UNPAGED_SIZE;
        }
        let n_left = usize::try_from(size.saturating_sub(offset)).unwrap_or(usize::MAX);
        Ok(n_bytes.min(n_left))
    }

    /// The byte `n_done` behind `offset`, and how many bytes there are up to the end of its page;
    /// none behind the end of the file.
    fn locate(&self, offset: u64, n_done: usize, banks: u8) -> Option<(Address, usize)> {
        let at = usize::try_from(offset).ok()?.checked_add(n_done)?;
        let from = self.layout.address(at, banks)?;
        Some((from, HALF - at % HALF))
    }
}

/// How far a write has come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Progress {
    device: usize,
    offset: u64,
    n_bytes: usize,
    n_written: usize,
}

impl Progress {
    fn is_done(&self) -> bool {
        self.n_written >= self.n_bytes
    }

    /// How many bytes were written; none is only right when there was nothing to write.
    pub(super) fn result(&self) -> Result<usize, Fault> {
        if self.n_written == 0 && self.n_bytes > 0 {
            Err(Fault::TimedOut)
        } else {
            Ok(self.n_written)
        }
    }
}

/// A number in decimal, hexadecimal after `0x` or octal after `0`, with one line feed at most.
fn number(text: &[u8]) -> Option<u32> {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let text = str::from_utf8(text).ok()?;
    let (digits, radix) = if let Some(digits) = text.strip_prefix("0x") {
        (digits, 16)
    } else if let Some(digits) = text.strip_prefix('0').filter(|digits| !digits.is_empty()) {
        (digits, 8)
    } else {
        (text, 10)
    };
    u32::from_str_radix(digits, radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_by_the_kernel() {
        let cases: [(&str, Option<u32>); 12] = [
            ("4", Some(4)),
            ("4\n", Some(4)),
            ("0", Some(0)),
            ("0x10", Some(16)),
            ("010", Some(8)),
            ("+4", Some(4)),
            ("", None),
            ("\n", None),
            ("4\n\n", None),
            (" 4", None),
            ("-1", None),
            ("4294967296", None),
        ];
        for (text, expected) in cases {
            assert_eq!(number(text.as_bytes()), expected, "{text:?}");
        }
    }
}
