//! The inverse budget: which specifications meet a set of constraints, where their region ends,
//! what is cheapest in it, and which constraint binds.
//!
//! Every point is a changed description that is resolved and solved as any other. Discrete
//! variables are walked; continuous ones lie on a grid, and where feasibility changes between two
//! neighbours the edge is located between them.
//!
//! Quantiles over draws are computed with common random numbers: one point beside the edge is
//! drawn as a whole, and elsewhere the quantile moves by the mean change of the draws that lie at
//! it, `dq / dx = E[dY / dx | Y = q]`. A draw without a value at a point, such as one that
//! overloads the receiver, makes the point be drawn as a whole too. Only points at an edge are
//! corrected so; the others rest on the shift from nominal value to quantile of the first, and
//! say that they are estimates.
//!
//! # Source
//! For the derivative of a quantile: L. J. Hong, "Estimating quantile sensitivities", Operations
//! Research 57 (2009), theorem 1.

mod edges;
mod explore;
mod grammar;
mod quantile;
mod variable;
mod verdict;

use std::ops::Range;
use std::sync::atomic::AtomicBool;

use system::{Library, Problem, Problems, SourceText, Span, System};

use crate::metric::Metric;

pub use variable::{Alias, Values, Variable};

use explore::Explorer;

/// How a figure compares with its bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `<=`
    AtMost,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `>`
    Above,
}

impl Comparison {
    /// Whether the bound lies below the figure.
    pub const fn is_lower(self) -> bool {
        matches!(self, Self::AtLeast | Self::Above)
    }

    /// As it is written.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::AtMost => "<=",
            Self::AtLeast => ">=",
            Self::Below => "<",
            Self::Above => ">",
        }
    }
}

/// What of a figure is bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    /// The figure of the nominal values.
    Nominal,
    /// The fifth percentile over draws.
    P5,
    /// The median over draws.
    P50,
    /// The ninety-fifth percentile over draws.
    P95,
}

impl Statistic {
    /// A name without its suffix, and what the suffix says.
    pub(super) fn of_suffix(name: &str) -> (&str, Self) {
        for (suffix, statistic) in [("_p5", Self::P5), ("_p50", Self::P50), ("_p95", Self::P95)] {
            if let Some(base) = name.strip_suffix(suffix) {
                return (base, statistic);
            }
        }
        (name, Self::Nominal)
    }

    /// The probability of the quantile; none for the nominal value.
    pub const fn probability(self) -> Option<f64> {
        match self {
            Self::Nominal => None,
            Self::P5 => Some(0.05),
            Self::P50 => Some(0.5),
            Self::P95 => Some(0.95),
        }
    }
}

/// A bound on a figure.
#[derive(Debug, Clone)]
pub struct Constraint {
    /// As it was written.
    pub text: String,
    /// Where it stands in the text of all constraints, bytes.
    pub at: Range<usize>,
    /// The figure.
    pub metric: &'static Metric,
    /// What of it is bounded.
    pub statistic: Statistic,
    /// How.
    pub comparison: Comparison,
    /// The bound, as the figure's quantity holds it.
    pub bound: f64,
}

impl Constraint {
    /// By how much a value, in the unit of the metric, meets the bound; negative when it does not.
    pub fn slack(&self, value: f64) -> f64 {
        let bound = self.metric.in_unit(self.bound);
        if self.comparison.is_lower() {
            value - bound
        } else {
            bound - value
        }
    }

    /// Whether a slack is enough. A strict comparison asks for more than none.
    pub fn is_met_by(&self, slack: f64) -> bool {
        match self.comparison {
            Comparison::AtMost | Comparison::AtLeast => slack >= 0.0,
            Comparison::Below | Comparison::Above => slack > 0.0,
        }
    }
}

/// Constraints and what varies.
#[derive(Debug, Clone)]
pub struct Question {
    /// The constraints.
    pub constraints: Vec<Constraint>,
    /// The variables.
    pub variables: Vec<Variable>,
    /// What shall be least.
    pub objective: &'static Metric,
}

/// How to search, and who watches.
#[derive(Clone, Copy)]
pub struct Search<'a> {
    /// Seed of the draws.
    pub seed: u64,
    /// Draws of a quantile.
    pub draws: u64,
    /// Set by another thread to stop.
    pub stop: &'a AtomicBool,
    /// Told how many points of how many are done. The number of all may grow.
    pub progress: &'a (dyn Fn(usize, usize) + Sync),
}

impl std::fmt::Debug for Search<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Search")
            .field("seed", &self.seed)
            .field("draws", &self.draws)
            .finish_non_exhaustive()
    }
}

/// Resolves the system with further assignments behind those of its user.
pub type Resolve<'a> = dyn Fn(&[String]) -> Result<System, Problems> + Sync + 'a;

/// One choice of all variables.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Index into the values of each variable.
    pub coordinates: Vec<usize>,
    /// Value of each constrained figure, in its metric's unit; none where there is none.
    pub values: Vec<Option<f64>>,
    /// By how much each constraint is met, in its metric's unit.
    pub slack: Vec<Option<f64>>,
    /// Whether all are met.
    pub feasible: bool,
    /// Whether a quantile of it is an estimate from a point that was drawn.
    pub is_estimate: bool,
    /// Why a value is missing.
    pub reason: Option<String>,
    /// What shall be least, in its metric's unit.
    pub objective: Option<f64>,
    /// What makes most of the errors of the worst lane.
    pub limited_by: Option<String>,
}

/// Where feasibility changes between two neighbours of the grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    /// The variable that changes.
    pub variable: usize,
    /// The feasible neighbour, as an index into the points.
    pub inside: usize,
    /// The other one.
    pub outside: usize,
    /// Where it changes, in the variable's unit; none for variables without values between.
    pub location: Option<f64>,
    /// The constraint that changes there; none where the lane itself fails.
    pub constraint: Option<usize>,
}

/// Constraints that cannot hold together.
#[derive(Debug, Clone, PartialEq)]
pub struct Infeasible {
    /// The smallest set of them; empty when no point can be built at all.
    pub constraints: Vec<usize>,
    /// For each of them the point that comes nearest to it among those that meet the others of
    /// the set.
    pub best: Vec<Option<usize>>,
    /// The most frequent reason for which a point has no value.
    pub reason: Option<String>,
}

/// A named share of a sum.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// The name.
    pub name: String,
    /// How much, in decibels of light or in watts.
    pub amount: f64,
}

/// What the light of the worst lane and the power of a port go to at one point.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// The point.
    pub point: usize,
    /// What makes most of the errors, or why the lane is dark.
    pub limited_by: Option<String>,
    /// Losses of light, greatest first, decibels.
    pub losses: Vec<Term>,
    /// Powers of one port, greatest first, watts.
    pub powers: Vec<Term>,
}

/// The answer.
#[derive(Debug, Clone)]
pub struct Region {
    /// What varied.
    pub variables: Vec<Variable>,
    /// What was asked.
    pub constraints: Vec<Constraint>,
    /// Every point of the grid; the last variable changes first.
    pub points: Vec<Point>,
    /// Where the region ends.
    pub edges: Vec<Edge>,
    /// What was to be least.
    pub objective: &'static Metric,
    /// Whether it rests on prices that are estimates.
    pub objective_is_assumed: bool,
    /// The feasible point of which it is least.
    pub cheapest: Option<usize>,
    /// For each constraint the cheapest point when it alone is dropped.
    pub cheapest_without: Vec<Option<usize>>,
    /// Constraints with the share of the infeasible points that each alone excludes, the greatest
    /// first.
    pub binding: Vec<(usize, f64)>,
    /// The constraint that, dropped alone, makes the cheapest point cheaper the most.
    pub binding_at_cheapest: Option<usize>,
    /// What the cheapest point consists of, and the point beyond the binding constraint.
    pub terms: Vec<Terms>,
    /// Why no point is feasible.
    pub infeasible: Option<Infeasible>,
    /// Standard error of each quantile, in its metric's unit, at the point that was drawn.
    pub monte_carlo_error: Vec<Option<f64>>,
    /// Descriptions that were solved, draws included.
    pub evaluations: usize,
    /// Assignments of each value of each variable, or why it has none.
    assignments: Vec<Vec<Result<Vec<String>, String>>>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SolveError {
    /// Somebody asked to stop.
    #[error("stopped")]
    Interrupted,
}

/// Cost where the registry has it and the system a price, else power at the module boundary.
pub(crate) fn default_objective(system: &System) -> &'static Metric {
    let state = crate::SteadyState::solve(system);
    let figures = crate::Figures::new(system, &state);
    let cost = Metric::find("cost.capex_usd").ok();
    cost.filter(|cost| (cost.value)(system, &state, &figures).is_some())
        .or_else(|| Metric::find("power.module_w").ok())
        .unwrap_or(&crate::metric::METRICS[0])
}

/// Finds the region of a question.
///
/// The result does not depend on the number of threads.
///
/// # Errors
/// [`SolveError::Interrupted`] when `search.stop` was set.
pub fn solve(
    question: &Question,
    system: &System,
    library: &Library,
    resolve: &Resolve<'_>,
    search: &Search<'_>,
) -> Result<Region, SolveError> {
    let mut explorer = Explorer::new(question, system, library, resolve, search);
    explorer.walk()?;
    explorer.refine()?;
    let edges = explorer.edges()?;
    explorer.region(edges)
}

impl Region {
    /// A point as it is written: the value of each variable.
    pub fn describe(&self, point: usize) -> String {
        let coordinates = &self.points[point].coordinates;
        let each = self.variables.iter().zip(coordinates);
        let texts: Vec<String> = each
            .map(|(variable, idx)| format!("{} {}", variable.name, variable.text(*idx)))
            .collect();
        texts.join(", ")
    }

    /// The assignments that make the description of some coordinates, as `--set` takes them.
    ///
    /// # Errors
    /// Why a variable cannot have its value.
    pub fn sets(&self, coordinates: &[usize]) -> Result<Vec<String>, String> {
        let each = self.assignments.iter().zip(coordinates);
        let sets: Result<Vec<Vec<String>>, String> =
            each.map(|(variable, idx)| variable[*idx].clone()).collect();
        Ok(sets?.concat())
    }

    /// What is wrong with the constraints when no point meets them, under their text.
    ///
    /// `text` is the text that the constraints were read from.
    pub fn problems(&self, text: &str) -> Option<Problems> {
        let infeasible = self.infeasible.as_ref()?;
        let source = SourceText::new("--for", text);
        let problem = |range: Range<usize>, message: String| {
            let span = Span {
                source: std::sync::Arc::clone(&source),
                range,
            };
            Problem::new("solve::infeasible", &span, message)
        };
        if infeasible.constraints.is_empty() {
            let reason = infeasible
                .reason
                .as_deref()
                .unwrap_or("no point has a value");
            let message = format!("infeasible, because no point can be built: {reason}");
            return Some(Problems(vec![
                problem(0..text.len(), message).with_help("vary something else, or further"),
            ]));
        }
        let others = |this: usize| -> String {
            let others: Vec<&str> = infeasible
                .constraints
                .iter()
                .filter(|idx| **idx != this)
                .map(|idx| self.constraints[*idx].text.as_str())
                .collect();
            others.join(" and ")
        };
        let each = infeasible.constraints.iter().zip(&infeasible.best);
        let problems = each.map(|(idx, best)| {
            let constraint = &self.constraints[*idx];
            let found = best.and_then(|point| {
                let value = self.points[point].values[*idx]?;
                let unit = constraint.metric.unit;
                Some((format!("{} {unit}", variable::short(value)), self.describe(point)))
            });
            let with = others(*idx);
            let message = match (&found, with.is_empty()) {
                (Some((value, at)), true) => format!(
                    "infeasible, because {} cannot be met: the best is {value}, at {at}",
                    constraint.text
                ),
                (Some((value, at)), false) => format!(
                    "infeasible, because {} cannot hold with {with}: the best there is {value}, at {at}",
                    constraint.text
                ),
                (None, _) => format!(
                    "infeasible, because no point has a value of {}: {}",
                    constraint.metric.name,
                    infeasible.reason.as_deref().unwrap_or("the figure does not exist")
                ),
            };
            let help = match found {
                Some(_) => "relax it, or vary more",
                None => "ask for a figure that the system has, or vary something else, or further",
            };
            problem(constraint.at.clone(), message).with_help(help)
        });
        Some(Problems(problems.collect()))
    }
}
