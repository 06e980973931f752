//! Observations as one object.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use system::{EntityKind, Fingerprint};

use super::column::{ByColumn, OfSignal};
use super::{check_schema, named, unknown};
use crate::{
    Column, CommandId, DecodeError, DeviceName, Edge, EdgeKind, Entity, Observation, Outcome,
    Refusal, RefusalReason, SCHEMA, Signal, Status, Timestamp,
};

#[derive(Serialize)]
struct ObservationOut<'a> {
    schema: u16,
    fingerprint: String,
    device: &'a str,
    sequence: u64,
    time_ns: u64,
    columns: ColumnsOut<'a>,
    edges: Vec<WireEdge>,
    outcomes: Vec<WireOutcome<'a>>,
}

struct ColumnsOut<'a>(&'a [Column]);

impl Serialize for ColumnsOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|c| (c.signal().name(), ByColumn(c))))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ObservationIn<'a> {
    // Checked beforehand, named here because other members are refused.
    #[serde(rename = "schema")]
    _schema: u64,
    fingerprint: String,
    device: String,
    sequence: u64,
    time_ns: u64,
    columns: ColumnsIn,
    edges: Vec<WireEdge>,
    #[serde(borrow)]
    outcomes: Vec<WireOutcome<'a>>,
}

struct ColumnsIn(Vec<Column>);

impl<'de> Deserialize<'de> for ColumnsIn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Columns;

        impl<'de> Visitor<'de> for Columns {
            type Value = Vec<Column>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of columns by signal")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<Column>, A::Error> {
                let mut columns = Vec::new();
                while let Some(name) = map.next_key::<Cow<'de, str>>()? {
                    let Some(signal) = Signal::from_name(&name) else {
                        let known = Signal::TABLE.iter().map(|info| info.name);
                        return Err(unknown("signal", &name, known));
                    };
                    if columns
                        .iter()
                        .any(|column: &Column| column.signal() == signal)
                    {
                        return Err(A::Error::custom(format!("column {name} is repeated")));
                    }
                    columns.push(map.next_value_seed(OfSignal(signal))?);
                }
                columns.sort_by_key(Column::signal);
                Ok(columns)
            }
        }

        deserializer.deserialize_map(Columns).map(ColumnsIn)
    }
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireEdge {
    time_ns: u64,
    #[serde(with = "named::entity_kind")]
    kind: EntityKind,
    index: u32,
    #[serde(with = "named::edge_kind")]
    what: EdgeKind,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case", deny_unknown_fields)]
enum WireOutcome<'a> {
    Accepted {
        command: u64,
        time_ns: u64,
    },
    Done {
        command: u64,
        time_ns: u64,
    },
    Refused {
        command: u64,
        time_ns: u64,
        #[serde(with = "named::refusal_reason")]
        reason: RefusalReason,
        detail: Cow<'a, str>,
    },
}

impl Observation {
    /// The observation as one line of JSON, without the line feed.
    ///
    /// # Panics
    /// Never: every member has a JSON form.
    pub fn encode_json(&self) -> String {
        let wire = ObservationOut {
            schema: SCHEMA,
            fingerprint: self.fingerprint.to_string(),
            device: self.device.as_str(),
            sequence: self.sequence,
            time_ns: self.time.nanos(),
            columns: ColumnsOut(self.columns()),
            edges: self.edges.iter().map(edge_out).collect(),
            outcomes: self.outcomes.iter().map(outcome_out).collect(),
        };
        serde_json::to_string(&wire).expect("strings, finite numbers and string keys only")
    }

    /// Reads one line of JSON.
    ///
    /// # Errors
    /// [`DecodeError`] when the text is malformed, of another schema version, contradicts itself
    /// or was made under another description than `expected`.
    pub fn decode_json(text: &str, expected: &Fingerprint) -> Result<Self, DecodeError> {
        check_schema(text)?;
        let wire: ObservationIn<'_> = serde_json::from_str(text)?;
        let fingerprint = wire
            .fingerprint
            .parse()
            .map_err(serde_json::Error::custom)?;
        Self::check_fingerprint(fingerprint, expected)?;
        let mut observation = Self::new(fingerprint, DeviceName::new(wire.device)?);
        observation.sequence = wire.sequence;
        observation.time = Timestamp::from_nanos(wire.time_ns);
        for column in wire.columns.0 {
            observation.push(column)?;
        }
        observation.edges = wire.edges.into_iter().map(edge_in).collect();
        observation.outcomes = wire.outcomes.into_iter().map(outcome_in).collect();
        Ok(observation)
    }
}

fn edge_out(edge: &Edge) -> WireEdge {
    WireEdge {
        time_ns: edge.time.nanos(),
        kind: edge.entity.kind,
        index: edge.entity.index,
        what: edge.what,
    }
}

fn edge_in(wire: WireEdge) -> Edge {
    Edge {
        time: Timestamp::from_nanos(wire.time_ns),
        entity: Entity {
            kind: wire.kind,
            index: wire.index,
        },
        what: wire.what,
    }
}

fn outcome_out(outcome: &Outcome) -> WireOutcome<'_> {
    let command = outcome.command.0;
    let time_ns = outcome.time.nanos();
    match &outcome.status {
        Status::Accepted => WireOutcome::Accepted { command, time_ns },
        Status::Done => WireOutcome::Done { command, time_ns },
        Status::Refused(refusal) => WireOutcome::Refused {
            command,
            time_ns,
            reason: refusal.reason,
            detail: Cow::Borrowed(&refusal.detail),
        },
    }
}

fn outcome_in(wire: WireOutcome<'_>) -> Outcome {
    let (command, time_ns, status) = match wire {
        WireOutcome::Accepted { command, time_ns } => (command, time_ns, Status::Accepted),
        WireOutcome::Done { command, time_ns } => (command, time_ns, Status::Done),
        WireOutcome::Refused {
            command,
            time_ns,
            reason,
            detail,
        } => {
            let refusal = Refusal::new(reason, detail);
            (command, time_ns, Status::Refused(refusal))
        }
    };
    Outcome {
        command: CommandId(command),
        time: Timestamp::from_nanos(time_ns),
        status,
    }
}
