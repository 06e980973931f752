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

pub mod lower;

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
pub const PAGES: &[Page] = &[Page::one(LOWER, "Lower memory", lower::REGISTERS)];

/// The page with a number, or [`LOWER`].
pub fn page(number: u16) -> Option<&'static Page> {
    PAGES
        .iter()
        .find(|page| (page.first..=page.last).contains(&number))
}
