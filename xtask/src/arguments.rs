//! What was asked for on the command line.

use std::fmt::Write as _;

use crate::check::{STEPS, Step};

/// A checked command line.
#[derive(Debug)]
pub(crate) enum Action {
    /// Print the help.
    Help,
    /// Run these steps.
    Check(Vec<&'static Step>),
    /// Measure a clean release build of the package with this binary.
    BenchBuild {
        /// Name of the binary target.
        binary: String,
    },
}

/// Reads the arguments after the program's name.
///
/// # Errors
/// A message for the terminal: what was not understood and what would be.
pub(crate) fn parse(arguments: &[String]) -> Result<Action, String> {
    let is_help = |text: &String| text == "--help" || text == "-h";
    let Some((command, rest)) = arguments.split_first() else {
        return Ok(Action::Help);
    };
    if is_help(command) || command == "help" || rest.iter().any(is_help) {
        return Ok(Action::Help);
    }
    match command.as_str() {
        "check" => steps(rest).map(Action::Check),
        "bench-build" => match rest {
            [] => Ok(Action::BenchBuild {
                binary: "shoreline".to_owned(),
            }),
            [binary] if !binary.starts_with('-') => Ok(Action::BenchBuild {
                binary: binary.clone(),
            }),
            _ => Err(format!(
                "'bench-build' takes at most one name of a binary, not '{}'",
                rest.join(" ")
            )),
        },
        other => Err(format!(
            "unknown command '{other}'{}; the commands are: check, bench-build",
            suggestion(other, &["check", "bench-build"])
        )),
    }
}

/// The text of `--help`.
pub(crate) fn help() -> String {
    let mut text = String::from(
        "What CI and developers run.\n\n\
         Usage:\n  \
         cargo xtask check [STEP]...        run all steps, or the given ones\n  \
         cargo xtask bench-build [BINARY]   measure a clean release build (default: shoreline)\n  \
         cargo xtask --help                 print this\n\n\
         Steps of 'check', in the order they run:\n",
    );
    for step in STEPS {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {:<14} {}", step.name, step.about);
    }
    text.push_str(
        "\nEvery step runs, also after a failure. The last line counts them: 'N passed, N failed'.\n\
         Exit code: 0 when all passed, 1 when a step failed, 2 when the arguments are wrong.",
    );
    text
}

/// The chosen steps in the order of [`STEPS`], each once; all when none is named.
fn steps(names: &[String]) -> Result<Vec<&'static Step>, String> {
    let known: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
    if let Some(wrong) = names.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(format!(
            "unknown step '{wrong}'{}; the steps are: {}",
            suggestion(wrong, &known),
            known.join(", ")
        ));
    }
    Ok(STEPS
        .iter()
        .filter(|step| names.is_empty() || names.iter().any(|name| name == step.name))
        .collect())
}

/// `", did you mean 'check'?"` when a known word is near, else nothing.
fn suggestion(wrong: &str, known: &[&str]) -> String {
    known
        .iter()
        .map(|word| (edit_distance(wrong, word), *word))
        .min()
        // Two of five letters wrong is a misspelling (two swapped letters count as two); more is
        // another word.
        .filter(|(distance, word)| distance * 5 <= word.len().max(wrong.len()) * 2)
        .map_or_else(String::new, |(_, word)| format!(", did you mean '{word}'?"))
}

/// Least number of inserted, removed or replaced letters that turns one word into the other.
fn edit_distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, letter) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Action, String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse(&words)
    }

    fn step_names(line: &str) -> Vec<&'static str> {
        match parsed(line) {
            Ok(Action::Check(steps)) => steps.iter().map(|step| step.name).collect(),
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn no_step_means_all_and_order_is_ours() {
        assert_eq!(step_names("check").len(), STEPS.len());
        assert_eq!(step_names("check layers fmt layers"), ["fmt", "layers"]);
    }

    #[test]
    fn a_misspelt_step_names_the_nearest_and_the_list() {
        let message = parsed("check layer").expect_err("not a step");
        assert!(message.contains("did you mean 'layers'?"), "{message}");
        assert!(message.contains("clippy, test, mutants"), "{message}");
        let message = parsed("check zzzzzzzz").expect_err("not a step");
        assert!(!message.contains("did you mean"), "{message}");
    }

    #[test]
    fn a_misspelt_command_or_option_is_refused() {
        assert!(parsed("chekc").expect_err("typo").contains("'check'?"));
        assert!(parsed("check --fast").is_err());
        assert!(parsed("bench-build a b").is_err());
        assert!(parsed("bench-build --release").is_err());
    }

    #[test]
    fn help_is_found_anywhere_and_lists_each_step() {
        for line in ["", "--help", "-h", "help", "check --help"] {
            assert!(matches!(parsed(line), Ok(Action::Help)), "{line}");
        }
        assert!(STEPS.iter().all(|step| help().contains(step.name)));
    }

    #[test]
    fn edit_distances_of_known_pairs() {
        // Wagner and Fischer's own example is "kitten" to "sitting": two replaced, one inserted.
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("same", "same"), 0);
    }
}
