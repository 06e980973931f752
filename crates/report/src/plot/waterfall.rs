//! Light after each element of a lane.

use plotters::prelude::DrawingBackend;
use plotters::style::RGBColor;

use super::canvas::{
    Axis, BLUE, BODY, Canvas, FAINT, GRID, INK, Ink, MARGIN, Point, SHADE, SMALL, Sample, VERMILION,
};
use super::{Band, PlotError};
use crate::words::decimal;

/// A light level, decibels above a milliwatt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// With every part at its nominal value.
    pub nominal_dbm: f64,
    /// Over draws.
    pub band_dbm: Option<Band>,
}

/// The light after one element.
#[derive(Debug, Clone, PartialEq)]
pub struct WaterfallPlane {
    /// The element.
    pub element: String,
    /// The tap or test point after it.
    pub tap: Option<String>,
    /// Its loss of mean power, decibels.
    pub loss_db: f64,
    /// Mean power after it.
    pub average: Level,
    /// Outer modulation amplitude after it; none before the modulator.
    pub oma: Option<Level>,
}

/// The light of one lane from laser to photodiode.
#[derive(Debug, Clone, PartialEq)]
pub struct Waterfall {
    /// Name of the system.
    pub system: String,
    /// Which lane, and what it stands for.
    pub lane: String,
    /// The planes in the order of the light.
    pub planes: Vec<WaterfallPlane>,
    /// Outer modulation amplitude that the receiver needs, dBm.
    pub sensitivity_dbm: Option<f64>,
    /// How the lane ends: its margin, or why it is dark.
    pub verdict: String,
}

const HEAD: f64 = 92.0;
const FOOT: f64 = 48.0;
const LEFT: f64 = 176.0;
const RIGHT: f64 = 70.0;
const LEAST_ROW: f64 = 20.0;

impl Waterfall {
    pub(super) fn title(&self) -> String {
        format!("{}: light along a lane", self.system)
    }

    pub(super) fn size(&self) -> (u32, u32) {
        let height = HEAD + FOOT + LEAST_ROW * self.planes.len() as f64;
        (800, super::rounded(height.max(500.0)))
    }

    pub(super) fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), PlotError> {
        if self.planes.is_empty() {
            let why = format!("no light in {} ({})", self.lane, self.verdict);
            return Err(PlotError::Nothing(why));
        }
        canvas.heading(&self.title(), &format!("{}: {}", self.lane, self.verdict))?;
        let foot = canvas.height - FOOT;
        let row = (foot - HEAD) / self.planes.len() as f64;
        let top_of = |idx: usize| HEAD + row * idx as f64;
        let places = (LEFT, canvas.width - RIGHT);
        let axis = Axis::holding(self.values(), places);
        canvas.foot(&axis, (HEAD, foot))?;
        let ink = Ink::new(BODY).centre();
        let middle = f64::midpoint(places.0, places.1);
        canvas.text(
            "light level after the element, dBm",
            (middle, foot + 36.0),
            ink,
        )?;
        let ink = Ink::new(SMALL).colour(FAINT).right();
        canvas.text("loss, dB", (canvas.width - MARGIN, HEAD - 6.0), ink)?;
        for (idx, plane) in self.planes.iter().enumerate() {
            let (top, middle) = (top_of(idx), top_of(idx) + 0.5 * row);
            canvas.line(&[(MARGIN, top), (canvas.width - MARGIN, top)], GRID, 0.6)?;
            let tap = Ink::new(SMALL).colour(FAINT).right();
            let name = Ink::new(BODY);
            canvas.label(&plane.element, (MARGIN, middle), name)?;
            canvas.label(
                plane.tap.as_deref().unwrap_or(""),
                (LEFT - 8.0, middle),
                tap,
            )?;
            let loss = decimal(plane.loss_db, 2).replace('-', "−");
            let loss = if idx == 0 { "" } else { &loss };
            canvas.label(loss, (canvas.width - MARGIN, middle), name.right())?;
        }
        let mean: Vec<Step> = self.steps(&axis, |plane| Some(plane.average), &top_of);
        let oma: Vec<Step> = self.steps(&axis, |plane| plane.oma, &top_of);
        let band: Vec<Point> = outline(&mean);
        if !band.is_empty() {
            canvas.shade(&band, BLUE, SHADE)?;
        }
        self.draw_sensitivity(canvas, &axis, foot)?;
        // Where both are alike, the wider one shows on both sides.
        stairs(canvas, &mean, BLUE, 4.0)?;
        stairs(canvas, &oma, VERMILION, 2.0)?;
        // The ranges of mean and amplitude nearly coincide, so they look different.
        for step in &oma {
            if let Some(ends) = step.band {
                let y = step.top + 0.7 * (step.foot - step.top);
                canvas.whisker(ends, y, VERMILION)?;
            }
        }
        self.draw_legend(canvas)
    }

    /// Every level that must be in sight.
    fn values(&self) -> Vec<f64> {
        let levels = self
            .planes
            .iter()
            .flat_map(|plane| [Some(plane.average), plane.oma])
            .flatten();
        levels
            .flat_map(|level| {
                let band = level.band_dbm.map(|band| [band.p5, band.p95]);
                band.into_iter().flatten().chain([level.nominal_dbm])
            })
            .chain(self.sensitivity_dbm)
            .collect()
    }

    fn steps(
        &self,
        axis: &Axis,
        of: impl Fn(&WaterfallPlane) -> Option<Level>,
        top_of: &impl Fn(usize) -> f64,
    ) -> Vec<Step> {
        let step = |(idx, plane)| {
            let level = of(plane)?;
            Some(Step {
                x: axis.at(level.nominal_dbm),
                band: level
                    .band_dbm
                    .map(|band| (axis.at(band.p5), axis.at(band.p95))),
                top: top_of(idx),
                foot: top_of(idx + 1),
            })
        };
        self.planes.iter().enumerate().filter_map(step).collect()
    }

    /// What the receiver needs, over the rows that have an amplitude.
    fn draw_sensitivity<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        axis: &Axis,
        foot: f64,
    ) -> Result<(), PlotError> {
        let Some(needed) = self.sensitivity_dbm else {
            return Ok(());
        };
        let x = axis.at(needed);
        canvas.dashes((x, HEAD), (x, foot), INK, 1.5)
    }

    fn draw_legend<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), PlotError> {
        let planes = || self.planes.iter();
        let has_band = planes().any(|plane| plane.average.band_dbm.is_some());
        let needed = self.sensitivity_dbm.map(|needed| {
            let needed = decimal(needed, 2).replace('-', "−");
            format!("OMA that the receiver needs, {needed} dBm nominally")
        });
        let mut entries = vec![(Sample::Line(BLUE), "mean power")];
        if planes().any(|plane| plane.oma.is_some()) {
            entries.push((Sample::Line(VERMILION), "OMA"));
        }
        if has_band {
            entries.push((Sample::Shade(BLUE), "P5 to P95 of mean power"));
            entries.push((Sample::Whisker(VERMILION), "of OMA"));
        }
        if let Some(needed) = &needed {
            entries.push((Sample::Dashes(INK), needed));
        }
        canvas.legend(&entries, (MARGIN, 68.0))?;
        Ok(())
    }
}

/// One row of a staircase, in places of the picture.
struct Step {
    x: f64,
    band: Option<(f64, f64)>,
    top: f64,
    foot: f64,
}

/// The outline of the bands of all steps: down one side and up the other.
fn outline(steps: &[Step]) -> Vec<Point> {
    let rows = || {
        let row = |step: &Step| step.band.map(|band| (band, step.top, step.foot));
        steps.iter().filter_map(row)
    };
    let down = rows().flat_map(|((_, high), top, foot)| [(high, top), (high, foot)]);
    let up = rows()
        .rev()
        .flat_map(|((low, _), top, foot)| [(low, foot), (low, top)]);
    down.chain(up).collect()
}

fn stairs<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    steps: &[Step],
    colour: RGBColor,
    width: f64,
) -> Result<(), PlotError> {
    let points: Vec<Point> = steps
        .iter()
        .flat_map(|step| [(step.x, step.top), (step.x, step.foot)])
        .collect();
    canvas.line(&points, colour, width)
}
