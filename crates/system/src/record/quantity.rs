//! Quantities with their spread and origin.

use std::sync::Arc;

use units::{Dimension, Origin, Spread, format_si, parse_in};

use super::{Place, Reader, Value, shortened};
use crate::node::{Node, NodeValue};
use crate::problem::Problem;
use crate::schema::{FieldKind, FieldSchema};
use crate::table::{Sites, read_sites};

/// What a table that is a value may say.
const KEYS: [&str; 9] = [
    "value", "spread", "at", "source", "clause", "estimate", "note", "map", "column",
];

/// The shortest reason of an estimate, bytes: long enough for a few words.
const MIN_REASON: usize = 10;

impl Reader<'_> {
    /// Reads a quantity: `"5 dB"`, a table with `value`, `spread`, `at` and `source` or
    /// `estimate`, or one with the `map` of a wafer.
    pub(super) fn quantity(
        &mut self,
        field: &'static FieldSchema,
        node: &Node,
        source: Option<&Arc<str>>,
        path: &str,
    ) -> Option<Value> {
        let FieldKind::Quantity(dimension) = field.kind else {
            return None;
        };
        if node.get("map").is_some() {
            return self.measured(field, dimension, node, path);
        }
        let mut spread_node = None;
        let mut origin = None;
        let mut value_node = node;
        if node.entries().is_some() {
            self.check_keys(node);
            if let Some(column) = node.get("column") {
                self.problem(
                    "system::unknown-key",
                    &column.key_span,
                    "`column` goes with `map`",
                    "leave it out, or name the file of the map",
                );
            }
            let Some(entry) = node.get("value") else {
                self.problem(
                    "system::missing",
                    &node.span,
                    format!("{} lacks `value`", field.name),
                    format!("write `value = {}`", example_of(dimension)),
                );
                return None;
            };
            value_node = &entry.node;
            spread_node = node.get("spread").map(|entry| &entry.node);
            origin = self.origin(node);
        }
        let si = self.number(field, dimension, value_node)?;
        let spread = match spread_node {
            Some(node) => self.spread(field, dimension, si, node)?,
            None => Spread::Exact,
        };
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
                    "write `{ value = ..., source = \"key\" }`, or `estimate` with the reason",
                );
                return None;
            }
        };
        if dimension == Dimension::Money && origin.is_estimate() && spread.is_exact() && si > 0.0 {
            self.problem(
                "system::no-range",
                &node.span,
                format!("{} is an estimate without a range", field.name),
                "add `spread`, for example \"range 500 USD .. 1500 USD\": an estimated price prints as a range",
            );
            return None;
        }
        if let Origin::Source(key) = &origin
            && !self.library.has_source(key)
        {
            self.problems.push(
                Problem::new(
                    "library::unknown-source",
                    &node.span,
                    format!("no source {:?}", shortened(key)),
                )
                .with_help("name a key of the library's sources, or write `estimate`")
                .with_nearest(key, self.library.source_keys()),
            );
        }
        Some(Value::Quantity {
            si,
            spread,
            origin,
            key: Arc::from(path),
            remarks: remarks(node),
        })
    }

    /// Reads a quantity that was measured over a wafer: `{ map = "wafer.csv", column = "loss" }`.
    /// The median of the sites is its nominal value, and their distribution its spread.
    fn measured(
        &mut self,
        field: &'static FieldSchema,
        dimension: Dimension,
        node: &Node,
        path: &str,
    ) -> Option<Value> {
        self.check_keys(node);
        for key in ["value", "spread", "estimate", "source"] {
            if let Some(entry) = node.get(key) {
                self.problem(
                    "system::map",
                    &entry.key_span,
                    format!("`{key}` cannot stand beside `map`"),
                    "the map gives value and spread, and is their origin; remarks go into `note`",
                );
            }
        }
        let map = node.get("map")?;
        let file = map.node.text()?;
        let column = match node.get("column") {
            Some(entry) => Some(entry.node.text()?),
            None => None,
        };
        let text = self.csv(file, &map.node.span)?;
        let sites = Sites {
            column,
            dimension,
            low: field.low,
            high: field.high,
        };
        let values = read_sites(file, &text, &sites, &mut self.problems)?;
        let n_sites = values.len();
        let (si, spread) = Spread::empirical(values)?;
        Some(Value::Quantity {
            si,
            spread,
            origin: Origin::Measured {
                file: Arc::from(file),
                n_sites,
            },
            key: Arc::from(path),
            remarks: remarks(node),
        })
    }

    /// Reports keys that a value does not have, and remarks that are no texts.
    fn check_keys(&mut self, node: &Node) {
        for entry in node.entries().unwrap_or_default() {
            if !KEYS.contains(&entry.key.as_str()) {
                self.problems.push(
                    Problem::new(
                        "system::unknown-key",
                        &entry.key_span,
                        format!("unknown key {:?} of a value", shortened(&entry.key)),
                    )
                    .with_nearest(&entry.key, KEYS),
                );
            } else if !["value", "spread"].contains(&entry.key.as_str()) {
                self.require_text(entry);
            }
        }
    }

    /// The number of a quantity, in the unit that its newtype holds and inside its range.
    fn number(
        &mut self,
        field: &'static FieldSchema,
        dimension: Dimension,
        node: &Node,
    ) -> Option<f64> {
        let si = match &node.value {
            NodeValue::Text(text) => match parse_in(dimension, text) {
                Ok(si) => si,
                Err(error) => {
                    self.problem(
                        "system::quantity",
                        &node.span,
                        format!("{}: {error}", field.name),
                        format!("for example {}", example_of(dimension)),
                    );
                    return None;
                }
            },
            NodeValue::Float(number) if dimension == Dimension::Ratio => *number,
            NodeValue::Integer(number) if dimension == Dimension::Ratio => *number as f64,
            _ => {
                self.problem(
                    "system::quantity",
                    &node.span,
                    format!(
                        "{} takes {}, found {}",
                        field.name,
                        dimension.noun(),
                        node.noun()
                    ),
                    format!("for example {}", example_of(dimension)),
                );
                return None;
            }
        };
        if (field.low..=field.high).contains(&si) {
            return Some(si);
        }
        let print = |si: f64| {
            if si.abs() >= 1e300 {
                "any".to_owned()
            } else {
                format_si(dimension, si)
            }
        };
        self.problem(
            "system::range",
            &node.span,
            format!("{} cannot be {}", field.name, format_si(dimension, si)),
            format!(
                "the valid range is {} to {}",
                print(field.low),
                print(field.high)
            ),
        );
        None
    }

    fn spread(
        &mut self,
        field: &'static FieldSchema,
        dimension: Dimension,
        si: f64,
        node: &Node,
    ) -> Option<Spread> {
        let message = match node.text().map(|text| Spread::parse(dimension, si, text)) {
            Some(Ok(spread)) => return Some(spread),
            Some(Err(error)) => format!("spread of {}: {error}", field.name),
            None => format!(
                "spread of {}: expected a text, found {}",
                field.name,
                node.noun()
            ),
        };
        let unit = dimension.of_difference().units()[0].symbol;
        let help = if dimension.has_natural_zero() {
            "for example \"+-5 %\"".to_owned()
        } else {
            format!("for example \"+-1 {unit}\"")
        };
        self.problem("system::spread", &node.span, message, help);
        None
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
                    "remove `source` or `estimate`; remarks go into `note`",
                );
                None
            }
            (Some(key), None) => Some(Origin::Source(Arc::from(key))),
            (None, Some(reason)) if reason.len() >= MIN_REASON => {
                Some(Origin::Estimate(Arc::from(reason)))
            }
            (None, Some(reason)) => {
                self.problem(
                    "library::no-reason",
                    &node.span,
                    format!("the estimate says too little: {reason:?}"),
                    "write in a few words how it was made",
                );
                None
            }
            (None, None) => None,
        }
    }
}

/// What stands beside a value for people.
fn remarks(node: &Node) -> Option<Arc<str>> {
    let remarks: Vec<&str> = ["at", "clause", "note"]
        .into_iter()
        .filter_map(|key| node.get(key)?.node.text())
        .collect();
    (!remarks.is_empty()).then(|| Arc::from(remarks.join("; ")))
}

/// A value of a dimension as it is written.
fn example_of(dimension: Dimension) -> String {
    match dimension.units()[0].symbol {
        "" => "0.5, or \"50 %\"".to_owned(),
        symbol => format!("\"1 {symbol}\""),
    }
}
