//! A parsed TOML text with a place for every key and value.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::problem::{MAX_PROBLEMS, Problem, SourceText, Span};

/// The greatest size of a text, bytes. A description of a thousand lanes takes a few thousand.
pub const MAX_TEXT_BYTES: usize = 4 << 20;

/// The name of the text of a `--set`, for messages.
pub(crate) const SET_SOURCE: &str = "--set";

/// The greatest number of keys in the path of a `--set`; descriptions are less deep.
const MAX_PATH: usize = 16;

/// A value with its place.
#[derive(Debug, Clone)]
pub struct Node {
    /// The value.
    pub value: NodeValue,
    /// Where it stands.
    pub span: Span,
}

/// What a value is.
#[derive(Debug, Clone)]
pub enum NodeValue {
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A finite number.
    Float(f64),
    /// True or false.
    Flag(bool),
    /// A list.
    Array(Vec<Node>),
    /// In the order of the text.
    Table(Vec<Entry>),
    /// A date or a number outside the range of its type.
    Other(&'static str),
}

/// A key with its value.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub node: Node,
}

impl Node {
    /// What kind of value this is, with its article.
    pub fn noun(&self) -> &'static str {
        match self.value {
            NodeValue::Text(_) => "a text",
            NodeValue::Integer(_) => "an integer",
            NodeValue::Float(_) => "a number",
            NodeValue::Flag(_) => "true or false",
            NodeValue::Array(_) => "a list",
            NodeValue::Table(_) => "a table",
            NodeValue::Other(noun) => noun,
        }
    }

    /// The entries when this is a table.
    pub fn entries(&self) -> Option<&[Entry]> {
        match &self.value {
            NodeValue::Table(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value of a key when this is a table that has it.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries()?.iter().find(|entry| entry.key == key)
    }

    /// The text when this is one.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            NodeValue::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Decodes and parses the bytes of a TOML file; every syntax error becomes a problem, and the rest is
/// still read. Nothing comes back of a text that is too large or not UTF-8.
pub fn parse_bytes(name: &str, bytes: &[u8], problems: &mut Vec<Problem>) -> Option<Node> {
    if bytes.len() > MAX_TEXT_BYTES {
        let source = SourceText::new(name, String::new());
        problems.push(
            Problem::new(
                "system::too-large",
                &Span {
                    source,
                    range: 0..0,
                },
                format!(
                    "the file has {} bytes; the limit is {MAX_TEXT_BYTES}",
                    bytes.len()
                ),
            )
            .with_help(
                "describe repeated entities by `count`, and put measurements into CSV tables",
            ),
        );
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(parse_text(&SourceText::new(name, text), problems)),
        Err(error) => {
            let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned();
            let end = valid.len();
            let source = SourceText::new(name, valid);
            problems.push(
                Problem::new(
                    "system::not-utf8",
                    &Span {
                        source,
                        range: end..end,
                    },
                    format!(
                        "the file is not UTF-8: byte {:#04x} at offset {end}",
                        bytes[end]
                    ),
                )
                .with_help("save the file as UTF-8"),
            );
            None
        }
    }
}

/// Parses a text; every syntax error becomes a problem and the rest is still read.
pub(crate) fn parse_text(source: &Arc<SourceText>, problems: &mut Vec<Problem>) -> Node {
    let (table, errors) = DeTable::parse_recoverable(&source.text);
    let mut errors: Vec<_> = errors
        .iter()
        .map(|e| (e.span().unwrap_or(0..0), e))
        .collect();
    errors.sort_by_key(|(range, _)| range.start);
    for (range, error) in errors.into_iter().take(MAX_PROBLEMS) {
        let span = Span {
            source: Arc::clone(source),
            range,
        };
        problems.push(
            Problem::new("system::syntax", &span, error.message()).with_help(
                "TOML has [table] headers and `key = value` lines, each key once; texts stand in quotes",
            ),
        );
    }
    let range = table.span();
    convert(source, range, DeValue::Table(table.into_inner()))
}

fn convert(source: &Arc<SourceText>, range: Range<usize>, value: DeValue<'_>) -> Node {
    let span = Span {
        source: Arc::clone(source),
        range,
    };
    let value = match value {
        DeValue::String(text) => NodeValue::Text(text.into_owned()),
        DeValue::Boolean(flag) => NodeValue::Flag(flag),
        DeValue::Datetime(_) => NodeValue::Other("a date"),
        DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix()).map_or(
            NodeValue::Other("an integer beyond 64 bits"),
            NodeValue::Integer,
        ),
        DeValue::Float(float) => match float.as_str().parse::<f64>() {
            Ok(number) if number.is_finite() => NodeValue::Float(number),
            _ => NodeValue::Other("a number that is not finite"),
        },
        DeValue::Array(array) => NodeValue::Array(
            array
                .into_iter()
                .map(|item| convert_spanned(source, item))
                .collect(),
        ),
        DeValue::Table(table) => {
            let mut entries: Vec<Entry> = table
                .into_iter()
                .map(|(key, item)| Entry {
                    key_span: Span {
                        source: Arc::clone(source),
                        range: key.span(),
                    },
                    key: key.into_inner().into_owned(),
                    node: convert_spanned(source, item),
                })
                .collect();
            entries.sort_by_key(|entry| entry.key_span.range.start);
            NodeValue::Table(entries)
        }
    };
    Node { value, span }
}

fn convert_spanned(source: &Arc<SourceText>, item: Spanned<DeValue<'_>>) -> Node {
    convert(source, item.span(), item.into_inner())
}

/// Applies `path=value` to a parsed description. The value is TOML, or a text when it is not.
///
/// A name of a part on the way becomes `{ use = name }`, so that
/// `engine.oe.modulator.drive_voltage=2 V` overrides one value of a library part.
pub(crate) fn apply_set(root: &mut Node, assignment: &str, problems: &mut Vec<Problem>) {
    let source = SourceText::new(SET_SOURCE, assignment);
    let whole = Span {
        source: Arc::clone(&source),
        range: 0..assignment.len(),
    };
    let Some((path, text)) = assignment.split_once('=') else {
        problems.push(
            Problem::new("system::set", &whole, "expected PATH=VALUE")
                .with_help("for example --set 'engine.oe.photodiode.responsivity=0.9 A/W'"),
        );
        return;
    };
    let value_span = Span {
        source: Arc::clone(&source),
        range: path.len() + 1..assignment.len(),
    };
    let text = text.trim();
    let mut value = parse_value(text).unwrap_or_else(|| NodeValue::Text(text.to_owned()));
    rebase(&mut value, &value_span);
    let mut node = root;
    let mut start = 0;
    let keys: Vec<&str> = path.split('.').collect();
    if keys.len() > MAX_PATH {
        let message = format!("a path of {} keys; the limit is {MAX_PATH}", keys.len());
        problems.push(
            Problem::new("system::set", &whole, message)
                .with_help("name a key that the description or its parts can have"),
        );
        return;
    }
    if keys[0].trim() == "format" {
        problems.push(
            Problem::new("system::set", &whole, "the format belongs to the file")
                .with_help("change it there"),
        );
        return;
    }
    for (position, key) in keys.iter().enumerate() {
        let key_span = Span {
            source: Arc::clone(&source),
            range: start..start + key.len(),
        };
        start += key.len() + 1;
        let key = key.trim();
        if key.is_empty() {
            problems.push(
                Problem::new("system::set", &key_span, "an empty key in the path")
                    .with_help("keys are separated by one dot"),
            );
            return;
        }
        if let NodeValue::Text(name) = &node.value {
            let reference = Entry {
                key: "use".into(),
                key_span: node.span.clone(),
                node: Node {
                    value: NodeValue::Text(name.clone()),
                    span: node.span.clone(),
                },
            };
            node.value = NodeValue::Table(vec![reference]);
        }
        let noun = node.noun();
        let NodeValue::Table(entries) = &mut node.value else {
            problems.push(
                Problem::new(
                    "system::set",
                    &key_span,
                    format!("{:?} is {noun}; it has no keys", keys[..position].join(".")),
                )
                .with_help("end the path there"),
            );
            return;
        };
        let index = entries
            .iter()
            .position(|entry| entry.key == key)
            .unwrap_or_else(|| {
                entries.push(Entry {
                    key: key.to_owned(),
                    key_span: key_span.clone(),
                    node: Node {
                        value: NodeValue::Table(Vec::new()),
                        span: value_span.clone(),
                    },
                });
                entries.len() - 1
            });
        if position + 1 == keys.len() {
            entries[index].node = Node {
                value,
                span: value_span,
            };
            return;
        }
        node = &mut entries[index].node;
    }
}

/// A bare TOML value, or nothing when the text is not one.
fn parse_value(text: &str) -> Option<NodeValue> {
    let mut problems = Vec::new();
    let root = parse_text(&SourceText::new("", format!("v = {text}")), &mut problems);
    match root.value {
        NodeValue::Table(mut entries) if problems.is_empty() && entries.len() == 1 => {
            Some(entries.remove(0).node.value)
        }
        _ => None,
    }
}

/// Points everything inside a value at one place.
fn rebase(value: &mut NodeValue, span: &Span) {
    let rebase_node = |node: &mut Node| {
        node.span = span.clone();
        rebase(&mut node.value, span);
    };
    match value {
        NodeValue::Array(items) => items.iter_mut().for_each(rebase_node),
        NodeValue::Table(entries) => {
            for entry in entries {
                entry.key_span = span.clone();
                rebase_node(&mut entry.node);
            }
        }
        _ => {}
    }
}
