//! A Mach-Zehnder modulator on measured transmissions.

use photonics::modulation::{LevelSpacing, ModulatedLevels};
use system::{TableError, TransmissionTable, parts};
use units::{Celsius, Meters, Volts};

use super::grid::{TransmissionGrid, physical};
use super::{cubic, place};
use crate::lane::LaneFault;

/// Levels of a modulator at its operating point.
///
/// The voltage of the table is that of one arm, the other arm being driven by its negative; zero is
/// the bias at which the device is held, and the drive runs from `-V_pp / 2` to `V_pp / 2`. The
/// transmission is a polynomial through the four nearest voltages and wavelengths, and linear
/// between temperatures.
///
/// # Errors
/// The table does not reach the drive, the wavelength or the temperature; the levels do not rise.
pub(crate) fn levels(
    table: &TransmissionTable,
    part: &parts::MachZehnder,
    wavelength: Meters,
    temperature: Celsius,
    n_levels: usize,
) -> Result<ModulatedLevels, LaneFault> {
    let grid = TransmissionGrid::new(table);
    let along_t = place(&grid.temperatures_c, temperature)?;
    // Transmission over voltage at this temperature and wavelength.
    let over_voltage = (0..grid.voltages_v.len())
        .map(|v| {
            let at = |t: usize| cubic(&grid.wavelengths_m, grid.spectrum(t, v), wavelength);
            let low = at(along_t.below)?;
            if along_t.weight > 0.0 {
                let high = at(along_t.below + 1)?;
                Ok(low + along_t.weight * (high - low))
            } else {
                Ok(low)
            }
        })
        .collect::<Result<Vec<f64>, TableError>>()?;
    let drive = part.drive_voltage.value;
    for end in [drive * -0.5, drive * 0.5] {
        place(&grid.voltages_v, end)?;
    }
    let transmission = |u: f64| {
        let voltage: Volts = drive * u;
        // Inside the range, as both ends of the drive are.
        cubic(&grid.voltages_v, &over_voltage, voltage).map_or(f64::NAN, physical)
    };
    let spacing = if part.predistorted {
        LevelSpacing::EvenLight
    } else {
        LevelSpacing::EvenDrive
    };
    Ok(ModulatedLevels::new(n_levels, spacing, transmission)?)
}
