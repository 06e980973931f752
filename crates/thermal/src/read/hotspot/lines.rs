//! Lines, words and numbers of `HotSpot`'s files.

use crate::read::ReadError;

/// What is found while files are read.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// Why there is no case.
    pub(super) errors: Vec<ReadError>,
    /// What a reader of the case should know.
    pub(super) notes: Vec<String>,
}

impl Report {
    pub(super) fn error(&mut self, at: &Place, message: impl Into<String>) {
        self.errors
            .push(ReadError::new(&at.file, at.line, message.into()));
    }

    pub(super) fn error_help(
        &mut self,
        at: &Place,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let error = ReadError::new(&at.file, at.line, message.into());
        self.errors.push(error.help(help));
    }

    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Name of the file.
    pub(super) file: String,
    /// Its line from one; zero is the whole file.
    pub(super) line: usize,
}

impl Place {
    pub(super) fn new(file: &str, line: usize) -> Self {
        let file = file.to_owned();
        Self { file, line }
    }
}

/// The words of a line, at least one.
#[derive(Debug, Clone)]
pub(super) struct Line<'a> {
    /// Its number from one.
    pub(super) number: usize,
    /// Its words before a comment.
    pub(super) words: Vec<&'a str>,
}

/// Lines that are neither blank nor only a comment; a word that starts with `#` ends a line.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    text.lines().enumerate().filter_map(|(idx, line)| {
        let words: Vec<_> = line
            .split_whitespace()
            .take_while(|word| !word.starts_with('#'))
            .collect();
        let number = idx + 1;
        (!words.is_empty()).then_some(Line { number, words })
    })
}

/// A finite number.
pub(super) fn number(word: &str) -> Option<f64> {
    word.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// A finite number above zero.
pub(super) fn positive(word: &str) -> Option<f64> {
    number(word).filter(|value| *value > 0.0)
}

/// The candidate that takes the fewest changes of single letters, if at most a third of the
/// letters change.
pub(super) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (distance(&word, &candidate.to_lowercase()), candidate))
        .filter(|(changes, candidate)| 3 * changes <= candidate.chars().count())
        .min_by_key(|(changes, _)| *changes)
        .map(|(_, candidate)| candidate)
}

/// Changes of single letters between two words (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    // Names of this length are noise, and the table is quadratic.
    if a.len() > 64 || b.len() > 64 {
        return usize::MAX / 3;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let changed = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_blank_lines_are_left_out() {
        let found: Vec<_> = lines("# a\n\n  b c # d\r\n#e\n f")
            .map(|line| (line.number, line.words))
            .collect();
        assert_eq!(found, [(3, vec!["b", "c"]), (5, vec!["f"])]);
    }

    #[test]
    fn misspelt_keys_find_their_neighbour() {
        let keys = ["r_convec", "c_convec", "s_sink"];
        assert_eq!(nearest("r_convek", keys), Some("r_convec"));
        assert_eq!(nearest("S_SINK", keys), Some("s_sink"));
        assert_eq!(nearest("pumping", keys), None);
    }
}
