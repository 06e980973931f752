//! How much the grid of a package moves its temperatures.

use system::{Input, Library, System};
use thermal::{Grid, Model, Resolution};
use twin::SteadyState;
use units::{Kelvin, Meters};

fn resolve(platform: &str) -> System {
    let library = Library::embedded();
    System::resolve(&Input {
        name: platform,
        bytes: library.platform(platform).expect("a platform").as_bytes(),
        sets: &[],
        library: &library,
        load: &|file| Err(format!("{file} is not there")),
    })
    .unwrap_or_else(|problems| panic!("{problems}"))
}

/// Blocks of one die and eight engines, and of a die and eighteen small engines 0.3 mm apart from
/// each other, against a grid three times finer. The small engines take two cells across.
#[test]
fn a_finer_grid_moves_little() {
    for platform in ["cpo-51t", "quantum-x-115t"] {
        let system = resolve(platform);
        let state = SteadyState::solve(&system);
        let package = twin::heat::package(&system, &state).expect("heat is solved");
        let longer = package
            .stack
            .width
            .value()
            .max(package.stack.height.value());
        let finer = Resolution {
            finest: Meters::new(longer / 120.0),
            coarsest: Meters::new(longer / 60.0),
            growth: 1.3,
        };
        let finer = Grid::fitted(&package.stack, &finer).expect("a sound grid");
        assert!(finer.n_cells() > 4 * package.grid.n_cells());
        let rises = |grid: &Grid| -> Vec<(String, f64)> {
            let model = Model::new(&package.stack, grid).expect("a sound package");
            let powers = model.powers();
            let field = model.steady(&powers).expect("a solved package");
            let coldest = Kelvin::from(package.coldest);
            let named = model.sources().iter().enumerate();
            let hot = named.filter(|(block, _)| powers[*block].value() > 0.0);
            hot.map(|(block, source)| {
                let mean = Kelvin::from(model.average(&field, block));
                (source.name.clone(), mean.value() - coldest.value())
            })
            .collect()
        };
        for ((name, coarse), (_, fine)) in rises(&package.grid).into_iter().zip(rises(&finer)) {
            assert!(
                (coarse / fine - 1.0).abs() < 0.04,
                "{platform} {name}: {coarse} K, {fine} K on the finer grid"
            );
        }
    }
}
