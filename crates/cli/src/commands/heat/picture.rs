//! Maps of layers.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

use anyhow::Result;
use report::plot::{HeatMap, Outline, Plot};
use system::nearest;
use thermal::read::power_map::whole;
use thermal::write::{csv, layer_kelvin};
use thermal::{Field, Model};
use units::{Celsius, Kelvin};

use super::package::Package;
use crate::output::UsageError;

/// The form of a map.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    Svg,
    Png,
    Csv,
}

impl Form {
    /// The form that the end of a file name says.
    pub(super) fn of(file: &Path) -> Result<Self> {
        let ending = file.extension().map(OsStr::to_ascii_lowercase);
        match ending.as_deref().and_then(OsStr::to_str) {
            Some("svg") => Ok(Self::Svg),
            Some("png") => Ok(Self::Png),
            Some("csv") => Ok(Self::Csv),
            _ => Err(UsageError(format!(
                "cannot tell the form of {:?}\nendings: .png, .svg, .csv",
                file.display().to_string()
            ))
            .into()),
        }
    }
}

/// The layer that is named, or the uppermost of those that generate most heat.
pub(super) fn layer(package: &Package, name: Option<&str>) -> Result<usize> {
    let layers = &package.case.stack.layers;
    let Some(name) = name else {
        let power = |idx: &usize| -> f64 {
            let blocks = layers[*idx].blocks.iter();
            blocks.map(|block| block.power.value()).sum()
        };
        let hottest = (0..layers.len()).max_by(|a, b| power(a).total_cmp(&power(b)));
        return Ok(hottest.unwrap_or_default());
    };
    if let Some(idx) = layers.iter().position(|layer| layer.name == name) {
        return Ok(idx);
    }
    let names: Vec<&str> = layers.iter().map(|layer| layer.name.as_str()).collect();
    let near = nearest(name, names.iter().copied())
        .map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
    let text = format!("no layer {name:?}{near}\nlayers: {}", names.join(", "));
    Err(UsageError(text).into())
}

/// A map as the bytes of a file.
pub(super) fn draw(
    form: Form,
    package: &Package,
    model: &Model,
    field: &Field,
    layer: usize,
) -> Result<Vec<u8>> {
    if let Form::Csv = form {
        return Ok(csv::map(model, field, layer).into_bytes());
    }
    let celsius = layer_kelvin(model, field, layer)
        .into_iter()
        .map(|kelvin| Celsius::from(Kelvin::new(kelvin)).value());
    let of = &model.stack().layers[layer];
    let [nx, ny, _] = model.grid().shape();
    let power: f64 = of.blocks.iter().map(|block| block.power.value()).sum();
    let total: f64 = model.powers().iter().map(|power| power.value()).sum();
    let file = Path::new(&package.name).file_name();
    let name = file.map_or(package.name.as_str(), |name| {
        name.to_str().unwrap_or(&package.name)
    });
    let plot = Plot::Heat(HeatMap {
        title: format!("{name}: temperature of layer {}", of.name),
        note: format!(
            "{} W in this layer of {} W in the package; {nx} x {ny} cells",
            shown(power),
            shown(total)
        ),
        x_edges_m: model.grid().x_m().to_vec(),
        y_edges_m: model.grid().y_m().to_vec(),
        celsius: celsius.collect(),
        outlines: outlines(package, layer)?,
        unit: "°C".to_owned(),
    });
    Ok(match form {
        Form::Svg => plot.svg()?.into_bytes(),
        Form::Png => plot.png()?,
        Form::Csv => Vec::new(),
    })
}

/// Hundredths are enough for a note.
fn shown(power_w: f64) -> String {
    format!("{}", (power_w * 1e2).round() / 1e2)
}

/// The blocks of a layer; where it has none, those of the layer that generates most heat, which
/// show where that heat comes from.
fn outlines(package: &Package, layer: usize) -> Result<Vec<Outline>> {
    /// Rectangles of one outline whose common edges are still looked for.
    const MANY: usize = 400;
    let of = if package.case.stack.layers[layer].blocks.is_empty() {
        self::layer(package, None)?
    } else {
        layer
    };
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut outlines: Vec<Outline> = Vec::new();
    for block in &package.case.stack.layers[of].blocks {
        let name = whole(&block.name);
        let place = *places.entry(name).or_insert(outlines.len());
        if place == outlines.len() {
            outlines.push(Outline {
                name: name.to_owned(),
                rects: Vec::new(),
            });
        }
        let rects = block.area.iter().map(|rect| {
            let (x, y) = (rect.x.value(), rect.y.value());
            [x, y, x + rect.width.value(), y + rect.height.value()]
        });
        outlines[place].rects.extend(rects);
    }
    // What all names begin with, such as the name of their die, says nothing here.
    let common = common_part(&outlines);
    for outline in &mut outlines {
        outline.name = outline.name[common..].to_owned();
        if outline.rects.len() > MANY {
            let grown = outline.rects.iter().copied().reduce(|a, b| {
                [
                    a[0].min(b[0]),
                    a[1].min(b[1]),
                    a[2].max(b[2]),
                    a[3].max(b[3]),
                ]
            });
            outline.rects = grown.into_iter().collect();
        }
    }
    Ok(outlines)
}

/// Bytes of the part up to a point or a stroke with which all names begin.
fn common_part(outlines: &[Outline]) -> usize {
    let Some(first) = outlines.first() else {
        return 0;
    };
    let end = first.name.rfind(['.', '/']).map_or(0, |place| place + 1);
    let is_common = outlines
        .iter()
        .all(|outline| outline.name.starts_with(&first.name[..end]) && outline.name.len() > end);
    if is_common { end } else { 0 }
}
