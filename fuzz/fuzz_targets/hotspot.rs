//! Whatever the files of a HotSpot package hold, they are read as a sound stack or have problems
//! with places.
#![no_main]

use libfuzzer_sys::fuzz_target;
use thermal::Model;
use thermal::read::hotspot::{Fidelity, Options, read};

/// A package that most changes of one file leave readable.
const FILES: [(&str, &str); 7] = [
    (
        "c",
        "-model_type grid\n-grid_rows 4\n-grid_cols 4\n-detailed_3D on\n-use_microchannels 1\n-grid_layer_file l\n-materials_file m\n-p p\n-o o\n-s_sink 0.004\n-s_spreader 0.003\n-sampling_intvl 0.1\n",
    ),
    ("l", "0\nY\nY\nsilicon\n1e-4\nf.flp\n1\nY\nN\n1e6\n0.1\n1e-4\ng.flp\n"),
    ("m", "silicon\nsolid\n120\n1.6e6\nwater\nfluid\n0.6\n4.2e6\n9e-4\n"),
    ("f.flp", "a 1e-3 2e-3 0 0\nb 1e-3 2e-3 1e-3 0\n"),
    ("g.flp", "a 2e-3 1e-3 0 0 1e6 0.5\nb 2e-3 1e-3 0 1e-3\n"),
    ("g.csv", "0,0,0,0\n2,1,1,3\n0,-1,0,0\n0,0,0,0\n"),
    ("p", "a b\n1 2\n3 4\n"),
];

/// The most cells of a package that is solved here.
const MOST_CELLS: usize = 2_000;

fuzz_target!(|bytes: &[u8]| {
    // Files end at the first byte above ASCII; the first byte says which ones are replaced.
    let Some((which, rest)) = bytes.split_first() else {
        return;
    };
    let mut parts = rest.split(|byte| *byte >= 0x80);
    let mut files = FILES.map(|(name, text)| (name, text.to_owned()));
    for (idx, (_, text)) in files.iter_mut().enumerate() {
        if which >> idx & 1 == 1 {
            *text = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
        }
    }
    let load = |name: &str| {
        let found = files.iter().find(|(file, _)| *file == name);
        found
            .map(|(_, text)| text.clone())
            .ok_or_else(|| "no such file".to_owned())
    };
    let fidelity = if which >> 7 == 1 {
        Fidelity::HotspotCompat
    } else {
        Fidelity::Physics
    };
    let options = Options {
        overrides: Vec::new(),
        fidelity,
    };
    match read("c", &files[0].1, &options, &load) {
        Err(problems) => {
            assert!(!problems.0.is_empty());
            for problem in &problems.0 {
                assert!(!problem.file.is_empty() && !problem.message.is_empty());
            }
        }
        Ok(case) => {
            let n_blocks = case.stack.blocks().count();
            if let thermal::read::Analysis::Transient { intervals, .. } = &case.analysis {
                assert!(intervals.iter().all(|of| of.powers.len() == n_blocks));
            }
            if case.grid.n_cells() > MOST_CELLS {
                return;
            }
            // Extreme values may be refused here, as a value.
            let Ok(model) = Model::new(&case.stack, &case.grid) else {
                return;
            };
            if let Ok(field) = model.steady(&model.powers()) {
                assert!(field.kelvin.iter().all(|kelvin| kelvin.is_finite()));
            }
        }
    }
});
