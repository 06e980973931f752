//! Exact constants of the SI (BIPM, The International System of Units, 9th edition, 2019).

/// Speed of light in vacuum, m/s.
pub const SPEED_OF_LIGHT: f64 = 299_792_458.0;
/// Planck constant, J s.
pub const PLANCK: f64 = 6.626_070_15e-34;
/// Elementary charge, C.
pub const ELEMENTARY_CHARGE: f64 = 1.602_176_634e-19;
/// Boltzmann constant, J/K.
pub const BOLTZMANN: f64 = 1.380_649e-23;
/// 0 °C on the thermodynamic scale, K.
pub const ZERO_CELSIUS: f64 = 273.15;
