//! Small packages for tests.

#![allow(dead_code, reason = "each test file uses its own part")]

use thermal::{Block, Condition, Conductivity, Face, Grid, Layer, Material, Model, Rect, Stack};
use units::{
    ArealThermalResistance, Celsius, HeatTransferCoefficient, Kelvin, Meters, ThermalConductivity,
    VolumetricHeatCapacity, Watts,
};

pub(crate) fn mm(x: f64) -> Meters {
    Meters::new(x * 1e-3)
}

pub(crate) fn rect(x: f64, y: f64, width: f64, height: f64) -> Rect {
    Rect::new(mm(x), mm(y), mm(width), mm(height))
}

pub(crate) fn material(name: &str, k: f64, c: f64) -> Material {
    Material::isotropic(
        name,
        ThermalConductivity::new(k),
        VolumetricHeatCapacity::new(c),
    )
}

pub(crate) fn convection(h: f64, ambient_c: f64) -> Face {
    Face::uniform(Condition::Convection {
        coefficient: HeatTransferCoefficient::new(h),
        ambient: Celsius::new(ambient_c),
    })
}

/// A die and four engines in mold under a lid, cooled from both sides at different temperatures;
/// the silicon conducts with the given exponent of temperature.
pub(crate) fn package(exponent: f64) -> Stack {
    let mut stack = Stack::new(mm(40.0), mm(30.0));
    let substrate = stack.material(material("substrate", 10.0, 1.8e6));
    let mold = stack.material(material("mold", 0.8, 1.7e6));
    let mut of_silicon = material("silicon", 130.0, 1.65e6);
    of_silicon.conductivity = Conductivity {
        reference: Kelvin::new(300.0),
        exponent,
        ..of_silicon.conductivity
    };
    let silicon = stack.material(of_silicon);
    let copper = stack.material(material("copper", 390.0, 3.45e6));
    stack
        .layers
        .push(Layer::new("substrate", mm(1.2), substrate));
    let mut dies = Layer::new("dies", mm(0.5), mold).cut(2);
    let mut die = |name: &str, area: Rect, power: f64| {
        let block = Block::new(name, area, Watts::new(power));
        dies.blocks.push(block.of(silicon));
    };
    die("asic", rect(12.0, 8.0, 16.0, 14.0), 100.0);
    die("west", rect(2.0, 12.0, 5.0, 6.0), 6.0);
    die("east", rect(33.0, 12.0, 5.0, 6.0), 7.0);
    die("north", rect(17.0, 24.0, 6.0, 4.5), 8.0);
    die("south", rect(17.0, 1.5, 6.0, 4.5), 9.0);
    dies.contact = Some(ArealThermalResistance::new(1e-5));
    stack.layers.push(dies);
    stack.layers.push(Layer::new("lid", mm(2.0), copper));
    stack.top = convection(2e4, 40.0);
    stack.bottom = convection(20.0, 25.0);
    stack
}

pub(crate) fn model(stack: &Stack, nx: usize, ny: usize) -> Model {
    let grid = Grid::uniform(stack, nx, ny).expect("a small grid");
    Model::new(stack, &grid).unwrap_or_else(|error| panic!("{error}"))
}
