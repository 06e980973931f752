//! What a module says of itself: identity, abilities, thresholds.

use super::LANES;
use super::memory::Memory;
use super::profile::{Application, Limits, Profile};
use crate::address::HALF;
use crate::codec::Half;
use crate::map::codes::duration_class;
use crate::map::{lower, p00, p01, p02, p11};
use crate::register::{Feature, LOWER, Register};
use units::Seconds;

/// The class in which a module states how long something takes.
fn class_of(duration_ns: u64) -> u64 {
    u64::from(duration_class(Seconds::new(duration_ns as f64 * 1e-9)))
}

/// Applications that lower memory holds; the others stand on page 01h.
const APPLICATIONS_IN_LOWER: usize = 8;
/// The host interface that ends the list of applications.
const NO_APPLICATION: u64 = 0xFF;

/// Greatest number of a wavelength or fibre that four bits hold.
const MOST_NUMBER: u8 = 15;

/// What squelching lowers: all of the light, because the lane goes dark.
const DARKENS: u64 = 2;

/// Fills in everything that does not change while a module runs.
pub(super) fn fill(profile: &Profile, memory: &mut Memory) {
    fill_lower(profile, memory);
    fill_identity(profile, memory);
    fill_abilities(profile, memory);
    fill_thresholds(profile, memory);
    fill_media_lanes(profile, memory);
}

/// Makes every checksum true.
pub(super) fn sum_up(memory: &mut Memory) {
    for (page, first, last) in CHECKSUMS {
        if memory.has(page) {
            let half = memory.half_mut(0, page);
            half[last + 1 - HALF] = checksum(&half[first - HALF..=last - HALF]);
        }
    }
}

/// Page, first and last byte that a checksum covers; it stands behind them.
const CHECKSUMS: [(u16, usize, usize); 4] = [
    (0x00, 128, 221),
    (0x01, 130, 254),
    (0x02, 128, 254),
    (0x04, 128, 254),
];

/// The low byte of the sum.
pub(super) fn checksum(bytes: &[u8]) -> u8 {
    bytes
        .iter()
        .fold(0, |sum: u8, byte| sum.wrapping_add(*byte))
}

fn fill_lower(profile: &Profile, memory: &mut Memory) {
    let has_paths = profile.features.has(Feature::DataPaths);
    let half = memory.half_mut(0, LOWER);
    let is_resource = !has_paths;
    for (register, value) in [
        (&lower::IDENTIFIER, u64::from(profile.identity.identifier)),
        (&lower::REVISION_MAJOR, u64::from(profile.revision.0)),
        (&lower::REVISION_MINOR, u64::from(profile.revision.1)),
        (&lower::MCI_MAX_SPEED, 1),
        (&lower::INTERRUPT_DEASSERTED, 1),
        (&lower::LOW_PWR_ALLOW_REQUEST_HW, 1),
        (&lower::MODULE_FUNCTION_TYPE, u64::from(is_resource)),
        (&lower::MEDIA_TYPE, u64::from(profile.media_type)),
    ] {
        register.put_raw(0, half, value);
    }
    if has_paths {
        lower::MAX_BANKS.put_raw(0, half, u64::from(profile.banks));
    }
    let list = ApplicationRegisters {
        host_id: &lower::HOST_INTERFACE_ID,
        media_id: &lower::MEDIA_INTERFACE_ID,
        host_lanes: &lower::HOST_LANE_COUNT,
        media_lanes: &lower::MEDIA_LANE_COUNT,
        host_starts: &lower::HOST_LANE_ASSIGNMENT_OPTIONS,
    };
    let first = profile.applications.iter().take(APPLICATIONS_IN_LOWER);
    list.fill(half, first);
}

/// The registers of a list of applications.
struct ApplicationRegisters {
    host_id: &'static Register,
    media_id: &'static Register,
    host_lanes: &'static Register,
    media_lanes: &'static Register,
    host_starts: &'static Register,
}

impl ApplicationRegisters {
    fn fill<'a>(&self, half: &mut Half, applications: impl Iterator<Item = &'a Application>) {
        let mut n = 0;
        for (at, of) in applications.take(self.host_id.count()).enumerate() {
            for (register, value) in [
                (self.host_id, of.host_id),
                (self.media_id, of.media_id),
                (self.host_lanes, of.host_lanes),
                (self.media_lanes, of.media_lanes),
                (self.host_starts, of.host_starts),
            ] {
                register.put_raw(at, half, u64::from(value));
            }
            n = at + 1;
        }
        if n < self.host_id.count() {
            self.host_id.put_raw(n, half, NO_APPLICATION);
        }
    }
}

fn fill_identity(profile: &Profile, memory: &mut Memory) {
    let half = memory.half_mut(0, 0x00);
    let of = &profile.identity;
    p00::IDENTIFIER_COPY.put_raw(0, half, u64::from(of.identifier));
    for (register, text) in [
        (&p00::VENDOR_NAME, &of.vendor_name),
        (&p00::VENDOR_PN, &of.part_number),
        (&p00::VENDOR_REV, &of.part_revision),
        (&p00::VENDOR_SN, &of.serial_number),
        (&p00::DATE_CODE, &of.date_code),
        (&p00::CLEI_CODE, &of.clei),
    ] {
        register.put_text(half, text);
    }
    let oui = p00::VENDOR_OUI.place(0).first;
    half[oui..oui + of.vendor_oui.len()].copy_from_slice(&of.vendor_oui);
    p00::MAX_POWER.put_number(0, half, profile.max_power_w);
    p00::MODULE_POWER_CLASS.put_raw(0, half, power_class(profile.max_power_w));
    p00::CONNECTOR_TYPE.put_raw(0, half, u64::from(profile.connector));
    p00::MEDIA_INTERFACE_TECHNOLOGY.put_raw(0, half, u64::from(profile.media_technology));
    // Lanes of the first bank that are not there; further banks have no such register.
    for lane in usize::from(profile.lanes).min(8)..8 {
        p00::MEDIA_LANE_UNSUPPORTED.put_flag(lane, half, true);
    }
}

/// The least class that allows a power; the last has no limit but the stated one.
///
/// # Source
/// CMIS 5.2, module power classes 1 to 8: up to 1.5, 3.5, 7, 8, 10, 12 and 14 W, and more.
fn power_class(watts: f64) -> u64 {
    [1.5, 3.5, 7.0, 8.0, 10.0, 12.0, 14.0]
        .iter()
        .position(|most| watts <= *most)
        .unwrap_or(7) as u64
}

fn fill_abilities(profile: &Profile, memory: &mut Memory) {
    if !memory.has(0x01) {
        return;
    }
    let half = memory.half_mut(0, 0x01);
    let has = |feature| profile.features.has(feature);
    let flag = |feature| u64::from(has(feature));
    for (register, value) in [
        (&p01::HARDWARE_MAJOR, u64::from(profile.hardware.0)),
        (&p01::HARDWARE_MINOR, u64::from(profile.hardware.1)),
        (&p01::VDM_PAGES_SUPPORTED, flag(Feature::Vdm)),
        (&p01::DIAGNOSTIC_PAGES_SUPPORTED, flag(Feature::Diagnostics)),
        (&p01::TEMP_MON_SUPPORTED, 1),
        (
            &p01::VCC_MON_SUPPORTED,
            u64::from(profile.thresholds.supply_v.is_some()),
        ),
        (
            &p01::AUX2_MON_SUPPORTED,
            u64::from(profile.thresholds.laser_temperature_c.is_some()),
        ),
        (
            &p01::MAX_DURATION_MODULE_PWR_UP,
            class_of(profile.power.power_up_ns),
        ),
        (
            &p01::MAX_DURATION_MODULE_PWR_DN,
            class_of(profile.power.power_down_ns),
        ),
    ] {
        register.put_raw(0, half, value);
    }
    let limits = &profile.thresholds;
    for (register, value) in [
        (&p01::NOMINAL_WAVELENGTH, profile.wavelength_nm.0),
        (&p01::WAVELENGTH_TOLERANCE, profile.wavelength_nm.1),
        (&p01::MODULE_TEMP_MAX, limits.temperature_c.high_warning),
        (&p01::MODULE_TEMP_MIN, limits.temperature_c.low_warning),
        (
            &p01::OPERATING_VOLTAGE_MIN,
            limits.supply_v.map_or(0.0, |of| of.low_warning),
        ),
    ] {
        register.put_number(0, half, value);
    }
    if let Some((multiplier, base)) = profile.reach_m.and_then(smf_reach) {
        p01::LENGTH_MULTIPLIER_SMF.put_raw(0, half, multiplier);
        p01::BASE_LENGTH_SMF.put_raw(0, half, base);
    }
    if has(Feature::DataPaths) {
        fill_path_abilities(profile, half);
        fill_further_applications(profile, half);
    }
}

/// Multiplier and base of a reach: the least unit of 0.1, 1 and 10 km of which at most 63 make it, rounded
/// down; none of less than 0.1 km.
fn smf_reach(metres: f64) -> Option<(u64, u64)> {
    (0..).zip([100.0, 1e3, 1e4]).find_map(|(multiplier, unit)| {
        let base = (metres / unit).floor();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number from 1 to 63"
        )]
        (1.0..=63.0)
            .contains(&base)
            .then_some((multiplier, base as u64))
    })
}

fn fill_path_abilities(profile: &Profile, half: &mut Half) {
    let has = |feature| profile.features.has(feature);
    let flag = |feature| u64::from(has(feature));
    let si = &profile.signal_integrity;
    for (register, value) in [
        (&p01::BANKS_SUPPORTED, banks_code(profile.banks)),
        (&p01::EXTRA_LANE_BANKS_SUPPORTED, extra_banks(profile.banks)),
        (&p01::MAX_DURATION_DP_INIT, class_of(profile.paths.init_ns)),
        (
            &p01::MAX_DURATION_DP_DEINIT,
            class_of(profile.paths.deinit_ns),
        ),
        (
            &p01::MAX_DURATION_DP_TX_TURN_ON,
            class_of(profile.paths.turn_on_ns),
        ),
        (
            &p01::MAX_DURATION_DP_TX_TURN_OFF,
            class_of(profile.paths.turn_off_ns),
        ),
        (&p01::RX_POWER_MEASUREMENT_TYPE, 1),
        (&p01::RX_LOS_TYPE, 1),
        (
            &p01::RX_OUTPUT_LEVELS_SUPPORTED,
            u64::from(si.rx_amplitudes),
        ),
        (
            &p01::RX_OUTPUT_EQ_PRE_CURSOR_MAX,
            u64::from(si.rx_pre_cursor_max),
        ),
        (
            &p01::RX_OUTPUT_EQ_POST_CURSOR_MAX,
            u64::from(si.rx_post_cursor_max),
        ),
        (&p01::TRANSMITTER_IS_TUNABLE, flag(Feature::TunableLaser)),
        (&p01::SQUELCH_METHOD_TX, DARKENS),
        (&p01::FORCED_SQUELCH_TX_SUPPORTED, 1),
        (&p01::AUTO_SQUELCH_DISABLE_TX_SUPPORTED, 1),
        (&p01::OUTPUT_DISABLE_TX_SUPPORTED, 1),
        (&p01::BANK_BROADCAST_SUPPORTED, 1),
        (&p01::AUTO_SQUELCH_DISABLE_RX_SUPPORTED, 1),
        (&p01::OUTPUT_DISABLE_RX_SUPPORTED, 1),
        (
            &p01::INPUT_POLARITY_FLIP_TX_SUPPORTED,
            u64::from(profile.flips_polarity),
        ),
        (
            &p01::OUTPUT_POLARITY_FLIP_RX_SUPPORTED,
            u64::from(profile.flips_polarity),
        ),
        (&p01::LOS_FLAG_TX_SUPPORTED, 1),
        (&p01::FAILURE_FLAG_TX_SUPPORTED, 1),
        (&p01::LOS_FLAG_RX_SUPPORTED, 1),
        (&p01::RX_OPTICAL_POWER_MON_SUPPORTED, 1),
        (
            &p01::TX_OPTICAL_POWER_MON_SUPPORTED,
            u64::from(profile.thresholds.tx_power_mw.is_some()),
        ),
        (
            &p01::TX_BIAS_MON_SUPPORTED,
            u64::from(profile.thresholds.tx_bias_ma.is_some()),
        ),
        (
            &p01::TX_BIAS_CURRENT_SCALING_FACTOR,
            bias_code(profile.bias_multiplier),
        ),
        (&p01::STAGED_SET_1_SUPPORTED, flag(Feature::StagedSet1)),
        (&p01::RX_OUTPUT_AMPLITUDE_CONTROL_SUPPORTED, 1),
        (&p01::RX_OUTPUT_EQ_CONTROL_SUPPORTED, 3),
    ] {
        register.put_raw(0, half, value);
    }
    if has(Feature::HostRetimer) {
        for (register, value) in [
            (&p01::TX_INPUT_EQ_MAX, u64::from(si.tx_input_eq_max)),
            (&p01::CDR_LOL_FLAG_TX_SUPPORTED, 1),
            (&p01::TX_INPUT_ADAPTIVE_EQ_SUPPORTED, 1),
            (&p01::TX_INPUT_EQ_FIXED_MANUAL_CONTROL_SUPPORTED, 1),
            (&p01::TX_CDR_SUPPORTED, 1),
        ] {
            register.put_raw(0, half, value);
        }
    }
    if has(Feature::MediaRetimer) {
        p01::CDR_LOL_FLAG_RX_SUPPORTED.put_raw(0, half, 1);
        p01::RX_CDR_SUPPORTED.put_raw(0, half, 1);
    }
}

fn fill_further_applications(profile: &Profile, half: &mut Half) {
    for (at, of) in profile.applications.iter().take(15).enumerate() {
        p01::MEDIA_LANE_ASSIGNMENT_OPTIONS.put_raw(at, half, u64::from(of.media_starts));
    }
    let list = ApplicationRegisters {
        host_id: &p01::HOST_INTERFACE_ID,
        media_id: &p01::MEDIA_INTERFACE_ID,
        host_lanes: &p01::HOST_LANE_COUNT,
        media_lanes: &p01::MEDIA_LANE_COUNT,
        host_starts: &p01::HOST_LANE_ASSIGNMENT_OPTIONS,
    };
    let further = profile.applications.iter().skip(APPLICATIONS_IN_LOWER);
    list.fill(half, further);
}

/// How many banks, in two bits; what does not fit stands in a register of its own, which code 3 says.
const fn banks_code(banks: u8) -> u64 {
    match banks {
        0 | 1 => 0,
        2 => 1,
        3 | 4 => 2,
        _ => 3,
    }
}

const fn extra_banks(banks: u8) -> u64 {
    if banks > 4 { banks as u64 } else { 0 }
}

const fn bias_code(multiplier: u8) -> u64 {
    match multiplier {
        4.. => 2,
        2 | 3 => 1,
        _ => 0,
    }
}

/// On which wavelength of which fibre each lane sends and receives.
fn fill_media_lanes(profile: &Profile, memory: &mut Memory) {
    if !profile.features.has(Feature::DataPaths) {
        return;
    }
    for (lane, of) in profile.media_lanes.iter().enumerate() {
        let (bank, lane) = (lane / LANES, lane % LANES);
        let Some(bank) = u8::try_from(bank).ok().filter(|of| *of < profile.banks) else {
            break;
        };
        let half = memory.half_mut(bank, 0x11);
        for (register, number) in [
            (&p11::WAVELENGTH_MAPPING_TX, of.wavelength),
            (&p11::FIBER_MAPPING_TX, of.tx_fibre),
            (&p11::WAVELENGTH_MAPPING_RX, of.wavelength),
            (&p11::FIBER_MAPPING_RX, of.rx_fibre),
        ] {
            let number = if number > MOST_NUMBER { 0 } else { number };
            register.put_raw(lane, half, u64::from(number));
        }
    }
}

fn fill_thresholds(profile: &Profile, memory: &mut Memory) {
    if !memory.has(0x02) {
        return;
    }
    let half = memory.half_mut(0, 0x02);
    let limits = &profile.thresholds;
    let mut put = |registers: [&Register; 4], limits: &Limits, per: f64| {
        let values = [
            limits.high_alarm,
            limits.low_alarm,
            limits.high_warning,
            limits.low_warning,
        ];
        for (register, value) in registers.iter().zip(values) {
            register.put_number(0, half, value / per);
        }
    };
    put(
        [
            &p02::TEMP_MON_HIGH_ALARM_THRESHOLD,
            &p02::TEMP_MON_LOW_ALARM_THRESHOLD,
            &p02::TEMP_MON_HIGH_WARNING_THRESHOLD,
            &p02::TEMP_MON_LOW_WARNING_THRESHOLD,
        ],
        &limits.temperature_c,
        1.0,
    );
    if let Some(supply) = &limits.supply_v {
        put(
            [
                &p02::VCC_MON_HIGH_ALARM_THRESHOLD,
                &p02::VCC_MON_LOW_ALARM_THRESHOLD,
                &p02::VCC_MON_HIGH_WARNING_THRESHOLD,
                &p02::VCC_MON_LOW_WARNING_THRESHOLD,
            ],
            supply,
            1.0,
        );
    }
    if let Some(lasers) = &limits.laser_temperature_c {
        put(
            [
                &p02::AUX2_MON_HIGH_ALARM_THRESHOLD,
                &p02::AUX2_MON_LOW_ALARM_THRESHOLD,
                &p02::AUX2_MON_HIGH_WARNING_THRESHOLD,
                &p02::AUX2_MON_LOW_WARNING_THRESHOLD,
            ],
            lasers,
            super::monitors::LASER_TEMPERATURE_LSB_C,
        );
    }
    if !profile.features.has(Feature::DataPaths) {
        return;
    }
    if let Some(tx_power_mw) = &limits.tx_power_mw {
        put(
            [
                &p02::OPTICAL_POWER_TX_HIGH_ALARM_THRESHOLD,
                &p02::OPTICAL_POWER_TX_LOW_ALARM_THRESHOLD,
                &p02::OPTICAL_POWER_TX_HIGH_WARNING_THRESHOLD,
                &p02::OPTICAL_POWER_TX_LOW_WARNING_THRESHOLD,
            ],
            tx_power_mw,
            1.0,
        );
    }
    if let Some(tx_bias_ma) = &limits.tx_bias_ma {
        put(
            [
                &p02::LASER_BIAS_HIGH_ALARM_THRESHOLD,
                &p02::LASER_BIAS_LOW_ALARM_THRESHOLD,
                &p02::LASER_BIAS_HIGH_WARNING_THRESHOLD,
                &p02::LASER_BIAS_LOW_WARNING_THRESHOLD,
            ],
            tx_bias_ma,
            f64::from(profile.bias_multiplier.max(1)),
        );
    }
    put(
        [
            &p02::OPTICAL_POWER_RX_HIGH_ALARM_THRESHOLD,
            &p02::OPTICAL_POWER_RX_LOW_ALARM_THRESHOLD,
            &p02::OPTICAL_POWER_RX_HIGH_WARNING_THRESHOLD,
            &p02::OPTICAL_POWER_RX_LOW_WARNING_THRESHOLD,
        ],
        &limits.rx_power_mw,
        1.0,
    );
}
