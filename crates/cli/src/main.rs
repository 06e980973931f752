//! `shoreline`: the digital twin for co-packaged optics.

mod args;
mod commands;
mod files;
mod input;
mod output;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Args, Command};
use crate::output::Output;

fn main() -> ExitCode {
    let args = Args::parse();
    let mut out = Output::stdout();
    let result = match args.command {
        None => commands::welcome(&mut out),
        Some(Command::Run(run)) => commands::run::run(&run, &mut out),
        Some(Command::Compare(compare)) => commands::run::compare(&compare, &mut out),
        Some(Command::Heat(heat)) => commands::heat::run(&heat, &mut out),
        Some(Command::Explain(explain)) => commands::explain::run(&explain, &mut out),
        Some(Command::Solve(solve)) => commands::solve::run(&solve, &mut out),
        Some(Command::Plot(plot)) => commands::plot::run(&plot, &mut out),
        Some(Command::Simulate(simulate)) => commands::simulate::run(&simulate, &mut out),
        Some(Command::Serve(serve)) => commands::serve::run(&serve, &mut out),
        Some(Command::Check(check)) => commands::check::run(&check, &mut out),
        Some(Command::Schema) => commands::check::schema(&mut out),
        Some(Command::New(new)) => commands::check::new(&new, &mut out),
        Some(Command::Migrate(migrate)) => commands::check::migrate(&migrate, &mut out),
        Some(Command::Completions(shell)) => commands::manual::completions(&shell, &mut out),
        Some(Command::Man(man)) => commands::manual::man(&man, &mut out),
        Some(Command::Library(library)) => commands::library::run(&library, &mut out),
        Some(Command::Cmis(cmis)) => commands::cmis::run(&cmis, &mut out),
    };
    output::exit_code(result)
}
