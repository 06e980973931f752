//! The file of a recording.
//!
//! One row for each device and span of time holds its ticks, one row for each kind of entity in
//! it a block of all signals of that kind. Spans of a device are disjoint in time. All rows of a
//! commit appear together or not at all. A recording states the descriptions that its devices may
//! have, and of each device which of them it has.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use plant::{DeviceName, Signal, Timestamp};
use rusqlite::{
    Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params,
};
use system::{EntityKind, Fingerprint, nearest};

use crate::TelemetryError;
use crate::block::Ticks;

/// Marks a file as a recording: "SHLR".
const APPLICATION: i64 = 0x5348_4c52;
/// The format of the tables and blocks. In format 1 all devices had the description of the
/// recording.
const FORMAT: i64 = 2;

/// From format 1 to 2.
const DEVICES_WITH_DESCRIPTIONS: &str = "
    ALTER TABLE device ADD COLUMN fingerprint BLOB NOT NULL DEFAULT x'';
    UPDATE device SET fingerprint = (SELECT fingerprint FROM recording);
";

const TABLES: &str = "
    CREATE TABLE recording (fingerprint BLOB NOT NULL) STRICT;
    CREATE TABLE device (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        fingerprint BLOB NOT NULL
    ) STRICT;
    CREATE TABLE shape (
        device INTEGER NOT NULL REFERENCES device,
        signal INTEGER NOT NULL,
        elements INTEGER NOT NULL,
        PRIMARY KEY (device, signal)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE span (
        id INTEGER PRIMARY KEY,
        device INTEGER NOT NULL REFERENCES device,
        first_ns INTEGER NOT NULL,
        last_ns INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        ticks BLOB NOT NULL,
        UNIQUE (device, last_ns)
    ) STRICT;
    CREATE INDEX span_by_age ON span (last_ns, bytes);
    CREATE TABLE block (
        span INTEGER NOT NULL REFERENCES span,
        kind INTEGER NOT NULL,
        data BLOB NOT NULL,
        UNIQUE (span, kind)
    ) STRICT;
";

/// A recording of devices of one system or of several: their observations, in one `SQLite` file.
///
/// Commits are durable when the call returns: they survive the kill of the process and the loss
/// of power, as far as the disk keeps what it says it has written. A `-wal` file beside the
/// recording belongs to it while it is open, and after a kill until it is next opened.
#[derive(Debug)]
pub struct Store {
    pub(crate) connection: Connection,
    pub(crate) path: PathBuf,
    /// Without repetition.
    fingerprints: Vec<Fingerprint>,
}

impl Store {
    /// Begins a recording of the system with this fingerprint.
    ///
    /// # Errors
    /// As [`create_for_all`](Self::create_for_all).
    pub fn create(
        path: impl Into<PathBuf>,
        fingerprint: Fingerprint,
    ) -> Result<Self, TelemetryError> {
        Self::create_for_all(path, &[fingerprint])
    }

    /// Begins a recording of devices of the systems with these fingerprints.
    ///
    /// # Errors
    /// [`TelemetryError::Exists`], [`TelemetryError::Full`], [`TelemetryError::Database`],
    /// [`TelemetryError::Empty`] without a system,
    /// [`TelemetryError::Output`] when the finished file cannot be given its name.
    pub fn create_for_all(
        path: impl Into<PathBuf>,
        fingerprints: &[Fingerprint],
    ) -> Result<Self, TelemetryError> {
        let path = path.into();
        let fingerprints = distinct(fingerprints)?;
        if path.exists() {
            return Err(TelemetryError::Exists { path });
        }
        // Made under another name and then renamed: a kill leaves a whole recording or none.
        let mut draft = path.clone().into_os_string();
        draft.push("-new");
        remove_draft(&draft);
        let made = Connection::open(&draft).and_then(|connection| {
            found(&connection, &fingerprints)?;
            connection.close().map_err(|(_, error)| error)
        });
        if let Err(source) = made {
            remove_draft(&draft);
            return Err(TelemetryError::database(&path, "create", source));
        }
        std::fs::rename(&draft, &path)?;
        Self::open_any(path)
    }

    /// Continues a recording that takes devices of the system with this fingerprint.
    ///
    /// # Errors
    /// As [`open_any`](Self::open_any), and [`TelemetryError::ForeignRecording`].
    pub fn open(
        path: impl Into<PathBuf>,
        fingerprint: &Fingerprint,
    ) -> Result<Self, TelemetryError> {
        let store = Self::open_any(path)?;
        if !store.fingerprints.contains(fingerprint) {
            return Err(TelemetryError::ForeignRecording {
                path: store.path,
                expected: *fingerprint,
                found: store.fingerprints[0],
            });
        }
        Ok(store)
    }

    /// Opens a recording of any systems; [`fingerprints`](Self::fingerprints) says of which. An older
    /// format is brought up to date.
    ///
    /// # Errors
    /// [`TelemetryError::Missing`], [`TelemetryError::NotARecording`],
    /// [`TelemetryError::NewerFormat`], [`TelemetryError::Database`]; the file is left as it is.
    pub fn open_any(path: impl Into<PathBuf>) -> Result<Self, TelemetryError> {
        let path = path.into();
        if !path.exists() {
            return Err(TelemetryError::Missing { path });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let fail = |source| TelemetryError::database(&path, "open", source);
        let connection = Connection::open_with_flags(&path, flags).map_err(fail)?;
        let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let application = pragma("application_id").map_err(fail)?;
        if application != APPLICATION {
            let found = format!("application id {application:#x}, expected {APPLICATION:#x}");
            return Err(TelemetryError::NotARecording { path, found });
        }
        let found = pragma("user_version").map_err(fail)?;
        if found > FORMAT {
            return Err(TelemetryError::NewerFormat {
                path,
                found,
                supported: FORMAT,
            });
        }
        configure(&connection).map_err(fail)?;
        if found < FORMAT {
            migrate(&connection).map_err(fail)?;
        }
        let list = || -> rusqlite::Result<Vec<Vec<u8>>> {
            let sql = "SELECT fingerprint FROM recording ORDER BY rowid";
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_map([], |row| row.get(0))?;
            rows.collect()
        };
        let stated = list().map_err(fail)?;
        let read = stated.iter().map(|bytes| fingerprint(&path, bytes));
        let fingerprints: Vec<Fingerprint> = read.collect::<Result<_, _>>()?;
        if fingerprints.is_empty() {
            return Err(TelemetryError::CorruptTable {
                path,
                what: "fingerprint",
                found: "none".to_owned(),
            });
        }
        Ok(Self {
            connection,
            path,
            fingerprints,
        })
    }

    /// Continues the recording at `path`, or begins it.
    ///
    /// # Errors
    /// As [`create`](Self::create) and [`open`](Self::open).
    pub fn open_or_create(
        path: impl Into<PathBuf>,
        fingerprint: Fingerprint,
    ) -> Result<Self, TelemetryError> {
        let path = path.into();
        if path.exists() {
            Self::open(path, &fingerprint)
        } else {
            Self::create(path, fingerprint)
        }
    }

    /// A recording of one system that is gone when it is dropped.
    ///
    /// # Errors
    /// [`TelemetryError::Database`].
    pub fn in_memory(fingerprint: Fingerprint) -> Result<Self, TelemetryError> {
        Self::in_memory_for_all(&[fingerprint])
    }

    /// A recording of devices of several systems that is gone when it is dropped.
    ///
    /// # Errors
    /// [`TelemetryError::Database`], [`TelemetryError::Empty`] without a system.
    pub fn in_memory_for_all(fingerprints: &[Fingerprint]) -> Result<Self, TelemetryError> {
        let path = PathBuf::from("memory");
        let fingerprints = distinct(fingerprints)?;
        let fail = |source| TelemetryError::database(&path, "create", source);
        let connection = Connection::open_in_memory().map_err(fail)?;
        found(&connection, &fingerprints).map_err(fail)?;
        Ok(Self {
            connection,
            path,
            fingerprints,
        })
    }

    /// Grants the recording at most this many bytes, rounded up to pages; less than it has
    /// means no more. For tests of full disks, and for those who share one.
    ///
    /// # Errors
    /// [`TelemetryError::Database`].
    pub fn limit_size(&self, bytes: u64) -> Result<(), TelemetryError> {
        let page: i64 = self
            .connection
            .pragma_query_value(None, "page_size", |row| row.get(0))
            .map_err(|source| self.fail("limit", source))?;
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        let pages = bytes / page + i64::from(bytes % page != 0);
        self.connection
            .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
            .map_err(|source| self.fail("limit", source))
    }

    /// The descriptions that its devices may have, at least one.
    pub fn fingerprints(&self) -> &[Fingerprint] {
        &self.fingerprints
    }

    /// The description of a device.
    ///
    /// # Errors
    /// [`TelemetryError::UnknownDevice`], [`TelemetryError::Database`],
    /// [`TelemetryError::CorruptTable`].
    pub fn fingerprint_of(&self, device: &DeviceName) -> Result<Fingerprint, TelemetryError> {
        self.fingerprint(self.device_id(device)?)
    }

    /// Where the recording is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The devices that were recorded, by name.
    ///
    /// # Errors
    /// [`TelemetryError::Database`], [`TelemetryError::CorruptTable`].
    pub fn devices(&self) -> Result<Vec<DeviceName>, TelemetryError> {
        let list = || -> rusqlite::Result<Vec<String>> {
            let sql = "SELECT name FROM device ORDER BY name";
            let mut statement = self.connection.prepare(sql)?;
            let rows = statement.query_map([], |row| row.get(0))?;
            rows.collect()
        };
        let names = list().map_err(|source| self.fail("read", source))?;
        let device = |name: String| {
            DeviceName::new(name).map_err(|error| TelemetryError::CorruptTable {
                path: self.path.clone(),
                what: "device name",
                found: error.found,
            })
        };
        names.into_iter().map(device).collect()
    }

    /// The signals of a device that were recorded, with their numbers of elements.
    ///
    /// # Errors
    /// [`TelemetryError::UnknownDevice`], [`TelemetryError::Database`],
    /// [`TelemetryError::CorruptTable`].
    pub fn signals(&self, device: &DeviceName) -> Result<Vec<(Signal, usize)>, TelemetryError> {
        self.shape(self.device_id(device)?)
    }

    /// The times of the first and the last observation of a device; nothing when all were
    /// [removed](crate::Retention).
    ///
    /// # Errors
    /// [`TelemetryError::UnknownDevice`], [`TelemetryError::Database`].
    pub fn extent(
        &self,
        device: &DeviceName,
    ) -> Result<Option<(Timestamp, Timestamp)>, TelemetryError> {
        let id = self.device_id(device)?;
        let sql = "SELECT min(first_ns), max(last_ns) FROM span WHERE device = ?1";
        let (first, last) = self
            .connection
            .query_row(sql, [id], |row| {
                Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?))
            })
            .map_err(|source| self.fail("read", source))?;
        Ok(first.map(timestamp).zip(last.map(timestamp)))
    }

    /// The bytes of all blocks, which the file exceeds by its tables.
    ///
    /// # Errors
    /// [`TelemetryError::Database`].
    pub fn bytes(&self) -> Result<u64, TelemetryError> {
        let sql = "SELECT coalesce(sum(bytes), 0) FROM span";
        let sum = self
            .connection
            .query_row(sql, [], |row| row.get::<_, i64>(0));
        let sum = sum.map_err(|source| self.fail("read", source))?;
        Ok(u64::try_from(sum).unwrap_or(0))
    }

    pub(crate) fn fail(&self, action: &'static str, source: rusqlite::Error) -> TelemetryError {
        TelemetryError::database(&self.path, action, source)
    }

    pub(crate) fn find_device(&self, device: &DeviceName) -> Result<Option<i64>, TelemetryError> {
        let sql = "SELECT id FROM device WHERE name = ?1";
        self.connection
            .query_row(sql, [device.as_str()], |row| row.get(0))
            .optional()
            .map_err(|source| self.fail("read", source))
    }

    pub(crate) fn device_id(&self, device: &DeviceName) -> Result<i64, TelemetryError> {
        if let Some(id) = self.find_device(device)? {
            return Ok(id);
        }
        let devices = self.devices()?;
        let name = device.as_str().to_owned();
        let nearest = nearest(&name, devices.iter().map(DeviceName::as_str)).map(str::to_owned);
        Err(TelemetryError::UnknownDevice {
            path: self.path.clone(),
            name,
            nearest,
        })
    }

    pub(crate) fn fingerprint(&self, device: i64) -> Result<Fingerprint, TelemetryError> {
        let sql = "SELECT fingerprint FROM device WHERE id = ?1";
        let bytes = self
            .connection
            .query_row(sql, [device], |row| row.get::<_, Vec<u8>>(0))
            .map_err(|source| self.fail("read", source))?;
        fingerprint(&self.path, &bytes)
    }

    pub(crate) fn shape(&self, device: i64) -> Result<Vec<(Signal, usize)>, TelemetryError> {
        let list = || -> rusqlite::Result<Vec<(i64, i64)>> {
            let sql = "SELECT signal, elements FROM shape WHERE device = ?1 ORDER BY signal";
            let mut statement = self.connection.prepare(sql)?;
            let rows = statement.query_map([device], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        };
        let rows = list().map_err(|source| self.fail("read", source))?;
        let column = |(code, elements): (i64, i64)| {
            let signal = u16::try_from(code).ok().and_then(Signal::from_code);
            let elements = usize::try_from(elements).ok();
            signal
                .zip(elements)
                .ok_or_else(|| TelemetryError::CorruptTable {
                    path: self.path.clone(),
                    what: "signal with a number of elements",
                    found: format!("{code}, {elements:?}"),
                })
        };
        rows.into_iter().map(column).collect()
    }

    pub(crate) fn last(&self, device: i64) -> Result<Option<i64>, TelemetryError> {
        let sql = "SELECT max(last_ns) FROM span WHERE device = ?1";
        self.connection
            .query_row(sql, [device], |row| row.get(0))
            .map_err(|source| self.fail("read", source))
    }

    /// The next span of a device that ends after `after` and begins before `end`.
    pub(crate) fn next_span(
        &self,
        device: i64,
        after: i64,
        end: Timestamp,
    ) -> Result<Option<Span>, TelemetryError> {
        let sql = "SELECT id, first_ns, last_ns, ticks FROM span
                   WHERE device = ?1 AND last_ns > ?2 ORDER BY last_ns LIMIT 1";
        let span = self
            .connection
            .query_row(sql, params![device, after], |row| {
                Ok(Span {
                    id: row.get(0)?,
                    first_ns: row.get(1)?,
                    last_ns: row.get(2)?,
                    ticks: row.get(3)?,
                })
            });
        let span = span
            .optional()
            .map_err(|source| self.fail("read", source))?;
        Ok(span.filter(|span| timestamp(span.first_ns) < end))
    }

    /// The ticks of a span.
    pub(crate) fn ticks(&self, device: &DeviceName, span: &Span) -> Result<Ticks, TelemetryError> {
        Ticks::decode(&span.ticks, &self.fingerprint_of(device)?, device)
            .map_err(|source| self.corrupt(device, span, "ticks", source))
    }

    /// The block of one kind of entity in a span; nothing when none was recorded.
    pub(crate) fn group(
        &self,
        span: &Span,
        kind: EntityKind,
    ) -> Result<Option<Vec<u8>>, TelemetryError> {
        let sql = "SELECT data FROM block WHERE span = ?1 AND kind = ?2";
        self.connection
            .query_row(sql, params![span.id, kind_code(kind)], |row| row.get(0))
            .optional()
            .map_err(|source| self.fail("read", source))
    }

    pub(crate) fn corrupt(
        &self,
        device: &DeviceName,
        span: &Span,
        group: &'static str,
        source: crate::block::BlockError,
    ) -> TelemetryError {
        TelemetryError::Corrupt {
            path: self.path.clone(),
            device: device.clone(),
            group,
            first: timestamp(span.first_ns),
            last: timestamp(span.last_ns),
            source: Box::new(source),
        }
    }
}

/// One row of spans.
#[derive(Debug)]
pub(crate) struct Span {
    id: i64,
    pub(crate) first_ns: i64,
    pub(crate) last_ns: i64,
    ticks: Vec<u8>,
}

/// The fingerprints once each.
fn distinct(fingerprints: &[Fingerprint]) -> Result<Vec<Fingerprint>, TelemetryError> {
    let mut distinct = Vec::new();
    for fingerprint in fingerprints {
        if !distinct.contains(fingerprint) {
            distinct.push(*fingerprint);
        }
    }
    if distinct.is_empty() {
        return Err(TelemetryError::Empty {
            what: "list of systems",
            expected: "the fingerprint of at least one",
        });
    }
    Ok(distinct)
}

fn fingerprint(path: &Path, bytes: &[u8]) -> Result<Fingerprint, TelemetryError> {
    let whole = <[u8; Fingerprint::LENGTH]>::try_from(bytes);
    let whole = whole.map_err(|_| TelemetryError::CorruptTable {
        path: path.to_owned(),
        what: "fingerprint",
        found: format!("{bytes:02x?}"),
    })?;
    Ok(Fingerprint::from_bytes(whole))
}

/// Brings the tables of an older format up to date, unless another process has just done so.
fn migrate(connection: &Connection) -> rusqlite::Result<()> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found < FORMAT {
        transaction.execute_batch(DEVICES_WITH_DESCRIPTIONS)?;
        transaction.pragma_update(None, "user_version", FORMAT)?;
    }
    transaction.commit()
}

/// Makes the tables and marks the file.
fn found(connection: &Connection, fingerprints: &[Fingerprint]) -> rusqlite::Result<()> {
    // Must precede the first table; pages of deleted blocks then go back to the disk.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    let transaction = connection.unchecked_transaction()?;
    transaction.execute_batch(TABLES)?;
    for fingerprint in fingerprints {
        let bytes = fingerprint.as_bytes().as_slice();
        transaction.execute("INSERT INTO recording VALUES (?1)", [bytes])?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", FORMAT)?;
    transaction.commit()
}

/// Removes what a killed creation left; that there is nothing is the usual case.
fn remove_draft(draft: &OsStr) {
    let mut journal = draft.to_owned();
    journal.push("-journal");
    for path in [draft, &journal] {
        let _ = std::fs::remove_file(path);
    }
}

/// The log is written ahead, so that readers never wait for the recorder. It is flushed at every
/// commit: there is one in a span of seconds, which costs nothing, and nothing committed is lost
/// with the power either. A kill alone would not need it.
fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")
}

pub(crate) fn timestamp(nanos: i64) -> Timestamp {
    // Negative times are in no file that a recorder wrote.
    Timestamp::from_nanos(u64::try_from(nanos).unwrap_or(0))
}

/// Times beyond what a store holds become the last that it holds.
pub(crate) fn stored(time: Timestamp) -> i64 {
    i64::try_from(time.nanos()).unwrap_or(i64::MAX)
}

pub(crate) fn kind_code(kind: EntityKind) -> i64 {
    let position = EntityKind::ALL.iter().position(|&other| other == kind);
    i64::try_from(position.expect("ALL holds every kind")).expect("there are few kinds")
}
