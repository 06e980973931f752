//! Where feasibility changes between two points of the grid.

use super::explore::Explorer;
use super::{Edge, SolveError, Values};

/// Evaluations of one edge at the most.
const MAX_STEPS: usize = 8;
/// A slack this small beside the slacks at the ends is none.
const CLOSE: f64 = 1e-3;

/// What is known between two neighbours.
struct Between {
    /// Quantile less nominal value of each constraint at the feasible end and at the other.
    shifts: Vec<(f64, f64)>,
    /// A slack that counts as one, for each constraint.
    scales: Vec<f64>,
}

impl Explorer<'_> {
    /// Every change of feasibility between neighbours. Between values of a continuous variable it
    /// is located by false position on the constraint that is met least, and by bisection where a
    /// figure has no value; the shift from nominal value to quantile is taken as linear between.
    pub(super) fn edges(&self) -> Result<Vec<Edge>, SolveError> {
        let changes = self.changes();
        self.each(changes.len(), |idx| {
            let (inside, outside, variable) = changes[idx];
            let (location, constraint) = match &self.question.variables[variable].values {
                Values::Numbers { values, .. }
                    if self.question.variables[variable].is_continuous =>
                {
                    let at = |point: usize| values[self.coordinates(point)[variable]];
                    let (x, c) = self.locate(inside, outside, variable, at(inside), at(outside));
                    (Some(x), c)
                }
                _ => (None, self.failing(outside)),
            };
            Edge {
                variable,
                inside,
                outside,
                location,
                constraint,
            }
        })
    }

    /// The constraint that a point misses; the last of several is as good as the first.
    fn failing(&self, point: usize) -> Option<usize> {
        let point = &self.points[point];
        let each = self
            .question
            .constraints
            .iter()
            .zip(&point.slack)
            .enumerate();
        let mut missed = each.filter_map(|(idx, (constraint, slack))| {
            slack
                .filter(|slack| !constraint.is_met_by(*slack))
                .map(|_| idx)
        });
        missed.next()
    }

    fn locate(
        &self,
        inside: usize,
        outside: usize,
        variable: usize,
        x_in: f64,
        x_out: f64,
    ) -> (f64, Option<usize>) {
        let between = self.between(inside, outside);
        let coordinates = self.coordinates(inside);
        let ends = |point: usize| least(&self.points[point].slack, &between.scales);
        let (mut met, mut missed) = ((x_in, ends(inside)), (x_out, ends(outside)));
        let mut critical = missed.1.1;
        let mut last_side = 0i8;
        for _ in 0..MAX_STEPS {
            let x = match (met.1.0, missed.1.0) {
                (Some(a), Some(b)) if a > 0.0 && b < 0.0 => {
                    met.0 + (missed.0 - met.0) * a / (a - b)
                }
                _ => f64::midpoint(met.0, missed.0),
            };
            let weight = (x - x_in) / (x_out - x_in);
            let slack = self.slack_at(&coordinates, variable, x, weight, &between);
            let found = least(&slack, &between.scales);
            let Some(slack) = found.0 else {
                (missed, critical, last_side) = ((x, found), found.1, -1);
                continue;
            };
            if slack >= 0.0 {
                // False position leaves one end where it is; halving its slack brings it nearer.
                if last_side == 1 {
                    missed.1.0 = missed.1.0.map(|slack| 0.5 * slack);
                }
                (met, last_side) = ((x, found), 1);
            } else {
                if last_side == -1 {
                    met.1.0 = met.1.0.map(|slack| 0.5 * slack);
                }
                (missed, critical, last_side) = ((x, found), found.1, -1);
            }
            if slack.abs() < CLOSE {
                return (x, if slack < 0.0 { found.1 } else { critical });
            }
        }
        (met.0, critical)
    }

    fn between(&self, inside: usize, outside: usize) -> Between {
        let shift = |point: usize, idx: usize| {
            let (value, nominal) = (
                self.points[point].values[idx],
                self.nominal[point].values[idx],
            );
            Some(value? - nominal?)
        };
        let n = self.question.constraints.len();
        let shifts = (0..n)
            .map(|idx| match (shift(inside, idx), shift(outside, idx)) {
                (Some(a), Some(b)) => (a, b),
                (Some(a), None) | (None, Some(a)) => (a, a),
                (None, None) => (0.0, 0.0),
            })
            .collect();
        let scales = (0..n)
            .map(|idx| {
                let slack = |point: usize| self.points[point].slack[idx];
                match (slack(inside), slack(outside)) {
                    (Some(a), Some(b)) if (a - b).abs() > 0.0 => (a - b).abs(),
                    _ => 1.0,
                }
            })
            .collect();
        Between { shifts, scales }
    }

    fn slack_at(
        &self,
        coordinates: &[usize],
        variable: usize,
        x: f64,
        weight: f64,
        between: &Between,
    ) -> Vec<Option<f64>> {
        let constraints = &self.question.constraints;
        let Ok(system) = self.resolved(coordinates, Some((variable, x))) else {
            return vec![None; constraints.len()];
        };
        let nominal = self.evaluate(&system);
        constraints
            .iter()
            .zip(nominal.values)
            .zip(&between.shifts)
            .map(|((constraint, value), (a, b))| {
                value.map(|value| constraint.slack(value + a + weight * (b - a)))
            })
            .collect()
    }
}

/// The least slack over its scale, none where one is missing, and whose it is.
fn least(slack: &[Option<f64>], scales: &[f64]) -> (Option<f64>, Option<usize>) {
    let mut least = (f64::INFINITY, None);
    for (idx, (slack, scale)) in slack.iter().zip(scales).enumerate() {
        let Some(slack) = slack else {
            return (None, None);
        };
        if slack / scale < least.0 {
            least = (slack / scale, Some(idx));
        }
    }
    (Some(least.0), least.1)
}
