//! Streams of bits, most significant first.

/// Appends bits to bytes.
#[derive(Debug, Default)]
pub(crate) struct BitWriter {
    bytes: Vec<u8>,
    /// The last `pending` bits that are not yet in `bytes`, right aligned.
    word: u64,
    pending: u32,
}

impl BitWriter {
    /// Appends the `count` lowest bits of `bits`; those above must be zero.
    #[inline]
    pub(crate) fn write(&mut self, bits: u64, count: u32) {
        debug_assert!(count <= 64 && (count == 64 || bits >> count == 0));
        let free = 64 - self.pending;
        if count < free {
            self.word = (self.word << count) | bits;
            self.pending += count;
            return;
        }
        let left = count - free;
        let head = bits >> left;
        // `free` is 64 only when nothing is pending.
        let full = self.word.checked_shl(free).unwrap_or(0) | head;
        self.bytes.extend_from_slice(&full.to_be_bytes());
        self.word = bits & !u64::MAX.checked_shl(left).unwrap_or(0);
        self.pending = left;
    }

    /// The bytes, the last one filled with zeros.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        if self.pending > 0 {
            let aligned = self.word << (64 - self.pending);
            let count = self.pending.div_ceil(8) as usize;
            self.bytes
                .extend_from_slice(&aligned.to_be_bytes()[..count]);
        }
        self.bytes
    }
}

/// There are fewer bits than asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OutOfBits;

/// Reads bits from bytes and never beyond their end.
#[derive(Debug)]
pub(crate) struct BitReader<'a> {
    bytes: &'a [u8],
    next: usize,
    /// The next `available` bits, left aligned, zeros behind them.
    word: u64,
    available: u32,
}

impl<'a> BitReader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            next: 0,
            word: 0,
            available: 0,
        }
    }

    /// How many bits are left.
    pub(crate) fn left(&self) -> u64 {
        8 * (self.bytes.len() - self.next) as u64 + u64::from(self.available)
    }

    /// The position in whole bytes, for messages.
    pub(crate) fn offset(&self) -> usize {
        self.next - (self.available / 8) as usize
    }

    /// The next `count` bits, right aligned; at most 64.
    #[inline]
    pub(crate) fn read(&mut self, count: u32) -> Result<u64, OutOfBits> {
        if count > 32 {
            let high = self.read(count - 32)?;
            return Ok(high << 32 | self.read(32)?);
        }
        if self.available < count {
            self.refill();
            if self.available < count {
                return Err(OutOfBits);
            }
        }
        if count == 0 {
            return Ok(0);
        }
        let bits = self.word >> (64 - count);
        self.word <<= count;
        self.available -= count;
        Ok(bits)
    }

    /// One bit.
    #[inline]
    pub(crate) fn bit(&mut self) -> Result<bool, OutOfBits> {
        self.read(1).map(|bit| bit == 1)
    }

    /// Fills the word to more than 32 bits while there are bytes.
    fn refill(&mut self) {
        while self.available <= 56 {
            let Some(&byte) = self.bytes.get(self.next) else {
                return;
            };
            self.word |= u64::from(byte) << (56 - self.available);
            self.available += 8;
            self.next += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_of_every_width_read_back() {
        let mut writer = BitWriter::default();
        let mask = |count: u32| u64::MAX.checked_shr(64 - count).unwrap_or(0);
        let pattern = 0x9e37_79b9_7f4a_7c15_u64;
        for round in 0..3 {
            for count in 0..=64 {
                writer.write(pattern.rotate_left(round + count) & mask(count), count);
            }
        }
        let bytes = writer.finish();
        let mut reader = BitReader::new(&bytes);
        for round in 0..3 {
            for count in 0..=64 {
                let expected = pattern.rotate_left(round + count) & mask(count);
                assert_eq!(reader.read(count), Ok(expected), "{count}");
            }
        }
        assert!(reader.left() < 8);
        assert_eq!(reader.read(8), Err(OutOfBits));
    }
}
