//! From the parts of a description to device models.

use photonics::coupler::{EdgeCoupler, GratingCoupler};
use photonics::coupling::{GaussianMode, Medium, Misalignment};
use photonics::fibre::Fibre;
use photonics::laser::Laser;
use photonics::modulation::LevelSpacing;
use photonics::mzm::{ArmDrive, MachZehnder};
use photonics::platform::{Extension, Platform, PlatformKind};
use photonics::ring::Ring;
use photonics::ring_modulator::RingModulator;
use photonics::waveguide::NonlinearAbsorption;
use system::parts;
use units::{
    Celsius, Decibels, Hertz, KelvinDifference, Meters, MetersPerKelvin, Ratio, SquareMeters, Volts,
};

use crate::lane::LaneFault;

/// Frequency at which electrode losses of descriptions are stated.
const ELECTRODE_REFERENCE: Hertz = Hertz::new(1e9);

/// The device model of a laser of a description.
pub fn laser_device(part: &parts::Laser) -> Laser {
    Laser {
        wavelength: part.wavelength.value,
        reference_temperature: part.reference_temperature.value,
        threshold_current: part.threshold_current.value,
        threshold_t0: part.threshold_t0.value,
        slope_efficiency: part.slope_efficiency.value,
        slope_t1: part.slope_t1.value,
        turn_on_voltage: part.turn_on_voltage.value,
        series_resistance: part.series_resistance.value,
        thermal_resistance: part.thermal_resistance.value,
        max_current: part.max_current.value,
        wavelength_drift: part.wavelength_drift.value,
        rin: part.rin.value,
        feedback_threshold: part.feedback_threshold.value,
        isolation: part.isolation.value,
    }
}

/// A photonic platform with what it can do.
pub(crate) fn platform(part: &parts::Platform) -> Platform {
    let extensions = [
        (part.germanium, Extension::Germanium),
        (part.bonded_gain, Extension::BondedGain),
        (part.electro_optic_film, Extension::ElectroOpticFilm),
    ];
    Platform {
        kind: match part.material {
            parts::PlatformMaterial::Silicon => PlatformKind::SiliconOnInsulator,
            parts::PlatformMaterial::SiliconNitride => PlatformKind::SiliconNitride,
            parts::PlatformMaterial::IndiumPhosphide => PlatformKind::IndiumPhosphide,
        },
        extensions: extensions
            .into_iter()
            .filter_map(|(has, what)| has.then_some(what))
            .collect(),
    }
}

/// A fibre.
pub(crate) fn fibre(part: &parts::Fibre) -> Fibre {
    Fibre {
        loss: part.loss.value,
        group_index: part.group_index.value,
        zero_dispersion: part.zero_dispersion.value,
        dispersion_slope: part.dispersion_slope.value,
    }
}

/// What a shift of the fibre costs at a coupler, beyond what the coupler loses with its fibre where
/// it was attached; none where the coupler does not price it.
///
/// Between equal Gaussian modes of radius `w` without a gap this is `10 log10(e) (d / w)^2`, and in
/// general `10 log10(e) 2 d^2 / (w_1^2 + w_2^2)`; a gap widens the mode.
///
/// # Errors
/// A parameter out of range, or a shift beyond the mode field diameter of the fibre.
///
/// # Source
/// W. B. Joyce, B. C. `DeLoach`, "Alignment of Gaussian beams", Applied Optics 23 (1984) 4187.
pub fn shift_loss(
    part: &parts::Coupler,
    wavelength: Meters,
    temperature: Celsius,
    shift: Meters,
) -> Result<Option<Decibels>, LaneFault> {
    if !prices_shift(part) {
        return Ok(None);
    }
    let at = |shift| coupler_loss(part, wavelength, temperature, shift);
    Ok(Some(at(shift)? - at(Meters::new(0.0))?))
}

/// Whether the loss of a coupler is computed from its modes, so that a shift of the fibre counts.
pub(crate) fn prices_shift(part: &parts::Coupler) -> bool {
    matches!(part, parts::Coupler::EdgeCoupler(edge) if edge.measured.is_none())
}

/// Loss of a coupler at a wavelength and temperature, with its fibre `shift` higher than attached.
///
/// # Errors
/// A measured table does not reach the wavelength, a parameter is out of range, or the fibre has
/// moved by more than its mode field diameter.
pub(crate) fn coupler_loss(
    part: &parts::Coupler,
    wavelength: Meters,
    temperature: Celsius,
    shift: Meters,
) -> Result<Decibels, LaneFault> {
    let measured = match part {
        parts::Coupler::EdgeCoupler(edge) => &edge.measured,
        parts::Coupler::GratingCoupler(grating) => &grating.measured,
    };
    if let Some(table) = measured {
        return Ok(Decibels::new(table.0.interpolate(0, 1, wavelength)?));
    }
    Ok(match part {
        parts::Coupler::EdgeCoupler(edge) if shift > edge.fibre_mode.value => {
            return Err(LaneFault::FibreShift {
                shift,
                mode: edge.fibre_mode.value,
            });
        }
        parts::Coupler::EdgeCoupler(edge) => EdgeCoupler {
            chip_mode: GaussianMode {
                mfd_x: edge.chip_mode_x.value,
                mfd_y: edge.chip_mode_y.value,
            },
            residual_loss: edge.residual_loss.value,
            reflectance: edge.reflectance.value,
        }
        .loss(
            &GaussianMode::circular(edge.fibre_mode.value),
            &Misalignment {
                offset_x: edge.offset.value,
                // The package bows up or down, so its shift lies across the other axis.
                offset_y: shift,
                tilt_x: edge.tilt.value,
                gap: edge.gap.value,
                ..Misalignment::default()
            },
            Medium {
                wavelength,
                index: edge.gap_index.value,
            },
        )?,
        parts::Coupler::GratingCoupler(grating) => GratingCoupler {
            peak_loss: grating.peak_loss.value,
            centre_wavelength: grating.centre_wavelength.value,
            bandwidth_1db: grating.bandwidth_1db.value,
            // The centre is stated where the engine works, so nothing is left to drift.
            wavelength_drift: MetersPerKelvin::new(0.0),
            reference_temperature: temperature,
            reflectance: grating.reflectance.value,
        }
        .loss(wavelength, temperature)?,
    })
}

fn spacing(is_predistorted: bool) -> LevelSpacing {
    if is_predistorted {
        LevelSpacing::EvenLight
    } else {
        LevelSpacing::EvenDrive
    }
}

/// A Mach-Zehnder modulator.
pub(crate) fn mach_zehnder(part: &parts::MachZehnder) -> MachZehnder {
    MachZehnder {
        vpi_l: part.vpi_l.value,
        length: part.length.value,
        phase_shifter_loss: part.phase_shifter_loss.value,
        passive_loss: part.passive_loss.value,
        split_ratio: part.split_ratio.value,
        drive_voltage: part.drive_voltage.value,
        arm_drive: ArmDrive::PushPull,
        bias: part.bias.value,
        spacing: spacing(part.predistorted),
        rc_bandwidth: part.rc_bandwidth.value,
        electrode_loss: part.electrode_loss.value,
        electrode_reference: ELECTRODE_REFERENCE,
        microwave_index: part.microwave_index.value,
        group_index: part.group_index.value,
    }
}

/// A ring modulator whose resonance lies near a wavelength.
pub(crate) fn ring_modulator(part: &parts::RingModulator, wavelength: Meters) -> RingModulator {
    RingModulator {
        ring: Ring {
            resonance: wavelength,
            radius: part.radius.value,
            group_index: part.group_index.value,
            loss: part.loss.value,
            self_coupling: part.self_coupling.value,
            // All-pass: nothing is dropped.
            drop_self_coupling: Ratio::new(1.0),
        },
        modulation_efficiency: part.modulation_efficiency.value,
        built_in_potential: None,
        bias: Volts::new(part.drive_voltage.value.value() / 2.0),
        drive_voltage: part.drive_voltage.value,
        spacing: spacing(part.predistorted),
        rc_bandwidth: part.rc_bandwidth.value,
        bus_loss: part.bus_loss.value,
    }
}

/// Two-photon and free-carrier absorption of a platform's guide; none where it has neither.
///
/// The effective area is taken as that of the core. In a strip of high contrast the two agree
/// within about a quarter.
pub(crate) fn nonlinear(part: &parts::Platform) -> Option<NonlinearAbsorption> {
    (part.two_photon_absorption.value.value() > 0.0).then(|| NonlinearAbsorption {
        two_photon: part.two_photon_absorption.value,
        effective_area: SquareMeters::new(
            part.guide_width.value.value() * part.guide_height.value.value(),
        ),
        carrier_lifetime: part.carrier_lifetime.value,
        carrier_cross_section: part.free_carrier_cross_section.value,
    })
}

/// A photodiode's dark current doubles every ten kelvin.
pub(crate) const DARK_DOUBLING: KelvinDifference = KelvinDifference::new(10.0);
