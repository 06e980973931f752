//! Temperatures of one layer of a package, seen from above.

use plotters::prelude::DrawingBackend;
use plotters::style::RGBColor;

use super::PlotError;
use super::canvas::{BODY, Canvas, FAINT, INK, Ink, MARGIN, SMALL, WHITE};
use super::colour::{is_dark, uniform};
use super::round::Round;

/// Something that the map shows the edges of.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    /// Its name, shown where it fits; empty without one.
    pub name: String,
    /// Its rectangles in metres: left, lower, right and upper edge. They may touch.
    pub rects: Vec<[f64; 4]>,
}

/// A map of temperatures, or of what else has a value for each cell.
#[derive(Debug, Clone, PartialEq)]
pub struct HeatMap {
    /// What it shows.
    pub title: String,
    /// What else is to be known, in one line.
    pub note: String,
    /// Edges of the columns in metres, rising.
    pub x_edges_m: Vec<f64>,
    /// Edges of the rows in metres, rising.
    pub y_edges_m: Vec<f64>,
    /// One value for each cell, row by row from the lowest; °C for temperatures.
    pub celsius: Vec<f64>,
    /// Edges over the map.
    pub outlines: Vec<Outline>,
    /// Unit of the values, such as °C.
    pub unit: String,
}

const HEAD: f64 = 66.0;
const FOOT: f64 = 64.0;
const LEFT: f64 = MARGIN + 44.0;
/// Room for the bar of colours and its numbers.
const RIGHT: f64 = 80.0;
/// Greatest extents of the map in the picture.
const WIDEST: f64 = 760.0;
const HIGHEST: f64 = 640.0;
/// Extents below which there is no room for words; a long strip is drawn wider than it is.
const NARROWEST: f64 = 320.0;
const LOWEST: f64 = 180.0;
/// Cells that are finer than this are joined.
const FINEST: f64 = 1.5;
/// Colours of the scale.
const STEPS: usize = 240;

/// Where the map lies in the picture.
struct Frame {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
    /// Lower left corner in metres, and units of the picture for each metre.
    origin: (f64, f64),
    scale: (f64, f64),
}

impl Frame {
    fn x(&self, x_m: f64) -> f64 {
        self.left + (x_m - self.origin.0) * self.scale.0
    }

    fn y(&self, y_m: f64) -> f64 {
        self.top + self.height - (y_m - self.origin.1) * self.scale.1
    }
}

impl HeatMap {
    pub(super) fn title(&self) -> String {
        self.title.clone()
    }

    /// Cells across and up, if there are as many values.
    fn shape(&self) -> Option<(usize, usize)> {
        let nx = self.x_edges_m.len().checked_sub(1)?;
        let ny = self.y_edges_m.len().checked_sub(1)?;
        let is_whole = nx > 0
            && ny > 0
            && nx.checked_mul(ny) == Some(self.celsius.len())
            && self.celsius.iter().all(|value| value.is_finite())
            && self.extents_m().0 > 0.0
            && self.extents_m().1 > 0.0;
        is_whole.then_some((nx, ny))
    }

    fn extents_m(&self) -> (f64, f64) {
        let length = |edges: &[f64]| match edges {
            [first, .., last] => last - first,
            _ => 0.0,
        };
        (length(&self.x_edges_m), length(&self.y_edges_m))
    }

    /// Extents of the map in the picture: of the true aspect unless that leaves no room.
    fn map_size(&self) -> (f64, f64) {
        let (width_m, height_m) = self.extents_m();
        if !(width_m > 0.0 && height_m > 0.0) {
            return (NARROWEST, LOWEST);
        }
        let scale = (WIDEST / width_m).min(HIGHEST / height_m);
        let width = (width_m * scale).max(NARROWEST);
        let height = (height_m * scale).max(LOWEST);
        (width, height)
    }

    pub(super) fn size(&self) -> (u32, u32) {
        let (width, height) = self.map_size();
        (
            super::rounded(LEFT + width + RIGHT + MARGIN),
            super::rounded(HEAD + height + FOOT),
        )
    }

    pub(super) fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), PlotError> {
        let Some(shape) = self.shape() else {
            return Err(PlotError::Nothing("a map without cells".into()));
        };
        let (width, height) = self.map_size();
        let (width_m, height_m) = self.extents_m();
        let frame = Frame {
            left: LEFT,
            top: HEAD,
            width,
            height,
            origin: (self.x_edges_m[0], self.y_edges_m[0]),
            scale: (width / width_m, height / height_m),
        };
        let ticks = Ticks::over(&self.celsius);
        canvas.heading(&self.title, &self.note)?;
        self.draw_cells(canvas, &frame, shape, &ticks)?;
        self.draw_outlines(canvas, &frame)?;
        self.draw_scales(canvas, &frame)?;
        self.draw_bar(canvas, &frame, &ticks)?;
        let mut taken = Vec::new();
        self.draw_extremes(canvas, &frame, shape, &ticks, &mut taken)?;
        self.draw_names(canvas, &frame, shape, &ticks, &mut taken)
    }

    /// The value at a place of the map, by the cell that holds it.
    fn at(&self, (nx, ny): (usize, usize), x_m: f64, y_m: f64) -> f64 {
        let cell = |edges: &[f64], n: usize, place: f64| {
            edges
                .partition_point(|edge| *edge <= place)
                .saturating_sub(1)
                .min(n - 1)
        };
        let (i, j) = (
            cell(&self.x_edges_m, nx, x_m),
            cell(&self.y_edges_m, ny, y_m),
        );
        self.celsius[j * nx + i]
    }

    /// Cells of one colour are drawn as one; cells finer than the picture are joined.
    fn draw_cells<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        frame: &Frame,
        (nx, ny): (usize, usize),
        ticks: &Ticks,
    ) -> Result<(), PlotError> {
        let columns = joined(&self.x_edges_m, frame.scale.0);
        let rows = joined(&self.y_edges_m, frame.scale.1);
        let mean = |row: &[usize; 2], column: &[usize; 2]| {
            let (mut sum, mut area) = (0.0, 0.0);
            for j in row[0]..row[1].min(ny) {
                for i in column[0]..column[1].min(nx) {
                    let share = (self.x_edges_m[i + 1] - self.x_edges_m[i])
                        * (self.y_edges_m[j + 1] - self.y_edges_m[j]);
                    sum += share * self.celsius[j * nx + i];
                    area += share;
                }
            }
            sum / area
        };
        let (right, foot) = (frame.left + frame.width, frame.top + frame.height);
        // From the top, each row over the lower edge of the one before: no seams shine through.
        for row in rows.iter().rev() {
            let top = frame.y(self.y_edges_m[row[1]]);
            let bottom = (frame.y(self.y_edges_m[row[0]]) + 0.4).min(foot);
            let steps: Vec<usize> = columns
                .iter()
                .map(|column| ticks.step(mean(row, column)))
                .collect();
            let mut first = 0;
            while first < steps.len() {
                let step = steps[first];
                let n = steps[first..].iter().take_while(|s| **s == step).count();
                let x0 = frame.x(self.x_edges_m[columns[first][0]]);
                let x1 = frame.x(self.x_edges_m[columns[first + n - 1][1]]);
                let to = ((x1 + 0.4).min(right), bottom);
                canvas.fill((x0, top), to, colour_of(step))?;
                first += n;
            }
        }
        Ok(())
    }

    fn draw_outlines<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        frame: &Frame,
    ) -> Result<(), PlotError> {
        // Dark below, light above: seen on every colour.
        for (colour, width) in [(INK, 2.0), (WHITE, 0.9)] {
            for outline in &self.outlines {
                for edge in edges(&outline.rects) {
                    let place = |[x, y]: [f64; 2]| (frame.x(x), frame.y(y));
                    canvas.line(&[place(edge[0]), place(edge[1])], colour, width)?;
                }
            }
        }
        Ok(())
    }

    /// Places in millimetres along two sides.
    fn draw_scales<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        frame: &Frame,
    ) -> Result<(), PlotError> {
        let (right, foot) = (frame.left + frame.width, frame.top + frame.height);
        let ink = Ink::new(SMALL).colour(FAINT);
        let (width_m, height_m) = self.extents_m();
        let across = Round::within(0.0, width_m * 1e3, (frame.width / 70.0).max(2.0));
        for tick in across.ticks() {
            let x = frame.x(self.x_edges_m[0] + tick * 1e-3);
            canvas.line(&[(x, foot), (x, foot + 4.0)], FAINT, 1.0)?;
            canvas.text(&across.label(tick), (x, foot + 16.0), ink.centre())?;
        }
        let up = Round::within(0.0, height_m * 1e3, (frame.height / 50.0).max(2.0));
        for tick in up.ticks() {
            let y = frame.y(self.y_edges_m[0] + tick * 1e-3);
            canvas.line(&[(frame.left - 4.0, y), (frame.left, y)], FAINT, 1.0)?;
            canvas.label(&up.label(tick), (frame.left - 7.0, y), ink.right())?;
        }
        let corners = [
            (frame.left, frame.top),
            (right, frame.top),
            (right, foot),
            (frame.left, foot),
            (frame.left, frame.top),
        ];
        canvas.line(&corners, INK, 1.0)?;
        let title = Ink::new(BODY).centre();
        let middle = (frame.left + 0.5 * frame.width, foot + 36.0);
        canvas.text("x (mm)", middle, title)?;
        let beside = (MARGIN + 8.0, frame.top + 0.5 * frame.height);
        canvas.upright("y (mm)", beside, title)
    }

    fn draw_bar<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        frame: &Frame,
        ticks: &Ticks,
    ) -> Result<(), PlotError> {
        let left = frame.left + frame.width + 22.0;
        let right = left + 16.0;
        let foot = frame.top + frame.height;
        let place = |share: f64| foot - share * frame.height;
        for step in 0..STEPS {
            let share = |step: usize| step as f64 / STEPS as f64;
            let upper = (place(share(step + 1)) - 0.4).max(frame.top);
            // From the foot: each colour over the upper edge of the one before.
            canvas.fill((left, upper), (right, place(share(step))), colour_of(step))?;
        }
        let corners = [
            (left, frame.top),
            (right, frame.top),
            (right, foot),
            (left, foot),
            (left, frame.top),
        ];
        canvas.line(&corners, INK, 1.0)?;
        let ink = Ink::new(SMALL).colour(FAINT);
        let n = (frame.height / 55.0).max(2.0);
        let round = Round::within(ticks.low, ticks.high, n);
        for tick in round.ticks() {
            let y = place(ticks.share(tick));
            canvas.line(&[(right, y), (right + 4.0, y)], FAINT, 1.0)?;
            canvas.label(&round.label(tick), (right + 8.0, y), ink)?;
        }
        let over = (left, frame.top - 7.0);
        canvas.text(&self.unit, over, Ink::new(SMALL).bold())
    }

    /// A mark and the value at the hottest and the coldest cell.
    fn draw_extremes<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        frame: &Frame,
        (nx, ny): (usize, usize),
        ticks: &Ticks,
        taken: &mut Vec<[f64; 4]>,
    ) -> Result<(), PlotError> {
        let mut extremes = [(0, f64::INFINITY), (0, f64::NEG_INFINITY)];
        for (cell, value) in self.celsius.iter().enumerate() {
            if *value < extremes[0].1 {
                extremes[0] = (cell, *value);
            }
            if *value > extremes[1].1 {
                extremes[1] = (cell, *value);
            }
        }
        if extremes[0].1 >= extremes[1].1 {
            return Ok(());
        }
        // The hottest first, and the coldest where there is room.
        for (what, (cell, value)) in [("max", extremes[1]), ("min", extremes[0])] {
            let middle = |edges: &[f64], at: usize| f64::midpoint(edges[at], edges[at + 1]);
            let x = frame.x(middle(&self.x_edges_m, cell % nx));
            let y = frame.y(middle(&self.y_edges_m, cell / nx % ny));
            let text = format!("{what} {}", ticks.label(value));
            let ink = Ink::new(SMALL).bold();
            let width = canvas.width_of(&text, ink)?;
            let right = frame.left + frame.width;
            let is_left = x + 9.0 + width > right - 2.0;
            let from = if is_left { x - 9.0 - width } else { x + 9.0 };
            let level = y.clamp(frame.top + 9.0, frame.top + frame.height - 9.0);
            let box_of = [from - 3.0, level - 8.0, from + width + 3.0, level + 8.0];
            if taken.iter().any(|other| meet(other, &box_of)) {
                continue;
            }
            let (back, front) = if is_dark(ticks.share(value)) {
                (INK, WHITE)
            } else {
                (WHITE, INK)
            };
            canvas.dot((x, y), 4.6, back)?;
            canvas.dot((x, y), 3.0, front)?;
            let corners = [
                (box_of[0], box_of[1]),
                (box_of[2], box_of[1]),
                (box_of[2], box_of[3]),
                (box_of[0], box_of[3]),
            ];
            canvas.shade(&corners, back, 0.55)?;
            canvas.label(&text, (from, level), ink.colour(front))?;
            let reach = [x.min(box_of[0]) - 5.0, y.min(box_of[1]) - 2.0];
            taken.push([
                reach[0],
                reach[1],
                x.max(box_of[2]) + 5.0,
                y.max(box_of[3]) + 2.0,
            ]);
        }
        Ok(())
    }

    /// Names of outlines, each in its largest rectangle where it has room.
    fn draw_names<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        frame: &Frame,
        shape: (usize, usize),
        ticks: &Ticks,
        taken: &mut Vec<[f64; 4]>,
    ) -> Result<(), PlotError> {
        for outline in &self.outlines {
            let area = |r: &[f64; 4]| (r[2] - r[0]) * (r[3] - r[1]);
            let largest = outline
                .rects
                .iter()
                .max_by(|a, b| area(a).total_cmp(&area(b)));
            let Some(rect) = largest.filter(|_| !outline.name.is_empty()) else {
                continue;
            };
            let (x0, x1) = (frame.x(rect[0]), frame.x(rect[2]));
            let (top, foot) = (frame.y(rect[3]), frame.y(rect[1]));
            let plain = Ink::new(SMALL).centre();
            let width = canvas.width_of(&outline.name, plain)?;
            let (room, height) = (x1 - x0 - 6.0, foot - top - 4.0);
            // Upright where it is too narrow.
            let is_flat = width <= room && height >= 12.0;
            let is_upright = !is_flat && width <= height && room >= 10.0;
            if !is_flat && !is_upright {
                continue;
            }
            let (half_width, half_height) = if is_flat {
                (0.5 * width, 7.0)
            } else {
                (7.0, 0.5 * width)
            };
            // In the middle, or else below or above it where the middle is taken.
            let x = f64::midpoint(x0, x1);
            let middle = f64::midpoint(top, foot);
            let free = [middle, foot - half_height - 4.0, top + half_height + 4.0]
                .into_iter()
                .map(|y| {
                    [
                        x - half_width,
                        y - half_height,
                        x + half_width,
                        y + half_height,
                    ]
                })
                .find(|place| !taken.iter().any(|other| meet(other, place)));
            let Some(place) = free else { continue };
            let y = f64::midpoint(place[1], place[3]);
            let at = |y: f64| frame.origin.1 + (frame.top + frame.height - y) / frame.scale.1;
            let value = self.at(shape, f64::midpoint(rect[0], rect[2]), at(y));
            let colour = if is_dark(ticks.share(value)) {
                WHITE
            } else {
                INK
            };
            let ink = plain.colour(colour);
            if is_flat {
                canvas.label(&outline.name, (x, y), ink)?;
            } else {
                canvas.upright(&outline.name, (x + 0.35 * SMALL, y), ink)?;
            }
            taken.push(place);
        }
        Ok(())
    }
}

/// Whether two boxes share an area.
fn meet(a: &[f64; 4], b: &[f64; 4]) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

/// Cells joined until each is as wide as the picture can show: first cell and the one behind.
fn joined(edges_m: &[f64], scale: f64) -> Vec<[usize; 2]> {
    let n = edges_m.len() - 1;
    let mut groups = Vec::new();
    let mut first = 0;
    for cell in 0..n {
        let is_wide = (edges_m[cell + 1] - edges_m[first]) * scale >= FINEST;
        if is_wide || cell + 1 == n {
            groups.push([first, cell + 1]);
            first = cell + 1;
        }
    }
    groups
}

/// The edges of rectangles that no two of them share.
fn edges(rects: &[[f64; 4]]) -> Vec<[[f64; 2]; 2]> {
    let mut found = Vec::new();
    for (idx, r) in rects.iter().enumerate() {
        let sides = [
            (1, r[1], r[0], r[2]),
            (1, r[3], r[0], r[2]),
            (0, r[0], r[1], r[3]),
            (0, r[2], r[1], r[3]),
        ];
        for (fixed, place, from, to) in sides {
            let along = 1 - fixed;
            let reach = 1e-9 * (to - from).abs();
            let mut left = vec![(from, to)];
            for (_, other) in rects.iter().enumerate().filter(|(o, _)| *o != idx) {
                let touches = (other[fixed] - place).abs() <= reach
                    || (other[fixed + 2] - place).abs() <= reach;
                if touches {
                    left = without(&left, (other[along], other[along + 2]), reach);
                }
            }
            for (from, to) in left {
                let point = |at: f64| if fixed == 1 { [at, place] } else { [place, at] };
                found.push([point(from), point(to)]);
            }
        }
    }
    found
}

/// Intervals less another one.
fn without(intervals: &[(f64, f64)], cut: (f64, f64), reach: f64) -> Vec<(f64, f64)> {
    let mut left = Vec::new();
    for (from, to) in intervals {
        for part in [(*from, to.min(cut.0)), (from.max(cut.1), *to)] {
            if part.1 - part.0 > reach {
                left.push(part);
            }
        }
    }
    left
}

/// The range of the values.
struct Ticks {
    low: f64,
    high: f64,
}

impl Ticks {
    fn over(values: &[f64]) -> Self {
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        // A flat map has one colour, in the middle of a scale of one unit.
        if high - low < 1e-9 * high.abs().max(1.0) {
            return Self {
                low: low - 0.5,
                high: high + 0.5,
            };
        }
        Self { low, high }
    }

    fn share(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    fn step(&self, value: f64) -> usize {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between zero and the number of steps"
        )]
        let step = (self.share(value) * STEPS as f64) as usize;
        step.min(STEPS - 1)
    }

    /// A value with digits that suit the range.
    fn label(&self, value: f64) -> String {
        let digits = if self.high - self.low < 1.0 { 2 } else { 1 };
        crate::words::decimal(value, digits).replace('-', "−")
    }
}

fn colour_of(step: usize) -> RGBColor {
    uniform((step as f64 + 0.5) / STEPS as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_edges_of_rectangles_are_no_outline() {
        // An L: six corners, so that what is left is its round.
        let found = edges(&[[0.0, 0.0, 4.0, 4.0], [4.0, 0.0, 8.0, 2.0]]);
        let length: f64 = found
            .iter()
            .map(|[a, b]| (a[0] - b[0]).abs() + (a[1] - b[1]).abs())
            .sum();
        assert!((length - 24.0).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn fine_cells_are_joined_and_none_is_lost() {
        let edges: Vec<f64> = (0..=1000).map(|i| f64::from(i) * 1e-3).collect();
        let groups = joined(&edges, 500.0);
        assert!(
            groups.len() <= 334 && groups.len() > 300,
            "{}",
            groups.len()
        );
        assert_eq!(groups[0][0], 0);
        assert_eq!(groups[groups.len() - 1][1], 1000);
        assert!(groups.windows(2).all(|pair| pair[0][1] == pair[1][0]));
        assert_eq!(joined(&[0.0, 1.0, 3.0], 500.0), [[0, 1], [1, 2]]);
    }

    #[test]
    fn a_map_without_cells_is_refused() {
        let map = HeatMap {
            title: "t".into(),
            note: String::new(),
            x_edges_m: vec![0.0, 1.0],
            y_edges_m: vec![0.0, 1.0],
            celsius: vec![f64::NAN],
            outlines: Vec::new(),
            unit: "°C".into(),
        };
        let plot = super::super::Plot::Heat(map);
        assert!(matches!(plot.svg(), Err(PlotError::Nothing(_))));
    }
}
