//! What the inner code leaves to the outer code, in closed form (hard) and as a table (soft).

use crate::LinkError;
use crate::error::check;

const CODE_BITS: u32 = 128;
/// Payload and symbols of the outer code that one codeword of the inner code carries.
const OUTER_SYMBOL_BITS: u32 = 10;

/// How the extended Hamming (128,120) inner code is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InnerDecoding {
    /// From bits alone.
    Hard,
    /// Chase decoding over the five least reliable bits of a Gray-coded PAM4 signal in white
    /// Gaussian noise.
    Chase5,
}

/// Symbol error ratio after Chase decoding with five test bits: (bit error ratio before, ratio of
/// wrong 10-bit symbols after).
///
/// From the Monte Carlo of `examples/inner_code.rs` with 8e6 codewords per point. Standard errors,
/// from whole codewords: 7.5 % at 1e-3, 3.5 % at 1.5e-3, 2 % at 2e-3, below 1.3 % from 2.5e-3 on.
const CHASE5: [(f64, f64); 12] = [
    (1e-3, 6.6354e-6),
    (1.5e-3, 3.1844e-5),
    (2e-3, 9.5750e-5),
    (2.5e-3, 2.2325e-4),
    (3e-3, 4.2779e-4),
    (4e-3, 1.2000e-3),
    (4.8e-3, 2.2869e-3),
    (6e-3, 4.9058e-3),
    (8e-3, 1.2574e-2),
    (1e-2, 2.4734e-2),
    (1.5e-2, 7.3463e-2),
    (2e-2, 1.3823e-1),
];

impl InnerDecoding {
    /// Ratio of wrong 10-bit symbols after the inner code.
    ///
    /// Hard decoding: exact weights of decoded patterns, with error positions taken as uniform
    /// over the codeword; bit errors must be independent.
    ///
    /// Chase decoding: log-log interpolation of a Monte Carlo table, valid from 1e-3 to 2e-2. Below,
    /// the slope of the lowest interval is continued; the true curve is steeper, so the result is
    /// an upper bound there. Treating the symbols as independent in the outer code needs an
    /// interleaver that sends the symbols of one inner codeword to different outer codewords.
    ///
    /// # Errors
    /// A bit error ratio outside [0, 0.5], or above 2e-2 with Chase decoding.
    pub fn symbol_error_ratio(self, ber: f64) -> Result<f64, LinkError> {
        check_ber(ber)?;
        match self {
            Self::Hard => Ok(hard_patterns(ber)
                .map(|(weight, probability)| probability * symbol_hit(weight))
                .sum()),
            Self::Chase5 => {
                check("bit error ratio into Chase decoding", ber, "<= 2e-2", |p| {
                    p <= CHASE5[CHASE5.len() - 1].0
                })?;
                Ok(chase5(ber))
            }
        }
    }

    /// Lowest bit error ratio that the Chase table covers.
    pub const CHASE5_LOWEST_BER: f64 = CHASE5[0].0;
}

/// Bit error ratio after hard decoding of the extended Hamming code, in closed form.
///
/// With `A_w` codewords of weight w among n = 128 bits, an odd pattern of weight i becomes a
/// codeword of weight i + 1 in `(i + 1) A_{i+1}` cases and of weight i - 1 in
/// `(n - i + 1) A_{i-1}` cases; an even pattern stays.
///
/// # Errors
/// A bit error ratio outside [0, 0.5].
///
/// # Source
/// F. J. `MacWilliams`, N. J. A. Sloane, The Theory of Error-Correcting Codes, 1977, chapters 1 and
/// 5 (weights from the dual, the first-order Reed-Muller code).
pub fn hard_decoded_ber(ber: f64) -> Result<f64, LinkError> {
    check_ber(ber)?;
    Ok(hard_patterns(ber)
        .map(|(weight, probability)| probability * f64::from(weight) / f64::from(CODE_BITS))
        .sum())
}

fn check_ber(ber: f64) -> Result<(), LinkError> {
    check("bit error ratio", ber, "in [0, 0.5]", |p| {
        (0.0..=0.5).contains(&p)
    })
}

/// Interpolated table; above its end the last value. Callers refuse that, or know that no outer
/// codeword survives it.
pub(crate) fn chase5(ber: f64) -> f64 {
    if ber <= 0.0 {
        return 0.0;
    }
    let ber = ber.min(CHASE5[CHASE5.len() - 1].0);
    let upper = CHASE5
        .partition_point(|&(p, _)| p < ber)
        .clamp(1, CHASE5.len() - 1);
    let ((p0, s0), (p1, s1)) = (CHASE5[upper - 1], CHASE5[upper]);
    let fraction = (ber / p0).ln() / (p1 / p0).ln();
    (s0.ln() + fraction * (s1 / s0).ln()).exp().min(1.0)
}

/// Weights of the error pattern after hard decoding with their probabilities.
fn hard_patterns(ber: f64) -> impl Iterator<Item = (u32, f64)> {
    let n = CODE_BITS;
    let pattern = move |errors: u32| {
        if ber > 0.0 {
            (f64::from(errors) * ber.ln() + f64::from(n - errors) * (-ber).ln_1p()).exp()
        } else if errors == 0 {
            1.0
        } else {
            0.0
        }
    };
    // Even weights: patterns that were even, and odd ones that ended here from below and above.
    (0..=n / 2).map(move |half| {
        let w = 2 * half;
        let ln_words = ln_codewords(w);
        let from_below = if w > 0 {
            (ln_words + f64::from(w).ln()).exp() * pattern(w - 1)
        } else {
            0.0
        };
        let from_above = if w < n {
            (ln_words + f64::from(n - w).ln()).exp() * pattern(w + 1)
        } else {
            0.0
        };
        (
            w,
            ln_choose(n, w).exp() * pattern(w) + from_below + from_above,
        )
    })
}

/// `ln A_w` for even w: `A_w = [2 C(128, w) + 254 (-1)^(w/2) C(64, w/2)] / 256`; minus infinity
/// where there is no codeword.
fn ln_codewords(w: u32) -> f64 {
    let main = 2.0 * ln_choose(128, w).exp();
    let correction = 254.0 * ln_choose(64, w / 2).exp();
    let sign = if (w / 2).is_multiple_of(2) { 1.0 } else { -1.0 };
    let count = ((main + sign * correction) / 256.0).round();
    if count > 0.0 {
        count.ln()
    } else {
        f64::NEG_INFINITY
    }
}

fn ln_choose(n: u32, k: u32) -> f64 {
    let ln_factorial = |i: u32| libm::lgamma(f64::from(i) + 1.0);
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
}

/// Probability that a pattern of this weight touches a given 10-bit symbol.
fn symbol_hit(weight: u32) -> f64 {
    let missed: f64 = (0..OUTER_SYMBOL_BITS)
        .map(|i| 1.0 - f64::from(weight) / f64::from(CODE_BITS - i))
        .map(|factor| factor.max(0.0))
        .product();
    1.0 - missed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_those_of_the_extended_hamming_code() {
        // A_0 = A_128 = 1, A_2 = 0, A_4 = 128 127 126 / 24.
        assert!(ln_codewords(0).abs() < 1e-12 && ln_codewords(128).abs() < 1e-12);
        assert!(ln_codewords(2).is_infinite());
        assert!((ln_codewords(4).exp() - 85_344.0).abs() < 1e-6);
        for ber in [1e-6, 1e-3, 1e-2, 0.1] {
            let total: f64 = hard_patterns(ber).map(|(_, p)| p).sum();
            assert!((total - 1.0).abs() < 1e-10, "{ber}: {total}");
        }
    }

    #[test]
    fn hard_decoding_agrees_with_the_monte_carlo() {
        // examples/inner_code.rs, 8e6 codewords: (before, symbols after, bits after). Its bit
        // errors are those of PAM4, one per wrong symbol, hence not quite independent: 2 % are
        // allowed for, of which the counting error is at most 0.5 %.
        for (ber, symbols, bits) in [
            (2e-3, 4.4447e-3, 4.6350e-4),
            (4.8e-3, 2.2261e-2, 2.3483e-3),
            (1e-2, 7.4603e-2, 8.0131e-3),
        ] {
            let bits_found = hard_decoded_ber(ber).unwrap();
            let symbols_found = InnerDecoding::Hard.symbol_error_ratio(ber).unwrap();
            assert!(
                (bits_found / bits - 1.0).abs() < 0.02,
                "{ber}: {bits_found:e}"
            );
            assert!(
                (symbols_found / symbols - 1.0).abs() < 0.02,
                "{ber}: {symbols_found:e}"
            );
        }
        // At the threshold of the soft code hard decoding only halves the errors.
        let gain = 4.8e-3 / hard_decoded_ber(4.8e-3).unwrap();
        assert!((gain - 2.0).abs() < 0.1, "{gain}");
    }

    #[test]
    fn chase_decoding_reaches_what_the_outer_code_needs_at_the_known_threshold() {
        let found = InnerDecoding::Chase5.symbol_error_ratio(4.8e-3).unwrap();
        // 2.4e-3 is the symbol error ratio of the outer code at 2.4e-4.
        assert!((found / 2.4e-3 - 1.0).abs() < 0.06, "{found:e}");
        assert!(InnerDecoding::Chase5.symbol_error_ratio(3e-2).is_err());
        let mut previous = 0.0;
        for i in 1..200 {
            let s = InnerDecoding::Chase5
                .symbol_error_ratio(1e-4 * f64::from(i))
                .unwrap();
            assert!(s > previous);
            previous = s;
        }
    }
}
