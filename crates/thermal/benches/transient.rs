//! Steps in time, response matrices and reduced models of the package of the facts.

#[path = "../tests/package/mod.rs"]
mod package;

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use thermal::{
    Grid, Model, Outside, ReducedModel, ReducedState, Reduction, Response, Stepping, Transient,
};
use units::{Celsius, KelvinPerWatt, Seconds};

fn model(n: usize) -> Model {
    let stack = package::cpo();
    let grid = Grid::uniform(&stack, n, n).expect("a square grid");
    Model::new(&stack, &grid).unwrap_or_else(|error| panic!("{error}"))
}

fn benches(c: &mut Criterion) {
    let mut group = c.benchmark_group("time");
    group.sample_size(10);
    for n in [32, 64] {
        let model = model(n);
        let powers = model.powers();
        for (name, step) in [("10 ms", 0.01), ("1 ms", 0.001)] {
            group.bench_function(format!("100 steps of {name}, {n} x {n} x 10"), |b| {
                b.iter(|| {
                    let stepping = Stepping::Fixed(Seconds::new(step));
                    let mut now =
                        Transient::at(&model, Celsius::new(40.0), stepping).expect("a package");
                    let done = now.advance(&powers, Seconds::new(100.0 * step));
                    black_box(done.expect("a package"))
                });
            });
        }
        group.bench_function(format!("response matrix, {n} x {n} x 10"), |b| {
            b.iter(|| black_box(Response::new(&model).expect("a package")));
        });
    }
    let model = model(32);
    let reduction = Reduction {
        fastest: Seconds::new(1e-3),
        tolerance: KelvinPerWatt::new(1e-4),
    };
    group.bench_function("reduced model, 32 x 32 x 10", |b| {
        b.iter(|| black_box(ReducedModel::new(&model, &reduction).expect("a package")));
    });
    let reduced = Arc::new(ReducedModel::new(&model, &reduction).expect("a package"));
    let name = format!(
        "step of {} blocks with {} modes",
        reduced.names().len(),
        reduced.n_modes()
    );
    let powers = model.powers();
    let mut state =
        ReducedState::at_rest(reduced, &powers, Outside::default()).expect("its blocks");
    group.bench_function(name, |b| {
        b.iter(|| state.step(black_box(&powers), Outside::default(), Seconds::new(1e-3)));
    });
    group.finish();
}

criterion_group!(time, benches);
criterion_main!(time);
