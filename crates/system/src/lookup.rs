//! Values of a description by their dotted path, as `--set` names them, and entities by their name.

use std::ops::Range;

use crate::id::EntityKind;
use crate::record::{Field, Value};
use crate::schema::{FieldKind, FieldSchema};
use crate::system::System;

/// A field of a description.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// What it may hold.
    pub schema: &'static FieldSchema,
    /// What it holds; none where an optional field is left out.
    pub field: Option<&'a Field>,
}

/// A path that leads to no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Unfound {
    /// The bytes of the path that lead nowhere.
    pub at: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What could stand there.
    pub names: Vec<String>,
}

/// The name of the one entity of its kind in files and commands, whatever the system is called.
const SWITCH: &str = "switch";

impl System {
    /// The index of the entity of a kind that has this name. The switch itself is also called
    /// `switch`.
    pub fn entity_named(&self, kind: EntityKind, name: &str) -> Option<u32> {
        fn position<T>(entities: &[T], is_it: impl Fn(&T) -> bool) -> Option<usize> {
            entities.iter().position(is_it)
        }
        let index = match kind {
            EntityKind::Switch => (name == SWITCH || name == self.description.name).then_some(0),
            EntityKind::Asic => position(&self.asics, |e| e.name == name),
            EntityKind::SerdesLane => position(&self.serdes_lanes, |e| e.name == name),
            EntityKind::Engine => position(&self.engines, |e| e.name == name),
            EntityKind::HostLane => position(&self.host_lanes, |e| e.name == name),
            EntityKind::MediaLane => position(&self.media_lanes, |e| e.name == name),
            EntityKind::LaserModule => position(&self.laser_modules, |e| e.name == name),
            EntityKind::Laser => position(&self.lasers, |e| e.name == name),
            EntityKind::Fibre => position(&self.fibres, |e| e.name == name),
            EntityKind::Fau => position(&self.faus, |e| e.name == name),
            EntityKind::Connector => position(&self.connectors, |e| e.name == name),
            EntityKind::Port => position(&self.ports, |e| e.name == name),
            EntityKind::Link => position(&self.links, |e| e.name == name),
            EntityKind::Zone => position(&self.description.zone, |e| e.name == name),
            EntityKind::Wavelength => {
                (0..self.n_wavelengths).position(|index| self.name_of(kind, index) == name)
            }
        };
        index.and_then(|index| u32::try_from(index).ok())
    }

    /// The names of all entities of a kind, in their order. The switch itself is called `switch`.
    pub fn names(&self, kind: EntityKind) -> Vec<String> {
        if kind == EntityKind::Switch {
            return vec![SWITCH.to_owned()];
        }
        (0..self.count(kind))
            .map(|index| self.name_of(kind, index))
            .collect()
    }

    /// The field that a dotted path names, for example `engine.oe.tia.noise`.
    ///
    /// # Errors
    /// A key that does not exist, a part that the description leaves out, or a path that ends at
    /// a part: the key, and what could stand there.
    pub fn find(&self, path: &str) -> Result<Found<'_>, Unfound> {
        let mut record = self.record();
        let mut start = 0;
        let mut keys = path.split('.').map(|key| {
            let at = start..start + key.len();
            start = at.end + 1;
            (key, at)
        });
        let mut last = 0..path.len();
        while let Some((key, at)) = keys.next() {
            let fields = record.schema.fields;
            let Some(index) = fields.iter().position(|field| field.name == key) else {
                return Err(Unfound {
                    at,
                    message: format!("{} has no {key:?}", record.schema.kind),
                    names: fields.iter().map(|field| field.name.to_owned()).collect(),
                });
            };
            let (schema, field) = (&fields[index], record.fields[index].as_ref());
            last = at.clone();
            match (schema.kind, field.map(|field| &field.value)) {
                (FieldKind::Part(_), Some(Value::Part(part))) => record = part,
                (FieldKind::Part(_) | FieldKind::Groups(_), None) => {
                    return Err(Unfound {
                        at,
                        message: format!("the description has no {key}"),
                        names: Vec::new(),
                    });
                }
                (FieldKind::Groups(_), Some(Value::Groups(groups))) => {
                    let names = || groups.iter().map(|(name, _)| name.to_string()).collect();
                    let Some((group, at)) = keys.next() else {
                        return Err(Unfound {
                            at,
                            message: format!("{key} has groups; the path names none"),
                            names: names(),
                        });
                    };
                    last = at.clone();
                    let found = groups.iter().find(|(name, _)| **name == *group);
                    let Some((_, found)) = found else {
                        return Err(Unfound {
                            at,
                            message: format!("there is no {key} called {group:?}"),
                            names: names(),
                        });
                    };
                    record = found;
                }
                (_, _) => {
                    return match keys.next() {
                        None => Ok(Found { schema, field }),
                        Some((_, at)) => Err(Unfound {
                            at: at.start..path.len(),
                            message: format!("{key} is {}; it has no keys", schema.kind.noun()),
                            names: Vec::new(),
                        }),
                    };
                }
            }
        }
        Err(Unfound {
            at: last,
            message: format!("{path} is a {}, not a value", record.schema.kind),
            names: record
                .schema
                .fields
                .iter()
                .map(|field| format!("{path}.{}", field.name))
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Input, Library};

    fn system() -> System {
        let library = Library::embedded();
        System::resolve(&Input {
            name: "cpo-51t",
            bytes: library.platform("cpo-51t").unwrap().as_bytes(),
            sets: &[],
            library: &library,
            load: &|file| Err(format!("{file} is not there")),
        })
        .unwrap()
    }

    #[test]
    fn a_path_leads_through_groups_and_parts() {
        let system = system();
        let noise = system.find("engine.oe.tia.noise").unwrap();
        assert!(matches!(
            noise.field.map(|field| &field.value),
            Some(Value::Quantity { .. })
        ));
        let lanes = system.find("asic.switch.serdes.optical.lanes").unwrap();
        assert!(matches!(
            lanes.field.map(|field| &field.value),
            Some(Value::Count(512))
        ));
        assert!(system.find("engine.oe.role").unwrap().field.is_none());
    }

    #[test]
    fn every_name_leads_back_to_its_entity() {
        let system = system();
        for kind in EntityKind::ALL {
            for (index, name) in system.names(kind).iter().enumerate() {
                let found = system.entity_named(kind, name);
                assert_eq!(found.map(|found| found as usize), Some(index), "{name}");
            }
            assert_eq!(system.entity_named(kind, "nobody"), None);
        }
        assert_eq!(system.entity_named(EntityKind::Switch, "cpo-51t"), Some(0));
    }

    #[test]
    fn a_path_that_leads_nowhere_says_where_it_ends() {
        let cases = [
            ("engin.oe.tia.noise", "engin", "system has no \"engin\""),
            ("engine.eo.tia", "eo", "there is no engine called \"eo\""),
            ("engine", "engine", "engine has groups; the path names none"),
            (
                "engine.oe.tia",
                "tia",
                "engine.oe.tia is a tia, not a value",
            ),
            (
                "engine.oe.laser.rin",
                "laser",
                "the description has no laser",
            ),
            (
                "engine.oe.tia.noise.x",
                "x",
                "noise is a current noise density; it has no keys",
            ),
            ("", "", "system has no \"\""),
        ];
        for (path, at, message) in cases {
            let error = system().find(path).unwrap_err();
            assert_eq!(
                (&path[error.at.clone()], error.message.as_str()),
                (at, message)
            );
        }
    }
}
