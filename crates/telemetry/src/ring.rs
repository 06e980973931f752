//! The recent past in memory.

use std::collections::{BTreeMap, VecDeque};
use std::num::NonZeroUsize;

use plant::{Column, DeviceName, Observation, Signal, Timestamp};
use system::nearest;

use crate::sample::samples_of;
use crate::steps::Steps;
use crate::{Query, Sample, TelemetryError};

/// The last columns of each signal of each device, for live queries. Memory is fixed by the
/// number of columns: a ring of 600 holds a minute at 100 ms, which is 1.2 MB for a signal of 512
/// lanes. Edges and outcomes are not held.
#[derive(Debug, Clone)]
pub struct Ring {
    capacity: usize,
    devices: BTreeMap<DeviceName, Device>,
}

#[derive(Debug, Clone, Default)]
struct Device {
    last: Option<Timestamp>,
    signals: BTreeMap<Signal, VecDeque<(Timestamp, Column)>>,
}

impl Ring {
    /// A ring of `capacity` columns for each signal.
    pub fn new(capacity: NonZeroUsize) -> Self {
        Self {
            capacity: capacity.get(),
            devices: BTreeMap::new(),
        }
    }

    /// Takes the columns of an observation; the oldest of each signal makes room.
    ///
    /// # Errors
    /// [`TelemetryError::TimeReversed`] when it is not later than the one before; then nothing
    /// was taken.
    pub fn push(&mut self, observation: &Observation) -> Result<(), TelemetryError> {
        let now = observation.time;
        let device = self.devices.entry(observation.device.clone()).or_default();
        if let Some(last) = device.last.filter(|&last| last >= now) {
            let device = observation.device.clone();
            return Err(TelemetryError::TimeReversed { device, now, last });
        }
        device.last = Some(now);
        for column in observation.columns() {
            let slots = device.signals.entry(column.signal()).or_default();
            if slots.len() == self.capacity {
                slots.pop_front();
            }
            slots.push_back((now, column.clone()));
        }
        Ok(())
    }

    /// The devices that were seen, by name.
    pub fn devices(&self) -> impl Iterator<Item = &DeviceName> {
        self.devices.keys()
    }

    /// The latest column of a signal and its time.
    pub fn latest(&self, device: &DeviceName, signal: Signal) -> Option<(Timestamp, &Column)> {
        let (time, column) = self.devices.get(device)?.signals.get(&signal)?.back()?;
        Some((*time, column))
    }

    /// The samples that a query asks for, as far as they are still held, in order of time, then
    /// of entity.
    ///
    /// # Errors
    /// As those of [`Store::query`](crate::Store::query), without those of files.
    pub fn query(&self, query: &Query) -> Result<Vec<Sample>, TelemetryError> {
        query.check()?;
        let Some(device) = self.devices.get(&query.device) else {
            let name = query.device.as_str().to_owned();
            let names = self.devices.keys().map(DeviceName::as_str);
            return Err(TelemetryError::UnknownDevice {
                path: "ring".into(),
                nearest: nearest(&name, names).map(str::to_owned),
                name,
            });
        };
        let length = |slots: &VecDeque<(_, Column)>| slots.back().map_or(0, |(_, c)| c.len());
        let shape = device.signals.iter().map(|(&s, slots)| (s, length(slots)));
        query.check_shape(&shape.collect::<Vec<_>>())?;
        let mut out = VecDeque::new();
        let mut steps = query.step.map(Steps::new);
        for (time, column) in device.signals.get(&query.signal).into_iter().flatten() {
            if !query.holds(*time) {
                continue;
            }
            for sample in samples_of(column, *time, query.entity) {
                match &mut steps {
                    Some(steps) => steps.push(sample, &mut out),
                    None => out.push_back(sample),
                }
            }
        }
        if let Some(steps) = &mut steps {
            steps.finish(&mut out);
        }
        Ok(out.into())
    }
}
