//! Where a switch stands, in a few figures.

use plant::Signal;
use system::EntityKind;

use super::switch::Switch;

/// The least and the greatest of one quantity over all parts of a switch, in truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extremes {
    /// The quantity, in words.
    pub name: &'static str,
    /// Unit of the figures.
    pub unit: &'static str,
    /// Decimals that make sense.
    pub decimals: usize,
    /// Least; minus infinity for light of which there is none.
    pub least: f64,
    /// Greatest.
    pub greatest: f64,
}

/// Signals that are shown: name, unit, factor to it, decimals.
const SHOWN: [(Signal, &str, &str, f64, usize); 12] = [
    (
        Signal::AsicTemperature,
        "junctions of the dies",
        "C",
        1.0,
        2,
    ),
    (Signal::AsicPower, "power of the dies", "W", 1.0, 1),
    (Signal::EngineTemperature, "engines", "C", 1.0, 2),
    (Signal::LaserModuleTemperature, "laser modules", "C", 1.0, 2),
    (Signal::LaserBias, "bias of the lasers", "mA", 1e3, 2),
    (Signal::LaserPower, "light of the lasers", "dBm", 1.0, 2),
    (
        Signal::EngineInputPower,
        "light into the engines",
        "dBm",
        1.0,
        2,
    ),
    (
        Signal::TransmitMonitorPower,
        "light behind the modulators",
        "dBm",
        1.0,
        2,
    ),
    (
        Signal::TransmitHeaterPower,
        "heaters of the modulators",
        "mW",
        1e3,
        2,
    ),
    (Signal::RxPower, "received light", "dBm", 1.0, 2),
    (
        Signal::RxSnr,
        "signal over noise at the slicers",
        "dB",
        1.0,
        2,
    ),
    (Signal::SwitchPower, "power of the box", "W", 1.0, 1),
];

impl Switch {
    /// The extremes of what it consists of at the end of the last step; empty before the first.
    pub fn extremes(&self) -> Vec<Extremes> {
        let Some(truth) = self.truth() else {
            return Vec::new();
        };
        let of = SHOWN
            .iter()
            .filter_map(|(signal, name, unit, factor, decimals)| {
                let values = truth.values(*signal).iter().copied();
                let there = values.filter(|value| !value.is_nan());
                let (least, greatest) = there
                    .fold((f64::INFINITY, f64::NEG_INFINITY), |at, value| {
                        (at.0.min(value), at.1.max(value))
                    });
                (least <= greatest).then_some(Extremes {
                    name,
                    unit,
                    decimals: *decimals,
                    least: factor * least,
                    greatest: factor * greatest,
                })
            });
        of.collect()
    }

    /// Ports that are up, and all of them.
    pub fn ports_up(&self) -> (usize, usize) {
        let all = self.plan().system().count(EntityKind::Port);
        let up = self.truth().map_or(0, |truth| {
            let is_up = |state: &u8| usize::from(*state == super::truth::UP);
            let states = truth.states(Signal::PortOperation);
            states.iter().map(is_up).sum()
        });
        (up, all)
    }
}
