//! The devices of a lane at work, each with the record of what it was given.

use std::sync::Arc;

use photonics::ring_modulator::DetuningGoal;
use photonics::self_heating::HeatedRing;
use photonics::waveguide::NonlinearAbsorption;
use system::parts::{self, Modulator};
use units::derivation::{Call, Field, Given, read};
use units::{
    Celsius, Decibels, DecibelsPerHertz, Derived, Hertz, Meters, MetersPerKelvin, MetersPerWatt,
    Sourced, Watts,
};

use super::derivation::{
    COUPLER, DRIFT, FROM_RATIO, GRATING, LASER, LOCK, MACH_ZEHNDER, MACH_ZEHNDER_BANDWIDTH,
    MEASURED_COUPLER, MEASURED_LASER, NONLINEAR, RIN, RING, RING_BANDWIDTH, SELF_HEATING, record,
};
use super::{LaneFault, ModulatorState, modulation};
use crate::control::{
    LaserState, heater_lock, laser_power_control, measured_power_control, waveguide_drift,
};
use crate::convert;

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
            Some(table) => measured_power_control(table, &device, case, set_point),
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

/// Loss of a coupler.
pub(super) fn coupler_loss(
    part: &parts::Coupler,
    wavelength: &Derived<Meters>,
    temperature: &Derived<Celsius>,
) -> Result<Derived<Decibels>, LaneFault> {
    let loss = |part: &parts::Coupler, x: &[f64]| {
        let loss = convert::coupler_loss(part, Meters::new(x[0]), Celsius::new(x[1]))?;
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
        parts::Coupler::EdgeCoupler(_) => (&COUPLER, edge),
        parts::Coupler::GratingCoupler(_) => (&GRATING, grating),
    };
    // Neither kind drifts with temperature as it is described: it is not among the inputs.
    let at = temperature.value().value();
    let result = loss(part, &[wavelength.value().value(), at])?;
    let given = Given {
        part,
        fields,
        others: vec![wavelength.node()],
    };
    Ok(record(function, &given, result, move |part, x| {
        loss(part, &[x[0], at])
    })
    .result(0))
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
pub(super) fn nonlinear_loss(
    platform: &parts::Platform,
    power: &Derived<Watts>,
    length: &Derived<Meters>,
    wavelength: &Derived<Meters>,
) -> Result<Option<Derived<Decibels>>, LaneFault> {
    let excess = |platform: &parts::Platform, x: &[f64]| {
        let loss = match convert::nonlinear(platform) {
            Some(absorption) => absorption.excess_loss(
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
    /// Amplitude lost to the error of a ring's lock; none without a lock.
    pub(super) lock_penalty: Option<Derived<Decibels>>,
}

/// The modulator at its operating point.
pub(super) fn modulator(
    engine: &parts::Engine,
    zone: &system::Zone,
    reserve: Option<&Sourced<Watts>>,
    wavelength: &Derived<Meters>,
    input: &Derived<Watts>,
) -> Result<AtWork, LaneFault> {
    match &engine.modulator {
        Modulator::MachZehnder(part) => mach_zehnder(part, modulation(engine).n_levels()),
        Modulator::RingModulator(part) => ring(part, engine, zone, reserve, wavelength, input),
    }
}

fn mach_zehnder(part: &parts::MachZehnder, n_levels: usize) -> Result<AtWork, LaneFault> {
    let point = convert::mach_zehnder(part).operating_point(n_levels)?;
    let state = ModulatorState {
        insertion_loss: point.levels.insertion_loss,
        extinction_ratio: point.levels.extinction_ratio,
        rlm: point.levels.rlm,
        bandwidth: point.bandwidth,
        tuning_power: part.bias_power.value,
        heater: None,
        detuning: None,
        levels: point.levels.levels.values().to_vec(),
        is_bistable: false,
        lock_penalty: Decibels::new(0.0),
    };
    let given = Given {
        part,
        fields: &[
            |mzm| &mut mzm.vpi_l,
            |mzm| &mut mzm.length,
            |mzm| &mut mzm.phase_shifter_loss,
            |mzm| &mut mzm.passive_loss,
            |mzm| &mut mzm.drive_voltage,
            |mzm| &mut mzm.bias,
            |mzm| &mut mzm.split_ratio,
        ],
        others: Vec::new(),
    };
    let levels = record(
        &MACH_ZEHNDER,
        &given,
        state.levels.clone(),
        move |part, _| {
            let point = convert::mach_zehnder(part).operating_point(n_levels)?;
            Ok(point.levels.levels.values().to_vec())
        },
    );
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
    let result = vec![point.bandwidth.value()];
    let bandwidth = record(&MACH_ZEHNDER_BANDWIDTH, &given, result, move |part, _| {
        let point = convert::mach_zehnder(part).operating_point(n_levels)?;
        Ok(vec![point.bandwidth.value()])
    });
    Ok(AtWork {
        state,
        levels: results(&levels),
        bandwidth: bandwidth
            .result::<Hertz>(0)
            .named("bandwidth of the modulator"),
        tuning_power: read(&part.bias_power),
        lock_penalty: None,
    })
}

fn results(call: &Arc<Call>) -> Vec<Derived<f64>> {
    (0..call.n_results())
        .map(|index| call.result(index))
        .collect()
}

/// A ring modulator with the guide that it is made of.
#[derive(Clone)]
struct OnPlatform {
    ring: parts::RingModulator,
    platform: parts::Platform,
}

fn ring(
    part: &parts::RingModulator,
    engine: &parts::Engine,
    zone: &system::Zone,
    reserve: Option<&Sourced<Watts>>,
    wavelength: &Derived<Meters>,
    input: &Derived<Watts>,
) -> Result<AtWork, LaneFault> {
    let n_levels = modulation(engine).n_levels();
    let both = OnPlatform {
        ring: part.clone(),
        platform: (*engine.platform).clone(),
    };
    let best = move |part: &parts::RingModulator, wavelength: Meters| {
        let goal = if part.predistorted {
            DetuningGoal::OuterAmplitude
        } else {
            DetuningGoal::WorstEye
        };
        convert::ring_modulator(part, wavelength).best_detuning(goal, n_levels)
    };
    let point = best(part, wavelength.value())?;
    let statics: &[Field<parts::RingModulator>] = &[
        |ring| &mut ring.radius,
        |ring| &mut ring.group_index,
        |ring| &mut ring.loss,
        |ring| &mut ring.self_coupling,
        |ring| &mut ring.modulation_efficiency,
        |ring| &mut ring.drive_voltage,
        |ring| &mut ring.bus_loss,
    ];
    let given = Given {
        part,
        fields: statics,
        others: vec![wavelength.node()],
    };
    let n = point.levels.levels.values().len();
    let mut static_results = point.levels.levels.values().to_vec();
    static_results.push(point.detuning.value());
    let levels = record(&RING, &given, static_results, move |part, x| {
        let point = best(part, Meters::new(x[0]))?;
        let mut results = point.levels.levels.values().to_vec();
        results.push(point.detuning.value());
        Ok(results)
    });
    let detuning = levels.result::<Meters>(n).named("detuning");
    let dynamics: Vec<Field<parts::RingModulator>> = statics
        .iter()
        .copied()
        .chain([(|ring| &mut ring.rc_bandwidth) as Field<parts::RingModulator>])
        .collect();
    let given = Given {
        part,
        fields: &dynamics,
        others: vec![wavelength.node()],
    };
    let bandwidth = record(
        &RING_BANDWIDTH,
        &given,
        vec![point.bandwidth.value()],
        move |part, x| Ok(vec![best(part, Meters::new(x[0]))?.bandwidth.value()]),
    );
    let drift = drift(&engine.platform, wavelength)?;
    let (self_heating, is_bistable) = heat_of_light(&both, wavelength, input, &detuning, &drift)?;
    let (heater, power) = heater_lock(part, zone, &drift, reserve, &self_heating)?;
    let lock_penalty = lock_penalty(part, n_levels, wavelength, &detuning)?;
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
            lock_penalty: lock_penalty.value(),
        },
        levels: results(&levels).into_iter().take(n).collect(),
        bandwidth: bandwidth
            .result::<Hertz>(0)
            .named("bandwidth of the modulator"),
        tuning_power: power,
        lock_penalty: Some(lock_penalty),
    })
}

/// Thermo-optic drift of the guide that a ring is made of.
fn drift(
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

/// Shift of a ring by the light in it, and whether the light can hold it in either of two states.
///
/// The lock sets the distance between laser and hot resonance; the light heats the ring by what
/// it dissipates there, and the heater has that much less to do.
fn heat_of_light(
    both: &OnPlatform,
    wavelength: &Derived<Meters>,
    input: &Derived<Watts>,
    detuning: &Derived<Meters>,
    drift: &Derived<MetersPerKelvin>,
) -> Result<(Derived<Meters>, bool), LaneFault> {
    let heated = |both: &OnPlatform, wavelength: Meters, drift: MetersPerKelvin| HeatedRing {
        ring: convert::ring_modulator(&both.ring, wavelength).ring,
        shift_per_heat: MetersPerWatt::new(
            drift.value() * both.ring.thermal_resistance.value.value(),
        ),
        absorbed_fraction: both.ring.absorbed_fraction.value,
        nonlinear: convert::nonlinear(&both.platform).map(|absorption| NonlinearAbsorption {
            carrier_lifetime: both.ring.carrier_lifetime.value,
            ..absorption
        }),
    };
    let shift = move |both: &OnPlatform, x: &[f64]| {
        let ring = heated(both, Meters::new(x[0]), MetersPerKelvin::new(x[3]));
        let state = ring.locked_state(Watts::new(x[1]), Meters::new(x[2]))?;
        Ok(vec![state.shift.value()])
    };
    let others = [
        wavelength.node(),
        input.node(),
        detuning.node(),
        drift.node(),
    ];
    let result = shift(both, &others.map(|node| node.si))?;
    let cold = detuning.value() + Meters::new(result[0]);
    let ring = heated(both, wavelength.value(), drift.value());
    let is_bistable = ring.stable_states(input.value(), cold)? > 1;
    let linear: &[Field<OnPlatform>] = &[
        |both| &mut both.ring.radius,
        |both| &mut both.ring.group_index,
        |both| &mut both.ring.loss,
        |both| &mut both.ring.self_coupling,
        |both| &mut both.ring.thermal_resistance,
        |both| &mut both.ring.absorbed_fraction,
    ];
    let with_nonlinear: Vec<Field<OnPlatform>> = linear
        .iter()
        .copied()
        .chain([
            (|both| &mut both.ring.carrier_lifetime) as Field<OnPlatform>,
            |both| &mut both.platform.two_photon_absorption,
            |both| &mut both.platform.free_carrier_cross_section,
            |both| &mut both.platform.guide_width,
            |both| &mut both.platform.guide_height,
        ])
        .collect();
    let given = Given {
        part: both,
        fields: if convert::nonlinear(&both.platform).is_some() {
            &with_nonlinear
        } else {
            linear
        },
        others: others.to_vec(),
    };
    let call = record(&SELF_HEATING, &given, result, shift);
    Ok((
        call.result::<Meters>(0).named("shift by the light"),
        is_bistable,
    ))
}

/// Amplitude lost to the residual error of a ring's lock.
fn lock_penalty(
    part: &parts::RingModulator,
    n_levels: usize,
    wavelength: &Derived<Meters>,
    detuning: &Derived<Meters>,
) -> Result<Derived<Decibels>, LaneFault> {
    let penalty = move |part: &parts::RingModulator, x: &[f64]| {
        let device = convert::ring_modulator(part, Meters::new(x[0]));
        let lost = device.drift_penalty(Meters::new(x[1]), part.lock_error.value, n_levels)?;
        Ok(vec![lost.max(Decibels::new(0.0)).value()])
    };
    let others = [wavelength.node(), detuning.node()];
    let result = penalty(part, &others.map(|node| node.si))?;
    let given = Given {
        part,
        fields: &[
            |ring| &mut ring.radius,
            |ring| &mut ring.group_index,
            |ring| &mut ring.loss,
            |ring| &mut ring.self_coupling,
            |ring| &mut ring.modulation_efficiency,
            |ring| &mut ring.drive_voltage,
            |ring| &mut ring.lock_error,
        ],
        others: others.to_vec(),
    };
    Ok(record(&LOCK, &given, result, penalty).result(0))
}
