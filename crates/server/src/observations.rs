//! Observations of one plant as JSON lines on a Unix socket.
//!
//! The server speaks first: `{"hello":"shoreline","protocol":1,"schema":5,"device":…,
//! "fingerprint":…}`. Then it answers each line of the client, in order:
//!
//! | request | answer |
//! |---|---|
//! | `{"op":"capabilities"}` | `{"ok":true,"capabilities":{…}}` |
//! | `{"op":"observe"}` | the latest observation |
//! | `{"op":"subscribe","period_ms":N}` | `{"ok":true,"period_ms":N}`, then an observation at once and whenever there is a new one, but not more often than the period |
//! | `{"op":"unsubscribe"}` | `{"ok":true}` |
//! | `{"op":"command","command":"set_laser_enable",…}` | `{"ok":true,"id":N}`; what became of it stands in the outcomes of a later observation |
//! | anything else | `{"ok":false,"error":…}` |
//!
//! An observation is a line of its own in the [form of `plant`](plant::Observation::encode_json);
//! it has a member `schema` and none called `ok`, so that a recording of the stream is a recording
//! of observations. Each observation that a connection is given holds all edges and outcomes since
//! the one before it on that connection, even when observations in between were passed over; when
//! that would be more than [`SocketOptions::max_events`], the oldest are dropped and a line
//! `{"ok":false,"error":"N events were dropped"}` says so first.
//!
//! The plant is polled by one task only. Commands are refused unless the options allow them.

mod connection;
mod feed;
mod lines;
mod request;

use std::cell::RefCell;
use std::future::Future;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use plant::{Plant, Timestamp};
use tokio::io::AsyncWriteExt;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::{JoinSet, LocalSet};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};

use self::connection::Connection;
use self::feed::Feed;
use crate::ServeError;
use crate::socket_file::{self, SocketFile};

/// How long to wait before accepting again when the system has no file descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Any longer time means for ever; adding it to a time could overflow.
const LONGEST_WAIT: Duration = Duration::from_secs(365 * 86_400);

/// Where and how observations are served.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SocketOptions {
    /// The socket; it gets mode 0600 and is removed at the end.
    pub path: PathBuf,
    /// How often the plant is polled, 100 ms by default; not more often than its minimal period.
    pub poll_period: Duration,
    /// Whether clients may command the plant; no by default. Does not include injecting faults.
    pub allow_write: bool,
    /// Whether clients may inject faults; no by default.
    pub allow_inject: bool,
    /// The largest number of connections, 64 by default; more are told so and closed.
    pub max_connections: usize,
    /// The longest line that a client may send, 64 KiB by default; a longer one is answered with
    /// an error and skipped.
    pub max_line_bytes: usize,
    /// How long a client without subscription may be silent, 10 minutes by default.
    pub idle_timeout: Duration,
    /// How long a client may take to read one line, 5 s by default.
    pub write_timeout: Duration,
    /// How many edges and outcomes are kept for connections that observe rarely, 4096 by default.
    pub max_events: usize,
    /// How long open connections may take to finish their line at the end, 1 s by default.
    pub shutdown_timeout: Duration,
}

impl SocketOptions {
    /// The defaults, on a socket at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            poll_period: Duration::from_millis(100),
            allow_write: false,
            allow_inject: false,
            max_connections: 64,
            max_line_bytes: 64 * 1024,
            idle_timeout: Duration::from_secs(600),
            write_timeout: Duration::from_secs(5),
            max_events: 4096,
            shutdown_timeout: Duration::from_secs(1),
        }
    }
}

/// A socket that listens; clients that connect before it is served wait. Dropping it removes the
/// socket.
#[derive(Debug)]
pub struct Listening {
    options: SocketOptions,
    listener: UnixListener,
    file: SocketFile,
}

impl SocketOptions {
    /// Makes the socket.
    ///
    /// # Errors
    /// [`ServeError`] when the socket cannot be made. A stale socket, at which nobody answers, is
    /// replaced; a live one and anything that is not a socket are left alone.
    pub async fn listen(self) -> Result<Listening, ServeError> {
        let (listener, file) = socket_file::bind(&self.path).await?;
        Ok(Listening {
            options: self,
            listener,
            file,
        })
    }
}

/// Serves `plant` until `shutdown` is ready. `clock` gives the time at which the plant is polled.
///
/// A plant that does not answer, or a clock that goes backwards, does not end serving: `observe`
/// is then answered with the reason until a poll succeeds.
pub async fn serve_observations<P: Plant + 'static>(
    plant: P,
    socket: Listening,
    clock: impl FnMut() -> Timestamp + 'static,
    shutdown: impl Future<Output = ()>,
) {
    let Listening {
        options,
        listener,
        file,
    } = socket;
    LocalSet::new()
        .run_until(serve(plant, options, clock, listener, shutdown))
        .await;
    drop(file);
}

/// The plant with everything that connections share.
struct Hub<P> {
    plant: RefCell<P>,
    feed: RefCell<Feed>,
    options: SocketOptions,
    hello: String,
    capabilities: String,
}

async fn serve<P: Plant + 'static>(
    plant: P,
    options: SocketOptions,
    mut clock: impl FnMut() -> Timestamp + 'static,
    listener: UnixListener,
    shutdown: impl Future<Output = ()>,
) {
    let capabilities = plant.capabilities();
    // A period of zero is one that a timer refuses.
    let period = options
        .poll_period
        .max(capabilities.minimal_period)
        .clamp(Duration::from_millis(1), LONGEST_WAIT);
    let hub = Rc::new(Hub {
        hello: request::hello(capabilities),
        capabilities: request::capabilities(capabilities),
        feed: RefCell::new(Feed::new(options.max_events)),
        plant: RefCell::new(plant),
        options,
    });
    // Before the first connection, which so finds an observation.
    let (version_sender, version) = watch::channel(hub.poll(clock()));
    let (stop_sender, stop) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut ticks = interval_at(Instant::now() + period, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            // In this order, so that neither clients nor a fast plant can delay the end.
            biased;
            () = &mut shutdown => break,
            _ = ticks.tick() => {
                let polled = hub.poll(clock());
                version_sender.send_replace(polled);
            }
            Some(_ended) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if connections.len() < hub.options.max_connections => {
                    let connection = Connection::new(Rc::clone(&hub), version.clone());
                    connections.spawn_local(connection.run(stream, stop.clone()));
                }
                Ok((stream, _)) => refuse(stream, hub.options.max_connections),
                Err(_) => sleep(ACCEPT_PAUSE).await,
            },
        }
    }
    drop(stop_sender);
    let all_ended = async { while connections.join_next().await.is_some() {} };
    // Whoever does not end in time is cut off when the set is dropped.
    timeout(hub.options.shutdown_timeout, all_ended).await.ok();
}

impl<P: Plant> Hub<P> {
    /// Polls the plant and returns the number of the latest observation.
    fn poll(&self, now: Timestamp) -> u64 {
        let mut plant = self.plant.borrow_mut();
        let mut feed = self.feed.borrow_mut();
        match plant.poll(now) {
            Ok(Some(observation)) => feed.publish(observation),
            Ok(None) => feed.clear_problem(),
            Err(error) => feed.set_problem(error.to_string()),
        }
        feed.version()
    }
}

/// Tells a client that there are too many, without waiting for it.
fn refuse(mut stream: UnixStream, max_connections: usize) {
    tokio::task::spawn_local(async move {
        let line = request::error(&format!("all {max_connections} connections are in use"));
        // An empty socket buffer takes this line at once; a client that closed misses nothing.
        let write = async {
            stream.write_all(line.as_bytes()).await?;
            stream.shutdown().await
        };
        timeout(ACCEPT_PAUSE, write).await.ok();
    });
}
