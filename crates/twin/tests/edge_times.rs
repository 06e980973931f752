//! When things happen within a step.

mod living;

use std::sync::{Arc, Mutex};

use plant::{Command, EdgeKind, Plant as _, PowerState, PoweredUnit, Timestamp};
use system::EngineId;
use twin::fault::Fault;
use twin::scenario::LoadProfile;
use twin::world::{Offer, SwitchPlan, TwinPlant, What, World};

use living::{plan, switch};

const MS: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MS;

fn world(plan: &Arc<SwitchPlan>) -> World {
    World::looped_back(switch(plan, "leaf1", 7))
}

fn go(world: &mut World, step_ns: u64, until_ns: u64) {
    while world.now_ns() < until_ns {
        world.step(step_ns).expect("it goes on");
    }
}

/// A world that loses its coolant at its beginning, after so many steps.
fn without_coolant(plan: &Arc<SwitchPlan>, cooling: &str, step_ns: u64, until_ns: u64) -> World {
    let fault = format!("coolant_loss {cooling}");
    let fault = Fault::parse(&fault, plan.system()).expect("a fault");
    let mut world = world(plan);
    let struck = world.switch_mut(0).expect("one switch");
    struck.strike(fault, None, 0);
    go(&mut world, step_ns, until_ns);
    world
}

/// What temperatures brought about: when, to what, and what is at the beginning of its chain.
fn of_heat(world: &World) -> Vec<(u64, String, String)> {
    let switch = &world.switches()[0];
    let (log, system) = (switch.log(), switch.plan().system());
    let is_of_heat = |what: &What| {
        matches!(
            what,
            What::DieTripped | What::ZoneThrottled | What::ZoneShutDown
        )
    };
    let events = log.iter().filter(|(_, event)| is_of_heat(&event.what));
    events
        .map(|(id, event)| {
            let (first, _) = log.chain(id).last().expect("itself");
            (event.at_ns, log.line(system, id), log.line(system, first))
        })
        .collect()
}

#[test]
fn a_trip_has_the_same_time_in_steps_of_any_length() {
    for (platform, cooling, n_events) in [("quantum-x-115t", "die", 4), ("cpo-51t", "package", 2)] {
        let plan = plan(platform, &[]);
        let reference = of_heat(&without_coolant(&plan, cooling, 10 * MS, 48 * SECOND));
        assert_eq!(reference.len(), n_events, "{platform}: {reference:?}");
        for step_ms in [100, 1_000, 3_000] {
            let world = without_coolant(&plan, cooling, step_ms * MS, 48 * SECOND);
            let found = of_heat(&world);
            let is_alike = |(one, other): (&(u64, String, String), &(u64, String, String))| {
                // A zone that throttles takes its work in parts of a step, which shifts the trip.
                let is_close = one.0.abs_diff(other.0) < 20 * MS;
                is_close && (&one.1, &one.2) == (&other.1, &other.2)
            };
            assert!(
                found.len() == n_events && found.iter().zip(&reference).all(is_alike),
                "{platform}, {step_ms} ms: {found:?} {reference:?}"
            );
            assert!(found.iter().any(|(at_ns, ..)| at_ns % (step_ms * MS) != 0));
            let times = world.switches()[0].log().events().iter();
            assert!(times.map(|event| event.at_ns).is_sorted(), "{platform}");
        }
    }
}

/// The junction after a step of the load by the Foster ladder of its package, against the time at
/// which the die trips: with a coolant that nothing warms, a die that does not leak, and light that
/// does not wander.
#[test]
fn a_die_trips_when_its_ladder_passes_the_limit() {
    const LIMIT_C: f64 = 68.0;
    let of = |limit_c: f64| {
        let limit = format!("asic.switch.max_temperature={limit_c} C");
        let sets = [
            "asic.switch.leakage=0 W",
            "cooling.package.cooler.fluid_heat_capacity=100 MJ/(m3 K)",
            "engine.oe.modulator.bias_drift=0 rad",
            "fibre_plant.laser_fibre.polarisation_time=1e15 s",
            limit.as_str(),
        ];
        plan("cpo-51t", &sets)
    };
    // Warmer air, in which the die is above the limit at full load only.
    let warm = |world: &mut World, share: f64, until_ns: u64| {
        let now_ns = world.now_ns();
        let switch = world.switch_mut(0).expect("one switch");
        switch.set_load(None, &LoadProfile::Constant(share), now_ns);
        let inlet = units::Celsius::new(38.0);
        switch
            .set_coolant(0, None, Some(inlet), now_ns)
            .expect("air flows");
        go(world, 20 * SECOND, until_ns);
    };
    let junction = |world: &World| world.switches()[0].heat().now().junctions[0].value();
    let mut unlimited = world(&of(105.0));
    let rest_ns = 4_000 * SECOND;
    warm(&mut unlimited, 1.0, rest_ns);
    let rest_c = junction(&unlimited);
    let plan = of(LIMIT_C);
    let asic = &plan.system().description.asic[0].value;
    let change_w = 0.7 * asic.core_power.value.value();
    let mut low = world(&plan);
    warm(&mut low, 0.3, rest_ns);
    assert!(junction(&low) < LIMIT_C && rest_c > LIMIT_C);
    let dynamics = low.switches()[0].heat().dynamics();
    let model = dynamics.package_models().next().expect("a package");
    // The middle of the core is the hottest place of the die.
    let ladder = model.foster(0, 0);
    let short_k = |since_s: f64| -> f64 {
        let left = ladder.iter();
        let left = left.map(|(r, tau)| r.value() * (-since_s / tau.value()).exp());
        change_w * left.sum::<f64>()
    };
    let (mut early_s, mut late_s) = (0.0, 1_000.0);
    for _ in 0..60 {
        let middle_s = 0.5 * (early_s + late_s);
        if rest_c - short_k(middle_s) > LIMIT_C {
            late_s = middle_s;
        } else {
            early_s = middle_s;
        }
    }
    let mut times = Vec::new();
    for step_ns in [10 * MS, 100 * MS, SECOND, 7 * SECOND] {
        let mut world = low.clone();
        let switch = world.switch_mut(0).expect("one switch");
        switch.set_load(None, &LoadProfile::Constant(1.0), rest_ns);
        go(&mut world, step_ns, rest_ns + 21 * SECOND);
        let mut events = world.switches()[0].log().events().iter();
        let trip = events.find(|event| event.what == What::DieTripped);
        times.push(trip.expect("it trips").at_ns - rest_ns);
    }
    // Times are whole microseconds, and rounding may bring a step of 10 ms to the next one.
    let (least, most) = (times.iter().min(), times.iter().max());
    assert!(
        most.zip(least).is_some_and(|(a, b)| a - b <= 1_000),
        "{times:?}"
    );
    // The air still warms, by 0.1 mK, where the die warms by some tenths of a kelvin in a second.
    let apart_s = times[0] as f64 * 1e-9 - late_s;
    assert!(apart_s.abs() < 2e-4, "{times:?} {late_s}");
}

#[test]
fn what_ends_or_comes_up_within_a_step_has_its_time() {
    let plan = plan("cpo-51t", &[]);
    let mut world = world(&plan);
    go(&mut world, SECOND, 3 * SECOND);
    let unit = PoweredUnit::Engine(EngineId::from_index(2));
    let switch = world.switch_mut(0).expect("one switch");
    let off = Command::SetPowerState {
        unit,
        state: PowerState::Off,
    };
    switch.command(&off, 3 * SECOND).expect("it may be off");
    let fault = "fibre_bend oe0.tx0 1 dB for 5.25 s";
    let fault = Fault::parse(fault, plan.system()).expect("a fault");
    switch.strike(fault, None, 3 * SECOND);
    go(&mut world, SECOND, 6 * SECOND);
    let on = Command::SetPowerState {
        unit,
        state: PowerState::FullPower,
    };
    let switch = world.switch_mut(0).expect("one switch");
    switch.command(&on, 6 * SECOND).expect("it may be on");
    // In one step the engine comes up, after its second, and the fault ends.
    go(&mut world, 10 * SECOND, 16 * SECOND);
    let log = world.switches()[0].log();
    let time = |is_it: &dyn Fn(&What) -> bool| {
        let mut events = log.events().iter();
        let found = events.find(|event| is_it(&event.what));
        found.expect("it happens").at_ns
    };
    let up_ns = time(&|what| matches!(what, What::PoweredUp(PowerState::FullPower)));
    assert_eq!(up_ns, 7 * SECOND);
    let over_ns = time(&|what| matches!(what, What::FaultEnded(_)));
    assert_eq!(over_ns, 8 * SECOND + SECOND / 4);
    assert!(log.events().iter().map(|event| event.at_ns).is_sorted());
}

#[test]
fn an_edge_is_observed_with_the_time_at_which_it_was() {
    let plan = plan("quantum-x-115t", &[]);
    let world = Arc::new(Mutex::new(world(&plan)));
    let offer = Offer {
        step: std::time::Duration::from_secs(1),
        allow_inject: true,
    };
    let mut plant = TwinPlant::new(&world, 0, offer).expect("the only switch");
    plant.poll(Timestamp::from_nanos(0)).expect("it answers");
    let text = "coolant_loss die".to_owned();
    plant.submit(Command::InjectFault { text });
    let mut trips = Vec::new();
    for second in 1..20 {
        let time = Timestamp::from_nanos(second * SECOND);
        let seen = plant.poll(time).expect("it answers").expect("a step on");
        let edges = seen.edges.iter();
        let tripped = edges.filter(|edge| edge.what == EdgeKind::TemperatureTripped);
        trips.extend(tripped.map(|edge| (second, edge.time.nanos())));
    }
    assert_eq!(trips.len(), 4);
    for (second, at_ns) in trips {
        assert!(
            ((second - 1) * SECOND..second * SECOND).contains(&at_ns),
            "{at_ns}"
        );
        assert!(at_ns % SECOND != 0);
    }
}
