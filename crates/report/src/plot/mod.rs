//! Plots: pictures of figures as SVG and PNG.
//!
//! Each kind of plot is a plain struct with what it shows; [`data`] fills them from figures. A
//! picture is drawn once, through `plotters`, for both forms. It needs no font of the machine,
//! and the same content gives the same bytes.

mod canvas;
mod colour;
mod compare;
pub mod data;
mod heat;
mod margin;
mod power;
mod region;
mod round;
mod time;
mod tornado;
mod waterfall;

use plotters::prelude::{BitMapBackend, DrawingBackend, IntoDrawingArea as _, SVGBackend};

use self::canvas::{Canvas, PIXELS, VECTORS, clean};

pub use self::compare::{Compare, Panel};
pub use self::heat::{HeatMap, Outline};
pub use self::margin::MarginHistogram;
pub use self::power::{Function, PowerBar, PowerPlot};
pub use self::region::{RegionAxis, RegionCell, RegionPlot};
pub use self::time::{MarkKind, Scale, Stretch, TimeMark, TimePanel, TimePlot, TimeSeries};
pub use self::tornado::{Tornado, TornadoBar};
pub use self::waterfall::{Level, Waterfall, WaterfallPlane};

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlotError {
    /// There is nothing to show.
    #[error("nothing to plot: {0}")]
    Nothing(String),
    /// The drawing library refused.
    #[error("cannot draw: {0}")]
    Draw(String),
    /// The picture cannot be encoded.
    #[error("cannot encode the picture: {0}")]
    Encode(#[from] png::EncodingError),
}

/// A range of one number over draws: the fifth and the ninety-fifth percentile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// Fifth percentile.
    pub p5: f64,
    /// Ninety-fifth percentile.
    pub p95: f64,
}

/// A picture that can be drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Plot {
    /// Light after each element of a lane.
    Waterfall(Waterfall),
    /// Power by function.
    Power(PowerPlot),
    /// How often each margin occurs.
    Margin(MarginHistogram),
    /// Systems side by side.
    Compare(Compare),
    /// What matters most.
    Tornado(Tornado),
    /// Where everything holds that was asked for.
    Region(RegionPlot),
    /// Temperatures of a layer.
    Heat(HeatMap),
    /// Signals over time.
    Time(TimePlot),
}

impl Plot {
    /// The picture as a self-contained SVG document.
    ///
    /// # Errors
    /// Nothing to show, or the drawing library refuses.
    pub fn svg(&self) -> Result<String, PlotError> {
        let (width, height) = self.size();
        let scaled = |length: u32| length * VECTORS.scale;
        let mut text = String::new();
        {
            let backend = SVGBackend::with_string(&mut text, (scaled(width), scaled(height)));
            self.draw(backend, &VECTORS, (width, height))?;
        }
        let body = text.split_once('\n').map_or("", |(_, body)| body);
        let mut whole = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {} {}\" role=\"img\">\n<title>",
            scaled(width),
            scaled(height)
        );
        whole.push_str(&escaped(&self.title()));
        whole.push_str("</title>\n");
        whole.push_str(body);
        Ok(whole)
    }

    /// The picture as a PNG file with two pixels for each unit of the SVG document.
    ///
    /// # Errors
    /// Nothing to show, or the drawing library or the encoder refuses.
    pub fn png(&self) -> Result<Vec<u8>, PlotError> {
        let (width, height) = self.size();
        let (fine_width, fine_height) = (width * PIXELS.scale, height * PIXELS.scale);
        let mut fine = vec![255; (fine_width * fine_height * 3) as usize];
        {
            let backend = BitMapBackend::with_buffer(&mut fine, (fine_width, fine_height));
            self.draw(backend, &PIXELS, (width, height))?;
        }
        let (wide, high) = (fine_width / OVERSAMPLING, fine_height / OVERSAMPLING);
        let pixels = averaged(&fine, fine_width as usize, wide as usize, high as usize);
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, wide, high);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&pixels)?;
        writer.finish()?;
        Ok(file)
    }

    /// What the picture shows, in one line.
    pub fn title(&self) -> String {
        let title = match self {
            Self::Waterfall(plot) => plot.title(),
            Self::Power(plot) => plot.title(),
            Self::Margin(plot) => plot.title(),
            Self::Compare(plot) => plot.title(),
            Self::Tornado(plot) => plot.title(),
            Self::Region(plot) => plot.title(),
            Self::Heat(plot) => plot.title(),
            Self::Time(plot) => plot.title(),
        };
        clean(&title)
    }

    /// Width and height in units of the SVG document; pictures of many things are higher.
    fn size(&self) -> (u32, u32) {
        match self {
            Self::Waterfall(plot) => plot.size(),
            Self::Power(plot) => plot.size(),
            Self::Margin(_) => (800, 500),
            Self::Compare(plot) => plot.size(),
            Self::Tornado(plot) => plot.size(),
            Self::Region(plot) => plot.size(),
            Self::Heat(plot) => plot.size(),
            Self::Time(plot) => plot.size(),
        }
    }

    fn draw<DB: DrawingBackend>(
        &self,
        backend: DB,
        target: &'static canvas::Target,
        size: (u32, u32),
    ) -> Result<(), PlotError> {
        let area = backend.into_drawing_area();
        let canvas = Canvas::new(area, target, size)?;
        match self {
            Self::Waterfall(plot) => plot.draw(&canvas),
            Self::Power(plot) => plot.draw(&canvas),
            Self::Margin(plot) => plot.draw(&canvas),
            Self::Compare(plot) => plot.draw(&canvas),
            Self::Tornado(plot) => plot.draw(&canvas),
            Self::Region(plot) => plot.draw(&canvas),
            Self::Heat(plot) => plot.draw(&canvas),
            Self::Time(plot) => plot.draw(&canvas),
        }?;
        canvas.finish()
    }
}

/// Pixels are drawn this many times finer in each direction and averaged, which smooths edges.
const OVERSAMPLING: u32 = 2;

/// The mean of each square of `OVERSAMPLING` by `OVERSAMPLING` pixels.
fn averaged(fine: &[u8], fine_width: usize, width: usize, height: usize) -> Vec<u8> {
    let n = OVERSAMPLING as usize;
    let mut pixels = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            for channel in 0..3 {
                let at = |dx: usize, dy: usize| {
                    u32::from(fine[3 * ((y * n + dy) * fine_width + x * n + dx) + channel])
                };
                let sum: u32 = (0..n * n).map(|idx| at(idx % n, idx / n)).sum();
                let mean = sum / (OVERSAMPLING * OVERSAMPLING);
                pixels.push(u8::try_from(mean).unwrap_or(u8::MAX));
            }
        }
    }
    pixels
}

/// A length in whole units of the picture, and no more than a picture can have.
fn rounded(length: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive and limited"
    )]
    let whole = length.round().clamp(1.0, 4000.0) as u32;
    whole
}

/// Text inside an XML element.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
