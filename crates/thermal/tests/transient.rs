//! Transients against closed forms: order, jumps, heat that is stored.

mod small;

use thermal::read::Interval;
use thermal::{
    Block, Condition, Face, Layer, Model, Stack, Stepping, ThermalError, Trace, Transient,
};
use units::{Celsius, HeatTransferCoefficient, KelvinDifference, Seconds, Watts};

/// One column of a slab under a fluid at 40 C, one block through all of it.
fn slab(thickness_mm: f64, k: f64, h: f64, sheets: usize) -> Model {
    let mut stack = Stack::new(small::mm(10.0), small::mm(10.0));
    let of = stack.material(small::material("slab", k, 1.6e6));
    let mut layer = Layer::new("slab", small::mm(thickness_mm), of).cut(sheets);
    let whole = stack.outline();
    layer
        .blocks
        .push(Block::new("slab", whole, Watts::new(0.0)));
    stack.layers.push(layer);
    stack.top = small::convection(h, 40.0);
    small::model(&stack, 1, 1)
}

/// Error of the mean of a slab that starts at 140 C, after some time in so many steps.
fn error_of_decay(model: &Model, time: f64, n: u32, is_euler: bool, expected: f64) -> f64 {
    let step = Seconds::new(time / f64::from(n));
    let stepping = if is_euler {
        Stepping::BackwardEuler(step)
    } else {
        Stepping::Fixed(step)
    };
    let mut now = Transient::at(model, Celsius::new(140.0), stepping).expect("a slab");
    let done = now
        .advance(&[Watts::new(0.0)], Seconds::new(time))
        .expect("a slab");
    assert_eq!(done.steps, n as usize);
    assert!((now.time().value() - time).abs() < 1e-12 * time);
    (now.average(0).value() - expected).abs()
}

/// Orders between runs with half the step each.
fn orders(errors: &[f64]) -> Vec<f64> {
    errors
        .windows(2)
        .map(|pair| (pair[0] / pair[1]).log2())
        .collect()
}

#[test]
fn a_lumped_body_decays_exponentially() {
    // So thin and conducting that its only resistance is that of the fluid.
    let model = slab(1.0, 1e7, 1e3, 1);
    let tau = 1.6e6 * 1e-3 / 1e3;
    let expected = 40.0 + 100.0 * f64::exp(-1.0);
    for (is_euler, order) in [(true, 1.0), (false, 2.0)] {
        let errors: Vec<f64> = [16, 32, 64]
            .map(|n| error_of_decay(&model, tau, n, is_euler, expected))
            .into();
        assert!(
            orders(&errors).iter().all(|o| (o - order).abs() < 0.1),
            "{errors:?}"
        );
    }
}

#[test]
fn a_slab_cools_as_the_series_says() {
    // Biot number 2; the mean of the series of Carslaw and Jaeger, section 3.11.
    let (length, k, h) = (1e-3, 2.0, 4e3);
    let model = slab(length * 1e3, k, h, 400);
    let fourier = 0.5;
    let time = fourier * length * length * 1.6e6 / k;
    let mut mean = 0.0;
    for n in 0..40 {
        // zeta tan zeta = Bi, once in each half period.
        let (mut low, mut high) = (f64::from(n) * std::f64::consts::PI, 0.0);
        high += low + std::f64::consts::FRAC_PI_2;
        for _ in 0..100 {
            let middle = 0.5 * (low + high);
            if middle * middle.tan() < h * length / k {
                low = middle;
            } else {
                high = middle;
            }
        }
        let zeta = 0.5 * (low + high);
        let weight = 4.0 * zeta.sin().powi(2) / (zeta * (2.0 * zeta + (2.0 * zeta).sin()));
        mean += weight * (-zeta * zeta * fourier).exp();
    }
    let expected = 40.0 + 100.0 * mean;
    let of = |is_euler| -> Vec<f64> {
        let runs = [8, 16, 32].map(|n| error_of_decay(&model, time, n, is_euler, expected));
        runs.into()
    };
    let (euler, default) = (of(true), of(false));
    assert!(
        orders(&euler).iter().all(|o| (o - 1.0).abs() < 0.15),
        "{euler:?}"
    );
    // The start does not fit the fluid, and the default is of second order all the same; the grid of
    // 400 sheets errs by some 1e-4 K.
    assert!(orders(&default).iter().all(|o| *o > 1.8), "{default:?}");
    assert!(default[2] < 2e-3 && euler[2] > 0.1, "{default:?} {euler:?}");
}

/// A die over a plate, one cell each, both conducting so well that each is a lump.
fn two_lumps() -> Model {
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
    small::model(&stack, 1, 1)
}

#[test]
fn two_lumps_answer_a_step_as_their_foster_ladder() {
    let model = two_lumps();
    // Cauer ladder: C1 | R1 | C2 | R2 to the fluid, written as a sum of exponentials.
    let (c1, c2, r1, r2) = (0.1_f64, 0.6_f64, 0.2_f64, 0.5_f64);
    let (a, d, b) = (
        1.0 / (r1 * c1),
        (1.0 / r1 + 1.0 / r2) / c2,
        1.0 / (r1 * r1 * c1 * c2),
    );
    let root = (0.25 * (a - d) * (a - d) + b).sqrt();
    let rates = [0.5 * (a + d) - root, 0.5 * (a + d) + root];
    // Weight of each mode in the die, from (a - rate)(d - rate) = b.
    let weight = |rate: f64, other: f64| (d - rate) / ((other - rate) * c1 * rate);
    let ladder = [
        (weight(rates[0], rates[1]), 1.0 / rates[0]),
        (weight(rates[1], rates[0]), 1.0 / rates[1]),
    ];
    assert!((ladder[0].0 + ladder[1].0 - r1 - r2).abs() < 1e-12);
    let tolerance = KelvinDifference::new(1e-4);
    let start = Celsius::new(40.0);
    let mut now = Transient::at(&model, start, Stepping::Adaptive(tolerance)).expect("lumps");
    let powers = [Watts::new(100.0)];
    let mut time = 0.0;
    for interval in [1e-3, 9e-3, 0.09, 0.4, 2.0] {
        now.advance(&powers, Seconds::new(interval)).expect("lumps");
        time += interval;
        let rise = ladder
            .iter()
            .map(|(r, tau)| 100.0 * r * -f64::exp_m1(-time / tau));
        let expected = 40.0 + rise.sum::<f64>();
        // Some hundred steps of 1e-4 K at most, which the package forgets.
        let error = (now.average(0).value() - expected).abs();
        assert!(error < 2e-3, "{error} K after {time} s");
    }
}

#[test]
fn after_a_jump_of_power_the_order_stays_two_and_ringing_dies_out() {
    let model = small::model(&small::package(0.0), 16, 12);
    let cold = vec![Watts::new(0.0); 5];
    let powers = model.powers();
    let rest = model.steady(&cold).expect("a package");
    let run = |stepping| {
        let mut now = Transient::from_field(&model, &rest, stepping).expect("a package");
        let mut trace = Trace::new();
        // Two jumps, the second down again.
        let intervals = [(powers.clone(), 0.4), (cold.clone(), 0.2)];
        let intervals = intervals.map(|(powers, s)| Interval {
            duration: Seconds::new(s),
            powers,
        });
        now.run(&intervals, &mut trace).expect("a package");
        (
            (0..5)
                .map(|block| now.average(block).value())
                .collect::<Vec<f64>>(),
            trace,
        )
    };
    let fixed = |n: f64| run(Stepping::Fixed(Seconds::new(0.2 / n)));
    let truth = fixed(512.0).0;
    let error = |found: &[f64]| {
        let pairs = found.iter().zip(&truth);
        pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    };
    let errors = [8.0, 16.0, 32.0].map(|n| error(&fixed(n).0));
    assert!(orders(&errors).iter().all(|o| *o > 1.7), "{errors:?}");
    // Backward Euler with the finest of these steps is worse than the default with the coarsest.
    let euler = error(&run(Stepping::BackwardEuler(Seconds::new(0.2 / 32.0))).0);
    assert!(euler > errors[0], "{euler} {errors:?}");
    // Sheets answer within a millisecond; with steps of 50 ms a mode may swing back by 0.21 of its
    // part in the first step after a jump, and by 0.04 in the next one. The trapezium alone would
    // swing by all of it for ever.
    let (_, trace) = fixed(4.0);
    for block in 0..5 {
        let found: Vec<f64> = trace.maxima(block).map(Celsius::value).collect();
        assert_eq!(found.len(), 1 + 8 + 4);
        let (up, down) = (found[1] - found[0], found[8] - found[9]);
        assert!(
            found[..9].windows(2).all(|w| w[1] > w[0] - 0.02 * up),
            "{found:?}"
        );
        assert!(found[3..9].windows(2).all(|w| w[1] > w[0]), "{found:?}");
        assert!(
            found[8..].windows(2).all(|w| w[1] < w[0] + 0.1 * down),
            "{found:?}"
        );
        assert!(found[11..].windows(2).all(|w| w[1] < w[0]), "{found:?}");
        let (when, peak) = trace.peak(block).expect("thirteen times");
        assert!((when.value() - 0.4).abs() < 1e-12 && (peak.value() - found[8]).abs() < 1e-12);
    }
}

#[test]
fn adaptive_steps_hold_their_tolerance() {
    let model = small::model(&small::package(0.0), 16, 12);
    let rest = model.steady(&[Watts::new(0.0); 5]).expect("a package");
    let powers = model.powers();
    let run = |stepping| {
        let mut now = Transient::from_field(&model, &rest, stepping).expect("a package");
        let mut worst = Vec::new();
        let mut steps = 0;
        for interval in [1e-3, 1e-2, 0.1, 1.0] {
            let done = now
                .advance(&powers, Seconds::new(interval))
                .expect("a package");
            steps += done.steps;
            worst.extend((0..5).map(|block| now.maximum(block).value()));
            if let Stepping::Adaptive(tolerance) = stepping {
                assert!(done.local_error.value() <= tolerance.value());
            }
        }
        (worst, steps)
    };
    let (truth, _) = run(Stepping::Adaptive(KelvinDifference::new(1e-5)));
    let mut last = 0;
    for tolerance in [0.1, 0.01, 0.001] {
        let (found, steps) = run(Stepping::Adaptive(KelvinDifference::new(tolerance)));
        let pairs = found.iter().zip(&truth);
        let error = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        // Local errors add up until the package forgets them.
        assert!(
            error < 5.0 * tolerance,
            "{error} K with {tolerance} K in {steps} steps"
        );
        assert!(steps > last && steps < 2000, "{steps} steps");
        last = steps;
    }
}

#[test]
fn heat_is_stored_or_leaves() {
    let model = small::model(&small::package(0.0), 16, 12);
    let powers = model.powers();
    let whole: f64 = powers.iter().map(|power| power.value()).sum();
    let capacity = &model.network().capacity;
    for stepping in [
        Stepping::Fixed(Seconds::new(5e-3)),
        Stepping::BackwardEuler(Seconds::new(5e-3)),
        Stepping::Adaptive(KelvinDifference::new(0.02)),
    ] {
        let mut now = Transient::at(&model, Celsius::new(30.0), stepping).expect("a package");
        let done = now.advance(&powers, Seconds::new(0.1)).expect("a package");
        let balance = done.balance;
        assert!((balance.generated.value() - whole).abs() < 1e-9 * whole);
        // Each step is checked to 1e-9 of what flows.
        assert!(
            balance.residual().value().abs() < 1e-8 * whole,
            "{balance:?}"
        );
        let field = now.field().expect("steps were taken");
        let start_k = 30.0 + 273.15;
        let cells = capacity.iter().zip(&field.kelvin);
        let stored: f64 = cells.map(|(c, k)| c * (k - start_k)).sum();
        let error = (balance.stored.value() * 0.1 - stored).abs();
        assert!(error < 1e-8 * stored.abs(), "{error} J of {stored} J");
    }
}

#[test]
fn a_transient_ends_at_rest() {
    let model = small::model(&small::package(0.0), 16, 12);
    let powers = model.powers();
    let rest = model.steady(&powers).expect("a package");
    let stepping = Stepping::Fixed(Seconds::new(0.5));
    let mut now = Transient::at(&model, Celsius::new(40.0), stepping).expect("a package");
    now.advance(&powers, Seconds::new(200.0))
        .expect("a package");
    for block in 0..5 {
        let error = now.average(block).value() - model.average(&rest, block).value();
        assert!(error.abs() < 1e-6, "{error}");
    }
    // And what starts at rest stays there.
    let mut now = Transient::from_field(&model, &rest, stepping).expect("a package");
    now.advance(&powers, Seconds::new(10.0)).expect("a package");
    for block in 0..5 {
        let error = now.average(block).value() - model.average(&rest, block).value();
        assert!(error.abs() < 1e-6, "{error}");
    }
}

#[test]
fn cooling_that_changes_leads_to_another_rest() {
    let stack = small::package(0.0);
    let model = small::model(&stack, 16, 12);
    let mut worse = stack;
    let Condition::Convection { ambient, .. } = worse.top.condition else {
        panic!("the package is cooled by convection");
    };
    worse.top = Face::uniform(Condition::Convection {
        coefficient: HeatTransferCoefficient::new(4e3),
        ambient,
    });
    let worse = small::model(&worse, 16, 12);
    let powers = model.powers();
    let rest = model.steady(&powers).expect("a package");
    let stepping = Stepping::Adaptive(KelvinDifference::new(0.01));
    let mut now = Transient::from_field(&model, &rest, stepping).expect("a package");
    let before = now.average(0).value();
    now.set_model(&worse).expect("the same cells");
    assert!((now.average(0).value() - before).abs() < 1e-9);
    now.advance(&powers, Seconds::new(0.05)).expect("a package");
    assert!(now.average(0).value() > before);
    now.advance(&powers, Seconds::new(300.0))
        .expect("a package");
    let end = worse.steady(&powers).expect("a package");
    let error = (now.average(0).value() - worse.average(&end, 0).value()).abs();
    assert!(error < 0.02, "{error}");
    let other = small::model(&small::package(0.0), 4, 4);
    assert!(matches!(
        now.set_model(&other),
        Err(ThermalError::Field { .. })
    ));
}

#[test]
fn times_and_tolerances_are_positive() {
    let model = two_lumps();
    let start = Celsius::new(40.0);
    for stepping in [
        Stepping::Fixed(Seconds::new(0.0)),
        Stepping::BackwardEuler(Seconds::new(f64::NAN)),
        Stepping::Adaptive(KelvinDifference::new(-1.0)),
    ] {
        let found = Transient::at(&model, start, stepping);
        assert!(matches!(found, Err(ThermalError::Time { .. })));
    }
    let stepping = Stepping::Fixed(Seconds::new(1.0));
    assert!(Transient::at(&model, Celsius::new(f64::NAN), stepping).is_err());
    let mut now = Transient::at(&model, start, stepping).expect("lumps");
    assert!(now.advance(&[Watts::new(1.0)], Seconds::new(0.0)).is_err());
    assert!(now.advance(&[], Seconds::new(1.0)).is_err());
    assert!(now.field().is_none());
}
