//! One series in time, compressed by what it does not change.
//!
//! A series that never changes takes one bit and its value. Otherwise a floating-point value is
//! stored as the exclusive or with the value before it, of which only the bits between the first
//! and the last one set are written; an integer as the change of its difference to the value
//! before it. Both lose nothing, whatever the values are.
//!
//! # Source
//! Pelkonen et al., "Gorilla: A fast, scalable, in-memory time series database", Proc. VLDB
//! Endowment 8(12), 2015, section 4.1. The widths of the classes of differences are wider here,
//! because times are nanoseconds, and a constant series is a class of its own.

use crate::bits::{BitReader, BitWriter, OutOfBits};

/// The classes of differences of differences: prefix, its length, and bits of payload. The first
/// class, a zero bit, means no change.
const CLASSES: [(u64, u32, u32); 4] = [
    (0b10, 2, 7),
    (0b110, 3, 16),
    (0b1110, 4, 32),
    (0b1111, 4, 64),
];

/// Whether a series is constant is its first bit; its first value follows.
/// Nothing is written when there are no values, and false is returned when there is no more to
/// write.
fn begin(writer: &mut BitWriter, values: &[u64], width: u32) -> bool {
    let Some((&first, rest)) = values.split_first() else {
        return false;
    };
    let is_constant = rest.iter().all(|&value| value == first);
    writer.write(u64::from(is_constant), 1);
    writer.write(first, width);
    !is_constant
}

/// Writes the bit patterns of floating-point values of `width` bits (32 or 64).
pub(crate) fn write_floats(writer: &mut BitWriter, values: &[u64], width: u32) {
    if !begin(writer, values, width) {
        return;
    }
    // A field of 5 bits counts to 31, one of 6 bits to 63.
    let field = width.ilog2();
    let (mut leading, mut length) = (0, 0);
    let mut previous = values[0];
    for &value in &values[1..] {
        let change = value ^ previous;
        previous = value;
        if change == 0 {
            writer.write(0, 1);
            continue;
        }
        let zeros = change.leading_zeros() - (64 - width);
        let trailing = change.trailing_zeros();
        let needed = width - zeros - trailing;
        let fits = length > 0 && zeros >= leading && trailing >= width - leading - length;
        // A new window costs two fields; an old one, the bits that are zero at its ends.
        if fits && length - needed <= 2 * field {
            writer.write(0b10, 2);
        } else {
            (leading, length) = (zeros, needed);
            let header = 0b11 << (2 * field) | u64::from(leading) << field | u64::from(length - 1);
            writer.write(header, 2 + 2 * field);
        }
        writer.write(change >> (width - leading - length), length);
    }
}

/// Reads what [`write_floats`] wrote into all of `values`.
pub(crate) fn read_floats(
    reader: &mut BitReader<'_>,
    width: u32,
    values: &mut [u64],
) -> Result<(), ReadError> {
    let Some((first, rest)) = values.split_first_mut() else {
        return Ok(());
    };
    let is_constant = reader.bit()?;
    *first = reader.read(width)?;
    if is_constant {
        rest.fill(*first);
        return Ok(());
    }
    let field = width.ilog2();
    let (mut leading, mut length) = (0, 0);
    let mut previous = *first;
    for value in rest {
        if reader.bit()? {
            if reader.bit()? {
                leading = narrow(reader.read(field)?);
                length = narrow(reader.read(field)?) + 1;
                if leading + length > width {
                    return Err(ReadError::Window);
                }
            } else if length == 0 {
                return Err(ReadError::Window);
            }
            previous ^= reader.read(length)? << (width - leading - length);
        }
        *value = previous;
    }
    Ok(())
}

/// Writes integers whose first one takes `width` bits.
pub(crate) fn write_integers(writer: &mut BitWriter, values: &[u64], width: u32) {
    if !begin(writer, values, width) {
        return;
    }
    let (mut previous, mut difference) = (values[0], 0_u64);
    for &value in &values[1..] {
        let now = value.wrapping_sub(previous);
        let change = now.wrapping_sub(difference);
        (previous, difference) = (value, now);
        if change == 0 {
            writer.write(0, 1);
            continue;
        }
        // Small changes of either sign become small numbers.
        let folded = (change << 1) ^ (change.cast_signed() >> 63).cast_unsigned();
        for (prefix, prefix_width, payload) in CLASSES {
            if payload == 64 || folded >> payload == 0 {
                writer.write(prefix, prefix_width);
                writer.write(folded, payload);
                break;
            }
        }
    }
}

/// Reads what [`write_integers`] wrote into all of `values`. A value of more than `width` bits is
/// refused.
pub(crate) fn read_integers(
    reader: &mut BitReader<'_>,
    width: u32,
    values: &mut [u64],
) -> Result<(), ReadError> {
    let Some((first, rest)) = values.split_first_mut() else {
        return Ok(());
    };
    let is_constant = reader.bit()?;
    *first = reader.read(width)?;
    if is_constant {
        rest.fill(*first);
        return Ok(());
    }
    let (mut previous, mut difference) = (*first, 0_u64);
    for value in rest {
        let mut class = 0;
        while class < CLASSES.len() && reader.bit()? {
            class += 1;
        }
        if class > 0 {
            let folded = reader.read(CLASSES[class - 1].2)?;
            let change = (folded >> 1) ^ (folded & 1).wrapping_neg();
            difference = difference.wrapping_add(change);
        }
        previous = previous.wrapping_add(difference);
        if width < 64 && previous >> width != 0 {
            return Err(ReadError::TooWide);
        }
        *value = previous;
    }
    Ok(())
}

/// Why bits are not a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadError {
    /// They end too early.
    OutOfBits,
    /// A window of significant bits is missing or wider than a value.
    Window,
    /// A value is wider than its type.
    TooWide,
}

impl From<OutOfBits> for ReadError {
    fn from(_: OutOfBits) -> Self {
        Self::OutOfBits
    }
}

fn narrow(bits: u64) -> u32 {
    u32::try_from(bits).expect("a field of 6 bits")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn floats(values: &[u64], width: u32) -> usize {
        let mut writer = BitWriter::default();
        write_floats(&mut writer, values, width);
        let bytes = writer.finish();
        let mut back = vec![0; values.len()];
        read_floats(&mut BitReader::new(&bytes), width, &mut back).unwrap();
        assert_eq!(back, values);
        bytes.len()
    }

    fn integers(values: &[u64], width: u32) -> usize {
        let mut writer = BitWriter::default();
        write_integers(&mut writer, values, width);
        let bytes = writer.finish();
        let mut back = vec![0; values.len()];
        read_integers(&mut BitReader::new(&bytes), width, &mut back).unwrap();
        assert_eq!(back, values);
        bytes.len()
    }

    #[test]
    fn what_does_not_change_takes_no_room() {
        // One bit and 32 or 64 bits of value.
        assert_eq!(floats(&[7; 1000], 32), 5);
        assert_eq!(integers(&[7; 1000], 64), 9);
        // Regular times: two flags, a class of 64 bits for the first difference, then one bit each.
        let times: Vec<u64> = (0..1000).map(|i| i * 100_000_000).collect();
        assert!(
            integers(&times, 64) <= 8 + 6 + 125,
            "{}",
            integers(&times, 64)
        );
    }

    proptest! {
        #[test]
        fn any_words_read_back(values in vec(any::<u64>(), 0..50), shift in 0..64u32) {
            let values: Vec<u64> = values.iter().map(|v| v >> shift).collect();
            floats(&values, 64);
            integers(&values, 64);
            let halves: Vec<u64> = values.iter().map(|v| v & 0xffff_ffff).collect();
            floats(&halves, 32);
            integers(&halves, 32);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..100), n in 0..60usize) {
            let mut values = vec![0; n];
            let float = read_floats(&mut BitReader::new(&bytes), 32, &mut values);
            let integer = read_integers(&mut BitReader::new(&bytes), 8, &mut values);
            if n > 0 && bytes.len() < 2 {
                prop_assert!(float.is_err() && integer.is_err());
            }
        }
    }
}
