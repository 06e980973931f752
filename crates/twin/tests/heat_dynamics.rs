//! Heat in time: rest, steps, energy, coolants, against the steady state and the full package.

use std::sync::Arc;

use system::{Input, Library, System};
use thermal::{Model, Stepping, Transient};
use twin::SteadyState;
use twin::heat::{Coolant, HeatDynamics, HeatFault, HeatMotion, HeatState, Loads, package};
use units::{Celsius, KelvinDifference, Seconds, Watts};

fn resolve(platform: &str, sets: &[String]) -> System {
    let library = Library::embedded();
    System::resolve(&Input {
        name: platform,
        bytes: library.platform(platform).expect("a platform").as_bytes(),
        sets,
        library: &library,
        load: &|file| Err(format!("{file} is not there")),
    })
    .unwrap_or_else(|problems| panic!("{problems}"))
}

struct Solved {
    system: System,
    state: SteadyState,
    dynamics: Arc<HeatDynamics>,
}

impl Solved {
    fn new(platform: &str, sets: &[&str]) -> Self {
        let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
        let system = resolve(platform, &sets);
        let state = SteadyState::solve(&system);
        let dynamics = HeatDynamics::new(&system, &state);
        let dynamics = Arc::new(dynamics.unwrap_or_else(|fault| panic!("{platform}: {fault}")));
        Self {
            system,
            state,
            dynamics,
        }
    }

    fn heat(&self) -> &HeatState {
        let heat = self.state.heat.as_ref().expect("heat is solved");
        heat.as_ref().unwrap_or_else(|fault| panic!("{fault}"))
    }

    fn loads(&self) -> Loads {
        self.dynamics.loads().clone()
    }

    fn coolants(&self) -> Vec<Coolant> {
        self.dynamics.coolants().to_vec()
    }

    fn at_rest(&self, loads: &Loads) -> HeatMotion {
        HeatMotion::at_rest(&self.dynamics, loads, self.dynamics.coolants()).expect("it is cooled")
    }
}

fn step(motion: &mut HeatMotion, loads: &Loads, coolants: &[Coolant], step_s: f64) {
    let done = motion.step(loads, coolants, Seconds::new(step_s));
    done.unwrap_or_else(|fault| panic!("{fault}"));
}

/// All temperatures in one list, °C.
fn celsius(motion: &HeatMotion) -> Vec<f64> {
    let now = motion.now();
    let lists = [
        &now.junctions,
        &now.photonic,
        &now.electronic,
        &now.laser_modules,
    ];
    let all = lists.into_iter().flatten();
    all.map(|celsius| celsius.value()).collect()
}

/// The same of a steady state.
fn steady_celsius(heat: &HeatState) -> Vec<f64> {
    let asics = heat.asics.iter().map(|part| part.temperature);
    let photonic = heat
        .engines
        .iter()
        .map(|engine| engine.photonic.temperature);
    let electronic = heat
        .engines
        .iter()
        .map(|engine| engine.electronic.temperature);
    let modules = heat.laser_modules.iter().map(|part| part.temperature);
    asics
        .chain(photonic)
        .chain(electronic)
        .chain(modules)
        .map(Celsius::value)
        .collect()
}

fn greatest_difference(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    let pairs = a.iter().zip(b);
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// Heat of all parts, W.
fn made(loads: &Loads) -> f64 {
    let engines = loads.engines.iter();
    loads.cores_w.iter().sum::<f64>()
        + loads.serdes_w.iter().sum::<f64>()
        + loads.laser_modules_w.iter().sum::<f64>()
        + engines
            .map(|engine| engine.photonic_w + engine.electronic_w)
            .sum::<f64>()
}

/// The same with the cores at a share of their heat, and the rest at another.
fn scaled(loads: &Loads, cores: f64, rest: f64) -> Loads {
    let times = |list: &[f64], by: f64| list.iter().map(|watts| watts * by).collect();
    let mut scaled = Loads {
        cores_w: times(&loads.cores_w, cores),
        serdes_w: times(&loads.serdes_w, rest),
        laser_modules_w: times(&loads.laser_modules_w, rest),
        engines: loads.engines.clone(),
    };
    for engine in &mut scaled.engines {
        engine.photonic_w *= rest;
        engine.electronic_w *= rest;
    }
    scaled
}

#[test]
fn at_the_operating_point_it_rests_where_the_steady_state_is() {
    for platform in [
        "cpo-51t",
        "quantum-x-115t",
        "davisson-102t",
        "dsp-51t",
        "npo-51t",
    ] {
        let solved = Solved::new(platform, &[]);
        let mut motion = solved.at_rest(&solved.loads());
        let expected = steady_celsius(solved.heat());
        let off = greatest_difference(&celsius(&motion), &expected);
        assert!(off < 1e-3, "{platform}: {off}");
        for (of, outlet) in motion.now().coolants.iter().zip(&solved.heat().outlets) {
            let (of, outlet) = (of.outlet.expect("it flows"), outlet.expect("it is used"));
            // What the steady state does not count of the heat between fluids and board.
            assert!(
                (of - outlet).value().abs() < 0.03,
                "{platform}: {of} {outlet}"
            );
        }
        // It stays there.
        for _ in 0..50 {
            step(&mut motion, &solved.loads(), &solved.coolants(), 0.1);
        }
        let off = greatest_difference(&celsius(&motion), &expected);
        assert!(off < 1e-3, "{platform}: {off}");
    }
}

/// Conductivities stay those of the operating point.
#[test]
fn at_another_load_it_rests_within_a_part_of_a_kelvin_of_the_steady_state() {
    for (platform, bound_k) in [("cpo-51t", 0.2), ("quantum-x-115t", 0.1)] {
        let solved = Solved::new(platform, &[]);
        for share in [0.3, 1.3] {
            let groups = solved.system.description.asic.iter();
            let sets: Vec<String> = groups
                .map(|group| {
                    let watts = group.value.core_power.value.value() * share;
                    format!("asic.{}.core_power={watts} W", group.name)
                })
                .collect();
            // The stated power has to stay above the leakage.
            let other = resolve(platform, &sets);
            let state = SteadyState::solve(&other);
            let heat = state.heat.as_ref().expect("heat is solved");
            let heat = heat.as_ref().unwrap_or_else(|fault| panic!("{fault}"));
            let motion = solved.at_rest(&Loads::at_rest(&other, &state));
            let off = greatest_difference(&celsius(&motion), &steady_celsius(heat));
            assert!(off < bound_k, "{platform} at {share}: {off}");
        }
    }
}

#[test]
fn a_step_ends_at_its_own_rest() {
    let solved = Solved::new("cpo-51t", &[]);
    let mut motion = solved.at_rest(&solved.loads());
    let loads = scaled(&solved.loads(), 0.4, 0.7);
    let mut coolants = solved.coolants();
    coolants[0].inlet_c += 3.0;
    coolants[0].flow_ratio = 0.8;
    coolants[1].flow_ratio = 1.4;
    let rest = HeatMotion::at_rest(&solved.dynamics, &loads, &coolants).expect("it is cooled");
    for _ in 0..400 {
        step(&mut motion, &loads, &coolants, 5.0);
    }
    let off = greatest_difference(&celsius(&motion), &celsius(&rest));
    // Thirty times the slowest time constant, 65 s of a laser module.
    assert!(off < 1e-6, "{off}");
    assert!((motion.leaving().value() / made(&loads) - 1.0).abs() < 1e-6);
}

#[test]
fn heat_that_does_not_leave_is_stored() {
    let solved = Solved::new("quantum-x-115t", &[]);
    let mut motion = solved.at_rest(&solved.loads());
    let mut coolants = solved.coolants();
    let sequence = [
        (0.2, 1.0, 1.0, 0.1),
        (1.5, 1.0, 0.4, 1.0),
        (1.0, 0.5, 0.0, 0.3),
        (0.0, 0.0, 0.0, 0.1),
        (1.0, 1.0, 2.0, 7.0),
    ];
    for (cores, rest, flow, step_s) in sequence {
        let loads = scaled(&solved.loads(), cores, rest);
        for coolant in &mut coolants {
            coolant.flow_ratio = flow;
        }
        for _ in 0..20 {
            let before = motion.stored().value();
            step(&mut motion, &loads, &coolants, step_s);
            let net_j = (made(&loads) - motion.leaving().value()) * step_s;
            let stored_j = motion.stored().value() - before;
            // The solver resolves a billionth of a field; four packages of 300 W.
            let scale = (made(&loads) + motion.leaving().value().abs() + 100.0) * step_s;
            assert!(
                (net_j - stored_j).abs() < 1e-7 * scale,
                "{net_j} J {stored_j} J"
            );
        }
    }
}

/// With coolants held, temperatures are linear in the heat: twice the change makes twice the answer.
#[test]
fn answers_add_up() {
    let solved = Solved::new("davisson-102t", &[]);
    let base = solved.loads();
    let run = |loads: &Loads| {
        let mut motion = solved.at_rest(&base);
        for _ in 0..10 {
            step(&mut motion, loads, &solved.coolants(), 0.2);
        }
        let engines = motion.now().photonic.iter().chain(&motion.now().electronic);
        engines.map(|celsius| celsius.value()).collect::<Vec<f64>>()
    };
    let (rest, cores, others) = (
        run(&base),
        run(&scaled(&base, 0.5, 1.0)),
        run(&scaled(&base, 1.0, 0.6)),
    );
    let both = run(&scaled(&base, 0.5, 0.6));
    for engine in 0..rest.len() {
        let sum = cores[engine] + others[engine] - rest[engine];
        assert!((both[engine] - sum).abs() < 1e-9, "{engine}");
        assert!(rest[engine] - both[engine] > 0.1, "{engine}");
    }
}

#[test]
fn ten_steps_are_one_but_for_the_coolant() {
    let solved = Solved::new("quantum-x-115t", &[]);
    let loads = scaled(&solved.loads(), 0.3, 1.0);
    let run = |n: usize, whole_s: f64| {
        let mut motion = solved.at_rest(&solved.loads());
        for _ in 0..n {
            step(&mut motion, &loads, &solved.coolants(), whole_s / n as f64);
        }
        celsius(&motion)
    };
    let jump = greatest_difference(&run(10, 1.0), &celsius(&solved.at_rest(&solved.loads())));
    let off = greatest_difference(&run(1, 1.0), &run(10, 1.0));
    // The fluid of the mean heat of a step stands for that of each moment.
    assert!(off < 1e-3 && jump > 1.0, "{off} of {jump}");
    let finer = greatest_difference(&run(10, 1.0), &run(100, 1.0));
    assert!(finer < 0.5 * off, "{finer} {off}");
}

#[test]
fn a_package_that_loses_its_coolant_warms_without_end() {
    let solved = Solved::new("quantum-x-115t", &[]);
    let mut motion = solved.at_rest(&solved.loads());
    let mut coolants = solved.coolants();
    for coolant in &mut coolants {
        coolant.flow_ratio = 0.0;
    }
    let mut last = celsius(&motion);
    let start = last.clone();
    for _ in 0..600 {
        step(&mut motion, &solved.loads(), &coolants, 0.1);
        let now = celsius(&motion);
        let warmer = now.iter().zip(&last).all(|(now, last)| now > last);
        assert!(warmer, "every part warms in every step");
        for (cooling, of) in motion.now().coolants.iter().enumerate() {
            assert!(
                of.heat.value().abs() < 1e-6 && of.outlet.is_none(),
                "{cooling}"
            );
        }
        last = now;
    }
    let rise = last[0] - start[0];
    assert!(rise > 30.0, "a die warmed by {rise} K in a minute");
    // Flow that comes back cools it again.
    for _ in 0..600 {
        step(&mut motion, &solved.loads(), &solved.coolants(), 5.0);
    }
    // Thirty times the slowest time constant, 107 s.
    assert!(greatest_difference(&celsius(&motion), &start) < 1e-3);
}

#[test]
fn a_little_flow_is_more_than_none_and_less_than_much() {
    let solved = Solved::new("cpo-51t", &[]);
    let after = |flow_ratio: f64| {
        let mut motion = solved.at_rest(&solved.loads());
        let mut coolants = solved.coolants();
        for coolant in &mut coolants {
            coolant.flow_ratio = flow_ratio;
        }
        for _ in 0..100 {
            step(&mut motion, &solved.loads(), &coolants, 0.2);
        }
        celsius(&motion)
    };
    let all: Vec<Vec<f64>> = [0.0, 1e-12, 0.1, 0.5, 1.0, 2.0].map(after).to_vec();
    assert!(
        greatest_difference(&all[0], &all[1]) < 1e-6,
        "no jump where flow begins"
    );
    for pair in all[1..].windows(2) {
        assert!(pair[0].iter().zip(&pair[1]).all(|(less, more)| less > more));
    }
}

/// The package itself, cell by cell, with the coolant held.
#[test]
fn times_are_those_of_the_full_package() {
    let solved = Solved::new(
        "cpo-51t",
        &["cooling.package.cooler.heat_capacity=0 J/(m2 K)"],
    );
    let loads = scaled(&solved.loads(), 0.5, 1.0);
    let of = package(&solved.system, &solved.state).expect("a package");
    let model = Model::new(&of.stack, &of.grid).expect("a sound package");
    let powers = model.powers();
    let field = model.steady_nonlinear(&powers).expect("it is cooled").field;
    let frozen = model.frozen_at(&field).expect("its own field");
    let tolerance = KelvinDifference::new(1e-3);
    let stepping = Stepping::Adaptive(tolerance);
    let mut full = Transient::from_field(&frozen, &field, stepping).expect("its own field");
    let core = |name: &str| name.rsplit_once('.').is_some_and(|(_, of)| of == "core");
    let lowered: Vec<Watts> = model
        .sources()
        .iter()
        .zip(&powers)
        .map(|(source, power)| {
            if core(&source.name) {
                *power * 0.5
            } else {
                *power
            }
        })
        .collect();
    let reduced = Arc::clone(solved.dynamics.package_models().next().expect("a package"));
    let blocks: Vec<usize> = (0..powers.len())
        .filter(|block| powers[*block].value() > 0.0)
        .collect();
    assert_eq!(
        blocks.len(),
        reduced.names().len(),
        "every block makes heat"
    );
    let change_w = solved.loads().cores_w[0] - loads.cores_w[0];
    let bound_k = reduced.error().value() * change_w + 2.0 * tolerance.value();
    // The reduced model answers the same change from nothing.
    let of_change: Vec<Watts> = blocks
        .iter()
        .map(|block| lowered[*block] - powers[*block])
        .collect();
    let none = vec![Watts::new(0.0); blocks.len()];
    let held = vec![thermal::Beyond::Held(KelvinDifference::new(0.0)); reduced.n_outside()];
    let mut state =
        thermal::ReducedState::at_rest_beyond(reduced, &none, &held).expect("a package");
    let start: Vec<f64> = blocks.iter().map(|b| full.average(*b).value()).collect();
    let still: Vec<f64> = state.averages().map(Celsius::value).collect();
    let mut greatest = 0.0_f64;
    for interval in [0.02, 0.08, 0.4, 2.0, 10.0] {
        let interval = Seconds::new(interval);
        full.advance(&lowered, interval).expect("a package");
        state
            .step_beyond(&of_change, &held, interval)
            .expect("a package");
        for (at, now) in state.averages().enumerate() {
            let of_full = full.average(blocks[at]).value() - start[at];
            let of_reduced = now.value() - still[at];
            greatest = greatest.max(of_full.abs());
            assert!(
                (of_full - of_reduced).abs() < bound_k,
                "{of_full} {of_reduced} after {interval}: {bound_k}"
            );
        }
    }
    assert!(bound_k < 0.2 * greatest, "{bound_k} of {greatest}");
}

#[test]
fn parts_of_a_zone_with_a_temperature_stay_there() {
    let solved = Solved::new("cpo-51t", &["zone.package.temperature=70 C"]);
    let mut motion = solved.at_rest(&solved.loads());
    step(
        &mut motion,
        &scaled(&solved.loads(), 2.0, 2.0),
        &solved.coolants(),
        5.0,
    );
    assert!(
        motion
            .now()
            .photonic
            .iter()
            .all(|t| *t == Celsius::new(70.0))
    );
    let all = ["die", "package", "faceplate"].map(|zone| format!("zone.{zone}.temperature=70 C"));
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let solved = Solved::new("cpo-51t", &all);
    let mut motion = solved.at_rest(&solved.loads());
    step(&mut motion, &solved.loads(), &solved.coolants(), 5.0);
    assert!(celsius(&motion).iter().all(|t| (t - 70.0).abs() < 1e-12));
}

/// A lump answers as `1 - exp(-t / (R C))`, and without a heat capacity at once.
#[test]
fn a_module_is_one_lump() {
    let solved = Solved::new("dsp-51t", &[]);
    let description = &solved.system.description;
    let capacity = description.engine[0].value.heat_capacity.as_ref();
    let capacity = capacity.expect("the library states it").value.value();
    let before = solved.at_rest(&solved.loads());
    let loads = scaled(&solved.loads(), 1.0, 0.5);
    let rest = solved.at_rest(&loads);
    let tau_s = solved.dynamics.module_times()[0].value();
    let (from, to) = (
        before.now().photonic[0].value(),
        rest.now().photonic[0].value(),
    );
    let change_w =
        solved.heat().engines[0].photonic.power + solved.heat().engines[0].electronic.power;
    let k_per_w = (from - to) / (0.5 * change_w.value());
    assert!((tau_s / (k_per_w * capacity) - 1.0).abs() < 1e-9, "{tau_s}");
    let mut motion = before;
    step(&mut motion, &loads, &solved.coolants(), tau_s);
    let expected = to + (from - to) * (-1.0_f64).exp();
    let (optics, electronic) = (motion.now().photonic[0], motion.now().electronic[0]);
    assert!((optics.value() - expected).abs() < 1e-9 && optics == electronic);
}

#[test]
fn what_cannot_be_is_refused_before_anything_moves() {
    let solved = Solved::new("cpo-51t", &[]);
    let (loads, coolants) = (solved.loads(), solved.coolants());
    let mut motion = solved.at_rest(&loads);
    step(&mut motion, &scaled(&loads, 0.1, 1.0), &coolants, 1.0);
    let before = motion.clone();
    let tick = Seconds::new(0.1);
    let mut few = loads.clone();
    few.engines.pop();
    let mut bad = loads.clone();
    bad.serdes_w[0] = f64::NAN;
    let mut backwards = coolants.clone();
    backwards[0].flow_ratio = -0.1;
    let attempts = [
        motion.step(&few, &coolants, tick),
        motion.step(&bad, &coolants, tick),
        motion.step(&loads, &coolants[..1], tick),
        motion.step(&loads, &backwards, tick),
        motion.step(&loads, &coolants, Seconds::new(0.0)),
    ];
    for attempt in attempts {
        assert!(
            matches!(attempt, Err(HeatFault::Input { .. })),
            "{attempt:?}"
        );
    }
    assert!(motion == before);
    let mut still = coolants.clone();
    still[1].flow_ratio = 0.0;
    let rest = HeatMotion::at_rest(&solved.dynamics, &loads, &still);
    assert!(
        matches!(rest, Err(HeatFault::Cooler { .. })),
        "nothing cools the laser modules"
    );
}

#[test]
fn equal_packages_share_one_model() {
    let solved = Solved::new("quantum-x-115t", &[]);
    let models: Vec<_> = solved.dynamics.package_models().collect();
    assert_eq!(models.len(), 4);
    assert!(models.iter().all(|model| Arc::ptr_eq(model, models[0])));
}
