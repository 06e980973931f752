//! Sums by which hosts see that a page was read whole.

use super::{extension, p00, p01, p02, p04};
use crate::address::HALF;
use crate::codec::Half;
use crate::register::Register;

/// The low byte of the sum of some bytes of a page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Checksum {
    /// Where it stands.
    pub register: Register,
    /// First byte of the sum, 128 to 255.
    pub first: u8,
    /// Last byte of the sum.
    pub last: u8,
}

/// Every page that has one.
pub const CHECKSUMS: [Checksum; 5] = [
    sum(p00::PAGE_CHECKSUM, 128, 221),
    // A firmware that changes its inactive image leaves the sum true.
    sum(p01::PAGE_CHECKSUM, 130, 254),
    sum(p02::PAGE_CHECKSUM, 128, 254),
    sum(p04::PAGE_CHECKSUM, 128, 254),
    sum(extension::header::PAGE_CHECKSUM, 128, 254),
];

const fn sum(register: Register, first: u8, last: u8) -> Checksum {
    Checksum {
        register,
        first,
        last,
    }
}

/// The checksum of a page; none where it has none.
pub fn checksum(page: u16) -> Option<&'static Checksum> {
    CHECKSUMS.iter().find(|of| of.register.page == page)
}

impl Checksum {
    /// What it has to be.
    pub fn of(&self, half: &Half) -> u8 {
        let (first, last) = (usize::from(self.first), usize::from(self.last));
        let bytes = &half[first % HALF..=last % HALF];
        bytes
            .iter()
            .fold(0, |sum: u8, byte| sum.wrapping_add(*byte))
    }

    /// Puts in place what it has to be.
    pub fn put(&self, half: &mut Half) {
        let sum = self.of(half);
        self.register.put_raw(0, half, u64::from(sum));
    }

    /// Whether it is what it has to be.
    pub fn is_true(&self, half: &Half) -> bool {
        self.register.raw_of(0, half) == u64::from(self.of(half))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_covers_its_bytes_and_no_others() {
        for of in &CHECKSUMS {
            let mut half = [0x5A; HALF];
            of.put(&mut half);
            assert!(of.is_true(&half));
            assert_eq!(checksum(of.register.page), Some(of));
            for byte in 0..HALF {
                let mut other = half;
                other[byte] ^= 1;
                let is_covered = (of.first % 128..=of.last % 128)
                    .contains(&u8::try_from(byte).expect("below 128"));
                let is_own = byte == usize::from(of.register.byte) % HALF;
                assert_eq!(of.is_true(&other), !is_covered && !is_own, "{byte}");
            }
        }
        assert_eq!(checksum(0x11), None);
    }
}
