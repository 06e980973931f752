//! The command data block: commands that take time.
//!
//! # Source
//! CMIS 5.2, command data block, as public clients use it. The reply to command 0040h is known by its
//! completion time only; the rest of it is laid out after the emulator and drivers that read it.

use super::firmware::{HEADER_BYTES, Header, Image, Nonvolatile, Version};
use super::memory::Written;
use super::profile::Profile;
use super::{Module, ModuleState};
use crate::address::HALF;
use crate::codec::Half;
use crate::map::{lower, p01};
use crate::register::{Feature, LOWER};

/// The page of commands and short payloads, and the first of long payloads.
const COMMANDS: u16 = 0x9F;
const LONG_PAYLOADS: u16 = 0xA0;

/// Bytes of the page of commands, from its beginning.
const ID: usize = 0;
const LONG_LENGTH: usize = 2;
const LENGTH: usize = 4;
const CHECK_CODE: usize = 5;
const REPLY_LENGTH: usize = 6;
const REPLY_CHECK_CODE: usize = 7;
const PAYLOAD: usize = 8;
const MOST_PAYLOAD: usize = HALF - PAYLOAD;
/// The command that writes a block of a long payload.
const WRITE_LONG: u16 = 0x0104;
/// The byte whose write starts a command.
pub(super) const TRIGGER: u8 = 129;

/// How long commands take, ns, and what protects them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CdbProfile {
    /// Whether the module answers while a command runs.
    pub is_background: bool,
    /// Whether firmware can only be changed after the host's password.
    pub is_protected: bool,
    /// Pages of long payloads, at most 16; without any, firmware comes in short ones.
    pub long_pages: u8,
    /// Of queries.
    pub query_ns: u64,
    /// Of the beginning of a download, which erases an image.
    pub start_ns: u64,
    /// Of its end, which checks one.
    pub complete_ns: u64,
    /// Of one block.
    pub write_ns: u64,
    /// Of copying an image over the other.
    pub copy_ns: u64,
}

/// What came of a command, by the status register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Outcome {
    Success = 0x01,
    UnknownCommand = 0x41,
    Parameter = 0x42,
    CheckCode = 0x45,
    Password = 0x46,
    NotNow = 0x47,
}

const CAPTURED: u8 = 0x81;
const EXECUTING: u8 = 0x83;

/// An image on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Download {
    header: Header,
    payload: Vec<u8>,
}

/// A command as it stood when it was started: what a host writes afterwards belongs to the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Captured {
    /// Header and short payload.
    page: Half,
    /// None where the module does not hold as much as the header says.
    long_payload: Option<Vec<u8>>,
}

/// The command data block of a module.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Cdb {
    /// When the command that runs ends.
    pub(super) busy_until_ns: Option<u64>,
    /// The command that runs.
    captured: Option<Box<Captured>>,
    /// When the module restarts, and with which image.
    restart: Option<(u64, usize)>,
    download: Option<Download>,
    pub(super) is_unlocked: bool,
    /// A command that never ends.
    hangs: bool,
}

impl Cdb {
    pub(super) fn due_ns(&self, now_ns: u64) -> Option<u64> {
        let restart = self.restart.map(|(at_ns, _)| at_ns);
        let busy = self.busy_until_ns.filter(|_| !self.hangs);
        busy.into_iter()
            .chain(restart)
            .filter(|due| *due > now_ns)
            .min()
    }
}

impl Module {
    /// Lets commands never end, as those of broken modules do, until this is taken back or the module is
    /// reset.
    pub fn hang_commands(&mut self, hangs: bool) {
        self.cdb.hangs = hangs;
        self.settle();
    }

    /// A host has written the byte that starts a command. While one runs this starts nothing.
    pub(super) fn start_command(&mut self) {
        if self.cdb.busy_until_ns.is_some() {
            return;
        }
        let page = *self.memory.half(0, COMMANDS);
        let id = id_of(&page);
        let long_length = u16::from_be_bytes([page[LONG_LENGTH], page[LONG_LENGTH + 1]]);
        let long_payload = if id == WRITE_LONG {
            self.long_payload(usize::from(long_length))
        } else {
            None
        };
        self.cdb.captured = Some(Box::new(Captured { page, long_payload }));
        let takes_ns = duration_ns(&self.profile, id);
        self.cdb.busy_until_ns = Some(self.now_ns + takes_ns);
        self.put_command_status(if takes_ns == 0 { CAPTURED } else { EXECUTING });
    }

    /// Whether a host gets no answer because a command runs.
    pub(super) fn is_silent(&self) -> bool {
        let is_foreground = self.profile.cdb.is_some_and(|cdb| !cdb.is_background);
        self.cdb.busy_until_ns.is_some() && is_foreground
    }

    /// Ends what has to end by now. Whether anything did.
    pub(super) fn run_commands(&mut self) -> bool {
        let now_ns = self.now_ns;
        if let Some((_, image)) = self.cdb.restart.filter(|(at_ns, _)| *at_ns <= now_ns) {
            self.restart_with(image);
            return true;
        }
        let is_over = self.cdb.busy_until_ns.is_some_and(|until| until <= now_ns);
        if !is_over || self.cdb.hangs {
            return false;
        }
        self.cdb.busy_until_ns = None;
        let Some(captured) = self.cdb.captured.take() else {
            return true;
        };
        let mut reply = Vec::new();
        let outcome = self.run_command(&captured, &mut reply);
        self.reply(&reply);
        self.put_command_status(outcome as u8);
        let lower = self.memory.half_mut(0, LOWER);
        lower::CDB_CMD_COMPLETE_FLAG_1.put_flag(0, lower, true);
        true
    }

    fn put_command_status(&mut self, status: u8) {
        let at = usize::from(lower::CDB_IS_BUSY.byte);
        self.memory.half_mut(0, LOWER)[at] = status;
    }

    fn reply(&mut self, reply: &[u8]) {
        let half = self.memory.half_mut(0, COMMANDS);
        let n = reply.len().min(MOST_PAYLOAD);
        half[REPLY_LENGTH] = u8::try_from(n).expect("at most 120");
        half[REPLY_CHECK_CODE] = check_code(&reply[..n]);
        half[PAYLOAD..PAYLOAD + n].copy_from_slice(&reply[..n]);
    }

    fn run_command(&mut self, captured: &Captured, reply: &mut Vec<u8>) -> Outcome {
        let half = &captured.page;
        let n = usize::from(half[LENGTH]);
        if n > MOST_PAYLOAD {
            return Outcome::Parameter;
        }
        let payload = &half[PAYLOAD..PAYLOAD + n];
        let covered: Vec<u8> = half[ID..CHECK_CODE]
            .iter()
            .chain(payload)
            .copied()
            .collect();
        if half[CHECK_CODE] != check_code(&covered) {
            return Outcome::CheckCode;
        }
        let id = id_of(half);
        let is_protected = self.profile.cdb.is_some_and(|cdb| cdb.is_protected);
        if is_protected && !self.cdb.is_unlocked && (0x0101..=0x010A).contains(&id) {
            return Outcome::Password;
        }
        match id {
            0x0000 => {
                reply.extend([2, u8::from(self.cdb.is_unlocked)]);
                Outcome::Success
            }
            0x0001 => self.enter_password(payload),
            0x0002 => self.change_password(payload),
            0x0003 => Outcome::Success,
            0x0040 => {
                module_features(&self.profile, reply);
                Outcome::Success
            }
            0x0041 => {
                firmware_features(&self.profile, reply);
                Outcome::Success
            }
            0x0100 => {
                self.firmware_info(reply);
                Outcome::Success
            }
            0x0101 => self.start_download(payload),
            0x0102 => {
                self.cdb.download = None;
                Outcome::Success
            }
            0x0103 => match payload.split_at_checked(4) {
                Some((address, data)) => self.write_block(address, data),
                None => Outcome::Parameter,
            },
            WRITE_LONG => match (&captured.long_payload, payload.len()) {
                (Some(data), 4) => self.write_block(payload, data),
                _ => Outcome::Parameter,
            },
            0x0107 => self.complete_download(),
            0x0108 => self.copy_image(payload),
            0x0109 => self.run_image(payload),
            0x010A => {
                self.nonvolatile.committed = self.running;
                Outcome::Success
            }
            _ => Outcome::UnknownCommand,
        }
    }

    /// Takes passwords that a host has written into lower memory: whole ones, in one write.
    pub(super) fn enter_passwords(&mut self, written: &[Written]) {
        let area = |first: u8| -> Option<u32> {
            let byte = |at: u8| {
                let found = written
                    .iter()
                    .find(|of| of.page == LOWER && of.byte == first + at);
                found.map(|of| of.data)
            };
            Some(u32::from_be_bytes([byte(0)?, byte(1)?, byte(2)?, byte(3)?]))
        };
        if let Some(entered) = area(lower::PASSWORD_ENTRY.byte) {
            self.enter_password(&entered.to_be_bytes());
        }
        if let Some(chosen) = area(lower::PASSWORD_CHANGE_ENTRY.byte) {
            self.change_password(&chosen.to_be_bytes());
        }
    }

    fn enter_password(&mut self, payload: &[u8]) -> Outcome {
        let Ok(entered) = <[u8; 4]>::try_from(payload) else {
            return Outcome::Parameter;
        };
        self.cdb.is_unlocked = u32::from_be_bytes(entered) == self.nonvolatile.host_password;
        if self.cdb.is_unlocked {
            Outcome::Success
        } else {
            Outcome::Password
        }
    }

    /// Hosts may choose passwords without the highest bit; the others belong to the vendor.
    fn change_password(&mut self, payload: &[u8]) -> Outcome {
        let Ok(entered) = <[u8; 4]>::try_from(payload) else {
            return Outcome::Parameter;
        };
        let password = u32::from_be_bytes(entered);
        if !self.cdb.is_unlocked {
            return Outcome::Password;
        }
        if password >> 31 != 0 {
            return Outcome::Parameter;
        }
        self.nonvolatile.host_password = password;
        Outcome::Success
    }

    fn firmware_info(&self, reply: &mut Vec<u8>) {
        let Nonvolatile {
            images, committed, ..
        } = &self.nonvolatile;
        let status = |image: usize| {
            u8::from(self.running == image)
                | u8::from(*committed == image) << 1
                | u8::from(images[image].is_none()) << 2
        };
        let present = (0..2).fold(0, |bits, image| {
            bits | u8::from(images[image].is_some()) << image
        });
        reply.resize(110, 0);
        reply[0] = status(0) | status(1) << 4;
        reply[1] = present;
        for (image, at) in images.iter().zip([2, 38]) {
            let Version {
                major,
                minor,
                build,
            } = image.as_ref().map(Image::version).unwrap_or_default();
            reply[at] = major;
            reply[at + 1] = minor;
            reply[at + 2..at + 4].copy_from_slice(&build.to_be_bytes());
        }
    }

    fn start_download(&mut self, payload: &[u8]) -> Outcome {
        let Some((size, header)) = payload.split_at_checked(8) else {
            return Outcome::Parameter;
        };
        let size = u32::from_be_bytes([size[0], size[1], size[2], size[3]]);
        let Ok(header) = Header::parse(header) else {
            return Outcome::Parameter;
        };
        if usize::try_from(size) != Ok(HEADER_BYTES + header.payload_bytes) {
            return Outcome::Parameter;
        }
        // What does not run is erased now: from here on only the other one can boot.
        let idle = 1 - self.running;
        self.nonvolatile.images[idle] = None;
        if self.nonvolatile.committed == idle {
            self.nonvolatile.committed = self.running;
        }
        self.cdb.download = Some(Download {
            header,
            payload: Vec::new(),
        });
        self.show_firmware();
        Outcome::Success
    }

    /// Takes a block that goes on where the last one ended, or one that is there already.
    fn write_block(&mut self, address: &[u8], data: &[u8]) -> Outcome {
        let Some(download) = &mut self.cdb.download else {
            return Outcome::NotNow;
        };
        let address = u32::from_be_bytes([address[0], address[1], address[2], address[3]]);
        let (Ok(from), n) = (usize::try_from(address), data.len()) else {
            return Outcome::Parameter;
        };
        let end = from.saturating_add(n);
        if from > download.payload.len() || end > download.header.payload_bytes || n == 0 {
            return Outcome::Parameter;
        }
        if end > download.payload.len() {
            download.payload.resize(end, 0);
        }
        download.payload[from..end].copy_from_slice(data);
        Outcome::Success
    }

    fn long_payload(&self, length: usize) -> Option<Vec<u8>> {
        let pages = self
            .profile
            .cdb
            .map_or(0, |cdb| usize::from(cdb.long_pages));
        if length == 0 || length > pages * HALF {
            return None;
        }
        let numbers = LONG_PAYLOADS..LONG_PAYLOADS + u16::try_from(length.div_ceil(HALF)).ok()?;
        let mut data: Vec<u8> = numbers
            .flat_map(|page| *self.memory.half(0, page))
            .collect();
        data.truncate(length);
        Some(data)
    }

    fn complete_download(&mut self) -> Outcome {
        let Some(download) = self.cdb.download.take() else {
            return Outcome::NotNow;
        };
        let outcome = match Image::of(&download.header, download.payload) {
            Ok(image) => {
                self.nonvolatile.images[1 - self.running] = Some(image);
                Outcome::Success
            }
            Err(_) => Outcome::CheckCode,
        };
        self.show_firmware();
        outcome
    }

    /// `ABh` copies A over B, `BAh` the other way; never over the one that runs.
    fn copy_image(&mut self, payload: &[u8]) -> Outcome {
        let (from, to) = match payload.first() {
            Some(0xAB) => (0, 1),
            Some(0xBA) => (1, 0),
            _ => return Outcome::Parameter,
        };
        if to == self.running || self.nonvolatile.images[from].is_none() {
            return Outcome::NotNow;
        }
        let image = self.nonvolatile.images[from].clone();
        self.nonvolatile.images[to] = image;
        self.show_firmware();
        Outcome::Success
    }

    fn run_image(&mut self, payload: &[u8]) -> Outcome {
        let &[_, mode, high, low] = payload else {
            return Outcome::Parameter;
        };
        let image = match mode {
            0 | 1 => 1 - self.running,
            2 | 3 => self.running,
            _ => return Outcome::Parameter,
        };
        if self.nonvolatile.images[image].is_none() {
            return Outcome::NotNow;
        }
        let delay_ns = u64::from(u16::from_be_bytes([high, low])) * 1_000_000;
        self.cdb.restart = Some((self.now_ns + delay_ns.max(1), image));
        Outcome::Success
    }

    /// Shows which firmware runs, and which else there is.
    pub(super) fn show_firmware(&mut self) {
        let version = |image: usize| {
            let image = self.nonvolatile.images[image].as_ref();
            image.map(Image::version).unwrap_or_default()
        };
        let (active, idle) = (version(self.running), version(1 - self.running));
        let half = self.memory.half_mut(0, LOWER);
        lower::ACTIVE_FIRMWARE_MAJOR.put_raw(0, half, u64::from(active.major));
        lower::ACTIVE_FIRMWARE_MINOR.put_raw(0, half, u64::from(active.minor));
        if self.memory.has(0x01) {
            let half = self.memory.half_mut(0, 0x01);
            p01::INACTIVE_FIRMWARE_MAJOR.put_raw(0, half, u64::from(idle.major));
            p01::INACTIVE_FIRMWARE_MINOR.put_raw(0, half, u64::from(idle.minor));
        }
    }

    /// Starts anew with an image. Traffic is interrupted in every mode.
    fn restart_with(&mut self, image: usize) {
        self.running = image;
        self.begin();
        debug_assert_eq!(
            self.power.state,
            ModuleState::Starting,
            "a reset begins anew"
        );
    }

    /// What the module can do with commands, on its page of abilities.
    pub(super) fn fill_commands(&mut self) {
        let Some(cdb) = self.profile.cdb.filter(|_| self.has(Feature::Cdb)) else {
            return;
        };
        let half = self.memory.half_mut(0, 0x01);
        for (register, value) in [
            (&p01::CDB_INSTANCES_SUPPORTED, 1),
            (
                &p01::CDB_BACKGROUND_MODE_SUPPORTED,
                u64::from(cdb.is_background),
            ),
            (&p01::CDB_AUTO_PAGING_SUPPORTED, 0),
            (&p01::CDB_MAX_PAGES_EPL, long_pages_code(cdb.long_pages)),
            // Every length up to what a page holds, in one transfer.
            (&p01::CDB_READ_WRITE_LENGTH_EXTENSION, 15),
            (&p01::CDB_COMMAND_TRIGGER_METHOD, 1),
        ] {
            register.put_raw(0, half, value);
        }
    }
}

/// How many pages of long payloads, as a code: 0, 1, 2, 3, 4, 8, 12 or 16.
fn long_pages_code(pages: u8) -> u64 {
    [1, 2, 3, 4, 8, 12, 16]
        .iter()
        .filter(|of| **of <= pages)
        .count() as u64
}

fn id_of(half: &[u8; HALF]) -> u16 {
    u16::from_be_bytes([half[ID], half[ID + 1]])
}

/// What makes the sum of bytes and code FFh.
fn check_code(bytes: &[u8]) -> u8 {
    !super::identity::checksum(bytes)
}

fn duration_ns(profile: &Profile, id: u16) -> u64 {
    let Some(cdb) = profile.cdb else { return 0 };
    match id {
        0x0101 | 0x0102 => cdb.start_ns,
        0x0103 | WRITE_LONG => cdb.write_ns,
        0x0107 => cdb.complete_ns,
        0x0108 => cdb.copy_ns,
        _ => cdb.query_ns,
    }
}

fn milliseconds(ns: u64) -> u16 {
    u16::try_from(ns.div_ceil(1_000_000)).unwrap_or(u16::MAX)
}

/// Which commands there are below 0100h, and how long the longest takes.
fn module_features(profile: &Profile, reply: &mut Vec<u8>) {
    reply.resize(36, 0);
    for id in [0x00_usize, 0x01, 0x02, 0x03, 0x40, 0x41] {
        reply[2 + id / 8] |= 1 << (id % 8);
    }
    let longest = profile.cdb.map_or(0, |cdb| {
        [
            cdb.query_ns,
            cdb.start_ns,
            cdb.write_ns,
            cdb.complete_ns,
            cdb.copy_ns,
        ]
        .into_iter()
        .fold(0, u64::max)
    });
    reply[34..36].copy_from_slice(&milliseconds(longest).to_be_bytes());
}

fn firmware_features(profile: &Profile, reply: &mut Vec<u8>) {
    const ABORT: u8 = 1;
    const ERASED: u8 = 0xFF;
    const SHORT: u8 = 1;
    const BOTH: u8 = 3;
    let Some(cdb) = profile.cdb else { return };
    reply.resize(18, 0);
    reply[1] = ABORT;
    reply[2] = u8::try_from(HEADER_BYTES).expect("one byte");
    reply[3] = ERASED;
    // In steps of eight bytes; of short payloads all that a page holds, so that their own length is what
    // limits them. SONiC takes a length below its own limits for a number with a fraction, and fails.
    let most = usize::from(cdb.long_pages.max(1)) * HALF;
    reply[4] = u8::try_from(most / 8 - 1).unwrap_or(u8::MAX);
    reply[5] = if cdb.long_pages == 0 { SHORT } else { BOTH };
    let durations = [
        cdb.start_ns,
        cdb.start_ns,
        cdb.write_ns,
        cdb.complete_ns,
        cdb.copy_ns,
    ];
    for (at, ns) in (8..).step_by(2).zip(durations) {
        reply[at..at + 2].copy_from_slice(&milliseconds(ns).to_be_bytes());
    }
}
