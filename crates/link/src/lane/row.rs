//! Rings of several lanes beside each other: the heat that their heaters give each other, and the
//! channels that they serve.
//!
//! A row is the rings of one fibre in the order of their wavelengths, where a fibre has several, and
//! else the rings of an engine in the order of its lanes: they stand side by side, each on a guide of
//! its own. At rest each ring serves its own channel where all rings of the row can hold it; where
//! they cannot, and the control is described as able to shift them, they serve the channels that take
//! least power.

use std::collections::BTreeMap;

use photonics::heater::{Bus, RowHeater, barrel_shift, holds, settle_row};
use system::parts::{Demultiplexer, Modulator};
use system::{MediaLaneId, System};
use units::derivation::Call;
use units::{Celsius, Derived, Meters, MetersPerWatt, Watts};

use super::derivation::ROW;
use super::{LaneDesign, LaneFault, Lanes};
use crate::element::Element;

/// Lanes whose rings stand in a row, in the order in which they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RingRow {
    /// The lanes; in rising order of wavelength on a bus.
    pub lanes: Vec<MediaLaneId>,
    /// Whether they are the wavelengths of one fibre.
    pub is_bus: bool,
}

/// The rows of all rings of a system.
pub fn ring_rows(system: &System) -> Vec<RingRow> {
    let mut rows = Vec::new();
    for entity in &system.engines {
        let engine = &system.description.engine[entity.group].value;
        let has_rings = matches!(engine.modulator, Modulator::RingModulator(_))
            || matches!(engine.demultiplexer, Some(Demultiplexer::RingFilter(_)));
        if !has_rings {
            continue;
        }
        let lanes: Vec<MediaLaneId> = entity.media_lanes.clone().map(MediaLaneId).collect();
        let n = engine.wavelengths_per_fibre.max(1) as usize;
        let is_bus = n > 1 && engine.channel_spacing.is_some();
        if n == 1 {
            rows.push(RingRow { lanes, is_bus });
            continue;
        }
        // The grid counts frequencies up, and so wavelengths down.
        rows.extend(lanes.chunks(n).map(|lanes| RingRow {
            lanes: lanes.iter().rev().copied().collect(),
            is_bus,
        }));
    }
    rows
}

/// What the heater of a ring needs without its neighbours.
#[derive(Debug, Clone)]
pub(crate) struct RingNeed {
    pub(crate) power: Derived<Watts>,
    pub(crate) efficiency: Derived<MetersPerWatt>,
    /// Share that neighbours see.
    pub(crate) share: Derived<f64>,
    /// Least and greatest power.
    pub(crate) limits: (Watts, Watts),
    pub(crate) substrate: Celsius,
    /// Its channel and its free spectral range, where its control may shift it.
    pub(crate) channel: Option<(Derived<Meters>, Derived<Meters>)>,
}

impl RingNeed {
    fn heater(&self) -> RowHeater {
        RowHeater {
            alone_w: self.power.value().value(),
            low_w: self.limits.0.value(),
            high_w: self.limits.1.value(),
        }
    }
}

/// Powers of the heaters of one lane, each in its place of its row; none where there is no ring that
/// is held.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct LaneHeaters {
    /// Of its modulator.
    pub transmit: Option<Watts>,
    /// Of the ring that drops its wavelength at the far end.
    pub receive: Option<Watts>,
}

/// A row that has settled, by the lanes of its rings.
struct Settled {
    /// By how many channels the rings are shifted.
    steps: i32,
    /// What each lane's heater needs alone, after the shift, W.
    alone: Vec<Option<Derived<Watts>>>,
    /// How much farther its ring is tuned.
    shift: Vec<Meters>,
    powers_w: Vec<f64>,
    /// Rings that are not held: what they would need, W.
    unheld: Vec<Option<f64>>,
}

/// Settles a row of lanes with these needs.
fn settle(needs: &[Option<&RingNeed>]) -> Settled {
    let n = needs.len();
    let share = needs.iter().flatten().map(|need| need.share.value());
    let share = share.fold(0.0, f64::max);
    let heater = |need: Option<&RingNeed>| need.map_or(RowHeater::held(0.0), RingNeed::heater);
    let mut row: Vec<RowHeater> = needs.iter().copied().map(heater).collect();
    let mut powers_w = vec![0.0; n];
    settle_row(share, &row, &mut powers_w);
    let all_hold =
        |row: &[RowHeater], powers_w: &[f64]| (0..n).all(|ring| holds(share, row, powers_w, ring));
    let (mut steps, mut ring_of): (i32, Vec<usize>) = (0, (0..n).collect());
    let mut shift = vec![Meters::new(0.0); n];
    let mut alone: Vec<Option<Derived<Watts>>> = needs
        .iter()
        .map(|need| need.map(|need| need.power.clone()))
        .collect();
    let channels: Option<Vec<_>> = needs
        .iter()
        .map(|need| need.as_ref()?.channel.clone())
        .collect();
    if let (false, Some(channels)) = (all_hold(&row, &powers_w), channels) {
        let lambda: Vec<f64> = channels.iter().map(|of| of.0.value().value()).collect();
        let first = needs[0].expect("every lane has a channel");
        let bus = Bus {
            channels_m: &lambda,
            fsr_m: channels[0].1.value().value(),
            m_per_w: first.efficiency.value().value(),
            share,
        };
        let own_w: Vec<f64> = row.iter().map(|heater| heater.alone_w).collect();
        steps = bus.least_power(&own_w, &row).unwrap_or(0);
        let own = row.clone();
        for ring in 0..n {
            let (lane, shift_m) = barrel_shift(&lambda, bus.fsr_m, ring, steps);
            ring_of[lane] = ring;
            shift[lane] = Meters::new(shift_m);
            let need = needs[lane].expect("every lane has a channel");
            if steps != 0 {
                let orders = i32::try_from(ring).unwrap_or(0) + steps;
                let orders = orders.div_euclid(i32::try_from(n).unwrap_or(1));
                let (to, from) = (channels[lane].0.clone(), channels[ring].0.clone());
                let on = to - from + channels[0].1.clone() * f64::from(orders);
                let on = on.named("shift to the channel that the ring serves");
                alone[lane] = Some(need.power.clone() + on / need.efficiency.clone());
            }
            row[ring] = RowHeater {
                alone_w: alone[lane].as_ref().map_or(0.0, |of| of.value().value()),
                ..own[ring]
            };
        }
        settle_row(share, &row, &mut powers_w);
    }
    let mut unheld = vec![None; n];
    // A ring that is not held is dark and warms nobody, which may cost its neighbours their hold.
    while !all_hold(&row, &powers_w) {
        for ring in 0..n {
            if !holds(share, &row, &powers_w, ring) {
                let warmed = photonics::heater::from_neighbours_w(share, &powers_w, ring);
                unheld[ring] = Some(row[ring].alone_w - warmed);
            }
        }
        for (heater, unheld) in row.iter_mut().zip(&unheld) {
            if unheld.is_some() {
                *heater = RowHeater::held(0.0);
            }
        }
        settle_row(share, &row, &mut powers_w);
    }
    Settled {
        steps,
        alone,
        shift,
        powers_w: ring_of.iter().map(|ring| powers_w[*ring]).collect(),
        unheld: ring_of.iter().map(|ring| unheld[*ring]).collect(),
    }
}

/// Mean power of the heaters of each design of a row, as an expression of what they need alone.
fn mean_powers(
    needs: &[Option<&RingNeed>],
    settled: &Settled,
    design_at: &[usize],
) -> BTreeMap<usize, Derived<Watts>> {
    let n = needs.len();
    let share = needs.iter().flatten().map(|need| &need.share);
    let Some(share) = share.max_by(|a, b| a.value().total_cmp(&b.value())) else {
        return BTreeMap::new();
    };
    // Of equal designs one stands for all.
    let held: Vec<Option<usize>> = (0..n)
        .map(|at| {
            let is_held = settled.alone[at].is_some() && settled.unheld[at].is_none();
            is_held.then_some(design_at[at])
        })
        .collect();
    let mut place_of: BTreeMap<usize, usize> = BTreeMap::new();
    let mut inputs = vec![share.node().clone()];
    for (at, design) in held.iter().enumerate() {
        let (Some(design), Some(alone)) = (design, &settled.alone[at]) else {
            continue;
        };
        place_of.entry(*design).or_insert_with(|| {
            inputs.push(alone.node().clone());
            inputs.len() - 2
        });
    }
    let ring_of = ring_order(n, settled.steps);
    // By ring: the place of what its lane needs.
    let mut needed: Vec<Option<usize>> = vec![None; n];
    for (lane, design) in held.iter().enumerate() {
        needed[ring_of[lane]] = design.map(|design| place_of[&design]);
    }
    let n_designs = place_of.len();
    let mean = move |x: &[f64]| {
        let heater = |place: Option<usize>| match place {
            // Rails were asked before: this is the solution of the equations.
            Some(place) => RowHeater {
                alone_w: x[1 + place],
                low_w: f64::NEG_INFINITY,
                high_w: f64::INFINITY,
            },
            None => RowHeater::held(0.0),
        };
        let row: Vec<RowHeater> = needed.iter().copied().map(heater).collect();
        let mut powers_w = vec![0.0; row.len()];
        settle_row(x[0], &row, &mut powers_w);
        let mut sums = vec![(0.0, 0.0); n_designs];
        for (place, power_w) in needed.iter().zip(&powers_w) {
            if let Some(place) = place {
                sums[*place].0 += power_w;
                sums[*place].1 += 1.0;
            }
        }
        sums.into_iter()
            .map(|(sum, n)| sum / n)
            .collect::<Vec<f64>>()
    };
    let values: Vec<f64> = inputs.iter().map(|node| node.si).collect();
    let results = mean(&values);
    let call = Call::recorded(&ROW, inputs, results, move |x| Ok(mean(x)));
    place_of
        .into_iter()
        .map(|(design, place)| (design, call.result(place)))
        .collect()
}

/// The ring that serves each lane of a bus.
fn ring_order(n: usize, steps: i32) -> Vec<usize> {
    let lanes = vec![0.0; n];
    let mut ring_of = vec![0; n];
    for ring in 0..n {
        ring_of[barrel_shift(&lanes, 0.0, ring, steps).0] = ring;
    }
    ring_of
}

/// The rings of a lane: its modulator, and the one at the far end that drops its wavelength.
#[derive(Clone, Copy, PartialEq)]
enum Which {
    Modulator,
    Filter,
}

impl Which {
    fn need(self, design: &LaneDesign) -> Option<&RingNeed> {
        match self {
            Self::Modulator => design.derivation.modulator_need.as_ref(),
            Self::Filter => design.derivation.filter_need.as_ref(),
        }
    }
}

/// Puts what the rows of rings make of their heaters into the designs of their lanes. Designs of
/// several rows are told apart where the rows are of different lanes.
pub(super) fn settle_rows(system: &System, lanes: &mut Lanes) {
    lanes.heaters = vec![LaneHeaters::default(); lanes.design_of.len()];
    let has_needs = |design: &LaneDesign| {
        let ways = std::iter::once(design).chain(design.back.as_deref());
        let mut ways = ways.map(|of| &of.derivation);
        ways.any(|of| of.modulator_need.is_some() || of.filter_need.is_some())
    };
    if !lanes.designs.iter().any(has_needs) {
        return;
    }
    let mut row_of: Vec<Option<(usize, usize)>> = vec![None; lanes.design_of.len()];
    let mut classes: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
    let mut settled: Vec<(BTreeMap<usize, LaneDesign>, Vec<LaneHeaters>)> = Vec::new();
    for row in ring_rows(system) {
        let key: Vec<usize> = row
            .lanes
            .iter()
            .map(|of| lanes.design_of[of.index()])
            .collect();
        let class = *classes.entry(key.clone()).or_insert_with(|| {
            settled.push(settle_class(&key, &lanes.designs));
            settled.len() - 1
        });
        for (place, lane) in row.lanes.iter().enumerate() {
            row_of[lane.index()] = Some((class, place));
        }
    }
    let (mut designs, mut kind_of) = (Vec::new(), Vec::new());
    let mut known: BTreeMap<(usize, Option<usize>), usize> = BTreeMap::new();
    for (lane, of_row) in row_of.into_iter().enumerate() {
        let base = lanes.design_of[lane];
        let class = of_row.map(|(class, _)| class);
        lanes.design_of[lane] = *known.entry((base, class)).or_insert_with(|| {
            let of_class = class.and_then(|class| settled[class].0.remove(&base));
            designs.push(of_class.unwrap_or_else(|| lanes.designs[base].clone()));
            kind_of.push(lanes.kind_of[base]);
            designs.len() - 1
        });
        if let Some((class, place)) = of_row {
            lanes.heaters[lane] = settled[class].1[place];
        }
    }
    (lanes.designs, lanes.kind_of) = (designs, kind_of);
}

/// The designs of one row, with its heat, and the heaters of each place.
pub(super) fn settle_class(
    key: &[usize],
    designs: &[LaneDesign],
) -> (BTreeMap<usize, LaneDesign>, Vec<LaneHeaters>) {
    let mut of_row: BTreeMap<usize, LaneDesign> = key
        .iter()
        .map(|base| (*base, designs[*base].clone()))
        .collect();
    let mut heaters = vec![LaneHeaters::default(); key.len()];
    let n_designs = of_row.len();
    for which in [Which::Modulator, Which::Filter] {
        let mut out = of_row
            .iter_mut()
            .map(|(base, design)| (*base, design))
            .collect();
        let powers = settle_one_way(key, &mut out, which);
        for (heaters, power) in heaters.iter_mut().zip(powers) {
            match which {
                Which::Modulator => heaters.transmit = power,
                Which::Filter => heaters.receive = power,
            }
        }
    }
    for which in [Which::Modulator, Which::Filter] {
        let mut back: BTreeMap<usize, &mut LaneDesign> = of_row
            .iter_mut()
            .filter_map(|(base, design)| Some((*base, design.back.as_deref_mut()?)))
            .collect();
        if back.len() == n_designs {
            settle_one_way(key, &mut back, which);
        }
    }
    (of_row, heaters)
}

fn settle_one_way(
    key: &[usize],
    designs: &mut BTreeMap<usize, &mut LaneDesign>,
    which: Which,
) -> Vec<Option<Watts>> {
    let (settled, means) = {
        let needs: Vec<Option<&RingNeed>> =
            key.iter().map(|base| which.need(designs[base])).collect();
        if needs.iter().all(Option::is_none) {
            return vec![None; key.len()];
        }
        let settled = settle(&needs);
        let means = mean_powers(&needs, &settled, key);
        (settled, means)
    };
    for (base, design) in designs.iter_mut() {
        let places = || (0..key.len()).filter(|place| key[*place] == *base);
        let Some(need) = which.need(design) else {
            continue;
        };
        if let Some(needed_w) = places().find_map(|place| settled.unheld[place]) {
            let fault = LaneFault::RingUnlocked {
                needed: Watts::new(needed_w),
                low: need.limits.0,
                high: need.limits.1,
                substrate: need.substrate,
            };
            darken(design, which, fault);
            continue;
        }
        let (Some(mean), Some(first)) = (means.get(base), places().next()) else {
            continue;
        };
        let power = mean.clone().named("heater of a ring");
        let derivation = &mut design.derivation;
        let heater = match which {
            Which::Modulator => {
                derivation.tuning_power = Some(power.clone());
                let modulator = design.modulator.as_mut();
                modulator.and_then(|of| {
                    of.tuning_power = power.value();
                    of.heater.as_mut()
                })
            }
            Which::Filter => {
                derivation.filter_power = Some(power.clone());
                design.filter_heater.as_mut()
            }
        };
        if let Some(heater) = heater {
            heater.power = power.value();
            heater.shift += settled.shift[first];
            heater.channels = settled.steps;
        }
    }
    let held = |place: usize| settled.alone[place].is_some() && settled.unheld[place].is_none();
    (0..key.len())
        .map(|place| held(place).then(|| Watts::new(settled.powers_w[place])))
        .collect()
}

/// A design whose ring is not held carries nothing from there on.
fn darken(design: &mut LaneDesign, which: Which, fault: LaneFault) {
    let ends_at = match which {
        Which::Modulator => Element::Modulator,
        Which::Filter => Element::Demultiplexer,
    };
    let planes = &mut design.planes.0;
    if let Some(end) = planes.iter().position(|plane| plane.element == ends_at) {
        planes.truncate(end);
    }
    let derivation = &mut design.derivation;
    let planes = &mut derivation.planes;
    if let Some(end) = planes.iter().position(|plane| plane.element == ends_at) {
        planes.truncate(end);
    }
    if which == Which::Modulator {
        design.modulator = None;
        derivation.filter_need = None;
        derivation.extinction_ratio = None;
        derivation.tuning_power = None;
        derivation.modulator_bandwidth = None;
    }
    design.filter_heater = None;
    derivation.filter_power = None;
    derivation.pre_fec_ber = None;
    derivation.ln_codeword_error_ratio = None;
    derivation.margin = None;
    (design.equaliser, design.reception) = (None, None);
    if design.outcome.is_ok() || design.outcome == Err(LaneFault::NotDecided) {
        design.outcome = Err(fault);
    }
}
