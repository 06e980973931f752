//! What happened and why, for people who study the twin. Telemetry never sees it.

use std::fmt;

use plant::{Entity, PowerState};
use serde::{Deserialize, Serialize};
use system::System;

/// Position of an event in its log.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
pub struct EventId(pub usize);

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum What {
    /// A fault began; its text.
    FaultBegan(String),
    /// A fault is over.
    FaultEnded(String),
    /// The load of the dies was set.
    LoadSet(String),
    /// A coolant was set.
    CoolantSet(String),
    /// A command took effect; its text.
    Commanded(String),
    /// Time was accelerated over months.
    Aged(String),
    /// The control of a laser asks for more than the laser can give.
    LaserAtRail,
    /// It holds its set-point again.
    LaserHolds,
    /// The laser gives less than half of its set-point.
    LaserFaded,
    /// A lock does not hold.
    Unlocked,
    /// It holds again.
    Locked,
    /// The ring of a receiver is not held at its wavelength.
    FilterUnlocked,
    /// It is held again.
    FilterLocked,
    /// The modulators of a fibre go to channels so many on from those that they are made for.
    ModulatorsShifted(i32),
    /// The filters of a fibre do.
    FiltersShifted(i32),
    /// A lane has lost its signal.
    SignalLost,
    /// It has it again.
    SignalBack,
    /// A port's decoder meets more errors than it can correct, so often that the port goes down.
    PortDown,
    /// It is up again.
    PortUp,
    /// A die has passed its greatest temperature and is switched off.
    DieTripped,
    /// A laser path is open: the module has lowered its light.
    LightLowered,
    /// It may give light again.
    LightRestored,
    /// Nothing is at the far end of a port.
    Unconnected,
    /// A zone takes work from its dies.
    ZoneThrottled,
    /// They may work as they are asked to again.
    ZoneReleased,
    /// A zone is shut down because of its temperature.
    ZoneShutDown,
    /// A part has come to a power state on its way up.
    PoweredUp(PowerState),
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FaultBegan(text) => write!(f, "fault {text}"),
            Self::FaultEnded(text) => write!(f, "fault over: {text}"),
            Self::LoadSet(text)
            | Self::CoolantSet(text)
            | Self::Commanded(text)
            | Self::Aged(text) => f.write_str(text),
            Self::LaserAtRail => f.write_str("asks for more current than it may have"),
            Self::LaserHolds => f.write_str("holds its power again"),
            Self::LaserFaded => f.write_str("gives less than half of its power"),
            Self::Unlocked => f.write_str("has lost its lock"),
            Self::Locked => f.write_str("is locked again"),
            Self::FilterUnlocked => f.write_str("has a filter that has lost its lock"),
            Self::FilterLocked => f.write_str("has its filter locked again"),
            Self::ModulatorsShifted(0) => {
                f.write_str("has its modulators go back to their channels")
            }
            Self::ModulatorsShifted(n) => {
                write!(f, "has its modulators go to the channels {n:+} from theirs")
            }
            Self::FiltersShifted(0) => f.write_str("has its filters go back to their channels"),
            Self::FiltersShifted(n) => {
                write!(f, "has its filters go to the channels {n:+} from theirs")
            }
            Self::SignalLost => f.write_str("has lost its signal"),
            Self::SignalBack => f.write_str("has its signal again"),
            Self::PortDown => f.write_str("goes down: its data no longer come through"),
            Self::PortUp => f.write_str("is up again"),
            Self::DieTripped => {
                f.write_str("has passed its greatest temperature and switches itself off")
            }
            Self::LightLowered => f.write_str("lowers its light: its path is open"),
            Self::LightRestored => f.write_str("may give light again"),
            Self::Unconnected => f.write_str("is not connected: nothing is at its far end"),
            Self::ZoneThrottled => f.write_str("is too warm and takes work from its dies"),
            Self::ZoneReleased => f.write_str("lets its dies work as they are asked to"),
            Self::ZoneShutDown => f.write_str("is much too warm and is shut down"),
            Self::PoweredUp(PowerState::LowPower) => f.write_str("has come to low power"),
            Self::PoweredUp(_) => f.write_str("has come to full power"),
        }
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When, in simulated nanoseconds.
    pub at_ns: u64,
    /// To what; nothing for what concerns the whole switch or a cooling.
    pub entity: Option<Entity>,
    /// What.
    pub what: What,
    /// The event that brought it about; none for what comes from outside or from another switch.
    pub cause: Option<EventId>,
    /// The event at another switch that brought it about.
    pub far_cause: Option<FarCause>,
}

/// An event at another switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FarCause {
    /// Position of the switch in the world.
    pub switch: usize,
    /// The event in its log.
    pub event: EventId,
}

/// The events of one switch, oldest first. It keeps them all, or, where it is told to, the last.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct EventLog {
    /// How many have been forgotten.
    n_forgotten: usize,
    events: Vec<Event>,
    /// How many are kept at least.
    keep: Option<usize>,
}

impl EventLog {
    pub(super) fn push(&mut self, event: Event) -> EventId {
        if let Some(keep) = self.keep
            && self.events.len() >= 2 * keep.max(1)
        {
            // Half of them at once, so that each is moved once.
            let over = self.events.len() - keep;
            self.events.drain(..over);
            self.n_forgotten += over;
        }
        self.events.push(event);
        EventId(self.next().0 - 1)
    }

    /// Keeps at least so many of the last events, and at most twice as many.
    pub(super) fn keep(&mut self, most: usize) {
        self.keep = Some(most);
    }

    /// Takes back the last event when it is this one; then nothing has followed from it.
    pub(super) fn take_back(&mut self, id: EventId) {
        if id.0 + 1 == self.next().0 {
            self.events.pop();
        }
    }

    pub(super) fn set_far_cause(&mut self, of: EventId, cause: FarCause) {
        let place = of.0.checked_sub(self.n_forgotten);
        if let Some(event) = place.and_then(|place| self.events.get_mut(place)) {
            event.cause = None;
            event.far_cause = Some(cause);
        }
    }

    /// All events that are kept, oldest first.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The same with their ids.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (EventId, &Event)> + ExactSizeIterator {
        let events = self.events.iter().enumerate();
        events.map(|(place, event)| (EventId(self.n_forgotten + place), event))
    }

    /// An event that is kept.
    pub fn get(&self, id: EventId) -> Option<&Event> {
        self.events.get(id.0.checked_sub(self.n_forgotten)?)
    }

    /// The id that the next event will have.
    pub const fn next(&self) -> EventId {
        EventId(self.n_forgotten + self.events.len())
    }

    /// An event and what led to it, back to what came from outside or from another switch.
    pub fn chain(&self, id: EventId) -> impl Iterator<Item = (EventId, &Event)> {
        // A cause lies before its effect, so the chain ends.
        std::iter::successors(Some(id), |id| self.get(*id)?.cause)
            .filter_map(|id| Some((id, self.get(id)?)))
    }

    /// One event in words, with the names of a system.
    pub fn line(&self, system: &System, id: EventId) -> String {
        let Some(event) = self.get(id) else {
            return String::new();
        };
        // The text of a fault names what it strikes.
        let who = event
            .entity
            .filter(|_| !matches!(event.what, What::FaultBegan(_)));
        let who = who.map_or_else(String::new, |entity| {
            let name = system.name_of(entity.kind, entity.index as usize);
            format!("{} {name} ", entity.kind.name())
        });
        format!("{who}{}", event.what)
    }
}
