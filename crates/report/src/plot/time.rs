//! Signals over time, with what happened.

use plotters::prelude::DrawingBackend;
use plotters::style::RGBColor;

use super::PlotError;
use super::canvas::{
    Axis, BLUE, BODY, Canvas, FAINT, GREEN, GRID, INK, Ink, MARGIN, ORANGE, PURPLE, SKY, SMALL,
    Sample, VERMILION, WHITE,
};
use super::round::Round;

/// What one series is over one stretch of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// When, in seconds.
    pub at_s: f64,
    /// Least of all elements and readings.
    pub least: f64,
    /// Mean of them.
    pub mean: f64,
    /// Greatest of them.
    pub greatest: f64,
}

/// One series of a panel.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeSeries {
    /// Its name in the legend; empty where there is nothing to tell apart.
    pub name: String,
    /// In the order of time; none where there was nothing to read, which interrupts the line.
    pub stretches: Vec<Option<Stretch>>,
}

/// How the values of a panel are shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scale {
    /// By equal steps, over at least so much.
    Even {
        /// The least extent of the axis.
        extent: f64,
    },
    /// By equal steps, from zero.
    FromZero,
    /// Out of so many.
    Count(usize),
    /// By decades; what is not above zero is left out.
    Decades,
}

/// One signal.
#[derive(Debug, Clone, PartialEq)]
pub struct TimePanel {
    /// What it is.
    pub title: String,
    /// Its name in machine output.
    pub name: String,
    /// Unit of the values; empty for pure numbers.
    pub unit: String,
    /// How the values are shown.
    pub scale: Scale,
    /// At most six are told apart by colour.
    pub series: Vec<TimeSeries>,
}

/// What a mark is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkKind {
    /// Something was set or asked for.
    Set,
    /// Something went wrong.
    Fault,
    /// Something followed.
    Effect,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeMark {
    /// When, in seconds.
    pub at_s: f64,
    /// What, in few words.
    pub label: String,
    /// What it is about.
    pub kind: MarkKind,
}

/// Signals over time, one above the other, with what happened.
#[derive(Debug, Clone, PartialEq)]
pub struct TimePlot {
    /// What it shows.
    pub title: String,
    /// What else is to be known, in one line.
    pub note: String,
    /// The ends of the time axis, seconds.
    pub start_s: f64,
    /// See [`start_s`](Self::start_s).
    pub end_s: f64,
    /// From the top.
    pub panels: Vec<TimePanel>,
    /// In the order of time.
    pub marks: Vec<TimeMark>,
}

const WIDTH: f64 = 900.0;
const LEFT: f64 = MARGIN + 62.0;
const RIGHT: f64 = WIDTH - MARGIN - 8.0;
/// Above the rows of labels.
const HEAD: f64 = 60.0;
const ROW: f64 = 14.0;
/// Room above a panel for its title.
const TITLE_ROOM: f64 = 34.0;
const PANEL: f64 = 116.0;
const FOOT: f64 = 52.0;
/// Marks that are listed below each other before a second column is used.
const ONE_COLUMN: usize = 4;
/// Room for the tag of a mark at the top of its line.
const TAG: f64 = 36.0;
const COLOURS: [RGBColor; 6] = [BLUE, ORANGE, GREEN, PURPLE, SKY, INK];

impl TimePlot {
    pub(super) fn title(&self) -> String {
        self.title.clone()
    }

    fn x(&self, at_s: f64) -> f64 {
        let share = (at_s - self.start_s) / (self.end_s - self.start_s);
        LEFT + share.clamp(0.0, 1.0) * (RIGHT - LEFT)
    }

    /// Marks that stand so close that they share a tag: the first and one behind the last.
    fn clusters(&self) -> Vec<(usize, usize)> {
        let mut clusters: Vec<(usize, usize)> = Vec::new();
        for (idx, mark) in self.marks.iter().enumerate() {
            match clusters.last_mut() {
                Some((first, end)) if self.x(mark.at_s) - self.x(self.marks[*first].at_s) < TAG => {
                    *end = idx + 1;
                }
                _ => clusters.push((idx, idx + 1)),
            }
        }
        clusters
    }

    /// Rows and columns of the list of marks.
    fn list(&self) -> (usize, usize) {
        let n = self.marks.len();
        let columns = if n > ONE_COLUMN { 2 } else { 1 };
        (n.div_ceil(columns), columns)
    }

    /// Where the lines of marks begin.
    fn head(&self) -> f64 {
        let (rows, _) = self.list();
        // Tags take a row too.
        HEAD + ROW * (rows + usize::from(rows > 0)) as f64 + if rows > 0 { 8.0 } else { 0.0 }
    }

    pub(super) fn size(&self) -> (u32, u32) {
        let panels = self.panels.len().max(1) as f64;
        let height = self.head() + panels * (TITLE_ROOM + PANEL) + FOOT;
        (super::rounded(WIDTH), super::rounded(height))
    }

    pub(super) fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), PlotError> {
        let is_time = self.end_s.is_finite() && self.end_s > self.start_s;
        if self.panels.is_empty() || !is_time {
            return Err(PlotError::Nothing("no signal over no time".into()));
        }
        canvas.heading(&self.title, &self.note)?;
        let head = self.head();
        let clock = Clock::of(self.end_s);
        let ends = (self.start_s / clock.second, self.end_s / clock.second);
        let across = Axis::new(ends, (LEFT, RIGHT));
        let mut top = head;
        for panel in &self.panels {
            top += TITLE_ROOM;
            self.draw_panel(canvas, panel, (top, top + PANEL), &across)?;
            top += PANEL;
        }
        self.draw_list(canvas)?;
        self.draw_marks(canvas, head, top)?;
        // Words stand before the lines of marks.
        for (idx, panel) in self.panels.iter().enumerate() {
            let panel_top = head + idx as f64 * (TITLE_ROOM + PANEL) + TITLE_ROOM;
            draw_heading(canvas, panel, panel_top - 9.0)?;
        }
        for tick in across.ticks() {
            let ink = Ink::new(SMALL).colour(FAINT).centre();
            canvas.text(&across.label(tick), (across.at(tick), top + 15.0), ink)?;
        }
        let middle = f64::midpoint(LEFT, RIGHT);
        let ink = Ink::new(BODY).centre();
        canvas.text(&format!("time, {}", clock.unit), (middle, top + 36.0), ink)
    }

    fn draw_panel<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        panel: &TimePanel,
        (top, foot): (f64, f64),
        across: &Axis,
    ) -> Result<(), PlotError> {
        for tick in across.ticks() {
            let x = across.at(tick);
            canvas.line(&[(x, top), (x, foot)], GRID, 1.0)?;
        }
        let middle = (24.0, f64::midpoint(top, foot));
        canvas.upright(&panel.unit, middle, Ink::new(SMALL).centre())?;
        let Some(up) = Up::of(panel, (foot, top)) else {
            let ink = Ink::new(SMALL).colour(FAINT).centre();
            let place = (f64::midpoint(LEFT, RIGHT), middle.1);
            canvas.label("nothing was read", place, ink)?;
            return canvas.line(&[(LEFT, foot), (RIGHT, foot)], FAINT, 1.0);
        };
        up.draw(canvas, (foot, top))?;
        canvas.line(&[(LEFT, foot), (RIGHT, foot)], FAINT, 1.0)?;
        let n = panel.series.len();
        let colours = COLOURS.into_iter().cycle();
        for (idx, (series, colour)) in panel.series.iter().zip(colours).enumerate() {
            // What lies under another line is seen beside it.
            let width = 1.5 + 0.6 * (n - 1 - idx).min(3) as f64;
            let whole = |stretch: &Option<Stretch>| -> Option<Drawn> {
                let of = (*stretch)?;
                let x = self.x(of.at_s);
                let at = |value: f64| Some((x, up.at(value)?));
                Some([at(of.least)?, at(of.mean)?, at(of.greatest)?])
            };
            let drawn: Vec<Option<Drawn>> = series.stretches.iter().map(whole).collect();
            for run in drawn.split(Option::is_none) {
                let run: Vec<Drawn> = run.iter().flatten().copied().collect();
                draw_run(canvas, &run, (colour, width))?;
            }
        }
        Ok(())
    }

    /// Vertical lines through all panels, with their numbers above.
    fn draw_marks<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        head: f64,
        foot: f64,
    ) -> Result<(), PlotError> {
        for mark in &self.marks {
            let x = self.x(mark.at_s);
            canvas.dashes((x, head - 5.0), (x, foot), colour_of(mark.kind), 1.0)?;
        }
        for (first, end) in self.clusters() {
            let tag = if first + 1 == end {
                end.to_string()
            } else {
                format!("{}–{end}", first + 1)
            };
            let x = self.x(self.marks[first].at_s);
            let ink = Ink::new(SMALL)
                .bold()
                .colour(colour_of(self.marks[first].kind));
            // In front of the lines of its own cluster.
            let width = canvas.width_of(&tag, ink)?;
            let left = if x + TAG > canvas.width {
                x - 3.0 - width
            } else {
                x + 3.0
            };
            let (top, foot) = (head - 7.0, head + 7.0);
            canvas.fill((left - 1.0, top), (left + width + 1.0, foot), WHITE)?;
            canvas.label(&tag, (left, head), ink)?;
        }
        Ok(())
    }

    /// What happened, with its number and its time.
    fn draw_list<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), PlotError> {
        const NUMBER: f64 = 22.0;
        const TIME: f64 = 62.0;
        let (rows, columns) = self.list();
        let room = (WIDTH - 2.0 * MARGIN) / columns as f64;
        for (idx, mark) in self.marks.iter().enumerate() {
            let left = MARGIN + room * (idx / rows) as f64;
            let y = HEAD + 8.0 + ROW * (idx % rows) as f64;
            let ink = Ink::new(SMALL).colour(colour_of(mark.kind));
            canvas.text(
                &(idx + 1).to_string(),
                (left + NUMBER - 6.0, y),
                ink.bold().right(),
            )?;
            let time = time_text(mark.at_s);
            canvas.text(&time, (left + NUMBER, y), Ink::new(SMALL).colour(FAINT))?;
            let width = room - NUMBER - TIME - 12.0;
            let label = canvas.fitted(&mark.label, width, ink)?;
            canvas.text(&label, (left + NUMBER + TIME, y), ink)?;
        }
        Ok(())
    }
}

const fn colour_of(kind: MarkKind) -> RGBColor {
    match kind {
        MarkKind::Set => FAINT,
        MarkKind::Fault => VERMILION,
        MarkKind::Effect => INK,
    }
}

/// Places of the least, the mean and the greatest value of a stretch.
type Drawn = [(f64, f64); 3];

/// A band between the least and the greatest, and a line through the means.
fn draw_run<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    run: &[Drawn],
    (colour, width): (RGBColor, f64),
) -> Result<(), PlotError> {
    const SHADE: f64 = 0.22;
    if let [alone] = run {
        canvas.line(&[alone[0], alone[2]], colour, width)?;
        return canvas.dot(alone[1], 1.6, colour);
    }
    let has_band = run.iter().any(|of| (of[0].1 - of[2].1).abs() > 0.5);
    if has_band {
        let lower = run.iter().map(|of| of[0]);
        let upper = run.iter().rev().map(|of| of[2]);
        let corners: Vec<_> = lower.chain(upper).collect();
        canvas.shade(&corners, colour, SHADE)?;
        for edge in [0, 2] {
            let edge: Vec<_> = run.iter().map(|of| of[edge]).collect();
            canvas.line(&edge, colour, 0.6)?;
        }
    }
    let means: Vec<_> = run.iter().map(|of| of[1]).collect();
    canvas.line(&means, colour, width)
}

/// Title and legend of a panel.
fn draw_heading<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    panel: &TimePanel,
    y: f64,
) -> Result<(), PlotError> {
    let faint = Ink::new(SMALL).colour(FAINT);
    let mut legend = 0.0;
    let named = panel.series.iter().filter(|series| !series.name.is_empty());
    let entries: Vec<(Sample, &str)> = named
        .zip(COLOURS.into_iter().cycle())
        .map(|(series, colour)| (Sample::Line(colour), series.name.as_str()))
        .collect();
    for (_, name) in &entries {
        legend += 33.0 + canvas.width_of(name, Ink::new(SMALL))?;
    }
    let name_room = 12.0 + canvas.width_of(&panel.name, faint)?;
    let room = RIGHT - LEFT - legend - name_room;
    let ink = Ink::new(BODY).bold();
    let title = canvas.fitted(&panel.title, room, ink)?;
    let beside = LEFT + canvas.width_of(&title, ink)? + 10.0;
    let (top, foot) = (y - 12.0, y + 5.0);
    canvas.fill((LEFT - 1.0, top), (beside + name_room - 8.0, foot), WHITE)?;
    if legend > 0.0 {
        canvas.fill((RIGHT - legend + 12.0, top), (RIGHT + 1.0, foot), WHITE)?;
    }
    canvas.text(&title, (LEFT, y), ink)?;
    canvas.text(&panel.name, (beside, y), faint)?;
    canvas.legend(&entries, (RIGHT - legend + 16.0, y - 4.0))?;
    Ok(())
}

/// The vertical axis of a panel.
struct Up {
    axis: Axis,
    /// Places on the axis and what stands there.
    ticks: Vec<(f64, String)>,
    is_log: bool,
}

/// About so many ticks of a vertical axis.
const TICKS: f64 = 5.0;

impl Up {
    /// None where there is nothing to show.
    fn of(panel: &TimePanel, places: (f64, f64)) -> Option<Self> {
        let is_log = panel.scale == Scale::Decades;
        let all = panel.series.iter().flat_map(|series| &series.stretches);
        let values = all
            .flatten()
            .flat_map(|of| [of.least, of.mean, of.greatest])
            .filter_map(|value| shown(value, is_log));
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        if low > high {
            return None;
        }
        Some(match panel.scale {
            Scale::Even { extent } => {
                let extent = extent.max(1e-6 * low.abs().max(high.abs())).max(1e-12);
                let lacks = (extent - (high - low)).max(0.0);
                Self::of_values((low - 0.5 * lacks, high + 0.5 * lacks), places)
            }
            Scale::FromZero => Self::of_values((0.0, high.max(1.0)), places),
            Scale::Count(n) => Self::of_count(n, places),
            Scale::Decades => Self::of_decades((low.floor(), high.ceil()), places),
        })
    }

    /// With some room above and below; nothing is below zero that is never so.
    fn of_values((low, high): (f64, f64), places: (f64, f64)) -> Self {
        const ROOM: f64 = 0.06;
        let room = ROOM * (high - low);
        let low = if low == 0.0 { low } else { low - room };
        let high = high + room;
        let round = Round::within(low, high, TICKS);
        let ticks = round.ticks().into_iter();
        Self {
            axis: Axis::new((low, high), places),
            ticks: ticks.map(|tick| (tick, round.label(tick))).collect(),
            is_log: false,
        }
    }

    fn of_count(n: usize, places: (f64, f64)) -> Self {
        let half = (n > 1 && n.is_multiple_of(2)).then_some(n / 2);
        let ticks = [Some(0), half, Some(n)].into_iter().flatten();
        Self {
            axis: Axis::new((0.0, 1.1 * n.max(1) as f64), places),
            ticks: ticks
                .map(|tick| (tick as f64, crate::words::grouped(tick)))
                .collect(),
            is_log: false,
        }
    }

    fn of_decades((low, mut high): (f64, f64), places: (f64, f64)) -> Self {
        if high - low < 1.0 {
            high = low + 1.0;
        }
        let step = ((high - low) / TICKS).ceil().max(1.0);
        let n = ((high - low) / step).ceil();
        let mut ticks = Vec::new();
        let mut at = 0.0;
        while at <= n {
            let decade = low + at * step;
            ticks.push((decade, format!("1e{decade:.0}").replace('-', "−")));
            at += 1.0;
        }
        Self {
            axis: Axis::new((low, low + n * step), places),
            ticks,
            is_log: true,
        }
    }

    /// The place of a value; none of one that is not shown.
    fn at(&self, value: f64) -> Option<f64> {
        shown(value, self.is_log).map(|value| self.axis.at(value))
    }

    fn draw<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        (foot, top): (f64, f64),
    ) -> Result<(), PlotError> {
        let ink = Ink::new(SMALL).colour(FAINT).right();
        for (tick, label) in &self.ticks {
            let y = self.axis.at(*tick);
            canvas.line(&[(LEFT, y), (RIGHT, y)], GRID, 1.0)?;
            canvas.label(label, (LEFT - 6.0, y), ink)?;
        }
        canvas.line(&[(LEFT, foot), (LEFT, top)], FAINT, 1.0)
    }
}

/// A value as its axis has it.
fn shown(value: f64, is_log: bool) -> Option<f64> {
    let shown = if is_log { value.log10() } else { value };
    shown.is_finite().then_some(shown)
}

/// A unit of time for an axis.
struct Clock {
    /// Its length, s.
    second: f64,
    unit: &'static str,
}

impl Clock {
    fn of(end_s: f64) -> Self {
        const UNITS: [(f64, &str); 5] = [
            (86_400.0, "d"),
            (3600.0, "h"),
            (60.0, "min"),
            (1.0, "s"),
            (1e-3, "ms"),
        ];
        /// Fewer of them than this are shown in the next smaller unit.
        const FEWEST: f64 = 3.0;
        let (second, unit) = UNITS
            .into_iter()
            .find(|(second, _)| end_s >= FEWEST * second)
            .unwrap_or((1e-6, "us"));
        Self { second, unit }
    }
}

/// A time in the unit that suits it, seconds at least, with up to three digits behind the point.
fn time_text(at_s: f64) -> String {
    const LEAST: f64 = 3.0;
    let clock = Clock::of(at_s.max(LEAST));
    let text = format!("{:.3}", at_s / clock.second);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text} {}", clock.unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(marks: &[(f64, &str)]) -> TimePlot {
        let mark = |(at_s, label): &(f64, &str)| TimeMark {
            at_s: *at_s,
            label: (*label).to_owned(),
            kind: MarkKind::Fault,
        };
        TimePlot {
            title: "x".into(),
            note: String::new(),
            start_s: 0.0,
            end_s: 10.0,
            panels: Vec::new(),
            marks: marks.iter().map(mark).collect(),
        }
    }

    #[test]
    fn marks_that_stand_close_share_a_tag() {
        // The axis is 794 units long: half a second takes 40 of them, a tag 36.
        let apart = plot(&[(0.0, "one"), (0.5, "two"), (10.0, "three")]);
        assert_eq!(apart.clusters(), [(0, 1), (1, 2), (2, 3)]);
        let close = plot(&[(1.0, "one"), (1.4, "two"), (1.8, "three"), (1.8, "four")]);
        assert_eq!(close.clusters(), [(0, 2), (2, 4)]);
    }

    #[test]
    fn many_marks_take_two_columns() {
        let marks = |n: usize| plot(&vec![(1.0, "x"); n]).list();
        assert_eq!([0, 4, 5, 12].map(marks), [(0, 1), (4, 1), (3, 2), (6, 2)]);
        assert!(plot(&[(1.0, "x")]).size().1 > plot(&[]).size().1);
    }

    #[test]
    fn times_have_the_digits_that_they_need() {
        let found = [0.0, 0.25, 15.1, 190.0, 7200.0].map(time_text);
        assert_eq!(found, ["0 s", "0.25 s", "15.1 s", "3.167 min", "120 min"]);
    }

    #[test]
    fn an_axis_of_decades_has_whole_ones() {
        let up = Up::of_decades((-12.0, -3.0), (100.0, 0.0));
        let labels: Vec<&str> = up.ticks.iter().map(|(_, label)| label.as_str()).collect();
        assert_eq!(labels, ["1e−12", "1e−10", "1e−8", "1e−6", "1e−4", "1e−2"]);
        assert_eq!(up.at(0.0), None);
        assert!(up.at(1e-2).unwrap_or(f64::NAN).abs() < 1e-6);
    }

    #[test]
    fn time_has_a_unit_that_suits_it() {
        let unit = |end_s| Clock::of(end_s).unit;
        let all = [10.0, 179.0, 180.0, 3.0 * 3600.0, 3e5, 0.01].map(unit);
        assert_eq!(all, ["s", "s", "min", "h", "d", "ms"]);
    }
}
