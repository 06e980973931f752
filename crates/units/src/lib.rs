//! Quantities of co-packaged optics: values with a dimension, levels in decibels, text with
//! units, spreads, provenance and reproducible random numbers.
//!
//! The main types are the newtypes of [`quantity`] ([`Watts`], [`Meters`], [`DbMilliwatts`], ...).
//! Each holds one `f64` in its SI unit (levels and ratios in decibels) and has only the
//! operations that physics allows.
//!
//! ```
//! use units::{DbMilliwatts, Decibels, parse};
//!
//! let launch: DbMilliwatts = parse("20 dBm")?;
//! let fibre_loss: Decibels = parse("3.5 dB")?;
//! let received = launch - fibre_loss;
//! assert_eq!(received.to_string(), "16.5 dBm");
//! assert!(parse::<DbMilliwatts>("13 nm").is_err());
//! # Ok::<(), units::ParseError>(())
//! ```
//!
//! Levels do not add:
//!
//! ```compile_fail
//! use units::DbMilliwatts;
//! let wrong = DbMilliwatts::new(3.0) + DbMilliwatts::new(3.0);
//! ```
//!
//! What it does not model: general dimensional analysis. A product that no model needs has no
//! operator.

pub mod constants;
pub mod derivation;
mod dimension;
mod error;
pub mod quantity;
pub mod random;
mod sourced;
pub mod special;
mod spread;
mod text;

pub use derivation::Derived;
pub use dimension::{Dimension, Unit};
pub use error::ParseError;
pub use quantity::*;
pub use sourced::{Origin, Place, Sourced};
pub use spread::Spread;
pub use text::{format_digits, format_si, parse, parse_in};
