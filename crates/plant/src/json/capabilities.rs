//! Capabilities as one object.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Serialize};
use system::EntityKind;

use super::{check_schema, named, unknown};
use crate::entity::kind_from_name;
use crate::{
    Capabilities, CommandKind, DecodeError, DeviceName, EntityCounts, Ownership, SCHEMA, Signal,
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireCapabilities {
    schema: u64,
    device: String,
    fingerprint: String,
    #[serde(with = "named::ownership")]
    owns: Ownership,
    commands: Vec<String>,
    signals: Vec<String>,
    counts: BTreeMap<String, u32>,
    minimal_period_ns: u64,
}

impl Capabilities {
    /// The capabilities as one line of JSON, without the line feed. A minimal period beyond 584
    /// years is cut to that.
    ///
    /// # Panics
    /// Never: every member has a JSON form.
    pub fn encode_json(&self) -> String {
        let counts = EntityKind::ALL
            .into_iter()
            .map(|kind| (kind.name().to_owned(), self.counts.get(kind)))
            .filter(|&(_, count)| count > 0);
        let wire = WireCapabilities {
            schema: SCHEMA.into(),
            device: self.device.to_string(),
            fingerprint: self.fingerprint.to_string(),
            owns: self.owns,
            commands: self.commands.iter().map(|c| c.name().to_owned()).collect(),
            signals: self.signals.iter().map(|s| s.name().to_owned()).collect(),
            counts: counts.collect(),
            minimal_period_ns: u64::try_from(self.minimal_period.as_nanos()).unwrap_or(u64::MAX),
        };
        serde_json::to_string(&wire).expect("strings, integers and string keys only")
    }

    /// Reads one line of JSON.
    ///
    /// # Errors
    /// [`DecodeError`] when the text is malformed, of another schema version or holds names that
    /// no table has.
    pub fn decode_json(text: &str) -> Result<Self, DecodeError> {
        check_schema(text)?;
        let wire: WireCapabilities = serde_json::from_str(text)?;
        let mut counts = EntityCounts::default();
        for (name, count) in &wire.counts {
            let kind = kind_from_name(name).ok_or_else(|| {
                let known = EntityKind::ALL.into_iter().map(EntityKind::name);
                unknown::<serde_json::Error>("kind of entity", name, known)
            })?;
            counts.set(kind, *count);
        }
        let command = |name: &String| {
            CommandKind::from_name(name).ok_or_else(|| {
                let known = CommandKind::ALL.iter().map(|kind| kind.name());
                unknown::<serde_json::Error>("command", name, known)
            })
        };
        let signal = |name: &String| {
            Signal::from_name(name).ok_or_else(|| {
                let known = Signal::TABLE.iter().map(|info| info.name);
                unknown::<serde_json::Error>("signal", name, known)
            })
        };
        let fingerprint = wire
            .fingerprint
            .parse()
            .map_err(serde_json::Error::custom)?;
        Ok(Self {
            fingerprint,
            owns: wire.owns,
            commands: wire
                .commands
                .iter()
                .map(command)
                .collect::<Result<_, _>>()?,
            signals: wire.signals.iter().map(signal).collect::<Result<_, _>>()?,
            counts,
            minimal_period: Duration::from_nanos(wire.minimal_period_ns),
            device: DeviceName::new(wire.device)?,
        })
    }
}
