//! The protocol over real sockets.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use plant::{Column, DeviceName, Observation, Signal, StaticPlant, Status, Timestamp};
use serde_json::Value;
use server::{ServeError, SocketOptions, serve_observations};
use system::Fingerprint;
use tempfile::TempDir;
use tokio::sync::oneshot;

/// Longer than anything here takes on the slowest machine; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

fn fingerprint() -> Fingerprint {
    Fingerprint::of(b"a description")
}

fn static_plant(n_lanes: usize) -> StaticPlant {
    let mut template = Observation::new(fingerprint(), DeviceName::new("leaf1").unwrap());
    let powers = std::iter::repeat_n(-3.25, n_lanes);
    template.insert(Column::from_values(Signal::RxPower, powers).unwrap());
    let counters = Column::from_counters(Signal::FecCodewords, vec![u64::MAX]);
    template.insert(counters.unwrap());
    StaticPlant::new(template).unwrap()
}

/// A clock that advances by a second whenever it is looked at.
fn clock() -> impl FnMut() -> Timestamp {
    let mut now = Timestamp::from_nanos(0);
    move || {
        now = now.saturating_add(Duration::from_secs(1));
        now
    }
}

/// A server on its own thread, which ends when it is dropped.
struct Server {
    directory: TempDir,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<(), ServeError>>>,
}

impl Server {
    fn start(n_lanes: usize, change: impl FnOnce(&mut SocketOptions)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut options = SocketOptions::new(socket_in(&directory));
        options.poll_period = Duration::from_millis(1);
        change(&mut options);
        let (stop, thread) = spawn(static_plant(n_lanes), options);
        let server = Self {
            directory,
            stop: Some(stop),
            thread: Some(thread),
        };
        while UnixStream::connect(server.path()).is_err() {
            std::thread::yield_now();
        }
        server
    }

    fn path(&self) -> PathBuf {
        socket_in(&self.directory)
    }

    fn connect(&self) -> Client {
        let mut client = Client::new(UnixStream::connect(self.path()).unwrap());
        let hello = client.json();
        assert_eq!(hello["hello"], "shoreline");
        client
    }

    fn stop(&mut self) -> Result<(), ServeError> {
        self.stop.take().unwrap().send(()).unwrap();
        self.thread.take().unwrap().join().unwrap()
    }
}

fn socket_in(directory: &TempDir) -> PathBuf {
    directory.path().join("s.sock")
}

fn spawn(
    plant: StaticPlant,
    options: SocketOptions,
) -> (oneshot::Sender<()>, JoinHandle<Result<(), ServeError>>) {
    let (stop, stopped) = oneshot::channel();
    let thread = std::thread::spawn(move || {
        let shutdown = async {
            stopped.await.ok();
        };
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(async {
                let socket = options.listen().await?;
                serve_observations(plant, socket, clock(), shutdown).await;
                Ok(())
            })
    });
    (stop, thread)
}

struct Client {
    reader: BufReader<UnixStream>,
}

impl Client {
    fn new(stream: UnixStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let reader = BufReader::new(stream);
        Self { reader }
    }

    fn send(&mut self, line: &str) {
        let mut stream = self.reader.get_ref();
        stream.write_all(line.as_bytes()).unwrap();
        stream.write_all(b"\n").unwrap();
    }

    /// The next line, empty at the end.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.reader.read_line(&mut line).unwrap();
        line
    }

    fn json(&mut self) -> Value {
        serde_json::from_str(&self.line()).unwrap()
    }

    fn observation(&mut self) -> Observation {
        Observation::decode_json(self.line().trim_end(), &fingerprint()).unwrap()
    }

    fn ask(&mut self, line: &str) -> Value {
        self.send(line);
        self.json()
    }

    fn error(&mut self, line: &str) -> String {
        let reply = self.ask(line);
        assert_eq!(reply["ok"], false, "{line}: {reply}");
        reply["error"].as_str().unwrap().to_owned()
    }
}

#[test]
fn a_client_reads_what_the_plant_says() {
    let server = Server::start(2, |_| {});
    let mut client = Client::new(UnixStream::connect(server.path()).unwrap());
    let hello = client.json();
    assert_eq!(hello["schema"], plant::SCHEMA);
    assert_eq!(hello["device"], "leaf1");
    assert_eq!(hello["fingerprint"], fingerprint().to_string());
    let capabilities = client.ask(r#"{"op":"capabilities"}"#);
    assert_eq!(capabilities["ok"], true);
    assert_eq!(capabilities["capabilities"]["counts"]["media_lane"], 2);
    client.send(r#"{"op":"observe"}"#);
    let observation = client.observation();
    let powers = observation.column(Signal::RxPower).unwrap();
    assert_eq!(
        powers.value(1).map(f64::to_bits),
        Some((-3.25f64).to_bits())
    );
    let counters = observation.column(Signal::FecCodewords).unwrap();
    assert_eq!(counters.counter(0), Some(u64::MAX));
}

#[test]
fn a_subscription_streams_in_order_until_it_is_ended() {
    // A limit that is never reached is a limit, not an overflow.
    let server = Server::start(2, |options| {
        options.idle_timeout = Duration::MAX;
        options.write_timeout = Duration::MAX;
    });
    let mut client = server.connect();
    let reply = client.ask(r#"{"op":"subscribe","period_ms":2}"#);
    assert_eq!(reply["period_ms"], 2);
    let mut last = client.observation();
    for _ in 0..5 {
        let next = client.observation();
        assert!(next.sequence > last.sequence && next.time > last.time);
        last = next;
    }
    client.send(r#"{"op":"unsubscribe"}"#);
    while !client.line().contains(r#""ok":true"#) {}
    assert!(client.error("?").contains("not JSON"));
}

#[test]
fn input_may_end_before_the_answer() {
    let server = Server::start(1, |_| {});
    let mut stream = UnixStream::connect(server.path()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // No line feed at the end.
    stream.write_all(br#"{"op":"observe"}"#).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut all = String::new();
    stream.read_to_string(&mut all).unwrap();
    let lines: Vec<_> = all.lines().collect();
    assert_eq!(lines.len(), 2, "{all}");
    assert!(Observation::decode_json(lines[1], &fingerprint()).is_ok());
}

const RESET: &str = r#"{"op":"command","command":"reset_counter","signal":"fec_codewords"}"#;
const INJECT: &str = r#"{"op":"command","command":"inject_fault","text":"dirt"}"#;

#[test]
fn commands_are_refused_unless_allowed() {
    let server = Server::start(1, |_| {});
    let mut client = server.connect();
    assert!(client.error(RESET).contains("not told to allow commands"));
    assert!(client.error(INJECT).contains("not told to allow injecting"));
    let server = Server::start(1, |options| options.allow_write = true);
    assert!(server.connect().error(INJECT).contains("injecting faults"));
}

#[test]
fn outcomes_reach_every_client_even_one_that_observes_rarely() {
    let server = Server::start(1, |options| {
        options.allow_write = true;
        options.allow_inject = true;
    });
    let mut client = server.connect();
    let mut other = server.connect();
    let ids: Vec<_> = [RESET, INJECT, RESET]
        .into_iter()
        .map(|command| client.ask(command)["id"].as_u64().unwrap())
        .collect();
    assert_eq!(ids, [0, 1, 2]);
    for client in [&mut client, &mut other] {
        let mut outcomes = Vec::new();
        while outcomes.len() < 3 {
            client.send(r#"{"op":"observe"}"#);
            outcomes.extend(client.observation().outcomes);
            // An observation that is asked for again repeats its outcomes.
            outcomes.dedup();
        }
        let found: Vec<_> = outcomes.iter().map(|outcome| outcome.command.0).collect();
        assert_eq!(found, ids);
        assert_eq!(outcomes[0].status, Status::Done);
        assert!(matches!(outcomes[1].status, Status::Refused(_)));
    }
}

#[test]
fn garbage_is_answered_and_harms_nobody() {
    let server = Server::start(1, |options| options.max_line_bytes = 100);
    let mut quiet = server.connect();
    let mut client = server.connect();
    assert!(client.error("GET / HTTP/1.1").contains("not JSON"));
    assert!(
        client
            .error(r#"{"op":"obsevre"}"#)
            .contains(r#"did you mean "observe"?"#)
    );
    let mut stream = client.reader.get_ref();
    stream.write_all(b"\xff\xfe\x00\n").unwrap();
    assert_eq!(client.json()["ok"], false);
    assert!(
        client
            .error(&"x".repeat(100_000))
            .contains("longer than 100 bytes")
    );
    for client in [&mut client, &mut quiet] {
        client.send(r#"{"op":"observe"}"#);
        assert_eq!(client.observation().fingerprint, fingerprint());
    }
}

#[test]
fn one_connection_too_many_is_told_so() {
    let server = Server::start(1, |options| options.max_connections = 2);
    // The connection that found the server ready may not have ended yet.
    let connect = || Client::new(UnixStream::connect(server.path()).unwrap());
    let mut clients: Vec<Client> = Vec::new();
    while clients.len() < 2 {
        let mut client = connect();
        if client.json()["hello"] == "shoreline" {
            clients.push(client);
        }
    }
    let mut third = connect();
    assert!(third.line().contains("all 2 connections are in use"));
    assert_eq!(third.line(), "");
    clients[0].send(r#"{"op":"observe"}"#);
    assert_eq!(clients[0].observation().device.as_str(), "leaf1");
}

#[test]
fn a_silent_client_is_cut_off_and_a_subscriber_is_not() {
    let server = Server::start(1, |options| {
        options.idle_timeout = Duration::from_millis(30);
    });
    let mut subscriber = server.connect();
    subscriber.ask(r#"{"op":"subscribe","period_ms":20}"#);
    let mut silent = server.connect();
    assert!(silent.line().contains("no request within 0.03 s"));
    assert_eq!(silent.line(), "");
    for _ in 0..5 {
        subscriber.observation();
    }
}

#[test]
fn a_client_that_does_not_read_is_cut_off_alone() {
    let server = Server::start(20_000, |options| {
        options.write_timeout = Duration::from_millis(50);
    });
    let mut slow = server.connect();
    let mut good = server.connect();
    slow.send(r#"{"op":"subscribe"}"#);
    for _ in 0..50 {
        good.send(r#"{"op":"observe"}"#);
        assert_eq!(good.observation().columns().len(), 2);
    }
    // What was in the socket's buffer can still be read; then the stream ends within a line.
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(500));
        let mut rest = Vec::new();
        let result = slow.reader.read_to_end(&mut rest);
        sender
            .send((result.is_ok(), rest.last() == Some(&b'\n')))
            .ok();
    });
    let (has_ended, ends_with_line) = receiver.recv_timeout(PATIENCE).unwrap();
    assert!(has_ended && !ends_with_line);
}

#[test]
fn the_socket_is_private_and_goes_away_at_the_end() {
    let mut server = Server::start(1, |_| {});
    let mode = std::fs::metadata(server.path())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut client = server.connect();
    server.stop().unwrap();
    assert_eq!(client.line(), "");
    // The private names that were used on the way are gone as well.
    assert_eq!(
        std::fs::read_dir(server.directory.path()).unwrap().count(),
        0
    );
}

fn serve_at(path: &Path) -> Result<(), ServeError> {
    let (stop, thread) = spawn(static_plant(1), SocketOptions::new(path));
    stop.send(()).ok();
    thread.join().unwrap()
}

#[test]
fn a_live_server_is_left_alone() {
    let server = Server::start(1, |_| {});
    let refused = serve_at(&server.path());
    assert!(
        matches!(refused, Err(ServeError::InUse { .. })),
        "{refused:?}"
    );
    server.connect().send(r#"{"op":"observe"}"#);
}

#[test]
fn a_stale_socket_is_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let path = socket_in(&directory);
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists() && UnixStream::connect(&path).is_err());
    serve_at(&path).unwrap();
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn what_is_not_a_socket_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = socket_in(&directory);
    std::os::unix::fs::symlink("elsewhere", &path).unwrap();
    let refused = serve_at(&path);
    assert!(
        matches!(refused, Err(ServeError::NotASocket { .. })),
        "{refused:?}"
    );
    assert!(path.is_symlink());
    let too_long = directory.path().join("x".repeat(200));
    let refused = serve_at(&too_long);
    assert!(
        matches!(refused, Err(ServeError::BadPath { .. })),
        "{refused:?}"
    );
    let missing = directory.path().join("missing/s.sock");
    let refused = serve_at(&missing);
    assert!(matches!(refused, Err(ServeError::Io { .. })), "{refused:?}");
}

#[test]
fn of_many_servers_that_start_together_exactly_one_serves() {
    let directory = tempfile::tempdir().unwrap();
    let path = socket_in(&directory);
    drop(UnixListener::bind(&path).unwrap());
    let servers: Vec<_> = (0..6)
        .map(|_| spawn(static_plant(1), SocketOptions::new(&path)))
        .collect();
    // All but one give up by themselves.
    while servers
        .iter()
        .filter(|(_, thread)| !thread.is_finished())
        .count()
        > 1
    {
        std::thread::yield_now();
    }
    let mut n_serving = 0;
    for (stop, thread) in servers {
        stop.send(()).ok();
        match thread.join().unwrap() {
            Ok(()) => n_serving += 1,
            Err(error) => assert!(matches!(error, ServeError::InUse { .. }), "{error:?}"),
        }
    }
    assert_eq!(n_serving, 1);
}
