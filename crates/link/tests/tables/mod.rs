//! Tables as a bench would measure them on the analytic devices.
#![allow(dead_code, reason = "each user of these tables takes some of them")]

use std::fmt::Write as _;

use link::{Conditions, Lanes};
use photonics::laser::Laser;
use photonics::ring::Ring;
use system::parts::{self, Modulator};
use system::{Input, Library, System};
use units::random::Draw;
use units::{Amperes, Celsius, Decibels, DecibelsPerMeter, Meters, Ratio, Volts, WattsPerAmpere};

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

    /// The table, to a millionth of a decibel.
    pub(crate) fn table(&self, temperatures: Axis, voltages: Axis, wavelengths_nm: Axis) -> String {
        self.rounded_table(temperatures, voltages, wavelengths_nm, 6)
    }

    fn rounded_table(
        &self,
        temperatures: Axis,
        voltages: Axis,
        wavelengths_nm: Axis,
        decimals: usize,
    ) -> String {
        let written = |x: f64| (x * 1e6).round() / 1e6;
        let mut text =
            String::from("temperature [C],voltage [V],wavelength [nm],transmission [dB]\n");
        for t in temperatures.places() {
            for v in voltages.places() {
                for w in wavelengths_nm.places() {
                    let (t, v, w) = (written(t), written(v), written(w));
                    let db = self.transmission_db(t, v, w);
                    writeln!(text, "{t},{v},{w},{db:.decimals$}").expect("a String takes all");
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

/// The platform that the worked example starts from.
const PLATFORM: &str = "quantum-x-115t";

/// A file of the worked example in `examples/measured`, or none of this name.
///
/// The devices are those of the platform, but for what a bench may find: a laser with less slope,
/// a ring with more loss.
pub(crate) fn example(name: &str) -> Option<String> {
    let library = Library::embedded();
    let system = System::resolve(&Input {
        name: PLATFORM,
        bytes: library.platform(PLATFORM)?.as_bytes(),
        sets: &[],
        library: &library,
        load: &|_| Err(String::new()),
    })
    .expect("the platform is sound");
    let engine = &system.description.engine[0].value;
    let table = match name {
        "laser" => {
            let mut laser = link::laser_device(&system.description.laser_module[0].value.laser);
            laser.slope_efficiency = WattsPerAmpere::new(0.27);
            liv(&laser, &[25.0, 40.0, 55.0, 70.0])
        }
        "ring" => {
            let Modulator::RingModulator(part) = &engine.modulator else {
                return None;
            };
            let mut part = part.clone();
            part.loss.value = DecibelsPerMeter::new(1e4);
            part.bus_loss.value = Decibels::new(0.8);
            let design =
                &Lanes::new(&system, &Conditions::stated(&system, Celsius::new(40.0))).designs[0];
            let laser_nm = design.laser?.point.wavelength.value() * 1e9;
            let drift = design.modulator.as_ref()?.heater?.drift.value() * 1e9;
            // Cold rings stand 1.5 nm blue of the laser, for the heater to close.
            let resonance_nm = (laser_nm * 10.0).round() / 10.0 - 1.5;
            RingBench {
                part: &part,
                resonance_nm,
                at_c: 65.0,
                drift_nm_per_k: drift,
                laser_nm,
            }
            .rounded_table(
                Axis(45.0, 125.0, 5),
                // Beyond the nominal drive of 2.4 V, which varies from part to part.
                Axis(0.0, 3.0, 4),
                Axis(resonance_nm - 1.6, resonance_nm + 5.0, 265),
                3,
            )
        }
        "receiver" => receiver(&engine.tia, Axis(0.0, 120.0, 61)),
        "wafer" => {
            let parts::Coupler::EdgeCoupler(coupler) = &engine.output_coupler else {
                return None;
            };
            wafer(coupler.residual_loss.value.value())
        }
        _ => return None,
    };
    Some(format!(
        "# Made from the analytic models by crates/link/examples/measured_tables.rs; no device was measured.\n{table}"
    ))
}
