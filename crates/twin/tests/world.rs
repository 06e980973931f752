//! The world in time.

mod living;

use std::sync::Arc;

use link::{Element, LaneDesign};
use plant::Signal;
use system::{MediaLaneId, System};
use twin::SteadyState;
use twin::fault::Fault;
use twin::world::{SwitchPlan, What, World};

use living::{plan, resolve, switch};

const SECOND: u64 = 1_000_000_000;
const TICK: u64 = SECOND / 10;

fn world(plan: &Arc<SwitchPlan>) -> World {
    World::looped_back(switch(plan, "leaf1", 7))
}

fn value(world: &World, signal: Signal, index: usize) -> f64 {
    let observation = world.switches()[0].observation();
    let column = observation.column(signal).expect("it is measured");
    column.value(index).expect("it is there")
}

/// What the steady state says of a signal.
fn exact(system: &System, steady: &SteadyState, signal: Signal) -> Vec<f64> {
    let of = &steady.conditions;
    let celsius = |all: &[units::Derived<units::Celsius>]| -> Vec<f64> {
        all.iter().map(|t| t.value().value()).collect()
    };
    let lanes = |value: &dyn Fn(&LaneDesign) -> f64| -> Vec<f64> {
        let designs = &steady.lanes.design_of;
        designs
            .iter()
            .map(|design| value(&steady.lanes.designs[*design]))
            .collect()
    };
    let average = |element: Element| {
        lanes(&|design| {
            design
                .planes
                .after(element)
                .expect("a lit lane")
                .average
                .value()
        })
    };
    let oma = |element: Element| {
        let of = |design: &LaneDesign| design.planes.after(element).and_then(|plane| plane.oma);
        lanes(&|design| of(design).expect("it is modulated").value())
    };
    match signal {
        Signal::AsicTemperature => celsius(&of.asics),
        Signal::EngineTemperature => celsius(&of.engines),
        Signal::LaserModuleTemperature => celsius(&of.laser_modules),
        Signal::EngineInputPower => average(Element::InputCoupler),
        Signal::TransmitMonitorPower => average(Element::Modulation),
        Signal::TransmitOma => oma(Element::Modulation),
        Signal::RxPower => average(Element::Photodiode),
        Signal::RxOma => oma(Element::Photodiode),
        Signal::TransmitHeaterPower if has_rings(system) => {
            let lanes = (0..system.media_lanes.len()).map(MediaLaneId::from_index);
            let heaters = lanes.map(|lane| steady.lanes.heaters(lane).transmit);
            heaters
                .map(|power| power.expect("a lit lane").value())
                .collect()
        }
        Signal::TransmitHeaterPower => lanes(&|design| {
            let modulator = design.modulator.as_ref();
            modulator.expect("a lit lane").tuning_power.value()
        }),
        Signal::PreFecBer => lanes(&|design| {
            let solution = design.outcome.as_ref();
            solution.expect("a lit lane").pre_fec_ber()
        }),
        Signal::LaserPower => {
            let of_laser = |laser: &system::LaserEntity| {
                let design = steady.lanes.design(laser.media_lanes[0]);
                let plane = design.planes.after(Element::Laser);
                plane.expect("a lit lane").average.value()
            };
            system.lasers.iter().map(of_laser).collect()
        }
        other => panic!("{} is not compared", other.name()),
    }
}

fn has_rings(system: &System) -> bool {
    let engine = &system.description.engine[0].value;
    matches!(engine.modulator, system::parts::Modulator::RingModulator(_))
}

/// A world at rest shows what the steady state shows, until what wanders has left its mean.
#[test]
fn a_world_at_rest_is_the_steady_state() {
    const STILL: &str = "fibre_plant.laser_fibre.polarisation_time=1e15 s";
    for (platform, sets, n_steps) in [
        (
            "cpo-51t",
            &[STILL, "engine.oe.modulator.bias_drift=0 rad"][..],
            20,
        ),
        ("quantum-x-115t", &[STILL], 20),
        ("cpo-51t", &[], 1),
        ("quantum-x-115t", &[], 1),
    ] {
        let system = resolve(platform, sets);
        let steady = SteadyState::solve(&system);
        let plan = SwitchPlan::new(Arc::clone(&system)).expect("it lives in time");
        let mut world = world(&Arc::new(plan));
        for _ in 0..n_steps {
            world.step(TICK).expect("it goes on");
        }
        let truth = world.switches()[0].truth().expect("a step was made");
        for (signal, within) in [
            (Signal::AsicTemperature, 2e-3),
            (Signal::EngineTemperature, 2e-3),
            (Signal::LaserModuleTemperature, 2e-3),
            (Signal::EngineInputPower, 5e-3),
            (Signal::TransmitMonitorPower, 5e-3),
            (Signal::TransmitOma, 5e-3),
            (Signal::RxPower, 5e-3),
            (Signal::RxOma, 5e-3),
            (Signal::TransmitHeaterPower, 2e-6),
            (Signal::LaserPower, 1e-6),
        ] {
            let pairs = truth
                .values(signal)
                .iter()
                .zip(exact(&system, &steady, signal));
            for (index, (found, exact)) in pairs.enumerate() {
                let name = signal.name();
                let apart = (found - exact).abs();
                assert!(apart < within, "{platform} {name} {index}: {found} {exact}");
            }
        }
        let errors = truth.bit_errors(Signal::PreFecBer).iter();
        let pairs = errors.zip(exact(&system, &steady, Signal::PreFecBer));
        for (index, (errors, exact)) in pairs.enumerate() {
            let decades = (errors.ratio / exact).log10();
            assert!(
                decades.abs() < 0.01,
                "{platform} {index}: {} {exact}",
                errors.ratio
            );
        }
    }
}

/// Dirt on a fibre costs its light and nothing else.
#[test]
fn dirt_is_seen_behind_it_and_nowhere_else() {
    let plan = plan("cpo-51t", &[]);
    let system = plan.system();
    let mut world = world(&plan);
    world.step(TICK).expect("it goes on");
    let before = world.switches()[0].truth().expect("a step").clone();
    let fault = Fault::parse("fibre_dirt oe0.tx3 1.5 dB", system).expect("a fault");
    world
        .switch_mut(0)
        .expect("one switch")
        .strike(fault, None, TICK);
    world.step(TICK).expect("it goes on");
    let after = world.switches()[0].truth().expect("a step");
    let struck: Vec<usize> = (0..system.media_lanes.len())
        .filter(|lane| {
            let fibre = system.media_lanes[*lane].transmit_fibre;
            system.fibres[fibre.index()].name == "oe0.tx3"
        })
        .collect();
    assert_eq!(struck.len(), 1);
    for lane in 0..system.media_lanes.len() {
        let moved = |signal| after.values(signal)[lane] - before.values(signal)[lane];
        let expected = if struck.contains(&lane) { -1.5 } else { 0.0 };
        assert!((moved(Signal::RxPower) - expected).abs() < 1e-6, "{lane}");
        assert!(moved(Signal::TransmitMonitorPower).abs() < 1e-6, "{lane}");
        assert!(moved(Signal::EngineInputPower).abs() < 1e-6, "{lane}");
    }
}

/// A laser that loses efficiency asks for more current at constant power until it meets its rail;
/// then its power falls.
#[test]
fn a_laser_that_degrades_is_held_until_its_rail() {
    let plan = plan("cpo-51t", &[]);
    let mut world = world(&plan);
    let fault = Fault::parse(
        "laser_degradation els0.laser0 0.9 onset 100 s",
        plan.system(),
    );
    let laser = fault.as_ref().map(|fault| fault.target).expect("a fault");
    let twin::fault::Target::Entity(laser) = laser else {
        panic!("a laser is an entity");
    };
    let laser = laser.index as usize;
    world
        .switch_mut(0)
        .expect("one switch")
        .strike(fault.expect("a fault"), None, 0);
    let mut last = (0.0, f64::INFINITY);
    let mut has_faded = false;
    for _ in 0..100 {
        world.step(SECOND).expect("it goes on");
        let truth = world.switches()[0].truth().expect("a step");
        let bias = truth.values(Signal::LaserBias)[laser];
        let power = truth.values(Signal::LaserPower)[laser];
        if power < last.1 - 1e-6 && last.1.is_finite() {
            has_faded = true;
        } else {
            assert!(!has_faded, "power comes back");
            assert!(bias >= last.0, "bias {bias} after {}", last.0);
        }
        last = (bias, power);
    }
    assert!(has_faded);
    let log = world.switches()[0].log();
    let rail = log
        .events()
        .iter()
        .position(|event| event.what == What::LaserAtRail);
    let rail = rail.expect("it meets its rail");
    let chain: Vec<_> = log.chain(twin::world::EventId(rail)).collect();
    assert!(matches!(
        chain.last().expect("a cause").1.what,
        What::FaultBegan(_)
    ));
}

/// Coolant lost: something trips, and every later event leads back to the coolant.
#[test]
fn without_coolant_every_event_leads_back_to_it() {
    for (platform, cooling) in [("quantum-x-115t", "die"), ("cpo-51t", "package")] {
        let plan = plan(platform, &[]);
        let system = plan.system();
        let mut world = world(&plan);
        let fault = Fault::parse(&format!("coolant_loss {cooling}"), system).expect("a fault");
        world
            .switch_mut(0)
            .expect("one switch")
            .strike(fault, None, 0);
        for _ in 0..3_000 {
            world.step(TICK).expect("it goes on");
        }
        let log = world.switches()[0].log();
        assert!(log.events().len() > 1, "{platform}: nothing happened");
        for id in 0..log.events().len() {
            let chain: Vec<_> = log.chain(twin::world::EventId(id)).collect();
            let (_, first) = chain.last().expect("a cause");
            let line = log.line(system, twin::world::EventId(id));
            assert!(
                matches!(&first.what, What::FaultBegan(text) if text.starts_with("coolant_loss")),
                "{platform}: {line}"
            );
        }
        assert!(
            log.events()
                .iter()
                .any(|event| event.what == What::DieTripped)
        );
    }
}

#[test]
fn the_observation_is_that_of_a_plant() {
    let mut world = world(&plan("cpo-51t", &[]));
    for _ in 0..10 {
        world.step(TICK).expect("it goes on");
    }
    assert!(value(&world, Signal::RxPower, 0) < 10.0);
    let ber = value(&world, Signal::PreFecBer, 0);
    assert!((0.0..1e-2).contains(&ber));
}

/// Two switches joined back to back: dirt lowers what is received at one end only.
#[test]
fn dirt_between_two_switches_is_seen_at_one_end() {
    let plan = plan("cpo-51t", &[]);
    let system = plan.system();
    let joined = World::back_to_back(switch(&plan, "leaf1", 1), switch(&plan, "leaf2", 2));
    let mut world = joined.expect("equal lanes");
    world.step(TICK).expect("it goes on");
    let received = |world: &World, switch: usize| -> Vec<f64> {
        let truth = world.switches()[switch].truth().expect("a step");
        truth.values(Signal::RxPower).to_vec()
    };
    let before = [received(&world, 0), received(&world, 1)];
    // A fibre of the first switch towards the second, and one of the second from the first.
    for (switch, text) in [
        (0, "fibre_dirt oe0.tx3 2 dB"),
        (1, "fibre_dirt oe1.rx5 3 dB"),
    ] {
        let fault = Fault::parse(text, system).expect("a fault");
        let struck = world.switch_mut(switch).expect("it is there");
        struck.strike(fault, None, TICK);
    }
    world.step(TICK).expect("it goes on");
    let after = [received(&world, 0), received(&world, 1)];
    for (lane, entity) in system.media_lanes.iter().enumerate() {
        let name = |fibre: system::FibreId| system.fibres[fibre.index()].name.as_str();
        let near = after[0][lane] - before[0][lane];
        let far = after[1][lane] - before[1][lane];
        assert!(near.abs() < 1e-6, "{lane}: {near}");
        let expected = match (name(entity.transmit_fibre), name(entity.receive_fibre)) {
            ("oe0.tx3", _) => -2.0,
            (_, "oe1.rx5") => -3.0,
            _ => 0.0,
        };
        assert!((far - expected).abs() < 1e-6, "{lane}: {far}");
    }
}

/// A copy of a world goes on with the same bits, on any number of threads.
#[test]
fn the_same_world_twice_is_the_same() {
    let plan = plan("quantum-x-115t", &[]);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("a pool").install(|| {
            let mut world = world(&plan);
            let fault = Fault::parse("laser_dirt els0.laser0.fibre 1 dB onset 1 s", plan.system());
            let fault = fault.expect("a fault");
            let switch = world.switch_mut(0).expect("one switch");
            switch.strike(fault, None, 0);
            switch.set_load(None, &twin::scenario::LoadProfile::Constant(0.5), 0);
            let go_on = |world: &mut World| {
                for _ in 0..10 {
                    world.step(TICK).expect("it goes on");
                }
            };
            go_on(&mut world);
            let mut copy = world.clone();
            go_on(&mut world);
            go_on(&mut copy);
            [world, copy].map(|world| {
                let switch = &world.switches()[0];
                (switch.observation().encode_json(), switch.log().clone())
            })
        })
    };
    let ([one, copy], [two, _]) = (run(1), run(2));
    assert!(one == copy, "a copy goes on differently");
    assert!(one == two, "threads change the bits");
}

/// Heat that parts make leaves, or is stored: over a step of load, to a part in a million.
#[test]
fn heat_is_neither_lost_nor_made() {
    let plan = plan("cpo-51t", &[]);
    let mut world = world(&plan);
    let switch = world.switch_mut(0).expect("one switch");
    switch.set_load(None, &twin::scenario::LoadProfile::Constant(0.3), 0);
    let (mut made_j, mut left_j) = (0.0, 0.0);
    let stored = |world: &World| world.switches()[0].heat().stored().value();
    let before_j = stored(&world);
    for _ in 0..200 {
        world.step(TICK).expect("it goes on");
        let switch = &world.switches()[0];
        let loads = switch.loads();
        let engines = loads.engines.iter().map(|e| e.photonic_w + e.electronic_w);
        let all = loads
            .cores_w
            .iter()
            .chain(&loads.serdes_w)
            .chain(&loads.laser_modules_w);
        made_j += 0.1 * (all.sum::<f64>() + engines.sum::<f64>());
        left_j += 0.1 * switch.heat().leaving().value();
    }
    let grown_j = stored(&world) - before_j;
    assert!(grown_j < -1.0, "it has cooled by {grown_j} J");
    assert!(
        (made_j - left_j - grown_j).abs() < 1e-6 * made_j,
        "{made_j} {left_j} {grown_j}"
    );
}

/// Plants of one world each see every step of it, whoever of them moved it, and each does what it is asked.
#[test]
fn plants_of_one_world_all_see_it() {
    use plant::{Command, Plant as _, Signal, Timestamp};
    use twin::world::{Offer, TwinPlant};
    let plan = plan("dsp-25t", &[]);
    let switch = |name: &str, seed| {
        let name = plant::DeviceName::new(name).expect("a name");
        twin::world::Switch::new(&plan, name, seed).expect("at rest")
    };
    let world = World::back_to_back(switch("one", 1), switch("other", 2)).expect("equal");
    let world = Arc::new(std::sync::Mutex::new(world));
    let offer = Offer {
        step: std::time::Duration::from_millis(100),
        allow_inject: false,
    };
    let mut plants = [0, 1].map(|of| TwinPlant::new(&world, of, offer).expect("one of two"));
    plants[1].submit(Command::SetTransmitEnable {
        lane: system::MediaLaneId(0),
        enabled: false,
    });
    for step in 1..=3_u64 {
        let now = Timestamp::from_nanos(step * 100_000_000);
        for plant in &mut plants {
            let seen = plant.poll(now).expect("it answers").expect("a step on");
            assert_eq!((seen.sequence, seen.time), (step - 1, now));
        }
        let again = plants[0].poll(now).expect("it answers");
        assert!(again.is_none(), "nothing is new");
    }
    let output = |of: usize| {
        let world = world.lock().expect("nobody stopped");
        let seen = world.switches()[of].observation();
        seen.column(Signal::TransmitOutput)
            .and_then(|column| column.state(0))
    };
    assert_eq!((output(0), output(1)), (Some(2), Some(0)));

    // Plants that obey before any of them is polled act in one step, whichever is polled first.
    let disable = |number| Command::SetTransmitEnable {
        lane: system::MediaLaneId(number),
        enabled: false,
    };
    let asked = [1, 0].map(|of: usize| plants[of].submit(disable(1)));
    let now = Timestamp::from_nanos(400_000_000);
    for plant in &mut plants {
        plant.obey(now);
    }
    let done = [1, 0].map(|of: usize| {
        let seen = plants[of]
            .poll(now)
            .expect("it answers")
            .expect("a step on");
        let [outcome] = seen.outcomes.as_slice() else {
            panic!("one was asked: {:?}", seen.outcomes);
        };
        let column = seen.column(Signal::TransmitOutput);
        let state = column.and_then(|column| column.state(1));
        (outcome.command, outcome.time, state)
    });
    let before = Timestamp::from_nanos(300_000_000);
    assert_eq!(done, asked.map(|command| (command, before, Some(0))));
}

/// A plant takes its world along with the caller's clock, does what is asked, and says so once.
#[test]
fn a_switch_is_a_plant() {
    use plant::{Command, EdgeKind, Plant as _, Status, Timestamp};
    use twin::world::{Offer, TwinPlant};
    let plan = plan("quantum-x-115t", &[]);
    let world = Arc::new(std::sync::Mutex::new(world(&plan)));
    let offer = Offer {
        step: std::time::Duration::from_millis(100),
        allow_inject: true,
    };
    let mut plant = TwinPlant::new(&world, 0, offer).expect("the only switch");
    assert!(TwinPlant::new(&world, 1, offer).is_none());
    // Any clock will do, such as one of seconds since 1970.
    let start = 1_800_000_000 * SECOND;
    let at = |ms: u64| Timestamp::from_nanos(start + ms * 1_000_000);
    let first = plant
        .poll(at(0))
        .expect("it answers")
        .expect("the first is new");
    assert_eq!((first.sequence, first.time), (0, at(0)));
    assert!(plant.poll(at(50)).expect("it answers").is_none());
    let mut ask = |text: &str| {
        let text = text.to_owned();
        plant.submit(Command::InjectFault { text })
    };
    let (good, bad) = (ask("heater_open oe0.lane0"), ask("heater_open oe0.lane999"));
    let second = plant
        .poll(at(250))
        .expect("it answers")
        .expect("two steps on");
    assert_eq!((second.sequence, second.time), (1, at(200)));
    let status = |id| {
        let outcome = second.outcomes.iter().find(|outcome| outcome.command == id);
        &outcome.expect("it is told").status
    };
    assert_eq!(status(good), &Status::Done);
    assert!(
        matches!(status(bad), Status::Refused(refusal) if refusal.detail.contains("oe0.lane999"))
    );
    assert!(
        second
            .edges
            .iter()
            .any(|edge| edge.what == EdgeKind::LockLost)
    );
    let third = plant.poll(at(400)).expect("it answers").expect("a step on");
    assert!(third.outcomes.is_empty() && third.edges.is_empty());
    assert!(plant.poll(at(300)).is_err(), "time runs backwards");
    // A long silence is made up for in few steps.
    let later = plant
        .poll(at(3_600_000))
        .expect("it answers")
        .expect("an hour on");
    assert!(later.time > at(3_500_000));
}

#[test]
fn a_port_that_goes_down_is_counted_each_time() {
    let plan = plan("cpo-51t", &[]);
    let mut world = world(&plan);
    let system = Arc::clone(plan.system());
    let flaps = |world: &World| {
        let column = world.switches()[0].observation().column(Signal::PortFlaps);
        column
            .and_then(|column| column.counter(0))
            .expect("it is counted")
    };
    let strike = |world: &mut World, text: &str| {
        let now_ns = world.now_ns();
        let fault = Fault::parse(text, &system).expect("a sound fault");
        let switch = world.switch_mut(0).expect("it is there");
        switch.strike(fault, None, now_ns);
    };
    // There for one second in each two, three times.
    strike(
        &mut world,
        "fibre_bend oe0.tx0 60 dB repeat 2 s duty 0.5 for 6 s",
    );
    let mut most = 0;
    for _ in 0..80 {
        world.step(TICK).expect("it goes on");
        assert!(flaps(&world) >= most);
        most = flaps(&world);
    }
    assert_eq!(most, 3);
    let events = world.switches()[0].log().events();
    let down = events.iter().filter(|event| event.what == What::PortDown);
    assert_eq!(down.count(), 3);
}

/// Mean heat of the dies over 20 s of bursts, and of it what leaks more than is stated.
fn heat_of_bursts(plan: &Arc<SwitchPlan>, step_ns: u64) -> (f64, f64) {
    use twin::scenario::{LoadProfile, Training};
    let bursts = LoadProfile::Training(Training {
        period_ns: SECOND,
        burst_ns: SECOND / 4,
        ramp_ns: SECOND / 20,
        burst: 1.0,
        base: 0.2,
    });
    let part = &plan.system().description.asic[0].value;
    let stated = "the die of this platform states its leakage";
    let leakage = part.leakage.as_ref().expect(stated).value.value();
    let slope = part.leakage_slope.as_ref().expect(stated).value.value();
    let at_c = part.leakage_temperature.as_ref().expect(stated);
    let at_c = at_c.value.value();
    let mut world = world(plan);
    let switch = world.switch_mut(0).expect("it is there");
    switch.set_load(None, &bursts, 0);
    let (mut joules, mut leaked) = (0.0, 0.0);
    while world.now_ns() < 40 * SECOND {
        let is_counted = world.now_ns() >= 20 * SECOND;
        let leaks = |world: &World| {
            let junction_c = world.switches()[0].heat().now().junctions[0].value();
            leakage * (slope * (junction_c - at_c)).exp_m1()
        };
        let begin_w = leaks(&world);
        world.step(step_ns).expect("it goes on");
        if is_counted {
            let watts: f64 = world.switches()[0].loads().cores_w.iter().sum();
            let dt_s = step_ns as f64 * 1e-9;
            joules += watts * dt_s;
            leaked += 0.5 * (begin_w + leaks(&world)) * dt_s;
        }
    }
    (joules / 20.0, leaked / 20.0)
}

#[test]
fn heat_of_bursts_does_not_depend_on_where_steps_end() {
    // Steps that see each burst, and steps as long as two periods, which see none or all.
    let (short, long) = (SECOND / 50, 2 * SECOND);
    let still = plan("cpo-51t", &["asic.switch.leakage=0 W"]);
    let [(fine, _), (coarse, _)] = [short, long].map(|step| heat_of_bursts(&still, step));
    // Rounding of a thousand steps.
    assert!((fine - coarse).abs() < 1e-9 * fine, "{fine} {coarse}");
    // Leakage follows a junction that swings in one and not in the other: the core is hottest in a
    // burst and the SerDes between two. That is all in which the two differ.
    let plan = plan("cpo-51t", &[]);
    let [fine, coarse] = [short, long].map(|step| heat_of_bursts(&plan, step));
    // A hundredth of a watt is the heat that counts as the same within a step.
    let apart = (fine.0 - coarse.0) - (fine.1 - coarse.1);
    assert!(apart.abs() < 0.01, "{fine:?} {coarse:?}");
}
