//! Ctrl-C during a long run.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::common::shoreline;

/// Starts more draws than anybody waits for.
fn start() -> Child {
    shoreline(&["run", "cpo-51t", "--samples", "100000000", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn interrupt(child: &Child) {
    let status = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(status.unwrap().success());
}

/// Interrupts a run until it ends: the first time may come before it listens, and then ends it
/// with nothing said.
fn interrupted_run() -> Output {
    for delay_ms in [300, 1_000, 3_000, 10_000] {
        let child = start();
        std::thread::sleep(Duration::from_millis(delay_ms));
        interrupt(&child);
        let output = child.wait_with_output().unwrap();
        if output.status.code().is_some() {
            return output;
        }
    }
    panic!("the program never listened");
}

#[test]
fn the_first_interrupt_reports_what_was_done() {
    let output = interrupted_run();
    assert_eq!(output.status.code(), Some(130));
    let said = String::from_utf8(output.stderr).unwrap();
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let done = value["intervals"]["draws"].as_u64().unwrap();
    assert_eq!(value["intervals"]["draws_asked"], 100_000_000);
    assert!(done < 100_000_000);
    // No terminal, no progress; one line on how it ended.
    assert_eq!(
        said,
        format!("interrupted after {done} of 100000000 draws\n")
    );
    if done > 0 {
        let module = &value["intervals"]["module_w"];
        assert!(module["p5"].as_f64().unwrap() < module["p95"].as_f64().unwrap());
    }
}
