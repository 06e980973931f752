//! Words, numbers and signs of a file, with their places.

use crate::read::ReadError;

/// Where something stands in a file, both counted from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// One piece of a file.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A keyword or a name.
    Word(String),
    /// A number.
    Number(f64),
    /// What stands between quotes.
    Text(String),
    /// One of `( ) , . : ;`.
    Sign(char),
    /// Nothing follows.
    End,
}

impl Token {
    /// As messages show it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Word(word) => format!("`{word}`"),
            Self::Number(number) => format!("the number {number}"),
            Self::Text(text) => format!("\"{text}\""),
            Self::Sign(sign) => format!("`{sign}`"),
            Self::End => "the end of the file".to_owned(),
        }
    }
}

/// Cuts a text into tokens, the last of which is [`Token::End`], at the place after the last one.
///
/// Comments run from `//` to the end of the line and from `/*` to `*/`.
pub(super) fn tokens(file: &str, text: &str) -> (Vec<(Token, Place)>, Vec<ReadError>) {
    let mut lexer = Lexer {
        file,
        rest: text.chars().peekable(),
        place: Place { line: 1, column: 1 },
        found: Vec::new(),
        problems: Vec::new(),
    };
    lexer.run();
    (lexer.found, lexer.problems)
}

struct Lexer<'a> {
    file: &'a str,
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    place: Place,
    found: Vec<(Token, Place)>,
    problems: Vec<ReadError>,
}

impl Lexer<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.next()?;
        if c == '\n' {
            self.place.line += 1;
            self.place.column = 1;
        } else {
            self.place.column += 1;
        }
        Some(c)
    }

    fn next_if(&mut self, wanted: impl Fn(char) -> bool) -> Option<char> {
        let c = *self.rest.peek()?;
        if wanted(c) { self.next() } else { None }
    }

    fn problem(&mut self, place: Place, message: String, help: &str) {
        let error = ReadError::new(self.file, place.line, message).at(place.column);
        self.problems.push(error.help(help));
    }

    fn run(&mut self) {
        let mut end = self.place;
        loop {
            while self.next_if(char::is_whitespace).is_some() {}
            let start = self.place;
            let Some(c) = self.next() else { break };
            let token = match c {
                '(' | ')' | ',' | '.' | ':' | ';' => Some(Token::Sign(c)),
                '/' => self.comment(start),
                '"' => self.text(start),
                '+' | '-' | '0'..='9' => Some(self.number(start, c)),
                _ if c.is_ascii_alphabetic() => Some(Token::Word(self.word(c))),
                _ => {
                    let help = "words are letters, digits and `_`; comments start with `//`";
                    self.problem(start, format!("unexpected character {c:?}"), help);
                    None
                }
            };
            if let Some(token) = token {
                self.found.push((token, start));
                end = self.place;
            }
        }
        self.found.push((Token::End, end));
    }

    fn comment(&mut self, start: Place) -> Option<Token> {
        if self.next_if(|c| c == '/').is_some() {
            while self.next_if(|c| c != '\n').is_some() {}
        } else if self.next_if(|c| c == '*').is_some() {
            loop {
                match self.next() {
                    Some('*') if self.next_if(|c| c == '/').is_some() => break,
                    Some(_) => {}
                    None => {
                        let message = "the comment is not closed".to_owned();
                        self.problem(start, message, "close it with `*/`");
                        break;
                    }
                }
            }
        } else {
            let message = "unexpected character '/'".to_owned();
            self.problem(start, message, "comments start with `//` or `/*`");
        }
        None
    }

    fn text(&mut self, start: Place) -> Option<Token> {
        let mut text = String::new();
        loop {
            match self.next_if(|c| c != '\n') {
                Some('"') => return Some(Token::Text(text)),
                Some(c) => text.push(c),
                None => {
                    let message = "the quoted name is not closed on its line".to_owned();
                    self.problem(start, message, "close it with `\"`");
                    return None;
                }
            }
        }
    }

    fn word(&mut self, first: char) -> String {
        let mut word = String::from(first);
        while let Some(c) = self.next_if(|c| c.is_ascii_alphanumeric() || c == '_') {
            word.push(c);
        }
        // The one keyword with a hyphen.
        if word == "non" {
            let mut ahead = self.rest.clone();
            let rest: String = ahead.by_ref().take(8).collect();
            if rest == "-uniform" {
                for _ in 0..8 {
                    self.next();
                }
                word.push_str(&rest);
            }
        }
        word
    }

    fn number(&mut self, start: Place, first: char) -> Token {
        let mut text = String::from(first);
        let digits = |lexer: &mut Self, text: &mut String| {
            while let Some(c) = lexer.next_if(|c| c.is_ascii_digit()) {
                text.push(c);
            }
        };
        digits(self, &mut text);
        // Keywords `2rm` and `4rm`.
        if (text == "2" || text == "4") && self.rest.peek() == Some(&'r') {
            return Token::Word(format!("{text}{}", self.word_after_digit()));
        }
        let after = |lexer: &Self, at: usize| lexer.rest.clone().nth(at);
        let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        if after(self, 0) == Some('.') && is_digit(after(self, 1)) {
            text.extend(self.next());
            digits(self, &mut text);
        }
        if matches!(after(self, 0), Some('e' | 'E')) {
            let sign = usize::from(matches!(after(self, 1), Some('+' | '-')));
            if is_digit(after(self, 1 + sign)) {
                for _ in 0..=sign {
                    text.extend(self.next());
                }
                digits(self, &mut text);
            }
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Token::Number(number),
            _ => {
                let help = "numbers look like 42, -1.5 or 1.30e-4";
                self.problem(start, format!("`{text}` is not a finite number"), help);
                // The statement goes on as if a number stood here.
                Token::Number(1.0)
            }
        }
    }

    fn word_after_digit(&mut self) -> String {
        let mut word = String::new();
        while let Some(c) = self.next_if(|c| c.is_ascii_alphanumeric() || c == '_') {
            word.push(c);
        }
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[Token]) {
        let (found, problems) = tokens("a.stk", text);
        assert_eq!(problems, []);
        let found: Vec<_> = found.into_iter().map(|(token, _)| token).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn tokens_and_comments() {
        let word = |w: &str| Token::Word(w.to_owned());
        check(
            "4rm : non-uniform 1.30e-4 ; /* a * b **/ x_1 // end\n-2 \"a b.flp\" A.B 1e",
            &[
                word("4rm"),
                Token::Sign(':'),
                word("non-uniform"),
                Token::Number(1.3e-4),
                Token::Sign(';'),
                word("x_1"),
                Token::Number(-2.0),
                Token::Text("a b.flp".to_owned()),
                word("A"),
                Token::Sign('.'),
                word("B"),
                Token::Number(1.0),
                word("e"),
                Token::End,
            ],
        );
    }

    #[test]
    fn places_and_problems() {
        let (found, problems) = tokens("a.stk", "a\n  # \"b\n/* c");
        assert_eq!(found[0].1, Place { line: 1, column: 1 });
        let shown: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "a.stk:2:3: unexpected character '#' (help: words are letters, digits and `_`; comments start with `//`)",
                "a.stk:2:5: the quoted name is not closed on its line (help: close it with `\"`)",
                "a.stk:3:1: the comment is not closed (help: close it with `*/`)",
            ]
        );
    }
}
