//! What a plant lists is read, and what the sensors behind it follow.

mod living;

use living::{plan, resolve, switch};
use plant::{Quality, Signal};
use system::Library;
use system::parts::Electrical;
use twin::fault::Fault;
use twin::world::{SwitchPlan, World, WorldError};

const TICK: u64 = 100_000_000;

fn steps(world: &mut World, n: usize) {
    for _ in 0..n {
        world.step(TICK).expect("it goes on");
    }
}

fn strike(world: &mut World, text: &str) {
    let at_ns = world.now_ns();
    let of = world.switch_mut(0).expect("one");
    let fault = Fault::parse(text, of.plan().system()).expect("a fault");
    of.strike(fault, None, at_ns);
}

fn truth(world: &World, signal: Signal) -> Vec<f64> {
    let truth = world.switches()[0].truth().expect("a step was made");
    truth.values(signal).to_vec()
}

fn read(world: &World, signal: Signal, index: usize) -> Option<f64> {
    let column = world.switches()[0].observation().column(signal)?;
    column.value(index)
}

#[test]
fn every_signal_of_a_platform_at_rest_is_read_somewhere() {
    let library = Library::embedded();
    for platform in library.platforms() {
        let plan = plan(platform, &[]);
        let mut world = World::looped_back(switch(&plan, "leaf1", 3));
        steps(&mut world, 12);
        let observation = world.switches()[0].observation();
        for column in observation.columns() {
            let is_read = (0..column.len()).any(|i| column.quality(i) == Quality::Good);
            assert!(is_read, "{platform}: {}", column.signal().name());
        }
    }
}

#[test]
fn supplies_are_the_rail_less_the_current_over_its_way() {
    let plan = plan("cpo-51t", &[]);
    let description = &plan.system().description;
    let (engine, module) = (
        &description.engine[0].value,
        &description.laser_module[0].value,
    );
    let mut world = World::looped_back(switch(&plan, "leaf1", 3));
    steps(&mut world, 3);
    for (signal, power, rail, way) in [
        (
            Signal::EngineSupplyVoltage,
            Signal::EnginePower,
            &engine.supply_voltage,
            &engine.supply_resistance,
        ),
        (
            Signal::LaserModuleSupplyVoltage,
            Signal::LaserModulePower,
            &module.supply_voltage,
            &module.supply_resistance,
        ),
    ] {
        let rail = rail.as_ref().expect("described").value.value();
        let ohm = way.as_ref().expect("described").value.value();
        for (volts, watts) in truth(&world, signal).iter().zip(truth(&world, power)) {
            // Kirchhoff, without the root that the solution takes.
            let left = rail - ohm * watts / volts - volts;
            assert!(left.abs() < 1e-12, "{}: {left}", signal.name());
            assert!(*volts < rail - 1e-3 && *volts > 0.98 * rail, "{volts}");
        }
        // The monitor's constant error is 33 mV at the most, its noise 1 mV.
        let read = read(&world, signal, 0).expect("read");
        let volts = truth(&world, signal)[0];
        assert!((read - volts).abs() < 0.04, "{read} {volts}");
    }
    // A laser that degrades takes more current, and the rail of its module gives in.
    let before = truth(&world, Signal::LaserModuleSupplyVoltage);
    strike(&mut world, "laser_degradation els0.laser0 20 %");
    steps(&mut world, 3);
    let after = truth(&world, Signal::LaserModuleSupplyVoltage);
    assert!(after[0] < before[0] - 1e-5);
    assert!((after[1] - before[1]).abs() < 1e-6);
}

#[test]
fn what_is_not_described_is_not_measured_and_a_rail_that_collapses_is_refused() {
    let system = resolve("cpo-51t", &["engine.oe.supply_resistance=0.3 ohm"]);
    // 3.3 V over 0.3 ohm bring 9.1 W; an engine takes more.
    let plan = std::sync::Arc::new(SwitchPlan::new(system).expect("it has a steady state"));
    let name = plant::DeviceName::new("leaf1").expect("a name");
    let refused = twin::world::Switch::new(&plan, name, 3).expect_err("it collapses");
    assert!(matches!(&refused, WorldError::Supply { part, .. } if part == "oe0"));
    let text = refused.to_string();
    assert!(text.contains("9.075 W at the most"), "{text}");
}

#[test]
fn an_engine_that_retimes_decides_its_electrical_inputs() {
    for (platform, is_retimed) in [("quantum-x-115t", true), ("cpo-51t", false)] {
        let plan = plan(platform, &[]);
        let system = plan.system();
        let engine = &system.description.engine[0].value;
        assert_eq!(engine.electrical == Electrical::Retimed, is_retimed);
        let mut world = World::looped_back(switch(&plan, "leaf1", 3));
        steps(&mut world, 12);
        let observation = world.switches()[0].observation();
        for signal in [Signal::HostInputBer, Signal::HostInputSnr] {
            assert_eq!(
                observation.column(signal).is_some(),
                is_retimed,
                "{platform}"
            );
        }
        assert!(observation.column(Signal::HostInputSwing).is_none());
        if !is_retimed {
            continue;
        }
        let class = link::host_class(system, engine).expect("driven");
        let ratio = class.part.segment_ber.value.value();
        // 12 steps of 0.1 s, stated each second: 106 Gb of 212.5 Gb/s, so 1,062 errors of 1e-8 in half
        // a second; five standard deviations.
        let ber = read(&world, Signal::HostInputBer, 0).expect("counted");
        assert!((ber / ratio - 1.0).abs() < 0.25, "{ber}");
        // 3/4 Q(q) = 1e-8 of four levels: q = 5.56, so 14.9 dB.
        let snr = truth(&world, Signal::HostInputSnr)[0];
        assert!((snr - 14.9).abs() < 0.05, "{snr}");
        let tail = units::special::normal_tail(10f64.powf(snr / 20.0));
        assert!((0.75 * tail / ratio - 1.0).abs() < 1e-9);
        // A die that sends nothing leaves nothing to decide.
        let name = &system.name_of(system::EntityKind::HostLane, 0);
        strike(&mut world, &format!("serdes_transmit {name}"));
        // Ratios are stated each second: the first one behind the fault still has bits.
        steps(&mut world, 24);
        assert!(read(&world, Signal::HostInputSnr, 0).is_none());
        let column = world.switches()[0]
            .observation()
            .column(Signal::HostInputBer);
        let column = column.expect("listed");
        assert_eq!(column.quality(0), Quality::Stale);
        assert_eq!(column.quality(1), Quality::Good);
    }
}

#[test]
fn rings_off_their_lock_say_how_far() {
    let plan = plan("oci-4t", &[]);
    let system = plan.system();
    let mut world = World::looped_back(switch(&plan, "leaf1", 3));
    steps(&mut world, 3);
    for signal in [Signal::TransmitDetuning, Signal::ReceiveDetuning] {
        assert!(truth(&world, signal).iter().all(|off| *off == 0.0));
    }
    let heater_w = truth(&world, Signal::TransmitHeaterPower)[0];
    let ring = match &system.description.engine[0].value.modulator {
        system::parts::Modulator::RingModulator(ring) => ring,
        system::parts::Modulator::MachZehnder(_) => panic!("a ring"),
    };
    let name = &system.name_of(system::EntityKind::MediaLane, 0);
    // One milliwatt less than it needs leaves the resonance short of its wavelength, above in frequency.
    let held_mw = heater_w * 1e3 - 1.0;
    strike(&mut world, &format!("heater_stuck {name} {held_mw} mW"));
    steps(&mut world, 3);
    let off_hz = truth(&world, Signal::TransmitDetuning);
    let truth_of = world.switches()[0].truth().expect("a step was made");
    let frequency = truth_of.values(Signal::LaserFrequency);
    let frequency = frequency[system.media_lanes[0].laser.index()];
    let shift_m = 1e-3 * ring.heater_efficiency.value.value();
    let expected = shift_m * frequency * frequency / units::constants::SPEED_OF_LIGHT;
    // What the light in the ring does to it is another when it is off: some parts in ten.
    assert!(
        (off_hz[0] / expected - 1.0).abs() < 0.3,
        "{} {expected}",
        off_hz[0]
    );
    // The loops of its neighbours make up for the warmth that they miss.
    assert!(off_hz[1..].iter().all(|off| *off == 0.0));
    // A Mach-Zehnder modulator has no resonance.
    let plan = living::plan("cpo-51t", &[]);
    let mut world = World::looped_back(switch(&plan, "leaf1", 3));
    steps(&mut world, 1);
    let observation = world.switches()[0].observation();
    assert!(observation.column(Signal::TransmitDetuning).is_none());
    assert!(
        truth(&world, Signal::TransmitDetuning)
            .iter()
            .all(|off| off.is_nan())
    );
}

#[test]
fn laser_age_is_what_its_current_has_grown_by() {
    let plan = plan("cpo-51t", &[]);
    let system = plan.system();
    let mut world = World::looped_back(switch(&plan, "leaf1", 3));
    steps(&mut world, 2);
    assert!(
        truth(&world, Signal::LaserAge)
            .iter()
            .all(|age| *age < 1e-3)
    );
    strike(&mut world, "laser_degradation els0.laser0 5 %");
    steps(&mut world, 2);
    let age = truth(&world, Signal::LaserAge);
    // (1 / 0.95 - 1) P / eta over g I_th + s P / eta, to the power of 1 / m.
    let module = &system.description.laser_module[0].value;
    let laser = &module.laser;
    let launch_w = module.launch.value.to_watts().value();
    let above_a = launch_w / laser.slope_efficiency.value.value();
    let end_a = laser.threshold_growth.value.value() * laser.threshold_current.value.value()
        + laser.slope_loss.as_ref().expect("it has one").value.value() * above_a;
    let x = (1.0 / 0.95 - 1.0) * above_a / end_a;
    let expected = x.powf(1.0 / laser.growth_exponent.value.value());
    assert!(
        (age[0] / expected - 1.0).abs() < 0.01,
        "{} {expected}",
        age[0]
    );
    assert!(age[1] < 1e-3);
}
