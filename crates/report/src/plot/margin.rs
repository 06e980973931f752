//! How often each margin occurs among draws.

use plotters::prelude::DrawingBackend;

use super::PlotError;
use super::canvas::{
    Axis, BLUE, BODY, Canvas, FAINT, INK, Ink, MARGIN, SMALL, Sample, VERMILION, WHITE,
};
use crate::words::{decimal, grouped};

/// Margins of draws against the closing limit.
#[derive(Debug, Clone, PartialEq)]
pub struct MarginHistogram {
    /// Name of the system.
    pub system: String,
    /// What was drawn: whose margin, how many draws, which seed.
    pub note: String,
    /// Margins of draws that have one, dB.
    pub margins_db: Vec<f64>,
    /// Draws without signal, which do not close.
    pub n_dark: usize,
    /// Draws that no power would close.
    pub n_unreachable: usize,
    /// Draws that close at any power.
    pub n_at_any_power: usize,
    /// Fifth, fiftieth and ninety-fifth percentile over all draws where they are finite, dB.
    pub percentiles_db: [Option<f64>; 3],
    /// Margin with every part at its nominal value, dB.
    pub nominal_db: Option<f64>,
}

const HEAD: f64 = 128.0;
const FOOT: f64 = 48.0;
const LEFT: f64 = 78.0;

impl MarginHistogram {
    pub(super) fn title(&self) -> String {
        format!("{}: margins of draws", self.system)
    }

    /// Draws that do not close, and all draws.
    pub fn failing(&self) -> (usize, usize) {
        let open = self.margins_db.iter().filter(|margin| **margin < 0.0);
        (
            open.count() + self.n_dark + self.n_unreachable,
            self.margins_db.len() + self.n_dark + self.n_unreachable + self.n_at_any_power,
        )
    }

    pub(super) fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), PlotError> {
        let mut finite: Vec<f64> = self.margins_db.clone();
        finite.sort_by(f64::total_cmp);
        if finite.is_empty() {
            let why = format!("no draw of {} has a finite margin", self.system);
            return Err(PlotError::Nothing(why));
        }
        canvas.heading(&self.title(), &self.note)?;
        let (left, right) = (LEFT, canvas.width - MARGIN);
        let foot = canvas.height - FOOT;
        let (first, last) = (finite[0], finite[finite.len() - 1]);
        let marks = self
            .percentiles_db
            .into_iter()
            .flatten()
            .chain(self.nominal_db)
            .collect::<Vec<_>>()
            .into_iter();
        let all = [first, last, 0.0].into_iter().chain(marks.clone());
        let x_axis = Axis::holding(all, (left, right));
        let span = |ends: (f64, f64), db: f64| (ends.0.min(db), ends.1.max(db));
        let (low, high) = marks.fold((first.min(0.0), last.max(0.0)), span);
        let width_db = bin_width(&finite, (high - low) / MOST_BINS);
        let bins = bins(&finite, width_db);
        let highest = bins.iter().map(|(_, n)| *n).max().unwrap_or(1);
        let y_axis = Axis::holding([0.0, highest as f64], (foot, HEAD));
        canvas.side(&y_axis, (left, right))?;
        canvas.foot(&x_axis, (foot, foot))?;
        for (low, n) in &bins {
            let colour = if *low < -1e-9 { VERMILION } else { BLUE };
            let (from, to) = (x_axis.at(*low), x_axis.at(low + width_db));
            let top = y_axis.at(*n as f64);
            canvas.fill((from, top), (to, foot), colour)?;
            if to - from > 4.0 {
                canvas.line(&[(to, top), (to, foot)], WHITE, 0.8)?;
            }
        }
        canvas.line(&[(left, foot), (right, foot)], FAINT, 1.0)?;
        let zero = x_axis.at(0.0);
        canvas.line(&[(zero, HEAD - 8.0), (zero, foot)], INK, 2.0)?;
        self.draw_marks(canvas, &x_axis, foot)?;
        let ink = Ink::new(BODY).centre();
        let middle = f64::midpoint(left, right);
        canvas.text("margin, dB of optical power", (middle, foot + 36.0), ink)?;
        let title = format!("draws per {} dB", decimal(width_db, digits_of(width_db)));
        canvas.upright(&title, (24.0, f64::midpoint(HEAD, foot)), ink)?;
        self.draw_legend(canvas)
    }

    /// The fifth, fiftieth and ninety-fifth percentile and the nominal margin.
    fn draw_marks<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        axis: &Axis,
        foot: f64,
    ) -> Result<(), PlotError> {
        let [p5, p50, p95] = self.percentiles_db;
        let all = [
            (p5, "P5"),
            (p50, "P50"),
            (p95, "P95"),
            (self.nominal_db, "nominal"),
        ];
        let mut marks: Vec<(f64, &str)> = all
            .into_iter()
            .filter_map(|(margin, name)| Some((margin?, name)))
            .collect();
        marks.sort_by(|a, b| b.0.total_cmp(&a.0));
        let ink = Ink::new(SMALL);
        // Each label stands right of its line, above all lines and labels that would cross it.
        let zero = axis.at(0.0);
        let mut placed: Vec<(f64, f64, usize)> = vec![(zero, zero, 0)];
        for (margin, name) in marks {
            let x = axis.at(margin);
            let text = format!("{name} {}", decimal(margin, 2).replace('-', "−"));
            let width = 4.0 + canvas.width_of(&text, ink)?;
            // At the right edge it stands left of its line.
            let is_left = x + width > canvas.width - 4.0;
            let (from, to) = if is_left {
                (x - width, x)
            } else {
                (x, x + width)
            };
            let crossing = placed
                .iter()
                .filter(|(start, end, _)| *start < to + 4.0 && *end > from - 4.0);
            let row = crossing.map(|(_, _, row)| row + 1).max().unwrap_or(0);
            placed.push((from, to, row));
            let y = HEAD - 8.0 - 13.0 * row as f64;
            canvas.dashes((x, y - 5.0), (x, foot), INK, 1.0)?;
            if is_left {
                canvas.label(&text, (x - 4.0, y), ink.right())?;
            } else {
                canvas.label(&text, (x + 4.0, y), ink)?;
            }
        }
        Ok(())
    }

    fn draw_legend<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), PlotError> {
        let (n_open, n) = self.failing();
        let share = 100.0 * n_open as f64 / n as f64;
        let digits = match share {
            _ if n_open == 0 => 0,
            share if share < 1.0 => 2,
            _ => 1,
        };
        let open = format!(
            "{} of {} do not close ({} %)",
            grouped(n_open),
            grouped(n),
            decimal(share, digits)
        );
        let entries = [
            (Sample::Area(BLUE), "closes"),
            (Sample::Area(VERMILION), open.as_str()),
        ];
        let mut x = canvas.legend(&entries, (MARGIN, 68.0))?;
        let ink = Ink::new(SMALL).colour(FAINT);
        // What has no place on the axis.
        for (n, what) in [
            (self.n_dark, "of them are dark"),
            (self.n_unreachable, "of them close at no power"),
            (self.n_at_any_power, "more close at any power"),
        ] {
            if n > 0 {
                let text = format!("{} {what}", grouped(n));
                canvas.label(&text, (x, 68.0), ink)?;
                x += canvas.width_of(&text, ink)? + 16.0;
            }
        }
        Ok(())
    }
}

/// More bins than this are too narrow to be seen.
const MOST_BINS: f64 = 120.0;

/// A round width of bins for sorted numbers, and not less than a width.
///
/// # Source
/// D. Freedman and P. Diaconis, "On the histogram as a density estimator", 1981: twice the
/// distance of the quartiles over the cube root of the count.
fn bin_width(sorted: &[f64], least: f64) -> f64 {
    let last = sorted.len() - 1;
    let spread = sorted[last * 3 / 4] - sorted[last / 4];
    let reach = sorted[last] - sorted[0];
    let ideal = 2.0 * spread / (sorted.len() as f64).cbrt();
    let wanted = ideal.max(reach / MOST_BINS).max(least).max(1e-6);
    let decade = 10f64.powf(wanted.log10().floor());
    let round = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .find(|step| step * decade >= wanted * (1.0 - 1e-9));
    round.unwrap_or(10.0) * decade
}

/// Digits behind the point of a width that is 1, 2 or 5 of a decade.
fn digits_of(width: f64) -> usize {
    (0..7)
        .find(|digits| {
            let scaled = width * 10f64.powi(*digits);
            (scaled - scaled.round()).abs() < 1e-6 * scaled
        })
        .and_then(|digits| usize::try_from(digits).ok())
        .unwrap_or(6)
}

/// Lower end and count of each bin that holds something; zero is always an end.
fn bins(sorted: &[f64], width: f64) -> Vec<(f64, usize)> {
    let index = |margin: &f64| (margin / width).floor();
    sorted
        .chunk_by(|a, b| index(a).total_cmp(&index(b)).is_eq())
        .map(|bin| (index(&bin[0]) * width, bin.len()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_bin_spans_the_closing_limit() {
        let sorted = [-0.31, -0.01, 0.0, 0.02, 0.49, 0.5];
        let found = bins(&sorted, 0.5);
        assert_eq!(found, [(-0.5, 2), (0.0, 3), (0.5, 1)]);
    }

    #[test]
    fn widths_of_bins_are_round_and_follow_the_rule() {
        // 1000 numbers evenly over 10 dB: quartiles 5 dB apart, 2 * 5 / 10 = 1 dB.
        let sorted: Vec<f64> = (0..1000).map(|idx| f64::from(idx) * 0.01).collect();
        assert!((bin_width(&sorted, 0.1) - 1.0).abs() < 1e-9);
        // All alike: still a width, and one that can be seen.
        assert!((bin_width(&[3.0, 3.0], 0.03) - 0.05).abs() < 1e-9);
        assert!(bin_width(&[0.0, 0.0], 0.0) > 0.0);
    }

    #[test]
    fn draws_without_signal_fail() {
        let plot = MarginHistogram {
            system: "x".into(),
            note: String::new(),
            margins_db: vec![1.0, -0.5],
            n_dark: 3,
            n_unreachable: 2,
            n_at_any_power: 4,
            percentiles_db: [None; 3],
            nominal_db: None,
        };
        assert_eq!(plot.failing(), (6, 11));
    }
}
