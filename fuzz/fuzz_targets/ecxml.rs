//! Whatever an ECXML file holds, it becomes a stack that makes sense or has problems with places.
#![no_main]

use libfuzzer_sys::fuzz_target;
use thermal::read::ecxml::{Options, is_ecxml, read};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    is_ecxml(text);
    let options = Options {
        cells: (4, 4),
        ..Options::default()
    };
    match read("f.ecxml", text, &options) {
        Ok(read) => {
            let stack = &read.case.stack;
            assert!(stack.width.value() > 0.0 && stack.height.value() > 0.0);
            assert!(!stack.layers.is_empty());
            for (_, block) in stack.blocks() {
                assert!(block.power.value().is_finite() && !block.area.is_empty());
            }
        }
        Err(errors) => {
            assert!(!errors.0.is_empty());
            let n_lines = text.split('\n').count();
            assert!(errors.0.iter().all(|error| error.line <= n_lines));
        }
    }
});
