//! Page 12h: tuning of lasers.

use super::codes;
use crate::register::{Feature, Register, at};

super::registers! { 0x12;
    /// Grid on which the channel lies.
    GRID_SPACING_TX = "GridSpacingTx", at(128).bits(7, 4).codes(codes::GRIDS).each_apart(8, 1).rw()
        .of(Feature::TunableLaser);
    /// Whether `FineTuningOffsetTx` counts.
    FINE_TUNING_ENABLE_TX = "FineTuningEnableTx", at(128).bit(0).each_apart(8, 1).rw()
        .of(Feature::TunableLaser);
    /// Channel, counted from 193.1 THz in steps of the grid.
    CHANNEL_NUMBER_TX = "ChannelNumberTx", at(136).signed(2).each(8).rw().of(Feature::TunableLaser);
    /// Offset from the channel.
    FINE_TUNING_OFFSET_TX = "FineTuningOffsetTx", at(152).signed(2).scaled(1.0, "mhz").each(8).rw()
        .of(Feature::TunableLaser);
    /// Frequency of the laser.
    CURRENT_LASER_FREQUENCY_TX = "CurrentLaserFrequencyTx", at(168).unsigned(4).scaled(1.0, "mhz").each(8)
        .of(Feature::TunableLaser);
    /// Output power that the laser shall have.
    TARGET_OUTPUT_POWER_TX = "TargetOutputPowerTx", at(200).signed(2).scaled(0.01, "dbm").each(8).rw()
        .of(Feature::TunableLaser);
    /// Whether the laser is on its way to a channel.
    TUNING_IN_PROGRESS_TX = "TuningInProgressTx", at(222).bit(1).each_apart(8, 1).of(Feature::TunableLaser);
    /// Whether the laser is off its channel.
    WAVELENGTH_UNLOCK_STATUS_TX = "WavelengthUnlockStatusTx", at(222).bit(0).each_apart(8, 1)
        .of(Feature::TunableLaser);
    /// Per lane, whether a flag below is set that is not masked.
    FLAG_SUMMARY_TX = "TuningFlagSummaryTx", at(230).each_bit(8).of(Feature::TunableLaser);
    /// The laser has reached its channel.
    TUNING_COMPLETE_FLAG_TX = "TuningCompleteFlagTx", at(231).bit(0).each_apart(8, 1).cor()
        .of(Feature::TunableLaser);
    /// The laser has lost its channel.
    WAVELENGTH_UNLOCKED_FLAG_TX = "WavelengthUnlockedFlagTx", at(231).bit(1).each_apart(8, 1).cor()
        .of(Feature::TunableLaser);
    /// The channel does not exist.
    INVALID_CHANNEL_FLAG_TX = "InvalidChannelNumberFlagTx", at(231).bit(2).each_apart(8, 1).cor()
        .of(Feature::TunableLaser);
    /// The laser was not in a state to be tuned.
    TUNING_NOT_ACCEPTED_FLAG_TX = "TuningNotAcceptedFlagTx", at(231).bit(3).each_apart(8, 1).cor()
        .of(Feature::TunableLaser);
    /// The fine tuning offset is out of range.
    FINE_TUNING_OUT_OF_RANGE_FLAG_TX = "FineTuningOutOfRangeFlagTx", at(231).bit(4).each_apart(8, 1).cor()
        .of(Feature::TunableLaser);
    /// The output power is out of range.
    TARGET_POWER_OUT_OF_RANGE_FLAG_TX = "TargetOutputPowerOutOfRangeFlagTx",
        at(231).bit(5).each_apart(8, 1).cor().of(Feature::TunableLaser);
    /// Per lane, whether `TuningCompleteFlagTx` raises no interrupt.
    TUNING_COMPLETE_MASK_TX = "TuningCompleteMaskTx", at(239).bit(0).each_apart(8, 1).rw()
        .of(Feature::TunableLaser);
    /// Per lane, whether `WavelengthUnlockedFlagTx` raises no interrupt.
    WAVELENGTH_UNLOCKED_MASK_TX = "WavelengthUnlockedMaskTx", at(239).bit(1).each_apart(8, 1).rw()
        .of(Feature::TunableLaser);
    /// Per lane, whether `InvalidChannelNumberFlagTx` raises no interrupt.
    INVALID_CHANNEL_MASK_TX = "InvalidChannelNumberMaskTx", at(239).bit(2).each_apart(8, 1).rw()
        .of(Feature::TunableLaser);
    /// Per lane, whether `TuningNotAcceptedFlagTx` raises no interrupt.
    TUNING_NOT_ACCEPTED_MASK_TX = "TuningNotAcceptedMaskTx", at(239).bit(3).each_apart(8, 1).rw()
        .of(Feature::TunableLaser);
    /// Per lane, whether `FineTuningOutOfRangeFlagTx` raises no interrupt.
    FINE_TUNING_OUT_OF_RANGE_MASK_TX = "FineTuningOutOfRangeMaskTx", at(239).bit(4).each_apart(8, 1).rw()
        .of(Feature::TunableLaser);
    /// Per lane, whether `TargetOutputPowerOutOfRangeFlagTx` raises no interrupt.
    TARGET_POWER_OUT_OF_RANGE_MASK_TX = "TargetOutputPowerOutOfRangeMaskTx",
        at(239).bit(5).each_apart(8, 1).rw().of(Feature::TunableLaser);
}

/// From a flag's byte to that of its mask.
pub const MASK_OFFSET: u8 = 8;

/// Every flag of the page; masks stand in the same order in [`MASKS`].
pub const FLAGS: [Register; 6] = [
    TUNING_COMPLETE_FLAG_TX,
    WAVELENGTH_UNLOCKED_FLAG_TX,
    INVALID_CHANNEL_FLAG_TX,
    TUNING_NOT_ACCEPTED_FLAG_TX,
    FINE_TUNING_OUT_OF_RANGE_FLAG_TX,
    TARGET_POWER_OUT_OF_RANGE_FLAG_TX,
];

/// Every mask of the page.
pub const MASKS: [Register; 6] = [
    TUNING_COMPLETE_MASK_TX,
    WAVELENGTH_UNLOCKED_MASK_TX,
    INVALID_CHANNEL_MASK_TX,
    TUNING_NOT_ACCEPTED_MASK_TX,
    FINE_TUNING_OUT_OF_RANGE_MASK_TX,
    TARGET_POWER_OUT_OF_RANGE_MASK_TX,
];
