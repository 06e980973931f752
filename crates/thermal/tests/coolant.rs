//! Coolant in stacks against closed forms.

use thermal::coolant::{Cavity, Channels, Coolant, CoolantNote, Direction, Passage, Transfer};
use thermal::{
    Block, Condition, Face, Field, Grid, Layer, Material, Model, Rect, Stack, StackProblem,
    ThermalError,
};
use units::{
    Celsius, HeatFlux, HeatTransferCoefficient, KilogramsPerCubicMeter, Meters, PascalSeconds,
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
    Cavity::new(
        water(),
        Celsius::new(30.0),
        VolumeFlow::new(ml_per_min * 1e-6 / 60.0),
        passage,
        Transfer::uniform(HeatTransferCoefficient::new(3e4)),
    )
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
        .push(Layer::new("die", mm(0.4), silicon).cut(8));
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
            let outlet = model.outlets(&field)[0];
            // The solver's tolerance is 1e-11 of the heat.
            let found = outlet.mixed.value() - 30.0;
            assert!((found - rise).abs() < 1e-8 * rise, "{found} {rise}");
            assert!((field.balance.to_coolant.value() - 15.0).abs() < 1e-8);
            assert!((outlet.heat.value() - 15.0).abs() < 1e-8);
        }
    }
}

/// Averaged channels are the resolved ones to 2.5 % of the rise of the hottest cell, also where the
/// heat is concentrated.
#[test]
fn averaged_channels_are_near_resolved_ones() {
    for heat in [rect(0.0, 0.0, 4.0, 10.0), rect(1.0, 4.0, 2.0, 2.0)] {
        for ml_per_min in [12.0, 60.0] {
            let hottest = |passage: Passage| {
                let stack = cooled(4.0, cavity(passage, ml_per_min), heat, 40.0);
                let (model, field) = solve(&stack, 40, 40);
                model.maximum(&field, 0).value() - 30.0
            };
            let resolved = hottest(Passage::Channels(channels(20)));
            let averaged = hottest(Passage::Averaged(channels(20)));
            assert!((averaged / resolved - 1.0).abs() < 0.025);
        }
    }
}

/// A strip under a single channel: heat at its lower face, no walls, nothing along the flow.
fn strip(bottom: Condition, h: f64, ml_per_min: f64) -> Stack {
    let mut stack = Stack::new(mm(0.1), mm(10.0));
    let mut floor = Material::isotropic(
        "floor",
        ThermalConductivity::new(100.0),
        VolumetricHeatCapacity::new(1e6),
    );
    floor.conductivity.y = ThermalConductivity::new(1e-12);
    let floor = stack.material(floor);
    stack.layers.push(Layer::new("floor", mm(0.1), floor));
    let mut cavity = cavity(
        Passage::Channels(Channels {
            count: 1,
            width: mm(0.1),
            wall: mm(0.0),
            first_wall: mm(0.0),
        }),
        ml_per_min,
    );
    cavity.transfer = Transfer::uniform(HeatTransferCoefficient::new(h));
    stack
        .layers
        .push(Layer::new("channel", mm(0.1), floor).with_cavity(cavity));
    stack.bottom = Face::uniform(bottom);
    stack
}

/// Constant flux: the bulk rises linearly by `q w y / (cv V)` and the wall stays `q / h` above it.
///
/// Incropera et al., *Fundamentals of Heat and Mass Transfer*, section 8.3.2.
#[test]
fn a_channel_of_constant_flux() {
    let (q, h) = (1e5, 2e4);
    let stack = strip(Condition::Flux(HeatFlux::new(q)), h, 0.5);
    let n = 16;
    let (model, field) = solve(&stack, 1, n);
    let rate = model.network().streams[0].capacity_rate_w_per_k;
    let of_cell = q * 1e-4 * 10e-3 / n as f64;
    for j in 0..n {
        // Upwind: a cell of coolant has the temperature with which it leaves.
        let bulk = 303.15 + (j + 1) as f64 * of_cell / rate;
        assert!((field.kelvin[n + j] - bulk).abs() < 1e-7);
        let wall = bulk + q / h + q * 0.05e-3 / 100.0;
        assert!((field.kelvin[j] - wall).abs() < 1e-7);
    }
}

/// Walls of one temperature: `T_out = T_w - (T_w - T_in) exp(-NTU)`, approached in the first order
/// of the cells along the flow.
///
/// Incropera et al., equation 8.41b.
#[test]
fn a_channel_of_constant_temperature_converges_in_the_first_order() {
    let h = 2e4;
    let stack = strip(Condition::Temperature(Celsius::new(80.0)), h, 0.5);
    let error = |n: usize| {
        let (model, field) = solve(&stack, 1, n);
        let rate = model.network().streams[0].capacity_rate_w_per_k;
        let u = 1.0 / (1.0 / h + 1e-4 / 100.0);
        let ntu = u * 1e-4 * 10e-3 / rate;
        let exact = 80.0 - 50.0 * (-ntu).exp();
        exact - model.outlets(&field)[0].mixed.value()
    };
    let errors = [error(20), error(40), error(80)];
    assert!(errors[2].abs() < 0.1, "{errors:?}");
    for pair in errors.windows(2) {
        let order = (pair[0] / pair[1]).log2();
        assert!((order - 1.0).abs() < 0.05, "{order} {errors:?}");
    }
}

/// A wall between two channels without a roof is a fin: `Q = k A m tanh(m H) + h A_floor`.
///
/// Incropera et al., table 3.4, case B.
#[test]
fn a_wall_is_a_fin() {
    let (h, k, tall, width) = (1e3, 100.0, 5e-3, 1e-4);
    let mut stack = Stack::new(mm(0.5), mm(1.0));
    let [base, walls] = [1e7, k].map(|k| {
        let k = ThermalConductivity::new(k);
        let c = VolumetricHeatCapacity::new(1e6);
        stack.material(Material::isotropic("solid", k, c))
    });
    stack.layers.push(Layer::new("base", mm(0.01), base));
    // So much flow that the coolant stays at 30 C.
    let mut cavity = cavity(
        Passage::Channels(Channels {
            count: 2,
            width: mm(0.2),
            wall: mm(0.1),
            first_wall: mm(0.0),
        }),
        1e7,
    );
    cavity.transfer = Transfer::uniform(HeatTransferCoefficient::new(h));
    stack
        .layers
        .push(Layer::new("fins", Meters::new(tall), walls).with_cavity(cavity));
    stack.bottom = Face::uniform(Condition::Temperature(Celsius::new(40.0)));
    let (_, field) = solve(&stack, 3, 1);
    let m = (2.0 * h / (k * width)).sqrt();
    let fin = k * width * 1e-3 * m * (m * tall).tanh();
    // The outer sides of the channels lie at the edge of the stack, which passes no heat.
    let exact = 10.0 * (fin + h * 0.4e-3 * 1e-3);
    // The wall link adds `w / 2k` to `1 / h`, which is 0.05 % of it.
    let found = field.balance.to_coolant.value();
    assert!((found / exact - 1.0).abs() < 1e-3, "{found} {exact}");
}

/// Turned by 180 or 90 degrees, the package has the same temperatures turned.
#[test]
fn direction_is_only_a_direction() {
    for passage in [
        Passage::Channels(channels(10)),
        Passage::Averaged(channels(10)),
    ] {
        let [up, down] = [Direction::Up, Direction::Down].map(|direction| {
            let mut cavity = cavity(passage.clone(), 20.0);
            cavity.direction = direction;
            let stack = cooled(2.0, cavity, rect(0.0, 0.0, 2.0, 10.0), 15.0);
            solve(&stack, 8, 12).1.kelvin
        });
        let (model, _) = {
            let stack = cooled(
                2.0,
                cavity(passage.clone(), 20.0),
                rect(0.0, 0.0, 2.0, 10.0),
                15.0,
            );
            solve(&stack, 8, 12)
        };
        let [nx, ny, nz] = model.grid().shape();
        for k in 0..nz {
            for j in 0..ny {
                for i in 0..nx {
                    let turned = (k * ny + ny - 1 - j) * nx + i;
                    assert!((up[(k * ny + j) * nx + i] - down[turned]).abs() < 1e-6);
                }
            }
        }
        let across = |direction: Direction| {
            let mut cavity = cavity(passage.clone(), 20.0);
            cavity.direction = direction;
            let mut stack = cooled(2.0, cavity, rect(0.0, 0.0, 2.0, 10.0), 15.0);
            if matches!(direction, Direction::Right | Direction::Left) {
                (stack.width, stack.height) = (stack.height, stack.width);
                stack.layers[0].blocks[0].area = vec![rect(0.0, 0.0, 10.0, 2.0)];
            }
            let (nx, ny) = if matches!(direction, Direction::Right | Direction::Left) {
                (12, 8)
            } else {
                (8, 12)
            };
            let (model, field) = solve(&stack, nx, ny);
            model.maximum(&field, 0).value()
        };
        let along_y = across(Direction::Up);
        for direction in [Direction::Right, Direction::Left, Direction::Down] {
            assert!((across(direction) - along_y).abs() < 1e-6);
        }
    }
}

/// Without flow heat is only conducted: a note says so, and a package without another sink floats.
#[test]
fn loss_of_coolant() {
    for passage in [
        Passage::Channels(channels(10)),
        Passage::Averaged(channels(10)),
    ] {
        let mut stack = cooled(2.0, cavity(passage, 20.0), rect(0.0, 0.0, 2.0, 10.0), 1.0);
        let model = Model::new(&stack, &grid(&stack, 8, 12)).expect("cooled");
        let error = model
            .with_flow(2, VolumeFlow::new(0.0))
            .expect_err("floats");
        let ThermalError::Stack { problems } = &error else {
            panic!("{error}");
        };
        assert_eq!(problems.as_slice(), [StackProblem::Floating]);
        stack.top = Face::uniform(Condition::Convection {
            coefficient: HeatTransferCoefficient::new(500.0),
            ambient: Celsius::new(25.0),
        });
        let model = Model::new(&stack, &grid(&stack, 8, 12)).expect("cooled");
        let still = model.with_flow(2, VolumeFlow::new(0.0)).expect("a sink");
        assert!(still.network().is_symmetric());
        let notes = &still.cavities().next().expect("one").notes;
        assert!(matches!(
            notes.as_slice(),
            [CoolantNote::NothingFlows { .. }]
        ));
        let at = |model: &Model| {
            let field = model.steady(&model.powers()).expect("a solution");
            assert!(model.outlets(&field).is_empty() || !model.network().is_symmetric());
            model.average(&field, 0).value()
        };
        let (flowing, still) = (at(&model), at(&still));
        // Cover: 1 W over 20 mm2 and 500 W/(m2 K) is 100 K; conduction adds little.
        assert!(
            flowing < 40.0 && (125.0..130.0).contains(&still),
            "{flowing} {still}"
        );
    }
}

/// Twice the flow halves the rise of the outlet; the warmer inlet shifts every temperature.
#[test]
fn flow_and_inlet_change_in_time() {
    let stack = cooled(
        2.0,
        cavity(Passage::Averaged(channels(10)), 20.0),
        rect(0.0, 0.0, 2.0, 10.0),
        5.0,
    );
    let model = Model::new(&stack, &grid(&stack, 4, 8)).expect("sound");
    let solve = |model: &Model| model.steady(&model.powers()).expect("a solution");
    let rise = |model: &Model| model.outlets(&solve(model))[0].mixed.value() - 30.0;
    let flow = model.cavities().next().expect("one").flow;
    let faster = model.with_flow(2, flow * 2.0).expect("sound");
    assert!((rise(&model) / rise(&faster) - 2.0).abs() < 1e-8);
    let warmer = model.with_inlet(2, Celsius::new(35.0)).expect("sound");
    let (a, b) = (solve(&model).kelvin, solve(&warmer).kelvin);
    assert!(a.iter().zip(&b).all(|(a, b)| (b - a - 5.0).abs() < 1e-6));
    let none = model.with_flow(0, flow).expect_err("solid");
    assert_eq!(none, ThermalError::NoCoolant { layer: 0 });
}
