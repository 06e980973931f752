//! Latched flags, their summary, and the interrupt.

use super::profile::Limits;
use super::{LANES, LaneReadings, Module, PathState, bank_number};
use crate::address::HALF;
use crate::codec::Half;
use crate::map::{lower, p10, p11};
use crate::register::{Feature, LOWER, Register};

/// The state of a lock on its way.
const ACQUIRING: u8 = 1;

/// First flag and first mask of registers whose masks stand in the order of their flags.
struct Latches {
    flag_page: u16,
    flags: std::ops::RangeInclusive<usize>,
    mask_page: u16,
    first_mask: usize,
    summary: Option<&'static Register>,
}

/// Per bank.
const LANE_LATCHES: [Latches; 4] = [
    Latches {
        flag_page: 0x11,
        flags: 134..=153,
        mask_page: 0x10,
        first_mask: 213,
        summary: Some(&lower::FLAG_SUMMARY_11),
    },
    Latches {
        flag_page: 0x12,
        flags: 231..=238,
        mask_page: 0x12,
        first_mask: 239,
        summary: Some(&lower::FLAG_SUMMARY_12),
    },
    Latches {
        flag_page: 0x14,
        flags: 132..=139,
        mask_page: 0x13,
        first_mask: 206,
        summary: Some(&lower::FLAG_SUMMARY_14),
    },
    Latches {
        flag_page: 0x2C,
        flags: 128..=255,
        mask_page: 0x2D,
        first_mask: 128,
        summary: Some(&lower::FLAG_SUMMARY_2C),
    },
];

/// Bytes of module flags, in lower memory, and how far behind them their masks lie.
const MODULE_FLAGS: std::ops::RangeInclusive<usize> = 8..=13;
const MODULE_MASK_OFFSET: usize = 23;

impl Module {
    /// Latches the flags of everything that is so at this instant. A flag that a host has cleared comes
    /// back while its condition lasts.
    pub(super) fn latch_conditions(&mut self) {
        let limits = self.profile.thresholds;
        let readings = &self.readings;
        let crossed =
            |value: Option<f64>, limits: &Limits| value.map_or(0, |of| limits.crossed(of));
        let case = crossed(readings.temperature_c, &limits.temperature_c);
        let supply = limits
            .supply_v
            .map_or(0, |limits| crossed(readings.supply_v, &limits));
        let lasers = limits
            .laser_temperature_c
            .map_or(0, |limits| crossed(readings.laser_temperature_c, &limits));
        let half = self.memory.half_mut(0, LOWER);
        half[usize::from(lower::TEMP_MON_HIGH_ALARM_FLAG.byte)] |= case | supply << 4;
        half[usize::from(lower::AUX2_MON_HIGH_ALARM_FLAG.byte)] |= lasers << 4;
        for bank in 0..self.banks.len() {
            let n_lanes = self.lanes_of(bank).count_ones() as usize;
            for lane in 0..n_lanes {
                let Some(of) = self.readings.lanes.get(bank * LANES + lane).copied() else {
                    break;
                };
                self.latch_lane(bank, lane, &of);
            }
        }
    }

    /// Latches the flags of a lane, as far as its data path is up enough for them to mean anything.
    fn latch_lane(&mut self, bank: usize, lane: usize, of: &LaneReadings) {
        let state = self.banks[bank].state(lane);
        if state == PathState::Deactivated {
            return;
        }
        // A modulator that still looks for its lock lets through whatever it happens to.
        let is_searching = of.tx_lock.state == ACQUIRING;
        let is_shining =
            self.wants_light(bank, lane) && state == PathState::Activated && !is_searching;
        let limits = self.profile.thresholds;
        let crossed =
            |value: Option<f64>, limits: &Limits| value.map_or(0, |of| limits.crossed(of));
        let shining = |value, limits: &Option<Limits>| match limits {
            Some(limits) if is_shining => crossed(value, limits),
            _ => 0,
        };
        let tx_power = shining(of.tx_power_mw, &limits.tx_power_mw);
        let tx_bias = shining(of.tx_bias_ma, &limits.tx_bias_ma);
        let rx_power = crossed(of.rx_power_mw, &limits.rx_power_mw);
        let has_host_retimer = self.has(Feature::HostRetimer);
        let has_media_retimer = self.has(Feature::MediaRetimer);
        let half = self.memory.half_mut(bank_number(bank), 0x11);
        let mut set = |register: &Register, is_so: bool| {
            if is_so {
                half[usize::from(register.byte) - HALF] |= 1 << lane;
            }
        };
        set(&p11::FAILURE_FLAG_TX, is_shining && of.has_tx_fault);
        set(&p11::LOS_FLAG_TX, !of.has_host_signal);
        set(
            &p11::CDR_LOL_FLAG_TX,
            has_host_retimer && !of.is_host_locked,
        );
        set(&p11::LOS_FLAG_RX, !of.has_media_signal);
        set(
            &p11::CDR_LOL_FLAG_RX,
            has_media_retimer && !of.is_media_locked,
        );
        for (first, bits) in [
            (&p11::OPTICAL_POWER_HIGH_ALARM_FLAG_TX, tx_power),
            (&p11::LASER_BIAS_HIGH_ALARM_FLAG_TX, tx_bias),
            (&p11::OPTICAL_POWER_HIGH_ALARM_FLAG_RX, rx_power),
        ] {
            // High alarm, low alarm, high warning and low warning have a byte each.
            let first = usize::from(first.byte) - HALF;
            for (kind, byte) in half[first..first + 4].iter_mut().enumerate() {
                *byte |= (bits >> kind & 1) << lane;
            }
        }
    }

    /// Shows which banks have flags, and whether one of them asks for attention.
    pub(super) fn summarize(&mut self) {
        let mut is_asking =
            self.has_module_flags() || self.has_laser_flags() || self.has_extension_flags();
        for latches in &LANE_LATCHES {
            if !self.memory.has(latches.flag_page) || !self.memory.has(latches.mask_page) {
                continue;
            }
            for bank in 0..self.profile.banks.max(1) {
                let flags = self.memory.half(bank, latches.flag_page);
                let masks = self.memory.half(bank, latches.mask_page);
                let (is_set, is_unmasked) = look(latches, flags, masks);
                is_asking |= is_unmasked;
                let lower = self.memory.half_mut(0, LOWER);
                if let Some(summary) = latches.summary
                    && usize::from(bank) < summary.count()
                {
                    summary.put_flag(usize::from(bank), lower, is_set);
                }
            }
        }
        let lower = self.memory.half_mut(0, LOWER);
        lower::INTERRUPT_DEASSERTED.put_flag(0, lower, !is_asking);
    }

    fn has_module_flags(&self) -> bool {
        let lower = self.memory.half(0, LOWER);
        MODULE_FLAGS
            .clone()
            .any(|byte| lower[byte] & !lower[byte + MODULE_MASK_OFFSET] != 0)
    }

    /// Whether the host lets a lane's output be on.
    pub(super) fn wants_light(&self, bank: usize, lane: usize) -> bool {
        self.control(bank, &p10::OUTPUT_DISABLE_TX) >> lane & 1 == 0
            && !self.is_squelched(bank, lane)
    }
}

/// Whether any flag is set, and whether any that is not masked is.
fn look(latches: &Latches, flags: &Half, masks: &Half) -> (bool, bool) {
    let mut found = (false, false);
    for (at, byte) in latches.flags.clone().enumerate() {
        let flag = flags[byte - HALF];
        found.0 |= flag != 0;
        found.1 |= flag & !masks[latches.first_mask + at - HALF] != 0;
    }
    found
}
