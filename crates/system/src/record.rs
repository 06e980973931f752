//! Records: what a table of a description or of the library says, checked against its schema.

mod checks;
mod quantity;

use std::collections::BTreeSet;
use std::sync::Arc;

use units::{Origin, Spread};

use crate::library::Library;
use crate::node::{Entry, Node, NodeValue};
use crate::problem::{MAX_PROBLEMS, Problem, Span, nearest};
use crate::schema::{FieldKind, FieldSchema, RecordSchema, part_noun};
use crate::table::MeasuredTable;

/// Gives the bytes of a file that a description names.
pub type Load<'a> = dyn Fn(&str) -> Result<Vec<u8>, String> + 'a;

/// A record with one slot for each field of its schema.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its form.
    pub schema: &'static RecordSchema,
    /// The library part that it starts from.
    pub name: Option<Arc<str>>,
    /// Where it was written last.
    pub span: Span,
    /// The values.
    pub fields: Vec<Option<Field>>,
}

/// A value with its place.
#[derive(Debug, Clone)]
pub struct Field {
    /// The value.
    pub value: Value,
    /// Where it was written.
    pub span: Span,
}

/// What a field can hold.
#[derive(Debug, Clone)]
pub enum Value {
    /// A quantity in the unit that its newtype holds.
    Quantity {
        /// The nominal value.
        si: f64,
        /// How it varies.
        spread: Spread,
        /// Where it comes from.
        origin: Origin,
        /// The stable name of the place that states it: two parts that share a library value
        /// share its draw.
        key: Arc<str>,
        /// Conditions, clause and remarks, as written beside the value.
        remarks: Option<Arc<str>>,
    },
    /// A whole number.
    Count(u32),
    /// True or false.
    Flag(bool),
    /// A text.
    Text(Arc<str>),
    /// The position of a word in its list.
    Choice(usize),
    /// A record.
    Part(Arc<Record>),
    /// Named records.
    Groups(Vec<(Arc<str>, Arc<Record>)>),
    /// A measured table.
    Table(Arc<MeasuredTable>),
}

impl Record {
    /// A field by name.
    pub fn get(&self, name: &str) -> Option<&Field> {
        let index = self
            .schema
            .fields
            .iter()
            .position(|field| field.name == name)?;
        self.fields[index].as_ref()
    }

    /// Reports every required field that is missing, here and in all parts, unless it is among
    /// the `unread`: what is there but wrong is not missing as well.
    pub(crate) fn require_complete(
        &self,
        path: &str,
        unread: &BTreeSet<String>,
        problems: &mut Vec<Problem>,
    ) {
        let mut missing = Vec::new();
        for (schema, field) in self.schema.fields.iter().zip(&self.fields) {
            let below = below(path, schema.name);
            match field.as_ref().map(|field| &field.value) {
                None if schema.is_required && !unread.contains(&below) => missing.push(schema),
                Some(Value::Part(record)) => record.require_complete(&below, unread, problems),
                Some(Value::Groups(groups)) => {
                    for (name, record) in groups {
                        record.require_complete(&format!("{below}.{name}"), unread, problems);
                    }
                }
                _ => {}
            }
        }
        if missing.is_empty() {
            return;
        }
        let names: Vec<_> = missing.iter().map(|schema| schema.name).collect();
        let of = if path.is_empty() {
            "the description".to_owned()
        } else {
            path.to_owned()
        };
        let what: Vec<_> = missing
            .iter()
            .map(|schema| format!("{} ({})", schema.name, schema.kind.noun()))
            .collect();
        problems.push(
            Problem::new(
                "system::missing",
                &self.span,
                format!("{of} lacks {}", names.join(", ")),
            )
            .with_help(format!("add {}", what.join("; "))),
        );
    }
}

/// Where text stands decides what it must say about its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The library: every quantity names its source or says that it is an estimate.
    Library,
    /// A description: values without a source are stated by its author.
    Description,
}

/// Keys that any record may have beside its fields.
const COMMON_KEYS: [&str; 5] = ["use", "kind", "title", "note", "source"];

/// The greatest number of groups of one kind; entities are counted inside a group.
const MAX_GROUPS: usize = 1024;

/// The longest chain of parts that use each other.
const MAX_CHAIN: usize = 32;

/// Reads nodes into records and collects problems.
pub(crate) struct Reader<'a> {
    pub(crate) library: &'a Library,
    pub(crate) load: &'a Load<'a>,
    pub(crate) place: Place,
    pub(crate) problems: Vec<Problem>,
    /// The library parts being read, to find cycles.
    pub(crate) open: Vec<(&'static str, String)>,
    /// Paths of fields of the description that are there but could not be read.
    pub(crate) unread: BTreeSet<String>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(library: &'a Library, load: &'a Load<'a>, place: Place) -> Self {
        Self {
            library,
            load,
            place,
            problems: Vec::new(),
            open: Vec::new(),
            unread: BTreeSet::new(),
        }
    }

    /// Reports what is wrong at a place, and how to mend it.
    fn problem(
        &mut self,
        code: &'static str,
        span: &Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.problems
            .push(Problem::new(code, span, message).with_help(help));
    }

    /// Reads a record of one of the kinds `schemas`, written over `base`.
    pub(crate) fn record(
        &mut self,
        schemas: &[&'static RecordSchema],
        node: &Node,
        base: Option<&Arc<Record>>,
        path: &str,
    ) -> Option<Arc<Record>> {
        match &node.value {
            NodeValue::Text(name) => self.library_part(schemas, name, &node.span),
            NodeValue::Table(entries) => {
                let mut record = self.start(schemas, node, entries, base)?;
                let source = node
                    .get("source")
                    .and_then(|entry| entry.node.text())
                    .map(Arc::from);
                for entry in entries {
                    self.entry(&mut record, entry, source.as_ref(), path);
                }
                Some(Arc::new(record))
            }
            _ => {
                let expected = part_noun(schemas);
                self.problem(
                    "system::type",
                    &node.span,
                    format!("expected {expected}, found {}", node.noun()),
                    "write the part's name in quotes, or a table of its fields",
                );
                None
            }
        }
    }

    /// The record that a table starts from: the part it uses, the one it overrides, or nothing.
    fn start(
        &mut self,
        schemas: &[&'static RecordSchema],
        node: &Node,
        entries: &[Entry],
        base: Option<&Arc<Record>>,
    ) -> Option<Record> {
        if let Some(entry) = entries.iter().find(|entry| entry.key == "use") {
            let Some(name) = entry.node.text() else {
                self.problem(
                    "system::type",
                    &entry.node.span,
                    format!("`use` takes a text, found {}", entry.node.noun()),
                    "write the name of a part in quotes",
                );
                return None;
            };
            let part = self.library_part(schemas, name, &entry.node.span)?;
            if let Some(kind) = node.get("kind")
                && kind.node.text() != Some(part.schema.kind)
            {
                self.problem(
                    "system::kind",
                    &kind.node.span,
                    format!("{name:?} is of kind {}", part.schema.kind),
                    "leave `kind` out: `use` says it",
                );
            }
            return Some(Record {
                span: node.span.clone(),
                ..Record::clone(&part)
            });
        }
        let schema = match node.get("kind").map(|entry| (entry, entry.node.text())) {
            Some((entry, Some(word))) => {
                if let Some(schema) = schemas.iter().find(|schema| schema.kind == word) {
                    schema
                } else {
                    let kinds: Vec<_> = schemas.iter().map(|schema| schema.kind).collect();
                    self.problems.push(
                        Problem::new(
                            "system::kind",
                            &entry.node.span,
                            format!("no kind {:?} here", shortened(word)),
                        )
                        .with_help("leave `kind` out")
                        .with_nearest(word, kinds),
                    );
                    return None;
                }
            }
            Some((entry, None)) => {
                self.problem(
                    "system::type",
                    &entry.node.span,
                    format!("`kind` takes a text, found {}", entry.node.noun()),
                    "write the kind of part in quotes",
                );
                return None;
            }
            None => match base {
                Some(base) => base.schema,
                None if schemas.len() == 1 => schemas[0],
                None => {
                    let kinds: Vec<_> = schemas.iter().map(|schema| schema.kind).collect();
                    self.problems.push(
                        Problem::new(
                            "system::kind",
                            &node.span,
                            "the table does not say what it is",
                        )
                        .with_help(format!(
                            "add `use = \"part\"` or `kind`, one of {}",
                            kinds.join(", ")
                        )),
                    );
                    return None;
                }
            },
        };
        match base {
            Some(base) if base.schema.kind == schema.kind => Some(Record {
                span: node.span.clone(),
                ..Record::clone(base)
            }),
            _ => Some(Record {
                schema,
                name: None,
                span: node.span.clone(),
                fields: vec![None; schema.fields.len()],
            }),
        }
    }

    /// A part of the library by name.
    fn library_part(
        &mut self,
        schemas: &[&'static RecordSchema],
        name: &str,
        span: &Span,
    ) -> Option<Arc<Record>> {
        let Some((schema, node)) = schemas.iter().find_map(|schema| {
            self.library
                .node(schema.kind, name)
                .map(|node| (*schema, node))
        }) else {
            let kinds: Vec<_> = schemas.iter().map(|schema| schema.kind).collect();
            let names: Vec<_> = kinds
                .iter()
                .flat_map(|kind| self.library.names(kind))
                .collect();
            self.problems.push(
                Problem::new(
                    "system::unknown-part",
                    span,
                    format!(
                        "the library has no {} called {:?}",
                        kinds.join(" or "),
                        shortened(name)
                    ),
                )
                .with_help("write a table of its fields in place of the name")
                .with_nearest(name, names),
            );
            return None;
        };
        let key = (schema.kind, name.to_owned());
        if self.open.contains(&key) {
            let chain: Vec<_> = self
                .open
                .iter()
                .chain([&key])
                .map(|(kind, name)| format!("{kind} {name}"))
                .collect();
            self.problem(
                "system::cycle",
                span,
                format!("a part uses itself: {}", chain.join(" -> ")),
                "let one of them state its fields without `use`",
            );
            return None;
        }
        if self.open.len() >= MAX_CHAIN {
            self.problem(
                "system::cycle",
                span,
                format!(
                    "{} {name} stands at the end of a chain of {MAX_CHAIN} parts",
                    schema.kind
                ),
                "let parts state their fields, or use a part that does",
            );
            return None;
        }
        if let Some(record) = self.library.cached(schema.kind, name) {
            return Some(record);
        }
        let place = std::mem::replace(&mut self.place, Place::Library);
        let n_problems = self.problems.len();
        self.open.push(key);
        let path = format!("{} {name}", schema.kind);
        let record = self.record(&[schema], node, None, &path).map(|record| {
            Arc::new(Record {
                name: Some(Arc::from(name)),
                ..Record::clone(&record)
            })
        });
        self.open.pop();
        self.place = place;
        if let Some(record) = &record
            && self.problems.len() == n_problems
        {
            self.library.keep(schema.kind, name, record);
        }
        record
    }

    /// Reads one key of a record.
    fn entry(&mut self, record: &mut Record, entry: &Entry, source: Option<&Arc<str>>, path: &str) {
        if self.problems.len() >= MAX_PROBLEMS {
            return;
        }
        let schema = record.schema;
        let Some(index) = schema
            .fields
            .iter()
            .position(|field| field.name == entry.key)
        else {
            if COMMON_KEYS.contains(&entry.key.as_str()) {
                self.require_text(entry);
                return;
            }
            let names = schema
                .fields
                .iter()
                .map(|field| field.name)
                .chain(COMMON_KEYS);
            // A misspelt key is not missing as well.
            if let Some(meant) = nearest(&entry.key, names.clone()) {
                self.unread.insert(below(path, meant));
            }
            self.problems.push(
                Problem::new(
                    "system::unknown-key",
                    &entry.key_span,
                    format!("unknown key {:?} of {}", shortened(&entry.key), schema.kind),
                )
                .with_nearest(&entry.key, names),
            );
            return;
        };
        let field = &schema.fields[index];
        let base = match record.fields[index].as_ref().map(|field| &field.value) {
            Some(Value::Part(record)) => Some(Arc::clone(record)),
            _ => None,
        };
        if let Some(value) = self.value(field, &entry.node, base.as_ref(), source, path) {
            record.fields[index] = Some(Field {
                value,
                span: entry.node.span.clone(),
            });
        } else {
            self.unread.insert(below(path, field.name));
        }
    }

    fn value(
        &mut self,
        field: &'static FieldSchema,
        node: &Node,
        base: Option<&Arc<Record>>,
        source: Option<&Arc<str>>,
        path: &str,
    ) -> Option<Value> {
        let below = below(path, field.name);
        let value = match (&field.kind, &node.value) {
            (FieldKind::Quantity(_), _) => return self.quantity(field, node, source, path),
            (FieldKind::Count, NodeValue::Integer(number)) => {
                let high = field.high.min(1e6);
                let in_range = |count: &u32| (field.low..=high).contains(&f64::from(*count));
                let Some(count) = u32::try_from(*number).ok().filter(in_range) else {
                    self.problem(
                        "system::range",
                        &node.span,
                        format!("{} cannot be {number}", field.name),
                        format!("the valid range is {} to {high}", field.low),
                    );
                    return None;
                };
                Value::Count(count)
            }
            (FieldKind::Flag, NodeValue::Flag(flag)) => Value::Flag(*flag),
            (FieldKind::Text, NodeValue::Text(text)) => Value::Text(Arc::from(text.as_str())),
            (FieldKind::Choice(words), NodeValue::Text(text)) => {
                let Some(index) = words.iter().position(|word| word == text) else {
                    self.problems.push(
                        Problem::new(
                            "system::choice",
                            &node.span,
                            format!("{} cannot be {:?}", field.name, shortened(text)),
                        )
                        .with_nearest(text, words.iter().copied()),
                    );
                    return None;
                };
                Value::Choice(index)
            }
            (FieldKind::Part(schemas), _) => Value::Part(self.record(schemas, node, base, &below)?),
            (FieldKind::Groups(schema), NodeValue::Table(entries)) => {
                if entries.len() > MAX_GROUPS {
                    self.problem(
                        "system::too-large",
                        &node.span,
                        format!(
                            "{} groups in {}; the limit is {MAX_GROUPS}",
                            entries.len(),
                            field.name
                        ),
                        "join equal groups into one with a `count`",
                    );
                    return None;
                }
                let mut groups = Vec::with_capacity(entries.len());
                for entry in entries {
                    self.check_name(entry);
                    if let Some(record) = self.record(
                        &[*schema],
                        &entry.node,
                        None,
                        &format!("{below}.{}", entry.key),
                    ) {
                        groups.push((Arc::from(entry.key.as_str()), record));
                    }
                }
                Value::Groups(groups)
            }
            (FieldKind::Table(schema), NodeValue::Text(file)) => {
                Value::Table(Arc::new(self.table(file, schema, &node.span)?))
            }
            _ => {
                self.problem(
                    "system::type",
                    &node.span,
                    format!(
                        "{} takes {}, found {}",
                        field.name,
                        field.kind.noun(),
                        node.noun()
                    ),
                    example_of(&field.kind),
                );
                return None;
            }
        };
        Some(value)
    }
}

/// The path of a field inside a record.
fn below(path: &str, field: &str) -> String {
    if path.is_empty() {
        field.to_owned()
    } else {
        format!("{path}.{field}")
    }
}

/// How a value of a kind is written.
fn example_of(kind: &FieldKind) -> String {
    match kind {
        FieldKind::Quantity(_) | FieldKind::Text => "put it in quotes".to_owned(),
        FieldKind::Count => "write a number such as 8, without quotes".to_owned(),
        FieldKind::Flag => "write true or false, without quotes".to_owned(),
        FieldKind::Choice(words) => format!("for example {:?}", words[0]),
        FieldKind::Part(_) => {
            "write the part's name in quotes, or a table of its fields".to_owned()
        }
        FieldKind::Groups(schema) => format!("for example a table [{}.NAME]", schema.kind),
        FieldKind::Table(schema) => {
            let names: Vec<_> = schema.columns.iter().map(|column| column.name).collect();
            format!(
                "for example \"measured.csv\", with columns {}",
                names.join(", ")
            )
        }
    }
}

/// The first 80 characters of a text, for messages.
pub(crate) fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(80).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
