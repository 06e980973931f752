//! Draws per second from the spreads of a switch of 512 lanes, on one thread.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use system::{Input, Library, System};
use twin::{SamplePlan, Sampled, SteadyState};

const N_DRAWS: u64 = 256;

fn draws(criterion: &mut Criterion) {
    let library = Library::embedded();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .expect("one thread can be had");
    let mut group = criterion.benchmark_group("draws");
    group
        .throughput(Throughput::Elements(N_DRAWS))
        .sample_size(10);
    for platform in ["cpo-51t", "quantum-x-115t"] {
        let system = System::resolve(&Input {
            name: platform,
            bytes: library.platform(platform).expect("a platform").as_bytes(),
            sets: &[],
            library: &library,
            load: &|file| Err(format!("{file} is not there")),
        })
        .expect("platforms are sound");
        let nominal = SteadyState::solve(&system);
        group.bench_function(platform, |bencher| {
            let plan = SamplePlan::quiet(1, N_DRAWS);
            bencher.iter(|| pool.install(|| Sampled::new(&system, &nominal, &plan)));
        });
    }
    group.finish();
}

criterion_group!(benches, draws);
criterion_main!(benches);
