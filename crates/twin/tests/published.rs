//! Predicted against published figures, term by term. The table is kept in
//! `validation/published/README.md`; a test fails when it is stale and prints the new one.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rayon::prelude::*;
use serde::Deserialize;
use system::{Input, LaserHome, Library, System};
use twin::{Figures, Quantiles, SamplePlan, Sampled, SteadyState};
use units::{BitRate, Watts};

const PUBLISHED: &str = include_str!("../../../validation/published.toml");
const README: &str = include_str!("../../../validation/published/README.md");
const SEED: u64 = 1;
const DRAWS: u64 = 1000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Published {
    format: u32,
    source: BTreeMap<String, Source>,
    figure: Vec<Figure>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    title: String,
    doubt: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Figure {
    title: String,
    boundary: Boundary,
    quantity: Quantity,
    system: String,
    against: Option<String>,
    #[serde(rename = "as")]
    of_two: Option<OfTwo>,
    rate: Option<String>,
    low: f64,
    high: f64,
    unit: String,
    source: String,
    note: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Boundary {
    Module,
    Port,
    Box,
    Facility,
    Count,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Quantity {
    Module,
    Laser,
    Electronics,
    Port,
    Box,
    Leverage,
    Fibres,
    Lasers,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum OfTwo {
    Ratio,
    Saving,
    Less,
}

/// What one draw of a system says.
#[derive(Debug, Clone, Copy)]
struct Draw {
    port_rate: f64,
    bandwidth: f64,
    module: f64,
    /// Lasers with everything that feeds them, regulators included.
    laser: f64,
    port: f64,
    switch: f64,
    leverage: f64,
    fibres: f64,
    lasers: f64,
    /// In the order of [`TERMS`].
    terms: [f64; TERMS.len()],
}

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

fn draw(system: &System) -> Draw {
    let figures = Figures::new(system, &SteadyState::solve(system));
    let power = figures.power.as_ref().expect("there are optical ports");
    let delivery = &system.description.power;
    let (engine, supply) = (
        delivery.engine_regulator.value.value(),
        delivery.supply.value.value(),
    );
    let regulator = match system.lasers[0].home {
        LaserHome::Module(..) => delivery.laser_regulator.value.value(),
        LaserHome::Engine(_) => engine,
    };
    Draw {
        port_rate: power.port_rate.value(),
        bandwidth: figures.bandwidth.value(),
        module: power.port.module().value(),
        laser: power.port.laser.value() / regulator,
        port: power.port.port().value(),
        switch: power.switch.value(),
        leverage: system.description.facility.pue.value.value() / (supply * engine),
        fibres: (figures.fibres.data + figures.fibres.laser) as f64,
        lasers: figures.lasers as f64,
        terms: [
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
        .map(Watts::value),
    }
}

impl Draw {
    /// The quantity, for a data rate where one is given.
    fn of(&self, quantity: Quantity, rate: Option<f64>) -> f64 {
        let (value, own_rate) = match quantity {
            Quantity::Module => (self.module, self.port_rate),
            Quantity::Laser => (self.laser, self.port_rate),
            Quantity::Electronics => (self.module - self.laser, self.port_rate),
            Quantity::Port => (self.port, self.port_rate),
            Quantity::Box => (self.switch, self.bandwidth),
            Quantity::Fibres => (self.fibres, self.bandwidth),
            Quantity::Lasers => (self.lasers, self.bandwidth),
            Quantity::Leverage => return self.leverage,
        };
        rate.map_or(value, |rate| value * rate / own_rate)
    }
}

fn draws(platform: &str) -> Vec<Draw> {
    let system = resolve(platform);
    (0..DRAWS)
        .into_par_iter()
        .map(|tick| draw(&system.drawn(SEED, tick)))
        .collect()
}

fn published() -> Published {
    toml::from_str(PUBLISHED).unwrap_or_else(|error| panic!("{error}"))
}

/// The quantiles of one row. Draws of two systems are paired: what both share is the same in both.
fn predict(figure: &Figure, drawn: &BTreeMap<String, Vec<Draw>>) -> Quantiles {
    let rate = figure.rate.as_ref().map(|rate| {
        let rate: BitRate =
            units::parse(rate).unwrap_or_else(|error| panic!("{}: {error}", figure.title));
        rate.value()
    });
    let of = |draw: &Draw| draw.of(figure.quantity, rate);
    let own = drawn[&figure.system].iter().map(of);
    let values = match (&figure.against, figure.of_two) {
        (None, None) => own.collect(),
        (Some(against), Some(how)) => own
            .zip(drawn[against].iter().map(of))
            .map(|(own, other)| match how {
                OfTwo::Ratio => other / own,
                OfTwo::Saving => 1.0 - own / other,
                OfTwo::Less => other - own,
            })
            .collect(),
        _ => panic!("{}: `against` and `as` stand together", figure.title),
    };
    Quantiles::of(values).expect("there are draws")
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
fn verdict(figure: &Figure, predicted: &Quantiles) -> String {
    let relative = |end: f64| 100.0 * (predicted.p50 / end - 1.0);
    if predicted.p95 < figure.low {
        format!("no, {:.0} %", relative(figure.low))
    } else if predicted.p5 > figure.high {
        format!("no, +{:.0} %", relative(figure.high))
    } else {
        "yes".to_owned()
    }
}

/// The draws of every platform that the figures name.
fn all_draws(published: &Published) -> BTreeMap<String, Vec<Draw>> {
    let mut drawn = BTreeMap::new();
    for figure in &published.figure {
        for platform in [Some(&figure.system), figure.against.as_ref()]
            .into_iter()
            .flatten()
        {
            drawn
                .entry(platform.clone())
                .or_insert_with(|| draws(platform));
        }
    }
    drawn
}

/// The terms that the predictions are made of.
fn table_of_terms(drawn: &BTreeMap<String, Vec<Draw>>) -> String {
    let mut text = String::from("| W |");
    for (platform, draws) in drawn {
        write!(text, " {platform}, {:.0}G port |", draws[0].port_rate / 1e9)
            .expect("a string takes all text");
    }
    text.push_str("\n|---|");
    text.push_str(&"---|".repeat(drawn.len()));
    text.push('\n');
    for (idx, term) in TERMS.iter().enumerate() {
        write!(text, "| {term} |").expect("a string takes all text");
        for draws in drawn.values() {
            let quantiles = Quantiles::of(draws.iter().map(|draw| draw.terms[idx]).collect());
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
        let predicted = predict(figure, drawn);
        let range = if figure.low.to_bits() == figure.high.to_bits() {
            format!("{}", figure.low)
        } else {
            format!("{} to {}", figure.low, figure.high)
        };
        let boundary = format!("{:?}", figure.boundary).to_lowercase();
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
            verdict(figure, &predicted),
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
    assert_eq!(published.format, 1);
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
            figure.boundary == Boundary::Count,
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

/// The quantiles of the table are those that a user gets.
#[test]
fn draws_here_are_those_of_the_crate() {
    const FEW: u64 = 8;
    let system = resolve("cpo-51t");
    let state = SteadyState::solve(&system);
    let sampled = Sampled::new(&system, &state, &SamplePlan::quiet(SEED, FEW));
    let theirs = sampled.metric("module_w");
    let ours = Quantiles::of(
        (0..FEW)
            .map(|tick| draw(&system.drawn(SEED, tick)).module)
            .collect(),
    );
    assert_eq!(theirs, ours);
}
