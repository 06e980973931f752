//! Transimpedance amplifier: filter shapes, noise bandwidth, overload.

use std::f64::consts::PI;

use units::{Amperes, AmperesPerRootHertz, Hertz};

use crate::complex::Complex;
use crate::error::{DeviceError, check, check_positive};

/// Low-pass shape of a receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterShape {
    /// Maximally flat magnitude with this number of poles.
    Butterworth {
        /// Number of poles, 1 to 10.
        order: u32,
    },
    /// Maximally flat delay with this number of poles (Bessel-Thomson).
    Bessel {
        /// Number of poles, 1 to 10.
        order: u32,
    },
}

impl FilterShape {
    /// Field of `H(j f / f_3dB)` with `|H(0)| = 1` and `|H(1)|^2 = 1/2`.
    ///
    /// A Butterworth filter is given by its magnitude only here: the phase is zero.
    ///
    /// # Errors
    /// An order outside 1 to 10.
    pub fn response(self, relative_frequency: f64) -> Result<Complex, DeviceError> {
        self.check_order()?;
        Ok(match self {
            Self::Butterworth { order } => {
                Complex::real((1.0 + relative_frequency.powf(2.0 * f64::from(order))).powf(-0.5))
            }
            Self::Bessel { order } => bessel(order, relative_frequency * bessel_corner(order)),
        })
    }

    /// Noise bandwidth over 3 dB bandwidth, `INT |H|^2 df / (|H(0)|^2 f_3dB)`.
    ///
    /// Simpson's rule after the substitution `f = tan u`; relative error below 1e-6 (tested
    /// against closed forms).
    ///
    /// # Errors
    /// An order outside 1 to 10.
    pub fn noise_bandwidth_factor(self) -> Result<f64, DeviceError> {
        self.check_order()?;
        let n = 2000u32;
        let step = 0.5 * PI / f64::from(n);
        let integrand = |i: u32| -> Result<f64, DeviceError> {
            if i == n {
                // Only a single pole leaves anything at infinity: |H|^2 f^2 tends to 1 / (1 Hz)^2
                // for the corner at 1.
                let single = matches!(
                    self,
                    Self::Butterworth { order: 1 } | Self::Bessel { order: 1 }
                );
                return Ok(if single { 1.0 } else { 0.0 });
            }
            let f = (f64::from(i) * step).tan();
            Ok(self.response(f)?.norm_sqr() * (1.0 + f * f))
        };
        let mut sum = integrand(0)? + integrand(n)?;
        for i in 1..n {
            sum += integrand(i)? * if i % 2 == 1 { 4.0 } else { 2.0 };
        }
        Ok(sum * step / 3.0)
    }

    fn check_order(self) -> Result<(), DeviceError> {
        let (Self::Butterworth { order } | Self::Bessel { order }) = self;
        check("filter order", f64::from(order), (1.0, 10.0), "")
    }
}

/// Reverse Bessel polynomial filter `theta_n(0) / theta_n(j w)` at unit delay, by the recursion
/// `theta_n = (2 n - 1) theta_{n-1} + s^2 theta_{n-2}`.
fn bessel(order: u32, w: f64) -> Complex {
    let s = Complex::new(0.0, w);
    let (mut before, mut now) = (Complex::ONE, s + Complex::ONE);
    let mut at_zero = 1.0;
    for n in 2..=order {
        let factor = 2.0 * f64::from(n) - 1.0;
        (before, now) = (now, now * factor + s * s * before);
        at_zero *= factor;
    }
    Complex::real(at_zero) / now
}

/// Angular frequency at which the unit-delay Bessel filter has lost half its power. The loss
/// rises monotonically, so bisection finds it.
fn bessel_corner(order: u32) -> f64 {
    let (mut low, mut high) = (0.0, 10.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if bessel(order, middle).norm_sqr() > 0.5 {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// A transimpedance amplifier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TransimpedanceAmplifier {
    /// Input-referred current noise density, one-sided, mean over the band.
    pub noise: AmperesPerRootHertz,
    /// Bandwidth, 3 dB.
    pub bandwidth: Hertz,
    /// Shape of the response.
    pub shape: FilterShape,
    /// Greatest input current.
    pub overload: Amperes,
}

impl TransimpedanceAmplifier {
    /// Noise bandwidth.
    ///
    /// # Errors
    /// A bandwidth that is not positive or an order out of range.
    pub fn noise_bandwidth(&self) -> Result<Hertz, DeviceError> {
        check_positive("amplifier bandwidth", self.bandwidth.value(), "Hz")?;
        Ok(self.bandwidth * self.shape.noise_bandwidth_factor()?)
    }

    /// Root-mean-square input-referred noise current.
    ///
    /// # Errors
    /// As [`TransimpedanceAmplifier::noise_bandwidth`].
    pub fn noise_current(&self) -> Result<Amperes, DeviceError> {
        let root = self.noise_bandwidth()?.value().sqrt();
        Ok(Amperes::new(self.noise.value() * root))
    }

    /// Refuses an input current that overloads the amplifier.
    ///
    /// # Errors
    /// [`DeviceError::OutOfRange`] with the limit.
    pub fn check_overload(&self, current: Amperes) -> Result<(), DeviceError> {
        check(
            "amplifier input current",
            current.value(),
            (0.0, self.overload.value()),
            "A",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn butterworth_noise_bandwidth() {
        // (pi / 2n) / sin(pi / 2n).
        for order in 1..=6 {
            let x = 0.5 * PI / f64::from(order);
            let factor = FilterShape::Butterworth { order }
                .noise_bandwidth_factor()
                .unwrap();
            assert!((factor - x / x.sin()).abs() < 1e-6, "{order}: {factor}");
        }
    }

    #[test]
    fn bessel_noise_bandwidth() {
        let factor = |order| {
            FilterShape::Bessel { order }
                .noise_bandwidth_factor()
                .unwrap()
        };
        assert!((factor(1) - 0.5 * PI).abs() < 1e-6);
        // 3 / (s^2 + 3 s + 3): INT_0^inf |H|^2 dw = pi / 2, half power at w^2 = (sqrt 45 - 3) / 2.
        let corner = (0.5 * (45f64.sqrt() - 3.0)).sqrt();
        assert!((factor(2) - 0.5 * PI / corner).abs() < 1e-6);
        // 15 / (s^3 + 6 s^2 + 15 s + 15): by the formula of H. M. James, N. B. Nichols,
        // R. S. Phillips, Theory of Servomechanisms 1947, appendix,
        // INT_-inf^inf |H|^2 dw / 2 pi = c0^2 d2 d3 / (2 d0 d3 (d1 d2 - d0 d3)) = 225 * 6 /
        // (2 * 15 * (90 - 15)) = 0.6, so the integral over positive w is 0.6 pi.
        let integral = factor(3) * bessel_corner(3);
        assert!((integral - 0.6 * PI).abs() < 1e-6);
        // The fourth-order filter of optical reference receivers lies between 1 and the third.
        assert!(factor(4) > 1.0 && factor(4) < factor(3));
    }

    #[test]
    fn half_power_at_the_corner() {
        for shape in [
            FilterShape::Butterworth { order: 3 },
            FilterShape::Bessel { order: 4 },
        ] {
            assert!((shape.response(1.0).unwrap().norm_sqr() - 0.5).abs() < 1e-12);
            assert!((shape.response(0.0).unwrap().norm() - 1.0).abs() < 1e-15);
        }
        assert!(FilterShape::Bessel { order: 0 }.response(1.0).is_err());
        // exp(+j w t): a causal delay turns the phase negative.
        let delayed = FilterShape::Bessel { order: 4 }.response(0.3).unwrap();
        assert!(delayed.arg() < 0.0);
    }

    #[test]
    fn overload_is_refused() {
        let amplifier = TransimpedanceAmplifier {
            noise: AmperesPerRootHertz::new(16e-12),
            bandwidth: Hertz::new(40e9),
            shape: FilterShape::Butterworth { order: 2 },
            overload: Amperes::new(2e-3),
        };
        assert!(amplifier.check_overload(Amperes::new(1e-3)).is_ok());
        assert!(amplifier.check_overload(Amperes::new(3e-3)).is_err());
        // 16 pA/rtHz over 1.1107 * 40 GHz.
        let rms = amplifier.noise_current().unwrap().value();
        assert!((rms - 3.373e-6).abs() < 1e-9, "{rms}");
    }
}
