//! The map as a whole: that registers lie where they should, and that numbers survive both ways.

use std::collections::BTreeMap;

use cmis::map::extension::{self, EXTENSION_FIRST, EXTENSION_PAGES, Overlap, Placement, relocate};
use cmis::map::mirror::{self, DOCUMENTED, SONIC_DAVISSON};
use cmis::map::observable::{OBSERVABLES, Origin, Sample, observable};
use cmis::map::{
    self, PAGES, cdb, codes, lower, p00, p01, p1a, p1b, p02, p04, p10, p11, p12, p13, p14, vdm,
};
use cmis::{Access, Feature, Features, Form, HALF, Half, LOWER, Register, Repeat};
use proptest::prelude::*;

/// Bytes of an element in its half, and which of their bits.
fn bits_of(register: &Register, element: usize) -> impl Iterator<Item = (usize, u8)> + use<> {
    let place = register.place(element);
    (place.first..place.first + place.bytes).map(move |byte| (byte, place.mask))
}

/// Those of all elements.
fn all_bits(register: &Register) -> impl Iterator<Item = (usize, u8)> {
    (0..register.count()).flat_map(|element| bits_of(register, element))
}

fn is_number(register: &Register) -> bool {
    !matches!(register.form, Form::Text { .. } | Form::Bytes { .. })
}

#[test]
fn every_register_lies_in_its_half_in_order_of_bytes() {
    for page in PAGES {
        let mut before = 0;
        for register in page.registers {
            let name = register.name;
            assert_eq!(register.page, page.first, "{name}");
            assert_eq!(register.page == LOWER, usize::from(register.byte) < HALF);
            for (byte, mask) in all_bits(register) {
                assert!(byte < HALF, "{name} leaves its page");
                assert_ne!(mask, 0, "{name}");
            }
            if !register.is_overlay {
                assert!(register.byte >= before, "{name} is out of order");
                before = register.byte;
            }
            assert!(!name.is_empty() && register.doc.ends_with('.'), "{name}");
            assert!(!register.doc.contains("  "), "{name}: {}", register.doc);
        }
    }
}

#[test]
fn pages_are_in_order_and_apart() {
    assert_eq!(PAGES[0].first, LOWER);
    for pair in PAGES[1..].windows(2) {
        assert!(pair[0].last < pair[1].first, "{}", pair[1].number());
    }
    for page in PAGES {
        assert_eq!(map::page(page.first), Some(page));
        assert_eq!(map::page(page.last), Some(page));
    }
    assert_eq!(map::page(0x03), None);
}

#[test]
fn no_two_registers_share_a_bit() {
    for page in PAGES {
        let mut owners: BTreeMap<(usize, u8), &str> = BTreeMap::new();
        for register in page.registers.iter().filter(|of| !of.is_overlay) {
            for (byte, mask) in all_bits(register) {
                for bit in (0..8).filter(|bit| mask & 1 << bit != 0) {
                    let other = owners.insert((byte, bit), register.name);
                    assert_eq!(other, None, "{} on {}", register.name, page.number());
                }
            }
        }
    }
}

#[test]
fn what_a_selector_chooses_lies_over_bytes_without_meaning() {
    for register in map::all().filter(|register| register.is_overlay) {
        let page = map::page(register.page).expect("of a page");
        let is_area = |below: &&Register| !below.is_overlay && !is_number(below);
        let below = page.registers.iter().find(is_area).expect("an area");
        let area: Vec<usize> = all_bits(below).map(|(byte, _)| byte).collect();
        let is_inside = all_bits(register).all(|(byte, _)| area.contains(&byte));
        assert!(is_inside, "{}", register.name);
    }
}

#[test]
fn names_are_unique_on_their_page() {
    for page in PAGES {
        let mut names: Vec<&str> = page.registers.iter().map(|of| of.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "on page {}", page.number());
    }
}

fn of_access(registers: &[Register], access: Access) -> Vec<Register> {
    registers
        .iter()
        .filter(|register| register.access == access)
        .copied()
        .collect()
}

#[test]
fn masks_stand_where_their_flags_say() {
    let check = |flags: &[Register], masks: &[Register], offset: u8| {
        assert_eq!(flags.len(), masks.len());
        for (flag, mask) in flags.iter().zip(masks) {
            let name = mask.name;
            assert_eq!(flag.access, Access::ClearOnRead, "{}", flag.name);
            assert_eq!(mask.access, Access::ReadWrite, "{name}");
            assert_eq!(mask.byte, flag.byte + offset, "{name}");
            assert_eq!((mask.form, mask.repeat), (flag.form, flag.repeat), "{name}");
            assert_eq!(mask.feature, flag.feature, "{name}");
            assert_eq!(name, flag.name.replace("Flag", "Mask"));
        }
    };
    check(&p11::FLAGS, &p10::MASKS, p10::MASK_OFFSET);
    check(&p12::FLAGS, &p12::MASKS, p12::MASK_OFFSET);
    check(&p14::FLAGS, &p13::MASKS, p13::MASK_OFFSET);
    check(&p1a::FLAGS, &p1a::MASKS, p1a::MASK_OFFSET);
    check(&vdm::flags::FLAGS, &vdm::masks::MASKS, 0);
    check(
        &extension::flags::FLAGS,
        &extension::flags::MASKS,
        extension::flags::MASK_OFFSET,
    );
    let masks: Vec<Register> = lower::REGISTERS
        .iter()
        .filter(|register| register.name.contains("Mask"))
        .copied()
        .collect();
    let flags = of_access(lower::REGISTERS, Access::ClearOnRead);
    check(&flags, &masks, lower::MASK_OFFSET);
}

#[test]
fn every_flag_of_a_page_is_in_its_list() {
    let check = |registers: &[Register], flags: &[Register]| {
        assert_eq!(of_access(registers, Access::ClearOnRead), flags);
    };
    check(p11::REGISTERS, &p11::FLAGS);
    check(p12::REGISTERS, &p12::FLAGS);
    check(p14::REGISTERS, &p14::FLAGS);
    check(extension::flags::REGISTERS, &extension::flags::FLAGS);
}

#[test]
fn staged_sets_have_one_layout() {
    let set = |name: &str| -> Vec<Register> {
        p10::REGISTERS
            .iter()
            .filter(|register| register.name.starts_with(name))
            .copied()
            .collect()
    };
    let (first, second) = (set("SCS0::"), set("SCS1::"));
    assert_eq!(first.len(), second.len());
    for (first, second) in first.iter().zip(&second) {
        let shifted = first.shifted(p10::SCS1_OFFSET);
        assert_eq!(shifted.byte, second.byte, "{}", second.name);
        assert_eq!(
            (shifted.form, shifted.repeat, shifted.access),
            (second.form, second.repeat, second.access),
            "{}",
            second.name
        );
        assert_eq!(first.name[4..], second.name[4..]);
        assert_eq!(second.feature, Feature::StagedSet1);
    }
    assert_eq!(second.last().expect("a set").byte, 212);
}

/// Page, byte, highest and lowest bit if it is one of bits, elements, access.
type Known = (Register, u16, u8, Option<(u8, u8)>, usize, Access);

#[rustfmt::skip]
#[test]
fn registers_lie_where_clients_look() {
    use Access::{ClearOnRead as Cor, ReadOnly as Ro, ReadWrite as Rw, WriteOnly as Wo};
    let known: &[Known] = &[
        (lower::MODULE_STATE, LOWER, 3, Some((3, 1)), 1, Ro),
        (lower::MODULE_STATE_CHANGED_FLAG, LOWER, 8, Some((0, 0)), 1, Cor),
        (lower::CDB_CMD_COMPLETE_FLAG_1, LOWER, 8, Some((6, 6)), 1, Cor),
        (lower::VCC_MON_HIGH_ALARM_FLAG, LOWER, 9, Some((4, 4)), 1, Cor),
        (lower::AUX3_MON_LOW_WARNING_FLAG, LOWER, 11, Some((3, 3)), 1, Cor),
        (lower::TEMP_MON_VALUE, LOWER, 14, None, 1, Ro),
        (lower::SOFTWARE_RESET, LOWER, 26, Some((3, 3)), 1, Wo),
        (lower::LOW_PWR_REQUEST_SW, LOWER, 26, Some((4, 4)), 1, Rw),
        (lower::CDB_IS_BUSY, LOWER, 37, Some((7, 7)), 2, Ro),
        (lower::MODULE_FAULT_CAUSE, LOWER, 41, Some((7, 0)), 1, Ro),
        (lower::MAX_BANKS, LOWER, 70, None, 1, Ro),
        (lower::HOST_INTERFACE_ID, LOWER, 86, Some((7, 0)), 8, Ro),
        (lower::PASSWORD_ENTRY, LOWER, 122, None, 1, Wo),
        (lower::PAGE_SELECT, LOWER, 127, None, 1, Rw),
        (p00::VENDOR_SN, 0x00, 166, None, 1, Ro),
        (p00::PAGE_CHECKSUM, 0x00, 222, None, 1, Ro),
        (p01::BANKS_SUPPORTED, 0x01, 142, Some((1, 0)), 1, Ro),
        (p01::MAX_DURATION_DP_INIT, 0x01, 144, Some((3, 0)), 1, Ro),
        (p01::TX_BIAS_CURRENT_SCALING_FACTOR, 0x01, 160, Some((4, 3)), 1, Ro),
        (p01::CDB_INSTANCES_SUPPORTED, 0x01, 163, Some((7, 6)), 1, Ro),
        (p01::MAX_DURATION_MODULE_PWR_UP, 0x01, 167, Some((3, 0)), 1, Ro),
        (p01::HOST_INTERFACE_ID, 0x01, 223, Some((7, 0)), 7, Ro),
        (p02::OPTICAL_POWER_TX_HIGH_ALARM_THRESHOLD, 0x02, 176, None, 1, Ro),
        (p02::LASER_BIAS_LOW_WARNING_THRESHOLD, 0x02, 190, None, 1, Ro),
        (p04::GRID_LOW_CHANNEL_75_GHZ, 0x04, 158, None, 1, Ro),
        (p04::GRID_HIGH_CHANNEL_75_GHZ, 0x04, 160, None, 1, Ro),
        (p04::PROG_OUTPUT_POWER_MIN, 0x04, 198, None, 1, Ro),
        (p10::DP_DEINIT_LANE, 0x10, 128, Some((0, 0)), 8, Rw),
        (p10::OUTPUT_DISABLE_TX, 0x10, 130, Some((0, 0)), 8, Rw),
        (p10::SCS0_APPLY_DP_INIT, 0x10, 143, Some((0, 0)), 8, Wo),
        (p10::SCS0_APPLY_IMMEDIATE, 0x10, 144, Some((0, 0)), 8, Wo),
        (p10::SCS0_APP_SEL_CODE, 0x10, 145, Some((7, 4)), 8, Rw),
        (p10::SCS0_DATA_PATH_ID, 0x10, 145, Some((3, 1)), 8, Rw),
        (p10::SCS0_OUTPUT_AMPLITUDE_TARGET_RX, 0x10, 170, Some((3, 0)), 8, Rw),
        (p10::DP_STATE_CHANGED_MASK, 0x10, 213, Some((0, 0)), 8, Rw),
        (p10::OUTPUT_STATUS_CHANGED_MASK_RX, 0x10, 232, Some((0, 0)), 8, Rw),
        (p11::DP_STATE_HOST_LANE, 0x11, 128, Some((3, 0)), 8, Ro),
        (p11::FAILURE_FLAG_TX, 0x11, 135, Some((0, 0)), 8, Cor),
        (p11::LOS_FLAG_RX, 0x11, 147, Some((0, 0)), 8, Cor),
        (p11::OPTICAL_POWER_TX, 0x11, 154, None, 8, Ro),
        (p11::LASER_BIAS_TX, 0x11, 170, None, 8, Ro),
        (p11::OPTICAL_POWER_RX, 0x11, 186, None, 8, Ro),
        (p11::CONFIG_STATUS_LANE, 0x11, 202, Some((3, 0)), 8, Ro),
        (p11::APP_SEL_CODE, 0x11, 206, Some((7, 4)), 8, Ro),
        (p11::OUTPUT_AMPLITUDE_TARGET_RX, 0x11, 231, Some((3, 0)), 8, Ro),
        (p11::DP_INIT_PENDING_LANE, 0x11, 235, Some((0, 0)), 8, Ro),
        (p12::CHANNEL_NUMBER_TX, 0x12, 136, None, 8, Rw),
        (p12::CURRENT_LASER_FREQUENCY_TX, 0x12, 168, None, 8, Ro),
        (p12::TUNING_COMPLETE_FLAG_TX, 0x12, 231, Some((0, 0)), 8, Cor),
        (p13::HOST_SIDE_GENERATOR_ENABLE, 0x13, 144, Some((0, 0)), 8, Rw),
        (p13::MEDIA_SIDE_CHECKER_PATTERN_SELECT, 0x13, 172, Some((3, 0)), 8, Rw),
        (p13::RESET_ERROR_INFORMATION, 0x13, 177, Some((5, 5)), 1, Rw),
        (p13::MEDIA_SIDE_OUTPUT_LOOPBACK_ENABLE, 0x13, 180, Some((0, 0)), 8, Rw),
        (p13::HOST_SIDE_INPUT_LOOPBACK_ENABLE, 0x13, 183, Some((0, 0)), 8, Rw),
        (p14::DIAGNOSTICS_SELECTOR, 0x14, 128, Some((7, 0)), 1, Rw),
        (p14::PATTERN_GENERATOR_LOL_FLAG_HOST, 0x14, 136, Some((0, 0)), 8, Cor),
        (p14::BIT_ERROR_RATIO_HOST, 0x14, 192, None, 8, Ro),
        (p14::BIT_ERROR_RATIO_MEDIA, 0x14, 208, None, 8, Ro),
        (p14::SNR_MEDIA, 0x14, 240, None, 8, Ro),
        (p1a::NUMBER_OF_LANES, 0x1A, 140, Some((7, 1)), 1, Ro),
        (p1a::BIAS_HIGH_ALARM_THRESHOLD, 0x1A, 141, None, 1, Ro),
        (p1a::FAULT_FLAG, 0x1A, 166, Some((0, 0)), 32, Cor),
        (p1a::SAVE_RESTORE_COMMAND, 0x1A, 184, Some((7, 0)), 1, Rw),
        (p1a::POWER_LOW_WARNING_MASK, 0x1A, 205, Some((0, 0)), 8, Rw),
        (p1a::FAULT_CODE, 0x1A, 212, Some((3, 0)), 8, Ro),
        (p1a::LANE_ENABLE, 0x1A, 220, Some((0, 0)), 8, Rw),
        (p1a::LANE_STATE, 0x1A, 221, Some((1, 0)), 8, Ro),
        (p1a::LANE_FREQUENCY, 0x1A, 232, None, 8, Ro),
        (p1b::OPT_POWER_SETPOINT, 0x1B, 144, None, 8, Rw),
        (p1b::OPT_POWER_MONITOR, 0x1B, 200, None, 8, Ro),
        (p1b::ICC_MONITOR, 0x1B, 240, None, 1, Ro),
        (vdm::descriptors::OBSERVABLE_TYPE, 0x20, 129, None, 64, Ro),
        (vdm::samples::SAMPLE, 0x24, 128, None, 64, Ro),
        (vdm::thresholds::LOW_WARNING_THRESHOLD, 0x28, 134, None, 16, Ro),
        (vdm::flags::FLAGS_2, 0x2C, 160, Some((3, 0)), 64, Cor),
        (vdm::control::FREEZE_REQUEST, 0x2F, 144, Some((7, 7)), 1, Rw),
        (vdm::control::UNFREEZE_DONE, 0x2F, 145, Some((6, 6)), 1, Ro),
        (cdb::message::CDB_CHK_CODE, 0x9F, 133, None, 1, Rw),
        (cdb::message::IMAGE_B_INVALID, 0x9F, 136, Some((6, 6)), 1, Rw),
    ];
    for (register, page, byte, bits, elements, access) in known {
        let name = register.name;
        assert_eq!((register.page, register.byte), (*page, *byte), "{name}");
        assert_eq!(register.count(), *elements, "{name}");
        assert_eq!(register.access, *access, "{name}");
        let of_form = match register.form {
            Form::Bits { high, low, .. } => Some((high, low)),
            _ => None,
        };
        assert_eq!(of_form, *bits, "{name}");
    }
}

#[test]
fn registers_end_where_the_areas_end_that_clients_read() {
    for (register, last) in [
        (lower::HOST_LANE_ASSIGNMENT_OPTIONS, 117),
        (p00::VENDOR_NAME, 144),
        (p00::CLEI_CODE, 199),
        (p00::CUSTOM_INFO_NV, 255),
        (p01::HOST_LANE_ASSIGNMENT_OPTIONS, 250),
        (p10::SCS0_APP_SEL_CODE, 152),
        (p10::SCS0_OUTPUT_AMPLITUDE_TARGET_RX, 173),
        (p11::DP_STATE_HOST_LANE, 131),
        (p11::OPTICAL_POWER_RX, 201),
        (p11::CONFIG_STATUS_LANE, 205),
        (p11::FIBER_MAPPING_RX, 255),
        (p12::CURRENT_LASER_FREQUENCY_TX, 199),
        (p14::TOTAL_BITS_COUNT, 255),
        (p1a::LANE_STATE, 222),
        (p1a::LANE_FREQUENCY, 247),
        (p1b::VOLTAGE_MONITOR, 239),
        (vdm::descriptors::OBSERVABLE_TYPE, 255),
        (vdm::flags::FLAGS_4, 255),
        (cdb::message::LPL, 255),
    ] {
        let end = usize::from(register.byte) + register.total_bytes() - 1;
        assert_eq!(end, last, "{}", register.name);
    }
}

#[test]
fn a_linear_engine_lacks_what_needs_a_retimer() {
    let linear = Features::NONE
        .with(Feature::DataPaths)
        .with(Feature::Diagnostics)
        .with(Feature::Vdm);
    let has = |register: &Register| {
        map::page(register.page)
            .is_some_and(|page| page.registers_of(linear).any(|of| of == register))
    };
    for register in [
        p11::CDR_LOL_FLAG_TX,
        p11::ADAPTIVE_INPUT_EQ_FAIL_FLAG_TX,
        p10::CDR_LOL_MASK_TX,
        p10::SCS0_CDR_ENABLE_TX,
        p13::HOST_SIDE_GENERATOR_ENABLE,
        p14::BIT_ERROR_RATIO_HOST,
        p14::SNR_HOST,
        p1a::LANE_ENABLE,
    ] {
        assert!(!has(&register), "{}", register.name);
    }
    for register in [
        p11::LOS_FLAG_TX,
        p11::LOS_FLAG_RX,
        p13::HOST_SIDE_INPUT_LOOPBACK_ENABLE,
    ] {
        assert!(has(&register), "{}", register.name);
    }
    for (nth, feature) in Feature::ALL.into_iter().enumerate() {
        assert_eq!(feature as usize, nth, "{}", feature.name());
    }
}

#[test]
fn the_extension_lies_where_nothing_else_does() {
    let pages = EXTENSION_FIRST..EXTENSION_FIRST + EXTENSION_PAGES;
    for page in PAGES {
        let is_inside = pages.contains(&page.first);
        assert_eq!(is_inside, page.is_extension(), "{}", page.number());
        assert_eq!(is_inside, page.feature == Feature::Extension);
        assert!(!is_inside || page.is_banked(), "{}", page.number());
    }
    for mirror in DOCUMENTED.iter().chain(&SONIC_DAVISSON) {
        assert!(!pages.contains(&u16::from(mirror.engine_page)));
    }
    assert_eq!(relocate(0xC0), Ok(Placement::DEFAULT));
}

#[test]
fn the_extension_moves_only_to_free_pages() {
    for first in 0..=u8::MAX {
        let placed = relocate(first);
        match first {
            0xB6..=0xF8 => {
                let placed = placed.expect("free");
                let number = u16::from(first);
                assert_eq!(placed.pages(), number..=number + 7);
                let moved = placed.register(extension::verdict::VERDICT);
                assert_eq!(moved.page, number + 7);
                assert_eq!(placed.register(p11::LOS_FLAG_RX), p11::LOS_FLAG_RX);
            }
            0xF9..=0xFF => assert_eq!(placed, Err(Overlap::End { first })),
            0xB0..=0xB5 => assert_eq!(placed, Err(Overlap::Mirror { first, page: first })),
            _ => assert_eq!(placed, Err(Overlap::Standard { first, page: first })),
        }
    }
}

#[test]
fn mirrored_pages_are_those_of_a_laser_module() {
    let laser = Features::NONE.with(Feature::LaserModule);
    for list in [&DOCUMENTED, &SONIC_DAVISSON] {
        for pair in list.windows(2) {
            assert!(pair[0].engine_page < pair[1].engine_page);
        }
        for mirror in list {
            let page = map::page(mirror.laser_page).expect("of the map");
            assert!(page.registers_of(laser).next().is_some());
            let shown = mirror::shown_on(list, mirror.engine_page);
            assert_eq!(shown, Some(mirror.laser_page));
        }
    }
}

#[test]
fn observables_are_in_order_and_of_whom_they_say() {
    for pair in OBSERVABLES.windows(2) {
        assert!(pair[0].code < pair[1].code);
    }
    // Types that SONiC counts as statistics.
    let statistics: Vec<u8> = OBSERVABLES
        .iter()
        .filter(|of| of.needs_freeze)
        .map(|of| of.code)
        .collect();
    let expected: Vec<u8> = (9..=14).chain(17..=22).chain(25..=32).collect();
    assert_eq!(statistics, expected);
    for of in OBSERVABLES {
        let expected = match of.code {
            100..=127 => Origin::Extension,
            128.. => Origin::Coherent,
            _ => Origin::Standard,
        };
        assert_eq!(of.origin, expected, "{}", of.name);
        assert_eq!(observable(of.code), Some(of));
    }
    assert_eq!(observable(0), None);
    let input = observable(84).expect("of the standard");
    assert!((input.quantity(0xFF38) + 2.0).abs() < 1e-12);
}

#[test]
fn observables_say_what_their_registers_say() {
    for of in OBSERVABLES {
        let Some(register) = of.register else {
            continue;
        };
        let (is_signed, scale) = match register.form {
            Form::Signed { scale, .. } => (true, scale),
            Form::Unsigned { scale, .. } | Form::Bits { scale, .. } => (false, scale),
            _ => panic!("{} is no number", register.name),
        };
        assert_eq!(of.sample == Sample::S16, is_signed, "{}", of.name);
        assert_eq!(of.scale.unit, scale.unit, "{}", of.name);
        if of.origin == Origin::Extension {
            assert_eq!(of.scale, scale, "{}", of.name);
        }
    }
}

#[test]
fn every_scalar_of_the_extension_is_an_observable() {
    let indices = ["LaneLaserModule", "LaneLaserFeed", "LaserModulePresent"];
    for page in PAGES.iter().filter(|page| page.is_extension()) {
        for register in page.registers {
            let is_scalar = register.access == Access::ReadOnly
                && register.repeat != Repeat::Once
                && !indices.contains(&register.name);
            let is_seen = OBSERVABLES
                .iter()
                .any(|of| of.origin == Origin::Extension && of.register.as_ref() == Some(register));
            assert_eq!(is_scalar, is_seen, "{}", register.name);
        }
    }
}

#[test]
fn codes_are_in_order_and_fit_their_fields() {
    for register in map::all() {
        let Form::Bits {
            high, low, codes, ..
        } = register.form
        else {
            continue;
        };
        let most = (1_u16 << (high - low + 1)) - 1;
        for pair in codes.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{}", register.name);
        }
        let do_fit = codes.iter().all(|(code, _)| u16::from(*code) <= most);
        assert!(do_fit, "{}", register.name);
    }
    let smf = codes::media_interfaces(2);
    assert_eq!(cmis::name_of(smf, 119), Some("800GBASE-DR4"));
    assert_eq!(
        cmis::name_of(codes::HOST_INTERFACES, 131),
        Some("1.6TAUI-8")
    );
    assert!(codes::media_interfaces(3).is_empty());
}

fn half() -> impl Strategy<Value = Half> {
    prop::collection::vec(any::<u8>(), HALF).prop_map(|bytes| bytes.try_into().expect("128 bytes"))
}

/// Whether two halves differ outside the bits of an element.
fn differ_elsewhere(register: &Register, element: usize, before: &Half, after: &Half) -> bool {
    let mut own = [0_u8; HALF];
    for (byte, mask) in bits_of(register, element) {
        own[byte] |= mask;
    }
    (0..HALF).any(|byte| (before[byte] ^ after[byte]) & !own[byte] != 0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn bits_put_are_bits_found_and_neighbours_stay(before in half(), raw in any::<u64>()) {
        for register in map::all().filter(|register| is_number(register)) {
            for element in 0..register.count() {
                let mut after = before;
                register.put_raw(element, &mut after, raw);
                let elsewhere = differ_elsewhere(register, element, &before, &after);
                prop_assert!(!elsewhere, "{}", register.name);
                let place = register.place(element);
                let bits = match place.mask {
                    0xFF => 8 * place.bytes,
                    mask => mask.count_ones() as usize,
                };
                let kept = if bits == 64 { raw } else { raw & ((1 << bits) - 1) };
                prop_assert_eq!(register.raw_of(element, &after), kept, "{}", register.name);
            }
        }
    }

    #[test]
    fn quantities_come_back(before in half()) {
        for register in map::all().filter(|register| is_number(register)) {
            for element in 0..register.count() {
                let quantity = register.number(element, &before);
                let mut after = before;
                register.put_number(element, &mut after, quantity);
                let elsewhere = differ_elsewhere(register, element, &before, &after);
                prop_assert!(!elsewhere, "{}", register.name);
                let again = register.number(element, &after);
                if matches!(register.form, Form::F16 { .. }) || register.element_bytes() == 8 {
                    // A decimal number has several forms, and a counter more bits than a quantity.
                    let off = (again - quantity).abs();
                    prop_assert!(off <= quantity.abs() * 1e-15, "{}", register.name);
                } else {
                    prop_assert_eq!(after, before, "{} {}", register.name, element);
                }
            }
        }
    }

    #[test]
    fn samples_come_back(sample in any::<u16>()) {
        for of in OBSERVABLES {
            let again = of.sample_of(of.quantity(sample));
            if of.sample == Sample::F16 {
                let (first, second) = (of.quantity(sample), of.quantity(again));
                prop_assert!((first - second).abs() <= first * 1e-15, "{}", of.name);
            } else {
                prop_assert_eq!(again, sample, "{}", of.name);
            }
        }
    }

    #[test]
    fn text_comes_back(before in half(), text in "[ -~]{0,20}") {
        for register in map::all() {
            let Form::Text { bytes } = register.form else { continue };
            let mut after = before;
            register.put_text(&mut after, &text);
            prop_assert!(!differ_elsewhere(register, 0, &before, &after), "{}", register.name);
            let kept: String = text.chars().take(usize::from(bytes)).collect();
            let expected = cmis::Value::Text(kept.trim_end().to_owned());
            prop_assert_eq!(register.value(0, &after), expected, "{}", register.name);
        }
    }
}
