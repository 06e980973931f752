//! Our temperatures against those that 3D-ICE 4.0 printed for the same files, on the same grid.
#![expect(
    clippy::disallowed_methods,
    reason = "the files of the validation cases are read from the repository"
)]

use std::path::PathBuf;

use thermal::read::ice::{self, IceFile};
use thermal::{Field, Model};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn folder(case: &str) -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.join("../../validation/thermal").join(case)
}

fn read(case: &str, name: &str) -> Result<IceFile, Box<dyn std::error::Error>> {
    let folder = folder(case);
    let load = |name: &str| {
        let text = std::fs::read_to_string(folder.join(name));
        text.map_err(|error| error.to_string())
    };
    let text = load(name)?;
    Ok(ice::read(name, &text, &load)?)
}

fn solve(file: &IceFile) -> Result<(Model, Field), Box<dyn std::error::Error>> {
    let model = Model::new(&file.case.stack, &file.case.grid)?;
    let field = model.steady(&model.powers())?;
    Ok((model, field))
}

#[test]
fn steady() -> Outcome {
    for name in ["cpo-60", "cpo-120", "cpo-board"] {
        let t = std::time::Instant::now();
        let file = read("cpo-16/ice", &format!("{name}.stk"))?;
        let (model, field) = solve(&file)?;
        println!("{name} {:?} {:?}", t.elapsed(), file.case.notes);
        for (out, text) in ice::steady_outputs(&file, &model, &field) {
            let peer = std::fs::read_to_string(format!("/tmp/ice-build/run/{name}/{out}"))?;
            let numbers = |text: &str| -> Vec<f64> {
                text.lines()
                    .filter(|l| !l.starts_with('%'))
                    .flat_map(|l| {
                        l.split_whitespace()
                            .map(|n| n.parse::<f64>().unwrap())
                            .collect::<Vec<_>>()
                    })
                    .collect()
            };
            let (a, b) = (numbers(&text), numbers(&peer));
            assert_eq!(a.len(), b.len());
            let worst = a
                .iter()
                .zip(&b)
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f64::max);
            println!("{name} {out}: {} numbers, worst {worst}", a.len());
            if out.contains("average") {
                println!("{text}{peer}");
            }
        }
    }
    Ok(())
}
