//! Registers over real sockets.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]
#![expect(clippy::disallowed_methods, reason = "sockets are among files")]

mod fake;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::Duration;

use plant::Timestamp;
use serde_json::{Value, json};
use server::{
    Clock, DeviceAddress, DeviceSocketOptions, DeviceSockets, Managed, Pace, ServeError, keep_time,
    serve_devices,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use crate::fake::{Fake, LATCH, TIME};

/// Longer than anything here takes on the slowest machine; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap()
}

/// A server on its own thread, which ends when it is stopped or dropped.
struct Server {
    directory: TempDir,
    addresses: Vec<DeviceAddress>,
    devices: Managed<Fake>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn start(pace: Pace, change: impl FnOnce(&mut DeviceSocketOptions)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Clock::starting_at(pace, Timestamp::default());
        let devices = Managed::new(Fake::new(), clock);
        let mut options = DeviceSocketOptions::default();
        options.directory = Some(directory.path().to_owned());
        change(&mut options);
        let (stop, stopped) = oneshot::channel::<()>();
        let (started, start) = std::sync::mpsc::channel();
        let served = devices.clone();
        let thread = std::thread::spawn(move || {
            runtime().block_on(async {
                let sockets = options.listen(&served).await.unwrap();
                let addresses = sockets.addresses().map(|(_, address)| address.clone());
                started.send(addresses.collect()).unwrap();
                let shutdown = async {
                    stopped.await.ok();
                };
                serve_devices(sockets, shutdown).await;
            });
        });
        Self {
            addresses: start.recv_timeout(PATIENCE).unwrap(),
            directory,
            devices,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(format!("{name}.sock"))
    }

    fn connect(&self, name: &str) -> Client {
        Client::new(UnixStream::connect(self.path(name)).unwrap())
    }

    fn stop(&mut self) {
        self.stop.take();
        self.thread.take().unwrap().join().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.thread.is_some() {
            self.stop();
        }
    }
}

struct Client {
    reader: BufReader<UnixStream>,
}

impl Client {
    fn new(stream: UnixStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        let reader = BufReader::new(stream);
        Self { reader }
    }

    fn send(&mut self, text: &str) {
        self.reader.get_ref().write_all(text.as_bytes()).unwrap();
    }

    /// The next line, empty at the end.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn ask(&mut self, line: &str) -> String {
        self.send(&format!("{line}\n"));
        self.line()
    }

    fn error(&mut self, line: &str) -> String {
        let reply: Value = serde_json::from_str(&self.ask(line)).unwrap();
        assert_eq!(reply["ok"], false);
        reply["error"].as_str().unwrap().to_owned()
    }

    /// The last line before the server closes.
    fn goodbye(&mut self) -> String {
        let mut last = String::new();
        loop {
            let line = self.line();
            if line.is_empty() {
                return last;
            }
            last = line;
        }
    }
}

#[test]
fn every_device_has_its_private_socket() {
    let mut server = Server::start(Pace::Manual, |_| {});
    for (place, name) in ["oe0", "els0", "oe1"].into_iter().enumerate() {
        let path = server.path(name);
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(server.addresses[place], DeviceAddress::Unix(path));
        let reply = server
            .connect(name)
            .ask(r#"{"op":"read","page":17,"bank":0,"off":128,"len":4}"#);
        assert_eq!(reply, format!(r#"{{"ok":true,"data":"11000{place}00"}}"#));
    }
    server.stop();
    for name in ["oe0", "els0", "oe1"] {
        assert!(!server.path(name).exists());
    }
}

#[test]
fn reads_and_writes_reach_the_bytes_that_they_name() {
    let server = Server::start(Pace::Manual, |_| {});
    let mut client = server.connect("oe0");
    let done = r#"{"ok":true}"#;
    let write = r#"{"op":"write","page":16,"bank":3,"off":130,"data":"ff00Ee"}"#;
    assert_eq!(client.ask(write), done);
    let reply = client.ask(r#"{"op":"read","page":16,"bank":3,"off":129,"len":5}"#);
    assert_eq!(reply, r#"{"ok":true,"data":"03ff00ee00"}"#);
    // Page and bank are 0 when they are missing, and mean nothing in lower memory.
    let write = r#"{"op":"write","page":200,"bank":9,"off":26,"data":"20"}"#;
    assert_eq!(client.ask(write), done);
    let reply = client.ask(r#"{"op":"read","off":26,"len":1}"#);
    assert_eq!(reply, r#"{"ok":true,"data":"20"}"#);
    // From lower memory into the page.
    let reply = client.ask(r#"{"op":"read","page":17,"bank":2,"off":127,"len":3}"#);
    assert_eq!(reply, r#"{"ok":true,"data":"001102"}"#);
    // The latch is cleared by the read of its byte only.
    let latch = format!(r#"{{"op":"read","off":{LATCH},"len":1}}"#);
    assert_eq!(client.ask(&latch), r#"{"ok":true,"data":"ff"}"#);
    assert_eq!(client.ask(&latch), r#"{"ok":true,"data":"00"}"#);
    // A bank that is not there is not acknowledged, which is no error.
    let reply = client.ask(r#"{"op":"read","page":17,"bank":4,"off":128,"len":1}"#);
    assert_eq!(reply, r#"{"ok":false}"#);
    assert_eq!(client.ask(r#"{"op":"fresh"}"#), done);
    assert_eq!(client.ask(&latch), r#"{"ok":true,"data":"ff"}"#);
    // The last line may lack its line feed.
    client.send(r#"{"op":"read","off":0,"len":1}"#);
    client.reader.get_ref().shutdown(Shutdown::Write).unwrap();
    assert_eq!(client.goodbye(), r#"{"ok":true,"data":"80"}"#);
}

#[test]
fn a_look_clears_nothing_and_needs_no_permission() {
    let server = Server::start(Pace::Manual, |_| ());
    let mut client = server.connect("oe0");
    let look = format!(r#"{{"op":"peek","off":{LATCH},"len":1}}"#);
    for _ in 0..2 {
        assert_eq!(client.ask(&look), r#"{"ok":true,"data":"ff"}"#);
    }
    let latch = format!(r#"{{"op":"read","off":{LATCH},"len":1}}"#);
    assert_eq!(client.ask(&latch), r#"{"ok":true,"data":"ff"}"#);
    assert_eq!(client.ask(&look), r#"{"ok":true,"data":"00"}"#);
    let absent = client.ask(r#"{"op":"peek","page":17,"bank":4,"off":128,"len":1}"#);
    assert_eq!(absent, r#"{"ok":false}"#);
}

#[test]
fn answers_have_the_names_of_their_requests() {
    let server = Server::start(Pace::Real, |_| ());
    let mut client = server.connect("oe0");
    for (line, answer) in [
        (
            r#"{"id":7,"op":"read","page":"11h","bank":1,"off":128,"len":2}"#,
            r#"{"ok":true,"data":"1101","id":7}"#,
        ),
        (
            r#"{"op":"write","off":30,"data":"00","id":"w 1"}"#,
            r#"{"ok":true,"id":"w 1"}"#,
        ),
        (
            r#"{"op":"read","page":17,"bank":4,"off":128,"len":1,"id":-1}"#,
            r#"{"ok":false,"id":-1}"#,
        ),
        (
            r#"{"op":"inject","what":"x","id":8}"#,
            r#"{"ok":false,"error":"this server was not told to allow injecting (--allow-inject)","id":8}"#,
        ),
        (r#"{"op":"fresh"}"#, r#"{"ok":true}"#),
    ] {
        assert_eq!(client.ask(line), answer);
    }
    let wrong = client.ask(r#"{"op":"read","off":128,"id":"n"}"#);
    assert!(wrong.contains(r#""len\" is missing"#), "{wrong}");
    assert!(wrong.ends_with(r#","id":"n"}"#), "{wrong}");
}

#[test]
fn what_cannot_be_done_is_explained_and_does_nothing() {
    let server = Server::start(Pace::Real, |_| {});
    let mut client = server.connect("oe0");
    let error = client.error(r#"{"op":"read","page":"111h","off":128,"len":1}"#);
    assert!(error.contains(r#"the member "page" is "111h"; expected an integer"#));
    assert!(client.error("nonsense").contains("not JSON"));
    let error = client.error(r#"{"op":"write","off":0,"data":"00","dta":"11"}"#);
    assert!(error.contains(r#"did you mean "data"?"#), "{error}");
    let error = client.error(r#"{"op":"advance","ms":1}"#);
    assert!(error.contains("runs by itself"), "{error}");
    let error = client.error(r#"{"op":"inject","what":"absent"}"#);
    assert!(error.contains("not told to allow"), "{error}");
    let reply = client.ask(r#"{"op":"read","off":0,"len":1}"#);
    assert_eq!(reply, r#"{"ok":true,"data":"80"}"#);
}

#[test]
fn injection_is_passed_on_where_it_is_allowed() {
    let server = Server::start(Pace::Manual, |options| options.allow_inject = true);
    let mut client = server.connect("els0");
    let error = client.error(r#"{"op":"inject","what":"nack","args":{}}"#);
    assert!(error.contains("n is missing"), "{error}");
    let reply = client.ask(r#"{"op":"inject","what":"nack","args":{"n":1}}"#);
    assert_eq!(reply, r#"{"ok":true}"#);
    let read = r#"{"op":"read","off":0,"len":1}"#;
    assert_eq!(client.ask(read), r#"{"ok":false}"#);
    assert_eq!(client.ask(read), r#"{"ok":true,"data":"80"}"#);
}

#[test]
fn a_manual_clock_is_one_for_all_devices() {
    let server = Server::start(Pace::Manual, |_| {});
    let mut engine = server.connect("oe0");
    let mut laser = server.connect("els0");
    let time = format!(r#"{{"op":"read","off":{TIME},"len":8}}"#);
    assert_eq!(laser.ask(&time), r#"{"ok":true,"data":"0000000000000000"}"#);
    // Within one batch, too.
    engine.send(&format!("{{\"op\":\"advance\",\"ms\":258}}\n{time}\n"));
    assert_eq!(engine.line(), r#"{"ok":true}"#);
    let advanced = r#"{"ok":true,"data":"0201000000000000"}"#;
    assert_eq!(engine.line(), advanced);
    assert_eq!(laser.ask(&time), advanced);
    server.devices.advance(Duration::from_millis(1)).unwrap();
    let advanced = r#"{"ok":true,"data":"0301000000000000"}"#;
    assert_eq!(laser.ask(&time), advanced);
}

#[test]
fn many_requests_at_once_are_answered_in_order() {
    let server = Server::start(Pace::Manual, |_| {});
    let client = server.connect("oe0");
    let n_requests = 20_000;
    let mut writer = client.reader.get_ref().try_clone().unwrap();
    let writing = std::thread::spawn(move || {
        let mut text = String::new();
        for n in 0..n_requests {
            let (page, bank) = (16 + n % 100, n % 4);
            text += &json!({"op":"read","page":page,"bank":bank,"off":128,"len":128}).to_string();
            text += "\n";
        }
        // In pieces that end anywhere.
        for piece in text.as_bytes().chunks(777) {
            writer.write_all(piece).unwrap();
        }
    });
    let mut client = client;
    for n in 0..n_requests {
        let line = client.line();
        let expected = format!(r#"{{"ok":true,"data":"{:02x}{:02x}"#, 16 + n % 100, n % 4);
        assert!(line.starts_with(&expected), "{n}: {line}");
        assert_eq!(line.len(), r#"{"ok":true,"data":""}"#.len() + 256);
    }
    writing.join().unwrap();
}

#[test]
fn two_clients_are_served_at_once() {
    let server = Server::start(Pace::Real, |_| {});
    let mut clients = [server.connect("oe0"), server.connect("oe0")];
    for n in 0..100 {
        let [one, other] = &mut clients;
        let write = format!(r#"{{"op":"write","off":30,"data":"{n:02x}"}}"#);
        assert_eq!(one.ask(&write), r#"{"ok":true}"#);
        let reply = other.ask(r#"{"op":"read","off":30,"len":1}"#);
        assert_eq!(reply, format!(r#"{{"ok":true,"data":"{n:02x}"}}"#));
    }
}

#[test]
fn a_client_that_does_not_read_is_cut_off_and_harms_nobody() {
    let server = Server::start(Pace::Manual, |options| {
        options.write_timeout = Duration::from_millis(50);
    });
    let deaf = server.connect("oe0");
    let flood = std::thread::spawn(move || {
        let line = "{\"op\":\"read\",\"off\":128,\"len\":128}\n".repeat(1000);
        // Until the server closes, which the timeout of the stream does not do.
        loop {
            if let Err(error) = deaf.reader.get_ref().write_all(line.as_bytes()) {
                return error.kind();
            }
        }
    });
    let mut other = server.connect("oe0");
    for _ in 0..1000 {
        let reply = other.ask(r#"{"op":"read","off":0,"len":1}"#);
        assert_eq!(reply, r#"{"ok":true,"data":"80"}"#);
    }
    let kind = flood.join().unwrap();
    assert_ne!(kind, std::io::ErrorKind::WouldBlock, "it was not cut off");
}

#[test]
fn an_endless_line_is_cut_off() {
    let server = Server::start(Pace::Manual, |options| options.max_line_bytes = 1000);
    let mut client = server.connect("oe0");
    // The longest that is allowed.
    let line = format!("{}{}", r#"{"op":"read","off":0,"len":1}"#, " ".repeat(971));
    assert_eq!(client.ask(&line), r#"{"ok":true,"data":"80"}"#);
    let mut other = server.connect("oe0");
    other.send(&format!("{line} \n"));
    assert!(other.goodbye().contains("longer than 1000 bytes"));
    let endless = client.reader.get_ref().try_clone().unwrap();
    let sending = std::thread::spawn(move || {
        let mut endless = endless;
        while endless.write_all(&[b'x'; 4096]).is_ok() {}
    });
    assert!(client.goodbye().contains("longer than 1000 bytes"));
    sending.join().unwrap();
}

#[test]
fn garbage_is_cut_off_after_a_while() {
    let server = Server::start(Pace::Manual, |options| options.max_malformed = 5);
    let mut client = server.connect("oe0");
    let good = "{\"op\":\"fresh\"}\n";
    // Four in a row are forgiven.
    client.send("\n\u{0}\n[]\n{}\n");
    client.send(good);
    for _ in 0..4 {
        assert!(client.line().contains("error"));
    }
    assert_eq!(client.line(), r#"{"ok":true}"#);
    let stream = client.reader.get_ref().try_clone().unwrap();
    let sending = std::thread::spawn(move || {
        let mut stream = stream;
        while stream.write_all(b"\xFF\xFE\x00garbage\n").is_ok() {}
    });
    assert!(client.goodbye().contains("5 malformed lines in a row"));
    sending.join().unwrap();
    assert_eq!(server.connect("oe0").ask(good.trim_end()), r#"{"ok":true}"#);
}

#[test]
fn whoever_is_silent_or_one_too_many_is_told_so() {
    let server = Server::start(Pace::Manual, |options| {
        options.idle_timeout = Duration::from_millis(200);
        options.max_connections = 2;
    });
    let mut clients = [server.connect("oe0"), server.connect("oe0")];
    for client in &mut clients {
        assert_eq!(client.ask(r#"{"op":"fresh"}"#), r#"{"ok":true}"#);
    }
    let mut third = server.connect("oe0");
    assert!(third.goodbye().contains("all 2 connections"));
    // Other devices have their own.
    assert_eq!(
        server.connect("els0").ask(r#"{"op":"fresh"}"#),
        r#"{"ok":true}"#
    );
    for client in &mut clients {
        assert!(client.goodbye().contains("no request within 0.2 s"));
    }
}

#[test]
fn tcp_is_served_on_request_and_to_this_machine_only() {
    let server = Server::start(Pace::Manual, |options| {
        options.directory = None;
        options.tcp = Some(([127, 0, 0, 1], 0).into());
    });
    let [DeviceAddress::Tcp(_), DeviceAddress::Tcp(laser), _] = server.addresses[..] else {
        panic!("three ports: {:?}", server.addresses);
    };
    let mut stream = TcpStream::connect(laser).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = b"{\"op\":\"read\",\"page\":26,\"off\":128,\"len\":3}\n";
    stream.write_all(request).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert_eq!(reply, "{\"ok\":true,\"data\":\"1a0001\"}\n");

    let devices = server.devices.clone();
    let listen = |address: &str, allow_remote| {
        let mut options = DeviceSocketOptions::default();
        options.tcp = Some(address.parse().unwrap());
        options.allow_remote = allow_remote;
        runtime().block_on(options.listen(&devices))
    };
    let refused = listen("0.0.0.0:0", false);
    assert!(matches!(refused, Err(ServeError::NotLoopback { .. })));
    assert!(listen("0.0.0.0:0", true).is_ok());
    let refused: Result<DeviceSockets<_>, _> = listen("127.0.0.1:65534", false);
    let is_port = matches!(
        refused,
        Err(ServeError::TooManyPorts { .. } | ServeError::Tcp { .. })
    );
    assert!(is_port, "{refused:?}");
    let taken = listen(&laser.to_string(), false);
    assert!(matches!(taken, Err(ServeError::Tcp { .. })));
}

#[test]
fn stale_sockets_are_replaced_and_live_ones_left_alone() {
    let server = Server::start(Pace::Manual, |_| {});
    let devices = Managed::new(Fake::new(), Clock::new(Pace::Manual));
    let listen = |directory: PathBuf| {
        let mut options = DeviceSocketOptions::default();
        options.directory = Some(directory);
        runtime().block_on(options.listen(&devices))
    };
    let live = listen(server.directory.path().to_owned());
    assert!(matches!(live, Err(ServeError::InUse { .. })), "{live:?}");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("els0.sock");
    drop(UnixListener::bind(&path).unwrap());
    assert!(listen(directory.path().to_owned()).is_ok());
    std::fs::write(directory.path().join("oe1.sock"), "text").unwrap();
    let other = listen(directory.path().to_owned());
    assert!(matches!(other, Err(ServeError::NotASocket { .. })));
    // All or none.
    assert!(!path.exists());
    // A directory that is missing is made, private.
    let made = directory.path().join("a/b");
    let sockets = listen(made.clone()).unwrap();
    let mode = std::fs::metadata(&made).unwrap().permissions().mode();
    assert_eq!((mode & 0o777, sockets.addresses().count()), (0o700, 3));
}

#[test]
fn devices_live_while_nobody_asks() {
    let devices = Managed::new(Fake::new(), Clock::new(Pace::Times(1000.0)));
    let before = devices.clock().now();
    runtime().block_on(async {
        let shutdown = tokio::time::sleep(Duration::from_millis(20));
        keep_time(devices.clone(), Duration::from_millis(1), shutdown).await;
    });
    let passed = devices.clock().now().since(before).unwrap();
    assert!(passed >= Duration::from_secs(20), "{passed:?}");
}

#[test]
fn parts_are_served_on_their_own_and_live_by_one_clock() {
    let devices = Managed::new(Fake::new(), Clock::new(Pace::Manual));
    let part = devices.part(1..3).part(1..2);
    let names: Vec<String> = part.infos().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["oe1"]);
    // Pages tell the place of their device among all.
    let mut place = [0];
    let at = cmis::Address::page(0, 130);
    part.lock().read(0, at, &mut place).unwrap();
    assert_eq!(place, [2]);
    part.lock().write(0, at, &[7]).unwrap();
    devices.lock().read(2, at, &mut place).unwrap();
    assert_eq!(place, [7]);
    let before = devices.clock().now();
    part.advance(Duration::from_millis(5)).unwrap();
    let passed = devices.clock().now().since(before).unwrap();
    assert_eq!(passed, Duration::from_millis(5));
    let directory = tempfile::tempdir().unwrap();
    let mut options = DeviceSocketOptions::default();
    options.directory = Some(directory.path().to_owned());
    let sockets = runtime().block_on(options.listen(&part)).unwrap();
    assert_eq!(sockets.addresses().count(), 1);
    assert!(directory.path().join("oe1.sock").exists());
}
