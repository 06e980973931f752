//! What the bandwidths of a lane cost: a feed-forward equaliser is designed for them, and its
//! noise bandwidth, noise enhancement and residual intersymbol interference follow together.
//!
//! The chain is a cascade of low-pass elements ([`Response`]). White noise enters ahead of the
//! amplifier, so it passes [`Response::after_noise`] and the equaliser only. The equaliser has
//! one tap per symbol; taps, main tap and sampling phase minimise the mean square error at the
//! slicer.
//!
//! ```
//! use link::Modulation;
//! use link::equaliser::{Design, LowPass, Response};
//! use units::{Decibels, Hertz, SymbolRate};
//!
//! let pole = |ghz: f64| LowPass::single_pole(Hertz::new(ghz * 1e9));
//! let chain = Response {
//!     before_noise: vec![pole(45.0), pole(35.0), pole(50.0)],
//!     after_noise: vec![pole(38.0)],
//! };
//! let design = Design {
//!     symbol_rate: SymbolRate::new(53.125e9),
//!     modulation: Modulation::Pam4,
//!     n_taps: 9,
//!     spacing_to_noise: Decibels::new(20.0),
//! };
//! let equalised = design.equalise(&chain)?;
//! assert!(equalised.noise_bandwidth > equalised.unequalised_bandwidth);
//! assert!(equalised.residual_isi_rms < 0.05);
//! # Ok::<(), link::LinkError>(())
//! ```
//!
//! What it does not model: chromatic dispersion and chirp, noise that passes the photodiode's
//! pole too (shot noise and RIN are treated as entering where thermal noise does, which
//! overstates them slightly), limits or quantisation of taps, decision feedback, timing jitter.

mod linear;
mod response;
mod state_space;

pub use response::{LowPass, Response, Shape};

use units::{Decibels, Hertz, SymbolRate};

use self::linear::Cholesky;
use self::state_space::{PulseStates, STATES_PER_SYMBOL};
use crate::error::check;
use crate::{LinkError, Modulation, SymbolDisturbance};

/// Most taps of an equaliser.
pub const MAX_TAPS: usize = 64;
/// The phase is known to this many symbols: the mean square error, flat at its minimum, has
/// settled to rounding.
const PHASE_TOLERANCE: f64 = 1e-6;
/// Most steps for the phase. Golden sections alone bring the bracket of 1/4 symbol below the
/// tolerance in 26; parabolas take about eight.
const PHASE_STEPS: usize = 40;
/// A minimum of the grid is looked at if the parabola through its logarithms comes within this
/// share of the best error found. Where noise is small and taps are few the error rises by decades
/// within a cell, and the parabola errs by a tenth.
const PARABOLA_SHARE: f64 = 0.3;
/// It is refined if the error at the parabola's vertex comes within this share.
const VERTEX_SHARE: f64 = 0.05;
/// Cursors smaller than this at either end of the response are left out; their share of the
/// variance is below 1e-18.
const NEGLIGIBLE_CURSOR: f64 = 1e-9;

/// What an equaliser is designed for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Design {
    /// Symbol rate.
    pub symbol_rate: SymbolRate,
    /// Levels of the signal, equally likely and equally spaced.
    pub modulation: Modulation,
    /// Taps, one symbol apart, up to [`MAX_TAPS`]. Zero means none: the sampling phase is
    /// still chosen, and the signal scaled to a main cursor of one.
    pub n_taps: usize,
    /// Level spacing squared over the noise variance that the unequalised receiver would have:
    /// `(DeltaI)^2 / (i_n^2 Bn)` with `DeltaI = R OMA / (M - 1)` and Bn of
    /// [`Response::noise_bandwidth`]. From -20 dB to 80 dB.
    pub spacing_to_noise: Decibels,
}

/// A designed equaliser and what reaches the slicer. The signal is scaled to a main cursor of
/// one, so that levels keep the spacing that they have at low frequency.
#[derive(Debug, Clone, PartialEq)]
pub struct Equalised {
    /// Taps, the latest sample's first: `y_k = SUM c_i x_(k-i)`. Empty without equaliser.
    pub taps: Vec<f64>,
    /// Index of the tap that weighs the symbol's own sample.
    pub main_tap: usize,
    /// Largest sample of the pulse response at the chosen phase, ahead of the taps. One would be
    /// an unrestricted chain.
    pub main_cursor: f64,
    /// Sampling instant within the symbol period, in symbols, zero to one; the delay of the
    /// chain is counted from the start of a symbol.
    pub sampling_phase: f64,
    /// `INT |H_noise C|^2 df` over positive frequencies, with the scaling above. The variance of
    /// thermal noise is `i_n^2` times this.
    pub noise_bandwidth: Hertz,
    /// `INT |H_noise|^2 df` over positive frequencies.
    pub unequalised_bandwidth: Hertz,
    /// [`Equalised::noise_bandwidth`] over [`Equalised::unequalised_bandwidth`], both at unit
    /// signal gain. Without taps it is the price of the scaling alone,
    /// `-20 log10(main_cursor)`.
    pub noise_enhancement: Decibels,
    /// Standard deviation of intersymbol interference over level spacing,
    /// `sqrt((M^2 - 1) / 12 SUM h^2)` over [`Equalised::cursors`].
    pub residual_isi_rms: f64,
    /// Largest displacement by intersymbol interference over level spacing,
    /// `(M - 1) / 2 SUM |h|`. The eye of an alphabet is closed from 1/2 on.
    pub residual_isi_peak: f64,
    /// Cursors before and after the main one, relative to it, in order of time.
    pub cursors: Vec<f64>,
    /// Variance of noise and interference together over level spacing squared; what the design
    /// minimises.
    pub mean_square_error: f64,
}

impl Equalised {
    /// The residual interference with its exact density.
    pub fn isi(&self) -> SymbolDisturbance {
        SymbolDisturbance::Taps(self.cursors.clone())
    }
}

impl Design {
    /// Designs the equaliser for a chain.
    ///
    /// ```text
    /// Phi c = b,  Phi_ij = v SUM_m p_m p_(m+i-j) + n rho(i-j),  b_i = v p_(d-i)
    /// ```
    ///
    /// p are the samples of the pulse response, v = (M^2 - 1)/12 the variance of the symbols and
    /// n that of the noise in units of the level spacing squared, rho the autocorrelation of the
    /// noise behind the amplifier, d the delay of the decision. With the share
    /// `e = b^T Phi^-1 b / v` the error at a main cursor of one is `v (1 - e) / e`; its minimum
    /// over phase and delay is searched on a grid, then refined in phase.
    ///
    /// # Errors
    /// A parameter outside its range (see [`Design`] and [`Response::pulse`]), or normal equations
    /// that are not positive definite to working precision.
    ///
    /// # Source
    /// J. G. Proakis, Digital Communications, 4th ed., section 10.2.2 (mean square error
    /// criterion for linear equalisers), with coloured noise.
    pub fn equalise(&self, response: &Response) -> Result<Equalised, LinkError> {
        check("equaliser taps", self.n_taps as f64, "0 to 64", |n| {
            n <= MAX_TAPS as f64
        })?;
        check(
            "level spacing over noise (dB)",
            self.spacing_to_noise.value(),
            "-20 to 80",
            |v| (-20.0..=80.0).contains(&v),
        )?;
        let n_taps = self.n_taps.max(1);
        let n_levels = self.modulation.n_levels() as f64;
        let power = response.noise_autocorrelation(self.symbol_rate, n_taps)?;
        let problem = Problem {
            pulse: response.pulse_states(self.symbol_rate)?,
            noise_correlation: power.iter().map(|r| r / power[0]).collect(),
            symbol_variance: (n_levels * n_levels - 1.0) / 12.0,
            noise_variance: self.spacing_to_noise.to_transmission(),
        };
        let best = problem.search()?;
        let taps = problem.taps(&best);
        let cursors = trimmed(&convolution(&taps, &best.normal.samples), best.delay);
        let enhancement = quadratic_form(&problem.noise_correlation, &taps);
        let isi_variance = problem.symbol_variance * cursors.iter().map(|h| h * h).sum::<f64>();
        let unequalised_hz = power[0] * self.symbol_rate.value() / 2.0;
        Ok(Equalised {
            main_tap: best.main_tap(),
            main_cursor: best.normal.samples[best.normal.peak],
            sampling_phase: best.normal.phase,
            noise_bandwidth: Hertz::new(unequalised_hz * enhancement),
            unequalised_bandwidth: Hertz::new(unequalised_hz),
            noise_enhancement: Decibels::from_ratio(enhancement),
            residual_isi_rms: isi_variance.sqrt(),
            residual_isi_peak: (n_levels - 1.0) / 2.0
                * cursors.iter().map(|h| h.abs()).sum::<f64>(),
            mean_square_error: isi_variance + problem.noise_variance * enhancement,
            cursors,
            taps: if self.n_taps == 0 { Vec::new() } else { taps },
        })
    }
}

/// What the normal equations are made of, in units of the level spacing.
#[derive(Debug)]
struct Problem {
    pulse: PulseStates,
    /// One per tap.
    noise_correlation: Vec<f64>,
    symbol_variance: f64,
    noise_variance: f64,
}

/// The normal equations at one phase.
#[derive(Debug)]
struct Normal {
    /// Within `[0, 1)`.
    phase: f64,
    samples: Vec<f64>,
    peak: usize,
    factor: Cholesky,
}

/// The solution for one instant of decision.
#[derive(Debug)]
struct Candidate {
    normal: Normal,
    /// The sample that decides on the symbol.
    delay: usize,
    half_solution: Vec<f64>,
    error: f64,
}

impl Candidate {
    #[cfg(test)]
    fn instant(&self) -> f64 {
        self.delay as f64 + self.normal.phase
    }

    fn main_tap(&self) -> usize {
        self.delay.saturating_sub(self.normal.peak)
    }
}

/// A minimum of the error on the grid of instants.
#[derive(Debug)]
struct Minimum {
    on_grid: usize,
    /// Logarithms of the errors before, at and after it.
    logs: [f64; 3],
}

impl Minimum {
    /// What the parabola through the three has at its vertex; no bound beside an end of the grid.
    fn log_of_vertex(&self) -> f64 {
        let [before, here, after] = self.logs;
        let bend = before + after - 2.0 * here;
        if bend.is_finite() {
            here - (after - before).powi(2) / (8.0 * bend)
        } else {
            f64::NEG_INFINITY
        }
    }
}

impl Problem {
    fn n_taps(&self) -> usize {
        self.noise_correlation.len()
    }

    /// The best phase and delay. Together they are one instant, `delay + phase` symbols after the
    /// symbol begins, of which the error is a smooth function with about one minimum a symbol. A
    /// grid finds the minima; those that may be the least are refined.
    fn search(&self) -> Result<Candidate, LinkError> {
        let grid = (0..STATES_PER_SYMBOL)
            .map(|k| self.normal(k as f64 / STATES_PER_SYMBOL as f64))
            .collect::<Result<Vec<_>, _>>()?;
        let peaks = || grid.iter().map(|normal| normal.peak);
        let first = peaks().min().unwrap_or(0) * STATES_PER_SYMBOL;
        let end = (peaks().max().unwrap_or(0) + self.n_taps()) * STATES_PER_SYMBOL;
        let logs: Vec<f64> = (first..end)
            .map(|k| {
                let normal = &grid[k % STATES_PER_SYMBOL];
                self.error(normal, k / STATES_PER_SYMBOL).0.ln()
            })
            .collect();
        let at = |k: usize| logs.get(k).copied().unwrap_or(f64::INFINITY);
        let mut minima: Vec<Minimum> = (0..logs.len())
            .map(|k| Minimum {
                on_grid: first + k,
                logs: [at(k.wrapping_sub(1)), at(k), at(k + 1)],
            })
            .filter(|m| m.logs[1] < m.logs[0] && m.logs[1] <= m.logs[2])
            .collect();
        minima.sort_by(|a, b| a.log_of_vertex().total_cmp(&b.log_of_vertex()));
        let mut best: Option<Candidate> = None;
        for minimum in &minima {
            let least = best.as_ref().map_or(f64::INFINITY, |b| b.error);
            if minimum.log_of_vertex() >= least.ln() + PARABOLA_SHARE {
                break;
            }
            let found = self.refine(minimum, least * (1.0 + VERTEX_SHARE))?;
            if found.error < least {
                best = Some(found);
            }
        }
        best.map_or_else(|| self.solve(first as f64 / STATES_PER_SYMBOL as f64), Ok)
    }

    /// The minimum beside one of the grid by Brent's method: the minimum of a parabola through
    /// the three best points where that lies inside the bracket and the steps shrink, a golden
    /// section elsewhere. It ends early where the first step stays above `bound`.
    ///
    /// # Source
    /// R. P. Brent, Algorithms for Minimization without Derivatives, 1973, chapter 5.
    fn refine(&self, minimum: &Minimum, bound: f64) -> Result<Candidate, LinkError> {
        let width = 1.0 / STATES_PER_SYMBOL as f64;
        let start = minimum.on_grid as f64 * width;
        // Nothing arrives ahead of the symbol.
        let (mut low, mut high) = ((start - width).max(0.0), start + width);
        let golden = (3.0 - 5f64.sqrt()) / 2.0;
        let is_same = |a: (f64, f64), b: (f64, f64)| a.0.to_bits() == b.0.to_bits();
        let mut best = self.solve(start)?;
        // The three best points so far, instant and logarithm of the error, the best first.
        let [before, here, after] = minimum.logs;
        let mut x = (start, here);
        let (mut w, mut v) = ((low, before), (high, after));
        if v.1 < w.1 {
            (w, v) = (v, w);
        }
        let (mut step, mut step_before) = (width, 2.0 * width);
        for n_steps in 1..=PHASE_STEPS {
            let middle = f64::midpoint(low, high);
            if (x.0 - middle).abs() <= 2.0 * PHASE_TOLERANCE - 0.5 * (high - low) {
                break;
            }
            // The parabola's minimum lies at x + p / q.
            let r = (x.0 - w.0) * (x.1 - v.1);
            let q = (x.0 - v.0) * (x.1 - w.1);
            let p = (x.0 - v.0) * q - (x.0 - w.0) * r;
            let q = 2.0 * (r - q);
            let jump = p / q;
            let is_inside = q != 0.0 && low < x.0 + jump && x.0 + jump < high;
            let is_shrinking = jump.abs() < 0.5 * step_before.abs();
            step_before = step;
            step = if is_inside && is_shrinking {
                // Beside an end of the bracket the other side is what is not known yet.
                let room = (x.0 + jump - low).min(high - x.0 - jump);
                if room < 2.0 * PHASE_TOLERANCE {
                    PHASE_TOLERANCE.copysign(middle - x.0)
                } else {
                    jump
                }
            } else {
                step_before = if x.0 < middle { high } else { low } - x.0;
                golden * step_before
            };
            let moved = if step.abs() >= PHASE_TOLERANCE {
                step
            } else {
                PHASE_TOLERANCE.copysign(step)
            };
            let candidate = self.solve(x.0 + moved)?;
            let u = (x.0 + moved, candidate.error.ln());
            if u.1 <= x.1 {
                if u.0 >= x.0 {
                    low = x.0;
                } else {
                    high = x.0;
                }
                (v, w, x) = (w, x, u);
            } else {
                if u.0 < x.0 {
                    low = u.0;
                } else {
                    high = u.0;
                }
                if u.1 <= w.1 || is_same(w, x) {
                    (v, w) = (w, u);
                } else if u.1 <= v.1 || is_same(v, x) || is_same(v, w) {
                    v = u;
                }
            }
            best = better(best, candidate);
            if n_steps == 1 && best.error > bound {
                break;
            }
        }
        Ok(best)
    }

    /// Samples and factorised matrix at a phase within `[0, 1)`.
    fn normal(&self, phase: f64) -> Result<Normal, LinkError> {
        let samples = self.pulse.samples(phase);
        let peak = (0..samples.len()).fold(0, |p, k| if samples[k] > samples[p] { k } else { p });
        let column: Vec<f64> = self
            .noise_correlation
            .iter()
            .enumerate()
            .map(|(lag, rho)| {
                let overlap: f64 = samples
                    .iter()
                    .zip(samples.iter().skip(lag))
                    .map(|(x, y)| x * y)
                    .sum();
                self.symbol_variance * overlap + self.noise_variance * rho
            })
            .collect();
        let factor = Cholesky::of_toeplitz(&column).map_err(|pivot| LinkError::OutOfRange {
            name: "pivot of the equaliser's normal equations",
            value: pivot,
            allowed: "> 0",
        })?;
        Ok(Normal {
            phase,
            samples,
            peak,
            factor,
        })
    }

    /// Error of one delay, and `L^-1 b`.
    fn error(&self, normal: &Normal, delay: usize) -> (f64, Vec<f64>) {
        let z = normal
            .factor
            .forward(&self.right_side(&normal.samples, delay));
        let explained: f64 = z.iter().map(|x| x * x).sum();
        let error = self.symbol_variance * (self.symbol_variance / explained - 1.0);
        (error, z)
    }

    /// Solves for an instant of decision in symbols after the symbol begins.
    fn solve(&self, instant: f64) -> Result<Candidate, LinkError> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "instants begin at zero and end with the response"
        )]
        let delay = instant as usize;
        let normal = self.normal(instant.fract())?;
        let (error, half_solution) = self.error(&normal, delay);
        Ok(Candidate {
            normal,
            delay,
            half_solution,
            error,
        })
    }

    /// `b_i = v p_(d-i)`.
    fn right_side(&self, samples: &[f64], delay: usize) -> Vec<f64> {
        (0..self.n_taps())
            .map(|i| {
                let sample = delay.checked_sub(i).and_then(|k| samples.get(k));
                self.symbol_variance * sample.copied().unwrap_or(0.0)
            })
            .collect()
    }

    /// Taps scaled to a main cursor of one.
    fn taps(&self, best: &Candidate) -> Vec<f64> {
        let raw = best.normal.factor.backward(&best.half_solution);
        let main: f64 = raw
            .iter()
            .zip(self.right_side(&best.normal.samples, best.delay))
            .map(|(c, b)| c * b / self.symbol_variance)
            .sum();
        raw.iter().map(|c| c / main).collect()
    }
}

/// The one with the smaller error; the first when equal.
fn better(a: Candidate, b: Candidate) -> Candidate {
    if b.error < a.error { b } else { a }
}

fn convolution(taps: &[f64], samples: &[f64]) -> Vec<f64> {
    let mut sum = vec![0.0; taps.len() + samples.len() - 1];
    for (i, c) in taps.iter().enumerate() {
        for (s, p) in sum[i..].iter_mut().zip(samples) {
            *s += c * p;
        }
    }
    sum
}

/// Cursors without the main one and without negligible ones at the ends.
fn trimmed(all: &[f64], main: usize) -> Vec<f64> {
    let counts = |h: &f64| h.abs() > NEGLIGIBLE_CURSOR;
    let first = all[..main].iter().position(counts).unwrap_or(main);
    let end = all[main + 1..]
        .iter()
        .rposition(counts)
        .map_or(main + 1, |k| main + 2 + k);
    [&all[first..main], &all[main + 1..end]].concat()
}

/// `SUM c_i c_j rho(i - j)`.
fn quadratic_form(correlation: &[f64], taps: &[f64]) -> f64 {
    let row = |i: usize| -> f64 {
        taps.iter()
            .enumerate()
            .map(|(j, c)| c * correlation[i.abs_diff(j)])
            .sum()
    };
    taps.iter().enumerate().map(|(i, c)| c * row(i)).sum()
}

#[cfg(test)]
mod tests {
    use std::f64::consts::{PI, TAU};

    use proptest::prelude::*;

    use super::*;

    fn chain(before_ghz: &[f64], after_ghz: &[f64]) -> Response {
        let poles = |list: &[f64]| {
            list.iter()
                .map(|ghz| LowPass::single_pole(Hertz::new(ghz * 1e9)))
                .collect()
        };
        Response {
            before_noise: poles(before_ghz),
            after_noise: poles(after_ghz),
        }
    }

    fn design(gbd: f64, n_taps: usize, spacing_to_noise_db: f64) -> Design {
        Design {
            symbol_rate: SymbolRate::new(gbd * 1e9),
            modulation: Modulation::Pam4,
            n_taps,
            spacing_to_noise: Decibels::new(spacing_to_noise_db),
        }
    }

    /// The plain search: every symbol's best instant of a grid of 32, then golden sections alone,
    /// to 1e-6 symbols.
    fn golden_search(problem: &Problem) -> Candidate {
        let golden = (5f64.sqrt() - 1.0) / 2.0;
        let width = 1.0 / 32.0;
        let at = |instant: f64| problem.solve(instant).unwrap();
        let of_symbol = |symbol: usize| {
            let (start, mut best) = (0..32)
                .map(|k| symbol as f64 + f64::from(k) * width)
                .map(|instant| (instant, at(instant)))
                .reduce(|a, b| if b.1.error < a.1.error { b } else { a })
                .unwrap();
            let (mut low, mut high) = ((start - width).max(0.0), start + width);
            for _ in 0..22 {
                let inner = golden * (high - low);
                let (left, right) = (at(high - inner), at(low + inner));
                if left.error <= right.error {
                    high = low + inner;
                } else {
                    low = high - inner;
                }
                best = better(better(best, left), right);
            }
            best
        };
        let peak = problem.normal(0.0).unwrap().peak;
        (peak.saturating_sub(1)..=peak + problem.n_taps())
            .map(of_symbol)
            .reduce(better)
            .unwrap()
    }

    fn problem(before_ghz: &[f64], after_ghz: f64, n_taps: usize, noise_db: f64) -> Problem {
        let mut response = chain(before_ghz, &[]);
        response.after_noise = vec![LowPass {
            shape: Shape::BesselThomson4,
            bandwidth: Hertz::new(after_ghz * 1e9),
        }];
        let design = design(53.125, n_taps, noise_db);
        let power = response
            .noise_autocorrelation(design.symbol_rate, n_taps)
            .unwrap();
        Problem {
            pulse: response.pulse_states(design.symbol_rate).unwrap(),
            noise_correlation: power.iter().map(|r| r / power[0]).collect(),
            symbol_variance: 1.25,
            noise_variance: design.spacing_to_noise.to_transmission(),
        }
    }

    /// Two minima of nearly equal depth: the lower one is not beside the best point of a grid of
    /// eighths, here by 5.6e-6 and by 14 per cent of the error.
    #[test]
    fn the_lower_of_two_minima_is_found() {
        let close = [
            75.783_218_934_559_44,
            18.688_087_167_852_24,
            62.847_358_485_345_34,
        ];
        let apart = [
            29.475_664_304_139_233,
            45.732_275_769_240_69,
            25.674_189_996_383_074,
        ];
        for problem in [
            problem(&close, 58.071_862_738_151, 3, 12.270_341_821_548_483),
            problem(&apart, 68.987_953_569_497_12, 3, 29.690_865_230_564_363),
        ] {
            let (found, plain) = (problem.search().unwrap(), golden_search(&problem));
            assert_eq!(found.delay, plain.delay);
            assert!(found.error <= plain.error * (1.0 + 1e-9));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        /// What parabolas find is as good as what golden sections find. 1e-5 of the error, or
        /// 4e-5 dB, is for two minima within one cell, which the kink at a symbol's end can leave.
        /// At one minimum the noise agrees within 1e-4 of itself, or 2e-4 dB of margin.
        #[test]
        fn parabolas_agree_with_the_plain_search(
            before in proptest::collection::vec(15.0..90.0f64, 1..4),
            after in 20.0..70.0f64,
            n_taps in 1usize..12,
            noise_db in 5.0..40.0f64,
        ) {
            let problem = problem(&before, after, n_taps, noise_db);
            let (found, plain) = (problem.search().unwrap(), golden_search(&problem));
            prop_assert!(found.error <= plain.error * (1.0 + 1e-5), "{} {}", found.error, plain.error);
            if (found.instant() - plain.instant()).abs() < 1e-3 {
                let noise = |c: &Candidate| quadratic_form(&problem.noise_correlation, &problem.taps(c));
                let ratio = noise(&found) / noise(&plain);
                prop_assert!((ratio - 1.0).abs() < 1e-4, "{ratio}");
            }
        }
    }

    /// Without a band limit ahead of a fast amplifier there is nothing to equalise.
    #[test]
    fn unrestricted_chain_needs_no_equaliser() {
        let response = chain(&[5e4, 5e4], &[1e4]);
        let found = design(50.0, 9, 25.0).equalise(&response).unwrap();
        // What is left a symbol later is exp(-2 pi 1e4/50) = 0 to working precision; only
        // rounding in the matrix exponential, below 1e-9, remains.
        for (i, c) in found.taps.iter().enumerate() {
            assert!(
                (c - f64::from(u8::from(i == found.main_tap))).abs() < 1e-9,
                "{i} {c}"
            );
        }
        assert!((found.noise_bandwidth.value() / (PI / 2.0 * 1e13) - 1.0).abs() < 1e-9);
        assert!(found.noise_enhancement.value().abs() < 1e-8);
        assert!(found.residual_isi_rms < 1e-9 && found.cursors.is_empty());
        assert!((found.main_cursor - 1.0).abs() < 1e-9);
    }

    /// One pole, no taps: the best instant is the end of the symbol, where the main cursor is
    /// `1 - a` and the others are `(1 - a) a^k` with `a = exp(-2 pi B T)`.
    #[test]
    fn one_pole_without_taps_has_geometric_cursors() {
        let found = design(50.0, 0, 20.0)
            .equalise(&chain(&[], &[15.0]))
            .unwrap();
        let a = (-TAU * 0.3f64).exp();
        // The optimum is a kink, found to the width of the last bracket, 1e-6 symbols.
        assert!((found.main_cursor - (1.0 - a)).abs() < 3e-6);
        let rms = (15.0 / 12.0 * a * a / (1.0 - a * a)).sqrt();
        assert!((found.residual_isi_rms / rms - 1.0).abs() < 1e-5);
        assert!((found.residual_isi_peak / (1.5 * a / (1.0 - a)) - 1.0).abs() < 1e-5);
        assert!((found.cursors[0] / a - 1.0).abs() < 1e-5);
        let expected_db = -20.0 * (1.0 - a).log10();
        assert!((found.noise_enhancement.value() - expected_db).abs() < 1e-4);
        assert!(found.taps.is_empty());
    }

    /// One pole, two taps, no noise to speak of: zero forcing, `c = (1, -a) / (1 - a)` at the
    /// symbol's end, and noise correlated by `a` from sample to sample.
    #[test]
    fn one_pole_is_undone_by_two_taps() {
        let found = design(50.0, 2, 80.0)
            .equalise(&chain(&[], &[15.0]))
            .unwrap();
        let a = (-TAU * 0.3f64).exp();
        // At 80 dB noise shifts the taps by about 1e-8 / 1.25 relative to symbols.
        assert!((found.taps[0] - 1.0 / (1.0 - a)).abs() < 1e-4);
        assert!((found.taps[1] + a / (1.0 - a)).abs() < 1e-4);
        assert!(found.residual_isi_rms < 1e-4);
        let expected = (1.0 + a * a - 2.0 * a * a) / (1.0 - a).powi(2);
        assert!((found.noise_enhancement.to_ratio() / expected - 1.0).abs() < 1e-4);
    }

    /// The noise bandwidth from taps and autocorrelation is the frequency integral that defines
    /// it.
    #[test]
    fn noise_bandwidth_is_the_frequency_integral() {
        let mut response = chain(&[45.0, 35.0, 50.0], &[]);
        response.after_noise.push(LowPass {
            shape: Shape::BesselThomson4,
            bandwidth: Hertz::new(38e9),
        });
        let found = design(53.125, 9, 20.0).equalise(&response).unwrap();
        let (n, top) = (200_000, 2e12);
        let sum: f64 = (0..n)
            .map(|i| {
                let f = (f64::from(i) + 0.5) * top / f64::from(n);
                let (re, im) = response.noise_transfer(Hertz::new(f));
                let (mut x, mut y) = (0.0, 0.0);
                for (k, c) in found.taps.iter().enumerate() {
                    let angle = TAU * f * k as f64 / 53.125e9;
                    x += c * angle.cos();
                    y -= c * angle.sin();
                }
                (re * re + im * im) * (x * x + y * y)
            })
            .sum::<f64>()
            * top
            / f64::from(n);
        // The spectrum falls as f^-8: nothing beyond 50 times the bandwidth.
        assert!((found.noise_bandwidth.value() / sum - 1.0).abs() < 1e-9);
    }

    #[test]
    fn absurd_designs_are_refused() {
        let response = chain(&[30.0], &[40.0]);
        for db in [f64::NAN, f64::INFINITY, -30.0, 90.0] {
            assert!(design(50.0, 5, db).equalise(&response).is_err(), "{db}");
        }
        assert!(
            design(50.0, MAX_TAPS + 1, 20.0)
                .equalise(&response)
                .is_err()
        );
        assert!(design(f64::NAN, 5, 20.0).equalise(&response).is_err());
        assert!(
            design(50.0, 5, 20.0)
                .equalise(&chain(&[30.0], &[]))
                .is_err()
        );
        assert!(
            design(50.0, 5, 20.0)
                .equalise(&chain(&[0.0], &[40.0]))
                .is_err()
        );
    }

    /// Two levels need less: the same chain leaves less interference per level spacing.
    #[test]
    fn two_levels_suffer_less_than_four() {
        let response = chain(&[30.0], &[40.0]);
        let pam4 = design(53.125, 0, 20.0).equalise(&response).unwrap();
        let mut nrz = design(53.125, 0, 20.0);
        nrz.modulation = Modulation::Nrz;
        let nrz = nrz.equalise(&response).unwrap();
        assert!(nrz.residual_isi_rms < pam4.residual_isi_rms);
        assert!(nrz.mean_square_error < pam4.mean_square_error);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// An extra tap could be set to zero.
        #[test]
        fn more_taps_never_increase_the_error(
            poles in prop::collection::vec(12.0..120.0f64, 0..4),
            amplifier in 15.0..90.0f64,
            snr_db in 5.0..45.0f64,
            n_taps in 0..20usize,
        ) {
            let response = chain(&poles, &[amplifier]);
            let less = design(53.125, n_taps, snr_db).equalise(&response)?;
            let more = design(53.125, n_taps + 1, snr_db).equalise(&response)?;
            // The phase search may settle a bracket's width aside of either optimum.
            prop_assert!(more.mean_square_error <= less.mean_square_error * (1.0 + 1e-5));
        }

        /// The designed error is what noise and cursors add up to, and no single tap improves it.
        #[test]
        fn no_small_change_of_a_tap_helps(
            poles in prop::collection::vec(15.0..120.0f64, 0..4),
            amplifier in 15.0..90.0f64,
            snr_db in 5.0..40.0f64,
            n_taps in 1..12usize,
            tap in 0..12usize,
            change in prop_oneof![Just(-1e-3), Just(1e-3)],
        ) {
            let response = chain(&poles, &[amplifier]);
            let wanted = design(53.125, n_taps, snr_db);
            let found = wanted.equalise(&response)?;
            let samples = response.pulse_states(wanted.symbol_rate)?.samples(found.sampling_phase);
            let power = response.noise_autocorrelation(wanted.symbol_rate, n_taps)?;
            let rho: Vec<f64> = power.iter().map(|r| r / power[0]).collect();
            let peak = samples.iter().position(|&p| p >= found.main_cursor).unwrap();
            let error = |taps: &[f64]| {
                let all = convolution(taps, &samples);
                let main = all[peak + found.main_tap];
                let others = all.iter().map(|h| h * h).sum::<f64>() - main * main;
                let noise = quadratic_form(&rho, taps) * wanted.spacing_to_noise.to_transmission();
                (1.25 * others + noise) / (main * main)
            };
            let best = error(&found.taps);
            // 1e-12 absolute: squares of order one cancel in `others`.
            prop_assert!((best - found.mean_square_error).abs() <= 1e-9 * best + 1e-12);
            let mut other = found.taps.clone();
            other[tap % n_taps] += change;
            prop_assert!(error(&other) >= best - 1e-12);
        }

        /// A slower modulator costs more noise and more error.
        #[test]
        fn less_bandwidth_costs_more(
            modulator in 20.0..80.0f64,
            factor in 0.5..0.95f64,
            n_taps in 0..16usize,
        ) {
            let at = |ghz: f64| design(53.125, n_taps, 20.0).equalise(&chain(&[60.0, ghz], &[45.0]));
            let (fast, slow) = (at(modulator)?, at(modulator * factor)?);
            prop_assert!(slow.noise_enhancement > fast.noise_enhancement);
            prop_assert!(slow.mean_square_error > fast.mean_square_error);
        }
    }
}
