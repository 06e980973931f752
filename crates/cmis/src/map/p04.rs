//! Page 04h: what tunable lasers can do.

use crate::register::{Feature, at};

super::registers! { 0x04;
    /// Whether channels can lie on a grid of 3.125 GHz.
    GRID_SUPPORTED_3_125_GHZ = "GridSupported3p125GHz", at(128).bit(0).of(Feature::TunableLaser);
    /// Whether channels can lie on a grid of 6.25 GHz.
    GRID_SUPPORTED_6_25_GHZ = "GridSupported6p25GHz", at(128).bit(1).of(Feature::TunableLaser);
    /// Whether channels can lie on a grid of 12.5 GHz.
    GRID_SUPPORTED_12_5_GHZ = "GridSupported12p5GHz", at(128).bit(2).of(Feature::TunableLaser);
    /// Whether channels can lie on a grid of 25 GHz.
    GRID_SUPPORTED_25_GHZ = "GridSupported25GHz", at(128).bit(3).of(Feature::TunableLaser);
    /// Whether channels can lie on a grid of 50 GHz.
    GRID_SUPPORTED_50_GHZ = "GridSupported50GHz", at(128).bit(4).of(Feature::TunableLaser);
    /// Whether channels can lie on a grid of 100 GHz.
    GRID_SUPPORTED_100_GHZ = "GridSupported100GHz", at(128).bit(5).of(Feature::TunableLaser);
    /// Whether channels can lie on a grid of 33 GHz.
    GRID_SUPPORTED_33_GHZ = "GridSupported33GHz", at(128).bit(6).of(Feature::TunableLaser);
    /// Whether channels can lie on a grid of 75 GHz.
    GRID_SUPPORTED_75_GHZ = "GridSupported75GHz", at(128).bit(7).of(Feature::TunableLaser);
    /// Whether channels can be fine-tuned.
    FINE_TUNING_SUPPORTED = "FineTuningSupported", at(129).bit(7).of(Feature::TunableLaser);
    /// Whether channels can lie on a grid of 150 GHz. Not confirmed.
    GRID_SUPPORTED_150_GHZ = "GridSupported150GHz", at(129).bit(6).of(Feature::TunableLaser);
    /// Lowest channel on a grid of 3.125 GHz.
    GRID_LOW_CHANNEL_3_125_GHZ = "GridLowChannel3p125GHz", at(130).signed(2).of(Feature::TunableLaser);
    /// Highest channel on a grid of 3.125 GHz.
    GRID_HIGH_CHANNEL_3_125_GHZ = "GridHighChannel3p125GHz", at(132).signed(2).of(Feature::TunableLaser);
    /// Lowest channel on a grid of 6.25 GHz.
    GRID_LOW_CHANNEL_6_25_GHZ = "GridLowChannel6p25GHz", at(134).signed(2).of(Feature::TunableLaser);
    /// Highest channel on a grid of 6.25 GHz.
    GRID_HIGH_CHANNEL_6_25_GHZ = "GridHighChannel6p25GHz", at(136).signed(2).of(Feature::TunableLaser);
    /// Lowest channel on a grid of 12.5 GHz.
    GRID_LOW_CHANNEL_12_5_GHZ = "GridLowChannel12p5GHz", at(138).signed(2).of(Feature::TunableLaser);
    /// Highest channel on a grid of 12.5 GHz.
    GRID_HIGH_CHANNEL_12_5_GHZ = "GridHighChannel12p5GHz", at(140).signed(2).of(Feature::TunableLaser);
    /// Lowest channel on a grid of 25 GHz.
    GRID_LOW_CHANNEL_25_GHZ = "GridLowChannel25GHz", at(142).signed(2).of(Feature::TunableLaser);
    /// Highest channel on a grid of 25 GHz.
    GRID_HIGH_CHANNEL_25_GHZ = "GridHighChannel25GHz", at(144).signed(2).of(Feature::TunableLaser);
    /// Lowest channel on a grid of 50 GHz.
    GRID_LOW_CHANNEL_50_GHZ = "GridLowChannel50GHz", at(146).signed(2).of(Feature::TunableLaser);
    /// Highest channel on a grid of 50 GHz.
    GRID_HIGH_CHANNEL_50_GHZ = "GridHighChannel50GHz", at(148).signed(2).of(Feature::TunableLaser);
    /// Lowest channel on a grid of 100 GHz.
    GRID_LOW_CHANNEL_100_GHZ = "GridLowChannel100GHz", at(150).signed(2).of(Feature::TunableLaser);
    /// Highest channel on a grid of 100 GHz.
    GRID_HIGH_CHANNEL_100_GHZ = "GridHighChannel100GHz", at(152).signed(2).of(Feature::TunableLaser);
    /// Lowest channel on a grid of 33 GHz.
    GRID_LOW_CHANNEL_33_GHZ = "GridLowChannel33GHz", at(154).signed(2).of(Feature::TunableLaser);
    /// Highest channel on a grid of 33 GHz.
    GRID_HIGH_CHANNEL_33_GHZ = "GridHighChannel33GHz", at(156).signed(2).of(Feature::TunableLaser);
    /// Lowest channel on a grid of 75 GHz.
    GRID_LOW_CHANNEL_75_GHZ = "GridLowChannel75GHz", at(158).signed(2).of(Feature::TunableLaser);
    /// Highest channel on a grid of 75 GHz.
    GRID_HIGH_CHANNEL_75_GHZ = "GridHighChannel75GHz", at(160).signed(2).of(Feature::TunableLaser);
    /// Lowest channel on a grid of 150 GHz.
    GRID_LOW_CHANNEL_150_GHZ = "GridLowChannel150GHz", at(162).signed(2).of(Feature::TunableLaser);
    /// Highest channel on a grid of 150 GHz.
    GRID_HIGH_CHANNEL_150_GHZ = "GridHighChannel150GHz", at(164).signed(2).of(Feature::TunableLaser);
    /// Step of fine tuning.
    FINE_TUNING_RESOLUTION = "FineTuningResolution", at(190).unsigned(2).scaled(1.0, "mhz")
        .of(Feature::TunableLaser);
    /// Lowest offset of fine tuning. Position not confirmed.
    FINE_TUNING_LOW_OFFSET = "FineTuningLowOffset", at(192).signed(2).scaled(1.0, "mhz")
        .of(Feature::TunableLaser);
    /// Highest offset of fine tuning. Position not confirmed.
    FINE_TUNING_HIGH_OFFSET = "FineTuningHighOffset", at(194).signed(2).scaled(1.0, "mhz")
        .of(Feature::TunableLaser);
    /// Whether the output power can be chosen; which bit says so is not confirmed.
    PROG_OUTPUT_POWER_SUPPORT = "ProgOutputPowerSupport", at(196).of(Feature::TunableLaser);
    /// Lowest output power that can be chosen.
    PROG_OUTPUT_POWER_MIN = "ProgOutputPowerMin", at(198).signed(2).scaled(0.01, "dbm")
        .of(Feature::TunableLaser);
    /// Highest output power that can be chosen.
    PROG_OUTPUT_POWER_MAX = "ProgOutputPowerMax", at(200).signed(2).scaled(0.01, "dbm")
        .of(Feature::TunableLaser);
    /// Low byte of the sum of bytes 128 to 254.
    PAGE_CHECKSUM = "PageChecksum", at(255).of(Feature::TunableLaser);
}
