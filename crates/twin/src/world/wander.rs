//! What wanders of itself: the phase between the axes of laser fibres, and the biases of Mach-Zehnder
//! modulators.
//!
//! A new switch stands at the mean of both, where it is described. The rest is chance, drawn by the
//! seed and the names of switch and part at the time of the stride, so that a world that is stepped
//! alike wanders alike. Jumps over months leave everything where it is: no time is likelier than another.

use photonics::fibre::AxisErrors;
use serde::{Deserialize, Serialize};
use system::parts::Modulator;
use system::{LaserHome, System};
use units::Radians;
use units::random::{Draw, Stream};

/// Share of its time in which a process stands still at the most. Strides are exact, however long: this
/// is how coarse they look. A phase moves by 0.045 rad in it, and a drift by 4.5 % of its deviation.
const STRIDE: f64 = 1e-3;

/// Change of a loss, dB, up to which the one in force stays: it moves the error ratio of an eye of Q by
/// less than `0.43 Q^2 1.2e-4` decades.
const SAME_LOSS_DB: f64 = 5e-4;

/// Retardance at which the loss of a fibre is its mean.
const MEAN_RAD: f64 = std::f64::consts::FRAC_PI_2;

/// The wandering phase between the axes of a fibre.
///
/// # Equation
/// `D' = D + sqrt(2 dt / t) z`, so that the mean of `cos(D' - D)` is `exp(-dt / t)`.
fn wiener(rad: f64, dt_s: f64, time_s: f64, z: f64) -> f64 {
    rad + (2.0 * dt_s / time_s).sqrt() * z
}

/// A drift about zero with the standard deviation `s` (Ornstein-Uhlenbeck).
///
/// # Equation
/// `x' = x exp(-dt / t) + s sqrt(1 - exp(-2 dt / t)) z`.
fn relaxed(x: f64, dt_s: f64, (rms, time_s): (f64, f64), z: f64) -> f64 {
    let passed = dt_s / time_s;
    x * (-passed).exp() + rms * (-(-2.0 * passed).exp_m1()).sqrt() * z
}

/// A laser fibre whose light wanders.
#[derive(Debug, Clone, Copy, PartialEq)]
struct FibrePlan {
    stream: Stream,
    errors: AxisErrors,
    time_s: f64,
}

/// A lane whose bias drifts.
#[derive(Debug, Clone, Copy, PartialEq)]
struct BiasPlan {
    stream: Stream,
    lane: usize,
    rms_rad: f64,
    time_s: f64,
}

/// What wanders in a description.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct WanderPlan {
    fibres: Vec<FibrePlan>,
    biases: Vec<BiasPlan>,
    /// By laser, the position among `fibres` of the one that carries its light.
    fibre_of: Vec<Option<usize>>,
    fibre_stride_s: f64,
    bias_stride_s: f64,
    n_lanes: usize,
}

/// The longest that all of these may stand still, s.
fn stride_s(times_s: impl Iterator<Item = f64>) -> f64 {
    STRIDE * times_s.fold(f64::INFINITY, f64::min)
}

impl WanderPlan {
    pub(super) fn new(system: &System) -> Self {
        let (fibres, fibre_of) = fibres(system);
        let biases = biases(system);
        Self {
            fibre_stride_s: stride_s(fibres.iter().map(|of| of.time_s)),
            bias_stride_s: stride_s(biases.iter().map(|of| of.time_s)),
            n_lanes: system.media_lanes.len(),
            fibres,
            biases,
            fibre_of,
        }
    }
}

fn fibres(system: &System) -> (Vec<FibrePlan>, Vec<Option<usize>>) {
    let plant = &system.description.fibre_plant;
    let fibre = plant.laser_fibre.as_ref();
    // Without a length nothing of the fibre counts.
    let fibre = fibre.filter(|_| plant.laser_fibre_length.is_some());
    let of = fibre.and_then(|of| of.axis_error.as_ref().zip(of.polarisation_time.as_ref()));
    let Some((angle, time)) = of else {
        return (Vec::new(), vec![None; system.lasers.len()]);
    };
    let mut plans = Vec::new();
    let mut place_of = vec![None; system.fibres.len()];
    let lasers = system.lasers.iter().map(|laser| {
        let LaserHome::Module(_, Some(fibre)) = laser.home else {
            return None;
        };
        let place = *place_of[fibre.index()].get_or_insert_with(|| {
            plans.push(FibrePlan {
                stream: Stream::new(&system.fibres[fibre.index()].name, "retardance"),
                errors: AxisErrors {
                    launch: angle.value,
                    exit: angle.value,
                },
                time_s: time.value.value(),
            });
            plans.len() - 1
        });
        Some(place)
    });
    let fibre_of = lasers.collect();
    (plans, fibre_of)
}

fn biases(system: &System) -> Vec<BiasPlan> {
    let lanes = system.media_lanes.iter().enumerate();
    let drifting = lanes.filter_map(|(lane, entity)| {
        let group = system.engines[entity.engine.index()].group;
        let Modulator::MachZehnder(part) = &system.description.engine[group].value.modulator else {
            return None;
        };
        let (rms, time) = part
            .bias_drift
            .as_ref()
            .zip(part.bias_drift_time.as_ref())?;
        // Without a heater there is no loop, and the bias is what is described. Measured levels stay.
        let has_loop = part.bias_power.value.value() > 0.0 && part.measured.is_none();
        let rms_rad = rms.value.value();
        (has_loop && rms_rad > 0.0).then(|| BiasPlan {
            stream: Stream::new(&entity.name, "bias"),
            lane,
            rms_rad,
            time_s: time.value.value(),
        })
    });
    drifting.collect()
}

/// How far everything has wandered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Wander {
    /// That of the switch and its name.
    seed: u64,
    /// Time since the last stride, s.
    fibres_since_s: f64,
    biases_since_s: f64,
    /// Of each wandering fibre.
    retardance_rad: Vec<f64>,
    /// Its loss beyond the described one, dB: as it is, and as it is in force.
    loss_db: Vec<f64>,
    kept_db: Vec<f64>,
    /// By lane.
    bias_rad: Vec<f64>,
}

impl Wander {
    /// Everything at its mean.
    pub(super) fn new(plan: &WanderPlan, name: &str, seed: u64) -> Self {
        let n_fibres = plan.fibres.len();
        Self {
            // Switches of one seed wander apart.
            seed: Draw::new(seed, name, "wander").bits(0),
            fibres_since_s: 0.0,
            biases_since_s: 0.0,
            retardance_rad: vec![MEAN_RAD; n_fibres],
            loss_db: vec![0.0; n_fibres],
            kept_db: vec![0.0; n_fibres],
            bias_rad: vec![0.0; plan.n_lanes],
        }
    }

    /// Whether this is of the parts of a plan, and finite.
    pub(super) fn fits(&self, plan: &WanderPlan) -> bool {
        let Self {
            seed: _,
            fibres_since_s,
            biases_since_s,
            retardance_rad,
            loss_db,
            kept_db,
            bias_rad,
        } = self;
        let by_fibre = [retardance_rad, loss_db, kept_db];
        let mut all = by_fibre.iter().copied().chain([bias_rad]).flatten();
        by_fibre.iter().all(|of| of.len() == plan.fibres.len())
            && bias_rad.len() == plan.n_lanes
            && all.all(|value| value.is_finite())
            && [fibres_since_s, biases_since_s]
                .iter()
                .all(|of| **of >= 0.0)
    }

    /// Goes on by a step that ends at a time.
    pub(super) fn pass(&mut self, plan: &WanderPlan, dt_s: f64, now_ns: u64) {
        self.fibres_since_s += dt_s;
        if self.fibres_since_s >= plan.fibre_stride_s {
            let dt_s = std::mem::take(&mut self.fibres_since_s);
            self.turn(plan, dt_s, now_ns);
        }
        self.biases_since_s += dt_s;
        if self.biases_since_s >= plan.bias_stride_s {
            let dt_s = std::mem::take(&mut self.biases_since_s);
            for of in &plan.biases {
                let z = of.stream.under(self.seed).normal(now_ns);
                let bias_rad = &mut self.bias_rad[of.lane];
                *bias_rad = relaxed(*bias_rad, dt_s, (of.rms_rad, of.time_s), z);
            }
        }
    }

    fn turn(&mut self, plan: &WanderPlan, dt_s: f64, now_ns: u64) {
        let losses = self.loss_db.iter_mut().zip(&mut self.kept_db);
        let fibres = plan.fibres.iter().zip(&mut self.retardance_rad);
        for ((of, rad), (loss_db, kept_db)) in fibres.zip(losses) {
            let z = of.stream.under(self.seed).normal(now_ns);
            *rad = wiener(*rad, dt_s, of.time_s, z);
            *loss_db = of.errors.wander(Radians::new(*rad)).value();
            if (*loss_db - *kept_db).abs() > SAME_LOSS_DB {
                *kept_db = *loss_db;
            }
        }
    }

    /// Loss of the light of a laser beyond the described one, dB: as it is, or one that stays while it
    /// moves by less than [`SAME_LOSS_DB`].
    pub(super) fn feed_db(&self, plan: &WanderPlan, laser: usize, is_exact: bool) -> f64 {
        let losses = if is_exact {
            &self.loss_db
        } else {
            &self.kept_db
        };
        plan.fibre_of[laser].map_or(0.0, |fibre| losses[fibre])
    }

    /// What the bias of a lane has drifted by, rad.
    pub(super) fn bias_rad(&self, lane: usize) -> f64 {
        self.bias_rad[lane]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normals(n: u64) -> impl Iterator<Item = f64> {
        let draw = Draw::new(5, "part", "noise");
        (0..n).map(move |tick| draw.normal(tick))
    }

    /// The deviation stays, and what is left of a drift after the time of the process is 1/e, however
    /// long the strides are.
    #[test]
    fn drift_is_stationary_and_forgets_in_its_time_at_any_stride() {
        let (rms, time_s) = (0.1, 1800.0);
        for n_in_time in [1_u32, 4, 20] {
            let dt_s = time_s / f64::from(n_in_time);
            let n = 40_000 * u64::from(n_in_time);
            let mut x = 0.0;
            let path: Vec<f64> = normals(n)
                .map(|z| {
                    x = relaxed(x, dt_s, (rms, time_s), z);
                    x
                })
                .collect();
            let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / n as f64;
            let variance = mean(&mut path.iter().map(|x| x * x)) / (rms * rms);
            let lag = n_in_time as usize;
            let later = path.iter().zip(&path[lag..]);
            let left = mean(&mut later.map(|(x, later)| x * later)) / (rms * rms);
            // Some 40,000 independent values: five standard errors of their variance, sqrt(2 / n).
            assert!((variance - 1.0).abs() < 0.036, "{n_in_time}: {variance}");
            let e = (-1.0_f64).exp();
            assert!((left - e).abs() < 0.036, "{n_in_time}: {left}");
        }
    }

    /// Two strides are as likely as one of their length: the same decay, the same variance.
    #[test]
    fn strides_compose() {
        let of = (0.1, 1800.0);
        let twice = relaxed(relaxed(0.07, 400.0, of, 0.0), 900.0, of, 0.0);
        assert!((twice - relaxed(0.07, 1300.0, of, 0.0)).abs() < 1e-15);
        let noise = |dt_s: f64| relaxed(0.0, dt_s, of, 1.0);
        let kept = (-900.0_f64 / 1800.0).exp();
        let both = (noise(400.0) * kept).hypot(noise(900.0));
        assert!((both - noise(1300.0)).abs() < 1e-15);
        let phase = |dt_s: f64| wiener(0.0, dt_s, 1800.0, 1.0);
        assert!((phase(400.0).hypot(phase(900.0)) - phase(1300.0)).abs() < 1e-15);
    }

    /// Light that wanders forgets within the time of its fibre, and has the mean of any phase.
    #[test]
    fn phases_forget_in_their_time() {
        let n = 40_000;
        let mut cosines = 0.0;
        for z in normals(n) {
            cosines += wiener(0.0, 1800.0, 1800.0, z).cos();
        }
        let e = (-1.0_f64).exp();
        // Five standard errors of a mean of values between -1 and 1.
        assert!((cosines / n as f64 - e).abs() < 0.025, "{cosines}");
    }
}
