//! Tail probabilities of the levels, where thresholds lie, and sums over all transitions.

use units::special::ln_normal_tail;

use crate::density::DiscreteDensity;
use crate::levels::Modulation;
use crate::noise::NoiseTerms;

/// One level as the decision sees it.
#[derive(Debug, Clone)]
pub(crate) struct LevelState {
    pub(crate) current_a: f64,
    pub(crate) noise: NoiseTerms,
    /// Gaussian part, with the interferers that are not averaged exactly.
    pub(crate) sigma_a: f64,
    pub(crate) sigma_without_rest_a: f64,
    /// Largest possible sum of those interferers, when it caps their tails.
    pub(crate) rest_peak_a: Option<f64>,
    pub(crate) bounded: DiscreteDensity,
}

impl LevelState {
    pub(crate) fn total_sigma_a(&self) -> f64 {
        self.noise.total_a2().sqrt()
    }

    /// `ln P(y > t)`; with `sign = -1`, `ln P(y < t)`.
    fn ln_tail(&self, threshold_a: f64, sign: f64) -> f64 {
        let distance_a = sign * (threshold_a - self.current_a);
        let over = |sigma_a: f64, shift_a: f64| {
            ln_sum(
                self.bounded
                    .atoms()
                    .map(|(d, w)| w.ln() + ln_tail_of(distance_a - sign * d - shift_a, sigma_a)),
            )
        };
        let gaussian = over(self.sigma_a, 0.0);
        match self.rest_peak_a {
            None => gaussian,
            Some(peak_a) => gaussian.min(over(self.sigma_without_rest_a, peak_a)),
        }
    }

    /// Logarithm of the density at `t`, up to a constant common to all levels.
    fn ln_density(&self, t: f64) -> f64 {
        ln_sum(self.bounded.atoms().map(|(d, w)| {
            w.ln() - 0.5 * ((t - self.current_a - d) / self.sigma_a).powi(2) - self.sigma_a.ln()
        }))
    }
}

/// `ln Q(distance / sigma)`; a step when sigma is zero, with one half at the step.
fn ln_tail_of(distance_a: f64, sigma_a: f64) -> f64 {
    if sigma_a > 0.0 {
        ln_normal_tail(distance_a / sigma_a)
    } else if distance_a > 0.0 {
        f64::NEG_INFINITY
    } else if distance_a < 0.0 {
        0.0
    } else {
        0.5f64.ln()
    }
}

fn ln_sum(terms: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = terms.clone().fold(f64::NEG_INFINITY, f64::max);
    if largest == f64::NEG_INFINITY {
        return largest;
    }
    largest + terms.map(|t| (t - largest).exp()).sum::<f64>().ln()
}

/// Crossing of two normal densities, in a form without cancellation for equal sigmas:
///
/// ```text
/// t - I_0 = s0 (d^2 + 2 L s1^2) / (d s0 + s1 sqrt(d^2 + 2 L (s1^2 - s0^2))),  L = ln(s1/s0)
/// ```
///
/// The radicand is never negative. A crossing outside the two levels (an eye that is closed) is
/// moved to the nearer level, so that thresholds stay in order.
#[inline]
pub(crate) fn crossing(opening: f64, s0: f64, s1: f64) -> f64 {
    if s0 > 0.0 && s1 > 0.0 {
        let l2 = 2.0 * (s1 / s0).ln();
        let square = opening * opening;
        let root = (square + l2 * (s1 - s0) * (s1 + s0)).sqrt();
        let bottom = opening * s0 + s1 * root;
        if bottom <= 0.0 {
            // Two equal densities cross everywhere.
            return 0.5 * opening;
        }
        (s0 * (square + l2 * s1 * s1) / bottom).clamp(0.0, opening)
    } else if s0 + s1 > 0.0 {
        opening * s0 / (s0 + s1)
    } else {
        0.5 * opening
    }
}

pub(crate) fn gaussian_crossing(low: &LevelState, high: &LevelState) -> f64 {
    let opening_a = high.current_a - low.current_a;
    low.current_a + crossing(opening_a, low.total_sigma_a(), high.total_sigma_a())
}

/// Bisection on the ratio of the two densities; the Gaussian crossing where it has no sign change.
pub(crate) fn density_crossing(low: &LevelState, high: &LevelState) -> f64 {
    if low.sigma_a <= 0.0 || high.sigma_a <= 0.0 {
        return gaussian_crossing(low, high);
    }
    let ratio = |t: f64| high.ln_density(t) - low.ln_density(t);
    let (mut a, mut b) = (low.current_a, high.current_a);
    if ratio(a) >= 0.0 || ratio(b) <= 0.0 {
        return gaussian_crossing(low, high);
    }
    for _ in 0..60 {
        let middle = f64::midpoint(a, b);
        if ratio(middle) < 0.0 {
            a = middle;
        } else {
            b = middle;
        }
    }
    f64::midpoint(a, b)
}

/// Logarithms of the probabilities above and below each threshold, for each level.
pub(crate) struct Tails {
    ln_above: Vec<Vec<f64>>,
    ln_below: Vec<Vec<f64>>,
}

impl Tails {
    pub(crate) fn new(states: &[LevelState], thresholds_a: &[f64]) -> Self {
        let table = |sign: f64| {
            states
                .iter()
                .map(|s| thresholds_a.iter().map(|&t| s.ln_tail(t, sign)).collect())
                .collect()
        };
        Self {
            ln_above: table(1.0),
            ln_below: table(-1.0),
        }
    }

    pub(crate) fn symbol_error_ratio(&self) -> f64 {
        let n = self.ln_above.len();
        let mut sum = 0.0;
        for k in 0..n {
            if k + 1 < n {
                sum += self.ln_above[k][k].exp();
            }
            if k > 0 {
                sum += self.ln_below[k][k - 1].exp();
            }
        }
        sum / n as f64
    }

    /// Gray-coded sums over all transitions, written with tails; a term with a minus sign is a
    /// part of one with a plus sign.
    pub(crate) fn ln_bit_error_ratio(&self, modulation: Modulation) -> f64 {
        let (a, b) = (&self.ln_above, &self.ln_below);
        let (plus, minus): (Vec<f64>, Vec<f64>) = match modulation {
            Modulation::Nrz => (vec![a[0][0], b[1][0]], vec![]),
            Modulation::Pam4 => (
                vec![
                    a[0][0], a[0][1], b[1][0], a[1][1], a[1][2], b[2][0], b[2][1], a[2][2],
                    b[3][1], b[3][2],
                ],
                vec![a[0][2], b[3][0]],
            ),
        };
        let largest = plus.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if largest == f64::NEG_INFINITY {
            return largest;
        }
        let sum = |terms: &[f64]| terms.iter().map(|t| (t - largest).exp()).sum::<f64>();
        let n = (modulation.n_levels() * modulation.bits_per_symbol()) as f64;
        largest + ((sum(&plus) - sum(&minus)) / n).ln()
    }
}
