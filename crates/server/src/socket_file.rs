//! A Unix socket in the file system: private, never in the place of something alive.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::net::{UnixListener, UnixSocket, UnixStream};
use tokio::time::timeout;

use crate::ServeError;

/// The number of clients that may wait to be accepted.
const BACKLOG: u32 = 128;
/// Whoever has not answered after this time is alive but busy.
const PROBE_TIMEOUT: Duration = Duration::from_secs(1);
/// How often to look again when others change the path at the same time.
const MAX_ATTEMPTS: u32 = 10;

/// What tells one file from another.
type Identity = (u64, u64);

/// The socket in the file system. Dropping it removes the socket, unless another one took its
/// place.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
    identity: Identity,
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|found| found == self.identity) {
            // Nobody is left to be told.
            fs::remove_file(&self.path).ok();
        }
    }
}

/// Listens at `path` with mode 0600.
///
/// The socket is made under a private name, restricted before it listens, and then linked to
/// `path`, which fails when something is there. So there is no instant at which others may
/// connect, at which two servers both think that the path is theirs, or at which a live socket
/// looks stale.
///
/// # Errors
/// As [`SocketOptions::listen`](crate::SocketOptions::listen).
pub(crate) async fn bind(path: &Path) -> Result<(UnixListener, SocketFile), ServeError> {
    if let Err(reason) = SocketAddr::from_pathname(path) {
        let path = path.to_owned();
        return Err(ServeError::BadPath { path, reason });
    }
    let failed = |action| {
        move |source| ServeError::Io {
            action,
            path: path.to_owned(),
            source,
        }
    };
    let own = private_name(path);
    let listener = listen(&own).map_err(failed("make the socket"))?;
    let published = publish(&own, path).await;
    let made = identity(&own).map_err(failed("look at the socket of"));
    fs::remove_file(&own).map_err(failed("remove the private name of"))?;
    published?;
    let file = SocketFile {
        path: path.to_owned(),
        identity: made?,
    };
    Ok((listener, file))
}

fn listen(path: &Path) -> io::Result<UnixListener> {
    let socket = UnixSocket::new_stream()?;
    socket.bind(path)?;
    let listening = fs::set_permissions(path, Permissions::from_mode(0o600))
        .and_then(|()| socket.listen(BACKLOG));
    if listening.is_err() {
        fs::remove_file(path).ok();
    }
    listening
}

/// Links `own` to `path`, after removing a stale socket from there.
async fn publish(own: &Path, path: &Path) -> Result<(), ServeError> {
    let failed = |action, source| ServeError::Io {
        action,
        path: path.to_owned(),
        source,
    };
    for _ in 0..MAX_ATTEMPTS {
        match fs::hard_link(own, path) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed("create", error)),
        }
        let metadata = match fs::symlink_metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(failed("look at", error)),
        };
        if !metadata.file_type().is_socket() {
            let path = path.to_owned();
            return Err(ServeError::NotASocket { path });
        }
        match timeout(PROBE_TIMEOUT, UnixStream::connect(path)).await {
            Err(_) | Ok(Ok(_)) => break,
            Ok(Err(error)) if error.kind() == ErrorKind::ConnectionRefused => {
                let stale = (metadata.dev(), metadata.ino());
                remove_stale(path, stale).map_err(|e| failed("remove the stale socket", e))?;
            }
            Ok(Err(error)) if error.kind() == ErrorKind::NotFound => {}
            Ok(Err(error)) => return Err(failed("connect to", error)),
        }
    }
    Err(ServeError::InUse {
        path: path.to_owned(),
    })
}

/// Removes the socket that was found stale, and no other that has come since.
fn remove_stale(path: &Path, stale: Identity) -> io::Result<()> {
    let aside = private_name(path);
    match fs::rename(path, &aside) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        renamed => renamed?,
    }
    if identity(&aside)? != stale {
        // A new server was faster. Its socket goes back, unless yet another one is there.
        match fs::hard_link(&aside, path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            linked => linked?,
        }
    }
    fs::remove_file(&aside)
}

fn identity(path: &Path) -> io::Result<Identity> {
    let metadata = fs::symlink_metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

/// A short name in the same directory that no other call or process uses.
fn private_name(path: &Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    path.with_file_name(format!(".{}-{count}", std::process::id()))
}
