//! The package that tests and benchmarks share: sixteen engines round a switch.
#![allow(dead_code, reason = "each test uses its own part")]

use thermal::{Block, Condition, Conductivity, Face, Layer, Material, MaterialId, Rect, Stack};
use units::{
    Celsius, HeatTransferCoefficient, Kelvin, Meters, ThermalConductivity, VolumetricHeatCapacity,
    Watts,
};

fn mm(x: f64) -> Meters {
    Meters::new(x * 1e-3)
}

fn rect_mm(x: f64, y: f64, width: f64, height: f64) -> Rect {
    Rect::new(mm(x), mm(y), mm(width), mm(height))
}

fn material(stack: &mut Stack, name: &str, k: f64, capacity: f64) -> MaterialId {
    stack.material(Material::isotropic(
        name,
        ThermalConductivity::new(k),
        VolumetricHeatCapacity::new(capacity),
    ))
}

/// Lower left corners of the engines in mm: four along each edge of a package of 60 mm.
fn engine_corners_mm() -> Vec<(f64, f64, f64, f64)> {
    let mut corners = Vec::new();
    for i in 0..4 {
        let along = 12.5 + 9.5 * f64::from(i);
        corners.push((along, 2.0, 6.0, 7.0));
        corners.push((along, 51.0, 6.0, 7.0));
        corners.push((2.0, along, 7.0, 6.0));
        corners.push((51.0, along, 7.0, 6.0));
    }
    corners
}

/// Ten layers: board, balls, substrate, bumps, photonics and active silicon, electronics and bulk
/// silicon, thermal interface, lid, second interface, cold plate of h = 2e4 W/(m2 K) at 40 C. A
/// 500 W die of 26 x 33 mm and sixteen engines of 12 W in mold, as the facts have them.
pub(crate) fn cpo() -> Stack {
    build(false)
}

/// The same with every layer of one material, and the same powers.
pub(crate) fn cpo_uniform() -> Stack {
    build(true)
}

fn build(uniform: bool) -> Stack {
    let mut stack = Stack::new(mm(60.0), mm(60.0));
    let silicon = material(&mut stack, "silicon", 120.0, 1.63e6);
    let mold = material(&mut stack, "mold", 0.8, 1.7e6);
    let air = material(&mut stack, "air", 0.026, 1.2e3);
    let copper = material(&mut stack, "copper", 400.0, 3.45e6);
    let interface = material(&mut stack, "interface", 4.0, 2.0e6);
    let underfill = material(&mut stack, "underfill", 1.5, 2.1e6);
    let balls = material(&mut stack, "balls", 2.5, 2.0e6);
    let layered = |stack: &mut Stack, name: &str, across: f64, through: f64| {
        stack.material(Material {
            name: name.to_owned(),
            conductivity: Conductivity {
                x: ThermalConductivity::new(across),
                y: ThermalConductivity::new(across),
                z: ThermalConductivity::new(through),
                reference: Kelvin::new(300.0),
                exponent: 0.0,
            },
            heat_capacity: VolumetricHeatCapacity::new(2.0e6),
        })
    };
    let board = layered(&mut stack, "board", 15.0, 0.4);
    let substrate = layered(&mut stack, "substrate", 30.0, 0.6);
    let switch = rect_mm(17.0, 13.5, 26.0, 33.0);
    let of = |name: String, rect: Rect, power: f64, material: MaterialId| {
        let block = Block::new(name, rect, Watts::new(power));
        if uniform { block } else { block.of(material) }
    };
    let engines = |prefix: &str, power: f64, material: MaterialId| -> Vec<Block> {
        let corners = engine_corners_mm().into_iter().enumerate();
        corners
            .map(|(idx, (x, y, w, h))| {
                of(
                    format!("{prefix}{idx}"),
                    rect_mm(x, y, w, h),
                    power,
                    material,
                )
            })
            .collect()
    };
    let mut bumps = Layer::new("bumps", mm(0.08), if uniform { underfill } else { air });
    let mut active = Layer::new("active", mm(0.02), if uniform { silicon } else { mold });
    let mut bulk = Layer::new("bulk", mm(0.75), if uniform { silicon } else { mold });
    if !uniform {
        bumps
            .blocks
            .push(of("bumps switch".to_owned(), switch, 0.0, underfill));
        bumps
            .blocks
            .extend(engines("bumps engine ", 0.0, underfill));
    }
    active
        .blocks
        .push(of("switch".to_owned(), switch, 500.0, silicon));
    active.blocks.extend(engines("pic ", 4.0, silicon));
    bulk.blocks
        .push(of("bulk switch".to_owned(), switch, 0.0, silicon));
    bulk.blocks.extend(engines("eic ", 8.0, silicon));
    stack.layers = vec![
        Layer::new("board", mm(1.6), board),
        Layer::new("balls", mm(0.5), balls),
        Layer::new("substrate", mm(1.2), substrate),
        bumps,
        active,
        bulk,
        Layer::new("interface", mm(0.05), interface),
        Layer::new("lid", mm(2.0), copper),
        Layer::new("second interface", mm(0.1), interface),
        Layer::new("cold plate", mm(3.0), copper),
    ];
    stack.top = Face::uniform(Condition::Convection {
        coefficient: HeatTransferCoefficient::new(2e4),
        ambient: Celsius::new(40.0),
    });
    stack.bottom = Face::uniform(Condition::Convection {
        coefficient: HeatTransferCoefficient::new(10.0),
        ambient: Celsius::new(40.0),
    });
    stack
}
