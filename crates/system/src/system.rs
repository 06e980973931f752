//! The resolved description.

use std::sync::Arc;

use crate::build::build;
use crate::description::Description;
use crate::entity::{
    AsicEntity, ConnectorEntity, EngineEntity, Fau, FibreEntity, HostLane, LaserEntity,
    LaserModuleEntity, Link, MediaLane, Port, SerdesLane,
};
use crate::fingerprint::Fingerprint;
use crate::id::EntityKind;
use crate::library::{Library, check_format};
use crate::node::{apply_set, parse_bytes};
use crate::problem::{Problem, Problems, Span};
use crate::record::{Load, Place, Reader, Record, Value, shortened};
use crate::schema::{FromRecord, Sampling};

/// A resolved system: immutable, in flat arrays indexed by typed ids.
#[derive(Debug, Clone)]
pub struct System {
    /// What its author wrote, with all parts filled in.
    pub description: Arc<Description>,
    /// Identifies the description: equal for equal content, whatever the layout of the file.
    pub fingerprint: Fingerprint,
    /// Dies.
    pub asics: Vec<AsicEntity>,
    /// SerDes lanes.
    pub serdes_lanes: Vec<SerdesLane>,
    /// Engines.
    pub engines: Vec<EngineEntity>,
    /// Host lanes.
    pub host_lanes: Vec<HostLane>,
    /// Media lanes.
    pub media_lanes: Vec<MediaLane>,
    /// Wavelengths of the grid.
    pub n_wavelengths: usize,
    /// Laser modules.
    pub laser_modules: Vec<LaserModuleEntity>,
    /// Lasers.
    pub lasers: Vec<LaserEntity>,
    /// Fibres.
    pub fibres: Vec<FibreEntity>,
    /// Fibre array units.
    pub faus: Vec<Fau>,
    /// Ferrules.
    pub connectors: Vec<ConnectorEntity>,
    /// Ports.
    pub ports: Vec<Port>,
    /// Connections of optical ports.
    pub links: Vec<Link>,
    /// The systems at the far ends, where they are other ones.
    pub peers: Vec<Arc<System>>,
    /// Remarks that do not stop anything.
    pub warnings: Vec<String>,
    pub(crate) peer_names: Vec<String>,
    record: Arc<Record>,
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
        let mut system = Self::from_record(&record, Sampling::Nominal, &mut problems);
        if depth == 0 && problems.is_empty() {
            system.resolve_peers(input, &mut problems);
        }
        if problems.is_empty() {
            Ok(system)
        } else {
            Err(Problems::collected(problems))
        }
    }

    fn from_record(record: &Arc<Record>, sampling: Sampling, problems: &mut Vec<Problem>) -> Self {
        let description = Arc::new(Description::from_record(record, sampling));
        let mut system = Self {
            description,
            fingerprint: record.fingerprint(),
            asics: Vec::new(),
            serdes_lanes: Vec::new(),
            engines: Vec::new(),
            host_lanes: Vec::new(),
            media_lanes: Vec::new(),
            n_wavelengths: 0,
            laser_modules: Vec::new(),
            lasers: Vec::new(),
            fibres: Vec::new(),
            faus: Vec::new(),
            connectors: Vec::new(),
            ports: Vec::new(),
            links: Vec::new(),
            peers: Vec::new(),
            warnings: Vec::new(),
            peer_names: Vec::new(),
            record: Arc::clone(record),
        };
        build(&mut system, record, problems);
        system
    }

    /// Resolves the systems at the far ends. Their own links are not followed.
    fn resolve_peers(&mut self, input: &Input<'_>, problems: &mut Vec<Problem>) {
        for name in self.peer_names.clone() {
            let platform = input
                .library
                .platform(&name)
                .map(|text| text.as_bytes().to_vec());
            let bytes = platform.map_or_else(|| (input.load)(&name), Ok);
            match bytes {
                Ok(bytes) => {
                    let peer = Input {
                        name: &name,
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
                        &self.peer_span(&name),
                        format!("cannot read the peer {:?}: {error}", shortened(&name)),
                    )
                    .with_help("name a platform or the path of a description")
                    .with_nearest(&name, input.library.platforms()),
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
    /// uncertainty of the parts' figures, not the variation from lane to lane.
    ///
    /// # Panics
    /// Never: maps depend on counts, which have no spread.
    #[must_use]
    pub fn drawn(&self, seed: u64, tick: u64) -> Self {
        let sampling = Sampling::Draw { seed, tick };
        Self {
            description: Arc::new(Description::from_record(&self.record, sampling)),
            ..self.clone()
        }
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
