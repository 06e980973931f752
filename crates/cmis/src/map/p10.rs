//! Page 10h: what hosts demand of lanes, and masks of the flags on page 11h.
//!
//! Element 0 of a register of lanes is lane `8 * bank + 1`. The two staged sets have one layout, 35
//! bytes apart.

use crate::register::{Feature, Register, at};

super::registers! { 0x10;
    /// Whether to take down the data path of an electrical lane.
    DP_DEINIT_LANE = "DPDeinitLane", at(128).each_bit(8).rw().of(Feature::DataPaths);
    /// Whether to swap the polarity of an electrical input.
    INPUT_POLARITY_FLIP_TX = "InputPolarityFlipTx", at(129).each_bit(8).rw().of(Feature::DataPaths);
    /// Whether to darken the optical output of a lane.
    OUTPUT_DISABLE_TX = "OutputDisableTx", at(130).each_bit(8).rw().of(Feature::DataPaths);
    /// Whether a lane whose electrical input fades keeps its optical output.
    AUTO_SQUELCH_DISABLE_TX = "AutoSquelchDisableTx", at(131).each_bit(8).rw().of(Feature::DataPaths);
    /// Whether to squelch the optical output of a lane.
    OUTPUT_SQUELCH_FORCE_TX = "OutputSquelchForceTx", at(132).each_bit(8).rw().of(Feature::DataPaths);
    /// Whether to hold the input equaliser of a lane.
    ADAPTIVE_INPUT_EQ_FREEZE_TX = "AdaptiveInputEqFreezeTx", at(134).each_bit(8).rw()
        .of(Feature::HostRetimer);
    /// Into which store to put the setting of an input equaliser.
    ADAPTIVE_INPUT_EQ_STORE_TX = "AdaptiveInputEqStoreTx", at(135).packed(8, 2).wo().of(Feature::HostRetimer);
    /// Whether to swap the polarity of an electrical output.
    OUTPUT_POLARITY_FLIP_RX = "OutputPolarityFlipRx", at(137).each_bit(8).rw().of(Feature::DataPaths);
    /// Whether to mute the electrical output of a lane.
    OUTPUT_DISABLE_RX = "OutputDisableRx", at(138).each_bit(8).rw().of(Feature::DataPaths);
    /// Whether a lane that loses its light keeps its electrical output.
    AUTO_SQUELCH_DISABLE_RX = "AutoSquelchDisableRx", at(139).each_bit(8).rw().of(Feature::DataPaths);
    /// Staged set 0: provisions the staged settings of a lane; they take effect when its data
    /// path is initialised.
    SCS0_APPLY_DP_INIT = "SCS0::ApplyDPInitLane", at(143).each_bit(8).wo().of(Feature::DataPaths);
    /// Staged set 0: provisions the staged settings of a lane and puts them in force at once.
    SCS0_APPLY_IMMEDIATE = "SCS0::ApplyImmediateLane", at(144).each_bit(8).wo().of(Feature::DataPaths);
    /// Staged set 0: application of a lane, by its number in the list; zero for none.
    SCS0_APP_SEL_CODE = "SCS0::AppSelCode", at(145).bits(7, 4).each_apart(8, 1).rw().of(Feature::DataPaths);
    /// Staged set 0: first lane of the data path of a lane, from zero.
    SCS0_DATA_PATH_ID = "SCS0::DataPathID", at(145).bits(3, 1).each_apart(8, 1).rw().of(Feature::DataPaths);
    /// Staged set 0: whether signal integrity is the host's rather than the application's.
    SCS0_EXPLICIT_CONTROL = "SCS0::ExplicitControl", at(145).bit(0).each_apart(8, 1).rw()
        .of(Feature::DataPaths);
    /// Staged set 0: whether the input equaliser adapts itself.
    SCS0_ADAPTIVE_INPUT_EQ_ENABLE_TX = "SCS0::AdaptiveInputEqEnableTx", at(153).each_bit(8).rw()
        .of(Feature::HostRetimer);
    /// Staged set 0: from which store to take the input equaliser's setting; zero for none.
    SCS0_ADAPTIVE_INPUT_EQ_RECALL_TX = "SCS0::AdaptiveInputEqRecallTx", at(154).packed(8, 2).rw()
        .of(Feature::HostRetimer);
    /// Staged set 0: setting of an input equaliser that does not adapt.
    SCS0_FIXED_INPUT_EQ_TARGET_TX = "SCS0::FixedInputEqTargetTx", at(156).each_nibble(8).rw()
        .of(Feature::HostRetimer);
    /// Staged set 0: whether to recover the clock of an electrical lane.
    SCS0_CDR_ENABLE_TX = "SCS0::CDREnableTx", at(160).each_bit(8).rw().of(Feature::HostRetimer);
    /// Staged set 0: whether to recover the clock of an optical lane.
    SCS0_CDR_ENABLE_RX = "SCS0::CDREnableRx", at(161).each_bit(8).rw().of(Feature::MediaRetimer);
    /// Staged set 0: equalisation before the cursor at the electrical output.
    SCS0_OUTPUT_EQ_PRE_CURSOR_TARGET_RX = "SCS0::OutputEqPreCursorTargetRx", at(162).each_nibble(8).rw()
        .of(Feature::DataPaths);
    /// Staged set 0: equalisation behind the cursor at the electrical output.
    SCS0_OUTPUT_EQ_POST_CURSOR_TARGET_RX = "SCS0::OutputEqPostCursorTargetRx", at(166).each_nibble(8).rw()
        .of(Feature::DataPaths);
    /// Staged set 0: amplitude of the electrical output, by code.
    SCS0_OUTPUT_AMPLITUDE_TARGET_RX = "SCS0::OutputAmplitudeTargetRx", at(170).each_nibble(8).rw()
        .of(Feature::DataPaths);
    /// Staged set 0: whether to darken the optical output of a lane, once applied. In this
    /// place from CMIS 5.3 on; not confirmed.
    SCS0_OUTPUT_DISABLE_TX = "SCS0::OutputDisableTx", at(174).each_bit(8).rw().of(Feature::DataPaths);
    /// Staged set 0: whether to mute the electrical output of a lane, once applied. In this
    /// place from CMIS 5.3 on; not confirmed.
    SCS0_OUTPUT_DISABLE_RX = "SCS0::OutputDisableRx", at(175).each_bit(8).rw().of(Feature::DataPaths);
    /// Staged set 0: puts the staged settings towards the fibre in force at once, and leaves the others.
    SCS0_APPLY_IMMEDIATE_TX = "SCS0::ApplyImmediateTx", at(176).each_bit(8).wo().of(Feature::DataPaths);
    /// Staged set 0: puts the staged settings towards the host in force at once, and leaves the others.
    SCS0_APPLY_IMMEDIATE_RX = "SCS0::ApplyImmediateRx", at(177).each_bit(8).wo().of(Feature::DataPaths);
    /// Staged set 1: provisions the staged settings of a lane; they take effect when its data
    /// path is initialised.
    SCS1_APPLY_DP_INIT = "SCS1::ApplyDPInitLane", at(178).each_bit(8).wo().of(Feature::StagedSet1);
    /// Staged set 1: provisions the staged settings of a lane and puts them in force at once.
    SCS1_APPLY_IMMEDIATE = "SCS1::ApplyImmediateLane", at(179).each_bit(8).wo().of(Feature::StagedSet1);
    /// Staged set 1: application of a lane, by its number in the list; zero for none.
    SCS1_APP_SEL_CODE = "SCS1::AppSelCode", at(180).bits(7, 4).each_apart(8, 1).rw().of(Feature::StagedSet1);
    /// Staged set 1: first lane of the data path of a lane, from zero.
    SCS1_DATA_PATH_ID = "SCS1::DataPathID", at(180).bits(3, 1).each_apart(8, 1).rw().of(Feature::StagedSet1);
    /// Staged set 1: whether signal integrity is the host's rather than the application's.
    SCS1_EXPLICIT_CONTROL = "SCS1::ExplicitControl", at(180).bit(0).each_apart(8, 1).rw()
        .of(Feature::StagedSet1);
    /// Staged set 1: whether the input equaliser adapts itself.
    SCS1_ADAPTIVE_INPUT_EQ_ENABLE_TX = "SCS1::AdaptiveInputEqEnableTx", at(188).each_bit(8).rw()
        .of(Feature::StagedSet1);
    /// Staged set 1: from which store to take the input equaliser's setting; zero for none.
    SCS1_ADAPTIVE_INPUT_EQ_RECALL_TX = "SCS1::AdaptiveInputEqRecallTx", at(189).packed(8, 2).rw()
        .of(Feature::StagedSet1);
    /// Staged set 1: setting of an input equaliser that does not adapt.
    SCS1_FIXED_INPUT_EQ_TARGET_TX = "SCS1::FixedInputEqTargetTx", at(191).each_nibble(8).rw()
        .of(Feature::StagedSet1);
    /// Staged set 1: whether to recover the clock of an electrical lane.
    SCS1_CDR_ENABLE_TX = "SCS1::CDREnableTx", at(195).each_bit(8).rw().of(Feature::StagedSet1);
    /// Staged set 1: whether to recover the clock of an optical lane.
    SCS1_CDR_ENABLE_RX = "SCS1::CDREnableRx", at(196).each_bit(8).rw().of(Feature::StagedSet1);
    /// Staged set 1: equalisation before the cursor at the electrical output.
    SCS1_OUTPUT_EQ_PRE_CURSOR_TARGET_RX = "SCS1::OutputEqPreCursorTargetRx", at(197).each_nibble(8).rw()
        .of(Feature::StagedSet1);
    /// Staged set 1: equalisation behind the cursor at the electrical output.
    SCS1_OUTPUT_EQ_POST_CURSOR_TARGET_RX = "SCS1::OutputEqPostCursorTargetRx", at(201).each_nibble(8).rw()
        .of(Feature::StagedSet1);
    /// Staged set 1: amplitude of the electrical output, by code.
    SCS1_OUTPUT_AMPLITUDE_TARGET_RX = "SCS1::OutputAmplitudeTargetRx", at(205).each_nibble(8).rw()
        .of(Feature::StagedSet1);
    /// Staged set 1: whether to darken the optical output of a lane, once applied. In this
    /// place from CMIS 5.3 on; not confirmed.
    SCS1_OUTPUT_DISABLE_TX = "SCS1::OutputDisableTx", at(209).each_bit(8).rw().of(Feature::StagedSet1);
    /// Staged set 1: whether to mute the electrical output of a lane, once applied. In this
    /// place from CMIS 5.3 on; not confirmed.
    SCS1_OUTPUT_DISABLE_RX = "SCS1::OutputDisableRx", at(210).each_bit(8).rw().of(Feature::StagedSet1);
    /// Staged set 1: puts the staged settings towards the fibre in force at once, and leaves the others.
    SCS1_APPLY_IMMEDIATE_TX = "SCS1::ApplyImmediateTx", at(211).each_bit(8).wo().of(Feature::StagedSet1);
    /// Staged set 1: puts the staged settings towards the host in force at once, and leaves the others.
    SCS1_APPLY_IMMEDIATE_RX = "SCS1::ApplyImmediateRx", at(212).each_bit(8).wo().of(Feature::StagedSet1);
    /// Per lane, whether `DPStateChangedFlag` raises no interrupt.
    DP_STATE_CHANGED_MASK = "DPStateChangedMask", at(213).each_bit(8).rw().of(Feature::DataPaths);
    /// Per lane, whether `FailureFlagTx` raises no interrupt.
    FAILURE_MASK_TX = "FailureMaskTx", at(214).each_bit(8).rw().of(Feature::DataPaths);
    /// Per lane, whether `LOSFlagTx` raises no interrupt.
    LOS_MASK_TX = "LOSMaskTx", at(215).each_bit(8).rw().of(Feature::DataPaths);
    /// Per lane, whether `CDRLOLFlagTx` raises no interrupt.
    CDR_LOL_MASK_TX = "CDRLOLMaskTx", at(216).each_bit(8).rw().of(Feature::HostRetimer);
    /// Per lane, whether `AdaptiveInputEqFailFlagTx` raises no interrupt.
    ADAPTIVE_INPUT_EQ_FAIL_MASK_TX = "AdaptiveInputEqFailMaskTx", at(217).each_bit(8).rw()
        .of(Feature::HostRetimer);
    /// Per lane, whether `OpticalPowerHighAlarmFlagTx` raises no interrupt.
    OPTICAL_POWER_HIGH_ALARM_MASK_TX = "OpticalPowerHighAlarmMaskTx", at(218).each_bit(8).rw()
        .of(Feature::DataPaths);
    /// Per lane, whether `OpticalPowerLowAlarmFlagTx` raises no interrupt.
    OPTICAL_POWER_LOW_ALARM_MASK_TX = "OpticalPowerLowAlarmMaskTx", at(219).each_bit(8).rw()
        .of(Feature::DataPaths);
    /// Per lane, whether `OpticalPowerHighWarningFlagTx` raises no interrupt.
    OPTICAL_POWER_HIGH_WARNING_MASK_TX = "OpticalPowerHighWarningMaskTx", at(220).each_bit(8).rw()
        .of(Feature::DataPaths);
    /// Per lane, whether `OpticalPowerLowWarningFlagTx` raises no interrupt.
    OPTICAL_POWER_LOW_WARNING_MASK_TX = "OpticalPowerLowWarningMaskTx", at(221).each_bit(8).rw()
        .of(Feature::DataPaths);
    /// Per lane, whether `LaserBiasHighAlarmFlagTx` raises no interrupt.
    LASER_BIAS_HIGH_ALARM_MASK_TX = "LaserBiasHighAlarmMaskTx", at(222).each_bit(8).rw()
        .of(Feature::DataPaths);
    /// Per lane, whether `LaserBiasLowAlarmFlagTx` raises no interrupt.
    LASER_BIAS_LOW_ALARM_MASK_TX = "LaserBiasLowAlarmMaskTx", at(223).each_bit(8).rw().of(Feature::DataPaths);
    /// Per lane, whether `LaserBiasHighWarningFlagTx` raises no interrupt.
    LASER_BIAS_HIGH_WARNING_MASK_TX = "LaserBiasHighWarningMaskTx", at(224).each_bit(8).rw()
        .of(Feature::DataPaths);
    /// Per lane, whether `LaserBiasLowWarningFlagTx` raises no interrupt.
    LASER_BIAS_LOW_WARNING_MASK_TX = "LaserBiasLowWarningMaskTx", at(225).each_bit(8).rw()
        .of(Feature::DataPaths);
    /// Per lane, whether `LOSFlagRx` raises no interrupt.
    LOS_MASK_RX = "LOSMaskRx", at(226).each_bit(8).rw().of(Feature::DataPaths);
    /// Per lane, whether `CDRLOLFlagRx` raises no interrupt.
    CDR_LOL_MASK_RX = "CDRLOLMaskRx", at(227).each_bit(8).rw().of(Feature::MediaRetimer);
    /// Per lane, whether `OpticalPowerHighAlarmFlagRx` raises no interrupt.
    OPTICAL_POWER_HIGH_ALARM_MASK_RX = "OpticalPowerHighAlarmMaskRx", at(228).each_bit(8).rw()
        .of(Feature::DataPaths);
    /// Per lane, whether `OpticalPowerLowAlarmFlagRx` raises no interrupt.
    OPTICAL_POWER_LOW_ALARM_MASK_RX = "OpticalPowerLowAlarmMaskRx", at(229).each_bit(8).rw()
        .of(Feature::DataPaths);
    /// Per lane, whether `OpticalPowerHighWarningFlagRx` raises no interrupt.
    OPTICAL_POWER_HIGH_WARNING_MASK_RX = "OpticalPowerHighWarningMaskRx", at(230).each_bit(8).rw()
        .of(Feature::DataPaths);
    /// Per lane, whether `OpticalPowerLowWarningFlagRx` raises no interrupt.
    OPTICAL_POWER_LOW_WARNING_MASK_RX = "OpticalPowerLowWarningMaskRx", at(231).each_bit(8).rw()
        .of(Feature::DataPaths);
    /// Per lane, whether `OutputStatusChangedFlagRx` raises no interrupt.
    OUTPUT_STATUS_CHANGED_MASK_RX = "OutputStatusChangedMaskRx", at(232).each_bit(8).rw()
        .of(Feature::DataPaths);
    /// Controls of the vendor's.
    CUSTOM_LANE_CONTROLS = "CustomLaneControls", at(240).each(16).rw().of(Feature::DataPaths);
}

/// From a flag's byte on page 11h to that of its mask on this page.
pub const MASK_OFFSET: u8 = 79;

/// From a register of staged set 0 to that of staged set 1, bytes.
pub const SCS1_OFFSET: u8 = 35;

/// Every mask of the page, in the order of [`super::p11::FLAGS`].
pub const MASKS: [Register; 20] = [
    DP_STATE_CHANGED_MASK,
    FAILURE_MASK_TX,
    LOS_MASK_TX,
    CDR_LOL_MASK_TX,
    ADAPTIVE_INPUT_EQ_FAIL_MASK_TX,
    OPTICAL_POWER_HIGH_ALARM_MASK_TX,
    OPTICAL_POWER_LOW_ALARM_MASK_TX,
    OPTICAL_POWER_HIGH_WARNING_MASK_TX,
    OPTICAL_POWER_LOW_WARNING_MASK_TX,
    LASER_BIAS_HIGH_ALARM_MASK_TX,
    LASER_BIAS_LOW_ALARM_MASK_TX,
    LASER_BIAS_HIGH_WARNING_MASK_TX,
    LASER_BIAS_LOW_WARNING_MASK_TX,
    LOS_MASK_RX,
    CDR_LOL_MASK_RX,
    OPTICAL_POWER_HIGH_ALARM_MASK_RX,
    OPTICAL_POWER_LOW_ALARM_MASK_RX,
    OPTICAL_POWER_HIGH_WARNING_MASK_RX,
    OPTICAL_POWER_LOW_WARNING_MASK_RX,
    OUTPUT_STATUS_CHANGED_MASK_RX,
];
