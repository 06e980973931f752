//! The component library: parts, platforms and the list of sources.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

use crate::description::Description;
use crate::node::{Node, NodeValue, parse_bytes};
use crate::parts::{
    Asic, Assembly, Chassis, Connector, Cooler, CurrentMonitor, Driver, Dsp, EdgeCoupler, Engine,
    Fec, Fibre, GratingCoupler, Interface, Laser, LaserModule, LevelMonitor, MachZehnder,
    ManagedModule, Material, Multiplexer, PackageStack, Photodiode, Platform, PowerMonitor,
    RingFilter, RingModulator, Serdes, SnrMonitor, Solid, Splitter, TemperatureMonitor, Tia,
    Uncoded, VoltageMonitor,
};
use crate::problem::{Problem, Problems, SourceText, Span};
use crate::record::{Place, Reader, Record, shortened};
use crate::schema::{FromRecord, RecordSchema};

/// The kinds of parts that a library holds.
pub const PART_KINDS: &[&RecordSchema] = &[
    Material::SCHEMA,
    Platform::SCHEMA,
    Laser::SCHEMA,
    LaserModule::SCHEMA,
    Fibre::SCHEMA,
    Connector::SCHEMA,
    EdgeCoupler::SCHEMA,
    GratingCoupler::SCHEMA,
    Splitter::SCHEMA,
    MachZehnder::SCHEMA,
    RingModulator::SCHEMA,
    Multiplexer::SCHEMA,
    RingFilter::SCHEMA,
    Driver::SCHEMA,
    Photodiode::SCHEMA,
    Tia::SCHEMA,
    Serdes::SCHEMA,
    Dsp::SCHEMA,
    Fec::SCHEMA,
    Uncoded::SCHEMA,
    Asic::SCHEMA,
    Engine::SCHEMA,
    Assembly::SCHEMA,
    Chassis::SCHEMA,
    Solid::SCHEMA,
    Interface::SCHEMA,
    Cooler::SCHEMA,
    PackageStack::SCHEMA,
    LevelMonitor::SCHEMA,
    SnrMonitor::SCHEMA,
    TemperatureMonitor::SCHEMA,
    CurrentMonitor::SCHEMA,
    VoltageMonitor::SCHEMA,
    PowerMonitor::SCHEMA,
    ManagedModule::SCHEMA,
];

/// The files of the built-in library.
const EMBEDDED: &[(&str, &str)] = &[
    (
        "library/sources.toml",
        include_str!("../../../library/sources.toml"),
    ),
    (
        "library/materials.toml",
        include_str!("../../../library/materials.toml"),
    ),
    (
        "library/lasers.toml",
        include_str!("../../../library/lasers.toml"),
    ),
    (
        "library/photonics.toml",
        include_str!("../../../library/photonics.toml"),
    ),
    (
        "library/fibres.toml",
        include_str!("../../../library/fibres.toml"),
    ),
    (
        "library/electronics.toml",
        include_str!("../../../library/electronics.toml"),
    ),
    (
        "library/engines.toml",
        include_str!("../../../library/engines.toml"),
    ),
    (
        "library/packages.toml",
        include_str!("../../../library/packages.toml"),
    ),
    (
        "library/heat.toml",
        include_str!("../../../library/heat.toml"),
    ),
    (
        "library/monitors.toml",
        include_str!("../../../library/monitors.toml"),
    ),
    (
        "library/management.toml",
        include_str!("../../../library/management.toml"),
    ),
];

/// The built-in platforms: complete descriptions.
const PLATFORMS: &[(&str, &str)] = &[
    (
        "cpo-51t",
        include_str!("../../../library/platforms/cpo-51t.toml"),
    ),
    (
        "quantum-x-115t",
        include_str!("../../../library/platforms/quantum-x-115t.toml"),
    ),
    (
        "dsp-51t",
        include_str!("../../../library/platforms/dsp-51t.toml"),
    ),
    (
        "dsp-102t",
        include_str!("../../../library/platforms/dsp-102t.toml"),
    ),
    (
        "humboldt-25t",
        include_str!("../../../library/platforms/humboldt-25t.toml"),
    ),
    (
        "lpo-51t",
        include_str!("../../../library/platforms/lpo-51t.toml"),
    ),
    (
        "npo-51t",
        include_str!("../../../library/platforms/npo-51t.toml"),
    ),
    (
        "bailly-51t",
        include_str!("../../../library/platforms/bailly-51t.toml"),
    ),
    (
        "cpo-51t-2.5d",
        include_str!("../../../library/platforms/cpo-51t-2.5d.toml"),
    ),
    (
        "cpo-51t-3d",
        include_str!("../../../library/platforms/cpo-51t-3d.toml"),
    ),
    (
        "davisson-102t",
        include_str!("../../../library/platforms/davisson-102t.toml"),
    ),
    (
        "spectrum-x-102t",
        include_str!("../../../library/platforms/spectrum-x-102t.toml"),
    ),
    (
        "spectrum-x-409t",
        include_str!("../../../library/platforms/spectrum-x-409t.toml"),
    ),
    (
        "arista-28t",
        include_str!("../../../library/platforms/arista-28t.toml"),
    ),
    (
        "dsp-25t",
        include_str!("../../../library/platforms/dsp-25t.toml"),
    ),
    (
        "teraphy-oio",
        include_str!("../../../library/platforms/teraphy-oio.toml"),
    ),
    (
        "oci-4t",
        include_str!("../../../library/platforms/oci-4t.toml"),
    ),
];

/// An entry of the list of sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceEntry {
    /// The key that values refer to.
    pub key: String,
    /// Author, title, year or product.
    pub title: String,
    /// What is doubtful about it.
    pub doubt: Option<String>,
}

/// Parts by kind and name, platforms, and sources.
#[derive(Debug)]
pub struct Library {
    parts: BTreeMap<&'static str, Vec<(String, Node)>>,
    platforms: Vec<(String, String)>,
    sources: BTreeMap<String, SourceEntry>,
    read: RwLock<BTreeMap<(&'static str, String), Arc<Record>>>,
}

impl Library {
    /// The library that comes with the program.
    ///
    /// # Panics
    /// Never: a test reads every embedded file.
    pub fn embedded() -> Self {
        let files = EMBEDDED.iter().map(|(name, text)| (*name, text.as_bytes()));
        let platforms = PLATFORMS
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        Self::new(files, platforms.collect()).expect("the embedded library is checked by a test")
    }

    /// A library from files: the list of sources, part files and platforms.
    ///
    /// # Errors
    /// A file is not TOML, names an unknown kind, or has another format.
    pub fn new<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
        platforms: Vec<(String, String)>,
    ) -> Result<Self, Problems> {
        let mut library = Self {
            parts: BTreeMap::new(),
            platforms,
            sources: BTreeMap::new(),
            read: RwLock::default(),
        };
        let mut problems = Vec::new();
        for (name, bytes) in files {
            if let Some(root) = parse_bytes(name, bytes, &mut problems) {
                check_format(&root, &mut problems);
                library.add(root, &mut problems);
            }
        }
        if problems.is_empty() {
            Ok(library)
        } else {
            Err(Problems::collected(problems))
        }
    }

    fn add(&mut self, root: Node, problems: &mut Vec<Problem>) {
        let NodeValue::Table(entries) = root.value else {
            return;
        };
        for entry in entries {
            let NodeValue::Table(parts) = entry.node.value else {
                continue;
            };
            if entry.key == "source" {
                for part in parts {
                    let text = |key: &str| {
                        part.node
                            .get(key)
                            .and_then(|e| e.node.text())
                            .map(str::to_owned)
                    };
                    let Some(title) = text("title") else {
                        problems.push(
                            Problem::new(
                                "library::no-title",
                                &part.key_span,
                                format!("source {:?} has no title", part.key),
                            )
                            .with_help("add `title = \"author, title, year\"`"),
                        );
                        continue;
                    };
                    let entry = SourceEntry {
                        key: part.key.clone(),
                        title,
                        doubt: text("doubt"),
                    };
                    self.sources.insert(part.key, entry);
                }
                continue;
            }
            let Some(schema) = PART_KINDS.iter().find(|schema| schema.kind == entry.key) else {
                problems.push(
                    Problem::new(
                        "library::unknown-kind",
                        &entry.key_span,
                        format!("unknown kind of part {:?}", shortened(&entry.key)),
                    )
                    .with_nearest(&entry.key, PART_KINDS.iter().map(|schema| schema.kind)),
                );
                continue;
            };
            let list = self.parts.entry(schema.kind).or_default();
            for part in parts {
                if list.iter().any(|(name, _)| *name == part.key) {
                    problems.push(
                        Problem::new(
                            "library::twice",
                            &part.key_span,
                            format!("{} {:?} stands twice", schema.kind, part.key),
                        )
                        .with_help("rename one of them"),
                    );
                    continue;
                }
                list.push((part.key, part.node));
            }
        }
    }

    pub(crate) fn node(&self, kind: &str, name: &str) -> Option<&Node> {
        let list = self.parts.get(kind)?;
        list.iter()
            .find(|(part, _)| part == name)
            .map(|(_, node)| node)
    }

    pub(crate) fn cached(&self, kind: &'static str, name: &str) -> Option<Arc<Record>> {
        let read = self
            .read
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        read.get(&(kind, name.to_owned())).map(Arc::clone)
    }

    pub(crate) fn keep(&self, kind: &'static str, name: &str, record: &Arc<Record>) {
        let mut read = self
            .read
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        read.insert((kind, name.to_owned()), Arc::clone(record));
    }

    /// The names of the parts of a kind, in the order of the library.
    pub fn names(&self, kind: &str) -> impl Iterator<Item = &str> {
        self.parts
            .get(kind)
            .into_iter()
            .flatten()
            .map(|(name, _)| name.as_str())
    }

    /// What a part says of itself in one line.
    pub fn title(&self, kind: &str, name: &str) -> Option<&str> {
        self.node(kind, name)?.get("title")?.node.text()
    }

    /// A part, read and checked.
    ///
    /// # Errors
    /// The library has no such part, or its entry is wrong.
    pub fn part(&self, kind: &str, name: &str) -> Result<Arc<Record>, Problems> {
        let schema = PART_KINDS.iter().find(|schema| schema.kind == kind);
        let (Some(schema), Some(node)) = (schema, self.node(kind, name)) else {
            let span = Span {
                source: SourceText::new("library", ""),
                range: 0..0,
            };
            let message = format!("the library has no {kind} called {name:?}");
            let problem = Problem::new("system::unknown-part", &span, message);
            let problem = if schema.is_some() {
                problem.with_nearest(name, self.names(kind))
            } else {
                problem.with_nearest(kind, PART_KINDS.iter().map(|schema| schema.kind))
            };
            return Err(Problems(vec![problem]));
        };
        let load = |file: &str| Err(format!("a library part cannot name the file {file}"));
        let mut reader = Reader::new(self, &load, Place::Library);
        let path = format!("{kind} {name}");
        match reader.record(&[*schema], node, None, &path) {
            Some(record) if reader.problems.is_empty() => Ok(record),
            _ => Err(Problems::collected(reader.problems)),
        }
    }

    /// The names of the platforms.
    pub fn platforms(&self) -> impl Iterator<Item = &str> {
        self.platforms.iter().map(|(name, _)| name.as_str())
    }

    /// The text of a platform's description.
    pub fn platform(&self, name: &str) -> Option<&str> {
        self.platforms
            .iter()
            .find(|(platform, _)| platform == name)
            .map(|(_, text)| text.as_str())
    }

    /// Whether a source is listed.
    pub fn has_source(&self, key: &str) -> bool {
        self.sources.contains_key(key)
    }

    /// A source by key.
    pub fn source(&self, key: &str) -> Option<&SourceEntry> {
        self.sources.get(key)
    }

    /// The keys of all sources.
    pub fn source_keys(&self) -> impl Iterator<Item = &str> {
        self.sources.keys().map(String::as_str)
    }
}

/// The kinds with their schemas: parts, and the description itself.
pub fn schema_of(kind: &str) -> Option<&'static RecordSchema> {
    PART_KINDS
        .iter()
        .copied()
        .chain([Description::SCHEMA])
        .find(|schema| schema.kind == kind)
}

/// Checks `format = 1` at the head of a file.
pub(crate) fn check_format(root: &Node, problems: &mut Vec<Problem>) {
    let current = crate::description::FORMAT;
    match root
        .get("format")
        .map(|entry| (&entry.node.value, &entry.node.span))
    {
        Some((NodeValue::Integer(format), _)) if *format == current => {}
        Some((NodeValue::Integer(format), span)) if *format > current => problems.push(
            Problem::new(
                "system::format",
                span,
                format!("format {format} is newer than this program, which reads format {current}"),
            )
            .with_help("use a newer shoreline"),
        ),
        Some((_, span)) => problems.push(
            Problem::new(
                "system::format",
                span,
                format!("the format must be {current}"),
            )
            .with_help("`shoreline migrate FILE` rewrites older files"),
        ),
        None => problems.push(
            Problem::new(
                "system::format",
                &Span {
                    range: 0..0,
                    ..root.span.clone()
                },
                "the file does not state its format",
            )
            .with_help(format!("start the file with `format = {current}`")),
        ),
    }
}
