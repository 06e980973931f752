//! What a module is, as data: what it says of itself, how fast it is, where its limits lie.

use super::cdb::CdbProfile;
use super::lanes::{LANES, SI_BYTES};
use super::path::PathDurations;
use super::power::PowerDurations;
use crate::map::extension::Placement;
use crate::register::{Feature, Features};

/// Who made a module, and which one it is. Longer texts are cut to what their registers hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// What kind of device, by SFF-8024.
    pub identifier: u8,
    /// 16 characters.
    pub vendor_name: String,
    /// Of the vendor, by the IEEE.
    pub vendor_oui: [u8; 3],
    /// 16 characters.
    pub part_number: String,
    /// 2 characters.
    pub part_revision: String,
    /// 16 characters.
    pub serial_number: String,
    /// Year, month, day, lot: 8 characters.
    pub date_code: String,
    /// 10 characters.
    pub clei: String,
}

/// A way in which lanes of host and media may form a data path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Application {
    /// The host interface, by SFF-8024.
    pub host_id: u8,
    /// The media interface, by SFF-8024.
    pub media_id: u8,
    /// Lanes on the host's side.
    pub host_lanes: u8,
    /// Lanes on the media's side.
    pub media_lanes: u8,
    /// One bit for each host lane at which such a data path may begin.
    pub host_starts: u8,
    /// One bit for each media lane at which such a data path may begin.
    pub media_starts: u8,
}

impl Application {
    /// Whether a data path of it may begin at a host lane.
    pub(super) const fn begins_at(self, lane: usize) -> bool {
        lane < LANES && self.host_starts >> lane & 1 != 0 && self.host_lanes > 0
    }
}

/// The four thresholds of a monitor, in the unit of its register.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Above it there is an alarm.
    pub high_alarm: f64,
    /// Below it there is an alarm.
    pub low_alarm: f64,
    /// Above it there is a warning.
    pub high_warning: f64,
    /// Below it there is a warning.
    pub low_warning: f64,
}

impl Limits {
    /// Bits 0 to 3: high alarm, low alarm, high warning, low warning. None of a value that is none.
    pub fn crossed(&self, value: f64) -> u8 {
        u8::from(value > self.high_alarm)
            | u8::from(value < self.low_alarm) << 1
            | u8::from(value > self.high_warning) << 2
            | u8::from(value < self.low_warning) << 3
    }
}

/// Thresholds of all monitors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// Of the case, C.
    pub temperature_c: Limits,
    /// Of the supply, V; none of a module that does not measure it.
    pub supply_v: Option<Limits>,
    /// Of the hottest laser, C; none of a module without lasers of its own.
    pub laser_temperature_c: Option<Limits>,
    /// Of each lane's output, mW; none of a module that does not show it.
    pub tx_power_mw: Option<Limits>,
    /// Of each lane's laser, mA; none of a module that does not show it.
    pub tx_bias_ma: Option<Limits>,
    /// Of each lane's input, mW.
    pub rx_power_mw: Limits,
}

/// What the electrical interfaces can be set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignalIntegrity {
    /// What applies where the host sets nothing: as in a control set, from adaptive equalisation on.
    /// Clock recovery, and equalisers that adapt themselves, are on where the module has them and off
    /// elsewhere, whatever this says of them.
    pub default: [u8; SI_BYTES],
    /// Greatest code of the input equaliser.
    pub tx_input_eq_max: u8,
    /// Greatest code of the output's pre-cursor.
    pub rx_pre_cursor_max: u8,
    /// Greatest code of the output's post-cursor.
    pub rx_post_cursor_max: u8,
    /// Bits 0 to 3: whether the output has this amplitude.
    pub rx_amplitudes: u8,
}

/// Positions in the bytes of signal integrity.
mod si {
    use std::ops::Range;

    pub(super) const ADAPTIVE: usize = 0;
    pub(super) const CDR_TX: usize = 7;
    pub(super) const CDR_RX: usize = 8;
    /// One bit for each lane.
    pub(super) const BITS: [usize; 3] = [ADAPTIVE, CDR_TX, CDR_RX];
    /// Two bits for each lane.
    pub(super) const PAIRS: Range<usize> = 1..3;
    pub(super) const TX_EQ: usize = 3;
    pub(super) const PRE_CURSOR: usize = 9;
    pub(super) const POST_CURSOR: usize = 13;
    pub(super) const AMPLITUDE: usize = 17;
}

impl SignalIntegrity {
    fn nibble(bytes: &[u8; SI_BYTES], start: usize, lane: usize) -> u8 {
        bytes[start + lane / 2] >> (4 * (lane % 2)) & 0xF
    }

    /// Of a module that recovers clocks, and adapts its equalisers, where its features say so.
    pub(super) fn of(mut self, features: Features) -> Self {
        let where_there_is = |feature| if features.has(feature) { u8::MAX } else { 0 };
        self.default[si::ADAPTIVE] = where_there_is(Feature::HostRetimer);
        self.default[si::CDR_TX] = where_there_is(Feature::HostRetimer);
        self.default[si::CDR_RX] = where_there_is(Feature::MediaRetimer);
        self
    }

    /// Whether the module can do for a lane what a control set asks. Clock recovery cannot be bypassed.
    pub(super) fn allows(&self, lane: usize, bytes: &[u8; SI_BYTES]) -> bool {
        let amplitude = Self::nibble(bytes, si::AMPLITUDE, lane);
        let bit = |bytes: &[u8; SI_BYTES], at: usize| bytes[at] >> lane & 1 != 0;
        let is_adaptive = bit(bytes, si::ADAPTIVE);
        let recovers_as_built = |at: usize| bit(bytes, at) == bit(&self.default, at);
        recovers_as_built(si::CDR_TX)
            && recovers_as_built(si::CDR_RX)
            && (!is_adaptive || bit(&self.default, si::ADAPTIVE))
            && (is_adaptive || Self::nibble(bytes, si::TX_EQ, lane) <= self.tx_input_eq_max)
            && Self::nibble(bytes, si::PRE_CURSOR, lane) <= self.rx_pre_cursor_max
            && Self::nibble(bytes, si::POST_CURSOR, lane) <= self.rx_post_cursor_max
            && amplitude < 4
            && self.rx_amplitudes >> amplitude & 1 != 0
    }

    /// Copies what belongs to a lane.
    pub(super) fn copy(lane: usize, from: &[u8; SI_BYTES], to: &mut [u8; SI_BYTES]) {
        let mut put = |at: usize, mask: u8| to[at] = to[at] & !mask | from[at] & mask;
        for at in si::BITS {
            put(at, 1 << lane);
        }
        put(si::PAIRS.start + lane / 4, 0b11 << (2 * (lane % 4)));
        for start in [si::TX_EQ, si::PRE_CURSOR, si::POST_CURSOR, si::AMPLITUDE] {
            put(start + lane / 2, 0xF << (4 * (lane % 2)));
        }
    }
}

/// What a laser module holds: power or current.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LaserControl {
    /// The bias current.
    Current,
    /// The optical power.
    Power,
}

/// The lanes of a laser module.
#[derive(Debug, Clone, PartialEq)]
pub struct LaserProfile {
    /// What its loops hold.
    pub control: LaserControl,
    /// Most and least power that can be set, mW.
    pub power_range_mw: (f64, f64),
    /// Most and least bias that can be set, mA.
    pub bias_range_ma: (f64, f64),
    /// Setpoint of power after a reset, mW.
    pub power_mw: f64,
    /// Setpoint of bias after a reset, mA.
    pub bias_ma: f64,
    /// Thresholds of power, mW.
    pub power_limits_mw: Limits,
    /// Thresholds of bias, mA.
    pub bias_limits_ma: Limits,
    /// Of each lane, GHz.
    pub frequency_ghz: Vec<f64>,
    /// Into which fibre each lane shines, from 1.
    pub fibre: Vec<u8>,
    /// Power at which a host checks whether fibres are joined as they should be, mW.
    pub check_power_mw: f64,
    /// From off to on, ns.
    pub ramp_ns: u64,
    /// Whether a lane gives full power only after a host has checked its fibre.
    pub needs_fibre_check: bool,
    /// Whether each of them lights something: those are enabled after a reset.
    pub is_used: Vec<bool>,
}

/// Something that versatile diagnostics measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VdmItem {
    /// What, by the table of observables.
    pub observable: u8,
    /// Of which lane, over all banks; of the whole module without one.
    pub lane: Option<u8>,
    /// Thresholds in the unit of the observable.
    pub limits: Option<Limits>,
}

/// Test patterns that generators and checkers know, one bit for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Patterns {
    /// Sent towards the host.
    pub host_generator: u16,
    /// Sent towards the fibre.
    pub media_generator: u16,
    /// Found at the electrical input.
    pub host_checker: u16,
    /// Found at the optical input.
    pub media_checker: u16,
}

/// Where the light of a lane is found. Numbers are from 1; 0, and what four bits do not hold, is not
/// known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MediaLane {
    /// Its wavelength, among those of its fibres.
    pub wavelength: u8,
    /// The fibre that it sends into, among those of the bank.
    pub tx_fibre: u8,
    /// The fibre that it receives from, among those of the bank.
    pub rx_fibre: u8,
}

/// What a module can do to test itself.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Diagnostics {
    /// Loopbacks, as its register of abilities has them.
    pub loopbacks: u8,
    /// One bit for each pattern that it can send, and find, on each side; zero where it can none.
    pub patterns: Patterns,
    /// Of a lane, bit/s.
    pub bit_rate_hz: f64,
    /// Whether it states the signal-to-noise ratio of its electrical inputs, where it retimes them.
    pub has_host_snr: bool,
}

/// What is odd about a module, as modules in the field are that hosts have to live with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quirks {
    /// Refuses to decommission lanes.
    pub rejects_application_0: bool,
    /// Lanes whose configuration never ends, one bit for each lane of every bank.
    pub stuck_lanes: u8,
    /// Does not say that an initialization is pending.
    pub hides_pending: bool,
    /// A freeze of statistics never ends.
    pub freezes_forever: bool,
}

/// What a module is.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Which one.
    pub identity: Identity,
    /// Of the specification, major and minor.
    pub revision: (u8, u8),
    /// What it has.
    pub features: Features,
    /// Banks of eight lanes.
    pub banks: u8,
    /// Lanes in use, over all banks.
    pub lanes: u8,
    /// Where the light of its lanes is found, over all banks; lanes without are not known.
    pub media_lanes: Vec<MediaLane>,
    /// What its data paths may be, at most 15; the first is set up after a reset.
    pub applications: Vec<Application>,
    /// Of the module's transitions.
    pub power: PowerDurations,
    /// Of the data paths' transitions.
    pub paths: PathDurations,
    /// Of its monitors.
    pub thresholds: Thresholds,
    /// Of its electrical side.
    pub signal_integrity: SignalIntegrity,
    /// What its bias monitors count in multiples of 2 uA: 1, 2 or 4.
    pub bias_multiplier: u8,
    /// Kind of media.
    pub media_type: u8,
    /// Kind of connector, by SFF-8024.
    pub connector: u8,
    /// Technology of the media interface.
    pub media_technology: u8,
    /// Most power that it draws, W.
    pub max_power_w: f64,
    /// Reach over single-mode fibre, m; none where no interface states one.
    pub reach_m: Option<f64>,
    /// Nominal wavelength, nm, and how far it may be off.
    pub wavelength_nm: (f64, f64),
    /// Of the hardware, major and minor.
    pub hardware: (u8, u8),
    /// Of its commands; none where it has none.
    pub cdb: Option<CdbProfile>,
    /// What its versatile diagnostics measure, at most 256 for each bank.
    pub vdm: Vec<VdmItem>,
    /// Whether it can swap the wires of its electrical inputs and outputs.
    pub flips_polarity: bool,
    /// How it tests itself; none where it does not.
    pub diagnostics: Option<Diagnostics>,
    /// Which of them say something, as their header has it.
    pub extension_abilities: u8,
    /// What its rings say of themselves beyond heater and lock, as the header has it.
    pub ring_abilities: u8,
    /// Thermal zones, laser feeds and laser modules that the pages of co-packaged optics list.
    pub extension_counts: [u8; 3],
    /// Laser light at the engine's input below which there is a flag, dBm.
    pub input_low_dbm: Option<f64>,
    /// Where its pages of co-packaged optics lie.
    pub extension: Placement,
    /// Its lanes, where it is a laser module.
    pub laser: Option<LaserProfile>,
}
