//! Modes of a slab of three layers, and the effective-index method for rectangular guides.

use std::f64::consts::PI;

use units::Meters;

use crate::error::{DeviceError, check_positive};

/// Direction of the electric field in a slab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlabPolarisation {
    /// Electric field in the plane of the layers.
    Te,
    /// Magnetic field in the plane of the layers.
    Tm,
}

/// Three layers, by refractive index.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slab {
    /// Index below the film.
    pub lower: f64,
    /// Index of the film.
    pub film: f64,
    /// Index above the film.
    pub upper: f64,
    /// Thickness of the film.
    pub thickness: Meters,
}

impl Slab {
    /// Effective index of the fundamental mode.
    ///
    /// Solves `kappa h = atan(rho_l gamma_l / kappa) + atan(rho_u gamma_u / kappa)` with
    /// `kappa^2 = k^2 (n_f^2 - n^2)`, `gamma^2 = k^2 (n^2 - n_clad^2)`, and `rho = 1` for TE,
    /// `(n_f / n_clad)^2` for TM. Exact to rounding.
    ///
    /// # Errors
    /// [`DeviceError::NoGuidedMode`] when an asymmetric slab is too thin or the film has not the
    /// largest index; an input that is not positive.
    ///
    /// # Source
    /// K. Okamoto, Fundamentals of Optical Waveguides, 2nd edition 2006, section 2.1.
    pub fn effective_index(
        &self,
        wavelength: Meters,
        polarisation: SlabPolarisation,
    ) -> Result<f64, DeviceError> {
        for index in [self.lower, self.film, self.upper] {
            check_positive("refractive index", index, "")?;
        }
        check_positive("film thickness", self.thickness.value(), "m")?;
        check_positive("wavelength", wavelength.value(), "m")?;
        let cladding = self.lower.max(self.upper);
        let k = 2.0 * PI / wavelength.value();
        // Positive below the mode's index and negative above it.
        let excess = |n: f64| {
            let kappa = k * (self.film * self.film - n * n).max(0.0).sqrt();
            let arc = |clad: f64| {
                let gamma = k * (n * n - clad * clad).max(0.0).sqrt();
                let rho = match polarisation {
                    SlabPolarisation::Te => 1.0,
                    SlabPolarisation::Tm => (self.film / clad).powi(2),
                };
                (rho * gamma).atan2(kappa)
            };
            kappa * self.thickness.value() - arc(self.lower) - arc(self.upper)
        };
        let (mut low, mut high) = (cladding, self.film);
        if low >= high || excess(low) <= 0.0 {
            return Err(DeviceError::NoGuidedMode {
                effective_index: low.min(high),
                cladding_index: cladding,
            });
        }
        // Each step halves an interval below 4; 60 steps reach the spacing of doubles.
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if excess(middle) > 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(0.5 * (low + high))
    }
}

/// Indices of a rectangular or rib guide for the effective-index method.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GuideIndices {
    /// Index below.
    pub lower: f64,
    /// Index of the core.
    pub core: f64,
    /// Index above and, for a strip, at the sides.
    pub upper: f64,
}

/// Effective index of the fundamental quasi-TE mode by the effective-index method.
///
/// A slab through the core's height (TE), then a symmetric slab through its width (TM) whose
/// sides have the index of the remaining slab, or of the upper cladding when that guides nothing.
///
/// Overestimates; by several hundredths for a high-contrast strip. Use it as a first guess.
///
/// # Errors
/// As [`Slab::effective_index`].
pub fn effective_index_method(
    indices: GuideIndices,
    width: Meters,
    height: Meters,
    slab_height: Meters,
    wavelength: Meters,
) -> Result<f64, DeviceError> {
    let film = |thickness| Slab {
        lower: indices.lower,
        film: indices.core,
        upper: indices.upper,
        thickness,
    };
    let core = film(height).effective_index(wavelength, SlabPolarisation::Te)?;
    let side = if slab_height.value() > 0.0 {
        match film(slab_height).effective_index(wavelength, SlabPolarisation::Te) {
            Ok(index) => index,
            Err(DeviceError::NoGuidedMode { .. }) => indices.upper,
            Err(other) => return Err(other),
        }
    } else {
        indices.upper
    };
    Slab {
        lower: side,
        film: core,
        upper: side,
        thickness: width,
    }
    .effective_index(wavelength, SlabPolarisation::Tm)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slab(lower: f64, thickness_nm: f64) -> Slab {
        Slab {
            lower,
            film: 3.5,
            upper: 1.45,
            thickness: Meters::new(thickness_nm * 1e-9),
        }
    }

    const WAVELENGTH: Meters = Meters::new(1550e-9);

    #[test]
    fn symmetric_slab_at_a_chosen_phase() {
        // Choose n_eff, then the thickness that supports it: h = 2 atan(gamma / kappa) / kappa.
        let n: f64 = 2.8;
        let k = 2.0 * PI / 1550e-9;
        let kappa = k * (3.5 * 3.5 - n * n).sqrt();
        let gamma = k * (n * n - 1.45 * 1.45).sqrt();
        for (polarisation, rho) in [
            (SlabPolarisation::Te, 1.0),
            (SlabPolarisation::Tm, (3.5f64 / 1.45).powi(2)),
        ] {
            let thickness = 2.0 * (rho * gamma / kappa).atan() / kappa;
            let found = slab(1.45, thickness * 1e9)
                .effective_index(WAVELENGTH, polarisation)
                .unwrap();
            assert!((found - n).abs() < 1e-13);
        }
    }

    #[test]
    fn thin_asymmetric_slab_guides_nothing() {
        let result = slab(2.0, 20.0).effective_index(WAVELENGTH, SlabPolarisation::Te);
        assert!(matches!(result, Err(DeviceError::NoGuidedMode { .. })));
        // A symmetric slab always guides.
        assert!(
            slab(1.45, 20.0)
                .effective_index(WAVELENGTH, SlabPolarisation::Te)
                .is_ok()
        );
    }

    #[test]
    fn wide_guide_is_a_slab() {
        let indices = GuideIndices {
            lower: 1.45,
            core: 3.5,
            upper: 1.45,
        };
        let um = |x: f64| Meters::new(x * 1e-6);
        let wide =
            effective_index_method(indices, um(200.0), um(0.22), um(0.0), WAVELENGTH).unwrap();
        let film = slab(1.45, 220.0)
            .effective_index(WAVELENGTH, SlabPolarisation::Te)
            .unwrap();
        // The lateral wavenumber pi / 200 um lowers the index by (lambda / 2 W)^2 / 2 n = 3e-6.
        assert!(film > wide && film - wide < 1e-5);
    }
}
