//! From bodies to layers: the package is cut at every face across its height.

use std::collections::BTreeMap;

use units::{Meters, ThermalConductivity, Watts};

use super::super::error::{ReadError, ReadErrors};
use super::super::power_map::{distinct, nearest_place, piece};
use super::xml::{Body, Package, What};
use crate::stack::{Block, Conductivity, Layer, Material, MaterialId, Rect, Stack};

/// Share of the extent of the package within which two faces are one.
const ROUNDING: f64 = 1e-9;

/// The greatest number of places between all faces.
const MAX_PLACES: usize = 1 << 24;

/// A plane's heat lies in this share of the slab beside it.
const SHEET: f64 = 0.1;

/// A body in the axes of the stack.
struct Part<'a> {
    body: &'a Body,
    low: [f64; 3],
    high: [f64; 3],
}

/// What fills some places of a slab: a solid, or nothing, and a set of sources.
type Key = (Option<usize>, usize);

/// A slab between two faces.
struct Slab {
    z: (f64, f64),
    /// Rectangles of each filling in metres: left, lower, right and upper edge.
    fillings: BTreeMap<Key, Vec<[f64; 4]>>,
}

impl Slab {
    fn volume(&self, rects: &[[f64; 4]]) -> f64 {
        let area: f64 = rects.iter().map(|r| (r[2] - r[0]) * (r[3] - r[1])).sum();
        area * (self.z.1 - self.z.0)
    }
}

/// The stack of a package, with notes.
pub(super) fn stack(
    file: &str,
    package: &Package,
    fill: Option<&str>,
) -> Result<(Stack, Vec<String>), ReadErrors> {
    let up = package.up.map_or(2, |(axis, _)| axis);
    let axes = [(up + 1) % 3, (up + 2) % 3, up];
    let mut notes = Vec::new();
    if up != 2 {
        let [across, upwards, through] = axes.map(|axis| ["x", "y", "z"][axis]);
        notes.push(format!(
            "the layers lie across {through}: {across} of the file runs across here and {upwards} up"
        ));
    }
    let of_axes = |corner: &[f64; 3]| axes.map(|axis| corner[axis]);
    let mut parts: Vec<Part<'_>> = package
        .bodies
        .iter()
        .map(|body| Part {
            body,
            low: of_axes(&body.low),
            high: of_axes(&body.high),
        })
        .collect();
    let Some((low, high)) = extents(&parts) else {
        return Err(ReadError::new(file, 0, "no object is a solid").into());
    };
    let reach = (0..3).map(|a| high[a] - low[a]).fold(0.0, f64::max) * ROUNDING;
    thicken_sheets(file, &mut parts, reach, (low, high))?;
    let filled_with = fill
        .map(|name| material_named(file, package, name))
        .transpose()?;
    let (slabs, sets) = cut(file, &parts, reach, (low, high))?;
    check_gaps(file, &slabs, filled_with.is_some(), (low, high))?;
    let powers = densities(file, &parts, &slabs, &sets, &mut notes)?;

    let mut stack = Stack::new(Meters::new(high[0] - low[0]), Meters::new(high[1] - low[1]));
    let materials: Vec<MaterialId> = package
        .materials
        .iter()
        .map(|material| stack.material(turned(material, axes)))
        .collect();
    let solids: Vec<Option<MaterialId>> = parts
        .iter()
        .map(|part| match part.body.what {
            What::Solid(material) => Some(materials[material]),
            What::Source | What::Sheet { .. } => None,
        })
        .collect();
    let filling = Filling {
        names: unique_names(&parts),
        sets,
        powers,
        solids,
        fill: filled_with.map(|idx| materials[idx]),
    };
    stack.layers = filling.layers(&slabs, low);
    Ok((stack, notes))
}

/// What slabs are filled with.
struct Filling {
    /// Name of each body.
    names: Vec<String>,
    sets: Sets,
    /// Heat for each volume of every body.
    powers: Vec<f64>,
    /// Material of each body that is a solid.
    solids: Vec<Option<MaterialId>>,
    /// Material where no solid is.
    fill: Option<MaterialId>,
}

impl Filling {
    fn title(&self, (solid, set): &Key) -> String {
        match (self.sets.0[*set].as_slice(), solid) {
            ([], Some(solid)) => self.names[*solid].clone(),
            ([], None) => "fill".to_owned(),
            (sources, _) => {
                let sources = sources.iter().map(|idx| self.names[*idx].as_str());
                sources.collect::<Vec<_>>().join(" + ")
            }
        }
    }

    fn made_of(&self, key: &Key) -> Option<MaterialId> {
        key.0.map_or(self.fill, |solid| self.solids[solid])
    }

    /// Heat for each volume.
    fn density(&self, (solid, set): &Key) -> f64 {
        let bodies = solid.iter().chain(&self.sets.0[*set]);
        bodies.map(|idx| self.powers[*idx]).sum()
    }

    /// Whether a filling of a slab becomes a block: what has no heat and is alone is the layer
    /// itself.
    fn is_block(&self, slab: &Slab, key: &Key) -> bool {
        let is_solid = key.0.is_some();
        self.density(key) != 0.0 || (is_solid && slab.fillings.len() > 1)
    }

    /// A layer for each slab; `low` is the corner from which the stack counts.
    fn layers(&self, slabs: &[Slab], low: [f64; 3]) -> Vec<Layer> {
        let mut n_pieces: BTreeMap<String, usize> = BTreeMap::new();
        for slab in slabs {
            for key in slab.fillings.keys().filter(|key| self.is_block(slab, key)) {
                *n_pieces.entry(self.title(key)).or_default() += 1;
            }
        }
        let mut n_named: BTreeMap<String, usize> = BTreeMap::new();
        let mut n_layers: BTreeMap<String, usize> = BTreeMap::new();
        let mut layers = Vec::new();
        for slab in slabs {
            let largest = slab
                .fillings
                .iter()
                .map(|(key, rects)| (slab.volume(rects), key))
                .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)));
            let Some((_, base)) = largest else { continue };
            let mut layer_name = self.title(base);
            let n = n_layers.entry(layer_name.clone()).or_default();
            *n += 1;
            if *n > 1 {
                layer_name = format!("{layer_name} ({n})");
            }
            let mut layer = Layer {
                name: layer_name,
                thickness: Meters::new(slab.z.1 - slab.z.0),
                material: self.made_of(base),
                blocks: Vec::new(),
                sheets: 1,
                contact: None,
                cavity: None,
            };
            for (key, rects) in &slab.fillings {
                if !self.is_block(slab, key) {
                    continue;
                }
                let title = self.title(key);
                let number = n_named.entry(title.clone()).or_default();
                *number += 1;
                let is_whole = n_pieces.get(&title) == Some(&1);
                let m = |edge: f64, from: f64| Meters::new(edge - from);
                let area = rects.iter().map(|[x0, y0, x1, y1]| {
                    Rect::new(m(*x0, low[0]), m(*y0, low[1]), m(*x1, *x0), m(*y1, *y0))
                });
                layer.blocks.push(Block {
                    name: if is_whole {
                        title
                    } else {
                        piece(&title, *number)
                    },
                    area: area.collect(),
                    material: self.made_of(key),
                    power: Watts::new(self.density(key) * slab.volume(rects)),
                });
            }
            layers.push(layer);
        }
        layers
    }
}

/// The box of all solids.
fn extents(parts: &[Part<'_>]) -> Option<([f64; 3], [f64; 3])> {
    let solids: Vec<_> = parts
        .iter()
        .filter(|part| matches!(part.body.what, What::Solid(_)))
        .collect();
    if solids.is_empty() {
        return None;
    }
    let low = [0, 1, 2].map(|a| {
        solids
            .iter()
            .map(|p| p.low[a])
            .fold(f64::INFINITY, f64::min)
    });
    let high = [0, 1, 2].map(|a| {
        solids
            .iter()
            .map(|p| p.high[a])
            .fold(f64::NEG_INFINITY, f64::max)
    });
    Some((low, high))
}

/// Gives planes of heat a thickness within the slab beside them.
fn thicken_sheets(
    file: &str,
    parts: &mut [Part<'_>],
    reach: f64,
    (low, high): ([f64; 3], [f64; 3]),
) -> Result<(), ReadErrors> {
    let mut faces = Vec::new();
    for part in parts.iter() {
        if matches!(part.body.what, What::Solid(_)) {
            faces.extend([part.low[2], part.high[2]]);
        }
    }
    let faces = distinct(faces, reach);
    let is_filled = |at: [f64; 3]| {
        parts.iter().any(|part| {
            matches!(part.body.what, What::Solid(_))
                && (0..3).all(|a| part.low[a] <= at[a] && at[a] <= part.high[a])
        })
    };
    let mut errors = Vec::new();
    let mut places = Vec::new();
    for (idx, part) in parts.iter().enumerate() {
        let What::Sheet { is_along, .. } = part.body.what else {
            continue;
        };
        let z = part.low[2];
        let middle = |a: usize| f64::midpoint(part.low[a].max(low[a]), part.high[a].min(high[a]));
        let above = faces
            .iter()
            .find(|face| **face > z + reach)
            .map(|face| (z, *face));
        let below = faces
            .iter()
            .rev()
            .find(|face| **face < z - reach)
            .map(|face| (*face, z));
        let order = if is_along {
            [above, below]
        } else {
            [below, above]
        };
        let found = order
            .into_iter()
            .flatten()
            .find(|(a, b)| is_filled([middle(0), middle(1), f64::midpoint(*a, *b)]));
        match found {
            Some((from, to)) if from >= z => places.push((idx, z, z + SHEET * (to - z))),
            Some((from, _)) => places.push((idx, z - SHEET * (z - from), z)),
            None => errors.push(ReadError::new(
                file,
                part.body.line,
                format!("nothing touches the heat of {:?}", part.body.name),
            )),
        }
    }
    for (idx, from, to) in places {
        parts[idx].low[2] = from;
        parts[idx].high[2] = to;
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(ReadErrors(errors))
    }
}

fn material_named(file: &str, package: &Package, name: &str) -> Result<usize, ReadErrors> {
    let names = package
        .materials
        .iter()
        .map(|material| material.name.as_str());
    let place = names.clone().position(|other| other == name);
    place.ok_or_else(|| {
        let names: Vec<&str> = names.collect();
        ReadError::new(
            file,
            0,
            format!("there is no material {name:?} to fill with"),
        )
        .help(format!("materials: {}", names.join(", ")))
        .into()
    })
}

/// Sets of sources, the empty one first.
struct Sets(Vec<Vec<usize>>);

/// Cuts the package at all faces.
fn cut(
    file: &str,
    parts: &[Part<'_>],
    reach: f64,
    (low, high): ([f64; 3], [f64; 3]),
) -> Result<(Vec<Slab>, Sets), ReadErrors> {
    let faces = |of: &mut dyn Iterator<Item = &Part<'_>>, axis: usize| -> Vec<f64> {
        let edges = of.flat_map(|part| [part.low[axis], part.high[axis]]);
        let within = edges.map(|edge| edge.clamp(low[axis], high[axis]));
        distinct(within.collect(), reach)
    };
    let heights = faces(&mut parts.iter(), 2);
    let mut sets = Sets(vec![Vec::new()]);
    let mut interned: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut slabs = Vec::new();
    let mut n_places: usize = 0;
    for z in heights.windows(2) {
        let middle = f64::midpoint(z[0], z[1]);
        let inside: Vec<usize> = (0..parts.len())
            .filter(|idx| parts[*idx].low[2] < middle && middle < parts[*idx].high[2])
            .collect();
        let mut here = inside.iter().map(|idx| &parts[*idx]);
        let mut x = faces(&mut here.clone(), 0);
        let mut y = faces(&mut here, 1);
        // A slab reaches over the whole package.
        x.extend([low[0], high[0]]);
        y.extend([low[1], high[1]]);
        let (x, y) = (distinct(x, reach), distinct(y, reach));
        let (nx, ny) = (x.len().saturating_sub(1), y.len().saturating_sub(1));
        n_places = n_places.saturating_add(nx.saturating_mul(ny));
        if n_places > MAX_PLACES {
            let message = format!(
                "the faces of its objects cut the package into more than {MAX_PLACES} places"
            );
            return Err(ReadError::new(file, 0, message).into());
        }
        let mut filling: Vec<Key> = vec![(None, 0); nx * ny];
        for idx in inside {
            let part = &parts[idx];
            let range = |edges: &[f64], axis: usize| {
                let at = |place: f64| nearest_place(edges, place.clamp(low[axis], high[axis]));
                at(part.low[axis])..at(part.high[axis])
            };
            let across = range(&x, 0);
            for j in range(&y, 1) {
                for place in &mut filling[j * nx + across.start..j * nx + across.end] {
                    match part.body.what {
                        // What comes later takes the place of what was there.
                        What::Solid(_) => place.0 = Some(idx),
                        What::Source | What::Sheet { .. } => {
                            let next = sets.0.len();
                            let set = *interned.entry((place.1, idx)).or_insert(next);
                            if set == next {
                                let mut grown = sets.0[place.1].clone();
                                grown.push(idx);
                                sets.0.push(grown);
                            }
                            place.1 = set;
                        }
                    }
                }
            }
        }
        let fillings = rectangles(&filling, &x, &y);
        slabs.push(Slab {
            z: (z[0], z[1]),
            fillings,
        });
    }
    Ok((slabs, sets))
}

/// Joins equal places to rectangles: along rows first, then equal runs of rows.
fn rectangles(filling: &[Key], x: &[f64], y: &[f64]) -> BTreeMap<Key, Vec<[f64; 4]>> {
    let (nx, ny) = (x.len() - 1, y.len() - 1);
    let mut done: BTreeMap<Key, Vec<[f64; 4]>> = BTreeMap::new();
    // Runs that reach down to the row before, with the row where they began.
    let mut open: BTreeMap<(usize, usize, Key), usize> = BTreeMap::new();
    for j in 0..=ny {
        let mut runs: BTreeMap<(usize, usize, Key), usize> = BTreeMap::new();
        if j < ny {
            let row = &filling[j * nx..(j + 1) * nx];
            let mut i = 0;
            while i < nx {
                let end = i + row[i..].iter().take_while(|key| **key == row[i]).count();
                let run = (i, end, row[i]);
                let began = open.remove(&run).unwrap_or(j);
                runs.insert(run, began);
                i = end;
            }
        }
        for ((from, to, key), began) in std::mem::replace(&mut open, runs) {
            done.entry(key)
                .or_default()
                .push([x[from], y[began], x[to], y[j]]);
        }
    }
    done
}

/// Refuses places that nothing fills.
fn check_gaps(
    file: &str,
    slabs: &[Slab],
    is_filled: bool,
    (low, high): ([f64; 3], [f64; 3]),
) -> Result<(), ReadErrors> {
    if is_filled {
        return Ok(());
    }
    let mut errors = Vec::new();
    for slab in slabs {
        let empty: Vec<&[f64; 4]> = slab
            .fillings
            .iter()
            .filter(|(key, _)| key.0.is_none())
            .flat_map(|(_, rects)| rects)
            .collect();
        let Some(first) = empty.first() else { continue };
        let area: f64 = empty.iter().map(|r| (r[2] - r[0]) * (r[3] - r[1])).sum();
        let whole = (high[0] - low[0]) * (high[1] - low[1]);
        let mm = |place: f64| place * 1e3;
        let message = format!(
            "from {:.4} to {:.4} mm of its height no object fills {:.4} of {:.4} mm2, first from ({:.4}, {:.4}) to ({:.4}, {:.4}) mm of the file",
            mm(slab.z.0),
            mm(slab.z.1),
            area * 1e6,
            whole * 1e6,
            mm(first[0]),
            mm(first[1]),
            mm(first[2]),
            mm(first[3]),
        );
        let error = ReadError::new(file, 0, message);
        errors.push(error.help(
            "air is not modelled; fill such places with a material of the file, or add objects",
        ));
        if errors.len() == 20 {
            break;
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(ReadErrors(errors))
    }
}

/// Heat for each volume of every body, over what is seen of it.
fn densities(
    file: &str,
    parts: &[Part<'_>],
    slabs: &[Slab],
    sets: &Sets,
    notes: &mut Vec<String>,
) -> Result<Vec<f64>, ReadErrors> {
    let mut seen = vec![0.0; parts.len()];
    for slab in slabs {
        for ((solid, set), rects) in &slab.fillings {
            let volume = slab.volume(rects);
            for idx in solid.iter().chain(&sets.0[*set]) {
                seen[*idx] += volume;
            }
        }
    }
    let mut errors = Vec::new();
    let mut densities = Vec::new();
    for (part, seen) in parts.iter().zip(&seen) {
        let whole: f64 = (0..3).map(|a| part.high[a] - part.low[a]).product();
        let name = &part.body.name;
        let power_w = part.body.power_w;
        densities.push(if *seen > 0.0 { power_w / seen } else { 0.0 });
        if *seen <= 0.0 && power_w != 0.0 {
            let message = format!("nothing is left of {name:?} for its {power_w} W to lie in");
            let error = ReadError::new(file, part.body.line, message);
            errors.push(error.help("later objects take the place of earlier ones"));
        } else if power_w != 0.0 && *seen < whole * (1.0 - 1e-6) {
            notes.push(format!(
                "{name:?} is covered in part; its {power_w} W lie in the {:.1} % of it that are seen",
                100.0 * seen / whole
            ));
        }
    }
    if errors.is_empty() {
        Ok(densities)
    } else {
        Err(ReadErrors(errors))
    }
}

/// A material with its axes as the stack has them.
fn turned(material: &Material, axes: [usize; 3]) -> Material {
    let k = &material.conductivity;
    let [x, y, z]: [ThermalConductivity; 3] = axes.map(|axis| [k.x, k.y, k.z][axis]);
    Material {
        conductivity: Conductivity { x, y, z, ..*k },
        ..material.clone()
    }
}

/// Names of the bodies; those that occur twice are told apart by their lines.
fn unique_names(parts: &[Part<'_>]) -> Vec<String> {
    let mut n_of: BTreeMap<&str, usize> = BTreeMap::new();
    for part in parts {
        *n_of.entry(&part.body.name).or_default() += 1;
    }
    let mut names: Vec<String> = Vec::new();
    for part in parts {
        let name = &part.body.name;
        names.push(if n_of[name.as_str()] > 1 {
            format!("{name} (line {})", part.body.line)
        } else {
            name.clone()
        });
    }
    names
}
