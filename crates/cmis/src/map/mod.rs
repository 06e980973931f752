//! The register map: one table, from which decoding, encoding, access control and documentation
//! derive.
//!
//! Each module below holds the registers of one page, or of pages that belong together, as constants
//! and as a list.
//!
//! # Source
//! The Common Management Interface Specification 5.2 (OIF) as public clients and an emulator use it,
//! and the external laser agreement OIF-ELSFP-CMIS-01.0 in the same way; what they leave open says so.

use crate::address::is_banked;
use crate::register::{Feature, Features, LOWER, Register};

/// Declares the registers of a page: documentation, constant, the standard's name, place and form.
macro_rules! registers {
    ($page:expr; $($(#[doc = $doc:literal])+ $constant:ident = $name:literal, $register:expr;)+) => {
        $($(#[doc = $doc])+ pub const $constant: $crate::register::Register =
            $register.named($page, $name, concat!($($doc),+).trim_ascii());)+

        /// All of them, in order of their bytes; those that a selector chooses stand with each other.
        pub const REGISTERS: &[$crate::register::Register] = &[$($constant),+];
    };
}
pub(crate) use registers;

pub mod cdb;
pub mod codes;
pub mod extension;
pub mod lower;
pub mod mirror;
pub mod observable;
pub mod p00;
pub mod p01;
pub mod p02;
pub mod p04;
pub mod p10;
pub mod p11;
pub mod p12;
pub mod p13;
pub mod p14;
pub mod p1a;
pub mod p1b;
pub mod vdm;

/// A page of the map, or several of one shape.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Page {
    /// The first, or [`LOWER`].
    pub first: u16,
    /// The last.
    pub last: u16,
    /// What it holds.
    pub title: &'static str,
    /// Which modules have it.
    pub feature: Feature,
    /// Its registers; of several pages, those of the first.
    pub registers: &'static [Register],
}

impl Page {
    const fn one(
        page: u16,
        title: &'static str,
        feature: Feature,
        registers: &'static [Register],
    ) -> Self {
        Self::several(page, page, title, feature, registers)
    }

    const fn several(
        first: u16,
        last: u16,
        title: &'static str,
        feature: Feature,
        registers: &'static [Register],
    ) -> Self {
        Self {
            first,
            last,
            title,
            feature,
            registers,
        }
    }

    /// Whether it exists in each bank.
    pub fn is_banked(&self) -> bool {
        u8::try_from(self.first).is_ok_and(is_banked)
    }

    /// Whether it is one of those that the standard has not.
    pub fn is_extension(&self) -> bool {
        extension::Placement::DEFAULT.pages().contains(&self.first)
    }

    /// Its number as the standard writes it.
    pub fn number(&self) -> String {
        match (self.first, self.last) {
            (LOWER, _) => "lower".to_owned(),
            (first, last) if first == last => format!("{first:02X}h"),
            (first, last) => format!("{first:02X}h-{last:02X}h"),
        }
    }

    /// Registers that a module with such features has here.
    pub fn registers_of(&self, features: Features) -> impl Iterator<Item = &'static Register> {
        let has_page = features.has(self.feature);
        self.registers
            .iter()
            .filter(move |register| has_page && features.has(register.feature))
    }
}

/// Every page of the map, in order.
pub const PAGES: &[Page] = &[
    Page::one(LOWER, "Lower memory", Feature::Always, lower::REGISTERS),
    Page::one(0x00, "Identity", Feature::Always, p00::REGISTERS),
    Page::one(0x01, "Abilities", Feature::Always, p01::REGISTERS),
    Page::one(0x02, "Thresholds", Feature::Always, p02::REGISTERS),
    Page::one(
        0x04,
        "Tuning abilities",
        Feature::TunableLaser,
        p04::REGISTERS,
    ),
    Page::one(0x10, "Lane controls", Feature::DataPaths, p10::REGISTERS),
    Page::one(
        0x11,
        "Lane states, flags and monitors",
        Feature::DataPaths,
        p11::REGISTERS,
    ),
    Page::one(0x12, "Laser tuning", Feature::TunableLaser, p12::REGISTERS),
    Page::one(
        0x13,
        "Diagnostics controls",
        Feature::Diagnostics,
        p13::REGISTERS,
    ),
    Page::one(
        0x14,
        "Diagnostics results",
        Feature::Diagnostics,
        p14::REGISTERS,
    ),
    Page::one(
        0x1A,
        "Laser module flags and controls",
        Feature::LaserModule,
        p1a::REGISTERS,
    ),
    Page::one(
        0x1B,
        "Laser module setpoints and monitors",
        Feature::LaserModule,
        p1b::REGISTERS,
    ),
    Page::several(
        0x20,
        0x23,
        "Monitoring descriptors",
        Feature::Vdm,
        vdm::descriptors::REGISTERS,
    ),
    Page::several(
        0x24,
        0x27,
        "Monitoring samples",
        Feature::Vdm,
        vdm::samples::REGISTERS,
    ),
    Page::several(
        0x28,
        0x2B,
        "Monitoring thresholds",
        Feature::Vdm,
        vdm::thresholds::REGISTERS,
    ),
    Page::one(
        0x2C,
        "Monitoring flags",
        Feature::Vdm,
        vdm::flags::REGISTERS,
    ),
    Page::one(
        0x2D,
        "Monitoring masks",
        Feature::Vdm,
        vdm::masks::REGISTERS,
    ),
    Page::one(
        0x2F,
        "Monitoring control",
        Feature::Vdm,
        vdm::control::REGISTERS,
    ),
    Page::one(
        0x9F,
        "Command data block",
        Feature::Cdb,
        cdb::message::REGISTERS,
    ),
    Page::several(
        0xA0,
        0xAF,
        "Extended payload",
        Feature::Cdb,
        cdb::payload::REGISTERS,
    ),
    Page::one(
        0xC0,
        "Extension: header",
        Feature::Extension,
        extension::header::REGISTERS,
    ),
    Page::one(
        0xC1,
        "Extension: transmit locks",
        Feature::Extension,
        extension::tx_locks::REGISTERS,
    ),
    Page::one(
        0xC2,
        "Extension: receive locks",
        Feature::Extension,
        extension::rx_locks::REGISTERS,
    ),
    Page::one(
        0xC3,
        "Extension: light taps",
        Feature::Extension,
        extension::light_taps::REGISTERS,
    ),
    Page::one(
        0xC4,
        "Extension: thermal zones",
        Feature::Extension,
        extension::zones::REGISTERS,
    ),
    Page::one(
        0xC5,
        "Extension: laser feeds",
        Feature::Extension,
        extension::laser_feeds::REGISTERS,
    ),
    Page::one(
        0xC6,
        "Extension: flags and masks",
        Feature::Extension,
        extension::flags::REGISTERS,
    ),
    Page::one(
        0xC7,
        "Extension: verdict",
        Feature::Extension,
        extension::verdict::REGISTERS,
    ),
];

/// The page with a number, or [`LOWER`].
pub fn page(number: u16) -> Option<&'static Page> {
    PAGES
        .iter()
        .find(|page| (page.first..=page.last).contains(&number))
}

/// Every register of every page, pages of one shape once.
pub fn all() -> impl Iterator<Item = &'static Register> {
    PAGES.iter().flat_map(|page| page.registers)
}
