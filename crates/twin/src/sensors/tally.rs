//! Bits and codewords of an interval, counted with their statistics.

use serde::{Deserialize, Serialize};

use super::counting::{Codewords, binomial};
use super::normal::Normal;
use super::truth::BitErrors;

/// Bits that wait to be stated.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Bits {
    pub(super) bits: f64,
    /// How many of them are expected to be wrong.
    pub(super) wrong: f64,
}

/// Bits, how many of them were found wrong, and their true ratio.
#[derive(Debug, Clone, Copy)]
pub(super) struct BitCount {
    pub(super) bits: f64,
    pub(super) errors: f64,
    pub(super) ratio: f64,
}

/// Codewords and what became of them; NaN codewords where there is no decoder.
#[derive(Debug, Clone, Copy)]
pub(super) struct PortCount {
    pub(super) codewords: f64,
    pub(super) found: Codewords,
    pub(super) flaps: u32,
}

/// Adds the bits of an interval to those that wait to be stated.
pub(super) fn gather(truth: &[BitErrors], bits: &mut [Bits]) {
    for (bits, truth) in bits.iter_mut().zip(truth) {
        if truth.bits > 0.0 {
            bits.bits += truth.bits;
            bits.wrong += truth.bits * truth.ratio;
        }
    }
}

/// Draws how many bits were wrong: a sum over intervals of one chance each, taken as one of their
/// mean chance.
pub(super) fn count_bits(
    (truth, bits): (&[BitErrors], &[Bits]),
    words: &[u64],
    normal: &Normal,
    out: &mut Vec<BitCount>,
) {
    out.clear();
    let lanes = truth.iter().zip(bits).zip(words);
    out.extend(lanes.map(|((truth, waiting), word)| {
        let bits = waiting.bits.round();
        let ratio = if waiting.bits > 0.0 {
            waiting.wrong / waiting.bits
        } else {
            truth.ratio
        };
        BitCount {
            bits,
            errors: binomial(bits, ratio, *word, normal),
            ratio,
        }
    }));
}

/// The bits and errors of several lanes; a lane without a receiver leaves none to state.
pub(super) fn sum_of(lanes: &[u32], counts: &[BitCount]) -> BitCount {
    let mut sum = BitCount {
        bits: 0.0,
        errors: 0.0,
        ratio: if lanes.is_empty() { f64::NAN } else { 0.0 },
    };
    for lane in lanes {
        let lane = counts[*lane as usize];
        sum.bits += lane.bits;
        sum.errors += lane.errors;
        // The chance of a bit of the port, weighted by the bits of its lanes.
        sum.ratio += lane.ratio * lane.bits.max(f64::MIN_POSITIVE);
    }
    sum.ratio /= sum.bits.max(f64::MIN_POSITIVE);
    sum
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts are whole, not negative and below 2^53"
)]
pub(super) fn whole(count: f64) -> u64 {
    count as u64
}
