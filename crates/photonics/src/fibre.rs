//! Single-mode and polarisation-maintaining fibre.

use std::f64::consts::PI;

use units::constants::SPEED_OF_LIGHT;
use units::{
    ChromaticDispersion, Decibels, DecibelsPerMeter, DispersionSlope, Hertz, Meters, Radians,
    Ratio, Seconds,
};

use crate::complex::Complex;
use crate::error::{DeviceError, check};

/// A kind of single-mode fibre.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fibre {
    /// Attenuation.
    pub loss: DecibelsPerMeter,
    /// Group index at the zero-dispersion wavelength.
    pub group_index: Ratio,
    /// Zero-dispersion wavelength.
    pub zero_dispersion: Meters,
    /// Dispersion slope at that wavelength.
    pub dispersion_slope: DispersionSlope,
}

impl Fibre {
    /// Loss of a length.
    pub fn loss(&self, length: Meters) -> Decibels {
        self.loss * length
    }

    /// Chromatic dispersion, `D = (S0 / 4) (lambda - lambda0^4 / lambda^3)`.
    ///
    /// # Source
    /// ITU-T Recommendation G.652, the fit for fibre with its zero near 1310 nm.
    pub fn dispersion(&self, wavelength: Meters) -> ChromaticDispersion {
        let (lambda, lambda0) = (wavelength.value(), self.zero_dispersion.value());
        ChromaticDispersion::new(
            0.25 * self.dispersion_slope.value() * (lambda - lambda0.powi(4) / lambda.powi(3)),
        )
    }

    /// Group delay, the integral of the dispersion:
    /// `L (n_g / c + (S0 / 8) (lambda - lambda0^2 / lambda)^2)`.
    pub fn group_delay(&self, wavelength: Meters, length: Meters) -> Seconds {
        let (lambda, lambda0) = (wavelength.value(), self.zero_dispersion.value());
        let walk = lambda - lambda0 * lambda0 / lambda;
        let per_meter = self.group_index.value() / SPEED_OF_LIGHT
            + 0.125 * self.dispersion_slope.value() * walk * walk;
        Seconds::new(per_meter * length.value())
    }

    /// Phase that dispersion gives a field component `frequency` away from the carrier,
    /// `pi lambda^2 D L f^2 / c`, in radians, for fields that vary as `exp(+j w t)`.
    pub fn dispersion_phase(
        &self,
        wavelength: Meters,
        length: Meters,
        frequency: Hertz,
    ) -> Radians {
        let d = self.dispersion(wavelength).value();
        let lambda = wavelength.value();
        let f = frequency.value();
        Radians::new(PI * lambda * lambda * d * length.value() * f * f / SPEED_OF_LIGHT)
    }

    /// Field transfer relative to the carrier, `exp(+j pi lambda^2 D L f^2 / c)` times the
    /// amplitude of the loss, without the group delay.
    pub fn field_transfer(&self, wavelength: Meters, length: Meters, frequency: Hertz) -> Complex {
        let amplitude = (-self.loss(length)).to_amplitude();
        Complex::polar(
            amplitude,
            self.dispersion_phase(wavelength, length, frequency).value(),
        )
    }

    /// Small-signal response of chirp-free intensity modulation and direct detection,
    /// `|cos(pi lambda^2 D L f^2 / c)|`, without the loss.
    pub fn intensity_response(&self, wavelength: Meters, length: Meters, frequency: Hertz) -> f64 {
        self.dispersion_phase(wavelength, length, frequency)
            .value()
            .cos()
            .abs()
    }

    /// Lowest frequency at which the intensity response vanishes; infinite without dispersion.
    pub fn fading_frequency(&self, wavelength: Meters, length: Meters) -> Hertz {
        let per_square = self
            .dispersion_phase(wavelength, length, Hertz::new(1.0))
            .value()
            .abs();
        Hertz::new((0.5 * PI / per_square).sqrt())
    }
}

/// A polarisation-maintaining section with its axis errors at both ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AxisErrors {
    /// Angle between the light and the slow axis at the launch.
    pub launch: Radians,
    /// Angle between the slow axis and what follows at the exit.
    pub exit: Radians,
}

impl AxisErrors {
    /// Transmission into the wanted polarisation at a retardance `D` between the axes:
    /// `cos^2 a cos^2 b + sin^2 a sin^2 b + (1/2) sin 2a sin 2b cos D`.
    pub fn transmission(&self, retardance: Radians) -> f64 {
        let (sin_a, cos_a) = self.launch.value().sin_cos();
        let (sin_b, cos_b) = self.exit.value().sin_cos();
        (cos_a * cos_b).powi(2)
            + (sin_a * sin_b).powi(2)
            + 2.0 * sin_a * cos_a * sin_b * cos_b * retardance.value().cos()
    }

    /// Least and greatest transmission as the retardance wanders, `cos^2(a + b)` and
    /// `cos^2(a - b)` in the order of size.
    pub fn extremes(&self) -> (f64, f64) {
        let sum = (self.launch + self.exit).value().cos().powi(2);
        let difference = (self.launch - self.exit).value().cos().powi(2);
        (sum.min(difference), sum.max(difference))
    }

    /// Loss at a retardance beyond that of the mean transmission over all retardances,
    /// `-10 log10(1 + m cos D)` with `m = (1/2) sin 2a sin 2b / (cos^2 a cos^2 b + sin^2 a sin^2 b)`;
    /// negative where more light passes. Its own mean is `10 log10(e) m^2 / 4` to the lowest order.
    pub fn wander(&self, retardance: Radians) -> Decibels {
        let (sin_a, cos_a) = self.launch.value().sin_cos();
        let (sin_b, cos_b) = self.exit.value().sin_cos();
        let mean = (cos_a * cos_b).powi(2) + (sin_a * sin_b).powi(2);
        let swing = 2.0 * sin_a * cos_a * sin_b * cos_b * retardance.value().cos();
        Decibels::new(-10.0 / std::f64::consts::LN_10 * (swing / mean).ln_1p())
    }

    /// Peak-to-peak power ripple; infinite when the least transmission is zero.
    pub fn ripple(&self) -> Decibels {
        let (least, greatest) = self.extremes();
        Decibels::from_ratio(greatest / least)
    }
}

/// Polarisation extinction ratio of a launch at this angle, `-20 log10 |tan a|`; infinite at 0.
pub fn polarisation_extinction(angle: Radians) -> Decibels {
    -Decibels::from_amplitude(angle.value().tan().abs())
}

/// Launch angle that gives this polarisation extinction ratio, between 0 and a quarter pi.
///
/// # Errors
/// A negative or non-finite extinction ratio.
pub fn angle_of_extinction(extinction: Decibels) -> Result<Radians, DeviceError> {
    check(
        "polarisation extinction ratio",
        extinction.value(),
        (0.0, f64::MAX),
        "dB",
    )?;
    Ok(Radians::new((-extinction).to_amplitude().atan()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// G.652 limits: zero at 1324 nm, slope 0.092 ps/(nm2 km).
    fn fibre() -> Fibre {
        Fibre {
            loss: DecibelsPerMeter::new(0.35e-3),
            group_index: Ratio::new(1.468),
            zero_dispersion: Meters::new(1324e-9),
            dispersion_slope: DispersionSlope::new(92.0),
        }
    }

    #[test]
    fn dispersion_of_g652() {
        let nm = |x: f64| Meters::new(x * 1e-9);
        assert!(fibre().dispersion(nm(1324.0)).value().abs() < 1e-18);
        // (0.092 / 4) (1550 - 1324^4 / 1550^3) = 16.7 ps/(nm km); 1 ps/(nm km) is 1e-6 s/m2.
        let d = fibre().dispersion(nm(1550.0)).value() / 1e-6;
        assert!((d - 16.67).abs() < 0.01, "{d}");
        // Slope at the zero, by difference.
        let slope =
            (fibre().dispersion(nm(1325.0)) - fibre().dispersion(nm(1323.0))).value() / 2e-9;
        assert!((slope / 92.0 - 1.0).abs() < 1e-5);
    }

    #[test]
    fn delay_is_the_integral_of_dispersion() {
        let km = Meters::new(1000.0);
        let (a, b) = (Meters::new(1290e-9), Meters::new(1291e-9));
        let slope = (fibre().group_delay(b, km) - fibre().group_delay(a, km)).value() / 1e-9;
        let d = fibre().dispersion(Meters::new(1290.5e-9)).value() * 1000.0;
        assert!((slope / d - 1.0).abs() < 1e-5);
        // 1.468 / c = 4.897 ns/m.
        let delay = fibre().group_delay(fibre().zero_dispersion, Meters::new(1.0));
        assert!((delay.value() - 4.897e-9).abs() < 1e-12);
    }

    #[test]
    fn fading_null_and_phase_sign() {
        let (lambda, length) = (Meters::new(1550e-9), Meters::new(20e3));
        let null = fibre().fading_frequency(lambda, length);
        assert!(fibre().intensity_response(lambda, length, null) < 1e-9);
        // Textbook form of the first null, sqrt(c / (2 lambda^2 D L)).
        let d = fibre().dispersion(lambda).value();
        let expected = (SPEED_OF_LIGHT / (2.0 * 1550e-9f64.powi(2) * d * 20e3)).sqrt();
        assert!((null.value() / expected - 1.0).abs() < 1e-12);
        // exp(+j w t): beyond the zero the group delay tau = -d(phase)/dw falls with frequency,
        // so the phase is convex.
        let phase = fibre().dispersion_phase(lambda, length, Hertz::new(1e10));
        assert!(phase.value() > 0.0);
    }

    #[test]
    fn ripple_of_axis_errors() {
        // Rows (angle of both ends, extinction ratio, ripple), from the closed forms.
        for (degrees, per, ripple) in [(3.0, 25.6, 0.05), (5.0, 21.2, 0.13), (6.0, 19.6, 0.19)] {
            let angle = Radians::new(f64::to_radians(degrees));
            let errors = AxisErrors {
                launch: angle,
                exit: angle,
            };
            assert!((polarisation_extinction(angle).value() - per).abs() < 0.05);
            assert!((errors.ripple().value() - ripple).abs() < 0.005);
            let wander = |turns: f64| errors.wander(Radians::new(turns * 2.0 * PI)).value();
            assert!((wander(0.5) - wander(0.0) - errors.ripple().value()).abs() < 1e-12);
            // The mean over a turn is of second order, m^2 / 4 of a neper.
            let mean = (0..1000)
                .map(|k| wander(f64::from(k) / 1000.0))
                .sum::<f64>()
                / 1000.0;
            let m = 0.5 * (2.0 * angle.value()).sin().powi(2)
                / errors.transmission(Radians::new(0.5 * PI));
            let second = 10.0 / std::f64::consts::LN_10 * m * m / 4.0;
            assert!((mean / second - 1.0).abs() < 1e-3, "{mean} {second}");
            let back = angle_of_extinction(polarisation_extinction(angle)).unwrap();
            assert!((back - angle).value().abs() < 1e-12);
        }
    }

    #[test]
    fn extremes_are_reached() {
        let errors = AxisErrors {
            launch: Radians::new(0.1),
            exit: Radians::new(-0.07),
        };
        let (least, greatest) = errors.extremes();
        let at = |d: f64| errors.transmission(Radians::new(d));
        assert!((at(0.0) - least).abs() < 1e-15);
        assert!((at(PI) - greatest).abs() < 1e-15);
    }
}
