//! Coolers at their flow.

use system::{Cooling, interpolate};
use units::{ArealThermalResistance, Pascals, VolumeFlow};

use super::HeatFault;

/// Whether a cooler carries anything away.
pub(super) fn flows(cooling: &Cooling) -> bool {
    cooling.flow.value.value() > 0.0
}

/// Heat capacity that flows through one cooler, W/K.
pub(super) fn capacity_rate(cooling: &Cooling) -> f64 {
    cooling.flow.value.value() * cooling.cooler.fluid_heat_capacity.value.value()
}

/// How much a fluid is warmer on average than at its inlet, `Q / (2 m c)`.
pub(super) fn mean_rise(cooling: &Cooling, watts: f64) -> f64 {
    watts / (2.0 * capacity_rate(cooling))
}

/// Columns of a measured cooler: flow, resistance, pressure.
const FLOW: usize = 0;
const RESISTANCE: usize = 1;
const PRESSURE: usize = 2;

/// A measured column at the flow; none where it was not measured.
fn measured(cooling: &Cooling, column: usize) -> Option<Result<f64, HeatFault>> {
    let table = &cooling.cooler.measured.as_ref()?.0;
    let values = &table.columns[column];
    if values.is_empty() {
        return None;
    }
    let at = interpolate(&table.columns[FLOW], values, cooling.flow.value);
    Some(at.map_err(|error| HeatFault::Cooler {
        what: error.to_string(),
    }))
}

/// Resistance of an area of a cooler at a share of its flow above zero: by the law of the flow, or as
/// measured; beyond the measurement the law goes on from its end.
///
/// # Errors
/// A measurement that leaves nothing for the cooler.
pub(super) fn areal_resistance_at(
    cooling: &Cooling,
    area_m2: f64,
    flow_ratio: f64,
) -> Result<f64, HeatFault> {
    let flow = cooling.flow.value * flow_ratio;
    let mut at = cooling.clone();
    at.flow.value = flow;
    if let Some(measured) = &cooling.cooler.measured {
        let flows = &measured.0.columns[FLOW];
        let low = flows.iter().copied().fold(f64::INFINITY, f64::min);
        let high = flows.iter().copied().fold(0.0, f64::max);
        at.flow.value = VolumeFlow::new(flow.value().max(low).min(high));
    }
    let beyond = flow / at.flow.value;
    let exponent = cooling.cooler.flow_exponent.value.value();
    Ok(areal_resistance(&at, area_m2)?.value() * beyond.powf(-exponent))
}

/// Resistance of an area of a cooler at its flow, from the upper face of its base to the mean of
/// its fluid: `R = R_0 (V / V_0)^-n`, or what a measurement leaves when base and fluid are taken
/// from it, `R'' = R A - t / k - A / (2 m c)`.
///
/// # Errors
/// A flow beyond the measurement, or a measurement that leaves nothing for the cooler.
pub(super) fn areal_resistance(
    cooling: &Cooling,
    area_m2: f64,
) -> Result<ArealThermalResistance, HeatFault> {
    let cooler = &cooling.cooler;
    let Some(whole) = measured(cooling, RESISTANCE) else {
        let flow = cooling.flow.value / cooler.rated_flow.value;
        let exponent = cooler.flow_exponent.value.value();
        return Ok(cooler.resistance.value * flow.powf(-exponent));
    };
    let base = match (&cooler.base, &cooler.base_thickness) {
        (Some(solid), Some(thickness)) => {
            thickness.value.value() / solid.conductivity.value.value()
        }
        _ => 0.0,
    };
    let left = whole? * area_m2 - base - area_m2 * mean_rise(cooling, 1.0);
    if left > 0.0 {
        return Ok(ArealThermalResistance::new(left));
    }
    Err(HeatFault::Cooler {
        what: format!(
            "the measured resistance is less than that of base and fluid over {:.1} mm2",
            area_m2 * 1e6
        ),
    })
}

/// Pressure that a cooler takes at its flow, `dp = dp_0 (V / V_0)^m` or as measured; none where
/// neither is stated or the measurement does not reach the flow.
pub(super) fn pressure_drop(cooling: &Cooling) -> Option<Pascals> {
    if let Some(measured) = measured(cooling, PRESSURE) {
        return measured.ok().map(Pascals::new);
    }
    let cooler = &cooling.cooler;
    let (at_rated, exponent) = (
        cooler.pressure_drop.as_ref()?,
        cooler.pressure_exponent.as_ref()?,
    );
    let flow = cooling.flow.value / cooler.rated_flow.value;
    Some(at_rated.value * flow.powf(exponent.value.value()))
}
