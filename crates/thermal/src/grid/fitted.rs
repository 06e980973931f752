//! Lines of a grid that fall on the edges of blocks, close where heat is generated.
//!
//! Along an axis the edges make intervals. The size of the cells is a function of the place: at most
//! the length of the interval, finest where heat is generated, and from there it grows with the
//! distance by `ln(growth)` for each length. An interval is then cut where the integral of one over
//! the size takes equal steps, at most one each, so that neighbours within it differ by `growth` at
//! most. Among the numbers of cells of each interval those are chosen that keep neighbours across
//! the edges within `growth` too, with the fewest cells in all. What mirrors itself is cut alike on
//! either side.

use crate::stack::Stack;

/// Numbers of cells that are tried for each interval beyond the least, at first.
const CHOICES: usize = 4;

/// The most that are tried; with so many cells all sizes can be met to a percent, and growth is
/// more.
const MOST_CHOICES: usize = 256;

/// Share of the length by which rounding may move an edge from the mirror image of another.
const MIRROR: f64 = 1e-9;

/// Share of `growth` that rounding of the lines may take.
const ROUNDING: f64 = 1e-9;

/// Sizes of cells along one axis, in metres.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub(super) finest_m: f64,
    pub(super) coarsest_m: f64,
    pub(super) growth: f64,
    /// Edges nearer to each other than this count as one.
    pub(super) merge_m: f64,
}

/// An extent along one axis, and whether heat is generated there.
pub(super) type Extent = (f64, f64, bool);

/// Extents of all blocks and patches across (`axis` 0) or up (1).
pub(super) fn extents(stack: &Stack, axis: usize) -> Vec<Extent> {
    let along = |rect: &crate::Rect, is_hot: bool| {
        let (start, length) = if axis == 0 {
            (rect.x, rect.width)
        } else {
            (rect.y, rect.height)
        };
        (start.value(), (start + length).value(), is_hot)
    };
    let mut found = Vec::new();
    for (_, block) in stack.blocks() {
        let is_hot = block.power.value() != 0.0;
        found.extend(block.area.iter().map(|rect| along(rect, is_hot)));
    }
    for face in [&stack.top, &stack.bottom] {
        found.extend(face.patches.iter().map(|patch| along(&patch.area, false)));
    }
    found
}

/// The lines of one axis from zero to `length_m`; `None` where there would be more than `limit`.
pub(super) fn lines(
    length_m: f64,
    extents: &[Extent],
    sizes: Sizes,
    limit: usize,
) -> Option<Vec<f64>> {
    let edges = edges(length_m, extents, sizes.merge_m);
    let intervals = intervals(&edges, extents, sizes);
    let least: f64 = intervals.iter().map(Interval::steps).sum();
    if least >= limit as f64 {
        return None;
    }
    let mut choices = CHOICES;
    let mut counts = loop {
        if let Some(counts) = fewest(&intervals, choices, sizes.growth) {
            break counts;
        }
        if choices >= MOST_CHOICES {
            return None;
        }
        choices *= 2;
    };
    if mirrors_itself(&edges, &intervals) {
        for idx in 0..counts.len() / 2 {
            let twin = counts.len() - 1 - idx;
            counts[twin] = counts[idx];
        }
    }
    let mut lines = Vec::with_capacity(1 + counts.iter().sum::<usize>());
    for ((start, interval), n) in edges.iter().zip(&intervals).zip(&counts) {
        lines.push(*start);
        lines.extend((1..*n).map(|cell| start + interval.place(cell, *n)));
    }
    lines.push(length_m);
    Some(lines)
}

/// Edges from zero to the end, none nearer to another than `merge_m`. Either half keeps those
/// nearer to its end; a pair across the middle becomes one at its mean.
fn edges(length_m: f64, extents: &[Extent], merge_m: f64) -> Vec<f64> {
    let mut of_parts: Vec<f64> = extents.iter().flat_map(|(a, b, _)| [*a, *b]).collect();
    of_parts.sort_by(f64::total_cmp);
    let split = of_parts.partition_point(|edge| *edge <= 0.5 * length_m);
    let apart = |end: f64, edges: &mut dyn Iterator<Item = f64>| {
        let mut kept = vec![end];
        for edge in edges {
            if kept
                .last()
                .is_none_or(|last| (edge - last).abs() >= merge_m)
            {
                kept.push(edge);
            }
        }
        kept
    };
    let mut edges = apart(0.0, &mut of_parts[..split].iter().copied());
    let mut upper = apart(length_m, &mut of_parts[split..].iter().rev().copied());
    if let (Some(below), Some(above)) = (edges.last().copied(), upper.last().copied())
        && above - below < merge_m
    {
        // One of a pair that is the end of the stack itself stays.
        match (edges.len(), upper.len()) {
            (1, 1) => {}
            (_, 1) => drop(edges.pop()),
            (1, _) => drop(upper.pop()),
            _ => {
                edges.pop();
                upper.pop();
                edges.push(f64::midpoint(below, above));
            }
        }
    }
    edges.extend(upper.into_iter().rev());
    edges
}

/// A stretch between two edges: sizes grow from both ends up to a greatest one.
#[derive(Debug, Clone, Copy)]
struct Interval {
    length: f64,
    left: f64,
    right: f64,
    greatest: f64,
    slope: f64,
}

impl Interval {
    /// The integral of one over the size: over the rise, the even stretch, and the fall.
    fn parts(&self) -> [f64; 3] {
        let even = self.length - (2.0 * self.greatest - self.left - self.right) / self.slope;
        [
            (self.greatest / self.left).ln() / self.slope,
            even.max(0.0) / self.greatest,
            (self.greatest / self.right).ln() / self.slope,
        ]
    }

    fn steps(&self) -> f64 {
        self.parts().iter().sum()
    }

    /// Least number of cells that are nowhere larger than the size.
    fn least(&self) -> usize {
        // The integral is at least one but for rounding, and below 2^26.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 1 and the limit of a grid"
        )]
        let n = (self.steps() * (1.0 - ROUNDING)).ceil().max(1.0) as usize;
        n
    }

    /// Distance of a line from the start, for `n` cells.
    fn place(&self, line: usize, n: usize) -> f64 {
        let [rise, even, fall] = self.parts();
        let whole = rise + even + fall;
        let at = whole * line as f64 / n as f64;
        if at <= rise {
            self.left * (self.slope * at).exp_m1() / self.slope
        } else if at <= rise + even {
            (self.greatest - self.left) / self.slope + (at - rise) * self.greatest
        } else {
            self.length - self.right * (self.slope * (whole - at)).exp_m1() / self.slope
        }
    }

    /// The first and the last of `n` cells.
    fn ends(&self, n: usize) -> [f64; 2] {
        if n == 1 {
            return [self.length; 2];
        }
        [self.place(1, n), self.length - self.place(n - 1, n)]
    }
}

fn intervals(edges: &[f64], extents: &[Extent], sizes: Sizes) -> Vec<Interval> {
    let slope = sizes.growth.ln();
    let most: Vec<f64> = edges
        .windows(2)
        .map(|pair| {
            let middle = 0.5 * (pair[0] + pair[1]);
            let is_hot = extents
                .iter()
                .any(|(a, b, is_hot)| *is_hot && *a < middle && middle < *b);
            let size = if is_hot {
                sizes.finest_m
            } else {
                sizes.coarsest_m
            };
            size.min(pair[1] - pair[0])
        })
        .collect();
    // Sizes at the edges: those of the intervals beside them, and what growth from elsewhere allows.
    let mut at_edge = vec![f64::INFINITY; edges.len()];
    for (idx, most) in most.iter().enumerate() {
        at_edge[idx] = at_edge[idx].min(*most);
        at_edge[idx + 1] = at_edge[idx + 1].min(*most);
    }
    for idx in 1..edges.len() {
        let grown = at_edge[idx - 1] + slope * (edges[idx] - edges[idx - 1]);
        at_edge[idx] = at_edge[idx].min(grown);
    }
    for idx in (1..edges.len()).rev() {
        let grown = at_edge[idx] + slope * (edges[idx] - edges[idx - 1]);
        at_edge[idx - 1] = at_edge[idx - 1].min(grown);
    }
    let pairs = edges.windows(2).zip(at_edge.windows(2)).zip(most);
    pairs
        .map(|((edges, ends), most)| {
            let length = edges[1] - edges[0];
            let summit = 0.5 * (ends[0] + ends[1] + slope * length);
            Interval {
                length,
                left: ends[0],
                right: ends[1],
                greatest: most.min(summit),
                slope,
            }
        })
        .collect()
}

/// Whether edges and sizes are the same from either end.
fn mirrors_itself(edges: &[f64], intervals: &[Interval]) -> bool {
    let length = edges.last().copied().unwrap_or(0.0);
    let is_near = |a: f64, b: f64| (a - b).abs() <= MIRROR * length;
    let mut opposite = edges.iter().zip(edges.iter().rev());
    let mut twins = intervals.iter().zip(intervals.iter().rev());
    opposite.all(|(a, b)| is_near(*a, length - b))
        && twins.all(|(a, b)| is_near(a.left, b.right) && is_near(a.greatest, b.greatest))
}

/// Numbers of cells with which neighbours across the edges differ by `growth` at most, with the
/// fewest cells; `None` if that takes more than `choices` numbers beyond the least of each.
fn fewest(intervals: &[Interval], choices: usize, growth: f64) -> Option<Vec<usize>> {
    let bound = growth * (1.0 + ROUNDING);
    // For each interval and number: cells so far, and the number of the interval before.
    let mut tables: Vec<Vec<Option<(usize, usize)>>> = Vec::with_capacity(intervals.len());
    for (idx, interval) in intervals.iter().enumerate() {
        let least = interval.least();
        let best = |choice: usize| -> Option<(usize, usize)> {
            let n = least + choice;
            let Some(before) = idx.checked_sub(1) else {
                return Some((n, 0));
            };
            let first = interval.ends(n)[0];
            let earlier = tables[before].iter().enumerate();
            earlier
                .filter_map(|(chosen, entry)| {
                    let (so_far, _) = (*entry)?;
                    let [_, last] = intervals[before].ends(intervals[before].least() + chosen);
                    let is_graded = first <= bound * last && last <= bound * first;
                    is_graded.then_some((so_far + n, chosen))
                })
                .min()
        };
        let table: Vec<_> = (0..choices).map(best).collect();
        tables.push(table);
    }
    let last = tables.last()?.iter().enumerate();
    let (_, mut choice) = last
        .filter_map(|(choice, entry)| entry.map(|(cells, _)| (cells, choice)))
        .min()?;
    let mut counts = vec![0; intervals.len()];
    for idx in (0..intervals.len()).rev() {
        counts[idx] = intervals[idx].least() + choice;
        choice = tables[idx][choice]?.1;
    }
    Some(counts)
}
