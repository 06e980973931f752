//! What depends on temperature: powers and conductivities.

mod conductivity;
mod power;

pub use conductivity::Nonlinear;
pub use power::{OperatingPoint, Operation, PowerAt, PowerLaw, Runaway};
