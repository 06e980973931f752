//! What devices state of themselves is true of the parts behind them.

mod bench;

use bench::{Bench, MS, resolve};
use cmis::map::{lower, p01, p1a, p1b, p02, p11, p14};
use cmis::module::ModuleState;
use cmis::{Address, HALF, Half, Register};
use device::{Fleet, ManagedSwitch};
use plant::{
    Capabilities, Command, CommandKind, DeviceName, EntityCounts, Ownership, Signal, Timestamp,
};
use std::time::Duration;
use system::{EngineId, LaserId, LaserModuleId, System};

/// Longest times of the classes of durations up to 10 s, ms.
const CLASSES_MS: [u64; 9] = [1, 5, 10, 50, 100, 500, 1000, 5000, 10_000];

fn state(bench: &Bench, device: usize) -> Option<ModuleState> {
    bench.switch.module(device).map(cmis::module::Module::state)
}

/// The devices of a platform on a plant that looks every 100 ms, before anything has happened.
fn devices(system: &std::sync::Arc<System>) -> ManagedSwitch {
    let capabilities = Capabilities {
        device: DeviceName::new("leaf1").expect("a name"),
        fingerprint: system.fingerprint,
        owns: Ownership::Physics,
        commands: vec![CommandKind::SetPowerState],
        signals: Signal::TABLE.iter().map(|info| info.signal).collect(),
        counts: EntityCounts::from(&**system),
        minimal_period: Duration::from_millis(100),
    };
    let start = Timestamp::default();
    let mut switch = ManagedSwitch::new(system, &capabilities, &[], start).expect("managed");
    switch.advance(Timestamp::from_nanos(5000 * MS));
    switch
}

fn half_of(switch: &mut ManagedSwitch, device: usize, register: &Register) -> Half {
    let mut half = [0; HALF];
    let page = u8::try_from(register.page).expect("a page");
    let at = Address::page(page, 128);
    switch.read(device, at, &mut half).expect("it answers");
    half
}

fn number(switch: &mut ManagedSwitch, device: usize, register: &Register) -> f64 {
    register.number(0, &half_of(switch, device, register))
}

#[test]
fn parts_take_no_longer_than_is_stated() {
    for name in ["cpo-51t", "quantum-x-115t", "dsp-51t", "lpo-51t"] {
        let system = resolve(name, &[]);
        let mut switch = devices(&system);
        let fleet = Fleet::new(&system).expect("managed");
        for device in 0..fleet.devices().len() {
            let device::Part::Engine(id) = fleet.devices()[device].part else {
                continue;
            };
            let group = system.engines[id.index()].group;
            let part = &system.description.engine[group].value;
            let part_ms = part.power_up_time.as_ref().expect("stated").value.value() * 1e3;
            let lock_ms = part.lock_time.as_ref().expect("stated").value.value() * 1e3;
            for (stated, takes_ms) in [
                (&p01::MAX_DURATION_MODULE_PWR_UP, part_ms),
                (&p01::MAX_DURATION_DP_TX_TURN_ON, lock_ms),
            ] {
                let code = stated.raw_of(0, &half_of(&mut switch, device, stated));
                let stated_ms = CLASSES_MS[usize::try_from(code).expect("a code")] as f64;
                assert!(stated_ms >= takes_ms + 200.0, "{name}: {stated_ms} ms");
            }
        }
    }
}

#[test]
fn thresholds_of_temperature_lie_below_where_the_zone_shuts_down() {
    for name in ["cpo-51t", "spectrum-x-102t", "npo-51t", "quantum-x-115t"] {
        let system = resolve(name, &[]);
        let mut switch = devices(&system);
        let zone = system.engines[0].zone;
        let zone = &system.description.zone[zone.index()].value;
        let celsius = |of: &Option<units::Sourced<units::Celsius>>| {
            of.as_ref().expect("stated").value.value()
        };
        let (throttle, emergency) = (celsius(&zone.throttle), celsius(&zone.emergency));
        let warning = number(&mut switch, 0, &p02::TEMP_MON_HIGH_WARNING_THRESHOLD);
        let alarm = number(&mut switch, 0, &p02::TEMP_MON_HIGH_ALARM_THRESHOLD);
        assert!(
            throttle <= warning && warning < alarm && alarm < emergency,
            "{name}: {throttle} {warning} {alarm} {emergency}"
        );
    }
}

#[test]
fn monitors_that_their_registers_cannot_hold_are_not_advertised() {
    // Its lasers run at 836 mA; a register of bias ends at 524 mA.
    for (name, is_shown) in [("cpo-51t", true), ("quantum-x-115t", false)] {
        let mut bench = Bench::up(name);
        let bias = bench.get(0, 0, &p01::TX_BIAS_MON_SUPPORTED)[0] & 1 != 0;
        assert_eq!(bias, is_shown, "{name}");
        let shown = bench.get(0, 0, &p11::LASER_BIAS_TX);
        assert_eq!(shown.iter().any(|byte| *byte != 0), is_shown, "{name}");
        let limit = bench.get(0, 0, &p02::LASER_BIAS_HIGH_ALARM_THRESHOLD);
        assert_eq!(limit != [0, 0], is_shown, "{name}");
    }
}

#[test]
fn a_zone_that_shuts_down_is_a_fault_until_a_reset() {
    let mut bench = Bench::up("cpo-51t");
    let zone = bench.system.engines[0].zone.index();
    let zones = bench.plant.observation.column_mut(Signal::ZoneState);
    zones.expect("measured").set_state(zone, 2);
    let engines = bench.plant.observation.column_mut(Signal::EnginePowerState);
    engines.expect("measured").set_state(0, 0);
    bench.step(100);
    assert_eq!(state(&bench, 0), Some(ModuleState::Fault));
    assert_eq!(bench.get(0, 0, &lower::MODULE_FAULT_CAUSE), [6]);
    assert_eq!(bench.get(0, 0, &lower::MODULE_STATE)[0] >> 1 & 7, 5);
    let is_dark = |of: &Command| {
        matches!(of, Command::SetPowerState { unit, state }
            if *unit == plant::PoweredUnit::Engine(EngineId(0)) && *state != plant::PowerState::FullPower)
    };
    assert!(bench.plant.told.iter().any(is_dark), "no power is wanted");
    bench.wait_ms(2000);
    assert_eq!(state(&bench, 0), Some(ModuleState::Fault));
    // A reset is how a host gets it back, also while the zone says that it is shut down.
    for device in [0, 1] {
        bench.switch.reset(device);
    }
    bench.wait_ms(4000);
    assert_eq!(state(&bench, 0), Some(ModuleState::Ready));
    assert_eq!(bench.get(0, 0, &lower::MODULE_FAULT_CAUSE), [0]);
}

#[test]
fn a_laser_that_shall_give_nothing_is_off() {
    let mut bench = Bench::up("cpo-51t");
    let els = bench.device("els1");
    let at = Address::page(0x1B, p1b::OPT_POWER_SETPOINT.byte);
    bench.switch.write(els, at, &[0, 0]).expect("it answers");
    bench.step(20);
    let told = |enabled| Command::SetLaserEnable {
        laser: LaserId(8),
        enabled,
    };
    assert_eq!(bench.plant.told, [told(false)]);
    bench.plant.told.clear();
    bench
        .switch
        .write(els, at, &[0x13, 0x88])
        .expect("it answers");
    bench.step(20);
    assert!(
        bench.plant.told.contains(&told(true)),
        "50 mW: {:?}",
        bench.plant.told
    );
    assert_eq!(bench.switch.n_refused(), 0);
}

#[test]
fn a_dead_laser_says_that_its_loop_has_failed() {
    let mut bench = Bench::up("cpo-51t");
    let els = bench.device("els1");
    assert_eq!(bench.get(els, 0, &p1a::FAULT_CODE), [0; 8]);
    // Full current, as far as its monitor tells, and no light.
    let laser = bench.system.laser_modules[LaserModuleId(1).index()]
        .lasers
        .start as usize
        + 2;
    let rail = bench.system.description.laser_module[0]
        .value
        .laser
        .max_current
        .value
        .value();
    bench.plant.set(Signal::LaserBias, laser, 0.997 * rail);
    bench.plant.set(Signal::LaserPower, laser, -40.0);
    let outputs = bench.plant.observation.column_mut(Signal::LaserOutput);
    outputs.expect("measured").set_state(laser, 0);
    bench.step(100);
    let code = bench.get(els, 0, &p1a::FAULT_CODE)[2] & 0xF;
    assert_eq!(code, 1, "the loop of power");
}

#[test]
fn a_receiver_that_is_not_locked_guesses() {
    let mut bench = Bench::up("dsp-51t");
    let select = |bench: &mut Bench, selector: u8| {
        bench.put(0, 0, &p14::DIAGNOSTICS_SELECTOR, &[selector]);
        bench.step(20);
    };
    let ratio = |bench: &mut Bench| {
        select(bench, 1);
        number(&mut bench.switch, 0, &p14::BIT_ERROR_RATIO_MEDIA)
    };
    assert!(ratio(&mut bench) < 1e-8);
    let lane = bench.switch.fleet().devices()[0].lanes[0].media.index();
    let signals = bench.plant.observation.column_mut(Signal::ReceiveSignal);
    signals.expect("measured").set_state(lane, 0);
    assert!((ratio(&mut bench) - 0.5).abs() < 1e-3);
    select(&mut bench, 6);
    assert!(number(&mut bench.switch, 0, &p14::SNR_MEDIA).abs() < 1e-12);
}

#[test]
fn a_laser_that_lights_nothing_is_off_until_a_host_wants_it() {
    let mut bench = Bench::up("arista-28t");
    let devices = bench.switch.fleet().devices().to_vec();
    let mut n_spare = 0;
    for (number, device) in devices.iter().enumerate() {
        if device.lasers.is_empty() {
            continue;
        }
        let lasers = device.lasers.iter().enumerate();
        let used = lasers.fold(0_u8, |bits, (at, of)| {
            let is_used = !bench.system.lasers[of.laser.index()].media_lanes.is_empty();
            n_spare += usize::from(!is_used);
            bits | u8::from(is_used) << at
        });
        assert_eq!(
            bench.get(number, 0, &p1a::LANE_ENABLE),
            [used],
            "{}",
            device.name
        );
        assert_eq!(
            bench.get(number, 0, &p1a::FAULT_CODE),
            [0; 8],
            "{}",
            device.name
        );
    }
    assert!(n_spare > 0);
    assert_eq!(bench.switch.n_refused(), 0);
}
