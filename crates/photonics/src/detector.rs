//! Photodiode: current, dark current, bandwidth and noise densities.

use std::f64::consts::PI;

use units::constants::{BOLTZMANN, ELEMENTARY_CHARGE};
use units::{
    Amperes, AmperesPerRootHertz, AmperesPerWatt, Celsius, DecibelsPerHertz, Farads, Hertz, Kelvin,
    KelvinDifference, Ohms, Watts,
};

use crate::error::{DeviceError, check_non_negative, check_positive};

/// A photodiode.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Photodiode {
    /// Responsivity at low power.
    pub responsivity: AmperesPerWatt,
    /// Dark current at the reference temperature.
    pub dark_current: Amperes,
    /// Temperature of that dark current.
    pub reference_temperature: Celsius,
    /// Temperature rise that doubles the dark current.
    pub dark_doubling: KelvinDifference,
    /// Bandwidth of carrier transit.
    pub transit_bandwidth: Hertz,
    /// Junction and pad capacitance.
    pub capacitance: Farads,
    /// Series resistance.
    pub series_resistance: Ohms,
    /// Photocurrent at which the responsivity has halved; infinite for a linear diode.
    pub saturation_current: Amperes,
}

impl Photodiode {
    /// Photocurrent without dark current, `R P / (1 + R P / I_sat)`.
    ///
    /// The saturation law is phenomenological: right to first order in `R P / I_sat`.
    ///
    /// # Errors
    /// A negative power or responsivity, or a saturation current that is not positive.
    pub fn photocurrent(&self, power: Watts) -> Result<Amperes, DeviceError> {
        check_non_negative("received power", power.value(), "W")?;
        check_non_negative("responsivity", self.responsivity.value(), "A/W")?;
        if self.saturation_current.value().is_nan() || self.saturation_current.value() <= 0.0 {
            check_positive("saturation current", self.saturation_current.value(), "A")?;
        }
        let linear = self.responsivity * power;
        Ok(linear / (1.0 + linear / self.saturation_current))
    }

    /// Dark current, `I_d 2^((T - T_ref) / T_double)`.
    ///
    /// # Errors
    /// A doubling interval that is not positive or a negative dark current.
    pub fn dark_current(&self, temperature: Celsius) -> Result<Amperes, DeviceError> {
        check_positive("dark-current doubling", self.dark_doubling.value(), "K")?;
        check_non_negative("dark current", self.dark_current.value(), "A")?;
        let doublings = (temperature - self.reference_temperature) / self.dark_doubling;
        Ok(self.dark_current * doublings.exp2())
    }

    /// Total current.
    ///
    /// # Errors
    /// As [`Photodiode::photocurrent`] and [`Photodiode::dark_current`].
    pub fn current(&self, power: Watts, temperature: Celsius) -> Result<Amperes, DeviceError> {
        Ok(self.photocurrent(power)? + self.dark_current(temperature)?)
    }

    /// Bandwidth into a load: `(f_transit^-2 + f_RC^-2)^(-1/2)` with
    /// `f_RC = 1 / (2 pi (R_s + R_load) C)`.
    ///
    /// The root-sum-square rule is within a few per cent of the product of both responses.
    ///
    /// # Errors
    /// A bandwidth that is not positive or a negative resistance or capacitance.
    pub fn bandwidth(&self, load: Ohms) -> Result<Hertz, DeviceError> {
        check_positive("transit bandwidth", self.transit_bandwidth.value(), "Hz")?;
        check_non_negative("capacitance", self.capacitance.value(), "F")?;
        let resistance = self.series_resistance + load;
        check_non_negative("resistance", resistance.value(), "ohm")?;
        let rc = 2.0 * PI * resistance.value() * self.capacitance.value();
        Ok(Hertz::new(
            1.0 / (1.0 / self.transit_bandwidth.value()).hypot(rc),
        ))
    }
}

/// One-sided density of shot noise, `sqrt(2 q I)`. The current must not be negative.
pub fn shot_noise(current: Amperes) -> AmperesPerRootHertz {
    AmperesPerRootHertz::new((2.0 * ELEMENTARY_CHARGE * current.value()).sqrt())
}

/// One-sided density of the thermal noise of a resistor, `sqrt(4 k T / R)`.
///
/// # Errors
/// A resistance or absolute temperature that is not positive.
pub fn thermal_noise(
    resistance: Ohms,
    temperature: Celsius,
) -> Result<AmperesPerRootHertz, DeviceError> {
    let kelvin = Kelvin::from(temperature).value();
    check_positive("absolute temperature", kelvin, "K")?;
    check_positive("resistance", resistance.value(), "ohm")?;
    Ok(AmperesPerRootHertz::new(
        (4.0 * BOLTZMANN * kelvin / resistance.value()).sqrt(),
    ))
}

/// One-sided density of relative intensity noise at a photocurrent, `I 10^(RIN / 20)`.
pub fn intensity_noise(current: Amperes, rin: DecibelsPerHertz) -> AmperesPerRootHertz {
    AmperesPerRootHertz::new(current.value() * rin.to_per_hertz().sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diode() -> Photodiode {
        Photodiode {
            responsivity: AmperesPerWatt::new(0.9),
            dark_current: Amperes::new(20e-9),
            reference_temperature: Celsius::new(25.0),
            dark_doubling: KelvinDifference::new(10.0),
            transit_bandwidth: Hertz::new(60e9),
            capacitance: Farads::new(20e-15),
            series_resistance: Ohms::new(20.0),
            saturation_current: Amperes::new(10e-3),
        }
    }

    #[test]
    fn currents() {
        let dark = diode().dark_current(Celsius::new(85.0)).unwrap();
        // Six doublings.
        assert!((dark.value() / (64.0 * 20e-9) - 1.0).abs() < 1e-12);
        let half = diode().photocurrent(Watts::new(10e-3 / 0.9)).unwrap();
        assert!((half.value() - 5e-3).abs() < 1e-15);
        let linear = Photodiode {
            saturation_current: Amperes::new(f64::INFINITY),
            ..diode()
        };
        let i = linear.photocurrent(Watts::new(1e-3)).unwrap();
        assert!((i.value() - 0.9e-3).abs() < 1e-18);
        assert!(diode().photocurrent(Watts::new(-1.0)).is_err());
    }

    #[test]
    fn equal_poles_lower_the_bandwidth_by_root_two() {
        let rc = 1.0 / (2.0 * PI * 70.0 * 20e-15);
        let equal = Photodiode {
            transit_bandwidth: Hertz::new(rc),
            ..diode()
        };
        let f = equal.bandwidth(Ohms::new(50.0)).unwrap();
        assert!((f.value() * 2f64.sqrt() / rc - 1.0).abs() < 1e-12);
    }

    #[test]
    fn noise_densities() {
        // 1 mA: sqrt(2 * 1.602e-19 * 1e-3) = 17.90 pA/rtHz.
        let shot = shot_noise(Amperes::new(1e-3)).value();
        assert!((shot - 17.90e-12).abs() < 0.005e-12);
        // 50 ohm at 290 K: sqrt(4 k 290 / 50) = 17.90 pA/rtHz.
        let thermal = thermal_noise(Ohms::new(50.0), Celsius::new(16.85)).unwrap();
        assert!((thermal.value() - 17.90e-12).abs() < 0.005e-12);
        // -140 dB/Hz at 1 mA: 1e-7 * 1e-3.
        let rin = intensity_noise(Amperes::new(1e-3), DecibelsPerHertz::new(-140.0));
        assert!((rin.value() - 1e-10).abs() < 1e-22);
    }
}
