//! Published figures of systems and how our predictions compare with them.
//!
//! The list is `validation/published.toml`, kept in the program. None of its numbers is an input
//! of a model.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde::Deserialize;
use system::{LaserHome, System};
use units::{BitRate, Watts};

use crate::figures::{Figures, PowerFigures};
use crate::spread::Quantiles;
use crate::steady::SteadyState;

const EMBEDDED: &str = include_str!("../../../validation/published.toml");

/// The version of the list that is read.
const FORMAT: u32 = 1;

/// Why a list or a row of it cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PublishedError {
    /// The text is not a list of published figures.
    #[error("the list of published figures is malformed: {0}")]
    Malformed(String),
    /// A row contradicts itself.
    #[error("published figure {title:?}: {what}")]
    Row {
        /// Title of the row.
        title: String,
        /// What is wrong.
        what: String,
    },
    /// A platform of a row cannot be had.
    #[error("published figure {title:?} needs the platform {platform:?}: {why}")]
    Platform {
        /// Title of the row.
        title: String,
        /// Name of the platform.
        platform: String,
        /// Why not.
        why: String,
    },
    /// A system has no optical port, so that nothing is predicted.
    #[error("{0} has no optical port to predict a figure of")]
    NoPort(String),
}

/// What has been published, and where.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    format: u32,
    /// The sources by key.
    pub source: BTreeMap<String, Source>,
    /// The figures.
    pub figure: Vec<Figure>,
}

/// A publication.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Who published what.
    pub title: String,
    /// What to keep in mind.
    pub doubt: String,
}

/// One published figure.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// What was published.
    pub title: String,
    /// What the number counts.
    pub boundary: FigureBoundary,
    /// What is predicted.
    pub quantity: Quantity,
    /// The platform that predicts it.
    pub system: String,
    /// A second platform.
    pub against: Option<String>,
    /// What is made of the two.
    #[serde(rename = "as")]
    pub of_two: Option<OfTwo>,
    /// Data rate that the number is for; the whole system without it.
    pub rate: Option<String>,
    /// Lower end of what is published.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Unit of both.
    pub unit: String,
    /// Key of the source.
    pub source: String,
    /// What to say beside the verdict.
    pub note: String,
}

/// Where a published number is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FigureBoundary {
    /// Optics alone.
    Module,
    /// Optics and the SerDes of the ASIC.
    Port,
    /// The box.
    Box,
    /// The building.
    Facility,
    /// A number of things.
    Count,
    /// From ASIC to ASIC, without the fibre.
    Link,
    /// The edge of the package.
    Package,
}

impl FigureBoundary {
    /// The word in tables.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Module => "module",
            Self::Port => "port",
            Self::Box => "box",
            Self::Facility => "facility",
            Self::Count => "count",
            Self::Link => "link",
            Self::Package => "package",
        }
    }
}

/// What is predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// Power of a port's optics, watts.
    Module,
    /// Power of its lasers with their regulators, watts.
    Laser,
    /// Power of its optics less that of its lasers, watts.
    Electronics,
    /// Power of its optics and SerDes, watts.
    Port,
    /// Power of the box, watts.
    Box,
    /// Watts of the building for one at the engine.
    Leverage,
    /// Fibres.
    Fibres,
    /// Lasers.
    Lasers,
    /// Latency of a link without its fibre, nanoseconds.
    Latency,
    /// Latency of the DSPs of both ends, nanoseconds.
    DspLatency,
    /// Bandwidth per length of package edge, Gb/s per mm.
    Shoreline,
    /// Time between failures that take optical lanes down, million hours.
    Mtbf,
}

/// What is made of two systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OfTwo {
    /// `against / system`.
    Ratio,
    /// `1 - system / against`.
    Saving,
    /// `against - system`.
    Less,
}

/// What one draw from the spreads of a system says.
#[derive(Debug, Clone)]
pub struct Draw {
    /// Powers.
    pub power: PowerFigures,
    bandwidth: f64,
    laser_w: f64,
    leverage: f64,
    fibres: f64,
    lasers: f64,
    latency_ns: f64,
    dsp_latency_ns: f64,
    shoreline_gbps_per_mm: f64,
    failures_per_year: f64,
}

/// A published figure beside what is predicted.
#[derive(Debug, Clone)]
pub struct Compared<'a> {
    /// The figure.
    pub figure: &'a Figure,
    /// Where it is from.
    pub source: &'a Source,
    /// The prediction in the figure's unit.
    pub predicted: Quantiles,
    /// Whether the two agree.
    pub verdict: Verdict,
}

/// Whether a prediction and a published range overlap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// They do.
    Agrees,
    /// The prediction lies below, its median by this share of the lower end (negative).
    Below(f64),
    /// The prediction lies above, its median by this share of the upper end.
    Above(f64),
}

impl Published {
    /// The list in the program.
    ///
    /// # Errors
    /// The list is malformed.
    pub fn embedded() -> Result<Self, PublishedError> {
        Self::parse(EMBEDDED)
    }

    /// Reads a list.
    ///
    /// # Errors
    /// The text is no TOML, has unknown or missing keys or another format, or a row names no source
    /// or contradicts itself.
    pub fn parse(text: &str) -> Result<Self, PublishedError> {
        let malformed = |what: String| PublishedError::Malformed(what);
        let published: Self = toml::from_str(text).map_err(|error| malformed(error.to_string()))?;
        if published.format != FORMAT {
            return Err(malformed(format!(
                "format {} is not known",
                published.format
            )));
        }
        for figure in &published.figure {
            figure.rate()?;
            if figure.against.is_some() != figure.of_two.is_some() {
                return Err(figure.error("`against` and `as` stand together"));
            }
            if !published.source.contains_key(&figure.source) {
                return Err(figure.error(format!("there is no source {:?}", figure.source)));
            }
            if figure.low > figure.high {
                return Err(figure.error("`low` is above `high`"));
            }
        }
        Ok(published)
    }

    /// The figures that a system of this name predicts.
    pub fn of<'a>(&'a self, system: &'a str) -> impl Iterator<Item = &'a Figure> {
        self.figure
            .iter()
            .filter(move |figure| figure.system == system)
    }

    /// Compares the figures of one system with its predictions from `n` draws. `platform` gives the
    /// other systems that a figure is against.
    ///
    /// # Errors
    /// Another platform cannot be had, or a system has no optical port.
    pub fn compare(
        &self,
        system: &System,
        seed: u64,
        n: u64,
        platform: impl Fn(&str) -> Result<System, String>,
    ) -> Result<Vec<Compared<'_>>, PublishedError> {
        let name = system.description.name.clone();
        let figures: Vec<&Figure> = self
            .figure
            .iter()
            .filter(|figure| figure.system == name)
            .collect();
        let mut drawn = BTreeMap::new();
        if !figures.is_empty() {
            drawn.insert(name, draws(system, seed, n)?);
        }
        for figure in &figures {
            let Some(against) = figure.against.as_ref() else {
                continue;
            };
            if !drawn.contains_key(against) {
                let other = platform(against).map_err(|why| PublishedError::Platform {
                    title: figure.title.clone(),
                    platform: against.clone(),
                    why,
                })?;
                drawn.insert(against.clone(), draws(&other, seed, n)?);
            }
        }
        figures
            .into_iter()
            .map(|figure| self.row(figure, &drawn))
            .collect()
    }

    /// One figure beside its prediction from draws by name of the platform.
    ///
    /// # Errors
    /// Draws of a platform are missing.
    pub fn row<'a>(
        &'a self,
        figure: &'a Figure,
        drawn: &BTreeMap<String, Vec<Draw>>,
    ) -> Result<Compared<'a>, PublishedError> {
        let predicted = figure.predict(drawn)?;
        let source = self.source.get(&figure.source);
        Ok(Compared {
            figure,
            source: source.ok_or_else(|| figure.error("it has no source"))?,
            verdict: figure.verdict(&predicted),
            predicted,
        })
    }

    /// The names of all platforms that the figures need.
    pub fn platforms(&self) -> BTreeSet<&str> {
        self.figure
            .iter()
            .flat_map(|figure| [Some(&figure.system), figure.against.as_ref()])
            .flatten()
            .map(String::as_str)
            .collect()
    }
}

impl Figure {
    fn error(&self, what: impl Into<String>) -> PublishedError {
        PublishedError::Row {
            title: self.title.clone(),
            what: what.into(),
        }
    }

    fn rate(&self) -> Result<Option<f64>, PublishedError> {
        let Some(rate) = &self.rate else {
            return Ok(None);
        };
        let rate: BitRate = units::parse(rate).map_err(|error| self.error(error.to_string()))?;
        Ok(Some(rate.value()))
    }

    /// The quantiles of the prediction. Draws of two systems are paired: what both share is the
    /// same in both.
    fn predict(&self, drawn: &BTreeMap<String, Vec<Draw>>) -> Result<Quantiles, PublishedError> {
        let rate = self.rate()?;
        let of = |draw: &Draw| draw.of(self.quantity, rate);
        let draws = |name: &String| {
            let found = drawn.get(name);
            found.ok_or_else(|| self.error(format!("there are no draws of {name}")))
        };
        let own = draws(&self.system)?.iter().map(of);
        let values = match (&self.against, self.of_two) {
            (Some(against), Some(how)) => own
                .zip(draws(against)?.iter().map(of))
                .map(|(own, other)| match how {
                    OfTwo::Ratio => other / own,
                    OfTwo::Saving => 1.0 - own / other,
                    OfTwo::Less => other - own,
                })
                .collect(),
            _ => own.collect(),
        };
        Quantiles::of(values).ok_or_else(|| self.error("there are no draws"))
    }

    /// Whether the ranges overlap, and where not, how far the median is from the nearer end.
    fn verdict(&self, predicted: &Quantiles) -> Verdict {
        if predicted.p95 < self.low {
            Verdict::Below(predicted.p50 / self.low - 1.0)
        } else if predicted.p5 > self.high {
            Verdict::Above(predicted.p50 / self.high - 1.0)
        } else {
            Verdict::Agrees
        }
    }
}

/// Draws from the spreads of a system.
///
/// # Errors
/// The system has no optical port.
pub fn draws(system: &System, seed: u64, n: u64) -> Result<Vec<Draw>, PublishedError> {
    let nominal = SteadyState::solve(system);
    (0..n)
        .into_par_iter()
        .map(|tick| {
            let drawn = system.drawn(seed, tick);
            draw(&drawn, &SteadyState::solve_drawn(&drawn, &nominal))
        })
        .collect()
}

/// What one system says.
///
/// # Errors
/// The system has no optical port.
pub fn draw(system: &System, state: &SteadyState) -> Result<Draw, PublishedError> {
    let figures = Figures::new(system, state);
    let no_port = || PublishedError::NoPort(system.description.name.clone());
    let power = figures.power.ok_or_else(no_port)?;
    let latency = figures.latency.ok_or_else(no_port)?;
    let delivery = &system.description.power;
    let (engine, supply) = (
        delivery.engine_regulator.value.value(),
        delivery.supply.value.value(),
    );
    let is_outside = |laser: &system::LaserEntity| matches!(laser.home, LaserHome::Module(..));
    let regulator = if system.lasers.first().is_some_and(is_outside) {
        delivery.laser_regulator.value.value()
    } else {
        engine
    };
    let ns = |time: units::Seconds| time.value() * 1e9;
    let shoreline = figures.density.shoreline;
    Ok(Draw {
        bandwidth: figures.bandwidth.value(),
        laser_w: power.port.laser.value() / regulator,
        leverage: system.description.facility.pue.value.value() / (supply * engine),
        fibres: (figures.fibres.data + figures.fibres.laser) as f64,
        lasers: figures.lasers as f64,
        latency_ns: ns(latency.total() - latency.fibre),
        dsp_latency_ns: ns(latency.dsp),
        shoreline_gbps_per_mm: shoreline.map_or(0.0, |density| density.value() / 1e12),
        failures_per_year: figures.reliability.link_failures_per_year,
        power,
    })
}

impl Draw {
    /// The quantity, for a data rate where one is given.
    fn of(&self, quantity: Quantity, rate: Option<f64>) -> f64 {
        const HOURS_PER_YEAR: f64 = 8766.0;
        let port_rate = self.power.port_rate.value();
        let module = self.power.port.module();
        let laser = Watts::new(self.laser_w);
        let (value, own_rate) = match quantity {
            Quantity::Module => (module.value(), port_rate),
            Quantity::Laser => (laser.value(), port_rate),
            Quantity::Electronics => ((module - laser).value(), port_rate),
            Quantity::Port => (self.power.port.port().value(), port_rate),
            Quantity::Box => (self.power.switch.value(), self.bandwidth),
            Quantity::Fibres => (self.fibres, self.bandwidth),
            Quantity::Lasers => (self.lasers, self.bandwidth),
            Quantity::Leverage => return self.leverage,
            Quantity::Latency => return self.latency_ns,
            Quantity::DspLatency => return self.dsp_latency_ns,
            Quantity::Shoreline => return self.shoreline_gbps_per_mm,
            Quantity::Mtbf => {
                let share = rate.map_or(1.0, |rate| rate / self.bandwidth);
                return HOURS_PER_YEAR / (self.failures_per_year * share) / 1e6;
            }
        };
        rate.map_or(value, |rate| value * rate / own_rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "format = 1
[source.a]
title = \"t\"
doubt = \"d\"
[[figure]]
title = \"f\"
boundary = \"module\"
quantity = \"module\"
system = \"cpo-51t\"
rate = \"800 Gb/s\"
low = 1.0
high = 2.0
unit = \"W\"
source = \"a\"
note = \"n\"
";

    #[test]
    fn a_row_that_contradicts_itself_is_refused() {
        assert!(Published::parse(LIST).is_ok());
        let error = |from: &str, to: &str| {
            let text = LIST.replace(from, to);
            assert_ne!(text, LIST);
            Published::parse(&text).unwrap_err().to_string()
        };
        assert!(error("format = 1", "format = 2").contains("format 2"));
        assert!(error("source = \"a\"", "source = \"b\"").contains("no source \"b\""));
        assert!(error("low = 1.0", "low = 3.0").contains("above"));
        assert!(error("800 Gb/s", "800 W").contains("published figure \"f\""));
        assert!(error("note = \"n\"", "note = \"n\"\nas = \"ratio\"").contains("stand together"));
        assert!(error("low", "lowest").contains("malformed"));
    }

    #[test]
    fn verdicts_measure_from_the_nearer_end() -> Result<(), PublishedError> {
        let published = Published::parse(LIST)?;
        let of = |p5, p50, p95| published.figure[0].verdict(&Quantiles { p5, p50, p95 });
        assert_eq!(of(0.5, 1.0, 1.5), Verdict::Agrees);
        assert_eq!(of(0.2, 0.5, 0.9), Verdict::Below(-0.5));
        assert_eq!(of(2.5, 3.0, 4.0), Verdict::Above(0.5));
        Ok(())
    }
}
