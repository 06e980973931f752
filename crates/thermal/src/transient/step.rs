//! One step in time.

use std::f64::consts::SQRT_2;

use units::Watts;

use crate::ThermalError;
use crate::dense::{add, dot};
use crate::field::Balance;
use crate::model::balance;
use crate::network::Network;
use crate::response::column_sums;
use crate::solve::Linear;

/// Residual of a linear solve relative to the imbalance of heat at the start of its stage, which
/// makes the error of a step as small a part of what the step changes.
const TOLERANCE: f64 = 1e-6;

/// Residual of the solve that filters an error estimate, which needs no more than a digit.
const ESTIMATE_TOLERANCE: f64 = 1e-2;

/// Heat that a step may lose, relative to all heat that flows.
const BALANCE_TOLERANCE: f64 = 1e-9;

/// Lengths of steps that are kept ready.
const MAX_READY: usize = 6;

/// Where the trapezium of TR-BDF2 ends: both of its stages have the same matrix there.
const GAMMA: f64 = 2.0 - SQRT_2;

/// How a step is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    BackwardEuler,
    TrBdf2,
}

impl Scheme {
    /// What multiplies the capacities, 1/s.
    fn rate(self, step_s: f64) -> f64 {
        match self {
            Self::BackwardEuler => 1.0 / step_s,
            Self::TrBdf2 => 2.0 / (GAMMA * step_s),
        }
    }
}

/// A matrix `A + rate C`, made ready.
#[derive(Debug)]
struct Ready<'a> {
    rate: f64,
    linear: Linear<'a>,
    /// Sums of its columns, and the sum of those.
    sums: Vec<f64>,
    whole: f64,
}

impl Ready<'_> {
    /// Solves from the guess in `x`, and moves all of `x` so that no heat is lost whatever the
    /// residual: the sum of the residual vanishes.
    fn solve(&self, b: &[f64], x: &mut [f64], tolerance: f64) -> Result<usize, ThermalError> {
        let iterations = self.linear.solve(b, x, tolerance)?.iterations;
        let lost = b.iter().sum::<f64>() - dot(&self.sums, x);
        let shift = lost / self.whole;
        for x in x {
            *x += shift;
        }
        Ok(iterations)
    }
}

/// What a step did, before it is accepted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    /// Mean heat flows.
    pub(super) balance: Balance,
    /// Estimate of the local error in the worst cell; zero if it was not asked for.
    pub(super) error_k: f64,
}

/// A state, and all that steps from it need.
#[derive(Debug)]
pub(super) struct Steps<'a> {
    network: &'a Network,
    diagonal: Vec<f64>,
    reference_k: f64,
    /// Heat of the sources in every cell, and of outside with it.
    heat: Vec<f64>,
    b: Vec<f64>,
    /// The state, counted from the reference.
    rise: Vec<f64>,
    /// `b - A rise`.
    imbalance: Vec<f64>,
    ready: Vec<Ready<'a>>,
    /// Changes in the stages of the last step and its length: where the next solves start from.
    changes: [Vec<f64>; 2],
    changes_s: f64,
    /// State and imbalance after the step that is not accepted yet.
    next: Vec<f64>,
    next_imbalance: Vec<f64>,
    middle: Vec<f64>,
    work: Vec<f64>,
    iterations: usize,
}

impl<'a> Steps<'a> {
    pub(super) fn new(network: &'a Network, kelvin: &[f64]) -> Result<Self, ThermalError> {
        let n = network.n_cells();
        if kelvin.len() != n {
            return Err(ThermalError::Field {
                given: kelvin.len(),
                needed: n,
            });
        }
        if let Some(cell) = kelvin.iter().position(|k| !k.is_finite()) {
            return Err(ThermalError::NotAboveZero {
                cell,
                kelvin: kelvin[cell],
            });
        }
        let reference_k = network.reference_k().unwrap_or(0.0);
        let zeros = || vec![0.0; n];
        Ok(Self {
            network,
            diagonal: network.diagonal(0.0),
            reference_k,
            heat: zeros(),
            b: zeros(),
            rise: kelvin.iter().map(|k| k - reference_k).collect(),
            imbalance: zeros(),
            ready: Vec::new(),
            changes: [zeros(), zeros()],
            changes_s: 0.0,
            next: zeros(),
            next_imbalance: zeros(),
            middle: zeros(),
            work: zeros(),
            iterations: 0,
        })
    }

    pub(super) fn kelvin(&self, cell: usize) -> f64 {
        self.reference_k + self.rise[cell]
    }

    /// Iterations of the last step.
    pub(super) const fn iterations(&self) -> usize {
        self.iterations
    }

    /// Sets the heat generated in every cell.
    pub(super) fn set_heat(&mut self, heat: Vec<f64>) {
        if heat != self.heat {
            // What the last step changed says nothing about the next one.
            self.changes_s = 0.0;
        }
        self.b = self.network.outside_heat(self.reference_k);
        add(&mut self.b, 1.0, &heat);
        self.heat = heat;
        imbalance(
            self.network,
            &self.diagonal,
            &self.b,
            &self.rise,
            &mut self.imbalance,
        );
    }

    /// Makes steps of a length ready, and forgets the length that was not used for longest.
    pub(super) fn prepare(&mut self, scheme: Scheme, step_s: f64) -> Result<(), ThermalError> {
        let rate = scheme.rate(step_s);
        let is_same = |of: &Ready| of.rate.to_bits() == rate.to_bits();
        if let Some(at) = self.ready.iter().position(is_same) {
            let found = self.ready.remove(at);
            self.ready.push(found);
            return Ok(());
        }
        if self.ready.len() == MAX_READY {
            self.ready.remove(0);
        }
        let sums = column_sums(self.network, rate);
        self.ready.push(Ready {
            rate,
            linear: Linear::new(self.network, rate)?,
            whole: sums.iter().sum(),
            sums,
        });
        Ok(())
    }

    /// Takes a step of the length that was prepared last.
    pub(super) fn step(
        &mut self,
        scheme: Scheme,
        step_s: f64,
        tolerance_k: Option<f64>,
    ) -> Result<Taken, ThermalError> {
        let ready = self
            .ready
            .last()
            .expect("a step is prepared before it is taken");
        let by = if self.changes_s > 0.0 {
            step_s / self.changes_s
        } else {
            0.0
        };
        for change in self.changes.iter_mut().flatten() {
            *change *= by;
        }
        self.changes_s = step_s;
        let [first, second] = &mut self.changes;
        self.next.copy_from_slice(&self.rise);
        let mut error_k = 0.0;
        match scheme {
            Scheme::BackwardEuler => {
                self.iterations = ready.solve(&self.imbalance, first, TOLERANCE)?;
                add(&mut self.next, 1.0, first);
                // Heat flows as at the end of the step.
                self.middle.copy_from_slice(&self.next);
            }
            Scheme::TrBdf2 => {
                // C (T' - T) rate = (b - A T) + (b - A T')
                for (work, imbalance) in self.work.iter_mut().zip(&self.imbalance) {
                    *work = 2.0 * imbalance;
                }
                self.iterations = ready.solve(&self.work, first, TOLERANCE)?;
                add(&mut self.next, 1.0, first);
                let at_middle = &mut self.next_imbalance;
                imbalance(self.network, &self.diagonal, &self.b, &self.next, at_middle);
                // C (T'' - T' - g (T' - T)) rate = b - A T'' with g = (1 - gamma)^2 / gamma (2 - gamma)
                let past = (1.0 - GAMMA).powi(2) / (GAMMA * (2.0 - GAMMA)) * ready.rate;
                let of_cells = first.iter().zip(&self.network.capacity);
                for ((work, at_middle), (first, capacity)) in
                    self.work.iter_mut().zip(&*at_middle).zip(of_cells)
                {
                    *work = at_middle + past * capacity * first;
                }
                self.iterations += ready.solve(&self.work, second, TOLERANCE)?;
                // Weights of the three places over the step.
                let (outer, last) = (SQRT_2 / 4.0, GAMMA / 2.0);
                for (i, middle) in self.middle.iter_mut().enumerate() {
                    let at_middle = self.next[i];
                    let at_end = at_middle + second[i];
                    *middle = outer * (self.rise[i] + at_middle) + last * at_end;
                    self.next[i] = at_end;
                }
                self.work.copy_from_slice(at_middle);
            }
        }
        imbalance(
            self.network,
            &self.diagonal,
            &self.b,
            &self.next,
            &mut self.next_imbalance,
        );
        if let (Scheme::TrBdf2, Some(_)) = (scheme, tolerance_k) {
            let (error, iterations) = self.error()?;
            error_k = error;
            self.iterations += iterations;
        }
        Ok(Taken {
            balance: self.checked_balance(step_s)?,
            error_k,
        })
    }

    /// Largest local error of a step of TR-BDF2 whose middle imbalance is in `work`: the third
    /// derivative from the three slopes, filtered by the matrix of the step, so that fast modes which
    /// are damped anyway do not count.
    fn error(&mut self) -> Result<(f64, usize), ThermalError> {
        let ready = self
            .ready
            .last()
            .expect("a step is prepared before it is taken");
        let constant = (-3.0 * GAMMA * GAMMA + 4.0 * GAMMA - 2.0) / (12.0 * (2.0 - GAMMA));
        let whole = 4.0 * constant / GAMMA;
        let of = [
            whole / GAMMA,
            -whole / (GAMMA * (1.0 - GAMMA)),
            whole / (1.0 - GAMMA),
        ];
        let ends = self.imbalance.iter().zip(&self.next_imbalance);
        for (work, (start, end)) in self.work.iter_mut().zip(ends) {
            *work = of[0] * start + of[1] * *work + of[2] * end;
        }
        let mut error = vec![0.0; self.work.len()];
        let solved = ready
            .linear
            .solve(&self.work, &mut error, ESTIMATE_TOLERANCE)?;
        let worst = error.iter().fold(0.0_f64, |worst, e| worst.max(e.abs()));
        Ok((worst, solved.iterations))
    }

    /// Mean heat flows over the step, which have to add up.
    fn checked_balance(&self, step_s: f64) -> Result<Balance, ThermalError> {
        let stored_j: f64 = self
            .network
            .capacity
            .iter()
            .zip(self.next.iter().zip(&self.rise))
            .map(|(capacity, (next, now))| capacity * (next - now))
            .sum();
        let mut of = balance(self.network, &self.heat, &self.middle, self.reference_k);
        of.stored = Watts::new(stored_j / step_s);
        let flowing: f64 = self.b.iter().map(|b| b.abs()).sum();
        // Rounding of the state makes that of the stored heat.
        let states = self.network.capacity.iter().zip(&self.next);
        let rounding: f64 = states
            .map(|(c, rise)| c * (self.reference_k + rise).abs())
            .sum();
        let allowed = BALANCE_TOLERANCE * (flowing + of.stored.value().abs())
            + 4.0 * f64::EPSILON * rounding / step_s;
        if of.residual().value().abs() <= allowed {
            return Ok(of);
        }
        Err(ThermalError::Balance {
            generated_w: of.generated.value(),
            leaving_w: (of.generated - of.residual()).value(),
        })
    }

    /// Makes the end of the last step the state.
    pub(super) fn accept(&mut self) {
        std::mem::swap(&mut self.rise, &mut self.next);
        std::mem::swap(&mut self.imbalance, &mut self.next_imbalance);
    }
}

/// `b - A x`.
fn imbalance(network: &Network, diagonal: &[f64], b: &[f64], x: &[f64], to: &mut [f64]) {
    network.apply(diagonal, x, to);
    for (to, b) in to.iter_mut().zip(b) {
        *to = b - *to;
    }
}
