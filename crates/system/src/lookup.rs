//! Values of a description by their dotted path, as `--set` names them.

use std::ops::Range;

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

impl System {
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
