//! What versatile diagnostics can measure, by type code.
//!
//! # Source
//! Types to 34, 77 to 84 and 128 to 147 as SONiC's `sonic-platform-common` has them. Types 100 to 127 are
//! left to vendors and those from 128 on to the OIF, which a public implementation of CMIS 5.4 says and
//! no document at hand confirms. Types of ours are from 100 on, for numbers of
//! [`super::extension`]. **Hosts that do not know a type pass it by**: SONiC does, thresholds and flags
//! included, so what such hosts shall see has to have a type of the standard as well. Light at the
//! engine's input (84) and laser age (1) have one.

use crate::codec::{f16, to_f16};
use crate::map::extension::{laser_feeds, light_taps, rx_locks, tx_locks, verdict, zones};
use crate::register::{Register, Scale};

/// How the two bytes of a sample are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sample {
    /// A number without sign.
    U16,
    /// A number in two's complement.
    S16,
    /// A decimal floating point number.
    F16,
}

/// What an instance belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The module.
    Module,
    /// An optical lane.
    MediaLane,
    /// An electrical lane.
    HostLane,
    /// A data path, seen from its optical side.
    MediaDataPath,
    /// A data path, seen from its electrical side.
    HostDataPath,
    /// A thermal zone of ours.
    Zone,
    /// A laser feed of ours.
    Feed,
}

/// Whose type it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The standard's.
    Standard,
    /// The OIF's for coherent optics.
    Coherent,
    /// Ours, in the range of vendors.
    Extension,
}

/// A type of what is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observable {
    /// In descriptors.
    pub code: u8,
    /// What it is.
    pub name: &'static str,
    /// How samples and thresholds are read.
    pub sample: Sample,
    /// How their numbers become quantities.
    pub scale: Scale,
    /// What instances belong to.
    pub scope: Scope,
    /// Whether it is gathered over an interval, so that only a freeze shows numbers that belong
    /// together.
    pub needs_freeze: bool,
    /// Whose it is.
    pub origin: Origin,
    /// The register that has the same quantity.
    pub register: Option<Register>,
}

impl Observable {
    /// The quantity of a sample.
    pub fn quantity(&self, sample: u16) -> f64 {
        match self.sample {
            Sample::U16 => f64::from(sample) * self.scale.lsb,
            Sample::S16 => f64::from(sample.cast_signed()) * self.scale.lsb,
            Sample::F16 => f16(sample) * self.scale.lsb,
        }
    }

    /// The sample nearest to a quantity: the end of its range for what is beyond, zero for what is no
    /// number.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the casts keep the ends for what is beyond, and zero for what is no number"
    )]
    pub fn sample_of(&self, quantity: f64) -> u16 {
        let number = quantity / self.scale.lsb;
        match self.sample {
            Sample::U16 => number.round_ties_even() as u16,
            Sample::S16 => (number.round_ties_even() as i16).cast_unsigned(),
            Sample::F16 => to_f16(number),
        }
    }

    const fn statistic(self) -> Self {
        Self {
            needs_freeze: true,
            ..self
        }
    }

    const fn coherent(self) -> Self {
        Self {
            origin: Origin::Coherent,
            ..self
        }
    }

    const fn ours(self, register: Register) -> Self {
        Self {
            origin: Origin::Extension,
            register: Some(register),
            ..self
        }
    }

    const fn same_as(self, register: Register) -> Self {
        Self {
            register: Some(register),
            ..self
        }
    }
}

const fn basic(
    code: u8,
    name: &'static str,
    sample: Sample,
    (lsb, unit): (f64, &'static str),
    scope: Scope,
) -> Observable {
    Observable {
        code,
        name,
        sample,
        scale: Scale { lsb, unit },
        scope,
        needs_freeze: false,
        origin: Origin::Standard,
        register: None,
    }
}

/// The type with a code.
pub fn observable(code: u8) -> Option<&'static Observable> {
    OBSERVABLES.iter().find(|of| of.code == code)
}

use Sample::{F16, S16, U16};
use Scope::{Feed, HostDataPath, HostLane, MediaDataPath, MediaLane, Module, Zone};

const ONE: (f64, &str) = (1.0, "");
const SNR: (f64, &str) = (1.0 / 256.0, "db");
const CELSIUS: (f64, &str) = (1.0 / 256.0, "c");
const LEVEL: (f64, &str) = (0.01, "dbm");
const HEAT: (f64, &str) = (0.01, "mw");
const PERCENT: (f64, &str) = (1.0, "percent");
const DETUNING: (f64, &str) = (10.0, "mhz");
const SUPPLY: (f64, &str) = (1e-4, "v");
const MODULATOR_BIAS: (f64, &str) = (100.0 / 65535.0, "percent");
const TENTH_DB: (f64, &str) = (0.1, "db");

/// Every type that is known, in order of codes.
#[rustfmt::skip]
pub const OBSERVABLES: &[Observable] = &[
    basic(1, "Laser age", U16, PERCENT, MediaLane).same_as(laser_feeds::LANE_LASER_AGE),
    basic(2, "TEC current", S16, (100.0 / 32767.0, "percent"), Module),
    basic(3, "Laser frequency error", S16, DETUNING, MediaLane),
    basic(4, "Laser temperature", S16, CELSIUS, MediaLane),
    basic(5, "eSNR media input", U16, SNR, MediaLane),
    basic(6, "eSNR host input", U16, SNR, HostLane),
    basic(7, "PAM4 level transition parameter media input", U16, SNR, MediaLane),
    basic(8, "PAM4 level transition parameter host input", U16, SNR, HostLane),
    basic(9, "Pre-FEC BER minimum media input", F16, ONE, MediaDataPath).statistic(),
    basic(10, "Pre-FEC BER minimum host input", F16, ONE, HostDataPath).statistic(),
    basic(11, "Pre-FEC BER maximum media input", F16, ONE, MediaDataPath).statistic(),
    basic(12, "Pre-FEC BER maximum host input", F16, ONE, HostDataPath).statistic(),
    basic(13, "Pre-FEC BER average media input", F16, ONE, MediaDataPath).statistic(),
    basic(14, "Pre-FEC BER average host input", F16, ONE, HostDataPath).statistic(),
    basic(15, "Pre-FEC BER now media input", F16, ONE, MediaDataPath),
    basic(16, "Pre-FEC BER now host input", F16, ONE, HostDataPath),
    basic(17, "Errored frames minimum media input", F16, ONE, MediaDataPath).statistic(),
    basic(18, "Errored frames minimum host input", F16, ONE, HostDataPath).statistic(),
    basic(19, "Errored frames maximum media input", F16, ONE, MediaDataPath).statistic(),
    basic(20, "Errored frames maximum host input", F16, ONE, HostDataPath).statistic(),
    basic(21, "Errored frames average media input", F16, ONE, MediaDataPath).statistic(),
    basic(22, "Errored frames average host input", F16, ONE, HostDataPath).statistic(),
    basic(23, "Errored frames now media input", F16, ONE, MediaDataPath),
    basic(24, "Errored frames now host input", F16, ONE, HostDataPath),
    basic(25, "FERC total media input", F16, ONE, MediaDataPath).statistic(),
    basic(26, "FERC total host input", F16, ONE, HostDataPath).statistic(),
    basic(27, "SEWmax minimum media input", U16, ONE, MediaDataPath).statistic(),
    basic(28, "SEWmax minimum host input", U16, ONE, HostDataPath).statistic(),
    basic(29, "SEWmax maximum media input", U16, ONE, MediaDataPath).statistic(),
    basic(30, "SEWmax maximum host input", U16, ONE, HostDataPath).statistic(),
    basic(31, "SEWmax average media input", U16, ONE, MediaDataPath).statistic(),
    basic(32, "SEWmax average host input", U16, ONE, HostDataPath).statistic(),
    basic(33, "SEWmax now media input", U16, ONE, MediaDataPath),
    basic(34, "SEWmax now host input", U16, ONE, HostDataPath),
    basic(77, "Supply 2.6 V", U16, SUPPLY, Module),
    basic(78, "Supply 1.8 V", U16, SUPPLY, Module),
    basic(79, "Supply 1.2 V", U16, SUPPLY, Module),
    basic(80, "Supply 0.9 V", U16, SUPPLY, Module),
    basic(81, "Supply 0.7 V A", U16, SUPPLY, Module),
    basic(82, "Supply 0.7 V B", U16, SUPPLY, Module),
    basic(83, "Supply 12 V", U16, (2.5e-4, "v"), Module),
    basic(84, "External laser input power", S16, LEVEL, MediaLane).same_as(light_taps::INPUT_POWER),
    basic(100, "Transmit heater power", U16, HEAT, MediaLane).ours(tx_locks::TX_HEATER_POWER),
    basic(101, "Transmit lock state", U16, ONE, MediaLane).ours(tx_locks::TX_LOCK_STATE),
    basic(102, "Transmit detuning", S16, DETUNING, MediaLane).ours(tx_locks::TX_DETUNING),
    basic(103, "Transmit heater headroom", U16, PERCENT, MediaLane).ours(tx_locks::TX_HEATER_HEADROOM),
    basic(104, "Receive heater power", U16, HEAT, MediaLane).ours(rx_locks::RX_HEATER_POWER),
    basic(105, "Receive lock state", U16, ONE, MediaLane).ours(rx_locks::RX_LOCK_STATE),
    basic(106, "Receive detuning", S16, DETUNING, MediaLane).ours(rx_locks::RX_DETUNING),
    basic(107, "Receive heater headroom", U16, PERCENT, MediaLane).ours(rx_locks::RX_HEATER_HEADROOM),
    basic(108, "Engine input power", S16, LEVEL, MediaLane).ours(light_taps::INPUT_POWER),
    basic(109, "Transmit monitor power", S16, LEVEL, MediaLane).ours(light_taps::TX_MONITOR_POWER),
    basic(110, "Transmit OMA", S16, LEVEL, MediaLane).ours(light_taps::TX_OMA),
    basic(111, "Receive OMA", S16, LEVEL, MediaLane).ours(light_taps::RX_OMA),
    basic(112, "Zone temperature", S16, CELSIUS, Zone).ours(zones::ZONE_TEMPERATURE),
    basic(113, "Zone state", U16, ONE, Zone).ours(zones::ZONE_STATE),
    basic(114, "Feed power", S16, LEVEL, Feed).ours(laser_feeds::FEED_POWER),
    basic(115, "Lane laser age", U16, (0.01, "percent"), MediaLane).ours(laser_feeds::LANE_LASER_AGE),
    basic(116, "Verdict", U16, ONE, MediaLane).ours(verdict::VERDICT),
    basic(117, "Verdict confidence", U16, PERCENT, MediaLane).ours(verdict::VERDICT_CONFIDENCE),
    basic(128, "Modulator bias X/I", U16, MODULATOR_BIAS, MediaLane).coherent(),
    basic(129, "Modulator bias X/Q", U16, MODULATOR_BIAS, MediaLane).coherent(),
    basic(130, "Modulator bias Y/I", U16, MODULATOR_BIAS, MediaLane).coherent(),
    basic(131, "Modulator bias Y/Q", U16, MODULATOR_BIAS, MediaLane).coherent(),
    basic(132, "Modulator bias X phase", U16, MODULATOR_BIAS, MediaLane).coherent(),
    basic(133, "Modulator bias Y phase", U16, MODULATOR_BIAS, MediaLane).coherent(),
    basic(134, "Chromatic dispersion, short link", S16, (1.0, "ps_per_nm"), MediaLane).coherent(),
    basic(135, "Chromatic dispersion, long link", S16, (20.0, "ps_per_nm"), MediaLane).coherent(),
    basic(136, "Differential group delay", U16, (0.01, "ps"), MediaLane).coherent(),
    basic(137, "Second-order polarisation mode dispersion", U16, (0.01, "ps2"), MediaLane).coherent(),
    basic(138, "Polarisation dependent loss", U16, TENTH_DB, MediaLane).coherent(),
    basic(139, "Optical signal-to-noise ratio", U16, TENTH_DB, MediaLane).coherent(),
    basic(140, "Electrical signal-to-noise ratio", U16, TENTH_DB, MediaLane).coherent(),
    basic(141, "Carrier frequency offset", S16, (1.0, "mhz"), MediaLane).coherent(),
    basic(142, "Error vector magnitude", U16, MODULATOR_BIAS, MediaLane).coherent(),
    basic(143, "Transmitted power", S16, LEVEL, MediaLane).coherent(),
    basic(144, "Received total power", S16, LEVEL, MediaLane).coherent(),
    basic(145, "Received signal power", S16, LEVEL, MediaLane).coherent(),
    basic(146, "Rate of change of polarisation", U16, (1.0, "krad_per_s"), MediaLane).coherent(),
    basic(147, "Modulation error ratio", U16, TENTH_DB, MediaLane).coherent(),
];
