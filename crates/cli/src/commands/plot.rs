//! `plot`: pictures of systems.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use report::plot::Plot;
use report::plot::data::{self, Moved, Solved};
use system::{MediaLaneId, System, nearest};
use twin::{Figures, SteadyState};

use crate::args::{self, PlotKind, TornadoOf};
use crate::commands::{sample, solve};
use crate::files;
use crate::input;
use crate::output::{Interrupted, Output, UsageError};

/// The form of a picture.
#[derive(Clone, Copy)]
pub(super) enum Form {
    Svg,
    Png,
}

impl Form {
    /// The form that the end of a file name says.
    pub(super) fn of(file: &Path) -> Result<Self> {
        let ending = file.extension().map(std::ffi::OsStr::to_ascii_lowercase);
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

/// Draws for plots of draws, where their number is not said.
const DRAWS: u64 = 1000;

/// Draws one picture.
pub(crate) fn run(args: &args::Plot, out: &mut Output) -> Result<()> {
    let form = Form::of(&args.out)?;
    let shows_one = !matches!(args.kind, PlotKind::Power | PlotKind::Compare);
    if shows_one && args.systems.len() > 1 {
        let n = args.systems.len();
        return Err(UsageError(format!("this plot shows one system; {n} were named")).into());
    }
    refuse_foreign(args)?;
    if args.kind == PlotKind::Region {
        return region(args, form, out);
    }
    let mut draws = args.draws;
    let is_of_draws = matches!(args.kind, PlotKind::Margin | PlotKind::Tornado);
    if is_of_draws && draws.samples == 0 {
        draws.samples = DRAWS;
    }
    let library = input::library(args.resolve.library.as_deref())?;
    let mut all = Vec::new();
    let mut interrupted = None;
    for name in &args.systems {
        let system = input::resolve(name, &library, &args.resolve)?;
        let state = SteadyState::solve(&system);
        let figures = Figures::new(&system, &state);
        let sampled = sample::sample(&system, &state, &draws)?;
        if let Some(sampled) = &sampled
            && sampled.n_done < sampled.n_asked
        {
            interrupted = Some((sampled.n_done, sampled.n_asked));
        }
        all.push((system, state, figures, sampled));
        if interrupted.is_some() {
            break;
        }
    }
    let solved: Vec<Solved<'_>> = all
        .iter()
        .map(|(system, state, figures, sampled)| Solved {
            system,
            state,
            figures,
            sampled: sampled.as_ref(),
        })
        .collect();
    let plot = picture(args, &solved)?;
    write(&plot, form, &args.out, out)?;
    match interrupted {
        Some((n_done, n_asked)) => Err(Interrupted {
            n_done,
            n_asked,
            what: "draws",
        }
        .into()),
        None => Ok(()),
    }
}

/// Refuses options that the kind of plot would leave unheard.
fn refuse_foreign(args: &args::Plot) -> Result<()> {
    let has_question = args.constraints.is_some() || args.variables.is_some();
    let text = if has_question && args.kind != PlotKind::Region {
        "--for and --over belong to the plot of a region"
    } else if args.lane.is_some() && args.kind != PlotKind::Waterfall {
        "--lane belongs to the plot of a waterfall"
    } else {
        return Ok(());
    };
    Err(UsageError(text.into()).into())
}

/// Draws where everything holds; a region without a point that does is a picture too.
fn region(args: &args::Plot, form: Form, out: &mut Output) -> Result<()> {
    let (Some(constraints), Some(variables)) = (&args.constraints, &args.variables) else {
        let text = "a region needs --for and --over; `shoreline solve --help` explains both";
        return Err(UsageError(text.into()).into());
    };
    let question = args::Solve {
        system: args.systems[0].clone(),
        constraints: constraints.clone(),
        variables: variables.clone(),
        least: None,
        resolve: args.resolve.clone(),
        samples: match args.draws.samples {
            0 => args::SOLVE_DRAWS,
            n => n,
        },
        seed: args.draws.seed,
        json: false,
    };
    let (system, region) = solve::find(&question)?;
    write(&data::region(&system, &region), form, &args.out, out)
}

/// What the arguments ask for.
fn picture(args: &args::Plot, solved: &[Solved<'_>]) -> Result<Plot> {
    let first = &solved[0];
    let lane = args.lane.as_deref().map(|name| lane(first.system, name));
    let sampled = || first.sampled.context("the plot needs draws");
    Ok(match args.kind {
        PlotKind::Waterfall => data::waterfall(first, lane.transpose()?),
        PlotKind::Power => data::power(solved),
        PlotKind::Compare => data::compare(solved),
        PlotKind::Margin => data::margin(first, sampled()?),
        PlotKind::Tornado => {
            let moved = match args.of {
                TornadoOf::Margin => Moved::Margin,
                TornadoOf::Power => Moved::ModulePower,
            };
            data::tornado(first, sampled()?, moved)
        }
        PlotKind::Region => bail!("a region is not a plot of solved systems"),
    })
}

/// A media lane by its name.
fn lane(system: &System, name: &str) -> Result<MediaLaneId> {
    let lanes = || system.media_lanes.iter().map(|lane| lane.name.as_str());
    if let Some(idx) = lanes().position(|lane| lane == name) {
        return Ok(MediaLaneId::from_index(idx));
    }
    let near = nearest(name, lanes())
        .or_else(|| lanes().next())
        .map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
    Err(UsageError(format!("no lane {name:?}{near}")).into())
}

/// Draws and writes a picture, the whole of it or nothing.
pub(super) fn write(plot: &Plot, form: Form, file: &Path, out: &mut Output) -> Result<()> {
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
