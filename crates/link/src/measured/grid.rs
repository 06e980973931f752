//! A grid of transmissions.

use system::TransmissionTable;
use units::Decibels;

/// Least transmission that a table can state, -100 dB.
const FLOOR: f64 = 1e-10;

/// An interpolated transmission, less what a polynomial overshoots between its points: no gain, and
/// no less light than a table can state.
pub(super) fn physical(transmission: f64) -> f64 {
    transmission.clamp(FLOOR, 1.0)
}

/// Power transmission at every temperature, voltage and wavelength of a table.
#[derive(Debug)]
pub(super) struct TransmissionGrid {
    pub(super) temperatures_c: Vec<f64>,
    pub(super) voltages_v: Vec<f64>,
    pub(super) wavelengths_m: Vec<f64>,
    /// `n_temperature x n_voltage x n_wavelength`, the wavelength fastest.
    transmission: Vec<f64>,
}

impl TransmissionGrid {
    pub(super) fn new(table: &TransmissionTable) -> Self {
        let table = &table.0;
        Self {
            temperatures_c: table.places(0),
            voltages_v: table.places(1),
            wavelengths_m: table.places(2),
            transmission: table.columns[3]
                .iter()
                .map(|db| (-Decibels::new(*db)).to_transmission())
                .collect(),
        }
    }

    /// Transmission over wavelength at a temperature and a voltage of the grid.
    pub(super) fn spectrum(&self, temperature_idx: usize, voltage_idx: usize) -> &[f64] {
        let n = self.wavelengths_m.len();
        let start = (temperature_idx * self.voltages_v.len() + voltage_idx) * n;
        &self.transmission[start..start + n]
    }
}
