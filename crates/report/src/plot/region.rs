//! Where everything holds that was asked for.

use plotters::prelude::DrawingBackend;
use plotters::style::RGBColor;

use super::PlotError;
use super::canvas::{
    BODY, Canvas, GREEN, INK, Ink, MARGIN, ORANGE, PURPLE, SILVER, SKY, SMALL, Sample, VERMILION,
    WHITE, YELLOW,
};

/// A variable with the values that were tried.
#[derive(Debug, Clone, PartialEq)]
pub struct RegionAxis {
    /// The variable.
    pub name: String,
    /// Its values, rising.
    pub values: Vec<String>,
}

/// One pair of values.
#[derive(Debug, Clone, PartialEq)]
pub struct RegionCell {
    /// Position on the horizontal axis.
    pub x: usize,
    /// Position on the vertical axis.
    pub y: usize,
    /// Points with these two values, whatever the other variables are.
    pub n_points: usize,
    /// Those where everything holds.
    pub n_feasible: usize,
    /// Where nothing holds: of the point that fails fewest constraints the first one that it
    /// fails, by its place in the list; none where no point has its figures.
    pub binding: Option<usize>,
}

/// The feasible region over two variables.
#[derive(Debug, Clone, PartialEq)]
pub struct RegionPlot {
    /// Name of the system.
    pub system: String,
    /// What else is to be known, such as the other variables.
    pub note: String,
    /// What must hold.
    pub constraints: Vec<String>,
    /// Horizontal axis.
    pub x: RegionAxis,
    /// Vertical axis.
    pub y: RegionAxis,
    /// The cells.
    pub cells: Vec<RegionCell>,
    /// The cell of the cheapest point.
    pub cheapest: Option<(usize, usize)>,
}

const HEAD: f64 = 62.0;
const LINE: f64 = 18.0;
const FOOT: f64 = 50.0;
/// Colours of constraints that bind.
const BINDING: [RGBColor; 5] = [VERMILION, ORANGE, PURPLE, YELLOW, SKY];

impl RegionPlot {
    pub(super) fn title(&self) -> String {
        format!("{}: where everything holds", self.system)
    }

    fn n_legend(&self) -> f64 {
        1.0 + self.constraints.len() as f64
    }

    pub(super) fn size(&self) -> (u32, u32) {
        let cells = 24.0 * self.y.values.len() as f64;
        let height = HEAD + LINE * self.n_legend() + FOOT + cells;
        (800, super::rounded(height.max(500.0)))
    }

    pub(super) fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), PlotError> {
        if self.x.values.is_empty() || self.y.values.is_empty() {
            return Err(PlotError::Nothing("a variable without values".into()));
        }
        canvas.heading(&self.title(), &self.note)?;
        self.draw_legend(canvas)?;
        let ink = Ink::new(SMALL + 0.5);
        let mut labels: f64 = 20.0;
        for value in &self.y.values {
            labels = labels.max(canvas.width_of(value, ink)?);
        }
        let labels = labels.min(150.0);
        let left = MARGIN + 22.0 + labels + 8.0;
        let (right, foot) = (canvas.width - MARGIN, canvas.height - FOOT);
        let head = HEAD + LINE * self.n_legend();
        let (n_x, n_y) = (self.x.values.len() as f64, self.y.values.len() as f64);
        let (width, height) = ((right - left) / n_x, (foot - head) / n_y);
        // Rising values go up.
        let corner = |x: usize, y: usize| (left + width * x as f64, foot - height * (y + 1) as f64);
        for (idx, value) in self.y.values.iter().enumerate() {
            let middle = corner(0, idx).1 + 0.5 * height;
            let value = canvas.fitted(value, labels, ink)?;
            canvas.label(&value, (left - 8.0, middle), ink.right())?;
        }
        let mut end = f64::NEG_INFINITY;
        for (idx, value) in self.x.values.iter().enumerate() {
            let middle = corner(idx, 0).0 + 0.5 * width;
            let half = 0.5 * canvas.width_of(value, ink)?;
            // Labels that would touch are left out.
            if middle - half > end + 6.0 {
                canvas.text(value, (middle, foot + 17.0), ink.centre())?;
                end = middle + half;
            }
        }
        for cell in &self.cells {
            let (x, y) = corner(cell.x, cell.y);
            canvas.fill(
                (x + 1.0, y + 1.0),
                (x + width - 1.0, y + height - 1.0),
                colour(cell),
            )?;
            let text = match (cell.n_feasible, cell.n_points) {
                (0, _) => cell.binding.map_or_else(String::new, letter),
                (feasible, points) if points > 1 => format!("{feasible}/{points}"),
                _ => String::new(),
            };
            let is_dark = cell.n_feasible > 0 || colour(cell) == VERMILION;
            let ink = ink.centre().colour(if is_dark { WHITE } else { INK });
            let is_room = canvas.width_of(&text, ink)? < width - 4.0 && height > 13.0;
            let is_cheapest = self.cheapest == Some((cell.x, cell.y));
            if is_room && !is_cheapest {
                canvas.label(&text, (x + 0.5 * width, y + 0.5 * height), ink)?;
            }
            if is_cheapest {
                let centre = (x + 0.5 * width, y + 0.5 * height);
                let radius = 0.3 * width.min(height).min(36.0);
                canvas.dot(centre, radius, WHITE)?;
                canvas.dot(centre, 0.6 * radius, INK)?;
            }
        }
        let title = Ink::new(BODY).centre();
        canvas.text(
            &self.x.name,
            (f64::midpoint(left, right), foot + 38.0),
            title,
        )?;
        canvas.upright(
            &self.y.name,
            (MARGIN + 8.0, f64::midpoint(head, foot)),
            title,
        )
    }

    fn draw_legend<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), PlotError> {
        let mut entries = vec![(Sample::Area(GREEN), "all of it holds")];
        if self.cheapest.is_some() {
            entries.push((Sample::Dot(INK), "cheapest point"));
        }
        entries.push((Sample::Area(SILVER), "dark, or cannot be built"));
        canvas.legend(&entries, (MARGIN, HEAD + 4.0))?;
        for (idx, constraint) in self.constraints.iter().enumerate() {
            let ink = Ink::new(SMALL);
            let name = format!("{}  fails: {constraint}", letter(idx));
            let name = canvas.fitted(&name, canvas.width - 2.0 * MARGIN - 20.0, ink)?;
            let at = (MARGIN, HEAD + 4.0 + LINE * (idx + 1) as f64);
            let colour = BINDING[idx % BINDING.len()];
            canvas.legend(&[(Sample::Area(colour), name.as_str())], at)?;
        }
        Ok(())
    }
}

fn colour(cell: &RegionCell) -> RGBColor {
    match cell.binding {
        _ if cell.n_feasible > 0 => GREEN,
        Some(idx) => BINDING[idx % BINDING.len()],
        None => SILVER,
    }
}

/// The letter of a constraint: A, B, C.
fn letter(idx: usize) -> String {
    let place = u8::try_from(idx % 26).unwrap_or(0);
    char::from(b'A' + place).to_string()
}
