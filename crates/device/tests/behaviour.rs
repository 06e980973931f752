//! Devices do what hosts ask and show what sensors say, on the right lanes and nowhere else.

mod bench;

use bench::{Bench, FULL_POWER, LOW_POWER, MS};
use cmis::map::{lower, p01, p1a, p1b, p10, p11, p13, p14};
use cmis::module::{ModuleState, PathState};
use cmis::{Address, Nack};
use device::{ManagedSwitch, Record};
use plant::{
    Column, Command, CommandKind, Direction, Edge, EdgeKind, Loopback, Plant, PowerState,
    PoweredUnit, Quality, Refusal, RefusalReason, Sequence, Signal, TestPattern, Timestamp,
};
use system::{EngineId, LaserId, LaserModuleId, MediaLaneId, PortId};

const ALL: u8 = 0xFF;

fn is_all_up(bench: &Bench) -> bool {
    let devices = bench.switch.fleet().devices().iter().enumerate();
    devices
        .filter(|(_, of)| !of.lanes.is_empty())
        .all(|(number, of)| {
            let module = bench.switch.module(number).expect("it exists");
            (0..of.lanes.len()).all(|lane| module.path_state(lane) == Some(PathState::Activated))
        })
}

#[test]
fn a_switch_comes_up_by_itself_within_ten_seconds() {
    for name in ["cpo-51t", "quantum-x-115t", "dsp-51t"] {
        let mut bench = Bench::new(name);
        bench.step(20);
        // Parts have low power until their modules want more.
        let engine = bench.plant.observation.column(Signal::EnginePowerState);
        assert_eq!(engine.and_then(|of| of.state(0)), Some(LOW_POWER), "{name}");
        bench.wait_ms(10_000);
        assert!(is_all_up(&bench), "{name}");
        let on = |signal, state: u8| {
            let column = bench.plant.observation.column(signal).expect("measured");
            (0..column.len()).all(|idx| column.state(idx) == Some(state))
        };
        assert!(on(Signal::EnginePowerState, FULL_POWER), "{name}");
        assert!(on(Signal::TransmitOutput, 2), "{name}");
        assert!(on(Signal::LaserOutput, 2), "{name}");
        assert_eq!(bench.switch.n_refused(), 0, "{name}");
    }
}

#[test]
fn nothing_is_flagged_of_a_healthy_switch() {
    for name in ["cpo-51t", "quantum-x-115t", "dsp-51t", "humboldt-25t"] {
        let mut bench = Bench::up(name);
        bench.wait_ms(200);
        assert_eq!(bench.flags(), [], "{name}");
        assert_eq!(bench.plant.told, [], "{name}");
    }
}

#[test]
fn a_laser_that_dies_is_flagged_on_its_lanes_and_nowhere_else() {
    let mut bench = Bench::up("cpo-51t");
    // Laser 13 is the sixth of the second laser module: it lights lanes 52 to 55 of the first engine,
    // which are lanes 20 to 23 of its second device.
    let laser = &bench.system.lasers[13];
    let lanes: Vec<usize> = laser.media_lanes.iter().map(|lane| lane.index()).collect();
    assert_eq!(lanes, [52, 53, 54, 55]);
    let dark = -40.0;
    bench.plant.set(Signal::LaserPower, 13, dark);
    for lane in &lanes {
        for signal in [Signal::EngineInputPower, Signal::TransmitMonitorPower] {
            bench.plant.set(signal, *lane, dark);
        }
        let outputs = bench.plant.observation.column_mut(Signal::TransmitOutput);
        outputs.expect("measured").set_state(*lane, 0);
    }
    // Its light is lost at the far ends of its lanes: another engine's lanes 100 to 103 here.
    for lane in 100..104 {
        bench.plant.set(Signal::RxPower, lane, dark);
        let signals = bench.plant.observation.column_mut(Signal::ReceiveSignal);
        signals.expect("measured").set_state(lane, 0);
    }
    bench.step(100);
    let is = |of: &[(&str, u8, usize, u32)]| -> Vec<(String, u8, usize, u32)> {
        let owned = of.iter();
        owned
            .map(|(name, page, byte, bits)| ((*name).to_owned(), *page, *byte, *bits))
            .collect()
    };
    // Lanes 100 to 103 are the fifth to eighth of the second engine, whose first device is oe2.
    assert_eq!(bench.system.media_lanes[100].engine, EngineId(1));
    let expected = is(&[
        ("oe1", 0x11, 135, 0xF << 20), // Tx failure
        ("oe1", 0x11, 140, 0xF << 20), // Tx power low alarm
        ("oe1", 0x11, 142, 0xF << 20), // and warning
        ("oe3", 0x11, 147, 0xF << 4),  // Rx loss of signal
        ("oe3", 0x11, 150, 0xF << 4),  // Rx power low alarm
        ("oe3", 0x11, 152, 0xF << 4),  // and warning
        ("oe3", 0x11, 153, 0xF << 4),  // its output is squelched
        ("els1", 0x1A, 191, 1 << 5),   // power low alarm
        ("els1", 0x1A, 193, 1 << 5),   // and warning
    ]);
    assert_eq!(bench.flags(), expected);
}

#[test]
fn a_host_that_disables_a_lane_gives_one_command() {
    let mut bench = Bench::up("cpo-51t");
    let second = bench.device("oe1");
    bench.put(second, 2, &p10::OUTPUT_DISABLE_TX, &[0b100]);
    bench.step(20);
    let lane = MediaLaneId(32 + 16 + 2);
    let off = Command::SetTransmitEnable {
        lane,
        enabled: false,
    };
    assert_eq!(bench.plant.told, [off]);
    bench.wait_ms(500);
    assert_eq!(bench.plant.told.len(), 1, "it is asked once");
    bench.put(second, 2, &p10::OUTPUT_DISABLE_TX, &[0]);
    bench.wait_ms(500);
    let on = Command::SetTransmitEnable {
        lane,
        enabled: true,
    };
    assert_eq!(bench.plant.told[1..], [on]);
}

#[test]
fn a_set_point_of_a_laser_becomes_its_output_and_a_lane_goes_off() {
    let mut bench = Bench::up("cpo-51t");
    let els = bench.device("els1");
    // 50 mW in steps of 10 uW, for the third laser.
    let at = Address::page(0x1B, p1b::OPT_POWER_SETPOINT.byte + 4);
    bench
        .switch
        .write(els, at, &5000_u16.to_be_bytes())
        .expect("it answers");
    bench.step(20);
    let [Command::SetLaserOutput { laser, power }] = bench.plant.told[..] else {
        panic!("{:?}", bench.plant.told);
    };
    assert_eq!(laser, LaserId(10));
    assert!(
        (power.value() - 10.0 * 50_f64.log10()).abs() < 1e-9,
        "{power:?}"
    );
    bench.plant.told.clear();
    bench.put(els, 0, &p1a::LANE_ENABLE, &[ALL & !1]);
    bench.step(20);
    let off = Command::SetLaserEnable {
        laser: LaserId(8),
        enabled: false,
    };
    assert_eq!(bench.plant.told, [off]);
}

#[test]
fn low_power_of_one_device_leaves_the_engine_to_the_other() {
    let mut bench = Bench::up("cpo-51t");
    bench.put(0, 0, &lower::LOW_PWR_REQUEST_SW, &[0x50]);
    bench.wait_ms(1000);
    assert_eq!(
        bench.switch.module(0).map(cmis::module::Module::state),
        Some(ModuleState::LowPower)
    );
    let powers = |bench: &Bench| -> Vec<Command> {
        let told = bench.plant.told.iter();
        told.filter(|of| of.kind() == CommandKind::SetPowerState)
            .cloned()
            .collect()
    };
    assert_eq!(powers(&bench), []);
    assert_eq!(
        bench.plant.told.len(),
        2 * 32,
        "its lanes go dark and silent"
    );
    bench.put(1, 0, &lower::LOW_PWR_REQUEST_SW, &[0x50]);
    bench.wait_ms(1000);
    let low = Command::SetPowerState {
        unit: PoweredUnit::Engine(EngineId(0)),
        state: PowerState::LowPower,
    };
    assert_eq!(powers(&bench), [low]);
}

#[test]
fn ready_waits_for_the_power_of_the_engine() {
    let mut bench = Bench::new("cpo-51t");
    // It does what it is told, and says nothing of it.
    bench.plant.refuse = Some(|command| {
        matches!(
            command,
            Command::SetPowerState {
                state: PowerState::FullPower,
                ..
            }
        )
        .then(|| Refusal::new(RefusalReason::NotNow, "supplies come up"))
    });
    bench.wait_ms(5000);
    let state = |bench: &Bench| bench.switch.module(0).map(cmis::module::Module::state);
    assert_eq!(state(&bench), Some(ModuleState::PoweringUp));
    // Eight engines and sixteen laser modules, about 0.3 s after the start and each second from then on.
    let n = bench.switch.n_refused();
    assert!((24 * 4..=24 * 6).contains(&n), "{n}");
    let refusals = bench.switch.take_refusals();
    assert_eq!(refusals.len(), 64, "the last ones");
    assert_eq!(refusals[0].refusal.reason, RefusalReason::NotNow);
    bench.plant.refuse = None;
    bench.wait_ms(3000);
    assert_eq!(state(&bench), Some(ModuleState::Ready));
}

#[test]
fn what_cannot_be_is_not_asked_again() {
    let mut bench = Bench::up("cpo-51t");
    bench.plant.refuse = Some(|command| {
        matches!(command, Command::SetTransmitEnable { enabled: false, .. })
            .then(|| Refusal::new(RefusalReason::NotSupported, "no such switch"))
    });
    bench.put(0, 0, &p10::OUTPUT_DISABLE_TX, &[1]);
    bench.wait_ms(5000);
    assert_eq!(bench.plant.told.len(), 1);
    assert_eq!(bench.switch.n_refused(), 1);
    bench.put(0, 0, &p10::OUTPUT_DISABLE_TX, &[0]);
    bench.wait_ms(1000);
    bench.put(0, 0, &p10::OUTPUT_DISABLE_TX, &[1]);
    bench.wait_ms(1000);
    assert_eq!(bench.switch.n_refused(), 2, "it was wished anew");
}

#[test]
fn a_plant_that_takes_no_commands_is_managed_as_far_as_it_goes() {
    let mut bench = Bench::with("cpo-51t", &[], &[]).expect("managed");
    bench.wait_ms(8000);
    assert!(is_all_up(&bench));
    assert_eq!(bench.plant.told, []);
    assert!(bench.switch.n_refused() > 0, "that is said");
    let abilities = bench.get(0, 0, &p13::MEDIA_SIDE_INPUT_LOOPBACK_SUPPORTED);
    assert_eq!(abilities[0] & 0xF, 0, "no loopbacks");
}

#[test]
fn loopbacks_reach_plants_that_have_them() {
    // Without a retimer light can be turned back, and nothing else.
    let mut bench = Bench::up("cpo-51t");
    bench.put(3, 0, &p13::MEDIA_SIDE_INPUT_LOOPBACK_ENABLE, &[0b10]);
    bench.step(20);
    assert_eq!(bench.plant.told, [], "what is not advertised is not asked");
    bench.put(3, 0, &p13::MEDIA_SIDE_OUTPUT_LOOPBACK_ENABLE, &[0b10]);
    bench.step(20);
    let lane = bench.switch.fleet().devices()[3].lanes[1].media;
    let back = |loopback| Command::SetLoopback { lane, loopback };
    assert_eq!(bench.plant.told, [back(Loopback::MediaOutput)]);
    let mut bench = Bench::up("dsp-51t");
    let lane = bench.switch.fleet().devices()[3].lanes[1].media;
    let back = |loopback| Command::SetLoopback { lane, loopback };
    for (register, loopback) in [
        (&p13::HOST_SIDE_INPUT_LOOPBACK_ENABLE, Loopback::HostInput),
        (&p13::HOST_SIDE_OUTPUT_LOOPBACK_ENABLE, Loopback::HostOutput),
        (&p13::MEDIA_SIDE_INPUT_LOOPBACK_ENABLE, Loopback::MediaInput),
        (
            &p13::MEDIA_SIDE_OUTPUT_LOOPBACK_ENABLE,
            Loopback::MediaOutput,
        ),
    ] {
        bench.plant.told.clear();
        bench.put(3, 0, register, &[0b10]);
        bench.step(20);
        bench.put(3, 0, register, &[0]);
        bench.step(20);
        assert_eq!(bench.plant.told, [back(loopback), back(Loopback::Off)]);
    }
}

#[test]
fn polarity_and_muted_outputs_reach_the_lane_and_no_other() {
    let mut bench = Bench::up("dsp-51t");
    assert_eq!(
        bench.get(3, 0, &p01::INPUT_POLARITY_FLIP_TX_SUPPORTED)[0] & 1,
        1
    );
    let lane = bench.switch.fleet().devices()[3].lanes[2].media;
    let polarity = |direction, inverted| Command::SetPolarity {
        lane,
        direction,
        inverted,
    };
    let enable = |enabled| Command::SetReceiveEnable { lane, enabled };
    for (register, on, off) in [
        (
            &p10::INPUT_POLARITY_FLIP_TX,
            polarity(Direction::Transmit, true),
            polarity(Direction::Transmit, false),
        ),
        (
            &p10::OUTPUT_POLARITY_FLIP_RX,
            polarity(Direction::Receive, true),
            polarity(Direction::Receive, false),
        ),
        (&p10::OUTPUT_DISABLE_RX, enable(false), enable(true)),
    ] {
        bench.plant.told.clear();
        bench.put(3, 0, register, &[0b100]);
        bench.step(20);
        bench.put(3, 0, register, &[0]);
        bench.step(20);
        assert_eq!(bench.plant.told, [on, off]);
    }
    // A linear engine cannot turn bits that it does not recover.
    let mut bench = Bench::up("cpo-51t");
    assert_eq!(
        bench.get(3, 0, &p01::INPUT_POLARITY_FLIP_TX_SUPPORTED)[0] & 1,
        0
    );
    bench.put(3, 0, &p10::INPUT_POLARITY_FLIP_TX, &[0b100]);
    bench.step(20);
    assert_eq!(bench.get(3, 0, &p10::INPUT_POLARITY_FLIP_TX), [0]);
    assert_eq!(bench.plant.told, []);
}

impl Bench {
    /// Errors and bits of the optical input of the first lane of a bank.
    fn counted(&mut self, device: usize, bank: u8) -> (f64, f64) {
        self.put(device, bank, &p14::DIAGNOSTICS_SELECTOR, &[4]);
        let mut half = [0; 128];
        half[64..].copy_from_slice(&self.get(device, bank, &p14::DIAGNOSTICS_DATA));
        let of = |register: &cmis::Register| register.number(0, &half);
        (of(&p14::ERROR_COUNT), of(&p14::TOTAL_BITS_COUNT))
    }
}

#[test]
fn a_pattern_test_goes_by_registers_alone() {
    let mut bench = Bench::up("humboldt-25t");
    let engine = bench.switch.fleet().devices()[0].clone();
    assert!(engine.banks > 1, "one bank of several");
    let lane = engine.lanes[8].media;
    bench.plant.set(Signal::PreFecBer, lane.index(), 2e-6);
    // PRBS31Q on the whole of bank 1, and a checker that looks for it.
    bench.put(0, 1, &p13::MEDIA_SIDE_GENERATOR_ENABLE, &[ALL]);
    bench.step(20);
    let told = Command::SetPattern {
        lane,
        direction: Direction::Transmit,
        pattern: Some(TestPattern::new(Sequence::Prbs31q)),
    };
    assert!(bench.plant.told.contains(&told));
    assert_eq!(bench.plant.told.len(), 8, "one bank, one direction");
    bench.put(0, 1, &p13::MEDIA_SIDE_CHECKER_ENABLE, &[ALL]);
    bench.wait_ms(1000);
    let flags = bench.get(0, 1, &p14::PATTERN_CHECKER_LOL_FLAG_MEDIA);
    assert_eq!(flags, [0], "all hold lock");
    let (errors, bits) = bench.counted(0, 1);
    let rate_hz = {
        let group = bench.system.engines[0].group;
        bench.system.description.engine[group]
            .value
            .media_rate
            .value
    };
    assert!(
        (bits / rate_hz.value() - 1.0).abs() < 1e-6,
        "a second's bits"
    );
    assert!(
        (errors / bits / 2e-6 - 1.0).abs() < 1e-4,
        "{errors} of {bits}"
    );
    assert!(bench.counted(0, 0).1 < 1.0, "the other bank does not");
    // The wrong pattern: no lock and no counts, of that lane alone.
    bench.put(0, 1, &p13::MEDIA_SIDE_CHECKER_PATTERN_SELECT, &[0x02]);
    let before = bench.counted(0, 1);
    bench.wait_ms(200);
    let flags = bench.get(0, 1, &p14::PATTERN_CHECKER_LOL_FLAG_MEDIA);
    assert_eq!(flags, [1]);
    assert_eq!(bench.counted(0, 1), before);
    bench.put(0, 1, &p13::MEDIA_SIDE_CHECKER_PATTERN_SELECT, &[0]);
    bench.wait_ms(100);
    bench.get(0, 1, &p14::PATTERN_CHECKER_LOL_FLAG_MEDIA);
    bench.wait_ms(100);
    let flags = bench.get(0, 1, &p14::PATTERN_CHECKER_LOL_FLAG_MEDIA);
    assert_eq!(flags, [0], "it is found again");
    // The generators stop.
    bench.put(0, 1, &p13::MEDIA_SIDE_GENERATOR_ENABLE, &[0]);
    bench.wait_ms(100);
    let flags = bench.get(0, 1, &p14::PATTERN_CHECKER_LOL_FLAG_MEDIA);
    assert_eq!(flags, [ALL]);
    let before = bench.counted(0, 1);
    bench.wait_ms(100);
    assert_eq!(bench.counted(0, 1), before);
}

#[test]
fn where_nobody_says_what_is_found_nothing_checks_it() {
    let commands = [CommandKind::SetPowerState, CommandKind::SetTransmitEnable];
    let mut bench = Bench::with("dsp-51t", &[], &commands).expect("managed");
    let pattern = bench.plant.observation.column(Signal::ReceivePattern);
    assert!(pattern.is_some(), "it is found");
    bench.wait_ms(8000);
    let patterns = |bench: &mut Bench, register| bench.get(0, 0, register);
    assert_eq!(
        patterns(&mut bench, &p13::MEDIA_SIDE_GENERATOR_PATTERNS),
        [0, 0]
    );
    assert_ne!(
        patterns(&mut bench, &p13::MEDIA_SIDE_CHECKER_PATTERNS),
        [0, 0]
    );
    let mut capabilities = bench.plant.capabilities().clone();
    capabilities
        .signals
        .retain(|of| *of != Signal::ReceivePattern);
    let now = Timestamp::from_nanos(bench.now_ns);
    bench.switch = ManagedSwitch::new(&bench.system, &capabilities, &[], now).expect("managed");
    bench.wait_ms(8000);
    assert_eq!(
        patterns(&mut bench, &p13::MEDIA_SIDE_CHECKER_PATTERNS),
        [0, 0]
    );
    bench.put(0, 0, &p13::MEDIA_SIDE_CHECKER_ENABLE, &[ALL]);
    assert_eq!(bench.get(0, 0, &p13::MEDIA_SIDE_CHECKER_ENABLE), [0]);
}

#[test]
fn a_pulled_laser_module_is_seen_by_every_port_that_it_lights() {
    let mut bench = Bench::up("cpo-51t");
    let els = bench.device("els1");
    let seat = |bench: &mut Bench, state| {
        let column = bench
            .plant
            .observation
            .column_mut(Signal::LaserModulePresence);
        column.expect("measured").set_state(1, state);
        bench.step(20);
    };
    seat(&mut bench, 0);
    assert!(!bench.switch.is_present(els));
    assert_eq!(bench.bytes(els, Address::lower(0), 1), Err(Nack));
    for port in 0..64 {
        let is_lit = bench.switch.port_presence(PortId(port));
        assert_eq!(is_lit, !(4..8).contains(&port), "{port}");
    }
    let engine = bench.device("oe1");
    assert!(
        bench.bytes(engine, Address::lower(0), 1).is_ok(),
        "its engine answers"
    );
    assert_eq!(bench.plant.told, []);
    seat(&mut bench, 1);
    assert!(bench.switch.is_present(els));
    assert_eq!(
        bench.bytes(els, Address::lower(0), 1),
        Err(Nack),
        "it starts"
    );
    bench.wait_ms(5000);
    assert!(bench.switch.port_presence(PortId(5)));
    let full = Command::SetPowerState {
        unit: PoweredUnit::LaserModule(LaserModuleId(1)),
        state: PowerState::FullPower,
    };
    assert!(bench.plant.told.contains(&full));
    assert!(bench.plant.told.len() <= 2 * 17, "power, lasers and levels");
}

#[test]
fn where_nobody_reads_cages_what_happens_to_them_counts() {
    let mut bench = Bench::up("cpo-51t");
    let els = bench.device("els2");
    let pins = bench
        .plant
        .observation
        .column_mut(Signal::LaserModulePresence);
    pins.expect("measured").set_quality(2, Quality::Failed);
    for (what, is_there) in [(EdgeKind::Removed, false), (EdgeKind::Inserted, true)] {
        bench.plant.observation.edges = vec![Edge {
            time: Timestamp::from_nanos(bench.now_ns),
            entity: LaserModuleId(2).into(),
            what,
        }];
        bench.step(20);
        bench.plant.observation.edges.clear();
        bench.step(20);
        assert_eq!(bench.switch.is_present(els), is_there);
    }
}

#[test]
fn sensors_that_fail_or_are_not_there_flag_nothing() {
    let mut bench = Bench::up("cpo-51t");
    for signal in [
        Signal::RxPower,
        Signal::TransmitMonitorPower,
        Signal::LaserBias,
    ] {
        let column = bench
            .plant
            .observation
            .column_mut(signal)
            .expect("measured");
        let n = column.len();
        column.refill(std::iter::repeat_n(f64::NAN, n));
    }
    let column = Column::from_states(Signal::TransmitOutput, vec![2; 512]).expect("states");
    bench.plant.observation.insert(column);
    bench.step(20);
    assert_eq!(bench.flags(), []);
    assert_eq!(bench.get(0, 0, &p11::OPTICAL_POWER_RX), [0; 16]);
    let mut blind = Bench::new("cpo-51t");
    let device = blind.plant.observation.device.clone();
    blind.plant.observation = plant::Observation::new(blind.system.fingerprint, device);
    blind.wait_ms(8000);
    assert!(is_all_up(&blind));
    blind.clear();
    blind.step(20);
    assert_eq!(blind.flags(), []);
}

#[test]
fn overrides_stand_for_sensors() {
    let mut bench = Bench::up("cpo-51t");
    let measured = bench.switch.override_sensors(2, |over| {
        over.temperature_c = Some(120.0);
        over.fault = 6;
        // Of the ninth lane: the first of the second bank.
        let of_lanes = over.set_observable(84, 8, Some(-3.5));
        (of_lanes, over.set_observable(77, 8, Some(2.6)))
    });
    assert_eq!(measured, Some((true, false)), "77 is no reading of lanes");
    // They hold before any sensor is read again.
    assert_eq!(
        bench.switch.module(2).map(cmis::module::Module::state),
        Some(ModuleState::Fault)
    );
    bench.step(20);
    let taps = Address::page(0xC3, 128).in_bank(1);
    let found = bench.bytes(2, taps, 2);
    assert_eq!(found, Ok((-350_i16).to_be_bytes().to_vec()), "0.01 dBm");
    assert_eq!(
        bench.get(2, 0, &lower::TEMP_MON_HIGH_ALARM_FLAG)[0] & 0b101,
        0b101
    );
    assert_eq!(
        bench.get(1, 0, &lower::TEMP_MON_HIGH_ALARM_FLAG)[0] & 0b101,
        0
    );
    assert_eq!(
        bench.switch.module(2).map(cmis::module::Module::state),
        Some(ModuleState::Fault)
    );
    bench.switch.fresh(2);
    bench.wait_ms(3000);
    assert_eq!(
        bench.switch.module(2).map(cmis::module::Module::state),
        Some(ModuleState::Ready)
    );
    bench
        .switch
        .override_sensors(2, |over| over.is_silent = true);
    assert_eq!(bench.bytes(2, Address::lower(0), 1), Err(Nack));
}

#[test]
fn engines_in_joint_mode_show_the_pages_of_their_laser_modules() {
    let mut bench = Bench::up("quantum-x-115t");
    let els = bench.switch.fleet().devices()[5].lit_by[0];
    let own = bench
        .bytes(els, Address::page(0, 128), 96)
        .expect("it answers");
    assert_eq!(bench.bytes(5, Address::page(0xB1, 128), 96), Ok(own));
    assert_eq!(bench.bytes(5, Address::page(0xB0, 128), 1), Ok(vec![0x22]));
    // From the engine's lower memory into the laser module's, which a look does not clear.
    let mut seen = [0; 16];
    let across = Address::page(0xB0, 120);
    let looked = bench.switch.peek(5, across, &mut seen);
    assert_eq!(looked, Ok(()));
    assert_eq!(bench.bytes(5, across, 16), Ok(seen.to_vec()));
    let setpoint = p1b::OPT_POWER_SETPOINT.byte;
    let at = Address::page(0xB5, setpoint);
    bench
        .switch
        .write(5, at, &12_000_u16.to_be_bytes())
        .expect("it answers");
    let shown = bench.bytes(els, Address::page(0x1B, setpoint), 2);
    assert_eq!(shown, Ok(12_000_u16.to_be_bytes().to_vec()));
    assert_eq!(
        bench.bytes(5, Address::page(0xB1, 128).in_bank(1), 1),
        Err(Nack)
    );
    // A host may as well select the page, also of a device that has just got its supply.
    bench.switch.fresh(5);
    bench.wait_ms(3000);
    for (asked, selected) in [([0, 0xB4], [0, 0xB4]), ([1, 0xB4], [0, 0])] {
        let written = bench.switch.write(5, Address::lower(126), &asked);
        written.expect("it answers");
        let found = bench.bytes(5, Address::lower(126), 2);
        assert_eq!(found, Ok(selected.to_vec()));
    }
    // Engines on buses of their own have no such pages.
    let mut apart = Bench::up("cpo-51t");
    let identity = apart.bytes(0, Address::page(0, 128), 16);
    assert_eq!(apart.bytes(0, Address::page(0xB1, 128), 16), identity);
}

#[test]
fn what_devices_keep_is_handed_over_once_and_comes_back() {
    let mut bench = Bench::up("cpo-51t");
    assert_eq!(bench.switch.records(), []);
    let els = bench.device("els3");
    let at = Address::page(0x1B, p1b::OPT_POWER_SETPOINT.byte);
    bench
        .switch
        .write(els, at, &7000_u16.to_be_bytes())
        .expect("it answers");
    bench.put(els, 0, &p1a::SAVE_RESTORE_COMMAND, &[0x18]);
    bench.step(20);
    let records = bench.switch.records();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].device, "els3");
    assert_eq!(bench.switch.records(), []);

    let capabilities = bench.plant.capabilities().clone();
    let again = ManagedSwitch::new(&bench.system, &capabilities, &records, Timestamp::default());
    bench.switch = again.expect("the record is whole");
    bench.now_ns = 0;
    bench.wait_ms(3000);
    bench.put(els, 0, &p1a::SAVE_RESTORE_COMMAND, &[0x11]);
    bench.step(20);
    assert_eq!(bench.bytes(els, at, 2), Ok(7000_u16.to_be_bytes().to_vec()));

    let mut damaged: Vec<Record> = records.clone();
    let last = damaged[0].bytes.len() - 1;
    damaged[0].bytes[last] ^= 1;
    let refused = ManagedSwitch::new(&bench.system, &capabilities, &damaged, Timestamp::default());
    let refused = refused.expect_err("it is damaged").to_string();
    assert!(
        refused.contains("els3") && refused.contains("damaged"),
        "{refused}"
    );
    assert!(bench.switch.restore(els, &damaged[0].bytes).is_err());
    assert!(bench.switch.restore(els, &records[0].bytes).is_ok());
}

#[test]
fn time_goes_on_between_observations() {
    let mut bench = Bench::new("dsp-51t");
    let start = bench.switch.due().expect("they start");
    assert_eq!(start.nanos(), 300 * MS);
    bench.switch.advance(Timestamp::from_nanos(299 * MS));
    assert_eq!(bench.bytes(0, Address::lower(0), 1), Err(Nack));
    bench.switch.advance(Timestamp::from_nanos(300 * MS));
    assert_eq!(bench.bytes(0, Address::lower(0), 1), Ok(vec![0x19]));
}

#[test]
fn strangers_are_refused() {
    let mut bench = Bench::new("dsp-51t");
    let other = Bench::new("cpo-51t");
    let now = Timestamp::from_nanos(MS);
    let found = bench.switch.tick(&other.plant.observation, now);
    assert!(found.is_err());
    let foreign = ManagedSwitch::new(&bench.system, other.plant.capabilities(), &[], now);
    assert!(foreign.is_err());
    let mut owner = bench.plant.capabilities().clone();
    owner.owns = plant::Ownership::Modules;
    assert!(ManagedSwitch::new(&bench.system, &owner, &[], now).is_err());
}
