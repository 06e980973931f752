//! Reed-Solomon codes: codeword error ratios as sums in the log domain.

use units::{BitRate, Seconds};

/// A Reed-Solomon code over symbols of `symbol_bits` bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReedSolomon {
    /// Symbols per codeword, n.
    pub n: u32,
    /// Payload symbols per codeword, k.
    pub k: u32,
    /// Bits per symbol, m.
    pub symbol_bits: u32,
}

impl ReedSolomon {
    /// RS(544,514), "KP4". Source: IEEE 802.3, clauses 91 and 119.
    pub const KP4: Self = Self::over_ten_bits(544, 514);
    /// RS(528,514), "KR4". Source: IEEE 802.3, clause 91.
    pub const KR4: Self = Self::over_ten_bits(528, 514);
    /// RS(272,258), the low-latency code. Source: Ethernet Technology Consortium, Low-Latency FEC.
    pub const LOW_LATENCY: Self = Self::over_ten_bits(272, 258);

    const fn over_ten_bits(n: u32, k: u32) -> Self {
        Self {
            n,
            k,
            symbol_bits: 10,
        }
    }

    /// Correctable symbols per codeword, `t = (n - k) / 2`.
    pub const fn correctable(&self) -> u32 {
        (self.n - self.k) / 2
    }

    /// Symbol error ratio from independent bit errors: `p_s = 1 - (1 - p)^m`.
    pub fn symbol_error_ratio(&self, ber: f64) -> f64 {
        -(f64::from(self.symbol_bits) * (-ber).ln_1p()).exp_m1()
    }

    /// The table with which codeword error ratios are summed; build it once for many lanes.
    pub fn tail(&self) -> CodewordTail {
        let (n, first) = (f64::from(self.n), f64::from(self.correctable() + 1));
        CodewordTail {
            code: *self,
            ln_choose: libm::lgamma(n + 1.0)
                - libm::lgamma(first + 1.0)
                - libm::lgamma(n - first + 1.0),
            ratio: (self.correctable() + 1..self.n)
                .map(|i| f64::from(self.n - i) / f64::from(i + 1))
                .collect(),
        }
    }

    /// Codeword error ratio from the pre-FEC bit error ratio; see [`CodewordTail::ln_error_ratio`].
    pub fn ln_codeword_error_ratio(&self, ber: f64) -> f64 {
        self.tail().ln_error_ratio(self.symbol_error_ratio(ber))
    }

    /// Pre-FEC bit error ratio at which the natural logarithm of the codeword error ratio is
    /// `ln_target`; none unless `ln_target` is below zero and finite.
    pub fn ber_for(&self, ln_target: f64) -> Option<f64> {
        if !(ln_target < 0.0 && ln_target.is_finite()) {
            return None;
        }
        let tail = self.tail();
        // ln p from 1e-300 to one half.
        let (mut low, mut high) = (-690.0, 0.5f64.ln());
        for _ in 0..80 {
            let middle = f64::midpoint(low, high);
            if tail.ln_error_ratio(self.symbol_error_ratio(middle.exp())) < ln_target {
                low = middle;
            } else {
                high = middle;
            }
        }
        Some(f64::midpoint(low, high).exp())
    }

    /// Payload bits of one codeword.
    pub fn payload_bits(&self) -> f64 {
        f64::from(self.k * self.symbol_bits)
    }

    /// Minimum-size Ethernet frames per codeword: `k m (256/257) / 672`, where 672 bits are 64
    /// bytes with preamble and gap, and 256/257 is the transcoding.
    pub fn frames_per_codeword(&self) -> f64 {
        self.payload_bits() * (256.0 / 257.0) / 672.0
    }

    /// Loss ratio of 64-byte frames: `(1 + 1/MFC) CER`, since a frame can lie in two codewords.
    ///
    /// # Source
    /// IEEE 802.3ba logic ad hoc and later objectives; the ratio `(1 + MFC)/MFC`.
    pub fn frame_loss_ratio(&self, codeword_error_ratio: f64) -> f64 {
        (codeword_error_ratio * (1.0 + 1.0 / self.frames_per_codeword())).min(1.0)
    }

    /// Mean time between uncorrectable codewords on a port of the given MAC rate, whose bits are
    /// transcoded 256 to 257. Infinite when the time exceeds the largest number.
    pub fn time_between_uncorrectable(&self, mac_rate: BitRate, ln_cer: f64) -> Seconds {
        let codewords_per_second = mac_rate.value() * (257.0 / 256.0) / self.payload_bits();
        Seconds::new((-ln_cer - codewords_per_second.ln()).exp())
    }
}

/// Sums the upper tail of the binomial distribution beyond the correctable symbols.
#[derive(Debug, Clone, PartialEq)]
pub struct CodewordTail {
    code: ReedSolomon,
    /// `ln C(n, t + 1)`.
    ln_choose: f64,
    /// `C(n, i + 1) / C(n, i)` for i from t + 1.
    ratio: Vec<f64>,
}

impl CodewordTail {
    /// `ln P[Bin(n, p_s) > t]`, the codeword error ratio when symbol errors are independent.
    ///
    /// The first term is kept as a logarithm and the rest summed relative to it, so nothing
    /// underflows. A bounded-distance decoder is assumed never to miscorrect. Arguments outside
    /// [0, 1] count as the nearer end.
    pub fn ln_error_ratio(&self, symbol_error_ratio: f64) -> f64 {
        let (n, t) = (f64::from(self.code.n), f64::from(self.code.correctable()));
        let p = symbol_error_ratio;
        if p <= 0.0 {
            return f64::NEG_INFINITY;
        }
        if p >= 1.0 {
            return 0.0;
        }
        if p * n > t {
            return self.complement_of_lower_tail(p);
        }
        let odds = p / (1.0 - p);
        let ln_first = self.ln_choose + (t + 1.0) * p.ln() + (n - t - 1.0) * (-p).ln_1p();
        ln_first + self.relative_sum(odds, |_| 1.0).ln()
    }

    /// Sum over i > t of the terms relative to the first, each with a weight.
    #[inline]
    fn relative_sum(&self, odds: f64, weight: impl Fn(usize) -> f64) -> f64 {
        let (mut term, mut sum) = (1.0, weight(0));
        for (i, ratio) in self.ratio.iter().enumerate() {
            term *= ratio * odds;
            sum += term * weight(i + 1);
            // Terms fall ever faster, so the rest is at most n times the last one.
            if term < sum * 1e-20 {
                break;
            }
        }
        sum
    }

    /// Near and above the mean the complement is summed; it is not small there.
    fn complement_of_lower_tail(&self, p: f64) -> f64 {
        let (n, t) = (f64::from(self.code.n), self.code.correctable());
        let inverse_odds = (1.0 - p) / p;
        let mut ln_term = self.ln_choose
            + (f64::from(t) + 1.0) * p.ln()
            + (n - f64::from(t) - 1.0) * (-p).ln_1p();
        let mut lower = 0.0;
        for i in (0..=t).rev() {
            ln_term += (f64::from(i + 1) / f64::from(self.code.n - i) * inverse_odds).ln();
            lower += ln_term.exp();
        }
        (-f64::min(lower, 1.0)).ln_1p()
    }

    /// `ln` of the bit error ratio after decoding: uncorrectable codewords keep their errors.
    ///
    /// `BER_out = (p / p_s) SUM_{i > t} (i / n) P(i)`, where p is the bit error ratio before and
    /// `p_s` the symbol error ratio.
    pub fn ln_post_fec_ber(&self, ber: f64, symbol_error_ratio: f64) -> f64 {
        let p = symbol_error_ratio;
        if ber <= 0.0 || p <= 0.0 {
            return f64::NEG_INFINITY;
        }
        let (n, first) = (
            f64::from(self.code.n),
            f64::from(self.code.correctable() + 1),
        );
        if p * n > first - 1.0 {
            // Mean of i beyond t is at most n p / CER; errors are kept, so the ratio before
            // decoding is the bound that also holds here.
            return ber.ln() + self.ln_error_ratio(p);
        }
        let ln_first = self.ln_choose + first * p.ln() + (n - first) * (-p).ln_1p();
        let sum = self.relative_sum(p / (1.0 - p), |i| (first + i as f64) / n);
        ln_first + sum.ln() + ber.ln() - p.ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codeword_error_ratios_agree_with_exact_sums() {
        // Binomial tails with 50 digits (mpmath).
        for (code, ber, expected) in [
            (ReedSolomon::KP4, 1e-4, -41.139_185_906_762_88),
            (ReedSolomon::KP4, 2e-4, -30.551_664_586_085_97),
            (ReedSolomon::KP4, 2.4e-4, -27.835_395_245_169_995),
            (ReedSolomon::KP4, 5e-4, -17.393_713_422_229_396),
            (ReedSolomon::KP4, 1e-3, -8.784_903_635_947_336),
            (ReedSolomon::KP4, 1e-2, -3.826_209_821_910_844_4e-10),
            (ReedSolomon::KP4, 2.9e-3, -0.711_094_907_444_097_1),
            (ReedSolomon::KR4, 2.3e-5, -27.631_633_862_569_526),
            (ReedSolomon::LOW_LATENCY, 4.5e-5, -27.619_340_562_846_304),
            (ReedSolomon::KP4, 1e-25, -814.304_061_483_499_4),
        ] {
            let ln = code.ln_codeword_error_ratio(ber);
            assert!(
                (ln - expected).abs() < 1e-10 * (1.0 + expected.abs()),
                "{ber}: {ln} {expected}"
            );
        }
    }

    #[test]
    fn closed_statements_on_the_threshold_hold() {
        let kp4 = ReedSolomon::KP4;
        assert!((kp4.symbol_error_ratio(2.4e-4) / 2.397e-3 - 1.0).abs() < 2e-4);
        let post = kp4
            .tail()
            .ln_post_fec_ber(2.4e-4, kp4.symbol_error_ratio(2.4e-4))
            .exp();
        assert!((post / 2.4e-15 - 1.0).abs() < 0.05, "{post:e}");
        assert!((kp4.frames_per_codeword() - 7.62).abs() < 0.005);
        assert!((kp4.frame_loss_ratio(1e-12) / 1.1313e-12 - 1.0).abs() < 1e-4);
        let time = |ber: f64| {
            let ln_cer = kp4.ln_codeword_error_ratio(ber);
            kp4.time_between_uncorrectable(BitRate::new(800e9), ln_cer)
                .value()
        };
        // 800 Gb/s are 1.5625e8 codewords/s; divided by the exact tails above.
        for (ber, seconds) in [
            (1e-4, 4.707e9),
            (2e-4, 1.187e5),
            (2.4e-4, 7851.0),
            (5e-4, 0.2292),
        ] {
            assert!((time(ber) / seconds - 1.0).abs() < 1e-3, "{ber}");
        }
    }

    #[test]
    fn inverse_returns_the_bit_error_ratio() {
        for code in [ReedSolomon::KP4, ReedSolomon::KR4, ReedSolomon::LOW_LATENCY] {
            for ber in [1e-6, 1e-4, 2e-3] {
                let back = code.ber_for(code.ln_codeword_error_ratio(ber)).unwrap();
                assert!((back / ber - 1.0).abs() < 1e-10, "{ber} {back}");
            }
        }
        assert_eq!(ReedSolomon::KP4.ber_for(0.0), None);
    }

    #[test]
    fn sums_meet_at_the_switch_to_the_complement() {
        let tail = ReedSolomon::KP4.tail();
        let switch = 15.0 / 544.0;
        let (below, above) = (
            tail.ln_error_ratio(switch * (1.0 - 1e-12)),
            tail.ln_error_ratio(switch * (1.0 + 1e-12)),
        );
        assert!((below - above).abs() < 1e-9, "{below} {above}");
        assert!(tail.ln_error_ratio(0.0).is_infinite() && tail.ln_error_ratio(1.0) == 0.0);
        assert!(tail.ln_error_ratio(0.999_999) <= 0.0);
    }
}
