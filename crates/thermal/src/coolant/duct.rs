//! Flow and heat transfer in rectangular ducts.
//!
//! Developed laminar flow follows the polynomials of Shah and London in the aspect ratio
//! `a = short / long` (0 for plates, 1 for a square); the entrance adds to it. Above a Reynolds
//! number of 2300 the correlations of Petukhov and Gnielinski take over.
//!
//! # Source
//! R. K. Shah and A. L. London, *Laminar Flow Forced Convection in Ducts* (1978), chapter VII;
//! V. Gnielinski, *Int. J. Heat Mass Transfer* 63 (2013) 134.

use units::{
    HeatTransferCoefficient, KilogramsPerCubicMeter, PascalSeconds, Pascals, VolumeFlow, Watts,
};

use super::{Coolant, CoolantError, CoolantNote, Entry, WallHeat};

/// Reynolds number up to which duct flow is laminar.
pub const LAMINAR_LIMIT: f64 = 2300.0;

/// Reynolds number from which it is taken as turbulent; between the two the correlations are
/// joined linearly (Gnielinski 2013, equation 15).
pub const TURBULENT_FROM: f64 = 4000.0;

/// Reynolds number beyond which Gnielinski's correlation is not stated.
pub const TURBULENT_LIMIT: f64 = 5e6;

/// A straight duct of rectangular cross-section.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Duct {
    /// Width and height of the section, then the length.
    extents_m: [f64; 3],
}

/// Flow in one duct.
#[derive(Debug, Clone, PartialEq)]
pub struct DuctFlow {
    /// Volume flow.
    pub flow: VolumeFlow,
    /// Mean velocity, m/s.
    pub velocity_m_per_s: f64,
    /// Reynolds number on the hydraulic diameter, where viscosity and density are known.
    pub reynolds: Option<f64>,
    /// Nusselt number on the hydraulic diameter, where the conductivity is known.
    pub nusselt: Option<f64>,
    /// Heat transfer coefficient.
    pub coefficient: Option<HeatTransferCoefficient>,
    /// Pressure between inlet and outlet, where the viscosity is known.
    pub pressure_drop: Option<Pascals>,
    /// Flow times pressure.
    pub pumping_power: Option<Watts>,
    /// What a reader should know.
    pub notes: Vec<CoolantNote>,
}

impl Duct {
    /// From width, height and length in metres, all positive.
    pub const fn new(width_m: f64, height_m: f64, length_m: f64) -> Self {
        Self {
            extents_m: [width_m, height_m, length_m],
        }
    }

    /// Width, m.
    pub const fn width_m(&self) -> f64 {
        self.extents_m[0]
    }

    /// Height, m.
    pub const fn height_m(&self) -> f64 {
        self.extents_m[1]
    }

    /// Length, m.
    pub const fn length_m(&self) -> f64 {
        self.extents_m[2]
    }

    /// Cross-section, m^2.
    pub const fn area_m2(&self) -> f64 {
        self.width_m() * self.height_m()
    }

    /// Short side over long side.
    pub fn aspect(&self) -> f64 {
        let [a, b, _] = self.extents_m;
        a.min(b) / a.max(b)
    }

    /// Hydraulic diameter: four times the cross-section over its perimeter, m.
    pub fn hydraulic_diameter_m(&self) -> f64 {
        2.0 * self.area_m2() / (self.width_m() + self.height_m())
    }

    /// `f Re` of developed laminar flow with Fanning's `f`: 14.23 of a square, 24 of plates.
    ///
    /// # Source
    /// Shah and London 1978, chapter VII; within 0.05 % of the exact series.
    pub fn friction_constant(&self) -> f64 {
        let c = [1.0, -1.3553, 1.9467, -1.7012, 0.9564, -0.2537];
        24.0 * polynomial(&c, self.aspect())
    }

    /// Nusselt number of developed laminar flow with all four walls heated: from 3.61 (square) to
    /// 8.235 (plates) at uniform flux, from 2.98 to 7.541 at uniform temperature.
    ///
    /// # Source
    /// Shah and London 1978, chapter VII; within 0.1 % of the exact values.
    pub fn nusselt(&self, walls: WallHeat) -> f64 {
        match walls {
            WallHeat::UniformFlux => {
                let c = [1.0, -2.0421, 3.0853, -2.4765, 1.0578, -0.1861];
                8.235 * polynomial(&c, self.aspect())
            }
            WallHeat::UniformTemperature => {
                let c = [1.0, -2.610, 4.970, -5.119, 2.702, -0.548];
                7.541 * polynomial(&c, self.aspect())
            }
        }
    }

    /// Pressure for each volume flow in developed laminar flow: `2 (f Re) mu L / (A D^2)`,
    /// Pa s/m^3.
    pub fn laminar_resistance(&self, viscosity_pa_s: f64) -> f64 {
        let d = self.hydraulic_diameter_m();
        2.0 * self.friction_constant() * viscosity_pa_s * self.length_m() / (self.area_m2() * d * d)
    }

    /// What a volume flow does in the duct. Properties that the coolant does not state leave their
    /// results empty.
    ///
    /// Without viscosity and density the flow is taken as laminar, and a note says so. From a
    /// Reynolds number of 2300 to 4000 laminar and turbulent values are joined linearly, and a note
    /// says so.
    ///
    /// # Errors
    /// A Reynolds number beyond 5e6, or turbulent flow of a Prandtl number outside 0.5 to 2000.
    pub fn flow(
        &self,
        coolant: &Coolant,
        flow: VolumeFlow,
        walls: WallHeat,
        entry: Entry,
    ) -> Result<DuctFlow, CoolantError> {
        let d = self.hydraulic_diameter_m();
        let velocity = flow.value() / self.area_m2();
        let viscosity = coolant.viscosity.map(PascalSeconds::value);
        let density = coolant.density.map(KilogramsPerCubicMeter::value);
        let reynolds = viscosity
            .zip(density)
            .map(|(mu, rho)| rho * velocity * d / mu);
        let mut notes = Vec::new();
        match reynolds {
            None => notes.push(CoolantNote::RegimeUnknown {
                coolant: coolant.name.clone(),
            }),
            Some(reynolds) if reynolds > TURBULENT_LIMIT => {
                return Err(CoolantError::OutOfRange {
                    what: "Reynolds number",
                    value: reynolds,
                    low: 0.0,
                    high: TURBULENT_LIMIT,
                });
            }
            Some(reynolds) if reynolds > TURBULENT_FROM => {
                notes.push(CoolantNote::Turbulent { reynolds });
            }
            Some(reynolds) if reynolds > LAMINAR_LIMIT => {
                notes.push(CoolantNote::Transitional { reynolds });
            }
            Some(_) => {}
        }
        let peclet = coolant
            .conductivity
            .map(|k| velocity * d * coolant.heat_capacity.value() / k.value());
        let nusselt = match (peclet, coolant.prandtl()) {
            (None, _) => None,
            (Some(peclet), Some(prandtl)) => {
                Some(self.mean_nusselt(peclet, prandtl, walls, entry)?)
            }
            (Some(peclet), None) => Some(self.laminar_nusselt(peclet, walls, entry)),
        };
        let coefficient = nusselt
            .zip(coolant.conductivity)
            .map(|(nu, k)| HeatTransferCoefficient::new(nu * k.value() / d));
        let pressure_drop = viscosity.map(|mu| {
            let laminar = self.laminar_resistance(mu) * flow.value();
            let pressure = match (reynolds, density) {
                (Some(reynolds), Some(rho)) if reynolds > 0.0 => {
                    let dynamic = rho * velocity * velocity / 2.0;
                    4.0 * self.fanning_friction(reynolds, entry) * self.length_m() / d * dynamic
                }
                _ => laminar,
            };
            Pascals::new(pressure)
        });
        Ok(DuctFlow {
            flow,
            velocity_m_per_s: velocity,
            reynolds,
            nusselt,
            coefficient,
            pressure_drop,
            pumping_power: pressure_drop.map(|p| flow * p),
            notes,
        })
    }

    /// Mean Nusselt number over the length for a Peclet number `Re Pr`.
    fn mean_nusselt(
        &self,
        peclet: f64,
        prandtl: f64,
        walls: WallHeat,
        entry: Entry,
    ) -> Result<f64, CoolantError> {
        let reynolds = peclet / prandtl;
        if reynolds <= LAMINAR_LIMIT {
            return Ok(self.laminar_nusselt(peclet, walls, entry));
        }
        if !(0.5..=2000.0).contains(&prandtl) {
            return Err(CoolantError::OutOfRange {
                what: "Prandtl number of turbulent flow",
                value: prandtl,
                low: 0.5,
                high: 2000.0,
            });
        }
        Ok(joined(
            reynolds,
            |re| self.laminar_nusselt(re * prandtl, walls, entry),
            |re| gnielinski(re, prandtl),
        ))
    }

    /// Mean over the length: Hausen's form for walls of one temperature, the cubic mean of
    /// developed value and Leveque's for walls of one flux, each with the developed value of this
    /// cross-section instead of that of a tube.
    ///
    /// # Source
    /// H. Hausen 1943, `Nu = Nu_T + 0.0668 Gz / (1 + 0.04 Gz^(2/3))`; VDI Heat Atlas G1, mean at
    /// uniform flux `(Nu_H^3 + 0.6^3 + (1.953 Gz^(1/3) - 0.6)^3)^(1/3)`; `Gz = Re Pr D / L`. Both are
    /// of tubes; for other sections the hydraulic diameter makes them an approximation.
    fn laminar_nusselt(&self, peclet: f64, walls: WallHeat, entry: Entry) -> f64 {
        let developed = self.nusselt(walls);
        let graetz = peclet * self.hydraulic_diameter_m() / self.length_m();
        match (entry, walls) {
            (Entry::Developed, _) => developed,
            (Entry::Developing, WallHeat::UniformTemperature) => {
                developed + 0.0668 * graetz / (1.0 + 0.04 * graetz.powf(2.0 / 3.0))
            }
            (Entry::Developing, WallHeat::UniformFlux) => {
                let entrance = (1.953 * graetz.cbrt() - 0.6).max(0.0);
                (developed.powi(3) + 0.6f64.powi(3) + entrance.powi(3)).cbrt()
            }
        }
    }

    /// Fanning's friction factor, mean over the length.
    ///
    /// # Source
    /// Laminar entrance: Muzychka and Yovanovich, AIAA 98-2492, `f Re = sqrt((f Re)_developed^2 +
    /// (3.44 / sqrt(L / (D Re)))^2)`. Turbulent: Petukhov, `(0.79 ln Re - 1.64)^-2 / 4`.
    fn fanning_friction(&self, reynolds: f64, entry: Entry) -> f64 {
        let laminar = |re: f64| {
            let developed = self.friction_constant();
            let entrance = match entry {
                Entry::Developed => 0.0,
                Entry::Developing => {
                    3.44 / (self.length_m() / (self.hydraulic_diameter_m() * re)).sqrt()
                }
            };
            developed.hypot(entrance) / re
        };
        joined(reynolds, laminar, |re| petukhov(re) / 4.0)
    }
}

/// Laminar up to one limit, turbulent from another, linear between.
fn joined(reynolds: f64, laminar: impl Fn(f64) -> f64, turbulent: impl Fn(f64) -> f64) -> f64 {
    if reynolds <= LAMINAR_LIMIT {
        return laminar(reynolds);
    }
    if reynolds >= TURBULENT_FROM {
        return turbulent(reynolds);
    }
    let share = (reynolds - LAMINAR_LIMIT) / (TURBULENT_FROM - LAMINAR_LIMIT);
    (1.0 - share) * laminar(LAMINAR_LIMIT) + share * turbulent(TURBULENT_FROM)
}

/// Darcy's friction factor of a smooth duct (Petukhov 1970).
fn petukhov(reynolds: f64) -> f64 {
    (0.79 * reynolds.ln() - 1.64).powi(-2)
}

/// Turbulent Nusselt number (Gnielinski 1976), 3000 to 5e6.
fn gnielinski(reynolds: f64, prandtl: f64) -> f64 {
    let f = petukhov(reynolds) / 8.0;
    f * (reynolds - 1000.0) * prandtl / (1.0 + 12.7 * f.sqrt() * (prandtl.powf(2.0 / 3.0) - 1.0))
}

fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

#[cfg(test)]
mod tests {
    use units::{ThermalConductivity, VolumetricHeatCapacity};

    use super::*;

    /// `nu`, `Pr` and `k` of one: Reynolds and Peclet numbers are velocity times diameter.
    fn unit_coolant() -> Coolant {
        Coolant {
            name: "unit".to_owned(),
            heat_capacity: VolumetricHeatCapacity::new(1.0),
            conductivity: Some(ThermalConductivity::new(1.0)),
            viscosity: Some(PascalSeconds::new(1.0)),
            density: Some(KilogramsPerCubicMeter::new(1.0)),
        }
    }

    /// `f Re` from the series solution of the velocity in a rectangle: `24 / ((1 + a)^2 (1 - 192 a /
    /// pi^5 sum tanh(n pi / 2a) / n^5))`, n odd (Shah and London 1978, chapter VII).
    fn exact_friction(a: f64) -> f64 {
        let pi = std::f64::consts::PI;
        let terms = (0..200).map(|i| f64::from(2 * i + 1));
        let sum: f64 = terms.map(|n| (n * pi / (2.0 * a)).tanh() / n.powi(5)).sum();
        24.0 / ((1.0 + a).powi(2) * (1.0 - 192.0 * a / pi.powi(5) * sum))
    }

    #[test]
    fn friction_is_that_of_the_series() {
        for a in [0.05, 0.1, 0.2, 0.25, 0.5, 0.75, 1.0] {
            let found = Duct::new(a, 1.0, 1.0).friction_constant();
            assert!(
                (found / exact_friction(a) - 1.0).abs() < 6e-4,
                "{a} {found}"
            );
            assert!((found - Duct::new(1.0, a, 1.0).friction_constant()).abs() < 1e-12);
        }
    }

    /// Shah and London 1978, chapter VII: all four walls heated.
    #[test]
    fn nusselt_numbers_of_the_table() {
        for (a, flux, temperature) in [
            (1.0, 3.608, 2.976),
            (0.5, 4.123, 3.391),
            (0.25, 5.331, 4.439),
            (0.125, 6.490, 5.597),
        ] {
            let duct = Duct::new(a, 1.0, 1.0);
            assert!((duct.nusselt(WallHeat::UniformFlux) / flux - 1.0).abs() < 2e-3);
            assert!((duct.nusselt(WallHeat::UniformTemperature) / temperature - 1.0).abs() < 3e-3);
        }
    }

    #[test]
    fn pressure_and_coefficient_of_a_square() {
        let duct = Duct::new(1.0, 1.0, 100.0);
        let flow = |velocity: f64, entry| {
            let flow = VolumeFlow::new(velocity);
            let found = duct.flow(&unit_coolant(), flow, WallHeat::UniformTemperature, entry);
            found.expect("within range")
        };
        let developed = flow(100.0, Entry::Developed);
        // Darcy: 4 f L / D u^2 / 2 with f Re = 14.23.
        let pressure = 4.0 * duct.friction_constant() / 100.0 * 100.0 * 100.0f64.powi(2) / 2.0;
        let found = developed.pressure_drop.expect("viscosity").value();
        assert!((found / pressure - 1.0).abs() < 1e-12);
        assert!((found / (duct.laminar_resistance(1.0) * 100.0) - 1.0).abs() < 1e-12);
        assert!(
            (developed.coefficient.expect("k").value() - developed.nusselt.expect("k")).abs()
                < 1e-12
        );
        assert!(developed.notes.is_empty());
        // The entrance always adds, and vanishes in a long duct.
        let developing = flow(100.0, Entry::Developing);
        assert!(
            developing.nusselt > developed.nusselt
                && developing.pressure_drop > developed.pressure_drop
        );
        let slow = flow(0.01, Entry::Developing).nusselt.expect("k");
        assert!((slow / developed.nusselt.expect("k") - 1.0).abs() < 1e-3);
        // Hausen, by hand: Gz = 100 * 1 / 100 = 1.
        let hausen = duct.nusselt(WallHeat::UniformTemperature) + 0.0668 / 1.04;
        assert!((developing.nusselt.expect("k") - hausen).abs() < 1e-12);
    }

    /// Incropera et al., section 8.5: at Re = 1e4 and Pr = 1, Petukhov's f is 0.0315 and Gnielinski
    /// gives Nu = f/8 (Re - 1000).
    #[test]
    fn turbulence_and_its_limits() {
        let duct = Duct::new(1.0, 1.0, 10.0);
        let flow = |reynolds: f64| {
            let flow = VolumeFlow::new(reynolds);
            duct.flow(
                &unit_coolant(),
                flow,
                WallHeat::UniformFlux,
                Entry::Developed,
            )
        };
        let turbulent = flow(1e4).expect("within range");
        assert!(matches!(
            turbulent.notes.as_slice(),
            [CoolantNote::Turbulent { .. }]
        ));
        let f = petukhov(1e4);
        assert!((f - 0.0315).abs() < 1e-4);
        assert!((turbulent.nusselt.expect("k") / (f / 8.0 * 9000.0) - 1.0).abs() < 1e-12);
        // Between the two nothing jumps.
        for limit in [LAMINAR_LIMIT, TURBULENT_FROM] {
            let [below, above] =
                [0.999_999, 1.000_001].map(|by| flow(limit * by).expect("within range"));
            let ratio = above.nusselt.expect("k") / below.nusselt.expect("k");
            assert!((ratio - 1.0).abs() < 1e-5);
            let ratio = above.pressure_drop.expect("mu") / below.pressure_drop.expect("mu");
            assert!((ratio - 1.0).abs() < 1e-5);
        }
        assert!(matches!(
            flow(3000.0).expect("within range").notes.as_slice(),
            [CoolantNote::Transitional { .. }]
        ));
        assert!(matches!(flow(6e6), Err(CoolantError::OutOfRange { .. })));
        let mut unknown = unit_coolant();
        unknown.density = None;
        let laminar = duct.flow(
            &unknown,
            VolumeFlow::new(1e4),
            WallHeat::UniformFlux,
            Entry::Developed,
        );
        let laminar = laminar.expect("taken as laminar");
        assert!(matches!(
            laminar.notes.as_slice(),
            [CoolantNote::RegimeUnknown { .. }]
        ));
        assert_eq!(laminar.nusselt, Some(duct.nusselt(WallHeat::UniformFlux)));
    }
}
