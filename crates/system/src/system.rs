//! The resolved description.

use std::collections::BTreeSet;
use std::sync::Arc;

use units::{Meters, Sourced};

use crate::build::build;
use crate::description::Description;
use crate::entity::Entities;
use crate::fingerprint::Fingerprint;
use crate::id::{EntityKind, PortId};
use crate::library::{Library, check_format};
use crate::node::{apply_set, parse_bytes};
use crate::problem::{Problem, Problems, Span};
use crate::record::{Load, Place, Reader, Record, Value, shortened};
use crate::schema::{FromRecord, Sampling};
use crate::value::{StatedValue, ValueError};

/// A resolved system: immutable, in flat arrays indexed by typed ids.
#[derive(Debug, Clone)]
pub struct System {
    /// What its author wrote, with all parts filled in.
    pub description: Arc<Description>,
    /// Identifies the description: equal for equal content, whatever the layout of the file.
    pub fingerprint: Fingerprint,
    entities: Arc<Entities>,
    /// The systems at the far ends, where they are other ones.
    pub peers: Vec<Arc<System>>,
    /// Remarks that do not stop anything.
    pub warnings: Vec<String>,
    record: Arc<Record>,
}

/// The entities read as members of the system: `system.ports`, `system.lasers`.
impl std::ops::Deref for System {
    type Target = Entities;

    fn deref(&self) -> &Entities {
        &self.entities
    }
}

/// What to resolve, and with what.
pub struct Input<'a> {
    /// The name of the file, for messages.
    pub name: &'a str,
    /// The file.
    pub bytes: &'a [u8],
    /// `path=value` overrides, in order.
    pub sets: &'a [String],
    /// Where parts come from.
    pub library: &'a Library,
    /// Gives the bytes of measured tables and of other descriptions.
    pub load: &'a Load<'a>,
}

impl std::fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Input")
            .field("name", &self.name)
            .field("sets", &self.sets)
            .finish_non_exhaustive()
    }
}

impl System {
    /// Reads, checks and resolves a description.
    ///
    /// # Errors
    /// All problems of the file at once, each with its place.
    pub fn resolve(input: &Input<'_>) -> Result<Self, Problems> {
        Self::resolve_at(input, 0)
    }

    fn resolve_at(input: &Input<'_>, depth: usize) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let Some(mut root) = parse_bytes(input.name, input.bytes, &mut problems) else {
            return Err(Problems::collected(problems));
        };
        if !problems.is_empty() {
            return Err(Problems::collected(problems));
        }
        check_format(&root, &mut problems);
        for set in input.sets {
            apply_set(&mut root, set, &mut problems);
        }
        if let crate::node::NodeValue::Table(entries) = &mut root.value {
            entries.retain(|entry| entry.key != "format");
        }
        let mut reader = Reader::new(input.library, input.load, Place::Description);
        reader.problems = problems;
        let record = reader.record(&[Description::SCHEMA], &root, None, "");
        let (mut problems, unread) = (reader.problems, reader.unread);
        let Some(record) = record else {
            return Err(Problems::collected(problems));
        };
        // What a part of the library lacks because it is wrong is missing nowhere else.
        if !problems
            .iter()
            .any(|problem| problem.code.starts_with("library::"))
        {
            record.require_complete("", &unread, &mut problems);
        }
        if !problems.is_empty() {
            return Err(Problems::collected(problems));
        }
        let description = Arc::new(Description::from_record(&record, Sampling::Nominal));
        let built = build(&description, &record, &mut problems);
        let mut system = Self {
            description,
            fingerprint: record.fingerprint(),
            entities: Arc::new(built.entities),
            peers: Vec::new(),
            warnings: built.warnings,
            record,
        };
        if depth == 0 && problems.is_empty() {
            system.resolve_peers(input, &built.peer_names, &mut problems);
        }
        if problems.is_empty() {
            Ok(system)
        } else {
            Err(Problems::collected(problems))
        }
    }

    /// Resolves the systems at the far ends. Their own links are not followed.
    fn resolve_peers(&mut self, input: &Input<'_>, names: &[String], problems: &mut Vec<Problem>) {
        for name in names {
            let platform = input
                .library
                .platform(name)
                .map(|text| text.as_bytes().to_vec());
            let bytes = platform.map_or_else(|| (input.load)(name), Ok);
            match bytes {
                Ok(bytes) => {
                    let peer = Input {
                        name,
                        bytes: &bytes,
                        sets: &[],
                        ..*input
                    };
                    match Self::resolve_at(&peer, 1) {
                        Ok(system) => self.peers.push(Arc::new(system)),
                        Err(errors) => problems.extend(errors.0),
                    }
                }
                Err(error) => problems.push(
                    Problem::new(
                        "system::peer",
                        &self.peer_span(name),
                        format!("cannot read the peer {:?}: {error}", shortened(name)),
                    )
                    .with_help("name a platform or the path of a description")
                    .with_nearest(name, input.library.platforms()),
                ),
            }
        }
    }

    /// The place where a link names a peer.
    fn peer_span(&self, name: &str) -> Span {
        let links = match self.record.get("link").map(|field| &field.value) {
            Some(Value::Groups(links)) => links.as_slice(),
            _ => &[],
        };
        let named = links.iter().find_map(|(_, link)| {
            let peer = link.get("peer")?;
            matches!(&peer.value, Value::Text(text) if **text == *name).then_some(&peer.span)
        });
        named.unwrap_or(&self.record.span).clone()
    }

    /// The same system with one draw from the spread of every value: what another build of the
    /// same description may be. A value that several parts share is drawn once, so this is the
    /// uncertainty of the parts' figures, not the variation from lane to lane. Systems at the far
    /// ends keep their nominal values.
    #[must_use]
    pub fn drawn(&self, seed: u64, tick: u64) -> Self {
        self.sampled(Arc::clone(&self.record), Sampling::Draw { seed, tick })
    }

    /// The same system with some values replaced: `(key, field, value)`, the value in the unit
    /// that the quantity's newtype holds. A replaced value is exact, here and in the draws of what
    /// comes back; parts that share the value share the change. The fingerprint follows.
    ///
    /// Counts stay, so do the entities. The checks between parts, such as engines on the edge of
    /// the package, are not made again.
    ///
    /// # Errors
    /// A value that the system does not have, or one outside the range of its field.
    pub fn with_values(&self, values: &[(&str, &str, f64)]) -> Result<Self, ValueError> {
        let mut is_known = vec![false; values.len()];
        let record = self.record.with_values(values, &mut is_known)?;
        if let Some(unknown) = is_known.iter().position(|is_known| !is_known) {
            let (key, field, _) = values[unknown];
            return Err(ValueError::Unknown {
                key: key.to_owned(),
                field: field.to_owned(),
            });
        }
        let record = record.unwrap_or_else(|| Arc::clone(&self.record));
        Ok(Self {
            fingerprint: record.fingerprint(),
            ..self.sampled(record, Sampling::Nominal)
        })
    }

    /// Every quantity of the description and of the parts that it uses, in the order of their
    /// schemas; a value that several parts share stands once.
    pub fn values(&self) -> Vec<StatedValue> {
        let mut values = Vec::new();
        self.record.collect_values(&mut values);
        let mut seen = BTreeSet::new();
        values.retain(|value| seen.insert((Arc::clone(&value.key), value.field)));
        values
    }

    fn sampled(&self, record: Arc<Record>, sampling: Sampling) -> Self {
        let description = Arc::new(Description::from_record(&record, sampling));
        Self {
            description,
            fingerprint: self.fingerprint,
            entities: Arc::clone(&self.entities),
            peers: self.peers.clone(),
            warnings: self.warnings.clone(),
            record,
        }
    }

    /// The length of a port's link: that of its group, or the reach of the fibre plant.
    pub fn link_length(&self, port: PortId) -> &Sourced<Meters> {
        let group = self
            .link_of(port)
            .and_then(|link| self.links[link.index()].group);
        group
            .and_then(|group| self.description.link[group].value.length.as_ref())
            .unwrap_or(&self.description.fibre_plant.reach)
    }

    /// The checked records that the description was made from.
    pub(crate) fn record(&self) -> &Record {
        &self.record
    }

    /// How many entities of a kind there are.
    pub fn count(&self, kind: EntityKind) -> usize {
        match kind {
            EntityKind::Switch => 1,
            EntityKind::Asic => self.asics.len(),
            EntityKind::SerdesLane => self.serdes_lanes.len(),
            EntityKind::Engine => self.engines.len(),
            EntityKind::HostLane => self.host_lanes.len(),
            EntityKind::MediaLane => self.media_lanes.len(),
            EntityKind::Wavelength => self.n_wavelengths,
            EntityKind::LaserModule => self.laser_modules.len(),
            EntityKind::Laser => self.lasers.len(),
            EntityKind::Fibre => self.fibres.len(),
            EntityKind::Fau => self.faus.len(),
            EntityKind::Connector => self.connectors.len(),
            EntityKind::Port => self.ports.len(),
            EntityKind::Link => self.links.len(),
            EntityKind::Zone => self.description.zone.len(),
        }
    }

    /// The stable name of an entity.
    ///
    /// # Panics
    /// When there is no entity of this kind with this index.
    pub fn name_of(&self, kind: EntityKind, index: usize) -> String {
        match kind {
            EntityKind::Switch => self.description.name.clone(),
            EntityKind::Asic => self.asics[index].name.clone(),
            EntityKind::SerdesLane => self.serdes_lanes[index].name.clone(),
            EntityKind::Engine => self.engines[index].name.clone(),
            EntityKind::HostLane => self.host_lanes[index].name.clone(),
            EntityKind::MediaLane => self.media_lanes[index].name.clone(),
            EntityKind::Wavelength => format!("wavelength{index}"),
            EntityKind::LaserModule => self.laser_modules[index].name.clone(),
            EntityKind::Laser => self.lasers[index].name.clone(),
            EntityKind::Fibre => self.fibres[index].name.clone(),
            EntityKind::Fau => self.faus[index].name.clone(),
            EntityKind::Connector => self.connectors[index].name.clone(),
            EntityKind::Port => self.ports[index].name.clone(),
            EntityKind::Link => self.links[index].name.clone(),
            EntityKind::Zone => self.description.zone[index].name.clone(),
        }
    }
}

impl Record {
    /// A digest of names and values: spans, notes and sources do not count.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        let mut bytes = Vec::with_capacity(16 << 10);
        self.digest(&mut bytes);
        Fingerprint::of(&bytes)
    }

    fn digest(&self, bytes: &mut Vec<u8>) {
        let text = |bytes: &mut Vec<u8>, text: &str| {
            bytes.extend((text.len() as u64).to_le_bytes());
            bytes.extend(text.as_bytes());
        };
        text(bytes, self.schema.kind);
        // The number of fields ends the record, so that no field can pass for one of the record outside.
        let n_fields = self.fields.iter().flatten().count();
        bytes.extend((n_fields as u64).to_le_bytes());
        for (schema, field) in self.schema.fields.iter().zip(&self.fields) {
            let Some(field) = field else { continue };
            text(bytes, schema.name);
            match &field.value {
                Value::Quantity { si, spread, .. } => {
                    bytes.extend(si.to_bits().to_le_bytes());
                    text(bytes, &format!("{spread:?}"));
                }
                Value::Count(count) => bytes.extend(count.to_le_bytes()),
                Value::Flag(flag) => bytes.push(u8::from(*flag)),
                Value::Text(value) => text(bytes, value),
                Value::Choice(index) => bytes.extend((*index as u64).to_le_bytes()),
                Value::Part(record) => record.digest(bytes),
                Value::Groups(groups) => {
                    bytes.extend((groups.len() as u64).to_le_bytes());
                    for (name, record) in groups {
                        text(bytes, name);
                        record.digest(bytes);
                    }
                }
                Value::Table(table) => {
                    for column in &table.columns {
                        bytes.extend((column.len() as u64).to_le_bytes());
                        bytes.extend(column.iter().flat_map(|x| x.to_bits().to_le_bytes()));
                    }
                }
            }
        }
    }
}
