//! Where text goes, and how a command ends.

use std::io::{self, Write};
use std::process::ExitCode;

use system::Problems;
use thermal::read::ReadError;

/// Standard output: styled on a terminal, plain elsewhere.
pub(crate) struct Output(Box<dyn Write>);

impl Output {
    pub(crate) fn stdout() -> Self {
        Self(Box::new(anstream::AutoStream::auto(io::stdout())))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Bad input, with everything that is wrong about it.
#[derive(Debug)]
pub(crate) struct BadInput(pub(crate) Problems);

impl std::fmt::Display for BadInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for BadInput {}

/// A file of another tool that cannot be used, with everything that is wrong about it.
#[derive(Debug)]
pub(crate) struct BadFile(pub(crate) Vec<ReadError>);

impl std::fmt::Display for BadFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for problem in &self.0 {
            let place = ReadError {
                help: None,
                ..problem.clone()
            };
            writeln!(f, "error: {place}")?;
            if let Some(help) = &problem.help {
                writeln!(f, "  help: {help}")?;
            }
        }
        let n = self.0.len();
        write!(f, "{n} problem{}", if n == 1 { "" } else { "s" })
    }
}

impl std::error::Error for BadFile {}

/// Exit code after Ctrl-C, as shells have it: 128 and the number of the signal.
pub(crate) const INTERRUPTED: u8 = 130;

/// A run that Ctrl-C ended; what was done has been reported.
#[derive(Debug)]
pub(crate) struct Interrupted {
    pub(crate) n_done: u64,
    pub(crate) n_asked: u64,
    /// What was counted.
    pub(crate) what: &'static str,
}

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            n_done,
            n_asked,
            what,
        } = self;
        write!(f, "interrupted after {n_done} of {n_asked} {what}")
    }
}

impl std::error::Error for Interrupted {}

/// A search that Ctrl-C ended; there is nothing to report.
#[derive(Debug)]
pub(crate) struct Stopped;

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("interrupted; nothing is reported")
    }
}

impl std::error::Error for Stopped {}

/// Exit code 0 when all went well, 2 for input that has to be mended, 130 when Ctrl-C ended a run
/// early, 1 for everything else.
pub(crate) fn exit_code(result: anyhow::Result<()>) -> ExitCode {
    let Err(error) = result else {
        return ExitCode::SUCCESS;
    };
    // The reader went away, for example `head`: nothing is wrong.
    if error
        .downcast_ref::<io::Error>()
        .is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    {
        return ExitCode::SUCCESS;
    }
    let mut err = anstream::AutoStream::auto(io::stderr());
    if let Some(BadInput(problems)) = error.downcast_ref::<BadInput>() {
        // Nothing can be done when standard error is closed.
        let _ = draw(problems, &mut err);
        return ExitCode::from(2);
    }
    if let Some(problems) = error.downcast_ref::<BadFile>() {
        let _ = writeln!(err, "{problems}");
        return ExitCode::from(2);
    }
    if error.is::<Interrupted>() || error.is::<Stopped>() {
        let _ = writeln!(err, "{error}");
        return ExitCode::from(INTERRUPTED);
    }
    let _ = writeln!(err, "error: {error:#}");
    ExitCode::from(if error.is::<UsageError>() { 2 } else { 1 })
}

/// An argument that does not name anything.
#[derive(Debug)]
pub(crate) struct UsageError(pub(crate) String);

impl std::fmt::Display for UsageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

/// Draws every problem under the text that causes it.
fn draw(problems: &Problems, err: &mut dyn Write) -> io::Result<()> {
    use std::io::IsTerminal as _;
    let theme = match (
        io::stderr().is_terminal(),
        anstream::AutoStream::choice(&io::stderr()),
    ) {
        (true, anstream::ColorChoice::Never) => miette::GraphicalTheme::unicode_nocolor(),
        (true, _) => miette::GraphicalTheme::unicode(),
        (false, _) => miette::GraphicalTheme::none(),
    };
    let handler = miette::GraphicalReportHandler::new_themed(theme).with_width(100);
    for problem in &problems.0 {
        let mut text = String::new();
        if handler.render_report(&mut text, problem).is_err() {
            text = format!("{problem}\n");
        }
        writeln!(err, "{text}")?;
    }
    let n = problems.0.len();
    writeln!(err, "{n} problem{}", if n == 1 { "" } else { "s" })
}

/// A word as a shell takes it.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/=".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
