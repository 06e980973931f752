//! What the spreads of the parts' figures do to a system: many draws, each an exact solution.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use link::{Element, LaneDesign, Lanes, Margin};
use rayon::prelude::*;
use system::{MediaLaneId, PortId, System};
use units::{DbMilliwatts, Watts};

use crate::figures::derived_power;
use crate::influence::{Influence, influences};
use crate::spread::Quantiles;
use crate::steady::SteadyState;
use crate::yields::{LaneYield, LinkYield, PortYield, Share, product};

/// Draws between two looks at the flag that stops them.
const CHUNK: u64 = 128;
/// What stands for the logarithm of an error ratio below the smallest number.
const LEAST_LOG10: f64 = -307.0;

/// The numbers that are drawn, with their units; "worst" is the lane with the most codeword
/// errors, in the direction that is worse off.
pub(crate) const METRICS: [&str; 22] = [
    "engine_w",
    "engine_interface_w",
    "dsp_w",
    "tuning_w",
    "laser_w",
    "optics_conversion_w",
    "module_w",
    "serdes_w",
    "serdes_conversion_w",
    "port_w",
    "optics_w",
    "asic_w",
    "overhead_w",
    "supply_loss_w",
    "switch_w",
    "facility_w",
    "module_pj_per_bit",
    "port_pj_per_bit",
    "rx_power_dbm",
    "rx_oma_dbm",
    "pre_fec_ber_log10",
    "post_fec_cer_log10",
];
/// Place of the module's power among them.
pub(crate) const MODULE_POWER: usize = 6;

/// How many draws to make, and what to tell meanwhile.
#[derive(Clone, Copy)]
pub struct SamplePlan<'a> {
    /// Seed of the draws.
    pub seed: u64,
    /// Draws.
    pub n: u64,
    /// Set from outside, it ends the drawing after the draws under way.
    pub stop: &'a AtomicBool,
    /// Told now and then how many draws are done.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

impl std::fmt::Debug for SamplePlan<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SamplePlan")
            .field("seed", &self.seed)
            .field("n", &self.n)
            .finish_non_exhaustive()
    }
}

impl SamplePlan<'static> {
    /// A plan that runs to its end and tells nothing.
    pub fn quiet(seed: u64, n: u64) -> Self {
        static NEVER: AtomicBool = AtomicBool::new(false);
        Self {
            seed,
            n,
            stop: &NEVER,
            progress: &|_| {},
        }
    }
}

/// The light after one element over all lit draws.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlaneQuantiles {
    /// The element just passed.
    pub element: Element,
    /// Its loss of mean power.
    pub loss_db: Quantiles,
    /// Mean power after it.
    pub average_dbm: Quantiles,
    /// Outer modulation amplitude after it; none before the modulator.
    pub oma_dbm: Option<Quantiles>,
}

/// Why draws leave lanes dark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DarkReason {
    /// What went wrong.
    pub kind: &'static str,
    /// In how many draws it was the first thing to go wrong.
    pub n: usize,
    /// The words of the first of them.
    pub example: String,
}

/// Quantiles of the worst lane's margin over all draws. A dark draw and one that no power would
/// close lie below every finite margin, one that closes at any power above; where a quantile
/// falls among those there is none.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct MarginQuantiles {
    /// Fifth percentile.
    pub p5: Option<f64>,
    /// Median.
    pub p50: Option<f64>,
    /// Ninety-fifth percentile.
    pub p95: Option<f64>,
}

impl MarginQuantiles {
    fn of(margins_db: Vec<f64>) -> Option<Self> {
        let Quantiles { p5, p50, p95 } = Quantiles::of(margins_db)?;
        let finite = |x: f64| x.is_finite().then_some(x);
        Some(Self {
            p5: finite(p5),
            p50: finite(p50),
            p95: finite(p95),
        })
    }

    /// The quantiles, where all three exist.
    pub fn all(&self) -> Option<Quantiles> {
        Some(Quantiles {
            p5: self.p5?,
            p50: self.p50?,
            p95: self.p95?,
        })
    }
}

/// What a number of draws from the spreads of all parts gave.
///
/// A draw is a pure function of seed and number, so the result does not depend on the number of
/// threads, and one that was stopped after n draws is the result of n draws.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampled {
    /// Seed of the draws.
    pub seed: u64,
    /// Draws that were asked for.
    pub n_asked: u64,
    /// Draws that were made; fewer when they were stopped.
    pub n_done: u64,
    /// Draws that leave a lane dark, or whose heat has no answer. They count in [`Sampled::yields`] and [`Sampled::margin`] and
    /// nowhere else: a switch that does not work takes no representative power.
    pub n_dark: usize,
    /// Why, most frequent first.
    pub dark: Vec<DarkReason>,
    /// Lit draws whose worst lane no power would close.
    pub n_unreachable: usize,
    /// Lit draws whose worst lane closes at any power.
    pub n_met_throughout: usize,
    /// The nominally worst lane, whose planes follow.
    pub lane: Option<MediaLaneId>,
    /// The light of that lane over the lit draws.
    pub planes: Vec<PlaneQuantiles>,
    /// Margin of the worst lane of each lit draw where it is finite, in the order of the draws.
    pub margins_db: Vec<f64>,
    /// Quantiles of the margin over all draws; none without optical lanes.
    pub margin: Option<MarginQuantiles>,
    /// Quantiles of each number over the lit draws, by key.
    pub metrics: Vec<(&'static str, Quantiles)>,
    /// How often lanes and ports close.
    pub yields: LinkYield,
    /// What each value with a spread does, strongest first; filled by
    /// [`Sampled::find_influences`].
    pub influences: Vec<Influence>,
    outputs: Outputs,
}

/// Results of each draw, for the influences.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Outputs {
    /// Finite margin of the worst lane.
    pub(crate) margin_db: Vec<Option<f64>>,
    /// Power of a module, where the draw is lit.
    pub(crate) module_w: Vec<Option<f64>>,
    /// Whether all lanes close.
    pub(crate) closes: Vec<bool>,
}

/// One draw, or the nominal system.
pub(crate) struct Row {
    /// Whether each kind of lane closes.
    closes: Vec<bool>,
    pub(crate) lit: Result<LitRow, (&'static str, String)>,
}

/// A draw that lights every lane.
pub(crate) struct LitRow {
    /// None without an optical port.
    metrics: Option<[f64; METRICS.len()]>,
    /// Of the worst lane.
    margin: Option<Margin>,
    /// Loss, mean power and amplitude (not a number before the modulator) of each plane.
    planes: Vec<[f32; 3]>,
}

impl LitRow {
    pub(crate) fn margin_db(&self) -> Option<f64> {
        self.margin?.signed().map(units::Decibels::value)
    }

    pub(crate) fn module_w(&self) -> Option<f64> {
        self.metrics.map(|metrics| metrics[MODULE_POWER])
    }
}

/// The kinds of lanes and ports of a system: what has to be looked at in each draw.
pub(crate) struct Kinds {
    /// One lane of each kind, and how many there are.
    lanes: Vec<(MediaLaneId, usize)>,
    /// One port of each kind, how many there are, and the kinds of its lanes.
    ports: Vec<(PortId, usize, Vec<usize>)>,
    /// The kind that is nominally worst.
    worst: Option<usize>,
}

impl Kinds {
    pub(crate) fn new(system: &System, nominal: &SteadyState) -> Self {
        // Lanes of one group of ports, one group of engines and one wavelength share everything.
        let mut kind_of: BTreeMap<(usize, usize, usize), usize> = BTreeMap::new();
        let mut lanes: Vec<(MediaLaneId, usize)> = Vec::new();
        let mut port_of: BTreeMap<(usize, Vec<usize>), usize> = BTreeMap::new();
        let mut ports: Vec<(PortId, usize, Vec<usize>)> = Vec::new();
        for (port_idx, port) in system.ports.iter().enumerate() {
            let mut of_port: Vec<usize> = port
                .media_lanes
                .iter()
                .map(|id| {
                    let lane = &system.media_lanes[id.index()];
                    let engine = system.engines[lane.engine.index()].group;
                    let key = (port.group, engine, lane.wavelength.index());
                    let kind = *kind_of.entry(key).or_insert_with(|| {
                        lanes.push((*id, 0));
                        lanes.len() - 1
                    });
                    lanes[kind].1 += 1;
                    kind
                })
                .collect();
            if of_port.is_empty() {
                continue;
            }
            of_port.sort_unstable();
            let known = *port_of
                .entry((port.group, of_port.clone()))
                .or_insert_with(|| {
                    ports.push((PortId::from_index(port_idx), 0, of_port));
                    ports.len() - 1
                });
            ports[known].1 += 1;
        }
        let worst = worst_of(&lanes, &nominal.lanes);
        Self {
            lanes,
            ports,
            worst,
        }
    }

    /// Looks at a solved system.
    pub(crate) fn row(&self, system: &System, state: &SteadyState) -> Row {
        if let Some(Err(fault)) = &state.heat {
            return Row {
                closes: vec![false; self.lanes.len()],
                lit: Err((fault.kind(), fault.to_string())),
            };
        }
        let designs = || self.lanes.iter().map(|(lane, _)| state.lanes.design(*lane));
        let closes = designs()
            .map(|design| {
                let worse = design.worse();
                worse.outcome.as_ref().is_ok_and(link::Solution::closes)
            })
            .collect();
        let fault = designs().find_map(|design| design.worse().outcome.as_ref().err());
        let lit = match fault {
            Some(fault) => Err((fault.kind(), fault.to_string())),
            None => Ok(self.lit_row(system, state)),
        };
        Row { closes, lit }
    }

    fn lit_row(&self, system: &System, state: &SteadyState) -> LitRow {
        let worst =
            worst_of(&self.lanes, &state.lanes).map(|kind| state.lanes.design(self.lanes[kind].0));
        let shown = self
            .worst
            .map(|kind| state.lanes.design(self.lanes[kind].0));
        LitRow {
            metrics: worst.and_then(|design| metrics(system, state, design)),
            margin: worst.and_then(|design| Some(design.worse().outcome.as_ref().ok()?.margin)),
            planes: shown.map_or_else(Vec::new, |design| {
                let planes = design.planes.0.iter();
                planes
                    .map(|plane| {
                        [
                            plane.loss.value(),
                            plane.average.value(),
                            plane.oma.map_or(f64::NAN, DbMilliwatts::value),
                        ]
                        .map(stored)
                    })
                    .collect()
            }),
        }
    }
}

/// Decibels keep six digits when they are stored.
#[expect(clippy::cast_possible_truncation, reason = "storage, as said")]
fn stored(db: f64) -> f32 {
    db as f32
}

/// The kind of lane with the most codeword errors; a dark one comes first.
fn worst_of(kinds: &[(MediaLaneId, usize)], lanes: &Lanes) -> Option<usize> {
    let errors = |kind: usize| {
        let outcome = &lanes.design(kinds[kind].0).worse().outcome;
        outcome
            .as_ref()
            .map_or(f64::INFINITY, |solution| solution.ln_codeword_error_ratio)
    };
    // Of equal ones the first, so that the answer does not hang on their number.
    (0..kinds.len())
        .rev()
        .max_by(|a, b| errors(*a).total_cmp(&errors(*b)))
}

fn metrics(
    system: &System,
    state: &SteadyState,
    worst: &LaneDesign,
) -> Option<[f64; METRICS.len()]> {
    let power = derived_power(system, state)?.values();
    let solution = worst.worse().outcome.as_ref().ok()?;
    let received = worst.incoming().planes.last()?;
    let port = &power.port;
    let watts = [
        port.engine,
        port.engine_interface,
        port.dsp,
        port.tuning,
        port.laser,
        port.optics_conversion,
        port.module(),
        port.serdes,
        port.serdes_conversion,
        port.port(),
        power.optics,
        power.asic,
        power.overhead,
        power.supply_loss,
        power.switch,
        power.facility,
    ]
    .map(Watts::value);
    let pj_per_bit = |watts: Watts| power.per_bit(watts).value() * 1e12;
    let others = [
        pj_per_bit(port.module()),
        pj_per_bit(port.port()),
        received.average.value(),
        received.oma.unwrap_or_default().value(),
        solution.pre_fec_ber().log10().max(LEAST_LOG10),
        solution.ln_codeword_error_ratio / std::f64::consts::LN_10,
    ];
    let mut all = [0.0; METRICS.len()];
    let (first, last) = all.split_at_mut(watts.len());
    first.copy_from_slice(&watts);
    last.copy_from_slice(&others);
    Some(all)
}

impl Sampled {
    /// Draws a system, whose nominal state is given, on all cores.
    pub fn new(system: &System, nominal: &SteadyState, plan: &SamplePlan<'_>) -> Self {
        let kinds = Kinds::new(system, nominal);
        let mut rows: Vec<Row> = Vec::new();
        let mut n_done = 0;
        while n_done < plan.n && !plan.stop.load(Ordering::Relaxed) {
            let end = plan.n.min(n_done + CHUNK);
            rows.par_extend((n_done..end).into_par_iter().map(|tick| {
                let drawn = system.drawn(plan.seed, tick);
                kinds.row(&drawn, &SteadyState::solve_drawn(&drawn, nominal))
            }));
            n_done = end;
            (plan.progress)(n_done);
        }
        Self::of_rows(&kinds, nominal, plan, n_done, &rows)
    }

    fn of_rows(
        kinds: &Kinds,
        nominal: &SteadyState,
        plan: &SamplePlan<'_>,
        n_done: u64,
        rows: &[Row],
    ) -> Self {
        let lit = || rows.iter().filter_map(|row| row.lit.as_ref().ok());
        let margins = || lit().filter_map(|row| row.margin);
        let column = |idx: usize| -> Vec<f64> {
            lit()
                .filter_map(|row| row.metrics.map(|metrics| metrics[idx]))
                .collect()
        };
        let metrics = METRICS
            .iter()
            .enumerate()
            .filter_map(|(idx, key)| Some((*key, Quantiles::of(column(idx))?)))
            .collect();
        let ordered: Vec<f64> = rows.iter().filter_map(margin_in_order).collect();
        let lane = kinds.worst.map(|kind| kinds.lanes[kind].0);
        Self {
            seed: plan.seed,
            n_asked: plan.n,
            n_done,
            n_dark: rows.len() - lit().count(),
            dark: dark_reasons(rows),
            n_unreachable: margins()
                .filter(|margin| matches!(margin, Margin::Unreachable { .. }))
                .count(),
            n_met_throughout: margins()
                .filter(|margin| matches!(margin, Margin::MetThroughout))
                .count(),
            lane,
            planes: lane.map_or_else(Vec::new, |lane| {
                planes(nominal.lanes.design(lane), &lit().collect::<Vec<_>>())
            }),
            margins_db: lit().filter_map(LitRow::margin_db).collect(),
            margin: MarginQuantiles::of(ordered),
            metrics,
            yields: yields(kinds, rows),
            influences: Vec::new(),
            outputs: Outputs {
                margin_db: rows
                    .iter()
                    .map(|row| row.lit.as_ref().ok()?.margin_db())
                    .collect(),
                module_w: rows
                    .iter()
                    .map(|row| row.lit.as_ref().ok()?.module_w())
                    .collect(),
                closes: rows
                    .iter()
                    .map(|row| row.closes.iter().all(|closes| *closes))
                    .collect(),
            },
        }
    }

    /// The quantiles of one number by its key.
    pub fn metric(&self, key: &str) -> Option<Quantiles> {
        self.metrics
            .iter()
            .find_map(|(known, quantiles)| (*known == key).then_some(*quantiles))
    }

    /// Finds out what each value with a spread does to margin and power: its share of their
    /// variance from the draws that are there, and the results at its own fifth and ninety-fifth
    /// percentile with everything else nominal, which takes two exact solutions for each value.
    pub fn find_influences(&mut self, system: &System, nominal: &SteadyState) {
        self.influences = influences(system, nominal, self.seed, &self.outputs);
    }
}

/// The margin as a number that sorts; none for a system without optical lanes.
fn margin_in_order(row: &Row) -> Option<f64> {
    let Ok(lit) = &row.lit else {
        return Some(f64::NEG_INFINITY);
    };
    Some(match lit.margin? {
        Margin::MetThroughout => f64::INFINITY,
        Margin::Unreachable { .. } => f64::NEG_INFINITY,
        margin => margin.signed()?.value(),
    })
}

fn dark_reasons(rows: &[Row]) -> Vec<DarkReason> {
    let mut reasons: Vec<DarkReason> = Vec::new();
    for (kind, example) in rows.iter().filter_map(|row| row.lit.as_ref().err()) {
        match reasons.iter_mut().find(|reason| reason.kind == *kind) {
            Some(reason) => reason.n += 1,
            None => reasons.push(DarkReason {
                kind,
                n: 1,
                example: example.clone(),
            }),
        }
    }
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.n));
    reasons
}

fn planes(nominal: &LaneDesign, lit: &[&LitRow]) -> Vec<PlaneQuantiles> {
    // A lane that is dark nominally has a part of its planes only; those of the draws tell.
    let elements = nominal.planes.0.iter().map(|plane| plane.element);
    let column = |idx: usize, of: usize| -> Vec<f64> {
        lit.iter()
            .filter_map(|row| row.planes.get(idx))
            .map(|plane| f64::from(plane[of]))
            .filter(|db| !db.is_nan())
            .collect()
    };
    elements
        .enumerate()
        .filter_map(|(idx, element)| {
            Some(PlaneQuantiles {
                element,
                loss_db: Quantiles::of(column(idx, 0))?,
                average_dbm: Quantiles::of(column(idx, 1))?,
                oma_dbm: Quantiles::of(column(idx, 2)),
            })
        })
        .collect()
}

fn yields(kinds: &Kinds, rows: &[Row]) -> LinkYield {
    let n = rows.len() as u64;
    let share = |is_closed: &dyn Fn(&Row) -> bool| {
        Share::of(rows.iter().filter(|row| is_closed(row)).count() as u64, n)
    };
    let closes: Vec<Share> = (0..kinds.lanes.len())
        .filter_map(|kind| share(&|row| row.closes[kind]))
        .collect();
    if closes.is_empty() {
        return LinkYield::default();
    }
    let lanes = kinds.lanes.iter().zip(&closes);
    let ports = kinds.ports.iter().filter_map(|(port, n_ports, lanes)| {
        Some(PortYield {
            port: *port,
            n_ports: *n_ports,
            n_lanes: lanes.len(),
            together: share(&|row| lanes.iter().all(|kind| row.closes[*kind]))?,
            independent: product(lanes.iter().map(|kind| closes[*kind])),
        })
    });
    LinkYield {
        lanes: lanes
            .map(|((lane, n_lanes), closes)| LaneYield {
                lane: *lane,
                n_lanes: *n_lanes,
                closes: *closes,
            })
            .collect(),
        ports: ports.collect(),
    }
}
