//! From the discretisation of a file to the edges of one grid.

use super::syntax::{ChannelKind, Dimensions, RectUm};

/// The greatest number of edges along one axis before equal ones are merged.
const MAX_EDGES: usize = 1 << 18;

/// Edges nearer to each other than this share of the extent are one.
const MERGED: f64 = 1e-7;

/// The edges of columns and rows in micrometres, as they are found.
#[derive(Debug)]
pub(super) struct Edges {
    extent: [f64; 2],
    found: [Vec<f64>; 2],
}

/// There are too many cells.
#[derive(Debug)]
pub(super) struct TooMany;

/// A number without a fraction as a count; nothing below zero, and no more than 2^32.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the number is brought into the range first"
)]
pub(super) fn count(number: f64) -> usize {
    number.clamp(0.0, f64::from(u32::MAX)) as usize
}

impl Edges {
    pub(super) fn new(dimensions: &Dimensions) -> Self {
        let extent = [dimensions.length, dimensions.width];
        let found = [vec![0.0, extent[0]], vec![0.0, extent[1]]];
        Self { extent, found }
    }

    /// Cuts a rectangle into equal cells.
    pub(super) fn cut(&mut self, rect: &RectUm, cells: [usize; 2]) -> Result<(), TooMany> {
        let spans = [(rect.x, rect.dx), (rect.y, rect.dy)];
        for ((found, (start, length)), n) in self.found.iter_mut().zip(spans).zip(cells) {
            if found.len() + n > MAX_EDGES {
                return Err(TooMany);
            }
            found.extend((0..=n).map(|i| start + length * i as f64 / n as f64));
        }
        Ok(())
    }

    /// Cells of one size along an axis, from its beginning; `true` where the last one is smaller.
    pub(super) fn cut_axis(&mut self, axis: usize, size: f64) -> Result<bool, TooMany> {
        let exact = self.extent[axis] / size;
        if exact > MAX_EDGES as f64 {
            return Err(TooMany);
        }
        // The tolerance is what decimals of the file lose as binary numbers.
        let whole = (exact + 1e-6).floor();
        self.found[axis].extend((1..=count(whole)).map(|i| i as f64 * size));
        Ok((exact - whole).abs() > 1e-6)
    }

    /// Walls and channels as columns; `false` where there are none, or where they do not fit.
    pub(super) fn cut_channels(&mut self, kind: &ChannelKind) -> Result<bool, TooMany> {
        let Some(n) = channels(kind, self.extent[0]) else {
            return Ok(false);
        };
        if n > MAX_EDGES / 2 {
            return Err(TooMany);
        }
        if let ChannelKind::FourResistor {
            channel,
            wall,
            first_wall,
            ..
        } = kind
        {
            for i in 0..n {
                let start = first_wall + i as f64 * (channel + wall);
                self.found[0].extend([start, start + channel]);
            }
        }
        Ok(true)
    }

    pub(super) fn whole(&self) -> RectUm {
        let [dx, dy] = self.extent;
        RectUm {
            x: 0.0,
            y: 0.0,
            dx,
            dy,
        }
    }

    /// Rising edges of the columns and of the rows; those that rounding has parted are one.
    pub(super) fn finish(self) -> [Vec<f64>; 2] {
        let [x, y] = self.found;
        let merge = |mut edges: Vec<f64>, extent: f64| {
            edges.retain(|edge| (0.0..=extent).contains(edge));
            edges.sort_by(f64::total_cmp);
            edges.dedup_by(|next, kept| *next - *kept <= MERGED * extent);
            // The outer edge stays where it is.
            if let Some(last) = edges.last_mut() {
                *last = extent;
            }
            edges
        };
        [merge(x, self.extent[0]), merge(y, self.extent[1])]
    }
}

/// How many channels there are between two outer walls, unless they do not fit.
pub(super) fn channels(kind: &ChannelKind, length: f64) -> Option<usize> {
    let ChannelKind::FourResistor {
        channel,
        wall,
        first_wall,
        last_wall,
        ..
    } = kind
    else {
        return None;
    };
    let pairs = (length - first_wall - last_wall - channel) / (channel + wall);
    // The tolerance is what decimals of the file lose as binary numbers.
    let is_whole = pairs > -1e-6 && (pairs - pairs.round()).abs() < 1e-6;
    is_whole.then(|| count(pairs.round()) + 1)
}

/// Whether all sides of a rectangle lie on edges.
pub(super) fn is_on_edges(rect: &RectUm, edges: &[Vec<f64>; 2]) -> bool {
    let sides = [[rect.x, rect.x + rect.dx], [rect.y, rect.y + rect.dy]];
    edges.iter().zip(sides).all(|(edges, sides)| {
        let extent = edges.last().copied().unwrap_or(0.0);
        sides.iter().all(|side| {
            let after = edges.partition_point(|edge| *edge < side - MERGED * extent);
            edges
                .get(after)
                .is_some_and(|edge| *edge <= side + MERGED * extent)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::ice::lex::Place;

    fn dimensions(length: f64, cell: f64) -> Dimensions {
        Dimensions {
            place: Place { line: 1, column: 1 },
            length,
            width: length,
            cell_length: cell,
            cell_width: cell,
            is_non_uniform: false,
        }
    }

    #[test]
    fn cells_that_fit_and_cells_that_do_not() -> Result<(), TooMany> {
        // 0.1 is no binary number.
        for (length, cell, n, is_odd) in [
            (6100.0, 100.0, 61, false),
            (0.7, 0.1, 7, false),
            (1000.0, 300.0, 4, true),
            (100.0, 300.0, 1, true),
        ] {
            let dimensions = dimensions(length, cell);
            let mut edges = Edges::new(&dimensions);
            assert_eq!(edges.cut_axis(0, cell)?, is_odd, "{length}");
            let [x, y] = edges.finish();
            assert_eq!((x.len(), y.len()), (n + 1, 2), "{length}");
        }
        Ok(())
    }

    #[test]
    fn channels_that_fit() -> Result<(), TooMany> {
        let kind = |wall| ChannelKind::FourResistor {
            channel: 100.0,
            wall,
            first_wall: 50.0,
            last_wall: 50.0,
            flow_ml_per_min: 1.0,
            side: 1.0,
            top: 1.0,
            bottom: 1.0,
        };
        let mut edges = Edges::new(&dimensions(1000.0, 100.0));
        assert!(edges.cut_channels(&kind(100.0))?);
        assert_eq!(channels(&kind(100.0), 1000.0), Some(5));
        let [x, _] = edges.finish();
        assert_eq!(x.len(), 12);
        assert!(is_on_edges(
            &RectUm {
                x: 50.0,
                y: 0.0,
                dx: 100.0,
                dy: 1000.0
            },
            &[x, vec![0.0, 1000.0]]
        ));
        let mut edges = Edges::new(&dimensions(1000.0, 100.0));
        assert!(!edges.cut_channels(&kind(90.0))?);
        Ok(())
    }
}
