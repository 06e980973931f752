//! Of several things that happen at once, the one that costs most is the cause, in whatever order
//! they came.

mod living;

use std::sync::{Arc, LazyLock};

use twin::fault::Fault;
use twin::world::{Event, EventId, SwitchPlan, What, World};

use living::{plan, switch};

static MACH_ZEHNDER: LazyLock<Arc<SwitchPlan>> = LazyLock::new(|| plan("cpo-51t", &[]));
static RINGS: LazyLock<Arc<SwitchPlan>> = LazyLock::new(|| plan("quantum-x-115t", &[]));

const TICK: u64 = 100_000_000;

fn strike(world: &mut World, switch: usize, text: &str) {
    let now_ns = world.now_ns();
    let of = world.switch_mut(switch).expect("it is there");
    let system = Arc::clone(of.plan().system());
    let fault = Fault::parse(text, &system).unwrap_or_else(|error| panic!("{text}: {error}"));
    of.strike(fault, None, now_ns);
}

/// Strikes with all faults at once, lets time pass until something like `what` happens, and gives the
/// text of the fault that it leads back to.
fn cause(plan: &Arc<SwitchPlan>, faults: &[&str], what: impl Fn(&Event) -> bool) -> String {
    let mut world = World::looped_back(switch(plan, "leaf", 1));
    for text in faults {
        strike(&mut world, 0, text);
    }
    for _ in 0..1200 {
        world.step(TICK).expect("it goes on");
        let log = world.switches()[0].log();
        if let Some(found) = log.events().iter().position(&what) {
            let chain: Vec<EventId> = log.chain(EventId(found)).map(|(id, _)| id).collect();
            let first = chain.last().expect("a chain holds its own event");
            return log.line(world.switches()[0].plan().system(), *first);
        }
    }
    panic!("{faults:?} do not bring it about");
}

fn both_ways(
    plan: &Arc<SwitchPlan>,
    faults: [&str; 2],
    what: impl Fn(&Event) -> bool,
    expected: &str,
) {
    let [one, other] = faults;
    for faults in [[one, other], [other, one]] {
        let found = cause(plan, &faults, &what);
        assert!(found.starts_with(&format!("fault {expected}")), "{found}");
    }
}

#[test]
fn a_signal_blames_what_takes_most_of_its_eye() {
    let lost = |event: &Event| event.what == What::SignalLost;
    let (dirt, bend) = ("fibre_dirt oe0.tx3 1 dB", "fibre_bend oe0.tx3 40 dB");
    both_ways(&MACH_ZEHNDER, [dirt, bend], lost, "fibre_bend");
    let (diode, laser) = ("photodiode oe0.lane3 10 %", "laser_death els0.laser0");
    both_ways(&MACH_ZEHNDER, [diode, laser], lost, "laser_death");
    let (swing, deaf) = (
        "driver_swing oe0.lane3 20 %",
        "photodiode oe0.lane3 99.9999 %",
    );
    both_ways(&MACH_ZEHNDER, [swing, deaf], lost, "photodiode");
}

#[test]
fn a_die_blames_what_warms_it_most() {
    let tripped = |event: &Event| event.what == What::DieTripped;
    let (warm, void) = ("coolant_warm package 80 K", "tim_void switch 0.001 K/W");
    both_ways(&MACH_ZEHNDER, [warm, void], tripped, "coolant_warm");
    let (warm, void) = ("coolant_warm package 1 K", "tim_void switch 0.5 K/W");
    both_ways(&MACH_ZEHNDER, [warm, void], tripped, "tim_void");
}

#[test]
fn a_laser_blames_what_takes_most_of_its_light() {
    let at_rail = |event: &Event| event.what == What::LaserAtRail;
    let (worn, warm) = (
        "laser_degradation els0.laser0 90 %",
        "laser_cooler els0 2 K",
    );
    both_ways(&MACH_ZEHNDER, [worn, warm], at_rail, "laser_degradation");
    let (worn, warm) = (
        "laser_degradation els0.laser0 2 %",
        "laser_cooler els0 95 K",
    );
    both_ways(&MACH_ZEHNDER, [worn, warm], at_rail, "laser_cooler");
}

#[test]
fn a_lock_blames_what_moves_the_resonance_most() {
    let unlocked = |event: &Event| event.what == What::Unlocked;
    let (wave, warm) = (
        "laser_wavelength els0.laser0 -9 nm",
        "coolant_warm engines 1 K",
    );
    both_ways(&RINGS, [wave, warm], unlocked, "laser_wavelength");
    let (wave, void) = ("laser_wavelength els0.laser0 10 pm", "tim_void oe0 20 K/W");
    both_ways(&RINGS, [wave, void], unlocked, "tim_void");
}

#[test]
fn the_end_of_a_link_that_costs_more_is_blamed() {
    for (far_db, near_db) in [(40, 1), (1, 40)] {
        let plan = &MACH_ZEHNDER;
        let mut world = World::back_to_back(switch(plan, "near", 1), switch(plan, "far", 1))
            .expect("they are alike");
        strike(&mut world, 1, &format!("fibre_bend oe0.tx3 {far_db} dB"));
        strike(&mut world, 0, &format!("fibre_dirt oe0.rx3 {near_db} dB"));
        world.step(TICK).expect("it goes on");
        let events = world.switches()[0].log().events();
        let lost = events.iter().find(|event| event.what == What::SignalLost);
        let lost = lost.expect("the light is gone");
        assert_eq!(
            lost.far_cause.map(|far| far.switch),
            (far_db > near_db).then_some(1)
        );
        assert_eq!(lost.cause.is_some(), far_db < near_db);
    }
}
