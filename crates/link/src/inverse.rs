//! Parameters that make a device meet a specification: the models run backwards.

use photonics::ring_modulator::DetuningGoal;
use system::parts::{self, Modulator};
use units::{Celsius, Decibels, Meters, Volts};

use crate::convert;
use crate::lane::{LaneFault, symbol_levels};

/// Least drive that a description may have, volts.
const LEAST_DRIVE: f64 = 0.01;
/// Greatest drive that a description may have, volts.
const GREATEST_DRIVE: f64 = 50.0;
/// Factor from one drive of the search to the next: small enough not to step over the peak.
const DRIVE_STEP: f64 = 1.1;
/// Halvings of an interval of a tenth of the drive: more than enough for 1e-11 of it.
const N_BISECTIONS: usize = 42;

/// Why no parameter meets a specification.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Unreachable {
    /// The drive that the modulator takes does not reach the extinction.
    #[error("the modulator reaches an extinction ratio of {reached:.3} at the most, at {drive:.3}")]
    Extinction {
        /// The greatest extinction ratio.
        reached: Decibels,
        /// The drive that gives it.
        drive: Volts,
    },
    /// Even the least drive gives more.
    #[error("the least drive already gives an extinction ratio of {least:.3}")]
    AlreadyMore {
        /// The extinction ratio at the least drive.
        least: Decibels,
    },
    /// The modes of fibre and chip differ, which no better taper mends.
    #[error("the mismatch of the modes alone loses {least:.3}")]
    ModeMismatch {
        /// Loss of a coupler without any other loss.
        least: Decibels,
    },
    /// The loss was measured, so it follows from no parameter.
    #[error("the loss of the coupler is a measured table, which has nothing to vary")]
    Measured,
    /// A device has no operating point.
    #[error(transparent)]
    Lane(#[from] LaneFault),
}

/// Peak-to-peak drive at which the modulator of an engine has an outer extinction ratio.
///
/// The extinction ratio rises with the drive up to the drive that runs over a peak or null of a
/// Mach-Zehnder modulator. Solved by steps of a tenth up to the target or the peak, and bisection to
/// 1e-11 of the drive, which is exact beside any tolerance of a driver.
///
/// # Errors
/// The target lies below what the least drive of a description gives, or above what any gives.
pub fn drive_for_extinction_ratio(
    engine: &parts::Engine,
    wavelength: Meters,
    target: Decibels,
) -> Result<Volts, Unreachable> {
    let at = |volts: f64| extinction_ratio(engine, wavelength, Volts::new(volts));
    let least = at(LEAST_DRIVE)?;
    if least > target {
        return Err(Unreachable::AlreadyMore { least });
    }
    let (mut low, mut high) = (LEAST_DRIVE, LEAST_DRIVE);
    let mut before = LEAST_DRIVE;
    let mut best = least;
    let met = loop {
        if high >= GREATEST_DRIVE {
            break false;
        }
        high = (DRIVE_STEP * high).min(GREATEST_DRIVE);
        match at(high) {
            Ok(found) if found >= target => break true,
            Ok(found) if found > best => (before, low, best) = (low, high, found),
            // Over the peak, which lies between the drive before the last and this one.
            _ => {
                high = peak(&at, before, high);
                best = at(high).unwrap_or(best).max(best);
                break best >= target;
            }
        }
    };
    if !met {
        return Err(Unreachable::Extinction {
            reached: best,
            drive: Volts::new(high),
        });
    }
    for _ in 0..N_BISECTIONS {
        let middle = f64::midpoint(low, high);
        if at(middle).is_ok_and(|found| found < target) {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(Volts::new(high))
}

/// The drive of the greatest extinction ratio between two drives, by golden section; a drive
/// without an operating point counts as one without extinction.
fn peak(at: &impl Fn(f64) -> Result<Decibels, LaneFault>, mut low: f64, mut high: f64) -> f64 {
    let shrink = 0.5 * (5f64.sqrt() - 1.0);
    let of = |volts: f64| at(volts).map_or(f64::NEG_INFINITY, Decibels::value);
    for _ in 0..N_BISECTIONS {
        let width = shrink * (high - low);
        if of(high - width) < of(low + width) {
            low = high - width;
        } else {
            high = low + width;
        }
    }
    f64::midpoint(low, high)
}

fn extinction_ratio(
    engine: &parts::Engine,
    wavelength: Meters,
    drive: Volts,
) -> Result<Decibels, LaneFault> {
    let n_levels = symbol_levels(engine);
    Ok(match &engine.modulator {
        Modulator::MachZehnder(part) => {
            let mut device = convert::mach_zehnder(part);
            device.drive_voltage = drive;
            device.operating_point(n_levels)?.levels.extinction_ratio
        }
        Modulator::RingModulator(part) => {
            let mut part = part.clone();
            part.drive_voltage.value = drive;
            let device = convert::ring_modulator(&part, wavelength);
            let goal = if part.predistorted {
                DetuningGoal::OuterAmplitude
            } else {
                DetuningGoal::WorstEye
            };
            device
                .best_detuning(goal, n_levels)?
                .levels
                .extinction_ratio
        }
    })
}

/// What a coupler loses in its taper or grating when it loses `target` as a whole: the
/// `residual_loss` of an edge coupler, the `peak_loss` of a grating. Its fibre stands `shift` from
/// where it was attached.
///
/// # Errors
/// The rest of its losses exceeds the target, or the coupler is a measured table.
pub fn residual_for_coupler_loss(
    part: &parts::Coupler,
    wavelength: Meters,
    temperature: Celsius,
    shift: Meters,
    target: Decibels,
) -> Result<Decibels, Unreachable> {
    let (residual, is_measured) = match part {
        parts::Coupler::EdgeCoupler(edge) => (edge.residual_loss.value, edge.measured.is_some()),
        parts::Coupler::GratingCoupler(grating) => {
            (grating.peak_loss.value, grating.measured.is_some())
        }
    };
    if is_measured {
        return Err(Unreachable::Measured);
    }
    // The residual loss adds to the others, so one evaluation tells them.
    let least = convert::coupler_loss(part, wavelength, temperature, shift)? - residual;
    if target < least {
        return Err(Unreachable::ModeMismatch { least });
    }
    Ok(target - least)
}

#[cfg(test)]
mod tests {
    use super::*;
    use system::{Input, Library, System};

    fn engine(platform: &str) -> parts::Engine {
        let library = Library::embedded();
        let system = System::resolve(&Input {
            name: platform,
            bytes: library.platform(platform).unwrap().as_bytes(),
            sets: &[],
            library: &library,
            load: &|file| Err(format!("{file} is not there")),
        })
        .unwrap();
        system.description.engine[0].value.clone()
    }

    const O_BAND: Meters = Meters::new(1310e-9);

    #[test]
    fn the_drive_gives_back_its_extinction_ratio() {
        for platform in ["cpo-51t", "quantum-x-115t"] {
            let engine = engine(platform);
            for target in [3.0, 4.5, 6.0] {
                let target = Decibels::new(target);
                let drive = drive_for_extinction_ratio(&engine, O_BAND, target).unwrap();
                let found = extinction_ratio(&engine, O_BAND, drive).unwrap();
                // The best detuning of a ring is the top of a flat maximum, known to the root of the
                // rounding error, so its extinction is a little ragged.
                assert!((found - target).value().abs() < 1e-6, "{platform} {found}");
            }
        }
    }

    #[test]
    fn an_extinction_ratio_beyond_the_peak_says_how_far_it_goes() {
        // A split of one half has no limit of its own, so the split is made uneven:
        // (1 + v) / (1 - v) with v = 2 sqrt(0.45 0.55) is 26.0 dB.
        let mut engine = engine("cpo-51t");
        let Modulator::MachZehnder(part) = &mut engine.modulator else {
            panic!("a Mach-Zehnder platform")
        };
        part.split_ratio.value = units::Ratio::new(0.45);
        let error = drive_for_extinction_ratio(&engine, O_BAND, Decibels::new(30.0)).unwrap_err();
        let Unreachable::Extinction { reached, .. } = error else {
            panic!("{error}")
        };
        let v = 2.0 * (0.45f64 * 0.55).sqrt();
        let expected = 10.0 * ((1.0 + v) / (1.0 - v)).log10();
        // At the peak the extinction is flat in the drive, so the bisection finds it closely.
        assert!((reached.value() - expected).abs() < 1e-6, "{reached}");
    }

    #[test]
    fn a_coupler_cannot_lose_less_than_its_modes_do() {
        let engine = engine("cpo-51t");
        let shift = Meters::new(0.5e-6);
        let of = |target: f64| {
            residual_for_coupler_loss(
                &engine.input_coupler,
                O_BAND,
                Celsius::new(70.0),
                shift,
                Decibels::new(target),
            )
        };
        let residual = of(1.5).unwrap();
        let mut part = engine.input_coupler.clone();
        let parts::Coupler::EdgeCoupler(edge) = &mut part else {
            panic!("an edge coupler")
        };
        edge.residual_loss.value = residual;
        let loss = convert::coupler_loss(&part, O_BAND, Celsius::new(70.0), shift).unwrap();
        assert!((loss.value() - 1.5).abs() < 1e-12, "{loss}");
        let Err(Unreachable::ModeMismatch { least }) = of(0.1) else {
            panic!("below the overlap")
        };
        assert!((least + residual - Decibels::new(1.5)).value().abs() < 1e-12);
    }
}
