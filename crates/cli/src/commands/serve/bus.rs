//! How long hosts are on the bus to look at devices once.

use device::{Device, Part};

/// Bits of a byte on I2C, with its acknowledgement.
const BYTE: u64 = 9;
/// Start or stop.
const EDGE: u64 = 1;

/// Bits of a read of `n` bytes: the address of the device and of the byte, and again that of the device.
const fn read_bits(n: u64) -> u64 {
    EDGE + 2 * BYTE + EDGE + BYTE + n * BYTE + EDGE
}

/// Bits of the write that selects bank and page.
const fn select_bits() -> u64 {
    EDGE + 4 * BYTE + EDGE
}

/// Bits of one look at the monitors and flags of a device: lower memory, and of each bank the page of
/// monitors and flags, one group of diagnostics and their flags; of a laser module its two pages. Each
/// as one block of 128 bytes.
///
/// # Source
/// I2C-bus specification (UM10204): nine clocks a byte. Stretching and arbitration are left out, so
/// that it is the least time.
pub(super) fn bits_of_a_look(device: &Device) -> u64 {
    let page = select_bits() + read_bits(128);
    let pages = match device.part {
        Part::Engine(_) => 3 * u64::from(device.banks),
        Part::LaserModule(_) => 2 * u64::from(device.banks),
    };
    read_bits(128) + pages * page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_takes_nine_clocks_for_each_byte() {
        // 128 bytes of data and three of addresses, a start, another one, and a stop.
        assert_eq!(read_bits(128), 131 * 9 + 3);
        assert_eq!(select_bits(), 4 * 9 + 2);
    }
}
