//! Lines out of a stream of bytes, of bounded length.

/// What a client sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A line without its line feed.
    Complete(Vec<u8>),
    /// A line beyond the limit; its bytes are not kept.
    TooLong,
}

/// Cuts a stream into lines and holds at most one line of the limit, plus what was pushed last.
#[derive(Debug)]
pub(super) struct LineSplitter {
    buffer: Vec<u8>,
    max_bytes: usize,
    /// The rest of a line that was reported as too long is being skipped.
    is_skipping: bool,
}

impl LineSplitter {
    pub(super) const fn new(max_bytes: usize) -> Self {
        Self {
            buffer: Vec::new(),
            max_bytes,
            is_skipping: false,
        }
    }

    /// The lines that end within `bytes`, and whether one became too long.
    pub(super) fn push(&mut self, mut bytes: &[u8]) -> Vec<Line> {
        let mut lines = Vec::new();
        while let Some(end) = bytes.iter().position(|&byte| byte == b'\n') {
            self.extend(&bytes[..end], &mut lines);
            bytes = &bytes[end + 1..];
            if self.is_skipping {
                self.is_skipping = false;
            } else {
                lines.push(Line::Complete(std::mem::take(&mut self.buffer)));
            }
        }
        self.extend(bytes, &mut lines);
        lines
    }

    /// The last line, which has no line feed.
    pub(super) fn finish(&mut self) -> Option<Line> {
        let rest = std::mem::take(&mut self.buffer);
        (!rest.is_empty()).then_some(Line::Complete(rest))
    }

    fn extend(&mut self, bytes: &[u8], lines: &mut Vec<Line>) {
        if self.is_skipping {
            return;
        }
        if self.buffer.len() + bytes.len() > self.max_bytes {
            self.buffer = Vec::new();
            self.is_skipping = true;
            lines.push(Line::TooLong);
        } else {
            self.buffer.extend_from_slice(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(chunks: &[&str], expected: &[Option<&str>]) {
        let mut splitter = LineSplitter::new(4);
        let mut lines: Vec<_> = chunks
            .iter()
            .flat_map(|chunk| splitter.push(chunk.as_bytes()))
            .collect();
        lines.extend(splitter.finish());
        let expected: Vec<_> = expected
            .iter()
            .map(|line| line.map_or(Line::TooLong, |text| Line::Complete(text.into())))
            .collect();
        assert_eq!(lines, expected, "{chunks:?}");
    }

    #[test]
    fn lines_are_cut_wherever_chunks_end() {
        check(
            &["ab\ncd", "ef\n", "\ng"],
            &[Some("ab"), Some("cdef"), Some(""), Some("g")],
        );
    }

    #[test]
    fn a_line_that_is_too_long_is_reported_once_and_skipped() {
        check(
            &["abcd\nabcde", "fgh", "i\nx\n"],
            &[Some("abcd"), None, Some("x")],
        );
        check(&["abcdefgh\nx"], &[None, Some("x")]);
        check(&["abcdefgh"], &[None]);
    }
}
