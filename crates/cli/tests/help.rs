//! Every example of every help text runs.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]
#![expect(
    clippy::disallowed_methods,
    reason = "examples read and write files, and the test waits for a server"
)]

mod common;

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use common::{output, shoreline};

/// The help of a command.
fn help(path: &[String]) -> String {
    let mut arguments: Vec<&str> = path.iter().map(String::as_str).collect();
    arguments.push("--help");
    let output = output(&arguments);
    assert!(output.status.success(), "{path:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The commands that a help text lists.
fn commands(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    listed
        .take_while(|line| !line.is_empty())
        .filter_map(|line| {
            // Descriptions that do not fit go on further right.
            let name = line.strip_prefix("  ")?;
            let name = name.split(' ').next().filter(|name| !name.is_empty())?;
            Some(name.to_owned())
        })
        .filter(|name| name != "help")
        .collect()
}

/// The examples at the end of a help text; a backslash joins lines.
fn examples(help: &str) -> Vec<String> {
    let text = help.replace("\\\n", " ");
    let heads = ["Example:", "Examples:"];
    let lines = text.lines().skip_while(|line| !heads.contains(line));
    lines
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| line.starts_with("shoreline"))
        .map(str::to_owned)
        .collect()
}

/// All commands, the program itself first.
fn all_commands() -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    let mut next = 0;
    while next < all.len() {
        let path = all[next].clone();
        for name in commands(&help(&path)) {
            let mut below = path.clone();
            below.push(name);
            all.push(below);
        }
        next += 1;
    }
    all
}

/// Files that examples read.
fn prepare(example: &str, folder: &Path) {
    for name in ["my-switch.toml", "old.toml"] {
        let is_made = example.starts_with("shoreline new ");
        if example.contains(name) && !is_made && !folder.join(name).exists() {
            let made = shoreline(&["new", name]).current_dir(folder).output();
            assert!(made.unwrap().status.success(), "{example}");
        }
    }
}

/// Packages, scenarios and worlds that examples read.
fn prepare_inputs(example: &str, folder: &Path) {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    for (of, name) in [
        ("heat", "package.ecxml"),
        ("heat", "powers.csv"),
        ("heat", "asic.csv"),
        ("scenarios", "coolant.toml"),
        ("scenarios", "day.toml"),
        ("worlds", "two-leaves.toml"),
    ] {
        if example.contains(name) {
            std::fs::copy(examples.join(of).join(name), folder.join(name)).unwrap();
        }
    }
}

#[test]
fn the_package_of_the_manual_is_that_of_the_examples() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["package.ecxml", "powers.csv", "asic.csv"] {
        let read = |folder: &str| std::fs::read(root.join(folder).join(name)).unwrap();
        assert!(
            read("../../examples/heat") == read("tests/cmd/heat.in"),
            "{name}"
        );
    }
}

#[test]
fn the_world_of_the_manual_is_that_of_the_examples() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["two-leaves.toml", "dirty-fibre.toml"] {
        let read = |folder: &str| std::fs::read(root.join(folder).join(name)).unwrap();
        assert!(
            read("../../examples/worlds") == read("tests/cmd/world.in"),
            "{name}"
        );
    }
}

/// Runs a line of a shell that finds the program.
fn shell(line: &str, folder: &Path) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_shoreline"));
    let programs = program.parent().unwrap().display().to_string();
    let path = std::env::var("PATH").unwrap();
    let mut command = Command::new("sh");
    command
        .args(["-e", "-c", line])
        .current_dir(folder)
        .env("PATH", format!("{programs}:{path}"));
    command
}

#[test]
fn every_command_has_examples_and_all_of_them_run() {
    let mut seen = BTreeSet::new();
    let mut failures = Vec::new();
    for path in all_commands() {
        let help = help(&path);
        let found = examples(&help);
        assert!(!found.is_empty(), "{path:?} has no example:\n{help}");
        // Examples of one command may go on with what those before have written.
        let folder = tempfile::tempdir().unwrap();
        for example in found {
            if !seen.insert(example.clone()) {
                continue;
            }
            prepare(&example, folder.path());
            prepare_inputs(&example, folder.path());
            if example.starts_with("shoreline serve ") {
                serve(&example, folder.path());
                continue;
            }
            let output = shell(&example, folder.path()).output().unwrap();
            if !output.status.success() {
                let error = String::from_utf8_lossy(&output.stderr);
                failures.push(format!("$ {example}\n{error}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    // A reader of the help that finds nothing would pass for nothing.
    assert!(seen.len() > 20, "{seen:?}");
}

/// A server runs until it is stopped: it must say that it serves, and end when it is asked to.
fn serve(example: &str, folder: &Path) {
    let mut server = shell(&format!("exec {example}"), folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(server.stdout.take().unwrap()).lines();
    let is_up = said
        .map_while(Result::ok)
        .any(|line| line == "Ctrl-C ends it");
    let asked = Command::new("kill").arg(server.id().to_string()).status();
    assert!(asked.unwrap().success());
    let ended = server.wait().unwrap();
    assert!(is_up, "{example} did not come up");
    assert!(ended.success(), "{example} ended with {ended}");
}

#[test]
fn completions_load_in_bash() {
    let Ok(found) = Command::new("bash").arg("--version").output() else {
        return;
    };
    assert!(found.status.success());
    let folder = tempfile::tempdir().unwrap();
    // What bash would offer behind `shoreline pl` and behind `shoreline plot w`.
    let offers = "COMP_WORDS=(shoreline pl) COMP_CWORD=1; _shoreline shoreline pl shoreline; \
        echo \"${COMPREPLY[@]}\"; \
        COMP_WORDS=(shoreline plot w) COMP_CWORD=2; _shoreline shoreline w plot; \
        echo \"${COMPREPLY[@]}\"";
    let line = format!(
        "shoreline completions bash > it.bash; bash -n it.bash; \
         bash -c '. ./it.bash; complete -p shoreline; {offers}'"
    );
    let output = shell(&line, folder.path()).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].contains("_shoreline shoreline"), "{text}");
    assert_eq!(lines[1], "plot");
    assert_eq!(lines[2], "waterfall");
}

#[test]
fn completions_know_every_command_in_every_shell() {
    let names = commands(&help(&[]));
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = output(&["completions", shell]);
        assert!(output.status.success(), "{shell}");
        let script = String::from_utf8(output.stdout).unwrap();
        for name in &names {
            assert!(script.contains(name.as_str()), "{shell} lacks {name}");
        }
    }
}

#[test]
fn every_command_has_a_page_with_its_examples() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("pages");
    let written = output(&["man", "--dir", pages.to_str().unwrap()]);
    assert!(written.status.success());
    for path in all_commands() {
        let mut words = vec!["shoreline".to_owned()];
        words.extend(path.clone());
        let file = pages.join(format!("{}.1", words.join("-")));
        let text = std::fs::read_to_string(&file).unwrap();
        let mut arguments = vec!["man"];
        arguments.extend(path.iter().map(String::as_str));
        assert_eq!(text.as_bytes(), output(&arguments).stdout, "{path:?}");
        assert!(text.contains(".SH SYNOPSIS"), "{path:?}");
        let plain = text.replace('\\', "");
        for example in examples(&help(&path)) {
            let first = example.split("  ").next().unwrap();
            // Quotes are written otherwise in a page.
            let first = first.split('\'').next().unwrap();
            assert!(plain.contains(first), "{path:?} lacks {first}");
        }
    }
}
