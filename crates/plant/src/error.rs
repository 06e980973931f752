//! What can be wrong with observations, commands and polls.

use system::Fingerprint;

use crate::{Signal, Timestamp};

/// Why a plant has no observation to give.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PollError {
    /// The caller's clock went backwards. The plant's state is unchanged.
    #[error("time ran backwards: polled at {} ns after {} ns", now.nanos(), last.nanos())]
    TimeReversed {
        /// The time of this call.
        now: Timestamp,
        /// The latest time seen before.
        last: Timestamp,
    },
    /// The plant, or the way to it, does not answer.
    #[error("the plant does not answer: {reason}")]
    Unreachable {
        /// What went wrong.
        reason: String,
    },
}

/// Why values do not make a column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ColumnError {
    /// The signal is stored in another type.
    #[error("signal {:?} is stored as {}, not as {given}", signal.name(), signal.storage().name())]
    WrongStorage {
        /// The signal.
        signal: Signal,
        /// The type of the values that were given.
        given: &'static str,
    },
    /// Quality, times or reset epochs do not match the values in number.
    #[error("signal {:?} has {expected} values but {found} {what}", signal.name())]
    WrongLength {
        /// The signal.
        signal: Signal,
        /// What is too short or too long.
        what: &'static str,
        /// The number of values.
        expected: usize,
        /// The number that was given.
        found: usize,
    },
    /// A good or stale element is infinite or not a number.
    #[error("element {index} of signal {:?} is not finite", signal.name())]
    NotFinite {
        /// The signal.
        signal: Signal,
        /// The position of the first such element.
        index: usize,
    },
    /// A state has no name.
    #[error("element {index} of signal {:?} is state {found}; there are {count} states", signal.name())]
    UnknownState {
        /// The signal.
        signal: Signal,
        /// The position of the first such element.
        index: usize,
        /// The state.
        found: u8,
        /// The number of states.
        count: usize,
    },
    /// A failed element carries a value.
    #[error("element {index} of signal {:?} has failed but carries a value", signal.name())]
    ValueOfFailed {
        /// The signal.
        signal: Signal,
        /// The position of the first such element.
        index: usize,
    },
    /// Reset epochs were given for something that is not a counter.
    #[error("signal {:?} is not a counter and has no reset epochs", signal.name())]
    NotACounter {
        /// The signal.
        signal: Signal,
    },
}

/// A text cannot name a device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not a device name; expected 1 to 255 bytes without control characters")]
pub struct NotADeviceName {
    /// The text, cut after its first 80 characters.
    pub found: String,
}

/// Why bytes or a text are not what was expected. Outside input never panics.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The first bytes are not those of an observation.
    #[error("not an observation: starts with {found:02x?}")]
    NotAnObservation {
        /// Up to four first bytes.
        found: Vec<u8>,
    },
    /// Written under another version of the schema.
    #[error("schema version {found} is not supported; this program reads version {supported}")]
    UnsupportedSchema {
        /// The version found.
        found: u64,
        /// The version that this program reads.
        supported: u16,
    },
    /// Made under another description; its positions mean nothing here.
    #[error("observation of another system: fingerprint {found}, expected {expected}")]
    ForeignFingerprint {
        /// The fingerprint of the description in use.
        expected: Fingerprint,
        /// The fingerprint that was found.
        found: Fingerprint,
    },
    /// The bytes end too early.
    #[error("truncated: {needed} bytes needed at offset {offset}, {available} left")]
    Truncated {
        /// Where, in bytes from the start of the body.
        offset: usize,
        /// How many bytes would be needed.
        needed: u64,
        /// How many bytes there are.
        available: usize,
    },
    /// There are bytes after the end.
    #[error("{count} bytes after the end of the observation")]
    TrailingBytes {
        /// How many.
        count: usize,
    },
    /// The checksum does not match; bytes were changed.
    #[error("corrupt: checksum {found:08x}, expected {expected:08x}")]
    Checksum {
        /// The checksum that the header states.
        expected: u32,
        /// The checksum of the body.
        found: u32,
    },
    /// A code, a count or a text that cannot stand where it stands.
    #[error("corrupt: {found} is not a {what} (before offset {offset})")]
    Invalid {
        /// What was expected.
        what: &'static str,
        /// What was found.
        found: u64,
        /// Where reading stopped, in bytes from the start of the body.
        offset: usize,
    },
    /// A text is not UTF-8.
    #[error("corrupt: the {what} is not UTF-8")]
    NotUtf8 {
        /// Which text.
        what: &'static str,
    },
    /// Columns are not in ascending order of their signals, or one occurs twice.
    #[error("corrupt: column {:?} is out of order or repeated", signal.name())]
    ColumnOrder {
        /// The offending signal.
        signal: Signal,
    },
    /// A column contradicts itself.
    #[error("corrupt column: {0}")]
    Column(#[from] ColumnError),
    /// The device has an impossible name.
    #[error("corrupt: {0}")]
    Device(#[from] NotADeviceName),
    /// The JSON text is malformed or does not have the expected members.
    #[error("malformed JSON form: {0}")]
    Json(#[from] serde_json::Error),
}

/// Why an observation cannot be the template of a static plant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// Edges and outcomes happen once; a template would repeat them.
    #[error("the template holds {edges} edges and {outcomes} outcomes; it must hold neither")]
    HasEvents {
        /// The number of edges.
        edges: usize,
        /// The number of outcomes.
        outcomes: usize,
    },
    /// A rate was given for a signal that the template does not count.
    #[error("the template has no counter {:?}", signal.name())]
    NoSuchCounter {
        /// The signal.
        signal: Signal,
    },
    /// The number of rates differs from the number of counters.
    #[error("counter {:?} has {expected} elements but {found} rates", signal.name())]
    WrongLength {
        /// The signal.
        signal: Signal,
        /// The number of elements.
        expected: usize,
        /// The number of rates.
        found: usize,
    },
}
