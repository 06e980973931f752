//! The sensors of one switch.

use std::sync::Arc;
use std::time::Duration;

use plant::{DeviceName, Observation, Selection, Signal, Storage, Timestamp};
use units::random::{Draw, Stream};

use super::column::{ColumnState, Last, Moment, Work, unread};
use super::counting::Codewords;
use super::fault::{SensorError, SensorFault, check_number};
use super::plan::{Reading, SensorPlan};
use super::tally::{Bits, PortCount, count_bits, gather};
use super::truth::{BINS, Truth};

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
    /// Of the host lanes, where an engine decides.
    pub(super) host_bits: Vec<Bits>,
    /// When that was, as a multiple of the period of statistics.
    pub(super) last_statistics: Option<u64>,
    pub(super) observation: Observation,
    pub(super) work: Work,
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
            host_bits: vec![Bits::default(); plan.host_lanes.len()],
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
        gather(truth.bit_errors(Signal::HostInputBer), &mut self.host_bits);
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
            draw(
                &plan.host_lanes,
                &mut work.words,
                &mut self.host_bits,
                truth.bit_errors(Signal::HostInputBer),
                &mut work.host_lanes,
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
