//! The package of the facts at several sizes, from conductances to temperatures.

#[path = "../tests/package/mod.rs"]
mod package;

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use thermal::{Grid, Model, Resolution, Response, Stack};
use units::Meters;

fn model(stack: &Stack, n: usize) -> Model {
    let grid = Grid::uniform(stack, n, n).expect("a sound grid");
    Model::new(stack, &grid).expect("a sound package")
}

fn steady(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("steady");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(5));
    for n in [64, 128, 256, 512] {
        let model = model(&package::cpo(), n);
        group.bench_function(format!("package_{n}"), |b| {
            b.iter(|| model.steady(black_box(&model.powers())));
        });
    }
    for n in [64, 512] {
        let model = model(&package::cpo_uniform(), n);
        group.bench_function(format!("uniform_{n}"), |b| {
            b.iter(|| model.steady(black_box(&model.powers())));
        });
    }
    let stack = package::cpo();
    let millimetres = |x: f64| Meters::new(x * 1e-3);
    let resolution = Resolution {
        finest: millimetres(0.5),
        coarsest: millimetres(4.0),
        growth: 1.3,
    };
    let grid = Grid::fitted(&stack, &resolution).expect("a sound grid");
    let fitted = Model::new(&stack, &grid).expect("a sound package");
    group.bench_function("package_fitted_114", |b| {
        b.iter(|| fitted.steady(black_box(&fitted.powers())));
    });
    group.finish();
}

fn assembly(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("assembly");
    group.sample_size(10);
    for n in [64, 512] {
        let stack = package::cpo();
        group.bench_function(format!("package_{n}"), |b| {
            b.iter(|| model(black_box(&stack), n));
        });
    }
    group.finish();
}

/// The 41 sources of the facts: here 33 that generate heat, and eight of the bumps.
fn response(criterion: &mut Criterion) {
    let mut stack = package::cpo();
    let mut left = 41;
    for layer in &mut stack.layers {
        layer.blocks.retain(|block| {
            let is_kept = block.power.value() > 0.0 || left > 33;
            left -= usize::from(is_kept);
            is_kept
        });
    }
    let model = model(&stack, 64);
    let mut group = criterion.benchmark_group("response");
    group.sample_size(10);
    group.bench_function(format!("{}_sources_64", model.sources().len()), |b| {
        b.iter(|| Response::new(black_box(&model)));
    });
    group.finish();
}

criterion_group!(benches, steady, assembly, response);
criterion_main!(benches);
