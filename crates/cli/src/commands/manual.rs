//! `completions` and `man`: what clap knows of the arguments, for shells and for readers.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use system::nearest;

use crate::args::{self, Args};
use crate::files;
use crate::output::{Output, UsageError};

/// The program with all its commands, named as people call them.
fn program() -> Command {
    let mut program = Args::command().name("shoreline");
    program.build();
    program
}

/// Prints the script that completes commands in a shell.
pub(crate) fn completions(args: &args::Completions, out: &mut Output) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut program(), "shoreline", &mut script);
    out.write_all(&script)?;
    Ok(())
}

/// Prints one manual page, or writes all of them.
pub(crate) fn man(args: &args::Man, out: &mut Output) -> Result<()> {
    let program = program();
    let Some(folder) = &args.dir else {
        let mut command = &program;
        for name in &args.command {
            let names = || command.get_subcommands().map(Command::get_name);
            command = command.find_subcommand(name).ok_or_else(|| {
                let near = nearest(name, names())
                    .map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
                UsageError(format!("there is no command {name:?}{near}"))
            })?;
        }
        out.write_all(&page(command)?)?;
        return Ok(());
    };
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot create {}", folder.display()))?;
    let n = write_pages(&program, folder)?;
    let what = report::counted(n, "page");
    writeln!(out, "wrote {what} into {}", folder.display())?;
    Ok(())
}

/// Writes the page of a command and those of its commands; gives back how many.
fn write_pages(command: &Command, folder: &Path) -> Result<usize> {
    let file = folder.join(format!("{}.1", name(command)));
    files::replace(&file, &page(command)?)
        .with_context(|| format!("cannot write {}", file.display()))?;
    let mut n = 1;
    for below in command.get_subcommands().filter(|c| c.get_name() != "help") {
        n += write_pages(below, folder)?;
    }
    Ok(n)
}

/// The name of a page: the words of the command, joined.
fn name(command: &Command) -> String {
    let name = command.get_bin_name().unwrap_or(command.get_name());
    name.replace(' ', "-")
}

fn page(command: &Command) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    Man::new(command.clone())
        .title(name(command))
        .render(&mut text)?;
    Ok(text)
}
