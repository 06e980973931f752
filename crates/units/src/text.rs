//! Quantities as people write them: a number, a space, a unit.

use crate::quantity::Quantity;
use crate::{Dimension, ParseError, Unit};

/// Reads a quantity such as `"13 dBm"`.
///
/// # Errors
/// The text is not a number with a unit of the quantity's dimension, or not finite.
pub fn parse<Q: Quantity>(text: &str) -> Result<Q, ParseError> {
    parse_in(Q::DIMENSION, text).map(Q::from_si)
}

/// Reads a quantity of a dimension known at run time and returns the value that its newtype
/// would hold.
///
/// # Errors
/// As [`parse`].
pub fn parse_in(dimension: Dimension, text: &str) -> Result<f64, ParseError> {
    let trimmed = text.trim();
    let (number, symbol) = split_number(trimmed).ok_or_else(|| ParseError::NotANumber {
        dimension,
        example: format!("1 {}", dimension.units()[0].symbol)
            .trim_end()
            .to_owned(),
        found: text.to_owned(),
    })?;
    let Some(unit) = dimension.unit(symbol) else {
        let found = text.to_owned();
        let units = unit_list(dimension);
        return Err(if symbol.is_empty() {
            ParseError::MissingUnit {
                dimension,
                units,
                found,
            }
        } else if let Some(actual) = Dimension::of_symbol(symbol) {
            ParseError::WrongDimension {
                dimension,
                actual,
                found,
            }
        } else {
            ParseError::UnknownUnit {
                dimension,
                symbol: symbol.to_owned(),
                units,
                found,
            }
        });
    };
    let si = unit.to_si(number);
    if si.is_finite() {
        Ok(si)
    } else {
        Err(ParseError::NotFinite {
            found: text.to_owned(),
        })
    }
}

/// The units of a dimension, for messages.
pub(crate) fn unit_list(dimension: Dimension) -> String {
    let symbols: Vec<_> = dimension
        .units()
        .iter()
        .map(|unit| unit.symbol)
        .filter(|s| !s.is_empty())
        .collect();
    symbols.join(", ")
}

/// Splits `"-1.5e3 mW"` into number and symbol.
pub(crate) fn split_number(text: &str) -> Option<(f64, &str)> {
    let bytes = text.as_bytes();
    let mut end = 0;
    let mut seen_digit = false;
    while end < bytes.len() {
        let byte = bytes[end];
        let accepted = match byte {
            b'0'..=b'9' => {
                seen_digit = true;
                true
            }
            b'+' | b'-' => end == 0 || matches!(bytes[end - 1], b'e' | b'E'),
            b'.' | b'_' => true,
            // An exponent needs digits before it and a digit or a sign with a digit after it,
            // so that "1 eV" and "1eV" keep their unit.
            b'e' | b'E' => {
                seen_digit
                    && match (bytes.get(end + 1), bytes.get(end + 2)) {
                        (Some(b'0'..=b'9'), _) => true,
                        (Some(b'+' | b'-'), Some(next)) => next.is_ascii_digit(),
                        _ => false,
                    }
            }
            _ => false,
        };
        if !accepted {
            break;
        }
        end += 1;
    }
    if !seen_digit {
        return None;
    }
    let number: f64 = text[..end].replace('_', "").parse().ok()?;
    Some((number, text[end..].trim()))
}

/// Prints a held value in the unit of its dimension that gives one to three digits before the
/// point; the decimal digits are the fewest that read back to the same value, up to nine.
pub fn format_si(dimension: Dimension, si: f64) -> String {
    format_digits(dimension, si, MAX_DIGITS)
}

/// Significant digits that a printed value has at most.
const MAX_DIGITS: usize = 9;

/// Prints a held value for a formatter: the precision counts significant digits, the width pads.
pub(crate) fn display(
    dimension: Dimension,
    si: f64,
    f: &mut std::fmt::Formatter<'_>,
) -> std::fmt::Result {
    let text = format_digits(dimension, si, f.precision().unwrap_or(MAX_DIGITS));
    match f.width() {
        None => f.write_str(&text),
        Some(width) if f.align() == Some(std::fmt::Alignment::Right) => write!(f, "{text:>width$}"),
        Some(width) => write!(f, "{text:width$}"),
    }
}

/// Prints a held value like [`format_si`], with so many significant digits.
pub fn format_digits(dimension: Dimension, si: f64, digits: usize) -> String {
    let units = dimension.units();
    let scaled = matches!(
        dimension,
        Dimension::Length
            | Dimension::Frequency
            | Dimension::Power
            | Dimension::Current
            | Dimension::Voltage
            | Dimension::Capacitance
            | Dimension::BitRate
            | Dimension::SymbolRate
    );
    let unit = match dimension {
        _ if si == 0.0 => &units[0],
        Dimension::Time => best_of(units, &["s", "ms", "us", "ns", "ps", "h", "d", "y"], si),
        Dimension::Energy => best_of(units, &["J", "kJ", "eV"], si),
        Dimension::EnergyPerBit => best_of(units, &["pJ/bit"], si),
        Dimension::Attenuation => best_of(units, &["dB/m", "dB/cm", "dB/km"], si),
        Dimension::Area => best_of(units, &["mm2", "um2"], si),
        Dimension::CurrentNoise => best_of(units, &["pA/rtHz"], si),
        Dimension::WavelengthDrift => best_of(units, &["pm/K"], si),
        Dimension::WavelengthPerVolt => best_of(units, &["pm/V"], si),
        Dimension::WavelengthPerWatt => best_of(units, &["nm/mW"], si),
        Dimension::TwoPhotonAbsorption => best_of(units, &["cm/GW"], si),
        Dimension::VoltLength => best_of(units, &["V cm"], si),
        Dimension::FailureRate => best_of(units, &["FIT"], si),
        Dimension::LossGrowth => best_of(units, &["dB/y"], si),
        Dimension::EnergyPrice => best_of(units, &["USD/kWh"], si),
        Dimension::ShorelineDensity => best_of(units, &["Tb/s/mm"], si),
        Dimension::ArealDensity => best_of(units, &["Tb/s/mm2"], si),
        Dimension::Angle => best_of(units, &["deg"], si),
        Dimension::DispersionSlope => best_of(units, &["ps/(nm2 km)"], si),
        Dimension::ChromaticDispersion => best_of(units, &["ps/(nm km)"], si),
        Dimension::HeatTransferCoefficient => best_of(units, &["W/(m2 K)", "kW/(m2 K)"], si),
        Dimension::VolumetricHeatCapacity => best_of(units, &["MJ/(m3 K)"], si),
        Dimension::HeatCapacity => best_of(units, &["J/K"], si),
        Dimension::ArealHeatCapacity => best_of(units, &["kJ/(m2 K)"], si),
        Dimension::ArealThermalResistance => best_of(units, &["K mm2/W"], si),
        Dimension::HeatFlux => best_of(units, &["W/cm2"], si),
        Dimension::VolumeFlow => best_of(units, &["L/min", "mL/min"], si),
        Dimension::Pressure => best_of(units, &["Pa", "kPa", "MPa"], si),
        Dimension::DynamicViscosity => best_of(units, &["mPa s"], si),
        Dimension::FreeCarrierCrossSection => best_of(units, &["cm2"], si),
        _ if scaled => {
            let symbols: Vec<_> = units
                .iter()
                .map(|unit| unit.symbol)
                .filter(|s| *s != "dBm" && *s != "cm")
                .collect();
            best_of(units, &symbols, si)
        }
        _ => &units[0],
    };
    let number = shortest(unit.from_si(si), digits);
    if unit.symbol.is_empty() {
        number
    } else {
        format!("{number} {}", unit.symbol)
    }
}

/// The unit among `symbols` whose number is nearest above one.
fn best_of(units: &'static [Unit], symbols: &[&str], si: f64) -> &'static Unit {
    let key = |unit: &Unit| {
        let magnitude = unit.from_si(si).abs();
        if magnitude >= 0.999_999_999 {
            magnitude
        } else {
            1e30 / magnitude.max(1e-300)
        }
    };
    units
        .iter()
        .filter(|unit| symbols.contains(&unit.symbol))
        .min_by(|a, b| key(a).total_cmp(&key(b)))
        .unwrap_or(&units[0])
}

/// The number rounded to so many significant digits, without trailing zeros.
fn shortest(number: f64, digits: usize) -> String {
    let decimals = digits.clamp(1, MAX_DIGITS) - 1;
    let precise = format!("{number:.decimals$e}");
    let value: f64 = precise.parse().unwrap_or(number);
    if value != 0.0 && !(1e-4..1e9).contains(&value.abs()) {
        format!("{value:e}")
    } else {
        format!("{value}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Celsius, DbMilliwatts, EnergyPerBit, Joules, Meters, Ratio, Seconds, Watts};

    #[test]
    fn numbers_and_units_are_split_where_the_unit_starts() {
        assert_eq!(split_number("13 dBm"), Some((13.0, "dBm")));
        assert_eq!(split_number("1e-3 W"), Some((1e-3, "W")));
        assert_eq!(split_number("1eV"), Some((1.0, "eV")));
        assert_eq!(split_number("-0.5dB"), Some((-0.5, "dB")));
        assert_eq!(split_number("1_000 m"), Some((1000.0, "m")));
        assert_eq!(split_number("dB"), None);
        assert_eq!(split_number(""), None);
        assert_eq!(split_number("1..2 m"), None);
    }

    #[test]
    fn levels_and_powers_convert_into_each_other() {
        assert!((parse::<DbMilliwatts>("100 mW").unwrap().value() - 20.0).abs() < 1e-12);
        assert!((parse::<Watts>("20 dBm").unwrap().value() - 0.1).abs() < 1e-12);
        assert!(
            parse::<DbMilliwatts>("0 mW").is_err(),
            "zero power has no level"
        );
    }

    #[test]
    fn wrong_units_say_what_they_are() {
        let message = parse::<DbMilliwatts>("13 nm").unwrap_err().to_string();
        assert_eq!(
            message,
            "expected a power level, found a length (\"13 nm\")"
        );
        let message = parse::<Meters>("13").unwrap_err().to_string();
        assert!(message.contains("bare number"), "{message}");
        let message = parse::<Meters>("13 furlong").unwrap_err().to_string();
        assert!(message.contains("unknown unit \"furlong\""), "{message}");
        assert!(parse::<Meters>("1e999 m").is_err());
        assert!(parse::<Meters>("NaN m").is_err());
    }

    #[test]
    fn a_precision_counts_significant_digits() {
        let power = Watts::new(0.001_234_5);
        assert_eq!(format!("{power:.3}"), "1.23 mW");
        assert_eq!(
            format!("{power:>10.2}|{power:10.2}|"),
            "    1.2 mW|1.2 mW    |"
        );
        assert_eq!(format!("{:.2}", Watts::new(123.4)), "120 W");
    }

    #[test]
    fn values_print_in_a_readable_unit() {
        let cases = [
            (parse::<Meters>("1310 nm").unwrap().to_string(), "1.31 µm"),
            (
                parse::<EnergyPerBit>("1.2 pJ/bit").unwrap().to_string(),
                "1.2 pJ/bit",
            ),
            (parse::<Celsius>("300.15 K").unwrap().to_string(), "27 C"),
            (parse::<Ratio>("12 %").unwrap().to_string(), "0.12"),
            (parse::<Joules>("0.7 eV").unwrap().to_string(), "0.7 eV"),
            (parse::<Seconds>("51.2 ns").unwrap().to_string(), "51.2 ns"),
            (Watts::new(0.0).to_string(), "0 W"),
        ];
        for (printed, expected) in cases {
            assert_eq!(printed.replace("um", "µm"), expected);
        }
    }
}
