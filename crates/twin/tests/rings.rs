//! Rings beside each other in time: heaters that warm their neighbours, and buses that go to other
//! channels.

mod living;

use std::sync::Arc;

use link::LaneHeaters;
use plant::Signal;
use system::MediaLaneId;
use twin::SteadyState;
use twin::fault::Fault;
use twin::world::{Event, EventId, SwitchPlan, What, World};
use units::Celsius;

use living::{plan, resolve, switch};

const SECOND: u64 = 1_000_000_000;
const TICK: u64 = SECOND / 10;

/// Nothing wanders.
const STILL: &str = "fibre_plant.laser_fibre.polarisation_time=1e15 s";

/// Rings made for a die of 62 C, which coolants of this side of the guards of the zones can pass.
const COOL: &str = "zone.chiplet.design_temperature=62 C";

fn world(plan: &Arc<SwitchPlan>) -> World {
    World::looped_back(switch(plan, "leaf1", 7))
}

fn truth(world: &World, signal: Signal) -> &[f64] {
    let truth = world.switches()[0].truth().expect("a step was made");
    truth.values(signal)
}

fn states(world: &World, signal: Signal) -> &[u8] {
    let truth = world.switches()[0].truth().expect("a step was made");
    truth.states(signal)
}

fn strike(world: &mut World, text: &str) -> EventId {
    let now_ns = world.now_ns();
    let of = world.switch_mut(0).expect("it is there");
    let fault = Fault::parse(text, of.plan().system()).expect("a fault");
    of.strike(fault, Some("it".to_owned()), now_ns)
}

fn steps(world: &mut World, n: usize) {
    for _ in 0..n {
        world.step(TICK).expect("it goes on");
    }
}

fn beside(at: usize, powers: &[f64]) -> f64 {
    let places = [at.wrapping_sub(1), at + 1];
    places.iter().filter_map(|at| powers.get(*at)).sum()
}

/// Heaters of every lane, its own and the one that drops its wavelength.
fn heaters(steady: &SteadyState, lane: usize) -> LaneHeaters {
    steady.lanes.heaters(MediaLaneId::from_index(lane))
}

#[test]
fn a_world_at_rest_has_the_heaters_of_the_steady_state() {
    let shifted = ["cooling.package.inlet=66 C", COOL, STILL];
    for (platform, sets, is_shifted) in [
        ("quantum-x-115t", &[STILL][..], false),
        (
            "quantum-x-115t",
            &[STILL, "engine.oe.modulator.heater_crosstalk=0.1"],
            false,
        ),
        ("teraphy-oio", &[STILL], false),
        ("oci-4t", &[], false),
        ("teraphy-oio", &shifted, true),
    ] {
        let system = resolve(platform, sets);
        let steady = SteadyState::solve(&system);
        let plan = Arc::new(SwitchPlan::new(Arc::clone(&system)).expect("it lives in time"));
        assert!(plan.dark_lanes().is_empty(), "{platform}");
        let mut world = world(&plan);
        steps(&mut world, 20);
        let log = world.switches()[0].log();
        assert!(log.events().is_empty(), "{platform}: {:?}", log.events());
        let first = MediaLaneId::from_index(0);
        let (transmit, receive) = world.switches()[0].channel_shifts(first);
        assert_eq!(
            (transmit != 0, receive != 0),
            (is_shifted, is_shifted),
            "{platform}"
        );
        for lane in 0..system.media_lanes.len() {
            let exact = heaters(&steady, lane);
            for (signal, exact) in [
                (Signal::TransmitHeaterPower, exact.transmit),
                (Signal::ReceiveHeaterPower, exact.receive),
            ] {
                let found = truth(&world, signal)[lane];
                match exact {
                    // Engines of one kind share the light of one of them.
                    Some(exact) => assert!(
                        (found - exact.value()).abs() < 2e-6,
                        "{platform} {} {lane}: {found} {exact}",
                        signal.name()
                    ),
                    None => assert!(found.is_nan()),
                }
            }
        }
    }
}

/// What each ring is shifted by its heater and those beside it does not depend on their number: all
/// rings of a row without light of their own need the same.
#[test]
fn own_and_neighbours_heat_shift_every_ring_by_what_it_needs() {
    let share = 0.1;
    let plan = plan(
        "quantum-x-115t",
        &[STILL, "engine.oe.modulator.heater_crosstalk=0.1"],
    );
    let mut world = world(&plan);
    steps(&mut world, 3);
    let powers: Vec<f64> = truth(&world, Signal::TransmitHeaterPower)[..8].to_vec();
    let needed: Vec<f64> = (0..8)
        .map(|at| powers[at] + share * beside(at, &powers))
        .collect();
    for (at, watts) in needed.iter().enumerate() {
        assert!((watts - needed[0]).abs() < 1e-9, "{at}: {needed:?}");
    }
    assert!(powers[0] > powers[1] && powers[7] > powers[6]);
}

/// Three rings, the one in the middle open: the others have to give what it gave, and only they.
#[test]
fn a_ring_pays_for_a_neighbour_that_is_open() {
    let share = 0.05;
    let plan = plan(
        "quantum-x-115t",
        &[STILL, "engine.oe.modulator.heater_crosstalk=0.05"],
    );
    let mut world = world(&plan);
    steps(&mut world, 2);
    let before = truth(&world, Signal::TransmitHeaterPower).to_vec();
    strike(&mut world, "heater_open oe0.lane3");
    steps(&mut world, 1);
    let after = truth(&world, Signal::TransmitHeaterPower);
    assert!(after[3].abs() < 1e-12);
    for lane in [2, 4] {
        // x of what it gave, less what the next one then gives less: first order within x squared.
        let more = after[lane] - before[lane];
        let gave = share * before[3];
        assert!(
            (more - gave).abs() < 2.0 * share * gave,
            "{lane}: {more} {gave}"
        );
    }
    // The row ends there: three rings that need A, of which P_0 = P_2 and x P_1 = A - P_0.
    let needed = after[0] + share * after[1];
    let ends = needed * (1.0 - share) / (1.0 - 2.0 * share * share);
    // The die is a little colder by then, which all of them see alike.
    assert!((after[0] - ends).abs() < 1e-9, "{} {ends}", after[0]);
    assert!((after[2] - ends).abs() < 1e-9);
    assert!((after[1] - (needed - 2.0 * share * ends)).abs() < 1e-9);
    let locks = states(&world, Signal::TransmitLock);
    let locked = locks[0];
    let unlocked: Vec<usize> = (0..locks.len())
        .filter(|lane| locks[*lane] != locked)
        .collect();
    assert_eq!(unlocked, [3]);
    // Other engines see none of it.
    let (one, other) = (before[8..16].to_vec(), &after[8..16]);
    let moved = one.iter().zip(other).map(|(a, b)| (a - b).abs());
    assert!(moved.fold(0.0, f64::max) < 2e-6);
}

/// Neighbours that are held far too warm take a ring over its zero rail, and it says so, with the first
/// of them as the cause.
#[test]
fn neighbours_that_overheat_take_the_lock() {
    let share = 0.25;
    let plan = plan(
        "quantum-x-115t",
        &[STILL, "engine.oe.modulator.heater_crosstalk=0.25"],
    );
    let mut world = world(&plan);
    steps(&mut world, 2);
    let powers = truth(&world, Signal::TransmitHeaterPower)[..8].to_vec();
    assert!(
        2.0 * share * 38e-3 > powers[2] + share * beside(2, &powers),
        "{powers:?}"
    );
    let fault = strike(&mut world, "heater_stuck oe0.lane1 38 mW");
    strike(&mut world, "heater_stuck oe0.lane3 38 mW");
    steps(&mut world, 2);
    let locks = states(&world, Signal::TransmitLock);
    let unlocked: Vec<usize> = (0..8).filter(|lane| locks[*lane] != locks[9]).collect();
    assert_eq!(unlocked, [1, 2, 3]);
    assert!(truth(&world, Signal::TransmitHeaterPower)[2].abs() < 1e-12);
    let log = world.switches()[0].log();
    let lost = |event: &Event| {
        event.what == What::Unlocked && event.entity.is_some_and(|of| of.index == 2)
    };
    let (id, _) = log
        .iter()
        .find(|(_, event)| lost(event))
        .expect("it has lost its lock");
    assert_eq!(log.chain(id).last().map(|(id, _)| id), Some(fault));
}

fn set_inlet(world: &mut World, celsius: f64) {
    let now_ns = world.now_ns();
    let of = world.switch_mut(0).expect("it is there");
    of.set_coolant(0, None, Some(Celsius::new(celsius)), now_ns)
        .expect("a coolant");
}

fn errors(world: &World) -> Vec<f64> {
    let truth = world.switches()[0].truth().expect("a step was made");
    let errors = truth.bit_errors(Signal::PreFecBer).iter();
    errors.map(|errors| errors.ratio).collect()
}

/// Shifts of the modulators and filters of the first fibre, and whether all is locked and
/// without errors.
fn state(world: &World) -> ((i32, i32), bool) {
    let of = &world.switches()[0];
    let are_locked = [Signal::TransmitLock, Signal::ReceiveLock]
        .iter()
        .all(|signal| states(world, *signal).iter().all(|state| *state == 2));
    let is_clean = errors(world).iter().all(|ratio| *ratio < 1e-9);
    (of.channel_shifts(MediaLaneId(0)), are_locked && is_clean)
}

fn shifts(world: &World) -> usize {
    let events = world.switches()[0].log().events().iter();
    let is_shift =
        |what: &What| matches!(what, What::ModulatorsShifted(_) | What::FiltersShifted(_));
    events.filter(|event| is_shift(&event.what)).count()
}

/// Coolant that warms slowly, or cools.
fn ramp(world: &mut World, from: f64, to: f64, n_seconds: usize) {
    for at in 1..=n_seconds {
        set_inlet(world, from + (to - from) * at as f64 / n_seconds as f64);
        world.step(SECOND).expect("it goes on");
    }
}

/// Coolant warms until the rings have passed their channels: they go on to the next ones, their locks
/// come back after the lock time, and they stay there however the coolant dithers, until it is so cold
/// that a heater meets its other rail.
#[test]
fn a_bus_goes_to_the_next_channels_and_back_without_chatter() {
    let plan = plan("teraphy-oio", &[STILL, COOL, "engine.oe.lock_time=\"3 s\""]);
    let n_buses = 2 * 8;
    let mut world = world(&plan);
    ramp(&mut world, 40.0, 58.0, 400);
    assert_eq!((state(&world), shifts(&world)), (((0, 0), true), 0));
    ramp(&mut world, 58.0, 62.0, 200);
    assert_eq!((state(&world), shifts(&world)), (((1, 1), true), n_buses));
    for _ in 0..3 {
        ramp(&mut world, 62.0, 56.0, 150);
        ramp(&mut world, 56.0, 62.0, 150);
    }
    assert_eq!((state(&world), shifts(&world)), (((1, 1), true), n_buses));
    ramp(&mut world, 62.0, 36.0, 800);
    assert_eq!(
        (state(&world), shifts(&world)),
        (((0, 0), true), 2 * n_buses)
    );
    // The way up began with the coolant, and each lane has lost its lock once on each way.
    let log = world.switches()[0].log();
    let of = |what: fn(&What) -> bool| log.iter().filter(move |(_, event)| what(&event.what));
    let n_lanes = 128;
    assert_eq!(of(|what| *what == What::Unlocked).count(), 2 * n_lanes);
    assert_eq!(of(|what| *what == What::Locked).count(), 2 * n_lanes);
    for (id, _) in of(|what| matches!(what, What::ModulatorsShifted(_) | What::FiltersShifted(_))) {
        let chain: Vec<&What> = log.chain(id).map(|(_, event)| &event.what).collect();
        assert!(
            matches!(
                chain[..],
                [
                    _,
                    What::Unlocked | What::FilterUnlocked,
                    What::CoolantSet(_)
                ]
            ),
            "{chain:?}"
        );
    }
}

/// The same coolant, and rings that keep their channels: they lose their locks, and say so.
#[test]
fn rings_that_may_not_shift_unlock() {
    let plan = plan("teraphy-oio", &[STILL, COOL, "control.barrel_shift=false"]);
    let mut world = world(&plan);
    ramp(&mut world, 40.0, 58.0, 400);
    assert_eq!(state(&world), ((0, 0), true));
    ramp(&mut world, 58.0, 66.0, 400);
    steps(&mut world, 20);
    assert_eq!((state(&world), shifts(&world)), (((0, 0), false), 0));
    assert!(
        states(&world, Signal::TransmitLock)
            .iter()
            .all(|state| *state == 0)
    );
    assert!(errors(&world).iter().all(|ratio| *ratio > 0.1));
    ramp(&mut world, 66.0, 50.0, 400);
    assert_eq!((state(&world), shifts(&world)), (((0, 0), true), 0));
}

/// The locks are on their way for the lock time, with what they carried lost, and no longer.
#[test]
fn shifted_rings_take_the_lock_time() {
    let plan = plan(
        "teraphy-oio",
        &[STILL, COOL, "engine.oe.lock_time=\"500 ms\""],
    );
    let mut world = world(&plan);
    ramp(&mut world, 40.0, 59.0, 400);
    set_inlet(&mut world, 64.0);
    let mut acquired = [0; 2];
    for _ in 0..2000 {
        world.step(TICK).expect("it goes on");
        for (n, signal) in acquired
            .iter_mut()
            .zip([Signal::TransmitLock, Signal::ReceiveLock])
        {
            *n += u32::from(states(&world, signal)[0] == 1);
        }
    }
    // The step in which the rail was met is not counted, nor the one in which it holds again.
    assert!(acquired.iter().all(|n| (4..=5).contains(n)), "{acquired:?}");
    assert_eq!(state(&world), ((1, 1), true));
}

/// The heater of a ring that is open is that of another lane once the bus has shifted.
#[test]
fn a_broken_ring_goes_with_its_bus() {
    let plan = plan("teraphy-oio", &[STILL, COOL]);
    let mut world = world(&plan);
    strike(&mut world, "heater_open oe.lane5");
    ramp(&mut world, 40.0, 58.0, 400);
    let unlocked = |world: &World| -> Vec<usize> {
        let locks = states(world, Signal::TransmitLock);
        (0..128).filter(|lane| locks[*lane] != 2).collect()
    };
    assert_eq!(unlocked(&world), [5]);
    ramp(&mut world, 58.0, 63.0, 250);
    // Wavelengths fall with the number of the lane: the next longer one is lane 4.
    assert_eq!(state(&world).0, (1, 1));
    assert_eq!(unlocked(&world), [4]);
    assert!(truth(&world, Signal::TransmitHeaterPower)[4].abs() < 1e-12);
}

/// A world that is restored while its rings are on their way goes on with the same bits, and on any
/// number of threads.
#[test]
fn a_restored_world_goes_on_across_a_shift() {
    let plan = plan("teraphy-oio", &[STILL, COOL, "engine.oe.lock_time=\"3 s\""]);
    let mut one = world(&plan);
    ramp(&mut one, 40.0, 58.0, 300);
    let mut at = 58.0;
    while shifts(&one) == 0 {
        set_inlet(&mut one, at);
        one.step(SECOND).expect("it goes on");
        at += 0.02;
        assert!(at < 65.0);
    }
    let mut restored =
        World::restore(&one.snapshot(), &[Arc::clone(&plan)]).expect("its own bytes");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let pool = pool.expect("a pool");
    for _ in 0..40 {
        at += 0.02;
        for world in [&mut one, &mut restored] {
            set_inlet(world, at);
        }
        one.step(SECOND).expect("it goes on");
        pool.install(|| restored.step(SECOND)).expect("it goes on");
        assert_eq!(one.snapshot(), restored.snapshot());
    }
    assert_eq!(state(&one), ((1, 1), true));
}
