//! A world that was saved goes on as if it had not been.

mod living;

use std::sync::{Arc, LazyLock};

use plant::{Command, Signal};
use proptest::prelude::*;
use system::LaserId;
use twin::fault::Fault;
use twin::scenario::{LoadProfile, Training};
use twin::world::{SnapshotError, Switch, SwitchPlan, World};
use units::{Celsius, Seconds};

use living::{plan, switch};

static MACH_ZEHNDER: LazyLock<Arc<SwitchPlan>> = LazyLock::new(|| plan("cpo-51t", &[]));
static RINGS: LazyLock<Arc<SwitchPlan>> = LazyLock::new(|| plan("teraphy-oio", &[]));

const MS: u64 = 1_000_000;

fn pair(plan: &Arc<SwitchPlan>) -> World {
    World::back_to_back(switch(plan, "leaf1", 11), switch(plan, "leaf2", 11))
        .expect("they are alike")
}

/// Does one of a number of things to a switch.
fn act(world: &mut World, which: u8, at: u32) {
    let now_ns = world.now_ns();
    let of = world.switch_mut(at as usize % 2).expect("there are two");
    let system = Arc::clone(of.plan().system());
    let strike = |of: &mut Switch, text: &str| {
        let fault = Fault::parse(text, &system).unwrap_or_else(|error| panic!("{text}: {error}"));
        of.strike(fault, Some("f".to_owned()), now_ns);
    };
    let lane = at as usize % system.media_lanes.len();
    let fibre = |lane: usize| &system.fibres[system.media_lanes[lane].transmit_fibre.index()].name;
    match which {
        0 => strike(of, &format!("fibre_dirt {} 2 dB onset 700 ms", fibre(lane))),
        1 => {
            let other = (lane + 1..system.media_lanes.len())
                .chain(0..lane)
                .find(|other| fibre(*other) != fibre(lane));
            let other = other.expect("there are two fibres");
            strike(
                of,
                &format!("fibres_swapped {} {}", fibre(lane), fibre(other)),
            );
        }
        2 => strike(
            of,
            &format!(
                "monitor_stuck {} {}",
                Signal::RxPower.name(),
                system.media_lanes[lane].name
            ),
        ),
        3 => {
            of.clear("f", now_ns);
        }
        4 => {
            let enabled = at.is_multiple_of(3);
            let laser = LaserId(at % u32::try_from(system.lasers.len()).expect("few"));
            let command = Command::SetLaserEnable { laser, enabled };
            of.command(&command, now_ns).expect("it is there");
        }
        5 => of.age(Seconds::new(3e7), now_ns).expect("it finds rest"),
        6 => {
            let inlet = Some(Celsius::new(20.0 + f64::from(at % 30)));
            of.set_coolant(0, None, inlet, now_ns).expect("it is there");
        }
        _ => {
            let load = LoadProfile::Training(Training {
                period_ns: 900 * MS,
                burst_ns: 300 * MS,
                ramp_ns: 50 * MS,
                burst: 1.0,
                base: 0.1,
            });
            of.set_load(None, &load, now_ns);
        }
    }
}

fn go_on(world: &mut World, steps: &[(u8, u32, u64)]) {
    for (which, at, ms) in steps {
        act(world, *which, *at);
        world.step(ms * MS).expect("it goes on");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn what_was_saved_goes_on_with_the_same_bits(
        before in proptest::collection::vec((0u8..8, any::<u32>(), 1u64..400), 0..8),
        unseen in proptest::option::of((0u8..8, any::<u32>())),
        after in proptest::collection::vec((0u8..8, any::<u32>(), 1u64..400), 1..8),
        has_rings: bool,
    ) {
        let plan = if has_rings { &*RINGS } else { &*MACH_ZEHNDER };
        let mut world = pair(plan);
        go_on(&mut world, &before);
        // Something that no step has seen yet.
        if let Some((which, at)) = unseen {
            act(&mut world, which, at);
        }
        let bytes = world.snapshot();
        let plans = [Arc::clone(plan), Arc::clone(plan)];
        let mut restored = World::restore(&bytes, &plans).expect("it was saved");
        prop_assert!(restored.snapshot() == bytes);
        prop_assert_eq!(restored.now_ns(), world.now_ns());
        for (one, other) in world.switches().iter().zip(restored.switches()) {
            prop_assert!(one.observation() == other.observation());
            prop_assert_eq!(one.truth().is_some(), other.truth().is_some());
            if let Some((one, other)) = one.truth().zip(other.truth()) {
                for signal in [Signal::RxPower, Signal::AsicTemperature, Signal::CoolantOutletTemperature] {
                    let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
                    prop_assert_eq!(bits(one.values(signal)), bits(other.values(signal)));
                }
            }
        }
        go_on(&mut world, &after);
        go_on(&mut restored, &after);
        for (one, other) in world.switches().iter().zip(restored.switches()) {
            prop_assert!(one.observation() == other.observation());
            prop_assert_eq!(one.log(), other.log());
        }
        prop_assert!(restored.snapshot() == world.snapshot());
    }

    #[test]
    fn damaged_bytes_are_refused(at: prop::sample::Index, bit in 0u8..8, end: prop::sample::Index) {
        let bytes = &*SAVED;
        let plans = [Arc::clone(&RINGS), Arc::clone(&RINGS)];
        let mut flipped = bytes.clone();
        flipped[at.index(bytes.len())] ^= 1 << bit;
        prop_assert!(World::restore(&flipped, &plans).is_err());
        prop_assert!(World::restore(&bytes[..end.index(bytes.len())], &plans).is_err());
    }
}

static SAVED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut world = pair(&RINGS);
    go_on(&mut world, &[(7, 0, 100), (0, 3, 100)]);
    world.snapshot()
});

#[test]
fn what_is_refused_says_why() {
    let (rings, other) = (Arc::clone(&RINGS), Arc::clone(&MACH_ZEHNDER));
    let refused = |bytes: &[u8], plans: &[Arc<SwitchPlan>]| {
        let error = World::restore(bytes, plans).expect_err("it is refused");
        (error.to_string(), error)
    };
    let (text, error) = refused(&SAVED, &[Arc::clone(&rings), other]);
    assert!(matches!(error, SnapshotError::Description { .. }), "{text}");
    let (text, error) = refused(&SAVED, &[Arc::clone(&rings)]);
    assert!(matches!(error, SnapshotError::Switches { .. }), "{text}");
    assert_eq!(
        text,
        "the snapshot is of 2 switches, and one switch is given"
    );
    let (text, error) = refused(b"format = 1", &[rings]);
    assert!(matches!(error, SnapshotError::NotASnapshot), "{text}");
}
