//! Entities, signals, power states, loopbacks and test patterns inside the saved state of a plant: by the names that the JSON
//! form uses, so that a new one moves no other.

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};
use system::EntityKind;

use crate::{Entity, Loopback, PowerState, Signal, TestPattern};

impl Serialize for Entity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.kind.name(), self.index).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Entity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (name, index): (String, u32) = Deserialize::deserialize(deserializer)?;
        let kind = EntityKind::ALL.into_iter().find(|kind| kind.name() == name);
        let kind = kind.ok_or_else(|| D::Error::custom(format!("no kind is named {name:?}")))?;
        Ok(Self { kind, index })
    }
}

macro_rules! by_name {
    ($($type:ident),+) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.name().serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = String::deserialize(deserializer)?;
                let unknown = || D::Error::custom(format!("{name:?} is not known"));
                Self::from_name(&name).ok_or_else(unknown)
            }
        }
    )+};
}

by_name!(Signal, PowerState, Loopback, TestPattern);
