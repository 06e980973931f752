//! Many lanes at once, in structure-of-arrays form.
//!
//! The kernel computes what [`Reception::evaluate`] computes, in linear probabilities and with
//! fast tails; a test bounds the difference. Each lane is computed by itself, so results do not
//! depend on how a batch is cut or on the number of threads.

use std::cell::RefCell;

use rayon::prelude::*;
use units::Decibels;

use crate::error::check;
use crate::fec::{CodewordTail, FecCode, ReedSolomon, chase5};
use crate::lane_kernel::{LaneInput, decide};
use crate::noise::{InterferenceModel, InterfererPower, NoiseKind, SymbolDisturbance};
use crate::sensitivity::crossing_db;
use crate::{Levels, LinkError, Modulation, Reception, Thresholds};

/// Most taps, of intersymbol interference and crosstalk together, that a batch enumerates.
pub const MAX_TAPS: usize = 3;
/// Lanes per unit of parallel work.
const CHUNK: usize = 256;
/// Range of the margin search.
const MARGIN_RANGE_DB: f64 = 60.0;

/// Lanes as columns of SI values.
///
/// A lane is added from the same description that the plain receiver takes. All lanes of a batch
/// have the same modulation; the code may differ.
#[derive(Debug, Clone, PartialEq)]
pub struct LaneBatch {
    modulation: Modulation,
    level_power_w: [Vec<f64>; 4],
    responsivity_a_per_w: Vec<f64>,
    dark_current_a: Vec<f64>,
    thermal_density_a2_per_hz: Vec<f64>,
    /// Noise bandwidth times the noise enhancement of the equaliser.
    bandwidth_hz: Vec<f64>,
    rin_per_hz: Vec<f64>,
    /// Gaussian part of intersymbol interference and crosstalk, in variances of the levels.
    isi_variance: Vec<f64>,
    crosstalk_variance: Vec<f64>,
    /// Strongest interferer, averaged over its phase, and the sum of all others.
    interferer_ratio: Vec<f64>,
    rest_ratio: Vec<f64>,
    /// `n_lanes x MAX_TAPS`, row-major, padded with zeros; interference first.
    taps: Vec<f64>,
    n_isi_taps: Vec<u8>,
    n_taps: Vec<u8>,
    fec: Vec<FecCode>,
}

/// Results as columns, in the order of the lanes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LaneResults {
    /// Bit error ratio before any decoder; not below 1e-307.
    pub bit_error_ratio: Vec<f64>,
    /// Decimal logarithm of the codeword error ratio (of the bit error ratio, without a code).
    pub log10_codeword_error_ratio: Vec<f64>,
    /// Q of the worst eye.
    pub q_min: Vec<f64>,
    /// Largest noise of the worst eye.
    pub limiting: Vec<NoiseKind>,
}

impl LaneBatch {
    /// A batch without lanes.
    pub fn new(modulation: Modulation) -> Self {
        Self {
            modulation,
            level_power_w: Default::default(),
            responsivity_a_per_w: Vec::new(),
            dark_current_a: Vec::new(),
            thermal_density_a2_per_hz: Vec::new(),
            bandwidth_hz: Vec::new(),
            rin_per_hz: Vec::new(),
            isi_variance: Vec::new(),
            crosstalk_variance: Vec::new(),
            interferer_ratio: Vec::new(),
            rest_ratio: Vec::new(),
            taps: Vec::new(),
            n_isi_taps: Vec::new(),
            n_taps: Vec::new(),
            fec: Vec::new(),
        }
    }

    /// Number of lanes.
    pub fn len(&self) -> usize {
        self.fec.len()
    }

    /// Whether there is no lane.
    pub fn is_empty(&self) -> bool {
        self.fec.is_empty()
    }

    /// Adds a lane.
    ///
    /// Of several interferers the strongest is averaged over its phase and the others are one
    /// Gaussian, whose tails are *not* capped: with strong other interferers the bit error ratio
    /// is an upper value. The plain receiver treats three exactly and caps the rest.
    ///
    /// # Errors
    /// A parameter outside its range; another modulation than that of the batch; more than
    /// [`MAX_TAPS`] taps; thresholds other than the Gaussian crossing; modulated interferers.
    pub fn push(&mut self, reception: &Reception, fec: FecCode) -> Result<(), LinkError> {
        let (receiver, impairments) = (&reception.receiver, &reception.impairments);
        receiver.check()?;
        impairments.check()?;
        check(
            "noise bandwidth (Hz)",
            receiver.noise_bandwidth.value(),
            "> 0",
            |b| b > 0.0,
        )?;
        check(
            "thermal noise (A/rtHz)",
            receiver.thermal_noise.value(),
            "> 0",
            |n| n > 0.0,
        )?;
        check(
            "noise enhancement",
            receiver.noise_enhancement.value(),
            "> 0",
            |c| c > 0.0,
        )?;
        self.check_levels(&reception.levels)?;
        if reception.thresholds != Thresholds::GaussianCrossing {
            return Err(LinkError::NotInBatches {
                what: "thresholds other than the Gaussian crossing",
            });
        }
        let interference = &impairments.interference;
        if interference.power == InterfererPower::Modulated {
            return Err(LinkError::NotInBatches {
                what: "modulated interferers",
            });
        }
        let (isi, crosstalk) = (impairments.isi.taps(), impairments.crosstalk.taps());
        let n_taps = isi.len() + crosstalk.len();
        if n_taps > MAX_TAPS {
            return Err(LinkError::Length {
                name: "taps",
                found: n_taps,
                expected: MAX_TAPS,
            });
        }
        let total: f64 = interference.ratios.iter().map(|x| x.value()).sum();
        let strongest = match interference.model {
            InterferenceModel::Gaussian => 0.0,
            InterferenceModel::Bounded => interference
                .ratios
                .iter()
                .map(|x| x.value())
                .fold(0.0, f64::max),
        };
        let gaussian = |disturbance: &SymbolDisturbance| {
            if disturbance.is_gaussian() {
                disturbance.relative_variance()
            } else {
                0.0
            }
        };
        for (k, column) in self.level_power_w.iter_mut().enumerate() {
            column.push(reception.levels.powers_w().get(k).copied().unwrap_or(0.0));
        }
        self.responsivity_a_per_w
            .push(receiver.responsivity.value());
        self.dark_current_a.push(receiver.dark_current.value());
        self.thermal_density_a2_per_hz
            .push(receiver.thermal_noise.value().powi(2));
        self.bandwidth_hz
            .push(receiver.noise_bandwidth.value() * receiver.noise_enhancement.value());
        self.rin_per_hz.push(
            impairments
                .rin
                .map_or(0.0, units::DecibelsPerHertz::to_per_hertz),
        );
        self.isi_variance.push(gaussian(&impairments.isi));
        self.crosstalk_variance
            .push(gaussian(&impairments.crosstalk));
        self.interferer_ratio.push(strongest);
        self.rest_ratio.push((total - strongest).max(0.0));
        let padding = std::iter::repeat_n(&0.0, MAX_TAPS - n_taps);
        self.taps.extend(isi.iter().chain(crosstalk).chain(padding));
        #[expect(clippy::cast_possible_truncation, reason = "at most MAX_TAPS")]
        {
            self.n_isi_taps.push(isi.len() as u8);
            self.n_taps.push(n_taps as u8);
        }
        self.fec.push(fec);
        Ok(())
    }

    /// Changes the power of a lane at the photodiode; a loss is negative.
    ///
    /// # Panics
    /// When there is no such lane.
    pub fn change_power(&mut self, lane_idx: usize, gain: Decibels) {
        for column in &mut self.level_power_w {
            column[lane_idx] *= gain.to_ratio();
        }
    }

    /// Sets the powers of the levels of a lane at the photodiode, rising, W.
    ///
    /// # Panics
    /// When there is no such lane, or fewer powers than levels.
    pub fn set_light(&mut self, lane_idx: usize, levels_w: &[f64]) {
        let n = self.modulation.n_levels();
        for (column, level_w) in self.level_power_w.iter_mut().zip(&levels_w[..n]) {
            column[lane_idx] = *level_w;
        }
    }

    /// Sets the receiver of a lane: responsivity, A/W; dark current, A; density of the amplifier
    /// noise, A^2/Hz, positive; noise bandwidth with its equaliser, Hz, positive; Gaussian part of the
    /// intersymbol interference as a variance over that of the levels.
    ///
    /// # Panics
    /// When there is no such lane.
    pub fn set_receiver(
        &mut self,
        lane_idx: usize,
        responsivity_a_per_w: f64,
        dark_current_a: f64,
        thermal_density_a2_per_hz: f64,
        bandwidth_hz: f64,
        isi_variance: f64,
    ) {
        self.responsivity_a_per_w[lane_idx] = responsivity_a_per_w;
        self.dark_current_a[lane_idx] = dark_current_a;
        self.thermal_density_a2_per_hz[lane_idx] = thermal_density_a2_per_hz;
        self.bandwidth_hz[lane_idx] = bandwidth_hz;
        self.isi_variance[lane_idx] = isi_variance;
    }

    /// Sets the relative power of the interferer of a lane that is averaged over its phase, and of
    /// all others together.
    ///
    /// # Panics
    /// When there is no such lane.
    pub fn set_interference(&mut self, lane_idx: usize, strongest: f64, rest: f64) {
        self.interferer_ratio[lane_idx] = strongest;
        self.rest_ratio[lane_idx] = rest;
    }

    #[inline]
    fn input(&self, i: usize, gain: f64) -> LaneInput<'_> {
        let scale = self.responsivity_a_per_w[i] * gain;
        let n = self.modulation.n_levels();
        let mut current_a = [0.0; 4];
        for (current_a, column) in current_a.iter_mut().zip(&self.level_power_w[..n]) {
            *current_a = column[i] * scale;
        }
        LaneInput {
            modulation: self.modulation,
            current_a,
            dark_current_a: self.dark_current_a[i],
            thermal_density_a2_per_hz: self.thermal_density_a2_per_hz[i],
            bandwidth_hz: self.bandwidth_hz[i],
            rin_per_hz: self.rin_per_hz[i],
            isi_variance: self.isi_variance[i],
            crosstalk_variance: self.crosstalk_variance[i],
            interferer_ratio: self.interferer_ratio[i],
            rest_ratio: self.rest_ratio[i],
            taps: &self.taps[i * MAX_TAPS..i * MAX_TAPS + usize::from(self.n_taps[i])],
            n_isi_taps: usize::from(self.n_isi_taps[i]),
        }
    }

    fn check_levels(&self, levels: &Levels) -> Result<(), LinkError> {
        if levels.modulation() == self.modulation {
            Ok(())
        } else {
            Err(LinkError::Length {
                name: "levels",
                found: levels.modulation().n_levels(),
                expected: self.modulation.n_levels(),
            })
        }
    }
}

/// Evaluates all lanes on this thread. `results` is resized to the number of lanes.
pub fn evaluate(batch: &LaneBatch, results: &mut LaneResults) {
    results.resize(batch.len());
    let codes = Codes::new();
    results.columns().fill(batch, &codes, 0);
}

/// Decides some lanes on this thread: their bit error ratios, eyes and greatest noises, with the same
/// bits as [`evaluate`]. Codewords are left as they were, as is every other lane.
///
/// # Panics
/// When there is no such lane.
pub fn decide_lanes(batch: &LaneBatch, lanes: &[usize], results: &mut LaneResults) {
    results.resize(batch.len());
    let mut atoms = Vec::new();
    for lane in lanes {
        let decision = decide(&batch.input(*lane, 1.0), &mut atoms);
        results.bit_error_ratio[*lane] = decision.bit_error_ratio;
        results.q_min[*lane] = decision.q_min;
        results.limiting[*lane] = decision.limiting;
    }
}

/// Evaluates all lanes on all threads of the current pool, with the same bits as [`evaluate`].
pub fn evaluate_parallel(batch: &LaneBatch, results: &mut LaneResults) {
    results.resize(batch.len());
    let codes = Codes::new();
    results
        .bit_error_ratio
        .par_chunks_mut(CHUNK)
        .zip(results.log10_codeword_error_ratio.par_chunks_mut(CHUNK))
        .zip(results.q_min.par_chunks_mut(CHUNK))
        .zip(results.limiting.par_chunks_mut(CHUNK))
        .enumerate()
        .for_each(|(chunk, (((ber, cer), q), limiting))| {
            let columns = Columns {
                ber,
                cer,
                q,
                limiting,
            };
            columns.fill(batch, &codes, chunk * CHUNK);
        });
}

/// Optical margin of each lane in decibels: by how much its power may fall (positive) or must
/// rise (negative) until `target_ber` is just met.
///
/// Plus infinity when the target is met 60 dB below the power given, minus infinity when it is
/// missed 60 dB above it, which is how a floor shows.
///
/// # Errors
/// A target outside (0, 0.5).
pub fn margins_db(batch: &LaneBatch, target_ber: f64) -> Result<Vec<f64>, LinkError> {
    check("target bit error ratio", target_ber, "in (0, 0.5)", |p| {
        p > 0.0 && p < 0.5
    })?;
    let one = |lane_idx: usize, atoms: &mut Vec<f64>| -> Result<f64, LinkError> {
        let atoms = RefCell::new(atoms);
        let ln_ber = |gain_db: f64| {
            let gain = Decibels::new(gain_db).to_ratio();
            let input = batch.input(lane_idx, gain);
            Ok(decide(&input, &mut atoms.borrow_mut()).bit_error_ratio.ln())
        };
        let ln_target = target_ber.ln();
        if ln_ber(-MARGIN_RANGE_DB)? <= ln_target {
            return Ok(f64::INFINITY);
        }
        if ln_ber(MARGIN_RANGE_DB)? > ln_target {
            return Ok(f64::NEG_INFINITY);
        }
        let met = crossing_db(-MARGIN_RANGE_DB, MARGIN_RANGE_DB, ln_target, &ln_ber)?;
        Ok(-met)
    };
    (0..batch.len())
        .into_par_iter()
        .map_init(Vec::new, |atoms, lane_idx| one(lane_idx, atoms))
        .collect()
}

impl LaneResults {
    fn resize(&mut self, n: usize) {
        self.bit_error_ratio.resize(n, 0.0);
        self.log10_codeword_error_ratio.resize(n, 0.0);
        self.q_min.resize(n, 0.0);
        self.limiting.resize(n, NoiseKind::Thermal);
    }

    fn columns(&mut self) -> Columns<'_> {
        Columns {
            ber: &mut self.bit_error_ratio,
            cer: &mut self.log10_codeword_error_ratio,
            q: &mut self.q_min,
            limiting: &mut self.limiting,
        }
    }
}

/// A stretch of the result columns.
struct Columns<'a> {
    ber: &'a mut [f64],
    cer: &'a mut [f64],
    q: &'a mut [f64],
    limiting: &'a mut [NoiseKind],
}

impl Columns<'_> {
    fn fill(self, batch: &LaneBatch, codes: &Codes, first_lane: usize) {
        let mut atoms = Vec::new();
        for i in 0..self.ber.len() {
            let lane_idx = first_lane + i;
            let decision = decide(&batch.input(lane_idx, 1.0), &mut atoms);
            self.ber[i] = decision.bit_error_ratio;
            self.q[i] = decision.q_min;
            self.limiting[i] = decision.limiting;
            let ln_cer = codes.ln_error_ratio(batch.fec[lane_idx], decision.bit_error_ratio);
            self.cer[i] = ln_cer * std::f64::consts::LOG10_E;
        }
    }
}

/// Tables of the outer codes.
struct Codes {
    kp4: CodewordTail,
    kr4: CodewordTail,
    low_latency: CodewordTail,
}

impl Codes {
    fn new() -> Self {
        Self {
            kp4: ReedSolomon::KP4.tail(),
            kr4: ReedSolomon::KR4.tail(),
            low_latency: ReedSolomon::LOW_LATENCY.tail(),
        }
    }

    fn ln_error_ratio(&self, fec: FecCode, ber: f64) -> f64 {
        match fec {
            FecCode::None => ber.ln(),
            FecCode::Kp4 => self.kp4.ln_error_ratio(any_of_ten(ber)),
            FecCode::Kr4 => self.kr4.ln_error_ratio(any_of_ten(ber)),
            FecCode::LowLatency => self.low_latency.ln_error_ratio(any_of_ten(ber)),
            FecCode::Kp4WithInner => self.kp4.ln_error_ratio(chase5(ber)),
        }
    }
}

/// `1 - (1 - p)^10 = p SUM_i (1 - p)^i`, without cancellation.
fn any_of_ten(p: f64) -> f64 {
    let q = 1.0 - p;
    let q2 = q * q;
    let (q4, pair) = (q2 * q2, 1.0 + q);
    p * pair * (1.0 + (q2 + q4) * (1.0 + q4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbol_error_ratio_of_ten_bits_is_that_of_the_plain_form() {
        for p in [0.0, 1e-300, 1e-12, 2.4e-4, 0.1, 0.5] {
            let plain = ReedSolomon::KP4.symbol_error_ratio(p);
            assert!((any_of_ten(p) - plain).abs() <= 1e-14 * plain);
        }
    }
}
