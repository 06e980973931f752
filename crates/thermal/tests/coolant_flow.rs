//! How coolant splits, against closed forms and symmetry.

use thermal::coolant::flow::{Circuit, Manifold, Pipe};
use thermal::coolant::{
    Cavity, CellMap, Channels, Coolant, CoolantError, Direction, Drive, MapCell, Passage, Transfer,
};
use thermal::{Block, Field, Grid, Layer, Material, Model, Stack};
use units::{
    Celsius, HeatTransferCoefficient, Meters, PascalSeconds, Pascals, ThermalConductivity,
    VolumeFlow, VolumetricHeatCapacity, Watts,
};

fn pipe(a: usize, b: usize, resistance_pa_s_per_m3: f64) -> Pipe {
    Pipe {
        nodes: [a, b],
        resistance_pa_s_per_m3,
    }
}

/// Two resistances side by side: flows in inverse proportion, `1/R = 1/R1 + 1/R2`.
#[test]
fn two_channels_side_by_side() {
    let circuit = Circuit {
        n_nodes: 2,
        pipes: vec![pipe(0, 1, 1e12), pipe(1, 0, 3e12)],
    };
    let flow = circuit.solve(&[0], &[1], Pascals::new(6e3)).expect("open");
    assert!((flow.flows[0].value() / 6e-9 - 1.0).abs() < 1e-14);
    assert!((flow.flows[1].value() / -2e-9 - 1.0).abs() < 1e-14);
    assert!((flow.total.value() / 8e-9 - 1.0).abs() < 1e-14);
}

/// A bridge whose arms are not balanced, against its solution by hand: `R1 = 1, R2 = 2, R3 = 2,
/// R4 = 1, R5 = 1` under 1: by symmetry the middle nodes are at 4/7 and 3/7, and 5/7 flow.
#[test]
fn a_bridge() {
    let circuit = Circuit {
        n_nodes: 4,
        pipes: vec![
            pipe(0, 1, 1.0),
            pipe(0, 2, 2.0),
            pipe(1, 3, 2.0),
            pipe(2, 3, 1.0),
            pipe(1, 2, 1.0),
        ],
    };
    let flow = circuit.solve(&[0], &[3], Pascals::new(1.0)).expect("open");
    assert!((flow.pressures[1].value() - 4.0 / 7.0).abs() < 1e-14);
    assert!((flow.total.value() - 5.0 / 7.0).abs() < 1e-14);
}

/// Equal channels between headers: with stubs at one end the near channel has the most; at opposite
/// ends the flow is symmetric and least in the middle. Two channels with stubs at one end are
/// `(R + 2 s) / R` apart.
#[test]
fn manifolds() {
    let share = |n: usize, segment: f64, manifold: Manifold| -> Vec<f64> {
        let (circuit, outlet) = Circuit::parallel(&vec![1e12; n], segment, manifold);
        let flow = circuit
            .solve(&[0], &[outlet], Pascals::new(1e3))
            .expect("open");
        flow.flows[..n]
            .iter()
            .map(|one| *one / flow.total)
            .collect()
    };
    let two = share(2, 1e11, Manifold::SameEnd);
    assert!((two[0] / two[1] - 1.2).abs() < 1e-12);
    let near_first = share(8, 2e10, Manifold::SameEnd);
    assert!(near_first.windows(2).all(|pair| pair[0] > pair[1]));
    let reverse = share(8, 2e10, Manifold::OppositeEnds);
    for i in 0..4 {
        assert!((reverse[i] - reverse[7 - i]).abs() < 1e-12);
    }
    assert!(reverse[0] > reverse[1] && reverse[1] > reverse[2] && reverse[2] > reverse[3]);
    for shares in [&near_first, &reverse] {
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
    let spread = |shares: &[f64]| shares.iter().copied().fold(0.0, f64::max) * 8.0 - 1.0;
    assert!(spread(&reverse) < spread(&near_first));
}

#[test]
fn a_circuit_that_leads_nowhere_is_refused() {
    let circuit = Circuit {
        n_nodes: 4,
        pipes: vec![pipe(0, 1, 1.0), pipe(2, 3, 1.0)],
    };
    let solve = |inlet, outlet| circuit.solve(&[inlet], &[outlet], Pascals::new(1.0));
    assert_eq!(solve(0, 3), Err(CoolantError::Blocked));
    assert!(matches!(solve(0, 0), Err(CoolantError::Circuit { .. })));
    assert!(matches!(solve(0, 4), Err(CoolantError::Circuit { .. })));
    // Nothing flows where nothing leads to.
    let flow = solve(0, 1).expect("open");
    assert_eq!(flow.flows[1], VolumeFlow::new(0.0));
    let bad = Circuit {
        n_nodes: 2,
        pipes: vec![pipe(0, 1, 0.0)],
    };
    assert!(matches!(
        bad.solve(&[0], &[1], Pascals::new(1.0)),
        Err(CoolantError::Circuit { .. })
    ));
}

/// A die under a cavity of 0.1 mm cells under a cover.
fn stack(passage: Passage, drive: Drive, size: [f64; 2]) -> Stack {
    let mut stack = Stack::new(Meters::new(size[0]), Meters::new(size[1]));
    let silicon = stack.material(Material::isotropic(
        "silicon",
        ThermalConductivity::new(130.0),
        VolumetricHeatCapacity::new(1.63e6),
    ));
    let mut coolant = Coolant::new("water", VolumetricHeatCapacity::new(4.167e6));
    coolant.viscosity = Some(PascalSeconds::new(0.890e-3));
    let h = HeatTransferCoefficient::new(2e4);
    let mut cavity = Cavity::new(
        coolant,
        Celsius::new(20.0),
        VolumeFlow::new(0.0),
        passage,
        Transfer::uniform(h),
    );
    cavity.drive = drive;
    let mut die = Layer::new("die", Meters::new(0.2e-3), silicon);
    let whole = stack.outline();
    die.blocks.push(Block::new("heat", whole, Watts::new(0.5)));
    stack.layers.push(die);
    stack
        .layers
        .push(Layer::new("channels", Meters::new(0.1e-3), silicon).with_cavity(cavity));
    stack
        .layers
        .push(Layer::new("cover", Meters::new(0.2e-3), silicon));
    stack
}

fn solve(stack: &Stack, n: [usize; 2]) -> (Model, Field) {
    let grid = Grid::uniform(stack, n[0], n[1]).expect("cells");
    let model = Model::new(stack, &grid).expect("a sound stack");
    let field = model.steady(&model.powers()).expect("a solution");
    (model, field)
}

fn pressure(pascals: f64) -> Drive {
    Drive::Pressure {
        difference: Pascals::new(pascals),
        internal_pa_s_per_m3: 0.0,
    }
}

/// Straight lines of a map are the channels of the same geometry at the same flow. Only the walls
/// differ, which are fins between channels and plain cells in a map: less than 1 % of the rise.
#[test]
fn a_map_of_straight_lines_is_a_set_of_channels() {
    let row = |ends: &str| vec![format!("0,{ends},0,{ends},0"); 1];
    let text = [row("3"), vec!["0,1,0,1,0".to_owned(); 18], row("2")]
        .concat()
        .join("\n");
    let map = CellMap::parse("map.csv", &text).expect("a map");
    assert_eq!((map.columns, map.rows), (5, 20));
    assert_eq!(map.cells[1], MapCell::Inlet);
    let size = [0.5e-3, 2e-3];
    let (model, field) = solve(&stack(Passage::Map(map), pressure(2e3), size), [5, 20]);
    let state = model.cavities().next().expect("one");
    // 19 cells from the middle of the inlet to that of the outlet; f Re = 14.227 of a square.
    let resistance = 2.0 * 14.227 * 0.890e-3 * 1.9e-3 / (0.1e-3_f64.powi(4));
    assert!((state.flow.value() / (2.0 * 2e3 / resistance) - 1.0).abs() < 1e-3);
    let channels = Channels {
        count: 2,
        width: Meters::new(0.1e-3),
        wall: Meters::new(0.1e-3),
        first_wall: Meters::new(0.1e-3),
    };
    let same = stack(Passage::Channels(channels), Drive::Flow(state.flow), size);
    let (other, other_field) = solve(&same, [5, 20]);
    let rises =
        [model.average(&field, 0), other.average(&other_field, 0)].map(|t| t.value() - 20.0);
    assert!((rises[0] / rises[1] - 1.0).abs() < 0.01, "{rises:?}");
    let out = [model.outlets(&field)[0], other.outlets(&other_field)[0]].map(|o| o.mixed.value());
    assert!((out[0] - out[1]).abs() < 1e-7);
}

/// A tree that branches and joins, mirrored about its middle: what flows is split evenly, the field
/// is symmetric, and all heat leaves with the coolant. The pocket at the side stands still.
#[test]
fn a_map_that_branches() {
    let text = "\
0,0,0,3,0,0,0
0,1,1,1,1,1,0
0,1,0,0,0,1,0
0,1,0,-1,0,1,0
0,1,0,0,0,1,0
0,1,1,1,1,1,0
0,0,0,2,0,0,0";
    let map = CellMap::parse("map.csv", text).expect("a map");
    let size = [0.7e-3, 0.7e-3];
    let (model, field) = solve(
        &stack(Passage::Map(map.clone()), pressure(3e3), size),
        [7, 7],
    );
    let state = model.cavities().next().expect("one");
    let rate: f64 = model
        .network()
        .streams
        .iter()
        .map(|s| s.capacity_rate_w_per_k)
        .sum();
    assert!((rate / state.capacity_rate_w_per_k - 1.0).abs() < 1e-12);
    let outlet = model.outlets(&field)[0];
    assert!((outlet.mixed.value() - 20.0 - 0.5 / rate).abs() < 1e-8 * 0.5 / rate);
    for k in 0..3 {
        for j in 0..7 {
            for i in 0..3 {
                let at = |i: usize| field.kelvin[(k * 7 + j) * 7 + i];
                assert!((at(i) - at(6 - i)).abs() < 1e-7);
            }
        }
    }
    // One cell, then two ways of eight pairs, then one: 1 + 8 / 2 + 1 ducts of a cell.
    let duct = 2.0 * 14.227 * 0.890e-3 * 1e-4 / 1e-16;
    assert!(
        (state.flow.value() / (3e3 / (6.0 * duct)) - 1.0).abs() < 1e-3,
        "{}",
        state.flow.value()
    );
    // A pump with as much resistance as the map halves the flow.
    let lossy = model
        .with_cavity(1, |cavity| {
            cavity.drive = Drive::Pressure {
                difference: Pascals::new(3e3),
                internal_pa_s_per_m3: 3e3 / state.flow.value(),
            };
        })
        .expect("sound");
    let halved = lossy.cavities().next().expect("one");
    assert!((halved.flow / state.flow - 0.5).abs() < 1e-9);
    assert!((halved.pressure_drop.expect("viscosity").value() - 1.5e3).abs() < 1e-6);
}

/// An open field with two inlets and pillars: the parts of the flow together pass every pair of
/// cells with its share, so that the outlet is exact.
#[test]
fn an_open_field_keeps_its_heat() {
    let mut cells = vec![MapCell::Fluid; 20 * 20];
    for (x, y) in [(4, 5), (9, 11), (13, 6), (15, 15), (5, 14)] {
        cells[y * 20 + x] = MapCell::Solid;
    }
    cells[3] = MapCell::Inlet;
    cells[12] = MapCell::Inlet;
    cells[19 * 20 + 8] = MapCell::Outlet;
    cells[19 * 20 + 19] = MapCell::Outlet;
    let map = CellMap {
        columns: 20,
        rows: 20,
        cells,
    };
    let flow = VolumeFlow::new(1e-8);
    let stack = stack(Passage::Map(map), Drive::Flow(flow), [2e-3, 2e-3]);
    let (model, field) = solve(&stack, [20, 20]);
    let rise = 0.5 / (1e-8 * 4.167e6);
    assert!((model.outlets(&field)[0].mixed.value() - 20.0 - rise).abs() < 1e-7 * rise);
    // Nothing is colder than the inlet.
    assert!(field.kelvin.iter().all(|t| *t > 293.15 - 1e-7));
    assert!(field.iterations < 100, "{}", field.iterations);
}

/// More flow in one channel, by its share, cools its side of the die.
#[test]
fn an_uneven_split_cools_one_side() {
    let channels = Channels {
        count: 2,
        width: Meters::new(0.1e-3),
        wall: Meters::new(0.1e-3),
        first_wall: Meters::new(0.1e-3),
    };
    let mut stack = stack(
        Passage::Channels(channels),
        Drive::Flow(VolumeFlow::new(1e-9)),
        [0.5e-3, 2e-3],
    );
    let set = |stack: &mut Stack, split: Vec<f64>| {
        let cavity = stack.layers[1].cavity.as_mut().expect("coolant");
        cavity.split = split;
    };
    set(&mut stack, vec![0.7, 0.3]);
    let (model, field) = solve(&stack, [5, 20]);
    let end = |i: usize| field.kelvin[19 * 5 + i];
    assert!(end(0) < end(4) - 0.01);
    let outlet = model.outlets(&field)[0];
    let rise = 0.5 / (1e-9 * 4.167e6);
    assert!((outlet.mixed.value() - 20.0 - rise).abs() < 1e-8 * rise);
    assert!(outlet.warmest > outlet.mixed);
    for split in [
        vec![1.0],
        vec![0.7, 0.4],
        vec![1.5, -0.5],
        vec![f64::NAN, 1.0],
    ] {
        set(&mut stack, split);
        let grid = Grid::uniform(&stack, 5, 20).expect("cells");
        assert!(Model::new(&stack, &grid).is_err());
    }
}

#[test]
fn a_map_with_mistakes_names_their_lines() {
    let text = "0,1,0\n# a comment\n0,x,0\n\n0,1\n";
    let errors = CellMap::parse("map.csv", text).expect_err("mistakes");
    assert_eq!(
        errors.to_string(),
        "map.csv:3: \"x\" is no cell (help: -1 is a via, 0 wall, 1 coolant, 2 an inlet, 3 an outlet)\nmap.csv:5: a row of 2 cells; that of line 1 has 3"
    );
    assert!(CellMap::parse("map.csv", "\n#\n").is_err());
    let sealed = "2,0,3";
    let map = CellMap::parse("map.csv", sealed).expect("a map");
    let stack = stack(Passage::Map(map), pressure(1e3), [0.3e-3, 0.1e-3]);
    let grid = Grid::uniform(&stack, 3, 1).expect("cells");
    let error = Model::new(&stack, &grid).expect_err("no way through");
    assert_eq!(
        error.to_string(),
        "coolant layer \"channels\": no way leads from the inlet of the coolant to its outlet"
    );
}

/// Every problem of a cavity at once, each with what is expected.
#[test]
fn a_cavity_with_mistakes() {
    let channels = Channels {
        count: 4,
        width: Meters::new(0.1e-3),
        wall: Meters::new(0.0),
        first_wall: Meters::new(-1.0),
    };
    let mut wrong = stack(
        Passage::Averaged(channels),
        Drive::Flow(VolumeFlow::new(f64::NAN)),
        [0.5e-3, 2e-3],
    );
    wrong.layers.remove(2);
    wrong.layers[1].sheets = 2;
    let cavity = wrong.layers[1].cavity.as_mut().expect("coolant");
    cavity.direction = Direction::Up;
    cavity.inlet = Celsius::new(f64::INFINITY);
    let grid = Grid::uniform(&wrong, 5, 20).expect("cells");
    let error = Model::new(&wrong, &grid).expect_err("mistakes").to_string();
    for part in [
        "it is cut into 2 sheets",
        "need a solid layer below and above",
        "the inlet temperature is inf",
        "the wall width is 0 m",
        "the width of the first wall is -1 m",
        "the flow is NaN m3/s",
        "stands still, and without its conductivity",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
    // A grid that cuts a channel says which lines it needs.
    let mut channels = channels;
    (channels.wall, channels.first_wall) = (Meters::new(0.01e-3), Meters::new(0.0));
    let drive = Drive::Flow(VolumeFlow::new(1e-9));
    let narrow = stack(Passage::Channels(channels), drive, [0.5e-3, 2e-3]);
    let grid = Grid::uniform(&narrow, 5, 20).expect("cells");
    let error = Model::new(&narrow, &grid).expect_err("cut").to_string();
    assert!(
        error.contains("channel 2 of 4 reaches from x = 0.11 to 0.21")
            && error.contains("coolant_lines"),
        "{error}"
    );
}
