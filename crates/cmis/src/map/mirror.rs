//! Joint mode: one controller answers for an engine and its laser module, whose pages it shows among
//! its own.
//!
//! Which page shows which is data, because the two lists in use differ. Documents put the laser
//! module's lower memory, and its pages 00h, 01h, 02h, 1Ah and 1Bh, on pages B0h to B5h.
//!
//! The list that host code obeys differs in lower memory. SONiC's map of a Davisson laser module
//! declares lower memory as page B0h, bytes 0 to 127, and clients turn page and byte into
//! `128 * page + byte` of a flat file. Upper memory begins at byte 128 of a page, so that place in the
//! file is page AFh, bytes 128 to 255: a host reads the page before the one that it means. A
//! controller that shall be read right by such hosts shows lower memory on page AFh, and then must
//! leave that page out of the extended payload of the command data block: at most the 15 pages from
//! A0h on remain, of which a module can advertise 12 or fewer.

use crate::register::LOWER;

/// A page of an engine that shows one of its laser module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mirror {
    /// Of the engine.
    pub engine_page: u8,
    /// Of the laser module, or [`LOWER`].
    pub laser_page: u16,
}

const fn mirror(engine_page: u8, laser_page: u16) -> Mirror {
    Mirror {
        engine_page,
        laser_page,
    }
}

/// As documents have it.
pub const DOCUMENTED: [Mirror; 6] = [
    mirror(0xB0, LOWER),
    mirror(0xB1, 0x00),
    mirror(0xB2, 0x01),
    mirror(0xB3, 0x02),
    mirror(0xB4, 0x1A),
    mirror(0xB5, 0x1B),
];

/// As SONiC's map of Davisson laser modules reads it.
pub const SONIC_DAVISSON: [Mirror; 6] = [
    mirror(0xAF, LOWER),
    mirror(0xB1, 0x00),
    mirror(0xB2, 0x01),
    mirror(0xB3, 0x02),
    mirror(0xB4, 0x1A),
    mirror(0xB5, 0x1B),
];

/// Which page of the laser module a page of the engine shows.
pub fn shown_on(mirrors: &[Mirror], engine_page: u8) -> Option<u16> {
    mirrors
        .iter()
        .find(|mirror| mirror.engine_page == engine_page)
        .map(|mirror| mirror.laser_page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::{Address, HALF, Layout};

    #[test]
    fn lower_memory_of_a_davisson_laser_is_read_on_page_afh() {
        // The class declares page B0h, bytes 0 to 127; `linear_offset` of its base is page * 128 + byte.
        for byte in 0..HALF {
            let at = Layout::Pages256
                .address(0xB0 * HALF + byte, 1)
                .expect("inside");
            assert_eq!((at.page, usize::from(at.byte)), (0xAF, HALF + byte));
            assert_eq!(shown_on(&SONIC_DAVISSON, at.page), Some(LOWER));
        }
        let upper = Layout::Pages256.offset(Address::page(0xB1, 128));
        assert_eq!(upper, 0xB1 * HALF + 128);
        assert_eq!(shown_on(&SONIC_DAVISSON, 0xB0), None);
        assert_eq!(shown_on(&DOCUMENTED, 0xB0), Some(LOWER));
    }
}
