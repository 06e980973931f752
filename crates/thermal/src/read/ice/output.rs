//! What a `.stk` file asks to be written.

use std::fmt::Write as _;

use units::{Kelvin, Seconds, Watts};

use super::{IceFile, Instance, Quantity, Request, When};
use crate::error::ThermalError;
use crate::field::Field;
use crate::model::Model;
use crate::read::Analysis;
use crate::transient::{Stepping, Transient};

/// The state of a package at one time.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// When.
    pub time: Seconds,
    /// One temperature for each cell, kelvin.
    pub kelvin: &'a [f64],
    /// The power of each block at that time, in the order of [`crate::Stack::blocks`].
    pub powers: &'a [Watts],
}

/// Collects the outputs of a run, step by step.
///
/// A text has lines of tabulated numbers below two lines that begin with `%` and say what they are.
/// Lengths are in micrometres, temperatures in kelvin, powers in watts. Outputs with one file name
/// follow each other in one text.
#[derive(Debug)]
pub struct Recorder<'a> {
    file: &'a IceFile,
    model: &'a Model,
    /// Steps so far.
    steps: usize,
    texts: Vec<String>,
    /// VTK files, each of one moment.
    volumes: Vec<(String, String)>,
}

impl<'a> Recorder<'a> {
    /// Outputs of a file whose package is cut into the cells of a model.
    pub fn new(file: &'a IceFile, model: &'a Model) -> Self {
        let outputs = file.outputs.iter();
        Self {
            file,
            model,
            steps: 0,
            texts: outputs
                .map(|output| header(file, model, &output.request))
                .collect(),
            volumes: Vec::new(),
        }
    }

    /// Takes in the state at the end of a step.
    pub fn step(&mut self, moment: &Moment<'_>) {
        self.steps += 1;
        self.write(When::Step, self.steps, moment);
        if self.steps.is_multiple_of(self.file.steps_per_slot.max(1)) {
            let slots = self.steps / self.file.steps_per_slot.max(1);
            self.write(When::Slot, slots, moment);
        }
    }

    /// Takes in the last state, and gives the texts with the names of their files, in the order
    /// in which the names first come.
    pub fn finish(mut self, moment: &Moment<'_>) -> Vec<(String, String)> {
        self.write(When::Final, 0, moment);
        let mut files: Vec<(String, String)> = Vec::new();
        for (output, text) in self.file.outputs.iter().zip(self.texts) {
            if output.request == Request::Volume {
                continue;
            }
            match files.iter_mut().find(|(name, _)| *name == output.file_name) {
                Some((_, before)) => {
                    before.push('\n');
                    before.push_str(&text);
                }
                None => files.push((output.file_name.clone(), text)),
            }
        }
        files.extend(self.volumes);
        files
    }

    fn write(&mut self, when: When, count: usize, moment: &Moment<'_>) {
        for (idx, output) in self.file.outputs.iter().enumerate() {
            if output.when != when {
                continue;
            }
            if output.request == Request::Volume {
                let name = numbered(&output.file_name, (when != When::Final).then_some(count));
                self.volumes.push((name, volume(self.model, moment)));
                continue;
            }
            let text = &mut self.texts[idx];
            rows(text, self.file, self.model, &output.request, moment);
        }
    }
}

/// The outputs of a file that asks for the state at rest.
pub fn steady_outputs(file: &IceFile, model: &Model, field: &Field) -> Vec<(String, String)> {
    let powers = model.powers();
    Recorder::new(file, model).finish(&Moment {
        time: Seconds::new(0.0),
        kelvin: &field.kelvin,
        powers: &powers,
    })
}

/// Solves what a file asks for, and gives its outputs: the state at rest, or each step of a
/// transient.
///
/// Steps end where the file has them, whatever the method; 3D-ICE takes
/// [`Stepping::BackwardEuler`] with the step of the file.
///
/// # Errors
/// Those of the solvers.
pub fn outputs(
    file: &IceFile,
    model: &Model,
    stepping: Stepping,
) -> Result<Vec<(String, String)>, ThermalError> {
    let Analysis::Transient {
        initial,
        step,
        intervals,
    } = &file.case.analysis
    else {
        let field = model.steady(&model.powers())?;
        return Ok(steady_outputs(file, model, &field));
    };
    let mut recorder = Recorder::new(file, model);
    let mut now = Transient::at(model, *initial, stepping)?;
    let start = vec![Kelvin::from(*initial).value(); model.network().n_cells()];
    let (mut kelvin, mut time, mut last) = (start, Seconds::new(0.0), model.powers());
    for interval in intervals {
        for _ in 0..file.steps_per_slot {
            now.advance(&interval.powers, *step)?;
            if let Some(field) = now.field() {
                kelvin = field.kelvin;
            }
            time = now.time();
            recorder.step(&Moment {
                time,
                kelvin: &kelvin,
                powers: &interval.powers,
            });
        }
        last.clone_from(&interval.powers);
    }
    Ok(recorder.finish(&Moment {
        time,
        kelvin: &kelvin,
        powers: &last,
    }))
}

impl Quantity {
    const fn shown(self) -> &'static str {
        match self {
            Self::Maximum => "maximum",
            Self::Minimum => "minimum",
            Self::Average => "average",
            Self::Gradient => "gradient",
        }
    }

    /// Of temperatures with their weights.
    fn of(self, values: impl Iterator<Item = (f64, f64)>) -> f64 {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        let (mut sum, mut weights) = (0.0, 0.0);
        for (value, weight) in values {
            low = low.min(value);
            high = high.max(value);
            sum += weight * value;
            weights += weight;
        }
        match self {
            Self::Maximum => high,
            Self::Minimum => low,
            Self::Average => sum / weights,
            Self::Gradient => high - low,
        }
    }
}

/// The lines above the numbers.
fn header(file: &IceFile, model: &Model, request: &Request) -> String {
    let name = |instance: &usize| file.instances[*instance].name.as_str();
    match request {
        Request::Cell { instance, x, y } => {
            let at = [x.value() * 1e6, y.value() * 1e6];
            let [x_um, y_um] = at.map(|um| (um * 1e3).round() / 1e3);
            format!(
                "% temperature of {} at x = {x_um} um, y = {y_um} um\n% time_s\ttemperature_k\n",
                name(instance)
            )
        }
        Request::Floorplan { instance, quantity } => {
            let mut text = format!(
                "% {} temperatures of the elements of {}\n% time_s",
                quantity.shown(),
                name(instance)
            );
            for element in &file.instances[*instance].elements {
                text.push('\t');
                text.push_str(&element.name);
                text.push_str("_k");
            }
            text.push('\n');
            text
        }
        Request::Element {
            instance,
            element,
            quantity,
        } => {
            let of = &file.instances[*instance].elements[*element].name;
            let name = name(instance);
            let shown = quantity.shown();
            format!("% {shown} temperature of {name}.{of}\n% time_s\t{name}.{of}_k\n")
        }
        Request::TemperatureMap { instance } => {
            map_header(model, &format!("temperatures of {}, K", name(instance)))
        }
        Request::PowerMap { instance } => {
            map_header(model, &format!("powers of {}, W", name(instance)))
        }
        Request::Coolant { instance, quantity } => format!(
            "% {} temperature at the outlets of {}\n% time_s\ttemperature_k\n",
            quantity.shown(),
            name(instance)
        ),
        Request::Volume => String::new(),
    }
}

fn map_header(model: &Model, what: &str) -> String {
    let mut text = format!("% {what}: one line for each row of cells, the lowest first");
    for (axis, edges) in [("x", model.grid().x_m()), ("y", model.grid().y_m())] {
        let _ = write!(text, "\n% centres_{axis}_um");
        for pair in edges.windows(2) {
            let centre_um = f64::midpoint(pair[0], pair[1]) * 1e6;
            let _ = write!(text, "\t{centre_um:.3}");
        }
    }
    text.push('\n');
    text
}

/// The first sheet of a layer: all its sheets are shown by their first one.
fn first_sheet(model: &Model, layer: usize) -> usize {
    let sheets = model.grid().sheets();
    sheets.partition_point(|sheet| sheet.layer < layer)
}

/// The numbers of one moment.
fn rows(text: &mut String, file: &IceFile, model: &Model, request: &Request, moment: &Moment<'_>) {
    let [nx, ny, _] = model.grid().shape();
    // Sums of steps end in digits that are nothing.
    let time = (moment.time.value() * 1e9).round() / 1e9;
    let cells_of = |instance: usize| {
        let sheet = first_sheet(model, file.instances[instance].layer);
        sheet * nx * ny..(sheet + 1) * nx * ny
    };
    // Writing to a string cannot fail.
    match request {
        Request::Cell { instance, x, y } => {
            let column = |edges: &[f64], at: f64| {
                let after = edges.partition_point(|edge| *edge <= at);
                after.saturating_sub(1).min(edges.len().saturating_sub(2))
            };
            let i = column(model.grid().x_m(), x.value());
            let j = column(model.grid().y_m(), y.value());
            let kelvin = moment.kelvin[cells_of(*instance).start + j * nx + i];
            let _ = writeln!(text, "{time}\t{kelvin:.6}");
        }
        Request::Floorplan { instance, quantity } => {
            let of = &file.instances[*instance];
            let _ = write!(text, "{time}");
            for element in 0..of.elements.len() {
                let kelvin = element_kelvin(model, of, element, *quantity, moment);
                let _ = write!(text, "\t{kelvin:.6}");
            }
            text.push('\n');
        }
        Request::Element {
            instance,
            element,
            quantity,
        } => {
            let of = &file.instances[*instance];
            let kelvin = element_kelvin(model, of, *element, *quantity, moment);
            let _ = writeln!(text, "{time}\t{kelvin:.6}");
        }
        Request::TemperatureMap { instance } => {
            let cells = &moment.kelvin[cells_of(*instance)];
            map(text, time, nx, cells.iter().copied(), 6);
        }
        Request::PowerMap { instance } => {
            if let Ok(heat) = model.heat(moment.powers) {
                let cells = &heat[cells_of(*instance)];
                map(text, time, nx, cells.iter().copied(), 9);
            }
        }
        Request::Coolant { instance, quantity } => {
            let cells = cells_of(*instance);
            let streams = model.network().streams.iter().filter_map(|stream| {
                let last = *stream.cells.last()? as usize;
                let rate = stream.capacity_rate_w_per_k;
                cells.contains(&last).then(|| (moment.kelvin[last], rate))
            });
            let kelvin = quantity.of(streams);
            let _ = writeln!(text, "{time}\t{kelvin:.6}");
        }
        Request::Volume => {}
    }
}

/// A temperature of an element of a floorplan, over all its blocks.
fn element_kelvin(
    model: &Model,
    of: &Instance,
    element: usize,
    quantity: Quantity,
    moment: &Moment<'_>,
) -> f64 {
    let blocks = of.elements[element].blocks.iter();
    quantity.of(blocks.flat_map(|(block, share)| {
        let cells = model.sources()[*block].cells.iter();
        cells.map(move |(cell, of_block)| (moment.kelvin[*cell as usize], share * of_block))
    }))
}

fn map(text: &mut String, time: f64, nx: usize, cells: impl Iterator<Item = f64>, digits: usize) {
    let _ = writeln!(text, "% time_s\t{time}");
    for (idx, value) in cells.enumerate() {
        let end = if (idx + 1).is_multiple_of(nx) {
            '\n'
        } else {
            '\t'
        };
        let _ = write!(text, "{value:.digits$}{end}");
    }
}

/// `map.vtk` as `map3.vtk`.
fn numbered(name: &str, count: Option<usize>) -> String {
    let Some(count) = count else {
        return name.to_owned();
    };
    match name.rsplit_once('.') {
        Some((stem, ending)) => format!("{stem}{count}.{ending}"),
        None => format!("{name}{count}"),
    }
}

/// All cells as a rectilinear grid of the legacy VTK format.
fn volume(model: &Model, moment: &Moment<'_>) -> String {
    let grid = model.grid();
    let [nx, ny, nz] = grid.shape();
    let time = moment.time.value();
    let mut text = format!(
        "# vtk DataFile Version 3.0\ntemperatures in kelvin at {time} s, lengths in micrometres\nASCII\nDATASET RECTILINEAR_GRID\nDIMENSIONS {} {} {}\n",
        nx + 1,
        ny + 1,
        nz + 1
    );
    let mut z = vec![0.0];
    let mut height = 0.0;
    for sheet in grid.sheets() {
        height += sheet.thickness_m;
        z.push(height);
    }
    for (axis, edges) in [("X", grid.x_m()), ("Y", grid.y_m()), ("Z", z.as_slice())] {
        let _ = writeln!(text, "{axis}_COORDINATES {} double", edges.len());
        let edges: Vec<_> = edges.iter().map(|m| format!("{:.6}", m * 1e6)).collect();
        text.push_str(&edges.join(" "));
        text.push('\n');
    }
    let _ = writeln!(
        text,
        "CELL_DATA {}\nSCALARS temperature_k double 1\nLOOKUP_TABLE default",
        nx * ny * nz
    );
    for kelvin in moment.kelvin {
        let _ = writeln!(text, "{kelvin:.6}");
    }
    text
}
