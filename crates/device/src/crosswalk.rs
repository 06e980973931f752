//! From physics to what each management interface shows of it, row by row.
//!
//! A row is one quantity: what measures it, in which register it stands, which leaf of OpenConfig and
//! which field of SONiC show it, and what is lost on the way. Registers and signals are those of the
//! tables of [`cmis`] and [`plant`], so that a row cannot name what there is not.
//!
//! # Source
//! Leaves: openconfig-platform-transceiver 1.0.0 and openconfig-platform 0.32.0. Fields:
//! `sonic-platform-common` and SONiC's design of co-packaged optics in its transceiver daemon (2026).

use cmis::map::extension::{laser_feeds, light_taps, rx_locks, tx_locks, verdict, zones};
use cmis::map::{lower, p00, p1a, p1b, p11, p14};
use cmis::{Form, LOWER, Register};
use plant::Signal;

/// How well a quantity is shown by everything of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fit {
    /// Everywhere, with its unit and resolution.
    Mapped,
    /// Everywhere, but something is lost.
    Lossy,
    /// Some of them have no place for it.
    Missing,
}

impl Fit {
    /// As a word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mapped => "mapped",
            Self::Lossy => "lossy",
            Self::Missing => "missing",
        }
    }
}

/// One quantity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// What it is physically.
    pub physics: &'static str,
    /// What measures it; none of what is not measured by a sensor.
    pub signal: Option<Signal>,
    /// Where it stands in a module's registers.
    pub register: Option<Register>,
    /// By which type versatile diagnostics show it.
    pub observable: Option<u8>,
    /// Below `/components/component`.
    pub yang: Option<&'static str>,
    /// Table and field of SONiC's database; `{n}` is a lane.
    pub sonic: Option<&'static str>,
    /// What is lost, or who has no place for it; empty where nothing is.
    pub note: &'static str,
}

impl Row {
    /// How well it is shown.
    pub const fn fit(&self) -> Fit {
        if self.register.is_none() || self.yang.is_none() || self.sonic.is_none() {
            Fit::Missing
        } else if self.note.is_empty() {
            Fit::Mapped
        } else {
            Fit::Lossy
        }
    }

    /// Page and byte of the register, as the standard writes them.
    pub fn place(&self) -> Option<String> {
        let of = self.register.as_ref()?;
        Some(if of.page == LOWER {
            format!("lower:{}", of.byte)
        } else {
            format!("{:02X}h:{}", of.page, of.byte)
        })
    }

    /// What the lowest bit of the register stands for, with its unit.
    pub fn resolution(&self) -> Option<String> {
        let scale = match self.register?.form {
            Form::Unsigned { scale, .. }
            | Form::Signed { scale, .. }
            | Form::Bits { scale, .. } => scale,
            Form::F16 { .. } | Form::Text { .. } | Form::Bytes { .. } => return None,
        };
        (!scale.unit.is_empty()).then(|| format!("{} {}", scale.lsb, scale.unit))
    }
}

const fn row(physics: &'static str) -> Row {
    Row {
        physics,
        signal: None,
        register: None,
        observable: None,
        yang: None,
        sonic: None,
        note: "",
    }
}

impl Row {
    const fn by(self, signal: Signal) -> Self {
        Self {
            signal: Some(signal),
            ..self
        }
    }

    const fn at(self, register: Register) -> Self {
        Self {
            register: Some(register),
            ..self
        }
    }

    const fn vdm(self, observable: u8) -> Self {
        Self {
            observable: Some(observable),
            ..self
        }
    }

    const fn oc(self, yang: &'static str) -> Self {
        Self {
            yang: Some(yang),
            ..self
        }
    }

    const fn db(self, sonic: &'static str) -> Self {
        Self {
            sonic: Some(sonic),
            ..self
        }
    }

    const fn but(self, note: &'static str) -> Self {
        Self { note, ..self }
    }
}

/// Every quantity that a module of co-packaged optics shows.
#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    row("vendor of the device").at(p00::VENDOR_NAME).oc("state/mfg-name").db("TRANSCEIVER_INFO.manufacturer"),
    row("part number").at(p00::VENDOR_PN).oc("state/part-no").db("TRANSCEIVER_INFO.model"),
    row("serial number").at(p00::VENDOR_SN).oc("state/serial-no").db("TRANSCEIVER_INFO.serial"),
    row("firmware that runs").at(lower::ACTIVE_FIRMWARE_MAJOR).oc("state/firmware-version")
        .db("TRANSCEIVER_FIRMWARE_INFO.active_firmware")
        .but("registers have no build number; it is in the reply to command 0100h"),
    row("state of the module").at(lower::MODULE_STATE).oc("state/oper-status")
        .db("TRANSCEIVER_STATUS.module_state")
        .but("OpenConfig knows active, inactive and disabled, and no transition"),
    row("temperature of the engine").by(Signal::EngineTemperature).at(lower::TEMP_MON_VALUE)
        .oc("state/temperature/instant").db("TRANSCEIVER_DOM_SENSOR.temperature")
        .but("0.1 K in OpenConfig"),
    row("supply of the engine").by(Signal::EngineSupplyVoltage).at(lower::VCC_MON_VOLTAGE)
        .oc("transceiver/state/supply-voltage/instant").db("TRANSCEIVER_DOM_SENSOR.voltage")
        .but("10 mV in OpenConfig"),
    row("power that the engine draws").by(Signal::EnginePower).oc("state/used-power")
        .but("no monitor in registers, only the greatest power (00h:201); whole watts in OpenConfig"),
    row("power state of the engine").by(Signal::EnginePowerState).at(lower::MODULE_STATE)
        .oc("state/oper-status").db("TRANSCEIVER_STATUS.module_state")
        .but("one state for module and supply"),
    row("state of a lane's data path").at(p11::DP_STATE_HOST_LANE).db("TRANSCEIVER_STATUS.DP{n}State")
        .but("no leaf"),
    row("whether light leaves").by(Signal::TransmitOutput).at(p11::OUTPUT_STATUS_TX)
        .oc("transceiver/physical-channels/channel/config/tx-laser").db("TRANSCEIVER_STATUS.tx{n}OutputStatus")
        .but("the leaf is what is asked for, not what is so"),
    row("light behind the modulator").by(Signal::TransmitMonitorPower).at(p11::OPTICAL_POWER_TX).vdm(109)
        .oc("transceiver/physical-channels/channel/state/output-power/instant").db("TRANSCEIVER_DOM_SENSOR.tx{n}power"),
    row("outer modulation amplitude that is sent").by(Signal::TransmitOma).at(light_taps::TX_OMA).vdm(110)
        .but("no leaf and no field; the page is not the standard's"),
    row("light at the receiver").by(Signal::RxPower).at(p11::OPTICAL_POWER_RX)
        .oc("transceiver/physical-channels/channel/state/input-power/instant").db("TRANSCEIVER_DOM_SENSOR.rx{n}power"),
    row("outer modulation amplitude that arrives").by(Signal::RxOma).at(light_taps::RX_OMA).vdm(111)
        .but("no leaf and no field; the page is not the standard's"),
    row("whether there is light at the receiver").by(Signal::ReceiveSignal).at(p11::LOS_FLAG_RX)
        .oc("transceiver/physical-channels/channel/state/rx-los").db("TRANSCEIVER_STATUS_FLAG.rx{n}los")
        .but("a latched flag in registers, a counter in OpenConfig, a state at the sensor"),
    row("bit error ratio at the receiver").by(Signal::PreFecBer).at(p14::BIT_ERROR_RATIO_MEDIA).vdm(15)
        .oc("transceiver/state/pre-fec-ber/instant").db("TRANSCEIVER_VDM_REAL_VALUE.prefec_ber_curr_media_input{n}")
        .but("one leaf for all lanes, whose unit is said to be errors a second"),
    row("signal-to-noise ratio at the receiver").by(Signal::RxSnr).at(p14::SNR_MEDIA).vdm(5)
        .oc("transceiver/physical-channels/channel/state/media-snr").db("TRANSCEIVER_VDM_REAL_VALUE.esnr_media_input{n}")
        .but("the leaf is declared in percent"),
    row("clock recovery at the engine's electrical input").by(Signal::HostInputLock).at(p11::CDR_LOL_FLAG_TX)
        .oc("transceiver/host-lanes/lane/state/tx-cdr-lol").db("TRANSCEIVER_STATUS_FLAG.tx{n}cdrlol")
        .but("a latched flag; linear engines have none"),
    row("test pattern at the receiver").by(Signal::ReceivePattern).at(p14::PATTERN_CHECKER_LOL_FLAG_MEDIA)
        .but("only whether the checker finds the pattern that it looks for; no leaf, no field"),
    row("test pattern at the engine's electrical input").by(Signal::HostInputPattern)
        .at(p14::PATTERN_CHECKER_LOL_FLAG_HOST)
        .but("only whether the checker finds the pattern that it looks for; no leaf, no field"),
    row("bit error ratio at the engine's electrical input").by(Signal::HostInputBer).at(p14::BIT_ERROR_RATIO_HOST).vdm(16)
        .db("TRANSCEIVER_VDM_REAL_VALUE.prefec_ber_curr_host_input{n}")
        .but("no leaf; linear engines have none"),
    row("signal-to-noise ratio at the engine's electrical input").by(Signal::HostInputSnr).at(p14::SNR_HOST).vdm(6)
        .oc("transceiver/physical-channels/channel/state/host-snr").db("TRANSCEIVER_VDM_REAL_VALUE.esnr_host_input{n}")
        .but("the leaf is declared in percent; linear engines have none"),
    row("swing at the engine's electrical input").by(Signal::HostInputSwing).at(p11::LOS_FLAG_TX)
        .oc("transceiver/host-lanes/lane/state/tx-los").db("TRANSCEIVER_STATUS_FLAG.tx{n}los")
        .but("only whether there is a signal; no model of the twin finds a swing"),
    row("laser light where it enters the engine").by(Signal::EngineInputPower).at(light_taps::INPUT_POWER).vdm(84)
        .but("no leaf and no field, though the diagnostics type is the standard's"),
    row("power of a modulator's heater").by(Signal::TransmitHeaterPower).at(tx_locks::TX_HEATER_POWER).vdm(100)
        .but("no leaf, no field, and no page in the standard"),
    row("lock of a modulator").by(Signal::TransmitLock).at(tx_locks::TX_LOCK_STATE).vdm(101)
        .but("no leaf, no field, and no page in the standard"),
    row("detuning of a ring that modulates").by(Signal::TransmitDetuning).at(tx_locks::TX_DETUNING).vdm(102)
        .but("no leaf, no field, and no page in the standard"),
    row("headroom of a modulator's heater").at(tx_locks::TX_HEATER_HEADROOM).vdm(103)
        .but("found from the heater's power and its greatest one; no leaf, no field, and no page in the standard"),
    row("power of a receive filter's heater").by(Signal::ReceiveHeaterPower).at(rx_locks::RX_HEATER_POWER).vdm(104)
        .but("no leaf, no field, and no page in the standard"),
    row("lock of a receive filter").by(Signal::ReceiveLock).at(rx_locks::RX_LOCK_STATE).vdm(105)
        .but("no leaf, no field, and no page in the standard"),
    row("detuning of a receive filter").by(Signal::ReceiveDetuning).at(rx_locks::RX_DETUNING).vdm(106)
        .but("no leaf, no field, and no page in the standard"),
    row("headroom of a receive filter's heater").at(rx_locks::RX_HEATER_HEADROOM).vdm(107)
        .but("found from the heater's power and its greatest one; no leaf, no field, and no page in the standard"),
    row("dark current of a photodiode").by(Signal::PhotodiodeDarkCurrent)
        .but("no register, no leaf, no field; the twin does not tell it from the current of the light"),
    row("whether the laser module is plugged").by(Signal::LaserModulePresence).at(laser_feeds::LASER_MODULE_PRESENT)
        .oc("state/empty").db("TRANSCEIVER_INFO.present")
        .but("SONiC takes it for the presence of all ports that the module lights; the page is not the standard's"),
    row("temperature of the laser module").by(Signal::LaserModuleTemperature).at(lower::TEMP_MON_VALUE)
        .oc("state/temperature/instant").db("TRANSCEIVER_ELS_DOM_SENSOR.temperature").but("0.1 K in OpenConfig"),
    row("supply of the laser module").by(Signal::LaserModuleSupplyVoltage).at(lower::VCC_MON_VOLTAGE)
        .oc("transceiver/state/supply-voltage/instant").db("TRANSCEIVER_ELS_DOM_SENSOR.voltage").but("10 mV in OpenConfig"),
    row("power that the laser module draws").by(Signal::LaserModulePower).at(p1b::ICC_MONITOR)
        .oc("state/used-power").db("TRANSCEIVER_ELS_DOM_SENSOR.icc_monitor")
        .but("a current in registers, whole watts in OpenConfig"),
    row("power state of the laser module").by(Signal::LaserModulePowerState).at(lower::MODULE_STATE)
        .oc("state/oper-status").db("TRANSCEIVER_ELS_STATUS.module_state").but("one state for module and supply"),
    row("interlock of the laser path").by(Signal::LaserPath).at(p1a::OUTPUT_FIBER_CHECKED_FLAG)
        .db("TRANSCEIVER_ELS_STATUS.output_fiber_checked_lane{n}")
        .but("registers know a check by the host, no interlock; no leaf"),
    row("bias of a laser").by(Signal::LaserBias).at(p1b::BIAS_CURRENT_MONITOR)
        .oc("transceiver/physical-channels/channel/state/laser-bias-current/instant")
        .db("TRANSCEIVER_ELS_DOM_SENSOR.laser_bias_current_lane{n}")
        .but("the channel is the laser's, not the lane's: one laser lights several lanes"),
    row("light of a laser").by(Signal::LaserPower).at(p1b::OPT_POWER_MONITOR)
        .oc("transceiver/physical-channels/channel/state/output-power/instant")
        .db("TRANSCEIVER_ELS_DOM_SENSOR.optical_power_lane{n}")
        .but("the channel is the laser's, not the lane's: one laser lights several lanes"),
    row("temperature of a laser chip").by(Signal::LaserTemperature).at(lower::AUX2_MON_VALUE).vdm(4)
        .oc("transceiver/physical-channels/channel/state/laser-temperature/instant")
        .db("TRANSCEIVER_VDM_REAL_VALUE.laser_temperature_media{n}")
        .but("one register for all lasers; each has its own in diagnostics"),
    row("forward voltage of a laser").by(Signal::LaserVoltage).at(p1b::VOLTAGE_MONITOR)
        .db("TRANSCEIVER_ELS_DOM_SENSOR.voltage_lane{n}").but("no leaf"),
    row("current of a laser's cooler").by(Signal::LaserCoolerCurrent).at(lower::AUX1_MON_VALUE).vdm(2)
        .oc("transceiver/physical-channels/channel/state/tec-current/instant")
        .db("TRANSCEIVER_ELS_DOM_SENSOR.tec_current")
        .but("in percent of an unstated greatest current; the twin knows the power of coolers, no current"),
    row("age of a laser").by(Signal::LaserAge).at(laser_feeds::LANE_LASER_AGE).vdm(1)
        .oc("transceiver/physical-channels/channel/state/laser-age")
        .but("no field of SONiC's daemon, though its library reads the type; whole percent in diagnostics, of lanes at an engine and of lasers at a laser module"),
    row("frequency of a laser").by(Signal::LaserFrequency).at(p1a::LANE_FREQUENCY)
        .oc("transceiver/physical-channels/channel/state/output-frequency").db("TRANSCEIVER_ELS_INFO.lane_frequency")
        .but("the register is nominal, in steps of 5 GHz"),
    row("how far a laser is off its place on the grid").by(Signal::LaserFrequency).vdm(3)
        .oc("transceiver/physical-channels/channel/state/target-frequency-deviation")
        .but("no register, and no field; 10 MHz in diagnostics, up to 327 GHz either way; lasers of fibres without a grid have none"),
    row("output of a laser").by(Signal::LaserOutput).at(p1a::LANE_STATE)
        .oc("transceiver/physical-channels/channel/config/tx-laser").db("TRANSCEIVER_ELS_STATUS.state_lane{n}")
        .but("the leaf is what is asked for, not what is so"),
    row("which laser lights a lane").at(laser_feeds::LANE_LASER_FEED).db("cpo.json.laser_to_asic_lane_mapping")
        .but("a file of the platform in SONiC, no leaf, no page in the standard"),
    row("temperature of a thermal zone").by(Signal::ZoneTemperature).at(zones::ZONE_TEMPERATURE).vdm(112)
        .oc("state/temperature/instant").but("a sensor component in OpenConfig; no field, no page in the standard"),
    row("what a thermal zone does").by(Signal::ZoneState).at(zones::ZONE_STATE).vdm(113)
        .but("no leaf, no field, and no page in the standard"),
    row("where a fault is").at(verdict::VERDICT).vdm(116).oc("healthz/faults/fault")
        .but("OpenConfig has symptoms and remedies, no part; no field, no page in the standard"),
];

/// What belongs to dies, ports and the box, which modules do not manage.
pub const BESIDE_MODULES: &[Signal] = &[
    Signal::SwitchPower,
    Signal::CoolantInletTemperature,
    Signal::CoolantOutletTemperature,
    Signal::AsicTemperature,
    Signal::AsicPower,
    Signal::SerdesSnr,
    Signal::SerdesBer,
    Signal::SerdesLock,
    Signal::SerdesPattern,
    Signal::ConnectorMating,
    Signal::PortOperation,
    Signal::PortPreFecBer,
    Signal::PortFlaps,
    Signal::FecCodewords,
    Signal::FecCorrectedCodewords,
    Signal::FecUncorrectedCodewords,
    Signal::FecCorrectedSymbols,
];

#[cfg(test)]
mod tests {
    use super::*;
    use plant::Signal;

    #[test]
    fn every_signal_has_a_row_or_is_none_of_a_module() {
        for info in Signal::TABLE {
            let in_rows = ROWS.iter().any(|row| row.signal == Some(info.signal));
            let is_beside =
                BESIDE_MODULES.contains(&info.signal) || Signal::FEC_BINS.contains(&info.signal);
            assert!(in_rows != is_beside, "{}", info.name);
        }
    }

    #[test]
    fn what_is_missing_or_lost_says_what() {
        for row in ROWS {
            assert!(
                row.fit() == Fit::Mapped || !row.note.is_empty(),
                "{}",
                row.physics
            );
        }
        let lossless = ROWS.iter().filter(|row| row.fit() == Fit::Mapped).count();
        assert!(lossless > 3 && lossless < ROWS.len());
    }

    #[test]
    fn observables_of_rows_show_the_register_of_the_row() {
        for row in ROWS {
            let Some(code) = row.observable else { continue };
            let of = cmis::map::observable::observable(code).expect("known");
            if let (Some(shown), Some(register)) = (of.register, row.register) {
                let is_same = shown.name == register.name || shown.page >= 0xC0;
                assert!(
                    is_same,
                    "{}: {} and {}",
                    row.physics, shown.name, register.name
                );
            }
        }
    }
}
