//! One client of one device.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::request::{self, Asked, Request};
use super::{DeviceSocketOptions, LONGEST_WAIT, Stream};
use crate::managed::{Managed, ManagedDevices};

/// How much is read at once, beside the line that is not complete yet.
const CHUNK_BYTES: usize = 32 * 1024;
/// Answers are sent when they are about this long, though more requests are there.
const BATCH_BYTES: usize = 64 * 1024;

/// How long a client that is cut off may take to stop sending.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(100);

/// The connection is over; why does not matter to anybody else.
struct Closed;

/// The state of one client.
pub(super) struct Connection<D> {
    devices: Managed<D>,
    device: usize,
    options: Arc<DeviceSocketOptions>,
    /// What has come; the requests in it that are answered are taken out.
    input: Vec<u8>,
    n_input: usize,
    output: Vec<u8>,
    /// Malformed lines since the last request.
    n_malformed: u32,
    is_too_long: bool,
}

impl<D: ManagedDevices> Connection<D> {
    pub(super) fn new(
        devices: Managed<D>,
        device: usize,
        options: Arc<DeviceSocketOptions>,
    ) -> Self {
        Self {
            input: vec![0; options.max_line_bytes.saturating_add(CHUNK_BYTES)],
            n_input: 0,
            output: Vec::new(),
            n_malformed: 0,
            is_too_long: false,
            devices,
            device,
            options,
        }
    }

    /// Serves the client until it leaves or is cut off.
    pub(super) async fn run(mut self, stream: Stream) {
        // Whichever way it ends, the socket is closed and nothing else is to be done.
        let _: Result<(), Closed> = self.serve(stream).await;
    }

    async fn serve(&mut self, mut stream: Stream) -> Result<(), Closed> {
        let idle_timeout = self.options.idle_timeout.min(LONGEST_WAIT);
        loop {
            let read = stream.read(&mut self.input[self.n_input..]);
            let Ok(read) = timeout(idle_timeout, read).await else {
                let seconds = idle_timeout.as_secs_f64();
                let problem = format!("no request within {seconds} s; goodbye");
                return self.say_goodbye(&problem, &mut stream).await;
            };
            let n_read = read.map_err(|_| Closed)?;
            let is_end = n_read == 0;
            self.n_input += n_read;
            if is_end && self.n_input > 0 {
                // The last line has no line feed. There is room for one: a full buffer ended it.
                self.input[self.n_input] = b'\n';
                self.n_input += 1;
            }
            self.answer_all(&mut stream).await?;
            if is_end {
                return Ok(());
            }
        }
    }

    /// Answers what has come, and keeps the line that is not complete.
    async fn answer_all(&mut self, stream: &mut Stream) -> Result<(), Closed> {
        let mut start = 0;
        loop {
            let n_done = self.answer_batch(start);
            start += n_done;
            if self.n_malformed >= self.options.max_malformed {
                let problem = format!("{} malformed lines in a row; goodbye", self.n_malformed);
                return self.say_goodbye(&problem, stream).await;
            }
            if self.is_too_long {
                let limit = self.options.max_line_bytes;
                let problem = format!("the line is longer than {limit} bytes; goodbye");
                return self.say_goodbye(&problem, stream).await;
            }
            let is_all = self.output.len() < BATCH_BYTES;
            self.flush(stream).await?;
            if is_all {
                break;
            }
        }
        self.input.copy_within(start..self.n_input, 0);
        self.n_input -= start;
        Ok(())
    }

    /// Answers lines from `start` on until the answers fill a batch, and returns how many bytes these
    /// lines have. Nobody else accesses the devices meanwhile.
    fn answer_batch(&mut self, start: usize) -> usize {
        let Self {
            devices,
            device,
            options,
            input,
            output,
            n_malformed,
            is_too_long,
            ..
        } = self;
        let input = &input[start..self.n_input];
        let mut rest = input;
        let mut guard = devices.lock();
        while output.len() < BATCH_BYTES && *n_malformed < options.max_malformed {
            let Some(end) = rest.iter().position(|&byte| byte == b'\n') else {
                *is_too_long = rest.len() > options.max_line_bytes;
                break;
            };
            *is_too_long = end > options.max_line_bytes;
            if *is_too_long {
                break;
            }
            let (line, after) = (&rest[..end], &rest[end + 1..]);
            rest = after;
            let Asked { id, request } = Asked::parse(line);
            let id = id.as_ref();
            let request = match request {
                Ok(request) => {
                    *n_malformed = 0;
                    request
                }
                Err(problem) => {
                    *n_malformed += 1;
                    request::push_error(&problem, id, output);
                    continue;
                }
            };
            match request {
                Request::Read { from, n_bytes } => {
                    let mut bytes = [0; 256];
                    let bytes = &mut bytes[..usize::from(n_bytes)];
                    match guard.read(*device, from, bytes) {
                        Ok(()) => request::push_data(bytes, id, output),
                        Err(cmis::Nack) => request::push_nack(id, output),
                    }
                }
                Request::Peek { from, n_bytes } => {
                    let mut bytes = [0; 256];
                    let bytes = &mut bytes[..usize::from(n_bytes)];
                    match guard.peek(*device, from, bytes) {
                        Ok(()) => request::push_data(bytes, id, output),
                        Err(cmis::Nack) => request::push_nack(id, output),
                    }
                }
                Request::Write { from, data } => match guard.write(*device, from, &data) {
                    Ok(()) => request::push_done(id, output),
                    Err(cmis::Nack) => request::push_nack(id, output),
                },
                Request::Advance { ms } => {
                    match devices.clock().advance(Duration::from_millis(ms)) {
                        Some(now) => {
                            guard.advance_to(now);
                            request::push_done(id, output);
                        }
                        None => request::push_error(
                            "the clock runs by itself; only a manual one (--clock manual) is advanced",
                            id,
                            output,
                        ),
                    }
                }
                Request::Fresh => {
                    guard.fresh(*device);
                    request::push_done(id, output);
                }
                Request::Inject { .. } if !options.allow_inject => {
                    request::push_error(
                        "this server was not told to allow injecting (--allow-inject)",
                        id,
                        output,
                    );
                }
                Request::Inject { what, args } => match guard.inject(*device, &what, &args) {
                    Ok(()) => request::push_done(id, output),
                    Err(problem) => request::push_error(&problem, id, output),
                },
            }
        }
        input.len() - rest.len()
    }

    /// Sends all answers, or gives the client up when it does not read in time.
    async fn flush(&mut self, stream: &mut Stream) -> Result<(), Closed> {
        if self.output.is_empty() {
            return Ok(());
        }
        let write = async {
            stream.write_all(&self.output).await?;
            stream.flush().await
        };
        let written = timeout(self.options.write_timeout, write).await;
        self.output.clear();
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Closed),
        }
    }

    async fn say_goodbye(&mut self, problem: &str, stream: &mut Stream) -> Result<(), Closed> {
        request::push_error(problem, None, &mut self.output);
        self.flush(stream).await?;
        stream.shutdown().await.map_err(|_| Closed)?;
        // A TCP stream that is closed while something is unread takes back what was sent.
        let drain = async { while matches!(stream.read(&mut self.input).await, Ok(1..)) {} };
        timeout(DRAIN_TIMEOUT, drain).await.ok();
        Err(Closed)
    }
}
