//! Ring modulator: operating point, choice of detuning, bandwidth, sensitivity to drift.

use std::f64::consts::PI;

use units::constants::SPEED_OF_LIGHT;
use units::{Decibels, Hertz, Meters, MetersPerVolt, Volts};

use crate::complex::Complex;
use crate::error::{DeviceError, check, check_non_negative, check_positive};
use crate::modulation::{LevelSpacing, ModulatedLevels, half_power_frequency};
use crate::ring::Ring;

/// A ring whose resonance follows a voltage.
///
/// `shift(V) = e V`, or for a depleted junction with built-in potential `V_bi`
/// `shift(V) = 2 e V_bi (sqrt(1 + V / V_bi) - 1)`, which has the slope `e` at zero volts. Positive
/// voltage is reverse bias and shifts to longer wavelengths. The change of loss with voltage is
/// left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RingModulator {
    /// The ring; light leaves at the through port.
    pub ring: Ring,
    /// Shift of the resonance with voltage, at zero volts.
    pub modulation_efficiency: MetersPerVolt,
    /// Built-in potential of the junction; none for a shift that is linear in voltage.
    pub built_in_potential: Option<Volts>,
    /// Mean drive voltage, reverse positive.
    pub bias: Volts,
    /// Peak-to-peak drive.
    pub drive_voltage: Volts,
    /// How the drive levels are spaced.
    pub spacing: LevelSpacing,
    /// Bandwidth of driver and junction.
    pub rc_bandwidth: Hertz,
    /// Loss of the bus guide past the ring.
    pub bus_loss: Decibels,
}

/// What a detuning is chosen for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DetuningGoal {
    /// The largest outer modulation amplitude.
    OuterAmplitude,
    /// The largest smallest eye, amplitude times evenness.
    WorstEye,
    /// The largest outer amplitude whose ratio of level mismatch is at least this.
    AmplitudeWithRlm(f64),
}

/// What the modulator does at one detuning.
#[derive(Debug, Clone, PartialEq)]
pub struct RingModulatorOperatingPoint {
    /// Laser wavelength minus the resonance at the mean drive.
    pub detuning: Meters,
    /// Levels, insertion loss, extinction ratio and amplitude.
    pub levels: ModulatedLevels,
    /// Frequency at which small-signal modulation has fallen by 3 dB electrical, junction included.
    pub bandwidth: Hertz,
    /// Highest response relative to low frequency.
    pub peaking: Decibels,
}

impl RingModulator {
    /// Shift of the resonance at a voltage against zero volts.
    pub fn resonance_shift(&self, voltage: Volts) -> Meters {
        match self.built_in_potential {
            None => self.modulation_efficiency * voltage,
            Some(potential) => {
                // A junction forward biased beyond its potential is refused by `check`.
                let root = (1.0 + voltage / potential).max(0.0).sqrt();
                self.modulation_efficiency * (potential * (2.0 * (root - 1.0)))
            }
        }
    }

    /// The operating point at a detuning, the laser's wavelength minus the resonance at the mean
    /// drive.
    ///
    /// # Errors
    /// Parameters out of range; [`DeviceError::LevelsNotRising`] when the drive carries the
    /// resonance across the laser; [`DeviceError::NoModulation`] exactly on resonance.
    pub fn operating_point(
        &self,
        detuning: Meters,
        n_levels: usize,
    ) -> Result<RingModulatorOperatingPoint, DeviceError> {
        let levels = self.levels(detuning, n_levels)?;
        let (bandwidth, peaking) = self.dynamics(detuning)?;
        Ok(RingModulatorOperatingPoint {
            detuning,
            levels,
            bandwidth,
            peaking,
        })
    }

    /// The static levels at a detuning.
    ///
    /// # Errors
    /// As [`RingModulator::operating_point`].
    pub fn levels(
        &self,
        detuning: Meters,
        n_levels: usize,
    ) -> Result<ModulatedLevels, DeviceError> {
        self.check()?;
        check("detuning", detuning.value(), (-f64::MAX, f64::MAX), "m")?;
        let mean = self.resonance_shift(self.bias);
        let bus = self.bus_loss.to_transmission();
        ModulatedLevels::new(n_levels, self.spacing, |u| {
            let shift = self.resonance_shift(self.bias + self.drive_voltage * u) - mean;
            bus * self.ring.through(detuning - shift)
        })
    }

    /// The detuning that serves a goal best, and the operating point there.
    ///
    /// Searches four linewidths and one drive swing to both sides of the resonance on a grid that
    /// zooms in four times; the result is the best of the coarse grid's basin, exact to 1e-6 of a
    /// linewidth. A constraint that holds only within 2 % of a linewidth can be missed.
    ///
    /// # Errors
    /// Parameters out of range; [`DeviceError::NoModulation`] when no detuning meets the goal.
    pub fn best_detuning(
        &self,
        goal: DetuningGoal,
        n_levels: usize,
    ) -> Result<RingModulatorOperatingPoint, DeviceError> {
        const POINTS: u32 = 400;
        self.check()?;
        check("number of levels", n_levels as f64, (2.0, 256.0), "")?;
        let score = |detuning: f64| -> Option<f64> {
            let levels = self.levels(Meters::new(detuning), n_levels).ok()?;
            match goal {
                DetuningGoal::OuterAmplitude => Some(levels.oma),
                DetuningGoal::WorstEye => Some(levels.oma * levels.worst_eye),
                DetuningGoal::AmplitudeWithRlm(least) => {
                    (levels.rlm >= least).then_some(levels.oma)
                }
            }
        };
        let swing = self.resonance_shift(self.bias + self.drive_voltage * 0.5)
            - self.resonance_shift(self.bias - self.drive_voltage * 0.5);
        let mut half = 4.0 * self.ring.linewidth().value() + swing.value().abs();
        let mut best: Option<(f64, f64)> = None;
        for _ in 0..5 {
            let centre = best.map_or(0.0, |(detuning, _)| detuning);
            for i in 0..=POINTS {
                let detuning = centre + half * (2.0 * f64::from(i) / f64::from(POINTS) - 1.0);
                if let Some(value) = score(detuning)
                    && best.is_none_or(|(_, most)| value > most)
                {
                    best = Some((detuning, value));
                }
            }
            // Two coarse steps to either side.
            half *= 4.0 / f64::from(POINTS);
        }
        let (detuning, _) = best.ok_or(DeviceError::NoModulation)?;
        self.operating_point(Meters::new(detuning), n_levels)
    }

    /// Loss of outer amplitude when the resonance moves by `drift` while the laser stays.
    ///
    /// # Errors
    /// As [`RingModulator::operating_point`], for both places.
    pub fn drift_penalty(
        &self,
        detuning: Meters,
        drift: Meters,
        n_levels: usize,
    ) -> Result<Decibels, DeviceError> {
        let before = self.levels(detuning, n_levels)?.oma;
        let after = self.levels(detuning - drift, n_levels)?.oma;
        Ok(Decibels::from_ratio(before / after))
    }

    /// How far the resonance may move down and up until the amplitude has lost `penalty`, or the
    /// levels cease to rise.
    ///
    /// # Errors
    /// As [`RingModulator::operating_point`] at the detuning itself, or a penalty that is not
    /// positive.
    pub fn drift_tolerance(
        &self,
        detuning: Meters,
        penalty: Decibels,
        n_levels: usize,
    ) -> Result<(Meters, Meters), DeviceError> {
        check_positive("amplitude penalty", penalty.value(), "dB")?;
        self.levels(detuning, n_levels)?;
        let holds = |drift: f64| {
            self.drift_penalty(detuning, Meters::new(drift), n_levels)
                .is_ok_and(|lost| lost <= penalty)
        };
        let step = self.ring.linewidth().value() / 200.0;
        let limit = self.ring.free_spectral_range().value();
        let reach = |sign: f64| {
            let mut good = 0.0;
            while holds(sign * (good + step)) && good < limit {
                good += step;
            }
            let mut bad = good + step;
            for _ in 0..40 {
                let middle = 0.5 * (good + bad);
                if holds(sign * middle) {
                    good = middle;
                } else {
                    bad = middle;
                }
            }
            Meters::new(good)
        };
        Ok((reach(-1.0), reach(1.0)))
    }

    /// Small-signal response of the through power to the drive, 1 at low frequency, from the
    /// linearised coupled-mode equation and the junction's pole.
    ///
    /// With `D = w0 - w`, `da/dt = (j D - 1/tau) a - j mu s`, `s_out = s - j mu a`:
    ///
    /// ```text
    /// G(W) = s_out* a / (j W - j D + 1/tau) + s_out a* / (j W + j D + 1/tau)
    /// ```
    ///
    /// `tau` is the decay time of the amplitude, twice the photon lifetime.
    ///
    /// # Errors
    /// As [`RingModulator::operating_point`].
    pub fn response(&self, detuning: Meters, frequency: Hertz) -> Result<Complex, DeviceError> {
        self.check()?;
        let mode = CoupledMode::new(&self.ring, detuning);
        let slope = mode.slope(0.0);
        if slope.norm() <= f64::EPSILON * mode.scale() {
            return Err(DeviceError::NoModulation);
        }
        let pole = Complex::new(1.0, frequency / self.rc_bandwidth);
        Ok(mode.slope(2.0 * PI * frequency.value()) / slope / pole)
    }

    /// Frequency at which [`RingModulator::response`] has fallen by 3 dB electrical, and its
    /// highest value relative to low frequency.
    ///
    /// # Errors
    /// As [`RingModulator::response`].
    pub fn dynamics(&self, detuning: Meters) -> Result<(Hertz, Decibels), DeviceError> {
        self.response(detuning, Hertz::new(0.0))?;
        let power = |f: f64| {
            self.response(detuning, Hertz::new(f))
                .map_or(0.0, Complex::norm_sqr)
        };
        let offset = SPEED_OF_LIGHT * detuning.value().abs() / self.ring.resonance.value().powi(2);
        let scale = self.ring.photon_bandwidth().value() + offset;
        let bandwidth = half_power_frequency(power, 1e-3 * scale, 1e3 * scale)
            .ok_or(DeviceError::NoModulation)?;
        let peak = (1..=200u32)
            .map(|i| power(bandwidth * f64::from(i) / 200.0))
            .fold(1.0, f64::max);
        Ok((Hertz::new(bandwidth), Decibels::from_ratio(peak)))
    }

    fn check(&self) -> Result<(), DeviceError> {
        self.ring.check()?;
        check_positive(
            "modulation efficiency",
            self.modulation_efficiency.value(),
            "m/V",
        )?;
        check_positive("drive voltage", self.drive_voltage.value(), "V")?;
        check_positive("RC bandwidth", self.rc_bandwidth.value(), "Hz")?;
        check_non_negative("bus loss", self.bus_loss.value(), "dB")?;
        let lowest = self.bias - self.drive_voltage * 0.5;
        let least = self.built_in_potential.map_or(-f64::MAX, |p| -p.value());
        check(
            "lowest drive voltage",
            lowest.value(),
            (least, f64::MAX),
            "V",
        )
    }
}

/// Amplitudes of the coupled-mode equation for unit input.
struct CoupledMode {
    /// `w0 - w`, rad/s.
    detuning: f64,
    /// `1 / tau`, 1/s.
    decay: f64,
    /// `mu a` and `s_out`.
    coupled: Complex,
    out: Complex,
}

impl CoupledMode {
    fn new(ring: &Ring, detuning: Meters) -> Self {
        let resonance = ring.resonance.value();
        let laser = resonance + detuning.value();
        let offset = 2.0 * PI * SPEED_OF_LIGHT * detuning.value() / (resonance * laser);
        let decay = 0.5 / ring.photon_lifetime().value();
        // The coupling is chosen so that the field on resonance is that of the exact ring.
        let mu_squared = decay * (1.0 - ring.through_field(Meters::new(0.0)).re);
        let coupled = -(Complex::J * mu_squared) / Complex::new(decay, -offset);
        Self {
            detuning: offset,
            decay,
            coupled,
            out: Complex::ONE - Complex::J * coupled,
        }
    }

    /// Change of output power per change of resonance frequency, at angular frequency `w`.
    fn slope(&self, w: f64) -> Complex {
        self.out.conj() * self.coupled / Complex::new(self.decay, w - self.detuning)
            + self.out * self.coupled.conj() / Complex::new(self.decay, w + self.detuning)
    }

    /// Size of the two terms of the slope, against which their cancellation is judged.
    fn scale(&self) -> f64 {
        self.coupled.norm() / self.decay
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use units::{DecibelsPerMeter, Ratio};

    fn modulator() -> RingModulator {
        RingModulator {
            ring: Ring {
                resonance: Meters::new(1310e-9),
                radius: Meters::new(7.5e-6),
                group_index: Ratio::new(4.0),
                loss: DecibelsPerMeter::new(5000.0),
                self_coupling: Ratio::new(0.97),
                drop_self_coupling: Ratio::new(1.0),
            },
            modulation_efficiency: MetersPerVolt::new(25e-12),
            built_in_potential: None,
            bias: Volts::new(1.5),
            drive_voltage: Volts::new(2.4),
            spacing: LevelSpacing::EvenDrive,
            rc_bandwidth: Hertz::new(1e15),
            bus_loss: Decibels::new(0.5),
        }
    }

    #[test]
    fn response_at_low_frequency_is_the_slope_of_the_spectrum() {
        // The normalisation itself, against the derivative of the exact spectrum.
        let detuning = Meters::new(-60e-12);
        let mode = CoupledMode::new(&modulator().ring, detuning);
        let h = 1e-14;
        let ring = modulator().ring;
        let slope = (ring.through(detuning + Meters::new(h))
            - ring.through(detuning - Meters::new(h)))
            / (2.0 * h);
        // A longer resonance wavelength is a lower w0 and a lower detuning.
        let per_w0 = slope * 1310e-9f64.powi(2) / (2.0 * PI * SPEED_OF_LIGHT);
        // The coupled-mode equation is good to about one over the finesse.
        let ratio = mode.slope(0.0).re / per_w0;
        assert!((ratio - 1.0).abs() < 0.03, "{ratio}");
        assert!(mode.slope(0.0).im.abs() < 1e-12 * mode.scale());
    }

    #[test]
    fn bandwidth_grows_with_detuning() {
        let width = modulator().ring.linewidth();
        let at = |widths: f64| {
            modulator()
                .operating_point(width * widths - Meters::new(60e-12), 2)
                .unwrap()
        };
        let (near, far) = (at(-0.2), at(-1.5));
        assert!(far.bandwidth > near.bandwidth);
        assert!(far.peaking > near.peaking && far.peaking.value() > 1.0);
        // A slow junction limits the whole.
        let slow = RingModulator {
            rc_bandwidth: Hertz::new(1e9),
            ..modulator()
        };
        let point = slow.operating_point(far.detuning, 2).unwrap();
        assert!((point.bandwidth.value() / 1e9 - 1.0).abs() < 0.01);
    }

    #[test]
    fn goals_trade_amplitude_for_evenness() {
        let most = modulator()
            .best_detuning(DetuningGoal::OuterAmplitude, 4)
            .unwrap();
        let even = modulator()
            .best_detuning(DetuningGoal::AmplitudeWithRlm(0.85), 4)
            .unwrap();
        let eye = modulator()
            .best_detuning(DetuningGoal::WorstEye, 4)
            .unwrap();
        assert!(even.levels.rlm >= 0.85 && even.levels.oma <= most.levels.oma);
        assert!(eye.levels.oma * eye.levels.worst_eye >= most.levels.oma * most.levels.worst_eye);
        // A neighbouring detuning is no better.
        for pm in [-1.0, 1.0] {
            let near = most.detuning + Meters::new(pm * 1e-12);
            assert!(modulator().levels(near, 4).unwrap().oma < most.levels.oma);
        }
        assert!(matches!(
            modulator().best_detuning(DetuningGoal::AmplitudeWithRlm(1.1), 4),
            Err(DeviceError::NoModulation)
        ));
    }

    #[test]
    fn drift_costs_amplitude() {
        let best = modulator()
            .best_detuning(DetuningGoal::OuterAmplitude, 2)
            .unwrap();
        let (down, up) = modulator()
            .drift_tolerance(best.detuning, Decibels::new(1.0), 2)
            .unwrap();
        for drift in [-down, up] {
            let lost = modulator().drift_penalty(best.detuning, drift, 2).unwrap();
            // Either the stated penalty, or the levels cross just beyond.
            assert!(lost.value() <= 1.0 + 1e-9);
            assert!((lost.value() - 1.0).abs() < 1e-3, "{lost}");
        }
        assert!(down.value() > 0.0 && up.value() > 0.0);
    }

    #[test]
    fn depletion_shift_has_the_stated_slope_and_bends() {
        let depleted = RingModulator {
            built_in_potential: Some(Volts::new(0.9)),
            ..modulator()
        };
        let shift = |v: f64| depleted.resonance_shift(Volts::new(v)).value();
        assert!((shift(1e-6) / 25e-18 - 1.0).abs() < 1e-5);
        // 2 * 25 pm/V * 0.9 V * (sqrt(1 + 2.7 / 0.9) - 1) = 45 pm.
        assert!((shift(2.7) - 45e-12).abs() < 1e-18);
        let forward = RingModulator {
            bias: Volts::new(0.0),
            ..depleted
        };
        assert!(forward.levels(Meters::new(-50e-12), 2).is_err());
    }

    #[test]
    fn crossing_the_resonance_and_sitting_on_it_are_reported() {
        assert!(matches!(
            modulator().levels(Meters::new(0.0), 4),
            Err(DeviceError::LevelsNotRising { .. })
        ));
        assert!(matches!(
            modulator().response(Meters::new(0.0), Hertz::new(1e9)),
            Err(DeviceError::NoModulation)
        ));
    }
}
