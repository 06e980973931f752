//! The lanes of a laser module.
//!
//! # Source
//! OIF-ELSFP-CMIS-01.0, pages 1Ah and 1Bh, as public clients use them.

use super::memory::Written;
use super::profile::{LaserControl, LaserProfile, Limits};
use super::{
    LANES, LaserReadings, LaserSetpoint, LaserWanted, Module, ModuleState, at, bank_number,
};
use crate::map::{p1a, p1b};
use crate::register::{Feature, Register};

const CONTROLS: u16 = 0x1A;
const SETPOINTS: u16 = 0x1B;

/// The output of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Output {
    #[default]
    Off,
    /// On its way, until then.
    Ramping(u64),
    On,
}

impl Output {
    const fn code(self) -> u64 {
        match self {
            Self::Off => 0,
            Self::Ramping(_) => 1,
            Self::On => 2,
        }
    }
}

/// What came of saving or restoring, by its register.
#[derive(Debug, Clone, Copy)]
enum Confirmation {
    Done = 1,
    Invalid = 3,
    NothingSaved = 4,
}

/// Registers that are saved together: page, first byte, how many.
const SAVED_CONTROLS: [(u16, &Register, usize); 2] = [
    (CONTROLS, &p1a::LANE_ENABLE, 1),
    (SETPOINTS, &p1b::BIAS_CURRENT_SETPOINT, 32),
];
const SAVED_MASKS: [(u16, &Register, usize); 2] = [
    (CONTROLS, &p1a::BIAS_HIGH_ALARM_MASK, 8),
    (CONTROLS, &p1a::GLOBAL_ALARM_MASK, 2),
];

/// Share of its setpoint below which the light of a laser says that its loop does not hold it: far
/// beyond what monitors err by.
const LOST_SHARE: f64 = 0.5;

/// Flags of a lane: those of alarms and those of warnings, among eight bytes.
const ALARM_FLAGS: [usize; 4] = [0, 1, 4, 5];

impl Module {
    fn laser(&self) -> Option<&LaserProfile> {
        let laser = self.profile.laser.as_ref();
        laser.filter(|_| self.has(Feature::LaserModule))
    }

    /// Says what the lanes can do, and sets them as they are after a reset.
    pub(super) fn fill_lasers(&mut self) {
        let n = usize::from(self.profile.lanes);
        let Some(of) = self.laser().cloned() else {
            return;
        };
        self.outputs = vec![Output::Off; n];
        for bank in 0..n.div_ceil(LANES) {
            let half = self.memory.half_mut(bank_number(bank), CONTROLS);
            for (register, value) in [
                (&p1a::MAX_OPTICAL_POWER, of.power_range_mw.1),
                (&p1a::MIN_OPTICAL_POWER, of.power_range_mw.0),
                (&p1a::MAX_LASER_BIAS, of.bias_range_ma.1),
                (&p1a::MIN_LASER_BIAS, of.bias_range_ma.0),
                (&p1a::OPT_CHECK_POWER_SETPOINT, of.check_power_mw),
                (
                    &p1a::BIAS_HIGH_ALARM_THRESHOLD,
                    of.bias_limits_ma.high_alarm,
                ),
                (&p1a::BIAS_LOW_ALARM_THRESHOLD, of.bias_limits_ma.low_alarm),
                (
                    &p1a::BIAS_HIGH_WARNING_THRESHOLD,
                    of.bias_limits_ma.high_warning,
                ),
                (
                    &p1a::BIAS_LOW_WARNING_THRESHOLD,
                    of.bias_limits_ma.low_warning,
                ),
                (
                    &p1a::POWER_HIGH_ALARM_THRESHOLD,
                    of.power_limits_mw.high_alarm,
                ),
                (
                    &p1a::POWER_LOW_ALARM_THRESHOLD,
                    of.power_limits_mw.low_alarm,
                ),
                (
                    &p1a::POWER_HIGH_WARNING_THRESHOLD,
                    of.power_limits_mw.high_warning,
                ),
                (
                    &p1a::POWER_LOW_WARNING_THRESHOLD,
                    of.power_limits_mw.low_warning,
                ),
            ] {
                register.put_number(0, half, value);
            }
            let holds_power = of.control == LaserControl::Power;
            p1a::CONTROL_MODE.put_raw(0, half, u64::from(holds_power));
            p1a::NUMBER_OF_LANES.put_raw(0, half, n as u64);
            for lane in 0..LANES {
                let number = bank * LANES + lane;
                let fibre = of.fibre.get(number).copied().unwrap_or(0);
                p1a::LANE_TO_FIBER_MAPPING.put_raw(lane, half, u64::from(fibre));
                let frequency_ghz = of.frequency_ghz.get(number).copied().unwrap_or(0.0);
                p1a::LANE_FREQUENCY.put_number(lane, half, frequency_ghz);
                let is_used = of.is_used.get(number).copied().unwrap_or(true);
                p1a::LANE_ENABLE.put_flag(lane, half, number < n && is_used);
                p1a::OUTPUT_FIBER_CHECKED_FLAG.put_flag(lane, half, !of.needs_fibre_check);
            }
            let half = self.memory.half_mut(bank_number(bank), SETPOINTS);
            for lane in 0..LANES.min(n - bank * LANES) {
                p1b::OPT_POWER_SETPOINT.put_number(lane, half, of.power_mw);
                p1b::BIAS_CURRENT_SETPOINT.put_number(lane, half, of.bias_ma);
            }
        }
    }

    /// Lets outputs follow what is asked of them. Whether any did.
    pub(super) fn drive_lasers(&mut self) -> bool {
        let Some(ramp_ns) = self.laser().map(|of| of.ramp_ns) else {
            return false;
        };
        let mut has_changed = false;
        for lane in 0..self.outputs.len() {
            let is_asked =
                self.power.state == ModuleState::Ready && self.lane_bit(lane, &p1a::LANE_ENABLE);
            let next = match self.outputs[lane] {
                Output::Off if is_asked => Output::Ramping(self.now_ns + ramp_ns),
                Output::Ramping(until_ns) if is_asked && until_ns <= self.now_ns => Output::On,
                Output::Ramping(_) | Output::On if !is_asked => Output::Off,
                _ => continue,
            };
            has_changed = true;
            self.outputs[lane] = next;
            if next == Output::Off && self.laser().is_some_and(|of| of.needs_fibre_check) {
                // What is joined may be another fibre when the light comes back.
                let half = self.memory.half_mut(bank_number(lane / LANES), CONTROLS);
                p1a::OUTPUT_FIBER_CHECKED_FLAG.put_flag(lane % LANES, half, false);
            }
        }
        has_changed
    }

    /// When after `now_ns` an output is on.
    pub(super) fn ramps_until_ns(&self, now_ns: u64) -> Option<u64> {
        let ends = self.outputs.iter().filter_map(|output| match output {
            Output::Ramping(until_ns) => Some(*until_ns),
            _ => None,
        });
        ends.filter(|end| *end > now_ns).min()
    }

    fn lane_bit(&self, lane: usize, register: &Register) -> bool {
        let half = self.memory.half(bank_number(lane / LANES), register.page);
        register.flag(lane % LANES, half)
    }

    /// What is wanted of each laser.
    pub(super) fn wanted_lasers(&self) -> Vec<LaserWanted> {
        let Some(of) = self.laser() else {
            return Vec::new();
        };
        let lane = |lane: usize| {
            let half = self.memory.half(bank_number(lane / LANES), SETPOINTS);
            let setpoint = match of.control {
                LaserControl::Power => {
                    let asked = p1b::OPT_POWER_SETPOINT.number(lane % LANES, half);
                    let is_checked = self.lane_bit(lane, &p1a::OUTPUT_FIBER_CHECKED_FLAG);
                    let most = if is_checked {
                        f64::INFINITY
                    } else {
                        of.check_power_mw
                    };
                    LaserSetpoint::PowerMw(asked.min(most))
                }
                LaserControl::Current => {
                    LaserSetpoint::BiasMa(p1b::BIAS_CURRENT_SETPOINT.number(lane % LANES, half))
                }
            };
            LaserWanted {
                is_on: self.outputs[lane] != Output::Off,
                setpoint,
            }
        };
        (0..self.outputs.len()).map(lane).collect()
    }

    /// Shows monitors of lasers.
    pub(super) fn show_laser_monitors(&mut self) {
        if self.laser().is_none() {
            return;
        }
        for lane in 0..self.outputs.len() {
            let of = self.readings.lasers.get(lane).copied().unwrap_or_default();
            let half = self.memory.half_mut(bank_number(lane / LANES), SETPOINTS);
            for (register, value) in [
                (&p1b::OPT_POWER_MONITOR, of.power_mw),
                (&p1b::BIAS_CURRENT_MONITOR, of.bias_ma),
                (&p1b::VOLTAGE_MONITOR, of.voltage_v),
            ] {
                register.put_number(lane % LANES, half, value.unwrap_or(0.0));
            }
            let supply_ma = self.readings.supply_current_ma.unwrap_or(0.0);
            p1b::ICC_MONITOR.put_number(0, half, supply_ma);
        }
    }

    /// Latches the flags of lasers that are on.
    pub(super) fn latch_lasers(&mut self) {
        let Some(of) = self.laser() else { return };
        let (bias, power, control) = (of.bias_limits_ma, of.power_limits_mw, of.control);
        let wanted = self.wanted_lasers();
        for (lane, wanted) in wanted.iter().enumerate() {
            let mut read = self.readings.lasers.get(lane).copied().unwrap_or_default();
            if self.outputs[lane] != Output::On {
                continue;
            }
            if let (LaserSetpoint::PowerMw(asked_mw), Some(power_mw)) =
                (wanted.setpoint, read.power_mw)
            {
                read.has_lost_control |= power_mw < LOST_SHARE * asked_mw;
            }
            self.latch_laser(lane, &read, &bias, &power, control);
        }
    }

    fn latch_laser(
        &mut self,
        lane: usize,
        read: &LaserReadings,
        bias: &Limits,
        power: &Limits,
        control: LaserControl,
    ) {
        let crossed =
            |value: Option<f64>, limits: &Limits| value.map_or(0, |of| limits.crossed(of));
        let bits = crossed(read.bias_ma, bias) | crossed(read.power_mw, power) << 4;
        let half = self.memory.half_mut(bank_number(lane / LANES), CONTROLS);
        let first = at(&p1a::BIAS_HIGH_ALARM_FLAG);
        for (kind, byte) in half[first..first + 8].iter_mut().enumerate() {
            *byte |= (bits >> kind & 1) << (lane % LANES);
        }
        let code = match control {
            LaserControl::Power => 1,
            LaserControl::Current => 2,
        };
        let has_alarm = ALARM_FLAGS.iter().any(|kind| bits >> kind & 1 != 0);
        let is_warned = bits != 0 && !has_alarm;
        let fault = u64::from(read.has_lost_control) * code;
        p1a::FAULT_CODE.put_raw(lane % LANES, half, fault);
        p1a::WARNING_CODE.put_raw(lane % LANES, half, u64::from(is_warned) * code);
        // Flags of all 32 lanes stand in the first bank.
        let half = self.memory.half_mut(0, CONTROLS);
        if lane < p1a::FAULT_FLAG.count() {
            let is_faulty = read.has_lost_control || has_alarm;
            if is_faulty {
                p1a::FAULT_FLAG.put_flag(lane, half, true);
            }
            if bits != 0 {
                p1a::WARNING_FLAG.put_flag(lane, half, true);
            }
        }
    }

    /// Shows the outputs, and whether any lane has a fault or a warning.
    pub(super) fn show_lasers(&mut self) {
        if self.laser().is_none() {
            return;
        }
        for (lane, output) in self.outputs.iter().enumerate() {
            let half = self.memory.half_mut(bank_number(lane / LANES), CONTROLS);
            p1a::LANE_STATE.put_raw(lane % LANES, half, output.code());
        }
        let half = self.memory.half_mut(0, CONTROLS);
        let any = |register: &Register, half: &crate::Half| {
            (0..register.count()).any(|lane| register.flag(lane, half))
        };
        let (fault, warning) = (any(&p1a::FAULT_FLAG, half), any(&p1a::WARNING_FLAG, half));
        p1a::LANE_SUMMARY_FAULT.put_flag(0, half, fault);
        p1a::LANE_SUMMARY_WARNING.put_flag(0, half, warning);
    }

    /// Whether a flag of a laser asks for attention: one that neither its own mask nor that of all
    /// alarms, or of all warnings, of its lane keeps back.
    pub(super) fn has_laser_flags(&self) -> bool {
        if self.laser().is_none() {
            return false;
        }
        (0..self.outputs.len().div_ceil(LANES)).any(|bank| {
            let half = self.memory.half(bank_number(bank), CONTROLS);
            let (flags, masks) = (
                at(&p1a::BIAS_HIGH_ALARM_FLAG),
                at(&p1a::BIAS_HIGH_ALARM_MASK),
            );
            (0..8).any(|kind| {
                let all = if ALARM_FLAGS.contains(&kind) {
                    &p1a::GLOBAL_ALARM_MASK
                } else {
                    &p1a::GLOBAL_WARNING_MASK
                };
                half[flags + kind] & !half[masks + kind] & !half[at(all)] != 0
            })
        })
    }

    /// Acts upon what a host has written to a laser module.
    pub(super) fn act_on_lasers(&mut self, of: Written) {
        if self.laser().is_none() {
            return;
        }
        if of.page == CONTROLS && of.byte == p1a::SAVE_RESTORE_COMMAND.byte {
            let confirmation = self.save_or_restore(of.data);
            let half = self.memory.half_mut(of.bank, CONTROLS);
            p1a::SAVE_RESTORE_CONFIRM.put_raw(0, half, confirmation as u64);
        }
    }

    /// Brings setpoints into the range that the module states.
    pub(super) fn limit_setpoints(&mut self) {
        let Some(of) = self.laser() else { return };
        let ranges = [
            (&p1b::OPT_POWER_SETPOINT, of.power_range_mw),
            (&p1b::BIAS_CURRENT_SETPOINT, of.bias_range_ma),
        ];
        for lane in 0..self.outputs.len() {
            let half = self.memory.half_mut(bank_number(lane / LANES), SETPOINTS);
            for (register, (least, most)) in ranges {
                let asked = register.number(lane % LANES, half);
                if !(least..=most).contains(&asked) {
                    register.put_number(lane % LANES, half, asked.clamp(least, most));
                }
            }
        }
    }

    /// 10h and 20h bring controls and masks back to the factory's; 11h, 12h and 21h, 22h to what was
    /// saved by 18h, 19h and 28h, 29h.
    fn save_or_restore(&mut self, command: u8) -> Confirmation {
        let (parts, first) = match command >> 4 {
            1 => (&SAVED_CONTROLS, 0),
            2 => (&SAVED_MASKS, 2),
            _ => return Confirmation::Invalid,
        };
        match command & 0xF {
            0 => {
                let factory = &self.factory[usize::from(first > 0)].clone();
                self.put_saved(parts, factory);
            }
            set @ (1 | 2) => {
                let Some(saved) = self.nonvolatile.saved[first + usize::from(set) - 1].clone()
                else {
                    return Confirmation::NothingSaved;
                };
                self.put_saved(parts, &saved);
            }
            set @ (8 | 9) => {
                let saved = self.take_saved(parts);
                self.nonvolatile.saved[first + usize::from(set) - 8] = Some(saved);
            }
            _ => return Confirmation::Invalid,
        }
        Confirmation::Done
    }

    fn take_saved(&self, parts: &[(u16, &Register, usize)]) -> Vec<u8> {
        let banks = 0..self.outputs.len().div_ceil(LANES);
        let of_bank = |bank: usize| {
            parts.iter().flat_map(move |(page, register, n)| {
                let half = self.memory.half(bank_number(bank), *page);
                half[at(register)..at(register) + n].iter().copied()
            })
        };
        banks.flat_map(of_bank).collect()
    }

    /// Bytes of another module, or of another version of it, restore as far as they go.
    fn put_saved(&mut self, parts: &[(u16, &Register, usize)], saved: &[u8]) {
        let mut saved = saved.iter();
        for bank in 0..self.outputs.len().div_ceil(LANES) {
            for (page, register, n) in parts {
                let half = self.memory.half_mut(bank_number(bank), *page);
                for (byte, saved) in half[at(register)..at(register) + n]
                    .iter_mut()
                    .zip(&mut saved)
                {
                    *byte = *saved;
                }
            }
        }
    }

    /// What a restore to the factory's controls and masks brings back.
    pub(super) fn remember_factory(&mut self) {
        self.factory = [
            self.take_saved(&SAVED_CONTROLS),
            self.take_saved(&SAVED_MASKS),
        ];
    }
}
