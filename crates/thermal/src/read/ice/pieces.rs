//! Cutting rectangles at each other.

use super::syntax::RectUm;

/// What two rectangles share, if it is wider and higher than `least`.
pub(super) fn shared(a: &RectUm, b: &RectUm, least: f64) -> Option<RectUm> {
    let (x, y) = (a.x.max(b.x), a.y.max(b.y));
    let dx = (a.x + a.dx).min(b.x + b.dx) - x;
    let dy = (a.y + a.dy).min(b.y + b.dy) - y;
    (dx > least && dy > least).then_some(RectUm { x, y, dx, dy })
}

/// What is left of some rectangles without another one: up to four pieces of each.
pub(super) fn without(rects: Vec<RectUm>, hole: &RectUm, least: f64) -> Vec<RectUm> {
    let mut left = Vec::with_capacity(rects.len());
    for rect in rects {
        let Some(cut) = shared(&rect, hole, least) else {
            left.push(rect);
            continue;
        };
        let mut keep = |x: f64, y: f64, x1: f64, y1: f64| {
            let (dx, dy) = (x1 - x, y1 - y);
            if dx > least && dy > least {
                left.push(RectUm { x, y, dx, dy });
            }
        };
        let (x1, y1) = (rect.x + rect.dx, rect.y + rect.dy);
        let (cut_x1, cut_y1) = (cut.x + cut.dx, cut.y + cut.dy);
        keep(rect.x, rect.y, x1, cut.y);
        keep(rect.x, cut_y1, x1, y1);
        keep(rect.x, cut.y, cut.x, cut_y1);
        keep(cut_x1, cut.y, x1, cut_y1);
    }
    left
}

/// The area of some rectangles.
pub(super) fn area(rects: &[RectUm]) -> f64 {
    rects.iter().map(|rect| rect.dx * rect.dy).sum()
}

/// Pairs of rectangles that share an area, as positions in the list, the lower one first; at most
/// `limit` of them.
pub(super) fn overlaps(rects: &[RectUm], least: f64, limit: usize) -> Vec<(usize, usize)> {
    let mut order: Vec<usize> = (0..rects.len()).collect();
    order.sort_by(|a, b| rects[*a].x.total_cmp(&rects[*b].x));
    let mut found = Vec::new();
    for (place, a) in order.iter().enumerate() {
        let end = rects[*a].x + rects[*a].dx;
        let later = order[place + 1..].iter();
        for b in later.take_while(|b| rects[**b].x < end) {
            if shared(&rects[*a], &rects[*b], least).is_some() {
                found.push(((*a).min(*b), (*a).max(*b)));
                if found.len() == limit {
                    return found;
                }
            }
        }
    }
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn rect(x: f64, y: f64, dx: f64, dy: f64) -> RectUm {
        RectUm { x, y, dx, dy }
    }

    #[test]
    fn what_is_cut_out_and_what_is_left_make_the_whole() {
        let whole = rect(0.0, 0.0, 10.0, 8.0);
        for hole in [
            rect(2.0, 3.0, 4.0, 2.0),
            rect(-1.0, -1.0, 4.0, 4.0),
            rect(0.0, 0.0, 10.0, 8.0),
            rect(20.0, 0.0, 1.0, 1.0),
            rect(3.0, -1.0, 2.0, 20.0),
        ] {
            let left = without(vec![whole], &hole, 1e-6);
            let cut = shared(&whole, &hole, 1e-6).map_or(0.0, |cut| cut.dx * cut.dy);
            assert!((area(&left) + cut - 80.0).abs() < 1e-9, "{hole:?}");
            assert_eq!(overlaps(&left, 1e-6, 10), []);
        }
    }

    #[test]
    fn pairs_that_overlap() {
        let rects = [
            rect(5.0, 0.0, 5.0, 5.0),
            rect(0.0, 0.0, 5.0, 5.0),
            rect(4.0, 4.0, 2.0, 2.0),
        ];
        assert_eq!(overlaps(&rects, 1e-6, 10), [(0, 2), (1, 2)]);
    }
}
