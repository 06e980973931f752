//! What queries yield.

use plant::{Column, Quality, Storage, Timestamp, Values};

/// A value that was read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reading {
    /// In the unit that the signal's name ends in.
    Value(f64),
    /// Of a counter.
    Count {
        /// The count.
        count: u64,
        /// Its reset epoch; counts of different epochs cannot be subtracted.
        epoch: u32,
    },
    /// The name of a state.
    State(&'static str),
}

/// One element of a signal at one time, or over one [step](crate::Step) of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// The time of the observation, or the start of the step.
    pub time: Timestamp,
    /// When the element was measured, which is earlier when it is stale; the latest of a step.
    pub measured: Timestamp,
    /// The position of the entity among those of its kind.
    pub index: u32,
    /// How far the reading can be trusted.
    pub quality: Quality,
    /// Nothing when the sensor failed.
    pub reading: Option<Reading>,
}

/// The samples of a column that was observed at `time`.
pub(crate) fn samples_of(
    column: &Column,
    time: Timestamp,
    index: Option<u32>,
) -> impl Iterator<Item = Sample> + '_ {
    let all = match index {
        Some(index) => index as usize..(index as usize + 1).min(column.len()),
        None => 0..column.len(),
    };
    all.map(move |element| Sample {
        time,
        measured: column.times().get(element).copied().unwrap_or(time),
        index: u32::try_from(element).expect("ids of entities are u32"),
        quality: column.quality(element),
        reading: reading(column, element),
    })
}

fn reading(column: &Column, element: usize) -> Option<Reading> {
    match (column.values(), column.signal().storage()) {
        (Values::Counter(_), _) => column.counter(element).map(|count| Reading::Count {
            count,
            epoch: column.reset_epochs().get(element).copied().unwrap_or(0),
        }),
        (Values::State(_), Storage::State(names)) => column
            .state(element)
            .and_then(|state| names.get(usize::from(state)))
            .map(|name| Reading::State(name)),
        _ => column.value(element).map(Reading::Value),
    }
}
