//! Thermo-optic drift: the effective-index method of a lane against the full-vector mode solver.
//! The numbers are kept in `validation/mode-solver/README.md`.

use std::fmt::Write as _;

use photonics::material::{Dispersion, Material};
use photonics::mode::{CrossSection, Mode, Resolution, solve};
use system::parts::Platform;
use system::{Input, Library, System};
use units::Meters;

const README: &str = include_str!("../../../validation/mode-solver/README.md");

/// Largest difference of the two methods that the project accepts. Drift sets heater power: 2 %
/// of it moves the heater of a ring 15 K below its design temperature by 2 %, where the spread of
/// heater efficiencies alone is tens of per cent.
const TOLERANCE: f64 = 0.02;
/// Change of the drift from the coarse grid to the fine one: an order below the tolerance.
const GRID_TOLERANCE: f64 = 0.003;
const COARSE: usize = 12;
const FINE: usize = 24;

fn platform() -> Platform {
    let library = Library::embedded();
    let text = library
        .platform("quantum-x-115t")
        .expect("the platform exists")
        .to_owned();
    let system = System::resolve(&Input {
        name: "quantum-x-115t",
        bytes: text.as_bytes(),
        sets: &[],
        library: &library,
        load: &|file| Err(format!("{file} is not there")),
    })
    .unwrap_or_else(|problems| panic!("{problems}"));
    (*system.description.engine[0].value.platform).clone()
}

fn nm(x: f64) -> Meters {
    Meters::new(x * 1e-9)
}

/// The same two points of index and dn/dT that a lane uses.
fn material(part: &system::parts::Material) -> Material {
    let at = (nm(1310.0), nm(1550.0));
    Material {
        dispersion: Dispersion::Cauchy {
            points: [(at.0, part.index_1310.value), (at.1, part.index_1550.value)],
        },
        thermo_optic: [
            (at.0, part.thermo_optic_1310.value),
            (at.1, part.thermo_optic_1550.value),
        ],
    }
}

fn exact(platform: &Platform, cells: usize, wavelength: Meters) -> Mode {
    let cladding = material(&platform.cladding);
    let section = CrossSection {
        lower: cladding,
        core: material(&platform.core),
        upper: cladding,
        width: platform.guide_width.value,
        height: platform.guide_height.value,
        slab_height: nm(0.0),
    };
    let resolution = Resolution {
        half_width_cells: cells,
        height_cells: cells,
        side_padding: nm(1000.0),
        vertical_padding: nm(1000.0),
        growth: 1.12,
    };
    solve(&section, &resolution, wavelength).expect("the guide holds a mode")
}

#[test]
fn the_effective_index_method_agrees_with_the_mode_solver() {
    let platform = platform();
    let mut table = String::from(
        "| wavelength (nm) | effective index, pm/K | mode solver, coarse, pm/K | mode solver, fine, pm/K | coarse to fine | difference |\n|---|---|---|---|---|---|\n",
    );
    let mut differences = Vec::new();
    for wavelength in [1310.0, 1550.0] {
        let pm = |drift: units::MetersPerKelvin| drift.value() * 1e12;
        let ours =
            pm(link::waveguide_drift(&platform, nm(wavelength)).expect("the guide holds a mode"));
        let [coarse, fine] = [COARSE, FINE].map(|cells| exact(&platform, cells, nm(wavelength)));
        let [coarse, fine] = [coarse, fine].map(|mode| pm(mode.resonance_drift()));
        let grid = fine / coarse - 1.0;
        let difference = ours / fine - 1.0;
        assert!(
            grid.abs() < GRID_TOLERANCE,
            "{wavelength} nm: coarse {coarse}, fine {fine}"
        );
        differences.push((wavelength, difference));
        writeln!(
            table,
            "| {wavelength:.0} | {ours:.2} | {coarse:.2} | {fine:.2} | {:+.2} % | {:+.2} % |",
            100.0 * grid,
            100.0 * difference,
        )
        .expect("a string takes all text");
    }
    assert!(
        README.contains(&table),
        "validation/mode-solver/README.md is stale; its table must be\n\n{table}"
    );
    for (wavelength, difference) in differences {
        assert!(
            difference.abs() < TOLERANCE,
            "{wavelength} nm: {difference}"
        );
    }
}
