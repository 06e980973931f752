//! What ideal sensors say of the world at rest.

use link::{Element, LaneDesign};
use plant::{Column, ColumnError, DeviceName, NotADeviceName, Observation, Signal};
use system::{LaserHome, System};
use units::DbMilliwatts;

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

/// Position of a state in a signal's list of names.
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
    let zones = &system.description.zone;
    let temperature = |zone: system::ZoneId| zones[zone.index()].value.temperature.value.value();
    let design = |lane: usize| &steady.lanes.designs[steady.lanes.design_of[lane]];
    let by_lane = |value: &dyn Fn(&LaneDesign) -> Option<f64>| -> Vec<f64> {
        (0..system.media_lanes.len())
            .map(|lane| value(design(lane)).unwrap_or(f64::NAN))
            .collect()
    };
    let average = |element: Element| {
        move |design: &LaneDesign| {
            design
                .planes
                .after(element)
                .map(|plane| plane.average.value())
        }
    };
    let is_lit = |design: &LaneDesign| design.outcome.is_ok();
    let mut add = |column: Result<Column, ColumnError>| -> Result<(), ColumnError> {
        observation.insert(column?);
        Ok(())
    };
    if let Some(power) = &figures.power {
        add(Column::from_values(
            Signal::SwitchPower,
            [power.switch.value()],
        ))?;
    }
    add(Column::from_values(
        Signal::AsicTemperature,
        system.asics.iter().map(|asic| temperature(asic.zone)),
    ))?;
    add(Column::from_values(
        Signal::EngineTemperature,
        system.engines.iter().map(|engine| temperature(engine.zone)),
    ))?;
    add(Column::from_values(
        Signal::ZoneTemperature,
        zones
            .iter()
            .map(|zone| zone.value.temperature.value.value()),
    ))?;
    add(Column::from_values(
        Signal::EngineInputPower,
        by_lane(&average(Element::InputCoupler)),
    ))?;
    add(Column::from_values(
        Signal::TransmitMonitorPower,
        by_lane(&average(Element::Modulation)),
    ))?;
    add(Column::from_values(
        Signal::TransmitOma,
        by_lane(&|design| {
            design
                .planes
                .after(Element::OutputCoupler)?
                .oma
                .map(DbMilliwatts::value)
        }),
    ))?;
    add(Column::from_values(
        Signal::RxPower,
        by_lane(&average(Element::Demultiplexer)),
    ))?;
    add(Column::from_values(
        Signal::RxOma,
        by_lane(&|design| {
            design
                .planes
                .after(Element::Demultiplexer)?
                .oma
                .map(DbMilliwatts::value)
        }),
    ))?;
    add(Column::from_values(
        Signal::PreFecBer,
        by_lane(&|design| {
            design
                .outcome
                .as_ref()
                .ok()
                .map(link::Solution::pre_fec_ber)
        }),
    ))?;
    add(Column::from_values(
        Signal::TransmitHeaterPower,
        by_lane(&|design| {
            design
                .modulator
                .as_ref()
                .map(|modulator| modulator.tuning_power.value())
        }),
    ))?;
    let by_state = |test: &dyn Fn(&LaneDesign) -> bool, no: u8, yes: u8| -> Vec<u8> {
        (0..system.media_lanes.len())
            .map(|lane| if test(design(lane)) { yes } else { no })
            .collect()
    };
    add(Column::from_states(
        Signal::TransmitLock,
        by_state(
            &|design| design.modulator.is_some(),
            state::UNLOCKED,
            state::LOCKED,
        ),
    ))?;
    add(Column::from_states(
        Signal::ReceiveSignal,
        by_state(&is_lit, state::LOST, state::PRESENT),
    ))?;
    add(Column::from_values(
        Signal::LaserModuleTemperature,
        system
            .laser_modules
            .iter()
            .map(|module| temperature(module.zone)),
    ))?;
    let laser = |index: usize| {
        let lane = system.lasers[index].media_lanes.clone().next()?;
        design(lane as usize).laser.map(|laser| laser.point)
    };
    let by_laser = |value: &dyn Fn(photonics::laser::LaserOperatingPoint) -> f64| -> Vec<f64> {
        (0..system.lasers.len())
            .map(|index| laser(index).map_or(f64::NAN, value))
            .collect()
    };
    add(Column::from_values(
        Signal::LaserBias,
        by_laser(&|point| point.current.value()),
    ))?;
    add(Column::from_values(
        Signal::LaserPower,
        by_laser(&|point| DbMilliwatts::from_watts(point.power).value()),
    ))?;
    add(Column::from_values(
        Signal::LaserTemperature,
        by_laser(&|point| point.junction_temperature.value()),
    ))?;
    add(Column::from_values(
        Signal::LaserVoltage,
        by_laser(&|point| point.voltage.value()),
    ))?;
    add(Column::from_values(
        Signal::LaserFrequency,
        by_laser(&|point| point.wavelength.to_optical_frequency().value()),
    ))?;
    debug_assert!(
        system
            .lasers
            .iter()
            .all(|laser| !matches!(laser.home, LaserHome::Module(_, None))
                || laser.media_lanes.is_empty())
    );
    let port_ber = |port: &system::Port| {
        let bers = port.media_lanes.iter().map(|lane| {
            design(lane.index())
                .outcome
                .as_ref()
                .ok()
                .map(link::Solution::pre_fec_ber)
        });
        let sum: Option<f64> = bers.sum();
        sum.filter(|_| !port.media_lanes.is_empty())
            .map_or(f64::NAN, |sum| sum / port.media_lanes.len() as f64)
    };
    add(Column::from_values(
        Signal::PortPreFecBer,
        system.ports.iter().map(port_ber),
    ))?;
    let is_up = |port: &system::Port| {
        let closes = |lane: &system::MediaLaneId| {
            design(lane.index())
                .outcome
                .as_ref()
                .is_ok_and(link::Solution::closes)
        };
        if port.media_lanes.iter().all(closes) {
            state::UP
        } else {
            state::DOWN
        }
    };
    add(Column::from_states(
        Signal::PortOperation,
        system.ports.iter().map(is_up).collect(),
    ))?;
    Ok(observation)
}
