//! Supplies of engines and laser modules.

use units::Watts;

use super::WorldError;
use super::switch::Switch;
use crate::supply::{Supply, SupplyCollapse};

/// The voltage of a part that takes a power, V; NaN where no rail is described, or where it collapses.
fn volts(of: Option<Supply>, taken_w: f64) -> f64 {
    let found = of.and_then(|of| of.voltage_at(Watts::new(taken_w)).ok());
    found.map_or(f64::NAN, units::Volts::value)
}

impl Switch {
    /// The supply of every engine, V.
    pub(super) fn engine_supplies(&self) -> impl Iterator<Item = f64> {
        let engines = self.plan.engines.iter().zip(&self.drawn_w);
        engines.map(|(of, taken_w)| volts(of.supply, *taken_w))
    }

    /// The supply of every laser module, V, with what each takes, W.
    pub(super) fn module_supplies(&self, taken_w: &[f64]) -> impl Iterator<Item = f64> {
        let modules = self.plan.modules.iter().zip(taken_w);
        modules.map(|(of, taken_w)| volts(of.supply, *taken_w))
    }

    /// Whether every rail brings what its part takes.
    ///
    /// # Errors
    /// The first part whose rail does not.
    pub(super) fn check_supplies(&self) -> Result<(), WorldError> {
        let system = self.plan.system();
        let check = |of: Option<Supply>, taken_w: f64| -> Result<(), SupplyCollapse> {
            let Some(of) = of else { return Ok(()) };
            of.voltage_at(Watts::new(taken_w)).map(|_| ())
        };
        let engines = self.plan.engines.iter().zip(&self.drawn_w);
        for ((of, taken_w), entity) in engines.zip(&system.engines) {
            check(of.supply, *taken_w).map_err(|collapse| WorldError::Supply {
                part: entity.name.clone(),
                collapse,
            })?;
        }
        let modules = self.plan.modules.iter().zip(self.taken_w());
        for ((of, taken_w), entity) in modules.zip(&system.laser_modules) {
            check(of.supply, taken_w).map_err(|collapse| WorldError::Supply {
                part: entity.name.clone(),
                collapse,
            })?;
        }
        Ok(())
    }
}
