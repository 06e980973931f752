//! Whatever text decodes to an observation, a command or capabilities, survives both forms.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plant::{Capabilities, Command, Observation, binary};
use system::Fingerprint;

fuzz_target!(|text: &str| {
    let expected = Fingerprint::from_bytes([0; Fingerprint::LENGTH]);
    if let Ok(observation) = Observation::decode_json(text, &expected) {
        let back = Observation::decode_json(&observation.encode_json(), &expected);
        assert_eq!(back.expect("what was encoded decodes"), observation);
        let mut frame = Vec::new();
        binary::encode(&observation, &mut frame);
        let back = binary::decode(&frame, &expected);
        assert_eq!(back.expect("what was encoded decodes"), observation);
    }
    if let Ok(command) = Command::decode_json(text) {
        let back = Command::decode_json(&command.encode_json());
        assert_eq!(back.expect("what was encoded decodes"), command);
    }
    if let Ok(capabilities) = Capabilities::decode_json(text) {
        let back = Capabilities::decode_json(&capabilities.encode_json());
        assert_eq!(back.expect("what was encoded decodes"), capabilities);
    }
});
