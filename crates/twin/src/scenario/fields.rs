//! The keys of one table of a file, such as an event of a scenario or a link of a world.

use system::{Entry, Node, NodeValue, Problem, Span};
use units::{Dimension, format_si};

use crate::fault::piece::{Located, Piece};

/// The codes of what may be wrong with the keys of a kind of file.
pub(crate) struct Codes {
    pub(crate) format: &'static str,
    pub(crate) wrong_type: &'static str,
    pub(crate) missing: &'static str,
    pub(crate) value: &'static str,
    pub(crate) unknown_key: &'static str,
}

/// Those of scenarios.
pub(super) const SCENARIO: Codes = Codes {
    format: "scenario::format",
    wrong_type: "scenario::type",
    missing: "scenario::missing",
    value: "scenario::value",
    unknown_key: "scenario::unknown-key",
};

/// The keys of one table, each of which has to be asked for.
pub(crate) struct Fields<'a, 'p> {
    codes: &'static Codes,
    entries: &'a [Entry],
    span: &'a Span,
    /// What the table is about, for messages.
    action: String,
    known: Vec<&'static str>,
    problems: &'p mut Vec<Problem>,
}

/// Reports a file that is not of the format that is read.
pub(crate) fn check_format(codes: &Codes, root: &Node, current: i64, problems: &mut Vec<Problem>) {
    let problem = match root.get("format").map(|entry| &entry.node) {
        None => {
            let start = Span {
                range: 0..0,
                ..root.span.clone()
            };
            Problem::new(codes.format, &start, "the file does not state its format")
                .with_help(format!("start the file with `format = {current}`"))
        }
        Some(node) => match node.value {
            NodeValue::Integer(found) if found == current => return,
            NodeValue::Integer(newer) if newer > current => {
                let message = format!(
                    "format {newer} is newer than this program, which reads format {current}"
                );
                Problem::new(codes.format, &node.span, message).with_help("use a newer shoreline")
            }
            _ => {
                let message = format!("the format must be {current}");
                Problem::new(codes.format, &node.span, message)
                    .with_help(format!("write `format = {current}`"))
            }
        },
    };
    problems.push(problem);
}

/// Reports a `title` or `note` that is no text.
pub(crate) fn check_text(codes: &Codes, entry: &Entry, problems: &mut Vec<Problem>) {
    if entry.node.text().is_none() {
        let message = format!("{} takes a text, found {}", entry.key, entry.node.noun());
        let problem = Problem::new(codes.wrong_type, &entry.node.span, message);
        problems.push(problem.with_help("put it in quotes"));
    }
}

impl<'a, 'p> Fields<'a, 'p> {
    /// The keys of a table that messages call `about`.
    pub(crate) fn new(
        (codes, about): (&'static Codes, &str),
        entries: &'a [Entry],
        span: &'a Span,
        problems: &'p mut Vec<Problem>,
    ) -> Self {
        Self {
            codes,
            entries,
            span,
            action: about.to_owned(),
            known: Vec::new(),
            problems,
        }
    }

    /// What the rest of the keys is about.
    pub(crate) fn about(&mut self, action: &str) {
        action.clone_into(&mut self.action);
    }

    pub(crate) fn span(&self) -> &'a Span {
        self.span
    }

    /// Whether a key is there, whatever it holds.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key)
    }

    pub(crate) fn n_problems(&self) -> usize {
        self.problems.len()
    }

    pub(crate) fn push(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// The value, or its problem among the others.
    pub(crate) fn keep<T>(&mut self, value: Located<T>) -> Option<T> {
        value.map_err(|problem| self.problems.push(*problem)).ok()
    }

    pub(crate) fn node(&mut self, key: &'static str) -> Option<&'a Node> {
        self.known.push(key);
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        Some(&entry.node)
    }

    /// A text or number, when it is there.
    pub(crate) fn optional(&mut self, key: &'static str) -> Option<Piece<'a>> {
        let node = self.node(key)?;
        let piece = Piece::of_node(node);
        if piece.is_none() {
            self.wrong_type(key, node, "a text");
        }
        piece
    }

    pub(crate) fn wrong_type(&mut self, key: &str, node: &Node, expected: &str) {
        let message = format!("{key} takes {expected}, found {}", node.noun());
        let problem = Problem::new(self.codes.wrong_type, &node.span, message);
        self.push(problem.with_help(if expected == "a text" {
            "put it in quotes".to_owned()
        } else {
            format!("write {expected}")
        }));
    }

    /// A text or number that has to be there.
    pub(crate) fn required(&mut self, key: &'static str, example: &str) -> Option<Piece<'a>> {
        if self.node(key).is_none() {
            self.lacks(key, example);
            return None;
        }
        self.known.pop();
        self.optional(key)
    }

    pub(crate) fn lacks(&mut self, key: &str, example: &str) {
        let message = format!("{} lacks {key}", self.action);
        let problem = Problem::new(self.codes.missing, self.span, message);
        self.push(problem.with_help(format!("add `{key} = {example}`")));
    }

    /// One text or a list of them, which has to be there.
    pub(crate) fn list(&mut self, key: &'static str, example: &str) -> Vec<Piece<'a>> {
        match self.node(key) {
            None => {
                self.lacks(key, example);
                Vec::new()
            }
            Some(node) => self.list_of(key, node),
        }
    }

    /// One text or a list of them; none where the key is not there.
    pub(crate) fn optional_list(&mut self, key: &'static str) -> Option<Vec<Piece<'a>>> {
        let node = self.node(key)?;
        Some(self.list_of(key, node))
    }

    fn list_of(&mut self, key: &'static str, node: &'a Node) -> Vec<Piece<'a>> {
        let nodes = match &node.value {
            NodeValue::Array(nodes) => nodes.as_slice(),
            _ => std::slice::from_ref(node),
        };
        if nodes.is_empty() {
            let problem = Problem::new(
                self.codes.wrong_type,
                &node.span,
                format!("{key} names nothing"),
            );
            self.push(problem.with_help("name at least one, or remove the whole table"));
        }
        let mut pieces = Vec::new();
        for node in nodes {
            match &node.value {
                NodeValue::Text(text) => pieces.push(Piece::new(text, &node.span)),
                _ => self.wrong_type(key, node, "a text"),
            }
        }
        pieces
    }

    /// True or false, which has to be there.
    pub(crate) fn flag(&mut self, key: &'static str) -> Option<bool> {
        let Some(node) = self.node(key) else {
            self.lacks(key, "true");
            return None;
        };
        if let NodeValue::Flag(flag) = node.value {
            return Some(flag);
        }
        self.wrong_type(key, node, "true or false");
        None
    }

    /// A quantity in its range, when it is there.
    pub(crate) fn quantity(
        &mut self,
        key: &'static str,
        dimension: Dimension,
        range: (f64, f64),
    ) -> Option<f64> {
        let piece = self.optional(key)?;
        self.in_range(key, &piece, dimension, range)
    }

    /// A quantity in its range, which has to be there.
    pub(crate) fn required_quantity(
        &mut self,
        key: &'static str,
        dimension: Dimension,
        range: (f64, f64),
        example: &str,
    ) -> Option<f64> {
        let piece = self.required(key, example)?;
        self.in_range(key, &piece, dimension, range)
    }

    pub(crate) fn in_range(
        &mut self,
        key: &str,
        piece: &Piece<'_>,
        dimension: Dimension,
        (least, greatest): (f64, f64),
    ) -> Option<f64> {
        let code = self.codes.value;
        let si = self.keep(piece.quantity(code, dimension))?;
        if (least..=greatest).contains(&si) {
            return Some(si);
        }
        let problem = piece.problem(code, format!("{key} cannot be {}", piece.text()));
        self.push(problem.with_help(format!(
            "the valid range is {} to {}",
            format_si(dimension, least),
            format_si(dimension, greatest)
        )));
        None
    }

    /// One of some words, which has to be there.
    pub(crate) fn choice<T>(
        &mut self,
        key: &'static str,
        names: &[&'static str],
        find: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let example = format!("{:?}", names[0]);
        let piece = self.required(key, &example)?;
        let found = find(piece.text());
        if found.is_none() {
            let message = format!("{key} cannot be {:?}", piece.text());
            let problem = piece.problem(self.codes.value, message);
            self.push(problem.with_nearest(piece.text(), names.iter().copied()));
        }
        found
    }

    /// Reports every key that nothing asked for.
    pub(crate) fn finish(self) {
        for entry in self.entries {
            if !self.known.contains(&entry.key.as_str()) {
                let message = format!("{} has no key {:?}", self.action, entry.key);
                let problem = Problem::new(self.codes.unknown_key, &entry.key_span, message);
                let known = self.known.iter().copied();
                self.problems.push(problem.with_nearest(&entry.key, known));
            }
        }
    }
}
