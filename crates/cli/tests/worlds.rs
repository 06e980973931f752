//! `serve` with a world: two switches that hear each other, live, and hosts at both.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]
#![expect(
    clippy::disallowed_methods,
    reason = "the tests read files of a server"
)]

mod common;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::common::failure;
use crate::common::served::{Host, Server};

/// Engines of `arista-28t`, each a device of one bank.
const N_ENGINES: usize = 18;

/// Pages and bytes.
const MONITORS: u8 = 0x11;
const RX_LOS: u8 = 147;
const RX_POWER: u8 = 186;
const LASERS: u8 = 0x1B;
const SETPOINT: u8 = 144;
const CONTROLS: u8 = 0x10;
const TX_DISABLE: u8 = 130;

/// Two switches of the smallest platform with laser modules, which engines show among their pages.
const WORLD: &str = r#"
format = 1
[[switch]]
name = "near"
system = "arista-28t"
[[switch]]
name = "far"
system = "arista-28t"
[[link]]
ends = ["near.*", "far.*"]
"#;

fn start(folder: &Path, more: &[&str]) -> Server {
    fs::write(folder.join("world.toml"), WORLD).unwrap();
    let mut arguments = vec!["world.toml", "--cmis-sockets", "regs", "--clock", "manual"];
    arguments.extend(more);
    Server::start(folder, &arguments)
}

/// The flags of signals that receivers lack, of all engines of a switch, which reading clears.
fn lost(folder: &Path, switch: &str) -> Vec<u8> {
    let flags = (0..N_ENGINES).map(|engine| {
        let mut host = Host::new(folder, &format!("{switch}/oe{engine}"));
        host.read(MONITORS, 0, RX_LOS, 1)[0]
    });
    flags.collect()
}

/// Light that lanes of an engine receive, dB above 0.1 uW: the mean of readings, as taps scatter.
fn received_db(host: &mut Host) -> [f64; 8] {
    const N_READINGS: usize = 25;
    let mut sums = [0.0; 8];
    for _ in 0..N_READINGS {
        host.wait_ms(100);
        let bytes = host.read(MONITORS, 0, RX_POWER, 16);
        for (sum, of) in sums.iter_mut().zip(bytes.chunks(2)) {
            *sum += f64::from(u16::from_be_bytes([of[0], of[1]]));
        }
    }
    sums.map(|sum| 10.0 * (sum / N_READINGS as f64).log10())
}

fn nacks(host: &mut Host) -> bool {
    host.ask(&json!({"op": "read", "off": 0, "len": 1})) == json!({"ok": false})
}

#[test]
fn what_one_switch_sends_the_other_receives() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let _server = start(folder, &[]);
    let mut near = Host::new(folder, "near/oe0");
    let mut far = Host::new(folder, "far/oe0");
    // Whoever advances the clock does so for all.
    far.wait_ms(8000);
    for host in [&mut near, &mut far] {
        assert_eq!(host.read(0, 0, 3, 1)[0] >> 1 & 7, 3, "ready");
        assert_eq!(host.read(MONITORS, 0, 128, 4), [0x44; 4], "activated");
    }
    lost(folder, "near");
    lost(folder, "far");

    // A lane that is disabled is missed by the lane that hears it, and by no other.
    near.write(CONTROLS, TX_DISABLE, &[0b0010_0000]);
    near.wait_ms(1000);
    let mut expected = vec![0; N_ENGINES];
    assert_eq!(lost(folder, "near"), expected);
    expected[0] = 0b0010_0000;
    assert_eq!(lost(folder, "far"), expected);
    near.write(CONTROLS, TX_DISABLE, &[0]);
    near.wait_ms(2000);
    lost(folder, "far");
    assert_eq!(lost(folder, "far"), [0; N_ENGINES]);

    // Half of the power of a laser is half of the light at the far end of its four lanes. The step
    // is made where silicon absorbs two photons at once hardly ever: at the whole power it is 0.3 dB
    // short.
    let mut lasers = Host::new(folder, "near/els0");
    let set = |lasers: &mut Host, hundredths_mw: u16| {
        lasers.write(LASERS, SETPOINT, &hundredths_mw.to_be_bytes());
        lasers.wait_ms(2000);
    };
    set(&mut lasers, 3000);
    let before = [received_db(&mut far), received_db(&mut near)];
    set(&mut lasers, 1500);
    let after = [received_db(&mut far), received_db(&mut near)];
    for (end, lane) in (0..2).flat_map(|end| (0..8).map(move |lane| (end, lane))) {
        let is_lit = end == 0 && lane < 4;
        let expected = if is_lit { 10.0 * 0.5_f64.log10() } else { 0.0 };
        let found = after[end][lane] - before[end][lane];
        // Readings scatter by 0.05 dB, their means by 0.01 dB; what silicon absorbs at 30 mW is less
        // than 0.05 dB.
        assert!(
            (found - expected).abs() < 0.1,
            "end {end}, lane {lane}: {found} dB"
        );
    }
}

#[test]
fn what_happens_to_one_switch_happens_to_it_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let scenario = r#"
format = 1
[[event]]
at = "5 s"
switch = "far"
do = "plant.fault"
fault = "module_absent"
target = "els1"
"#;
    fs::write(folder.join("pull.toml"), scenario).unwrap();
    let more = [
        "--allow-inject",
        "--scenario",
        "pull.toml",
        "--state",
        "kept",
    ];
    let _server = start(folder, &more);
    let mut hosts =
        ["near/els0", "far/els0", "near/els1", "far/els1"].map(|device| Host::new(folder, device));
    hosts[0].wait_ms(4000);
    assert_eq!(hosts.each_mut().map(nacks), [false; 4]);
    let mut near = Host::new(folder, "near/oe0");
    let text = json!({"text": "module_absent els0"});
    near.done(&json!({"op": "inject", "what": "fault", "args": text}));
    near.wait_ms(4000);
    assert_eq!(hosts.each_mut().map(nacks), [true, false, false, true]);

    // What a device keeps is kept under the name of its switch.
    let password = [0, 0, 0x10, 0x11];
    near.write(0, 122, &password);
    near.write(0, 118, &[0x12, 0x34, 0x56, 0x78]);
    near.wait_ms(1000);
    assert!(folder.join("kept/near/oe0.kept").is_file());
    assert_eq!(fs::read_dir(folder.join("kept/far")).unwrap().count(), 0);
}

#[test]
fn files_of_each_switch_lie_below_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let more = [
        "--optoe",
        "dev",
        "--sonic",
        "platform",
        "--socket",
        "seen",
        "--mirrors",
        "davisson",
    ];
    let start = || start(folder, &more);
    // A server that is killed leaves mounts, which the next one takes down: of a switch alone, and of
    // a world.
    Server::start(folder, &["arista-28t", "--optoe", "dev"]).kill();
    start().kill();
    let server = start();
    let mut host = Host::new(folder, "near/els2");
    host.wait_ms(8000);
    for switch in ["near", "far"] {
        let device = |name: &str| folder.join(format!("dev/{switch}/{name}"));
        let eeprom = fs::read(device("by-name/oe17/eeprom")).unwrap();
        let mut host = Host::new(folder, &format!("{switch}/oe17"));
        assert_eq!(eeprom[0], 0x80, "an engine");
        assert_eq!(eeprom[128..144], host.read(0, 0, 128, 16), "{switch}");
        assert_eq!(fs::read_to_string(device("presence/els2")).unwrap(), "1\n");
        let platform = folder.join(format!("platform/{switch}/cpo.json"));
        let cpo: Value = serde_json::from_str(&fs::read_to_string(platform).unwrap()).unwrap();
        for (name, of) in cpo["devices"].as_object().unwrap() {
            let path = of["i2c_path"].as_str().or(of["presence_path"].as_str());
            assert!(
                Path::new(path.unwrap()).starts_with(device("")),
                "{name}: {path:?}"
            );
            // Its platform reads laser modules on the pages that are served.
            let expected = name.starts_with("ELS").then_some("davisson");
            assert_eq!(of["memory_map"].as_str(), expected, "{name}");
        }
        assert!(folder.join(format!("seen/{switch}.sock")).exists());
    }
    let expected = format!("observations as JSON lines on seen/{}.sock", "far");
    assert!(server.said.contains(&expected), "{:?}", server.said);
    assert!(server.stop().success());
    for switch in ["near", "far"] {
        let left = fs::read_dir(folder.join("dev").join(switch)).unwrap();
        assert_eq!(left.count(), 0, "{switch}");
    }
}

#[test]
fn engines_show_their_lasers_where_the_list_says() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (list, page, other) in [("documented", 0xB0, 0xAF), ("davisson", 0xAF, 0xB0)] {
        let _server = start(folder, &["--mirrors", list]);
        for switch in ["near", "far"] {
            let mut engine = Host::new(folder, &format!("{switch}/oe0"));
            let mut laser = Host::new(folder, &format!("{switch}/els0"));
            engine.wait_ms(4000);
            let lower = laser.read(0, 0, 0, 3);
            assert_eq!(lower[0], 0x22, "a laser module");
            assert_eq!(engine.read(page, 0, 128, 3), lower, "{list}");
            assert_ne!(engine.read(other, 0, 128, 3), lower, "{list}");
            let upper = laser.read(0, 0, 128, 64);
            assert_eq!(engine.read(0xB1, 0, 128, 64), upper, "{list}");
        }
    }
}

#[test]
fn lists_of_mirrored_pages_need_engines_that_have_them() {
    let refused = |arguments: &[&str], expected: &str| {
        let (error, code) = failure(arguments);
        assert!(error.contains(expected), "{error}");
        assert_eq!(code, Some(2), "{error}");
    };
    let folder = tempfile::tempdir().unwrap();
    let regs = folder.path().join("regs");
    let regs = regs.to_str().unwrap();
    let arguments = ["serve", "cpo-51t", "--cmis-sockets", regs, "--mirrors"];
    for list in ["documented", "davisson"] {
        let arguments = [&arguments[..], &[list]].concat();
        refused(
            &arguments,
            "no engine of cpo-51t shows pages of a laser module",
        );
    }
    let socket = [
        "serve",
        "arista-28t",
        "--socket",
        regs,
        "--mirrors",
        "davisson",
    ];
    refused(&socket, "--mirrors is about registers");
    // Nothing was made.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
