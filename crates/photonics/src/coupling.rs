//! Power coupled between two Gaussian modes.
//!
//! Each axis has its own waist `w = MFD / 2`; fields are `exp(-x^2 / w^2)` at the waist.
//! [`coupling`] is the exact overlap in the paraxial limit for any combination of errors.
//! [`contact_coupling`] is the closed form without a gap, kept as its test oracle.
//!
//! Not modelled: reflection at the facets, modes that are not Gaussian (a taper tip in silicon is
//! only roughly so; its residual goes into the device's excess loss), rotation about the axis.

use std::f64::consts::PI;

use units::{Meters, Radians, Ratio};

use crate::complex::Complex;
use crate::error::{DeviceError, check, check_positive};

/// A Gaussian mode with its waist at the facet, by its mode field diameters (full width at
/// `1/e^2` of the intensity).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GaussianMode {
    /// Mode field diameter along x.
    pub mfd_x: Meters,
    /// Mode field diameter along y.
    pub mfd_y: Meters,
}

impl GaussianMode {
    /// A mode of circular cross-section.
    pub const fn circular(mfd: Meters) -> Self {
        Self {
            mfd_x: mfd,
            mfd_y: mfd,
        }
    }
}

/// How the receiving mode sits relative to the emitting one.
///
/// A positive tilt turns the receiver so that it accepts a beam that travels towards the positive
/// axis; a receiver at a positive offset in a spreading beam is helped by a positive tilt.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Misalignment {
    /// Lateral offset along x.
    pub offset_x: Meters,
    /// Lateral offset along y.
    pub offset_y: Meters,
    /// Tilt in the xz plane.
    pub tilt_x: Radians,
    /// Tilt in the yz plane.
    pub tilt_y: Radians,
    /// Distance between the facets.
    pub gap: Meters,
}

/// The light between the facets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Medium {
    /// Vacuum wavelength.
    pub wavelength: Meters,
    /// Refractive index between the facets.
    pub index: Ratio,
}

impl Medium {
    fn wavenumber(self) -> f64 {
        2.0 * PI * self.index.value() / self.wavelength.value()
    }
}

/// Fraction of power that `from` couples into `to`, exact overlap of paraxial Gaussian beams.
///
/// Per axis, with the emitted beam `q = z + j z_R` after the gap and the receiver at its waist,
/// the overlap integral is `INT exp(-A x^2 + B x - C) dx` with `A = j k / (2 q) + 1 / w2^2`,
/// `B = 2 d / w2^2 + j k sin(theta)`, `C = d^2 / w2^2`. Between 0 and 1; symmetric in the modes.
///
/// Range: paraxial, so mode field diameters above about one wavelength and tilts below about
/// 0.3 rad.
///
/// # Errors
/// A diameter, wavelength or index that is not positive, a negative gap, or a tilt of more than
/// a right angle.
pub fn coupling(
    from: &GaussianMode,
    to: &GaussianMode,
    misalignment: &Misalignment,
    medium: Medium,
) -> Result<f64, DeviceError> {
    check_inputs(from, to, misalignment, medium)?;
    let k = medium.wavenumber();
    let gap = misalignment.gap.value();
    let axis = |mfd1: Meters, mfd2: Meters, offset: Meters, tilt: Radians| {
        axis_overlap(
            0.5 * mfd1.value(),
            0.5 * mfd2.value(),
            offset.value(),
            k * tilt.value().sin(),
            gap,
            k,
        )
    };
    let m = misalignment;
    Ok(axis(from.mfd_x, to.mfd_x, m.offset_x, m.tilt_x)
        * axis(from.mfd_y, to.mfd_y, m.offset_y, m.tilt_y))
}

/// Fraction of power coupled when the facets touch; `misalignment.gap` is ignored.
///
/// ```text
/// eta = PROD over both axes of 2 w1 w2 / (w1^2 + w2^2)
///       * exp(-2 d^2 / (w1^2 + w2^2))
///       * exp(-(k sin theta)^2 w1^2 w2^2 / (2 (w1^2 + w2^2)))
/// ```
///
/// # Errors
/// As [`coupling`].
///
/// # Source
/// W. B. Joyce, B. C. `DeLoach`, "Alignment of Gaussian beams", Applied Optics 23 (1984) 4187.
pub fn contact_coupling(
    from: &GaussianMode,
    to: &GaussianMode,
    misalignment: &Misalignment,
    medium: Medium,
) -> Result<f64, DeviceError> {
    check_inputs(from, to, misalignment, medium)?;
    let k = medium.wavenumber();
    let axis = |mfd1: Meters, mfd2: Meters, offset: Meters, tilt: Radians| {
        let (w1, w2) = (0.5 * mfd1.value(), 0.5 * mfd2.value());
        let sum = w1 * w1 + w2 * w2;
        let transverse = k * tilt.value().sin() * w1 * w2;
        2.0 * w1 * w2 / sum
            * (-(2.0 * offset.value().powi(2) + 0.5 * transverse.powi(2)) / sum).exp()
    };
    let m = misalignment;
    Ok(axis(from.mfd_x, to.mfd_x, m.offset_x, m.tilt_x)
        * axis(from.mfd_y, to.mfd_y, m.offset_y, m.tilt_y))
}

/// Factor that a gap alone costs between equal circular modes, `1 / (1 + (z / 2 z_R)^2)` with
/// `z_R = pi w^2 n / lambda`.
///
/// # Errors
/// As [`coupling`].
pub fn gap_coupling(mfd: Meters, gap: Meters, medium: Medium) -> Result<f64, DeviceError> {
    let mode = GaussianMode::circular(mfd);
    let misalignment = Misalignment {
        gap,
        ..Misalignment::default()
    };
    check_inputs(&mode, &mode, &misalignment, medium)?;
    let rayleigh = 0.5 * medium.wavenumber() * (0.5 * mfd.value()).powi(2);
    Ok(1.0 / (1.0 + (0.5 * gap.value() / rayleigh).powi(2)))
}

/// Squared overlap of one axis. `k_sin` is the transverse wavenumber of the tilt.
fn axis_overlap(w1: f64, w2: f64, offset: f64, k_sin: f64, gap: f64, k: f64) -> f64 {
    let rayleigh = 0.5 * k * w1 * w1;
    let q = Complex::new(gap, rayleigh);
    let a = Complex::new(0.0, 0.5 * k) / q + Complex::real(1.0 / (w2 * w2));
    let b = Complex::new(2.0 * offset / (w2 * w2), k_sin);
    let exponent = b * b / (a * 4.0) - Complex::real(offset * offset / (w2 * w2));
    // |psi1|^2 has its waist amplitude sqrt(2 / pi) / w1 reduced by |z_R / q| as the beam widens.
    let normalisation = 2.0 / (PI * w1 * w2) * rayleigh / q.norm();
    normalisation * PI / a.norm() * (2.0 * exponent.re).exp()
}

fn check_inputs(
    from: &GaussianMode,
    to: &GaussianMode,
    misalignment: &Misalignment,
    medium: Medium,
) -> Result<(), DeviceError> {
    for mfd in [from.mfd_x, from.mfd_y, to.mfd_x, to.mfd_y] {
        check_positive("mode field diameter", mfd.value(), "m")?;
    }
    for tilt in [misalignment.tilt_x, misalignment.tilt_y] {
        check("tilt", tilt.value(), (-0.5 * PI, 0.5 * PI), "rad")?;
    }
    for offset in [misalignment.offset_x, misalignment.offset_y] {
        check("offset", offset.value(), (-f64::MAX, f64::MAX), "m")?;
    }
    check("gap", misalignment.gap.value(), (0.0, f64::MAX), "m")?;
    check_positive("wavelength", medium.wavelength.value(), "m")?;
    check_positive("refractive index", medium.index.value(), "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use units::Decibels;

    const AIR: Medium = Medium {
        wavelength: Meters::new(1310e-9),
        index: Ratio::new(1.0),
    };

    fn um(value: f64) -> Meters {
        Meters::new(value * 1e-6)
    }

    #[test]
    fn offsets_that_cost_one_decibel() {
        // d = (MFD / 2) sqrt(ln(10) / 10), to three digits.
        for (mfd, offset) in [(9.2, 2.21), (5.0, 1.20), (3.2, 0.77)] {
            let mode = GaussianMode::circular(um(mfd));
            let moved = Misalignment {
                offset_x: um(offset),
                ..Misalignment::default()
            };
            let loss =
                Decibels::from_transmission(coupling(&mode, &mode, &moved, AIR).unwrap()).value();
            // The offsets are rounded to 5 nm, which is 0.014 dB for the smallest mode.
            assert!((loss - 1.0).abs() < 0.015, "{mfd}: {loss}");
        }
    }

    #[test]
    fn mismatch_costs_4_59_db() {
        let loss = Decibels::from_transmission(
            coupling(
                &GaussianMode::circular(um(9.2)),
                &GaussianMode::circular(um(3.0)),
                &Misalignment::default(),
                AIR,
            )
            .unwrap(),
        );
        // (2 * 9.2 * 3 / (9.2^2 + 3^2))^2 in decibels.
        assert!((loss.value() - 4.59).abs() < 0.005, "{loss}");
    }

    #[test]
    fn overlap_reduces_to_the_closed_forms() {
        let from = GaussianMode {
            mfd_x: um(9.2),
            mfd_y: um(7.0),
        };
        let to = GaussianMode {
            mfd_x: um(4.0),
            mfd_y: um(3.0),
        };
        let contact = Misalignment {
            offset_x: um(1.5),
            offset_y: um(-0.4),
            tilt_x: Radians::new(0.02),
            tilt_y: Radians::new(-0.05),
            gap: um(0.0),
        };
        let exact = coupling(&from, &to, &contact, AIR).unwrap();
        let closed = contact_coupling(&from, &to, &contact, AIR).unwrap();
        assert!((exact / closed - 1.0).abs() < 1e-12);
        let gap = Misalignment {
            gap: um(30.0),
            ..Misalignment::default()
        };
        let mode = GaussianMode::circular(um(5.0));
        let exact = coupling(&mode, &mode, &gap, AIR).unwrap();
        let closed = gap_coupling(um(5.0), um(30.0), AIR).unwrap();
        assert!((exact / closed - 1.0).abs() < 1e-12);
    }

    /// The same overlap by the trapezium rule, with the beam written by spot size, radius of
    /// curvature and phase instead of the complex parameter.
    fn numerical(from: &GaussianMode, to: &GaussianMode, m: &Misalignment, medium: Medium) -> f64 {
        let k = medium.wavenumber();
        let z = m.gap.value();
        let axis = |mfd1: Meters, mfd2: Meters, offset: Meters, tilt: Radians| {
            let (w0, w2) = (0.5 * mfd1.value(), 0.5 * mfd2.value());
            let rayleigh = 0.5 * k * w0 * w0;
            let w = w0 * (1.0 + (z / rayleigh).powi(2)).sqrt();
            let curvature = z / (z * z + rayleigh * rayleigh);
            let n = 4000;
            let half_range = 6.0 * (w + w2 + offset.value().abs());
            let step = 2.0 * half_range / f64::from(n);
            let (mut overlap, mut p1, mut p2) = (Complex::ZERO, 0.0, 0.0);
            for i in 0..=n {
                let x = f64::from(i) * step - half_range;
                let d = x - offset.value();
                let e1 = Complex::polar((-(x / w).powi(2)).exp(), -0.5 * k * x * x * curvature);
                let e2 = Complex::polar((-(d / w2).powi(2)).exp(), -k * tilt.value().sin() * d);
                overlap = overlap + e1 * e2.conj() * step;
                p1 += e1.norm_sqr() * step;
                p2 += e2.norm_sqr() * step;
            }
            overlap.norm_sqr() / (p1 * p2)
        };
        axis(from.mfd_x, to.mfd_x, m.offset_x, m.tilt_x)
            * axis(from.mfd_y, to.mfd_y, m.offset_y, m.tilt_y)
    }

    #[test]
    fn overlap_agrees_with_numerical_integration() {
        let from = GaussianMode {
            mfd_x: um(9.2),
            mfd_y: um(5.0),
        };
        let to = GaussianMode {
            mfd_x: um(4.0),
            mfd_y: um(3.2),
        };
        let m = Misalignment {
            offset_x: um(1.2),
            offset_y: um(0.7),
            tilt_x: Radians::new(0.03),
            tilt_y: Radians::new(-0.06),
            gap: um(25.0),
        };
        let exact = coupling(&from, &to, &m, AIR).unwrap();
        let summed = numerical(&from, &to, &m, AIR);
        // The trapezium rule converges exponentially for a Gaussian: only rounding is left.
        assert!((exact / summed - 1.0).abs() < 1e-9, "{exact} {summed}");
    }

    #[test]
    fn phase_convention_tilt_follows_the_offset_in_a_spreading_beam() {
        let mode = GaussianMode::circular(um(4.0));
        let eta = |tilt: f64| {
            let m = Misalignment {
                offset_x: um(2.0),
                tilt_x: Radians::new(tilt),
                gap: um(30.0),
                ..Misalignment::default()
            };
            coupling(&mode, &mode, &m, AIR).unwrap()
        };
        assert!(eta(0.03) > eta(0.0) && eta(0.0) > eta(-0.03));
    }

    #[test]
    fn nonsense_is_refused() {
        let mode = GaussianMode::circular(um(0.0));
        assert!(coupling(&mode, &mode, &Misalignment::default(), AIR).is_err());
        let good = GaussianMode::circular(um(5.0));
        let backwards = Misalignment {
            gap: um(-1.0),
            ..Misalignment::default()
        };
        assert!(coupling(&good, &good, &backwards, AIR).is_err());
    }
}
