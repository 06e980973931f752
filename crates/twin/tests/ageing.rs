//! Ageing of a switch: what becomes of light and heat over years, and how it is told.

mod living;

use plant::Signal;
use twin::fault::Fault;
use twin::world::{EventId, What, World, WorldError};
use units::Seconds;

const SECOND: u64 = 1_000_000_000;
const YEAR_S: f64 = 31_557_600.0;

fn world_of(platform: &str, sets: &[&str]) -> World {
    World::looped_back(living::switch(&living::plan(platform, sets), "leaf1", 7))
}

fn age(world: &mut World, years: f64) -> Result<(), WorldError> {
    let now_ns = world.now_ns();
    let switch = world.switch_mut(0).expect("the only switch");
    switch.age(Seconds::new(years * YEAR_S), now_ns)?;
    // As long as the others: what has not moved since the step before is not looked at again.
    world.step(SECOND)
}

fn truth(world: &World, signal: Signal) -> Vec<f64> {
    let truth = world.switches()[0].truth().expect("a step was made");
    truth.values(signal).to_vec()
}

fn greatest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

/// Interfaces that have dried for good add their resistance times the heat, and nothing else warms.
#[test]
fn a_dried_interface_adds_its_resistance_times_the_heat() {
    let sets = [
        "package.stack.tim1.ageing_time=1 h",
        "package.stack.tim2.ageing_time=1 h",
        "package.stack.engine_tim.ageing_time=1 h",
    ];
    let mut world = world_of("cpo-51t", &sets);
    age(&mut world, 1.0).expect("it comes to rest");
    let switch = &world.switches()[0];
    let stack = &switch.plan().system().description.package.stack;
    let stack = stack.as_ref().expect("a package with layers");
    let aged = |interface: &system::parts::Interface| {
        let resistance = interface.aged_resistance.as_ref();
        resistance.expect("an interface that ages").value.value()
    };
    let wider = 2.0 * stack.lid_thickness.as_ref().expect("a lid").value.value();
    let check = |width: f64, height: f64, own: f64, watts: f64, warmer_k: f64| {
        let k_per_w =
            own / (width * height) + aged(&stack.tim2) / ((width + wider) * (height + wider));
        assert!(
            (warmer_k - k_per_w * watts).abs() < 1e-6,
            "{warmer_k} K, {watts} W"
        );
        assert!(warmer_k > 0.05, "{warmer_k}");
    };
    let (loads, now) = (switch.loads(), switch.heat().now());
    let warmer_k = truth(&world, Signal::AsicTemperature)[0] - now.junctions[0].value();
    let watts = loads.cores_w[0] + loads.serdes_w[0];
    check(0.033, 0.026, aged(&stack.tim1), watts, warmer_k);
    for (engine, celsius) in truth(&world, Signal::EngineTemperature).iter().enumerate() {
        let warmer_k = celsius - now.photonic[engine].value();
        let watts = loads.engines[engine].photonic_w + loads.engines[engine].electronic_w;
        check(0.02, 0.02, aged(&stack.engine_tim), watts, warmer_k);
    }
}

/// Pairs that have reached their greatest loss: four along a link, two between laser and engine.
#[test]
fn dirt_lowers_light_by_the_greatest_loss_of_each_pair() {
    let mut sets = Vec::new();
    for connector in ["data_connector", "laser_mate", "laser_connector"] {
        sets.push(format!("fibre_plant.{connector}.loss_growth=1000 dB/y"));
        sets.push(format!("fibre_plant.{connector}.greatest_growth=0.1 dB"));
    }
    let sets: Vec<&str> = sets.iter().map(String::as_str).collect();
    let mut world = world_of("cpo-51t", &sets);
    world.step(SECOND).expect("it goes on");
    // Less light is absorbed a little less on its way: only what lies before and behind is exact.
    let levels = |world: &World| {
        let (sent, received) = (Signal::TransmitMonitorPower, Signal::RxPower);
        let path = truth(world, sent).into_iter().zip(truth(world, received));
        let path = path.map(|(sent, received)| received - sent).collect();
        [truth(world, Signal::EngineInputPower), path]
    };
    let before: [Vec<f64>; 2] = levels(&world);
    age(&mut world, 1.0).expect("it comes to rest");
    for ((before, after), fall_db) in before.iter().zip(levels(&world)).zip([0.2, 0.4]) {
        for (before, after) in before.iter().zip(after) {
            assert!((before - after - fall_db).abs() < 1e-3, "{before} {after}");
        }
    }
}

/// The bias rises at constant power until its rail; then the power falls.
#[test]
fn a_worn_laser_is_held_at_its_power_until_its_current_meets_the_rail() {
    let sets = ["laser_module.els.laser.wearout_median=4 y"];
    let mut world = world_of("cpo-51t", &sets);
    world.step(SECOND).expect("it goes on");
    let rail_a = 0.6;
    let mut bias = truth(&world, Signal::LaserBias);
    let launched = truth(&world, Signal::LaserPower);
    let (mut n_held, mut n_railed) = (0, 0);
    let mut last = launched.clone();
    for _year in 0..12 {
        age(&mut world, 1.0).expect("it comes to rest");
        let (now, light) = (
            truth(&world, Signal::LaserBias),
            truth(&world, Signal::LaserPower),
        );
        for laser in 0..now.len() {
            assert!(now[laser] >= bias[laser] && now[laser] <= rail_a + 1e-12);
            if now[laser] < rail_a - 1e-9 {
                assert!(now[laser] > bias[laser] + 1e-4, "it wears");
                assert!((light[laser] - launched[laser]).abs() < 1e-6, "it is held");
                n_held += 1;
            } else {
                assert!(light[laser] < last[laser], "it falls");
                n_railed += 1;
            }
        }
        (bias, last) = (now, light);
    }
    assert!(n_held > 100 && n_railed > 100, "{n_held} {n_railed}");
    let log = world.switches()[0].log();
    let railed = log
        .events()
        .iter()
        .position(|event| event.what == What::LaserAtRail);
    let chain: Vec<&What> = log
        .chain(EventId(railed.expect("one is at its rail")))
        .map(|(_, event)| &event.what)
        .collect();
    let is_age = |what: &What, text: &str| matches!(what, What::Aged(of) if of.contains(text));
    assert!(is_age(chain[1], "have aged by"), "{chain:?}");
    assert!(is_age(chain[2], "age by 1.00 years at once"), "{chain:?}");
    assert_eq!(chain.len(), 3);
}

/// One jump of ten years, ten of one year, and 120 of a month: no bias differs by more than a
/// thousandth of what it has grown by, and no temperature by more than 5 mK.
#[test]
fn one_jump_is_as_good_as_many() {
    let sets = [
        "laser_module.els.laser.wearout_median=150 y",
        "package.stack.tim1.ageing_time=2 y",
    ];
    let new = {
        let mut world = world_of("cpo-51t", &sets);
        world.step(SECOND).expect("it goes on");
        world
    };
    let grown = |n: u32, years: f64| {
        let mut world = new.clone();
        for _ in 0..n {
            age(&mut world, years).expect("it comes to rest");
        }
        [
            Signal::LaserBias,
            Signal::AsicTemperature,
            Signal::EngineTemperature,
        ]
        .map(|signal| truth(&world, signal))
    };
    let bias = truth(&new, Signal::LaserBias);
    let one = grown(1, 10.0);
    for many in [grown(10, 1.0), grown(120, 1.0 / 12.0)] {
        for (laser, bias) in bias.iter().enumerate() {
            let by = one[0][laser] - bias;
            assert!(by > 1e-3, "it wears: {by}");
            let apart = (one[0][laser] - many[0][laser]).abs();
            assert!(apart < 1e-3 * by, "{apart} of {by}");
        }
        for signal in [1, 2] {
            let pairs = one[signal].iter().zip(&many[signal]);
            for (one, many) in pairs {
                assert!((one - many).abs() < 5e-3, "{one} {many}");
            }
        }
    }
}

/// A month in steps of an hour is a month at once.
#[test]
fn a_jump_is_what_steps_come_to() {
    let sets = [
        "laser_module.els.laser.wearout_median=2 y",
        "package.stack.tim1.ageing_time=60 d",
    ];
    let mut stepped = world_of("cpo-51t", &sets);
    stepped.step(SECOND).expect("it goes on");
    let new = truth(&stepped, Signal::LaserBias);
    let mut jumped = stepped.clone();
    for _ in 0..720 {
        stepped.step(3600 * SECOND).expect("it goes on");
    }
    age(&mut jumped, 720.0 / 8766.0).expect("it comes to rest");
    let [one, other] = [&stepped, &jumped].map(|of| truth(of, Signal::LaserBias));
    for laser in 0..new.len() {
        let (by, apart) = (one[laser] - new[laser], (one[laser] - other[laser]).abs());
        // What becomes of a step counts an hour later, and a kept rate is off by half a percent.
        assert!(by > 1e-3 && apart < 0.01 * by, "{apart} of {by}");
    }
    let [one, other] = [&stepped, &jumped].map(|of| truth(of, Signal::AsicTemperature)[0]);
    assert!((one - other).abs() < 0.02, "{one} {other}");
}

/// A die that loses its interface in a jump trips there, and the switch goes on without it.
#[test]
fn a_die_that_grows_too_hot_in_a_jump_trips_in_it() {
    let sets = ["package.stack.tim1.aged_resistance=200 K mm2/W"];
    let mut world = world_of("cpo-51t", &sets);
    world.step(SECOND).expect("it goes on");
    let [before] = [truth(&world, Signal::AsicTemperature)[0]];
    age(&mut world, 30.0).expect("it comes to rest");
    assert!(
        truth(&world, Signal::AsicTemperature)[0] < before,
        "it is off"
    );
    assert!(greatest(&truth(&world, Signal::AsicPower)) < 1e-9);
    let log = world.switches()[0].log();
    let tripped = log
        .events()
        .iter()
        .position(|event| event.what == What::DieTripped);
    let tripped = EventId(tripped.expect("the die trips"));
    let lines: Vec<String> = log
        .chain(tripped)
        .map(|(id, _)| log.line(world.switches()[0].plan().system(), id))
        .collect();
    assert!(lines[1].starts_with("parts have aged by"), "{lines:?}");
    assert_eq!(lines[2], "parts age by 30.00 years at once");
    // Its lanes are dark, and that leads back to the trip.
    let lost = log
        .events()
        .iter()
        .position(|event| event.what == What::PortDown);
    let mut chain = log.chain(EventId(lost.expect("ports go down")));
    assert!(chain.any(|(id, _)| id == tripped));
}

/// A jump moves no clock, and observations go on.
#[test]
fn a_jump_moves_no_clock() {
    // Light that wanders would warm it.
    let still = "fibre_plant.laser_fibre.polarisation_time=1e15 s";
    let mut world = world_of("quantum-x-115t", &[still]);
    world.step(SECOND).expect("it goes on");
    let heat = world.switches()[0].heat().stored().value();
    let now_ns = world.now_ns();
    let mut twice = world.clone();
    age(&mut world, 1.5).expect("it comes to rest");
    age(&mut twice, 1.5).expect("it comes to rest");
    assert_eq!(world.now_ns(), now_ns + SECOND);
    assert_eq!(
        world.switches()[0].observation().time.nanos(),
        world.now_ns()
    );
    // The same bits, and a state at rest: heat stays where it is.
    assert_eq!(
        truth(&world, Signal::LaserBias),
        truth(&twice, Signal::LaserBias)
    );
    let rest = world.switches()[0].heat().stored().value();
    for _ in 0..10 {
        world.step(SECOND).expect("it goes on");
    }
    let later = world.switches()[0].heat().stored().value();
    assert!((rest / heat - 1.0).abs() > 1e-6, "it is warmer");
    assert!((later / rest - 1.0).abs() < 1e-9, "{later} {rest}");
    assert!(least(&truth(&world, Signal::RxPower)) > -10.0);
}

/// Without coolant there is no rest to age at: the jump is refused, says so, and changes nothing. With
/// a coolant that is merely too warm the switch comes to its rest first, where the die trips because
/// of the coolant and not of its age.
#[test]
fn a_jump_comes_to_rest_before_anything_ages() {
    let strike = |world: &mut World, text: &str| {
        let now_ns = world.now_ns();
        let switch = world.switch_mut(0).expect("the only switch");
        let fault = Fault::parse(text, switch.plan().system()).expect("a fault");
        switch.strike(fault, None, now_ns);
        world.step(SECOND).expect("it goes on");
    };
    let chain = |world: &World, what: fn(&What) -> bool| -> Vec<String> {
        let switch = &world.switches()[0];
        let events = switch.log().events();
        let found = events.iter().rposition(|event| what(&event.what));
        let chain = switch.log().chain(EventId(found.expect("it happened")));
        chain
            .map(|(id, _)| switch.log().line(switch.plan().system(), id))
            .collect()
    };
    let mut world = world_of("cpo-51t", &[]);
    let mut warm = world.clone();
    strike(&mut world, "coolant_loss faceplate");
    let stored = world.switches()[0].heat().stored();
    let bias = truth(&world, Signal::LaserBias);
    let now_ns = world.now_ns();
    let switch = world.switch_mut(0).expect("the only switch");
    let refused = switch.age(Seconds::new(YEAR_S), now_ns);
    assert!(matches!(refused, Err(WorldError::Heat(_))), "{refused:?}");
    assert_eq!(switch.heat().stored(), stored);
    assert_eq!(truth(&world, Signal::LaserBias), bias);
    let said = chain(&world, |what| matches!(what, What::Aged(_)));
    assert!(
        said[0].starts_with("parts stop to age after 0.00 years: "),
        "{said:?}"
    );
    assert_eq!(said[1], "parts age by 1.00 years at once");
    strike(&mut warm, "coolant_warm package 60 K");
    age(&mut warm, 1.0).expect("it comes to rest");
    let tripped = chain(&warm, |what| *what == What::DieTripped);
    assert!(tripped[1].starts_with("fault coolant_warm"), "{tripped:?}");
}
