//! Parts given as measured tables: what a lane needs from them, inside their range only.
//!
//! - A laser: [`laser`], its power control on measured curves.
//! - A modulator: [`ring`] and [`mach_zehnder`], levels of light from a grid of transmissions.
//! - A receiver: [`receiver`], its noise integrated over the equalised response, and its bandwidth.

mod grid;
pub(crate) mod laser;
pub(crate) mod mach_zehnder;
pub(crate) mod receiver;
pub(crate) mod ring;

use system::TableError;
use units::quantity::Quantity;

/// Share of the width of a range by which a place may miss an end: the last digit that a
/// conversion of units may cost.
const SLACK: f64 = 1e-9;

/// Where a place lies on an axis: the index below it, and how far it is to the next one.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place {
    below: usize,
    weight: f64,
}

/// Where a place lies on a rising axis. An axis of one entry has that place only.
///
/// # Errors
/// It lies outside: nothing is extrapolated.
fn place<Q: Quantity>(axis: &[f64], at: Q) -> Result<Place, TableError> {
    let (low, high) = match axis {
        [] => return Err(TableError::TooShort { n_rows: 0 }),
        [only] => (*only, *only),
        [low, .., high] => (*low, *high),
    };
    let at = at.si();
    let slack = SLACK * (high - low).abs().max(1e-3 * high.abs());
    if !(low - slack..=high + slack).contains(&at) {
        return Err(TableError::OutOfRange {
            axis: Q::DIMENSION,
            at,
            low,
            high,
        });
    }
    if axis.len() == 1 {
        return Ok(Place {
            below: 0,
            weight: 0.0,
        });
    }
    let above = axis
        .partition_point(|value| *value < at)
        .clamp(1, axis.len() - 1);
    let (a, b) = (axis[above - 1], axis[above]);
    Ok(Place {
        below: above - 1,
        weight: ((at - a) / (b - a)).clamp(0.0, 1.0),
    })
}

/// The polynomial through the four points nearest to a place (fewer where the axis has fewer), two
/// on each side except near the ends.
///
/// For steps `h` the error is at most `(3 / 128) h^4 |y''''|`, near the ends `(1 / 24) h^4 |y''''|`.
///
/// # Source
/// M. Abramowitz, I. A. Stegun, Handbook of Mathematical Functions, 25.2.13 (Lagrange, four points).
fn cubic<Q: Quantity>(x: &[f64], y: &[f64], at: Q) -> Result<f64, TableError> {
    let found = place(x, at)?;
    let n = x.len().min(4);
    let first = found.below.saturating_sub(1).min(x.len() - n);
    let (x, y) = (&x[first..first + n], &y[first..first + n]);
    let at = at.si();
    Ok((0..n)
        .map(|i| {
            (0..n)
                .filter(|j| *j != i)
                .map(|j| (at - x[j]) / (x[i] - x[j]))
                .product::<f64>()
                * y[i]
        })
        .sum())
}

#[cfg(test)]
mod tests {
    use units::Ratio;

    use super::*;

    #[test]
    fn four_points_carry_a_cubic_exactly() {
        let x = [0.0, 1.0, 2.5, 3.0, 4.0, 6.0];
        let f = |x: f64| 1.0 - 2.0 * x + 0.5 * x * x - 0.1 * x * x * x;
        let y = x.map(f);
        for at in [0.0, 0.3, 1.0, 2.6, 4.5, 6.0] {
            let found = cubic(&x, &y, Ratio::new(at)).unwrap();
            assert!((found - f(at)).abs() < 1e-13, "{at}: {found}");
        }
        for at in [-0.01, 6.01, f64::NAN] {
            assert!(cubic(&x, &y, Ratio::new(at)).is_err(), "{at}");
        }
    }

    #[test]
    fn an_axis_of_one_entry_has_that_place_only() {
        let axis = [25.0];
        assert!(place(&axis, Ratio::new(25.0)).is_ok());
        assert!(place(&axis, Ratio::new(25.1)).is_err());
        assert!(place(&[], Ratio::new(25.1)).is_err());
    }
}
