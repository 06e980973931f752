//! Reduced models against response matrices, full transients and ladders.

mod small;

use std::sync::Arc;

use thermal::{
    Beyond, Block, Condition, Face, FaceRegion, Layer, Model, Outside, Patch, Rect, ReducedModel,
    ReducedState, Reduction, Response, Side, Stack, Stepping, ThermalError, Transient,
};
use units::{Celsius, JoulesPerKelvin, KelvinDifference, KelvinPerWatt, Seconds, Watts};

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
fn within_a_step_it_is_where_a_shorter_one_would_have_ended() {
    let (_, reduced) = package();
    let cold = vec![Watts::new(0.0); 5];
    let powers = vec![Watts::new(20.0); 5];
    let outside = Outside::default();
    let start = ReducedState::at_rest(reduced, &cold, outside).expect("five powers");
    let mut long = start.clone();
    long.step(&powers, outside, Seconds::new(0.5))
        .expect("five powers");
    for since in [1e-4, 0.01, 0.3, 0.5] {
        let since = Seconds::new(since);
        let mut short = start.clone();
        short.step(&powers, outside, since).expect("five powers");
        for block in 0..5 {
            let (within, ended) = (long.average_within(block, since), short.average(block));
            // Rounding: the two add the same terms in another order.
            assert!((within.value() - ended.value()).abs() < 1e-10);
        }
    }
    // Taken back, it goes another way as if it had not been made.
    let mut again = long;
    again.begin_again();
    again
        .step(&cold, outside, Seconds::new(0.1))
        .expect("five powers");
    assert!((again.average(0).value() - start.average(0).value()).abs() < 1e-10);
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

/// The package with its upper face cut into two coolers, in regions with its lower face.
fn parted(top: [f64; 2], outside: [f64; 3]) -> (Model, Vec<FaceRegion>) {
    let mut stack = small::package(0.0);
    let (width, height) = (stack.width, stack.height);
    let left = Rect::new(small::mm(0.0), small::mm(0.0), width * 0.4, height);
    let right = Rect::new(width * 0.4, small::mm(0.0), width * 0.6, height);
    let of = |area, h, t| {
        let condition = small::convection(h, t).condition;
        Patch { area, condition }
    };
    stack.top = Face::uniform(Condition::Adiabatic);
    stack.top.patches = vec![of(left, top[0], outside[0]), of(right, top[1], outside[1])];
    stack.bottom = small::convection(20.0, outside[2]);
    let whole = stack.outline();
    let regions = [(Side::Top, left), (Side::Top, right), (Side::Bottom, whole)];
    let regions = regions.map(|(side, area)| FaceRegion {
        side,
        areas: vec![area],
    });
    (small::model(&stack, 20, 15), regions.to_vec())
}

fn by_region() -> (Model, Vec<FaceRegion>, Arc<ReducedModel>) {
    let (model, regions) = parted([2e4, 1e4], [40.0, 30.0, 25.0]);
    let all: Vec<usize> = (0..5).collect();
    let reduced = ReducedModel::through(&model, &all, &regions, &reduction());
    (model, regions, Arc::new(reduced.expect("a package")))
}

fn held(kelvin: [f64; 3]) -> [Beyond; 3] {
    kelvin.map(|k| Beyond::Held(KelvinDifference::new(k)))
}

#[test]
fn every_region_has_its_temperature_and_its_heat() {
    let (model, regions, reduced) = by_region();
    let powers = model.powers();
    let (warmer, _) = parted([2e4, 1e4], [47.0, 28.0, 26.0]);
    let field = warmer.steady(&powers).expect("a package");
    let state = ReducedState::at_rest_beyond(reduced.clone(), &powers, &held([7.0, -2.0, 1.0]));
    let state = state.expect("five powers and three regions");
    for block in 0..5 {
        let expected = warmer.average(&field, block).value();
        assert!((state.average(block).value() - expected).abs() < 1e-5);
    }
    let top = state.heat_through(0) + state.heat_through(1);
    let balance = field.balance;
    assert!((top - balance.through_top).value().abs() < 1e-5);
    assert!(
        (state.heat_through(2) - balance.through_bottom)
            .value()
            .abs()
            < 1e-5
    );
    // Reciprocity: what a kelvin outside makes of a block is the share of its heat that leaves there.
    let response = Response::among(&model, &[0, 1, 2, 3, 4], &regions).expect("a package");
    for region in 0..3 {
        for block in 0..5 {
            let off = reduced.share(region, block) - response.share(region, block);
            assert!(off.abs() < 1e-7, "{region} {block}: {off}");
        }
    }
}

#[test]
fn heat_in_less_heat_out_is_what_is_stored() {
    let (model, _, reduced) = by_region();
    let powers = model.powers();
    let warmed = |from: f64, r: f64| Beyond::Warmed {
        from: KelvinDifference::new(from),
        resistance: KelvinPerWatt::new(r),
    };
    let beyond = [warmed(0.0, 0.05), warmed(2.0, -0.01), held([0.0; 3])[2]];
    let mut state = ReducedState::at_rest_beyond(reduced, &powers, &beyond).expect("a package");
    let sequence = [
        (0.3, [warmed(0.0, 0.05), warmed(2.0, -0.01)], 0.01),
        (2.0, [Beyond::Closed, warmed(2.0, 0.3)], 0.1),
        (1.0, [Beyond::Closed, Beyond::Closed], 3.0),
        (0.0, [warmed(5.0, 0.0), Beyond::Closed], 0.5),
    ];
    for (factor, top, step_s) in sequence {
        let powers: Vec<Watts> = powers.iter().map(|power| *power * factor).collect();
        let beyond = [top[0], top[1], held([0.0, 0.0, 1.0])[2]];
        for _ in 0..7 {
            let before = state.stored().value();
            let step = Seconds::new(step_s);
            state
                .step_beyond(&powers, &beyond, step)
                .expect("a package");
            let flow_w = |way_out: usize| state.heat_through(way_out).value();
            let power_w: f64 = powers.iter().map(|power| power.value()).sum();
            let net_j = (power_w - (0..3).map(flow_w).sum::<f64>()) * step_s;
            let stored_j = state.stored().value() - before;
            // The linear solver resolves 1e-12 of a field, and its differences 1e-9.
            let scale = (power_w + flow_w(0).abs()) * step_s + stored_j.abs();
            assert!(
                (net_j - stored_j).abs() < 1e-7 * scale,
                "{net_j} {stored_j}"
            );
            for (way_out, beyond) in beyond.iter().enumerate() {
                let outside = state.outside(way_out).value();
                match beyond {
                    Beyond::Closed => assert!(flow_w(way_out).abs() < 1e-9 * power_w.max(1.0)),
                    Beyond::Warmed { from, resistance } => {
                        let law = from.value() + resistance.value() * flow_w(way_out);
                        assert!((outside - law).abs() < 1e-9, "{outside} {law}");
                    }
                    Beyond::Held(warmer) => assert!((outside - warmer.value()).abs() < 1e-12),
                }
            }
        }
    }
}

/// A package whose coolers pass nothing is warmed by its heat over all its heat capacity.
#[test]
fn a_closed_package_warms_as_one_lump_in_the_end() {
    let (model, _, reduced) = by_region();
    let powers = model.powers();
    let start = ReducedState::at_rest_beyond(reduced.clone(), &powers, &held([0.0; 3]));
    let mut state = start.expect("a package");
    let closed = [Beyond::Closed; 3];
    let step = Seconds::new(10.0);
    let mut temperatures = Vec::new();
    for _ in 0..30 {
        state
            .step_beyond(&powers, &closed, step)
            .expect("a package");
        temperatures.push(state.average(0).value());
    }
    let capacity: f64 = model.network().capacity.iter().sum();
    let power: f64 = powers.iter().map(|power| power.value()).sum();
    let rate = (temperatures[29] - temperatures[28]) / step.value();
    // What follows at once holds no heat; its modes are ten times faster than a millisecond.
    assert!((rate * capacity / power - 1.0).abs() < 1e-4, "{rate}");
    assert!(temperatures.windows(2).all(|pair| pair[1] > pair[0]));
    let at_rest = ReducedState::at_rest_beyond(reduced, &powers, &closed);
    assert!(
        matches!(at_rest, Err(ThermalError::Stack { .. })),
        "nothing cools it"
    );
}

#[test]
fn regions_have_to_be_all_ways_out_and_every_one_has_its_law() {
    let (model, regions, reduced) = by_region();
    let few = ReducedModel::through(&model, &[0], &regions[..2], &reduction());
    assert!(matches!(few, Err(ThermalError::Reduced { .. })));
    let powers = model.powers();
    let at_rest = |beyond: &[Beyond]| {
        let state = ReducedState::at_rest_beyond(reduced.clone(), &powers, beyond);
        state.expect_err("it makes no sense").to_string()
    };
    says(
        &at_rest(&held([0.0; 3])[..2]),
        "2 temperatures for 3 ways out",
    );
    says(&at_rest(&held([0.0, f64::NAN, 0.0])), "warmer by NaN K");
    let thin = Beyond::Warmed {
        from: KelvinDifference::new(0.0),
        resistance: KelvinPerWatt::new(-1.0),
    };
    says(&at_rest(&[thin; 3]), "way out 0");
    let faces = ReducedState::at_rest(reduced.clone(), &powers, Outside::default());
    assert!(matches!(faces, Err(ThermalError::Outside { .. })));
}

fn says(text: &str, part: &str) {
    assert!(text.contains(part), "{text}");
}

/// What stands on a face stores heat and changes nothing at rest.
#[test]
fn fins_store_heat_and_change_nothing_at_rest() {
    let (model, regions, reduced) = by_region();
    let fins = model
        .storing(&regions[0], JoulesPerKelvin::new(50.0))
        .expect("fins");
    let sum = |model: &Model| model.network().capacity.iter().sum::<f64>();
    assert!((sum(&fins) - sum(&model) - 50.0).abs() < 1e-9);
    let finned = ReducedModel::through(&fins, &[0, 1, 2, 3, 4], &regions, &reduction());
    let finned = finned.expect("a package");
    let (with, without) = (finned.resistance(0, 0), reduced.resistance(0, 0));
    assert!((with / without - 1.0).abs() < 1e-7);
    assert!(finned.foster(0, 0)[0].1 > reduced.foster(0, 0)[0].1);
    let negative = model.storing(&regions[0], JoulesPerKelvin::new(-1.0));
    assert!(matches!(negative, Err(ThermalError::HeatCapacity { .. })));
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let (model, regions) = parted([2e4, 1e4], [40.0, 30.0, 25.0]);
    let with = |n: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build();
        let reduced = pool
            .expect("threads")
            .install(|| ReducedModel::through(&model, &[0, 1, 2, 3, 4], &regions, &reduction()));
        reduced.expect("a package")
    };
    assert_eq!(with(1), with(3));
}
