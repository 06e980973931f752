//! What happened at a switch because of what happened at the other end of a link.

use plant::Entity;
use system::EntityKind;

use super::World;
use super::event::{EventId, FarCause, What};
use super::switch::Switch;

impl World {
    /// Finds at far ends why signals and ports of this step were lost, where more of the eye is lost
    /// there than here.
    pub(super) fn ask_far_ends(&mut self) {
        for near in 0..self.switches.len() {
            let since = self.switches[near].causes.since;
            let log = self.switches[near].log.iter().rev();
            let new = log.take_while(|(id, _)| *id >= since);
            let new: Vec<EventId> = new.map(|(id, _)| id).collect();
            for id in new.into_iter().rev() {
                let Some(lane) = self.switches[near].lane_of_loss(id) else {
                    continue;
                };
                let event = self.switches[near].log.get(id);
                if event.is_some_and(|event| event.what == What::PortDown)
                    && let Some((switch, event)) = self.switches[near].unheard_by(lane)
                {
                    // A command says it; one of its own stands there already.
                    if switch != near {
                        self.switches[near]
                            .log
                            .set_far_cause(id, FarCause { switch, event });
                    }
                    continue;
                }
                let sender = self.switches[near].routes[lane].sending_lane();
                let Some((switch, sender)) = sender.filter(|(switch, _)| *switch != near) else {
                    continue;
                };
                let own = self.switches[near].blame_errors(lane);
                let Some(blame) = self.switches[switch].blame_sent(sender) else {
                    continue;
                };
                if own.is_none_or(|own| blame.part > own.part) {
                    let event = blame.event;
                    self.switches[near]
                        .log
                        .set_far_cause(id, FarCause { switch, event });
                }
            }
        }
    }
}

impl Switch {
    /// The lane whose errors an event is about, unless it follows from another event of that lane.
    fn lane_of_loss(&self, id: EventId) -> Option<usize> {
        let event = self.log.get(id)?;
        let cause = event.cause.and_then(|cause| self.log.get(cause));
        let is_told =
            cause.is_some_and(|cause| matches!(cause.what, What::SignalLost | What::DieTripped));
        let Entity { kind, index } = event.entity.filter(|_| !is_told)?;
        match (&event.what, kind) {
            (What::SignalLost, EntityKind::MediaLane) => Some(index as usize),
            (What::PortDown, EntityKind::Port) => self.worst_lane(system::PortId(index)),
            _ => None,
        }
    }
}
