//! Full-vector finite-difference mode solver for strip and rib guides.
//!
//! The transverse electric field obeys
//!
//! ```text
//! grad( (1 / eps) div(eps E) ) - curl curl E + k^2 eps E = beta^2 E
//! ```
//!
//! discretised on Yee's staggered grid, graded outside the core, with material boundaries on grid
//! lines. The fundamental quasi-TE mode is even about the guide's middle, where a perfect electric
//! wall halves the problem; the outer walls are perfectly conducting too, so the mode must have
//! decayed there. One banded factorisation and a few inverse iterations find the mode.
//!
//! The sensitivity to each material follows from the field without another solution:
//! `Gamma_i = d n_eff / d n_i = c eps0 n_i INT_i |E|^2 / INT (E x H*)_z`. On Yee's grid this is
//! the exact derivative of the discrete eigenvalue, and
//!
//! ```text
//! n_g      = SUM Gamma_i n_g,i
//! dn_eff/dT = SUM Gamma_i dn_i/dT
//! dlambda/dT = lambda (dn_eff/dT) / n_g
//! ```
//!
//! Not modelled: quasi-TM and higher modes, bends, leakage into a substrate, sloped side walls,
//! absorption.
//!
//! # Source
//! Z. Zhu, T. G. Brown, "Full-vectorial finite-difference analysis of microstructured optical
//! fibers", Optics Express 10 (2002) 853, for the discretisation; A. W. Snyder, J. D. Love,
//! Optical Waveguide Theory 1983, chapters 18 and 31, for the sensitivities.

use std::f64::consts::PI;

use units::{Meters, MetersPerKelvin, PerKelvin};

use crate::error::{DeviceError, check, check_positive};
use crate::grid::Grid;
use crate::material::{IndexPoint, Material};
use crate::slab::{GuideIndices, effective_index_method};

/// Padding beyond this multiple of the core's dimension holds nothing of a guided mode.
const MAX_PADDING: f64 = 100.0;

/// Cross-section of a strip (without slab) or rib guide.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CrossSection {
    /// Material below.
    pub lower: Material,
    /// Guiding material.
    pub core: Material,
    /// Material above and beside.
    pub upper: Material,
    /// Width of the core.
    pub width: Meters,
    /// Height of the core.
    pub height: Meters,
    /// Height of the guiding material beside the core; zero for a strip.
    pub slab_height: Meters,
}

/// How finely to discretise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resolution {
    /// Cells over half the core's width.
    pub half_width_cells: usize,
    /// Cells over the core's height; over slab and remaining height in proportion for a rib.
    pub height_cells: usize,
    /// Distance from the core's side to the wall.
    pub side_padding: Meters,
    /// Distance from the core's bottom and top to the walls.
    pub vertical_padding: Meters,
    /// Ratio of neighbouring cells outside the core.
    pub growth: f64,
}

/// A mode with its derivatives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mode {
    /// Vacuum wavelength.
    pub wavelength: Meters,
    /// Effective index.
    pub effective_index: f64,
    /// Group index.
    pub group_index: f64,
    /// `d n_eff / d n` of the lower, core and upper material.
    pub sensitivities: [f64; 3],
    /// Change of the effective index with the temperature of all three materials.
    pub thermo_optic: PerKelvin,
    /// Share of the transverse electric energy in the horizontal field.
    pub te_fraction: f64,
    /// Number of unknowns of the discrete problem.
    pub n_unknowns: usize,
}

impl Mode {
    /// Change of a resonance wavelength with temperature, `lambda (dn_eff/dT) / n_g`.
    ///
    /// The length of the resonator is taken as fixed; thermal expansion of a silicon chip adds
    /// its relative expansion times the wavelength times `n_eff / n_g`, about 2 pm/K.
    pub fn resonance_drift(&self) -> MetersPerKelvin {
        MetersPerKelvin::new(self.wavelength.value() * self.thermo_optic.value() / self.group_index)
    }
}

/// Finds the fundamental quasi-TE mode.
///
/// # Errors
/// [`DeviceError::NoGuidedMode`] when the mode found is not above both cladding indices or is not
/// quasi-TE; [`DeviceError::NotConverged`]; dimensions or a resolution out of range.
pub fn solve(
    section: &CrossSection,
    resolution: &Resolution,
    wavelength: Meters,
) -> Result<Mode, DeviceError> {
    check_section(section, resolution)?;
    let materials = [section.lower, section.core, section.upper];
    let mut points = [IndexPoint {
        index: 0.0,
        group_index: 0.0,
    }; 3];
    for (point, material) in points.iter_mut().zip(&materials) {
        *point = material.at(wavelength)?;
    }
    let indices = points.map(|p| p.index);
    let cladding = indices[0].max(indices[2]);
    let guess = effective_index_method(
        GuideIndices {
            lower: indices[0],
            core: indices[1],
            upper: indices[2],
        },
        section.width,
        section.height,
        section.slab_height,
        wavelength,
    )?;
    let grid = Grid::new(section, resolution)?;
    let k = 2.0 * PI / wavelength.value();
    let (n_eff, field) = grid.fundamental(&indices, k, guess)?;
    let sums = grid.field_sums(&indices, k, n_eff, &field);
    if n_eff <= cladding || sums.te_fraction < 0.5 {
        return Err(DeviceError::NoGuidedMode {
            effective_index: n_eff,
            cladding_index: cladding,
        });
    }
    let sensitivities = sums.sensitivities;
    let weigh = |values: [f64; 3]| {
        sensitivities
            .iter()
            .zip(values)
            .map(|(g, v)| g * v)
            .sum::<f64>()
    };
    Ok(Mode {
        wavelength,
        effective_index: n_eff,
        group_index: weigh(points.map(|p| p.group_index)),
        sensitivities,
        thermo_optic: PerKelvin::new(weigh(materials.map(|m| m.thermo_optic(wavelength).value()))),
        te_fraction: sums.te_fraction,
        n_unknowns: field.len(),
    })
}

fn check_section(section: &CrossSection, resolution: &Resolution) -> Result<(), DeviceError> {
    check_positive("core width", section.width.value(), "m")?;
    check_positive("core height", section.height.value(), "m")?;
    check(
        "slab height",
        section.slab_height.value(),
        (0.0, section.height.value()),
        "m",
    )?;
    check(
        "side padding over core width",
        resolution.side_padding / section.width,
        (0.0, MAX_PADDING),
        "",
    )?;
    check(
        "vertical padding over core height",
        resolution.vertical_padding / section.height,
        (f64::MIN_POSITIVE, MAX_PADDING),
        "",
    )?;
    check("grid growth", resolution.growth, (1.0, 2.0), "")?;
    let cells = |name, n: usize| check(name, n as f64, (2.0, 1000.0), "");
    cells("cells over half the width", resolution.half_width_cells)?;
    cells("cells over the height", resolution.height_cells)
}
