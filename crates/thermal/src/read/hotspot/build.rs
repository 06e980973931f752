//! From what the files say to a stack.

use units::{
    ArealThermalResistance, Celsius, HeatTransferCoefficient, Kelvin, Meters, Seconds,
    ThermalConductivity, VolumetricHeatCapacity, Watts,
};

use super::compat::{cell_m, compat, package_notes, physics_notes};
use super::floorplan::is_same_length;
use super::lines::Report;
use super::package::{Convection, Plate};
use super::{Fidelity, Input, mesh};
use crate::coolant::CellMap;
use crate::grid::Grid;
use crate::read::{Analysis, Case, Interval, ReadError, ReadErrors};
use crate::stack::{Block, Condition, Conductivity, Face, Layer, Material, Patch, Rect, Stack};

/// Conductivity in W/(m K) and heat capacity in J/(m3 K) of the still air round smaller plates.
///
/// # Source
/// Incropera et al., Fundamentals of Heat and Mass Transfer, table A.4, air at 300 K.
pub(super) const AIR: [f64; 2] = [0.026, 1.17e3];

/// Share of its conductivity that a layer without lateral heat flow keeps sideways: a network of
/// conductances needs one.
const NO_LATERAL: f64 = 1e-6;

/// The most cells on one side of a chip with a map of coolant.
const MOST_BEYOND: u32 = 512;

/// The most sheets into which spreader and sink are cut.
const MOST_SHEETS: f64 = 4.0;

/// A layer of less than the whole extent.
#[derive(Debug)]
pub(super) struct Slab {
    pub(super) name: String,
    /// Extent across and up, metres.
    pub(super) extent_m: [f64; 2],
    pub(super) thickness_m: f64,
    /// Conductivity across, up and through, W/(m K).
    pub(super) k: [f64; 3],
    pub(super) cv: f64,
    pub(super) tiles: Vec<Tile>,
    pub(super) sheets: usize,
    /// Resistance to the layer above, m2 K/W.
    pub(super) contact: Option<f64>,
    /// Where coolant flows over the chip.
    pub(super) map: Option<CellMap>,
}

/// A block of a slab, from the lower left corner of the chip.
#[derive(Debug)]
pub(super) struct Tile {
    pub(super) name: String,
    pub(super) x_m: [f64; 2],
    pub(super) y_m: [f64; 2],
    /// Conductivities and heat capacity of its own.
    pub(super) own: Option<([f64; 3], f64)>,
    /// Column of its power.
    pub(super) source: Option<usize>,
}

/// The stack, its grid and what to solve.
pub(super) fn case(input: &Input, file: &str, mut report: Report) -> Result<Case, ReadErrors> {
    let chip_m = [input.layers[0].plan.width_m, input.layers[0].plan.height_m];
    let mut slabs = slabs(input, chip_m, &mut report);
    name_tiles(&mut slabs);
    let widest = [0, 1].map(|axis| slabs.iter().map(|s| s.extent_m[axis]).fold(0.0, f64::max));
    let (extent_m, margin) = if slabs.iter().any(|slab| slab.map.is_some()) {
        whole_cells(input, chip_m, widest, file)?
    } else {
        (widest, None)
    };
    let mut faces = Faces::new(input, extent_m, &slabs);
    if input.fidelity == Fidelity::HotspotCompat {
        compat(input, chip_m, &mut slabs, &mut faces, &mut report);
    } else {
        physics_notes(input, chip_m, &mut report);
    }
    package_notes(input, &slabs, extent_m, &mut report);
    let (mut stack, order) = stack(&slabs, chip_m, extent_m, &faces);
    for (slab, layer) in slabs.iter().zip(&mut stack.layers) {
        if let (Some(map), Some(margin)) = (&slab.map, margin) {
            layer.cavity = Some(input.channels.cavity(map, margin));
        }
    }
    let edges = [0, 1].map(|axis| {
        let breaks: Vec<f64> = slabs.iter().map(|slab| slab.extent_m[axis]).collect();
        let n = input.grid[1 - axis];
        // A map of coolant has equal cells over the whole stack.
        if let Some(margin) = margin {
            let n = n + 2 * margin[axis];
            return mesh::edges(extent_m[axis], n, &[], extent_m[axis]);
        }
        mesh::edges(chip_m[axis], n, &breaks, extent_m[axis])
    });
    let [x_m, y_m] = edges;
    let grid = Grid::from_edges(&stack, x_m, y_m)
        .map_err(|error| ReadErrors(vec![ReadError::new(file, 0, error.to_string())]))?;
    let powers = |row: &[f64]| -> Vec<Watts> {
        let of = |column: &Option<usize>| column.map_or(0.0, |column| row[column]);
        order.iter().map(|column| Watts::new(of(column))).collect()
    };
    let analysis = match input.transient {
        None => Analysis::Steady,
        Some([start_k, interval_s]) => Analysis::Transient {
            initial: Kelvin::new(start_k).into(),
            step: Seconds::new(interval_s),
            intervals: input
                .trace
                .rows
                .iter()
                .map(|row| Interval {
                    duration: Seconds::new(interval_s),
                    powers: powers(row),
                })
                .collect(),
        },
    };
    let mean = powers(&input.trace.mean());
    let blocks = stack.layers.iter_mut().flat_map(|layer| &mut layer.blocks);
    for (block, power) in blocks.zip(mean) {
        block.power = power;
    }
    Ok(Case {
        stack,
        grid,
        analysis,
        notes: report.notes,
    })
}

/// The extent as a whole number of cells of the chip, and those beyond it on each side.
fn whole_cells(
    input: &Input,
    chip_m: [f64; 2],
    extent_m: [f64; 2],
    file: &str,
) -> Result<([f64; 2], Option<[usize; 2]>), ReadErrors> {
    let cell_m = cell_m(input, chip_m);
    let of_side = [0, 1].map(|axis| {
        let beyond = 0.5 * (extent_m[axis] - chip_m[axis]) / cell_m[axis];
        (beyond - 1e-6).ceil().max(0.0)
    });
    if of_side.iter().any(|n| *n > f64::from(MOST_BEYOND)) {
        let error = ReadError::new(
            file,
            0,
            format!(
                "a map of coolant needs equal cells everywhere: {} of them beside the chip; at most {MOST_BEYOND} are made",
                of_side[0].max(of_side[1])
            ),
        );
        return Err(error
            .help("make spreader and sink smaller, or the cells larger")
            .into());
    }
    let count = |n: f64| (0..MOST_BEYOND).take_while(|m| f64::from(*m) < n).count();
    let margin = of_side.map(count);
    let extent_m =
        [0, 1].map(|axis| (2.0 * margin[axis] as f64).mul_add(cell_m[axis], chip_m[axis]));
    Ok((extent_m, Some(margin)))
}

/// The layers from the bottom to the top.
fn slabs(input: &Input, chip_m: [f64; 2], report: &mut Report) -> Vec<Slab> {
    let package = &input.package;
    let mut slabs = Vec::new();
    let plate = |name: &str, plate: &Plate, extent_m: [f64; 2], c_j_per_k: f64| Slab {
        name: name.to_owned(),
        extent_m,
        thickness_m: plate.thickness_m,
        k: [plate.k; 3],
        cv: plate.cv + c_j_per_k / (extent_m[0] * extent_m[1] * plate.thickness_m),
        tiles: Vec::new(),
        sheets: 1,
        contact: None,
        map: None,
    };
    let square = |of: &Plate| {
        chip_m.map(|chip| {
            if is_same_length(chip, of.side_m) {
                chip
            } else {
                of.side_m
            }
        })
    };
    if let Some(path) = &package.secondary {
        let c = path.convection.c_j_per_k;
        slabs.push(plate("board", &path.board, square(&path.board), c));
        slabs.push(plate("solder", &path.solder, square(&path.solder), 0.0));
        slabs.push(plate(
            "substrate",
            &path.substrate,
            square(&path.substrate),
            0.0,
        ));
        // A layer file holds these two itself, as it holds the interface.
        if input.layers.iter().all(|layer| layer.at.line == 0) {
            slabs.push(plate("c4", &path.c4, chip_m, 0.0));
            slabs.push(plate("metal", &path.metal, chip_m, 0.0));
        }
    }
    let mut column = 0;
    for layer in &input.layers {
        slabs.push(of_layer(input, layer, chip_m, &mut column, report));
    }
    let is_compat = input.fidelity == Fidelity::HotspotCompat;
    // Thick plates are cut where heat spreads in them.
    let [across, up] = cell_m(input, chip_m);
    let cell_m = across.min(up);
    for (name, of, c) in [
        ("spreader", &package.spreader, 0.0),
        ("sink", &package.sink, package.convection.c_j_per_k),
    ] {
        let mut slab = plate(name, of, square(of), c);
        if !is_compat {
            let sheets = (of.thickness_m / (2.0 * cell_m)).clamp(1.0, MOST_SHEETS);
            slab.sheets = (1..4).take_while(|n| f64::from(*n) < sheets).count() + 1;
        }
        slabs.push(slab);
    }
    slabs
}

/// A layer of the chip; `column` is that of the power of its first block.
fn of_layer(
    input: &Input,
    layer: &super::layers::Layer,
    chip_m: [f64; 2],
    column: &mut usize,
    report: &mut Report,
) -> Slab {
    let is_compat = input.fidelity == Fidelity::HotspotCompat;
    // Blocks of their own material count for the tool only where they are asked for.
    let has_materials = layer.plan.has_materials() && (input.is_detailed || !is_compat);
    if layer.plan.has_materials() && !input.is_detailed {
        report.note(format!(
            "{}: the materials of its blocks are {}; HotSpot ignores them without -detailed_3D on",
            layer.plan.file,
            if is_compat { "ignored" } else { "used" }
        ));
    }
    let is_sideways = layer.has_lateral || (is_compat && input.is_detailed);
    if !layer.has_lateral {
        report.note(format!(
            "layer {}: {}; HotSpot blocks lateral heat flow only without -detailed_3D on",
            layer.number,
            if is_sideways {
                "heat flows sideways although the file says N"
            } else {
                "no heat flows sideways"
            }
        ));
    }
    let all = |k: f64| {
        let sideways = if is_sideways { k } else { k * NO_LATERAL };
        [sideways, sideways, k]
    };
    let mut slab = Slab {
        name: format!("layer_{}", layer.number),
        extent_m: chip_m,
        thickness_m: layer.thickness_m,
        k: all(layer.k),
        cv: layer.cv,
        tiles: Vec::new(),
        sheets: 1,
        contact: None,
        map: layer.map.clone(),
    };
    if layer.map.is_some() {
        // Walls of cells have a material of their own; nothing blocks heat in them.
        let [k, cv] = input.channels.wall;
        (slab.k, slab.cv) = ([k; 3], cv);
    }
    if layer.has_power || has_materials {
        for unit in &layer.plan.units {
            let material = unit.material.filter(|_| has_materials);
            slab.tiles.push(Tile {
                name: unit.name.clone(),
                x_m: unit.x_m,
                y_m: unit.y_m,
                own: material.map(|[cv, resistivity]| (all(1.0 / resistivity), cv)),
                source: layer.has_power.then_some(*column),
            });
            *column += usize::from(layer.has_power);
        }
    }
    slab
}

/// Gives every block a name of its own: blocks of two layers with one name get their layer's in
/// front, as in the tool's output.
fn name_tiles(slabs: &mut [Slab]) {
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for slab in slabs.iter() {
        *counts.entry(slab.name.clone()).or_default() += 1;
        for tile in &slab.tiles {
            *counts.entry(tile.name.clone()).or_default() += 1;
        }
    }
    for slab in slabs.iter_mut() {
        for tile in &mut slab.tiles {
            if counts.get(&tile.name).is_none_or(|n| *n < 2) {
                continue;
            }
            let mut name = format!("{}_{}", slab.name, tile.name);
            while counts.contains_key(&name) {
                name.push('_');
            }
            counts.insert(name.clone(), 1);
            tile.name = name;
        }
    }
}

/// Area-specific resistances of the faces, m2 K/W.
#[derive(Debug)]
pub(super) struct Faces {
    pub(super) ambient: Celsius,
    /// Extent of the sink, and from its upper face to the air.
    pub(super) top: ([f64; 2], f64),
    /// The same over the chip, where it differs.
    pub(super) top_over_chip: Option<f64>,
    /// Extent of the board, and from its lower face to the air.
    pub(super) bottom: Option<([f64; 2], f64)>,
}

impl Faces {
    fn new(input: &Input, extent_m: [f64; 2], slabs: &[Slab]) -> Self {
        let areal = |convection: &Convection, side: f64| convection.r_k_per_w * side * side;
        let package = &input.package;
        let sink = slabs.last().map_or(extent_m, |slab| slab.extent_m);
        let board = slabs.first().map_or(extent_m, |slab| slab.extent_m);
        Self {
            ambient: Kelvin::new(package.ambient_k).into(),
            top: (sink, areal(&package.convection, package.sink.side_m)),
            top_over_chip: None,
            bottom: package
                .secondary
                .as_ref()
                .map(|path| (board, areal(&path.convection, path.board.side_m))),
        }
    }
}

/// The stack, and the column of power of every block.
fn stack(
    slabs: &[Slab],
    chip_m: [f64; 2],
    extent_m: [f64; 2],
    faces: &Faces,
) -> (Stack, Vec<Option<usize>>) {
    let mut stack = Stack::new(Meters::new(extent_m[0]), Meters::new(extent_m[1]));
    let mut order = Vec::new();
    let is_smaller = |extent: [f64; 2]| (0..2).any(|axis| extent[axis] < extent_m[axis]);
    let air = slabs
        .iter()
        .any(|slab| is_smaller(slab.extent_m))
        .then(|| stack.material(material("air", [AIR[0]; 3], AIR[1])));
    for slab in slabs {
        let own = stack.material(material(&slab.name, slab.k, slab.cv));
        let fill = air.filter(|_| is_smaller(slab.extent_m));
        let mut layer = Layer::new(
            slab.name.clone(),
            Meters::new(slab.thickness_m),
            fill.unwrap_or(own),
        )
        .cut(slab.sheets);
        layer.contact = slab.contact.map(ArealThermalResistance::new);
        for tile in &slab.tiles {
            let area = tile_rect(tile, chip_m, extent_m);
            let mut block = Block::new(tile.name.clone(), area, Watts::new(0.0));
            block.material = match tile.own {
                Some((k, cv)) => Some(stack.material(material(&tile.name, k, cv))),
                None => fill.map(|_| own),
            };
            layer.blocks.push(block);
            order.push(tile.source);
        }
        if fill.is_some() {
            // Blocks cover the chip; what else there is of the slab is one block more.
            let covered = if slab.tiles.is_empty() {
                [0.0; 2]
            } else {
                chip_m
            };
            let area = ring(slab.extent_m, covered, extent_m);
            if !area.is_empty() {
                layer.blocks.push(Block {
                    name: slab.name.clone(),
                    area,
                    material: Some(own),
                    power: Watts::new(0.0),
                });
                order.push(None);
            }
        }
        stack.layers.push(layer);
    }
    let (sink, resistance) = faces.top;
    stack.top = face(
        sink,
        resistance,
        faces.top_over_chip.map(|over| (chip_m, over)),
        extent_m,
        faces.ambient,
    );
    if let Some((board, resistance)) = faces.bottom {
        stack.bottom = face(board, resistance, None, extent_m, faces.ambient);
    }
    (stack, order)
}

fn material(name: &str, k: [f64; 3], cv: f64) -> Material {
    let [x, y, z] = k.map(ThermalConductivity::new);
    let mut material = Material::isotropic(name, x, VolumetricHeatCapacity::new(cv));
    material.conductivity = Conductivity {
        y,
        z,
        ..material.conductivity
    };
    material
}

fn rect(x_m: [f64; 2], y_m: [f64; 2]) -> Rect {
    Rect::new(
        Meters::new(x_m[0]),
        Meters::new(y_m[0]),
        Meters::new(x_m[1] - x_m[0]),
        Meters::new(y_m[1] - y_m[0]),
    )
}

fn tile_rect(tile: &Tile, chip_m: [f64; 2], extent_m: [f64; 2]) -> Rect {
    let shift = [0, 1].map(|axis| 0.5 * (extent_m[axis] - chip_m[axis]));
    rect(
        tile.x_m.map(|x| x + shift[0]),
        tile.y_m.map(|y| y + shift[1]),
    )
}

/// The rectangles of a centred plate round a centred hole, both within `extent_m`.
fn ring(outer_m: [f64; 2], hole_m: [f64; 2], extent_m: [f64; 2]) -> Vec<Rect> {
    let span = |side: f64, extent: f64| [0.5 * (extent - side), 0.5 * (extent + side)];
    let [ox, oy] = [0, 1].map(|axis| span(outer_m[axis], extent_m[axis]));
    let [hx, hy] = [0, 1].map(|axis| span(hole_m[axis], extent_m[axis]));
    if hole_m[0] <= 0.0 || hole_m[1] <= 0.0 {
        return vec![rect(ox, oy)];
    }
    let parts = [
        (ox, [oy[0], hy[0]]),
        (ox, [hy[1], oy[1]]),
        ([ox[0], hx[0]], hy),
        ([hx[1], ox[1]], hy),
    ];
    let least = [1e-9 * extent_m[0], 1e-9 * extent_m[1]];
    let is_there = |(x, y): &([f64; 2], [f64; 2])| x[1] - x[0] > least[0] && y[1] - y[0] > least[1];
    let parts = parts.into_iter().filter(is_there);
    parts.map(|(x, y)| rect(x, y)).collect()
}

/// Convection over a centred plate, with another resistance over a centred part.
fn face(
    plate_m: [f64; 2],
    resistance: f64,
    part: Option<([f64; 2], f64)>,
    extent_m: [f64; 2],
    ambient: Celsius,
) -> Face {
    let convection = |resistance: f64| Condition::Convection {
        coefficient: HeatTransferCoefficient::new(1.0 / resistance),
        ambient,
    };
    let is_whole = (0..2).all(|axis| plate_m[axis] >= extent_m[axis]);
    let mut face = Face::uniform(if is_whole {
        convection(resistance)
    } else {
        Condition::Adiabatic
    });
    let hole = part.map_or([0.0; 2], |(part, _)| part);
    let mut patch = |areas: Vec<Rect>, resistance: f64| {
        let condition = convection(resistance);
        let patches = areas.into_iter().map(|area| Patch { area, condition });
        face.patches.extend(patches);
    };
    if let Some((part, over)) = part {
        patch(ring(part, [0.0; 2], extent_m), over);
    }
    if !is_whole {
        patch(ring(plate_m, hole, extent_m), resistance);
    }
    face
}
