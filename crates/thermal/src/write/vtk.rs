//! Fields for `ParaView` and other readers of VTK.

use std::fmt::Write as _;

use units::{Celsius, Kelvin, Watts};

use crate::error::ThermalError;
use crate::field::Field;
use crate::model::Model;

/// The greatest length of the title line, by the format.
const TITLE_CHARS: usize = 255;

/// A field as a rectilinear grid in the legacy ASCII form, with lengths in metres and three values
/// for each cell: `temperature_c`, `power_density_w_per_m3` and `layer`, the number of the layer
/// from the bottom.
///
/// # Errors
/// A list of powers of another length than there are blocks.
///
/// # Source
/// Kitware, "VTK File Formats", simple legacy formats, version 3.0: `RECTILINEAR_GRID`,
/// `CELL_DATA`, `SCALARS`.
pub fn rectilinear_grid(
    title: &str,
    model: &Model,
    field: &Field,
    powers: &[Watts],
) -> Result<String, ThermalError> {
    let heat = model.heat(powers)?;
    let grid = model.grid();
    let [nx, ny, nz] = grid.shape();
    let z_m: Vec<f64> = std::iter::once(0.0)
        .chain(grid.sheets().iter().scan(0.0, |z, sheet| {
            *z += sheet.thickness_m;
            Some(*z)
        }))
        .collect();
    let title: String = title
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(TITLE_CHARS)
        .collect();
    let mut text = format!(
        "# vtk DataFile Version 3.0\n{title}\nASCII\nDATASET RECTILINEAR_GRID\nDIMENSIONS {} {} {}\n",
        nx + 1,
        ny + 1,
        nz + 1
    );
    for (axis, edges) in [("X", grid.x_m()), ("Y", grid.y_m()), ("Z", z_m.as_slice())] {
        let _ = writeln!(text, "{axis}_COORDINATES {} double", edges.len());
        lines(&mut text, edges.iter());
    }
    let _ = writeln!(text, "CELL_DATA {}", nx * ny * nz);
    let celsius = |kelvin: &f64| Celsius::from(Kelvin::new(*kelvin)).value();
    scalars(&mut text, "temperature_c", "double");
    lines(&mut text, field.kelvin.iter().map(celsius));
    scalars(&mut text, "power_density_w_per_m3", "double");
    let (x_m, y_m) = (grid.x_m(), grid.y_m());
    let density = heat.iter().enumerate().map(|(cell, heat)| {
        let (i, j, k) = (cell % nx, cell / nx % ny, cell / (nx * ny));
        heat / ((x_m[i + 1] - x_m[i]) * (y_m[j + 1] - y_m[j]) * grid.sheets()[k].thickness_m)
    });
    lines(&mut text, density);
    scalars(&mut text, "layer", "int");
    let layer = |cell: usize| grid.sheets()[cell / (nx * ny)].layer;
    lines(&mut text, (0..heat.len()).map(layer));
    Ok(text)
}

fn scalars(text: &mut String, name: &str, of: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "SCALARS {name} {of} 1\nLOOKUP_TABLE default");
}

/// Numbers in lines of a length that people and editors can stand; they read back to the bit.
fn lines<T: std::fmt::Display>(text: &mut String, numbers: impl Iterator<Item = T>) {
    for (idx, number) in numbers.enumerate() {
        let _ = write!(text, "{}{number}", if idx % 6 == 0 { "" } else { " " });
        if idx % 6 == 5 {
            text.push('\n');
        }
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use units::{HeatTransferCoefficient, Meters, ThermalConductivity, VolumetricHeatCapacity};

    use super::*;
    use crate::{Block, Condition, Face, Grid, Layer, Material, Rect, Stack};

    /// The words that follow a word, as numbers.
    fn numbers(words: &[&str], behind: &[&str], n: usize) -> Vec<f64> {
        let place = words.windows(behind.len()).position(|w| w == behind);
        let first = place.unwrap() + behind.len();
        let found = words[first..first + n].iter();
        found.map(|word| word.parse().unwrap()).collect()
    }

    #[test]
    fn a_file_reads_back_to_the_bit() {
        let mm = |x: f64| Meters::new(x * 1e-3);
        let mut stack = Stack::new(mm(9.0), mm(7.0));
        let silicon = stack.material(Material::isotropic(
            "silicon",
            ThermalConductivity::new(120.0),
            VolumetricHeatCapacity::new(1.6e6),
        ));
        let mut die = Layer::new("die", mm(0.7), silicon).cut(2);
        let core = Rect::new(mm(1.0), mm(2.0), mm(3.0), mm(3.0));
        die.blocks.push(Block::new("core", core, Watts::new(3.0)));
        stack.layers.push(die);
        stack.layers.push(Layer::new("lid", mm(2.0), silicon));
        stack.top = Face::uniform(Condition::Convection {
            coefficient: HeatTransferCoefficient::new(1e4),
            ambient: Celsius::new(40.0),
        });
        let model = Model::new(&stack, &Grid::uniform(&stack, 9, 7).unwrap()).unwrap();
        let field = model.steady(&model.powers()).unwrap();
        let text = rectilinear_grid("a\nb", &model, &field, &model.powers()).unwrap();
        assert!(text.starts_with("# vtk DataFile Version 3.0\na b\nASCII\n"));
        let words: Vec<&str> = text.split_whitespace().collect();
        assert_eq!(numbers(&words, &["DIMENSIONS"], 3), [10.0, 8.0, 4.0]);
        let x = numbers(&words, &["X_COORDINATES", "10", "double"], 10);
        assert_eq!(x, model.grid().x_m());
        let z = numbers(&words, &["Z_COORDINATES", "4", "double"], 4);
        assert!((z[3] - 2.7e-3).abs() < 1e-15);
        let n = 9 * 7 * 3;
        assert_eq!(numbers(&words, &["CELL_DATA"], 1), [f64::from(n)]);
        let cells = usize::try_from(n).unwrap();
        let table = ["double", "1", "LOOKUP_TABLE", "default"];
        let behind = |name| [&[name][..], &table[..]].concat();
        let celsius = numbers(&words, &behind("temperature_c"), cells);
        for (celsius, kelvin) in celsius.iter().zip(&field.kelvin) {
            assert_eq!(
                celsius.to_bits(),
                Celsius::from(Kelvin::new(*kelvin)).value().to_bits()
            );
        }
        let density = numbers(&words, &behind("power_density_w_per_m3"), cells);
        // 1 mm by 1 mm by 0.35 mm, and 1 mm by 1 mm by 2 mm.
        let volume = |cell: usize| if cell < 2 * 63 { 0.35e-9 } else { 2e-9 };
        let total: f64 = density
            .iter()
            .enumerate()
            .map(|(cell, q)| q * volume(cell))
            .sum();
        assert!((total - 3.0).abs() < 1e-12, "{total}");
        let layer = numbers(
            &words,
            &["layer", "int", "1", "LOOKUP_TABLE", "default"],
            cells,
        );
        assert!(layer[..126].iter().all(|layer| *layer == 0.0));
        assert!(layer[126..].iter().all(|layer| (layer - 1.0).abs() < 0.5));
    }
}
