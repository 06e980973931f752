//! The Common Management Interface Specification (CMIS): the register map by which hosts manage optical
//! engines and external lasers, and modules that behave by it.
//!
//! [`map`] is one table of registers. Decoding, encoding, who may touch what, and documentation derive
//! from it, for the module's side and for the host's.
//!
//! ```
//! use cmis::map::lower::MODULE_STATE;
//! use cmis::{HALF, Value};
//!
//! let mut lower = [0; HALF];
//! lower[3] = 0b0111;
//! assert_eq!(MODULE_STATE.value(0, &lower), Value::Code(3, Some("ModuleReady")));
//! ```
//!
//! Deliberately absent: input and output, clocks (time is passed in), physics, and thresholds that
//! are not a module's own.

mod access;
mod address;
mod codec;
pub mod map;
mod register;

pub use access::{Nack, Registers};
pub use address::{Address, HALF, Layout, is_banked};
pub use codec::{Half, Value, f16, name_of, to_f16};
pub use register::{
    Access, Codes, Feature, Features, Form, LOWER, Order, Place, Register, Repeat, Scale, at,
};
