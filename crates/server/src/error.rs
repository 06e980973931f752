//! Why a server cannot start.

use std::io;
use std::net::SocketAddr;
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
    /// The address is one that other machines reach, and nobody allowed that.
    #[error(
        "other machines may reach {address}; only loopback addresses are served unless that is allowed"
    )]
    NotLoopback {
        /// The address.
        address: SocketAddr,
    },
    /// There are not enough ports from this one on.
    #[error(
        "there are not as many ports as devices from {address} on; choose a smaller one, or 0 for any"
    )]
    TooManyPorts {
        /// The address of the first device.
        address: SocketAddr,
    },
    /// The system refused a port.
    #[error("cannot listen at {address}")]
    Tcp {
        /// The address.
        address: SocketAddr,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Files cannot be served.
    #[error("no files can be served at {}: {what}; {mend}", path.display())]
    Mount {
        /// Where they were to be.
        path: PathBuf,
        /// What is missing or refused.
        what: &'static str,
        /// What to install or to allow.
        mend: &'static str,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Files are served there already.
    #[error("files are served at {} already; unmount them first, or choose another directory", path.display())]
    Mounted {
        /// The directory.
        path: PathBuf,
    },
    /// Files would hide what is there.
    #[error("{} is not empty; choose an empty directory, or one that does not exist", path.display())]
    NotEmpty {
        /// The directory.
        path: PathBuf,
    },
    /// Something else than a directory is at the path.
    #[error("{} is not a directory", path.display())]
    NotADirectory {
        /// The path.
        path: PathBuf,
    },
}
