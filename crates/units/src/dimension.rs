//! Dimensions and the units in which people write them.

use crate::constants::{ELEMENTARY_CHARGE, ZERO_CELSIUS};

/// How a number in some unit becomes the value that a newtype holds.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Conversion {
    /// `si = number * scale + offset`
    Linear { scale: f64, offset: f64 },
    /// `level = 10 log10(number * watts / 1 mW)`
    WattsToLevel { watts: f64 },
    /// `watts = 1 mW * 10^(number / 10)`
    LevelToWatts,
}

/// One unit of a dimension: its symbol and how it converts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unit {
    /// The symbol as people write it.
    pub symbol: &'static str,
    conversion: Conversion,
}

impl Unit {
    const fn linear(symbol: &'static str, scale: f64) -> Self {
        Self {
            symbol,
            conversion: Conversion::Linear { scale, offset: 0.0 },
        }
    }

    /// The value that the newtype holds for `number` of this unit.
    pub fn to_si(&self, number: f64) -> f64 {
        match self.conversion {
            Conversion::Linear { scale, offset } => number * scale + offset,
            Conversion::WattsToLevel { watts } => 10.0 * (number * watts / 1e-3).log10(),
            Conversion::LevelToWatts => 1e-3 * 10f64.powf(number / 10.0),
        }
    }

    /// The number of this unit that makes up the held value `si`.
    pub fn from_si(&self, si: f64) -> f64 {
        match self.conversion {
            Conversion::Linear { scale, offset } => (si - offset) / scale,
            Conversion::WattsToLevel { watts } => 1e-3 * 10f64.powf(si / 10.0) / watts,
            Conversion::LevelToWatts => 10.0 * (si / 1e-3).log10(),
        }
    }
}

macro_rules! dimensions {
    ($($(#[doc = $doc:literal])+ $variant:ident, $noun:literal, [$($unit:expr),+ $(,)?];)+) => {
        /// What a number measures.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Dimension { $($(#[doc = $doc])+ $variant,)+ }

        impl Dimension {
            /// Every dimension.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name with its article, for messages: "a power".
            pub const fn noun(self) -> &'static str {
                match self { $(Self::$variant => $noun),+ }
            }

            /// The units that a person may write. The first one is used for printing when the
            /// value is not scaled.
            pub const fn units(self) -> &'static [Unit] {
                match self { $(Self::$variant => const { &[$($unit),+] }),+ }
            }
        }
    };
}

use Conversion::{LevelToWatts, Linear, WattsToLevel};
const fn u(symbol: &'static str, scale: f64) -> Unit {
    Unit::linear(symbol, scale)
}
const fn offset(symbol: &'static str, scale: f64, offset: f64) -> Unit {
    Unit {
        symbol,
        conversion: Linear { scale, offset },
    }
}
const fn level(symbol: &'static str, watts: f64) -> Unit {
    Unit {
        symbol,
        conversion: WattsToLevel { watts },
    }
}
const HOUR: f64 = 3600.0;
const YEAR: f64 = 365.25 * 24.0 * HOUR;

dimensions! {
    /// Metres.
    Length, "a length", [u("m", 1.0), u("km", 1e3), u("cm", 1e-2), u("mm", 1e-3), u("um", 1e-6), u("µm", 1e-6), u("nm", 1e-9), u("pm", 1e-12)];
    /// Square metres.
    Area, "an area", [u("m2", 1.0), u("mm2", 1e-6), u("um2", 1e-12)];
    /// Seconds.
    Time, "a time", [u("s", 1.0), u("ms", 1e-3), u("us", 1e-6), u("µs", 1e-6), u("ns", 1e-9), u("ps", 1e-12), u("min", 60.0), u("h", HOUR), u("d", 24.0 * HOUR), u("a", YEAR), u("y", YEAR), u("year", YEAR), u("years", YEAR), u("month", YEAR / 12.0), u("months", YEAR / 12.0)];
    /// Hertz.
    Frequency, "a frequency", [u("Hz", 1.0), u("kHz", 1e3), u("MHz", 1e6), u("GHz", 1e9), u("THz", 1e12)];
    /// Watts.
    Power, "a power", [u("W", 1.0), u("kW", 1e3), u("MW", 1e6), u("mW", 1e-3), u("uW", 1e-6), u("µW", 1e-6), u("nW", 1e-9), Unit { symbol: "dBm", conversion: LevelToWatts }];
    /// Decibels above one milliwatt.
    PowerLevel, "a power level", [u("dBm", 1.0), level("W", 1.0), level("mW", 1e-3), level("uW", 1e-6), level("µW", 1e-6), level("nW", 1e-9)];
    /// Decibels of a power ratio.
    PowerRatio, "a ratio in decibels", [u("dB", 1.0)];
    /// A pure number.
    Ratio, "a pure number", [u("", 1.0), u("%", 1e-2), u("ppm", 1e-6)];
    /// Temperature on the Celsius scale.
    Temperature, "a temperature", [u("C", 1.0), u("°C", 1.0), offset("K", 1.0, -ZERO_CELSIUS)];
    /// A difference of two temperatures, kelvin.
    TemperatureDifference, "a temperature difference", [u("K", 1.0), u("mK", 1e-3)];
    /// Volts.
    Voltage, "a voltage", [u("V", 1.0), u("mV", 1e-3), u("kV", 1e3)];
    /// Amperes.
    Current, "a current", [u("A", 1.0), u("mA", 1e-3), u("uA", 1e-6), u("µA", 1e-6), u("nA", 1e-9), u("pA", 1e-12)];
    /// Ohms.
    Resistance, "a resistance", [u("ohm", 1.0), u("Ω", 1.0), u("kohm", 1e3)];
    /// Farads.
    Capacitance, "a capacitance", [u("F", 1.0), u("pF", 1e-12), u("fF", 1e-15)];
    /// Joules.
    Energy, "an energy", [u("J", 1.0), u("kJ", 1e3), u("eV", ELEMENTARY_CHARGE), u("kWh", 3.6e6)];
    /// Joules per bit.
    EnergyPerBit, "an energy per bit", [u("J/bit", 1.0), u("pJ/bit", 1e-12), u("pJ/b", 1e-12), u("fJ/bit", 1e-15)];
    /// Bits per second.
    BitRate, "a bit rate", [u("b/s", 1.0), u("kb/s", 1e3), u("Mb/s", 1e6), u("Gb/s", 1e9), u("Tb/s", 1e12)];
    /// Symbols per second.
    SymbolRate, "a symbol rate", [u("Bd", 1.0), u("MBd", 1e6), u("GBd", 1e9)];
    /// Decibels per metre.
    Attenuation, "an attenuation per length", [u("dB/m", 1.0), u("dB/km", 1e-3), u("dB/cm", 1e2), u("dB/mm", 1e3)];
    /// Decibels per hertz.
    RelativeIntensityNoise, "a relative intensity noise", [u("dB/Hz", 1.0)];
    /// Amperes per root hertz.
    CurrentNoise, "a current noise density", [u("A/rtHz", 1.0), u("pA/rtHz", 1e-12)];
    /// Amperes per watt.
    Responsivity, "a responsivity", [u("A/W", 1.0)];
    /// Watts per ampere.
    SlopeEfficiency, "a slope efficiency", [u("W/A", 1.0), u("mW/mA", 1.0)];
    /// Change of wavelength with temperature, m/K.
    WavelengthDrift, "a wavelength drift", [u("m/K", 1.0), u("nm/K", 1e-9), u("pm/K", 1e-12)];
    /// Change of wavelength with voltage, m/V.
    WavelengthPerVolt, "a wavelength shift per volt", [u("m/V", 1.0), u("nm/V", 1e-9), u("pm/V", 1e-12)];
    /// Change of wavelength with power, m/W.
    WavelengthPerWatt, "a wavelength shift per power", [u("m/W", 1.0), u("nm/mW", 1e-6), u("nm/W", 1e-9)];
    /// Kelvin per watt.
    ThermalResistance, "a thermal resistance", [u("K/W", 1.0), u("K/mW", 1e3)];
    /// Per kelvin.
    PerKelvin, "a coefficient per kelvin", [u("/K", 1.0), u("1/K", 1.0), u("ppm/K", 1e-6)];
    /// Two-photon absorption coefficient, m/W.
    TwoPhotonAbsorption, "a two-photon absorption coefficient", [u("m/W", 1.0), u("cm/GW", 1e-11)];
    /// Square metres.
    FreeCarrierCrossSection, "an absorption cross-section", [u("m2", 1.0), u("cm2", 1e-4)];
    /// Chromatic dispersion slope, s/m^3.
    DispersionSlope, "a dispersion slope", [u("s/m3", 1.0), u("ps/(nm2 km)", 1e3)];
    /// Chromatic dispersion, s/m^2.
    ChromaticDispersion, "a chromatic dispersion", [u("s/m2", 1.0), u("ps/(nm km)", 1e-6)];
    /// Radians.
    Angle, "an angle", [u("rad", 1.0), u("mrad", 1e-3), u("deg", std::f64::consts::PI / 180.0)];
    /// Volt metres.
    VoltLength, "a voltage-length product", [u("V m", 1.0), u("V cm", 1e-2), u("V mm", 1e-3)];
    /// Failures per second.
    FailureRate, "a failure rate", [u("/s", 1.0), u("FIT", 1e-9 / HOUR), u("/h", 1.0 / HOUR), u("/y", 1.0 / YEAR)];
    /// United States dollars.
    Money, "a price", [u("USD", 1.0), u("kUSD", 1e3)];
    /// United States dollars per joule.
    EnergyPrice, "an energy price", [u("USD/J", 1.0), u("USD/kWh", 1.0 / 3.6e6)];
    /// Bits per second per metre of edge.
    ShorelineDensity, "a shoreline density", [u("b/s/m", 1.0), u("Tb/s/mm", 1e15), u("Gb/s/mm", 1e12)];
    /// Bits per second per square metre of chip.
    ArealDensity, "an areal density", [u("b/s/m2", 1.0), u("Tb/s/mm2", 1e18), u("Gb/s/mm2", 1e15)];
    /// Watts per metre and kelvin.
    ThermalConductivity, "a thermal conductivity", [u("W/(m K)", 1.0), u("W/m/K", 1.0)];
    /// Joules per cubic metre and kelvin.
    VolumetricHeatCapacity, "a heat capacity of a volume", [u("J/(m3 K)", 1.0), u("MJ/(m3 K)", 1e6), u("J/(cm3 K)", 1e6)];
    /// Joules per kelvin.
    HeatCapacity, "a heat capacity", [u("J/K", 1.0), u("kJ/K", 1e3)];
    /// Joules per square metre and kelvin.
    ArealHeatCapacity, "a heat capacity of an area", [u("J/(m2 K)", 1.0), u("kJ/(m2 K)", 1e3), u("J/(cm2 K)", 1e4)];
    /// Watts per square metre and kelvin.
    HeatTransferCoefficient, "a heat transfer coefficient", [u("W/(m2 K)", 1.0), u("kW/(m2 K)", 1e3), u("W/(cm2 K)", 1e4)];
    /// Kelvin square metres per watt.
    ArealThermalResistance, "a thermal resistance of an area", [u("K m2/W", 1.0), u("K mm2/W", 1e-6), u("K cm2/W", 1e-4)];
    /// Watts per square metre.
    HeatFlux, "a heat flux", [u("W/m2", 1.0), u("W/cm2", 1e4), u("W/mm2", 1e6)];
    /// Cubic metres per second.
    VolumeFlow, "a volume flow", [u("m3/s", 1.0), u("L/min", 1e-3 / 60.0), u("l/min", 1e-3 / 60.0), u("mL/min", 1e-6 / 60.0), u("ml/min", 1e-6 / 60.0), u("m3/h", 1.0 / HOUR), u("CFM", 0.3048 * 0.3048 * 0.3048 / 60.0)];
    /// Pascals.
    Pressure, "a pressure", [u("Pa", 1.0), u("kPa", 1e3), u("MPa", 1e6), u("bar", 1e5), u("psi", 6_894.757_293_168)];
    /// Pascal seconds.
    DynamicViscosity, "a dynamic viscosity", [u("Pa s", 1.0), u("mPa s", 1e-3), u("cP", 1e-3)];
    /// Kilograms per cubic metre.
    MassDensity, "a density", [u("kg/m3", 1.0), u("g/cm3", 1e3)];
    /// Decibels per second.
    LossGrowth, "a growth of a loss in time", [u("dB/s", 1.0), u("dB/y", 1.0 / YEAR), u("dB/h", 1.0 / HOUR)];
}

impl Dimension {
    /// The unit with this symbol, if the dimension has it.
    pub fn unit(self, symbol: &str) -> Option<&'static Unit> {
        self.units().iter().find(|unit| unit.symbol == symbol)
    }

    /// The first dimension that knows this symbol, to say what a misplaced quantity is.
    pub fn of_symbol(symbol: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|dimension| dimension.unit(symbol).is_some())
    }

    /// The dimension in which a spread of this one is stated: a level varies by decibels and a
    /// temperature by kelvin.
    #[must_use]
    pub fn of_difference(self) -> Self {
        match self {
            Self::PowerLevel => Self::PowerRatio,
            Self::Temperature => Self::TemperatureDifference,
            other => other,
        }
    }

    /// Whether a spread may be given in per cent of the value. Levels, ratios in decibels and
    /// temperatures have no meaningful zero, so theirs may not.
    pub fn has_natural_zero(self) -> bool {
        !matches!(
            self,
            Self::PowerLevel | Self::PowerRatio | Self::Temperature | Self::RelativeIntensityNoise
        )
    }
}
