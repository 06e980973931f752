//! `heat`: temperatures of packages.

mod figures;
mod package;
mod picture;
mod transient;

use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result};
use report::Heat;
use thermal::read::{ReadError, ice};
use thermal::write::vtk;
use thermal::{Model, Nonlinear, Response, ThermalError};

use crate::args;
use crate::files;
use crate::output::{BadFile, Interrupted, Output, UsageError};

use self::package::Package;

/// Solves a package.
pub(crate) fn run(args: &args::Heat, out: &mut Output) -> Result<()> {
    let form = args.map.as_deref().map(picture::Form::of).transpose()?;
    let package = package::read(args)?;
    let mut model = Model::new(&package.case.stack, &package.case.grid)
        .map_err(|error| refused(&package, error))?;
    let layer = picture::layer(&package, args.layer.as_deref())?;
    let at_rest = follow(&mut model)?;
    let (field, powers, run) = if args.transient {
        let run = transient::run(&package, &model, args.outputs.is_some())?;
        (run.field.clone(), run.powers.clone(), Some(run))
    } else {
        let powers = model.powers();
        let field = match &at_rest {
            Some(at_rest) => at_rest.field.clone(),
            None => model.steady(&powers)?,
        };
        (field, powers, None)
    };
    let trace = run.as_ref().map(|run| run.trace.clone());
    let conductivities = figures::conductivities(at_rest.as_ref(), args.transient);
    let heat = Heat {
        conductivities,
        ..figures::heat(&package, &model, &field, &powers, trace)
    };
    let mut written = Vec::new();
    if let (Some(file), Some(form)) = (&args.map, form) {
        let bytes = picture::draw(form, &package, &model, &field, layer)?;
        written.push(write(file, &bytes)?);
    }
    if let Some(file) = &args.vtk {
        let text = vtk::rectilinear_grid(&package.name, &model, &field, &powers)?;
        written.push(write(file, text.as_bytes())?);
    }
    if let (Some(file), Some(trace)) = (&args.traces, &heat.trace) {
        written.push(write(file, trace.csv().as_bytes())?);
    }
    if let Some(file) = &args.response_matrix {
        let response = Response::new(&model)?;
        written.push(write(file, response.to_csv().as_bytes())?);
    }
    if let (Some(folder), Some(file)) = (&args.outputs, &package.ice) {
        let outputs = match &run {
            Some(run) => run.outputs.clone(),
            None => ice::steady_outputs(file, &model, &field),
        };
        for (name, text) in outputs {
            written.push(write(&inside(folder, &name)?, text.as_bytes())?);
        }
    }
    if args.json {
        let value = report::heat_json(&heat);
        writeln!(out, "{}", serde_json::to_string_pretty(&value)?)?;
    } else {
        out.write_all(report::heat_text(&heat).as_bytes())?;
        if !written.is_empty() {
            writeln!(out)?;
        }
        for name in &written {
            writeln!(out, "wrote {name}")?;
        }
    }
    match run {
        Some(run) if run.n_done < run.n_asked => Err(Interrupted {
            n_done: run.n_done,
            n_asked: run.n_asked,
            what: "intervals",
        }
        .into()),
        _ => Ok(()),
    }
}

/// Where conductivities depend on temperature, solves the package at rest with them, and takes them
/// at its temperatures for everything that follows.
fn follow(model: &mut Model) -> Result<Option<Nonlinear>> {
    if !model.has_varying_conductivity() {
        return Ok(None);
    }
    let at_rest = model.steady_nonlinear(&model.powers())?;
    model.clone_from(&at_rest.model);
    Ok(Some(at_rest))
}

/// Writes a file, the whole of it or nothing, and gives back its name.
fn write(file: &Path, bytes: &[u8]) -> Result<String> {
    let name = file.display().to_string();
    files::replace(file, bytes).with_context(|| format!("cannot write {name}"))?;
    Ok(name)
}

/// A file of a folder, which is made where it is missing. A name that a file gives never leads out of
/// the folder.
fn inside(folder: &Path, name: &str) -> Result<PathBuf> {
    let is_below = Path::new(name)
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !is_below {
        let text = format!("the output {name:?} lies outside of {}", folder.display());
        return Err(UsageError(text).into());
    }
    let file = folder.join(name);
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    Ok(file)
}

/// A package that makes no sense is bad input; everything else is a failed computation.
fn refused(package: &Package, error: ThermalError) -> anyhow::Error {
    let ThermalError::Stack { problems } = error else {
        return match error {
            ThermalError::Grid { .. } => UsageError(error.to_string()).into(),
            _ => error.into(),
        };
    };
    let located = problems.iter().map(|problem| {
        let of_file = ReadError::new(&package.name, 0, problem.to_string());
        match problem {
            thermal::StackProblem::Floating => {
                of_file.help("say how it is cooled, such as --top '20 kW/(m2 K) at 40 C'")
            }
            _ => of_file,
        }
    });
    BadFile(located.collect()).into()
}
