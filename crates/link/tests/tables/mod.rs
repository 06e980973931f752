//! Tables as a bench would measure them on the analytic devices.
#![allow(dead_code, reason = "each user of these tables takes some of them")]

use std::fmt::Write as _;

use photonics::laser::Laser;
use photonics::ring::Ring;
use system::parts;
use units::random::Draw;
use units::{Amperes, Celsius, Decibels, Meters, Ratio, Volts};

/// Places of an axis: first, last, and how many.
#[derive(Clone, Copy)]
pub(crate) struct Axis(pub(crate) f64, pub(crate) f64, pub(crate) u32);

impl Axis {
    pub(crate) fn places(self) -> impl Iterator<Item = f64> {
        let Self(first, last, n) = self;
        let step = if n > 1 {
            (last - first) / f64::from(n - 1)
        } else {
            0.0
        };
        (0..n).map(move |k| first + f64::from(k) * step)
    }
}

/// Power and voltage of a laser every 10 mA from 30 mA to its rail.
pub(crate) fn liv(laser: &Laser, temperatures: &[f64]) -> String {
    let mut text = String::from("temperature [C],current [mA],power [mW],voltage [V]\n");
    for temperature in temperatures {
        let current = |step: u32| Amperes::new(f64::from(step) * 10e-3);
        for current in (3..).map(current).take_while(|i| *i <= laser.max_current) {
            let point = laser
                .at_current(Celsius::new(*temperature), current)
                .expect("within the model");
            writeln!(
                text,
                "{temperature},{:.0},{:.6},{:.6}",
                current.value() * 1e3,
                point.power.value() * 1e3,
                point.voltage.value()
            )
            .expect("a String takes all");
        }
    }
    text
}

/// A ring on the bench.
pub(crate) struct RingBench<'a> {
    pub(crate) part: &'a parts::RingModulator,
    /// Resonance at a temperature in degrees and the mean drive.
    pub(crate) resonance_nm: f64,
    pub(crate) at_c: f64,
    pub(crate) drift_nm_per_k: f64,
    /// Where the free spectral range is that of the analytic ring: the laser's wavelength.
    pub(crate) laser_nm: f64,
}

impl RingBench<'_> {
    /// Transmission of the analytic ring, bus included.
    fn transmission_db(&self, temperature: f64, voltage: f64, wavelength_nm: f64) -> f64 {
        let part = self.part;
        let mean = 0.5 * part.drive_voltage.value.value();
        let shift = part.modulation_efficiency.value * Volts::new(voltage - mean);
        let resonance = self.resonance_nm
            + self.drift_nm_per_k * (temperature - self.at_c)
            + shift.value() * 1e9;
        let ring = Ring {
            resonance: Meters::new(self.laser_nm * 1e-9),
            radius: part.radius.value,
            group_index: part.group_index.value,
            loss: part.loss.value,
            self_coupling: part.self_coupling.value,
            drop_self_coupling: Ratio::new(1.0),
        };
        let through = ring.through(Meters::new((wavelength_nm - resonance) * 1e-9));
        -(Decibels::from_transmission(through) + part.bus_loss.value).value()
    }

    pub(crate) fn table(&self, temperatures: Axis, voltages: Axis, wavelengths_nm: Axis) -> String {
        let mut text =
            String::from("temperature [C],voltage [V],wavelength [nm],transmission [dB]\n");
        for t in temperatures.places() {
            for v in voltages.places() {
                for w in wavelengths_nm.places() {
                    let db = self.transmission_db(t, v, w);
                    writeln!(text, "{t:.1},{v:.2},{w:.6},{db:.6}").expect("a String takes all");
                }
            }
        }
        text
    }
}

/// A Mach-Zehnder modulator with quadrature at zero volts.
pub(crate) fn mach_zehnder(
    part: &parts::MachZehnder,
    temperatures: Axis,
    voltages: Axis,
    wavelengths_nm: Axis,
) -> String {
    let mut text = String::from("temperature [C],voltage [V],wavelength [nm],transmission [dB]\n");
    let loss = part.passive_loss.value + part.phase_shifter_loss.value * part.length.value;
    let split = part.split_ratio.value.value();
    let visibility = 2.0 * (split * (1.0 - split)).sqrt();
    for t in temperatures.places() {
        for v in voltages.places() {
            for w in wavelengths_nm.places() {
                let half_wave = part.vpi_l.value.value() / part.length.value.value();
                let phase = part.bias.value.value() - 2.0 * std::f64::consts::PI * v / half_wave;
                let light = 0.5 * (1.0 + visibility * phase.cos());
                let db = -(Decibels::from_transmission(light) + loss).value();
                writeln!(text, "{t},{v:.6},{w},{db:.9}").expect("a String takes all");
            }
        }
    }
    text
}

/// Noise and response of a receiver: the density rises as `sqrt(1 + (f / 2 B)^2)` from its stated
/// value, the response is that of one pole of bandwidth B.
pub(crate) fn receiver(tia: &parts::Tia, frequencies_ghz: Axis) -> String {
    let mut text = String::from("frequency [GHz],noise [pA/rtHz],response [dB]\n");
    let bandwidth = tia.bandwidth.value.value() * 1e-9;
    for f in frequencies_ghz.places() {
        let noise = tia.noise.value.value() * 1e12 * (f / (2.0 * bandwidth)).hypot(1.0);
        let response = -Decibels::from_ratio(1.0 + (f / bandwidth).powi(2)).value();
        writeln!(text, "{f:.2},{noise:.4},{response:.4}").expect("a String takes all");
    }
    text
}

/// Residual loss of couplers at 57 sites of a wafer: a bowl about the centre and scatter, from
/// numbers with a fixed seed.
pub(crate) fn wafer(loss_db: f64) -> String {
    let mut text = String::from("x [mm],y [mm],loss [dB]\n");
    let draw = Draw::new(1, "wafer", "loss");
    let mut site = 0;
    for row in -4..=4 {
        for column in -4..=4 {
            let (x, y) = (f64::from(column) * 30.0, f64::from(row) * 30.0);
            let radius = x.hypot(y);
            if radius > 130.0 {
                continue;
            }
            let bowl = 0.8 + 0.4 * (radius / 130.0).powi(2);
            let scatter = (0.1 * draw.normal(site)).exp();
            site += 1;
            writeln!(text, "{x},{y},{:.4}", loss_db * bowl * scatter).expect("a String takes all");
        }
    }
    text
}
