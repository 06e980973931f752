//! Packages as a few time constants, for steps of microseconds.

mod beyond;
mod build;
mod state;

pub use self::beyond::Beyond;
pub use self::state::ReducedState;

use units::{KelvinDifference, KelvinPerWatt, Seconds};

use crate::ThermalError;
use crate::model::Model;
use crate::response::FaceRegion;

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
    /// Heat that leaves through every way out then, W: none where the stack states one temperature
    /// outside.
    pub base_w: Vec<f64>,
    /// Time constant of every mode, seconds, falling.
    pub tau_s: Vec<f64>,
    /// One row for each mode, one column for each block and for each way out: `g`.
    pub gain: Vec<f64>,
    /// What follows at once: rows and columns as the columns of `gain`.
    pub direct: Vec<f64>,
    /// Conductance of each way out: the upper and the lower face, or the regions; W/K.
    pub outside_w_per_k: Vec<f64>,
    /// Whether the ways out are regions that were named, and not the two faces.
    pub is_by_region: bool,
    /// Bound of the error of any resistance, K/W; see [`ReducedModel::error`].
    pub error_k_per_w: f64,
}

/// A package as modes: `tau dz/dt = g u - z`, `T = T0 + g^T z + D u`.
///
/// `u` are the powers of the blocks and what is warmer outside of each way out, the two faces or
/// regions of them. Heat leaves through a way out as `q = g_r^T z + D_r u - G_r u_r` (reciprocity). A mode answers a step as
/// `1 - exp(-t / tau)`, so that a step with constant powers is exact whatever its length, and any pair
/// of blocks is a Foster ladder with the same time constants. The model is the package itself on the
/// subspace of its fields under constant power and under powers that rise with a few rates
/// (rational moments at zero and on the real axis); what is projected keeps its symmetry, so that the
/// model is reciprocal, passive and stable, and its steady state is that of the response matrix.
///
/// It is shared: put it into an [`Arc`](std::sync::Arc) and give it to any number of [`ReducedState`].
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

impl ReducedData {
    /// Blocks and ways out.
    const fn columns(&self) -> usize {
        self.names.len() + self.outside_w_per_k.len()
    }
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
        let faces = build::faces(model);
        Self::from_data(build::build(model, blocks, &faces, false, reduction)?)
    }

    /// Reduces a package to some of its blocks with regions of its faces as ways out, each with a
    /// temperature and a heat of its own; see [`ReducedState::step_beyond`].
    ///
    /// # Errors
    /// Regions that leave out a part of a face through which heat passes, and those of
    /// [`Self::among`].
    pub fn through(
        model: &Model,
        blocks: &[usize],
        regions: &[FaceRegion],
        reduction: &Reduction,
    ) -> Result<Self, ThermalError> {
        let regions = build::regions(model, regions);
        Self::from_data(build::build(model, blocks, &regions, true, reduction)?)
    }

    /// From numbers that were kept.
    ///
    /// # Errors
    /// Lists whose lengths do not fit, and numbers that are not finite.
    pub fn from_data(data: ReducedData) -> Result<Self, ThermalError> {
        let (n, n_modes) = (data.names.len(), data.tau_s.len());
        let columns = n + data.outside_w_per_k.len();
        if !data.is_by_region && data.outside_w_per_k.len() != 2 {
            let given = data.outside_w_per_k.len();
            let what = format!("outside_w_per_k has {given} values and needs one for each face");
            return Err(ThermalError::Reduced { what });
        }
        let lists = [
            ("base_k", &data.base_k, n),
            ("tau_s", &data.tau_s, n_modes),
            ("gain", &data.gain, n_modes * columns),
            ("direct", &data.direct, columns * columns),
            ("outside_w_per_k", &data.outside_w_per_k, columns - n),
            ("base_w", &data.base_w, columns - n),
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

    /// Ways out: two faces, or the regions.
    pub fn n_outside(&self) -> usize {
        self.data.outside_w_per_k.len()
    }

    /// Share of the heat of a block that leaves through a way out at rest.
    ///
    /// # Panics
    /// A position beyond the ways out or the blocks.
    pub fn share(&self, way_out: usize, source: usize) -> f64 {
        let (n, columns) = (self.data.names.len(), self.data.columns());
        assert!(
            source < n && way_out < self.n_outside(),
            "a way out of a block"
        );
        let modes = self.data.gain.chunks_exact(columns);
        let stepped: f64 = modes.map(|row| row[n + way_out] * row[source]).sum();
        stepped + self.data.direct[(n + way_out) * columns + source]
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
        let columns = self.data.columns();
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
