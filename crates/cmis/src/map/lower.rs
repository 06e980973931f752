//! Lower memory: bytes 0 to 127, which no page hides.

use super::codes;
use crate::register::{Feature, LOWER, Register, at};

super::registers! { LOWER;
    /// What kind of device it is, by SFF-8024.
    IDENTIFIER = "SFF8024Identifier", at(0).codes(codes::IDENTIFIERS);
    /// Major revision of the specification.
    REVISION_MAJOR = "CmisRevisionMajor", at(1).bits(7, 4);
    /// Minor revision of the specification.
    REVISION_MINOR = "CmisRevisionMinor", at(1).bits(3, 0);
    /// Whether there are no pages but 00h.
    MEMORY_MODEL = "MemoryModel", at(2).bit(7).codes(&[(0, "paged"), (1, "flat")]);
    /// Whether data paths go up only step by step, as the host clears each gate.
    STEPPED_CONFIG_ONLY = "SteppedConfigOnly", at(2).bit(6);
    /// Fastest clock of the bus.
    MCI_MAX_SPEED = "MciMaxSpeed", at(2).bits(3, 2).codes(&[(0, "400 kHz"), (1, "1 MHz")]);
    /// State of the module.
    MODULE_STATE = "ModuleState", at(3).bits(3, 1).codes(codes::MODULE_STATES);
    /// Set while the interrupt is not asserted.
    INTERRUPT_DEASSERTED = "InterruptDeasserted", at(3).bit(0);
    /// Per bank, whether a flag of page 11h is set, masked or not.
    FLAG_SUMMARY_11 = "FlagsSummaryPage11", at(4).bit(0).each_apart(4, 1).of(Feature::DataPaths);
    /// Per bank, whether a flag of page 12h is set, masked or not.
    FLAG_SUMMARY_12 = "FlagsSummaryPage12", at(4).bit(1).each_apart(4, 1).of(Feature::TunableLaser);
    /// Per bank, whether a flag of page 14h is set, masked or not.
    FLAG_SUMMARY_14 = "FlagsSummaryPage14", at(4).bit(2).each_apart(4, 1).of(Feature::Diagnostics);
    /// Per bank, whether a flag of page 2Ch is set, masked or not.
    FLAG_SUMMARY_2C = "FlagsSummaryPage2C", at(4).bit(3).each_apart(4, 1).of(Feature::Vdm);
    /// The state of the module has changed.
    MODULE_STATE_CHANGED_FLAG = "ModuleStateChangedFlag", at(8).bit(0).cor();
    /// The module's firmware has failed.
    MODULE_FIRMWARE_ERROR_FLAG = "ModuleFirmwareErrorFlag", at(8).bit(1).cor();
    /// The firmware of a device in the data path has failed.
    DATA_PATH_FIRMWARE_ERROR_FLAG = "DataPathFirmwareErrorFlag", at(8).bit(2).cor();
    /// The first instance of the command data block has finished a command.
    CDB_CMD_COMPLETE_FLAG_1 = "CdbCmdCompleteFlag1", at(8).bit(6).cor().of(Feature::Cdb);
    /// The second instance of the command data block has finished a command.
    CDB_CMD_COMPLETE_FLAG_2 = "CdbCmdCompleteFlag2", at(8).bit(7).cor().of(Feature::SecondCdb);
    /// The case temperature has been beyond its high alarm.
    TEMP_MON_HIGH_ALARM_FLAG = "TempMonHighAlarmFlag", at(9).bit(0).cor();
    /// The case temperature has been beyond its low alarm.
    TEMP_MON_LOW_ALARM_FLAG = "TempMonLowAlarmFlag", at(9).bit(1).cor();
    /// The case temperature has been beyond its high warning.
    TEMP_MON_HIGH_WARNING_FLAG = "TempMonHighWarningFlag", at(9).bit(2).cor();
    /// The case temperature has been beyond its low warning.
    TEMP_MON_LOW_WARNING_FLAG = "TempMonLowWarningFlag", at(9).bit(3).cor();
    /// The supply voltage has been beyond its high alarm.
    VCC_MON_HIGH_ALARM_FLAG = "VccMonHighAlarmFlag", at(9).bit(4).cor();
    /// The supply voltage has been beyond its low alarm.
    VCC_MON_LOW_ALARM_FLAG = "VccMonLowAlarmFlag", at(9).bit(5).cor();
    /// The supply voltage has been beyond its high warning.
    VCC_MON_HIGH_WARNING_FLAG = "VccMonHighWarningFlag", at(9).bit(6).cor();
    /// The supply voltage has been beyond its low warning.
    VCC_MON_LOW_WARNING_FLAG = "VccMonLowWarningFlag", at(9).bit(7).cor();
    /// The first auxiliary monitor has been beyond its high alarm.
    AUX1_MON_HIGH_ALARM_FLAG = "Aux1MonHighAlarmFlag", at(10).bit(0).cor();
    /// The first auxiliary monitor has been beyond its low alarm.
    AUX1_MON_LOW_ALARM_FLAG = "Aux1MonLowAlarmFlag", at(10).bit(1).cor();
    /// The first auxiliary monitor has been beyond its high warning.
    AUX1_MON_HIGH_WARNING_FLAG = "Aux1MonHighWarningFlag", at(10).bit(2).cor();
    /// The first auxiliary monitor has been beyond its low warning.
    AUX1_MON_LOW_WARNING_FLAG = "Aux1MonLowWarningFlag", at(10).bit(3).cor();
    /// The second auxiliary monitor has been beyond its high alarm.
    AUX2_MON_HIGH_ALARM_FLAG = "Aux2MonHighAlarmFlag", at(10).bit(4).cor();
    /// The second auxiliary monitor has been beyond its low alarm.
    AUX2_MON_LOW_ALARM_FLAG = "Aux2MonLowAlarmFlag", at(10).bit(5).cor();
    /// The second auxiliary monitor has been beyond its high warning.
    AUX2_MON_HIGH_WARNING_FLAG = "Aux2MonHighWarningFlag", at(10).bit(6).cor();
    /// The second auxiliary monitor has been beyond its low warning.
    AUX2_MON_LOW_WARNING_FLAG = "Aux2MonLowWarningFlag", at(10).bit(7).cor();
    /// The third auxiliary monitor has been beyond its high alarm.
    AUX3_MON_HIGH_ALARM_FLAG = "Aux3MonHighAlarmFlag", at(11).bit(0).cor();
    /// The third auxiliary monitor has been beyond its low alarm.
    AUX3_MON_LOW_ALARM_FLAG = "Aux3MonLowAlarmFlag", at(11).bit(1).cor();
    /// The third auxiliary monitor has been beyond its high warning.
    AUX3_MON_HIGH_WARNING_FLAG = "Aux3MonHighWarningFlag", at(11).bit(2).cor();
    /// The third auxiliary monitor has been beyond its low warning.
    AUX3_MON_LOW_WARNING_FLAG = "Aux3MonLowWarningFlag", at(11).bit(3).cor();
    /// The vendor's monitor has been beyond its high alarm.
    CUSTOM_MON_HIGH_ALARM_FLAG = "CustomMonHighAlarmFlag", at(11).bit(4).cor();
    /// The vendor's monitor has been beyond its low alarm.
    CUSTOM_MON_LOW_ALARM_FLAG = "CustomMonLowAlarmFlag", at(11).bit(5).cor();
    /// The vendor's monitor has been beyond its high warning.
    CUSTOM_MON_HIGH_WARNING_FLAG = "CustomMonHighWarningFlag", at(11).bit(6).cor();
    /// The vendor's monitor has been beyond its low warning.
    CUSTOM_MON_LOW_WARNING_FLAG = "CustomMonLowWarningFlag", at(11).bit(7).cor();
    /// Flags of the vendor's.
    CUSTOM_FLAGS = "CustomFlags", at(13).cor();
    /// Temperature of the case.
    TEMP_MON_VALUE = "TempMonValue", at(14).signed(2).scaled(1.0 / 256.0, "c");
    /// Supply voltage.
    VCC_MON_VOLTAGE = "VccMonVoltage", at(16).unsigned(2).scaled(1e-4, "v");
    /// First auxiliary monitor; what it measures, and in which unit, is in `Aux1MonObservable`.
    AUX1_MON_VALUE = "Aux1MonValue", at(18).signed(2);
    /// Second auxiliary monitor; what it measures is in `Aux2MonObservable`.
    AUX2_MON_VALUE = "Aux2MonValue", at(20).signed(2);
    /// Third auxiliary monitor; what it measures is in `Aux3MonObservable`.
    AUX3_MON_VALUE = "Aux3MonValue", at(22).signed(2);
    /// The vendor's monitor.
    CUSTOM_MON_VALUE = "CustomMonValue", at(24).unsigned(2);
    /// A write to a control of a banked page reaches all banks.
    BANK_BROADCAST_ENABLE = "BankBroadcastEnable", at(26).bit(7).rw();
    /// Whether the low power pin is heard. Set after a reset, which is not confirmed.
    LOW_PWR_ALLOW_REQUEST_HW = "LowPwrAllowRequestHW", at(26).bit(6).rw();
    /// What squelching lowers.
    SQUELCH_METHOD_SELECT = "SquelchMethodSelect", at(26).bit(5).codes(&[(0, "OMA"), (1, "average power")])
        .rw().of(Feature::DataPaths);
    /// The host asks for low power.
    LOW_PWR_REQUEST_SW = "LowPwrRequestSW", at(26).bit(4).rw();
    /// Resets the module.
    SOFTWARE_RESET = "SoftwareReset", at(26).bit(3).wo();
    /// Controls of the vendor's.
    CUSTOM_GLOBAL_CONTROLS = "CustomGlobalControls", at(26).bits(2, 0).rw();
    /// Controls of the vendor's.
    CUSTOM_CONTROLS = "CustomControls", at(29).each(2).rw();
    /// Whether `ModuleStateChangedFlag` raises no interrupt.
    MODULE_STATE_CHANGED_MASK = "ModuleStateChangedMask", at(31).bit(0).rw();
    /// Whether `ModuleFirmwareErrorFlag` raises no interrupt.
    MODULE_FIRMWARE_ERROR_MASK = "ModuleFirmwareErrorMask", at(31).bit(1).rw();
    /// Whether `DataPathFirmwareErrorFlag` raises no interrupt.
    DATA_PATH_FIRMWARE_ERROR_MASK = "DataPathFirmwareErrorMask", at(31).bit(2).rw();
    /// Whether `CdbCmdCompleteFlag1` raises no interrupt.
    CDB_CMD_COMPLETE_MASK_1 = "CdbCmdCompleteMask1", at(31).bit(6).rw().of(Feature::Cdb);
    /// Whether `CdbCmdCompleteFlag2` raises no interrupt.
    CDB_CMD_COMPLETE_MASK_2 = "CdbCmdCompleteMask2", at(31).bit(7).rw().of(Feature::SecondCdb);
    /// Whether `TempMonHighAlarmFlag` raises no interrupt.
    TEMP_MON_HIGH_ALARM_MASK = "TempMonHighAlarmMask", at(32).bit(0).rw();
    /// Whether `TempMonLowAlarmFlag` raises no interrupt.
    TEMP_MON_LOW_ALARM_MASK = "TempMonLowAlarmMask", at(32).bit(1).rw();
    /// Whether `TempMonHighWarningFlag` raises no interrupt.
    TEMP_MON_HIGH_WARNING_MASK = "TempMonHighWarningMask", at(32).bit(2).rw();
    /// Whether `TempMonLowWarningFlag` raises no interrupt.
    TEMP_MON_LOW_WARNING_MASK = "TempMonLowWarningMask", at(32).bit(3).rw();
    /// Whether `VccMonHighAlarmFlag` raises no interrupt.
    VCC_MON_HIGH_ALARM_MASK = "VccMonHighAlarmMask", at(32).bit(4).rw();
    /// Whether `VccMonLowAlarmFlag` raises no interrupt.
    VCC_MON_LOW_ALARM_MASK = "VccMonLowAlarmMask", at(32).bit(5).rw();
    /// Whether `VccMonHighWarningFlag` raises no interrupt.
    VCC_MON_HIGH_WARNING_MASK = "VccMonHighWarningMask", at(32).bit(6).rw();
    /// Whether `VccMonLowWarningFlag` raises no interrupt.
    VCC_MON_LOW_WARNING_MASK = "VccMonLowWarningMask", at(32).bit(7).rw();
    /// Whether `Aux1MonHighAlarmFlag` raises no interrupt.
    AUX1_MON_HIGH_ALARM_MASK = "Aux1MonHighAlarmMask", at(33).bit(0).rw();
    /// Whether `Aux1MonLowAlarmFlag` raises no interrupt.
    AUX1_MON_LOW_ALARM_MASK = "Aux1MonLowAlarmMask", at(33).bit(1).rw();
    /// Whether `Aux1MonHighWarningFlag` raises no interrupt.
    AUX1_MON_HIGH_WARNING_MASK = "Aux1MonHighWarningMask", at(33).bit(2).rw();
    /// Whether `Aux1MonLowWarningFlag` raises no interrupt.
    AUX1_MON_LOW_WARNING_MASK = "Aux1MonLowWarningMask", at(33).bit(3).rw();
    /// Whether `Aux2MonHighAlarmFlag` raises no interrupt.
    AUX2_MON_HIGH_ALARM_MASK = "Aux2MonHighAlarmMask", at(33).bit(4).rw();
    /// Whether `Aux2MonLowAlarmFlag` raises no interrupt.
    AUX2_MON_LOW_ALARM_MASK = "Aux2MonLowAlarmMask", at(33).bit(5).rw();
    /// Whether `Aux2MonHighWarningFlag` raises no interrupt.
    AUX2_MON_HIGH_WARNING_MASK = "Aux2MonHighWarningMask", at(33).bit(6).rw();
    /// Whether `Aux2MonLowWarningFlag` raises no interrupt.
    AUX2_MON_LOW_WARNING_MASK = "Aux2MonLowWarningMask", at(33).bit(7).rw();
    /// Whether `Aux3MonHighAlarmFlag` raises no interrupt.
    AUX3_MON_HIGH_ALARM_MASK = "Aux3MonHighAlarmMask", at(34).bit(0).rw();
    /// Whether `Aux3MonLowAlarmFlag` raises no interrupt.
    AUX3_MON_LOW_ALARM_MASK = "Aux3MonLowAlarmMask", at(34).bit(1).rw();
    /// Whether `Aux3MonHighWarningFlag` raises no interrupt.
    AUX3_MON_HIGH_WARNING_MASK = "Aux3MonHighWarningMask", at(34).bit(2).rw();
    /// Whether `Aux3MonLowWarningFlag` raises no interrupt.
    AUX3_MON_LOW_WARNING_MASK = "Aux3MonLowWarningMask", at(34).bit(3).rw();
    /// Whether `CustomMonHighAlarmFlag` raises no interrupt.
    CUSTOM_MON_HIGH_ALARM_MASK = "CustomMonHighAlarmMask", at(34).bit(4).rw();
    /// Whether `CustomMonLowAlarmFlag` raises no interrupt.
    CUSTOM_MON_LOW_ALARM_MASK = "CustomMonLowAlarmMask", at(34).bit(5).rw();
    /// Whether `CustomMonHighWarningFlag` raises no interrupt.
    CUSTOM_MON_HIGH_WARNING_MASK = "CustomMonHighWarningMask", at(34).bit(6).rw();
    /// Whether `CustomMonLowWarningFlag` raises no interrupt.
    CUSTOM_MON_LOW_WARNING_MASK = "CustomMonLowWarningMask", at(34).bit(7).rw();
    /// Masks of the vendor's flags.
    CUSTOM_MASKS = "CustomMasks", at(36).rw();
    /// Per instance of the command data block, whether it works on a command.
    CDB_IS_BUSY = "CdbIsBusy", at(37).bit(7).each_apart(2, 1).of(Feature::Cdb);
    /// Per instance, whether the last command failed.
    CDB_HAS_FAILED = "CdbHasFailed", at(37).bit(6).each_apart(2, 1).of(Feature::Cdb);
    /// Per instance, what became of the last command; what it means depends on the two bits above.
    CDB_COMMAND_RESULT = "CdbCommandResult", at(37).bits(5, 0).each_apart(2, 1).of(Feature::Cdb);
    /// Major revision of the firmware that runs.
    ACTIVE_FIRMWARE_MAJOR = "ModuleActiveFirmwareMajorRevision", at(39);
    /// Minor revision of the firmware that runs.
    ACTIVE_FIRMWARE_MINOR = "ModuleActiveFirmwareMinorRevision", at(40);
    /// Why the module is in `ModuleFault`.
    MODULE_FAULT_CAUSE = "ModuleFaultCause", at(41).codes(codes::FAULT_CAUSES);
    /// Whether the module carries traffic or serves others that do.
    MODULE_FUNCTION_TYPE = "ModuleFunctionType", at(57).codes(&[(0, "transmission"), (1, "resource")]);
    /// Most banks of a co-packaged device, where zero means one. Position after FBOSS, which reads it
    /// of such devices alone; not confirmed.
    MAX_BANKS = "MaxBanks", at(70).of(Feature::DataPaths);
    /// What `MediaInterfaceID` names.
    MEDIA_TYPE = "MediaType", at(85).codes(codes::MEDIA_TYPES);
    /// Per application, the electrical interface; the first FFh ends the list.
    HOST_INTERFACE_ID = "HostInterfaceID", at(86).codes(codes::HOST_INTERFACES).each_apart(8, 4);
    /// Per application, the optical interface; `MediaType` says of which list.
    MEDIA_INTERFACE_ID = "MediaInterfaceID", at(87).each_apart(8, 4);
    /// Per application, electrical lanes.
    HOST_LANE_COUNT = "HostLaneCount", at(88).bits(7, 4).each_apart(8, 4);
    /// Per application, optical lanes.
    MEDIA_LANE_COUNT = "MediaLaneCount", at(88).bits(3, 0).each_apart(8, 4);
    /// Per application, a bit for each electrical lane at which it can begin.
    HOST_LANE_ASSIGNMENT_OPTIONS = "HostLaneAssignmentOptions", at(89).bits(7, 0).each_apart(8, 4);
    /// A new password of the host.
    PASSWORD_CHANGE_ENTRY = "PasswordChangeEntryArea", at(118).unsigned(4).wo();
    /// The password of the host.
    PASSWORD_ENTRY = "PasswordEntryArea", at(122).unsigned(4).wo();
    /// Which bank of a page is seen, from the next write of `PageSelect` on.
    BANK_SELECT = "BankSelect", at(126).rw();
    /// Which page is seen.
    PAGE_SELECT = "PageSelect", at(127).rw();
}

/// From a flag's byte to that of its mask.
pub const MASK_OFFSET: u8 = 23;

/// Flags of the case temperature: high alarm, low alarm, high warning, low warning.
pub const TEMP_MON_FLAGS: [Register; 4] = [
    TEMP_MON_HIGH_ALARM_FLAG,
    TEMP_MON_LOW_ALARM_FLAG,
    TEMP_MON_HIGH_WARNING_FLAG,
    TEMP_MON_LOW_WARNING_FLAG,
];

/// Flags of the supply voltage: high alarm, low alarm, high warning, low warning.
pub const VCC_MON_FLAGS: [Register; 4] = [
    VCC_MON_HIGH_ALARM_FLAG,
    VCC_MON_LOW_ALARM_FLAG,
    VCC_MON_HIGH_WARNING_FLAG,
    VCC_MON_LOW_WARNING_FLAG,
];

/// Flags of the first auxiliary monitor: high alarm, low alarm, high warning, low warning.
pub const AUX1_MON_FLAGS: [Register; 4] = [
    AUX1_MON_HIGH_ALARM_FLAG,
    AUX1_MON_LOW_ALARM_FLAG,
    AUX1_MON_HIGH_WARNING_FLAG,
    AUX1_MON_LOW_WARNING_FLAG,
];

/// Flags of the second auxiliary monitor: high alarm, low alarm, high warning, low warning.
pub const AUX2_MON_FLAGS: [Register; 4] = [
    AUX2_MON_HIGH_ALARM_FLAG,
    AUX2_MON_LOW_ALARM_FLAG,
    AUX2_MON_HIGH_WARNING_FLAG,
    AUX2_MON_LOW_WARNING_FLAG,
];

/// Flags of the third auxiliary monitor: high alarm, low alarm, high warning, low warning.
pub const AUX3_MON_FLAGS: [Register; 4] = [
    AUX3_MON_HIGH_ALARM_FLAG,
    AUX3_MON_LOW_ALARM_FLAG,
    AUX3_MON_HIGH_WARNING_FLAG,
    AUX3_MON_LOW_WARNING_FLAG,
];

/// Flags of the vendor's monitor: high alarm, low alarm, high warning, low warning.
pub const CUSTOM_MON_FLAGS: [Register; 4] = [
    CUSTOM_MON_HIGH_ALARM_FLAG,
    CUSTOM_MON_LOW_ALARM_FLAG,
    CUSTOM_MON_HIGH_WARNING_FLAG,
    CUSTOM_MON_LOW_WARNING_FLAG,
];

/// Masks of the case temperature: high alarm, low alarm, high warning, low warning.
pub const TEMP_MON_MASKS: [Register; 4] = [
    TEMP_MON_HIGH_ALARM_MASK,
    TEMP_MON_LOW_ALARM_MASK,
    TEMP_MON_HIGH_WARNING_MASK,
    TEMP_MON_LOW_WARNING_MASK,
];

/// Masks of the supply voltage: high alarm, low alarm, high warning, low warning.
pub const VCC_MON_MASKS: [Register; 4] = [
    VCC_MON_HIGH_ALARM_MASK,
    VCC_MON_LOW_ALARM_MASK,
    VCC_MON_HIGH_WARNING_MASK,
    VCC_MON_LOW_WARNING_MASK,
];

/// Masks of the first auxiliary monitor: high alarm, low alarm, high warning, low warning.
pub const AUX1_MON_MASKS: [Register; 4] = [
    AUX1_MON_HIGH_ALARM_MASK,
    AUX1_MON_LOW_ALARM_MASK,
    AUX1_MON_HIGH_WARNING_MASK,
    AUX1_MON_LOW_WARNING_MASK,
];

/// Masks of the second auxiliary monitor: high alarm, low alarm, high warning, low warning.
pub const AUX2_MON_MASKS: [Register; 4] = [
    AUX2_MON_HIGH_ALARM_MASK,
    AUX2_MON_LOW_ALARM_MASK,
    AUX2_MON_HIGH_WARNING_MASK,
    AUX2_MON_LOW_WARNING_MASK,
];

/// Masks of the third auxiliary monitor: high alarm, low alarm, high warning, low warning.
pub const AUX3_MON_MASKS: [Register; 4] = [
    AUX3_MON_HIGH_ALARM_MASK,
    AUX3_MON_LOW_ALARM_MASK,
    AUX3_MON_HIGH_WARNING_MASK,
    AUX3_MON_LOW_WARNING_MASK,
];

/// Masks of the vendor's monitor: high alarm, low alarm, high warning, low warning.
pub const CUSTOM_MON_MASKS: [Register; 4] = [
    CUSTOM_MON_HIGH_ALARM_MASK,
    CUSTOM_MON_LOW_ALARM_MASK,
    CUSTOM_MON_HIGH_WARNING_MASK,
    CUSTOM_MON_LOW_WARNING_MASK,
];
