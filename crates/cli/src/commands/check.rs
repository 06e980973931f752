//! `check`, `schema`, `new`, `migrate`: working on descriptions, and `check` on worlds.
use std::io::Write as _;

use anyhow::{Context as _, Result};
use system::{EntityKind, Library, Problems, System, json_schema, nearest};
use twin::world_file::WorldFile;

use crate::args;
use crate::files;
use crate::input;
use crate::output::{BadInput, Output, UsageError, quoted};

/// Checks every named description or world; all problems of all files are reported.
pub(crate) fn run(check: &args::Check, out: &mut Output) -> Result<()> {
    let library = input::library(check.resolve.library.as_deref())?;
    let mut problems = Vec::new();
    let mut reports = Vec::new();
    for name in &check.systems {
        match found(name, &library, &check.resolve) {
            Ok(Found::World(world)) => {
                let switches = world.switches.iter();
                let names: Vec<&str> = switches.map(|of| of.name.as_str()).collect();
                if check.json {
                    reports.push(serde_json::json!({
                        "system": name, "ok": true, "switches": names, "problems": [],
                    }));
                } else {
                    let n = report::counted(names.len(), "switch");
                    writeln!(out, "{name}: ok (a world of {n})")?;
                }
            }
            Ok(Found::System(system)) => {
                let counts: Vec<(&str, usize)> = EntityKind::ALL
                    .into_iter()
                    .filter(|kind| *kind != EntityKind::Switch)
                    .map(|kind| (kind.name(), system.count(kind)))
                    .collect();
                if check.json {
                    let counts: serde_json::Map<_, _> = counts
                        .iter()
                        .map(|(name, count)| ((*name).to_owned(), (*count).into()))
                        .collect();
                    reports.push(serde_json::json!({
                        "system": name, "ok": true, "fingerprint": system.fingerprint.to_string(),
                        "counts": counts, "warnings": system.warnings, "problems": [],
                    }));
                } else {
                    let counts: Vec<_> = counts
                        .iter()
                        .filter(|(_, count)| *count > 0)
                        .map(|(name, count)| report::counted(*count, &noun(name)))
                        .collect();
                    writeln!(out, "{name}: ok ({})", counts.join(", "))?;
                    for warning in &system.warnings {
                        writeln!(out, "  warning: {warning}")?;
                    }
                }
            }
            Err(error) => match error.downcast::<BadInput>() {
                Ok(BadInput(found)) => {
                    if check.json {
                        reports.push(serde_json::json!({
                            "system": name, "ok": false, "problems": found.0.iter().map(problem_json).collect::<Vec<_>>(),
                        }));
                    }
                    problems.extend(found.0);
                }
                Err(error) => return Err(error),
            },
        }
    }
    if check.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&reports)?)?;
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(BadInput(Problems(problems)).into())
    }
}

/// What a name leads to.
enum Found {
    System(Box<System>),
    World(WorldFile),
}

/// Reads a description or a world.
fn found(name: &str, library: &Library, resolve: &args::Resolve) -> Result<Found> {
    let read = input::read(name, library)?;
    Ok(if read.is_world() {
        Found::World(read.world(library, &resolve.sets).map_err(BadInput)?)
    } else {
        let system = read.resolve(library, &resolve.sets).map_err(BadInput)?;
        Found::System(Box::new(system))
    })
}

/// The name of a kind of entity as a word of a sentence.
fn noun(kind: &str) -> String {
    let word = |word: &str| match word {
        "asic" | "fau" => word.to_uppercase(),
        "serdes" => "SerDes".to_owned(),
        _ => word.to_owned(),
    };
    kind.split('_').map(word).collect::<Vec<_>>().join(" ")
}

fn problem_json(problem: &system::Problem) -> serde_json::Value {
    let (line, column) = problem.span.line_column();
    serde_json::json!({
        "code": problem.code, "message": problem.message, "help": problem.help,
        "file": problem.span.source.name, "line": line, "column": column,
    })
}

/// Prints the JSON schema.
pub(crate) fn schema(out: &mut Output) -> Result<()> {
    out.write_all(json_schema().as_bytes())?;
    Ok(())
}

/// Writes a new description.
pub(crate) fn new(new: &args::New, out: &mut Output) -> Result<()> {
    let library = input::library(None)?;
    let Some(text) = library.platform(&new.from) else {
        let near = nearest(&new.from, library.platforms())
            .map_or_else(String::new, |n| format!("; did you mean {n:?}?"));
        return Err(UsageError(format!("no platform {:?}{near}", new.from)).into());
    };
    let name = new
        .file
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    let text = text.replacen(
        &format!("name = {:?}", new.from),
        &format!("name = {name:?}"),
        1,
    );
    files::create(&new.file, text.as_bytes())
        .with_context(|| format!("cannot create {}", new.file.display()))?;
    let file = new.file.display().to_string();
    writeln!(out, "wrote {file}\nnext: shoreline run {}", quoted(&file))?;
    Ok(())
}

/// Prints or writes the migrated text.
pub(crate) fn migrate(migrate: &args::Migrate, out: &mut Output) -> Result<()> {
    let bytes = input::read_named(&migrate.file)?;
    let name = migrate.file.display().to_string();
    let text = system::migrate(&name, &bytes).map_err(BadInput)?;
    if !migrate.write {
        out.write_all(text.as_bytes())?;
        return Ok(());
    }
    if text.as_bytes() == bytes {
        writeln!(out, "{name} is in the current format already")?;
        return Ok(());
    }
    files::replace(&migrate.file, text.as_bytes())
        .with_context(|| format!("cannot replace {name}"))?;
    writeln!(out, "rewrote {name}")?;
    Ok(())
}
