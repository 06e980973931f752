//! The voltage that a part finds at its supply.
//!
//! A rail is held at its voltage where it is made, and its way to the part has a resistance. A part
//! behind converters takes a power, not a current: the less voltage it finds, the more current it takes.

use system::parts::{Engine, LaserModule};
use units::{Ohms, Sourced, Volts, Watts};

/// A rail as described.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Supply {
    /// Where it is held.
    pub voltage: Volts,
    /// Of the way to the part and back.
    pub resistance: Ohms,
}

/// A part takes more than its rail can bring.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error(
    "the supply collapses: {needed_w:.3} W are taken, and {voltage_v} V over {resistance_ohm} ohm bring {most_w:.3} W at the most"
)]
pub struct SupplyCollapse {
    /// What the part takes, W.
    pub needed_w: f64,
    /// The most that the rail brings, W.
    pub most_w: f64,
    /// Of the rail, V.
    pub voltage_v: f64,
    /// Of its way, ohm.
    pub resistance_ohm: f64,
}

impl Supply {
    fn new(voltage: Option<&Sourced<Volts>>, resistance: Option<&Sourced<Ohms>>) -> Option<Self> {
        Some(Self {
            voltage: voltage?.value,
            resistance: resistance?.value,
        })
    }

    /// Of an engine; none where none is described.
    pub fn of_engine(part: &Engine) -> Option<Self> {
        Self::new(
            part.supply_voltage.as_ref(),
            part.supply_resistance.as_ref(),
        )
    }

    /// Of a laser module; none where none is described.
    pub fn of_module(part: &LaserModule) -> Option<Self> {
        Self::new(
            part.supply_voltage.as_ref(),
            part.supply_resistance.as_ref(),
        )
    }

    /// The most that the rail brings: `V0^2 / (4 R)`, with half of its voltage left; infinite without
    /// resistance.
    pub fn greatest_power(self) -> Watts {
        let volts = self.voltage.value();
        Watts::new(volts * volts / (4.0 * self.resistance.value()))
    }

    /// The voltage at a part that takes a power: the greater root of `V = V0 - R P / V`, which is the
    /// stable one.
    ///
    /// # Errors
    /// More than [`greatest_power`](Self::greatest_power): there is no such voltage.
    pub fn voltage_at(self, power: Watts) -> Result<Volts, SupplyCollapse> {
        let most = self.greatest_power();
        let (needed_w, most_w) = (power.value(), most.value());
        // Not a comparison that a number which is none passes.
        if needed_w <= most_w {
            let root = (1.0 - needed_w / most_w).sqrt();
            return Ok(self.voltage * (0.5 * (1.0 + root)));
        }
        Err(SupplyCollapse {
            needed_w,
            most_w,
            voltage_v: self.voltage.value(),
            resistance_ohm: self.resistance.value(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn supply(volts: f64, ohm: f64) -> Supply {
        Supply {
            voltage: Volts::new(volts),
            resistance: Ohms::new(ohm),
        }
    }

    #[test]
    fn closed_forms() {
        // 1 V at 2 A: 2 W over 1 ohm of a rail of 3 V.
        let v = supply(3.0, 1.0).voltage_at(Watts::new(2.0)).unwrap();
        assert!((v.value() - 2.0).abs() < 1e-15, "{v}");
        // At the most, half of the voltage is left.
        let rail = supply(3.3, 0.005);
        let most = rail.greatest_power();
        assert!((most.value() - 544.5).abs() < 1e-9, "{most}");
        let v = rail.voltage_at(most).unwrap();
        assert!((v.value() - 1.65).abs() < 1e-12, "{v}");
        // Without a load or without a resistance, all of it.
        for (rail, watts) in [(rail, 0.0), (supply(3.3, 0.0), 1e6)] {
            let v = rail.voltage_at(Watts::new(watts)).unwrap();
            assert!((v.value() - 3.3).abs() < 1e-15, "{v}");
        }
    }

    #[test]
    fn a_rail_that_cannot_bring_it_says_so() {
        let rail = supply(3.3, 0.005);
        let error = rail.voltage_at(Watts::new(545.0)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the supply collapses: 545.000 W are taken, and 3.3 V over 0.005 ohm bring 544.500 W at the most"
        );
        assert!(rail.voltage_at(Watts::new(f64::NAN)).is_err());
    }
}
