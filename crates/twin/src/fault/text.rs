//! Faults as a line of text, in and out.

use std::fmt;

use plant::Signal;
use system::{Problem, Problems, SourceText, Span, System, nearest};
use units::{Dimension, format_si, parse_in};

use super::Fault;
use super::kind::{FaultKind, Severity};
use super::piece::{Located, Piece, nanoseconds_of};
use super::profile::{Profile, Repeat};
use super::target::Target;

/// The greatest length of a text, bytes.
pub(super) const MAX_TEXT: usize = 4096;

/// Words that begin what follows the severity.
const CLAUSES: [&str; 5] = ["onset", "for", "recovery", "repeat", "duty"];

/// The share of a period for which an intermittent fault is there unless it says otherwise.
const HALF: f64 = 0.5;

/// How a fault comes and goes, as written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clauses<'a> {
    pub(crate) onset: Option<Piece<'a>>,
    pub(crate) hold: Option<Piece<'a>>,
    pub(crate) recovery: Option<Piece<'a>>,
    pub(crate) repeat: Option<Piece<'a>>,
    pub(crate) duty: Option<Piece<'a>>,
}

impl Fault {
    /// Reads a line of text; see the [module](super) for its form.
    ///
    /// # Errors
    /// Every problem with its place, what was expected there, and the nearest name.
    pub fn parse(text: &str, system: &System) -> Result<Self, Problems> {
        let span = whole(text)?;
        let mut problems = Vec::new();
        let fault = read(&Piece::new(text, &span), system, &mut problems);
        match fault {
            Some(fault) if problems.is_empty() => Ok(fault),
            _ => Err(Problems(problems)),
        }
    }

    /// Reads a line of text that says on which of several switches the fault is, as
    /// `leaf1: fibre_dirt oe0.tx3 1.5 dB`; one switch alone need not be named. Gives the position of
    /// the switch beside the fault.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), and a switch that is not there, or not named.
    pub fn parse_among(
        text: &str,
        switches: &[(&str, &System)],
    ) -> Result<(usize, Self), Problems> {
        const CODE: &str = "fault::switch";
        let span = whole(text)?;
        let line = Piece::new(text, &span);
        let refused = |problem: Problem| Err(Problems(vec![problem]));
        let names = || switches.iter().map(|(name, _)| *name);
        let mut parts = line.split(':');
        let first = parts.next().unwrap_or_else(|| line.clone());
        let rest: Vec<Piece<'_>> = parts.collect();
        let (position, fault) = match (rest.as_slice(), switches) {
            ([], [_]) => (0, line),
            ([], _) => {
                let problem = first.problem(CODE, "the fault does not say on which switch it is");
                let example = names().next().unwrap_or("leaf1");
                let help = format!("begin with a switch, such as `{example}: {}`", first.text());
                return refused(problem.with_help(help));
            }
            ([next, ..], _) => {
                let Some(position) = names().position(|name| name == first.text()) else {
                    let message = format!("there is no switch {:?}", first.text());
                    let problem = first.problem(CODE, message);
                    let problem = problem.with_nearest(first.text(), names());
                    return refused(if problem.help.is_none() {
                        problem.with_help("the world has no switch")
                    } else {
                        problem
                    });
                };
                (position, next.through(&rest[rest.len() - 1]))
            }
        };
        let mut problems = Vec::new();
        let fault = read(&fault, switches[position].1, &mut problems);
        match fault {
            Some(fault) if problems.is_empty() => Ok((position, fault)),
            _ => Err(Problems(problems)),
        }
    }

    /// The text that reads back as this fault.
    pub fn display<'a>(&'a self, system: &'a System) -> FaultText<'a> {
        FaultText {
            fault: self,
            system,
        }
    }
}

/// The place of a whole text that is not too long.
fn whole(text: &str) -> Result<Span, Problems> {
    let is_long = text.len() > MAX_TEXT;
    let source = SourceText::new("fault", if is_long { "" } else { text });
    let span = Span {
        range: 0..source.text.len(),
        source,
    };
    if is_long {
        let message = format!("the text has {} bytes; the limit is {MAX_TEXT}", text.len());
        let problem = Problem::new("fault::too-large", &span, message);
        return Err(Problems(vec![problem.with_help("one line is one fault")]));
    }
    Ok(span)
}

fn read(line: &Piece<'_>, system: &System, problems: &mut Vec<Problem>) -> Option<Fault> {
    let words = line.words();
    let Some((first, rest)) = words.split_first() else {
        let problem = line.problem("fault::syntax", "nothing stands here");
        problems.push(problem.with_help("write a fault, for example `fibre_dirt oe0.tx3 1.5 dB`"));
        return None;
    };
    let kind = kind(first).map_err(|p| problems.push(*p)).ok()?;
    let n_words = kind.strikes().n_words();
    if rest.len() < n_words {
        let noun = kind.strikes().noun();
        let message = format!("{} lacks what it strikes", kind.name());
        let problem = words[words.len() - 1]
            .end()
            .problem("fault::target", message);
        problems.push(problem.with_help(format!("name {noun}")));
        return None;
    }
    let (target, rest) = rest.split_at(n_words);
    let target = Target::parse(kind, target, system)
        .map_err(|p| problems.push(*p))
        .ok();
    let (stated, rest) = stated_severity(rest);
    let clauses = clauses(rest, problems);
    let signal = match target {
        Some(Target::Monitor(signal, _)) => Some(signal),
        _ => None,
    };
    let profile = profile(kind, &clauses, problems);
    // What a monitor's severity measures is unknown without its signal.
    let end = words[words.len() - 1].end();
    let severity = match kind.severity() {
        Severity::OfSignal if signal.is_none() => None,
        _ => severity(kind, signal, stated.as_ref(), &end)
            .map_err(|p| problems.push(*p))
            .ok(),
    };
    Some(Fault {
        kind,
        target: target?,
        severity: severity?,
        profile: profile?,
    })
}

/// The kind of fault that a word names.
pub(crate) fn kind(word: &Piece<'_>) -> Located<FaultKind> {
    FaultKind::from_name(word.text()).ok_or_else(|| {
        let problem = word.problem(
            "fault::kind",
            format!("there is no fault {:?}", word.text()),
        );
        let names = FaultKind::ALL.iter().map(|kind| kind.name());
        Box::new(problem.with_nearest(word.text(), names))
    })
}

/// Takes the words of a severity: a number with or without its unit, or one word that is meant so.
fn stated_severity<'a, 'b>(words: &'b [Piece<'a>]) -> (Option<Piece<'a>>, &'b [Piece<'a>]) {
    let Some(first) = words.first().filter(|w| !CLAUSES.contains(&w.text())) else {
        return (None, words);
    };
    if nearest(first.text(), CLAUSES).is_some() {
        return (None, words);
    }
    let is_unit = |word: &&Piece<'a>| {
        let is_known = Dimension::of_symbol(word.text()).is_some();
        is_known || nearest(word.text(), CLAUSES).is_none()
    };
    let has_unit = first.text().parse::<f64>().is_err();
    match words.get(1).filter(|_| !has_unit).filter(is_unit) {
        Some(unit) => (Some(first.through(unit)), &words[2..]),
        None => (Some(first.clone()), &words[1..]),
    }
}

/// Reads `onset TIME for TIME ...`.
fn clauses<'a>(words: &[Piece<'a>], problems: &mut Vec<Problem>) -> Clauses<'a> {
    let mut clauses = Clauses::default();
    let mut rest = words;
    while let Some((word, after)) = rest.split_first() {
        let n_value = after
            .iter()
            .take_while(|w| !CLAUSES.contains(&w.text()))
            .count();
        let (value, others) = after.split_at(n_value);
        rest = others;
        let slot = match word.text() {
            "onset" => &mut clauses.onset,
            "for" => &mut clauses.hold,
            "recovery" => &mut clauses.recovery,
            "repeat" => &mut clauses.repeat,
            "duty" => &mut clauses.duty,
            other => {
                let problem = word.problem("fault::syntax", format!("unexpected {other:?}"));
                problems.push(problem.with_nearest(other, CLAUSES));
                continue;
            }
        };
        match value {
            _ if slot.is_some() => {
                let message = format!("{} stands twice", word.text());
                problems.push(
                    word.problem("fault::syntax", message)
                        .with_help("remove one"),
                );
            }
            [] => {
                let (what, example) = match word.text() {
                    "duty" => ("a share", "duty 30 %".to_owned()),
                    other => ("a time", format!("{other} 10 s")),
                };
                let message = format!("{} lacks {what}", word.text());
                let problem = word.end().problem("fault::syntax", message);
                problems.push(problem.with_help(format!("for example {example:?}")));
            }
            [first, ..] => *slot = Some(first.through(&value[value.len() - 1])),
        }
    }
    clauses
}

/// How bad it is: what is stated, or what the kind itself says.
pub(crate) fn severity(
    kind: FaultKind,
    signal: Option<Signal>,
    stated: Option<&Piece<'_>>,
    end: &Piece<'_>,
) -> Located<f64> {
    const CODE: &str = "fault::severity";
    let (dimension, meaning) = match (kind.severity(), stated) {
        (Severity::None, None) => return Ok(1.0),
        (Severity::None, Some(stated)) => {
            let message = format!("{} has no severity: it is there or not", kind.name());
            return Err(Box::new(
                stated.problem(CODE, message).with_help("remove it"),
            ));
        }
        (Severity::Quantity(range), None) => return Ok(range.default),
        (Severity::Quantity(range), Some(_)) => (range.dimension, range.meaning),
        (Severity::OfSignal, _) => {
            let dimension = signal.map_or(Dimension::Ratio, Signal::dimension);
            (dimension.of_difference(), "error of the readings")
        }
    };
    let Some(stated) = stated else {
        let unit = dimension.units()[0].symbol;
        let message = format!("{} lacks its severity, the {meaning}", kind.name());
        let example = format!("1 {unit}");
        let help = format!(
            "add {}, for example {:?}",
            dimension.noun(),
            example.trim_end()
        );
        return Err(Box::new(end.problem(CODE, message).with_help(help)));
    };
    let si = stated.quantity(CODE, dimension)?;
    if let Severity::Quantity(range) = kind.severity()
        && !(range.least..=range.greatest).contains(&si)
    {
        let message = format!(
            "the severity of {}, the {meaning}, cannot be {}",
            kind.name(),
            stated.text()
        );
        let help = format!(
            "the valid range is {} to {}",
            format_si(dimension, range.least),
            format_si(dimension, range.greatest)
        );
        return Err(Box::new(stated.problem(CODE, message).with_help(help)));
    }
    Ok(si)
}

/// How it comes and goes, when nothing is wrong with it.
pub(crate) fn profile(
    kind: FaultKind,
    clauses: &Clauses<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Profile> {
    const CODE: &str = "fault::profile";
    let before = problems.len();
    let mut time = |piece: &Option<Piece<'_>>| -> Option<u64> {
        let time = piece.as_ref()?.nanoseconds(CODE);
        time.map_err(|p| problems.push(*p)).ok()
    };
    let profile = Profile {
        onset_ns: time(&clauses.onset).unwrap_or(0),
        hold_ns: time(&clauses.hold),
        recovery_ns: time(&clauses.recovery).unwrap_or(0),
        repeat: None,
    };
    let period_ns = time(&clauses.repeat);
    let duty = match &clauses.duty {
        None => Some(HALF),
        Some(duty) => duty
            .quantity(CODE, Dimension::Ratio)
            .map_err(|p| problems.push(*p))
            .ok(),
    };
    for piece in [&clauses.onset, &clauses.recovery].into_iter().flatten() {
        if !kind.is_gradual() {
            let message = format!(
                "{} is there or not: it can neither rise nor fall",
                kind.name()
            );
            let problem = piece.problem(CODE, message);
            problems
                .push(problem.with_help("remove onset and recovery; it may have for and repeat"));
        }
    }
    if let (Some(duty), Some(piece)) = (duty, &clauses.duty) {
        if clauses.repeat.is_none() {
            let problem = piece.problem(CODE, "there is a duty, and nothing repeats");
            problems.push(problem.with_help("add the period, for example \"repeat 10 s\""));
        } else if !(duty > 0.0 && duty <= 1.0) {
            let problem = piece.problem(CODE, format!("the duty cannot be {}", piece.text()));
            problems.push(problem.with_help("the valid range is above 0 % up to 100 %"));
        }
    }
    if let (Some(0), Some(piece)) = (period_ns, &clauses.repeat) {
        let problem = piece.problem(CODE, "nothing can repeat after no time");
        problems.push(problem.with_help("for example \"repeat 10 s\""));
    }
    if problems.len() > before {
        return None;
    }
    let repeat = match (period_ns, duty) {
        (Some(period_ns), Some(duty)) => Some(Repeat { period_ns, duty }),
        _ => None,
    };
    Some(Profile { repeat, ..profile })
}

/// A fault with the names of its system. See [`Fault::display`].
#[derive(Debug, Clone, Copy)]
pub struct FaultText<'a> {
    fault: &'a Fault,
    system: &'a System,
}

impl fmt::Display for FaultText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fault = self.fault;
        write!(
            f,
            "{} {}",
            fault.kind.name(),
            fault.target.names(self.system)
        )?;
        match (fault.kind.severity(), fault.target) {
            (Severity::Quantity(range), _) => {
                write!(f, " {}", exact(range.dimension, fault.severity))?;
            }
            (Severity::OfSignal, Target::Monitor(signal, _)) => {
                let dimension = signal.dimension().of_difference();
                write!(f, " {}", exact(dimension, fault.severity))?;
            }
            _ => {}
        }
        let profile = &fault.profile;
        if profile.onset_ns > 0 {
            write!(f, " onset {}", time(profile.onset_ns))?;
        }
        if let Some(hold_ns) = profile.hold_ns {
            write!(f, " for {}", time(hold_ns))?;
        }
        if profile.recovery_ns > 0 {
            write!(f, " recovery {}", time(profile.recovery_ns))?;
        }
        if let Some(repeat) = profile.repeat {
            let duty = exact(Dimension::Ratio, repeat.duty);
            write!(f, " repeat {} duty {duty}", time(repeat.period_ns))?;
        }
        Ok(())
    }
}

/// A quantity that reads back to the same bits: in a readable unit where its digits suffice, else in
/// the unit that its newtype holds.
fn exact(dimension: Dimension, si: f64) -> String {
    let readable = format_si(dimension, si);
    if parse_in(dimension, &readable).is_ok_and(|back| back.to_bits() == si.to_bits()) {
        return readable;
    }
    format!("{si:e} {}", dimension.units()[0].symbol)
        .trim_end()
        .to_owned()
}

/// A time as a whole number of the greatest unit that it is one of.
pub(crate) fn time(nanoseconds: u64) -> String {
    ["d", "h", "min", "s", "ms", "us"]
        .into_iter()
        .filter_map(|symbol| Some((symbol, nanoseconds_of(symbol)?)))
        .find(|(_, unit)| nanoseconds > 0 && nanoseconds.is_multiple_of(*unit))
        .map_or_else(
            || format!("{nanoseconds} ns"),
            |(symbol, unit)| format!("{} {symbol}", nanoseconds / unit),
        )
}
