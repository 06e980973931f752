//! The library parses, and each source that a record names is known.
//!
//! What the records mean is checked by the tests of the crate that reads them; this step holds what
//! must be true of every file there, also of one that nobody reads yet.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use toml::{Table, Value};

use crate::cargo::Workspace;
use crate::check::Problems;
use crate::tree;

/// Where sources are listed, one table each.
const SOURCES: &str = "sources.toml";

/// Checks `library/`.
///
/// # Errors
/// A file cannot be read.
pub(crate) fn run(ws: &Workspace) -> Result<Problems> {
    let folder = ws.root().join("library");
    if !folder.exists() {
        println!("  there is no library/");
        return Ok(Problems::new());
    }
    let mut files = Vec::new();
    for path in tree::files_ending(&folder, "toml")? {
        let content = std::fs::read_to_string(folder.join(&path))?;
        files.push((path.to_string_lossy().into_owned(), content));
    }
    println!("  {} files", files.len());
    let checked = check(&files);
    if !checked.unnamed.is_empty() {
        println!("  named by no record: {}", checked.unnamed.join(", "));
    }
    Ok(checked.problems)
}

/// What is wrong, and which sources no record names, which is worth knowing but not wrong.
#[derive(Debug, Default)]
struct Checked {
    problems: Problems,
    unnamed: Vec<String>,
}

/// Takes names below `library/` with contents.
fn check(files: &[(String, String)]) -> Checked {
    let mut found = Checked::default();
    let mut known = None;
    let mut named = Vec::new();
    for (name, content) in files {
        match content.parse::<Table>() {
            Err(error) => found.problems.push(format!("library/{name}: {error}")),
            Ok(table) if Path::new(name) == Path::new(SOURCES) => known = Some(keys(&table)),
            Ok(table) => {
                let mut sources = Vec::new();
                collect(&table, &mut sources);
                named.extend(sources.into_iter().map(|source| (name, source)));
            }
        }
    }
    let Some(known) = known else {
        if !named.is_empty() {
            found
                .problems
                .push(format!("there is no readable library/{SOURCES}"));
        }
        return found;
    };
    for (name, source) in &named {
        if !known.contains(source) {
            found.problems.push(format!(
                "library/{name}: source '{source}' is not in library/{SOURCES}"
            ));
        }
    }
    found.unnamed = known
        .into_iter()
        .filter(|source| !named.iter().any(|(_, other)| other == source))
        .collect();
    found
}

/// Keys of the sources: the tables of the file, or those within `[source]` or `[sources]`.
fn keys(table: &Table) -> BTreeSet<String> {
    let list = ["source", "sources"]
        .iter()
        .find_map(|key| table.get(*key)?.as_table())
        .unwrap_or(table);
    list.iter()
        .filter(|(_, value)| value.is_table())
        .map(|(key, _)| key.clone())
        .collect()
}

/// Adds what each `source = "..."` or `source = ["...", "..."]` names, at any depth.
fn collect(table: &Table, found: &mut Vec<String>) {
    for (key, value) in table {
        if key == "source" || key == "sources" {
            found.extend(strings(value));
        }
        match value {
            Value::Table(inner) => collect(inner, found),
            Value::Array(items) => items
                .iter()
                .filter_map(Value::as_table)
                .for_each(|inner| collect(inner, found)),
            _ => {}
        }
    }
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: (&str, &str) = ("sources.toml", "format = 1\n[paper]\ntitle = 'A'\n");

    fn assert_problems(files: &[(&str, &str)], expected: &[&str]) -> Vec<String> {
        let files: Vec<_> = files
            .iter()
            .map(|(name, content)| ((*name).to_owned(), (*content).to_owned()))
            .collect();
        let Checked { problems, unnamed } = check(&files);
        assert_eq!(problems.len(), expected.len(), "{problems:?}");
        for (found, expected) in problems.iter().zip(expected) {
            assert!(found.contains(expected), "{found} lacks {expected}");
        }
        unnamed
    }

    #[test]
    fn known_sources_pass_wherever_they_are_named() {
        let nested = ("sources.toml", "[source.paper]\ntitle = 'A'\n");
        assert_problems(&[], &[]);
        for record in [
            "[x]\nsource = 'paper'\n",
            "[[x]]\ny = { source = ['paper'] }\n",
        ] {
            for list in [LIST, nested] {
                let unnamed = assert_problems(&[list, ("a.toml", record)], &[]);
                assert!(unnamed.is_empty(), "{unnamed:?}");
            }
        }
    }

    #[test]
    fn unknown_sources_fail_and_unnamed_ones_are_told() {
        let record = ("a.toml", "[x]\nsource = 'papr'\n");
        let unnamed = assert_problems(&[LIST, record], &["'papr' is not in"]);
        assert_eq!(unnamed, ["paper"]);
        assert_problems(&[record], &["no readable library/sources.toml"]);
    }

    #[test]
    fn a_file_that_does_not_parse_fails() {
        let broken = ("a.toml", "[x\n");
        assert_problems(
            &[LIST, broken, ("b.toml", "source = 'paper'")],
            &["library/a.toml"],
        );
    }
}
