//! Arguments and files that nobody would write on purpose.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]
#![expect(
    clippy::disallowed_methods,
    reason = "the program under test reads files"
)]

mod common;

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use crate::common::{failure, shoreline};

/// Every command that reads a description refuses the file with this text and exit code 2.
fn check_file(path: &Path, expected: &str) {
    let path = path.to_str().unwrap();
    for command in ["run", "compare", "check", "migrate"] {
        let (text, code) = failure(&[command, path]);
        assert!(text.contains(expected), "{command}: {text}");
        assert_eq!(code, Some(2), "{command}: {text}");
    }
}

#[test]
fn a_huge_file_is_refused_by_its_size() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.toml");
    // Sparse: it takes no room on the disk.
    File::create(&path).unwrap().set_len(100 << 20).unwrap();
    check_file(&path, "larger than");
}

#[test]
fn a_large_description_is_refused_by_its_size() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.toml");
    File::create(&path).unwrap().set_len(5 << 20).unwrap();
    check_file(&path, "too-large");
}

#[test]
fn a_device_without_end_is_refused() {
    check_file(Path::new("/dev/zero"), "larger than");
}

#[test]
fn an_empty_file_lacks_its_format() {
    check_file(Path::new("/dev/null"), "format");
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bytes.toml");
    fs::write(&path, b"format = 1\nname = \"\xff\xfe\"\n").unwrap();
    check_file(&path, "UTF-8");
}

#[test]
fn a_folder_is_no_file() {
    let folder = tempfile::tempdir().unwrap();
    check_file(folder.path(), "cannot read");
    let (text, code) = failure(&["run", "cpo-51t", "--library", "/dev/null"]);
    assert!(text.contains("cannot read"), "{text}");
    assert_eq!(code, Some(2));
}

#[test]
fn an_unreadable_file_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret.toml");
    fs::write(&path, "format = 1\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    // A user to whom permissions do not apply reads the file, which then lacks everything else.
    let expected = if File::open(&path).is_ok() {
        "name"
    } else {
        "cannot read"
    };
    let (text, code) = failure(&["run", path.to_str().unwrap()]);
    assert!(text.contains(expected), "{text}");
    assert_eq!(code, Some(2));
}

#[test]
fn empty_and_absent_names_are_refused() {
    for (arguments, expected) in [
        (&["run", ""][..], "neither a file nor a platform"),
        (&["check", "", ""], "neither a file nor a platform"),
        (&["library", "show", ""], "nothing called"),
        (&["run", "cpo-51t", "--set", ""], "PATH=VALUE"),
        (&["run", "cpo-51t", "--set", "="], "problem"),
        (&["run"], "required"),
    ] {
        let (text, code) = failure(arguments);
        assert!(text.contains(expected), "{arguments:?}: {text}");
        assert_eq!(code, Some(2), "{arguments:?}: {text}");
    }
}

#[test]
fn an_argument_that_is_no_text_is_refused() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let output = shoreline(&["run"])
        .arg(OsStr::from_bytes(b"\xff"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    for arguments in [
        &["schema"][..],
        &["library", "list"],
        &["run", "cpo-51t"],
        &["check", "cpo-51t", "--json"],
    ] {
        let mut child = shoreline(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        // Dropping the reader closes the pipe, as `head -1` does.
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert!(!line.is_empty());
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{arguments:?}");
        assert!(
            output.stderr.is_empty(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn a_full_disk_is_an_error() {
    // Linux has a device that is always full.
    let Ok(full) = File::options().write(true).open("/dev/full") else {
        return;
    };
    let output = shoreline(&["run", "cpo-51t"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: "));
}

#[test]
fn all_problems_of_all_files_are_reported_as_json() {
    let output = common::output(&[
        "check",
        "cpo-51t",
        "--json",
        "--set",
        "engine.oe.cuont=1",
        "--set",
        "nmae=2",
    ]);
    assert_eq!(output.status.code(), Some(2));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report[0]["ok"], false);
    let problems = report[0]["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(
        problems
            .iter()
            .all(|p| p["code"].is_string() && p["message"].is_string() && p["line"].is_u64())
    );
}

#[cfg(unix)]
#[test]
fn a_replaced_file_keeps_its_link_and_its_permissions() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("a.svg"), folder.path().join("b.svg"));
    fs::write(&file, "old").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&file, &link).unwrap();
    let plot = ["plot", "power", "cpo-51t", "--out", link.to_str().unwrap()];
    assert!(shoreline(&plot).output().unwrap().status.success());
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&file).unwrap().contains("<svg"));
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[cfg(unix)]
#[test]
fn a_device_is_written_to_and_stays() {
    use std::os::unix::fs::{FileTypeExt, symlink};

    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("full.svg");
    symlink("/dev/full", &link).unwrap();
    let (text, code) = failure(&["plot", "power", "cpo-51t", "--out", link.to_str().unwrap()]);
    assert!(text.contains("No space left"), "{text}");
    assert_eq!(code, Some(1));
    assert!(fs::metadata(&link).unwrap().file_type().is_char_device());
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
}

#[test]
fn a_report_does_not_replace_its_description() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    let path = file.to_str().unwrap();
    assert!(shoreline(&["new", path]).output().unwrap().status.success());
    let before = fs::read(&file).unwrap();
    let (text, code) = failure(&["run", path, "--report", path]);
    assert!(text.contains("endings: .html, .htm"), "{text}");
    assert_eq!(code, Some(2));
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn every_name_that_is_none_is_said_at_once() {
    let (text, code) = failure(&["compare", "nosuch", "cpo-51t", "cpo51t"]);
    assert!(
        text.contains("\"nosuch\"") && text.contains("did you mean \"cpo-51t\""),
        "{text}"
    );
    assert_eq!(text.matches("platforms: ").count(), 1, "{text}");
    assert_eq!(code, Some(2));
}
