//! Pages C0h to C7h: what co-packaged optics have and the standard lacks. **Not part of any standard.**
//!
//! The pages lie among those that the standard leaves to vendors. Eight of them follow one another from
//! [`EXTENSION_FIRST`] on, or from where [`relocate`] allows. A host that does not know where looks
//! for [`header::SIGNATURE`] at the start of the pages from B0h to FFh, in bank 0, and takes the pages
//! from there on if the major version is one that it knows.
//!
//! All are banked: element 0 of a register of lanes is lane `8 * bank + 1`. Zones, laser modules and
//! the header are the module's and the same in every bank.
//!
//! Numbers that are scalars are also instances of versatile diagnostics ([`super::observable`]).

use super::checksum::checksum;
use super::mirror::{DOCUMENTED, SONIC_DAVISSON};
use crate::codec::{Half, Value};
use crate::register::Register;

/// The first page where nothing else is said.
pub const EXTENSION_FIRST: u16 = 0xC0;

/// How many pages.
pub const EXTENSION_PAGES: u16 = 8;

/// What [`header::SIGNATURE`] says.
pub const SIGNATURE_TEXT: &str = "SLCP";

/// The version that this map describes: a new major one moves registers, a new minor one adds some.
pub const VERSION: (u8, u8) = (1, 1);

/// Light levels where there is no light: the least number.
pub const DARK_DBM: f64 = -327.68;

/// Elements of [`laser_feeds::LANE_LASER_MODULE`] and [`laser_feeds::LANE_LASER_FEED`] of lanes that have
/// none.
pub const NO_LASER: u8 = 255;

const VENDOR_FIRST: u8 = 0xB0;

/// First page: what the extension is, and which parts of it a module has.
pub mod header {
    use super::EXTENSION_FIRST;
    use crate::register::{Feature, at};

    crate::map::registers! { EXTENSION_FIRST;
        /// `SLCP`, by which hosts know the pages.
        SIGNATURE = "ExtensionSignature", at(128).text(4).of(Feature::Extension);
        /// Major version of the layout.
        VERSION_MAJOR = "ExtensionVersionMajor", at(132).of(Feature::Extension);
        /// Minor version of the layout.
        VERSION_MINOR = "ExtensionVersionMinor", at(133).of(Feature::Extension);
        /// Number of this page.
        FIRST_PAGE = "ExtensionFirstPage", at(134).of(Feature::Extension);
        /// How many pages there are.
        PAGE_COUNT = "ExtensionPageCount", at(135).of(Feature::Extension);
        /// Transmitters are held by heaters: second page.
        TX_LOCKS_SUPPORTED = "TxLocksSupported", at(136).bit(0).of(Feature::Extension);
        /// Receive filters are held by heaters: third page.
        RX_LOCKS_SUPPORTED = "RxLocksSupported", at(136).bit(1).of(Feature::Extension);
        /// Light is tapped: fourth page.
        LIGHT_TAPS_SUPPORTED = "LightTapsSupported", at(136).bit(2).of(Feature::Extension);
        /// Thermal zones are read: fifth page.
        ZONES_SUPPORTED = "ZonesSupported", at(136).bit(3).of(Feature::Extension);
        /// The lasers behind the lanes are known: sixth page.
        LASER_FEEDS_SUPPORTED = "LaserFeedsSupported", at(136).bit(4).of(Feature::Extension);
        /// Flags and masks: seventh page.
        EXTENSION_FLAGS_SUPPORTED = "ExtensionFlagsSupported", at(136).bit(5).of(Feature::Extension);
        /// Faults are isolated: eighth page.
        VERDICT_SUPPORTED = "VerdictSupported", at(136).bit(6).of(Feature::Extension);
        /// Thermal zones of the module.
        ZONE_COUNT = "ZoneCount", at(137).of(Feature::Extension);
        /// Laser feeds of the module.
        FEED_COUNT = "FeedCount", at(138).of(Feature::Extension);
        /// Laser modules that feed the module.
        LASER_MODULE_COUNT = "LaserModuleCount", at(139).of(Feature::Extension);
        /// `TxDetuning` is found. From version 1.1 on, as the three that follow.
        TX_DETUNING_SUPPORTED = "TxDetuningSupported", at(140).bit(0).of(Feature::Extension);
        /// `TxHeaterHeadroom` is found.
        TX_HEADROOM_SUPPORTED = "TxHeadroomSupported", at(140).bit(1).of(Feature::Extension);
        /// `RxDetuning` is found.
        RX_DETUNING_SUPPORTED = "RxDetuningSupported", at(140).bit(2).of(Feature::Extension);
        /// `RxHeaterHeadroom` is found.
        RX_HEADROOM_SUPPORTED = "RxHeadroomSupported", at(140).bit(3).of(Feature::Extension);
        /// Low byte of the sum of bytes 128 to 254.
        PAGE_CHECKSUM = "PageChecksum", at(255).of(Feature::Extension);
    }
}

/// Second page: rings, or biases of Mach-Zehnder modulators, and what holds them.
pub mod tx_locks {
    use super::EXTENSION_FIRST;
    use crate::map::codes;
    use crate::register::{Feature, at};

    crate::map::registers! { EXTENSION_FIRST + 1;
        /// Power with which the heater of a lane's modulator is driven.
        TX_HEATER_POWER = "TxHeaterPower", at(128).unsigned(2).scaled(0.01, "mw").each(8)
            .of(Feature::Extension);
        /// Whether a lane's modulator is held where it belongs.
        TX_LOCK_STATE = "TxLockState", at(144).codes(codes::LOCK_STATES).each_nibble(8)
            .of(Feature::Extension);
        /// How far a lane's ring is from where it belongs; positive above the light.
        TX_DETUNING = "TxDetuning", at(148).signed(2).scaled(10.0, "mhz").each(8).of(Feature::Extension);
        /// How far the heater is from its nearer rail: half its range at best.
        TX_HEATER_HEADROOM = "TxHeaterHeadroom", at(164).scaled(1.0, "percent").each(8)
            .of(Feature::Extension);
    }
}

/// Third page: drop filters at receivers, and what holds them.
pub mod rx_locks {
    use super::EXTENSION_FIRST;
    use crate::map::codes;
    use crate::register::{Feature, at};

    crate::map::registers! { EXTENSION_FIRST + 2;
        /// Power with which the heater of a lane's receive filter is driven.
        RX_HEATER_POWER = "RxHeaterPower", at(128).unsigned(2).scaled(0.01, "mw").each(8)
            .of(Feature::Extension);
        /// Whether a lane's receive filter is held where it belongs.
        RX_LOCK_STATE = "RxLockState", at(144).codes(codes::LOCK_STATES).each_nibble(8)
            .of(Feature::Extension);
        /// How far a lane's receive filter is from where it belongs; positive above the light.
        RX_DETUNING = "RxDetuning", at(148).signed(2).scaled(10.0, "mhz").each(8).of(Feature::Extension);
        /// How far the heater is from its nearer rail.
        RX_HEATER_HEADROOM = "RxHeaterHeadroom", at(164).scaled(1.0, "percent").each(8)
            .of(Feature::Extension);
    }
}

/// Fourth page: photodiodes that tap the light (MPD). Where it is dark they say -327.68 dBm.
pub mod light_taps {
    use super::EXTENSION_FIRST;
    use crate::register::{Feature, at};

    crate::map::registers! { EXTENSION_FIRST + 3;
        /// Laser light of a lane where it enters the engine.
        INPUT_POWER = "EngineInputPower", at(128).signed(2).scaled(0.01, "dbm").each(8)
            .of(Feature::Extension);
        /// Light of a lane behind its modulator.
        TX_MONITOR_POWER = "TxMonitorPower", at(144).signed(2).scaled(0.01, "dbm").each(8)
            .of(Feature::Extension);
        /// Outer modulation amplitude of a lane that transmits.
        TX_OMA = "TxOma", at(160).signed(2).scaled(0.01, "dbm").each(8).of(Feature::Extension);
        /// Outer modulation amplitude of a lane that receives.
        RX_OMA = "RxOma", at(176).signed(2).scaled(0.01, "dbm").each(8).of(Feature::Extension);
    }
}

/// Fifth page: thermal zones.
pub mod zones {
    use super::EXTENSION_FIRST;
    use crate::map::codes;
    use crate::register::{Feature, at};

    crate::map::registers! { EXTENSION_FIRST + 4;
        /// Temperature of a zone.
        ZONE_TEMPERATURE = "ZoneTemperature", at(128).signed(2).scaled(1.0 / 256.0, "c").each(16)
            .of(Feature::Extension);
        /// What a zone lets its dies do; 15 where there is no such zone.
        ZONE_STATE = "ZoneState", at(160).codes(codes::ZONE_STATES).each_nibble(16).of(Feature::Extension);
    }
}

/// Sixth page: which laser feeds a lane, and how it is.
pub mod laser_feeds {
    use super::EXTENSION_FIRST;
    use crate::register::{Feature, at};

    crate::map::registers! { EXTENSION_FIRST + 5;
        /// Laser light at an input of the engine.
        FEED_POWER = "FeedPower", at(128).signed(2).scaled(0.01, "dbm").each(16).of(Feature::Extension);
        /// Age of the laser of a lane: 0 when new, 100 at its end of life, more beyond.
        LANE_LASER_AGE = "LaneLaserAge", at(160).unsigned(2).scaled(0.01, "percent").each(8)
            .of(Feature::Extension);
        /// Laser module of a lane, from zero; 255 for none.
        LANE_LASER_MODULE = "LaneLaserModule", at(176).each(8).of(Feature::Extension);
        /// Feed of a lane, as `FeedPower` counts them; 255 for none.
        LANE_LASER_FEED = "LaneLaserFeed", at(184).each(8).of(Feature::Extension);
        /// Whether a laser module is plugged.
        LASER_MODULE_PRESENT = "LaserModulePresent", at(192).each_bit(16).of(Feature::Extension);
    }
}

/// Seventh page: flags, and masks that stand 64 bytes behind them and are set after a reset: a host
/// that does not know these flags is not asked for attention that it could not end.
pub mod flags {
    use super::EXTENSION_FIRST;
    use crate::register::{Feature, Register, at};

    crate::map::registers! { EXTENSION_FIRST + 6;
        /// The modulator of a lane has lost lock.
        TX_LOCK_LOST_FLAG = "TxLockLostFlag", at(128).each_bit(8).cor().of(Feature::Extension);
        /// The receive filter of a lane has lost lock.
        RX_LOCK_LOST_FLAG = "RxLockLostFlag", at(129).each_bit(8).cor().of(Feature::Extension);
        /// The heater of a lane's modulator has met a rail.
        TX_HEATER_RAIL_FLAG = "TxHeaterRailFlag", at(130).each_bit(8).cor().of(Feature::Extension);
        /// The heater of a lane's receive filter has met a rail.
        RX_HEATER_RAIL_FLAG = "RxHeaterRailFlag", at(131).each_bit(8).cor().of(Feature::Extension);
        /// Laser light of a lane has been too low where it enters the engine.
        INPUT_LOW_FLAG = "InputLowFlag", at(132).each_bit(8).cor().of(Feature::Extension);
        /// The laser of a lane is past its end of life.
        LASER_AGED_FLAG = "LaserAgedFlag", at(133).each_bit(8).cor().of(Feature::Extension);
        /// The verdict on a lane has changed.
        VERDICT_CHANGED_FLAG = "VerdictChangedFlag", at(134).each_bit(8).cor().of(Feature::Extension);
        /// The state of a zone has changed.
        ZONE_STATE_CHANGED_FLAG = "ZoneStateChangedFlag", at(136).each_bit(16).cor().of(Feature::Extension);
        /// A laser module has been pulled or plugged.
        LASER_MODULE_CHANGED_FLAG = "LaserModuleChangedFlag", at(138).each_bit(16).cor()
            .of(Feature::Extension);
        /// Per lane, whether `TxLockLostFlag` raises no interrupt.
        TX_LOCK_LOST_MASK = "TxLockLostMask", at(192).each_bit(8).rw().of(Feature::Extension);
        /// Per lane, whether `RxLockLostFlag` raises no interrupt.
        RX_LOCK_LOST_MASK = "RxLockLostMask", at(193).each_bit(8).rw().of(Feature::Extension);
        /// Per lane, whether `TxHeaterRailFlag` raises no interrupt.
        TX_HEATER_RAIL_MASK = "TxHeaterRailMask", at(194).each_bit(8).rw().of(Feature::Extension);
        /// Per lane, whether `RxHeaterRailFlag` raises no interrupt.
        RX_HEATER_RAIL_MASK = "RxHeaterRailMask", at(195).each_bit(8).rw().of(Feature::Extension);
        /// Per lane, whether `InputLowFlag` raises no interrupt.
        INPUT_LOW_MASK = "InputLowMask", at(196).each_bit(8).rw().of(Feature::Extension);
        /// Per lane, whether `LaserAgedFlag` raises no interrupt.
        LASER_AGED_MASK = "LaserAgedMask", at(197).each_bit(8).rw().of(Feature::Extension);
        /// Per lane, whether `VerdictChangedFlag` raises no interrupt.
        VERDICT_CHANGED_MASK = "VerdictChangedMask", at(198).each_bit(8).rw().of(Feature::Extension);
        /// Per zone, whether `ZoneStateChangedFlag` raises no interrupt.
        ZONE_STATE_CHANGED_MASK = "ZoneStateChangedMask", at(200).each_bit(16).rw().of(Feature::Extension);
        /// Per laser module, whether `LaserModuleChangedFlag` raises no interrupt.
        LASER_MODULE_CHANGED_MASK = "LaserModuleChangedMask", at(202).each_bit(16).rw()
            .of(Feature::Extension);
    }

    /// From a flag's byte to that of its mask.
    pub const MASK_OFFSET: u8 = 64;

    /// Every flag of the page; masks stand in the same order in [`MASKS`].
    pub const FLAGS: [Register; 9] = [
        TX_LOCK_LOST_FLAG,
        RX_LOCK_LOST_FLAG,
        TX_HEATER_RAIL_FLAG,
        RX_HEATER_RAIL_FLAG,
        INPUT_LOW_FLAG,
        LASER_AGED_FLAG,
        VERDICT_CHANGED_FLAG,
        ZONE_STATE_CHANGED_FLAG,
        LASER_MODULE_CHANGED_FLAG,
    ];

    /// Every mask of the page.
    pub const MASKS: [Register; 9] = [
        TX_LOCK_LOST_MASK,
        RX_LOCK_LOST_MASK,
        TX_HEATER_RAIL_MASK,
        RX_HEATER_RAIL_MASK,
        INPUT_LOW_MASK,
        LASER_AGED_MASK,
        VERDICT_CHANGED_MASK,
        ZONE_STATE_CHANGED_MASK,
        LASER_MODULE_CHANGED_MASK,
    ];
}

/// Eighth page: where the fault of a lane is.
pub mod verdict {
    use super::EXTENSION_FIRST;
    use crate::map::codes;
    use crate::register::{Feature, at};

    crate::map::registers! { EXTENSION_FIRST + 7;
        /// Where the fault of a lane is.
        VERDICT = "Verdict", at(128).codes(codes::VERDICTS).each_nibble(8).of(Feature::Extension);
        /// How sure the verdict on a lane is.
        VERDICT_CONFIDENCE = "VerdictConfidence", at(132).scaled(1.0, "percent").each(8)
            .of(Feature::Extension);
    }
}

/// Where the pages of a module lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement {
    first: u8,
}

impl Placement {
    /// Where they lie if nothing else is said.
    pub const DEFAULT: Self = Self { first: 0xC0 };

    /// The first page.
    pub const fn first(self) -> u8 {
        self.first
    }

    /// All of them.
    pub const fn pages(self) -> std::ops::RangeInclusive<u16> {
        self.first as u16..=self.first as u16 + EXTENSION_PAGES - 1
    }

    /// A register of the extension where it lies in this module; any other stays where it is.
    #[must_use]
    pub fn register(self, register: Register) -> Register {
        let default = Self::DEFAULT.pages();
        if default.contains(&register.page) {
            register.on_page(register.page - EXTENSION_FIRST + u16::from(self.first))
        } else {
            register
        }
    }
}

impl Placement {
    /// Writes what hosts know the header by, and its checksum; what it says of the module has to stand
    /// there already.
    pub fn sign(self, header: &mut Half) {
        header::SIGNATURE.put_text(header, SIGNATURE_TEXT);
        header::VERSION_MAJOR.put_raw(0, header, u64::from(VERSION.0));
        header::VERSION_MINOR.put_raw(0, header, u64::from(VERSION.1));
        header::FIRST_PAGE.put_raw(0, header, u64::from(self.first));
        header::PAGE_COUNT.put_raw(0, header, u64::from(EXTENSION_PAGES));
        if let Some(sum) = checksum(EXTENSION_FIRST) {
            sum.put(header);
        }
    }

    /// The extension of a module of which a page has been read: none unless the page is a header of a
    /// major version that this map knows, in its own place, with a true checksum.
    pub fn recognise(page: u8, header: &Half) -> Option<Self> {
        let is = |register: Register, number: u64| register.raw_of(0, header) == number;
        let is_signed =
            header::SIGNATURE.value(0, header) == Value::Text(SIGNATURE_TEXT.to_owned());
        let is_known = is_signed
            && is(header::VERSION_MAJOR, u64::from(VERSION.0))
            && is(header::FIRST_PAGE, u64::from(page))
            && header::PAGE_COUNT.raw_of(0, header) >= u64::from(EXTENSION_PAGES)
            && checksum(EXTENSION_FIRST).is_some_and(|sum| sum.is_true(header));
        is_known.then_some(Self { first: page })
    }
}

/// Why the extension cannot lie somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Overlap {
    /// Among pages that the standard has or reserves.
    #[error(
        "extension pages from {first:02X}h on would lie on page {page:02X}h, which is the standard's; \
         vendors have B0h to FFh"
    )]
    Standard {
        /// What was asked for.
        first: u8,
        /// The first page that is not free.
        page: u8,
    },
    /// Among pages on which a laser module is mirrored in joint mode.
    #[error(
        "extension pages from {first:02X}h on would lie on page {page:02X}h, which mirrors the laser \
         module; the first that is free is B6h"
    )]
    Mirror {
        /// What was asked for.
        first: u8,
        /// The first page that is not free.
        page: u8,
    },
    /// Beyond the last page.
    #[error(
        "extension pages from {first:02X}h on would end behind page FFh; the last start is F8h"
    )]
    End {
        /// What was asked for.
        first: u8,
    },
}

/// Puts the extension where it overlaps neither pages of the standard nor mirrored pages of a laser
/// module, whichever way those are mirrored.
///
/// # Errors
/// The first page that is not free.
pub fn relocate(first: u8) -> Result<Placement, Overlap> {
    let placement = Placement { first };
    if *placement.pages().end() > 0xFF {
        return Err(Overlap::End { first });
    }
    for page in (first..=u8::MAX).take(usize::from(EXTENSION_PAGES)) {
        let mut mirrors = DOCUMENTED.iter().chain(&SONIC_DAVISSON);
        if page < VENDOR_FIRST {
            return Err(Overlap::Standard { first, page });
        }
        if mirrors.any(|mirror| mirror.engine_page == page) {
            return Err(Overlap::Mirror { first, page });
        }
    }
    Ok(placement)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::HALF;

    #[test]
    fn hosts_know_the_header_in_its_place_alone() {
        let placed = relocate(0xD0).expect("free");
        let mut half = [0; HALF];
        header::ZONE_COUNT.put_raw(0, &mut half, 4);
        placed.sign(&mut half);
        assert_eq!(Placement::recognise(0xD0, &half), Some(placed));
        assert_eq!(Placement::recognise(0xD1, &half), None);
        for byte in 0..HALF {
            let mut other = half;
            other[byte] ^= 0x80;
            assert_eq!(Placement::recognise(0xD0, &other), None, "{byte}");
        }
        assert_eq!(Placement::recognise(0, &[0; HALF]), None);
    }
}
