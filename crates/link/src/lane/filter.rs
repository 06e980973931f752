//! Several wavelengths on one fibre: buses of ring modulators, and what parts the light again.

use std::sync::Arc;

use photonics::DeviceError;
use photonics::mux::RingBank;
use photonics::ring::Ring;
use system::parts::{self, Demultiplexer};
use units::derivation::{Call, Given, Node, Stated as _, read};
use units::{Decibels, Derived, Hertz, Meters, Sourced, Volts};

use super::LaneFault;
use super::derivation::{CROSSTALK, RING_BUS, RING_FILTER, record};
use crate::convert;

/// The wavelengths of a fibre, and the place of one lane among them.
#[derive(Clone, Copy)]
pub(super) struct Channels<'a> {
    /// How many there are.
    pub(super) n: usize,
    /// Which one is the lane's.
    pub(super) own: usize,
    /// Distance of neighbours; none for a single wavelength.
    pub(super) spacing: Option<&'a Sourced<Hertz>>,
    /// Wavelength of the lane.
    pub(super) wavelength: &'a Derived<Meters>,
}

impl Channels<'_> {
    /// Wavelength and spacing as inputs of a model.
    fn inputs(&self) -> [Arc<Node>; 2] {
        let wavelength = Arc::clone(self.wavelength.node());
        let spacing = self
            .spacing
            .map_or_else(|| Arc::clone(&wavelength), Sourced::leaf);
        [wavelength, spacing]
    }
}

/// The grid round the wavelength of channel `own`.
fn grid(wavelength: f64, spacing: f64, n: usize, own: usize) -> Vec<Meters> {
    let centre = Meters::new(wavelength);
    (0..n)
        .map(|channel| {
            let steps = channel as f64 - own as f64;
            if channel == own {
                return centre;
            }
            (centre.to_optical_frequency() + Hertz::new(spacing) * steps).to_wavelength()
        })
        .collect()
}

/// What the light of one wavelength meets in a multiplexer or demultiplexer.
pub(super) struct Passage {
    /// Loss of the wanted light.
    pub(super) loss: Derived<Decibels>,
    /// Disturbance by the other wavelengths: standard deviation over that of the wanted levels.
    pub(super) crosstalk: Derived<f64>,
    /// Bandwidth that it leaves to the signal; none where it does not matter.
    pub(super) bandwidth: Option<Derived<Hertz>>,
}

/// Through a demultiplexer.
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
    channels: Channels<'_>,
) -> Result<Passage, LaneFault> {
    match part {
        Demultiplexer::Multiplexer(table) => Ok(Passage {
            loss: read(&table.loss),
            crosstalk: table_crosstalk(table, channels.n),
            bandwidth: None,
        }),
        Demultiplexer::RingFilter(filter) => drop_by_ring(filter, channels),
    }
}

/// Light of the other wavelengths, `sqrt(n_1 x_1^2 + n_2 x_2^2)` of the adjacent and the other
/// channels.
fn table_crosstalk(table: &parts::Multiplexer, n: usize) -> Derived<f64> {
    let others = n.saturating_sub(1);
    let adjacent = others.min(2) as f64;
    let far = others.saturating_sub(2) as f64;
    let total = move |x: &[f64]| {
        let power = |level: f64| Decibels::new(level).to_ratio().powi(2);
        (adjacent * power(x[0]) + far * power(x[1])).sqrt()
    };
    let inputs = vec![
        table.adjacent_crosstalk.leaf(),
        table.other_crosstalk.leaf(),
    ];
    let values: Vec<f64> = inputs.iter().map(|node| node.si).collect();
    let result = vec![total(&values)];
    let call = Call::recorded(&CROSSTALK, inputs, result, move |x| Ok(vec![total(x)]));
    call.result::<f64>(0).named("crosstalk")
}

fn drop_by_ring(part: &parts::RingFilter, channels: Channels<'_>) -> Result<Passage, LaneFault> {
    let (n, own) = (channels.n, channels.own);
    let model = move |part: &parts::RingFilter, x: &[f64]| {
        let bank = RingBank {
            ring: filter_ring(part, Meters::new(x[0])),
            channels: grid(x[0], x[1], n, own),
            resonance_errors: vec![part.lock_error.value; n],
        };
        let losses = bank.losses()?;
        let matrix = bank.crosstalk()?;
        let row = matrix[own * n..(own + 1) * n].iter().enumerate();
        let others = row.filter(|(channel, _)| *channel != own);
        let square: f64 = others.map(|(_, ratio)| ratio * ratio).sum();
        // Each ring in front of this one costs its stretch of the bus.
        let passed = part.bus_loss.value * own as f64;
        let width = bank.ring.photon_bandwidth();
        Ok::<_, LaneFault>(vec![
            (losses[own] + passed).value(),
            square.sqrt(),
            0.5 * width.value(),
        ])
    };
    let inputs = channels.inputs();
    let result = model(part, &inputs.each_ref().map(|node| node.si))?;
    let given = Given {
        part,
        fields: &[
            |ring| &mut ring.radius,
            |ring| &mut ring.group_index,
            |ring| &mut ring.loss,
            |ring| &mut ring.self_coupling,
            |ring| &mut ring.bus_loss,
            |ring| &mut ring.lock_error,
        ],
        others: inputs.iter().collect(),
    };
    let call = record(&RING_FILTER, &given, result, model);
    Ok(Passage {
        loss: call.result(0),
        crosstalk: call.result::<f64>(1).named("crosstalk"),
        bandwidth: Some(call.result::<Hertz>(2).named("bandwidth of the filter")),
    })
}

/// The ring of a filter, resonant at a wavelength.
pub(super) fn filter_ring(part: &parts::RingFilter, resonance: Meters) -> Ring {
    Ring {
        resonance,
        radius: part.radius.value,
        group_index: part.group_index.value,
        loss: part.loss.value,
        self_coupling: part.self_coupling.value,
        drop_self_coupling: part.self_coupling.value,
    }
}

/// Past the other ring modulators of a bus.
///
/// Each of them stands on its own channel with the same detuning and swing. Light of this channel
/// passes it far from resonance: it loses the mean transmission and takes a little of the other
/// channel's data, `(T_high - T_low) / T_mean` of its mean power. `mean_over_amplitude` is the mean
/// power of the wanted light over its outer amplitude.
///
/// # Errors
/// Parameters of the ring out of range.
pub(super) fn pass_modulators(
    part: &parts::RingModulator,
    detuning: &Derived<Meters>,
    mean_over_amplitude: &Derived<f64>,
    channels: Channels<'_>,
) -> Result<Passage, LaneFault> {
    let (n, own) = (channels.n, channels.own);
    let model = move |part: &parts::RingModulator, x: &[f64]| {
        let grid = grid(x[0], x[1], n, own);
        Ok::<_, LaneFault>(past(part, &grid, own, Meters::new(x[2]), x[3])?.to_vec())
    };
    let [wavelength, spacing] = channels.inputs();
    let others = vec![
        &wavelength,
        &spacing,
        detuning.node(),
        mean_over_amplitude.node(),
    ];
    let values: Vec<f64> = others.iter().map(|node| node.si).collect();
    let result = model(part, &values)?;
    let given = Given {
        part,
        fields: &[
            |ring| &mut ring.radius,
            |ring| &mut ring.group_index,
            |ring| &mut ring.loss,
            |ring| &mut ring.self_coupling,
            |ring| &mut ring.modulation_efficiency,
            |ring| &mut ring.drive_voltage,
            |ring| &mut ring.bus_loss,
        ],
        others,
    };
    let call = record(&RING_BUS, &given, result, model);
    Ok(Passage {
        loss: call.result(0),
        crosstalk: call.result::<f64>(1).named("crosstalk of modulators"),
        bandwidth: None,
    })
}

/// Loss in decibels past the modulators of the other channels, and the disturbance that they add.
fn past(
    part: &parts::RingModulator,
    grid: &[Meters],
    own: usize,
    detuning: Meters,
    mean_over_amplitude: f64,
) -> Result<[f64; 2], DeviceError> {
    let device = convert::ring_modulator(part, grid[own]);
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
    Ok([loss.value(), square.sqrt()])
}

/// Two disturbances together, `sqrt(x_1^2 + x_2^2)`.
pub(super) fn both(first: &Derived<f64>, second: &Derived<f64>) -> Derived<f64> {
    let inputs = vec![Arc::clone(first.node()), Arc::clone(second.node())];
    let value = first.value().hypot(second.value());
    let call = Call::recorded(&CROSSTALK, inputs, vec![value], |x| {
        Ok(vec![x[0].hypot(x[1])])
    });
    call.result::<f64>(0).named("crosstalk")
}
