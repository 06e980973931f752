//! Engines with their host and media lanes.

use std::ops::Range;

use super::{Builder, id, instance_name};
use crate::description::Description;
use crate::entity::Entities;
use crate::entity::{EngineEntity, HostLane, MediaLane};
use crate::id::{AsicId, EngineId, FibreId, LaserId, SerdesLaneId, WavelengthId, ZoneId};
use crate::parts::{Engine, Role, SerdesClass};
use crate::schema::Named;

/// The greatest ratio between the rates of host and media side that coding explains.
const CODING: f64 = 1.10;

/// Where one engine goes.
struct Seat {
    name: String,
    group: usize,
    asic: AsicId,
    zone: ZoneId,
    serdes: Range<u32>,
    is_spare: bool,
}

impl Builder<'_> {
    pub(super) fn engines(&mut self, entities: &mut Entities, description: &Description) {
        for (group_idx, group) in description.engine.iter().enumerate() {
            let first = entities.engines.len();
            self.engine_group(entities, description, group_idx, group);
            self.engines_by_group.push(first..entities.engines.len());
        }
    }

    fn engine_group(
        &mut self,
        entities: &mut Entities,
        description: &Description,
        group_idx: usize,
        group: &Named<Engine>,
    ) {
        let engine = &group.value;
        let name = group.name.as_str();
        let asic = self.reference(
            ("engine", name, "asic"),
            engine.asic.as_deref(),
            &description.asic,
        );
        let zone = self.reference(
            ("engine", name, "zone"),
            engine.zone.as_deref(),
            &description.zone,
        );
        let Some(asic) = asic else { return };
        let classes = &description.asic[asic].value.serdes;
        let class = self.reference(("engine", name, "host"), engine.host.as_deref(), classes);
        let Some(class) = class else { return };
        let dies = self.dies_by_group[asic].clone();
        let is_possible = self.check_engine(group, &classes[class], dies.len());
        let (Some(zone), true) = (zone, is_possible) else {
            return;
        };
        let count = engine.count.unwrap_or(1);
        let per_die = count / id(dies.len());
        let is_spare = engine.role == Some(Role::Spare);
        for index in 0..count {
            let asic = dies.start + (index / per_die) as usize;
            let serdes = if is_spare {
                Some(0..0)
            } else {
                self.take_serdes(entities, description, (asic, class), engine.host_lanes)
            };
            let Some(serdes) = serdes else {
                self.error(
                    "system::map",
                    ("engine", name, "host"),
                    format!(
                        "the {} lanes of class {} on {} are used up before engine {} of {count}",
                        classes[class].value.lanes,
                        classes[class].name,
                        entities.asics[asic].name,
                        index + 1,
                    ),
                    format!(
                        "each engine takes {} of them; raise the class's `lanes` or lower `count`",
                        engine.host_lanes
                    ),
                );
                break;
            };
            let seat = Seat {
                name: instance_name(name, count, index),
                group: group_idx,
                asic: AsicId::from_index(asic),
                zone: ZoneId::from_index(zone),
                serdes,
                is_spare,
            };
            push_engine(entities, engine, seat);
        }
    }

    /// Whether the counts and rates of a group of engines fit its dies and their lanes.
    fn check_engine(
        &mut self,
        group: &Named<Engine>,
        class: &Named<SerdesClass>,
        n_dies: usize,
    ) -> bool {
        let before = self.problems.len();
        let engine = &group.value;
        let name = group.name.as_str();
        let count = engine.count.unwrap_or(1);
        if !(count as usize).is_multiple_of(n_dies) {
            self.error(
                "system::map",
                ("engine", name, "count"),
                format!("{count} engines do not spread evenly over {n_dies} ASICs"),
                format!("`count` must be a multiple of {n_dies}"),
            );
        }
        let (host, media) = (engine.host_lanes, engine.media_lanes);
        if host % media != 0 && media % host != 0 {
            self.error(
                "system::map",
                ("engine", name, "host_lanes"),
                format!("no gearbox joins {host} host lanes with {media} media lanes"),
                "one of `host_lanes` and `media_lanes` must divide the other",
            );
        }
        let host_rate = class.value.part.rate.value.value() * f64::from(host);
        let media_rate = engine.media_rate.value.value() * f64::from(media);
        if host_rate < media_rate / CODING || host_rate > media_rate * CODING {
            self.error(
                "system::map",
                ("engine", name, "media_rate"),
                format!(
                    "{host} host lanes carry {:.1} Gb/s, {media} media lanes {:.1} Gb/s",
                    host_rate / 1e9,
                    media_rate / 1e9
                ),
                "coding explains a difference of 10 % at most; change `media_rate`, the numbers of lanes, or the SerDes class in `host`",
            );
        }
        self.problems.len() == before
    }
}

fn push_engine(entities: &mut Entities, engine: &Engine, seat: Seat) {
    let name = seat.name;
    let engine_id = EngineId::from_index(entities.engines.len());
    let first_host = id(entities.host_lanes.len());
    for (lane, serdes) in seat.serdes.enumerate() {
        entities.host_lanes.push(HostLane {
            name: format!("{name}.host{lane}"),
            engine: engine_id,
            serdes: SerdesLaneId(serdes),
        });
    }
    let n_host = id(entities.host_lanes.len()) - first_host;
    let first_media = id(entities.media_lanes.len());
    for lane in 0..engine.media_lanes {
        let host = if n_host == 0 {
            first_host..first_host
        } else {
            // With more host lanes than media lanes each media lane owns several, and vice versa.
            let start = lane * n_host / engine.media_lanes;
            let end = ((lane + 1) * n_host).div_ceil(engine.media_lanes);
            first_host + start..first_host + end
        };
        entities.media_lanes.push(MediaLane {
            name: format!("{name}.lane{lane}"),
            engine: engine_id,
            port: None,
            host_lanes: host,
            laser: LaserId(0),
            transmit_fibre: FibreId(0),
            receive_fibre: FibreId(0),
            wavelength: WavelengthId(lane % engine.wavelengths_per_fibre),
        });
    }
    entities.n_wavelengths = entities
        .n_wavelengths
        .max(engine.wavelengths_per_fibre as usize);
    entities.engines.push(EngineEntity {
        name,
        group: seat.group,
        asic: seat.asic,
        zone: seat.zone,
        is_spare: seat.is_spare,
        media_lanes: first_media..id(entities.media_lanes.len()),
        host_lanes: first_host..id(entities.host_lanes.len()),
        lasers: 0..0,
        faus: 0..0,
    });
}
