//! Ageing and failure of lasers.

use units::constants::BOLTZMANN;
use units::special::ln_normal_tail;
use units::{Amperes, Celsius, FailureRate, Joules, Kelvin, Ratio, Seconds, WattsPerAmpere};

use crate::error::{DeviceError, check_non_negative, check_positive};
use crate::laser::Laser;

/// How much faster a process with this activation energy runs at `temperature` than at
/// `reference`: `exp((E_a / k) (1 / T_ref - 1 / T))`.
///
/// # Errors
/// A temperature at or below absolute zero, or a negative activation energy.
pub fn arrhenius_acceleration(
    activation_energy: Joules,
    reference: Celsius,
    temperature: Celsius,
) -> Result<f64, DeviceError> {
    check_non_negative("activation energy", activation_energy.value(), "J")?;
    let (reference, hot) = (
        Kelvin::from(reference).value(),
        Kelvin::from(temperature).value(),
    );
    check_positive("reference temperature", reference, "K")?;
    check_positive("temperature", hot, "K")?;
    Ok((activation_energy.value() / BOLTZMANN * (1.0 / reference - 1.0 / hot)).exp())
}

/// Gradual degradation: `I_th(t) = I_th0 (1 + b x^n)` and `eta(t) = eta_0 / (1 + s x^n)` with
/// `x = t a(T) / t_ref`, `a` the Arrhenius acceleration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LaserAgeing {
    /// Time `t_ref` at the reference temperature for which growth and loss are stated.
    pub reference_time: Seconds,
    /// Junction temperature for which they are stated.
    pub reference_temperature: Celsius,
    /// Threshold growth `b`: relative rise at the reference time.
    pub threshold_growth: Ratio,
    /// Slope loss `s`: the slope has fallen to `1 / (1 + s)` at the reference time.
    pub slope_loss: Ratio,
    /// Exponent `n` of the growth in time.
    pub growth_exponent: Ratio,
    /// Activation energy.
    pub activation_energy: Joules,
}

impl LaserAgeing {
    /// The laser after `time` at a constant junction temperature.
    ///
    /// For a temperature that varies, add up `time * acceleration` and pass the sum with the
    /// reference temperature.
    ///
    /// # Errors
    /// A negative time, growth or loss, a reference time or exponent that is not positive, or as
    /// [`arrhenius_acceleration`].
    pub fn age(
        &self,
        laser: &Laser,
        time: Seconds,
        junction_temperature: Celsius,
    ) -> Result<Laser, DeviceError> {
        check_non_negative("age", time.value(), "s")?;
        check_positive("reference time of ageing", self.reference_time.value(), "s")?;
        check_non_negative("threshold growth", self.threshold_growth.value(), "")?;
        check_non_negative("slope loss", self.slope_loss.value(), "")?;
        check_positive("growth exponent", self.growth_exponent.value(), "")?;
        let acceleration = arrhenius_acceleration(
            self.activation_energy,
            self.reference_temperature,
            junction_temperature,
        )?;
        let x = (acceleration * (time / self.reference_time)).powf(self.growth_exponent.value());
        Ok(Laser {
            threshold_current: Amperes::new(
                laser.threshold_current.value() * (1.0 + self.threshold_growth.value() * x),
            ),
            slope_efficiency: WattsPerAmpere::new(
                laser.slope_efficiency.value() / (1.0 + self.slope_loss.value() * x),
            ),
            ..*laser
        })
    }
}

/// Sudden failure: lognormal wear-out and a constant random rate, both accelerated by heat.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LaserFailure {
    /// Median time to wear-out at the reference temperature.
    pub wearout_median: Seconds,
    /// Standard deviation of the natural logarithm of that time.
    pub wearout_sigma: Ratio,
    /// Rate of random failures at the reference temperature.
    pub random_rate: FailureRate,
    /// Junction temperature of these values.
    pub reference_temperature: Celsius,
    /// Activation energy.
    pub activation_energy: Joules,
}

impl LaserFailure {
    /// Probability that a laser still works after `time` at a constant junction temperature.
    ///
    /// # Errors
    /// A negative time or rate, a median or sigma that is not positive, or as
    /// [`arrhenius_acceleration`].
    pub fn survival(&self, time: Seconds, junction: Celsius) -> Result<Ratio, DeviceError> {
        let (aged, rate, z) = self.scaled(time, junction)?;
        Ok(Ratio::new((ln_normal_tail(z) - rate * aged).exp()))
    }

    /// Rate of failure of the lasers that still work at `time`.
    ///
    /// # Errors
    /// As [`LaserFailure::survival`].
    pub fn hazard(&self, time: Seconds, junction: Celsius) -> Result<FailureRate, DeviceError> {
        let (aged, rate, z) = self.scaled(time, junction)?;
        let acceleration =
            arrhenius_acceleration(self.activation_energy, self.reference_temperature, junction)?;
        let wearout = if aged > 0.0 {
            // Density over survival, in logarithms because both vanish far out.
            let ln_density = -0.5 * z * z - 0.5 * (2.0 * std::f64::consts::PI).ln();
            (ln_density - ln_normal_tail(z)).exp() / (self.wearout_sigma.value() * aged)
        } else {
            0.0
        };
        Ok(FailureRate::new(acceleration * (rate + wearout)))
    }

    /// Time at the reference temperature, random rate there, and the normal deviate of wear-out.
    fn scaled(&self, time: Seconds, junction: Celsius) -> Result<(f64, f64, f64), DeviceError> {
        check_non_negative("age", time.value(), "s")?;
        check_positive("median wear-out time", self.wearout_median.value(), "s")?;
        check_positive("wear-out sigma", self.wearout_sigma.value(), "")?;
        check_non_negative("random failure rate", self.random_rate.value(), "1/s")?;
        let acceleration =
            arrhenius_acceleration(self.activation_energy, self.reference_temperature, junction)?;
        let aged = acceleration * time.value();
        let z = (aged / self.wearout_median.value()).ln() / self.wearout_sigma.value();
        Ok((aged, self.random_rate.value(), z))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::laser::tests::laser;

    const YEAR: f64 = 8766.0 * 3600.0;
    const EV: f64 = units::constants::ELEMENTARY_CHARGE;

    fn failure() -> LaserFailure {
        LaserFailure {
            wearout_median: Seconds::new(30.0 * YEAR),
            wearout_sigma: Ratio::new(0.6),
            random_rate: FailureRate::from_fit(50.0),
            reference_temperature: Celsius::new(50.0),
            activation_energy: Joules::new(0.7 * EV),
        }
    }

    #[test]
    fn acceleration_of_0_7_ev_from_50_to_70_celsius() {
        // exp(0.7 / 8.617333e-5 (1 / 323.15 - 1 / 343.15)) = 4.33.
        let a = arrhenius_acceleration(
            Joules::new(0.7 * EV),
            Celsius::new(50.0),
            Celsius::new(70.0),
        )
        .unwrap();
        assert!((a - 4.33).abs() < 0.005, "{a}");
    }

    #[test]
    fn threshold_and_slope_at_the_reference_time() {
        let ageing = LaserAgeing {
            reference_time: Seconds::new(YEAR),
            reference_temperature: Celsius::new(50.0),
            threshold_growth: Ratio::new(0.2),
            slope_loss: Ratio::new(0.25),
            growth_exponent: Ratio::new(0.5),
            activation_energy: Joules::new(0.7 * EV),
        };
        let old = ageing
            .age(&laser(), Seconds::new(YEAR), Celsius::new(50.0))
            .unwrap();
        assert!((old.threshold_current / laser().threshold_current - 1.2).abs() < 1e-12);
        assert!((old.slope_efficiency / laser().slope_efficiency - 0.8).abs() < 1e-12);
        // Four times the age doubles x for n = 1/2.
        let older = ageing
            .age(&laser(), Seconds::new(4.0 * YEAR), Celsius::new(50.0))
            .unwrap();
        assert!((older.threshold_current / laser().threshold_current - 1.4).abs() < 1e-12);
    }

    #[test]
    fn hazard_is_minus_the_slope_of_log_survival() {
        let hot = Celsius::new(60.0);
        for years in [1.0, 10.0, 40.0] {
            let t = years * YEAR;
            let h = 1e-4 * t;
            let ln_s = |t: f64| {
                failure()
                    .survival(Seconds::new(t), hot)
                    .unwrap()
                    .value()
                    .ln()
            };
            let slope = -(ln_s(t + h) - ln_s(t - h)) / (2.0 * h);
            let hazard = failure().hazard(Seconds::new(t), hot).unwrap().value();
            // Central difference: relative error of the order of (1e-4)^2 and rounding.
            assert!((hazard / slope - 1.0).abs() < 1e-5, "{years}");
        }
        let new = failure().survival(Seconds::new(0.0), hot).unwrap();
        assert!((new.value() - 1.0).abs() < 1e-15);
        let fresh = failure().hazard(Seconds::new(0.0), Celsius::new(50.0));
        assert!((fresh.unwrap().to_fit() - 50.0).abs() < 1e-9);
    }
}
