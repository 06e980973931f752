//! Each dependency has its reason in a comment above it.

use std::ops::Range;

use anyhow::{Context, Result};
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::cargo::Workspace;
use crate::check::Problems;
use crate::tree;

/// Checks each manifest of the tree.
///
/// # Errors
/// A manifest cannot be read.
pub(crate) fn run(ws: &Workspace) -> Result<Problems> {
    let mut found = Vec::new();
    for path in tree::files(ws.root())? {
        if path.file_name().is_some_and(|name| name == "Cargo.toml") {
            let content = std::fs::read_to_string(ws.root().join(&path))?;
            let name = path.display().to_string();
            for problem in problems(&content).with_context(|| name.clone())? {
                found.push(format!("{name}:{problem}"));
            }
        }
    }
    Ok(found)
}

/// One dependency of a manifest.
#[derive(Debug)]
struct Dependency {
    name: String,
    /// Lines it stands on, counted from 0.
    lines: Range<usize>,
    /// A crate of our own in the root manifest, where one comment serves for all of them.
    is_own: bool,
}

/// Dependencies without a comment above the run of dependencies they stand in, or whose comment
/// does not name them.
fn problems(content: &str) -> Result<Problems> {
    let lines: Vec<&str> = content.lines().map(str::trim).collect();
    let dependencies = dependencies(content)?;
    let mut found = Vec::new();
    for Dependency {
        name,
        lines: place,
        is_own,
    } in &dependencies
    {
        let mut top = place.start;
        while let Some(above) = dependencies.iter().find(|other| other.lines.end == top) {
            top = above.lines.start;
        }
        let comment: Vec<&str> = lines[..top]
            .iter()
            .rev()
            .take_while(|line| line.starts_with('#'))
            .copied()
            .collect();
        let line = place.start + 1;
        if comment.is_empty() {
            found.push(format!(
                "{line}: {name} has no comment above it that says why"
            ));
        } else if !is_own && !comment.iter().any(|text| names(text, name)) {
            found.push(format!("{line}: the comment above {name} does not name it"));
        }
    }
    Ok(found)
}

/// Whether a comment holds the name as a whole word.
fn names(comment: &str, name: &str) -> bool {
    comment
        .split(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == '-'))
        .any(|word| word == name)
}

/// The dependencies of all kinds of sections, in the order of the file.
fn dependencies(content: &str) -> Result<Vec<Dependency>> {
    let manifest = DeTable::parse(content)?;
    let mut found = Vec::new();
    collect(manifest.get_ref(), content, false, &mut found);
    found.sort_by_key(|dependency| dependency.lines.start);
    Ok(found)
}

fn collect(table: &DeTable<'_>, content: &str, is_root: bool, found: &mut Vec<Dependency>) {
    for (key, value) in table {
        let Some(inner) = value.get_ref().as_table() else {
            continue;
        };
        match key.get_ref().as_ref() {
            "dependencies" | "dev-dependencies" | "build-dependencies" => {
                found.extend(inner.iter().map(|(name, value)| Dependency {
                    name: name.get_ref().as_ref().to_owned(),
                    lines: place(content, name, value),
                    is_own: is_root && has_path(value.get_ref()),
                }));
            }
            "workspace" => collect(inner, content, true, found),
            "target" => {
                for platform in inner.values().filter_map(|v| v.get_ref().as_table()) {
                    collect(platform, content, is_root, found);
                }
            }
            _ => {}
        }
    }
}

fn has_path(value: &DeValue<'_>) -> bool {
    value
        .as_table()
        .is_some_and(|table| table.contains_key("path"))
}

fn place(content: &str, key: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>) -> Range<usize> {
    let line_of = |offset: usize| content[..offset].matches('\n').count();
    line_of(key.span().start)..line_of(value.span().end.max(key.span().end)) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(manifest: &str, expected: &[&str]) {
        let found = problems(manifest).unwrap_or_else(|e| panic!("{manifest}: {e}"));
        assert_eq!(found, expected, "{manifest}");
    }

    #[test]
    fn a_comment_directly_above_is_a_reason() {
        check("[dependencies]\n# libm: erfc.\nlibm = \"0.2\"\n", &[]);
        check(
            "[dependencies]\n# libm: erfc,\n# which std lacks.\nlibm.workspace = true\n",
            &[],
        );
    }

    #[test]
    fn no_comment_or_one_apart_is_none() {
        check(
            "[dependencies]\nlibm = \"0.2\"\n",
            &["2: libm has no comment above it that says why"],
        );
        check(
            "[dependencies]\n# libm: erfc.\n\nlibm = \"0.2\"\n",
            &["4: libm has no comment above it that says why"],
        );
        check(
            "# libm: erfc.\n[dev-dependencies]\nlibm = \"0.2\"\n",
            &["3: libm has no comment above it that says why"],
        );
    }

    #[test]
    fn a_comment_serves_for_the_dependencies_it_names() {
        let text = "[dependencies]\n# a and b: wire form.\na = \"1\"\nb = \"1\"\n";
        check(text, &[]);
        check(
            &format!("{text}c = \"1\"\n"),
            &["5: the comment above c does not name it"],
        );
    }

    #[test]
    fn a_dependency_may_take_several_lines() {
        check(
            "[dependencies]\n# a and b: both.\na = { version = \"1\", features = [\n  \"x\",\n] }\nb = \"1\"\n",
            &[],
        );
    }

    #[test]
    fn our_own_crates_share_a_comment_in_the_root_only() {
        let own = "# Our own.\nunits = { path = \"u\" }\nlink = { path = \"l\" }\n";
        check(&format!("[workspace.dependencies]\n{own}"), &[]);
        check(
            &format!("[dependencies]\n{own}"),
            &[
                "3: the comment above units does not name it",
                "4: the comment above link does not name it",
            ],
        );
        check(
            "[workspace.dependencies]\nunits = { path = \"u\" }\n",
            &["2: units has no comment above it that says why"],
        );
    }

    #[test]
    fn each_kind_of_section_is_read() {
        for section in [
            "dependencies",
            "dev-dependencies",
            "build-dependencies",
            "workspace.dependencies",
            "target.'cfg(unix)'.dependencies",
            "target.'cfg(unix)'.dev-dependencies",
        ] {
            check(
                &format!("[{section}]\na = \"1\"\n"),
                &["2: a has no comment above it that says why"],
            );
        }
        check("[features]\na = []\n[package]\nname = \"b\"\n", &[]);
    }

    #[test]
    fn a_dependency_may_have_its_own_heading() {
        check("# a: why.\n[dependencies.a]\nversion = \"1\"\n", &[]);
        check(
            "[dependencies.a]\nversion = \"1\"\n",
            &["1: a has no comment above it that says why"],
        );
    }
}
