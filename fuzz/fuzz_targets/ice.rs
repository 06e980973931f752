//! Any bytes as a stack of 3D-ICE, its floorplan and its layout: a package or located errors.

#![no_main]

use libfuzzer_sys::fuzz_target;
use thermal::read::ice;

fuzz_target!(|data: &[u8]| {
    // The parts are separated by a byte that none of them uses.
    let text = String::from_utf8_lossy(data);
    let mut parts = text.split('\u{1}');
    let stack = parts.next().unwrap_or_default();
    let floorplan = parts.next().unwrap_or_default();
    let layout = parts.next().unwrap_or_default();
    let load = |name: &str| -> Result<String, String> {
        match name {
            "f" => Ok(floorplan.to_owned()),
            "l" => Ok(layout.to_owned()),
            _ => Err("no such file".to_owned()),
        }
    };
    match ice::read("a.stk", stack, &load) {
        Ok(file) => {
            let blocks = file.case.stack.blocks().count();
            if let thermal::read::Analysis::Transient { intervals, .. } = &file.case.analysis {
                assert!(intervals.iter().all(|i| i.powers.len() == blocks));
            }
            // What is read makes sense, or says why not; solving it is another matter.
            if file.case.grid.n_cells() < 2000 {
                if let Ok(model) = thermal::Model::new(&file.case.stack, &file.case.grid) {
                    assert_eq!(model.sources().len(), blocks);
                }
            }
        }
        Err(thermal::read::ReadErrors(errors)) => {
            assert!(!errors.is_empty());
            for error in errors {
                let text = match error.file.as_str() {
                    "f" => floorplan,
                    "l" => layout,
                    _ => stack,
                };
                // The end of a text may be the beginning of a line of its own.
                assert!(error.line <= text.lines().count() + 1, "{error}");
            }
        }
    }
});
