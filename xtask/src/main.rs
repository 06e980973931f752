//! What CI and developers run: every check of the repository behind one command.
//!
//! `cargo xtask check` runs all steps of [`check::STEPS`], each to its end, and fails when one fails.
//! The checkers are functions from plain data to a list of problems, so that their tests can show
//! that they are able to fail. Nothing here is part of the product.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the report on the terminal is what this tool is for"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "a tool that checks the tree reads files and measures time"
)]

mod arguments;
mod bench_build;
mod cargo;
mod check;
mod layers;
mod licences;
mod links;
mod markdown;
mod mutants;
mod reasons;
mod spdx;
mod tree;
mod validation;
mod words;

use std::process::ExitCode;

use arguments::Action;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments::parse(&arguments) {
        Ok(Action::Help) => {
            println!("{}", arguments::help());
            Ok(true)
        }
        Ok(Action::Check(steps)) => cargo::Workspace::find().map(|ws| check::run(&ws, &steps)),
        Ok(Action::BenchBuild { binary }) => cargo::Workspace::find()
            .and_then(|ws| bench_build::run(&ws, &binary))
            .map(|()| true),
        Err(message) => {
            eprintln!("error: {message}\n\nTry 'cargo xtask --help'.");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
