//! `plot`: pictures of systems.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use report::plot::Plot;
use report::plot::data::{self, Solved};
use system::{MediaLaneId, System, nearest};
use twin::{Figures, SteadyState};

use crate::args::{self, PlotKind};
use crate::files;
use crate::input;
use crate::output::{Output, UsageError};

/// The form of a picture.
#[derive(Clone, Copy)]
enum Form {
    Svg,
    Png,
}

impl Form {
    /// The form that the end of a file name says.
    fn of(file: &Path) -> Result<Self> {
        let ending = file.extension().map(|ending| ending.to_ascii_lowercase());
        match ending.as_deref().and_then(std::ffi::OsStr::to_str) {
            _ if file == Path::new("-") => Ok(Self::Svg),
            Some("svg") => Ok(Self::Svg),
            Some("png") => Ok(Self::Png),
            _ => Err(UsageError(format!(
                "cannot tell the form of {:?}\nendings: .svg, .png; - is SVG on standard output",
                file.display().to_string()
            ))
            .into()),
        }
    }
}

/// Draws one picture.
pub(crate) fn run(args: &args::Plot, out: &mut Output) -> Result<()> {
    let form = Form::of(&args.out)?;
    let is_single = matches!(args.kind, PlotKind::Waterfall);
    if is_single && args.systems.len() > 1 {
        let n = args.systems.len();
        return Err(UsageError(format!("this plot shows one system; {n} were named")).into());
    }
    let library = input::library(args.resolve.library.as_deref())?;
    let mut solved: Vec<(System, SteadyState, Figures)> = Vec::new();
    for name in &args.systems {
        let system = input::resolve(name, &library, &args.resolve)?;
        let state = SteadyState::solve(&system);
        let figures = Figures::new(&system, &state);
        solved.push((system, state, figures));
    }
    let figures: Vec<&Figures> = solved.iter().map(|(_, _, figures)| figures).collect();
    let (system, state, first) = &solved[0];
    let plot = match args.kind {
        PlotKind::Waterfall => {
            let lane = args.lane.as_deref().map(|name| lane(system, name));
            let solved = Solved {
                system,
                state,
                figures: first,
            };
            data::waterfall(&solved, lane.transpose()?)
        }
        PlotKind::Power => data::power(&figures),
        PlotKind::Compare => data::compare(&figures),
    };
    write(&plot, form, &args.out, out)
}

/// A media lane by its name.
fn lane(system: &System, name: &str) -> Result<MediaLaneId> {
    let lanes = || system.media_lanes.iter().map(|lane| lane.name.as_str());
    match lanes().position(|lane| lane == name) {
        Some(idx) => Ok(MediaLaneId::from_index(idx)),
        None => {
            let near = nearest(name, lanes())
                .or_else(|| lanes().next())
                .map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
            Err(UsageError(format!("no lane {name:?}{near}")).into())
        }
    }
}

/// Draws and writes a picture, the whole of it or nothing.
fn write(plot: &Plot, form: Form, file: &Path, out: &mut Output) -> Result<()> {
    let bytes = match form {
        Form::Svg => plot.svg()?.into_bytes(),
        Form::Png => plot.png()?,
    };
    if file == Path::new("-") {
        out.write_all(&bytes)?;
        return Ok(());
    }
    let name = file.display();
    files::replace(file, &bytes).with_context(|| format!("cannot write {name}"))?;
    writeln!(out, "wrote {name}: {}", plot.title())?;
    Ok(())
}
