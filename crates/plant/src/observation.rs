//! What the sensors of one switch say at one time.

use std::fmt;

use system::Fingerprint;

use crate::coded::coded;
use crate::{Column, DecodeError, Entity, NotADeviceName, Outcome, Signal, Timestamp};

/// The name of a switch among others: 1 to 255 bytes without control characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeviceName(String);

impl DeviceName {
    /// Checks and wraps a name.
    ///
    /// # Errors
    /// When the name is empty, longer than 255 bytes or holds a control character.
    pub fn new(name: impl Into<String>) -> Result<Self, NotADeviceName> {
        let name = name.into();
        if name.is_empty() || name.len() > 255 || name.chars().any(char::is_control) {
            let found = name.chars().take(80).collect();
            return Err(NotADeviceName { found });
        }
        Ok(Self(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

coded! {
    /// What happened at an edge.
    EdgeKind: u16;
    /// The optical signal of a receiver vanished.
    SignalLost = 1, "signal_lost";
    /// The optical signal of a receiver came back.
    SignalRestored = 2, "signal_restored";
    /// A wavelength, bias or clock lock was lost.
    LockLost = 3, "lock_lost";
    /// A wavelength, bias or clock lock was acquired.
    LockAcquired = 4, "lock_acquired";
    /// An optical output reached its level.
    OutputOn = 5, "output_on";
    /// An optical output went dark.
    OutputOff = 6, "output_off";
    /// A laser path opened.
    PathOpened = 7, "path_opened";
    /// A laser path closed.
    PathClosed = 8, "path_closed";
    /// A replaceable part was inserted.
    Inserted = 9, "inserted";
    /// A replaceable part was removed.
    Removed = 10, "removed";
    /// The power state changed.
    PowerStateChanged = 11, "power_state_changed";
    /// A codeword could not be corrected.
    CodewordLost = 12, "codeword_lost";
    /// A protection switched off because of temperature.
    TemperatureTripped = 13, "temperature_tripped";
    /// The controller of a part started anew.
    Restarted = 14, "restarted";
}

/// An event between the previous observation and this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Edge {
    /// When it happened.
    pub time: Timestamp,
    /// To what it happened.
    pub entity: Entity,
    /// What happened.
    pub what: EdgeKind,
}

/// What the sensors of one switch say at one time: columns of values, and the edges and command
/// outcomes since the previous observation.
///
/// A plant gives edges and element times that are not later than [`time`](Self::time); decoding
/// does not check it, because the reader must bear a clock that is wrong anyway.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The description whose ids index the columns.
    pub fingerprint: Fingerprint,
    /// Which switch.
    pub device: DeviceName,
    /// Grows by one from observation to observation of one plant; a gap means that some were lost.
    pub sequence: u64,
    /// When the sensors were read.
    pub time: Timestamp,
    /// Events since the previous observation, in the order in which they happened.
    pub edges: Vec<Edge>,
    /// What became of commands since the previous observation.
    pub outcomes: Vec<Outcome>,
    /// In ascending order of their signals, each signal at most once.
    columns: Vec<Column>,
}

impl Observation {
    /// An observation without columns, with sequence and time 0.
    pub const fn new(fingerprint: Fingerprint, device: DeviceName) -> Self {
        Self {
            fingerprint,
            device,
            sequence: 0,
            time: Timestamp::from_nanos(0),
            edges: Vec::new(),
            outcomes: Vec::new(),
            columns: Vec::new(),
        }
    }

    /// The columns, in ascending order of their signals.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The columns, to be refilled in place.
    pub fn columns_mut(&mut self) -> impl Iterator<Item = &mut Column> {
        self.columns.iter_mut()
    }

    /// The column of a signal.
    pub fn column(&self, signal: Signal) -> Option<&Column> {
        let position = self.position(signal).ok()?;
        self.columns.get(position)
    }

    /// The column of a signal, to be refilled in place.
    pub fn column_mut(&mut self, signal: Signal) -> Option<&mut Column> {
        let position = self.position(signal).ok()?;
        self.columns.get_mut(position)
    }

    /// Adds a column; one of the same signal is replaced and returned.
    pub fn insert(&mut self, column: Column) -> Option<Column> {
        match self.position(column.signal()) {
            Ok(position) => Some(std::mem::replace(&mut self.columns[position], column)),
            Err(position) => {
                self.columns.insert(position, column);
                None
            }
        }
    }

    /// Adds a column behind all others.
    pub(crate) fn push(&mut self, column: Column) -> Result<(), DecodeError> {
        let signal = column.signal();
        if self
            .columns
            .last()
            .is_some_and(|last| last.signal() >= signal)
        {
            return Err(DecodeError::ColumnOrder { signal });
        }
        self.columns.push(column);
        Ok(())
    }

    /// Refuses an observation that was made under another description.
    pub(crate) fn check_fingerprint(
        found: Fingerprint,
        expected: &Fingerprint,
    ) -> Result<(), DecodeError> {
        if found == *expected {
            return Ok(());
        }
        Err(DecodeError::ForeignFingerprint {
            expected: *expected,
            found,
        })
    }

    fn position(&self, signal: Signal) -> Result<usize, usize> {
        self.columns.binary_search_by_key(&signal, Column::signal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stay_in_order_and_are_replaced() {
        let device = DeviceName::new("a").unwrap();
        let mut observation = Observation::new(Fingerprint::of(b""), device);
        for (signal, value) in [
            (Signal::ZoneTemperature, 1.0),
            (Signal::SwitchPower, 2.0),
            (Signal::LaserBias, 3.0),
        ] {
            let column = Column::from_values(signal, [value]).unwrap();
            assert_eq!(observation.insert(column), None);
        }
        let signals: Vec<_> = observation.columns().iter().map(Column::signal).collect();
        assert!(signals.is_sorted());
        let column = Column::from_values(Signal::LaserBias, [4.0]).unwrap();
        let old = observation.insert(column).unwrap();
        assert_eq!(old.value(0), Some(3.0));
        assert_eq!(observation.columns().len(), 3);
    }

    #[test]
    fn device_names_are_short_and_printable() {
        assert!(DeviceName::new("leaf 1/α").is_ok());
        for name in ["", "a\nb", &"x".repeat(256)] {
            assert!(DeviceName::new(name).is_err(), "{name:?}");
        }
    }
}
