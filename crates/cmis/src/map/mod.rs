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
use crate::register::{LOWER, Register};

/// Declares the registers of a page: documentation, constant, the standard's name, place and form.
macro_rules! registers {
    ($page:expr; $($(#[doc = $doc:literal])+ $constant:ident = $name:literal, $register:expr;)+) => {
        $($(#[doc = $doc])+ pub const $constant: $crate::register::Register =
            $register.named($page, $name, concat!($($doc),+).trim_ascii());)+

        /// All of them, in order of their bytes.
        pub const REGISTERS: &[$crate::register::Register] = &[$($constant),+];
    };
}
pub(crate) use registers;

pub mod cdb;
pub mod codes;
pub mod lower;
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
    /// Its registers; of several pages, those of the first.
    pub registers: &'static [Register],
}

impl Page {
    const fn one(page: u16, title: &'static str, registers: &'static [Register]) -> Self {
        Self {
            first: page,
            last: page,
            title,
            registers,
        }
    }

    /// Whether it exists in each bank.
    pub fn is_banked(&self) -> bool {
        u8::try_from(self.first).is_ok_and(is_banked)
    }

    /// Its number as the standard writes it.
    pub fn number(&self) -> String {
        match (self.first, self.last) {
            (LOWER, _) => "lower".to_owned(),
            (first, last) if first == last => format!("{first:02X}h"),
            (first, last) => format!("{first:02X}h-{last:02X}h"),
        }
    }
}

/// Every page of the map, in order.
pub const PAGES: &[Page] = &[
    Page::one(LOWER, "Lower memory", lower::REGISTERS),
    Page::one(0, "a", p00::REGISTERS),
    Page::one(1, "a", p01::REGISTERS),
    Page::one(2, "a", p02::REGISTERS),
    Page::one(4, "a", p04::REGISTERS),
    Page::one(0x10, "a", p10::REGISTERS),
    Page::one(0x11, "a", p11::REGISTERS),
    Page::one(0x12, "a", p12::REGISTERS),
    Page::one(0x13, "a", p13::REGISTERS),
    Page::one(0x14, "a", p14::REGISTERS),
    Page::one(0x1a, "a", p1a::REGISTERS),
    Page::one(0x1b, "a", p1b::REGISTERS),
    Page {
        first: 0x20,
        last: 0x23,
        title: "",
        registers: vdm::descriptors::REGISTERS,
    },
    Page {
        first: 0x24,
        last: 0x27,
        title: "",
        registers: vdm::samples::REGISTERS,
    },
    Page {
        first: 0x28,
        last: 0x2b,
        title: "",
        registers: vdm::thresholds::REGISTERS,
    },
    Page::one(0x2c, "", vdm::flags::REGISTERS),
    Page::one(0x2d, "", vdm::masks::REGISTERS),
    Page::one(0x2f, "", vdm::control::REGISTERS),
    Page::one(0x9f, "", cdb::message::REGISTERS),
    Page {
        first: 0xa0,
        last: 0xaf,
        title: "",
        registers: cdb::payload::REGISTERS,
    },
];

/// The page with a number, or [`LOWER`].
pub fn page(number: u16) -> Option<&'static Page> {
    PAGES
        .iter()
        .find(|page| (page.first..=page.last).contains(&number))
}
