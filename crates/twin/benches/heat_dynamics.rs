//! Heat in time: how long a system takes to be made ready, how long a step takes, and how much memory
//! a switch takes.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use system::{Input, Library, System};
use twin::SteadyState;
use twin::heat::{HeatDynamics, HeatMotion};
use units::Seconds;

const PLATFORMS: [&str; 3] = ["cpo-51t", "quantum-x-115t", "spectrum-x-102t"];

fn resolve(platform: &str) -> System {
    let library = Library::embedded();
    System::resolve(&Input {
        name: platform,
        bytes: library.platform(platform).expect("a platform").as_bytes(),
        sets: &[],
        library: &library,
        load: &|file| Err(format!("{file} is not there")),
    })
    .expect("platforms are sound")
}

fn dynamics(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("heat_dynamics");
    group.sample_size(10);
    for platform in PLATFORMS {
        let system = resolve(platform);
        let state = SteadyState::solve(&system);
        let ready = HeatDynamics::new(&system, &state).expect("a solved system");
        group.bench_function(format!("new/{platform}"), |bencher| {
            bencher.iter(|| black_box(HeatDynamics::new(&system, &state)));
        });
        let ready = Arc::new(ready);
        let (loads, mut coolants) = (ready.loads().clone(), ready.coolants().to_vec());
        let mut motion = HeatMotion::at_rest(&ready, &loads, &coolants).expect("it is cooled");
        let tick = Seconds::new(0.1);
        group.bench_function(format!("step/{platform}/{} B", motion.bytes()), |bencher| {
            bencher.iter(|| motion.step(&loads, &coolants, tick));
        });
        group.bench_function(format!("step with another flow/{platform}"), |bencher| {
            bencher.iter(|| {
                for coolant in &mut coolants {
                    coolant.flow_ratio = 1.95 - coolant.flow_ratio;
                }
                motion.step(&loads, &coolants, tick)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, dynamics);
criterion_main!(benches);
