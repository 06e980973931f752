//! Worlds from files: switches that are joined, looped back, or left alone.

use plant::Signal;
use system::{Input, Library, System};
use twin::fault::Fault;
use twin::world::{EventId, Switch, What, World};
use twin::world_file::{Unresolved, WorldFile};

const SECOND: u64 = 1_000_000_000;
const TICK: u64 = SECOND / 10;

/// A generic co-packaged switch with one engine: eight ports of eight lanes.
fn leaf(text: &str) -> Result<System, Unresolved> {
    let library = Library::embedded();
    let platform = library.platform("cpo-51t").expect("the platform exists");
    let sets = [
        "engine.oe.count=1",
        "port.eth.count=8",
        "asic.switch.serdes.optical.lanes=64",
    ];
    System::resolve(&Input {
        name: text,
        bytes: platform.as_bytes(),
        sets: &sets.map(str::to_owned),
        library: &library,
        load: &|file| Err(format!("{file} is not there")),
    })
    .map_err(Unresolved::Wrong)
}

/// Two leaves, and what else the file says.
fn file(rest: &str) -> WorldFile {
    let text = format!(
        r#"
        format = 1
        unconnected = "none"
        [[switch]]
        name = "leaf1"
        system = "leaf"
        [[switch]]
        name = "leaf2"
        system = "leaf"
        {rest}
        "#
    );
    WorldFile::parse("world.toml", text.as_bytes(), &leaf).unwrap_or_else(|p| panic!("{p}"))
}

const JOINED: &str = r#"
        [[link]]
        ends = ["leaf1.*", "leaf2.*"]
"#;

/// A world in which some faults begin at once, after a second.
fn lived(file: &WorldFile, faults: &[&str]) -> World {
    let mut world = file.world(1).expect("it comes to rest");
    for text in faults {
        let (switch, fault) = Fault::parse_among(text, &file.named()).expect("a fault");
        let switch = world.switch_mut(switch).expect("it is there");
        switch.strike(fault, None, 0);
    }
    while world.now_ns() < SECOND {
        world.step(TICK).expect("it goes on");
    }
    world
}

/// Received light in truth, dBm, lane by lane.
fn received(switch: &Switch) -> Vec<f64> {
    let truth = switch.truth().expect("a step was made");
    truth.values(Signal::RxPower).to_vec()
}

/// The ports that went down, each with what led to it, the last cause first.
fn lost_ports(world: &World, switch: usize) -> Vec<(String, Vec<String>)> {
    let of = &world.switches()[switch];
    let system = of.plan().system();
    let events = of.log().events().iter().enumerate();
    let down = events.filter(|(_, event)| event.what == What::PortDown);
    down.map(|(idx, event)| {
        let port = event.entity.expect("a port").index as usize;
        (system.ports[port].name.clone(), chain(world, switch, idx))
    })
    .collect()
}

/// What led to an event, from itself back to what came from outside, over switches.
fn chain(world: &World, switch: usize, event: usize) -> Vec<String> {
    let of = &world.switches()[switch];
    let mut lines = Vec::new();
    let mut far = None;
    for (id, event) in of.log().chain(EventId(event)) {
        lines.push(of.log().line(of.plan().system(), id));
        far = event.far_cause;
    }
    if let Some(far) = far {
        lines.extend(chain(world, far.switch, far.event.0));
    }
    lines
}

#[test]
fn a_dirty_fibre_lowers_the_received_light_at_one_end_only() {
    let file = file(JOINED);
    let clean = lived(&file, &[]);
    for (dirt, weak_end, lane) in [
        ("leaf1: fibre_dirt oe.rx3 2 dB", 0, 3),
        ("leaf1: fibre_dirt oe.tx5 2 dB", 1, 5),
    ] {
        let dirty = lived(&file, &[dirt]);
        for end in 0..2 {
            let (before, after) = (
                received(&clean.switches()[end]),
                received(&dirty.switches()[end]),
            );
            for (idx, (before, after)) in before.iter().zip(&after).enumerate() {
                let lost = if (end, idx) == (weak_end, lane) {
                    2.0
                } else {
                    0.0
                };
                // Heat of the light that is gone moves the others by less.
                assert!((before - after - lost).abs() < 1e-5, "{dirt}: {end} {idx}");
            }
        }
    }
}

#[test]
fn a_link_with_a_loss_weakens_both_ends() {
    let lossy = format!("{JOINED}loss = \"1.5 dB\"\n");
    let (clean, lossy) = (lived(&file(JOINED), &[]), lived(&file(&lossy), &[]));
    for end in 0..2 {
        let ends = [&clean, &lossy].map(|world| received(&world.switches()[end]));
        for (clean, lossy) in ends[0].iter().zip(&ends[1]) {
            assert!((clean - lossy - 1.5).abs() < 1e-5, "{clean} {lossy}");
        }
    }
}

#[test]
fn swapped_fibres_show_at_both_ports_of_the_end_that_hears_them() {
    // Lane 2 is of the first port, lane 20 of the third.
    let file = file(JOINED);
    for (fault, deaf_end) in [
        ("leaf1: fibres_swapped oe.rx2 oe.rx20", 0),
        ("leaf1: fibres_swapped oe.tx2 oe.tx20", 1),
    ] {
        let world = lived(&file, &[fault]);
        let lost = lost_ports(&world, deaf_end);
        let names: Vec<&str> = lost.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["eth0", "eth2"], "{fault}");
        for (name, chain) in &lost {
            let root = chain.last().expect("a chain");
            assert!(root.contains("fibres_swapped"), "{name}: {chain:?}");
        }
        assert!(lost_ports(&world, 1 - deaf_end).is_empty(), "{fault}");
        // There is light, but that of another port.
        assert!(
            received(&world.switches()[deaf_end])
                .iter()
                .all(|dbm| *dbm > -10.0)
        );
    }
}

#[test]
fn a_dead_laser_is_the_cause_of_what_the_far_end_loses() {
    let world = lived(&file(JOINED), &["leaf1: laser_death els0.laser0"]);
    assert!(lost_ports(&world, 0).is_empty());
    let lost = lost_ports(&world, 1);
    assert_eq!(lost.len(), 1, "{lost:?}");
    let (port, chain) = &lost[0];
    assert_eq!(port, "eth0");
    assert!(chain[1].contains("has lost its signal"), "{chain:?}");
    let root = chain.last().expect("a chain");
    assert!(root.contains("laser_death els0.laser0"), "{chain:?}");
}

#[test]
fn an_ideal_far_end_is_heard_whatever_happens_to_the_own_transmitter() {
    let file = file("[[link]]\nends = [\"*.*\"]\nfar = \"ideal\"\n");
    let world = lived(&file, &["leaf1: laser_death els0.laser0"]);
    let whole = lived(&file, &[]);
    assert!(lost_ports(&world, 0).is_empty());
    for (with, without) in received(&world.switches()[0])
        .iter()
        .zip(received(&whole.switches()[0]))
    {
        assert!((with - without).abs() < 1e-5, "{with} {without}");
    }
}

#[test]
fn a_port_without_a_far_end_is_down_because_it_is_not_connected() {
    let file = file("[[link]]\nends = [\"leaf*.eth1\"]\nfar = \"loopback\"\n");
    let world = lived(&file, &["leaf1: laser_death els0.laser0"]);
    for switch in 0..2 {
        let lost = lost_ports(&world, switch);
        assert_eq!(lost.len(), 7);
        for (name, chain) in lost {
            assert_ne!(name, "eth1");
            let root = chain.last().expect("a chain");
            assert!(root.contains("is not connected"), "{name}: {chain:?}");
        }
        let (up, all) = world.switches()[switch].ports_up();
        assert_eq!((up, all), (1, 8));
    }
}

#[test]
fn switches_of_one_seed_differ_and_a_stated_seed_counts() {
    let noise = |seed: &str| {
        let text = format!(
            r#"
            format = 1
            [[switch]]
            name = "leaf1"
            system = "leaf"
            [[switch]]
            name = "leaf2"
            system = "leaf"
            {seed}
            "#
        );
        let file = WorldFile::parse("world.toml", text.as_bytes(), &leaf).expect("a world");
        let world = lived(&file, &[]);
        let of = |switch: usize| {
            let observation = world.switches()[switch].observation();
            let column = observation.column(Signal::RxPower).expect("it is measured");
            column.value(0).expect("it is there").to_bits()
        };
        [of(0), of(1)]
    };
    let [one, other] = noise("");
    assert_ne!(one, other);
    let [same, stated] = noise("seed = 9");
    assert_eq!(one, same);
    assert_ne!(other, stated);
}
