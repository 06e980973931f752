//! One optical lane: what the receiver decides, and what forward error correction makes of it.
//!
//! The main types are [`Reception`] (levels, receiver and impairments; `evaluate` gives Q,
//! thresholds and error ratios), [`Sensitivity`] and [`Margin`] (solved on the whole receiver),
//! [`fec`] (from bit errors to lost codewords) and [`batch`] (the same for many lanes, fast).
//!
//! ```
//! use link::fec::FecCode;
//! use link::{
//!     CompressedEyes, Impairments, LevelShape, Levels, Modulation, Receiver, Reception, Thresholds,
//! };
//! use units::{Ratio, parse};
//!
//! let shape = LevelShape {
//!     modulation: Modulation::Pam4,
//!     extinction_ratio: parse("5 dB")?,
//!     level_mismatch: Ratio::new(1.0),
//!     compressed_eyes: CompressedEyes::Middle,
//! };
//! let power: units::DbMilliwatts = parse("-8 dBm")?;
//! let reception = Reception {
//!     levels: Levels::from_average(power.to_watts(), &shape)?,
//!     receiver: Receiver {
//!         responsivity: parse("0.9 A/W")?,
//!         dark_current: parse("20 nA")?,
//!         thermal_noise: parse("16 pA/rtHz")?,
//!         noise_bandwidth: parse("40 GHz")?,
//!         noise_enhancement: Ratio::new(1.0),
//!     },
//!     impairments: Impairments {
//!         rin: Some(parse("-145 dB/Hz")?),
//!         ..Impairments::default()
//!     },
//!     thresholds: Thresholds::GaussianCrossing,
//! };
//! let decision = reception.evaluate()?;
//! assert!(decision.bit_error_ratio < 2.4e-4);
//! let ln_cer = FecCode::Kp4.ln_codeword_error_ratio(decision.bit_error_ratio)?;
//! assert!(ln_cer < 1e-12f64.ln());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What the receiver does not model: clock recovery and jitter, saturation, noise correlation
//! through an equaliser, and error propagation inside the receiver (see [`fec::BurstModel`]).
//!
//! References: G. P. Agrawal, Fiber-Optic Communication Systems, 4th ed., 2010; J. G. Proakis,
//! Digital Communications, 4th ed., 2001; IEEE 802.3 clauses 91, 119 and 120D.

pub mod batch;
mod conditions;
mod control;
mod convert;
mod density;
mod element;
pub mod equaliser;
mod error;
pub mod fec;
mod inverse;
mod kernel;
mod lane;
mod lane_kernel;
mod levels;
mod measured;
mod noise;
mod power;
mod receiver;
mod sensitivity;
mod tails;

pub use conditions::Conditions;
pub use control::{HeaterState, LaserState, laser_power_control, waveguide_drift};
pub use convert::{laser_device, shift_loss};
pub use density::{DiscreteDensity, MAX_ATOMS};
pub use element::{Element, Plane, Planes};
pub use error::LinkError;
pub use inverse::{Unreachable, drive_for_extinction_ratio, residual_for_coupler_loss};
pub use lane::{
    Arrived, DerivedPlane, FilterPoint, HeaterAct, HostInput, LaneDerivation, LaneDesign,
    LaneFault, LaneHeaters, LaneModel, Lanes, LaserModel, LevelPowers, Limit, LockState,
    MAX_LEVELS, ModulatorState, ReceiveState, RingRow, RowRing, SAME_LIGHT, Sent, Solution,
    TransmitState, host_class, lane, ring_rows, symbol_rate,
};
pub use levels::{CompressedEyes, LevelShape, Levels, Modulation};
pub use noise::{
    Impairments, Interference, InterferenceModel, InterfererPower, NoiseKind, NoiseTerms, Receiver,
    SymbolDisturbance,
};
pub use power::{LatencyTerms, PowerTerms, engine_line_rate, group_power, latency};
pub use receiver::{Decision, Eye, Reception, Thresholds};
pub use sensitivity::{Margin, Sensitivity, margin, sensitivity};
