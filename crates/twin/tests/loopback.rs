//! Light that is turned back inside its engine.

mod living;

use living::{plan, switch};
use plant::{Command, Loopback, RefusalReason, Signal};
use system::MediaLaneId;
use twin::fault::Fault;
use twin::world::World;

const TICK: u64 = 100_000_000;
/// A lane with a broken fibre, and its neighbour.
const BROKEN: usize = 3;
const WHOLE: usize = 4;

fn truth(world: &World, signal: Signal, lane: usize) -> f64 {
    let column = world.switches()[0].observation().column(signal);
    column
        .and_then(|column| column.value(lane))
        .unwrap_or(f64::NEG_INFINITY)
}

fn command(world: &mut World, loopback: Loopback) -> Result<(), plant::Refusal> {
    let (lane, at_ns) = (MediaLaneId::from_index(BROKEN), world.now_ns());
    let switch = world.switch_mut(0).expect("one");
    switch.command(&Command::SetLoopback { lane, loopback }, at_ns)
}

fn wait(world: &mut World) {
    for _ in 0..20 {
        world.step(TICK).expect("it goes on");
    }
}

#[test]
fn a_lane_with_a_broken_fibre_hears_itself_and_is_silent_again_behind_it() {
    let plan = plan("cpo-51t", &[]);
    let mut world = World::looped_back(switch(&plan, "leaf1", 3));
    wait(&mut world);
    let before_dbm = truth(&world, Signal::RxPower, BROKEN);
    let beside_dbm = truth(&world, Signal::RxPower, WHOLE);
    let fibre = &plan.system().media_lanes[BROKEN].receive_fibre;
    let text = format!("fibre_break {}", plan.system().fibres[fibre.index()].name);
    let fault = Fault::parse(&text, plan.system()).expect("a fault");
    let at_ns = world.now_ns();
    world.switch_mut(0).expect("one").strike(fault, None, at_ns);
    wait(&mut world);
    assert!(truth(&world, Signal::RxPower, BROKEN) < -30.0, "dark");
    command(&mut world, Loopback::MediaOutput).expect("it can");
    wait(&mut world);
    // Neither couplers nor connectors nor fibre are on the way: both couplers take 1.5 dB or more.
    let looped_dbm = truth(&world, Signal::RxPower, BROKEN);
    assert!(
        looped_dbm > before_dbm + 1.5 && looped_dbm < before_dbm + 12.0,
        "{looped_dbm} {before_dbm}"
    );
    assert!(truth(&world, Signal::PreFecBer, BROKEN) < 1e-4);
    assert!(
        (truth(&world, Signal::RxPower, WHOLE) - beside_dbm).abs() < 0.3,
        "nobody else"
    );
    let kept = World::restore(&world.snapshot(), std::slice::from_ref(&plan)).expect("its own");
    assert_eq!(kept.snapshot(), world.snapshot());
    command(&mut world, Loopback::Off).expect("it can");
    wait(&mut world);
    assert!(truth(&world, Signal::RxPower, BROKEN) < -30.0, "dark again");
    let refused = command(&mut world, Loopback::HostInput).expect_err("it cannot");
    assert_eq!(refused.reason, RefusalReason::NotSupported);
}
