//! Couplers between fibre and chip, and what they do with polarisation.

use units::{Celsius, Decibels, Meters, MetersPerKelvin, Radians};

use crate::coupling::{GaussianMode, Medium, Misalignment, coupling};
use crate::error::{DeviceError, check_non_negative, check_positive};

/// A coupler at the chip's edge: Gaussian overlap times the loss of its taper.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EdgeCoupler {
    /// Mode at the chip's facet.
    pub chip_mode: GaussianMode,
    /// Loss of the taper and of scattering, beyond the overlap.
    pub residual_loss: Decibels,
    /// Reflected over incident power; negative decibels.
    pub reflectance: Decibels,
}

impl EdgeCoupler {
    /// Loss from a fibre mode into the guide, the same in both directions.
    ///
    /// # Errors
    /// As [`coupling`], or a negative residual loss.
    pub fn loss(
        &self,
        fibre_mode: &GaussianMode,
        misalignment: &Misalignment,
        medium: Medium,
    ) -> Result<Decibels, DeviceError> {
        check_non_negative("residual loss", self.residual_loss.value(), "dB")?;
        let eta = coupling(fibre_mode, &self.chip_mode, misalignment, medium)?;
        Ok(Decibels::from_transmission(eta) + self.residual_loss)
    }
}

/// A grating coupler with a spectrum that is Gaussian in wavelength.
///
/// Valid within about twice its 1 dB bandwidth; a real spectrum has side lobes beyond.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GratingCoupler {
    /// Loss at the centre wavelength.
    pub peak_loss: Decibels,
    /// Wavelength of least loss at the reference temperature.
    pub centre_wavelength: Meters,
    /// Full width within which the loss rises by less than 1 dB.
    pub bandwidth_1db: Meters,
    /// Change of the centre wavelength with temperature.
    pub wavelength_drift: MetersPerKelvin,
    /// Temperature at which the centre wavelength is stated.
    pub reference_temperature: Celsius,
    /// Reflected over incident power; negative decibels.
    pub reflectance: Decibels,
}

impl GratingCoupler {
    /// Loss, `peak + 1 dB (2 (lambda - lambda_c) / B)^2`.
    ///
    /// # Errors
    /// A bandwidth that is not positive or a negative peak loss.
    pub fn loss(&self, wavelength: Meters, temperature: Celsius) -> Result<Decibels, DeviceError> {
        check_positive("1 dB bandwidth", self.bandwidth_1db.value(), "m")?;
        check_non_negative("peak loss", self.peak_loss.value(), "dB")?;
        let centre = self.centre_wavelength
            + self.wavelength_drift * (temperature - self.reference_temperature);
        let relative = 2.0 * ((wavelength - centre) / self.bandwidth_1db);
        Ok(self.peak_loss + Decibels::new(relative * relative))
    }
}

/// How a receiving coupler handles light of unknown polarisation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PolarisationHandling {
    /// Only one linear polarisation is used; the other is lost.
    Single,
    /// Both are used, as with a splitter-rotator and two detectors, or a two-dimensional grating.
    Diverse {
        /// Loss beyond the coupler's own in the better polarisation.
        excess_loss: Decibels,
        /// Further loss in the worse polarisation.
        dependent_loss: Decibels,
    },
}

impl PolarisationHandling {
    /// Loss of linear light at `angle` from the good axis:
    /// `-10 log10(cos^2 + sin^2 T_worse / T_better)` on top of the excess.
    ///
    /// A single-polarisation input has a finite loss here for any angle but a right one, where
    /// it is infinite.
    pub fn loss(self, angle: Radians) -> Decibels {
        let (sin, cos) = angle.value().sin_cos();
        let (excess, worse) = match self {
            Self::Single => (Decibels::new(0.0), 0.0),
            Self::Diverse {
                excess_loss,
                dependent_loss,
            } => (excess_loss, dependent_loss.to_transmission()),
        };
        excess + Decibels::from_transmission(cos * cos + sin * sin * worse)
    }

    /// Loss that no polarisation exceeds; infinite for [`PolarisationHandling::Single`].
    pub fn worst_loss(self) -> Decibels {
        match self {
            Self::Single => Decibels::new(f64::INFINITY),
            Self::Diverse {
                excess_loss,
                dependent_loss,
            } => excess_loss + dependent_loss,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use units::{KelvinDifference, Ratio};

    #[test]
    fn grating_loses_one_decibel_at_the_band_edge() {
        let coupler = GratingCoupler {
            peak_loss: Decibels::new(2.0),
            centre_wavelength: Meters::new(1310e-9),
            bandwidth_1db: Meters::new(30e-9),
            wavelength_drift: MetersPerKelvin::new(60e-12),
            reference_temperature: Celsius::new(25.0),
            reflectance: Decibels::new(-25.0),
        };
        let cold = Celsius::new(25.0);
        let edge = coupler.loss(Meters::new(1325e-9), cold).unwrap();
        assert!((edge.value() - 3.0).abs() < 1e-9);
        // 50 K move the centre by 3 nm.
        let hot = cold + KelvinDifference::new(50.0);
        let moved = coupler.loss(Meters::new(1313e-9), hot).unwrap();
        assert!((moved.value() - 2.0).abs() < 1e-9);
    }

    #[test]
    fn matched_edge_coupler_has_its_residual_loss_only() {
        let mode = GaussianMode {
            mfd_x: Meters::new(9.2e-6),
            mfd_y: Meters::new(8e-6),
        };
        let coupler = EdgeCoupler {
            chip_mode: mode,
            residual_loss: Decibels::new(0.7),
            reflectance: Decibels::new(-40.0),
        };
        let medium = Medium {
            wavelength: Meters::new(1310e-9),
            index: Ratio::new(1.45),
        };
        let loss = coupler.loss(&mode, &Misalignment::default(), medium);
        assert!((loss.unwrap().value() - 0.7).abs() < 1e-12);
    }

    #[test]
    fn polarisation_loss_between_the_axes() {
        let diverse = PolarisationHandling::Diverse {
            excess_loss: Decibels::new(0.5),
            dependent_loss: Decibels::new(0.6),
        };
        let right = Radians::new(std::f64::consts::FRAC_PI_2);
        assert!((diverse.loss(Radians::new(0.0)).value() - 0.5).abs() < 1e-12);
        assert!((diverse.loss(right) - diverse.worst_loss()).value().abs() < 1e-9);
        let half = PolarisationHandling::Single.loss(Radians::new(std::f64::consts::FRAC_PI_4));
        assert!((half.value() - 10.0 * 2f64.log10()).abs() < 1e-12);
    }
}
