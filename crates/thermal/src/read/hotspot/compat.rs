//! The tool's known faults, and what is said about them.

use super::Input;
use super::build::{AIR, Faces, Slab, Tile};
use super::floorplan::millimetres;
use super::lines::Report;

/// How much better than its material a layer conducts upwards whose resistance is put between
/// layers instead.
const NO_THICKNESS: f64 = 1e6;

/// Factor of the tool on every heat capacity.
///
/// # Source
/// `HotSpot` 7, `temperature.h`, `C_FACTOR`.
const CAPACITY_FACTOR: f64 = 0.333;

/// How far the ratio of the sides of a cell is from one where cells are not square.
const OBLONG: f64 = 1e-6;

/// Repeats the tool's faults, each with a note.
pub(super) fn compat(
    input: &Input,
    chip_m: [f64; 2],
    slabs: &mut [Slab],
    faces: &mut Faces,
    report: &mut Report,
) {
    for slab in slabs.iter_mut() {
        slab.cv *= CAPACITY_FACTOR;
        for tile in &mut slab.tiles {
            if let Some((_, cv)) = &mut tile.own {
                *cv *= CAPACITY_FACTOR;
            }
        }
    }
    report.note(format!(
        "as HotSpot does: every heat capacity is multiplied by {CAPACITY_FACTOR}, so transients run about three times too fast"
    ));
    // `find_res` takes the resistance across between rows and the one up between columns.
    if is_oblong(input, chip_m) {
        let cell_m = cell_m(input, chip_m);
        let oblong = (cell_m[0] / cell_m[1]).powi(2);
        let exchange = |k: &mut [f64; 3]| {
            k[0] *= oblong;
            k[1] /= oblong;
        };
        for slab in slabs.iter_mut() {
            exchange(&mut slab.k);
            let own = slab.tiles.iter_mut().filter_map(|tile| tile.own.as_mut());
            own.for_each(|(k, _)| exchange(k));
        }
        report.note(format!(
            "as HotSpot with SuperLU does: cells of {} x {} mm have the resistances across and up exchanged",
            millimetres(cell_m[0]),
            millimetres(cell_m[1])
        ));
    }
    if !input.is_detailed {
        for slab in slabs.iter_mut() {
            slab.contact = Some(slab.thickness_m / slab.k[2]);
            slab.k[2] *= NO_THICKNESS;
        }
        if let Some(sink) = slabs.last_mut() {
            faces.top.1 += sink.contact.take().unwrap_or(0.0);
        }
        report.note(
            "as HotSpot does without -detailed_3D on: the nodes of a layer lie on its lower face",
        );
        return;
    }
    if input.package.secondary.is_none() {
        let first = &mut slabs[0];
        first.k[2] *= 0.5;
        for tile in &mut first.tiles {
            if let Some((k, _)) = &mut tile.own {
                k[2] *= 0.5;
            }
        }
        report.note(
            "as HotSpot does with -detailed_3D on: the nodes of layer 0 lie on its lower face",
        );
    }
    // Between spreader and sink stands half of the sink's resistance and half of that to the air;
    // between sink and air stand both in full.
    let resistance = faces.top.1;
    if let Some(sink) = slabs.last_mut() {
        let own = sink.thickness_m / sink.k[2];
        let whole = own + resistance;
        let k = [sink.k[0], sink.k[1], sink.thickness_m / whole];
        sink.tiles.push(Tile {
            name: "sink over the chip".to_owned(),
            x_m: [0.0, chip_m[0]],
            y_m: [0.0, chip_m[1]],
            own: Some((k, sink.cv)),
            source: None,
        });
        faces.top_over_chip = Some(0.5 * whole);
    }
    report.note(format!(
        "as HotSpot does with -detailed_3D on: the sink and the resistance to the air, {} K/W, count 1.5 times over the chip",
        input.package.convection.r_k_per_w
    ));
}

/// Sides of a cell over the chip.
pub(super) fn cell_m(input: &Input, chip_m: [f64; 2]) -> [f64; 2] {
    let [rows, columns] = input.grid;
    [chip_m[0] / columns as f64, chip_m[1] / rows as f64]
}

fn is_oblong(input: &Input, chip_m: [f64; 2]) -> bool {
    let [across, up] = cell_m(input, chip_m);
    (across / up - 1.0).abs() > OBLONG
}

/// What the tool would do where physics is solved.
pub(super) fn physics_notes(input: &Input, chip_m: [f64; 2], report: &mut Report) {
    if input.is_detailed {
        report.note(format!(
            "the resistance to the air is {} K/W; HotSpot counts it and that of the sink 1.5 times over the chip with -detailed_3D on",
            input.package.convection.r_k_per_w
        ));
        report.note("the power of a block is even over the thickness of its layer; HotSpot puts that of layer 0 on its lower face");
    } else {
        report.note("the power of a block is even over the thickness of its layer; HotSpot puts it on the lower face without -detailed_3D on");
    }
    if is_oblong(input, chip_m) {
        report.note("the cells are not square; HotSpot built with SuperLU exchanges their resistances across and up");
    }
    if input.transient.is_some() {
        report.note(format!(
            "heat capacities are as stated; HotSpot multiplies them by {CAPACITY_FACTOR} and so runs about three times too fast, with SuperLU in one implicit Euler step for each interval"
        ));
    }
}

/// What holds for both fidelities.
pub(super) fn package_notes(
    input: &Input,
    slabs: &[Slab],
    extent_m: [f64; 2],
    report: &mut Report,
) {
    let sides = [input.package.spreader.side_m, input.package.sink.side_m];
    let chip = &input.layers[0].plan;
    if chip.width_m >= sides[0] || chip.height_m >= sides[0] || sides[0] >= sides[1] {
        report.note(
            "HotSpot divides by zero where spreader and chip or sink and spreader have the same side; make them differ by some nanometres there",
        );
    }
    let is_smaller = |slab: &Slab| (0..2).any(|axis| slab.extent_m[axis] < extent_m[axis]);
    if slabs.iter().any(is_smaller) {
        report.note(format!(
            "layers smaller than {} x {} mm stand in its middle with still air of {} W/(m K) round them; HotSpot models what lies beyond the chip by lumped nodes",
            millimetres(extent_m[0]),
            millimetres(extent_m[1]),
            AIR[0]
        ));
    }
    if input.transient.is_some() {
        report.note(format!(
            "c_convec, {} J/K, is spread over the volume of the sink",
            input.package.convection.c_j_per_k
        ));
    }
    if input.package.secondary.is_some() {
        report.note("the secondary path has the materials that HotSpot holds for it; s_c4, n_c4 and n_metal have no effect there nor here");
    }
}

#[cfg(test)]
mod tests {
    use crate::model::Model;
    use crate::read::Analysis;
    use crate::read::hotspot::{Fidelity, Options, read};
    use crate::solve::Linear;

    fn load(name: &str) -> Result<String, String> {
        macro_rules! file {
            ($name:literal) => {
                include_str!(concat!("../../../../../validation/thermal/hotspot/", $name))
            };
        }
        Ok(match name {
            "interface.flp" => file!("interface.flp"),
            "lid.flp" => file!("lid.flp"),
            "small.config" => file!("small.config"),
            "small.flp" => file!("small.flp"),
            "small.lcf" => file!("small.lcf"),
            "small.materials" => file!("small.materials"),
            "small.on.ttrace" => file!("small.on.ttrace"),
            "small.ptrace" => file!("small.ptrace"),
            _ => return Err("no such file".to_owned()),
        }
        .to_owned())
    }

    /// Temperatures of the four blocks after every interval, by implicit Euler steps.
    fn trace(fidelity: Fidelity, n_steps: u32) -> Vec<Vec<f64>> {
        let pairs = [
            ("grid_layer_file", "small.lcf"),
            ("materials_file", "small.materials"),
            ("p", "small.ptrace"),
            ("detailed_3D", "on"),
            ("o", "small.ttrace"),
        ];
        let overrides = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let options = Options {
            overrides: overrides.to_vec(),
            fidelity,
        };
        let config = load("small.config").unwrap();
        let case = read("small.config", &config, &options, &load).unwrap();
        let Analysis::Transient {
            initial, intervals, ..
        } = &case.analysis
        else {
            panic!("a transient was asked for");
        };
        let model = Model::new(&case.stack, &case.grid).unwrap();
        let network = model.network();
        let start_k = initial.value() + 273.15;
        // The air has the temperature of the start.
        let mut rise = vec![0.0; network.n_cells()];
        let rate = f64::from(n_steps) / intervals[0].duration.value();
        let linear = Linear::new(network, rate).unwrap();
        let mut rows = Vec::new();
        for interval in intervals {
            let heat = model.heat(&interval.powers).unwrap();
            for _ in 0..n_steps {
                let stored = network
                    .capacity
                    .iter()
                    .zip(&rise)
                    .map(|(c, t)| c * rate * t);
                let b: Vec<f64> = stored
                    .zip(&heat)
                    .map(|(stored, heat)| stored + heat)
                    .collect();
                linear.solve(&b, &mut rise, 1e-9).unwrap();
            }
            let mean = |source: usize| {
                let cells = model.sources()[source].cells.iter();
                start_k
                    + cells
                        .map(|(cell, share)| share * rise[*cell as usize])
                        .sum::<f64>()
            };
            rows.push((0..4).map(mean).collect());
        }
        rows
    }

    #[test]
    fn transients_there_run_three_times_too_fast() {
        let text = load("small.on.ttrace").unwrap();
        let printed: Vec<Vec<f64>> = text
            .lines()
            .skip(1)
            .map(|line| {
                line.split_whitespace()
                    .map(|word| word.parse().unwrap())
                    .collect()
            })
            .collect();
        let worst = |rows: &[Vec<f64>]| {
            let pairs = rows.iter().flatten().zip(printed.iter().flatten());
            pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
        };
        // One implicit step for each interval of 20 ms, as the tool takes with SuperLU: half of its
        // last printed digit, and as much for the films.
        let off = worst(&trace(Fidelity::HotspotCompat, 1));
        assert!(off < 0.01, "{off} K");
        // The error of that step, and of the factor on the capacities.
        let off = worst(&trace(Fidelity::HotspotCompat, 200));
        assert!(off > 3.0 && off < 4.0, "{off} K");
        let off = worst(&trace(Fidelity::Physics, 200));
        assert!(off > 11.0 && off < 14.0, "{off} K");
    }
}
