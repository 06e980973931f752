//! Columns as `{"kind":…,"values":[…],"failed":[…],"stale":[…],"times_ns":[…],"reset_epochs":[…]}`.

use serde::de::{DeserializeSeed, Deserializer, Error};
use serde::{Deserialize, Serialize, Serializer};
use system::EntityKind;

use super::named;
use crate::{Column, Quality, Signal, Storage, Timestamp, Values};

#[derive(Serialize)]
struct ColumnOut<'a, T> {
    #[serde(with = "named::entity_kind")]
    kind: EntityKind,
    values: Elements<'a, T>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failed: Vec<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stale: Vec<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    times_ns: Vec<u64>,
    #[serde(skip_serializing_if = "<[u32]>::is_empty")]
    reset_epochs: &'a [u32],
}

/// Values with `null` where the element has failed.
struct Elements<'a, T> {
    values: &'a [T],
    column: &'a Column,
}

impl<T: Serialize> Serialize for Elements<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let elements =
            self.values.iter().enumerate().map(|(index, value)| {
                (self.column.quality(index) != Quality::Failed).then_some(value)
            });
        serializer.collect_seq(elements)
    }
}

/// Serialises a column.
pub(super) struct ByColumn<'a>(pub(super) &'a Column);

impl Serialize for ByColumn<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.values() {
            Values::F32(values) => column_out(self.0, values).serialize(serializer),
            Values::F64(values) => column_out(self.0, values).serialize(serializer),
            Values::Counter(values) => column_out(self.0, values).serialize(serializer),
            Values::State(values) => column_out(self.0, values).serialize(serializer),
        }
    }
}

fn column_out<'a, T>(column: &'a Column, values: &'a [T]) -> ColumnOut<'a, T> {
    let having = |wanted| {
        let qualities = column.qualities().iter().enumerate();
        qualities
            .filter(|&(_, &quality)| quality == wanted)
            .map(|(index, _)| index)
            .collect()
    };
    ColumnOut {
        kind: column.signal().kind(),
        values: Elements { values, column },
        failed: having(Quality::Failed),
        stale: having(Quality::Stale),
        times_ns: column.times().iter().map(|time| time.nanos()).collect(),
        reset_epochs: column.reset_epochs(),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnIn<T> {
    #[serde(with = "named::entity_kind")]
    kind: EntityKind,
    values: Vec<Option<T>>,
    #[serde(default = "Vec::new")]
    failed: Vec<usize>,
    #[serde(default = "Vec::new")]
    stale: Vec<usize>,
    #[serde(default = "Vec::new")]
    times_ns: Vec<u64>,
    #[serde(default = "Vec::new")]
    reset_epochs: Vec<u32>,
}

/// Deserialises the column of a signal, whose storage decides how numbers are read.
pub(super) struct OfSignal(pub(super) Signal);

impl<'de> DeserializeSeed<'de> for OfSignal {
    type Value = Column;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Column, D::Error> {
        match self.0.storage() {
            Storage::F32 => column_in(self.0, ColumnIn::deserialize(deserializer)?, Values::F32),
            Storage::F64 => column_in(self.0, ColumnIn::deserialize(deserializer)?, Values::F64),
            Storage::Counter => column_in(
                self.0,
                ColumnIn::deserialize(deserializer)?,
                Values::Counter,
            ),
            Storage::State(_) => {
                column_in(self.0, ColumnIn::deserialize(deserializer)?, Values::State)
            }
        }
    }
}

fn column_in<T: Default, E: Error>(
    signal: Signal,
    wire: ColumnIn<T>,
    wrap: impl Fn(Vec<T>) -> Values,
) -> Result<Column, E> {
    let name = signal.name();
    if wire.kind != signal.kind() {
        let (found, expected) = (wire.kind.name(), signal.kind().name());
        return Err(E::custom(format!(
            "signal {name} belongs to kind {expected}, not {found}"
        )));
    }
    let is_null: Vec<bool> = wire.values.iter().map(Option::is_none).collect();
    let mut qualities = Vec::new();
    for (indices, quality) in [(wire.failed, Quality::Failed), (wire.stale, Quality::Stale)] {
        for index in indices {
            qualities.resize(is_null.len(), Quality::Good);
            match qualities.get_mut(index) {
                Some(slot) if *slot == Quality::Good => *slot = quality,
                Some(_) => {
                    let problem = "is listed twice under \"failed\" and \"stale\"";
                    return Err(E::custom(format!("element {index} of {name} {problem}")));
                }
                None => {
                    let len = is_null.len();
                    let problem = format!("does not exist; there are {len}");
                    return Err(E::custom(format!("element {index} of {name} {problem}")));
                }
            }
        }
    }
    let is_failed = |index| qualities.get(index) == Some(&Quality::Failed);
    if let Some(index) = (0..is_null.len()).find(|&i| is_null[i] != is_failed(i)) {
        let problem = "must be null exactly when it is listed under \"failed\"";
        return Err(E::custom(format!("element {index} of {name} {problem}")));
    }
    let values = wire.values.into_iter().map(Option::unwrap_or_default);
    let times = wire.times_ns.into_iter().map(Timestamp::from_nanos);
    Column::from_parts(
        signal,
        wrap(values.collect()),
        qualities,
        times.collect(),
        wire.reset_epochs,
    )
    .map_err(E::custom)
}
