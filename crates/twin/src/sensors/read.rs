//! The sensors of one switch.

use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

use plant::{
    Column, DeviceName, Observation, Quality, Selection, Signal, Storage, Timestamp, Values,
};
use units::random::{Draw, Stream};

use super::counting::{Codewords, binomial};
use super::fault::{SensorError, SensorFault, check_number};
use super::normal::Normal;
use super::plan::{ColumnPlan, CounterOf, Monitor, PortLanes, Reading, SensorPlan};
use super::truth::{BINS, BitErrors, Truth};

/// The sensors of one switch, with what they remember: constant errors, the last readings, counts
/// and failures. Plain data; a clone goes on with the same bits.
#[derive(Debug, Clone, PartialEq)]
pub struct Sensors {
    pub(super) plan: Arc<SensorPlan>,
    /// The seed, mixed with the name of the switch.
    pub(super) seed: u64,
    /// One per column of the plan.
    pub(super) columns: Vec<ColumnState>,
    /// Parts of codewords that are not whole yet, by port; below one.
    pub(super) part_codewords: Vec<f64>,
    /// Bits since error ratios were stated last, by media lane and by lane of the die.
    pub(super) media_bits: Vec<Bits>,
    pub(super) serdes_bits: Vec<Bits>,
    /// When that was, as a multiple of the period of statistics.
    pub(super) last_statistics: Option<u64>,
    pub(super) observation: Observation,
    pub(super) work: Work,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct ColumnState {
    /// Constant errors of monitors.
    bias: Vec<f64>,
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
    number: u64,
    at: Timestamp,
}

/// Buffers without meaning between calls.
#[derive(Debug, Clone, Default)]
pub(super) struct Work {
    words: Vec<u64>,
    values: Vec<f64>,
    media_lanes: Vec<BitCount>,
    serdes_lanes: Vec<BitCount>,
    ports: Vec<PortCount>,
    /// Whether lanes have been counted at this call.
    are_ratios_due: bool,
    /// Entities without bits in the interval, and when they last had some.
    idle: Vec<(usize, Timestamp)>,
}

impl PartialEq for Work {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Bits that wait to be stated.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Bits {
    bits: f64,
    /// How many of them are expected to be wrong.
    wrong: f64,
}

/// Bits, how many of them were found wrong, and their true ratio.
#[derive(Debug, Clone, Copy)]
struct BitCount {
    bits: f64,
    errors: f64,
    ratio: f64,
}

/// Codewords and what became of them; NaN codewords where there is no decoder.
#[derive(Debug, Clone, Copy)]
struct PortCount {
    codewords: f64,
    found: Codewords,
    flaps: u32,
}

/// When a column is read.
#[derive(Debug, Clone, Copy)]
struct Moment {
    now: Timestamp,
    before: Timestamp,
    seed: u64,
}

impl Sensors {
    /// The sensors of a switch. Constant errors are drawn here, from the seed and the names of the
    /// switch and of each entity. Nothing is read yet: everything has failed.
    pub fn new(plan: Arc<SensorPlan>, device: DeviceName, seed: u64) -> Self {
        let seed = Draw::new(seed, device.as_str(), "sensors").bits(0);
        let mut observation = Observation::new(plan.fingerprint, device);
        for column in &plan.columns {
            observation.insert(unread(column));
        }
        Self {
            columns: plan
                .columns
                .iter()
                .map(|column| ColumnState::new(column, seed))
                .collect(),
            part_codewords: vec![0.0; plan.ports.len()],
            media_bits: vec![Bits::default(); plan.media_lanes.len()],
            serdes_bits: vec![Bits::default(); plan.serdes_lanes.len()],
            last_statistics: None,
            observation,
            work: Work::default(),
            seed,
            plan,
        }
    }

    /// What is shared with other switches.
    pub const fn plan(&self) -> &Arc<SensorPlan> {
        &self.plan
    }

    /// What the sensors say.
    pub const fn observation(&self) -> &Observation {
        &self.observation
    }

    /// What the sensors say, so that the plant can set sequence, edges and outcomes, which no
    /// sensor knows.
    pub const fn observation_mut(&mut self) -> &mut Observation {
        &mut self.observation
    }

    /// Reads at `now` whatever is due, after an interval of `dt` of which `truth` has the errors
    /// and the end. `now` is later than at the call before; `dt` reaches back to that call.
    ///
    /// # Panics
    /// When `truth` is of a system with other entities.
    pub fn read(&mut self, truth: &Truth, now: Timestamp, dt: Duration) {
        let moment = Moment {
            now,
            before: Timestamp::from_nanos(
                now.nanos()
                    .saturating_sub(u64::try_from(dt.as_nanos()).unwrap_or(u64::MAX)),
            ),
            seed: self.seed,
        };
        self.count(truth, now);
        self.observation.time = now;
        for (column, state) in self.plan.columns.iter().zip(&mut self.columns) {
            let Some(out) = self.observation.column_mut(column.signal) else {
                continue;
            };
            let normal = &self.plan.normal;
            match &column.reading {
                Reading::Monitored { monitor, noise, .. } => {
                    let truth = truth.values(column.signal);
                    let sensor = (monitor, noise.as_slice());
                    state.monitor(sensor, normal, truth, moment, &mut self.work, out);
                }
                Reading::Ideal => {
                    let values = &mut self.work.values;
                    values.clear();
                    values.extend_from_slice(truth.values(column.signal));
                    state.overlay(values, out, |i, fault| match fault {
                        SensorFault::Biased(amount) => truth.values(column.signal)[i] + amount,
                        _ => truth.values(column.signal)[i],
                    });
                    out.refill(values.iter().copied());
                    state.last = Some(Last::unnumbered(now));
                }
                Reading::State => {
                    state.states(truth.states(column.signal), out);
                    state.last = Some(Last::unnumbered(now));
                }
                Reading::Counted => {
                    let lanes_of_ports = &self.plan.lanes_of_ports;
                    let sources = (column.signal, lanes_of_ports.as_slice());
                    state.ratios(sources, moment, &mut self.work, out);
                    if self.work.are_ratios_due {
                        state.last = Some(Last::unnumbered(now));
                    }
                }
                Reading::Counter(counter) => {
                    state.counters(*counter, &self.work.ports, out);
                    state.last = Some(Last::unnumbered(now));
                }
            }
        }
    }

    /// Draws the errors of bits, where they are due, and of the codewords of the interval.
    fn count(&mut self, truth: &Truth, now: Timestamp) {
        gather(truth.bit_errors(Signal::PreFecBer), &mut self.media_bits);
        gather(truth.bit_errors(Signal::SerdesBer), &mut self.serdes_bits);
        let (plan, work, seed) = (&*self.plan, &mut self.work, self.seed);
        let tick = now.nanos();
        let number = tick / plan.statistics_ns;
        work.are_ratios_due = self.last_statistics.is_none_or(|last| number > last);
        if work.are_ratios_due {
            self.last_statistics = Some(number);
            let draw = |streams: &[Stream], words: &mut Vec<u64>, bits: &mut [Bits], truth, out| {
                words.resize(streams.len(), 0);
                Stream::fill_bits(streams, seed, tick, words);
                count_bits((truth, bits), words, &plan.normal, out);
                bits.fill(Bits::default());
            };
            draw(
                &plan.media_lanes,
                &mut work.words,
                &mut self.media_bits,
                truth.bit_errors(Signal::PreFecBer),
                &mut work.media_lanes,
            );
            draw(
                &plan.serdes_lanes,
                &mut work.words,
                &mut self.serdes_bits,
                truth.bit_errors(Signal::SerdesBer),
                &mut work.serdes_lanes,
            );
        }
        work.ports.clear();
        let ports = truth.codeword_errors().iter().zip(&plan.ports);
        let flaps = truth.flaps().iter();
        for (((errors, streams), part), flaps) in ports.zip(&mut self.part_codewords).zip(flaps) {
            let all = *part + errors.codewords();
            let codewords = all.floor();
            let found = if codewords > 0.0 {
                let word = |k: usize| streams[k].under(seed).bits(tick);
                Codewords::draw(codewords, errors, word, &plan.normal)
            } else {
                Codewords {
                    bins: [0.0; BINS],
                    uncorrected: 0.0,
                }
            };
            if !all.is_nan() {
                *part = all - codewords;
            }
            work.ports.push(PortCount {
                codewords,
                found,
                flaps: *flaps,
            });
        }
    }

    /// Lets the sensor of an entity fail from its next reading on, in place of any fault that it
    /// has. Where several entities report one sensor, as lanes do that share a feed, all of them
    /// report the failure.
    ///
    /// # Errors
    /// Each variant of [`SensorError`] but [`SensorError::NotACounter`]; nothing has changed then.
    pub fn set_fault(
        &mut self,
        signal: Signal,
        index: u32,
        fault: SensorFault,
    ) -> Result<(), SensorError> {
        let position = self.find(signal, index)?;
        check_number(signal, fault)?;
        let reason = match (&self.plan.columns[position].reading, fault) {
            (_, SensorFault::Stuck | SensorFault::Dead)
            | (Reading::Monitored { .. } | Reading::Counted, _)
            | (Reading::Ideal, SensorFault::Biased(_)) => None,
            (Reading::Ideal, SensorFault::Noisy(_)) => Some("has no noise"),
            (Reading::State, _) => Some("reads a state"),
            (Reading::Counter(_), _) => Some("counts"),
        };
        if let Some(reason) = reason {
            return Err(SensorError::NotApplicable {
                signal,
                fault,
                reason,
            });
        }
        for entity in self.plan.columns[position].sharers(index) {
            self.columns[position].change_fault(entity, Some(fault));
        }
        Ok(())
    }

    /// Repairs the sensor of an entity; its next reading is a good one.
    ///
    /// # Errors
    /// [`SensorError::NotMeasured`] and [`SensorError::NoSuchEntity`].
    pub fn clear_fault(&mut self, signal: Signal, index: u32) -> Result<(), SensorError> {
        let position = self.find(signal, index)?;
        for entity in self.plan.columns[position].sharers(index) {
            self.columns[position].change_fault(entity, None);
        }
        Ok(())
    }

    /// The faults there are, in order of signal and entity.
    pub fn faults(&self) -> impl Iterator<Item = (Signal, u32, SensorFault)> {
        let columns = self.plan.columns.iter().zip(&self.columns);
        columns.flat_map(|(column, state)| {
            let faults = state.faults.iter();
            faults.map(|(entity, fault)| (column.signal, *entity, *fault))
        })
    }

    /// Sets counters to zero and begins a new reset epoch for them, at once.
    ///
    /// # Errors
    /// [`SensorError::NotMeasured`], [`SensorError::NoSuchEntity`] and
    /// [`SensorError::NotACounter`]; nothing has changed then.
    pub fn reset_counter(
        &mut self,
        signal: Signal,
        selection: Selection,
    ) -> Result<(), SensorError> {
        if signal.storage() != Storage::Counter {
            return Err(SensorError::NotACounter { signal });
        }
        let position = match selection {
            Selection::One(index) => self.find(signal, index)?,
            Selection::All => {
                let position = self.plan.position(signal);
                position.ok_or(SensorError::NotMeasured { signal })?
            }
        };
        let counts = &mut self.columns[position].counts;
        let indices = match selection {
            Selection::One(index) => index as usize..index as usize + 1,
            Selection::All => 0..counts.len(),
        };
        let Some(column) = self.observation.column_mut(signal) else {
            return Err(SensorError::NotMeasured { signal });
        };
        for index in indices {
            counts[index] = 0;
            column.reset_counter(index);
        }
        Ok(())
    }

    fn find(&self, signal: Signal, index: u32) -> Result<usize, SensorError> {
        let position = self.plan.position(signal);
        let position = position.ok_or(SensorError::NotMeasured { signal })?;
        let count = self.plan.columns[position].len;
        if index as usize >= count {
            return Err(SensorError::NoSuchEntity {
                signal,
                index,
                count,
            });
        }
        Ok(position)
    }
}

impl ColumnPlan {
    /// The entities that report the sensor of this one, itself among them.
    fn sharers(&self, index: u32) -> Vec<u32> {
        let Some(tap) = self.tap_of.get(index as usize) else {
            return vec![index];
        };
        let lanes = (0..).zip(&self.tap_of);
        let of_tap = lanes.filter(|(_, other)| *other == tap);
        of_tap.map(|(lane, _)| lane).collect()
    }
}

/// A column of which nothing has been read.
fn unread(column: &ColumnPlan) -> Column {
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

/// Adds the bits of an interval to those that wait to be stated.
fn gather(truth: &[BitErrors], bits: &mut [Bits]) {
    for (bits, truth) in bits.iter_mut().zip(truth) {
        if truth.bits > 0.0 {
            bits.bits += truth.bits;
            bits.wrong += truth.bits * truth.ratio;
        }
    }
}

/// Draws how many bits were wrong: a sum over intervals of one chance each, taken as one of their
/// mean chance.
fn count_bits(
    (truth, bits): (&[BitErrors], &[Bits]),
    words: &[u64],
    normal: &Normal,
    out: &mut Vec<BitCount>,
) {
    out.clear();
    let lanes = truth.iter().zip(bits).zip(words);
    out.extend(lanes.map(|((truth, waiting), word)| {
        let bits = waiting.bits.round();
        let ratio = if waiting.bits > 0.0 {
            waiting.wrong / waiting.bits
        } else {
            truth.ratio
        };
        BitCount {
            bits,
            errors: binomial(bits, ratio, *word, normal),
            ratio,
        }
    }));
}

impl Monitor {
    /// What is left of a level by the steps and the range of the reading.
    #[inline]
    fn digitised(&self, value: f64) -> f64 {
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
    const fn unnumbered(at: Timestamp) -> Self {
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

    fn change_fault(&mut self, entity: u32, fault: Option<SensorFault>) {
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

    fn fault(&self, index: usize) -> Option<SensorFault> {
        if self.faults.is_empty() {
            return None;
        }
        let place = self
            .faults
            .binary_search_by_key(&index, |(of, _)| *of as usize);
        place.ok().map(|place| self.faults[place].1)
    }

    /// A sensor that is stuck from before its first reading sticks at that.
    fn is_stuck(&self, fault: SensorFault) -> bool {
        fault == SensorFault::Stuck && self.last.is_some()
    }

    /// Puts the readings of failed sensors in place of sound ones. `altered` gives that of a noisy
    /// or biased sensor.
    fn overlay(
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

    fn monitor(
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

    fn states(&mut self, truth: &[u8], out: &mut Column) {
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

    fn ratios(
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

    fn counters(&mut self, counter: CounterOf, ports: &[PortCount], out: &mut Column) {
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

/// The bits and errors of several lanes; a lane without a receiver leaves none to state.
fn sum_of(lanes: &[u32], counts: &[BitCount]) -> BitCount {
    let mut sum = BitCount {
        bits: 0.0,
        errors: 0.0,
        ratio: if lanes.is_empty() { f64::NAN } else { 0.0 },
    };
    for lane in lanes {
        let lane = counts[*lane as usize];
        sum.bits += lane.bits;
        sum.errors += lane.errors;
        // The chance of a bit of the port, weighted by the bits of its lanes.
        sum.ratio += lane.ratio * lane.bits.max(f64::MIN_POSITIVE);
    }
    sum.ratio /= sum.bits.max(f64::MIN_POSITIVE);
    sum
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts are whole, not negative and below 2^53"
)]
fn whole(count: f64) -> u64 {
    count as u64
}

/// Says when a column was read.
fn stamp(column: &mut Column, at: Timestamp, now: Timestamp) {
    let len = if at == now { 0 } else { column.len() };
    column
        .set_times(std::iter::repeat_n(at, len))
        .expect("there are as many times as elements, or none");
}
