//! Asking a store or a ring, and reading answers without holding all of them.

use std::collections::VecDeque;
use std::vec;

use plant::{Column, DeviceName, Observation, Signal, Storage, Timestamp};
use system::{EntityKind, nearest};

use crate::block::Group;
use crate::sample::samples_of;
use crate::steps::Steps;
use crate::store::stored;
use crate::{Sample, Statistic, Step, Store, TelemetryError};

/// A question: one signal of one device, of all entities or one, over a range of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub(crate) device: DeviceName,
    pub(crate) signal: Signal,
    pub(crate) entity: Option<u32>,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) step: Option<Step>,
}

impl Query {
    /// Everything recorded of a signal.
    pub fn new(device: DeviceName, signal: Signal) -> Self {
        Self {
            device,
            signal,
            entity: None,
            from: Timestamp::from_nanos(0),
            to: Timestamp::from_nanos(u64::MAX),
            step: None,
        }
    }

    /// Everything recorded of the signal with this name.
    ///
    /// # Errors
    /// [`TelemetryError::UnknownSignal`], which names the one that may be meant.
    pub fn named(device: DeviceName, signal: &str) -> Result<Self, TelemetryError> {
        match Signal::from_name(signal) {
            Some(signal) => Ok(Self::new(device, signal)),
            None => Err(TelemetryError::UnknownSignal {
                name: signal.chars().take(80).collect(),
                nearest: nearest(signal, Signal::TABLE.iter().map(|info| info.name))
                    .map(str::to_owned),
            }),
        }
    }

    /// Only of the entity at this position among those of its kind.
    #[must_use]
    pub fn entity(mut self, index: u32) -> Self {
        self.entity = Some(index);
        self
    }

    /// Only observations from `from` until before `to`.
    #[must_use]
    pub fn between(mut self, from: Timestamp, to: Timestamp) -> Self {
        (self.from, self.to) = (from, to);
        self
    }

    /// One sample for each entity and step.
    #[must_use]
    pub fn step(mut self, step: Step) -> Self {
        self.step = Some(step);
        self
    }

    /// Whether the question makes sense.
    pub(crate) fn check(&self) -> Result<(), TelemetryError> {
        check_range(self.from, self.to)?;
        let Some(step) = self.step else {
            return Ok(());
        };
        if step.width.is_zero() {
            return Err(TelemetryError::Empty {
                what: "step",
                expected: "a width of at least 1 ns",
            });
        }
        let is_number = matches!(self.signal.storage(), Storage::F32 | Storage::F64);
        if !is_number && step.statistic != Statistic::Last {
            return Err(TelemetryError::NoStatistic {
                signal: self.signal,
                statistic: step.statistic,
            });
        }
        Ok(())
    }

    /// Whether the device has what is asked for.
    pub(crate) fn check_shape(&self, shape: &[(Signal, usize)]) -> Result<(), TelemetryError> {
        let (device, signal) = (self.device.clone(), self.signal);
        let Some(&(_, count)) = shape.iter().find(|(other, _)| *other == signal) else {
            let names: Vec<&str> = shape.iter().map(|(signal, _)| signal.name()).collect();
            return Err(TelemetryError::NotRecorded {
                device,
                signal,
                recorded: names.join(", "),
            });
        };
        match self.entity {
            Some(index) if index as usize >= count => Err(TelemetryError::NoSuchElement {
                device,
                signal,
                index,
                count,
            }),
            _ => Ok(()),
        }
    }

    pub(crate) fn holds(&self, time: Timestamp) -> bool {
        (self.from..self.to).contains(&time)
    }
}

fn check_range(from: Timestamp, to: Timestamp) -> Result<(), TelemetryError> {
    if from < to {
        return Ok(());
    }
    Err(TelemetryError::Empty {
        what: "range of time",
        expected: "an end that is later than the start",
    })
}

impl Store {
    /// The samples that a query asks for, in order of time, then of entity. One span is held in
    /// memory at a time.
    ///
    /// # Errors
    /// [`TelemetryError::UnknownDevice`], [`TelemetryError::NotRecorded`],
    /// [`TelemetryError::NoSuchElement`], [`TelemetryError::Empty`],
    /// [`TelemetryError::NoStatistic`], [`TelemetryError::Database`]. A span that is
    /// [corrupt](TelemetryError::Corrupt) is an item, and those after it follow.
    pub fn query(&self, query: &Query) -> Result<Samples<'_>, TelemetryError> {
        query.check()?;
        let device = self.device_id(&query.device)?;
        query.check_shape(&self.shape(device)?)?;
        Ok(Samples {
            store: self,
            query: query.clone(),
            device,
            after: stored(query.from) - 1,
            steps: query.step.map(Steps::new),
            ready: VecDeque::new(),
            is_done: false,
        })
    }

    /// The observations of a device from `from` until before `to`, bit for bit as they were
    /// recorded.
    ///
    /// # Errors
    /// As [`query`](Self::query).
    pub fn observations(
        &self,
        device: &DeviceName,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Observations<'_>, TelemetryError> {
        check_range(from, to)?;
        Ok(Observations {
            store: self,
            id: self.device_id(device)?,
            device: device.clone(),
            after: stored(from) - 1,
            range: (from, to),
            with_columns: true,
            ready: Vec::new().into_iter(),
            is_done: false,
        })
    }

    /// The edges and outcomes of a device from `from` until before `to`, each once, as
    /// observations without columns. Observations that have neither are left out. The range is
    /// that of the observations, which are later than what happened before them.
    ///
    /// # Errors
    /// As [`query`](Self::query).
    pub fn events(
        &self,
        device: &DeviceName,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Observations<'_>, TelemetryError> {
        let mut events = self.observations(device, from, to)?;
        events.with_columns = false;
        Ok(events)
    }
}

/// The answer to a [`Query`].
#[derive(Debug)]
pub struct Samples<'a> {
    store: &'a Store,
    query: Query,
    device: i64,
    /// The end of the last span read.
    after: i64,
    steps: Option<Steps>,
    ready: VecDeque<Sample>,
    is_done: bool,
}

impl Samples<'_> {
    /// What was asked.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// Reads the next span.
    fn advance(&mut self) -> Result<(), TelemetryError> {
        let query = &self.query;
        let Some(span) = self.store.next_span(self.device, self.after, query.to)? else {
            self.is_done = true;
            if let Some(steps) = &mut self.steps {
                steps.finish(&mut self.ready);
            }
            return Ok(());
        };
        self.after = span.last_ns;
        let kind = query.signal.kind();
        let Some(bytes) = self.store.group(&span, kind)? else {
            return Ok(());
        };
        let times = self.store.ticks(&query.device, &span)?.times;
        let corrupt = |source| {
            self.store
                .corrupt(&query.device, &span, kind.name(), source)
        };
        let group = Group::parse(&bytes).map_err(corrupt)?;
        group.check_ticks(times.len()).map_err(corrupt)?;
        let columns = group.columns(query.signal).map_err(corrupt)?;
        for (column, time) in columns.iter().zip(times) {
            let Some(column) = column.as_ref().filter(|_| query.holds(time)) else {
                continue;
            };
            for sample in samples_of(column, time, query.entity) {
                match &mut self.steps {
                    Some(steps) => steps.push(sample, &mut self.ready),
                    None => self.ready.push_back(sample),
                }
            }
        }
        Ok(())
    }
}

impl Iterator for Samples<'_> {
    type Item = Result<Sample, TelemetryError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(sample) = self.ready.pop_front() {
                return Some(Ok(sample));
            }
            if self.is_done {
                return None;
            }
            if let Err(error) = self.advance() {
                // Without the database there is no way to the next span.
                self.is_done |= !matches!(error, TelemetryError::Corrupt { .. });
                return Some(Err(error));
            }
        }
    }
}

/// Recorded observations, in order of time.
#[derive(Debug)]
pub struct Observations<'a> {
    store: &'a Store,
    id: i64,
    device: DeviceName,
    after: i64,
    range: (Timestamp, Timestamp),
    with_columns: bool,
    ready: vec::IntoIter<Observation>,
    is_done: bool,
}

impl Observations<'_> {
    fn advance(&mut self) -> Result<(), TelemetryError> {
        let (from, to) = self.range;
        let Some(span) = self.store.next_span(self.id, self.after, to)? else {
            self.is_done = true;
            return Ok(());
        };
        self.after = span.last_ns;
        let ticks = self.store.ticks(&self.device, &span)?;
        let fingerprint = self.store.fingerprint(self.id)?;
        let mut events = ticks.events.into_iter().peekable();
        let mut all = Vec::new();
        for (tick, (&time, sequence)) in ticks.times.iter().zip(ticks.sequences).enumerate() {
            let event = events.next_if(|(position, _)| *position == tick);
            all.push(event.map_or_else(
                || {
                    let device = self.device.clone();
                    let mut observation = Observation::new(fingerprint, device);
                    (observation.sequence, observation.time) = (sequence, time);
                    observation
                },
                |(_, event)| event,
            ));
        }
        if self.with_columns {
            for kind in EntityKind::ALL {
                let Some(bytes) = self.store.group(&span, kind)? else {
                    continue;
                };
                let corrupt = |source| self.store.corrupt(&self.device, &span, kind.name(), source);
                let group = Group::parse(&bytes).map_err(corrupt)?;
                group.check_ticks(all.len()).map_err(corrupt)?;
                for signal in group.signals() {
                    let columns: Vec<Option<Column>> = group.columns(signal).map_err(corrupt)?;
                    for (observation, column) in all.iter_mut().zip(columns) {
                        if let Some(column) = column {
                            observation.insert(column);
                        }
                    }
                }
            }
        } else {
            all.retain(|event| !event.edges.is_empty() || !event.outcomes.is_empty());
        }
        all.retain(|observation| (from..to).contains(&observation.time));
        self.ready = all.into_iter();
        Ok(())
    }
}

impl Iterator for Observations<'_> {
    type Item = Result<Observation, TelemetryError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(observation) = self.ready.next() {
                return Some(Ok(observation));
            }
            if self.is_done {
                return None;
            }
            if let Err(error) = self.advance() {
                self.is_done |= !matches!(error, TelemetryError::Corrupt { .. });
                return Some(Err(error));
            }
        }
    }
}
