//! What sensors make of the truth.
//!
//! [`Truth`] is what physics says at the end of an interval. [`Sensors`] read it into an
//! observation: with the noise, bias, steps, period and range that the description states of each
//! monitor, with counts drawn from their distributions, and with failures of their own.
//! [`SensorPlan`] is what the switches of one description share.
//!
//! A monitor is read at the multiples of its period. Its reading is
//! `max(floor, round((truth + bias + noise z) / lsb) lsb)`, with `z` normal and the bias drawn
//! once. Between readings its column keeps value and time. When a step passes several multiples
//! the last one is read, of the truth at the end of the step.
//!
//! Bit errors are binomial in the bits of the interval, and a ratio is their count divided by the
//! bits; that of a port sums those of its lanes. Without bits the last ratio stands and is stale. Codewords are shared out among 0 to 15 corrected
//! symbols and *uncorrected* in one multinomial draw, from which all counters of a port follow. A
//! port's codewords and its lanes' bit errors are drawn apart: they agree in the mean.
//!
//! Each random number is a function of the seed, the names of switch and entity, the quantity, and
//! the number of the reading (or, for what is counted and has no period, the time). Another sensor
//! or another step between readings changes none.
//!
//! What the description states no monitor for is read as it is: powers and supply voltages of
//! dies, modules and box, host input swings, laser voltages, frequencies, ages and cooler currents,
//! dark currents, and all states.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//! use plant::{DeviceName, Signal, Timestamp};
//! use system::{Input, Library, System};
//! use twin::sensors::{SensorPlan, Sensors, Truth};
//!
//! let library = Library::embedded();
//! let text = library.platform("cpo-51t").ok_or("no such platform")?;
//! let system = System::resolve(&Input {
//!     name: "cpo-51t",
//!     bytes: text.as_bytes(),
//!     sets: &[],
//!     library: &library,
//!     load: &|file| Err(format!("{file} is not there")),
//! })?;
//! let plan = Arc::new(SensorPlan::new(&system));
//! let mut sensors = Sensors::new(plan, DeviceName::new("leaf1")?, 7);
//! let mut truth = Truth::new(&system);
//! truth.values_mut(Signal::RxPower).fill(-3.0);
//! let step = Duration::from_millis(100);
//! sensors.read(&truth, Timestamp::default().saturating_add(step), step);
//! let column = sensors.observation().column(Signal::RxPower).ok_or("not measured")?;
//! let reading = column.value(0).ok_or("dark")?;
//! // Within the stated bias of 1.5 dB and five times its noise of 0.05 dB.
//! assert!((reading + 3.0).abs() < 1.75 && reading != -3.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What it does not model: delay and averaging inside a monitor, errors that grow with the reading,
//! bit errors in bursts.

mod column;
mod counting;
mod fault;
mod normal;
mod plan;
mod read;
mod saved;
mod tally;
mod truth;

pub use fault::{SensorError, SensorFault};
pub use plan::{Monitor, SensorPlan};
pub use read::Sensors;
pub(crate) use saved::SavedSensors;
pub use truth::{BitErrors, CodewordErrors, CodewordModel, Truth};
