//! Files as hosts use them, on a real mount. Where the system cannot mount, these tests fail.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]
#![expect(
    clippy::disallowed_methods,
    reason = "files are what is tested, and the clock how long they take"
)]

mod fake;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cmis::{Address, Layout};
use plant::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use server::{Clock, Managed, OptoeMount, OptoeOptions, Pace, ServeError};
use tempfile::TempDir;

use crate::fake::{Fake, LATCH};

const ENXIO: i32 = 6;
const EIO: i32 = 5;
const EFBIG: i32 = 27;
const EINVAL: i32 = 22;
const EACCES: i32 = 13;
const ETIMEDOUT: i32 = 110;

struct Mounted {
    // First, so that it is unmounted before its parent is removed.
    mount: OptoeMount,
    directory: TempDir,
    devices: Managed<Fake>,
}

impl Mounted {
    fn new(pace: Pace, change: impl FnOnce(&mut OptoeOptions)) -> Self {
        let clock = Clock::starting_at(pace, Timestamp::default());
        let devices = Managed::new(Fake::new(), clock);
        let directory = tempfile::tempdir().unwrap();
        let mut options = OptoeOptions::new(directory.path().join("optoe"));
        change(&mut options);
        let mount = options.mount(&devices).unwrap_or_else(|error| {
            let source = std::error::Error::source(&error).map(ToString::to_string);
            panic!("{error}: {source:?}")
        });
        Self {
            mount,
            directory,
            devices,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join("optoe").join(name)
    }

    fn open(&self, name: &str) -> File {
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        options.open(self.path(name)).unwrap()
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn inject(&self, device: usize, what: &str, args: &serde_json::Value) {
        let args = args.as_object().unwrap();
        self.devices.lock().inject(device, what, args).unwrap();
    }
}

fn read(file: &File, offset: u64, n_bytes: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; n_bytes];
    let n_read = file.read_at(&mut bytes, offset)?;
    bytes.truncate(n_read);
    Ok(bytes)
}

fn code<T: std::fmt::Debug>(result: io::Result<T>) -> i32 {
    result.unwrap_err().raw_os_error().unwrap()
}

#[test]
fn the_tree_looks_like_that_of_the_driver() {
    let mounted = Mounted::new(Pace::Manual, |_| {});
    let list = |name: &str| -> Vec<String> {
        let entries = fs::read_dir(mounted.path(name)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    };
    assert_eq!(list(""), ["i2c", "by-name", "presence"]);
    assert_eq!(list("i2c"), ["10-0050", "11-0050", "12-0050"]);
    assert_eq!(list("by-name"), ["oe0", "els0", "oe1"]);
    let files = [
        "eeprom",
        "write_max",
        "write_timeout",
        "max_bank_size",
        "dev_class",
        "name",
    ];
    assert_eq!(list("i2c/10-0050"), files);
    let target = fs::read_link(mounted.path("by-name/els0")).unwrap();
    assert_eq!(target, Path::new("../i2c/11-0050"));
    assert_eq!(mounted.text("by-name/els0/write_max"), "1\n");
    assert_eq!(mounted.text("i2c/10-0050/write_timeout"), "25\n");
    assert_eq!(mounted.text("i2c/10-0050/max_bank_size"), "0\n");
    assert_eq!(mounted.text("i2c/10-0050/dev_class"), "3\n");
    assert_eq!(mounted.text("i2c/10-0050/name"), "optoe3\n");
    for name in ["", "i2c", "i2c/10-0050", "i2c/10-0050/eeprom"] {
        let metadata = fs::metadata(mounted.path(name)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o077, 0, "{name}");
    }
    assert!(fs::metadata(mounted.path("by-name/oe2")).is_err());
    assert!(File::create(mounted.path("by-name/new")).is_err());
    assert!(fs::remove_file(mounted.path("presence/oe0")).is_err());
}

#[test]
fn every_read_and_write_reaches_the_device() {
    let mounted = Mounted::new(Pace::Manual, |_| {});
    let eeprom = mounted.open("i2c/10-0050/eeprom");
    // Reading the latch clears it, and nothing but the latch.
    assert_eq!(read(&eeprom, u64::from(LATCH) - 1, 1).unwrap(), [0]);
    assert_eq!(read(&eeprom, u64::from(LATCH), 1).unwrap(), [0xFF]);
    assert_eq!(read(&eeprom, u64::from(LATCH), 1).unwrap(), [0]);
    // Identity in one read, as hosts do it.
    let identity = read(&eeprom, 0, 213).unwrap();
    assert_eq!((identity.len(), identity[0]), (213, 0x80));
    let at = 0x10 * 128 + 128 + 50;
    assert_eq!(eeprom.write_at(&[1, 2, 3], at).unwrap(), 3);
    assert_eq!(read(&eeprom, at, 4).unwrap(), [1, 2, 3, 0]);
    let mut bytes = [0; 3];
    let from = Address::page(0x10, 128 + 50);
    mounted.devices.lock().read(0, from, &mut bytes).unwrap();
    assert_eq!(bytes, [1, 2, 3]);
    // The other engine has its own memory.
    let other = mounted.open("by-name/oe1/eeprom");
    assert_eq!(read(&other, at, 3).unwrap(), [0; 3]);
    // Over the end of a page, and as much as there is.
    let all = read(&eeprom, 0, 1 << 20).unwrap();
    assert_eq!(all.len(), 257 * 128);
    assert_eq!(all[0x11 * 128 + 128], 0x11);
}

#[test]
fn banks_appear_when_their_number_is_set() {
    for (layout, size, bank_1) in [
        (Layout::Pages256, 131_200, 35_072),
        (Layout::Pages240, 125_056, 33_024),
    ] {
        let mounted = Mounted::new(Pace::Manual, |options| options.layout = layout);
        let eeprom = mounted.open("i2c/10-0050/eeprom");
        let path = mounted.path("i2c/10-0050/eeprom");
        assert_eq!(fs::metadata(&path).unwrap().size(), 257 * 128);
        assert!(read(&eeprom, bank_1, 1).unwrap().is_empty());
        assert_eq!(code(eeprom.write_at(&[1], bank_1)), EFBIG);
        let banks = mounted.path("i2c/10-0050/max_bank_size");
        fs::write(&banks, "4").unwrap();
        assert_eq!(fs::read_to_string(&banks).unwrap(), "4\n");
        assert_eq!(fs::metadata(&path).unwrap().size(), size);
        // Page 11h of bank 1.
        assert_eq!(read(&eeprom, bank_1, 2).unwrap(), [0x11, 1]);
        assert_eq!(eeprom.write_at(&[7], bank_1).unwrap(), 1);
        assert_eq!(read(&eeprom, bank_1, 1).unwrap(), [7]);
        assert_eq!(read(&eeprom, size - 1, 2).unwrap().len(), 1);
        assert!(read(&eeprom, size, 1).unwrap().is_empty());
        // More banks than the device has: it does not acknowledge.
        fs::write(&banks, "8\n").unwrap();
        let beyond = layout.offset(Address::page(0x11, 128).in_bank(4)) as u64;
        assert_eq!(code(read(&eeprom, beyond, 1)), ENXIO);
        for text in ["x", "-1", "256", "4 "] {
            assert_eq!(code(fs::write(&banks, text)), EINVAL, "{text}");
        }
        assert_eq!(fs::read_to_string(&banks).unwrap(), "8\n");
        let other = mounted.path("by-name/oe1/eeprom");
        assert_eq!(fs::metadata(other).unwrap().size(), 257 * 128);
    }
}

#[test]
fn a_flat_module_has_two_halves() {
    let mounted = Mounted::new(Pace::Manual, |_| {});
    let eeprom = mounted.open("by-name/els0/eeprom");
    eeprom.write_at(&[0x80], 2).unwrap();
    assert_eq!(read(&eeprom, 250, 10).unwrap().len(), 6);
    assert!(read(&eeprom, 256, 1).unwrap().is_empty());
}

#[test]
fn a_module_that_is_gone_answers_as_the_driver_does() {
    let mounted = Mounted::new(Pace::Manual, |_| {});
    assert_eq!(mounted.text("presence/els0"), "1\n");
    mounted.inject(1, "absent", &serde_json::json!({}));
    assert_eq!(mounted.text("presence/els0"), "0\n");
    assert_eq!(mounted.text("presence/oe0"), "1\n");
    let eeprom = mounted.open("by-name/els0/eeprom");
    assert_eq!(code(read(&eeprom, 0, 1)), ENXIO);
    assert_eq!(code(read(&eeprom, 1000, 1)), ENXIO);
    assert_eq!(code(eeprom.write_at(&[1], 26)), ETIMEDOUT);
    let options = OpenOptions::new()
        .write(true)
        .open(mounted.path("presence/els0"));
    assert_eq!(code(options), EACCES);
}

#[test]
fn writes_come_in_pieces_and_are_tried_again() {
    let mounted = Mounted::new(Pace::Real, |_| {});
    let eeprom = mounted.open("i2c/10-0050/eeprom");
    // Three pieces of one byte, of which the first is refused four times.
    mounted.inject(0, "nack", &serde_json::json!({ "n": 4 }));
    assert_eq!(eeprom.write_at(&[1, 2, 3], 26).unwrap(), 3);
    assert_eq!(read(&eeprom, 26, 3).unwrap(), [1, 2, 3]);
    // Others are answered while a write waits.
    fs::write(mounted.path("i2c/10-0050/write_timeout"), "500").unwrap();
    mounted.inject(0, "nack", &serde_json::json!({ "n": 1_000_000 }));
    std::thread::scope(|scope| {
        let started = Instant::now();
        let waiting = scope.spawn(|| code(eeprom.write_at(&[1], 26)));
        let other = mounted.open("by-name/oe1/eeprom");
        while !waiting.is_finished() {
            let asked = Instant::now();
            assert_eq!(read(&other, 0, 1).unwrap(), [0x80]);
            // Far less than the wait, and far more than a busy machine needs.
            assert!(asked.elapsed() < Duration::from_millis(400));
        }
        assert_eq!(waiting.join().unwrap(), ETIMEDOUT);
        assert!(started.elapsed() >= Duration::from_millis(500));
    });
    for (text, name) in [
        ("0", "write_max"),
        ("129", "write_max"),
        ("501", "write_timeout"),
    ] {
        let path = mounted.path("i2c/10-0050").join(name);
        assert_eq!(code(fs::write(path, text)), EINVAL, "{name}");
    }
}

#[test]
fn a_panic_of_a_device_is_an_error_of_its_file_only() {
    let mounted = Mounted::new(Pace::Manual, |_| {});
    mounted.inject(0, "panic", &serde_json::json!({}));
    let eeprom = mounted.open("i2c/10-0050/eeprom");
    assert_eq!(code(read(&eeprom, 0, 1)), EIO);
    assert_eq!(code(eeprom.write_at(&[0], 0)), EIO);
    let other = mounted.open("by-name/oe1/eeprom");
    assert_eq!(read(&other, 0, 1).unwrap(), [0x80]);
}

#[test]
fn several_threads_answer_too() {
    let mounted = Mounted::new(Pace::Real, |options| options.n_threads = 3);
    std::thread::scope(|scope| {
        for name in ["oe0", "els0", "oe1"] {
            let eeprom = mounted.open(&format!("by-name/{name}/eeprom"));
            scope.spawn(move || {
                for n in 0..200u8 {
                    eeprom.write_at(&[n], 130).unwrap();
                    assert_eq!(read(&eeprom, 130, 1).unwrap(), [n]);
                }
            });
        }
    });
}

#[test]
fn unmounting_leaves_nothing_behind() {
    let mounted = Mounted::new(Pace::Manual, |_| {});
    let path = mounted.path("");
    let Mounted {
        mount, directory, ..
    } = mounted;
    // An open file does not keep it.
    let open = File::open(path.join("presence/oe0")).unwrap();
    mount.unmount().unwrap();
    assert!(!path.exists());
    drop(open);
    directory.close().unwrap();
}

#[test]
fn what_is_there_is_left_alone() {
    let mounted = Mounted::new(Pace::Manual, |_| {});
    let again = OptoeOptions::new(mounted.path("")).mount(&mounted.devices);
    assert!(
        matches!(again, Err(ServeError::Mounted { .. })),
        "{again:?}"
    );
    let file = mounted.directory.path().join("file");
    fs::write(&file, "text").unwrap();
    let over = OptoeOptions::new(&file).mount(&mounted.devices);
    assert!(matches!(over, Err(ServeError::NotADirectory { .. })));
    let parent = mounted.directory.path();
    let over = OptoeOptions::new(parent).mount(&mounted.devices);
    assert!(matches!(over, Err(ServeError::NotEmpty { .. })));
    assert_eq!(mounted.text("presence/oe0"), "1\n");
}

#[test]
fn any_access_does_what_its_place_says() {
    for layout in [Layout::Pages256, Layout::Pages240] {
        let mounted = Mounted::new(Pace::Manual, |options| options.layout = layout);
        fs::write(mounted.path("i2c/10-0050/max_bank_size"), "4").unwrap();
        let eeprom = mounted.open("i2c/10-0050/eeprom");
        let size = layout.file_size(4);
        // Lower memory is left out: some of its bytes behave.
        let access = (128..size + 300, prop::collection::vec(any::<u8>(), 1..600));
        let write_max = 1..=128u32;
        let mut runner = TestRunner::default();
        let checked = runner.run(&(access, write_max), |((offset, data), write_max)| {
            let path = mounted.path("i2c/10-0050/write_max");
            fs::write(path, write_max.to_string()).unwrap();
            let n_left = size.saturating_sub(offset).min(data.len());
            let written = eeprom.write_at(&data, offset as u64);
            let found = read(&eeprom, offset as u64, data.len()).unwrap();
            if n_left == 0 {
                prop_assert_eq!(code(written), EFBIG);
                prop_assert!(found.is_empty());
                return Ok(());
            }
            prop_assert_eq!(written.unwrap(), n_left);
            prop_assert_eq!(&found[..], &data[..n_left]);
            let mut devices = mounted.devices.lock();
            for (n, expected) in data[..n_left].iter().enumerate() {
                let at = layout.address(offset + n, 4).unwrap();
                let mut byte = [0];
                devices.read(0, at, &mut byte).unwrap();
                prop_assert_eq!(byte, [*expected], "{:?}", at);
            }
            Ok(())
        });
        checked.unwrap();
    }
}

/// A server that is killed leaves a mount at which nobody answers.
#[test]
fn a_stale_mount_is_taken_down() {
    const VICTIM: &str = "SHORELINE_TEST_MOUNT_AND_WAIT";
    let devices = Managed::new(Fake::new(), Clock::new(Pace::Manual));
    if let Some(directory) = std::env::var_os(VICTIM) {
        let _mount = OptoeOptions::new(directory).mount(&devices).unwrap();
        loop {
            std::thread::park();
        }
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("optoe");
    let mut victim = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_stale_mount_is_taken_down"])
        .env(VICTIM, &path)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while !path.join("presence/oe0").exists() {
        assert!(started.elapsed() < Duration::from_secs(20), "it mounts");
        std::thread::sleep(Duration::from_millis(1));
    }
    victim.kill().unwrap();
    victim.wait().unwrap();
    assert!(fs::read_dir(&path).is_err());
    let mount = OptoeOptions::new(&path).mount(&devices).unwrap();
    assert_eq!(
        fs::read_to_string(path.join("presence/oe0")).unwrap(),
        "1\n"
    );
    mount.unmount().unwrap();
    // It was there before this mount, so it stays.
    assert!(fs::metadata(&path).unwrap().is_dir());
}
