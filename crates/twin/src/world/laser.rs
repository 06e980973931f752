//! One laser under its control.

use photonics::DeviceError;
use photonics::laser::Laser;
use serde::{Deserialize, Serialize};
use units::{Amperes, Celsius, Watts};

use super::plan::LaserPlan;

/// What commands have set of a laser.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) enum LaserControl {
    /// Dark.
    Off,
    /// Its power is held, as a factor of the described set-point.
    Power(f64),
    /// Its current is held, A.
    Current(f64),
}

/// What a laser has become against its description.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct LaserHealth {
    /// Threshold over the described one.
    pub(super) threshold: f64,
    /// Slope efficiency over the described one.
    pub(super) slope: f64,
    /// Whether it gives no light at all.
    pub(super) is_dead: bool,
    /// How far its chip stands above its case beyond its own heat, K.
    pub(super) above_case_k: f64,
    /// Wavelength beyond what its temperature makes, m.
    pub(super) wavelength_m: f64,
}

impl LaserHealth {
    pub(super) const NEW: Self = Self {
        threshold: 1.0,
        slope: 1.0,
        is_dead: false,
        above_case_k: 0.0,
        wavelength_m: 0.0,
    };
}

/// All that the point of a laser follows from: while it is the same, so is the point.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct LaserInput {
    pub(super) control: LaserControl,
    pub(super) health: LaserHealth,
    pub(super) case_c: f64,
}

impl LaserInput {
    fn is_like(&self, other: &Self, within_k: f64) -> bool {
        let case_c = other.case_c;
        (self.case_c - case_c).abs() <= within_k && Self { case_c, ..*self } == *other
    }
}

/// Where a laser stands.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct LaserPoint {
    pub(super) input: LaserInput,
    pub(super) current_a: f64,
    pub(super) voltage_v: f64,
    pub(super) electrical_w: f64,
    /// Where it leaves its module, W.
    pub(super) launched_w: f64,
    /// What the chip emits, W.
    pub(super) emitted_w: f64,
    pub(super) junction_c: f64,
    pub(super) wavelength_m: f64,
    /// Whether its control asks for more than it can give.
    pub(super) is_at_rail: bool,
}

impl LaserPoint {
    /// A laser that has not been lit yet.
    pub(super) fn dark(plan: &LaserPlan, input: LaserInput) -> Self {
        let device = &plan.device;
        let above_k = input.case_c - device.reference_temperature.value();
        Self {
            input,
            current_a: 0.0,
            voltage_v: 0.0,
            electrical_w: 0.0,
            launched_w: 0.0,
            emitted_w: 0.0,
            junction_c: input.case_c,
            wavelength_m: device.wavelength.value()
                + plan.grid_m
                + device.wavelength_drift.value() * above_k
                + input.health.wavelength_m,
            is_at_rail: false,
        }
    }

    /// Where its control takes it. A control is faster than any step: it is its equilibrium. It stays
    /// where it is while its case does, `within_k` kelvin.
    ///
    /// # Errors
    /// A current or temperature outside the range of the device.
    pub(super) fn follow(
        &mut self,
        plan: &LaserPlan,
        input: LaserInput,
        within_k: f64,
    ) -> Result<(), DeviceError> {
        if input.is_like(&self.input, within_k) && self.emitted_w > 0.0 {
            return Ok(());
        }
        let dark = Self::dark(plan, input);
        let health = input.health;
        let described = &plan.device;
        let device = Laser {
            threshold_current: described.threshold_current * health.threshold,
            slope_efficiency: described.slope_efficiency * health.slope,
            ..*described
        };
        let case = Celsius::new(input.case_c + health.above_case_k);
        let (point, is_at_rail) = match input.control {
            LaserControl::Off => {
                *self = dark;
                return Ok(());
            }
            // A dead laser takes all that its control can give.
            LaserControl::Power(_) if health.is_dead => {
                (device.at_current(case, device.max_current)?, true)
            }
            LaserControl::Power(factor) => {
                let wanted = Watts::new(plan.set_point_w * factor);
                let near = if self.current_a > 0.0 {
                    self.current_a
                } else {
                    plan.near_a
                };
                match device.operating_point_near(case, wanted, Amperes::new(near)) {
                    Ok(point) => (point, false),
                    Err(DeviceError::PowerUnreachable { .. }) => {
                        let (most, _, _) = device.greatest_power(case)?;
                        (device.at_current(case, most)?, true)
                    }
                    Err(error) => return Err(error),
                }
            }
            LaserControl::Current(amperes) => {
                let current = Amperes::new(amperes.min(device.max_current.value()));
                (device.at_current(case, current)?, false)
            }
        };
        let emitted_w = if health.is_dead {
            0.0
        } else {
            point.power.value()
        };
        *self = Self {
            current_a: point.current.value(),
            voltage_v: point.voltage.value(),
            electrical_w: point.electrical_power.value(),
            launched_w: emitted_w * plan.output,
            emitted_w,
            junction_c: point.junction_temperature.value(),
            wavelength_m: point.wavelength.value() + plan.grid_m + health.wavelength_m,
            is_at_rail,
            ..dark
        };
        Ok(())
    }
}
