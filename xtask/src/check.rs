//! The steps of `cargo xtask check` and how they are run.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::cargo::Workspace;
use crate::{layers, licences, links, mutants, reasons, validation, words};

/// What a step found wrong, one line each; empty when all is well.
pub(crate) type Problems = Vec<String>;

/// One thing that must hold.
#[derive(Debug)]
pub(crate) struct Step {
    /// What one types to run it alone.
    pub(crate) name: &'static str,
    /// One line for the help.
    pub(crate) about: &'static str,
    run: fn(&Workspace) -> Result<Problems>,
}

/// All steps in the order they run: the ones that fail most and the quickest come first.
pub(crate) const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        about: "the code is formatted",
        run: |ws| ws.cargo(&["fmt", "--all", "--check"], &[]),
    },
    Step {
        name: "layers",
        about: "crates import only what xtask/layers.toml allows",
        run: layers::run,
    },
    Step {
        name: "deps-reasons",
        about: "each dependency has its reason in a comment above it",
        run: reasons::run,
    },
    Step {
        name: "licences",
        about: "each dependency's licence is in xtask/licences.toml",
        run: licences::run,
    },
    Step {
        name: "links",
        about: "paths, links and anchors in the documents lead somewhere",
        run: links::run,
    },
    Step {
        name: "words",
        about: "no file contains what xtask/words.toml forbids",
        run: words::run,
    },
    Step {
        name: "clippy",
        about: "no warning in any crate or target",
        run: |ws| {
            ws.cargo(
                &[
                    "clippy",
                    "--workspace",
                    "--all-targets",
                    "--",
                    "-D",
                    "warnings",
                ],
                &[],
            )
        },
    },
    Step {
        name: "test",
        about: "all tests pass",
        run: |ws| ws.cargo(&["test", "--workspace"], &[]),
    },
    Step {
        name: "mutants",
        about: "each variant of xtask/mutants.toml that is broken on purpose fails a test",
        run: mutants::run,
    },
    Step {
        name: "doc",
        about: "the documentation builds without a warning",
        run: |ws| {
            ws.cargo(
                &["doc", "--workspace", "--no-deps"],
                &[("RUSTDOCFLAGS", "-D warnings")],
            )
        },
    },
    Step {
        name: "fuzz-build",
        about: "the fuzz targets compile",
        run: fuzz_build,
    },
    Step {
        name: "validation",
        about: "each validation/*/run.toml agrees with its peer",
        run: validation::run,
    },
];

/// Runs the steps, reports each, and says whether all passed.
pub(crate) fn run(ws: &Workspace, steps: &[&Step]) -> bool {
    let mut outcomes = Vec::new();
    for step in steps {
        println!("\n=== {}: {}", step.name, step.about);
        let start = Instant::now();
        let problems = match (step.run)(ws) {
            Ok(problems) => problems,
            Err(error) => vec![format!("{error:#}")],
        };
        let taken = start.elapsed();
        for problem in &problems {
            println!("  {problem}");
        }
        println!("{}", verdict(step.name, problems.is_empty(), taken));
        outcomes.push((step.name, problems.is_empty(), taken));
    }
    println!();
    if outcomes.len() > 1 {
        for (name, passed, taken) in &outcomes {
            println!("{}", verdict(name, *passed, *taken));
        }
    }
    let n_failed = outcomes.iter().filter(|(_, passed, _)| !passed).count();
    println!("{}", count(outcomes.len() - n_failed, n_failed));
    n_failed == 0
}

/// Checks the fuzz targets, which are a workspace of their own.
///
/// `cargo check` needs neither the nightly compiler nor the sanitizers that fuzzing itself needs.
fn fuzz_build(ws: &Workspace) -> Result<Problems> {
    if !ws.root().join("fuzz/Cargo.toml").exists() {
        println!("  there is no fuzz/");
        return Ok(Problems::new());
    }
    let target_dir = ws.target_dir()?.join("fuzz-check");
    ws.cargo(
        &[
            "check",
            "--manifest-path",
            "fuzz/Cargo.toml",
            "--bins",
            "--target-dir",
            &target_dir.to_string_lossy(),
        ],
        &[],
    )
}

fn verdict(name: &str, passed: bool, taken: Duration) -> String {
    let word = if passed { "passed" } else { "FAILED" };
    format!("{name:<14} {word} in {:.1} s", taken.as_secs_f64())
}

fn count(n_passed: usize, n_failed: usize) -> String {
    format!("{n_passed} passed, {n_failed} failed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_does_not_stop_the_rest_and_decides_the_end() {
        use std::cell::Cell;
        thread_local! { static RUNS: Cell<u32> = const { Cell::new(0) }; }
        fn counted(problems: Problems) -> Problems {
            RUNS.set(RUNS.get() + 1);
            problems
        }
        let step = |run| Step {
            name: "made-up",
            about: "a step of the test",
            run,
        };
        let good = step(|_| Ok(counted(vec![])));
        let bad = step(|_| Ok(counted(vec!["wrong".to_owned()])));
        let broken = step(|_| anyhow::bail!("could not look"));
        let ws = Workspace::at(".");
        assert!(run(&ws, &[&good, &good]));
        assert_eq!(RUNS.get(), 2);
        assert!(!run(&ws, &[&bad, &good]));
        assert_eq!(RUNS.get(), 4);
        assert!(!run(&ws, &[&broken, &good]));
        assert_eq!(RUNS.get(), 5);
    }

    #[test]
    fn names_of_steps_are_unique() {
        let mut names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), STEPS.len());
    }

    #[test]
    fn the_last_line_has_the_form_that_ci_reads() {
        assert_eq!(count(3, 1), "3 passed, 1 failed");
    }
}
