//! Continuous-wave laser diode: light, voltage and noise over current and temperature.

use units::constants::ZERO_CELSIUS;
use units::{
    Amperes, Celsius, Decibels, DecibelsPerHertz, KelvinDifference, KelvinPerWatt, Meters,
    MetersPerKelvin, Ohms, Ratio, Volts, Watts, WattsPerAmpere,
};

use crate::error::{DeviceError, PowerLimit, check, check_non_negative, check_positive};

/// Halvings of an interval in bisection: enough to reach the spacing of doubles.
const BISECTIONS: usize = 80;
/// Steps of the search for the junction temperature. Newton's method takes about five; where it
/// does not settle, the bisection behind it does.
const HEATING_STEPS: usize = 100;
/// Steps that are no more than this many spacings of doubles end it: the balance is not known
/// any better.
const HEATING_SPACINGS: f64 = 4.0;

/// A laser diode with heating by its own loss.
///
/// ```text
/// I_th(T) = I_th0 exp((T - T_ref) / T_0)      eta(T) = eta_0 exp(-(T - T_ref) / T_1)
/// P = eta (I - I_th)      V = V_on + I R_s      T = T_case + R_th (V I - P)
/// ```
///
/// `T` is the junction temperature, solved together with the power. Good between threshold and
/// rollover; gain compression and spatial hole burning are not modelled. The heat balance has one
/// solution as long as `R_th |dP/dT|` is below 1, which only a diode beyond all use exceeds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Laser {
    /// Emission wavelength at the reference temperature.
    pub wavelength: Meters,
    /// Junction temperature at which threshold, slope and wavelength are stated.
    pub reference_temperature: Celsius,
    /// Threshold current.
    pub threshold_current: Amperes,
    /// Temperature rise that multiplies the threshold by e.
    pub threshold_t0: KelvinDifference,
    /// Slope efficiency into whatever the power is referred to.
    pub slope_efficiency: WattsPerAmpere,
    /// Temperature rise that divides the slope efficiency by e.
    pub slope_t1: KelvinDifference,
    /// Voltage at vanishing current.
    pub turn_on_voltage: Volts,
    /// Series resistance.
    pub series_resistance: Ohms,
    /// Thermal resistance from junction to case.
    pub thermal_resistance: KelvinPerWatt,
    /// Greatest permitted current.
    pub max_current: Amperes,
    /// Change of the wavelength with junction temperature.
    pub wavelength_drift: MetersPerKelvin,
    /// Relative intensity noise without feedback.
    pub rin: DecibelsPerHertz,
    /// Returned over emitted power that doubles the noise; negative decibels.
    pub feedback_threshold: Decibels,
    /// Isolation against returning light.
    pub isolation: Decibels,
}

/// What a laser does at one current and case temperature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LaserOperatingPoint {
    /// Bias current.
    pub current: Amperes,
    /// Voltage across the diode.
    pub voltage: Volts,
    /// Optical power.
    pub power: Watts,
    /// Electrical power.
    pub electrical_power: Watts,
    /// Optical over electrical power.
    pub wall_plug_efficiency: Ratio,
    /// Junction temperature.
    pub junction_temperature: Celsius,
    /// Threshold current at that temperature.
    pub threshold_current: Amperes,
    /// Emission wavelength.
    pub wavelength: Meters,
    /// Share of the reachable current range in use, `I / I_max` with the lower of rollover and
    /// permitted current.
    pub current_use: Ratio,
}

/// Newton steps from a current that is near before the plain search takes over.
const NEAR_STEPS: usize = 8;
/// Relative change of the current at which it has settled.
const NEAR_ENOUGH: f64 = 1e-13;

impl Laser {
    /// The operating point that gives `power`.
    ///
    /// # Errors
    /// [`DeviceError::PowerUnreachable`] with the most that can be had; parameters out of range.
    pub fn operating_point(
        &self,
        case_temperature: Celsius,
        power: Watts,
    ) -> Result<LaserOperatingPoint, DeviceError> {
        check_non_negative("requested power", power.value(), "W")?;
        let (peak_current, reachable, limit) = self.greatest_power(case_temperature)?;
        if power > reachable {
            return Err(DeviceError::PowerUnreachable {
                requested: power,
                reachable,
                limit,
                case_temperature,
            });
        }
        let (mut low, mut high) = (0.0, peak_current.value());
        for _ in 0..BISECTIONS {
            let middle = 0.5 * (low + high);
            let heat = self.self_heating(case_temperature, middle);
            if self.signed_power(heat, middle) < power.value() {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(self.describe(case_temperature, high, peak_current.value()))
    }

    /// The operating point that gives `power`, found from a current that nearly does: that of
    /// [`Laser::operating_point`] to within rounding, in a tenth of its time. `current_use` is over
    /// the permitted current, whether or not the power rolls over before it.
    ///
    /// # Errors
    /// As [`Laser::operating_point`].
    pub fn operating_point_near(
        &self,
        case_temperature: Celsius,
        power: Watts,
        near: Amperes,
    ) -> Result<LaserOperatingPoint, DeviceError> {
        let max = self.max_current.value();
        let mut current = near.value();
        for _ in 0..NEAR_STEPS {
            if !(current > 0.0 && current <= max) {
                break;
            }
            let heat = self.self_heating(case_temperature, current);
            let (reached, rising) = self.power_and_rise(heat, current);
            // Where no light leaves, or more current gives less of it, there is nothing to follow.
            if reached <= 0.0 || rising <= 0.0 {
                break;
            }
            let step = (power.value() - reached) / rising;
            current += step;
            if step.abs() <= NEAR_ENOUGH * current.abs() && current <= max {
                return Ok(self.describe(case_temperature, current, max));
            }
        }
        self.operating_point(case_temperature, power)
    }

    /// The operating point at a given current.
    ///
    /// # Errors
    /// A current beyond the permitted one; parameters out of range.
    pub fn at_current(
        &self,
        case_temperature: Celsius,
        current: Amperes,
    ) -> Result<LaserOperatingPoint, DeviceError> {
        let (peak_current, _, _) = self.greatest_power(case_temperature)?;
        check(
            "laser current",
            current.value(),
            (0.0, self.max_current.value()),
            "A",
        )?;
        Ok(self.describe(case_temperature, current.value(), peak_current.value()))
    }

    /// Current of greatest power, that power, and what limits it. The power is zero when the
    /// laser does not reach threshold.
    ///
    /// # Errors
    /// Parameters out of range.
    pub fn greatest_power(
        &self,
        case_temperature: Celsius,
    ) -> Result<(Amperes, Watts, PowerLimit), DeviceError> {
        self.check_parameters(case_temperature)?;
        let power =
            |current: f64| self.signed_power(self.self_heating(case_temperature, current), current);
        // Without the cut at zero the power has one maximum over current.
        let max = self.max_current.value();
        if self.is_rising(case_temperature, max) {
            let reachable = Watts::new(power(max).max(0.0));
            return Ok((self.max_current, reachable, PowerLimit::MaximumCurrent));
        }
        let (mut low, mut high) = (0.0, max);
        for _ in 0..BISECTIONS {
            let middle = 0.5 * (low + high);
            if self.is_rising(case_temperature, middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        let reachable = Watts::new(power(high).max(0.0));
        Ok((Amperes::new(high), reachable, PowerLimit::Rollover))
    }

    /// Whether more current gives more power. The heat balance
    /// `T = T_case + R_th (V I - P(I, T))` gives
    /// `dP/dI (1 + R_th P_T) = P_I + P_T R_th d(V I)/dI`, and the bracket is positive.
    fn is_rising(&self, case: Celsius, current: f64) -> bool {
        let (_, slope, per_kelvin) =
            self.power_and_slopes(self.self_heating(case, current), current);
        slope + per_kelvin * self.kelvin_per_ampere(current) > 0.0
    }

    /// Power at a junction temperature in balance with the heat, and `dP/dI` along the balance.
    fn power_and_rise(&self, junction: Celsius, current: f64) -> (f64, f64) {
        let (power, slope, per_kelvin) = self.power_and_slopes(junction, current);
        let rise = slope + per_kelvin * self.kelvin_per_ampere(current);
        let bracket = 1.0 + self.thermal_resistance.value() * per_kelvin;
        (power, rise / bracket)
    }

    /// `R_th d(V I)/dI`.
    fn kelvin_per_ampere(&self, current: f64) -> f64 {
        let watts_per_ampere =
            self.turn_on_voltage.value() + 2.0 * current * self.series_resistance.value();
        self.thermal_resistance.value() * watts_per_ampere
    }

    /// Relative intensity noise with light coming back:
    /// `RIN0 + 10 log10(1 + 10^((R - R_crit) / 10))`, `R` being the feedback behind the isolator.
    ///
    /// `return_level` is the returned over emitted power at the laser's output; negative decibels,
    /// minus infinity without reflection. Coherence collapse far above the threshold is not
    /// modelled.
    pub fn rin_with_feedback(&self, return_level: Decibels) -> DecibelsPerHertz {
        let above = return_level - self.isolation - self.feedback_threshold;
        self.rin + Decibels::from_ratio(1.0 + above.to_ratio())
    }

    fn check_parameters(&self, case_temperature: Celsius) -> Result<(), DeviceError> {
        check(
            "case temperature",
            case_temperature.value(),
            (-ZERO_CELSIUS, 1e3),
            "C",
        )?;
        check_positive("threshold current", self.threshold_current.value(), "A")?;
        check_positive("threshold T0", self.threshold_t0.value(), "K")?;
        check_positive("slope efficiency", self.slope_efficiency.value(), "W/A")?;
        check_positive("slope T1", self.slope_t1.value(), "K")?;
        check_positive("turn-on voltage", self.turn_on_voltage.value(), "V")?;
        check_non_negative("series resistance", self.series_resistance.value(), "ohm")?;
        check_non_negative("thermal resistance", self.thermal_resistance.value(), "K/W")?;
        check_positive("greatest current", self.max_current.value(), "A")
    }

    /// Power at a junction temperature; negative below threshold.
    fn signed_power(&self, junction: Celsius, current: f64) -> f64 {
        self.power_and_slopes(junction, current).0
    }

    /// The same with its derivatives by current and by temperature.
    fn power_and_slopes(&self, junction: Celsius, current: f64) -> (f64, f64, f64) {
        let rise = junction - self.reference_temperature;
        let slope = self.slope_efficiency.value() * (-(rise / self.slope_t1)).exp();
        let threshold = self.threshold_at(junction);
        let power = slope * (current - threshold);
        let per_kelvin =
            -(power / self.slope_t1.value() + slope * threshold / self.threshold_t0.value());
        (power, slope, per_kelvin)
    }

    fn threshold_at(&self, junction: Celsius) -> f64 {
        let rise = junction - self.reference_temperature;
        self.threshold_current.value() * (rise / self.threshold_t0).exp()
    }

    fn voltage(&self, current: f64) -> f64 {
        self.turn_on_voltage.value() + current * self.series_resistance.value()
    }

    /// Junction temperature in balance with the heat, by Newton's method between the temperatures
    /// without heat and without light, halving where a step leaves the interval. The lower bound
    /// has too much heat, the upper too little.
    fn self_heating(&self, case: Celsius, current: f64) -> Celsius {
        let input = current * self.voltage(current);
        let resistance = self.thermal_resistance.value();
        let (mut low, mut high) = (case.value(), case.value() + resistance * input);
        let mut junction = high;
        for _ in 0..HEATING_STEPS {
            let (power, _, per_kelvin) = self.power_and_slopes(Celsius::new(junction), current);
            let excess = case.value() + resistance * (input - power.clamp(0.0, input)) - junction;
            if excess > 0.0 {
                low = junction;
            } else {
                high = junction;
            }
            let is_inside = power > 0.0 && power < input;
            let per_kelvin = if is_inside { per_kelvin } else { 0.0 };
            let mut next = junction + excess / (1.0 + resistance * per_kelvin);
            if !(low..=high).contains(&next) {
                next = 0.5 * (low + high);
            }
            let step = (next - junction).abs();
            junction = next;
            if step <= HEATING_SPACINGS * f64::EPSILON * junction.abs().max(1.0) {
                break;
            }
        }
        Celsius::new(junction)
    }

    fn describe(&self, case: Celsius, current: f64, peak_current: f64) -> LaserOperatingPoint {
        let junction = self.self_heating(case, current);
        let voltage = self.voltage(current);
        let power = self.signed_power(junction, current).max(0.0);
        let electrical = current * voltage;
        let efficiency = if electrical > 0.0 {
            power / electrical
        } else {
            0.0
        };
        LaserOperatingPoint {
            current: Amperes::new(current),
            voltage: Volts::new(voltage),
            power: Watts::new(power),
            electrical_power: Watts::new(electrical),
            wall_plug_efficiency: Ratio::new(efficiency),
            junction_temperature: junction,
            threshold_current: Amperes::new(self.threshold_at(junction)),
            wavelength: self.wavelength
                + self.wavelength_drift * (junction - self.reference_temperature),
            current_use: Ratio::new(current / peak_current),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A distributed-feedback laser of the usual size; not a product.
    pub(crate) fn laser() -> Laser {
        Laser {
            wavelength: Meters::new(1310e-9),
            reference_temperature: Celsius::new(25.0),
            threshold_current: Amperes::new(15e-3),
            threshold_t0: KelvinDifference::new(70.0),
            slope_efficiency: WattsPerAmpere::new(0.35),
            slope_t1: KelvinDifference::new(200.0),
            turn_on_voltage: Volts::new(0.95),
            series_resistance: Ohms::new(2.0),
            thermal_resistance: KelvinPerWatt::new(40.0),
            max_current: Amperes::new(0.5),
            wavelength_drift: MetersPerKelvin::new(0.09e-9),
            rin: DecibelsPerHertz::new(-150.0),
            feedback_threshold: Decibels::new(-30.0),
            isolation: Decibels::new(0.0),
        }
    }

    #[test]
    fn without_heating_the_line_is_exact() {
        let cool = Laser {
            thermal_resistance: KelvinPerWatt::new(0.0),
            ..laser()
        };
        let point = cool
            .operating_point(Celsius::new(25.0), Watts::new(0.07))
            .unwrap();
        // I = 15 mA + 70 mW / 0.35 W/A = 215 mA; V = 0.95 + 0.43 = 1.38 V.
        assert!((point.current.value() - 0.215).abs() < 1e-12);
        assert!((point.voltage.value() - 1.38).abs() < 1e-12);
        assert!((point.wall_plug_efficiency.value() - 0.07 / (0.215 * 1.38)).abs() < 1e-12);
        assert!((point.wavelength - cool.wavelength).value().abs() < 1e-20);
        let hot = cool
            .operating_point(Celsius::new(95.0), Watts::new(0.0))
            .unwrap();
        assert!((hot.threshold_current.value() - 15e-3 * 1f64.exp()).abs() < 1e-12);
    }

    #[test]
    fn heat_balance_holds_at_the_operating_point() {
        let point = laser()
            .operating_point(Celsius::new(50.0), Watts::new(0.06))
            .unwrap();
        let heat = point.electrical_power - point.power;
        let junction = Celsius::new(50.0) + laser().thermal_resistance * heat;
        assert!((junction - point.junction_temperature).value().abs() < 1e-9);
        assert!((point.power.value() - 0.06).abs() < 1e-12);
    }

    #[test]
    fn unreachable_power_names_the_limit() {
        let case = Celsius::new(85.0);
        let hot = Laser {
            thermal_resistance: KelvinPerWatt::new(150.0),
            ..laser()
        };
        let error = hot.operating_point(case, Watts::new(0.2)).unwrap_err();
        let DeviceError::PowerUnreachable {
            reachable, limit, ..
        } = error
        else {
            panic!("{error}")
        };
        assert_eq!(limit, PowerLimit::Rollover);
        assert!(hot.operating_point(case, reachable).is_ok());
        let timid = Laser {
            max_current: Amperes::new(0.1),
            ..laser()
        };
        assert!(matches!(
            timid.operating_point(case, Watts::new(0.1)),
            Err(DeviceError::PowerUnreachable {
                limit: PowerLimit::MaximumCurrent,
                ..
            })
        ));
    }

    #[test]
    fn feedback_at_the_threshold_doubles_the_noise() {
        let at = |r: f64| laser().rin_with_feedback(Decibels::new(r)).value();
        assert!((at(-30.0) + 150.0 - 10.0 * 2f64.log10()).abs() < 1e-12);
        assert!((at(f64::NEG_INFINITY) + 150.0).abs() < 1e-12);
        let isolated = Laser {
            isolation: Decibels::new(30.0),
            ..laser()
        };
        assert!(isolated.rin_with_feedback(Decibels::new(-30.0)).value() < -149.99);
    }

    /// The plain form of the heat balance: bisection, to the spacing of doubles.
    fn bisected_junction(laser: &Laser, case: f64, current: f64) -> f64 {
        let input = current * laser.voltage(current);
        let resistance = laser.thermal_resistance.value();
        let (mut low, mut high) = (case, case + resistance * input);
        for _ in 0..BISECTIONS {
            let middle = 0.5 * (low + high);
            let power = laser.signed_power(Celsius::new(middle), current);
            if case + resistance * (input - power.clamp(0.0, input)) > middle {
                low = middle;
            } else {
                high = middle;
            }
        }
        0.5 * (low + high)
    }

    /// The plain form of the greatest power: golden section without derivatives.
    fn golden_peak(laser: &Laser, case: f64) -> (f64, f64) {
        let power = |current: f64| {
            let junction = bisected_junction(laser, case, current);
            laser.signed_power(Celsius::new(junction), current)
        };
        let shrink = 0.5 * (5f64.sqrt() - 1.0);
        let max = laser.max_current.value();
        let (mut low, mut high) = (0.0, max);
        for _ in 0..BISECTIONS {
            let width = shrink * (high - low);
            if power(high - width) < power(low + width) {
                low = high - width;
            } else {
                high = low + width;
            }
        }
        let peak = 0.5 * (low + high);
        let peak = if power(max) >= power(peak) { max } else { peak };
        (peak, power(peak).max(0.0))
    }

    #[test]
    fn a_near_current_leads_to_the_same_point() {
        let laser = laser();
        for celsius in [0.0, 25.0, 55.0, 70.0] {
            let case = Celsius::new(celsius);
            let (_, most, _) = laser.greatest_power(case).unwrap();
            for (share, off) in [(0.1, 0.8), (0.5, 1.1), (0.9, 0.9), (0.99, 0.5)] {
                let wanted = most * share;
                let plain = laser.operating_point(case, wanted).unwrap();
                let near = laser
                    .operating_point_near(case, wanted, plain.current * off)
                    .unwrap();
                assert!((near.current / plain.current - 1.0).abs() < 1e-11);
                let apart = near.junction_temperature - plain.junction_temperature;
                assert!(apart.value().abs() < 1e-9);
            }
            let far = laser.operating_point_near(case, most * 1.01, Amperes::new(0.05));
            assert!(matches!(far, Err(DeviceError::PowerUnreachable { .. })));
        }
    }

    proptest! {
        #[test]
        fn newtons_method_agrees_with_the_plain_search(
            thermal in 0.0..150.0f64,
            resistance in 0.0..6.0f64,
            threshold in 1e-3..60e-3f64,
            t0 in 30.0..120.0f64,
            t1 in 80.0..400.0f64,
            slope in 0.05..0.6f64,
            max in 0.05..0.9f64,
            case in -20.0..110.0f64,
            share in 0.0..1.0f64,
        ) {
            let laser = Laser {
                thermal_resistance: KelvinPerWatt::new(thermal),
                series_resistance: Ohms::new(resistance),
                threshold_current: Amperes::new(threshold),
                threshold_t0: KelvinDifference::new(t0),
                slope_t1: KelvinDifference::new(t1),
                slope_efficiency: WattsPerAmpere::new(slope),
                max_current: Amperes::new(max),
                ..laser()
            };
            let celsius = Celsius::new(case);
            for current in [share * max, max] {
                let found = laser.self_heating(celsius, current).value();
                let plain = bisected_junction(&laser, case, current);
                // Both are exact up to rounding, which the condition of the balance enlarges.
                prop_assert!((found - plain).abs() < 1e-9, "{found} {plain}");
            }
            let (current, power, limit) = laser.greatest_power(celsius).unwrap();
            let (plain_current, plain_power) = golden_peak(&laser, case);
            // The flat maximum leaves its abscissa uncertain by the root of the rounding.
            prop_assert!((current.value() - plain_current).abs() < 1e-5 * max);
            prop_assert!((power.value() - plain_power).abs() < 1e-12);
            prop_assert!(power.value() >= plain_power - 1e-14);
            prop_assert_eq!(limit == PowerLimit::MaximumCurrent, current.value() >= max);
        }
    }
}
