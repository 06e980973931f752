//! Words of a text with their places.

use std::ops::Range;

use system::{Node, NodeValue, Problem, Span};
use units::{Dimension, ParseError, parse_in};

/// A problem on its way up.
pub(crate) type Located<T> = Result<T, Box<Problem>>;

/// Part of a text with its place.
#[derive(Debug, Clone)]
pub(crate) struct Piece<'a> {
    text: &'a str,
    at: Range<usize>,
    /// The place of the whole text; not longer than it unless characters were escaped.
    span: &'a Span,
}

impl<'a> Piece<'a> {
    pub(crate) fn new(text: &'a str, span: &'a Span) -> Self {
        Self {
            text,
            at: 0..text.len(),
            span,
        }
    }

    /// A text, or a number as it was written; none for anything else.
    pub(crate) fn of_node(node: &'a Node) -> Option<Self> {
        let text = match &node.value {
            NodeValue::Text(text) => text,
            NodeValue::Integer(_) | NodeValue::Float(_) => {
                node.span.source.text.get(node.span.range.clone())?
            }
            _ => return None,
        };
        Some(Self::new(text, &node.span))
    }

    pub(crate) fn text(&self) -> &'a str {
        &self.text[self.at.clone()]
    }

    /// The place; that of the whole text where its characters are not those of the source.
    pub(crate) fn span(&self) -> Span {
        let whole = &self.span.range;
        let written = self.span.source.text.get(whole.clone()).unwrap_or_default();
        // A text in TOML stands between quotes.
        let start = [0, 1, 3].into_iter().find(|start| {
            written.len() == self.text.len() + 2 * start
                && written.get(*start..*start + self.text.len()) == Some(self.text)
        });
        let range = start.map_or(whole.clone(), |start| {
            let start = whole.start + start;
            start + self.at.start..start + self.at.end
        });
        Span {
            source: self.span.source.clone(),
            range,
        }
    }

    pub(crate) fn words(&self) -> Vec<Self> {
        let mut words = Vec::new();
        let mut rest = self.at.clone();
        while let Some(start) = self.text[rest.clone()].find(|c: char| !c.is_whitespace()) {
            rest.start += start;
            let tail = &self.text[rest.clone()];
            let end = tail.find(char::is_whitespace).unwrap_or(tail.len());
            words.push(self.at(rest.start..rest.start + end));
            rest.start += end;
        }
        words
    }

    /// What stands between separators, without the blanks round it.
    pub(crate) fn split(&self, separator: char) -> impl Iterator<Item = Self> {
        let mut start = self.at.start;
        self.text().split(separator).map(move |piece| {
            let from = start + (piece.len() - piece.trim_start().len());
            start += piece.len() + separator.len_utf8();
            self.at(from..from + piece.trim().len())
        })
    }

    /// From the start of this piece to the end of another one of the same text.
    pub(crate) fn through(&self, last: &Self) -> Self {
        self.at(self.at.start..last.at.end)
    }

    /// The empty place behind this piece.
    pub(crate) fn end(&self) -> Self {
        self.at(self.at.end..self.at.end)
    }

    fn at(&self, at: Range<usize>) -> Self {
        Self { at, ..self.clone() }
    }

    pub(crate) fn problem(&self, code: &'static str, message: impl Into<String>) -> Problem {
        Problem::new(code, &self.span(), message)
    }

    /// The value of a quantity, in the unit that its newtype holds.
    pub(crate) fn quantity(&self, code: &'static str, dimension: Dimension) -> Located<f64> {
        parse_in(dimension, self.text()).map_err(|error| {
            let mut problem = self.problem(code, error.to_string());
            problem = match &error {
                ParseError::UnknownUnit { symbol, .. } => {
                    let symbols = dimension.units().iter().map(|unit| unit.symbol);
                    problem.with_nearest(symbol, symbols.filter(|symbol| !symbol.is_empty()))
                }
                _ => problem,
            };
            if problem.help.is_none() {
                let unit = dimension.units()[0].symbol;
                let example = format!("1 {unit}");
                problem = problem.with_help(format!("for example {:?}", example.trim_end()));
            }
            Box::new(problem)
        })
    }

    /// A time in whole nanoseconds; whole numbers of a unit are exact.
    pub(crate) fn nanoseconds(&self, code: &'static str) -> Located<u64> {
        let seconds = self.quantity(code, Dimension::Time)?;
        let refused = |what: &str| {
            let message = format!("{:?} is {what}", self.text());
            let help = "times lie between 0 s and 584 years";
            Box::new(self.problem(code, message).with_help(help))
        };
        if seconds < 0.0 {
            return Err(refused("before its start"));
        }
        if let Some(exact) = whole_nanoseconds(self.text()) {
            return Ok(exact);
        }
        let nanoseconds = (seconds * NANOS).round();
        #[expect(
            clippy::cast_precision_loss,
            reason = "the bound itself is exact: a power of two"
        )]
        let too_long = nanoseconds >= u64::MAX as f64;
        if too_long {
            return Err(refused("too long"));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the bounds have been checked"
        )]
        Ok(nanoseconds as u64)
    }
}

const NANOS: f64 = 1e9;

/// Nanoseconds of one unit of time; none where it has no whole number of them.
pub(crate) fn nanoseconds_of(symbol: &str) -> Option<u64> {
    let nanoseconds = Dimension::Time.unit(symbol)?.to_si(1.0) * NANOS;
    let whole = nanoseconds.round();
    // Units are stated in seconds, with the rounding of a double.
    let is_whole = whole >= 1.0 && (nanoseconds - whole).abs() <= 1e-12 * whole;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from a nanosecond to a year"
    )]
    is_whole.then_some(whole as u64)
}

/// The time when it is a whole number of a unit and not too long.
fn whole_nanoseconds(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, symbol) = text.split_at(end);
    let unit = nanoseconds_of(symbol.trim())?;
    number.parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use system::SourceText;

    use super::*;

    fn span(text: &str) -> Span {
        Span {
            source: SourceText::new("text", text),
            range: 0..text.len(),
        }
    }

    fn time(text: &str) -> Result<u64, String> {
        let span = span(text);
        let piece = Piece::new(text, &span);
        piece.nanoseconds("time").map_err(|p| p.to_string())
    }

    #[test]
    fn whole_numbers_of_a_unit_are_exact() {
        assert_eq!(time("2 s"), Ok(2_000_000_000));
        assert_eq!(time("1.5 ms"), Ok(1_500_000));
        assert_eq!(time("3 us"), Ok(3_000));
        assert_eq!(time("7 ns"), Ok(7));
        assert_eq!(time("3 d"), Ok(259_200_000_000_000));
        // A double has no room for these seconds and nanoseconds.
        assert_eq!(time("18446744073709551615 ns"), Ok(u64::MAX));
        assert_eq!(time("584 y"), Ok(584 * 31_557_600_000_000_000));
        assert_eq!(time("1400 ps"), Ok(1));
    }

    #[test]
    fn times_that_are_none_are_refused() {
        for text in ["-1 s", "1e99 s", "99999999999 d", "1", "1 m", "soon", ""] {
            assert!(time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn words_know_their_place_in_quotes_too() {
        let source = r#"k = " a  bc ""#;
        let whole = Span {
            source: SourceText::new("text", source),
            range: 4..source.len(),
        };
        let words = Piece::new(" a  bc ", &whole).words();
        let places: Vec<&str> = words.iter().map(|w| &source[w.span().range]).collect();
        assert_eq!(places, ["a", "bc"]);
        let both = words[0].through(&words[1]);
        assert_eq!(&source[both.span().range], "a  bc");
    }

    #[test]
    fn a_text_with_escapes_is_shown_as_a_whole() {
        let source = r#""a\tb""#;
        let whole = span(source);
        let words = Piece::new("a\tb", &whole).words();
        assert_eq!(words[1].text(), "b");
        assert_eq!(&source[words[1].span().range], source);
    }
}
