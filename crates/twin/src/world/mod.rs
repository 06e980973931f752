//! The world in time: switches, the links between them, and one step of all of them.
//!
//! A step takes in what faults and commands have set, follows the light through every lane, lets
//! the heat of light and electrons move the temperatures, and lets sensors read what has become of
//! it. Loops that are faster than a step (laser control, locks that hold) are their equilibria; what
//! crosses a limit within a step is an event, with the event that brought it about. Temperatures
//! cross theirs at the time at which they do; what light does has the time of the end of the step.
//!
//! Light and electrons of a step follow the temperatures at its start, and the temperatures at its
//! end follow their heat. At rest the two agree as in [`SteadyState`](crate::SteadyState).
//!
//! What it does not model: heat between heaters of rings that do not stand next to each other, and
//! the time in which it flows, which is shorter than a step.

mod act;
mod ageing;
mod blame;
mod carry;
mod edge;
mod event;
mod far;
mod flow;
mod harm;
mod jump;
mod laser;
mod light;
mod load;
mod note;
mod part;
mod plan;
mod power;
mod rings;
mod route;
mod snapshot;
mod summary;
mod supply;
mod switch;
mod trace;
mod truth;
mod twin_plant;
mod undo;
mod wander;
mod zones;

use link::LevelPowers;
use rayon::prelude::*;
use units::Seconds;

pub use event::{Event, EventId, EventLog, FarCause, What};
pub use plan::SwitchPlan;
pub use snapshot::SnapshotError;
pub use summary::Extremes;
pub use switch::Switch;
pub use twin_plant::{Offer, TwinPlant};

use self::route::Heard;
use crate::heat::HeatFault;

/// Why a world cannot be made, or cannot go on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WorldError {
    /// Heat without an answer.
    #[error("{0}")]
    Heat(HeatFault),
    /// The name of a switch cannot name a device.
    #[error(transparent)]
    Name(#[from] plant::NotADeviceName),
    /// A lane that cannot live in time.
    #[error("{lane}: {fault}")]
    Lane {
        /// Its name.
        lane: String,
        /// Why.
        fault: link::LaneFault,
    },
    /// A laser has left the range of its device.
    #[error("{laser}: {error}")]
    Laser {
        /// Its name.
        laser: String,
        /// Why.
        error: photonics::DeviceError,
    },
    /// A part takes more than its rail can bring.
    #[error("{part}: {collapse}")]
    Supply {
        /// Its name.
        part: String,
        /// Why.
        collapse: crate::SupplyCollapse,
    },
    /// A step without length.
    #[error("a step of {0} ns; it has to be above zero")]
    Step(u64),
    /// Heat and light do not come to rest.
    #[error(
        "no stable state at rest: after {rounds} rounds of heat and light parts still move by {kelvin:.1e} K"
    )]
    NotAtRest {
        /// Rounds.
        rounds: usize,
        /// Greatest change in the last one.
        kelvin: f64,
    },
    /// Lists of far ends that do not fit.
    #[error("{found} {what}; there have to be {needed}")]
    Ends {
        /// As given.
        found: usize,
        /// As needed.
        needed: usize,
        /// Of what.
        what: &'static str,
    },
    /// A far end that cannot be heard.
    #[error(
        "{lane} cannot hear lane {end} of switch {switch}: there is none, or it sends in another way"
    )]
    Unheard {
        /// The lane that shall hear.
        lane: String,
        /// Position of the switch.
        switch: usize,
        /// Position of its lane.
        end: usize,
    },
    /// Switches that cannot be joined.
    #[error("a switch of {one} lanes cannot be joined lane by lane with one of {other}")]
    Join {
        /// Lanes of the one.
        one: usize,
        /// Lanes of the other.
        other: usize,
    },
    /// A link that loses what no link loses.
    #[error("the link to {lane} loses {extra_db} dB; it has to be finite and not negative")]
    Loss {
        /// The lane that hears through it.
        lane: String,
        /// The loss, dB.
        extra_db: f64,
    },
}

/// The lane of some switch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FarLane {
    /// Position of the switch in the world.
    pub switch: usize,
    /// The lane.
    pub lane: system::MediaLaneId,
    /// Loss on the way from there, beyond what its description says of the fibres, dB.
    pub extra_db: f64,
}

/// What a lane hears.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FarEnd {
    /// A lane of a switch of the world, which may be its own.
    Lane(FarLane),
    /// A transmitter as its own is described, at which nothing ever changes.
    Ideal,
    /// No light: nothing is connected.
    Nothing,
}

/// Switches and the links between them. A copy goes on with the same bits.
#[derive(Debug, Clone)]
pub struct World {
    switches: Vec<Switch>,
    /// For each switch, what each of its lanes hears.
    far: Vec<Vec<FarEnd>>,
    now_ns: u64,
}

impl World {
    /// Switches, and for each of them what each of its lanes hears.
    ///
    /// # Errors
    /// Another number of far ends than there are lanes, an end in a switch or at a lane that there
    /// is not, an end of another modulation or bit rate, a link that loses less than nothing.
    pub fn new(switches: Vec<Switch>, far: Vec<Vec<FarEnd>>) -> Result<Self, WorldError> {
        if far.len() != switches.len() {
            return Err(WorldError::Ends {
                found: far.len(),
                needed: switches.len(),
                what: "lists of far ends, one for each switch",
            });
        }
        for (of, ends) in switches.iter().zip(&far) {
            let needed = of.plan().system().media_lanes.len();
            if ends.len() != needed {
                return Err(WorldError::Ends {
                    found: ends.len(),
                    needed,
                    what: "far ends, one for each lane",
                });
            }
            for (lane, end) in ends.iter().enumerate() {
                let FarEnd::Lane(end) = *end else { continue };
                if !(0.0..f64::INFINITY).contains(&end.extra_db) {
                    return Err(WorldError::Loss {
                        lane: of.plan().system().media_lanes[lane].name.clone(),
                        extra_db: end.extra_db,
                    });
                }
                let there = switches.get(end.switch).map(|switch| &**switch.plan());
                let can_be_heard =
                    there.is_some_and(|there| of.plan().hears(lane, there, end.lane));
                if !can_be_heard {
                    return Err(WorldError::Unheard {
                        lane: of.plan().system().media_lanes[lane].name.clone(),
                        switch: end.switch,
                        end: end.lane.index(),
                    });
                }
            }
        }
        Ok(Self {
            far,
            switches,
            now_ns: 0,
        })
    }

    /// One switch whose lanes hear themselves, as in a loopback at the faceplate.
    pub fn looped_back(switch: Switch) -> Self {
        Self::apart(vec![switch])
    }

    /// Switches that do not know each other: the lanes of each hear themselves.
    pub fn apart(switches: Vec<Switch>) -> Self {
        let hears_itself =
            |(switch, of): (usize, &Switch)| lanes_of(of).map(heard_from(switch)).collect();
        Self {
            far: switches.iter().enumerate().map(hears_itself).collect(),
            switches,
            now_ns: 0,
        }
    }

    /// Two switches of equal lanes, each lane joined with the one of the same number.
    ///
    /// # Errors
    /// The switches have different numbers of lanes, or lanes that do not understand each other.
    pub fn back_to_back(one: Switch, other: Switch) -> Result<Self, WorldError> {
        let n = one.plan().system().media_lanes.len();
        let m = other.plan().system().media_lanes.len();
        if n != m {
            return Err(WorldError::Join { one: n, other: m });
        }
        let far = vec![
            lanes_of(&one).map(heard_from(1)).collect(),
            lanes_of(&other).map(heard_from(0)).collect(),
        ];
        Self::new(vec![one, other], far)
    }

    /// The switches.
    pub fn switches(&self) -> &[Switch] {
        &self.switches
    }

    /// A switch, to be told what to do.
    pub fn switch_mut(&mut self, switch: usize) -> Option<&mut Switch> {
        self.switches.get_mut(switch)
    }

    /// Evaluates every lane in every step, or, as a world begins, only those whose light or receiver
    /// has moved. What is kept then is off by less than 0.005 dB and 0.01 decades.
    pub fn evaluate_every_lane(&mut self, every: bool) {
        for switch in &mut self.switches {
            switch.light.is_every_lane_due = every;
        }
    }

    /// Simulated nanoseconds since the world began.
    pub const fn now_ns(&self) -> u64 {
        self.now_ns
    }

    /// Whether a step has been made.
    pub fn has_begun(&self) -> bool {
        self.switches.iter().any(|switch| switch.truth().is_some())
    }

    /// Sets the clock of a world that has not begun.
    pub fn begin_at(&mut self, now_ns: u64) {
        if !self.has_begun() {
            self.now_ns = now_ns;
        }
    }

    /// One step of `dt_ns` nanoseconds.
    ///
    /// # Errors
    /// A step without length, a part out of its range. The world is then as the failing stage left
    /// it and does not go on.
    pub fn step(&mut self, dt_ns: u64) -> Result<(), WorldError> {
        if dt_ns == 0 {
            return Err(WorldError::Step(dt_ns));
        }
        self.now_ns += dt_ns;
        self.exchange()?;
        let dt = Seconds::new(dt_ns as f64 * 1e-9);
        let (now_ns, switches) = (self.now_ns, &mut self.switches);
        switches
            .par_iter_mut()
            .try_for_each(|switch| switch.warm(dt, now_ns, dt_ns))?;
        self.ask_far_ends();
        Ok(())
    }

    /// Faults, commands, light out, light in.
    fn exchange(&mut self) -> Result<(), WorldError> {
        let now_ns = self.now_ns;
        for switch in &mut self.switches {
            switch.carriage.is_new = false;
        }
        // What lanes send back they have found before.
        self.carry();
        self.switches
            .par_iter_mut()
            .try_for_each(|switch| switch.send(now_ns))?;
        // Fibres that change places do so for both ends of all links.
        let is_laid_anew = self.switches.iter().any(Switch::is_laid_anew);
        // Light of all switches stands beside them while each takes in what it hears.
        let sent: Vec<Heard> = self.switches.iter_mut().map(Switch::lend).collect();
        self.switches
            .par_iter_mut()
            .zip(&self.far)
            .enumerate()
            .for_each(|(own, (switch, far))| {
                if is_laid_anew {
                    switch.lay(own, far, &sent);
                }
                switch.receive(own, &sent);
            });
        for (switch, heard) in self.switches.iter_mut().zip(sent) {
            switch.take_back(heard);
        }
        self.carry();
        Ok(())
    }
}

fn lanes_of(switch: &Switch) -> impl Iterator<Item = system::MediaLaneId> {
    let n = switch.plan().system().media_lanes.len();
    (0..n).map(system::MediaLaneId::from_index)
}

/// A lane of a switch as a far end.
fn heard_from(switch: usize) -> impl Fn(system::MediaLaneId) -> FarEnd {
    move |lane| {
        FarEnd::Lane(FarLane {
            switch,
            lane,
            extra_db: 0.0,
        })
    }
}

/// No light on any level.
const DARK: LevelPowers = [0.0; link::MAX_LEVELS];
