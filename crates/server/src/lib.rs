//! Sockets and files on which a plant and its managed devices are served.
//!
//! [`serve_observations`] gives the observations of one [`Plant`](plant::Plant) to any number of
//! clients on a Unix socket, one JSON object per line. Its module [`observations`] describes the
//! protocol. [`ManagedDevices`] are devices behind registers: [`serve_devices`] gives them to clients
//! on sockets, as [`device_socket`] describes, and [`OptoeOptions::mount`] as files, as [`optoe`]
//! describes.
//!
//! ```
//! use std::io::{BufRead, BufReader};
//! use std::os::unix::net::UnixStream;
//!
//! use plant::{DeviceName, Observation, StaticPlant};
//! use server::{SocketOptions, monotonic_clock, serve_observations};
//! use system::Fingerprint;
//!
//! let directory = tempfile::tempdir()?;
//! let path = directory.path().join("leaf1.sock");
//! let template = Observation::new(Fingerprint::of(b"text"), DeviceName::new("leaf1")?);
//! let plant = StaticPlant::new(template)?;
//!
//! let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
//! let client_path = path.clone();
//! let client = std::thread::spawn(move || {
//!     let stream = loop {
//!         match UnixStream::connect(&client_path) {
//!             Ok(stream) => break stream,
//!             Err(_) => std::thread::yield_now(),
//!         }
//!     };
//!     let hello = BufReader::new(stream).lines().next();
//!     stop.send(()).expect("the server waits for this");
//!     hello
//! });
//! let shutdown = async {
//!     stopped.await.ok();
//! };
//! let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! let options = SocketOptions::new(path);
//! runtime.block_on(async {
//!     let socket = options.listen().await?;
//!     serve_observations(plant, socket, monotonic_clock(), shutdown).await;
//!     Ok::<(), server::ServeError>(())
//! })?;
//! let hello = client.join().expect("the client ends").expect("a first line")?;
//! assert!(hello.contains(r#""device":"leaf1""#));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Deliberately absent: physics, alarms, registers, and any knowledge of what is behind plant and
//! devices.

mod clock;
pub mod device_socket;
mod error;
pub mod managed;
pub mod observations;
pub mod optoe;
mod socket_file;

pub use clock::{Clock, Pace, monotonic_clock};
pub use device_socket::{
    DeviceAddress, DeviceSocketOptions, DeviceSockets, keep_time, serve_devices,
};
pub use error::ServeError;
pub use managed::{DeviceInfo, DeviceKind, Locked, Managed, ManagedDevices, NotManual};
pub use observations::{Listening, SocketOptions, serve_observations};
pub use optoe::{OptoeMount, OptoeOptions, take_down_stale};
