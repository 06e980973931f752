//! Whatever bytes are a block of a recording, every signal in it is read or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plant::DeviceName;
use system::Fingerprint;
use telemetry::block::{Group, MAX_VALUES, Ticks, seal};

fn check(block: &[u8]) {
    if let Ok(group) = Group::parse(block) {
        for signal in group.signals() {
            if let Ok(columns) = group.columns(signal) {
                assert_eq!(columns.len(), group.n_ticks());
                let columns = columns.iter().flatten();
                assert!(columns.map(plant::Column::len).sum::<usize>() <= MAX_VALUES);
            }
        }
    }
    let fingerprint = Fingerprint::from_bytes([0; Fingerprint::LENGTH]);
    let device = DeviceName::new("a").expect("a name");
    if let Ok(ticks) = Ticks::decode(block, &fingerprint, &device) {
        assert_eq!(ticks.times.len(), ticks.sequences.len());
        assert!(ticks.times.is_sorted());
    }
}

fuzz_target!(|bytes: &[u8]| {
    check(bytes);
    // Behind a right checksum, which no fuzzer would find.
    check(&seal(bytes));
});
