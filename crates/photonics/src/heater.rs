//! Heaters that tune resonances, and which resonance to tune to which channel.

use units::{Meters, MetersPerWatt, Watts};

use crate::error::{DeviceError, check, check_non_negative, check_positive};

/// A heater on a ring. It can only shift to longer wavelengths.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heater {
    /// Shift of the resonance with power.
    pub efficiency: MetersPerWatt,
    /// Greatest power.
    pub max_power: Watts,
}

impl Heater {
    /// Greatest shift.
    pub fn tuning_range(&self) -> Meters {
        self.efficiency * self.max_power
    }

    /// Power for a shift.
    ///
    /// # Errors
    /// [`DeviceError::TuningUnreachable`] when the shift is negative or beyond the rail;
    /// parameters out of range.
    pub fn power_for(&self, shift: Meters) -> Result<Watts, DeviceError> {
        check_positive("heater efficiency", self.efficiency.value(), "m/W")?;
        check_non_negative("greatest heater power", self.max_power.value(), "W")?;
        let power = shift / self.efficiency;
        if (0.0..=self.max_power.value()).contains(&power.value()) {
            Ok(power)
        } else {
            Err(DeviceError::TuningUnreachable {
                requested: shift,
                reachable: self.tuning_range(),
            })
        }
    }
}

/// Which channel each ring serves and how far it is tuned there.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelAssignment {
    /// Channel of each ring.
    pub channel_by_ring: Vec<usize>,
    /// Shift of each ring to longer wavelengths, between 0 and one free spectral range.
    pub shifts: Vec<Meters>,
}

impl ChannelAssignment {
    /// Sum of the shifts, proportional to the total heater power.
    pub fn total_shift(&self) -> Meters {
        self.shifts.iter().copied().sum()
    }

    /// The largest shift.
    pub fn largest_shift(&self) -> Meters {
        self.shifts
            .iter()
            .copied()
            .fold(Meters::new(0.0), Meters::max)
    }
}

/// Assigns rings to channels in cyclic order so that the total shift is least (barrel shift).
///
/// `resonances` and `channels` have the same length, both in rising order of design wavelength;
/// ring `i` may serve channel `(i + s) mod n`, through any of its orders, `fsr` apart. Ties go to
/// the smallest `s`.
///
/// # Errors
/// Different lengths, or a free spectral range that is not positive.
pub fn assign_channels(
    resonances: &[Meters],
    channels: &[Meters],
    fsr: Meters,
) -> Result<ChannelAssignment, DeviceError> {
    check_positive("free spectral range", fsr.value(), "m")?;
    let n = resonances.len();
    if channels.len() != n {
        return Err(DeviceError::Shape {
            what: "channel wavelengths",
            expected: n,
            actual: channels.len(),
        });
    }
    let candidate = |offset: usize| {
        let channel_by_ring: Vec<usize> = (0..n).map(|ring| (ring + offset) % n).collect();
        let shifts = channel_by_ring
            .iter()
            .zip(resonances)
            .map(|(&channel, &resonance)| {
                Meters::new(
                    (channels[channel] - resonance)
                        .value()
                        .rem_euclid(fsr.value()),
                )
            })
            .collect();
        ChannelAssignment {
            channel_by_ring,
            shifts,
        }
    };
    let mut best = candidate(0);
    for offset in 1..n {
        let next = candidate(offset);
        if next.total_shift() < best.total_shift() {
            best = next;
        }
    }
    Ok(best)
}

/// Heater powers that give the wanted shifts when every heater warms its neighbours:
/// solves `SUM_j K_ij P_j = shift_i`.
///
/// `crosstalk` is `n x n` row-major, in m/W: entry `[i, j]` is the shift of ring `i` per watt of
/// heater `j`. Gaussian elimination with partial pivoting.
///
/// # Errors
/// [`DeviceError::TuningUnreachable`] for the first ring whose power would be negative or above
/// `max_power`; [`DeviceError::Singular`]; [`DeviceError::Shape`].
pub fn powers_with_crosstalk(
    crosstalk: &[MetersPerWatt],
    shifts: &[Meters],
    max_power: Watts,
) -> Result<Vec<Watts>, DeviceError> {
    let n = shifts.len();
    if crosstalk.len() != n * n {
        return Err(DeviceError::Shape {
            what: "crosstalk matrix",
            expected: n * n,
            actual: crosstalk.len(),
        });
    }
    let mut a: Vec<f64> = crosstalk.iter().map(|k| k.value()).collect();
    let mut b: Vec<f64> = shifts.iter().map(|s| s.value()).collect();
    for &entry in a.iter().chain(&b) {
        check("tuning coefficient", entry, (-f64::MAX, f64::MAX), "")?;
    }
    for k in 0..n {
        let mut pivot = k;
        for i in k + 1..n {
            if a[i * n + k].abs() > a[pivot * n + k].abs() {
                pivot = i;
            }
        }
        if a[pivot * n + k] == 0.0 {
            return Err(DeviceError::Singular { pivot: k });
        }
        b.swap(k, pivot);
        for j in 0..n {
            a.swap(k * n + j, pivot * n + j);
        }
        for i in k + 1..n {
            let factor = a[i * n + k] / a[k * n + k];
            for j in k..n {
                a[i * n + j] -= factor * a[k * n + j];
            }
            b[i] -= factor * b[k];
        }
    }
    for k in (0..n).rev() {
        let known: f64 = (k + 1..n).map(|j| a[k * n + j] * b[j]).sum();
        b[k] = (b[k] - known) / a[k * n + k];
    }
    for (i, &power) in b.iter().enumerate() {
        if !(0.0..=max_power.value()).contains(&power) {
            return Err(DeviceError::TuningUnreachable {
                requested: shifts[i],
                reachable: crosstalk[i * n + i] * max_power,
            });
        }
    }
    Ok(b.into_iter().map(Watts::new).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nm(x: f64) -> Meters {
        Meters::new(x * 1e-9)
    }

    #[test]
    fn power_and_rails() {
        // 0.12 nm/mW: one spacing of 200 GHz at 1310 nm, 1.144 nm, takes 9.5 mW.
        let heater = Heater {
            efficiency: MetersPerWatt::new(0.12e-6),
            max_power: Watts::new(30e-3),
        };
        let power = heater.power_for(nm(1.144)).unwrap();
        assert!((power.value() - 9.53e-3).abs() < 0.01e-3);
        for shift in [-0.1, 3.7] {
            assert!(matches!(
                heater.power_for(nm(shift)),
                Err(DeviceError::TuningUnreachable { .. })
            ));
        }
    }

    #[test]
    fn barrel_shift_saves_power() {
        let channels: Vec<_> = (0..4).map(|i| nm(1310.0 + f64::from(i))).collect();
        // All rings came out 0.3 nm too long: without the barrel shift each needs nearly a whole
        // free spectral range, with it 0.7 nm; the last ring wraps round.
        let resonances: Vec<_> = channels.iter().map(|&c| c + nm(0.3)).collect();
        let best = assign_channels(&resonances, &channels, nm(4.0)).unwrap();
        assert_eq!(best.channel_by_ring, [1, 2, 3, 0]);
        assert!((best.largest_shift().value() - 0.7e-9).abs() < 1e-15);
        assert!((best.total_shift().value() - 2.8e-9).abs() < 1e-15);
    }

    #[test]
    fn crosstalk_is_solved_and_infeasible_targets_are_reported() {
        let k = |x: f64| MetersPerWatt::new(x * 1e-6);
        let matrix = [k(0.10), k(0.01), k(0.01), k(0.10)];
        let max = Watts::new(20e-3);
        let powers = powers_with_crosstalk(&matrix, &[nm(1.0), nm(0.5)], max).unwrap();
        // Cramer: P0 = (0.1 * 1 - 0.01 * 0.5) / 0.0099 mW = 9.596 mW.
        assert!((powers[0].value() - 9.596e-3).abs() < 1e-6);
        assert!((powers[1].value() - 4.040e-3).abs() < 1e-6);
        // The neighbour alone shifts ring 1 by more than wanted.
        assert!(matches!(
            powers_with_crosstalk(&matrix, &[nm(1.0), nm(0.05)], max),
            Err(DeviceError::TuningUnreachable { .. })
        ));
    }
}
