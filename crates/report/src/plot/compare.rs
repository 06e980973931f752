//! Systems side by side, one small panel for each quantity.

use plotters::prelude::DrawingBackend;

use super::PlotError;
use super::canvas::{Axis, BLUE, BODY, Canvas, FAINT, GREEN, GRID, Ink, MARGIN, SMALL};

/// One quantity of all systems.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// The quantity.
    pub title: String,
    /// Its unit and boundary.
    pub unit: String,
    /// A number for each system, none where it has none.
    pub values: Vec<Option<f64>>,
    /// The numbers as text.
    pub texts: Vec<String>,
}

/// Systems side by side.
#[derive(Debug, Clone, PartialEq)]
pub struct Compare {
    /// Names of the systems.
    pub systems: Vec<String>,
    /// Energies per bit at rising boundaries; they share one scale.
    pub energies: Vec<Panel>,
    /// Other quantities, each with its own scale.
    pub others: Vec<Panel>,
}

const HEAD: f64 = 62.0;
const PANEL_HEAD: f64 = 42.0;
const PANEL_FOOT: f64 = 26.0;
const LEAST_ROW: f64 = 15.0;

impl Compare {
    pub(super) fn title(&self) -> String {
        match &self.systems[..] {
            [one] => format!("{one}: energy, latency, density and margin"),
            systems => format!("Comparison of {} systems", systems.len()),
        }
    }

    pub(super) fn size(&self) -> (u32, u32) {
        let rows = self.systems.len() as f64;
        let height = HEAD + 2.0 * (PANEL_HEAD + PANEL_FOOT + LEAST_ROW * rows);
        (800, super::rounded(height.max(500.0)))
    }

    pub(super) fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), PlotError> {
        if self.systems.is_empty() {
            return Err(PlotError::Nothing("no system".into()));
        }
        let shared = self.shared_scale();
        let below = match shared {
            Some(_) => {
                "energy per bit at four boundaries on one scale; below each quantity on its own"
            }
            None => {
                "energy per bit at four boundaries, and other quantities; each on its own scale"
            }
        };
        canvas.heading(&self.title(), below)?;
        let half = (canvas.height - HEAD) / 2.0;
        let energies = (&self.energies[..], BLUE);
        self.draw_row(canvas, energies, shared.as_deref(), (HEAD, half))?;
        self.draw_row(canvas, (&self.others, GREEN), None, (HEAD + half, half))
    }

    /// The ends of the scale that all energies share; none where the greatest of one boundary
    /// would leave nothing to see of another.
    fn shared_scale(&self) -> Option<Vec<f64>> {
        const MOST: f64 = 10.0;
        let greatest = |panel: &Panel| panel.values.iter().flatten().copied().fold(0.0, f64::max);
        let tops: Vec<f64> = self.energies.iter().map(greatest).collect();
        let high = tops.iter().copied().fold(0.0, f64::max);
        let low = tops.iter().copied().fold(high, f64::min);
        (high <= MOST * low).then(|| vec![0.0, high])
    }

    fn draw_row<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        (panels, colour): (&[Panel], plotters::style::RGBColor),
        shared: Option<&[f64]>,
        (top, height): (f64, f64),
    ) -> Result<(), PlotError> {
        const GAP: f64 = 16.0;
        let ink = Ink::new(SMALL + 0.5);
        let mut names: f64 = 0.0;
        for system in &self.systems {
            names = names.max(canvas.width_of(system, ink)?);
        }
        let names = names.min(170.0);
        let left = MARGIN + names + 10.0;
        let width = (canvas.width - MARGIN - left + GAP) / panels.len().max(1) as f64;
        let (first, foot) = (top + PANEL_HEAD, top + height - PANEL_FOOT);
        let row = (foot - first) / self.systems.len() as f64;
        let middle_of = |idx: usize| first + row * (idx as f64 + 0.5);
        for (idx, system) in self.systems.iter().enumerate() {
            let name = canvas.fitted(system, names + 2.0, ink)?;
            canvas.label(&name, (MARGIN, middle_of(idx)), ink)?;
        }
        for (idx, panel) in panels.iter().enumerate() {
            let start = left + width * idx as f64;
            let end = start + width - GAP;
            let bold = Ink::new(BODY).bold();
            canvas.text(
                &canvas.fitted(&panel.title, end - start, bold)?,
                (start, first - 21.0),
                bold,
            )?;
            let unit = Ink::new(SMALL).colour(FAINT);
            canvas.text(
                &canvas.fitted(&panel.unit, end - start, unit)?,
                (start, first - 7.0),
                unit,
            )?;
            let mut room: f64 = 0.0;
            for text in &panel.texts {
                room = room.max(canvas.width_of(text, unit)?);
            }
            // Numbers stand right of the longest bar.
            let places = (start, end - room - 5.0);
            let own = || panel.values.iter().flatten().copied().chain([0.0]);
            let axis = shared.map_or_else(
                || Axis::holding(own(), places),
                |values| Axis::holding(values.iter().copied(), places),
            );
            let zero = axis.at(0.0);
            canvas.line(&[(start, foot), (places.1, foot)], GRID, 1.0)?;
            let ticks = axis.ticks();
            for tick in [ticks.first(), ticks.last()].into_iter().flatten() {
                let at = axis.at(*tick);
                canvas.line(&[(at, first), (at, foot)], GRID, 1.0)?;
                canvas.text(&axis.label(*tick), (at, foot + 14.0), unit.centre())?;
            }
            for (idx, (value, text)) in panel.values.iter().zip(&panel.texts).enumerate() {
                let middle = middle_of(idx);
                let mut tip = zero;
                if let Some(value) = value {
                    tip = axis.at(*value);
                    let half = 0.36 * row.min(22.0);
                    canvas.fill((zero, middle - half), (tip, middle + half), colour)?;
                }
                canvas.label(text, (tip.max(zero) + 4.0, middle), Ink::new(SMALL))?;
            }
            canvas.line(&[(zero, first), (zero, foot)], FAINT, 1.0)?;
        }
        Ok(())
    }
}
