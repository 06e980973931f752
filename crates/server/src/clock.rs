//! The one place that looks at the clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use plant::Timestamp;

/// A clock that starts at the present Unix time and from then on runs evenly: it never goes
/// backwards, and does not follow later corrections of the system's clock.
#[expect(
    clippy::disallowed_methods,
    reason = "servers are where the clock comes in"
)]
pub fn monotonic_clock() -> impl FnMut() -> Timestamp {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH);
    // A system clock before 1970 is not worth an error: only differences matter to a plant.
    let start = Timestamp::default().saturating_add(unix.unwrap_or(Duration::ZERO));
    let started = Instant::now();
    move || start.saturating_add(started.elapsed())
}
