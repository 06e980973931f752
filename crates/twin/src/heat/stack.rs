//! From the description of a package to its layers.

use system::Cooling;
use system::parts::{Interface, PackageStack, Solid};
use thermal::{
    Block, Condition, Conductivity, Face, Layer, Material, MaterialId, Patch, Rect, Stack,
};
use units::{
    Celsius, HeatTransferCoefficient, Kelvin, Meters, Sourced, ThermalConductivity, Watts,
};

use super::HeatFault;
use super::cooler::{areal_resistance, flows};
use super::layout::{Layout, Seat};

/// Share of a length below which two heights are one.
const SAME_HEIGHT: f64 = 1e-9;

/// What a block of the stack is to the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SourceOf {
    /// Everything but the SerDes of a die, by its place in the package.
    Core(usize),
    /// The SerDes of a die.
    Serdes(usize),
    /// The photonic die of an engine, by its seat.
    Photonic(usize),
    /// Its electronic die.
    Electronic(usize),
}

/// Temperatures outside of a package.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outside {
    /// Mean of the fluid over the dies.
    pub(super) dies: Celsius,
    /// Mean of the fluid over the engines, where it is another one.
    pub(super) engines: Celsius,
    /// Air under the board.
    pub(super) board: Celsius,
}

impl Outside {
    /// For a stack that stands for resistances only.
    pub(super) const NOTHING: Self = Self {
        dies: Celsius::new(0.0),
        engines: Celsius::new(0.0),
        board: Celsius::new(0.0),
    };

    /// From temperatures in the order of the sinks of a package: dies, engines where they have a
    /// fluid of their own, board.
    pub(super) fn of(celsius: &[f64]) -> Self {
        let at = |sink: usize| Celsius::new(celsius.get(sink).copied().unwrap_or_default());
        let last = celsius.len().saturating_sub(1);
        Self {
            dies: at(0),
            engines: at(1.min(last)),
            board: at(last),
        }
    }
}

/// The coolers of a package: that of its dies, and that of its engines where it is another one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Coolers<'a> {
    /// Of the dies.
    pub(super) dies: &'a Cooling,
    /// Of the engines; none where they share that of the dies.
    pub(super) engines: Option<&'a Cooling>,
}

/// A slab of the package: what it is made of in the columns of dies and engines, and elsewhere.
struct Slab {
    bottom: f64,
    top: f64,
}

/// One step of a column: from the step below up to `top`.
struct Step {
    top: f64,
    made_of: MaterialId,
    source: Option<SourceOf>,
    area: Rect,
}

/// Builds the layers of a package whose blocks without power stand for materials only; gives what
/// every block is, in the order of the blocks.
pub(super) fn build(
    package: &PackageStack,
    layout: &Layout,
    coolers: &Coolers<'_>,
    outside: &Outside,
) -> Result<(Stack, Vec<Option<SourceOf>>), HeatFault> {
    let mut builder = Builder {
        package,
        layout,
        stack: Stack::new(layout.outline.width, layout.outline.height),
        sources: Vec::new(),
        n_blocks: 0,
    };
    builder.carrier();
    builder.dies_and_engines(coolers)?;
    builder.lid_and_plates(coolers)?;
    builder.faces(coolers, outside)?;
    Ok((builder.stack, builder.sources))
}

struct Builder<'a> {
    package: &'a PackageStack,
    layout: &'a Layout,
    stack: Stack,
    sources: Vec<Option<SourceOf>>,
    n_blocks: usize,
}

/// Base of the plate over a package with its thickness.
fn plate_base<'a>(coolers: &Coolers<'a>) -> Result<(&'a Solid, f64), HeatFault> {
    let cooler = &coolers.dies.cooler;
    match (&cooler.base, &cooler.base_thickness) {
        (Some(base), Some(thickness)) => Ok((base, thickness.value.value())),
        _ => Err(HeatFault::Missing {
            what: "base and base_thickness",
            of: "the cooler of the package".to_owned(),
        }),
    }
}

fn material_of(name: &str, solid: &Solid) -> Material {
    let through = solid.conductivity.value;
    let in_plane = solid.in_plane.as_ref().map_or(through, |k| k.value);
    Material {
        name: name.to_owned(),
        conductivity: Conductivity {
            x: in_plane,
            y: in_plane,
            z: through,
            reference: Kelvin::new(300.0),
            exponent: solid.exponent.as_ref().map_or(0.0, |n| n.value.value()),
        },
        heat_capacity: solid.heat_capacity.value,
    }
}

impl Builder<'_> {
    fn solid(&mut self, name: &str, solid: &Solid) -> MaterialId {
        self.stack.material(material_of(name, solid))
    }

    fn layer(&mut self, name: &str, thickness: f64, material: MaterialId) {
        let layer = Layer::new(name, Meters::new(thickness), material);
        self.stack.layers.push(layer);
    }

    /// Adds a block to the uppermost layer.
    fn block(&mut self, area: Vec<Rect>, made_of: MaterialId, source: Option<SourceOf>) {
        let material = &self.stack.materials[made_of.index()].name;
        let name = format!("{material} {}", self.n_blocks);
        self.n_blocks += 1;
        let layer = self
            .stack
            .layers
            .last_mut()
            .expect("a layer was added before");
        layer.blocks.push(Block {
            name,
            area,
            material: Some(made_of),
            power: Watts::new(0.0),
        });
        self.sources.push(source);
    }

    /// Board, substrate, joints and interposer.
    fn carrier(&mut self) {
        let package = self.package;
        if let (Some(board), Some(thickness)) = (&package.board, &package.board_thickness) {
            let board = self.solid("board", board);
            self.layer("board", thickness.value.value(), board);
        }
        let substrate = self.solid("substrate", &package.substrate);
        self.layer(
            "substrate",
            package.substrate_thickness.value.value(),
            substrate,
        );
        let fill = self.solid("fill", &package.fill);
        let joint = self.solid("joint", &package.joint);
        let joint_thickness = package.joint_thickness.value.value();
        let parts: Vec<Rect> = self.parts().collect();
        if let (Some(interposer), Some(thickness)) =
            (&package.interposer, &package.interposer_thickness)
        {
            let interposer = self.solid("interposer", interposer);
            let under = vec![bounding(&parts)];
            self.layer("joint of the interposer", joint_thickness, fill);
            self.block(under.clone(), joint, None);
            self.layer("interposer", thickness.value.value(), fill);
            self.block(under, interposer, None);
        }
        self.layer("joint", joint_thickness, fill);
        for part in parts {
            self.block(vec![part], joint, None);
        }
    }

    /// Outlines of dies and engines.
    fn parts(&self) -> impl Iterator<Item = Rect> + use<'_> {
        let dies = self.layout.dies.iter().copied();
        dies.chain(self.layout.seats.iter().map(|seat| seat.outline))
    }

    /// How much the bond line under a part is thicker than in the middle of the package: the bow
    /// of the package grows with the square of the distance from its centre.
    fn bow(&self, part: &Rect) -> f64 {
        let Some(bow) = &self.package.warpage else {
            return 0.0;
        };
        bow.value.value() * self.layout.centre_distance_m2(part) / self.layout.corner_m2()
    }

    /// An interface as a solid of its nominal thickness: its contact resistance and the thickness
    /// that the bow adds lower its conductivity, `k = t / ((t + bow) / k0 + R_c)`.
    fn interface(&mut self, name: &str, interface: &Interface, bow: f64) -> MaterialId {
        let (t, k) = (
            interface.bond_line.value.value(),
            interface.conductivity.value.value(),
        );
        let contact = interface.contact_resistance.as_ref();
        let contact = contact.map_or(0.0, |resistance| resistance.value.value());
        let effective = t / ((t + bow) / k + contact);
        self.stack.material(Material::isotropic(
            name,
            ThermalConductivity::new(effective),
            interface.heat_capacity.value,
        ))
    }

    /// Dies and engines with their interfaces up to the lower face of the lid. The lid, or the
    /// plate where there is none, reaches down to the shorter columns.
    fn dies_and_engines(&mut self, coolers: &Coolers<'_>) -> Result<(), HeatFault> {
        let package = self.package;
        let die = self.solid("die", &package.die);
        let base = self.solid("engine base", &package.engine_base);
        let mut columns: Vec<Vec<Step>> = Vec::new();
        let (active, whole) = (
            package.active_thickness.value.value(),
            package.die_thickness.value.value(),
        );
        let depth = package.serdes_depth.value.value();
        for place in 0..self.layout.dies.len() {
            let area = self.layout.dies[place];
            let bow = self.bow(&area);
            let tim = self.interface(&format!("interface of die {place}"), &package.tim1, bow);
            let bond_line = package.tim1.bond_line.value.value();
            let mut steps = Vec::new();
            let (core, strips) = core_and_strips(&area, depth);
            steps.push(Step {
                top: active,
                made_of: die,
                source: Some(SourceOf::Core(place)),
                area: core,
            });
            for strip in strips {
                steps.push(Step {
                    top: active,
                    made_of: die,
                    source: Some(SourceOf::Serdes(place)),
                    area: strip,
                });
            }
            for (top, made_of) in [(whole, die), (whole + bond_line, tim)] {
                steps.push(Step {
                    top,
                    made_of,
                    source: None,
                    area,
                });
            }
            columns.push(steps);
        }
        for idx in 0..self.layout.seats.len() {
            let seat = self.layout.seats[idx].clone();
            let bow = self.bow(&seat.outline);
            let tim = self.interface(
                &format!("interface of engine {idx}"),
                &package.engine_tim,
                bow,
            );
            columns.push(self.engine_column(idx, &seat, base, die, tim));
        }
        let cover = self.cover(coolers)?;
        self.slabs(&columns, cover);
        Ok(())
    }

    fn engine_column(
        &self,
        idx: usize,
        seat: &Seat,
        base: MaterialId,
        die: MaterialId,
        tim: MaterialId,
    ) -> Vec<Step> {
        let package = self.package;
        let base_top = package.engine_base_thickness.value.value();
        let photonic = package.photonic_die_thickness.value.value();
        let electronic = package.electronic_die_thickness.value.value();
        let bond_line = package.engine_tim.bond_line.value.value();
        let step = |top, made_of, source, area| Step {
            top,
            made_of,
            source,
            area,
        };
        let mut steps = vec![step(base_top, base, None, seat.outline)];
        let top = if seat.is_stacked {
            let top = base_top + photonic + electronic;
            steps.push(step(
                base_top + photonic,
                die,
                Some(SourceOf::Photonic(idx)),
                seat.photonic,
            ));
            steps.push(step(
                top,
                die,
                Some(SourceOf::Electronic(idx)),
                seat.electronic,
            ));
            top
        } else {
            // Side by side the two are ground to one height.
            let top = base_top + photonic.max(electronic);
            steps.push(step(top, die, Some(SourceOf::Photonic(idx)), seat.photonic));
            steps.push(step(
                top,
                die,
                Some(SourceOf::Electronic(idx)),
                seat.electronic,
            ));
            top
        };
        steps.push(step(top + bond_line, tim, None, seat.outline));
        steps
    }

    /// Cuts the columns at all their heights into layers.
    fn slabs(&mut self, columns: &[Vec<Step>], cover: MaterialId) {
        let mut heights: Vec<f64> = columns.iter().flatten().map(|step| step.top).collect();
        heights.sort_by(f64::total_cmp);
        let highest = heights.last().copied().unwrap_or(0.0);
        heights.dedup_by(|a, b| (*a - *b).abs() < SAME_HEIGHT * highest);
        let fill = self.solid("fill", &self.package.fill);
        let mut bottom = 0.0;
        for (level, top) in heights.iter().enumerate() {
            let slab = Slab { bottom, top: *top };
            bottom = *top;
            self.layer(&format!("dies {level}"), slab.top - slab.bottom, fill);
            for column in columns {
                self.fill_slab(column, &slab, cover);
            }
        }
    }

    /// The blocks of one column in a slab.
    fn fill_slab(&mut self, column: &[Step], slab: &Slab, cover: MaterialId) {
        let middle = f64::midpoint(slab.bottom, slab.top);
        // Heat arises at the lower face of a die: in the lowest slab of its step.
        let is_lowest = |top: f64| {
            let below = column.iter().map(|step| step.top);
            let below = below.filter(|t| *t < top).fold(0.0, f64::max);
            (slab.bottom - below).abs() <= SAME_HEIGHT * top
        };
        let Some(top) = column.iter().map(|step| step.top).find(|top| *top > middle) else {
            // Above the column the lid reaches down.
            if let Some(last) = column.last() {
                self.block(vec![last.area], cover, None);
            }
            return;
        };
        // Steps of one height lie side by side; those of one source are one block.
        let is_lowest = is_lowest(top);
        let mut done: Vec<Option<SourceOf>> = Vec::new();
        let of_height = || {
            column
                .iter()
                .filter(|step| step.top.total_cmp(&top).is_eq())
        };
        for step in of_height() {
            if step.source.is_some() && done.contains(&step.source) {
                continue;
            }
            done.push(step.source);
            let same = of_height().filter(|other| other.source == step.source);
            let area: Vec<Rect> = match step.source {
                Some(_) => same.map(|step| step.area).collect(),
                None => vec![step.area],
            };
            self.block(area, step.made_of, step.source.filter(|_| is_lowest));
        }
    }

    /// Solid of what lies above the dies: the lid, or the base of the plate where there is none.
    fn cover(&mut self, coolers: &Coolers<'_>) -> Result<MaterialId, HeatFault> {
        if let Some(lid) = &self.package.lid {
            return Ok(self.solid("lid", lid));
        }
        let (base, _) = plate_base(coolers)?;
        Ok(self.solid("plate", base))
    }

    fn lid_and_plates(&mut self, coolers: &Coolers<'_>) -> Result<(), HeatFault> {
        let package = self.package;
        let slit = coolers
            .engines
            .is_some()
            .then(|| slit(package, self.layout));
        if let (Some(lid), Some(thickness)) = (&package.lid, &package.lid_thickness) {
            let lid = self.solid("lid", lid);
            self.layer("lid", thickness.value.value(), lid);
            self.split(slit.as_ref());
            let bond_line = package.tim2.bond_line.value.value();
            let tim = self.interface("interface of the plate", &package.tim2, 0.0);
            self.layer("interface of the plate", bond_line, tim);
            self.split(slit.as_ref());
        }
        let (base, thickness) = plate_base(coolers)?;
        let base = self.solid("plate", base);
        self.layer("plate", thickness, base);
        self.split(slit.as_ref());
        Ok(())
    }

    /// Parts the uppermost layer by a slit of fill.
    fn split(&mut self, slit: Option<&(Rect, Vec<Rect>)>) {
        if let Some((_, frame)) = slit {
            let fill = material_of("fill", &self.package.fill);
            let fill = self.stack.material(fill);
            self.block(frame.clone(), fill, None);
        }
    }

    fn faces(&mut self, coolers: &Coolers<'_>, outside: &Outside) -> Result<(), HeatFault> {
        let package = self.package;
        let coefficient = package.board_coefficient.as_ref();
        if let Some(coefficient) = coefficient.filter(|h| h.value.value() > 0.0) {
            self.stack.bottom = Face::uniform(Condition::Convection {
                coefficient: coefficient.value,
                ambient: outside.board,
            });
        }
        let (of_dies, of_engines) = plate_areas(package, self.layout, coolers);
        let mut face = Face::uniform(Condition::Adiabatic);
        let of_dies = (of_dies, Some(coolers.dies), outside.dies);
        for (areas, cooling, fluid) in [of_dies, (of_engines, coolers.engines, outside.engines)] {
            let Some(cooling) = cooling else { continue };
            let whole: f64 = areas.iter().map(Rect::area_m2).sum();
            let condition = condition(cooling, whole, fluid)?;
            let patches = areas.into_iter().map(|area| Patch { area, condition });
            face.patches.extend(patches);
        }
        self.stack.top = face;
        Ok(())
    }
}

/// The slit between the plate of the dies and that of the engines: a frame round the dies in the
/// middle of the gap, a tenth of it wide. Gives what lies inside and the frame.
fn slit(package: &PackageStack, layout: &Layout) -> (Rect, Vec<Rect>) {
    let gap = package.engine_gap.value.value();
    let dies = bounding(&layout.dies);
    let (inner, outer) = (grown(&dies, 0.45 * gap), grown(&dies, 0.55 * gap));
    (inner, frame(&outer, &inner))
}

/// Where the plates take heat from the upper face: that of the dies, and that of the engines where
/// it is another one. A plate smaller than the package lies over its middle.
pub(super) fn plate_areas(
    package: &PackageStack,
    layout: &Layout,
    coolers: &Coolers<'_>,
) -> (Vec<Rect>, Vec<Rect>) {
    if coolers.engines.is_none() {
        return (vec![on_plate(coolers.dies, &layout.outline)], Vec::new());
    }
    let gap = package.engine_gap.value.value();
    let dies = bounding(&layout.dies);
    let outer = grown(&dies, 0.55 * gap);
    (
        vec![grown(&dies, 0.45 * gap)],
        frame(&layout.outline, &outer),
    )
}

/// What a plate does to the face under it: nothing where nothing flows.
fn condition(cooling: &Cooling, area_m2: f64, fluid: Celsius) -> Result<Condition, HeatFault> {
    if !flows(cooling) {
        return Ok(Condition::Adiabatic);
    }
    let resistance = areal_resistance(cooling, area_m2)?;
    Ok(Condition::Convection {
        coefficient: HeatTransferCoefficient::new(1.0 / resistance.value()),
        ambient: fluid,
    })
}

fn on_plate(cooling: &Cooling, outline: &Rect) -> Rect {
    let of = |stated: &Option<Sourced<Meters>>, whole: Meters| {
        stated
            .as_ref()
            .map_or(whole, |length| length.value.min(whole))
    };
    let width = of(&cooling.area_width, outline.width);
    let height = of(&cooling.area_height, outline.height);
    Rect::new(
        (outline.width - width) * 0.5,
        (outline.height - height) * 0.5,
        width,
        height,
    )
}

fn bounding(rects: &[Rect]) -> Rect {
    let fold = |of: fn(&Rect) -> Meters, pick: fn(Meters, Meters) -> Meters| {
        rects
            .iter()
            .map(of)
            .reduce(pick)
            .unwrap_or(Meters::new(0.0))
    };
    let x = fold(|r| r.x, Meters::min);
    let y = fold(|r| r.y, Meters::min);
    let right = fold(|r| r.x + r.width, Meters::max);
    let top = fold(|r| r.y + r.height, Meters::max);
    Rect::new(x, y, right - x, top - y)
}

fn grown(rect: &Rect, by: f64) -> Rect {
    let by = Meters::new(by);
    Rect::new(
        rect.x - by,
        rect.y - by,
        rect.width + by * 2.0,
        rect.height + by * 2.0,
    )
}

/// What lies in the outer rectangle but not in the inner one.
fn frame(outer: &Rect, inner: &Rect) -> Vec<Rect> {
    let (left, bottom) = (inner.x - outer.x, inner.y - outer.y);
    let right = outer.x + outer.width - inner.x - inner.width;
    let top = outer.y + outer.height - inner.y - inner.height;
    vec![
        Rect::new(outer.x, outer.y, outer.width, bottom),
        Rect::new(outer.x, inner.y + inner.height, outer.width, top),
        Rect::new(outer.x, inner.y, left, inner.height),
        Rect::new(inner.x + inner.width, inner.y, right, inner.height),
    ]
}

/// The middle of a die, and the strips along its edges that hold the SerDes.
fn core_and_strips(die: &Rect, depth: f64) -> (Rect, Vec<Rect>) {
    let depth = depth.min(0.49 * die.width.value().min(die.height.value()));
    let core = grown(die, -depth);
    (core, frame(die, &core))
}
