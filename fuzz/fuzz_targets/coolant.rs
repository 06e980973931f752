//! Whatever text a map of cells or the curve of a cooler is, it is read or has problems with lines.
#![no_main]

use libfuzzer_sys::fuzz_target;
use thermal::coolant::CellMap;
use thermal::coolant::curve::CoolerCurve;
use thermal::read::ReadErrors;

fn check(text: &str, errors: &ReadErrors) {
    assert!(!errors.0.is_empty());
    let n = text.lines().count();
    assert!(errors.0.iter().all(|error| error.line <= n));
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    match CellMap::parse("map", text) {
        Ok(map) => assert_eq!(map.cells.len(), map.columns * map.rows),
        Err(errors) => check(text, &errors),
    }
    match CoolerCurve::parse("curve", text) {
        Ok(curve) => {
            for flow in curve.range() {
                assert!(curve.resistance(flow).is_ok());
            }
        }
        Err(errors) => check(text, &errors),
    }
});
