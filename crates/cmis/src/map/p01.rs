//! Page 01h: what a module can do.

use super::codes;
use crate::register::{Feature, at};

super::registers! { 0x01;
    /// Major revision of the firmware that does not run.
    INACTIVE_FIRMWARE_MAJOR = "ModuleInactiveFirmwareMajorRevision", at(128);
    /// Minor revision of the firmware that does not run.
    INACTIVE_FIRMWARE_MINOR = "ModuleInactiveFirmwareMinorRevision", at(129);
    /// Major revision of the hardware.
    HARDWARE_MAJOR = "ModuleHardwareMajorRevision", at(130);
    /// Minor revision of the hardware.
    HARDWARE_MINOR = "ModuleHardwareMinorRevision", at(131);
    /// Unit of `BaseLengthSMF`.
    LENGTH_MULTIPLIER_SMF = "LengthMultiplierSMF",
        at(132).bits(7, 6).codes(&[(0, "0.1 km"), (1, "1 km"), (2, "10 km")]);
    /// Reach on single-mode fibre, in units of `LengthMultiplierSMF`.
    BASE_LENGTH_SMF = "BaseLengthSMF", at(132).bits(5, 0);
    /// Reach on OM5 fibre.
    LENGTH_OM5 = "LengthOM5", at(133).scaled(2.0, "m");
    /// Reach on OM4 fibre.
    LENGTH_OM4 = "LengthOM4", at(134).scaled(2.0, "m");
    /// Reach on OM3 fibre.
    LENGTH_OM3 = "LengthOM3", at(135).scaled(2.0, "m");
    /// Reach on OM2 fibre.
    LENGTH_OM2 = "LengthOM2", at(136).scaled(1.0, "m");
    /// Nominal wavelength at room temperature.
    NOMINAL_WAVELENGTH = "NominalWavelength", at(138).unsigned(2).scaled(0.05, "nm");
    /// How far the wavelength can be off.
    WAVELENGTH_TOLERANCE = "WavelengthTolerance", at(140).unsigned(2).scaled(0.005, "nm");
    /// Pages 16h and 17h of network paths exist.
    NETWORK_PATH_PAGES_SUPPORTED = "NetworkPathPagesSupported", at(142).bit(7);
    /// Pages 20h to 2Fh of versatile diagnostics exist.
    VDM_PAGES_SUPPORTED = "VDMPagesSupported", at(142).bit(6);
    /// Pages 13h and 14h of diagnostics exist.
    DIAGNOSTIC_PAGES_SUPPORTED = "DiagnosticPagesSupported", at(142).bit(5);
    /// Page 05h exists.
    PAGE_05H_SUPPORTED = "Page05hSupported", at(142).bit(3);
    /// Page 03h, where users keep what they like, exists.
    PAGE_03H_SUPPORTED = "Page03hSupported", at(142).bit(2);
    /// Banks of banked pages. Code 3 is read in CMIS 5.4 as a count in byte 174; not confirmed.
    BANKS_SUPPORTED = "BanksSupported", at(142).bits(1, 0)
        .codes(&[(0, "1 bank"), (1, "2 banks"), (2, "4 banks"), (3, "by ExtraLaneBanksSupported")]);
    /// Exponent of the time that a host waits after it has selected the module: mantissa * 2^exponent us.
    MOD_SEL_WAIT_TIME_EXPONENT = "ModSelWaitTimeExponent", at(143).bits(7, 5);
    /// Mantissa of that time.
    MOD_SEL_WAIT_TIME_MANTISSA = "ModSelWaitTimeMantissa", at(143).bits(4, 0);
    /// Longest time in `DPDeinit`.
    MAX_DURATION_DP_DEINIT = "MaxDurationDPDeinit", at(144).bits(7, 4).codes(codes::DURATIONS)
        .of(Feature::DataPaths);
    /// Longest time in `DPInit`.
    MAX_DURATION_DP_INIT = "MaxDurationDPInit", at(144).bits(3, 0).codes(codes::DURATIONS)
        .of(Feature::DataPaths);
    /// Whether the transmitter is cooled.
    COOLING_IMPLEMENTED = "CoolingImplemented", at(145).bit(7);
    /// Which electrical inputs share a clock.
    TX_INPUT_CLOCKING_CAPABILITIES = "TxInputClockingCapabilities", at(145).bits(6, 5)
        .codes(&[(0, "lanes 1-8"), (1, "lanes 1-4, 5-8"), (2, "pairs"), (3, "none")]).of(Feature::DataPaths);
    /// Whether it follows pulses per second.
    EPPS_SUPPORTED = "ePPSSupported", at(145).bit(4);
    /// Page 15h of timing exists.
    TIMING_PAGE_15H_SUPPORTED = "TimingPage15hSupported", at(145).bit(3);
    /// What the third auxiliary monitor measures.
    AUX3_MON_OBSERVABLE = "Aux3MonObservable",
        at(145).bit(2).codes(&[(0, "laser temperature"), (1, "second supply")]);
    /// What the second auxiliary monitor measures.
    AUX2_MON_OBSERVABLE = "Aux2MonObservable",
        at(145).bit(1).codes(&[(0, "laser temperature"), (1, "TEC current")]);
    /// What the first auxiliary monitor measures.
    AUX1_MON_OBSERVABLE = "Aux1MonObservable", at(145).bit(0).codes(&[(0, "custom"), (1, "TEC current")]);
    /// Hottest case.
    MODULE_TEMP_MAX = "ModuleTempMax", at(146).signed(1).scaled(1.0, "c");
    /// Coldest case.
    MODULE_TEMP_MIN = "ModuleTempMin", at(147).signed(1).scaled(1.0, "c");
    /// Delay of a cable that belongs to the module.
    PROPAGATION_DELAY = "PropagationDelay", at(148).unsigned(2).scaled(10.0, "ns");
    /// Lowest supply voltage; zero says nothing.
    OPERATING_VOLTAGE_MIN = "OperatingVoltageMin", at(150).scaled(0.02, "v");
    /// Kind of detector.
    OPTICAL_DETECTOR_TYPE = "OpticalDetectorType", at(151).bit(7).codes(&[(0, "PIN"), (1, "APD")])
        .of(Feature::DataPaths);
    /// What an output equaliser holds constant.
    RX_OUTPUT_EQ_TYPE = "RxOutputEqType", at(151).bits(6, 5)
        .codes(&[(0, "peak to peak"), (1, "steady state"), (2, "mean of both")]).of(Feature::DataPaths);
    /// What `OpticalPowerRx` measures.
    RX_POWER_MEASUREMENT_TYPE = "RxPowerMeasurementType", at(151).bit(4).codes(&[(0, "OMA"), (1, "average power")])
        .of(Feature::DataPaths);
    /// What loss of light is judged by.
    RX_LOS_TYPE = "RxLOSType", at(151).bit(3).codes(&[(0, "OMA"), (1, "average power")])
        .of(Feature::DataPaths);
    /// Whether loss of light is seen fast.
    RX_LOS_IS_FAST = "RxLOSIsFast", at(151).bit(2).of(Feature::DataPaths);
    /// Whether outputs are darkened fast.
    TX_DISABLE_IS_FAST = "TxDisableIsFast", at(151).bit(1).of(Feature::DataPaths);
    /// Whether darkening one output darkens all.
    TX_DISABLE_IS_MODULE_WIDE = "TxDisableIsModuleWide", at(151).bit(0).of(Feature::DataPaths);
    /// Power that a lane saves without clock recovery.
    CDR_POWER_SAVED_PER_LANE = "CDRPowerSavedPerLane", at(152).scaled(0.01, "w").of(Feature::HostRetimer);
    /// A bit for each code of `OutputAmplitudeTargetRx` that can be chosen, code 0 the lowest.
    RX_OUTPUT_LEVELS_SUPPORTED = "RxOutputLevelsSupported", at(153).bits(7, 4).of(Feature::DataPaths);
    /// Greatest setting of an input equaliser.
    TX_INPUT_EQ_MAX = "TxInputEqMax", at(153).bits(3, 0).of(Feature::HostRetimer);
    /// Greatest setting of `OutputEqPostCursorTargetRx`.
    RX_OUTPUT_EQ_POST_CURSOR_MAX = "RxOutputEqPostCursorMax", at(154).bits(7, 4).of(Feature::DataPaths);
    /// Greatest setting of `OutputEqPreCursorTargetRx`.
    RX_OUTPUT_EQ_PRE_CURSOR_MAX = "RxOutputEqPreCursorMax", at(154).bits(3, 0).of(Feature::DataPaths);
    /// Whether the wavelength is held by a loop.
    WAVELENGTH_IS_CONTROLLABLE = "WavelengthIsControllable", at(155).bit(7).of(Feature::DataPaths);
    /// Whether the wavelength can be chosen.
    TRANSMITTER_IS_TUNABLE = "TransmitterIsTunable", at(155).bit(6).of(Feature::DataPaths);
    /// What squelching of optical outputs lowers.
    SQUELCH_METHOD_TX = "SquelchMethodTx", at(155).bits(5, 4)
        .codes(&[(0, "none"), (1, "OMA"), (2, "average power"), (3, "by SquelchMethodSelect")])
        .of(Feature::DataPaths);
    /// `OutputSquelchForceTx` exists.
    FORCED_SQUELCH_TX_SUPPORTED = "ForcedSquelchTxSupported", at(155).bit(3).of(Feature::DataPaths);
    /// `AutoSquelchDisableTx` exists.
    AUTO_SQUELCH_DISABLE_TX_SUPPORTED = "AutoSquelchDisableTxSupported", at(155).bit(2)
        .of(Feature::DataPaths);
    /// `OutputDisableTx` exists.
    OUTPUT_DISABLE_TX_SUPPORTED = "OutputDisableTxSupported", at(155).bit(1).of(Feature::DataPaths);
    /// `InputPolarityFlipTx` exists.
    INPUT_POLARITY_FLIP_TX_SUPPORTED = "InputPolarityFlipTxSupported", at(155).bit(0).of(Feature::DataPaths);
    /// `BankBroadcastEnable` exists.
    BANK_BROADCAST_SUPPORTED = "BankBroadcastSupported", at(156).bit(7);
    /// `AutoSquelchDisableRx` exists.
    AUTO_SQUELCH_DISABLE_RX_SUPPORTED = "AutoSquelchDisableRxSupported", at(156).bit(2)
        .of(Feature::DataPaths);
    /// `OutputDisableRx` exists.
    OUTPUT_DISABLE_RX_SUPPORTED = "OutputDisableRxSupported", at(156).bit(1).of(Feature::DataPaths);
    /// `OutputPolarityFlipRx` exists.
    OUTPUT_POLARITY_FLIP_RX_SUPPORTED = "OutputPolarityFlipRxSupported", at(156).bit(0)
        .of(Feature::DataPaths);
    /// `AdaptiveInputEqFailFlagTx` exists.
    ADAPTIVE_INPUT_EQ_FAIL_FLAG_TX_SUPPORTED = "AdaptiveInputEqFailFlagTxSupported", at(157).bit(3)
        .of(Feature::HostRetimer);
    /// `CDRLOLFlagTx` exists.
    CDR_LOL_FLAG_TX_SUPPORTED = "CDRLOLFlagTxSupported", at(157).bit(2).of(Feature::HostRetimer);
    /// `LOSFlagTx` exists.
    LOS_FLAG_TX_SUPPORTED = "LOSFlagTxSupported", at(157).bit(1).of(Feature::DataPaths);
    /// `FailureFlagTx` exists.
    FAILURE_FLAG_TX_SUPPORTED = "FailureFlagTxSupported", at(157).bit(0).of(Feature::DataPaths);
    /// `CDRLOLFlagRx` exists.
    CDR_LOL_FLAG_RX_SUPPORTED = "CDRLOLFlagRxSupported", at(158).bit(2).of(Feature::MediaRetimer);
    /// `LOSFlagRx` exists.
    LOS_FLAG_RX_SUPPORTED = "LOSFlagRxSupported", at(158).bit(1).of(Feature::DataPaths);
    /// `CustomMonValue` exists.
    CUSTOM_MON_SUPPORTED = "CustomMonSupported", at(159).bit(5);
    /// `Aux3MonValue` exists.
    AUX3_MON_SUPPORTED = "Aux3MonSupported", at(159).bit(4);
    /// `Aux2MonValue` exists.
    AUX2_MON_SUPPORTED = "Aux2MonSupported", at(159).bit(3);
    /// `Aux1MonValue` exists.
    AUX1_MON_SUPPORTED = "Aux1MonSupported", at(159).bit(2);
    /// `VccMonVoltage` exists.
    VCC_MON_SUPPORTED = "VccMonSupported", at(159).bit(1);
    /// `TempMonValue` exists.
    TEMP_MON_SUPPORTED = "TempMonSupported", at(159).bit(0);
    /// What `LaserBiasTx` and its thresholds are multiplied by.
    TX_BIAS_CURRENT_SCALING_FACTOR = "TxBiasCurrentScalingFactor", at(160).bits(4, 3)
        .codes(&[(0, "1"), (1, "2"), (2, "4")]).of(Feature::DataPaths);
    /// `OpticalPowerRx` exists.
    RX_OPTICAL_POWER_MON_SUPPORTED = "RxOpticalPowerMonSupported", at(160).bit(2).of(Feature::DataPaths);
    /// `OpticalPowerTx` exists.
    TX_OPTICAL_POWER_MON_SUPPORTED = "TxOpticalPowerMonSupported", at(160).bit(1).of(Feature::DataPaths);
    /// `LaserBiasTx` exists.
    TX_BIAS_MON_SUPPORTED = "TxBiasMonSupported", at(160).bit(0).of(Feature::DataPaths);
    /// Stores of the input equaliser's setting.
    TX_INPUT_EQ_RECALL_BUFFERS_SUPPORTED = "TxInputEqRecallBuffersSupported", at(161).bits(6, 5)
        .of(Feature::HostRetimer);
    /// `AdaptiveInputEqFreezeTx` exists.
    TX_INPUT_EQ_FREEZE_SUPPORTED = "TxInputEqFreezeSupported", at(161).bit(4).of(Feature::HostRetimer);
    /// Input equalisers can adapt themselves.
    TX_INPUT_ADAPTIVE_EQ_SUPPORTED = "TxInputAdaptiveEqSupported", at(161).bit(3).of(Feature::HostRetimer);
    /// `FixedInputEqTargetTx` exists.
    TX_INPUT_EQ_FIXED_MANUAL_CONTROL_SUPPORTED = "TxInputEqFixedManualControlSupported", at(161).bit(2)
        .of(Feature::HostRetimer);
    /// Clock recovery of electrical lanes can be bypassed.
    TX_CDR_BYPASS_CONTROL_SUPPORTED = "TxCDRBypassControlSupported", at(161).bit(1).of(Feature::HostRetimer);
    /// Electrical lanes have clock recovery.
    TX_CDR_SUPPORTED = "TxCDRSupported", at(161).bit(0).of(Feature::HostRetimer);
    /// Settings of one direction can be applied alone.
    UNIDIR_RECONFIG_SUPPORTED = "UnidirReconfigSupported", at(162).bit(6).of(Feature::DataPaths);
    /// Staged set 1 exists.
    STAGED_SET_1_SUPPORTED = "StagedSet1Supported", at(162).bit(5).of(Feature::DataPaths);
    /// Which equalisation electrical outputs have.
    RX_OUTPUT_EQ_CONTROL_SUPPORTED = "RxOutputEqControlSupported", at(162).bits(4, 3)
        .codes(&[(0, "none"), (1, "pre-cursor"), (2, "post-cursor"), (3, "both")]).of(Feature::DataPaths);
    /// `OutputAmplitudeTargetRx` exists.
    RX_OUTPUT_AMPLITUDE_CONTROL_SUPPORTED = "RxOutputAmplitudeControlSupported", at(162).bit(2)
        .of(Feature::DataPaths);
    /// Clock recovery of optical lanes can be bypassed.
    RX_CDR_BYPASS_CONTROL_SUPPORTED = "RxCDRBypassControlSupported", at(162).bit(1).of(Feature::MediaRetimer);
    /// Optical lanes have clock recovery.
    RX_CDR_SUPPORTED = "RxCDRSupported", at(162).bit(0).of(Feature::MediaRetimer);
    /// Instances of the command data block.
    CDB_INSTANCES_SUPPORTED = "CdbInstancesSupported", at(163).bits(7, 6).of(Feature::Cdb);
    /// Whether the module answers while a command runs.
    CDB_BACKGROUND_MODE_SUPPORTED = "CdbBackgroundModeSupported", at(163).bit(5).of(Feature::Cdb);
    /// Whether a write beyond a page of extended payload goes on in the next one.
    CDB_AUTO_PAGING_SUPPORTED = "CdbAutoPagingSupported", at(163).bit(4).of(Feature::Cdb);
    /// Pages of extended payload. Sources read code 6 as nine pages or as twelve; not confirmed.
    CDB_MAX_PAGES_EPL = "CdbMaxPagesEPL", at(163).bits(3, 0).codes(codes::EPL_PAGES).of(Feature::Cdb);
    /// Eight times this and one more is how many bytes of extended payload one access may touch.
    CDB_READ_WRITE_LENGTH_EXTENSION = "CdbReadWriteLengthExtension", at(164).of(Feature::Cdb);
    /// What starts a command.
    CDB_COMMAND_TRIGGER_METHOD = "CdbCommandTriggerMethod", at(165).bit(7)
        .codes(&[(0, "write of byte 129 alone"), (1, "any write of byte 129")]).of(Feature::Cdb);
    /// Longest busy time where `CdbMaxBusySpecMethod` says so, 160 ms each and at least one.
    CDB_EXT_MAX_BUSY_TIME = "CdbExtMaxBusyTime", at(165).bits(4, 0).of(Feature::Cdb);
    /// Which of the two busy times holds; sources do not agree which value means which.
    CDB_MAX_BUSY_SPEC_METHOD = "CdbMaxBusySpecMethod", at(166).bit(7)
        .codes(&[(0, "CdbMaxBusyTime"), (1, "CdbExtMaxBusyTime")]).of(Feature::Cdb);
    /// By how much the longest busy time is below 80 ms.
    CDB_MAX_BUSY_TIME = "CdbMaxBusyTime", at(166).bits(6, 0).scaled(1.0, "ms").of(Feature::Cdb);
    /// Longest time in `ModulePwrDn`.
    MAX_DURATION_MODULE_PWR_DN = "MaxDurationModulePwrDn", at(167).bits(7, 4).codes(codes::DURATIONS);
    /// Longest time in `ModulePwrUp`.
    MAX_DURATION_MODULE_PWR_UP = "MaxDurationModulePwrUp", at(167).bits(3, 0).codes(codes::DURATIONS);
    /// Longest time in `DPTxTurnOff`.
    MAX_DURATION_DP_TX_TURN_OFF = "MaxDurationDPTxTurnOff", at(168).bits(7, 4).codes(codes::DURATIONS)
        .of(Feature::DataPaths);
    /// Longest time in `DPTxTurnOn`.
    MAX_DURATION_DP_TX_TURN_ON = "MaxDurationDPTxTurnOn", at(168).bits(3, 0).codes(codes::DURATIONS)
        .of(Feature::DataPaths);
    /// Banks beyond what `BanksSupported` can say. In this place from CMIS 5.4 on; position and
    /// count not confirmed.
    EXTRA_LANE_BANKS_SUPPORTED = "ExtraLaneBanksSupported", at(174).bits(4, 0).of(Feature::DataPaths);
    /// Per application from 1 to 15, a bit for each optical lane at which it can begin.
    MEDIA_LANE_ASSIGNMENT_OPTIONS = "MediaLaneAssignmentOptions", at(176).bits(7, 0).each_apart(15, 1)
        .of(Feature::DataPaths);
    /// Bytes of the vendor's.
    CUSTOM_INFO = "CustomInfo", at(191).raw(32);
    /// Per application from 9 to 15, the electrical interface; the first FFh ends the list.
    HOST_INTERFACE_ID = "HostInterfaceID", at(223).codes(codes::HOST_INTERFACES).each_apart(7, 4)
        .of(Feature::DataPaths);
    /// Per application from 9 to 15, the optical interface; `MediaType` says of which list.
    MEDIA_INTERFACE_ID = "MediaInterfaceID", at(224).each_apart(7, 4).of(Feature::DataPaths);
    /// Per application from 9 to 15, electrical lanes.
    HOST_LANE_COUNT = "HostLaneCount", at(225).bits(7, 4).each_apart(7, 4).of(Feature::DataPaths);
    /// Per application from 9 to 15, optical lanes.
    MEDIA_LANE_COUNT = "MediaLaneCount", at(225).bits(3, 0).each_apart(7, 4).of(Feature::DataPaths);
    /// Per application from 9 to 15, a bit for each electrical lane at which it can begin.
    HOST_LANE_ASSIGNMENT_OPTIONS = "HostLaneAssignmentOptions", at(226).bits(7, 0).each_apart(7, 4)
        .of(Feature::DataPaths);
    /// Low byte of the sum of bytes 130 to 254: the firmware's revision is outside.
    PAGE_CHECKSUM = "PageChecksum", at(255);
}
