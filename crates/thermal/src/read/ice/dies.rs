//! Layers and blocks of the stack: dies with their floorplans, layers with their layouts.

use units::{Meters, Watts};

use super::build::{Builder, Heated, Load, Parts, UM, instance};
use super::cursor::Named;
use super::lex::Place;
use super::pieces::{area, overlaps, shared, without};
use super::plans;
use super::syntax::{
    DieEntry, DieLayer, Element, ElementKind, Floorplan, FloorplanElement, LayerEntry, RectUm,
};
use super::{Instance, InstanceElement};
use crate::read::ReadError;
use crate::stack::{Block, Layer, MaterialId, Rect};

/// Overlaps of one file that are reported.
const MAX_OVERLAPS: usize = 20;

/// Share of the extent of the chip that rounding may move an edge by.
const ROUNDING: f64 = 1e-9;

impl Builder<'_> {
    /// Lengths that are nothing, in micrometres.
    fn least(&self) -> f64 {
        ROUNDING * self.dimensions.length.max(self.dimensions.width)
    }

    /// Reads floorplans and layouts.
    pub(super) fn files(&mut self, load: Load<'_>) {
        let found = self.found;
        for entry in &found.layers {
            if let Some(name) = &entry.layout {
                self.layout(entry, name, load);
            }
        }
        for element in &found.elements {
            if let ElementKind::Die { floorplan, .. } = &element.kind {
                self.floorplan(floorplan, load);
            }
        }
    }

    fn layout(&mut self, entry: &LayerEntry, name: &Named, load: Load<'_>) {
        let Some(text) = self.text(name, "layout", load) else {
            return;
        };
        let (layout, problems) = plans::layout(&name.text, &text);
        if !problems.is_empty() {
            self.problems.extend(problems);
            return;
        }
        let file = &name.text;
        self.unique(file, "material", layout.materials.iter().map(|m| &m.name));
        let mut parts: Parts = Vec::new();
        let mut rects = Vec::new();
        for (material, area) in &layout.parts {
            // A material of the layout hides one of the stack.
            let mut of_layout = layout.materials.iter();
            let own = of_layout.find(|m| m.name.text == material.text);
            let id = match own {
                Some(own) => {
                    let mut solid = Self::solid(own);
                    solid.name = format!("{}.{}", entry.name.text, solid.name);
                    Some(self.stack.material(solid))
                }
                None => self.materials.get(&material.text).copied(),
            };
            let Some(id) = id else {
                let of_stack = self.materials.keys().cloned().collect::<Vec<_>>();
                let known: Vec<_> = of_stack.iter().map(String::as_str).collect();
                self.unknown(file, material, "material", &known);
                continue;
            };
            rects.extend(area.iter().map(|rect| (material.text.as_str(), *rect)));
            let area = area.iter().map(|(rect, _)| *rect);
            match parts.iter_mut().find(|(name, ..)| *name == material.text) {
                Some((_, _, of)) => of.extend(area),
                None => parts.push((material.text.clone(), id, area.collect())),
            }
        }
        self.check_rects(file, &rects);
        if self.dimensions.is_non_uniform {
            self.notes.push(format!(
                "with a non-uniform grid 3D-ICE leaves out the layout of layer {}; here it counts",
                entry.name.text
            ));
        }
        self.layouts.insert(entry.name.text.clone(), parts);
    }

    /// Names, areas and materials of a floorplan.
    pub(super) fn check_floorplan(&mut self, file: &str, plan: &Floorplan) {
        let names = plan.elements.iter().map(|element| &element.name);
        self.unique(file, "element", names);
        let rects: Vec<_> = plan
            .elements
            .iter()
            .flat_map(|e| e.area.iter().map(|rect| (e.name.text.as_str(), *rect)))
            .collect();
        self.check_rects(file, &rects);
        let of_stack = self.materials.keys().cloned().collect::<Vec<_>>();
        let known: Vec<_> = of_stack.iter().map(String::as_str).collect();
        let (mut has_material, mut has_cells) = (false, false);
        for element in &plan.elements {
            has_cells |= element.cells.is_some();
            if let Some(material) = &element.material {
                has_material = true;
                if !known.contains(&material.text.as_str()) {
                    self.unknown(file, material, "material", &known);
                }
            }
        }
        if !self.dimensions.is_non_uniform && has_material {
            self.notes.push(format!(
                "without a non-uniform grid 3D-ICE leaves out the materials of the elements in {file}; here they count"
            ));
        }
        if !self.dimensions.is_non_uniform && has_cells {
            self.notes.push(format!(
                "discretizations in {file} count with `non-uniform true` only, as in 3D-ICE"
            ));
        }
    }

    /// Rectangles of one file: inside the chip and apart.
    fn check_rects(&mut self, file: &str, rects: &[(&str, (RectUm, Place))]) {
        let least = self.least();
        let (length, width) = (self.dimensions.length, self.dimensions.width);
        for (name, (rect, place)) in rects {
            let (x1, y1) = (rect.x + rect.dx, rect.y + rect.dy);
            if x1 > length + least || y1 > width + least {
                let message = format!(
                    "{name} reaches to ({x1}, {y1}) um, beyond the chip of {length} x {width} um"
                );
                let error = ReadError::new(file, place.line, message).at(place.column);
                let help = "make it smaller or the chip of the section `dimensions` larger";
                self.problems.push(error.help(help));
            }
        }
        let only: Vec<_> = rects.iter().map(|(_, (rect, _))| *rect).collect();
        for (first, second) in overlaps(&only, least, MAX_OVERLAPS) {
            let ((a, (_, line)), (b, (_, place))) = (&rects[first], &rects[second]);
            let by = shared(&only[first], &only[second], least)
                .map_or(0.0, |rect| rect.dx * rect.dy * UM * UM * 1e6);
            let message = format!("{b} overlaps {a} of line {} by {by} mm2", line.line);
            let error = ReadError::new(file, place.line, message).at(place.column);
            self.problems
                .push(error.help("areas of one layer have to lie side by side"));
        }
    }

    /// Layers and blocks of all elements, and where outputs find them; from the top to the bottom,
    /// as the file has them.
    pub(super) fn instances(&mut self) -> Vec<Instance> {
        let found = self.found;
        let mut instances: Vec<Instance> = found
            .elements
            .iter()
            .rev()
            .filter_map(|element| self.element_layers(element))
            .collect();
        instances.reverse();
        instances
    }

    fn element_layers(&mut self, element: &Element) -> Option<Instance> {
        let name = &element.name;
        match &element.kind {
            ElementKind::Layer { layer } => {
                let entry = self.layer_entry(layer)?.clone();
                self.push_layer(name.text.clone(), entry.height, &entry.material);
                self.lay_out(&entry.name.text, &[]);
                Some(instance(name, self.stack.layers.len() - 1))
            }
            ElementKind::Die { die, floorplan } => {
                let die = self.die_entry(die)?.clone();
                let plan = self.floorplans.get(&floorplan.text)?.clone();
                self.die_layers(name, &die, &plan)
            }
            ElementKind::Channel => self.cavity(name),
        }
    }

    /// A layer of the stack, without blocks.
    pub(super) fn push_layer(&mut self, name: String, height_um: f64, material: &Named) {
        if let Some(id) = self.materials.get(&material.text) {
            let layer = Layer::new(name, Meters::new(height_um * UM), *id);
            self.stack.layers.push(layer);
        }
    }

    fn die_layers(&mut self, name: &Named, die: &DieEntry, plan: &Floorplan) -> Option<Instance> {
        let mut shown = instance(name, 0);
        for (idx, layer) in die.layers.iter().enumerate().rev() {
            let is_source = idx == die.source;
            let of_layer = if is_source {
                format!("{}.source", name.text)
            } else {
                format!("{}.layer{}", name.text, idx + 1)
            };
            let laid_out = match layer {
                DieLayer::Plain { height, material } => {
                    self.push_layer(of_layer, *height, material);
                    None
                }
                DieLayer::Named(layer) => {
                    let entry = self.layer_entry(layer)?.clone();
                    self.push_layer(of_layer, entry.height, &entry.material);
                    Some(entry.name.text)
                }
            };
            let layout = laid_out.unwrap_or_default();
            if is_source {
                shown.layer = self.stack.layers.len() - 1;
                for element in &plan.elements {
                    shown
                        .elements
                        .push(self.place_element(name, element, &layout));
                }
                let heated: Vec<_> = plan.elements.iter().flat_map(|e| &e.area).collect();
                let heated: Vec<_> = heated.into_iter().map(|(rect, _)| *rect).collect();
                self.lay_out(&layout, &heated);
            } else {
                self.lay_out(&layout, &[]);
            }
        }
        Some(shown)
    }

    /// Blocks of the topmost layer for an element of a floorplan: one for each material under it.
    fn place_element(
        &mut self,
        of: &Named,
        element: &FloorplanElement,
        layout: &str,
    ) -> InstanceElement {
        let least = self.least();
        let rects: Vec<RectUm> = element.area.iter().map(|(rect, _)| *rect).collect();
        let whole = area(&rects);
        let name = format!("{}.{}", of.text, element.name.text);
        let own = element.material.as_ref();
        let own = own.and_then(|material| self.materials.get(&material.text).copied());
        let mut pieces: Vec<(String, Option<MaterialId>, Vec<RectUm>)> = Vec::new();
        let mut rest = rects.clone();
        if own.is_some() {
            pieces.push((name.clone(), own, std::mem::take(&mut rest)));
        } else {
            for (material, id, parts) in self.layouts.get(layout).into_iter().flatten() {
                let on = |part| {
                    rects
                        .iter()
                        .filter_map(move |rect| shared(rect, part, least))
                };
                let on: Vec<_> = parts.iter().flat_map(on).collect();
                for part in &on {
                    rest = without(rest, part, least);
                }
                if !on.is_empty() {
                    pieces.push((format!("{name}/{material}"), Some(*id), on));
                }
            }
            if !rest.is_empty() {
                pieces.push((name.clone(), None, rest));
            }
        }
        if let [(only, ..)] = pieces.as_mut_slice() {
            only.clone_from(&name);
        }
        let heated = self.heated.len();
        self.heated.push(Heated {
            name,
            powers_w: element.powers_w.clone(),
        });
        let mut blocks = Vec::new();
        for (name, material, rects) in pieces {
            let share = area(&rects) / whole;
            blocks.push((self.shares.len(), share));
            self.outline(&rects, material);
            self.push_block(name, &rects, material, Some((heated, share)));
        }
        InstanceElement {
            name: element.name.text.clone(),
            blocks,
        }
    }

    /// Blocks without power for the parts of a layout that no element of a floorplan covers.
    fn lay_out(&mut self, layout: &str, heated: &[RectUm]) {
        let least = self.least();
        let Some(parts) = self.layouts.get(layout).cloned() else {
            return;
        };
        let of = self.stack.layers.last().map(|layer| layer.name.clone());
        for (material, id, mut rects) in parts {
            for hole in heated {
                rects = without(rects, hole, least);
            }
            if !rects.is_empty() {
                let name = format!("{}/{material}", of.clone().unwrap_or_default());
                self.outline(&rects, Some(id));
                self.push_block(name, &rects, Some(id), None);
            }
        }
    }

    /// Remembers rectangles of another material than that of their layer.
    fn outline(&mut self, rects: &[RectUm], material: Option<MaterialId>) {
        if let (Some(layer), Some(_)) = (self.stack.layers.last(), material) {
            let name = layer.name.clone();
            self.outlines
                .extend(rects.iter().map(|rect| (name.clone(), *rect)));
        }
    }

    fn push_block(
        &mut self,
        name: String,
        rects: &[RectUm],
        material: Option<MaterialId>,
        share: Option<(usize, f64)>,
    ) {
        let meters = |um: f64| Meters::new(um * UM);
        let rect = |r: &RectUm| Rect::new(meters(r.x), meters(r.y), meters(r.dx), meters(r.dy));
        if let Some(layer) = self.stack.layers.last_mut() {
            layer.blocks.push(Block {
                name,
                area: rects.iter().map(rect).collect(),
                material,
                power: Watts::new(0.0),
            });
            self.shares.push(share);
        }
    }
}
