//! One thing of a switch, of any kind.

use std::fmt;

use system::EntityKind;

/// A kind and a position: the untyped form of the ids of [`system`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Entity {
    /// What `index` counts.
    pub kind: EntityKind,
    /// The position in the system's array of this kind.
    pub index: u32,
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.name(), self.index)
    }
}

macro_rules! from_id {
    ($($id:ident),+ $(,)?) => {$(
        impl From<system::$id> for Entity {
            fn from(id: system::$id) -> Self {
                Self { kind: system::$id::KIND, index: id.0 }
            }
        }
    )+};
}

from_id!(
    AsicId,
    SerdesLaneId,
    EngineId,
    HostLaneId,
    MediaLaneId,
    WavelengthId,
    LaserModuleId,
    LaserId,
    FibreId,
    FauId,
    ConnectorId,
    PortId,
    LinkId,
    ZoneId,
);

/// The position of a kind in [`EntityKind::ALL`], which is its code in the binary form.
pub(crate) fn kind_position(kind: EntityKind) -> usize {
    EntityKind::ALL
        .iter()
        .position(|&other| other == kind)
        .expect("ALL holds every kind")
}

pub(crate) fn kind_from_name(name: &str) -> Option<EntityKind> {
    EntityKind::ALL.into_iter().find(|kind| kind.name() == name)
}
