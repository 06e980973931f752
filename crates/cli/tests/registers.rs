//! `serve` with registers: a server in a process of its own, hosts at its sockets, and kills.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]
#![expect(
    clippy::disallowed_methods,
    reason = "the tests read what the program writes"
)]

mod common;

use std::path::Path;

use serde_json::{Value, json};

use crate::common::output;
use crate::common::served::{Host, Server};

/// A server by a manual clock, killed without a word when it is dropped.
fn start(folder: &Path) -> Server {
    let arguments = [
        "cpo-51t",
        "--cmis-sockets",
        "regs",
        "--state",
        "kept",
        "--clock",
        "manual",
        "--allow-inject",
    ];
    Server::start(folder, &arguments)
}

/// What updaters of firmware do.
trait Updater {
    fn command(&mut self, id: u16, payload: &[u8]) -> u8;
    fn download(&mut self, image: &[u8], until: usize);
    fn version(&mut self) -> Vec<u8>;
}

impl Updater for Host {
    /// Sends a command with a short payload and waits for its end.
    fn command(&mut self, id: u16, payload: &[u8]) -> u8 {
        let mut bytes = id.to_be_bytes().to_vec();
        bytes.extend([0, 0, u8::try_from(payload.len()).unwrap()]);
        let sum = bytes
            .iter()
            .chain(payload)
            .fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        bytes.extend([!sum, 0, 0]);
        bytes.extend(payload);
        self.write(0x9F, 130, &bytes[2..]);
        self.write(0x9F, 128, &bytes[..2]);
        self.wait_ms(6000);
        self.read(0, 0, 37, 1)[0]
    }

    /// Downloads blocks of an image, up to some byte of its payload.
    fn download(&mut self, image: &[u8], until: usize) {
        const HEADER: usize = 64;
        let mut start = u32::try_from(image.len()).unwrap().to_be_bytes().to_vec();
        start.extend([0; 4]);
        start.extend(&image[..HEADER]);
        assert_eq!(self.command(0x0101, &start), 1);
        for (at, block) in image[HEADER..].chunks(116).enumerate() {
            if at * 116 >= until {
                break;
            }
            let mut payload = u32::try_from(at * 116).unwrap().to_be_bytes().to_vec();
            payload.extend(block);
            assert_eq!(self.command(0x0103, &payload), 1);
        }
    }

    fn version(&mut self) -> Vec<u8> {
        self.read(0, 0, 39, 2)
    }
}

#[test]
fn a_laser_that_dies_darkens_its_lanes_and_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let _server = start(folder.path());
    let mut first = Host::new(folder.path(), "oe0");
    let mut second = Host::new(folder.path(), "oe1");
    assert_eq!(
        first.ask(&json!({"op": "read", "off": 0, "len": 1})),
        json!({"ok": false}),
        "it starts"
    );
    first.wait_ms(5000);
    assert_eq!(first.read(0, 0, 3, 1)[0] >> 1 & 7, 3, "ready");
    assert_eq!(first.read(0x11, 3, 128, 4), [0x44; 4], "activated");
    let flags = |host: &mut Host, bank| host.read(0x11, bank, 134, 20);
    for bank in 0..4 {
        flags(&mut first, bank);
        flags(&mut second, bank);
    }
    first.done(&json!({"op": "inject", "what": "laser", "args": {"lane": 9}}));
    first.wait_ms(1000);
    let dark = flags(&mut first, 1);
    // A laser lights four lanes.
    assert_eq!((dark[1], dark[6], dark[13]), (0x0F, 0x0F, 0x0F), "{dark:?}");
    for bank in [0, 2, 3] {
        assert_eq!(flags(&mut first, bank), [0; 20]);
    }
    assert_eq!(flags(&mut second, 1), [0; 20]);
}

#[test]
fn what_is_injected_wrongly_says_what_is_expected() {
    let folder = tempfile::tempdir().unwrap();
    let _server = start(folder.path());
    let mut host = Host::new(folder.path(), "els3");
    host.wait_ms(2000);
    let error = |host: &mut Host, what: &str, args: Value| {
        let answer = host.ask(&json!({"op": "inject", "what": what, "args": args}));
        answer["error"].as_str().unwrap().to_owned()
    };
    assert!(error(&mut host, "temprature", json!({})).contains("did you mean temperature?"));
    assert!(error(&mut host, "laser", json!({"lane": 77})).contains("no such lane 77"));
    let text = json!({"text": "fibre_dirt oe0.tx3 2 dBm"});
    assert!(error(&mut host, "fault", text).contains("found a power"));
    host.done(&json!({"op": "inject", "what": "temperature", "args": {"c": 71.5}}));
    host.wait_ms(200);
    let celsius = host.read(0, 0, 14, 2);
    assert_eq!(celsius, [71, 128]);
    host.done(&json!({"op": "inject", "what": "nack"}));
    assert_eq!(
        host.ask(&json!({"op": "read", "off": 0, "len": 1})),
        json!({"ok": false})
    );
}

#[test]
fn firmware_survives_a_kill_and_so_does_what_a_kill_interrupts() {
    let folder = tempfile::tempdir().unwrap();
    let image = |version: &str| {
        let file = folder.path().join(format!("{version}.bin"));
        let payload = folder.path().join("payload");
        std::fs::write(&payload, vec![7; 1000]).unwrap();
        let arguments = [
            "cmis",
            "firmware",
            version,
            "--out",
            file.to_str().unwrap(),
            "--payload",
            payload.to_str().unwrap(),
        ];
        assert!(output(&arguments).status.success());
        std::fs::read(file).unwrap()
    };
    let (two, three) = (image("2.1.0"), image("3.0.0"));
    {
        let _server = start(folder.path());
        let mut host = Host::new(folder.path(), "oe5");
        host.wait_ms(5000);
        assert_eq!(host.version(), [1, 0]);
        host.download(&two, usize::MAX);
        assert_eq!(host.command(0x0107, &[]), 1);
        host.command(0x0109, &[0, 0, 0, 1]);
        assert_eq!(host.version(), [2, 1]);
        assert_eq!(host.command(0x010A, &[]), 1);
        // The server is killed without a word.
    }
    for until in [0, 300, 900] {
        let _server = start(folder.path());
        let mut host = Host::new(folder.path(), "oe5");
        host.wait_ms(5000);
        assert_eq!(host.version(), [2, 1], "before {until}");
        host.download(&three, until);
    }
    let _server = start(folder.path());
    let mut host = Host::new(folder.path(), "oe5");
    host.wait_ms(5000);
    assert_eq!(host.version(), [2, 1]);
    let mut other = Host::new(folder.path(), "oe6");
    assert_eq!(other.version(), [1, 0], "others are as they were");
}
