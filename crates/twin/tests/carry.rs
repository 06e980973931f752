//! What lanes carry: data, patterns and nothing, through loopbacks, swapped wires and muted outputs.

mod living;

use std::sync::{Arc, LazyLock};

use plant::{
    Command, Direction, Loopback, PowerState, PoweredUnit, Refusal, RefusalReason, Sequence,
    Signal, TestPattern,
};
use system::{MediaLaneId, PortId, SerdesLaneId};
use twin::fault::Fault;
use twin::world::{EventId, SwitchPlan, What, World};

use living::{plan, switch};

static RETIMED: LazyLock<Arc<SwitchPlan>> = LazyLock::new(|| plan("dsp-51t", &[]));

const TICK: u64 = 100_000_000;
const NEAR: usize = 0;
const FAR: usize = 1;
/// The lane under test and its port.
const LANE: usize = 3;
const PORT: usize = 0;
const PRBS: TestPattern = TestPattern::new(Sequence::Prbs31q);

/// Light drifts a little from step to step.
const SAME: f64 = 1e-3;

/// Two switches, face to face, after a while.
fn pair() -> World {
    let world = World::back_to_back(switch(&RETIMED, "near", 1), switch(&RETIMED, "far", 2));
    let mut world = world.expect("alike");
    wait(&mut world);
    assert!(is_up(&world, NEAR) && is_up(&world, FAR));
    world
}

fn wait(world: &mut World) {
    for _ in 0..5 {
        world.step(TICK).expect("it goes on");
    }
}

fn command(world: &mut World, at: usize, command: &Command) -> Result<EventId, Refusal> {
    let now_ns = world.now_ns();
    let of = world.switch_mut(at).expect("it is there");
    let event = of.log().next();
    of.command(command, now_ns).map(|()| event)
}

/// Does it and waits; gives the event of the command.
fn then(world: &mut World, at: usize, asked: &Command) -> EventId {
    let event = command(world, at, asked).expect("it can");
    wait(world);
    event
}

const fn lane() -> MediaLaneId {
    MediaLaneId(3)
}

const fn loopback(loopback: Loopback) -> Command {
    Command::SetLoopback {
        lane: lane(),
        loopback,
    }
}

const fn pattern(direction: Direction, pattern: Option<TestPattern>) -> Command {
    Command::SetPattern {
        lane: lane(),
        direction,
        pattern,
    }
}

const fn polarity(direction: Direction, inverted: bool) -> Command {
    Command::SetPolarity {
        lane: lane(),
        direction,
        inverted,
    }
}

/// A pattern of the die behind the lane under test.
fn die(pattern: Option<TestPattern>) -> Command {
    Command::SetSerdesPattern {
        serdes: SerdesLaneId::from_index(serdes()),
        pattern,
    }
}

/// The lane of the die behind the lane under test.
fn serdes() -> usize {
    let system = RETIMED.system();
    let host = system.media_lanes[LANE].host_lanes.start as usize;
    assert_eq!(system.media_lanes[LANE].port.map(PortId::index), Some(PORT));
    system.host_lanes[host].serdes.index()
}

fn state(world: &World, at: usize, signal: Signal, index: usize) -> u8 {
    world.switches()[at]
        .truth()
        .expect("it has stepped")
        .states(signal)[index]
}

fn is_up(world: &World, at: usize) -> bool {
    state(world, at, Signal::PortOperation, PORT) == 1
}

fn is_locked(world: &World, at: usize) -> bool {
    state(world, at, Signal::SerdesLock, serdes()) == 2
}

fn found(world: &World, at: usize) -> Option<TestPattern> {
    TestPattern::from_state(state(world, at, Signal::ReceivePattern, LANE))
}

fn at_die(world: &World, at: usize) -> Option<TestPattern> {
    TestPattern::from_state(state(world, at, Signal::SerdesPattern, serdes()))
}

/// What the engine finds at its electrical input.
fn at_input(world: &World, at: usize) -> Option<TestPattern> {
    let host = RETIMED.system().media_lanes[LANE].host_lanes.start as usize;
    TestPattern::from_state(state(world, at, Signal::HostInputPattern, host))
}

/// Error ratios at the engine's receiver and at the die.
fn ratios(world: &World, at: usize) -> (f64, f64) {
    let truth = world.switches()[at].truth().expect("it has stepped");
    (
        truth.bit_errors(Signal::PreFecBer)[LANE].ratio,
        truth.bit_errors(Signal::SerdesBer)[serdes()].ratio,
    )
}

fn codewords(world: &World, at: usize) -> f64 {
    let truth = world.switches()[at].truth().expect("it has stepped");
    truth.codeword_errors()[PORT].codewords()
}

fn assert_same(found: f64, expected: f64, what: &str) {
    assert!(
        (found / expected - 1.0).abs() < SAME,
        "{what}: {found:e} instead of {expected:e}"
    );
}

/// Everything else goes on as it did.
fn assert_others_up(world: &World) {
    for (at, of) in world.switches().iter().enumerate() {
        let ports = of.truth().expect("stepped").states(Signal::PortOperation);
        for (port, state) in ports.iter().enumerate() {
            assert!(port == PORT || *state == 1, "port {port} of {at}");
        }
    }
}

/// The cause of the last time that the port went down: its switch and event.
fn cause(world: &World, at: usize) -> (usize, EventId) {
    let log = world.switches()[at].log();
    let is_it = |event: &twin::world::Event| {
        event.what == What::PortDown && event.entity.is_some_and(|of| of.index as usize == PORT)
    };
    let (_, event) = log.iter().rfind(|(_, event)| is_it(event)).expect("down");
    let far = event.far_cause.map(|far| (far.switch, far.event));
    far.unwrap_or_else(|| (at, event.cause.expect("a cause")))
}

/// Error ratio of one electrical segment, and of the light of the lane each way.
struct Terms {
    segment: f64,
    to_near: f64,
    to_far: f64,
}

/// Each term by itself: patterns from engine to engine pass light only, those towards the die the wires
/// only.
fn terms(world: &mut World) -> Terms {
    then(world, NEAR, &pattern(Direction::Transmit, Some(PRBS)));
    then(world, FAR, &pattern(Direction::Transmit, Some(PRBS)));
    then(world, NEAR, &pattern(Direction::Receive, Some(PRBS)));
    let terms = Terms {
        segment: ratios(world, NEAR).1,
        to_near: ratios(world, NEAR).0,
        to_far: ratios(world, FAR).0,
    };
    for at in [NEAR, FAR] {
        for direction in [Direction::Transmit, Direction::Receive] {
            then(world, at, &pattern(direction, None));
        }
    }
    assert!(is_up(world, NEAR) && is_up(world, FAR), "as before");
    terms
}

#[test]
fn a_pattern_between_two_switches_is_found_counted_and_gone() {
    let mut world = pair();
    let (plain, _) = ratios(&world, FAR);
    assert_eq!((found(&world, FAR), at_die(&world, FAR)), (None, None));
    let flaps = |world: &World| {
        let column = world.switches()[FAR]
            .observation()
            .column(Signal::PortFlaps);
        column.and_then(|of| of.counter(PORT)).expect("counted")
    };
    let before = flaps(&world);
    let event = then(&mut world, NEAR, &pattern(Direction::Transmit, Some(PRBS)));
    assert_eq!(found(&world, FAR), Some(PRBS));
    assert_eq!(at_die(&world, FAR), Some(PRBS));
    assert!(is_locked(&world, FAR), "there is a signal");
    assert!(!is_up(&world, FAR) && is_up(&world, NEAR), "only behind it");
    assert_eq!(cause(&world, FAR), (NEAR, event));
    assert!(codewords(&world, FAR) <= 0.0, "no codewords in it");
    let (light, at_the_die) = ratios(&world, FAR);
    assert!(light < plain && light < at_the_die && at_the_die < plain);
    assert_others_up(&world);
    then(
        &mut world,
        NEAR,
        &pattern(Direction::Transmit, Some(PRBS.inverted())),
    );
    assert_eq!(found(&world, FAR), Some(PRBS.inverted()));
    then(&mut world, NEAR, &pattern(Direction::Transmit, None));
    assert_eq!((found(&world, FAR), at_die(&world, FAR)), (None, None));
    assert!(is_up(&world, FAR) && codewords(&world, FAR) > 0.0);
    assert_eq!(flaps(&world), before + 1);
    assert_same(ratios(&world, FAR).0, plain, "as before");
    // Towards the die it is found there and nowhere else.
    let event = then(&mut world, FAR, &pattern(Direction::Receive, Some(PRBS)));
    assert_eq!(
        (found(&world, FAR), at_die(&world, FAR)),
        (None, Some(PRBS))
    );
    assert!(!is_up(&world, FAR) && is_up(&world, NEAR));
    assert_eq!(cause(&world, FAR), (FAR, event));
}

#[test]
fn loopbacks_return_what_they_say_with_the_errors_of_every_hop() {
    let mut world = pair();
    let Terms {
        segment,
        to_near,
        to_far,
    } = terms(&mut world);
    let (plain, at_the_die) = ratios(&world, NEAR);
    assert_same(plain, to_near + 2.0 * segment, "the plain way");
    assert_same(at_the_die, plain, "at the die");
    // At the far end light comes back, as it is found or as it would leave: over both fibres.
    for at_far in [Loopback::MediaInput, Loopback::HostOutput] {
        then(&mut world, FAR, &loopback(at_far));
        assert!(is_up(&world, NEAR), "it hears itself, {at_far:?}");
        assert!(is_up(&world, FAR), "the host goes on hearing");
        let there_and_back = to_far + to_near + 2.0 * segment;
        assert_same(ratios(&world, NEAR).1, there_and_back, "there and back");
        assert_same(ratios(&world, FAR).1, to_far + 2.0 * segment, "there");
        // A pattern goes there and back too, and passes light only.
        then(&mut world, NEAR, &pattern(Direction::Transmit, Some(PRBS)));
        assert_eq!(found(&world, NEAR), Some(PRBS));
        assert_same(ratios(&world, NEAR).0, to_far + to_near, "of the pattern");
        then(&mut world, NEAR, &pattern(Direction::Transmit, None));
        then(&mut world, FAR, &loopback(Loopback::Off));
    }
    // At the near end the die hears itself over its wires alone, whatever the fibre does.
    then(&mut world, NEAR, &loopback(Loopback::HostInput));
    assert_same(ratios(&world, NEAR).1, 2.0 * segment, "wires");
    let system = RETIMED.system();
    let fibre = &system.fibres[system.media_lanes[LANE].receive_fibre.index()].name;
    let fault = Fault::parse(&format!("fibre_break {fibre}"), system).expect("a fault");
    let now_ns = world.now_ns();
    world
        .switch_mut(NEAR)
        .expect("it is there")
        .strike(fault, Some("break".to_owned()), now_ns);
    wait(&mut world);
    assert!(is_locked(&world, NEAR), "it hears itself");
    then(&mut world, NEAR, &loopback(Loopback::MediaOutput));
    assert!(is_locked(&world, NEAR), "its light comes back inside");
    then(&mut world, NEAR, &loopback(Loopback::Off));
    assert!(!is_locked(&world, NEAR), "nothing comes from the fibre");
}

#[test]
fn a_pattern_of_a_die_goes_all_the_way_with_the_errors_of_every_term() {
    let mut world = pair();
    let Terms {
        segment,
        to_near,
        to_far,
    } = terms(&mut world);
    let (plain, _) = ratios(&world, FAR);
    let nothing = [NEAR, FAR].map(|at| (at_input(&world, at), found(&world, at)));
    assert_eq!(nothing, [(None, None); 2]);
    let event = then(&mut world, NEAR, &die(Some(PRBS)));
    assert_eq!(at_input(&world, NEAR), Some(PRBS));
    assert_eq!((at_input(&world, FAR), found(&world, NEAR)), (None, None));
    assert_eq!(
        (found(&world, FAR), at_die(&world, FAR)),
        (Some(PRBS), Some(PRBS))
    );
    // One segment and the light to the engine, and one segment more to the die.
    assert_same(ratios(&world, FAR).0, segment + to_far, "at the engine");
    let (_, at_the_die) = ratios(&world, FAR);
    assert_same(at_the_die, 2.0 * segment + to_far, "at the die");
    assert_same(at_the_die, plain, "as data");
    assert!(is_locked(&world, FAR), "there is a signal");
    assert!(!is_up(&world, FAR) && is_up(&world, NEAR), "only behind it");
    assert!(codewords(&world, FAR) <= 0.0, "no codewords in it");
    assert_eq!(cause(&world, FAR), (NEAR, event));
    assert_others_up(&world);
    // Asked again it changes nothing, and there is no event.
    let again = command(&mut world, NEAR, &die(Some(PRBS))).expect("it can");
    assert_eq!(world.switches()[NEAR].log().next(), again);
    // Swapped wires of the input turn it over, and so do the generator's bits.
    then(&mut world, NEAR, &polarity(Direction::Transmit, true));
    assert_eq!(at_input(&world, NEAR), Some(PRBS.inverted()));
    assert_eq!(found(&world, FAR), Some(PRBS.inverted()));
    then(&mut world, NEAR, &die(Some(PRBS.inverted())));
    assert_eq!(
        (at_input(&world, NEAR), found(&world, FAR)),
        (Some(PRBS), Some(PRBS))
    );
    then(&mut world, NEAR, &polarity(Direction::Transmit, false));
    then(&mut world, NEAR, &die(Some(PRBS)));
    // Loopbacks return it: at the far end over both fibres, at the near end over the wires alone.
    then(&mut world, FAR, &loopback(Loopback::MediaInput));
    assert_eq!(at_die(&world, NEAR), Some(PRBS));
    let there_and_back = to_far + to_near + 2.0 * segment;
    assert_same(ratios(&world, NEAR).1, there_and_back, "there and back");
    assert!(!is_up(&world, NEAR) && !is_up(&world, FAR));
    then(&mut world, FAR, &loopback(Loopback::Off));
    for inside in [Loopback::HostInput, Loopback::MediaOutput] {
        assert!(is_up(&world, NEAR), "data of the far end");
        then(&mut world, NEAR, &loopback(inside));
        assert_eq!(at_die(&world, NEAR), Some(PRBS), "{inside:?}");
        assert!(!is_up(&world, NEAR), "{inside:?}");
        then(&mut world, NEAR, &loopback(Loopback::Off));
    }
    // A generator of the engine is behind it.
    let other = TestPattern::new(Sequence::Prbs9q);
    then(&mut world, NEAR, &pattern(Direction::Transmit, Some(other)));
    assert_eq!(
        (at_input(&world, NEAR), found(&world, FAR)),
        (Some(PRBS), Some(other))
    );
    then(&mut world, NEAR, &pattern(Direction::Transmit, None));
    then(&mut world, NEAR, &die(None));
    assert_eq!((at_input(&world, NEAR), found(&world, FAR)), (None, None));
    assert!(is_up(&world, NEAR) && is_up(&world, FAR));
    assert_same(ratios(&world, FAR).0, plain, "as before");
}

#[test]
fn a_pattern_of_a_die_that_comes_back_takes_its_own_port_down() {
    let mut world = pair();
    then(&mut world, NEAR, &loopback(Loopback::HostInput));
    assert!(is_up(&world, NEAR), "it hears itself");
    let event = then(&mut world, NEAR, &die(Some(PRBS)));
    assert!(!is_up(&world, NEAR) && !is_up(&world, FAR));
    assert_eq!(cause(&world, NEAR), (NEAR, event));
    assert_eq!(cause(&world, FAR), (NEAR, event));
    assert_others_up(&world);
}

#[test]
fn a_die_that_is_mute_or_off_sends_no_pattern() {
    let mut world = pair();
    let system = RETIMED.system();
    let host = system.media_lanes[LANE].host_lanes.start as usize;
    then(&mut world, NEAR, &die(Some(PRBS)));
    let text = format!("serdes_transmit {}", system.host_lanes[host].name);
    let fault = Fault::parse(&text, system).expect("a fault");
    let now_ns = world.now_ns();
    let of = world.switch_mut(NEAR).expect("it is there");
    of.strike(fault, Some("mute".to_owned()), now_ns);
    wait(&mut world);
    assert_eq!((at_input(&world, NEAR), found(&world, FAR)), (None, None));
    assert!(!is_locked(&world, FAR), "there is nothing");
    let now_ns = world.now_ns();
    world
        .switch_mut(NEAR)
        .expect("it is there")
        .clear("mute", now_ns);
    wait(&mut world);
    assert_eq!(at_input(&world, NEAR), Some(PRBS));
    assert_eq!(at_die(&world, FAR), Some(PRBS));
    // A die that is off sends nothing, and an engine without power finds nothing.
    let engine = system.media_lanes[LANE].engine;
    let die = system.engines[engine.index()].asic;
    let zone = system.asics[die.index()].zone;
    for unit in [PoweredUnit::Zone(zone), PoweredUnit::Engine(engine)] {
        let power = |state| Command::SetPowerState { unit, state };
        then(&mut world, NEAR, &power(PowerState::Off));
        assert_eq!((at_input(&world, NEAR), at_die(&world, FAR)), (None, None));
        then(&mut world, NEAR, &power(PowerState::FullPower));
        for _ in 0..10 {
            wait(&mut world);
        }
        assert_eq!(
            (at_input(&world, NEAR), at_die(&world, FAR)),
            (Some(PRBS), Some(PRBS)),
            "{unit:?}"
        );
    }
}

/// Two lanes of the die make one lane of light.
#[test]
fn lanes_behind_a_gearbox_have_a_pattern_when_all_their_dies_send_it() {
    let plan = plan(
        "arista-28t",
        &[
            "engine.oe.host_lanes=16",
            "asic.switch.serdes.optical.lanes=288",
            "asic.switch.serdes.optical.part.rate=106.25 Gb/s",
        ],
    );
    let system = plan.system();
    let of = &system.media_lanes[LANE];
    let hosts: Vec<usize> = of.host_lanes.clone().map(|host| host as usize).collect();
    let serdes: Vec<SerdesLaneId> = hosts
        .iter()
        .map(|host| system.host_lanes[*host].serdes)
        .collect();
    assert_eq!(serdes.len(), 2);
    let port = of.port.expect("it is used").index();
    let world = World::back_to_back(switch(&plan, "near", 1), switch(&plan, "far", 2));
    let mut world = world.expect("alike");
    wait(&mut world);
    let is_up = |world: &World| state(world, FAR, Signal::PortOperation, port) == 1;
    let locked = |world: &World| {
        let of = |serdes: &SerdesLaneId| state(world, FAR, Signal::SerdesLock, serdes.index());
        serdes.iter().all(|serdes| of(serdes) == 2)
    };
    // At both electrical inputs, at the far receiver, and at both lanes of the die there.
    let finds = |world: &World| -> [u8; 5] {
        let input = |host: usize| state(world, NEAR, Signal::HostInputPattern, host);
        let at_die = |of: SerdesLaneId| state(world, FAR, Signal::SerdesPattern, of.index());
        [
            input(hosts[0]),
            input(hosts[1]),
            state(world, FAR, Signal::ReceivePattern, LANE),
            at_die(serdes[0]),
            at_die(serdes[1]),
        ]
    };
    assert!(is_up(&world) && finds(&world) == [0; 5]);
    let set = |lane: usize, pattern| Command::SetSerdesPattern {
        serdes: serdes[lane],
        pattern,
    };
    let (one, other) = (PRBS.state(), PRBS.inverted().state());
    let event = then(&mut world, NEAR, &set(0, Some(PRBS)));
    assert_eq!(
        finds(&world),
        [one, 0, 0, 0, 0],
        "half of the bits are data"
    );
    assert!(!is_up(&world) && locked(&world));
    let log = world.switches()[FAR].log();
    let down = log.iter().rfind(|(_, event)| event.what == What::PortDown);
    let far = down
        .and_then(|(_, down)| down.far_cause)
        .expect("a command");
    assert_eq!((far.switch, far.event), (NEAR, event));
    then(&mut world, NEAR, &set(1, Some(PRBS)));
    assert_eq!(finds(&world), [one; 5]);
    then(&mut world, NEAR, &set(1, Some(PRBS.inverted())));
    assert_eq!(finds(&world), [one, other, 0, 0, 0], "no two are alike");
    then(&mut world, NEAR, &set(0, Some(PRBS.inverted())));
    assert_eq!(finds(&world), [other; 5]);
    then(&mut world, NEAR, &set(0, None));
    assert!(!is_up(&world), "one of them still sends it");
    then(&mut world, NEAR, &set(1, None));
    assert!(is_up(&world) && finds(&world) == [0; 5]);
}

#[test]
fn two_loopbacks_that_face_each_other_carry_nothing() {
    let mut world = pair();
    let light_dbm = |world: &World| {
        let truth = world.switches()[NEAR].truth().expect("it has stepped");
        truth.values(Signal::RxPower)[LANE]
    };
    let before_dbm = light_dbm(&world);
    then(&mut world, NEAR, &loopback(Loopback::MediaInput));
    let event = then(&mut world, FAR, &loopback(Loopback::MediaInput));
    for at in [NEAR, FAR] {
        assert!(!is_locked(&world, at) && !is_up(&world, at), "{at}");
        assert_eq!(cause(&world, at), (FAR, event), "the one that closed it");
    }
    assert!(
        (light_dbm(&world) - before_dbm).abs() < 0.1,
        "light is there"
    );
    assert_others_up(&world);
    // A pattern that one of them begins goes around nothing: it is sent in place of what came.
    then(&mut world, NEAR, &pattern(Direction::Transmit, Some(PRBS)));
    assert_eq!(
        (found(&world, NEAR), found(&world, FAR)),
        (Some(PRBS), Some(PRBS))
    );
    then(&mut world, NEAR, &pattern(Direction::Transmit, None));
    then(&mut world, FAR, &loopback(Loopback::Off));
    assert!(is_up(&world, NEAR) && is_up(&world, FAR));
}

#[test]
fn swapped_wires_at_one_end_take_a_port_down_and_at_both_do_not() {
    let mut world = pair();
    let event = then(&mut world, NEAR, &polarity(Direction::Transmit, true));
    assert!(
        is_locked(&world, FAR) && !is_up(&world, FAR),
        "every bit is wrong"
    );
    assert!(is_up(&world, NEAR));
    assert_eq!(cause(&world, FAR), (NEAR, event));
    then(&mut world, FAR, &polarity(Direction::Receive, true));
    assert!(is_up(&world, FAR), "wrong twice is right");
    let event = then(&mut world, NEAR, &polarity(Direction::Transmit, false));
    assert!(!is_up(&world, FAR));
    assert_eq!(
        cause(&world, FAR),
        (NEAR, event),
        "the one that made them differ"
    );
    then(&mut world, FAR, &polarity(Direction::Receive, false));
    // A pattern begins behind the wires of the input.
    then(&mut world, NEAR, &polarity(Direction::Transmit, true));
    then(&mut world, NEAR, &pattern(Direction::Transmit, Some(PRBS)));
    assert_eq!(found(&world, FAR), Some(PRBS));
    then(&mut world, FAR, &polarity(Direction::Receive, true));
    assert_eq!(found(&world, FAR), Some(PRBS));
    assert_eq!(at_die(&world, FAR), Some(PRBS.inverted()));
}

#[test]
fn a_muted_output_takes_down_its_own_port_only() {
    let mut world = pair();
    let enable = |enabled| Command::SetReceiveEnable {
        lane: lane(),
        enabled,
    };
    let event = then(&mut world, NEAR, &enable(false));
    assert!(!is_locked(&world, NEAR) && !is_up(&world, NEAR));
    assert!(is_up(&world, FAR));
    assert_others_up(&world);
    assert_eq!(cause(&world, NEAR), (NEAR, event));
    let signal = state(&world, NEAR, Signal::ReceiveSignal, LANE);
    assert_eq!(signal, 1, "its receiver has light");
    then(&mut world, NEAR, &enable(true));
    assert!(is_up(&world, NEAR));
}

#[test]
fn a_snapshot_amid_a_test_goes_on_with_the_same_bits() {
    let mut world = pair();
    command(&mut world, FAR, &loopback(Loopback::MediaInput)).expect("it can");
    command(&mut world, NEAR, &pattern(Direction::Receive, Some(PRBS))).expect("it can");
    command(&mut world, NEAR, &die(Some(PRBS))).expect("it can");
    world.step(TICK).expect("it goes on");
    // What is asked and has not been done yet goes on too.
    command(&mut world, NEAR, &loopback(Loopback::MediaInput)).expect("it can");
    let plans = [Arc::clone(&RETIMED), Arc::clone(&RETIMED)];
    let mut kept = World::restore(&world.snapshot(), &plans).expect("its own");
    for _ in 0..3 {
        world.step(TICK).expect("it goes on");
        kept.step(TICK).expect("it goes on");
        assert_eq!(kept.snapshot(), world.snapshot());
    }
    assert!(!is_up(&kept, FAR));
    assert_eq!(at_input(&kept, NEAR), Some(PRBS));
}

#[test]
fn a_linear_engine_turns_light_back_and_says_why_it_does_no_more() {
    let plan = plan("cpo-51t", &[]);
    let mut world = World::looped_back(switch(&plan, "leaf", 1));
    for asked in [
        loopback(Loopback::MediaInput),
        loopback(Loopback::HostInput),
        loopback(Loopback::HostOutput),
        pattern(Direction::Transmit, Some(PRBS)),
        pattern(Direction::Receive, Some(PRBS)),
        polarity(Direction::Transmit, true),
    ] {
        let refusal = command(&mut world, 0, &asked).expect_err("it cannot");
        assert_eq!(refusal.reason, RefusalReason::NotSupported);
        assert!(refusal.detail.contains("is linear"), "{refusal}");
    }
    for asked in [
        loopback(Loopback::Off),
        pattern(Direction::Transmit, None),
        polarity(Direction::Receive, false),
        Command::SetReceiveEnable {
            lane: lane(),
            enabled: false,
        },
        loopback(Loopback::MediaOutput),
    ] {
        command(&mut world, 0, &asked).expect("it can");
    }
    wait(&mut world);
    assert!(!is_up(&world, 0), "its output is off");
}

#[test]
fn a_linear_engine_passes_on_a_pattern_of_its_die() {
    let plan = plan("cpo-51t", &[]);
    let system = plan.system();
    let host = system.media_lanes[LANE].host_lanes.start as usize;
    let serdes = system.host_lanes[host].serdes;
    let world = World::back_to_back(switch(&plan, "near", 1), switch(&plan, "far", 2));
    let mut world = world.expect("alike");
    wait(&mut world);
    let ratio = |world: &World| {
        let truth = world.switches()[FAR].truth().expect("it has stepped");
        truth.bit_errors(Signal::SerdesBer)[serdes.index()].ratio
    };
    let found = |world: &World| state(world, FAR, Signal::SerdesPattern, serdes.index());
    let plain = ratio(&world);
    assert_eq!(found(&world), TestPattern::NO_STATE);
    let set = |pattern| Command::SetSerdesPattern { serdes, pattern };
    let event = then(&mut world, NEAR, &set(Some(PRBS)));
    assert_eq!(found(&world), PRBS.state());
    assert_same(ratio(&world), plain, "the same light and wires");
    assert!(is_up(&world, NEAR) && !is_up(&world, FAR));
    assert_eq!(cause(&world, FAR), (NEAR, event));
    assert_others_up(&world);
    // Its own light back inside its engine brings it to the die that sends it.
    then(&mut world, NEAR, &loopback(Loopback::MediaOutput));
    let own = state(&world, NEAR, Signal::SerdesPattern, serdes.index());
    assert_eq!(own, PRBS.state());
    then(&mut world, NEAR, &loopback(Loopback::Off));
    then(&mut world, NEAR, &set(None));
    assert!(is_up(&world, NEAR) && is_up(&world, FAR));
}
