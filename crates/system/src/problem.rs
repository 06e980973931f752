//! Located problems of a description.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, NamedSource, Severity, SourceCode};

/// The greatest number of problems of one description; whoever has more mends the first ones.
pub(crate) const MAX_PROBLEMS: usize = 200;

/// The greatest number of names that a suggestion lists.
const MAX_NAMES: usize = 40;

/// A text that values were read from: a description, a library file, a `--set` argument.
pub struct SourceText {
    /// The name to show.
    pub name: String,
    /// The whole text.
    pub text: String,
}

impl fmt::Debug for SourceText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SourceText").field(&self.name).finish()
    }
}

impl SourceText {
    /// A named text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            text: text.into(),
        })
    }
}

/// A place in a text.
#[derive(Debug, Clone)]
pub struct Span {
    /// The text.
    pub source: Arc<SourceText>,
    /// Byte range in it.
    pub range: Range<usize>,
}

impl Span {
    /// Line and column of the start, counted from one; the column counts characters.
    pub fn line_column(&self) -> (usize, usize) {
        let end = self.range.start.min(self.source.text.len());
        let before = self.source.text.get(..end).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .map_or(0, |tail| tail.chars().count())
            + 1;
        (line, column)
    }
}

/// One thing that is wrong, with its place and how to mend it.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Stable code, for example `system::unknown-key`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub help: Option<String>,
    /// Where.
    pub span: Span,
    /// Whether the description can still be used.
    pub is_warning: bool,
    named: NamedSource<Arc<SourceTextCode>>,
}

/// Lends the text to the renderer without a copy.
#[derive(Debug)]
struct SourceTextCode(Arc<SourceText>);

impl SourceCode for SourceTextCode {
    fn read_span<'a>(
        &'a self,
        span: &miette::SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn miette::SpanContents<'a> + 'a>, miette::MietteError> {
        self.0.text.as_str().read_span(span, before, after)
    }
}

impl Problem {
    /// An error at a place.
    pub fn new(code: &'static str, span: &Span, message: impl Into<String>) -> Self {
        let code_source = Arc::new(SourceTextCode(Arc::clone(&span.source)));
        Self {
            code,
            message: message.into(),
            help: None,
            named: NamedSource::new(&span.source.name, code_source),
            span: span.clone(),
            is_warning: false,
        }
    }

    /// Adds how to mend it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Suggests the nearest of `names`, and lists them when none is near.
    #[must_use]
    pub fn with_nearest<'a>(self, word: &str, names: impl IntoIterator<Item = &'a str>) -> Self {
        let names: Vec<&str> = names.into_iter().collect();
        match nearest(word, names.iter().copied()) {
            Some(name) => self.with_help(format!("did you mean {name:?}?")),
            None if names.is_empty() => self,
            None if names.len() <= MAX_NAMES => {
                self.with_help(format!("expected one of: {}", names.join(", ")))
            }
            None => {
                let (shown, left) = (names[..MAX_NAMES].join(", "), names.len() - MAX_NAMES);
                self.with_help(format!("expected one of: {shown} and {left} more"))
            }
        }
    }

    /// Turns the error into a warning.
    #[must_use]
    pub fn as_warning(mut self) -> Self {
        self.is_warning = true;
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.code))
    }
    fn severity(&self) -> Option<Severity> {
        Some(if self.is_warning {
            Severity::Warning
        } else {
            Severity::Error
        })
    }
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help
            .as_ref()
            .map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.named)
    }
    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(
            None,
            self.span.range.clone(),
        ))))
    }
}

/// All problems of a description.
#[derive(Debug, Clone, Default)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// Drops what was reported twice, because a part is used twice, and what is too much to read.
    pub fn collected(mut problems: Vec<Problem>) -> Self {
        let mut seen = BTreeSet::new();
        problems.retain(|problem| {
            seen.insert((
                problem.code,
                problem.span.source.name.clone(),
                problem.span.range.start,
                problem.message.clone(),
            ))
        });
        problems.truncate(MAX_PROBLEMS);
        Self(problems)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (idx, problem) in self.0.iter().enumerate() {
            let (line, column) = problem.span.line_column();
            if idx > 0 {
                writeln!(f)?;
            }
            write!(f, "{}:{line}:{column}: {problem}", problem.span.source.name)?;
            if let Some(help) = &problem.help {
                write!(f, " ({help})")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// The name most like `word`, when one is near enough to be meant.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Comparing takes time and memory in the product of the lengths, and nobody names a thing so.
    const LONGEST: usize = 64;
    if word.len() > LONGEST {
        return None;
    }
    names
        .into_iter()
        .filter(|name| name.len() <= LONGEST)
        .map(|name| (strsim::damerau_levenshtein(word, name), name))
        .filter(|(distance, name)| *distance <= 1 + word.len().max(name.len()) / 4)
        .min()
        .map(|(_, name)| name)
}
