//! Broken variants of a crate, each of which its own tests have to catch.
//!
//! `xtask/mutants.toml` lists changes of single places. Each is made in a copy of the crates, below the
//! folder that cargo builds into, and the tests have to fail there; without any change they have to
//! pass.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::cargo::Workspace;
use crate::check::Problems;
use crate::tree;

/// The content of `xtask/mutants.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mutants {
    /// Folders below `crates` that are copied.
    crates: Vec<String>,
    /// What cargo is asked to do.
    test: Vec<String>,
    mutant: Vec<Mutant>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mutant {
    name: String,
    file: String,
    find: String,
    replace: String,
}

/// Makes each change and runs the tests.
///
/// # Errors
/// The list or a file cannot be read, the copy cannot be written, the tests fail without any change.
pub(crate) fn run(ws: &Workspace) -> Result<Problems> {
    let list: Mutants = ws.list("mutants.toml")?;
    let copy = ws.target_dir()?.join("mutants");
    copy_crates(ws, &list.crates, &copy)?;
    let build: Vec<String> = list
        .test
        .iter()
        .cloned()
        .chain(["--no-run".to_owned()])
        .collect();
    if !passes(ws, &list.test, &copy)? {
        bail!("the tests fail without any change");
    }
    let mut found = Problems::new();
    for mutant in &list.mutant {
        let original = std::fs::read_to_string(ws.root().join(&mutant.file))
            .with_context(|| format!("cannot read {}", mutant.file))?;
        let changed = match mutated(&original, mutant) {
            Ok(changed) => changed,
            Err(problem) => {
                found.push(problem);
                continue;
            }
        };
        let path = copy.join(&mutant.file);
        std::fs::write(&path, changed)?;
        let is_built = passes(ws, &build, &copy)?;
        let is_caught = !passes(ws, &list.test, &copy)?;
        std::fs::write(&path, original)?;
        if !is_built {
            found.push(format!("it does not compile: {}", mutant.name));
            continue;
        }
        let verdict = if is_caught { "caught" } else { "NOT CAUGHT" };
        println!("  {verdict}: {}", mutant.name);
        if !is_caught {
            found.push(format!("no test fails although {}", mutant.name));
        }
    }
    println!("  {} variants", list.mutant.len());
    Ok(found)
}

/// The file with the change.
fn mutated(original: &str, mutant: &Mutant) -> Result<String, String> {
    let n = original.matches(&mutant.find).count();
    if n != 1 {
        return Err(format!(
            "xtask/mutants.toml: {:?} stands in {} {n} times; it has to stand there once ({})",
            mutant.find, mutant.file, mutant.name
        ));
    }
    Ok(original.replace(&mutant.find, &mutant.replace))
}

/// Copies crates with a manifest that knows only them.
fn copy_crates(ws: &Workspace, crates: &[String], copy: &Path) -> Result<()> {
    let manifest = std::fs::read_to_string(ws.root().join("Cargo.toml"))?;
    let mut manifest: toml::Table = manifest.parse().context("Cargo.toml")?;
    let members: Vec<toml::Value> = crates
        .iter()
        .map(|name| toml::Value::String(format!("crates/{name}")))
        .collect();
    let workspace = manifest
        .get_mut("workspace")
        .and_then(toml::Value::as_table_mut)
        .context("Cargo.toml has no workspace")?;
    workspace.insert("members".to_owned(), toml::Value::Array(members));
    for key in ["default-members", "exclude"] {
        workspace.remove(key);
    }
    // A change that does nothing else than leave something unused is still a change.
    workspace.remove("lints");
    for name in crates {
        let from = ws.root().join("crates").join(name);
        let to = copy.join("crates").join(name);
        if to.exists() {
            std::fs::remove_dir_all(&to)?;
        }
        for extension in ["rs", "toml"] {
            for path in tree::files_ending(&from, extension)? {
                let target = to.join(&path);
                if let Some(folder) = target.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                let text = std::fs::read_to_string(from.join(&path))?;
                let text = if extension == "toml" {
                    text.replace("[lints]\nworkspace = true\n", "")
                } else {
                    text
                };
                std::fs::write(target, text)?;
            }
        }
    }
    std::fs::write(copy.join("Cargo.toml"), toml::to_string(&manifest)?)?;
    std::fs::copy(ws.root().join("Cargo.lock"), copy.join("Cargo.lock"))?;
    Ok(())
}

/// Whether the tests pass in the copy. What they print is not shown: most of them shall fail.
fn passes(ws: &Workspace, test: &[String], copy: &Path) -> Result<bool> {
    let status = Command::new(ws.cargo_program())
        .args(test)
        .current_dir(copy)
        .env("CARGO_TARGET_DIR", copy.join("target"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .context("cannot start cargo")?;
    Ok(status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutant(find: &str) -> Mutant {
        Mutant {
            name: "it is broken".to_owned(),
            file: "a.rs".to_owned(),
            find: find.to_owned(),
            replace: "b".to_owned(),
        }
    }

    #[test]
    fn what_is_changed_stands_there_once() {
        assert_eq!(mutated("x a y", &mutant("a")).as_deref(), Ok("x b y"));
        assert!(mutated("a a", &mutant("a")).is_err());
        assert!(mutated("c", &mutant("a")).is_err());
    }
}
