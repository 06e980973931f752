//! Which switches a world has and how they are joined, from a file.
//!
//! # The file
//!
//! A world is a TOML file with `format = 1`, optionally `title` and `note`, a table `[[switch]]` for
//! each switch and a table `[[link]]` for each link, or for many links of one form.
//!
//! ```toml
//! format = 1
//! title = "two leaves and a spine"
//! unconnected = "none"
//!
//! [[switch]]
//! name = "leaf1"
//! system = "cpo-51t"
//!
//! [[switch]]
//! name = "leaf2"
//! system = "cpo-51t"
//! seed = 7
//!
//! [[switch]]
//! name = "spine1"
//! system = "racks/spine.toml"
//!
//! [[link]]
//! ends = ["leaf1.eth0", "spine1.eth0"]
//!
//! [[link]]
//! ends = ["leaf2.eth1*", "spine1.eth1*"]
//! loss = "0.3 dB"
//!
//! [[link]]
//! ends = ["leaf1.eth1"]
//! far = "ideal"
//! ```
//!
//! | key of a switch | meaning |
//! | --- | --- |
//! | `name` | letters, digits, `-`, `_` and `.`, not dots alone; unique |
//! | `system` | a platform, or the path of a description, relative to the file |
//! | `[seed]` | of noise and wear; without it each switch has its own, which follows from the seed of the whole world and from its name |
//!
//! | key of a link | meaning |
//! | --- | --- |
//! | `ends` | two ports that hear each other, or one; each as `SWITCH.PORT` |
//! | `far` | of a link of one end: `loopback`, the port hears itself; `ideal`, a far end that always sends what the port's own transmitter sends as described; `none`, nothing |
//! | `[loss]` | of a link of two ends or a loopback: beyond the described loss, in each direction |
//!
//! A `*` in an end stands for any characters and names several ports, in the order of the switches in
//! the file and of the ports in their descriptions; two ends have to name equally many, and are joined
//! in that order. A pattern leaves out electrical ports. What no link names is as `unconnected` says:
//! `loopback`, which it is without that key, `ideal` or `none`.
//!
//! Lanes of joined ports hear each other in the order in which the ports have them. They have to be
//! equally many and to agree in bit rate, modulation, wavelength and code. The light comes through
//! the fibres of the description of the end that sends it.
//!
//! Absent: whoever lets it live ([`World`]), and files: descriptions come from the caller.

mod ends;
mod read;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use plant::DeviceName;
use rayon::prelude::*;
use system::{MediaLaneId, Problems, System, parse_bytes};
use units::random::Draw;

use crate::world::{FarEnd, FarLane, Switch, SwitchPlan, World, WorldError};

/// The version of the file format that this crate reads.
pub const FORMAT: i64 = 1;

/// The switches of a world and what each of their lanes hears.
#[derive(Debug, Clone)]
pub struct WorldFile {
    /// What it is called, where the file says so.
    pub title: Option<String>,
    /// In the order of the file.
    pub switches: Vec<Member>,
    /// For each switch, what each of its media lanes hears.
    pub far: Vec<Vec<FarEnd>>,
}

/// A switch of a world.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name.
    pub name: DeviceName,
    /// Its description; switches that name the same text share it.
    pub system: Arc<System>,
    /// Its seed, where the file states one.
    pub seed: Option<u64>,
}

/// Why a switch has no description.
#[derive(Debug, Clone)]
pub enum Unresolved {
    /// There is none of this name, or it cannot be read: why.
    Absent(String),
    /// It has problems of its own.
    Wrong(Problems),
}

/// Finds and resolves the description that a switch names.
pub type Resolve<'a> = dyn Fn(&str) -> Result<System, Unresolved> + 'a;

impl WorldFile {
    /// Whether a file describes a world and not a switch: it has a list of switches or of links,
    /// right or wrong.
    pub fn is_one(name: &str, bytes: &[u8]) -> bool {
        let Some(root) = parse_bytes(name, bytes, &mut Vec::new()) else {
            return false;
        };
        let is_list = |key| {
            let value = root.get(key).map(|entry| &entry.node.value);
            matches!(value, Some(system::NodeValue::Array(_)))
        };
        is_list("switch") || is_list("link")
    }

    /// One switch whose ports are looped back.
    pub fn looped_back(switch: Member) -> Self {
        let lanes = (0..switch.system.media_lanes.len()).map(MediaLaneId::from_index);
        let hears = lanes.map(|lane| {
            FarEnd::Lane(FarLane {
                switch: 0,
                lane,
                extra_db: 0.0,
            })
        });
        Self {
            title: None,
            far: vec![hears.collect()],
            switches: vec![switch],
        }
    }

    /// The switches with their descriptions, for readers of scenarios and faults.
    pub fn named(&self) -> Vec<(&str, &System)> {
        let switches = self.switches.iter();
        switches
            .map(|of| (of.name.as_str(), of.system.as_ref()))
            .collect()
    }

    /// Brings its switches to rest under full load and joins them. Switches of one description share
    /// what follows from it.
    ///
    /// # Errors
    /// Those of [`SwitchPlan::new`], [`Switch::new`] and [`World::new`]; of several the first in the
    /// order of the file.
    pub fn world(&self, seed: u64) -> Result<World, WorldError> {
        let planned: Vec<_> = self.switches.iter().zip(self.plans()?).collect();
        let switches: Vec<Result<Switch, WorldError>> = planned
            .par_iter()
            .map(|(of, plan)| Switch::new(plan, of.name.clone(), of.seed_under(seed)))
            .collect();
        let switches = switches.into_iter().collect::<Result<Vec<_>, _>>()?;
        World::new(switches, self.far.clone())
    }

    /// What follows from the description of each switch, shared by those of one description.
    ///
    /// # Errors
    /// Those of [`SwitchPlan::new`].
    pub fn plans(&self) -> Result<Vec<Arc<SwitchPlan>>, WorldError> {
        let mut plans: Vec<Arc<SwitchPlan>> = Vec::with_capacity(self.switches.len());
        for of in &self.switches {
            let known = plans
                .iter()
                .find(|plan| Arc::ptr_eq(plan.system(), &of.system));
            plans.push(match known {
                Some(plan) => Arc::clone(plan),
                None => Arc::new(SwitchPlan::new(Arc::clone(&of.system))?),
            });
        }
        Ok(plans)
    }
}

impl Member {
    /// Its seed in a world of this seed. Lasers of two switches of one description wear differently.
    fn seed_under(&self, seed: u64) -> u64 {
        self.seed
            .unwrap_or_else(|| Draw::new(seed, self.name.as_str(), "switch").bits(0))
    }
}
