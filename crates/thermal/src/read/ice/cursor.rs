//! Reading tokens one after the other, with problems that say what was expected.

use super::geometry::count;
use super::lex::{Place, Token, tokens};
use crate::read::ReadError;

/// A problem was recorded, and the statement cannot be read on.
#[derive(Debug)]
pub(super) struct Stop;

pub(super) type Parsed<T> = Result<T, Stop>;

/// A name with its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Named {
    pub(super) text: String,
    pub(super) place: Place,
}

/// A file that is being read.
pub(super) struct Cursor<'a> {
    file: &'a str,
    tokens: Vec<(Token, Place)>,
    at: usize,
    /// What was found wrong so far.
    pub(super) problems: Vec<ReadError>,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(file: &'a str, text: &str) -> Self {
        let (tokens, problems) = tokens(file, text);
        Self {
            file,
            tokens,
            at: 0,
            problems,
        }
    }

    /// The token `ahead` places on.
    pub(super) fn peek(&self, ahead: usize) -> &Token {
        let last = self.tokens.len() - 1;
        &self.tokens[(self.at + ahead).min(last)].0
    }

    /// Where the next token stands.
    pub(super) fn place(&self) -> Place {
        self.tokens[self.at].1
    }

    fn advance(&mut self) -> (Token, Place) {
        let token = self.tokens[self.at].clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    pub(super) fn is_end(&self) -> bool {
        *self.peek(0) == Token::End
    }

    /// Whether the next tokens are these words and signs.
    pub(super) fn is_next(&self, expected: &str) -> bool {
        let mut pieces = expected.split(' ').enumerate();
        pieces.all(|(ahead, piece)| is_piece(self.peek(ahead), piece))
    }

    /// Takes these words and signs if they are next.
    pub(super) fn take(&mut self, expected: &str) -> bool {
        let is_next = self.is_next(expected);
        if is_next {
            for _ in expected.split(' ') {
                self.advance();
            }
        }
        is_next
    }

    /// Takes these words and signs, separated by single blanks.
    pub(super) fn expect(&mut self, expected: &str) -> Parsed<()> {
        for piece in expected.split(' ') {
            if !self.take(piece) {
                return Err(self.unexpected(&format!("`{piece}`"), &[piece]));
            }
        }
        Ok(())
    }

    /// Which of these words is next; it is taken.
    pub(super) fn one_of(&mut self, words: &[&str]) -> Parsed<usize> {
        match words.iter().position(|word| self.take(word)) {
            Some(idx) => Ok(idx),
            None => Err(self.unexpected(&listed(words), words)),
        }
    }

    /// The end of a statement.
    pub(super) fn end(&mut self) -> Parsed<()> {
        self.expect(";")
    }

    pub(super) fn number(&mut self, what: &str) -> Parsed<f64> {
        if let Token::Number(number) = *self.peek(0) {
            self.advance();
            return Ok(number);
        }
        Err(self.unexpected(&format!("{what}, a number,"), &[]))
    }

    /// A number above zero; another one is a problem, but the statement is read on.
    pub(super) fn positive(&mut self, what: &str) -> Parsed<f64> {
        self.checked(what, "positive", |number| number > 0.0)
    }

    /// A number of zero or more.
    pub(super) fn not_negative(&mut self, what: &str) -> Parsed<f64> {
        self.checked(what, "zero or more", |number| number >= 0.0)
    }

    fn checked(&mut self, what: &str, range: &str, holds: fn(f64) -> bool) -> Parsed<f64> {
        let place = self.place();
        let number = self.number(what)?;
        if !holds(number) {
            let message = format!("{what} is {number}; it has to be {range}");
            self.problem(place, message, None);
            return Ok(1.0);
        }
        Ok(number)
    }

    /// A whole number of cells.
    pub(super) fn cells(&mut self, what: &str) -> Parsed<usize> {
        let place = self.place();
        let number = self.positive(what)?;
        if number.fract() != 0.0 || number > 1e6 {
            let message = format!("{what} is {number}; it has to be a whole number up to 1000000");
            self.problem(place, message, None);
            return Ok(1);
        }
        Ok(count(number))
    }

    pub(super) fn name(&mut self, what: &str) -> Parsed<Named> {
        if let (Token::Word(text), place) = self.tokens[self.at].clone() {
            self.advance();
            return Ok(Named { text, place });
        }
        Err(self.unexpected(what, &[]))
    }

    pub(super) fn text(&mut self, what: &str) -> Parsed<Named> {
        if let (Token::Text(text), place) = self.tokens[self.at].clone() {
            self.advance();
            return Ok(Named { text, place });
        }
        Err(self.unexpected(&format!("{what} in quotes"), &[]))
    }

    /// Records that something else was expected here.
    pub(super) fn unexpected(&mut self, expected: &str, words: &[&str]) -> Stop {
        let (token, place) = self.tokens[self.at].clone();
        let message = if token == Token::End {
            format!("the file ends where {expected} was expected")
        } else {
            format!("expected {expected}, found {}", token.shown())
        };
        let help = match &token {
            Token::Word(word) => {
                nearest(word, words.iter().copied()).map(|near| format!("did you mean `{near}`?"))
            }
            Token::End => Some("the file seems to be cut off".to_owned()),
            _ => None,
        };
        self.problem(place, message, help);
        Stop
    }

    pub(super) fn problem(&mut self, place: Place, message: String, help: Option<String>) {
        let mut error = ReadError::new(self.file, place.line, message).at(place.column);
        error.help = help;
        self.problems.push(error);
    }

    /// Goes to the beginning of the next statement.
    pub(super) fn skip_statement(&mut self) {
        while !self.is_end() {
            if self.advance().0 == Token::Sign(';') {
                break;
            }
        }
    }
}

fn is_piece(token: &Token, piece: &str) -> bool {
    match token {
        Token::Word(word) => word == piece,
        Token::Sign(sign) => piece.len() == 1 && piece.starts_with(*sign),
        Token::Number(_) | Token::Text(_) | Token::End => false,
    }
}

/// Words as a sentence names them.
pub(super) fn listed(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [before @ .., last] if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        _ => quoted.concat(),
    }
}

/// The name most like `word`, when one is near enough to be meant.
pub(super) fn nearest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    // Comparing takes time and memory in the product of the lengths, and nobody names a thing so.
    const LONGEST: usize = 64;
    if word.len() > LONGEST {
        return None;
    }
    names
        .into_iter()
        .filter(|name| name.len() <= LONGEST && *name != word)
        .map(|name| (strsim::damerau_levenshtein(word, name), name))
        .filter(|(distance, name)| {
            *distance <= 1 + word.len().max(name.len()) / 4 && *distance < word.len()
        })
        .min()
        .map(|(_, name)| name)
}
