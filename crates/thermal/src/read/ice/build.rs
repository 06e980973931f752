//! From what the files say to a package.

use std::collections::BTreeMap;

use units::{
    Celsius, HeatTransferCoefficient, Kelvin, Meters, Seconds, ThermalConductivity,
    VolumetricHeatCapacity, Watts,
};

use super::cursor::{Named, nearest};
use super::geometry::{Edges, TooMany, count, is_on_edges};
use super::lex::Place;
use super::plans;
use super::syntax::{
    DieEntry, DieLayer, Dimensions, ElementKind, Floorplan, LayerEntry, MaterialEntry, OutputKind,
    RectUm, Sink, Solver, StackFile,
};
use super::{IceFile, Instance, Output, Request};
use crate::grid::Grid;
use crate::read::{Analysis, Case, Interval, ReadError};
use crate::stack::{Condition, Conductivity, Face, Material, MaterialId, Stack};

/// Metres of a micrometre.
pub(super) const UM: f64 = 1e-6;
/// W/(m K) of a W/(um K).
const PER_UM: f64 = 1e6;
/// W/(m2 K) of a W/(um2 K).
pub(super) const PER_UM2: f64 = 1e12;
/// J/(m3 K) of a J/(um3 K).
pub(super) const PER_UM3: f64 = 1e18;

/// Gives the text of a file.
pub(super) type Load<'a> = &'a dyn Fn(&str) -> Result<String, String>;

/// The materials of the parts of a layer.
pub(super) type Parts = Vec<(String, MaterialId, Vec<RectUm>)>;

/// An element of a floorplan in the stack.
pub(super) struct Heated {
    pub(super) name: String,
    pub(super) powers_w: Option<Vec<f64>>,
}

pub(super) struct Builder<'a> {
    pub(super) file: &'a str,
    pub(super) found: &'a StackFile,
    pub(super) dimensions: Dimensions,
    pub(super) stack: Stack,
    pub(super) materials: BTreeMap<String, MaterialId>,
    /// By the name of the layer.
    pub(super) layouts: BTreeMap<String, Parts>,
    /// By the name of the file.
    pub(super) floorplans: BTreeMap<String, Floorplan>,
    /// Element of a floorplan and share of its power, for each block of the stack.
    pub(super) shares: Vec<Option<(usize, f64)>>,
    pub(super) heated: Vec<Heated>,
    pub(super) problems: Vec<ReadError>,
    pub(super) notes: Vec<String>,
    /// What 3D-ICE puts on its grid by the centres of cells, by the name of the layer.
    pub(super) outlines: Vec<(String, RectUm)>,
}

/// Makes a package of a file.
pub(super) fn build(
    file: &str,
    found: &StackFile,
    load: Load<'_>,
) -> Result<IceFile, Vec<ReadError>> {
    let (Some(dimensions), Some(solver)) = (found.dimensions, found.solver) else {
        let message = "the file has no dimensions or no solver";
        return Err(vec![ReadError::new(file, 0, message)]);
    };
    let extent = [dimensions.length, dimensions.width].map(|um| Meters::new(um * UM));
    let mut builder = Builder {
        file,
        found,
        dimensions,
        stack: Stack::new(extent[0], extent[1]),
        materials: BTreeMap::new(),
        layouts: BTreeMap::new(),
        floorplans: BTreeMap::new(),
        shares: Vec::new(),
        heated: Vec::new(),
        problems: Vec::new(),
        notes: Vec::new(),
        outlines: Vec::new(),
    };
    builder.names();
    builder.files(load);
    let outputs = builder.outputs();
    if !builder.problems.is_empty() {
        return Err(builder.problems);
    }
    let instances = builder.instances();
    builder.faces();
    let grid = builder.grid();
    let (analysis, steps_per_slot) = builder.analysis(solver);
    match grid {
        Some(grid) if builder.problems.is_empty() => Ok(IceFile {
            case: Case {
                stack: builder.stack,
                grid,
                analysis,
                notes: builder.notes,
            },
            instances,
            outputs,
            steps_per_slot,
        }),
        _ => Err(builder.problems),
    }
}

impl Builder<'_> {
    pub(super) fn problem(&mut self, place: Place, message: String, help: &str) {
        let error = ReadError::new(self.file, place.line, message).at(place.column);
        self.problems.push(error.help(help));
    }

    /// A name that stands for nothing.
    pub(super) fn unknown(&mut self, file: &str, name: &Named, what: &str, known: &[&str]) {
        let message = format!("there is no {what} named `{}`", name.text);
        let help = match nearest(&name.text, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => format!("none is declared; declare the {what}"),
            None => format!("declared are {}", known.join(", ")),
        };
        let error = ReadError::new(file, name.place.line, message).at(name.place.column);
        self.problems.push(error.help(help));
    }

    /// Names that may stand for one thing only.
    pub(super) fn unique<'n>(
        &mut self,
        file: &str,
        what: &str,
        names: impl IntoIterator<Item = &'n Named>,
    ) {
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        for name in names {
            if let Some(line) = first.get(name.text.as_str()) {
                let message = format!("a second {what} `{}`", name.text);
                let error = ReadError::new(file, name.place.line, message).at(name.place.column);
                let help = format!("the first is in line {line}; rename one");
                self.problems.push(error.help(help));
            } else {
                first.insert(&name.text, name.place.line);
            }
        }
    }

    /// In SI units.
    pub(super) fn solid(entry: &MaterialEntry) -> Material {
        let [x, y, z] = entry
            .conductivity
            .map(|k| ThermalConductivity::new(k * PER_UM));
        let capacity = VolumetricHeatCapacity::new(entry.capacity * PER_UM3);
        let mut material = Material::isotropic(entry.name.text.clone(), x, capacity);
        material.conductivity = Conductivity {
            y,
            z,
            ..material.conductivity
        };
        material
    }

    pub(super) fn layer_entry(&self, name: &Named) -> Option<&LayerEntry> {
        let mut layers = self.found.layers.iter();
        layers.find(|entry| entry.name.text == name.text)
    }

    pub(super) fn die_entry(&self, name: &Named) -> Option<&DieEntry> {
        let mut dies = self.found.dies.iter();
        dies.find(|entry| entry.name.text == name.text)
    }

    /// Whether all names of the file stand for one thing each.
    fn names(&mut self) {
        let (file, found) = (self.file, self.found);
        for entry in &found.materials {
            let id = self.stack.material(Self::solid(entry));
            self.materials.insert(entry.name.text.clone(), id);
        }
        self.unique(file, "material", found.materials.iter().map(|m| &m.name));
        self.unique(file, "layer", found.layers.iter().map(|l| &l.name));
        self.unique(file, "die", found.dies.iter().map(|d| &d.name));
        let of_stack = found.elements.iter().map(|e| &e.name);
        self.unique(file, "element of the stack", of_stack);

        let mut materials: Vec<&Named> = found.layers.iter().map(|l| &l.material).collect();
        let mut layers = Vec::new();
        materials.extend(found.channel.iter().map(|channel| &channel.material));
        for layer in found.dies.iter().flat_map(|die| &die.layers) {
            match layer {
                DieLayer::Plain { material, .. } => materials.push(material),
                DieLayer::Named(name) => layers.push(name),
            }
        }
        let mut dies = Vec::new();
        for element in &found.elements {
            match &element.kind {
                ElementKind::Die { die, .. } => dies.push(die),
                ElementKind::Layer { layer } => layers.push(layer),
                ElementKind::Channel => {}
            }
        }
        let declared: [Vec<&str>; 3] = [
            found
                .materials
                .iter()
                .map(|m| m.name.text.as_str())
                .collect(),
            found.layers.iter().map(|l| l.name.text.as_str()).collect(),
            found.dies.iter().map(|d| d.name.text.as_str()).collect(),
        ];
        let used = [("material", materials), ("layer", layers), ("die", dies)];
        for ((what, names), declared) in used.into_iter().zip(&declared) {
            for name in names {
                if !declared.contains(&name.text.as_str()) {
                    self.unknown(file, name, what, declared);
                }
            }
        }
        self.stack_order();
    }

    /// What has to be in a stack, and next to what.
    fn stack_order(&mut self) {
        let elements = &self.found.elements;
        let is_channel = |idx: usize| matches!(elements[idx].kind, ElementKind::Channel);
        let place = self.found.stack_place.unwrap_or(self.dimensions.place);
        if !elements
            .iter()
            .any(|e| matches!(e.kind, ElementKind::Die { .. }))
        {
            let message = "the stack has no die, so nothing generates heat".to_owned();
            self.problem(place, message, "write die NAME DIE floorplan \"file\" ;");
        }
        let mut has_coolant = false;
        for idx in (0..elements.len()).filter(|idx| is_channel(*idx)) {
            let (name, place) = (&elements[idx].name.text, elements[idx].name.place);
            if self.found.channel.is_none() {
                let message = format!("channel `{name}` is nowhere described");
                self.problem(place, message, "write a section `microchannel` or `pinfin`");
            }
            has_coolant = true;
            if idx == 0 || idx + 1 == elements.len() {
                let message = format!("channel `{name}` is the outermost element of the stack");
                self.problem(place, message, "put a layer on its open side");
            } else if is_channel(idx - 1) {
                let message = format!("channel `{name}` lies directly on another channel");
                self.problem(place, message, "put a layer between them");
            }
        }
        if !has_coolant && self.found.top.is_none() && self.found.bottom.is_none() {
            let message = "the package floats: no heat sink and no channel takes heat away";
            let help = "write top heat sink : heat transfer coefficient h ; temperature t ;";
            self.problem(place, message.to_owned(), help);
        }
    }

    fn faces(&mut self) {
        let face = |sink: Option<Sink>| {
            let condition = sink.map_or(Condition::Adiabatic, |sink| Condition::Convection {
                coefficient: HeatTransferCoefficient::new(sink.coefficient * PER_UM2),
                ambient: celsius(sink.temperature_k),
            });
            Face::uniform(condition)
        };
        self.stack.top = face(self.found.top);
        self.stack.bottom = face(self.found.bottom);
        if self.found.bottom.is_none() {
            self.notes.push(
                "without a bottom heat sink 3D-ICE takes the temperature of the lowest layer at its outer face; here it is that of its middle".to_owned(),
            );
        } else if self.dimensions.is_non_uniform {
            self.notes.push(
                "with a non-uniform grid 3D-ICE leaves out the coefficient of the bottom heat sink, and its temperatures are wrong by thousands of kelvin; here it counts".to_owned(),
            );
        }
    }

    /// One grid for all layers.
    fn grid(&mut self) -> Option<Grid> {
        let dimensions = self.dimensions;
        let mut edges = Edges::new(&dimensions);
        if self.cut(&mut edges).is_err() {
            let message = "the chip is cut into more than 262144 cells along one axis";
            let help = "write larger cells or a smaller discretization";
            self.problem(dimensions.place, message.to_owned(), help);
            return None;
        }
        let edges = edges.finish();
        let mut off_grid: Vec<&str> = Vec::new();
        for (layer, rect) in &self.outlines {
            if !off_grid.contains(&layer.as_str()) && !is_on_edges(rect, &edges) {
                off_grid.push(layer);
            }
        }
        for layer in off_grid {
            self.notes.push(format!(
                "materials of layer {layer} do not follow the grid: cells that they share are mixtures by area, and 3D-ICE takes the one at the centre of the cell"
            ));
        }
        let [x_m, y_m] = edges.map(|edges| edges.into_iter().map(|um| um * UM).collect());
        match Grid::from_edges(&self.stack, x_m, y_m) {
            Ok(grid) => Some(grid),
            Err(error) => {
                let help = "write larger cells or a smaller discretization";
                self.problem(dimensions.place, error.to_string(), help);
                None
            }
        }
    }

    fn cut(&mut self, edges: &mut Edges) -> Result<(), TooMany> {
        let dimensions = self.dimensions;
        let channel = self.found.channel.as_ref();
        let mut is_odd = edges.cut_axis(1, dimensions.cell_width)?;
        let mut has_columns = false;
        if let Some(channel) = channel {
            has_columns = edges.cut_channels(&channel.kind)?;
        }
        if !has_columns {
            is_odd |= edges.cut_axis(0, dimensions.cell_length)?;
        }
        if is_odd {
            self.notes.push(
                "the chip is no whole number of cells: the last ones are smaller, and 3D-ICE leaves that part of the chip out".to_owned(),
            );
        }
        if !dimensions.is_non_uniform {
            return Ok(());
        }
        // Channels need their columns and rows in all layers.
        let mut elements = self.found.elements.iter();
        let has_channel = elements.any(|e| matches!(e.kind, ElementKind::Channel));
        let mut refined = Edges::new(&dimensions);
        if has_channel {
            std::mem::swap(&mut refined, edges);
        }
        let of_chip = [
            count((dimensions.length / dimensions.cell_length).max(1.0)),
            count((dimensions.width / dimensions.cell_width).max(1.0)),
        ];
        let whole = refined.whole();
        for element in &self.found.elements {
            let cells = element.cells.unwrap_or(of_chip);
            match &element.kind {
                ElementKind::Die { floorplan, .. } => {
                    let plan = self.floorplans.get(&floorplan.text);
                    for part in plan.iter().flat_map(|plan| &plan.elements) {
                        for (rect, _) in &part.area {
                            refined.cut(rect, part.cells.unwrap_or(cells))?;
                        }
                    }
                }
                ElementKind::Layer { .. } => refined.cut(&whole, cells)?,
                ElementKind::Channel => {}
            }
        }
        *edges = refined;
        self.notes.push(
            "3D-ICE gives each layer and element cells of its own; here one grid has the edges of all".to_owned(),
        );
        Ok(())
    }

    fn analysis(&mut self, solver: Solver) -> (Analysis, usize) {
        let counts = self.heated.iter().filter_map(|h| h.powers_w.as_ref());
        let n_slots = counts.clone().map(Vec::len).min().unwrap_or(0);
        let longest = counts.map(Vec::len).max().unwrap_or(0);
        let without: Vec<_> = self
            .heated
            .iter()
            .filter(|h| h.powers_w.is_none())
            .collect();
        if let Some(first) = without.first() {
            let (n, name) = (without.len(), &first.name);
            self.notes.push(format!(
                "{n} elements of floorplans, the first of which is {name}, have no power values and generate nothing; 3D-ICE would ask a client for them"
            ));
        }
        let powers_of = |slot: usize| -> Vec<Watts> {
            let of = |share: &Option<(usize, f64)>| {
                let (element, share) = (*share)?;
                let power = self.heated[element].powers_w.as_ref()?.get(slot)?;
                Some(share * power)
            };
            let shares = self.shares.iter();
            shares
                .map(|share| Watts::new(of(share).unwrap_or(0.0)))
                .collect()
        };
        let at_start = powers_of(0);
        let intervals: Vec<Vec<Watts>> = (0..n_slots).map(powers_of).collect();
        let blocks = self.stack.layers.iter_mut().flat_map(|l| &mut l.blocks);
        for (block, power) in blocks.zip(at_start) {
            block.power = power;
        }
        let Some([step, slot]) = solver.transient else {
            if longest > 1 {
                self.notes.push(
                    "the state at rest is that of the first value of each list of powers"
                        .to_owned(),
                );
            }
            return (Analysis::Steady, 1);
        };
        if longest > n_slots {
            self.notes.push(format!(
                "the lists of powers have {n_slots} to {longest} values; the run ends with the shortest"
            ));
        }
        let exact = slot / step;
        if exact > 1e9 {
            let message = format!("a slot of {slot} s has more than 1e9 steps of {step} s");
            self.problem(solver.place, message, "write a longer step");
            return (Analysis::Steady, 1);
        }
        let steps = (exact + 1e-6).floor().max(1.0);
        if (exact - steps).abs() > 1e-6 {
            self.notes.push(format!(
                "a slot of {slot} s is no whole number of steps of {step} s; it has {steps} of them"
            ));
        }
        let duration = Seconds::new(steps * step);
        let intervals = intervals
            .into_iter()
            .map(|powers| Interval { duration, powers })
            .collect();
        let analysis = Analysis::Transient {
            initial: celsius(solver.initial_k),
            step: Seconds::new(step),
            intervals,
        };
        (analysis, count(steps))
    }

    fn outputs(&mut self) -> Vec<Output> {
        let mut outputs = Vec::new();
        for entry in &self.found.outputs {
            let request = match &entry.kind {
                OutputKind::Cell { instance, x, y } => {
                    self.instance(instance).map(|instance| Request::Cell {
                        instance,
                        x: Meters::new(x * UM),
                        y: Meters::new(y * UM),
                    })
                }
                OutputKind::Floorplan(of, quantity) => {
                    self.plan_of(of).map(|(instance, _)| Request::Floorplan {
                        instance,
                        quantity: *quantity,
                    })
                }
                OutputKind::FloorplanElement(of, element, quantity) => self
                    .element(of, element)
                    .map(|(instance, element)| Request::Element {
                        instance,
                        element,
                        quantity: *quantity,
                    }),
                OutputKind::TemperatureMap(of) => self
                    .instance(of)
                    .map(|instance| Request::TemperatureMap { instance }),
                OutputKind::PowerMap(of) => self
                    .instance(of)
                    .map(|instance| Request::PowerMap { instance }),
                OutputKind::Coolant(of, quantity) => {
                    let is_channel = |instance: &usize| {
                        matches!(self.found.elements[*instance].kind, ElementKind::Channel)
                    };
                    let found = self.instance(of);
                    if found.is_some() && !found.as_ref().is_some_and(is_channel) {
                        let message = format!("`{}` is no channel", of.text);
                        self.problem(of.place, message, "Tcoolant needs a channel of the stack");
                    }
                    found.map(|instance| Request::Coolant {
                        instance,
                        quantity: *quantity,
                    })
                }
                OutputKind::Volume => Some(Request::Volume),
            };
            if let Some(request) = request {
                outputs.push(Output {
                    file_name: entry.file_name.clone(),
                    request,
                    when: entry.when,
                });
            }
        }
        outputs
    }

    fn instance(&mut self, name: &Named) -> Option<usize> {
        let elements = &self.found.elements;
        let found = elements.iter().position(|e| e.name.text == name.text);
        if found.is_none() {
            let known: Vec<_> = elements.iter().map(|e| e.name.text.as_str()).collect();
            self.unknown(self.file, name, "element of the stack", &known);
        }
        found
    }

    /// A die of the stack with its floorplan, if that could be read.
    fn plan_of(&mut self, name: &Named) -> Option<(usize, Option<&Floorplan>)> {
        let instance = self.instance(name)?;
        if let ElementKind::Die { floorplan, .. } = &self.found.elements[instance].kind {
            return Some((instance, self.floorplans.get(&floorplan.text)));
        }
        let message = format!("`{}` is no die, and has no floorplan", name.text);
        self.problem(name.place, message, "name a die of the stack");
        None
    }

    fn element(&mut self, of: &Named, name: &Named) -> Option<(usize, usize)> {
        let (instance, plan) = self.plan_of(of)?;
        // A floorplan that could not be read has its own problems.
        let elements = &plan?.elements;
        let found = elements.iter().position(|e| e.name.text == name.text);
        if found.is_none() {
            let known: Vec<_> = elements.iter().map(|e| e.name.text.clone()).collect();
            let known: Vec<_> = known.iter().map(String::as_str).collect();
            let what = format!("element of the floorplan of {}", of.text);
            self.unknown(self.file, name, &what, &known);
        }
        Some((instance, found?))
    }

    /// Reads a floorplan once.
    pub(super) fn floorplan(&mut self, name: &Named, load: Load<'_>) {
        if self.floorplans.contains_key(&name.text) {
            return;
        }
        if let Some(text) = self.text(name, "floorplan", load) {
            let (plan, problems) = plans::floorplan(&name.text, &text);
            let is_sound = problems.is_empty();
            self.problems.extend(problems);
            if is_sound {
                self.check_floorplan(&name.text, &plan);
            }
            self.floorplans.insert(name.text.clone(), plan);
        }
    }

    /// The text of a file.
    pub(super) fn text(&mut self, name: &Named, what: &str, load: Load<'_>) -> Option<String> {
        match load(&name.text) {
            Ok(text) => Some(text),
            Err(reason) => {
                let message = format!("the {what} {:?} cannot be read: {reason}", name.text);
                let help = "names count from the folder of the .stk file";
                self.problem(name.place, message, help);
                None
            }
        }
    }
}

fn celsius(kelvin: f64) -> Celsius {
    Kelvin::new(kelvin).into()
}

/// Makes an instance known to outputs.
pub(super) fn instance(name: &Named, layer: usize) -> Instance {
    Instance {
        name: name.text.clone(),
        layer,
        elements: Vec::new(),
    }
}
