//! Coolant in stacks against closed forms.

use thermal::coolant::{Cavity, Channels, Coolant, Direction, Drive, Passage, Transfer};
use thermal::{Block, Field, Grid, Layer, Material, Model, Rect, Stack};
use units::{
    Celsius, HeatTransferCoefficient, KilogramsPerCubicMeter, Meters, PascalSeconds,
    ThermalConductivity, VolumeFlow, VolumetricHeatCapacity, Watts,
};

fn mm(x: f64) -> Meters {
    Meters::new(x * 1e-3)
}

/// Water at 25 C: IAPWS, 997 kg/m3, 4.18 kJ/(kg K), 0.607 W/(m K), 0.890 mPa s.
fn water() -> Coolant {
    Coolant {
        name: "water".to_owned(),
        heat_capacity: VolumetricHeatCapacity::new(4.167e6),
        conductivity: Some(ThermalConductivity::new(0.607)),
        viscosity: Some(PascalSeconds::new(0.890e-3)),
        density: Some(KilogramsPerCubicMeter::new(997.0)),
    }
}

/// Channels of 0.1 mm between walls of 0.1 mm.
fn channels(count: usize) -> Channels {
    Channels {
        count,
        width: mm(0.1),
        wall: mm(0.1),
        first_wall: mm(0.05),
    }
}

fn cavity(passage: Passage, ml_per_min: f64) -> Cavity {
    Cavity {
        coolant: water(),
        inlet: Celsius::new(30.0),
        drive: Drive::Flow(VolumeFlow::new(ml_per_min * 1e-6 / 60.0)),
        direction: Direction::Up,
        passage,
        transfer: Transfer::uniform(HeatTransferCoefficient::new(3e4)),
    }
}

/// A die of silicon under a cavity under a cover, 10 mm along the flow.
fn cooled(width_mm: f64, cavity: Cavity, heat: Rect, power_w: f64) -> Stack {
    let mut stack = Stack::new(mm(width_mm), mm(10.0));
    let silicon = stack.material(Material::isotropic(
        "silicon",
        ThermalConductivity::new(130.0),
        VolumetricHeatCapacity::new(1.63e6),
    ));
    let mut source = Layer::new("source", mm(0.02), silicon);
    source
        .blocks
        .push(Block::new("heat", heat, Watts::new(power_w)));
    stack.layers.push(source);
    stack
        .layers
        .push(Layer::new("die", mm(0.4), silicon).cut(2));
    stack
        .layers
        .push(Layer::new("channels", mm(0.2), silicon).with_cavity(cavity));
    stack.layers.push(Layer::new("cover", mm(0.3), silicon));
    stack
}

fn rect(x: f64, y: f64, width: f64, height: f64) -> Rect {
    Rect::new(mm(x), mm(y), mm(width), mm(height))
}

/// A grid with the lines that the coolant needs, and equal cells where it needs none.
fn grid(stack: &Stack, nx: usize, ny: usize) -> Grid {
    let [mut x, mut y] = stack.coolant_lines();
    for (lines, extent, n) in [(&mut x, stack.width, nx), (&mut y, stack.height, ny)] {
        if lines.is_empty() {
            lines.extend((0..=n).map(|i| extent.value() * i as f64 / n as f64));
        } else {
            lines.insert(0, 0.0);
            lines.push(extent.value());
        }
    }
    Grid::from_edges(stack, x, y).expect("rising lines")
}

fn solve(stack: &Stack, nx: usize, ny: usize) -> (Model, Field) {
    let model = Model::new(stack, &grid(stack, nx, ny)).expect("a sound stack");
    let field = model.steady(&model.powers()).expect("a solution");
    (model, field)
}

/// `T_out = T_in + Q / (cv V)`: all heat leaves with the coolant.
#[test]
fn the_outlet_carries_all_heat() {
    for passage in [
        Passage::Channels(channels(10)),
        Passage::Averaged(channels(10)),
    ] {
        for direction in [Direction::Up, Direction::Down] {
            let mut cavity = cavity(passage.clone(), 20.0);
            cavity.direction = direction;
            let stack = cooled(2.0, cavity, rect(0.2, 1.0, 1.1, 5.0), 15.0);
            let (model, field) = solve(&stack, 8, 12);
            let state = model.cavities().next().expect("one cavity");
            let rise = 15.0 / state.capacity_rate_w_per_k;
            let (mut carried, mut rate) = (0.0, 0.0);
            for stream in &model.network().streams {
                let last = *stream.cells.last().expect("cells") as usize;
                carried += stream.capacity_rate_w_per_k * (field.kelvin[last] - stream.inlet_k);
                rate += stream.capacity_rate_w_per_k;
            }
            // The solver's tolerance is 1e-11 of the heat.
            assert!(
                (carried / rate - rise).abs() < 1e-8 * rise,
                "{carried} {rate} {rise}"
            );
            assert!((rate / state.capacity_rate_w_per_k - 1.0).abs() < 1e-12);
            assert!((field.balance.to_coolant.value() - 15.0).abs() < 1e-8);
        }
    }
}
