//! Discrete densities of bounded disturbances: intersymbol interference and beat terms.

use std::f64::consts::PI;

/// More atoms than this are merged onto a grid.
pub const MAX_ATOMS: usize = 4096;

/// A density made of weighted points, in the unit of its offsets. Weights sum to one.
#[derive(Debug, Clone, PartialEq)]
pub struct DiscreteDensity {
    offset: Vec<f64>,
    weight: Vec<f64>,
}

impl Default for DiscreteDensity {
    fn default() -> Self {
        Self {
            offset: vec![0.0],
            weight: vec![1.0],
        }
    }
}

impl DiscreteDensity {
    /// Equally likely points.
    pub fn uniform(offsets: impl IntoIterator<Item = f64>) -> Self {
        let offset: Vec<f64> = offsets.into_iter().collect();
        if offset.is_empty() {
            return Self::default();
        }
        let weight = vec![1.0 / offset.len() as f64; offset.len()];
        Self { offset, weight }
    }

    /// Sum over independent symbols, each with equally likely `deviation`s from the mean, seen
    /// with the cursor `taps`.
    pub fn of_cursors(deviation: &[f64], taps: &[f64]) -> Self {
        taps.iter().fold(Self::default(), |sum, &tap| {
            sum.convolve(&Self::uniform(deviation.iter().map(|d| d * tap)), MAX_ATOMS)
        })
    }

    /// `amplitude cos(phi)` with uniform phase, replaced by `n` points of equal weight at
    /// `amplitude cos((2 i - 1) pi / 2 n)`: Gauss-Chebyshev quadrature over the arcsine density,
    /// exact for polynomials up to degree `2 n - 1`.
    ///
    /// # Source
    /// Abramowitz and Stegun, Handbook of Mathematical Functions, 25.4.38.
    pub fn arcsine(amplitude: f64, n: usize) -> Self {
        Self::uniform((0..n).map(|i| amplitude * ((2 * i + 1) as f64 * PI / (2 * n) as f64).cos()))
    }

    /// The equally likely mixture of densities.
    pub fn mixture(parts: &[Self]) -> Self {
        let share = 1.0 / parts.len() as f64;
        Self {
            offset: parts
                .iter()
                .flat_map(|p| p.offset.iter().copied())
                .collect(),
            weight: parts
                .iter()
                .flat_map(|p| p.weight.iter().map(|w| w * share))
                .collect(),
        }
    }

    /// Density of the sum of two independent disturbances, with at most `max_atoms` points.
    ///
    /// The product of the points is exact while it stays within `max_atoms`; beyond, points are
    /// merged (see [`DiscreteDensity::merged`]).
    #[must_use]
    pub fn convolve(&self, other: &Self, max_atoms: usize) -> Self {
        let mut sum = Self {
            offset: Vec::with_capacity(self.len() * other.len()),
            weight: Vec::with_capacity(self.len() * other.len()),
        };
        for (a, u) in self.atoms() {
            for (b, v) in other.atoms() {
                sum.offset.push(a + b);
                sum.weight.push(u * v);
            }
        }
        sum.merged(max_atoms)
    }

    /// The density with at most `max_atoms` points.
    ///
    /// The support is cut into `max_atoms` cells of width h, and the points of a cell become one
    /// at their mean. The mean is kept; the tail `Q((x - d)/sigma)` is changed by a relative
    /// `(x h / 2 sigma^2)^2 / 2` at most, to leading order in h.
    #[must_use]
    pub fn merged(self, max_atoms: usize) -> Self {
        if self.len() <= max_atoms {
            return self;
        }
        let (low, high) = self.support();
        let scale = max_atoms as f64 / (high - low);
        let mut weight = vec![0.0; max_atoms];
        let mut moment = vec![0.0; max_atoms];
        for (offset, w) in self.atoms() {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between zero and max_atoms by construction"
            )]
            let cell = (((offset - low) * scale) as usize).min(max_atoms - 1);
            weight[cell] += w;
            moment[cell] += w * offset;
        }
        let (offset, weight) = moment
            .iter()
            .zip(&weight)
            .filter(|&(_, &w)| w > 0.0)
            .map(|(&m, &w)| (m / w, w))
            .unzip();
        Self { offset, weight }
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.offset.len()
    }

    /// Whether the density has no points; never true for a density built here.
    pub fn is_empty(&self) -> bool {
        self.offset.is_empty()
    }

    /// Points as (offset, weight).
    pub fn atoms(&self) -> impl Iterator<Item = (f64, f64)> + Clone + '_ {
        self.offset.iter().copied().zip(self.weight.iter().copied())
    }

    /// Mean.
    pub fn mean(&self) -> f64 {
        self.atoms().map(|(d, w)| d * w).sum()
    }

    /// Variance.
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        self.atoms().map(|(d, w)| w * (d - mean).powi(2)).sum()
    }

    /// Lowest and highest point.
    pub fn support(&self) -> (f64, f64) {
        self.offset
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &d| {
                (low.min(d), high.max(d))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use units::special::normal_tail;

    #[test]
    fn arcsine_points_have_the_moments_of_the_arcsine_density() {
        let density = DiscreteDensity::arcsine(2.0, 8);
        let moment = |n: i32| density.atoms().map(|(d, w)| w * d.powi(n)).sum::<f64>();
        // E cos^2 = 1/2, E cos^4 = 3/8, E cos^6 = 5/16, times powers of the amplitude.
        for (n, expected) in [(1, 0.0), (2, 2.0), (4, 6.0), (6, 20.0)] {
            assert!((moment(n) - expected).abs() < 1e-12, "moment {n}");
        }
    }

    #[test]
    fn few_cursors_are_enumerated_exactly() {
        let deviation = [-3.0, -1.0, 1.0, 3.0];
        let density = DiscreteDensity::of_cursors(&deviation, &[0.1, -0.05]);
        assert_eq!(density.len(), 16);
        assert!((density.variance() - 5.0 * (0.01 + 0.0025)).abs() < 1e-14);
        let (low, high) = density.support();
        assert!((low + 0.45).abs() < 1e-14 && (high - 0.45).abs() < 1e-14);
    }

    #[test]
    fn merging_changes_a_tail_by_less_than_its_bound() {
        let deviation = [-3.0, -1.0, 1.0, 3.0];
        let taps = [0.03, -0.021, 0.013, 0.011, -0.007, 0.004];
        let exact = DiscreteDensity::of_cursors(&deviation, &taps);
        assert_eq!(exact.len(), 4096);
        let tail = |d: &DiscreteDensity, x: f64, sigma: f64| -> f64 {
            d.atoms()
                .map(|(o, w)| w * normal_tail((x - o) / sigma))
                .sum()
        };
        let (low, high) = exact.support();
        let sigma = 0.1;
        for n in [32, 64, 256] {
            let merged = exact.clone().merged(n);
            assert!(merged.len() <= n);
            assert!((merged.mean() - exact.mean()).abs() < 1e-15);
            let h = (high - low) / n as f64;
            for x in [0.2, 0.5, 0.8] {
                let error = (tail(&merged, x, sigma) / tail(&exact, x, sigma) - 1.0).abs();
                let bound = (x * h / (2.0 * sigma * sigma)).powi(2) / 2.0;
                assert!(error < bound, "{n} cells, x {x}: {error} against {bound}");
            }
        }
    }
}
