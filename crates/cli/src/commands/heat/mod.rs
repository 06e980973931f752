//! `heat`: temperatures of packages.

mod figures;
mod package;
mod picture;

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use thermal::read::ReadError;
use thermal::write::vtk;
use thermal::{Model, ThermalError};

use crate::args;
use crate::files;
use crate::output::{BadFile, Output, UsageError};

use self::package::Package;

/// Solves a package.
pub(crate) fn run(args: &args::Heat, out: &mut Output) -> Result<()> {
    let form = args.map.as_deref().map(picture::Form::of).transpose()?;
    let package = package::read(args)?;
    let model = Model::new(&package.case.stack, &package.case.grid)
        .map_err(|error| refused(&package, error))?;
    let layer = picture::layer(&package, args.layer.as_deref())?;
    let powers = model.powers();
    let field = model.steady(&powers)?;
    let heat = figures::heat(&package, &model, &field);
    let mut written = Vec::new();
    if let (Some(file), Some(form)) = (&args.map, form) {
        let bytes = picture::draw(form, &package, &model, &field, layer)?;
        written.push(write(file, &bytes)?);
    }
    if let Some(file) = &args.vtk {
        let text = vtk::rectilinear_grid(&package.name, &model, &field, &powers)?;
        written.push(write(file, text.as_bytes())?);
    }
    if args.json {
        let value = report::heat_json(&heat);
        writeln!(out, "{}", serde_json::to_string_pretty(&value)?)?;
    } else {
        out.write_all(report::heat_text(&heat).as_bytes())?;
        for name in &written {
            writeln!(out, "\nwrote {name}")?;
        }
    }
    Ok(())
}

/// Writes a file, the whole of it or nothing, and gives back its name.
fn write(file: &Path, bytes: &[u8]) -> Result<String> {
    let name = file.display().to_string();
    files::replace(file, bytes).with_context(|| format!("cannot write {name}"))?;
    Ok(name)
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
