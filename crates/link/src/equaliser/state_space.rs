//! Cascades as linear systems in time: exact responses and autocorrelations.

use std::f64::consts::TAU;

use super::linear::{TAYLOR_DEGREE, exponential, halvings, product, transpose};
use super::response::LowPass;

/// Stored states per symbol; sampling instants between them are reached exactly.
pub(super) const STATES_PER_SYMBOL: usize = 8;
/// A response has died away when no state exceeds this; far below the promised 1e-6.
const NEGLIGIBLE: f64 = 1e-13;
/// Longest pulse response, symbols. The slowest cascade accepted takes below 500.
const MAX_SYMBOLS: usize = 2048;

/// `x' = A x + b u`, output `x[out]`, in units of time of one symbol. States of an element are its
/// output and the derivatives of it, scaled by its corner; the output of each feeds the next.
#[derive(Debug)]
pub(super) struct System {
    a: Vec<f64>,
    b: Vec<f64>,
    out: usize,
}

impl System {
    pub(super) fn new(elements: &[LowPass], unit_hz: f64) -> Self {
        let prototypes: Vec<(Vec<f64>, f64)> =
            elements.iter().map(|e| e.shape.prototype()).collect();
        let n: usize = prototypes.iter().map(|(d, _)| d.len()).sum();
        let (mut a, mut b) = (vec![0.0; n * n], vec![0.0; n]);
        let (mut start, mut input) = (0, None);
        for (element, (denominator, corner)) in elements.iter().zip(&prototypes) {
            let w = TAU * element.bandwidth.value() / unit_hz / corner;
            let last = start + denominator.len() - 1;
            for i in start..last {
                a[i * n + i + 1] = w;
            }
            for (j, d) in denominator.iter().enumerate() {
                a[last * n + start + j] = -w * d;
            }
            match input {
                None => b[last] = w,
                Some(source) => a[last * n + source] = w,
            }
            input = Some(start);
            start = last + 1;
        }
        Self {
            a,
            b,
            out: input.unwrap_or(0),
        }
    }

    fn n(&self) -> usize {
        self.b.len()
    }

    /// `M = [A b; 0 0]`: `exp(M t)` holds `exp(A t)` and beside it `INT_0^t exp(A s) b ds`.
    fn augmented(&self) -> Vec<f64> {
        let n = self.n();
        let mut m = vec![0.0; (n + 1) * (n + 1)];
        for (i, row) in m.chunks_exact_mut(n + 1).take(n).enumerate() {
            row[..n].copy_from_slice(&self.a[i * n..(i + 1) * n]);
            row[n] = self.b[i];
        }
        m
    }

    /// `exp(A t)`.
    fn step(&self, t: f64) -> Vec<f64> {
        let scaled: Vec<f64> = self.a.iter().map(|a| a * t).collect();
        exponential(&scaled, self.n())
    }

    /// `R(k) = c exp(A k) P c^T` with `P = INT exp(A t) b b^T exp(A t)^T dt` over all positive t.
    ///
    /// P is the Taylor series of the integral up to a short time h, then doubled:
    /// `P(2 h) = P(h) + E(h) P(h) E(h)^T`; all terms are positive, so nothing cancels.
    pub(super) fn noise_autocorrelation(&self, n_lags: usize) -> Vec<f64> {
        let n = self.n();
        let h = 2f64.powi(-halvings(&self.a, n));
        let mut term: Vec<f64> = (0..n * n)
            .map(|k| self.b[k / n] * self.b[k % n] * h)
            .collect();
        let mut p = term.clone();
        // Terms fall faster than 0.5^k / k!: 20 of them reach 1e-24.
        for k in 2..=20 {
            let half = product(&self.a, &term, n);
            let mirrored = transpose(&half, n);
            let scale = h / f64::from(k);
            term = half
                .iter()
                .zip(&mirrored)
                .map(|(x, y)| (x + y) * scale)
                .collect();
            p.iter_mut().zip(&term).for_each(|(p, t)| *p += t);
        }
        let mut e = self.step(h);
        while e.iter().any(|x| x.abs() > f64::EPSILON) {
            let right = product(&p, &transpose(&e, n), n);
            let more = product(&e, &right, n);
            p.iter_mut().zip(&more).for_each(|(p, m)| *p += m);
            e = product(&e, &e, n);
        }
        let symbol = self.step(1.0);
        let mut column: Vec<f64> = p.iter().skip(self.out).step_by(n).copied().collect();
        (0..n_lags)
            .map(|_| {
                let value = column[self.out];
                column = apply(&symbol, &column);
                value
            })
            .collect()
    }
}

/// Matrix times vector.
fn apply(a: &[f64], x: &[f64]) -> Vec<f64> {
    a.chunks_exact(x.len()).map(|row| dot(row, x)).collect()
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(a, b)| a * b).sum()
}

/// How a system moves on within one interval between stored states.
#[derive(Debug)]
struct Propagator {
    /// `exp(M)`, `M` times one interval.
    whole: Vec<f64>,
    /// `exp(M h 2^k)` with the `h` that is one interval after as many doublings.
    doublings: Vec<Vec<f64>>,
    /// The output's row of `(M h)^j / j!`.
    series: Vec<Vec<f64>>,
}

impl Propagator {
    fn new(system: &System) -> Self {
        let n = system.n() + 1;
        let per_interval = |m: &f64| m / STATES_PER_SYMBOL as f64;
        let m: Vec<f64> = system.augmented().iter().map(per_interval).collect();
        let count = halvings(&m, n);
        let mh: Vec<f64> = m.iter().map(|m| m * 2f64.powi(-count)).collect();
        let mut step = exponential(&mh, n);
        let mut doublings = Vec::new();
        for _ in 0..count {
            let double = product(&step, &step, n);
            doublings.push(std::mem::replace(&mut step, double));
        }
        let mut row = vec![0.0; n];
        row[system.out] = 1.0;
        let mut series = vec![row];
        for j in 1..=TAYLOR_DEGREE {
            let next = row_times(&series[j - 1], &mh).into_iter();
            series.push(next.map(|x| x / j as f64).collect());
        }
        Self {
            whole: step,
            doublings,
            series,
        }
    }

    /// The output's row of `exp(M t)`, `t` in intervals from zero to below one.
    fn output_row(&self, t: f64) -> Vec<f64> {
        let steps = self.doublings.iter().fold(t, |t, _| 2.0 * t);
        let rest = steps.fract();
        let mut row = vec![0.0; self.series[0].len()];
        for term in self.series.iter().rev() {
            for (sum, term) in row.iter_mut().zip(term) {
                *sum = *sum * rest + term;
            }
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "below two to the number of doublings, of which bandwidths allow twenty"
        )]
        let whole = steps as u64;
        for (k, doubling) in self.doublings.iter().enumerate() {
            if whole >> k & 1 == 1 {
                row = row_times(&row, doubling);
            }
        }
        row
    }
}

/// Row vector times square matrix.
fn row_times(row: &[f64], a: &[f64]) -> Vec<f64> {
    let mut product = vec![0.0; row.len()];
    for (x, a_row) in row.iter().zip(a.chunks_exact(row.len())) {
        for (sum, a) in product.iter_mut().zip(a_row) {
            *sum += x * a;
        }
    }
    product
}

/// States of the chain on a grid of [`STATES_PER_SYMBOL`] instants per symbol, while one symbol
/// passes and until its response has died away.
#[derive(Debug)]
pub(super) struct PulseStates {
    propagator: Propagator,
    /// Each with the input behind it, one while the symbol lasts.
    states: Vec<Vec<f64>>,
}

impl PulseStates {
    pub(super) fn new(system: &System) -> Self {
        let propagator = Propagator::new(system);
        let n = system.n();
        let mut state = vec![0.0; n + 1];
        state[n] = 1.0;
        let mut states = vec![state];
        for k in 1..=MAX_SYMBOLS * STATES_PER_SYMBOL {
            let mut next = apply(&propagator.whole, &states[k - 1]);
            if k == STATES_PER_SYMBOL {
                next[n] = 0.0;
            }
            if k > STATES_PER_SYMBOL
                && k % STATES_PER_SYMBOL == 0
                && next.iter().all(|x| x.abs() < NEGLIGIBLE)
            {
                break;
            }
            states.push(next);
        }
        Self { propagator, states }
    }

    pub(super) fn n_symbols(&self) -> usize {
        self.states.len() / STATES_PER_SYMBOL
    }

    /// Samples at `phase`, `phase + 1`, ... symbols after the start of the symbol; `phase` from
    /// zero to below one.
    pub(super) fn samples(&self, phase: f64) -> Vec<f64> {
        let position = phase * STATES_PER_SYMBOL as f64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "phase is within [0, 1)"
        )]
        let first = (position as usize).min(STATES_PER_SYMBOL - 1);
        let row = self.propagator.output_row(position - first as f64);
        self.states[first..]
            .iter()
            .step_by(STATES_PER_SYMBOL)
            .map(|state| dot(&row, state))
            .take(self.n_symbols())
            .collect()
    }
}
