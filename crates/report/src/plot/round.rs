//! Round numbers along a scale.

/// Round numbers within a range.
pub(super) struct Round {
    low: f64,
    high: f64,
    step: f64,
    digits: usize,
}

impl Round {
    /// About `n` of them.
    pub(super) fn within(low: f64, high: f64, n: f64) -> Self {
        let rough = (high - low) / n;
        let power = rough.log10().floor();
        let scale = 10f64.powf(power);
        let step = [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .find(|step| step * scale >= rough * (1.0 - 1e-9))
            .unwrap_or(10.0)
            * scale;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a small positive count"
        )]
        let digits = (-step.log10().floor()).clamp(0.0, 9.0) as usize;
        Self {
            low,
            high,
            step,
            digits,
        }
    }

    /// From the lowest.
    pub(super) fn ticks(&self) -> Vec<f64> {
        let first = (self.low / self.step - 1e-9).ceil();
        let mut ticks = Vec::new();
        let mut n = 0.0;
        loop {
            let tick = (first + n) * self.step;
            if tick > self.high + 1e-9 * self.step || n > 100.0 {
                return ticks;
            }
            ticks.push(tick);
            n += 1.0;
        }
    }

    /// A number with as many digits as the ticks need.
    pub(super) fn label(&self, value: f64) -> String {
        crate::words::decimal(value, self.digits).replace('-', "−")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_ticks_lie_within_the_range() {
        let labels = |low: f64, high: f64, n: f64| -> Vec<String> {
            let round = Round::within(low, high, n);
            round.ticks().iter().map(|t| round.label(*t)).collect()
        };
        assert_eq!(labels(41.3, 87.2, 5.0), ["50", "60", "70", "80"]);
        assert_eq!(labels(0.0, 1.0, 4.0), ["0.0", "0.5", "1.0"]);
        assert_eq!(labels(-0.31, 0.12, 4.0), ["−0.2", "0.0"]);
    }
}
