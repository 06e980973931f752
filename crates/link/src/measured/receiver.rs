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

/// Greatest share of white noise that may pass outside the measured frequencies: a fourth-order
/// Bessel-Thomson response with an equaliser keeps it below up to 1.6 times the bandwidth. There the
/// density is taken as its mean inside; where it is twice that in power, the noise has 5 % more
/// power, and the light needs 0.1 dB more.
const UNMEASURED: f64 = 0.05;
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
/// More than a twentieth of white noise would pass the equaliser outside the measured frequencies.
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
    // What the equaliser is designed for may be a little off; what passes it counts.
    if let Some(equalised) = equalised {
        let whole = equalised.noise_bandwidth.value();
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

/// The frequency that a measurement has to reach, or zero when it starts too high.
fn needed(
    (low, high): (f64, f64),
    whole: f64,
    rate: SymbolRate,
    power: &impl Fn(f64) -> f64,
) -> f64 {
    let white = |from: f64, to: f64| segment((from, to), (0.0, 0.0), rate, power).1;
    let spare = UNMEASURED * whole - white(0.0, low);
    if spare <= 0.0 {
        return 0.0;
    }
    let step = rate.value() / 64.0;
    let (mut reached, mut above) = (high, whole - white(0.0, high));
    while above > spare && reached < REACH * rate.value() {
        above -= white(reached, reached + step);
        reached += step;
    }
    reached
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;
    use std::sync::Arc;

    use system::{Library, MeasuredTable, TableError};
    use units::Decibels;

    use super::*;
    use crate::Modulation;
    use crate::equaliser::{Design, LowPass, Shape};

    const RATE: SymbolRate = SymbolRate::new(53.125e9);
    const CORNER: f64 = 40e9;

    /// The library's amplifier with a measurement.
    fn tia(frequency: Vec<f64>, noise: Vec<f64>, response: Vec<f64>) -> parts::Tia {
        let library = Library::embedded();
        let text = library.platform("cpo-51t").unwrap();
        let system = system::System::resolve(&system::Input {
            name: "cpo-51t",
            bytes: text.as_bytes(),
            sets: &[],
            library: &library,
            load: &|_| Err(String::new()),
        })
        .unwrap();
        let mut tia = (*system.description.engine[0].value.tia).clone();
        tia.measured = Some(ReceiverTable(Arc::new(MeasuredTable {
            columns: vec![frequency, noise, response],
        })));
        tia
    }

    fn response(shape: Shape) -> Response {
        Response {
            before_noise: vec![LowPass::single_pole(Hertz::new(45e9))],
            after_noise: vec![LowPass {
                shape,
                bandwidth: Hertz::new(CORNER),
            }],
        }
    }

    fn equalised(response: &Response, n_taps: usize) -> Equalised {
        Design {
            symbol_rate: RATE,
            modulation: Modulation::Pam4,
            n_taps,
            spacing_to_noise: Decibels::new(20.0),
        }
        .equalise(response)
        .unwrap()
    }

    fn grid(n: u32, top: f64) -> Vec<f64> {
        (0..=n).map(|k| f64::from(k) * top / f64::from(n)).collect()
    }

    #[test]
    fn the_integral_of_white_noise_is_the_noise_bandwidth() {
        for shape in [Shape::Butterworth4, Shape::BesselThomson4] {
            let response = response(shape);
            for n_taps in [0, 1, 9, 64] {
                let equalised = equalised(&response, n_taps);
                let power = |f: f64| {
                    let (re, im) = response.noise_transfer(Hertz::new(f));
                    (re * re + im * im) * tap_power(&equalised, f / RATE.value())
                };
                let (_, white) = segment((0.0, 8.0 * CORNER), (1.0, 1.0), RATE, &power);
                let ratio = white / equalised.noise_bandwidth.value();
                // Beyond eight corners a fourth-order response leaves less than 8^-7 / 7; the
                // Bessel-Thomson one falls from twice as high up and leaves 2^8 times that.
                assert!((ratio - 1.0).abs() < 2e-5, "{shape:?} {n_taps}: {ratio}");
            }
        }
    }

    #[test]
    fn a_flat_measurement_is_white_noise() {
        let response = response(Shape::BesselThomson4);
        let equalised = equalised(&response, 15);
        let (f, i) = (grid(7, 100e9), vec![16e-12; 8]);
        let tia = tia(f, i, Vec::new());
        for equaliser in [None, Some(&equalised)] {
            let found = noise(&tia, &response, RATE, equaliser).unwrap().value();
            // Rounding of a sum of two thousand terms.
            assert!((found / 16e-12 - 1.0).abs() < 1e-13, "{found}");
        }
        assert_eq!(bandwidth(&tia).unwrap(), tia.bandwidth.value);
    }

    #[test]
    fn a_rising_density_has_a_closed_integral() {
        // i^2 = i0^2 (1 + (f / fc)^2) behind a Butterworth response of order four:
        // INT 1 / (1 + x^8) = (pi / 8) / sin(pi / 8), INT x^2 / (1 + x^8) = (pi / 8) / sin(3 pi / 8).
        let response = response(Shape::Butterworth4);
        let expected = (1.0 + (PI / 8.0).sin() / (3.0 * PI / 8.0).sin()).sqrt();
        let mut errors = Vec::new();
        for n in [40, 160] {
            let f = grid(n, 4.0 * CORNER);
            let i = f.iter().map(|f| 10e-12 * (f / CORNER).hypot(1.0)).collect();
            let found = noise(&tia(f, i, Vec::new()), &response, RATE, None).unwrap();
            errors.push((found.value() / 10e-12 / expected - 1.0).abs());
        }
        // Straight lines through a hyperbola lie above it by h^2 / 12 of its curvature, 1e-3 at a
        // tenth of the corner, and four times finer 5e-5; the tail beyond four corners is 4^-5 / 5
        // of a whole of 1.4: 1.4e-4, half of that in the root.
        assert!(errors[0] < 1e-3, "{errors:?}");
        assert!(errors[1] < 1.5e-4, "{errors:?}");
    }

    #[test]
    fn an_equaliser_that_lifts_high_frequencies_lifts_rising_noise_more() {
        let response = response(Shape::BesselThomson4);
        let equalised = equalised(&response, 15);
        let f = grid(50, 100e9);
        let rising: Vec<f64> = f.iter().map(|f| 10e-12 * (f / CORNER).hypot(1.0)).collect();
        let tia = tia(f, rising, Vec::new());
        let before = noise(&tia, &response, RATE, None).unwrap();
        let behind = noise(&tia, &response, RATE, Some(&equalised)).unwrap();
        assert!(behind > before && before.value() > 10e-12);
    }

    #[test]
    fn what_was_not_measured_is_asked_for() {
        let response = response(Shape::BesselThomson4);
        let equalised = equalised(&response, 15);
        let (f, i) = (grid(7, 30e9), vec![16e-12; 8]);
        let narrow = tia(f, i, Vec::new());
        let Err(LaneFault::Table(TableError::OutOfRange {
            axis,
            at,
            low,
            high,
        })) = noise(&narrow, &response, RATE, Some(&equalised))
        else {
            panic!("30 GHz do not hold the noise of 40 GHz");
        };
        assert_eq!((axis, low, high), (Dimension::Frequency, 0.0, 30e9));
        // With what was asked for it is enough.
        let (f, i) = (vec![0.0, at], vec![16e-12; 2]);
        let enough = tia(f, i, Vec::new());
        assert!(at > 40e9 && at < 80e9, "{at}");
        assert!(noise(&enough, &response, RATE, Some(&equalised)).is_ok());
        let late = tia(vec![5e9, 200e9], vec![16e-12; 2], Vec::new());
        assert!(matches!(
            noise(&late, &response, RATE, Some(&equalised)),
            Err(LaneFault::Table(TableError::OutOfRange { at, .. })) if at <= 0.0
        ));
    }

    #[test]
    fn the_corner_is_half_the_power_of_the_first_point() {
        let f = vec![1e9, 20e9, 40e9, 60e9];
        let tia = |response: Vec<f64>| tia(f.clone(), Vec::new(), response);
        // 3.01 dB below 1 dB, on the line from 0 to -4 dB.
        let found = bandwidth(&tia(vec![1.0, 0.0, -4.0, -10.0])).unwrap();
        let expected = 20e9 + 20e9 * (10.0 * 2f64.log10() - 1.0) / 4.0;
        assert!((found.value() / expected - 1.0).abs() < 1e-12, "{found}");
        assert_eq!(
            bandwidth(&tia(vec![0.0, -1.0, -2.0, -3.0])),
            Err(LaneFault::NoCorner {
                high: Hertz::new(60e9)
            })
        );
    }
}
