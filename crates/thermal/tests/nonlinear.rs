//! Powers and conductivities that depend on temperature, against closed forms.

mod small;

use thermal::{
    Block, Condition, Conductivity, Face, Layer, Model, Operation, PowerAt, PowerLaw, Response,
    Stack, ThermalError,
};
use units::{Celsius, HeatFlux, Kelvin, PerKelvin, Watts};

/// One block over the whole of a slab, with the given resistance to a fluid at 40 C.
fn lump(k_per_w: f64) -> Response {
    let mut stack = Stack::new(small::mm(10.0), small::mm(10.0));
    let silicon = stack.material(small::material("silicon", 1e6, 1.6e6));
    let mut die = Layer::new("die", small::mm(1e-3), silicon);
    let whole = stack.outline();
    die.blocks.push(Block::new("core", whole, Watts::new(0.0)));
    stack.layers.push(die);
    stack.top = small::convection(1e4 / k_per_w, 40.0);
    Response::new(&small::model(&stack, 1, 1)).expect("a slab")
}

/// Leakage alone, stated at the temperature of the fluid.
fn leakage(watts: f64) -> PowerLaw<'static> {
    PowerLaw::Leakage {
        constant: Watts::new(0.0),
        leakage: Watts::new(watts),
        coefficient: PerKelvin::new(0.02),
        reference: Celsius::new(40.0),
    }
}

/// Principal branch of `w e^w = x` for `-1/e < x < 0`, by bisection.
fn lambert(x: f64) -> f64 {
    let (mut low, mut high) = (-1.0, 0.0);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle * f64::exp(middle) < x {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[test]
fn leakage_of_one_block_is_lamberts_function() {
    let r = 0.5;
    let response = lump(r);
    // x = R Pl e^(beta x) has the solution beta x = -W(-beta R Pl).
    for watts in [1.0, 10.0, 30.0, 36.0] {
        let found = response
            .operating_point(&[leakage(watts)])
            .expect("one law");
        let point = found
            .stable()
            .unwrap_or_else(|| panic!("{watts} W is stable"));
        let gain = -lambert(-0.02 * r * watts);
        assert!((point.gain - gain).abs() < 1e-7, "{} {gain}", point.gain);
        let rise = point.temperatures[0].value() - 40.0;
        assert!((rise - gain / 0.02).abs() < 1e-5, "{rise}");
        assert!((point.margin() + point.gain - 1.0).abs() < 1e-15);
        assert!(point.residual.value() <= 1e-9);
        assert!((point.powers[0].value() - rise / r).abs() < 1e-6);
    }
}

#[test]
fn beyond_the_fold_there_is_no_operating_point() {
    let r = 0.5;
    let response = lump(r);
    // The greatest leakage is 1 / (e beta R).
    let greatest = 1.0 / (std::f64::consts::E * 0.02 * r);
    for factor in [1.001, 1.5, 4.0, 1000.0] {
        let found = response.operating_point(&[leakage(factor * greatest)]);
        let Ok(Operation::Runaway(runaway)) = found else {
            panic!("{factor} times the fold: {found:?}");
        };
        assert!((runaway.load_fraction - 1.0 / factor).abs() < 3e-6);
        assert!(runaway.last.gain > 0.9 && runaway.last.gain < 1.0);
        assert_eq!(runaway.last.critical, 0);
    }
    let below = response
        .operating_point(&[leakage(0.999 * greatest)])
        .expect("one law");
    assert!(below.stable().is_some_and(|point| point.margin() < 0.1));
}

#[test]
fn coupled_leakage_is_the_limit_of_repeated_solves() {
    let model = small::model(&small::package(0.0), 12, 10);
    let response = Response::new(&model).expect("a package");
    let law = |watts: f64| PowerLaw::Leakage {
        constant: Watts::new(watts),
        leakage: Watts::new(0.3 * watts),
        coefficient: PerKelvin::new(0.015),
        reference: Celsius::new(70.0),
    };
    let laws: Vec<_> = [100.0, 6.0, 7.0, 8.0, 9.0].map(law).into();
    let found = response.operating_point(&laws).expect("five laws");
    let point = found.stable().expect("it is stable");
    let mut powers = vec![Watts::new(0.0); 5];
    let mut averages = vec![Celsius::new(0.0); 5];
    for _ in 0..60 {
        let field = model.steady(&powers).expect("a package");
        averages = (0..5).map(|block| model.average(&field, block)).collect();
        powers = laws
            .iter()
            .zip(&averages)
            .map(|(law, t)| law.at(*t).power)
            .collect();
    }
    for (found, expected) in point.temperatures.iter().zip(&averages) {
        assert!((found.value() - expected.value()).abs() < 1e-6);
    }
    assert_eq!(point.critical, 0);
    // Errors of repeated solves shrink by the gain each time.
    let slope = |block: usize| laws[block].at(averages[block]).slope_w_per_k;
    let mut error = vec![1.0; 5];
    let mut shrink = 0.0;
    for _ in 0..200 {
        let image: Vec<f64> = (0..5)
            .map(|out| {
                let terms =
                    (0..5).map(|j| response.resistance(out, j).value() * slope(j) * error[j]);
                terms.sum()
            })
            .collect();
        shrink = image.iter().copied().fold(0.0, f64::max);
        error = image.iter().map(|e| e / shrink).collect();
    }
    assert!(
        (point.gain - shrink).abs() < 1e-9,
        "{} {shrink}",
        point.gain
    );
}

#[test]
fn heaters_that_hold_a_temperature_make_the_package_stiffer() {
    let model = small::model(&small::package(0.0), 12, 10);
    let response = Response::new(&model).expect("a package");
    // A loop that heats by 0.5 W for each kelvin below 80 C.
    let heater = |t: Celsius| PowerAt {
        power: Watts::new(0.5 * (80.0 - t.value())),
        slope_w_per_k: -0.5,
    };
    let constant = PowerLaw::Constant(Watts::new(0.0));
    let laws = [
        constant,
        PowerLaw::Function(&heater),
        constant,
        constant,
        constant,
    ];
    let found = response.operating_point(&laws).expect("five laws");
    let point = found.stable().expect("it is stable");
    // T = T0 + R g (80 - T) in closed form.
    let r = response.resistance(1, 1).value();
    let base = response.base(1).value();
    let expected = (base + 0.5 * r * 80.0) / (1.0 + 0.5 * r);
    assert!((point.temperatures[1].value() - expected).abs() < 1e-9);
    // The other eigenvalues of R diag(dP/dT) are zero.
    assert!(point.gain.abs() < 1e-9);
    let all = [PowerLaw::Function(&heater); 5];
    let found = response.operating_point(&all).expect("five laws");
    assert!(
        found
            .stable()
            .is_some_and(|point| point.gain < 0.0 && point.margin() > 1.0)
    );
}

#[test]
fn a_law_without_a_number_is_named() {
    let response = lump(1.0);
    let broken = |_: Celsius| PowerAt {
        power: Watts::new(f64::NAN),
        slope_w_per_k: 0.0,
    };
    let found = response.operating_point(&[PowerLaw::Function(&broken)]);
    assert!(matches!(found, Err(ThermalError::PowerLaw { block, .. }) if block == "core"));
    assert!(response.operating_point(&[]).is_err());
}

/// A slab held at 350 K below, with 2 MW/m2 from above.
fn slab(sheets: usize) -> (Model, Conductivity) {
    let mut stack = Stack::new(small::mm(1.0), small::mm(1.0));
    let mut of_silicon = small::material("silicon", 148.0, 1.65e6);
    of_silicon.conductivity.exponent = 1.3;
    let conductivity = of_silicon.conductivity;
    let silicon = stack.material(of_silicon);
    stack
        .layers
        .push(Layer::new("slab", small::mm(5.0), silicon).cut(sheets));
    stack.bottom = Face::uniform(Condition::Temperature(Kelvin::new(350.0).into()));
    stack.top = Face::uniform(Condition::Flux(HeatFlux::new(2e6)));
    (small::model(&stack, 1, 1), conductivity)
}

#[test]
fn conductivity_over_temperature_follows_kirchhoffs_transform() {
    let worst = |sheets: usize| {
        let (model, of) = slab(sheets);
        let found = model.steady_nonlinear(&[]).expect("a slab");
        assert!(found.sweeps <= 20, "{} sweeps", found.sweeps);
        assert!(found.change.value() <= 1e-6);
        let (k0, t0, n) = (of.z.value(), of.reference.value(), of.exponent);
        let dz = 5e-3 / sheets as f64;
        let errors = found.field.kelvin.iter().enumerate().map(|(k, kelvin)| {
            // k0 T0^n (T^(1-n) - Tb^(1-n)) / (1 - n) = q z.
            let z = (k as f64 + 0.5) * dz;
            let power = 350_f64.powf(1.0 - n) + (1.0 - n) * 2e6 * z / (k0 * t0.powf(n));
            (kelvin - power.powf(1.0 / (1.0 - n))).abs()
        });
        errors.fold(0.0, f64::max)
    };
    let errors = [8, 16, 32].map(worst);
    // The rise is 100 K and more; a grid of half the width errs by a quarter.
    assert!(errors[2] < 0.02, "{errors:?}");
    for pair in errors.windows(2) {
        let order = (pair[0] / pair[1]).log2();
        assert!((order - 2.0).abs() < 0.25, "{errors:?}");
    }
}

#[test]
fn conductivities_that_do_not_depend_on_temperature_change_nothing() {
    let model = small::model(&small::package(0.0), 12, 10);
    let powers = model.powers();
    let plain = model.steady(&powers).expect("a package");
    let found = model.steady_nonlinear(&powers).expect("a package");
    assert_eq!(found.sweeps, 2);
    let pairs = plain.kelvin.iter().zip(&found.field.kelvin);
    assert!(pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-6));
}

#[test]
fn a_response_at_frozen_conductivities_is_right_at_its_field_and_near_it() {
    let model = small::model(&small::package(1.3), 12, 10);
    let powers = model.powers();
    let found = model.steady_nonlinear(&powers).expect("a package");
    let response = Response::new(&found.model).expect("a package");
    let difference = |powers: &[Watts]| {
        let exact = model.steady_nonlinear(powers).expect("a package");
        let linear = response.averages(powers).expect("five powers");
        let pairs = linear.iter().enumerate();
        pairs
            .map(|(block, t)| (t.value() - model.average(&exact.field, block).value()).abs())
            .fold(0.0, f64::max)
    };
    // Picard's last sweep moved no cell by more than 1e-6 K.
    assert!(difference(&powers) < 1e-5);
    // A tenth more power raises the package by a tenth of its rise; the error of the resistance is
    // at most n dT / T of it, and conductivities do matter.
    let more: Vec<Watts> = powers.iter().map(|power| *power * 1.1).collect();
    let averages = response.averages(&powers).expect("five powers");
    let rise = averages
        .iter()
        .map(|t| t.value() - 40.0)
        .fold(0.0, f64::max);
    let bound = 1.3 * (0.1 * rise) / 313.0 * rise;
    let error = difference(&more);
    assert!(error > 1e-4 * bound && error < bound, "{error} {bound}");
    // Freezing again at the same field is the same model.
    let again = model.frozen_at(&found.field).expect("its own field");
    assert_eq!(again.network(), found.model.network());
    let short = thermal::Field {
        kelvin: vec![300.0],
        ..found.field
    };
    assert!(matches!(
        model.frozen_at(&short),
        Err(ThermalError::Field { given: 1, .. })
    ));
}
