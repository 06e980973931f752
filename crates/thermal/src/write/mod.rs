//! Temperatures as files for other tools.

pub mod csv;
pub mod vtk;

use crate::field::Field;
use crate::model::Model;

/// Temperature of every column of a layer, kelvin: the mean of its sheets, row by row from the
/// lower edge, as [`crate::Grid`] numbers the columns. Empty for a layer that is not there.
pub fn layer_kelvin(model: &Model, field: &Field, layer: usize) -> Vec<f64> {
    let [nx, ny, _] = model.grid().shape();
    let n_columns = nx * ny;
    let mut sum = vec![0.0; n_columns];
    let mut n_sheets = 0;
    for (sheet, cells) in model
        .grid()
        .sheets()
        .iter()
        .zip(field.kelvin.chunks_exact(n_columns.max(1)))
    {
        if sheet.layer == layer {
            n_sheets += 1;
            for (sum, kelvin) in sum.iter_mut().zip(cells) {
                *sum += kelvin;
            }
        }
    }
    if n_sheets == 0 {
        return Vec::new();
    }
    // The sheets of a layer are equally thick.
    for sum in &mut sum {
        *sum /= f64::from(n_sheets);
    }
    sum
}
