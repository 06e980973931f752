//! Counter-based random numbers.
//!
//! A draw is a pure function of (seed, entity name, quantity, tick). Adding a lane or a sensor
//! changes no other draw, and the order of evaluation does not matter.
//!
//! ```
//! use units::random::Draw;
//! let draw = Draw::new(7, "oe0.lane3", "rx_power_noise");
//! assert_eq!(draw.uniform(100).to_bits(), draw.uniform(100).to_bits());
//! assert_ne!(draw.uniform(100).to_bits(), draw.uniform(101).to_bits());
//! ```

use crate::special::normal_quantile;

/// A stream of random numbers that belongs to one quantity of one entity; `tick` counts along it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw {
    key: [u32; 2],
    stream: [u32; 2],
}

impl Draw {
    /// The stream of `quantity` of the entity called `entity` under `seed`.
    pub fn new(seed: u64, entity: &str, quantity: &str) -> Self {
        Stream::new(entity, quantity).under(seed)
    }

    /// 64 random bits.
    pub fn bits(&self, tick: u64) -> u64 {
        let [low, high] = halves(tick);
        let block = philox4x32([low, high, self.stream[0], self.stream[1]], self.key);
        u64::from(block[0]) | (u64::from(block[1]) << 32)
    }

    /// Uniform on the open interval (0, 1).
    pub fn uniform(&self, tick: u64) -> f64 {
        ((self.bits(tick) >> 12) as f64 + 0.5) * (1.0 / (1u64 << 52) as f64)
    }

    /// Standard normal, by inversion.
    pub fn normal(&self, tick: u64) -> f64 {
        normal_quantile(self.uniform(tick))
    }
}

/// The names of a [`Draw`] without its seed, so that many plants of one description share them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream([u32; 2]);

impl Stream {
    /// The stream of `quantity` of the entity called `entity`.
    pub fn new(entity: &str, quantity: &str) -> Self {
        let mut hash = Fnv::default();
        hash.write(entity.as_bytes());
        // A byte that no UTF-8 text holds keeps ("ab", "c") apart from ("a", "bc").
        hash.write(&[0xff]);
        hash.write(quantity.as_bytes());
        Self(halves(hash.0))
    }

    /// The stream under a seed.
    pub const fn under(self, seed: u64) -> Draw {
        Draw {
            key: halves(seed),
            stream: self.0,
        }
    }

    /// What [`Draw::bits`] of each stream gives at `tick`, into `out`: the same bits, several
    /// streams at a time. Elements of the longer slice beyond the shorter one are left alone.
    pub fn fill_bits(streams: &[Self], seed: u64, tick: u64, out: &mut [u64]) {
        /// Streams at a time: two 64-bit products fit one vector of the plainest machines, and more
        /// of them do not stay in registers.
        const WIDE: usize = 2;
        let key = halves(seed);
        let len = streams.len().min(out.len());
        let (wide, rest) = streams[..len].as_chunks::<WIDE>();
        let (wide_out, rest_out) = out[..len].as_chunks_mut::<WIDE>();
        for (streams, out) in wide.iter().zip(wide_out) {
            *out = philox_wide(streams, key, halves(tick));
        }
        for (stream, out) in rest.iter().zip(rest_out) {
            *out = stream.under(seed).bits(tick);
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the two halves of a word are meant"
)]
const fn halves(word: u64) -> [u32; 2] {
    [word as u32, (word >> 32) as u32]
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo; RFC 9923).
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// Philox 4x32 with ten rounds.
///
/// # Source
/// J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as
/// 1, 2, 3", SC 2011.
fn philox4x32(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for round in 0..10 {
        if round > 0 {
            key[0] = key[0].wrapping_add(0x9e37_79b9);
            key[1] = key[1].wrapping_add(0xbb67_ae85);
        }
        let [low0, high0] = halves(u64::from(counter[0]) * 0xd251_1f53);
        let [low1, high1] = halves(u64::from(counter[2]) * 0xcd9e_8d57);
        counter = [
            high1 ^ counter[1] ^ key[0],
            low1,
            high0 ^ counter[3] ^ key[1],
            low0,
        ];
    }
    counter
}

/// The first two words of [`philox4x32`] for several streams at one tick. Words live in the lower
/// halves of 64 bits, with anything above, so that the loops compile to vector instructions.
#[inline]
fn philox_wide<const N: usize>(
    streams: &[Stream; N],
    mut key: [u32; 2],
    tick: [u32; 2],
) -> [u64; N] {
    const WORD: u64 = 0xffff_ffff;
    let (mut c0, mut c1) = ([u64::from(tick[0]); N], [u64::from(tick[1]); N]);
    let mut c2: [u64; N] = std::array::from_fn(|i| streams[i].0[0].into());
    let mut c3: [u64; N] = std::array::from_fn(|i| streams[i].0[1].into());
    for round in 0..10 {
        if round > 0 {
            key[0] = key[0].wrapping_add(0x9e37_79b9);
            key[1] = key[1].wrapping_add(0xbb67_ae85);
        }
        let product0 = c0.map(|word| (word & WORD) * 0xd251_1f53);
        let product1 = c2.map(|word| (word & WORD) * 0xcd9e_8d57);
        for i in 0..N {
            c0[i] = (product1[i] >> 32) ^ c1[i] ^ u64::from(key[0]);
            c2[i] = (product0[i] >> 32) ^ c3[i] ^ u64::from(key[1]);
        }
        (c1, c3) = (product1, product0);
    }
    std::array::from_fn(|i| (c0[i] & WORD) | (c1[i] << 32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_streams_at_once_give_the_bits_of_each() {
        let streams: Vec<Stream> = (0..29)
            .map(|i| Stream::new(&format!("lane{i}"), "power"))
            .collect();
        let mut out = [0; 29];
        for tick in [0, 1, u64::MAX, 1 << 40] {
            Stream::fill_bits(&streams, 99, tick, &mut out);
            for (i, bits) in out.into_iter().enumerate() {
                assert_eq!(bits, Draw::new(99, &format!("lane{i}"), "power").bits(tick));
            }
        }
    }

    #[test]
    fn philox_gives_the_known_answers() {
        // Known-answer vectors of the authors' Random123 distribution (kat_vectors).
        assert_eq!(
            philox4x32([0; 4], [0; 2]),
            [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
        );
        assert_eq!(
            philox4x32([0xffff_ffff; 4], [0xffff_ffff; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
    }

    #[test]
    fn moments_of_a_long_stream_are_those_of_the_distribution() {
        let draw = Draw::new(1, "entity", "quantity");
        let n = 100_000;
        let (mut sum, mut square) = (0.0, 0.0);
        for tick in 0..n {
            let x = draw.normal(tick);
            sum += x;
            square += x * x;
        }
        let n = n as f64;
        // Five standard errors of mean and variance.
        assert!((sum / n).abs() < 5.0 / n.sqrt());
        assert!((square / n - 1.0).abs() < 5.0 * (2.0 / n).sqrt());
    }

    #[test]
    fn names_separate_streams() {
        let bits = |entity, quantity| Draw::new(1, entity, quantity).bits(0);
        assert_ne!(bits("ab", "c"), bits("a", "bc"));
        assert_ne!(bits("a", "b"), Draw::new(2, "a", "b").bits(0));
    }
}
