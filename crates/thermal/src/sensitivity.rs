//! What a temperature owes to each conductance.

use rayon::prelude::*;
use units::{ArealThermalResistance, HeatTransferCoefficient, KelvinDifference, Watts};

use crate::ThermalError;
use crate::dense::dot;
use crate::model::Model;
use crate::network::Network;
use crate::response::{column_sums, unit_field};
use crate::solve::Linear;
use crate::stack::{Condition, Face, MaterialId, Stack};

/// Relative step of the central difference of the conductances. They are ratios of low order in the
/// parameter, so that its error is about the square of the step, and rounding adds 1e-12.
const STEP: f64 = 1e-4;

/// A conductance of a package that may be a little greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// Conductivity of a material wherever it is.
    Material(MaterialId),
    /// Conductivity of everything in a layer, by its position.
    Layer(usize),
    /// Conductance of the contact above a layer, by its position.
    Contact(usize),
    /// Every heat transfer coefficient of the upper face.
    Top,
    /// Every heat transfer coefficient of the lower face.
    Bottom,
}

impl Model {
    /// Change of the mean temperature of every block with the logarithm of each parameter: the kelvin
    /// by which it moves for a conductance greater by one e-fold, to first order. One row for each
    /// parameter, in the order of blocks.
    ///
    /// `dT_out / d ln p = l^T (db/d ln p - dA/d ln p T)` with the adjoint field `A^T l = e_out`. Where
    /// no coolant flows inside, the adjoint field is that of one watt in the block (reciprocity).
    /// Conductivities are held where they are: what a change does to them through the temperature
    /// is left out.
    ///
    /// # Errors
    /// A list of another length than there are blocks, a layer that the stack does not have, an
    /// iteration that does not converge, heat that gets lost.
    pub fn sensitivities(
        &self,
        powers: &[Watts],
        parameters: &[Parameter],
    ) -> Result<Vec<Vec<KelvinDifference>>, ThermalError> {
        for parameter in parameters {
            self.check_parameter(*parameter)?;
        }
        let field = self.steady(powers)?;
        let pulls: Vec<Vec<f64>> = parameters
            .iter()
            .map(|parameter| self.pull(*parameter, &field.kelvin))
            .collect();
        let reversed = reversed(self.network());
        let linear = Linear::new(&reversed, 0.0)?;
        let leaving = column_sums(&reversed, 0.0);
        let by_block: Vec<Vec<f64>> = self
            .sources()
            .par_iter()
            .map(|block| {
                let adjoint = unit_field(&linear, block, &leaving)?;
                Ok(pulls.iter().map(|pull| dot(&adjoint, pull)).collect())
            })
            .collect::<Result<_, ThermalError>>()?;
        let row = |idx: usize| {
            let of_blocks = by_block.iter();
            of_blocks.map(|of| KelvinDifference::new(of[idx])).collect()
        };
        Ok((0..parameters.len()).map(row).collect())
    }

    fn check_parameter(&self, parameter: Parameter) -> Result<(), ThermalError> {
        let stack = self.stack();
        let (what, index, n) = match parameter {
            Parameter::Material(id) => ("material", id.index(), stack.materials.len()),
            Parameter::Layer(layer) | Parameter::Contact(layer) => {
                ("layer", layer, stack.layers.len())
            }
            Parameter::Top | Parameter::Bottom => return Ok(()),
        };
        if index < n {
            return Ok(());
        }
        Err(ThermalError::Absent { what, index, n })
    }

    /// Change of the heat into every cell at given temperatures with the logarithm of a parameter.
    fn pull(&self, parameter: Parameter, kelvin: &[f64]) -> Vec<f64> {
        let heat = |by: f64| {
            let network = self.scaled(parameter, by);
            let diagonal = network.diagonal(0.0);
            let mut out = vec![0.0; kelvin.len()];
            network.apply(&diagonal, kelvin, &mut out);
            let into = network.outside_heat(0.0);
            let difference = into.iter().zip(&out).map(|(into, out)| into - out);
            difference.collect::<Vec<f64>>()
        };
        let (high, low) = (heat(1.0 + STEP), heat(1.0 - STEP));
        let log_step = STEP.ln_1p() - (-STEP).ln_1p();
        let pairs = high.iter().zip(&low);
        pairs.map(|(high, low)| (high - low) / log_step).collect()
    }

    fn scaled(&self, parameter: Parameter, by: f64) -> Network {
        let mut stack: Stack = self.stack().clone();
        let grid = self.grid();
        let one = |_: usize, _: usize| 1.0;
        match parameter {
            Parameter::Material(id) => {
                let factor = move |material: usize, _: usize| {
                    if material == id.index() { by } else { 1.0 }
                };
                self.conductances(&stack, &factor)
            }
            Parameter::Layer(layer) => {
                let n_columns = self.network().n_columns();
                let factor = move |_: usize, cell: usize| {
                    let sheet = grid.sheets()[cell / n_columns];
                    if sheet.layer == layer { by } else { 1.0 }
                };
                self.conductances(&stack, &factor)
            }
            Parameter::Contact(layer) => {
                let contact = &mut stack.layers[layer].contact;
                *contact = contact.map(|r| ArealThermalResistance::new(r.value() / by));
                self.conductances(&stack, &one)
            }
            Parameter::Top => {
                scale_face(&mut stack.top, by);
                self.conductances(&stack, &one)
            }
            Parameter::Bottom => {
                scale_face(&mut stack.bottom, by);
                self.conductances(&stack, &one)
            }
        }
    }
}

fn scale_face(face: &mut Face, by: f64) {
    let patches = face.patches.iter_mut().map(|patch| &mut patch.condition);
    for condition in std::iter::once(&mut face.condition).chain(patches) {
        if let Condition::Convection { coefficient, .. } = condition {
            *coefficient = HeatTransferCoefficient::new(coefficient.value() * by);
        }
    }
}

/// The network of the transposed matrix: coolant flows backwards.
fn reversed(network: &Network) -> Network {
    let mut reversed = network.clone();
    for stream in &mut reversed.streams {
        stream.cells.reverse();
    }
    reversed
}
