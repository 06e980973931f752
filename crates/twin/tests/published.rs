//! Predicted against published figures, term by term. The table is kept in
//! `validation/published/README.md`; a test fails when it is stale and prints the new one.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use system::{Input, Library, System};
use twin::published::{Draw, FigureBoundary, Published, Quantity, Verdict, draws};
use twin::{Quantiles, SamplePlan, Sampled, SteadyState};
use units::Watts;

const README: &str = include_str!("../../../validation/published/README.md");
const SEED: u64 = 1;
const DRAWS: u64 = 1000;

/// The powers of one port, and below them those of the box.
const TERMS: [&str; 15] = [
    "drivers, amplifiers, controller",
    "engine's host interface",
    "DSP or retimer",
    "heaters",
    "lasers",
    "regulators of the above",
    "**module**",
    "ASIC's SerDes",
    "their regulator",
    "**port**",
    "all modules",
    "ASIC without SerDes",
    "all SerDes",
    "cooling and board",
    "supply loss",
];

fn resolve(platform: &str) -> System {
    let library = Library::embedded();
    let text = library
        .platform(platform)
        .expect("the platform exists")
        .to_owned();
    System::resolve(&Input {
        name: platform,
        bytes: text.as_bytes(),
        sets: &[],
        library: &library,
        load: &|file| Err(format!("{file} is not there")),
    })
    .unwrap_or_else(|problems| panic!("{problems}"))
}

fn published() -> Published {
    Published::embedded().unwrap_or_else(|error| panic!("{error}"))
}

/// The terms of a draw in the order of [`TERMS`], watts.
fn terms(draw: &Draw) -> [f64; TERMS.len()] {
    let power = &draw.power;
    [
        power.port.engine,
        power.port.engine_interface,
        power.port.dsp,
        power.port.tuning,
        power.port.laser,
        power.port.optics_conversion,
        power.port.module(),
        power.port.serdes,
        power.port.serdes_conversion,
        power.port.port(),
        power.optics,
        power.asic,
        power.serdes,
        power.overhead,
        power.supply_loss,
    ]
    .map(Watts::value)
}

/// Three significant digits; whole numbers as they are.
fn number(x: f64) -> String {
    if (x - x.round()).abs() < 1e-9 && x.abs() >= 100.0 {
        return format!("{x:.0}");
    }
    let decimals = match x.abs() {
        large if large >= 100.0 => 0,
        large if large >= 10.0 => 1,
        _ => 2,
    };
    format!("{x:.decimals$}")
}

/// Whether the ranges overlap, and where not, how far the median is from the nearer end.
fn words(verdict: Verdict) -> String {
    match verdict {
        Verdict::Agrees => "yes".to_owned(),
        Verdict::Below(share) => format!("no, {:.0} %", 100.0 * share),
        Verdict::Above(share) => format!("no, +{:.0} %", 100.0 * share),
    }
}

/// The draws of every platform that the figures name.
fn all_draws(published: &Published) -> BTreeMap<String, Vec<Draw>> {
    let of = |platform: &str| {
        let drawn = draws(&resolve(platform), SEED, DRAWS);
        drawn.unwrap_or_else(|error| panic!("{error}"))
    };
    let platforms = published.platforms().into_iter();
    platforms
        .map(|platform| (platform.to_owned(), of(platform)))
        .collect()
}

/// The terms that the predictions are made of.
fn table_of_terms(drawn: &BTreeMap<String, Vec<Draw>>) -> String {
    let mut text = String::from("| W |");
    for (platform, draws) in drawn {
        write!(
            text,
            " {platform}, {:.0}G port |",
            draws[0].power.port_rate.value() / 1e9
        )
        .expect("a string takes all text");
    }
    text.push_str("\n|---|");
    text.push_str(&"---|".repeat(drawn.len()));
    text.push('\n');
    for (idx, term) in TERMS.iter().enumerate() {
        write!(text, "| {term} |").expect("a string takes all text");
        for draws in drawn.values() {
            let quantiles = Quantiles::of(draws.iter().map(|draw| terms(draw)[idx]).collect());
            let Quantiles { p5, p50, p95 } = quantiles.expect("there are draws");
            write!(
                text,
                " {} - {} - {} |",
                number(p5),
                number(p50),
                number(p95)
            )
            .expect("a string takes all text");
        }
        text.push('\n');
    }
    text
}

fn table(published: &Published, drawn: &BTreeMap<String, Vec<Draw>>) -> String {
    let mut text = String::from(
        "| published figure | boundary | predicted P5 - P50 - P95 | published | overlap | remark |\n|---|---|---|---|---|---|\n",
    );
    for figure in &published.figure {
        let row = published.row(figure, drawn);
        let row = row.unwrap_or_else(|error| panic!("{error}"));
        let predicted = row.predicted;
        let range = if figure.low.to_bits() == figure.high.to_bits() {
            format!("{}", figure.low)
        } else {
            format!("{} to {}", figure.low, figure.high)
        };
        let boundary = figure.boundary.word();
        let unit = if figure.unit.is_empty() {
            String::new()
        } else {
            format!(" {}", figure.unit)
        };
        writeln!(
            text,
            "| {} | {boundary} | {} - {} - {}{unit} | {range}{unit} | {} | {} |",
            figure.title,
            number(predicted.p5),
            number(predicted.p50),
            number(predicted.p95),
            words(row.verdict),
            figure.note,
        )
        .expect("a string takes all text");
    }
    text
}

#[test]
fn the_tables_of_the_validation_folder_are_what_we_predict() {
    let published = published();
    let drawn = all_draws(&published);
    let (table, terms) = (table(&published, &drawn), table_of_terms(&drawn));
    assert!(
        README.contains(&table) && README.contains(&terms),
        "validation/published/README.md is stale; its tables must be\n\n{table}\n{terms}"
    );
}

#[test]
fn every_figure_names_its_source_its_doubt_and_its_reason() {
    let published = published();
    for figure in &published.figure {
        assert!(
            published.source.contains_key(&figure.source),
            "{}: no source {}",
            figure.title,
            figure.source
        );
        assert!(
            figure.low <= figure.high && figure.note.len() > 10,
            "{}",
            figure.title
        );
        let is_count = matches!(figure.quantity, Quantity::Fibres | Quantity::Lasers);
        assert_eq!(
            is_count,
            figure.boundary == FigureBoundary::Count,
            "{}",
            figure.title
        );
    }
    for (key, source) in &published.source {
        assert!(source.title.len() > 20 && source.doubt.len() > 10, "{key}");
        assert!(
            published.figure.iter().any(|figure| figure.source == *key),
            "nothing uses {key}"
        );
        assert!(
            README.contains(&format!("`{key}`")),
            "the README does not list {key}"
        );
    }
}

/// The quantiles of the table are those that a user gets, of the figures of one system and of those
/// against another.
#[test]
fn rows_here_are_those_of_a_run() {
    const FEW: u64 = 8;
    let system = resolve("cpo-51t");
    let state = SteadyState::solve(&system);
    let sampled = Sampled::new(&system, &state, &SamplePlan::quiet(SEED, FEW));
    let theirs = sampled.metric("module_w");
    let published = published();
    let rows = published
        .compare(&system, SEED, FEW, |name| Ok(resolve(name)))
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(rows.len(), published.of("cpo-51t").count());
    let module = |row: &&twin::published::Compared| {
        row.figure.quantity == Quantity::Module
            && row.figure.against.is_none()
            && row.figure.rate.as_deref() == Some("800 Gb/s")
    };
    let ours = rows.iter().find(module).map(|row| row.predicted);
    // The terms are added up in another order there.
    let close = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-14;
    let (theirs, ours) = (theirs.expect("a run has it"), ours.expect("a row has it"));
    assert!(
        close(theirs.p5, ours.p5) && close(theirs.p50, ours.p50) && close(theirs.p95, ours.p95)
    );
    let missing = published.compare(&system, SEED, 1, |_| Err("none here".to_owned()));
    assert!(missing.is_err_and(|error| error.to_string().contains("none here")));
}
