//! Bit error ratios for points given as JSON on standard input, for the validation scripts.
//!
//! Input: a list of objects with `levels_w` (two or four), `responsivity_a_per_w`,
//! `dark_current_a`, `thermal_noise_a_per_rthz`, `noise_bandwidth_hz`, `rin_db_per_hz` (number or
//! null) and `taps` (relative to the main cursor). Output: a list of objects with `ber`, `q_min`
//! and `thresholds_a`, in the same order.

#![expect(
    clippy::print_stdout,
    reason = "the result is the purpose of the program"
)]

use std::error::Error;
use std::io::Read;

use link::{Impairments, Levels, Receiver, Reception, SymbolDisturbance, Thresholds};
use serde_json::{Value, json};
use units::{Amperes, AmperesPerRootHertz, AmperesPerWatt, DecibelsPerHertz, Hertz, Ratio, Watts};

fn main() -> Result<(), Box<dyn Error>> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let points: Vec<Value> = serde_json::from_str(&text)?;
    let results: Vec<Value> = points.iter().map(evaluate).collect::<Result<_, _>>()?;
    println!("{}", Value::from(results));
    Ok(())
}

fn number(point: &Value, key: &str) -> Result<f64, String> {
    point[key]
        .as_f64()
        .ok_or_else(|| format!("{key} is not a number"))
}

fn numbers(point: &Value, key: &str) -> Result<Vec<f64>, String> {
    let list = point[key]
        .as_array()
        .ok_or_else(|| format!("{key} is not a list"))?;
    list.iter()
        .map(|v| {
            v.as_f64()
                .ok_or_else(|| format!("{key} holds {v}, expected numbers"))
        })
        .collect()
}

fn evaluate(point: &Value) -> Result<Value, Box<dyn Error>> {
    let powers: Vec<Watts> = numbers(point, "levels_w")?
        .into_iter()
        .map(Watts::new)
        .collect();
    let reception = Reception {
        levels: Levels::explicit(&powers)?,
        receiver: Receiver {
            responsivity: AmperesPerWatt::new(number(point, "responsivity_a_per_w")?),
            dark_current: Amperes::new(number(point, "dark_current_a")?),
            thermal_noise: AmperesPerRootHertz::new(number(point, "thermal_noise_a_per_rthz")?),
            noise_bandwidth: Hertz::new(number(point, "noise_bandwidth_hz")?),
            noise_enhancement: Ratio::new(1.0),
        },
        impairments: Impairments {
            rin: point["rin_db_per_hz"].as_f64().map(DecibelsPerHertz::new),
            isi: SymbolDisturbance::Taps(numbers(point, "taps")?),
            ..Impairments::default()
        },
        thresholds: Thresholds::GaussianCrossing,
    };
    let decision = reception.evaluate()?;
    let thresholds_a: Vec<f64> = decision
        .eyes
        .iter()
        .map(|eye| eye.threshold.value())
        .collect();
    Ok(json!({
        "ber": decision.bit_error_ratio,
        "q_min": decision.q_min(),
        "thresholds_a": thresholds_a,
    }))
}
