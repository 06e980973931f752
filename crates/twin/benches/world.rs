//! Steps of the world: one switch, and many.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use plant::DeviceName;
use system::{Input, Library, System};
use twin::scenario::{LoadProfile, Training};
use twin::world::{Switch, SwitchPlan, World};

const MS: u64 = 1_000_000;

fn plan(platform: &str) -> Arc<SwitchPlan> {
    let library = Library::embedded();
    let system = System::resolve(&Input {
        name: platform,
        bytes: library.platform(platform).expect("a platform").as_bytes(),
        sets: &[],
        library: &library,
        load: &|file| Err(format!("{file} is not there")),
    });
    let system = Arc::new(system.expect("a sound platform"));
    Arc::new(SwitchPlan::new(system).expect("it lives in time"))
}

/// A switch whose load never rests, so that every part moves in every step.
fn busy(plan: &Arc<SwitchPlan>, seed: u64) -> Switch {
    let name = DeviceName::new(format!("leaf{seed}")).expect("a name");
    let mut switch = Switch::new(plan, name, seed).expect("it comes to rest");
    let training = LoadProfile::Training(Training {
        period_ns: 2_000 * MS,
        burst_ns: 700 * MS,
        ramp_ns: 50 * MS,
        burst: 1.0,
        base: 0.2,
    });
    switch.set_load(None, &training, 0);
    switch
}

fn steps(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("world");
    for platform in ["cpo-51t", "quantum-x-115t"] {
        let plan = plan(platform);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
        let pool = pool.expect("a pool");
        for (lanes, every) in [("every lane", true), ("lanes that move", false)] {
            let mut world = World::looped_back(busy(&plan, 1));
            world.evaluate_every_lane(every);
            group.bench_function(format!("100 ms of {platform}, {lanes}"), |bencher| {
                pool.install(|| {
                    bencher.iter(|| black_box(&mut world).step(100 * MS).expect("it goes on"));
                });
            });
        }
    }
    group.sample_size(10);
    let plan = plan("cpo-51t");
    let switches = (0..1000).map(|seed| busy(&plan, seed));
    let mut many = World::apart(switches.collect());
    group.bench_function("1 s of 1000 switches", |bencher| {
        bencher.iter(|| black_box(&mut many).step(1_000 * MS).expect("it goes on"));
    });
    group.finish();
}

criterion_group!(benches, steps);
criterion_main!(benches);
