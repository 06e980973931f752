//! Packages as a few time constants, for steps of microseconds.

mod build;

use std::sync::Arc;

use units::{Celsius, Kelvin, KelvinDifference, KelvinPerWatt, Seconds, Watts};

use crate::ThermalError;
use crate::dense::add;
use crate::model::Model;

/// Columns beyond the blocks: the temperatures at the upper and the lower face.
const FACES: usize = 2;

/// How small a reduced model is to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reduction {
    /// Shortest time that matters, such as the tick of a twin. What settles ten times faster follows
    /// its power at once.
    pub fastest: Seconds,
    /// Modes are left to follow at once as long as no resistance at any time is off by more than this
    /// through it.
    pub tolerance: KelvinPerWatt,
}

/// What is outside, as against what the stack states.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Outside {
    /// How much warmer it is at the upper face: its coolant, or what it is held at.
    pub top: KelvinDifference,
    /// How much warmer it is at the lower face.
    pub bottom: KelvinDifference,
}

/// The numbers of a reduced model, plain so that they can be kept.
#[derive(Debug, Clone, PartialEq)]
pub struct ReducedData {
    /// Names of the blocks.
    pub names: Vec<String>,
    /// Temperature of every block without power and with what the stack states outside, kelvin.
    pub base_k: Vec<f64>,
    /// Time constant of every mode, seconds, falling.
    pub tau_s: Vec<f64>,
    /// One row for each mode, one column for each block and for the upper and the lower face: `g`.
    pub gain: Vec<f64>,
    /// What follows at once: one row for each block, columns as those of `gain`.
    pub direct: Vec<f64>,
    /// Bound of the error of any resistance, K/W; see [`ReducedModel::error`].
    pub error_k_per_w: f64,
}

/// A package as modes: `tau dz/dt = g u - z`, `T = T0 + g^T z + D u`.
///
/// `u` are the powers of the blocks and what is warmer outside. A mode answers a step as
/// `1 - exp(-t / tau)`, so that a step with constant powers is exact whatever its length, and any pair
/// of blocks is a Foster ladder with the same time constants. The model is the package itself on the
/// subspace of its fields under constant power and under powers that rise with a few rates
/// (rational moments at zero and on the real axis); what is projected keeps its symmetry, so that the
/// model is reciprocal, passive and stable, and its steady state is that of the response matrix.
///
/// It is shared: put it into an [`Arc`] and give it to any number of [`ReducedState`].
///
/// # Source
/// A. Odabasioglu, M. Celik, L. T. Pileggi, PRIMA: passive reduced-order interconnect macromodeling
/// algorithm, IEEE Transactions on Computer-Aided Design 17, 1998, pages 645-654 (congruence keeps
/// passivity); A. C. Antoulas, C. A. Beattie, S. Gugercin, Interpolatory Methods for Model Reduction,
/// 2020, chapters 2 and 4 (several points, projected matrices from divided differences).
#[derive(Debug, Clone, PartialEq)]
pub struct ReducedModel {
    data: ReducedData,
}

impl ReducedModel {
    /// Reduces a package: one solve for each block and face and each of some five rates.
    ///
    /// # Errors
    /// A time or tolerance that is not positive, coolant inside the package, an iteration that does
    /// not converge.
    pub fn new(model: &Model, reduction: &Reduction) -> Result<Self, ThermalError> {
        let all: Vec<usize> = (0..model.sources().len()).collect();
        Self::among(model, &all, reduction)
    }

    /// Reduces a package to some of its blocks, in the given order; the others are without power.
    ///
    /// # Memory
    /// While it is built, a field of all cells for each block and face.
    ///
    /// # Errors
    /// A block that is not there, and those of [`Self::new`].
    pub fn among(
        model: &Model,
        blocks: &[usize],
        reduction: &Reduction,
    ) -> Result<Self, ThermalError> {
        Self::from_data(build::build(model, blocks, reduction)?)
    }

    /// From numbers that were kept.
    ///
    /// # Errors
    /// Lists whose lengths do not fit, and numbers that are not finite.
    pub fn from_data(data: ReducedData) -> Result<Self, ThermalError> {
        let (n, n_modes) = (data.names.len(), data.tau_s.len());
        let columns = n + FACES;
        let lists = [
            ("base_k", &data.base_k, n),
            ("tau_s", &data.tau_s, n_modes),
            ("gain", &data.gain, n_modes * columns),
            ("direct", &data.direct, n * columns),
        ];
        for (name, list, needed) in lists {
            if list.len() != needed {
                let given = list.len();
                let what = format!("{name} has {given} values and needs {needed}");
                return Err(ThermalError::Reduced { what });
            }
            if let Some(at) = list.iter().position(|x| !x.is_finite()) {
                let what = format!("value {at} of {name} is {}", list[at]);
                return Err(ThermalError::Reduced { what });
            }
        }
        if let Some(at) = data.tau_s.iter().position(|tau| *tau <= 0.0) {
            let what = format!("time constant {at} is {} s", data.tau_s[at]);
            return Err(ThermalError::Reduced { what });
        }
        Ok(Self { data })
    }

    /// Its numbers.
    pub const fn data(&self) -> &ReducedData {
        &self.data
    }

    /// Names of the blocks.
    pub fn names(&self) -> &[String] {
        &self.data.names
    }

    /// Modes that are stepped.
    pub fn n_modes(&self) -> usize {
        self.data.tau_s.len()
    }

    /// Bound of the error of any resistance `R[out, in]` as a mean over time: of
    /// `(1/t) integral exp(-x/t) (R - R_reduced)(x) dx` for any `t` from the fastest time up, where
    /// `R(x)` is the answer to a step of one watt. It is what a model with half as many rates errs at
    /// the rates between them, which it has not seen, and what the modes that follow at once add.
    /// At rest the error is that of the linear solver.
    pub fn error(&self) -> KelvinPerWatt {
        KelvinPerWatt::new(self.data.error_k_per_w)
    }

    /// Steady resistance from one block to another.
    ///
    /// # Panics
    /// A position beyond the blocks.
    pub fn resistance(&self, out: usize, source: usize) -> KelvinPerWatt {
        self.foster(out, source).into_iter().map(|(r, _)| r).sum()
    }

    /// The answer of a block to a step of one watt in another: resistances and time constants of
    /// `sum r (1 - exp(-t / tau))`, slowest first; what follows at once comes last with a time of
    /// zero. Between different blocks some resistances are negative.
    ///
    /// # Panics
    /// A position beyond the blocks.
    pub fn foster(&self, out: usize, source: usize) -> Vec<(KelvinPerWatt, Seconds)> {
        let columns = self.data.names.len() + FACES;
        assert!(source < self.data.names.len(), "a block of the model");
        let at_once = self.data.direct[out * columns + source];
        let modes = self.data.gain.chunks_exact(columns).zip(&self.data.tau_s);
        modes
            .map(|(row, tau)| (row[out] * row[source], *tau))
            .chain([(at_once, 0.0)])
            .map(|(r, tau)| (KelvinPerWatt::new(r), Seconds::new(tau)))
            .collect()
    }
}

/// Where one package is in time: a few numbers beside the shared model.
#[derive(Debug, Clone)]
pub struct ReducedState {
    model: Arc<ReducedModel>,
    modes: Vec<f64>,
    inputs: Vec<f64>,
    kelvin: Vec<f64>,
    /// `1 - exp(-step / tau)` of every mode for the last length of a step.
    settled: Vec<f64>,
    step_s: f64,
}

impl ReducedState {
    /// At rest with the given powers.
    ///
    /// # Errors
    /// A list of another length than there are blocks, a power or temperature that is no number.
    pub fn at_rest(
        model: Arc<ReducedModel>,
        powers: &[Watts],
        outside: Outside,
    ) -> Result<Self, ThermalError> {
        let (n, n_modes) = (model.names().len(), model.n_modes());
        let mut state = Self {
            modes: vec![0.0; n_modes],
            inputs: vec![0.0; n + FACES],
            kelvin: vec![0.0; n],
            settled: vec![1.0; n_modes],
            step_s: f64::INFINITY,
            model,
        };
        state.set_inputs(powers, outside)?;
        state.go_on();
        Ok(state)
    }

    /// Goes on for a time with constant powers, exactly.
    ///
    /// # Errors
    /// A list of another length than there are blocks, a power or temperature that is no number, a
    /// time that is not positive. The state is then as before.
    pub fn step(
        &mut self,
        powers: &[Watts],
        outside: Outside,
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
        self.set_inputs(powers, outside)?;
        if step_s.to_bits() != self.step_s.to_bits() {
            let times = self.settled.iter_mut().zip(&self.model.data.tau_s);
            for (settled, tau) in times {
                *settled = -f64::exp_m1(-step_s / tau);
            }
            self.step_s = step_s;
        }
        self.go_on();
        Ok(())
    }

    /// Mean temperature of a block now.
    ///
    /// # Panics
    /// A position beyond the blocks.
    pub fn average(&self, block: usize) -> Celsius {
        Kelvin::new(self.kelvin[block]).into()
    }

    /// Mean temperature of every block now.
    pub fn averages(&self) -> impl Iterator<Item = Celsius> {
        self.kelvin.iter().map(|kelvin| Kelvin::new(*kelvin).into())
    }

    /// The model that it shares.
    pub const fn model(&self) -> &Arc<ReducedModel> {
        &self.model
    }

    fn set_inputs(&mut self, powers: &[Watts], outside: Outside) -> Result<(), ThermalError> {
        let n = self.kelvin.len();
        if powers.len() != n {
            return Err(ThermalError::Powers {
                given: powers.len(),
                needed: n,
            });
        }
        let faces = [outside.top.value(), outside.bottom.value()];
        let of_blocks = powers.iter().map(|power| power.value());
        if let Some(at) = of_blocks.clone().chain(faces).position(|u| !u.is_finite()) {
            let what = match powers.get(at) {
                Some(power) => format!("the power of block {at} is {} W", power.value()),
                None => format!("what is outside is warmer by {} K", faces[at - n]),
            };
            return Err(ThermalError::NotFinite { what });
        }
        for (input, value) in self.inputs.iter_mut().zip(of_blocks.chain(faces)) {
            *input = value;
        }
        Ok(())
    }

    fn go_on(&mut self) {
        let data = &self.model.data;
        let n = self.kelvin.len();
        let columns = n + FACES;
        for (block, kelvin) in self.kelvin.iter_mut().enumerate() {
            let row = &data.direct[block * columns..(block + 1) * columns];
            *kelvin = data.base_k[block] + dot4(row, &self.inputs);
        }
        let modes = self.modes.iter_mut().zip(&self.settled);
        for ((mode, settled), row) in modes.zip(data.gain.chunks_exact(columns)) {
            *mode += settled * (dot4(row, &self.inputs) - *mode);
            add(&mut self.kelvin, *mode, &row[..n]);
        }
    }
}

/// Sum of products in four parts, which a processor does side by side.
fn dot4(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (a_parts, b_parts) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = a_parts
        .remainder()
        .iter()
        .zip(b_parts.remainder())
        .map(|(a, b)| a * b)
        .sum();
    for (a, b) in a_parts.zip(b_parts) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    (sums[0] + sums[2]) + (sums[1] + sums[3]) + rest
}
