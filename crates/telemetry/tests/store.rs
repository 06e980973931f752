//! Files: what is refused, what survives, what is removed, and what queries find.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]
#![expect(clippy::disallowed_methods, reason = "damages files on purpose")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use plant::{Column, DeviceName, Edge, EdgeKind, Entity, Observation, Quality, Signal, Timestamp};
use system::{EntityKind, Fingerprint};
use telemetry::{
    Query, Reading, Recorder, RecorderOptions, Retention, Ring, Sample, Statistic, Step, Store,
    TelemetryError, TimeFormat,
};

const SECOND: u64 = 1_000_000_000;
const N_LANES: usize = 64;

fn system() -> Fingerprint {
    Fingerprint::of(b"a description")
}

fn device(name: &str) -> DeviceName {
    DeviceName::new(name).unwrap()
}

fn at(second: u64) -> Timestamp {
    Timestamp::from_nanos(second * SECOND)
}

/// Values that no compression takes away.
fn noise(seed: u64) -> f64 {
    let bits = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (bits >> 40) as f64 * 1e-6
}

fn observation(name: &str, second: u64) -> Observation {
    let mut observation = Observation::new(system(), device(name));
    (observation.time, observation.sequence) = (at(second), second);
    let powers = (0..N_LANES).map(|lane| -noise(second * 1000 + lane as u64));
    observation.insert(Column::from_values(Signal::RxPower, powers).unwrap());
    let mut words = Column::from_counters(Signal::FecCodewords, vec![second * 7; 2]).unwrap();
    if second == 3 {
        words.reset_counter(1);
    }
    observation.insert(words);
    let lock = u8::from(second.is_multiple_of(2)) * 2;
    observation.insert(Column::from_states(Signal::TransmitLock, vec![lock]).unwrap());
    observation.edges.push(Edge {
        time: at(second),
        entity: Entity {
            kind: EntityKind::MediaLane,
            index: 0,
        },
        what: EdgeKind::LockLost,
    });
    observation
}

fn options(span: u64) -> RecorderOptions {
    RecorderOptions {
        span: Duration::from_secs(span),
        ..RecorderOptions::default()
    }
}

/// A recording of seconds `0..n` in spans of ten.
fn recorded(path: &Path, n: u64) -> Store {
    let store = Store::create(path, system()).unwrap();
    let mut recorder = Recorder::new(store, options(10));
    for second in 0..n {
        recorder.record(&observation("leaf1", second)).unwrap();
    }
    recorder.finish().unwrap()
}

fn path(directory: &tempfile::TempDir) -> PathBuf {
    directory.path().join("run.slr")
}

fn seconds(store: &Store, name: &str) -> Vec<u64> {
    store
        .observations(&device(name), at(0), at(u64::MAX / SECOND))
        .unwrap()
        .map(|o| o.unwrap().time.nanos() / SECOND)
        .collect()
}

#[test]
fn a_recording_is_continued_where_it_ended() {
    let directory = tempfile::tempdir().unwrap();
    let path = path(&directory);
    drop(recorded(&path, 25));
    let store = Store::open(&path, &system()).unwrap();
    let mut recorder = Recorder::new(store, options(10));
    let error = recorder.record(&observation("leaf1", 24)).unwrap_err();
    assert!(
        matches!(error, TelemetryError::TimeReversed { .. }),
        "{error}"
    );
    recorder.record(&observation("leaf1", 25)).unwrap();
    let store = recorder.finish().unwrap();
    assert_eq!(seconds(&store, "leaf1"), (0..26).collect::<Vec<_>>());
    let extent = store.extent(&device("leaf1")).unwrap();
    assert_eq!(extent, Some((at(0), at(25))));
    drop(store);
    // A closed recording is one file.
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn what_does_not_belong_is_refused_and_leaves_the_rest() {
    let directory = tempfile::tempdir().unwrap();
    let path = path(&directory);
    let store = Store::create(&path, system()).unwrap();
    let mut recorder = Recorder::new(store, options(10));
    recorder.record(&observation("leaf1", 1)).unwrap();

    let mut foreign = observation("leaf1", 2);
    foreign.fingerprint = Fingerprint::of(b"another");
    let error = recorder.record(&foreign).unwrap_err().to_string();
    assert!(error.contains(&system().to_string()), "{error}");
    assert!(error.contains(&foreign.fingerprint.to_string()), "{error}");

    let error = recorder.record(&observation("leaf1", 1)).unwrap_err();
    assert!(error.to_string().contains("does not advance"), "{error}");

    let mut shorter = observation("leaf1", 2);
    shorter.insert(Column::from_values(Signal::RxPower, [1.0]).unwrap());
    let error = recorder.record(&shorter).unwrap_err().to_string();
    assert!(error.contains("has 1 elements; expected 64"), "{error}");

    let mut late = observation("leaf1", 2);
    late.time = Timestamp::from_nanos(1 << 63);
    let error = recorder.record(&late).unwrap_err();
    assert!(
        matches!(error, TelemetryError::TimeTooLate { .. }),
        "{error}"
    );

    let store = recorder.finish().unwrap();
    assert_eq!(seconds(&store, "leaf1"), [1]);
    drop(store);
    let error = Store::open(&path, &foreign.fingerprint).unwrap_err();
    assert!(
        matches!(error, TelemetryError::ForeignRecording { .. }),
        "{error}"
    );
    let error = Store::create(&path, system()).unwrap_err();
    assert!(matches!(error, TelemetryError::Exists { .. }), "{error}");
    // The length of a column is known to those who continue.
    let mut recorder = Recorder::new(Store::open(&path, &system()).unwrap(), options(10));
    let error = recorder.record(&shorter).unwrap_err();
    assert!(
        matches!(error, TelemetryError::ChangedShape { .. }),
        "{error}"
    );
}

#[test]
fn devices_of_several_descriptions_share_a_recording() {
    let directory = tempfile::tempdir().unwrap();
    let path = path(&directory);
    let other = Fingerprint::of(b"another");
    let store = Store::create_for_all(&path, &[system(), other, system()]).unwrap();
    assert_eq!(store.fingerprints(), [system(), other]);
    let mut recorder = Recorder::new(store, options(10));
    let of_other = |second| {
        let mut spine = observation("spine1", second);
        spine.fingerprint = other;
        spine
    };
    for second in 0..25 {
        recorder.record(&observation("leaf1", second)).unwrap();
        recorder.record(&of_other(second)).unwrap();
    }
    // A device keeps the description that it began with.
    let error = recorder.record(&observation("spine1", 25)).unwrap_err();
    assert!(
        matches!(&error, TelemetryError::ForeignObservation { expected, .. } if *expected == other),
        "{error}"
    );
    drop(recorder.finish().unwrap());
    for known in [system(), other] {
        Store::open(&path, &known).unwrap();
    }
    let store = Store::open_any(&path).unwrap();
    assert_eq!(store.fingerprint_of(&device("spine1")).unwrap(), other);
    let all = store.observations(&device("spine1"), at(0), at(100));
    let all: Vec<Observation> = all.unwrap().map(Result::unwrap).collect();
    assert_eq!(all, (0..25).map(of_other).collect::<Vec<_>>());
    let error = Recorder::new(store, options(10)).record(&observation("spine1", 30));
    assert!(error.is_err());
    let error = Store::in_memory_for_all(&[]).unwrap_err();
    assert!(matches!(error, TelemetryError::Empty { .. }), "{error}");
}

#[test]
fn recordings_of_format_1_are_brought_up_to_date() {
    let directory = tempfile::tempdir().unwrap();
    let path = path(&directory);
    let mut recorder = Recorder::new(Store::create(&path, system()).unwrap(), options(10));
    recorder.record(&observation("leaf1", 1)).unwrap();
    drop(recorder.finish().unwrap());
    // What format 1 did not have.
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch("ALTER TABLE device DROP COLUMN fingerprint; PRAGMA user_version = 1;")
        .unwrap();
    drop(old);
    for second in 2..4 {
        let store = Store::open(&path, &system()).unwrap();
        assert_eq!(store.fingerprint_of(&device("leaf1")).unwrap(), system());
        let mut recorder = Recorder::new(store, options(10));
        recorder.record(&observation("leaf1", second)).unwrap();
        let store = recorder.finish().unwrap();
        assert_eq!(seconds(&store, "leaf1"), (1..=second).collect::<Vec<_>>());
    }
}

#[test]
fn other_files_are_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = path(&directory);
    let error = Store::open_any(&path).unwrap_err();
    assert!(matches!(error, TelemetryError::Missing { .. }), "{error}");
    for content in [
        &b"not a database at all, but long enough to be one"[..],
        b"",
    ] {
        std::fs::write(&path, content).unwrap();
        let error = Store::open_any(&path).unwrap_err();
        assert!(
            matches!(error, TelemetryError::NotARecording { .. }),
            "{error}"
        );
        assert!(error.to_string().contains("run.slr"), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), content);
    }
}

#[test]
fn a_newer_format_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = path(&directory);
    drop(recorded(&path, 1));
    let mut bytes = std::fs::read(&path).unwrap();
    // SQLite's file format, section 1.3: the user version is a big-endian u32 at offset 60.
    assert_eq!(bytes[60..64], [0, 0, 0, 2]);
    bytes[63] = 9;
    std::fs::write(&path, &bytes).unwrap();
    let error = Store::open_any(&path).unwrap_err();
    assert!(
        matches!(error, TelemetryError::NewerFormat { found: 9, .. }),
        "{error}"
    );
}

#[test]
fn a_corrupt_block_is_located_and_all_others_are_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = path(&directory);
    drop(recorded(&path, 30));
    let connection = rusqlite::Connection::open(&path).unwrap();
    let damage = "UPDATE block SET data = zeroblob(length(data))
                  WHERE span = 2 AND kind = 5";
    assert_eq!(connection.execute(damage, []).unwrap(), 1);
    drop(connection);
    let store = Store::open(&path, &system()).unwrap();
    let query = Query::new(device("leaf1"), Signal::RxPower).entity(3);
    let (good, bad): (Vec<_>, Vec<_>) = store.query(&query).unwrap().partition(Result::is_ok);
    assert_eq!((good.len(), bad.len()), (20, 1));
    let error = bad.into_iter().next().unwrap().unwrap_err().to_string();
    let expected = format!("media_lane, {} ns to {} ns", 10 * SECOND, 19 * SECOND);
    assert!(
        error.contains(&expected) && error.contains("leaf1"),
        "{error}"
    );
}

#[test]
fn damaged_and_truncated_files_give_errors() {
    let directory = tempfile::tempdir().unwrap();
    let path = path(&directory);
    drop(recorded(&path, 40));
    let whole = std::fs::read(&path).unwrap();
    let read = || -> Result<usize, TelemetryError> {
        let store = Store::open(&path, &system())?;
        let mut n = 0;
        for observation in store.observations(&device("leaf1"), at(0), at(100))? {
            observation?;
            n += 1;
        }
        Ok(n)
    };
    assert_eq!(read().unwrap(), 40);
    let mut n_refused = 0;
    for cut in (0..whole.len()).step_by(1777) {
        std::fs::write(&path, &whole[..cut]).unwrap();
        n_refused += usize::from(read().is_err());
    }
    assert_eq!(
        n_refused,
        whole.len().div_ceil(1777),
        "every truncation is refused"
    );
    for position in (0..whole.len()).step_by(611) {
        let mut bytes = whole.clone();
        bytes[position] ^= 0x41;
        std::fs::write(&path, &bytes).unwrap();
        // Pages that hold nothing may change; what is read is as it was or refused.
        if let Ok(n) = read() {
            assert!(n <= 40);
        }
    }
}

#[test]
fn a_full_disk_stops_loudly_and_keeps_what_was_committed() {
    let directory = tempfile::tempdir().unwrap();
    let path = path(&directory);
    let store = Store::create(&path, system()).unwrap();
    store.limit_size(100_000).unwrap();
    let mut recorder = Recorder::new(store, options(10));
    let mut committed = None;
    let mut failed_at = None;
    for second in 0..2000 {
        match recorder.record(&observation("leaf1", second)) {
            Ok(commit) => committed = commit.map(|c| c.through).or(committed),
            Err(error) => {
                assert!(matches!(error, TelemetryError::Full { .. }), "{error}");
                assert!(error.to_string().contains("run.slr"), "{error}");
                failed_at = Some(second);
                break;
            }
        }
    }
    let failed_at = failed_at.expect("100 kB do not hold 2000 observations");
    let committed = committed.unwrap().nanos() / SECOND;
    let expected: Vec<u64> = (0..=committed).collect();
    assert_eq!(seconds(recorder.store(), "leaf1"), expected);
    // Every further call fails too, and nothing that was held is lost once there is room.
    let next = observation("leaf1", failed_at);
    assert!(recorder.record(&next).is_err() && recorder.flush().is_err());
    recorder.store().limit_size(10_000_000).unwrap();
    recorder.record(&next).unwrap();
    let store = recorder.finish().unwrap();
    assert_eq!(
        seconds(&store, "leaf1"),
        (0..=failed_at).collect::<Vec<_>>()
    );
}

#[test]
fn two_recorders_of_one_device_do_not_mix() {
    let directory = tempfile::tempdir().unwrap();
    let path = path(&directory);
    let mut first = Recorder::new(Store::create(&path, system()).unwrap(), options(10));
    let mut second = Recorder::new(Store::open(&path, &system()).unwrap(), options(10));
    first.record(&observation("leaf1", 1)).unwrap();
    second.record(&observation("leaf1", 2)).unwrap();
    second.record(&observation("leaf2", 2)).unwrap();
    first.flush().unwrap();
    let error = second.flush().unwrap_err();
    assert!(
        matches!(error, TelemetryError::OtherRecorder { .. }),
        "{error}"
    );
    let store = first.finish().unwrap();
    assert_eq!(store.devices().unwrap(), [device("leaf1")]);
}

#[test]
fn retention_removes_the_oldest_and_only_what_must_go() {
    let directory = tempfile::tempdir().unwrap();
    let path = path(&directory);
    drop(recorded(&path, 100));
    let length = std::fs::metadata(&path).unwrap().len();
    let store = Store::open(&path, &system()).unwrap();
    let total = store.bytes().unwrap();
    let keep_all = Retention {
        age: Some(Duration::from_secs(100)),
        bytes: Some(total),
    };
    assert_eq!(store.retain(&keep_all, at(100)).unwrap().spans, 0);
    // The span of seconds 20 to 29 has a sample that is 75 s old at 104 s; it is kept whole.
    let age = Retention {
        age: Some(Duration::from_secs(75)),
        bytes: None,
    };
    let removed = store.retain(&age, at(104)).unwrap();
    assert_eq!(removed.spans, 2);
    assert_eq!(store.bytes().unwrap(), total - removed.bytes);
    assert_eq!(seconds(&store, "leaf1"), (20..100).collect::<Vec<_>>());
    let size = Retention {
        age: None,
        bytes: Some(total / 2),
    };
    let removed = store.retain(&size, at(104)).unwrap();
    let left = store.bytes().unwrap();
    assert!(left <= total / 2);
    // One span less would not have been enough.
    assert!(left + removed.bytes / removed.spans > total / 2);
    let kept = seconds(&store, "leaf1");
    assert_eq!(kept.last(), Some(&99));
    assert!(kept.windows(2).all(|pair| pair[1] == pair[0] + 1));
    drop(store);
    // Half of the blocks are gone, and their room with them.
    let shorter = std::fs::metadata(&path).unwrap().len();
    assert!(shorter + total / 3 < length, "{shorter} of {length}");
}

#[test]
fn a_recorder_holds_its_limit_of_size_after_every_commit() {
    let limit = 20_000;
    let retention = Retention {
        age: None,
        bytes: Some(limit),
    };
    let options = RecorderOptions {
        retention,
        ..options(10)
    };
    let mut recorder = Recorder::new(Store::in_memory(system()).unwrap(), options);
    let mut n_commits = 0;
    for second in 0..300 {
        if recorder
            .record(&observation("leaf1", second))
            .unwrap()
            .is_some()
        {
            n_commits += 1;
            assert!(recorder.store().bytes().unwrap() <= limit);
        }
    }
    assert_eq!(n_commits, 29);
    let store = recorder.finish().unwrap();
    let kept = seconds(&store, "leaf1");
    assert!(kept[0] > 0 && kept.last() == Some(&299));
}

#[test]
fn a_query_finds_what_was_recorded() {
    let directory = tempfile::tempdir().unwrap();
    let store = recorded(&path(&directory), 35);
    let query = Query::named(device("leaf1"), "rx_power_dbm").unwrap();
    let one = query.clone().entity(5).between(at(8), at(22));
    let found: Vec<Sample> = store
        .query(&one)
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(found.len(), 14);
    for (sample, second) in found.iter().zip(8..) {
        let expected = observation("leaf1", second);
        let expected = expected.column(Signal::RxPower).unwrap().value(5).unwrap();
        assert_eq!(sample.reading, Some(Reading::Value(expected)));
        assert_eq!((sample.time, sample.index), (at(second), 5));
    }
    assert_eq!(store.query(&query).unwrap().count(), 35 * N_LANES);
    // Steps begin at multiples of their width and reach across spans.
    let step = Step {
        width: Duration::from_secs(15),
        statistic: Statistic::Max,
    };
    let stepped: Vec<Sample> = store
        .query(&query.entity(5).step(step))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(
        stepped.iter().map(|s| s.time).collect::<Vec<_>>(),
        [at(0), at(15), at(30)]
    );
    let greatest = (15..30)
        .map(|s| observation("leaf1", s))
        .map(|o| o.column(Signal::RxPower).unwrap().value(5).unwrap())
        .fold(f64::MIN, f64::max);
    assert_eq!(stepped[1].reading, Some(Reading::Value(greatest)));
}

#[test]
fn a_ring_and_a_store_answer_alike() {
    let directory = tempfile::tempdir().unwrap();
    let store = recorded(&path(&directory), 35);
    let mut ring = Ring::new(20.try_into().unwrap());
    for second in 0..35 {
        ring.push(&observation("leaf1", second)).unwrap();
    }
    assert!(ring.push(&observation("leaf1", 34)).is_err());
    let (time, column) = ring.latest(&device("leaf1"), Signal::RxPower).unwrap();
    assert_eq!((time, column.len()), (at(34), N_LANES));
    let step = Step {
        width: Duration::from_secs(4),
        statistic: Statistic::Mean,
    };
    let query = Query::new(device("leaf1"), Signal::RxPower);
    for query in [
        query.clone().between(at(15), at(100)),
        query.clone().between(at(20), at(33)).entity(7),
        query.step(step).between(at(15), at(100)),
        Query::new(device("leaf1"), Signal::FecCodewords).between(at(15), at(100)),
    ] {
        let stored: Vec<Sample> = store
            .query(&query)
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert!(!stored.is_empty());
        assert_eq!(ring.query(&query).unwrap(), stored);
    }
    assert_eq!(
        ring.query(&Query::new(device("leaf1"), Signal::TransmitLock))
            .unwrap()
            .len(),
        20
    );
}

#[test]
fn questions_without_an_answer_say_why() {
    let directory = tempfile::tempdir().unwrap();
    let store = recorded(&path(&directory), 1);
    let message = |query: &Query| store.query(query).unwrap_err().to_string();
    let error = Query::named(device("leaf1"), "rx_powr_dbm")
        .unwrap_err()
        .to_string();
    assert!(error.contains("did you mean \"rx_power_dbm\"?"), "{error}");
    let query = Query::new(device("laef1"), Signal::RxPower);
    assert!(message(&query).contains("did you mean \"leaf1\"?"));
    let query = Query::new(device("leaf1"), Signal::LaserBias);
    assert!(message(&query).contains("recorded are rx_power_dbm, tx_lock_state, fec_codewords"));
    let query = Query::new(device("leaf1"), Signal::RxPower);
    assert!(message(&query.clone().entity(64)).contains("has 64 elements"));
    assert!(message(&query.between(at(2), at(2))).contains("empty range"));
    let step = Step {
        width: Duration::from_secs(1),
        statistic: Statistic::Mean,
    };
    let query = Query::new(device("leaf1"), Signal::TransmitLock).step(step);
    assert!(message(&query).contains("has no mean"));
    let zero = Step {
        width: Duration::ZERO,
        statistic: Statistic::Last,
    };
    assert!(message(&query.step(zero)).contains("empty step"));
}

#[test]
fn exports_have_headers_with_units() {
    let mut recorder = Recorder::new(Store::in_memory(system()).unwrap(), options(10));
    let mut first = observation("leaf, 1", 3);
    let mut powers = Column::from_values(Signal::RxPower, [-3.4, f64::NAN]).unwrap();
    powers.set_quality(0, Quality::Stale);
    first.insert(powers);
    recorder.record(&first).unwrap();
    let store = recorder.finish().unwrap();
    let csv = |signal, format| {
        let mut out = Vec::new();
        let query = Query::new(device("leaf, 1"), signal);
        store
            .query(&query)
            .unwrap()
            .write_csv(&mut out, format)
            .unwrap();
        String::from_utf8(out).unwrap()
    };
    assert_eq!(
        csv(Signal::RxPower, TimeFormat::Seconds),
        "time_s,device,media_lane,rx_power_dbm,quality\r\n\
         3.000000000,\"leaf, 1\",0,-3.4,stale\r\n\
         3.000000000,\"leaf, 1\",1,,failed\r\n"
    );
    assert_eq!(
        csv(Signal::FecCodewords, TimeFormat::Rfc3339),
        "time,device,port,fec_codewords,quality,reset_epoch\r\n\
         1970-01-01T00:00:03.000000000Z,\"leaf, 1\",0,21,good,0\r\n\
         1970-01-01T00:00:03.000000000Z,\"leaf, 1\",1,0,good,1\r\n"
    );
    assert!(csv(Signal::TransmitLock, TimeFormat::Seconds).ends_with(",0,unlocked,good\r\n"));
    let mut out = Vec::new();
    let query = Query::new(device("leaf, 1"), Signal::RxPower);
    let n = store
        .query(&query)
        .unwrap()
        .write_json_lines(&mut out)
        .unwrap();
    let lines: Vec<serde_json::Value> = std::str::from_utf8(&out)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!((n, lines.len()), (2, 2));
    assert_eq!(
        lines[0],
        serde_json::json!({"time_ns": 3 * SECOND, "device": "leaf, 1", "media_lane": 0,
                           "rx_power_dbm": -3.4, "quality": "stale"})
    );
    assert!(lines[1]["rx_power_dbm"].is_null());
}
