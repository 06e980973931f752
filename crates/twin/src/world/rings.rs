//! Rings beside each other in time: the heat that their heaters give each other, and the channels that
//! they serve.
//!
//! In every step the heaters of a row are settled together ([`photonics::heater::settle_row`]), with
//! the powers of the step before as a guess: a loop takes out what its neighbours do long before a
//! step is over.
//!
//! Where a ring of a bus meets a rail and the control is described as able to shift them, all rings of
//! the bus go to the channels at which all of them hold with least power and with the described
//! reserve. A lane keeps its wavelength and its host lanes; another ring then serves it, and finds its
//! lock in the lock time of the engine. The reserve, and the overlap of the ranges in which two
//! neighbouring shifts hold, keep a bus from going back and forth.

use link::{HeaterAct, LaneModel, LockState, RowRing};
use photonics::heater::{Bus, RowHeater, barrel_shift, from_neighbours_w, settle_row};
use serde::{Deserialize, Serialize};
use system::parts::{Demultiplexer, Modulator};
use system::{EntityKind, MediaLaneId, System};

use super::event::{EventId, What};
use super::plan::{LanePlan, SwitchPlan};
use super::power::Pace;
use super::switch::Switch;
use crate::steady::SteadyState;

/// Most shifts of all buses together on the way to rest.
const MAX_SHIFTS_AT_REST: usize = 1000;

/// What rings do: modulate, or drop wavelengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    Transmit,
    Receive,
}

/// Rings in a row that warm each other or may serve other channels.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RowPlan {
    /// The lanes that the rings are made for, in the order of the rings.
    pub(super) lanes: Vec<usize>,
    engine: usize,
    pub(super) share: f64,
    pub(super) m_per_w: f64,
    rail_w: f64,
    reserve_w: f64,
    bus: Option<BusPlan>,
    /// By how many channels they are shifted in the steady state.
    steps: i32,
}

#[derive(Debug, Clone, PartialEq)]
struct BusPlan {
    channels_m: Vec<f64>,
    fsr_m: f64,
    /// By how many channels the rings are shifted for which the models of the lanes are made.
    designed: Vec<i32>,
}

impl RowPlan {
    /// The place of the lane that a ring serves.
    fn served(&self, ring: usize, steps: i32) -> usize {
        match &self.bus {
            Some(bus) => barrel_shift(&bus.channels_m, bus.fsr_m, ring, steps).0,
            None => ring,
        }
    }

    /// How much farther the ring that serves each place is tuned than one at its own channel, m.
    fn shifts_m(&self, steps: i32) -> Vec<f64> {
        let mut shifts_m = vec![0.0; self.lanes.len()];
        if let Some(bus) = &self.bus {
            for ring in 0..self.lanes.len() {
                let (place, shift_m) = barrel_shift(&bus.channels_m, bus.fsr_m, ring, steps);
                shifts_m[place] = shift_m;
            }
        }
        shifts_m
    }
}

/// All rows of a description.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct RingPlan {
    pub(super) transmit: Vec<RowPlan>,
    pub(super) receive: Vec<RowPlan>,
    /// The row of each lane.
    transmit_of: Vec<Option<usize>>,
    receive_of: Vec<Option<usize>>,
}

impl RingPlan {
    pub(super) fn new(
        system: &System,
        steady: &SteadyState,
        models: &[LaneModel],
        lanes: &[LanePlan],
    ) -> Self {
        let n = system.media_lanes.len();
        let mut plan = Self {
            transmit_of: vec![None; n],
            receive_of: vec![None; n],
            ..Self::default()
        };
        for row in link::ring_rows(system) {
            for ends in [Ends::Transmit, Ends::Receive] {
                let Some(row) = row_plan(system, steady, (models, lanes), &row, ends) else {
                    continue;
                };
                let (rows, of) = match ends {
                    Ends::Transmit => (&mut plan.transmit, &mut plan.transmit_of),
                    Ends::Receive => (&mut plan.receive, &mut plan.receive_of),
                };
                for lane in &row.lanes {
                    of[*lane] = Some(rows.len());
                }
                rows.push(row);
            }
        }
        plan
    }

    pub(super) fn rows(&self, ends: Ends) -> &[RowPlan] {
        match ends {
            Ends::Transmit => &self.transmit,
            Ends::Receive => &self.receive,
        }
    }

    pub(super) fn row_of(&self, ends: Ends, lane: usize) -> Option<usize> {
        match ends {
            Ends::Transmit => self.transmit_of[lane],
            Ends::Receive => self.receive_of[lane],
        }
    }
}

fn row_plan(
    system: &System,
    steady: &SteadyState,
    (models, lanes): (&[LaneModel], &[LanePlan]),
    row: &link::RingRow,
    ends: Ends,
) -> Option<RowPlan> {
    let first = row.lanes.first()?;
    let engine = system.media_lanes[first.index()].engine;
    let part = &system.description.engine[system.engines[engine.index()].group].value;
    let share = match (ends, &part.modulator, &part.demultiplexer) {
        (Ends::Transmit, Modulator::RingModulator(ring), _) => ring.heater_crosstalk.as_ref(),
        (Ends::Receive, _, Some(Demultiplexer::RingFilter(ring))) => ring.heater_crosstalk.as_ref(),
        _ => return None,
    };
    let rings: Vec<Option<RowRing>> = row
        .lanes
        .iter()
        .map(|lane| {
            let model = &models[lanes[lane.index()].model?];
            match ends {
                Ends::Transmit => model.modulator_ring(),
                Ends::Receive => model.filter_ring(),
            }
        })
        .collect();
    let control = &system.description.control;
    let all: Option<Vec<RowRing>> = rings.iter().copied().collect();
    let may_shift = row.is_bus && control.barrel_shift == Some(true);
    let bus = all.filter(|_| may_shift).map(|all| BusPlan {
        channels_m: all.iter().map(|ring| ring.wavelength_m).collect(),
        fsr_m: all[0].fsr_m,
        designed: all.iter().map(|ring| ring.channels).collect(),
    });
    let share = share.map_or(0.0, |share| share.value.value());
    if share <= 0.0 && bus.is_none() {
        return None;
    }
    let any = rings.iter().flatten().next()?;
    let design = steady.lanes.design(*first);
    let heater = match ends {
        Ends::Transmit => design.modulator.as_ref().and_then(|of| of.heater),
        Ends::Receive => design.filter_heater,
    };
    let reserve = control.heater_reserve.as_ref();
    Some(RowPlan {
        lanes: row.lanes.iter().map(|lane| lane.index()).collect(),
        engine: engine.index(),
        share,
        m_per_w: any.m_per_w,
        rail_w: any.rail_w,
        reserve_w: reserve.map_or(0.0, |reserve| reserve.value.value()),
        steps: bus
            .as_ref()
            .map_or(0, |_| heater.map_or(0, |of| of.channels)),
        bus,
    })
}

/// Which ring serves which lane at one end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Served {
    /// By how many channels the rings of each row are shifted.
    steps: Vec<i32>,
    /// Since when they are on their way to new channels, and by which event.
    moving: Vec<Option<(u64, EventId)>>,
    /// The lane that the ring of each lane is made for.
    pub(super) made_for: Vec<usize>,
    /// How much farther it is tuned than in the design, m.
    pub(super) tuning_m: Vec<f64>,
}

impl Served {
    fn new(rows: &[RowPlan], n_lanes: usize) -> Self {
        let mut served = Self {
            steps: rows.iter().map(|row| row.steps).collect(),
            moving: vec![None; rows.len()],
            made_for: (0..n_lanes).collect(),
            tuning_m: vec![0.0; n_lanes],
        };
        for (at, row) in rows.iter().enumerate() {
            served.shift(row, at, row.steps);
        }
        served
    }

    /// Lets the rings of a row serve other channels.
    fn shift(&mut self, row: &RowPlan, at: usize, steps: i32) {
        self.steps[at] = steps;
        let Some(bus) = &row.bus else { return };
        let shifts_m = row.shifts_m(steps);
        for ring in 0..row.lanes.len() {
            let place = row.served(ring, steps);
            let lane = row.lanes[place];
            self.made_for[lane] = row.lanes[ring];
            let designed_m = row.shifts_m(bus.designed[place])[place];
            self.tuning_m[lane] = shifts_m[place] - designed_m;
        }
    }

    fn fits(&self, rows: &[RowPlan], n_lanes: usize) -> bool {
        let is_bus = |row: &RowPlan| row.bus.is_some();
        self.steps.len() == rows.len()
            && self.moving.len() == rows.len()
            && (self.steps.iter().zip(rows)).all(|(steps, row)| *steps == 0 || is_bus(row))
            && self.made_for.len() == n_lanes
            && self.made_for.iter().all(|lane| *lane < n_lanes)
            && self.tuning_m.len() == n_lanes
    }
}

/// Which rings serve which lanes of a switch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Rings {
    pub(super) transmit: Served,
    pub(super) receive: Served,
}

impl Rings {
    pub(super) fn new(plan: &SwitchPlan) -> Self {
        let n = plan.lanes.len();
        Self {
            transmit: Served::new(&plan.rings.transmit, n),
            receive: Served::new(&plan.rings.receive, n),
        }
    }

    /// Whether these are the rings of this description.
    pub(super) fn fit(&self, plan: &SwitchPlan) -> bool {
        let n = plan.lanes.len();
        self.transmit.fits(&plan.rings.transmit, n) && self.receive.fits(&plan.rings.receive, n)
    }

    pub(super) fn of(&self, ends: Ends) -> &Served {
        match ends {
            Ends::Transmit => &self.transmit,
            Ends::Receive => &self.receive,
        }
    }

    fn of_mut(&mut self, ends: Ends) -> &mut Served {
        match ends {
            Ends::Transmit => &mut self.transmit,
            Ends::Receive => &mut self.receive,
        }
    }

    /// The shift that a lane's ring is on its way after; none while it is where it belongs.
    pub(super) fn shifted_by(&self, plan: &RingPlan, ends: Ends, lane: usize) -> Option<EventId> {
        let row = plan.row_of(ends, lane)?;
        self.of(ends).moving[row].map(|(_, event)| event)
    }

    /// The ring of a lane and the two beside it, by the lanes that they are made for.
    pub(super) fn beside<'a>(
        &self,
        plan: &'a RingPlan,
        lane: usize,
    ) -> impl Iterator<Item = (usize, &'a RowPlan)> + use<'a> {
        let row = plan.row_of(Ends::Transmit, lane);
        let row = row.map(|row| &plan.transmit[row]);
        let own = self.transmit.made_for[lane];
        row.into_iter().flat_map(move |row| {
            let ring = row.lanes.iter().position(|made_for| *made_for == own);
            let places = ring.map_or([usize::MAX; 2], |at| [at.wrapping_sub(1), at + 1]);
            let lanes = places.into_iter().filter_map(|at| row.lanes.get(at));
            lanes.map(move |lane| (*lane, row))
        })
    }
}

/// What the heaters of rows do for each other in a step; nothing is kept from step to step.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Neighbours {
    /// What each lane's heater would need alone, W; of lanes in rows.
    pub(super) needed_w: Vec<f64>,
    /// What its neighbours do for it, W.
    pub(super) given_w: Vec<f64>,
    row: Vec<RowHeater>,
    powers_w: Vec<f64>,
}

impl Neighbours {
    pub(super) fn new(n_lanes: usize) -> Self {
        Self {
            needed_w: vec![0.0; n_lanes],
            given_w: vec![0.0; n_lanes],
            row: Vec::new(),
            powers_w: Vec::new(),
        }
    }

    /// Settles rows, with who drives the heater of each lane and a guess at its power.
    pub(super) fn settle(
        &mut self,
        rows: &[RowPlan],
        served: &Served,
        heater: impl Fn(usize) -> (HeaterAct, f64),
    ) {
        for (row, steps) in rows.iter().zip(&served.steps) {
            if row.share <= 0.0 {
                continue;
            }
            self.row.clear();
            self.powers_w.clear();
            for ring in 0..row.lanes.len() {
                let lane = row.lanes[row.served(ring, *steps)];
                let (act, guess_w) = heater(lane);
                self.powers_w.push(guess_w);
                self.row.push(match act {
                    HeaterAct::Held(watts) => RowHeater::held(watts),
                    HeaterAct::Locked => RowHeater {
                        alone_w: self.needed_w[lane],
                        low_w: 0.0,
                        high_w: row.rail_w,
                    },
                });
            }
            settle_row(row.share, &self.row, &mut self.powers_w);
            for ring in 0..row.lanes.len() {
                let lane = row.lanes[row.served(ring, *steps)];
                self.given_w[lane] = from_neighbours_w(row.share, &self.powers_w, ring);
            }
        }
    }
}

impl Switch {
    /// Rings that have been on their way for the lock time have arrived.
    pub(super) fn arrive_rings(&mut self, now_ns: u64, pace: Pace) {
        for ends in [Ends::Transmit, Ends::Receive] {
            let rows = self.plan.rings.rows(ends).iter();
            for (row, moving) in rows.zip(&mut self.rings.of_mut(ends).moving) {
                let takes_ns = self.plan.powers.lock_ns(row.engine);
                *moving = moving.filter(|(since_ns, _)| {
                    pace == Pace::InTime && now_ns.saturating_sub(*since_ns) < takes_ns
                });
            }
        }
    }

    /// Lets the rings of every bus on which one has met a rail go to channels at which all hold, where
    /// there are such; says whether any does.
    pub(super) fn shift_rings(&mut self, now_ns: u64) -> bool {
        let mut has_shifted = false;
        let plan = std::sync::Arc::clone(&self.plan);
        for ends in [Ends::Transmit, Ends::Receive] {
            for (at, row) in plan.rings.rows(ends).iter().enumerate() {
                let Some(bus) = &row.bus else { continue };
                if self.rings.of(ends).moving[at].is_some() {
                    continue;
                }
                let lost = row.lanes.iter().find(|lane| self.is_at_rail(ends, **lane));
                let Some(lost) = lost.copied() else { continue };
                let Some(steps) = self.steps_that_hold(ends, (at, row), bus) else {
                    continue;
                };
                self.go_to(ends, (at, row), steps, (lost, now_ns));
                has_shifted = true;
            }
        }
        has_shifted
    }

    /// Shifts at rest until nothing is at a rail that need not be.
    pub(super) fn shift_rings_at_rest(&mut self, now_ns: u64, n_before: &mut usize) -> bool {
        if *n_before >= MAX_SHIFTS_AT_REST || !self.shift_rings(now_ns) {
            return false;
        }
        *n_before += 1;
        self.arrive_rings(now_ns, Pace::AtOnce);
        self.power(now_ns, Pace::AtOnce);
        true
    }

    /// Whether a loop is closed and its ring is not held all the same.
    fn is_at_rail(&self, ends: Ends, lane: usize) -> bool {
        match ends {
            Ends::Transmit => {
                self.heater_act(lane) == HeaterAct::Locked
                    && self.light.sent[lane].lock == LockState::Unlocked
            }
            Ends::Receive => {
                let filter = self.light.filters[lane];
                filter.is_some_and(|filter| filter.lock == LockState::Unlocked)
            }
        }
    }

    /// Other channels at which all rings of a bus hold.
    fn steps_that_hold(
        &self,
        ends: Ends,
        (at, row): (usize, &RowPlan),
        bus: &BusPlan,
    ) -> Option<i32> {
        let now = self.rings.of(ends).steps[at];
        let needed_w = match ends {
            Ends::Transmit => &self.light.modulators.needed_w,
            Ends::Receive => &self.light.droppers.needed_w,
        };
        let shifts_m = row.shifts_m(now);
        let own_w: Vec<f64> = row
            .lanes
            .iter()
            .zip(&shifts_m)
            .map(|(lane, shift_m)| needed_w[*lane] - shift_m / row.m_per_w)
            .collect();
        let rings: Vec<RowHeater> = (0..row.lanes.len())
            .map(|ring| {
                let lane = row.lanes[row.served(ring, now)];
                match (ends, self.heater_act(lane)) {
                    (Ends::Transmit, HeaterAct::Held(watts)) => RowHeater::held(watts),
                    _ => RowHeater {
                        alone_w: 0.0,
                        low_w: row.reserve_w,
                        high_w: row.rail_w,
                    },
                }
            })
            .collect();
        let bus = Bus {
            channels_m: &bus.channels_m,
            fsr_m: bus.fsr_m,
            m_per_w: row.m_per_w,
            share: row.share,
        };
        let steps = bus.least_power(&own_w, &rings)?;
        (steps != now).then_some(steps)
    }

    /// Sends the rings of a bus on their way. Every heater stays as it is meanwhile.
    fn go_to(
        &mut self,
        ends: Ends,
        (at, row): (usize, &RowPlan),
        steps: i32,
        (lost, now_ns): (usize, u64),
    ) {
        let (before, n) = (self.rings.of(ends).steps[at], row.lanes.len());
        let lane_of = |ring: usize, steps: i32| row.lanes[row.served(ring, steps)];
        let entity = &self.plan.system().media_lanes[row.lanes[0]];
        let (fibre, what, cause) = match ends {
            Ends::Transmit => (
                entity.transmit_fibre,
                What::ModulatorsShifted(steps),
                self.flags.lock_events.get(lost).copied().flatten(),
            ),
            Ends::Receive => (
                entity.receive_fibre,
                What::FiltersShifted(steps),
                self.flags.filter_events.get(lost).copied().flatten(),
            ),
        };
        let fibre = plant::Entity {
            kind: EntityKind::Fibre,
            index: fibre.0,
        };
        let cause = self.jumping.or(cause);
        let event = self.happened(now_ns, Some(fibre), what, cause);
        let powers_w: Vec<f64> = (0..n)
            .map(|ring| {
                let lane = lane_of(ring, before);
                match ends {
                    Ends::Transmit => self.light.sent[lane].heater_w,
                    Ends::Receive => self.light.filters[lane].map_or(0.0, |of| of.heater_w),
                }
            })
            .collect();
        for (ring, heater_w) in powers_w.into_iter().enumerate() {
            let lane = lane_of(ring, steps);
            match ends {
                Ends::Transmit => self.powers.lock_anew(lane, now_ns, heater_w),
                Ends::Receive => {
                    if let Some(filter) = &mut self.light.filters[lane] {
                        filter.heater_w = heater_w;
                    }
                }
            }
        }
        let served = self.rings.of_mut(ends);
        served.shift(row, at, steps);
        served.moving[at] = Some((now_ns, event));
    }

    /// By how many channels the rings that modulate the light of a lane's fibre, and those that drop
    /// the light that comes in, are shifted from those that they are made for.
    pub fn channel_shifts(&self, lane: MediaLaneId) -> (i32, i32) {
        let of = |ends| {
            let row = self.plan.rings.row_of(ends, lane.index());
            row.map_or(0, |row| self.rings.of(ends).steps[row])
        };
        (of(Ends::Transmit), of(Ends::Receive))
    }
}
