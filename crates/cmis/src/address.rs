//! Where a byte of a module lies.

/// Bytes of lower memory, and of each upper page.
pub const HALF: usize = 128;

/// The page number that a host selects to write bank and page select themselves.
const FIRST_BANKED_PAGE: u8 = 0x10;
const CDB_PAGES: std::ops::RangeInclusive<u8> = 0x9F..=0xAF;

/// Whether a page exists once in each bank; the others exist once in a module.
///
/// Pages below 10h and those of the command data block are not banked.
pub const fn is_banked(page: u8) -> bool {
    page >= FIRST_BANKED_PAGE && !(page >= *CDB_PAGES.start() && page <= *CDB_PAGES.end())
}

/// A byte of a module.
///
/// Below byte 128 it lies in lower memory, and bank and page mean nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    /// Eight lanes each.
    pub bank: u8,
    /// Of 128 bytes, at bytes 128 to 255.
    pub page: u8,
    /// 0 to 255.
    pub byte: u8,
}

impl Address {
    /// A byte of lower memory.
    pub const fn lower(byte: u8) -> Self {
        Self {
            bank: 0,
            page: 0,
            byte,
        }
    }

    /// A byte of a page in bank 0.
    pub const fn page(page: u8, byte: u8) -> Self {
        Self {
            bank: 0,
            page,
            byte,
        }
    }

    /// The same byte in another bank.
    #[must_use]
    pub const fn in_bank(self, bank: u8) -> Self {
        Self { bank, ..self }
    }

    /// Whether it lies in lower memory.
    pub const fn is_lower(self) -> bool {
        (self.byte as usize) < HALF
    }
}

/// How a flat file orders banks. Both are in use, and they agree on bank 0.
///
/// # Source
/// SONiC `doc/layer1/cmis_banking_support.md` steps by 240 pages, because 240 of 256 are banked; the
/// page classes of `sonic-platform-common` and the kernel driver step by 256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Layout {
    /// Each bank holds pages 10h to FFh.
    Pages240,
    /// Each bank is a block of 256 pages, of which those that are not banked are never used.
    Pages256,
}

impl Layout {
    /// Pages from one bank to the next.
    pub const fn pages(self) -> usize {
        match self {
            Self::Pages240 => 240,
            Self::Pages256 => 256,
        }
    }

    /// Bytes of a file with that many banks.
    pub const fn file_size(self, banks: u8) -> usize {
        let banks = if banks == 0 { 1 } else { banks as usize };
        ((banks - 1) * self.pages() + 256 + 1) * HALF
    }

    /// The place of a byte in the file.
    pub const fn offset(self, at: Address) -> usize {
        if at.is_lower() {
            return at.byte as usize;
        }
        let bank = if is_banked(at.page) { at.bank } else { 0 };
        (bank as usize * self.pages() + at.page as usize) * HALF + at.byte as usize
    }

    /// The byte at a place in the file of a module with that many banks; none behind its end.
    ///
    /// In a bank other than the first, a page that is not banked is the module's only one.
    pub fn address(self, offset: usize, banks: u8) -> Option<Address> {
        if offset >= self.file_size(banks) {
            return None;
        }
        if offset < HALF {
            return Some(Address::lower(low_byte(offset)));
        }
        let byte = low_byte(HALF + offset % HALF);
        let block = offset / HALF - 1;
        let (bank, page) = if block < 256 {
            (0, block)
        } else {
            let beyond = block - 256;
            match self {
                Self::Pages240 => (1 + beyond / 240, 16 + beyond % 240),
                Self::Pages256 => (1 + beyond / 256, beyond % 256),
            }
        };
        Some(Address {
            bank: low_byte(bank),
            page: low_byte(page),
            byte,
        })
    }
}

/// A number that fits a byte by construction.
fn low_byte(value: usize) -> u8 {
    u8::try_from(value & 0xFF).expect("masked")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_layouts_put_bank_1_where_clients_look() {
        let at = Address::page(0x11, 128).in_bank(1);
        // SONiC's design document and its page class.
        assert_eq!(Layout::Pages240.offset(at), 33_024);
        assert_eq!(Layout::Pages256.offset(at), 35_072);
        assert_eq!(Layout::Pages240.file_size(4), 125_056);
        assert_eq!(Layout::Pages256.file_size(4), 131_200);
        for layout in [Layout::Pages240, Layout::Pages256] {
            assert_eq!(layout.offset(Address::page(0x11, 128)), 0x11 * 128 + 128);
            assert_eq!(
                layout.offset(Address::page(0x9F, 128).in_bank(3)),
                0x9F * 128 + 128
            );
        }
    }

    #[test]
    fn every_offset_is_the_offset_of_its_address() {
        for layout in [Layout::Pages240, Layout::Pages256] {
            for offset in 0..layout.file_size(4) {
                let at = layout.address(offset, 4).expect("inside");
                let is_alias = at.bank > 0 && !is_banked(at.page) && !at.is_lower();
                if !is_alias {
                    assert_eq!(layout.offset(at), offset, "{at:?}");
                }
            }
            assert_eq!(layout.address(layout.file_size(4), 4), None);
            assert_eq!(layout.address(layout.file_size(1), 1), None);
        }
    }
}
