//! What is put in place of what sensors say, to see what hosts make of it.

use cmis::module::{LaneReadings, LaserReadings, Readings};

/// What is put in place of what the sensors of a device say. It holds until it is taken back.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Overrides {
    /// Of the case, C.
    pub temperature_c: Option<f64>,
    /// Of the supply, V.
    pub supply_v: Option<f64>,
    /// Why it has to shut itself down, by its register; zero of none.
    pub fault: u8,
    /// It does not answer.
    pub is_silent: bool,
    /// Observable, lane and value.
    observables: Vec<(u8, usize, f64)>,
}

impl Overrides {
    /// Puts a value in place of what versatile diagnostics measure of a lane, in the unit of the
    /// observable; none takes it back. Whether there is such a reading of lanes.
    pub fn set_observable(&mut self, observable: u8, lane: usize, value: Option<f64>) -> bool {
        if reading(&mut LaneReadings::default(), observable).is_none() {
            return false;
        }
        self.observables
            .retain(|(of, at, _)| (*of, *at) != (observable, lane));
        self.observables
            .extend(value.map(|value| (observable, lane, value)));
        true
    }

    pub(crate) fn apply(&self, readings: &mut Readings) {
        if self.fault != 0 {
            readings.fault = self.fault;
        }
        if self.temperature_c.is_some() {
            readings.temperature_c = self.temperature_c;
        }
        if self.supply_v.is_some() {
            readings.supply_v = self.supply_v;
        }
        for (observable, lane, value) in &self.observables {
            // A device has lanes or lasers.
            let of = if let Some(lane) = readings.lanes.get_mut(*lane) {
                reading(lane, *observable)
            } else {
                let laser = readings.lasers.get_mut(*lane);
                laser.and_then(|laser| of_laser(laser, *observable))
            };
            if let Some((slot, scale)) = of {
                *slot = Some(value * scale);
            }
        }
    }
}

/// Share of a whole.
const PERCENT: f64 = 0.01;

/// The reading of a laser of a laser module that an observable shows.
fn of_laser(laser: &mut LaserReadings, observable: u8) -> Option<(&mut Option<f64>, f64)> {
    Some(match observable {
        1 => (&mut laser.age, PERCENT),
        3 => (&mut laser.frequency_error_mhz, 1.0),
        4 => (&mut laser.temperature_c, 1.0),
        _ => return None,
    })
}

/// The reading of a lane that an observable shows, and what its unit is in that of the reading. Those
/// that are gathered over an interval come of the one that is now.
fn reading(lane: &mut LaneReadings, observable: u8) -> Option<(&mut Option<f64>, f64)> {
    Some(match observable {
        1 => (&mut lane.laser_age, PERCENT),
        3 => (&mut lane.laser_frequency_error_mhz, 1.0),
        4 => (&mut lane.laser_temperature_c, 1.0),
        5 => (&mut lane.media_snr_db, 1.0),
        6 => (&mut lane.host_snr_db, 1.0),
        9 | 11 | 13 | 15 => (&mut lane.media_ber, 1.0),
        10 | 12 | 14 | 16 => (&mut lane.host_ber, 1.0),
        84 | 108 => (&mut lane.laser_input_dbm, 1.0),
        100 => (&mut lane.tx_lock.heater_mw, 1.0),
        102 => (&mut lane.tx_lock.detuning_mhz, 1.0),
        103 => (&mut lane.tx_lock.headroom_percent, 1.0),
        104 => (&mut lane.rx_lock.heater_mw, 1.0),
        106 => (&mut lane.rx_lock.detuning_mhz, 1.0),
        107 => (&mut lane.rx_lock.headroom_percent, 1.0),
        109 => (&mut lane.tx_monitor_dbm, 1.0),
        110 => (&mut lane.tx_oma_dbm, 1.0),
        111 => (&mut lane.rx_oma_dbm, 1.0),
        _ => return None,
    })
}
