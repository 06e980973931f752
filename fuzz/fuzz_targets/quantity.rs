//! Whatever text is read as a quantity or a spread is finite, and prints as what reads back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use units::{Dimension, Spread, format_si, parse_in};

fuzz_target!(|text: &str| {
    for dimension in Dimension::ALL {
        if let Ok(si) = parse_in(*dimension, text) {
            assert!(si.is_finite());
            let printed = format_si(*dimension, si);
            // Numbers beyond the range of another unit may overflow there.
            if si == 0.0 || (1e-30..1e30).contains(&si.abs()) {
                let back = parse_in(*dimension, &printed).expect(&printed);
                let scale = si.abs().max(f64::MIN_POSITIVE);
                let offset = if *dimension == Dimension::Temperature {
                    300.0
                } else {
                    0.0
                };
                assert!(
                    (back - si).abs() <= 1e-8 * (scale + offset),
                    "{si} {printed} {back}"
                );
            }
        }
        for nominal in [0.0, 1.0, -3.5, 1e-12, 1e12] {
            if let Ok(spread) = Spread::parse(*dimension, nominal, text) {
                for p in [1e-9, 0.1, 0.5, 0.9, 1.0 - 1e-9] {
                    assert!(!spread.quantile(nominal, p).is_nan(), "{spread:?}");
                }
            }
        }
    }
});
