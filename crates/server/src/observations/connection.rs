//! One client.

use std::rc::Rc;
use std::time::Duration;

use plant::{Command, CommandKind, Plant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::feed::Cursor;
use super::lines::{Line, LineSplitter};
use super::request::{self, Request};
use super::{Hub, LONGEST_WAIT};

/// The connection is over; why does not matter to anybody else.
struct Closed;

struct Subscription {
    period: Duration,
    next: Instant,
}

/// The state of one client.
pub(super) struct Connection<P> {
    hub: Rc<Hub<P>>,
    /// The number of the latest observation, to wait for the next.
    version: watch::Receiver<u64>,
    cursor: Cursor,
    subscription: Option<Subscription>,
}

impl<P: Plant> Connection<P> {
    pub(super) fn new(hub: Rc<Hub<P>>, version: watch::Receiver<u64>) -> Self {
        let cursor = hub.feed.borrow().start();
        Self {
            hub,
            version,
            cursor,
            subscription: None,
        }
    }

    /// Serves the client until it leaves, is cut off, or `stop` is closed.
    pub(super) async fn run(mut self, stream: UnixStream, stop: watch::Receiver<()>) {
        // Whichever way it ends, the socket is closed and nothing else is to be done.
        let _: Result<(), Closed> = self.serve(stream, stop).await;
    }

    async fn serve(
        &mut self,
        stream: UnixStream,
        mut stop: watch::Receiver<()>,
    ) -> Result<(), Closed> {
        let (mut reader, mut writer) = stream.into_split();
        let mut splitter = LineSplitter::new(self.hub.options.max_line_bytes);
        let mut chunk = vec![0; 4096];
        let mut is_input_open = true;
        let idle_timeout = self.hub.options.idle_timeout.min(LONGEST_WAIT);
        let mut idle_since = Instant::now();
        let hub = Rc::clone(&self.hub);
        self.write(&mut writer, &hub.hello).await?;
        while is_input_open || self.subscription.is_some() {
            tokio::select! {
                _ = stop.changed() => return Ok(()),
                () = due(self.subscription.as_ref(), &mut self.version, self.cursor) => {
                    self.send_update(&mut writer).await?;
                    if let Some(subscription) = &mut self.subscription {
                        subscription.next = Instant::now() + subscription.period;
                    }
                    idle_since = Instant::now();
                }
                () = sleep_until(idle_since + idle_timeout), if self.subscription.is_none() => {
                    let seconds = idle_timeout.as_secs_f64();
                    let line = request::error(&format!("no request within {seconds} s; goodbye"));
                    return self.write(&mut writer, &line).await;
                }
                read = reader.read(&mut chunk), if is_input_open => {
                    let n_read = read.map_err(|_| Closed)?;
                    let mut lines = splitter.push(&chunk[..n_read]);
                    if n_read == 0 {
                        is_input_open = false;
                        lines.extend(splitter.finish());
                    }
                    for line in lines {
                        self.answer(&line, &mut writer).await?;
                        idle_since = Instant::now();
                    }
                }
            }
        }
        Ok(())
    }

    async fn answer(&mut self, line: &Line, writer: &mut OwnedWriteHalf) -> Result<(), Closed> {
        let line = match line {
            Line::Complete(line) => line,
            Line::TooLong => {
                let limit = self.hub.options.max_line_bytes;
                let reply = request::error(&format!("the line is longer than {limit} bytes"));
                return self.write(writer, &reply).await;
            }
        };
        let reply = match Request::parse(line) {
            Err(error) => request::error(&error),
            Ok(Request::Observe) => return self.send_update(writer).await,
            Ok(Request::Capabilities) => {
                let hub = Rc::clone(&self.hub);
                return self.write(writer, &hub.capabilities).await;
            }
            Ok(Request::Subscribe { period_ms }) => {
                self.subscription = Some(Subscription {
                    period: Duration::from_millis(period_ms),
                    next: Instant::now(),
                });
                // The first observation comes at once, even when it was given before.
                self.cursor = self.hub.feed.borrow().rewound(self.cursor);
                request::subscribed(period_ms)
            }
            Ok(Request::Unsubscribe) => {
                self.subscription = None;
                request::unsubscribed()
            }
            Ok(Request::Command(command)) => self.submit(command),
        };
        self.write(writer, &reply).await
    }

    fn submit(&self, command: Command) -> String {
        let options = &self.hub.options;
        let (is_allowed, what) = if command.kind() == CommandKind::InjectFault {
            (options.allow_inject, "injecting faults")
        } else {
            (options.allow_write, "commands")
        };
        if is_allowed {
            let id = self.hub.plant.borrow_mut().submit(command);
            request::submitted(id.0)
        } else {
            request::error(&format!("this server was not told to allow {what}"))
        }
    }

    /// Sends the latest observation with all events since the one before.
    async fn send_update(&mut self, writer: &mut OwnedWriteHalf) -> Result<(), Closed> {
        let update = self.hub.feed.borrow().since(self.cursor);
        match update {
            Ok(update) => {
                if update.n_dropped > 0 {
                    let n_dropped = update.n_dropped;
                    let notice = request::error(&format!("{n_dropped} events were dropped"));
                    self.write(writer, &notice).await?;
                }
                self.cursor = update.cursor;
                self.write(writer, &update.line).await
            }
            Err(problem) => self.write(writer, &request::error(&problem)).await,
        }
    }

    /// Writes a line, or gives the client up when it does not read in time.
    async fn write(&self, writer: &mut OwnedWriteHalf, line: &str) -> Result<(), Closed> {
        let write = writer.write_all(line.as_bytes());
        match timeout(self.hub.options.write_timeout, write).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Closed),
        }
    }
}

/// Waits until a subscription has something to send: its period is over and there is an
/// observation that the connection has not got. Without a subscription, waits for ever.
async fn due(
    subscription: Option<&Subscription>,
    version: &mut watch::Receiver<u64>,
    cursor: Cursor,
) {
    let Some(subscription) = subscription else {
        return std::future::pending().await;
    };
    sleep_until(subscription.next).await;
    let is_newer = version.wait_for(|&version| version > cursor.version).await;
    if is_newer.is_err() {
        // The plant is polled no more; the server is about to stop.
        std::future::pending::<()>().await;
    }
}
