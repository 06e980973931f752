//! What a module's sensors say, from an observation of its plant.
//!
//! A reading that has failed is none, a stale one is what was last read. What a plant does not measure
//! at all is none where it is a number. Where it is yes or no it follows from what is measured, and in
//! the end is taken as healthy: nothing is flagged that nobody has seen.

use cmis::module::{
    FoundPattern, LaneReadings, LaserReadings, LockReadings, Readings, TestPattern, ZoneReadings,
};
use plant::{Column, EdgeKind, Entity, Observation, Signal};
use system::{HostLaneId, LaserHome, System, ZoneId};
use units::DbMilliwatts;

use crate::fleet::{Device, Fleet, Part};
use crate::profile::{self, Rails};

/// States of signals, as `plant::signal` names them.
const FULL_POWER: u8 = 2;
const UNLOCKED: u8 = 0;
const LOCKED: u8 = 2;
const OUTPUT_OFF: u8 = 0;
const SIGNAL_LOST: u8 = 0;
const ABSENT: u8 = 0;

/// The state of a lock that does not exist or is not measured.
const NOT_FITTED: u8 = 3;

/// Error ratio of a receiver from which on its eye counts as shut, so that it finds no clock: half of that
/// of a guess.
const SHUT_EYE: f64 = 0.25;

/// What a zone does that has shut its parts down, and the cause of a fault that this is, by its register.
const SHUT_DOWN: u8 = 2;
const TOO_HOT: u8 = 6;

/// Share of its greatest current from which on a laser's loop has nothing left, as far as a monitor of
/// bias tells.
const RAIL: f64 = 0.99;

/// The error ratio of a receiver that has not locked: it guesses.
const GUESSING: f64 = 0.5;

/// The columns that modules read, looked up once for all of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Columns<'a> {
    observation: &'a Observation,
    rx_power: Option<&'a Column>,
    tx_power: Option<&'a Column>,
    tx_output: Option<&'a Column>,
    tx_lock: Option<&'a Column>,
    rx_lock: Option<&'a Column>,
    tx_heater: Option<&'a Column>,
    rx_heater: Option<&'a Column>,
    tx_oma: Option<&'a Column>,
    rx_oma: Option<&'a Column>,
    rx_signal: Option<&'a Column>,
    input: Option<&'a Column>,
    ber: Option<&'a Column>,
    snr: Option<&'a Column>,
    rx_pattern: Option<&'a Column>,
    host_pattern: Option<&'a Column>,
    host_ber: Option<&'a Column>,
    host_snr: Option<&'a Column>,
    tx_detuning: Option<&'a Column>,
    rx_detuning: Option<&'a Column>,
    host_lock: Option<&'a Column>,
    bias: Option<&'a Column>,
    laser_power: Option<&'a Column>,
    laser_temperature: Option<&'a Column>,
    laser_voltage: Option<&'a Column>,
    laser_age: Option<&'a Column>,
    laser_frequency: Option<&'a Column>,
    laser_output: Option<&'a Column>,
}

impl<'a> Columns<'a> {
    pub(crate) fn of(observation: &'a Observation) -> Self {
        let of = |signal| observation.column(signal);
        Self {
            observation,
            rx_power: of(Signal::RxPower),
            tx_power: of(Signal::TransmitMonitorPower),
            tx_output: of(Signal::TransmitOutput),
            tx_lock: of(Signal::TransmitLock),
            rx_lock: of(Signal::ReceiveLock),
            tx_heater: of(Signal::TransmitHeaterPower),
            rx_heater: of(Signal::ReceiveHeaterPower),
            tx_oma: of(Signal::TransmitOma),
            rx_oma: of(Signal::RxOma),
            rx_signal: of(Signal::ReceiveSignal),
            input: of(Signal::EngineInputPower),
            ber: of(Signal::PreFecBer),
            snr: of(Signal::RxSnr),
            rx_pattern: of(Signal::ReceivePattern),
            host_pattern: of(Signal::HostInputPattern),
            host_ber: of(Signal::HostInputBer),
            host_snr: of(Signal::HostInputSnr),
            tx_detuning: of(Signal::TransmitDetuning),
            rx_detuning: of(Signal::ReceiveDetuning),
            host_lock: of(Signal::HostInputLock),
            bias: of(Signal::LaserBias),
            laser_power: of(Signal::LaserPower),
            laser_temperature: of(Signal::LaserTemperature),
            laser_voltage: of(Signal::LaserVoltage),
            laser_age: of(Signal::LaserAge),
            laser_frequency: of(Signal::LaserFrequency),
            laser_output: of(Signal::LaserOutput),
        }
    }

    fn one(&self, signal: Signal, index: usize) -> Option<f64> {
        value(self.observation.column(signal), index)
    }

    fn state_of(&self, signal: Signal, index: usize) -> Option<u8> {
        state(self.observation.column(signal), index)
    }
}

fn value(column: Option<&Column>, index: usize) -> Option<f64> {
    column?.value(index)
}

fn state(column: Option<&Column>, index: usize) -> Option<u8> {
    column?.state(index)
}

/// The test pattern that an input finds.
fn pattern(column: Option<&Column>, index: Option<usize>) -> FoundPattern {
    let Some(found) = index.and_then(|index| state(column, index)) else {
        return FoundPattern::Unknown;
    };
    plant::TestPattern::from_state(found).map_or(FoundPattern::Nothing, |of| {
        FoundPattern::Pattern(TestPattern {
            code: of.sequence.code(),
            is_inverted: of.is_inverted,
        })
    })
}

fn milliwatts(column: Option<&Column>, index: usize) -> Option<f64> {
    let level = DbMilliwatts::new(value(column, index)?);
    Some(level.to_watts().value() * 1e3)
}

/// How far a frequency is off its place.
fn off_mhz(column: Option<&Column>, index: usize, place_hz: Option<f64>) -> Option<f64> {
    Some((value(column, index)? - place_hz?) * 1e-6)
}

/// From the nearer end of a heater's range, in percent of it.
fn headroom_percent(heater_mw: Option<f64>, rail_mw: Option<f64>) -> Option<f64> {
    let (heater, rail) = (heater_mw?, rail_mw.filter(|rail| *rail > 0.0)?);
    Some((heater.min(rail - heater) / rail * 100.0).max(0.0))
}

fn milli(column: Option<&Column>, index: usize) -> Option<f64> {
    Some(value(column, index)? * 1e3)
}

fn mega(column: Option<&Column>, index: usize) -> Option<f64> {
    Some(value(column, index)? * 1e-6)
}

/// What of a device's readings follows from its place in the fleet, and the limits that say what its
/// sensors do not.
#[derive(Debug, Clone)]
pub(crate) struct Wiring {
    /// Of each lane: the laser module that lights it, among those of the device, and its feed.
    sources: Vec<(Option<u8>, Option<u8>)>,
    /// The first lane of each feed.
    feeds: Vec<usize>,
    /// Of each lane, or of each laser of a laser module: where its laser belongs.
    grids_hz: Vec<Option<f64>>,
    rails: Rails,
    /// Of a laser, mA.
    max_bias_ma: f64,
    /// Nominal, V.
    supply_v: f64,
    /// Received light below which there is none where nobody looks, mW.
    dark_mw: f64,
}

impl Wiring {
    pub(crate) fn new(system: &System, fleet: &Fleet, number: usize, limits: Dark) -> Self {
        let device = &fleet.devices()[number];
        let mut lasers = Vec::new();
        let mut feeds = Vec::new();
        let sources = device.lanes.iter().enumerate().map(|(lane, of)| {
            let LaserHome::Module(module, _) = system.lasers[of.laser.index()].home else {
                return (None, None);
            };
            let module = fleet
                .laser_module(module)
                .and_then(|of| device.lit_by.iter().position(|module| *module == of));
            let feed = lasers.iter().position(|laser| *laser == of.laser);
            let feed = feed.unwrap_or_else(|| {
                lasers.push(of.laser);
                feeds.push(lane);
                lasers.len() - 1
            });
            let small = |position: usize| u8::try_from(position).ok();
            (module.and_then(small), small(feed))
        });
        let sources = sources.collect();
        let supply = fleet.described(system, number);
        Self {
            sources,
            feeds,
            grids_hz: profile::grids_hz(system, device),
            rails: profile::rails(system, device),
            max_bias_ma: limits.max_bias_ma,
            supply_v: supply.map_or(0.0, |of| of.supply.value.value()),
            dark_mw: limits.dark_mw,
        }
    }
}

/// What a module's profile says of its lasers and its receivers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dark {
    pub(crate) max_bias_ma: f64,
    pub(crate) dark_mw: f64,
}

/// Whether a laser module is plugged in: by the pin of its cage, by what happened to it where nobody
/// reads that, and else as before.
pub(crate) fn is_present(columns: &Columns<'_>, part: Part, was: bool) -> bool {
    let Part::LaserModule(module) = part else {
        return true;
    };
    if let Some(state) = columns.state_of(Signal::LaserModulePresence, module.index()) {
        return state != ABSENT;
    }
    let entity = Entity::from(module);
    let edges = columns.observation.edges.iter().rev();
    let mut known = edges.filter_map(|edge| match edge.what {
        EdgeKind::Inserted if edge.entity == entity => Some(true),
        EdgeKind::Removed if edge.entity == entity => Some(false),
        _ => None,
    });
    known.next().unwrap_or(was)
}

/// Fills in what the sensors of a device say. Buffers are kept.
pub(crate) fn fill(
    system: &System,
    device: &Device,
    wiring: &Wiring,
    columns: &Columns<'_>,
    are_present: impl Fn(usize) -> bool,
    readings: &mut Readings,
) {
    readings.fault = 0;
    match device.part {
        Part::Engine(id) => {
            let idx = id.index();
            let power = columns.state_of(Signal::EnginePowerState, idx);
            readings.is_powered = power.is_none_or(|state| state == FULL_POWER);
            readings.temperature_c = columns.one(Signal::EngineTemperature, idx);
            readings.supply_v = columns.one(Signal::EngineSupplyVoltage, idx);
            let engine = &system.engines[idx];
            readings.laser_temperature_c = hottest(columns, engine.lasers.clone());
            let drawn_w = columns.one(Signal::EnginePower, idx);
            readings.supply_current_ma = wiring.current_ma(drawn_w, readings.supply_v);
            fill_zone(columns, engine.zone, readings);
            let modules = device.lit_by.iter();
            readings.are_laser_modules_present.clear();
            readings
                .are_laser_modules_present
                .extend(modules.map(|module| are_present(*module)));
            fill_lanes(device, wiring, columns, readings);
        }
        Part::LaserModule(id) => {
            let idx = id.index();
            let power = columns.state_of(Signal::LaserModulePowerState, idx);
            readings.is_powered = power.is_none_or(|state| state == FULL_POWER);
            readings.temperature_c = columns.one(Signal::LaserModuleTemperature, idx);
            readings.supply_v = columns.one(Signal::LaserModuleSupplyVoltage, idx);
            fill_zone(columns, system.laser_modules[idx].zone, readings);
            let lasers = system.laser_modules[idx].lasers.clone();
            readings.laser_temperature_c = hottest(columns, lasers);
            let drawn_w = columns.one(Signal::LaserModulePower, idx);
            readings.supply_current_ma = wiring.current_ma(drawn_w, readings.supply_v);
            readings.lasers.clear();
            let lasers = device.lasers.iter().zip(&wiring.grids_hz);
            let lasers = lasers.map(|(of, grid_hz)| {
                let idx = of.laser.index();
                let bias_ma = milli(columns.bias, idx);
                let is_on = state(columns.laser_output, idx).is_none_or(|of| of != OUTPUT_OFF);
                LaserReadings {
                    power_mw: milliwatts(columns.laser_power, idx),
                    bias_ma,
                    voltage_v: value(columns.laser_voltage, idx),
                    is_on,
                    has_lost_control: bias_ma.is_some_and(|bias| bias >= RAIL * wiring.max_bias_ma),
                    temperature_c: value(columns.laser_temperature, idx),
                    age: value(columns.laser_age, idx),
                    frequency_error_mhz: off_mhz(columns.laser_frequency, idx, *grid_hz),
                }
            });
            readings.lasers.extend(lasers);
        }
    }
}

/// What the zone of a device says. A device of a zone that shuts down at this instant does so for a
/// fault; that it may be told to power up again while the zone stands still is the zone's affair.
fn fill_zone(columns: &Columns<'_>, zone: ZoneId, readings: &mut Readings) {
    let state = columns
        .state_of(Signal::ZoneState, zone.index())
        .unwrap_or(0);
    let was = readings.zones.first().map_or(0, |zone| zone.state);
    if state == SHUT_DOWN && was != SHUT_DOWN {
        readings.fault = TOO_HOT;
    }
    readings.zones.clear();
    readings.zones.push(ZoneReadings {
        temperature_c: columns.one(Signal::ZoneTemperature, zone.index()),
        state,
    });
}

impl Wiring {
    /// Of a power, at the voltage that is measured or else the nominal one.
    fn current_ma(&self, power_w: Option<f64>, supply_v: Option<f64>) -> Option<f64> {
        let volts = supply_v.unwrap_or(self.supply_v);
        power_w
            .filter(|_| volts > 0.0)
            .map(|watts| watts / volts * 1e3)
    }
}

fn hottest(columns: &Columns<'_>, lasers: std::ops::Range<u32>) -> Option<f64> {
    lasers
        .filter_map(|laser| value(columns.laser_temperature, laser as usize))
        .reduce(f64::max)
}

fn fill_lanes(device: &Device, wiring: &Wiring, columns: &Columns<'_>, readings: &mut Readings) {
    readings.lanes.clear();
    let rails = wiring.rails;
    let lanes = device.lanes.iter().zip(&wiring.sources);
    let lanes = lanes.zip(&wiring.grids_hz);
    readings
        .lanes
        .extend(lanes.map(|((lane, source), grid_hz)| {
            let media = lane.media.index();
            let laser = lane.laser.index();
            let tx_power_mw = milliwatts(columns.tx_power, media);
            let rx_power_mw = milliwatts(columns.rx_power, media);
            let output = state(columns.tx_output, media);
            let is_tx_on = output.map_or(
                tx_power_mw.is_none_or(|power| power > wiring.dark_mw),
                |of| of != OUTPUT_OFF,
            );
            let tx_lock = state(columns.tx_lock, media);
            let tx_heater_mw = milli(columns.tx_heater, media);
            let rx_heater_mw = milli(columns.rx_heater, media);
            let of_host = |column| value(column, lane.host?.index());
            let host_lock = lane
                .host
                .and_then(|host| state(columns.host_lock, host.index()));
            let has_media_signal = state(columns.rx_signal, media).map_or(
                rx_power_mw.is_none_or(|power| power > wiring.dark_mw),
                |of| of != SIGNAL_LOST,
            );
            let ratio = value(columns.ber, media);
            let is_host_locked = host_lock.is_none_or(|of| of == LOCKED);
            let is_media_locked = has_media_signal && ratio.is_none_or(|ratio| ratio < SHUT_EYE);
            LaneReadings {
                // The tap is before what holds light back.
                tx_power_mw: tx_power_mw.map(|power| if is_tx_on { power } else { 0.0 }),
                tx_bias_ma: milli(columns.bias, laser),
                rx_power_mw,
                is_tx_on,
                has_tx_fault: !is_tx_on || tx_lock == Some(UNLOCKED),
                has_host_signal: host_lock.is_none_or(|of| of != UNLOCKED),
                is_host_locked,
                has_media_signal,
                is_media_locked,
                media_ber: ratio.map(|of| if is_media_locked { of } else { GUESSING }),
                media_pattern: pattern(columns.rx_pattern, Some(media)),
                host_pattern: pattern(columns.host_pattern, lane.host.map(HostLaneId::index)),
                media_snr_db: value(columns.snr, media).filter(|_| is_media_locked),
                host_ber: of_host(columns.host_ber)
                    .map(|of| if is_host_locked { of } else { GUESSING }),
                host_snr_db: of_host(columns.host_snr).filter(|_| is_host_locked),
                laser_temperature_c: value(columns.laser_temperature, laser),
                laser_age: value(columns.laser_age, laser),
                laser_input_dbm: value(columns.input, media),
                laser_frequency_error_mhz: off_mhz(columns.laser_frequency, laser, *grid_hz),
                tx_lock: LockReadings {
                    heater_mw: tx_heater_mw,
                    state: tx_lock.unwrap_or(NOT_FITTED),
                    detuning_mhz: mega(columns.tx_detuning, media),
                    headroom_percent: headroom_percent(tx_heater_mw, rails.transmit_mw),
                },
                rx_lock: LockReadings {
                    heater_mw: rx_heater_mw,
                    state: state(columns.rx_lock, media).unwrap_or(NOT_FITTED),
                    detuning_mhz: mega(columns.rx_detuning, media),
                    headroom_percent: headroom_percent(rx_heater_mw, rails.receive_mw),
                },
                tx_monitor_dbm: value(columns.tx_power, media),
                tx_oma_dbm: value(columns.tx_oma, media),
                rx_oma_dbm: value(columns.rx_oma, media),
                laser_module: source.0,
                laser_feed: source.1,
                verdict: 0,
                verdict_confidence_percent: None,
            }
        }));
    readings.feeds_dbm.clear();
    let feeds = wiring.feeds.iter();
    readings
        .feeds_dbm
        .extend(feeds.map(|lane| value(columns.input, device.lanes[*lane].media.index())));
}
