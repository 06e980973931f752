//! Page 13h: loopback, patterns and measurements, and masks of the flags on page 14h.
//!
//! The sources of this map know bytes 206 to 213 by position; that they are masks follows from page
//! 14h, which has flags 74 bytes before them, and from public register views of CMIS 5.4.

use super::codes;
use crate::register::{Feature, Register, at};

super::registers! { 0x13;
    /// Loopback on both sides at once.
    SIMULTANEOUS_LOOPBACKS_SUPPORTED = "SimultaneousHostAndMediaSideLoopbacks", at(128).bit(6)
        .of(Feature::Diagnostics);
    /// Loopback on the optical side lane by lane.
    PER_LANE_MEDIA_LOOPBACKS_SUPPORTED = "PerLaneMediaSideLoopbacks", at(128).bit(5).of(Feature::Diagnostics);
    /// Loopback on the electrical side lane by lane.
    PER_LANE_HOST_LOOPBACKS_SUPPORTED = "PerLaneHostSideLoopbacks", at(128).bit(4).of(Feature::Diagnostics);
    /// `HostSideInputLoopbackEnable` exists.
    HOST_SIDE_INPUT_LOOPBACK_SUPPORTED = "HostSideInputLoopback", at(128).bit(3).of(Feature::Diagnostics);
    /// `HostSideOutputLoopbackEnable` exists.
    HOST_SIDE_OUTPUT_LOOPBACK_SUPPORTED = "HostSideOutputLoopback", at(128).bit(2).of(Feature::Diagnostics);
    /// `MediaSideInputLoopbackEnable` exists.
    MEDIA_SIDE_INPUT_LOOPBACK_SUPPORTED = "MediaSideInputLoopback", at(128).bit(1).of(Feature::Diagnostics);
    /// `MediaSideOutputLoopbackEnable` exists.
    MEDIA_SIDE_OUTPUT_LOOPBACK_SUPPORTED = "MediaSideOutputLoopback", at(128).bit(0).of(Feature::Diagnostics);
    /// How well measurements are timed, by code.
    GATING_SUPPORT = "GatingSupport", at(129).bits(7, 6).of(Feature::Diagnostics);
    /// Results of the last whole measurement can be read.
    GATING_RESULTS_SUPPORTED = "GatingResultsSupported", at(129).bit(5).of(Feature::Diagnostics);
    /// Results can be read while a measurement runs.
    PERIODIC_UPDATES_SUPPORTED = "PeriodicUpdatesSupported", at(129).bit(4).of(Feature::Diagnostics);
    /// Each lane is timed of itself.
    PER_LANE_GATING_TIMERS_SUPPORTED = "PerLaneGatingTimersSupported", at(129).bit(3)
        .of(Feature::Diagnostics);
    /// Measurements can repeat themselves.
    AUTO_RESTART_GATING_SUPPORTED = "AutoRestartGatingSupported", at(129).bit(2).of(Feature::Diagnostics);
    /// Error correction on the optical side.
    MEDIA_SIDE_FEC_SUPPORTED = "MediaSideFEC", at(130).bit(7).of(Feature::MediaRetimer);
    /// Error correction on the electrical side.
    HOST_SIDE_FEC_SUPPORTED = "HostSideFEC", at(130).bit(6).of(Feature::HostRetimer);
    /// Signal-to-noise ratio of optical inputs.
    MEDIA_SIDE_INPUT_SNR_SUPPORTED = "MediaSideInputSNRMeasurement", at(130).bit(5).of(Feature::MediaRetimer);
    /// Signal-to-noise ratio of electrical inputs.
    HOST_SIDE_INPUT_SNR_SUPPORTED = "HostSideInputSNRMeasurement", at(130).bit(4).of(Feature::HostRetimer);
    /// Bits and errors are counted.
    BITS_AND_ERRORS_COUNTING_SUPPORTED = "BitsAndErrorsCountingSupported", at(130).bit(1)
        .of(Feature::Diagnostics);
    /// Error ratios are given.
    BIT_ERROR_RATIO_RESULTS_SUPPORTED = "BitErrorRatioResultsSupported", at(130).bit(0)
        .of(Feature::Diagnostics);
    /// Patterns are made on the optical side before error correction.
    PRBS_GENERATOR_MEDIA_SIDE_PRE_FEC_SUPPORTED = "PRBSGeneratorMediaSidePreFEC", at(131).bit(7)
        .of(Feature::MediaRetimer);
    /// Patterns are made on the optical side behind error correction.
    PRBS_GENERATOR_MEDIA_SIDE_POST_FEC_SUPPORTED = "PRBSGeneratorMediaSidePostFEC", at(131).bit(6)
        .of(Feature::MediaRetimer);
    /// Patterns are checked on the optical side before error correction.
    PRBS_CHECKER_MEDIA_SIDE_PRE_FEC_SUPPORTED = "PRBSCheckerMediaSidePreFEC", at(131).bit(5)
        .of(Feature::MediaRetimer);
    /// Patterns are checked on the optical side behind error correction.
    PRBS_CHECKER_MEDIA_SIDE_POST_FEC_SUPPORTED = "PRBSCheckerMediaSidePostFEC", at(131).bit(4)
        .of(Feature::MediaRetimer);
    /// Patterns are made on the electrical side before error correction.
    PRBS_GENERATOR_HOST_SIDE_PRE_FEC_SUPPORTED = "PRBSGeneratorHostSidePreFEC", at(131).bit(3)
        .of(Feature::HostRetimer);
    /// Patterns are made on the electrical side behind error correction.
    PRBS_GENERATOR_HOST_SIDE_POST_FEC_SUPPORTED = "PRBSGeneratorHostSidePostFEC", at(131).bit(2)
        .of(Feature::HostRetimer);
    /// Patterns are checked on the electrical side before error correction.
    PRBS_CHECKER_HOST_SIDE_PRE_FEC_SUPPORTED = "PRBSCheckerHostSidePreFEC", at(131).bit(1)
        .of(Feature::HostRetimer);
    /// Patterns are checked on the electrical side behind error correction.
    PRBS_CHECKER_HOST_SIDE_POST_FEC_SUPPORTED = "PRBSCheckerHostSidePostFEC", at(131).bit(0)
        .of(Feature::HostRetimer);
    /// A bit for each pattern, bit 0 of the first byte for pattern 0.
    HOST_SIDE_GENERATOR_PATTERNS = "HostSideGeneratorSupportsPattern", at(132).unsigned(2).little()
        .of(Feature::HostRetimer);
    /// A bit for each pattern, bit 0 of the first byte for pattern 0.
    MEDIA_SIDE_GENERATOR_PATTERNS = "MediaSideGeneratorSupportsPattern", at(134).unsigned(2).little()
        .of(Feature::MediaRetimer);
    /// A bit for each pattern, bit 0 of the first byte for pattern 0.
    HOST_SIDE_CHECKER_PATTERNS = "HostSideCheckerSupportsPattern", at(136).unsigned(2).little()
        .of(Feature::HostRetimer);
    /// A bit for each pattern, bit 0 of the first byte for pattern 0.
    MEDIA_SIDE_CHECKER_PATTERNS = "MediaSideCheckerSupportsPattern", at(138).unsigned(2).little()
        .of(Feature::MediaRetimer);
    /// `MediaSideCheckerDataInvert` exists. The position of this and the next three is not confirmed.
    MEDIA_SIDE_CHECKER_DATA_INVERT_SUPPORTED = "MediaSideCheckerDataInvertSupported", at(141).bit(6)
        .of(Feature::MediaRetimer);
    /// `MediaSideGeneratorDataInvert` exists.
    MEDIA_SIDE_GENERATOR_DATA_INVERT_SUPPORTED = "MediaSideGeneratorDataInvertSupported", at(141).bit(4)
        .of(Feature::MediaRetimer);
    /// `HostSideCheckerDataInvert` exists.
    HOST_SIDE_CHECKER_DATA_INVERT_SUPPORTED = "HostSideCheckerDataInvertSupported", at(141).bit(2)
        .of(Feature::HostRetimer);
    /// `HostSideGeneratorDataInvert` exists.
    HOST_SIDE_GENERATOR_DATA_INVERT_SUPPORTED = "HostSideGeneratorDataInvertSupported", at(141).bit(0)
        .of(Feature::HostRetimer);
    /// Optical lanes check patterns each by itself (bit 1), each its own (bit 0). The position of this
    /// and the next three is not confirmed.
    MEDIA_SIDE_CHECKER_PER_LANE = "MediaSideCheckerPerLane", at(142).bits(7, 6).of(Feature::MediaRetimer);
    /// Optical lanes make patterns each by itself (bit 1), each its own (bit 0).
    MEDIA_SIDE_GENERATOR_PER_LANE = "MediaSideGeneratorPerLane", at(142).bits(5, 4).of(Feature::MediaRetimer);
    /// Electrical lanes check patterns each by itself (bit 1), each its own (bit 0).
    HOST_SIDE_CHECKER_PER_LANE = "HostSideCheckerPerLane", at(142).bits(3, 2).of(Feature::HostRetimer);
    /// Electrical lanes make patterns each by itself (bit 1), each its own (bit 0).
    HOST_SIDE_GENERATOR_PER_LANE = "HostSideGeneratorPerLane", at(142).bits(1, 0).of(Feature::HostRetimer);
    /// Whether a pattern is made on a lane.
    HOST_SIDE_GENERATOR_ENABLE = "HostSideGeneratorEnable", at(144).each_bit(8).rw().of(Feature::HostRetimer);
    /// Whether its bits are inverted.
    HOST_SIDE_GENERATOR_DATA_INVERT = "HostSideGeneratorDataInvert", at(145).each_bit(8).rw()
        .of(Feature::HostRetimer);
    /// Whether the bits of its symbols are swapped. Position by order; not confirmed.
    HOST_SIDE_GENERATOR_SWAP_SYMBOL_BITS = "HostSideGeneratorSwapSymbolBits", at(146).each_bit(8).rw()
        .of(Feature::HostRetimer);
    /// Whether it is before error correction.
    HOST_SIDE_GENERATOR_FEC_SELECT = "HostSideGeneratorFECSelect", at(147).each_bit(8).rw()
        .of(Feature::HostRetimer);
    /// Which pattern.
    HOST_SIDE_GENERATOR_PATTERN_SELECT = "HostSideGeneratorPatternSelect",
        at(148).codes(codes::PATTERNS).each_nibble(8).rw().of(Feature::HostRetimer);
    /// Whether a pattern is made on a lane.
    MEDIA_SIDE_GENERATOR_ENABLE = "MediaSideGeneratorEnable", at(152).each_bit(8).rw()
        .of(Feature::MediaRetimer);
    /// Whether its bits are inverted.
    MEDIA_SIDE_GENERATOR_DATA_INVERT = "MediaSideGeneratorDataInvert", at(153).each_bit(8).rw()
        .of(Feature::MediaRetimer);
    /// Whether the bits of its symbols are swapped. Position by order; not confirmed.
    MEDIA_SIDE_GENERATOR_SWAP_SYMBOL_BITS = "MediaSideGeneratorSwapSymbolBits", at(154).each_bit(8).rw()
        .of(Feature::MediaRetimer);
    /// Whether it is before error correction.
    MEDIA_SIDE_GENERATOR_FEC_SELECT = "MediaSideGeneratorFECSelect", at(155).each_bit(8).rw()
        .of(Feature::MediaRetimer);
    /// Which pattern.
    MEDIA_SIDE_GENERATOR_PATTERN_SELECT = "MediaSideGeneratorPatternSelect",
        at(156).codes(codes::PATTERNS).each_nibble(8).rw().of(Feature::MediaRetimer);
    /// Whether a pattern is checked on a lane.
    HOST_SIDE_CHECKER_ENABLE = "HostSideCheckerEnable", at(160).each_bit(8).rw().of(Feature::HostRetimer);
    /// Whether its bits are inverted.
    HOST_SIDE_CHECKER_DATA_INVERT = "HostSideCheckerDataInvert", at(161).each_bit(8).rw()
        .of(Feature::HostRetimer);
    /// Whether the bits of its symbols are swapped. Position by order; not confirmed.
    HOST_SIDE_CHECKER_SWAP_SYMBOL_BITS = "HostSideCheckerSwapSymbolBits", at(162).each_bit(8).rw()
        .of(Feature::HostRetimer);
    /// Whether it is behind error correction.
    HOST_SIDE_CHECKER_FEC_SELECT = "HostSideCheckerFECSelect", at(163).each_bit(8).rw()
        .of(Feature::HostRetimer);
    /// Which pattern.
    HOST_SIDE_CHECKER_PATTERN_SELECT = "HostSideCheckerPatternSelect",
        at(164).codes(codes::PATTERNS).each_nibble(8).rw().of(Feature::HostRetimer);
    /// Whether a pattern is checked on a lane.
    MEDIA_SIDE_CHECKER_ENABLE = "MediaSideCheckerEnable", at(168).each_bit(8).rw().of(Feature::MediaRetimer);
    /// Whether its bits are inverted.
    MEDIA_SIDE_CHECKER_DATA_INVERT = "MediaSideCheckerDataInvert", at(169).each_bit(8).rw()
        .of(Feature::MediaRetimer);
    /// Whether the bits of its symbols are swapped. Position by order; not confirmed.
    MEDIA_SIDE_CHECKER_SWAP_SYMBOL_BITS = "MediaSideCheckerSwapSymbolBits", at(170).each_bit(8).rw()
        .of(Feature::MediaRetimer);
    /// Whether it is behind error correction.
    MEDIA_SIDE_CHECKER_FEC_SELECT = "MediaSideCheckerFECSelect", at(171).each_bit(8).rw()
        .of(Feature::MediaRetimer);
    /// Which pattern.
    MEDIA_SIDE_CHECKER_PATTERN_SELECT = "MediaSideCheckerPatternSelect",
        at(172).codes(codes::PATTERNS).each_nibble(8).rw().of(Feature::MediaRetimer);
    /// Clock of patterns made on the electrical side, by code.
    HOST_GENERATOR_CLOCK_SOURCE = "HostPRBSGeneratorClockSource", at(176).bits(7, 4).rw()
        .of(Feature::Diagnostics);
    /// Clock of patterns made on the optical side, by code.
    MEDIA_GENERATOR_CLOCK_SOURCE = "MediaPRBSGeneratorClockSource", at(176).bits(3, 0).rw()
        .of(Feature::Diagnostics);
    /// Whether one lane's start and stop is all lanes'.
    START_STOP_IS_GLOBAL = "StartStopIsGlobal", at(177).bit(7).rw().of(Feature::Diagnostics);
    /// Clears counters when it falls.
    RESET_ERROR_INFORMATION = "ResetErrorInformation", at(177).bit(5).rw().of(Feature::Diagnostics);
    /// Whether measurements repeat themselves.
    AUTO_RESTART_GATING = "AutoRestartGating", at(177).bit(4).rw().of(Feature::Diagnostics);
    /// How long a measurement lasts, by code; zero until it is stopped.
    MEASUREMENT_TIME = "MeasurementTime", at(177).bits(3, 1).rw().of(Feature::Diagnostics);
    /// How often results of a running measurement are new.
    UPDATE_PERIOD_SELECT = "UpdatePeriodSelect", at(177).bit(0).codes(&[(0, "1 s"), (1, "5 s")]).rw()
        .of(Feature::Diagnostics);
    /// Clock of patterns checked on the electrical side, by code.
    HOST_CHECKER_CLOCK_SOURCE = "HostPRBSCheckerClockSource", at(178).bits(3, 2).rw()
        .of(Feature::Diagnostics);
    /// Clock of patterns checked on the optical side, by code.
    MEDIA_CHECKER_CLOCK_SOURCE = "MediaPRBSCheckerClockSource", at(178).bits(1, 0).rw()
        .of(Feature::Diagnostics);
    /// What is about to leave an optical lane goes back to its electrical output.
    MEDIA_SIDE_OUTPUT_LOOPBACK_ENABLE = "MediaSideOutputLoopbackEnable", at(180).each_bit(8).rw()
        .of(Feature::Diagnostics);
    /// What enters an optical lane leaves it again.
    MEDIA_SIDE_INPUT_LOOPBACK_ENABLE = "MediaSideInputLoopbackEnable", at(181).each_bit(8).rw()
        .of(Feature::Diagnostics);
    /// What is about to leave an electrical lane goes back to its optical output.
    HOST_SIDE_OUTPUT_LOOPBACK_ENABLE = "HostSideOutputLoopbackEnable", at(182).each_bit(8).rw()
        .of(Feature::Diagnostics);
    /// What enters an electrical lane leaves it again.
    HOST_SIDE_INPUT_LOOPBACK_ENABLE = "HostSideInputLoopbackEnable", at(183).each_bit(8).rw()
        .of(Feature::Diagnostics);
    /// Bytes that hosts keep for themselves, by which they see that a module was reset. In this
    /// place from CMIS 5.3 on; not confirmed.
    HOST_SCRATCHPAD = "HostScratchpadArea", at(184).each(8).rw().of(Feature::Diagnostics);
    /// Controls of the vendor's.
    CUSTOM_CONTROLS = "CustomDiagnosticControls", at(196).each(10).rw().of(Feature::Diagnostics);
    /// Whether `LossOfReferenceClockFlag` raises no interrupt.
    LOSS_OF_REFERENCE_CLOCK_MASK = "LossOfReferenceClockMask", at(206).bit(7).rw().of(Feature::Diagnostics);
    /// Whether `PatternCheckGatingCompleteFlagHost` raises no interrupt.
    PATTERN_CHECK_GATING_COMPLETE_MASK_HOST = "PatternCheckGatingCompleteMaskHost", at(208).each_bit(8).rw()
        .of(Feature::HostRetimer);
    /// Whether `PatternCheckGatingCompleteFlagMedia` raises no interrupt.
    PATTERN_CHECK_GATING_COMPLETE_MASK_MEDIA = "PatternCheckGatingCompleteMaskMedia", at(209).each_bit(8).rw()
        .of(Feature::MediaRetimer);
    /// Whether `PatternGeneratorLOLFlagHost` raises no interrupt.
    PATTERN_GENERATOR_LOL_MASK_HOST = "PatternGeneratorLOLMaskHost", at(210).each_bit(8).rw()
        .of(Feature::HostRetimer);
    /// Whether `PatternGeneratorLOLFlagMedia` raises no interrupt.
    PATTERN_GENERATOR_LOL_MASK_MEDIA = "PatternGeneratorLOLMaskMedia", at(211).each_bit(8).rw()
        .of(Feature::MediaRetimer);
    /// Whether `PatternCheckerLOLFlagHost` raises no interrupt.
    PATTERN_CHECKER_LOL_MASK_HOST = "PatternCheckerLOLMaskHost", at(212).each_bit(8).rw()
        .of(Feature::HostRetimer);
    /// Whether `PatternCheckerLOLFlagMedia` raises no interrupt.
    PATTERN_CHECKER_LOL_MASK_MEDIA = "PatternCheckerLOLMaskMedia", at(213).each_bit(8).rw()
        .of(Feature::MediaRetimer);
    /// A pattern of the host's.
    USER_PATTERN = "UserPattern", at(224).each(32).rw().of(Feature::Diagnostics);
}

/// From a flag's byte on page 14h to that of its mask on this page.
pub const MASK_OFFSET: u8 = 74;

/// Every mask of the page, in the order of [`super::p14::FLAGS`].
pub const MASKS: [Register; 7] = [
    LOSS_OF_REFERENCE_CLOCK_MASK,
    PATTERN_CHECK_GATING_COMPLETE_MASK_HOST,
    PATTERN_CHECK_GATING_COMPLETE_MASK_MEDIA,
    PATTERN_GENERATOR_LOL_MASK_HOST,
    PATTERN_GENERATOR_LOL_MASK_MEDIA,
    PATTERN_CHECKER_LOL_MASK_HOST,
    PATTERN_CHECKER_LOL_MASK_MEDIA,
];
