//! The latest observation, and the events that slow readers have yet to see.

use std::collections::VecDeque;
use std::rc::Rc;

use plant::{Edge, Observation, Outcome};

/// How far a connection has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The number of the latest observation that it has got.
    pub(super) version: u64,
    /// The number of the first event that it has not got.
    next_event: u64,
}

/// What a connection is to be sent.
#[derive(Debug)]
pub(super) struct Update {
    /// How far the connection has read afterwards.
    pub(super) cursor: Cursor,
    /// How many events since the connection's last observation are no longer known.
    pub(super) n_dropped: u64,
    /// An observation, with its line feed.
    pub(super) line: Rc<str>,
}

#[derive(Debug)]
enum Event {
    Edge(Edge),
    Outcome(Outcome),
}

#[derive(Debug)]
struct Latest {
    observation: Observation,
    line: Rc<str>,
    /// The number of its first event.
    first_event: u64,
}

/// Keeps the latest observation and the latest events.
#[derive(Debug)]
pub(super) struct Feed {
    /// Counts observations; 0 when there is none yet.
    version: u64,
    latest: Option<Latest>,
    problem: Option<String>,
    /// Oldest first.
    events: VecDeque<Event>,
    /// The number of events before the oldest one that is kept.
    n_dropped: u64,
    max_events: usize,
}

impl Feed {
    pub(super) const fn new(max_events: usize) -> Self {
        Self {
            version: 0,
            latest: None,
            problem: None,
            events: VecDeque::new(),
            n_dropped: 0,
            max_events,
        }
    }

    pub(super) const fn version(&self) -> u64 {
        self.version
    }

    pub(super) fn publish(&mut self, observation: &Observation) {
        self.version += 1;
        self.problem = None;
        self.latest = Some(Latest {
            observation: observation.clone(),
            line: line_of(observation),
            first_event: self.end(),
        });
        let edges = observation.edges.iter().copied().map(Event::Edge);
        let outcomes = observation.outcomes.iter().cloned().map(Event::Outcome);
        self.events.extend(edges.chain(outcomes));
        let n_excess = self.events.len().saturating_sub(self.max_events);
        self.events.drain(..n_excess);
        self.n_dropped += n_excess as u64;
    }

    pub(super) fn set_problem(&mut self, problem: String) {
        self.problem = Some(problem);
    }

    pub(super) fn clear_problem(&mut self) {
        self.problem = None;
    }

    /// Where a new connection starts: before the latest observation.
    pub(super) fn start(&self) -> Cursor {
        Cursor {
            version: self.version.saturating_sub(1),
            next_event: self.latest.as_ref().map_or(0, |latest| latest.first_event),
        }
    }

    /// `cursor`, but before the latest observation, so that it is given again.
    pub(super) fn rewound(&self, cursor: Cursor) -> Cursor {
        if cursor.version == self.version {
            self.start()
        } else {
            cursor
        }
    }

    /// The latest observation with all events since `cursor`; without progress, the same
    /// observation again.
    ///
    /// # Errors
    /// Why there is no observation.
    pub(super) fn since(&self, cursor: Cursor) -> Result<Update, String> {
        if let Some(problem) = &self.problem {
            return Err(problem.clone());
        }
        let Some(latest) = &self.latest else {
            return Err("there is no observation yet".to_owned());
        };
        let mut update = Update {
            cursor: Cursor {
                version: self.version,
                next_event: self.end(),
            },
            n_dropped: 0,
            line: Rc::clone(&latest.line),
        };
        if cursor.version == self.version || cursor.next_event == latest.first_event {
            return Ok(update);
        }
        let from = cursor.next_event.max(self.n_dropped);
        update.n_dropped = from - cursor.next_event;
        let mut merged = latest.observation.clone();
        merged.edges.clear();
        merged.outcomes.clear();
        let n_seen = usize::try_from(from - self.n_dropped).unwrap_or(usize::MAX);
        for event in self.events.iter().skip(n_seen) {
            match event {
                Event::Edge(edge) => merged.edges.push(*edge),
                Event::Outcome(outcome) => merged.outcomes.push(outcome.clone()),
            }
        }
        update.line = line_of(&merged);
        Ok(update)
    }

    /// The number of the event that comes next.
    fn end(&self) -> u64 {
        self.n_dropped + self.events.len() as u64
    }
}

fn line_of(observation: &Observation) -> Rc<str> {
    let mut line = observation.encode_json();
    line.push('\n');
    line.into()
}

#[cfg(test)]
mod tests {
    use plant::{CommandId, DeviceName, Status, Timestamp};
    use system::Fingerprint;

    use super::*;

    fn observation(commands: std::ops::Range<u64>) -> Observation {
        let device = DeviceName::new("a").unwrap();
        let mut observation = Observation::new(Fingerprint::of(b""), device);
        observation.outcomes = commands
            .map(|id| Outcome {
                command: CommandId(id),
                time: Timestamp::default(),
                status: Status::Done,
            })
            .collect();
        observation
    }

    fn commands(update: &Update) -> Vec<u64> {
        let line = Observation::decode_json(update.line.trim_end(), &Fingerprint::of(b""));
        let outcomes = line.unwrap().outcomes;
        outcomes.iter().map(|outcome| outcome.command.0).collect()
    }

    #[test]
    fn every_event_is_given_once() {
        let mut feed = Feed::new(10);
        let start = feed.start();
        assert!(feed.since(start).is_err());
        feed.publish(&observation(0..2));
        let first = feed.since(start).unwrap();
        assert_eq!(commands(&first), [0, 1]);
        feed.publish(&observation(2..3));
        feed.publish(&observation(3..3));
        feed.publish(&observation(3..5));
        let second = feed.since(first.cursor).unwrap();
        assert_eq!(commands(&second), [2, 3, 4]);
        assert_eq!(second.n_dropped, 0);
        // A connection that comes late is given what belongs to the latest observation.
        assert_eq!(commands(&feed.since(feed.start()).unwrap()), [3, 4]);
        feed.publish(&observation(5..5));
        assert!(commands(&feed.since(second.cursor).unwrap()).is_empty());
    }

    #[test]
    fn the_same_observation_is_given_again_with_its_events() {
        let mut feed = Feed::new(10);
        feed.publish(&observation(0..2));
        let first = feed.since(feed.start()).unwrap();
        let again = feed.since(first.cursor).unwrap();
        assert_eq!(again.line, first.line);
        assert_eq!(again.cursor, first.cursor);
    }

    #[test]
    fn what_was_dropped_is_counted_only_for_who_missed_it() {
        let mut feed = Feed::new(3);
        feed.publish(&observation(0..3));
        let early = feed.since(feed.start()).unwrap().cursor;
        feed.publish(&observation(3..5));
        let update = feed.since(early).unwrap();
        assert_eq!((commands(&update), update.n_dropped), (vec![3, 4], 0));
        feed.publish(&observation(5..7));
        let update = feed.since(early).unwrap();
        assert_eq!((commands(&update), update.n_dropped), (vec![4, 5, 6], 1));
    }

    #[test]
    fn a_problem_hides_the_observation_until_it_is_over() {
        let mut feed = Feed::new(3);
        feed.publish(&observation(0..1));
        feed.set_problem("gone".to_owned());
        assert_eq!(feed.since(feed.start()).unwrap_err(), "gone");
        feed.clear_problem();
        assert!(feed.since(feed.start()).is_ok());
    }
}
