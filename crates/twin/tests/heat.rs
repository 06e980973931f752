//! Heat, light and electrons of the platforms.

use system::{Input, Library, System};
use twin::SteadyState;

fn resolve(platform: &str, sets: &[&str]) -> System {
    let library = Library::embedded();
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    System::resolve(&Input {
        name: platform,
        bytes: library.platform(platform).unwrap().as_bytes(),
        sets: &sets,
        library: &library,
        load: &|file| Err(format!("{file} is not there")),
    })
    .unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn show() {
    for platform in Library::embedded().platforms() {
        let system = resolve(platform, &[]);
        let start = std::time::Instant::now();
        let state = SteadyState::solve(&system);
        let ms = start.elapsed().as_millis();
        match state.heat {
            None => println!("{platform}: stated"),
            Some(Err(fault)) => println!("{platform}: {fault}"),
            Some(Ok(heat)) => {
                let of = |list: Vec<f64>| {
                    let min = list.iter().copied().fold(f64::INFINITY, f64::min);
                    let max = list.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                    format!("{min:.2}..{max:.2}")
                };
                println!(
                    "{platform}: {ms} ms die {} C {} W; engines {} C pic {} W eic {} W; lasers {} C; steps {} res {} gain {:.3} xtalk {:?} own {:?} out {:?} designs {}",
                    of(heat.asics.iter().map(|p| p.temperature.value()).collect()),
                    of(heat.asics.iter().map(|p| p.power.value()).collect()),
                    of(heat
                        .engines
                        .iter()
                        .map(|p| p.photonic.temperature.value())
                        .collect()),
                    of(heat
                        .engines
                        .iter()
                        .map(|p| p.photonic.power.value())
                        .collect()),
                    of(heat
                        .engines
                        .iter()
                        .map(|p| p.electronic.power.value())
                        .collect()),
                    of(heat
                        .laser_modules
                        .iter()
                        .map(|p| p.temperature.value())
                        .collect()),
                    heat.steps,
                    heat.residual,
                    heat.gain,
                    heat.engines.first().and_then(|e| e.crosstalk_k_per_w),
                    heat.engines.first().and_then(|e| e.own_k_per_w),
                    heat.outlets,
                    state.lanes.designs.len(),
                );
            }
        }
    }
}
