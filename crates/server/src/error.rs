//! Why a server cannot start.

use std::io;
use std::path::PathBuf;

/// Why serving failed. What clients do is never among the reasons.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Something else than a socket is at the path; it is left alone.
    #[error("{} exists and is not a socket; it was not touched", path.display())]
    NotASocket {
        /// The path.
        path: PathBuf,
    },
    /// Another server answers there.
    #[error("another server answers at {}", path.display())]
    InUse {
        /// The path.
        path: PathBuf,
    },
    /// The path cannot name a socket.
    #[error("{} cannot name a socket: {reason}", path.display())]
    BadPath {
        /// The path.
        path: PathBuf,
        /// What the system requires.
        reason: io::Error,
    },
    /// The system refused something.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}
