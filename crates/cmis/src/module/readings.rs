//! What sensors say to a module, and what a module wants done: both as they stand, not as they change.

/// Of the whole module.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Readings {
    /// Whether the parts behind the registers have full power.
    pub is_powered: bool,
    /// Of its case, C; none of a sensor that has failed.
    pub temperature_c: Option<f64>,
    /// Of its supply, V.
    pub supply_v: Option<f64>,
    /// Of the hottest of its lasers, C.
    pub laser_temperature_c: Option<f64>,
    /// Why it has to shut itself down, by its register; zero of none.
    pub fault: u8,
    /// Of its lanes, over all banks.
    pub lanes: Vec<LaneReadings>,
    /// Of its lasers, where it is a laser module.
    pub lasers: Vec<LaserReadings>,
    /// Of the thermal zones that it knows of.
    pub zones: Vec<ZoneReadings>,
    /// Light of its laser feeds where it enters, dBm.
    pub feeds_dbm: Vec<Option<f64>>,
    /// Whether each of the laser modules that feed it is plugged.
    pub are_laser_modules_present: Vec<bool>,
    /// That it draws, mA.
    pub supply_current_ma: Option<f64>,
}

/// Of one thermal zone.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ZoneReadings {
    /// C.
    pub temperature_c: Option<f64>,
    /// What it does against its temperature: 0 nothing, 1 it throttles, 2 it has shut down.
    pub state: u8,
}

/// Of one loop that holds a modulator or a filter where it belongs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LockReadings {
    /// Power of its heater, mW.
    pub heater_mw: Option<f64>,
    /// 0 unlocked, 1 acquiring, 2 locked, 3 there is none.
    pub state: u8,
    /// From where it belongs, MHz.
    pub detuning_mhz: Option<f64>,
    /// From the heater's nearer rail, in percent of its range.
    pub headroom_percent: Option<f64>,
}

impl Default for LockReadings {
    fn default() -> Self {
        Self {
            heater_mw: None,
            state: 3,
            detuning_mhz: None,
            headroom_percent: None,
        }
    }
}

/// Of one laser of a laser module.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct LaserReadings {
    /// Light that leaves, mW.
    pub power_mw: Option<f64>,
    /// Bias current, mA.
    pub bias_ma: Option<f64>,
    /// Forward voltage, V.
    pub voltage_v: Option<f64>,
    /// Whether it gives light.
    pub is_on: bool,
    /// Whether its loop cannot hold what it should.
    pub has_lost_control: bool,
    /// Of its chip, C.
    pub temperature_c: Option<f64>,
    /// 1 is the end of its life.
    pub age: Option<f64>,
    /// How far it is off its frequency, MHz.
    pub frequency_error_mhz: Option<f64>,
}

/// Of one lane.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent signals of a lane"
)]
pub struct LaneReadings {
    /// Light that leaves, mW.
    pub tx_power_mw: Option<f64>,
    /// Of its laser, mA.
    pub tx_bias_ma: Option<f64>,
    /// Light that arrives, mW.
    pub rx_power_mw: Option<f64>,
    /// Whether light leaves.
    pub is_tx_on: bool,
    /// Whether the transmitter has a fault of its own: its laser gives no light, its modulator is not
    /// locked.
    pub has_tx_fault: bool,
    /// Whether there is a signal at the electrical input.
    pub has_host_signal: bool,
    /// Whether its clock is recovered.
    pub is_host_locked: bool,
    /// Whether there is light at the receiver.
    pub has_media_signal: bool,
    /// Whether its clock is recovered.
    pub is_media_locked: bool,
    /// Bit error ratio before correction, at the optical receiver.
    pub media_ber: Option<f64>,
    /// Signal-to-noise ratio there, dB.
    pub media_snr_db: Option<f64>,
    /// Test pattern there.
    pub media_pattern: FoundPattern,
    /// Bit error ratio before correction, at the electrical input.
    pub host_ber: Option<f64>,
    /// Signal-to-noise ratio there, dB.
    pub host_snr_db: Option<f64>,
    /// Test pattern there.
    pub host_pattern: FoundPattern,
    /// Of its laser, C.
    pub laser_temperature_c: Option<f64>,
    /// Of its laser; 1 is the end of life.
    pub laser_age: Option<f64>,
    /// Light of an external laser where it reaches the engine, dBm.
    pub laser_input_dbm: Option<f64>,
    /// How far its laser is off its frequency, MHz.
    pub laser_frequency_error_mhz: Option<f64>,
    /// Of its modulator.
    pub tx_lock: LockReadings,
    /// Of its receive filter.
    pub rx_lock: LockReadings,
    /// Light behind the modulator, dBm.
    pub tx_monitor_dbm: Option<f64>,
    /// Its outer modulation amplitude, dBm.
    pub tx_oma_dbm: Option<f64>,
    /// Outer modulation amplitude of the light that arrives, dBm.
    pub rx_oma_dbm: Option<f64>,
    /// The laser module that lights it, among those that feed the engine.
    pub laser_module: Option<u8>,
    /// The feed that lights it.
    pub laser_feed: Option<u8>,
    /// Where its fault is, by the extension's codes; zero of none.
    pub verdict: u8,
    /// How sure that is.
    pub verdict_confidence_percent: Option<f64>,
}

/// A test pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TestPattern {
    /// Which one, by the codes of its register.
    pub code: u8,
    /// Whether every bit is the other one.
    pub is_inverted: bool,
}

/// What an input finds of test patterns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FoundPattern {
    /// Nobody says.
    #[default]
    Unknown,
    /// Something else.
    Nothing,
    /// This one.
    Pattern(TestPattern),
}

/// What a module wants of the parts behind its registers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Wanted {
    /// Full power; low power otherwise.
    pub is_full_power: bool,
    /// Of its lanes, over all banks.
    pub lanes: Vec<LaneWanted>,
    /// Of its lasers, where it is a laser module.
    pub lasers: Vec<LaserWanted>,
}

/// Of one laser of a laser module.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LaserWanted {
    /// It shall give light.
    pub is_on: bool,
    /// What its loop shall hold.
    pub setpoint: LaserSetpoint,
}

/// What the loop of a laser holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LaserSetpoint {
    /// Optical power, mW.
    PowerMw(f64),
    /// Bias current, mA.
    BiasMa(f64),
}

/// Of one lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent controls of a lane"
)]
pub struct LaneWanted {
    /// Light shall leave.
    pub is_tx_on: bool,
    /// The electrical output shall carry data.
    pub is_rx_on: bool,
    /// Where the signal is turned back.
    pub loopback: Loopback,
    /// Sent towards the fibre in place of data.
    pub media_pattern: Option<TestPattern>,
    /// Sent towards the host in place of data.
    pub host_pattern: Option<TestPattern>,
    /// The wires of the electrical input are swapped.
    pub is_input_flipped: bool,
    /// Those of the electrical output are.
    pub is_output_flipped: bool,
}

/// Where the signal of a lane is turned back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Loopback {
    /// Nowhere.
    #[default]
    None,
    /// From its optical output to its optical input, inside.
    MediaOutput,
    /// From its optical input to its optical output.
    MediaInput,
    /// From its electrical output to its electrical input, inside.
    HostOutput,
    /// From its electrical input to its electrical output.
    HostInput,
}
