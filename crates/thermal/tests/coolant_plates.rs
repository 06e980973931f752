//! Cold plates and loops against closed forms.

use thermal::Condition;
use thermal::coolant::curve::CoolerCurve;
use thermal::coolant::plate::{
    ColdPlate, CoolantLoop, Cooler, NtuPlate, PlateState, Plumbing, ScaledCooler,
};
use thermal::coolant::{Coolant, CoolantError, Direction};
use thermal::{Block, Face, Grid, Layer, Material, Model, Rect, Stack};
use units::{
    Celsius, KelvinPerWatt, Meters, SquareMeters, ThermalConductivity, VolumeFlow,
    VolumetricHeatCapacity, Watts,
};

/// So that one litre a minute carries `4e6 / 6e4` W/K.
fn coolant() -> Coolant {
    Coolant::new("test", VolumetricHeatCapacity::new(4e6))
}

fn litres(per_min: f64) -> VolumeFlow {
    VolumeFlow::new(per_min * 1e-3 / 60.0)
}

/// Heat of one kelvin in one litre a minute, W.
const RATE: f64 = 4e6 * 1e-3 / 60.0;

fn plate(name: &str, cooler: Cooler) -> ColdPlate {
    ColdPlate {
        name: name.to_owned(),
        cooler,
        area: SquareMeters::new(1e-3),
    }
}

fn curve(scale: f64) -> Cooler {
    // Pressure grows as the square of the flow, resistance falls as its root.
    let line = |flow: f64| format!("{flow}, {}, {}\n", 0.04 / flow.sqrt(), scale * flow * flow);
    let lines: String = [0.25, 0.5, 1.0, 2.0, 4.0].map(line).concat();
    let text = format!("flow [L/min], resistance [K/W], pressure [kPa]\n{lines}");
    Cooler::Curve(CoolerCurve::parse("plate.csv", &text).expect("a curve"))
}

fn of(plates: Vec<ColdPlate>, plumbing: Plumbing) -> CoolantLoop {
    CoolantLoop {
        coolant: coolant(),
        inlet: Celsius::new(30.0),
        plates,
        plumbing,
    }
}

/// A plate of one temperature: `R = 1 / (cv V (1 - exp(-NTU)))`. With little conductance it is
/// `1 / U A`, with much `1 / cv V`, and marching the coolant along the plate gives the same.
#[test]
fn transfer_units() {
    let resistance = |conductance: f64| {
        let cooler = Cooler::Plate(NtuPlate {
            conductance_w_per_k: conductance,
        });
        let found = cooler.resistance(litres(1.0), &coolant()).expect("a flow");
        found.over(SquareMeters::new(1e-3)).value()
    };
    assert!((resistance(1e-6 * RATE) * 1e-6 * RATE - 1.0).abs() < 1e-6);
    assert!((resistance(1e3 * RATE) * RATE - 1.0).abs() < 1e-12);
    assert!((resistance(RATE) * RATE * (1.0 - (-1f64).exp()) - 1.0).abs() < 1e-12);
    // A plate at one kelvin above the inlet, in steps of a thousandth.
    let steps = 1000;
    let mut coolant_k = 0.0;
    for _ in 0..steps {
        coolant_k += (1.0 - coolant_k) * (1.0 - (-1.0 / f64::from(steps)).exp());
    }
    assert!((1.0 / (RATE * coolant_k) - resistance(RATE)).abs() < 1e-12);
}

/// `R(V) = (R0 - 1/2cV0) (V/V0)^-n + 1/2cV`, and a cooler that beats its coolant is refused.
#[test]
fn scaling_with_flow() {
    let caloric = 0.5 / RATE;
    let at = |resistance: f64, exponent: f64, flow: f64| {
        let cooler = Cooler::Scaled(ScaledCooler {
            resistance: KelvinPerWatt::new(resistance),
            flow: litres(1.0),
            exponent,
        });
        let found = cooler.resistance(litres(flow), &coolant());
        found.map(|found| found.over(SquareMeters::new(1.0)).value())
    };
    let stated = 0.05;
    assert!((at(stated, 0.8, 1.0).expect("stated") - stated).abs() < 1e-15);
    let expected = (stated - caloric) * 2f64.powf(-0.8) + caloric / 2.0;
    assert!((at(stated, 0.8, 2.0).expect("scaled") - expected).abs() < 1e-15);
    // Developed laminar flow: only the coolant's own rise falls.
    let laminar = at(stated, 0.0, 1e9).expect("scaled");
    assert!((laminar - (stated - caloric)).abs() < 1e-9);
    assert!(matches!(
        at(0.9 * caloric, 0.8, 1.0),
        Err(CoolantError::TooSmall { .. })
    ));
    assert!(matches!(
        at(stated, 0.8, 0.0),
        Err(CoolantError::OutOfRange { .. })
    ));
}

/// One after the other: the second plate sees the first one's outlet. All heat leaves with the
/// coolant.
#[test]
fn plates_in_series() {
    let plates = vec![plate("a", curve(5.0)), plate("b", curve(5.0))];
    let order = Plumbing::Series(vec![Plumbing::Plate(1), Plumbing::Plate(0)]);
    let states = of(plates, order)
        .solve(litres(1.0), &[Watts::new(100.0), Watts::new(500.0)])
        .expect("a loop");
    assert!((states[1].inlet.value() - 30.0).abs() < 1e-12);
    assert!((states[0].inlet.value() - (30.0 + 500.0 / RATE)).abs() < 1e-12);
    assert!((states[0].outlet.value() - (30.0 + 600.0 / RATE)).abs() < 1e-12);
    let base = states[0].base.expect("it flows").value();
    assert!((base - (states[0].inlet.value() + 4.0)).abs() < 1e-9);
    assert!((states[0].pressure_drop.expect("stated").value() - 5e3).abs() < 1e-6);
}

/// Side by side: with pressures as the square of the flow, four times the resistance to flow takes
/// half of the flow.
#[test]
fn plates_in_parallel() {
    let plates = vec![
        plate("a", curve(4.0)),
        plate("b", curve(16.0)),
        plate("c", curve(4.0)),
    ];
    let pair = Plumbing::Parallel(vec![Plumbing::Plate(0), Plumbing::Plate(1)]);
    let order = Plumbing::Series(vec![pair, Plumbing::Plate(2)]);
    let of = of(plates, order);
    let heats = [Watts::new(100.0), Watts::new(100.0), Watts::new(0.0)];
    let states = of.solve(litres(1.5), &heats).expect("a loop");
    assert!((states[0].flow / litres(1.0) - 1.0).abs() < 1e-9);
    assert!((states[1].flow / litres(0.5) - 1.0).abs() < 1e-9);
    let mixed = 30.0 + 200.0 / (1.5 * RATE);
    assert!((states[2].inlet.value() - mixed).abs() < 1e-9);
    // Beyond the curves there is no division.
    for flow in [0.3, 7.0] {
        assert!(of.solve(litres(flow), &heats).is_err());
    }
}

/// A plate without coolant takes up nothing; a package that has only this sink floats.
#[test]
fn a_dry_plate_cools_nothing() {
    let of = of(vec![plate("a", curve(5.0))], Plumbing::Plate(0));
    let [wet, dry] = [1.0, 0.0].map(|flow| {
        let states = of.solve(litres(flow), &[Watts::new(50.0)]).expect("a loop");
        states[0]
    });
    assert!(dry.is_dry() && !wet.is_dry());
    assert_eq!(dry.condition(), Condition::Adiabatic);
    let model = |state: &PlateState| {
        let (stack, grid) = package(Face::uniform(state.condition()));
        Model::new(&stack, &grid)
    };
    assert!(model(&wet).is_ok());
    let error = model(&dry).expect_err("floats").to_string();
    assert!(error.contains("floats"), "{error}");
}

/// A lid of 40 mm by 25 mm, heated by 50 W all over.
fn package(top: Face) -> (Stack, Grid) {
    let mut stack = Stack::new(Meters::new(40e-3), Meters::new(25e-3));
    let lid = stack.material(Material::isotropic(
        "lid",
        ThermalConductivity::new(0.1),
        VolumetricHeatCapacity::new(3.4e6),
    ));
    // So thin that what it adds to the plate is 3e-7 K.
    let mut layer = Layer::new("lid", Meters::new(1e-12), lid);
    let whole = stack.outline();
    layer
        .blocks
        .push(Block::new("heat", whole, Watts::new(50.0)));
    stack.layers.push(layer);
    stack.top = top;
    let grid = Grid::uniform(&stack, 8, 5).expect("cells");
    (stack, grid)
}

/// Strips along the plate have the mean temperature of the whole plate, and the last is warmer than
/// the first by the rise of the coolant between their middles.
#[test]
fn strips_along_a_plate() {
    let of = of(vec![plate("a", curve(5.0))], Plumbing::Plate(0));
    let heat = Watts::new(50.0);
    let state = of.solve(litres(0.5), &[heat]).expect("a loop")[0];
    let over = Rect::new(
        Meters::new(0.0),
        Meters::new(0.0),
        Meters::new(40e-3),
        Meters::new(25e-3),
    );
    for (direction, n) in [
        (Direction::Right, 8),
        (Direction::Left, 8),
        (Direction::Up, 5),
    ] {
        let patches = state.strips(&over, direction, n, heat).expect("strips");
        assert_eq!(patches.len(), n);
        let mut top = Face::uniform(Condition::Adiabatic);
        top.patches = patches;
        let (stack, grid) = package(top);
        let model = Model::new(&stack, &grid).expect("sound");
        let field = model.steady(&model.powers()).expect("a solution");
        let mean = model.average(&field, 0).value();
        assert!(
            (mean - state.base.expect("it flows").value()).abs() < 1e-5,
            "{mean}"
        );
        let difference = field.kelvin[39] - field.kelvin[0];
        let rise = 50.0 / (0.5 * RATE) * (n - 1) as f64 / n as f64;
        let expected = if direction == Direction::Left {
            -rise
        } else {
            rise
        };
        assert!(
            (difference - expected).abs() < 1e-5,
            "{difference} {expected}"
        );
    }
}

#[test]
fn a_loop_with_mistakes() {
    let check = |plumbing: Plumbing, heats: usize, expected: &str| {
        let dry = Cooler::Plate(NtuPlate {
            conductance_w_per_k: 10.0,
        });
        let of = of(vec![plate("a", dry), plate("b", curve(1.0))], plumbing);
        let error = of
            .solve(litres(1.0), &vec![Watts::new(1.0); heats])
            .expect_err("mistakes");
        assert!(error.to_string().contains(expected), "{error}");
    };
    let both = || vec![Plumbing::Plate(0), Plumbing::Plate(1)];
    check(Plumbing::Series(both()), 1, "1 heats for 2 plates");
    check(Plumbing::Plate(0), 2, "plate \"b\" is joined 0 times");
    check(Plumbing::Plate(7), 2, "plate number 7 is not one of 2");
    check(
        Plumbing::Parallel(both()),
        2,
        "plate \"a\" states no pressure drop",
    );
    let shares = both().into_iter().map(|part| (0.6, part)).collect();
    check(Plumbing::Shares(shares), 2, "add up to 1.2");
    let far = both()
        .into_iter()
        .zip([0.9, 0.1])
        .map(|(part, share)| (share, part));
    check(
        Plumbing::Shares(far.collect()),
        2,
        "outside its curve, which reaches from 0.25",
    );
}
