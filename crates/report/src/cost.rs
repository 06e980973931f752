//! Cost and package yield: text, machine output, and rows of the comparison.
//!
//! What rests on an estimated price or yield is a range marked *assumed*; a point is printed only
//! where every price behind it is stated or sourced and has no spread.

use std::fmt::Write as _;

use serde_json::{Value, json};
use system::System;
use system::parts::EngineSeat;
use twin::{
    CostBoundary, CostDifference, CostFigures, CostLine, CostRange, CostVerdict, Figures, LifeCost,
    PackageFigures, YieldRange,
};
use units::Dollars;

use crate::text::{heading, table};
use crate::words::{counted, decimal};

/// The mark of everything that rests on an estimate.
const ASSUMED: &str = "assumed";

/// An amount to three significant digits, which is more than any range deserves.
fn rough(amount: Dollars) -> String {
    let amount = amount.value();
    if amount.abs() < f64::MIN_POSITIVE {
        return "0".to_owned();
    }
    let magnitude = amount.abs().log10().floor();
    let step = 10f64.powf(magnitude - 2.0);
    let rounded = (amount / step).round() * step;
    let digits = if magnitude >= 2.0 {
        0
    } else if magnitude >= 1.0 {
        1
    } else {
        2
    };
    decimal(rounded, digits)
}

/// A range or a point, without its mark.
fn amount(range: &CostRange) -> String {
    if !range.is_known() {
        return "no price".to_owned();
    }
    if range.is_assumed || range.low < range.high {
        format!("{} .. {}", rough(range.low), rough(range.high))
    } else {
        let cents = if range.nominal < Dollars::new(100.0) {
            2
        } else {
            0
        };
        decimal(range.nominal.value(), cents)
    }
}

/// The mark of an amount: whether it is assumed, by how much of it, and what it lacks.
fn mark(range: &CostRange) -> String {
    let mut marks = Vec::new();
    if range.is_assumed {
        let percent = 100.0 * range.assumed_share();
        marks.push(if percent > 99.95 {
            ASSUMED.to_owned()
        } else {
            format!("{ASSUMED}, {percent:.0} % of it")
        });
    }
    if range.is_known() && range.n_unpriced > 0 {
        marks.push(format!("lacks {}", counted(range.n_unpriced, "price")));
    }
    marks.join("; ")
}

/// An amount with its mark.
fn marked(range: &CostRange) -> String {
    match mark(range) {
        mark if mark.is_empty() => amount(range),
        mark => format!("{} {mark}", amount(range)),
    }
}

/// An amount with a short mark, for the columns of a comparison.
fn short(range: &CostRange) -> String {
    let mut text = amount(range);
    if range.is_assumed {
        text = format!("{text} {ASSUMED}");
    }
    if range.is_known() && range.n_unpriced > 0 {
        text.push_str(", incomplete");
    }
    text
}

fn percent(range: &YieldRange, is_assumed: bool) -> String {
    let of = |share: f64| format!("{:.1}", 100.0 * share);
    if range.low < range.high || is_assumed {
        format!("{} .. {}", of(range.low), of(range.high))
    } else {
        of(range.nominal)
    }
}

fn count(line: &CostLine) -> String {
    let is_whole = (line.count - line.count.round()).abs() < 1e-9;
    let number = decimal(line.count, if is_whole { 0 } else { 2 });
    match line.per {
        "piece" => number,
        per if is_whole && line.count < 1.5 => format!("{number} {per}"),
        per => format!("{number} {per}s"),
    }
}

fn seat_words(seat: EngineSeat, n: u32) -> String {
    let engines = counted(n as usize, "engine");
    match seat {
        EngineSeat::Soldered => format!("{engines} soldered"),
        EngineSeat::Detachable => format!("{engines} in sockets"),
    }
}

/// The columns of [`bill_rows`].
pub(crate) const BILL: [&str; 5] = ["item", "count", "price", "total", ""];

/// The bill with the sum of each boundary, in US dollars.
pub(crate) fn bill_rows(cost: &CostFigures) -> Vec<Vec<String>> {
    let line = |line: &CostLine| {
        vec![
            line.item.clone(),
            count(line),
            line.unit
                .as_ref()
                .map_or_else(|| "no price".to_owned(), amount),
            amount(&line.total()),
            mark(&line.total()),
        ]
    };
    let sum = |name: &str, range: &CostRange| {
        let mut row = vec![format!("= {name}"), String::new(), String::new()];
        row.extend([amount(range), mark(range)]);
        row
    };
    let mut rows = Vec::new();
    for (boundary, name, range) in [
        (CostBoundary::Optics, "optics", &cost.optics),
        (CostBoundary::Box, "box with optics", &cost.capex),
        (CostBoundary::Cabling, "cabling", &cost.cabling),
    ] {
        let before = rows.len();
        rows.extend(cost.lines.iter().filter(|l| l.within == boundary).map(line));
        if rows.len() > before {
            rows.push(sum(name, range));
        }
    }
    rows
}

/// What follows from the bill, one sentence each, and how to read it.
pub(crate) fn bill_notes(cost: &CostFigures) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(optics) = &cost.optics_per_gbps {
        notes.push(format!(
            "optics per Gb/s of optical ports: {}",
            marked(optics)
        ));
    }
    notes.push(format!(
        "box per Gb/s of all ports: {}",
        marked(&cost.per_gbps)
    ));
    if let Some([low, _, high]) = cost.optics_share() {
        let mark = if cost.capex.is_assumed {
            " assumed"
        } else {
            ""
        };
        notes.push(format!(
            "optics are {:.0} .. {:.0} % of the box{mark}",
            100.0 * low,
            100.0 * high
        ));
    }
    notes.push(
        "from every price at its P5 to every price at its P95, yields the other way; assumed: rests on estimates"
            .to_owned(),
    );
    notes.extend([
        format!("optics = {}", CostBoundary::Optics.text()),
        format!("box = {}", CostBoundary::Box.text()),
        format!("cabling = {}", CostBoundary::Cabling.text()),
    ]);
    notes
}

/// The title of the cost over the service life.
pub(crate) fn life_title(life: &LifeCost) -> String {
    format!("Cost over {}, USD", years(life))
}

fn years(life: &LifeCost) -> String {
    let years = decimal(life.years(), 1);
    let years = years.strip_suffix(".0").unwrap_or(&years);
    let noun = if years == "1" { "year" } else { "years" };
    format!("{years} {noun}")
}

/// The cost over the service life: what, amount and mark.
pub(crate) fn life_rows(life: &LifeCost) -> Vec<Vec<String>> {
    let capital = life.interest.map_or_else(
        || "box, without interest".to_owned(),
        |interest| format!("box, at {:.1} % a year", 100.0 * interest.value()),
    );
    [
        (capital, &life.capital),
        ("energy at full load, facility".to_owned(), &life.energy),
        (
            format!("parts for {} failures", decimal(life.failures, 2)),
            &life.parts,
        ),
        ("visits".to_owned(), &life.visits),
        (format!("= {}", years(life)), &life.total),
    ]
    .map(|(name, range)| vec![name, amount(range), mark(range)])
    .to_vec()
}

/// How to read the cost over the service life.
pub(crate) const LIFE_NOTE: &str =
    "a failure costs a visit and what comes out for it: the part, its sub-assembly or the box";

/// The columns of [`package_rows`].
pub(crate) const PACKAGE: [&str; 3] = ["step", "good %", "scrap for each good package, USD"];

/// The steps of the assembly.
pub(crate) fn package_rows(package: &PackageFigures) -> Vec<Vec<String>> {
    let steps = package.steps.iter();
    steps
        .map(|step| {
            vec![
                step.name.to_owned(),
                percent(&step.good, package.is_assumed),
                step.scrap
                    .as_ref()
                    .map_or_else(|| "no price".to_owned(), amount),
            ]
        })
        .collect()
}

/// The yield of a package in one sentence.
pub(crate) fn package_head(package: &PackageFigures) -> String {
    let needed = if package.engines_needed < package.engines {
        format!(", {} have to work", package.engines_needed)
    } else {
        String::new()
    };
    format!(
        "{} %{} of the packages turn out good; {}{needed}",
        percent(&package.good, package.is_assumed),
        package_mark(package),
        seat_words(package.seat, package.engines),
    )
}

fn package_mark(package: &PackageFigures) -> &'static str {
    if package.is_assumed { " assumed" } else { "" }
}

/// What follows from the steps, one sentence each.
pub(crate) fn package_notes(package: &PackageFigures) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(step) = package.worst_step() {
        notes.push(format!("most is lost at the step of {}", step.name));
    }
    match &package.cost {
        Some(cost) => notes.extend([
            format!("a good package costs {}:", marked(&cost.total)),
            format!(
                "parts {}, engines replaced {}, scrap {}",
                amount(&cost.parts),
                amount(&cost.rework),
                amount(&cost.scrap()),
            ),
        ]),
        None => notes.push(format!(
            "its cost is not known; no price of: {}",
            package.unpriced.join(", ")
        )),
    }
    if let Some(other) = &package.other_seat {
        let lost = other.lost.as_ref().map_or_else(
            || "a price is missing".to_owned(),
            |lost| format!("replaced and scrapped {}", amount(lost)),
        );
        notes.push(format!(
            "with {} instead: {} %{} good, {lost}",
            seat_words(other.seat, package.engines),
            percent(&other.good, package.is_assumed),
            package_mark(package),
        ));
        if let Some(difference) = &other.difference {
            let difference = difference_text(difference);
            notes.push(format!("cost against this package: {difference}"));
        }
    }
    notes
}

/// The package, the bill, and the cost over the service life.
pub(crate) fn write_cost(out: &mut String, figures: &Figures) -> std::fmt::Result {
    let notes = |notes: &[String]| -> String {
        let lines = notes.iter().map(|note| format!(" {note}\n"));
        lines.collect()
    };
    if let Some(package) = &figures.package {
        writeln!(
            out,
            "{}\n {}\n{}\n{}",
            heading("Package"),
            package_head(package),
            table(&PACKAGE, &[1, 2], package_rows(package)),
            notes(&package_notes(package))
        )?;
    }
    let cost = &figures.cost;
    writeln!(
        out,
        "{}\n{}\n{}",
        heading("Cost of the box, USD"),
        table(&BILL, &[1, 2, 3], bill_rows(cost)),
        notes(&bill_notes(cost))
    )?;
    let Some(life) = &cost.life else {
        return Ok(());
    };
    writeln!(
        out,
        "{}\n{}\n {LIFE_NOTE}\n",
        heading(&life_title(life)),
        table(&["", "total", ""], &[1], life_rows(life))
    )
}

/// A row of the comparison: its name, its boundary or unit, and how to print it.
pub(crate) type Row = (&'static str, &'static str, fn(&Figures) -> String);

/// The rows that cost and package yield add to the comparison.
pub(crate) const COMPARISON: &[Row] = &[
    ("cost of optics", "USD per Gb/s of optical ports", |f| {
        f.cost
            .optics_per_gbps
            .as_ref()
            .map_or_else(|| "-".into(), short)
    }),
    ("cost of box", "USD per Gb/s of all ports", |f| {
        short(&f.cost.per_gbps)
    }),
    ("cost of switch", "kUSD, box with optics", |f| {
        short(&f.cost.capex.times(1e-3))
    }),
    (
        "cost over service life",
        "kUSD, box, energy, repairs",
        |f| {
            f.cost
                .life
                .as_ref()
                .map_or_else(|| "-".into(), |life| short(&life.total.times(1e-3)))
        },
    ),
    ("good packages", "%, assembly", |f| {
        f.package.as_ref().map_or_else(
            || "-".into(),
            |package| {
                let mark = if package.is_assumed { " assumed" } else { "" };
                format!("{}{mark}", percent(&package.good, package.is_assumed))
            },
        )
    }),
];

/// Cost per Gb/s against the first system: its name, and for each other one the range of the
/// difference of optics and box and what it tells. None of one system.
pub(crate) fn difference_rows(systems: &[&Figures]) -> Option<(String, Vec<Vec<String>>)> {
    let (first, others) = systems.split_first()?;
    let rows: Vec<Vec<String>> = others
        .iter()
        .map(|figures| {
            let cell = |boundary| {
                let difference = figures.cost.difference_per_gbps(&first.cost, boundary);
                difference.map_or_else(|| "-".into(), |d| difference_text(&d))
            };
            vec![
                figures.name.clone(),
                cell(CostBoundary::Optics),
                cell(CostBoundary::Box),
            ]
        })
        .collect();
    let title = format!("Cost against {}, USD per Gb/s", first.name);
    (!rows.is_empty()).then_some((title, rows))
}

/// How to read [`difference_rows`].
pub(crate) const DIFFERENCE_NOTE: &str =
    "prices that both share are one unknown; a verdict holds over the whole range";

/// The differences as text.
pub(crate) fn cost_differences(systems: &[(&System, &Figures)]) -> Option<String> {
    let figures: Vec<&Figures> = systems.iter().map(|(_, figures)| *figures).collect();
    let (title, rows) = difference_rows(&figures)?;
    Some(format!(
        "\n{}\n{}\n {DIFFERENCE_NOTE}\n",
        heading(&title),
        table(&["", "optics", "box"], &[], rows)
    ))
}

fn difference_text(difference: &CostDifference) -> String {
    let verdict = difference.verdict();
    if verdict == CostVerdict::Incomplete {
        return verdict.text().to_owned();
    }
    let signed = |amount: Dollars| {
        let sign = if amount > Dollars::new(0.0) { "+" } else { "" };
        format!("{sign}{}", rough(amount))
    };
    let mark = if difference.is_assumed {
        " assumed"
    } else {
        ""
    };
    let verdict = match verdict {
        CostVerdict::CannotTell => "cannot be told apart: the range holds zero",
        other => other.text(),
    };
    if difference.is_assumed || difference.low < difference.high {
        format!(
            "{} .. {}{mark}: {verdict}",
            signed(difference.low),
            signed(difference.high)
        )
    } else {
        format!("{}: {verdict}", signed(difference.nominal))
    }
}

/// A range for programs; null where nothing has a price.
fn range_json(range: &CostRange) -> Value {
    if !range.is_known() {
        return Value::Null;
    }
    json!({
        "value": range.nominal.value(), "low": range.low.value(), "high": range.high.value(),
        "assumed": range.is_assumed, "assumed_share": range.assumed_share(),
        "unpriced": range.n_unpriced,
    })
}

fn line_json(line: &CostLine) -> Value {
    json!({
        "item": line.item, "kind": line.kind,
        "boundary": match line.within {
            CostBoundary::Optics => "optics",
            CostBoundary::Box => "box",
            CostBoundary::Cabling => "cabling",
        },
        "count": line.count, "per": line.per,
        "unit_usd": line.unit.as_ref().map_or(Value::Null, range_json),
        "total_usd": range_json(&line.total()),
        "origin": line.origin.as_ref().map(ToString::to_string),
    })
}

/// The cost for programs.
pub(crate) fn cost_json(figures: &Figures) -> Value {
    let cost = &figures.cost;
    let life = cost.life.as_ref().map(|life| {
        json!({
            "years": life.years(),
            "interest": life.interest.map(units::Ratio::value),
            "capital_usd": range_json(&life.capital),
            "energy_usd": range_json(&life.energy),
            "parts_usd": range_json(&life.parts),
            "visits_usd": range_json(&life.visits),
            "total_usd": range_json(&life.total),
            "replacements": life.replacements.iter().map(line_json).collect::<Vec<_>>(),
        })
    });
    json!({
        "optics_usd": range_json(&cost.optics),
        "capex_usd": range_json(&cost.capex),
        "cabling_usd": range_json(&cost.cabling),
        "per_gbps_usd": range_json(&cost.per_gbps),
        "optics_per_gbps_usd": cost.optics_per_gbps.as_ref().map_or(Value::Null, range_json),
        "optics_share": cost.optics_share().map(|[low, value, high]| json!({
            "value": value, "low": low, "high": high, "assumed": cost.capex.is_assumed,
        })),
        "lines": cost.lines.iter().map(line_json).collect::<Vec<_>>(),
        "unpriced": cost.unpriced().collect::<Vec<_>>(),
        "life": life,
        "boundary": {
            "optics_usd": CostBoundary::Optics.text(),
            "capex_usd": CostBoundary::Box.text(),
            "cabling_usd": CostBoundary::Cabling.text(),
            "per_gbps_usd": "the box, for each Gb/s of all ports in one direction",
            "optics_per_gbps_usd": "the optics, for each Gb/s of the optical ports in one direction",
            "life": "the box, energy of the facility at full load, and for each failure a visit and what comes out for it",
        },
    })
}

fn difference_json(difference: &CostDifference) -> Value {
    let verdict = difference.verdict();
    let word = match verdict {
        CostVerdict::Cheaper => "cheaper",
        CostVerdict::Dearer => "dearer",
        CostVerdict::CannotTell => "cannot_tell",
        CostVerdict::Incomplete => "incomplete",
    };
    if verdict == CostVerdict::Incomplete {
        // A difference that lacks a price is no number.
        return json!({ "verdict": word });
    }
    json!({
        "value": difference.nominal.value(), "low": difference.low.value(),
        "high": difference.high.value(), "assumed": difference.is_assumed, "verdict": word,
    })
}

/// The package for programs; null where the description does not say how it is put together.
pub(crate) fn package_json(figures: &Figures) -> Value {
    let Some(package) = &figures.package else {
        return Value::Null;
    };
    let share = |range: &YieldRange| {
        json!({
            "value": range.nominal, "low": range.low, "high": range.high,
            "assumed": package.is_assumed,
        })
    };
    let optional = |range: Option<&CostRange>| range.map_or(Value::Null, range_json);
    let steps: Vec<Value> = package
        .steps
        .iter()
        .map(|step| {
            json!({
                "name": step.name, "yield": share(&step.good),
                "scrap_usd": optional(step.scrap.as_ref()),
            })
        })
        .collect();
    json!({
        "packages": package.count,
        "engines": package.engines,
        "engines_needed": package.engines_needed,
        "seat": package.seat.word(),
        "yield": share(&package.good),
        "steps": steps,
        "worst_step": package.worst_step().map(|step| step.name),
        "cost": package.cost.as_ref().map(|cost| json!({
            "parts_usd": range_json(&cost.parts),
            "rework_usd": range_json(&cost.rework),
            "scrap_usd": range_json(&cost.scrap()),
            "total_usd": range_json(&cost.total),
        })),
        "unpriced": package.unpriced,
        "other_seat": package.other_seat.as_ref().map(|other| json!({
            "seat": other.seat.word(), "yield": share(&other.good),
            "lost_usd": optional(other.lost.as_ref()),
            "difference_usd": other.difference.as_ref().map(difference_json),
        })),
    })
}

/// What each system costs against the first, for programs.
pub(crate) fn cost_differences_json(systems: &[(&System, &Figures)]) -> Value {
    let Some((_, first)) = systems.first() else {
        return Value::Null;
    };
    let one = |(_, figures): &(&System, &Figures)| {
        let cell = |boundary| {
            let difference = figures.cost.difference_per_gbps(&first.cost, boundary);
            difference.as_ref().map(difference_json)
        };
        json!({
            "system": figures.name, "against": first.name,
            "optics_per_gbps_usd": cell(CostBoundary::Optics),
            "per_gbps_usd": cell(CostBoundary::Box),
        })
    };
    systems[1..].iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_three_digits() {
        for (amount, expected) in [
            (0.0, "0"),
            (0.012_34, "0.01"),
            (1.2345, "1.23"),
            (12.345, "12.3"),
            (123.45, "123"),
            (12_345.0, "12,300"),
            (-1_234_567.0, "-1,230,000"),
        ] {
            assert_eq!(rough(Dollars::new(amount)), expected);
        }
    }

    #[test]
    fn what_is_assumed_is_never_a_point() {
        let point = CostRange {
            nominal: Dollars::new(10.0),
            low: Dollars::new(10.0),
            high: Dollars::new(10.0),
            n_priced: 1,
            ..CostRange::NOTHING
        };
        assert_eq!(marked(&point), "10.00");
        let assumed = CostRange {
            is_assumed: true,
            assumed: Dollars::new(4.0),
            n_unpriced: 2,
            high: Dollars::new(12.0),
            ..point
        };
        assert_eq!(
            marked(&assumed),
            "10.0 .. 12.0 assumed, 40 % of it; lacks 2 prices"
        );
        assert_eq!(marked(&CostRange::UNPRICED), "no price");
    }
}
