//! Response matrices and sensitivities against plain solves.

mod small;

use thermal::{Condition, Face, Layer, Model, Parameter, Response, Stack};
use units::{ArealThermalResistance, HeatTransferCoefficient, ThermalConductivity, Watts};

fn watts(powers: &[f64]) -> Vec<Watts> {
    powers.iter().copied().map(Watts::new).collect()
}

#[test]
fn a_slab_has_the_resistance_of_its_parts() {
    let mut stack = Stack::new(small::mm(10.0), small::mm(20.0));
    let silicon = stack.material(small::material("silicon", 120.0, 1.6e6));
    let mut die = Layer::new("die", small::mm(0.6), silicon);
    let whole = stack.outline();
    die.blocks
        .push(thermal::Block::new("core", whole, Watts::new(1.0)));
    stack.layers.push(die);
    stack.top = small::convection(5e3, 30.0);
    let response = Response::new(&small::model(&stack, 4, 6)).expect("a slab");
    // From the middle of its only sheet to the fluid: t / 2 k A + 1 / h A.
    let expected = 0.3e-3 / (120.0 * 2e-4) + 1.0 / (5e3 * 2e-4);
    assert!((response.resistance(0, 0).value() - expected).abs() < 1e-9);
    assert!((response.base(0).value() - 30.0).abs() < 1e-9);
}

#[test]
fn answers_add_up_to_the_steady_field() {
    let model = small::model(&small::package(0.0), 20, 15);
    let response = Response::new(&model).expect("a package");
    for powers in [
        [0.0; 5],
        [100.0, 6.0, 7.0, 8.0, 9.0],
        [3.0, 40.0, 0.0, -2.0, 11.0],
    ] {
        let powers = watts(&powers);
        let field = model.steady(&powers).expect("a package");
        let averages = response.averages(&powers).expect("five powers");
        let maxima = response.maxima(&powers).expect("five powers");
        for block in 0..5 {
            // Two solves to 1e-11 of some 100 K.
            let average = model.average(&field, block).value();
            assert!((averages[block].value() - average).abs() < 1e-7);
            let maximum = model.maximum(&field, block).value();
            assert!((maxima[block].value() - maximum).abs() < 1e-7);
            let alone = response.maximum(block, &powers).expect("five powers");
            assert!((alone.value() - maxima[block].value()).abs() < 1e-12);
        }
    }
    assert!(response.averages(&watts(&[1.0])).is_err());
    // Two temperatures outside: without power the package lies between them.
    assert!((0..5).all(|block| (25.0..40.0).contains(&response.base(block).value())));
}

#[test]
fn answers_are_symmetric_and_positive() {
    let model = small::model(&small::package(0.0), 20, 15);
    let response = Response::new(&model).expect("a package");
    assert!(response.is_symmetric());
    for out in 0..5 {
        for source in 0..5 {
            let there = response.resistance(out, source).value();
            let back = response.resistance(source, out).value();
            assert!(there > 0.0);
            assert!(out == source || there < response.resistance(source, source).value());
            assert!((there - back).abs() < 1e-9 * there, "{there} {back}");
        }
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let model = small::model(&small::package(0.0), 12, 10);
    let with = |n: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build();
        pool.expect("threads")
            .install(|| Response::new(&model).expect("a package"))
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn csv_names_rows_and_columns() {
    let response = Response::new(&small::model(&small::package(0.0), 8, 6)).expect("a package");
    let text = response.to_csv();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "k_per_w,asic,west,east,north,south");
    assert_eq!(lines.len(), 6);
    let cells: Vec<&str> = lines[3].split(',').collect();
    assert_eq!(cells[0], "east");
    let value: f64 = cells[1].parse().expect("a number");
    assert!((value - response.resistance(2, 0).value()).abs() < 1e-15);
}

/// The same package with one conductance greater by a factor.
fn scaled(parameter: Parameter, by: f64) -> Model {
    let mut stack = small::package(0.0);
    let k = |material: &mut thermal::Material| {
        let k = &mut material.conductivity;
        for k in [&mut k.x, &mut k.y, &mut k.z] {
            *k = ThermalConductivity::new(k.value() * by);
        }
    };
    let face = |face: &mut Face| {
        if let Condition::Convection { coefficient, .. } = &mut face.condition {
            *coefficient = HeatTransferCoefficient::new(coefficient.value() * by);
        }
    };
    match parameter {
        Parameter::Material(id) => k(&mut stack.materials[id.index()]),
        // Substrate and lid are the only ones of their material.
        Parameter::Layer(0) => k(&mut stack.materials[0]),
        Parameter::Layer(_) => k(&mut stack.materials[3]),
        Parameter::Contact(layer) => {
            let contact = &mut stack.layers[layer].contact;
            *contact = contact.map(|r| ArealThermalResistance::new(r.value() / by));
        }
        Parameter::Top => face(&mut stack.top),
        Parameter::Bottom => face(&mut stack.bottom),
    }
    small::model(&stack, 12, 10)
}

#[test]
fn sensitivities_are_finite_differences() {
    let model = scaled(Parameter::Top, 1.0);
    let silicon = model.stack().layers[1].blocks[0].material.expect("silicon");
    let parameters = [
        Parameter::Material(silicon),
        Parameter::Layer(0),
        Parameter::Layer(2),
        Parameter::Contact(1),
        Parameter::Top,
        Parameter::Bottom,
    ];
    let powers = model.powers();
    let found = model
        .sensitivities(&powers, &parameters)
        .expect("a package");
    for (parameter, found) in parameters.iter().zip(&found) {
        let step = 1e-3_f64;
        let with = |by: f64| {
            let model = scaled(*parameter, by);
            let field = model.steady(&powers).expect("a package");
            let averages = (0..5).map(|block| model.average(&field, block).value());
            averages.collect::<Vec<f64>>()
        };
        let (high, low) = (with(step.exp()), with((-step).exp()));
        for block in 0..5 {
            let expected = (high[block] - low[block]) / (2.0 * step);
            // The difference errs by the square of its step and by the solver over its step.
            let error = (found[block].value() - expected).abs();
            assert!(
                error < 1e-5 * expected.abs() + 1e-6,
                "{parameter:?} {error} {expected}"
            );
        }
    }
    // Better cooling from above cools everything.
    assert!(found[4].iter().all(|of| of.value() < 0.0));
    assert!(
        model
            .sensitivities(&powers, &[Parameter::Layer(9)])
            .is_err()
    );
}
