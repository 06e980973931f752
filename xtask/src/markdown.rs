//! The parts of a Markdown text that lead somewhere: headings, links, code spans.
//!
//! Not a full parser: fenced blocks are skipped, everything else is read line by line, which is how
//! the documents of this repository are written.

use std::collections::{BTreeMap, BTreeSet};

/// Something that a document points at.
#[derive(Debug, PartialEq)]
pub(crate) enum Reference {
    /// Target of a link, an image or a link definition, or an HTML `src` or `href`.
    Link(String),
    /// Text of a code span.
    Code(String),
}

/// The references of a document with their line, counted from 1.
pub(crate) fn references(content: &str) -> Vec<(usize, Reference)> {
    let mut found = Vec::new();
    for (line, text) in prose_lines(content) {
        let (prose, spans) = split_code(text);
        found.extend(spans.into_iter().map(|span| (line, Reference::Code(span))));
        found.extend(
            link_targets(&prose)
                .into_iter()
                .map(|target| (line, Reference::Link(target))),
        );
    }
    found
}

/// The names that `#...` may lead to: headings as GitHub spells them, and HTML `id`s and `name`s.
pub(crate) fn anchors(content: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut n_seen = BTreeMap::<String, usize>::new();
    for (_, text) in prose_lines(content) {
        if let Some(title) = heading(text) {
            let slug = slug(title);
            let n_before = n_seen.entry(slug.clone()).or_default();
            found.insert(if *n_before == 0 {
                slug
            } else {
                format!("{slug}-{n_before}")
            });
            *n_before += 1;
        }
        let (prose, _) = split_code(text);
        found.extend(attributes(&prose, &["id", "name"]));
    }
    found
}

/// Lines outside fenced blocks, counted from 1.
fn prose_lines(content: &str) -> Vec<(usize, &str)> {
    let mut fence: Option<&str> = None;
    let mut found = Vec::new();
    for (index, line) in content.lines().enumerate() {
        let marker = fence_marker(line);
        match (fence, marker) {
            (None, Some(open)) => fence = Some(open),
            (None, None) => found.push((index + 1, line)),
            // A fence is closed by at least as many of the same sign and nothing behind them.
            (Some(open), Some(close))
                if close.starts_with(open) && line.trim().len() == close.len() =>
            {
                fence = None;
            }
            (Some(_), _) => {}
        }
    }
    found
}

/// The run of three or more backticks or tildes that a line starts with.
fn fence_marker(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let sign = line.chars().next().filter(|sign| "`~".contains(*sign))?;
    let length = line.len() - line.trim_start_matches(sign).len();
    (length >= 3).then(|| &line[..length])
}

fn heading(line: &str) -> Option<&str> {
    let title = line.trim_start_matches('#');
    let depth = line.len() - title.len();
    ((1..=6).contains(&depth) && title.starts_with(' '))
        .then(|| title.trim().trim_end_matches('#').trim_end())
}

/// A heading as GitHub writes it in an address: lower case, spaces to hyphens, other signs dropped.
fn slug(title: &str) -> String {
    without_link_targets(title)
        .to_lowercase()
        .chars()
        .filter_map(|letter| match letter {
            ' ' => Some('-'),
            '-' | '_' => Some(letter),
            _ => letter.is_alphanumeric().then_some(letter),
        })
        .collect()
}

/// `[text](target)` becomes `text`.
fn without_link_targets(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some(middle) = rest.find("](") {
        let Some(length) = rest[middle..].find(')') else {
            break;
        };
        kept.push_str(&rest[..middle]);
        rest = &rest[middle + length + 1..];
    }
    kept + rest
}

/// Takes the code spans out of a line: the prose with a blank for each, and their texts.
fn split_code(line: &str) -> (String, Vec<String>) {
    let mut prose = String::new();
    let mut spans = Vec::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        let after = rest[start..].trim_start_matches('`');
        let ticks = &rest[start..rest.len() - after.len()];
        prose.push_str(&rest[..start]);
        if let Some(length) = closing(after, ticks.len()) {
            spans.push(after[..length].trim().to_owned());
            prose.push(' ');
            rest = &after[length + ticks.len()..];
        } else {
            prose.push_str(ticks);
            rest = after;
        }
    }
    prose.push_str(rest);
    (prose, spans)
}

/// Where a run of exactly `n_ticks` backticks starts.
fn closing(text: &str, n_ticks: usize) -> Option<usize> {
    let mut from = 0;
    while let Some(start) = text[from..].find('`').map(|offset| from + offset) {
        let after = text[start..].trim_start_matches('`');
        let end = text.len() - after.len();
        if end - start == n_ticks {
            return Some(start);
        }
        from = end;
    }
    None
}

/// Targets of inline links and images, link definitions and HTML attributes in prose.
fn link_targets(prose: &str) -> Vec<String> {
    let mut found = attributes(prose, &["src", "href"]);
    for (middle, _) in prose.match_indices("](") {
        found.extend(target(&prose[middle + 2..], ')'));
    }
    if let Some((label, definition)) = prose.trim_start().split_once("]:")
        && label.starts_with('[')
        && !label.starts_with("[^")
    {
        found.extend(target(definition.trim_start(), '\n'));
    }
    found
}

/// The target that `text` starts with, without its title; `end` closes it.
fn target(text: &str, end: char) -> Option<String> {
    if let Some(bracketed) = text.strip_prefix('<') {
        return bracketed.split_once('>').map(|(inner, _)| inner.to_owned());
    }
    let mut depth = 0_u32;
    let mut length = text.len();
    for (offset, letter) in text.char_indices() {
        if letter.is_whitespace() || (letter == end && depth == 0) {
            length = offset;
            break;
        }
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    (length > 0).then(|| text[..length].to_owned())
}

/// Values of these HTML attributes, written with double quotes.
fn attributes(text: &str, names: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for name in names {
        let opening = format!(" {name}=\"");
        for (start, _) in text.match_indices(&opening) {
            let value = &text[start + opening.len()..];
            found.extend(value.split_once('"').map(|(inner, _)| inner.to_owned()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: &str, links: &[&str], code: &[&str]) {
        let mut found = (Vec::new(), Vec::new());
        for (_, reference) in references(content) {
            match reference {
                Reference::Link(target) => found.0.push(target),
                Reference::Code(text) => found.1.push(text),
            }
        }
        assert_eq!(found.0, links, "links of {content}");
        assert_eq!(found.1, code, "code of {content}");
    }

    #[test]
    fn links_images_definitions_and_html() {
        check(
            "see [a](b.md) and ![c](d.png \"title\")",
            &["b.md", "d.png"],
            &[],
        );
        check("[a](<with space.md>)", &["with space.md"], &[]);
        check("[a](b_(c).md)", &["b_(c).md"], &[]);
        check("[a]: b.md \"title\"", &["b.md"], &[]);
        check("[^1]: a footnote", &[], &[]);
        check("<img alt=\"x\" src=\"a.svg\">", &["a.svg"], &[]);
        check("[![badge](a.svg)](b.md)", &["a.svg", "b.md"], &[]);
        check("an [index] (not a link) and f[0]", &[], &[]);
    }

    #[test]
    fn code_spans_hide_links() {
        check(
            "`a/b.rs` and ``c ` d`` and `[x](y)`",
            &[],
            &["a/b.rs", "c ` d", "[x](y)"],
        );
        check("one ` alone [a](b)", &["b"], &[]);
    }

    #[test]
    fn fenced_blocks_are_skipped_to_their_own_end() {
        check("```sh\n`x`\n```\n`y`", &[], &["y"]);
        check("````\n```\n`x`\n````\n`y`", &[], &["y"]);
        check("~~~\n```\n~~~\n`y`", &[], &["y"]);
        check("```\n`x`", &[], &[]);
    }

    #[test]
    fn lines_are_counted_from_one_and_across_fences() {
        let lines: Vec<usize> = references("`a`\n```\nx\n```\n`b`")
            .iter()
            .map(|(line, _)| *line)
            .collect();
        assert_eq!(lines, [1, 5]);
    }

    #[test]
    fn headings_become_anchors_as_github_spells_them() {
        let content = "# One Idea\n## `run`: what, why?\n## One Idea\n## A & B_c-d\n\
                       ### [Text](x.md) end ##\n#none\n```\n# not this\n```\n<a id=\"own\"></a>";
        let expected = [
            "a--b_c-d",
            "one-idea",
            "one-idea-1",
            "own",
            "run-what-why",
            "text-end",
        ];
        let found: Vec<String> = anchors(content).into_iter().collect();
        assert_eq!(found, expected);
    }
}
