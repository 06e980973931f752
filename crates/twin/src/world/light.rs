//! The light of one switch: its lasers, and its lanes from modulator to decision.

use link::batch::{LaneBatch, LaneResults, decide_lanes};
use link::{
    Arrived, FilterPoint, HeaterAct, LaneFault, LaneModel, LevelPowers, LockState, ReceiveState,
    Sent, TransmitState,
};
use photonics::DeviceError;
use serde::{Deserialize, Serialize};
use system::LaserHome;
use units::Decibels;

use super::DARK;
use super::laser::{LaserControl, LaserHealth, LaserInput, LaserPoint};
use super::plan::SwitchPlan;
use super::rings::{Ends, Neighbours, Rings};
use super::snapshot::SavedLight;

/// What has befallen the halves of a lane, beside its laser.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct LaneHealth {
    /// Loss beyond the described one between laser and input coupler, dB; infinite where it is cut.
    pub(super) feed_db: f64,
    pub(super) input_db: f64,
    pub(super) splitter_db: f64,
    pub(super) output_db: f64,
    /// Share of the drive that reaches the modulator.
    pub(super) swing: f64,
    /// Whether nothing comes from the die.
    pub(super) is_mute: bool,
    /// What the bias of a Mach-Zehnder modulator has drifted by, for its loop to take out.
    pub(super) bias_drift_rad: f64,
    pub(super) heater: HeaterAct,
    /// Beyond the described loss on the way in, dB.
    pub(super) receive_db: f64,
    pub(super) responsivity: f64,
    pub(super) noise: f64,
    pub(super) interferer: f64,
    /// Whether the electrical way from the receiver to the decoder is open.
    pub(super) is_deaf: bool,
}

impl LaneHealth {
    pub(super) const GOOD: Self = Self {
        feed_db: 0.0,
        input_db: 0.0,
        splitter_db: 0.0,
        output_db: 0.0,
        swing: 1.0,
        is_mute: false,
        bias_drift_rad: 0.0,
        heater: HeaterAct::Locked,
        receive_db: 0.0,
        responsivity: 1.0,
        noise: 1.0,
        interferer: 0.0,
        is_deaf: false,
    };
}

const NOTHING_SENT: Sent = Sent {
    fed_w: 0.0,
    input_w: 0.0,
    mean_w: 0.0,
    amplitude_w: 0.0,
    levels_w: [0.0; 4],
    heater_w: 0.0,
    lock: LockState::Unlocked,
    detuning_hz: 0.0,
};

/// The transmitter of a lane that is dark as described.
const NO_STATE: TransmitState = TransmitState {
    laser_w: 0.0,
    wavelength_shift_m: 0.0,
    substrate_c: 0.0,
    feed_db: 0.0,
    coupler_db: 0.0,
    splitter_db: 0.0,
    output_db: 0.0,
    swing: 0.0,
    bias_drift_rad: 0.0,
    heater: HeaterAct::Held(0.0),
    tuning_m: 0.0,
    neighbours_w: 0.0,
};

/// Change of a receiver's temperature, K, up to which it decides as it did: dark current, which
/// doubles within ten kelvin and is a thousandth of the light's, moves by 2 %.
const SAME_WARMTH_K: f64 = 0.25;

/// Change of a laser's case, K, up to which the laser stays where it is.
const SAME_CASE_K: f64 = 5e-4;

/// Temperatures that light depends on, C.
#[derive(Debug, Clone, Copy)]
pub(super) struct Warmth<'a> {
    pub(super) engines_c: &'a [f64],
    pub(super) modules_c: &'a [f64],
}

/// Lanes that share a modulation.
#[derive(Debug, Clone, PartialEq)]
struct Together {
    batch: LaneBatch,
    results: LaneResults,
    /// Places that have to be decided anew in this step.
    due: Vec<usize>,
}

/// From what the light of a lane was followed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct SentFrom {
    state: TransmitState,
    heater_w: f64,
    /// What the heater of a ring in a row would need alone, W.
    needed_w: f64,
}

/// From what, beside the light sent to it, a receiver decided.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct DecidedFrom {
    loss_db: f64,
    state: ReceiveState,
}

impl DecidedFrom {
    /// What is like nothing.
    const NOTHING: Self = Self {
        loss_db: f64::NAN,
        state: ReceiveState {
            substrate_c: f64::NAN,
            responsivity: f64::NAN,
            noise: f64::NAN,
            interferer: f64::NAN,
        },
    };

    fn is_like(&self, before: &Self) -> bool {
        let state = ReceiveState {
            substrate_c: before.state.substrate_c,
            ..self.state
        };
        let warmer_k = self.state.substrate_c - before.state.substrate_c;
        warmer_k.abs() <= SAME_WARMTH_K && (Self { state, ..*self }) == *before
    }
}

/// Light on its way to a lane.
pub(super) struct Incoming<'a> {
    /// That sent it.
    pub(super) model: &'a LaneModel,
    pub(super) levels_w: &'a LevelPowers,
    /// Beyond what the model of the sender knows, dB.
    pub(super) loss_db: f64,
    /// Whether it was followed anew in this step.
    pub(super) is_new: bool,
}

/// The light of one switch.
///
/// A lane whose light and receiver stay as they were, within [`link::SAME_LIGHT`] and
/// [`SAME_WARMTH_K`], keeps its results, unless every lane shall be evaluated in every step.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Light {
    pub(super) lasers: Vec<LaserPoint>,
    pub(super) sent: Vec<Sent>,
    pub(super) arrived: Vec<Arrived>,
    /// Heaters of receiving filters; none where there is no filter.
    pub(super) filters: Vec<Option<FilterPoint>>,
    /// Whether the light of a lane was followed, and decided upon, in this step.
    pub(super) is_sent_anew: Vec<bool>,
    pub(super) is_decided_anew: Vec<bool>,
    pub(super) sent_from: Vec<Option<SentFrom>>,
    pub(super) decided_from: Vec<DecidedFrom>,
    batches: Vec<Together>,
    /// States of the transmitters in this step, and what the rings beside each other do in it.
    states: Vec<TransmitState>,
    pub(super) modulators: Neighbours,
    pub(super) droppers: Neighbours,
    /// Whether every lane is evaluated in every step.
    pub(super) is_every_lane_due: bool,
}

impl Light {
    /// Without light yet.
    ///
    /// # Errors
    /// A lane that the fast receiver does not take.
    pub(super) fn new(plan: &SwitchPlan) -> Result<Self, LaneFault> {
        let batches = plan.batches.iter().map(|(modulation, members)| {
            let mut batch = LaneBatch::new(*modulation);
            for lane in members {
                let model = plan.lanes[*lane].model.expect("a member has a model");
                plan.models[model].join(&mut batch)?;
            }
            Ok(Together {
                batch,
                results: LaneResults::default(),
                due: Vec::new(),
            })
        });
        let off = LaserInput {
            control: LaserControl::Off,
            health: LaserHealth::NEW,
            case_c: 0.0,
        };
        let n_lanes = plan.lanes.len();
        let nothing = Arrived {
            mean_w: 0.0,
            amplitude_w: 0.0,
        };
        Ok(Self {
            lasers: plan
                .lasers
                .iter()
                .map(|laser| LaserPoint::dark(laser, off))
                .collect(),
            sent: vec![NOTHING_SENT; n_lanes],
            arrived: vec![nothing; n_lanes],
            filters: vec![None; n_lanes],
            is_sent_anew: vec![true; n_lanes],
            is_decided_anew: vec![true; n_lanes],
            sent_from: vec![None; n_lanes],
            decided_from: vec![DecidedFrom::NOTHING; n_lanes],
            batches: batches.collect::<Result<_, LaneFault>>()?,
            states: vec![NO_STATE; n_lanes],
            modulators: Neighbours::new(n_lanes),
            droppers: Neighbours::new(n_lanes),
            is_every_lane_due: false,
        })
    }

    /// Lights all lasers and sends all lanes.
    ///
    /// # Errors
    /// The position of a laser that has left the range of its device, and how.
    pub(super) fn send(
        &mut self,
        plan: &SwitchPlan,
        warmth: Warmth<'_>,
        rings: &Rings,
        laser: impl Fn(usize) -> (LaserControl, LaserHealth),
        lane: impl Fn(usize) -> LaneHealth,
    ) -> Result<(), (usize, DeviceError)> {
        for (idx, (point, of)) in self.lasers.iter_mut().zip(&plan.lasers).enumerate() {
            let case_c = match of.home {
                LaserHome::Module(module, _) => warmth.modules_c[module.index()],
                LaserHome::Engine(engine) => warmth.engines_c[engine.index()],
            };
            let (control, health) = laser(idx);
            let input = LaserInput {
                control,
                health,
                case_c,
            };
            let within_k = if self.is_every_lane_due {
                0.0
            } else {
                SAME_CASE_K
            };
            point
                .follow(of, input, within_k)
                .map_err(|error| (idx, error))?;
        }
        for (idx, of) in plan.lanes.iter().enumerate() {
            if of.model.is_none() {
                continue;
            }
            let health = lane(idx);
            self.states[idx] = TransmitState {
                laser_w: self.lasers[of.laser].launched_w,
                wavelength_shift_m: self.shift_m(plan, idx),
                substrate_c: warmth.engines_c[of.engine],
                feed_db: health.feed_db,
                coupler_db: of.input_db + health.input_db,
                splitter_db: health.splitter_db,
                output_db: of.output_db + health.output_db,
                swing: health.swing,
                bias_drift_rad: health.bias_drift_rad,
                heater: health.heater,
                tuning_m: rings.transmit.tuning_m[idx],
                neighbours_w: 0.0,
            };
        }
        self.warm_each_other(plan, rings);
        for (idx, of) in plan.lanes.iter().enumerate() {
            let Some(model) = of.model else { continue };
            let model = &plan.models[model];
            let state = TransmitState {
                neighbours_w: self.modulators.given_w[idx],
                ..self.states[idx]
            };
            let sent = &mut self.sent[idx];
            let followed = self.sent_from[idx].filter(|_| !self.is_every_lane_due);
            let heater_w = followed.and_then(|from| {
                model.follow_heater(&from.state, (from.heater_w, sent.lock), &state)
            });
            self.is_sent_anew[idx] = heater_w.is_none();
            if let Some(heater_w) = heater_w {
                sent.heater_w = heater_w;
            } else {
                *sent = model.transmit(&state);
                self.sent_from[idx] = Some(SentFrom {
                    state,
                    heater_w: sent.heater_w,
                    needed_w: self.modulators.needed_w[idx],
                });
            }
        }
        Ok(())
    }

    /// Settles the heaters of ring modulators that stand beside each other.
    fn warm_each_other(&mut self, plan: &SwitchPlan, rings: &Rings) {
        let rows = &plan.rings.transmit;
        for lane in rows.iter().flat_map(|row| &row.lanes) {
            let Some(model) = plan.lanes[*lane].model else {
                continue;
            };
            let followed = self.sent_from[*lane].as_ref();
            let followed = followed.filter(|_| !self.is_every_lane_due);
            let followed = followed.map(|from| (&from.state, from.needed_w));
            self.modulators.needed_w[*lane] =
                plan.models[model].needed_w(followed, &self.states[*lane]);
        }
        let (sent, states) = (&self.sent, &self.states);
        self.modulators.settle(rows, &rings.transmit, |lane| {
            (states[lane].heater, sent[lane].heater_w)
        });
    }

    /// By how much the laser of a lane is off its described wavelength, m.
    pub(super) fn shift_m(&self, plan: &SwitchPlan, lane: usize) -> f64 {
        let of = &plan.lanes[lane];
        let laser = &self.lasers[of.laser];
        let by_fault_m = laser.input.health.wavelength_m;
        of.model.map_or(by_fault_m, |model| {
            let nominal = plan.models[model].laser();
            let drift = nominal.device.wavelength_drift.value();
            drift * (laser.junction_c - nominal.junction_c) + by_fault_m
        })
    }

    /// Settles the filters of all receivers.
    pub(super) fn tune(&mut self, plan: &SwitchPlan, engines_c: &[f64], rings: &Rings) {
        for (idx, of) in plan.lanes.iter().enumerate() {
            let Some(model) = of.model else { continue };
            let tuning_m = rings.receive.tuning_m[idx];
            self.droppers.needed_w[idx] =
                plan.models[model].filter_needed_w(engines_c[of.engine], tuning_m);
        }
        let filters = &self.filters;
        let heater = |lane: usize| {
            let heater_w = filters[lane].map_or(0.0, |filter| filter.heater_w);
            let is_held = plan.lanes[lane].model.is_none()
                || rings.shifted_by(&plan.rings, Ends::Receive, lane).is_some();
            let act = if is_held {
                HeaterAct::Held(heater_w)
            } else {
                HeaterAct::Locked
            };
            (act, heater_w)
        };
        let rows = &plan.rings.receive;
        self.droppers.settle(rows, &rings.receive, heater);
        for (idx, of) in plan.lanes.iter().enumerate() {
            let Some(model) = of.model else { continue };
            let filter = self.filters[idx];
            let is_moving = rings.shifted_by(&plan.rings, Ends::Receive, idx).is_some();
            let act = match filter {
                Some(filter) if is_moving => HeaterAct::Held(filter.heater_w),
                _ => HeaterAct::Locked,
            };
            let of = &self.droppers;
            self.filters[idx] = plan.models[model].filter(of.needed_w[idx], of.given_w[idx], act);
        }
    }

    /// Forgets from what light was followed: it is followed anew, and those that hear it are told.
    pub(super) fn forget_light(&mut self) {
        self.sent_from.fill(None);
    }

    /// Forgets what receivers decided: what they hear comes from elsewhere.
    pub(super) fn forget_decisions(&mut self) {
        self.decided_from.fill(DecidedFrom::NOTHING);
    }

    /// Takes in what arrives at every lane and decides: `heard` gives, for each lane, the light on its
    /// way to it, with the losses of its way in and of its filter; none where there is no light.
    pub(super) fn receive<'a>(
        &mut self,
        plan: &SwitchPlan,
        engines_c: &[f64],
        lanes: &[LaneHealth],
        heard: impl Fn(usize, f64, f64) -> Option<Incoming<'a>>,
    ) {
        for (idx, (of, health)) in plan.lanes.iter().zip(lanes).enumerate() {
            let Some(model) = of.model else { continue };
            let filter_db = self.filters[idx].map_or(0.0, |filter| filter.loss_db);
            let incoming = heard(idx, of.receive_db + health.receive_db, filter_db);
            let from = DecidedFrom {
                loss_db: incoming.as_ref().map_or(f64::INFINITY, |of| of.loss_db),
                state: ReceiveState {
                    substrate_c: engines_c[of.engine],
                    responsivity: health.responsivity,
                    noise: health.noise,
                    interferer: health.interferer,
                },
            };
            let is_new = self.is_every_lane_due
                || incoming.as_ref().is_some_and(|light| light.is_new)
                || !from.is_like(&self.decided_from[idx]);
            self.is_decided_anew[idx] = is_new;
            if !is_new {
                continue;
            }
            self.decided_from[idx] = from;
            let levels_w = incoming.map_or(DARK, |light| {
                light.model.arrive(light.levels_w, light.loss_db)
            });
            let together = &mut self.batches[of.batch];
            let batch = &mut together.batch;
            self.arrived[idx] = plan.models[model].receive(&levels_w, &from.state, batch, of.place);
            together.due.push(of.place);
        }
        for together in &mut self.batches {
            decide_lanes(&together.batch, &together.due, &mut together.results);
            together.due.clear();
        }
    }

    pub(super) fn saved(&self) -> SavedLight {
        let Self {
            lasers,
            sent,
            arrived,
            filters,
            is_sent_anew: _,
            is_decided_anew: _,
            sent_from,
            decided_from,
            batches,
            states: _,
            modulators: _,
            droppers: _,
            is_every_lane_due,
        } = self;
        let decided = |of: &Together| {
            let results = &of.results;
            let ratios = results.bit_error_ratio.iter().copied();
            ratios.zip(results.q_min.iter().copied()).collect()
        };
        SavedLight {
            lasers: lasers.clone(),
            sent: sent.clone(),
            arrived: arrived.clone(),
            filters: filters.clone(),
            sent_from: sent_from.clone(),
            decided_from: decided_from.clone(),
            decided: batches.iter().map(decided).collect(),
            is_every_lane_due: *is_every_lane_due,
        }
    }

    /// Puts light that was saved in place of its own.
    ///
    /// # Errors
    /// Light of another switch: what is wrong.
    pub(super) fn resume(&mut self, saved: SavedLight) -> Result<(), &'static str> {
        let (n, n_lasers) = (self.sent.len(), self.lasers.len());
        let SavedLight {
            lasers,
            sent,
            arrived,
            filters,
            sent_from,
            decided_from,
            decided,
            is_every_lane_due,
        } = saved;
        let lengths = [
            sent.len(),
            arrived.len(),
            filters.len(),
            sent_from.len(),
            decided_from.len(),
        ];
        let batches = self.batches.iter().zip(&decided);
        let are_batches = decided.len() == self.batches.len()
            && batches
                .clone()
                .all(|(of, saved)| saved.is_empty() || saved.len() == of.batch.len());
        if lasers.len() != n_lasers || lengths.iter().any(|len| *len != n) || !are_batches {
            return Err("light of another number of lanes");
        }
        for (of, saved) in self.batches.iter_mut().zip(decided) {
            if saved.is_empty() {
                continue;
            }
            // Makes room for the results of all lanes.
            decide_lanes(&of.batch, &[], &mut of.results);
            let ratios = of.results.bit_error_ratio.iter_mut();
            for ((ratio, q), saved) in ratios.zip(&mut of.results.q_min).zip(saved) {
                (*ratio, *q) = saved;
            }
        }
        *self = Self {
            lasers,
            sent,
            arrived,
            filters,
            is_sent_anew: vec![false; n],
            is_decided_anew: vec![false; n],
            sent_from,
            decided_from,
            batches: std::mem::take(&mut self.batches),
            states: std::mem::take(&mut self.states),
            modulators: std::mem::take(&mut self.modulators),
            droppers: std::mem::take(&mut self.droppers),
            is_every_lane_due,
        };
        Ok(())
    }

    /// Bit error ratio of the light of a lane alone; one half of a lane that is dark as described.
    pub(super) fn optical_ratio(&self, plan: &SwitchPlan, lane: usize) -> f64 {
        let of = &plan.lanes[lane];
        if of.model.is_none() {
            return 0.5;
        }
        self.batches[of.batch].results.bit_error_ratio[of.place]
    }

    /// Bit error ratio of a lane at the decoder's input, host lanes included, and the Q of its worst
    /// eye; none of a lane that is dark as described.
    pub(super) fn decision(&self, plan: &SwitchPlan, lane: usize) -> Option<(f64, f64)> {
        let of = &plan.lanes[lane];
        let model = &plan.models[of.model?];
        let results = &self.batches[of.batch].results;
        let optical = results.bit_error_ratio[of.place];
        let total = (optical + model.host_ber()).min(0.5);
        Some((total, results.q_min[of.place]))
    }
}

/// `10 log10` of a power over a milliwatt; minus infinity in the dark.
pub(super) fn dbm(watts: f64) -> f64 {
    Decibels::from_ratio(watts / 1e-3).value()
}
