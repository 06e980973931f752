//! Self-heating of a ring by the light it absorbs, and bistability.
//!
//! The stored energy obeys
//!
//! ```text
//! U ((d - D(U))^2 + h(U)^2) = U_1 P h_0^2
//! ```
//!
//! with the detuning `d` from the cold resonance, the half linewidth `h` (widened by nonlinear
//! loss), the energy `U_1` stored per watt on resonance, and the thermal shift
//! `D = K (f g_lin + g_tpa + g_fca) U`. For linear absorption this is the cubic
//! `x (1 + (y - x)^2) = p` with three solutions where `p` exceeds `8 / (3 sqrt 3)` and `y` is
//! right.
//!
//! Carriers are in their steady state; their blue shift and the Kerr effect are left out. Valid
//! for a finesse well above 1 and shifts below a free spectral range.

use std::f64::consts::PI;

use units::constants::SPEED_OF_LIGHT;
use units::{DecibelsPerMeter, Joules, Meters, MetersPerWatt, Ratio, Watts};

use crate::error::{DeviceError, check, check_non_negative};
use crate::ring::Ring;
use crate::waveguide::{NonlinearAbsorption, nepers_per_meter};

/// A ring that absorbed light heats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeatedRing {
    /// The cold ring.
    pub ring: Ring,
    /// Shift of the resonance per watt of heat in the ring.
    pub shift_per_heat: MetersPerWatt,
    /// Part of the linear loss that turns to heat; the rest is scattered.
    pub absorbed_fraction: Ratio,
    /// Two-photon and free-carrier absorption, where the material has it.
    pub nonlinear: Option<NonlinearAbsorption>,
}

/// One steady state.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ThermalState {
    /// Stored energy.
    pub stored_energy: Joules,
    /// Heat in the ring.
    pub heat: Watts,
    /// Shift of the resonance.
    pub shift: Meters,
    /// Power transmission to the through port.
    pub through: f64,
    /// Power transmission to the drop port.
    pub drop: f64,
    /// Whether a small disturbance dies out.
    pub is_stable: bool,
}

/// Rates of a ring that holds a given energy.
struct Rates {
    /// Shift of the resonance and half linewidth, m.
    shift: f64,
    half_width: f64,
    /// Heat, W, and nonlinear loss per metre.
    heat: f64,
    nonlinear_per_meter: f64,
}

impl HeatedRing {
    /// All steady states for an input power and a detuning (laser minus cold resonance), in the
    /// order of rising stored energy; one, or three of which the middle one is unstable.
    ///
    /// # Errors
    /// Parameters out of range, a negative power or a non-finite detuning.
    pub fn steady_states(
        &self,
        input: Watts,
        detuning: Meters,
    ) -> Result<Vec<ThermalState>, DeviceError> {
        /// Grid points over eight decades of energy: neighbours differ by 0.5 %, and solutions
        /// that are closer together than that are at the fold, where they merge anyway.
        const POINTS: u32 = 4000;
        self.check(input)?;
        check("detuning", detuning.value(), (-f64::MAX, f64::MAX), "m")?;
        let drive = self.energy_per_watt() * input.value();
        if drive <= 0.0 {
            return Ok(vec![self.state(0.0, detuning, true)]);
        }
        let h0 = 0.5 * self.ring.linewidth().value();
        let excess = |u: f64| {
            let rates = self.rates(u);
            let off = detuning.value() - rates.shift;
            u * (off * off + rates.half_width.powi(2)) / (h0 * h0) - drive
        };
        // Far from resonance the energy is below the drive by the squared detuning.
        let far = 1.0 + (detuning.value() / h0).powi(2);
        let lowest = 1e-3 / far;
        let ratio = (1.0 / lowest).ln() / f64::from(POINTS);
        let mut states = Vec::new();
        let (mut below, mut was_short) = (0.0, true);
        for i in 0..=POINTS {
            // The last point lies a little beyond the greatest possible energy.
            let u = drive * lowest * (ratio * (f64::from(i) + 0.5)).exp();
            let is_short = excess(u) < 0.0;
            if is_short != was_short {
                let (mut low, mut high) = (below, u);
                for _ in 0..80 {
                    let middle = 0.5 * (low + high);
                    if (excess(middle) < 0.0) == was_short {
                        low = middle;
                    } else {
                        high = middle;
                    }
                }
                // Where energy is short below and in excess above, more energy than balance heats
                // too little to sustain itself.
                states.push(self.state(0.5 * (low + high), detuning, was_short));
            }
            below = u;
            was_short = is_short;
        }
        Ok(states)
    }

    /// Number of stable states.
    ///
    /// # Errors
    /// As [`HeatedRing::steady_states`].
    pub fn stable_states(&self, input: Watts, detuning: Meters) -> Result<usize, DeviceError> {
        let states = self.steady_states(input, detuning)?;
        Ok(states.iter().filter(|state| state.is_stable).count())
    }

    /// The state of a ring that a lock holds at a detuning from its *hot* resonance. There is
    /// exactly one: with the detuning held, energy rises with power and nothing runs away. The
    /// laser stands at `hot_detuning + shift` from the cold resonance.
    ///
    /// # Errors
    /// As [`HeatedRing::steady_states`].
    pub fn locked_state(
        &self,
        input: Watts,
        hot_detuning: Meters,
    ) -> Result<ThermalState, DeviceError> {
        self.check(input)?;
        check("detuning", hot_detuning.value(), (-f64::MAX, f64::MAX), "m")?;
        let drive = self.energy_per_watt() * input.value();
        let h0 = 0.5 * self.ring.linewidth().value();
        let excess = |u: f64| {
            let half_width = self.rates(u).half_width;
            u * (hot_detuning.value().powi(2) + half_width.powi(2)) / (h0 * h0) - drive
        };
        // Absorption widens the line, so that the energy never exceeds the drive.
        let (mut low, mut high) = (0.0, drive);
        for _ in 0..100 {
            let middle = 0.5 * (low + high);
            if excess(middle) < 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        let energy = 0.5 * (low + high);
        let cold = hot_detuning + Meters::new(self.rates(energy).shift);
        Ok(self.state(energy, cold, true))
    }

    /// Input power above which some detuning has two stable states, from linear absorption alone:
    /// `8 / (3 sqrt 3) h_0 / (K f g_lin U_1)`. Infinite when nothing is absorbed. Nonlinear
    /// absorption lowers it.
    ///
    /// # Errors
    /// Parameters out of range.
    pub fn linear_bistability_threshold(&self) -> Result<Watts, DeviceError> {
        self.check(Watts::new(0.0))?;
        let shift_per_watt = self.shift_per_heat.value()
            * self.absorbed_fraction.value()
            * self.linear_rate()
            * self.energy_per_watt();
        let h0 = 0.5 * self.ring.linewidth().value();
        Ok(Watts::new(8.0 / (3.0 * 3f64.sqrt()) * h0 / shift_per_watt))
    }

    fn check(&self, input: Watts) -> Result<(), DeviceError> {
        self.ring.check()?;
        check_non_negative("input power", input.value(), "W")?;
        check_non_negative("shift per heat", self.shift_per_heat.value(), "m/W")?;
        check(
            "absorbed fraction",
            self.absorbed_fraction.value(),
            (0.0, 1.0),
            "",
        )
    }

    /// Stored energy per input watt on resonance, J/W: enhancement times round-trip time.
    fn energy_per_watt(&self) -> f64 {
        self.ring.enhancement(Meters::new(0.0)) * self.ring.round_trip_time().value()
    }

    fn group_velocity(&self) -> f64 {
        SPEED_OF_LIGHT / self.ring.group_index.value()
    }

    /// Rate of linear loss of energy, 1/s.
    fn linear_rate(&self) -> f64 {
        nepers_per_meter(self.ring.loss) * self.group_velocity()
    }

    fn rates(&self, energy: f64) -> Rates {
        let circulating = Watts::new(energy / self.ring.round_trip_time().value());
        let nonlinear_per_meter = self.nonlinear.map_or(0.0, |absorber| {
            absorber.absorption_per_meter(circulating, self.ring.resonance)
        });
        let nonlinear_rate = nonlinear_per_meter * self.group_velocity();
        let heat = (self.absorbed_fraction.value() * self.linear_rate() + nonlinear_rate) * energy;
        // Half the energy rate is the amplitude rate; in wavelength lambda^2 / (2 pi c) times it.
        let to_wavelength = self.ring.resonance.value().powi(2) / (2.0 * PI * SPEED_OF_LIGHT);
        Rates {
            shift: self.shift_per_heat.value() * heat,
            half_width: 0.5 * self.ring.linewidth().value() + 0.5 * nonlinear_rate * to_wavelength,
            heat,
            nonlinear_per_meter,
        }
    }

    fn state(&self, energy: f64, detuning: Meters, is_stable: bool) -> ThermalState {
        let rates = self.rates(energy);
        let shift = Meters::new(rates.shift);
        let nepers_per_decibel = DecibelsPerMeter::new(1.0).to_per_meter();
        let lossy = Ring {
            loss: self.ring.loss
                + DecibelsPerMeter::new(rates.nonlinear_per_meter / nepers_per_decibel),
            ..self.ring
        };
        ThermalState {
            stored_energy: Joules::new(energy),
            heat: Watts::new(rates.heat),
            shift,
            through: lossy.through(detuning - shift),
            drop: lossy.drop(detuning - shift),
            is_stable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use units::{CarrierCrossSection, Seconds, SquareMeters, TpaCoefficient};

    fn ring() -> HeatedRing {
        HeatedRing {
            ring: Ring {
                resonance: Meters::new(1310e-9),
                radius: Meters::new(5e-6),
                group_index: Ratio::new(4.3),
                loss: DecibelsPerMeter::new(1500.0),
                self_coupling: Ratio::new(0.99),
                drop_self_coupling: Ratio::new(1.0),
            },
            shift_per_heat: MetersPerWatt::new(0.12e-6),
            absorbed_fraction: Ratio::new(0.5),
            nonlinear: None,
        }
    }

    #[test]
    fn the_locked_state_is_one_of_the_steady_states_at_its_cold_detuning() {
        let silicon = NonlinearAbsorption {
            two_photon: TpaCoefficient::new(7e-12),
            effective_area: SquareMeters::new(1e-13),
            carrier_lifetime: Seconds::new(5e-11),
            carrier_cross_section: CarrierCrossSection::new(1.04e-21),
        };
        for nonlinear in [None, Some(silicon)] {
            let heated = HeatedRing {
                nonlinear,
                ..ring()
            };
            let hot = heated.ring.linewidth() * -0.4;
            let locked = heated.locked_state(Watts::new(2e-3), hot).unwrap();
            let states = heated
                .steady_states(Watts::new(2e-3), hot + locked.shift)
                .unwrap();
            let nearest = states
                .iter()
                .map(|state| (state.stored_energy / locked.stored_energy - 1.0).abs())
                .fold(f64::INFINITY, f64::min);
            assert!(nearest < 1e-6, "{nearest}");
            // Without nonlinear loss the heat is the absorbed part of what the ring dissipates.
            if nonlinear.is_none() {
                let heat = Watts::new(2e-3) * (0.5 * heated.ring.dissipated(hot));
                assert!(
                    (locked.heat / heat - 1.0).abs() < 0.02,
                    "{} {heat}",
                    locked.heat
                );
            }
        }
    }

    #[test]
    fn states_solve_the_cubic() {
        // x (1 + (y - x)^2) = p with p = 4, y = 3: one state below, three in the fold.
        let threshold = ring().linear_bistability_threshold().unwrap();
        let p = 4.0;
        let input = threshold * (p * 3.0 * 3f64.sqrt() / 8.0);
        let h0 = ring().ring.linewidth() * 0.5;
        let states = ring().steady_states(input, h0 * 3.0).unwrap();
        assert_eq!(states.len(), 3);
        for state in &states {
            let x = state.shift / h0;
            assert!((x * (1.0 + (3.0 - x).powi(2)) / p - 1.0).abs() < 1e-9);
        }
        let stable: Vec<_> = states.iter().map(|s| s.is_stable).collect();
        assert_eq!(stable, [true, false, true]);
        assert_eq!(ring().stable_states(input, h0 * -3.0).unwrap(), 1);
    }

    #[test]
    fn threshold_separates_one_state_from_two() {
        let threshold = ring().linear_bistability_threshold().unwrap();
        let h0 = ring().ring.linewidth() * 0.5;
        let most = |input: Watts| {
            (0..400)
                .map(|i| {
                    let detuning = h0 * (1.0 + 0.005 * f64::from(i));
                    ring().stable_states(input, detuning).unwrap()
                })
                .max()
        };
        // 2 % below and 5 % above: the fold's width grows with the power 3/2 of the distance, so less
        // would fall between the detunings tried.
        assert_eq!(most(threshold * 0.98), Some(1));
        assert_eq!(most(threshold * 1.05), Some(2));
    }

    #[test]
    fn linear_heat_is_the_absorbed_share_of_the_loss() {
        let faint = Watts::new(1e-9);
        let state = ring().steady_states(faint, Meters::new(0.0)).unwrap()[0];
        let lost = 0.5 * ring().ring.dissipated(Meters::new(0.0)) * 1e-9;
        // Energy is taken as even round the ring: good to the loss per round trip, 1 %.
        assert!(
            (state.heat.value() / lost - 1.0).abs() < 0.02,
            "{}",
            state.heat
        );
        assert!(state.is_stable);
    }

    #[test]
    fn nonlinear_absorption_heats_more_and_dims_the_drop() {
        let nonlinear = HeatedRing {
            nonlinear: Some(NonlinearAbsorption {
                two_photon: TpaCoefficient::new(0.7e-11),
                effective_area: SquareMeters::new(0.1e-12),
                carrier_lifetime: Seconds::new(1e-9),
                carrier_cross_section: CarrierCrossSection::new(1.45e-21),
            }),
            ..ring()
        };
        let input = Watts::new(1e-4);
        let cold = Meters::new(-50e-12);
        let (plain, more) = (
            ring().steady_states(input, cold).unwrap()[0],
            nonlinear.steady_states(input, cold).unwrap()[0],
        );
        let share = |s: &ThermalState| s.heat.value() / s.stored_energy.value();
        assert!(share(&more) > share(&plain));
        let dark = nonlinear.steady_states(Watts::new(0.0), cold).unwrap();
        assert!(dark.len() == 1 && dark[0].heat.value().abs() < 1e-30);
    }
}
