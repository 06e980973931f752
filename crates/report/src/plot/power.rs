//! Power by function, stacked, with the module and the port as boundaries.

use plotters::prelude::DrawingBackend;
use plotters::style::RGBColor;

use super::canvas::{
    Axis, BLUE, BODY, Canvas, FAINT, GREEN, INK, Ink, MARGIN, ORANGE, PURPLE, SILVER, SKY, SMALL,
    Sample, VERMILION, WHITE, YELLOW,
};
use super::{Band, PlotError};
use crate::words::decimal;

/// What power is spent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// Drivers, amplifiers and monitors.
    Engine,
    /// The engine's side of the electrical interface.
    EngineInterface,
    /// Retimers and signal processors.
    Dsp,
    /// Heaters.
    Tuning,
    /// Lasers with their coolers and electronics.
    Laser,
    /// Regulators of all these.
    OpticsConversion,
    /// The SerDes of the ASIC.
    Serdes,
    /// Its regulators.
    SerdesConversion,
}

impl Function {
    /// Every function from inside to outside; the module ends after its conversion.
    pub const ALL: [Self; 8] = [
        Self::Engine,
        Self::EngineInterface,
        Self::Dsp,
        Self::Tuning,
        Self::Laser,
        Self::OpticsConversion,
        Self::Serdes,
        Self::SerdesConversion,
    ];

    /// Its name in legends.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::EngineInterface => "engine interface",
            Self::Dsp => "DSP",
            Self::Tuning => "tuning",
            Self::Laser => "laser",
            Self::OpticsConversion => "conversion",
            Self::Serdes => "SerDes",
            Self::SerdesConversion => "SerDes conversion",
        }
    }

    /// Whether it lies in the module.
    pub const fn is_in_module(self) -> bool {
        !matches!(self, Self::Serdes | Self::SerdesConversion)
    }

    const fn colour(self) -> RGBColor {
        match self {
            Self::Engine => BLUE,
            Self::EngineInterface => SKY,
            Self::Dsp => VERMILION,
            Self::Tuning => YELLOW,
            Self::Laser => ORANGE,
            Self::OpticsConversion => SILVER,
            Self::Serdes => GREEN,
            Self::SerdesConversion => PURPLE,
        }
    }
}

/// One system.
#[derive(Debug, Clone, PartialEq)]
pub struct PowerBar {
    /// Its name.
    pub system: String,
    /// Energy of each function in the order of [`Function::ALL`], pJ per bit.
    pub terms_pj_per_bit: [f64; 8],
    /// The module over draws, pJ per bit.
    pub module_band: Option<Band>,
    /// The port over draws, pJ per bit.
    pub port_band: Option<Band>,
}

impl PowerBar {
    fn module(&self) -> f64 {
        let terms = Function::ALL.iter().zip(self.terms_pj_per_bit);
        let inside = terms.filter(|(function, _)| function.is_in_module());
        inside.map(|(_, energy)| energy).sum()
    }

    fn port(&self) -> f64 {
        self.terms_pj_per_bit.iter().sum()
    }
}

/// Systems with their power by function.
#[derive(Debug, Clone, PartialEq)]
pub struct PowerPlot {
    /// The systems.
    pub bars: Vec<PowerBar>,
    /// What is counted, such as the rate of the port and the number of draws.
    pub note: String,
}

const HEAD: f64 = 116.0;
const FOOT: f64 = 48.0;
const RIGHT: f64 = 122.0;
const LEAST_ROW: f64 = 34.0;
const MOST_ROW: f64 = 80.0;

impl PowerPlot {
    pub(super) fn title(&self) -> String {
        let what = "power of an optical port by function";
        match &self.bars[..] {
            [bar] => format!("{}: {what}", bar.system),
            _ => "Power of an optical port by function".to_owned(),
        }
    }

    pub(super) fn size(&self) -> (u32, u32) {
        let rows = self.bars.len() as f64;
        let row = ((500.0 - HEAD - FOOT) / rows.max(1.0)).clamp(LEAST_ROW, MOST_ROW);
        (800, super::rounded(HEAD + FOOT + row * rows))
    }

    pub(super) fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), PlotError> {
        if self.bars.is_empty() {
            return Err(PlotError::Nothing("no system has an optical port".into()));
        }
        canvas.heading(&self.title(), &self.note)?;
        self.draw_legend(canvas)?;
        let ink = Ink::new(BODY);
        let mut left: f64 = 60.0;
        for bar in &self.bars {
            left = left.max(canvas.width_of(&bar.system, ink)?);
        }
        let left = MARGIN + left.min(180.0) + 10.0;
        let (right, foot) = (canvas.width - RIGHT, canvas.height - FOOT);
        let row = (foot - HEAD) / self.bars.len() as f64;
        let ends = self.bars.iter().flat_map(|bar| {
            let top = bar.port_band.map(|band| band.p95);
            [0.0, bar.port()].into_iter().chain(top)
        });
        let axis = Axis::holding(ends, (left, right));
        canvas.foot(&axis, (HEAD, foot))?;
        let middle = f64::midpoint(left, right);
        canvas.text(
            "energy per bit of data, pJ/bit",
            (middle, foot + 36.0),
            ink.centre(),
        )?;
        let head = Ink::new(SMALL).colour(FAINT).right();
        let columns = (canvas.width - MARGIN - 52.0, canvas.width - MARGIN);
        canvas.text("module", (columns.0, HEAD - 6.0), head)?;
        canvas.text("port", (columns.1, HEAD - 6.0), head)?;
        for (idx, bar) in self.bars.iter().enumerate() {
            let middle = HEAD + row * (idx as f64 + 0.5);
            let name = canvas.fitted(&bar.system, left - MARGIN - 8.0, ink)?;
            canvas.label(&name, (MARGIN, middle), ink)?;
            bar.draw(canvas, &axis, (middle, 0.26 * row.min(52.0)))?;
            for (x, energy) in [(columns.0, bar.module()), (columns.1, bar.port())] {
                canvas.label(&decimal(energy, 2), (x, middle), ink.right())?;
            }
        }
        Ok(())
    }

    fn draw_legend<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<(), PlotError> {
        let is_used = |idx: &usize| {
            let mut bars = self.bars.iter();
            bars.any(|bar| bar.terms_pj_per_bit[*idx].abs() > 0.0)
        };
        let used: Vec<usize> = (0..Function::ALL.len()).filter(is_used).collect();
        let entry = |idx: &usize| {
            let function = Function::ALL[*idx];
            (Sample::Area(function.colour()), function.name())
        };
        let functions: Vec<_> = used.iter().map(entry).collect();
        canvas.legend(&functions, (MARGIN, 68.0))?;
        let mut marks = vec![(Sample::Line(INK), "end of the module")];
        if self.bars.iter().any(|bar| bar.port_band.is_some()) {
            marks.push((
                Sample::Whisker(FAINT),
                "P5 to P95 of module, and below it of port",
            ));
        }
        canvas.legend(&marks, (MARGIN, 88.0))?;
        Ok(())
    }
}

impl PowerBar {
    fn draw<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        axis: &Axis,
        (middle, half): (f64, f64),
    ) -> Result<(), PlotError> {
        let ink = Ink::new(SMALL).centre();
        let mut sum = 0.0;
        for (function, energy) in Function::ALL.into_iter().zip(self.terms_pj_per_bit) {
            let (from, to) = (axis.at(sum), axis.at(sum + energy));
            sum += energy;
            if to - from <= 0.0 {
                continue;
            }
            let colour = function.colour();
            canvas.fill((from, middle - half), (to, middle + half), colour)?;
            // A thin gap tells neighbours apart in print without colour.
            canvas.line(&[(to, middle - half), (to, middle + half)], WHITE, 0.8)?;
            let text = decimal(energy, 2);
            if canvas.width_of(&text, ink)? + 6.0 < to - from {
                let is_dark = matches!(
                    function,
                    Function::Engine | Function::Dsp | Function::Serdes
                );
                let ink = ink.colour(if is_dark { WHITE } else { INK });
                canvas.label(&text, (f64::midpoint(from, to), middle), ink)?;
            }
        }
        let module = axis.at(self.module());
        canvas.line(
            &[(module, middle - half - 4.0), (module, middle + half + 4.0)],
            INK,
            2.0,
        )?;
        for (band, below) in [(self.module_band, 3.5), (self.port_band, 8.5)] {
            if let Some(band) = band {
                let ends = (axis.at(band.p5), axis.at(band.p95));
                canvas.whisker(ends, middle + half + below, FAINT)?;
            }
        }
        Ok(())
    }
}
