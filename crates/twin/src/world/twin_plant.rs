//! A switch of a world as a plant, for whoever manages switches.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use plant::{
    Capabilities, Command, CommandId, CommandKind, Edge, EdgeKind, Entity, EntityCounts,
    Observation, Outcome, Ownership, Plant, PollError, Status, Timestamp,
};
use system::EntityKind;

use super::event::{EventId, What};
use super::switch::Switch;
use super::{World, WorldError};

/// Steps that one poll makes at the most: when more time has passed, they are longer.
const MOST_STEPS: u64 = 64;

/// Events that a plant keeps at least: it may live for years.
const KEPT_EVENTS: usize = 10_000;

/// How a switch of a world is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// Length of a step, and the shortest time between two observations.
    pub step: Duration,
    /// Whether faults may be injected.
    pub allow_inject: bool,
}

/// One switch of a world. Polling it takes the world to the time of the poll, so the plants of one
/// world share it, and the first of them to be polled moves it for all.
///
/// The first poll sets the clock of a world that has not begun: times of observations are then those
/// of the caller's clock. What was asked is done before the next step, and its outcome stands in the
/// observation after it.
#[derive(Debug)]
pub struct TwinPlant {
    world: Arc<Mutex<World>>,
    switch: usize,
    step_ns: u64,
    capabilities: Capabilities,
    observation: Observation,
    /// The first event that has not been told.
    told: EventId,
    n_given: u64,
    /// The time of the world when it was last looked at.
    given_ns: u64,
    n_commands: u64,
    pending: Vec<(CommandId, Command)>,
    /// What became of commands and has not been told.
    outcomes: Vec<Outcome>,
    last_poll: Timestamp,
}

impl TwinPlant {
    /// A switch of a world; none where the world has no such switch.
    ///
    /// # Panics
    /// A step of zero.
    pub fn new(world: &Arc<Mutex<World>>, switch: usize, offer: Offer) -> Option<Self> {
        let step_ns = u64::try_from(offer.step.as_nanos()).unwrap_or(u64::MAX);
        assert!(step_ns > 0, "a step has a length");
        let mut guard = locked(world);
        guard.switch_mut(switch)?.log.keep(KEPT_EVENTS);
        let of = guard.switches().get(switch)?;
        let mut commands = vec![
            CommandKind::SetLaserEnable,
            CommandKind::SetLaserOutput,
            CommandKind::SetLaserBias,
            CommandKind::SetTransmitEnable,
            CommandKind::SetHeater,
            CommandKind::SetPowerState,
            CommandKind::SetLoopback,
            CommandKind::ResetCounter,
        ];
        if offer.allow_inject {
            commands.push(CommandKind::InjectFault);
        }
        commands.extend([
            CommandKind::SetReceiveEnable,
            CommandKind::SetPattern,
            CommandKind::SetPolarity,
            CommandKind::SetSerdesPattern,
        ]);
        let capabilities = Capabilities {
            device: of.name().clone(),
            fingerprint: of.plan().system().fingerprint,
            owns: Ownership::Physics,
            commands,
            signals: of.plan().sensors.signals().collect(),
            counts: EntityCounts::from(&**of.plan().system()),
            minimal_period: offer.step,
        };
        let observation = of.observation().clone();
        let told = of.log().next();
        drop(guard);
        Some(Self {
            world: Arc::clone(world),
            switch,
            step_ns,
            capabilities,
            observation,
            told,
            n_given: 0,
            given_ns: 0,
            n_commands: 0,
            pending: Vec::new(),
            outcomes: Vec::new(),
            last_poll: Timestamp::default(),
        })
    }

    /// Does what was asked before the world moves on, as a poll at `now` does first. Called on all
    /// plants of a world before any of them is polled, it lets their commands take effect in the same
    /// step, whichever is polled first.
    pub fn obey(&mut self, now: Timestamp) {
        let world = Arc::clone(&self.world);
        let mut world = locked(&world);
        self.begin(&mut world, now);
        self.act(&mut world);
    }

    fn begin(&self, world: &mut World, now: Timestamp) {
        if !world.has_begun() {
            world.begin_at(now.nanos().saturating_sub(self.step_ns));
        }
    }

    /// Does what was asked.
    fn act(&mut self, world: &mut World) {
        let at_ns = world.now_ns();
        let time = Timestamp::from_nanos(at_ns);
        for (command, asked) in std::mem::take(&mut self.pending) {
            let done = self.capabilities.check(&asked);
            let done = done.and_then(|()| match world.switch_mut(self.switch) {
                Some(switch) => switch.command(&asked, at_ns),
                None => Ok(()),
            });
            let status = match done {
                Ok(()) => Status::Done,
                Err(refusal) => Status::Refused(refusal),
            };
            self.outcomes.push(Outcome {
                command,
                time,
                status,
            });
        }
    }

    /// Does what was asked, takes the world to `now`, and looks at it.
    fn advance(&mut self, now: Timestamp) -> Result<bool, WorldError> {
        let world = Arc::clone(&self.world);
        let mut world = locked(&world);
        self.begin(&mut world, now);
        let due_ns = now.nanos().saturating_sub(world.now_ns());
        let is_due = due_ns >= self.step_ns;
        // Another plant of the world may have moved it.
        let has_moved = world.now_ns() > self.given_ns;
        if !is_due && !has_moved && self.n_given > 0 {
            return Ok(false);
        }
        self.act(&mut world);
        if is_due {
            let step_ns = self.step_ns.max(due_ns / MOST_STEPS);
            while now.nanos() - world.now_ns() >= step_ns {
                world.step(step_ns)?;
            }
        }
        self.given_ns = world.now_ns();
        let switch = &world.switches()[self.switch];
        self.observation.clone_from(switch.observation());
        self.observation.edges = edges(switch, self.told);
        self.told = switch.log().next();
        // A step that failed before has kept them.
        self.observation.outcomes = std::mem::take(&mut self.outcomes);
        Ok(true)
    }
}

/// What telemetry may see of the events since those that have been told.
fn edges(switch: &Switch, told: EventId) -> Vec<Edge> {
    let events = switch.log().iter().filter(|(id, _)| *id >= told);
    let seen = events.filter_map(|(_, event)| {
        let what = match event.what {
            What::Unlocked => EdgeKind::LockLost,
            What::Locked => EdgeKind::LockAcquired,
            What::SignalLost => EdgeKind::SignalLost,
            What::SignalBack => EdgeKind::SignalRestored,
            What::DieTripped | What::ZoneShutDown => EdgeKind::TemperatureTripped,
            What::PoweredUp(_) => EdgeKind::PowerStateChanged,
            What::LightLowered => EdgeKind::PathOpened,
            What::LightRestored => EdgeKind::PathClosed,
            _ => return None,
        };
        Some(Edge {
            time: Timestamp::from_nanos(event.at_ns),
            entity: event.entity.unwrap_or(Entity {
                kind: EntityKind::Switch,
                index: 0,
            }),
            what,
        })
    });
    seen.collect()
}

/// A world whose last user stopped amid a step is still what its next step makes of it.
fn locked(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Plant for TwinPlant {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn submit(&mut self, command: Command) -> CommandId {
        let id = CommandId(self.n_commands);
        self.n_commands += 1;
        self.pending.push((id, command));
        id
    }

    fn poll(&mut self, now: Timestamp) -> Result<Option<&Observation>, PollError> {
        if now < self.last_poll {
            return Err(PollError::TimeReversed {
                now,
                last: self.last_poll,
            });
        }
        self.last_poll = now;
        let is_new = self.advance(now).map_err(|error| PollError::Unreachable {
            reason: error.to_string(),
        })?;
        if !is_new {
            return Ok(None);
        }
        self.observation.sequence = self.n_given;
        self.n_given += 1;
        Ok(Some(&self.observation))
    }
}
