//! One lane of a batch: noise, thresholds and bit errors without allocation.

use std::f64::consts::PI;

use units::constants::ELEMENTARY_CHARGE;

use crate::batch::MAX_TAPS;
use crate::kernel::{normal_tails, sum_of_tails};
use crate::levels::Modulation;
use crate::noise::NoiseKind;
use crate::tails::crossing;

/// Disturbances and transitions are left out where their tail is below exp(-23), 1e-10, of the
/// largest of the lane; with a few hundred equally likely points that is a relative 1e-7 at the very most.
const NEGLIGIBLE_LN: f64 = 23.0;

/// Quadrature points for the phase of an interferer, by the largest `z = x A / sigma` for which
/// their relative error, about `I_2n(z) / I_0(z)`, stays below 1e-7.
const PHASES: [(f64, usize); 8] = [
    (1.0, 4),
    (3.0, 6),
    (6.5, 8),
    (10.0, 10),
    (14.0, 12),
    (21.0, 14),
    (30.0, 16),
    (60.0, 24),
];
const MOST_PHASES: usize = 64;
/// Combinations of four levels under [`MAX_TAPS`] taps.
const MOST_SYMBOLS: usize = 64;
const _: () = assert!(MOST_SYMBOLS == 1 << (2 * MAX_TAPS));

/// What the columns of a batch say about one lane.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LaneInput<'a> {
    pub(crate) modulation: Modulation,
    pub(crate) current_a: [f64; 4],
    pub(crate) dark_current_a: f64,
    pub(crate) thermal_density_a2_per_hz: f64,
    pub(crate) bandwidth_hz: f64,
    pub(crate) rin_per_hz: f64,
    pub(crate) isi_variance: f64,
    pub(crate) crosstalk_variance: f64,
    pub(crate) interferer_ratio: f64,
    pub(crate) rest_ratio: f64,
    pub(crate) taps: &'a [f64],
    pub(crate) n_isi_taps: usize,
}

/// What the kernel finds for one lane.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LaneDecision {
    pub(crate) bit_error_ratio: f64,
    pub(crate) q_min: f64,
    pub(crate) limiting: NoiseKind,
}

/// One level of one lane.
#[derive(Debug, Clone, Copy, Default)]
struct Level {
    current_a: f64,
    /// One over the sigma of what is Gaussian.
    inverse_sigma: f64,
    total_sigma_a: f64,
    /// Amplitude of the beat with the strongest interferer.
    beat_a: f64,
    variance_a2: [f64; 6],
}

/// Evaluates one lane; `atoms` is scratch space.
#[inline]
pub(crate) fn decide(lane: &LaneInput<'_>, atoms: &mut Vec<f64>) -> LaneDecision {
    let n = lane.modulation.n_levels();
    let levels = levels_of(lane);
    // Absent eyes have their threshold at infinity, where tails vanish.
    let mut thresholds_a = [f64::INFINITY; 3];
    let (mut q_min, mut worst) = (f64::INFINITY, 0);
    for j in 0..n - 1 {
        let (low, high) = (&levels[j], &levels[j + 1]);
        let opening_a = high.current_a - low.current_a;
        thresholds_a[j] =
            low.current_a + crossing(opening_a, low.total_sigma_a, high.total_sigma_a);
        let q = opening_a / (low.total_sigma_a + high.total_sigma_a);
        if q < q_min {
            (q_min, worst) = (q, j);
        }
    }
    let sum = |kind: usize| levels[worst].variance_a2[kind] + levels[worst + 1].variance_a2[kind];
    let limiting = (1..6).fold(
        0,
        |best, kind| if sum(kind) > sum(best) { kind } else { best },
    );
    let is_gaussian = lane.taps.is_empty() && lane.interferer_ratio <= 0.0;
    let tails = if is_gaussian {
        gaussian_tails(&levels[..n], &thresholds_a)
    } else {
        bounded_tails(lane, &levels[..n], &thresholds_a, atoms)
    };
    LaneDecision {
        bit_error_ratio: tails.bit_error_ratio(lane.modulation),
        q_min,
        limiting: NoiseKind::ALL[limiting],
    }
}

#[inline]
fn levels_of(lane: &LaneInput<'_>) -> [Level; 4] {
    let n = lane.modulation.n_levels();
    let current_a = &lane.current_a[..n];
    let mean_a = current_a.iter().sum::<f64>() / n as f64;
    let square_a2 = current_a
        .iter()
        .map(|c| (c - mean_a) * (c - mean_a))
        .sum::<f64>()
        / n as f64;
    let (isi_taps, crosstalk_taps) = lane.taps.split_at(lane.n_isi_taps);
    let squares = |taps: &[f64]| taps.iter().map(|h| h * h).sum::<f64>();
    let isi_a2 = (lane.isi_variance + squares(isi_taps)) * square_a2;
    let crosstalk_a2 = (lane.crosstalk_variance + squares(crosstalk_taps)) * square_a2;
    let gaussian_symbols_a2 = (lane.isi_variance + lane.crosstalk_variance) * square_a2;
    let mut levels = [Level::default(); 4];
    for (level, &current_a) in levels.iter_mut().zip(current_a) {
        let beat_a2 = 2.0 * current_a * mean_a;
        let white = [
            lane.thermal_density_a2_per_hz * lane.bandwidth_hz,
            2.0 * ELEMENTARY_CHARGE * (current_a + lane.dark_current_a) * lane.bandwidth_hz,
            lane.rin_per_hz * current_a * current_a * lane.bandwidth_hz,
        ];
        let white_a2 = white[0] + white[1] + white[2];
        let interference_a2 = beat_a2 * (lane.interferer_ratio + lane.rest_ratio);
        *level = Level {
            current_a,
            inverse_sigma: 1.0
                / (white_a2 + gaussian_symbols_a2 + beat_a2 * lane.rest_ratio).sqrt(),
            total_sigma_a: (white_a2 + interference_a2 + crosstalk_a2 + isi_a2).sqrt(),
            beat_a: (2.0 * lane.interferer_ratio * beat_a2).sqrt(),
            variance_a2: [
                white[0],
                white[1],
                white[2],
                interference_a2,
                crosstalk_a2,
                isi_a2,
            ],
        };
    }
    levels
}

/// Probabilities above and below each threshold, for each level.
struct Tails {
    above: [[f64; 3]; 4],
    below: [[f64; 3]; 4],
}

impl Tails {
    /// The Gray-coded sum over all transitions.
    #[inline]
    fn bit_error_ratio(&self, modulation: Modulation) -> f64 {
        let (a, b) = (&self.above, &self.below);
        match modulation {
            Modulation::Nrz => 0.5 * (a[0][0] + b[1][0]),
            Modulation::Pam4 => {
                let adjacent = a[0][0] + b[1][0] + a[1][1] + b[2][1] + a[2][2] + b[3][2];
                let distant = (a[0][1] - a[0][2]) + a[1][2] + b[2][0] + (b[3][1] - b[3][0]);
                0.125 * (adjacent + distant)
            }
        }
    }
}

#[inline]
fn gaussian_tails(levels: &[Level], thresholds_a: &[f64; 3]) -> Tails {
    // Level k lies above the thresholds before k and below the others; only the tail on the far
    // side of each is ever used.
    let mut argument = [f64::INFINITY; 12];
    for (row, level) in argument.chunks_exact_mut(3).zip(levels) {
        for (x, threshold_a) in row.iter_mut().zip(thresholds_a) {
            *x = ((threshold_a - level.current_a) * level.inverse_sigma).abs();
        }
    }
    let flat = normal_tails(&argument);
    let mut tail = [[0.0; 3]; 4];
    for (row, values) in tail.iter_mut().zip(flat.chunks_exact(3)) {
        row.copy_from_slice(values);
    }
    Tails {
        above: tail,
        below: tail,
    }
}

/// Tails averaged over symbols and over the phase of the interferer.
fn bounded_tails(
    lane: &LaneInput<'_>,
    levels: &[Level],
    thresholds_a: &[f64; 3],
    atoms: &mut Vec<f64>,
) -> Tails {
    let mut symbols = [0.0; MOST_SYMBOLS];
    let n_symbols = symbol_atoms(lane, levels, &mut symbols);
    let symbols = &mut symbols[..n_symbols];
    // Neighbours in the list fall into the same block, which can then be left out as one.
    symbols.sort_unstable_by(f64::total_cmp);
    let symbol_peak_a = symbols.iter().fold(0.0f64, |peak, s| peak.max(s.abs()));
    let n_eyes = levels.len() - 1;
    let mut tails = Tails {
        above: [[0.0; 3]; 4],
        below: [[0.0; 3]; 4],
    };
    // Distance of a level from a threshold, and its largest bounded disturbance, in sigmas.
    let reach = |k: usize, j: usize| {
        (thresholds_a[j] - levels[k].current_a).abs() * levels[k].inverse_sigma
    };
    let peak = |k: usize| (symbol_peak_a + levels[k].beat_a) * levels[k].inverse_sigma;
    let nearest = |k: usize| reach(k, k.saturating_sub(1)).min(reach(k, k.min(n_eyes - 1)));
    let closest = (0..=n_eyes).fold(f64::INFINITY, |least, k| least.min(nearest(k) - peak(k)));
    let cutoff = (closest.max(0.0).powi(2) + 2.0 * NEGLIGIBLE_LN).sqrt();
    for (k, level) in levels.iter().enumerate() {
        if nearest(k) - peak(k) > cutoff {
            continue;
        }
        combine(symbols, level, nearest(k), atoms);
        let share = 1.0 / atoms.len() as f64;
        for j in 0..n_eyes {
            if reach(k, j) - peak(k) > cutoff {
                continue;
            }
            let (row, sign) = if j >= k {
                (&mut tails.above[k], 1.0)
            } else {
                (&mut tails.below[k], -1.0)
            };
            let slope = -sign * level.inverse_sigma;
            row[j] = share * sum_of_tails(reach(k, j), slope, atoms, cutoff);
        }
    }
    tails
}

/// Deviations by neighbouring symbols, in amperes; returns how many.
fn symbol_atoms(
    lane: &LaneInput<'_>,
    levels: &[Level],
    symbols: &mut [f64; MOST_SYMBOLS],
) -> usize {
    let mean_a = levels.iter().map(|l| l.current_a).sum::<f64>() / levels.len() as f64;
    let mut n = 1;
    for tap in lane.taps {
        for k in (0..levels.len()).rev() {
            let shift_a = tap * (levels[k].current_a - mean_a);
            for i in 0..n {
                symbols[k * n + i] = symbols[i] + shift_a;
            }
        }
        n *= levels.len();
    }
    n
}

/// All sums of a symbol deviation and a phase of the beat of this level.
fn combine(symbols: &[f64], level: &Level, nearest: f64, atoms: &mut Vec<f64>) {
    atoms.clear();
    if level.beat_a <= 0.0 {
        atoms.extend_from_slice(symbols);
        return;
    }
    let amplitude = level.beat_a * level.inverse_sigma;
    let z = amplitude * nearest.max(amplitude);
    let n_phases = PHASES
        .iter()
        .find(|(largest, _)| z <= *largest)
        .map_or(MOST_PHASES, |&(_, n)| n);
    // cos((2 i + 1) pi / 2 n) by rotation: one sine and cosine per level.
    let (sine, cosine) = (PI / (2 * n_phases) as f64).sin_cos();
    let (turn_sine, turn_cosine) = (2.0 * sine * cosine, 1.0 - 2.0 * sine * sine);
    let (mut re, mut im) = (cosine, sine);
    for _ in 0..n_phases {
        let beat_a = level.beat_a * re;
        atoms.extend(symbols.iter().map(|s| s + beat_a));
        (re, im) = (
            re * turn_cosine - im * turn_sine,
            im * turn_cosine + re * turn_sine,
        );
    }
}
