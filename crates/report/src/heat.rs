//! Temperatures of a package, as text and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::text::{heading, table};
use crate::words::{counted, decimal, grouped};

/// The greatest number of blocks that the text shows.
const MAX_ROWS: usize = 100;

/// The greatest number of times of a table of traces.
const MAX_TIMES: usize = 12;

/// A solved package. Powers are in watts, temperatures in °C.
#[derive(Debug, Clone, PartialEq)]
pub struct Heat {
    /// What was read.
    pub name: String,
    /// Of which form it was, such as `ECXML`.
    pub form: String,
    /// Its layers, lowest first.
    pub layers: Vec<HeatLayer>,
    /// Cells across, up, and from the bottom to the top.
    pub cells: [usize; 3],
    /// Iterations of the linear solver; none of a direct one.
    pub iterations: usize,
    /// At which temperatures the conductivities are.
    pub conductivities: HeatConductivities,
    /// The coldest of the temperatures outside, from which rises count.
    pub outside_c: Option<f64>,
    /// Its blocks, in the order of layers and blocks.
    pub blocks: Vec<HeatBlock>,
    /// Where the heat went.
    pub balance: HeatBalance,
    /// Temperatures over time.
    pub trace: Option<HeatTrace>,
    /// What was understood differently from the tool that the file was written for.
    pub notes: Vec<String>,
}

/// At which temperatures the conductivities are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum HeatConductivities {
    /// No material says how its conductivity changes.
    Constant,
    /// Those of the temperatures that are shown.
    OfField(HeatSweeps),
    /// Those of the temperatures at rest, while the temperatures that are shown change.
    AtRest(HeatSweeps),
}

/// How conductivities and temperatures came to agree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeatSweeps {
    /// Solves with the conductivities of the one before.
    pub n: usize,
    /// Greatest change of a cell in the last of them, K.
    pub change_k: f64,
}

impl HeatConductivities {
    fn text(self) -> String {
        let (of, sweeps) = match self {
            Self::Constant => return "conductivities are constant".to_owned(),
            Self::OfField(sweeps) => ("these temperatures", sweeps),
            Self::AtRest(sweeps) => ("the temperatures at rest", sweeps),
        };
        let n = counted(sweeps.n, "sweep");
        format!("conductivities are those of {of}, found in {n}")
    }

    fn json(self) -> Value {
        let (of, sweeps) = match self {
            Self::Constant => return json!({ "of": "reference" }),
            Self::OfField(sweeps) => ("field", sweeps),
            Self::AtRest(sweeps) => ("rest", sweeps),
        };
        json!({ "of": of, "sweeps": sweeps.n, "change_k": sweeps.change_k })
    }
}

/// A layer.
#[derive(Debug, Clone, PartialEq)]
pub struct HeatLayer {
    /// Its name.
    pub name: String,
    /// Its thickness in micrometres.
    pub thickness_um: f64,
    /// Sheets of cells into which it is cut.
    pub sheets: usize,
    /// Its blocks.
    pub blocks: usize,
    /// Their heat.
    pub power_w: f64,
}

/// A block; the pieces of one that was cut count as one.
#[derive(Debug, Clone, PartialEq)]
pub struct HeatBlock {
    /// Its name.
    pub name: String,
    /// The layer of its first piece.
    pub layer: String,
    /// Its heat.
    pub power_w: f64,
    /// Mean temperature by volume.
    pub average_c: f64,
    /// Highest temperature of its cells.
    pub maximum_c: f64,
    /// Lowest temperature of its cells.
    pub minimum_c: f64,
}

/// Where the heat went.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeatBalance {
    /// Generated.
    pub generated_w: f64,
    /// Out through the upper face.
    pub top_w: f64,
    /// Out through the lower face.
    pub bottom_w: f64,
    /// Carried away by coolant.
    pub coolant_w: f64,
    /// Stored in the cells.
    pub stored_w: f64,
    /// What is missing: zero but for the error of the solver.
    pub residual_w: f64,
}

/// Mean temperatures over time.
#[derive(Debug, Clone, PartialEq)]
pub struct HeatTrace {
    /// Times from the start.
    pub times_s: Vec<f64>,
    /// Names of the blocks.
    pub blocks: Vec<String>,
    /// Whether each had power at some time.
    pub heated: Vec<bool>,
    /// One row for each time, one temperature for each block.
    pub average_c: Vec<Vec<f64>>,
}

impl HeatTrace {
    /// The traces as CSV: `time_s`, then a column for each block with its name and `_c`.
    pub fn csv(&self) -> String {
        let mut text = "time_s".to_owned();
        for block in &self.blocks {
            let _ = write!(text, ",{}", csv_cell(&format!("{block}_c")));
        }
        text.push('\n');
        for (time, row) in self.times_s.iter().zip(&self.average_c) {
            let _ = write!(text, "{time}");
            for celsius in row {
                let _ = write!(text, ",{celsius:.6}");
            }
            text.push('\n');
        }
        text
    }
}

fn csv_cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

impl Heat {
    /// The block with the highest temperature.
    pub fn hottest(&self) -> Option<&HeatBlock> {
        // The first of equals.
        self.blocks.iter().reduce(|hottest, block| {
            if block.maximum_c > hottest.maximum_c {
                block
            } else {
                hottest
            }
        })
    }

    fn rise(&self, celsius: f64) -> Option<f64> {
        self.outside_c.map(|outside| celsius - outside)
    }
}

/// What a person reads.
pub fn heat_text(heat: &Heat) -> String {
    let mut text = String::new();
    let [nx, ny, nz] = heat.cells;
    let _ = writeln!(
        text,
        "{}: {}, {}, {}, {nx} x {ny} x {nz} = {} cells",
        heat.name,
        heat.form,
        counted(heat.layers.len(), "layer"),
        counted(heat.blocks.len(), "block"),
        grouped(nx * ny * nz),
    );
    let layers = heat.layers.iter().rev().map(|layer| {
        vec![
            layer.name.clone(),
            decimal(layer.thickness_um, 1),
            layer.sheets.to_string(),
            layer.blocks.to_string(),
            watts(layer.power_w),
        ]
    });
    let header = ["layer, from the top", "um", "sheets", "blocks", "power W"];
    let _ = writeln!(
        text,
        "\n{}\n{}",
        heading("Layers"),
        table(&header, &[1, 2, 3, 4], layers)
    );
    write_blocks(&mut text, heat);
    write_balance(&mut text, heat);
    if let Some(trace) = &heat.trace {
        write_trace(&mut text, trace);
    }
    if !heat.notes.is_empty() {
        let _ = writeln!(text, "\n{}", heading("Notes"));
        for note in &heat.notes {
            let _ = writeln!(text, " {note}");
        }
    }
    text
}

/// Watts without their unit; small ones keep their digits.
fn watts(power_w: f64) -> String {
    decimal(power_w, if power_w.abs() < 1.0 { 4 } else { 2 })
}

fn write_blocks(text: &mut String, heat: &Heat) {
    let with_power: Vec<&HeatBlock> = heat.blocks.iter().filter(|b| b.power_w != 0.0).collect();
    // A package without heat is shown as it is.
    let shown = if with_power.is_empty() {
        heat.blocks.iter().collect()
    } else {
        with_power
    };
    let rows = shown.iter().take(MAX_ROWS).map(|block| {
        vec![
            block.name.clone(),
            block.layer.clone(),
            watts(block.power_w),
            decimal(block.average_c, 2),
            decimal(block.maximum_c, 2),
            heat.rise(block.maximum_c)
                .map_or_else(|| "-".to_owned(), |rise| decimal(rise, 2)),
        ]
    });
    let header = [
        "block",
        "layer",
        "power W",
        "average C",
        "maximum C",
        "rise K",
    ];
    let _ = writeln!(
        text,
        "\n{}\n{}",
        heading("Blocks"),
        table(&header, &[2, 3, 4, 5], rows)
    );
    let n_more = heat.blocks.len() - shown.len().min(MAX_ROWS);
    if n_more > 0 {
        let _ = writeln!(text, " and {} in --json", counted(n_more, "more block"));
    }
    if let Some(hottest) = heat.hottest() {
        let over = match (heat.outside_c, heat.rise(hottest.maximum_c)) {
            (Some(outside), Some(rise)) => format!(
                ", {} K over the {} C outside",
                decimal(rise, 2),
                decimal(outside, 2)
            ),
            _ => String::new(),
        };
        let _ = writeln!(
            text,
            " hottest: {}, {} C{over}",
            hottest.name,
            decimal(hottest.maximum_c, 2)
        );
    }
}

fn write_balance(text: &mut String, heat: &Heat) {
    let balance = &heat.balance;
    let mut rows = vec![("generated", balance.generated_w)];
    for (name, power) in [
        ("out through the upper face", balance.top_w),
        ("out through the lower face", balance.bottom_w),
        ("carried away by coolant", balance.coolant_w),
        ("stored", balance.stored_w),
    ] {
        if power != 0.0 {
            rows.push((name, power));
        }
    }
    let mut rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|(name, power)| vec![name.to_owned(), format!("{} W", watts(power))])
        .collect();
    // Its last digits differ from machine to machine; what counts is how small it is.
    let share = balance.residual_w.abs() / balance.generated_w.abs().max(f64::MIN_POSITIVE);
    let residual = if share < 1e-9 {
        "below 1e-9 of it".to_owned()
    } else {
        format!("{:.1e} W", balance.residual_w)
    };
    rows.push(vec!["residual".to_owned(), residual]);
    let _ = writeln!(text, "\n{}\n{}", heading("Heat"), table(&[], &[1], rows));
    let how = match heat.iterations {
        0 => "solved directly".to_owned(),
        n => format!("solved in {}", counted(n, "iteration")),
    };
    let _ = writeln!(text, " {how}; {}", heat.conductivities.text());
}

fn write_trace(text: &mut String, trace: &HeatTrace) {
    let n = trace.times_s.len();
    // The first and the last, and evenly between them.
    let mut places: Vec<usize> = (0..MAX_TIMES.min(n))
        .map(|i| i * (n - 1) / (MAX_TIMES.min(n) - 1).max(1))
        .collect();
    places.dedup();
    let times: Vec<String> = places.iter().map(|i| seconds(trace.times_s[*i])).collect();
    let mut header = vec!["average C at"];
    header.extend(times.iter().map(String::as_str));
    // A package without heat is shown as it is.
    let is_cold = !trace.heated.contains(&true);
    let shown: Vec<usize> = (0..trace.blocks.len())
        .filter(|idx| is_cold || trace.heated[*idx])
        .take(MAX_ROWS)
        .collect();
    let n_more = trace.blocks.len() - shown.len();
    let rows = shown.into_iter().map(|idx| {
        let mut row = vec![trace.blocks[idx].clone()];
        row.extend(places.iter().map(|i| decimal(trace.average_c[*i][idx], 2)));
        row
    });
    let right: Vec<usize> = (1..=places.len()).collect();
    let _ = writeln!(
        text,
        "\n{}\n{}",
        heading("Over time"),
        table(&header, &right, rows)
    );
    if places.len() < n {
        let _ = writeln!(
            text,
            " {} in all; --json and --traces have them",
            counted(n, "time")
        );
    }
    if n_more > 0 {
        let _ = writeln!(
            text,
            " and {} in --json and --traces",
            counted(n_more, "more block")
        );
    }
}

fn seconds(time_s: f64) -> String {
    units::format_si(units::Dimension::Time, time_s)
}

/// What a program reads.
pub fn heat_json(heat: &Heat) -> Value {
    let layers = heat.layers.iter().map(|layer| {
        json!({
            "name": layer.name, "thickness_um": layer.thickness_um, "sheets": layer.sheets,
            "blocks": layer.blocks, "power_w": layer.power_w,
        })
    });
    let blocks = heat.blocks.iter().map(|block| {
        json!({
            "name": block.name, "layer": block.layer, "power_w": block.power_w,
            "average_c": block.average_c, "maximum_c": block.maximum_c,
            "minimum_c": block.minimum_c, "rise_k": heat.rise(block.maximum_c),
        })
    });
    let trace = heat.trace.as_ref().map(|trace| {
        let blocks = trace.blocks.iter().enumerate().map(|(idx, name)| {
            let average_c: Vec<f64> = trace.average_c.iter().map(|row| row[idx]).collect();
            json!({ "name": name, "average_c": average_c })
        });
        json!({ "time_s": trace.times_s, "blocks": blocks.collect::<Vec<_>>() })
    });
    let balance = &heat.balance;
    json!({
        "package": {
            "name": heat.name, "form": heat.form,
            "cells": heat.cells, "layers": layers.collect::<Vec<_>>(),
        },
        "iterations": heat.iterations,
        "conductivities": heat.conductivities.json(),
        "outside_c": heat.outside_c,
        "blocks": blocks.collect::<Vec<_>>(),
        "hottest_block": heat.hottest().map(|block| &block.name),
        "heat": {
            "generated_w": balance.generated_w, "top_w": balance.top_w,
            "bottom_w": balance.bottom_w, "coolant_w": balance.coolant_w,
            "stored_w": balance.stored_w, "residual_w": balance.residual_w,
        },
        "transient": trace,
        "notes": heat.notes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_are_one_line_for_each_time() {
        let trace = HeatTrace {
            times_s: vec![0.0, 0.5],
            blocks: vec!["asic".into(), "a,b".into()],
            heated: vec![true, false],
            average_c: vec![vec![40.0, 41.0], vec![50.0, 51.5]],
        };
        assert_eq!(
            trace.csv(),
            "time_s,asic_c,\"a,b_c\"\n0,40.000000,41.000000\n0.5,50.000000,51.500000\n"
        );
    }
}
