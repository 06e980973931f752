//! Solved platforms.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]
#![allow(dead_code, reason = "each test file uses its own part")]

use report::plot::data::Solved;
use system::{Input, Library, System};
use twin::{Figures, SamplePlan, Sampled, SteadyState};

pub(crate) struct Case {
    pub(crate) system: System,
    pub(crate) state: SteadyState,
    pub(crate) figures: Figures,
    pub(crate) sampled: Option<Sampled>,
}

impl Case {
    /// A platform with some assignments, drawn so many times.
    pub(crate) fn new(platform: &str, sets: &[&str], draws: u64) -> Self {
        let library = Library::embedded();
        let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
        let system = System::resolve(&Input {
            name: platform,
            bytes: library.platform(platform).unwrap().as_bytes(),
            sets: &sets,
            library: &library,
            load: &|file| Err(format!("{file} is not there")),
        })
        .unwrap();
        let state = SteadyState::solve(&system);
        let figures = Figures::new(&system, &state);
        let sampled = (draws > 0).then(|| {
            let mut sampled = Sampled::new(&system, &state, &SamplePlan::quiet(1, draws));
            sampled.find_influences(&system, &state);
            sampled
        });
        Self {
            system,
            state,
            figures,
            sampled,
        }
    }

    pub(crate) fn solved(&self) -> Solved<'_> {
        Solved {
            system: &self.system,
            state: &self.state,
            figures: &self.figures,
            sampled: self.sampled.as_ref(),
        }
    }
}
