//! Heat in packages: layered three-dimensional conduction and coolant flow.
//!
//! A [`Stack`] says what the package is: layers of given thickness, from the bottom to the top,
//! with blocks of any size and position in each, and what happens at its two faces. A [`Grid`]
//! cuts it into cells, a [`Model`] holds the conductances between them, and its solution is a
//! [`Field`] of temperatures with its energy balance.
//!
//! ```
//! use thermal::{Block, Condition, Face, Grid, Layer, Material, Model, Rect, Stack};
//! use units::{Celsius, HeatTransferCoefficient, Meters, ThermalConductivity, VolumetricHeatCapacity, Watts};
//!
//! let mm = |x: f64| Meters::new(x * 1e-3);
//! let mut stack = Stack::new(mm(10.0), mm(10.0));
//! let silicon = stack.material(Material::isotropic(
//!     "silicon",
//!     ThermalConductivity::new(120.0),
//!     VolumetricHeatCapacity::new(1.63e6),
//! ));
//! let mut die = Layer::new("die", mm(0.5), silicon);
//! die.blocks.push(Block::new("core", Rect::new(mm(0.0), mm(0.0), mm(10.0), mm(10.0)), Watts::new(10.0)));
//! stack.layers.push(die);
//! stack.top = Face::uniform(Condition::Convection {
//!     coefficient: HeatTransferCoefficient::new(1e4),
//!     ambient: Celsius::new(40.0),
//! });
//! let model = Model::new(&stack, &Grid::uniform(&stack, 8, 8)?)?;
//! let field = model.steady(&model.powers())?;
//! // 10 W through 1 cm2 at 1e4 W/(m2 K) is 10 K; half of the die adds 0.2 K.
//! assert!((model.average(&field, 0).value() - 50.2).abs() < 0.05);
//! # Ok::<(), thermal::ThermalError>(())
//! ```
//!
//! Conventions: x runs across, y up, z from the bottom to the top; heat is positive into a cell;
//! cells are numbered with x fastest, then y, then z; fields hold kelvin.

mod check;
pub mod coolant;
mod dense;
mod error;
mod field;
pub mod grid;
mod mirror;
mod model;
mod network;
mod nonlinear;
pub mod read;
mod reduced;
mod response;
mod sensitivity;
mod solve;
mod stack;
mod transient;
pub mod write;

pub use error::{StackProblem, ThermalError};
pub use field::{Balance, Field};
pub use grid::{Grid, Resolution};
pub use model::{Model, Source};
pub use network::{Bypass, FaceLinks, Network, Stream};
pub use nonlinear::{Nonlinear, OperatingPoint, Operation, PowerAt, PowerLaw, Runaway};
pub use reduced::{Beyond, Outside, ReducedData, ReducedModel, ReducedState, Reduction};
pub use response::{Excess, FaceRegion, Response, Side};
pub use sensitivity::Parameter;
pub use stack::{
    Block, Condition, Conductivity, Face, Layer, Material, MaterialId, Patch, Rect, Stack,
};
pub use transient::{Advance, Stepping, Trace, Transient};
