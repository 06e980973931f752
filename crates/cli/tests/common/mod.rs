//! Running the program.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]
#![allow(dead_code, reason = "each test file uses its own part")]

#[cfg(unix)]
pub(crate) mod served;

use std::process::{Command, Output};

use serde_json::Value;

/// The program, with its arguments.
pub(crate) fn shoreline(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shoreline"));
    command.args(arguments);
    command
}

/// What the program says to these arguments.
pub(crate) fn output(arguments: &[&str]) -> Output {
    shoreline(arguments).output().unwrap()
}

/// The JSON that the program prints.
pub(crate) fn json(arguments: &[&str]) -> Value {
    let output = output(arguments);
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Standard error as text, and the exit code.
pub(crate) fn failure(arguments: &[&str]) -> (String, Option<i32>) {
    let output = output(arguments);
    (
        String::from_utf8(output.stderr).unwrap(),
        output.status.code(),
    )
}
