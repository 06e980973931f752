//! Ranges instead of points.

/// The fifth, fiftieth and ninety-fifth percentile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantiles {
    /// Fifth percentile.
    pub p5: f64,
    /// Median.
    pub p50: f64,
    /// Ninety-fifth percentile.
    pub p95: f64,
}

impl Quantiles {
    /// The quantiles of some numbers, interpolated between neighbours; none of no numbers.
    pub fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let last = values.len().checked_sub(1)?;
        let at = |p: f64| {
            let place = p * last as f64;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a place in a list"
            )]
            let low = place.floor() as usize;
            let high = (low + 1).min(last);
            values[low] + (place - place.floor()) * (values[high] - values[low])
        };
        Some(Self {
            p5: at(0.05),
            p50: at(0.5),
            p95: at(0.95),
        })
    }
}
