//! From the checked description to flat arrays: which lane goes where.

mod ageing;
mod checks;
mod engines;
mod fibres;
mod heat;
mod lasers;
mod management;
mod ports;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use crate::description::Description;
use crate::entity::Entities;
use crate::entity::{AsicEntity, SerdesLane};
use crate::id::{AsicId, ZoneId};
use crate::node::SET_SOURCE;
use crate::parts::Code;
use crate::problem::{Problem, Span};
use crate::record::{Record, Value};
use crate::schema::Named;

/// The greatest number of lanes, lasers and ports of one system.
const MAX_ENTITIES: u64 = 1 << 20;

/// What the counts of a description make.
#[derive(Debug, Default)]
pub(crate) struct Built {
    pub(crate) entities: Entities,
    /// Remarks that do not stop anything.
    pub(crate) warnings: Vec<String>,
    /// The systems at the far ends, where they are other ones.
    pub(crate) peer_names: Vec<String>,
}

/// Makes the flat arrays and reports every map that cannot be.
pub(crate) fn build(
    description: &Description,
    record: &Record,
    problems: &mut Vec<Problem>,
) -> Built {
    let mut entities = Entities::default();
    let n_entities = count_entities(description);
    if n_entities > MAX_ENTITIES {
        problems.push(
            Problem::new(
                "system::too-large",
                &record.span,
                format!(
                    "the description has {n_entities} lanes and lasers; the limit is {MAX_ENTITIES}"
                ),
            )
            .with_help("lower the counts; a fleet is many systems, not one"),
        );
        return Built::default();
    }
    let before = problems.len();
    let mut builder = Builder {
        record,
        problems,
        warnings: Vec::new(),
        host_cursor: BTreeMap::new(),
        dies_by_group: Vec::new(),
        engines_by_group: Vec::new(),
    };
    builder.asics(&mut entities, description);
    builder.engines(&mut entities, description);
    builder.package(&entities, description);
    builder.assembly(&entities, description);
    builder.references(description);
    builder.management(description);
    builder.checks(description);
    builder.heat(description);
    builder.ageing(description);
    builder.limits(description);
    let mut peer_names = Vec::new();
    if builder.problems.len() == before {
        builder.lasers(&mut entities, description);
        fibres::fibres(&mut entities, description);
        builder.ports(&mut entities, description);
        peer_names = builder.links(&mut entities, description);
        builder.names(&entities, description);
        builder.engine_room(description);
    }
    Built {
        entities,
        warnings: builder.warnings,
        peer_names,
    }
}

/// Lanes and lasers that the counts of a description ask for, before any is made.
fn count_entities(description: &Description) -> u64 {
    let times = |count: Option<u32>, each: u64| u64::from(count.unwrap_or(1)).saturating_mul(each);
    let asics = description.asic.iter().map(|group| {
        let lanes = group
            .value
            .serdes
            .iter()
            .map(|class| u64::from(class.value.lanes));
        times(group.value.count, lanes.fold(0, u64::saturating_add))
    });
    let engines = description.engine.iter().map(|group| {
        let lanes = u64::from(group.value.media_lanes) + u64::from(group.value.host_lanes);
        times(group.value.count, lanes)
    });
    let modules = description
        .laser_module
        .iter()
        .map(|group| times(group.value.count, u64::from(group.value.lasers)));
    let ports = description
        .port
        .iter()
        .map(|group| times(Some(group.value.count), u64::from(group.value.lanes)));
    asics
        .chain(engines)
        .chain(modules)
        .chain(ports)
        .fold(0, u64::saturating_add)
}

struct Builder<'a> {
    record: &'a Record,
    problems: &'a mut Vec<Problem>,
    warnings: Vec<String>,
    /// Next free SerDes lane by die and class.
    host_cursor: BTreeMap<(usize, usize), u32>,
    /// The dies of each group, consecutive.
    dies_by_group: Vec<Range<usize>>,
    /// The engines of each group, consecutive.
    engines_by_group: Vec<Range<usize>>,
}

/// `name` alone, or with an index when there are several.
fn instance_name(group: &str, count: u32, index: u32) -> String {
    if count == 1 {
        group.to_owned()
    } else {
        format!("{group}{index}")
    }
}

/// An index into an array of a system whose size has been checked.
fn id(index: usize) -> u32 {
    u32::try_from(index).expect("the number of entities has been checked")
}

/// Consecutive pieces of at most `size`.
fn chunks(range: &Range<u32>, size: u32) -> impl Iterator<Item = Range<u32>> + use<> {
    let range = range.clone();
    let end = range.end;
    range
        .step_by(size.max(1) as usize)
        .map(move |start| start..end.min(start + size))
}

impl Builder<'_> {
    /// The place where a group was written, or one of its fields, or with dots between them a field
    /// of a part of the group.
    fn span(&self, kind: &str, group: &str, field: &str) -> Span {
        let record = match self.record.get(kind).map(|f| &f.value) {
            Some(Value::Groups(groups)) => groups
                .iter()
                .find(|(name, _)| &**name == group)
                .map(|(_, r)| r),
            Some(Value::Part(record)) => Some(record),
            _ => None,
        };
        let Some(record) = record else {
            return self.record.span.clone();
        };
        // What the author did not write, because a part of the library says it, is shown at the group.
        let is_written = |span: &&Span| {
            Arc::ptr_eq(&span.source, &self.record.span.source) || span.source.name == SET_SOURCE
        };
        let (mut deepest, mut part) = (&record.span, Some(record));
        for key in field.split('.') {
            let Some(field) = part.and_then(|record| record.get(key)) else {
                break;
            };
            if is_written(&&field.span) {
                deepest = &field.span;
            }
            part = match &field.value {
                Value::Part(record) => Some(record),
                _ => None,
            };
        }
        deepest.clone()
    }

    /// Reports what is wrong with a field of a group, and how to mend it.
    fn error(
        &mut self,
        code: &'static str,
        (kind, group, field): (&str, &str, &str),
        message: String,
        help: impl Into<String>,
    ) {
        let span = self.span(kind, group, field);
        self.problems
            .push(Problem::new(code, &span, message).with_help(help));
    }

    /// The position of the group that a field names, or a problem.
    fn reference<T>(
        &mut self,
        (kind, group, field): (&str, &str, &str),
        name: Option<&str>,
        groups: &[Named<T>],
    ) -> Option<usize> {
        let names = || groups.iter().map(|g| g.name.as_str());
        let Some(name) = name else {
            if groups.len() == 1 {
                return Some(0);
            }
            let help = match names().collect::<Vec<_>>().join(", ") {
                known if known.is_empty() => {
                    format!("the description has no {field} to name; add one")
                }
                known => format!("add `{field} = ...`, one of: {known}"),
            };
            self.error(
                "system::missing",
                (kind, group, field),
                format!("{kind}.{group} lacks {field}"),
                help,
            );
            return None;
        };
        let found = names().position(|known| known == name);
        if found.is_none() {
            let span = self.span(kind, group, field);
            let problem = Problem::new(
                "system::reference",
                &span,
                format!("{field} {name:?} of {kind}.{group} does not exist"),
            )
            .with_help("the description has nothing of this kind; add it")
            .with_nearest(name, names());
            self.problems.push(problem);
        }
        found
    }

    fn asics(&mut self, entities: &mut Entities, description: &Description) {
        for (group_idx, group) in description.asic.iter().enumerate() {
            let asic = &group.value;
            let zone = self
                .reference(
                    ("asic", &group.name, "zone"),
                    asic.zone.as_deref(),
                    &description.zone,
                )
                .map_or(ZoneId(0), ZoneId::from_index);
            let count = asic.count.unwrap_or(1);
            let first_die = entities.asics.len();
            for index in 0..count {
                let name = instance_name(&group.name, count, index);
                let asic_id = AsicId::from_index(entities.asics.len());
                let first = id(entities.serdes_lanes.len());
                for (class_idx, class) in asic.serdes.iter().enumerate() {
                    for lane in 0..class.value.lanes {
                        entities.serdes_lanes.push(SerdesLane {
                            name: format!("{name}.{}{lane}", class.name),
                            asic: asic_id,
                            class: class_idx,
                        });
                    }
                }
                let serdes_lanes = first..id(entities.serdes_lanes.len());
                entities.asics.push(AsicEntity {
                    name,
                    group: group_idx,
                    zone,
                    serdes_lanes,
                });
            }
            self.dies_by_group.push(first_die..entities.asics.len());
        }
    }

    /// Takes lanes of a class of a die; nothing when there are too few.
    fn take_serdes(
        &mut self,
        entities: &Entities,
        description: &Description,
        (asic, class): (usize, usize),
        n: u32,
    ) -> Option<Range<u32>> {
        let entity = &entities.asics[asic];
        let classes = &description.asic[entity.group].value.serdes;
        let offset: u32 = classes[..class].iter().map(|class| class.value.lanes).sum();
        let cursor = self.host_cursor.entry((asic, class)).or_insert(0);
        if *cursor + n > classes[class].value.lanes {
            return None;
        }
        let first = entity.serdes_lanes.start + offset + *cursor;
        *cursor += n;
        Some(first..first + n)
    }

    fn package(&mut self, entities: &Entities, description: &Description) {
        let package = &description.package;
        let needed: f64 = entities
            .engines
            .iter()
            .map(|engine| &description.engine[engine.group].value)
            .filter(|engine| engine.integration.is_in_package())
            .filter_map(|engine| engine.edge_width.as_ref())
            .map(|width| width.value.value())
            .sum();
        let offered = package.shoreline.value.value() * f64::from(package.count);
        if needed > offered * (1.0 + 1e-9) {
            self.error(
                "system::map",
                ("package", "", "shoreline"),
                format!(
                    "the engines take {:.1} mm of package edge; {:.1} mm are there",
                    needed * 1e3,
                    offered * 1e3
                ),
                "use fewer or narrower engines (`edge_width`), or a longer `shoreline`",
            );
        }
        let perimeter = 2.0 * (package.width.value.value() + package.height.value.value());
        if package.shoreline.value.value() > perimeter * (1.0 + 1e-9) {
            self.error(
                "system::map",
                ("package", "", "shoreline"),
                format!(
                    "the shoreline of {:.1} mm is longer than the edge of the package, {:.1} mm",
                    package.shoreline.value.value() * 1e3,
                    perimeter * 1e3
                ),
                "shorten `shoreline`, or correct `width` and `height`",
            );
        }
    }

    /// Every package is put together in the same way, so that its parts spread evenly.
    fn assembly(&mut self, entities: &Entities, description: &Description) {
        let package = &description.package;
        let n_packages = package.count as usize;
        let inside = entities.engines.iter().filter(|engine| {
            let part = &description.engine[engine.group].value;
            part.integration.is_in_package()
        });
        let (spares, active): (Vec<_>, Vec<_>) = inside.partition(|engine| engine.is_spare);
        let counts = [
            ("dies", entities.asics.len()),
            ("active engines", active.len()),
            ("spare engines", spares.len()),
        ];
        for (what, n) in counts {
            if package.assembly.is_some() && !n.is_multiple_of(n_packages) {
                self.error(
                    "system::map",
                    ("package", "", "assembly"),
                    format!("{n} {what} do not spread evenly over {n_packages} packages"),
                    "correct `count` of the package, or leave `assembly` out",
                );
            }
        }
    }

    fn references(&mut self, description: &Description) {
        for bus in &description.bus {
            if let Some(engine) = &bus.value.engine {
                let field = ("bus", bus.name.as_str(), "engine");
                self.reference(field, Some(engine), &description.engine);
            }
            if let Some(module) = &bus.value.laser_module {
                let field = ("bus", bus.name.as_str(), "laser_module");
                self.reference(field, Some(module), &description.laser_module);
            }
        }
        let Code::Fec(fec) = &description.fec else {
            return;
        };
        if fec.k >= fec.n || !(fec.n - fec.k).is_multiple_of(2) {
            self.error(
                "system::map",
                ("fec", "", "k"),
                format!("RS({},{}) is no Reed-Solomon code", fec.n, fec.k),
                "`n` less `k` must be even and positive",
            );
        }
    }

    /// Names tell entities apart, so none may stand twice: group `oe1` beside twelve of `oe` would.
    fn names(&mut self, entities: &Entities, description: &Description) {
        let groups = |kind: &'static str, entities: Vec<(&str, usize)>, names: Vec<&str>| {
            twice(entities).map(|(name, group)| (kind, names[group].to_owned(), name))
        };
        let asic_names = description.asic.iter().map(|g| g.name.as_str()).collect();
        let engine_names = description.engine.iter().map(|g| g.name.as_str()).collect();
        let module_names = description
            .laser_module
            .iter()
            .map(|g| g.name.as_str())
            .collect();
        let port_names = description.port.iter().map(|g| g.name.as_str()).collect();
        let asics = entities.asics.iter().map(|e| (e.name.as_str(), e.group));
        let engines = entities.engines.iter().map(|e| (e.name.as_str(), e.group));
        let modules = entities
            .laser_modules
            .iter()
            .map(|e| (e.name.as_str(), e.group));
        let ports = entities.ports.iter().map(|e| (e.name.as_str(), e.group));
        let serdes = entities
            .serdes_lanes
            .iter()
            .map(|lane| (lane.name.as_str(), entities.asics[lane.asic.index()].group));
        let found = [
            groups("asic", asics.collect(), asic_names),
            groups("engine", engines.collect(), engine_names),
            groups("laser_module", modules.collect(), module_names),
            groups("port", ports.collect(), port_names),
            groups(
                "asic",
                serdes.collect(),
                description.asic.iter().map(|g| g.name.as_str()).collect(),
            ),
        ];
        for (kind, group, name) in found.into_iter().flatten() {
            self.error(
                "system::name",
                (kind, &group, ""),
                format!("the name {name:?} would stand twice"),
                format!("rename {kind}.{group}: counted names end in their number"),
            );
        }
    }
}

/// The first name that stands twice, with its group.
fn twice(entities: Vec<(&str, usize)>) -> Option<(String, usize)> {
    let mut seen = BTreeSet::new();
    entities
        .into_iter()
        .find(|(name, _)| !seen.insert(*name))
        .map(|(name, group)| (name.to_owned(), group))
}
