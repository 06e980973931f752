//! What the kernel asks of a file system.

use std::ffi::OsStr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fuser::{
    BsdFileFlags, Errno, FileAttr, FileHandle, FileType, FopenFlags, Generation, INodeNo,
    LockOwner, Notifier, OpenAccMode, OpenFlags, ReplyAttr, ReplyData, ReplyDirectory, ReplyEmpty,
    ReplyEntry, ReplyOpen, ReplyWrite, Request, TimeOrNow, WriteFlags,
};
use nix::unistd::{getgid, getuid};

use super::alert::Alert;
use super::driver::{Driver, Fault, Setting};
use super::tree::{Node, Part, directory_name};
use crate::managed::{DeviceInfo, ManagedDevices};

/// Nothing changes but the size of `eeprom`, of which the kernel is told.
const TTL: Duration = Duration::from_secs(86_400);
/// What a file in sysfs shows as its size.
const TEXT_SIZE: u64 = 4096;
/// As many bytes are read without allocation; hosts rarely read more than two pages.
const SMALL_READ: usize = 512;

impl From<Fault> for Errno {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::NoModule => Self::ENXIO,
            Fault::TimedOut => Self::ETIMEDOUT,
            Fault::BehindEnd => Self::EFBIG,
            Fault::BadNumber => Self::EINVAL,
        }
    }
}

/// What the threads of the file system share.
#[derive(Debug)]
pub(super) struct Shared<D> {
    driver: Driver<D>,
    notifier: OnceLock<Notifier>,
    alert: OnceLock<Alert>,
    uid: u32,
    gid: u32,
}

impl<D: ManagedDevices> Shared<D> {
    pub(super) fn new(driver: Driver<D>) -> Self {
        Self {
            driver,
            notifier: OnceLock::new(),
            alert: OnceLock::new(),
            uid: getuid().as_raw(),
            gid: getgid().as_raw(),
        }
    }

    pub(super) fn set_session(&self, notifier: Notifier, alert: Alert) {
        self.notifier.get_or_init(|| notifier);
        self.alert.get_or_init(|| alert);
    }

    /// A host that has used a file most often asks again.
    fn stay_alert(&self) {
        if let Some(alert) = self.alert.get() {
            alert.wait();
        }
    }

    fn devices(&self) -> &[DeviceInfo] {
        self.driver.infos()
    }

    fn node(&self, number: INodeNo) -> Result<Node, Errno> {
        Node::from_number(number.0, self.devices()).ok_or(Errno::ENOENT)
    }

    fn attributes(&self, node: Node) -> FileAttr {
        let (kind, perm, size) = match node {
            Node::Of(device, part) => match part {
                Part::Directory => (FileType::Directory, 0o700, 0),
                Part::Eeprom => (FileType::RegularFile, 0o600, self.driver.size(device)),
                Part::Number(_) | Part::Class => (FileType::RegularFile, 0o600, TEXT_SIZE),
                Part::Name | Part::Present => (FileType::RegularFile, 0o400, TEXT_SIZE),
                Part::Link => {
                    let size = self.target(device).len() as u64;
                    (FileType::Symlink, 0o777, size)
                }
            },
            _ => (FileType::Directory, 0o700, 0),
        };
        FileAttr {
            ino: INodeNo(node.number()),
            size,
            blocks: 0,
            atime: UNIX_EPOCH,
            mtime: UNIX_EPOCH,
            ctime: UNIX_EPOCH,
            crtime: UNIX_EPOCH,
            kind,
            perm,
            nlink: 1,
            uid: self.uid,
            gid: self.gid,
            rdev: 0,
            blksize: 4096,
            flags: 0,
        }
    }

    /// Where the link of a device leads.
    fn target(&self, device: usize) -> String {
        format!("../i2c/{}", directory_name(self.devices()[device]))
    }

    /// What a text file says.
    fn text(&self, device: usize, part: Part) -> Option<String> {
        Some(match part {
            Part::Number(setting) => format!("{}\n", self.driver.setting(device, setting)),
            // The driver's number of devices with CMIS, and the name by which it is bound to them.
            Part::Class => "3\n".to_owned(),
            Part::Name => "optoe3\n".to_owned(),
            Part::Present => format!("{}\n", u8::from(self.driver.is_present(device))),
            Part::Directory | Part::Eeprom | Part::Link => return None,
        })
    }

    fn set(&self, device: usize, setting: Setting, text: &[u8]) -> Result<(), Errno> {
        self.driver.set(device, setting, text)?;
        if setting == Setting::MaxBankSize
            && let Some(notifier) = self.notifier.get()
        {
            let eeprom = INodeNo(Node::Of(device, Part::Eeprom).number());
            // Negative: attributes only. A kernel that does not know the file has nothing to forget.
            notifier.inval_inode(eeprom, -1, 0).ok();
        }
        Ok(())
    }
}

/// A panic of a device must not end the thread: everybody who waits for an answer would hang.
fn guarded<T>(access: impl FnOnce() -> Result<T, Errno>) -> Result<T, Errno> {
    catch_unwind(AssertUnwindSafe(access)).unwrap_or(Err(Errno::EIO))
}

/// Answers the kernel.
#[derive(Debug)]
pub(super) struct Filesystem<D>(pub(super) Arc<Shared<D>>);

impl<D: ManagedDevices> fuser::Filesystem for Filesystem<D> {
    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let found = self.0.node(parent).ok().and_then(|parent| {
            let name = name.to_str()?;
            parent.child(name, self.0.devices())
        });
        match found {
            Some(node) => reply.entry(&TTL, &self.0.attributes(node), Generation(0)),
            None => reply.error(Errno::ENOENT),
        }
    }

    fn getattr(&self, _: &Request, number: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        match self.0.node(number) {
            Ok(node) => reply.attr(&TTL, &self.0.attributes(node)),
            Err(error) => reply.error(error),
        }
    }

    /// Files keep their size when they are truncated, as in sysfs; times do not matter.
    fn setattr(
        &self,
        _: &Request,
        number: INodeNo,
        mode: Option<u32>,
        uid: Option<u32>,
        gid: Option<u32>,
        _: Option<u64>,
        _: Option<TimeOrNow>,
        _: Option<TimeOrNow>,
        _: Option<SystemTime>,
        _: Option<FileHandle>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        match self.0.node(number) {
            Ok(_) if mode.is_some() || uid.is_some() || gid.is_some() => reply.error(Errno::EPERM),
            Ok(node) => reply.attr(&TTL, &self.0.attributes(node)),
            Err(error) => reply.error(error),
        }
    }

    fn readlink(&self, _: &Request, number: INodeNo, reply: ReplyData) {
        match self.0.node(number) {
            Ok(Node::Of(device, Part::Link)) => reply.data(self.0.target(device).as_bytes()),
            Ok(_) => reply.error(Errno::EINVAL),
            Err(error) => reply.error(error),
        }
    }

    fn open(&self, _: &Request, number: INodeNo, flags: OpenFlags, reply: ReplyOpen) {
        // Permissions do not stop the superuser from writing what nobody can write.
        let is_read = flags.acc_mode() == OpenAccMode::O_RDONLY;
        match self.0.node(number) {
            Ok(Node::Of(_, Part::Name | Part::Present)) if !is_read => reply.error(Errno::EACCES),
            Ok(_) => reply.opened(
                FileHandle(0),
                FopenFlags::FOPEN_DIRECT_IO | FopenFlags::FOPEN_NOFLUSH,
            ),
            Err(error) => reply.error(error),
        }
        self.0.stay_alert();
    }

    fn read(
        &self,
        _: &Request,
        number: INodeNo,
        _: FileHandle,
        offset: u64,
        n_bytes: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        let n_bytes = n_bytes as usize;
        let mut small = [0; SMALL_READ];
        let mut large = Vec::new();
        let answer = guarded(|| match self.0.node(number)? {
            Node::Of(device, Part::Eeprom) => {
                let into = if n_bytes <= SMALL_READ {
                    &mut small[..n_bytes]
                } else {
                    let size = usize::try_from(self.0.driver.size(device)).unwrap_or(usize::MAX);
                    large.resize(n_bytes.min(size), 0);
                    &mut large[..]
                };
                let n_read = self.0.driver.read(device, offset, into)?;
                Ok(&into[..n_read])
            }
            Node::Of(device, part) => {
                let text = self.0.text(device, part).ok_or(Errno::EINVAL)?;
                let start = usize::try_from(offset)
                    .unwrap_or(usize::MAX)
                    .min(text.len());
                let end = start.saturating_add(n_bytes).min(text.len());
                large.extend_from_slice(&text.as_bytes()[start..end]);
                Ok(&large[..])
            }
            _ => Err(Errno::EISDIR),
        });
        match answer {
            Ok(bytes) => reply.data(bytes),
            Err(error) => reply.error(error),
        }
        self.0.stay_alert();
    }

    fn write(
        &self,
        _: &Request,
        number: INodeNo,
        _: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let written = guarded(|| match self.0.node(number)? {
            Node::Of(device, Part::Eeprom) => {
                Ok(Some(self.0.driver.begin_write(device, offset, data)?))
            }
            Node::Of(device, Part::Number(setting)) => {
                self.0.set(device, setting, data)?;
                Ok(None)
            }
            // Platforms write the class that it is.
            Node::Of(_, Part::Class) if matches!(data, b"3" | b"3\n") => Ok(None),
            _ => Err(Errno::EINVAL),
        });
        match written {
            Ok(Some(mut progress)) if self.0.driver.is_worth_waiting(&progress) => {
                // Others are answered meanwhile; as many wait as there are callers.
                let shared = Arc::clone(&self.0);
                let data = data.to_vec();
                let waiting = std::thread::Builder::new().spawn(move || {
                    let written = guarded(|| {
                        shared.driver.wait(&mut progress, &data);
                        Ok(progress.result()?)
                    });
                    answer_write(written, reply);
                });
                // Without a thread the reply is dropped, which answers EIO.
                waiting.ok();
            }
            Ok(Some(progress)) => answer_write(progress.result().map_err(Errno::from), reply),
            Ok(None) => answer_write(Ok(data.len()), reply),
            Err(error) => reply.error(error),
        }
        self.0.stay_alert();
    }

    fn release(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        _: OpenFlags,
        _: Option<LockOwner>,
        _: bool,
        reply: ReplyEmpty,
    ) {
        reply.ok();
        self.0.stay_alert();
    }

    /// Nothing is kept back, so closing need not ask.
    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.error(Errno::ENOSYS);
    }

    fn fsync(&self, _: &Request, _: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        reply.ok();
    }

    fn readdir(
        &self,
        _: &Request,
        number: INodeNo,
        _: FileHandle,
        offset: u64,
        mut reply: ReplyDirectory,
    ) {
        let node = match self.0.node(number) {
            Ok(node) if node.is_directory() => node,
            Ok(_) => return reply.error(Errno::ENOTDIR),
            Err(error) => return reply.error(error),
        };
        let mut entries = vec![(".".to_owned(), node), ("..".to_owned(), node.parent())];
        entries.extend(node.children(self.0.devices()));
        let skipped = usize::try_from(offset).unwrap_or(usize::MAX);
        for (place, (name, entry)) in entries.into_iter().enumerate().skip(skipped) {
            let attributes = self.0.attributes(entry);
            let next = place as u64 + 1;
            if reply.add(attributes.ino, next, attributes.kind, name) {
                break;
            }
        }
        reply.ok();
    }
}

fn answer_write(written: Result<usize, Errno>, reply: ReplyWrite) {
    match written {
        Ok(n_bytes) => reply.written(u32::try_from(n_bytes).unwrap_or(u32::MAX)),
        Err(error) => reply.error(error),
    }
}
