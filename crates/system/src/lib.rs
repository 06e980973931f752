//! The description of a system of co-packaged, near-package or pluggable optics, and the library
//! of its components.
//!
//! The main type is [`System`]: a description read from TOML, checked as a whole, and resolved
//! into flat arrays of ASICs, engines, lanes, lasers, fibres and ports.
//!
//! ```
//! use system::{Input, Library, System};
//!
//! let library = Library::embedded();
//! let text = library.platform("cpo-51t").ok_or("no such platform")?;
//! let system = System::resolve(&Input {
//!     name: "cpo-51t",
//!     bytes: text.as_bytes(),
//!     sets: &[],
//!     library: &library,
//!     load: &|file| Err(format!("{file} is not there")),
//! })?;
//! assert_eq!(system.media_lanes.len(), 512);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Reading is driven by tables ([`RecordSchema`]): one declaration of a record gives its struct,
//! its checks, its suggestions, its JSON schema and its manual.
//!
//! What it does not model: anything physical. It knows what a ring modulator's fields are, not
//! what a ring does.

mod build;
mod description;
mod entity;
mod fingerprint;
mod id;
mod json_schema;
mod library;
mod lookup;
mod node;
pub mod parts;
mod problem;
mod record;
mod schema;
mod system;
mod table;
mod value;

pub use description::*;
pub use entity::*;
pub use fingerprint::*;
pub use id::*;
pub use json_schema::json_schema;
pub use library::{Library, PART_KINDS, SourceEntry, schema_of};
pub use lookup::{Found, Unfound};
pub use node::{Entry, MAX_TEXT_BYTES, Node, NodeValue, parse_bytes};
pub use problem::{Problem, Problems, SourceText, Span, nearest};
pub use record::{Field, Load, Record, Value};
pub use schema::{
    Column, ColumnRole, CoolerTable, FieldKind, FieldSchema, FromField, FromRecord, Layout,
    LivTable, LossTable, Named, ReceiverTable, RecordSchema, Sampling, TableSchema,
    TransmissionTable,
};
pub use system::{Input, System};
pub use table::{MIN_SITES, MeasuredTable, TableError, interpolate};
pub use value::{StatedValue, ValueError};

/// Rewrites an older description in the current format.
///
/// Format 1 is the first, so a file is either current, in which case its text comes back as it
/// is, or it cannot be migrated.
///
/// # Errors
/// The text is not TOML, or its format is missing, unknown or newer.
pub fn migrate(name: &str, bytes: &[u8]) -> Result<String, Problems> {
    let mut problems = Vec::new();
    let root = node::parse_bytes(name, bytes, &mut problems);
    if let Some(root) = &root
        && problems.is_empty()
    {
        library::check_format(root, &mut problems);
    }
    match (root, problems.is_empty()) {
        (Some(root), true) => Ok(root.span.source.text.clone()),
        _ => Err(Problems(problems)),
    }
}
