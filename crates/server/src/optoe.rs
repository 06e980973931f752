//! Managed devices as files that look like those of the Linux driver `optoe` for transceivers.
//!
//! ```text
//! DIR/i2c/<bus>-0050/eeprom          registers as one flat file
//!                    write_max       bytes of a write that reach the device at once, 1 to 128; 1 at first
//!                    write_timeout   milliseconds for which a write that is not acknowledged is tried
//!                                    again, 0 to 500; 25 at first
//!                    max_bank_size   banks of eeprom, 0 to 255; 0 at first, which is one bank
//!                    dev_class       3, a device with CMIS
//!                    name            optoe3
//! DIR/by-name/oe0                    a link to its directory in i2c
//! DIR/presence/oe0                   1 or 0
//! ```
//!
//! Every access reaches the device; nothing is cached. An access is cut at pages, a write also into
//! pieces of `write_max`. What goes wrong does so as with the driver:
//!
//! | what | error |
//! |---|---|
//! | a read that the device does not acknowledge, also because it is not plugged in | `ENXIO` |
//! | a write that it does not acknowledge for `write_timeout`, or at once on a manual clock | `ETIMEDOUT` |
//! | a later piece of an access that is not acknowledged | none: fewer bytes |
//! | a read behind the end, which is where bank 1 begins before `max_bank_size` is set | none: 0 bytes |
//! | a write behind the end | `EFBIG` |
//! | an access beyond byte 255 of a device with flat memory | none: 0 bytes |
//! | a number out of range for `write_max` and the like | `EINVAL` |
//! | a panic of the device | `EIO` |
//!
//! Unlike the driver, the page select bytes of the device stay as they are, because a place in the
//! file names bank and page; `eeprom` is the same file after `max_bank_size` changed; and the
//! greatest `max_bank_size` is 255.
//!
//! # Source
//! `drivers/misc/eeprom/optoe.c` with the patches of `sonic-net/sonic-linux-kernel`
//! (`driver-support-optoe*.patch`), and `fs/sysfs/file.c` of Linux.

mod alert;
mod driver;
mod filesystem;
mod tree;

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cmis::Layout;
use fuser::{BackgroundSession, Config, MountOption, Session};
use nix::errno::Errno;
use nix::mount::{MntFlags, umount2};
use nix::sys::statfs::{FUSE_SUPER_MAGIC, statfs};

use self::alert::Alert;
use self::driver::Driver;
use self::filesystem::{Filesystem, Shared};
use crate::ServeError;
use crate::managed::{Managed, ManagedDevices};

const FUSE_DEVICE: &str = "/dev/fuse";
const MEND_MODULE: &str = "load the kernel's module with `modprobe fuse`; a container needs `--device /dev/fuse --cap-add SYS_ADMIN`";
const MEND_RIGHTS: &str = "allow this user to read and write /dev/fuse, and install the package fuse3 or grant CAP_SYS_ADMIN; a container needs `--device /dev/fuse --cap-add SYS_ADMIN`";

/// Where and how files are served.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OptoeOptions {
    /// Where they are mounted; made when it is missing.
    pub directory: PathBuf,
    /// How banks follow each other in `eeprom`; by 256 pages by default, as in the driver.
    pub layout: Layout,
    /// Threads that answer, 1 by default. More do not answer a single reader faster.
    pub n_threads: usize,
}

impl OptoeOptions {
    /// The defaults, mounted at `directory`.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            layout: Layout::Pages256,
            n_threads: 1,
        }
    }

    /// Mounts the files, for the own user only. A mount that a killed server left behind is taken
    /// down first.
    ///
    /// Mounting needs `/dev/fuse` and either the right to mount or the program `fusermount3`.
    ///
    /// # Errors
    /// [`ServeError`] when there is something at the directory, or when the system cannot mount; it
    /// says what to install or to allow.
    pub fn mount<D: ManagedDevices>(self, devices: &Managed<D>) -> Result<OptoeMount, ServeError> {
        let directory = self.directory;
        check_device(Path::new(FUSE_DEVICE), &directory)?;
        let is_made = prepare(&directory)?;
        let driver = Driver::new(devices.clone(), self.layout);
        let shared = Arc::new(Shared::new(driver));
        let mut config = Config::default();
        config.mount_options = vec![
            MountOption::FSName("shoreline".to_owned()),
            MountOption::DefaultPermissions,
            MountOption::NoExec,
            MountOption::NoAtime,
        ];
        config.n_threads = Some(self.n_threads.max(1));
        config.clone_fd = self.n_threads > 1;
        let mounted = Session::new(Filesystem(Arc::clone(&shared)), &directory, &config)
            .and_then(|session| {
                let alert = Alert::new(&session)?;
                shared.set_session(session.notifier(), alert);
                session.spawn()
            })
            .map_err(|source| {
                let (what, mend) = if source.kind() == ErrorKind::NotFound {
                    (
                        "this process may not mount, and there is no fusermount3 that may",
                        "install the package fuse3, or grant CAP_SYS_ADMIN",
                    )
                } else {
                    ("the system refused to mount", MEND_RIGHTS)
                };
                ServeError::Mount {
                    path: directory.clone(),
                    what,
                    mend,
                    source,
                }
            });
        match mounted {
            Ok(session) => Ok(OptoeMount {
                session: Some(session),
                directory,
                is_made,
            }),
            Err(error) => {
                if is_made {
                    fs::remove_dir(&directory).ok();
                }
                Err(error)
            }
        }
    }
}

/// Files that are served until it is dropped or [unmounted](Self::unmount).
#[derive(Debug)]
pub struct OptoeMount {
    session: Option<BackgroundSession>,
    directory: PathBuf,
    /// The directory was made for it, and goes with it.
    is_made: bool,
}

impl OptoeMount {
    /// Where it is mounted.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Takes the files down. Files that somebody has open vanish from the tree, and fail from the
    /// end of this process on.
    ///
    /// # Errors
    /// The system refuses.
    pub fn unmount(mut self) -> io::Result<()> {
        self.take_down()
    }

    fn take_down(&mut self) -> io::Result<()> {
        let Some(session) = self.session.take() else {
            return Ok(());
        };
        let unmounted = session.umount_and_join();
        if unmounted.is_err() {
            // Somebody has a file open.
            detach(&self.directory)?;
        }
        if self.is_made {
            // Somebody may have put something there; then it stays.
            fs::remove_dir(&self.directory).ok();
        }
        Ok(())
    }
}

impl Drop for OptoeMount {
    fn drop(&mut self) {
        // Nobody is left to be told.
        self.take_down().ok();
    }
}

/// Looks whether the kernel's side of file systems in programs is there.
fn check_device(device: &Path, directory: &Path) -> Result<(), ServeError> {
    let Err(source) = OpenOptions::new().read(true).write(true).open(device) else {
        return Ok(());
    };
    let (what, mend) = if source.kind() == ErrorKind::NotFound {
        ("/dev/fuse is missing", MEND_MODULE)
    } else {
        ("/dev/fuse cannot be opened", MEND_RIGHTS)
    };
    Err(ServeError::Mount {
        path: directory.to_owned(),
        what,
        mend,
        source,
    })
}

/// Takes down what a server that was killed left mounted at a directory; anything else is left alone.
///
/// # Errors
/// [`ServeError`] when the system refuses.
pub fn take_down_stale(directory: &Path) -> Result<(), ServeError> {
    // Attributes may come from the kernel's memory; this has to be asked for.
    if matches!(statfs(directory), Err(Errno::ENOTCONN)) {
        detach(directory).map_err(|source| ServeError::Io {
            action: "unmount what a dead server left at",
            path: directory.to_owned(),
            source,
        })?;
    }
    Ok(())
}

/// Makes sure that `directory` is an empty directory, and returns whether it had to be made.
fn prepare(directory: &Path) -> Result<bool, ServeError> {
    let failed = |action, source| ServeError::Io {
        action,
        path: directory.to_owned(),
        source,
    };
    take_down_stale(directory)?;
    let metadata = match fs::metadata(directory) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let made = DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(directory);
            made.map_err(|error| failed("make the directory", error))?;
            return Ok(true);
        }
        Err(error) => return Err(failed("look at", error)),
    };
    let path = directory.to_owned();
    if !metadata.is_dir() {
        return Err(ServeError::NotADirectory { path });
    }
    let parent = fs::metadata(directory.join(".."));
    let is_mount = parent.is_ok_and(|parent| parent.dev() != metadata.dev());
    let is_fuse = statfs(directory).is_ok_and(|found| found.filesystem_type() == FUSE_SUPER_MAGIC);
    if is_mount && is_fuse {
        return Err(ServeError::Mounted { path });
    }
    let mut entries = fs::read_dir(directory).map_err(|error| failed("look into", error))?;
    if entries.next().is_some() {
        return Err(ServeError::NotEmpty { path });
    }
    Ok(false)
}

/// Takes a mount out of the tree, whoever still uses it.
fn detach(directory: &Path) -> io::Result<()> {
    match umount2(directory, MntFlags::MNT_DETACH) {
        Ok(()) => Ok(()),
        Err(Errno::EPERM) => {
            let mut command = std::process::Command::new("fusermount3");
            let output = command.args(["-u", "-z", "--"]).arg(directory).output()?;
            if output.status.success() {
                Ok(())
            } else {
                let text = String::from_utf8_lossy(&output.stderr);
                Err(io::Error::other(text.trim_end().to_owned()))
            }
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_or_closed_device_is_explained() {
        let directory = tempfile::tempdir().unwrap();
        let check = |device: &str, expected: &str| {
            let device = directory.path().join(device);
            let error = check_device(&device, Path::new("tree")).unwrap_err();
            let text = error.to_string();
            assert!(text.starts_with("no files can be served at tree: /dev/fuse"));
            assert!(text.contains(expected), "{text}");
        };
        check("none", "modprobe fuse");
        // A directory cannot be opened for writing by anybody.
        check("", "install the package fuse3");
    }
}
