//! The table of everything a plant can measure.
//!
//! The set is closed within one [schema version](crate::SCHEMA). A new signal is one line of the
//! table with a code of its own; codes are never reused.

use system::EntityKind;
use units::Dimension;

/// The type in which a signal is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// A measured value; 24 bits of significand are finer than any sensor here.
    F32,
    /// A value whose relative resolution matters beyond 24 bits.
    F64,
    /// A count that only grows, except for a reset, which begins a new reset epoch.
    Counter,
    /// One of a few named states, stored as its position.
    State(&'static [&'static str]),
}

impl Storage {
    /// The name in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::Counter => "u64 counter",
            Self::State(_) => "state",
        }
    }
}

/// One line of the table of signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignalInfo {
    /// The signal.
    pub signal: Signal,
    /// The code in the binary form.
    pub code: u16,
    /// The name in machine output, with the unit as suffix: `_w`, `_dbm`, `_db`, `_c`, `_a`,
    /// `_v`, `_hz`; pure numbers and counters have none, states end in `_state`.
    pub name: &'static str,
    /// What its elements belong to; element `i` belongs to entity `i` of this kind.
    pub kind: EntityKind,
    /// What it measures. Values stand in the unit that the newtype of `units` holds.
    pub dimension: Dimension,
    /// The type in which it is stored.
    pub storage: Storage,
    /// What it means.
    pub doc: &'static str,
}

macro_rules! signals {
    ($($(#[doc = $doc:literal])+ $variant:ident = $code:literal, $name:literal, $kind:ident, $dimension:ident, $storage:expr;)+) => {
        /// Something that a plant measures. See [`Signal::TABLE`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u16)]
        #[non_exhaustive]
        pub enum Signal { $($(#[doc = $doc])+ $variant = $code,)+ }

        impl Signal {
            /// Every signal, in order of its code, which is the order of columns.
            pub const TABLE: &'static [SignalInfo] = &[$(SignalInfo {
                signal: Self::$variant,
                code: $code,
                name: $name,
                kind: EntityKind::$kind,
                dimension: Dimension::$dimension,
                storage: $storage,
                doc: concat!($($doc),+).trim_ascii_start(),
            }),+];

            /// The signal's line of the table.
            pub const fn info(self) -> &'static SignalInfo {
                // The order of the constants below is that of the table by construction.
                let mut position = 0;
                while Self::TABLE[position].code != self as u16 {
                    position += 1;
                }
                &Self::TABLE[position]
            }

            /// The signal with this code.
            pub const fn from_code(code: u16) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }

            /// The signal with this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

impl Signal {
    /// The histogram of symbol errors of a port: element `k` counts the codewords of which `k`
    /// symbols were corrected. What could not be corrected is in
    /// [`FecUncorrectedCodewords`](Self::FecUncorrectedCodewords).
    pub const FEC_BINS: [Self; 16] = [
        Self::FecBin0,
        Self::FecBin1,
        Self::FecBin2,
        Self::FecBin3,
        Self::FecBin4,
        Self::FecBin5,
        Self::FecBin6,
        Self::FecBin7,
        Self::FecBin8,
        Self::FecBin9,
        Self::FecBin10,
        Self::FecBin11,
        Self::FecBin12,
        Self::FecBin13,
        Self::FecBin14,
        Self::FecBin15,
    ];

    /// The code in the binary form.
    pub const fn code(self) -> u16 {
        self as u16
    }

    /// The name in machine output, with the unit as suffix.
    pub const fn name(self) -> &'static str {
        self.info().name
    }

    /// What its elements belong to.
    pub const fn kind(self) -> EntityKind {
        self.info().kind
    }

    /// What it measures.
    pub const fn dimension(self) -> Dimension {
        self.info().dimension
    }

    /// The type in which it is stored.
    pub const fn storage(self) -> Storage {
        self.info().storage
    }
}

const LOCK: Storage = Storage::State(&["unlocked", "acquiring", "locked"]);
const SUPPLY: Storage = Storage::State(&["off", "low_power", "full_power"]);
const PATH: Storage = Storage::State(&["open", "closed"]);
const OUTPUT: Storage = Storage::State(&["off", "ramping", "on"]);
const PRESENCE: Storage = Storage::State(&["lost", "present"]);
const ZONE: Storage = Storage::State(&["normal", "throttled", "shut_down"]);
const SEAT: Storage = Storage::State(&["absent", "present"]);
const UP: Storage = Storage::State(&["down", "up"]);
const PATTERN: Storage = Storage::State(crate::pattern::STATES);

use Storage::{Counter, F32, F64};

signals! {
    /// Power drawn by the switch box, fans and supplies included.
    SwitchPower = 1, "switch_power_w", Switch, Power, F32;
    /// Coolant or air temperature where it enters the box.
    CoolantInletTemperature = 2, "coolant_inlet_temperature_c", Switch, Temperature, F32;
    /// Coolant or air temperature where it leaves the box.
    CoolantOutletTemperature = 3, "coolant_outlet_temperature_c", Switch, Temperature, F32;

    /// Hottest sensor of the switch die.
    AsicTemperature = 20, "asic_temperature_c", Asic, Temperature, F32;
    /// Power drawn by the switch die.
    AsicPower = 21, "asic_power_w", Asic, Power, F32;

    /// Signal-to-noise ratio at the slicer of the ASIC's receiver.
    SerdesSnr = 40, "serdes_snr_db", SerdesLane, PowerRatio, F32;
    /// Bit error ratio before forward error correction at the ASIC's receiver.
    SerdesBer = 41, "serdes_ber", SerdesLane, Ratio, F32;
    /// Clock recovery of the ASIC's receiver.
    SerdesLock = 42, "serdes_lock_state", SerdesLane, Ratio, LOCK;
    /// Test pattern that the ASIC's receiver finds.
    SerdesPattern = 43, "serdes_pattern_state", SerdesLane, Ratio, PATTERN;

    /// Temperature of the optical engine.
    EngineTemperature = 60, "engine_temperature_c", Engine, Temperature, F32;
    /// Power drawn by the optical engine.
    EnginePower = 61, "engine_power_w", Engine, Power, F32;
    /// Supply voltage at the optical engine.
    EngineSupplyVoltage = 62, "engine_supply_v", Engine, Voltage, F32;
    /// Power state of the optical engine.
    EnginePowerState = 63, "engine_power_state", Engine, Ratio, SUPPLY;

    /// Peak-to-peak differential swing that the engine finds at its electrical input.
    HostInputSwing = 80, "host_input_swing_v", HostLane, Voltage, F32;
    /// Clock recovery of the engine's electrical input.
    HostInputLock = 81, "host_input_lock_state", HostLane, Ratio, LOCK;
    /// Bit error ratio before forward error correction at the engine's electrical input, where the
    /// engine decides.
    HostInputBer = 82, "host_input_ber", HostLane, Ratio, F32;
    /// Signal-to-noise ratio at the slicer of the engine's electrical input.
    HostInputSnr = 83, "host_input_snr_db", HostLane, PowerRatio, F32;
    /// Test pattern that the engine's electrical input finds.
    HostInputPattern = 84, "host_input_pattern_state", HostLane, Ratio, PATTERN;

    /// Laser light that reaches the engine for this lane (`MPD_in`), after the fibre array and
    /// the input coupler. Lanes that share a feed report the same tap.
    EngineInputPower = 100, "mpd_in_dbm", MediaLane, PowerLevel, F32;
    /// Average light behind the modulator (`MPD_tx`).
    TransmitMonitorPower = 101, "mpd_tx_dbm", MediaLane, PowerLevel, F32;
    /// Outer optical modulation amplitude behind the modulator.
    TransmitOma = 102, "tx_oma_dbm", MediaLane, PowerLevel, F32;
    /// Average light at the receiver.
    RxPower = 103, "rx_power_dbm", MediaLane, PowerLevel, F32;
    /// Outer optical modulation amplitude at the receiver.
    RxOma = 104, "rx_oma_dbm", MediaLane, PowerLevel, F32;
    /// Bit error ratio before forward error correction at the receiver.
    PreFecBer = 105, "pre_fec_ber", MediaLane, Ratio, F32;
    /// Signal-to-noise ratio at the slicer of the receiver.
    RxSnr = 106, "rx_snr_db", MediaLane, PowerRatio, F32;
    /// Heater power of the lane's modulator: ring tuning or Mach-Zehnder bias.
    TransmitHeaterPower = 107, "tx_heater_power_w", MediaLane, Power, F32;
    /// Heater power of the lane's drop filter at the receiver.
    ReceiveHeaterPower = 108, "rx_heater_power_w", MediaLane, Power, F32;
    /// Wavelength or bias lock of the lane's modulator.
    TransmitLock = 109, "tx_lock_state", MediaLane, Ratio, LOCK;
    /// Wavelength lock of the lane's drop filter at the receiver.
    ReceiveLock = 110, "rx_lock_state", MediaLane, Ratio, LOCK;
    /// Optical signal detector of the receiver.
    ReceiveSignal = 111, "rx_signal_state", MediaLane, Ratio, PRESENCE;
    /// Optical output of the transmitter.
    TransmitOutput = 112, "tx_output_state", MediaLane, Ratio, OUTPUT;
    /// Dark current of the photodiode.
    PhotodiodeDarkCurrent = 113, "photodiode_dark_current_a", MediaLane, Current, F32;
    /// Test pattern that the engine's receiver finds.
    ReceivePattern = 114, "rx_pattern_state", MediaLane, Ratio, PATTERN;
    /// How far the ring that modulates is from where its loop should hold it; positive where its
    /// resonance lies above that in frequency.
    TransmitDetuning = 115, "tx_detuning_hz", MediaLane, Frequency, F32;
    /// How far the lane's drop filter at the receiver is from where its loop should hold it.
    ReceiveDetuning = 116, "rx_detuning_hz", MediaLane, Frequency, F32;

    /// Case temperature of the laser module.
    LaserModuleTemperature = 140, "laser_module_temperature_c", LaserModule, Temperature, F32;
    /// Power drawn by the laser module.
    LaserModulePower = 141, "laser_module_power_w", LaserModule, Power, F32;
    /// Supply voltage at the laser module.
    LaserModuleSupplyVoltage = 142, "laser_module_supply_v", LaserModule, Voltage, F32;
    /// Power state of the laser module.
    LaserModulePowerState = 143, "laser_module_power_state", LaserModule, Ratio, SUPPLY;
    /// Interlock of the laser path: an open path must not carry full power.
    LaserPath = 144, "laser_path_state", LaserModule, Ratio, PATH;
    /// Whether the laser module is plugged in, by the pin of its cage.
    LaserModulePresence = 145, "laser_module_presence_state", LaserModule, Ratio, SEAT;

    /// Bias current of the laser.
    LaserBias = 160, "laser_bias_a", Laser, Current, F32;
    /// Optical output power of the laser, by its own monitor.
    LaserPower = 161, "laser_power_dbm", Laser, PowerLevel, F32;
    /// Temperature of the laser chip.
    LaserTemperature = 162, "laser_temperature_c", Laser, Temperature, F32;
    /// Forward voltage of the laser.
    LaserVoltage = 163, "laser_v", Laser, Voltage, F32;
    /// Current of the thermoelectric cooler; positive when it cools.
    LaserCoolerCurrent = 164, "laser_cooler_current_a", Laser, Current, F32;
    /// Age of the laser as its module estimates it; 1 is the end of life.
    LaserAge = 165, "laser_age", Laser, Ratio, F32;
    /// Optical frequency of the laser; `f32` would resolve no better than 16 MHz.
    LaserFrequency = 166, "laser_frequency_hz", Laser, Frequency, F64;
    /// Optical output of the laser.
    LaserOutput = 167, "laser_output_state", Laser, Ratio, OUTPUT;

    /// Whether the connector is mated.
    ConnectorMating = 180, "connector_mating_state", Connector, Ratio, PATH;

    /// Operational state of the port.
    PortOperation = 200, "port_oper_state", Port, Ratio, UP;
    /// Bit error ratio of the port before forward error correction.
    PortPreFecBer = 201, "port_pre_fec_ber", Port, Ratio, F32;
    /// Codewords received.
    FecCodewords = 202, "fec_codewords", Port, Ratio, Counter;
    /// Codewords received with errors that were corrected.
    FecCorrectedCodewords = 203, "fec_corrected_codewords", Port, Ratio, Counter;
    /// Codewords received with more errors than can be corrected.
    FecUncorrectedCodewords = 204, "fec_uncorrected_codewords", Port, Ratio, Counter;
    /// Symbols corrected.
    FecCorrectedSymbols = 205, "fec_corrected_symbols", Port, Ratio, Counter;

    /// Temperature of the thermal zone.
    ZoneTemperature = 220, "zone_temperature_c", Zone, Temperature, F32;
    /// What the thermal zone does against its temperature: nothing, less work of its dies, or all
    /// its parts shut down until they are told to power up.
    ZoneState = 221, "zone_state", Zone, Ratio, ZONE;
    /// How often the port has gone down.
    PortFlaps = 222, "port_flaps", Port, Ratio, Counter;

    /// Codewords received without errors.
    FecBin0 = 240, "fec_bin_0", Port, Ratio, Counter;
    /// Codewords received with 1 corrected symbol.
    FecBin1 = 241, "fec_bin_1", Port, Ratio, Counter;
    /// Codewords received with 2 corrected symbols.
    FecBin2 = 242, "fec_bin_2", Port, Ratio, Counter;
    /// Codewords received with 3 corrected symbols.
    FecBin3 = 243, "fec_bin_3", Port, Ratio, Counter;
    /// Codewords received with 4 corrected symbols.
    FecBin4 = 244, "fec_bin_4", Port, Ratio, Counter;
    /// Codewords received with 5 corrected symbols.
    FecBin5 = 245, "fec_bin_5", Port, Ratio, Counter;
    /// Codewords received with 6 corrected symbols.
    FecBin6 = 246, "fec_bin_6", Port, Ratio, Counter;
    /// Codewords received with 7 corrected symbols.
    FecBin7 = 247, "fec_bin_7", Port, Ratio, Counter;
    /// Codewords received with 8 corrected symbols.
    FecBin8 = 248, "fec_bin_8", Port, Ratio, Counter;
    /// Codewords received with 9 corrected symbols.
    FecBin9 = 249, "fec_bin_9", Port, Ratio, Counter;
    /// Codewords received with 10 corrected symbols.
    FecBin10 = 250, "fec_bin_10", Port, Ratio, Counter;
    /// Codewords received with 11 corrected symbols.
    FecBin11 = 251, "fec_bin_11", Port, Ratio, Counter;
    /// Codewords received with 12 corrected symbols.
    FecBin12 = 252, "fec_bin_12", Port, Ratio, Counter;
    /// Codewords received with 13 corrected symbols.
    FecBin13 = 253, "fec_bin_13", Port, Ratio, Counter;
    /// Codewords received with 14 corrected symbols.
    FecBin14 = 254, "fec_bin_14", Port, Ratio, Counter;
    /// Codewords received with 15 corrected symbols.
    FecBin15 = 255, "fec_bin_15", Port, Ratio, Counter;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suffix(info: &SignalInfo) -> &'static str {
        match (info.storage, info.dimension) {
            (Storage::State(_), _) => "_state",
            (_, Dimension::Power) => "_w",
            (_, Dimension::PowerLevel) => "_dbm",
            (_, Dimension::PowerRatio) => "_db",
            (_, Dimension::Temperature) => "_c",
            (_, Dimension::Current) => "_a",
            (_, Dimension::Voltage) => "_v",
            (_, Dimension::Frequency) => "_hz",
            (_, Dimension::Ratio) => "",
            (_, other) => panic!("no suffix for {other:?}"),
        }
    }

    #[test]
    fn names_end_in_the_unit_of_their_dimension() {
        for info in Signal::TABLE {
            assert!(info.name.ends_with(suffix(info)), "{}", info.name);
        }
    }

    #[test]
    fn codes_ascend_and_names_are_unique() {
        for pair in Signal::TABLE.windows(2) {
            assert!(pair[0].code < pair[1].code, "{}", pair[1].name);
        }
        for info in Signal::TABLE {
            assert_eq!(Signal::from_name(info.name), Some(info.signal));
            assert_eq!(Signal::from_code(info.code), Some(info.signal));
            assert_eq!(info.signal.info(), info);
        }
        assert_eq!(Signal::from_code(0), None);
    }

    #[test]
    fn documentation_is_one_text() {
        let doc = Signal::EngineInputPower.info().doc;
        assert!(
            doc.starts_with("Laser light") && doc.contains("share a feed"),
            "{doc}"
        );
    }
}
