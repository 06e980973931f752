//! Several wavelengths on one fibre: buses of ring modulators, and what parts the light again.

use photonics::DeviceError;
use photonics::mux::RingBank;
use photonics::ring::Ring;
use photonics::ring_modulator::RingModulator;
use system::parts::{self, Demultiplexer};
use units::{Decibels, Hertz, Meters, Volts};

use super::LaneFault;

/// What the light of one wavelength meets in a multiplexer or demultiplexer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Passage {
    /// Loss of the wanted light.
    pub(super) loss: Decibels,
    /// Disturbance by the other wavelengths: standard deviation over that of the wanted levels.
    pub(super) crosstalk: f64,
    /// Bandwidth that it leaves to the signal; none where it does not matter.
    pub(super) bandwidth: Option<Hertz>,
}

/// Through a demultiplexer, for the channel at position `own` of the grid.
///
/// A table of losses and ratios is taken as it stands. Rings drop their channels one after the
/// other, each with its residual error of the lock; a ring on resonance is a low-pass of half its
/// linewidth for the signal. Other channels are independent data of equal power on the fibre, so
/// the variances of what leaks add.
///
/// # Errors
/// Parameters of the ring out of range.
pub(super) fn demultiplex(
    part: &Demultiplexer,
    grid: &[Meters],
    own: usize,
) -> Result<Passage, LaneFault> {
    match part {
        Demultiplexer::Multiplexer(table) => {
            let others = grid.len().saturating_sub(1);
            let adjacent = others.min(2) as f64;
            let far = others.saturating_sub(2) as f64;
            let square = adjacent * table.adjacent_crosstalk.value.to_ratio().powi(2)
                + far * table.other_crosstalk.value.to_ratio().powi(2);
            Ok(Passage {
                loss: table.loss.value,
                crosstalk: square.sqrt(),
                bandwidth: None,
            })
        }
        Demultiplexer::RingFilter(part) => {
            let n = grid.len();
            let bank = RingBank {
                ring: filter_ring(part, grid[own]),
                channels: grid.to_vec(),
                resonance_errors: vec![part.lock_error.value; n],
            };
            let losses = bank.losses()?;
            let matrix = bank.crosstalk()?;
            let row = &matrix[own * n..(own + 1) * n];
            let others = row
                .iter()
                .enumerate()
                .filter(|(channel, _)| *channel != own);
            let square: f64 = others.map(|(_, ratio)| ratio * ratio).sum();
            // Each ring in front of this one costs its stretch of the bus.
            let passed = part.bus_loss.value * own as f64;
            let width = bank.ring.photon_bandwidth();
            Ok(Passage {
                loss: losses[own] + passed,
                crosstalk: square.sqrt(),
                bandwidth: Some(width * 0.5),
            })
        }
    }
}

/// The ring of a filter, resonant at a wavelength.
fn filter_ring(part: &parts::RingFilter, resonance: Meters) -> Ring {
    Ring {
        resonance,
        radius: part.radius.value,
        group_index: part.group_index.value,
        loss: part.loss.value,
        self_coupling: part.self_coupling.value,
        drop_self_coupling: part.self_coupling.value,
    }
}

/// Past the other ring modulators of a bus, for the channel at position `own` of the grid.
///
/// Each of them stands on its own channel with the same detuning and swing. Light of this channel
/// passes it far from resonance: it loses the mean transmission and takes a little of the other
/// channel's data, `(T_high - T_low) / T_mean` of its mean power. `mean_over_amplitude` is the mean
/// power of the wanted light over its outer amplitude.
///
/// # Errors
/// Parameters of the ring out of range.
pub(super) fn pass_modulators(
    device: &RingModulator,
    detuning: Meters,
    mean_over_amplitude: f64,
    grid: &[Meters],
    own: usize,
) -> Result<Passage, DeviceError> {
    let (mut loss, mut square) = (Decibels::new(0.0), 0.0);
    let swing = device.drive_voltage * 0.5;
    let mean_shift = device.resonance_shift(device.bias);
    for (channel, wavelength) in grid.iter().enumerate() {
        if channel == own {
            continue;
        }
        let ring = Ring {
            resonance: *wavelength - detuning,
            ..device.ring
        };
        ring.check()?;
        let through = |voltage: Volts| {
            let shift = device.resonance_shift(voltage) - mean_shift;
            ring.through(grid[own] - ring.resonance - shift)
        };
        let (low, high) = (through(device.bias - swing), through(device.bias + swing));
        let mean = 0.5 * (low + high);
        loss += device.bus_loss + Decibels::from_transmission(mean);
        square += ((high - low) / mean * mean_over_amplitude).powi(2);
    }
    Ok(Passage {
        loss,
        crosstalk: square.sqrt(),
        bandwidth: None,
    })
}
