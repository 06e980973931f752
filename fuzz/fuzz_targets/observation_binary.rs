//! Whatever bytes decode to an observation, encode to the same bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plant::binary;
use system::Fingerprint;

fn check(frame: &[u8], expected: &Fingerprint) {
    if let Ok(observation) = binary::decode(frame, expected) {
        let mut again = Vec::new();
        binary::encode(&observation, &mut again);
        assert_eq!(again, frame);
        let text = observation.encode_json();
        let back = plant::Observation::decode_json(&text, expected);
        assert_eq!(back.expect("what was encoded decodes"), observation);
    }
}

fuzz_target!(|bytes: &[u8]| {
    let expected = Fingerprint::from_bytes([0; Fingerprint::LENGTH]);
    check(bytes, &expected);
    // Behind a right header and fingerprint, which no fuzzer would find.
    let body = [expected.as_bytes(), bytes].concat();
    check(&binary::seal(&body), &expected);
});
