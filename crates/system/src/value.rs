//! The quantities of a description as a list, and the same description with some of them replaced.

use std::sync::Arc;

use units::derivation::{Leaf, Node, Step};
use units::random::Draw;
use units::{Dimension, Origin, Place, Spread, format_si};

use crate::record::{Field, Record, Value};
use crate::schema::FieldKind;

/// A quantity as the description or the library states it. Key and field together name it: the
/// key is the stable name of the record that states it.
#[derive(Debug, Clone, PartialEq)]
pub struct StatedValue {
    /// The record, for example `engine.oe` or `laser cw-dfb`.
    pub key: Arc<str>,
    /// The field of that record.
    pub field: &'static str,
    /// What the field measures.
    pub dimension: Dimension,
    /// The nominal value, in the unit that the quantity's newtype holds.
    pub si: f64,
    /// How it varies.
    pub spread: Spread,
    /// Where it comes from.
    pub origin: Origin,
    /// Least and greatest value of the field; draws stop there.
    pub range: (f64, f64),
}

impl StatedValue {
    /// Key and field in one, for people.
    pub fn name(&self) -> String {
        format!("{}.{}", self.key, self.field)
    }

    /// The value as the leaf of an expression.
    pub fn leaf(&self) -> Arc<Node> {
        Arc::new(Node {
            dimension: self.dimension,
            si: self.si,
            step: Step::Stated(Leaf {
                place: Some(Place {
                    key: Arc::clone(&self.key),
                    field: self.field,
                }),
                spread: self.spread.clone(),
                origin: self.origin.clone(),
            }),
        })
    }

    /// The value below which a share `p` of all draws lies, for `p` in (0, 1).
    pub fn quantile(&self, p: f64) -> f64 {
        let (low, high) = self.range;
        self.spread.quantile(self.si, p).clamp(low, high)
    }

    /// The stream of its draws: `uniform(tick)` is the share `p` whose quantile
    /// [`crate::System::drawn`] takes.
    pub fn draw(&self, seed: u64) -> Draw {
        Draw::new(seed, &self.key, self.field)
    }
}

/// Why a value cannot be replaced.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueError {
    /// The system has no such quantity.
    #[error("no quantity {field:?} is stated by {key:?}")]
    Unknown {
        /// The record.
        key: String,
        /// The field.
        field: String,
    },
    /// The field does not take the value.
    #[error("{key}.{field} cannot be {}; the valid range is {} to {}", format_si(*dimension, *si), format_si(*dimension, *low), format_si(*dimension, *high))]
    OutOfRange {
        /// The record.
        key: String,
        /// The field.
        field: String,
        /// What it measures.
        dimension: Dimension,
        /// The value, in the unit that the quantity's newtype holds.
        si: f64,
        /// Least value.
        low: f64,
        /// Greatest value.
        high: f64,
    },
}

impl Record {
    pub(crate) fn collect_values(&self, values: &mut Vec<StatedValue>) {
        for (schema, field) in self.schema.fields.iter().zip(&self.fields) {
            match field.as_ref().map(|field| &field.value) {
                Some(Value::Quantity {
                    si,
                    spread,
                    origin,
                    key,
                    ..
                }) => {
                    let FieldKind::Quantity(dimension) = schema.kind else {
                        continue;
                    };
                    values.push(StatedValue {
                        key: Arc::clone(key),
                        field: schema.name,
                        dimension,
                        si: *si,
                        spread: spread.clone(),
                        origin: origin.clone(),
                        range: (schema.low, schema.high),
                    });
                }
                Some(Value::Part(record)) => record.collect_values(values),
                Some(Value::Groups(groups)) => {
                    for (_, record) in groups {
                        record.collect_values(values);
                    }
                }
                _ => {}
            }
        }
    }

    /// The record with some values replaced; none when it has none of them. Marks those that it
    /// has as known.
    ///
    /// # Errors
    /// A value outside the range of its field.
    pub(crate) fn with_values(
        &self,
        values: &[(&str, &str, f64)],
        is_known: &mut [bool],
    ) -> Result<Option<Arc<Self>>, ValueError> {
        let mut replaced: Option<Self> = None;
        for (idx, (schema, field)) in self.schema.fields.iter().zip(&self.fields).enumerate() {
            let Some(field) = field else { continue };
            let value = match &field.value {
                Value::Quantity { key, .. } => {
                    let asked = values
                        .iter()
                        .rposition(|(of, name, _)| *name == schema.name && **of == **key);
                    let Some(asked) = asked else { continue };
                    for (known, (of, name, _)) in is_known.iter_mut().zip(values) {
                        *known |= *name == schema.name && **of == **key;
                    }
                    let si = values[asked].2;
                    if !(schema.low..=schema.high).contains(&si) {
                        let FieldKind::Quantity(dimension) = schema.kind else {
                            continue;
                        };
                        return Err(ValueError::OutOfRange {
                            key: key.to_string(),
                            field: schema.name.to_owned(),
                            dimension,
                            si,
                            low: schema.low,
                            high: schema.high,
                        });
                    }
                    Some(exactly(&field.value, si))
                }
                Value::Part(record) => record.with_values(values, is_known)?.map(Value::Part),
                Value::Groups(groups) => {
                    let mut changed = None;
                    for (place, (_, record)) in groups.iter().enumerate() {
                        if let Some(record) = record.with_values(values, is_known)? {
                            changed.get_or_insert_with(|| groups.clone())[place].1 = record;
                        }
                    }
                    changed.map(Value::Groups)
                }
                _ => None,
            };
            if let Some(value) = value {
                let record = replaced.get_or_insert_with(|| self.clone());
                record.fields[idx] = Some(Field {
                    value,
                    span: field.span.clone(),
                });
            }
        }
        Ok(replaced.map(Arc::new))
    }
}

/// A quantity with another value and without spread.
fn exactly(quantity: &Value, si: f64) -> Value {
    let mut value = quantity.clone();
    if let Value::Quantity {
        si: nominal,
        spread,
        ..
    } = &mut value
    {
        *nominal = si;
        *spread = Spread::Exact;
    }
    value
}
