//! No file contains what `xtask/words.toml` forbids.

use anyhow::Result;
use serde::Deserialize;

use crate::cargo::Workspace;
use crate::check::Problems;
use crate::tree;

/// The content of `xtask/words.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    forbidden: Vec<Forbidden>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Forbidden {
    text: String,
    /// Files it is looked for in; all when absent.
    extensions: Option<Vec<String>>,
    reason: String,
}

/// Checks each text file of the tree.
///
/// # Errors
/// The list or a file cannot be read.
pub(crate) fn run(ws: &Workspace) -> Result<Problems> {
    let rules: Rules = ws.list("words.toml")?;
    let mut found = Vec::new();
    for path in tree::files(ws.root())? {
        let bytes = std::fs::read(ws.root().join(&path))?;
        let name = path.to_string_lossy();
        // The list itself holds what it forbids; what is not text is not read.
        if let Ok(content) = str::from_utf8(&bytes)
            && name != "xtask/words.toml"
        {
            found.extend(problems(&rules, &name, content));
        }
    }
    Ok(found)
}

fn problems(rules: &Rules, name: &str, content: &str) -> Problems {
    let extension = name.rsplit('.').next().unwrap_or_default();
    let applies = |entry: &&Forbidden| {
        entry
            .extensions
            .as_ref()
            .is_none_or(|known| known.iter().any(|known| known == extension))
    };
    let mut found = Vec::new();
    for entry in rules.forbidden.iter().filter(applies) {
        // A quick look at the whole file first: nearly all files hold nothing.
        if !content.contains(&entry.text) {
            continue;
        }
        for (index, line) in content.lines().enumerate() {
            if contains_word(line, &entry.text) {
                found.push(format!(
                    "{name}:{}: '{}': {}",
                    index + 1,
                    entry.text,
                    entry.reason
                ));
            }
        }
    }
    found
}

/// Whether `word` stands in `line` on its own, not as a part of a longer word or path.
fn contains_word(line: &str, word: &str) -> bool {
    let is_inner = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
    let starts_path = word.starts_with('/');
    let starts_word = word.starts_with(is_inner);
    let ends_word = word.ends_with(is_inner);
    line.match_indices(word).any(|(start, _)| {
        let (before, after) = (&line[..start], &line[start + word.len()..]);
        let joined_before = if starts_path {
            // `a/work`, `./work`, `${X}/work` and `//work` go on from what stands before.
            let within = |letter| is_inner(letter) || matches!(letter, '.' | '}' | '/' | '*' | '>');
            before.ends_with(within) && !before.ends_with("file://")
        } else {
            starts_word && before.ends_with(|letter| letter != '-' && is_inner(letter))
        };
        let joined_after = ends_word && after.starts_with(is_inner);
        !joined_before && !joined_after
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, word: &str, expected: bool) {
        assert_eq!(contains_word(line, word), expected, "{word} in {line}");
    }

    #[test]
    fn a_path_counts_only_from_the_root() {
        check("see /tree/x", "/tree", true);
        check("\"/tree\"", "/tree", true);
        check("/tree", "/tree", true);
        check("file:///tree/x", "/tree", true);
        check("a/tree/x", "/tree", false);
        check("./tree", "/tree", false);
        check("/treehouse", "/tree", false);
        check("/tree-house", "/tree", false);
        check("https://tree.example", "/tree", false);
        // The second place counts though the first does not.
        check("a/tree or /tree", "/tree", true);
    }

    #[test]
    fn a_word_counts_whole() {
        check("    later!(\"x\")", "later!", true);
        check("translater!()", "later!", false);
        check("host.example/simple", "host.example", true);
        check("myhost.example", "host.example", false);
        check("pip --flag x", "--flag", true);
        check("pip --flagged", "--flag", false);
    }

    #[test]
    fn problems_carry_place_and_reason_and_respect_the_extension() {
        let rules: Rules = toml::from_str(
            "[[forbidden]]\ntext = 'later!'\nextensions = ['rs']\nreason = 'not yet'\n",
        )
        .expect("rules of the test");
        let content = "fn f() {\n    later!()\n}\n";
        assert_eq!(
            problems(&rules, "src/a.rs", content),
            ["src/a.rs:2: 'later!': not yet"]
        );
        assert_eq!(problems(&rules, "a.md", content), Problems::new());
    }
}
