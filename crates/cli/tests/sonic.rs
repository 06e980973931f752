//! The platform of SONiC that `serve --sonic` writes.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]
#![expect(
    clippy::disallowed_methods,
    reason = "the test looks at what a server wrote"
)]

mod common;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use common::{failure, shoreline};
use serde_json::Value;

/// A server that has come up, and what it has said.
fn served(folder: &Path) -> (Child, Vec<String>) {
    let arguments = ["serve", "cpo-51t", "--optoe", "dev", "--sonic", "platform"];
    let mut server = shoreline(&arguments)
        .current_dir(folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = Vec::new();
    let lines = BufReader::new(server.stdout.take().unwrap()).lines();
    for line in lines.map_while(Result::ok) {
        said.push(line);
        if said.last().is_some_and(|line| line == "Ctrl-C ends it") {
            break;
        }
    }
    (server, said)
}

fn stop(mut server: Child) {
    let asked = Command::new("kill").arg(server.id().to_string()).status();
    assert!(asked.unwrap().success());
    assert!(server.wait().unwrap().success());
}

#[test]
fn a_platform_names_files_that_are_served_and_is_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let platform = folder.path().join("platform");
    let cpo = || -> Value {
        let text = fs::read_to_string(platform.join("cpo.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let (server, said) = served(folder.path());
    let expected = "a platform of SONiC in platform: platform.json, hwsku.json, cpo.json, optical_devices.json, sonic_platform, vendor/cpo.json";
    assert!(said.iter().any(|line| line == expected), "{said:?}");
    for name in ["__init__", "platform", "chassis", "cpo"] {
        let file = platform.join(format!("sonic_platform/{name}.py"));
        assert!(file.is_file(), "{name}");
    }
    let devices = cpo()["devices"].clone();
    for (name, device) in devices.as_object().unwrap() {
        let path = Path::new(device["i2c_path"].as_str().unwrap());
        assert!(path.is_absolute(), "{name}");
        let banks = fs::read_to_string(path.join("max_bank_size")).unwrap();
        assert_eq!(banks.trim(), "0", "{name}");
        let expected = if name.starts_with("OE") { 0x80 } else { 0x22 };
        // It answers once it has started.
        let answered = (0..200).find_map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            fs::read(path.join("eeprom")).ok()?.first().copied()
        });
        assert_eq!(answered, Some(expected), "{name}");
        if let Some(presence) = device["presence_path"].as_str() {
            assert_eq!(fs::read_to_string(presence).unwrap().trim(), "1", "{name}");
        }
    }
    stop(server);
    // The next server replaces what the first has written, whatever became of it.
    fs::write(platform.join("cpo.json"), "{}").unwrap();
    let (server, _) = served(folder.path());
    assert_eq!(cpo()["devices"], devices);
    stop(server);
}

#[test]
fn what_something_else_has_written_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("platform.json");
    fs::write(&file, "{}").unwrap();
    let optoe = folder.path().join("dev");
    let (optoe, sonic) = (optoe.to_str().unwrap(), folder.path().to_str().unwrap());
    let serve = |system| failure(&["serve", system, "--optoe", optoe, "--sonic", sonic]);
    let (error, code) = serve("cpo-51t");
    assert!(error.contains("holds files that are not of"), "{error}");
    assert_eq!(code, Some(2));
    assert_eq!(fs::read_to_string(&file).unwrap(), "{}");
    fs::remove_file(&file).unwrap();
    // Nothing is written of a system that cannot be expressed, and nothing is mounted.
    let (error, _) = serve("quantum-x-115t");
    assert!(error.contains("striped over"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
