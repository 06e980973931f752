//! Paths, links and anchors in the documents lead somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use anyhow::Result;

use crate::cargo::Workspace;
use crate::check::Problems;
use crate::markdown::{self, Reference};
use crate::tree;

/// Documents of the root that are checked, besides each `validation/*/README.md`.
const DOCUMENTS: &[&str] = &["README.md", "ARCHITECTURE.md", "SPEC.md", "CHANGELOG.md"];

/// Endings by which a code span is taken for the name of a file.
const EXTENSIONS: &[&str] = &[
    "css", "csv", "html", "js", "json", "md", "parquet", "png", "proto", "py", "rs", "sh", "svg",
    "toml", "trycmd", "ts", "txt", "yang", "yaml", "yml",
];

/// The files of the repository, and its folders.
#[derive(Debug)]
struct Places {
    files: BTreeSet<PathBuf>,
    folders: BTreeSet<PathBuf>,
}

impl Places {
    fn new(files: impl IntoIterator<Item = PathBuf>) -> Self {
        let files: BTreeSet<PathBuf> = files.into_iter().collect();
        let folders = files
            .iter()
            .flat_map(|file| file.ancestors().skip(1))
            .map(Path::to_path_buf)
            .collect();
        Self { files, folders }
    }

    /// Whether a normalised path is there; `*` stands for any part of a name.
    fn contains(&self, path: &Path) -> bool {
        if path.to_string_lossy().contains('*') {
            let mut all = self.files.iter().chain(&self.folders);
            all.any(|known| matches_path(path, known))
        } else {
            self.files.contains(path) || self.folders.contains(path)
        }
    }

    fn has_file_named(&self, name: &str) -> bool {
        self.files.iter().any(|file| {
            file.file_name()
                .is_some_and(|known| matches_name(name, &known.to_string_lossy()))
        })
    }
}

/// Checks the documents that exist.
///
/// # Errors
/// A document cannot be read.
pub(crate) fn run(ws: &Workspace) -> Result<Problems> {
    let places = Places::new(tree::files(ws.root())?);
    let is_document = |path: &&PathBuf| {
        path.to_str().is_some_and(|name| DOCUMENTS.contains(&name))
            || matches_path(Path::new("validation/*/README.md"), path)
    };
    // Anchors may lead into any Markdown file, so all of them are read.
    let mut texts = BTreeMap::new();
    for path in &places.files {
        if path.extension().is_some_and(|end| end == "md") {
            texts.insert(path.clone(), std::fs::read_to_string(ws.root().join(path))?);
        }
    }
    let documents: Vec<&PathBuf> = texts.keys().filter(is_document).collect();
    println!("  {} documents", documents.len());
    Ok(documents
        .into_iter()
        .flat_map(|document| problems(&places, &texts, document))
        .collect())
}

/// What one of the `texts` points at that is not there.
fn problems(places: &Places, texts: &BTreeMap<PathBuf, String>, document: &Path) -> Problems {
    let Some(content) = texts.get(document) else {
        return vec![format!("{} is not there", document.display())];
    };
    markdown::references(content)
        .into_iter()
        .filter_map(|(line, reference)| {
            let problem = match reference {
                Reference::Link(target) => link_problem(places, texts, document, &target),
                Reference::Code(text) => code_problem(places, document, &text),
            };
            problem.map(|problem| format!("{}:{line}: {problem}", document.display()))
        })
        .collect()
}

fn link_problem(
    places: &Places,
    texts: &BTreeMap<PathBuf, String>,
    document: &Path,
    target: &str,
) -> Option<String> {
    if is_external(target) {
        return None;
    }
    let (path, anchor) = target
        .split_once('#')
        .map_or((target, None), |(p, a)| (p, Some(a)));
    let file = if path.is_empty() {
        document.to_path_buf()
    } else {
        let folder = document.parent().unwrap_or(Path::new(""));
        match normalised(&folder.join(decoded(path))) {
            None => return Some(format!("the link '{target}' leaves the repository")),
            Some(file) if !places.contains(&file) => {
                return Some(format!("the link '{target}' leads nowhere"));
            }
            Some(file) => file,
        }
    };
    let anchor = anchor.filter(|anchor| !anchor.is_empty())?;
    match texts.get(&file) {
        // A line of a source file, as in `lib.rs#L10`: the file is there, that is all we know.
        None => None,
        Some(text) if markdown::anchors(text).contains(&decoded(anchor)) => None,
        Some(_) => Some(format!(
            "the link '{target}' leads to a heading that is not there"
        )),
    }
}

fn code_problem(places: &Places, document: &Path, text: &str) -> Option<String> {
    let path = path_of_span(places, text)?;
    let found = if path.contains('/') {
        let folder = document.parent().unwrap_or(Path::new(""));
        [Path::new(""), folder]
            .iter()
            .filter_map(|base| normalised(&base.join(path)))
            .any(|path| places.contains(&path))
    } else {
        // A bare name is understood from its context; it must exist somewhere.
        places.has_file_named(path)
    };
    (!found).then(|| format!("there is no `{path}`"))
}

/// The path that a code span is, when it looks like one: it has slashes and starts with a folder of
/// the root, or it ends like a file. A line number behind a colon is left out.
fn path_of_span<'a>(places: &Places, text: &'a str) -> Option<&'a str> {
    let path = text
        .rsplit_once(':')
        .filter(|(_, line)| !line.is_empty() && line.chars().all(|sign| sign.is_ascii_digit()))
        .map_or(text, |(path, _)| path);
    let is_plain = path
        .chars()
        .all(|sign| sign.is_ascii_alphanumeric() || "._-/*".contains(sign));
    if !is_plain || path.starts_with(['/', '-']) {
        return None;
    }
    let starts_in_root = path.split_once('/').is_some_and(|(first, _)| {
        matches!(first, "." | "..") || places.folders.contains(Path::new(first))
    });
    let stem_and_end = path.rsplit('/').next()?.rsplit_once('.');
    let ends_like_file =
        stem_and_end.is_some_and(|(stem, end)| !stem.is_empty() && EXTENSIONS.contains(&end));
    (starts_in_root || ends_like_file).then_some(path)
}

/// `https:`, `mailto:` and the like, and links to the root of the host.
fn is_external(target: &str) -> bool {
    let has_scheme = target.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|sign: char| sign.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|sign| sign.is_ascii_alphanumeric() || "+.-".contains(sign))
    });
    has_scheme || target.starts_with("//")
}

/// The path without `.` and `..`; none when it leaves the repository.
fn normalised(path: &Path) -> Option<PathBuf> {
    let mut kept = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::Normal(name) => kept.push(name),
            Component::ParentDir if kept.pop() => {}
            _ => return None,
        }
    }
    Some(kept)
}

/// `%20` and the like become the signs they stand for; what is not of that form stays.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let code = (first == b'%')
            .then(|| tail.get(..2))
            .flatten()
            .and_then(|digits| str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(code) = code {
            bytes.push(code);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether a path fits a pattern, part by part.
fn matches_path(pattern: &Path, path: &Path) -> bool {
    pattern.components().count() == path.components().count()
        && pattern.iter().zip(path).all(|(pattern, name)| {
            matches_name(&pattern.to_string_lossy(), &name.to_string_lossy())
        })
}

/// Whether a name fits a pattern in which `*` stands for any run of letters.
fn matches_name(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|tail| {
            tail.char_indices()
                .map(|(offset, _)| offset)
                .chain([tail.len()])
                .any(|offset| matches_name(rest, &tail[offset..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: &[&str] = &[
        "README.md",
        "crates/units/src/lib.rs",
        "docs/a picture.svg",
        "docs/guide.md",
        "validation/peer/README.md",
        "validation/peer/run.toml",
    ];

    /// Problems of `content` put in the place of `document`.
    fn check(document: &str, content: &str, expected: &[&str]) {
        let places = Places::new(FILES.iter().map(PathBuf::from));
        let texts = BTreeMap::from([
            (PathBuf::from("docs/guide.md"), "# First Steps\n".to_owned()),
            (PathBuf::from(document), content.to_owned()),
        ]);
        let found = problems(&places, &texts, Path::new(document));
        assert_eq!(found, expected, "{content}");
    }

    #[test]
    fn links_that_lead_somewhere_pass() {
        check(
            "README.md",
            "# Top\n[a](docs/guide.md) [b](docs/) [c](#top) [d](docs/guide.md#first-steps) \
             ![e](docs/a%20picture.svg) [f](https://example.org/x) [g](crates/units/src/lib.rs#L3)",
            &[],
        );
        check(
            "validation/peer/README.md",
            "[up](../../docs/guide.md)",
            &[],
        );
    }

    #[test]
    fn links_that_lead_nowhere_fail() {
        check(
            "README.md",
            "\n[a](docs/gone.md)",
            &["README.md:2: the link 'docs/gone.md' leads nowhere"],
        );
        check(
            "README.md",
            "[a](#gone)",
            &["README.md:1: the link '#gone' leads to a heading that is not there"],
        );
        check(
            "README.md",
            "[a](docs/guide.md#gone)",
            &["README.md:1: the link 'docs/guide.md#gone' leads to a heading that is not there"],
        );
        check(
            "README.md",
            "[a](../x.md)",
            &["README.md:1: the link '../x.md' leaves the repository"],
        );
    }

    #[test]
    fn code_spans_that_are_paths_must_exist() {
        check(
            "README.md",
            "`crates/units` `crates/units/src/lib.rs:12` `validation/*/run.toml` `lib.rs` `docs/`",
            &[],
        );
        check(
            "validation/peer/README.md",
            "`../peer/run.toml` `crates/units`",
            &[],
        );
        check(
            "README.md",
            "`crates/gone` `other/gone.rs` `gone.toml` `docs/*.png`",
            &[
                "README.md:1: there is no `crates/gone`",
                "README.md:1: there is no `other/gone.rs`",
                "README.md:1: there is no `gone.toml`",
                "README.md:1: there is no `docs/*.png`",
            ],
        );
    }

    #[test]
    fn code_spans_that_are_no_paths_are_left_alone() {
        check(
            "README.md",
            "`dB/cm` `owner/name:path` `shoreline run system.toml` `a::b` `/sys/bus` `1.5` `--help` `.md`",
            &[],
        );
    }

    #[test]
    fn stars_match_within_a_name() {
        for (pattern, name, expected) in [
            ("*", "a", true),
            ("*.md", "a.md", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b", "a-c", false),
            ("*.md", "a.mdx", false),
        ] {
            assert_eq!(matches_name(pattern, name), expected, "{pattern} {name}");
        }
        assert!(!matches_path(Path::new("*"), Path::new("a/b")));
    }
}
