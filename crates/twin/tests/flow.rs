//! Pumps and fans on their way.

mod living;

use std::sync::Arc;

use plant::Signal;
use twin::fault::Fault;
use twin::world::{SwitchPlan, World};
use units::VolumeFlow;

use living::{plan, switch};

const SECOND: u64 = 1_000_000_000;
const TICK: u64 = SECOND / 10;

fn world(plan: &Arc<SwitchPlan>) -> World {
    World::looped_back(switch(plan, "leaf1", 7))
}

fn go(world: &mut World, step_ns: u64, until_ns: u64) {
    while world.now_ns() < until_ns {
        world.step(step_ns).expect("it goes on");
    }
}

/// Sets the flow over the dies to a share of the described one.
fn set_flow(world: &mut World, share: f64) {
    let now_ns = world.now_ns();
    let switch = world.switch_mut(0).expect("one switch");
    let described = switch.plan().system().description.cooling[0]
        .value
        .flow
        .value;
    let flow = VolumeFlow::new(share * described.value());
    switch
        .set_coolant(0, Some(flow), None, now_ns)
        .expect("it flows");
}

fn value(world: &World, signal: Signal) -> f64 {
    let truth = world.switches()[0].truth().expect("a step was made");
    truth.values(signal)[0]
}

/// The mean flow of the last step over the described one, from the heat that it carries.
fn flow_ratio(world: &World) -> f64 {
    let switch = &world.switches()[0];
    let cooling = &switch.plan().system().description.cooling[0].value;
    let capacity_rate =
        cooling.flow.value.value() * cooling.cooler.fluid_heat_capacity.value.value();
    let of = switch.heat().now().coolants[0];
    let outlet = of.outlet.expect("it flows");
    of.heat.value() / (capacity_rate * (outlet - cooling.inlet.value).value())
}

/// Fans that lose their drive coast by the closed form, and heat goes on to leave meanwhile.
#[test]
fn fans_without_drive_coast() {
    let plan = plan("cpo-51t", &["cooling.package.cooler.flow_time=3 s"]);
    let fault = Fault::parse("coolant_loss package", plan.system()).expect("a fault");
    let mut world = world(&plan);
    world
        .switch_mut(0)
        .expect("one switch")
        .strike(fault, None, 0);
    for step in 0..60 {
        world.step(TICK).expect("it goes on");
        let (begin_s, step_s) = (0.1 * f64::from(step), 0.1);
        let expected = (-begin_s / 3.0_f64).exp() * -f64::exp_m1(-step_s / 3.0) * 3.0 / step_s;
        let found = flow_ratio(&world);
        // Rounding, and in a step of parts a mean of quotients in place of a quotient of means.
        assert!(
            (found / expected - 1.0).abs() < 1e-4,
            "{step}: {found} {expected}"
        );
    }
    let of = world.switches()[0].heat().now().coolants[0];
    assert!(of.heat.value() > 10.0, "{of:?}");
    // In the end nothing flows.
    go(&mut world, SECOND, 60 * SECOND);
    assert!(
        world.switches()[0].heat().now().coolants[0]
            .outlet
            .is_none()
    );
}

/// What follows from a flow that is set hardly depends on the length of a step.
#[test]
fn temperatures_on_the_way_are_those_of_short_steps() {
    let plan = plan("cpo-51t", &["cooling.package.cooler.flow_time=3 s"]);
    let courses = [TICK / 10, TICK, SECOND, 2 * SECOND].map(|step_ns| {
        let mut world = world(&plan);
        let mut celsius = Vec::new();
        for (share, seconds) in [(0.4, 10), (1.2, 20), (1.0, 30)] {
            set_flow(&mut world, share);
            while world.now_ns() < seconds * SECOND {
                let until_ns = world.now_ns() + 2 * SECOND;
                go(&mut world, step_ns, until_ns);
                celsius.push(value(&world, Signal::AsicTemperature));
            }
        }
        celsius
    });
    let [finest, others @ ..] = courses;
    let swing = finest.iter().copied().fold(0.0, f64::max) - finest[0];
    assert!(swing > 3.0, "{finest:?}");
    // Light follows the beginning of a step, and in a part of it the film follows the mean flow.
    for (course, bound_k) in others.iter().zip([0.002, 0.01, 0.01]) {
        let apart = finest.iter().zip(course).map(|(a, b)| (a - b).abs());
        let apart_k = apart.fold(0.0, f64::max);
        assert!(apart_k < bound_k, "{finest:?} {course:?}");
    }
}

/// The power of the fans goes with the cube of their speed, as far as the description says that it
/// is theirs.
#[test]
fn power_goes_with_the_cube_of_the_speed() {
    let plan = plan("cpo-51t", &["cooling.package.drive_share=0.5"]);
    let power = &plan.system().description.power;
    let mut world = world(&plan);
    go(&mut world, TICK, 2 * TICK);
    let fans_w = |world: &World| {
        let truth = world.switches()[0].truth().expect("a step was made");
        let sum = |signal| truth.values(signal).iter().sum::<f64>();
        let engines_w = sum(Signal::EnginePower);
        let rest_w = sum(Signal::AsicPower) / power.asic_regulator.value.value()
            + sum(Signal::LaserModulePower)
            + power.board.value.value();
        let box_w = sum(Signal::SwitchPower) * power.supply.value.value();
        (box_w - rest_w, engines_w)
    };
    let (full_w, engines_w) = fans_w(&world);
    set_flow(&mut world, 0.6);
    go(&mut world, SECOND, 40 * SECOND);
    let (slow_w, engines_then_w) = fans_w(&world);
    // Engines that are warmer hardly draw another power; what they do, regulators magnify.
    let engines_w = (engines_w - engines_then_w).abs();
    assert!(engines_w < 0.01, "{engines_w}");
    let expected = power.cooling.value.value() * 0.5 * (1.0 - 0.6_f64.powi(3));
    let saved_w = full_w - slow_w;
    let bound_w = 2.0 * engines_w + 1e-6;
    assert!((saved_w - expected).abs() < bound_w, "{saved_w} {expected}");
}

/// A world that is saved while its fans coast goes on with the same bits.
#[test]
fn a_snapshot_keeps_the_speed() {
    let plan = plan("cpo-51t", &[]);
    let mut world = world(&plan);
    set_flow(&mut world, 0.3);
    go(&mut world, TICK, SECOND);
    let plans = [Arc::clone(&plan)];
    let mut restored = World::restore(&world.snapshot(), &plans).expect("its own");
    for world in [&mut world, &mut restored] {
        go(world, TICK, 5 * SECOND);
    }
    assert!(flow_ratio(&world) < 0.5);
    assert!(world.snapshot() == restored.snapshot());
}
