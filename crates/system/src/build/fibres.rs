//! Fibres, fibre array units and ferrules.

use super::{chunks, id};
use crate::description::{Description, Ferrules};
use crate::entity::Entities;
use crate::entity::{ConnectorEntity, Fau, FibreEntity, FibreUse, LaserHome};
use crate::id::{ConnectorId, EngineId, FauId, FibreId, MediaLaneId};
use crate::parts::Directions;

pub(super) fn fibres(entities: &mut Entities, description: &Description) {
    for engine_idx in 0..entities.engines.len() {
        let first_fibre = id(entities.fibres.len());
        engine_fibres(entities, description, engine_idx);
        let name = entities.engines[engine_idx].name.clone();
        let first_fau = id(entities.faus.len());
        let of_engine = first_fibre..id(entities.fibres.len());
        for (index, members) in
            chunks(&of_engine, description.fibre_plant.fibres_per_fau).enumerate()
        {
            let fau = FauId::from_index(entities.faus.len());
            entities.faus.push(Fau {
                name: format!("{name}.fau{index}"),
                engine: EngineId::from_index(engine_idx),
            });
            for member in members {
                entities.fibres[member as usize].fau = fau;
            }
        }
        entities.engines[engine_idx].faus = first_fau..id(entities.faus.len());
    }
    ferrules(entities, description);
}

fn push_fibre(
    entities: &mut Entities,
    engine_idx: usize,
    label: &str,
    carries: FibreUse,
) -> FibreId {
    let fibre = FibreId::from_index(entities.fibres.len());
    let name = match carries {
        FibreUse::Data => format!("{}.{label}", entities.engines[engine_idx].name),
        FibreUse::Laser => label.to_owned(),
    };
    entities.fibres.push(FibreEntity {
        name,
        carries,
        engine: EngineId::from_index(engine_idx),
        fau: FauId(0),
        connector: ConnectorId(0),
    });
    fibre
}

/// The fibres of an engine in the order of its lanes, each laser's fibre beside the first lane that
/// it lights, so that ferrules and array units hold what belongs together.
fn engine_fibres(entities: &mut Entities, description: &Description, engine_idx: usize) {
    let group = &description.engine[entities.engines[engine_idx].group].value;
    let lanes = entities.engines[engine_idx].media_lanes.clone();
    for (index, lanes) in chunks(&lanes, group.wavelengths_per_fibre).enumerate() {
        let mut fibre = |label: &str| {
            push_fibre(
                entities,
                engine_idx,
                &format!("{label}{index}"),
                FibreUse::Data,
            )
        };
        let (transmit, receive) = match group.directions {
            Directions::Separate => (fibre("tx"), fibre("rx")),
            Directions::Shared => {
                let both = fibre("fibre");
                (both, both)
            }
        };
        let mut shared = None;
        for lane in lanes {
            let entity = &mut entities.media_lanes[lane as usize];
            (entity.transmit_fibre, entity.receive_fibre) = (transmit, receive);
            laser_fibre(
                entities,
                description,
                engine_idx,
                MediaLaneId(lane),
                &mut shared,
            );
        }
    }
}

/// The fibre of a laser outside the engine, when `lane` is the first one that it lights. Lasers of
/// neighbouring wavelengths may share one: `shared` is the fibre of the lane before and the lasers
/// that it carries by now.
fn laser_fibre(
    entities: &mut Entities,
    description: &Description,
    engine_idx: usize,
    lane: MediaLaneId,
    shared: &mut Option<(FibreId, u32)>,
) {
    let laser_idx = entities.media_lanes[lane.index()].laser.index();
    // Without a laser, which is a problem reported elsewhere, the index means nothing.
    let Some(laser) = entities.lasers.get(laser_idx) else {
        return;
    };
    if laser.media_lanes.first() != Some(&lane) {
        return;
    }
    if let LaserHome::Module(module, _) = laser.home {
        let group = entities.laser_modules[module.index()].group;
        let part = &description.laser_module[group].value;
        let capacity = part.wavelengths_per_fibre.unwrap_or(1);
        let (fibre, n_lasers) = match *shared {
            Some((fibre, n_lasers)) if n_lasers < capacity => (fibre, n_lasers),
            _ => {
                let label = format!("{}.fibre", laser.name);
                (push_fibre(entities, engine_idx, &label, FibreUse::Laser), 0)
            }
        };
        *shared = Some((fibre, n_lasers + 1));
        entities.lasers[laser_idx].home = LaserHome::Module(module, Some(fibre));
    }
}

fn ferrules(entities: &mut Entities, description: &Description) {
    let plant = &description.fibre_plant;
    let of = |carries| -> Vec<usize> {
        (0..entities.fibres.len())
            .filter(|idx| entities.fibres[*idx].carries == carries)
            .collect()
    };
    let (data, laser) = (of(FibreUse::Data), of(FibreUse::Laser));
    let batches = match plant.ferrules {
        Ferrules::Shared => vec![(0..entities.fibres.len()).collect()],
        Ferrules::Separate => vec![data, laser],
    };
    for batch in batches {
        for members in batch.chunks(plant.fibres_per_ferrule.max(1) as usize) {
            let connector = ConnectorId::from_index(entities.connectors.len());
            entities.connectors.push(ConnectorEntity {
                name: format!("ferrule{}", connector.0),
            });
            for member in members {
                entities.fibres[*member].connector = connector;
            }
        }
    }
}
