//! How fast the ways to managed devices are, apart from what the devices do.
//!
//! ```sh
//! cargo build --release -p server --example ways
//! taskset -c 0 target/release/examples/ways serve ways &
//! taskset -c 1 target/release/examples/ways socket ways/oe0.sock
//! taskset -c 1 target/release/examples/ways cycle ways/optoe/by-name/oe0/eeprom
//! taskset -c 1 target/release/examples/ways held ways/optoe/by-name/oe0/eeprom
//! ```
#![expect(clippy::print_stdout, reason = "it prints figures")]
#![expect(
    clippy::disallowed_methods,
    reason = "it measures time and opens files"
)]

#[path = "../tests/fake/mod.rs"]
mod fake;

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use server::{Clock, DeviceSocketOptions, Managed, OptoeOptions, Pace, serve_devices};

/// How long each figure is measured.
const DURATION: Duration = Duration::from_secs(3);
/// Requests that are sent before the first answer is waited for.
const WINDOW: u64 = 256;
/// Page 11h, lane monitors.
const OFFSET: u64 = 0x11 * 128 + 128;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match &args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", directory] => serve(Path::new(directory), 1),
        ["serve", directory, n_threads] => serve(Path::new(directory), n_threads.parse()?),
        ["socket", path] => socket(path),
        ["ping", path] => ping(path),
        ["cycle", path] => report("open, seek, read, close", || {
            let mut file = File::open(path)?;
            file.seek(SeekFrom::Start(OFFSET))?;
            file.read_exact(&mut [0; 4])?;
            Ok(1)
        }),
        ["held", path] => {
            let file = File::open(path)?;
            report("read of an open file", || {
                file.read_exact_at(&mut [0; 4], OFFSET)?;
                Ok(1)
            })
        }
        _ => Err(
            "expected serve DIR [THREADS], socket PATH, ping PATH, cycle PATH or held PATH".into(),
        ),
    }
}

fn serve(directory: &Path, n_threads: usize) -> Result<(), Box<dyn Error>> {
    let devices = Managed::new(fake::Fake::new(), Clock::new(Pace::Real));
    let mut options = OptoeOptions::new(directory.join("optoe"));
    options.n_threads = n_threads;
    let mut sockets = DeviceSocketOptions::default();
    sockets.directory = Some(directory.to_owned());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let sockets = sockets.listen(&devices).await?;
        let mount = options.mount(&devices)?;
        println!("ready");
        let shutdown = async {
            tokio::signal::ctrl_c().await.ok();
        };
        serve_devices(sockets, shutdown).await;
        mount.unmount()?;
        Ok(())
    })
}

fn socket(path: &str) -> Result<(), Box<dyn Error>> {
    let mut stream = UnixStream::connect(path)?;
    let line = "{\"op\":\"read\",\"page\":17,\"bank\":0,\"off\":128,\"len\":4}\n";
    let requests = line.repeat(usize::try_from(WINDOW)?);
    let expected = "{\"ok\":true,\"data\":\"11000000\"}\n".repeat(usize::try_from(WINDOW)?);
    let mut replies = vec![0; expected.len()];
    // Two windows are under way, so that neither side waits for the other.
    stream.write_all(requests.as_bytes())?;
    report("pipelined reads over a socket", || {
        stream.write_all(requests.as_bytes())?;
        stream.read_exact(&mut replies)?;
        if replies != expected.as_bytes() {
            return Err("the answers are wrong".into());
        }
        Ok(WINDOW)
    })
}

fn ping(path: &str) -> Result<(), Box<dyn Error>> {
    let mut stream = UnixStream::connect(path)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut reply = String::new();
    report("reads over a socket, one after the other", || {
        stream.write_all(b"{\"op\":\"read\",\"page\":17,\"bank\":0,\"off\":128,\"len\":4}\n")?;
        reply.clear();
        reader.read_line(&mut reply)?;
        Ok(1)
    })
}

fn report(
    what: &str,
    mut access: impl FnMut() -> Result<u64, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let started = Instant::now();
    let mut n_done = 0;
    while started.elapsed() < DURATION {
        n_done += access()?;
    }
    let per_second = n_done as f64 / started.elapsed().as_secs_f64();
    println!("{what}: {per_second:.0}/s");
    Ok(())
}
