//! Steady operating points of the loops of one lane: laser power, ring heater, Mach-Zehnder bias.
//! Each is a pure function: a loop that is faster than anything else in the world is its
//! equilibrium.

use photonics::DeviceError;
use photonics::laser::{Laser, LaserOperatingPoint};
use photonics::slab::{GuideIndices, effective_index_method};
use system::{LivTable, parts};
use units::derivation::{number, read};
use units::{Amperes, Celsius, Derived, Meters, MetersPerKelvin, Ratio, Sourced, Volts, Watts};

use crate::lane::LaneFault;

/// Where the power control of a laser has settled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LaserState {
    /// Current, voltage, power and wavelength.
    pub point: LaserOperatingPoint,
    /// Whether the bias has reached its rail, so that the power is below its set-point.
    pub is_at_rail: bool,
}

/// Automatic power control: the current that gives the set-point, or the most that the laser can
/// do when its rail or its rollover comes first.
///
/// # Errors
/// The parameters of the laser are out of range, or it does not lase at this temperature.
pub fn laser_power_control(
    laser: &Laser,
    case_temperature: Celsius,
    set_point: Watts,
) -> Result<LaserState, DeviceError> {
    match laser.operating_point(case_temperature, set_point) {
        Ok(point) => Ok(LaserState {
            point,
            is_at_rail: false,
        }),
        Err(DeviceError::PowerUnreachable { .. }) => {
            let (current, _, _) = laser.greatest_power(case_temperature)?;
            Ok(LaserState {
                point: laser.at_current(case_temperature, current)?,
                is_at_rail: true,
            })
        }
        Err(error) => Err(error),
    }
}

/// The same from a measured table of temperature, current, power and voltage.
///
/// Rows of one temperature form a curve; between two temperatures the curves are interpolated at
/// equal current. Nothing is extrapolated.
///
/// # Errors
/// The temperature lies outside the table.
pub(crate) fn measured_power_control(
    table: &LivTable,
    laser: &Laser,
    case_temperature: Celsius,
    set_point: Watts,
) -> Result<LaserState, LaneFault> {
    let [temperature, current, power, voltage] = table.0.columns.as_slice() else {
        return Err(LaneFault::MeasuredTable {
            what: "laser table needs four columns",
        });
    };
    let mut temperatures = temperature.clone();
    temperatures.sort_by(f64::total_cmp);
    temperatures.dedup();
    let curve = |at: f64, y: &[f64]| -> (Vec<f64>, Vec<f64>) {
        temperature
            .iter()
            .zip(current.iter().zip(y))
            .filter(|(t, _)| t.to_bits() == at.to_bits())
            .map(|(_, (i, y))| (*i, *y))
            .unzip()
    };
    let case = case_temperature.value();
    let (Some(&first), Some(&last)) = (temperatures.first(), temperatures.last()) else {
        return Err(LaneFault::MeasuredTable {
            what: "laser table is empty",
        });
    };
    if !(first..=last).contains(&case) {
        return Err(system::TableError::OutOfRange {
            axis: units::Dimension::Temperature,
            at: case,
            low: first,
            high: last,
        }
        .into());
    }
    let upper = temperatures.partition_point(|t| *t < case);
    let (low, high) = (temperatures[upper.saturating_sub(1)], temperatures[upper]);
    let weight = if high > low {
        (case - low) / (high - low)
    } else {
        0.0
    };
    let at = |y: &[f64], i: f64| -> Result<f64, LaneFault> {
        let ((x0, y0), (x1, y1)) = (curve(low, y), curve(high, y));
        if x0.len() < 2 || x1.len() < 2 || !x0.is_sorted() || !x1.is_sorted() {
            return Err(LaneFault::MeasuredTable {
                what: "each temperature of a laser table needs rising currents",
            });
        }
        let (a, b) = (
            system::interpolate(&x0, &y0, Amperes::new(i))?,
            system::interpolate(&x1, &y1, Amperes::new(i))?,
        );
        Ok(a + weight * (b - a))
    };
    let range = |at: f64| curve(at, power).0;
    let (x0, x1) = (range(low), range(high));
    let mut bottom = x0
        .first()
        .copied()
        .unwrap_or(0.0)
        .max(x1.first().copied().unwrap_or(0.0));
    let top = x0
        .last()
        .copied()
        .unwrap_or(0.0)
        .min(x1.last().copied().unwrap_or(0.0));
    let top = top.min(laser.max_current.value());
    let is_at_rail = at(power, top)? < set_point.value();
    let mut found = top;
    if !is_at_rail {
        // The curve rises up to its rail; sixty halvings reach the last digit.
        for _ in 0..60 {
            let middle = 0.5 * (bottom + found);
            if at(power, middle)? < set_point.value() {
                bottom = middle;
            } else {
                found = middle;
            }
        }
    }
    let (p, v) = (at(power, found)?, at(voltage, found)?);
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
            current_use: Ratio::new(found / laser.max_current.value()),
        },
        is_at_rail,
    })
}

/// Where the heater of a ring has settled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeaterState {
    /// Heater power.
    pub power: Watts,
    /// How far the heater moves the resonance.
    pub shift: Meters,
    /// Change of the resonance with temperature, from the mode of the guide.
    pub drift: MetersPerKelvin,
}

/// Heater power that holds a ring on its laser.
///
/// Rings are made blue of their laser by three standard deviations of their spread at the design
/// temperature, so that all of them can be heated into place; a colder substrate needs more heat,
/// a hotter one leaves nothing to take away. Heat from the light itself counts.
///
/// # Errors
/// The needed power lies below the reserve or above the rail: the ring is not locked.
pub(crate) fn heater_lock(
    ring: &parts::RingModulator,
    zone: &system::Zone,
    drift: &Derived<MetersPerKelvin>,
    reserve: Option<&Sourced<Watts>>,
    self_heating: &Derived<Meters>,
) -> Result<(HeaterState, Derived<Watts>), LaneFault> {
    let substrate = read(&zone.temperature);
    let design = zone.design_temperature.as_ref().map(read);
    let cooler = design.unwrap_or_else(|| substrate.clone()) - substrate.clone();
    let guard = (number(3.0) * read(&ring.resonance_spread)).named("guard of the rings");
    let shift = guard + drift.clone() * cooler - self_heating.clone();
    let shift = shift.named("shift by the heater");
    let power = shift.clone() / read(&ring.heater_efficiency);
    let low = reserve.map_or(Watts::new(0.0), |reserve| reserve.value);
    let rail = ring.max_heater_power.value;
    if power.value() < low || power.value() > rail {
        return Err(LaneFault::RingUnlocked {
            needed: power.value(),
            low,
            high: rail,
            substrate: substrate.value(),
        });
    }
    let state = HeaterState {
        power: power.value(),
        shift: shift.value(),
        drift: drift.value(),
    };
    Ok((state, power.named("heater of a ring")))
}

/// Thermo-optic drift of a resonance, `d lambda / dT = lambda (d n_eff / dT) / n_g`, from the
/// fundamental mode of the platform's guide by the effective-index method.
///
/// The derivatives are central differences over 1 nm and 1 K. Against the finite-difference mode
/// solver of `photonics` the drift of a silicon strip comes out within a few per cent; the
/// comparison is kept in `validation/`.
///
/// # Errors
/// The guide has no mode at this wavelength.
pub fn waveguide_drift(
    platform: &parts::Platform,
    wavelength: Meters,
) -> Result<MetersPerKelvin, DeviceError> {
    let (lambda, step, kelvin) = (wavelength.value(), 0.5e-9, 0.5);
    let n_eff = |lambda: f64, rise: f64| {
        let index = |m: &parts::Material| {
            // Linear between the two stated wavelengths.
            let weight = (lambda - 1310e-9) / (1550e-9 - 1310e-9);
            let between = |a: f64, b: f64| a + weight * (b - a);
            let n = between(m.index_1310.value.value(), m.index_1550.value.value());
            n + rise
                * between(
                    m.thermo_optic_1310.value.value(),
                    m.thermo_optic_1550.value.value(),
                )
        };
        let (core, cladding) = (index(&platform.core), index(&platform.cladding));
        effective_index_method(
            GuideIndices {
                lower: cladding,
                core,
                upper: cladding,
            },
            platform.guide_width.value,
            platform.guide_height.value,
            Meters::new(0.0),
            Meters::new(lambda),
        )
    };
    let centre = n_eff(lambda, 0.0)?;
    let slope = (n_eff(lambda + step, 0.0)? - n_eff(lambda - step, 0.0)?) / (2.0 * step);
    let group = centre - lambda * slope;
    let thermal = (n_eff(lambda, kelvin)? - n_eff(lambda, -kelvin)?) / (2.0 * kelvin);
    Ok(MetersPerKelvin::new(lambda * thermal / group))
}
