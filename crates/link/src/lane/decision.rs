//! The receiving end of a lane: equaliser, decision, code.

use photonics::platform::Function;
use system::System;
use system::parts::{self, Electrical, InnerCode};
use units::{AmperesPerRootHertz, Celsius, Decibels, Ratio, Watts};

use super::path::{FarEnd, Solver};
use super::{LaneDesign, LaneFault, Limit, Solution, host_class, symbol_rate};
use crate::batch::{LaneBatch, LaneResults, evaluate, margins_db};
use crate::equaliser::{Design, Equalised, LowPass, Response, Shape};
use crate::fec::FecCode;
use crate::{
    Decision, Impairments, Interference, InterferenceModel, Levels, LinkError, Margin, Modulation,
    NoiseKind, Receiver, Reception, SymbolDisturbance, Thresholds, margin,
};
use crate::{convert, measured};

impl Solver<'_> {
    /// Receiver, equaliser, decision, code.
    pub(super) fn receive(
        &self,
        engine: &parts::Engine,
        far: FarEnd<'_>,
        powers: &[Watts],
        reflections: Vec<f64>,
        design: &mut LaneDesign,
    ) -> Result<Solution, LaneFault> {
        let receive = far.engine;
        convert::platform(&receive.platform).can(Function::Detect)?;
        let levels = Levels::explicit(powers)?;
        let limit = receive.tia.overload.value.to_watts();
        if levels.average() > limit {
            return Err(LaneFault::Overload {
                received: levels.average(),
                limit,
            });
        }
        let near_host = host(self.system, engine)?;
        let far_host = host(self.far, receive)?;
        let (n_taps, implementation_noise) = match (&receive.dsp, receive.electrical) {
            (Some(dsp), _) => (dsp.ffe_taps, dsp.implementation_noise.value.value()),
            (None, Electrical::Retimed | Electrical::Linear) => (
                far_host.part.ffe_taps,
                far_host.part.implementation_noise.value.value(),
            ),
        };
        let spread = spread_over_spacing(levels.modulation());
        let (equalised, thermal_noise) = equalise(engine, receive, design, &levels, n_taps)?;
        // Where nothing retimes, the noise of the electrical path reaches the same slicer; each
        // end brings half of its variance.
        let electrical = |electrical, class: &parts::SerdesClass| match electrical {
            Electrical::Linear => class.part.linear_noise.value.value().powi(2) / 2.0,
            Electrical::Retimed => 0.0,
        };
        let electrical = (electrical(engine.electrical, near_host)
            + electrical(receive.electrical, far_host))
        .sqrt();
        let isi = equalised
            .residual_isi_rms
            .hypot(implementation_noise)
            .hypot(electrical)
            / spread;
        let doublings = (far.temperature - Celsius::new(25.0)) / convert::DARK_DOUBLING;
        let reception = Reception {
            levels,
            receiver: Receiver {
                responsivity: receive.photodiode.responsivity.value,
                dark_current: receive.photodiode.dark_current.value * doublings.exp2(),
                thermal_noise,
                noise_bandwidth: equalised.noise_bandwidth,
                noise_enhancement: Ratio::new(1.0),
            },
            impairments: Impairments {
                rin: Some(design.rin),
                interference: Interference {
                    ratios: reflections.into_iter().map(Ratio::new).collect(),
                    ..Interference::default()
                },
                crosstalk: crosstalk(receive),
                isi: SymbolDisturbance::Gaussian {
                    rms: Ratio::new(isi),
                },
            },
            thresholds: Thresholds::default(),
        };
        design.equaliser = Some(equalised);
        let solution = self.solution(engine, receive, &reception, (near_host, far_host), design);
        design.reception = Some(reception);
        solution
    }

    fn solution(
        &self,
        engine: &parts::Engine,
        receive: &parts::Engine,
        reception: &Reception,
        (near, far): (&parts::SerdesClass, &parts::SerdesClass),
        design: &mut LaneDesign,
    ) -> Result<Solution, LaneFault> {
        let fec = &self.system.description.fec;
        let has_inner = receive
            .dsp
            .as_ref()
            .is_some_and(|dsp| dsp.inner_code == InnerCode::Hamming128);
        design.fec = match (fec.n, fec.k, has_inner) {
            (544, 514, false) => FecCode::Kp4,
            (544, 514, true) => FecCode::Kp4WithInner,
            (528, 514, _) => FecCode::Kr4,
            (272, 258, _) => FecCode::LowLatency,
            (n, k, _) => return Err(LaneFault::UnknownCode { n, k }),
        };
        let segment = |engine: &parts::Engine, class: &parts::SerdesClass| match engine.electrical {
            Electrical::Retimed => class.part.segment_ber.value.value(),
            Electrical::Linear => 0.0,
        };
        let host_ber = segment(engine, near) + segment(receive, far);
        let ln_target = fec.target_codeword_error_ratio.value.value().ln();
        let allowed = ber_for(design.fec, ln_target)?;
        let is_used_up = host_ber >= allowed;
        // Without anything left for it, the optical segment is judged against the whole.
        design.target_ber = if is_used_up {
            allowed
        } else {
            allowed - host_ber
        };
        design.allowed_ber = allowed;
        let mut decided = decide(reception, host_ber, design.target_ber)?;
        if is_used_up {
            decided.margin = Margin::Unreachable {
                floor_ber: host_ber,
                limiting: decided.limiting,
            };
        }
        let optical_ber = decided.bit_error_ratio;
        Ok(Solution {
            optical_ber,
            host_ber,
            ln_codeword_error_ratio: design
                .fec
                .ln_codeword_error_ratio((optical_ber + host_ber).min(0.5))?,
            margin: decided.margin,
            limiting: if host_ber > optical_ber {
                Limit::Host
            } else {
                Limit::Noise(decided.limiting)
            },
            q_min: decided.q_min,
        })
    }
}

/// What the receiver decides, with the margin.
struct Decided {
    bit_error_ratio: f64,
    q_min: f64,
    limiting: NoiseKind,
    margin: Margin,
}

/// Bit error ratio and margin of a reception.
///
/// Bounded interference lies between none at all and the Gaussian model, which overstates it.
/// Where the two agree within the bounds that hold for every short cut of a lane, 0.01 decades of
/// the error ratio at the decoder and 0.005 dB of margin, the Gaussian result stands. Elsewhere
/// the batch kernel averages the strongest interferer over its phase and takes the others as
/// Gaussian, so that the error ratio is an upper value.
fn decide(reception: &Reception, host_ber: f64, target_ber: f64) -> Result<Decided, LaneFault> {
    let solve = |reception: &Reception| -> Result<(Decision, Margin), LinkError> {
        Ok((reception.evaluate()?, margin(reception, target_ber)?))
    };
    let mut without = reception.clone();
    without.impairments.interference.ratios.clear();
    let (clean, clean_margin) = solve(&without)?;
    let mut worst = reception.clone();
    worst.impairments.interference.model = InterferenceModel::Gaussian;
    let (gaussian, gaussian_margin) = solve(&worst)?;
    let decades =
        ((gaussian.bit_error_ratio + host_ber) / (clean.bit_error_ratio + host_ber)).log10();
    let is_same_margin = match (clean_margin.signed(), gaussian_margin.signed()) {
        (Some(a), Some(b)) => (a - b).value().abs() < SAME_MARGIN_DB,
        _ => clean_margin == gaussian_margin,
    };
    let mut decided = Decided {
        bit_error_ratio: gaussian.bit_error_ratio,
        q_min: gaussian.q_min(),
        limiting: gaussian.limiting,
        margin: gaussian_margin,
    };
    if decades.abs() >= SAME_DECADES || !is_same_margin {
        let mut batch = LaneBatch::new(reception.levels.modulation());
        batch.push(reception, FecCode::None)?;
        let mut results = LaneResults::default();
        evaluate(&batch, &mut results);
        decided.bit_error_ratio = results.bit_error_ratio[0];
        let margin_db = margins_db(&batch, target_ber)?[0];
        // Beyond the search the plain receiver has said why.
        if margin_db.is_finite() {
            let by = Decibels::new(margin_db.abs());
            decided.margin = if margin_db >= 0.0 {
                Margin::Met(by)
            } else {
                Margin::MustRise(by)
            };
        }
    }
    Ok(decided)
}

/// Decades of the bit error ratio that do not matter.
const SAME_DECADES: f64 = 0.01;
/// Decibels of margin that do not matter.
const SAME_MARGIN_DB: f64 = 0.005;

/// The SerDes class that drives an engine, within its loss budget.
fn host<'a>(
    system: &'a System,
    engine: &parts::Engine,
) -> Result<&'a parts::SerdesClass, LaneFault> {
    let class = host_class(system, engine).ok_or(LaneFault::Incomplete {
        what: "a SerDes class for the engine",
    })?;
    if class.channel_loss.value > class.part.loss_budget.value {
        return Err(LaneFault::HostChannel {
            loss: class.channel_loss.value,
            budget: class.part.loss_budget.value,
        });
    }
    Ok(class)
}

/// Standard deviation of the levels over their spacing, `sqrt((M^2 - 1) / 12)`.
fn spread_over_spacing(modulation: Modulation) -> f64 {
    let m = modulation.n_levels() as f64;
    ((m * m - 1.0) / 12.0).sqrt()
}

/// The equaliser for the bandwidths of this path, and the white density of the amplifier noise
/// that it passes.
fn equalise(
    engine: &parts::Engine,
    receive: &parts::Engine,
    design: &LaneDesign,
    levels: &Levels,
    n_taps: u32,
) -> Result<(Equalised, AmperesPerRootHertz), LaneFault> {
    let modulator = design
        .modulator
        .as_ref()
        .map_or(engine.driver.bandwidth.value, |state| state.bandwidth);
    let response = Response {
        before_noise: [
            engine.driver.bandwidth.value,
            modulator,
            receive.photodiode.bandwidth.value,
        ]
        .map(LowPass::single_pole)
        .to_vec(),
        after_noise: vec![LowPass {
            shape: Shape::BesselThomson4,
            bandwidth: measured::receiver::bandwidth(&receive.tia)?,
        }],
    };
    let bandwidth = response.noise_bandwidth()?;
    let steps = (levels.modulation().n_levels() - 1) as f64;
    let spacing = receive.photodiode.responsivity.value.value() * levels.oma().value() / steps;
    let rate = symbol_rate(engine);
    let density = measured::receiver::noise(&receive.tia, &response, rate, None)?;
    let noise = density.value() * bandwidth.value().sqrt();
    let design = Design {
        symbol_rate: rate,
        modulation: levels.modulation(),
        n_taps: n_taps as usize,
        // Outside this range of signals the taps hardly change any more.
        spacing_to_noise: Decibels::from_amplitude(spacing / noise)
            .max(Decibels::new(0.0))
            .min(Decibels::new(40.0)),
    };
    let equalised = design.equalise(&response)?;
    let density = measured::receiver::noise(&receive.tia, &response, rate, Some(&equalised))?;
    Ok((equalised, density))
}

/// Light of the other wavelengths of a fibre.
fn crosstalk(receive: &parts::Engine) -> SymbolDisturbance {
    let Some(demux) = &receive.demultiplexer else {
        return SymbolDisturbance::None;
    };
    let others = receive.wavelengths_per_fibre.saturating_sub(1);
    let adjacent = f64::from(others.min(2));
    let far = f64::from(others.saturating_sub(2));
    let square = adjacent * demux.adjacent_crosstalk.value.to_ratio().powi(2)
        + far * demux.other_crosstalk.value.to_ratio().powi(2);
    SymbolDisturbance::Gaussian {
        rms: Ratio::new(square.sqrt()),
    }
}

/// The bit error ratio at which a code reaches a codeword error ratio.
fn ber_for(code: FecCode, ln_target: f64) -> Result<f64, LaneFault> {
    let (mut low, mut high) = (1e-15f64.ln(), 0.4f64.ln());
    // The codeword error ratio rises with the bit error ratio; 80 halvings reach the last digit.
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if code.ln_codeword_error_ratio(middle.exp())? < ln_target {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(low.exp())
}
