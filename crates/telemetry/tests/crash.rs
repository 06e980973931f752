//! A process that records is killed at 100 random instants: nothing that it said it had
//! committed is lost, and the store opens.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]
#![expect(
    clippy::print_stdout,
    reason = "the child reports its commits, and this is its own test harness"
)]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use plant::{Column, DeviceName, Edge, EdgeKind, Entity, Observation, Signal, Timestamp};
use system::{EntityKind, Fingerprint};
use telemetry::{Recorder, RecorderOptions, Store};
use units::random::Draw;

const CHILD: &str = "record-until-killed";
const N_KILLS: u64 = 100;
const N_LANES: usize = 64;
/// Ticks in a span: one commit for as many.
const SPAN: u64 = 4;

fn system() -> Fingerprint {
    Fingerprint::of(b"a description")
}

fn device() -> DeviceName {
    DeviceName::new("leaf1").unwrap()
}

fn observation(tick: u64) -> Observation {
    let mut observation = Observation::new(system(), device());
    (observation.time, observation.sequence) = (Timestamp::from_nanos(tick), tick);
    let noise = Draw::new(1, "leaf1", "rx_power");
    let powers = (0..N_LANES as u64).map(|lane| -noise.uniform(tick * 1000 + lane));
    observation.insert(Column::from_values(Signal::RxPower, powers).unwrap());
    observation.edges.push(Edge {
        time: observation.time,
        entity: Entity {
            kind: EntityKind::MediaLane,
            index: 0,
        },
        what: EdgeKind::LockLost,
    });
    observation
}

/// Records for ever, and says the last tick of every commit.
fn record(path: &Path) {
    let store = Store::open_or_create(path, system()).unwrap();
    let next = if store.devices().unwrap().is_empty() {
        1
    } else {
        store.extent(&device()).unwrap().unwrap().1.nanos() + 1
    };
    let options = RecorderOptions {
        span: Duration::from_nanos(SPAN),
        ..RecorderOptions::default()
    };
    let mut recorder = Recorder::new(store, options);
    let mut out = std::io::stdout();
    for tick in next.. {
        if let Some(commit) = recorder.record(&observation(tick)).unwrap() {
            // A closed pipe means that the parent is gone.
            if writeln!(out, "{}", commit.through.nanos()).is_err() || out.flush().is_err() {
                return;
            }
        }
    }
}

/// Starts a child, kills it, and returns the last tick that it reported.
fn kill_one(path: &Path, round: u64) -> Option<u64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .arg(CHILD)
        .arg(path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let chance = Draw::new(7, "kill", "instant");
    let mut lines = out.lines();
    let mut reported = Vec::new();
    // Some die while they open the store, the others some time after a number of commits.
    let n_commits = chance.bits(2 * round) % 8;
    for _ in 0..n_commits {
        reported.push(lines.next().unwrap().unwrap());
    }
    std::thread::sleep(Duration::from_micros(chance.bits(2 * round + 1) % 8000));
    child.kill().unwrap();
    child.wait().unwrap();
    // What is left in the pipe was reported before the kill; its last line may be cut short.
    let mut last = reported.last().map(|line| line.parse().unwrap());
    for line in lines.map_while(Result::ok) {
        let tick: u64 = line.parse().unwrap();
        last = Some(tick.max(last.unwrap_or(0)));
    }
    last
}

fn check(path: &Path, from: u64, reported: u64) -> u64 {
    let store = Store::open(path, &system()).unwrap();
    if store.devices().unwrap().is_empty() {
        assert_eq!(reported, 0);
        return 0;
    }
    let all = Timestamp::from_nanos(u64::MAX);
    let mut expected = from;
    for found in store
        .observations(&device(), Timestamp::from_nanos(from), all)
        .unwrap()
    {
        assert_eq!(found.unwrap(), observation(expected));
        expected += 1;
    }
    let last = expected - 1;
    assert!(
        last >= reported,
        "tick {reported} was committed; the last found is {last}"
    );
    last
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, mode, path] = arguments.as_slice()
        && mode == CHILD
    {
        record(Path::new(path));
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("run.slr");
    let (mut last, mut n_reports) = (0, 0);
    for round in 0..N_KILLS {
        let reported = kill_one(&path, round);
        n_reports += u64::from(reported.is_some());
        if path.exists() {
            last = check(&path, last + 1, reported.unwrap_or(0)).max(last);
        } else {
            // Killed before there was a recording.
            assert!(last == 0 && reported.is_none(), "round {round}");
        }
    }
    assert!(
        n_reports > N_KILLS / 2,
        "{n_reports} of {N_KILLS} reported a commit"
    );
    assert_eq!(check(&path, 1, last), last);
    println!("{last} ticks survived {N_KILLS} kills");
}
