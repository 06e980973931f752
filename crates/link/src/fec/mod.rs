//! Forward error correction: Reed-Solomon codes, the inner code, bursts and chains of segments.

mod burst;
mod chain;
mod hamming;
mod inner;
mod reed_solomon;

pub use burst::{BurstErrors, BurstModel, Precoding};
pub use chain::{ChainError, FecCode, Segment, SegmentEnd, chain_error};
pub use hamming::{ExtendedHamming, Word};
pub(crate) use inner::chase5;
pub use inner::{InnerDecoding, hard_decoded_ber};
pub use reed_solomon::{CodewordTail, ReedSolomon};
