//! What ideal sensors say of the world at rest.

use link::{Element, LaneDesign, Solution};
use photonics::laser::LaserOperatingPoint;
use plant::{Column, ColumnError, DeviceName, NotADeviceName, Observation, Signal};
use system::{MediaLaneId, System, ZoneId};
use units::{Celsius, DbMilliwatts, Derived};

use crate::figures::Figures;
use crate::steady::SteadyState;

/// Why there is no observation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ObserveError {
    /// The name of the system is not a device name.
    #[error(transparent)]
    Name(#[from] NotADeviceName),
    /// A column does not fit its signal.
    #[error(transparent)]
    Column(#[from] ColumnError),
}

/// Positions of states in their signals' lists of names.
mod state {
    pub(super) const UNLOCKED: u8 = 0;
    pub(super) const LOCKED: u8 = 2;
    pub(super) const LOST: u8 = 0;
    pub(super) const PRESENT: u8 = 1;
    pub(super) const DOWN: u8 = 0;
    pub(super) const UP: u8 = 1;
}

/// One observation by sensors without noise, bias or delay. What a lane does not have, or cannot
/// say because it is dark, reads as failed.
///
/// # Errors
/// The name of the system cannot name a device.
pub fn observe(
    system: &System,
    steady: &SteadyState,
    figures: &Figures,
) -> Result<Observation, ObserveError> {
    let name = DeviceName::new(system.description.name.clone())?;
    let mut observation = Observation::new(system.fingerprint, name);
    let mut columns = temperatures(system, steady)?;
    if let Some(power) = &figures.power {
        columns.push(Column::from_values(
            Signal::SwitchPower,
            [power.switch.value()],
        )?);
    }
    columns.extend(lane_columns(steady)?);
    columns.extend(laser_columns(system, steady)?);
    columns.extend(port_columns(system, steady)?);
    for column in columns {
        observation.insert(column);
    }
    Ok(observation)
}

/// Dies, engines, laser modules, and of each zone its warmest part.
fn temperatures(system: &System, steady: &SteadyState) -> Result<Vec<Column>, ColumnError> {
    let of = &steady.conditions;
    let values = |signal, temperatures: &[Derived<Celsius>]| {
        Column::from_values(signal, temperatures.iter().map(|t| t.value().value()))
    };
    let zones = (0..system.description.zone.len()).map(|zone| {
        let warmest = steady.warmest_of(system, ZoneId::from_index(zone));
        warmest.map_or(f64::NAN, Celsius::value)
    });
    Ok(vec![
        values(Signal::AsicTemperature, &of.asics)?,
        values(Signal::EngineTemperature, &of.engines)?,
        values(Signal::LaserModuleTemperature, &of.laser_modules)?,
        Column::from_values(Signal::ZoneTemperature, zones)?,
    ])
}

fn lane_columns(steady: &SteadyState) -> Result<Vec<Column>, ColumnError> {
    let designs = || {
        let lanes = &steady.lanes;
        lanes.design_of.iter().map(|design| &lanes.designs[*design])
    };
    let values = |signal, of: &dyn Fn(&LaneDesign) -> Option<f64>| {
        Column::from_values(
            signal,
            designs().map(|design| of(design).unwrap_or(f64::NAN)),
        )
    };
    let average =
        |element| move |design: &LaneDesign| Some(design.planes.after(element)?.average.value());
    let oma = |element| {
        move |design: &LaneDesign| design.planes.after(element)?.oma.map(DbMilliwatts::value)
    };
    let states = |signal, test: &dyn Fn(&LaneDesign) -> bool, [no, yes]: [u8; 2]| {
        Column::from_states(
            signal,
            designs()
                .map(|design| if test(design) { yes } else { no })
                .collect(),
        )
    };
    Ok(vec![
        values(Signal::EngineInputPower, &average(Element::InputCoupler))?,
        values(Signal::TransmitMonitorPower, &average(Element::Modulation))?,
        values(Signal::TransmitOma, &oma(Element::Modulation))?,
        values(Signal::RxPower, &|design| {
            average(Element::Photodiode)(design.incoming())
        })?,
        values(Signal::RxOma, &|design| {
            oma(Element::Photodiode)(design.incoming())
        })?,
        values(Signal::PreFecBer, &|design| {
            design
                .incoming()
                .outcome
                .as_ref()
                .ok()
                .map(Solution::pre_fec_ber)
        })?,
        values(Signal::TransmitHeaterPower, &|design| {
            design
                .modulator
                .as_ref()
                .map(|modulator| modulator.tuning_power.value())
        })?,
        states(
            Signal::TransmitLock,
            &|design| design.modulator.is_some(),
            [state::UNLOCKED, state::LOCKED],
        )?,
        states(
            Signal::ReceiveSignal,
            &|design| design.incoming().outcome.is_ok(),
            [state::LOST, state::PRESENT],
        )?,
    ])
}

fn laser_columns(system: &System, steady: &SteadyState) -> Result<Vec<Column>, ColumnError> {
    let point = |laser: &system::LaserEntity| -> Option<LaserOperatingPoint> {
        let lane = laser.media_lanes.first()?;
        steady.lanes.design(*lane).laser.map(|laser| laser.point)
    };
    let values = |signal, of: &dyn Fn(LaserOperatingPoint) -> f64| {
        let lasers = system.lasers.iter();
        Column::from_values(
            signal,
            lasers.map(|laser| point(laser).map_or(f64::NAN, of)),
        )
    };
    // The monitor sits at the module's connector, behind any loss inside.
    let power = |laser: &system::LaserEntity| -> Option<f64> {
        let planes = &steady.lanes.design(*laser.media_lanes.first()?).planes;
        Some(planes.after(Element::Laser)?.average.value())
    };
    let powers = system
        .lasers
        .iter()
        .map(|laser| power(laser).unwrap_or(f64::NAN));
    Ok(vec![
        Column::from_values(Signal::LaserPower, powers)?,
        values(Signal::LaserBias, &|point| point.current.value())?,
        values(Signal::LaserTemperature, &|point| {
            point.junction_temperature.value()
        })?,
        values(Signal::LaserVoltage, &|point| point.voltage.value())?,
        values(Signal::LaserFrequency, &|point| {
            point.wavelength.to_optical_frequency().value()
        })?,
    ])
}

fn port_columns(system: &System, steady: &SteadyState) -> Result<Vec<Column>, ColumnError> {
    let solution = |lane: &MediaLaneId| steady.lanes.design(*lane).incoming().outcome.as_ref().ok();
    // An electrical port has no optical error ratio; one dark lane leaves none to state.
    let error_ratio = |port: &system::Port| {
        let sum: Option<f64> = port
            .media_lanes
            .iter()
            .map(|lane| solution(lane).map(Solution::pre_fec_ber))
            .sum();
        let mean = sum.map(|sum| sum / port.media_lanes.len() as f64);
        mean.unwrap_or(f64::NAN)
    };
    let is_up = |port: &system::Port| {
        port.media_lanes.iter().all(|lane| {
            let worse = steady.lanes.design(*lane).worse();
            worse.outcome.as_ref().is_ok_and(Solution::closes)
        })
    };
    Ok(vec![
        Column::from_values(Signal::PortPreFecBer, system.ports.iter().map(error_ratio))?,
        Column::from_states(
            Signal::PortOperation,
            system
                .ports
                .iter()
                .map(|port| if is_up(port) { state::UP } else { state::DOWN })
                .collect(),
        )?,
    ])
}
