//! Waiting for the next question awake.
//!
//! Hosts open a file, read it and close it, over and over. Where each question wakes a thread on a core
//! that sleeps, waking takes longer than everything else. So whoever has answered looks for a while
//! whether there is another question before it goes to sleep; meanwhile it gives way to anybody who
//! wants the core.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::thread::yield_now;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// How long a thread looks: longer than a host's core takes to wake, and little beside the second
/// after which most hosts look again.
const ALERT: Duration = Duration::from_micros(150);

/// The kernel's questions.
#[derive(Debug)]
pub(super) struct Alert(OwnedFd);

impl Alert {
    /// Looks at the questions of a session.
    ///
    /// # Errors
    /// The process has too many files open.
    pub(super) fn new(session: &impl AsFd) -> io::Result<Self> {
        session.as_fd().try_clone_to_owned().map(Self)
    }

    /// Returns when there is a question, when there will be no more, or after a while.
    #[expect(clippy::disallowed_methods, reason = "how long it has waited")]
    pub(super) fn wait(&self) {
        let start = Instant::now();
        while start.elapsed() < ALERT {
            let mut files = [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)];
            if poll(&mut files, PollTimeout::ZERO) != Ok(0) {
                return;
            }
            yield_now();
        }
    }
}
