//! What all plots share: text, lines, areas, axes and colours in units of the picture.

use std::sync::OnceLock;

use plotters::coord::Shift;
use plotters::coord::ranged1d::Ranged;
use plotters::coord::types::RangedCoordf64;
use plotters::element::{Circle, Polygon, Rectangle, Text};
use plotters::prelude::{DrawingArea, DrawingBackend, PathElement};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    Color as _, FontFamily, FontStyle, FontTransform, RGBColor, ShapeStyle, TextStyle,
    register_font,
};

use super::PlotError;

/// The colours of Okabe and Ito, which people with any kind of colour vision tell apart, and greys.
///
/// # Source
/// M. Okabe and K. Ito, "Color Universal Design", 2008.
pub(super) const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
pub(super) const FAINT: RGBColor = RGBColor(0x5c, 0x5c, 0x5c);
pub(super) const GRID: RGBColor = RGBColor(0xdd, 0xdd, 0xdd);
pub(super) const BLUE: RGBColor = RGBColor(0x00, 0x72, 0xb2);
pub(super) const SKY: RGBColor = RGBColor(0x56, 0xb4, 0xe9);
pub(super) const GREEN: RGBColor = RGBColor(0x00, 0x9e, 0x73);
pub(super) const ORANGE: RGBColor = RGBColor(0xe6, 0x9f, 0x00);
pub(super) const YELLOW: RGBColor = RGBColor(0xf0, 0xe4, 0x42);
pub(super) const VERMILION: RGBColor = RGBColor(0xd5, 0x5e, 0x00);
pub(super) const PURPLE: RGBColor = RGBColor(0xcc, 0x79, 0xa7);
pub(super) const SILVER: RGBColor = RGBColor(0xb0, 0xb0, 0xb0);
pub(super) const WHITE: RGBColor = RGBColor(0xff, 0xff, 0xff);

/// Heights of text, from baseline to baseline of tight lines.
pub(super) const TITLE: f64 = 17.0;
pub(super) const BODY: f64 = 12.5;
pub(super) const SMALL: f64 = 11.0;

const FAMILY: &str = "sans-serif";

/// How a form of picture measures.
pub(super) struct Target {
    /// Steps for each unit of the picture; the drawing library knows whole steps only.
    pub(super) scale: u32,
    /// What the library calls the size of text that is one unit high.
    em: f64,
    /// From the top of that text, as the library places it, to its baseline.
    baseline: f64,
}

/// The vertical extent of the font over its em, which is what the pixel form calls its size.
const EXTENT: f64 = 1.164;

/// SVG: the library divides the size of text by 1.24, and puts the baseline 0.76 em below the top.
pub(super) const VECTORS: Target = Target {
    scale: 10,
    em: 1.24,
    baseline: 0.76,
};

/// Pixels: the library puts the baseline half a size below the top.
pub(super) const PIXELS: Target = Target {
    scale: 4,
    em: EXTENT,
    baseline: EXTENT / 2.0,
};

/// Where text stands against its point.
#[derive(Clone, Copy)]
pub(super) enum Align {
    Left,
    Centre,
    Right,
}

/// How text looks.
#[derive(Clone, Copy)]
pub(super) struct Ink {
    pub(super) size: f64,
    pub(super) colour: RGBColor,
    pub(super) is_bold: bool,
    pub(super) align: Align,
}

impl Ink {
    pub(super) const fn new(size: f64) -> Self {
        Self {
            size,
            colour: INK,
            is_bold: false,
            align: Align::Left,
        }
    }
    pub(super) const fn colour(self, colour: RGBColor) -> Self {
        Self { colour, ..self }
    }
    pub(super) const fn bold(self) -> Self {
        Self {
            is_bold: true,
            ..self
        }
    }
    pub(super) const fn right(self) -> Self {
        Self {
            align: Align::Right,
            ..self
        }
    }
    pub(super) const fn centre(self) -> Self {
        Self {
            align: Align::Centre,
            ..self
        }
    }
}

/// A point of the picture, from its upper left corner.
pub(super) type Point = (f64, f64);

/// A picture in the making.
pub(super) struct Canvas<DB: DrawingBackend> {
    area: DrawingArea<DB, Shift>,
    target: &'static Target,
    pub(super) width: f64,
    pub(super) height: f64,
}

fn drawn<T, E: std::fmt::Display>(result: Result<T, E>) -> Result<T, PlotError> {
    result.map_err(|error| PlotError::Draw(error.to_string()))
}

impl<DB: DrawingBackend> Canvas<DB> {
    pub(super) fn new(
        area: DrawingArea<DB, Shift>,
        target: &'static Target,
        (width, height): (u32, u32),
    ) -> Result<Self, PlotError> {
        load_font()?;
        drawn(area.fill(&WHITE))?;
        Ok(Self {
            area,
            target,
            width: f64::from(width),
            height: f64::from(height),
        })
    }

    pub(super) fn finish(&self) -> Result<(), PlotError> {
        drawn(self.area.present())
    }

    fn step(&self, length: f64) -> i32 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a place in or near the picture; far places saturate"
        )]
        let step = (length * f64::from(self.target.scale)).round() as i32;
        step
    }

    fn point(&self, (x, y): Point) -> (i32, i32) {
        (self.step(x), self.step(y))
    }

    fn style<'a>(&self, ink: Ink, em: f64, turn: FontTransform) -> TextStyle<'a> {
        let size = ink.size * em * f64::from(self.target.scale);
        let style = if ink.is_bold {
            FontStyle::Bold
        } else {
            FontStyle::Normal
        };
        let h_pos = match ink.align {
            Align::Left => HPos::Left,
            Align::Centre => HPos::Center,
            Align::Right => HPos::Right,
        };
        let font = plotters::style::FontDesc::new(FontFamily::Name(FAMILY), size, style);
        let mut style = TextStyle::from(font.transform(turn)).pos(Pos::new(h_pos, VPos::Top));
        style.color = ink.colour.to_backend_color();
        style
    }

    /// Text whose baseline passes through a point.
    pub(super) fn text(&self, text: &str, (x, y): Point, ink: Ink) -> Result<(), PlotError> {
        if text.is_empty() {
            return Ok(());
        }
        let style = self.style(ink, self.target.em, FontTransform::None);
        let top = (x, y - ink.size * self.target.baseline);
        drawn(
            self.area
                .draw(&Text::new(clean(text), self.point(top), style)),
        )
    }

    /// Text beside a point, its small letters centred on it.
    pub(super) fn label(&self, text: &str, (x, y): Point, ink: Ink) -> Result<(), PlotError> {
        self.text(text, (x, y + 0.35 * ink.size), ink)
    }

    /// Text that runs upwards, its baseline right of it.
    pub(super) fn upright(&self, text: &str, (x, y): Point, ink: Ink) -> Result<(), PlotError> {
        let style = self.style(ink, self.target.em, FontTransform::Rotate270);
        let top = (x - ink.size * self.target.baseline, y);
        drawn(
            self.area
                .draw(&Text::new(clean(text), self.point(top), style)),
        )
    }

    /// The width of text.
    pub(super) fn width_of(&self, text: &str, ink: Ink) -> Result<f64, PlotError> {
        let style = self.style(ink, EXTENT, FontTransform::None);
        let (width, _) = drawn(self.area.estimate_text_size(&clean(text), &style))?;
        Ok(f64::from(width) / f64::from(self.target.scale))
    }

    /// As much of a text as fits, with an ellipsis for the rest.
    pub(super) fn fitted(&self, text: &str, width: f64, ink: Ink) -> Result<String, PlotError> {
        let text = clean(text);
        if self.width_of(&text, ink)? <= width {
            return Ok(text);
        }
        let mut kept: Vec<char> = text.chars().collect();
        while kept.pop().is_some() {
            let short: String = kept.iter().chain(&['…']).collect();
            if self.width_of(&short, ink)? <= width {
                return Ok(short);
            }
        }
        Ok(String::new())
    }

    /// A filled rectangle between two corners.
    pub(super) fn fill(
        &self,
        (x0, y0): Point,
        (x1, y1): Point,
        colour: RGBColor,
    ) -> Result<(), PlotError> {
        let corners = [
            self.point((x0.min(x1), y0.min(y1))),
            self.point((x0.max(x1), y0.max(y1))),
        ];
        drawn(
            self.area
                .draw(&Rectangle::new(corners, ShapeStyle::from(colour).filled())),
        )
    }

    /// A filled polygon that lets through what is below it.
    pub(super) fn shade(
        &self,
        corners: &[Point],
        colour: RGBColor,
        opacity: f64,
    ) -> Result<(), PlotError> {
        let corners: Vec<_> = corners.iter().map(|point| self.point(*point)).collect();
        let style = ShapeStyle::from(colour.mix(opacity)).filled();
        drawn(self.area.draw(&Polygon::new(corners, style)))
    }

    /// A line through points.
    pub(super) fn line(
        &self,
        points: &[Point],
        colour: RGBColor,
        width: f64,
    ) -> Result<(), PlotError> {
        let mut points: Vec<_> = points.iter().map(|point| self.point(*point)).collect();
        // The library divides by the length of each piece.
        points.dedup();
        if points.len() < 2 {
            return Ok(());
        }
        let width = u32::try_from(self.step(width)).unwrap_or(1).max(1);
        let style = ShapeStyle::from(colour).stroke_width(width);
        drawn(self.area.draw(&PathElement::new(points, style)))
    }

    /// A straight line of dashes.
    pub(super) fn dashes(
        &self,
        (x0, y0): Point,
        (x1, y1): Point,
        colour: RGBColor,
        width: f64,
    ) -> Result<(), PlotError> {
        const DASH: f64 = 6.0;
        const GAP: f64 = 4.0;
        let length = (x1 - x0).hypot(y1 - y0);
        let at = |way: f64| {
            let share = way / length;
            (x0 + share * (x1 - x0), y0 + share * (y1 - y0))
        };
        let mut way = 0.0;
        while way < length {
            self.line(&[at(way), at((way + DASH).min(length))], colour, width)?;
            way += DASH + GAP;
        }
        Ok(())
    }

    /// A horizontal line with ends, for a range.
    pub(super) fn whisker(
        &self,
        (low, high): (f64, f64),
        y: f64,
        colour: RGBColor,
    ) -> Result<(), PlotError> {
        const END: f64 = 2.5;
        const WIDTH: f64 = 1.4;
        self.line(&[(low, y), (high, y)], colour, WIDTH)?;
        for x in [low, high] {
            self.line(&[(x, y - END), (x, y + END)], colour, WIDTH)?;
        }
        Ok(())
    }

    /// A filled dot.
    pub(super) fn dot(&self, at: Point, radius: f64, colour: RGBColor) -> Result<(), PlotError> {
        let style = ShapeStyle::from(colour).filled();
        drawn(
            self.area
                .draw(&Circle::new(self.point(at), self.step(radius), style)),
        )
    }

    /// Title and a line below it.
    pub(super) fn heading(&self, title: &str, below: &str) -> Result<(), PlotError> {
        let room = self.width - 2.0 * MARGIN;
        let ink = Ink::new(TITLE).bold();
        self.text(&self.fitted(title, room, ink)?, (MARGIN, 28.0), ink)?;
        let ink = Ink::new(BODY).colour(FAINT);
        self.text(&self.fitted(below, room, ink)?, (MARGIN, 47.0), ink)
    }

    /// A row of samples of colour with their names, from a point to the right; gives back where
    /// it ends.
    pub(super) fn legend(
        &self,
        entries: &[(Sample, &str)],
        (mut x, y): Point,
    ) -> Result<f64, PlotError> {
        let ink = Ink::new(SMALL);
        for (sample, name) in entries {
            match *sample {
                Sample::Area(colour) => {
                    self.fill((x, y - 5.0), (x + 12.0, y + 5.0), colour)?;
                }
                Sample::Shade(colour) => self.shade(
                    &[
                        (x, y - 5.0),
                        (x + 12.0, y - 5.0),
                        (x + 12.0, y + 5.0),
                        (x, y + 5.0),
                    ],
                    colour,
                    SHADE,
                )?,
                Sample::Line(colour) => self.line(&[(x, y), (x + 12.0, y)], colour, 2.5)?,
                Sample::Dashes(colour) => self.dashes((x - 4.0, y), (x + 12.0, y), colour, 1.5)?,
                Sample::Whisker(colour) => self.whisker((x, x + 12.0), y, colour)?,
                Sample::Dot(colour) => self.dot((x + 6.0, y), 4.5, colour)?,
            }
            self.label(name, (x + 17.0, y), ink)?;
            x += 17.0 + self.width_of(name, ink)? + 16.0;
        }
        Ok(x)
    }
}

/// How much of a shade is seen.
pub(super) const SHADE: f64 = 0.28;

/// Room at the left and right edge of the picture.
pub(super) const MARGIN: f64 = 18.0;

/// What stands beside a name in a legend.
#[derive(Clone, Copy)]
pub(super) enum Sample {
    Area(RGBColor),
    Shade(RGBColor),
    Line(RGBColor),
    Dashes(RGBColor),
    Whisker(RGBColor),
    Dot(RGBColor),
}

/// A scale from numbers to places in the picture.
#[derive(Clone)]
pub(super) struct Axis {
    coord: RangedCoordf64,
    range: (f64, f64),
    places: (f64, f64),
}

/// Steps between whole units of the picture that an axis tells apart.
const FINENESS: f64 = 1000.0;

impl Axis {
    /// An axis that holds all `values`, widened to whole ticks; none of them must be NaN.
    pub(super) fn holding(values: impl IntoIterator<Item = f64>, places: (f64, f64)) -> Self {
        let finite = values.into_iter().filter(|value| value.is_finite());
        let (mut low, mut high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| {
            (l.min(v), h.max(v))
        });
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        if high - low < 1e-9 * high.abs().max(1e-9) {
            let half = 0.5 * high.abs().max(1.0);
            (low, high) = if low.abs() < f64::MIN_POSITIVE {
                (0.0, 1.0)
            } else {
                (low - half, high + half)
            };
        }
        let ticks = Self::new((low, high), places).ticks();
        if let [first, second, ..] = ticks[..] {
            let step = second - first;
            low = (low / step + 1e-9).floor() * step;
            high = (high / step - 1e-9).ceil() * step;
        }
        Self::new((low, high), places)
    }

    pub(super) fn new(range: (f64, f64), places: (f64, f64)) -> Self {
        Self {
            coord: RangedCoordf64::from(range.0..range.1),
            range,
            places,
        }
    }

    /// The place of a number; numbers beyond the ends stay at the ends.
    pub(super) fn at(&self, value: f64) -> f64 {
        let (low, high) = self.range;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a place in the picture in fine steps"
        )]
        let limits = (
            (self.places.0 * FINENESS) as i32,
            (self.places.1 * FINENESS) as i32,
        );
        f64::from(self.coord.map(&value.clamp(low, high), limits)) / FINENESS
    }

    /// Round numbers along the axis, not too dense for their labels.
    pub(super) fn ticks(&self) -> Vec<f64> {
        const ROOM: f64 = 62.0;
        let length = (self.places.1 - self.places.0).abs();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a small positive count"
        )]
        let n = ((length / ROOM) as usize).clamp(3, 12);
        let mut ticks = self.coord.key_points(n);
        // What is a rounding error away from zero is zero.
        let reach = (self.range.1 - self.range.0).abs();
        for tick in &mut ticks {
            if tick.abs() < 1e-9 * reach {
                *tick = 0.0;
            }
        }
        ticks
    }

    /// A number of the axis with as many digits as its ticks need.
    pub(super) fn label(&self, value: f64) -> String {
        let ticks = self.ticks();
        let step = match ticks[..] {
            [first, second, ..] => second - first,
            _ => 1.0,
        };
        let is_whole = |digits: i32| {
            let scaled = step * 10f64.powi(digits);
            (scaled - scaled.round()).abs() < 1e-6 * scaled.abs()
        };
        let digits = (0..6).find(|digits| is_whole(*digits)).unwrap_or(6);
        let digits = usize::try_from(digits).unwrap_or(0);
        crate::words::decimal(value, digits).replace('-', "−")
    }
}

impl<DB: DrawingBackend> Canvas<DB> {
    /// A horizontal axis at the foot of a panel from `top` to `foot`, with grid lines and ticks.
    pub(super) fn foot(&self, axis: &Axis, (top, foot): (f64, f64)) -> Result<(), PlotError> {
        for tick in axis.ticks() {
            let x = axis.at(tick);
            self.line(&[(x, top), (x, foot)], GRID, 1.0)?;
            let ink = Ink::new(SMALL).colour(FAINT).centre();
            self.text(&axis.label(tick), (x, foot + 15.0), ink)?;
        }
        self.line(&[(axis.places.0, foot), (axis.places.1, foot)], FAINT, 1.0)
    }

    /// A vertical axis at the left side of a panel from `left` to `right`.
    pub(super) fn side(&self, axis: &Axis, (left, right): (f64, f64)) -> Result<(), PlotError> {
        for tick in axis.ticks() {
            let y = axis.at(tick);
            self.line(&[(left, y), (right, y)], GRID, 1.0)?;
            let ink = Ink::new(SMALL).colour(FAINT).right();
            self.label(&axis.label(tick), (left - 6.0, y), ink)?;
        }
        self.line(&[(left, axis.places.0), (left, axis.places.1)], FAINT, 1.0)
    }
}

/// Text without characters that no document may hold or that move the pen.
pub(super) fn clean(text: &str) -> String {
    text.chars()
        .map(|c| {
            let is_noncharacter = matches!(c, '\u{fffe}' | '\u{ffff}');
            if c.is_control() || is_noncharacter {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}

/// Makes the font known to the drawing library, once for all.
fn load_font() -> Result<(), PlotError> {
    static LOADED: OnceLock<bool> = OnceLock::new();
    let is_loaded = *LOADED.get_or_init(|| {
        let faces = [
            (FontStyle::Normal, dejavu::sans::regular()),
            (FontStyle::Bold, dejavu::sans::bold()),
        ];
        faces
            .into_iter()
            .all(|(style, bytes)| register_font(FAMILY, style, bytes).is_ok())
    });
    if is_loaded {
        Ok(())
    } else {
        Err(PlotError::Draw("the font cannot be read".into()))
    }
}
