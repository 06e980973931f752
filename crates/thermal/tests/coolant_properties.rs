//! What holds for coolant in any package.

use proptest::prelude::*;
use thermal::coolant::{
    Arrangement, Cavity, CellMap, Channels, Coolant, Direction, MapCell, Passage, Pins, Transfer,
};
use thermal::{Block, Condition, Face, Grid, Layer, Material, Model, Rect, Stack};
use units::{
    Celsius, HeatTransferCoefficient, Meters, ThermalConductivity, VolumeFlow,
    VolumetricHeatCapacity, Watts,
};

fn um(x: f64) -> Meters {
    Meters::new(x * 1e-6)
}

/// Six channels, their average, pins, or an open field of 13 by 13 cells.
fn passage(kind: usize) -> Passage {
    let channels = Channels {
        count: 6,
        width: um(100.0),
        wall: um(100.0),
        first_wall: um(100.0),
    };
    match kind {
        0 => Passage::Channels(channels),
        1 => Passage::Averaged(channels),
        2 => Passage::Pins(Pins {
            diameter: um(50.0),
            pitch: um(100.0),
            arrangement: Arrangement::Inline,
        }),
        _ => {
            let mut cells = vec![MapCell::Fluid; 169];
            cells[80..86].fill(MapCell::Solid);
            cells[2] = MapCell::Inlet;
            cells[160] = MapCell::Outlet;
            cells[168] = MapCell::Outlet;
            Passage::Map(CellMap {
                columns: 13,
                rows: 13,
                cells,
            })
        }
    }
}

prop_compose! {
    /// A package of 1.3 mm by 1.3 mm whose walls conduct less across than along.
    fn package()(
        kind in 0usize..4,
        direction in prop::sample::select(vec![Direction::Up, Direction::Down, Direction::Left, Direction::Right]),
        log_h in 2.0f64..5.5,
        log_k in 0.0f64..2.7,
        log_flow in -10.0f64..-6.0,
        x in 0.0f64..800.0,
        y in 0.0f64..800.0,
        power in 0.1f64..10.0,
        has_lid in any::<bool>(),
    ) -> (Stack, f64) {
        let mut stack = Stack::new(um(1300.0), um(1300.0));
        let solid = stack.material(Material::isotropic(
            "solid",
            ThermalConductivity::new(10f64.powf(log_k)),
            VolumetricHeatCapacity::new(1.6e6),
        ));
        let coolant = Coolant::new("test", VolumetricHeatCapacity::new(4e6));
        let h = HeatTransferCoefficient::new(10f64.powf(log_h));
        let flow = VolumeFlow::new(10f64.powf(log_flow));
        let inlet = Celsius::new(25.0);
        let mut cavity = Cavity::new(coolant, inlet, flow, passage(kind), Transfer::uniform(h));
        cavity.direction = direction;
        let mut die = Layer::new("die", um(200.0), solid);
        let area = Rect::new(um(x), um(y), um(500.0), um(500.0));
        die.blocks.push(Block::new("heat", area, Watts::new(power)));
        stack.layers.push(die);
        stack.layers.push(Layer::new("coolant", um(150.0), solid).with_cavity(cavity));
        stack.layers.push(Layer::new("lid", um(100.0), solid));
        if has_lid {
            stack.top = Face::uniform(Condition::Convection {
                coefficient: HeatTransferCoefficient::new(1e3),
                ambient: inlet,
            });
        }
        (stack, power)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// What is generated leaves through faces and coolant; the outlet is `T_in + Q / (cv V)`;
    /// nothing is colder than what comes in, and nothing but the source is hottest.
    #[test]
    fn energy_and_maximum((stack, power) in package()) {
        let grid = Grid::uniform(&stack, 13, 13).expect("cells");
        let model = Model::new(&stack, &grid).expect("sound");
        let field = model.steady(&model.powers()).expect("a solution");
        let balance = field.balance;
        prop_assert!(balance.residual().value().abs() < 1e-9 * power);
        let state = model.cavities().next().expect("one");
        let outlet = model.outlets(&field)[0];
        let carried = outlet.heat.value() / state.capacity_rate_w_per_k;
        prop_assert!((outlet.mixed.value() - 25.0 - carried).abs() < 1e-9 * (1.0 + carried));
        prop_assert!((outlet.heat - balance.to_coolant).value().abs() < 1e-9 * power);
        // Rounding of the solution: what the solver leaves of the greatest rise.
        let rises = field.kelvin.iter().map(|t| t - 298.15);
        let highest = model.maximum(&field, 0).value() - 25.0;
        for rise in rises {
            prop_assert!(rise > -1e-7 * highest && rise <= highest * (1.0 + 1e-7));
        }
    }

    /// More flow never warms the source.
    #[test]
    fn more_flow_is_cooler((stack, _) in package()) {
        let grid = Grid::uniform(&stack, 13, 13).expect("cells");
        let model = Model::new(&stack, &grid).expect("sound");
        let flow = model.cavities().next().expect("one").flow;
        let faster = model.with_flow(1, flow * 1.5).expect("sound");
        let rise = |model: &Model| {
            let field = model.steady(&model.powers()).expect("a solution");
            model.average(&field, 0).value() - 25.0
        };
        prop_assert!(rise(&faster) <= rise(&model) * (1.0 + 1e-7));
    }

    /// Whatever text a map or a curve is, it is read or its problems have places in it.
    #[test]
    fn readers_do_not_panic(text in "[-0-3,x# \n.\\[\\]a-zA-Z/]{0,200}") {
        if let Err(errors) = CellMap::parse("map", &text) {
            prop_assert!(!errors.0.is_empty());
        }
        if let Err(errors) = thermal::coolant::curve::CoolerCurve::parse("curve", &text) {
            let n = text.lines().count();
            prop_assert!(!errors.0.is_empty() && errors.0.iter().all(|error| error.line <= n));
        }
    }
}
