//! Error bursts of a decision-feedback equaliser, as outer-code symbols see them.

use crate::LinkError;
use crate::error::check;

/// Bits per PAM4 symbol.
const LINE_BITS: f64 = 2.0;
/// PAM4 symbols per 10-bit outer symbol.
const LINE_SYMBOLS: i32 = 5;

/// Whether symbols are precoded with `1/(1 + D)` modulo four.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Precoding {
    /// Every symbol of a burst is wrong.
    None,
    /// A burst leaves two wrong symbols: its first, and the one after its last.
    OnePlusD,
}

/// Bursts of alternating PAM4 symbol errors behind a feedback tap near one.
///
/// Each wrong symbol makes the next one wrong with probability `propagation`, so burst lengths
/// are geometric (Gilbert). Bursts are rare enough not to meet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BurstModel {
    /// Probability that an error makes the next symbol wrong too, in [0, 1).
    pub propagation: f64,
    /// Precoding of the line.
    pub precoding: Precoding,
}

/// What bursts do to bits and to outer symbols.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BurstErrors {
    /// Bit error ratio: one wrong bit per wrong PAM4 symbol.
    pub bit_error_ratio: f64,
    /// Ratio of wrong 10-bit symbols.
    pub symbol_error_ratio: f64,
    /// Mean number of 10-bit symbols that one burst makes wrong.
    pub symbols_per_burst: f64,
}

impl BurstModel {
    /// Errors when bursts start at `starts_per_symbol` of the PAM4 symbols.
    ///
    /// With propagation a and a start uniform over the five positions of a 10-bit symbol, a burst
    /// touches on average
    ///
    /// ```text
    /// E = 1 + a / (5 (1 - a))                 all symbols wrong
    /// E = 1 + (1 - a^5) / (5 (1 - a))         with precoding: the two ends only
    /// p_s = 5 b E,   BER = b / (2 (1 - a))  or, with precoding,  b
    /// ```
    ///
    /// Symbols hit by one burst are neighbours. A codeword error ratio from `p_s` as if they were
    /// independent holds only where the interleaving of the outer code separates them, and is too
    /// low otherwise. Probabilities above one are cut; the model needs `b` far below one.
    ///
    /// # Errors
    /// `propagation` outside [0, 1) or `starts_per_symbol` outside [0, 1].
    pub fn errors(&self, starts_per_symbol: f64) -> Result<BurstErrors, LinkError> {
        let a = self.propagation;
        check("burst propagation", a, "in [0, 1)", |a| {
            (0.0..1.0).contains(&a)
        })?;
        check(
            "burst starts per symbol",
            starts_per_symbol,
            "in [0, 1]",
            |b| (0.0..=1.0).contains(&b),
        )?;
        let positions = f64::from(LINE_SYMBOLS);
        let (symbols_per_burst, wrong_per_burst) = match self.precoding {
            Precoding::None => (1.0 + a / (positions * (1.0 - a)), 1.0 / (1.0 - a)),
            Precoding::OnePlusD => (
                1.0 + (1.0 - a.powi(LINE_SYMBOLS)) / (positions * (1.0 - a)),
                2.0,
            ),
        };
        Ok(BurstErrors {
            bit_error_ratio: (starts_per_symbol * wrong_per_burst / LINE_BITS).min(0.5),
            symbol_error_ratio: (positions * starts_per_symbol * symbols_per_burst).min(1.0),
            symbols_per_burst,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use units::random::Draw;

    #[test]
    fn symbols_per_burst_agree_with_counting() {
        let draw = Draw::new(3, "burst", "length");
        for a in [0.0, 0.3, 0.75] {
            for precoding in [Precoding::None, Precoding::OnePlusD] {
                let n = 200_000u64;
                let (mut sum, mut square) = (0.0, 0.0);
                for index in 0..n {
                    let start = index % 5;
                    let mut length = 1;
                    // A fresh stretch of draws for each burst; 64 symbols are never reached at 0.75.
                    while length < 64 && draw.uniform(index * 64 + length) < a {
                        length += 1;
                    }
                    let count = match precoding {
                        Precoding::None => (start + length - 1) / 5 + 1,
                        Precoding::OnePlusD => 1 + u64::from((start + length) / 5 > 0),
                    };
                    let count = count as f64;
                    sum += count;
                    square += count * count;
                }
                let mean = sum / n as f64;
                let error = ((square / n as f64 - mean * mean).max(0.0) / n as f64).sqrt();
                let model = BurstModel {
                    propagation: a,
                    precoding,
                };
                let expected = model.errors(1e-6).unwrap().symbols_per_burst;
                assert!(
                    (mean - expected).abs() < 5.0 * error + 1e-12,
                    "{model:?}: {mean} {expected}"
                );
            }
        }
    }

    #[test]
    fn without_propagation_errors_are_random() {
        let model = BurstModel {
            propagation: 0.0,
            precoding: Precoding::None,
        };
        let e = model.errors(2e-6).unwrap();
        assert!((e.bit_error_ratio - 1e-6).abs() < 1e-18);
        // Ten bits of 1e-6 each.
        assert!((e.symbol_error_ratio / 1e-5 - 1.0).abs() < 1e-12);
        assert!(
            BurstModel {
                propagation: 1.0,
                ..model
            }
            .errors(1e-6)
            .is_err()
        );
    }
}
