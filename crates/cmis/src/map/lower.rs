//! Lower memory: bytes 0 to 127, which no page hides.

use crate::register::{Feature, LOWER, at};

super::registers! { LOWER;
    /// What kind of device it is, by SFF-8024.
    IDENTIFIER = "SFF8024Identifier", at(0).codes(&[
        (0x18, "QSFP-DD"), (0x19, "OSFP"), (0x1B, "DSFP"), (0x1E, "QSFP with CMIS"), (0x21, "OSFP-XD"),
        (0x22, "ELSFP"), (0x26, "XPO"), (0x80, "CPO"),
    ]);
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
    MODULE_STATE = "ModuleState", at(3).bits(3, 1).codes(&[
        (1, "ModuleLowPwr"), (2, "ModulePwrUp"), (3, "ModuleReady"), (4, "ModulePwrDn"), (5, "ModuleFault"),
    ]);
    /// Set while the interrupt is not asserted.
    INTERRUPT_DEASSERTED = "InterruptDeasserted", at(3).bit(0);
    /// Per bank, whether a flag of page 11h is set that is not masked.
    FLAG_SUMMARY_11 = "FlagsSummaryPage11", at(4).bit(0).each_apart(4, 1).of(Feature::DataPaths);
    /// Per bank, whether a flag of page 12h is set that is not masked.
    FLAG_SUMMARY_12 = "FlagsSummaryPage12", at(4).bit(1).each_apart(4, 1).of(Feature::TunableLaser);
    /// Per bank, whether a flag of page 14h is set that is not masked.
    FLAG_SUMMARY_14 = "FlagsSummaryPage14", at(4).bit(2).each_apart(4, 1).of(Feature::Diagnostics);
    /// Per bank, whether a flag of page 2Ch is set that is not masked.
    FLAG_SUMMARY_2C = "FlagsSummaryPage2C", at(4).bit(3).each_apart(4, 1).of(Feature::Vdm);
}
