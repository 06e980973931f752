//! Whatever a world holds, it is read as switches whose lanes all hear something that is there, or
//! every problem has its place and says how to mend it.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use system::{Input, Library, System};
use twin::world::FarEnd;
use twin::world_file::{Unresolved, WorldFile};

static LIBRARY: LazyLock<Library> = LazyLock::new(Library::embedded);

fn resolve(name: &str) -> Result<System, Unresolved> {
    let absent = || Unresolved::Absent(format!("{name:?} is no platform"));
    System::resolve(&Input {
        name,
        bytes: LIBRARY.platform(name).ok_or_else(absent)?.as_bytes(),
        sets: &[],
        library: &LIBRARY,
        load: &|file| Err(format!("{file} is not there")),
    })
    .map_err(Unresolved::Wrong)
}

fuzz_target!(|bytes: &[u8]| {
    let _ = WorldFile::is_one("world", bytes);
    match WorldFile::parse("world", bytes, &resolve) {
        Ok(world) => {
            assert_eq!(world.far.len(), world.switches.len());
            for (switch, far) in world.far.iter().enumerate() {
                assert_eq!(far.len(), world.switches[switch].system.media_lanes.len());
                for (lane, end) in far.iter().enumerate() {
                    let FarEnd::Lane(end) = end else { continue };
                    // Who is heard hears back, over the same loss.
                    let FarEnd::Lane(back) = world.far[end.switch][end.lane.index()] else {
                        panic!("{end:?} does not hear back");
                    };
                    assert_eq!((back.switch, back.lane.index()), (switch, lane));
                    assert!(back.extra_db == end.extra_db && end.extra_db >= 0.0);
                }
            }
        }
        Err(problems) => {
            assert!(!problems.0.is_empty());
            for problem in &problems.0 {
                let text = &problem.span.source.text;
                assert!(text.get(problem.span.range.clone()).is_some(), "{problem:?}");
                assert!(problem.help.is_some(), "{problem:?}");
            }
        }
    }
});
