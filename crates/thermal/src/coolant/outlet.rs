//! Coolant of a model: what leaves it, and other flows.

use units::{Celsius, Kelvin, VolumeFlow, Watts};

use super::{Cavity, Drive};
use crate::error::ThermalError;
use crate::field::Field;
use crate::model::Model;

/// What leaves one cavity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outlet {
    /// Position of the layer in the stack.
    pub layer: usize,
    /// Temperature of all streams mixed.
    pub mixed: Celsius,
    /// Temperature of the warmest stream.
    pub warmest: Celsius,
    /// Heat that the coolant took up.
    pub heat: Watts,
}

impl Model {
    /// What leaves each cavity through which coolant flows, lowest first:
    /// `T_mixed = T_in + Q / (cv V)`.
    pub fn outlets(&self, field: &Field) -> Vec<Outlet> {
        let network = self.network();
        let n_columns = network.n_columns();
        let mut outlets = Vec::new();
        for state in self.cavities() {
            let layer_of = |cell: u32| self.grid().sheets()[cell as usize / n_columns].layer;
            let (mut rate, mut heat, mut warmest) = (0.0, 0.0, f64::NEG_INFINITY);
            let mut inlet_k = f64::NAN;
            for stream in &network.streams {
                let Some(last) = stream
                    .cells
                    .last()
                    .filter(|cell| layer_of(**cell) == state.layer)
                else {
                    continue;
                };
                let at_end = field.kelvin[*last as usize];
                inlet_k = stream.inlet_k;
                rate += stream.capacity_rate_w_per_k;
                heat += stream.capacity_rate_w_per_k * (at_end - stream.inlet_k);
                warmest = warmest.max(at_end);
            }
            if rate > 0.0 {
                outlets.push(Outlet {
                    layer: state.layer,
                    mixed: Kelvin::new(inlet_k + heat / rate).into(),
                    warmest: Kelvin::new(warmest).into(),
                    heat: Watts::new(heat),
                });
            }
        }
        outlets
    }

    /// The same model with another volume flow through a layer, counted from the bottom; zero is a
    /// loss of coolant. Only the network is made anew: blocks and cells keep their numbers.
    ///
    /// # Errors
    /// A layer without coolant, a flow that is negative or outside the range of the correlations,
    /// and a package that nothing cools any more.
    pub fn with_flow(&self, layer: usize, flow: VolumeFlow) -> Result<Self, ThermalError> {
        self.with_cavity(layer, |cavity| cavity.drive = Drive::Flow(flow))
    }

    /// The same model with another temperature of the coolant at the inlet of a layer.
    ///
    /// # Errors
    /// A layer without coolant, a temperature that is not finite.
    pub fn with_inlet(&self, layer: usize, inlet: Celsius) -> Result<Self, ThermalError> {
        self.with_cavity(layer, |cavity| cavity.inlet = inlet)
    }

    /// The same model with a changed cavity.
    ///
    /// # Errors
    /// A layer without coolant, and what [`Model::new`] refuses.
    pub fn with_cavity(
        &self,
        layer: usize,
        change: impl FnOnce(&mut Cavity),
    ) -> Result<Self, ThermalError> {
        let mut stack = self.stack().clone();
        let cavity = stack
            .layers
            .get_mut(layer)
            .and_then(|layer| layer.cavity.as_mut());
        change(cavity.ok_or(ThermalError::NoCoolant { layer })?);
        Self::new(&stack, self.grid())
    }
}
