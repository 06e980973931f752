//! Monitors: what sensors say, in registers.

use super::{LANES, Module, bank_number};
use crate::map::{lower, p11};
use crate::register::{Feature, LOWER};

impl Module {
    /// Shows what the sensors say. A sensor without a value reads as zero.
    pub(super) fn show_monitors(&mut self) {
        let half = self.memory.half_mut(0, LOWER);
        let readings = &self.readings;
        for (register, value) in [
            (&lower::TEMP_MON_VALUE, readings.temperature_c),
            (&lower::VCC_MON_VOLTAGE, readings.supply_v),
            (
                &lower::AUX2_MON_VALUE,
                readings
                    .laser_temperature_c
                    .map(|of| of / LASER_TEMPERATURE_LSB_C),
            ),
        ] {
            register.put_number(0, half, value.unwrap_or(0.0));
        }
        self.show_laser_monitors();
        if !self.has(Feature::DataPaths) {
            return;
        }
        let multiplier = f64::from(self.profile.bias_multiplier.max(1));
        let (shows_power, shows_bias) = (
            self.profile.thresholds.tx_power_mw.is_some(),
            self.profile.thresholds.tx_bias_ma.is_some(),
        );
        for bank in 0..self.banks.len() {
            let half = self.memory.half_mut(bank_number(bank), 0x11);
            for lane in 0..LANES {
                let of = self.readings.lanes.get(bank * LANES + lane);
                for (register, value) in [
                    (
                        &p11::OPTICAL_POWER_TX,
                        of.and_then(|of| of.tx_power_mw).filter(|_| shows_power),
                    ),
                    (
                        &p11::LASER_BIAS_TX,
                        of.and_then(|of| Some(of.tx_bias_ma? / multiplier))
                            .filter(|_| shows_bias),
                    ),
                    (&p11::OPTICAL_POWER_RX, of.and_then(|of| of.rx_power_mw)),
                ] {
                    register.put_number(lane, half, value.unwrap_or(0.0));
                }
            }
        }
    }
}

/// What an auxiliary monitor of laser temperature counts; what it monitors is not fixed by the map.
pub(super) const LASER_TEMPERATURE_LSB_C: f64 = 1.0 / 256.0;
