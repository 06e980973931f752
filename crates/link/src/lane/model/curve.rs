//! A smooth function between exact values.

use crate::lane::LaneFault;

/// Values at equal steps, a straight line between them, and the last value beyond the ends.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    start: f64,
    per_step: f64,
    values: Vec<f64>,
}

impl Curve {
    /// `n` values of a function from `start` on, `step` apart; two at least.
    pub(super) fn new(
        start: f64,
        step: f64,
        n: u32,
        of: impl Fn(f64) -> Result<f64, LaneFault>,
    ) -> Result<Self, LaneFault> {
        let values = (0..n.max(2)).map(|i| of(start + f64::from(i) * step));
        Ok(Self {
            start,
            per_step: 1.0 / step,
            values: values.collect::<Result<_, _>>()?,
        })
    }

    #[inline]
    pub(super) fn at(&self, x: f64) -> f64 {
        let last = self.values.len() - 2;
        let place = ((x - self.start) * self.per_step).clamp(0.0, (last + 1) as f64);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to the places of the table"
        )]
        let below = (place as usize).min(last);
        let share = place - below as f64;
        self.values[below] + share * (self.values[below + 1] - self.values[below])
    }
}
