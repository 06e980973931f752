//! Page 1Ah: abilities, flags and controls of a laser module.
//!
//! # Source
//! OIF-ELSFP-CMIS-01.0, as the pages of SONiC's `sonic-platform-common` cite it.

use super::codes;
use crate::register::{Feature, Register, at};

super::registers! { 0x1A;
    /// Most power of a lane.
    MAX_OPTICAL_POWER = "MaxOpticalPower", at(128).unsigned(2).scaled(0.01, "mw").of(Feature::LaserModule);
    /// Least power of a lane.
    MIN_OPTICAL_POWER = "MinOpticalPower", at(130).unsigned(2).scaled(0.01, "mw").of(Feature::LaserModule);
    /// Most bias of a lane.
    MAX_LASER_BIAS = "MaxLaserBias", at(132).unsigned(2).scaled(0.1, "ma").of(Feature::LaserModule);
    /// Least bias of a lane.
    MIN_LASER_BIAS = "MinLaserBias", at(134).unsigned(2).scaled(0.1, "ma").of(Feature::LaserModule);
    /// Lanes of the module.
    NUMBER_OF_LANES = "NumberOfLanes", at(140).bits(7, 1).of(Feature::LaserModule);
    /// What the loop of a lane holds.
    CONTROL_MODE = "ControlMode", at(140).bit(0).codes(&[(0, "current"), (1, "power")])
        .of(Feature::LaserModule);
    /// High alarm threshold of the bias of a lane.
    BIAS_HIGH_ALARM_THRESHOLD = "BiasHighAlarmThreshold", at(141).unsigned(2).scaled(0.1, "ma")
        .of(Feature::LaserModule);
    /// Low alarm threshold of the bias of a lane.
    BIAS_LOW_ALARM_THRESHOLD = "BiasLowAlarmThreshold", at(143).unsigned(2).scaled(0.1, "ma")
        .of(Feature::LaserModule);
    /// High warning threshold of the bias of a lane.
    BIAS_HIGH_WARNING_THRESHOLD = "BiasHighWarningThreshold", at(145).unsigned(2).scaled(0.1, "ma")
        .of(Feature::LaserModule);
    /// Low warning threshold of the bias of a lane.
    BIAS_LOW_WARNING_THRESHOLD = "BiasLowWarningThreshold", at(147).unsigned(2).scaled(0.1, "ma")
        .of(Feature::LaserModule);
    /// High alarm threshold of the power of a lane.
    POWER_HIGH_ALARM_THRESHOLD = "PowerHighAlarmThreshold", at(149).unsigned(2).scaled(0.01, "mw")
        .of(Feature::LaserModule);
    /// Low alarm threshold of the power of a lane.
    POWER_LOW_ALARM_THRESHOLD = "PowerLowAlarmThreshold", at(151).unsigned(2).scaled(0.01, "mw")
        .of(Feature::LaserModule);
    /// High warning threshold of the power of a lane.
    POWER_HIGH_WARNING_THRESHOLD = "PowerHighWarningThreshold", at(153).unsigned(2).scaled(0.01, "mw")
        .of(Feature::LaserModule);
    /// Low warning threshold of the power of a lane.
    POWER_LOW_WARNING_THRESHOLD = "PowerLowWarningThreshold", at(155).unsigned(2).scaled(0.01, "mw")
        .of(Feature::LaserModule);
    /// Whether any lane has a warning.
    LANE_SUMMARY_WARNING = "LaneSummaryWarning", at(165).bit(3).of(Feature::LaserModule);
    /// Whether any lane has a fault.
    LANE_SUMMARY_FAULT = "LaneSummaryFault", at(165).bit(2).of(Feature::LaserModule);
    /// A lane has a fault. That reading clears it is not confirmed.
    FAULT_FLAG = "FaultFlagLane", at(166).each_bit(32).cor().of(Feature::LaserModule);
    /// A lane has a warning. That reading clears it is not confirmed.
    WARNING_FLAG = "WarnFlagLane", at(174).each_bit(32).cor().of(Feature::LaserModule);
    /// Keeps controls or masks, or fetches what was kept.
    SAVE_RESTORE_COMMAND = "SaveRestoreCommand", at(184).codes(codes::SAVE_RESTORE_COMMANDS).rw()
        .of(Feature::LaserModule);
    /// What became of the last such command.
    SAVE_RESTORE_CONFIRM = "SaveRestoreConfirm", at(185).codes(codes::SAVE_RESTORE_RESULTS)
        .of(Feature::LaserModule);
    /// The bias of a lane has been beyond its high alarm.
    BIAS_HIGH_ALARM_FLAG = "HighBiasAlarmFlag", at(186).each_bit(8).cor().of(Feature::LaserModule);
    /// The bias of a lane has been beyond its low alarm.
    BIAS_LOW_ALARM_FLAG = "LowBiasAlarmFlag", at(187).each_bit(8).cor().of(Feature::LaserModule);
    /// The bias of a lane has been beyond its high warning.
    BIAS_HIGH_WARNING_FLAG = "HighBiasWarningFlag", at(188).each_bit(8).cor().of(Feature::LaserModule);
    /// The bias of a lane has been beyond its low warning.
    BIAS_LOW_WARNING_FLAG = "LowBiasWarningFlag", at(189).each_bit(8).cor().of(Feature::LaserModule);
    /// The power of a lane has been beyond its high alarm.
    POWER_HIGH_ALARM_FLAG = "HighPowerAlarmFlag", at(190).each_bit(8).cor().of(Feature::LaserModule);
    /// The power of a lane has been beyond its low alarm.
    POWER_LOW_ALARM_FLAG = "LowPowerAlarmFlag", at(191).each_bit(8).cor().of(Feature::LaserModule);
    /// The power of a lane has been beyond its high warning.
    POWER_HIGH_WARNING_FLAG = "HighPowerWarningFlag", at(192).each_bit(8).cor().of(Feature::LaserModule);
    /// The power of a lane has been beyond its low warning.
    POWER_LOW_WARNING_FLAG = "LowPowerWarningFlag", at(193).each_bit(8).cor().of(Feature::LaserModule);
    /// Per lane, whether `HighBiasAlarmFlag` raises no interrupt.
    BIAS_HIGH_ALARM_MASK = "HighBiasAlarmMask", at(198).each_bit(8).rw().of(Feature::LaserModule);
    /// Per lane, whether `LowBiasAlarmFlag` raises no interrupt.
    BIAS_LOW_ALARM_MASK = "LowBiasAlarmMask", at(199).each_bit(8).rw().of(Feature::LaserModule);
    /// Per lane, whether `HighBiasWarningFlag` raises no interrupt.
    BIAS_HIGH_WARNING_MASK = "HighBiasWarningMask", at(200).each_bit(8).rw().of(Feature::LaserModule);
    /// Per lane, whether `LowBiasWarningFlag` raises no interrupt.
    BIAS_LOW_WARNING_MASK = "LowBiasWarningMask", at(201).each_bit(8).rw().of(Feature::LaserModule);
    /// Per lane, whether `HighPowerAlarmFlag` raises no interrupt.
    POWER_HIGH_ALARM_MASK = "HighPowerAlarmMask", at(202).each_bit(8).rw().of(Feature::LaserModule);
    /// Per lane, whether `LowPowerAlarmFlag` raises no interrupt.
    POWER_LOW_ALARM_MASK = "LowPowerAlarmMask", at(203).each_bit(8).rw().of(Feature::LaserModule);
    /// Per lane, whether `HighPowerWarningFlag` raises no interrupt.
    POWER_HIGH_WARNING_MASK = "HighPowerWarningMask", at(204).each_bit(8).rw().of(Feature::LaserModule);
    /// Per lane, whether `LowPowerWarningFlag` raises no interrupt.
    POWER_LOW_WARNING_MASK = "LowPowerWarningMask", at(205).each_bit(8).rw().of(Feature::LaserModule);
    /// Per lane, whether no alarm of it raises an interrupt.
    GLOBAL_ALARM_MASK = "GlobalAlarmMask", at(210).each_bit(8).rw().of(Feature::LaserModule);
    /// Per lane, whether no warning of it raises an interrupt.
    GLOBAL_WARNING_MASK = "GlobalWarnMask", at(211).each_bit(8).rw().of(Feature::LaserModule);
    /// Why a lane has a warning.
    WARNING_CODE = "WarningCode", at(212).bits(7, 4).codes(codes::LASER_LANE_CODES).each_apart(8, 1)
        .of(Feature::LaserModule);
    /// Why a lane has a fault.
    FAULT_CODE = "FaultCode", at(212).bits(3, 0).codes(codes::LASER_LANE_CODES).each_apart(8, 1)
        .of(Feature::LaserModule);
    /// Whether a lane shall emit light.
    LANE_ENABLE = "LaneEnable", at(220).each_bit(8).rw().of(Feature::LaserModule);
    /// Whether a lane emits light.
    LANE_STATE = "LaneState", at(221).codes(codes::LASER_LANE_STATES).packed(8, 2).of(Feature::LaserModule);
    /// Whether the host has found the fibre of a lane where it belongs, so that full power may follow.
    OUTPUT_FIBER_CHECKED_FLAG = "OutputFiberCheckedFlag", at(223).each_bit(8).rw().of(Feature::LaserModule);
    /// Fibre of a lane.
    LANE_TO_FIBER_MAPPING = "LaneToFiberMapping", at(224).each(8).of(Feature::LaserModule);
    /// Frequency of a lane.
    LANE_FREQUENCY = "LaneFrequency", at(232).unsigned(2).scaled(5.0, "ghz").each(8).of(Feature::LaserModule);
    /// Power with which fibres are checked.
    OPT_CHECK_POWER_SETPOINT = "OptCheckPowerSetpoint", at(248).scaled(1.0, "mw").of(Feature::LaserModule);
}

/// From a flag's byte to that of its mask, of [`FLAGS`].
pub const MASK_OFFSET: u8 = 12;

/// Flags of lanes that have masks in the same order in [`MASKS`].
pub const FLAGS: [Register; 8] = [
    BIAS_HIGH_ALARM_FLAG,
    BIAS_LOW_ALARM_FLAG,
    BIAS_HIGH_WARNING_FLAG,
    BIAS_LOW_WARNING_FLAG,
    POWER_HIGH_ALARM_FLAG,
    POWER_LOW_ALARM_FLAG,
    POWER_HIGH_WARNING_FLAG,
    POWER_LOW_WARNING_FLAG,
];

/// Masks of [`FLAGS`].
pub const MASKS: [Register; 8] = [
    BIAS_HIGH_ALARM_MASK,
    BIAS_LOW_ALARM_MASK,
    BIAS_HIGH_WARNING_MASK,
    BIAS_LOW_WARNING_MASK,
    POWER_HIGH_ALARM_MASK,
    POWER_LOW_ALARM_MASK,
    POWER_HIGH_WARNING_MASK,
    POWER_LOW_WARNING_MASK,
];

/// Thresholds of the bias: high alarm, low alarm, high warning, low warning.
pub const BIAS_THRESHOLDS: [Register; 4] = [
    BIAS_HIGH_ALARM_THRESHOLD,
    BIAS_LOW_ALARM_THRESHOLD,
    BIAS_HIGH_WARNING_THRESHOLD,
    BIAS_LOW_WARNING_THRESHOLD,
];

/// Thresholds of the power: high alarm, low alarm, high warning, low warning.
pub const POWER_THRESHOLDS: [Register; 4] = [
    POWER_HIGH_ALARM_THRESHOLD,
    POWER_LOW_ALARM_THRESHOLD,
    POWER_HIGH_WARNING_THRESHOLD,
    POWER_LOW_WARNING_THRESHOLD,
];
