//! What the files say, in their own units: um, W/(um K), J/(um3 K), W/(um2 K), ml/min, K, s, W.

use super::cursor::Named;
use super::lex::Place;
use super::{Quantity, When};

/// A solid.
#[derive(Debug, Clone)]
pub(super) struct MaterialEntry {
    pub(super) name: Named,
    pub(super) conductivity: [f64; 3],
    pub(super) capacity: f64,
}

/// A heat transfer coefficient and a temperature outside.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sink {
    pub(super) coefficient: f64,
    pub(super) temperature_k: f64,
}

/// What the channels of a cavity are.
#[derive(Debug, Clone)]
pub(super) enum ChannelKind {
    /// Walls and channels as columns of cells: four resistances for each cell of coolant.
    FourResistor {
        channel: f64,
        wall: f64,
        first_wall: f64,
        last_wall: f64,
        flow_ml_per_min: f64,
        side: f64,
        top: f64,
        bottom: f64,
    },
    /// Channels and walls in one cell: two resistances.
    TwoResistor {
        channel: f64,
        wall: f64,
        flow_ml_per_min: f64,
        top: f64,
        bottom: f64,
    },
    /// Pins in a flow.
    Pins {
        diameter: f64,
        pitch: f64,
        is_staggered: bool,
        darcy_velocity: f64,
    },
}

/// The coolant layer of a file; there is at most one kind.
#[derive(Debug, Clone)]
pub(super) struct Channel {
    pub(super) place: Place,
    pub(super) height: f64,
    pub(super) material: Named,
    pub(super) kind: ChannelKind,
    pub(super) coolant_capacity: f64,
    pub(super) inlet_k: f64,
}

/// Extents of the package and of its cells.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dimensions {
    pub(super) place: Place,
    pub(super) length: f64,
    pub(super) width: f64,
    pub(super) cell_length: f64,
    pub(super) cell_width: f64,
    pub(super) is_non_uniform: bool,
}

/// A named layer.
#[derive(Debug, Clone)]
pub(super) struct LayerEntry {
    pub(super) name: Named,
    pub(super) height: f64,
    pub(super) material: Named,
    pub(super) layout: Option<Named>,
}

/// A layer of a die.
#[derive(Debug, Clone)]
pub(super) enum DieLayer {
    /// Thickness and material.
    Plain { height: f64, material: Named },
    /// One of the named layers.
    Named(Named),
}

/// A die: layers from the top to the bottom, one of which generates the heat.
#[derive(Debug, Clone)]
pub(super) struct DieEntry {
    pub(super) name: Named,
    pub(super) layers: Vec<DieLayer>,
    pub(super) source: usize,
}

/// An element of the stack.
#[derive(Debug, Clone)]
pub(super) struct Element {
    pub(super) name: Named,
    pub(super) kind: ElementKind,
    pub(super) cells: Option<[usize; 2]>,
}

/// What an element of the stack is.
#[derive(Debug, Clone)]
pub(super) enum ElementKind {
    Die { die: Named, floorplan: Named },
    Layer { layer: Named },
    Channel,
}

/// What to solve.
#[derive(Debug, Clone, Copy)]
pub(super) struct Solver {
    pub(super) place: Place,
    /// Step and slot, unless the state at rest is asked for.
    pub(super) transient: Option<[f64; 2]>,
    pub(super) initial_k: f64,
}

/// What an output shows.
#[derive(Debug, Clone)]
pub(super) enum OutputKind {
    Cell { instance: Named, x: f64, y: f64 },
    Floorplan(Named, Quantity),
    FloorplanElement(Named, Named, Quantity),
    TemperatureMap(Named),
    PowerMap(Named),
    Coolant(Named, Quantity),
    Volume,
}

/// An output.
#[derive(Debug, Clone)]
pub(super) struct OutputEntry {
    pub(super) kind: OutputKind,
    pub(super) file_name: String,
    pub(super) when: When,
}

/// A whole `.stk` file.
#[derive(Debug, Default)]
pub(super) struct StackFile {
    pub(super) materials: Vec<MaterialEntry>,
    pub(super) top: Option<Sink>,
    pub(super) bottom: Option<Sink>,
    pub(super) channel: Option<Channel>,
    pub(super) dimensions: Option<Dimensions>,
    pub(super) layers: Vec<LayerEntry>,
    pub(super) dies: Vec<DieEntry>,
    pub(super) elements: Vec<Element>,
    pub(super) stack_place: Option<Place>,
    pub(super) solver: Option<Solver>,
    pub(super) outputs: Vec<OutputEntry>,
}

/// A rectangle: left, lower, width, height.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct RectUm {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) dx: f64,
    pub(super) dy: f64,
}

/// An element of a floorplan.
#[derive(Debug, Clone)]
pub(super) struct FloorplanElement {
    pub(super) name: Named,
    pub(super) area: Vec<(RectUm, Place)>,
    pub(super) material: Option<Named>,
    pub(super) cells: Option<[usize; 2]>,
    /// One for each slot; `None` without a list.
    pub(super) powers_w: Option<Vec<f64>>,
}

/// A floorplan file.
#[derive(Debug, Clone, Default)]
pub(super) struct Floorplan {
    pub(super) elements: Vec<FloorplanElement>,
}

/// A layout file: the materials of the parts of a layer.
#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    pub(super) materials: Vec<MaterialEntry>,
    pub(super) parts: Vec<(Named, Vec<(RectUm, Place)>)>,
}
