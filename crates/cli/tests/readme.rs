//! Every command of the manual that runs the program is run, and what the manual shows is what it
//! prints.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]
#![expect(clippy::disallowed_methods, reason = "the manual is a file")]

use std::fs;
use std::path::{Path, PathBuf};

const MANUAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");
/// How a fresh clone runs the program.
const CARGO: &str = "$ cargo run --release -- ";
/// What stands for it in the test, which has built the program already.
const BUILT: &str = "$ shoreline-of-a-clone ";

/// Gives the manual what the test wrote into its copy, which it does under `TRYCMD=overwrite` only.
struct WriteBack {
    copy: PathBuf,
    before: String,
}

impl Drop for WriteBack {
    fn drop(&mut self) {
        let after = fs::read_to_string(&self.copy).unwrap();
        if after != self.before {
            fs::write(MANUAL, for_people(&after)).unwrap();
        }
    }
}

/// The manual as `trycmd` wants it: an empty line, which people need not see, ends each output.
fn for_test(manual: &str) -> String {
    let mut text = String::new();
    let mut is_console = false;
    for line in manual.replace(CARGO, BUILT).lines() {
        if is_console && line == "```" {
            text.push('\n');
        }
        if line.starts_with("```") {
            is_console = line == "```console";
        }
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// The inverse of [`for_test`].
fn for_people(copy: &str) -> String {
    copy.replace(BUILT, CARGO).replace("\n\n```\n", "\n```\n")
}

#[test]
fn the_manual_survives_its_preparation() {
    let manual = fs::read_to_string(MANUAL).unwrap();
    assert_eq!(for_people(&for_test(&manual)), manual);
}

#[test]
fn commands_of_the_manual_print_what_it_shows() {
    let text = fs::read_to_string(MANUAL).unwrap();
    assert!(
        text.contains(CARGO),
        "the manual runs the program from a fresh clone"
    );
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("README.md");
    // These two make the commands run in a folder that holds the examples of a clone only.
    let clone = copy.with_extension("in");
    fs::create_dir(&clone).unwrap();
    fs::create_dir(copy.with_extension("out")).unwrap();
    let examples = Path::new("examples/measured");
    fs::create_dir_all(clone.join(examples)).unwrap();
    let source = Path::new(MANUAL).parent().unwrap().join(examples);
    for entry in fs::read_dir(source).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), clone.join(examples).join(entry.file_name())).unwrap();
    }
    let before = for_test(&text);
    fs::write(&copy, &before).unwrap();
    let _write_back = WriteBack {
        copy: copy.clone(),
        before,
    };
    let program = Path::new(env!("CARGO_BIN_EXE_shoreline")).to_owned();
    trycmd::TestCases::new()
        .register_bin("shoreline-of-a-clone", program.as_path())
        .register_bin("shoreline", program.as_path())
        .case(&copy)
        .run();
}

#[test]
fn commands_for_the_shell_run() {
    // Servers and builds are started by other tests.
    let text = fs::read_to_string(MANUAL).unwrap();
    let folder = tempfile::tempdir().unwrap();
    copy_folder(
        &Path::new(MANUAL).parent().unwrap().join("examples"),
        &folder.path().join("examples"),
    );
    let program = Path::new(env!("CARGO_BIN_EXE_shoreline"));
    let path = format!(
        "{}:{}",
        program.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let mut is_shell = false;
    let mut n_run = 0;
    for line in text.lines() {
        match line {
            "```sh" => is_shell = true,
            "```" => is_shell = false,
            line if is_shell
                && line.starts_with("shoreline ")
                && !line.starts_with("shoreline serve") =>
            {
                let output = std::process::Command::new("sh")
                    .args(["-e", "-c", line])
                    .current_dir(folder.path())
                    .env("PATH", &path)
                    .output()
                    .unwrap();
                let error = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "$ {line}\n{error}");
                n_run += 1;
            }
            _ => {}
        }
    }
    assert!(n_run > 5);
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn commands_for_the_shell_name_what_exists() {
    // Servers, pipes and builds too.
    let text = fs::read_to_string(MANUAL).unwrap();
    let mut n_commands = 0;
    let mut is_shell = false;
    for line in text.lines() {
        match line.trim_start() {
            "```sh" => is_shell = true,
            "```" => is_shell = false,
            line if is_shell => {
                let rest = line
                    .strip_prefix("shoreline ")
                    .or(line.strip_prefix("cargo run --release -- "));
                let Some(rest) = rest else { continue };
                let words = rest.split_whitespace();
                // A command of a command has options of its own.
                let command = words.take_while(|word| !word.starts_with(['-', '#', '|', '>', '&']));
                let output = std::process::Command::new(env!("CARGO_BIN_EXE_shoreline"))
                    .args(command)
                    .arg("--help")
                    .output()
                    .unwrap();
                assert!(output.status.success(), "{line}");
                let help = String::from_utf8(output.stdout).unwrap();
                for option in rest
                    .split_whitespace()
                    .filter(|word| word.starts_with("--"))
                {
                    assert!(help.contains(option), "{line}: {option}");
                }
                n_commands += 1;
            }
            _ => {}
        }
    }
    assert!(n_commands > 0);
}
