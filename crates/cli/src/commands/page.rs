//! Where HTML reports go, and how they say that they were made.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use report::html::Making;
use system::Library;

use crate::files;
use crate::output::{Output, UsageError, quoted};

/// Whether the report goes to standard output.
pub(crate) fn is_standard_output(report: Option<&Path>) -> bool {
    report == Some(Path::new("-"))
}

/// Refuses what cannot both go to standard output, and files that do not look like a page: a
/// report replaces what is there, which must not be the description of the system.
pub(crate) fn check(report: Option<&Path>, is_json: bool) -> Result<()> {
    if let Some(file) = report.filter(|file| *file != Path::new("-")) {
        let ending = file.extension().map(std::ffi::OsStr::to_ascii_lowercase);
        if !ending.is_some_and(|ending| ending == "html" || ending == "htm") {
            let name = file.display().to_string();
            return Err(UsageError(format!(
                "a report is an HTML file, and {name:?} does not end like one\n\
                 endings: .html, .htm; - is standard output"
            ))
            .into());
        }
    }
    if is_json && is_standard_output(report) {
        let text = "--json and --report - both want standard output; give the report a file";
        return Err(UsageError(text.into()).into());
    }
    Ok(())
}

/// The command as a shell takes it.
pub(crate) fn command() -> String {
    let arguments = std::env::args_os().skip(1);
    let words = arguments.map(|argument| quoted(&argument.to_string_lossy()));
    let words: Vec<String> = std::iter::once("shoreline".to_owned())
        .chain(words)
        .collect();
    words.join(" ")
}

/// How a report is made.
pub(crate) fn making<'a>(library: &'a Library, command: &'a str) -> Making<'a> {
    Making {
        command,
        program: concat!("shoreline ", env!("CARGO_PKG_VERSION")),
        library,
    }
}

/// Writes a report, the whole of it or nothing.
pub(crate) fn write(page: &str, file: &Path, out: &mut Output) -> Result<()> {
    if is_standard_output(Some(file)) {
        out.write_all(page.as_bytes())?;
        return Ok(());
    }
    files::replace(file, page.as_bytes())
        .with_context(|| format!("cannot write {}", file.display()))
}
