//! What the points say together: the cheapest, what binds, and why nothing is feasible.

use std::collections::BTreeMap;

use link::{Element, Planes};
use system::parts::LaserCondition;
use system::{LaserHome, System};
use units::Dimension;

use super::explore::{Explorer, limit};
use super::{Edge, Infeasible, Point, Region, SolveError, Term, Terms};
use crate::figures::Figures;

/// The point of least objective among some; the first of equals.
pub(super) fn cheapest(points: &[Point], among: impl Fn(&Point) -> bool) -> Option<usize> {
    points
        .iter()
        .enumerate()
        .filter(|(_, point)| among(point))
        .filter_map(|(idx, point)| Some((point.objective?, idx)))
        .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
        .map(|(_, idx)| idx)
}

/// The point that meets a constraint best among some; the first of equals.
pub(super) fn nearest(
    points: &[Point],
    constraint: usize,
    among: impl Fn(&Point) -> bool,
) -> Option<usize> {
    points
        .iter()
        .enumerate()
        .filter(|(_, point)| among(point))
        .filter_map(|(idx, point)| Some((point.slack[constraint]?, idx)))
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))
        .map(|(_, idx)| idx)
}

impl Explorer<'_> {
    fn meets(&self, point: &Point, constraint: usize) -> bool {
        let bound = &self.question.constraints[constraint];
        point.slack[constraint].is_some_and(|slack| bound.is_met_by(slack))
    }

    /// Puts everything together.
    pub(super) fn region(self, edges: Vec<Edge>) -> Result<Region, SolveError> {
        let n = self.question.constraints.len();
        let found = cheapest(&self.points, |point| point.feasible);
        let all_but = |point: &Point, dropped: usize| {
            (0..n).all(|idx| idx == dropped || self.meets(point, idx))
        };
        let without: Vec<Option<usize>> = (0..n)
            .map(|idx| cheapest(&self.points, |point| all_but(point, idx)))
            .collect();
        let n_infeasible = self.points.iter().filter(|point| !point.feasible).count();
        let mut binding: Vec<(usize, f64)> = (0..n)
            .map(|idx| {
                let alone = |point: &&Point| !point.feasible && all_but(point, idx);
                let alone = self.points.iter().filter(alone).count();
                (idx, alone as f64 / n_infeasible.max(1) as f64)
            })
            .collect();
        binding.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let objective = |point: usize| self.points[point].objective.unwrap_or(f64::INFINITY);
        let binding_at_cheapest = found.and_then(|cheapest| {
            let saved =
                |idx: usize| without[idx].map(|p| (objective(cheapest) - objective(p), idx));
            (0..n)
                .filter_map(saved)
                .filter(|(saved, _)| *saved > 0.0)
                .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))
                .map(|(_, idx)| idx)
        });
        let beyond = binding_at_cheapest.and_then(|idx| without[idx]);
        let infeasible = found.is_none().then(|| self.because(n));
        let tried = infeasible
            .iter()
            .flat_map(|why| why.best.iter().flatten().copied());
        let mut shown: Vec<usize> = found.into_iter().chain(beyond).chain(tried).collect();
        shown.dedup();
        let terms = self.each(shown.len(), |idx| self.terms(shown[idx]))?;
        let anchors = self.anchors.iter();
        let monte_carlo_error = anchors.map(|anchor| Some(anchor.as_ref()?.error)).collect();
        Ok(Region {
            evaluations: self.n_evaluations(),
            variables: self.question.variables.clone(),
            constraints: self.question.constraints.clone(),
            edges,
            objective: self.question.objective,
            objective_is_assumed: self.question.objective.dimension == Dimension::Money
                && self.context.has_assumed_prices(),
            cheapest: found,
            cheapest_without: without,
            binding,
            binding_at_cheapest,
            terms: terms.into_iter().flatten().collect(),
            infeasible,
            monte_carlo_error,
            points: self.points,
            assignments: self.sets,
        })
    }

    /// The smallest set of constraints that no point meets together: singles, then pairs and more.
    fn because(&self, n: usize) -> Infeasible {
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for reason in self
            .points
            .iter()
            .filter_map(|point| point.reason.as_deref())
        {
            *reasons.entry(reason).or_default() += 1;
        }
        let reason = reasons
            .into_iter()
            .max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(a.0)))
            .map(|(reason, _)| reason.to_owned());
        let mut sets: Vec<u32> = (1..1u32 << n).collect();
        sets.sort_by_key(|set| (set.count_ones(), *set));
        let members = |set: u32| (0..n).filter(move |idx| set >> idx & 1 == 1);
        let is_met = |set: u32| {
            let meets = |point: &Point| members(set).all(|idx| self.meets(point, idx));
            self.points.iter().any(meets)
        };
        let smallest = sets.into_iter().find(|set| !is_met(*set)).unwrap_or(0);
        let constraints: Vec<usize> = members(smallest).collect();
        let best = constraints
            .iter()
            .map(|idx| {
                let others = |point: &Point| {
                    constraints
                        .iter()
                        .all(|other| other == idx || self.meets(point, *other))
                };
                nearest(&self.points, *idx, others)
            })
            .collect();
        Infeasible {
            constraints,
            best,
            reason,
        }
    }

    /// What the light and the power of a point go to.
    fn terms(&self, point: usize) -> Option<Terms> {
        let system = self.resolved(&self.points[point].coordinates, None).ok()?;
        let state = self.context.solve(&system);
        let figures = Figures::new(&system, &state);
        let worst = figures.link.as_ref().and_then(|link| link.worst.as_ref());
        let lane = worst.map_or(system::MediaLaneId::from_index(0), |worst| worst.lane);
        let planes = &state
            .lanes
            .designs
            .get(*state.lanes.design_of.get(lane.index())?)?
            .worse()
            .planes;
        let mut losses = losses(planes);
        losses.extend(shortfall(&system, lane));
        let port = figures.power.as_ref().map(|power| power.port);
        let mut powers: Vec<Term> = port.map_or_else(Vec::new, |port| {
            [
                ("engine", port.engine),
                ("engine interface", port.engine_interface),
                ("DSP", port.dsp),
                ("tuning", port.tuning),
                ("laser", port.laser),
                ("conversion", port.optics_conversion),
            ]
            .into_iter()
            .map(|(name, power)| Term {
                name: name.to_owned(),
                amount: power.value(),
            })
            .collect()
        });
        for terms in [&mut losses, &mut powers] {
            terms.retain(|term| term.amount > 0.0);
            terms.sort_by(|a, b| b.amount.total_cmp(&a.amount).then(a.name.cmp(&b.name)));
        }
        Some(Terms {
            point,
            limited_by: limit(&state, &figures).0,
            losses,
            powers,
        })
    }
}

fn losses(planes: &Planes) -> Vec<Term> {
    let planes = planes
        .0
        .iter()
        .filter(|plane| plane.element != Element::Laser);
    planes
        .map(|plane| Term {
            name: plane.element.name().replace('_', " "),
            amount: plane.loss.value(),
        })
        .collect()
}

/// What the lasers of a lane give less than they are set to.
fn shortfall(system: &System, lane: system::MediaLaneId) -> Vec<Term> {
    let laser = &system.lasers[system.media_lanes[lane.index()].laser.index()];
    let LaserHome::Module(module, _) = laser.home else {
        return Vec::new();
    };
    let group = system.laser_modules[module.index()].group;
    let part = &system.description.laser_module[group].value;
    let condition = part.condition.unwrap_or(LaserCondition::New);
    let all = part.launch_shortfall().value();
    let aged = match (&part.end_of_life_loss, condition) {
        (Some(loss), LaserCondition::EndOfLife | LaserCondition::Worst) => loss.value.value(),
        _ => 0.0,
    };
    let term = |name: &str, amount| Term {
        name: name.to_owned(),
        amount,
    };
    vec![
        term("laser class tolerance", all - aged),
        term("laser ageing", aged),
    ]
}
