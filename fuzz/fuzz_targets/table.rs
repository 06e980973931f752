//! Whatever a measured table holds, it is read as sorted numbers or has problems with places.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use system::parts::{Coupler, Modulator};
use system::{Input, Library, MIN_SITES, System};
use units::{Meters, Spread};

static LIBRARY: LazyLock<Library> = LazyLock::new(Library::embedded);

/// A platform, a field, and the key that names the file.
const FIELDS: [(&str, &str); 9] = [
    ("cpo-51t", "engine.oe.input_coupler.measured=t.csv"),
    ("cpo-51t", "laser_module.els.laser.measured=t.csv"),
    ("cpo-51t", "engine.oe.modulator.measured=t.csv"),
    ("quantum-x-115t", "engine.oe.modulator.measured=t.csv"),
    ("cpo-51t", "engine.oe.tia.measured=t.csv"),
    ("cpo-51t", "cooling.package.cooler.measured=t.csv"),
    ("cpo-51t", "engine.oe.tia.noise={ map = 't.csv' }"),
    ("cpo-51t", "engine.oe.input_coupler.tilt={ map = 't.csv' }"),
    (
        "cpo-51t",
        "engine.oe.polarisation_loss={ map = 't.csv', column = 'loss' }",
    ),
];

fuzz_target!(|bytes: &[u8]| {
    for (platform, set) in FIELDS {
        let input = Input {
            name: platform,
            bytes: LIBRARY.platform(platform).unwrap_or_default().as_bytes(),
            sets: &[set.to_owned()],
            library: &LIBRARY,
            load: &|_| Ok(bytes.to_vec()),
        };
        match System::resolve(&input) {
            Ok(system) => check(&system),
            Err(problems) => {
                for problem in &problems.0 {
                    let text = &problem.span.source.text;
                    assert!(
                        text.get(problem.span.range.clone()).is_some(),
                        "{problem:?}"
                    );
                    assert!(problem.help.is_some(), "{problem:?}");
                }
            }
        }
    }
});

/// Interpolation at every measured place gives the measured value.
fn check(system: &System) {
    let engine = &system.description.engine[0].value;
    let grid = match &engine.modulator {
        Modulator::MachZehnder(part) => part.measured.as_ref(),
        Modulator::RingModulator(part) => part.measured.as_ref(),
    };
    if let Some(grid) = grid {
        let n_points: usize = (0..3).map(|axis| grid.0.places(axis).len()).product();
        assert!(grid.0.columns.iter().all(|column| column.len() == n_points));
        assert!(grid.0.columns.iter().flatten().all(|x| x.is_finite()));
    }
    if let Spread::Empirical { samples } = &engine.tia.noise.spread {
        assert!(samples.len() >= MIN_SITES && samples.is_sorted());
        let (low, high) = (samples[0], samples[samples.len() - 1]);
        for tick in 0..4 {
            let drawn = system.drawn(1, tick);
            let noise = drawn.description.engine[0].value.tia.noise.value.value();
            assert!((low..=high).contains(&noise), "{noise} in {low} to {high}");
        }
    }
    if let Coupler::EdgeCoupler(coupler) = &engine.input_coupler
        && let Some(table) = &coupler.measured
    {
        let (x, y) = (&table.0.columns[0], &table.0.columns[1]);
        for (at, value) in x.iter().zip(y) {
            let found = table.0.interpolate(0, 1, Meters::new(*at)).expect("a measured place");
            assert!(
                (found - value).abs() <= 1e-9 * value.abs().max(1.0),
                "{found} {value}"
            );
        }
    }
}
