//! How a cost came about: prices times counts, and what the assembly of a package throws away.

use std::sync::Arc;

use system::{StatedValue, System};
use units::derivation::{Call, Function, Leaf, Node, amount, count, number, read, stated};
use units::quantity::Quantity as _;
use units::{BitRate, Derived, Dollars, Meters};

use super::{CostBoundary, CostLine};
use crate::figures::Figures;
use crate::package::{PackageCost, PackageFigures};

const LENGTH: Function = Function {
    name: "metres of a length",
    equation: "x = L / 1 m",
    source: "the unit of the price",
};

const GBPS: Function = Function {
    name: "bandwidth in Gb/s",
    equation: "x = R / 1 Gb/s",
    source: "the unit of the figure",
};

const ASSEMBLY: Function = Function {
    name: "assembly of a package",
    equation: "what a step scraps is all that was put in until then, for each package that turns out good",
    source: "twin::package_yield",
};

/// The nominal sum of the lines inside some boundaries; none where a line lacks its price.
pub(crate) fn sum(
    system: &System,
    figures: &Figures,
    within: &[CostBoundary],
) -> Option<Derived<Dollars>> {
    let lines = figures.cost.lines.iter();
    let terms: Option<Vec<Derived<Dollars>>> = lines
        .filter(|line| within.contains(&line.within))
        .map(|line| total(system, line))
        .collect();
    terms?.into_iter().reduce(|sum, term| sum + term)
}

/// A sum for each Gb/s of a bandwidth.
pub(crate) fn per_gbps(sum: Derived<Dollars>, bandwidth: &Derived<BitRate>) -> Derived<Dollars> {
    let gbps = bandwidth.map(&GBPS, |rate| rate.value() / 1e9);
    sum * (number(1.0) / gbps)
}

/// The nominal amount of a line.
fn total(system: &System, line: &CostLine) -> Option<Derived<Dollars>> {
    let nominal = line.unit?.nominal;
    let unit = match (&line.place, &line.origin) {
        (Some(place), Some(origin)) => {
            // The spread of the price stands with the value that the system lists.
            let values = system.values();
            let is_it = |v: &&StatedValue| v.key == place.key && v.field == place.field;
            let value = values.iter().find(is_it)?;
            stated(
                nominal,
                Leaf {
                    place: Some(place.clone()),
                    spread: value.spread.clone(),
                    origin: origin.clone(),
                },
            )
        }
        _ => lost_in_assembly(system, line)?,
    };
    let how_many = if line.kind == "laser_fibre" {
        let length = system.description.fibre_plant.laser_fibre_length.as_ref()?;
        let fibres = system.fibres.iter();
        let n = fibres
            .filter(|fibre| fibre.carries == system::FibreUse::Laser)
            .count();
        count("laser fibres", n) * read(length).map(&LENGTH, Meters::value)
    } else if line.kind == "data_fibre" {
        return None;
    } else {
        amount(line.per, line.count)
    };
    Some((unit * how_many).named(line.item.clone()))
}

/// What the steps of the assembly replace or scrap for each good package.
fn lost_in_assembly(system: &System, line: &CostLine) -> Option<Derived<Dollars>> {
    let of: fn(&PackageCost) -> Dollars = match (line.kind, line.within) {
        ("rework", _) => |cost| cost.rework.nominal,
        ("scrap", CostBoundary::Optics) => |cost| cost.scrap_optics.nominal,
        ("scrap", _) => |cost| cost.scrap_dies.nominal,
        _ => return None,
    };
    let is_read = |value: &StatedValue| {
        is_of_assembly(value) || ["price", "fau_price"].contains(&value.field)
    };
    let model = move |system: &System| {
        let package = PackageFigures::new(system)?;
        Some(of(package.cost.as_ref()?).value())
    };
    Some(over_system(system, is_read, model)?.result::<Dollars>(0))
}

fn is_of_assembly(value: &StatedValue) -> bool {
    value.key.starts_with("assembly ") || &*value.key == "package.assembly"
}

/// Share of the packages that turn out good, with nominal yields.
pub(crate) fn package_yield(system: &System) -> Option<Derived<f64>> {
    let is_read =
        |value: &StatedValue| is_of_assembly(value) && value.dimension != Dollars::DIMENSION;
    let model = |system: &System| Some(PackageFigures::new(system)?.good.nominal);
    let call = over_system(system, is_read, model)?;
    Some(call.result::<f64>(0).named("yield of a package"))
}

/// A model of a whole system as a function of the values that it reads.
fn over_system(
    system: &System,
    is_read: impl Fn(&StatedValue) -> bool,
    model: impl Fn(&System) -> Option<f64> + Send + Sync + 'static,
) -> Option<Arc<Call>> {
    let read: Vec<StatedValue> = system.values().into_iter().filter(is_read).collect();
    let inputs: Vec<Arc<Node>> = read.iter().map(StatedValue::leaf).collect();
    let result = vec![model(system)?];
    let system = system.clone();
    Some(Call::recorded(&ASSEMBLY, inputs, result, move |x| {
        let values: Vec<(&str, &str, f64)> = read
            .iter()
            .zip(x)
            .filter(|(value, si)| value.si.to_bits() != si.to_bits())
            .map(|(value, si)| (&*value.key, value.field, *si))
            .collect();
        let moved = system.with_values(&values).map_err(|e| e.to_string())?;
        let result = model(&moved).ok_or("no package turns out good")?;
        Ok(vec![result])
    }))
}
