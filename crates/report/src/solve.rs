//! The region of an inverse budget as text and JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};
use system::System;
use twin::solve::{Constraint, Edge, Point, Region, Statistic, Terms, Values};
use units::Dimension;

use crate::text::table;
use crate::words::{counted, grouped};

/// Everything that `solve` found.
pub fn solve_json(system: &System, region: &Region) -> Value {
    let variables: Vec<Value> = region
        .variables
        .iter()
        .map(|variable| {
            let values = match &variable.values {
                Values::Numbers { values, .. } => json!(values),
                Values::Counts(values) => json!(values),
                Values::Words(values) => json!(values),
            };
            json!({
                "name": variable.name, "unit": variable.unit, "continuous": variable.is_continuous,
                "values": values,
            })
        })
        .collect();
    let constraints: Vec<Value> = region
        .constraints
        .iter()
        .zip(&region.monte_carlo_error)
        .zip(&region.cheapest_without)
        .map(|((constraint, error), without)| {
            json!({
                "text": constraint.text, "metric": constraint.metric.name,
                "statistic": statistic(constraint.statistic), "comparison": constraint.comparison.symbol(),
                "bound": constraint.metric.in_unit(constraint.bound), "unit": constraint.metric.unit,
                "boundary": constraint.metric.boundary.map(twin::Boundary::text),
                "monte_carlo_error": error, "cheapest_without": without,
            })
        })
        .collect();
    let points: Vec<Value> = region.points.iter().map(point_json).collect();
    let edges: Vec<Value> = region
        .edges
        .iter()
        .map(|edge| {
            json!({
                "variable": edge.variable, "inside": edge.inside, "outside": edge.outside,
                "location": edge.location, "constraint": edge.constraint,
            })
        })
        .collect();
    let binding: Vec<Value> = region
        .binding
        .iter()
        .map(|(constraint, share)| json!({ "constraint": constraint, "share": share }))
        .collect();
    json!({
        "system": { "name": system.description.name, "fingerprint": system.fingerprint.to_string() },
        "variables": variables,
        "constraints": constraints,
        "objective": {
            "metric": region.objective.name, "unit": region.objective.unit,
            "boundary": region.objective.boundary.map(twin::Boundary::text),
            "assumed": region.objective_is_assumed,
        },
        "points": points,
        "edges": edges,
        "cheapest": region.cheapest,
        "binding": binding,
        "binding_at_cheapest": region.binding_at_cheapest,
        "terms": region.terms.iter().map(terms_json).collect::<Vec<_>>(),
        "infeasible": region.infeasible.as_ref().map(|why| json!({
            "constraints": why.constraints, "best": why.best, "reason": why.reason,
        })),
        "evaluations": region.evaluations,
    })
}

fn statistic(statistic: Statistic) -> &'static str {
    match statistic {
        Statistic::Nominal => "nominal",
        Statistic::P5 => "p5",
        Statistic::P50 => "p50",
        Statistic::P95 => "p95",
    }
}

fn point_json(point: &Point) -> Value {
    json!({
        "coordinates": point.coordinates, "values": point.values, "slack": point.slack,
        "feasible": point.feasible, "estimate": point.is_estimate, "reason": point.reason,
        "objective": point.objective, "limited_by": point.limited_by,
    })
}

fn terms_json(terms: &Terms) -> Value {
    let list = |terms: &[twin::solve::Term]| -> Vec<Value> {
        terms
            .iter()
            .map(|term| json!({ "name": term.name, "amount": term.amount }))
            .collect()
    };
    json!({
        "point": terms.point, "limited_by": terms.limited_by,
        "losses_db": list(&terms.losses), "powers_w": list(&terms.powers),
    })
}

/// The region as tables, the cheapest point, and what binds.
pub fn solve_text(system: &System, region: &Region) -> String {
    let mut text = String::new();
    let n_feasible = region.points.iter().filter(|point| point.feasible).count();
    let all: Vec<&str> = region.constraints.iter().map(|c| c.text.as_str()).collect();
    line(
        &mut text,
        &format!("{}: {}", system.description.name, all.join(", ")),
    );
    line(
        &mut text,
        &format!(
            "  {} of {} points are feasible",
            grouped(n_feasible),
            grouped(region.points.len())
        ),
    );
    for (constraint, error) in region.constraints.iter().zip(&region.monte_carlo_error) {
        if let Some(error) = error {
            let (metric, statistic) = (constraint.metric, statistic(constraint.statistic));
            line(
                &mut text,
                &format!(
                    "  {statistic} of {} has a Monte-Carlo error of {error:.2} {}",
                    metric.name, metric.unit
                ),
            );
        }
        if let Some(boundary) = constraint.metric.boundary {
            line(
                &mut text,
                &format!("  {}: {}", constraint.metric.name, boundary.text()),
            );
        }
    }
    text.push('\n');
    plane(region, &mut text);
    if let Some(cheapest) = region.cheapest {
        answer(region, cheapest, &mut text);
    }
    binding(region, &mut text);
    text
}

fn line(text: &mut String, what: &str) {
    text.push_str(what);
    text.push('\n');
}

/// The name without the end that the JSON gives a price.
fn objective_name(region: &Region) -> &str {
    let name = region.objective.name;
    name.strip_suffix(".value").unwrap_or(name)
}

fn number(value: f64) -> String {
    let precise = format!("{value:.3e}");
    precise.parse::<f64>().unwrap_or(value).to_string()
}

/// A distance from a bound, with its unit: levels lie decibels apart.
fn distance(constraint: &Constraint, slack: f64) -> String {
    let unit = match constraint.metric.dimension {
        Dimension::PowerLevel => "dB",
        _ => constraint.metric.unit,
    };
    format!("{} {unit}", number(slack)).trim_end().to_owned()
}

/// The two variables that span the table: discrete ones first.
fn axes(region: &Region) -> (Option<usize>, Option<usize>) {
    let discrete = |is: bool| {
        let each = region.variables.iter().enumerate();
        each.filter(move |(_, variable)| variable.is_continuous != is)
            .map(|(idx, _)| idx)
    };
    let mut order = discrete(true).chain(discrete(false));
    (order.next(), order.next())
}

/// One table: rows of one variable, columns of another, cells with what of the others is feasible.
fn plane(region: &Region, text: &mut String) {
    let (Some(row), column) = axes(region) else {
        return;
    };
    let rest: Vec<usize> = (0..region.variables.len())
        .filter(|idx| *idx != row && Some(*idx) != column)
        .collect();
    let rows = &region.variables[row];
    let columns = column.map(|column| &region.variables[column]);
    let n_columns = columns.map_or(1, |variable| variable.values.len());
    let corner = match columns {
        Some(columns) => format!("{} \\ {}", rows.name, columns.name),
        None => rows.name.clone(),
    };
    let heads =
        (0..n_columns).map(|idx| columns.map_or_else(String::new, |variable| variable.text(idx)));
    let header: Vec<String> = std::iter::once(corner).chain(heads).collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let body = (0..rows.values.len()).map(|row_idx| {
        let cells = (0..n_columns).map(|column_idx| {
            let here = |point: &Point| {
                point.coordinates[row] == row_idx
                    && column.is_none_or(|column| point.coordinates[column] == column_idx)
            };
            cell(region, &rest, here)
        });
        std::iter::once(rows.text(row_idx)).chain(cells).collect()
    });
    let right: Vec<usize> = (1..=n_columns).collect();
    text.push_str(&table(&header, &right, body));
    text.push('\n');
    line(text, &legend(region, &rest));
    text.push('\n');
}

fn legend(region: &Region, rest: &[usize]) -> String {
    let objective = format!("{} in {}", objective_name(region), region.objective.unit);
    if rest.is_empty() {
        return format!(
            "  cells: {objective} where feasible, else the constraint that is missed most, or why there is no value"
        );
    }
    let names: Vec<&str> = rest
        .iter()
        .map(|idx| region.variables[*idx].name.as_str())
        .collect();
    format!(
        "  cells: the share of {} that is feasible, and its least {objective}",
        names.join(" x ")
    )
}

fn cell(region: &Region, rest: &[usize], here: impl Fn(&Point) -> bool) -> String {
    let points: Vec<&Point> = region.points.iter().filter(|point| here(point)).collect();
    let feasible = || points.iter().filter(|point| point.feasible);
    let least = feasible()
        .filter_map(|point| point.objective)
        .min_by(f64::total_cmp);
    if rest.is_empty() {
        return match (least, points.first()) {
            (Some(least), _) => number(least),
            (None, Some(point)) => missed(region, point),
            (None, None) => String::new(),
        };
    }
    let n = feasible().count();
    match least {
        None => "-".to_owned(),
        Some(least) if n == points.len() => format!("all, {}", number(least)),
        Some(least) => format!("{} %, {}", 100 * n / points.len(), number(least)),
    }
}

/// The constraint of which a point misses the most, with by how much.
fn missed(region: &Region, point: &Point) -> String {
    let each = region.constraints.iter().zip(&point.slack).enumerate();
    let failing = each.filter_map(|(idx, (constraint, slack))| {
        let slack = (*slack)?;
        (!constraint.is_met_by(slack)).then_some((idx, slack))
    });
    match failing.min_by(|a, b| a.1.total_cmp(&b.1)) {
        Some((idx, slack)) => {
            let constraint = &region.constraints[idx];
            let (name, _) = constraint
                .text
                .split_once(['<', '>'])
                .unwrap_or((&constraint.text, ""));
            format!("{} lacks {}", name.trim(), distance(constraint, -slack))
        }
        None => "no value".to_owned(),
    }
}

fn answer(region: &Region, cheapest: usize, text: &mut String) {
    let point = &region.points[cheapest];
    let (metric, objective) = (region.objective, point.objective.unwrap_or_default());
    let remark = if region.objective_is_assumed {
        " (assumed: its prices are estimates)"
    } else {
        ""
    };
    line(
        text,
        &format!(
            "Cheapest, {} {} {}{remark}: {}",
            objective_name(region),
            number(objective),
            metric.unit,
            region.describe(cheapest)
        ),
    );
    for ((constraint, value), slack) in region
        .constraints
        .iter()
        .zip(&point.values)
        .zip(&point.slack)
    {
        if let (Some(value), Some(slack)) = (value, slack) {
            let value = format!("{} {}", number(*value), constraint.metric.unit);
            let spare = distance(constraint, *slack);
            line(
                text,
                &format!(
                    "  {}: {}, {spare} to spare",
                    constraint.text,
                    value.trim_end()
                ),
            );
        }
    }
    terms(region, cheapest, text);
    let (Some(binding), Some(beyond)) = (
        region.binding_at_cheapest,
        region
            .binding_at_cheapest
            .and_then(|idx| region.cheapest_without[idx]),
    ) else {
        line(
            text,
            "  no constraint binds there: dropping any one gives nothing cheaper",
        );
        text.push('\n');
        return;
    };
    let point = &region.points[beyond];
    let short = point.slack[binding].map_or_else(String::new, |slack| {
        let lacking = distance(&region.constraints[binding], -slack);
        format!(", which lacks {lacking}")
    });
    line(
        text,
        &format!(
            "\nBinds there: {}; without it {} {} {}: {}{short}",
            region.constraints[binding].text,
            objective_name(region),
            number(point.objective.unwrap_or_default()),
            metric.unit,
            region.describe(beyond)
        ),
    );
    terms(region, beyond, text);
    text.push('\n');
}

/// What the light and the power go to, the greatest first.
fn terms(region: &Region, point: usize, text: &mut String) {
    let Some(terms) = region.terms.iter().find(|terms| terms.point == point) else {
        return;
    };
    if let Some(limited_by) = &terms.limited_by {
        line(text, &format!("  errors come from: {limited_by}"));
    }
    for (title, unit, list) in [
        ("light", "dB", &terms.losses),
        ("power of a port", "W", &terms.powers),
    ] {
        let list: Vec<String> = list
            .iter()
            .map(|term| format!("{} {:.2} {unit}", term.name, term.amount))
            .take(8)
            .collect();
        if !list.is_empty() {
            line(text, &format!("  {title}: {}", list.join(", ")));
        }
    }
}

fn binding(region: &Region, text: &mut String) {
    let alone: Vec<String> = region
        .binding
        .iter()
        .map(|(idx, share)| format!("{} {:.0} %", region.constraints[*idx].text, 100.0 * share))
        .collect();
    line(
        text,
        &format!(
            "Infeasible points that one constraint alone excludes: {}",
            alone.join(", ")
        ),
    );
    for (idx, variable) in region.variables.iter().enumerate() {
        if variable.is_continuous {
            edges(region, idx, text);
        }
    }
}

/// The range over which the edge of a continuous variable moves, by the constraint that makes it.
fn edges(region: &Region, variable: usize, text: &mut String) {
    let of = |edge: &&Edge| edge.variable == variable;
    let mut by_constraint: Vec<(Option<usize>, f64, f64, usize)> = Vec::new();
    for edge in region.edges.iter().filter(of) {
        let Some(location) = edge.location else {
            continue;
        };
        match by_constraint
            .iter_mut()
            .find(|entry| entry.0 == edge.constraint)
        {
            Some((_, low, high, n)) => {
                (*low, *high, *n) = (low.min(location), high.max(location), *n + 1);
            }
            None => by_constraint.push((edge.constraint, location, location, 1)),
        }
    }
    by_constraint.sort_by_key(|entry| (entry.0.is_none(), entry.0));
    let variable = &region.variables[variable];
    for (constraint, low, high, n) in by_constraint {
        let why = constraint.map_or("the lane itself", |idx| {
            region.constraints[idx].text.as_str()
        });
        let mut row = String::new();
        let _ = write!(row, "Edge of {} by {why}: {}", variable.name, number(low));
        if n > 1 {
            let _ = write!(row, " to {}", number(high));
        }
        let _ = write!(row, " {}, found on {}", variable.unit, counted(n, "line"));
        line(text, &row);
    }
}
