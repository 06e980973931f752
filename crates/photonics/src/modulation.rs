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

/// Lowest frequency at which a response that starts at 1 falls to half its power, found by
/// steps of 2 % and bisection. `None` when it does not fall by `highest`.
pub(crate) fn half_power_frequency(
    response: impl Fn(f64) -> f64,
    lowest: f64,
    highest: f64,
) -> Option<f64> {
    let target = std::f64::consts::FRAC_1_SQRT_2;
    let mut low = 0.0;
    let mut high = lowest;
    while response(high) > target {
        low = high;
        high *= 1.02;
        if high > highest {
            return None;
        }
    }
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if response(middle) > target {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(0.5 * (low + high))
}
