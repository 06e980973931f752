//! Parts that a picture shows apart from all others, because a fault strikes them.

use plant::Entity;
use system::{EntityKind, FibreId, MediaLaneId, Part, System};
use twin::fault::{Fault, Target};
use twin::scenario::{Action, Scenario};
use twin::world::FarEnd;
use twin::world_file::WorldFile;

/// More of one kind are not told apart by colour beside the bands.
const MOST: usize = 4;
/// So many lanes of one fault are shown.
const MOST_LANES: usize = 2;

/// Parts that faults strike, with the positions of their switches, and the lanes that hear them or
/// that they hear.
pub(super) fn struck(
    file: &WorldFile,
    injected: &[(usize, Fault)],
    scenario: &Scenario,
) -> Vec<(usize, Entity)> {
    let planned = scenario.events.iter().filter_map(|event| {
        let Action::Fault { fault, .. } = &event.action else {
            return None;
        };
        Some((event.switch, fault))
    });
    let injected = injected.iter().map(|(switch, fault)| (*switch, fault));
    let mut found: Vec<(usize, Entity)> = Vec::new();
    let mut push = |switch: usize, entity: Entity| {
        let alike = found.iter().filter(|(_, of)| of.kind == entity.kind);
        if alike.count() < MOST && !found.contains(&(switch, entity)) {
            found.push((switch, entity));
        }
    };
    for (switch, fault) in injected.chain(planned) {
        let system = &file.switches[switch].system;
        let entities = match fault.target {
            Target::Entity(one) => vec![one],
            Target::TwoEntities(one, other) => vec![one, other],
            Target::Monitor(signal, index) => vec![Entity {
                kind: signal.kind(),
                index,
            }],
            Target::Cooling(_) => Vec::new(),
        };
        for entity in entities {
            push(switch, entity);
            for lane in lanes(system, entity).into_iter().take(MOST_LANES) {
                push(switch, Entity::from(lane));
                if let FarEnd::Lane(far) = file.far[switch][lane.index()] {
                    push(far.switch, Entity::from(far.lane));
                }
            }
        }
    }
    found
}

/// The lanes whose light goes through a part.
fn lanes(system: &System, entity: Entity) -> Vec<MediaLaneId> {
    match entity.kind {
        EntityKind::MediaLane => vec![MediaLaneId(entity.index)],
        EntityKind::Fibre => system.lanes_of(Part::Fibre(FibreId(entity.index))),
        _ => Vec::new(),
    }
}
