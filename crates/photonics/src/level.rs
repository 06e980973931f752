//! Algebra of modulation levels: average power, outer modulation amplitude, extinction ratio,
//! level mismatch.
//!
//! With `r` the linear extinction ratio, equally spaced levels and `P_cw` the power into a
//! modulator whose top level transmits the fraction `t`:
//!
//! ```text
//! P_avg     = P_cw t (1 + 1/r) / 2
//! OMA_outer = P_cw t (1 - 1/r) = 2 P_avg (r - 1) / (r + 1)
//! ```

use units::{Decibels, Watts};

use crate::error::{DeviceError, check, check_non_negative};

/// Mean power behind a modulator with equally likely, equally spaced levels.
///
/// `insertion_loss` is the loss at the top level.
pub fn average_power(cw: Watts, insertion_loss: Decibels, extinction_ratio: Decibels) -> Watts {
    cw * (insertion_loss.to_transmission() * 0.5 * (1.0 + extinction_ratio.to_transmission()))
}

/// Outer optical modulation amplitude, the power difference between the top and bottom level.
///
/// `insertion_loss` is the loss at the top level.
pub fn oma_outer(cw: Watts, insertion_loss: Decibels, extinction_ratio: Decibels) -> Watts {
    cw * (insertion_loss.to_transmission() * (1.0 - extinction_ratio.to_transmission()))
}

/// Outer modulation amplitude of a signal of this mean power: `2 P_avg (r - 1) / (r + 1)`.
pub fn oma_from_average(average: Watts, extinction_ratio: Decibels) -> Watts {
    average * oma_per_average(extinction_ratio)
}

/// Mean power of a signal of this outer modulation amplitude.
///
/// # Errors
/// The extinction ratio is not above 0 dB.
pub fn average_from_oma(oma: Watts, extinction_ratio: Decibels) -> Result<Watts, DeviceError> {
    check_extinction(extinction_ratio)?;
    Ok(oma / oma_per_average(extinction_ratio))
}

/// Outer modulation amplitude over mean power, in decibels.
///
/// # Errors
/// The extinction ratio is not above 0 dB.
pub fn oma_over_average(extinction_ratio: Decibels) -> Result<Decibels, DeviceError> {
    check_extinction(extinction_ratio)?;
    Ok(Decibels::from_ratio(oma_per_average(extinction_ratio)))
}

/// Loss from the power at the top level to the outer modulation amplitude, `-10 log10(1 - 1/r)`.
///
/// # Errors
/// The extinction ratio is not above 0 dB.
pub fn top_to_oma_loss(extinction_ratio: Decibels) -> Result<Decibels, DeviceError> {
    check_extinction(extinction_ratio)?;
    Ok(Decibels::from_transmission(
        1.0 - extinction_ratio.to_transmission(),
    ))
}

/// Loss from the power at the top level to the mean power, `-10 log10((1 + 1/r) / 2)`.
pub fn top_to_average_loss(extinction_ratio: Decibels) -> Decibels {
    Decibels::from_transmission(0.5 * (1.0 + extinction_ratio.to_transmission()))
}

/// Extinction ratio of a signal with equally spaced levels from its amplitude and mean power.
///
/// # Errors
/// The amplitude is not between 0 and twice the mean power.
pub fn extinction_ratio(oma: Watts, average: Watts) -> Result<Decibels, DeviceError> {
    let relative = oma / average;
    check(
        "outer modulation amplitude over mean power",
        relative,
        (0.0, 2.0 * (1.0 - f64::EPSILON)),
        "",
    )?;
    Ok(Decibels::from_ratio((2.0 + relative) / (2.0 - relative)))
}

fn check_extinction(extinction_ratio: Decibels) -> Result<(), DeviceError> {
    check(
        "extinction ratio",
        extinction_ratio.value(),
        (f64::MIN_POSITIVE, f64::MAX),
        "dB",
    )
}

fn oma_per_average(extinction_ratio: Decibels) -> f64 {
    let inverse = extinction_ratio.to_transmission();
    2.0 * (1.0 - inverse) / (1.0 + inverse)
}

/// Transmissions (or powers in one unit) of the levels of a pulse-amplitude format, rising.
#[derive(Debug, Clone, PartialEq)]
pub struct Levels(Vec<f64>);

impl Levels {
    /// From two or more values in rising order, none negative.
    ///
    /// # Errors
    /// Fewer than two values, a negative or non-finite one, or an order that does not rise.
    pub fn new(values: Vec<f64>) -> Result<Self, DeviceError> {
        if values.len() < 2 {
            return Err(DeviceError::LevelCount {
                figure: "a modulation format",
                expected: 2,
                actual: values.len(),
            });
        }
        for &value in &values {
            check_non_negative("level", value, "")?;
        }
        for (below, pair) in values.windows(2).enumerate() {
            if pair[1] <= pair[0] {
                return Err(DeviceError::LevelsNotRising {
                    index: below + 1,
                    lower: pair[0],
                    upper: pair[1],
                });
            }
        }
        Ok(Self(values))
    }

    /// `n` equally spaced levels from `top / r` to `top`.
    ///
    /// # Errors
    /// As [`Levels::new`].
    pub fn equally_spaced(
        n: usize,
        top: f64,
        extinction_ratio: Decibels,
    ) -> Result<Self, DeviceError> {
        let bottom = top * extinction_ratio.to_transmission();
        let steps = n.saturating_sub(1).max(1) as f64;
        Self::new(
            (0..n)
                .map(|k| bottom + (top - bottom) * k as f64 / steps)
                .collect(),
        )
    }

    /// The values, lowest first.
    pub fn values(&self) -> &[f64] {
        &self.0
    }

    /// The lowest value.
    pub fn bottom(&self) -> f64 {
        self.0[0]
    }

    /// The highest value.
    pub fn top(&self) -> f64 {
        self.0[self.0.len() - 1]
    }

    /// Mean of equally likely levels.
    pub fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.0.len() as f64
    }

    /// Difference between the outer levels.
    pub fn oma_outer(&self) -> f64 {
        self.top() - self.bottom()
    }

    /// Ratio of the outer levels; infinite when the lowest is zero.
    pub fn extinction_ratio(&self) -> Decibels {
        Decibels::from_ratio(self.top() / self.bottom())
    }

    /// The smallest eye relative to its share of the outer amplitude,
    /// `(M - 1) min_k(L_{k+1} - L_k) / OMA`; 1 for equally spaced levels, in (0, 1].
    ///
    /// For four levels this is the definition of the ratio of level mismatch of IEEE 802.3
    /// clause 94.
    pub fn worst_eye(&self) -> f64 {
        let smallest = self
            .0
            .windows(2)
            .map(|pair| pair[1] - pair[0])
            .fold(f64::INFINITY, f64::min);
        (self.0.len() - 1) as f64 * smallest / self.oma_outer()
    }

    /// Ratio of level mismatch (RLM) of four levels.
    ///
    /// `V_mid = (V0 + V3) / 2`, `ES1 = (V1 - V_mid) / (V0 - V_mid)`,
    /// `ES2 = (V2 - V_mid) / (V3 - V_mid)`,
    /// `RLM = min(3 ES1, 3 ES2, 2 - 3 ES1, 2 - 3 ES2)`. It is negative for a badly bent scale.
    ///
    /// # Errors
    /// There are not four levels.
    ///
    /// # Source
    /// IEEE Std 802.3-2022, 120D.3.1.2.
    pub fn rlm(&self) -> Result<f64, DeviceError> {
        let &[v0, v1, v2, v3] = self.0.as_slice() else {
            return Err(DeviceError::LevelCount {
                figure: "the ratio of level mismatch",
                expected: 4,
                actual: self.0.len(),
            });
        };
        let middle = 0.5 * (v0 + v3);
        let es1 = (v1 - middle) / (v0 - middle);
        let es2 = (v2 - middle) / (v3 - middle);
        Ok((3.0 * es1)
            .min(3.0 * es2)
            .min(2.0 - 3.0 * es1)
            .min(2.0 - 3.0 * es2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_of_extinction_ratios() {
        // Derived from the two equations in the module text, to the two digits written here.
        let rows = [
            (3.5, -1.16, 2.57, 1.41),
            (4.0, -0.65, 2.20, 1.56),
            (5.0, 0.17, 1.65, 1.82),
            (6.0, 0.78, 1.26, 2.04),
        ];
        for (er, over_average, to_oma, to_average) in rows {
            let er = Decibels::new(er);
            let close = |a: Decibels, b: f64| (a.value() - b).abs() < 0.006;
            assert!(close(oma_over_average(er).unwrap(), over_average), "{er}");
            assert!(close(top_to_oma_loss(er).unwrap(), to_oma), "{er}");
            assert!(close(top_to_average_loss(er), to_average), "{er}");
        }
    }

    #[test]
    fn level_mismatch_of_known_scales() {
        let rlm = |v: [f64; 4]| Levels::new(v.to_vec()).unwrap().rlm().unwrap();
        assert!((rlm([1.0, 2.0, 3.0, 4.0]) - 1.0).abs() < 1e-15);
        // V_mid = 1.5, ES1 = 1/3, ES2 = 0.4 / 1.5: RLM = 0.8.
        assert!((rlm([0.0, 1.0, 1.9, 3.0]) - 0.8).abs() < 1e-14);
        // Inner levels too far out: ES1 = 1.1/3, RLM = 2 - 1.1 = 0.9.
        assert!((rlm([0.0, 0.95, 2.0, 3.0]) - 0.9).abs() < 1e-14);
        assert!(Levels::new(vec![0.0, 1.0]).unwrap().rlm().is_err());
        assert!(matches!(
            Levels::new(vec![0.0, 1.0, 1.0]),
            Err(DeviceError::LevelsNotRising { index: 2, .. })
        ));
        assert!(Levels::new(vec![0.0, f64::NAN]).is_err());
    }

    #[test]
    fn no_extinction_has_no_amplitude() {
        let zero = Decibels::new(0.0);
        assert!(top_to_oma_loss(zero).is_err());
        assert!(average_from_oma(Watts::new(1e-3), zero).is_err());
        assert!(extinction_ratio(Watts::new(2e-3), Watts::new(1e-3)).is_err());
    }
}
