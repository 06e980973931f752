//! A module behaves as hosts expect of one.

mod host;

use cmis::map::extension::relocate;
use cmis::map::{lower, p00, p01, p02, p10, p11};
use cmis::module::{Limits, MediaLane, Quirks};
use cmis::{Address, Feature, Features, HALF, Nack, Register};
use host::{Bench, MS, engine};

const ALL: u8 = 0xFF;

#[test]
fn it_comes_up_by_itself_through_every_transient() {
    let mut bench = Bench::new(engine());
    assert_eq!(bench.bytes(Address::lower(0), 1), Err(Nack), "it starts");
    // Start 300 ms, power up 80 ms, init 60 ms, turn on 20 ms.
    let course = [
        (301, 2, 1),
        (78, 2, 1),
        (2, 3, 2),
        (58, 3, 2),
        (2, 3, 5),
        (17, 3, 5),
        (2, 3, 4),
    ];
    for (ms, module, path) in course {
        bench.wait_ms(ms);
        let found = (bench.module_state(), bench.path_states(2));
        assert_eq!(found, (module, vec![path; 8]), "{} ms", bench.now_ns / MS);
    }
}

#[test]
fn ready_waits_for_the_power_behind_it() {
    let mut bench = Bench::new(engine());
    bench.readings.is_powered = false;
    bench.observe();
    bench.wait_ms(2000);
    assert_eq!(bench.module_state(), 2);
    bench.readings.is_powered = true;
    bench.observe();
    assert_eq!(bench.module_state(), 3);
}

#[test]
fn changes_of_state_are_latched_where_a_transient_ends() {
    let mut bench = Bench::new(engine());
    bench.wait_ms(1000);
    assert_eq!(bench.byte(0, &lower::MODULE_STATE_CHANGED_FLAG) & 1, 1);
    assert_eq!(bench.byte(0, &lower::MODULE_STATE_CHANGED_FLAG) & 1, 0);
    for bank in 0..4 {
        assert_eq!(bench.byte(bank, &p11::DP_STATE_CHANGED_FLAG), ALL);
        assert_eq!(bench.byte(bank, &p11::DP_STATE_CHANGED_FLAG), 0);
    }
}

#[test]
fn low_power_takes_the_data_paths_down_first() {
    let mut bench = Bench::activated(engine());
    let control = lower::LOW_PWR_REQUEST_SW;
    bench.put(0, &control, &[0x50]);
    assert_eq!(bench.module_state(), 3);
    assert_eq!(bench.path_states(0), vec![6; 8], "TxTurnOff");
    bench.wait_ms(5);
    assert_eq!(bench.path_states(0), vec![3; 8], "Deinit");
    bench.wait_ms(8);
    assert_eq!(
        (bench.module_state(), bench.path_states(0)),
        (4, vec![1; 8])
    );
    assert!(!bench.module.wanted().is_full_power);
    bench.wait_ms(40);
    assert_eq!(bench.module_state(), 1);
    bench.put(0, &control, &[0x40]);
    assert_eq!(bench.module_state(), 2);
    bench.wait_ms(200);
    assert_eq!(
        (bench.module_state(), bench.path_states(0)),
        (3, vec![4; 8])
    );
}

#[test]
fn the_pin_asks_for_low_power_where_the_host_lets_it() {
    let mut bench = Bench::activated(engine());
    bench.put(0, &lower::LOW_PWR_REQUEST_SW, &[0x00]);
    bench.module.set_low_power_pin(true);
    bench.wait_ms(200);
    assert_eq!(bench.module_state(), 3, "not allowed");
    bench.put(0, &lower::LOW_PWR_REQUEST_SW, &[0x40]);
    bench.wait_ms(200);
    assert_eq!(bench.module_state(), 1);
}

#[test]
fn a_reset_begins_anew_and_reads_as_zero() {
    let mut bench = Bench::activated(engine());
    bench.put(1, &p10::OUTPUT_DISABLE_TX, &[0x0F]);
    bench.put(0, &lower::SOFTWARE_RESET, &[0x48]);
    assert_eq!(bench.bytes(Address::lower(3), 1), Err(Nack));
    bench.wait_ms(500);
    assert_eq!(bench.byte(0, &lower::SOFTWARE_RESET), 0x40);
    assert_eq!(bench.byte(1, &p10::OUTPUT_DISABLE_TX), 0);
}

#[test]
fn a_fault_shuts_it_down_until_it_is_reset() {
    let mut bench = Bench::activated(engine());
    bench.readings.fault = 6;
    bench.observe();
    assert_eq!(bench.module_state(), 5);
    assert_eq!(bench.byte(0, &lower::MODULE_FAULT_CAUSE), 6);
    bench.wait_ms(100);
    assert_eq!(bench.path_states(3), vec![1; 8]);
    bench.readings.fault = 0;
    bench.wait_ms(1000);
    assert_eq!(bench.module_state(), 5, "it stays");
    bench.module.reset();
    bench.wait_ms(1000);
    assert_eq!(bench.module_state(), 3);
}

#[test]
fn decommissioning_while_a_data_path_goes_down_ends_well() {
    let mut bench = Bench::activated(engine());
    bench.put(1, &p10::DP_DEINIT_LANE, &[ALL]);
    bench.stage(1, ALL, 0, 8);
    assert_eq!(bench.config_status(1), vec![12; 8], "in progress");
    bench.wait_ms(20);
    assert_eq!(bench.config_status(1), vec![1; 8]);
    assert_eq!(bench.path_states(1), vec![1; 8]);
    assert_eq!(bench.get(1, &p11::APP_SEL_CODE), vec![0; 8]);
    assert_eq!(
        bench.path_states(0),
        vec![4; 8],
        "other banks are not touched"
    );
    // Two data paths of four lanes, committed when the host lets them.
    bench.stage(1, ALL, 2, 4);
    bench.wait_ms(5);
    assert_eq!(bench.config_status(1), vec![1; 8]);
    assert_eq!(bench.byte(1, &p11::DP_INIT_PENDING_LANE), ALL);
    assert_eq!(bench.path_states(1), vec![1; 8]);
    bench.put(1, &p10::DP_DEINIT_LANE, &[0]);
    bench.wait_ms(70);
    assert_eq!(bench.byte(1, &p11::DP_INIT_PENDING_LANE), 0);
    bench.wait_ms(30);
    assert_eq!(bench.path_states(1), vec![4; 8]);
    let active = bench.get(1, &p11::APP_SEL_CODE);
    assert_eq!(active, [0x20, 0x20, 0x20, 0x20, 0x28, 0x28, 0x28, 0x28]);
}

#[test]
fn lanes_of_a_data_path_that_is_up_are_neither_freed_nor_put_together_anew() {
    let mut bench = Bench::activated(engine());
    for (application, width) in [(2, 4), (3, 1), (0, 8)] {
        bench.stage(0, ALL, application, width);
        assert_eq!(bench.config_status(0), vec![6; 8], "{application}");
        bench.wait_ms(100);
        assert_eq!(bench.path_states(0), vec![4; 8], "nothing has happened");
        assert_eq!(bench.byte(0, &p11::DP_INIT_PENDING_LANE), 0);
    }
    bench.put(0, &p10::DP_DEINIT_LANE, &[ALL]);
    bench.wait_ms(20);
    bench.stage(0, ALL, 2, 4);
    bench.put(0, &p10::DP_DEINIT_LANE, &[0]);
    bench.wait_ms(100);
    assert_eq!(bench.config_status(0), vec![1; 8]);
    // One of the two data paths is down; the other one is not asked.
    bench.put(0, &p10::DP_DEINIT_LANE, &[0x0F]);
    bench.wait_ms(20);
    bench.stage(0, ALL, 1, 8);
    assert_eq!(bench.config_status(0), vec![6; 8]);
    bench.stage(0, 0x0F, 3, 1);
    bench.wait_ms(5);
    assert_eq!(bench.config_status(0), [1, 1, 1, 1, 6, 6, 6, 6]);
    assert_eq!(bench.path_states(0), [1, 1, 1, 1, 4, 4, 4, 4]);
    // Lanes that are not used join a data path at any time.
    bench.stage(0, 0x0F, 0, 8);
    bench.wait_ms(5);
    bench.stage(0, 0x0F, 2, 4);
    bench.put(0, &p10::DP_DEINIT_LANE, &[0]);
    bench.wait_ms(100);
    assert_eq!(bench.path_states(0), vec![4; 8]);
}

#[test]
fn another_application_of_the_same_lanes_needs_no_deinit() {
    let mut profile = engine();
    let same = profile.applications[0];
    profile.applications.push(same);
    let mut bench = Bench::activated(profile);
    bench.stage(0, ALL, 4, 8);
    bench.wait_ms(200);
    assert_eq!(bench.config_status(0), vec![1; 8]);
    assert_eq!(bench.get(0, &p11::APP_SEL_CODE), vec![0x40; 8]);
    assert_eq!(bench.path_states(0), vec![4; 8]);
}

#[test]
fn a_data_path_in_use_is_initialized_anew_without_the_hosts_help() {
    let mut bench = Bench::activated(engine());
    bench.stage(0, ALL, 1, 8);
    bench.wait_ms(4);
    assert_eq!(bench.byte(0, &p11::DP_INIT_PENDING_LANE), ALL);
    let mut seen = Vec::new();
    for _ in 0..150 {
        let state = bench.path_states(0)[0];
        if seen.last() != Some(&state) {
            seen.push(state);
        }
        bench.wait_ms(1);
    }
    assert_eq!(seen, [6, 3, 2, 5, 4], "off, deinit, init, on, activated");
}

#[test]
fn what_cannot_be_is_refused_with_its_reason() {
    // Lanes, application, width, and what becomes of each lane.
    type Case = (u8, u8, usize, [u8; 8]);
    let cases: [Case; 5] = [
        (ALL, 9, 8, [3; 8]),
        (0x0F, 1, 8, [7, 7, 7, 7, 0, 0, 0, 0]),
        (ALL, 2, 2, [7, 7, 4, 4, 7, 7, 4, 4]),
        (0x0F, 2, 4, [6, 6, 6, 6, 0, 0, 0, 0]),
        (0x01, 0, 8, [7, 0, 0, 0, 0, 0, 0, 0]),
    ];
    for (lanes, application, width, expected) in cases {
        let mut bench = Bench::activated(engine());
        bench.stage(0, lanes, application, width);
        bench.wait_ms(100);
        let found = bench.config_status(0);
        assert_eq!(found, expected, "{lanes:02x} {application} {width}");
        assert_eq!(bench.path_states(0), vec![4; 8], "nothing has happened");
    }
}

#[test]
fn signal_integrity_beyond_the_module_is_refused_and_an_immediate_one_interrupts_nothing() {
    let mut bench = Bench::activated(engine());
    let explicit: Vec<u8> = vec![0x11; 8];
    bench.put(0, &p10::SCS0_APP_SEL_CODE, &explicit);
    bench.put(
        0,
        &p10::SCS0_OUTPUT_EQ_PRE_CURSOR_TARGET_RX,
        &[0x38, 0x33, 0x33, 0x33],
    );
    bench.put(0, &p10::SCS0_APPLY_IMMEDIATE, &[ALL]);
    bench.wait_ms(10);
    assert_eq!(bench.config_status(0), vec![5; 8], "8 is beyond 7");
    bench.put(0, &p10::SCS0_OUTPUT_EQ_PRE_CURSOR_TARGET_RX, &[0x33; 4]);
    bench.put(0, &p10::SCS0_APPLY_IMMEDIATE, &[ALL]);
    bench.wait_ms(10);
    assert_eq!(bench.config_status(0), vec![1; 8]);
    assert_eq!(
        bench.get(0, &p11::OUTPUT_EQ_PRE_CURSOR_TARGET_RX),
        vec![0x33; 4]
    );
    assert_eq!(bench.path_states(0), vec![4; 8]);
    assert_eq!(bench.byte(0, &p11::DP_STATE_CHANGED_FLAG), 0);
}

#[test]
fn clocks_are_recovered_where_the_module_can_and_no_bypass_is_taken() {
    let with = |feature: &[Feature]| {
        let mut profile = engine();
        profile.features = Features::NONE
            .with(Feature::DataPaths)
            .with(Feature::StagedSet1);
        for feature in feature {
            profile.features = profile.features.with(*feature);
        }
        Bench::activated(profile)
    };
    let settings = |bench: &mut Bench| {
        [
            Address::page(0x11, 214),
            Address::page(0x11, 221),
            Address::page(0x11, 222),
            Address::page(0x10, 153),
            Address::page(0x10, 160),
            Address::page(0x10, 161),
        ]
        .map(|at| bench.bytes(at, 1).expect("it answers")[0])
    };
    let mut linear = with(&[]);
    assert_eq!(settings(&mut linear), [0; 6]);
    let mut retimed = with(&[Feature::HostRetimer, Feature::MediaRetimer]);
    assert_eq!(settings(&mut retimed), [ALL; 6]);
    let explicit = [0x11_u8; 8];
    for register in [&p10::SCS0_CDR_ENABLE_TX, &p10::SCS0_CDR_ENABLE_RX] {
        retimed.put(0, &p10::SCS0_APP_SEL_CODE, &explicit);
        retimed.put(0, register, &[0]);
        retimed.put(0, &p10::SCS0_APPLY_IMMEDIATE, &[ALL]);
        retimed.wait_ms(10);
        assert_eq!(retimed.config_status(0), vec![5; 8], "no bypass");
        retimed.put(0, register, &[ALL]);
        retimed.put(0, &p10::SCS0_APPLY_IMMEDIATE, &[ALL]);
        retimed.wait_ms(10);
        assert_eq!(retimed.config_status(0), vec![1; 8]);
    }
    // The registers of the second set are there without retimers too.
    linear.put(0, &p10::SCS1_APP_SEL_CODE, &explicit);
    linear.put(0, &p10::SCS1_CDR_ENABLE_TX, &[ALL]);
    linear.put(0, &p10::SCS1_APPLY_IMMEDIATE, &[ALL]);
    linear.wait_ms(10);
    assert_eq!(linear.config_status(0), vec![5; 8]);
}

#[test]
fn a_transmitter_that_looks_for_its_lock_is_not_judged() {
    let mut bench = Bench::activated(engine());
    let first = &p11::OPTICAL_POWER_HIGH_ALARM_FLAG_TX;
    for (state, flags) in [(1, 0), (2, 1)] {
        bench.readings.lanes[0].tx_lock.state = state;
        bench.readings.lanes[0].tx_power_mw = Some(6.0);
        bench.readings.lanes[0].has_tx_fault = true;
        bench.observe();
        assert_eq!(bench.byte(0, first), flags, "state {state}");
        assert_eq!(bench.byte(0, &p11::FAILURE_FLAG_TX), flags, "state {state}");
    }
}

#[test]
fn outputs_go_off_lane_by_lane_and_a_data_path_with_all_of_them() {
    let mut bench = Bench::activated(engine());
    bench.put(2, &p10::OUTPUT_DISABLE_TX, &[0b101]);
    bench.wait_ms(10);
    let wanted = bench.module.wanted();
    let on: Vec<bool> = wanted.lanes[16..20]
        .iter()
        .map(|lane| lane.is_tx_on)
        .collect();
    assert_eq!(on, [false, true, false, true]);
    assert_eq!(bench.byte(2, &p11::OUTPUT_STATUS_TX), !0b101);
    assert_eq!(bench.path_states(2), vec![4; 8]);
    bench.put(2, &p10::OUTPUT_DISABLE_TX, &[ALL]);
    bench.wait_ms(10);
    assert_eq!(bench.path_states(2), vec![7; 8], "Initialized");
    assert_eq!(bench.path_states(1), vec![4; 8]);
    bench.put(2, &p10::OUTPUT_DISABLE_TX, &[0]);
    bench.wait_ms(30);
    assert_eq!(bench.path_states(2), vec![4; 8]);
}

#[test]
fn a_silent_input_darkens_its_lane_unless_the_host_says_otherwise() {
    let mut bench = Bench::activated(engine());
    bench.readings.lanes[3].has_host_signal = false;
    bench.observe();
    assert!(!bench.module.wanted().lanes[3].is_tx_on);
    assert_eq!(bench.byte(0, &p11::LOS_FLAG_TX), 0b1000);
    bench.put(0, &p10::AUTO_SQUELCH_DISABLE_TX, &[0b1000]);
    assert!(bench.module.wanted().lanes[3].is_tx_on);
}

#[test]
fn what_is_said_of_squelching_is_what_happens() {
    let mut bench = Bench::activated(engine());
    let abilities = bench.page(0, 1);
    assert!(p01::FORCED_SQUELCH_TX_SUPPORTED.flag(0, &abilities));
    assert!(p01::AUTO_SQUELCH_DISABLE_TX_SUPPORTED.flag(0, &abilities));
    assert_eq!(
        p01::SQUELCH_METHOD_TX.raw_of(0, &abilities),
        2,
        "average power"
    );
    bench.put(0, &p10::OUTPUT_SQUELCH_FORCE_TX, &[0b10]);
    let wanted = bench.module.wanted();
    assert!(!wanted.lanes[1].is_tx_on && wanted.lanes[2].is_tx_on);
    assert_eq!(bench.byte(0, &p11::OUTPUT_STATUS_TX), !0b10);
}

#[test]
fn a_read_clears_exactly_the_bytes_that_it_reads() {
    let mut bench = Bench::activated(engine());
    let lane = &mut bench.readings.lanes[9];
    lane.rx_power_mw = Some(0.05);
    lane.has_media_signal = false;
    bench.observe();
    let healthy = host::healthy(32);
    bench.readings = healthy;
    bench.observe();
    assert!(bench.module.is_interrupting());
    assert_eq!(bench.byte(0, &p11::LOS_FLAG_RX), 0, "another bank");
    assert_eq!(bench.byte(1, &p11::LOS_FLAG_RX), 0b10);
    assert_eq!(bench.byte(1, &p11::LOS_FLAG_RX), 0);
    assert_eq!(bench.byte(1, &p11::OPTICAL_POWER_LOW_WARNING_FLAG_RX), 0b10);
    assert!(
        bench.module.is_interrupting(),
        "the alarm beside it is still latched"
    );
    assert_eq!(bench.byte(1, &p11::OPTICAL_POWER_LOW_ALARM_FLAG_RX), 0b10);
    bench.byte(1, &p11::OUTPUT_STATUS_CHANGED_FLAG_RX);
    assert!(!bench.module.is_interrupting());
}

#[test]
fn a_flag_comes_back_while_its_condition_lasts() {
    let mut bench = Bench::activated(engine());
    bench.readings.temperature_c = Some(82.0);
    bench.observe();
    assert_eq!(bench.byte(0, &lower::TEMP_MON_HIGH_ALARM_FLAG), 0b100);
    assert_eq!(bench.byte(0, &lower::TEMP_MON_HIGH_ALARM_FLAG), 0);
    bench.observe();
    assert_eq!(bench.byte(0, &lower::TEMP_MON_HIGH_ALARM_FLAG), 0b100);
}

#[test]
fn masks_keep_flags_from_interrupting() {
    let mut bench = Bench::activated(engine());
    bench.readings.temperature_c = Some(82.0);
    bench.put(0, &lower::TEMP_MON_HIGH_ALARM_MASK, &[0b100]);
    bench.observe();
    assert!(!bench.module.is_interrupting());
    assert_eq!(bench.byte(0, &lower::MODULE_STATE) & 1, 1, "deasserted");
    bench.put(0, &lower::TEMP_MON_HIGH_ALARM_MASK, &[0]);
    assert!(bench.module.is_interrupting());
    assert_eq!(bench.byte(0, &lower::MODULE_STATE) & 1, 0);
    bench.byte(0, &lower::TEMP_MON_HIGH_ALARM_FLAG);
    assert!(!bench.module.is_interrupting());
}

#[test]
fn banks_with_flags_show_in_the_summary() {
    let mut bench = Bench::activated(engine());
    bench.readings.lanes[25].tx_power_mw = Some(0.3);
    bench.observe();
    assert_eq!(bench.get(0, &lower::FLAG_SUMMARY_11), [0, 0, 0, 1]);
    assert_eq!(bench.byte(3, &p11::OPTICAL_POWER_LOW_WARNING_FLAG_TX), 0b10);
    bench.readings.lanes[25].tx_power_mw = Some(1.2);
    bench.observe();
    assert_eq!(bench.get(0, &lower::FLAG_SUMMARY_11), [0, 0, 0, 0]);
}

#[test]
fn what_is_read_only_stays_and_what_is_written_only_reads_as_zero() {
    let mut bench = Bench::activated(engine());
    let before = bench.bytes(Address::page(0, 128), HALF);
    bench.put(0, &p00::VENDOR_NAME, &[0; 16]);
    assert_eq!(bench.bytes(Address::page(0, 128), HALF), before);
    bench.put(0, &lower::PASSWORD_ENTRY, &[1, 2, 3, 4]);
    assert_eq!(bench.get(0, &lower::PASSWORD_ENTRY), [0; 4]);
    bench.put(0, &p10::SCS0_APPLY_DP_INIT, &[0]);
    assert_eq!(bench.byte(0, &p10::SCS0_APPLY_DP_INIT), 0);
}

#[test]
fn checksums_are_true() {
    let mut bench = Bench::activated(engine());
    for (page, first, last) in [(0, 128, 221), (1, 130, 254), (2, 128, 254)] {
        let half = bench.page(0, page);
        let covered = &half[first - HALF..=last - HALF];
        let sum: u32 = covered.iter().map(|byte| u32::from(*byte)).sum();
        assert_eq!(u32::from(half[last + 1 - HALF]), sum & 0xFF, "{page:02X}h");
    }
}

#[test]
fn identity_and_thresholds_read_as_they_were_described() {
    let mut bench = Bench::activated(engine());
    let text = |bench: &mut Bench, register: &Register| {
        String::from_utf8(bench.get(0, register)).expect("ASCII")
    };
    assert_eq!(text(&mut bench, &p00::VENDOR_NAME), "Shoreline       ");
    assert_eq!(text(&mut bench, &p00::VENDOR_PN), "OE-32           ");
    let first = bench.bytes(Address::page(0, 0), 213).expect("in one read");
    assert_eq!((first[0], first[128]), (0x80, 0x80));
    assert_eq!(first[70], 4, "banks where one kind of host looks");
    assert_eq!(
        bench.byte(0, &p01::BANKS_SUPPORTED) & 3,
        2,
        "and where another does"
    );
    // Least classes that hold 60 ms, 8 ms, 80 ms and 20 ms.
    assert_eq!(bench.byte(0, &p01::MAX_DURATION_DP_DEINIT), 2 << 4 | 4);
    assert_eq!(bench.byte(0, &p01::MAX_DURATION_MODULE_PWR_DN), 3 << 4 | 4);
    let thresholds = bench.page(0, 2);
    assert!((p02::TEMP_MON_HIGH_ALARM_THRESHOLD.number(0, &thresholds) - 85.0).abs() < 0.01);
    assert!(
        (p02::LASER_BIAS_HIGH_ALARM_THRESHOLD.number(0, &thresholds) * 4.0 - 500.0).abs() < 0.01
    );
    let lanes = bench.page(3, 0x11);
    assert!((p11::OPTICAL_POWER_TX.number(7, &lanes) - 1.2).abs() < 1e-4);
    assert!((p11::LASER_BIAS_TX.number(7, &lanes) * 4.0 - 200.0).abs() < 0.01);
}

#[test]
fn lanes_say_on_which_wavelength_of_which_fibre_they_are() {
    let mut profile = engine();
    // Four wavelengths on a fibre; a number that four bits do not hold is not told.
    profile.media_lanes = (0..31_u8)
        .map(|lane| MediaLane {
            wavelength: lane % 4 + 1,
            tx_fibre: lane % 8 / 4 + 1,
            rx_fibre: if lane == 9 { 16 } else { lane % 8 / 4 + 3 },
        })
        .collect();
    let mut bench = Bench::activated(profile);
    let found = bench.bytes(Address::page(0x11, 240).in_bank(1), 16);
    let tx = [0x11, 0x21, 0x31, 0x41, 0x12, 0x22, 0x32, 0x42];
    let rx = [0x13, 0x20, 0x33, 0x43, 0x14, 0x24, 0x34, 0x44];
    assert_eq!(found, Ok([tx, rx].concat()));
    let last = bench.bytes(Address::page(0x11, 247).in_bank(3), 1);
    assert_eq!(last, Ok(vec![0]), "the lane that nothing is said of");
}

#[test]
fn failures_of_equalisers_are_not_promised() {
    let mut profile = engine();
    profile.features = profile.features.with(Feature::HostRetimer);
    let abilities = Bench::activated(profile).page(0, 1);
    assert!(p01::CDR_LOL_FLAG_TX_SUPPORTED.flag(0, &abilities));
    assert!(!p01::ADAPTIVE_INPUT_EQ_FAIL_FLAG_TX_SUPPORTED.flag(0, &abilities));
}

#[test]
fn pages_and_banks_that_there_are_not_are_page_00h() {
    let mut bench = Bench::activated(engine());
    let identity = bench.bytes(Address::page(0, 128), 16);
    assert_eq!(bench.bytes(Address::page(0x77, 128), 16), identity);
    assert_eq!(
        bench.bytes(Address::page(0x11, 128).in_bank(4), 16),
        identity
    );
    bench.put(0, &lower::BANK_SELECT, &[3, 0x11]);
    assert_eq!(bench.get(0, &lower::BANK_SELECT), [3]);
    bench.put(0, &lower::BANK_SELECT, &[9, 0x11]);
    assert_eq!(bench.bytes(Address::lower(126), 2), Ok(vec![0, 0]));
}

#[test]
fn pages_of_others_and_pages_that_were_moved_can_be_selected() {
    let mut profile = engine();
    profile.features = profile.features.with(Feature::Extension);
    profile.extension = relocate(0xD8).expect("free");
    let mut bench = Bench::activated(profile);
    let selected = |bench: &mut Bench, asked: [u8; 2]| {
        bench.put(0, &lower::BANK_SELECT, &asked);
        bench.bytes(Address::lower(126), 2).expect("it answers")
    };
    assert_eq!(selected(&mut bench, [2, 0xDA]), [2, 0xDA]);
    assert_eq!(selected(&mut bench, [2, 0xC2]), [0, 0], "moved away");
    assert_eq!(selected(&mut bench, [0, 0xB4]), [0, 0]);
    bench.module.set_foreign_pages(&[0xB0, 0xB4], 2);
    assert_eq!(selected(&mut bench, [1, 0xB4]), [1, 0xB4]);
    assert_eq!(selected(&mut bench, [2, 0xB4]), [0, 0], "of two");
    assert_eq!(selected(&mut bench, [0, 0xB1]), [0, 0]);
    bench.module.reset();
    bench.wait_ms(1000);
    assert_eq!(selected(&mut bench, [0, 0xB0]), [0, 0xB0]);
}

#[test]
fn a_broadcast_reaches_every_bank() {
    let mut bench = Bench::activated(engine());
    bench.put(0, &lower::BANK_BROADCAST_ENABLE, &[0xC0]);
    bench.put(1, &p10::OUTPUT_DISABLE_RX, &[0x3C]);
    for bank in 0..4 {
        assert_eq!(bench.byte(bank, &p10::OUTPUT_DISABLE_RX), 0x3C);
    }
    bench.put(2, &p10::DP_DEINIT_LANE, &[ALL]);
    bench.stage(2, ALL, 2, 4);
    bench.wait_ms(200);
    for bank in 0..4 {
        assert_eq!(bench.config_status(bank), vec![1; 8]);
    }
}

#[test]
fn odd_modules_are_odd_in_the_way_that_is_asked_for() {
    let mut bench = Bench::activated(engine());
    let odd = |quirks| {
        let mut bench = Bench::activated(engine());
        bench.module.set_quirks(quirks);
        bench
    };
    bench.put(0, &p10::DP_DEINIT_LANE, &[ALL]);
    // As it ought to be: lanes are decommissioned, and what is staged anew says that it is pending.
    bench.stage(0, ALL, 0, 8);
    bench.wait_ms(50);
    assert_eq!(bench.config_status(0), vec![1; 8]);
    let mut refuses = odd(Quirks {
        rejects_application_0: true,
        ..Quirks::default()
    });
    refuses.put(0, &p10::DP_DEINIT_LANE, &[ALL]);
    refuses.stage(0, ALL, 0, 8);
    refuses.wait_ms(50);
    assert_eq!(refuses.config_status(0), vec![3; 8]);
    let mut stuck = odd(Quirks {
        stuck_lanes: 0b1000,
        ..Quirks::default()
    });
    stuck.put(0, &p10::DP_DEINIT_LANE, &[ALL]);
    stuck.stage(0, ALL, 2, 4);
    stuck.wait_ms(5000);
    assert_eq!(stuck.config_status(0), vec![12; 8]);
    stuck.module.set_quirks(Quirks::default());
    stuck.wait_ms(5);
    assert_eq!(stuck.config_status(0), vec![1; 8], "until it is mended");
    let mut hides = odd(Quirks {
        hides_pending: true,
        ..Quirks::default()
    });
    hides.stage(0, ALL, 1, 8);
    hides.wait_ms(4);
    assert_eq!(hides.byte(0, &p11::DP_INIT_PENDING_LANE), 0);
    assert_eq!(hides.path_states(0), vec![6; 8], "and yet it is");
}

#[test]
fn limits_are_crossed_beyond_and_not_at_them() {
    let limits = Limits {
        high_alarm: 4.0,
        low_alarm: 1.0,
        high_warning: 3.0,
        low_warning: 2.0,
    };
    for (value, crossed) in [
        (4.5, 0b101),
        (4.0, 0b100),
        (3.0, 0),
        (2.0, 0),
        (1.5, 0b1000),
        (0.5, 0b1010),
    ] {
        assert_eq!(limits.crossed(value), crossed, "{value}");
    }
    assert_eq!(limits.crossed(f64::NAN), 0);
}
