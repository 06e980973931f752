//! A ring modulator on measured transmissions.
//!
//! A ring's resonance is sharp and moves by more than its width from one measured temperature to the
//! next, so spectra of neighbouring temperatures and voltages are interpolated at equal distance
//! from their resonances, and the places of the resonances linearly. Along the wavelength the
//! transmission is the polynomial through the four nearest points. For a dip of depth `D` and full
//! width `W` on steps `h` the error is at most `9 D (h / W)^4`: 2e-3 of the depth at eight steps to
//! the linewidth, which is the coarsest grid that is taken, and 1.4e-4 at sixteen.

mod fit;

use std::cell::RefCell;

use photonics::modulation::{LevelSpacing, ModulatedLevels};
use photonics::ring::Ring;
use photonics::ring_modulator::{DetuningGoal, RingModulator};
use system::{TableError, TransmissionTable, parts};
use units::{Celsius, Decibels, Dimension, Hertz, Meters, MetersPerKelvin, Volts};

use super::grid::{TransmissionGrid, physical};
use super::{Place, cubic, place};
use crate::convert;
use crate::lane::LaneFault;

/// Fewest steps of the wavelength over a linewidth.
const LEAST_STEPS: f64 = 8.0;
/// Detunings of the first search.
const N_DETUNINGS: usize = 240;
/// Golden-section steps: the bracket of two detunings shrinks by 1e-8.
const GOLDEN_STEPS: usize = 40;
/// What a detuning further to the red must win by. Both flanks of a symmetrical dip serve equally
/// well; this keeps the choice on the blue one, where the analytic ring works too.
const CLEARLY_BETTER: f64 = 1e-3;

/// A measured ring that a lock holds on its laser.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LockedRing {
    /// Laser wavelength minus resonance at the mean drive.
    pub(crate) detuning: Meters,
    /// Levels, insertion loss, extinction ratio, level mismatch.
    pub(crate) levels: ModulatedLevels,
    /// The ring whose spectrum is that of the table.
    pub(crate) ring: Ring,
    /// Bandwidth of the modulation, from photon lifetime and junction.
    pub(crate) bandwidth: Hertz,
    /// Change of the resonance with temperature.
    pub(crate) drift: MetersPerKelvin,
    /// What heater and light have to move the resonance by, from the substrate's temperature.
    pub(crate) shift: Meters,
    /// Loss of amplitude from the residual error of the lock.
    pub(crate) lock_penalty: Decibels,
}

/// Locks a measured ring to a laser: finds the temperature of the ring at which the resonance
/// stands where the goal is served best, and the shift that it takes.
///
/// The drive runs from zero to its peak-to-peak voltage. A table of one temperature keeps its
/// spectrum at all temperatures and drifts by `guide_drift`.
///
/// # Errors
/// A spectrum has not one whole resonance or too coarse a grid; the table does not reach the drive,
/// the wavelength or the temperatures of the substrate and of the heated ring.
pub(crate) fn lock(
    table: &TransmissionTable,
    part: &parts::RingModulator,
    (wavelength, substrate): (Meters, Celsius),
    guide_drift: MetersPerKelvin,
    (goal, n_levels): (DetuningGoal, usize),
) -> Result<LockedRing, LaneFault> {
    let ring = MeasuredRing::new(table, part, guide_drift)?;
    let laser = Laser {
        wavelength_m: wavelength.value(),
        goal,
        n_levels,
    };
    let (detuning, hot) = ring.best(&laser)?;
    let levels = ring.levels(hot, detuning, n_levels)?;
    let missed = ring.levels(hot, detuning - part.lock_error.value, n_levels)?;
    let fitted = ring.fit(part, hot)?;
    let device = RingModulator {
        ring: fitted,
        ..convert::ring_modulator(part, wavelength)
    };
    let (bandwidth, _) = device.dynamics(detuning)?;
    let cold = ring.at_temperature(substrate)?;
    Ok(LockedRing {
        detuning,
        ring: fitted,
        bandwidth,
        drift: ring.drift(hot),
        shift: Meters::new(ring.mean_resonance(hot) - ring.mean_resonance(cold)),
        lock_penalty: Decibels::from_ratio(levels.oma / missed.oma).max(Decibels::new(0.0)),
        levels,
    })
}

/// What the lock works towards.
struct Laser {
    wavelength_m: f64,
    goal: DetuningGoal,
    n_levels: usize,
}

/// A ring at some temperature.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Thermal {
    along: Place,
    /// Shift of the resonance beyond that of the table, for a table of one temperature.
    extra_m: f64,
}

/// What a detuning is worth.
enum Score {
    Worth(f64),
    /// The levels do not rise.
    Dark,
    /// The table does not reach there.
    Beyond(TableError),
}

#[derive(Debug)]
struct MeasuredRing {
    grid: TransmissionGrid,
    /// `n_temperature x n_voltage`.
    resonances_m: Vec<f64>,
    /// Widest dip.
    linewidth_m: f64,
    /// The place of the mean drive.
    mean: Place,
    drive_v: f64,
    is_predistorted: bool,
    guide_drift: MetersPerKelvin,
}

impl MeasuredRing {
    fn new(
        table: &TransmissionTable,
        part: &parts::RingModulator,
        guide_drift: MetersPerKelvin,
    ) -> Result<Self, LaneFault> {
        let grid = TransmissionGrid::new(table);
        let drive = part.drive_voltage.value;
        for end in [drive * 0.0, drive] {
            place(&grid.voltages_v, end)?;
        }
        let mean = place(&grid.voltages_v, drive * 0.5)?;
        let mut ring = Self {
            resonances_m: Vec::new(),
            linewidth_m: 0.0,
            mean,
            drive_v: drive.value(),
            is_predistorted: part.predistorted,
            guide_drift,
            grid,
        };
        for t in 0..ring.grid.temperatures_c.len() {
            for v in 0..ring.grid.voltages_v.len() {
                let (resonance, linewidth) = ring.dip(t, v)?;
                ring.resonances_m.push(resonance);
                ring.linewidth_m = ring.linewidth_m.max(linewidth);
            }
        }
        let n = ring.grid.temperatures_c.len();
        if (1..n).any(|t| ring.resonance_at(t) <= ring.resonance_at(t - 1)) {
            return Err(LaneFault::MeasuredTable {
                what: "the resonance of a measured ring does not rise with temperature",
            });
        }
        Ok(ring)
    }

    /// Resonance and linewidth of one spectrum.
    fn dip(&self, t: usize, v: usize) -> Result<(f64, f64), LaneFault> {
        let (x, y) = (&self.grid.wavelengths_m, self.grid.spectrum(t, v));
        let lowest = (0..y.len()).fold(0, |low, k| if y[k] < y[low] { k } else { low });
        let top = y.iter().copied().fold(0.0, f64::max);
        let half = f64::midpoint(top, y[lowest]);
        let is_in = |k: usize| y[k] < half;
        let n_dips = (0..y.len())
            .filter(|k| is_in(*k) && (*k == 0 || !is_in(k - 1)))
            .count();
        let is_whole = !is_in(0) && !is_in(y.len() - 1);
        if n_dips != 1 || !is_whole {
            return Err(LaneFault::NoSingleResonance {
                temperature: Celsius::new(self.grid.temperatures_c[t]),
                voltage: Volts::new(self.grid.voltages_v[v]),
                n_dips,
                is_whole,
            });
        }
        let crossing = |k: usize| x[k] + (half - y[k]) / (y[k + 1] - y[k]) * (x[k + 1] - x[k]);
        let left = (0..lowest).rfind(|k| !is_in(*k)).unwrap_or(0);
        let right = (lowest..y.len() - 1)
            .find(|k| !is_in(k + 1))
            .unwrap_or(y.len() - 2);
        let linewidth = crossing(right) - crossing(left);
        let step = x[left..=right + 1]
            .windows(2)
            .map(|pair| pair[1] - pair[0])
            .fold(0.0, f64::max);
        if step * LEAST_STEPS > linewidth * (1.0 + 1e-9) {
            return Err(LaneFault::CoarseGrid {
                step: Meters::new(step),
                linewidth: Meters::new(linewidth),
            });
        }
        // A Lorentzian dip is a parabola in one over its depth: the vertex through the lowest
        // point and its neighbours is the resonance. The dip is whole, so both are there.
        let depth = |k: usize| 1.0 / (top - y[k]);
        let (a, b, c) = (lowest - 1, lowest, lowest + 1);
        let left_slope = (depth(b) - depth(a)) / (x[b] - x[a]);
        let right_slope = (depth(c) - depth(b)) / (x[c] - x[b]);
        let curvature = (right_slope - left_slope) / (x[c] - x[a]);
        let vertex = f64::midpoint(x[a], x[b]) - 0.5 * left_slope / curvature;
        let resonance = if vertex.is_finite() {
            vertex.clamp(x[a], x[c])
        } else {
            x[b]
        };
        Ok((resonance, linewidth))
    }

    fn resonance(&self, t: usize, v: usize) -> f64 {
        self.resonances_m[t * self.grid.voltages_v.len() + v]
    }

    /// Resonance at a temperature of the grid and a voltage between its entries.
    fn between_voltages(&self, t: usize, v: Place) -> f64 {
        let low = self.resonance(t, v.below);
        match v.weight {
            0.0 => low,
            weight => low + weight * (self.resonance(t, v.below + 1) - low),
        }
    }

    /// Resonance at the mean drive and a temperature of the grid.
    fn resonance_at(&self, t: usize) -> f64 {
        self.between_voltages(t, self.mean)
    }

    /// Resonance at a temperature and a voltage, without what the table does not know.
    fn tabled_resonance(&self, at: Thermal, v: Place) -> f64 {
        let low = self.between_voltages(at.along.below, v);
        match at.along.weight {
            0.0 => low,
            weight => low + weight * (self.between_voltages(at.along.below + 1, v) - low),
        }
    }

    /// Resonance at the mean drive.
    fn mean_resonance(&self, at: Thermal) -> f64 {
        self.tabled_resonance(at, self.mean) + at.extra_m
    }

    /// The ring at a temperature.
    fn at_temperature(&self, temperature: Celsius) -> Result<Thermal, TableError> {
        if let [only] = self.grid.temperatures_c[..] {
            let rise = temperature - Celsius::new(only);
            return Ok(Thermal {
                along: Place {
                    below: 0,
                    weight: 0.0,
                },
                extra_m: (self.guide_drift * rise).value(),
            });
        }
        Ok(Thermal {
            along: place(&self.grid.temperatures_c, temperature)?,
            extra_m: 0.0,
        })
    }

    /// The ring with its resonance heated to a wavelength.
    fn at_resonance(&self, wanted_m: f64) -> Result<Thermal, TableError> {
        let temperatures = &self.grid.temperatures_c;
        let n = temperatures.len();
        if n == 1 {
            return Ok(Thermal {
                along: Place {
                    below: 0,
                    weight: 0.0,
                },
                extra_m: wanted_m - self.resonance_at(0),
            });
        }
        let above = (1..n - 1)
            .find(|t| self.resonance_at(*t) >= wanted_m)
            .unwrap_or(n - 1);
        let (low, high) = (self.resonance_at(above - 1), self.resonance_at(above));
        let weight = (wanted_m - low) / (high - low);
        if (0.0..=1.0).contains(&weight) {
            return Ok(Thermal {
                along: Place {
                    below: above - 1,
                    weight,
                },
                extra_m: 0.0,
            });
        }
        // Said with the drift at the end of the table, and used for nothing else.
        let (t0, t1) = (temperatures[above - 1], temperatures[above]);
        Err(TableError::OutOfRange {
            axis: Dimension::Temperature,
            at: t0 + weight * (t1 - t0),
            low: temperatures[0],
            high: temperatures[n - 1],
        })
    }

    fn drift(&self, at: Thermal) -> MetersPerKelvin {
        let t = at.along.below;
        match self.grid.temperatures_c.get(t + 1) {
            None => self.guide_drift,
            Some(next) => MetersPerKelvin::new(
                (self.resonance_at(t + 1) - self.resonance_at(t))
                    / (next - self.grid.temperatures_c[t]),
            ),
        }
    }

    /// Transmission at a voltage for a laser this far from the resonance at the mean drive.
    fn transmission(&self, at: Thermal, voltage: Volts, detuning: f64) -> Result<f64, TableError> {
        let v = place(&self.grid.voltages_v, voltage)?;
        let offset = detuning + self.tabled_resonance(at, self.mean) - self.tabled_resonance(at, v);
        let mut sum = 0.0;
        for (t, wt) in corners(at.along) {
            for (v, wv) in corners(v) {
                if wt * wv > 0.0 {
                    let wavelength = Meters::new(self.resonance(t, v) + offset);
                    let spectrum = self.grid.spectrum(t, v);
                    sum += wt * wv * cubic(&self.grid.wavelengths_m, spectrum, wavelength)?;
                }
            }
        }
        Ok(physical(sum))
    }

    fn levels(
        &self,
        at: Thermal,
        detuning: Meters,
        n_levels: usize,
    ) -> Result<ModulatedLevels, LaneFault> {
        let beyond = RefCell::new(None);
        let spacing = if self.is_predistorted {
            LevelSpacing::EvenLight
        } else {
            LevelSpacing::EvenDrive
        };
        let levels = ModulatedLevels::new(n_levels, spacing, |u| {
            let voltage = Volts::new(self.drive_v * (0.5 + u));
            self.transmission(at, voltage, detuning.value())
                .unwrap_or_else(|error| {
                    beyond.replace(Some(error));
                    f64::NAN
                })
        });
        match beyond.into_inner() {
            Some(error) => Err(error.into()),
            None => Ok(levels?),
        }
    }

    fn score(&self, laser: &Laser, detuning: f64) -> Score {
        let at = match self.at_resonance(laser.wavelength_m - detuning) {
            Ok(at) => at,
            Err(error) => return Score::Beyond(error),
        };
        match self.levels(at, Meters::new(detuning), laser.n_levels) {
            Ok(levels) => match laser.goal {
                DetuningGoal::OuterAmplitude => Score::Worth(levels.oma),
                DetuningGoal::WorstEye => Score::Worth(levels.oma * levels.worst_eye),
                DetuningGoal::AmplitudeWithRlm(least) if levels.rlm >= least => {
                    Score::Worth(levels.oma)
                }
                DetuningGoal::AmplitudeWithRlm(_) => Score::Dark,
            },
            Err(LaneFault::Table(error)) => Score::Beyond(error),
            Err(_) => Score::Dark,
        }
    }

    /// The detuning that serves the goal best, and the ring there.
    ///
    /// A best place at the end of the table is none: what lies beyond may be better.
    fn best(&self, laser: &Laser) -> Result<(Meters, Thermal), LaneFault> {
        let ends = [0.0, self.drive_v].map(|v| place(&self.grid.voltages_v, Volts::new(v)));
        let [low, high] = ends;
        let start = Thermal {
            along: Place {
                below: 0,
                weight: 0.0,
            },
            extra_m: 0.0,
        };
        let swing = self.tabled_resonance(start, high?) - self.tabled_resonance(start, low?);
        let half = 4.0 * self.linewidth_m + swing.abs();
        let step = 2.0 * half / N_DETUNINGS as f64;
        let detuning = |i: usize| i as f64 * step - half;
        let scores: Vec<Score> = (0..=N_DETUNINGS)
            .map(|i| self.score(laser, detuning(i)))
            .collect();
        let mut best: Option<(usize, f64)> = None;
        for i in 1..N_DETUNINGS {
            let Score::Worth(worth) = scores[i] else {
                continue;
            };
            let is_lower = |other: &Score| match other {
                Score::Worth(other) => *other <= worth,
                Score::Dark => true,
                Score::Beyond(_) => false,
            };
            if is_lower(&scores[i - 1])
                && is_lower(&scores[i + 1])
                && best.is_none_or(|(_, most)| worth > most * (1.0 + CLEARLY_BETTER))
            {
                best = Some((i, worth));
            }
        }
        let Some((i, _)) = best else {
            return Err(unreachable(scores));
        };
        let worth = |detuning: f64| match self.score(laser, detuning) {
            Score::Worth(worth) => worth,
            Score::Dark | Score::Beyond(_) => f64::NEG_INFINITY,
        };
        let found = golden(detuning(i - 1), detuning(i + 1), worth);
        let at = self.at_resonance(laser.wavelength_m - found)?;
        Ok((Meters::new(found), at))
    }
}

/// The two entries of a place with their weights.
fn corners(place: Place) -> [(usize, f64); 2] {
    [
        (place.below, 1.0 - place.weight),
        (place.below + 1, place.weight),
    ]
}

/// Why no detuning is best: the end of the table that stands nearest to a good one, or a ring that
/// does not modulate.
fn unreachable(scores: Vec<Score>) -> LaneFault {
    let mut nearest: Option<(f64, TableError)> = None;
    let worth = |score: Option<&Score>| match score {
        Some(Score::Worth(worth)) => *worth,
        _ => 0.0,
    };
    let worths: Vec<f64> = (0..scores.len())
        .map(|i| worth(scores.get(i.wrapping_sub(1))).max(worth(scores.get(i + 1))))
        .collect();
    for (score, worth) in scores.into_iter().zip(worths) {
        if let Score::Beyond(error) = score
            && nearest.as_ref().is_none_or(|(most, _)| worth > *most)
        {
            nearest = Some((worth, error));
        }
    }
    match nearest {
        Some((_, error)) => error.into(),
        None => photonics::DeviceError::NoModulation.into(),
    }
}

/// The greatest value of a function with one peak between two places.
fn golden(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    let ratio = 0.5 * (5f64.sqrt() - 1.0);
    let (mut a, mut b) = (high - ratio * (high - low), low + ratio * (high - low));
    let (mut fa, mut fb) = (f(a), f(b));
    for _ in 0..GOLDEN_STEPS {
        if fa >= fb {
            (high, b, fb) = (b, a, fa);
            a = high - ratio * (high - low);
            fa = f(a);
        } else {
            (low, a, fa) = (a, b, fb);
            b = low + ratio * (high - low);
            fb = f(b);
        }
    }
    if fa >= fb { a } else { b }
}
