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
    /// The quantiles of some numbers, interpolated between neighbours; none of no numbers. Numbers
    /// may be infinite: a quantile at a finite one is that, and one that is drawn to an infinite
    /// one is infinite.
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
            between(values[low], values[high], place - place.floor())
        };
        Some(Self {
            p5: at(0.05),
            p50: at(0.5),
            p95: at(0.95),
        })
    }
}

/// The number at a share of the way from one to another that is not less.
pub(crate) fn between(low: f64, high: f64, weight: f64) -> f64 {
    // What is drawn to minus infinity at all is there; no arithmetic of infinities.
    if weight <= 0.0 || low.is_infinite() {
        low
    } else {
        low + weight * (high - low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_linearly_between_neighbours() {
        let found = Quantiles::of((0..=10).rev().map(f64::from).collect()).unwrap();
        assert!((found.p5 - 0.5).abs() < 1e-12);
        assert!((found.p50 - 5.0).abs() < 1e-12);
        assert!((found.p95 - 9.5).abs() < 1e-12);
        assert_eq!(Quantiles::of(Vec::new()), None);
        let one = Quantiles::of(vec![7.0]).unwrap();
        assert!(one.p5 >= 7.0 && one.p95 <= 7.0);
    }

    #[test]
    fn infinite_numbers_leave_finite_quantiles_alone_and_never_give_nan() {
        // Of 21 the fifth percentile is the second, the ninety-fifth the last but one.
        let mut values: Vec<f64> = (0..21).map(f64::from).collect();
        (values[0], values[20]) = (f64::NEG_INFINITY, f64::INFINITY);
        let found = Quantiles::of(values.clone()).unwrap();
        assert!((found.p5 - 1.0).abs() < 1e-12 && (found.p95 - 19.0).abs() < 1e-12);
        (values[1], values[19]) = (f64::NEG_INFINITY, f64::INFINITY);
        let found = Quantiles::of(values).unwrap();
        assert!(found.p5.is_infinite() && found.p5 < 0.0);
        assert!(found.p95.is_infinite() && found.p95 > 0.0);
        // Between a finite and an infinite one.
        let found = Quantiles::of(vec![f64::NEG_INFINITY, 1.0, 2.0, f64::INFINITY]).unwrap();
        assert!(found.p5.is_infinite() && found.p95.is_infinite());
        assert!((found.p50 - 1.5).abs() < 1e-12);
    }
}
