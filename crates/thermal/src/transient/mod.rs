//! Temperatures over time.

mod step;
mod trace;

pub use trace::Trace;

use units::{Celsius, Kelvin, KelvinDifference, Seconds, Watts};

use self::step::{Scheme, Steps};
use crate::ThermalError;
use crate::field::{Balance, Field};
use crate::model::Model;
use crate::read::Interval;

/// Halvings of an interval after which adaptive steps are given up.
const MAX_HALVINGS: u32 = 40;

/// Part of the tolerance at which a step aims, so that few steps are done twice.
const AIM: f64 = 0.8;

/// How time is cut into steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stepping {
    /// TR-BDF2, of second order, with equal steps of at most this length: each interval is cut into
    /// the fewest that fit. What makes a step ready is kept for all of them.
    Fixed(Seconds),
    /// TR-BDF2 with steps whose local error in the hottest-erring cell stays below this. The error of
    /// a whole run is about as large where it settles, and at most their sum. Steps are an interval
    /// halved several times, so that few lengths occur.
    Adaptive(KelvinDifference),
    /// Backward Euler, of first order, with equal steps: what other tools do.
    BackwardEuler(Seconds),
}

/// What one interval took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Advance {
    /// Steps done.
    pub steps: usize,
    /// Steps whose error was too large, which were done again.
    pub rejected: usize,
    /// Iterations of the linear solver.
    pub iterations: usize,
    /// Largest estimate of a local error, of adaptive steps only.
    pub local_error: KelvinDifference,
    /// Mean heat flows over the interval.
    pub balance: Balance,
}

/// A package whose temperatures change.
///
/// `C dT/dt = P - A T + outside`, with powers that are constant over each interval. Steps end where
/// powers jump. The default method is one trapezium to `2 - sqrt 2` of the step and one backward
/// difference from there; both have the same matrix, it is of second order, and it damps what is
/// faster than a step (L-stable), so that a jump of power needs no smaller steps first: a mode swings
/// back by at most 0.21 of its part in the jump, and by the square of that in the step after. Each step
/// accounts for its heat, with what is stored.
///
/// # Source
/// R. E. Bank et al., Transient simulation of silicon devices and circuits, IEEE Transactions on
/// Electron Devices 32, 1985, pages 1992-2007; M. E. Hosea and L. F. Shampine, Analysis and
/// implementation of TR-BDF2, Applied Numerical Mathematics 20, 1996, pages 21-37, for the error
/// estimate and its filter.
#[derive(Debug)]
pub struct Transient<'a> {
    model: &'a Model,
    stepping: Stepping,
    steps: Steps<'a>,
    time_s: f64,
    /// Length of the next adaptive step.
    hint_s: f64,
    last: Option<Balance>,
}

impl<'a> Transient<'a> {
    /// Starts with every cell at one temperature.
    ///
    /// # Errors
    /// A step or tolerance that is not positive, a temperature that is no number.
    pub fn at(model: &'a Model, start: Celsius, stepping: Stepping) -> Result<Self, ThermalError> {
        let kelvin = vec![Kelvin::from(start).value(); model.network().n_cells()];
        Self::new(model, &kelvin, stepping)
    }

    /// Starts from a field, for example one at rest.
    ///
    /// # Errors
    /// A step or tolerance that is not positive, a field of another model or with a temperature that
    /// is no number.
    pub fn from_field(
        model: &'a Model,
        start: &Field,
        stepping: Stepping,
    ) -> Result<Self, ThermalError> {
        Self::new(model, &start.kelvin, stepping)
    }

    fn new(model: &'a Model, kelvin: &[f64], stepping: Stepping) -> Result<Self, ThermalError> {
        let (what, value) = match stepping {
            Stepping::Fixed(step) | Stepping::BackwardEuler(step) => ("step", step.value()),
            Stepping::Adaptive(tolerance) => ("tolerance", tolerance.value()),
        };
        if !(value > 0.0 && value.is_finite()) {
            return Err(ThermalError::Time { what, value });
        }
        Ok(Self {
            model,
            stepping,
            steps: Steps::new(model.network(), kelvin)?,
            time_s: 0.0,
            hint_s: 0.0,
            last: None,
        })
    }

    /// Time since the start.
    pub fn time(&self) -> Seconds {
        Seconds::new(self.time_s)
    }

    /// The model that it follows now.
    pub const fn model(&self) -> &'a Model {
        self.model
    }

    /// Mean temperature of a block now.
    ///
    /// # Panics
    /// A position beyond the blocks.
    pub fn average(&self, block: usize) -> Celsius {
        let cells = self.model.sources()[block].cells.iter();
        let kelvin = cells.map(|(cell, share)| share * self.steps.kelvin(*cell as usize));
        Kelvin::new(kelvin.sum()).into()
    }

    /// Highest temperature of the cells of a block now.
    ///
    /// # Panics
    /// A position beyond the blocks.
    pub fn maximum(&self, block: usize) -> Celsius {
        let cells = self.model.sources()[block].cells.iter();
        let kelvin = cells.map(|(cell, _)| self.steps.kelvin(*cell as usize));
        Kelvin::new(kelvin.fold(f64::NEG_INFINITY, f64::max)).into()
    }

    /// All temperatures now, with the mean heat flows of the last step; `None` before the first one.
    pub fn field(&self) -> Option<Field> {
        self.last.map(|balance| Field {
            kelvin: (0..self.model.network().n_cells())
                .map(|cell| self.steps.kelvin(cell))
                .collect(),
            balance,
            iterations: self.steps.iterations(),
        })
    }

    /// Goes on with another model of the same cells: another flow of coolant, other temperatures
    /// outside, other conductivities. Temperatures stay as they are.
    ///
    /// # Errors
    /// A model with another number of cells.
    pub fn set_model(&mut self, model: &'a Model) -> Result<(), ThermalError> {
        let n = self.model.network().n_cells();
        let kelvin: Vec<f64> = (0..n).map(|cell| self.steps.kelvin(cell)).collect();
        self.steps = Steps::new(model.network(), &kelvin)?;
        self.model = model;
        Ok(())
    }

    /// Goes on for an interval with the given power of every block.
    ///
    /// # Errors
    /// A list of another length than there are blocks, an interval that is not positive, an iteration
    /// that does not converge, heat that gets lost, a tolerance that no step meets. The state is then
    /// that of the last good step.
    pub fn advance(
        &mut self,
        powers: &[Watts],
        duration: Seconds,
    ) -> Result<Advance, ThermalError> {
        self.advance_with(powers, duration, &mut |_| {})
    }

    /// Goes through intervals and records every block after each step.
    ///
    /// # Errors
    /// As [`Self::advance`]; what was recorded until then stays.
    pub fn run(&mut self, intervals: &[Interval], trace: &mut Trace) -> Result<(), ThermalError> {
        trace.record(self);
        for interval in intervals {
            let mut record = |now: &Self| trace.record(now);
            self.advance_with(&interval.powers, interval.duration, &mut record)?;
        }
        Ok(())
    }

    fn advance_with(
        &mut self,
        powers: &[Watts],
        duration: Seconds,
        after_step: &mut dyn FnMut(&Self),
    ) -> Result<Advance, ThermalError> {
        let heat = self.model.heat(powers)?;
        let whole_s = duration.value();
        if !(whole_s > 0.0 && whole_s.is_finite()) {
            let what = "interval";
            return Err(ThermalError::Time {
                what,
                value: whole_s,
            });
        }
        self.steps.set_heat(heat);
        let mut tally = Tally::default();
        match self.stepping {
            Stepping::Fixed(step) => {
                self.equal(Scheme::TrBdf2, step, whole_s, &mut tally, after_step)?;
            }
            Stepping::BackwardEuler(step) => {
                self.equal(Scheme::BackwardEuler, step, whole_s, &mut tally, after_step)?;
            }
            Stepping::Adaptive(tolerance) => {
                self.adaptive(tolerance.value(), whole_s, &mut tally, after_step)?;
            }
        }
        Ok(tally.whole(whole_s))
    }

    fn equal(
        &mut self,
        scheme: Scheme,
        step: Seconds,
        whole_s: f64,
        tally: &mut Tally,
        after_step: &mut dyn FnMut(&Self),
    ) -> Result<(), ThermalError> {
        // A quotient that rounding lifts above a whole number needs no further step.
        let n = (whole_s / step.value() * (1.0 - 1e-9)).ceil().max(1.0);
        let step_s = whole_s / n;
        let start_s = self.time_s;
        let mut done = 0.0;
        while done < n {
            self.steps.prepare(scheme, step_s)?;
            let balance = self.steps.step(scheme, step_s, None)?.balance;
            done += 1.0;
            self.accept(start_s + step_s * done, balance, step_s, tally);
            after_step(self);
        }
        Ok(())
    }

    fn adaptive(
        &mut self,
        tolerance_k: f64,
        whole_s: f64,
        tally: &mut Tally,
        after_step: &mut dyn FnMut(&Self),
    ) -> Result<(), ThermalError> {
        let start_s = self.time_s;
        // The position is a whole number of steps, and a step an interval halved so many times.
        let mut halvings = 0;
        if self.hint_s > 0.0 {
            while halvings < MAX_HALVINGS && length(whole_s, halvings) > 1.001 * self.hint_s {
                halvings += 1;
            }
        }
        let mut position: u64 = 0;
        while position < 1 << halvings {
            let step_s = length(whole_s, halvings);
            self.steps.prepare(Scheme::TrBdf2, step_s)?;
            let taken = self.steps.step(Scheme::TrBdf2, step_s, Some(tolerance_k))?;
            // The local error grows with the cube of the step.
            let room = AIM * (tolerance_k / taken.error_k.max(1e-30)).cbrt();
            if taken.error_k > tolerance_k {
                tally.rejected += 1;
                tally.iterations += self.steps.iterations();
                let is_enough = |more: &u32| room * f64::from(1_u32 << more) >= 1.0;
                let more = (1..8).find(is_enough).unwrap_or(8);
                halvings += more;
                if halvings > MAX_HALVINGS {
                    return Err(ThermalError::Step {
                        step_s,
                        error_k: taken.error_k,
                        tolerance_k,
                    });
                }
                position <<= more;
                continue;
            }
            position += 1;
            tally.error_k = tally.error_k.max(taken.error_k);
            let now_s = start_s + step_s * position as f64;
            self.accept(now_s, taken.balance, step_s, tally);
            self.hint_s = step_s;
            after_step(self);
            if room >= 2.0 && halvings > 0 {
                self.hint_s = 2.0 * step_s;
                if position.is_multiple_of(2) {
                    halvings -= 1;
                    position /= 2;
                }
            }
        }
        Ok(())
    }

    fn accept(&mut self, now_s: f64, balance: Balance, step_s: f64, tally: &mut Tally) {
        tally.iterations += self.steps.iterations();
        self.steps.accept();
        self.time_s = now_s;
        self.last = Some(balance);
        tally.add(&balance, step_s);
    }
}

/// Length of an interval halved so many times.
fn length(whole_s: f64, halvings: u32) -> f64 {
    whole_s / (1_u64 << halvings) as f64
}

/// Sums over the steps of an interval.
#[derive(Debug, Default)]
struct Tally {
    steps: usize,
    rejected: usize,
    iterations: usize,
    error_k: f64,
    /// Generated, through the top, through the bottom, to coolant, stored: J.
    heat_j: [f64; 5],
}

impl Tally {
    fn add(&mut self, of: &Balance, step_s: f64) {
        self.steps += 1;
        let flows = [
            of.generated,
            of.through_top,
            of.through_bottom,
            of.to_coolant,
            of.stored,
        ];
        for (sum, flow) in self.heat_j.iter_mut().zip(flows) {
            *sum += flow.value() * step_s;
        }
    }

    fn whole(&self, whole_s: f64) -> Advance {
        let [generated, through_top, through_bottom, to_coolant, stored] =
            self.heat_j.map(|heat| Watts::new(heat / whole_s));
        Advance {
            steps: self.steps,
            rejected: self.rejected,
            iterations: self.iterations,
            local_error: KelvinDifference::new(self.error_k),
            balance: Balance {
                generated,
                through_top,
                through_bottom,
                to_coolant,
                stored,
            },
        }
    }
}
