//! Reduced models against response matrices, full transients and ladders.

mod small;

use std::sync::Arc;

use thermal::{
    Block, Layer, Model, Outside, ReducedModel, ReducedState, Reduction, Response, Stack, Stepping,
    ThermalError, Transient,
};
use units::{Celsius, KelvinDifference, KelvinPerWatt, Seconds, Watts};

fn reduction() -> Reduction {
    Reduction {
        fastest: Seconds::new(1e-3),
        tolerance: KelvinPerWatt::new(1e-4),
    }
}

fn package() -> (Model, Arc<ReducedModel>) {
    let model = small::model(&small::package(0.0), 20, 15);
    let reduced = ReducedModel::new(&model, &reduction()).expect("a package");
    (model, Arc::new(reduced))
}

#[test]
fn at_rest_it_is_the_response_matrix() {
    let (model, reduced) = package();
    let response = Response::new(&model).expect("a package");
    let start = vec![Watts::new(0.0); 5];
    let state = ReducedState::at_rest(reduced.clone(), &start, Outside::default());
    let state = state.expect("five powers");
    for out in 0..5 {
        // Directions without a billionth of the energy are left out.
        assert!((state.average(out).value() - response.base(out).value()).abs() < 1e-7);
        for source in 0..5 {
            let expected = response.resistance(out, source).value();
            let found = reduced.resistance(out, source).value();
            let scale = response.resistance(out, out).value();
            assert!(
                (found - expected).abs() < 1e-7 * scale,
                "{found} {expected}"
            );
        }
    }
}

#[test]
fn steps_stay_within_the_stated_error_of_the_full_package() {
    let (model, reduced) = package();
    let cold = vec![Watts::new(0.0); 5];
    let rest = model.steady(&cold).expect("a package");
    let tolerance = KelvinDifference::new(2e-4);
    // Small beside the resistances, and worth stating beside a degree per hundred watts.
    let error = reduced.error().value();
    let own = reduced.resistance(1, 1).value();
    assert!(error < 0.01 * own, "{error} of {own} K/W");
    let mut worst = 0.0_f64;
    for source in 0..5 {
        let mut powers = cold.clone();
        powers[source] = Watts::new(100.0);
        let stepping = Stepping::Adaptive(tolerance);
        let mut full = Transient::from_field(&model, &rest, stepping).expect("a package");
        let mut state =
            ReducedState::at_rest(reduced.clone(), &cold, Outside::default()).expect("five powers");
        for interval in [1e-3, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0] {
            let interval = Seconds::new(interval);
            full.advance(&powers, interval).expect("a package");
            state
                .step(&powers, Outside::default(), interval)
                .expect("five powers");
            for block in 0..5 {
                let off = full.average(block).value() - state.average(block).value();
                worst = worst.max(off.abs() / 100.0);
            }
        }
    }
    // Errors of the full transient are 1e-5 K/W.
    assert!(
        worst < error + 1e-5,
        "{worst} K/W where {error} K/W is stated"
    );
}

#[test]
fn steps_with_constant_powers_are_exact_whatever_their_length() {
    let (model, reduced) = package();
    let cold = vec![Watts::new(0.0); 5];
    let powers = model.powers();
    let outside = Outside::default();
    let start = ReducedState::at_rest(reduced, &cold, outside).expect("five powers");
    let (mut one, mut many) = (start.clone(), start.clone());
    one.step(&powers, outside, Seconds::new(0.1))
        .expect("five powers");
    for _ in 0..100 {
        many.step(&powers, outside, Seconds::new(1e-3))
            .expect("five powers");
    }
    for (one, many) in one.averages().zip(many.averages()) {
        // Rounding of a hundred steps.
        assert!((one.value() - many.value()).abs() < 1e-10);
    }
    // Both share one model, and the start is as it was.
    assert!(Arc::ptr_eq(one.model(), many.model()));
    assert!(start.average(0).value() < one.average(0).value());
}

#[test]
fn what_is_warmer_outside_is_an_input() {
    let (model, reduced) = package();
    let powers = model.powers();
    let mut warmer = small::package(0.0);
    warmer.top = small::convection(2e4, 47.0);
    warmer.bottom = small::convection(20.0, 22.0);
    let warmer = small::model(&warmer, 20, 15);
    let field = warmer.steady(&powers).expect("a package");
    let outside = Outside {
        top: KelvinDifference::new(7.0),
        bottom: KelvinDifference::new(-3.0),
    };
    let state = ReducedState::at_rest(reduced, &powers, outside).expect("five powers");
    for block in 0..5 {
        let expected = warmer.average(&field, block).value();
        assert!((state.average(block).value() - expected).abs() < 1e-5);
    }
}

#[test]
fn blocks_that_are_left_out_change_no_other() {
    let (model, reduced) = package();
    let few = ReducedModel::among(&model, &[3, 1], &reduction()).expect("two of five blocks");
    assert_eq!(few.names(), ["north", "west"]);
    let (found, expected) = (few.resistance(0, 1), reduced.resistance(3, 1));
    assert!((found.value() / expected.value() - 1.0).abs() < 1e-6);
    let absent = ReducedModel::among(&model, &[5], &reduction());
    assert!(matches!(absent, Err(ThermalError::Absent { index: 5, .. })));
}

#[test]
fn ladders_of_a_block_with_itself_are_passive() {
    let (_, reduced) = package();
    for out in 0..5 {
        for source in 0..5 {
            let ladder = reduced.foster(out, source);
            let back = reduced.foster(source, out);
            assert_eq!(ladder.len(), reduced.n_modes() + 1);
            assert!(ladder.windows(2).all(|pair| pair[0].1 >= pair[1].1));
            for ((there, _), (back, _)) in ladder.iter().zip(&back) {
                assert!((there.value() - back.value()).abs() < 1e-15);
                assert!(out != source || there.value() >= 0.0);
            }
        }
    }
    // Five blocks and two faces at five rates at most, less what is left out.
    assert!(reduced.n_modes() <= 35, "{} modes", reduced.n_modes());
}

#[test]
fn two_lumps_are_their_own_reduced_model() {
    let mut stack = Stack::new(small::mm(10.0), small::mm(10.0));
    let metal = stack.material(small::material("metal", 1e7, 2e6));
    let mut die = Layer::new("die", small::mm(0.5), metal);
    let whole = stack.outline();
    die.blocks.push(Block::new("die", whole, Watts::new(0.0)));
    die.contact = Some(units::ArealThermalResistance::new(2e-5));
    stack.layers.push(die);
    stack
        .layers
        .push(Layer::new("plate", small::mm(3.0), metal));
    stack.top = small::convection(2e4, 40.0);
    let model = small::model(&stack, 1, 1);
    let reduction = Reduction {
        fastest: Seconds::new(1e-3),
        tolerance: KelvinPerWatt::new(1e-9),
    };
    let reduced = ReducedModel::new(&model, &reduction).expect("lumps");
    // C1 | R1 | C2 | R2 as in the test of transients.
    let (c1, c2, r1, r2) = (0.1_f64, 0.6_f64, 0.2_f64, 0.5_f64);
    let (a, d, b) = (
        1.0 / (r1 * c1),
        (1.0 / r1 + 1.0 / r2) / c2,
        1.0 / (r1 * r1 * c1 * c2),
    );
    let root = (0.25 * (a - d) * (a - d) + b).sqrt();
    let rates = [0.5 * (a + d) - root, 0.5 * (a + d) + root];
    assert_eq!(reduced.n_modes(), 2);
    let ladder = reduced.foster(0, 0);
    for (idx, (rate, other)) in [(rates[0], rates[1]), (rates[1], rates[0])]
        .iter()
        .enumerate()
    {
        let weight = (d - rate) / ((other - rate) * c1 * rate);
        assert!(
            (ladder[idx].1.value() * rate - 1.0).abs() < 1e-5,
            "{ladder:?}"
        );
        assert!(
            (ladder[idx].0.value() - weight).abs() < 1e-5,
            "{ladder:?} {weight}"
        );
    }
    assert!(reduced.error().value() < 1e-6);
}

#[test]
fn numbers_can_be_kept_and_are_checked() {
    let (_, reduced) = package();
    let data = reduced.data().clone();
    let again = ReducedModel::from_data(data.clone()).expect("its own numbers");
    assert_eq!(again, *reduced);
    let mut short = data.clone();
    short.gain.pop();
    assert!(matches!(
        ReducedModel::from_data(short),
        Err(ThermalError::Reduced { .. })
    ));
    let mut broken = data;
    broken.tau_s[0] = -1.0;
    assert!(ReducedModel::from_data(broken).is_err());
    let mut state = ReducedState::at_rest(reduced, &[Watts::new(1.0); 5], Outside::default())
        .expect("five powers");
    let before: Vec<f64> = state.averages().map(Celsius::value).collect();
    let tick = Seconds::new(1e-3);
    assert!(
        state
            .step(&[Watts::new(f64::NAN); 5], Outside::default(), tick)
            .is_err()
    );
    assert!(
        state
            .step(&[Watts::new(1.0)], Outside::default(), tick)
            .is_err()
    );
    let at_once = Seconds::new(0.0);
    assert!(
        state
            .step(&[Watts::new(1.0); 5], Outside::default(), at_once)
            .is_err()
    );
    let after: Vec<f64> = state.averages().map(Celsius::value).collect();
    assert_eq!(before, after);
}
