//! What a person asks: `metric<=value, ...` and `variable[=range], ...`, read with places.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use system::{FieldKind, Library, Problem, Problems, SourceText, Span, System};
use units::{Dimension, parse_in};

use super::variable::{Alias, Context, Target, Values, Variable};
use super::{Comparison, Constraint, Question, Statistic};
use crate::metric::Metric;

/// The greatest length of a text, bytes.
const MAX_TEXT: usize = 4096;
/// The greatest number of constraints or variables of one question.
const MAX_TERMS: usize = 16;
/// The greatest number of values of a variable.
const MAX_VALUES: usize = 1024;
/// The greatest number of points of the grid.
pub(super) const MAX_POINTS: usize = 50_000;
/// Points that a grid aims at when nobody says how fine it shall be.
const AIM_POINTS: usize = 800;
/// Least and greatest number of values of a continuous variable when nobody says.
const GRID: Range<usize> = 3..10;

/// A piece of a text with its place.
#[derive(Debug, Clone)]
struct Piece<'a> {
    source: &'a Arc<SourceText>,
    at: Range<usize>,
}

impl<'a> Piece<'a> {
    fn whole(source: &'a Arc<SourceText>) -> Self {
        Self {
            source,
            at: 0..source.text.len(),
        }
        .trimmed()
    }

    fn text(&self) -> &'a str {
        &self.source.text[self.at.clone()]
    }

    fn trimmed(self) -> Self {
        let text = self.text();
        let start = self.at.start + (text.len() - text.trim_start().len());
        let end = start + text.trim().len();
        Self {
            source: self.source,
            at: start..end,
        }
    }

    /// A part of the piece, without the blanks round it.
    fn part(&self, range: Range<usize>) -> Self {
        let at = self.at.start + range.start..self.at.start + range.end;
        Self {
            source: self.source,
            at,
        }
        .trimmed()
    }

    fn split(&self, separator: &str) -> Vec<Self> {
        let mut start = 0;
        let mut pieces: Vec<Self> = Vec::new();
        for (end, _) in self.text().match_indices(separator) {
            pieces.push(self.part(start..end));
            start = end + separator.len();
        }
        pieces.push(self.part(start..self.text().len()));
        pieces
    }

    fn split_once(&self, separator: &str) -> Option<(Self, Self)> {
        let at = self.text().find(separator)?;
        let rest = at + separator.len()..self.text().len();
        Some((self.part(0..at), self.part(rest)))
    }

    fn span(&self) -> Span {
        Span {
            source: Arc::clone(self.source),
            range: self.at.clone(),
        }
    }

    fn problem(&self, code: &'static str, message: impl Into<String>) -> Problem {
        Problem::new(code, &self.span(), message)
    }
}

impl Question {
    /// Reads constraints and variables for a system.
    ///
    /// Constraints are separated by commas: `METRIC<=VALUE`, `<`, `>=` or `>`. The metric is a name
    /// of [`METRICS`](crate::METRICS), with `_p5`, `_p50` or `_p95` behind it for the quantile over
    /// draws from the spreads. The value has a unit of the metric's dimension, or none for the unit
    /// of the metric.
    ///
    /// Variables are separated by commas: an alias (`laser.class`, `lanes_per_laser`,
    /// `coupler.loss`, `modulator.er`) or the path of a value of the description, with `=` and
    /// `LOW..HIGH`, `LOW..HIGH in N` or `A|B|C`; an alias has a range of its own without one.
    ///
    /// # Errors
    /// Every problem of both texts, each with its place and what was meant.
    pub fn parse(
        constraints: &str,
        variables: &str,
        least: Option<&str>,
        system: &System,
        library: &Library,
    ) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let constraint_source = SourceText::new("--for", constraints);
        let variable_source = SourceText::new("--over", variables);
        let constraints = terms(
            &constraint_source,
            &mut problems,
            "a bound on a figure, for example `margin>=1 dB`",
        );
        let constraints: Vec<Constraint> = constraints
            .iter()
            .filter_map(|piece| constraint(piece).map_err(|e| problems.push(*e)).ok())
            .collect();
        contradictions(&constraints, &constraint_source, &mut problems);
        let pieces = terms(
            &variable_source,
            &mut problems,
            "a variable, for example `lanes_per_laser`",
        );
        let mut variables: Vec<Variable> = Vec::new();
        for piece in &pieces {
            match variable(piece, system, library) {
                Ok(found) if variables.iter().any(|known| known.name == found.name) => problems
                    .push(
                        piece
                            .problem("solve::variable", format!("{} varies twice", found.name))
                            .with_help("name it once, with all its values"),
                    ),
                Ok(found) => variables.push(found),
                Err(problem) => problems.push(*problem),
            }
        }
        let objective = match least {
            None => super::default_objective(system),
            Some(name) => Metric::find(name).unwrap_or_else(|_| {
                let source = SourceText::new("--least", name);
                problems.push(unknown_metric(&Piece::whole(&source), name));
                super::default_objective(system)
            }),
        };
        grid(&mut variables, &variable_source, &mut problems);
        if problems.is_empty() {
            shared_values(
                &variables,
                &pieces,
                &Context::new(system, library),
                &mut problems,
            );
        }
        if !problems.is_empty() {
            return Err(Problems(problems));
        }
        Ok(Self {
            constraints,
            variables,
            objective,
        })
    }
}

/// Reports variables that change one value of the description: the later would win unsaid.
fn shared_values(
    variables: &[Variable],
    pieces: &[Piece<'_>],
    context: &Context<'_>,
    problems: &mut Vec<Problem>,
) {
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    for (variable, piece) in variables.iter().zip(pieces) {
        let reachable = (0..variable.values.len())
            .find_map(|idx| variable.sets(context, &variable.one(idx)).ok());
        for set in reachable.into_iter().flatten() {
            let path = set.split('=').next().unwrap_or(&set).to_owned();
            let Some(other) = taken.insert(path.clone(), &variable.name) else {
                continue;
            };
            if other != variable.name {
                let message = format!("{} and {other} both set {path}", variable.name);
                problems.push(
                    piece
                        .problem("solve::variable", message)
                        .with_help("let one of them vary"),
                );
                break;
            }
        }
    }
}

/// The pieces between commas.
fn terms<'a>(
    source: &'a Arc<SourceText>,
    problems: &mut Vec<Problem>,
    example: &str,
) -> Vec<Piece<'a>> {
    let whole = Piece {
        source,
        at: 0..source.text.len(),
    };
    if source.text.len() > MAX_TEXT {
        problems.push(
            Problem::new(
                "solve::too-large",
                &Span {
                    source: SourceText::new(&source.name, ""),
                    range: 0..0,
                },
                format!(
                    "the text has {} bytes; the limit is {MAX_TEXT}",
                    source.text.len()
                ),
            )
            .with_help("ask for less at once"),
        );
        return Vec::new();
    }
    let pieces = whole.split(",");
    if pieces.len() > MAX_TERMS {
        problems.push(
            whole
                .problem(
                    "solve::too-large",
                    format!("{} terms; the limit is {MAX_TERMS}", pieces.len()),
                )
                .with_help("ask for less at once"),
        );
        return Vec::new();
    }
    let mut filled = Vec::new();
    for piece in pieces {
        if piece.text().is_empty() {
            let problem = piece.problem("solve::syntax", "nothing stands here");
            problems.push(problem.with_help(format!("write {example}")));
        } else {
            filled.push(piece);
        }
    }
    filled
}

type Located<T> = Result<T, Box<Problem>>;

fn unknown_metric(piece: &Piece<'_>, name: &str) -> Problem {
    piece
        .problem("solve::metric", format!("there is no figure {name:?}"))
        .with_nearest(name, Metric::names())
}

fn constraint(piece: &Piece<'_>) -> Located<Constraint> {
    let text = piece.text();
    let Some(at) = text.find(['<', '>', '=', '≤', '≥']) else {
        let problem = piece.problem(
            "solve::syntax",
            "a constraint compares a figure with a value",
        );
        return Err(Box::new(
            problem.with_help("write `figure<=value` or `figure>=value`"),
        ));
    };
    let (comparison, length) = match &text[at..] {
        rest if rest.starts_with("<=") => (Comparison::AtMost, 2),
        rest if rest.starts_with(">=") => (Comparison::AtLeast, 2),
        rest if rest.starts_with('≤') => (Comparison::AtMost, '≤'.len_utf8()),
        rest if rest.starts_with('≥') => (Comparison::AtLeast, '≥'.len_utf8()),
        rest if rest.starts_with('<') => (Comparison::Below, 1),
        rest if rest.starts_with('>') => (Comparison::Above, 1),
        _ => {
            let problem = piece.problem(
                "solve::syntax",
                "a figure is computed, so it cannot be asked to equal a number",
            );
            return Err(Box::new(
                problem.with_help("bound it: `<=`, `>=`, or both in two constraints"),
            ));
        }
    };
    let name = piece.part(0..at);
    let value = piece.part(at + length..text.len());
    let (base, statistic) = Statistic::of_suffix(name.text());
    // A figure whose own name ends like a quantile comes before the quantile.
    let found = Metric::find(name.text())
        .map(|metric| (metric, Statistic::Nominal))
        .or_else(|_| Metric::find(base).map(|metric| (metric, statistic)));
    let Ok((metric, statistic)) = found else {
        return Err(Box::new(unknown_metric(&name, base)));
    };
    let bound = match value.text().parse::<f64>() {
        Ok(number) if number.is_finite() => metric.unit().to_si(number),
        _ => parse_in(metric.dimension, value.text()).map_err(|error| {
            let example = format!("for example `{}>=1 {}`", metric.name, metric.unit);
            let problem = value.problem("solve::quantity", format!("{}: {error}", metric.name));
            problem.with_help(
                example
                    .replace(" `", "`")
                    .replace("for example`", "for example `"),
            )
        })?,
    };
    Ok(Constraint {
        text: piece.text().to_owned(),
        at: piece.at.clone(),
        metric,
        statistic,
        comparison,
        bound,
    })
}

/// Bounds on one figure that exclude each other need no search.
fn contradictions(
    constraints: &[Constraint],
    source: &Arc<SourceText>,
    problems: &mut Vec<Problem>,
) {
    for (idx, one) in constraints.iter().enumerate() {
        for other in &constraints[idx + 1..] {
            let same = std::ptr::eq(one.metric, other.metric) && one.statistic == other.statistic;
            let (low, high) = match (one.comparison.is_lower(), other.comparison.is_lower()) {
                (true, false) => (one, other),
                (false, true) => (other, one),
                _ => continue,
            };
            let is_strict =
                low.comparison == Comparison::Above || high.comparison == Comparison::Below;
            let is_empty = low.bound > high.bound || (is_strict && low.bound >= high.bound);
            if same && is_empty {
                let span = Span {
                    source: Arc::clone(source),
                    range: other.at.clone(),
                };
                let message = format!(
                    "infeasible, because {:?} contradicts {:?}",
                    other.text, one.text
                );
                problems.push(
                    Problem::new("solve::infeasible", &span, message)
                        .with_help(format!("no value of {} meets both", one.metric.name)),
                );
            }
        }
    }
}

fn variable(piece: &Piece<'_>, system: &System, library: &Library) -> Located<Variable> {
    let (name, range) = match piece.split_once("=") {
        Some((name, range)) => (name, Some(range)),
        None => (piece.clone(), None),
    };
    let word = name.text();
    if let Some(alias) = Alias::find(word) {
        return alias_variable(alias, &name, range.as_ref(), system, library);
    }
    let found = system.find(word).map_err(|unfound| {
        let names: Vec<&str> = unfound.names.iter().map(String::as_str).collect();
        if unfound.at.start == 0 {
            let aliases: Vec<&str> = Alias::names().collect();
            let names = [aliases, names].concat();
            let problem = name.problem("solve::variable", format!("there is no variable {word:?}"));
            return problem.with_nearest(word, names);
        }
        let at = name.part(unfound.at.clone());
        let message = format!("no variable {word:?}: {}", unfound.message);
        at.problem("solve::variable", message)
            .with_help("`shoreline library show` and `shoreline schema` list what a path may name")
            .with_nearest(at.text(), names)
    })?;
    let Some(range) = range else {
        let problem = name.problem("solve::variable", format!("{word} has no range of its own"));
        return Err(Box::new(
            problem.with_help(format!("write `{word}=LOW..HIGH` or `{word}=A|B`")),
        ));
    };
    let (values, unit, is_continuous) = match found.schema.kind {
        FieldKind::Quantity(dimension) => numbers(&range, dimension)?,
        FieldKind::Count => (Values::Counts(counts(&range)?), "", false),
        FieldKind::Choice(words) => (Values::Words(choices(&range, words)?), "", false),
        FieldKind::Part(_) | FieldKind::Text => (Values::Words(words(&range)?), "", false),
        FieldKind::Flag => (
            Values::Words(choices(&range, &["true", "false"])?),
            "",
            false,
        ),
        FieldKind::Groups(_) | FieldKind::Table(_) => {
            let noun = found.schema.kind.noun();
            let problem = name.problem(
                "solve::variable",
                format!("{word} is {noun}, which cannot vary"),
            );
            return Err(Box::new(problem.with_help("name a value inside it")));
        }
    };
    Ok(Variable {
        name: word.to_owned(),
        unit,
        values,
        is_continuous,
        target: Target::Path,
    })
}

fn alias_variable(
    alias: Alias,
    name: &Piece<'_>,
    range: Option<&Piece<'_>>,
    system: &System,
    library: &Library,
) -> Located<Variable> {
    if let Err(reason) = alias.applies(system) {
        let problem = name.problem(
            "solve::variable",
            format!("{} cannot vary: {reason}", name.text()),
        );
        return Err(Box::new(problem.with_help("leave it out")));
    }
    let own = SourceText::new("", alias.default_range(library));
    let own = Piece::whole(&own);
    let range = range.unwrap_or(&own);
    let (values, unit, is_continuous) = match alias {
        Alias::LaserClass => {
            let known = Alias::classes(library);
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            (Values::Words(choices(range, &known)?), "", false)
        }
        Alias::LanesPerLaser => (Values::Counts(counts(range)?), "", false),
        Alias::CouplerLoss | Alias::ExtinctionRatio => numbers(range, Dimension::PowerRatio)?,
    };
    Ok(Variable {
        name: name.text().to_owned(),
        unit,
        values,
        is_continuous,
        target: Target::Alias(alias),
    })
}

fn syntax(piece: &Piece<'_>, message: impl Into<String>, help: &str) -> Box<Problem> {
    Box::new(piece.problem("solve::syntax", message).with_help(help))
}

const RANGES: &str = "write `LOW..HIGH`, `LOW..HIGH in N` or `A|B|C`";

/// Quantities: a range, which is continuous, or a list. An unknown number of values is left empty
/// but for the ends.
fn numbers(range: &Piece<'_>, dimension: Dimension) -> Located<(Values, &'static str, bool)> {
    let mut unit = None;
    let mut read = |piece: &Piece<'_>| -> Located<f64> {
        let si = parse_in(dimension, piece.text()).map_err(|error| {
            Box::new(
                piece
                    .problem("solve::quantity", error.to_string())
                    .with_help(RANGES),
            )
        })?;
        let symbol = piece
            .text()
            .trim_start_matches(|c: char| !c.is_alphabetic() && c != '%' && c != '/')
            .trim();
        let written = dimension.unit(symbol).unwrap_or(&dimension.units()[0]);
        let unit = *unit.get_or_insert(written);
        Ok(unit.from_si(si))
    };
    let (values, is_continuous) = if let Some((low, rest)) = range.split_once("..") {
        let (high, n) = match rest.split_once(" in ") {
            Some((high, n)) => (high, Some(n)),
            None => (rest, None),
        };
        let (first, last) = (read(&low)?, read(&high)?);
        if first >= last {
            return Err(syntax(
                range,
                "the range is empty",
                "the lower end stands first",
            ));
        }
        let n = match n {
            None => None,
            Some(n) => match n.text().parse::<usize>() {
                Ok(count) if (2..=MAX_VALUES).contains(&count) => Some(count),
                _ => {
                    let message = format!("a range has 2 to {MAX_VALUES} values");
                    return Err(syntax(&n, message, "for example `in 9`"));
                }
            },
        };
        (
            n.map_or(vec![first, last], |n| spaced(first, last, n)),
            (true, n.is_some()),
        )
    } else {
        let values = range
            .split("|")
            .iter()
            .map(&mut read)
            .collect::<Located<Vec<f64>>>()?;
        if !values.is_sorted_by(|a, b| a < b) {
            return Err(syntax(
                range,
                "the values do not rise",
                "list each value once, the least first",
            ));
        }
        (values, (false, true))
    };
    let unit = unit.map_or("", |unit| unit.symbol);
    let (is_continuous, is_fixed) = is_continuous;
    Ok((Values::Numbers { values, is_fixed }, unit, is_continuous))
}

/// Evenly spaced values with exact ends.
fn spaced(first: f64, last: f64, n: usize) -> Vec<f64> {
    let step = (last - first) / (n - 1) as f64;
    let mut values: Vec<f64> = (0..n).map(|idx| first + idx as f64 * step).collect();
    values[n - 1] = last;
    values
}

fn counts(range: &Piece<'_>) -> Located<Vec<u32>> {
    let read = |piece: &Piece<'_>| {
        piece.text().parse::<u32>().map_err(|_| {
            syntax(
                piece,
                format!("expected a whole number, found {:?}", piece.text()),
                RANGES,
            )
        })
    };
    if let Some((low, high)) = range.split_once("..") {
        let (low, high) = (read(&low)?, read(&high)?);
        if low > high || (high - low) as usize >= MAX_VALUES {
            let message = format!("a range of counts rises and has at most {MAX_VALUES} values");
            return Err(syntax(range, message, RANGES));
        }
        return Ok((low..=high).collect());
    }
    let values = range
        .split("|")
        .iter()
        .map(read)
        .collect::<Located<Vec<u32>>>()?;
    if !values.is_sorted_by(|a, b| a < b) {
        return Err(syntax(
            range,
            "the values do not rise",
            "list each value once, the least first",
        ));
    }
    Ok(values)
}

fn words(range: &Piece<'_>) -> Located<Vec<String>> {
    let mut words: Vec<String> = Vec::new();
    for piece in range.split("|") {
        let word = piece.text();
        if word.is_empty() || words.iter().any(|known| known == word) {
            return Err(syntax(&piece, "expected words, each once", RANGES));
        }
        words.push(word.to_owned());
    }
    Ok(words)
}

fn choices(range: &Piece<'_>, known: &[&str]) -> Located<Vec<String>> {
    for piece in range.split("|") {
        if !known.contains(&piece.text()) {
            let problem = piece.problem(
                "solve::choice",
                format!("there is no {:?} here", piece.text()),
            );
            return Err(Box::new(
                problem.with_nearest(piece.text(), known.iter().copied()),
            ));
        }
    }
    words(range)
}

/// Chooses how fine the continuous variables are, and refuses what is too much.
fn grid(variables: &mut [Variable], source: &Arc<SourceText>, problems: &mut Vec<Problem>) {
    let is_open = |variable: &Variable| {
        matches!(
            variable.values,
            Values::Numbers {
                is_fixed: false,
                ..
            }
        )
    };
    let n_fixed: usize = variables
        .iter()
        .filter(|variable| !is_open(variable))
        .map(|variable| variable.values.len())
        .fold(1, usize::saturating_mul);
    let n_open = variables
        .iter()
        .filter(|variable| is_open(variable))
        .count();
    let fits = |n: usize| (0..n_open).fold(n_fixed, |all, _| all.saturating_mul(n)) <= AIM_POINTS;
    let n = GRID.rev().find(|n| fits(*n)).unwrap_or(GRID.start);
    for variable in variables.iter_mut() {
        if let Values::Numbers { values, is_fixed } = &mut variable.values
            && !*is_fixed
        {
            *values = spaced(values[0], values[values.len() - 1], n);
        }
    }
    let n_points = variables
        .iter()
        .map(|variable| variable.values.len())
        .fold(1, usize::saturating_mul);
    if n_points > MAX_POINTS {
        problems.push(
            Piece::whole(source)
                .problem(
                    "solve::too-large",
                    format!("{n_points} points; the limit is {MAX_POINTS}"),
                )
                .with_help("vary less at once, or in coarser steps: `LOW..HIGH in N`"),
        );
    }
}
