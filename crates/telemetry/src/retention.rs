//! What is forgotten, and when.

use std::time::Duration;

use plant::Timestamp;
use rusqlite::{Connection, params};

use crate::store::stored;
use crate::{Store, TelemetryError};

/// What a recording keeps. Whole spans are removed, oldest first, and only as many as must go.
/// The default keeps everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retention {
    /// Remove spans that ended longer ago than this.
    pub age: Option<Duration>,
    /// Remove the oldest spans of any device until all blocks together have at most this many
    /// bytes.
    pub bytes: Option<u64>,
}

/// What was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Removed {
    /// The number of spans.
    pub spans: u64,
    /// The bytes of their blocks.
    pub bytes: u64,
}

impl Store {
    /// Removes what `retention` does not keep, as seen from `now`, and gives its room back to the
    /// disk.
    ///
    /// # Errors
    /// [`TelemetryError::Database`]; then nothing was removed.
    pub fn retain(&self, retention: &Retention, now: Timestamp) -> Result<Removed, TelemetryError> {
        let remove = || {
            let transaction = self.connection.unchecked_transaction()?;
            let removed = prune(&transaction, retention, now, 0)?;
            transaction.commit()?;
            if removed.spans > 0 {
                let mut vacuum = self.connection.prepare("PRAGMA incremental_vacuum")?;
                let mut rows = vacuum.query([])?;
                while rows.next()?.is_some() {}
            }
            Ok(removed)
        };
        remove().map_err(|source| self.fail("remove old spans of", source))
    }
}

/// Removes inside a transaction, so that `incoming` bytes fit behind it.
pub(crate) fn prune(
    connection: &Connection,
    retention: &Retention,
    now: Timestamp,
    incoming: u64,
) -> rusqlite::Result<Removed> {
    let mut removed = Removed::default();
    if *retention == Retention::default() {
        return Ok(removed);
    }
    let age = retention.age.map(|age| {
        let age = u64::try_from(age.as_nanos()).unwrap_or(u64::MAX);
        stored(Timestamp::from_nanos(now.nanos().saturating_sub(age)))
    });
    let mut excess = 0;
    if let Some(limit) = retention.bytes {
        let sql = "SELECT coalesce(sum(bytes), 0) FROM span";
        let sum: i64 = connection.query_row(sql, [], |row| row.get(0))?;
        let total = u64::try_from(sum).unwrap_or(0).saturating_add(incoming);
        excess = total.saturating_sub(limit);
    }
    let mut spans =
        connection.prepare("SELECT id, last_ns, bytes FROM span ORDER BY last_ns, id")?;
    let mut doomed = Vec::new();
    let mut rows = spans.query([])?;
    while let Some(row) = rows.next()? {
        let (id, last, bytes): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let is_too_old = age.is_some_and(|oldest| last < oldest);
        if !is_too_old && removed.bytes >= excess {
            break;
        }
        doomed.push(id);
        removed.spans += 1;
        removed.bytes += u64::try_from(bytes).unwrap_or(0);
    }
    drop(rows);
    for id in doomed {
        connection.execute("DELETE FROM block WHERE span = ?1", params![id])?;
        connection.execute("DELETE FROM span WHERE id = ?1", params![id])?;
    }
    Ok(removed)
}
