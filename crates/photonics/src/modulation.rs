//! What the two kinds of modulator have in common.

use units::Decibels;

use crate::error::{DeviceError, check};
use crate::level::Levels;

/// How the drive levels of a multi-level signal are spaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LevelSpacing {
    /// Even drive voltages; the modulator bends the optical levels.
    #[default]
    EvenDrive,
    /// Drive voltages chosen so that the optical levels are even between the same outer ones.
    EvenLight,
}

/// Optical levels of a modulator as transmissions, with the figures that follow from them.
#[derive(Debug, Clone, PartialEq)]
pub struct ModulatedLevels {
    /// Transmission of each level from the modulator's input to its output, lowest first.
    pub levels: Levels,
    /// Loss at the top level.
    pub insertion_loss: Decibels,
    /// Ratio of the outer levels.
    pub extinction_ratio: Decibels,
    /// Outer modulation amplitude over input power.
    pub oma: f64,
    /// Smallest eye over its even share of the outer amplitude; 1 when the levels are even.
    pub worst_eye: f64,
    /// Ratio of level mismatch; 1 for two levels, where it is not defined by the standard.
    pub rlm: f64,
}

impl ModulatedLevels {
    /// From the transmission over the drive, which runs from -1/2 to 1/2, in either order.
    ///
    /// # Errors
    /// A number of levels outside 2 to 256, or levels that do not rise or are not finite.
    pub fn new(
        n_levels: usize,
        spacing: LevelSpacing,
        transmission: impl Fn(f64) -> f64,
    ) -> Result<Self, DeviceError> {
        check("number of levels", n_levels as f64, (2.0, 256.0), "")?;
        let last = (n_levels - 1) as f64;
        let (first, top) = (transmission(-0.5), transmission(0.5));
        let mut values: Vec<f64> = (0..n_levels)
            .map(|k| match spacing {
                LevelSpacing::EvenDrive => transmission(k as f64 / last - 0.5),
                LevelSpacing::EvenLight => first + (top - first) * k as f64 / last,
            })
            .collect();
        if top < first {
            values.reverse();
        }
        let levels = Levels::new(values)?;
        let rlm = if n_levels == 4 { levels.rlm()? } else { 1.0 };
        Ok(Self {
            insertion_loss: Decibels::from_transmission(levels.top()),
            extinction_ratio: levels.extinction_ratio(),
            oma: levels.oma_outer(),
            worst_eye: levels.worst_eye(),
            rlm,
            levels,
        })
    }
}

/// Lowest frequency at which a response whose power starts at 1 falls to half of it, found by
/// steps of 10 % and false positions. `None` when it does not fall by `highest`.
///
/// # Source
/// M. Dowell and P. Jarratt, A modified regula falsi method for computing the root of an equation,
/// BIT 11 (1971): the Illinois rule, which halves the value at an end that stays.
pub(crate) fn half_power_frequency(
    power: impl Fn(f64) -> f64,
    lowest: f64,
    highest: f64,
) -> Option<f64> {
    let excess = |f: f64| power(f) - 0.5;
    let (mut low, mut high) = ((0.0, 0.5), (lowest, excess(lowest)));
    while high.1 > 0.0 {
        low = high;
        high.0 *= 1.1;
        if high.0 > highest {
            return None;
        }
        high.1 = excess(high.0);
    }
    let mut middle = 0.5 * (low.0 + high.0);
    for _ in 0..60 {
        let next = (low.0 * high.1 - high.0 * low.1) / (high.1 - low.1);
        let moved = (next - middle).abs();
        middle = next;
        let value = excess(middle);
        if value == 0.0 || moved <= 1e-15 * middle {
            break;
        }
        if value * high.1 < 0.0 {
            (low, high) = (high, (middle, value));
        } else {
            (low.1, high) = (0.5 * low.1, (middle, value));
        }
    }
    Some(middle)
}
