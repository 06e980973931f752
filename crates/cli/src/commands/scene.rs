//! What lives in time: one switch, or a world from a file, with a scenario and faults.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use plant::DeviceName;
use system::{Problems, nearest};
use twin::fault::Fault;
use twin::scenario::Scenario;
use twin::world::World;
use twin::world_file::{Member, WorldFile};

use crate::args::Resolve;
use crate::input;
use crate::output::{BadInput, UsageError};

/// What lives in time.
pub(super) struct Scene {
    pub(super) file: WorldFile,
    /// How a world is called; none for one switch alone.
    pub(super) title: Option<String>,
}

impl Scene {
    /// Reads what is named: a switch, whose ports are then looped back and whose seed is this one, or
    /// a world.
    pub(super) fn read(name: &str, resolve: &Resolve, seed: u64) -> Result<Self> {
        let library = input::library(resolve.library.as_deref())?;
        let read = input::read(name, &library)?;
        let sets = &resolve.sets;
        if !read.is_world() {
            let system = read.resolve(&library, sets).map_err(BadInput)?;
            let name = DeviceName::new(system.description.name.clone())?;
            let switch = Member {
                name,
                system: Arc::new(system),
                seed: Some(seed),
            };
            return Ok(Self {
                file: WorldFile::looped_back(switch),
                title: None,
            });
        }
        let file = read.world(&library, sets).map_err(BadInput)?;
        let title = file.title.clone();
        Ok(Self {
            title: Some(title.unwrap_or_else(|| read.name().to_owned())),
            file,
        })
    }

    /// The world of a snapshot of these switches.
    pub(super) fn restored(&self, file: &Path) -> Result<World> {
        let bytes = input::read_named(file)?;
        let plans = self.file.plans()?;
        let world = World::restore(&bytes, &plans)
            .with_context(|| format!("cannot go on from {}", file.display()))?;
        for (switch, member) in world.switches().iter().zip(&self.file.switches) {
            if *switch.name() != member.name {
                let (found, named) = (switch.name(), &member.name);
                let file = file.display();
                let what = format!("{file} is of a switch {found} where {named} stands");
                return Err(UsageError(what).into());
            }
        }
        Ok(world)
    }

    pub(super) fn scenario(&self, file: &Path) -> Result<Scenario> {
        let bytes = input::read_named(file)?;
        let folder = file.parent().unwrap_or_else(|| Path::new("."));
        let load = |name: &str| input::read_file(&folder.join(name));
        let shown = file.display().to_string();
        let switches = self.file.named();
        let scenario = Scenario::parse(&shown, &bytes, &switches, &load).map_err(BadInput)?;
        scenario.without_devices().map_err(BadInput)?;
        Ok(scenario)
    }

    /// Faults with the positions of their switches; the problems of all texts at once.
    pub(super) fn faults(&self, texts: &[String]) -> Result<Vec<(usize, Fault)>, BadInput> {
        let switches = self.file.named();
        let mut faults = Vec::new();
        let mut problems = Vec::new();
        for text in texts {
            match Fault::parse_among(text, &switches) {
                Ok(fault) => faults.push(fault),
                Err(wrong) => problems.extend(wrong.0),
            }
        }
        if problems.is_empty() {
            Ok(faults)
        } else {
            Err(BadInput(Problems(problems)))
        }
    }

    /// The switch of this name.
    pub(super) fn switch(&self, name: &str) -> Result<usize, UsageError> {
        let names = || self.file.switches.iter().map(|of| of.name.as_str());
        names().position(|of| of == name).ok_or_else(|| {
            let near = nearest(name, names())
                .or_else(|| names().next())
                .map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
            UsageError(format!("there is no switch {name:?}{near}"))
        })
    }

    /// The switch that is asked for, or the only one.
    pub(super) fn one_switch(&self, name: Option<&str>) -> Result<usize, UsageError> {
        match (name, self.file.switches.as_slice()) {
            (Some(name), _) => self.switch(name),
            (None, [_]) => Ok(0),
            (None, switches) => {
                let first = switches.first().map_or("leaf1", |of| of.name.as_str());
                Err(UsageError(format!(
                    "a table holds one signal of one switch; say which, such as --switch {first}"
                )))
            }
        }
    }
}
