//! Pages 20h to 2Fh: versatile diagnostics monitoring (VDM), where a module itself lists what it
//! measures.
//!
//! An instance is one thing measured: a descriptor says what and where, a sample has its number, a
//! nibble of flags says beyond which threshold it has been. There are up to four groups of
//! 64 instances: descriptors, samples and threshold sets of group `g` from 0 are on pages 20h, 24h and
//! 28h plus `g`; flags and masks of all groups share a page each.
//!
//! Descriptor types are in [`super::observable`].

/// Instances of a group.
pub const GROUP: usize = 64;

/// Groups at most.
pub const GROUPS: usize = 4;

/// `MonitoredResource` of what belongs to the whole module.
pub const WHOLE_MODULE: u8 = 15;

/// Pages 20h to 23h: which instances there are.
pub mod descriptors {
    use crate::register::{Feature, at};

    crate::map::registers! { 0x20;
        /// Threshold set of the group, from zero.
        LOCAL_THRESHOLD_SET_ID = "LocalThresholdSetID", at(128).bits(7, 4).each_apart(64, 2).of(Feature::Vdm);
        /// Lane or data path of the bank, from zero; 15 for the whole module.
        MONITORED_RESOURCE = "MonitoredResource", at(128).bits(3, 0).each_apart(64, 2).of(Feature::Vdm);
        /// What is measured; zero for nothing.
        OBSERVABLE_TYPE = "ObservableType", at(129).each_apart(64, 2).of(Feature::Vdm);
    }
}

/// Pages 24h to 27h: what the instances measure.
pub mod samples {
    use crate::register::{Feature, at};

    crate::map::registers! { 0x24;
        /// The number that the observable type says how to read.
        SAMPLE = "VDMSample", at(128).unsigned(2).each(64).of(Feature::Vdm);
    }
}

/// Pages 28h to 2Bh: threshold sets, each read as the samples of the instances that share it.
pub mod thresholds {
    use crate::register::{Feature, Register, at};

    crate::map::registers! { 0x28;
        /// High alarm threshold of a set.
        HIGH_ALARM_THRESHOLD = "HighAlarmThreshold", at(128).unsigned(2).each_apart(16, 8).of(Feature::Vdm);
        /// Low alarm threshold of a set.
        LOW_ALARM_THRESHOLD = "LowAlarmThreshold", at(130).unsigned(2).each_apart(16, 8).of(Feature::Vdm);
        /// High warning threshold of a set.
        HIGH_WARNING_THRESHOLD = "HighWarningThreshold", at(132).unsigned(2).each_apart(16, 8)
            .of(Feature::Vdm);
        /// Low warning threshold of a set.
        LOW_WARNING_THRESHOLD = "LowWarningThreshold", at(134).unsigned(2).each_apart(16, 8).of(Feature::Vdm);
    }

    /// Thresholds of a set: high alarm, low alarm, high warning, low warning.
    pub const LIMITS: [Register; 4] = [
        HIGH_ALARM_THRESHOLD,
        LOW_ALARM_THRESHOLD,
        HIGH_WARNING_THRESHOLD,
        LOW_WARNING_THRESHOLD,
    ];
}

/// Page 2Ch: flags, a nibble for each instance.
pub mod flags {
    use crate::register::{Feature, Register, at};

    crate::map::registers! { 0x2C;
        /// Flags of an instance of group 1: bit 0 high alarm, 1 low alarm, 2 high warning, 3 low warning.
        FLAGS_1 = "VDMFlagsGroup1", at(128).each_nibble(64).cor().of(Feature::Vdm);
        /// Flags of an instance of group 2.
        FLAGS_2 = "VDMFlagsGroup2", at(160).each_nibble(64).cor().of(Feature::Vdm);
        /// Flags of an instance of group 3.
        FLAGS_3 = "VDMFlagsGroup3", at(192).each_nibble(64).cor().of(Feature::Vdm);
        /// Flags of an instance of group 4.
        FLAGS_4 = "VDMFlagsGroup4", at(224).each_nibble(64).cor().of(Feature::Vdm);
    }

    /// By group.
    pub const FLAGS: [Register; 4] = [FLAGS_1, FLAGS_2, FLAGS_3, FLAGS_4];
}

/// Page 2Dh: masks of the flags on page 2Ch. That they lie as the flags do is not confirmed.
pub mod masks {
    use crate::register::{Feature, Register, at};

    crate::map::registers! { 0x2D;
        /// Per flag of an instance of group 1, whether it raises no interrupt.
        MASKS_1 = "VDMMasksGroup1", at(128).each_nibble(64).rw().of(Feature::Vdm);
        /// Per flag of an instance of group 2, whether it raises no interrupt.
        MASKS_2 = "VDMMasksGroup2", at(160).each_nibble(64).rw().of(Feature::Vdm);
        /// Per flag of an instance of group 3, whether it raises no interrupt.
        MASKS_3 = "VDMMasksGroup3", at(192).each_nibble(64).rw().of(Feature::Vdm);
        /// Per flag of an instance of group 4, whether it raises no interrupt.
        MASKS_4 = "VDMMasksGroup4", at(224).each_nibble(64).rw().of(Feature::Vdm);
    }

    /// By group.
    pub const MASKS: [Register; 4] = [MASKS_1, MASKS_2, MASKS_3, MASKS_4];
}

/// Page 2Fh: how many groups there are, and the freezing of statistics.
pub mod control {
    use crate::register::{Feature, at};

    crate::map::registers! { 0x2F;
        /// `MonitoringDutyCycle` exists. In this place from CMIS 5.4 on; not confirmed.
        DUTY_CYCLE_SUPPORT = "DutyCycleSupport", at(128).bit(3).of(Feature::Vdm);
        /// `PowerSavingMode` exists.
        POWER_SAVING_SUPPORT = "PowerSavingSupport", at(128).bit(2).of(Feature::Vdm);
        /// Groups that exist.
        VDM_SUPPORT = "VDMSupport", at(128).bits(1, 0)
            .codes(&[(0, "1 group"), (1, "2 groups"), (2, "3 groups"), (3, "4 groups")]).of(Feature::Vdm);
        /// From one sample of a statistic to the next. Clients put it here, others a byte later; not
        /// confirmed.
        FINE_INTERVAL_LENGTH = "FineIntervalLength", at(129).unsigned(2).scaled(0.1, "ms").of(Feature::Vdm);
        /// Holds the statistics of the bank while it is set, of the interval that its rise has ended.
        FREEZE_REQUEST = "FreezeRequest", at(144).bit(7).rw().of(Feature::Vdm);
        /// Measures less often and saves power.
        POWER_SAVING_MODE = "PowerSavingMode", at(144).bit(6).rw().of(Feature::Vdm);
        /// How much less often, by code. In this place from CMIS 5.4 on; not confirmed.
        MONITORING_DUTY_CYCLE = "MonitoringDutyCycle", at(144).bits(5, 2).rw().of(Feature::Vdm);
        /// Statistics stand still.
        FREEZE_DONE = "FreezeDone", at(145).bit(7).of(Feature::Vdm);
        /// Statistics move again.
        UNFREEZE_DONE = "UnfreezeDone", at(145).bit(6).of(Feature::Vdm);
    }
}

/// Page of the descriptor of an instance, counted over all groups, and its element there; that of the
/// sample is four pages on.
pub const fn descriptor_of(instance: u8) -> (u16, usize) {
    (
        descriptors::OBSERVABLE_TYPE.page + instance as u16 / 64,
        instance as usize % GROUP,
    )
}
