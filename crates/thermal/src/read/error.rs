//! What is wrong with a file, line by line.

use std::fmt;

/// One problem of a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ReadError {
    /// Name of the file, as it was asked for.
    pub file: String,
    /// Its line, counted from one; zero where the whole file is meant.
    pub line: usize,
    /// Character of the line, counted from one.
    pub column: Option<usize>,
    /// What is wrong, with the value found.
    pub message: String,
    /// How to mend it.
    pub help: Option<String>,
}

impl ReadError {
    /// A problem of a line; zero is the whole file.
    pub fn new(file: impl Into<String>, line: usize, message: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line,
            column: None,
            message: message.into(),
            help: None,
        }
    }

    /// The same problem with the character where it starts, counted from one.
    #[must_use]
    pub fn at(mut self, column: usize) -> Self {
        self.column = Some(column);
        self
    }

    /// The same problem with how to mend it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
        }
        write!(f, ": {}", self.message)?;
        match &self.help {
            Some(help) => write!(f, " (help: {help})"),
            None => Ok(()),
        }
    }
}

/// Every problem of a file and of those that it names, at least one; one per line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ReadErrors(pub Vec<ReadError>);

impl fmt::Display for ReadErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (idx, error) in self.0.iter().enumerate() {
            if idx > 0 {
                writeln!(f)?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl From<ReadError> for ReadErrors {
    fn from(error: ReadError) -> Self {
        Self(vec![error])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_for_each_problem() {
        let whole = ReadError::new("a.flp", 0, "is empty");
        let line = ReadError::new("b.lcf", 7, "ends early").help("a layer has seven lines");
        let place = ReadError::new("c.stk", 2, "unknown word").at(5);
        assert_eq!(
            ReadErrors(vec![whole, line, place]).to_string(),
            "a.flp: is empty\nb.lcf:7: ends early (help: a layer has seven lines)\nc.stk:2:5: unknown word"
        );
    }
}
