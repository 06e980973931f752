//! What wanders of itself: light behind laser fibres, and the biases of modulators.

use std::f64::consts::FRAC_PI_2;
mod living;

use std::sync::Arc;

use photonics::fibre::AxisErrors;
use plant::Signal;
use system::{LaserHome, System};
use twin::world::{SwitchPlan, World};
use units::Radians;

const SECOND: u64 = 1_000_000_000;
const FIBRE: &str = "fibre_plant.laser_fibre.polarisation_time=10 s";
const NO_FIBRE: &str = "fibre_plant.laser_fibre.polarisation_time=1e15 s";
const BIAS: &str = "engine.oe.modulator.bias_drift_time=10 s";
const NO_BIAS: &str = "engine.oe.modulator.bias_drift=0 rad";

fn world(plan: &Arc<SwitchPlan>, name: &str, seed: u64) -> World {
    World::looped_back(living::switch(plan, name, seed))
}

fn values(world: &World, signal: Signal) -> &[f64] {
    let truth = world.switches()[0].truth().expect("a step was made");
    truth.values(signal)
}

/// The fibre that brings light to a lane.
fn feed(system: &System, lane: usize) -> usize {
    match system.lasers[system.media_lanes[lane].laser.index()].home {
        LaserHome::Module(_, Some(fibre)) => fibre.index(),
        _ => panic!("a lane of a module"),
    }
}

/// All lanes of a fibre wander together, those of another apart; light stays within the ripple of the
/// stated angle about its mean, `cos^2(2a)` to one, and comes near both ends.
#[test]
fn light_wanders_within_the_ripple_of_its_fibre() {
    let plan = living::plan(
        "cpo-51t",
        &[FIBRE, NO_BIAS, "fibre_plant.laser_fibre.axis_error=5 deg"],
    );
    let system = plan.system();
    let n = system.media_lanes.len();
    let other = (0..n).find(|lane| feed(system, *lane) != feed(system, 0));
    let other = other.expect("there are two fibres");
    let same = (1..n).find(|lane| feed(system, *lane) == feed(system, 0));
    let same = same.expect("fibres feed several lanes");
    let mut world = world(&plan, "leaf", 3);
    world.evaluate_every_lane(true);
    let mut path = Vec::new();
    let (mut begin, mut apart_db) = (None, 0.0_f64);
    for _ in 0..400 {
        world.step(5 * SECOND).expect("it goes on");
        let input = values(&world, Signal::EngineInputPower);
        path.push(input[0]);
        // Lanes have couplers of their own.
        let first = *begin.get_or_insert(input[other] - input[0]);
        apart_db = apart_db.max((input[other] - input[0] - first).abs());
        assert!(
            (input[0] - input[same]).abs() < 1e-9,
            "{} {}",
            input[0],
            input[same]
        );
    }
    let angle = Radians::new(5.0_f64.to_radians());
    let errors = AxisErrors {
        launch: angle,
        exit: angle,
    };
    let (least, most) = path
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |at, level| {
            (at.0.min(*level), at.1.max(*level))
        });
    let ripple = errors.ripple().value();
    // 0.001 dB for what the warmth of the switch makes of its lasers.
    assert!(most - least < ripple + 1e-3, "{} {ripple}", most - least);
    assert!(most - least > 0.98 * ripple, "{} {ripple}", most - least);
    assert!(apart_db > 0.3 * ripple, "{apart_db}");
    // From the mean, where it began, to either end, and on the average there: 2000 s are 200 times.
    assert!((path[0] - least) > 0.45 * ripple && (most - path[0]) > 0.45 * ripple);
    let mean = path.iter().sum::<f64>() / path.len() as f64;
    // Four standard errors of a sine's mean over 100 independent values.
    assert!(
        (mean - path[0]).abs() < 4.0 * 0.5 * ripple / 2_f64.sqrt() / 10.0,
        "{mean}"
    );
}

/// A loop takes its drift out: the heater has the deviation of the drift, and no light moves.
#[test]
fn drift_of_a_bias_is_seen_at_its_heater_alone() {
    let plan = living::plan(
        "cpo-51t",
        &[NO_FIBRE, BIAS, "engine.oe.modulator.bias_drift=0.1 rad"],
    );
    let mut world = world(&plan, "leaf", 3);
    world.step(SECOND).expect("it goes on");
    let n = plan.system().media_lanes.len();
    let light = values(&world, Signal::TransmitOma).to_vec();
    let rest = values(&world, Signal::TransmitHeaterPower).to_vec();
    let (mut sum, mut squares) = (0.0, 0.0);
    for _ in 0..20 {
        world.step(30 * SECOND).expect("it goes on");
        let heaters = values(&world, Signal::TransmitHeaterPower);
        for (now_w, rest_w) in heaters.iter().zip(&rest) {
            sum += now_w - rest_w;
            squares += (now_w - rest_w).powi(2);
        }
        for (now, before) in values(&world, Signal::TransmitOma).iter().zip(&light) {
            assert!((now - before).abs() < 5e-3, "{now} {before}");
        }
    }
    // 15 mW hold half pi. Values 30 s apart are independent to 5 %: five standard errors and those.
    let count = 20.0 * n as f64;
    let rms_w = 0.1 * 15e-3 / FRAC_PI_2;
    let deviation = (squares / count).sqrt() / rms_w;
    assert!(
        (deviation - 1.0).abs() < 5.5 * (0.5 / count).sqrt(),
        "{deviation}"
    );
    assert!((sum / count).abs() < 5.5 * rms_w / count.sqrt(), "{sum}");
}

/// The same seed and steps wander alike, bit for bit, from a snapshot as well; other seeds and names
/// do not, and a step that is short against everything moves nothing.
#[test]
fn worlds_that_are_stepped_alike_wander_alike() {
    let plan = living::plan("cpo-51t", &[FIBRE, BIAS]);
    let go = |world: &mut World, n: usize| {
        for _ in 0..n {
            world.step(SECOND).expect("it goes on");
        }
    };
    let heater = |world: &World| {
        let heaters = values(world, Signal::TransmitHeaterPower);
        let light = values(world, Signal::EngineInputPower);
        (heaters[5].to_bits(), light[5].to_bits())
    };
    let mut one = world(&plan, "leaf", 3);
    go(&mut one, 5);
    let saved = one.snapshot();
    let mut restored = World::restore(&saved, &[Arc::clone(&plan)]).expect("a world");
    go(&mut one, 5);
    go(&mut restored, 5);
    assert_eq!(heater(&one), heater(&restored));
    assert_eq!(one.snapshot(), restored.snapshot());
    let mut again = world(&plan, "leaf", 3);
    go(&mut again, 10);
    assert_eq!(one.snapshot(), again.snapshot());
    for (name, seed) in [("leaf", 4), ("spine", 3)] {
        let mut other = world(&plan, name, seed);
        go(&mut other, 10);
        assert_ne!(heater(&one), heater(&other), "{name} {seed}");
    }
}
