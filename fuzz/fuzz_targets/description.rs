//! Whatever text a description is, it resolves or has problems with places in it.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use system::{Input, Library, Problems, System};

static LIBRARY: LazyLock<Library> = LazyLock::new(Library::embedded);

fn check(problems: &Problems) {
    assert!(!problems.0.is_empty());
    for problem in &problems.0 {
        let text = &problem.span.source.text;
        assert!(
            text.get(problem.span.range.clone()).is_some(),
            "{problem:?}"
        );
        assert!(problem.help.is_some(), "{problem:?}");
    }
}

fn resolve(bytes: &[u8], sets: &[String]) {
    let input = Input {
        name: "description",
        bytes,
        sets,
        library: &LIBRARY,
        load: &|name| Err(format!("{name} is not there")),
    };
    match System::resolve(&input) {
        Ok(system) => assert_eq!(system.drawn(1, 1).fingerprint, system.fingerprint),
        Err(problems) => check(&problems),
    }
}

fuzz_target!(|bytes: &[u8]| {
    resolve(bytes, &[]);
    // A short text also as values set in a platform, which no fuzzer would write.
    if bytes.len() < 512
        && let (Ok(text), Some(platform)) =
            (std::str::from_utf8(bytes), LIBRARY.platform("cpo-51t"))
    {
        let sets: Vec<String> = text.lines().map(str::to_owned).collect();
        resolve(platform.as_bytes(), &sets);
    }
    // And as a library of parts.
    if let Ok(library) = Library::new([("library", bytes)], Vec::new()) {
        for schema in system::PART_KINDS {
            let names: Vec<&str> = library.names(schema.kind).collect();
            for name in names {
                if let Err(problems) = library.part(schema.kind, name) {
                    check(&problems);
                }
            }
        }
    }
});
