//! Page 14h: results of diagnostics, of which a selector shows one kind at a time.
//!
//! Clients read error ratios with the high byte first, counters and signal-to-noise ratios with the
//! low byte first.

use super::codes;
use crate::register::{Feature, Register, at};

super::registers! { 0x14;
    /// What `DiagnosticsData` shows. Some 10 ms after a write the data are its own.
    DIAGNOSTICS_SELECTOR = "DiagnosticsSelector", at(128).codes(codes::DIAGNOSTICS_SELECTORS).rw()
        .of(Feature::Diagnostics);
    /// The reference clock is lost.
    LOSS_OF_REFERENCE_CLOCK_FLAG = "LossOfReferenceClockFlag", at(132).bit(7).cor().of(Feature::Diagnostics);
    /// A measurement on an electrical lane is complete.
    PATTERN_CHECK_GATING_COMPLETE_FLAG_HOST = "PatternCheckGatingCompleteFlagHost", at(134).each_bit(8).cor()
        .of(Feature::HostRetimer);
    /// A measurement on an optical lane is complete.
    PATTERN_CHECK_GATING_COMPLETE_FLAG_MEDIA = "PatternCheckGatingCompleteFlagMedia",
        at(135).each_bit(8).cor().of(Feature::MediaRetimer);
    /// What makes patterns on an electrical lane has lost lock.
    PATTERN_GENERATOR_LOL_FLAG_HOST = "PatternGeneratorLOLFlagHost", at(136).each_bit(8).cor()
        .of(Feature::HostRetimer);
    /// What makes patterns on an optical lane has lost lock.
    PATTERN_GENERATOR_LOL_FLAG_MEDIA = "PatternGeneratorLOLFlagMedia", at(137).each_bit(8).cor()
        .of(Feature::MediaRetimer);
    /// What checks patterns on an electrical lane has lost lock.
    PATTERN_CHECKER_LOL_FLAG_HOST = "PatternCheckerLOLFlagHost", at(138).each_bit(8).cor()
        .of(Feature::HostRetimer);
    /// What checks patterns on an optical lane has lost lock.
    PATTERN_CHECKER_LOL_FLAG_MEDIA = "PatternCheckerLOLFlagMedia", at(139).each_bit(8).cor()
        .of(Feature::MediaRetimer);
    /// What `DiagnosticsSelector` chooses.
    DIAGNOSTICS_DATA = "DiagnosticsData", at(192).raw(64).of(Feature::Diagnostics);
    /// Selectors 01h and 11h: error ratios of electrical inputs.
    BIT_ERROR_RATIO_HOST = "BitErrorRatioHost", at(192).f16().each(8).overlay().of(Feature::HostRetimer);
    /// Selectors 01h and 11h: error ratios of optical inputs.
    BIT_ERROR_RATIO_MEDIA = "BitErrorRatioMedia", at(208).f16().each(8).overlay().of(Feature::MediaRetimer);
    /// Selectors 02h to 05h and 12h to 15h: errors of four lanes. That errors stand before bits
    /// is not confirmed.
    ERROR_COUNT = "ErrorCount", at(192).unsigned(8).little().each_apart(4, 16).overlay()
        .of(Feature::Diagnostics);
    /// Selectors 02h to 05h and 12h to 15h: bits of four lanes.
    TOTAL_BITS_COUNT = "TotalBitsCount", at(200).unsigned(8).little().each_apart(4, 16).overlay()
        .of(Feature::Diagnostics);
    /// Selector 06h: signal-to-noise ratios of electrical inputs.
    SNR_HOST = "SNRHost", at(208).unsigned(2).little().scaled(1.0 / 256.0, "db").each(8).overlay()
        .of(Feature::HostRetimer);
    /// Selector 06h: signal-to-noise ratios of optical inputs.
    SNR_MEDIA = "SNRMedia", at(240).unsigned(2).little().scaled(1.0 / 256.0, "db").each(8).overlay()
        .of(Feature::MediaRetimer);
}

/// Every flag of the page; masks stand in the same order in [`super::p13::MASKS`].
pub const FLAGS: [Register; 7] = [
    LOSS_OF_REFERENCE_CLOCK_FLAG,
    PATTERN_CHECK_GATING_COMPLETE_FLAG_HOST,
    PATTERN_CHECK_GATING_COMPLETE_FLAG_MEDIA,
    PATTERN_GENERATOR_LOL_FLAG_HOST,
    PATTERN_GENERATOR_LOL_FLAG_MEDIA,
    PATTERN_CHECKER_LOL_FLAG_HOST,
    PATTERN_CHECKER_LOL_FLAG_MEDIA,
];

/// What bytes 192 to 255 are under a selector; nothing where the map does not know it.
pub const fn shown_by(selector: u8) -> &'static [Register] {
    match selector {
        0x01 | 0x11 => &[BIT_ERROR_RATIO_HOST, BIT_ERROR_RATIO_MEDIA],
        0x02..=0x05 | 0x12..=0x15 => &[ERROR_COUNT, TOTAL_BITS_COUNT],
        0x06 => &[SNR_HOST, SNR_MEDIA],
        _ => &[],
    }
}
