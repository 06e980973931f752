//! Recordings of observations: what sensors said, kept and found again.
//!
//! A [`Ring`] holds the recent past in memory. A [`Recorder`] writes into a [`Store`], which is
//! one `SQLite` file (`.slr` by custom: a recording is a store), and a [`Query`] reads by device,
//! signal, entity and time from either.
//!
//! ```
//! use plant::{Column, DeviceName, Observation, Signal, Timestamp};
//! use system::Fingerprint;
//! use telemetry::{Query, Reading, Recorder, RecorderOptions, Store, TimeFormat};
//!
//! let system = Fingerprint::of(b"a description");
//! let device = DeviceName::new("leaf1")?;
//! // `Store::create` makes a file in the same way.
//! let mut recorder = Recorder::new(Store::in_memory(system)?, RecorderOptions::default());
//! let mut observation = Observation::new(system, device.clone());
//! for second in 0..3_u8 {
//!     observation.time = Timestamp::from_nanos(u64::from(second) * 1_000_000_000);
//!     let powers = [-3.5, -4.0 - f64::from(second)];
//!     observation.insert(Column::from_values(Signal::RxPower, powers)?);
//!     recorder.record(&observation)?;
//! }
//! let store = recorder.finish()?;
//!
//! let query = Query::named(device, "rx_power_dbm")?.entity(1);
//! let last = store.query(&query)?.last().expect("three were recorded")?;
//! assert_eq!(last.reading, Some(Reading::Value(-6.0)));
//!
//! let mut csv = Vec::new();
//! store.query(&query)?.write_csv(&mut csv, TimeFormat::Seconds)?;
//! assert!(csv.starts_with(b"time_s,device,media_lane,rx_power_dbm,quality\r\n0.000000000,leaf1,1,-4.0,good"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Nothing is lost by storing: [`Store::observations`] gives back what was recorded, bit for bit,
//! with quality, times, reset epochs, edges and outcomes. What was committed stays, whatever
//! happens to the process afterwards; a full disk or a foreign observation is an error of the
//! call that met it.
//!
//! Deliberately absent: a clock (times are those of observations), thresholds and alarms (they
//! belong to `device`), and any knowledge of where observations come from.

mod bits;
pub mod block;
mod error;
mod export;
mod query;
mod recorder;
mod retention;
mod ring;
mod sample;
mod series;
mod steps;
mod store;
mod track;

pub use error::TelemetryError;
pub use export::TimeFormat;
pub use query::{Observations, Query, Samples};
pub use recorder::{Commit, Recorder, RecorderOptions};
pub use retention::{Removed, Retention};
pub use ring::Ring;
pub use sample::{Reading, Sample};
pub use steps::{Statistic, Step};
pub use store::Store;
