//! `cmis crosswalk`: who shows what, and what is lost.

use std::io::Write as _;

use anyhow::Result;
use device::crosswalk::{Fit, ROWS, Row};
use plant::Signal;
use serde_json::json;

use super::table;
use crate::output::Output;

pub(super) fn run(only: Option<&str>, is_json: bool, out: &mut Output) -> Result<()> {
    let rows: Vec<&Row> = ROWS
        .iter()
        .filter(|row| only.is_none_or(|only| row.fit().name() == only))
        .collect();
    if is_json {
        let rows: Vec<_> = rows.iter().map(|row| row_json(row)).collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&rows)?)?;
        return Ok(());
    }
    let head = [
        "",
        "quantity",
        "sensor",
        "register",
        "unit",
        "VDM",
        "OpenConfig",
        "SONiC",
        "what is lost",
    ];
    let mut lines = vec![head.map(str::to_owned)];
    lines.extend(rows.iter().map(|row| {
        let text = |text: Option<&str>| text.unwrap_or("-").to_owned();
        [
            row.fit().name().to_owned(),
            row.physics.to_owned(),
            text(row.signal.map(Signal::name)),
            row.place().unwrap_or_else(|| "-".to_owned()),
            row.resolution().unwrap_or_default(),
            row.observable
                .map_or_else(|| "-".to_owned(), |code| code.to_string()),
            text(row.yang),
            text(row.sonic),
            row.note.to_owned(),
        ]
    }));
    table(&lines, out)?;
    let count = |fit: Fit| rows.iter().filter(|row| row.fit() == fit).count();
    writeln!(
        out,
        "\n{} mapped, {} lossy, {} missing. Leaves stand below /components/component; {{n}} is a lane.",
        count(Fit::Mapped),
        count(Fit::Lossy),
        count(Fit::Missing)
    )?;
    Ok(())
}

fn row_json(row: &Row) -> serde_json::Value {
    json!({
        "fit": row.fit().name(),
        "quantity": row.physics,
        "sensor": row.signal.map(Signal::name),
        "register": row.register.map(|register| register.name),
        "place": row.place(),
        "resolution": row.resolution(),
        "observable": row.observable,
        "openconfig": row.yang,
        "sonic": row.sonic,
        "note": row.note,
    })
}
