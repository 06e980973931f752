//! Coolant in layers, plates and loops.
//!
//! A [`Cavity`] makes a layer carry coolant: straight channels resolved one by one
//! ([`Passage::Channels`], four links for each cell) or averaged ([`Passage::Averaged`], two links
//! for each cell and the walls past it), pin fins, or a map of cells. The layer's own material is
//! that of its walls. Heat is carried downstream without mixing (upwind), so that what leaves at the
//! outlet is exactly what entered through the walls.
//!
//! What it does not model: boiling, natural convection, heat conducted along the stream, properties
//! that change with temperature along a channel.

mod assemble;
mod cells;
mod check;
pub mod curve;
pub mod duct;
pub mod flow;
mod map;
mod outlet;
pub mod pins;
pub mod plate;

use units::{
    Celsius, HeatTransferCoefficient, KilogramsPerCubicMeter, Meters, PascalSeconds, Pascals,
    ThermalConductivity, VolumeFlow, VolumetricHeatCapacity,
};

use crate::stack::{Layer, Stack};

pub(crate) use assemble::{CavityCells, Open, WallShare, streams};
pub use cells::CavityState;
pub(crate) use cells::{Plan, plan};
pub(crate) use check::check;
pub use outlet::Outlet;

/// A liquid. What no calculation asks for may be left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Coolant {
    /// Name.
    pub name: String,
    /// Heat that a volume takes up.
    pub heat_capacity: VolumetricHeatCapacity,
    /// Thermal conductivity: needed for computed coefficients and for a coolant that stands still.
    pub conductivity: Option<ThermalConductivity>,
    /// Dynamic viscosity: needed for pressures and for computed coefficients.
    pub viscosity: Option<PascalSeconds>,
    /// Density: needed to tell laminar from turbulent flow.
    pub density: Option<KilogramsPerCubicMeter>,
}

impl Coolant {
    /// A liquid of which only the heat capacity is known: enough where coefficients are given.
    pub fn new(name: impl Into<String>, heat_capacity: VolumetricHeatCapacity) -> Self {
        Self {
            name: name.into(),
            heat_capacity,
            conductivity: None,
            viscosity: None,
            density: None,
        }
    }

    /// Prandtl number `mu cv / (rho k)`, where all four are known.
    pub fn prandtl(&self) -> Option<f64> {
        let (mu, rho) = (self.viscosity?.value(), self.density?.value());
        Some(mu * self.heat_capacity.value() / (rho * self.conductivity?.value()))
    }
}

/// Where the coolant flows to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Towards larger y, as in 3D-ICE.
    Up,
    /// Towards smaller y.
    Down,
    /// Towards larger x.
    Right,
    /// Towards smaller x.
    Left,
}

impl Direction {
    /// Whether it flows along x.
    pub(crate) const fn is_along_x(self) -> bool {
        matches!(self, Self::Right | Self::Left)
    }

    /// Whether it flows towards larger coordinates.
    pub(crate) const fn is_forward(self) -> bool {
        matches!(self, Self::Up | Self::Right)
    }
}

/// What makes the coolant flow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Drive {
    /// A volume flow through the whole cavity; zero is a loss of coolant.
    Flow(VolumeFlow),
    /// A pressure between inlet and outlet.
    Pressure {
        /// Difference of the pump at rest.
        difference: Pascals,
        /// What the pump loses for each volume flow, Pa s/m^3; zero is an ideal pump.
        internal_pa_s_per_m3: f64,
    },
}

/// Equal straight channels from one edge of the stack to the opposite one.
///
/// Across the flow follow, from the edge at coordinate zero: the first wall, the first channel, a
/// wall, the next channel, ... and what the stack has left over as the last wall.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Channels {
    /// How many.
    pub count: usize,
    /// Width of each.
    pub width: Meters,
    /// Width of the walls between them.
    pub wall: Meters,
    /// Width of the wall before the first one; may be zero.
    pub first_wall: Meters,
}

impl Channels {
    /// Pitch of the channels.
    pub fn pitch(&self) -> Meters {
        self.width + self.wall
    }

    /// Left and right side of a channel, m.
    pub(crate) fn sides_m(&self, idx: usize) -> [f64; 2] {
        let start = self.first_wall.value() + idx as f64 * self.pitch().value();
        [start, start + self.width.value()]
    }

    /// From the edge of the stack to the far side of the last channel, m.
    pub(crate) fn span_m(&self) -> f64 {
        self.sides_m(self.count.saturating_sub(1))[1]
    }
}

/// How pins stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrangement {
    /// Behind one another.
    Inline,
    /// Each row shifted by half a pitch.
    Staggered,
}

/// Round pins from the floor to the roof of the cavity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pins {
    /// Diameter.
    pub diameter: Meters,
    /// Pitch along and across the flow.
    pub pitch: Meters,
    /// How they stand.
    pub arrangement: Arrangement,
}

impl Pins {
    /// Share of the volume that is open: `1 - pi d^2 / (4 p^2)`.
    pub fn porosity(&self) -> f64 {
        let ratio = self.diameter / self.pitch;
        1.0 - std::f64::consts::FRAC_PI_4 * ratio * ratio
    }

    /// The volume flow whose superficial (Darcy) velocity, counted over the whole cross-section of
    /// a cavity, is the given one in m/s.
    pub fn flow_of_darcy_velocity(
        velocity_m_per_s: f64,
        across: Meters,
        height: Meters,
    ) -> VolumeFlow {
        VolumeFlow::new(velocity_m_per_s * (across * height).value())
    }
}

/// One cell of a [`CellMap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapCell {
    /// A via through the wall; conducts as the layer and its blocks say.
    Via,
    /// Wall.
    Solid,
    /// Coolant.
    Fluid,
    /// Coolant enters here.
    Inlet,
    /// Coolant leaves here.
    Outlet,
}

impl MapCell {
    /// Whether it holds coolant.
    pub const fn is_fluid(self) -> bool {
        matches!(self, Self::Fluid | Self::Inlet | Self::Outlet)
    }
}

/// A cavity drawn cell by cell, each of the same size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellMap {
    /// Cells across.
    pub columns: usize,
    /// Cells up.
    pub rows: usize,
    /// The cells, x fastest, from the lowest row.
    pub cells: Vec<MapCell>,
}

/// Through what the coolant flows.
#[derive(Debug, Clone, PartialEq)]
pub enum Passage {
    /// Every channel is a line of cells: the grid needs a line at each wall, see
    /// [`Stack::coolant_lines`].
    Channels(Channels),
    /// Channels averaged over the cells of any grid.
    Averaged(Channels),
    /// Pins averaged over the cells of any grid.
    Pins(Pins),
    /// Cell by cell: the grid needs the lines of the map. The direction of flow is of no account.
    Map(CellMap),
}

/// The temperature of the walls for which a coefficient is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WallHeat {
    /// The same heat along the flow, the same temperature round the duct (H1).
    UniformFlux,
    /// The same temperature everywhere (T).
    UniformTemperature,
}

/// Whether the flow has come to rest in its profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// Everywhere.
    Developed,
    /// Boundary layers grow from the inlet: the mean over the length.
    Developing,
}

/// How heat passes between walls and coolant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Transfer {
    /// Coefficients of the wetted walls.
    Given {
        /// Of the sides, or of pins.
        side: HeatTransferCoefficient,
        /// Of the roof.
        top: HeatTransferCoefficient,
        /// Of the floor.
        bottom: HeatTransferCoefficient,
    },
    /// Coefficients for the whole area of floor and roof that already include fins, for
    /// [`Passage::Averaged`] and [`Passage::Pins`].
    Effective {
        /// Of the roof.
        top: HeatTransferCoefficient,
        /// Of the floor.
        bottom: HeatTransferCoefficient,
    },
    /// From geometry, flow and coolant: [`duct`] for channels, a bank of cylinders for pins.
    Computed {
        /// What the walls do.
        walls: WallHeat,
        /// Whether the inlet counts.
        entry: Entry,
    },
}

impl Transfer {
    /// One given coefficient for all walls.
    pub const fn uniform(coefficient: HeatTransferCoefficient) -> Self {
        Self::Given {
            side: coefficient,
            top: coefficient,
            bottom: coefficient,
        }
    }
}

/// Coolant in a layer of a stack.
#[derive(Debug, Clone, PartialEq)]
pub struct Cavity {
    /// The liquid.
    pub coolant: Coolant,
    /// Its temperature at the inlet.
    pub inlet: Celsius,
    /// What makes it flow.
    pub drive: Drive,
    /// Where to.
    pub direction: Direction,
    /// Through what.
    pub passage: Passage,
    /// How heat gets into it.
    pub transfer: Transfer,
    /// Share of the flow in each of [`Passage::Channels`], which add up to one; empty where all
    /// have the same. [`flow::Circuit::parallel`] computes those of a manifold.
    pub split: Vec<f64>,
}

impl Cavity {
    /// A given flow towards larger y, the same in all channels.
    pub const fn new(
        coolant: Coolant,
        inlet: Celsius,
        flow: VolumeFlow,
        passage: Passage,
        transfer: Transfer,
    ) -> Self {
        Self {
            coolant,
            inlet,
            drive: Drive::Flow(flow),
            direction: Direction::Up,
            passage,
            transfer,
            split: Vec::new(),
        }
    }

    /// Whether coolant moves.
    pub fn is_flowing(&self) -> bool {
        match self.drive {
            Drive::Flow(flow) => flow.value() > 0.0,
            Drive::Pressure { difference, .. } => difference.value() > 0.0,
        }
    }
}

impl Layer {
    /// The same layer with coolant in it; its material is that of the walls.
    #[must_use]
    pub fn with_cavity(mut self, cavity: Cavity) -> Self {
        self.cavity = Some(cavity);
        self
    }
}

impl Stack {
    /// Edges of cells across and up, in metres and rising from zero to the extents of the stack,
    /// that the resolved channels and cell maps of its layers need in a grid; empty along an axis
    /// where none is needed. Walls may be cut further, channels may not.
    pub fn coolant_lines(&self) -> [Vec<f64>; 2] {
        let mut lines = [Vec::new(), Vec::new()];
        for cavity in self.layers.iter().filter_map(|layer| layer.cavity.as_ref()) {
            for (all, of_one) in lines.iter_mut().zip(cells::lines_m(self, cavity)) {
                all.extend(of_one);
            }
        }
        let extents = [self.width.value(), self.height.value()];
        for (lines, extent) in lines.iter_mut().zip(extents) {
            if lines.is_empty() {
                continue;
            }
            let slack = cells::ROUNDING * extent;
            lines.retain(|line| *line > slack && *line < extent - slack);
            lines.extend([0.0, extent]);
            lines.sort_by(f64::total_cmp);
            lines.dedup_by(|b, a| *b - *a <= slack);
        }
        lines
    }
}

/// What a reader of a result should know.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CoolantNote {
    /// A loss of coolant.
    #[error("{coolant} stands still: heat is only conducted through it")]
    NothingFlows {
        /// Its name.
        coolant: String,
    },
    /// Neither laminar nor turbulent.
    #[error(
        "the Reynolds number {reynolds:.0} lies between 2300 and 4000: laminar and turbulent correlations are joined linearly"
    )]
    Transitional {
        /// Reynolds number.
        reynolds: f64,
    },
    /// Turbulent.
    #[error("the Reynolds number {reynolds:.0} is above 4000: turbulent correlations hold")]
    Turbulent {
        /// Reynolds number.
        reynolds: f64,
    },
    /// The Reynolds number is not known.
    #[error("{coolant} states no viscosity or density: its flow is taken as laminar")]
    RegimeUnknown {
        /// Its name.
        coolant: String,
    },
    /// Nothing moves in some cells of a map.
    #[error("nothing flows through {cells} of the coolant cells")]
    Unmoved {
        /// How many.
        cells: usize,
    },
    /// A correlation is used outside its range.
    #[error("the {what} is {value:.3}; its correlation is stated from {low} to {high}")]
    Extrapolated {
        /// Of which quantity.
        what: &'static str,
        /// Its value.
        value: f64,
        /// Start of the range.
        low: f64,
        /// End of the range.
        high: f64,
    },
}

/// Why a coolant does nothing that can be computed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CoolantError {
    /// A property that a calculation asks for is not stated.
    #[error("the {property} of {coolant:?} is needed and not stated")]
    Missing {
        /// Which property.
        property: &'static str,
        /// Of which coolant.
        coolant: String,
    },
    /// A quantity outside the range of all correlations.
    #[error("the {what} is {value}; correlations hold from {low} to {high}")]
    OutOfRange {
        /// Of which quantity.
        what: &'static str,
        /// Its value.
        value: f64,
        /// Start of the range.
        low: f64,
        /// End of the range.
        high: f64,
    },
    /// A circuit that makes no sense.
    #[error("the coolant circuit: {what}")]
    Circuit {
        /// What is wrong.
        what: String,
    },
    /// No way leads from the inlet to the outlet.
    #[error("no way leads from the inlet of the coolant to its outlet")]
    Blocked,
    /// A flow that a curve does not reach.
    #[error("the flow {} L/min is outside its curve, which reaches from {} to {} L/min", .flow.value() * 6e4, .low.value() * 6e4, .high.value() * 6e4)]
    OutsideCurve {
        /// The flow.
        flow: VolumeFlow,
        /// The least flow of the curve.
        low: VolumeFlow,
        /// The greatest.
        high: VolumeFlow,
    },
    /// A cooler that is better than its coolant can be.
    #[error("a resistance of {} K/W is not above the {} K/W that the mean rise of the coolant makes alone", .resistance.value(), .least.value())]
    TooSmall {
        /// What is stated.
        resistance: units::KelvinPerWatt,
        /// What there is at least.
        least: units::KelvinPerWatt,
    },
}
