//! Mode solver against closed forms, against itself, and against published guides.

use photonics::DeviceError;
use photonics::material::{Dispersion, Material};
use photonics::mode::{CrossSection, Mode, Resolution, solve};
use photonics::slab::{GuideIndices, Slab, SlabPolarisation, effective_index_method};
use units::{Meters, PerKelvin, Ratio};

fn nm(x: f64) -> Meters {
    Meters::new(x * 1e-9)
}

fn resolution(cells: usize) -> Resolution {
    Resolution {
        half_width_cells: cells,
        height_cells: cells,
        side_padding: nm(1000.0),
        vertical_padding: nm(1000.0),
        growth: 1.12,
    }
}

fn material(n: [f64; 2], thermo_optic: [f64; 2]) -> Material {
    let (first, second) = (nm(1310.0), nm(1550.0));
    Material {
        dispersion: Dispersion::Cauchy {
            points: [(first, Ratio::new(n[0])), (second, Ratio::new(n[1]))],
        },
        thermo_optic: [
            (first, PerKelvin::new(thermo_optic[0])),
            (second, PerKelvin::new(thermo_optic[1])),
        ],
    }
}

/// Index after H. H. Li, J. Phys. Chem. Ref. Data 9 (1980) 561, rounded; dn/dT 1.86e-4 at
/// 1550 nm, 4 % more at 1310 nm (estimate).
fn silicon() -> Material {
    material([3.5038, 3.4757], [1.94e-4, 1.86e-4])
}

/// Index after I. H. Malitson, J. Opt. Soc. Am. 55 (1965) 1205; dn/dT 1e-5 (Arbabi and Goddard,
/// Opt. Lett. 38 (2013): 0.95e-5).
fn oxide() -> Material {
    material([1.4468, 1.4440], [1e-5, 1e-5])
}

fn strip(core: Material, width: f64, height: f64) -> CrossSection {
    CrossSection {
        lower: oxide(),
        core,
        upper: oxide(),
        width: nm(width),
        height: nm(height),
        slab_height: nm(0.0),
    }
}

fn mode(section: &CrossSection, cells: usize, wavelength: f64) -> Mode {
    solve(section, &resolution(cells), nm(wavelength)).expect("the guide holds a mode")
}

#[test]
fn a_guide_from_wall_to_wall_is_a_slab() {
    let section = CrossSection {
        upper: Material::constant(Ratio::new(1.0)),
        ..strip(silicon(), 2000.0, 220.0)
    };
    let at = |cells| {
        let r = Resolution {
            half_width_cells: 3,
            height_cells: cells,
            side_padding: nm(0.0),
            growth: 1.0,
            ..resolution(cells)
        };
        solve(&section, &r, nm(1550.0)).unwrap()
    };
    let slab = Slab {
        lower: 1.4440,
        film: 3.4757,
        upper: 1.0,
        thickness: nm(220.0),
    };
    let exact = slab
        .effective_index(nm(1550.0), SlabPolarisation::Te)
        .unwrap();
    let error = |cells| at(cells).effective_index - exact;
    // Second order: halving the cells quarters the error.
    let ratio = error(10) / error(20);
    assert!((3.6..4.4).contains(&ratio), "{ratio}");
    assert!(error(40).abs() < 1e-3, "{}", error(40));
    assert!(at(20).te_fraction > 1.0 - 1e-9);
}

#[test]
fn refinement_converges() {
    let n = |cells| mode(&strip(silicon(), 500.0, 220.0), cells, 1550.0).effective_index;
    let (coarse, medium, fine) = (n(7), n(14), n(28));
    // Singular fields at the corners and the fixed growth of the outer cells lower the order from 2
    // to about 1.8.
    let ratio = (medium - coarse) / (fine - medium);
    assert!((2.8..4.2).contains(&ratio), "{ratio}");
    let extrapolated = fine + (fine - medium) / (ratio - 1.0);
    assert!((fine - extrapolated).abs() < 1e-3);
    assert!((extrapolated - n(40)).abs() < 4e-4);
}

#[test]
fn sensitivities_are_derivatives_of_the_eigenvalue() {
    let section = strip(silicon(), 450.0, 220.0);
    let base = mode(&section, 8, 1310.0);
    let shifted = |pick: usize, dn: f64| {
        let change = |m: Material| Material {
            dispersion: Dispersion::Linear {
                wavelength: nm(1310.0),
                index: Ratio::new(m.at(nm(1310.0)).unwrap().index + dn),
                group_index: Ratio::new(m.at(nm(1310.0)).unwrap().index),
            },
            ..m
        };
        let mut s = section;
        match pick {
            0 => s.lower = change(s.lower),
            1 => s.core = change(s.core),
            _ => s.upper = change(s.upper),
        }
        mode(&s, 8, 1310.0).effective_index
    };
    let h = 1e-4;
    for (i, gamma) in base.sensitivities.iter().enumerate() {
        let difference = (shifted(i, h) - shifted(i, -h)) / (2.0 * h);
        // The derivative of the discrete problem; left are the square of h and rounding over h.
        assert!(
            (gamma - difference).abs() < 1e-6,
            "{i}: {gamma} {difference}"
        );
    }
    let n = |wavelength| mode(&section, 8, wavelength).effective_index;
    let slope = (n(1310.5) - n(1309.5)) / 1.0;
    let group = base.effective_index - 1310.0 * slope;
    assert!((base.group_index - group).abs() < 1e-5 * group);
}

#[test]
fn silicon_strip_at_1550_nm_agrees_with_published_indices() {
    // 500 x 220 nm: n_eff 2.44365 and n_g 4.198 (polynomial after Chrostowski and Hochberg 2015).
    let m = mode(&strip(silicon(), 500.0, 220.0), 25, 1550.0);
    assert!((m.effective_index - 2.443_65).abs() < 0.005);
    assert!((m.group_index - 4.198).abs() < 0.02);
    assert!(m.te_fraction > 0.97);
}

#[test]
fn drift_of_silicon_rings_in_both_bands() {
    // Expected 55 to 66 pm/K at 1310 nm and 65 to 80 pm/K at 1550 nm for widths of 450 to 500 nm.
    for width in [450.0, 500.0] {
        let drift = |wavelength| {
            mode(&strip(silicon(), width, 220.0), 20, wavelength)
                .resonance_drift()
                .value()
                / 1e-12
        };
        let (o_band, c_band) = (drift(1310.0), drift(1550.0));
        assert!((55.0..66.0).contains(&o_band), "{width}: {o_band}");
        assert!((65.0..80.0).contains(&c_band), "{width}: {c_band}");
    }
    // Gamma of the core exceeds 1: the bare confinement factor would underestimate.
    assert!(mode(&strip(silicon(), 450.0, 220.0), 10, 1310.0).sensitivities[1] > 1.0);
}

#[test]
fn nitride_and_phosphide_drift() {
    // Nitride dn/dT 2.45e-5 and index 1.977 at 1550 nm: Arbabi and Goddard, Opt. Lett. 38 (2013).
    // Expected 10 to 20 pm/K.
    let nitride = material([1.985, 1.977], [2.45e-5, 2.45e-5]);
    let m = mode(&strip(nitride, 1000.0, 400.0), 12, 1550.0);
    let drift = m.resonance_drift().value() / 1e-12;
    assert!((10.0..20.0).contains(&drift), "{drift}");
    // Quaternary core of band gap 1.3 um in indium phosphide: indices 3.38 and 3.17, dn/dT 2e-4
    // (estimates). About 0.1 nm/K in the literature on such lasers.
    let phosphide = Material {
        dispersion: Dispersion::Linear {
            wavelength: nm(1550.0),
            index: Ratio::new(3.17),
            group_index: Ratio::new(3.31),
        },
        thermo_optic: [(nm(1550.0), PerKelvin::new(2e-4)); 2],
    };
    let core = Material {
        dispersion: Dispersion::Linear {
            wavelength: nm(1550.0),
            index: Ratio::new(3.38),
            group_index: Ratio::new(3.70),
        },
        ..phosphide
    };
    let section = CrossSection {
        lower: phosphide,
        core,
        upper: phosphide,
        width: nm(1500.0),
        height: nm(400.0),
        slab_height: nm(0.0),
    };
    let wide = Resolution {
        side_padding: nm(2500.0),
        vertical_padding: nm(2500.0),
        ..resolution(10)
    };
    let m = solve(&section, &wide, nm(1550.0)).unwrap();
    let drift = m.resonance_drift().value() / 1e-12;
    assert!((75.0..110.0).contains(&drift), "{drift}");
}

#[test]
fn effective_index_method_is_a_first_guess() {
    let indices = GuideIndices {
        lower: 1.4440,
        core: 3.4757,
        upper: 1.4440,
    };
    let guess = effective_index_method(indices, nm(500.0), nm(220.0), nm(0.0), nm(1550.0)).unwrap();
    let full = mode(&strip(silicon(), 500.0, 220.0), 20, 1550.0).effective_index;
    assert!(guess > full && guess - full < 0.1, "{guess} {full}");
}

#[test]
fn a_rib_holds_more_index_than_a_strip() {
    let rib = CrossSection {
        slab_height: nm(90.0),
        ..strip(silicon(), 500.0, 220.0)
    };
    let (rib, strip) = (
        mode(&rib, 12, 1550.0),
        mode(&strip(silicon(), 500.0, 220.0), 12, 1550.0),
    );
    assert!(rib.effective_index > strip.effective_index);
    assert!(rib.group_index < strip.group_index);
}

#[test]
fn a_guide_too_small_for_a_mode_is_reported() {
    let section = CrossSection {
        upper: Material::constant(Ratio::new(1.0)),
        ..strip(silicon(), 120.0, 60.0)
    };
    assert!(matches!(
        solve(&section, &resolution(6), nm(1550.0)),
        Err(DeviceError::NoGuidedMode { .. })
    ));
    let flat = strip(silicon(), 0.0, 220.0);
    assert!(solve(&flat, &resolution(6), nm(1550.0)).is_err());
}

#[test]
fn a_grid_beyond_memory_is_refused() {
    let fine = Resolution {
        growth: 1.0,
        ..resolution(200)
    };
    assert!(matches!(
        solve(&strip(silicon(), 500.0, 220.0), &fine, nm(1550.0)),
        Err(DeviceError::OutOfRange {
            quantity: "number of unknowns",
            ..
        })
    ));
}
