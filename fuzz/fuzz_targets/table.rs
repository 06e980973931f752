//! Whatever a measured table holds, it is read as sorted numbers or has problems with places.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use system::parts::Coupler;
use system::{Input, Library, System};
use units::Meters;

static LIBRARY: LazyLock<Library> = LazyLock::new(Library::embedded);

fuzz_target!(|bytes: &[u8]| {
    for set in [
        "engine.oe.input_coupler.measured=t.csv",
        "laser_module.els.laser.measured=t.csv",
    ] {
        let input = Input {
            name: "cpo-51t",
            bytes: LIBRARY.platform("cpo-51t").unwrap_or_default().as_bytes(),
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
