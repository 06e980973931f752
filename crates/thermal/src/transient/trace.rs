//! What was seen of a transient.

use units::{Celsius, Seconds};

use super::Transient;

/// Temperatures of all blocks over time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trace {
    times: Vec<Seconds>,
    n_blocks: usize,
    /// One row of blocks for each time.
    averages: Vec<Celsius>,
    maxima: Vec<Celsius>,
}

impl Trace {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes every block as it is now.
    pub fn record(&mut self, now: &Transient) {
        self.n_blocks = now.model().sources().len();
        self.times.push(now.time());
        for block in 0..self.n_blocks {
            self.averages.push(now.average(block));
            self.maxima.push(now.maximum(block));
        }
    }

    /// When it was noted, rising.
    pub fn times(&self) -> &[Seconds] {
        &self.times
    }

    /// Mean temperature of a block at each time.
    pub fn averages(&self, block: usize) -> impl Iterator<Item = Celsius> {
        self.averages
            .iter()
            .skip(block)
            .step_by(self.n_blocks.max(1))
            .copied()
    }

    /// Highest temperature of the cells of a block at each time.
    pub fn maxima(&self, block: usize) -> impl Iterator<Item = Celsius> {
        self.maxima
            .iter()
            .skip(block)
            .step_by(self.n_blocks.max(1))
            .copied()
    }

    /// The highest of the maxima of a block, and when it was first reached; `None` of nothing.
    pub fn peak(&self, block: usize) -> Option<(Seconds, Celsius)> {
        let found = self.times.iter().copied().zip(self.maxima(block));
        found.fold(None, |most, next| match most {
            Some((_, highest)) if next.1 <= highest => most,
            _ => Some(next),
        })
    }
}
