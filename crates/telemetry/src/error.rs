//! What can go wrong with recordings.

use std::io;
use std::path::{Path, PathBuf};

use plant::{DeviceName, Signal, Timestamp};
use system::Fingerprint;

use crate::Statistic;
use crate::block::BlockError;

/// Why something was not recorded, read or written. What was committed before stays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TelemetryError {
    /// There is a file already.
    #[error("{} exists; it was not touched", path.display())]
    Exists {
        /// The path.
        path: PathBuf,
    },
    /// There is no such file.
    #[error("there is no recording {}", path.display())]
    Missing {
        /// The path.
        path: PathBuf,
    },
    /// The file is something else.
    #[error("{} is not a recording ({found}); it was not touched", path.display())]
    NotARecording {
        /// The path.
        path: PathBuf,
        /// What was found in place of the mark of a recording.
        found: String,
    },
    /// The file was written by a newer program.
    #[error("{} has format {found}; this program reads up to format {supported}", path.display())]
    NewerFormat {
        /// The path.
        path: PathBuf,
        /// The format of the file.
        found: i64,
        /// The newest format that is known.
        supported: i64,
    },
    /// The recording was made under another description.
    #[error("{} is a recording of another system: fingerprint {found}, expected {expected}; record into another file", path.display())]
    ForeignRecording {
        /// The path.
        path: PathBuf,
        /// The fingerprint of the description in use.
        expected: Fingerprint,
        /// The fingerprint of the recording.
        found: Fingerprint,
    },
    /// The observation was made under another description.
    #[error("observation of {device:?} is of another system: fingerprint {found}, expected {expected}", device = device.as_str())]
    ForeignObservation {
        /// Whose observation.
        device: DeviceName,
        /// The fingerprint of the recording.
        expected: Fingerprint,
        /// The fingerprint of the observation.
        found: Fingerprint,
    },
    /// The observation is not later than the one before it.
    #[error("time of {device:?} does not advance: {} ns after {} ns", now.nanos(), last.nanos(), device = device.as_str())]
    TimeReversed {
        /// Whose observation.
        device: DeviceName,
        /// Its time.
        now: Timestamp,
        /// The time of the last observation recorded.
        last: Timestamp,
    },
    /// A store holds times up to 2^63 - 1 ns.
    #[error("time {} ns of {device:?} is beyond 2^63 - 1 ns", now.nanos(), device = device.as_str())]
    TimeTooLate {
        /// Whose observation.
        device: DeviceName,
        /// Its time.
        now: Timestamp,
    },
    /// A column has another length than before.
    #[error("{:?} of {device:?} has {found} elements; expected {expected}", signal.name(), device = device.as_str())]
    ChangedShape {
        /// Whose observation.
        device: DeviceName,
        /// Which column.
        signal: Signal,
        /// The number of elements so far, or the greatest number that a block holds.
        expected: usize,
        /// The number found.
        found: usize,
    },
    /// The disk, or the size that was granted, is full. Nothing was recorded by this call.
    #[error("no room left for {}; recording has stopped, what was committed is kept", path.display())]
    Full {
        /// The recording.
        path: PathBuf,
        /// What the store said.
        #[source]
        source: rusqlite::Error,
    },
    /// Someone else recorded the same device into the same file.
    #[error("another program records {device:?} into {}", path.display(), device = device.as_str())]
    OtherRecorder {
        /// The recording.
        path: PathBuf,
        /// The device.
        device: DeviceName,
    },
    /// A block cannot be read; all others can.
    #[error("{}: corrupt block of {device:?}, {group}, {} ns to {} ns", path.display(), first.nanos(), last.nanos(), device = device.as_str())]
    Corrupt {
        /// The recording.
        path: PathBuf,
        /// The device of the block.
        device: DeviceName,
        /// The kind of entity of the block, or `ticks`.
        group: &'static str,
        /// The time of its first observation.
        first: Timestamp,
        /// The time of its last observation.
        last: Timestamp,
        /// What is wrong inside.
        #[source]
        source: Box<BlockError>,
    },
    /// A table holds what no recorder writes.
    #[error("{}: corrupt: {found:?} is not a {what}", path.display())]
    CorruptTable {
        /// The recording.
        path: PathBuf,
        /// What was expected.
        what: &'static str,
        /// What was found.
        found: String,
    },
    /// No signal has this name.
    #[error("unknown signal {name:?}{}", hint(nearest.as_deref()))]
    UnknownSignal {
        /// The name.
        name: String,
        /// The signal that may be meant.
        nearest: Option<String>,
    },
    /// No such device was recorded.
    #[error("{} holds no device {name:?}{}", path.display(), hint(nearest.as_deref()))]
    UnknownDevice {
        /// The recording.
        path: PathBuf,
        /// The name.
        name: String,
        /// The device that may be meant.
        nearest: Option<String>,
    },
    /// The device was recorded, the signal was not.
    #[error("{:?} of {device:?} was not recorded; recorded are {recorded}", signal.name(), device = device.as_str())]
    NotRecorded {
        /// The device.
        device: DeviceName,
        /// The signal.
        signal: Signal,
        /// The names of the signals that were.
        recorded: String,
    },
    /// There are fewer entities.
    #[error("{device:?} has {count} elements of {:?}; there is no element {index}", signal.name(), device = device.as_str())]
    NoSuchElement {
        /// The device.
        device: DeviceName,
        /// The signal.
        signal: Signal,
        /// The position asked for.
        index: u32,
        /// The number of elements.
        count: usize,
    },
    /// A range of time ends before it starts, or a step has no width.
    #[error("empty {what}: expected {expected}")]
    Empty {
        /// What is empty.
        what: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// Counters and states have no mean.
    #[error("{:?} is a {}, which has no {}; ask for the last", signal.name(), signal.storage().name(), statistic.name())]
    NoStatistic {
        /// The signal.
        signal: Signal,
        /// The statistic asked for.
        statistic: Statistic,
    },
    /// The store refused something.
    #[error("cannot {action} {}", path.display())]
    Database {
        /// The recording.
        path: PathBuf,
        /// What was attempted.
        action: &'static str,
        /// Why not.
        #[source]
        source: rusqlite::Error,
    },
    /// An export could not be written, or a file not be named.
    #[error("cannot write: {0}")]
    Output(#[from] io::Error),
}

impl TelemetryError {
    /// What a store's refusal means.
    pub(crate) fn database(path: &Path, action: &'static str, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full { path, source },
            Some(rusqlite::ErrorCode::NotADatabase) => Self::NotARecording {
                path,
                found: "no SQLite file".to_owned(),
            },
            _ => Self::Database {
                path,
                action,
                source,
            },
        }
    }
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean {name:?}?"))
}
