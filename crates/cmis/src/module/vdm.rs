//! Versatile diagnostics: instances that the module lists itself, their samples, statistics and flags.
//!
//! # Source
//! CMIS 5.2, versatile diagnostics, as public clients use it. A freeze shows the statistics of the
//! interval that it ends, and the next one begins with it.

use super::profile::{Limits, VdmItem};
use super::{LANES, Module, PathState, bank_number};
use crate::map::extension::DARK_DBM;
use crate::map::observable::{Observable, Scope, observable};
use crate::map::vdm::{GROUP, WHOLE_MODULE, control, descriptors, flags, samples, thresholds};
use crate::register::Feature;

/// How long a freeze takes, and its end, ns; hosts wait 10 ms.
const FREEZE_NS: u64 = 5_000_000;

/// Instances of a bank.
const MOST_INSTANCES: usize = 4 * GROUP;

/// Sets of thresholds of a group.
const MOST_SETS: usize = 16;

/// What an interval has seen.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Interval {
    least: f64,
    most: f64,
    sum: f64,
    n: u32,
}

impl Interval {
    fn add(&mut self, value: f64) {
        (self.least, self.most) = if self.n == 0 {
            (value, value)
        } else {
            (self.least.min(value), self.most.max(value))
        };
        self.sum += value;
        self.n += 1;
    }

    fn mean(&self) -> f64 {
        self.sum / f64::from(self.n.max(1))
    }
}

/// Something that is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Instance {
    item: VdmItem,
    of: &'static Observable,
    interval: Interval,
}

/// Whether statistics stand still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Freeze {
    #[default]
    Running,
    Freezing(u64),
    Frozen,
    Thawing(u64),
}

/// The diagnostics of a module.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Vdm {
    /// By bank, in the order of their instances.
    instances: Vec<Vec<Instance>>,
    /// By bank: each of them belongs to other ports.
    freezes: Vec<Freeze>,
}

impl Vdm {
    pub(super) fn due_ns(&self, now_ns: u64) -> Option<u64> {
        let ends = self.freezes.iter().filter_map(|freeze| match freeze {
            Freeze::Freezing(until_ns) | Freeze::Thawing(until_ns) => Some(*until_ns),
            Freeze::Running | Freeze::Frozen => None,
        });
        ends.filter(|end| *end > now_ns).min()
    }
}

impl Module {
    /// Lists what is measured. What a bank has no room for, and types that nobody knows, are left out.
    pub(super) fn fill_vdm(&mut self) {
        self.vdm = Vdm::default();
        if !self.has(Feature::Vdm) {
            return;
        }
        let banks = usize::from(self.profile.banks.max(1));
        let mut instances = vec![Vec::new(); banks];
        for item in &self.profile.vdm {
            let bank = item.lane.map_or(0, |lane| usize::from(lane) / LANES);
            let (Some(bank), Some(of)) = (instances.get_mut(bank), observable(item.observable))
            else {
                continue;
            };
            if bank.len() < MOST_INSTANCES {
                bank.push(Instance {
                    item: *item,
                    of,
                    interval: Interval::default(),
                });
            }
        }
        for (bank, instances) in instances.iter().enumerate() {
            self.describe(bank_number(bank), instances);
        }
        let longest = instances.iter().map(Vec::len).max().unwrap_or(0);
        let groups = longest.div_ceil(GROUP).max(1);
        for bank in 0..banks {
            let half = self.memory.half_mut(bank_number(bank), 0x2F);
            control::VDM_SUPPORT.put_raw(0, half, groups as u64 - 1);
        }
        self.vdm = Vdm {
            freezes: vec![Freeze::Running; instances.len()],
            instances,
        };
    }

    /// Descriptors of a bank, with the thresholds that they share.
    fn describe(&mut self, bank: u8, instances: &[Instance]) {
        for (group, instances) in instances.chunks(GROUP).enumerate() {
            let page = u16::try_from(group).expect("four groups");
            let mut sets = Vec::new();
            for (at, instance) in instances.iter().enumerate() {
                let set = self.threshold_set(bank, page, &mut sets, instance);
                let half = self.memory.half_mut(bank, 0x20 + page);
                let resource = match instance.item.lane {
                    Some(lane) => lane % 8,
                    None => WHOLE_MODULE,
                };
                descriptors::OBSERVABLE_TYPE.put_raw(at, half, u64::from(instance.of.code));
                descriptors::MONITORED_RESOURCE.put_raw(at, half, u64::from(resource));
                descriptors::LOCAL_THRESHOLD_SET_ID.put_raw(at, half, set as u64);
            }
        }
    }

    /// The set of a group that an instance uses, which all share whose registers read alike; the first
    /// one where there is no room.
    fn threshold_set(
        &mut self,
        bank: u8,
        group: u16,
        sets: &mut Vec<[u16; 4]>,
        instance: &Instance,
    ) -> usize {
        let limits = instance.item.limits.unwrap_or(Limits {
            high_alarm: f64::INFINITY,
            low_alarm: f64::NEG_INFINITY,
            high_warning: f64::INFINITY,
            low_warning: f64::NEG_INFINITY,
        });
        let wanted = [
            limits.high_alarm,
            limits.low_alarm,
            limits.high_warning,
            limits.low_warning,
        ]
        .map(|limit| instance.of.sample_of(limit));
        if let Some(found) = sets.iter().position(|set| *set == wanted) {
            return found;
        }
        let set = sets.len();
        if set == MOST_SETS {
            return 0;
        }
        sets.push(wanted);
        let half = self.memory.half_mut(bank, 0x28 + group);
        for (register, sample) in thresholds::LIMITS.iter().zip(wanted) {
            register.put_raw(set, half, u64::from(sample));
        }
        set
    }

    /// Takes in what the sensors say.
    pub(super) fn sample(&mut self) {
        let mut vdm = std::mem::take(&mut self.vdm);
        for (bank, instances) in vdm.instances.iter_mut().enumerate() {
            let is_frozen = vdm.freezes[bank] == Freeze::Frozen;
            for (at, instance) in instances.iter_mut().enumerate() {
                let is_meant = self.is_meant(instance);
                let Some(value) = self.value_of(instance) else {
                    self.put_sample(bank, at, instance, nothing(instance.of));
                    continue;
                };
                if !instance.of.needs_freeze {
                    self.put_sample(bank, at, instance, value);
                    if is_meant {
                        self.latch_sample(bank, at, instance, value);
                    }
                    continue;
                }
                if is_meant {
                    instance.interval.add(value);
                }
                if !is_frozen && instance.interval.n > 0 {
                    self.put_sample(bank, at, instance, statistic(instance));
                }
            }
        }
        self.vdm = vdm;
    }

    /// Whether limits and statistics of an instance count now: those of a lane while its data path is
    /// activated, because before that it has no light and no signal of its own.
    fn is_meant(&self, instance: &Instance) -> bool {
        let is_of_lane = !matches!(instance.of.scope, Scope::Module | Scope::Zone | Scope::Feed);
        match instance.item.lane {
            Some(lane) if is_of_lane && self.has(Feature::DataPaths) => {
                self.path_state(usize::from(lane)) == Some(PathState::Activated)
            }
            _ => true,
        }
    }

    fn put_sample(&mut self, bank: usize, at: usize, instance: &Instance, value: f64) {
        let page = 0x24 + u16::try_from(at / GROUP).expect("four groups");
        let half = self.memory.half_mut(bank_number(bank), page);
        let sample = instance.of.sample_of(value);
        samples::SAMPLE.put_raw(at % GROUP, half, u64::from(sample));
    }

    fn latch_sample(&mut self, bank: usize, at: usize, instance: &Instance, value: f64) {
        let Some(limits) = instance.item.limits else {
            return;
        };
        let crossed = u64::from(limits.crossed(value));
        if crossed != 0 {
            let register = &flags::FLAGS[at / GROUP];
            let half = self.memory.half_mut(bank_number(bank), 0x2C);
            let before = register.raw_of(at % GROUP, half);
            register.put_raw(at % GROUP, half, before | crossed);
        }
    }

    /// What is measured of an instance now; none of a sensor that has failed.
    fn value_of(&self, instance: &Instance) -> Option<f64> {
        let readings = &self.readings;
        let number = usize::from(instance.item.lane.unwrap_or(0));
        if instance.of.scope == Scope::Zone {
            let zone = readings.zones.get(number)?;
            return match instance.of.code {
                112 => zone.temperature_c,
                _ => Some(f64::from(zone.state)),
            };
        }
        if instance.of.scope == Scope::Feed {
            return *readings.feeds_dbm.get(number)?;
        }
        if instance.of.scope == Scope::Module {
            return None;
        }
        if self.has(Feature::LaserModule) {
            let laser = readings.lasers.get(number)?;
            return match instance.of.code {
                1 => Some(laser.age? * 100.0),
                3 => laser.frequency_error_mhz,
                4 => laser.temperature_c,
                _ => None,
            };
        }
        let lane = readings.lanes.get(number)?;
        match instance.of.code {
            1 | 115 => Some(lane.laser_age? * 100.0),
            3 => lane.laser_frequency_error_mhz,
            4 => lane.laser_temperature_c,
            5 => lane.media_snr_db,
            6 => lane.host_snr_db,
            9 | 11 | 13 | 15 => lane.media_ber,
            10 | 12 | 14 | 16 => lane.host_ber,
            84 | 108 => lane.laser_input_dbm,
            100 => lane.tx_lock.heater_mw,
            101 => Some(f64::from(lane.tx_lock.state)),
            102 => lane.tx_lock.detuning_mhz,
            103 => lane.tx_lock.headroom_percent,
            104 => lane.rx_lock.heater_mw,
            105 => Some(f64::from(lane.rx_lock.state)),
            106 => lane.rx_lock.detuning_mhz,
            107 => lane.rx_lock.headroom_percent,
            109 => lane.tx_monitor_dbm,
            110 => lane.tx_oma_dbm,
            111 => lane.rx_oma_dbm,
            116 => Some(f64::from(lane.verdict)),
            117 => lane.verdict_confidence_percent,
            _ => None,
        }
    }

    /// A host has asked for a freeze of a bank, or for its end.
    pub(super) fn ask_freeze(&mut self, bank: usize) {
        let Some(before) = self.vdm.freezes.get(bank).copied() else {
            return;
        };
        let half = self.memory.half(bank_number(bank), 0x2F);
        let until_ns = self.now_ns + FREEZE_NS;
        let next = match (control::FREEZE_REQUEST.flag(0, half), before) {
            (true, Freeze::Running | Freeze::Thawing(_)) => Freeze::Freezing(until_ns),
            (false, Freeze::Frozen | Freeze::Freezing(_)) => Freeze::Thawing(until_ns),
            (_, unchanged) => unchanged,
        };
        self.put_freeze(bank, next);
    }

    /// Ends what takes its time. Whether anything did.
    pub(super) fn freeze(&mut self) -> bool {
        let mut has_changed = false;
        for bank in 0..self.vdm.freezes.len() {
            let next = match self.vdm.freezes[bank] {
                Freeze::Freezing(until_ns)
                    if until_ns <= self.now_ns && !self.quirks.freezes_forever =>
                {
                    self.end_interval(bank);
                    Freeze::Frozen
                }
                Freeze::Thawing(until_ns) if until_ns <= self.now_ns => Freeze::Running,
                _ => continue,
            };
            has_changed = true;
            self.put_freeze(bank, next);
        }
        has_changed
    }

    /// Shows the statistics of the interval, checks them, and begins the next one.
    fn end_interval(&mut self, bank: usize) {
        let mut vdm = std::mem::take(&mut self.vdm);
        for (at, instance) in vdm.instances[bank].iter_mut().enumerate() {
            if instance.of.needs_freeze && instance.interval.n > 0 {
                let value = statistic(instance);
                self.put_sample(bank, at, instance, value);
                self.latch_sample(bank, at, instance, value);
                instance.interval = Interval::default();
            }
        }
        self.vdm = vdm;
    }

    fn put_freeze(&mut self, bank: usize, freeze: Freeze) {
        self.vdm.freezes[bank] = freeze;
        let half = self.memory.half_mut(bank_number(bank), 0x2F);
        control::FREEZE_DONE.put_flag(0, half, freeze == Freeze::Frozen);
        control::UNFREEZE_DONE.put_flag(0, half, freeze == Freeze::Running);
    }
}

/// What a statistic says of its interval.
fn statistic(instance: &Instance) -> f64 {
    let of = &instance.interval;
    match instance.of.code {
        9 | 10 | 17 | 18 | 27 | 28 => of.least,
        11 | 12 | 19 | 20 | 29 | 30 => of.most,
        _ => of.mean(),
    }
}

/// What stands for a sensor that says nothing.
fn nothing(of: &Observable) -> f64 {
    if of.scale.unit == "dbm" {
        DARK_DBM
    } else {
        0.0
    }
}
