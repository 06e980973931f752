//! Numbers and nouns as people read them.

use units::{Dimension, Spread, Watts, format_si};

/// A whole number with a comma between groups of three digits.
///
/// ```
/// assert_eq!(report::grouped(796_156), "796,156");
/// ```
pub fn grouped(number: usize) -> String {
    group(&number.to_string())
}

/// A number and its noun: "1 port", "1,152 fibres".
///
/// ```
/// assert_eq!(report::counted(1, "ASIC"), "1 ASIC");
/// assert_eq!(report::counted(1152, "fibre"), "1,152 fibres");
/// assert_eq!(report::counted(2, "switch"), "2 switches");
/// ```
pub fn counted(number: usize, noun: &str) -> String {
    let ending = match number {
        1 => "",
        _ if noun.ends_with("ch") || noun.ends_with('s') => "es",
        _ => "s",
    };
    format!("{} {noun}{ending}", grouped(number))
}

/// A number with so many digits behind the point and commas before it.
pub(crate) fn decimal(number: f64, digits: usize) -> String {
    let text = format!("{number:.digits$}");
    // What rounds to zero has no sign.
    let is_zero = text.chars().all(|c| matches!(c, '-' | '0' | '.'));
    let text = if is_zero { text.replace('-', "") } else { text };
    match text.split_once('.') {
        Some((whole, fraction)) => format!("{}.{fraction}", group(whole)),
        None => group(&text),
    }
}

/// Watts without their unit: two digits behind the point below 100 W, none above.
pub(crate) fn watts(power: Watts) -> String {
    decimal(power.value(), if power.value() < 100.0 { 2 } else { 0 })
}

/// A spread in the unit of its value; empty when there is none.
pub fn spread_text(dimension: Dimension, spread: &Spread) -> String {
    let width = |sigma: f64| format_si(dimension.of_difference(), sigma);
    let between = |low: f64, high: f64| {
        format!(
            "{} .. {}",
            format_si(dimension, low),
            format_si(dimension, high)
        )
    };
    match *spread {
        Spread::Exact => String::new(),
        Spread::Normal { sigma } if dimension == Dimension::RelativeIntensityNoise => {
            format!("sigma {sigma} dB")
        }
        Spread::Normal { sigma } => format!("sigma {}", width(sigma)),
        Spread::Truncated { sigma, low, high } => {
            format!("sigma {} in {}", width(sigma), between(low, high))
        }
        Spread::Uniform { low, high } => between(low, high),
        Spread::Lognormal { sigma_ln } => format!("lognormal {:.0} %", 100.0 * sigma_ln.exp_m1()),
        Spread::Empirical { ref samples } => match &samples[..] {
            [low, .., high] => format!("measured {}", between(*low, *high)),
            _ => "measured".to_owned(),
        },
    }
}

fn group(digits: &str) -> String {
    let (sign, digits) = digits
        .strip_prefix('-')
        .map_or(("", digits), |digits| ("-", digits));
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        // Infinity has no groups.
        return format!("{sign}{digits}");
    }
    let mut text = sign.to_owned();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_start_at_the_point() {
        for (number, digits, expected) in [
            (0.0, 0, "0"),
            (999.0, 0, "999"),
            (1000.0, 0, "1,000"),
            (999.96, 1, "1,000.0"),
            (-1_234_567.891, 2, "-1,234,567.89"),
            (f64::INFINITY, 1, "inf"),
        ] {
            assert_eq!(decimal(number, digits), expected);
        }
    }
}
