//! `.lcf`: the layers between the board and the spreader.

use super::floorplan::{Floorplan, is_same_length, millimetres};
use super::lines::{Line, Place, Report, lines, positive};
use super::materials::Materials;
use crate::coolant::CellMap;

/// A layer.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    /// Its number; 0 is farthest from the sink.
    pub(super) number: usize,
    /// Where its record starts.
    pub(super) at: Place,
    /// Whether heat flows sideways in it.
    pub(super) has_lateral: bool,
    /// Whether its blocks have power.
    pub(super) has_power: bool,
    /// Thermal conductivity, W/(m K).
    pub(super) k: f64,
    /// Volumetric heat capacity, J/(m3 K).
    pub(super) cv: f64,
    /// Thickness, metres.
    pub(super) thickness_m: f64,
    /// Its blocks; none where there is a map.
    pub(super) plan: Floorplan,
    /// Where coolant flows in it.
    pub(super) map: Option<CellMap>,
}

/// What the lines of a record are, in their order.
const FIELDS: &str = "number, lateral heat flow Y/N, power Y/N, heat capacity and resistivity (or one material), thickness, floorplan";

/// The layers of a file, farthest from the sink first; fewer after an error.
pub(super) fn read(
    file: &str,
    text: &str,
    materials: &Materials,
    load: &dyn Fn(&str) -> Result<String, String>,
    report: &mut Report,
) -> Vec<Layer> {
    let mut layers: Vec<Layer> = Vec::new();
    let mut lines = lines(text);
    let mut n_records = 0;
    while let Some(first) = lines.next() {
        n_records += 1;
        match record(file, &first, &mut lines, materials, load, report) {
            Ok(layer) => layers.extend(layer),
            Err(()) => return Vec::new(),
        }
    }
    if n_records == 0 {
        report.error_help(
            &Place::new(file, 0),
            "there are no layers",
            format!("a layer has a line each for {FIELDS}"),
        );
    }
    numbers(&layers, n_records, report);
    layers.sort_by_key(|layer| layer.number);
    sizes(&mut layers, report);
    layers
}

/// Numbers run from 0 without a gap.
fn numbers(layers: &[Layer], n_records: usize, report: &mut Report) {
    for (idx, layer) in layers.iter().enumerate() {
        if layer.number >= n_records {
            let message = format!(
                "layer {} of {n_records}; numbers run from 0 to {}",
                layer.number,
                n_records - 1
            );
            report.error(&layer.at, message);
        }
        if let Some(first) = layers[..idx]
            .iter()
            .find(|other| other.number == layer.number)
        {
            report.error(
                &layer.at,
                format!(
                    "layer {} is given already at line {}",
                    layer.number, first.at.line
                ),
            );
        }
    }
}

/// All layers are as large as the first one.
fn sizes(layers: &mut [Layer], report: &mut Report) {
    let Some(first) = layers.iter().find(|layer| layer.map.is_none()).cloned() else {
        if let Some(map) = layers.first() {
            report.error_help(
                &map.at,
                "no layer has a floorplan",
                "maps of cells have no size; that of the chip is the one of its floorplans",
            );
        }
        return;
    };
    let [width_m, height_m] = [first.plan.width_m, first.plan.height_m];
    for layer in layers {
        if layer.map.is_some() {
            (layer.plan.width_m, layer.plan.height_m) = (width_m, height_m);
            continue;
        }
        if is_same_length(width_m, layer.plan.width_m)
            && is_same_length(height_m, layer.plan.height_m)
        {
            layer.plan.fit(width_m, height_m);
            continue;
        }
        report.error_help(
            &layer.at,
            format!(
                "layer {} ({}) is {} x {} mm; layer {} ({}) is {} x {} mm",
                layer.number,
                layer.plan.file,
                millimetres(layer.plan.width_m),
                millimetres(layer.plan.height_m),
                first.number,
                first.plan.file,
                millimetres(width_m),
                millimetres(height_m)
            ),
            "HotSpot wants layers of one size; add blocks of filler round the smaller one",
        );
    }
}

/// One record; `None` after an error in one value, `Err` where the order of lines is lost.
fn record<'a>(
    file: &str,
    first: &Line<'_>,
    lines: &mut impl Iterator<Item = Line<'a>>,
    materials: &Materials,
    load: &dyn Fn(&str) -> Result<String, String>,
    report: &mut Report,
) -> Result<Option<Layer>, ()> {
    let n_before = report.errors.len();
    let at = Place::new(file, first.number);
    let Ok(number) = first.words[0].parse::<usize>() else {
        report.error_help(
            &at,
            format!("{:?} is not the number of a layer", first.words[0]),
            format!("a layer has a line each for {FIELDS}"),
        );
        return Err(());
    };
    let mut last = first.number;
    let mut next = |what: &str, report: &mut Report| {
        let line = lines.next();
        match &line {
            Some(line) => last = line.number,
            None => report.error_help(
                &Place::new(file, last),
                format!("the file ends before the {what} of layer {number}"),
                format!("a layer has a line each for {FIELDS}"),
            ),
        }
        line.ok_or(())
    };
    let mut flag = |what: &str, report: &mut Report| -> Result<bool, ()> {
        let line = next(what, report)?;
        match line.words[0].chars().next() {
            Some('Y' | 'y') => Ok(true),
            Some('N' | 'n') => Ok(false),
            _ => {
                report.error(
                    &Place::new(file, line.number),
                    format!(
                        "{what} of layer {number} is {:?}; it has to be Y or N",
                        line.words[0]
                    ),
                );
                Err(())
            }
        }
    };
    let has_lateral = flag("lateral heat flow", report)?;
    let has_power = flag("power", report)?;
    let value = |line: &Line<'_>, what: &str, report: &mut Report| {
        let value = positive(line.words[0]);
        if value.is_none() {
            report.error(
                &Place::new(file, line.number),
                format!(
                    "{what} of layer {number} is {:?}; it has to be a number above zero",
                    line.words[0]
                ),
            );
        }
        value.unwrap_or(1.0)
    };
    let line = next("heat capacity or material", report)?;
    let (k, cv) = if line.words[0].parse::<f64>().is_ok() {
        let cv = value(&line, "heat capacity", report);
        let line = next("resistivity", report)?;
        (1.0 / value(&line, "resistivity", report), cv)
    } else {
        let at = Place::new(file, line.number);
        let material = materials.get(line.words[0], &at, report);
        if let Some(fluid) = material.filter(|material| material.viscosity.is_some()) {
            let name = &fluid.name;
            report.note(format!(
                "layer {number}: {name} conducts heat there and does not flow"
            ));
        }
        material.map_or((1.0, 1.0), |material| (material.k, material.cv))
    };
    let line = next("thickness", report)?;
    let thickness_m = value(&line, "thickness", report);
    let line = next("floorplan", report)?;
    let name = line.words[0];
    let at_plan = Place::new(file, line.number);
    let (plan, map) = if is_map(name) {
        if has_power {
            power_in_coolant(number, &at_plan, report);
        }
        let map = cell_map(name, &at_plan, load, report);
        (Some(Floorplan::empty(name)), map)
    } else {
        (floorplan(name, &at_plan, load, report), None)
    };
    let is_sound = report.errors.len() == n_before;
    Ok(plan.filter(|_| is_sound).map(|plan| Layer {
        number,
        at,
        has_lateral,
        has_power,
        k,
        cv,
        thickness_m,
        plan,
        map,
    }))
}

fn power_in_coolant(number: usize, at: &Place, report: &mut Report) {
    report.error_help(
        at,
        format!("layer {number} has power and a map of coolant"),
        "put the power into the layer below or above",
    );
}

/// Whether a floorplan is a map of cells.
fn is_map(name: &str) -> bool {
    name.contains(".csv")
}

/// The map that a line names.
fn cell_map(
    name: &str,
    at: &Place,
    load: &dyn Fn(&str) -> Result<String, String>,
    report: &mut Report,
) -> Option<CellMap> {
    let text = text(name, at, load, report)?;
    match CellMap::parse(name, &text) {
        Ok(map) => Some(map),
        Err(problems) => {
            report.errors.extend(problems.0);
            None
        }
    }
}

/// The floorplan that a line names.
pub(super) fn floorplan(
    name: &str,
    at: &Place,
    load: &dyn Fn(&str) -> Result<String, String>,
    report: &mut Report,
) -> Option<Floorplan> {
    let text = text(name, at, load, report)?;
    Floorplan::read(name, &text, report)
}

/// The text of a file that a place names.
pub(super) fn text(
    name: &str,
    at: &Place,
    load: &dyn Fn(&str) -> Result<String, String>,
    report: &mut Report,
) -> Option<String> {
    match load(name) {
        Ok(text) => Some(text),
        Err(reason) => {
            report.error(at, format!("{name} cannot be read: {reason}"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> (Vec<Layer>, Vec<String>) {
        let mut report = Report::default();
        let mut materials_report = Report::default();
        let materials = Materials::read("m", "silicon\nsolid\n130\n1.6e6\n", &mut materials_report);
        let load = |name: &str| match name {
            "one.flp" => Ok("a 1e-3 1e-3 0 0\n".to_owned()),
            "wide.flp" => Ok("a 2e-3 1e-3 0 0\n".to_owned()),
            _ => Err("no such file".to_owned()),
        };
        let layers = read("s.lcf", text, &materials, &load, &mut report);
        let errors = report.errors.iter().map(ToString::to_string).collect();
        (layers, errors)
    }

    #[test]
    fn old_and_new_records() {
        let (layers, errors) = read_text(
            "# new\n1\nY\nN\nsilicon\n1e-4\none.flp\n\n0\nn\ny\n1.75e6\n0.01\n1e-3\none.flp\n",
        );
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(layers.iter().map(|l| l.number).collect::<Vec<_>>(), [0, 1]);
        assert!(
            (layers[0].k - 100.0).abs() < 1e-9 && layers[0].has_power && !layers[0].has_lateral
        );
        assert!((layers[1].k - 130.0).abs() < 1e-9 && (layers[1].cv - 1.6e6).abs() < 1.0);
    }

    #[test]
    fn problems_name_their_lines() {
        let (_, errors) = read_text("0\nY\nY\n1e6\n0.01\n");
        assert!(errors[0].starts_with("s.lcf:5: the file ends before the thickness of layer 0"));
        let (_, errors) = read_text("0\nY\nmaybe\n");
        assert_eq!(
            errors,
            ["s.lcf:3: power of layer 0 is \"maybe\"; it has to be Y or N"]
        );
        let (_, errors) =
            read_text("0\nY\nY\nsilicn\n1e-4\none.flp\n0\nY\nY\nsilicon\n1e-4\nnone.flp\n");
        assert_eq!(
            errors,
            [
                "s.lcf:4: no material is named \"silicn\" (help: did you mean \"silicon\"?)",
                "s.lcf:12: none.flp cannot be read: no such file",
            ]
        );
        let (_, errors) =
            read_text("0\nY\nY\nsilicon\n1e-4\none.flp\n2\nY\nN\nsilicon\n1e-4\nwide.flp\n");
        assert!(errors[0].starts_with("s.lcf:7: layer 2 of 2; numbers run from 0 to 1"));
        assert!(
            errors[1].starts_with(
                "s.lcf:7: layer 2 (wide.flp) is 2 x 1 mm; layer 0 (one.flp) is 1 x 1 mm"
            )
        );
    }
}
