//! Quantiles over draws with common random numbers: one point drawn as a whole, the others by the
//! change of the draws that lie at the quantile.

use crate::steady::SteadyState;
use std::collections::BTreeSet;

use system::System;

use super::SolveError;
use super::explore::Explorer;

/// Draws at the quantile whose change is averaged: half of them below it.
const NEAR: usize = 4;
/// Places from the good end at which draws show whether any have no value there.
const PROBES: [usize; 2] = [2, 9];
/// Draws in a row that have a value before the rest is taken to have one as well.
const CALM: usize = 16;
/// Points that are drawn to find the one next to the edge.
const ANCHOR_STEPS: usize = 3;
/// Rounds of refining; each reaches one point further along the edge.
const MAX_ROUNDS: usize = 12;
/// Rounds of points that are drawn as a whole before one is called cheapest.
const MAX_WHOLE: usize = 16;

/// A point whose description was drawn as often as asked.
#[derive(Debug, Clone)]
pub(super) struct Anchor {
    pub(super) point: usize,
    /// Nominal value of the constraint's figure there.
    nominal: f64,
    /// Quantile less nominal value.
    shift: f64,
    /// Standard error of the quantile.
    pub(super) error: f64,
    /// All draws with their values, from the end where draws without a value count.
    order: Vec<(u64, f64)>,
}

/// Which end of the order draws without a value belong to.
fn ranked(value: Option<f64>, is_lower: bool) -> f64 {
    let bad = if is_lower {
        f64::NEG_INFINITY
    } else {
        f64::INFINITY
    };
    value.unwrap_or(bad)
}

/// A quantile interpolated between neighbours; none where it falls among draws without a value.
fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = p * last as f64;
    let (low, weight) = (floor(place), place - place.floor());
    let high = (low + 1).min(last);
    let value = crate::spread::between(sorted[low], sorted[high], weight);
    value.is_finite().then_some(value)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place in a list"
)]
fn floor(place: f64) -> usize {
    place.max(0.0).floor() as usize
}

/// A description with its nominal state, from which draws start.
struct Solved<'a> {
    system: &'a System,
    state: SteadyState,
}

impl Explorer<'_> {
    fn solved<'a>(&self, system: &'a System) -> Solved<'a> {
        let state = self.context.solve(system);
        Solved { system, state }
    }

    /// Value of a constraint's figure at a draw of a description.
    fn draw(&self, of: &Solved<'_>, constraint: usize, tick: u64) -> Option<f64> {
        let drawn = of.system.drawn(self.search.seed, tick);
        let state = SteadyState::solve_drawn(&drawn, &of.state);
        self.judge(&drawn, &state).values[constraint]
    }

    /// All draws of a point, in parallel.
    fn draw_all(&self, point: usize, constraint: usize) -> Result<Vec<Option<f64>>, SolveError> {
        let system = self.resolved(&self.coordinates(point), None).ok();
        let of = system.as_ref().map(|system| self.solved(system));
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a number of draws fits the memory"
        )]
        let n = self.search.draws as usize;
        self.each(n, |tick| self.draw(of.as_ref()?, constraint, tick as u64))
    }

    /// Draws a point as a whole; none where the quantile has no value there.
    fn anchor(
        &self,
        point: usize,
        constraint: usize,
        p: f64,
    ) -> Result<Option<Anchor>, SolveError> {
        let Some(nominal) = self.nominal[point].values[constraint] else {
            return Ok(None);
        };
        let is_lower = self.question.constraints[constraint].comparison.is_lower();
        let draws = self.draw_all(point, constraint)?;
        let mut order: Vec<(u64, f64)> = (0u64..)
            .zip(&draws)
            .map(|(tick, value)| (tick, ranked(*value, is_lower)))
            .collect();
        order.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        let sorted: Vec<f64> = order.iter().map(|(_, value)| *value).collect();
        let Some(found) = quantile(&sorted, p) else {
            return Ok(None);
        };
        // The number of draws below the quantile is binomial.
        let width = (p * (1.0 - p) / sorted.len() as f64).sqrt();
        let low = quantile(&sorted, (p - width).max(0.0)).unwrap_or(found);
        let high = quantile(&sorted, (p + width).min(1.0)).unwrap_or(found);
        if !is_lower {
            order.reverse();
        }
        Ok(Some(Anchor {
            point,
            nominal,
            shift: found - nominal,
            error: 0.5 * (high - low),
            order,
        }))
    }

    /// Finds a drawn point beside the edge for each quantile, and a first estimate of all points.
    fn choose_anchors(&mut self) -> Result<(), SolveError> {
        for constraint in 0..self.question.constraints.len() {
            let Some(p) = self.question.constraints[constraint]
                .statistic
                .probability()
            else {
                continue;
            };
            let mut tried = BTreeSet::new();
            for _ in 0..ANCHOR_STEPS {
                let shift = self.anchors[constraint]
                    .as_ref()
                    .map_or(0.0, |anchor| anchor.shift);
                let bound = &self.question.constraints[constraint];
                let distance = |point: &usize| {
                    let value = self.nominal[*point].values[constraint]?;
                    Some((bound.slack(value + shift).abs(), *point))
                };
                let nearest = (0..self.points.len())
                    .filter(|point| !tried.contains(point))
                    .filter_map(|point| distance(&point))
                    .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                let Some((off, point)) = nearest else { break };
                let known = self.anchors[constraint].as_ref();
                let is_nearer = known.is_none_or(|anchor| {
                    distance(&anchor.point).is_none_or(|(known, _)| off < 0.5 * known)
                });
                if !is_nearer {
                    break;
                }
                tried.insert(point);
                let found = self.anchor(point, constraint, p)?;
                self.anchors[constraint] = found.or(self.anchors[constraint].take());
            }
        }
        for point in 0..self.points.len() {
            let mut values = self.nominal[point].values.clone();
            for (value, anchor) in values.iter_mut().zip(&self.anchors) {
                if let (Some(value), Some(anchor)) = (value.as_mut(), anchor) {
                    *value += anchor.shift;
                }
            }
            let coordinates = self.coordinates(point);
            self.points[point] = self.point(coordinates, values, &self.nominal[point], true);
        }
        Ok(())
    }

    /// Corrects the quantiles at all points beside the edge, until the edge no longer moves.
    pub(super) fn refine(&mut self) -> Result<(), SolveError> {
        let constraints = &self.question.constraints;
        if constraints
            .iter()
            .all(|c| c.statistic.probability().is_none())
        {
            return Ok(());
        }
        self.choose_anchors()?;
        for _ in 0..MAX_ROUNDS {
            let wanted: Vec<usize> = self
                .frontier()
                .into_iter()
                .filter(|point| self.points[*point].is_estimate && self.may_change(*point))
                .collect();
            if wanted.is_empty() {
                break;
            }
            let refined = self.each(wanted.len(), |idx| self.corrected(wanted[idx]))?;
            for (point, values) in wanted.into_iter().zip(refined) {
                self.settle(point, values);
            }
        }
        self.draw_whole()
    }

    /// Gives a point its quantiles.
    fn settle(&mut self, point: usize, values: Vec<Option<f64>>) {
        let coordinates = self.coordinates(point);
        let mut settled = self.point(coordinates, values, &self.nominal[point], false);
        if settled.reason.is_none() && settled.values.iter().any(Option::is_none) {
            settled.reason = Some("too many draws have no value".to_owned());
        }
        self.points[point] = settled;
    }

    /// Takes all draws at the cheapest point, and at the next one where it then misses a
    /// constraint, so that what is called cheapest rests on no correction. Where nothing is
    /// feasible, at the points that come nearest to each constraint.
    fn draw_whole(&mut self) -> Result<(), SolveError> {
        let mut drawn = BTreeSet::new();
        for _ in 0..MAX_WHOLE {
            let mut wanted: Vec<usize> =
                match super::verdict::cheapest(&self.points, |point| point.feasible) {
                    Some(point) => vec![point],
                    None => (0..self.question.constraints.len())
                        .filter_map(|idx| super::verdict::nearest(&self.points, idx, |_| true))
                        .collect(),
                };
            wanted.retain(|point| drawn.insert(*point));
            if wanted.is_empty() {
                break;
            }
            let values = self.each(wanted.len(), |idx| self.with_all_draws(wanted[idx]))?;
            for (point, values) in wanted.into_iter().zip(values) {
                self.settle(point, values);
            }
        }
        Ok(())
    }

    /// The values of a point with its quantiles from all draws there.
    fn with_all_draws(&self, point: usize) -> Vec<Option<f64>> {
        let mut values = self.nominal[point].values.clone();
        let Ok(system) = self.resolved(&self.coordinates(point), None) else {
            return values;
        };
        for (constraint, value) in values.iter_mut().enumerate() {
            let bound = &self.question.constraints[constraint];
            if let (Some(_), Some(p)) = (*value, bound.statistic.probability()) {
                *value = self.quantile_of_all(&self.solved(&system), constraint, p);
            }
        }
        values
    }

    /// Whether a better quantile could make a point feasible or not: it could not where a figure
    /// has no value, or where a constraint on a nominal value is missed.
    fn may_change(&self, point: usize) -> bool {
        let point = &self.points[point];
        let constraints = self.question.constraints.iter();
        constraints.zip(&point.slack).all(|(constraint, slack)| {
            let is_exact = constraint.statistic.probability().is_none();
            slack.is_some_and(|slack| !is_exact || constraint.is_met_by(slack))
        })
    }

    /// Points with a neighbour of other feasibility, the cheapest point, and those that come
    /// nearest to each constraint.
    fn frontier(&self) -> BTreeSet<usize> {
        let mut frontier = BTreeSet::new();
        for (a, b, _) in self.changes() {
            frontier.extend([a, b]);
        }
        frontier.extend(super::verdict::cheapest(&self.points, |point| {
            point.feasible
        }));
        let constraints = 0..self.question.constraints.len();
        frontier.extend(
            constraints.filter_map(|idx| super::verdict::nearest(&self.points, idx, |_| true)),
        );
        frontier
    }

    /// Neighbours of which the first is feasible and the second is not, with their variable.
    pub(super) fn changes(&self) -> Vec<(usize, usize, usize)> {
        let mut changes = Vec::new();
        for variable in 0..self.question.variables.len() {
            let stride = self.stride(variable);
            let n = self.question.variables[variable].values.len();
            for point in 0..self.points.len() {
                if (point / stride) % n + 1 == n {
                    continue;
                }
                let next = point + stride;
                match (self.points[point].feasible, self.points[next].feasible) {
                    (true, false) => changes.push((point, next, variable)),
                    (false, true) => changes.push((next, point, variable)),
                    _ => {}
                }
            }
        }
        changes
    }

    /// The values of a point with its quantiles corrected.
    fn corrected(&self, point: usize) -> Vec<Option<f64>> {
        let mut values = self.nominal[point].values.clone();
        let Ok(system) = self.resolved(&self.coordinates(point), None) else {
            return values;
        };
        for (constraint, value) in values.iter_mut().enumerate() {
            let bound = &self.question.constraints[constraint];
            if let (Some(nominal), Some(p)) = (*value, bound.statistic.probability()) {
                *value = self.quantile_at(&system, constraint, nominal, p);
            }
        }
        values
    }

    /// The quantile at a point, from the drawn point where its order holds, else from all draws.
    fn quantile_at(&self, system: &System, constraint: usize, nominal: f64, p: f64) -> Option<f64> {
        let is_lower = self.question.constraints[constraint].comparison.is_lower();
        // The share of draws between the end where those without a value count and the quantile.
        let share = if is_lower { p } else { 1.0 - p };
        let Some(anchor) = &self.anchors[constraint] else {
            return self.quantile_of_all(&self.solved(system), constraint, p);
        };
        let n = anchor.order.len();
        let from_good = |place: usize| anchor.order[n - 1 - place.min(n - 1)].0;
        let of = self.solved(system);
        let value = |tick: u64| self.draw(&of, constraint, tick);
        let mut n_without = 0;
        if PROBES
            .iter()
            .any(|place| value(from_good(*place)).is_none())
        {
            // Light that is too strong for the receiver comes with the best draws, and a draw
            // without a value ranks last: each one moves the quantile by one place.
            let mut calm = 0;
            for place in 0..n {
                if value(from_good(place)).is_none() {
                    (n_without, calm) = (n_without + 1, 0);
                } else {
                    calm += 1;
                }
                if n_without > floor(share * (n - 1) as f64) {
                    return None;
                }
                if calm == CALM {
                    break;
                }
            }
        }
        let place = share * (n - 1) as f64 - n_without as f64;
        let (low, weight) = (floor(place), place - place.floor());
        let first = (low + 1)
            .saturating_sub(NEAR / 2)
            .min(n.saturating_sub(NEAR));
        let near = &anchor.order[first..(first + NEAR).min(n)];
        let mut change = 0.0;
        for (tick, there) in near {
            let Some(here) = value(*tick).filter(|_| there.is_finite()) else {
                return self.quantile_of_all(&of, constraint, p);
            };
            change += (here - nominal) - (there - anchor.nominal);
        }
        let (a, b) = (anchor.order[low].1, anchor.order[(low + 1).min(n - 1)].1);
        let there = a + weight * (b - a) - anchor.nominal;
        Some(nominal + there + change / near.len() as f64)
    }

    /// The quantile of all draws, where the order of the drawn point says nothing. No more are
    /// drawn than it takes to see that the quantile has no value.
    fn quantile_of_all(&self, of: &Solved<'_>, constraint: usize, p: f64) -> Option<f64> {
        let is_lower = self.question.constraints[constraint].comparison.is_lower();
        let share = if is_lower { p } else { 1.0 - p };
        let ticks: Vec<u64> = (0..self.search.draws).collect();
        let enough = floor(share * ticks.len() as f64) + 2;
        let mut n_without = 0;
        let mut sorted = Vec::with_capacity(ticks.len());
        for tick in ticks {
            let value = self.draw(of, constraint, tick);
            n_without += usize::from(value.is_none());
            if n_without >= enough {
                return None;
            }
            sorted.push(ranked(value, is_lower));
        }
        sorted.sort_by(f64::total_cmp);
        quantile(&sorted, p)
    }
}
