//! Why something is as warm as it is: a temperature comes from everything together, so each change is
//! undone in turn, and its part is what the temperature at rest then moves by.

use plant::Entity;
use system::{EntityKind, LaserHome};

use super::ageing::Worn;
use super::blame::Greatest;
use super::event::EventId;
use super::harm::{Active, Harm};
use super::load::{Electrons, fill};
use super::switch::Switch;
use crate::fault::{FaultKind, Target};
use crate::heat::{Coolant, HeatMotion};

/// Temperatures at rest, now and with each change undone; none that come to no rest.
#[derive(Debug, Clone)]
pub(super) struct Undone {
    now: Option<Rest>,
    without: Vec<(EventId, Option<Rest>)>,
}

/// Temperatures of dies, engines and laser modules at rest, C.
#[derive(Debug, Clone)]
struct Rest {
    asics: Vec<f64>,
    engines: Vec<f64>,
    modules: Vec<f64>,
}

/// Something with a temperature.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    Asic(usize),
    Engine(usize),
    Module(usize),
}

impl Rest {
    fn at(&self, place: Place) -> f64 {
        match place {
            Place::Asic(of) => self.asics[of],
            Place::Engine(of) => self.engines[of],
            Place::Module(of) => self.modules[of],
        }
    }
}

impl Switch {
    /// Where temperatures come to rest with each change undone.
    pub(super) fn undone(&self) -> Undone {
        let now_ns = self.causes.now_ns;
        let (work, is_on) = (&self.work, &self.is_on);
        let rest = |work: &[f64], is_on: &[bool], harm: &Harm, set: &[Coolant], all_on: bool| {
            self.rest(work, is_on, (harm, set), all_on)
        };
        let set = &self.coolants_set;
        let mut without = Vec::new();
        for (cooling, event) in self.coolant_by.iter().enumerate() {
            let Some(event) = event else { continue };
            let mut described = set.clone();
            described[cooling] = self.plan.heat.coolants()[cooling];
            without.push((*event, rest(work, is_on, &self.harm, &described, false)));
        }
        let warms = |active: &Active| match active.fault.target {
            Target::Cooling(_) => true,
            _ => active.fault.kind == FaultKind::TimVoid,
        };
        for (at, active) in self.faults.iter().enumerate() {
            if !warms(active) {
                continue;
            }
            let mut others = self.faults.clone();
            others.remove(at);
            let harm = Harm::of(&self.plan, &self.worn, &others, now_ns);
            without.push((active.event, rest(work, is_on, &harm, set, false)));
        }
        if let Some(event) = self.aged_by {
            let new = Worn::none(self.plan.system());
            let harm = Harm::of(&self.plan, &new, &self.faults, now_ns);
            without.push((event, rest(work, is_on, &harm, set, false)));
        }
        for (asic, of) in self.loads_set.iter().enumerate() {
            let Some(event) = of.set_by else { continue };
            if without.iter().any(|(known, _)| *known == event) {
                continue;
            }
            let mut before = work.clone();
            for (work, of) in before.iter_mut().zip(&self.loads_set).skip(asic) {
                if of.set_by == Some(event) {
                    *work = of.before;
                }
            }
            without.push((event, rest(&before, is_on, &self.harm, set, false)));
        }
        for (asic, event) in self.flags.trip_events.iter().enumerate() {
            let Some(event) = event else { continue };
            let mut on = is_on.clone();
            on[asic] = true;
            without.push((*event, rest(work, &on, &self.harm, set, false)));
        }
        let is_engine = |of: &&(Entity, EventId)| of.0.kind == EntityKind::Engine;
        if let Some((_, event)) = self.commanded.iter().rfind(is_engine) {
            without.push((*event, rest(work, is_on, &self.harm, set, true)));
        }
        Undone {
            now: rest(work, is_on, &self.harm, set, false),
            without,
        }
    }

    /// Temperatures at rest with some work, dies that are on, harm and coolants; none where there is
    /// no rest.
    fn rest(
        &self,
        work: &[f64],
        is_on: &[bool],
        (harm, set): (&Harm, &[Coolant]),
        are_engines_on: bool,
    ) -> Option<Rest> {
        let (engines, modules) = self.powered(is_on, are_engines_on);
        let of = Electrons {
            work,
            is_on,
            junctions_c: &self.junctions_c,
            engines: &engines,
            modules: &modules,
        };
        let mut loads = self.loads.clone();
        fill(&mut loads, &self.plan, &self.light, &of, &mut Vec::new());
        let coolants = harm.coolants(set);
        let motion = HeatMotion::at_rest(&self.plan.heat, &loads, &coolants).ok()?;
        let (asics, engines, modules) = harm.temperatures(motion.now(), &loads);
        Some(Rest {
            asics,
            engines,
            modules,
        })
    }

    /// What has moved a temperature away from where it was described: of all changes the one whose
    /// undoing would bring it back farthest.
    pub(super) fn cause_of_heat(&self, place: Place) -> Option<EventId> {
        if self.jumping.is_some() {
            return self.jumping;
        }
        let heat = self.causes.heat.get_or_init(|| self.undone());
        // A die is asked why it is too hot; the others for the way that they have gone.
        let is_warmer = match place {
            Place::Asic(_) => true,
            Place::Engine(of) => self.engines_c[of] >= self.rest_engines_c[of],
            Place::Module(of) => {
                let lasers = self.plan.lasers.iter();
                let mut cases = lasers.filter_map(|laser| match laser.home {
                    LaserHome::Module(module, _) if module.index() == of => Some(laser.case_c),
                    _ => None,
                });
                cases
                    .next()
                    .is_none_or(|case_c| self.modules_c[of] >= case_c)
            }
        };
        let sign = if is_warmer { 1.0 } else { -1.0 };
        let mut greatest = Greatest::default();
        for (event, undone) in &heat.without {
            let part = match (&heat.now, undone) {
                (Some(now), Some(undone)) => now.at(place) - undone.at(place),
                (None, Some(_)) => f64::INFINITY,
                (Some(_), None) => f64::NEG_INFINITY,
                (None, None) => 0.0,
            };
            greatest.take(sign * part, Some(*event));
        }
        greatest.0.map(|of| of.event)
    }
}
