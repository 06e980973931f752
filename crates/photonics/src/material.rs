//! Refractive index of materials over wavelength and temperature.

use units::{Meters, PerKelvin, Ratio};

use crate::error::{DeviceError, check_positive};

/// Refractive index over wavelength at the reference temperature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Dispersion {
    /// `n = A + B / lambda^2` through two points; good between and a little beyond them as long
    /// as no absorption edge is near.
    Cauchy {
        /// Two wavelengths, in any order, with the index at each.
        points: [(Meters, Ratio); 2],
    },
    /// `n = n0 + (n0 - n_g) (lambda - lambda0) / lambda0`, linear in wavelength.
    Linear {
        /// Reference wavelength `lambda0`.
        wavelength: Meters,
        /// Index `n0` there.
        index: Ratio,
        /// Group index `n_g` there.
        group_index: Ratio,
    },
    /// `n^2 = C + SUM B_i lambda^2 / (lambda^2 - lambda_i^2)`.
    Sellmeier {
        /// `C`, 1 in the pure form.
        constant: Ratio,
        /// Pairs of strength `B_i` and resonance wavelength `lambda_i`; unused ones have no
        /// strength.
        terms: [(Ratio, Meters); 3],
    },
}

/// An optical material without absorption.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Material {
    /// Index at the reference temperature.
    pub dispersion: Dispersion,
    /// Thermo-optic coefficient dn/dT at two wavelengths in rising order; linear between, constant
    /// beyond.
    pub thermo_optic: [(Meters, PerKelvin); 2],
}

/// Index and group index of a material at one wavelength.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IndexPoint {
    /// Refractive index.
    pub index: f64,
    /// Group index, `n - lambda dn/dlambda`.
    pub group_index: f64,
}

impl Material {
    /// A material whose index does not depend on wavelength or temperature.
    pub const fn constant(index: Ratio) -> Self {
        let wavelength = Meters::new(1.0);
        let zero = (wavelength, PerKelvin::new(0.0));
        Self {
            dispersion: Dispersion::Linear {
                wavelength,
                index,
                group_index: index,
            },
            thermo_optic: [zero, zero],
        }
    }

    /// Index and group index at the reference temperature.
    ///
    /// # Errors
    /// The formula gives no positive index at this wavelength, for instance at a resonance.
    pub fn at(&self, wavelength: Meters) -> Result<IndexPoint, DeviceError> {
        check_positive("wavelength", wavelength.value(), "m")?;
        let lambda = wavelength.value();
        // `slope` is lambda dn/dlambda.
        let (index, slope) = match self.dispersion {
            Dispersion::Cauchy {
                points: [(l1, n1), (l2, n2)],
            } => {
                let inverse = |l: Meters| l.value().powi(-2);
                let b = (n1 - n2).value() / (inverse(l1) - inverse(l2));
                let varying = b / (lambda * lambda);
                (n1.value() - b * inverse(l1) + varying, -2.0 * varying)
            }
            Dispersion::Linear {
                wavelength,
                index,
                group_index,
            } => {
                let slope = (index - group_index).value() / wavelength.value();
                let n = index.value() + slope * (lambda - wavelength.value());
                (n, slope * lambda)
            }
            Dispersion::Sellmeier { constant, terms } => {
                let (mut square, mut slope) = (constant.value(), 0.0);
                for (strength, resonance) in terms {
                    let (l2, r2) = (lambda * lambda, resonance.value().powi(2));
                    square += strength.value() * l2 / (l2 - r2);
                    slope -= strength.value() * l2 * r2 / (l2 - r2).powi(2);
                }
                let n = square.sqrt();
                (n, slope / n)
            }
        };
        check_positive("refractive index", index, "")?;
        check_positive("material group index", index - slope, "")?;
        Ok(IndexPoint {
            index,
            group_index: index - slope,
        })
    }

    /// Thermo-optic coefficient dn/dT.
    pub fn thermo_optic(&self, wavelength: Meters) -> PerKelvin {
        let [(l1, k1), (l2, k2)] = self.thermo_optic;
        if wavelength <= l1 || l2 <= l1 {
            return k1;
        }
        k1 + (k2 - k1) * ((wavelength - l1) / (l2 - l1)).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nm(x: f64) -> Meters {
        Meters::new(x * 1e-9)
    }

    /// Fused silica, I. H. Malitson, J. Opt. Soc. Am. 55 (1965) 1205.
    fn silica() -> Material {
        let term = |b: f64, um: f64| (Ratio::new(b), Meters::new(um * 1e-6));
        Material {
            dispersion: Dispersion::Sellmeier {
                constant: Ratio::new(1.0),
                terms: [
                    term(0.696_166_3, 0.068_404_3),
                    term(0.407_942_6, 0.116_241_4),
                    term(0.897_479_4, 9.896_161),
                ],
            },
            thermo_optic: [(nm(1310.0), PerKelvin::new(1e-5)); 2],
        }
    }

    #[test]
    fn silica_at_the_helium_line_and_group_index() {
        // Index at the helium d line, 587.56 nm: 1.45846.
        let n = silica().at(nm(587.56)).unwrap().index;
        assert!((n - 1.458_46).abs() < 5e-6, "{n}");
        let h = 0.01;
        let at = |l: f64| silica().at(nm(l)).unwrap().index;
        let group = at(1310.0) - 1310.0 * (at(1310.0 + h) - at(1310.0 - h)) / (2.0 * h);
        assert!((silica().at(nm(1310.0)).unwrap().group_index - group).abs() < 1e-7);
    }

    #[test]
    fn cauchy_and_linear_meet_their_points() {
        let points = [
            (nm(1310.0), Ratio::new(3.504)),
            (nm(1550.0), Ratio::new(3.476)),
        ];
        let cauchy = Material {
            dispersion: Dispersion::Cauchy { points },
            ..silica()
        };
        for (wavelength, index) in points {
            assert!((cauchy.at(wavelength).unwrap().index - index.value()).abs() < 1e-12);
        }
        let p = cauchy.at(nm(1310.0)).unwrap();
        let linear = Material {
            dispersion: Dispersion::Linear {
                wavelength: nm(1310.0),
                index: Ratio::new(p.index),
                group_index: Ratio::new(p.group_index),
            },
            ..silica()
        };
        let (a, b) = (
            cauchy.at(nm(1311.0)).unwrap(),
            linear.at(nm(1311.0)).unwrap(),
        );
        // They differ in the second order of 1 / 1310 only.
        assert!((a.index - b.index).abs() < 1e-6);
    }

    #[test]
    fn thermo_optic_coefficient_is_interpolated() {
        let material = Material {
            thermo_optic: [
                (nm(1300.0), PerKelvin::new(2e-4)),
                (nm(1500.0), PerKelvin::new(1e-4)),
            ],
            ..silica()
        };
        let at = |l: f64| material.thermo_optic(nm(l)).value();
        assert!((at(1400.0) - 1.5e-4).abs() < 1e-15);
        assert!((at(1200.0) - 2e-4).abs() < 1e-18 && (at(1600.0) - 1e-4).abs() < 1e-18);
    }

    #[test]
    fn a_resonance_is_refused() {
        // Just below the infrared resonance the square of the index is negative.
        assert!(silica().at(Meters::new(9e-6)).is_err());
        assert!(silica().at(nm(0.0)).is_err());
    }
}
