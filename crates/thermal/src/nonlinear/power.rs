//! Powers that depend on temperature, and whether they run away.

use std::fmt;

use units::{Celsius, Kelvin, KelvinDifference, PerKelvin, Watts};

use crate::ThermalError;
use crate::dense::{Lu, dot, eigen};
use crate::response::Response;

/// Residual of Newton's method, K: some thousand times the rounding of a temperature.
const RESIDUAL_K: f64 = 1e-9;

/// Steps of Newton's method; five are the rule.
const MAX_ITERATIONS: usize = 60;

/// How exactly the greatest load fraction is found.
const FRACTION: f64 = 1e-6;

/// Gain beside a fold. At 1e-6 of the load from it the gain is within about 1e-3 of one; a search
/// that ends far below has failed for another reason.
const FOLD_GAIN: f64 = 0.9;

/// A power at a temperature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PowerAt {
    /// The power.
    pub power: Watts,
    /// Its slope over the temperature, W/K.
    pub slope_w_per_k: f64,
}

/// How the power of a block follows its mean temperature.
#[derive(Clone, Copy)]
pub enum PowerLaw<'a> {
    /// It does not.
    Constant(Watts),
    /// Leakage: `P = constant + leakage exp(coefficient (T - reference))`.
    Leakage {
        /// What does not depend on temperature.
        constant: Watts,
        /// Leakage at the reference temperature.
        leakage: Watts,
        /// Its relative rise for each kelvin.
        coefficient: PerKelvin,
        /// Where it is stated.
        reference: Celsius,
    },
    /// Anything else: a heater that a loop controls, a laser at constant light.
    Function(&'a (dyn Fn(Celsius) -> PowerAt + Sync)),
}

impl fmt::Debug for PowerLaw<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(power) => f.debug_tuple("Constant").field(power).finish(),
            Self::Leakage {
                constant,
                leakage,
                coefficient,
                reference,
            } => f
                .debug_struct("Leakage")
                .field("constant", constant)
                .field("leakage", leakage)
                .field("coefficient", coefficient)
                .field("reference", reference)
                .finish(),
            Self::Function(_) => f.write_str("Function"),
        }
    }
}

impl PowerLaw<'_> {
    /// The power at a temperature.
    pub fn at(&self, temperature: Celsius) -> PowerAt {
        match self {
            Self::Constant(power) => PowerAt {
                power: *power,
                slope_w_per_k: 0.0,
            },
            Self::Leakage {
                constant,
                leakage,
                coefficient,
                reference,
            } => {
                let exponent = coefficient.value() * (temperature - *reference).value();
                let leakage = *leakage * exponent.exp();
                PowerAt {
                    power: *constant + leakage,
                    slope_w_per_k: leakage.value() * coefficient.value(),
                }
            }
            Self::Function(of) => of(temperature),
        }
    }
}

/// Where powers and temperatures agree.
#[derive(Debug, Clone, PartialEq)]
pub struct OperatingPoint {
    /// Mean temperature of every block.
    pub temperatures: Vec<Celsius>,
    /// Power of every block.
    pub powers: Vec<Watts>,
    /// Greatest of `|T - T0 - R P(T)|` over the blocks.
    pub residual: KelvinDifference,
    /// Steps of Newton's method.
    pub iterations: usize,
    /// Gain of the loop from temperature over power to temperature; stable below one.
    ///
    /// With a symmetric `R` it is the greatest eigenvalue of `R diag(dP/dT)`, which are all real then,
    /// and the package is stable if and only if it is below one. It is negative where every power
    /// falls with temperature. With coolant inside, `R` is not symmetric and the gain is the spectral
    /// radius of `R diag(max(dP/dT, 0))`: the same where no power falls with temperature, and never
    /// too small.
    pub gain: f64,
    /// The block that takes the greatest part in what would run away.
    pub critical: usize,
}

impl OperatingPoint {
    /// Runaway margin: one less the gain.
    pub fn margin(&self) -> f64 {
        1.0 - self.gain
    }
}

/// Where the last stable operating point is when there is none at full load.
#[derive(Debug, Clone, PartialEq)]
pub struct Runaway {
    /// Greatest part of all powers with which the package is stable, within 1e-6.
    pub load_fraction: f64,
    /// The operating point at that part of the load; its gain is close to one.
    pub last: OperatingPoint,
}

/// What comes of powers that depend on temperature.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// A stable operating point.
    Stable(OperatingPoint),
    /// No stable operating point: the package runs away.
    Runaway(Runaway),
}

impl Operation {
    /// The operating point where it is stable.
    pub const fn stable(&self) -> Option<&OperatingPoint> {
        match self {
            Self::Stable(point) => Some(point),
            Self::Runaway(_) => None,
        }
    }
}

impl Response {
    /// Solves `T = T0 + R P(T)` for the stable operating point that is reached from no load.
    ///
    /// Newton's method from `T0`, damped where the residual would grow. From there the steps rise
    /// towards the lowest solution if no power falls with temperature and powers are convex, as
    /// leakage is. If that fails, or ends where the gain is one or more, all powers are scaled from
    /// zero upwards and the stable branch is followed to its fold by bisection.
    ///
    /// # Errors
    /// As many laws as there are blocks are needed; a law that gives no finite number at the
    /// temperature without power; a search that fails where the gain is not near one.
    ///
    /// # Source
    /// Stability of the linearised heat balance: A. Vassighi and M. Sachdev, Thermal and Power
    /// Management of Integrated Circuits, 2006, chapter 3. Monotone convergence of Newton's method
    /// on convex problems: J. M. Ortega and W. C. Rheinboldt, Iterative Solution of Nonlinear
    /// Equations in Several Variables, 1970, theorem 13.3.4.
    pub fn operating_point(&self, laws: &[PowerLaw]) -> Result<Operation, ThermalError> {
        let n = self.names().len();
        if laws.len() != n {
            return Err(ThermalError::Powers {
                given: laws.len(),
                needed: n,
            });
        }
        let search = Search::new(self, laws)?;
        let base = self.base_k().to_vec();
        match search.newton(1.0, &base) {
            Ok(found) if found.gain < 1.0 => Ok(Operation::Stable(found)),
            _ => search.follow(&base),
        }
    }
}

/// One set of laws on one response.
struct Search<'a> {
    response: &'a Response,
    laws: &'a [PowerLaw<'a>],
    /// `K` with `R = K K^T`, one row for each block; nothing if `R` is not symmetric.
    root: Option<Vec<f64>>,
}

impl<'a> Search<'a> {
    fn new(response: &'a Response, laws: &'a [PowerLaw<'a>]) -> Result<Self, ThermalError> {
        for (idx, (law, kelvin)) in laws.iter().zip(response.base_k()).enumerate() {
            let at = law.at(Kelvin::new(*kelvin).into());
            if !(at.power.value().is_finite() && at.slope_w_per_k.is_finite()) {
                return Err(ThermalError::PowerLaw {
                    block: response.names()[idx].clone(),
                    temperature_c: Celsius::from(Kelvin::new(*kelvin)).value(),
                    power_w: at.power.value(),
                    slope_w_per_k: at.slope_w_per_k,
                });
            }
        }
        let n = laws.len();
        let root = response.is_symmetric().then(|| {
            let r = response.k_per_w();
            let mean = |at: usize| 0.5 * (r[at] + r[(at % n) * n + at / n]);
            let of = eigen(n, (0..n * n).map(mean).collect());
            let column = |i: usize, k: usize| of.vectors[k * n + i] * of.values[k].max(0.0).sqrt();
            let rows = (0..n * n).map(|at| column(at / n, at % n));
            rows.collect()
        });
        Ok(Self {
            response,
            laws,
            root,
        })
    }

    /// Powers and their slopes, both times the load.
    fn powers(&self, load: f64, kelvin: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let at = |(law, kelvin): (&PowerLaw, &f64)| {
            let at = law.at(Kelvin::new(*kelvin).into());
            (load * at.power.value(), load * at.slope_w_per_k)
        };
        self.laws.iter().zip(kelvin).map(at).unzip()
    }

    /// `T - T0 - R P`, and its greatest size.
    fn residual(&self, powers_w: &[f64], kelvin: &[f64]) -> (Vec<f64>, f64) {
        let mut answer = vec![0.0; kelvin.len()];
        self.response.averages_into(powers_w, &mut answer);
        let residual: Vec<f64> = kelvin.iter().zip(&answer).map(|(t, a)| t - a).collect();
        // `max` would drop what is not a number.
        let size = residual.iter().fold(0.0_f64, |most, r| {
            if r.is_nan() {
                f64::INFINITY
            } else {
                most.max(r.abs())
            }
        });
        (residual, size)
    }

    /// Damped Newton from a start.
    fn newton(&self, load: f64, start: &[f64]) -> Result<OperatingPoint, ThermalError> {
        let n = start.len();
        let mut kelvin = start.to_vec();
        let (mut powers_w, mut slopes) = self.powers(load, &kelvin);
        let (mut residual, mut size) = self.residual(&powers_w, &kelvin);
        let mut iterations = 0;
        while size > RESIDUAL_K {
            let failed = ThermalError::OperatingPoint {
                iterations,
                residual_k: size,
            };
            if iterations == MAX_ITERATIONS || !size.is_finite() {
                return Err(failed);
            }
            iterations += 1;
            let mut jacobian: Vec<f64> = self.response.k_per_w().to_vec();
            for (at, entry) in jacobian.iter_mut().enumerate() {
                let unit = f64::from(u8::from(at / n == at % n));
                *entry = unit - *entry * slopes[at % n];
            }
            let Some(lu) = Lu::new(n, jacobian) else {
                return Err(failed);
            };
            let step = lu.solve(&residual);
            let mut by = 1.0;
            loop {
                let next: Vec<f64> = kelvin.iter().zip(&step).map(|(t, s)| t - by * s).collect();
                let (next_w, next_slopes) = self.powers(load, &next);
                let (next_residual, next_size) = self.residual(&next_w, &next);
                // Armijo's condition asks for a small part of the decrease of the linear model.
                if next_size <= (1.0 - 1e-4 * by) * size {
                    (kelvin, powers_w, slopes) = (next, next_w, next_slopes);
                    (residual, size) = (next_residual, next_size);
                    break;
                }
                by *= 0.5;
                if by < 1e-6 {
                    return Err(failed);
                }
            }
        }
        let (gain, critical) = self.gain(&slopes);
        let celsius = |kelvin: f64| Celsius::from(Kelvin::new(kelvin));
        Ok(OperatingPoint {
            temperatures: kelvin.into_iter().map(celsius).collect(),
            powers: powers_w.into_iter().map(Watts::new).collect(),
            residual: KelvinDifference::new(size),
            iterations,
            gain,
            critical,
        })
    }

    /// Gain of the loop and the block that takes the greatest part in it.
    fn gain(&self, slopes: &[f64]) -> (f64, usize) {
        let n = slopes.len();
        let (gain, part): (f64, Vec<f64>) = if let Some(root) = &self.root {
            // R G and K^T G K have the same eigenvalues, and the second is symmetric.
            let mut square = vec![0.0; n * n];
            for (row, slope) in root.chunks_exact(n.max(1)).zip(slopes) {
                for i in 0..n {
                    for j in 0..n {
                        square[i * n + j] += row[i] * slope * row[j];
                    }
                }
            }
            let of = eigen(n, square);
            let Some(gain) = of.values.last() else {
                return (0.0, 0);
            };
            let shape = &of.vectors[n * (n - 1)..];
            let rows = root.chunks_exact(n.max(1));
            (*gain, rows.map(|row| dot(row, shape)).collect())
        } else {
            self.perron(slopes)
        };
        let part = part.iter().zip(slopes).map(|(t, g)| (t * t * g).abs());
        let most = part.enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
        (gain, most.map_or(0, |(idx, _)| idx))
    }

    /// Spectral radius of `R diag(max(g, 0))` from above, with its positive vector.
    ///
    /// # Source
    /// Bounds of Collatz and Wielandt: R. A. Horn and C. R. Johnson, Matrix Analysis, 2nd edition,
    /// 2013, section 8.1.
    fn perron(&self, slopes: &[f64]) -> (f64, Vec<f64>) {
        let n = slopes.len();
        let mut shape = vec![1.0; n];
        let mut bound = 0.0;
        for _ in 0..1000 {
            let heat: Vec<f64> = shape
                .iter()
                .zip(slopes)
                .map(|(t, g)| t * g.max(0.0))
                .collect();
            let rows = self.response.k_per_w().chunks_exact(n.max(1));
            let image: Vec<f64> = rows.map(|row| dot(row, &heat)).collect();
            let ratios = image.iter().zip(&shape).filter(|(_, t)| **t > 0.0);
            let (low, high) = ratios.fold((f64::INFINITY, 0.0_f64), |(low, high), (i, t)| {
                (low.min(i / t), high.max(i / t))
            });
            bound = high;
            let scale = image.iter().copied().fold(0.0, f64::max);
            if scale == 0.0 {
                return (0.0, shape);
            }
            shape = image.iter().map(|t| t / scale).collect();
            if high - low <= 1e-10 * high {
                break;
            }
        }
        (bound, shape)
    }

    /// Follows the stable branch from no load to its end.
    fn follow(&self, base: &[f64]) -> Result<Operation, ThermalError> {
        let mut last = self.newton(0.0, base)?;
        let (mut low, mut high) = (0.0, 1.0);
        let mut failure = None;
        let mut load = 0.5;
        while high - low > FRACTION {
            let kelvin = |t: &Celsius| Kelvin::from(*t).value();
            let start: Vec<f64> = last.temperatures.iter().map(kelvin).collect();
            match self.newton(load, &start) {
                Ok(found) if found.gain < 1.0 => {
                    low = load;
                    last = found;
                }
                Ok(_) => high = load,
                Err(error) => {
                    high = load;
                    failure = Some(error);
                }
            }
            load = 0.5 * (low + high);
        }
        if low + 2.0 * FRACTION >= 1.0 {
            // The branch reaches the whole load.
            let kelvin = |t: &Celsius| Kelvin::from(*t).value();
            let start: Vec<f64> = last.temperatures.iter().map(kelvin).collect();
            let found = self.newton(1.0, &start)?;
            if found.gain < 1.0 {
                return Ok(Operation::Stable(found));
            }
        }
        match failure {
            Some(error) if last.gain < FOLD_GAIN => Err(error),
            _ => Ok(Operation::Runaway(Runaway {
                load_fraction: low,
                last,
            })),
        }
    }
}
