//! What the parts of a system stand at, which somebody else solves.

use system::{System, ZoneId};
use units::derivation::{number, read};
use units::{Celsius, Derived, Meters};

/// Temperatures of the parts of a system and shifts of its fibres, each with the expression that
/// gave it.
#[derive(Debug, Clone)]
pub struct Conditions {
    /// Temperature of the junction of each die.
    pub asics: Vec<Derived<Celsius>>,
    /// Temperature of the photonic die of each engine.
    pub engines: Vec<Derived<Celsius>>,
    /// How far the fibres of each engine have moved across the light since they were attached, in
    /// the direction up from the chip, never negative; none where nothing moves them.
    ///
    /// It adds to the `offset` of an edge coupler at a right angle, so that for equal modes the two
    /// count as the root of the sum of their squares. Couplers that are given as a measured table,
    /// and gratings, whose records state no mode, do not price it.
    pub fibre_shifts: Vec<Option<Derived<Meters>>>,
    /// Temperature of the case of each laser module.
    pub laser_modules: Vec<Derived<Celsius>>,
    /// The same of the systems at the far ends, in the order of the peers.
    pub peers: Vec<Self>,
}

impl Conditions {
    /// Every part at the temperature that its zone states, or else at `otherwise`, and all fibres
    /// where they were attached.
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
            fibre_shifts: vec![None; system.engines.len()],
            laser_modules: system
                .laser_modules
                .iter()
                .map(|module| of(module.zone))
                .collect(),
            peers: peers.map(|peer| Self::stated(peer, otherwise)).collect(),
        }
    }
}
