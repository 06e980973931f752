//! The planes of a lane.

use units::{DbMilliwatts, Decibels};

/// What light passes on its way from laser to photodiode, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Element {
    /// The laser, at the connector of its module or in its guide.
    Laser,
    /// The optical mate of the laser module.
    LaserMate,
    /// The polarisation-maintaining fibre.
    LaserFibre,
    /// The connectors of that fibre.
    LaserConnectors,
    /// The coupler into the chip. The tap after it is the engine's input monitor.
    InputCoupler,
    /// The guide between coupler and splitter, with its nonlinear absorption.
    Routing,
    /// The splitter between the lanes of one laser.
    Splitter,
    /// The modulator at its top level.
    Modulator,
    /// From continuous light to data: the mean of the levels against the top one. The tap after
    /// it is the transmit monitor.
    Modulation,
    /// The residual error of a ring's lock.
    LockError,
    /// The wavelength multiplexer.
    Multiplexer,
    /// The coupler out of the chip; after it lies TP2.
    OutputCoupler,
    /// The data connectors.
    Connectors,
    /// The fibre shuffle.
    Shuffle,
    /// The data fibre with the fading of its dispersion; after it lies TP3.
    Fibre,
    /// The coupler into the far chip.
    ReceiveCoupler,
    /// Polarisation handling.
    Polarisation,
    /// The wavelength demultiplexer.
    Demultiplexer,
    /// The photodiode: what reaches it.
    Photodiode,
}

impl Element {
    /// The name in tables and machine output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Laser => "laser",
            Self::LaserMate => "laser_mate",
            Self::LaserFibre => "laser_fibre",
            Self::LaserConnectors => "laser_connectors",
            Self::InputCoupler => "input_coupler",
            Self::Routing => "routing",
            Self::Splitter => "splitter",
            Self::Modulator => "modulator",
            Self::Modulation => "modulation",
            Self::LockError => "lock_error",
            Self::Multiplexer => "multiplexer",
            Self::OutputCoupler => "output_coupler",
            Self::Connectors => "connectors",
            Self::Shuffle => "shuffle",
            Self::Fibre => "fibre",
            Self::ReceiveCoupler => "receive_coupler",
            Self::Polarisation => "polarisation",
            Self::Demultiplexer => "demultiplexer",
            Self::Photodiode => "photodiode",
        }
    }

    /// The tap or test point after the element, where there is one.
    pub const fn tap(self) -> Option<&'static str> {
        match self {
            Self::Laser => Some("P_ELS"),
            Self::InputCoupler => Some("MPD_in"),
            Self::Modulation => Some("MPD_tx"),
            Self::OutputCoupler => Some("TP2"),
            Self::Fibre => Some("TP3"),
            Self::Photodiode => Some("P_rx"),
            _ => None,
        }
    }
}

impl std::fmt::Display for Element {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name().replace('_', " "))
    }
}

/// The light after an element.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plane {
    /// The element just passed.
    pub element: Element,
    /// Its loss of mean power. An element that slows the signal loses more amplitude.
    pub loss: Decibels,
    /// Mean power after it.
    pub average: DbMilliwatts,
    /// Outer modulation amplitude after it; none before the modulator.
    pub oma: Option<DbMilliwatts>,
}

/// The planes of a lane, from laser to photodiode.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Planes(pub Vec<Plane>);

impl Planes {
    /// The plane after an element, when the lane has it.
    pub fn after(&self, element: Element) -> Option<&Plane> {
        self.0.iter().find(|plane| plane.element == element)
    }

    /// The last plane.
    pub fn last(&self) -> Option<&Plane> {
        self.0.last()
    }
}
