//! Page 02h: thresholds of monitors.

use crate::register::{Feature, Register, at};

super::registers! { 0x02;
    /// High alarm threshold of the case temperature.
    TEMP_MON_HIGH_ALARM_THRESHOLD = "TempMonHighAlarmThreshold", at(128).signed(2).scaled(1.0 / 256.0, "c");
    /// Low alarm threshold of the case temperature.
    TEMP_MON_LOW_ALARM_THRESHOLD = "TempMonLowAlarmThreshold", at(130).signed(2).scaled(1.0 / 256.0, "c");
    /// High warning threshold of the case temperature.
    TEMP_MON_HIGH_WARNING_THRESHOLD = "TempMonHighWarningThreshold",
        at(132).signed(2).scaled(1.0 / 256.0, "c");
    /// Low warning threshold of the case temperature.
    TEMP_MON_LOW_WARNING_THRESHOLD = "TempMonLowWarningThreshold", at(134).signed(2).scaled(1.0 / 256.0, "c");
    /// High alarm threshold of the supply voltage.
    VCC_MON_HIGH_ALARM_THRESHOLD = "VccMonHighAlarmThreshold", at(136).unsigned(2).scaled(1e-4, "v");
    /// Low alarm threshold of the supply voltage.
    VCC_MON_LOW_ALARM_THRESHOLD = "VccMonLowAlarmThreshold", at(138).unsigned(2).scaled(1e-4, "v");
    /// High warning threshold of the supply voltage.
    VCC_MON_HIGH_WARNING_THRESHOLD = "VccMonHighWarningThreshold", at(140).unsigned(2).scaled(1e-4, "v");
    /// Low warning threshold of the supply voltage.
    VCC_MON_LOW_WARNING_THRESHOLD = "VccMonLowWarningThreshold", at(142).unsigned(2).scaled(1e-4, "v");
    /// High alarm threshold of the first auxiliary monitor, in its unit.
    AUX1_MON_HIGH_ALARM_THRESHOLD = "Aux1MonHighAlarmThreshold", at(144).signed(2);
    /// Low alarm threshold of the first auxiliary monitor, in its unit.
    AUX1_MON_LOW_ALARM_THRESHOLD = "Aux1MonLowAlarmThreshold", at(146).signed(2);
    /// High warning threshold of the first auxiliary monitor, in its unit.
    AUX1_MON_HIGH_WARNING_THRESHOLD = "Aux1MonHighWarningThreshold", at(148).signed(2);
    /// Low warning threshold of the first auxiliary monitor, in its unit.
    AUX1_MON_LOW_WARNING_THRESHOLD = "Aux1MonLowWarningThreshold", at(150).signed(2);
    /// High alarm threshold of the second auxiliary monitor, in its unit.
    AUX2_MON_HIGH_ALARM_THRESHOLD = "Aux2MonHighAlarmThreshold", at(152).signed(2);
    /// Low alarm threshold of the second auxiliary monitor, in its unit.
    AUX2_MON_LOW_ALARM_THRESHOLD = "Aux2MonLowAlarmThreshold", at(154).signed(2);
    /// High warning threshold of the second auxiliary monitor, in its unit.
    AUX2_MON_HIGH_WARNING_THRESHOLD = "Aux2MonHighWarningThreshold", at(156).signed(2);
    /// Low warning threshold of the second auxiliary monitor, in its unit.
    AUX2_MON_LOW_WARNING_THRESHOLD = "Aux2MonLowWarningThreshold", at(158).signed(2);
    /// High alarm threshold of the third auxiliary monitor, in its unit.
    AUX3_MON_HIGH_ALARM_THRESHOLD = "Aux3MonHighAlarmThreshold", at(160).signed(2);
    /// Low alarm threshold of the third auxiliary monitor, in its unit.
    AUX3_MON_LOW_ALARM_THRESHOLD = "Aux3MonLowAlarmThreshold", at(162).signed(2);
    /// High warning threshold of the third auxiliary monitor, in its unit.
    AUX3_MON_HIGH_WARNING_THRESHOLD = "Aux3MonHighWarningThreshold", at(164).signed(2);
    /// Low warning threshold of the third auxiliary monitor, in its unit.
    AUX3_MON_LOW_WARNING_THRESHOLD = "Aux3MonLowWarningThreshold", at(166).signed(2);
    /// High alarm threshold of the vendor's monitor.
    CUSTOM_MON_HIGH_ALARM_THRESHOLD = "CustomMonHighAlarmThreshold", at(168).unsigned(2);
    /// Low alarm threshold of the vendor's monitor.
    CUSTOM_MON_LOW_ALARM_THRESHOLD = "CustomMonLowAlarmThreshold", at(170).unsigned(2);
    /// High warning threshold of the vendor's monitor.
    CUSTOM_MON_HIGH_WARNING_THRESHOLD = "CustomMonHighWarningThreshold", at(172).unsigned(2);
    /// Low warning threshold of the vendor's monitor.
    CUSTOM_MON_LOW_WARNING_THRESHOLD = "CustomMonLowWarningThreshold", at(174).unsigned(2);
    /// High alarm threshold of the transmitted optical power.
    OPTICAL_POWER_TX_HIGH_ALARM_THRESHOLD = "OpticalPowerTxHighAlarmThreshold",
        at(176).unsigned(2).scaled(1e-4, "mw").of(Feature::DataPaths);
    /// Low alarm threshold of the transmitted optical power.
    OPTICAL_POWER_TX_LOW_ALARM_THRESHOLD = "OpticalPowerTxLowAlarmThreshold",
        at(178).unsigned(2).scaled(1e-4, "mw").of(Feature::DataPaths);
    /// High warning threshold of the transmitted optical power.
    OPTICAL_POWER_TX_HIGH_WARNING_THRESHOLD = "OpticalPowerTxHighWarningThreshold",
        at(180).unsigned(2).scaled(1e-4, "mw").of(Feature::DataPaths);
    /// Low warning threshold of the transmitted optical power.
    OPTICAL_POWER_TX_LOW_WARNING_THRESHOLD = "OpticalPowerTxLowWarningThreshold",
        at(182).unsigned(2).scaled(1e-4, "mw").of(Feature::DataPaths);
    /// High alarm threshold of the laser bias, before `TxBiasCurrentScalingFactor`.
    LASER_BIAS_HIGH_ALARM_THRESHOLD = "LaserBiasCurrentHighAlarmThreshold",
        at(184).unsigned(2).scaled(2e-3, "ma").of(Feature::DataPaths);
    /// Low alarm threshold of the laser bias, before `TxBiasCurrentScalingFactor`.
    LASER_BIAS_LOW_ALARM_THRESHOLD = "LaserBiasCurrentLowAlarmThreshold",
        at(186).unsigned(2).scaled(2e-3, "ma").of(Feature::DataPaths);
    /// High warning threshold of the laser bias, before `TxBiasCurrentScalingFactor`.
    LASER_BIAS_HIGH_WARNING_THRESHOLD = "LaserBiasCurrentHighWarningThreshold",
        at(188).unsigned(2).scaled(2e-3, "ma").of(Feature::DataPaths);
    /// Low warning threshold of the laser bias, before `TxBiasCurrentScalingFactor`.
    LASER_BIAS_LOW_WARNING_THRESHOLD = "LaserBiasCurrentLowWarningThreshold",
        at(190).unsigned(2).scaled(2e-3, "ma").of(Feature::DataPaths);
    /// High alarm threshold of the received optical power.
    OPTICAL_POWER_RX_HIGH_ALARM_THRESHOLD = "OpticalPowerRxHighAlarmThreshold",
        at(192).unsigned(2).scaled(1e-4, "mw").of(Feature::DataPaths);
    /// Low alarm threshold of the received optical power.
    OPTICAL_POWER_RX_LOW_ALARM_THRESHOLD = "OpticalPowerRxLowAlarmThreshold",
        at(194).unsigned(2).scaled(1e-4, "mw").of(Feature::DataPaths);
    /// High warning threshold of the received optical power.
    OPTICAL_POWER_RX_HIGH_WARNING_THRESHOLD = "OpticalPowerRxHighWarningThreshold",
        at(196).unsigned(2).scaled(1e-4, "mw").of(Feature::DataPaths);
    /// Low warning threshold of the received optical power.
    OPTICAL_POWER_RX_LOW_WARNING_THRESHOLD = "OpticalPowerRxLowWarningThreshold",
        at(198).unsigned(2).scaled(1e-4, "mw").of(Feature::DataPaths);
    /// Thresholds of the vendor's.
    CUSTOM_THRESHOLDS = "CustomThresholds", at(230).each(25);
    /// Low byte of the sum of bytes 128 to 254.
    PAGE_CHECKSUM = "PageChecksum", at(255);
}

/// Thresholds of the case temperature: high alarm, low alarm, high warning, low warning.
pub const TEMP_MON_THRESHOLDS: [Register; 4] = [
    TEMP_MON_HIGH_ALARM_THRESHOLD,
    TEMP_MON_LOW_ALARM_THRESHOLD,
    TEMP_MON_HIGH_WARNING_THRESHOLD,
    TEMP_MON_LOW_WARNING_THRESHOLD,
];

/// Thresholds of the supply voltage: high alarm, low alarm, high warning, low warning.
pub const VCC_MON_THRESHOLDS: [Register; 4] = [
    VCC_MON_HIGH_ALARM_THRESHOLD,
    VCC_MON_LOW_ALARM_THRESHOLD,
    VCC_MON_HIGH_WARNING_THRESHOLD,
    VCC_MON_LOW_WARNING_THRESHOLD,
];

/// Thresholds of the first auxiliary monitor: high alarm, low alarm, high warning, low warning.
pub const AUX1_MON_THRESHOLDS: [Register; 4] = [
    AUX1_MON_HIGH_ALARM_THRESHOLD,
    AUX1_MON_LOW_ALARM_THRESHOLD,
    AUX1_MON_HIGH_WARNING_THRESHOLD,
    AUX1_MON_LOW_WARNING_THRESHOLD,
];

/// Thresholds of the second auxiliary monitor: high alarm, low alarm, high warning, low warning.
pub const AUX2_MON_THRESHOLDS: [Register; 4] = [
    AUX2_MON_HIGH_ALARM_THRESHOLD,
    AUX2_MON_LOW_ALARM_THRESHOLD,
    AUX2_MON_HIGH_WARNING_THRESHOLD,
    AUX2_MON_LOW_WARNING_THRESHOLD,
];

/// Thresholds of the third auxiliary monitor: high alarm, low alarm, high warning, low warning.
pub const AUX3_MON_THRESHOLDS: [Register; 4] = [
    AUX3_MON_HIGH_ALARM_THRESHOLD,
    AUX3_MON_LOW_ALARM_THRESHOLD,
    AUX3_MON_HIGH_WARNING_THRESHOLD,
    AUX3_MON_LOW_WARNING_THRESHOLD,
];

/// Thresholds of the vendor's monitor: high alarm, low alarm, high warning, low warning.
pub const CUSTOM_MON_THRESHOLDS: [Register; 4] = [
    CUSTOM_MON_HIGH_ALARM_THRESHOLD,
    CUSTOM_MON_LOW_ALARM_THRESHOLD,
    CUSTOM_MON_HIGH_WARNING_THRESHOLD,
    CUSTOM_MON_LOW_WARNING_THRESHOLD,
];

/// Thresholds of the transmitted optical power: high alarm, low alarm, high warning, low warning.
pub const OPTICAL_POWER_TX_THRESHOLDS: [Register; 4] = [
    OPTICAL_POWER_TX_HIGH_ALARM_THRESHOLD,
    OPTICAL_POWER_TX_LOW_ALARM_THRESHOLD,
    OPTICAL_POWER_TX_HIGH_WARNING_THRESHOLD,
    OPTICAL_POWER_TX_LOW_WARNING_THRESHOLD,
];

/// Thresholds of the laser bias: high alarm, low alarm, high warning, low warning.
pub const LASER_BIAS_THRESHOLDS: [Register; 4] = [
    LASER_BIAS_HIGH_ALARM_THRESHOLD,
    LASER_BIAS_LOW_ALARM_THRESHOLD,
    LASER_BIAS_HIGH_WARNING_THRESHOLD,
    LASER_BIAS_LOW_WARNING_THRESHOLD,
];

/// Thresholds of the received optical power: high alarm, low alarm, high warning, low warning.
pub const OPTICAL_POWER_RX_THRESHOLDS: [Register; 4] = [
    OPTICAL_POWER_RX_HIGH_ALARM_THRESHOLD,
    OPTICAL_POWER_RX_LOW_ALARM_THRESHOLD,
    OPTICAL_POWER_RX_HIGH_WARNING_THRESHOLD,
    OPTICAL_POWER_RX_LOW_WARNING_THRESHOLD,
];
