//! How much of a fault is there over time.

use serde::{Deserialize, Serialize};

/// A fault that comes and goes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Repeat {
    /// From one coming to the next, nanoseconds, not zero.
    pub period_ns: u64,
    /// Share of the period for which the fault is there, above zero and at most one.
    pub duty: f64,
}

impl Repeat {
    /// Whether the fault is there: first yes, then no, in each period. The time that it is there is
    /// rounded to a nanosecond.
    fn is_there(self, since_start_ns: u64) -> bool {
        if self.period_ns == 0 {
            return true;
        }
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a period, which a cast holds within its bounds"
        )]
        let on_ns = (self.period_ns as f64 * self.duty).round() as u64;
        since_start_ns % self.period_ns < on_ns
    }
}

/// How much of a fault is there over time: it rises in a straight line, stays, and falls in a
/// straight line.
///
/// ```
/// use twin::fault::Profile;
///
/// let second = 1_000_000_000;
/// let profile = Profile { onset_ns: 10 * second, hold_ns: Some(60 * second), ..Profile::SUDDEN };
/// assert_eq!(profile.level(5 * second), 0.5);
/// assert_eq!(profile.level(69 * second), 1.0);
/// assert_eq!(profile.end_ns(), Some(70 * second));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Time of the rise, nanoseconds; none when it is zero.
    pub onset_ns: u64,
    /// Time at the top, nanoseconds; for good without it.
    pub hold_ns: Option<u64>,
    /// Time of the fall, nanoseconds; none when it is zero.
    pub recovery_ns: u64,
    /// An intermittent fault is there only during the first share of each period.
    pub repeat: Option<Repeat>,
}

impl Profile {
    /// All of it at once, for good.
    pub const SUDDEN: Self = Self {
        onset_ns: 0,
        hold_ns: None,
        recovery_ns: 0,
        repeat: None,
    };

    /// The share of the fault, 0 to 1, so many nanoseconds after it began.
    ///
    /// With onset `a`, hold `b` and recovery `c` it is `t / a` before `a`, one before `a + b`, and
    /// `1 - (t - a - b) / c` before `a + b + c`; zero after that, and in the pauses of a fault that
    /// repeats.
    pub fn level(&self, since_start_ns: u64) -> f64 {
        if self.repeat.is_some_and(|r| !r.is_there(since_start_ns)) {
            return 0.0;
        }
        let t = since_start_ns;
        if t < self.onset_ns {
            return share(t, self.onset_ns);
        }
        let Some(hold_ns) = self.hold_ns else {
            return 1.0;
        };
        let since_top = t - self.onset_ns;
        if since_top < hold_ns {
            1.0
        } else if since_top - hold_ns < self.recovery_ns {
            1.0 - share(since_top - hold_ns, self.recovery_ns)
        } else {
            0.0
        }
    }

    /// The share of the fault when it was cleared `cleared_ns` after it began: from there it falls
    /// in a straight line within the recovery, and no slower than it would have by itself.
    pub fn level_when_cleared(&self, since_start_ns: u64, cleared_ns: u64) -> f64 {
        let own = self.level(since_start_ns);
        if since_start_ns < cleared_ns {
            return own;
        }
        let after = since_start_ns - cleared_ns;
        if after >= self.recovery_ns {
            return 0.0;
        }
        let from = self.level(cleared_ns);
        own.min(from * (1.0 - share(after, self.recovery_ns)))
    }

    /// When it is gone for good, nanoseconds after it began; never without a hold.
    pub fn end_ns(&self) -> Option<u64> {
        let top = self.onset_ns.saturating_add(self.hold_ns?);
        Some(top.saturating_add(self.recovery_ns))
    }
}

/// A part of a time; nothing is lost below 104 days, and nothing that matters above.
#[expect(
    clippy::cast_precision_loss,
    reason = "a ratio of two times needs 53 bits at most"
)]
fn share(part_ns: u64, whole_ns: u64) -> f64 {
    part_ns as f64 / whole_ns as f64
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "levels of these times are exact")]
mod tests {
    use super::*;

    const S: u64 = 1_000_000_000;

    fn check(profile: Profile, levels: &[(u64, f64)]) {
        for (t, level) in levels {
            assert_eq!(profile.level(*t), *level, "{t} ns of {profile:?}");
        }
    }

    #[test]
    fn a_sudden_fault_is_there_at_once_and_stays() {
        check(Profile::SUDDEN, &[(0, 1.0), (1, 1.0), (u64::MAX, 1.0)]);
        assert_eq!(Profile::SUDDEN.end_ns(), None);
    }

    #[test]
    fn it_rises_stays_and_falls() {
        let profile = Profile {
            onset_ns: 4 * S,
            hold_ns: Some(10 * S),
            recovery_ns: 8 * S,
            repeat: None,
        };
        let levels = [
            (0, 0.0),
            (S, 0.25),
            (4 * S, 1.0),
            (14 * S - 1, 1.0),
            (14 * S, 1.0),
            (16 * S, 0.75),
            (22 * S, 0.0),
            (u64::MAX, 0.0),
        ];
        check(profile, &levels);
        assert_eq!(profile.end_ns(), Some(22 * S));
    }

    #[test]
    fn without_recovery_it_ends_at_an_instant() {
        let profile = Profile {
            hold_ns: Some(S),
            ..Profile::SUDDEN
        };
        check(profile, &[(0, 1.0), (S - 1, 1.0), (S, 0.0)]);
    }

    #[test]
    fn an_intermittent_fault_comes_and_goes_under_its_envelope() {
        let profile = Profile {
            onset_ns: 8 * S,
            hold_ns: Some(92 * S),
            recovery_ns: 0,
            repeat: Some(Repeat {
                period_ns: 4 * S,
                duty: 0.25,
            }),
        };
        let levels = [
            (0, 0.0),
            (S / 2, 0.0625),
            (S, 0.0),
            (4 * S, 0.5),
            (5 * S, 0.0),
            (8 * S, 1.0),
            (96 * S, 1.0),
            (97 * S, 0.0),
            (100 * S, 0.0),
        ];
        check(profile, &levels);
    }

    #[test]
    fn a_cleared_fault_recovers_from_where_it_was() {
        let profile = Profile {
            onset_ns: 10 * S,
            hold_ns: None,
            recovery_ns: 4 * S,
            repeat: None,
        };
        // Cleared half way up: half of it is left, and falls within the recovery.
        let levels = [(4 * S, 0.4), (5 * S, 0.5), (6 * S, 0.375), (9 * S, 0.0)];
        for (t, level) in levels {
            assert_eq!(profile.level_when_cleared(t, 5 * S), level, "{t}");
        }
        let sudden = Profile::SUDDEN;
        assert_eq!(sudden.level_when_cleared(5, 5), 0.0);
        assert_eq!(sudden.level_when_cleared(4, 5), 1.0);
    }

    #[test]
    fn times_beyond_all_bounds_are_times() {
        let profile = Profile {
            onset_ns: u64::MAX,
            hold_ns: Some(u64::MAX),
            recovery_ns: u64::MAX,
            repeat: Some(Repeat {
                period_ns: 0,
                duty: 1.0,
            }),
        };
        assert_eq!(profile.level(u64::MAX), 1.0);
        assert_eq!(profile.end_ns(), Some(u64::MAX));
    }
}
