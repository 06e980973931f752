//! Pages of co-packaged optics: what they say, and their flags.

use super::{LANES, LockReadings, Module, Readings, at, bank_number};
use crate::codec::Half;
use crate::map::extension::{
    DARK_DBM, EXTENSION_PAGES, NO_LASER, VERSION, flags, header, laser_feeds, light_taps, rx_locks,
    tx_locks, verdict, zones,
};
use crate::register::{Feature, Register};

/// The state of a lock that does not exist, and of a zone that does not.
const NOT_FITTED: u8 = 3;
const NO_ZONE: u64 = 15;

/// The states of a lock that holds, and of one that does not.
const LOCKED: u8 = 2;
const UNLOCKED: u8 = 0;

/// Headroom up to which a heater is at its rail: what its monitor cannot tell from none.
const AT_RAIL_PERCENT: f64 = 1.0;

impl Module {
    /// Where a page of the extension lies in this module.
    fn extension_page(&self, register: &Register) -> u16 {
        self.profile.extension.register(*register).page
    }

    /// Says what the extension is.
    pub(super) fn fill_extension(&mut self) {
        if !self.has(Feature::Extension) {
            return;
        }
        let page = self.extension_page(&header::SIGNATURE);
        let flag_page = self.extension_page(&flags::TX_LOCK_LOST_FLAG);
        let first = u64::from(self.profile.extension.first());
        let abilities = self.profile.extension_abilities;
        let rings = self.profile.ring_abilities;
        let [zones, feeds, modules] = self.profile.extension_counts.map(u64::from);
        for bank in 0..self.profile.banks.max(1) {
            let half = self.memory.half_mut(bank, page);
            header::SIGNATURE.put_text(half, crate::map::extension::SIGNATURE_TEXT);
            for (register, value) in [
                (&header::VERSION_MAJOR, u64::from(VERSION.0)),
                (&header::VERSION_MINOR, u64::from(VERSION.1)),
                (&header::FIRST_PAGE, first),
                (&header::PAGE_COUNT, u64::from(EXTENSION_PAGES)),
                (&header::ZONE_COUNT, zones),
                (&header::FEED_COUNT, feeds),
                (&header::LASER_MODULE_COUNT, modules),
            ] {
                register.put_raw(0, half, value);
            }
            half[at(&header::TX_LOCKS_SUPPORTED)] = abilities;
            half[at(&header::TX_DETUNING_SUPPORTED)] = rings;
            let covered = half.len() - 1;
            half[covered] = super::identity::checksum(&half[..covered]);
            // A host that does not know these flags could not clear them.
            let half = self.memory.half_mut(bank, flag_page);
            for mask in &flags::MASKS {
                half[at(mask)..at(mask) + mask.total_bytes()].fill(0xFF);
            }
        }
    }

    /// Shows what the sensors say, and latches what has changed since `before`.
    pub(super) fn show_extension(&mut self, before: &Readings) {
        if !self.has(Feature::Extension) {
            return;
        }
        for bank in 0..self.banks.len() {
            self.show_extension_lanes(bank);
            self.latch_extension(bank, before);
        }
        let banks = bank_number(self.banks.len());
        let (zone_page, feed_page) = (
            self.extension_page(&zones::ZONE_TEMPERATURE),
            self.extension_page(&laser_feeds::FEED_POWER),
        );
        for bank in 0..banks {
            let half = self.memory.half_mut(bank, zone_page);
            for zone in 0..zones::ZONE_TEMPERATURE.count() {
                let of = self.readings.zones.get(zone);
                let temperature_c = of.and_then(|of| of.temperature_c).unwrap_or(0.0);
                zones::ZONE_TEMPERATURE.put_number(zone, half, temperature_c);
                let state = of.map_or(NO_ZONE, |of| u64::from(of.state));
                zones::ZONE_STATE.put_raw(zone, half, state);
            }
            let half = self.memory.half_mut(bank, feed_page);
            for feed in 0..laser_feeds::FEED_POWER.count() {
                let of = self.readings.feeds_dbm.get(feed).copied().flatten();
                laser_feeds::FEED_POWER.put_number(feed, half, of.unwrap_or(DARK_DBM));
            }
            for module in 0..laser_feeds::LASER_MODULE_PRESENT.count() {
                let of = self.readings.are_laser_modules_present.get(module);
                let is_present = of.copied().unwrap_or(false);
                laser_feeds::LASER_MODULE_PRESENT.put_flag(module, half, is_present);
            }
        }
    }

    fn show_extension_lanes(&mut self, bank: usize) {
        let number = bank_number(bank);
        for lane in 0..LANES {
            let of = self.readings.lanes.get(bank * LANES + lane).copied();
            let of = of.unwrap_or_default();
            let locks = [
                (
                    of.tx_lock,
                    &tx_locks::TX_HEATER_POWER,
                    &tx_locks::TX_LOCK_STATE,
                    &tx_locks::TX_DETUNING,
                    &tx_locks::TX_HEATER_HEADROOM,
                ),
                (
                    of.rx_lock,
                    &rx_locks::RX_HEATER_POWER,
                    &rx_locks::RX_LOCK_STATE,
                    &rx_locks::RX_DETUNING,
                    &rx_locks::RX_HEATER_HEADROOM,
                ),
            ];
            for (lock, heater, state, detuning, headroom) in locks {
                let page = self.extension_page(heater);
                let half = self.memory.half_mut(number, page);
                heater.put_number(lane, half, lock.heater_mw.unwrap_or(0.0));
                state.put_raw(lane, half, u64::from(lock.state));
                detuning.put_number(lane, half, lock.detuning_mhz.unwrap_or(0.0));
                headroom.put_number(lane, half, lock.headroom_percent.unwrap_or(0.0));
            }
            let page = self.extension_page(&light_taps::INPUT_POWER);
            let half = self.memory.half_mut(number, page);
            for (register, value) in [
                (&light_taps::INPUT_POWER, of.laser_input_dbm),
                (&light_taps::TX_MONITOR_POWER, of.tx_monitor_dbm),
                (&light_taps::TX_OMA, of.tx_oma_dbm),
                (&light_taps::RX_OMA, of.rx_oma_dbm),
            ] {
                register.put_number(lane, half, value.unwrap_or(DARK_DBM));
            }
            let page = self.extension_page(&laser_feeds::LANE_LASER_AGE);
            let half = self.memory.half_mut(number, page);
            let age_percent = of.laser_age.unwrap_or(0.0) * 100.0;
            laser_feeds::LANE_LASER_AGE.put_number(lane, half, age_percent);
            let feed = |of: Option<u8>| u64::from(of.unwrap_or(NO_LASER));
            laser_feeds::LANE_LASER_MODULE.put_raw(lane, half, feed(of.laser_module));
            laser_feeds::LANE_LASER_FEED.put_raw(lane, half, feed(of.laser_feed));
            let page = self.extension_page(&verdict::VERDICT);
            let half = self.memory.half_mut(number, page);
            verdict::VERDICT.put_raw(lane, half, u64::from(of.verdict));
            let confidence = of.verdict_confidence_percent.unwrap_or(0.0);
            verdict::VERDICT_CONFIDENCE.put_number(lane, half, confidence);
        }
    }

    fn latch_extension(&mut self, bank: usize, before: &Readings) {
        let page = self.extension_page(&flags::TX_LOCK_LOST_FLAG);
        let aged = 1.0;
        let half = self.memory.half_mut(bank_number(bank), page);
        let readings = &self.readings;
        for lane in 0..LANES {
            let number = bank * LANES + lane;
            let (Some(of), Some(was)) = (readings.lanes.get(number), before.lanes.get(number))
            else {
                break;
            };
            let lost = |is: u8, was: u8| was == LOCKED && is != LOCKED && is != NOT_FITTED;
            // A loop that holds has not met its rail, and without power there is no loop.
            let at_rail = |of: LockReadings| {
                let is_at_end = of.headroom_percent.is_some_and(|of| of <= AT_RAIL_PERCENT);
                readings.is_powered && of.state == UNLOCKED && is_at_end
            };
            let is_low = |of: Option<f64>| {
                let least = self.profile.input_low_dbm;
                of.zip(least).is_some_and(|(is, least)| is < least)
            };
            for (register, is_so) in [
                (
                    &flags::TX_LOCK_LOST_FLAG,
                    lost(of.tx_lock.state, was.tx_lock.state),
                ),
                (
                    &flags::RX_LOCK_LOST_FLAG,
                    lost(of.rx_lock.state, was.rx_lock.state),
                ),
                (&flags::TX_HEATER_RAIL_FLAG, at_rail(of.tx_lock)),
                (&flags::RX_HEATER_RAIL_FLAG, at_rail(of.rx_lock)),
                (&flags::INPUT_LOW_FLAG, is_low(of.laser_input_dbm)),
                (
                    &flags::LASER_AGED_FLAG,
                    of.laser_age.is_some_and(|age| age >= aged),
                ),
                (&flags::VERDICT_CHANGED_FLAG, of.verdict != was.verdict),
            ] {
                set(register, lane, half, is_so);
            }
        }
        for (zone, (of, was)) in readings.zones.iter().zip(&before.zones).enumerate() {
            set(
                &flags::ZONE_STATE_CHANGED_FLAG,
                zone,
                half,
                of.state != was.state,
            );
        }
        let modules = readings.are_laser_modules_present.iter();
        let pairs = modules.zip(&before.are_laser_modules_present);
        for (module, (is, was)) in pairs.enumerate() {
            set(&flags::LASER_MODULE_CHANGED_FLAG, module, half, is != was);
        }
    }

    /// Whether a flag of the extension asks for attention.
    pub(super) fn has_extension_flags(&self) -> bool {
        if !self.has(Feature::Extension) {
            return false;
        }
        let page = self.extension_page(&flags::TX_LOCK_LOST_FLAG);
        (0..self.profile.banks.max(1)).any(|bank| {
            let half = self.memory.half(bank, page);
            flags::FLAGS.iter().zip(&flags::MASKS).any(|(flag, mask)| {
                (0..flag.total_bytes())
                    .any(|byte| half[at(flag) + byte] & !half[at(mask) + byte] != 0)
            })
        })
    }
}

/// Latches an element of a flag, where there is one.
fn set(register: &Register, element: usize, half: &mut Half, is_so: bool) {
    if is_so && element < register.count() {
        register.put_flag(element, half, true);
    }
}
