//! Page 11h: states, flags and monitors of lanes, and the settings in force.
//!
//! Element 0 of a register of lanes is lane `8 * bank + 1`.

use super::codes;
use crate::register::{Feature, Register, at};

super::registers! { 0x11;
    /// State of the data path that an electrical lane belongs to.
    DP_STATE_HOST_LANE = "DPStateHostLane", at(128).codes(codes::DATA_PATH_STATES).each_nibble(8)
        .of(Feature::DataPaths);
    /// Whether the electrical output of a lane is valid.
    OUTPUT_STATUS_RX = "OutputStatusRx", at(132).each_bit(8).of(Feature::DataPaths);
    /// Whether the optical output of a lane is valid.
    OUTPUT_STATUS_TX = "OutputStatusTx", at(133).each_bit(8).of(Feature::DataPaths);
    /// The data path of an electrical lane has changed its state.
    DP_STATE_CHANGED_FLAG = "DPStateChangedFlag", at(134).each_bit(8).cor().of(Feature::DataPaths);
    /// The transmitter of a lane has failed.
    FAILURE_FLAG_TX = "FailureFlagTx", at(135).each_bit(8).cor().of(Feature::DataPaths);
    /// An electrical lane has lost its signal.
    LOS_FLAG_TX = "LOSFlagTx", at(136).each_bit(8).cor().of(Feature::DataPaths);
    /// The clock recovery of an electrical lane has lost lock.
    CDR_LOL_FLAG_TX = "CDRLOLFlagTx", at(137).each_bit(8).cor().of(Feature::HostRetimer);
    /// The input equaliser of an electrical lane has not adapted.
    ADAPTIVE_INPUT_EQ_FAIL_FLAG_TX = "AdaptiveInputEqFailFlagTx", at(138).each_bit(8).cor()
        .of(Feature::HostRetimer);
    /// The transmitted power of a lane has been beyond its high alarm.
    OPTICAL_POWER_HIGH_ALARM_FLAG_TX = "OpticalPowerHighAlarmFlagTx", at(139).each_bit(8).cor()
        .of(Feature::DataPaths);
    /// The transmitted power of a lane has been beyond its low alarm.
    OPTICAL_POWER_LOW_ALARM_FLAG_TX = "OpticalPowerLowAlarmFlagTx", at(140).each_bit(8).cor()
        .of(Feature::DataPaths);
    /// The transmitted power of a lane has been beyond its high warning.
    OPTICAL_POWER_HIGH_WARNING_FLAG_TX = "OpticalPowerHighWarningFlagTx", at(141).each_bit(8).cor()
        .of(Feature::DataPaths);
    /// The transmitted power of a lane has been beyond its low warning.
    OPTICAL_POWER_LOW_WARNING_FLAG_TX = "OpticalPowerLowWarningFlagTx", at(142).each_bit(8).cor()
        .of(Feature::DataPaths);
    /// The laser bias of a lane has been beyond its high alarm.
    LASER_BIAS_HIGH_ALARM_FLAG_TX = "LaserBiasHighAlarmFlagTx", at(143).each_bit(8).cor()
        .of(Feature::DataPaths);
    /// The laser bias of a lane has been beyond its low alarm.
    LASER_BIAS_LOW_ALARM_FLAG_TX = "LaserBiasLowAlarmFlagTx", at(144).each_bit(8).cor()
        .of(Feature::DataPaths);
    /// The laser bias of a lane has been beyond its high warning.
    LASER_BIAS_HIGH_WARNING_FLAG_TX = "LaserBiasHighWarningFlagTx", at(145).each_bit(8).cor()
        .of(Feature::DataPaths);
    /// The laser bias of a lane has been beyond its low warning.
    LASER_BIAS_LOW_WARNING_FLAG_TX = "LaserBiasLowWarningFlagTx", at(146).each_bit(8).cor()
        .of(Feature::DataPaths);
    /// An optical lane has lost its light.
    LOS_FLAG_RX = "LOSFlagRx", at(147).each_bit(8).cor().of(Feature::DataPaths);
    /// The clock recovery of an optical lane has lost lock.
    CDR_LOL_FLAG_RX = "CDRLOLFlagRx", at(148).each_bit(8).cor().of(Feature::MediaRetimer);
    /// The received power of a lane has been beyond its high alarm.
    OPTICAL_POWER_HIGH_ALARM_FLAG_RX = "OpticalPowerHighAlarmFlagRx", at(149).each_bit(8).cor()
        .of(Feature::DataPaths);
    /// The received power of a lane has been beyond its low alarm.
    OPTICAL_POWER_LOW_ALARM_FLAG_RX = "OpticalPowerLowAlarmFlagRx", at(150).each_bit(8).cor()
        .of(Feature::DataPaths);
    /// The received power of a lane has been beyond its high warning.
    OPTICAL_POWER_HIGH_WARNING_FLAG_RX = "OpticalPowerHighWarningFlagRx", at(151).each_bit(8).cor()
        .of(Feature::DataPaths);
    /// The received power of a lane has been beyond its low warning.
    OPTICAL_POWER_LOW_WARNING_FLAG_RX = "OpticalPowerLowWarningFlagRx", at(152).each_bit(8).cor()
        .of(Feature::DataPaths);
    /// The electrical output of a lane has become valid or invalid.
    OUTPUT_STATUS_CHANGED_FLAG_RX = "OutputStatusChangedFlagRx", at(153).each_bit(8).cor()
        .of(Feature::DataPaths);
    /// Transmitted optical power.
    OPTICAL_POWER_TX = "OpticalPowerTx", at(154).unsigned(2).scaled(1e-4, "mw").each(8)
        .of(Feature::DataPaths);
    /// Laser bias, before `TxBiasCurrentScalingFactor`.
    LASER_BIAS_TX = "LaserBiasTx", at(170).unsigned(2).scaled(2e-3, "ma").each(8).of(Feature::DataPaths);
    /// Received optical power.
    OPTICAL_POWER_RX = "OpticalPowerRx", at(186).unsigned(2).scaled(1e-4, "mw").each(8)
        .of(Feature::DataPaths);
    /// What became of the last command to configure a lane.
    CONFIG_STATUS_LANE = "ConfigStatusLane", at(202).codes(codes::CONFIG_STATUS).each_nibble(8)
        .of(Feature::DataPaths);
    /// Application of a lane, by its number in the list; zero where it has none.
    APP_SEL_CODE = "AppSelCode", at(206).bits(7, 4).each_apart(8, 1).of(Feature::DataPaths);
    /// First lane of the data path of a lane, from zero.
    DATA_PATH_ID = "DataPathID", at(206).bits(3, 1).each_apart(8, 1).of(Feature::DataPaths);
    /// Whether signal integrity is the host's rather than the application's.
    EXPLICIT_CONTROL = "ExplicitControl", at(206).bit(0).each_apart(8, 1).of(Feature::DataPaths);
    /// Whether the input equaliser adapts itself.
    ADAPTIVE_INPUT_EQ_ENABLE_TX = "AdaptiveInputEqEnableTx", at(214).each_bit(8).of(Feature::HostRetimer);
    /// From which store the input equaliser's setting came.
    ADAPTIVE_INPUT_EQ_RECALLED_TX = "AdaptiveInputEqRecalledTx", at(215).packed(8, 2)
        .of(Feature::HostRetimer);
    /// Setting of an input equaliser that does not adapt.
    FIXED_INPUT_EQ_TARGET_TX = "FixedInputEqTargetTx", at(217).each_nibble(8).of(Feature::HostRetimer);
    /// Whether the clock of an electrical lane is recovered.
    CDR_ENABLE_TX = "CDREnableTx", at(221).each_bit(8).of(Feature::HostRetimer);
    /// Whether the clock of an optical lane is recovered.
    CDR_ENABLE_RX = "CDREnableRx", at(222).each_bit(8).of(Feature::MediaRetimer);
    /// Equalisation before the cursor at the electrical output.
    OUTPUT_EQ_PRE_CURSOR_TARGET_RX = "OutputEqPreCursorTargetRx", at(223).each_nibble(8)
        .of(Feature::DataPaths);
    /// Equalisation behind the cursor at the electrical output.
    OUTPUT_EQ_POST_CURSOR_TARGET_RX = "OutputEqPostCursorTargetRx", at(227).each_nibble(8)
        .of(Feature::DataPaths);
    /// Amplitude of the electrical output, by code.
    OUTPUT_AMPLITUDE_TARGET_RX = "OutputAmplitudeTargetRx", at(231).each_nibble(8).of(Feature::DataPaths);
    /// Whether settings have been provisioned that take effect when the data path is initialised.
    DP_INIT_PENDING_LANE = "DPInitPendingLane", at(235).each_bit(8).of(Feature::DataPaths);
    /// Wavelength of a lane that transmits, counted from 1; zero where undefined.
    WAVELENGTH_MAPPING_TX = "MediaLaneToWavelengthMappingTx", at(240).bits(7, 4).each_apart(8, 1)
        .of(Feature::DataPaths);
    /// Fibre of a lane that transmits, counted from 1; zero where undefined.
    FIBER_MAPPING_TX = "MediaLaneToFiberMappingTx", at(240).bits(3, 0).each_apart(8, 1)
        .of(Feature::DataPaths);
    /// Wavelength of a lane that receives, counted from 1; zero where undefined.
    WAVELENGTH_MAPPING_RX = "MediaLaneToWavelengthMappingRx", at(248).bits(7, 4).each_apart(8, 1)
        .of(Feature::DataPaths);
    /// Fibre of a lane that receives, counted from 1; zero where undefined.
    FIBER_MAPPING_RX = "MediaLaneToFiberMappingRx", at(248).bits(3, 0).each_apart(8, 1)
        .of(Feature::DataPaths);
}

/// Every flag of the page, in order of bytes; masks stand in the same order in [`super::p10::MASKS`].
pub const FLAGS: [Register; 20] = [
    DP_STATE_CHANGED_FLAG,
    FAILURE_FLAG_TX,
    LOS_FLAG_TX,
    CDR_LOL_FLAG_TX,
    ADAPTIVE_INPUT_EQ_FAIL_FLAG_TX,
    OPTICAL_POWER_HIGH_ALARM_FLAG_TX,
    OPTICAL_POWER_LOW_ALARM_FLAG_TX,
    OPTICAL_POWER_HIGH_WARNING_FLAG_TX,
    OPTICAL_POWER_LOW_WARNING_FLAG_TX,
    LASER_BIAS_HIGH_ALARM_FLAG_TX,
    LASER_BIAS_LOW_ALARM_FLAG_TX,
    LASER_BIAS_HIGH_WARNING_FLAG_TX,
    LASER_BIAS_LOW_WARNING_FLAG_TX,
    LOS_FLAG_RX,
    CDR_LOL_FLAG_RX,
    OPTICAL_POWER_HIGH_ALARM_FLAG_RX,
    OPTICAL_POWER_LOW_ALARM_FLAG_RX,
    OPTICAL_POWER_HIGH_WARNING_FLAG_RX,
    OPTICAL_POWER_LOW_WARNING_FLAG_RX,
    OUTPUT_STATUS_CHANGED_FLAG_RX,
];

/// Flags of the transmitted power: high alarm, low alarm, high warning, low warning.
pub const OPTICAL_POWER_FLAGS_TX: [Register; 4] = [
    OPTICAL_POWER_HIGH_ALARM_FLAG_TX,
    OPTICAL_POWER_LOW_ALARM_FLAG_TX,
    OPTICAL_POWER_HIGH_WARNING_FLAG_TX,
    OPTICAL_POWER_LOW_WARNING_FLAG_TX,
];

/// Flags of the laser bias: high alarm, low alarm, high warning, low warning.
pub const LASER_BIAS_FLAGS_TX: [Register; 4] = [
    LASER_BIAS_HIGH_ALARM_FLAG_TX,
    LASER_BIAS_LOW_ALARM_FLAG_TX,
    LASER_BIAS_HIGH_WARNING_FLAG_TX,
    LASER_BIAS_LOW_WARNING_FLAG_TX,
];

/// Flags of the received power: high alarm, low alarm, high warning, low warning.
pub const OPTICAL_POWER_FLAGS_RX: [Register; 4] = [
    OPTICAL_POWER_HIGH_ALARM_FLAG_RX,
    OPTICAL_POWER_LOW_ALARM_FLAG_RX,
    OPTICAL_POWER_HIGH_WARNING_FLAG_RX,
    OPTICAL_POWER_LOW_WARNING_FLAG_RX,
];
