//! The ring whose spectrum is the measured one, for photon lifetime and stored energy.

use std::f64::consts::PI;

use photonics::ring::Ring;
use system::parts;
use units::{Decibels, DecibelsPerMeter, Meters, Ratio, Volts};

use super::{MeasuredRing, Thermal};
use crate::lane::LaneFault;

impl MeasuredRing {
    /// Coupling and loss of the all-pass ring that has the measured spectrum at the mean drive.
    ///
    /// With the round-trip phase `phi`, `s = sin(phi / 2)`, and `r = t a`, an all-pass ring has
    ///
    /// ```text
    /// T (s^2 + H) = B (s^2 + H T_0),   H = (1 - r)^2 / 4 r,   T_0 = ((t - a) / (1 - r))^2
    /// ```
    ///
    /// which is linear in `B`, `B H T_0` and `H`: least squares, weighted so that errors of the
    /// transmission count alike. Radius and group index are the part's. Which of coupling and
    /// round-trip amplitude is the larger does not show in a spectrum; it is as in the part.
    pub(super) fn fit(&self, part: &parts::RingModulator, at: Thermal) -> Result<Ring, LaneFault> {
        const SHAPELESS: LaneFault = LaneFault::MeasuredTable {
            what: "the dip of a measured ring is not that of one resonance",
        };
        let resonance = Meters::new(self.mean_resonance(at));
        let ring = Ring {
            resonance,
            radius: part.radius.value,
            group_index: part.group_index.value,
            loss: part.loss.value,
            self_coupling: part.self_coupling.value,
            drop_self_coupling: Ratio::new(1.0),
        };
        let to_phase = PI / ring.free_spectral_range().value();
        // In units of half a linewidth all sums are of order one.
        let unit = (to_phase * 0.5 * self.linewidth_m).sin();
        let mean_drive = Volts::new(0.5 * self.drive_v);
        let first = self.resonance(at.along.below, self.mean.below);
        let (mut a, mut b) = ([[0.0; 3]; 3], [0.0; 3]);
        for wavelength in &self.grid.wavelengths_m {
            let offset = wavelength - first;
            if (to_phase * offset).abs() >= 0.5 * PI {
                continue;
            }
            let Ok(t) = self.transmission(at, mean_drive, offset) else {
                continue;
            };
            let s2 = ((to_phase * offset).sin() / unit).powi(2);
            let row = [s2, 1.0, -t];
            let weight = 1.0 / (s2 + 1.0).powi(2);
            for i in 0..3 {
                for j in 0..3 {
                    a[i][j] += weight * row[i] * row[j];
                }
                b[i] += weight * row[i] * t * s2;
            }
        }
        let [top, bottom, width] = solve(a, b).ok_or(SHAPELESS)?;
        if !(top > 0.0 && width > 0.0) {
            return Err(SHAPELESS);
        }
        let least = (bottom / (top * width)).clamp(0.0, 1.0);
        let half = width.sqrt() * unit;
        let survival = ((1.0 + half * half).sqrt() - half).powi(2);
        let difference = (1.0 - survival) * least.sqrt();
        let sum = (difference * difference + 4.0 * survival).sqrt();
        let (small, large) = (0.5 * (sum - difference), 0.5 * (sum + difference));
        let is_overcoupled = ring.self_coupling.value() < ring.round_trip_amplitude();
        let (coupling, amplitude) = if is_overcoupled {
            (small, large)
        } else {
            (large, small)
        };
        let round_trip = -Decibels::from_amplitude(amplitude);
        let fitted = Ring {
            loss: DecibelsPerMeter::new(
                (round_trip.value() / ring.circumference().value()).max(0.0),
            ),
            self_coupling: Ratio::new(coupling),
            ..ring
        };
        fitted.check()?;
        Ok(fitted)
    }
}

/// Three linear equations by elimination with pivots; none without a unique solution.
fn solve(mut a: [[f64; 3]; 3], mut b: [f64; 3]) -> Option<[f64; 3]> {
    for k in 0..3 {
        let pivot = (k..3).max_by(|i, j| a[*i][k].abs().total_cmp(&a[*j][k].abs()))?;
        a.swap(k, pivot);
        b.swap(k, pivot);
        if a[k][k].abs() < 1e-14 {
            return None;
        }
        for i in k + 1..3 {
            let factor = a[i][k] / a[k][k];
            let row = a[k];
            for (x, y) in a[i].iter_mut().zip(row).skip(k) {
                *x -= factor * y;
            }
            b[i] -= factor * b[k];
        }
    }
    for k in (0..3).rev() {
        let known: f64 = (k + 1..3).map(|j| a[k][j] * b[j]).sum();
        b[k] = (b[k] - known) / a[k][k];
    }
    b.iter().all(|x| x.is_finite()).then_some(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elimination_solves_what_needs_a_pivot() {
        let a = [[0.0, 2.0, 1.0], [1.0, -1.0, 0.0], [3.0, 0.0, -2.0]];
        let x = [1.0, -2.0, 0.5];
        let b = a.map(|row| row.iter().zip(x).map(|(a, x)| a * x).sum());
        let found = solve(a, b).unwrap();
        assert!(found.iter().zip(x).all(|(f, x)| (f - x).abs() < 1e-14));
        assert!(solve([[1.0, 1.0, 1.0]; 3], [1.0; 3]).is_none());
    }
}
