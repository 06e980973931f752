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
    /// `n` values of functions that are found together, from `start` on and `step` apart; two at
    /// least.
    pub(super) fn table<const N: usize>(
        start: f64,
        step: f64,
        n: u32,
        of: impl Fn(f64) -> Result<[f64; N], LaneFault>,
    ) -> Result<[Self; N], LaneFault> {
        let rows = (0..n.max(2)).map(|i| of(start + f64::from(i) * step));
        let rows: Vec<[f64; N]> = rows.collect::<Result<_, _>>()?;
        Ok(std::array::from_fn(|column| Self {
            start,
            per_step: 1.0 / step,
            values: rows.iter().map(|row| row[column]).collect(),
        }))
    }

    /// The same of one function.
    pub(super) fn new(
        start: f64,
        step: f64,
        n: u32,
        of: impl Fn(f64) -> Result<f64, LaneFault>,
    ) -> Result<Self, LaneFault> {
        let [curve] = Self::table(start, step, n, |x| Ok([of(x)?]))?;
        Ok(curve)
    }

    /// The same curve times a factor.
    pub(super) fn scaled(mut self, factor: f64) -> Self {
        for value in &mut self.values {
            *value *= factor;
        }
        self
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
