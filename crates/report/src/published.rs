//! Predictions beside what has been published.

use std::fmt::Write as _;

use serde_json::{Value, json};
use twin::Quantiles;
use twin::published::{Compared, Verdict};

use crate::text::{heading, table};
use crate::words::decimal;

/// The published figures of a system with the predictions of `n` draws, and below them their
/// remarks and sources.
pub fn published_text(rows: &[Compared<'_>], n: u64) -> String {
    let mut text = format!("{}\n", heading("Published figures"));
    if rows.is_empty() {
        text.push_str(" nothing published is known of a system of this name\n");
        return text;
    }
    let lines = rows.iter().enumerate().map(|(index, row)| {
        let figure = row.figure;
        let Quantiles { p5, p50, p95 } = row.predicted;
        vec![
            format!("{}", index + 1),
            figure.title.clone(),
            figure.boundary.word().to_owned(),
            [p5, p50, p95].map(number).join(" .. "),
            range(figure.low, figure.high),
            figure.unit.clone(),
            verdict(row.verdict),
        ]
    });
    let header = [
        "",
        "published figure",
        "boundary",
        "P5 .. P50 .. P95",
        "published",
        "",
        "agree",
    ];
    // Writing to a String does not fail.
    let _ = writeln!(text, "{}\n", table(&header, &[0, 3, 4], lines));
    for (index, row) in rows.iter().enumerate() {
        let (figure, source) = (row.figure, row.source);
        let against = figure
            .against
            .as_ref()
            .map_or_else(String::new, |name| format!("against {name}; "));
        let _ = writeln!(
            text,
            " {:>2} {against}{}\n    {} ({})",
            index + 1,
            figure.note,
            source.title,
            source.doubt
        );
    }
    let _ = writeln!(
        text,
        "\n predicted from {n} draws; \"yes\" says that the ranges overlap, a number how far the median is from the nearer end"
    );
    text
}

/// The same for programs.
pub fn published_json(rows: &[Compared<'_>], n: u64) -> Value {
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| {
            let figure = row.figure;
            let Quantiles { p5, p50, p95 } = row.predicted;
            json!({
                "title": figure.title, "boundary": figure.boundary.word(), "unit": figure.unit,
                "against": figure.against, "rate": figure.rate,
                "predicted": { "p5": p5, "p50": p50, "p95": p95 },
                "published": { "low": figure.low, "high": figure.high },
                "agrees": row.verdict == Verdict::Agrees, "note": figure.note,
                "source": row.source.title, "doubt": row.source.doubt,
            })
        })
        .collect();
    json!({ "draws": n, "figures": rows })
}

fn verdict(verdict: Verdict) -> String {
    match verdict {
        Verdict::Agrees => "yes".to_owned(),
        Verdict::Below(share) | Verdict::Above(share) => format!("no, {:+.0} %", 100.0 * share),
    }
}

/// Three significant digits.
fn number(x: f64) -> String {
    let digits = match x.abs() {
        large if large >= 100.0 => 0,
        large if large >= 10.0 => 1,
        _ => 2,
    };
    decimal(x, digits)
}

fn range(low: f64, high: f64) -> String {
    if low.to_bits() == high.to_bits() {
        format!("{low}")
    } else {
        format!("{low} to {high}")
    }
}
