//! The commands.

pub(crate) mod check;
pub(crate) mod cmis;
pub(crate) mod explain;
pub(crate) mod heat;
mod kind;
pub(crate) mod library;
pub(crate) mod manual;
pub(crate) mod page;
pub(crate) mod plot;
pub(crate) mod run;
pub(crate) mod sample;
mod scene;
pub(crate) mod serve;
pub(crate) mod simulate;
pub(crate) mod solve;

use std::io::Write as _;

use anyhow::Result;
use system::Library;

use crate::output::Output;

/// What to try, for those who typed the name alone.
pub(crate) fn welcome(out: &mut Output) -> Result<()> {
    let library = Library::embedded();
    writeln!(
        out,
        "shoreline: the digital twin for co-packaged optics\n\nTry:"
    )?;
    for (command, what) in [
        (
            "shoreline run cpo-51t",
            "solve every lane of a co-packaged switch",
        ),
        (
            "shoreline compare dsp-51t cpo-51t",
            "put two systems side by side",
        ),
        ("shoreline library list", "see the parts and platforms"),
        (
            "shoreline new my-switch.toml",
            "start a description of your own",
        ),
        ("shoreline --help", "see all commands"),
    ] {
        writeln!(out, "  {command:<36} {what}")?;
    }
    let platforms: Vec<_> = library.platforms().collect();
    writeln!(out, "\nPlatforms: {}", platforms.join(", "))?;
    Ok(())
}
