//! What moves a figure most.

use plotters::prelude::DrawingBackend;

use super::PlotError;
use super::canvas::{
    Axis, BODY, Canvas, FAINT, GRID, INK, Ink, MARGIN, ORANGE, SKY, SMALL, Sample,
};

/// One influence.
#[derive(Debug, Clone, PartialEq)]
pub struct TornadoBar {
    /// The value that varies.
    pub name: String,
    /// The figure when that value is low, where there is one.
    pub at_low: Option<f64>,
    /// The figure when that value is high.
    pub at_high: Option<f64>,
    /// What stands beside the bar, such as a share of the variance.
    pub text: String,
}

/// Influences on one figure, the strongest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Tornado {
    /// Name of the system.
    pub system: String,
    /// The figure.
    pub figure: String,
    /// Its unit.
    pub unit: String,
    /// The figure where the bars part.
    pub centre: f64,
    /// What low, high and the texts beside the bars mean.
    pub note: String,
    /// What the column of texts holds.
    pub column: String,
    /// The influences.
    pub bars: Vec<TornadoBar>,
}

const HEAD: f64 = 96.0;
const FOOT: f64 = 48.0;
const RIGHT: f64 = 92.0;
const LEAST_ROW: f64 = 22.0;
const MOST_ROW: f64 = 46.0;

impl Tornado {
    pub(super) fn title(&self) -> String {
        format!("{}: what moves {}", self.system, self.figure)
    }

    pub(super) fn size(&self) -> (u32, u32) {
        let rows = self.bars.len() as f64;
        let row = ((500.0 - HEAD - FOOT) / rows.max(1.0)).clamp(LEAST_ROW, MOST_ROW);
        (800, super::rounded(HEAD + FOOT + row * rows.max(1.0)))
    }

    pub(super) fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), PlotError> {
        if self.bars.is_empty() {
            let why = format!(
                "nothing in {} has a spread that moves {}",
                self.system, self.figure
            );
            return Err(PlotError::Nothing(why));
        }
        canvas.heading(&self.title(), &self.note)?;
        let legend = [
            (Sample::Area(SKY), "value low"),
            (Sample::Area(ORANGE), "value high"),
        ];
        canvas.legend(&legend, (MARGIN, 68.0))?;
        let ink = Ink::new(BODY - 0.5);
        let mut names: f64 = 0.0;
        for bar in &self.bars {
            names = names.max(canvas.width_of(&bar.name, ink)?);
        }
        let names = names.min(330.0);
        let left = MARGIN + names + 12.0;
        let (right, foot) = (canvas.width - RIGHT, canvas.height - FOOT);
        let row = (foot - HEAD) / self.bars.len() as f64;
        let ends = self
            .bars
            .iter()
            .flat_map(|bar| [bar.at_low, bar.at_high])
            .flatten();
        let axis = Axis::holding(ends.chain([self.centre]), (left, right));
        canvas.foot(&axis, (HEAD, foot))?;
        let middle = f64::midpoint(left, right);
        let title = format!("{}, {}", self.figure, self.unit);
        let title = title.trim_end_matches([',', ' ']);
        canvas.text(title, (middle, foot + 36.0), Ink::new(BODY).centre())?;
        let head = Ink::new(SMALL).colour(FAINT).right();
        canvas.text(&self.column, (canvas.width - MARGIN, HEAD - 6.0), head)?;
        let centre = axis.at(self.centre);
        for (idx, bar) in self.bars.iter().enumerate() {
            let middle = HEAD + row * (idx as f64 + 0.5);
            canvas.line(
                &[
                    (MARGIN, middle + 0.5 * row),
                    (canvas.width - MARGIN, middle + 0.5 * row),
                ],
                GRID,
                0.6,
            )?;
            // The end of a path says more than its beginning.
            let name = if canvas.width_of(&bar.name, ink)? <= names + 1.0 {
                bar.name.clone()
            } else {
                let backwards: String = bar.name.chars().rev().collect();
                let kept = canvas.fitted(&backwards, names, ink)?;
                kept.chars().rev().collect()
            };
            canvas.label(&name, (MARGIN, middle), ink)?;
            let half = 0.3 * row;
            let side = |value: Option<f64>| value.map_or(0.0, |value| value - self.centre);
            // Both on one side of the centre would hide one another.
            let is_same_side = side(bar.at_low) * side(bar.at_high) > 0.0;
            for (value, colour, share) in [(bar.at_low, SKY, -0.15), (bar.at_high, ORANGE, 0.15)] {
                let Some(value) = value else { continue };
                let tip = axis.at(value);
                let (shift, half) = if is_same_side {
                    (share * row, 0.5 * half)
                } else {
                    (0.0, half)
                };
                let (top, foot) = (middle + shift - half, middle + shift + half);
                canvas.fill((centre, top), (tip, foot), colour)?;
            }
            let text = Ink::new(SMALL).right();
            canvas.label(&bar.text, (canvas.width - MARGIN, middle), text)?;
        }
        canvas.line(&[(centre, HEAD - 4.0), (centre, foot)], INK, 1.5)
    }
}
