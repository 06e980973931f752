//! Typed indices into the flat arrays of a [`System`](crate::System).

/// What an id counts. The order is part of the wire form of observations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum EntityKind {
    /// The switch itself; there is one per system.
    Switch,
    /// A switch die.
    Asic,
    /// One SerDes lane of an ASIC, both directions.
    SerdesLane,
    /// An optical engine, in the package or in a pluggable module.
    Engine,
    /// One electrical lane between ASIC and engine, both directions.
    HostLane,
    /// One optical lane of an engine: one transmitter and one receiver.
    MediaLane,
    /// One wavelength of the grid.
    Wavelength,
    /// A module that holds lasers, such as an ELSFP.
    LaserModule,
    /// One laser.
    Laser,
    /// One fibre, for data or for laser light.
    Fibre,
    /// A fibre array unit.
    Fau,
    /// A multi-fibre ferrule or a faceplate connector.
    Connector,
    /// A port as the network operating system sees it.
    Port,
    /// A connection of a port to another port.
    Link,
    /// A thermal zone.
    Zone,
}

impl EntityKind {
    /// Every kind, in wire order.
    pub const ALL: [Self; 15] = [
        Self::Switch,
        Self::Asic,
        Self::SerdesLane,
        Self::Engine,
        Self::HostLane,
        Self::MediaLane,
        Self::Wavelength,
        Self::LaserModule,
        Self::Laser,
        Self::Fibre,
        Self::Fau,
        Self::Connector,
        Self::Port,
        Self::Link,
        Self::Zone,
    ];

    /// The name in machine output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Switch => "switch",
            Self::Asic => "asic",
            Self::SerdesLane => "serdes_lane",
            Self::Engine => "engine",
            Self::HostLane => "host_lane",
            Self::MediaLane => "media_lane",
            Self::Wavelength => "wavelength",
            Self::LaserModule => "laser_module",
            Self::Laser => "laser",
            Self::Fibre => "fibre",
            Self::Fau => "fau",
            Self::Connector => "connector",
            Self::Port => "port",
            Self::Link => "link",
            Self::Zone => "zone",
        }
    }
}

macro_rules! ids {
    ($($(#[doc = $doc:literal])+ $name:ident => $kind:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);

        impl $name {
            /// What this id counts.
            pub const KIND: EntityKind = EntityKind::$kind;

            /// The position in the system's array of this kind.
            pub const fn index(self) -> usize {
                self.0 as usize
            }

            /// The id of a position.
            ///
            /// # Panics
            /// When the position exceeds 2^32; descriptions are refused long before.
            pub fn from_index(index: usize) -> Self {
                Self(u32::try_from(index).expect("a system has fewer than 2^32 entities"))
            }
        }
    )+};
}

ids! {
    /// Index of an ASIC.
    AsicId => Asic;
    /// Index of a SerDes lane.
    SerdesLaneId => SerdesLane;
    /// Index of an optical engine.
    EngineId => Engine;
    /// Index of a host lane.
    HostLaneId => HostLane;
    /// Index of a media lane.
    MediaLaneId => MediaLane;
    /// Index of a wavelength.
    WavelengthId => Wavelength;
    /// Index of a laser module.
    LaserModuleId => LaserModule;
    /// Index of a laser.
    LaserId => Laser;
    /// Index of a fibre.
    FibreId => Fibre;
    /// Index of a fibre array unit.
    FauId => Fau;
    /// Index of a connector.
    ConnectorId => Connector;
    /// Index of a port.
    PortId => Port;
    /// Index of a link.
    LinkId => Link;
    /// Index of a thermal zone.
    ZoneId => Zone;
}
