//! Heat transfer of a bank of round pins in cross-flow.

use units::HeatTransferCoefficient;

use super::{Arrangement, Coolant, CoolantError, CoolantNote, Pins};

/// Coefficient of a bank of pins.
#[derive(Debug, Clone, PartialEq)]
pub struct Bank {
    /// Reynolds number on the diameter at the narrowest place.
    pub reynolds: f64,
    /// Nusselt number on the diameter.
    pub nusselt: f64,
    /// Heat transfer coefficient of the pins.
    pub coefficient: HeatTransferCoefficient,
    /// What a reader should know.
    pub notes: Vec<CoolantNote>,
}

/// Zukauskas' correlation `Nu = C Re^m Pr^0.36` on the velocity in the narrowest gap, which is
/// `p / (p - d)` times the superficial one for equal pitches.
///
/// The property ratio `(Pr / Pr_wall)^(1/4)` is taken as one and the bank as deep (20 rows and
/// more); a bank of ten rows is 3 % worse. From 100 to 1000 the pins count as single cylinders.
/// Pins as short as they are thick feel floor and roof, which the correlation of long tubes does
/// not know: within 25 % at best.
///
/// # Errors
/// A coolant without conductivity, viscosity or density, a Reynolds number outside 1 to 2e5, a
/// Prandtl number outside 0.7 to 500.
///
/// # Source
/// A. Zukauskas, *Advances in Heat Transfer* 8 (1972) 93; constants as in Incropera et al.,
/// *Fundamentals of Heat and Mass Transfer*, tables 7.4 and 7.5.
pub fn bank(pins: &Pins, coolant: &Coolant, darcy_m_per_s: f64) -> Result<Bank, CoolantError> {
    let needed = |property: &'static str| CoolantError::Missing {
        property,
        coolant: coolant.name.clone(),
    };
    let k = coolant
        .conductivity
        .ok_or_else(|| needed("conductivity"))?
        .value();
    let mu = coolant
        .viscosity
        .ok_or_else(|| needed("viscosity"))?
        .value();
    let rho = coolant.density.ok_or_else(|| needed("density"))?.value();
    let (d, p) = (pins.diameter.value(), pins.pitch.value());
    let prandtl = mu * coolant.heat_capacity.value() / (rho * k);
    let narrowest = darcy_m_per_s * p / (p - d);
    let reynolds = rho * narrowest * d / mu;
    for (what, value, low, high) in [
        ("Reynolds number of pins", reynolds, 1.0, 2e5),
        ("Prandtl number of pins", prandtl, 0.7, 500.0),
    ] {
        if !(low..=high).contains(&value) {
            return Err(CoolantError::OutOfRange {
                what,
                value,
                low,
                high,
            });
        }
    }
    let (c, m) = match (pins.arrangement, reynolds) {
        // Below ten the constants of single cylinders are all that is known.
        (_, re) if re < 10.0 => (0.75, 0.4),
        (Arrangement::Inline, re) if re < 100.0 => (0.80, 0.40),
        (Arrangement::Staggered, re) if re < 100.0 => (0.90, 0.40),
        (_, re) if re < 1000.0 => (0.51, 0.5),
        (Arrangement::Inline, _) => (0.27, 0.63),
        (Arrangement::Staggered, _) => (0.35, 0.60),
    };
    let nusselt = c * reynolds.powf(m) * prandtl.powf(0.36);
    let notes = if reynolds < 10.0 {
        vec![CoolantNote::Extrapolated {
            what: "Reynolds number of pins",
            value: reynolds,
            low: 10.0,
            high: 2e5,
        }]
    } else {
        Vec::new()
    };
    Ok(Bank {
        reynolds,
        nusselt,
        coefficient: HeatTransferCoefficient::new(nusselt * k / d),
        notes,
    })
}

#[cfg(test)]
mod tests {
    use units::{
        KilogramsPerCubicMeter, Meters, PascalSeconds, ThermalConductivity, VolumetricHeatCapacity,
    };

    use super::*;

    #[test]
    fn a_bank_by_hand() {
        // A coolant of Prandtl number one: Nu = 0.9 Re^0.4 with Re = rho (u p / (p - d)) d / mu =
        // 1000 * 0.1 * 2 * 1e-4 / 1e-3 = 20.
        let coolant = Coolant {
            name: "test".to_owned(),
            heat_capacity: VolumetricHeatCapacity::new(1e6),
            conductivity: Some(ThermalConductivity::new(1.0)),
            viscosity: Some(PascalSeconds::new(1e-3)),
            density: Some(KilogramsPerCubicMeter::new(1000.0)),
        };
        let mut pins = Pins {
            diameter: Meters::new(1e-4),
            pitch: Meters::new(2e-4),
            arrangement: Arrangement::Staggered,
        };
        let found = bank(&pins, &coolant, 0.1).expect("within range");
        assert!((found.reynolds - 20.0).abs() < 1e-12);
        assert!((found.nusselt - 0.9 * 20f64.powf(0.4)).abs() < 1e-12);
        assert!((found.coefficient.value() - found.nusselt * 1e4).abs() < 1e-8);
        pins.arrangement = Arrangement::Inline;
        let inline = bank(&pins, &coolant, 0.1).expect("within range");
        assert!((found.nusselt / inline.nusselt - 0.9 / 0.8).abs() < 1e-12);
        assert!(matches!(
            bank(&pins, &coolant, 1e5),
            Err(CoolantError::OutOfRange { .. })
        ));
    }
}
