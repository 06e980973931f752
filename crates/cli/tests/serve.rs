//! `serve` between processes: a server, and clients that know nothing but the socket.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]
#![expect(
    clippy::disallowed_methods,
    reason = "the tests wait for a process with a deadline"
)]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use plant::{DecodeError, Observation, Signal};
use serde_json::Value;
use system::Fingerprint;

use crate::common::{json, shoreline};

/// Longer than anything here takes on the slowest machine; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often to look whether a process has come or gone.
const LOOK: Duration = Duration::from_millis(2);

/// Calls `found` until it finds something.
fn wait_for<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(
            start.elapsed() < PATIENCE,
            "{what} took longer than {PATIENCE:?}"
        );
        std::thread::sleep(LOOK);
    }
}

/// A server in a process of its own, which is killed when it is dropped.
struct Server {
    child: Child,
    path: PathBuf,
}

impl Server {
    fn start(path: &Path, more: &[&str]) -> Self {
        let mut command = shoreline(&["serve", "cpo-51t", "--socket"]);
        let child = command
            .arg(path)
            .args(more)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Self {
            child,
            path: path.to_owned(),
        };
        wait_for("the server's start", || {
            assert_eq!(server.child.try_wait().unwrap(), None, "the server ended");
            UnixStream::connect(&server.path).ok()
        });
        server
    }

    fn signal(&mut self, name: &str) -> ExitStatus {
        let status = Command::new("kill")
            .args([name, &self.child.id().to_string()])
            .status();
        assert!(status.unwrap().success());
        wait_for("the server's end", || self.child.try_wait().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

struct Client(BufReader<UnixStream>);

impl Client {
    /// Connects and reads the first line.
    fn connect(path: &Path) -> (Self, Value) {
        let stream = UnixStream::connect(path).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut client = Self(BufReader::new(stream));
        let hello = serde_json::from_str(&client.line()).unwrap();
        (client, hello)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line
    }

    fn ask_line(&mut self, request: &str) -> String {
        self.0
            .get_mut()
            .write_all(format!("{request}\n").as_bytes())
            .unwrap();
        self.line()
    }

    fn ask(&mut self, request: &str) -> Value {
        serde_json::from_str(&self.ask_line(request)).unwrap()
    }
}

fn fingerprint(platform: &str) -> Fingerprint {
    let report = json(&["check", platform, "--json"]);
    report[0]["fingerprint"].as_str().unwrap().parse().unwrap()
}

#[test]
fn another_process_observes_and_may_not_command() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("s"), &[]);
    let own = fingerprint("cpo-51t");
    let (mut client, hello) = Client::connect(&server.path);
    assert_eq!(hello["hello"], "shoreline");
    assert_eq!(hello["device"], "cpo-51t");
    assert_eq!(hello["fingerprint"], own.to_string());

    let line = client.ask_line(r#"{"op":"observe"}"#);
    let observation = Observation::decode_json(line.trim_end(), &own).unwrap();
    let power = observation.column(Signal::RxPower).unwrap();
    assert_eq!(power.len(), 512);
    // What the observation says is what the report says.
    let figures = json(&["run", "cpo-51t", "--json"]);
    let switch_w = observation
        .column(Signal::SwitchPower)
        .unwrap()
        .value(0)
        .unwrap();
    let reported_w = figures["power"]["switch_w"].as_f64().unwrap();
    // Heat in time is at rest within millikelvins of the report; the box has no noise in its power.
    assert!(
        (switch_w / reported_w - 1.0).abs() < 1e-5,
        "{switch_w} {reported_w}"
    );

    // Ids of one description mean nothing under another.
    let foreign = Observation::decode_json(line.trim_end(), &fingerprint("dsp-51t"));
    assert!(
        matches!(foreign, Err(DecodeError::ForeignFingerprint { .. })),
        "{foreign:?}"
    );

    let answer = client.ask(r#"{"op":"obsrve"}"#);
    assert_eq!(answer["ok"], false);
    assert!(
        answer["error"]
            .as_str()
            .unwrap()
            .contains(r#"did you mean "observe"?"#),
        "{answer}"
    );
    let answer =
        client.ask(r#"{"op":"command","command":"set_laser_enable","laser":0,"on":false}"#);
    assert_eq!(answer["ok"], false);

    let answer = client.ask(r#"{"op":"subscribe","period_ms":0}"#);
    assert_eq!(answer["ok"], true);
    let first = Observation::decode_json(client.line().trim_end(), &own).unwrap();
    assert!(first.sequence >= observation.sequence);
}

/// What is injected through the socket is seen through it, in the lane that it strikes.
#[test]
fn an_injected_fault_is_observed() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("s"), &["--allow-inject"]);
    let own = fingerprint("cpo-51t");
    let (mut client, _) = Client::connect(&server.path);
    let mut received = || {
        let line = client.ask_line(r#"{"op":"observe"}"#);
        let observation = Observation::decode_json(line.trim_end(), &own).unwrap();
        observation
            .column(Signal::RxPower)
            .unwrap()
            .value(0)
            .unwrap()
    };
    let before = received();
    let (mut other, _) = Client::connect(&server.path);
    let answer =
        other.ask(r#"{"op":"command","command":"inject_fault","text":"fibre_dirt oe0.tx0 6 dB"}"#);
    assert_eq!(answer["ok"], true, "{answer}");
    // A monitor of a second sees it after a second.
    wait_for("a reading with the dirt", || {
        (received() < before - 4.0).then_some(())
    });
    let answer = other.ask(r#"{"op":"command","command":"inject_fault","text":"fibre_dirt oe0"}"#);
    assert_eq!(answer["ok"], true, "its refusal stands in an observation");
}

#[test]
fn a_polite_end_leaves_nothing_behind() {
    for name in ["-TERM", "-INT"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let mut server = Server::start(&path, &[]);
        let (_client, _) = Client::connect(&path);
        assert_eq!(server.signal(name).code(), Some(0), "{name}");
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            0,
            "{name}"
        );
    }
}

#[test]
fn a_second_server_is_refused_and_the_first_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let _server = Server::start(&path, &[]);
    let output = shoreline(&["serve", "dsp-51t", "--socket"])
        .arg(&path)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("another server answers"), "{text}");
    let (_, hello) = Client::connect(&path);
    assert_eq!(hello["device"], "cpo-51t");
}

#[test]
fn a_socket_left_by_a_killed_server_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let mut killed = Server::start(&path, &[]);
    assert_eq!(killed.signal("-KILL").code(), None);
    assert!(path.exists());
    let _server = Server::start(&path, &[]);
    let (_, hello) = Client::connect(&path);
    assert_eq!(hello["device"], "cpo-51t");
}

#[test]
fn a_file_in_the_place_of_the_socket_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("precious.txt");
    std::fs::write(&path, "precious").unwrap();
    let output = shoreline(&["serve", "cpo-51t", "--socket"])
        .arg(&path)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
}

#[test]
fn the_client_of_the_readme_works() {
    if Command::new("python3").arg("--version").output().is_err() {
        // A machine without Python can check everything else.
        return;
    }
    let readme =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")).unwrap();
    let (_, rest) = readme
        .split_once("```python\n")
        .expect("the manual has a client");
    let (script, _) = rest.split_once("```").expect("the block ends");
    let folder = tempfile::tempdir().unwrap();
    // The manual serves on this name in the current folder.
    let _server = Server::start(&folder.path().join("cpo.sock"), &[]);
    let output = Command::new("python3")
        .args(["-c", script])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("512 lanes"), "{text}");
}
