//! Platforms of the library as systems, plans and switches, for tests of the world.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::sync::{Arc, LazyLock};

use plant::DeviceName;
use system::{Input, Library, System};
use twin::world::{Switch, SwitchPlan};

static LIBRARY: LazyLock<Library> = LazyLock::new(Library::embedded);

/// A platform with some values set.
pub(crate) fn resolve(platform: &str, sets: &[&str]) -> Arc<System> {
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    let system = System::resolve(&Input {
        name: platform,
        bytes: LIBRARY.platform(platform).expect("it exists").as_bytes(),
        sets: &sets,
        library: &LIBRARY,
        load: &|file| Err(format!("{file} is not there")),
    });
    Arc::new(system.unwrap_or_else(|problems| panic!("{problems}")))
}

/// The same, ready to live in time.
pub(crate) fn plan(platform: &str, sets: &[&str]) -> Arc<SwitchPlan> {
    Arc::new(SwitchPlan::new(resolve(platform, sets)).expect("it lives in time"))
}

/// A switch at rest.
pub(crate) fn switch(plan: &Arc<SwitchPlan>, name: &str, seed: u64) -> Switch {
    let name = DeviceName::new(name).expect("a name");
    Switch::new(plan, name, seed).expect("it comes to rest")
}
