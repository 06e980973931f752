//! Counts drawn from their distributions.

use super::normal::Normal;
use super::truth::{BINS, CodewordErrors};

/// The mean from which [`binomial`] no longer inverts the distribution term by term.
///
/// There the error of the approximation, as the greatest difference between the distribution
/// functions, is [`APPROXIMATION_ERROR`]; it falls with the mean.
pub(super) const LARGE_MEAN: f64 = 32.0;

/// See [`LARGE_MEAN`].
#[cfg(test)]
pub(super) const APPROXIMATION_ERROR: f64 = 5e-4;

/// How many of `n` independent trials of chance `p` succeed, from 64 random bits. `n` is a whole
/// number below 2^53, and so is the result; `p` outside [0, 1] counts as the nearer end.
///
/// Below a mean of [`LARGE_MEAN`] the distribution is inverted from its upper tail, so that events
/// as rare as 2^-64 keep their chance. Above, the normal distribution with continuity correction
/// and the first term of Cornish and Fisher is inverted:
/// `k = floor(n p + s z + (1 - 2 p)(z^2 - 1)/6 + 1/2)` with `s^2 = n p (1 - p)`.
///
/// # Source
/// E. A. Cornish, R. A. Fisher, "Moments and cumulants in the specification of distributions",
/// Revue de l'Institut International de Statistique 5 (1938), the term of the third cumulant.
pub(super) fn binomial(n: f64, p: f64, bits: u64, normal: &Normal) -> f64 {
    if p > 0.5 {
        return n - fewer(n, 1.0 - p, bits, normal);
    }
    fewer(n, p, bits, normal)
}

/// [`binomial`] for `p` up to one half.
fn fewer(n: f64, p: f64, bits: u64, normal: &Normal) -> f64 {
    if !(n > 0.0 && p > 0.0) {
        return 0.0;
    }
    let mean = n * p;
    if mean < LARGE_MEAN {
        return inverted(n, p, bits);
    }
    let z = normal.deviate(bits);
    let skew = (1.0 - 2.0 * p) * (z * z - 1.0) / 6.0;
    let count = mean + (mean * (1.0 - p)).sqrt() * z + skew + 0.5;
    count.floor().clamp(0.0, n)
}

/// The greatest `k` whose upper tail `P[X >= k]` exceeds a uniform number.
fn inverted(n: f64, p: f64, bits: u64) -> f64 {
    let uniform = (bits as f64 + 0.5) / 2f64.powi(64);
    // P[X >= 1] <= n p, so most rare events are settled here.
    if uniform >= n * p {
        return 0.0;
    }
    // ln(1 - p); of small p the series, which ends below the last bit.
    let ln_right = if p < 1e-5 {
        -p * (1.0 + p * (0.5 + p * (1.0 / 3.0)))
    } else {
        (-p).ln_1p()
    };
    // The smaller of the two chances is the one that is computed.
    let ln_none = n * ln_right;
    let (mut tail, mut term) = if ln_none > -std::f64::consts::LN_2 {
        let tail = -ln_none.exp_m1();
        (tail, 1.0 - tail)
    } else {
        let term = ln_none.exp();
        (1.0 - term, term)
    };
    let odds = p / (1.0 - p);
    let mut count = 0.0;
    while uniform < tail && count < n {
        term *= (n - count) / (count + 1.0) * odds;
        tail -= term;
        count += 1.0;
        // Past the mean the terms fall; what is left of the tail is then rounding.
        if count > LARGE_MEAN && term < 1e-17 {
            break;
        }
    }
    count
}

/// Codewords by what happened to them, all from one draw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Codewords {
    /// Codewords with `k` corrected symbols.
    pub(super) bins: [f64; BINS],
    /// Codewords that could not be corrected.
    pub(super) uncorrected: f64,
}

impl Codewords {
    /// Sorts `n` codewords by their wrong symbols.
    ///
    /// Of the codewords with at least `k` wrong symbols those with more are binomial with the
    /// ratio of the two chances. The counts that follow are multinomial, and rare ones cost
    /// nothing when no codeword comes near them. `bits(k)` are independent random words.
    pub(super) fn draw(
        n: f64,
        errors: &CodewordErrors,
        bits: impl Fn(usize) -> u64,
        normal: &Normal,
    ) -> Self {
        let mut found = Self {
            bins: [0.0; BINS],
            uncorrected: 0.0,
        };
        let correctable = errors.correctable();
        let (mut at_least, mut chance) = (n, 1.0);
        for k in 0..=correctable {
            let more = errors.at_least(k + 1);
            let ratio = if chance > 0.0 { more / chance } else { 0.0 };
            let rest = binomial(at_least, ratio, bits(k), normal);
            found.bins[k] = at_least - rest;
            (at_least, chance) = (rest, more);
            if rest <= 0.0 {
                return found;
            }
        }
        found.uncorrected = at_least;
        found
    }

    /// Codewords with errors that were corrected.
    pub(super) fn corrected(&self) -> f64 {
        self.bins[1..].iter().sum()
    }

    /// Symbols corrected.
    pub(super) fn corrected_symbols(&self) -> f64 {
        let weighted = self.bins.iter().enumerate();
        weighted.map(|(k, count)| k as f64 * count).sum()
    }
}

#[cfg(test)]
mod tests {
    use link::fec::FecCode;
    use units::random::Draw;
    use units::special::normal_cdf;

    use super::*;
    use crate::sensors::CodewordModel;

    /// `P[X = k]` for k from 0 until the rest is negligible.
    fn exact(n: f64, p: f64) -> Vec<f64> {
        let ln_choose = |k: f64| ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k);
        let mean = n * p;
        let last = (mean + 12.0 * mean.sqrt() + 30.0).min(n).floor();
        let mut terms = Vec::new();
        let mut k = 0.0;
        while k <= last {
            terms.push((ln_choose(k) + k * p.ln() + (n - k) * (-p).ln_1p()).exp());
            k += 1.0;
        }
        terms
    }

    /// Stirling's series beyond 20, exact sums below.
    fn ln_factorial(n: f64) -> f64 {
        if n < 20.0 {
            let mut product = 1.0;
            let mut k = 2.0;
            while k <= n {
                product *= k;
                k += 1.0;
            }
            return product.ln();
        }
        let inverse = 1.0 / n;
        n * n.ln() - n
            + 0.5 * (2.0 * std::f64::consts::PI * n).ln()
            + inverse / 12.0 * (1.0 - inverse * inverse / 30.0)
    }

    /// Pearson's statistic of `n_draws` draws against the exact distribution, in standard
    /// deviations of its chi-square distribution by Wilson and Hilferty.
    fn misfit(n: f64, p: f64, n_draws: u64) -> f64 {
        let normal = Normal::new();
        let draw = Draw::new(11, "lane", &format!("{n} {p}"));
        let terms = exact(n, p);
        let mut seen = vec![0.0; terms.len()];
        for tick in 0..n_draws {
            let count = binomial(n, p, draw.bits(tick), &normal);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a count of at most the length of the table"
            )]
            let place = count as usize;
            seen[place.min(terms.len() - 1)] += 1.0;
        }
        // Cells of at least ten expected draws each.
        let (mut statistic, mut n_cells) = (0.0, 0.0);
        let (mut expected, mut found) = (0.0, 0.0);
        let mut left = n_draws as f64;
        for (term, seen) in terms.iter().zip(seen) {
            expected += term * n_draws as f64;
            found += seen;
            if expected >= 10.0 && left - expected >= 10.0 {
                statistic += (found - expected) * (found - expected) / expected;
                n_cells += 1.0;
                left -= expected;
                (expected, found) = (0.0, 0.0);
            }
        }
        // What is left over is the last cell.
        statistic += (found - left) * (found - left) / left;
        let freedom: f64 = n_cells;
        assert!(freedom >= 1.0);
        let spread = 2.0 / (9.0 * freedom);
        ((statistic / freedom).cbrt() - (1.0 - spread)) / spread.sqrt()
    }

    #[test]
    fn small_means_follow_the_exact_distribution() {
        // Four standard deviations: once in 30,000 for other seeds.
        for (n, p) in [
            (1e10, 1e-11),
            (1e10, 1e-10),
            (1e9, 3e-9),
            (1e7, 3e-6),
            (40.0, 0.3),
            (12.0, 0.5),
            (30.0, 0.9),
        ] {
            let misfit = misfit(n, p, 200_000);
            assert!(misfit < 4.0, "{n} {p}: {misfit}");
        }
    }

    #[test]
    fn the_switch_to_the_normal_distribution_costs_what_is_stated() {
        for (n, p) in [(3.2e9, 1e-8), (64.0, 0.5), (320.0, 0.1)] {
            let (mean, sigma) = (n * p, (n * p * (1.0f64 - p)).sqrt());
            let mut sum = 0.0;
            let mut worst: f64 = 0.0;
            for (k, term) in exact(n, p).iter().enumerate() {
                sum += term;
                // The deviate at which the count passes k, by bisection.
                let (mut low, mut high) = (-9.0, 9.0);
                for _ in 0..80 {
                    let z: f64 = 0.5 * (low + high);
                    let skew = (1.0 - 2.0 * p) * (z * z - 1.0) / 6.0;
                    let next = mean + sigma * z + skew + 0.5;
                    if next < k as f64 + 1.0 {
                        low = z;
                    } else {
                        high = z;
                    }
                }
                worst = worst.max((normal_cdf(low) - sum).abs());
            }
            assert!(worst < APPROXIMATION_ERROR, "{n} {p}: {worst:e}");
        }
        assert!((LARGE_MEAN - 32.0).abs() < 0.5);
    }

    #[test]
    fn large_means_have_the_moments_of_the_distribution() {
        let normal = Normal::new();
        for (n, p) in [(1e10, 1e-4), (1e10, 2.4e-4), (1e6, 0.5), (1e5, 0.999)] {
            let draw = Draw::new(5, "lane", &format!("{n} {p}"));
            let n_draws = 100_000u32;
            let (mut sum, mut square) = (0.0, 0.0);
            let (mean, variance) = (n * p, n * p * (1.0 - p));
            for tick in 0..n_draws {
                let count = binomial(n, p, draw.bits(tick.into()), &normal);
                assert!(count.fract() == 0.0 && (0.0..=n).contains(&count));
                sum += count - mean;
                square += (count - mean) * (count - mean);
            }
            let n_draws = f64::from(n_draws);
            // Four standard errors, and the twelfth of rounding to whole numbers.
            assert!(
                (sum / n_draws).abs() < 4.0 * (variance / n_draws).sqrt(),
                "{n} {p}"
            );
            let error = square / n_draws - variance;
            assert!(
                error.abs() < 4.0 * variance * (2.0 / n_draws).sqrt() + 0.1,
                "{n} {p}"
            );
        }
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "whole numbers are exact")]
    fn ends_and_rare_events() {
        let normal = Normal::new();
        for bits in [0, 1, u64::MAX, 1 << 40] {
            assert_eq!(binomial(0.0, 0.3, bits, &normal), 0.0);
            assert_eq!(binomial(1e9, 0.0, bits, &normal), 0.0);
            assert_eq!(binomial(1e9, 1.0, bits, &normal), 1e9);
            let few = binomial(31.0, 0.99, bits, &normal);
            assert!((0.0..=31.0).contains(&few));
        }
        // The rarest word is still a count that has its chance, not one of rounding.
        assert!(binomial(1e10, 1e-10, 0, &normal) < 25.0);
        assert!(binomial(1e10, 3e-9, 0, &normal) < 100.0);
        // One error in 1e15 bits: about one word in a million.
        let threshold = 2f64.powi(64) * 1e-6;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a word below 2^64"
        )]
        let (below, above) = ((threshold * 0.999) as u64, (threshold * 1.001) as u64);
        assert_eq!(binomial(1e9, 1e-15, below, &normal), 1.0);
        assert_eq!(binomial(1e9, 1e-15, above, &normal), 0.0);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "whole numbers are exact")]
    fn codewords_are_shared_out_by_their_chances() {
        let normal = Normal::new();
        let model = CodewordModel::new(FecCode::Kp4).unwrap();
        let n = 1e5;
        let errors = model.errors(n, 0.02);
        let n_draws = 2000u32;
        let mut sums = [0.0; BINS + 1];
        for tick in 0..n_draws {
            let word = |k| Draw::new(1, "port", &format!("{k}")).bits(tick.into());
            let found = Codewords::draw(n, &errors, word, &normal);
            let total: f64 = found.bins.iter().sum::<f64>() + found.uncorrected;
            assert_eq!(total, n);
            for (sum, count) in sums
                .iter_mut()
                .zip(found.bins.iter().chain([&found.uncorrected]))
            {
                *sum += count;
            }
        }
        let n_draws = f64::from(n_draws);
        for (k, sum) in sums.iter().enumerate() {
            let chance = if k < BINS {
                errors.at_least(k) - errors.at_least(k + 1)
            } else {
                errors.uncorrectable()
            };
            let expected = n * chance * n_draws;
            let error = (sum - expected).abs();
            // Four standard errors, one count, and the stated error of the approximation.
            let allowed = 4.0 * expected.sqrt() + 1.0;
            assert!(error < allowed, "{k}: {sum} {expected}");
        }
    }
}
