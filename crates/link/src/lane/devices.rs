//! The devices of a lane at work, each with the record of what it was given.

use std::sync::Arc;

use photonics::ring::Ring;
use photonics::ring_modulator::{DetuningGoal, RingModulator};
use photonics::self_heating::HeatedRing;
use photonics::waveguide::NonlinearAbsorption;
use system::Controls;
use system::parts::{self, LaserCondition, Modulator};
use units::derivation::{Call, Field, Function, Given, read};
use units::{
    Celsius, Decibels, DecibelsPerHertz, Derived, Hertz, Meters, MetersPerKelvin, MetersPerWatt,
    Sourced, Watts,
};

use super::derivation::{
    COUPLER, DRIFT, FROM_RATIO, FSR, GRATING, LASER, LOCK, MACH_ZEHNDER, MACH_ZEHNDER_BANDWIDTH,
    MEASURED_COUPLER, MEASURED_LASER, MEASURED_MODULATOR, NONLINEAR, RIN, RING, RING_BANDWIDTH,
    SELF_HEATING, SHIFTED_COUPLER, SHORTFALL, record,
};
use super::row::RingNeed;
use super::{LaneFault, ModulatorState, modulation};
use crate::control::{
    Channel, LaserState, Substrate, heater_lock, laser_power_control, made_shift, waveguide_drift,
};
use crate::measured::ring::LockedRing;
use crate::{convert, measured};

/// A laser under its power control: its state, and the record whose results are optical power,
/// electrical power and junction temperature.
pub(super) fn settled_laser(
    part: &parts::Laser,
    case: &Derived<Celsius>,
    set_point: &Derived<Watts>,
) -> Result<(LaserState, Arc<Call>), LaneFault> {
    let settle = |part: &parts::Laser, case: Celsius, set_point: Watts| {
        let device = convert::laser_device(part);
        match &part.measured {
            Some(table) => measured::laser::power_control(table, &device, case, set_point),
            None => Ok(laser_power_control(&device, case, set_point)?),
        }
    };
    let results = |state: &LaserState| {
        vec![
            state.point.power.value(),
            state.point.electrical_power.value(),
            state.point.junction_temperature.value(),
        ]
    };
    let state = settle(part, case.value(), set_point.value())?;
    let measured: &[Field<parts::Laser>] = &[
        |laser| &mut laser.thermal_resistance,
        |laser| &mut laser.max_current,
    ];
    let computed: &[Field<parts::Laser>] = &[
        |laser| &mut laser.reference_temperature,
        |laser| &mut laser.threshold_current,
        |laser| &mut laser.threshold_t0,
        |laser| &mut laser.slope_efficiency,
        |laser| &mut laser.slope_t1,
        |laser| &mut laser.turn_on_voltage,
        |laser| &mut laser.series_resistance,
        |laser| &mut laser.thermal_resistance,
        |laser| &mut laser.max_current,
    ];
    let (function, fields) = if part.measured.is_some() {
        (&MEASURED_LASER, measured)
    } else {
        (&LASER, computed)
    };
    let given = Given {
        part,
        fields,
        others: vec![case.node(), set_point.node()],
    };
    let call = record(function, &given, results(&state), move |part, x| {
        Ok(results(&settle(
            part,
            Celsius::new(x[0]),
            Watts::new(x[1]),
        )?))
    });
    Ok((state, call))
}

/// How far a laser module falls short of its launch in its condition; none when it is new.
pub(super) fn launch_shortfall(module: &parts::LaserModule) -> Option<Derived<Decibels>> {
    let mut fields: Vec<Field<parts::LaserModule>> = Vec::new();
    match module.condition.unwrap_or(LaserCondition::New) {
        LaserCondition::New => return None,
        LaserCondition::EndOfLife => {}
        LaserCondition::Worst => fields.push(|module| &mut module.launch),
    }
    if module.end_of_life_loss.is_some() {
        fields.push(|module| {
            let loss = module.end_of_life_loss.as_mut();
            loss.expect("the field is there")
        });
    }
    let given = Given {
        part: module,
        fields: &fields,
        others: Vec::new(),
    };
    let shortfall = vec![module.launch_shortfall().value()];
    let call = record(&SHORTFALL, &given, shortfall, |module, _| {
        Ok(vec![module.launch_shortfall().value()])
    });
    Some(
        call.result::<Decibels>(0)
            .named("what the module falls short"),
    )
}

/// Noise of a laser with the light that comes back, relative to what it emits.
pub(super) fn laser_noise(part: &parts::Laser, back: &Derived<f64>) -> Derived<DecibelsPerHertz> {
    let level = back
        .map(&FROM_RATIO, Decibels::from_ratio)
        .named("returning light");
    let noise = |part: &parts::Laser, x: &[f64]| {
        let device = convert::laser_device(part);
        Ok(vec![device.rin_with_feedback(Decibels::new(x[0])).value()])
    };
    let rin = convert::laser_device(part).rin_with_feedback(level.value());
    let given = Given {
        part,
        fields: &[
            |laser| &mut laser.rin,
            |laser| &mut laser.feedback_threshold,
            |laser| &mut laser.isolation,
        ],
        others: vec![level.node()],
    };
    record(&RIN, &given, vec![rin.value()], noise)
        .result(0)
        .named("laser noise")
}

/// Loss of a coupler whose fibre may have moved.
pub(super) fn coupler_loss(
    part: &parts::Coupler,
    wavelength: &Derived<Meters>,
    temperature: &Derived<Celsius>,
    shift: Option<&Derived<Meters>>,
) -> Result<Derived<Decibels>, LaneFault> {
    let shift = shift.filter(|_| convert::prices_shift(part));
    // Neither kind drifts with temperature as it is described: it is not among the inputs.
    let at = temperature.value();
    let loss = move |part: &parts::Coupler, x: &[f64]| {
        let shift = Meters::new(x.get(1).copied().unwrap_or_default());
        let loss = convert::coupler_loss(part, Meters::new(x[0]), at, shift)?;
        Ok(vec![loss.value()])
    };
    let edge: &[Field<parts::Coupler>] = &[
        |coupler| &mut edge(coupler).chip_mode_x,
        |coupler| &mut edge(coupler).chip_mode_y,
        |coupler| &mut edge(coupler).fibre_mode,
        |coupler| &mut edge(coupler).offset,
        |coupler| &mut edge(coupler).tilt,
        |coupler| &mut edge(coupler).gap,
        |coupler| &mut edge(coupler).gap_index,
        |coupler| &mut edge(coupler).residual_loss,
    ];
    let grating: &[Field<parts::Coupler>] = &[
        |coupler| &mut grating(coupler).peak_loss,
        |coupler| &mut grating(coupler).centre_wavelength,
        |coupler| &mut grating(coupler).bandwidth_1db,
    ];
    let (function, fields) = match part {
        parts::Coupler::EdgeCoupler(edge) if edge.measured.is_some() => {
            (&MEASURED_COUPLER, &[][..])
        }
        parts::Coupler::GratingCoupler(grating) if grating.measured.is_some() => {
            (&MEASURED_COUPLER, &[][..])
        }
        parts::Coupler::EdgeCoupler(_) if shift.is_some() => (&SHIFTED_COUPLER, edge),
        parts::Coupler::EdgeCoupler(_) => (&COUPLER, edge),
        parts::Coupler::GratingCoupler(_) => (&GRATING, grating),
    };
    let mut others = vec![wavelength.node()];
    others.extend(shift.map(Derived::node));
    let values: Vec<f64> = others.iter().map(|node| node.si).collect();
    let result = loss(part, &values)?;
    let given = Given {
        part,
        fields,
        others,
    };
    Ok(record(function, &given, result, loss).result(0))
}

fn edge(coupler: &mut parts::Coupler) -> &mut parts::EdgeCoupler {
    match coupler {
        parts::Coupler::EdgeCoupler(edge) => edge,
        parts::Coupler::GratingCoupler(_) => {
            unreachable!("the fields are those of an edge coupler")
        }
    }
}

fn grating(coupler: &mut parts::Coupler) -> &mut parts::GratingCoupler {
    match coupler {
        parts::Coupler::GratingCoupler(grating) => grating,
        parts::Coupler::EdgeCoupler(_) => unreachable!("the fields are those of a grating"),
    }
}

/// Reflectance of a coupler.
pub(super) fn coupler_reflectance(part: &parts::Coupler) -> &Sourced<Decibels> {
    match part {
        parts::Coupler::EdgeCoupler(edge) => &edge.reflectance,
        parts::Coupler::GratingCoupler(grating) => &grating.reflectance,
    }
}

/// Loss beyond the linear one from absorption that rises with power; none where the material has
/// no such absorption.
///
/// `power` is that of all `n_waves` together. Equal waves of different wavelengths beat: the mean
/// square of their intensity is `2 - 1 / n` times the square of the mean, and two-photon
/// absorption and the carriers that it makes rise by that, which is the factor of two of cross
/// absorption summed over all pairs.
///
/// # Source
/// R. W. Boyd, Nonlinear Optics: absorption of one wave by another is twice its own.
pub(super) fn nonlinear_loss(
    platform: &parts::Platform,
    (power, n_waves): (&Derived<Watts>, u32),
    length: &Derived<Meters>,
    wavelength: &Derived<Meters>,
) -> Result<Option<Derived<Decibels>>, LaneFault> {
    let beats = 2.0 - 1.0 / f64::from(n_waves);
    let excess = move |platform: &parts::Platform, x: &[f64]| {
        let loss = match convert::nonlinear(platform) {
            Some(absorption) => NonlinearAbsorption {
                two_photon: absorption.two_photon * beats,
                ..absorption
            }
            .excess_loss(
                Watts::new(x[0]),
                Meters::new(x[1]),
                platform.guide_loss.value,
                Meters::new(x[2]),
            )?,
            None => Decibels::new(0.0),
        };
        Ok(vec![loss.value()])
    };
    if convert::nonlinear(platform).is_none() {
        return Ok(None);
    }
    let others = [power.node(), length.node(), wavelength.node()];
    let result = excess(platform, &others.map(|node| node.si))?;
    let given = Given {
        part: platform,
        fields: &[
            |platform| &mut platform.guide_loss,
            |platform| &mut platform.two_photon_absorption,
            |platform| &mut platform.guide_width,
            |platform| &mut platform.guide_height,
            |platform| &mut platform.carrier_lifetime,
            |platform| &mut platform.free_carrier_cross_section,
        ],
        others: others.to_vec(),
    };
    let loss = record(&NONLINEAR, &given, result, excess).result(0);
    Ok(Some(loss.named("nonlinear absorption")))
}

/// A modulator at its operating point.
pub(super) struct AtWork {
    pub(super) state: ModulatorState,
    /// Transmission of each level, rising.
    pub(super) levels: Vec<Derived<f64>>,
    pub(super) bandwidth: Derived<Hertz>,
    pub(super) tuning_power: Derived<Watts>,
    /// What a ring's heater needs without its neighbours, where that is not all.
    pub(super) need: Option<RingNeed>,
    /// Laser wavelength minus resonance of a ring.
    pub(super) detuning: Option<Derived<Meters>>,
    /// Amplitude lost to the error of a ring's lock; none without a lock.
    pub(super) lock_penalty: Option<Derived<Decibels>>,
}

/// The modulator at its operating point.
pub(super) fn modulator(
    engine: &parts::Engine,
    substrate: &Substrate<'_>,
    control: &Controls,
    wavelength: &Derived<Meters>,
    input: &Derived<Watts>,
) -> Result<AtWork, LaneFault> {
    let n_levels = modulation(engine).n_levels();
    match &engine.modulator {
        Modulator::MachZehnder(part) => mach_zehnder(part, substrate, wavelength, n_levels),
        Modulator::RingModulator(part) => {
            let both = OnPlatform {
                ring: (**part).clone(),
                platform: (*engine.platform).clone(),
            };
            let reserve = control.heater_reserve.as_ref();
            let channel = may_shift(engine, control).then(|| {
                let of = |part: &parts::RingModulator, wavelength| {
                    convert::ring_modulator(part, wavelength).ring
                };
                let fields: &[Field<parts::RingModulator>] =
                    &[|ring| &mut ring.radius, |ring| &mut ring.group_index];
                channel(&**part, fields, of, wavelength)
            });
            let held = (reserve, channel);
            ring(&both, substrate, held, (wavelength, input), n_levels)
        }
    }
}

/// Whether the control of an engine may shift its rings to other channels: where a fibre has several.
pub(super) fn may_shift(engine: &parts::Engine, control: &Controls) -> bool {
    let is_bus = engine.wavelengths_per_fibre > 1 && engine.channel_spacing.is_some();
    is_bus && control.barrel_shift == Some(true)
}

/// Wavelength and free spectral range of a ring.
pub(super) fn channel<P: Clone + Send + Sync + 'static>(
    part: &P,
    fields: &[Field<P>],
    ring: impl Fn(&P, Meters) -> Ring + Send + Sync + 'static,
    wavelength: &Derived<Meters>,
) -> Channel {
    let range = move |part: &P, x: &[f64]| {
        let ring = ring(part, Meters::new(x[0]));
        vec![ring.free_spectral_range().value()]
    };
    let result = range(part, &[wavelength.value().value()]);
    let given = Given {
        part,
        fields,
        others: vec![wavelength.node()],
    };
    let call = record(&FSR, &given, result, move |part, x| Ok(range(part, x)));
    (wavelength.clone(), call.result(0))
}

fn mach_zehnder(
    part: &parts::MachZehnder,
    substrate: &Substrate<'_>,
    wavelength: &Derived<Meters>,
    n_levels: usize,
) -> Result<AtWork, LaneFault> {
    let modulated = move |part: &parts::MachZehnder, at: &[f64]| match &part.measured {
        None => Ok(convert::mach_zehnder(part)
            .operating_point(n_levels)?
            .levels),
        Some(table) => {
            let (wavelength, temperature) = (Meters::new(at[0]), Celsius::new(at[1]));
            measured::mach_zehnder::levels(table, part, wavelength, temperature, n_levels)
        }
    };
    let temperature = &substrate.temperature;
    let at = [wavelength.node(), temperature.node()];
    let light = modulated(part, &at.map(|node| node.si))?;
    let given = if part.measured.is_some() {
        Given {
            part,
            fields: &[|mzm: &mut parts::MachZehnder| &mut mzm.drive_voltage],
            others: at.to_vec(),
        }
    } else {
        Given {
            part,
            fields: &[
                |mzm: &mut parts::MachZehnder| &mut mzm.vpi_l,
                |mzm| &mut mzm.length,
                |mzm| &mut mzm.phase_shifter_loss,
                |mzm| &mut mzm.passive_loss,
                |mzm| &mut mzm.drive_voltage,
                |mzm| &mut mzm.bias,
                |mzm| &mut mzm.split_ratio,
            ],
            others: Vec::new(),
        }
    };
    let function = if part.measured.is_some() {
        &MEASURED_MODULATOR
    } else {
        &MACH_ZEHNDER
    };
    let values = light.levels.values().to_vec();
    let levels = record(function, &given, values, move |part, at| {
        Ok(modulated(part, at)?.levels.values().to_vec())
    });
    let bandwidth = |part: &parts::MachZehnder, _: &[f64]| {
        Ok(vec![convert::mach_zehnder(part).bandwidth()?.value()])
    };
    let result = bandwidth(part, &[])?;
    let given = Given {
        part,
        fields: &[
            |mzm| &mut mzm.length,
            |mzm| &mut mzm.rc_bandwidth,
            |mzm| &mut mzm.electrode_loss,
            |mzm| &mut mzm.microwave_index,
            |mzm| &mut mzm.group_index,
        ],
        others: Vec::new(),
    };
    let bandwidth = record(&MACH_ZEHNDER_BANDWIDTH, &given, result, bandwidth)
        .result::<Hertz>(0)
        .named("bandwidth of the modulator");
    Ok(AtWork {
        state: ModulatorState {
            insertion_loss: light.insertion_loss,
            extinction_ratio: light.extinction_ratio,
            rlm: light.rlm,
            bandwidth: bandwidth.value(),
            tuning_power: part.bias_power.value,
            heater: None,
            detuning: None,
            levels: light.levels.values().to_vec(),
            is_bistable: false,
            lock_penalty: Decibels::new(0.0),
        },
        levels: results(&levels),
        bandwidth,
        tuning_power: read(&part.bias_power),
        need: None,
        detuning: None,
        lock_penalty: None,
    })
}

fn results(call: &Arc<Call>) -> Vec<Derived<f64>> {
    (0..call.n_results())
        .map(|index| {
            call.result::<f64>(index)
                .named(format!("level {index} of the modulator"))
        })
        .collect()
}

/// A ring modulator with the guide that it is made of.
#[derive(Clone)]
struct OnPlatform {
    ring: parts::RingModulator,
    platform: parts::Platform,
}

impl OnPlatform {
    /// The ring at the detuning that its lock chooses, measured or computed.
    fn locked(
        &self,
        wavelength: Meters,
        substrate: Celsius,
        n_levels: usize,
    ) -> Result<LockedRing, LaneFault> {
        let part = &self.ring;
        let goal = if part.predistorted {
            DetuningGoal::OuterAmplitude
        } else {
            DetuningGoal::WorstEye
        };
        let drift = waveguide_drift(&self.platform, wavelength)?;
        if let Some(table) = &part.measured {
            let place = (wavelength, substrate);
            return measured::ring::lock(table, part, place, drift, (goal, n_levels));
        }
        let device = convert::ring_modulator(part, wavelength);
        let point = device.best_detuning(goal, n_levels)?;
        Ok(LockedRing {
            detuning: point.detuning,
            ring: device.ring,
            bandwidth: point.bandwidth,
            drift,
            // The heater's part is counted from where rings are made to stand.
            shift: Meters::new(0.0),
            lock_penalty: device
                .drift_penalty(point.detuning, part.lock_error.value, n_levels)?
                .max(Decibels::new(0.0)),
            levels: point.levels,
        })
    }

    /// The ring in its own heat.
    fn heated(&self, ring: Ring, drift: MetersPerKelvin) -> HeatedRing {
        HeatedRing {
            ring,
            shift_per_heat: MetersPerWatt::new(
                drift.value() * self.ring.thermal_resistance.value.value(),
            ),
            absorbed_fraction: self.ring.absorbed_fraction.value,
            nonlinear: convert::nonlinear(&self.platform).map(|absorption| NonlinearAbsorption {
                carrier_lifetime: self.ring.carrier_lifetime.value,
                ..absorption
            }),
        }
    }
}

/// A ring modulator on its platform with its resonance at a wavelength, and the same ring in its
/// own heat.
pub(super) fn ring_device(
    engine: &parts::Engine,
    ring: &parts::RingModulator,
    wavelength: Meters,
    drift: MetersPerKelvin,
) -> (RingModulator, HeatedRing) {
    let device = convert::ring_modulator(ring, wavelength);
    let both = OnPlatform {
        ring: ring.clone(),
        platform: (*engine.platform).clone(),
    };
    let heated = both.heated(device.ring, drift);
    (device, heated)
}

const STATIC: &[Field<OnPlatform>] = &[
    |both| &mut both.ring.radius,
    |both| &mut both.ring.group_index,
    |both| &mut both.ring.loss,
    |both| &mut both.ring.self_coupling,
    |both| &mut both.ring.modulation_efficiency,
    |both| &mut both.ring.drive_voltage,
    |both| &mut both.ring.bus_loss,
];

const GUIDE: &[Field<OnPlatform>] = &[
    |both| &mut both.platform.core.index_1310,
    |both| &mut both.platform.core.index_1550,
    |both| &mut both.platform.core.thermo_optic_1310,
    |both| &mut both.platform.core.thermo_optic_1550,
    |both| &mut both.platform.cladding.index_1310,
    |both| &mut both.platform.cladding.index_1550,
    |both| &mut both.platform.cladding.thermo_optic_1310,
    |both| &mut both.platform.cladding.thermo_optic_1550,
    |both| &mut both.platform.guide_width,
    |both| &mut both.platform.guide_height,
];

/// What a model reads, for a ring that is measured, or computed.
fn fields(both: &OnPlatform, computed: &[&[Field<OnPlatform>]]) -> Vec<Field<OnPlatform>> {
    // A table replaces the spectrum; what the ring that fits it keeps of the part is read still.
    let measured: &[Field<OnPlatform>] = &[
        |both| &mut both.ring.radius,
        |both| &mut both.ring.group_index,
        |both| &mut both.ring.loss,
        |both| &mut both.ring.self_coupling,
        |both| &mut both.ring.drive_voltage,
        |both| &mut both.ring.rc_bandwidth,
        |both| &mut both.ring.lock_error,
    ];
    if both.ring.measured.is_some() {
        [measured, GUIDE].concat()
    } else {
        computed.concat()
    }
}

fn ring(
    both: &OnPlatform,
    substrate: &Substrate<'_>,
    held: (Option<&Sourced<Watts>>, Option<Channel>),
    (wavelength, input): (&Derived<Meters>, &Derived<Watts>),
    n_levels: usize,
) -> Result<AtWork, LaneFault> {
    let part = &both.ring;
    let place_of = substrate;
    let substrate = &substrate.temperature;
    let point = both.locked(wavelength.value(), substrate.value(), n_levels)?;
    let place = if part.measured.is_some() {
        vec![wavelength.node(), substrate.node()]
    } else {
        vec![wavelength.node()]
    };
    let nominal = substrate.value().value();
    // One record for each result, so that each names what moves it and nothing else.
    let recorded = |function: &'static Function,
                    computed: &[&[Field<OnPlatform>]],
                    of: fn(&LockedRing) -> Vec<f64>| {
        let fields = fields(both, computed);
        let given = Given {
            part: both,
            fields: &fields,
            others: place.clone(),
        };
        record(function, &given, of(&point), move |both, at| {
            let substrate = at.get(1).copied().unwrap_or(nominal);
            let point = both.locked(Meters::new(at[0]), Celsius::new(substrate), n_levels)?;
            Ok(of(&point))
        })
    };
    let (spectrum, dynamics) = if part.measured.is_some() {
        (&MEASURED_MODULATOR, &MEASURED_MODULATOR)
    } else {
        (&RING, &RING_BANDWIDTH)
    };
    let levels = recorded(spectrum, &[STATIC], |point| {
        point.levels.levels.values().to_vec()
    });
    let detuning = recorded(spectrum, &[STATIC], |point| vec![point.detuning.value()])
        .result::<Meters>(0)
        .named("detuning");
    let bandwidth: &[Field<OnPlatform>] = &[|both| &mut both.ring.rc_bandwidth];
    let bandwidth = recorded(dynamics, &[STATIC, bandwidth], |point| {
        vec![point.bandwidth.value()]
    });
    let drift = if part.measured.is_some() {
        recorded(&MEASURED_MODULATOR, &[], |point| vec![point.drift.value()])
            .result::<MetersPerKelvin>(0)
            .named("drift of the ring")
    } else {
        drift(&both.platform, wavelength)?
    };
    let lock_error: &[Field<OnPlatform>] = &[|both| &mut both.ring.lock_error];
    let lock_penalty = recorded(&LOCK, &[STATIC, lock_error], |point| {
        vec![point.lock_penalty.value()]
    });
    let light = Held {
        wavelength,
        substrate,
        input,
        detuning: &detuning,
        drift: &drift,
    };
    let (self_heating, is_bistable) = heat_of_light(both, &point, &light, n_levels)?;
    let needed = if part.measured.is_some() {
        recorded(&MEASURED_MODULATOR, &[], |point| vec![point.shift.value()])
            .result::<Meters>(0)
            .named("shift from the substrate's temperature")
    } else {
        made_shift(part.into(), place_of, &drift)
    };
    let shift = (needed - self_heating).named("shift by the heater");
    let (heater, power, need) = heater_lock(part.into(), place_of, &drift, held, &shift)?;
    Ok(AtWork {
        state: ModulatorState {
            insertion_loss: point.levels.insertion_loss,
            extinction_ratio: point.levels.extinction_ratio,
            rlm: point.levels.rlm,
            bandwidth: point.bandwidth,
            tuning_power: heater.power,
            heater: Some(heater),
            detuning: Some(point.detuning),
            levels: point.levels.levels.values().to_vec(),
            is_bistable,
            lock_penalty: point.lock_penalty,
        },
        levels: results(&levels),
        bandwidth: bandwidth
            .result::<Hertz>(0)
            .named("bandwidth of the modulator"),
        tuning_power: power,
        need,
        detuning: Some(detuning),
        lock_penalty: Some(lock_penalty.result(0)),
    })
}

/// Thermo-optic drift of the guide that a ring is made of.
pub(super) fn drift(
    platform: &parts::Platform,
    wavelength: &Derived<Meters>,
) -> Result<Derived<MetersPerKelvin>, LaneFault> {
    let drift = |platform: &parts::Platform, x: &[f64]| {
        Ok(vec![waveguide_drift(platform, Meters::new(x[0]))?.value()])
    };
    let result = drift(platform, &[wavelength.value().value()])?;
    let given = Given {
        part: platform,
        fields: &[
            |platform| &mut platform.core.index_1310,
            |platform| &mut platform.core.index_1550,
            |platform| &mut platform.core.thermo_optic_1310,
            |platform| &mut platform.core.thermo_optic_1550,
            |platform| &mut platform.cladding.index_1310,
            |platform| &mut platform.cladding.index_1550,
            |platform| &mut platform.cladding.thermo_optic_1310,
            |platform| &mut platform.cladding.thermo_optic_1550,
            |platform| &mut platform.guide_width,
            |platform| &mut platform.guide_height,
        ],
        others: vec![wavelength.node()],
    };
    let call = record(&DRIFT, &given, result, drift);
    Ok(call.result::<MetersPerKelvin>(0).named("drift of the ring"))
}

/// A ring that its lock holds, and the light that reaches it.
struct Held<'a> {
    wavelength: &'a Derived<Meters>,
    substrate: &'a Derived<Celsius>,
    input: &'a Derived<Watts>,
    detuning: &'a Derived<Meters>,
    drift: &'a Derived<MetersPerKelvin>,
}

/// Shift of a ring by the light in it, and whether the light can hold it in either of two states.
///
/// The lock sets the distance between laser and hot resonance; the light heats the ring by what
/// it dissipates there, and the heater has that much less to do.
fn heat_of_light(
    both: &OnPlatform,
    point: &LockedRing,
    held: &Held<'_>,
    n_levels: usize,
) -> Result<(Derived<Meters>, bool), LaneFault> {
    let (input, detuning) = (held.input.value(), held.detuning.value());
    let heated = both.heated(point.ring, held.drift.value());
    let shift = heated.locked_state(input, detuning)?.shift;
    let is_bistable = heated.stable_states(input, detuning + shift)? > 1;
    let computed: &[Field<OnPlatform>] = &[
        |both| &mut both.ring.radius,
        |both| &mut both.ring.group_index,
        |both| &mut both.ring.loss,
        |both| &mut both.ring.self_coupling,
    ];
    let heat: &[Field<OnPlatform>] = &[
        |both| &mut both.ring.thermal_resistance,
        |both| &mut both.ring.absorbed_fraction,
    ];
    let nonlinear: &[Field<OnPlatform>] = &[
        |both| &mut both.ring.carrier_lifetime,
        |both| &mut both.platform.two_photon_absorption,
        |both| &mut both.platform.free_carrier_cross_section,
        |both| &mut both.platform.guide_width,
        |both| &mut both.platform.guide_height,
    ];
    let mut fields = fields(both, &[computed]);
    fields.extend(heat);
    if convert::nonlinear(&both.platform).is_some() {
        fields.extend(nonlinear);
    }
    let mut others = vec![
        held.input.node(),
        held.detuning.node(),
        held.drift.node(),
        held.wavelength.node(),
    ];
    let is_measured = both.ring.measured.is_some();
    if is_measured {
        others.push(held.substrate.node());
    }
    let given = Given {
        part: both,
        fields: &fields,
        others,
    };
    let call = record(
        &SELF_HEATING,
        &given,
        vec![shift.value()],
        move |both, x| {
            let wavelength = Meters::new(x[3]);
            let ring = if is_measured {
                both.locked(wavelength, Celsius::new(x[4]), n_levels)?.ring
            } else {
                convert::ring_modulator(&both.ring, wavelength).ring
            };
            let heated = both.heated(ring, MetersPerKelvin::new(x[2]));
            let state = heated.locked_state(Watts::new(x[0]), Meters::new(x[1]))?;
            Ok(vec![state.shift.value()])
        },
    );
    let shift = call.result::<Meters>(0).named("shift by the light");
    Ok((shift, is_bistable))
}
