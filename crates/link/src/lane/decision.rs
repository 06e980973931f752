//! The receiving end of a lane: equaliser, decision, code.

use std::sync::Arc;

use photonics::platform::Function as Platform;
use system::System;
use system::parts::{self, Code, Electrical, InnerCode};
use units::derivation::{Call, Field, Given, Node, Stated as _, number, read, read_ratio};
use units::{
    Amperes, AmperesPerRootHertz, AmperesPerWatt, Celsius, Decibels, DecibelsPerHertz, Derived,
    Hertz, Ratio, Sourced, SymbolRate, Watts,
};

use super::derivation::{
    ALLOWED, BITS, CODEWORD, DARK, DECISION, DISTURBANCE, EQUALISER, MARGIN, record,
};
use super::path::{FarEnd, Solver};
use super::{
    HostInput, LaneDesign, LaneFault, Limit, Solution, host_class, modulation, modulation_of,
};
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
        far: &FarEnd<'_>,
        powers: &[Derived<Watts>],
        reflections: &Arc<Call>,
        design: &mut LaneDesign,
    ) -> Result<Solution, LaneFault> {
        let receive = far.engine;
        convert::platform(&receive.platform).can(Platform::Detect)?;
        let values: Vec<Watts> = powers.iter().map(Derived::value).collect();
        let levels = Levels::explicit(&values)?;
        let limit = receive.tia.overload.value.to_watts();
        if levels.average() > limit {
            return Err(LaneFault::Overload {
                received: levels.average(),
                limit,
            });
        }
        let near_host = host(self.system, engine)?;
        let far_host = host(self.far, receive)?;
        let (n_taps, implementation_noise) = taps(receive, far_host);
        let (equalised, equaliser) = equaliser(engine, receive, design, powers, n_taps)?;
        // Where nothing retimes, the noise of the electrical path reaches the same slicer; each
        // end brings half of its variance.
        let linear = [(engine, near_host), (receive, far_host)]
            .into_iter()
            .filter(|(engine, _)| engine.electrical == Electrical::Linear)
            .map(|(_, class)| read_ratio(&class.part.linear_noise));
        let isi = disturbance(
            &equaliser.result::<f64>(1).named("residual interference"),
            &read_ratio(implementation_noise),
            &linear.collect::<Vec<_>>(),
            levels.modulation(),
        );
        let warmth = far.substrate.temperature.map(&DARK, |temperature| {
            ((temperature - Celsius::new(25.0)) / convert::DARK_DOUBLING).exp2()
        });
        let received = Received {
            powers: powers.to_vec(),
            responsivity: read(&receive.photodiode.responsivity),
            dark_current: (read(&receive.photodiode.dark_current) * warmth)
                .named("dark current at its temperature"),
            thermal_noise: equaliser
                .result::<AmperesPerRootHertz>(2)
                .named("noise density of the amplifier"),
            noise_bandwidth: equaliser.result::<Hertz>(0).named("noise bandwidth"),
            rin: design.derivation.rin.clone(),
            isi,
            crosstalk: design.derivation.crosstalk.clone(),
            reflections: (0..reflections.n_results())
                .map(|index| {
                    let ratio = reflections.result::<f64>(index);
                    ratio.named(format!("light over two reflections {index}"))
                })
                .collect(),
        };
        design.equaliser = Some(equalised);
        let solution = self.solution(engine, receive, &received, (near_host, far_host), design);
        design.reception = Some(received.reception()?);
        solution
    }

    fn solution(
        &self,
        engine: &parts::Engine,
        receive: &parts::Engine,
        received: &Received,
        (near, far): (&parts::SerdesClass, &parts::SerdesClass),
        design: &mut LaneDesign,
    ) -> Result<Solution, LaneFault> {
        let (code, allowed) = code(self.system, receive)?;
        design.fec = code;
        let segment = |engine: &parts::Engine, class: &parts::SerdesClass| match engine.electrical {
            Electrical::Retimed => read_ratio(&class.part.segment_ber),
            Electrical::Linear => number(0.0),
        };
        let host_ber = (segment(engine, near) + segment(receive, far))
            .named("error ratio of the electrical segments");
        let is_used_up = host_ber.value() >= allowed.value();
        // Without anything left for it, the optical segment is judged against the whole.
        let target = if is_used_up {
            allowed.clone()
        } else {
            (allowed.clone() - host_ber.clone()).named("allowed to the optical segment")
        };
        design.allowed_ber = allowed.value();
        design.target_ber = target.value();
        let mut decided = decide(&received.reception()?, host_ber.value(), target.value())?;
        if is_used_up {
            decided.margin = Margin::Unreachable {
                floor_ber: host_ber.value(),
                limiting: decided.limiting,
            };
        }
        let optical_ber = decided.bit_error_ratio;
        let optical = received.decision(&host_ber, optical_ber);
        let before = (optical + host_ber.clone()).named("error ratio before correction");
        let codeword = move |ber: f64| code.ln_codeword_error_ratio(ber.min(0.5));
        let ln_codeword_error_ratio = codeword(before.value())?;
        let inputs = vec![Arc::clone(before.node())];
        let function = match code {
            FecCode::None => &BITS,
            _ => &CODEWORD,
        };
        let corrected = Call::recorded(function, inputs, vec![ln_codeword_error_ratio], move |x| {
            Ok(vec![codeword(x[0]).map_err(|e| e.to_string())?])
        });
        let derivation = &mut design.derivation;
        derivation.ln_codeword_error_ratio = Some(corrected.result(0));
        derivation.pre_fec_ber = Some(before);
        derivation.margin = decided
            .margin
            .signed()
            .filter(|_| !is_used_up)
            .map(|margin| received.margin(&host_ber, &target, margin));
        Ok(Solution {
            optical_ber,
            host_ber: host_ber.value(),
            host_input: (engine.electrical == Electrical::Retimed).then(|| {
                let modulation = modulation_of(near.part.modulation);
                HostInput::of(near.part.segment_ber.value.value(), modulation)
            }),
            ln_codeword_error_ratio,
            margin: decided.margin,
            limiting: if host_ber.value() > optical_ber {
                Limit::Host
            } else {
                Limit::Noise(decided.limiting)
            },
            q_min: decided.q_min,
        })
    }
}

/// All that the decision depends on.
struct Received {
    powers: Vec<Derived<Watts>>,
    responsivity: Derived<AmperesPerWatt>,
    dark_current: Derived<Amperes>,
    thermal_noise: Derived<AmperesPerRootHertz>,
    noise_bandwidth: Derived<Hertz>,
    rin: Option<Derived<DecibelsPerHertz>>,
    isi: Derived<f64>,
    crosstalk: Option<Derived<f64>>,
    reflections: Vec<Derived<f64>>,
}

impl Received {
    fn inputs(&self) -> Vec<Arc<Node>> {
        let mut inputs: Vec<Arc<Node>> = vec![
            Arc::clone(self.responsivity.node()),
            Arc::clone(self.dark_current.node()),
            Arc::clone(self.thermal_noise.node()),
            Arc::clone(self.noise_bandwidth.node()),
            Arc::clone(self.isi.node()),
        ];
        inputs.extend(self.rin.iter().map(|rin| Arc::clone(rin.node())));
        inputs.extend(self.crosstalk.iter().map(|x| Arc::clone(x.node())));
        inputs.extend(self.powers.iter().map(|power| Arc::clone(power.node())));
        inputs.extend(self.reflections.iter().map(|x| Arc::clone(x.node())));
        inputs
    }

    /// Which of the inputs are there.
    fn form(&self) -> Form {
        Form {
            has_rin: self.rin.is_some(),
            has_crosstalk: self.crosstalk.is_some(),
            n_levels: self.powers.len(),
        }
    }

    fn reception(&self) -> Result<Reception, LaneFault> {
        let values: Vec<f64> = self.inputs().iter().map(|node| node.si).collect();
        self.form().reception(&values)
    }

    /// The error ratio of the optical segment.
    fn decision(&self, host_ber: &Derived<f64>, optical_ber: f64) -> Derived<f64> {
        let form = self.form();
        let mut inputs = self.inputs();
        inputs.push(Arc::clone(host_ber.node()));
        let call = Call::recorded(&DECISION, inputs, vec![optical_ber], move |x| {
            let (host_ber, x) = x.split_last().ok_or("no inputs")?;
            // The target moves the margin only.
            let decided = form
                .reception(x)
                .and_then(|r| decide(&r, *host_ber, ANY_TARGET));
            Ok(vec![decided.map_err(|e| e.to_string())?.bit_error_ratio])
        });
        call.result(0).named("error ratio of the optical segment")
    }

    fn margin(
        &self,
        host_ber: &Derived<f64>,
        target: &Derived<f64>,
        margin: Decibels,
    ) -> Derived<Decibels> {
        let form = self.form();
        let mut inputs = self.inputs();
        inputs.extend([Arc::clone(host_ber.node()), Arc::clone(target.node())]);
        let call = Call::recorded(&MARGIN, inputs, vec![margin.value()], move |x| {
            let Some((x, [host_ber, target])) = x.split_last_chunk::<2>() else {
                return Err("no inputs".to_owned());
            };
            let decided = form
                .reception(x)
                .and_then(|r| decide(&r, *host_ber, *target));
            let margin = decided.map_err(|e| e.to_string())?.margin;
            let margin = margin.signed().ok_or("no power reaches the target")?;
            Ok(vec![margin.value()])
        });
        call.result(0).named("margin")
    }
}

/// An error ratio to be judged against where only the error ratio itself is asked for.
const ANY_TARGET: f64 = 1e-6;

/// Which inputs a decision has.
#[derive(Clone, Copy)]
struct Form {
    has_rin: bool,
    has_crosstalk: bool,
    n_levels: usize,
}

impl Form {
    /// The reception of inputs in the order of [`Received::inputs`].
    fn reception(self, x: &[f64]) -> Result<Reception, LaneFault> {
        let mut rest = x.iter().copied();
        let mut next = || rest.next().unwrap_or_default();
        let receiver = Receiver {
            responsivity: AmperesPerWatt::new(next()),
            dark_current: Amperes::new(next()),
            thermal_noise: AmperesPerRootHertz::new(next()),
            noise_bandwidth: Hertz::new(next()),
            noise_enhancement: Ratio::new(1.0),
        };
        let gaussian = |rms: f64| SymbolDisturbance::Gaussian {
            rms: Ratio::new(rms),
        };
        let isi = gaussian(next());
        let rin = self.has_rin.then(|| DecibelsPerHertz::new(next()));
        let crosstalk = if self.has_crosstalk {
            gaussian(next())
        } else {
            SymbolDisturbance::None
        };
        let powers: Vec<Watts> = (0..self.n_levels).map(|_| Watts::new(next())).collect();
        Ok(Reception {
            levels: Levels::explicit(&powers)?,
            receiver,
            impairments: Impairments {
                rin,
                interference: Interference {
                    ratios: rest.map(Ratio::new).collect(),
                    ..Interference::default()
                },
                crosstalk,
                isi,
            },
            thresholds: Thresholds::default(),
        })
    }
}

/// Interference and noise at the slicer, over the spread of the levels.
fn disturbance(
    residual_isi: &Derived<f64>,
    implementation: &Derived<f64>,
    linear: &[Derived<f64>],
    modulation: Modulation,
) -> Derived<f64> {
    let spread = spread_over_spacing(modulation);
    let total = move |x: &[f64]| {
        let electrical = x[2..].iter().map(|x| x.powi(2) / 2.0).sum::<f64>().sqrt();
        x[0].hypot(x[1]).hypot(electrical) / spread
    };
    let inputs: Vec<Arc<Node>> = [residual_isi, implementation]
        .into_iter()
        .chain(linear)
        .map(|x| Arc::clone(x.node()))
        .collect();
    let values: Vec<f64> = inputs.iter().map(|node| node.si).collect();
    let result = vec![total(&values)];
    Call::recorded(&DISTURBANCE, inputs, result, move |x| Ok(vec![total(x)]))
        .result::<f64>(0)
        .named("interference and noise at the slicer")
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
/// the error ratio at the decoder and 0.005 dB of margin, the Gaussian result stands; the target
/// has no say in the error ratio. Elsewhere the batch kernel averages the strongest interferer over its phase and takes the others as
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
        // The error ratio is there before any target: which model it takes has to do with the
        // error ratios alone.
        if decades.abs() >= SAME_DECADES {
            let mut results = LaneResults::default();
            evaluate(&batch, &mut results);
            decided.bit_error_ratio = results.bit_error_ratio[0];
        }
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
pub(super) fn spread_over_spacing(modulation: Modulation) -> f64 {
    let m = modulation.n_levels() as f64;
    ((m * m - 1.0) / 12.0).sqrt()
}

/// The equaliser for the bandwidths of this path, and the record whose results are noise
/// bandwidth and residual interference.
fn equaliser(
    engine: &parts::Engine,
    receive: &parts::Engine,
    design: &LaneDesign,
    powers: &[Derived<Watts>],
    n_taps: u32,
) -> Result<(Equalised, Arc<Call>), LaneFault> {
    let driver = read(&engine.driver.bandwidth);
    let modulator = design.derivation.modulator_bandwidth.clone();
    let modulator = modulator.unwrap_or_else(|| driver.clone());
    let (diode, rate) = (
        read(&receive.photodiode.bandwidth),
        read(&engine.media_rate),
    );
    let responsivity = read(&receive.photodiode.responsivity);
    let mut others = vec![
        driver.node(),
        modulator.node(),
        diode.node(),
        rate.node(),
        responsivity.node(),
    ];
    others.extend(powers.iter().map(Derived::node));
    others.extend(design.derivation.filter_bandwidth.iter().map(Derived::node));
    let values: Vec<f64> = others.iter().map(|node| node.si).collect();
    let tia = &receive.tia;
    let mut fields: Vec<Field<parts::Tia>> = Vec::new();
    if !measured::receiver::has_response(tia) {
        fields.push(|tia| &mut tia.bandwidth);
    }
    if !measured::receiver::has_noise(tia) {
        fields.push(|tia| &mut tia.noise);
    }
    let results = |(equalised, density): &(Equalised, AmperesPerRootHertz)| {
        vec![
            equalised.noise_bandwidth.value(),
            equalised.residual_isi_rms,
            density.value(),
        ]
    };
    let modulation = modulation(engine);
    let designed = equalise(tia, &values, modulation, n_taps)?;
    let given = Given {
        part: &**tia,
        fields: &fields,
        others,
    };
    let call = record(&EQUALISER, &given, results(&designed), move |tia, x| {
        Ok(results(&equalise(tia, x, modulation, n_taps)?))
    });
    Ok((designed.0, call))
}

/// The equaliser of a design where its light is `gain_db` stronger: noise bandwidth, residual
/// interference over the level spacing, noise density.
pub(super) fn equaliser_at<'a>(
    system: &System,
    engine: &'a parts::Engine,
    design: &LaneDesign,
    nominal: &Reception,
) -> Result<impl Fn(f64) -> Result<[f64; 3], LaneFault> + 'a, LaneFault> {
    let n_taps = taps(engine, host(system, engine)?).0;
    let derivation = &design.derivation;
    let modulator = derivation.modulator_bandwidth.as_ref();
    let driver = engine.driver.bandwidth.value;
    let before = [
        driver.value(),
        modulator.map_or(driver, Derived::value).value(),
        engine.photodiode.bandwidth.value.value(),
        engine.media_rate.value.value(),
        engine.photodiode.responsivity.value.value(),
    ];
    let powers = nominal.levels.powers_w().to_vec();
    let filter = derivation.filter_bandwidth.as_ref().map(Derived::value);
    let modulation = modulation(engine);
    Ok(move |gain_db: f64| {
        let gain = Decibels::new(gain_db).to_ratio();
        let mut x = before.to_vec();
        x.extend(powers.iter().map(|power| power * gain));
        x.extend(filter.map(Hertz::value));
        let (equalised, density) = equalise(&engine.tia, &x, modulation, n_taps)?;
        Ok([
            equalised.noise_bandwidth.value(),
            equalised.residual_isi_rms,
            density.value(),
        ])
    })
}

/// Whether the interferers of a design are bounded rather than Gaussian in what was decided.
pub(super) fn is_bounded(nominal: &Reception, design: &LaneDesign) -> Result<bool, LaneFault> {
    let Ok(solution) = &design.outcome else {
        return Ok(false);
    };
    let mut gaussian = nominal.clone();
    gaussian.impairments.interference.model = InterferenceModel::Gaussian;
    let gaussian = gaussian.evaluate()?.bit_error_ratio;
    Ok(gaussian.to_bits() != solution.optical_ber.to_bits())
}

/// Taps of the equaliser of a receiver, and what it adds to the noise itself.
fn taps<'a>(receive: &'a parts::Engine, host: &'a parts::SerdesClass) -> (u32, &'a Sourced<Ratio>) {
    match (&receive.dsp, receive.electrical) {
        (Some(dsp), _) => (dsp.ffe_taps, &dsp.implementation_noise),
        (None, Electrical::Retimed | Electrical::Linear) => {
            (host.part.ffe_taps, &host.part.implementation_noise)
        }
    }
}

/// The equaliser for the bandwidths of driver, modulator and photodiode, the bit rate, the
/// responsivity, the received levels and the bandwidth of a filter if there is one, and the white
/// density of the amplifier noise that it passes.
fn equalise(
    tia: &parts::Tia,
    x: &[f64],
    modulation: Modulation,
    n_taps: u32,
) -> Result<(Equalised, AmperesPerRootHertz), LaneFault> {
    let (powers, filter) = x[5..].split_at(modulation.n_levels());
    let powers: Vec<Watts> = powers.iter().map(|power| Watts::new(*power)).collect();
    let levels = Levels::explicit(&powers)?;
    let poles = x[..3].iter().chain(filter);
    let response = Response {
        before_noise: poles
            .map(|pole| LowPass::single_pole(Hertz::new(*pole)))
            .collect(),
        after_noise: vec![LowPass {
            shape: Shape::BesselThomson4,
            bandwidth: measured::receiver::bandwidth(tia)?,
        }],
    };
    let bandwidth = response.noise_bandwidth()?;
    let steps = (modulation.n_levels() - 1) as f64;
    let spacing = x[4] * levels.oma().value() / steps;
    let rate = SymbolRate::new(x[3] / modulation.bits_per_symbol() as f64);
    let density = measured::receiver::noise(tia, &response, rate, None)?;
    let noise = density.value() * bandwidth.value().sqrt();
    let design = Design {
        symbol_rate: rate,
        modulation,
        n_taps: n_taps as usize,
        // Outside this range of signals the taps hardly change any more.
        spacing_to_noise: Decibels::from_amplitude(spacing / noise)
            .max(Decibels::new(0.0))
            .min(Decibels::new(40.0)),
    };
    let equalised = design.equalise(&response)?;
    let density = measured::receiver::noise(tia, &response, rate, Some(&equalised))?;
    Ok((equalised, density))
}

/// The code of the links of a system, and the bit error ratio that it corrects to its target.
/// Without a code that is the target itself.
fn code(system: &System, receive: &parts::Engine) -> Result<(FecCode, Derived<f64>), LaneFault> {
    const NAME: &str = "allowed error ratio";
    let fec = match &system.description.fec {
        Code::Fec(fec) => fec,
        Code::Uncoded(none) => {
            let target = read_ratio(&none.target_bit_error_ratio);
            return Ok((FecCode::None, target.named(NAME)));
        }
    };
    let has_inner = receive
        .dsp
        .as_ref()
        .is_some_and(|dsp| dsp.inner_code == InnerCode::Hamming128);
    let code = match (fec.n, fec.k, has_inner) {
        (544, 514, false) => FecCode::Kp4,
        (544, 514, true) => FecCode::Kp4WithInner,
        (528, 514, _) => FecCode::Kr4,
        (272, 258, _) => FecCode::LowLatency,
        (n, k, _) => return Err(LaneFault::UnknownCode { n, k }),
    };
    let ln_target = fec.target_codeword_error_ratio.value.value().ln();
    let allowed = code.ber_for(ln_target);
    let inputs = vec![fec.target_codeword_error_ratio.leaf()];
    let allowed = Call::recorded(&ALLOWED, inputs, vec![allowed], move |x| {
        Ok(vec![code.ber_for(x[0].ln())])
    });
    Ok((code, allowed.result::<f64>(0).named(NAME)))
}
