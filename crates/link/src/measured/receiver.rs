//! A receiver with measured noise and response.
//!
//! The response gives the bandwidth; the shape stays the fourth-order Bessel-Thomson one, because a
//! magnitude alone has no phase. The equaliser is designed for white noise of the same power behind
//! the amplifier, and what it then passes is integrated from the table, so that an equaliser that
//! adapts to the colour of the noise does a little better than this.

use std::f64::consts::TAU;

use system::{ReceiverTable, TableError, parts};
use units::{AmperesPerRootHertz, Dimension, Hertz, SymbolRate};

use crate::equaliser::{Equalised, Response};
use crate::lane::LaneFault;

/// Greatest share of white noise that may lie outside the measured frequencies. There the density
/// is taken as its mean inside.
const UNMEASURED: f64 = 0.01;
/// Steps of the integral in one symbol rate: sixteen to the fastest ripple of 64 taps.
const STEPS: f64 = 1024.0;
/// Greatest frequency of the search for what must be measured, in symbol rates.
const REACH: f64 = 16.0;

/// Whether the response is measured, so that the stated bandwidth does not count.
pub(crate) fn has_response(tia: &parts::Tia) -> bool {
    tia.measured
        .as_ref()
        .is_some_and(|table| column(table, 2).is_some())
}

/// Whether the noise is measured, so that the stated density does not count.
pub(crate) fn has_noise(tia: &parts::Tia) -> bool {
    tia.measured
        .as_ref()
        .is_some_and(|table| column(table, 1).is_some())
}

/// Bandwidth of an amplifier, 3 dB: from its measured response relative to that at the lowest
/// frequency, linear in decibels between points, or as stated.
///
/// # Errors
/// The response does not fall to one half within its range.
pub(crate) fn bandwidth(tia: &parts::Tia) -> Result<Hertz, LaneFault> {
    let Some((frequency, response)) = tia.measured.as_ref().and_then(|table| column(table, 2))
    else {
        return Ok(tia.bandwidth.value);
    };
    let corner = response[0] + units::Decibels::from_ratio(0.5).value();
    let Some(above) = response.iter().position(|db| *db <= corner) else {
        return Err(LaneFault::NoCorner {
            high: Hertz::new(frequency[frequency.len() - 1]),
        });
    };
    // The first point lies above the corner, so there is one before.
    let (f0, f1) = (frequency[above - 1], frequency[above]);
    let (r0, r1) = (response[above - 1], response[above]);
    Ok(Hertz::new(f0 + (corner - r0) / (r1 - r0) * (f1 - f0)))
}

/// The white noise density whose power behind an amplifier, and an equaliser where one is given, is
/// that of the measured density:
///
/// ```text
/// i_eff^2 = INT i_n(f)^2 |H C|^2 df / INT |H C|^2 df
/// ```
///
/// over the measured frequencies, `i_n` linear between points; as stated without a table.
///
/// # Errors
/// More than a hundredth of white noise would pass outside the measured frequencies.
pub(crate) fn noise(
    tia: &parts::Tia,
    response: &Response,
    rate: SymbolRate,
    equalised: Option<&Equalised>,
) -> Result<AmperesPerRootHertz, LaneFault> {
    let Some((frequency, density)) = tia.measured.as_ref().and_then(|table| column(table, 1))
    else {
        return Ok(tia.noise.value);
    };
    let power = |f: f64| {
        let (re, im) = response.noise_transfer(Hertz::new(f));
        (re * re + im * im) * equalised.map_or(1.0, |e| tap_power(e, f / rate.value()))
    };
    let (mut coloured, mut white) = (0.0, 0.0);
    for (f, i) in frequency.windows(2).zip(density.windows(2)) {
        let (part, unit) = segment((f[0], f[1]), (i[0], i[1]), rate, &power);
        coloured += part;
        white += unit;
    }
    let whole = match equalised {
        Some(equalised) => equalised.noise_bandwidth.value(),
        None => response.noise_bandwidth()?.value(),
    };
    let (low, high) = (frequency[0], frequency[frequency.len() - 1]);
    if white < whole * (1.0 - UNMEASURED) {
        return Err(TableError::OutOfRange {
            axis: Dimension::Frequency,
            at: needed((low, high), whole, rate, &power),
            low,
            high,
        }
        .into());
    }
    Ok(AmperesPerRootHertz::new((coloured / white).sqrt()))
}

/// A measured column over frequency, where it is there.
fn column(table: &ReceiverTable, index: usize) -> Option<(&[f64], &[f64])> {
    let columns = &table.0.columns;
    (!columns[index].is_empty()).then(|| (columns[0].as_slice(), columns[index].as_slice()))
}

/// `|C(f)|^2` of the taps at a frequency in symbol rates; of the scaling alone without taps.
fn tap_power(equalised: &Equalised, relative: f64) -> f64 {
    if equalised.taps.is_empty() {
        return equalised.main_cursor.powi(-2);
    }
    let (sine, cosine) = (TAU * relative).sin_cos();
    // Horner's rule in exp(-j 2 pi f T).
    let (mut re, mut im) = (0.0, 0.0);
    for tap in equalised.taps.iter().rev() {
        (re, im) = (tap + re * cosine + im * sine, im * cosine - re * sine);
    }
    re * re + im * im
}

/// Integrals of `i^2 |H C|^2` and of `|H C|^2` over a range of frequencies by Simpson's rule.
fn segment(
    (f0, f1): (f64, f64),
    (i0, i1): (f64, f64),
    rate: SymbolRate,
    power: &impl Fn(f64) -> f64,
) -> (f64, f64) {
    let half_steps = ((f1 - f0) / rate.value() * STEPS / 2.0)
        .ceil()
        .clamp(1.0, 1e5);
    let n = 2.0 * half_steps;
    let step = (f1 - f0) / n;
    let (mut coloured, mut white) = (0.0, 0.0);
    let mut k = 0.0;
    while k <= n {
        let weight = if k <= 0.0 || k >= n {
            1.0
        } else if k % 2.0 > 0.5 {
            4.0
        } else {
            2.0
        };
        let p = weight * power(f0 + k * step);
        coloured += p * (i0 + (i1 - i0) * k / n).powi(2);
        white += p;
        k += 1.0;
    }
    (coloured * step / 3.0, white * step / 3.0)
}

/// The frequency that a measurement has to reach: up to which all but half of the unmeasured share
/// lies, or the lowest one when that end is missing.
fn needed(
    (low, high): (f64, f64),
    whole: f64,
    rate: SymbolRate,
    power: &impl Fn(f64) -> f64,
) -> f64 {
    let below = segment((0.0, low), (0.0, 0.0), rate, power).1;
    if below > 0.5 * UNMEASURED * whole {
        return 0.0;
    }
    let step = rate.value() / 64.0;
    let (mut reached, mut sum) = (high, segment((0.0, high), (0.0, 0.0), rate, power).1);
    while sum < (1.0 - 0.5 * UNMEASURED) * whole && reached < REACH * rate.value() {
        sum += segment((reached, reached + step), (0.0, 0.0), rate, power).1;
        reached += step;
    }
    reached
}
