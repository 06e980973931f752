//! What happened at a switch because of what happened at the other end of a link.

use plant::Entity;
use system::EntityKind;

use super::World;
use super::event::{EventId, FarCause, What};
use super::switch::Switch;

impl World {
    /// Finds at far ends why signals and ports of this step were lost, where a switch finds no cause
    /// of its own.
    pub(super) fn ask_far_ends(&mut self) {
        let now_ns = self.now_ns;
        for near in 0..self.switches.len() {
            let events = self.switches[near].log.events();
            let before = events.iter().rposition(|event| event.at_ns != now_ns);
            for idx in before.map_or(0, |before| before + 1)..events.len() {
                let id = EventId(idx);
                let of = &self.switches[near];
                let Some((switch, sender)) = of.far_sender(near, id) else {
                    continue;
                };
                if let Some(event) = self.switches[switch].cause_of_sending(sender) {
                    let cause = FarCause { switch, event };
                    self.switches[near].log.set_far_cause(id, cause);
                }
            }
        }
    }
}

impl Switch {
    /// The switch and the lane whose light has to do with an event that has no cause here; `own` is
    /// the position of this switch.
    fn far_sender(&self, own: usize, id: EventId) -> Option<(usize, usize)> {
        let event = self.log.events().get(id.0)?;
        let is_open = event.cause.is_none() && event.far_cause.is_none();
        let Entity { kind, index } = event.entity.filter(|_| is_open)?;
        let lane = match (&event.what, kind) {
            (What::SignalLost, EntityKind::MediaLane) => index as usize,
            (What::PortDown, EntityKind::Port) => self.worst_lane(system::PortId(index))?,
            _ => return None,
        };
        let (switch, sender) = self.routes.get(lane)?.sender()?;
        (switch != own).then_some((switch, sender))
    }

    /// Why a lane sends no light, or a wrong one: the first event on its way from the die that drives
    /// it over lock and laser to its fibre.
    pub(super) fn cause_of_sending(&self, lane: usize) -> Option<EventId> {
        let entity = &self.plan.system().media_lanes[lane];
        self.trip_of(lane)
            .or_else(|| self.cause_of_light(lane))
            .or_else(|| self.command_to(Entity::from(system::MediaLaneId::from_index(lane))))
            .or(self.harm.lane_by[lane])
            .or(self.harm.fibre_by[entity.transmit_fibre.index()])
            .or_else(|| self.cause_of_laser(entity.laser.index()))
    }
}
