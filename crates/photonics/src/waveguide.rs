//! A guide as a circuit element: phase, delay, loss, and absorption that grows with power.

use std::f64::consts::PI;

use units::constants::SPEED_OF_LIGHT;
use units::{
    CarrierCrossSection, Celsius, Decibels, DecibelsPerMeter, Meters, MetersPerKelvin, PerKelvin,
    Ratio, Seconds, SquareMeters, TpaCoefficient, Watts,
};

use crate::complex::Complex;
use crate::error::{DeviceError, check_non_negative, check_positive};
use crate::mode::Mode;

/// Power loss per metre of a loss in decibels per metre: `alpha = dB ln(10) / 10`.
pub(crate) fn nepers_per_meter(loss: DecibelsPerMeter) -> f64 {
    loss.to_per_meter()
}

/// A guide with a linear index over wavelength and temperature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Waveguide {
    /// Wavelength at which the indices are stated.
    pub wavelength: Meters,
    /// Temperature at which the index is stated.
    pub reference_temperature: Celsius,
    /// Effective index.
    pub effective_index: Ratio,
    /// Group index.
    pub group_index: Ratio,
    /// Change of the effective index with temperature.
    pub thermo_optic: PerKelvin,
    /// Propagation loss.
    pub loss: DecibelsPerMeter,
}

impl Waveguide {
    /// A guide with the indices of a solved mode.
    pub fn from_mode(mode: &Mode, reference_temperature: Celsius, loss: DecibelsPerMeter) -> Self {
        Self {
            wavelength: mode.wavelength,
            reference_temperature,
            effective_index: Ratio::new(mode.effective_index),
            group_index: Ratio::new(mode.group_index),
            thermo_optic: mode.thermo_optic,
            loss,
        }
    }

    /// Effective index, `n_eff + (n_eff - n_g) (lambda - lambda0) / lambda0 + (dn/dT) (T - T0)`.
    ///
    /// Group-velocity dispersion is left out: over 10 nm of a silicon strip the error of the
    /// group index is about 0.1 %.
    pub fn index_at(&self, wavelength: Meters, temperature: Celsius) -> Ratio {
        let relative = (wavelength - self.wavelength) / self.wavelength;
        let rise = (temperature - self.reference_temperature).value();
        self.effective_index
            + (self.effective_index - self.group_index) * relative
            + Ratio::new(self.thermo_optic.value() * rise)
    }

    /// Field transfer of a length, `10^(-dB / 20) exp(-j 2 pi n_eff L / lambda)`.
    pub fn field_transfer(
        &self,
        wavelength: Meters,
        temperature: Celsius,
        length: Meters,
    ) -> Complex {
        let turns = self.index_at(wavelength, temperature).value() * (length / wavelength);
        // Whole turns are dropped before the sine and cosine, which lose digits at large angles.
        Complex::polar(
            (-(self.loss * length)).to_amplitude(),
            -2.0 * PI * turns.fract(),
        )
    }

    /// Group delay, `n_g L / c`.
    pub fn group_delay(&self, length: Meters) -> Seconds {
        Seconds::new(self.group_index.value() * length.value() / SPEED_OF_LIGHT)
    }

    /// Shift of a resonance with temperature, `lambda (dn_eff/dT) / n_g`.
    pub fn resonance_drift(&self) -> MetersPerKelvin {
        MetersPerKelvin::new(
            self.wavelength.value() * self.thermo_optic.value() / self.group_index.value(),
        )
    }
}

/// Two-photon absorption and absorption by the carriers that it leaves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NonlinearAbsorption {
    /// Two-photon absorption coefficient.
    pub two_photon: TpaCoefficient,
    /// Effective area of the guide.
    pub effective_area: SquareMeters,
    /// Free-carrier lifetime.
    pub carrier_lifetime: Seconds,
    /// Absorption cross-section of an electron-hole pair.
    pub carrier_cross_section: CarrierCrossSection,
}

impl NonlinearAbsorption {
    /// Power after a length with two-photon absorption alone:
    /// `P0 e^(-alpha L) / (1 + (beta / A) P0 L_eff)`, `L_eff = (1 - e^(-alpha L)) / alpha`.
    ///
    /// # Errors
    /// A negative power, length, loss or coefficient, or an area that is not positive.
    pub fn two_photon_output(
        &self,
        input: Watts,
        length: Meters,
        loss: DecibelsPerMeter,
    ) -> Result<Watts, DeviceError> {
        self.check(input, length, loss)?;
        let alpha = nepers_per_meter(loss);
        let l = length.value();
        let effective = if alpha > 0.0 {
            -(-alpha * l).exp_m1() / alpha
        } else {
            l
        };
        Ok(input * ((-alpha * l).exp() / (1.0 + self.per_watt() * input.value() * effective)))
    }

    /// Steady density of electron-hole pairs at a power, `tau beta P^2 / (2 h nu A^2)`, in m^-3.
    pub fn carrier_density(&self, power: Watts, wavelength: Meters) -> f64 {
        let intensity = power.value() / self.effective_area.value();
        0.5 * self.carrier_lifetime.value() * self.two_photon.value() * intensity * intensity
            / wavelength.to_photon_energy().value()
    }

    /// Power absorbed per metre and watt at a local power: `(beta / A) P + sigma N(P)`, 1/m.
    pub fn absorption_per_meter(&self, power: Watts, wavelength: Meters) -> f64 {
        self.per_watt() * power.value()
            + self.carrier_cross_section.value() * self.carrier_density(power, wavelength)
    }

    /// Power after a length with linear, two-photon and free-carrier absorption,
    /// `dP/dz = -alpha P - (beta / A) P^2 - sigma N(P) P`.
    ///
    /// Fourth-order Runge-Kutta steps for the logarithm of the power, each short enough that the
    /// power falls by less than 5 %; carriers are in their steady state (continuous light).
    ///
    /// # Errors
    /// As [`NonlinearAbsorption::two_photon_output`], or a negative lifetime or cross-section.
    pub fn output(
        &self,
        input: Watts,
        length: Meters,
        loss: DecibelsPerMeter,
        wavelength: Meters,
    ) -> Result<Watts, DeviceError> {
        self.check(input, length, loss)?;
        check_positive("wavelength", wavelength.value(), "m")?;
        check_non_negative("carrier lifetime", self.carrier_lifetime.value(), "s")?;
        check_non_negative(
            "carrier cross-section",
            self.carrier_cross_section.value(),
            "m2",
        )?;
        if input.value() <= 0.0 {
            return Ok(input);
        }
        let alpha = nepers_per_meter(loss);
        let slope =
            |ln_p: f64| -alpha - self.absorption_per_meter(Watts::new(ln_p.exp()), wavelength);
        let (mut ln_p, mut left) = (input.value().ln(), length.value());
        while left > 0.0 {
            let h = left.min(0.05 / slope(ln_p).abs().max(f64::MIN_POSITIVE));
            let k1 = slope(ln_p);
            let k2 = slope(ln_p + 0.5 * h * k1);
            let k3 = slope(ln_p + 0.5 * h * k2);
            let k4 = slope(ln_p + h * k3);
            ln_p += h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4);
            left -= h;
        }
        Ok(Watts::new(ln_p.exp()))
    }

    /// Loss beyond the linear one.
    ///
    /// # Errors
    /// As [`NonlinearAbsorption::output`], or an input power of zero.
    pub fn excess_loss(
        &self,
        input: Watts,
        length: Meters,
        loss: DecibelsPerMeter,
        wavelength: Meters,
    ) -> Result<Decibels, DeviceError> {
        check_positive("input power", input.value(), "W")?;
        let output = self.output(input, length, loss, wavelength)?;
        Ok(Decibels::from_transmission(output / input) - loss * length)
    }

    fn per_watt(&self) -> f64 {
        self.two_photon.value() / self.effective_area.value()
    }

    fn check(
        &self,
        input: Watts,
        length: Meters,
        loss: DecibelsPerMeter,
    ) -> Result<(), DeviceError> {
        check_non_negative("input power", input.value(), "W")?;
        check_non_negative("length", length.value(), "m")?;
        check_non_negative("propagation loss", loss.value(), "dB/m")?;
        check_non_negative("two-photon absorption", self.two_photon.value(), "m/W")?;
        check_positive("effective area", self.effective_area.value(), "m2")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use units::DbMilliwatts;

    const WAVELENGTH: Meters = Meters::new(1310e-9);

    fn silicon() -> NonlinearAbsorption {
        NonlinearAbsorption {
            two_photon: TpaCoefficient::new(0.7e-11),
            effective_area: SquareMeters::new(0.1e-12),
            carrier_lifetime: Seconds::new(1e-9),
            carrier_cross_section: CarrierCrossSection::new(0.0),
        }
    }

    #[test]
    fn a_loss_of_thousands_of_decibels_per_metre_stays_finite() {
        // A doped ring loses 90 dB/cm: 9000 dB/m are 2072.3 /m.
        let alpha = nepers_per_meter(DecibelsPerMeter::new(9000.0));
        assert!((alpha - 2_072.326_583_7).abs() < 1e-6, "{alpha}");
    }

    #[test]
    fn two_photon_loss_of_5_mm() {
        // beta 0.7 cm/GW, 0.1 um2, 5 mm, 2 dB/cm: 10 log10(1 + beta P Leff / A).
        let (length, loss) = (Meters::new(5e-3), DecibelsPerMeter::new(200.0));
        for (dbm, expected) in [(20.0, 0.13), (23.0, 0.26)] {
            let input = DbMilliwatts::new(dbm).to_watts();
            let excess = silicon()
                .excess_loss(input, length, loss, WAVELENGTH)
                .unwrap();
            assert!((excess.value() - expected).abs() < 0.005, "{dbm}: {excess}");
            let closed = silicon().two_photon_output(input, length, loss).unwrap();
            let stepped = silicon().output(input, length, loss, WAVELENGTH).unwrap();
            // Fourth order with steps of 5 %: far below 1e-7.
            assert!((stepped / closed - 1.0).abs() < 1e-7);
        }
    }

    #[test]
    fn carriers_alone_have_a_closed_form_too() {
        // With beta's direct loss negligible, dP/dz = -g P^3 gives P = P0 / sqrt(1 + 2 g P0^2 L).
        let absorber = NonlinearAbsorption {
            two_photon: TpaCoefficient::new(0.7e-20),
            carrier_lifetime: Seconds::new(1.0),
            carrier_cross_section: CarrierCrossSection::new(1.45e-21),
            ..silicon()
        };
        let (input, length) = (Watts::new(0.3), Meters::new(0.05));
        let g = absorber.carrier_cross_section.value()
            * absorber.carrier_density(Watts::new(1.0), WAVELENGTH);
        let closed = 0.3 / (1.0 + 2.0 * g * 0.09 * 0.05).sqrt();
        let stepped = absorber
            .output(input, length, DecibelsPerMeter::new(0.0), WAVELENGTH)
            .unwrap();
        assert!((stepped.value() / closed - 1.0).abs() < 1e-6, "{stepped}");
        assert!(closed < 0.29);
    }

    #[test]
    fn phase_falls_with_length() {
        // exp(+j w t) with exp(-j beta L): a quarter wave turns the field by -90 degrees.
        let guide = Waveguide {
            wavelength: WAVELENGTH,
            reference_temperature: Celsius::new(25.0),
            effective_index: Ratio::new(2.5),
            group_index: Ratio::new(4.2),
            thermo_optic: PerKelvin::new(2e-4),
            loss: DecibelsPerMeter::new(200.0),
        };
        let quarter = Meters::new(1310e-9 / 2.5 / 4.0);
        let h = guide.field_transfer(WAVELENGTH, Celsius::new(25.0), quarter);
        assert!((h.arg() + 0.5 * PI).abs() < 1e-9);
        let cm = guide.field_transfer(WAVELENGTH, Celsius::new(25.0), Meters::new(0.01));
        assert!((cm.norm_sqr() - Decibels::new(2.0).to_transmission()).abs() < 1e-12);
        // 1310 nm * 2e-4 / 4.2 = 62.4 pm/K.
        assert!((guide.resonance_drift().value() - 62.38e-12).abs() < 0.01e-12);
    }
}
