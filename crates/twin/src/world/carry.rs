//! What every lane carries: bits of a die, a test pattern, or nothing, from where, and what has gone
//! wrong with them on the way.
//!
//! Bits begin at lanes of a die, as data or as a pattern of its generators, at an ideal far end, or at a
//! generator of an engine. They are
//! followed back from each receiver: over its light to the sender, through loopbacks there to the
//! sender's own receiver, and so on, until they begin. Wires that are swapped on the way turn each bit
//! into the other one. What comes back to where it began without a beginning, such as between two
//! loopbacks that face each other, is nothing.
//!
//! Where bits come from is found again only when commands, routes, dies, power or mute lanes have
//! changed. Error ratios of a way add up: that of each stretch of light, and that of each electrical
//! segment, once each. A lane whose light brings data in the plain way keeps to its own decision,
//! which says the same.

use plant::{Direction, Loopback, PowerState, Sequence, TestPattern};
use serde::{Deserialize, Serialize};
use system::parts::Electrical;

use super::event::EventId;
use super::switch::Switch;

/// A side of a lane as a position.
pub(super) const TRANSMIT: usize = 0;
pub(super) const RECEIVE: usize = 1;

/// The position of a side.
pub(super) const fn side(direction: Direction) -> usize {
    match direction {
        Direction::Transmit => TRANSMIT,
        _ => RECEIVE,
    }
}

/// Something of a lane that commands set, beside its light.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Knob {
    Loopback,
    Receive,
    Pattern(usize),
    Polarity(usize),
    /// The pattern of a lane of its die.
    Serdes,
}

impl Knob {
    /// How many are of the lane itself.
    const COUNT: usize = 6;

    /// Where the lane itself remembers it.
    const fn place(self) -> Option<usize> {
        Some(match self {
            Self::Loopback => 0,
            Self::Receive => 1,
            Self::Pattern(side) => 2 + side,
            Self::Polarity(side) => 4 + side,
            Self::Serdes => return None,
        })
    }
}

/// What commands have set of what a lane carries.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct CarryControls {
    pub(super) loopback: Loopback,
    /// Whether its electrical output is on.
    pub(super) is_receive_on: bool,
    /// Made in its engine towards the fibre, and towards the host.
    pub(super) patterns: [Option<TestPattern>; 2],
    /// Whether wires of its electrical input, and of its output, are swapped.
    pub(super) is_swapped: [bool; 2],
    /// The last command to each knob.
    by: [Option<EventId>; Knob::COUNT],
}

impl CarryControls {
    /// Data both ways.
    pub(super) const PLAIN: Self = Self {
        loopback: Loopback::Off,
        is_receive_on: true,
        patterns: [None; 2],
        is_swapped: [false; 2],
        by: [None; Knob::COUNT],
    };

    /// Remembers which command has set a knob.
    pub(super) const fn set_by(&mut self, knob: Knob, event: EventId) {
        if let Some(place) = knob.place() {
            self.by[place] = Some(event);
        }
    }
}

/// What commands have set of what a lane of a die sends.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct SerdesControls {
    /// In place of data.
    pub(super) pattern: Option<TestPattern>,
    /// The last command about it.
    pub(super) by: Option<EventId>,
}

impl SerdesControls {
    /// Data.
    pub(super) const PLAIN: Self = Self {
        pattern: None,
        by: None,
    };
}

/// Where bits begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Nothing,
    /// At the lane of the die behind a lane.
    Data {
        switch: usize,
        lane: usize,
    },
    /// At an ideal far end, which is like this lane.
    Ideal {
        switch: usize,
        lane: usize,
    },
    Pattern(Sequence),
    /// At lanes of a die of which not all send the same: neither data nor a pattern.
    Mixture,
}

/// Bits at some place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) origin: Origin,
    pub(super) is_inverted: bool,
}

impl Content {
    pub(super) const NOTHING: Self = Self::of(Origin::Nothing);

    pub(super) const fn of(origin: Origin) -> Self {
        Self {
            origin,
            is_inverted: false,
        }
    }

    pub(super) const fn pattern(of: TestPattern) -> Self {
        Self {
            origin: Origin::Pattern(of.sequence),
            is_inverted: of.is_inverted,
        }
    }

    pub(super) const fn flipped(self, is_swapped: bool) -> Self {
        Self {
            is_inverted: self.is_inverted != is_swapped,
            ..self
        }
    }

    /// Whether there are bits.
    pub(super) const fn is_something(self) -> bool {
        !matches!(self.origin, Origin::Nothing)
    }

    /// The state of a signal that looks for patterns.
    const fn pattern_state(self) -> u8 {
        match self.origin {
            Origin::Pattern(sequence) => TestPattern {
                sequence,
                is_inverted: self.is_inverted,
            }
            .state(),
            _ => TestPattern::NO_STATE,
        }
    }
}

/// What has been met on the way from the origin.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Way {
    /// Sum of the error ratios of electrical segments.
    pub(super) electrical: f64,
    /// Lanes that have received light of it.
    pub(super) optical: Vec<(usize, usize)>,
    /// Commands that have had a say in it: what they set, where, and which.
    pub(super) touched: Vec<(Knob, usize, EventId)>,
}

impl Way {
    pub(super) fn touch(&mut self, switch: usize, of: &CarryControls, knob: Knob) {
        let event = knob.place().and_then(|place| of.by[place]);
        self.touched
            .extend(event.map(|event| (knob, switch, event)));
    }

    pub(super) fn touch_serdes(&mut self, switch: usize, of: &SerdesControls) {
        let event = of.by.map(|event| (Knob::Serdes, switch, event));
        self.touched.extend(event);
    }

    /// The last command to one of some knobs.
    pub(super) fn last(
        &self,
        switches: &[Switch],
        is_one: impl Fn(Knob) -> bool,
    ) -> Option<(usize, EventId)> {
        let of = self.touched.iter().filter(|(knob, ..)| is_one(*knob));
        let at_ns = |switch: usize, event| switches[switch].log.get(event).map(|of| of.at_ns);
        of.max_by_key(|(_, switch, event)| (at_ns(*switch, *event), *event))
            .map(|(_, switch, event)| (*switch, *event))
    }
}

/// What has gone wrong on a way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Gathered {
    pub(super) ratio: f64,
    /// Whether all receivers on it have light.
    pub(super) is_alive: bool,
}

/// What a lane carries towards its host.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Carried {
    /// What its receiver finds, as far as there is light.
    pub(super) found: Content,
    /// What comes to the die.
    pub(super) leaves: Content,
    /// Whether that is data that it shall hear.
    pub(super) is_own: bool,
    /// The command because of which it is not.
    pub(super) cause: Option<(usize, EventId)>,
    /// Of the bits that its receiver finds, and of those that come to the die; none where both are
    /// those of its own light in the plain way.
    pub(super) found_by: Option<Gathered>,
    pub(super) leaves_by: Option<Gathered>,
}

impl Carried {
    const NOTHING: Self = Self {
        found: Content::NOTHING,
        leaves: Content::NOTHING,
        is_own: true,
        cause: None,
        found_by: None,
        leaves_by: None,
    };
}

/// Ways of a lane that are not the plain one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Detour {
    pub(super) lane: usize,
    pub(super) found: Option<Way>,
    pub(super) leaves: Option<Way>,
}

/// What the lanes of a switch carry.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Carriage {
    pub(super) lanes: Vec<Carried>,
    pub(super) detours: Vec<Detour>,
    /// Whether it has to be found again.
    pub(super) is_stale: bool,
    /// Whether it was found again, or went wrong in another way, in this step.
    pub(super) is_new: bool,
    /// What it was found from, beside commands and routes.
    is_on: Vec<bool>,
    is_mute: Vec<bool>,
    is_powered: Vec<bool>,
}

impl Carriage {
    /// Not known yet.
    pub(super) fn unknown(n_lanes: usize) -> Self {
        Self {
            lanes: vec![Carried::NOTHING; n_lanes],
            detours: Vec::new(),
            is_stale: true,
            is_new: true,
            is_on: Vec::new(),
            is_mute: Vec::new(),
            is_powered: Vec::new(),
        }
    }
}

impl Switch {
    /// Whether the engine of a lane recovers bits, so that it can send others, or send them back.
    pub(super) fn is_retimed(&self, lane: usize) -> bool {
        let system = self.plan.system();
        let engine = &system.engines[self.plan.lanes[lane].engine];
        let electrical = system.description.engine[engine.group].value.electrical;
        electrical == Electrical::Retimed
    }

    /// Whether what it was found from, beside commands and routes, has changed; looks at it then.
    pub(super) fn has_carriage_changed(&mut self) -> bool {
        let n_engines = self.plan.system().engines.len();
        let is_full = |engine| self.powers.engine(engine) == PowerState::FullPower;
        let is_powered = (0..n_engines).map(is_full);
        let of = &self.carriage;
        if of.is_on == self.is_on
            && of.is_mute == self.harm.mute_hosts
            && is_powered.clone().eq(of.is_powered.iter().copied())
        {
            return self.carriage.is_stale;
        }
        let is_powered = is_powered.collect();
        let of = &mut self.carriage;
        of.is_powered = is_powered;
        of.is_on.clone_from(&self.is_on);
        of.is_mute.clone_from(&self.harm.mute_hosts);
        of.is_stale = true;
        true
    }

    pub(super) fn is_lane_powered(&self, lane: usize) -> bool {
        self.powers.engine(self.plan.lanes[lane].engine) == PowerState::FullPower
    }

    /// Error ratio of the electrical segment at a lane: half of what its model has of both ends.
    pub(super) fn segment(&self, lane: usize) -> f64 {
        let model = self.plan.lanes[lane].model;
        model.map_or(0.0, |model| 0.5 * self.plan.models[model].host_ber())
    }

    /// Whether the modulator of a lane is driven with bits. Those that come back from its own receiver
    /// are those of the step before.
    pub(super) fn is_driven(&self, lane: usize) -> bool {
        let of = &self.controls.carry[lane];
        let is_host_there =
            || self.is_on[self.plan.lanes[lane].asic] && !self.harm.lanes[lane].is_mute;
        match (of.patterns[TRANSMIT], of.loopback) {
            (Some(_), _) => true,
            (None, Loopback::MediaInput) => self.finds(lane).is_something(),
            (None, Loopback::HostOutput) => {
                of.patterns[RECEIVE].is_some() || self.finds(lane).is_something()
            }
            (None, _) => is_host_there(),
        }
    }

    /// What the receiver of a lane finds.
    fn finds(&self, lane: usize) -> Content {
        let of = &self.carriage.lanes[lane];
        let is_alive = of.found_by.map_or(self.has_signal(lane), |by| by.is_alive);
        if is_alive { of.found } else { Content::NOTHING }
    }

    /// The pattern that the engine's receiver finds, as a state.
    pub(super) fn found_pattern(&self, lane: usize) -> u8 {
        self.finds(lane).pattern_state()
    }

    /// What the lanes of the die behind a lane are set to.
    pub(super) fn serdes_of(&self, lane: usize) -> impl Iterator<Item = &SerdesControls> {
        let system = self.plan.system();
        let hosts = system.media_lanes[lane].host_lanes.clone();
        let serdes = hosts.map(|host| system.host_lanes[host as usize].serdes.index());
        serdes.map(|serdes| &self.controls.serdes[serdes])
    }

    /// The pattern that the engine of a lane finds at one of its electrical inputs, as a state.
    pub(super) fn pattern_at_input(&self, lane: usize, host: usize) -> u8 {
        let serdes = self.plan.system().host_lanes[host].serdes.index();
        let is_heard = self.is_on[self.plan.lanes[lane].asic]
            && !self.harm.mute_hosts[host]
            && self.is_lane_powered(lane);
        let pattern = self.controls.serdes[serdes].pattern.filter(|_| is_heard);
        let is_swapped = self.controls.carry[lane].is_swapped[TRANSMIT];
        pattern.map_or(TestPattern::NO_STATE, |pattern| {
            Content::pattern(pattern)
                .flipped(is_swapped)
                .pattern_state()
        })
    }

    /// The pattern among what comes to the die, as a state.
    pub(super) fn pattern_at_die(&self, lane: usize) -> u8 {
        self.carriage.lanes[lane].leaves.pattern_state()
    }

    /// Whether bits come to the die that is on, whatever they are.
    pub(super) fn reaches_die(&self, lane: usize) -> bool {
        let of = &self.carriage.lanes[lane];
        let is_alive = of.leaves_by.map_or(self.has_signal(lane), |by| by.is_alive);
        of.leaves.is_something() && is_alive && !self.harm.lanes[lane].is_deaf
    }

    /// Whether a lane brings data that it shall hear, of its own port or its own.
    pub(super) fn hears_its_own(&self, lane: usize) -> bool {
        self.carriage.lanes[lane].is_own
    }

    /// The command because of which it does not, and the position of its switch.
    pub(super) fn unheard_by(&self, lane: usize) -> Option<(usize, EventId)> {
        self.carriage.lanes[lane].cause
    }

    /// Error ratio of the bits that the engine's receiver finds: of data up to the decoder, of a pattern
    /// up to here. None of a lane that is dark as described.
    pub(super) fn found_ratio(&self, lane: usize) -> Option<f64> {
        let (ratio, _) = self.light.decision(&self.plan, lane)?;
        let by = self.carriage.lanes[lane].found_by;
        Some(by.map_or(ratio, |by| by.ratio))
    }

    /// Error ratio of what comes to the die; none of a lane that is dark as described.
    pub(super) fn ratio_at_die(&self, lane: usize) -> Option<f64> {
        let (ratio, _) = self.light.decision(&self.plan, lane)?;
        let by = self.carriage.lanes[lane].leaves_by;
        Some(by.map_or(ratio, |by| by.ratio))
    }
}
