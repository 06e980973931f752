//! Steps in time, response matrices and reduced models of the package of the facts.

#[path = "../tests/package/mod.rs"]
mod package;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use thermal::{Grid, Model, Response, Stepping, Transient};
use units::{Celsius, Seconds};

fn model(n: usize) -> Model {
    let stack = package::cpo(false);
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
    group.finish();
}

criterion_group!(time, benches);
criterion_main!(time);
