//! Cascades of low-pass elements: transfer function, pulse response, coloured noise.

use std::f64::consts::SQRT_2;

use units::{Hertz, SymbolRate};

use super::state_space::{PulseStates, System};
use crate::LinkError;
use crate::error::check;

/// Most elements on either side of the noise.
const MAX_ELEMENTS: usize = 8;
/// Least and largest bandwidth over symbol rate. Below, a symbol is spread over more than ten
/// others and no equaliser of this kind is used; above, an element is better left out.
const RELATIVE_BANDWIDTH: (f64, f64) = (0.05, 1e4);
/// Angular 3 dB frequency of the fourth-order Bessel polynomial
/// `s^4 + 10 s^3 + 45 s^2 + 105 s + 105`, the root of `|D(j w)|^2 = 2 D(0)^2`.
const BESSEL4_CORNER: f64 = 2.113_917_674_904_216;

/// The shape of a low-pass element; each has unit gain at zero frequency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// One real pole: `1 / (1 + s)`.
    SinglePole,
    /// Second-order Butterworth: `1 / (s^2 + sqrt(2) s + 1)`.
    Butterworth2,
    /// Fourth-order Butterworth.
    Butterworth4,
    /// Second-order Bessel-Thomson: `3 / (s^2 + 3 s + 3)`.
    BesselThomson2,
    /// Fourth-order Bessel-Thomson: `105 / (s^4 + 10 s^3 + 45 s^2 + 105 s + 105)`, the reference
    /// receiver of optical standards.
    BesselThomson4,
}

impl Shape {
    /// Denominator `s^n + d[n-1] s^(n-1) + ... + d[1] s + 1` and its angular 3 dB frequency.
    pub(super) fn prototype(self) -> (Vec<f64>, f64) {
        match self {
            Self::SinglePole => (vec![1.0], 1.0),
            Self::Butterworth2 => (vec![1.0, SQRT_2], 1.0),
            Self::Butterworth4 => {
                let b = (4.0 + 2.0 * SQRT_2).sqrt();
                (vec![1.0, b, 2.0 + SQRT_2, b], 1.0)
            }
            Self::BesselThomson2 => (vec![1.0, 3f64.sqrt()], ((5f64.sqrt() - 1.0) / 2.0).sqrt()),
            Self::BesselThomson4 => {
                let unit = 105f64.sqrt().sqrt();
                (
                    vec![1.0, unit, 45.0 / 105f64.sqrt(), 10.0 / unit],
                    BESSEL4_CORNER / unit,
                )
            }
        }
    }
}

/// One low-pass element.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LowPass {
    /// Its shape.
    pub shape: Shape,
    /// Where its power transfer has fallen to one half (electrical 3 dB).
    pub bandwidth: Hertz,
}

impl LowPass {
    /// A single pole: an RC section, a driver, a photodiode.
    pub fn single_pole(bandwidth: Hertz) -> Self {
        Self {
            shape: Shape::SinglePole,
            bandwidth,
        }
    }

    /// `H(f)` as real and imaginary part.
    fn transfer(&self, f_hz: f64) -> (f64, f64) {
        let (denominator, corner) = self.shape.prototype();
        let w = corner * f_hz / self.bandwidth.value();
        // Horner's rule for the denominator at s = j w.
        let (mut re, mut im) = (1.0, 0.0);
        for d in denominator.iter().rev() {
            (re, im) = (d - im * w, re * w);
        }
        let square = re * re + im * im;
        (re / square, -im / square)
    }
}

/// The chain from the transmitter to the sampler, for light modulated without chirp over a fibre
/// whose dispersion is negligible.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Response {
    /// Elements ahead of the noise: driver, modulator, photodiode.
    pub before_noise: Vec<LowPass>,
    /// Elements that the noise passes too: the transimpedance amplifier. At least one.
    pub after_noise: Vec<LowPass>,
}

impl Response {
    fn elements(&self) -> impl Iterator<Item = &LowPass> {
        self.before_noise.iter().chain(&self.after_noise)
    }

    /// `H(f)` of the whole chain as real and imaginary part, with `exp(+j w t)`: a causal chain
    /// lags, so the imaginary part is negative at first.
    pub fn transfer(&self, frequency: Hertz) -> (f64, f64) {
        product_at(self.elements(), frequency)
    }

    /// `H(f)` of the elements that the noise passes.
    pub fn noise_transfer(&self, frequency: Hertz) -> (f64, f64) {
        product_at(self.after_noise.iter(), frequency)
    }

    /// Noise bandwidth without equaliser, `Bn = INT |H_noise|^2 df` over positive frequencies.
    ///
    /// # Errors
    /// No element after the noise, too many, or a bandwidth that is not positive and finite.
    pub fn noise_bandwidth(&self) -> Result<Hertz, LinkError> {
        let unit_hz = self
            .after_noise
            .iter()
            .map(|e| e.bandwidth.value())
            .fold(f64::INFINITY, f64::min);
        if !self.after_noise.is_empty() {
            check("bandwidth (Hz)", unit_hz, "finite and > 0", |v| {
                v > 0.0 && v.is_finite()
            })?;
        }
        check_elements(&self.after_noise, unit_hz)?;
        let power = System::new(&self.after_noise, unit_hz).noise_autocorrelation(1)[0];
        Ok(Hertz::new(power * unit_hz / 2.0))
    }

    /// Response to one rectangular symbol of amplitude one that starts at time zero, sampled
    /// `samples_per_symbol` times per symbol from time zero until it has died away.
    ///
    /// Solved exactly in state space; rounding stays below 1e-9.
    ///
    /// # Errors
    /// No element after the noise, more than eight elements on one side of it, a bandwidth outside
    /// 0.05 to 10 000 times the symbol rate, or no samples.
    pub fn pulse(
        &self,
        rate: SymbolRate,
        samples_per_symbol: usize,
    ) -> Result<Vec<f64>, LinkError> {
        check(
            "samples per symbol",
            samples_per_symbol as f64,
            "1 to 1024",
            |v| (1.0..=1024.0).contains(&v),
        )?;
        let pulse = self.pulse_states(rate)?;
        let phases: Vec<Vec<f64>> = (0..samples_per_symbol)
            .map(|i| pulse.samples(i as f64 / samples_per_symbol as f64))
            .collect();
        Ok((0..pulse.n_symbols())
            .flat_map(|k| phases.iter().map(move |phase| phase[k]))
            .collect())
    }

    /// The pulse response in a form that can be sampled anywhere.
    pub(super) fn pulse_states(&self, rate: SymbolRate) -> Result<PulseStates, LinkError> {
        self.check(rate)?;
        let all: Vec<LowPass> = self.elements().copied().collect();
        Ok(PulseStates::new(&System::new(&all, rate.value())))
    }

    /// `INT |H_noise|^2 exp(j 2 pi f k T) df * T` over all frequencies, for `k` below `n_lags`.
    pub(super) fn noise_autocorrelation(
        &self,
        rate: SymbolRate,
        n_lags: usize,
    ) -> Result<Vec<f64>, LinkError> {
        self.check(rate)?;
        Ok(System::new(&self.after_noise, rate.value()).noise_autocorrelation(n_lags))
    }

    fn check(&self, rate: SymbolRate) -> Result<(), LinkError> {
        check("symbol rate (Bd)", rate.value(), "finite and > 0", |v| {
            v > 0.0 && v.is_finite()
        })?;
        check_elements(&self.after_noise, rate.value())?;
        if self.before_noise.is_empty() {
            return Ok(());
        }
        check_elements(&self.before_noise, rate.value())
    }
}

fn product_at<'a>(elements: impl Iterator<Item = &'a LowPass>, frequency: Hertz) -> (f64, f64) {
    elements
        .map(|e| e.transfer(frequency.value()))
        .fold((1.0, 0.0), |(a, b), (c, d)| (a * c - b * d, a * d + b * c))
}

fn check_elements(elements: &[LowPass], unit_hz: f64) -> Result<(), LinkError> {
    check(
        "number of low-pass elements",
        elements.len() as f64,
        "1 to 8",
        |v| (1.0..=MAX_ELEMENTS as f64).contains(&v),
    )?;
    elements.iter().try_for_each(|e| {
        check(
            "bandwidth over symbol rate",
            e.bandwidth.value() / unit_hz,
            "0.05 to 10000",
            |v| v >= RELATIVE_BANDWIDTH.0 && v <= RELATIVE_BANDWIDTH.1,
        )
    })
}

#[cfg(test)]
mod tests {
    use std::f64::consts::{PI, TAU};

    use super::*;

    const RATE: SymbolRate = SymbolRate::new(50e9);
    const SHAPES: [Shape; 5] = [
        Shape::SinglePole,
        Shape::Butterworth2,
        Shape::Butterworth4,
        Shape::BesselThomson2,
        Shape::BesselThomson4,
    ];

    fn element(shape: Shape, ghz: f64) -> LowPass {
        LowPass {
            shape,
            bandwidth: Hertz::new(ghz * 1e9),
        }
    }

    fn chain(before: &[LowPass], after: &[LowPass]) -> Response {
        Response {
            before_noise: before.to_vec(),
            after_noise: after.to_vec(),
        }
    }

    /// The midpoint rule over `f = scale tan(u)`.
    fn integral(scale_hz: f64, integrand: impl Fn(f64) -> f64) -> f64 {
        let n = 100_000;
        let du = PI / 2.0 / f64::from(n);
        (0..n)
            .map(|i| {
                let u = (f64::from(i) + 0.5) * du;
                integrand(scale_hz * u.tan()) * scale_hz / u.cos().powi(2) * du
            })
            .sum()
    }

    #[test]
    fn every_shape_has_unit_gain_and_half_power_at_its_bandwidth() {
        for shape in SHAPES {
            let response = chain(&[], &[element(shape, 30.0)]);
            let power = |hz: f64| {
                let (re, im) = response.transfer(Hertz::new(hz));
                re * re + im * im
            };
            assert!((power(0.0) - 1.0).abs() < 1e-15, "{shape:?}");
            assert!(
                (power(30e9) - 0.5).abs() < 1e-14,
                "{shape:?} {}",
                power(30e9)
            );
            // Causal with exp(+j w t): the output lags.
            assert!(response.transfer(Hertz::new(1e9)).1 < 0.0);
        }
    }

    /// A pole charges as `1 - exp(-t/tau)` and discharges from there.
    #[test]
    fn single_pole_pulse_is_an_exponential() {
        for ghz in [2.5, 20.0, 38.0, 1e5] {
            let pulse = chain(&[], &[element(Shape::SinglePole, ghz)])
                .pulse(RATE, 20)
                .unwrap();
            let per_symbol = TAU * ghz * 1e9 / RATE.value();
            for (k, p) in pulse.iter().enumerate() {
                let t = k as f64 / 20.0;
                let charge = |t: f64| {
                    if t > 0.0 {
                        -(-per_symbol * t).exp_m1()
                    } else {
                        0.0
                    }
                };
                let expected = charge(t) - charge(t - 1.0);
                // A hundredth of the promised 1e-9 of rounding.
                assert!((p - expected).abs() < 1e-11, "{ghz} {t} {p} {expected}");
            }
        }
    }

    /// `n` equal poles step as the incomplete gamma function; a partial fraction expansion would
    /// divide by zero here.
    #[test]
    fn equal_poles_step_as_an_erlang_distribution() {
        let pole = element(Shape::SinglePole, 40.0);
        let pulse = chain(&[pole; 3], &[pole]).pulse(RATE, 16).unwrap();
        let w = TAU * 0.8;
        let step = |t: f64| {
            let x = w * t.max(0.0);
            1.0 - (-x).exp() * (1.0 + x + x * x / 2.0 + x * x * x / 6.0)
        };
        for (k, p) in pulse.iter().enumerate() {
            let t = k as f64 / 16.0;
            assert!((p - step(t) + step(t - 1.0)).abs() < 1e-12);
        }
    }

    /// Two routes to the same pulse: state space, and the inverse Fourier integral of
    /// `H(f) sin(pi f)/(pi f)`. With seven poles the integrand falls as `f^-8`.
    #[test]
    fn pulse_agrees_with_the_fourier_integral() {
        let response = chain(
            &[
                element(Shape::SinglePole, 45.0),
                element(Shape::SinglePole, 35.0),
                element(Shape::SinglePole, 50.0),
            ],
            &[element(Shape::BesselThomson4, 38.0)],
        );
        let pulse = response.pulse(RATE, 7).unwrap();
        let (n, top) = (20_000, 20.0);
        for k in [0, 3, 8, 11, 15, 40] {
            let t = k as f64 / 7.0;
            // Midpoint rule in f T; aliases of the pulse lie n/top = 1000 symbols away.
            let sum: f64 = (0..n)
                .map(|i| {
                    let f = (f64::from(i) + 0.5) * top / f64::from(n);
                    let (re, im) = response.transfer(Hertz::new(f * RATE.value()));
                    let angle = TAU * f * (t - 0.5);
                    (re * angle.cos() - im * angle.sin()) * (PI * f).sin() / (PI * f)
                })
                .sum::<f64>()
                * 2.0
                * top
                / f64::from(n);
            // The tail beyond 20 symbol rates is about (0.8/20)^7 / 10, 2e-11.
            assert!((sum - pulse[k]).abs() < 1e-9, "{t} {sum} {}", pulse[k]);
        }
    }

    /// Samples one symbol apart sum to the gain at zero frequency, at any phase (Poisson).
    #[test]
    fn samples_one_symbol_apart_sum_to_one_at_any_phase() {
        for shape in SHAPES {
            let states = chain(&[element(Shape::SinglePole, 4.0)], &[element(shape, 30.0)])
                .pulse_states(RATE)
                .unwrap();
            for phase in [0.0, 0.1, 0.125, 0.77, 0.999] {
                let sum: f64 = states.samples(phase).iter().sum();
                assert!((sum - 1.0).abs() < 1e-11, "{shape:?} {phase} {sum}");
            }
        }
    }

    /// Noise bandwidth over 3 dB bandwidth: pi/2 for a pole, `x / sin x` with `x = pi / 2n` for a
    /// Butterworth filter of order n.
    #[test]
    fn noise_bandwidths_have_closed_forms() {
        let butterworth = |n: f64| (PI / 2.0 / n) / (PI / 2.0 / n).sin();
        for (shape, expected) in [
            (Shape::SinglePole, PI / 2.0),
            (Shape::Butterworth2, butterworth(2.0)),
            (Shape::Butterworth4, butterworth(4.0)),
        ] {
            let found = chain(&[], &[element(shape, 30.0)])
                .noise_bandwidth()
                .unwrap();
            assert!(
                (found.value() / 30e9 - expected).abs() < 1e-12,
                "{shape:?} {found}"
            );
        }
    }

    /// Parseval: the autocorrelation from state space is the transform of the power spectrum.
    #[test]
    fn autocorrelation_is_the_transform_of_the_spectrum() {
        for shape in SHAPES {
            let response = chain(
                &[element(Shape::SinglePole, 10.0)],
                &[element(shape, 30.0), element(Shape::SinglePole, 55.0)],
            );
            let correlation = response.noise_autocorrelation(RATE, 4).unwrap();
            for (k, r) in correlation.iter().enumerate() {
                let expected = integral(30e9, |f| {
                    let (re, im) = response.noise_transfer(Hertz::new(f));
                    (re * re + im * im) * (TAU * k as f64 * f / RATE.value()).cos()
                }) * 2.0
                    / RATE.value();
                // The stretched axis resolves the cosine up to about 140 times the symbol rate,
                // where the spectrum has fallen to 1e-9.
                assert!((r - expected).abs() < 1e-7, "{shape:?} {k} {r} {expected}");
            }
        }
    }

    #[test]
    fn absurd_chains_are_refused() {
        let pole = element(Shape::SinglePole, 30.0);
        for ghz in [f64::NAN, f64::INFINITY, 0.0, -3.0] {
            let alone = chain(&[], &[element(Shape::SinglePole, ghz)]);
            assert!(alone.noise_bandwidth().is_err(), "{ghz}");
        }
        for ghz in [f64::NAN, f64::INFINITY, 0.0, -3.0, 1.0, 1e6] {
            assert!(
                chain(&[], &[element(Shape::SinglePole, ghz)])
                    .pulse(RATE, 4)
                    .is_err(),
                "{ghz}"
            );
            assert!(
                chain(&[element(Shape::SinglePole, ghz)], &[pole])
                    .pulse(RATE, 4)
                    .is_err()
            );
        }
        assert!(chain(&[pole], &[]).pulse(RATE, 4).is_err());
        assert!(chain(&[pole], &[]).noise_bandwidth().is_err());
        assert!(chain(&[], &[pole; 9]).pulse(RATE, 4).is_err());
        assert!(chain(&[], &[pole]).pulse(RATE, 0).is_err());
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(chain(&[], &[pole]).pulse(SymbolRate::new(rate), 4).is_err());
        }
    }
}
