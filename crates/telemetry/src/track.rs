//! The columns of one signal over a span of time, one after the other.

use plant::{Column, Signal, Storage, Values};

use crate::bits::BitWriter;
use crate::block::MAX_VALUES;
use crate::series::{write_floats, write_integers};

/// The signal was observed at this tick.
pub(crate) const IS_PRESENT: u8 = 1;
/// Not all of its elements were good.
pub(crate) const HAS_QUALITIES: u8 = 2;
/// Its elements have times of their own.
pub(crate) const HAS_TIMES: u8 = 4;
/// Its counters have reset epochs.
pub(crate) const HAS_EPOCHS: u8 = 8;

/// The columns of one signal over the ticks of a span. Arrays hold tick after tick, as columns
/// come, and only the ticks that have the array.
#[derive(Debug)]
pub(crate) struct Track {
    pub(crate) signal: Signal,
    pub(crate) n_elements: usize,
    flags: Vec<u8>,
    values: Values,
    qualities: Vec<u8>,
    times: Vec<u64>,
    epochs: Vec<u32>,
}

impl Track {
    /// A track that missed the first `n_ticks`.
    pub(crate) fn new(signal: Signal, n_elements: usize, n_ticks: usize) -> Self {
        let values = match signal.storage() {
            Storage::F32 => Values::F32(Vec::new()),
            Storage::F64 => Values::F64(Vec::new()),
            Storage::Counter => Values::Counter(Vec::new()),
            Storage::State(_) => Values::State(Vec::new()),
        };
        Self {
            signal,
            n_elements,
            flags: vec![0; n_ticks],
            values,
            qualities: Vec::new(),
            times: Vec::new(),
            epochs: Vec::new(),
        }
    }

    /// Whether another column fits into a block.
    pub(crate) fn has_room(&self) -> bool {
        self.values.len() + self.n_elements <= MAX_VALUES
    }

    /// How many values are held.
    pub(crate) fn n_values(&self) -> usize {
        self.values.len()
    }

    /// At how many ticks the signal was observed; a column may be empty.
    pub(crate) fn n_ticks_seen(&self) -> usize {
        self.flags.iter().filter(|&&flags| flags != 0).count()
    }

    /// The bytes that the track holds in memory.
    pub(crate) fn memory(&self) -> usize {
        let width = match self.values {
            Values::F32(_) => 4,
            Values::F64(_) | Values::Counter(_) => 8,
            Values::State(_) => 1,
        };
        self.values.len() * width
            + self.flags.len()
            + self.qualities.len()
            + 8 * self.times.len()
            + 4 * self.epochs.len()
    }

    /// Adds the column of the next tick; its signal and length are those of the track.
    pub(crate) fn push(&mut self, column: &Column) {
        let mut flags = IS_PRESENT;
        match (&mut self.values, column.values()) {
            (Values::F32(all), Values::F32(new)) => all.extend_from_slice(new),
            (Values::F64(all), Values::F64(new)) => all.extend_from_slice(new),
            (Values::Counter(all), Values::Counter(new)) => all.extend_from_slice(new),
            (Values::State(all), Values::State(new)) => all.extend_from_slice(new),
            _ => unreachable!("a signal has one storage"),
        }
        if !column.qualities().is_empty() {
            flags |= HAS_QUALITIES;
            let codes = column.qualities().iter().map(|quality| quality.code());
            self.qualities.extend(codes);
        }
        if !column.times().is_empty() {
            flags |= HAS_TIMES;
            self.times.extend(column.times().iter().map(|t| t.nanos()));
        }
        if !column.reset_epochs().is_empty() {
            flags |= HAS_EPOCHS;
            self.epochs.extend_from_slice(column.reset_epochs());
        }
        self.flags.push(flags);
    }

    /// Says that the signal is missing until `n_ticks`.
    pub(crate) fn skip_to(&mut self, n_ticks: usize) {
        self.flags.resize(n_ticks, 0);
    }

    /// Forgets all ticks and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.flags.clear();
        match &mut self.values {
            Values::F32(values) => values.clear(),
            Values::F64(values) => values.clear(),
            Values::Counter(values) => values.clear(),
            Values::State(values) => values.clear(),
        }
        self.qualities.clear();
        self.times.clear();
        self.epochs.clear();
    }

    /// The bits of the track: flags of ticks, then the series of each element.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut writer = BitWriter::default();
        let mut series = Vec::with_capacity(self.flags.len());
        series.extend(self.flags.iter().map(|&flags| u64::from(flags)));
        write_integers(&mut writer, &series, 8);
        let n = self.n_elements;
        match &self.values {
            Values::F32(values) => transpose(values, n, &mut series, |series| {
                write_floats(&mut writer, series, 32);
            }),
            Values::F64(values) => transpose(values, n, &mut series, |series| {
                write_floats(&mut writer, series, 64);
            }),
            Values::Counter(values) => transpose(values, n, &mut series, |series| {
                write_integers(&mut writer, series, 64);
            }),
            Values::State(values) => transpose(values, n, &mut series, |series| {
                write_integers(&mut writer, series, 8);
            }),
        }
        transpose(&self.qualities, n, &mut series, |series| {
            write_integers(&mut writer, series, 8);
        });
        transpose(&self.times, n, &mut series, |series| {
            write_integers(&mut writer, series, 64);
        });
        transpose(&self.epochs, n, &mut series, |series| {
            write_integers(&mut writer, series, 32);
        });
        writer.finish()
    }
}

/// The bit pattern of a stored number.
trait Word: Copy {
    fn word(self) -> u64;
}

impl Word for f32 {
    fn word(self) -> u64 {
        self.to_bits().into()
    }
}

impl Word for f64 {
    fn word(self) -> u64 {
        self.to_bits()
    }
}

impl Word for u64 {
    fn word(self) -> u64 {
        self
    }
}

impl Word for u32 {
    fn word(self) -> u64 {
        self.into()
    }
}

impl Word for u8 {
    fn word(self) -> u64 {
        self.into()
    }
}

/// Hands the series of each element to `write`. `values` are `n_ticks x n_elements`, row-major.
fn transpose<T: Word>(
    values: &[T],
    n_elements: usize,
    series: &mut Vec<u64>,
    mut write: impl FnMut(&[u64]),
) {
    if values.is_empty() {
        return;
    }
    for element in 0..n_elements {
        series.clear();
        series.extend(
            values[element..]
                .iter()
                .step_by(n_elements)
                .map(|v| v.word()),
        );
        write(series);
    }
}
