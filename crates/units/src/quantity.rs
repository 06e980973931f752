//! One newtype per quantity. Each holds its value in the SI unit named in its documentation;
//! levels and power ratios hold decibels.
//!
//! Printing chooses a readable unit; a precision counts significant digits:
//! `format!("{:.3}", Watts::new(0.0012345))` is `1.23 mW`.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

use crate::Dimension;
use crate::constants::{PLANCK, SPEED_OF_LIGHT, ZERO_CELSIUS};

/// A value with a dimension, as held by one of the newtypes of this module.
pub trait Quantity: Copy + PartialOrd + std::fmt::Debug + std::fmt::Display {
    /// What it measures.
    const DIMENSION: Dimension;
    /// Wraps a value in the unit that the newtype holds.
    fn from_si(value: f64) -> Self;
    /// The value in the unit that the newtype holds.
    fn si(self) -> f64;
}

/// A pure number.
impl Quantity for f64 {
    const DIMENSION: Dimension = Dimension::Ratio;
    fn from_si(value: f64) -> Self {
        value
    }
    fn si(self) -> f64 {
        self
    }
}

macro_rules! quantity {
    ($(#[doc = $doc:literal])+ $name:ident, $dimension:ident) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
        pub struct $name(f64);

        impl $name {
            /// Wraps a value in the unit that the type holds.
            #[inline]
            pub const fn new(value: f64) -> Self { Self(value) }
            /// The value in the unit that the type holds.
            #[inline]
            pub const fn value(self) -> f64 { self.0 }
            /// The larger of two values.
            #[must_use]
            #[inline]
            pub fn max(self, other: Self) -> Self { Self(self.0.max(other.0)) }
            /// The smaller of two values.
            #[must_use]
            #[inline]
            pub fn min(self, other: Self) -> Self { Self(self.0.min(other.0)) }
        }

        impl Quantity for $name {
            const DIMENSION: Dimension = Dimension::$dimension;
            #[inline]
            fn from_si(value: f64) -> Self { Self(value) }
            #[inline]
            fn si(self) -> f64 { self.0 }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                crate::text::display(Dimension::$dimension, self.0, f)
            }
        }
    };
}

/// A quantity that adds to its own kind and scales by a number.
macro_rules! additive {
    ($($(#[doc = $doc:literal])+ $name:ident, $dimension:ident;)+) => {$(
        quantity!($(#[doc = $doc])+ $name, $dimension);

        impl Add for $name { type Output = Self; #[inline] fn add(self, rhs: Self) -> Self { Self(self.0 + rhs.0) } }
        impl Sub for $name { type Output = Self; #[inline] fn sub(self, rhs: Self) -> Self { Self(self.0 - rhs.0) } }
        impl AddAssign for $name { #[inline] fn add_assign(&mut self, rhs: Self) { self.0 += rhs.0; } }
        impl SubAssign for $name { #[inline] fn sub_assign(&mut self, rhs: Self) { self.0 -= rhs.0; } }
        impl Neg for $name { type Output = Self; #[inline] fn neg(self) -> Self { Self(-self.0) } }
        impl Mul<f64> for $name { type Output = Self; #[inline] fn mul(self, rhs: f64) -> Self { Self(self.0 * rhs) } }
        impl Mul<$name> for f64 { type Output = $name; #[inline] fn mul(self, rhs: $name) -> $name { $name(self * rhs.0) } }
        impl Div<f64> for $name { type Output = Self; #[inline] fn div(self, rhs: f64) -> Self { Self(self.0 / rhs) } }
        impl Div for $name { type Output = f64; #[inline] fn div(self, rhs: Self) -> f64 { self.0 / rhs.0 } }
        impl Sum for $name { #[inline] fn sum<I: Iterator<Item = Self>>(iter: I) -> Self { Self(iter.map(|x| x.0).sum()) } }
    )+};
}

/// A point on a scale: two of them have a difference but no sum.
macro_rules! level {
    ($($(#[doc = $doc:literal])+ $name:ident, $dimension:ident, $difference:ident;)+) => {$(
        quantity!($(#[doc = $doc])+ $name, $dimension);

        impl Add<$difference> for $name { type Output = Self; #[inline] fn add(self, rhs: $difference) -> Self { Self(self.0 + rhs.value()) } }
        impl Sub<$difference> for $name { type Output = Self; #[inline] fn sub(self, rhs: $difference) -> Self { Self(self.0 - rhs.value()) } }
        impl Sub for $name { type Output = $difference; #[inline] fn sub(self, rhs: Self) -> $difference { $difference::new(self.0 - rhs.0) } }
    )+};
}

additive! {
    /// A length in metres.
    Meters, Length;
    /// An area in square metres.
    SquareMeters, Area;
    /// A time in seconds.
    Seconds, Time;
    /// A frequency in hertz.
    Hertz, Frequency;
    /// A power in watts.
    Watts, Power;
    /// A power ratio in decibels: `10 log10(a / b)`. A loss is positive.
    Decibels, PowerRatio;
    /// A pure number: a fraction, a refractive index, an efficiency.
    Ratio, Ratio;
    /// A temperature difference in kelvin.
    KelvinDifference, TemperatureDifference;
    /// A voltage in volts.
    Volts, Voltage;
    /// A current in amperes.
    Amperes, Current;
    /// A resistance in ohms.
    Ohms, Resistance;
    /// A capacitance in farads.
    Farads, Capacitance;
    /// An energy in joules.
    Joules, Energy;
    /// An energy per bit in joules per bit.
    EnergyPerBit, EnergyPerBit;
    /// A bit rate in bits per second.
    BitRate, BitRate;
    /// A symbol rate in symbols per second (baud).
    SymbolRate, SymbolRate;
    /// Attenuation per length, dB/m.
    DecibelsPerMeter, Attenuation;
    /// Input-referred current noise density, one-sided, A/rtHz.
    AmperesPerRootHertz, CurrentNoise;
    /// Photodiode responsivity, A/W.
    AmperesPerWatt, Responsivity;
    /// Laser slope efficiency, W/A.
    WattsPerAmpere, SlopeEfficiency;
    /// Wavelength change per kelvin, m/K.
    MetersPerKelvin, WavelengthDrift;
    /// Wavelength change per volt, m/V.
    MetersPerVolt, WavelengthPerVolt;
    /// Wavelength change per watt of heater power, m/W.
    MetersPerWatt, WavelengthPerWatt;
    /// Thermal resistance, K/W.
    KelvinPerWatt, ThermalResistance;
    /// A relative change per kelvin, 1/K.
    PerKelvin, PerKelvin;
    /// Two-photon absorption coefficient, m/W.
    TpaCoefficient, TwoPhotonAbsorption;
    /// Free-carrier absorption cross-section, m^2.
    CarrierCrossSection, FreeCarrierCrossSection;
    /// Chromatic dispersion slope, s/m^3.
    DispersionSlope, DispersionSlope;
    /// Chromatic dispersion, s/m^2.
    ChromaticDispersion, ChromaticDispersion;
    /// A plane angle in radians.
    Radians, Angle;
    /// A voltage-length product, V m.
    VoltMeters, VoltLength;
    /// A failure rate per second.
    FailureRate, FailureRate;
    /// A price in United States dollars.
    Dollars, Money;
    /// An energy price in dollars per joule.
    DollarsPerJoule, EnergyPrice;
    /// Bandwidth per length of die edge, b/s/m.
    BitRatePerMeter, ShorelineDensity;
    /// Bandwidth per area of chip, b/s/m^2.
    BitRatePerSquareMeter, ArealDensity;
    /// Thermal conductivity, W/(m K).
    ThermalConductivity, ThermalConductivity;
    /// Heat capacity of a volume, J/(m^3 K).
    VolumetricHeatCapacity, VolumetricHeatCapacity;
    /// Heat capacity of a part, J/K.
    JoulesPerKelvin, HeatCapacity;
    /// Heat capacity of what stands on an area, J/(m^2 K).
    ArealHeatCapacity, ArealHeatCapacity;
    /// Heat transfer coefficient of a surface, W/(m^2 K).
    HeatTransferCoefficient, HeatTransferCoefficient;
    /// Thermal resistance of an area, K m^2/W.
    ArealThermalResistance, ArealThermalResistance;
    /// Heat flux, W/m^2.
    HeatFlux, HeatFlux;
    /// Volume flow, m^3/s.
    VolumeFlow, VolumeFlow;
    /// A pressure in pascals.
    Pascals, Pressure;
    /// Dynamic viscosity, Pa s.
    PascalSeconds, DynamicViscosity;
    /// Mass of a volume, kg/m^3.
    KilogramsPerCubicMeter, MassDensity;
    /// Growth of a loss with time, dB/s.
    DecibelsPerSecond, LossGrowth;
}

level! {
    /// A power level in decibels above one milliwatt.
    DbMilliwatts, PowerLevel, Decibels;
    /// A temperature on the Celsius scale.
    Celsius, Temperature, KelvinDifference;
    /// Relative intensity noise, one-sided power density over squared mean power, dB/Hz.
    DecibelsPerHertz, RelativeIntensityNoise, Decibels;
}

/// A thermodynamic temperature in kelvin.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Kelvin(f64);

impl Kelvin {
    /// Wraps kelvin.
    pub const fn new(value: f64) -> Self {
        Self(value)
    }
    /// The value in kelvin.
    pub const fn value(self) -> f64 {
        self.0
    }
}

impl From<Celsius> for Kelvin {
    fn from(celsius: Celsius) -> Self {
        Self(celsius.0 + ZERO_CELSIUS)
    }
}

impl From<Kelvin> for Celsius {
    fn from(kelvin: Kelvin) -> Self {
        Self(kelvin.0 - ZERO_CELSIUS)
    }
}

impl Decibels {
    /// The level change of a linear power ratio.
    pub fn from_ratio(power_ratio: f64) -> Self {
        Self(10.0 * power_ratio.log10())
    }
    /// The linear power ratio.
    pub fn to_ratio(self) -> f64 {
        10f64.powf(self.0 / 10.0)
    }
    /// The transmitted power fraction when this is a loss: `10^(-dB/10)`.
    pub fn to_transmission(self) -> f64 {
        10f64.powf(-self.0 / 10.0)
    }
    /// The loss whose transmitted power fraction is given.
    pub fn from_transmission(transmission: f64) -> Self {
        Self(-10.0 * transmission.log10())
    }
    /// The linear *field* amplitude ratio, the square root of the power ratio.
    pub fn to_amplitude(self) -> f64 {
        10f64.powf(self.0 / 20.0)
    }
    /// The level change of a linear *field* amplitude ratio.
    pub fn from_amplitude(amplitude_ratio: f64) -> Self {
        Self(20.0 * amplitude_ratio.log10())
    }
}

impl DecibelsPerMeter {
    /// The power attenuation coefficient in 1/m, `alpha = dB ln(10) / 10`.
    pub fn to_per_meter(self) -> f64 {
        self.0 * std::f64::consts::LN_10 / 10.0
    }
}

impl DbMilliwatts {
    /// The level of a power. Zero power is minus infinity.
    pub fn from_watts(power: Watts) -> Self {
        Self(10.0 * (power.0 / 1e-3).log10())
    }
    /// The power of this level.
    pub fn to_watts(self) -> Watts {
        Watts(1e-3 * 10f64.powf(self.0 / 10.0))
    }
}

impl DecibelsPerHertz {
    /// The linear density, 1/Hz.
    pub fn to_per_hertz(self) -> f64 {
        10f64.powf(self.0 / 10.0)
    }
    /// From the linear density, 1/Hz.
    pub fn from_per_hertz(density: f64) -> Self {
        Self(10.0 * density.log10())
    }
}

impl Meters {
    /// The optical frequency whose vacuum wavelength this is.
    pub fn to_optical_frequency(self) -> Hertz {
        Hertz(SPEED_OF_LIGHT / self.0)
    }
    /// The photon energy at this vacuum wavelength.
    pub fn to_photon_energy(self) -> Joules {
        Joules(PLANCK * SPEED_OF_LIGHT / self.0)
    }
}

impl Hertz {
    /// The vacuum wavelength of this optical frequency.
    pub fn to_wavelength(self) -> Meters {
        Meters(SPEED_OF_LIGHT / self.0)
    }
}

impl FailureRate {
    /// From failures in 1e9 device-hours.
    pub fn from_fit(fit: f64) -> Self {
        Self(fit * 1e-9 / 3600.0)
    }
    /// Failures in 1e9 device-hours.
    pub fn to_fit(self) -> f64 {
        self.0 * 3600.0 / 1e-9
    }
    /// Failures per year of 8766 hours.
    pub fn to_per_year(self) -> f64 {
        self.0 * 3600.0 * 8766.0
    }
}

impl Seconds {
    /// Years of 8766 hours.
    pub fn to_years(self) -> f64 {
        self.0 / (3600.0 * 8766.0)
    }
}

impl SymbolRate {
    /// The Nyquist frequency, half the symbol rate.
    pub fn nyquist(self) -> Hertz {
        Hertz(self.0 / 2.0)
    }
}

macro_rules! products {
    ($($a:ident * $b:ident = $c:ident;)+) => {$(
        impl Mul<$b> for $a { type Output = $c; #[inline] fn mul(self, rhs: $b) -> $c { $c(self.0 * rhs.0) } }
        impl Mul<$a> for $b { type Output = $c; #[inline] fn mul(self, rhs: $a) -> $c { $c(self.0 * rhs.0) } }
        impl Div<$b> for $c { type Output = $a; #[inline] fn div(self, rhs: $b) -> $a { $a(self.0 / rhs.0) } }
        impl Div<$a> for $c { type Output = $b; #[inline] fn div(self, rhs: $a) -> $b { $b(self.0 / rhs.0) } }
    )+};
}

products! {
    EnergyPerBit * BitRate = Watts;
    Volts * Amperes = Watts;
    Ohms * Amperes = Volts;
    Watts * Seconds = Joules;
    DecibelsPerMeter * Meters = Decibels;
    DecibelsPerSecond * Seconds = Decibels;
    AmperesPerWatt * Watts = Amperes;
    MetersPerKelvin * KelvinDifference = Meters;
    MetersPerVolt * Volts = Meters;
    MetersPerWatt * Watts = Meters;
    KelvinPerWatt * Watts = KelvinDifference;
    HeatFlux * SquareMeters = Watts;
    HeatTransferCoefficient * KelvinDifference = HeatFlux;
    ArealThermalResistance * HeatFlux = KelvinDifference;
    VolumeFlow * Pascals = Watts;
    BitRatePerMeter * Meters = BitRate;
    BitRatePerSquareMeter * SquareMeters = BitRate;
}

impl Mul for Meters {
    type Output = SquareMeters;
    fn mul(self, rhs: Self) -> SquareMeters {
        SquareMeters(self.0 * rhs.0)
    }
}

/// A number of bits over a rate is a time.
impl Div<BitRate> for f64 {
    type Output = Seconds;
    fn div(self, rhs: BitRate) -> Seconds {
        Seconds(self / rhs.0)
    }
}

impl Mul<Amperes> for WattsPerAmpere {
    type Output = Watts;
    fn mul(self, rhs: Amperes) -> Watts {
        Watts(self.0 * rhs.0)
    }
}
