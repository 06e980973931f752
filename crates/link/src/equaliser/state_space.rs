//! Cascades as linear systems in time: exact responses and autocorrelations.

use std::f64::consts::TAU;

use super::linear::{exponential, halvings, identity, product, transpose};
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

    /// `exp(A t)` and `INT_0^t exp(A s) b ds`.
    fn step(&self, t: f64) -> (Vec<f64>, Vec<f64>) {
        let n = self.n();
        if t == 0.0 {
            return (identity(n), vec![0.0; n]);
        }
        let mut augmented = vec![0.0; (n + 1) * (n + 1)];
        for (i, row) in augmented.chunks_exact_mut(n + 1).take(n).enumerate() {
            for (x, a) in row.iter_mut().zip(&self.a[i * n..]).take(n) {
                *x = a * t;
            }
            row[n] = self.b[i] * t;
        }
        exponential(&augmented, n + 1)
            .chunks_exact(n + 1)
            .take(n)
            .map(|row| (row[..n].to_vec(), row[n]))
            .fold((Vec::new(), Vec::new()), |(mut e, mut g), (row, gain)| {
                e.extend(row);
                g.push(gain);
                (e, g)
            })
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
        let (mut e, _) = self.step(h);
        while e.iter().any(|x| x.abs() > f64::EPSILON) {
            let right = product(&p, &transpose(&e, n), n);
            let more = product(&e, &right, n);
            p.iter_mut().zip(&more).for_each(|(p, m)| *p += m);
            e = product(&e, &e, n);
        }
        let (symbol, _) = self.step(1.0);
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

/// States of the chain on a grid of [`STATES_PER_SYMBOL`] instants per symbol, while one symbol
/// passes and until its response has died away.
#[derive(Debug)]
pub(super) struct PulseStates {
    system: System,
    states: Vec<Vec<f64>>,
}

impl PulseStates {
    pub(super) fn new(system: System) -> Self {
        let (e, gain) = system.step(1.0 / STATES_PER_SYMBOL as f64);
        let mut states = vec![vec![0.0; system.n()]];
        for k in 0..MAX_SYMBOLS * STATES_PER_SYMBOL {
            let mut next = apply(&e, &states[k]);
            if k < STATES_PER_SYMBOL {
                next.iter_mut().zip(&gain).for_each(|(x, g)| *x += g);
            } else if k % STATES_PER_SYMBOL == STATES_PER_SYMBOL - 1
                && next.iter().all(|x| x.abs() < NEGLIGIBLE)
            {
                break;
            }
            states.push(next);
        }
        Self { system, states }
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
        let (e, gain) = self
            .system
            .step((position - first as f64) / STATES_PER_SYMBOL as f64);
        let out = self.system.out;
        let n = self.system.n();
        let row = &e[out * n..(out + 1) * n];
        self.states[first..]
            .iter()
            .step_by(STATES_PER_SYMBOL)
            .enumerate()
            .map(|(k, state)| dot(row, state) + if k == 0 { gain[out] } else { 0.0 })
            .take(self.n_symbols())
            .collect()
    }
}
