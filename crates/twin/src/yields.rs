//! How often lanes and ports close.

use system::{MediaLaneId, PortId};
use units::special::normal_quantile;

/// Confidence of the interval of a share.
pub const CONFIDENCE: f64 = 0.95;

/// How often something was so among a number of draws.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// Draws in which it was so.
    pub n_yes: u64,
    /// Draws.
    pub n: u64,
    /// Their ratio.
    pub value: f64,
    /// Lower end of the interval that holds the true share with 95 % confidence.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Share {
    /// The share with the interval of Wilson, which holds for shares near zero and one too:
    ///
    /// ```text
    /// (p + z^2 / 2n +- z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)
    /// ```
    ///
    /// None of no draws.
    ///
    /// # Source
    /// E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    /// Journal of the American Statistical Association 22 (1927).
    pub fn of(n_yes: u64, n: u64) -> Option<Self> {
        if n == 0 || n_yes > n {
            return None;
        }
        let z = normal_quantile(0.5 + CONFIDENCE / 2.0);
        let (count, value) = (n as f64, n_yes as f64 / n as f64);
        let centre = value + z * z / (2.0 * count);
        let half = z * (value * (1.0 - value) / count + (z / (2.0 * count)).powi(2)).sqrt();
        let scale = 1.0 + z * z / count;
        Some(Self {
            n_yes,
            n,
            value,
            // The ends are exact where rounding would miss them.
            low: if n_yes == 0 {
                0.0
            } else {
                ((centre - half) / scale).max(0.0)
            },
            high: if n_yes == n {
                1.0
            } else {
                ((centre + half) / scale).min(1.0)
            },
        })
    }
}

/// A chance with the ends of its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chance {
    /// The estimate.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Lanes of one design.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LaneYield {
    /// One of them.
    pub lane: MediaLaneId,
    /// How many there are.
    pub n_lanes: usize,
    /// How often the lane closes, both directions.
    pub closes: Share,
}

/// Ports of equal lanes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PortYield {
    /// One of them.
    pub port: PortId,
    /// How many there are.
    pub n_ports: usize,
    /// Lanes of each.
    pub n_lanes: usize,
    /// How often all lanes close when lanes vary together, as they do in a draw: the upper bound.
    pub together: Share,
    /// How often all lanes close when each varies by itself, the product over the lanes: the
    /// lower bound.
    pub independent: Chance,
}

/// How often links close, over all draws; a dark lane does not close.
///
/// A draw sets the parts of a design once, so it says how often a lane closes, and not how lanes
/// of one port differ. The chance that all lanes of a port close lies between the two bounds as
/// long as what helps one of its lanes does not harm another: always for lanes of one kind, and to
/// within the draws for kinds that share their parts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LinkYield {
    /// Each kind of lane.
    pub lanes: Vec<LaneYield>,
    /// Each kind of port.
    pub ports: Vec<PortYield>,
}

impl LinkYield {
    /// The kind of lane that closes least often.
    pub fn worst_lane(&self) -> Option<&LaneYield> {
        self.lanes.iter().min_by_key(|lane| lane.closes.n_yes)
    }

    /// The kind of port whose lower bound is least.
    pub fn worst_port(&self) -> Option<&PortYield> {
        self.ports
            .iter()
            .min_by(|a, b| a.independent.value.total_cmp(&b.independent.value))
    }
}

/// The chance that lanes close which vary by themselves.
pub(crate) fn product(lanes: impl Iterator<Item = Share> + Clone) -> Chance {
    Chance {
        value: lanes.clone().map(|lane| lane.value).product(),
        low: lanes.clone().map(|lane| lane.low).product(),
        high: lanes.map(|lane| lane.high).product(),
    }
}

#[cfg(test)]
mod tests {
    use units::random::Draw;

    use super::*;

    #[test]
    fn intervals_are_those_of_the_book() {
        // Closed form at the ends: z^2 / (n + z^2) with z = 1.959964.
        let z2 = 1.959_963_984_540_054f64.powi(2);
        for n in [1, 10, 10_000] {
            let all = Share::of(n, n).unwrap();
            assert!((all.low - n as f64 / (n as f64 + z2)).abs() < 1e-12);
            assert!(all.low < 1.0 && all.high >= 1.0 && all.value >= 1.0);
            let none = Share::of(0, n).unwrap();
            assert!((none.high - z2 / (n as f64 + z2)).abs() < 1e-12);
            assert!(none.low <= 0.0 && none.high > 0.0);
        }
        // A. Agresti, B. A. Coull, The American Statistician 52 (1998): symmetric about one half.
        let half = Share::of(50, 100).unwrap();
        assert!((half.low - 0.403_83).abs() < 1e-5 && (half.high - 0.596_17).abs() < 1e-5);
        assert_eq!(Share::of(0, 0), None);
        assert_eq!(Share::of(2, 1), None);
    }

    /// The interval holds the truth about as often as it says.
    #[test]
    fn the_interval_covers() {
        for (p, n) in [(0.5, 100u64), (0.97, 200), (0.999, 2_000)] {
            let covered = (0..1_000u64)
                .filter(|trial| {
                    let draw = Draw::new(*trial, "coverage", "share");
                    let n_yes = (0..n).filter(|tick| draw.uniform(*tick) < p).count() as u64;
                    let share = Share::of(n_yes, n).unwrap();
                    (share.low..=share.high).contains(&p)
                })
                .count();
            // Wilson's interval dips to about 93 % for some p and n; three standard deviations.
            assert!(covered > 905, "{p} {n}: {covered}");
        }
    }

    #[test]
    fn independent_lanes_multiply() {
        let share = Share::of(90, 100).unwrap();
        let eight = product(std::iter::repeat_n(share, 8));
        assert!((eight.value - 0.9f64.powi(8)).abs() < 1e-12);
        assert!(eight.low < eight.value && eight.value < eight.high);
        assert!(eight.high <= share.high);
    }
}
