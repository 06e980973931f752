//! Traces of utilisation from CSV.

use system::{Problem, Problems, SourceText, Span};

use super::load::Trace;
use crate::fault::piece::{Located, Piece};
use crate::fault::text;

const CODE: &str = "scenario::trace";
const COLUMNS: [&str; 2] = ["time_s", "utilisation"];
const HEADER: &str = "the first line is \"time_s,utilisation\"";

/// The greatest size of a trace, bytes; an hour in milliseconds takes less.
const MAX_BYTES: usize = 64 << 20;
/// The greatest number of problems of one trace.
const MAX_PROBLEMS: usize = 50;

impl Trace {
    /// Reads a table with the columns `time_s` and `utilisation`: times that rise, not before zero,
    /// and values from 0 to 1. Empty lines and lines that start with `#` are skipped.
    ///
    /// # Errors
    /// Every problem with its line: a missing column, a cell that is no number, a value outside its
    /// range, time that does not go on.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, Problems> {
        let whole = |problem: &str, help: &str| {
            let span = Span {
                source: SourceText::new(name, ""),
                range: 0..0,
            };
            Problems(vec![Problem::new(CODE, &span, problem).with_help(help)])
        };
        if bytes.len() > MAX_BYTES {
            let message = format!(
                "the trace has {} bytes; the limit is {MAX_BYTES}",
                bytes.len()
            );
            return Err(whole(
                &message,
                "leave times out where the load does not change",
            ));
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Err(whole("the trace is not UTF-8", "save the file as UTF-8"));
        };
        let source = SourceText::new(name, text.trim_start_matches('\u{feff}'));
        let span = Span {
            range: 0..source.text.len(),
            source: source.clone(),
        };
        let mut problems = Vec::new();
        let text = Piece::new(&source.text, &span);
        let mut lines = text.split('\n').filter(|line| {
            let text = line.text();
            !text.is_empty() && !text.starts_with('#')
        });
        let mut trace = Self {
            times_ns: Vec::new(),
            utilisations: Vec::new(),
        };
        match lines.next() {
            None => {
                let problem = text.end().problem(CODE, "the trace is empty");
                problems.push(problem.with_help(HEADER));
            }
            Some(header) => {
                if let Some(order) = order(&header, &mut problems) {
                    trace.rows(lines, order, &mut problems);
                }
            }
        }
        if trace.times_ns.is_empty() && problems.is_empty() {
            let problem = text.end().problem(CODE, "the trace has no rows");
            problems.push(problem.with_help("write at least one, for example \"0,0.5\""));
        }
        if problems.is_empty() {
            Ok(trace)
        } else {
            Err(Problems::collected(problems))
        }
    }

    fn rows<'a>(
        &mut self,
        lines: impl Iterator<Item = Piece<'a>>,
        [time_at, utilisation_at]: [usize; 2],
        problems: &mut Vec<Problem>,
    ) {
        for line in lines {
            if problems.len() >= MAX_PROBLEMS {
                break;
            }
            let cells: Vec<Piece<'_>> = line.split(',').collect();
            if cells.len() != COLUMNS.len() {
                let message = format!(
                    "the row has {} cells, the header {}",
                    cells.len(),
                    COLUMNS.len()
                );
                let help = "separate cells by commas and write numbers with a decimal point";
                problems.push(line.problem(CODE, message).with_help(help));
                continue;
            }
            let time = self.next_time(&cells[time_at]);
            let utilisation = utilisation(&cells[utilisation_at]);
            match (time, utilisation) {
                (Ok(time_ns), Ok(utilisation)) => {
                    self.times_ns.push(time_ns);
                    self.utilisations.push(utilisation);
                }
                (time, utilisation) => {
                    problems.extend(time.err().map(|problem| *problem));
                    problems.extend(utilisation.err().map(|problem| *problem));
                }
            }
        }
    }

    fn next_time(&self, cell: &Piece<'_>) -> Located<u64> {
        let refused = |message: String, help: &str| {
            Err(Box::new(cell.problem(CODE, message).with_help(help)))
        };
        let Some(seconds) = number(cell) else {
            return refused(
                format!("{:?} is no time", cell.text()),
                "write seconds, for example 0.1",
            );
        };
        #[expect(
            clippy::cast_precision_loss,
            reason = "the bound itself is exact: a power of two"
        )]
        let is_time = seconds >= 0.0 && seconds * 1e9 < u64::MAX as f64;
        if !is_time {
            let message = format!("the time {} s is outside its range", cell.text());
            return refused(message, "times lie between 0 s and 584 years");
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the bounds have been checked"
        )]
        let time_ns = (seconds * 1e9).round() as u64;
        match self.times_ns.last() {
            Some(last) if *last >= time_ns => refused(
                format!(
                    "time does not go on: {} s after {}",
                    cell.text(),
                    text::time(*last)
                ),
                "sort the rows by time, and leave out all but one of equal times",
            ),
            _ => Ok(time_ns),
        }
    }
}

fn utilisation(cell: &Piece<'_>) -> Located<f64> {
    match number(cell) {
        // Minus zero is zero.
        Some(number) if (0.0..=1.0).contains(&number) => Ok(number + 0.0),
        Some(_) => {
            let message = format!("the utilisation cannot be {}", cell.text());
            let problem = cell.problem(CODE, message);
            Err(Box::new(problem.with_help("the valid range is 0 to 1")))
        }
        None => {
            let message = format!("{:?} is no utilisation", cell.text());
            let problem = cell.problem(CODE, message);
            Err(Box::new(problem.with_help("write a number from 0 to 1")))
        }
    }
}

/// A finite number.
fn number(cell: &Piece<'_>) -> Option<f64> {
    cell.text()
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite())
}

/// Where the columns stand.
fn order(header: &Piece<'_>, problems: &mut Vec<Problem>) -> Option<[usize; 2]> {
    let cells: Vec<Piece<'_>> = header.split(',').collect();
    let before = problems.len();
    for cell in &cells {
        let name = cell.text();
        if !COLUMNS.contains(&name) {
            let problem = cell.problem(CODE, format!("unknown column {name:?}"));
            problems.push(problem.with_nearest(name, COLUMNS));
        }
    }
    let places = COLUMNS.map(|column| {
        let mut places = (0..cells.len()).filter(|at| cells[*at].text() == column);
        let (first, second) = (places.next(), places.next());
        if let Some(again) = second {
            let problem = cells[again].problem(CODE, format!("column {column:?} stands twice"));
            problems.push(problem.with_help("remove one"));
        } else if first.is_none() {
            let problem = header.problem(CODE, format!("no column {column:?}"));
            problems.push(problem.with_help(HEADER));
        }
        first
    });
    match places {
        [Some(time), Some(utilisation)] if problems.len() == before => Some([time, utilisation]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems_of(text: &str) -> Vec<String> {
        let problems = Trace::parse("load.csv", text.as_bytes()).unwrap_err();
        assert!(problems.0.iter().all(|problem| problem.help.is_some()));
        let lines = problems.0.iter().map(|problem| {
            let (line, column) = problem.span.line_column();
            format!("{line}:{column}: {}", problem.message)
        });
        lines.collect()
    }

    #[test]
    fn columns_may_stand_in_any_order() {
        let text = "# an hour\nutilisation, time_s\r\n0.5, 0\r\n\n1, 2.5\n";
        let trace = Trace::parse("load.csv", text.as_bytes()).unwrap();
        assert_eq!(trace.times_ns, [0, 2_500_000_000]);
        assert_eq!(trace.utilisations, [0.5, 1.0]);
        assert_eq!((trace.len(), trace.end_ns()), (2, 2_500_000_000));
    }

    #[test]
    fn every_bad_cell_is_named_by_its_line() {
        let text = "time_s,utilisation\n0,0.5\n1,NaN\n0.5,0.2\n0.25,1.5\n2\nx,0.1\n-1,inf\n";
        let expected = [
            "3:3: \"NaN\" is no utilisation",
            "5:1: time does not go on: 0.25 s after 500 ms",
            "5:6: the utilisation cannot be 1.5",
            "6:1: the row has 1 cells, the header 2",
            "7:1: \"x\" is no time",
            "8:1: the time -1 s is outside its range",
            "8:4: \"inf\" is no utilisation",
        ];
        assert_eq!(problems_of(text), expected);
    }

    #[test]
    fn the_header_has_both_columns() {
        let unknown = ["1:1: unknown column \"time\"", "1:1: no column \"time_s\""];
        assert_eq!(problems_of("time,utilisation\n0,1\n"), unknown);
        assert_eq!(problems_of(""), ["1:1: the trace is empty"]);
        assert_eq!(
            problems_of("time_s,utilisation\n"),
            ["2:1: the trace has no rows"]
        );
        let twice = problems_of("time_s,time_s,utilisation\n");
        assert_eq!(twice, ["1:8: column \"time_s\" stands twice"]);
        let bytes = Trace::parse("load.csv", &[0xff]).unwrap_err();
        assert!(bytes.to_string().contains("not UTF-8"));
    }
}
