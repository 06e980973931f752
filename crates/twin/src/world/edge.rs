//! When within a step something came about.
//!
//! Temperatures answer a step in closed forms, so that a limit that one of them has passed at the end
//! of a step was passed at a time that can be found; parts come to their power and faults end at
//! times that are known. What comes about in a step is gathered, and happens in the order of its
//! times. All else that is noted of a step, such as light that is lost, has the time of its end.
//!
//! Light and the heat of engines and laser modules are those of the beginning of a step to its end.

use plant::{Entity, PowerState};
use system::{AsicId, EntityKind, ZoneId};
use units::Seconds;

use super::EventId;
use super::event::What;
use super::switch::Switch;
use super::undo::Place;
use crate::heat::HeatPart;

/// What comes about.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Edge {
    /// A fault is over; its text, and the event of its beginning.
    FaultEnds(String, EventId),
    /// A part has come to a power state.
    ComesUp(Entity, PowerState),
    /// A zone begins to take work, because of a part.
    Throttles(usize, Entity),
    /// It has given all of it back.
    Releases(usize),
    /// It is shut down, because of a part.
    ShutsDown(usize, Entity),
    /// A die switches itself off.
    Trips(usize),
}

/// With its time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Dated {
    pub(super) at_ns: u64,
    pub(super) edge: Edge,
}

/// A step that has been made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Made {
    pub(super) length: Seconds,
    pub(super) begin_ns: u64,
    pub(super) end_ns: u64,
}

impl Made {
    /// The first microsecond of the step by which a time since its beginning has passed, so that
    /// equal parts do not differ by rounding.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within a step, whose microseconds are a u64"
    )]
    pub(super) fn at_ns(self, since: Seconds) -> u64 {
        let since_us = (since.value() * 1e6).ceil().max(0.0) as u64;
        let since_ns = since_us.saturating_mul(1000);
        self.begin_ns.saturating_add(since_ns).min(self.end_ns)
    }
}

impl Switch {
    /// Something comes about at a time of the step that is made.
    pub(super) fn comes_about(&mut self, at_ns: u64, edge: Edge) {
        self.edges.push(Dated { at_ns, edge });
    }

    /// Lets happen what came about up to a time, in the order of time; what came about at once, in
    /// the order in which it was found.
    pub(super) fn happen(&mut self, until_ns: u64) {
        if self.edges.is_empty() {
            return;
        }
        let mut edges = std::mem::take(&mut self.edges);
        edges.sort_by_key(|dated| dated.at_ns);
        let n = edges.partition_point(|dated| dated.at_ns <= until_ns);
        for Dated { at_ns, edge } in edges.drain(..n) {
            match edge {
                Edge::FaultEnds(text, began) => {
                    self.happened(at_ns, None, What::FaultEnded(text), Some(began));
                }
                Edge::ComesUp(entity, state) => {
                    let cause = self.command_to(entity);
                    self.happened(at_ns, Some(entity), What::PoweredUp(state), cause);
                }
                Edge::Throttles(zone, hottest) => self.has_throttled(zone, hottest, at_ns),
                Edge::Releases(zone) => self.has_released(zone, at_ns),
                Edge::ShutsDown(zone, hottest) => self.shut_zone(zone, hottest, at_ns),
                Edge::Trips(asic) => self.trip(asic, at_ns),
            }
        }
        // The rest comes about later, and their place is used again.
        self.edges = edges;
    }

    /// When the first of some parts passed a limit in a step at whose end it is above it, and which
    /// that was; none where none is above it.
    pub(super) fn first_above(
        &self,
        parts: impl Iterator<Item = (Entity, f64)>,
        limit_c: f64,
        made: Made,
    ) -> Option<(Entity, u64)> {
        let passed = parts
            .filter(|(_, celsius)| *celsius > limit_c)
            .map(|(entity, celsius)| (entity, self.passed_ns(entity, celsius - limit_c, made)));
        passed.min_by_key(|(_, at_ns)| *at_ns)
    }

    /// When a part passed a temperature in a step at whose end it is above it by some kelvin. What
    /// voids add to it is constant in a step.
    pub(super) fn passed_ns(&self, entity: Entity, over_k: f64, made: Made) -> u64 {
        let at = entity.index as usize;
        let part = match entity.kind {
            EntityKind::Asic => HeatPart::Asic(at),
            EntityKind::Engine => HeatPart::Engine(at),
            _ => HeatPart::LaserModule(at),
        };
        let step = (&self.loads, made.length);
        made.at_ns(self.heat.passed_after(part, over_k, step))
    }

    /// Dies that have passed their greatest temperature.
    pub(super) fn find_trips(&mut self, made: Made) {
        for asic in 0..self.is_on.len() {
            let over_k = self.junctions_c[asic] - self.greatest_c(asic);
            if self.is_on[asic] && over_k > 0.0 {
                let at_ns = self.passed_ns(AsicId::from_index(asic).into(), over_k, made);
                self.comes_about(at_ns, Edge::Trips(asic));
            }
        }
    }

    /// A die that has passed its greatest temperature switches itself off, for good.
    pub(super) fn trip(&mut self, asic: usize, at_ns: u64) {
        if !self.is_on[asic] {
            return;
        }
        // Asked while it still makes its heat.
        let cause = self.cause_of_heat(Place::Asic(asic));
        self.is_on[asic] = false;
        self.has_tripped[asic] = true;
        let entity = AsicId::from_index(asic).into();
        self.happened(at_ns, Some(entity), What::DieTripped, cause);
    }

    /// Dies at rest that are too hot switch themselves off.
    pub(super) fn protect_at_rest(&mut self, now_ns: u64) {
        for asic in 0..self.is_on.len() {
            if self.junctions_c[asic] > self.greatest_c(asic) {
                self.trip(asic, now_ns);
            }
        }
    }

    fn greatest_c(&self, asic: usize) -> f64 {
        let system = self.plan.system();
        let part = &system.description.asic[system.asics[asic].group].value;
        part.max_temperature.value.value()
    }

    /// An event of a zone.
    pub(super) fn happened_to_zone(
        &mut self,
        (zone, at_ns): (usize, u64),
        what: What,
        cause: Option<EventId>,
    ) -> EventId {
        let at: Entity = ZoneId::from_index(zone).into();
        self.happened(at_ns, Some(at), what, cause)
    }
}
