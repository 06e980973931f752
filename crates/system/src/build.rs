//! From the checked description to flat arrays: which lane goes where.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::description::{Description, Ferrules, Medium, PortGroup};
use crate::entity::{
    AsicEntity, ConnectorEntity, EngineEntity, Fau, FibreEntity, FibreUse, HostLane, LaserEntity,
    LaserHome, LaserModuleEntity, Link, MediaLane, Port, SerdesLane,
};
use crate::id::{
    AsicId, ConnectorId, EngineId, FauId, FibreId, LaserId, LaserModuleId, MediaLaneId, PortId,
    SerdesLaneId, WavelengthId, ZoneId,
};
use crate::parts::{Directions, Role};
use crate::problem::{Problem, Span};
use crate::record::{Record, Value};
use crate::schema::Named;
use crate::system::System;

/// The greatest number of lanes, engines and fibres of one system.
const MAX_ENTITIES: usize = 1 << 20;

/// Fills the flat arrays and reports every map that cannot be.
pub(crate) fn build(system: &mut System, record: &Record, problems: &mut Vec<Problem>) {
    let n_entities: u64 = system
        .description
        .engine
        .iter()
        .map(|g| {
            u64::from(g.value.count.unwrap_or(1))
                * u64::from(g.value.media_lanes + g.value.host_lanes)
        })
        .chain(system.description.asic.iter().map(|g| {
            let lanes: u64 = g
                .value
                .serdes
                .iter()
                .map(|class| u64::from(class.value.lanes))
                .sum();
            lanes * u64::from(g.value.count.unwrap_or(1))
        }))
        .chain(
            system
                .description
                .port
                .iter()
                .map(|g| u64::from(g.value.count) * u64::from(g.value.lanes)),
        )
        .sum();
    if n_entities > MAX_ENTITIES as u64 {
        problems.push(Problem::new(
            "system::too-large",
            &record.span,
            format!(
                "the description has {n_entities} lanes and ports; the limit is {MAX_ENTITIES}"
            ),
        ));
        return;
    }
    let before = problems.len();
    let mut builder = Builder {
        record,
        problems,
        host_cursor: BTreeMap::new(),
    };
    let description = Arc::clone(&system.description);
    builder.asics(system, &description);
    builder.engines(system, &description);
    if builder.problems.len() > before {
        return;
    }
    builder.lasers(system, &description);
    builder.fibres(system, &description);
    builder.ports(system, &description);
    builder.links(system, &description);
    builder.package(system, &description);
    builder.references(&description);
}

struct Builder<'a> {
    record: &'a Record,
    problems: &'a mut Vec<Problem>,
    /// Next free SerDes lane by die and class.
    host_cursor: BTreeMap<(usize, usize), u32>,
}

/// `name` alone, or with an index when there are several.
fn instance_name(group: &str, count: u32, index: u32) -> String {
    if count == 1 {
        group.to_owned()
    } else {
        format!("{group}{index}")
    }
}

fn find<T>(groups: &[Named<T>], name: &str) -> Option<usize> {
    groups.iter().position(|group| group.name == name)
}

/// An index into an array of a system whose size has been checked.
fn id(index: usize) -> u32 {
    u32::try_from(index).expect("the number of entities has been checked")
}

impl Builder<'_> {
    /// The place where a group was written, or one of its fields.
    fn span(&self, kind: &str, group: &str, field: &str) -> Span {
        let record = match self.record.get(kind).map(|f| &f.value) {
            Some(Value::Groups(groups)) => groups
                .iter()
                .find(|(name, _)| &**name == group)
                .map(|(_, r)| r),
            Some(Value::Part(record)) => Some(record),
            _ => None,
        };
        record.map_or_else(
            || self.record.span.clone(),
            |record| {
                record
                    .get(field)
                    .map_or_else(|| record.span.clone(), |field| field.span.clone())
            },
        )
    }

    fn error(&mut self, code: &'static str, span: &Span, message: String) -> &mut Problem {
        self.problems.push(Problem::new(code, span, message));
        self.problems.last_mut().expect("just pushed")
    }

    /// The position of the group that a field names, or a problem.
    fn reference<T>(
        &mut self,
        (kind, group, field): (&str, &str, &str),
        name: Option<&str>,
        groups: &[Named<T>],
        only_if_single: bool,
    ) -> Option<usize> {
        let Some(name) = name else {
            if only_if_single && groups.len() == 1 {
                return Some(0);
            }
            let span = self.span(kind, group, field);
            self.error(
                "system::missing",
                &span,
                format!("{kind}.{group} lacks {field}"),
            );
            return None;
        };
        if let Some(index) = find(groups, name) {
            return Some(index);
        }
        let span = self.span(kind, group, field);
        let problem = Problem::new(
            "system::reference",
            &span,
            format!("{field} {name:?} does not exist"),
        )
        .with_nearest(name, groups.iter().map(|g| g.name.as_str()));
        self.problems.push(problem);
        None
    }

    fn asics(&mut self, system: &mut System, description: &Description) {
        for (group_idx, group) in description.asic.iter().enumerate() {
            let asic = &group.value;
            let zone = self
                .reference(
                    ("asic", &group.name, "zone"),
                    asic.zone.as_deref(),
                    &description.zone,
                    true,
                )
                .map_or(ZoneId(0), ZoneId::from_index);
            let count = asic.count.unwrap_or(1);
            for index in 0..count {
                let name = instance_name(&group.name, count, index);
                let asic_id = AsicId::from_index(system.asics.len());
                let first = id(system.serdes_lanes.len());
                for (class_idx, class) in asic.serdes.iter().enumerate() {
                    for lane in 0..class.value.lanes {
                        system.serdes_lanes.push(SerdesLane {
                            name: format!("{name}.{}{lane}", class.name),
                            asic: asic_id,
                            class: class_idx,
                        });
                    }
                }
                let serdes_lanes = first..id(system.serdes_lanes.len());
                system.asics.push(AsicEntity {
                    name,
                    group: group_idx,
                    zone,
                    serdes_lanes,
                });
            }
        }
    }

    /// Takes lanes of a class of a die; nothing when there are too few.
    fn take_serdes(
        &mut self,
        system: &System,
        asic: AsicId,
        class: usize,
        n: u32,
    ) -> Option<Range<u32>> {
        let entity = &system.asics[asic.index()];
        let classes = &system.description.asic[entity.group].value.serdes;
        let offset: u32 = classes[..class].iter().map(|class| class.value.lanes).sum();
        let cursor = self.host_cursor.entry((asic.index(), class)).or_insert(0);
        if *cursor + n > classes[class].value.lanes {
            return None;
        }
        let first = entity.serdes_lanes.start + offset + *cursor;
        *cursor += n;
        Some(first..first + n)
    }

    fn engines(&mut self, system: &mut System, description: &Description) {
        for (group_idx, group) in description.engine.iter().enumerate() {
            let engine = &group.value;
            let name = group.name.as_str();
            let asic = self.reference(
                ("engine", name, "asic"),
                engine.asic.as_deref(),
                &description.asic,
                true,
            );
            let zone = self.reference(
                ("engine", name, "zone"),
                engine.zone.as_deref(),
                &description.zone,
                true,
            );
            let (Some(asic), Some(zone)) = (asic, zone) else {
                continue;
            };
            let classes = &description.asic[asic].value.serdes;
            let Some(class) = self.reference(
                ("engine", name, "host"),
                engine.host.as_deref(),
                classes,
                true,
            ) else {
                continue;
            };
            let count = engine.count.unwrap_or(1);
            let dies: Vec<AsicId> = (0..system.asics.len())
                .filter(|idx| system.asics[*idx].group == asic)
                .map(AsicId::from_index)
                .collect();
            let n_dies = id(dies.len());
            if count % n_dies != 0 {
                let span = self.span("engine", name, "count");
                self.error(
                    "system::map",
                    &span,
                    format!("{count} engines do not spread evenly over {n_dies} ASICs"),
                );
                continue;
            }
            let (host, media) = (engine.host_lanes, engine.media_lanes);
            if host % media != 0 && media % host != 0 {
                let span = self.span("engine", name, "host_lanes");
                self.error(
                    "system::map",
                    &span,
                    format!("a gearbox joins {host} host lanes with {media} media lanes only if one divides the other"),
                );
                continue;
            }
            let host_rate = classes[class].value.part.rate.value.value() * f64::from(host);
            let media_rate = engine.media_rate.value.value() * f64::from(media);
            if host_rate < media_rate / 1.10 || host_rate > media_rate * 1.10 {
                let span = self.span("engine", name, "media_rate");
                self.error(
                    "system::map",
                    &span,
                    format!(
                        "{host} host lanes carry {:.1} Gb/s, {media} media lanes {:.1} Gb/s; coding explains at most 10 %",
                        host_rate / 1e9,
                        media_rate / 1e9
                    ),
                );
                continue;
            }
            for index in 0..count {
                let asic = dies[(index / (count / n_dies)) as usize];
                let is_spare = engine.role == Some(Role::Spare);
                let serdes = if is_spare {
                    Some(0..0)
                } else {
                    self.take_serdes(system, asic, class, host)
                };
                let Some(serdes) = serdes else {
                    let span = self.span("engine", name, "host");
                    self.error(
                        "system::map",
                        &span,
                        format!(
                            "the {} lanes of class {} on {} are used up before engine {index} of {count}",
                            classes[class].value.lanes, classes[class].name, system.asics[asic.index()].name
                        ),
                    );
                    break;
                };
                self.engine(
                    system,
                    engine,
                    zone,
                    (group_idx, name, index, count),
                    asic,
                    serdes,
                    is_spare,
                );
            }
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one call site, each argument of its own type"
    )]
    fn engine(
        &mut self,
        system: &mut System,
        engine: &crate::parts::Engine,
        zone: usize,
        (group, group_name, index, count): (usize, &str, u32, u32),
        asic: AsicId,
        serdes: Range<u32>,
        is_spare: bool,
    ) {
        let name = instance_name(group_name, count, index);
        let engine_id = EngineId::from_index(system.engines.len());
        let first_host = id(system.host_lanes.len());
        for (lane, serdes) in serdes.enumerate() {
            system.host_lanes.push(HostLane {
                name: format!("{name}.host{lane}"),
                engine: engine_id,
                serdes: SerdesLaneId(serdes),
            });
        }
        let n_host = id(system.host_lanes.len()) - first_host;
        let first_media = id(system.media_lanes.len());
        for lane in 0..engine.media_lanes {
            let host = if n_host == 0 {
                first_host..first_host
            } else {
                // With more host lanes than media lanes each media lane owns several, and vice versa.
                let start = lane * n_host / engine.media_lanes;
                let end = ((lane + 1) * n_host).div_ceil(engine.media_lanes);
                first_host + start..first_host + end
            };
            system.media_lanes.push(MediaLane {
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
        system.n_wavelengths = system
            .n_wavelengths
            .max(engine.wavelengths_per_fibre as usize);
        system.engines.push(EngineEntity {
            name,
            group,
            asic,
            zone: ZoneId::from_index(zone),
            is_spare,
            media_lanes: first_media..id(system.media_lanes.len()),
            host_lanes: first_host..id(system.host_lanes.len()),
            lasers: 0..0,
            faus: 0..0,
        });
    }

    fn lasers(&mut self, system: &mut System, description: &Description) {
        for (engine_idx, group) in description.engine.iter().enumerate() {
            let fed_by: Vec<usize> = (0..description.laser_module.len())
                .filter(|idx| {
                    let feeds = description.laser_module[*idx].value.feeds.as_deref();
                    feeds.map_or(description.engine.len() == 1, |name| name == group.name)
                })
                .collect();
            let span = self.span("engine", &group.name, "laser");
            match (&group.value.laser, fed_by.as_slice()) {
                (Some(_), []) => self.integrated_lasers(system, engine_idx),
                (None, [module]) => self.module_lasers(system, description, engine_idx, *module),
                (Some(_), _) => {
                    self.error(
                        "system::map",
                        &span,
                        format!("{} has lasers inside and laser modules too", group.name),
                    );
                }
                (None, []) => {
                    self.error(
                        "system::map",
                        &span,
                        format!(
                            "nothing lights {}: it has no laser, and no laser module feeds it",
                            group.name
                        ),
                    )
                    .help = Some(format!(
                        "add a laser, or a laser_module with `feeds = {:?}`",
                        group.name
                    ));
                }
                (None, _) => {
                    self.error(
                        "system::map",
                        &span,
                        format!("more than one group of laser modules feeds {}", group.name),
                    );
                }
            }
        }
        for module in &description.laser_module {
            if let Some(feeds) = &module.value.feeds {
                self.reference(
                    ("laser_module", &module.name, "feeds"),
                    Some(feeds),
                    &description.engine,
                    false,
                );
            }
        }
    }

    fn integrated_lasers(&mut self, system: &mut System, group: usize) {
        let engine = &system.description.engine[group].value;
        let lanes_per_laser = engine.lanes_per_laser.unwrap_or(1);
        if engine.laser_launch.is_none() {
            let name = system.description.engine[group].name.clone();
            let span = self.span("engine", &name, "laser");
            self.error(
                "system::missing",
                &span,
                format!("engine.{name} lacks laser_launch, the power of its laser"),
            );
        }
        for idx in 0..system.engines.len() {
            if system.engines[idx].group != group {
                continue;
            }
            let first = id(system.lasers.len());
            for (index, lanes) in
                chunks(&system.engines[idx].media_lanes, lanes_per_laser).enumerate()
            {
                let name = format!("{}.laser{index}", system.engines[idx].name);
                push_laser(
                    system,
                    name,
                    LaserHome::Engine(EngineId::from_index(idx)),
                    lanes,
                );
            }
            system.engines[idx].lasers = first..id(system.lasers.len());
        }
    }

    fn module_lasers(
        &mut self,
        system: &mut System,
        description: &Description,
        group: usize,
        module_idx: usize,
    ) {
        let named = &description.laser_module[module_idx];
        let module = &named.value;
        let name = named.name.as_str();
        let zone = self.reference(
            ("laser_module", name, "zone"),
            module.zone.as_deref(),
            &description.zone,
            true,
        );
        let lanes_per_laser = module.lanes_per_laser.unwrap_or(1);
        let engines: Vec<usize> = (0..system.engines.len())
            .filter(|i| system.engines[*i].group == group)
            .collect();
        // The light of one fibre is split inside one engine, so a laser never serves two engines.
        let chunks: Vec<(usize, Range<u32>)> = engines
            .iter()
            .flat_map(|idx| {
                chunks(&system.engines[*idx].media_lanes, lanes_per_laser)
                    .map(move |lanes| (*idx, lanes))
            })
            .collect();
        let needed = id(chunks.len());
        let count = module
            .count
            .unwrap_or_else(|| needed.div_ceil(module.lasers));
        let available = count * module.lasers;
        if available < needed {
            let span = self.span("laser_module", name, "count");
            self.error(
                "system::map",
                &span,
                format!("{count} modules have {available} lasers; the lanes need {needed} at {lanes_per_laser} lanes each"),
            )
            .help = Some(format!("use {} modules, or leave `count` out", needed.div_ceil(module.lasers)));
            return;
        }
        if available > needed {
            system.warnings.push(format!(
                "{} of {available} lasers of {name} feed nothing",
                available - needed
            ));
        }
        let mut chunks = chunks.into_iter();
        for index in 0..count {
            let module_id = LaserModuleId::from_index(system.laser_modules.len());
            let module_name = instance_name(name, count, index);
            let first = id(system.lasers.len());
            for laser in 0..module.lasers {
                let lanes = chunks.next().map_or(0..0, |(_, lanes)| lanes);
                push_laser(
                    system,
                    format!("{module_name}.laser{laser}"),
                    LaserHome::Module(module_id, None),
                    lanes,
                );
            }
            system.laser_modules.push(LaserModuleEntity {
                name: module_name,
                group: module_idx,
                zone: ZoneId::from_index(zone.unwrap_or(0)),
                lasers: first..id(system.lasers.len()),
            });
        }
        let plant = &description.fibre_plant;
        for (field, is_there) in [
            ("laser_fibre", plant.laser_fibre.is_some()),
            ("laser_fibre_length", plant.laser_fibre_length.is_some()),
            ("laser_mate", plant.laser_mate.is_some()),
            ("laser_connector", plant.laser_connector.is_some()),
            ("laser_connectors", plant.laser_connectors.is_some()),
        ] {
            if !is_there {
                let span = self.span("fibre_plant", "", "");
                self.error(
                    "system::missing",
                    &span,
                    format!("fibre_plant lacks {field}, which external lasers need"),
                );
            }
        }
    }

    fn fibres(&mut self, system: &mut System, description: &Description) {
        let plant = &description.fibre_plant;
        for engine_idx in 0..system.engines.len() {
            let engine_id = EngineId::from_index(engine_idx);
            let group = &description.engine[system.engines[engine_idx].group].value;
            let name = system.engines[engine_idx].name.clone();
            let first_fibre = system.fibres.len();
            let fibre = |system: &mut System, label: String, carries: FibreUse| {
                system.fibres.push(FibreEntity {
                    name: label,
                    carries,
                    engine: engine_id,
                    fau: FauId(0),
                    connector: ConnectorId(0),
                });
                FibreId::from_index(system.fibres.len() - 1)
            };
            for (index, lanes) in chunks(
                &system.engines[engine_idx].media_lanes.clone(),
                group.wavelengths_per_fibre,
            )
            .enumerate()
            {
                let (transmit, receive) = match group.directions {
                    Directions::Separate => (
                        fibre(system, format!("{name}.tx{index}"), FibreUse::Data),
                        fibre(system, format!("{name}.rx{index}"), FibreUse::Data),
                    ),
                    Directions::Shared => {
                        let both = fibre(system, format!("{name}.fibre{index}"), FibreUse::Data);
                        (both, both)
                    }
                };
                for lane in lanes {
                    let lane = &mut system.media_lanes[lane as usize];
                    (lane.transmit_fibre, lane.receive_fibre) = (transmit, receive);
                }
            }
            let lanes = system.engines[engine_idx].media_lanes.clone();
            for laser in 0..system.lasers.len() {
                let LaserHome::Module(module, _) = system.lasers[laser].home else {
                    continue;
                };
                if !system.lasers[laser].media_lanes.is_empty()
                    && lanes.contains(&system.lasers[laser].media_lanes.start)
                {
                    let label = format!("{}.fibre", system.lasers[laser].name);
                    let laser_fibre = fibre(system, label, FibreUse::Laser);
                    system.lasers[laser].home = LaserHome::Module(module, Some(laser_fibre));
                }
            }
            let first_fau = id(system.faus.len());
            for (index, members) in chunks(
                &(id(first_fibre)..id(system.fibres.len())),
                plant.fibres_per_fau,
            )
            .enumerate()
            {
                let fau = FauId::from_index(system.faus.len());
                system.faus.push(Fau {
                    name: format!("{name}.fau{index}"),
                    engine: engine_id,
                });
                for member in members {
                    system.fibres[member as usize].fau = fau;
                }
            }
            system.engines[engine_idx].faus = first_fau..id(system.faus.len());
        }
        let of = |system: &System, carries| {
            (0..system.fibres.len())
                .filter(|idx| system.fibres[*idx].carries == carries)
                .collect::<Vec<_>>()
        };
        let (data, laser) = (of(system, FibreUse::Data), of(system, FibreUse::Laser));
        let batches = match plant.ferrules {
            Ferrules::Shared => vec![data.into_iter().chain(laser).collect()],
            Ferrules::Separate => vec![data, laser],
        };
        for batch in batches {
            for members in batch.chunks(plant.fibres_per_ferrule as usize) {
                let connector = ConnectorId::from_index(system.connectors.len());
                system.connectors.push(ConnectorEntity {
                    name: format!("ferrule{}", connector.0),
                });
                for member in members {
                    system.fibres[*member].connector = connector;
                }
            }
        }
    }

    fn ports(&mut self, system: &mut System, description: &Description) {
        // Next free lane by engine group and die.
        let mut pools: BTreeMap<(usize, usize), std::vec::IntoIter<MediaLaneId>> = BTreeMap::new();
        for (group_idx, group) in description.port.iter().enumerate() {
            let port = &group.value;
            if let Some(breakout) = port.breakout
                && port.lanes % breakout != 0
            {
                let span = self.span("port", &group.name, "breakout");
                self.error(
                    "system::map",
                    &span,
                    format!(
                        "{} lanes do not break out into {breakout} ports",
                        port.lanes
                    ),
                );
            }
            let n_before = self.problems.len();
            for index in 0..port.count {
                let lanes = match port.medium {
                    Medium::Optical => {
                        self.optical_lanes(system, description, group, index, &mut pools)
                    }
                    Medium::Electrical => self.electrical_lanes(system, description, group),
                };
                let Some((media_lanes, serdes_lanes, asics)) = lanes else {
                    if self.problems.len() == n_before {
                        let span = self.span("port", &group.name, "count");
                        self.error(
                            "system::map",
                            &span,
                            format!(
                                "the lanes are used up after {index} of {} ports",
                                port.count
                            ),
                        );
                    }
                    break;
                };
                let port_id = PortId::from_index(system.ports.len());
                for lane in &media_lanes {
                    system.media_lanes[lane.index()].port = Some(port_id);
                }
                system.ports.push(Port {
                    name: instance_name(&group.name, port.count, index),
                    group: group_idx,
                    medium: port.medium,
                    media_lanes,
                    serdes_lanes,
                    asics,
                });
            }
        }
        let idle = system
            .media_lanes
            .iter()
            .filter(|lane| lane.port.is_none() && !system.engines[lane.engine.index()].is_spare)
            .count();
        if idle > 0 {
            system
                .warnings
                .push(format!("{idle} lanes of active engines belong to no port"));
        }
    }

    #[expect(
        clippy::type_complexity,
        reason = "the lanes and dies of one port, taken apart at once"
    )]
    fn optical_lanes(
        &mut self,
        system: &System,
        description: &Description,
        group: &Named<PortGroup>,
        index: u32,
        pools: &mut BTreeMap<(usize, usize), std::vec::IntoIter<MediaLaneId>>,
    ) -> Option<(Vec<MediaLaneId>, Vec<SerdesLaneId>, Vec<AsicId>)> {
        let port = &group.value;
        let engine_idx = self.reference(
            ("port", &group.name, "engine"),
            port.engine.as_deref(),
            &description.engine,
            true,
        )?;
        let engine = &description.engine[engine_idx].value;
        let needed = port.rate.value.value() / f64::from(port.lanes);
        let offered = engine.media_rate.value.value();
        if needed > offered || needed < 0.5 * offered {
            let span = self.span("port", &group.name, "rate");
            self.error(
                "system::map",
                &span,
                format!(
                    "a lane of this port carries {:.2} Gb/s of data; a lane of {} runs at {:.2} Gb/s",
                    needed / 1e9, description.engine[engine_idx].name, offered / 1e9
                ),
            )
            .help = Some("the lane's rate is the data rate plus coding".into());
            return None;
        }
        let mut dies: Vec<usize> = system
            .engines
            .iter()
            .filter(|e| e.group == engine_idx)
            .map(|e| e.asic.index())
            .collect();
        dies.dedup();
        let stripe = port.striped_over.unwrap_or(1) as usize;
        if stripe > dies.len() || port.lanes as usize % stripe != 0 || dies.len() % stripe != 0 {
            let span = self.span("port", &group.name, "striped_over");
            self.error(
                "system::map",
                &span,
                format!(
                    "{} lanes cannot be striped over {stripe} of {} ASICs",
                    port.lanes,
                    dies.len()
                ),
            );
            return None;
        }
        let n_sets = dies.len() / stripe;
        let set = index as usize * n_sets / port.count as usize;
        let dies = &dies[set * stripe..(set + 1) * stripe];
        let share = port.lanes as usize / stripe;
        let mut lanes = Vec::with_capacity(port.lanes as usize);
        for die in dies {
            let pool = pools.entry((engine_idx, *die)).or_insert_with(|| {
                let lanes: Vec<_> = system
                    .engines
                    .iter()
                    .filter(|e| e.group == engine_idx && e.asic.index() == *die && !e.is_spare)
                    .flat_map(|e| e.media_lanes.clone())
                    .map(MediaLaneId)
                    .collect();
                lanes.into_iter()
            });
            lanes.extend(pool.take(share));
        }
        (lanes.len() == port.lanes as usize).then(|| {
            (
                lanes,
                Vec::new(),
                dies.iter().map(|die| AsicId::from_index(*die)).collect(),
            )
        })
    }

    #[expect(
        clippy::type_complexity,
        reason = "the lanes and dies of one port, taken apart at once"
    )]
    fn electrical_lanes(
        &mut self,
        system: &System,
        description: &Description,
        group: &Named<PortGroup>,
    ) -> Option<(Vec<MediaLaneId>, Vec<SerdesLaneId>, Vec<AsicId>)> {
        let port = &group.value;
        let asic_idx = self.reference(
            ("port", &group.name, "asic"),
            port.asic.as_deref(),
            &description.asic,
            true,
        )?;
        let classes = &description.asic[asic_idx].value.serdes;
        let class = self.reference(
            ("port", &group.name, "serdes"),
            port.serdes.as_deref(),
            classes,
            true,
        )?;
        let dies: Vec<AsicId> = (0..system.asics.len())
            .filter(|idx| system.asics[*idx].group == asic_idx)
            .map(AsicId::from_index)
            .collect();
        dies.into_iter().find_map(|asic| {
            let lanes = self.take_serdes(system, asic, class, port.lanes)?;
            Some((Vec::new(), lanes.map(SerdesLaneId).collect(), vec![asic]))
        })
    }

    fn links(&mut self, system: &mut System, description: &Description) {
        let reach = description.fibre_plant.reach.value.value();
        for group in &description.link {
            self.reference(
                ("link", &group.name, "port"),
                Some(&group.value.port),
                &description.port,
                false,
            );
        }
        let mut peers: Vec<String> = Vec::new();
        for (port_idx, port) in system.ports.iter().enumerate() {
            if port.medium != Medium::Optical {
                continue;
            }
            let group = description
                .link
                .iter()
                .find(|link| link.value.port == description.port[port.group].name);
            let peer = group
                .and_then(|link| link.value.peer.as_ref())
                .filter(|peer| **peer != description.name);
            let peer = peer.map(|name| {
                peers
                    .iter()
                    .position(|known| known == name)
                    .unwrap_or_else(|| {
                        peers.push(name.clone());
                        peers.len() - 1
                    })
            });
            let length = group.and_then(|link| link.value.length.as_ref());
            system.links.push(Link {
                name: format!("link.{}", port.name),
                port: PortId::from_index(port_idx),
                length_m: length.map_or(reach, |length| length.value.value()),
                peer,
            });
        }
        system.peer_names = peers;
    }

    fn package(&mut self, system: &System, description: &Description) {
        let package = &description.package;
        let needed: f64 = system
            .engines
            .iter()
            .filter_map(|engine| description.engine[engine.group].value.edge_width.as_ref())
            .map(|width| width.value.value())
            .sum();
        let offered = package.shoreline.value.value() * f64::from(package.count);
        if needed > offered * (1.0 + 1e-9) {
            let span = self.span("package", "", "shoreline");
            self.error(
                "system::map",
                &span,
                format!(
                    "the engines take {:.1} mm of package edge; {:.1} mm are there",
                    needed * 1e3,
                    offered * 1e3
                ),
            );
        }
        let perimeter = 2.0 * (package.width.value.value() + package.height.value.value());
        if package.shoreline.value.value() > perimeter {
            let span = self.span("package", "", "shoreline");
            self.error(
                "system::map",
                &span,
                format!(
                    "the shoreline is longer than the edge of the package, {:.1} mm",
                    perimeter * 1e3
                ),
            );
        }
    }

    fn references(&mut self, description: &Description) {
        for bus in &description.bus {
            if let Some(engine) = &bus.value.engine {
                self.reference(
                    ("bus", &bus.name, "engine"),
                    Some(engine),
                    &description.engine,
                    false,
                );
            }
            if let Some(module) = &bus.value.laser_module {
                self.reference(
                    ("bus", &bus.name, "laser_module"),
                    Some(module),
                    &description.laser_module,
                    false,
                );
            }
        }
        let fec = &description.fec;
        if fec.k >= fec.n || !(fec.n - fec.k).is_multiple_of(2) {
            let span = self.span("fec", "", "k");
            self.error(
                "system::map",
                &span,
                format!(
                    "RS({},{}) is no Reed-Solomon code: n - k must be even and positive",
                    fec.n, fec.k
                ),
            );
        }
    }
}

/// Consecutive pieces of at most `size`.
fn chunks(range: &Range<u32>, size: u32) -> impl Iterator<Item = Range<u32>> + use<> {
    let range = range.clone();
    let end = range.end;
    range
        .step_by(size.max(1) as usize)
        .map(move |start| start..end.min(start + size))
}

fn push_laser(system: &mut System, name: String, home: LaserHome, media_lanes: Range<u32>) {
    let laser = LaserId::from_index(system.lasers.len());
    for lane in media_lanes.clone() {
        system.media_lanes[lane as usize].laser = laser;
    }
    system.lasers.push(LaserEntity {
        name,
        home,
        media_lanes,
    });
}
