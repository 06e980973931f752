//! Licence expressions as packages declare them.
//!
//! # Source
//! SPDX specification 2.3, annex D: `WITH` binds closest, then `AND`, then `OR`. Old packages write
//! `/` for `OR`.

/// A parsed licence expression.
#[derive(Debug, PartialEq)]
pub(crate) enum Expression {
    /// One licence, with its exception where there is one: `Apache-2.0 WITH LLVM-exception`.
    Licence(String),
    /// Both must be kept.
    And(Box<Expression>, Box<Expression>),
    /// One may be chosen.
    Or(Box<Expression>, Box<Expression>),
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// What was expected where.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser {
            tokens: tokens(text),
            next: 0,
        };
        let expression = parser.or()?;
        match parser.peek() {
            None => Ok(expression),
            Some(token) => Err(format!(
                "'{token}' where the expression '{text}' should end"
            )),
        }
    }

    /// Whether we can keep to the expression with licences that are `allowed`.
    ///
    /// Identifiers are compared without regard to case, as SPDX has it. `X+` (X or later) is kept by X.
    pub(crate) fn is_satisfied_by(&self, allowed: &[String]) -> bool {
        match self {
            Self::Licence(name) => {
                let base = name.strip_suffix('+').unwrap_or(name);
                allowed.iter().any(|known| {
                    known.eq_ignore_ascii_case(name) || known.eq_ignore_ascii_case(base)
                })
            }
            Self::And(left, right) => {
                left.is_satisfied_by(allowed) && right.is_satisfied_by(allowed)
            }
            Self::Or(left, right) => {
                left.is_satisfied_by(allowed) || right.is_satisfied_by(allowed)
            }
        }
    }
}

/// Words, parentheses and slashes of an expression.
fn tokens(text: &str) -> Vec<String> {
    let spaced: String = text
        .chars()
        .flat_map(|letter| match letter {
            '(' | ')' | '/' => vec![' ', letter, ' '],
            other => vec![other],
        })
        .collect();
    spaced.split_whitespace().map(str::to_owned).collect()
}

struct Parser {
    tokens: Vec<String>,
    next: usize,
}

impl Parser {
    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.next).map(String::as_str)
    }

    /// Takes the next token when it is one of these words.
    fn take(&mut self, words: &[&str]) -> bool {
        let found = self
            .peek()
            .is_some_and(|token| words.iter().any(|word| token.eq_ignore_ascii_case(word)));
        self.next += usize::from(found);
        found
    }

    fn or(&mut self) -> Result<Expression, String> {
        let mut left = self.and()?;
        while self.take(&["OR", "/"]) {
            left = Expression::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Expression, String> {
        let mut left = self.one()?;
        while self.take(&["AND"]) {
            left = Expression::And(Box::new(left), Box::new(self.one()?));
        }
        Ok(left)
    }

    fn one(&mut self) -> Result<Expression, String> {
        if self.take(&["("]) {
            let inner = self.or()?;
            return if self.take(&[")"]) {
                Ok(inner)
            } else {
                Err("a parenthesis is not closed".to_owned())
            };
        }
        let mut name = self.identifier()?;
        if self.take(&["WITH"]) {
            name = format!("{name} WITH {}", self.identifier()?);
        }
        Ok(Expression::Licence(name))
    }

    fn identifier(&mut self) -> Result<String, String> {
        const OPERATORS: &[&str] = &["AND", "OR", "WITH", "/", "(", ")"];
        match self.peek() {
            Some(token) if !OPERATORS.iter().any(|op| token.eq_ignore_ascii_case(op)) => {
                let name = token.to_owned();
                self.next += 1;
                Ok(name)
            }
            Some(token) => Err(format!("'{token}' where a licence should stand")),
            None => Err("the expression ends where a licence should stand".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, allowed: &[&str], expected: bool) {
        let allowed: Vec<String> = allowed.iter().map(|&name| name.to_owned()).collect();
        let expression = Expression::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(expression.is_satisfied_by(&allowed), expected, "{text}");
    }

    #[test]
    fn one_of_the_choices_is_enough() {
        check("MIT OR GPL-3.0-only", &["MIT"], true);
        check("MIT/GPL-3.0-only", &["MIT"], true);
        check("GPL-3.0-only / MIT", &["MIT"], true);
        check("GPL-2.0-only OR GPL-3.0-only", &["MIT"], false);
    }

    #[test]
    fn all_that_are_joined_must_be_allowed() {
        check("MIT AND Unicode-3.0", &["MIT"], false);
        check("MIT AND Unicode-3.0", &["MIT", "Unicode-3.0"], true);
    }

    #[test]
    fn and_binds_closer_than_or_unless_parenthesised() {
        check("MIT OR GPL-3.0-only AND X11", &["MIT"], true);
        check("(MIT OR GPL-3.0-only) AND X11", &["MIT"], false);
        check("X11 AND GPL-3.0-only OR MIT", &["MIT"], true);
        check("X11 AND (GPL-3.0-only OR MIT)", &["MIT"], false);
        check("X11 AND (GPL-3.0-only OR MIT)", &["MIT", "X11"], true);
        check("((MIT))", &["MIT"], true);
    }

    #[test]
    fn a_licence_with_an_exception_is_its_own_entry() {
        let with = "Apache-2.0 WITH LLVM-exception";
        check(with, &["Apache-2.0"], false);
        check(with, &[with], true);
        check("Apache-2.0", &[with], false);
        check(
            "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT",
            &["MIT"],
            true,
        );
    }

    #[test]
    fn case_and_later_versions() {
        check("mit or apache-2.0", &["Apache-2.0"], true);
        check("MPL-2.0+", &["MPL-2.0"], true);
        check("GPL-2.0+", &["MPL-2.0"], false);
        // A longer name is another licence.
        check("MIT-0", &["MIT"], false);
    }

    #[test]
    fn malformed_expressions_are_errors() {
        for text in [
            "",
            "MIT OR",
            "AND MIT",
            "(MIT",
            "MIT)",
            "MIT Apache-2.0",
            "MIT WITH",
            "/",
            "()",
            "MIT OR OR ISC",
        ] {
            assert!(Expression::parse(text).is_err(), "{text}");
        }
    }
}
