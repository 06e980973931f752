//! Registers of managed devices as JSON lines on sockets, one socket per device.
//!
//! The client speaks first, and each line is answered by one line, in order:
//!
//! | request | answer |
//! |---|---|
//! | `{"op":"read","page":17,"bank":0,"off":128,"len":4}` | `{"ok":true,"data":"11111111"}`, hexadecimal |
//! | `{"op":"peek","page":"11h","off":128,"len":4}` | as to `read`, and nothing is cleared |
//! | `{"op":"write","page":16,"bank":0,"off":128,"data":"ff"}` | `{"ok":true}` |
//! | `{"op":"advance","ms":100}` | `{"ok":true}` when that time has passed for all devices; refused unless the clock is manual |
//! | `{"op":"fresh"}` | `{"ok":true}`; the device is as after power-on |
//! | `{"op":"inject","what":"fibre","args":{"lane":3}}` | `{"ok":true}`; refused unless the options allow it |
//!
//! `page` is a number, or one or two hexadecimal digits with `h` as text. Every request may have a
//! member `id`, a text or a number, which its answer then has too, so that whoever does not wait for
//! answers can tell them apart.
//!
//! `page` and `bank` are 0 when they are missing. `off` below 128 is lower memory whatever the page; a
//! read or write that begins there and goes on beyond byte 127 does so in the page. Byte 255 is the
//! last.
//!
//! `{"ok":false}` and nothing else is a device that does not acknowledge (NACK). A request that cannot
//! be done has an error beside it, `{"ok":false,"error":…}`, which names every problem of the line
//! and what is expected; nothing has happened then. Members that an operation does not know are
//! errors.
//!
//! A client need not wait for answers: as many requests as have come are answered together. Whoever
//! does not read the answers in time, sends a line of more than
//! [`max_line_bytes`](DeviceSocketOptions::max_line_bytes), sends nothing for long, or sends
//! [`max_malformed`](DeviceSocketOptions::max_malformed) malformed lines in a row, is cut off; the
//! last line says why where it can still be sent. All sockets share the devices and their clock with
//! each other and with [files](crate::optoe).

mod connection;
mod quick;
mod request;

use std::fs::DirBuilder;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use self::connection::Connection;
pub use self::request::{Asked, Data, Id, Request};
use crate::ServeError;
use crate::managed::{Managed, ManagedDevices};
use crate::socket_file::{self, SocketFile};

/// How long to wait before accepting again when the system has no file descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Any longer time means for ever; adding it to a time could overflow.
const LONGEST_WAIT: Duration = Duration::from_secs(365 * 86_400);

/// Where and how registers are served.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceSocketOptions {
    /// The directory of Unix sockets, `oe0.sock`, `els0.sock` and so on, of mode 0600; none by
    /// default. It is made when it is missing.
    pub directory: Option<PathBuf>,
    /// Where the first device listens on TCP, each further one at the next port (all at any free
    /// one for port 0); nowhere by default.
    pub tcp: Option<SocketAddr>,
    /// Whether `tcp` may be an address that other machines reach; no by default.
    pub allow_remote: bool,
    /// Whether clients may inject what hosts cannot do; no by default.
    pub allow_inject: bool,
    /// The largest number of connections of each device on each of its sockets, 16 by default; more
    /// are told so and closed.
    pub max_connections: usize,
    /// The longest line that a client may send, 16 KiB by default.
    pub max_line_bytes: usize,
    /// How many malformed lines in a row are answered, 100 by default.
    pub max_malformed: u32,
    /// How long a client may be silent, 10 minutes by default.
    pub idle_timeout: Duration,
    /// How long a client may take to read what is sent together, 5 s by default.
    pub write_timeout: Duration,
}

impl Default for DeviceSocketOptions {
    fn default() -> Self {
        Self {
            directory: None,
            tcp: None,
            allow_remote: false,
            allow_inject: false,
            max_connections: 16,
            max_line_bytes: 16 * 1024,
            max_malformed: 100,
            idle_timeout: Duration::from_secs(600),
            write_timeout: Duration::from_secs(5),
        }
    }
}

#[derive(Debug)]
enum Listener {
    Unix(
        UnixListener,
        #[expect(dead_code, reason = "removed when dropped")] SocketFile,
    ),
    Tcp(TcpListener),
}

trait Transport: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Transport for S {}

type Stream = Box<dyn Transport>;

impl Listener {
    async fn accept(&self) -> io::Result<Stream> {
        match self {
            Self::Unix(listener, _) => Ok(Box::new(listener.accept().await?.0)),
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                // Without it small answers would wait; a stream that refuses works too.
                stream.set_nodelay(true).ok();
                Ok(Box::new(stream))
            }
        }
    }
}

/// Where a device listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceAddress {
    /// A Unix socket.
    Unix(PathBuf),
    /// A TCP port.
    Tcp(SocketAddr),
}

impl std::fmt::Display for DeviceAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unix(path) => path.display().fmt(f),
            Self::Tcp(address) => address.fmt(f),
        }
    }
}

/// Sockets that listen; clients that connect before they are served wait. Dropping it removes them.
#[derive(Debug)]
pub struct DeviceSockets<D> {
    devices: Managed<D>,
    options: DeviceSocketOptions,
    /// Each with the place of its device.
    listeners: Vec<(usize, DeviceAddress, Listener)>,
}

impl DeviceSocketOptions {
    /// Makes the sockets of all devices, or none of them.
    ///
    /// # Errors
    /// [`ServeError`] when one cannot be made. A stale socket, at which nobody answers, is replaced;
    /// a live one and anything that is not a socket are left alone.
    pub async fn listen<D: ManagedDevices>(
        self,
        devices: &Managed<D>,
    ) -> Result<DeviceSockets<D>, ServeError> {
        let mut listeners = Vec::new();
        if let Some(directory) = &self.directory {
            let made = DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(directory);
            made.map_err(|source| ServeError::Io {
                action: "make the directory",
                path: directory.clone(),
                source,
            })?;
            for (device, info) in devices.infos().iter().enumerate() {
                let path = directory.join(format!("{info}.sock"));
                let (listener, file) = socket_file::bind(&path).await?;
                let listener = Listener::Unix(listener, file);
                listeners.push((device, DeviceAddress::Unix(path), listener));
            }
        }
        if let Some(first) = self.tcp {
            if !first.ip().is_loopback() && !self.allow_remote {
                return Err(ServeError::NotLoopback { address: first });
            }
            for device in 0..devices.infos().len() {
                let (address, listener) = bind_tcp(first, device).await?;
                listeners.push((device, DeviceAddress::Tcp(address), Listener::Tcp(listener)));
            }
        }
        Ok(DeviceSockets {
            devices: devices.clone(),
            options: self,
            listeners,
        })
    }
}

async fn bind_tcp(
    first: SocketAddr,
    device: usize,
) -> Result<(SocketAddr, TcpListener), ServeError> {
    let mut address = first;
    if first.port() != 0 {
        let port = u16::try_from(usize::from(first.port()) + device);
        let port = port.map_err(|_| ServeError::TooManyPorts { address: first })?;
        address.set_port(port);
    }
    let failed = |source: io::Error| ServeError::Tcp { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((bound, listener))
}

impl<D> DeviceSockets<D> {
    /// Where each device listens, by its place among the devices.
    pub fn addresses(&self) -> impl Iterator<Item = (usize, &DeviceAddress)> {
        self.listeners
            .iter()
            .map(|(device, address, _)| (*device, address))
    }
}

/// Serves registers until `shutdown` is ready.
pub async fn serve_devices<D: ManagedDevices>(
    sockets: DeviceSockets<D>,
    shutdown: impl Future<Output = ()>,
) {
    let options = Arc::new(sockets.options);
    let (stop_sender, stop) = watch::channel(());
    let mut tasks = JoinSet::new();
    for (device, _, listener) in sockets.listeners {
        let served = Served {
            devices: sockets.devices.clone(),
            device,
            options: Arc::clone(&options),
        };
        let stop = stop.clone();
        tasks.spawn(async move { served.serve(listener, stop).await });
    }
    shutdown.await;
    drop(stop_sender);
    while tasks.join_next().await.is_some() {}
}

/// Lets the devices live, at least every `period`, until `shutdown` is ready; without it they live
/// only when somebody accesses them. On a manual clock it does nothing.
pub async fn keep_time<D: ManagedDevices>(
    devices: Managed<D>,
    period: Duration,
    shutdown: impl Future<Output = ()>,
) {
    let mut ticks = interval(period.clamp(Duration::from_millis(1), LONGEST_WAIT));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => return,
            _ = ticks.tick() => drop(devices.lock()),
        }
    }
}

/// One device on one socket.
struct Served<D> {
    devices: Managed<D>,
    device: usize,
    options: Arc<DeviceSocketOptions>,
}

impl<D: ManagedDevices> Served<D> {
    async fn serve(self, listener: Listener, mut stop: watch::Receiver<()>) {
        let places = Arc::new(Semaphore::new(self.options.max_connections));
        // Dropping it at the end cuts all clients off.
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                _ = stop.changed() => return,
                Some(_ended) = connections.join_next() => {}
                accepted = listener.accept() => match accepted {
                    Ok(stream) => match Arc::clone(&places).try_acquire_owned() {
                        Ok(place) => {
                            let devices = self.devices.clone();
                            let options = Arc::clone(&self.options);
                            let connection = Connection::new(devices, self.device, options);
                            connections.spawn(async move {
                                connection.run(stream).await;
                                drop(place);
                            });
                        }
                        Err(_) => {
                            connections.spawn(refuse(stream, self.options.max_connections));
                        }
                    },
                    Err(_) => sleep(ACCEPT_PAUSE).await,
                },
            }
        }
    }
}

/// Tells a client that there are too many.
async fn refuse(mut stream: Stream, max_connections: usize) {
    let mut line = Vec::new();
    let problem = format!("all {max_connections} connections of this device are in use");
    request::push_error(&problem, None, &mut line);
    // An empty socket buffer takes this line at once; a client that closed misses nothing.
    let write = async {
        stream.write_all(&line).await?;
        stream.shutdown().await
    };
    timeout(ACCEPT_PAUSE, write).await.ok();
}
