//! The JSON form: one line per observation, command or set of capabilities.
//!
//! The wire types live here and nowhere else. Numbers are bare and in the unit that the name's
//! suffix gives; a failed element is `null` and listed under `failed`; infinity and not-a-number
//! do not occur.

mod capabilities;
mod column;
mod command;
mod observation;

use serde::Deserialize;
use system::nearest;

use crate::{DecodeError, SCHEMA};

/// The member that comes before all others are looked at.
#[derive(Deserialize)]
struct Version {
    schema: u64,
}

/// Refuses a text of another schema version, whatever else it holds.
fn check_schema(text: &str) -> Result<(), DecodeError> {
    let Version { schema } = serde_json::from_str(text)?;
    if schema == u64::from(SCHEMA) {
        return Ok(());
    }
    Err(DecodeError::UnsupportedSchema {
        found: schema,
        supported: SCHEMA,
    })
}

/// An error about a name that is not in its table, with the one that was probably meant, or with
/// all of them.
fn unknown<E: serde::de::Error>(
    what: &str,
    found: &str,
    known: impl IntoIterator<Item = &'static str>,
) -> E {
    let known: Vec<_> = known.into_iter().collect();
    let help = match nearest(found, known.iter().copied()) {
        Some(name) => format!("did you mean {name:?}?"),
        None => format!("expected one of {}", known.join(", ")),
    };
    E::custom(format!("{found:?} is not a {what}; {help}"))
}

/// (De)serialises a member of a `coded!` set by its name.
macro_rules! by_name {
    ($($module:ident: $type:ty, $what:literal;)+) => {$(
        pub(super) mod $module {
            use std::borrow::Cow;

            use serde::{Deserialize, Deserializer, Serializer};

            pub(in super::super) fn serialize<S: Serializer>(
                value: &$type,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(value.name())
            }

            pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
                deserializer: D,
            ) -> Result<$type, D::Error> {
                let name = Cow::<'de, str>::deserialize(deserializer)?;
                <$type>::from_name(&name).ok_or_else(|| {
                    super::super::unknown($what, &name, <$type>::ALL.iter().map(|m| m.name()))
                })
            }
        }
    )+};
}

mod named {
    //! Members of closed sets travel by name.
    by_name! {
        edge_kind: crate::EdgeKind, "kind of edge";
        direction: crate::Direction, "direction";
        power_state: crate::PowerState, "power state";
        loopback: crate::Loopback, "loopback";
        refusal_reason: crate::RefusalReason, "reason of refusal";
        ownership: crate::Ownership, "kind of ownership";
    }

    pub(super) mod pattern {
        use std::borrow::Cow;

        use serde::{Deserialize, Deserializer, Serializer};

        use crate::TestPattern;
        use crate::json::unknown;

        #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde prescribes it")]
        pub(in crate::json) fn serialize<S: Serializer>(
            value: &TestPattern,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(value.name())
        }

        pub(in crate::json) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<TestPattern, D::Error> {
            let name = Cow::<'de, str>::deserialize(deserializer)?;
            let known = || TestPattern::names()[1..].iter().copied();
            TestPattern::from_name(&name).ok_or_else(|| unknown("test pattern", &name, known()))
        }
    }

    pub(super) mod signal {
        use std::borrow::Cow;

        use serde::{Deserialize, Deserializer, Serializer};

        use crate::Signal;
        use crate::json::unknown;

        #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde prescribes it")]
        pub(in crate::json) fn serialize<S: Serializer>(
            value: &Signal,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(value.name())
        }

        pub(in crate::json) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Signal, D::Error> {
            let name = Cow::<'de, str>::deserialize(deserializer)?;
            Signal::from_name(&name)
                .ok_or_else(|| unknown("signal", &name, Signal::TABLE.iter().map(|i| i.name)))
        }
    }

    pub(super) mod entity_kind {
        use std::borrow::Cow;

        use serde::{Deserialize, Deserializer, Serializer};
        use system::EntityKind;

        use crate::entity::kind_from_name;
        use crate::json::unknown;

        #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde prescribes it")]
        pub(in crate::json) fn serialize<S: Serializer>(
            value: &EntityKind,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(value.name())
        }

        pub(in crate::json) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<EntityKind, D::Error> {
            let name = Cow::<'de, str>::deserialize(deserializer)?;
            kind_from_name(&name).ok_or_else(|| {
                let known = EntityKind::ALL.into_iter().map(EntityKind::name);
                unknown("kind of entity", &name, known)
            })
        }
    }
}
