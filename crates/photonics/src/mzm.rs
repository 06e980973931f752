//! Travelling-wave Mach-Zehnder modulator.

use std::f64::consts::{FRAC_PI_2, PI};

use units::constants::SPEED_OF_LIGHT;
use units::{Decibels, DecibelsPerMeter, Hertz, Meters, Radians, Ratio, VoltMeters, Volts};

use crate::complex::Complex;
use crate::error::{DeviceError, check, check_non_negative, check_positive};
use crate::modulation::{LevelSpacing, ModulatedLevels, half_power_frequency};
use crate::waveguide::nepers_per_meter;

/// Which arms are driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArmDrive {
    /// Both arms, in opposite directions: no chirp when the arms are balanced.
    PushPull,
    /// One arm: half the phase per volt, chirp parameter 1.
    SingleArm,
}

/// A Mach-Zehnder modulator with its drive.
///
/// ```text
/// T(u) = T_loss (1 + v cos(phi_bias - theta u)) / 2,   u = -1/2 ... 1/2
/// theta = pi V_pp L / (V_pi L),  twice that for push-pull,   v = 2 sqrt(s (1 - s))
/// ```
///
/// The phase is taken as linear in voltage and the loss as independent of it. Impedance mismatch
/// and reflections on the electrode are not modelled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MachZehnder {
    /// Half-wave voltage times length of one phase shifter.
    pub vpi_l: VoltMeters,
    /// Length of the phase shifters.
    pub length: Meters,
    /// Loss of the doped phase shifters.
    pub phase_shifter_loss: DecibelsPerMeter,
    /// Loss of splitter, combiner and routing.
    pub passive_loss: Decibels,
    /// Share of light in one arm.
    pub split_ratio: Ratio,
    /// Peak-to-peak drive on each driven arm.
    pub drive_voltage: Volts,
    /// Which arms are driven.
    pub arm_drive: ArmDrive,
    /// Phase between the arms without signal; half pi is quadrature on the rising side.
    pub bias: Radians,
    /// How the drive levels are spaced.
    pub spacing: LevelSpacing,
    /// Bandwidth of driver and junction at the electrode's input.
    pub rc_bandwidth: Hertz,
    /// Electrode attenuation at the reference frequency; rises with the root of frequency.
    pub electrode_loss: DecibelsPerMeter,
    /// Frequency of that attenuation.
    pub electrode_reference: Hertz,
    /// Microwave index of the electrode.
    pub microwave_index: Ratio,
    /// Optical group index of the phase shifter.
    pub group_index: Ratio,
}

/// What the modulator does, all figures from the same levels.
#[derive(Debug, Clone, PartialEq)]
pub struct MachZehnderOperatingPoint {
    /// Levels, insertion loss, extinction ratio and amplitude.
    pub levels: ModulatedLevels,
    /// Part of the insertion loss that comes from not driving to the peak of transmission.
    pub modulation_loss: Decibels,
    /// Frequency at which the modulation falls by 3 dB electrical (field of the modulation by
    /// the root of two).
    pub bandwidth: Hertz,
    /// Chirp parameter at quadrature, 0 for push-pull and 1 for a single arm; the sign depends on
    /// which side of the transmission is used.
    pub chirp: Ratio,
}

impl MachZehnder {
    /// The operating point with this number of levels.
    ///
    /// # Errors
    /// Parameters out of range; [`DeviceError::LevelsNotRising`] when the drive runs over a peak
    /// or a null of the transmission.
    pub fn operating_point(
        &self,
        n_levels: usize,
    ) -> Result<MachZehnderOperatingPoint, DeviceError> {
        self.check()?;
        let levels = ModulatedLevels::new(n_levels, self.spacing, |u| self.transmission(u))?;
        let static_loss = self.passive_loss + self.phase_shifter_loss * self.length;
        Ok(MachZehnderOperatingPoint {
            modulation_loss: levels.insertion_loss - static_loss,
            levels,
            bandwidth: self.bandwidth()?,
            chirp: Ratio::new(match self.arm_drive {
                ArmDrive::PushPull => 0.0,
                ArmDrive::SingleArm => 1.0,
            }),
        })
    }

    /// Peak-to-peak phase difference that the drive causes.
    pub fn phase_swing(&self) -> Radians {
        let arms = match self.arm_drive {
            ArmDrive::PushPull => 2.0,
            ArmDrive::SingleArm => 1.0,
        };
        Radians::new(
            arms * PI * self.drive_voltage.value() * self.length.value() / self.vpi_l.value(),
        )
    }

    /// Response of the modulation to the drive, 1 at low frequency:
    /// `(1 / L) INT_0^L exp(-gamma z) dz / (1 + j f / f_RC)` with
    /// `gamma = alpha(f) + j 2 pi f (n_RF - n_g) / c` and `alpha` the field attenuation.
    ///
    /// # Errors
    /// Parameters out of range or a negative frequency.
    pub fn response(&self, frequency: Hertz) -> Result<Complex, DeviceError> {
        self.check()?;
        check_non_negative("frequency", frequency.value(), "Hz")?;
        Ok(self.unchecked_response(frequency.value()))
    }

    fn unchecked_response(&self, f: f64) -> Complex {
        let skin = (f / self.electrode_reference.value()).sqrt();
        // Half of the power attenuation is that of the field.
        let alpha = 0.5 * nepers_per_meter(self.electrode_loss) * skin;
        let walk_off = (self.microwave_index - self.group_index).value() / SPEED_OF_LIGHT;
        let x = Complex::new(alpha, 2.0 * PI * f * walk_off) * self.length.value();
        let average = if x.norm_sqr() < 1e-8 {
            // The second-order series is exact to 1e-12 here and avoids 0 / 0.
            Complex::ONE - x * 0.5 + x * x * (1.0 / 6.0)
        } else {
            (Complex::ONE - (-x).exp()) / x
        };
        average / Complex::new(1.0, f / self.rc_bandwidth.value())
    }

    /// 3 dB bandwidth (electrical) of the modulation.
    ///
    /// # Errors
    /// Parameters out of range.
    pub fn bandwidth(&self) -> Result<Hertz, DeviceError> {
        self.check()?;
        // The pole alone brings the response to half power at its own frequency.
        let pole = self.rc_bandwidth.value();
        half_power_frequency(
            |f| self.unchecked_response(f).norm_sqr(),
            1e-4 * pole,
            1.1 * pole,
        )
        .map(Hertz::new)
        .ok_or(DeviceError::NoModulation)
    }

    /// Transmission at a drive from -1/2 to 1/2 of its peak-to-peak value.
    pub fn transmission(&self, u: f64) -> f64 {
        let static_loss = self.passive_loss + self.phase_shifter_loss * self.length;
        let split = self.split_ratio.value();
        let visibility = 2.0 * (split * (1.0 - split)).sqrt();
        let phase = self.bias.value() - self.phase_swing().value() * u;
        0.5 * static_loss.to_transmission() * (1.0 + visibility * phase.cos())
    }

    fn check(&self) -> Result<(), DeviceError> {
        check_positive("half-wave voltage times length", self.vpi_l.value(), "V m")?;
        check_positive("length", self.length.value(), "m")?;
        check_non_negative(
            "phase shifter loss",
            self.phase_shifter_loss.value(),
            "dB/m",
        )?;
        check_non_negative("passive loss", self.passive_loss.value(), "dB")?;
        check("split ratio", self.split_ratio.value(), (0.0, 1.0), "")?;
        check_positive("drive voltage", self.drive_voltage.value(), "V")?;
        check("bias", self.bias.value(), (-PI, 2.0 * PI), "rad")?;
        check_positive("RC bandwidth", self.rc_bandwidth.value(), "Hz")?;
        check_non_negative("electrode loss", self.electrode_loss.value(), "dB/m")?;
        check_positive(
            "electrode reference frequency",
            self.electrode_reference.value(),
            "Hz",
        )?;
        check_positive("microwave index", self.microwave_index.value(), "")?;
        check_positive("group index", self.group_index.value(), "")
    }
}

/// Phase between the arms at quadrature.
pub const QUADRATURE: Radians = Radians::new(FRAC_PI_2);

#[cfg(test)]
mod tests {
    use super::*;

    fn modulator() -> MachZehnder {
        MachZehnder {
            vpi_l: VoltMeters::new(2e-2),
            length: Meters::new(2.5e-3),
            phase_shifter_loss: DecibelsPerMeter::new(1000.0),
            passive_loss: Decibels::new(1.0),
            split_ratio: Ratio::new(0.5),
            drive_voltage: Volts::new(1.5),
            arm_drive: ArmDrive::PushPull,
            bias: QUADRATURE,
            spacing: LevelSpacing::EvenDrive,
            rc_bandwidth: Hertz::new(60e9),
            electrode_loss: DecibelsPerMeter::new(100.0),
            electrode_reference: Hertz::new(1e9),
            microwave_index: Ratio::new(3.9),
            group_index: Ratio::new(3.9),
        }
    }

    #[test]
    fn quadrature_has_closed_figures() {
        let point = modulator().operating_point(4).unwrap();
        // theta = 2 pi 1.5 V 2.5 mm / 2 V cm = 3 pi / 8.
        let theta: f64 = 0.375 * PI;
        assert!((modulator().phase_swing().value() - theta).abs() < 1e-12);
        let sine = (0.5 * theta).sin();
        let er = Decibels::from_ratio((1.0 + sine) / (1.0 - sine));
        assert!((point.levels.extinction_ratio - er).value().abs() < 1e-10);
        let loss = 3.5 - 10.0 * (0.5 * (1.0 + sine)).log10();
        assert!((point.levels.insertion_loss.value() - loss).abs() < 1e-10);
        assert!((point.modulation_loss.value() + 3.5 - loss).abs() < 1e-10);
        // ES = sin(theta / 6) / sin(theta / 2) above a third, so RLM = 2 - 3 ES.
        let rlm = 2.0 - 3.0 * (theta / 6.0).sin() / sine;
        assert!((point.levels.rlm - rlm).abs() < 1e-12);
        let even = MachZehnder {
            spacing: LevelSpacing::EvenLight,
            ..modulator()
        };
        let even = even.operating_point(4).unwrap().levels;
        assert!((even.rlm - 1.0).abs() < 1e-12);
        assert!((even.oma - point.levels.oma).abs() < 1e-15);
    }

    #[test]
    fn trade_offs_emerge() {
        let base = modulator().operating_point(4).unwrap();
        let driven = MachZehnder {
            drive_voltage: Volts::new(2.0),
            ..modulator()
        };
        let driven = driven.operating_point(4).unwrap();
        assert!(driven.levels.extinction_ratio > base.levels.extinction_ratio);
        assert!(driven.modulation_loss < base.modulation_loss);
        assert!(driven.levels.rlm < base.levels.rlm);
        let long = MachZehnder {
            length: Meters::new(3.5e-3),
            ..modulator()
        };
        let long = long.operating_point(4).unwrap();
        assert!(long.levels.extinction_ratio > base.levels.extinction_ratio);
        assert!(long.bandwidth < base.bandwidth);
        let static_loss =
            |p: &MachZehnderOperatingPoint| p.levels.insertion_loss - p.modulation_loss;
        assert!(static_loss(&long) > static_loss(&base));
    }

    #[test]
    fn split_limits_the_extinction() {
        // At the null, T = (1 - v) / 2; full swing of pi.
        let unequal = MachZehnder {
            split_ratio: Ratio::new(0.45),
            drive_voltage: Volts::new(4.0),
            ..modulator()
        };
        let v = 2.0 * (0.45f64 * 0.55).sqrt();
        let er = Decibels::from_ratio((1.0 + v) / (1.0 - v));
        let point = unequal.operating_point(2).unwrap();
        assert!((point.levels.extinction_ratio - er).value().abs() < 1e-9);
        let overdriven = MachZehnder {
            drive_voltage: Volts::new(9.0),
            ..modulator()
        };
        assert!(matches!(
            overdriven.operating_point(4),
            Err(DeviceError::LevelsNotRising { .. })
        ));
    }

    #[test]
    fn bandwidth_limits() {
        // Without loss and walk-off only the pole is left.
        let ideal = MachZehnder {
            electrode_loss: DecibelsPerMeter::new(0.0),
            ..modulator()
        };
        let bandwidth = ideal.operating_point(2).unwrap().bandwidth;
        assert!((bandwidth.value() / 60e9 - 1.0).abs() < 1e-12);
        // Walk-off alone: |sinc(f L dn / c)| = 1 / sqrt 2 at an argument of 1.39156 / pi.
        let slow = MachZehnder {
            rc_bandwidth: Hertz::new(1e15),
            microwave_index: Ratio::new(4.9),
            ..ideal
        };
        let expected = 1.391_557 / PI * SPEED_OF_LIGHT / 2.5e-3;
        let bandwidth = slow.operating_point(2).unwrap().bandwidth.value();
        assert!((bandwidth / expected - 1.0).abs() < 1e-5);
        // Loss alone: 6.4 dB of total electrode loss halve the modulation power
        // ((1 - e^-x) / x = 1 / sqrt 2 at x = 0.7384).
        let lossy = MachZehnder {
            rc_bandwidth: Hertz::new(1e15),
            ..modulator()
        };
        let f = lossy.operating_point(2).unwrap().bandwidth.value();
        let total_db = 100.0 * 2.5e-3 * (f / 1e9).sqrt();
        assert!((total_db - 6.41).abs() < 0.01, "{total_db}");
    }

    #[test]
    fn drive_delay_is_a_negative_phase() {
        let h = modulator().response(Hertz::new(10e9)).unwrap();
        assert!(h.arg() < 0.0);
        assert!((modulator().response(Hertz::new(0.0)).unwrap() - Complex::ONE).norm() < 1e-15);
    }
}
