//! Lasers inside engines and in laser modules.

use super::{Builder, id, instance_name};
use crate::description::Description;
use crate::entity::Entities;
use crate::entity::{LaserEntity, LaserHome, LaserModuleEntity};
use crate::id::{EngineId, LaserId, LaserModuleId, MediaLaneId, WavelengthId, ZoneId};

impl Builder<'_> {
    pub(super) fn lasers(&mut self, entities: &mut Entities, description: &Description) {
        for module in &description.laser_module {
            let field = ("laser_module", module.name.as_str(), "feeds");
            self.reference(field, module.value.feeds.as_deref(), &description.engine);
        }
        for (engine_idx, group) in description.engine.iter().enumerate() {
            let fed_by: Vec<usize> = (0..description.laser_module.len())
                .filter(|idx| {
                    let feeds = description.laser_module[*idx].value.feeds.as_deref();
                    feeds.map_or(description.engine.len() == 1, |name| name == group.name)
                })
                .collect();
            let name = group.name.as_str();
            let modules: Vec<&str> = fed_by
                .iter()
                .map(|idx| description.laser_module[*idx].name.as_str())
                .collect();
            let modules = modules.join(", ");
            match (&group.value.laser, fed_by.as_slice()) {
                (Some(_), []) => self.integrated_lasers(entities, description, engine_idx),
                (None, [module]) => self.module_lasers(entities, description, engine_idx, *module),
                (Some(_), _) => self.error(
                    "system::map",
                    ("engine", name, "laser"),
                    format!("{name} has lasers inside and laser modules too: {modules}"),
                    "remove the engine's `laser`, or the laser modules",
                ),
                (None, []) => self.error(
                    "system::map",
                    ("engine", name, ""),
                    format!("nothing lights {name}: it has no laser, and no laser module feeds it"),
                    format!("add a laser, or a laser_module with `feeds = {name:?}`"),
                ),
                (None, _) => self.error(
                    "system::map",
                    ("engine", name, ""),
                    format!("more than one group of laser modules feeds {name}: {modules}"),
                    "split the engines into groups, one for each group of laser modules",
                ),
            }
        }
    }

    fn integrated_lasers(
        &mut self,
        entities: &mut Entities,
        description: &Description,
        group: usize,
    ) {
        let engine = &description.engine[group].value;
        let lanes_per_laser = engine.lanes_per_laser.unwrap_or(1);
        if engine.laser_launch.is_none() {
            let name = description.engine[group].name.clone();
            self.error(
                "system::missing",
                ("engine", &name, "laser"),
                format!("engine.{name} lacks laser_launch, the power of its laser"),
                "add `laser_launch`, for example \"13 dBm\"",
            );
        }
        for idx in self.engines_by_group[group].clone() {
            let first = id(entities.lasers.len());
            for (index, lanes) in laser_lanes(entities, idx, lanes_per_laser)
                .into_iter()
                .enumerate()
            {
                let name = format!("{}.laser{index}", entities.engines[idx].name);
                let home = LaserHome::Engine(EngineId::from_index(idx));
                push_laser(entities, name, home, lanes);
            }
            entities.engines[idx].lasers = first..id(entities.lasers.len());
        }
    }

    fn module_lasers(
        &mut self,
        entities: &mut Entities,
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
        );
        self.laser_fibre(description, name);
        let lanes_per_laser = module.lanes_per_laser.unwrap_or(1);
        // The light of one fibre is split inside one engine, so a laser never serves two engines.
        let pieces: Vec<Vec<MediaLaneId>> = self.engines_by_group[group]
            .clone()
            .flat_map(|idx| laser_lanes(entities, idx, lanes_per_laser))
            .collect();
        let needed = id(pieces.len());
        let count = module
            .count
            .unwrap_or_else(|| needed.div_ceil(module.lasers));
        let available = count * module.lasers;
        if available < needed {
            self.error(
                "system::map",
                ("laser_module", name, "count"),
                format!("{count} modules have {available} lasers; the lanes need {needed} at {lanes_per_laser} lanes each"),
                format!("use {} modules, or leave `count` out", needed.div_ceil(module.lasers)),
            );
            return;
        }
        if available > needed {
            self.warnings.push(format!(
                "{} of {available} lasers of {name} feed nothing",
                available - needed
            ));
        }
        let mut pieces = pieces.into_iter();
        for index in 0..count {
            let module_id = LaserModuleId::from_index(entities.laser_modules.len());
            let module_name = instance_name(name, count, index);
            let first = id(entities.lasers.len());
            for laser in 0..module.lasers {
                let lanes = pieces.next().unwrap_or_default();
                push_laser(
                    entities,
                    format!("{module_name}.laser{laser}"),
                    LaserHome::Module(module_id, None),
                    lanes,
                );
            }
            entities.laser_modules.push(LaserModuleEntity {
                name: module_name,
                group: module_idx,
                zone: ZoneId::from_index(zone.unwrap_or(0)),
                lasers: first..id(entities.lasers.len()),
            });
        }
    }

    /// What the fibre plant must say where light comes from outside the engines.
    fn laser_fibre(&mut self, description: &Description, module: &str) {
        let plant = &description.fibre_plant;
        let lacks: Vec<&str> = [
            ("laser_fibre", plant.laser_fibre.is_some()),
            ("laser_fibre_length", plant.laser_fibre_length.is_some()),
            ("laser_mate", plant.laser_mate.is_some()),
            ("laser_connector", plant.laser_connector.is_some()),
            ("laser_connectors", plant.laser_connectors.is_some()),
        ]
        .into_iter()
        .filter_map(|(field, is_there)| (!is_there).then_some(field))
        .collect();
        if !lacks.is_empty() {
            self.error(
                "system::missing",
                ("fibre_plant", "", ""),
                format!("fibre_plant lacks {}", lacks.join(", ")),
                format!("add them: the lasers of {module} are outside the engines"),
            );
        }
    }
}

/// The lanes of each laser of an engine: a laser has one wavelength, so it lights lanes that stand
/// on the same place of their fibres.
fn laser_lanes(entities: &Entities, engine: usize, lanes_per_laser: u32) -> Vec<Vec<MediaLaneId>> {
    let lanes: Vec<MediaLaneId> = entities.engines[engine]
        .media_lanes
        .clone()
        .map(MediaLaneId)
        .collect();
    let mut pieces = Vec::new();
    for wavelength in (0..entities.n_wavelengths).map(WavelengthId::from_index) {
        let alike: Vec<MediaLaneId> = lanes
            .iter()
            .copied()
            .filter(|lane| entities.media_lanes[lane.index()].wavelength == wavelength)
            .collect();
        let share = lanes_per_laser.max(1) as usize;
        pieces.extend(alike.chunks(share).map(<[MediaLaneId]>::to_vec));
    }
    pieces
}

fn push_laser(
    entities: &mut Entities,
    name: String,
    home: LaserHome,
    media_lanes: Vec<MediaLaneId>,
) {
    let laser = LaserId::from_index(entities.lasers.len());
    for lane in &media_lanes {
        entities.media_lanes[lane.index()].laser = laser;
    }
    entities.lasers.push(LaserEntity {
        name,
        home,
        media_lanes,
    });
}
