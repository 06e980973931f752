//! Temperatures of the parts of a system, which somebody else solves.

use system::{System, ZoneId};
use units::derivation::{number, read};
use units::{Celsius, Derived};

/// Temperatures of the parts of a system, each with the expression that gave it.
#[derive(Debug, Clone)]
pub struct Temperatures {
    /// Junction of each die.
    pub asics: Vec<Derived<Celsius>>,
    /// Photonic die of each engine.
    pub engines: Vec<Derived<Celsius>>,
    /// Case of each laser module.
    pub laser_modules: Vec<Derived<Celsius>>,
    /// The same of the systems at the far ends, in the order of the peers.
    pub peers: Vec<Self>,
}

impl Temperatures {
    /// Every part at the temperature that its zone states, or else at `otherwise`.
    pub fn stated(system: &System, otherwise: Celsius) -> Self {
        let zones: Vec<Derived<Celsius>> = system
            .description
            .zone
            .iter()
            .map(|zone| {
                let stated = zone.value.temperature.as_ref();
                stated.map_or_else(|| number(otherwise), read)
            })
            .collect();
        let of = |zone: ZoneId| zones[zone.index()].clone();
        let peers = system.peers.iter();
        Self {
            asics: system.asics.iter().map(|asic| of(asic.zone)).collect(),
            engines: system
                .engines
                .iter()
                .map(|engine| of(engine.zone))
                .collect(),
            laser_modules: system
                .laser_modules
                .iter()
                .map(|module| of(module.zone))
                .collect(),
            peers: peers.map(|peer| Self::stated(peer, otherwise)).collect(),
        }
    }
}
