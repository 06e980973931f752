//! Standard normal deviates from random words, by a table.

use units::special::normal_quantile;

/// Octaves of the tail that the table covers; what lies beyond, one word in 2^32, is exact.
const OCTAVES: usize = 32;
/// Equal parts of an octave.
const PARTS: usize = 8;

/// Inverts the normal distribution by cubics.
///
/// A word is a sign and a tail probability `t` in (0, 1/2) of 63 bits. Octaves of `t`, each in
/// eight equal parts, have a cubic each through the exact quantile at the Chebyshev points of the
/// part. The error is below [`Normal::ERROR`] standard deviations.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Normal {
    /// Coefficients of the powers of the place within the part, lowest first.
    cubics: Box<[[f64; 4]]>,
}

impl Normal {
    /// Bound of the absolute error of [`deviate`](Self::deviate); a test compares with the exact
    /// quantile.
    #[cfg(test)]
    pub(super) const ERROR: f64 = 2e-6;

    pub(super) fn new() -> Self {
        let mut cubics = Vec::with_capacity(OCTAVES * PARTS);
        let mut top = 0.25;
        for _ in 0..OCTAVES {
            for part in 0..PARTS {
                cubics.push(cubic(|x| {
                    let t = top * (1.0 + (part as f64 + x) / PARTS as f64);
                    -normal_quantile(t)
                }));
            }
            top *= 0.5;
        }
        Self {
            cubics: cubics.into(),
        }
    }

    /// The deviate of a word.
    #[inline]
    pub(super) fn deviate(&self, word: u64) -> f64 {
        // The tail in units of 2^-65; the low bit keeps it off zero.
        let tail = (word << 1) | 1;
        let octave = tail.leading_zeros();
        let scaled = tail << octave;
        let place = (octave as usize) * PARTS + ((scaled >> 60) as usize & (PARTS - 1));
        let magnitude = match self.cubics.get(place) {
            Some([c0, c1, c2, c3]) => {
                // What follows the part's bits, as the significand of a number in [1, 2).
                let x = f64::from_bits(0x3ff0_0000_0000_0000 | ((scaled << 4) >> 12)) - 1.0;
                ((c3 * x + c2) * x + c1) * x + c0
            }
            None => -normal_quantile(tail_probability(tail)),
        };
        f64::from_bits(magnitude.to_bits() ^ (word & (1 << 63)))
    }
}

fn tail_probability(tail: u64) -> f64 {
    tail as f64 * (0.5 / 2f64.powi(64))
}

/// The cubic through `f` at the four Chebyshev points of [0, 1].
fn cubic(f: impl Fn(f64) -> f64) -> [f64; 4] {
    let x: [f64; 4] = std::array::from_fn(|i| {
        0.5 - 0.5 * (std::f64::consts::PI * (2.0 * i as f64 + 1.0) / 8.0).cos()
    });
    // Newton's divided differences, then the nested form multiplied out.
    let mut d = x.map(f);
    for order in 1..4 {
        for i in (order..4).rev() {
            d[i] = (d[i] - d[i - 1]) / (x[i] - x[i - order]);
        }
    }
    let mut c = [0.0; 4];
    for i in (0..4).rev() {
        for power in (1..4).rev() {
            c[power] = c[power - 1] - x[i] * c[power];
        }
        c[0] = d[i] - x[i] * c[0];
    }
    c
}

#[cfg(test)]
mod tests {
    use units::random::Draw;

    use super::*;

    #[test]
    fn deviates_are_the_quantiles_of_their_tails() {
        let normal = Normal::new();
        let draw = Draw::new(3, "any", "words");
        let check = |word: u64| {
            let exact = -normal_quantile(tail_probability((word << 1) | 1));
            let exact = if word >> 63 == 0 { exact } else { -exact };
            let error = (normal.deviate(word) - exact).abs();
            assert!(error < Normal::ERROR, "{word:x}: {error:e}");
        };
        for tick in 0..100_000 {
            // Every octave as often as the first ones.
            check(draw.bits(tick));
            check((draw.bits(tick) & (u64::MAX >> 1)) >> (tick % 63));
        }
        for word in [0, 1, u64::MAX, 1 << 63, (1 << 63) - 1, 1 << 31, 1 << 32] {
            check(word);
        }
    }
}
