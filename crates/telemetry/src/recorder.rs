//! From observations to blocks.

use std::collections::BTreeMap;
use std::time::Duration;

use plant::{DeviceName, Observation, Signal, Timestamp};
use rusqlite::{Transaction, TransactionBehavior, params};
use system::{EntityKind, Fingerprint};

use crate::block::{MAX_TICKS, MAX_VALUES, Ticks, encode_group};
use crate::retention::prune;
use crate::store::{kind_code, stored, timestamp};
use crate::track::Track;
use crate::{Retention, Store, TelemetryError};

/// How a recorder works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecorderOptions {
    /// How much time one block spans. What is younger is lost with the process; what is older is
    /// committed. Longer spans compress better.
    pub span: Duration,
    /// How many bytes of observations are held before they are committed early.
    pub memory: usize,
    /// What is removed at each commit, seen from the last observation in it.
    pub retention: Retention,
}

impl Default for RecorderOptions {
    /// Spans of a minute, 64 MiB, and nothing is removed.
    fn default() -> Self {
        Self {
            span: Duration::from_secs(60),
            memory: 64 << 20,
            retention: Retention::default(),
        }
    }
}

/// What became durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commit {
    /// The number of observations.
    pub observations: u64,
    /// The number of values in them.
    pub values: u64,
    /// The bytes of the blocks that hold them.
    pub bytes: u64,
    /// The time of the last one.
    pub through: Timestamp,
}

/// Writes observations into a store, a span of time at once.
///
/// All devices are committed together, in one transaction. What is not committed is lost when the
/// recorder is dropped without [`finish`](Self::finish), as with a kill.
#[derive(Debug)]
#[must_use = "what is not committed by `finish` or `flush` is lost"]
pub struct Recorder {
    store: Store,
    options: RecorderOptions,
    devices: BTreeMap<DeviceName, Device>,
    /// The earliest time that is not committed.
    start: Option<Timestamp>,
}

/// What is known of a device, and its open span.
#[derive(Debug)]
struct Device {
    /// Of its description.
    fingerprint: Fingerprint,
    shape: BTreeMap<Signal, usize>,
    /// The time of the last observation taken.
    last: Option<Timestamp>,
    /// The end of the last span committed by us or found in the store.
    committed: Option<i64>,
    ticks: Ticks,
    tracks: BTreeMap<Signal, Track>,
}

impl Recorder {
    /// Continues or begins the recording in `store`.
    pub fn new(store: Store, options: RecorderOptions) -> Self {
        Self {
            store,
            options,
            devices: BTreeMap::new(),
            start: None,
        }
    }

    /// The store, for queries of what is committed.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Takes an observation. When it begins a new span, or the memory is full, everything before
    /// it is committed first, and the commit is returned.
    ///
    /// # Errors
    /// [`TelemetryError::ForeignObservation`], [`TelemetryError::TimeReversed`] (equal times
    /// too), [`TelemetryError::TimeTooLate`], [`TelemetryError::ChangedShape`]: the observation
    /// is not taken, and all others stay. [`TelemetryError::Full`],
    /// [`TelemetryError::OtherRecorder`], [`TelemetryError::Database`]: the commit failed; the
    /// observation is not taken, those before it are still held, and the next call tries again.
    pub fn record(&mut self, observation: &Observation) -> Result<Option<Commit>, TelemetryError> {
        self.check(observation)?;
        let mut commit = None;
        if self.must_commit(observation) {
            commit = self.flush()?;
        }
        let Some(device) = self.devices.get_mut(&observation.device) else {
            unreachable!("the check has added it");
        };
        let n_ticks = device.ticks.times.len();
        device.ticks.push(observation);
        device.last = Some(observation.time);
        for column in observation.columns() {
            let (signal, n) = (column.signal(), column.len());
            device.shape.entry(signal).or_insert(n);
            let track = device
                .tracks
                .entry(signal)
                .or_insert_with(|| Track::new(signal, n, n_ticks));
            track.skip_to(n_ticks);
            track.push(column);
        }
        self.start = Some(
            self.start
                .map_or(observation.time, |s| s.min(observation.time)),
        );
        Ok(commit)
    }

    /// Commits everything taken so far; nothing when there is nothing.
    ///
    /// # Errors
    /// [`TelemetryError::Full`], [`TelemetryError::OtherRecorder`],
    /// [`TelemetryError::Database`]; everything is still held then, and can be flushed again.
    pub fn flush(&mut self) -> Result<Option<Commit>, TelemetryError> {
        let mut commit = Commit {
            observations: 0,
            values: 0,
            bytes: 0,
            through: Timestamp::default(),
        };
        let mut packed = Vec::new();
        for (name, device) in &mut self.devices {
            let Some(&last) = device.ticks.times.last() else {
                continue;
            };
            let blocks = device.pack();
            commit.observations += device.ticks.times.len() as u64;
            commit.values += device
                .tracks
                .values()
                .map(|t| t.n_values() as u64)
                .sum::<u64>();
            commit.bytes += blocks.bytes;
            commit.through = commit.through.max(last);
            packed.push((name, &*device, blocks));
        }
        if packed.is_empty() {
            return Ok(None);
        }
        let store = &self.store;
        let fail = |source| store.fail("write", source);
        let transaction =
            Transaction::new_unchecked(&store.connection, TransactionBehavior::Immediate)
                .map_err(fail)?;
        let retention = &self.options.retention;
        prune(&transaction, retention, commit.through, commit.bytes).map_err(fail)?;
        for (name, device, blocks) in packed {
            let id = insert_device(&transaction, name, device).map_err(fail)?;
            if !is_removed_or(store.last(id)?, device.committed) {
                return Err(TelemetryError::OtherRecorder {
                    path: store.path.clone(),
                    device: name.clone(),
                });
            }
            insert_span(&transaction, id, &blocks).map_err(fail)?;
        }
        transaction.commit().map_err(fail)?;
        for device in self.devices.values_mut() {
            if let Some(&last) = device.ticks.times.last() {
                device.committed = Some(stored(last));
                device.ticks.clear();
                // A signal that was not seen in a whole span takes no more room.
                device.tracks.retain(|_, track| track.n_ticks_seen() > 0);
                for track in device.tracks.values_mut() {
                    track.clear();
                }
            }
        }
        self.start = None;
        Ok(Some(commit))
    }

    /// Commits everything and gives the store back.
    ///
    /// # Errors
    /// As [`flush`](Self::flush). What could not be committed is lost; to try again, flush first.
    pub fn finish(mut self) -> Result<Store, TelemetryError> {
        self.flush()?;
        Ok(self.store)
    }

    /// Whether an observation continues the recording.
    fn check(&mut self, observation: &Observation) -> Result<(), TelemetryError> {
        let (name, now) = (&observation.device, observation.time);
        let found = observation.fingerprint;
        let foreign = |expected| {
            let device = name.clone();
            Err(TelemetryError::ForeignObservation {
                device,
                expected,
                found,
            })
        };
        if !self.store.fingerprints().contains(&found) {
            return foreign(self.store.fingerprints()[0]);
        }
        if i64::try_from(now.nanos()).is_err() {
            let device = name.clone();
            return Err(TelemetryError::TimeTooLate { device, now });
        }
        if !self.devices.contains_key(name) {
            let device = Device::load(&self.store, name, found)?;
            self.devices.insert(name.clone(), device);
        }
        let device = &self.devices[name];
        if device.fingerprint != found {
            return foreign(device.fingerprint);
        }
        if let Some(last) = device.last.filter(|&last| last >= now) {
            let device = name.clone();
            return Err(TelemetryError::TimeReversed { device, now, last });
        }
        for column in observation.columns() {
            let (signal, found) = (column.signal(), column.len());
            let recorded = device.shape.get(&signal).copied();
            let expected = recorded.unwrap_or(found.min(MAX_VALUES));
            if found != expected {
                return Err(TelemetryError::ChangedShape {
                    device: name.clone(),
                    signal,
                    expected,
                    found,
                });
            }
        }
        Ok(())
    }

    fn must_commit(&self, observation: &Observation) -> bool {
        let is_over =
            |start: Timestamp| observation.time >= start.saturating_add(self.options.span);
        if self.start.is_some_and(is_over) {
            return true;
        }
        let device = &self.devices[&observation.device];
        let has_no_room = device.ticks.times.len() >= MAX_TICKS
            || device.tracks.values().any(|track| !track.has_room());
        let held: usize = self.devices.values().map(Device::memory).sum();
        has_no_room || held > self.options.memory
    }
}

impl Device {
    /// What the store knows of a device; one that it does not know has this fingerprint.
    fn load(store: &Store, name: &DeviceName, new: Fingerprint) -> Result<Self, TelemetryError> {
        let id = store.find_device(name)?;
        let known = id.map(|id| store.fingerprint(id)).transpose()?;
        let shape = id.map(|id| store.shape(id)).transpose()?;
        let committed = id.map(|id| store.last(id)).transpose()?.flatten();
        Ok(Self {
            fingerprint: known.unwrap_or(new),
            shape: shape.into_iter().flatten().collect(),
            last: committed.map(timestamp),
            committed,
            ticks: Ticks::default(),
            tracks: BTreeMap::new(),
        })
    }

    fn memory(&self) -> usize {
        // A tick has a time and a sequence number; events are rare and counted by their number.
        let tracks: usize = self.tracks.values().map(Track::memory).sum();
        tracks + 16 * self.ticks.times.len() + 256 * self.ticks.events.len()
    }

    /// The blocks of the open span.
    fn pack(&mut self) -> Packed {
        let n_ticks = self.ticks.times.len();
        for track in self.tracks.values_mut() {
            track.skip_to(n_ticks);
        }
        let mut groups = Vec::new();
        for kind in EntityKind::ALL {
            let tracks = self.tracks.values();
            let tracks: Vec<&Track> = tracks
                .filter(|track| track.signal.kind() == kind && track.n_ticks_seen() > 0)
                .collect();
            if !tracks.is_empty() {
                groups.push((kind, encode_group(n_ticks, tracks.into_iter())));
            }
        }
        let ticks = self.ticks.encode();
        let lengths = groups.iter().map(|(_, group)| group.len());
        let bytes = (ticks.len() + lengths.sum::<usize>()) as u64;
        let times = &self.ticks.times;
        Packed {
            first: times.first().copied().map_or(0, stored),
            last: times.last().copied().map_or(0, stored),
            bytes,
            ticks,
            groups,
        }
    }
}

/// A span as it goes into the store.
struct Packed {
    first: i64,
    last: i64,
    bytes: u64,
    ticks: Vec<u8>,
    groups: Vec<(EntityKind, Vec<u8>)>,
}

/// The last span may have been removed meanwhile, but none may have come.
fn is_removed_or(found: Option<i64>, committed: Option<i64>) -> bool {
    found.is_none() || found <= committed
}

fn insert_device(
    transaction: &Transaction<'_>,
    name: &DeviceName,
    device: &Device,
) -> rusqlite::Result<i64> {
    let name = name.as_str();
    let sql = "INSERT OR IGNORE INTO device (name, fingerprint) VALUES (?1, ?2)";
    transaction.execute(sql, params![name, device.fingerprint.as_bytes().as_slice()])?;
    let id = transaction.query_row("SELECT id FROM device WHERE name = ?1", [name], |row| {
        row.get(0)
    })?;
    let sql = "INSERT OR IGNORE INTO shape (device, signal, elements) VALUES (?1, ?2, ?3)";
    let mut insert = transaction.prepare(sql)?;
    for (signal, &elements) in &device.shape {
        let elements = i64::try_from(elements).expect("no column has 2^63 elements");
        insert.execute(params![id, signal.code(), elements])?;
    }
    Ok(id)
}

fn insert_span(
    transaction: &Transaction<'_>,
    device: i64,
    packed: &Packed,
) -> rusqlite::Result<()> {
    let bytes = i64::try_from(packed.bytes).expect("blocks fit into memory");
    transaction.execute(
        "INSERT INTO span (device, first_ns, last_ns, bytes, ticks) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![device, packed.first, packed.last, bytes, packed.ticks],
    )?;
    let span = transaction.last_insert_rowid();
    let sql = "INSERT INTO block (span, kind, data) VALUES (?1, ?2, ?3)";
    let mut insert = transaction.prepare(sql)?;
    for (kind, data) in &packed.groups {
        insert.execute(params![span, kind_code(*kind), data])?;
    }
    Ok(())
}
