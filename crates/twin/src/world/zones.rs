//! Thermal zones that protect themselves.
//!
//! A zone whose hottest part is above `throttle` takes work from its dies, the faster the hotter it
//! is: `du/dt = -(T - T_throttle) / (h t)` with its `hysteresis` `h` and its `throttle_time` `t`, and
//! gives it back by the same law once it is below `T_throttle - h`; in between it keeps what they
//! have. Above `emergency` all its parts are shut down, and stay so until they are told to power up,
//! which is refused above that temperature. The temperatures are the true ones: a zone guards itself
//! by sensors of its own, which no fault of a monitor strikes.
//!
//! In one step the work changes by at most [`MOST_CHANGE`], so that a step that is longer than the
//! zone's time approaches the limit in a few.

use plant::{Entity, PowerState, PoweredUnit, Refusal, RefusalReason};
use serde::{Deserialize, Serialize};
use system::{AsicId, EngineId, EntityKind, LaserModuleId, System, ZoneId};

use super::EventId;
use super::edge::{Edge, Made};
use super::event::What;
use super::switch::Switch;
use super::undo::Place;

/// Greatest change of the work that dies may do, in one step.
const MOST_CHANGE: f64 = 0.2;

/// How far above `throttle` a zone at rest may stand, K: below what sensors tell.
const AT_REST_K: f64 = 0.05;

/// Least change of the work on the way to rest.
const LEAST_CHANGE: f64 = 1e-3;

/// A law of throttling.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Throttle {
    limit_c: f64,
    hysteresis_k: f64,
    time_s: f64,
}

/// One zone: its limits and its parts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ZonePlan {
    throttle: Option<Throttle>,
    pub(super) emergency_c: Option<f64>,
    pub(super) asics: Vec<usize>,
    pub(super) engines: Vec<usize>,
    pub(super) modules: Vec<usize>,
    /// Its dies and those that its engines serve.
    dies: Vec<usize>,
}

/// The zones of a description.
pub(super) fn zones(system: &System) -> Vec<ZonePlan> {
    let zones = system.description.zone.iter().enumerate();
    zones
        .map(|(zone, of)| {
            let of = &of.value;
            let throttle = || {
                Some(Throttle {
                    limit_c: of.throttle.as_ref()?.value.value(),
                    hysteresis_k: of.hysteresis.as_ref()?.value.value(),
                    time_s: of.throttle_time.as_ref()?.value.value(),
                })
            };
            let id = ZoneId::from_index(zone);
            let asics = positions(system.asics.iter().map(|of| of.zone == id));
            let engines = positions(system.engines.iter().map(|of| of.zone == id));
            let serves = |asic: &usize| {
                let mut of_zone = engines.iter().map(|engine| system.engines[*engine].asic);
                of_zone.any(|of| of.index() == *asic)
            };
            let dies = 0..system.asics.len();
            ZonePlan {
                throttle: throttle(),
                emergency_c: of.emergency.as_ref().map(|of| of.value.value()),
                modules: positions(system.laser_modules.iter().map(|of| of.zone == id)),
                dies: dies
                    .filter(|asic| asics.contains(asic) || serves(asic))
                    .collect(),
                asics,
                engines,
            }
        })
        .collect()
}

fn positions(is_so: impl Iterator<Item = bool>) -> Vec<usize> {
    let such = is_so.enumerate().filter(|(_, is_so)| *is_so);
    such.map(|(position, _)| position).collect()
}

/// What a zone does against its temperature.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct ZoneGuard {
    /// The most that its dies may work.
    ceiling: f64,
    throttled_by: Option<EventId>,
    shut_by: Option<EventId>,
}

impl ZoneGuard {
    /// Nothing.
    pub(super) const CALM: Self = Self {
        ceiling: 1.0,
        throttled_by: None,
        shut_by: None,
    };

    /// Position of its state among the names of its signal.
    pub(super) const fn state(&self) -> u8 {
        match (self.shut_by, self.throttled_by) {
            (Some(_), _) => 2,
            (None, Some(_)) => 1,
            (None, None) => 0,
        }
    }
}

/// What a zone begins or ceases to do.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Turn {
    Throttles,
    /// After this share of the time.
    Releases(f64),
}

impl Switch {
    /// Temperature of the hottest part of a zone, °C; none of an empty one. A module that is not
    /// there has none.
    pub(super) fn zone_c(&self, zone: usize) -> Option<f64> {
        self.hottest(zone).map(|(_, celsius)| celsius)
    }

    fn hottest(&self, zone: usize) -> Option<(Entity, f64)> {
        self.parts(zone)
            .max_by(|(_, one), (_, other)| one.total_cmp(other))
    }

    /// The parts of a zone with their temperatures, °C.
    fn parts(&self, zone: usize) -> impl Iterator<Item = (Entity, f64)> {
        let of = &self.plan.zones[zone];
        let asics = of.asics.iter().map(|asic| {
            let entity: Entity = AsicId::from_index(*asic).into();
            (entity, self.junctions_c[*asic])
        });
        let engines = of.engines.iter().map(|engine| {
            let entity: Entity = EngineId::from_index(*engine).into();
            (entity, self.engines_c[*engine])
        });
        let modules = of.modules.iter().map(|module| {
            let entity: Entity = LaserModuleId::from_index(*module).into();
            (entity, self.modules_c[*module])
        });
        asics.chain(engines).chain(modules)
    }

    /// Lowers the work of the dies to what their zones allow.
    pub(super) fn limit_work(&mut self) {
        for (zone, guard) in self.plan.zones.iter().zip(&self.zones) {
            if guard.ceiling < 1.0 {
                for die in &zone.dies {
                    self.work[*die] = self.work[*die].min(guard.ceiling);
                }
            }
        }
    }

    /// Whether a zone holds its dies.
    pub(super) fn is_throttled(&self) -> bool {
        self.zones.iter().any(|guard| guard.ceiling < 1.0)
    }

    /// Lets the zones protect themselves for a step; what that brings comes about.
    pub(super) fn guard_zones(&mut self, made: Made) {
        for zone in 0..self.zones.len() {
            let of = &self.plan.zones[zone];
            if of.throttle.is_none() && of.emergency_c.is_none() {
                continue;
            }
            let (throttle, emergency_c) = (of.throttle, of.emergency_c);
            let Some(celsius) = self.zone_c(zone) else {
                continue;
            };
            if let Some(law) = throttle {
                let change = |over_k: f64| {
                    let change = over_k / law.hysteresis_k * made.length.value() / law.time_s;
                    change.min(MOST_CHANGE)
                };
                match self.throttle(zone, law, celsius, change) {
                    None => {}
                    Some(Turn::Throttles) => {
                        let first = self.first_above(self.parts(zone), law.limit_c, made);
                        if let Some((part, at_ns)) = first {
                            self.comes_about(at_ns, Edge::Throttles(zone, part));
                        }
                    }
                    Some(Turn::Releases(share)) => {
                        let at_ns = made.at_ns(made.length * share);
                        self.comes_about(at_ns, Edge::Releases(zone));
                    }
                }
            }
            if let Some(limit_c) = emergency_c
                && self.zones[zone].shut_by.is_none()
                && let Some((part, at_ns)) = self.first_above(self.parts(zone), limit_c, made)
            {
                self.comes_about(at_ns, Edge::ShutsDown(zone, part));
            }
        }
    }

    /// Lets the zones of a switch at rest protect themselves; whether they have changed anything.
    pub(super) fn guard_zones_at_rest(&mut self, now_ns: u64) -> bool {
        let mut has_changed = false;
        for zone in 0..self.zones.len() {
            let of = &self.plan.zones[zone];
            let (throttle, emergency_c) = (of.throttle, of.emergency_c);
            let Some((hottest, celsius)) = self.hottest(zone) else {
                continue;
            };
            let before = self.zones[zone];
            if let Some(law) = throttle {
                let over_k = celsius - law.limit_c;
                let change = |over_k: f64| {
                    (0.5 * over_k / law.hysteresis_k).clamp(LEAST_CHANGE, MOST_CHANGE)
                };
                if !(0.0..=AT_REST_K).contains(&over_k) {
                    match self.throttle(zone, law, celsius, change) {
                        None => {}
                        Some(Turn::Throttles) => self.has_throttled(zone, hottest, now_ns),
                        Some(Turn::Releases(_)) => self.has_released(zone, now_ns),
                    }
                }
            }
            if emergency_c.is_some_and(|limit_c| celsius > limit_c) {
                self.shut_zone(zone, hottest, now_ns);
            }
            has_changed |= self.zones[zone] != before;
        }
        has_changed
    }

    /// Moves the most that the dies of a zone may work; whether it begins or ceases to hold them.
    fn throttle(
        &mut self,
        zone: usize,
        law: Throttle,
        celsius: f64,
        change: impl Fn(f64) -> f64,
    ) -> Option<Turn> {
        let over_k = celsius - law.limit_c;
        let dies = &self.plan.zones[zone].dies;
        let working = dies.iter().map(|die| self.work[*die]);
        let works = working.fold(0.0, f64::max);
        let guard = self.zones[zone];
        if over_k > 0.0 {
            // It takes from what they do, not from what they might.
            let most = if guard.throttled_by.is_none() {
                works
            } else {
                guard.ceiling
            };
            self.zones[zone].ceiling = (most - change(over_k)).max(0.0);
            return guard.throttled_by.is_none().then_some(Turn::Throttles);
        }
        if over_k < -law.hysteresis_k && guard.throttled_by.is_some() {
            let change = change(-over_k - law.hysteresis_k);
            self.zones[zone].ceiling = (guard.ceiling + change).min(1.0);
            let share = (1.0 - guard.ceiling) / change;
            return (share <= 1.0).then_some(Turn::Releases(share));
        }
        None
    }

    /// A zone has begun to take work from its dies.
    pub(super) fn has_throttled(&mut self, zone: usize, hottest: Entity, at_ns: u64) {
        let cause = self.cause_of_hottest(hottest);
        let event = self.happened_to_zone((zone, at_ns), What::ZoneThrottled, cause);
        self.zones[zone].throttled_by = Some(event);
    }

    /// A zone has given it back.
    pub(super) fn has_released(&mut self, zone: usize, at_ns: u64) {
        let throttled = self.zones[zone].throttled_by.take();
        self.happened_to_zone((zone, at_ns), What::ZoneReleased, throttled);
    }

    /// Shuts down all parts of a zone, once: dies off, engines and laser modules without power.
    pub(super) fn shut_zone(&mut self, zone: usize, hottest: Entity, at_ns: u64) {
        if self.zones[zone].shut_by.is_some() {
            return;
        }
        let cause = self.cause_of_hottest(hottest);
        let event = self.happened_to_zone((zone, at_ns), What::ZoneShutDown, cause);
        self.zones[zone].shut_by = Some(event);
        self.power_zone(zone, PowerState::Off, event);
    }

    /// Sets the power of all parts of a zone, because of an event. Dies have none without full power;
    /// those that protected themselves stay off.
    pub(super) fn power_zone(&mut self, zone: usize, state: PowerState, event: EventId) {
        let plan = std::sync::Arc::clone(&self.plan);
        let of = &plan.zones[zone];
        for engine in &of.engines {
            self.controls.engines[*engine] = state;
            self.blame(EngineId::from_index(*engine).into(), event);
        }
        for module in &of.modules {
            self.controls.modules[*module] = state;
            self.blame(LaserModuleId::from_index(*module).into(), event);
        }
        for asic in &of.asics {
            if state != PowerState::FullPower {
                if self.is_on[*asic] {
                    self.is_on[*asic] = false;
                    self.flags.off_by(*asic, Some(event));
                }
            } else if !self.has_tripped[*asic] {
                self.is_on[*asic] = true;
                self.flags.off_by(*asic, None);
            }
        }
        if state == PowerState::FullPower {
            self.zones[zone].shut_by = None;
        }
        self.powers.is_calm = false;
    }

    /// Whether a part may be set to a power state now.
    ///
    /// # Errors
    /// More than no power for a module that is not there, full power in a zone that is as warm as
    /// its emergency limit or warmer.
    pub(super) fn may_power(&self, unit: PoweredUnit, state: PowerState) -> Result<(), Refusal> {
        let system = self.plan.system();
        let not_now = |detail| Err(Refusal::new(RefusalReason::NotNow, detail));
        let zone = match unit {
            PoweredUnit::Engine(engine) => system.engines[engine.index()].zone,
            PoweredUnit::LaserModule(module) => {
                let module = module.index();
                let of = &system.laser_modules[module];
                if self.harm.absent[module] && state != PowerState::Off {
                    return not_now(format!("{} is not there", of.name));
                }
                of.zone
            }
            PoweredUnit::Zone(zone) => zone,
        };
        let hot = self.too_hot(zone.index());
        if let Some((limit_c, celsius)) = hot.filter(|_| state == PowerState::FullPower) {
            let name = &system.description.zone[zone.index()].name;
            return not_now(format!(
                "zone {name} is at {celsius:.1} C; full power needs less than {limit_c:.1} C"
            ));
        }
        Ok(())
    }

    /// What a command that set a power state, by its event, does beyond the part itself.
    pub(super) fn has_powered(&mut self, unit: PoweredUnit, state: PowerState, event: EventId) {
        let system = self.plan.system();
        let zone = match unit {
            PoweredUnit::Zone(zone) => return self.power_zone(zone.index(), state, event),
            PoweredUnit::Engine(engine) => system.engines[engine.index()].zone,
            PoweredUnit::LaserModule(module) => system.laser_modules[module.index()].zone,
        };
        if state == PowerState::FullPower {
            self.zones[zone.index()].shut_by = None;
        }
    }

    /// The emergency limit of a zone whose hottest part is at or above it, and how warm that is, °C.
    pub(super) fn too_hot(&self, zone: usize) -> Option<(f64, f64)> {
        let limit_c = self.plan.zones[zone].emergency_c?;
        let celsius = self.zone_c(zone)?;
        (celsius >= limit_c).then_some((limit_c, celsius))
    }

    fn cause_of_hottest(&self, hottest: Entity) -> Option<EventId> {
        let index = hottest.index as usize;
        self.cause_of_heat(match hottest.kind {
            EntityKind::Asic => Place::Asic(index),
            EntityKind::Engine => Place::Engine(index),
            _ => Place::Module(index),
        })
    }
}
