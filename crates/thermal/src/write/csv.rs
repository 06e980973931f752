//! Maps of layers as CSV.

use std::fmt::Write as _;

use units::{Celsius, Kelvin};

use super::layer_kelvin;
use crate::field::Field;
use crate::model::Model;

/// The temperatures of a layer: a header, then one line for each column of cells with its centre,
/// its extents and the mean temperature of its sheets.
///
/// Columns: `x_mm,y_mm,width_mm,height_mm,temperature_c`; x runs fastest, from the lower left
/// corner.
pub fn map(model: &Model, field: &Field, layer: usize) -> String {
    let mut text = "x_mm,y_mm,width_mm,height_mm,temperature_c\n".to_owned();
    let grid = model.grid();
    let [nx, ny, _] = grid.shape();
    let kelvin = layer_kelvin(model, field, layer);
    if kelvin.is_empty() {
        return text;
    }
    let (x, y) = (grid.x_m(), grid.y_m());
    for j in 0..ny {
        for i in 0..nx {
            let middle = |edges: &[f64], at: usize| 0.5e3 * (edges[at] + edges[at + 1]);
            let width = |edges: &[f64], at: usize| 1e3 * (edges[at + 1] - edges[at]);
            let celsius = Celsius::from(Kelvin::new(kelvin[j * nx + i])).value();
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{:.6},{:.6},{:.6},{:.6},{celsius:.6}",
                middle(x, i),
                middle(y, j),
                width(x, i),
                width(y, j),
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use units::{
        HeatTransferCoefficient, Meters, ThermalConductivity, VolumetricHeatCapacity, Watts,
    };

    use super::*;
    use crate::{Block, Condition, Face, Grid, Layer, Material, Rect, Stack};

    #[test]
    fn one_line_for_each_column() {
        let mm = |x: f64| Meters::new(x * 1e-3);
        let mut stack = Stack::new(mm(4.0), mm(2.0));
        let silicon = stack.material(Material::isotropic(
            "silicon",
            ThermalConductivity::new(120.0),
            VolumetricHeatCapacity::new(1.6e6),
        ));
        let mut die = Layer::new("die", mm(0.5), silicon).cut(2);
        let core = Rect::new(mm(0.0), mm(0.0), mm(4.0), mm(2.0));
        die.blocks.push(Block::new("core", core, Watts::new(8.0)));
        stack.layers.push(die);
        stack.top = Face::uniform(Condition::Convection {
            coefficient: HeatTransferCoefficient::new(1e5),
            ambient: Celsius::new(40.0),
        });
        let model = Model::new(&stack, &Grid::uniform(&stack, 4, 2).unwrap()).unwrap();
        let field = model.steady(&model.powers()).unwrap();
        let text = map(&model, &field, 0);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 1 + 8);
        // 8 W through 8 mm2 at 1e5 W/(m2 K) are 10 K. The sheets lie 0.125 and 0.375 mm below the
        // face; 1e6 W/m2 over 120 W/(m K) are 8.333 K/mm, of which the lower half of the heat
        // passes the path between the sheets: 0.125 mm at full and 0.25 mm at half flux.
        let mean = 40.0 + 10.0 + 8.333_333 * (0.125 + 0.5 * 0.25 * 0.5);
        let last: Vec<f64> = lines[8].split(',').map(|n| n.parse().unwrap()).collect();
        assert_eq!(last[..4], [3.5, 1.5, 1.0, 1.0]);
        assert!((last[4] - mean).abs() < 1e-4, "{} {mean}", last[4]);
        assert_eq!(map(&model, &field, 7).lines().count(), 1);
    }
}
