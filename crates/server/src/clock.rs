//! The one place that looks at the clock.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use plant::Timestamp;

/// A clock that starts at the present Unix time and from then on runs evenly: it never goes
/// backwards, and does not follow later corrections of the system's clock.
pub fn monotonic_clock() -> impl FnMut() -> Timestamp {
    let start = unix_now();
    let started = instant_now();
    move || start.saturating_add(started.elapsed())
}

/// The present Unix time.
#[expect(
    clippy::disallowed_methods,
    reason = "servers are where the clock comes in"
)]
fn unix_now() -> Timestamp {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH);
    // A system clock before 1970 is not worth an error: only differences matter to a plant.
    Timestamp::default().saturating_add(unix.unwrap_or(Duration::ZERO))
}

#[expect(
    clippy::disallowed_methods,
    reason = "servers are where the clock comes in"
)]
fn instant_now() -> Instant {
    Instant::now()
}

/// How the time of managed devices runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// As everybody's.
    Real,
    /// So many times faster, or slower below 1: from 0.001 to 1000.
    Times(f64),
    /// Only when it is told to.
    Manual,
}

/// The least and the greatest factor of [`Pace::Times`].
const FACTORS: std::ops::RangeInclusive<f64> = 0.001..=1000.0;

impl FromStr for Pace {
    type Err = String;

    /// Reads `real`, `manual`, or `×` or `x` before a number.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{text:?} is no clock; expected real, manual, or x and a factor from {} to {}, such as x10",
                FACTORS.start(),
                FACTORS.end()
            )
        };
        match text {
            "real" => return Ok(Self::Real),
            "manual" => return Ok(Self::Manual),
            _ => {}
        }
        let factor = text.strip_prefix(['x', '×']).ok_or_else(wrong)?;
        let factor: f64 = factor.parse().map_err(|_| wrong())?;
        if FACTORS.contains(&factor) {
            Ok(Self::Times(factor))
        } else {
            Err(wrong())
        }
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Real => f.write_str("real"),
            Self::Times(factor) => write!(f, "x{factor}"),
            Self::Manual => f.write_str("manual"),
        }
    }
}

/// The time of managed devices, which all ways in share. It never goes backwards.
#[derive(Debug)]
pub struct Clock {
    pace: Pace,
    start: Timestamp,
    started: Instant,
    /// Nanoseconds by which a manual clock was advanced.
    advanced: AtomicU64,
}

impl Clock {
    /// Starts at the present Unix time.
    pub fn new(pace: Pace) -> Self {
        Self::starting_at(pace, unix_now())
    }

    /// Starts at `start`.
    pub fn starting_at(pace: Pace, start: Timestamp) -> Self {
        Self {
            pace,
            start,
            started: instant_now(),
            advanced: AtomicU64::new(0),
        }
    }

    /// How it runs.
    pub const fn pace(&self) -> Pace {
        self.pace
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        let passed = match self.pace {
            Pace::Real => self.started.elapsed(),
            // Rounds to nanoseconds alike for every call, so it is monotonic too.
            Pace::Times(factor) => self.started.elapsed().mul_f64(factor),
            Pace::Manual => Duration::from_nanos(self.advanced.load(Ordering::Acquire)),
        };
        self.start.saturating_add(passed)
    }

    /// Advances a manual clock and returns its time; any other is left alone and gives none.
    pub fn advance(&self, by: Duration) -> Option<Timestamp> {
        if self.pace != Pace::Manual {
            return None;
        }
        let by = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        self.advanced
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |advanced| {
                Some(advanced.saturating_add(by))
            })
            .ok();
        Some(self.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paces_are_read_as_they_are_written() {
        for text in ["real", "manual", "x10", "x0.5"] {
            assert_eq!(text.parse::<Pace>().unwrap().to_string(), text);
        }
        assert_eq!("×2".parse(), Ok(Pace::Times(2.0)));
        for text in ["", "fast", "x", "x0", "x-1", "xNaN", "x1e9", "10"] {
            let error = text.parse::<Pace>().unwrap_err();
            assert!(error.contains("such as x10"), "{error}");
        }
    }

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = Clock::starting_at(Pace::Manual, Timestamp::from_nanos(5));
        assert_eq!(clock.now(), Timestamp::from_nanos(5));
        let advanced = clock.advance(Duration::from_millis(3));
        assert_eq!(advanced, Some(Timestamp::from_nanos(3_000_005)));
        assert_eq!(clock.now(), Timestamp::from_nanos(3_000_005));
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Timestamp::from_nanos(u64::MAX));
    }

    #[test]
    fn other_clocks_are_not_advanced_and_do_not_go_back() {
        for pace in [Pace::Real, Pace::Times(1000.0), Pace::Times(0.001)] {
            let clock = Clock::starting_at(pace, Timestamp::from_nanos(7));
            assert_eq!(clock.advance(Duration::from_secs(1)), None);
            let times: Vec<_> = (0..100).map(|_| clock.now()).collect();
            assert!(times.is_sorted(), "{pace}");
            assert!(times[0] >= Timestamp::from_nanos(7));
        }
    }
}
