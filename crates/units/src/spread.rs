//! How a value varies from part to part.

use std::sync::Arc;

use crate::special::{normal_cdf, normal_quantile};
use crate::text::{split_number, unit_list};
use crate::{Dimension, ParseError, format_si, parse_in};

/// The distribution of a value round its nominal one. Numbers are in the unit that the value's
/// newtype holds; a level spreads in decibels, a temperature in kelvin.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Spread {
    /// Always the nominal value.
    #[default]
    Exact,
    /// Normal with the nominal value as mean.
    Normal {
        /// Standard deviation.
        sigma: f64,
    },
    /// Normal with the nominal value as mean, cut to an interval.
    Truncated {
        /// Standard deviation of the uncut distribution.
        sigma: f64,
        /// Least value.
        low: f64,
        /// Greatest value.
        high: f64,
    },
    /// Equally likely between two values.
    Uniform {
        /// Least value.
        low: f64,
        /// Greatest value.
        high: f64,
    },
    /// Lognormal with the nominal value as median.
    Lognormal {
        /// Standard deviation of the natural logarithm.
        sigma_ln: f64,
    },
    /// As measured: the quantile function runs linearly between the sorted samples, and never
    /// beyond the extremes. See [`Spread::empirical`].
    Empirical {
        /// The samples, rising; at least one.
        samples: Arc<[f64]>,
    },
}

impl Spread {
    /// The distribution of measured samples, and their median.
    ///
    /// The `k`-th of `n` sorted samples, counted from zero, is the quantile `k / (n - 1)`; between
    /// them the quantile is linear (type 7). Its range is that of the samples: what is rarer than
    /// one in `n` parts is not in them. `None` without a sample, or when one is not finite.
    ///
    /// # Source
    /// R. J. Hyndman, Y. Fan, "Sample quantiles in statistical packages", The American Statistician
    /// 50 (1996), definition 7.
    pub fn empirical(mut samples: Vec<f64>) -> Option<(f64, Self)> {
        if samples.is_empty() || !samples.iter().all(|x| x.is_finite()) {
            return None;
        }
        samples.sort_by(f64::total_cmp);
        let median = sample_quantile(&samples, 0.5);
        let samples = Arc::from(samples);
        Some((median, Self::Empirical { samples }))
    }

    /// The `p` quantile of a value with this nominal value, for `p` in (0, 1).
    pub fn quantile(&self, nominal: f64, p: f64) -> f64 {
        match self {
            Self::Exact => nominal,
            Self::Normal { sigma } => nominal + sigma * normal_quantile(p),
            &Self::Truncated { sigma, low, high } => {
                let below = normal_cdf((low - nominal) / sigma);
                let above = normal_cdf((high - nominal) / sigma);
                let x = nominal + sigma * normal_quantile(below + p * (above - below));
                x.clamp(low, high)
            }
            Self::Uniform { low, high } => low + p * (high - low),
            Self::Lognormal { sigma_ln } => nominal * (sigma_ln * normal_quantile(p)).exp(),
            Self::Empirical { samples } => sample_quantile(samples, p),
        }
    }

    /// Whether the value never varies.
    pub fn is_exact(&self) -> bool {
        matches!(self, Self::Exact)
    }

    /// Reads a spread of a value of dimension `dimension` whose nominal value is `nominal`.
    ///
    /// Forms: `normal S`, `normal S within A .. B`, `uniform H` (plus or minus H), `+-H`,
    /// `range A .. B`, `lognormal P %`. S and H are absolute with a unit, or per cent of the
    /// nominal value where that has a natural zero. The interval from A to B contains the nominal
    /// value.
    ///
    /// # Errors
    /// The text has another form, a wrong unit, a negative width, an empty interval, or one that
    /// leaves out the nominal value.
    pub fn parse(dimension: Dimension, nominal: f64, text: &str) -> Result<Self, ParseError> {
        let bad = || ParseError::NotASpread {
            found: text.to_owned(),
        };
        let trimmed = text.trim();
        if trimmed == "exact" {
            return Ok(Self::Exact);
        }
        let (kind, rest) = match trimmed.strip_prefix("+-").or(trimmed.strip_prefix("±")) {
            Some(rest) => ("uniform", rest.trim()),
            None => trimmed.split_once(' ').ok_or_else(bad)?,
        };
        let width = |text: &str| Self::width(dimension, nominal, text);
        let interval = |text: &str| -> Result<(f64, f64), ParseError> {
            let (low, high) = text.split_once("..").ok_or_else(bad)?;
            let (low, high) = (parse_in(dimension, low)?, parse_in(dimension, high)?);
            if low >= high {
                return Err(bad());
            }
            if !(low..=high).contains(&nominal) {
                return Err(ParseError::SpreadWithoutNominal {
                    nominal: format_si(dimension, nominal),
                    found: text.to_owned(),
                });
            }
            Ok((low, high))
        };
        let spread = match kind {
            "normal" => match rest.split_once(" within ") {
                None => Self::Normal {
                    sigma: width(rest)?,
                },
                Some((sigma, limits)) => {
                    let (low, high) = interval(limits)?;
                    let sigma = width(sigma)?;
                    if sigma <= 0.0 {
                        return Err(bad());
                    }
                    Self::Truncated { sigma, low, high }
                }
            },
            "uniform" => {
                let half = width(rest)?;
                Self::Uniform {
                    low: nominal - half,
                    high: nominal + half,
                }
            }
            "range" => {
                let (low, high) = interval(rest)?;
                Self::Uniform { low, high }
            }
            "lognormal" => {
                if nominal <= 0.0 || !dimension.has_natural_zero() {
                    return Err(bad());
                }
                match split_number(rest) {
                    Some((percent, "%")) if percent >= 0.0 => Self::Lognormal {
                        sigma_ln: (percent / 100.0).ln_1p(),
                    },
                    _ => return Err(bad()),
                }
            }
            _ => return Err(bad()),
        };
        Ok(spread)
    }

    /// A width: per cent of the nominal value, or absolute.
    fn width(dimension: Dimension, nominal: f64, text: &str) -> Result<f64, ParseError> {
        let difference = dimension.of_difference();
        let width = match split_number(text.trim()) {
            Some((percent, "%")) if dimension != Dimension::Ratio => {
                if !dimension.has_natural_zero() {
                    return Err(ParseError::RelativeSpread {
                        dimension,
                        units: unit_list(difference),
                        found: text.to_owned(),
                    });
                }
                nominal.abs() * percent / 100.0
            }
            // A fraction such as an efficiency spreads by per cent of itself too.
            Some((percent, "%")) => nominal.abs() * percent / 100.0,
            // The relative intensity noise of a laser varies by decibels.
            Some((number, "dB")) if dimension == Dimension::RelativeIntensityNoise => number,
            _ => parse_in(difference, text)?,
        };
        if width >= 0.0 && width.is_finite() {
            Ok(width)
        } else {
            Err(ParseError::NotASpread {
                found: text.to_owned(),
            })
        }
    }
}

/// The `p` quantile of rising samples, linear between them.
fn sample_quantile(samples: &[f64], p: f64) -> f64 {
    let last = samples.len() - 1;
    let place = p.clamp(0.0, 1.0) * last as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the place lies between zero and the number of samples"
    )]
    let below = (place.floor() as usize).min(last);
    let above = (below + 1).min(last);
    let (low, high) = (samples[below], samples[above]);
    (low + (place - below as f64) * (high - low)).clamp(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_have_their_own_quantiles_and_no_others() {
        let (median, spread) = Spread::empirical(vec![3.0, 1.0, 2.0, 6.0, 4.0]).unwrap();
        assert!((median - 3.0).abs() < 1e-15);
        // Sorted 1, 2, 3, 4, 6 at 0, 1/4, 1/2, 3/4, 1.
        for (p, expected) in [
            (1e-12, 1.0),
            (0.25, 2.0),
            (0.375, 2.5),
            (0.5, 3.0),
            (0.75, 4.0),
            (0.875, 5.0),
            (1.0 - 1e-12, 6.0),
        ] {
            let found = spread.quantile(3.0, p);
            assert!((found - expected).abs() < 1e-10, "{p}: {found}");
        }
        for p in [0.0, 1e-300, 1.0] {
            assert!((1.0..=6.0).contains(&spread.quantile(3.0, p)), "{p}");
        }
        let (even, _) = Spread::empirical(vec![1.0, 2.0]).unwrap();
        assert!((even - 1.5).abs() < 1e-15);
        let (one, alone) = Spread::empirical(vec![7.0]).unwrap();
        assert!((alone.quantile(one, 0.3) - 7.0).abs() < 1e-15);
        assert!(Spread::empirical(vec![]).is_none());
        assert!(Spread::empirical(vec![1.0, f64::NAN]).is_none());
        assert!(Spread::empirical(vec![1.0, f64::INFINITY]).is_none());
    }

    #[test]
    fn forms_are_read() {
        let energy = |text| Spread::parse(Dimension::EnergyPerBit, 5e-12, text);
        assert_eq!(
            energy("range 4 pJ/bit .. 6 pJ/bit").unwrap(),
            Spread::Uniform {
                low: 4e-12,
                high: 6e-12
            }
        );
        let Spread::Uniform { low, high } = energy("+-10 %").unwrap() else {
            panic!()
        };
        assert!((low - 4.5e-12).abs() < 1e-24 && (high - 5.5e-12).abs() < 1e-24);
        let level = |text| Spread::parse(Dimension::PowerLevel, 20.0, text);
        assert_eq!(
            level("uniform 1.5 dB").unwrap(),
            Spread::Uniform {
                low: 18.5,
                high: 21.5
            }
        );
        assert!(matches!(
            level("normal 5 %"),
            Err(ParseError::RelativeSpread { .. })
        ));
        // A deviation of 20 % upwards is one of a factor of 1.2 either way.
        let lognormal = energy("lognormal 20 %").unwrap();
        assert!(matches!(lognormal, Spread::Lognormal { .. }));
        let deviation = crate::special::normal_cdf(1.0);
        assert!((lognormal.quantile(5e-12, deviation) / 6e-12 - 1.0).abs() < 1e-12);
        assert!((lognormal.quantile(5e-12, 1.0 - deviation) / (5e-12 / 1.2) - 1.0).abs() < 1e-12);
        assert!(level("lognormal 20 %").is_err());
        assert!(level("gauss 1 dB").is_err());
        assert!(level("normal -1 dB").is_err());
        assert!(level("range 3 dBm .. 1 dBm").is_err());
    }

    #[test]
    fn an_interval_contains_the_nominal_value() {
        let energy = |nominal: f64, text| Spread::parse(Dimension::EnergyPerBit, nominal, text);
        for text in [
            "range 4 pJ/bit .. 6 pJ/bit",
            "normal 1 pJ/bit within 4 pJ/bit .. 6 pJ/bit",
        ] {
            for inside in [4e-12, 5e-12, 6e-12] {
                assert!(energy(inside, text).is_ok(), "{inside} in {text}");
            }
            for outside in [3.9e-12, 6.1e-12, f64::NAN] {
                assert!(
                    matches!(
                        energy(outside, text),
                        Err(ParseError::SpreadWithoutNominal { .. })
                    ),
                    "{outside} in {text}"
                );
            }
        }
        assert_eq!(
            energy(7e-12, "range 4 pJ/bit .. 6 pJ/bit")
                .unwrap_err()
                .to_string(),
            "the interval \"4 pJ/bit .. 6 pJ/bit\" does not contain the nominal value 7 pJ/bit"
        );
    }

    #[test]
    fn medians_and_limits() {
        let truncated = Spread::Truncated {
            sigma: 1.0,
            low: 0.0,
            high: 2.0,
        };
        assert!((truncated.quantile(1.0, 0.5) - 1.0).abs() < 1e-12);
        assert!(truncated.quantile(1.0, 1e-12) >= 0.0);
        // The nominal value at an end leaves half the normal distribution: its quantile p is that
        // of (1 + p) / 2, far into the tail too, where the cut is at ten deviations.
        let half = Spread::Truncated {
            sigma: 2.0,
            low: 3.0,
            high: 23.0,
        };
        for p in [1e-9, 0.05, 0.5, 0.95, 1.0 - 1e-9] {
            let expected = 3.0 + 2.0 * normal_quantile(0.5 + 0.5 * p);
            assert!((half.quantile(3.0, p) - expected).abs() < 1e-6, "{p}");
        }
        for p in [0.0, 1.0] {
            assert!((3.0..=23.0).contains(&half.quantile(3.0, p)), "{p}");
        }
        assert!((Spread::Lognormal { sigma_ln: 0.3 }.quantile(7.0, 0.5) - 7.0).abs() < 1e-12);
        assert!(
            (Spread::Normal { sigma: 2.0 }.quantile(1.0, 0.975) - 4.919_927_969_080_108).abs()
                < 1e-12
        );
    }
}
