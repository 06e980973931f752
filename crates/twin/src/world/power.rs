//! Power states of engines and laser modules, the rise of lasers, and locks on their way: what does
//! not follow a command at once.
//!
//! Down is at once. Up takes a module its `power_up_time` from no power to low power, and its lasers
//! their `turn_on_time` from darkness to their set-point; it takes an engine its `power_up_time` from
//! low to full power; and a lock that is asked for where light is, its `lock_time`. Without light, and
//! on its way, a heater stays where its loop has left it. A module that is taken out has no power, and
//! starts anew when it is back.

use link::HeaterAct;
use plant::{Entity, PowerState};
use serde::{Deserialize, Serialize};
use system::{EngineId, LaserHome, LaserModuleId, System};

use super::act::Controls;
use super::edge::Edge;
use super::harm::Harm;
use super::laser::LaserControl;
use super::plan::SwitchPlan;
use super::switch::Switch;

/// How long parts take, ns.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PowerTimes {
    /// Of each engine: from low to full power, and of its locks.
    engines: Vec<(u64, u64)>,
    /// Of each module: from no to low power, and of its lasers.
    modules: Vec<(u64, u64)>,
}

impl PowerTimes {
    pub(super) fn new(system: &System) -> Self {
        let of = &system.description;
        let engine = |engine: &system::EngineEntity| {
            let part = &of.engine[engine.group].value;
            (
                nanos(part.power_up_time.as_ref()),
                nanos(part.lock_time.as_ref()),
            )
        };
        let module = |module: &system::LaserModuleEntity| {
            let part = &of.laser_module[module.group].value;
            (
                nanos(part.power_up_time.as_ref()),
                nanos(part.turn_on_time.as_ref()),
            )
        };
        Self {
            engines: system.engines.iter().map(engine).collect(),
            modules: system.laser_modules.iter().map(module).collect(),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from nothing to ten thousand seconds"
)]
fn nanos(time: Option<&units::Sourced<units::Seconds>>) -> u64 {
    time.map_or(0, |of| (of.value.value() * 1e9).round() as u64)
}

/// A part on its way between power states.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Unit {
    state: PowerState,
    /// When it came up to it.
    came_ns: u64,
    /// When it began to move up from there.
    since_ns: Option<u64>,
}

impl Unit {
    const FULL: Self = Self {
        state: PowerState::FullPower,
        came_ns: 0,
        since_ns: None,
    };

    fn is_full(&self) -> bool {
        self.state == PowerState::FullPower
    }

    /// Moves towards what is asked; the times are those from no to low and from low to full power.
    fn follow(&mut self, asked: PowerState, (low_ns, full_ns): (u64, u64), at: Moment) {
        if asked <= self.state {
            (self.state, self.since_ns) = (asked, None);
        }
        while asked > self.state {
            let since_ns = *self.since_ns.get_or_insert(at.last_ns);
            let (next, takes_ns) = match self.state {
                PowerState::Off => (PowerState::LowPower, low_ns),
                _ => (PowerState::FullPower, full_ns),
            };
            if !at.has_passed(since_ns, takes_ns) {
                return;
            }
            self.state = next;
            self.came_ns = at.passed(since_ns, takes_ns);
            self.since_ns = (asked > next).then_some(self.came_ns);
        }
    }
}

/// Something that takes a time to come about once it can.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
enum Rise {
    No,
    Since(u64),
    /// And since when.
    Full(u64),
}

impl Rise {
    /// It can from a time on that is no earlier than the last step; none while it cannot.
    fn follow(&mut self, can_from: Option<u64>, takes_ns: u64, at: Moment) {
        let Some(from_ns) = can_from else {
            *self = Self::No;
            return;
        };
        if *self == Self::No {
            *self = Self::Since(from_ns.max(at.last_ns));
        }
        if let Self::Since(since_ns) = *self
            && at.has_passed(since_ns, takes_ns)
        {
            *self = Self::Full(at.passed(since_ns, takes_ns));
        }
    }
}

/// The end of a step, and its beginning, which is when commands were given.
#[derive(Debug, Clone, Copy)]
struct Moment {
    last_ns: u64,
    now_ns: u64,
    pace: Pace,
}

impl Moment {
    fn has_passed(self, since_ns: u64, takes_ns: u64) -> bool {
        self.pace == Pace::AtOnce || self.now_ns.saturating_sub(since_ns) >= takes_ns
    }

    /// When a time is over that has passed.
    fn passed(self, since_ns: u64, takes_ns: u64) -> u64 {
        since_ns.saturating_add(takes_ns).min(self.now_ns)
    }
}

/// Whether what takes time takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    InTime,
    AtOnce,
}

/// Where the parts of a switch are on their way to what commands ask.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Powers {
    engines: Vec<Unit>,
    modules: Vec<Unit>,
    lasers: Vec<Rise>,
    locks: Vec<Rise>,
    /// Where the loop of each lock has left its heater, W.
    left_w: Vec<f64>,
    /// The end of the last step, or the last command.
    pub(super) last_ns: u64,
    /// Whether nothing is on its way, and nothing was asked since.
    pub(super) is_calm: bool,
    /// Whether something was in this step, so that what sensors see may differ on every lane.
    pub(super) has_moved: bool,
}

impl Powers {
    /// Everything on.
    pub(super) fn full(system: &System) -> Self {
        Self {
            engines: vec![Unit::FULL; system.engines.len()],
            modules: vec![Unit::FULL; system.laser_modules.len()],
            lasers: vec![Rise::Full(0); system.lasers.len()],
            locks: vec![Rise::Full(0); system.media_lanes.len()],
            left_w: vec![0.0; system.media_lanes.len()],
            last_ns: 0,
            is_calm: false,
            has_moved: false,
        }
    }

    /// Whether these are the parts of this system.
    pub(super) fn fit(&self, system: &System) -> bool {
        let lanes = system.media_lanes.len();
        self.engines.len() == system.engines.len()
            && self.modules.len() == system.laser_modules.len()
            && self.lasers.len() == system.lasers.len()
            && (self.locks.len(), self.left_w.len()) == (lanes, lanes)
    }

    pub(super) fn engine(&self, engine: usize) -> PowerState {
        self.engines[engine].state
    }

    pub(super) fn module(&self, module: usize) -> PowerState {
        self.modules[module].state
    }

    /// Sends a lock that holds on its way anew, with its heater where it shall stay meanwhile.
    pub(super) fn lock_anew(&mut self, lane: usize, now_ns: u64, heater_w: f64) {
        if matches!(self.locks[lane], Rise::Full(_)) {
            self.locks[lane] = Rise::Since(now_ns);
        }
        self.left_w[lane] = heater_w;
        self.is_calm = false;
    }

    /// Whether a lock is on its way.
    pub(super) fn is_acquiring(&self, lane: usize) -> bool {
        matches!(self.locks[lane], Rise::Since(_))
    }

    /// Whether a lock is asked for and has no light to hold to.
    pub(super) fn is_dark(&self, plan: &SwitchPlan, lane: usize) -> bool {
        let of = &plan.lanes[lane];
        self.engines[of.engine].is_full() && self.locks[lane] == Rise::No
    }

    /// Whether a laser rises.
    pub(super) fn is_rising(&self, laser: usize) -> bool {
        matches!(self.lasers[laser], Rise::Since(_))
    }

    /// What the control of a laser is set to now: on its rise, what has passed of the time is the
    /// share of the set-point.
    pub(super) fn control(
        &self,
        plan: &SwitchPlan,
        laser: usize,
        set: LaserControl,
    ) -> LaserControl {
        let share = match self.lasers[laser] {
            Rise::No => return LaserControl::Off,
            Rise::Full(_) => return set,
            Rise::Since(since_ns) => {
                let takes_ns = plan.powers.turn_on_ns(plan.lasers[laser].home);
                self.last_ns.saturating_sub(since_ns) as f64 / takes_ns.max(1) as f64
            }
        };
        match set {
            _ if share <= 0.0 => LaserControl::Off,
            LaserControl::Off => LaserControl::Off,
            LaserControl::Power(factor) => LaserControl::Power(factor * share),
            LaserControl::Current(amperes) => LaserControl::Current(amperes * share),
        }
    }

    /// What a lane's heater does where its loop is asked for.
    pub(super) fn heater(&self, lane: usize) -> HeaterAct {
        match self.locks[lane] {
            Rise::Full(_) => HeaterAct::Locked,
            Rise::No | Rise::Since(_) => HeaterAct::Held(self.left_w[lane]),
        }
    }

    fn advance(
        &mut self,
        plan: &SwitchPlan,
        (controls, made_for): (&Controls, &[usize]),
        harm: &Harm,
        at: Moment,
    ) {
        let times = &plan.powers;
        let engines = self.engines.iter_mut().zip(&controls.engines);
        for ((unit, asked), (full_ns, _)) in engines.zip(&times.engines) {
            unit.follow(*asked, (0, *full_ns), at);
        }
        let modules = self.modules.iter_mut().zip(&controls.modules);
        let modules = modules.zip(&times.modules).zip(&harm.absent);
        for (((unit, asked), (low_ns, _)), is_absent) in modules {
            let asked = if *is_absent { PowerState::Off } else { *asked };
            unit.follow(asked, (*low_ns, 0), at);
        }
        for (laser, rise) in self.lasers.iter_mut().enumerate() {
            let home = plan.lasers[laser].home;
            let (unit, is_open) = match home {
                LaserHome::Module(module, _) => {
                    let module = module.index();
                    let is_open = harm.absent[module] || harm.path_open[module];
                    (self.modules[module], is_open)
                }
                LaserHome::Engine(engine) => (self.engines[engine.index()], false),
            };
            let is_asked =
                controls.laser_enabled[laser] && controls.lasers[laser] != LaserControl::Off;
            let can = is_asked && unit.is_full() && !is_open;
            rise.follow(can.then_some(unit.came_ns), times.turn_on_ns(home), at);
        }
        for ((lane, rise), of) in self.locks.iter_mut().enumerate().zip(&plan.lanes) {
            let health = &harm.lanes[lane];
            let engine = self.engines[of.engine];
            let ring = &harm.lanes[made_for[lane]];
            let is_asked = controls.heaters[lane] == HeaterAct::Locked
                && ring.heater == HeaterAct::Locked
                && engine.is_full();
            let is_lit = !harm.lasers[of.laser].is_dead && health.feed_db.is_finite();
            let can_from = match self.lasers[of.laser] {
                Rise::Full(lit_ns) if is_asked && is_lit => Some(lit_ns.max(engine.came_ns)),
                _ => None,
            };
            rise.follow(can_from, times.engines[of.engine].1, at);
        }
        let moves = |units: &[Unit]| units.iter().any(|unit| unit.since_ns.is_some());
        let rises = |all: &[Rise]| all.iter().any(|rise| matches!(rise, Rise::Since(_)));
        self.is_calm = !moves(&self.engines)
            && !moves(&self.modules)
            && !rises(&self.lasers)
            && !rises(&self.locks);
    }
}

impl PowerTimes {
    /// How long an engine takes for a lock.
    pub(super) fn lock_ns(&self, engine: usize) -> u64 {
        self.engines[engine].1
    }

    /// A laser inside an engine rises with it.
    fn turn_on_ns(&self, home: LaserHome) -> u64 {
        match home {
            LaserHome::Module(module, _) => self.modules[module.index()].1,
            LaserHome::Engine(_) => 0,
        }
    }
}

impl Switch {
    /// Moves parts towards what is asked of them; that one has come to its power is an event.
    pub(super) fn power(&mut self, now_ns: u64, pace: Pace) {
        let last_ns = std::mem::replace(&mut self.powers.last_ns, now_ns);
        self.powers.has_moved = !self.powers.is_calm;
        if self.powers.is_calm && !self.flags.is_harm_new {
            return;
        }
        let at = Moment {
            last_ns,
            now_ns,
            pace,
        };
        let locks = self.powers.locks.iter().zip(&mut self.powers.left_w);
        for ((rise, left_w), sent) in locks.zip(&self.light.sent) {
            if !matches!(rise, Rise::Since(_)) {
                *left_w = sent.heater_w;
            }
        }
        let asked = (&self.controls, &*self.rings.transmit.made_for);
        self.powers.advance(&self.plan, asked, &self.harm, at);
        // What sensors see of hosts and ports follows.
        self.flags.is_harm_new = true;
        for engine in 0..self.powers.engines.len() {
            let unit = self.powers.engines[engine];
            self.has_come(EngineId::from_index(engine).into(), unit, at);
        }
        for module in 0..self.powers.modules.len() {
            let unit = self.powers.modules[module];
            self.has_come(LaserModuleId::from_index(module).into(), unit, at);
        }
    }

    /// A part has come to a power state since the last step.
    fn has_come(&mut self, entity: Entity, unit: Unit, at: Moment) {
        if unit.came_ns > at.last_ns {
            self.comes_about(unit.came_ns, Edge::ComesUp(entity, unit.state));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn at(last_ms: u64, now_ms: u64) -> Moment {
        Moment {
            last_ns: last_ms * MS,
            now_ns: now_ms * MS,
            pace: Pace::InTime,
        }
    }

    #[test]
    fn a_unit_goes_down_at_once_and_up_in_its_times() {
        let mut unit = Unit::FULL;
        let times = (300 * MS, 200 * MS);
        unit.follow(PowerState::Off, times, at(0, 100));
        assert_eq!(unit.state, PowerState::Off);
        let mut seen = Vec::new();
        for step in 1..=6 {
            unit.follow(
                PowerState::FullPower,
                times,
                at(100 * step, 100 * (step + 1)),
            );
            seen.push(unit.state);
        }
        let [off, low, full] = [PowerState::Off, PowerState::LowPower, PowerState::FullPower];
        assert_eq!(seen, [off, off, low, low, full, full]);
        // A step over both times takes both.
        unit.follow(PowerState::Off, times, at(700, 800));
        unit.follow(PowerState::FullPower, times, at(800, 1_300));
        assert_eq!((unit.state, unit.since_ns), (full, None));
        // A way up that is called off begins anew.
        unit.follow(PowerState::Off, times, at(1_300, 1_400));
        unit.follow(PowerState::FullPower, times, at(1_400, 1_600));
        unit.follow(PowerState::Off, times, at(1_600, 1_700));
        unit.follow(PowerState::FullPower, times, at(1_700, 1_900));
        assert_eq!(unit.state, off);
    }

    #[test]
    fn a_rise_needs_its_time_without_a_break() {
        let mut rise = Rise::Full(0);
        let takes_ns = 200 * MS;
        rise.follow(None, takes_ns, at(0, 100));
        assert_eq!(rise, Rise::No);
        rise.follow(Some(0), takes_ns, at(100, 200));
        assert_eq!(rise, Rise::Since(100 * MS));
        rise.follow(None, takes_ns, at(200, 300));
        // It can only from within this step on.
        rise.follow(Some(350 * MS), takes_ns, at(300, 400));
        assert_eq!(rise, Rise::Since(350 * MS));
        rise.follow(Some(350 * MS), takes_ns, at(400, 500));
        rise.follow(Some(350 * MS), takes_ns, at(500, 600));
        assert_eq!(rise, Rise::Full(550 * MS));
        let mut at_once = Rise::No;
        at_once.follow(Some(0), 0, at(500, 600));
        assert_eq!(at_once, Rise::Full(500 * MS));
    }
}
