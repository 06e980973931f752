//! A laser on measured curves of power and voltage.

use photonics::laser::{Laser, LaserOperatingPoint};
use system::{LivTable, TableError};
use units::{Amperes, Celsius, Dimension, Ratio, Volts, Watts};

use super::place;
use crate::control::LaserState;
use crate::lane::LaneFault;

/// Power and voltage over current at one temperature.
struct Curve<'a> {
    current_a: &'a [f64],
    power_w: &'a [f64],
    voltage_v: &'a [f64],
}

/// Automatic power control of a laser given by a table of temperature, current, power and voltage:
/// the current that gives the set-point, or the most that the laser can do when its rail or its
/// rollover comes first.
///
/// Rows of one temperature form a curve; between two temperatures the curves are interpolated at
/// equal current. Nothing is extrapolated.
///
/// # Errors
/// The temperature or the set-point lies outside the table.
pub(crate) fn power_control(
    table: &LivTable,
    laser: &Laser,
    case_temperature: Celsius,
    set_point: Watts,
) -> Result<LaserState, LaneFault> {
    let [temperatures, current, power, voltage] = table.0.columns.as_slice() else {
        return Err(LaneFault::MeasuredTable {
            what: "a laser table needs four columns",
        });
    };
    let places = table.0.places(0);
    let along = place(&places, case_temperature)?;
    let curve = |at: f64| {
        let first = temperatures.partition_point(|t| *t < at);
        let end = temperatures.partition_point(|t| *t <= at);
        Curve {
            current_a: &current[first..end],
            power_w: &power[first..end],
            voltage_v: &voltage[first..end],
        }
    };
    let low = curve(places[along.below]);
    let high = curve(places[(along.below + 1).min(places.len() - 1)]);
    let at = |i: f64, y: fn(&Curve<'_>) -> Vec<f64>| -> Result<f64, TableError> {
        let a = system::interpolate(low.current_a, &y(&low), Amperes::new(i))?;
        let b = system::interpolate(high.current_a, &y(&high), Amperes::new(i))?;
        Ok(a + along.weight * (b - a))
    };
    let power_at = |i: f64| at(i, |curve| curve.power_w.to_vec());
    // Both curves hold these currents.
    let mut currents: Vec<f64> = [low.current_a, high.current_a].concat();
    currents.sort_by(f64::total_cmp);
    let first = low.current_a[0].max(high.current_a[0]);
    let last = low.current_a[low.current_a.len() - 1].min(high.current_a[high.current_a.len() - 1]);
    let rail = laser.max_current.value();
    let top = last.min(rail);
    if first >= top {
        return Err(LaneFault::MeasuredTable {
            what: "the curves of a laser table have no currents in common below the rail",
        });
    }
    currents.retain(|i| (first..=top).contains(i));
    currents.push(top);
    let (mut best, mut most) = (first, power_at(first)?);
    let least = most;
    for i in currents {
        let p = power_at(i)?;
        if p > most {
            (best, most) = (i, p);
        }
    }
    let wanted = set_point.value();
    let ends_rising = best >= top && last < rail;
    if wanted < least || (wanted > most && ends_rising) {
        return Err(TableError::OutOfRange {
            axis: Dimension::Power,
            at: wanted,
            low: least,
            high: most,
        }
        .into());
    }
    let is_at_rail = wanted > most;
    let mut found = best;
    if !is_at_rail {
        // The curve crosses the set-point below its peak; sixty halvings reach the last digit.
        let mut bottom = first;
        for _ in 0..60 {
            let middle = 0.5 * (bottom + found);
            if power_at(middle)? < wanted {
                bottom = middle;
            } else {
                found = middle;
            }
        }
    }
    let (p, v) = (
        power_at(found)?,
        at(found, |curve| curve.voltage_v.to_vec())?,
    );
    if v * found <= 0.0 {
        return Err(LaneFault::MeasuredTable {
            what: "a laser table has light without voltage",
        });
    }
    let heat = v * found - p;
    let junction = case_temperature + laser.thermal_resistance * Watts::new(heat.max(0.0));
    Ok(LaserState {
        point: LaserOperatingPoint {
            current: Amperes::new(found),
            voltage: Volts::new(v),
            power: Watts::new(p),
            electrical_power: Watts::new(v * found),
            wall_plug_efficiency: Ratio::new(p / (v * found)),
            junction_temperature: junction,
            threshold_current: laser.threshold_current,
            wavelength: laser.wavelength
                + laser.wavelength_drift * (junction - laser.reference_temperature),
            current_use: Ratio::new(found / rail),
        },
        is_at_rail,
    })
}
