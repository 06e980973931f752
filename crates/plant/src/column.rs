//! One quantity of all entities of a kind, as flat arrays.

use units::Quantity;

use crate::coded::coded;
use crate::{ColumnError, Signal, Storage, Timestamp};

coded! {
    /// How far an element can be trusted.
    Quality: u8;
    /// Measured for this observation.
    Good = 0, "good";
    /// An older value; the element's time says how old.
    Stale = 1, "stale";
    /// No usable value: the sensor is dead, missing or out of its range.
    Failed = 2, "failed";
}

/// The values of a column, one per entity. A failed element holds zero, which means nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Values of a signal stored as [`Storage::F32`]; all finite.
    F32(Vec<f32>),
    /// Values of a signal stored as [`Storage::F64`]; all finite.
    F64(Vec<f64>),
    /// Counts of a signal stored as [`Storage::Counter`].
    Counter(Vec<u64>),
    /// Positions in the names of a signal stored as [`Storage::State`].
    State(Vec<u8>),
}

impl Values {
    /// The number of elements.
    pub fn len(&self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::F64(values) => values.len(),
            Self::Counter(values) => values.len(),
            Self::State(values) => values.len(),
        }
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn name(&self) -> &'static str {
        match self {
            Self::F32(_) => "f32",
            Self::F64(_) => "f64",
            Self::Counter(_) => "u64 counter",
            Self::State(_) => "state",
        }
    }

    fn fits(&self, storage: Storage) -> bool {
        matches!(
            (self, storage),
            (Self::F32(_), Storage::F32)
                | (Self::F64(_), Storage::F64)
                | (Self::Counter(_), Storage::Counter)
                | (Self::State(_), Storage::State(_))
        )
    }

    fn is_positive_zero(&self, index: usize) -> bool {
        match self {
            Self::F32(values) => values[index].to_bits() == 0,
            Self::F64(values) => values[index].to_bits() == 0,
            Self::Counter(values) => values[index] == 0,
            Self::State(values) => values[index] == 0,
        }
    }

    fn clear_element(&mut self, index: usize) {
        match self {
            Self::F32(values) => values[index] = 0.0,
            Self::F64(values) => values[index] = 0.0,
            Self::Counter(values) => values[index] = 0,
            Self::State(values) => values[index] = 0,
        }
    }
}

/// One signal of all entities of its kind. Element `i` belongs to entity `i`.
///
/// Quality, times and reset epochs are kept only where they say something: an empty slice means
/// that all elements are good, were measured at the time of the observation, and are in reset
/// epoch 0. Buffers are kept when a column is [refilled](Column::refill).
///
/// ```
/// use plant::{Column, Quality, Signal};
///
/// // A sensor that yields no number has failed.
/// let column = Column::from_values(Signal::LaserBias, [0.12, f64::NAN])?;
/// assert_eq!(column.quality(1), Quality::Failed);
/// assert_eq!(column.value(1), None);
/// # Ok::<(), plant::ColumnError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    signal: Signal,
    values: Values,
    /// Empty when all are good; never all good otherwise.
    quality: Vec<Quality>,
    n_not_good: usize,
    times: Vec<Timestamp>,
    reset_epochs: Vec<u32>,
}

impl Column {
    /// A column of a signal stored as `f32` or `f64`. Values stand in the unit that the newtype
    /// of the signal's dimension holds; a value that is not finite in storage becomes a failed
    /// element.
    ///
    /// # Errors
    /// [`ColumnError::WrongStorage`] when the signal is a counter or a state.
    pub fn from_values(
        signal: Signal,
        values: impl IntoIterator<Item = f64>,
    ) -> Result<Self, ColumnError> {
        let empty = match signal.storage() {
            Storage::F64 => Values::F64(Vec::new()),
            _ => Values::F32(Vec::new()),
        };
        let mut column = Self::from_parts(signal, empty, Vec::new(), Vec::new(), Vec::new())?;
        column.refill(values);
        Ok(column)
    }

    /// A column of a signal stored as counter, in reset epoch 0.
    ///
    /// # Errors
    /// [`ColumnError::WrongStorage`] when the signal is not a counter.
    pub fn from_counters(signal: Signal, counts: Vec<u64>) -> Result<Self, ColumnError> {
        let values = Values::Counter(counts);
        Self::from_parts(signal, values, Vec::new(), Vec::new(), Vec::new())
    }

    /// A column of a signal stored as state.
    ///
    /// # Errors
    /// [`ColumnError::WrongStorage`] when the signal is not a state,
    /// [`ColumnError::UnknownState`] when a position has no name.
    pub fn from_states(signal: Signal, states: Vec<u8>) -> Result<Self, ColumnError> {
        let values = Values::State(states);
        Self::from_parts(signal, values, Vec::new(), Vec::new(), Vec::new())
    }

    /// A column from all its arrays; empty `quality`, `times` and `reset_epochs` have the meaning
    /// that the type's documentation gives.
    ///
    /// # Errors
    /// Each variant of [`ColumnError`]; the first violation is reported.
    pub fn from_parts(
        signal: Signal,
        values: Values,
        quality: Vec<Quality>,
        times: Vec<Timestamp>,
        reset_epochs: Vec<u32>,
    ) -> Result<Self, ColumnError> {
        let storage = signal.storage();
        if !values.fits(storage) {
            let given = values.name();
            return Err(ColumnError::WrongStorage { signal, given });
        }
        let expected = values.len();
        for (what, found) in [
            ("qualities", quality.len()),
            ("times", times.len()),
            ("reset epochs", reset_epochs.len()),
        ] {
            if found != 0 && found != expected {
                return Err(ColumnError::WrongLength {
                    signal,
                    what,
                    expected,
                    found,
                });
            }
        }
        if !reset_epochs.is_empty() && storage != Storage::Counter {
            return Err(ColumnError::NotACounter { signal });
        }
        let not_finite = match &values {
            Values::F32(values) => values.iter().position(|value| !value.is_finite()),
            Values::F64(values) => values.iter().position(|value| !value.is_finite()),
            Values::Counter(_) | Values::State(_) => None,
        };
        if let Some(index) = not_finite {
            return Err(ColumnError::NotFinite { signal, index });
        }
        if let (Values::State(states), Storage::State(names)) = (&values, storage) {
            let count = names.len();
            if let Some(index) = states.iter().position(|&s| usize::from(s) >= count) {
                let found = states[index];
                return Err(ColumnError::UnknownState {
                    signal,
                    index,
                    found,
                    count,
                });
            }
        }
        let carries_value =
            |(index, &quality)| quality == Quality::Failed && !values.is_positive_zero(index);
        if let Some(index) = quality.iter().enumerate().position(carries_value) {
            return Err(ColumnError::ValueOfFailed { signal, index });
        }
        let n_not_good = quality.iter().filter(|&&q| q != Quality::Good).count();
        let quality = if n_not_good == 0 { Vec::new() } else { quality };
        Ok(Self {
            signal,
            values,
            quality,
            n_not_good,
            times,
            reset_epochs,
        })
    }

    /// What is measured.
    pub const fn signal(&self) -> Signal {
        self.signal
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// All values. Look at [`quality`](Self::quality) before using one.
    pub const fn values(&self) -> &Values {
        &self.values
    }

    /// The qualities of all elements, or nothing when all are good.
    pub fn qualities(&self) -> &[Quality] {
        &self.quality
    }

    /// The times of all elements, or nothing when all have the time of the observation.
    pub fn times(&self) -> &[Timestamp] {
        &self.times
    }

    /// The reset epochs of all counters, or nothing when all are 0. Two counts can be subtracted
    /// only within one epoch.
    pub fn reset_epochs(&self) -> &[u32] {
        &self.reset_epochs
    }

    /// How far element `index` can be trusted; failed beyond the end.
    pub fn quality(&self, index: usize) -> Quality {
        if index >= self.len() {
            Quality::Failed
        } else {
            self.quality.get(index).copied().unwrap_or(Quality::Good)
        }
    }

    /// The good or stale value of element `index`, in the unit that the newtype of the signal's
    /// dimension holds; nothing for counters and states.
    pub fn value(&self, index: usize) -> Option<f64> {
        if self.quality(index) == Quality::Failed {
            return None;
        }
        match &self.values {
            Values::F32(values) => values.get(index).map(|&value| f64::from(value)),
            Values::F64(values) => values.get(index).copied(),
            Values::Counter(_) | Values::State(_) => None,
        }
    }

    /// The good or stale value of element `index` as a quantity; nothing when the signal has
    /// another dimension.
    pub fn quantity<Q: Quantity>(&self, index: usize) -> Option<Q> {
        if Q::DIMENSION == self.signal.dimension() {
            self.value(index).map(Q::from_si)
        } else {
            None
        }
    }

    /// The good or stale count of element `index`; nothing for other signals.
    pub fn counter(&self, index: usize) -> Option<u64> {
        match &self.values {
            Values::Counter(counts) if self.quality(index) != Quality::Failed => {
                counts.get(index).copied()
            }
            _ => None,
        }
    }

    /// The good or stale state of element `index`, as position in the names of the signal's
    /// [`Storage::State`]; nothing for other signals.
    pub fn state(&self, index: usize) -> Option<u8> {
        match &self.values {
            Values::State(states) if self.quality(index) != Quality::Failed => {
                states.get(index).copied()
            }
            _ => None,
        }
    }

    /// Replaces all elements of a column of measured values, which become good or, where a value
    /// is not finite in storage, failed. Times are dropped. A column of counters or states becomes
    /// as many failed elements as there are values.
    pub fn refill(&mut self, values: impl IntoIterator<Item = f64>) {
        self.quality.clear();
        self.n_not_good = 0;
        self.times.clear();
        self.reset_epochs.clear();
        match &mut self.values {
            Values::F32(stored) => {
                stored.clear();
                stored.extend(values.into_iter().map(narrow));
            }
            Values::F64(stored) => {
                stored.clear();
                stored.extend(values);
            }
            Values::Counter(stored) => {
                stored.clear();
                stored.resize(values.into_iter().count(), 0);
            }
            Values::State(stored) => {
                stored.clear();
                stored.resize(values.into_iter().count(), 0);
            }
        }
        // Failures are rare, so one pass without branches asks whether there are any.
        let any_failed = match &self.values {
            Values::F32(values) => values.iter().fold(false, |any, x| any | !x.is_finite()),
            Values::F64(values) => values.iter().fold(false, |any, x| any | !x.is_finite()),
            Values::Counter(_) | Values::State(_) => true,
        };
        if !any_failed {
            return;
        }
        for index in 0..self.len() {
            let is_finite = match &self.values {
                Values::F32(values) => values[index].is_finite(),
                Values::F64(values) => values[index].is_finite(),
                Values::Counter(_) | Values::State(_) => false,
            };
            if !is_finite {
                self.set_quality(index, Quality::Failed);
            }
        }
    }

    /// Sets the quality of an element. Failing an element erases its value; an element that was
    /// failed and becomes good or stale holds zero until it is set.
    ///
    /// # Panics
    /// When `index` is beyond the end.
    pub fn set_quality(&mut self, index: usize, quality: Quality) {
        let len = self.len();
        assert!(index < len, "element {index} of {len}");
        if self.quality.is_empty() {
            if quality == Quality::Good {
                return;
            }
            self.quality.resize(len, Quality::Good);
        }
        let old = std::mem::replace(&mut self.quality[index], quality);
        self.n_not_good -= usize::from(old != Quality::Good);
        self.n_not_good += usize::from(quality != Quality::Good);
        if quality == Quality::Failed {
            self.values.clear_element(index);
        }
        if self.n_not_good == 0 {
            self.quality.clear();
        }
    }

    /// Sets element `index` of a column of measured values and makes it good, or failed when
    /// `value` is not finite in storage. Does nothing to counters and states.
    ///
    /// # Panics
    /// When `index` is beyond the end.
    pub fn set(&mut self, index: usize, value: f64) {
        let is_finite = match &mut self.values {
            Values::F32(values) => {
                values[index] = narrow(value);
                values[index].is_finite()
            }
            Values::F64(values) => {
                values[index] = value;
                value.is_finite()
            }
            Values::Counter(_) | Values::State(_) => return,
        };
        let quality = if is_finite {
            Quality::Good
        } else {
            Quality::Failed
        };
        self.set_quality(index, quality);
    }

    /// Sets element `index` of a column of counters and makes it good. Does nothing to others.
    ///
    /// # Panics
    /// When `index` is beyond the end.
    pub fn set_counter(&mut self, index: usize, count: u64) {
        if let Values::Counter(counts) = &mut self.values {
            counts[index] = count;
            self.set_quality(index, Quality::Good);
        }
    }

    /// Sets element `index` of a column of states and makes it good, or failed when `state` has
    /// no name. Does nothing to others.
    ///
    /// # Panics
    /// When `index` is beyond the end.
    pub fn set_state(&mut self, index: usize, state: u8) {
        if let (Values::State(states), Storage::State(names)) =
            (&mut self.values, self.signal.storage())
        {
            states[index] = state;
            let quality = if usize::from(state) < names.len() {
                Quality::Good
            } else {
                Quality::Failed
            };
            self.set_quality(index, quality);
        }
    }

    /// Sets the time at which each element was measured; an empty iterator means the time of the
    /// observation.
    ///
    /// # Errors
    /// [`ColumnError::WrongLength`]; the column then has no times.
    pub fn set_times(
        &mut self,
        times: impl IntoIterator<Item = Timestamp>,
    ) -> Result<(), ColumnError> {
        self.times.clear();
        self.times.extend(times);
        let found = self.times.len();
        if found != 0 && found != self.len() {
            self.times.clear();
            return Err(ColumnError::WrongLength {
                signal: self.signal,
                what: "times",
                expected: self.len(),
                found,
            });
        }
        Ok(())
    }

    /// Sets counter `index` to zero and begins a new reset epoch for it. Does nothing to other
    /// signals.
    ///
    /// # Panics
    /// When `index` is beyond the end.
    pub fn reset_counter(&mut self, index: usize) {
        if let Values::Counter(counts) = &mut self.values {
            counts[index] = 0;
            if self.reset_epochs.is_empty() {
                self.reset_epochs.resize(counts.len(), 0);
            }
            self.reset_epochs[index] = self.reset_epochs[index].wrapping_add(1);
        }
    }
}

/// The nearest `f32`; beyond its range infinite, which the callers turn into a failed element.
#[expect(
    clippy::cast_possible_truncation,
    reason = "storage as f32 is the purpose; the loss is below any sensor's resolution"
)]
fn narrow(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::Quality::{Failed, Good};
    use super::*;

    fn powers() -> Column {
        Column::from_values(Signal::RxPower, [-3.0, f64::INFINITY, -5.0]).unwrap()
    }

    #[test]
    fn what_is_not_finite_has_failed_and_holds_zero() {
        let column = powers();
        assert_eq!(column.quality(1), Quality::Failed);
        assert_eq!(column.values(), &Values::F32(vec![-3.0, 0.0, -5.0]));
        assert_eq!(column.value(1), None);
        let beyond_f32 = Column::from_values(Signal::RxPower, [1e39]).unwrap();
        assert_eq!(beyond_f32.quality(0), Quality::Failed);
    }

    #[test]
    fn a_column_that_recovers_equals_one_that_never_failed() {
        let mut column = powers();
        column.set(1, -4.0);
        assert_eq!(column.qualities(), &[]);
        let good = Column::from_values(Signal::RxPower, [-3.0, -4.0, -5.0]).unwrap();
        assert_eq!(column, good);
        column.set_quality(0, Quality::Stale);
        assert_eq!(column.value(0), Some(-3.0));
        column.refill([-3.0, -4.0, -5.0]);
        assert_eq!(column, good);
    }

    #[test]
    fn quantities_of_another_dimension_are_not_given() {
        let column = powers();
        assert_eq!(column.quantity(0), Some(units::DbMilliwatts::new(-3.0)));
        assert_eq!(column.quantity::<units::Watts>(0), None);
    }

    #[test]
    fn contradictions_are_refused() {
        let parts = |values, quality, epochs| {
            Column::from_parts(Signal::RxPower, values, quality, Vec::new(), epochs)
        };
        assert!(matches!(
            parts(Values::Counter(vec![1]), vec![], vec![]),
            Err(ColumnError::WrongStorage { .. })
        ));
        assert!(matches!(
            parts(Values::F32(vec![1.0]), vec![Good, Good], vec![]),
            Err(ColumnError::WrongLength { .. })
        ));
        assert!(matches!(
            parts(Values::F32(vec![0.0, f32::NAN]), vec![], vec![]),
            Err(ColumnError::NotFinite { index: 1, .. })
        ));
        assert!(matches!(
            parts(Values::F32(vec![1.0]), vec![Failed], vec![]),
            Err(ColumnError::ValueOfFailed { index: 0, .. })
        ));
        assert!(matches!(
            parts(Values::F32(vec![1.0]), vec![], vec![0]),
            Err(ColumnError::NotACounter { .. })
        ));
        assert!(matches!(
            Column::from_states(Signal::TransmitLock, vec![2, 3]),
            Err(ColumnError::UnknownState { index: 1, .. })
        ));
    }

    #[test]
    fn a_reset_begins_an_epoch() {
        let mut column = Column::from_counters(Signal::FecCodewords, vec![7, 8]).unwrap();
        column.reset_counter(1);
        assert_eq!(column.counter(1), Some(0));
        assert_eq!(column.reset_epochs(), &[0, 1]);
    }
}
