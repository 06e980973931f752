//! From a solved package to what is shown.

use std::collections::BTreeMap;

use report::{Heat, HeatBalance, HeatBlock, HeatConductivities, HeatLayer, HeatSweeps, HeatTrace};
use thermal::read::power_map::whole;
use thermal::{Condition, Field, Model, Nonlinear, Rect};
use units::{Celsius, Kelvin, Watts};

use super::package::Package;

/// Everything that is shown of a field with the powers that belong to it.
pub(super) fn heat(
    package: &Package,
    model: &Model,
    field: &Field,
    powers: &[Watts],
    trace: Option<HeatTrace>,
) -> Heat {
    let balance = &field.balance;
    Heat {
        name: package.name.clone(),
        form: package.form.to_owned(),
        layers: layers(model, powers),
        cells: model.grid().shape(),
        iterations: field.iterations,
        conductivities: HeatConductivities::Constant,
        outside_c: outside(model).map(Celsius::value),
        blocks: blocks(model, field, powers),
        balance: HeatBalance {
            generated_w: balance.generated.value(),
            top_w: balance.through_top.value(),
            bottom_w: balance.through_bottom.value(),
            coolant_w: balance.to_coolant.value(),
            stored_w: balance.stored.value(),
            residual_w: balance.residual().value(),
        },
        trace,
        notes: package.case.notes.clone(),
    }
}

/// At which temperatures the conductivities are.
pub(super) fn conductivities(
    at_rest: Option<&Nonlinear>,
    is_over_time: bool,
) -> HeatConductivities {
    let Some(at_rest) = at_rest else {
        return HeatConductivities::Constant;
    };
    let sweeps = HeatSweeps {
        n: at_rest.sweeps,
        change_k: at_rest.change.value(),
    };
    if is_over_time {
        HeatConductivities::AtRest(sweeps)
    } else {
        HeatConductivities::OfField(sweeps)
    }
}

fn layers(model: &Model, powers: &[Watts]) -> Vec<HeatLayer> {
    let mut powers = powers.iter();
    let layers = model.stack().layers.iter().map(|layer| HeatLayer {
        name: layer.name.clone(),
        thickness_um: layer.thickness.value() * 1e6,
        sheets: layer.sheets,
        blocks: layer.blocks.len(),
        power_w: powers
            .by_ref()
            .take(layer.blocks.len())
            .map(|power| power.value())
            .sum(),
    });
    layers.collect()
}

/// The coldest temperature outside.
fn outside(model: &Model) -> Option<Celsius> {
    let stack = model.stack();
    let faces = [&stack.top, &stack.bottom].into_iter().flat_map(|face| {
        let patches = face.patches.iter().map(|patch| &patch.condition);
        std::iter::once(&face.condition).chain(patches)
    });
    let of_faces = faces.filter_map(|condition| match condition {
        Condition::Convection { ambient, .. } => Some(*ambient),
        Condition::Temperature(held) => Some(*held),
        Condition::Adiabatic | Condition::Flux(_) => None,
    });
    let streams = model.network().streams.iter();
    let of_streams = streams.map(|stream| Celsius::from(Kelvin::new(stream.inlet_k)));
    of_faces
        .chain(of_streams)
        .reduce(|a, b| if b.value() < a.value() { b } else { a })
}

/// Names and mean temperatures of all blocks in °C, the pieces of one that was cut as one.
pub(super) fn averages(
    model: &Model,
    average: &dyn Fn(usize) -> Celsius,
) -> (Vec<String>, Vec<f64>) {
    let layers = &model.stack().layers;
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut names = Vec::new();
    let mut sums: Vec<(f64, f64)> = Vec::new();
    for (idx, (layer, block)) in model.stack().blocks().enumerate() {
        let name = whole(&block.name);
        let place = *places.entry(name).or_insert(sums.len());
        if place == sums.len() {
            names.push(name.to_owned());
            sums.push((0.0, 0.0));
        }
        let area: f64 = block.area.iter().map(Rect::area_m2).sum();
        let volume = area * layers[layer].thickness.value();
        sums[place].0 += volume * average(idx).value();
        sums[place].1 += volume;
    }
    let means = sums.into_iter().map(|(sum, volume)| sum / volume);
    (names, means.collect())
}

/// Every block, the pieces of one that was cut as one.
fn blocks(model: &Model, field: &Field, powers: &[Watts]) -> Vec<HeatBlock> {
    struct Sum {
        block: HeatBlock,
        /// Volume times temperature, and volume.
        weighted: f64,
        volume: f64,
    }
    let layers = &model.stack().layers;
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut sums: Vec<Sum> = Vec::new();
    for (idx, (layer, block)) in model.stack().blocks().enumerate() {
        let name = whole(&block.name);
        let area: f64 = block.area.iter().map(Rect::area_m2).sum();
        let volume = area * layers[layer].thickness.value();
        let average = model.average(field, idx).value();
        let maximum_c = model.maximum(field, idx).value();
        let minimum_c = model.minimum(field, idx).value();
        let place = *places.entry(name).or_insert(sums.len());
        if place == sums.len() {
            sums.push(Sum {
                block: HeatBlock {
                    name: name.to_owned(),
                    layer: layers[layer].name.clone(),
                    power_w: 0.0,
                    average_c: 0.0,
                    maximum_c,
                    minimum_c,
                },
                weighted: 0.0,
                volume: 0.0,
            });
        }
        let sum = &mut sums[place];
        sum.block.power_w += powers[idx].value();
        sum.block.maximum_c = sum.block.maximum_c.max(maximum_c);
        sum.block.minimum_c = sum.block.minimum_c.min(minimum_c);
        sum.weighted += volume * average;
        sum.volume += volume;
    }
    let finished = sums.into_iter().map(|sum| HeatBlock {
        average_c: sum.weighted / sum.volume,
        ..sum.block
    });
    finished.collect()
}
