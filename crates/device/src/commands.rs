//! From what modules want to commands of a plant.
//!
//! Modules say what shall be so, and a plant takes what shall change. A [`Commander`] remembers for each
//! thing that can be set what the plant has taken, and asks for the difference. What was refused is asked
//! again after a second where time may help, and not before the wish changes where it cannot.

use std::collections::VecDeque;

use plant::{
    Capabilities, Command, CommandId, CommandKind, Direction, Outcome, Plant, PowerState,
    PoweredUnit, Refusal, RefusalReason, Status, TestPattern,
};
use system::{EngineId, LaserId, LaserModuleId, MediaLaneId};
use units::{Amperes, DbMilliwatts, Watts};

/// From a refusal to the next attempt, ns.
const RETRY_NS: u64 = 1_000_000_000;

/// How long an outcome may take before the command is given up for lost, ns.
const LOST_NS: u64 = 10_000_000_000;

/// Refusals that are kept.
const KEPT_REFUSALS: usize = 64;

/// Something that can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Engine(EngineId),
    LaserModule(LaserModuleId),
    Transmit(MediaLaneId),
    Receive(MediaLaneId),
    Loopback(MediaLaneId),
    Pattern(MediaLaneId, Direction),
    Polarity(MediaLaneId, Direction),
    LaserEnable(LaserId),
    LaserLevel(LaserId),
}

/// What it shall be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Setting {
    Power(PowerState),
    Enabled(bool),
    Loopback(plant::Loopback),
    Pattern(Option<TestPattern>),
    Inverted(bool),
    Output(DbMilliwatts),
    Bias(Amperes),
}

impl Setting {
    /// The power that a laser shall hold.
    pub(crate) fn output_mw(mw: f64) -> Self {
        Self::Output(DbMilliwatts::from_watts(Watts::new(mw * 1e-3)))
    }

    /// The current that a laser shall hold.
    pub(crate) fn bias_ma(ma: f64) -> Self {
        Self::Bias(Amperes::new(ma * 1e-3))
    }
}

impl Target {
    fn command(self, setting: Setting) -> Option<Command> {
        Some(match (self, setting) {
            (Self::Engine(engine), Setting::Power(state)) => Command::SetPowerState {
                unit: PoweredUnit::Engine(engine),
                state,
            },
            (Self::LaserModule(module), Setting::Power(state)) => Command::SetPowerState {
                unit: PoweredUnit::LaserModule(module),
                state,
            },
            (Self::Transmit(lane), Setting::Enabled(enabled)) => {
                Command::SetTransmitEnable { lane, enabled }
            }
            (Self::Loopback(lane), Setting::Loopback(loopback)) => {
                Command::SetLoopback { lane, loopback }
            }
            (Self::Receive(lane), Setting::Enabled(enabled)) => {
                Command::SetReceiveEnable { lane, enabled }
            }
            (Self::Pattern(lane, direction), Setting::Pattern(pattern)) => Command::SetPattern {
                lane,
                direction,
                pattern,
            },
            (Self::Polarity(lane, direction), Setting::Inverted(inverted)) => {
                Command::SetPolarity {
                    lane,
                    direction,
                    inverted,
                }
            }
            (Self::LaserEnable(laser), Setting::Enabled(enabled)) => {
                Command::SetLaserEnable { laser, enabled }
            }
            (Self::LaserLevel(laser), Setting::Output(power)) => {
                Command::SetLaserOutput { laser, power }
            }
            (Self::LaserLevel(laser), Setting::Bias(current)) => {
                Command::SetLaserBias { laser, current }
            }
            _ => return None,
        })
    }
}

/// A command that a plant refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// When, ns.
    pub at_ns: u64,
    /// What was asked.
    pub command: Command,
    /// Why not.
    pub refusal: Refusal,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = self.command.kind().name().replace('_', " ");
        write!(f, "{what}")?;
        if let Some(entity) = self.command.entity() {
            write!(f, " of {entity}")?;
        }
        write!(f, " was refused: {}", self.refusal)
    }
}

/// How far something is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Progress {
    /// The plant has it as it was last taken.
    Idle,
    /// Asked then, and not answered.
    Asked(CommandId, Setting, u64),
    /// Refused; to be asked again then, or never.
    Refused(Setting, Option<u64>),
}

#[derive(Debug, Clone)]
struct Entry {
    target: Target,
    wanted: Setting,
    /// What the plant has taken; nothing is known before.
    taken: Option<Setting>,
    progress: Progress,
}

/// What has been asked of a plant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Commander {
    /// In the order in which they were first wanted.
    entries: Vec<Entry>,
    /// Positions of entries that wait for an outcome.
    asked: Vec<usize>,
    refusals: VecDeque<Refused>,
    n_refused: u64,
}

/// Whether time may make a plant take what it refused.
const fn may_pass(reason: RefusalReason) -> bool {
    matches!(
        reason,
        RefusalReason::NotNow | RefusalReason::Malfunction | RefusalReason::NotAllowed
    )
}

impl Commander {
    /// A place for something that can be set.
    pub(crate) fn add(&mut self, target: Target, wanted: Setting) -> usize {
        self.entries.push(Entry {
            target,
            wanted,
            taken: None,
            progress: Progress::Idle,
        });
        self.entries.len() - 1
    }

    /// How many places there are.
    pub(crate) const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Says what it shall be.
    pub(crate) fn want(&mut self, entry: usize, wanted: Setting) {
        let entry = &mut self.entries[entry];
        entry.wanted = wanted;
        // A wish that was given up is a new one when it comes back.
        if matches!(entry.progress, Progress::Refused(setting, _) if setting != wanted) {
            entry.progress = Progress::Idle;
        }
    }

    /// What the plant has may be anything: a part was taken out or put in.
    pub(crate) fn forget(&mut self, entry: usize) {
        self.entries[entry].taken = None;
    }

    /// Hands in what differs. How many commands.
    pub(crate) fn submit(&mut self, plant: &mut dyn Plant, now_ns: u64) -> usize {
        let mut n = 0;
        for position in 0..self.entries.len() {
            let Some(command) = self.due(position, now_ns) else {
                continue;
            };
            let wanted = self.entries[position].wanted;
            if !plant.capabilities().accepts(command.kind()) {
                let refusal = unsupported(plant.capabilities(), command.kind());
                self.asked.retain(|of| *of != position);
                self.refuse(position, wanted, refusal, now_ns);
                continue;
            }
            let id = plant.submit(command);
            let asked = Progress::Asked(id, wanted, now_ns);
            let before = std::mem::replace(&mut self.entries[position].progress, asked);
            if !matches!(before, Progress::Asked(..)) {
                self.asked.push(position);
            }
            n += 1;
        }
        n
    }

    /// The command of an entry, where it is time for one.
    fn due(&self, position: usize, now_ns: u64) -> Option<Command> {
        let entry = &self.entries[position];
        let is_due = match entry.progress {
            Progress::Idle => entry.taken != Some(entry.wanted),
            Progress::Asked(_, _, at_ns) => now_ns.saturating_sub(at_ns) >= LOST_NS,
            Progress::Refused(_, again) => again.is_some_and(|again| again <= now_ns),
        };
        is_due.then(|| entry.target.command(entry.wanted)).flatten()
    }

    /// Takes in what became of commands. Those of others are passed by.
    pub(crate) fn learn(&mut self, outcomes: &[Outcome], now_ns: u64) {
        for outcome in outcomes {
            let entries = &self.entries;
            let found = self.asked.iter().position(|position| {
                matches!(entries[*position].progress,
                    Progress::Asked(id, _, _) if id == outcome.command)
            });
            let Some(found) = found else { continue };
            let position = self.asked[found];
            let Progress::Asked(_, setting, _) = self.entries[position].progress else {
                continue;
            };
            match &outcome.status {
                Status::Accepted => continue,
                Status::Done => {
                    let entry = &mut self.entries[position];
                    entry.taken = Some(setting);
                    entry.progress = Progress::Idle;
                }
                Status::Refused(refusal) => {
                    self.refuse(position, setting, refusal.clone(), now_ns);
                }
            }
            self.asked.swap_remove(found);
        }
    }

    fn refuse(&mut self, position: usize, setting: Setting, refusal: Refusal, now_ns: u64) {
        let again = may_pass(refusal.reason).then_some(now_ns.saturating_add(RETRY_NS));
        let entry = &mut self.entries[position];
        entry.progress = Progress::Refused(setting, again);
        self.n_refused += 1;
        if let Some(command) = entry.target.command(setting) {
            if self.refusals.len() == KEPT_REFUSALS {
                self.refusals.pop_front();
            }
            self.refusals.push_back(Refused {
                at_ns: now_ns,
                command,
                refusal,
            });
        }
    }

    /// How many commands were refused.
    pub(crate) const fn n_refused(&self) -> u64 {
        self.n_refused
    }

    /// The last refusals, which are then forgotten.
    pub(crate) fn take_refusals(&mut self) -> Vec<Refused> {
        self.refusals.drain(..).collect()
    }
}

fn unsupported(capabilities: &Capabilities, kind: CommandKind) -> Refusal {
    let detail = format!("{} does not support {}", capabilities.device, kind.name());
    Refusal::new(RefusalReason::NotSupported, detail)
}
