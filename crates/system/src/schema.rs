//! The form of records: one table per kind, from which reading, checking, suggestions, the JSON
//! schema and the typed structs all follow.

use std::fmt;
use std::sync::Arc;

use units::quantity::Quantity;
use units::random::Draw;
use units::{Dimension, Place, Sourced};

use crate::record::{Field, Record, Value};
use crate::table::MeasuredTable;

/// One kind of record, for example a laser.
#[derive(Debug)]
pub struct RecordSchema {
    /// The name of the kind in library files.
    pub kind: &'static str,
    /// What it describes.
    pub doc: &'static str,
    /// Its fields in the order of the manual.
    pub fields: &'static [FieldSchema],
}

/// One field of a record.
#[derive(Debug)]
pub struct FieldSchema {
    /// The key.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether a complete record must have it.
    pub is_required: bool,
    /// Least value, in the unit that the quantity's newtype holds.
    pub low: f64,
    /// Greatest value.
    pub high: f64,
}

/// What a field holds.
#[derive(Clone, Copy)]
pub enum FieldKind {
    /// A quantity with a unit.
    Quantity(Dimension),
    /// A whole number.
    Count,
    /// True or false.
    Flag,
    /// Any text.
    Text,
    /// One of some words.
    Choice(&'static [&'static str]),
    /// One record of one of these kinds: a name from the library, or a table.
    Part(&'static [&'static RecordSchema]),
    /// Named records of one kind.
    Groups(&'static RecordSchema),
    /// The path of a CSV file of this form.
    Table(&'static TableSchema),
}

/// The form of a measured table.
#[derive(Debug)]
pub struct TableSchema {
    /// How its rows hang together.
    pub layout: Layout,
    /// Its columns; axes stand before what was measured over them.
    pub columns: &'static [Column],
}

/// How the rows of a measured table hang together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Rows that agree in all axes but the last one form a curve; curves need not have the same
    /// places.
    Curves,
    /// Every place of one axis goes with every place of the others: no point is missing.
    Grid,
}

/// One column of a measured table.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The name in the header, before the unit in brackets.
    pub name: &'static str,
    /// What it measures.
    pub dimension: Dimension,
    /// What it is for.
    pub role: ColumnRole,
    /// Least value, in the unit that the quantity's newtype holds.
    pub low: f64,
    /// Greatest value.
    pub high: f64,
}

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnRole {
    /// The rows are sorted by it.
    Axis {
        /// The fewest places that it may have.
        least: usize,
    },
    /// What was measured.
    Measured,
    /// Measured too, but may be left out; a table without any measured column is refused.
    Optional,
}

impl Column {
    /// Whether the rows are sorted by it.
    pub fn is_axis(&self) -> bool {
        matches!(self.role, ColumnRole::Axis { .. })
    }
}

impl fmt::Debug for FieldKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.noun())
    }
}

impl FieldKind {
    /// What a value of this kind is, with its article.
    pub fn noun(&self) -> String {
        match self {
            Self::Quantity(dimension) => dimension.noun().to_owned(),
            Self::Count => "a whole number".to_owned(),
            Self::Flag => "true or false".to_owned(),
            Self::Text => "a text".to_owned(),
            Self::Choice(words) => format!("one of {}", words.join(", ")),
            Self::Part(schemas) => part_noun(schemas),
            Self::Groups(schema) => format!("named tables, one for each {}", schema.kind),
            Self::Table(_) => "the path of a CSV file".to_owned(),
        }
    }
}

/// What a part of one of these kinds is, with its article.
pub(crate) fn part_noun(schemas: &[&'static RecordSchema]) -> String {
    let kinds: Vec<_> = schemas.iter().map(|schema| schema.kind).collect();
    format!("the name or the table of a part ({})", kinds.join(" or "))
}

/// Which numbers to take from the spreads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sampling {
    /// The nominal value of every quantity.
    Nominal,
    /// One draw from every spread. A value that several parts share is drawn once.
    Draw {
        /// The seed.
        seed: u64,
        /// Which draw.
        tick: u64,
    },
}

/// A type that a field can be read into.
pub trait FromField: Sized {
    /// What the field holds.
    const KIND: FieldKind;
    /// Whether a complete record must have it.
    const IS_REQUIRED: bool = true;
    /// The typed value. The record has been checked for completeness.
    fn from_field(field: Option<&Field>, schema: &FieldSchema, sampling: Sampling) -> Self;
}

/// A typed struct made from a record.
pub trait FromRecord: Sized {
    /// The form of the record.
    const SCHEMA: &'static RecordSchema;
    /// Reads every field. The record has been checked for completeness.
    fn from_record(record: &Record, sampling: Sampling) -> Self;
}

const CHECKED: &str = "a record is checked against its schema before it is used";

impl<Q: Quantity> FromField for Sourced<Q> {
    const KIND: FieldKind = FieldKind::Quantity(Q::DIMENSION);
    fn from_field(field: Option<&Field>, schema: &FieldSchema, sampling: Sampling) -> Self {
        let Value::Quantity {
            si,
            spread,
            origin,
            key,
            ..
        } = &field.expect(CHECKED).value
        else {
            unreachable!("{CHECKED}")
        };
        let mut sourced = Self {
            value: Q::from_si(*si),
            spread: spread.clone(),
            origin: origin.clone(),
            place: Some(Place {
                key: Arc::clone(key),
                field: schema.name,
            }),
        };
        if let Sampling::Draw { seed, tick } = sampling {
            let drawn = sourced.sample(&Draw::new(seed, key, schema.name), tick);
            sourced.value = Q::from_si(drawn.si().clamp(schema.low, schema.high));
        }
        sourced
    }
}

impl<T: FromField> FromField for Option<T> {
    const KIND: FieldKind = T::KIND;
    const IS_REQUIRED: bool = false;
    fn from_field(field: Option<&Field>, schema: &FieldSchema, sampling: Sampling) -> Self {
        field.map(|field| T::from_field(Some(field), schema, sampling))
    }
}

macro_rules! plain_field {
    ($type:ty, $kind:expr, $pattern:pat => $value:expr) => {
        impl FromField for $type {
            const KIND: FieldKind = $kind;
            fn from_field(field: Option<&Field>, _: &FieldSchema, _: Sampling) -> Self {
                match &field.expect(CHECKED).value {
                    $pattern => $value,
                    _ => unreachable!("{CHECKED}"),
                }
            }
        }
    };
}

plain_field!(u32, FieldKind::Count, Value::Count(count) => *count);
plain_field!(bool, FieldKind::Flag, Value::Flag(flag) => *flag);
plain_field!(String, FieldKind::Text, Value::Text(text) => text.to_string());

impl<T: FromRecord> FromField for Box<T> {
    const KIND: FieldKind = FieldKind::Part(&[T::SCHEMA]);
    fn from_field(field: Option<&Field>, _: &FieldSchema, sampling: Sampling) -> Self {
        match &field.expect(CHECKED).value {
            Value::Part(record) => Self::new(T::from_record(record, sampling)),
            _ => unreachable!("{CHECKED}"),
        }
    }
}

/// Named groups of one kind, in the order of the text.
impl<T: FromRecord> FromField for Vec<Named<T>> {
    const KIND: FieldKind = FieldKind::Groups(T::SCHEMA);
    const IS_REQUIRED: bool = false;
    fn from_field(field: Option<&Field>, _: &FieldSchema, sampling: Sampling) -> Self {
        match field.map(|field| &field.value) {
            None => Self::new(),
            Some(Value::Groups(groups)) => groups
                .iter()
                .map(|(name, record)| Named {
                    name: name.to_string(),
                    part: record.name.as_ref().map(ToString::to_string),
                    value: T::from_record(record, sampling),
                })
                .collect(),
            Some(_) => unreachable!("{CHECKED}"),
        }
    }
}

/// A group with the name that its author gave it.
#[derive(Debug, Clone)]
pub struct Named<T> {
    /// The name.
    pub name: String,
    /// The library part that it starts from.
    pub part: Option<String>,
    /// The record.
    pub value: T,
}

/// Laser light over current and temperature, as measured.
#[derive(Debug, Clone)]
pub struct LivTable(pub Arc<MeasuredTable>);

/// Coupler loss over wavelength, as measured.
#[derive(Debug, Clone)]
pub struct LossTable(pub Arc<MeasuredTable>);

/// Modulator transmission over temperature, voltage and wavelength, as measured: output over input
/// in decibels, so that a loss is negative.
#[derive(Debug, Clone)]
pub struct TransmissionTable(pub Arc<MeasuredTable>);

/// Input-referred noise density and response of a receiver over frequency, as measured.
#[derive(Debug, Clone)]
pub struct ReceiverTable(pub Arc<MeasuredTable>);

/// Resistance and loss of pressure of a cooler over the flow of its fluid, as measured.
#[derive(Debug, Clone)]
pub struct CoolerTable(pub Arc<MeasuredTable>);

macro_rules! table_field {
    ($type:ident $layout:ident { $($role:ident $(($least:literal))? $name:literal: $dimension:ident = $low:literal ..= $high:literal,)+ }) => {
        impl $type {
            /// The form of its file.
            pub const SCHEMA: &'static TableSchema = &TableSchema {
                layout: Layout::$layout,
                columns: &[$(Column {
                    name: $name,
                    dimension: Dimension::$dimension,
                    role: ColumnRole::$role $({ least: $least })?,
                    low: $low,
                    high: $high,
                }),+],
            };
        }
        impl FromField for $type {
            const KIND: FieldKind = FieldKind::Table(Self::SCHEMA);
            fn from_field(field: Option<&Field>, _: &FieldSchema, _: Sampling) -> Self {
                match &field.expect(CHECKED).value {
                    Value::Table(table) => Self(Arc::clone(table)),
                    _ => unreachable!("{CHECKED}"),
                }
            }
        }
    };
}

table_field!(LivTable Curves {
    Axis(1) "temperature": Temperature = -60.0 ..= 200.0,
    Axis(2) "current": Current = 0.0 ..= 10.0,
    Measured "power": Power = 0.0 ..= 10.0,
    Measured "voltage": Voltage = 0.0 ..= 50.0,
});
table_field!(LossTable Curves {
    Axis(2) "wavelength": Length = 8e-7 ..= 1.7e-6,
    Measured "loss": PowerRatio = 0.0 ..= 100.0,
});
table_field!(TransmissionTable Grid {
    Axis(1) "temperature": Temperature = -60.0 ..= 200.0,
    Axis(2) "voltage": Voltage = -50.0 ..= 50.0,
    Axis(4) "wavelength": Length = 8e-7 ..= 1.7e-6,
    Measured "transmission": PowerRatio = -100.0 ..= 0.0,
});
table_field!(ReceiverTable Curves {
    Axis(2) "frequency": Frequency = 0.0 ..= 1e13,
    Optional "noise": CurrentNoise = 0.0 ..= 1e-8,
    Optional "response": PowerRatio = -100.0 ..= 30.0,
});
table_field!(CoolerTable Curves {
    Axis(2) "flow": VolumeFlow = 0.0 ..= 10.0,
    Optional "resistance": ThermalResistance = 0.0 ..= 1000.0,
    Optional "pressure_drop": Pressure = 0.0 ..= 1e7,
});

/// Defines record structs together with their schemas: the documentation of a field is the text
/// that `library show` and the JSON schema print, and its range is what reading checks.
macro_rules! records {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident = $kind:literal {
            $( $(#[doc = $field_doc:literal])+ $field:ident : $type:ty $(= $low:literal ..= $high:literal)? , )+
        }
    )+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone)]
        pub struct $name { $( $(#[doc = $field_doc])+ pub $field: $type, )+ }

        impl $crate::schema::FromRecord for $name {
            const SCHEMA: &'static $crate::schema::RecordSchema = &$crate::schema::RecordSchema {
                kind: $kind,
                doc: concat!($($doc),+),
                fields: &[ $( $crate::schema::FieldSchema {
                    name: stringify!($field),
                    doc: concat!($($field_doc),+),
                    kind: <$type as $crate::schema::FromField>::KIND,
                    is_required: <$type as $crate::schema::FromField>::IS_REQUIRED,
                    low: records!(@low $($low)?),
                    high: records!(@high $($high)?),
                }, )+ ],
            };
            fn from_record(record: &$crate::record::Record, sampling: $crate::schema::Sampling) -> Self {
                let mut fields = record.fields.iter().zip(Self::SCHEMA.fields);
                let mut next = || fields.next().expect("a record has one slot for each field of its schema");
                $( let (field, schema) = next(); let $field = $crate::schema::FromField::from_field(field.as_ref(), schema, sampling); )+
                Self { $($field),+ }
            }
        }
    )+};
    (@low $low:literal) => { $low };
    (@low) => { 0.0 };
    (@high $high:literal) => { $high };
    (@high) => { 1e300 };
}

/// Defines an enum whose variants are words of a description.
macro_rules! choices {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident { $( $(#[doc = $variant_doc:literal])+ $variant:ident = $word:literal, )+ }
    )+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $( $(#[doc = $variant_doc])+ $variant, )+ }

        impl $name {
            /// Every variant.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The word in descriptions and machine output.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.pad(self.word()) }
        }

        impl $crate::schema::FromField for $name {
            const KIND: $crate::schema::FieldKind = $crate::schema::FieldKind::Choice(&[$($word),+]);
            fn from_field(
                field: Option<&$crate::record::Field>,
                _: &$crate::schema::FieldSchema,
                _: $crate::schema::Sampling,
            ) -> Self {
                match field.map(|field| &field.value) {
                    Some($crate::record::Value::Choice(index)) => Self::ALL[*index],
                    _ => unreachable!("a record is checked against its schema before it is used"),
                }
            }
        }
    )+};
}

pub(crate) use {choices, records};
