//! Where parts were within the last step: packages and modules answer a step in closed forms, so
//! that the time at which one of them passed a temperature is found to the rounding of its time.

use units::{Celsius, Seconds, Watts};

use super::loads::Loads;
use super::motion::HeatMotion;

/// Halvings after which a time within a step of a day is known to the nanosecond.
const HALVINGS: usize = 60;

/// A part with a temperature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeatPart {
    /// Junction of a die.
    Asic(usize),
    /// Photonic die of an engine.
    Engine(usize),
    /// Case of a laser module.
    LaserModule(usize),
}

impl HeatMotion {
    /// Time from the beginning of the last step, of that heat and length, until a part passed a
    /// temperature that it was above at the end by `over_k` kelvin; zero where it was above already.
    pub(crate) fn passed_after(
        &self,
        part: HeatPart,
        over_k: f64,
        (loads, step): (&Loads, Seconds),
    ) -> Seconds {
        let end_c = self.within(part, loads, step, step).value();
        let is_above = |since_s: f64| {
            let at_c = self.within(part, loads, Seconds::new(since_s), step);
            at_c.value() - end_c + over_k > 0.0
        };
        let (mut low, mut high) = (0.0, step.value());
        if is_above(low) {
            return Seconds::new(0.0);
        }
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            if is_above(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        Seconds::new(high)
    }

    /// Temperature of a part at a time after the last step began, of that heat and length.
    fn within(&self, part: HeatPart, loads: &Loads, since: Seconds, step: Seconds) -> Celsius {
        let dynamics = self.dynamics();
        let position = match part {
            HeatPart::Asic(at) => at,
            HeatPart::Engine(at) => dynamics.n_asics + at,
            HeatPart::LaserModule(at) => dynamics.n_asics + dynamics.n_engines + at,
        };
        if let Some(stated) = dynamics.stated(position) {
            return stated;
        }
        for (state, place) in self.packages().iter().zip(&dynamics.places) {
            let (dies, engines) = &place.members;
            let shape = &dynamics.shapes[place.shape];
            match part {
                HeatPart::Asic(at) => {
                    let Some(die) = dies.iter().position(|die| *die == at) else {
                        continue;
                    };
                    let powers = place.feeds.iter().map(|feed| feed.watts(loads));
                    let powers: Vec<Watts> = powers.map(Watts::new).collect();
                    let [core, serdes] = shape.hottest[die].each_ref().map(|of| {
                        let mean = state.average_within(of.block, since);
                        mean.value() + of.above_mean_k(&powers)
                    });
                    return Celsius::new(core.max(serdes));
                }
                HeatPart::Engine(at) => {
                    if let Some(engine) = engines.iter().position(|engine| *engine == at) {
                        return state.average_within(shape.photonic[engine], since);
                    }
                }
                HeatPart::LaserModule(_) => {}
            }
        }
        let found = dynamics.lumps.iter().position(|lump| lump.part == position);
        // Every part that states no temperature is in a package or a lump.
        found.map_or(Celsius::new(f64::NAN), |lump| {
            self.module_within(lump, since, step)
        })
    }
}
