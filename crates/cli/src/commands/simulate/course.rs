//! The course of signals over a simulation, in a bounded number of stretches of time.

use plant::{Column, Entity, Signal, Storage};
use report::plot::Stretch;
use twin::world::World;

/// More stretches than a picture can show apart.
const MOST_STRETCHES: u64 = 600;
/// So many elements have a line each; of more the least, the mean and the greatest are kept.
const MOST_LINES: usize = 4;
/// So many switches are told apart.
const MOST_SWITCHES: usize = 6;

/// What was read of one line in one stretch of time.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    least: f64,
    greatest: f64,
    sum: f64,
    n: u32,
}

const EMPTY: Bucket = Bucket {
    least: f64::INFINITY,
    greatest: f64::NEG_INFINITY,
    sum: 0.0,
    n: 0,
};

impl Bucket {
    fn take(&mut self, value: f64) {
        self.least = self.least.min(value);
        self.greatest = self.greatest.max(value);
        self.sum += value;
        self.n += 1;
    }
}

/// Whose values one line has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// Those of one element of a switch.
    Element(usize, usize),
    /// Those of all elements of a switch.
    Switch(usize),
    /// Those of all switches.
    All,
}

/// One line of a panel.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) whose: Whose,
    buckets: Vec<Bucket>,
}

/// One signal.
#[derive(Debug, Clone)]
pub(super) struct Track {
    pub(super) signal: Signal,
    pub(super) lines: Vec<Line>,
    /// Elements of all its switches.
    pub(super) n_elements: usize,
    /// For each switch the first of its lines, and whether its elements have a line each.
    places: Vec<(usize, bool)>,
    /// Elements beside the bands: switch among those of the course, element, line.
    beside: Vec<(usize, usize, usize)>,
    /// Counters at the last observation, by switch.
    counts: Vec<Vec<u64>>,
}

/// The course of some signals of some switches. Its memory does not grow with time.
#[derive(Debug, Clone)]
pub(super) struct Course {
    /// Positions of the switches.
    pub(super) switches: Vec<usize>,
    pub(super) tracks: Vec<Track>,
    n_stretches: u64,
    pub(super) start_ns: u64,
    end_ns: u64,
    last_ns: u64,
}

impl Course {
    /// Of a world that will be stepped from now to an end in steps of about this length. A signal that no
    /// switch has gets no track. Parts that are `apart` have a line of their own beside the bands.
    pub(super) fn new(
        world: &World,
        switches: Vec<usize>,
        (signals, apart): (&[Signal], &[(usize, Entity)]),
        (step_ns, end_ns): (u64, u64),
    ) -> Self {
        let start_ns = world.now_ns();
        let n_steps = end_ns.saturating_sub(start_ns) / step_ns.max(1);
        let n_stretches = n_steps.clamp(1, MOST_STRETCHES);
        let line = |whose| Line {
            whose,
            buckets: vec![EMPTY; usize::try_from(n_stretches).unwrap_or(usize::MAX)],
        };
        let tracks = signals.iter().filter_map(|signal| {
            let n_of = |switch: &usize| {
                let system = world.switches()[*switch].plan().system();
                system.count(signal.kind())
            };
            let counts: Vec<usize> = switches.iter().map(n_of).collect();
            let n_elements = counts.iter().sum::<usize>();
            let is_summed = matches!(signal.storage(), Storage::State(_));
            let is_pooled = switches.len() > MOST_SWITCHES;
            let has_lines = !is_summed && !is_pooled && n_elements <= MOST_LINES;
            let mut lines = Vec::new();
            let mut places = Vec::new();
            for (switch, n) in switches.iter().zip(&counts) {
                places.push((if is_pooled { 0 } else { lines.len() }, has_lines));
                if has_lines {
                    lines.extend((0..*n).map(|of| line(Whose::Element(*switch, of))));
                } else if !is_pooled {
                    lines.push(line(Whose::Switch(*switch)));
                }
            }
            if is_pooled {
                lines.push(line(Whose::All));
            }
            let mut beside = Vec::new();
            if !has_lines && !is_summed {
                for (switch, entity) in apart.iter().filter(|(_, of)| of.kind == signal.kind()) {
                    let element = entity.index as usize;
                    if let Some(idx) = switches.iter().position(|of| of == switch) {
                        beside.push((idx, element, lines.len()));
                        lines.push(line(Whose::Element(*switch, element)));
                    }
                }
            }
            (n_elements > 0).then(|| Track {
                beside,
                signal: *signal,
                lines,
                n_elements,
                places,
                counts: vec![Vec::new(); switches.len()],
            })
        });
        Self {
            tracks: tracks.collect(),
            switches,
            n_stretches,
            start_ns,
            end_ns,
            last_ns: start_ns,
        }
    }

    /// Takes in what the sensors say after a step.
    pub(super) fn take(&mut self, world: &World) {
        let now_ns = world.now_ns();
        let dt_s = (now_ns - self.last_ns) as f64 * 1e-9;
        self.last_ns = now_ns;
        let done_ns = now_ns.saturating_sub(self.start_ns + 1);
        let all_ns = (self.end_ns - self.start_ns).max(1);
        let share = u128::from(done_ns) * u128::from(self.n_stretches) / u128::from(all_ns);
        let last = usize::try_from(self.n_stretches - 1).unwrap_or(usize::MAX);
        let bucket = usize::try_from(share).unwrap_or(last).min(last);
        for track in &mut self.tracks {
            for (idx, switch) in self.switches.iter().enumerate() {
                let observation = world.switches()[*switch].observation();
                if let Some(column) = observation.column(track.signal) {
                    track.take((idx, column), bucket, dt_s);
                }
            }
        }
    }

    /// What a line is in each stretch of time; none where nothing was read.
    pub(super) fn stretches(&self, line: &Line) -> Vec<Option<Stretch>> {
        let all_ns = self.end_ns - self.start_ns;
        let width_s = all_ns as f64 * 1e-9 / self.n_stretches as f64;
        let start_s = self.start_ns as f64 * 1e-9;
        // Up to where it was interrupted.
        let done = self.last_ns as f64 * 1e-9;
        let at = |idx: usize| (start_s + (idx as f64 + 1.0) * width_s).min(done);
        let stretch = |(idx, bucket): (usize, &Bucket)| {
            (bucket.n > 0).then(|| Stretch {
                at_s: at(idx),
                least: bucket.least,
                mean: bucket.sum / f64::from(bucket.n),
                greatest: bucket.greatest,
            })
        };
        line.buckets.iter().enumerate().map(stretch).collect()
    }
}

/// The state of good days: the last one, but for test patterns, of which there is none then.
pub(super) fn best(names: &[&str]) -> usize {
    if names[0] == "none" {
        0
    } else {
        names.len() - 1
    }
}

impl Track {
    fn take(&mut self, (switch, column): (usize, &Column), bucket: usize, dt_s: f64) {
        let (first, has_lines) = self.places[switch];
        let (lines, beside) = (&mut self.lines, &self.beside);
        let mut put = |element: usize, value: f64| {
            let line = if has_lines { first + element } else { first };
            let own = beside
                .iter()
                .filter(|(of, which, _)| (*of, *which) == (switch, element))
                .map(|(_, _, line)| *line);
            for line in std::iter::once(line).chain(own) {
                if let Some(line) = lines.get_mut(line) {
                    line.buckets[bucket].take(value);
                }
            }
        };
        let n = column.len();
        match self.signal.storage() {
            Storage::F32 | Storage::F64 => {
                for element in 0..n {
                    let is_good = column.quality(element) == plant::Quality::Good;
                    if let Some(value) = column.value(element).filter(|_| is_good) {
                        put(element, value);
                    }
                }
            }
            // How many are in the state of good days.
            Storage::State(names) => {
                let best = best(names);
                let is_best =
                    |element: &usize| column.state(*element).map(usize::from) == Some(best);
                put(0, (0..n).filter(is_best).count() as f64);
            }
            // Their growth in a second.
            Storage::Counter => {
                let before = &mut self.counts[switch];
                for element in 0..n {
                    let Some(count) = column.counter(element) else {
                        continue;
                    };
                    if let Some(before) = before.get(element)
                        && let Some(more) = count.checked_sub(*before)
                        && dt_s > 0.0
                    {
                        put(element, more as f64 / dt_s);
                    }
                    if before.len() <= element {
                        before.resize(element + 1, count);
                    }
                    before[element] = count;
                }
            }
        }
    }
}
