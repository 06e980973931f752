//! One column of readings: what its sensors remember, and how each kind of signal is read.

use plant::{Column, Quality, Signal, Storage, Timestamp, Values};
use serde::{Deserialize, Serialize};
use units::random::Stream;

use super::fault::SensorFault;
use super::normal::Normal;
use super::plan::{ColumnPlan, CounterOf, Monitor, PortLanes, Reading};
use super::tally::{BitCount, PortCount, sum_of, whole};
use super::truth::Truth;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct ColumnState {
    /// Constant errors of monitors.
    pub(super) bias: Vec<f64>,
    /// Counts behind the readings of counters.
    pub(super) counts: Vec<u64>,
    /// The last reading.
    pub(super) last: Option<Last>,
    /// In ascending order of entities.
    pub(super) faults: Vec<(u32, SensorFault)>,
}

/// A reading that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Last {
    /// Which multiple of the period.
    pub(super) number: u64,
    pub(super) at: Timestamp,
}

/// Buffers without meaning between calls.
#[derive(Debug, Clone, Default)]
pub(super) struct Work {
    pub(super) words: Vec<u64>,
    pub(super) values: Vec<f64>,
    pub(super) media_lanes: Vec<BitCount>,
    pub(super) serdes_lanes: Vec<BitCount>,
    pub(super) host_lanes: Vec<BitCount>,
    pub(super) ports: Vec<PortCount>,
    /// Whether lanes have been counted at this call.
    pub(super) are_ratios_due: bool,
    /// Entities without bits in the interval, and when they last had some.
    pub(super) idle: Vec<(usize, Timestamp)>,
}

impl PartialEq for Work {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// When a column is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) now: Timestamp,
    pub(super) before: Timestamp,
    pub(super) seed: u64,
}

impl ColumnPlan {
    /// The entities that report the sensor of this one, itself among them.
    pub(super) fn sharers(&self, index: u32) -> Vec<u32> {
        let Some(tap) = self.tap_of.get(index as usize) else {
            return vec![index];
        };
        let lanes = (0..).zip(&self.tap_of);
        let of_tap = lanes.filter(|(_, other)| *other == tap);
        of_tap.map(|(lane, _)| lane).collect()
    }
}

/// A column of which nothing has been read.
pub(super) fn unread(column: &ColumnPlan) -> Column {
    let (signal, len) = (column.signal, column.len);
    let made = match signal.storage() {
        Storage::F32 | Storage::F64 => {
            Column::from_values(signal, std::iter::repeat_n(f64::NAN, len))
        }
        Storage::Counter => Column::from_counters(signal, vec![0; len]),
        Storage::State(_) => Column::from_states(signal, vec![0; len]),
    };
    let mut made = made.expect("the values are made for the storage of the signal");
    for index in 0..len {
        made.set_quality(index, Quality::Failed);
    }
    made
}

impl Monitor {
    /// What is left of a level by the steps and the range of the reading.
    #[inline]
    pub(super) fn digitised(&self, value: f64) -> f64 {
        /// 1.5 * 2^52: a sum with it has no bits for fractions, so adding and taking it away rounds
        /// to whole numbers, to even ones at ties, as far as 2^51.
        const ROUND: f64 = 6_755_399_441_055_744.0;
        let stepped = if self.lsb > 0.0 {
            ((value / self.lsb + ROUND) - ROUND) * self.lsb
        } else {
            value
        };
        // Not `max`, which would turn what does not exist into the floor.
        if stepped < self.floor {
            self.floor
        } else {
            stepped
        }
    }
}

impl Last {
    /// The reading of a sensor without a period.
    pub(super) const fn unnumbered(at: Timestamp) -> Self {
        Self { number: 0, at }
    }
}

impl ColumnState {
    pub(super) fn new(column: &ColumnPlan, seed: u64) -> Self {
        let bias = match &column.reading {
            Reading::Monitored { monitor, bias, .. } => {
                let quantile = |stream: &Stream| {
                    let uniform = stream.under(seed).uniform(0);
                    monitor.bias_spread.quantile(monitor.bias, uniform)
                };
                bias.iter().map(quantile).collect()
            }
            _ => Vec::new(),
        };
        let n_counts = match column.reading {
            Reading::Counter(_) => column.len,
            _ => 0,
        };
        Self {
            bias,
            counts: vec![0; n_counts],
            last: None,
            faults: Vec::new(),
        }
    }

    pub(super) fn change_fault(&mut self, entity: u32, fault: Option<SensorFault>) {
        let place = self.faults.binary_search_by_key(&entity, |(of, _)| *of);
        match (place, fault) {
            (Ok(place), Some(fault)) => self.faults[place].1 = fault,
            (Ok(place), None) => {
                self.faults.remove(place);
            }
            (Err(place), Some(fault)) => self.faults.insert(place, (entity, fault)),
            (Err(_), None) => {}
        }
    }

    pub(super) fn fault(&self, index: usize) -> Option<SensorFault> {
        if self.faults.is_empty() {
            return None;
        }
        let place = self
            .faults
            .binary_search_by_key(&index, |(of, _)| *of as usize);
        place.ok().map(|place| self.faults[place].1)
    }

    /// A sensor that is stuck from before its first reading sticks at that.
    pub(super) fn is_stuck(&self, fault: SensorFault) -> bool {
        fault == SensorFault::Stuck && self.last.is_some()
    }

    /// Puts the readings of failed sensors in place of sound ones. `altered` gives that of a noisy
    /// or biased sensor.
    pub(super) fn overlay(
        &self,
        values: &mut [f64],
        column: &Column,
        altered: impl Fn(usize, SensorFault) -> f64,
    ) {
        for &(entity, fault) in &self.faults {
            let index = entity as usize;
            values[index] = match fault {
                SensorFault::Dead => f64::NAN,
                SensorFault::Stuck if self.last.is_none() => values[index],
                SensorFault::Stuck => column.value(index).unwrap_or(f64::NAN),
                SensorFault::Noisy(_) | SensorFault::Biased(_) => altered(index, fault),
            };
        }
    }

    pub(super) fn monitor(
        &mut self,
        (monitor, noise): (&Monitor, &[Stream]),
        normal: &Normal,
        truth: &[f64],
        moment: Moment,
        work: &mut Work,
        out: &mut Column,
    ) {
        let reading = moment.now.nanos() / monitor.period_ns;
        if let Some(last) = self.last
            && reading <= last.number
        {
            // The reading stands, and from now on its time does too.
            if out.times().is_empty() {
                stamp(out, last.at, moment.now);
            }
            return;
        }
        let len = truth.len();
        let Work { words, values, .. } = work;
        words.resize(len, 0);
        Stream::fill_bits(noise, moment.seed, reading, words);
        let sound = |truth: f64, bias: f64, word: u64| {
            monitor.digitised(truth + bias + monitor.noise * normal.deviate(word))
        };
        values.clear();
        let sensors = truth.iter().zip(&self.bias).zip(words.iter());
        values.extend(sensors.map(|((truth, bias), word)| sound(*truth, *bias, *word)));
        self.overlay(values, out, |i, fault| {
            let (factor, amount) = match fault {
                SensorFault::Noisy(factor) => (factor, 0.0),
                SensorFault::Biased(amount) => (1.0, amount),
                SensorFault::Stuck | SensorFault::Dead => (1.0, 0.0),
            };
            let noise = factor * monitor.noise * normal.deviate(words[i]);
            monitor.digitised(truth[i] + self.bias[i] + amount + noise)
        });
        out.refill(values.iter().copied());
        // The first reading cannot be older than the interval that it is of.
        let at = Timestamp::from_nanos(reading * monitor.period_ns).max(moment.before);
        stamp(out, at, moment.now);
        self.last = Some(Last {
            number: reading,
            at,
        });
    }

    pub(super) fn states(&mut self, truth: &[u8], out: &mut Column) {
        // States hardly ever change.
        if let Values::State(states) = out.values()
            && states == truth
            && out.qualities().is_empty()
            && self.faults.is_empty()
        {
            return;
        }
        for (index, &state) in truth.iter().enumerate() {
            match self.fault(index) {
                Some(fault) if self.is_stuck(fault) => {}
                Some(SensorFault::Dead) => out.set_quality(index, Quality::Failed),
                _ => {
                    let has_failed = out.quality(index) == Quality::Failed;
                    let is_there = state != Truth::NO_STATE;
                    if is_there && (has_failed || out.state(index) != Some(state)) {
                        out.set_state(index, state);
                    } else if !is_there && !has_failed {
                        out.set_quality(index, Quality::Failed);
                    }
                }
            }
        }
    }

    pub(super) fn ratios(
        &mut self,
        (signal, lanes_of_ports): (Signal, &[PortLanes]),
        moment: Moment,
        work: &mut Work,
        out: &mut Column,
    ) {
        let Work {
            values,
            media_lanes,
            serdes_lanes,
            host_lanes,
            idle,
            are_ratios_due,
            ..
        } = work;
        if !*are_ratios_due {
            // What was stated stands, and from now on its time does too.
            if let Some(last) = self.last
                && out.times().is_empty()
            {
                stamp(out, last.at, moment.now);
            }
            return;
        }
        let of_port = |port: usize| match &lanes_of_ports[port] {
            PortLanes::Media(lanes) => sum_of(lanes, media_lanes),
            PortLanes::Serdes(lanes) => sum_of(lanes, serdes_lanes),
        };
        let count_of = |index: usize| match signal {
            Signal::PreFecBer => media_lanes[index],
            Signal::SerdesBer => serdes_lanes[index],
            Signal::HostInputBer => host_lanes[index],
            _ => of_port(index),
        };
        let last = self.last.map_or(moment.now, |last| last.at);
        let standing = |index: usize| out.value(index).unwrap_or(f64::NAN);
        values.clear();
        idle.clear();
        for index in 0..out.len() {
            let count = count_of(index);
            values.push(if count.ratio.is_nan() {
                f64::NAN
            } else if count.bits > 0.0 {
                count.errors / count.bits
            } else {
                if self.fault(index) != Some(SensorFault::Stuck) {
                    idle.push((index, out.times().get(index).copied().unwrap_or(last)));
                }
                standing(index)
            });
        }
        self.overlay(values, out, |index, fault| {
            let count = count_of(index);
            if count.ratio.is_nan() || count.bits <= 0.0 {
                return standing(index);
            }
            let found = count.errors / count.bits;
            let altered = match fault {
                SensorFault::Noisy(factor) => count.ratio + factor * (found - count.ratio),
                SensorFault::Biased(amount) => found + amount,
                SensorFault::Stuck | SensorFault::Dead => found,
            };
            altered.clamp(0.0, 1.0)
        });
        out.refill(values.iter().copied());
        // What stands is as old as the last bits.
        for (index, _) in idle.iter() {
            if out.quality(*index) != Quality::Failed {
                out.set_quality(*index, Quality::Stale);
            }
        }
        if !idle.is_empty() {
            let mut idle = idle.iter().copied().peekable();
            let times = (0..out.len()).map(|index| {
                let of = idle.next_if(|(idle, _)| *idle == index);
                of.map_or(moment.now, |(_, at)| at)
            });
            out.set_times(times)
                .expect("there are as many times as elements");
        }
    }

    pub(super) fn counters(&mut self, counter: CounterOf, ports: &[PortCount], out: &mut Column) {
        for (index, port) in ports.iter().enumerate() {
            let is_flaps = matches!(counter, CounterOf::Flaps);
            // A port without a decoder goes down like any other.
            let has_decoder = is_flaps || !port.codewords.is_nan();
            if has_decoder {
                let more = if is_flaps {
                    port.flaps.into()
                } else {
                    whole(counter.of(port.codewords, &port.found))
                };
                self.counts[index] = self.counts[index].saturating_add(more);
            }
            match self.fault(index) {
                Some(fault) if self.is_stuck(fault) => {}
                Some(SensorFault::Dead) => out.set_quality(index, Quality::Failed),
                _ if !has_decoder => out.set_quality(index, Quality::Failed),
                _ => {
                    if out.counter(index) != Some(self.counts[index]) {
                        out.set_counter(index, self.counts[index]);
                    }
                }
            }
        }
    }
}

/// Says when a column was read.
pub(super) fn stamp(column: &mut Column, at: Timestamp, now: Timestamp) {
    let len = if at == now { 0 } else { column.len() };
    column
        .set_times(std::iter::repeat_n(at, len))
        .expect("there are as many times as elements, or none");
}
