//! What a fluid adds to the resistance of what it cools, over its flow.

use system::Cooling;
use units::ArealThermalResistance;

use super::HeatFault;
use super::cooler::{areal_resistance, areal_resistance_at, mean_rise};

/// A fluid behind a cooler whose resistance at the described flow is counted elsewhere.
#[derive(Debug, Clone)]
pub(super) struct Series {
    /// Position of the cooling in the description.
    pub(super) cooling: usize,
    law: Cooling,
    /// Area of the cooler; none where it is not stated, so that its share does not follow the flow.
    area_m2: Option<f64>,
    /// Resistance of an area at the described flow, K m2/W.
    film: f64,
    /// Half of what the fluid warms by for each watt at the described flow, K/W.
    half_rise: f64,
}

impl Series {
    /// A cooler that flows.
    pub(super) fn new(
        cooling: usize,
        law: &Cooling,
        area_m2: Option<f64>,
    ) -> Result<Self, HeatFault> {
        let film = area_m2
            .map(|area| areal_resistance(law, area))
            .transpose()?;
        Ok(Self {
            cooling,
            law: law.clone(),
            area_m2,
            film: film.map_or(0.0, ArealThermalResistance::value),
            half_rise: mean_rise(law, 1.0),
        })
    }

    /// `1 / (2 m c) + (R(V) - R(V_0)) / A` at a share of the described flow, K/W: what lies between
    /// the inlet and the cooler at its described resistance. None where nothing flows.
    ///
    /// # Errors
    /// A measurement that leaves nothing for the cooler.
    pub(super) fn k_per_w(&self, flow_ratio: f64) -> Result<Option<f64>, HeatFault> {
        if flow_ratio <= 0.0 {
            return Ok(None);
        }
        let more = match self.area_m2 {
            None => 0.0,
            Some(area) => {
                let film = if self.law.cooler.measured.is_some() {
                    areal_resistance_at(&self.law, area, flow_ratio)?
                } else {
                    let exponent = self.law.cooler.flow_exponent.value.value();
                    self.film * flow_ratio.powf(-exponent)
                };
                (film - self.film) / area
            }
        };
        Ok(Some(self.half_rise / flow_ratio + more))
    }

    /// What it is at the described flow, K/W.
    pub(super) const fn described(&self) -> f64 {
        self.half_rise
    }
}
