//! Power states, thermal zones and what takes its time.

mod living;

use std::sync::Arc;

use plant::{Command, HeaterDrive, PowerState, PoweredUnit, Refusal, RefusalReason, Signal};
use system::{EngineId, LaserId, LaserModuleId, MediaLaneId, ZoneId};
use twin::fault::Fault;
use twin::scenario::LoadProfile;
use twin::world::{EventId, FarEnd, What, World};
use units::Seconds;

const SECOND: u64 = 1_000_000_000;
const TICK: u64 = SECOND / 10;

fn world_of(platform: &str, sets: &[&str]) -> World {
    let plan = living::plan(platform, sets);
    let mut world = World::looped_back(living::switch(&plan, "leaf1", 7));
    go(&mut world, 3);
    world
}

fn go(world: &mut World, n: u64) {
    for _ in 0..n {
        world.step(TICK).expect("it goes on");
    }
}

fn tell(world: &mut World, command: &Command) -> Result<(), Refusal> {
    let now_ns = world.now_ns();
    let switch = world.switch_mut(0).expect("the only switch");
    switch.command(command, now_ns)
}

fn power(world: &mut World, unit: PoweredUnit, state: PowerState) -> Result<(), Refusal> {
    tell(world, &Command::SetPowerState { unit, state })
}

fn strike(world: &mut World, text: &str, name: &str) {
    let now_ns = world.now_ns();
    let switch = world.switch_mut(0).expect("the only switch");
    let fault = Fault::parse(text, switch.plan().system()).expect("a fault");
    switch.strike(fault, Some(name.to_owned()), now_ns);
}

fn states(world: &World, signal: Signal) -> Vec<u8> {
    let truth = world.switches()[0].truth().expect("a step was made");
    truth.states(signal).to_vec()
}

fn values(world: &World, signal: Signal) -> Vec<f64> {
    let truth = world.switches()[0].truth().expect("a step was made");
    truth.values(signal).to_vec()
}

/// Steps until a state of a part is this, and how many of them.
fn until(world: &mut World, signal: Signal, part: usize, state: u8) -> u64 {
    for step in 1..=200 {
        go(world, 1);
        if states(world, signal)[part] == state {
            return step;
        }
    }
    panic!("{} of {part} does not become {state}", signal.name());
}

fn what(world: &World) -> Vec<What> {
    let log = world.switches()[0].log();
    log.events()
        .iter()
        .map(|event| event.what.clone())
        .collect()
}

/// The events that one follows from, in words.
fn chain(world: &World, is_it: impl Fn(&What) -> bool) -> Vec<String> {
    let switch = &world.switches()[0];
    let found = what(world).iter().rposition(is_it).expect("it happened");
    let lines = switch.log().chain(EventId(found));
    lines
        .map(|(id, _)| switch.log().line(switch.plan().system(), id))
        .collect()
}

/// An engine goes down at once; up it takes a second to full power, then a fifth of a second for its
/// bias loops; then its lanes are as they were.
#[test]
fn an_engine_comes_back_in_its_times() {
    let mut world = world_of("cpo-51t", &[]);
    let before = values(&world, Signal::TransmitOma);
    let drawn_w = values(&world, Signal::EnginePower)[0];
    let unit = PoweredUnit::Engine(EngineId(0));
    power(&mut world, unit, PowerState::Off).expect("it goes down");
    go(&mut world, 1);
    assert_eq!(states(&world, Signal::EnginePowerState)[..2], [0, 2]);
    assert!(values(&world, Signal::EnginePower)[0] < 0.1 * drawn_w);
    assert_eq!(states(&world, Signal::ReceiveSignal)[..64], [0; 64]);
    assert_eq!(states(&world, Signal::PortOperation)[..8], [0; 8]);
    assert_eq!(states(&world, Signal::PortOperation)[8..16], [1; 8]);
    power(&mut world, unit, PowerState::FullPower).expect("it comes up");
    assert_eq!(until(&mut world, Signal::EnginePowerState, 0, 1), 1);
    assert_eq!(until(&mut world, Signal::EnginePowerState, 0, 2), 9);
    assert_eq!(
        states(&world, Signal::TransmitLock)[0],
        1,
        "it looks for its lock"
    );
    assert_eq!(until(&mut world, Signal::TransmitLock, 0, 2), 2);
    go(&mut world, 5);
    assert_eq!(states(&world, Signal::PortOperation), [1; 64]);
    for (before, now) in before.iter().zip(values(&world, Signal::TransmitOma)) {
        assert!((before - now).abs() < 0.02, "{before} {now}");
    }
    let chain = chain(&world, |what| {
        *what == What::PoweredUp(PowerState::FullPower)
    });
    let expected = [
        "engine oe0 has come to full power",
        "engine oe0 set power state full power",
    ];
    assert_eq!(chain, expected);
}

/// Light goes on to come from a far end that knows nothing of it; an engine without power does not
/// look at it.
#[test]
fn an_engine_without_power_decides_nothing() {
    let switch = living::switch(&living::plan("cpo-51t", &[]), "leaf1", 7);
    let far = vec![vec![FarEnd::Ideal; 512]];
    let mut world = World::new(vec![switch], far).expect("they fit");
    go(&mut world, 3);
    let received = values(&world, Signal::RxPower)[0];
    let bits = |world: &World| {
        let truth = world.switches()[0].truth().expect("a step was made");
        let errors = truth.bit_errors(Signal::PreFecBer).iter();
        errors.map(|errors| errors.bits).collect::<Vec<f64>>()
    };
    let all = bits(&world);
    let unit = PoweredUnit::Engine(EngineId(0));
    power(&mut world, unit, PowerState::LowPower).expect("it goes down");
    go(&mut world, 1);
    assert!(
        (values(&world, Signal::RxPower)[0] - received).abs() < 0.01,
        "light is there"
    );
    assert_eq!(states(&world, Signal::ReceiveSignal)[..64], [0; 64]);
    assert_eq!(
        states(&world, Signal::PortOperation)[..9],
        [0, 0, 0, 0, 0, 0, 0, 0, 1]
    );
    assert!(bits(&world)[..64].iter().all(|bits| bits.abs() < 1e-9));
    assert_eq!(bits(&world)[64..], all[64..]);
    power(&mut world, unit, PowerState::FullPower).expect("it comes up");
    go(&mut world, 12);
    assert_eq!(bits(&world), all);
}

/// A laser module starts its controller, then its lasers rise in a straight line, then rings lock.
#[test]
fn the_lasers_of_a_module_rise_and_rings_lock_after_them() {
    let mut world = world_of("quantum-x-115t", &[]);
    let full_mw = |world: &World| 10f64.powf(values(world, Signal::LaserPower)[0] / 10.0);
    let set_mw = full_mw(&world);
    let unit = PoweredUnit::LaserModule(LaserModuleId(0));
    power(&mut world, unit, PowerState::Off).expect("it goes down");
    go(&mut world, 10);
    assert_eq!(states(&world, Signal::LaserModulePowerState)[0], 0);
    assert_eq!(states(&world, Signal::LaserOutput)[0], 0);
    let lane = {
        let system = world.switches()[0].plan().system();
        system.lasers[0].media_lanes[0].index()
    };
    assert_eq!(states(&world, Signal::TransmitLock)[lane], 0);
    power(&mut world, unit, PowerState::FullPower).expect("it comes up");
    assert_eq!(until(&mut world, Signal::LaserModulePowerState, 0, 2), 20);
    for step in 1..5_u32 {
        go(&mut world, 1);
        assert_eq!(states(&world, Signal::LaserOutput)[0], 1, "it rises");
        let share = full_mw(&world) / set_mw;
        assert!(
            (share - 0.2 * f64::from(step)).abs() < 1e-6,
            "{step}: {share}"
        );
        assert_eq!(
            states(&world, Signal::TransmitLock)[lane],
            0,
            "not before its light"
        );
    }
    go(&mut world, 1);
    assert_eq!(states(&world, Signal::LaserOutput)[0], 2);
    assert!((full_mw(&world) / set_mw - 1.0).abs() < 1e-6);
    assert_eq!(states(&world, Signal::TransmitLock)[lane], 1);
    assert_eq!(until(&mut world, Signal::TransmitLock, lane, 2), 2);
}

/// A laser that is switched on rises; a heater that is given back to its loop locks in its time; a
/// module that was pulled out is refused power and starts anew when it is back.
#[test]
fn what_was_dark_or_free_takes_its_time() {
    let mut world = world_of("quantum-x-115t", &["engine.oe.lock_time=400 ms"]);
    let laser = LaserId(0);
    tell(
        &mut world,
        &Command::SetLaserEnable {
            laser,
            enabled: false,
        },
    )
    .expect("off");
    go(&mut world, 1);
    assert_eq!(states(&world, Signal::LaserOutput)[0], 0);
    tell(
        &mut world,
        &Command::SetLaserEnable {
            laser,
            enabled: true,
        },
    )
    .expect("on");
    assert_eq!(until(&mut world, Signal::LaserOutput, 0, 1), 1);
    assert_eq!(until(&mut world, Signal::LaserOutput, 0, 2), 4);
    go(&mut world, 10);
    let lane = MediaLaneId(9);
    let heater = |drive| Command::SetHeater {
        lane,
        direction: plant::Direction::Transmit,
        drive,
    };
    let fixed = HeaterDrive::Fixed(units::Watts::new(1e-3));
    tell(&mut world, &heater(fixed)).expect("held");
    go(&mut world, 1);
    assert_eq!(states(&world, Signal::TransmitLock)[9], 0);
    tell(&mut world, &heater(HeaterDrive::Loop)).expect("given back");
    assert_eq!(until(&mut world, Signal::TransmitLock, 9, 1), 1);
    assert_eq!(until(&mut world, Signal::TransmitLock, 9, 2), 3);
    strike(&mut world, "module_absent els0", "pulled");
    go(&mut world, 1);
    let unit = PoweredUnit::LaserModule(LaserModuleId(0));
    let refused = power(&mut world, unit, PowerState::FullPower).expect_err("it is not there");
    assert_eq!(refused.reason, RefusalReason::NotNow);
    assert_eq!(refused.detail, "els0 is not there");
    let now_ns = world.now_ns();
    let switch = world.switch_mut(0).expect("the only switch");
    switch.clear("pulled", now_ns);
    assert_eq!(until(&mut world, Signal::LaserModulePowerState, 0, 0), 1);
    assert_eq!(until(&mut world, Signal::LaserModulePowerState, 0, 2), 19);
    assert_eq!(until(&mut world, Signal::LaserOutput, 0, 2), 5);
}

/// A zone that grows too warm takes work from its dies until it stands at its limit, and gives it
/// back when the coolant is back.
#[test]
fn a_zone_throttles_to_its_limit_and_lets_go_below_it() {
    let sets = [
        "zone.die.throttle=80 C",
        "zone.die.hysteresis=3 K",
        "zone.die.throttle_time=20 s",
    ];
    let mut world = world_of("cpo-51t", &sets);
    assert_eq!(states(&world, Signal::ZoneState), [0, 0, 0]);
    let asic_w = values(&world, Signal::AsicPower)[0];
    strike(&mut world, "fan_failure package 0.4", "fan");
    let mut hottest_c = 0.0_f64;
    for _ in 0..600 {
        world.step(SECOND).expect("it goes on");
        hottest_c = hottest_c.max(values(&world, Signal::AsicTemperature)[0]);
    }
    assert_eq!(states(&world, Signal::ZoneState), [1, 0, 0]);
    let junction_c = values(&world, Signal::AsicTemperature)[0];
    assert!((77.0..80.1).contains(&junction_c), "{junction_c}");
    assert!(hottest_c < 83.0, "{hottest_c}");
    assert!(values(&world, Signal::AsicPower)[0] < 0.97 * asic_w);
    let throttled = chain(&world, |what| *what == What::ZoneThrottled);
    assert_eq!(
        throttled[0],
        "zone die is too warm and takes work from its dies"
    );
    assert!(
        throttled[1].starts_with("fault fan_failure"),
        "{throttled:?}"
    );
    let now_ns = world.now_ns();
    let switch = world.switch_mut(0).expect("the only switch");
    switch.clear("fan", now_ns);
    for _ in 0..600 {
        world.step(SECOND).expect("it goes on");
    }
    assert_eq!(states(&world, Signal::ZoneState), [0, 0, 0]);
    assert!((values(&world, Signal::AsicPower)[0] / asic_w - 1.0).abs() < 1e-3);
    assert_eq!(chain(&world, |what| *what == What::ZoneReleased).len(), 3);
}

/// Beyond the emergency limit everything in the zone is shut down and stays so, until it is told to
/// power up, which is refused while the zone is too hot.
#[test]
fn a_zone_beyond_its_limit_is_shut_down_until_told() {
    let sets = ["zone.package.throttle=58 C", "zone.package.emergency=62 C"];
    let mut world = world_of("cpo-51t", &sets);
    strike(&mut world, "coolant_loss package", "coolant");
    let steps = until(&mut world, Signal::ZoneState, 1, 2);
    assert!(steps > 5, "{steps}");
    go(&mut world, 1);
    assert_eq!(states(&world, Signal::EnginePowerState), [0; 8]);
    let shut = chain(&world, |what| *what == What::ZoneShutDown);
    assert!(shut[1].starts_with("fault coolant_loss"), "{shut:?}");
    // What goes dark does so because of it, and that because of the coolant.
    for is_it in [What::Unlocked, What::SignalLost, What::PortDown] {
        let why = chain(&world, |what| *what == is_it);
        assert!(
            why.iter().any(|line| line.contains("is shut down")),
            "{why:?}"
        );
        assert!(why.last().expect("one").contains("coolant_loss"), "{why:?}");
    }
    let zone = PoweredUnit::Zone(ZoneId(1));
    // Engines without power are cooler than they were; the die goes on to warm them.
    for _ in 0..600 {
        if values(&world, Signal::ZoneTemperature)[1] > 62.5 {
            break;
        }
        go(&mut world, 10);
    }
    for unit in [zone, PoweredUnit::Engine(EngineId(3))] {
        let refused = power(&mut world, unit, PowerState::FullPower).expect_err("too hot");
        assert_eq!(refused.reason, RefusalReason::NotNow);
        assert!(
            refused.detail.contains("full power needs less than 62.0 C"),
            "{refused}"
        );
    }
    let now_ns = world.now_ns();
    let switch = world.switch_mut(0).expect("the only switch");
    switch.set_load(None, &LoadProfile::Constant(0.2), now_ns);
    switch.clear("coolant", now_ns);
    for _ in 0..300 {
        world.step(SECOND).expect("it goes on");
    }
    assert_eq!(states(&world, Signal::ZoneState)[1], 2, "it is latched");
    assert_eq!(states(&world, Signal::EnginePowerState), [0; 8]);
    power(&mut world, zone, PowerState::FullPower).expect("it is cool");
    go(&mut world, 20);
    assert_ne!(states(&world, Signal::ZoneState)[1], 2);
    assert_eq!(states(&world, Signal::EnginePowerState), [2; 8]);
    assert_eq!(states(&world, Signal::PortOperation), [1; 64]);
}

/// A zone of dies and modules: all of it goes down and comes back by one command, in its times.
#[test]
fn a_zone_is_powered_as_a_whole() {
    let mut world = world_of("cpo-51t", &[]);
    let (die, faceplate) = (PoweredUnit::Zone(ZoneId(0)), PoweredUnit::Zone(ZoneId(2)));
    power(&mut world, die, PowerState::Off).expect("it goes down");
    power(&mut world, faceplate, PowerState::LowPower).expect("it goes down");
    go(&mut world, 2);
    assert!(values(&world, Signal::AsicPower)[0].abs() < 1e-9);
    assert_eq!(states(&world, Signal::LaserModulePowerState), [1; 16]);
    assert!(
        states(&world, Signal::LaserOutput)
            .iter()
            .all(|state| *state == 0)
    );
    let down = chain(&world, |what| *what == What::PortDown);
    assert!(
        down.last().expect("one").starts_with("zone die"),
        "{down:?}"
    );
    power(&mut world, die, PowerState::FullPower).expect("it comes up");
    power(&mut world, faceplate, PowerState::FullPower).expect("it comes up");
    go(&mut world, 10);
    assert!(values(&world, Signal::AsicPower)[0] > 100.0);
    assert_eq!(states(&world, Signal::PortOperation), [1; 64]);
}

/// A jump leaves a switch with what its zones allow, and with nothing on its way.
#[test]
fn a_jump_ends_with_zones_that_protect_themselves() {
    let sets = [
        "package.stack.tim1.aged_resistance=80 K mm2/W",
        "zone.die.throttle=85 C",
        "zone.die.hysteresis=3 K",
        "zone.die.throttle_time=20 s",
    ];
    let mut world = world_of("cpo-51t", &sets);
    let unit = PoweredUnit::Engine(EngineId(0));
    power(&mut world, unit, PowerState::Off).expect("it goes down");
    go(&mut world, 1);
    power(&mut world, unit, PowerState::FullPower).expect("it comes up");
    go(&mut world, 1);
    let now_ns = world.now_ns();
    let switch = world.switch_mut(0).expect("the only switch");
    switch
        .age(Seconds::new(20.0 * 31_557_600.0), now_ns)
        .expect("it comes to rest");
    go(&mut world, 1);
    assert_eq!(states(&world, Signal::ZoneState)[0], 1);
    assert_eq!(states(&world, Signal::EnginePowerState), [2; 8]);
    let junction_c = values(&world, Signal::AsicTemperature)[0];
    assert!((82.0..85.1).contains(&junction_c), "{junction_c}");
    let throttled = chain(&world, |what| *what == What::ZoneThrottled);
    assert!(
        throttled[1].starts_with("parts have aged by"),
        "{throttled:?}"
    );
}

/// What is on its way goes on its way in a world that was saved and restored.
#[test]
fn a_restored_world_is_on_its_way_as_the_saved_one() {
    let mut world = world_of("quantum-x-115t", &["zone.package.throttle=41.2 C"]);
    let engine = PoweredUnit::Engine(EngineId(5));
    let module = PoweredUnit::LaserModule(LaserModuleId(2));
    for unit in [engine, module] {
        power(&mut world, unit, PowerState::Off).expect("it goes down");
    }
    go(&mut world, 3);
    for unit in [engine, module] {
        power(&mut world, unit, PowerState::FullPower).expect("it comes up");
    }
    let plan = Arc::clone(world.switches()[0].plan());
    for _ in 0..8 {
        go(&mut world, 3);
        let bytes = world.snapshot();
        let mut restored = World::restore(&bytes, &[Arc::clone(&plan)]).expect("it is whole");
        let mut gone_on = world.clone();
        go(&mut restored, 4);
        go(&mut gone_on, 4);
        assert!(restored.snapshot() == gone_on.snapshot(), "other bits");
    }
    assert_eq!(states(&world, Signal::ZoneState)[1], 1);
    assert_eq!(states(&world, Signal::LaserModulePowerState)[2], 2);
}

#[test]
fn a_laser_that_feeds_no_lane_is_off_until_somebody_wants_it() {
    let mut world = world_of("arista-28t", &[]);
    let system = Arc::clone(world.switches()[0].plan().system());
    let spare = system.lasers.iter();
    let spare = spare.clone().position(|of| of.media_lanes.is_empty());
    let spare = spare.expect("it has more lasers than it needs");
    let system::LaserHome::Module(module, _) = system.lasers[spare].home else {
        panic!("it is in a module");
    };
    assert_eq!(states(&world, Signal::LaserOutput)[spare], 0);
    let before_w = values(&world, Signal::LaserModulePower)[module.index()];
    let laser = LaserId::from_index(spare);
    tell(
        &mut world,
        &Command::SetLaserOutput {
            laser,
            power: units::DbMilliwatts::new(17.0),
        },
    )
    .expect("it can");
    let on = Command::SetLaserEnable {
        laser,
        enabled: true,
    };
    tell(&mut world, &on).expect("it can");
    until(&mut world, Signal::LaserOutput, spare, 2);
    go(&mut world, 10);
    let launched = values(&world, Signal::LaserPower)[spare];
    assert!((launched - 17.0).abs() < 1e-3, "{launched} dBm");
    // Its light is less than what it takes.
    let more_w = values(&world, Signal::LaserModulePower)[module.index()] - before_w;
    assert!(more_w > 0.05, "{more_w} W");
    let current = values(&world, Signal::LaserBias)[spare];
    assert!(current > 0.0 && current.is_finite());
}
