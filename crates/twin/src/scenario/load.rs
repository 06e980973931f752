//! How busy a die is over time.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Utilisation of a die, 0 to 1, as a function of the time since the profile began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum LoadProfile {
    /// Always the same.
    Constant(f64),
    /// Steps of a training run.
    Training(Training),
    /// A recorded or drawn course.
    Trace(Arc<Trace>),
}

/// A training run: each step begins with the bursts of its collective operation, which keep the
/// switch busy, and goes on with computing, during which it waits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Training {
    /// Time of one step, nanoseconds, not zero.
    pub period_ns: u64,
    /// Time from the start of the rise to the start of the fall, nanoseconds.
    pub burst_ns: u64,
    /// Time of the rise and of the fall, nanoseconds; at most the time of the burst and of what is
    /// left of the step.
    pub ramp_ns: u64,
    /// Utilisation in the burst.
    pub burst: f64,
    /// Utilisation outside.
    pub base: f64,
}

/// Utilisation at some times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// Rising, nanoseconds, not empty.
    pub(super) times_ns: Vec<u64>,
    /// As many, 0 to 1.
    pub(super) utilisations: Vec<f64>,
}

impl LoadProfile {
    /// A switch without traffic.
    pub const IDLE: Self = Self::Constant(0.0);

    /// Whether it gives a utilisation at every time.
    pub(crate) fn is_sound(&self) -> bool {
        match self {
            Self::Constant(share) => share.is_finite(),
            Self::Training(of) => of.period_ns > 0,
            Self::Trace(of) => {
                !of.times_ns.is_empty() && of.times_ns.len() == of.utilisations.len()
            }
        }
    }

    /// Utilisation so many nanoseconds after the profile began.
    ///
    /// ```
    /// use twin::scenario::{LoadProfile, Training};
    ///
    /// let ms = 1_000_000;
    /// let steps = LoadProfile::Training(Training {
    ///     period_ns: 100 * ms,
    ///     burst_ns: 30 * ms,
    ///     ramp_ns: 10 * ms,
    ///     burst: 1.0,
    ///     base: 0.25,
    /// });
    /// assert_eq!(steps.utilisation(5 * ms), 0.625);
    /// assert_eq!(steps.utilisation(110 * ms), 1.0);
    /// assert_eq!(steps.utilisation(150 * ms), 0.25);
    /// ```
    pub fn utilisation(&self, since_start_ns: u64) -> f64 {
        match self {
            Self::Constant(utilisation) => *utilisation,
            Self::Training(steps) => steps.utilisation(since_start_ns),
            Self::Trace(trace) => trace.utilisation(since_start_ns),
        }
    }

    /// Mean utilisation between two such times, exactly; at a time where they are one.
    ///
    /// ```
    /// use twin::scenario::{LoadProfile, Training};
    ///
    /// let s = 1_000_000_000;
    /// let steps = LoadProfile::Training(Training {
    ///     period_ns: 2 * s,
    ///     burst_ns: s / 2,
    ///     ramp_ns: 0,
    ///     burst: 1.0,
    ///     base: 0.25,
    /// });
    /// assert_eq!(steps.mean(0, s), 0.625);
    /// assert_eq!(steps.mean(0, 10 * s), 0.4375);
    /// ```
    pub fn mean(&self, from_ns: u64, to_ns: u64) -> f64 {
        if to_ns <= from_ns {
            return self.utilisation(to_ns);
        }
        match self {
            Self::Constant(utilisation) => *utilisation,
            Self::Training(steps) => steps.mean(from_ns, to_ns),
            Self::Trace(trace) => trace.mean(from_ns, to_ns),
        }
    }
}

impl Training {
    #[expect(
        clippy::cast_precision_loss,
        reason = "times of the first period are small, and periods are counted"
    )]
    fn mean(&self, from_ns: u64, to_ns: u64) -> f64 {
        // Whole periods from the start of the one that it begins in, and what is left of both ends.
        let (n_periods, from, to) = match self.period_ns {
            0 => (0, from_ns, to_ns),
            period => {
                let n_periods = to_ns / period - from_ns / period;
                (n_periods, from_ns % period, to_ns % period)
            }
        };
        let whole_ns = n_periods as f64 * self.burst_ns as f64;
        let in_burst_ns = whole_ns + self.in_burst_ns(to) - self.in_burst_ns(from);
        let share = in_burst_ns / (to_ns - from_ns) as f64;
        self.base + (self.burst - self.base) * share.clamp(0.0, 1.0)
    }

    /// Time in the burst, its ramps counting by their height, from the start of a period on.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a time within one period, to which nanoseconds beyond 2^53 mean nothing"
    )]
    fn in_burst_ns(&self, t: u64) -> f64 {
        let (ramp, burst) = (self.ramp_ns as f64, self.burst_ns as f64);
        let x = t as f64;
        if t < self.ramp_ns {
            0.5 * x * x / ramp
        } else if t < self.burst_ns {
            x - 0.5 * ramp
        } else if t - self.burst_ns < self.ramp_ns {
            let fallen = x - burst;
            burst - 0.5 * ramp + fallen - 0.5 * fallen * fallen / ramp
        } else {
            burst
        }
    }

    fn utilisation(&self, since_start_ns: u64) -> f64 {
        let t = match self.period_ns {
            0 => since_start_ns,
            period => since_start_ns % period,
        };
        if t < self.ramp_ns {
            between(self.base, self.burst, t, self.ramp_ns)
        } else if t < self.burst_ns {
            self.burst
        } else if t - self.burst_ns < self.ramp_ns {
            between(self.burst, self.base, t - self.burst_ns, self.ramp_ns)
        } else {
            self.base
        }
    }
}

impl Trace {
    /// The value at a time by a straight line between its neighbours; the first one before all, the
    /// last one after all.
    fn utilisation(&self, t: u64) -> f64 {
        let after = self.times_ns.partition_point(|time| *time <= t);
        match (after.checked_sub(1), self.times_ns.get(after)) {
            (None, _) => self.utilisations.first().copied().unwrap_or(0.0),
            (Some(last), None) => self.utilisations[last],
            (Some(before), Some(next)) => {
                let start = self.times_ns[before];
                let (from, to) = (self.utilisations[before], self.utilisations[after]);
                between(from, to, t - start, next - start)
            }
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "differences of times, to which nanoseconds beyond 2^53 mean nothing"
    )]
    fn mean(&self, from_ns: u64, to_ns: u64) -> f64 {
        let within = self.times_ns.partition_point(|time| *time <= from_ns);
        let times = self.times_ns[within..]
            .iter()
            .zip(&self.utilisations[within..]);
        let times = times.take_while(|(time, _)| **time < to_ns);
        let mut at = (from_ns, self.utilisation(from_ns));
        let mut sum = 0.0;
        let end = (to_ns, self.utilisation(to_ns));
        for next in times.map(|(time, of)| (*time, *of)).chain([end]) {
            sum += 0.5 * (at.1 + next.1) * (next.0 - at.0) as f64;
            at = next;
        }
        sum / (to_ns - from_ns) as f64
    }

    /// Its last time, nanoseconds.
    pub fn end_ns(&self) -> u64 {
        self.times_ns.last().copied().unwrap_or(0)
    }

    /// How many times it has.
    pub fn len(&self) -> usize {
        self.times_ns.len()
    }

    /// Whether it has no time at all; one that was read has.
    pub fn is_empty(&self) -> bool {
        self.times_ns.is_empty()
    }
}

/// A point on the straight line between two values, which never leaves them.
#[expect(
    clippy::cast_precision_loss,
    reason = "a ratio of two times needs 53 bits at most"
)]
fn between(from: f64, to: f64, part_ns: u64, whole_ns: u64) -> f64 {
    let share = part_ns as f64 / whole_ns as f64;
    let value = from + (to - from) * share;
    value.clamp(from.min(to), from.max(to))
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these times and values are exact")]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn check(profile: &LoadProfile, values: &[(u64, f64)]) {
        for (t, expected) in values {
            assert_eq!(profile.utilisation(*t), *expected, "{t} ns of {profile:?}");
        }
    }

    #[test]
    fn a_constant_does_not_change() {
        check(&LoadProfile::Constant(0.3), &[(0, 0.3), (u64::MAX, 0.3)]);
        check(&LoadProfile::IDLE, &[(0, 0.0), (7, 0.0)]);
    }

    #[test]
    fn a_step_is_a_burst_and_a_wait() {
        let steps = LoadProfile::Training(Training {
            period_ns: 200 * MS,
            burst_ns: 60 * MS,
            ramp_ns: 0,
            burst: 0.9,
            base: 0.1,
        });
        let values = [
            (0, 0.9),
            (60 * MS - 1, 0.9),
            (60 * MS, 0.1),
            (200 * MS - 1, 0.1),
            (200 * MS, 0.9),
            (2_000 * MS + 59 * MS, 0.9),
        ];
        check(&steps, &values);
    }

    #[test]
    fn a_burst_rises_and_falls_in_straight_lines() {
        let steps = LoadProfile::Training(Training {
            period_ns: 80 * MS,
            burst_ns: 40 * MS,
            ramp_ns: 16 * MS,
            burst: 1.0,
            base: 0.5,
        });
        let values = [
            (0, 0.5),
            (4 * MS, 0.625),
            (16 * MS, 1.0),
            (40 * MS, 1.0),
            (48 * MS, 0.75),
            (56 * MS, 0.5),
            (79 * MS, 0.5),
            (84 * MS, 0.625),
        ];
        check(&steps, &values);
    }

    #[test]
    fn a_trace_is_joined_by_straight_lines_and_held_at_its_ends() {
        let trace = LoadProfile::Trace(Arc::new(Trace {
            times_ns: vec![10 * MS, 20 * MS, 60 * MS],
            utilisations: vec![0.25, 0.75, 0.25],
        }));
        let values = [
            (0, 0.25),
            (10 * MS, 0.25),
            (15 * MS, 0.5),
            (20 * MS, 0.75),
            (40 * MS, 0.5),
            (50 * MS, 0.375),
            (60 * MS, 0.25),
            (u64::MAX, 0.25),
        ];
        check(&trace, &values);
    }
}
