//! What all switches of one description share of their sensors.

use plant::{Signal, Storage};

use system::parts::{Code, Demultiplexer, Electrical, Engine, Modulator};
use system::{EntityKind, Fingerprint, Monitors, System};
use units::random::Stream;
use units::{DbMilliwatts, Quantity, Seconds, Sourced, Spread};

use super::counting::Codewords;
use super::normal::Normal;
use super::truth::{BINS, is_counted};
use crate::supply::Supply;

/// The figures of a monitor, in the unit of its signal; levels in decibels.
#[derive(Debug, Clone, PartialEq)]
pub struct Monitor {
    /// Its name among the monitors of a description, such as `receive`.
    pub name: &'static str,
    /// Standard deviation of the noise of one reading.
    pub noise: f64,
    /// Nominal constant error.
    pub bias: f64,
    /// How the constant error varies from sensor to sensor.
    pub bias_spread: Spread,
    /// Step of the reading; none when zero.
    pub lsb: f64,
    /// Nanoseconds between readings.
    pub period_ns: u64,
    /// Least reading; minus infinity without one.
    pub floor: f64,
}

impl Monitor {
    fn new<Q: Quantity>(
        name: &'static str,
        [noise, bias, lsb]: [&Sourced<Q>; 3],
        period: &Sourced<Seconds>,
        floor: Option<&Sourced<DbMilliwatts>>,
    ) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "descriptions hold periods from 1 us to 10,000 s"
        )]
        let period_ns = (period.value.si() * 1e9).round() as u64;
        Self {
            name,
            noise: noise.value.si(),
            bias: bias.value.si(),
            bias_spread: bias.spread.clone(),
            lsb: lsb.value.si(),
            period_ns: period_ns.max(1),
            floor: floor.map_or(f64::NEG_INFINITY, |floor| floor.value.value()),
        }
    }

    /// The monitor of a signal; none where the description states none.
    fn of(signal: Signal, monitors: &Monitors) -> Option<Self> {
        macro_rules! monitor {
            ($field:ident $(, $floor:ident)?) => {
                monitors.$field.as_deref().map(|part| {
                    #[allow(unused_mut, unused_assignments, reason = "some have no floor")]
                    let mut floor = None;
                    $(floor = part.$floor.as_ref();)?
                    let figures = [&part.noise, &part.bias, &part.lsb];
                    Self::new(stringify!($field), figures, &part.period, floor)
                })
            };
        }
        match signal {
            Signal::LaserBias => monitor!(laser_bias),
            Signal::LaserPower => monitor!(laser_power, floor),
            Signal::EngineInputPower => monitor!(engine_input, floor),
            Signal::TransmitMonitorPower | Signal::TransmitOma => monitor!(transmit, floor),
            Signal::RxPower | Signal::RxOma => monitor!(receive, floor),
            Signal::TransmitHeaterPower | Signal::ReceiveHeaterPower => monitor!(heater),
            Signal::RxSnr | Signal::HostInputSnr => monitor!(snr),
            Signal::EngineSupplyVoltage | Signal::LaserModuleSupplyVoltage => monitor!(supply),
            Signal::CoolantInletTemperature
            | Signal::CoolantOutletTemperature
            | Signal::AsicTemperature
            | Signal::EngineTemperature
            | Signal::LaserModuleTemperature
            | Signal::LaserTemperature
            | Signal::ZoneTemperature => monitor!(temperature),
            _ => None,
        }
    }
}

/// How a column comes about.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reading {
    /// Read by a monitor; one stream of noise and one of bias per entity.
    Monitored {
        monitor: Monitor,
        noise: Vec<Stream>,
        bias: Vec<Stream>,
    },
    /// The truth in its storage.
    Ideal,
    /// A state, as it is.
    State,
    /// A ratio of counts.
    Counted,
    /// A counter of codewords or symbols.
    Counter(CounterOf),
}

/// What a counter counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CounterOf {
    Codewords,
    Corrected,
    Uncorrected,
    Symbols,
    Bin(usize),
    Flaps,
}

impl CounterOf {
    fn signal(signal: Signal) -> Option<Self> {
        Some(match signal {
            Signal::FecCodewords => Self::Codewords,
            Signal::FecCorrectedCodewords => Self::Corrected,
            Signal::FecUncorrectedCodewords => Self::Uncorrected,
            Signal::FecCorrectedSymbols => Self::Symbols,
            Signal::PortFlaps => Self::Flaps,
            other => Self::Bin(Signal::FEC_BINS.iter().position(|bin| *bin == other)?),
        })
    }

    /// What one draw adds to it.
    pub(super) fn of(self, codewords: f64, found: &Codewords) -> f64 {
        match self {
            Self::Codewords => codewords,
            Self::Corrected => found.corrected(),
            Self::Uncorrected => found.uncorrected,
            Self::Symbols => found.corrected_symbols(),
            Self::Bin(bin) => found.bins[bin],
            // Nothing that a decoder finds.
            Self::Flaps => 0.0,
        }
    }
}

/// The sensors of one signal.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ColumnPlan {
    pub(super) signal: Signal,
    pub(super) len: usize,
    pub(super) reading: Reading,
    /// The lanes that report the same tap, as the number of their feed; empty where each entity
    /// has its own sensor.
    pub(super) tap_of: Vec<u32>,
}

/// The sensors of all switches of one description: monitors, and the names of their random
/// numbers. Immutable; switches share it and differ in their seeds.
#[derive(Debug, Clone, PartialEq)]
pub struct SensorPlan {
    pub(super) fingerprint: Fingerprint,
    /// In ascending order of signals.
    pub(super) columns: Vec<ColumnPlan>,
    pub(super) media_lanes: Vec<Stream>,
    pub(super) serdes_lanes: Vec<Stream>,
    /// Of host lanes; empty where no engine decides what comes over them.
    pub(super) host_lanes: Vec<Stream>,
    /// One stream per number of wrong symbols.
    pub(super) ports: Vec<[Stream; BINS]>,
    pub(super) lanes_of_ports: Vec<PortLanes>,
    /// Nanoseconds between two statements of error ratios: the period of the other statistics of a
    /// receiver.
    pub(super) statistics_ns: u64,
    pub(super) normal: Normal,
}

/// The lanes whose errors are those of a port.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum PortLanes {
    Media(Vec<u32>),
    Serdes(Vec<u32>),
}

impl SensorPlan {
    /// Sensors of every signal of which the system has entities and something to measure.
    pub fn new(system: &System) -> Self {
        let all: Vec<Signal> = Signal::TABLE.iter().map(|info| info.signal).collect();
        Self::with_signals(system, &all)
    }

    /// Sensors of some signals, in any order; what the system has no entities or
    /// no sensors for is left out.
    pub fn with_signals(system: &System, signals: &[Signal]) -> Self {
        let columns = Signal::TABLE.iter().filter_map(|info| {
            let is_wanted = signals.contains(&info.signal)
                && system.count(info.kind) > 0
                && is_measured(system, info.signal);
            if is_wanted {
                column(system, info.signal)
            } else {
                None
            }
        });
        let streams = |kind, quantity: &str| -> Vec<Stream> {
            (0..system.count(kind))
                .map(|idx| Stream::new(&system.name_of(kind, idx), quantity))
                .collect()
        };
        let ports = system.ports.iter();
        let statistics = Monitor::of(Signal::RxSnr, &system.description.monitor);
        Self {
            statistics_ns: statistics.map_or(1, |monitor| monitor.period_ns),
            fingerprint: system.fingerprint,
            columns: columns.collect(),
            media_lanes: streams(EntityKind::MediaLane, "bit errors"),
            serdes_lanes: streams(EntityKind::SerdesLane, "bit errors"),
            host_lanes: if is_measured(system, Signal::HostInputBer) {
                streams(EntityKind::HostLane, "bit errors")
            } else {
                Vec::new()
            },
            ports: ports
                .clone()
                .map(|port| {
                    std::array::from_fn(|k| Stream::new(&port.name, &format!("{k} symbol errors")))
                })
                .collect(),
            lanes_of_ports: ports
                .map(|port| {
                    if port.media_lanes.is_empty() {
                        PortLanes::Serdes(port.serdes_lanes.iter().map(|lane| lane.0).collect())
                    } else {
                        PortLanes::Media(port.media_lanes.iter().map(|lane| lane.0).collect())
                    }
                })
                .collect(),
            normal: Normal::new(),
        }
    }

    /// The description whose ids index the readings.
    pub const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The signals that are measured, in ascending order.
    pub fn signals(&self) -> impl Iterator<Item = Signal> {
        self.columns.iter().map(|column| column.signal)
    }

    /// The monitor of a signal; none for what is not measured, is a state or is counted, and for
    /// [`ideal`](Self::ideal) signals.
    pub fn monitor(&self, signal: Signal) -> Option<&Monitor> {
        match &self.columns[self.position(signal)?].reading {
            Reading::Monitored { monitor, .. } => Some(monitor),
            _ => None,
        }
    }

    /// The measured values for which the description states no monitor: they are read without
    /// noise, bias, steps or delay.
    pub fn ideal(&self) -> impl Iterator<Item = Signal> {
        let columns = self.columns.iter();
        columns
            .filter(|column| column.reading == Reading::Ideal)
            .map(|column| column.signal)
    }

    pub(super) fn position(&self, signal: Signal) -> Option<usize> {
        self.columns
            .binary_search_by_key(&signal, |column| column.signal)
            .ok()
    }
}

/// Whether a switch has anything that this signal measures. What nothing models is measured nowhere:
/// a sensor that is listed reads.
fn is_measured(system: &System, signal: Signal) -> bool {
    let description = &system.description;
    let any = |is_so: fn(&Engine) -> bool| description.engine.iter().any(|of| is_so(&of.value));
    match signal {
        Signal::SerdesSnr
        | Signal::HostInputSwing
        | Signal::PhotodiodeDarkCurrent
        | Signal::LaserCoolerCurrent
        | Signal::ConnectorMating => false,
        Signal::EngineSupplyVoltage => any(|engine| Supply::of_engine(engine).is_some()),
        Signal::LaserModuleSupplyVoltage => {
            let mut modules = description.laser_module.iter();
            modules.any(|of| Supply::of_module(&of.value).is_some())
        }
        Signal::HostInputBer | Signal::HostInputSnr => {
            any(|engine| engine.electrical == Electrical::Retimed)
        }
        Signal::FecCodewords
        | Signal::FecCorrectedCodewords
        | Signal::FecUncorrectedCodewords
        | Signal::FecCorrectedSymbols => matches!(description.fec, Code::Fec(_)),
        bin if Signal::FEC_BINS.contains(&bin) => matches!(description.fec, Code::Fec(_)),
        Signal::TransmitDetuning => {
            any(|engine| matches!(engine.modulator, Modulator::RingModulator(_)))
        }
        Signal::ReceiveDetuning | Signal::ReceiveHeaterPower | Signal::ReceiveLock => {
            any(|engine| matches!(engine.demultiplexer, Some(Demultiplexer::RingFilter(_))))
        }
        _ => true,
    }
}

/// The sensors of a signal; none of a counter that nothing here counts.
fn column(system: &System, signal: Signal) -> Option<ColumnPlan> {
    let len = system.count(signal.kind());
    let monitor = || Monitor::of(signal, &system.description.monitor);
    let reading = match signal.storage() {
        Storage::State(_) => Reading::State,
        Storage::Counter => Reading::Counter(CounterOf::signal(signal)?),
        Storage::F32 | Storage::F64 if is_counted(signal) => Reading::Counted,
        Storage::F32 | Storage::F64 => match monitor() {
            None => Reading::Ideal,
            Some(monitor) => {
                // Two signals of one monitor differ in their noise and share its bias.
                let streams = |quantity: &str| -> Vec<Stream> {
                    (0..len)
                        .map(|idx| Stream::new(&sensor_name(system, signal, idx), quantity))
                        .collect()
                };
                Reading::Monitored {
                    noise: streams(signal.name()),
                    bias: streams(&format!("bias of {} monitor", monitor.name)),
                    monitor,
                }
            }
        },
    };
    Some(ColumnPlan {
        signal,
        len,
        reading,
        tap_of: if signal == Signal::EngineInputPower {
            system.media_lanes.iter().map(|lane| lane.laser.0).collect()
        } else {
            Vec::new()
        },
    })
}

/// The stable name of the sensor of an entity: lanes that share a feed share its tap.
fn sensor_name(system: &System, signal: Signal, idx: usize) -> String {
    if signal == Signal::EngineInputPower {
        let laser = system.media_lanes[idx].laser;
        return system.name_of(EntityKind::Laser, laser.index());
    }
    system.name_of(signal.kind(), idx)
}
