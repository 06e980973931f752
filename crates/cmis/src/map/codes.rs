//! What codes in registers mean.
//!
//! # Source
//! SFF-8024 and the Common Management Interface Specification, as public clients and an emulator have
//! them. Only codes that a module of this project can meet are named.

use units::Seconds;

use crate::register::Codes;

/// Kinds of devices. 80h is from the vendors' range; SONiC takes it for co-packaged optics.
pub const IDENTIFIERS: Codes = &[
    (0x18, "QSFP-DD"),
    (0x19, "OSFP"),
    (0x1B, "DSFP"),
    (0x1E, "QSFP with CMIS"),
    (0x21, "OSFP-XD"),
    (0x22, "ELSFP"),
    (0x26, "XPO"),
    (0x80, "CPO"),
];

/// States of a module.
pub const MODULE_STATES: Codes = &[
    (1, "ModuleLowPwr"),
    (2, "ModulePwrUp"),
    (3, "ModuleReady"),
    (4, "ModulePwrDn"),
    (5, "ModuleFault"),
];

/// Why a module is in `ModuleFault`. Codes 4 to 6 are SONiC's; the emulator has none above 3.
pub const FAULT_CAUSES: Codes = &[
    (0, "no fault"),
    (1, "TEC runaway"),
    (2, "data memory corrupted"),
    (3, "program memory corrupted"),
    (4, "transmitter fault"),
    (5, "receiver fault"),
    (6, "temperature fault"),
];

/// States of a data path.
pub const DATA_PATH_STATES: Codes = &[
    (1, "DPDeactivated"),
    (2, "DPInit"),
    (3, "DPDeinit"),
    (4, "DPActivated"),
    (5, "DPTxTurnOn"),
    (6, "DPTxTurnOff"),
    (7, "DPInitialized"),
];

/// What became of a command to configure lanes.
pub const CONFIG_STATUS: Codes = &[
    (0, "ConfigUndefined"),
    (1, "ConfigSuccess"),
    (2, "ConfigRejected"),
    (3, "ConfigRejectedInvalidAppSel"),
    (4, "ConfigRejectedInvalidDataPath"),
    (5, "ConfigRejectedInvalidSI"),
    (6, "ConfigRejectedLanesInUse"),
    (7, "ConfigRejectedPartialDataPath"),
    (12, "ConfigInProgress"),
];

/// What carries the signal.
pub const MEDIA_TYPES: Codes = &[
    (0, "undefined"),
    (1, "multi-mode fibre"),
    (2, "single-mode fibre"),
    (3, "passive copper"),
    (4, "active cable"),
    (5, "BASE-T"),
];

/// Electrical interfaces of 100 and 200 Gbit/s a lane.
pub const HOST_INTERFACES: Codes = &[
    (0, "undefined"),
    (30, "200GBASE-CR1"),
    (31, "400GBASE-CR2"),
    (32, "LEI-100G-PAM4-1"),
    (33, "LEI-200G-PAM4-2"),
    (34, "LEI-400G-PAM4-4"),
    (35, "LEI-800G-PAM4-8"),
    (70, "100GBASE-CR1"),
    (71, "200GBASE-CR2"),
    (72, "400GBASE-CR4"),
    (73, "800G-ETC-CR8"),
    (75, "100GAUI-1-S C2M"),
    (76, "100GAUI-1-L C2M"),
    (77, "200GAUI-2-S C2M"),
    (78, "200GAUI-2-L C2M"),
    (79, "400GAUI-4-S C2M"),
    (80, "400GAUI-4-L C2M"),
    (81, "800GAUI-8-S C2M"),
    (82, "800GAUI-8-L C2M"),
    (87, "800GBASE-CR4"),
    (88, "1.6TBASE-CR8"),
    (116, "CEI-112G-LINEAR-PAM4"),
    (128, "200GAUI-1"),
    (129, "400GAUI-2"),
    (130, "800GAUI-4"),
    (131, "1.6TAUI-8"),
    (144, "EEI-100G-RTLR-1-S"),
    (145, "EEI-100G-RTLR-1-L"),
    (146, "EEI-200G-RTLR-2-S"),
    (147, "EEI-200G-RTLR-2-L"),
    (148, "EEI-400G-RTLR-4-S"),
    (149, "EEI-400G-RTLR-4-L"),
    (150, "EEI-800G-RTLR-8-S"),
    (151, "EEI-800G-RTLR-8-L"),
    (255, "unused"),
];

/// Optical interfaces of 100 and 200 Gbit/s a lane on single-mode fibre.
pub const SMF_INTERFACES: Codes = &[
    (0, "undefined"),
    (20, "100GBASE-DR"),
    (21, "100GBASE-FR1"),
    (22, "100GBASE-LR1"),
    (28, "400GBASE-DR4"),
    (29, "400GBASE-FR4"),
    (30, "400G-LR4-10"),
    (67, "400GBASE-LR4-6"),
    (85, "400GBASE-DR4-2"),
    (86, "800GBASE-DR8"),
    (87, "800GBASE-DR8-2"),
    (115, "200GBASE-DR1"),
    (116, "200GBASE-DR1-2"),
    (117, "400GBASE-DR2"),
    (118, "400GBASE-DR2-2"),
    (119, "800GBASE-DR4"),
    (120, "800GBASE-DR4-2"),
    (121, "800GBASE-FR4-500"),
    (122, "800GBASE-FR4"),
    (123, "800GBASE-LR4"),
    (127, "1.6TBASE-DR8"),
    (128, "1.6TBASE-DR8-2"),
    (143, "100G-DR1-LPO"),
    (144, "200G-DR2-LPO"),
    (145, "400G-DR4-LPO"),
    (146, "800G-DR8-LPO"),
    (147, "800G-FR4-LPO"),
];

/// Optical interfaces of 100 and 200 Gbit/s a lane on multi-mode fibre.
pub const MMF_INTERFACES: Codes = &[
    (0, "undefined"),
    (29, "100G-VR1"),
    (30, "200G-VR2"),
    (31, "400G-VR4"),
    (32, "800G-VR8"),
    (33, "800G-VR4.2"),
    (34, "800G-SR4.2"),
    (35, "1.6T-VR8.2"),
    (36, "1.6T-SR8.2"),
];

/// Names of `MediaInterfaceID` under a `MediaType`; none for media that carry no light.
pub const fn media_interfaces(media_type: u8) -> Codes {
    match media_type {
        1 => MMF_INTERFACES,
        2 => SMF_INTERFACES,
        _ => &[],
    }
}

/// Kinds of connectors.
pub const CONNECTORS: Codes = &[
    (0, "unspecified"),
    (1, "SC"),
    (7, "LC"),
    (9, "MU"),
    (11, "optical pigtail"),
    (12, "MPO 1x12"),
    (13, "MPO 2x16"),
    (35, "no separable connector"),
    (36, "MXC 2x16"),
    (37, "CS"),
    (38, "SN"),
    (39, "MPO 2x12"),
    (40, "MPO 1x16"),
];

/// Classes of power. What they mean in watts is each form factor's affair.
pub const POWER_CLASSES: Codes = &[
    (0, "power class 1"),
    (1, "power class 2"),
    (2, "power class 3"),
    (3, "power class 4"),
    (4, "power class 5"),
    (5, "power class 6"),
    (6, "power class 7"),
    (7, "power class 8"),
];

/// What makes or modulates the light.
pub const MEDIA_TECHNOLOGIES: Codes = &[
    (0, "850 nm VCSEL"),
    (1, "1310 nm VCSEL"),
    (2, "1550 nm VCSEL"),
    (3, "1310 nm FP"),
    (4, "1310 nm DFB"),
    (5, "1550 nm DFB"),
    (6, "1310 nm EML"),
    (7, "1550 nm EML"),
    (8, "others"),
    (9, "1490 nm DFB"),
    (16, "C-band tunable laser"),
    (17, "L-band tunable laser"),
];

/// Classes of durations, by their upper end. Code 13 has none in the standard; clients take
/// 100 minutes for it, and so does [`longest`].
pub const DURATIONS: Codes = &[
    (0, "1 ms"),
    (1, "5 ms"),
    (2, "10 ms"),
    (3, "50 ms"),
    (4, "100 ms"),
    (5, "500 ms"),
    (6, "1 s"),
    (7, "5 s"),
    (8, "10 s"),
    (9, "1 min"),
    (10, "5 min"),
    (11, "10 min"),
    (12, "50 min"),
    (13, "100 min"),
];

const DURATION_ENDS_S: [f64; 14] = [
    0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 60.0, 300.0, 600.0, 3000.0, 6000.0,
];

/// The longest time of a class of durations; none for a code that means none.
pub fn longest(duration: u8) -> Option<Seconds> {
    DURATION_ENDS_S
        .get(usize::from(duration))
        .copied()
        .map(Seconds::new)
}

/// The class that a duration belongs to: the last one for what is beyond.
pub fn duration_class(duration: Seconds) -> u8 {
    (0..13)
        .zip(DURATION_ENDS_S)
        .find(|(_, end)| duration.value() <= *end)
        .map_or(13, |(class, _)| class)
}

/// How many pages of extended payload there are. Sources read code 6 as nine or as twelve.
pub const EPL_PAGES: Codes = &[
    (0, "0"),
    (1, "1"),
    (2, "2"),
    (3, "3"),
    (4, "4"),
    (5, "8"),
    (6, "12"),
    (7, "16"),
];

/// Grids of channels.
pub const GRIDS: Codes = &[
    (0, "3.125 GHz"),
    (1, "6.25 GHz"),
    (2, "12.5 GHz"),
    (3, "25 GHz"),
    (4, "50 GHz"),
    (5, "100 GHz"),
    (6, "33 GHz"),
    (7, "75 GHz"),
    (8, "150 GHz"),
];

/// Test patterns; a `Q` is four-level.
pub const PATTERNS: Codes = &[
    (0, "PRBS31Q"),
    (1, "PRBS31"),
    (2, "PRBS23Q"),
    (3, "PRBS23"),
    (4, "PRBS15Q"),
    (5, "PRBS15"),
    (6, "PRBS13Q"),
    (7, "PRBS13"),
    (8, "PRBS9Q"),
    (9, "PRBS9"),
    (10, "PRBS7Q"),
    (11, "PRBS7"),
    (12, "SSPRQ"),
    (14, "custom"),
    (15, "user pattern"),
];

/// What the data of diagnostics show. Those from 11h on are of the last whole measurement.
pub const DIAGNOSTICS_SELECTORS: Codes = &[
    (0x00, "nothing"),
    (0x01, "error ratios"),
    (0x02, "counters of host lanes 1-4"),
    (0x03, "counters of host lanes 5-8"),
    (0x04, "counters of media lanes 1-4"),
    (0x05, "counters of media lanes 5-8"),
    (0x06, "signal-to-noise ratios"),
    (0x11, "gated error ratios"),
    (0x12, "gated counters of host lanes 1-4"),
    (0x13, "gated counters of host lanes 5-8"),
    (0x14, "gated counters of media lanes 1-4"),
    (0x15, "gated counters of media lanes 5-8"),
];

/// Results of commands while `CdbIsBusy` is set.
pub const CDB_BUSY: Codes = &[(1, "captured"), (2, "checking"), (3, "executing")];

/// Results of commands that succeeded.
pub const CDB_SUCCESS: Codes = &[(1, "completed"), (3, "aborted")];

/// Results of commands that failed.
pub const CDB_FAILURE: Codes = &[
    (1, "unknown command"),
    (2, "parameter out of range"),
    (3, "previous command not aborted"),
    (4, "checking timed out"),
    (5, "check code wrong"),
    (6, "password"),
    (7, "not compatible with operating status"),
];

/// Whose password a module has accepted.
pub const CDB_QUERY_STATUS: Codes = &[
    (0x00, "booted"),
    (0x01, "host password accepted"),
    (0x10, "module password accepted"),
];

/// How firmware is moved.
pub const CDB_MECHANISMS: Codes = &[
    (0, "none"),
    (1, "local payload"),
    (2, "extended payload"),
    (3, "both"),
];

/// Why a lane of a laser module has a fault or warning.
pub const LASER_LANE_CODES: Codes = &[
    (0, "none"),
    (1, "power control"),
    (2, "current control"),
    (9, "vendor 9"),
    (10, "vendor 10"),
    (11, "vendor 11"),
    (12, "vendor 12"),
    (13, "vendor 13"),
    (14, "vendor 14"),
    (15, "vendor 15"),
];

/// Whether a lane of a laser module emits light.
pub const LASER_LANE_STATES: Codes = &[(0, "off"), (1, "ramping"), (2, "on")];

/// What a laser module shall keep or fetch. That masks repeat the layout of controls is as far as the
/// sources go.
pub const SAVE_RESTORE_COMMANDS: Codes = &[
    (0x00, "nothing"),
    (0x10, "restore factory controls"),
    (0x11, "restore controls 1"),
    (0x12, "restore controls 2"),
    (0x18, "save controls 1"),
    (0x19, "save controls 2"),
    (0x20, "restore factory masks"),
    (0x21, "restore masks 1"),
    (0x22, "restore masks 2"),
    (0x28, "save masks 1"),
    (0x29, "save masks 2"),
];

/// What became of it.
pub const SAVE_RESTORE_RESULTS: Codes = &[
    (0, "none"),
    (1, "success"),
    (2, "running"),
    (3, "invalid command"),
    (4, "nothing saved"),
    (8, "failed"),
];

/// Whether a loop holds a ring or filter at its wavelength.
pub const LOCK_STATES: Codes = &[
    (0, "unlocked"),
    (1, "acquiring"),
    (2, "locked"),
    (3, "not fitted"),
];

/// What a thermal zone lets its dies do.
pub const ZONE_STATES: Codes = &[
    (0, "normal"),
    (1, "throttled"),
    (2, "shut down"),
    (15, "none"),
];

/// Where the fault of a lane is.
pub const VERDICTS: Codes = &[
    (0, "none"),
    (1, "photonic IC"),
    (2, "laser"),
    (3, "laser fibre"),
    (4, "line fibre"),
    (5, "cooling"),
    (6, "receiver"),
    (7, "host"),
    (15, "unknown"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_of_the_class_that_they_are_the_longest_of() {
        for (code, _) in DURATIONS {
            let end = longest(*code).expect("named");
            assert_eq!(duration_class(end), *code);
            assert_eq!(duration_class(end * 0.99), *code);
        }
        assert_eq!(longest(14), None);
        assert_eq!(duration_class(Seconds::new(1e9)), 13);
        assert_eq!(duration_class(Seconds::new(0.0)), 0);
    }
}
