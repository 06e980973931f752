//! Lanes that keep their results stay within what is promised of lanes evaluated in every step.

mod living;

use std::sync::Arc;

use plant::{Command, Signal};
use system::LaserId;
use twin::fault::Fault;
use twin::scenario::{LoadProfile, Training};
use twin::sensors::Truth;
use twin::world::{Switch, SwitchPlan, World};
use units::{Amperes, Celsius};

const MS: u64 = 1_000_000;

/// What is promised.
const LEVEL_DB: f64 = 0.005;
const DECADES: f64 = 0.01;
const KELVIN: f64 = 1e-3;
/// Least error ratio that anybody could count in a century, and below which none is compared.
const NO_ERRORS: f64 = 1e-24;

/// A busy switch whose lanes are all evaluated, and its twin.
fn twins(plan: &Arc<SwitchPlan>) -> [World; 2] {
    let mut switch = living::switch(plan, "leaf", 3);
    let training = LoadProfile::Training(Training {
        period_ns: 2_000 * MS,
        burst_ns: 700 * MS,
        ramp_ns: 50 * MS,
        burst: 1.0,
        base: 0.2,
    });
    switch.set_load(None, &training, 0);
    let mut exact = World::looped_back(switch.clone());
    exact.evaluate_every_lane(true);
    [exact, World::looped_back(switch)]
}

/// The greatest difference between two lists of finite numbers; what is not finite has to be the same.
fn greatest(exact: &[f64], kept: &[f64]) -> f64 {
    let pairs = exact.iter().zip(kept);
    pairs.fold(0.0, |greatest, (exact, kept)| {
        if exact.is_finite() {
            greatest.max((exact - kept).abs())
        } else {
            assert_eq!(exact.to_bits(), kept.to_bits());
            greatest
        }
    })
}

fn compare(exact: &Truth, kept: &Truth, at: u64) -> f64 {
    let of = |signal: Signal| greatest(exact.values(signal), kept.values(signal));
    for signal in [
        Signal::LaserPower,
        Signal::EngineInputPower,
        Signal::TransmitMonitorPower,
        Signal::TransmitOma,
        Signal::RxPower,
        Signal::RxOma,
        Signal::RxSnr,
    ] {
        assert!(
            of(signal) <= LEVEL_DB,
            "{} at {at} ms: {}",
            signal.name(),
            of(signal)
        );
    }
    for signal in [
        Signal::AsicTemperature,
        Signal::EngineTemperature,
        Signal::LaserModuleTemperature,
    ] {
        assert!(
            of(signal) <= KELVIN,
            "{} at {at} ms: {}",
            signal.name(),
            of(signal)
        );
    }
    // A microwatt: a ring moves by a quarter of a picometre for it.
    assert!(of(Signal::TransmitHeaterPower) <= 1e-6, "{at}");
    assert!(of(Signal::ReceiveHeaterPower) <= 1e-6, "{at}");
    for signal in [
        Signal::TransmitLock,
        Signal::ReceiveSignal,
        Signal::PortOperation,
        Signal::SerdesLock,
    ] {
        assert_eq!(
            exact.states(signal),
            kept.states(signal),
            "{} {at}",
            signal.name()
        );
    }
    let mut decades: f64 = 0.0;
    let lanes = exact.bit_errors(Signal::PreFecBer).iter();
    for (exact, kept) in lanes.zip(kept.bit_errors(Signal::PreFecBer)) {
        assert_eq!(exact.bits.to_bits(), kept.bits.to_bits());
        if exact.ratio > NO_ERRORS {
            decades = decades.max((exact.ratio / kept.ratio).log10().abs());
        }
    }
    assert!(decades <= DECADES, "{decades} decades at {at} ms");
    decades
}

fn both(worlds: &mut [World; 2], act: impl Fn(&mut Switch, u64)) {
    for world in worlds {
        let now_ns = world.now_ns();
        act(world.switch_mut(0).expect("it has one"), now_ns);
    }
}

fn run(platform: &str) {
    let plan = living::plan(platform, &[]);
    let mut worlds = twins(&plan);
    let mut decades: f64 = 0.0;
    for tick in 0..300u64 {
        match tick {
            40 => both(&mut worlds, |switch, now_ns| {
                let warmer = Some(Celsius::new(38.0));
                switch
                    .set_coolant(0, None, warmer, now_ns)
                    .expect("it flows");
            }),
            // A laser at constant current: its light follows its temperature.
            80 => both(&mut worlds, |switch, now_ns| {
                let bias = Command::SetLaserBias {
                    laser: LaserId(0),
                    current: Amperes::new(0.15),
                };
                switch.command(&bias, now_ns).expect("it may have as much");
            }),
            120 => both(&mut worlds, |switch, now_ns| {
                let system = Arc::clone(switch.plan().system());
                let fibre = &system.fibres[system.media_lanes[9].transmit_fibre.index()].name;
                let text = format!("fibre_dirt {fibre} 1.5 dB onset 5 s");
                let fault = Fault::parse(&text, &system).expect("a sound fault");
                switch.strike(fault, None, now_ns);
            }),
            _ => {}
        }
        for world in &mut worlds {
            world.step(100 * MS).expect("it goes on");
        }
        let [exact, kept] = &worlds;
        let truth = |world: &World| world.switches()[0].truth().expect("it has stepped").clone();
        decades = decades.max(compare(&truth(exact), &truth(kept), 100 * tick));
    }
    // The bound is of use: lanes did move.
    assert!(decades > 0.0);
    let log = |world: &World| world.switches()[0].log().clone();
    assert_eq!(log(&worlds[0]), log(&worlds[1]));
}

#[test]
fn mach_zehnder_lanes_stay_within_the_bound() {
    run("cpo-51t");
}

#[test]
fn ring_lanes_stay_within_the_bound() {
    run("quantum-x-115t");
}

#[test]
fn filtered_lanes_stay_within_the_bound() {
    run("teraphy-oio");
}
