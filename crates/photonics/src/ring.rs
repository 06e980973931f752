//! Ring resonators: all-pass and add-drop.

use std::f64::consts::PI;

use units::constants::SPEED_OF_LIGHT;
use units::{DecibelsPerMeter, Hertz, Meters, Ratio, Seconds};

use crate::complex::Complex;
use crate::error::{DeviceError, check, check_non_negative, check_positive};

/// A ring with one coupler (all-pass, `drop_self_coupling` 1) or two (add-drop).
///
/// With round-trip phase `phi` and amplitude `a`, fields varying as `exp(+j w t)`:
///
/// ```text
/// through = (t1 - t2 a e^{-j phi}) / (1 - t1 t2 a e^{-j phi})
/// drop    = -k1 k2 sqrt(a) e^{-j phi / 2} / (1 - t1 t2 a e^{-j phi})
/// ```
///
/// The phase is linear in optical frequency from the resonance, which leaves out dispersion of the
/// group index within a free spectral range. Splitting by backscatter is not modelled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ring {
    /// A wavelength of resonance.
    pub resonance: Meters,
    /// Radius of the circle.
    pub radius: Meters,
    /// Group index.
    pub group_index: Ratio,
    /// Propagation loss in the ring.
    pub loss: DecibelsPerMeter,
    /// Field transmission past the input coupler, `t1`.
    pub self_coupling: Ratio,
    /// Field transmission past the drop coupler, `t2`; 1 without one.
    pub drop_self_coupling: Ratio,
}

impl Ring {
    /// Refuses a ring whose parameters mean nothing.
    ///
    /// # Errors
    /// A length or index that is not positive, a negative loss, or a coupler outside (0, 1]; the
    /// input coupler must couple (below 1).
    pub fn check(&self) -> Result<(), DeviceError> {
        check_positive("resonance wavelength", self.resonance.value(), "m")?;
        check_positive("ring radius", self.radius.value(), "m")?;
        check_positive("group index", self.group_index.value(), "")?;
        check_non_negative("ring loss", self.loss.value(), "dB/m")?;
        let below_one = 1.0 - f64::EPSILON;
        check(
            "self coupling",
            self.self_coupling.value(),
            (1e-6, below_one),
            "",
        )?;
        check(
            "drop self coupling",
            self.drop_self_coupling.value(),
            (1e-6, 1.0),
            "",
        )
    }

    /// Field transmission past a coupler that takes this share of power.
    pub fn self_coupling_of(power_coupling: Ratio) -> Ratio {
        Ratio::new((1.0 - power_coupling.value()).max(0.0).sqrt())
    }

    /// Circumference.
    pub fn circumference(&self) -> Meters {
        2.0 * PI * self.radius
    }

    /// Field amplitude after one round trip without the couplers.
    pub fn round_trip_amplitude(&self) -> f64 {
        (-(self.loss * self.circumference())).to_amplitude()
    }

    /// Time of one round trip.
    pub fn round_trip_time(&self) -> Seconds {
        Seconds::new(self.group_index.value() * self.circumference().value() / SPEED_OF_LIGHT)
    }

    /// Distance between resonances, `lambda^2 / (n_g L)`.
    pub fn free_spectral_range(&self) -> Meters {
        let lambda = self.resonance.value();
        Meters::new(lambda * lambda / (self.group_index.value() * self.circumference().value()))
    }

    /// Full width at half maximum, `(1 - r) lambda^2 / (pi n_g L sqrt(r))` with `r = t1 t2 a`.
    ///
    /// Good for a finesse above about 5.
    pub fn linewidth(&self) -> Meters {
        let r = self.round_trip_survival();
        self.free_spectral_range() * ((1.0 - r) / (PI * r.sqrt()))
    }

    /// Loaded quality factor, `lambda / FWHM`.
    pub fn quality_factor(&self) -> Ratio {
        Ratio::new(self.resonance / self.linewidth())
    }

    /// Finesse, `FSR / FWHM`.
    pub fn finesse(&self) -> Ratio {
        Ratio::new(self.free_spectral_range() / self.linewidth())
    }

    /// Lifetime of the stored energy, `Q lambda / (2 pi c)`.
    pub fn photon_lifetime(&self) -> Seconds {
        let q = self.quality_factor().value();
        Seconds::new(q * self.resonance.value() / (2.0 * PI * SPEED_OF_LIGHT))
    }

    /// Bandwidth set by the photon lifetime on resonance, `c / (lambda Q)`.
    pub fn photon_bandwidth(&self) -> Hertz {
        Hertz::new(1.0 / (2.0 * PI * self.photon_lifetime().value()))
    }

    /// Round-trip phase beyond a whole number of turns, at a wavelength `detuning` above the
    /// resonance.
    fn phase(&self, detuning: Meters) -> f64 {
        let wavelength = (self.resonance + detuning).value();
        let frequency = -SPEED_OF_LIGHT * detuning.value() / (wavelength * self.resonance.value());
        2.0 * PI * (frequency * self.round_trip_time().value()).fract()
    }

    fn round_trip_survival(&self) -> f64 {
        self.self_coupling.value() * self.drop_self_coupling.value() * self.round_trip_amplitude()
    }

    /// One over `1 - t1 t2 a exp(-j phi)`.
    fn resonance_factor(&self, phase: f64) -> Complex {
        Complex::ONE / (Complex::ONE - Complex::polar(self.round_trip_survival(), -phase))
    }

    /// Through field for light `detuning` above the resonance wavelength.
    pub fn through_field(&self, detuning: Meters) -> Complex {
        let phase = self.phase(detuning);
        let circulated = self.drop_self_coupling.value() * self.round_trip_amplitude();
        (Complex::real(self.self_coupling.value()) - Complex::polar(circulated, -phase))
            * self.resonance_factor(phase)
    }

    /// Drop field; zero for an all-pass ring.
    pub fn drop_field(&self, detuning: Meters) -> Complex {
        let phase = self.phase(detuning);
        let k = |t: Ratio| (1.0 - t.value() * t.value()).max(0.0).sqrt();
        let half_trip = Complex::polar(self.round_trip_amplitude().sqrt(), -0.5 * phase);
        -(half_trip
            * self.resonance_factor(phase)
            * (k(self.self_coupling) * k(self.drop_self_coupling)))
    }

    /// Through power transmission.
    pub fn through(&self, detuning: Meters) -> f64 {
        self.through_field(detuning).norm_sqr()
    }

    /// Drop power transmission.
    pub fn drop(&self, detuning: Meters) -> f64 {
        self.drop_field(detuning).norm_sqr()
    }

    /// Share of the input power that the ring's loss takes, `1 - through - drop`, from the loss
    /// of the circulating power along both halves of the ring.
    pub fn dissipated(&self, detuning: Meters) -> f64 {
        let a = self.round_trip_amplitude();
        let t2 = self.drop_self_coupling.value();
        // Power behind the input coupler; the drop coupler sits half way round.
        self.enhancement(detuning) * ((1.0 - a) + a * t2 * t2 * (1.0 - a))
    }

    /// Circulating power just behind the input coupler over input power.
    pub fn enhancement(&self, detuning: Meters) -> f64 {
        let t = self.self_coupling.value();
        (1.0 - t * t) * self.resonance_factor(self.phase(detuning)).norm_sqr()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use units::Decibels;

    /// Ring filter of the link facts: power coupling 0.04, 15 dB/cm, radius 5 um.
    pub(crate) fn filter() -> Ring {
        Ring {
            resonance: Meters::new(1310e-9),
            radius: Meters::new(5e-6),
            group_index: Ratio::new(4.3),
            loss: DecibelsPerMeter::new(1500.0),
            self_coupling: Ring::self_coupling_of(Ratio::new(0.04)),
            drop_self_coupling: Ring::self_coupling_of(Ratio::new(0.04)),
        }
    }

    #[test]
    fn free_spectral_range_and_width() {
        // 1310^2 / (4.3 * 31.416 um) = 12.70 nm.
        assert!((filter().free_spectral_range().value() - 12.70e-9).abs() < 0.01e-9);
        let half = filter().linewidth() * 0.5;
        let ratio = filter().drop(half) / filter().drop(Meters::new(0.0));
        // The formula replaces an arcsine by its argument: 0.1 % at a finesse of 70.
        assert!((ratio - 0.5).abs() < 1e-3, "{ratio}");
        let fsr_apart = filter().drop(filter().free_spectral_range());
        // Frequency is not exactly linear in wavelength: the next resonance is 1 % of the range off.
        assert!(fsr_apart > 0.1);
    }

    #[test]
    fn drop_loss_is_1_1_db() {
        // k^4 a / (1 - t^2 a)^2 with the values above.
        let loss = Decibels::from_transmission(filter().drop(Meters::new(0.0)));
        assert!((loss.value() - 1.085).abs() < 0.005, "{loss}");
    }

    #[test]
    fn critical_coupling_extinguishes() {
        let mut ring = Ring {
            drop_self_coupling: Ratio::new(1.0),
            ..filter()
        };
        ring.self_coupling = Ratio::new(ring.round_trip_amplitude());
        assert!(ring.through(Meters::new(0.0)) < 1e-25);
        assert!(ring.drop(Meters::new(0.1e-9)).abs() < 1e-25);
    }

    #[test]
    fn phase_convention_of_the_through_field() {
        // exp(+j w t): far from resonance an overcoupled lossless ring delays, so the phase falls
        // with frequency, that is, rises with wavelength.
        let ring = Ring {
            loss: DecibelsPerMeter::new(0.0),
            drop_self_coupling: Ratio::new(1.0),
            ..filter()
        };
        let quarter = ring.free_spectral_range() * 0.25;
        let step = Meters::new(1e-12);
        let turn = ring.through_field(quarter + step) / ring.through_field(quarter);
        assert!(turn.arg() > 0.0);
        assert!((turn.norm() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn power_is_accounted_for() {
        for pm in [0.0, 40.0, 300.0, 6000.0] {
            let d = Meters::new(pm * 1e-12);
            let r = filter();
            let sum = r.through(d) + r.drop(d) + r.dissipated(d);
            assert!((sum - 1.0).abs() < 1e-12, "{pm}: {sum}");
        }
    }
}
