//! Names, remarks and the files of measured tables.

use super::{Reader, shortened};
use crate::node::{Entry, MAX_TEXT_BYTES};
use crate::problem::Span;
use crate::schema::TableSchema;
use crate::table::MeasuredTable;

impl Reader<'_> {
    /// Reports a remark that is no text.
    pub(super) fn require_text(&mut self, entry: &Entry) {
        // What `use` and `kind` take is checked where they are used.
        if entry.node.text().is_none() && !["use", "kind"].contains(&entry.key.as_str()) {
            self.problem(
                "system::type",
                &entry.node.span,
                format!("{} takes a text, found {}", entry.key, entry.node.noun()),
                "put it in quotes",
            );
        }
    }

    /// Group names become parts of the names of lanes and lasers, whose dots separate levels.
    pub(super) fn check_name(&mut self, entry: &Entry) {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/');
        if entry.key.is_empty() || entry.key.len() > 64 || !entry.key.chars().all(is_plain) {
            self.problem(
                "system::name",
                &entry.key_span,
                format!("a group cannot be called {:?}", shortened(&entry.key)),
                "a name has 1 to 64 letters, digits, `-`, `_` or `/`",
            );
        }
    }

    /// A measured table from its file.
    pub(super) fn table(
        &mut self,
        file: &str,
        schema: &TableSchema,
        span: &Span,
    ) -> Option<MeasuredTable> {
        let text = self.csv(file, span)?;
        MeasuredTable::parse(file, &text, schema, &mut self.problems)
    }

    /// The text of a file of measurements.
    pub(super) fn csv(&mut self, file: &str, span: &Span) -> Option<String> {
        let bytes = match (self.load)(file) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.problem(
                    "system::file",
                    span,
                    format!("cannot read {:?}: {error}", shortened(file)),
                    "the path is relative to the description",
                );
                return None;
            }
        };
        if bytes.len() > MAX_TEXT_BYTES {
            self.problem(
                "system::too-large",
                span,
                format!(
                    "{file:?} has {} bytes; the limit is {MAX_TEXT_BYTES}",
                    bytes.len()
                ),
                "thin the table out",
            );
            return None;
        }
        match String::from_utf8(bytes) {
            Ok(text) => Some(text),
            Err(error) => {
                let end = error.utf8_error().valid_up_to();
                self.problem(
                    "system::not-utf8",
                    span,
                    format!(
                        "{file:?} is not UTF-8: byte {:#04x} at offset {end}",
                        error.as_bytes()[end]
                    ),
                    "save the file as UTF-8",
                );
                None
            }
        }
    }
}
