//! The extended Hamming code (128,120): encoding, hard decoding and soft Chase decoding.

/// One codeword as bits: payload in positions 0..120, parity in positions 120..128.
pub type Word = u128;

/// Payload bits per codeword.
pub(super) const PAYLOAD_BITS: usize = 120;
/// Bits per codeword.
pub(super) const CODE_BITS: usize = 128;

/// The extended Hamming code of length 128, dimension 120 and minimum distance 4.
///
/// Each position has an odd-weight 8-bit column: a 7-bit locator and a constant one. The
/// positions of the parity bits hold the eight columns of lowest weight, so that parity follows
/// from the payload alone.
///
/// # Source
/// R. W. Hamming, "Error detecting and error correcting codes", Bell System Technical Journal 29
/// (1950) 147-160.
#[derive(Debug, Clone)]
pub struct ExtendedHamming {
    column: [u8; CODE_BITS],
    position: [u8; CODE_BITS],
}

impl Default for ExtendedHamming {
    fn default() -> Self {
        Self::new()
    }
}

impl ExtendedHamming {
    /// Builds the tables.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "positions and locators are below 128"
    )]
    pub fn new() -> Self {
        let is_parity = |locator: usize| locator == 0 || locator.is_power_of_two();
        let payload = (0..CODE_BITS).filter(|&l| !is_parity(l));
        let parity = (0..CODE_BITS).filter(|&l| is_parity(l));
        let mut code = Self {
            column: [0; CODE_BITS],
            position: [0; CODE_BITS],
        };
        for (position, locator) in payload.chain(parity).enumerate() {
            code.column[position] = locator as u8;
            code.position[locator] = position as u8;
        }
        code
    }

    /// The codeword whose payload is the lower 120 bits of `payload`.
    pub fn encode(&self, payload: Word) -> Word {
        let mut word = payload & ((1 << PAYLOAD_BITS) - 1);
        let locator = self.locator(word);
        for bit in 0..7 {
            if locator >> bit & 1 == 1 {
                word ^= 1 << self.position[1 << bit];
            }
        }
        // The position with locator zero makes the weight even and leaves the locator as it is.
        if word.count_ones() % 2 == 1 {
            word ^= 1 << self.position[0];
        }
        word
    }

    /// Exclusive or of the locators of all ones.
    fn locator(&self, word: Word) -> u8 {
        let mut rest = word;
        let mut sum = 0;
        while rest != 0 {
            sum ^= self.column[rest.trailing_zeros() as usize];
            rest &= rest - 1;
        }
        sum
    }

    /// Whether `word` belongs to the code.
    pub fn contains(&self, word: Word) -> bool {
        word.count_ones().is_multiple_of(2) && self.locator(word) == 0
    }

    /// Hard decoding: an odd number of errors is taken for one and corrected, an even number is
    /// detected and left as it is.
    pub fn decode_hard(&self, word: Word) -> Word {
        if word.count_ones() % 2 == 1 {
            word ^ 1 << self.position[self.locator(word) as usize]
        } else {
            word
        }
    }

    /// Soft decoding by Chase's second algorithm over the `n_test` least reliable positions.
    ///
    /// `reliability` holds the magnitude of the log-likelihood ratio of each hard decision of
    /// `word`. All `2^n_test` patterns are tried; of the codewords found, the one with the least
    /// sum of reliabilities over the changed positions is returned, or `word` when none was found.
    ///
    /// # Source
    /// D. Chase, "A class of algorithms for decoding block codes with channel measurement
    /// information", IEEE Transactions on Information Theory 18 (1972) 170-182.
    pub fn decode_chase(&self, word: Word, reliability: &[f64; 128], n_test: usize) -> Word {
        let mut order: [usize; CODE_BITS] = std::array::from_fn(|i| i);
        let n_test = n_test.min(16);
        if n_test > 0 {
            order.select_nth_unstable_by(n_test - 1, |&a, &b| {
                reliability[a].total_cmp(&reliability[b]).then(a.cmp(&b))
            });
        }
        let weak = &order[..n_test];
        let locator = self.locator(word);
        let odd = word.count_ones() % 2 == 1;
        let mut best = (f64::INFINITY, word);
        for pattern in 0u32..1 << n_test {
            let (mut flips, mut sum, mut syndrome) = (0u128, 0.0, locator);
            for (bit, &position) in weak.iter().enumerate() {
                if pattern >> bit & 1 == 1 {
                    flips |= 1 << position;
                    sum += reliability[position];
                    syndrome ^= self.column[position];
                }
            }
            if odd != (pattern.count_ones() % 2 == 1) {
                let position = self.position[syndrome as usize];
                // A corrected position that the pattern has flipped is changed back.
                let sign = if flips >> position & 1 == 1 {
                    -1.0
                } else {
                    1.0
                };
                flips ^= 1 << position;
                sum += sign * reliability[position as usize];
            } else if syndrome != 0 {
                continue;
            }
            if sum < best.0 {
                best = (sum, word ^ flips);
            }
        }
        best.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use units::random::Draw;

    fn random_word(draw: &Draw, index: u64) -> Word {
        u128::from(draw.bits(2 * index)) << 64 | u128::from(draw.bits(2 * index + 1))
    }

    #[test]
    fn corrects_every_single_error_and_leaves_every_double_error() {
        let code = ExtendedHamming::new();
        let draw = Draw::new(1, "hamming", "payload");
        for index in 0..20 {
            let word = code.encode(random_word(&draw, index));
            assert!(code.contains(word));
            for i in 0..CODE_BITS {
                assert_eq!(code.decode_hard(word ^ 1 << i), word);
                for j in 0..i {
                    let received = word ^ 1 << i ^ 1 << j;
                    assert!(!code.contains(received));
                    assert_eq!(code.decode_hard(received), received);
                }
            }
        }
    }

    #[test]
    fn chase_decoding_corrects_errors_on_weak_positions() {
        let code = ExtendedHamming::new();
        let draw = Draw::new(2, "hamming", "payload");
        let mut reliability = [10.0; CODE_BITS];
        for weak in [3, 40, 77, 101, 127] {
            reliability[weak] = 0.1;
        }
        let word = code.encode(random_word(&draw, 0));
        // Three weak errors and one on a position of middling reliability: a flip of three weak
        // positions leaves one error to the hard decision, and every other codeword is further.
        reliability[60] = 1.0;
        let received = word ^ 1 << 3 ^ 1 << 40 ^ 1 << 127 ^ 1 << 60;
        assert_ne!(code.decode_hard(received), word);
        assert_eq!(code.decode_chase(received, &reliability, 5), word);
        assert_eq!(code.decode_chase(word, &reliability, 0), word);
    }
}
