//! Whatever constraints and variables are asked for, they are read as a question of bounded size,
//! or every problem has its place and says how to mend it.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use system::{Input, Library, System};
use twin::solve::Question;

static LIBRARY: LazyLock<Library> = LazyLock::new(Library::embedded);
static SYSTEM: LazyLock<System> = LazyLock::new(|| {
    System::resolve(&Input {
        name: "cpo-51t",
        bytes: LIBRARY.platform("cpo-51t").unwrap_or_default().as_bytes(),
        sets: &[],
        library: &LIBRARY,
        load: &|file| Err(format!("{file} is not there")),
    })
    .expect("a platform of the library")
});

fuzz_target!(|texts: (&str, &str)| {
    let (constraints, variables) = texts;
    match Question::parse(constraints, variables, None, &SYSTEM, &LIBRARY) {
        Ok(question) => {
            let n: usize = question.variables.iter().map(|v| v.values.len()).product();
            assert!(n <= 50_000);
            for constraint in &question.constraints {
                assert!(constraint.bound.is_finite());
                assert!(constraints.get(constraint.at.clone()).is_some());
            }
        }
        Err(problems) => {
            for problem in &problems.0 {
                let text = &problem.span.source.text;
                assert!(text.get(problem.span.range.clone()).is_some(), "{problem:?}");
                assert!(problem.help.is_some(), "{problem:?}");
            }
        }
    }
});
