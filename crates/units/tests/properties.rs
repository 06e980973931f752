//! Round trips and inverses.

use proptest::prelude::*;
use units::special::{normal_cdf, normal_quantile};
use units::{DbMilliwatts, Decibels, Dimension, Spread, Watts, format_si, parse_in};

proptest! {
    #[test]
    fn printed_quantities_read_back(
        index in 0..Dimension::ALL.len(),
        mantissa in -9.0..9.0f64,
        exponent in -14i32..14,
    ) {
        let dimension = Dimension::ALL[index];
        // Held values are printed to nine significant digits of the chosen unit.
        let si = mantissa * 10f64.powi(exponent);
        let text = format_si(dimension, si);
        let back = parse_in(dimension, &text).unwrap();
        prop_assert!((back - si).abs() <= 2e-8 * si.abs() + 1e-300, "{dimension:?}: {si} -> {text} -> {back}");
    }

    #[test]
    fn any_text_is_refused_or_finite(text in "\\PC*") {
        for &dimension in Dimension::ALL {
            if let Ok(value) = parse_in(dimension, &text) {
                prop_assert!(value.is_finite());
            }
            let _ = Spread::parse(dimension, 1.0, &text);
        }
    }

    #[test]
    fn quantile_inverts_the_distribution(p in 1e-12..1.0f64) {
        let back = normal_cdf(normal_quantile(p));
        prop_assert!((back - p).abs() <= 1e-13 * p + 2e-16);
    }

    #[test]
    fn level_arithmetic_is_multiplication(dbm in -60.0..40.0f64, db in -60.0..60.0f64) {
        let sum = (DbMilliwatts::new(dbm) + Decibels::new(db)).to_watts();
        let product: Watts = DbMilliwatts::new(dbm).to_watts() * Decibels::new(db).to_ratio();
        prop_assert!((sum / product - 1.0).abs() < 1e-12);
    }

    #[test]
    fn quantiles_rise(p in 0.01..0.98f64, sigma in 0.01..3.0f64, samples in prop::collection::vec(-1e3..1e3f64, 1..50)) {
        let (median, measured) = Spread::empirical(samples.clone()).expect("finite samples");
        let least = samples.iter().copied().fold(f64::INFINITY, f64::min);
        let most = samples.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        prop_assert!((least..=most).contains(&measured.quantile(median, p)));
        for spread in [
            measured,
            Spread::Normal { sigma },
            Spread::Truncated { sigma, low: 0.5, high: 2.5 },
            Spread::Uniform { low: 1.0 - sigma, high: 1.0 + sigma },
            Spread::Lognormal { sigma_ln: sigma },
        ] {
            prop_assert!(spread.quantile(1.0, p) <= spread.quantile(1.0, p + 0.01));
        }
    }
}
