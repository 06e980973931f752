//! Edges of cells: equal ones over the chip, growing ones beyond it.

/// How much a cell outside the chip may be wider than its inner neighbour.
const GROWTH: f64 = 1.3;

/// The most cells between two breaks; beyond it they grow faster.
const MOST: usize = 64;

/// Edges from zero to `extent_m` for a chip of `chip_m` in the middle that is cut into `n_cells`
/// equal cells; edges fall on `breaks_m`, extents of other plates in the middle.
pub(super) fn edges(chip_m: f64, n_cells: usize, breaks_m: &[f64], extent_m: f64) -> Vec<f64> {
    let start = 0.5 * (extent_m - chip_m);
    let cell = chip_m / n_cells as f64;
    // Distances from the edge of the chip outward.
    let mut stops: Vec<f64> = breaks_m
        .iter()
        .chain([&extent_m])
        .map(|side| 0.5 * (side - chip_m))
        .filter(|stop| *stop > 1e-9 * extent_m)
        .collect();
    stops.sort_by(f64::total_cmp);
    stops.dedup_by(|later, earlier| *later - *earlier <= 1e-9 * extent_m);
    let mut outward = Vec::new();
    let (mut from, mut width) = (0.0, cell);
    for stop in stops {
        let length = stop - from;
        let n = count(length, width);
        // Widths in geometric progression that end at the stop.
        let total: f64 = (1..=n).map(|i| GROWTH.powi(i)).sum();
        let first = length / total;
        let mut at = from;
        for i in 1..n {
            at += first * GROWTH.powi(i);
            outward.push(at);
        }
        outward.push(stop);
        width = first * GROWTH.powi(n);
        from = stop;
    }
    let mut edges: Vec<f64> = outward.iter().rev().map(|out| start - out).collect();
    if let Some(first) = edges.first_mut() {
        *first = 0.0;
    }
    edges.extend((0..=n_cells).map(|i| start + chip_m * i as f64 / n_cells as f64));
    edges.extend(outward.iter().map(|out| start + chip_m + out));
    if let Some(last) = edges.last_mut() {
        *last = extent_m;
    }
    edges
}

/// Cells over a length when the first is at most `GROWTH` times as wide as its neighbour.
fn count(length: f64, neighbour: f64) -> i32 {
    let (mut n, mut reach) = (0, 0.0);
    while reach < length * (1.0 - 1e-9) && n < MOST {
        n += 1;
        reach += neighbour * GROWTH.powi(i32::try_from(n).unwrap_or(i32::MAX));
    }
    i32::try_from(n.max(1)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_cells_when_the_chip_is_all() {
        assert_eq!(edges(4.0, 4, &[4.0, 4.0], 4.0), [0.0, 1.0, 2.0, 3.0, 4.0]);
    }

    #[test]
    fn growing_cells_meet_every_break() {
        let found = edges(4.0, 4, &[6.0], 12.0);
        assert!(found.windows(2).all(|pair| pair[0] < pair[1]));
        for stop in [0.0, 3.0, 4.0, 5.0, 8.0, 9.0, 12.0] {
            assert!(
                found.iter().any(|edge| (edge - stop).abs() < 1e-12),
                "{stop} in {found:?}"
            );
        }
        // Whole numbers of cells between breaks make some narrower than they may be.
        for triple in found.windows(3) {
            let ratio = (triple[2] - triple[1]) / (triple[1] - triple[0]);
            assert!(ratio.max(1.0 / ratio) < GROWTH * GROWTH, "{found:?}");
        }
    }
}
