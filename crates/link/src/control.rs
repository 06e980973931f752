//! Steady operating points of the loops of one lane: laser power, ring heater, Mach-Zehnder bias.
//! Each is a pure function: a loop that is faster than anything else in the world is its
//! equilibrium.

use photonics::DeviceError;
use photonics::laser::{Laser, LaserOperatingPoint};
use photonics::slab::{GuideIndices, effective_index_method};
use system::parts;
use units::derivation::{number, read, read_ratio};
use units::{Celsius, Derived, Meters, MetersPerKelvin, MetersPerWatt, Ratio, Sourced, Watts};

use crate::lane::{LaneFault, RingNeed};

/// Where the power control of a laser has settled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LaserState {
    /// Current, voltage, power and wavelength.
    pub point: LaserOperatingPoint,
    /// Whether the bias has reached its rail, so that the power is below its set-point.
    pub is_at_rail: bool,
}

/// Automatic power control: the current that gives the set-point, or the most that the laser can
/// do when its rail or its rollover comes first.
///
/// # Errors
/// The parameters of the laser are out of range, or it does not lase at this temperature.
pub fn laser_power_control(
    laser: &Laser,
    case_temperature: Celsius,
    set_point: Watts,
) -> Result<LaserState, DeviceError> {
    match laser.operating_point(case_temperature, set_point) {
        Ok(point) => Ok(LaserState {
            point,
            is_at_rail: false,
        }),
        Err(DeviceError::PowerUnreachable { .. }) => {
            let (current, _, _) = laser.greatest_power(case_temperature)?;
            Ok(LaserState {
                point: laser.at_current(case_temperature, current)?,
                is_at_rail: true,
            })
        }
        Err(error) => Err(error),
    }
}

/// Where the heater of a ring has settled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeaterState {
    /// Heater power: of rings that share their design and stand in one row, the mean.
    pub power: Watts,
    /// How far heaters move the resonance, its own and those beside it.
    pub shift: Meters,
    /// By how many channels the rings of its bus are shifted.
    pub channels: i32,
    /// Change of the resonance with temperature, from the mode of the guide.
    pub drift: MetersPerKelvin,
}

/// What the heater of a ring has to do, and what it can.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RingHeater<'a> {
    /// Standard deviation of the resonance as made.
    resonance_spread: &'a Sourced<Meters>,
    /// Shift of the resonance with heater power.
    efficiency: &'a Sourced<MetersPerWatt>,
    /// Greatest power.
    rail: &'a Sourced<Watts>,
    /// Share of the shift that neighbours see.
    crosstalk: Option<&'a Sourced<Ratio>>,
}

impl<'a> From<&'a parts::RingModulator> for RingHeater<'a> {
    fn from(part: &'a parts::RingModulator) -> Self {
        Self {
            resonance_spread: &part.resonance_spread,
            efficiency: &part.heater_efficiency,
            rail: &part.max_heater_power,
            crosstalk: part.heater_crosstalk.as_ref(),
        }
    }
}

impl<'a> From<&'a parts::RingFilter> for RingHeater<'a> {
    fn from(part: &'a parts::RingFilter) -> Self {
        Self {
            resonance_spread: &part.resonance_spread,
            efficiency: &part.heater_efficiency,
            rail: &part.max_heater_power,
            crosstalk: part.heater_crosstalk.as_ref(),
        }
    }
}

/// The photonic die under a ring.
#[derive(Debug, Clone)]
pub(crate) struct Substrate<'a> {
    /// Its temperature.
    pub(crate) temperature: Derived<Celsius>,
    /// Highest temperature that its rings are made for.
    pub(crate) design: Option<&'a Sourced<Celsius>>,
}

/// How far heat has to move a ring whose place is not measured, `3 sigma + drift (T_d - T)`.
///
/// Rings are made blue of their laser by three standard deviations of their spread at the design
/// temperature, so that all of them can be heated into place; a colder substrate needs more heat,
/// a hotter one leaves nothing to take away.
pub(crate) fn made_shift(
    ring: RingHeater<'_>,
    substrate: &Substrate<'_>,
    drift: &Derived<MetersPerKelvin>,
) -> Derived<Meters> {
    let temperature = &substrate.temperature;
    let design = substrate.design.map(read);
    let cooler = design.unwrap_or_else(|| temperature.clone()) - temperature.clone();
    let guard = (number(3.0) * read(ring.resonance_spread)).named("guard of the rings");
    guard + drift.clone() * cooler
}

/// Channel and free spectral range of a ring whose control may shift it to other channels.
pub(crate) type Channel = (Derived<Meters>, Derived<Meters>);

/// Heater power that holds a ring on its laser: what moves the resonance by `shift`. Where its
/// neighbours warm it, or it may serve other channels, that is settled with them, and what it needs
/// alone is given for it.
///
/// # Errors
/// The needed power lies below the reserve or above the rail: the ring is not locked.
pub(crate) fn heater_lock(
    ring: RingHeater<'_>,
    substrate: &Substrate<'_>,
    drift: &Derived<MetersPerKelvin>,
    (reserve, channel): (Option<&Sourced<Watts>>, Option<Channel>),
    shift: &Derived<Meters>,
) -> Result<(HeaterState, Derived<Watts>, Option<RingNeed>), LaneFault> {
    let efficiency = read(ring.efficiency);
    let power = shift.clone() / efficiency.clone();
    let low = reserve.map_or(Watts::new(0.0), |reserve| reserve.value);
    let rail = ring.rail.value;
    let is_alone = ring.crosstalk.is_none() && channel.is_none();
    if is_alone && (power.value() < low || power.value() > rail) {
        return Err(LaneFault::RingUnlocked {
            needed: power.value(),
            low,
            high: rail,
            substrate: substrate.temperature.value(),
        });
    }
    let state = HeaterState {
        power: power.value(),
        shift: shift.value(),
        drift: drift.value(),
        channels: 0,
    };
    if is_alone {
        return Ok((state, power.named("heater of a ring"), None));
    }
    let power = power.named("heater of a ring without its neighbours");
    let need = RingNeed {
        power: power.clone(),
        efficiency,
        share: ring.crosstalk.map_or_else(|| number(0.0), read_ratio),
        limits: (low, rail),
        substrate: substrate.temperature.value(),
        channel,
    };
    Ok((state, power, Some(need)))
}

/// Thermo-optic drift of a resonance, `d lambda / dT = lambda (d n_eff / dT) / n_g`, from the
/// fundamental mode of the platform's guide by the effective-index method.
///
/// The derivatives are central differences over 1 nm and 1 K. Against the finite-difference mode
/// solver of `photonics` the drift of a silicon strip comes out within a few per cent; the
/// comparison is kept in `validation/`.
///
/// # Errors
/// The guide has no mode at this wavelength.
pub fn waveguide_drift(
    platform: &parts::Platform,
    wavelength: Meters,
) -> Result<MetersPerKelvin, DeviceError> {
    let (lambda, step, kelvin) = (wavelength.value(), 0.5e-9, 0.5);
    let n_eff = |lambda: f64, rise: f64| {
        let index = |m: &parts::Material| {
            // Linear between the two stated wavelengths.
            let weight = (lambda - 1310e-9) / (1550e-9 - 1310e-9);
            let between = |a: f64, b: f64| a + weight * (b - a);
            let n = between(m.index_1310.value.value(), m.index_1550.value.value());
            n + rise
                * between(
                    m.thermo_optic_1310.value.value(),
                    m.thermo_optic_1550.value.value(),
                )
        };
        let (core, cladding) = (index(&platform.core), index(&platform.cladding));
        effective_index_method(
            GuideIndices {
                lower: cladding,
                core,
                upper: cladding,
            },
            platform.guide_width.value,
            platform.guide_height.value,
            Meters::new(0.0),
            Meters::new(lambda),
        )
    };
    let centre = n_eff(lambda, 0.0)?;
    let slope = (n_eff(lambda + step, 0.0)? - n_eff(lambda - step, 0.0)?) / (2.0 * step);
    let group = centre - lambda * slope;
    let thermal = (n_eff(lambda, kelvin)? - n_eff(lambda, -kelvin)?) / (2.0 * kelvin);
    Ok(MetersPerKelvin::new(lambda * thermal / group))
}
