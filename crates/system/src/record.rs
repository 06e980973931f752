//! Records: what a table of a description or of the library says, checked against its schema.

use std::sync::Arc;

use units::{Origin, Spread, format_si, parse_in};

use crate::library::Library;
use crate::node::{Entry, Node, NodeValue};
use crate::problem::{Problem, Span};
use crate::schema::{FieldKind, FieldSchema, RecordSchema};
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

    /// Reports every required field that is missing, here and in all parts.
    pub(crate) fn require_complete(&self, path: &str, problems: &mut Vec<Problem>) {
        let mut missing = Vec::new();
        for (schema, field) in self.schema.fields.iter().zip(&self.fields) {
            let below = if path.is_empty() {
                schema.name.to_owned()
            } else {
                format!("{path}.{}", schema.name)
            };
            match field.as_ref().map(|field| &field.value) {
                None if schema.is_required => missing.push(schema),
                Some(Value::Part(record)) => record.require_complete(&below, problems),
                Some(Value::Groups(groups)) => {
                    for (name, record) in groups {
                        record.require_complete(&format!("{below}.{name}"), problems);
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

/// Reads nodes into records and collects problems.
pub(crate) struct Reader<'a> {
    pub(crate) library: &'a Library,
    pub(crate) load: &'a Load<'a>,
    pub(crate) place: Place,
    pub(crate) problems: Vec<Problem>,
    /// The library parts being read, to find cycles.
    pub(crate) open: Vec<(&'static str, String)>,
}

impl Reader<'_> {
    fn problem(&mut self, code: &'static str, span: &Span, message: impl Into<String>) {
        self.problems.push(Problem::new(code, span, message));
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
                let expected = FieldKind::Part(&[]).noun();
                self.problem(
                    "system::type",
                    &node.span,
                    format!("expected {expected}, found {}", node.noun()),
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
                    "`use` takes the name of a part",
                );
                return None;
            };
            let part = self.library_part(schemas, name, &entry.node.span)?;
            return Some(Record {
                span: node.span.clone(),
                ..Record::clone(&part)
            });
        }
        let schema = match node.get("kind").map(|entry| (entry, entry.node.text())) {
            Some((entry, Some(word))) => match schemas.iter().find(|schema| schema.kind == word) {
                Some(schema) => schema,
                None => {
                    let kinds: Vec<_> = schemas.iter().map(|schema| schema.kind).collect();
                    self.problems.push(
                        Problem::new(
                            "system::kind",
                            &entry.node.span,
                            format!("no kind {word:?} here"),
                        )
                        .with_nearest(word, kinds),
                    );
                    return None;
                }
            },
            Some((entry, None)) => {
                self.problem("system::type", &entry.node.span, "`kind` takes a text");
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
                    format!("the library has no {} called {name:?}", kinds.join(" or ")),
                )
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
        let schema = record.schema;
        let Some(index) = schema
            .fields
            .iter()
            .position(|field| field.name == entry.key)
        else {
            if COMMON_KEYS.contains(&entry.key.as_str()) {
                return;
            }
            let names = schema
                .fields
                .iter()
                .map(|field| field.name)
                .chain(COMMON_KEYS);
            self.problems.push(
                Problem::new(
                    "system::unknown-key",
                    &entry.key_span,
                    format!("unknown key {:?} of {}", entry.key, schema.kind),
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
        let below = if path.is_empty() {
            field.name.to_owned()
        } else {
            format!("{path}.{}", field.name)
        };
        let value = match (&field.kind, &node.value) {
            (FieldKind::Quantity(_), _) => return self.quantity(field, node, source, path),
            (FieldKind::Count, NodeValue::Integer(number)) => {
                let count = u32::try_from(*number).ok();
                let high = field.high.min(1e6);
                match count.filter(|count| (field.low..=high).contains(&f64::from(*count))) {
                    Some(count) => Value::Count(count),
                    None => {
                        self.problem(
                            "system::range",
                            &node.span,
                            format!(
                                "{} must lie in {} .. {high}, found {number}",
                                field.name, field.low
                            ),
                        );
                        return None;
                    }
                }
            }
            (FieldKind::Flag, NodeValue::Flag(flag)) => Value::Flag(*flag),
            (FieldKind::Text, NodeValue::Text(text)) => Value::Text(Arc::from(text.as_str())),
            (FieldKind::Choice(words), NodeValue::Text(text)) => {
                let Some(index) = words.iter().position(|word| word == text) else {
                    self.problems.push(
                        Problem::new(
                            "system::choice",
                            &node.span,
                            format!("{} cannot be {text:?}", field.name),
                        )
                        .with_nearest(text, words.iter().copied()),
                    );
                    return None;
                };
                Value::Choice(index)
            }
            (FieldKind::Part(schemas), _) => Value::Part(self.record(schemas, node, base, &below)?),
            (FieldKind::Groups(schema), NodeValue::Table(entries)) => {
                let mut groups = Vec::with_capacity(entries.len());
                for entry in entries {
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
            (FieldKind::Table(columns), NodeValue::Text(file)) => {
                let bytes = match (self.load)(file) {
                    Ok(bytes) => bytes,
                    Err(error) => {
                        self.problem(
                            "system::file",
                            &node.span,
                            format!("cannot read {file:?}: {error}"),
                        );
                        return None;
                    }
                };
                let Ok(text) = String::from_utf8(bytes) else {
                    self.problem(
                        "system::not-utf8",
                        &node.span,
                        format!("{file:?} is not UTF-8"),
                    );
                    return None;
                };
                Value::Table(Arc::new(MeasuredTable::parse(
                    file,
                    &text,
                    columns,
                    &mut self.problems,
                )?))
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
                );
                return None;
            }
        };
        Some(value)
    }

    /// Reads a quantity: `"5 dB"`, or a table with `value`, `spread`, `at` and `source` or
    /// `estimate`.
    fn quantity(
        &mut self,
        field: &'static FieldSchema,
        node: &Node,
        source: Option<&Arc<str>>,
        path: &str,
    ) -> Option<Value> {
        const KEYS: [&str; 7] = [
            "value", "spread", "at", "source", "clause", "estimate", "note",
        ];
        let FieldKind::Quantity(dimension) = field.kind else {
            return None;
        };
        let mut spread_node = None;
        let mut origin = None;
        let mut value_node = node;
        if let NodeValue::Table(entries) = &node.value {
            for entry in entries {
                if !KEYS.contains(&entry.key.as_str()) {
                    self.problems.push(
                        Problem::new(
                            "system::unknown-key",
                            &entry.key_span,
                            format!("unknown key {:?} of a value", entry.key),
                        )
                        .with_nearest(&entry.key, KEYS),
                    );
                }
            }
            let Some(entry) = node.get("value") else {
                self.problem(
                    "system::missing",
                    &node.span,
                    format!("{} lacks `value`", field.name),
                );
                return None;
            };
            value_node = &entry.node;
            spread_node = node.get("spread").map(|entry| &entry.node);
            origin = self.origin(node);
        }
        let si = match &value_node.value {
            NodeValue::Text(text) => match parse_in(dimension, text) {
                Ok(si) => si,
                Err(error) => {
                    self.problem(
                        "system::quantity",
                        &value_node.span,
                        format!("{}: {error}", field.name),
                    );
                    return None;
                }
            },
            NodeValue::Float(number) if dimension == units::Dimension::Ratio => *number,
            NodeValue::Integer(number) if dimension == units::Dimension::Ratio => *number as f64,
            _ => {
                let example = dimension.units()[0].symbol;
                self.problem(
                    "system::quantity",
                    &value_node.span,
                    format!(
                        "{} takes {} as a text such as \"1 {example}\", found {}",
                        field.name,
                        dimension.noun(),
                        value_node.noun()
                    ),
                );
                return None;
            }
        };
        if !(field.low..=field.high).contains(&si) {
            let print = |si: f64| {
                if si.abs() >= 1e300 {
                    "any".to_owned()
                } else {
                    format_si(dimension, si)
                }
            };
            self.problems.push(
                Problem::new(
                    "system::range",
                    &value_node.span,
                    format!("{} cannot be {}", field.name, format_si(dimension, si)),
                )
                .with_help(format!(
                    "the valid range is {} to {}",
                    print(field.low),
                    print(field.high)
                )),
            );
            return None;
        }
        let mut spread = Spread::Exact;
        if let Some(node) = spread_node {
            match node.text().map(|text| Spread::parse(dimension, si, text)) {
                Some(Ok(parsed)) => spread = parsed,
                Some(Err(error)) => self.problem("system::spread", &node.span, error.to_string()),
                None => self.problem("system::spread", &node.span, "a spread is a text"),
            }
        }
        let origin = origin.or_else(|| source.map(|key| Origin::Source(Arc::clone(key))));
        let origin = match (origin, self.place) {
            (Some(origin), _) => origin,
            (None, Place::Description) => Origin::Stated,
            (None, Place::Library) => {
                self.problem(
                    "library::no-source",
                    &node.span,
                    format!(
                        "{} names neither a source nor the reason of an estimate",
                        field.name
                    ),
                );
                return None;
            }
        };
        if let Origin::Source(key) = &origin
            && !self.library.has_source(key)
        {
            self.problems.push(
                Problem::new(
                    "library::unknown-source",
                    &node.span,
                    format!("no source {key:?}"),
                )
                .with_nearest(key, self.library.source_keys()),
            );
        }
        let remarks: Vec<&str> = ["at", "clause", "note"]
            .into_iter()
            .filter_map(|key| node.get(key)?.node.text())
            .collect();
        Some(Value::Quantity {
            si,
            spread,
            origin,
            key: Arc::from(path),
            remarks: (!remarks.is_empty()).then(|| Arc::from(remarks.join("; "))),
        })
    }

    /// The origin that a value states.
    fn origin(&mut self, node: &Node) -> Option<Origin> {
        let text = |key: &str| node.get(key).and_then(|entry| entry.node.text());
        match (text("source"), text("estimate")) {
            (Some(_), Some(_)) => {
                self.problem(
                    "library::two-origins",
                    &node.span,
                    "a value has a source or is an estimate, not both",
                );
                None
            }
            (Some(key), None) => Some(Origin::Source(Arc::from(key))),
            (None, Some(reason)) if reason.len() >= 10 => Some(Origin::Estimate(Arc::from(reason))),
            (None, Some(_)) => {
                self.problem(
                    "library::no-reason",
                    &node.span,
                    "an estimate says how it was made",
                );
                None
            }
            (None, None) => None,
        }
    }
}
