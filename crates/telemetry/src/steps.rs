//! Many samples as one.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use plant::{Quality, Timestamp};

use crate::{Reading, Sample};

/// What stands for many samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Statistic {
    /// The least value.
    Min,
    /// The arithmetic mean of values in their own unit: levels in dBm are averaged as levels.
    Mean,
    /// The greatest value.
    Max,
    /// The latest; the only one that counters and states have.
    Last,
}

impl Statistic {
    /// The name in headers and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Min => "min",
            Self::Mean => "mean",
            Self::Max => "max",
            Self::Last => "last",
        }
    }
}

/// Time in steps of equal width, which begin at its multiples: two queries cut alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The width of a step.
    pub width: Duration,
    /// What stands for its samples.
    pub statistic: Statistic,
}

/// The step that samples fall into, in order of time. The best quality counts: stale samples do
/// not mix with good ones, and failed ones count only when there are no others.
#[derive(Debug)]
pub(crate) struct Steps {
    width: u64,
    statistic: Statistic,
    start: u64,
    cells: BTreeMap<u32, Cell>,
}

#[derive(Debug)]
struct Cell {
    n: u64,
    sum: f64,
    min: f64,
    max: f64,
    last: Sample,
}

impl Steps {
    pub(crate) fn new(step: Step) -> Self {
        Self {
            width: u64::try_from(step.width.as_nanos())
                .unwrap_or(u64::MAX)
                .max(1),
            statistic: step.statistic,
            start: 0,
            cells: BTreeMap::new(),
        }
    }

    /// Adds a sample; those of the step before it go to `out`.
    pub(crate) fn push(&mut self, sample: Sample, out: &mut VecDeque<Sample>) {
        let start = sample.time.nanos() / self.width * self.width;
        if start != self.start {
            self.finish(out);
            self.start = start;
        }
        let value = match sample.reading {
            Some(Reading::Value(value)) => value,
            _ => 0.0,
        };
        let alone = Cell {
            n: 1,
            sum: value,
            min: value,
            max: value,
            last: sample,
        };
        match self.cells.get_mut(&sample.index) {
            Some(cell) if rank(cell.last.quality) == rank(sample.quality) => {
                cell.n += 1;
                cell.sum += value;
                cell.min = cell.min.min(value);
                cell.max = cell.max.max(value);
                cell.last = sample;
            }
            Some(cell) if rank(cell.last.quality) < rank(sample.quality) => {}
            _ => {
                self.cells.insert(sample.index, alone);
            }
        }
    }

    /// Ends the step.
    pub(crate) fn finish(&mut self, out: &mut VecDeque<Sample>) {
        for (_, cell) in std::mem::take(&mut self.cells) {
            let mut sample = cell.last;
            sample.time = Timestamp::from_nanos(self.start);
            if let Some(Reading::Value(last)) = sample.reading {
                sample.reading = Some(Reading::Value(match self.statistic {
                    Statistic::Min => cell.min,
                    Statistic::Mean => cell.sum / cell.n as f64,
                    Statistic::Max => cell.max,
                    Statistic::Last => last,
                }));
            }
            out.push_back(sample);
        }
    }
}

/// Better qualities are lower.
fn rank(quality: Quality) -> u8 {
    match quality {
        Quality::Good => 0,
        Quality::Stale => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(nanos: u64, quality: Quality, value: f64) -> Sample {
        let time = Timestamp::from_nanos(nanos);
        Sample {
            time,
            measured: time,
            index: 0,
            quality,
            reading: (quality != Quality::Failed).then_some(Reading::Value(value)),
        }
    }

    fn check(statistic: Statistic, expected: &[(u64, Quality, Option<f64>)]) {
        let width = Duration::from_nanos(10);
        let mut steps = Steps::new(Step { width, statistic });
        let mut out = VecDeque::new();
        for (nanos, quality, value) in [
            (3, Quality::Good, 1.0),
            (4, Quality::Failed, 0.0),
            (5, Quality::Stale, 100.0),
            (9, Quality::Good, 4.0),
            (10, Quality::Stale, 2.0),
            (35, Quality::Failed, 0.0),
        ] {
            steps.push(sample(nanos, quality, value), &mut out);
        }
        steps.finish(&mut out);
        let found: Vec<_> = out
            .iter()
            .map(|s| {
                let value = match s.reading {
                    Some(Reading::Value(value)) => Some(value),
                    _ => None,
                };
                (s.time.nanos(), s.quality, value)
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_best_quality_of_a_step_counts() {
        use Quality::{Failed, Good, Stale};
        for (statistic, first) in [
            (Statistic::Min, 1.0),
            (Statistic::Mean, 2.5),
            (Statistic::Max, 4.0),
            (Statistic::Last, 4.0),
        ] {
            let rest = [(10, Stale, Some(2.0)), (30, Failed, None)];
            check(statistic, &[(0, Good, Some(first)), rest[0], rest[1]]);
        }
    }
}
