//! Where a reduced package is in time.

use std::sync::Arc;

use units::{Celsius, Joules, Kelvin, KelvinDifference, Seconds, Watts};

use super::beyond::{Beyond, beyond_heat};
use super::{Outside, ReducedModel, dot4};
use crate::ThermalError;
use crate::dense::add;

/// Where one package is in time: a few numbers beside the shared model.
#[derive(Debug, Clone)]
pub struct ReducedState {
    model: Arc<ReducedModel>,
    modes: Vec<f64>,
    /// Modes when the last step began.
    begun: Vec<f64>,
    /// Powers, and what is warmer outside, in the last step.
    inputs: Vec<f64>,
    kelvin: Vec<f64>,
    /// `g u` of every mode, of the powers alone until the ways out are known.
    drive: Vec<f64>,
    /// Mean heat through every way out in the last step, W.
    through_w: Vec<f64>,
    length: Length,
    // Places to work in, so that a step takes no memory.
    through_next: Vec<f64>,
    outside_next: Vec<f64>,
    closure: Vec<f64>,
}

/// Where they are, not how they came there: the same model, modes, temperatures and heat.
impl PartialEq for ReducedState {
    fn eq(&self, other: &Self) -> bool {
        (Arc::ptr_eq(&self.model, &other.model) || self.model == other.model)
            && self.modes == other.modes
            && self.inputs == other.inputs
            && self.kelvin == other.kelvin
            && self.through_w == other.through_w
    }
}

/// What a length of a step makes of every mode.
#[derive(Debug, Clone)]
struct Length {
    /// Seconds; no end at rest.
    step_s: f64,
    /// `1 - exp(-step / tau)`: how far a mode has come at the end.
    settled: Vec<f64>,
    /// `1 - (tau / step) (1 - exp(-step / tau))`: how far it has come as a mean over the step.
    mean: Vec<f64>,
    /// Mean heat through a way out, its row, for each kelvin outside of another; W/K.
    outward: Vec<f64>,
}

impl Length {
    fn at_rest(model: &ReducedModel) -> Self {
        let n_modes = model.n_modes();
        let mut length = Self {
            step_s: f64::INFINITY,
            settled: vec![1.0; n_modes],
            mean: vec![1.0; n_modes],
            outward: vec![0.0; model.n_outside() * model.n_outside()],
        };
        length.set_outward(model);
        length
    }

    fn set(&mut self, model: &ReducedModel, step_s: f64) {
        if step_s.to_bits() == self.step_s.to_bits() {
            return;
        }
        let modes = self.settled.iter_mut().zip(&mut self.mean);
        for ((settled, mean), tau) in modes.zip(&model.data.tau_s) {
            let steps = step_s / tau;
            *settled = -f64::exp_m1(-steps);
            *mean = mean_of(steps, *settled);
        }
        self.step_s = step_s;
        self.set_outward(model);
    }

    fn set_outward(&mut self, model: &ReducedModel) {
        let data = &model.data;
        let (n, columns) = (data.names.len(), data.columns());
        let k = columns - n;
        for row in 0..k {
            for column in 0..k {
                let modes = data.gain.chunks_exact(columns).zip(&self.mean);
                let stepped: f64 = modes
                    .map(|(gain, mean)| mean * gain[n + row] * gain[n + column])
                    .sum();
                let own = if row == column {
                    data.outside_w_per_k[row]
                } else {
                    0.0
                };
                let direct = data.direct[(n + row) * columns + n + column];
                self.outward[row * k + column] = stepped + direct - own;
            }
        }
    }
}

/// `1 - (1 - exp(-x)) / x`, by its series where the difference would lose digits.
fn mean_of(x: f64, settled: f64) -> f64 {
    // At this x the two are equal to rounding: the next term of the series is x^4 / 120.
    if x < 1e-3 {
        x * (0.5 - x * (1.0 / 6.0 - x / 24.0))
    } else {
        1.0 - settled / x
    }
}

impl ReducedState {
    /// At rest with the given powers.
    ///
    /// # Errors
    /// A list of another length than there are blocks, a power or temperature that is no number, a
    /// model of regions.
    pub fn at_rest(
        model: Arc<ReducedModel>,
        powers: &[Watts],
        outside: Outside,
    ) -> Result<Self, ThermalError> {
        let mut state = Self::empty(model);
        let beyond = state.faces(outside)?;
        state.go_on(powers, &beyond)?;
        Ok(state)
    }

    /// At rest with the given powers and what is outside of every way out.
    ///
    /// # Errors
    /// Lists of other lengths than there are blocks and ways out, numbers that are none, a film so
    /// thin that it would pass more than the way out itself, a package that nothing cools.
    pub fn at_rest_beyond(
        model: Arc<ReducedModel>,
        powers: &[Watts],
        beyond: &[Beyond],
    ) -> Result<Self, ThermalError> {
        let mut state = Self::empty(model);
        state.go_on(powers, beyond)?;
        Ok(state)
    }

    fn empty(model: Arc<ReducedModel>) -> Self {
        let (n, n_modes, k) = (model.names().len(), model.n_modes(), model.n_outside());
        Self {
            through_next: vec![0.0; k],
            outside_next: vec![0.0; k],
            closure: vec![0.0; k * k],
            modes: vec![0.0; n_modes],
            begun: vec![0.0; n_modes],
            inputs: vec![0.0; n + k],
            kelvin: vec![0.0; n],
            drive: vec![0.0; n_modes],
            through_w: vec![0.0; k],
            length: Length::at_rest(&model),
            model,
        }
    }

    /// Goes on for a time with constant powers, exactly.
    ///
    /// # Errors
    /// A list of another length than there are blocks, a power or temperature that is no number, a
    /// time that is not positive, a model of regions. The state is then as before.
    pub fn step(
        &mut self,
        powers: &[Watts],
        outside: Outside,
        duration: Seconds,
    ) -> Result<(), ThermalError> {
        let beyond = self.faces(outside)?;
        self.step_beyond(powers, &beyond, duration)
    }

    /// Goes on for a time with constant powers and what is outside of every way out.
    ///
    /// Powers and what is held are exact whatever the length. A temperature outside that follows
    /// from heat is the one that belongs to the mean heat of the step, so that no heat is lost; it is
    /// of second order in the length of the step where nothing jumps, and stable for any.
    ///
    /// # Errors
    /// As [`Self::at_rest_beyond`], and a time that is not positive. The state is then as before.
    pub fn step_beyond(
        &mut self,
        powers: &[Watts],
        beyond: &[Beyond],
        duration: Seconds,
    ) -> Result<(), ThermalError> {
        let step_s = duration.value();
        if !(step_s > 0.0 && step_s.is_finite()) {
            let what = "interval";
            return Err(ThermalError::Time {
                what,
                value: step_s,
            });
        }
        self.length.set(&self.model, step_s);
        self.go_on(powers, beyond)
    }

    /// Mean temperature of a block now.
    ///
    /// # Panics
    /// A position beyond the blocks.
    pub fn average(&self, block: usize) -> Celsius {
        Kelvin::new(self.kelvin[block]).into()
    }

    /// Mean temperature of a block at a time after the last step began, which is exact: in a step
    /// powers and what is outside are constant. What follows at once has done so at its beginning.
    /// After [`Self::resume`] there is no such step, and it is asked where it will go on from there.
    ///
    /// # Panics
    /// A position beyond the blocks.
    pub fn average_within(&self, block: usize, since: Seconds) -> Celsius {
        let data = &self.model.data;
        let columns = data.columns();
        let row = &data.direct[block * columns..][..columns];
        let at_once = data.base_k[block] + dot4(row, &self.inputs);
        let modes = data.gain.chunks_exact(columns).zip(&data.tau_s);
        let modes = modes.zip(&self.begun).map(|((gain, tau), begun)| {
            let settled = -f64::exp_m1(-since.value() / tau);
            gain[block] * (begun + settled * (dot4(gain, &self.inputs) - begun))
        });
        Kelvin::new(at_once + modes.sum::<f64>()).into()
    }

    /// Goes back to where the last step began, for another step in its place. Temperatures stay
    /// those of its end until then.
    pub fn begin_again(&mut self) {
        self.modes.copy_from_slice(&self.begun);
    }

    /// Mean temperature of every block now.
    pub fn averages(&self) -> impl Iterator<Item = Celsius> {
        self.kelvin.iter().map(|kelvin| Kelvin::new(*kelvin).into())
    }

    /// Mean heat that left through a way out in the last step; at rest, what leaves.
    ///
    /// # Panics
    /// A position beyond the ways out.
    pub fn heat_through(&self, way_out: usize) -> Watts {
        Watts::new(self.through_w[way_out])
    }

    /// How much warmer than the stack states it was outside of a way out in the last step.
    ///
    /// # Panics
    /// A position beyond the ways out.
    pub fn outside(&self, way_out: usize) -> KelvinDifference {
        KelvinDifference::new(self.inputs[self.kelvin.len() + way_out])
    }

    /// Heat that is stored in the modes, above that of a package as warm as the stack states it
    /// outside. What came in less what left in a step is what it grew by, to rounding.
    ///
    /// Heat in what follows at once is not in it, and does not leave late either.
    pub fn stored(&self) -> Joules {
        let data = &self.model.data;
        let (n, columns) = (data.names.len(), data.columns());
        let modes = data.gain.chunks_exact(columns).zip(&data.tau_s);
        let terms = modes.zip(&self.modes);
        Joules::new(
            terms
                .map(|((row, tau), mode)| row[n..].iter().sum::<f64>() * tau * mode)
                .sum(),
        )
    }

    /// All that time has made of it, as plain numbers: modes, inputs, temperatures, heat through the
    /// ways out. [`Self::resume`] makes the same state of them.
    pub fn numbers(&self) -> impl Iterator<Item = f64> {
        let lists = [&self.modes, &self.inputs, &self.kelvin, &self.through_w];
        lists.into_iter().flatten().copied()
    }

    /// Puts what [`Self::numbers`] gave in place of its state; the rest of `numbers` is left there.
    ///
    /// # Errors
    /// Too few numbers, or one that is none. The state is then as before.
    pub fn resume(&mut self, numbers: &mut impl Iterator<Item = f64>) -> Result<(), ThermalError> {
        let mut read = Self::empty(Arc::clone(&self.model));
        for list in [
            &mut read.modes,
            &mut read.inputs,
            &mut read.kelvin,
            &mut read.through_w,
        ] {
            for slot in list {
                let number = numbers.next().filter(|number| number.is_finite());
                *slot = number.ok_or_else(|| ThermalError::NotFinite {
                    what: "a number of a saved state is missing, or is none".to_owned(),
                })?;
            }
        }
        read.begun.copy_from_slice(&read.modes);
        *self = read;
        Ok(())
    }

    /// Memory that it takes beside the shared model, bytes.
    pub fn bytes(&self) -> usize {
        let lists = [
            &self.modes,
            &self.begun,
            &self.inputs,
            &self.kelvin,
            &self.drive,
            &self.through_w,
            &self.length.settled,
            &self.length.mean,
            &self.length.outward,
            &self.through_next,
            &self.outside_next,
            &self.closure,
        ];
        size_of::<Self>()
            + lists
                .iter()
                .map(|list| size_of_val(list.as_slice()))
                .sum::<usize>()
    }

    /// The model that it shares.
    pub const fn model(&self) -> &Arc<ReducedModel> {
        &self.model
    }

    fn faces(&self, outside: Outside) -> Result<[Beyond; 2], ThermalError> {
        if self.model.data.is_by_region {
            let what = "a model of regions takes a temperature for each of them, not for two faces";
            return Err(ThermalError::Outside {
                what: what.to_owned(),
            });
        }
        Ok([outside.top, outside.bottom].map(Beyond::Held))
    }

    /// Refuses what is of another length, or no number.
    fn check(&self, powers: &[Watts], beyond: &[Beyond]) -> Result<(), ThermalError> {
        let (n, k) = (self.kelvin.len(), self.through_w.len());
        if powers.len() != n {
            return Err(ThermalError::Powers {
                given: powers.len(),
                needed: n,
            });
        }
        if beyond.len() != k {
            let given = beyond.len();
            let what = format!("{given} temperatures for {k} ways out");
            return Err(ThermalError::Outside { what });
        }
        if let Some(at) = powers.iter().position(|power| !power.value().is_finite()) {
            let what = format!("the power of block {at} is {} W", powers[at].value());
            return Err(ThermalError::NotFinite { what });
        }
        for (at, (beyond, g)) in beyond
            .iter()
            .zip(&self.model.data.outside_w_per_k)
            .enumerate()
        {
            let (from, r) = match beyond {
                Beyond::Held(warmer) => (warmer.value(), 0.0),
                Beyond::Warmed { from, resistance } => (from.value(), resistance.value()),
                Beyond::Closed => (0.0, 0.0),
            };
            if !from.is_finite() {
                let what = format!("what is outside of way out {at} is warmer by {from} K");
                return Err(ThermalError::NotFinite { what });
            }
            if !(r.is_finite() && 1.0 + r * g > 0.0) {
                let what = format!(
                    "way out {at}, which passes {g} W/K, warms by {r} K/W; it needs a finite rise above {} K/W",
                    -1.0 / g
                );
                return Err(ThermalError::Outside { what });
            }
        }
        Ok(())
    }

    /// One step of the length that is set.
    fn go_on(&mut self, powers: &[Watts], beyond: &[Beyond]) -> Result<(), ThermalError> {
        self.check(powers, beyond)?;
        let data = &self.model.data;
        let n = self.kelvin.len();
        let columns = data.columns();
        let of_powers = |row: &[f64]| dot_powers(row, powers);
        // Mean heat through the ways out if it were everywhere as warm as the stack states.
        let through = &mut self.through_next;
        for (way_out, through) in through.iter_mut().enumerate() {
            let row = &data.direct[(n + way_out) * columns..][..n];
            *through = data.base_w[way_out] + of_powers(row);
        }
        let drives = self.drive.iter_mut().zip(data.gain.chunks_exact(columns));
        for (((drive, row), mode), mean) in drives.zip(&self.modes).zip(&self.length.mean) {
            *drive = of_powers(&row[..n]);
            let mean_mode = mode + mean * (*drive - mode);
            for (through, gain) in through.iter_mut().zip(&row[n..]) {
                *through += gain * mean_mode;
            }
        }
        let outside = &mut self.outside_next;
        let outward = &self.length.outward;
        beyond_heat(data, outward, beyond, through, &mut self.closure, outside)?;
        for (row, through) in outward.chunks_exact(beyond.len()).zip(through) {
            *through += dot4(row, outside);
        }
        // Nothing can fail from here on.
        std::mem::swap(&mut self.through_w, &mut self.through_next);
        for (input, power) in self.inputs.iter_mut().zip(powers) {
            *input = power.value();
        }
        self.inputs[n..].copy_from_slice(outside);
        for (block, kelvin) in self.kelvin.iter_mut().enumerate() {
            let row = &data.direct[block * columns..][..columns];
            *kelvin = data.base_k[block] + dot4(row, &self.inputs);
        }
        self.begun.copy_from_slice(&self.modes);
        let modes = self.modes.iter_mut().zip(&self.length.settled);
        let rows = data.gain.chunks_exact(columns).zip(&self.drive);
        for ((mode, settled), (row, drive)) in modes.zip(rows) {
            *mode += settled * (drive + dot4(&row[n..], outside) - *mode);
            add(&mut self.kelvin, *mode, &row[..n]);
        }
        Ok(())
    }
}

/// Sum of products with powers, in four parts as [`dot4`].
fn dot_powers(row: &[f64], powers: &[Watts]) -> f64 {
    let mut sums = [0.0; 4];
    let (rows, given) = (row.chunks_exact(4), powers.chunks_exact(4));
    let rest = rows.remainder().iter().zip(given.remainder());
    let rest: f64 = rest.map(|(a, b)| a * b.value()).sum();
    for (row, powers) in rows.zip(given) {
        for ((sum, a), b) in sums.iter_mut().zip(row).zip(powers) {
            *sum += a * b.value();
        }
    }
    (sums[0] + sums[2]) + (sums[1] + sums[3]) + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_of_a_mode_joins_its_series() {
        for x in [0.9e-3, 0.999e-3, 1.001e-3, 2e-3] {
            let settled = -f64::exp_m1(-x);
            let series = x * (0.5 - x * (1.0 / 6.0 - x * (1.0 / 24.0 - x / 120.0)));
            // Rounding of the quotient, relative to x / 2.
            assert!((mean_of(x, settled) - series).abs() < 1e-12, "{x}");
        }
        assert!((mean_of(1e9, 1.0) - 1.0).abs() < 1e-8);
    }
}
