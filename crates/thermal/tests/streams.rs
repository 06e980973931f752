//! Responses, sensitivities, runaway and transients where coolant flows inside the package.

mod small;

use thermal::coolant::{Cavity, Channels, Coolant, Passage, Transfer};
use thermal::{
    Block, Grid, Layer, Model, Parameter, PowerLaw, ReducedModel, Reduction, Response, Stack,
    Stepping, ThermalError, Transient,
};
use units::{
    Celsius, HeatTransferCoefficient, KelvinPerWatt, PerKelvin, Seconds, VolumeFlow,
    VolumetricHeatCapacity, Watts,
};

/// Two blocks along averaged channels; silicon conducts better by a factor.
fn model(by: f64) -> Model {
    let mut stack = Stack::new(small::mm(2.0), small::mm(10.0));
    let silicon = stack.material(small::material("silicon", 130.0 * by, 1.63e6));
    let mut source = Layer::new("source", small::mm(0.1), silicon);
    for (name, y) in [("upstream", 1.0), ("downstream", 6.0)] {
        let area = small::rect(0.2, y, 1.6, 3.0);
        source.blocks.push(Block::new(name, area, Watts::new(10.0)));
    }
    stack.layers.push(source);
    stack
        .layers
        .push(Layer::new("die", small::mm(0.4), silicon).cut(2));
    let coolant = Coolant {
        name: "water".to_owned(),
        heat_capacity: VolumetricHeatCapacity::new(4.167e6),
        conductivity: None,
        viscosity: None,
        density: None,
    };
    let channels = Channels {
        count: 10,
        width: small::mm(0.1),
        wall: small::mm(0.1),
        first_wall: small::mm(0.05),
    };
    let cavity = Cavity::new(
        coolant,
        Celsius::new(30.0),
        VolumeFlow::new(10e-6 / 60.0),
        Passage::Averaged(channels),
        Transfer::uniform(HeatTransferCoefficient::new(3e4)),
    );
    stack
        .layers
        .push(Layer::new("channels", small::mm(0.2), silicon).with_cavity(cavity));
    stack
        .layers
        .push(Layer::new("cover", small::mm(0.3), silicon));
    let grid = Grid::uniform(&stack, 5, 20).expect("a small grid");
    Model::new(&stack, &grid).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn heat_goes_downstream_more_than_upstream() {
    let model = model(1.0);
    let response = Response::new(&model).expect("a cooled die");
    assert!(!response.is_symmetric());
    let (down, up) = (response.resistance(1, 0), response.resistance(0, 1));
    assert!(
        down.value() > 2.0 * up.value() && up.value() > 0.0,
        "{down} {up}"
    );
    let powers = [Watts::new(7.0), Watts::new(3.0)];
    let field = model.steady(&powers).expect("a cooled die");
    let averages = response.averages(&powers).expect("two powers");
    for (block, average) in averages.iter().enumerate() {
        let expected = model.average(&field, block).value();
        assert!((average.value() - expected).abs() < 1e-7);
    }
}

#[test]
fn sensitivities_follow_the_coolant_backwards() {
    let of = model(1.0);
    let powers = of.powers();
    let silicon = of.stack().layers[1].material.expect("silicon");
    let found = of
        .sensitivities(&powers, &[Parameter::Material(silicon)])
        .expect("a cooled die");
    let step = 1e-3_f64;
    let with = |by: f64| {
        let model = model(by);
        let field = model.steady(&powers).expect("a cooled die");
        [0, 1].map(|block| model.average(&field, block).value())
    };
    let (high, low) = (with(step.exp()), with((-step).exp()));
    for block in 0..2 {
        let expected = (high[block] - low[block]) / (2.0 * step);
        let error = (found[0][block].value() - expected).abs();
        assert!(error < 1e-5 * expected.abs() + 1e-6, "{error} {expected}");
    }
}

#[test]
fn the_gain_is_the_rate_at_which_repeated_solves_settle() {
    let response = Response::new(&model(1.0)).expect("a cooled die");
    let law = PowerLaw::Leakage {
        constant: Watts::new(5.0),
        leakage: Watts::new(2.0),
        coefficient: PerKelvin::new(0.02),
        reference: Celsius::new(50.0),
    };
    let found = response.operating_point(&[law; 2]).expect("two laws");
    let point = found.stable().expect("it is stable");
    let slope = |block: usize| law.at(point.temperatures[block]).slope_w_per_k;
    let r = |out, source| response.resistance(out, source).value();
    // The greater root of the characteristic polynomial of R diag(dP/dT).
    let trace = r(0, 0) * slope(0) + r(1, 1) * slope(1);
    let product = slope(0) * slope(1) * (r(0, 0) * r(1, 1) - r(0, 1) * r(1, 0));
    let gain = 0.5 * trace + (0.25 * trace * trace - product).sqrt();
    assert!((point.gain - gain).abs() < 1e-9, "{} {gain}", point.gain);
    assert_eq!(point.critical, 1);
}

#[test]
fn transients_hand_their_heat_to_the_coolant() {
    let model = model(1.0);
    let powers = model.powers();
    let stepping = Stepping::Fixed(Seconds::new(2e-3));
    let mut now = Transient::at(&model, Celsius::new(30.0), stepping).expect("a cooled die");
    let done = now
        .advance(&powers, Seconds::new(0.02))
        .expect("a cooled die");
    let balance = done.balance;
    assert!(balance.stored.value() > 0.0 && balance.to_coolant.value() > 0.0);
    assert!(balance.residual().value().abs() < 1e-8 * balance.generated.value());
    now.advance(&powers, Seconds::new(2.0))
        .expect("a cooled die");
    let rest = model.steady(&powers).expect("a cooled die");
    for block in 0..2 {
        let error = now.average(block).value() - model.average(&rest, block).value();
        assert!(error.abs() < 1e-5, "{error}");
    }
}

#[test]
fn a_reduced_model_says_that_it_needs_symmetry() {
    let reduction = Reduction {
        fastest: Seconds::new(1e-3),
        tolerance: KelvinPerWatt::new(1e-4),
    };
    let found = ReducedModel::new(&model(1.0), &reduction);
    assert_eq!(found, Err(ThermalError::Streams));
}
