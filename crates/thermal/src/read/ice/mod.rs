//! Files of 3D-ICE 4.0: the stack (`.stk`), its floorplans and its layouts.
//!
//! [`read()`] makes a [`Case`] of them; [`outputs`] solves it and writes what their `output` section
//! asks for, [`Recorder`] does so for a solution from elsewhere.
//!
//! ```
//! let stack = r#"
//!     material SILICON : thermal conductivity 1.2e-4 ; volumetric heat capacity 1.63e-12 ;
//!     top heat sink : heat transfer coefficient 1e-8 ; temperature 313.15 ;
//!     dimensions : chip length 10000 , width 10000 ; cell length 1000 , width 1000 ;
//!     die ASIC : layer 480 SILICON ; source 20 SILICON ;
//!     stack : die CHIP ASIC floorplan "chip.flp" ;
//!     solver : steady ; initial temperature 300 ;
//!     output : Tflp ( CHIP , "chip.txt" , average , final ) ;
//! "#;
//! let floorplan = "CORE : position 0 , 0 ; dimension 10000 , 10000 ; power values 10 ;";
//! let file = thermal::read::ice::read("chip.stk", stack, &|_| Ok(floorplan.to_owned()))?;
//! let model = thermal::Model::new(&file.case.stack, &file.case.grid)?;
//! let field = model.steady(&model.powers())?;
//! // 10 W through 1 cm2 at 1e4 W/(m2 K) and 490 um of silicon.
//! let of_core = file.instances[0].elements[0].blocks[0].0;
//! assert!((model.average(&field, of_core).value() - 50.41).abs() < 0.01);
//! let texts = thermal::read::ice::steady_outputs(&file, &model, &field);
//! assert_eq!(texts[0].0, "chip.txt");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What it does not read: heat sinks that a plugin computes, which are refused, because the plugin
//! is a program. Where a file is understood differently from 3D-ICE, [`Case::notes`] says so.
//!
//! # Source
//! Sridhar, Vincenzi, Ruggiero, Brunschwiler, Atienza, "3D-ICE: fast compact transient thermal
//! modeling for 3D ICs with inter-tier liquid cooling", ICCAD 2010, and the user guide of 3D-ICE.

mod build;
mod cavity;
mod channel;
mod cursor;
mod dies;
mod geometry;
mod lex;
mod output;
mod pieces;
mod plans;
mod runs;
mod stk;
mod syntax;
#[cfg(test)]
mod tests;

use units::Meters;

use super::{Case, ReadErrors};

pub use output::{Moment, Recorder, outputs, steady_outputs};

/// What a `.stk` file and the files that it names say.
#[derive(Debug, Clone, PartialEq)]
pub struct IceFile {
    /// The package and what is to be solved.
    pub case: Case,
    /// The elements of the stack, from the top to the bottom.
    pub instances: Vec<Instance>,
    /// What is to be written.
    pub outputs: Vec<Output>,
    /// Steps of a slot, the time during which powers do not change; one at rest.
    pub steps_per_slot: usize,
}

/// An element of the stack of a `.stk` file: a die, a layer or a cavity.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// Its name.
    pub name: String,
    /// The layer of the stack that outputs show: the one that generates the heat of a die.
    pub layer: usize,
    /// The elements of the floorplan of a die.
    pub elements: Vec<InstanceElement>,
}

/// An element of a floorplan.
#[derive(Debug, Clone, PartialEq)]
pub struct InstanceElement {
    /// Its name.
    pub name: String,
    /// Its blocks, as positions in the order of [`crate::Stack::blocks`], with the share of its
    /// power in each. An element that lies on several materials of a layout has several.
    pub blocks: Vec<(usize, f64)>,
}

/// An output that a `.stk` file asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// Name of the file to write.
    pub file_name: String,
    /// What is written; instances are positions in [`IceFile::instances`].
    pub request: Request,
    /// When.
    pub when: When,
}

/// What an output shows.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// The temperature of one cell.
    Cell {
        /// Of which instance.
        instance: usize,
        /// Distance from the left edge.
        x: Meters,
        /// Distance from the lower edge.
        y: Meters,
    },
    /// The temperatures of all elements of a floorplan.
    Floorplan {
        /// Of which instance.
        instance: usize,
        /// Which of its temperatures.
        quantity: Quantity,
    },
    /// The temperature of one element of a floorplan.
    Element {
        /// Of which instance.
        instance: usize,
        /// Its position in the floorplan.
        element: usize,
        /// Which of its temperatures.
        quantity: Quantity,
    },
    /// The temperatures of all cells of a layer.
    TemperatureMap {
        /// Of which instance.
        instance: usize,
    },
    /// The powers of all cells of a layer.
    PowerMap {
        /// Of which instance.
        instance: usize,
    },
    /// The temperature of the coolant at the outlets.
    Coolant {
        /// Of which instance.
        instance: usize,
        /// Which temperature of the channels.
        quantity: Quantity,
    },
    /// All cells, as a VTK file.
    Volume,
}

/// Which of several temperatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// The highest.
    Maximum,
    /// The lowest.
    Minimum,
    /// The mean by volume, and by flow for a coolant.
    Average,
    /// The highest less the lowest.
    Gradient,
}

/// When an output is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// After each step.
    Step,
    /// After each slot.
    Slot,
    /// At the end.
    Final,
}

/// Reads a `.stk` file.
///
/// `name` is what errors call it; `load` gives the text of the floorplans and layouts, under the
/// names that the file gives them, or the reason why there is none.
///
/// # Errors
/// Every problem of the file and of the files that it names, with line and column.
pub fn read(
    name: &str,
    text: &str,
    load: &dyn Fn(&str) -> Result<String, String>,
) -> Result<IceFile, ReadErrors> {
    let (found, problems) = stk::parse(name, text);
    if !problems.is_empty() {
        return Err(ReadErrors(problems));
    }
    build::build(name, &found, load).map_err(ReadErrors)
}
