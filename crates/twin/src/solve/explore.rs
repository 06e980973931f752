//! The points of a question, each resolved and solved.

use std::sync::atomic::{AtomicUsize, Ordering};

use link::Margin;
use rayon::prelude::*;
use system::{Library, System};

use super::quantile::Anchor;
use super::variable::{Context, One};
use super::{Point, Question, Resolve, Search, SolveError};
use crate::figures::Figures;
use crate::steady::SteadyState;

/// The search with everything that it has found.
pub(super) struct Explorer<'a> {
    pub(super) question: &'a Question,
    pub(super) resolve: &'a Resolve<'a>,
    pub(super) search: &'a Search<'a>,
    pub(super) context: Context<'a>,
    /// Assignments of each value of each variable, or why it has none.
    pub(super) sets: Vec<Vec<Result<Vec<String>, String>>>,
    pub(super) points: Vec<Point>,
    /// The values of the nominal description at each point.
    pub(super) nominal: Vec<Nominal>,
    /// The drawn point of each constraint on a quantile.
    pub(super) anchors: Vec<Option<Anchor>>,
    done: AtomicUsize,
    planned: AtomicUsize,
    evaluations: AtomicUsize,
}

/// What one description gives.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Nominal {
    /// Value of each constrained figure, in its metric's unit, at the nominal values.
    pub(super) values: Vec<Option<f64>>,
    pub(super) objective: Option<f64>,
    pub(super) reason: Option<String>,
    pub(super) limited_by: Option<String>,
}

impl<'a> Explorer<'a> {
    pub(super) fn new(
        question: &'a Question,
        system: &'a System,
        library: &'a Library,
        resolve: &'a Resolve<'a>,
        search: &'a Search<'a>,
    ) -> Self {
        let context = Context::new(system, library);
        let sets = question
            .variables
            .iter()
            .map(|variable| {
                (0..variable.values.len())
                    .map(|idx| variable.sets(&context, &variable.one(idx)))
                    .collect()
            })
            .collect();
        Self {
            question,
            resolve,
            search,
            context,
            sets,
            points: Vec::new(),
            nominal: Vec::new(),
            anchors: question.constraints.iter().map(|_| None).collect(),
            done: AtomicUsize::new(0),
            planned: AtomicUsize::new(0),
            evaluations: AtomicUsize::new(0),
        }
    }

    /// Solves every point of the grid at the nominal values.
    pub(super) fn walk(&mut self) -> Result<(), SolveError> {
        let n_points = self
            .question
            .variables
            .iter()
            .map(|variable| variable.values.len())
            .product();
        let nominal = self.each(n_points, |idx| {
            match self.resolved(&self.coordinates(idx), None) {
                Ok(system) => self.evaluate(&system),
                Err(reason) => Nominal {
                    values: vec![None; self.question.constraints.len()],
                    reason: Some(reason),
                    ..Nominal::default()
                },
            }
        })?;
        self.points = nominal
            .iter()
            .enumerate()
            .map(|(idx, nominal)| {
                let values = nominal.values.clone();
                self.point(self.coordinates(idx), values, nominal, false)
            })
            .collect();
        self.nominal = nominal;
        Ok(())
    }

    /// A point with these values of its constrained figures.
    pub(super) fn point(
        &self,
        coordinates: Vec<usize>,
        values: Vec<Option<f64>>,
        nominal: &Nominal,
        is_estimate: bool,
    ) -> Point {
        let constraints = &self.question.constraints;
        let slack: Vec<Option<f64>> = constraints
            .iter()
            .zip(&values)
            .map(|(constraint, value)| value.map(|value| constraint.slack(value)))
            .collect();
        let feasible = constraints
            .iter()
            .zip(&slack)
            .all(|(constraint, slack)| slack.is_some_and(|slack| constraint.is_met_by(slack)));
        Point {
            coordinates,
            values,
            slack,
            feasible,
            is_estimate,
            reason: nominal.reason.clone(),
            objective: nominal.objective,
            limited_by: nominal.limited_by.clone(),
        }
    }

    /// Runs `of` for many indices on all cores, in order, unless somebody asks to stop.
    pub(super) fn each<T: Send>(
        &self,
        n: usize,
        of: impl Fn(usize) -> T + Sync,
    ) -> Result<Vec<T>, SolveError> {
        self.planned.fetch_add(n, Ordering::Relaxed);
        let all: Option<Vec<T>> = (0..n)
            .into_par_iter()
            .map(|idx| {
                if self.search.stop.load(Ordering::Relaxed) {
                    return None;
                }
                let result = of(idx);
                let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
                (self.search.progress)(done, self.planned.load(Ordering::Relaxed));
                Some(result)
            })
            .collect();
        all.ok_or(SolveError::Interrupted)
    }

    /// Descriptions solved so far.
    pub(super) fn n_evaluations(&self) -> usize {
        self.evaluations.load(Ordering::Relaxed)
    }

    /// The coordinates of a point; the last variable changes first.
    pub(super) fn coordinates(&self, point: usize) -> Vec<usize> {
        let mut rest = point;
        let mut coordinates: Vec<usize> = self
            .question
            .variables
            .iter()
            .rev()
            .map(|variable| {
                let n = variable.values.len();
                let index = rest % n;
                rest /= n;
                index
            })
            .collect();
        coordinates.reverse();
        coordinates
    }

    /// Distance in the list of points of neighbours along a variable.
    pub(super) fn stride(&self, variable: usize) -> usize {
        let behind = &self.question.variables[variable + 1..];
        behind
            .iter()
            .map(|variable| variable.values.len())
            .product()
    }

    /// The description at some coordinates, one variable of which may lie between its values.
    pub(super) fn resolved(
        &self,
        coordinates: &[usize],
        between: Option<(usize, f64)>,
    ) -> Result<System, String> {
        let mut sets = Vec::new();
        for (idx, variable) in self.question.variables.iter().enumerate() {
            match between {
                Some((moved, number)) if moved == idx => {
                    sets.extend(variable.sets(&self.context, &One::Number(number))?);
                }
                _ => sets.extend(self.sets[idx][coordinates[idx]].clone()?),
            }
        }
        let system = (self.resolve)(&sets).map_err(|problems| {
            let first = problems.0.first().map(ToString::to_string);
            first.unwrap_or_else(|| "the description does not resolve".to_owned())
        })?;
        Ok(system)
    }

    /// The constrained figures of a description.
    pub(super) fn evaluate(&self, system: &System) -> Nominal {
        self.evaluations.fetch_add(1, Ordering::Relaxed);
        self.judge(system, &self.context.solve(system))
    }

    /// The constrained figures of a solved description.
    pub(super) fn judge(&self, system: &System, state: &SteadyState) -> Nominal {
        let figures = Figures::new(system, state);
        let constraints = &self.question.constraints;
        let of = |metric: &crate::metric::Metric| {
            let value = (metric.value)(system, state, &figures);
            value.map(|si| metric.in_unit(si)).filter(|x| x.is_finite())
        };
        let values: Vec<Option<f64>> = constraints.iter().map(|c| of(c.metric)).collect();
        let (limited_by, fault) = limit(state, &figures);
        let lacks = constraints.iter().zip(&values).find(|(_, v)| v.is_none());
        let reason = lacks.map(|(constraint, _)| {
            fault.unwrap_or_else(|| format!("the system has no {}", constraint.metric.name))
        });
        Nominal {
            values,
            objective: of(self.question.objective),
            reason,
            limited_by,
        }
    }
}

/// What makes most of the errors of the worst lane, and why a lane has no margin.
pub(super) fn limit(state: &SteadyState, figures: &Figures) -> (Option<String>, Option<String>) {
    let designs = || state.lanes.designs.iter().map(link::LaneDesign::worse);
    let n_dark = figures.link.as_ref().map_or(0, |link| link.n_dark);
    let fault = designs()
        .filter(|_| n_dark > 0)
        .find_map(|design| Some(design.outcome.as_ref().err()?.to_string()));
    if let Some(fault) = fault {
        return (Some(fault.clone()), Some(fault));
    }
    let worst = figures.link.as_ref().and_then(|link| link.worst.as_ref());
    let solution =
        worst.and_then(|worst| state.lanes.design(worst.lane).worse().outcome.as_ref().ok());
    let fault = solution.and_then(|solution| match solution.margin {
        Margin::Unreachable {
            floor_ber,
            limiting,
        } => Some(format!(
            "no power would do: with {} alone the error ratio is {floor_ber:.1e}",
            limiting.name()
        )),
        Margin::MetThroughout => Some("the code reaches its target at any power".to_owned()),
        _ => None,
    });
    (
        solution.map(|solution| solution.limiting.name().to_owned()),
        fault,
    )
}
