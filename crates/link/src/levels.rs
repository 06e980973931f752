//! Optical power levels of a modulated signal.

use units::{Decibels, Ratio, Watts};

use crate::LinkError;
use crate::error::check;

/// How many levels carry the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Modulation {
    /// Two levels, one bit per symbol.
    Nrz,
    /// Four levels, two Gray-coded bits per symbol: 00, 01, 11, 10 from the lowest level up.
    Pam4,
}

impl Modulation {
    /// Number of levels M.
    pub const fn n_levels(self) -> usize {
        match self {
            Self::Nrz => 2,
            Self::Pam4 => 4,
        }
    }

    /// Number of eyes, M - 1.
    pub const fn n_eyes(self) -> usize {
        self.n_levels() - 1
    }

    /// Bits per symbol, `log2 M`.
    pub const fn bits_per_symbol(self) -> usize {
        match self {
            Self::Nrz => 1,
            Self::Pam4 => 2,
        }
    }
}

/// Which eyes of a PAM4 signal a level mismatch makes smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CompressedEyes {
    /// The middle eye: `ES = RLM / 3`. Its opening is RLM times the ideal one.
    #[default]
    Middle,
    /// The two outer eyes, as a saturating driver makes them: `ES = (2 - RLM) / 3`.
    Outer,
}

/// The shape of the levels, without their power.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LevelShape {
    /// Two or four levels.
    pub modulation: Modulation,
    /// Power of the highest level over that of the lowest. Infinite is allowed.
    pub extinction_ratio: Decibels,
    /// Level separation mismatch ratio RLM, in (0, 1]; without effect on two levels.
    pub level_mismatch: Ratio,
    /// Which eyes the mismatch makes smaller.
    pub compressed_eyes: CompressedEyes,
}

impl LevelShape {
    /// Level powers over average power.
    ///
    /// With linear extinction ratio r: `L_0 = 2 / (r + 1)`, `L_top = 2 r / (r + 1)`, and for PAM4
    /// `L_1,2 = 1 -+ ES (r - 1)/(r + 1)`.
    ///
    /// # Errors
    /// Extinction ratio not above 0 dB, or mismatch outside (0, 1].
    ///
    /// # Source
    /// IEEE 802.3, 120D.3.1.2 (level separation mismatch ratio).
    fn relative(&self) -> Result<[f64; 4], LinkError> {
        let er_db = self.extinction_ratio.value();
        check("extinction ratio (dB)", er_db, "> 0", |v| v > 0.0)?;
        let rlm = self.level_mismatch.value();
        check("level separation mismatch ratio", rlm, "in (0, 1]", |v| {
            v > 0.0 && v <= 1.0
        })?;
        Ok(relative_levels(
            self.modulation,
            self.extinction_ratio.to_transmission(),
            effective_symbol(rlm, self.compressed_eyes),
        ))
    }
}

/// Position of the inner levels, `ES`, between the middle (0) and the outer level (1).
pub(crate) fn effective_symbol(level_mismatch: f64, compressed: CompressedEyes) -> f64 {
    match compressed {
        CompressedEyes::Middle => level_mismatch / 3.0,
        CompressedEyes::Outer => (2.0 - level_mismatch) / 3.0,
    }
}

/// Levels over average power from `1/r` (zero for infinite extinction) and `ES`.
#[inline]
pub(crate) fn relative_levels(
    modulation: Modulation,
    inverse_extinction: f64,
    effective_symbol: f64,
) -> [f64; 4] {
    let half_swing = (1.0 - inverse_extinction) / (1.0 + inverse_extinction);
    match modulation {
        Modulation::Nrz => [1.0 - half_swing, 1.0 + half_swing, 0.0, 0.0],
        Modulation::Pam4 => [
            1.0 - half_swing,
            1.0 - effective_symbol * half_swing,
            1.0 + effective_symbol * half_swing,
            1.0 + half_swing,
        ],
    }
}

/// Powers of the levels at one plane, lowest first, each equally likely.
///
/// ```
/// use link::{CompressedEyes, LevelShape, Levels, Modulation};
/// use units::{Decibels, Ratio, Watts};
///
/// let shape = LevelShape {
///     modulation: Modulation::Pam4,
///     extinction_ratio: Decibels::new(5.0),
///     level_mismatch: Ratio::new(1.0),
///     compressed_eyes: CompressedEyes::Middle,
/// };
/// let levels = Levels::from_average(Watts::new(1e-3), &shape)?;
/// // OMA over average power at 5 dB: +0.17 dB.
/// let ratio = Decibels::from_ratio(levels.oma() / levels.average());
/// assert!((ratio.value() - 0.17).abs() < 0.005);
/// # Ok::<(), link::LinkError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Levels {
    modulation: Modulation,
    /// Entries from `modulation.n_levels()` on are zero and unused.
    power_w: [f64; 4],
}

impl Levels {
    /// Levels of a given average power: `OMA = 2 P_avg (r - 1)/(r + 1)`.
    ///
    /// # Errors
    /// A power that is not positive and finite, or a shape outside its range.
    pub fn from_average(average: Watts, shape: &LevelShape) -> Result<Self, LinkError> {
        check(
            "average power (W)",
            average.value(),
            "finite and > 0",
            |v| v > 0.0 && v.is_finite(),
        )?;
        Ok(Self {
            modulation: shape.modulation,
            power_w: shape.relative()?.map(|level| level * average.value()),
        })
    }

    /// Levels of a given outer optical modulation amplitude.
    ///
    /// # Errors
    /// As [`Levels::from_average`].
    pub fn from_oma(oma: Watts, shape: &LevelShape) -> Result<Self, LinkError> {
        let relative = shape.relative()?;
        let swing = relative[shape.modulation.n_eyes()] - relative[0];
        Self::from_average(Watts::new(oma.value() / swing), shape)
    }

    /// Measured levels, lowest first.
    ///
    /// # Errors
    /// Not two or four levels, a negative or infinite power, or levels that do not rise.
    pub fn explicit(powers: &[Watts]) -> Result<Self, LinkError> {
        let modulation = match powers.len() {
            2 => Modulation::Nrz,
            4 => Modulation::Pam4,
            found => {
                return Err(LinkError::Length {
                    name: "levels",
                    found,
                    expected: 4,
                });
            }
        };
        let mut power_w = [0.0; 4];
        for (index, power) in powers.iter().enumerate() {
            crate::error::check_not_negative("level power (W)", power.value())?;
            if index > 0 && power.value() <= power_w[index - 1] {
                return Err(LinkError::LevelsNotAscending { index });
            }
            power_w[index] = power.value();
        }
        Ok(Self {
            modulation,
            power_w,
        })
    }

    /// Two or four levels.
    pub fn modulation(&self) -> Modulation {
        self.modulation
    }

    /// Powers in watts, lowest first.
    pub(crate) fn powers_w(&self) -> &[f64] {
        &self.power_w[..self.modulation.n_levels()]
    }

    /// Mean over the levels.
    pub fn average(&self) -> Watts {
        Watts::new(self.powers_w().iter().sum::<f64>() / self.modulation.n_levels() as f64)
    }

    /// Outer optical modulation amplitude: highest less lowest level.
    pub fn oma(&self) -> Watts {
        Watts::new(self.power_w[self.modulation.n_eyes()] - self.power_w[0])
    }

    /// The levels after a change of power; a loss is negative.
    #[must_use]
    pub fn scaled(&self, gain: Decibels) -> Self {
        let factor = gain.to_ratio();
        Self {
            modulation: self.modulation,
            power_w: self.power_w.map(|power| power * factor),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(er_db: f64, rlm: f64, compressed_eyes: CompressedEyes) -> LevelShape {
        LevelShape {
            modulation: Modulation::Pam4,
            extinction_ratio: Decibels::new(er_db),
            level_mismatch: Ratio::new(rlm),
            compressed_eyes,
        }
    }

    #[test]
    fn modulation_amplitude_follows_from_average_power_and_extinction_ratio() {
        // OMA / P_avg = 2 (r - 1)/(r + 1), evaluated by hand to two decimals of a decibel.
        for (er_db, expected_db) in [(3.5, -1.16), (4.0, -0.65), (5.0, 0.17), (6.0, 0.78)] {
            let shape = shape(er_db, 1.0, CompressedEyes::Middle);
            let levels = Levels::from_average(Watts::new(1e-3), &shape).unwrap();
            let ratio = Decibels::from_ratio(levels.oma() / levels.average()).value();
            assert!((ratio - expected_db).abs() < 0.005, "{er_db} dB: {ratio}");
            let back = Levels::from_oma(levels.oma(), &shape).unwrap();
            assert!((back.average() / levels.average() - 1.0).abs() < 1e-14);
        }
    }

    #[test]
    fn mismatch_ratio_is_that_of_the_standard() {
        for eyes in [CompressedEyes::Middle, CompressedEyes::Outer] {
            let levels = Levels::from_average(Watts::new(1e-3), &shape(6.0, 0.95, eyes)).unwrap();
            let p = levels.powers_w();
            let middle = f64::midpoint(p[0], p[3]);
            let low = (p[1] - middle) / (p[0] - middle);
            let high = (p[2] - middle) / (p[3] - middle);
            // RLM = min(3 ES1, 3 ES2, 2 - 3 ES1, 2 - 3 ES2).
            let rlm = (3.0 * low)
                .min(3.0 * high)
                .min(2.0 - 3.0 * low)
                .min(2.0 - 3.0 * high);
            assert!((rlm - 0.95).abs() < 1e-12);
            let is_middle_smaller = p[2] - p[1] < p[1] - p[0];
            assert_eq!(is_middle_smaller, eyes == CompressedEyes::Middle);
        }
    }

    #[test]
    fn nonsense_is_refused() {
        let bad = shape(0.0, 1.0, CompressedEyes::Middle);
        assert!(Levels::from_average(Watts::new(1e-3), &bad).is_err());
        let good = shape(5.0, 1.0, CompressedEyes::Middle);
        assert!(Levels::from_average(Watts::new(f64::NAN), &good).is_err());
        let w = Watts::new;
        assert!(Levels::explicit(&[w(1.0), w(1.0)]).is_err());
        assert!(Levels::explicit(&[w(1.0), w(2.0), w(3.0)]).is_err());
    }
}
