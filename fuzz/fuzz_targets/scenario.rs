//! Whatever a scenario, a trace and a fault hold, they are read as events in the order of time with
//! values in their ranges, or every problem has its place and says how to mend it.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use system::{Input, Library, Problems, System};
use twin::fault::Fault;
use twin::scenario::{Action, Scenario, Trace};

static LIBRARY: LazyLock<Library> = LazyLock::new(Library::embedded);
static SYSTEM: LazyLock<System> = LazyLock::new(|| {
    System::resolve(&Input {
        name: "quantum-x-115t",
        bytes: LIBRARY.platform("quantum-x-115t").unwrap_or_default().as_bytes(),
        sets: &[],
        library: &LIBRARY,
        load: &|file| Err(format!("{file} is not there")),
    })
    .expect("a platform of the library")
});

fn check(problems: &Problems) {
    assert!(!problems.0.is_empty());
    for problem in &problems.0 {
        let text = &problem.span.source.text;
        assert!(text.get(problem.span.range.clone()).is_some(), "{problem:?}");
        assert!(problem.help.is_some(), "{problem:?}");
    }
}

// A scenario, a trace and a fault, with a byte 01h between them.
fuzz_target!(|bytes: &[u8]| {
    let mut texts = bytes.splitn(3, |byte| *byte == 1);
    let [file, csv, fault] = [(); 3].map(|()| texts.next().unwrap_or_default());
    let switches = [("leaf1", &*SYSTEM)];
    match Scenario::parse("scenario", file, &switches, &|_| Ok(csv.to_vec())) {
        Ok(scenario) => {
            assert!(scenario.events.is_sorted_by_key(|event| event.at_ns));
            for event in &scenario.events {
                match &event.action {
                    Action::Fault { fault, .. } => round_trip(fault),
                    Action::Load { load, .. } => {
                        for t in [0, 1, 1 << 20, 1 << 40, u64::MAX] {
                            assert!((0.0..=1.0).contains(&load.utilisation(t)));
                        }
                    }
                    _ => {}
                }
            }
        }
        Err(problems) => check(&problems),
    }
    match Trace::parse("trace", csv) {
        Ok(trace) => assert!(!trace.is_empty()),
        Err(problems) => check(&problems),
    }
    if let Ok(text) = std::str::from_utf8(fault) {
        match Fault::parse(text, &SYSTEM) {
            Ok(fault) => round_trip(&fault),
            Err(problems) => check(&problems),
        }
    }
});

fn round_trip(fault: &Fault) {
    let text = fault.display(&SYSTEM).to_string();
    let back = Fault::parse(&text, &SYSTEM).expect("what was printed is read");
    assert_eq!(back, *fault, "{text}");
}
