//! Runs the comparisons with peers and papers below `validation/`.
//!
//! A comparison is a folder with a `run.toml`: `title`, `command` (a list; `python` is the one of the
//! comparison's own environment, `cargo` the one that runs us) and, where Python packages are needed,
//! `requirements`, the name of the file that lists them. A command that ends with code 77 says that what it
//! compares with is not there; that is no failure, and is reported as not run.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::cargo::Workspace;
use crate::check::Problems;

/// The content of a `run.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    title: String,
    command: Vec<String>,
    requirements: Option<String>,
}

/// The exit code of a comparison that could not be made.
const NOT_RUN: i32 = 77;

/// How a comparison ended that did not fail.
enum Outcome {
    Agrees,
    NotRun,
}

/// Runs each comparison, all of them also after one failed.
///
/// # Errors
/// The folder cannot be read.
pub(crate) fn run(ws: &Workspace) -> Result<Problems> {
    let names = case_names(&ws.root().join("validation"))?;
    if names.is_empty() {
        println!("  there is no validation/*/run.toml");
    }
    let mut found = Vec::new();
    for name in &names {
        let start = Instant::now();
        let outcome = run_case(ws, name);
        let taken = start.elapsed().as_secs_f64();
        match outcome {
            Ok(Outcome::Agrees) => println!("  {name}: passed in {taken:.1} s"),
            Ok(Outcome::NotRun) => println!("  {name}: NOT RUN"),
            Err(error) => {
                println!("  {name}: FAILED in {taken:.1} s");
                found.push(format!("validation/{name}: {error:#}"));
            }
        }
    }
    Ok(found)
}

/// Names of the folders that hold a `run.toml`, sorted.
fn case_names(folder: &Path) -> Result<Vec<String>> {
    if !folder.exists() {
        return Ok(vec![]);
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.path().join("run.toml").exists() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn run_case(ws: &Workspace, name: &str) -> Result<Outcome> {
    let folder = ws.root().join("validation").join(name);
    let case = parse(&std::fs::read_to_string(folder.join("run.toml"))?)?;
    println!("  {name}: {}", case.title);
    let venv = ws.target_dir()?.join("validation-venv").join(name);
    if let Some(requirements) = &case.requirements {
        install(ws, &venv, &folder.join(requirements))?;
    }
    let (program, arguments) = case.command.split_first().context("'command' is empty")?;
    let mut command = match program.as_str() {
        "cargo" => ws.command(ws.cargo_program()),
        "python" if case.requirements.is_some() => ws.command(python(&venv)),
        "python" => ws.command("python3"),
        other => ws.command(other),
    };
    command.args(arguments).current_dir(&folder);
    compare(&mut command, &case.command.join(" "))
}

fn parse(content: &str) -> Result<Case> {
    let case: Case = toml::from_str(content).context("run.toml")?;
    if case.command.is_empty() {
        bail!("run.toml: 'command' is empty");
    }
    Ok(case)
}

fn python(venv: &Path) -> PathBuf {
    venv.join("bin/python")
}

/// Makes the environment anew unless the one that is there was made from the same list.
///
/// The list is copied into the environment last, so a broken installation is never taken for a
/// finished one.
fn install(ws: &Workspace, venv: &Path, requirements: &Path) -> Result<()> {
    let wanted = std::fs::read_to_string(requirements)
        .with_context(|| format!("cannot read {}", requirements.display()))?;
    let stamp = venv.join("installed.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    succeed(
        ws.command("python3")
            .args(["-m", "venv", "--clear"])
            .arg(venv),
        "python3 -m venv",
    )?;
    succeed(
        ws.command(python(venv))
            .args(["-m", "pip", "install", "--quiet"])
            .arg("--disable-pip-version-check")
            .arg("--requirement")
            .arg(requirements),
        "pip install",
    )?;
    std::fs::write(&stamp, wanted)?;
    Ok(())
}

/// Runs a command with its output on the terminal.
fn succeed(command: &mut Command, name: &str) -> Result<()> {
    match compare(command, name)? {
        Outcome::Agrees => Ok(()),
        Outcome::NotRun => bail!("'{name}': exit code {NOT_RUN}"),
    }
}

/// The same for the command of a comparison.
fn compare(command: &mut Command, name: &str) -> Result<Outcome> {
    let status = command
        .status()
        .with_context(|| format!("cannot start '{name}'"))?;
    match status.code() {
        Some(0) => Ok(Outcome::Agrees),
        Some(NOT_RUN) => Ok(Outcome::NotRun),
        _ => bail!("'{name}': {status}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_names_its_command_as_a_list() {
        let case = parse("title = 'A'\ncommand = ['python', 'a.py']\n").expect("a case");
        assert_eq!(case.command, ["python", "a.py"]);
        assert_eq!(case.requirements, None);
    }

    #[test]
    fn a_malformed_case_is_an_error() {
        for text in [
            "title = 'A'\n",
            "title = 'A'\ncommand = []\n",
            "title = 'A'\ncommand = 'python a.py'\n",
            "title = 'A'\ncommand = ['x']\nrequirement = 'misspelt.txt'\n",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_command_that_fails_or_is_absent_is_an_error() {
        assert!(succeed(Command::new("python3").args(["-c", "pass"]), "x").is_ok());
        assert!(succeed(Command::new("python3").args(["-c", "exit(3)"]), "x").is_err());
        assert!(succeed(&mut Command::new("no-such-program-anywhere"), "x").is_err());
    }

    #[test]
    fn a_comparison_that_could_not_be_made_is_neither_passed_nor_failed() {
        let ends_with = |code: i32| {
            let script = format!("exit({code})");
            compare(Command::new("python3").args(["-c", &script]), "x")
        };
        assert!(matches!(ends_with(0), Ok(Outcome::Agrees)));
        assert!(matches!(ends_with(NOT_RUN), Ok(Outcome::NotRun)));
        assert!(ends_with(1).is_err());
        // What makes the environment cannot be left out.
        assert!(succeed(Command::new("python3").args(["-c", "exit(77)"]), "x").is_err());
    }
}
