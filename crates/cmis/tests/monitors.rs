//! Versatile diagnostics, self tests, lasers and pages of co-packaged optics.

mod host;

use cmis::map::extension::{flags, header, laser_feeds, light_taps, relocate, tx_locks};
use cmis::map::observable::observable;
use cmis::map::vdm::{control, samples};
use cmis::map::{lower, p01, p1a, p1b, p02, p10, p11, p13, p14};
use cmis::module::{
    Diagnostics, FoundPattern, LaserControl, LaserProfile, LaserReadings, LaserSetpoint,
    LockReadings, Loopback, Patterns, Profile, Quirks, Readings, TestPattern, VdmItem,
    ZoneReadings,
};
use cmis::{Address, Feature, Features, Register};
use host::{Bench, engine, limits};

/// Which diagnostics: one of each lane's error ratio now, its greatest one, and its laser's input.
fn measured() -> Profile {
    let mut profile = engine();
    profile.features = profile.features.with(Feature::Vdm);
    let input = limits(10.0, 0.0, 9.0, 2.0);
    for lane in 0..32 {
        for (observable, limits) in [(15, None), (11, None), (84, Some(input))] {
            profile.vdm.push(VdmItem {
                observable,
                lane: Some(lane),
                limits,
            });
        }
    }
    profile
}

impl Bench {
    fn sample(&mut self, bank: u8, at: usize, code: u8) -> f64 {
        let half = self.page(bank, 0x24);
        let raw = samples::SAMPLE.raw_of(at, &half);
        let of = observable(code).expect("known");
        of.quantity(u16::try_from(raw).expect("two bytes"))
    }

    fn set_all(&mut self, set: impl Fn(&mut cmis::module::LaneReadings)) {
        self.readings.lanes.iter_mut().for_each(set);
        self.observe();
    }
}

#[test]
fn instances_say_what_they_are_and_read_as_their_type() {
    let mut bench = Bench::activated(measured());
    bench.set_all(|lane| {
        lane.media_ber = Some(2.4e-6);
        lane.laser_input_dbm = Some(7.25);
    });
    let descriptors = bench.page(3, 0x20);
    // Lane 30 is the seventh of its bank; both error ratios share the set without limits.
    assert_eq!(descriptors[2 * 18..2 * 18 + 2], [0x06, 15]);
    assert_eq!(descriptors[2 * 19..2 * 19 + 2], [0x06, 11]);
    assert_eq!(descriptors[2 * 20..2 * 20 + 2], [0x16, 84]);
    assert_eq!(bench.byte(0, &control::VDM_SUPPORT) & 3, 0, "one group");
    assert!((bench.sample(3, 18, 15) / 2.4e-6 - 1.0).abs() < 0.01);
    assert!((bench.sample(3, 20, 84) - 7.25).abs() < 0.005);
}

#[test]
fn a_freeze_shows_one_interval_and_the_next_begins_with_it() {
    let mut bench = Bench::activated(measured());
    for ratio in [1e-6, 5e-6, 2e-6] {
        bench.set_all(|lane| lane.media_ber = Some(ratio));
    }
    bench.put(2, &control::FREEZE_REQUEST, &[0x80]);
    assert_eq!(
        bench.byte(2, &control::FREEZE_DONE) & 0xC0,
        0,
        "neither yet"
    );
    bench.wait_ms(6);
    assert_eq!(bench.byte(2, &control::FREEZE_DONE) & 0xC0, 0x80);
    assert_eq!(
        bench.byte(0, &control::FREEZE_DONE) & 0x80,
        0,
        "other ports are not"
    );
    bench.set_all(|lane| lane.media_ber = Some(3e-6));
    assert!(
        (bench.sample(2, 1, 11) / 5e-6 - 1.0).abs() < 0.01,
        "it stands still"
    );
    assert!(
        (bench.sample(2, 0, 15) / 3e-6 - 1.0).abs() < 0.01,
        "what is no statistic does not"
    );
    bench.put(2, &control::FREEZE_REQUEST, &[0]);
    bench.wait_ms(6);
    assert_eq!(bench.byte(2, &control::FREEZE_DONE) & 0xC0, 0x40);
    assert!(
        (bench.sample(2, 1, 11) / 3e-6 - 1.0).abs() < 0.01,
        "of the new interval"
    );
}

#[test]
fn a_freeze_of_an_odd_module_never_ends() {
    let mut bench = Bench::activated(measured());
    bench.module.set_quirks(Quirks {
        freezes_forever: true,
        ..Quirks::default()
    });
    bench.put(0, &control::FREEZE_REQUEST, &[0x80]);
    bench.wait_ms(1000);
    assert_eq!(bench.byte(0, &control::FREEZE_DONE) & 0xC0, 0);
}

#[test]
fn a_crossed_threshold_latches_its_nibble_and_nothing_else() {
    let mut bench = Bench::activated(measured());
    bench.set_all(|lane| lane.laser_input_dbm = Some(7.0));
    for bank in 0..4 {
        bench.page(bank, 0x2C);
    }
    bench.readings.lanes[17].laser_input_dbm = Some(1.0);
    bench.observe();
    assert_eq!(bench.get(0, &lower::FLAG_SUMMARY_11)[2] & 0b1000, 0b1000);
    let flags = bench.page(2, 0x2C);
    // Instance 5 of its bank: a low warning.
    let set: Vec<(usize, u8)> = (0..128)
        .filter(|at| flags[*at] != 0)
        .map(|at| (at, flags[at]))
        .collect();
    assert_eq!(set, [(2, 0x80)]);
    assert_eq!(bench.page(1, 0x2C), [0; 128]);
}

#[test]
fn limits_of_a_lane_count_while_its_data_path_is_activated() {
    let mut profile = measured();
    profile.features = profile.features.with(Feature::Extension);
    let errors = limits(1e-4, f64::NEG_INFINITY, 1e-5, f64::NEG_INFINITY);
    for (observable, lane) in [(11, Some(0)), (112, Some(0))] {
        profile.vdm.insert(
            0,
            VdmItem {
                observable,
                lane,
                limits: Some(if observable == 11 {
                    errors
                } else {
                    limits(90.0, 0.0, 80.0, 10.0)
                }),
            },
        );
    }
    let mut bench = Bench::new(profile);
    // Dark, with errors, and a zone that is hot: of these only the zone is no lane's.
    let dark = |lane: &mut cmis::module::LaneReadings| {
        lane.media_ber = Some(1e-3);
        lane.laser_input_dbm = Some(-40.0);
    };
    bench.readings.zones = vec![ZoneReadings {
        temperature_c: Some(85.0),
        state: 0,
    }];
    bench.set_all(dark);
    bench.wait_ms(400);
    assert_eq!(bench.path_states(0), vec![2; 8], "Init");
    let flags = bench.page(0, 0x2C);
    assert_eq!(flags[0], 0b0100, "the zone's warning");
    assert_eq!(flags[1..], [0; 127]);
    for bank in 1..4 {
        assert_eq!(bench.page(bank, 0x2C), [0; 128]);
    }
    bench.set_all(|lane| {
        lane.media_ber = Some(1e-6);
        lane.laser_input_dbm = Some(5.0);
    });
    bench.wait_ms(1000);
    bench.put(0, &control::FREEZE_REQUEST, &[0x80]);
    bench.wait_ms(6);
    let statistic = bench.sample(0, 1, 11);
    assert!((statistic / 1e-6 - 1.0).abs() < 0.01, "of the lane at work");
    assert_eq!(bench.page(0, 0x2C)[1..], [0; 127]);
    bench.put(0, &control::FREEZE_REQUEST, &[0]);
    bench.set_all(dark);
    assert_ne!(bench.page(0, 0x2C)[1..], [0; 127], "it is activated now");
    bench.put(0, &lower::LOW_PWR_REQUEST_SW, &[0x50]);
    bench.wait_ms(100);
    bench.page(0, 0x2C);
    bench.observe();
    assert_eq!(bench.page(0, 0x2C)[1..], [0; 127]);
}

#[test]
fn every_type_without_limits_reads_limits_at_the_ends_of_its_range() {
    // More types than a group has sets of thresholds.
    let mut profile = engine();
    profile.features = profile.features.with(Feature::Vdm);
    let codes = [
        1, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15, 16, 84, 100, 101, 102, 103, 104, 105, 106, 107,
    ];
    profile.vdm = codes
        .map(|observable| VdmItem {
            observable,
            lane: Some(0),
            limits: (observable == 1).then(|| limits(100.0, 0.0, 80.0, 0.0)),
        })
        .to_vec();
    let mut bench = Bench::activated(profile);
    let (descriptors, sets) = (bench.page(0, 0x20), bench.page(0, 0x28));
    for (at, code) in codes.iter().enumerate() {
        let set = usize::from(descriptors[2 * at] >> 4);
        let high = u16::from_be_bytes([sets[8 * set], sets[8 * set + 1]]);
        let of = observable(*code).expect("known");
        let expected = if *code == 1 {
            100
        } else {
            of.sample_of(f64::INFINITY)
        };
        assert_eq!(high, expected, "type {code}");
    }
}

#[test]
fn a_module_without_a_monitor_of_its_supply_says_so() {
    let vcc = |profile: Profile| {
        let mut bench = Bench::new(profile);
        bench.wait_ms(400);
        let advertised = bench.byte(0, &p01::VCC_MON_SUPPORTED) & 0b10;
        (advertised, bench.get(0, &p02::VCC_MON_HIGH_ALARM_THRESHOLD))
    };
    assert_eq!(vcc(engine()), (0b10, 36300_u16.to_be_bytes().to_vec()));
    let mut without = engine();
    without.thresholds.supply_v = None;
    assert_eq!(vcc(without), (0, vec![0, 0]));
}

#[test]
fn reaches_are_stated_in_the_least_unit_that_holds_them() {
    for (metres, byte) in [
        (Some(500.0), 5),
        (Some(2_000.0), 20),
        (Some(10_000.0), 0x4A),
        (Some(40.0), 0),
        (None, 0),
    ] {
        let mut profile = engine();
        profile.reach_m = metres;
        let mut bench = Bench::new(profile);
        bench.wait_ms(400);
        assert_eq!(bench.byte(0, &p01::BASE_LENGTH_SMF), byte, "{metres:?}");
        let half = bench.page(0, 0x01);
        let sum = half[2..127]
            .iter()
            .fold(0_u8, |sum, of| sum.wrapping_add(*of));
        assert_eq!(half[127], sum, "its checksum");
    }
}

/// An engine with retimers on both sides, which tests itself.
fn testing() -> Profile {
    let mut profile = engine();
    profile.features = profile
        .features
        .with(Feature::HostRetimer)
        .with(Feature::Diagnostics);
    profile.flips_polarity = true;
    profile.diagnostics = Some(Diagnostics {
        loopbacks: 0b0011_0011,
        patterns: Patterns {
            host_generator: 0b101,
            media_generator: 0b101,
            host_checker: 0,
            media_checker: 0b101,
        },
        bit_rate_hz: 1e11,
        has_host_snr: true,
    });
    profile
}

/// Pattern 2, which is PRBS23Q.
const PRBS23Q: TestPattern = TestPattern {
    code: 2,
    is_inverted: false,
};

impl Bench {
    /// What a selector shows of bank 1, without its flags.
    fn shown(&mut self, selector: u8) -> [u8; 128] {
        self.put(1, &p14::DIAGNOSTICS_SELECTOR, &[selector]);
        let data = self.get(1, &p14::DIAGNOSTICS_DATA);
        let mut half = [0; 128];
        half[64..].copy_from_slice(&data);
        half
    }

    /// Errors and bits of lane 1 of bank 1, at the optical input.
    fn counted(&mut self) -> (f64, f64) {
        let half = self.shown(4);
        (
            p14::ERROR_COUNT.number(1, &half),
            p14::TOTAL_BITS_COUNT.number(1, &half),
        )
    }

    fn find(&mut self, found: FoundPattern) {
        self.set_all(|lane| {
            lane.media_ber = Some(1e-6);
            lane.media_pattern = found;
        });
    }

    /// Lanes of bank 1 whose checkers have lost lock since it was read last.
    fn lost(&mut self) -> u8 {
        self.get(1, &p14::PATTERN_CHECKER_LOL_FLAG_MEDIA)[0]
    }
}

#[test]
fn checkers_count_while_they_find_what_is_selected() {
    let mut bench = Bench::activated(testing());
    bench.find(FoundPattern::Pattern(PRBS23Q));
    bench.put(1, &p13::MEDIA_SIDE_CHECKER_PATTERN_SELECT, &[0x20]);
    bench.put(1, &p13::MEDIA_SIDE_CHECKER_ENABLE, &[0b10]);
    bench.wait_ms(1000);
    let (errors, bits) = bench.counted();
    assert!(
        (bits - 1e11).abs() < 1.0 && (errors - 1e5).abs() < 1.0,
        "{bits} {errors}"
    );
    let half = bench.shown(4);
    assert!(
        p14::TOTAL_BITS_COUNT.number(0, &half) < 1.0,
        "its checker is off"
    );
    assert_eq!(bench.lost(), 0);
    let half = bench.shown(1);
    assert!((p14::BIT_ERROR_RATIO_MEDIA.number(1, &half) / 1e-6 - 1.0).abs() < 0.01);
    // Whatever else its input finds, it does not count, and says so until it finds it again.
    for found in [
        FoundPattern::Nothing,
        FoundPattern::Unknown,
        FoundPattern::Pattern(TestPattern {
            code: 0,
            is_inverted: false,
        }),
        FoundPattern::Pattern(TestPattern {
            code: 2,
            is_inverted: true,
        }),
    ] {
        bench.find(found);
        let before = bench.counted();
        assert_eq!(bench.get(0, &lower::FLAG_SUMMARY_14)[1] & 0b100, 0b100);
        bench.wait_ms(100);
        assert_eq!(bench.counted(), before, "{found:?}");
        let half = bench.shown(1);
        assert!(p14::BIT_ERROR_RATIO_MEDIA.number(1, &half) < 1e-9);
        bench.find(FoundPattern::Pattern(PRBS23Q));
        assert_eq!(bench.lost(), 0b10, "{found:?}");
        assert_eq!(bench.lost(), 0, "and it is over");
    }
    bench.readings.lanes[9].has_media_signal = false;
    bench.observe();
    assert_eq!(bench.lost(), 0b10, "without light");
    bench.readings.lanes[9].has_media_signal = true;
    bench.observe();
    bench.lost();
    // One that is inverted has to be looked for so.
    bench.put(1, &p13::MEDIA_SIDE_CHECKER_DATA_INVERT, &[0b10]);
    bench.observe();
    assert_eq!(bench.lost(), 0b10);
    bench.find(FoundPattern::Pattern(TestPattern {
        is_inverted: true,
        ..PRBS23Q
    }));
    bench.lost();
    assert_eq!(bench.lost(), 0);
}

#[test]
fn counts_begin_anew_with_a_checker_and_when_they_are_reset() {
    let mut bench = Bench::activated(testing());
    bench.find(FoundPattern::Pattern(PRBS23Q));
    bench.put(1, &p13::MEDIA_SIDE_CHECKER_PATTERN_SELECT, &[0x22]);
    // The time before it starts is none of its own.
    bench.wait_ms(300);
    bench.put(1, &p13::MEDIA_SIDE_CHECKER_ENABLE, &[0b10]);
    bench.wait_ms(200);
    assert!((bench.counted().1 - 2e10).abs() < 1.0);
    // Another lane's checker leaves it alone; off it keeps what it has, and on again has nothing.
    bench.put(1, &p13::MEDIA_SIDE_CHECKER_ENABLE, &[0b11]);
    bench.wait_ms(100);
    bench.put(1, &p13::MEDIA_SIDE_CHECKER_ENABLE, &[0b01]);
    bench.wait_ms(100);
    assert!((bench.counted().1 - 3e10).abs() < 1.0);
    bench.put(1, &p13::MEDIA_SIDE_CHECKER_ENABLE, &[0b11]);
    assert!(bench.counted().1 < 1.0);
    bench.wait_ms(100);
    bench.put(1, &p13::RESET_ERROR_INFORMATION, &[0x20]);
    assert!(bench.counted().1 < 1.0);
    bench.wait_ms(100);
    assert!(bench.counted().1 < 1.0, "as long as it is asked");
    bench.put(1, &p13::RESET_ERROR_INFORMATION, &[0]);
    bench.wait_ms(100);
    assert!((bench.counted().1 - 1e10).abs() < 1.0);
}

#[test]
fn patterns_polarity_and_loopbacks_are_wanted_as_they_can_be() {
    let mut bench = Bench::activated(testing());
    let wanted = |bench: &Bench, lane: usize| bench.module.wanted().lanes[lane];
    assert_eq!(bench.byte(1, &p13::HOST_SIDE_CHECKER_PATTERNS), 0);
    assert_eq!(bench.byte(1, &p13::MEDIA_SIDE_CHECKER_PATTERNS), 0b101);
    bench.put(1, &p13::MEDIA_SIDE_GENERATOR_PATTERN_SELECT, &[0, 0x02]);
    bench.put(1, &p13::MEDIA_SIDE_GENERATOR_DATA_INVERT, &[0b1100]);
    bench.put(1, &p13::MEDIA_SIDE_GENERATOR_ENABLE, &[0b100]);
    bench.put(1, &p13::HOST_SIDE_GENERATOR_ENABLE, &[0b1000]);
    let inverted = TestPattern {
        is_inverted: true,
        ..PRBS23Q
    };
    assert_eq!(wanted(&bench, 10).media_pattern, Some(inverted));
    assert_eq!(wanted(&bench, 11).media_pattern, None);
    let plain = TestPattern {
        code: 0,
        is_inverted: false,
    };
    assert_eq!(wanted(&bench, 11).host_pattern, Some(plain));
    assert_eq!(wanted(&bench, 3).host_pattern, None, "another bank");
    // What it does not know it does not take: a pattern, a checker, bits that are swapped.
    bench.put(1, &p13::MEDIA_SIDE_GENERATOR_PATTERN_SELECT, &[0x31]);
    assert_eq!(bench.byte(1, &p13::MEDIA_SIDE_GENERATOR_PATTERN_SELECT), 0);
    bench.put(1, &p13::HOST_SIDE_CHECKER_ENABLE, &[0xFF]);
    assert_eq!(bench.byte(1, &p13::HOST_SIDE_CHECKER_ENABLE), 0);
    bench.put(1, &p13::MEDIA_SIDE_CHECKER_SWAP_SYMBOL_BITS, &[0xFF]);
    assert_eq!(bench.byte(1, &p13::MEDIA_SIDE_CHECKER_SWAP_SYMBOL_BITS), 0);
    // Without power a generator has no lock.
    bench.get(1, &p14::PATTERN_GENERATOR_LOL_FLAG_MEDIA);
    bench.readings.is_powered = false;
    bench.observe();
    let lost = bench.get(1, &p14::PATTERN_GENERATOR_LOL_FLAG_MEDIA);
    assert_eq!(lost, [0b100]);
    bench.readings.is_powered = true;
    bench.observe();
    // A lane that makes its own bits does not go dark with its input.
    bench.readings.lanes[9].has_host_signal = false;
    bench.readings.lanes[10].has_host_signal = false;
    bench.observe();
    assert!(!wanted(&bench, 9).is_tx_on && wanted(&bench, 10).is_tx_on);
    bench.put(1, &p10::INPUT_POLARITY_FLIP_TX, &[0b1]);
    bench.put(1, &p10::OUTPUT_POLARITY_FLIP_RX, &[0b10]);
    assert!(wanted(&bench, 8).is_input_flipped && !wanted(&bench, 8).is_output_flipped);
    assert!(!wanted(&bench, 9).is_input_flipped && wanted(&bench, 9).is_output_flipped);
    // Loopbacks: those that there are, and no others.
    bench.put(1, &p13::MEDIA_SIDE_INPUT_LOOPBACK_ENABLE, &[0b100]);
    bench.put(1, &p13::HOST_SIDE_INPUT_LOOPBACK_ENABLE, &[0b100]);
    assert_eq!(bench.byte(1, &p13::HOST_SIDE_INPUT_LOOPBACK_ENABLE), 0);
    assert_eq!(wanted(&bench, 10).loopback, Loopback::MediaInput);
    assert_eq!(wanted(&bench, 9).loopback, Loopback::None);
}

#[test]
fn a_muted_output_is_told_and_shown_and_straight_wires_stay_so() {
    let mut bench = Bench::activated(engine());
    bench.get(1, &p11::OUTPUT_STATUS_CHANGED_FLAG_RX);
    bench.put(1, &p10::OUTPUT_DISABLE_RX, &[0b100]);
    assert_eq!(bench.get(1, &p11::OUTPUT_STATUS_RX), [0b1111_1011]);
    let changed = bench.get(1, &p11::OUTPUT_STATUS_CHANGED_FLAG_RX);
    assert_eq!(changed, [0b100]);
    let lanes = bench.module.wanted().lanes;
    assert!(!lanes[10].is_rx_on && lanes[9].is_rx_on && lanes[2].is_rx_on);
    // Without light the output is squelched, unless the host wants noise.
    bench.readings.lanes[9].has_media_signal = false;
    bench.observe();
    assert_eq!(bench.get(1, &p11::OUTPUT_STATUS_RX), [0b1111_1001]);
    bench.put(1, &p10::AUTO_SQUELCH_DISABLE_RX, &[0b10]);
    assert_eq!(bench.get(1, &p11::OUTPUT_STATUS_RX), [0b1111_1011]);
    // This engine recovers no bits that it could turn.
    assert_eq!(bench.byte(0, &p01::INPUT_POLARITY_FLIP_TX_SUPPORTED) & 1, 0);
    bench.put(1, &p10::INPUT_POLARITY_FLIP_TX, &[0b1]);
    assert_eq!(bench.byte(1, &p10::INPUT_POLARITY_FLIP_TX), 0);
    assert!(!bench.module.wanted().lanes[8].is_input_flipped);
}

/// A module of eight lasers under power control.
fn laser_module() -> Profile {
    Profile {
        features: Features::NONE.with(Feature::LaserModule),
        banks: 1,
        lanes: 8,
        applications: Vec::new(),
        cdb: None,
        laser: Some(LaserProfile {
            control: LaserControl::Power,
            power_range_mw: (10.0, 125.0),
            bias_range_ma: (0.0, 480.0),
            power_mw: 100.0,
            bias_ma: 300.0,
            power_limits_mw: limits(130.0, 60.0, 120.0, 80.0),
            bias_limits_ma: limits(470.0, 20.0, 440.0, 40.0),
            frequency_ghz: vec![228_850.0; 8],
            fibre: (1..=8).collect(),
            check_power_mw: 12.0,
            ramp_ns: 50 * host::MS,
            needs_fibre_check: false,
            is_used: Vec::new(),
        }),
        ..engine()
    }
}

fn lit() -> Readings {
    let laser = LaserReadings {
        power_mw: Some(100.0),
        bias_ma: Some(310.0),
        voltage_v: Some(1.8),
        is_on: true,
        has_lost_control: false,
        temperature_c: Some(61.5),
        age: Some(0.37),
        frequency_error_mhz: Some(-1230.0),
    };
    Readings {
        is_powered: true,
        temperature_c: Some(45.0),
        supply_v: Some(3.3),
        lasers: vec![laser; 8],
        ..Readings::default()
    }
}

fn lasers(profile: Profile) -> Bench {
    let mut bench = Bench::new(profile);
    bench.readings = lit();
    bench.wait_ms(1000);
    bench
}

#[test]
fn lasers_ramp_when_the_module_is_ready_and_are_off_at_once() {
    let mut bench = Bench::new(laser_module());
    bench.readings = lit();
    bench.wait_ms(385);
    assert_eq!(bench.module_state(), 3);
    assert_eq!(bench.get(0, &p1a::LANE_STATE), [0x55, 0x55], "ramping");
    bench.wait_ms(50);
    assert_eq!(bench.get(0, &p1a::LANE_STATE), [0xAA, 0xAA]);
    bench.put(0, &p1a::LANE_ENABLE, &[0b1111_1011]);
    assert_eq!(bench.get(0, &p1a::LANE_STATE), [0x8A, 0xAA]);
    let on: Vec<bool> = bench
        .module
        .wanted()
        .lasers
        .iter()
        .map(|of| of.is_on)
        .collect();
    assert_eq!(on, [true, true, false, true, true, true, true, true]);
    bench.put(0, &lower::LOW_PWR_REQUEST_SW, &[0x50]);
    assert_eq!(bench.get(0, &p1a::LANE_STATE), [0, 0]);
}

#[test]
fn setpoints_stay_within_what_the_module_states() {
    let mut bench = lasers(laser_module());
    let set = |bench: &mut Bench, mw: f64| {
        let mut half = [0; 128];
        p1b::OPT_POWER_SETPOINT.put_number(0, &mut half, mw);
        bench.put(0, &p1b::OPT_POWER_SETPOINT, &half[16..18]);
        bench.module.wanted().lasers[0].setpoint
    };
    assert_eq!(set(&mut bench, 63.0), LaserSetpoint::PowerMw(63.0));
    assert_eq!(set(&mut bench, 300.0), LaserSetpoint::PowerMw(125.0));
    assert_eq!(set(&mut bench, 0.0), LaserSetpoint::PowerMw(10.0));
}

#[test]
fn an_unchecked_fibre_gets_the_power_to_check_it_with() {
    let mut profile = laser_module();
    profile.laser.as_mut().expect("lasers").needs_fibre_check = true;
    let mut bench = lasers(profile);
    assert_eq!(
        bench.module.wanted().lasers[3].setpoint,
        LaserSetpoint::PowerMw(12.0)
    );
    bench.put(0, &p1a::OUTPUT_FIBER_CHECKED_FLAG, &[0b1000]);
    assert_eq!(
        bench.module.wanted().lasers[3].setpoint,
        LaserSetpoint::PowerMw(100.0)
    );
    assert_eq!(
        bench.module.wanted().lasers[2].setpoint,
        LaserSetpoint::PowerMw(12.0)
    );
    bench.put(0, &p1a::LANE_ENABLE, &[0]);
    bench.put(0, &p1a::LANE_ENABLE, &[0xFF]);
    assert_eq!(
        bench.module.wanted().lasers[3].setpoint,
        LaserSetpoint::PowerMw(12.0)
    );
}

#[test]
fn a_dying_laser_shows_on_its_lane_and_nowhere_else() {
    let mut bench = lasers(laser_module());
    bench.page(0, 0x1A);
    bench.read_lower();
    bench.readings.lasers[5].bias_ma = Some(475.0);
    bench.readings.lasers[5].power_mw = Some(70.0);
    bench.readings.lasers[5].has_lost_control = true;
    bench.observe();
    assert!(bench.module.is_interrupting());
    assert_eq!(bench.byte(0, &p1a::LANE_SUMMARY_FAULT), 0b1100);
    assert_eq!(bench.get(0, &p1a::FAULT_FLAG), [0b10_0000, 0, 0, 0]);
    let summary = bench.byte(0, &p1a::LANE_SUMMARY_FAULT);
    assert_eq!(summary, 0b1000, "a read has cleared the faults");
    bench.get(0, &p1a::WARNING_FLAG);
    assert_eq!(bench.byte(0, &p1a::LANE_SUMMARY_FAULT), 0);
    bench.observe();
    assert_eq!(bench.byte(0, &p1a::LANE_SUMMARY_FAULT), 0b1100, "it lasts");
    let flags: Vec<u8> = (186..=193)
        .map(|byte| {
            bench
                .bytes(Address::page(0x1A, byte), 1)
                .expect("it answers")[0]
        })
        .collect();
    // Bias above alarm and warning, power below the warning.
    assert_eq!(flags, [0x20, 0, 0x20, 0, 0, 0, 0, 0x20]);
    assert_eq!(bench.get(0, &p1a::FAULT_CODE)[5], 1, "the power loop");
    let monitors = bench.page(0, 0x1B);
    assert!((p1b::BIAS_CURRENT_MONITOR.number(5, &monitors) - 475.0).abs() < 0.06);
}

#[test]
fn lasers_of_a_laser_module_are_instances_of_diagnostics() {
    let mut profile = laser_module();
    profile.features = profile.features.with(Feature::Vdm);
    for lane in 0..8 {
        for (observable, limits) in [
            (1, Some(limits(100.0, 0.0, 80.0, 0.0))),
            (3, None),
            (4, None),
        ] {
            profile.vdm.push(VdmItem {
                observable,
                lane: Some(lane),
                limits,
            });
        }
    }
    let mut bench = lasers(profile);
    assert_eq!(bench.byte(0, &p01::VDM_PAGES_SUPPORTED) & 0x40, 0x40);
    let descriptors = bench.page(0, 0x20);
    assert_eq!(descriptors[2 * 15..2 * 15 + 2], [0x05, 1], "laser 6");
    assert!((bench.sample(0, 15, 1) - 37.0).abs() < 0.6);
    assert!((bench.sample(0, 16, 3) + 1230.0).abs() < 5.1);
    assert!((bench.sample(0, 17, 4) - 61.5).abs() < 0.01);
    bench.page(0, 0x2C);
    bench.readings.lasers[5].age = Some(0.9);
    bench.observe();
    let flags = bench.page(0, 0x2C);
    // Instance 15: a high warning, in the upper nibble of the eighth byte.
    let set: Vec<(usize, u8)> = (0..128)
        .filter(|at| flags[*at] != 0)
        .map(|at| (at, flags[at]))
        .collect();
    assert_eq!(set, [(7, 0x40)]);
}

#[test]
fn global_masks_keep_a_lane_quiet() {
    let mut bench = lasers(laser_module());
    bench.page(0, 0x1A);
    bench.read_lower();
    bench.readings.lasers[1].power_mw = Some(70.0);
    bench.put(0, &p1a::GLOBAL_WARNING_MASK, &[0b10]);
    bench.observe();
    assert!(!bench.module.is_interrupting());
    bench.put(0, &p1a::GLOBAL_WARNING_MASK, &[0]);
    assert!(bench.module.is_interrupting());
}

#[test]
fn controls_are_saved_and_restored() {
    let mut bench = lasers(laser_module());
    let confirmed = |bench: &mut Bench, command: u8| {
        bench.put(0, &p1a::SAVE_RESTORE_COMMAND, &[command]);
        bench.byte(0, &p1a::SAVE_RESTORE_CONFIRM)
    };
    assert_eq!(confirmed(&mut bench, 0x12), 4, "nothing saved");
    assert_eq!(confirmed(&mut bench, 0x77), 3, "invalid");
    bench.put(0, &p1a::LANE_ENABLE, &[0x0F]);
    assert_eq!(confirmed(&mut bench, 0x18), 1);
    bench.put(0, &p1a::LANE_ENABLE, &[0xF0]);
    assert_eq!(confirmed(&mut bench, 0x11), 1);
    assert_eq!(bench.byte(0, &p1a::LANE_ENABLE), 0x0F);
    assert_eq!(confirmed(&mut bench, 0x10), 1, "the factory's");
    assert_eq!(bench.byte(0, &p1a::LANE_ENABLE), 0xFF);
    bench.put(0, &p1a::GLOBAL_ALARM_MASK, &[0x3]);
    assert_eq!(confirmed(&mut bench, 0x29), 1);
    bench.put(0, &p1a::GLOBAL_ALARM_MASK, &[0]);
    assert_eq!(confirmed(&mut bench, 0x22), 1);
    assert_eq!(bench.byte(0, &p1a::GLOBAL_ALARM_MASK), 0x3);
    assert!(bench.module.nonvolatile().saved[3].is_some());
}

#[test]
fn pages_of_co_packaged_optics_lie_where_the_module_says() {
    for first in [0xC0, 0xE0] {
        let mut profile = engine();
        profile.features = profile.features.with(Feature::Extension);
        profile.extension = relocate(first).expect("free");
        let placement = profile.extension;
        profile.input_low_dbm = Some(0.0);
        profile.extension_counts = [1, 2, 3];
        profile.ring_abilities = 0b0101;
        let mut bench = Bench::activated(profile);
        let moved = |register: Register| placement.register(register);
        assert_eq!(bench.get(0, &moved(header::SIGNATURE)), *b"SLCP");
        bench.set_all(|lane| {
            lane.tx_lock = LockReadings {
                heater_mw: Some(12.5),
                state: 2,
                detuning_mhz: Some(-250.0),
                headroom_percent: Some(40.0),
            };
            lane.laser_input_dbm = Some(6.0);
            lane.laser_age = Some(0.125);
        });
        for bank in 0..4 {
            bench.get(bank, &moved(flags::TX_LOCK_LOST_FLAG));
        }
        let page = |register: &Register| u8::try_from(register.page).expect("a page");
        let half = bench.page(1, page(&moved(tx_locks::TX_HEATER_POWER)));
        assert!((tx_locks::TX_HEATER_POWER.number(2, &half) - 12.5).abs() < 0.006);
        assert!((tx_locks::TX_DETUNING.number(2, &half) + 250.0).abs() < 6.0);
        let half = bench.page(0, first);
        assert_eq!(half[9..13], [1, 2, 3, 0b0101], "counts, and what is found");
        let half = bench.page(3, page(&moved(laser_feeds::LANE_LASER_AGE)));
        assert!((laser_feeds::LANE_LASER_AGE.number(0, &half) - 12.5).abs() < 0.006);
        let half = bench.page(3, page(&moved(light_taps::INPUT_POWER)));
        assert!((light_taps::INPUT_POWER.number(0, &half) - 6.0).abs() < 0.006);
        // A heater at its rail is one whose lock has let go.
        bench.readings.lanes[19].tx_lock.headroom_percent = Some(0.5);
        bench.readings.lanes[20].tx_lock.state = 0;
        bench.readings.lanes[20].tx_lock.headroom_percent = Some(0.5);
        bench.readings.lanes[21].laser_input_dbm = Some(-1.0);
        bench.observe();
        assert!(!bench.module.is_interrupting(), "masked until a host asks");
        for bank in 0..4 {
            bench.put(bank, &moved(flags::TX_LOCK_LOST_MASK), &[0]);
        }
        assert!(bench.module.is_interrupting());
        assert_eq!(bench.get(2, &moved(flags::TX_LOCK_LOST_FLAG)), [0b1_0000]);
        assert!(!bench.module.is_interrupting());
        assert_eq!(bench.get(2, &moved(flags::TX_HEATER_RAIL_FLAG)), [0b1_0000]);
        assert_eq!(bench.get(2, &moved(flags::INPUT_LOW_FLAG)), [0b10_0000]);
        assert_eq!(bench.get(1, &moved(flags::INPUT_LOW_FLAG)), [0]);
    }
}
