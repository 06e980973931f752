//! Conductivities that depend on temperature.

use units::{KelvinDifference, Watts};

use crate::ThermalError;
use crate::field::Field;
use crate::model::{Model, balance, check_balance};
use crate::solve::Linear;

/// Residual of one linear solve, relative to its right-hand side.
const TOLERANCE: f64 = 1e-11;

/// Greatest change of a cell in the last sweep, K. Sweeps shrink the change several times each, so
/// that the error that is left is smaller; it is far below what a grid resolves.
const CHANGE_K: f64 = 1e-6;

/// Sweeps after which the iteration is given up; a few are the rule.
const MAX_SWEEPS: usize = 60;

/// Temperatures at rest with conductivities that depend on them.
#[derive(Debug, Clone)]
pub struct Nonlinear {
    /// The temperatures.
    pub field: Field,
    /// The model with the conductivities of this field, for linear answers round it.
    pub model: Model,
    /// Linear solves that were needed.
    pub sweeps: usize,
    /// Greatest change of a cell in the last of them.
    pub change: KelvinDifference,
}

impl Model {
    /// The same package with every conductivity taken at the temperatures of a field.
    ///
    /// `k = k0 (T / T0)^-n` with the temperature `T` of each cell, so that linear answers
    /// ([`Response`](crate::Response)) are taken at an operating point. Away from that field
    /// the error is about `n dT / T` of the rise over the materials with an exponent.
    ///
    /// # Errors
    /// A field of another model, or one with temperatures that are not above absolute zero.
    pub fn frozen_at(&self, field: &Field) -> Result<Self, ThermalError> {
        let needed = self.network().n_cells();
        let given = field.kelvin.len();
        if given != needed {
            return Err(ThermalError::Field { given, needed });
        }
        if let Some(cell) = field.kelvin.iter().position(|k| !is_possible(*k)) {
            return Err(ThermalError::NotAboveZero {
                cell,
                kelvin: field.kelvin[cell],
            });
        }
        Ok(self.frozen(&field.kelvin))
    }

    /// Whether a conductivity depends on temperature.
    pub fn has_varying_conductivity(&self) -> bool {
        let materials = self.stack().materials.iter();
        materials
            .map(|material| material.conductivity.exponent)
            .any(|exponent| exponent != 0.0)
    }

    /// Temperatures at rest with conductivities `k(T)` at the temperature of each cell.
    ///
    /// Picard's iteration: conductances at the last field, solve, again, until no cell moves by more
    /// than 1 µK. Without an exponent in any material it ends after two solves.
    ///
    /// # Errors
    /// A list of another length than there are blocks, an iteration that does not converge (so hot
    /// that the conductivities fade away), heat that gets lost.
    ///
    /// # Source
    /// W. M. Rohsenow, J. P. Hartnett, Y. I. Cho, Handbook of Heat Transfer, 3rd edition, 1998,
    /// chapter 3 (conductivity as a function of temperature).
    pub fn steady_nonlinear(&self, powers: &[Watts]) -> Result<Nonlinear, ThermalError> {
        self.picard(powers, None, CHANGE_K)
    }

    /// The same from a field that is near, until no cell moves by more than `change` in a sweep.
    ///
    /// Each sweep shrinks the error about by `n dT / T` with the rise `dT` over the materials with an
    /// exponent `n`, so that what is left is some twentieth of `change` or less.
    ///
    /// # Errors
    /// Those of [`Self::steady_nonlinear`] and of [`Self::frozen_at`].
    pub fn steady_nonlinear_near(
        &self,
        powers: &[Watts],
        near: &Field,
        change: KelvinDifference,
    ) -> Result<Nonlinear, ThermalError> {
        self.frozen_at(near)?
            .picard(powers, Some(near), change.value())
    }

    /// Picard's iteration from the own conductances.
    fn picard(
        &self,
        powers: &[Watts],
        near: Option<&Field>,
        enough_k: f64,
    ) -> Result<Nonlinear, ThermalError> {
        let heat = self.heat(powers)?;
        let reference_k = self.network().reference_k().unwrap_or(0.0);
        let mut b = self.network().outside_heat(reference_k);
        let mut rise = match near {
            Some(near) => near.kelvin.iter().map(|k| k - reference_k).collect(),
            None => vec![0.0; heat.len()],
        };
        // Sweeps on the way to a looser answer need looser solves; the last one is exact.
        let tolerance = TOLERANCE * (enough_k / CHANGE_K).max(1.0);
        let mut model = self.clone();
        let mut iterations = 0;
        let mut change_k = f64::INFINITY;
        for sweeps in 1..=MAX_SWEEPS {
            let last = rise.clone();
            let network = model.network();
            b.copy_from_slice(&network.outside_heat(reference_k));
            for (b, heat) in b.iter_mut().zip(&heat) {
                *b += heat;
            }
            let linear = Linear::new(network, 0.0)?;
            iterations += linear.solve(&b, &mut rise, tolerance)?.iterations;
            if !rise.iter().all(|rise| is_possible(reference_k + rise)) {
                break;
            }
            let moved = rise.iter().zip(&last).map(|(a, b)| (a - b).abs());
            change_k = moved.fold(0.0, f64::max);
            if (sweeps > 1 || near.is_some()) && change_k <= enough_k {
                iterations += linear.solve(&b, &mut rise, TOLERANCE)?.iterations;
                let balance = balance(network, &heat, &rise, reference_k);
                check_balance(&balance, &b)?;
                let field = Field {
                    kelvin: rise.iter().map(|rise| reference_k + rise).collect(),
                    balance,
                    iterations,
                };
                let model = model.frozen(&field.kelvin);
                return Ok(Nonlinear {
                    field,
                    model,
                    sweeps,
                    change: KelvinDifference::new(change_k),
                });
            }
            let kelvin: Vec<f64> = rise.iter().map(|rise| reference_k + rise).collect();
            model = model.frozen(&kelvin);
        }
        Err(ThermalError::Conductivity {
            sweeps: MAX_SWEEPS,
            change_k,
        })
    }
}

fn is_possible(kelvin: f64) -> bool {
    kelvin > 0.0 && kelvin.is_finite()
}
