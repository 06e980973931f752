//! Optical devices of a co-packaged link as operating points: given the parameters of a part and
//! what is asked of it, what comes out, at what loss, noise, bandwidth and power, or why it
//! cannot be had.
//!
//! Every device is a plain struct of quantities with functions of its operating conditions:
//!
//! | module | device |
//! |---|---|
//! | [`laser`], [`ageing`] | continuous-wave laser over current and temperature, its degradation and failure |
//! | [`fibre`], [`connector`] | fibre, polarisation-maintaining fibre, connectors and their mutual interference |
//! | [`coupling`], [`coupler`], [`splitter`] | overlap of modes, edge and grating couplers, splitter trees |
//! | [`material`], [`slab`], [`mode`], [`waveguide`] | index, analytic slab, full-vector mode solver, guide with nonlinear absorption |
//! | [`level`], [`modulation`], [`mzm`], [`ring_modulator`] | algebra of levels, Mach-Zehnder and ring modulators |
//! | [`ring`], [`mux`], [`heater`], [`self_heating`] | resonators, multiplexers, tuning, bistability |
//! | [`detector`], [`receiver`] | photodiode, transimpedance amplifier |
//! | [`platform`] | what a material platform can and cannot do |
//!
//! Fields vary as `exp(+j w t)`, so propagation over a length `z` is `exp(-j beta z)`. Losses in
//! decibels are positive, reflectances are negative.
//!
//! ```
//! use photonics::level::{oma_outer, average_power};
//! use photonics::splitter::SplitterTree;
//! use units::{DbMilliwatts, Decibels};
//!
//! // A 17 dBm laser feeds four modulators of 4.5 dB loss and 5 dB extinction ratio.
//! let tree = SplitterTree {
//!     outputs: 4,
//!     excess_loss: Decibels::new(0.2),
//!     imbalance: Decibels::new(0.0),
//! };
//! let at_modulator = DbMilliwatts::new(17.0) - tree.mean_loss()?;
//! let (loss, er) = (Decibels::new(4.5), Decibels::new(5.0));
//! let oma = oma_outer(at_modulator.to_watts(), loss, er);
//! let average = average_power(at_modulator.to_watts(), loss, er);
//! assert!((DbMilliwatts::from_watts(oma).value() - 4.43).abs() < 0.01);
//! assert!(oma > average);
//! # Ok::<(), photonics::DeviceError>(())
//! ```
//!
//! What it does not model: circuits of scattering matrices, waveforms in time, the noise and error
//! ratio of a link, how devices warm each other, polarisation inside a chip. No parameter of a
//! real part is built in; values come from the caller.
//!
//! References stand with each model; the general ones are L. Chrostowski, M. Hochberg, Silicon
//! Photonics Design 2015, and W. Bogaerts et al., "Silicon microring resonators", Laser and
//! Photonics Reviews 6 (2012) 47.

pub mod ageing;
mod band;
mod complex;
pub mod connector;
pub mod coupler;
pub mod coupling;
pub mod detector;
mod error;
pub mod fibre;
mod grid;
pub mod heater;
pub mod laser;
pub mod level;
pub mod material;
pub mod mode;
pub mod modulation;
pub mod mux;
pub mod mzm;
pub mod platform;
pub mod receiver;
pub mod ring;
pub mod ring_modulator;
pub mod self_heating;
pub mod slab;
pub mod splitter;
pub mod waveguide;

pub use complex::Complex;
pub use error::{DeviceError, PowerLimit};
