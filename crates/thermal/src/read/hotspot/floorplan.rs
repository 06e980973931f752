//! `.flp`: rectangles that tile a layer.

use std::collections::BTreeMap;

use super::lines::{Line, Place, Report, lines, number, positive};

/// Edges closer than this share of the extent are one edge: coordinates are written with a few
/// digits.
const SNAP: f64 = 1e-6;

/// Overlaps that one file reports: one wrong column gives as many as there are pairs of blocks.
const MOST_OVERLAPS: usize = 20;

/// A block.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unit {
    /// Its name.
    pub(super) name: String,
    /// Its line.
    pub(super) line: usize,
    /// Left and right edge, metres.
    pub(super) x_m: [f64; 2],
    /// Lower and upper edge, metres.
    pub(super) y_m: [f64; 2],
    /// Heat capacity in J/(m3 K) and resistivity in (m K)/W, where the line has seven columns.
    pub(super) material: Option<[f64; 2]>,
}

/// The blocks of one file, from the origin on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Floorplan {
    /// Name of the file.
    pub(super) file: String,
    /// Its blocks, in its order.
    pub(super) units: Vec<Unit>,
    /// Extent across.
    pub(super) width_m: f64,
    /// Extent up.
    pub(super) height_m: f64,
}

impl Floorplan {
    /// The blocks of a file; `None` after an error.
    pub(super) fn read(file: &str, text: &str, report: &mut Report) -> Option<Self> {
        let n_before = report.errors.len();
        let units: Vec<_> = lines(text)
            .filter_map(|line| unit(file, &line, report))
            .collect();
        if report.errors.len() > n_before {
            return None;
        }
        if units.is_empty() {
            report.error_help(
                &Place::new(file, 0),
                "there are no blocks",
                "a block is `name width height left bottom`, in metres",
            );
            return None;
        }
        names(file, &units, report);
        let mut plan = Self {
            file: file.to_owned(),
            units,
            width_m: 0.0,
            height_m: 0.0,
        };
        plan.snap();
        plan.overlaps(report);
        if report.errors.len() == n_before {
            plan.gap(report);
        }
        (report.errors.len() == n_before).then_some(plan)
    }

    /// No blocks, as of a layer with a map.
    pub(super) fn empty(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            units: Vec::new(),
            width_m: 0.0,
            height_m: 0.0,
        }
    }

    /// Whether a block has a material of its own.
    pub(super) fn has_materials(&self) -> bool {
        self.units.iter().any(|unit| unit.material.is_some())
    }

    /// Moves the lower left corner to the origin, and edges that rounding holds apart together.
    fn snap(&mut self) {
        let extent = |edges: &[f64; 2]| edges[1] - edges[0];
        for axis in [Unit::across as fn(&mut Unit) -> &mut [f64; 2], Unit::up] {
            let mut edges: Vec<f64> = Vec::new();
            for unit in &mut self.units {
                edges.extend(*axis(unit));
            }
            edges.sort_by(f64::total_cmp);
            let (first, last) = (edges[0], edges[edges.len() - 1]);
            let near = SNAP * (last - first);
            let mut kept: Vec<f64> = Vec::new();
            for edge in edges {
                if kept.last().is_none_or(|last| edge - last > near) {
                    kept.push(edge);
                }
            }
            for unit in &mut self.units {
                let edges = axis(unit);
                // A block narrower than the snap keeps its own edges.
                let of = edges.map(|edge| {
                    let at = kept.partition_point(|k| *k <= edge).saturating_sub(1);
                    kept[at]
                });
                if extent(&of) > 0.0 {
                    *edges = of;
                }
                *edges = edges.map(|edge| edge - first);
            }
        }
        for unit in &self.units {
            self.width_m = self.width_m.max(unit.x_m[1]);
            self.height_m = self.height_m.max(unit.y_m[1]);
        }
    }

    /// Moves the far edges to a size that differs by rounding.
    pub(super) fn fit(&mut self, width_m: f64, height_m: f64) {
        for unit in &mut self.units {
            for (edges, own, wanted) in [
                (&mut unit.x_m, self.width_m, width_m),
                (&mut unit.y_m, self.height_m, height_m),
            ] {
                if edges[1] >= own {
                    edges[1] = wanted;
                }
            }
        }
        (self.width_m, self.height_m) = (width_m, height_m);
    }

    fn overlaps(&self, report: &mut Report) {
        let mut order: Vec<&Unit> = self.units.iter().collect();
        order.sort_by(|a, b| a.x_m[0].total_cmp(&b.x_m[0]));
        let least = [SNAP * self.width_m, SNAP * self.height_m];
        let mut n_found = 0;
        for (place, a) in order.iter().enumerate() {
            let beside = |b: &&&Unit| b.x_m[0] + least[0] < a.x_m[1];
            for b in order[place + 1..].iter().take_while(beside) {
                let shared = |p: [f64; 2], q: [f64; 2]| p[1].min(q[1]) - p[0].max(q[0]);
                let [across, up] = [shared(a.x_m, b.x_m), shared(a.y_m, b.y_m)];
                if across > least[0] && up > least[1] {
                    n_found += 1;
                    if n_found > MOST_OVERLAPS {
                        return;
                    }
                    let (first, second) = if a.line < b.line { (a, b) } else { (b, a) };
                    report.error_help(
                        &Place::new(&self.file, second.line),
                        format!(
                            "block {:?} overlaps block {:?} of line {} by {} x {} mm",
                            second.name,
                            first.name,
                            first.line,
                            millimetres(across),
                            millimetres(up)
                        ),
                        "blocks of a layer tile its rectangle",
                    );
                }
            }
        }
    }

    /// Names one uncovered place where the blocks do not tile their rectangle.
    fn gap(&self, report: &mut Report) {
        let area = |unit: &Unit| (unit.x_m[1] - unit.x_m[0]) * (unit.y_m[1] - unit.y_m[0]);
        let covered: f64 = self.units.iter().map(area).sum();
        let whole = self.width_m * self.height_m;
        // Each edge may be off by the snap.
        let tolerance = 4.0 * SNAP * whole;
        if covered >= whole - tolerance {
            return;
        }
        let [x_m, y_m] = self
            .hole()
            .unwrap_or([[0.0, self.width_m], [0.0, self.height_m]]);
        report.error_help(
            &Place::new(&self.file, 0),
            format!(
                "the blocks leave a gap: nothing covers x = {} to {} mm at y = {} to {} mm",
                millimetres(x_m[0]),
                millimetres(x_m[1]),
                millimetres(y_m[0]),
                millimetres(y_m[1])
            ),
            "HotSpot wants blocks that tile the rectangle; add a block without power there",
        );
    }

    /// An uncovered rectangle between neighbouring vertical edges.
    fn hole(&self) -> Option<[[f64; 2]; 2]> {
        let least = [SNAP * self.width_m, SNAP * self.height_m];
        let mut edges: Vec<f64> = self.units.iter().flat_map(|unit| unit.x_m).collect();
        edges.sort_by(f64::total_cmp);
        for slab in edges.windows(2).filter(|s| s[1] - s[0] > least[0]) {
            let middle = 0.5 * (slab[0] + slab[1]);
            let inside = |unit: &&Unit| unit.x_m[0] < middle && middle < unit.x_m[1];
            let mut spans: Vec<_> = self.units.iter().filter(inside).map(|u| u.y_m).collect();
            spans.sort_by(|a, b| a[0].total_cmp(&b[0]));
            let mut top = 0.0;
            for span in spans.into_iter().chain([[self.height_m; 2]]) {
                if span[0] - top > least[1] {
                    return Some([[slab[0], slab[1]], [top, span[0]]]);
                }
                top = span[1].max(top);
            }
        }
        None
    }
}

impl Unit {
    fn across(&mut self) -> &mut [f64; 2] {
        &mut self.x_m
    }

    fn up(&mut self) -> &mut [f64; 2] {
        &mut self.y_m
    }
}

/// A length for a person.
pub(super) fn millimetres(length_m: f64) -> String {
    let digits = format!("{:.6}", length_m * 1e3);
    digits
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

/// Whether two lengths differ by rounding only; the tool compares to a micrometre.
pub(super) fn is_same_length(a_m: f64, b_m: f64) -> bool {
    (a_m - b_m).abs() < 1e-6_f64.min(1e-3 * a_m.abs())
}

/// The block of a line; `None` for a line that says which blocks are wired together, and after an
/// error.
fn unit(file: &str, line: &Line<'_>, report: &mut Report) -> Option<Unit> {
    let at = Place::new(file, line.number);
    let name = line.words[0];
    let n = line.words.len();
    // Wires between two blocks matter to the floorplanner only.
    if n == 3 && number(line.words[1]).is_none() && number(line.words[2]).is_some() {
        return None;
    }
    if n != 5 && n != 7 {
        report.error_help(
            &at,
            format!("block {name:?} has {n} columns; it needs 5 or 7"),
            "`name width height left bottom`, and optionally heat capacity and resistivity, in SI units",
        );
        return None;
    }
    let n_before = report.errors.len();
    let mut value = |idx: usize, what: &str, is_positive: bool| {
        let word = line.words[idx];
        let (value, needed) = if is_positive {
            (positive(word), "a number above zero")
        } else {
            (number(word), "a number")
        };
        if value.is_none() {
            let message = format!("{what} of block {name:?} is {word:?}; it has to be {needed}");
            report.error(&at, message);
        }
        value.unwrap_or(1.0)
    };
    let width = value(1, "width", true);
    let height = value(2, "height", true);
    let left = value(3, "left edge", false);
    let bottom = value(4, "lower edge", false);
    let material = (n == 7).then(|| {
        [
            value(5, "heat capacity", true),
            value(6, "resistivity", true),
        ]
    });
    let is_finite = (left + width).is_finite() && (bottom + height).is_finite();
    if report.errors.len() == n_before
        && !(is_finite && left + width > left && bottom + height > bottom)
    {
        report.error(
            &at,
            format!("block {name:?} is too small or too far away to have edges"),
        );
    }
    (report.errors.len() == n_before).then(|| Unit {
        name: name.to_owned(),
        line: line.number,
        x_m: [left, left + width],
        y_m: [bottom, bottom + height],
        material,
    })
}

/// Blocks of a file have names of their own; the tool does not tell letters by case.
fn names(file: &str, units: &[Unit], report: &mut Report) {
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    for unit in units {
        if let Some(first) = lines.insert(unit.name.to_lowercase(), unit.line) {
            report.error_help(
                &Place::new(file, unit.line),
                format!("a block is named {:?} already at line {first}", unit.name),
                "names differ by more than the case of their letters",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(text: &str) -> Vec<String> {
        let mut report = Report::default();
        let plan = Floorplan::read("a.flp", text, &mut report);
        assert_eq!(plan.is_none(), !report.errors.is_empty());
        report.errors.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn blocks_are_moved_to_the_origin() {
        let mut report = Report::default();
        let text = "# name w h x y\na 1e-3 2e-3 5e-3 1e-3\nb 1.0000001e-3 2e-3 6e-3 1e-3 1e6 0.01\na b 0.5\n";
        let plan = Floorplan::read("a.flp", text, &mut report);
        assert_eq!(report.errors, []);
        let plan = plan.expect("a sound floorplan");
        assert_eq!(plan.units.len(), 2);
        assert!((plan.width_m - 2e-3).abs() < 1e-9 && (plan.height_m - 2e-3).abs() < 1e-12);
        assert_eq!(
            plan.units[0].x_m[1].to_bits(),
            plan.units[1].x_m[0].to_bits()
        );
        assert_eq!(plan.units[1].material, Some([1e6, 0.01]));
    }

    #[test]
    fn wrong_lines_are_all_reported() {
        let found = errors("a 1 1 0\nb 1 1 0 0 5\nc 1 -1 x 0\n");
        assert_eq!(found.len(), 4);
        assert!(found[0].starts_with("a.flp:1: block \"a\" has 4 columns; it needs 5 or 7"));
        assert!(found[1].starts_with("a.flp:2: block \"b\" has 6 columns"));
        assert_eq!(
            found[2],
            "a.flp:3: height of block \"c\" is \"-1\"; it has to be a number above zero"
        );
        assert_eq!(
            found[3],
            "a.flp:3: left edge of block \"c\" is \"x\"; it has to be a number"
        );
    }

    #[test]
    fn overlaps_gaps_and_names_are_errors() {
        let found = errors("a 2e-3 1e-3 0 0\nb 2e-3 1e-3 1e-3 0\n");
        assert_eq!(
            found,
            [
                "a.flp:2: block \"b\" overlaps block \"a\" of line 1 by 1 x 1 mm (help: blocks of a layer tile its rectangle)"
            ]
        );
        let found = errors("a 1e-3 1e-3 0 0\nb 1e-3 0.5e-3 1e-3 0\n");
        assert!(
            found[0].starts_with(
                "a.flp: the blocks leave a gap: nothing covers x = 1 to 2 mm at y = 0.5 to 1 mm"
            ),
            "{found:?}"
        );
        let found = errors("a 1e-3 1e-3 0 0\nA 1e-3 1e-3 1e-3 0\n");
        assert!(found[0].starts_with("a.flp:2: a block is named \"A\" already at line 1"));
        assert!(errors("# nothing\n")[0].starts_with("a.flp: there are no blocks"));
    }
}
