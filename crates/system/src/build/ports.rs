//! Ports with the lanes that they take, and their links.

use std::collections::BTreeMap;

use super::{Builder, instance_name};
use crate::description::{Description, Medium, PortGroup};
use crate::entity::Entities;
use crate::entity::{Link, Port};
use crate::id::{AsicId, MediaLaneId, PortId, SerdesLaneId};
use crate::schema::Named;

/// Media lanes that no port has taken, by engine group and die.
type Pools = BTreeMap<(usize, usize), std::vec::IntoIter<MediaLaneId>>;

/// Lanes and dies of one port.
#[derive(Default)]
struct Taken {
    media_lanes: Vec<MediaLaneId>,
    serdes_lanes: Vec<SerdesLaneId>,
    asics: Vec<AsicId>,
}

/// Where the ports of a group take their lanes.
enum Origin {
    /// Engines of this group, on these dies; each port is striped over so many of them.
    Engines {
        group: usize,
        dies: Vec<usize>,
        stripe: usize,
    },
    /// SerDes lanes of this class of the dies of a group, the first of which may be used up.
    Dies {
        class: usize,
        dies: std::ops::Range<usize>,
    },
}

impl Builder<'_> {
    pub(super) fn ports(&mut self, entities: &mut Entities, description: &Description) {
        let mut pools = Pools::new();
        for (group_idx, group) in description.port.iter().enumerate() {
            let port = &group.value;
            if let Some(breakout) = port.breakout
                && port.lanes % breakout != 0
            {
                self.error(
                    "system::map",
                    ("port", &group.name, "breakout"),
                    format!(
                        "{} lanes do not break out into {breakout} ports",
                        port.lanes
                    ),
                    "`breakout` must divide `lanes`",
                );
            }
            let origin = match port.medium {
                Medium::Optical => self.optical_origin(entities, description, group),
                Medium::Electrical => self.electrical_origin(description, group),
            };
            let Some(mut origin) = origin else { continue };
            for index in 0..port.count {
                let taken = match &mut origin {
                    Origin::Engines {
                        group,
                        dies,
                        stripe,
                    } => {
                        let n_sets = dies.len() / *stripe;
                        let set = index as usize * n_sets / port.count as usize;
                        let dies = &dies[set * *stripe..(set + 1) * *stripe];
                        self.optical_lanes(entities, &mut pools, *group, dies, port.lanes)
                    }
                    Origin::Dies { class, dies } => {
                        self.electrical_lanes(entities, description, *class, dies, port.lanes)
                    }
                };
                let Some(taken) = taken else {
                    self.error(
                        "system::map",
                        ("port", &group.name, "count"),
                        format!(
                            "the lanes are used up after {index} of {} ports",
                            port.count
                        ),
                        "lower `count` or `lanes`, or give the switch more engines or SerDes lanes",
                    );
                    break;
                };
                let port_id = PortId::from_index(entities.ports.len());
                for lane in &taken.media_lanes {
                    entities.media_lanes[lane.index()].port = Some(port_id);
                }
                entities.ports.push(Port {
                    name: instance_name(&group.name, port.count, index),
                    group: group_idx,
                    medium: port.medium,
                    media_lanes: taken.media_lanes,
                    serdes_lanes: taken.serdes_lanes,
                    asics: taken.asics,
                });
            }
        }
        let idle = entities
            .media_lanes
            .iter()
            .filter(|lane| lane.port.is_none() && !entities.engines[lane.engine.index()].is_spare)
            .count();
        if idle > 0 {
            self.warnings
                .push(format!("{idle} lanes of active engines belong to no port"));
        }
    }

    fn optical_origin(
        &mut self,
        entities: &Entities,
        description: &Description,
        group: &Named<PortGroup>,
    ) -> Option<Origin> {
        let port = &group.value;
        let name = group.name.as_str();
        let engine_idx = self.reference(
            ("port", name, "engine"),
            port.engine.as_deref(),
            &description.engine,
        )?;
        let before = self.problems.len();
        let engine = &description.engine[engine_idx];
        let needed = port.rate.value.value() / f64::from(port.lanes);
        let offered = engine.value.media_rate.value.value();
        if needed > offered || needed < 0.5 * offered {
            self.error(
                "system::map",
                ("port", name, "rate"),
                format!(
                    "a lane of this port carries {:.2} Gb/s of data; a lane of {} runs at {:.2} Gb/s",
                    needed / 1e9,
                    engine.name,
                    offered / 1e9
                ),
                "the lane's rate is the data rate plus coding; change `rate` or `lanes`",
            );
        }
        let mut dies: Vec<usize> = entities.engines[self.engines_by_group[engine_idx].clone()]
            .iter()
            .map(|engine| engine.asic.index())
            .collect();
        dies.dedup();
        let stripe = port.striped_over.unwrap_or(1) as usize;
        let divides = |n: usize| n.is_multiple_of(stripe);
        if stripe > dies.len() || !divides(port.lanes as usize) || !divides(dies.len()) {
            self.error(
                "system::map",
                ("port", name, "striped_over"),
                format!(
                    "{} lanes cannot be striped over {stripe} of {} ASICs",
                    port.lanes,
                    dies.len()
                ),
                "`striped_over` must divide both the lanes of a port and the number of ASICs",
            );
        }
        (self.problems.len() == before).then_some(Origin::Engines {
            group: engine_idx,
            dies,
            stripe,
        })
    }

    fn optical_lanes(
        &self,
        entities: &Entities,
        pools: &mut Pools,
        group: usize,
        dies: &[usize],
        n_lanes: u32,
    ) -> Option<Taken> {
        let n_lanes = n_lanes as usize;
        let mut taken = Taken {
            asics: dies.iter().map(|die| AsicId::from_index(*die)).collect(),
            ..Taken::default()
        };
        for die in dies {
            let pool = pools.entry((group, *die)).or_insert_with(|| {
                let engines = &entities.engines[self.engines_by_group[group].clone()];
                let lanes: Vec<_> = engines
                    .iter()
                    .filter(|e| e.asic.index() == *die && !e.is_spare)
                    .flat_map(|e| e.media_lanes.clone())
                    .map(MediaLaneId)
                    .collect();
                lanes.into_iter()
            });
            taken.media_lanes.extend(pool.take(n_lanes / dies.len()));
        }
        (taken.media_lanes.len() == n_lanes).then_some(taken)
    }

    fn electrical_origin(
        &mut self,
        description: &Description,
        group: &Named<PortGroup>,
    ) -> Option<Origin> {
        let port = &group.value;
        let asic_idx = self.reference(
            ("port", &group.name, "asic"),
            port.asic.as_deref(),
            &description.asic,
        )?;
        let classes = &description.asic[asic_idx].value.serdes;
        let class = self.reference(
            ("port", &group.name, "serdes"),
            port.serdes.as_deref(),
            classes,
        )?;
        let needed = port.rate.value.value() / f64::from(port.lanes);
        let offered = classes[class].value.part.rate.value.value();
        if needed > offered {
            self.error(
                "system::map",
                ("port", &group.name, "rate"),
                format!(
                    "a lane of this port carries {:.2} Gb/s of data; class {} runs at {:.2} Gb/s",
                    needed / 1e9,
                    classes[class].name,
                    offered / 1e9
                ),
                "lower `rate`, raise `lanes`, or name a faster class in `serdes`",
            );
            return None;
        }
        let dies = self.dies_by_group[asic_idx].clone();
        Some(Origin::Dies { class, dies })
    }

    fn electrical_lanes(
        &mut self,
        entities: &Entities,
        description: &Description,
        class: usize,
        dies: &mut std::ops::Range<usize>,
        n_lanes: u32,
    ) -> Option<Taken> {
        while dies.start < dies.end {
            if let Some(lanes) =
                self.take_serdes(entities, description, (dies.start, class), n_lanes)
            {
                return Some(Taken {
                    serdes_lanes: lanes.map(SerdesLaneId).collect(),
                    asics: vec![AsicId::from_index(dies.start)],
                    ..Taken::default()
                });
            }
            // Ports of one group are equal: what is full for one is full for all after it.
            dies.start += 1;
        }
        None
    }

    /// Joins the ports; gives the names of the other systems at the far ends.
    pub(super) fn links(
        &mut self,
        entities: &mut Entities,
        description: &Description,
    ) -> Vec<String> {
        let mut link_of_group = vec![None; description.port.len()];
        for (link_idx, link) in description.link.iter().enumerate() {
            let name = link.name.as_str();
            let field = ("link", name, "port");
            let Some(port) = self.reference(field, Some(&link.value.port), &description.port)
            else {
                continue;
            };
            if description.port[port].value.medium != Medium::Optical {
                self.error(
                    "system::map",
                    field,
                    format!(
                        "link.{name} joins {}, whose ports are electrical",
                        link.value.port
                    ),
                    "name a group of optical ports",
                );
            }
            if link_of_group[port].replace(link_idx).is_some() {
                self.error(
                    "system::map",
                    field,
                    format!("two links join the ports of {}", link.value.port),
                    "remove one, or split the ports into groups",
                );
            }
        }
        let mut peers: Vec<String> = Vec::new();
        let peer_of_link: Vec<Option<usize>> = description
            .link
            .iter()
            .map(|link| {
                let name = link.value.peer.as_ref()?;
                if *name == description.name {
                    return None;
                }
                let known = peers.iter().position(|known| known == name);
                Some(known.unwrap_or_else(|| {
                    peers.push(name.clone());
                    peers.len() - 1
                }))
            })
            .collect();
        for (port_idx, port) in entities.ports.iter().enumerate() {
            if port.medium != Medium::Optical {
                continue;
            }
            let link = link_of_group[port.group];
            entities.links.push(Link {
                name: format!("link.{}", port.name),
                port: PortId::from_index(port_idx),
                group: link,
                peer: link.and_then(|link| peer_of_link[link]),
            });
        }
        peers
    }
}
