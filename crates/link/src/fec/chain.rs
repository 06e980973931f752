//! Codes as a choice, and chains of segments with retiming or decoding in between.

use super::{ReedSolomon, chase5};
use crate::LinkError;
use crate::error::check;

/// The code that protects a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum FecCode {
    /// No code: a codeword is one bit.
    None,
    /// RS(544,514).
    #[default]
    Kp4,
    /// RS(528,514).
    Kr4,
    /// RS(272,258).
    LowLatency,
    /// RS(544,514) around the extended Hamming (128,120) code with Chase decoding.
    Kp4WithInner,
}

impl FecCode {
    /// Every code.
    pub const ALL: [Self; 5] = [
        Self::None,
        Self::Kp4,
        Self::Kr4,
        Self::LowLatency,
        Self::Kp4WithInner,
    ];

    /// The outer code, if there is one.
    pub const fn outer(self) -> Option<ReedSolomon> {
        match self {
            Self::None => None,
            Self::Kp4 | Self::Kp4WithInner => Some(ReedSolomon::KP4),
            Self::Kr4 => Some(ReedSolomon::KR4),
            Self::LowLatency => Some(ReedSolomon::LOW_LATENCY),
        }
    }

    /// Natural logarithm of the codeword error ratio at a pre-FEC bit error ratio, with
    /// independent bit errors. Without a code it is that of the bit error ratio.
    ///
    /// Beyond the table of the inner code, from a bit error ratio of 2e-2 on, 75 symbols of an
    /// outer codeword are wrong on average, and it is lost but for 1e-16.
    ///
    /// # Errors
    /// A bit error ratio outside [0, 0.5].
    pub fn ln_codeword_error_ratio(self, ber: f64) -> Result<f64, LinkError> {
        check("bit error ratio", ber, "in [0, 0.5]", |p| {
            (0.0..=0.5).contains(&p)
        })?;
        Ok(match (self, self.outer()) {
            (_, None) => ber.ln(),
            (Self::Kp4WithInner, Some(outer)) => outer.tail().ln_error_ratio(chase5(ber)),
            (_, Some(outer)) => outer.ln_codeword_error_ratio(ber),
        })
    }

    /// The bit error ratio at which the natural logarithm of the codeword error ratio is
    /// `ln_target`, by bisection between 1e-15 and 0.4; the nearer end for targets beyond.
    pub fn ber_for(self, ln_target: f64) -> f64 {
        let tail = self.outer().map(|outer| (outer, outer.tail()));
        let ln_codeword_error_ratio = |ber: f64| match (self, &tail) {
            (_, None) => ber.ln(),
            (Self::Kp4WithInner, Some((_, tail))) => tail.ln_error_ratio(chase5(ber)),
            (_, Some((outer, tail))) => tail.ln_error_ratio(outer.symbol_error_ratio(ber)),
        };
        let (mut low, mut high) = (1e-15f64.ln(), 0.4f64.ln());
        loop {
            let middle = 0.5 * (low + high);
            // Halvings end where no double lies between.
            if middle <= low || middle >= high {
                return low.exp();
            }
            if ln_codeword_error_ratio(middle.exp()) < ln_target {
                low = middle;
            } else {
                high = middle;
            }
        }
    }
}

/// What happens at the end of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SegmentEnd {
    /// Bits are passed on with their errors, retimed or not; the code goes on.
    PassThrough,
    /// The code is decoded here, and what follows starts afresh.
    Decoded(FecCode),
}

/// A stretch of the path with its own error ratio: host electrical, optical, far electrical.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// Bit error ratio that this segment alone adds, with independent errors.
    pub ber: f64,
    /// What happens at its end.
    pub end: SegmentEnd,
}

/// Errors of a chain of segments.
#[derive(Debug, Clone, PartialEq)]
pub struct ChainError {
    /// Natural logarithm of the probability that a codeword is lost anywhere along the chain.
    pub ln_codeword_error_ratio: f64,
    /// Bit error ratio in front of each decoder, in order.
    pub decoder_ber: Vec<f64>,
}

/// Errors of a path whose code may pass several segments before it is decoded.
///
/// Bit errors add up until a decoder: an even number of flips cancels, so
/// `1 - 2 p = PROD (1 - 2 p_i)`, which is the plain sum for small ratios. Losses of the decoders
/// add up as `1 - PROD (1 - CER_i)`. Miscorrections and errors that a decoder passes on without
/// noticing are not followed.
///
/// # Errors
/// No segment, a last segment that is not decoded, or a bit error ratio outside [0, 0.5].
pub fn chain_error(segments: &[Segment]) -> Result<ChainError, LinkError> {
    let mut ln_kept_bias = 0.0;
    let mut ln_kept_codewords = 0.0;
    let mut ln_sum = f64::NEG_INFINITY;
    let mut decoder_ber = Vec::new();
    let mut is_open = true;
    for segment in segments {
        check("segment bit error ratio", segment.ber, "in [0, 0.5]", |p| {
            (0.0..=0.5).contains(&p)
        })?;
        ln_kept_bias += (-2.0 * segment.ber).ln_1p();
        is_open = true;
        if let SegmentEnd::Decoded(code) = segment.end {
            let ber = -0.5 * f64::exp_m1(ln_kept_bias);
            let ln_cer = code.ln_codeword_error_ratio(ber)?.min(0.0);
            ln_kept_codewords += (-ln_cer.exp()).ln_1p();
            ln_sum = ln_add(ln_sum, ln_cer);
            decoder_ber.push(ber);
            ln_kept_bias = 0.0;
            is_open = false;
        }
    }
    if is_open {
        return Err(LinkError::Length {
            name: "segments behind the last decoder",
            found: segments.len(),
            expected: 0,
        });
    }
    // Below 1e-8 the sum is exact to rounding, and unlike the product it cannot underflow.
    let ln_codeword_error_ratio = if ln_sum < -18.0 {
        ln_sum
    } else {
        (-f64::exp_m1(ln_kept_codewords)).ln()
    };
    Ok(ChainError {
        ln_codeword_error_ratio,
        decoder_ber,
    })
}

fn ln_add(a: f64, b: f64) -> f64 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    if low == f64::NEG_INFINITY {
        high
    } else {
        high + (low - high).exp().ln_1p()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn pass(ber: f64) -> Segment {
        Segment {
            ber,
            end: SegmentEnd::PassThrough,
        }
    }

    const fn decoded(ber: f64) -> Segment {
        Segment {
            ber,
            end: SegmentEnd::Decoded(FecCode::Kp4),
        }
    }

    #[test]
    fn error_ratios_add_up_end_to_end_and_not_across_a_decoder() {
        let end_to_end = chain_error(&[pass(1e-5), pass(1e-4), decoded(1e-5)]).unwrap();
        assert!((end_to_end.decoder_ber[0] / 1.2e-4 - 1.0).abs() < 3e-4);
        let segmented = chain_error(&[decoded(1e-5), decoded(1e-4), decoded(1e-5)]).unwrap();
        let worst = FecCode::Kp4.ln_codeword_error_ratio(1e-4).unwrap();
        assert!((segmented.ln_codeword_error_ratio - worst).abs() < 1e-9);
        // Sixteen symbols must fail: a BER 20 % higher costs a factor of 1.2^15 and more.
        let factor = end_to_end.ln_codeword_error_ratio - segmented.ln_codeword_error_ratio;
        assert!(factor > 15.0 * 1.2f64.ln() && factor < 16.0 * 1.2f64.ln());
    }

    #[test]
    fn equal_decoders_add_up() {
        for ber in [1e-7, 1e-4, 1e-3, 2.9e-3] {
            let one = chain_error(&[decoded(ber)])
                .unwrap()
                .ln_codeword_error_ratio;
            let two = chain_error(&[decoded(ber), decoded(ber)])
                .unwrap()
                .ln_codeword_error_ratio;
            let expected = one + (2.0 - one.exp()).ln();
            assert!((two - expected).abs() < 1e-7, "{ber}: {two} {expected}");
        }
    }

    #[test]
    fn a_target_is_met_at_the_bit_error_ratio_for_it() {
        for code in FecCode::ALL {
            for ln_target in [-30.0, -20.0, -11.5] {
                let ber = code.ber_for(ln_target);
                let at = |ber: f64| code.ln_codeword_error_ratio(ber).unwrap();
                assert!(
                    at(ber) <= ln_target && at(ber * (1.0 + 1e-9)) >= ln_target,
                    "{code:?}"
                );
            }
            assert!((code.ber_for(-1e6) / 1e-15 - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_path_without_a_decoder_is_refused() {
        assert!(chain_error(&[]).is_err());
        assert!(chain_error(&[decoded(1e-5), pass(1e-5)]).is_err());
        assert!(chain_error(&[decoded(0.6)]).is_err());
    }

    #[test]
    fn the_inner_code_moves_the_threshold_to_the_known_place() {
        let ln = |ber| FecCode::Kp4WithInner.ln_codeword_error_ratio(ber).unwrap();
        let outer = FecCode::Kp4.ln_codeword_error_ratio(2.4e-4).unwrap();
        // One decade, from a table point with 6 % in the symbol error ratio.
        assert!((ln(4.8e-3) - outer).abs() < 1.0, "{} {outer}", ln(4.8e-3));
    }
}
