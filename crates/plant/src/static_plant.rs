//! The ideal static plant.

use std::time::Duration;

use crate::{
    Capabilities, Column, Command, CommandId, CommandKind, EntityCounts, Observation, Outcome,
    Ownership, Plant, PollError, Selection, Signal, Status, Storage, TemplateError, Timestamp,
    Values,
};

/// A plant whose sensors always say the same, as its template says; only time, sequence and
/// counters advance. It owns no physics to change, so the only command it accepts is
/// [`Command::ResetCounter`], and that only when the template has counters.
///
/// A counter with a rate of `r` per second reads `base + floor(r t)` at `t` after the first poll,
/// where `base` is the template's value, or 0 after a reset, from which `t` then counts. It stops
/// at `u64::MAX`. Failed counters stay failed.
#[derive(Debug)]
pub struct StaticPlant {
    capabilities: Capabilities,
    observation: Observation,
    counters: Vec<Counters>,
    last_poll: Timestamp,
    last_given: Option<Timestamp>,
    n_commands: u64,
    /// Not yet looked at, in order of submission.
    pending: Vec<(CommandId, Command)>,
}

#[derive(Debug)]
struct Counters {
    signal: Signal,
    /// Counts at `since`, one per element.
    base: Vec<u64>,
    /// Time of the first poll or of the latest reset, one per element.
    since: Vec<Option<Timestamp>>,
    /// Per second, one per element.
    rates: Vec<u64>,
}

impl StaticPlant {
    /// A plant that repeats `template`. The template's time is the earliest that can be polled,
    /// its sequence that of the first observation.
    ///
    /// # Errors
    /// [`TemplateError::HasEvents`] when the template holds edges or outcomes.
    pub fn new(template: Observation) -> Result<Self, TemplateError> {
        if !template.edges.is_empty() || !template.outcomes.is_empty() {
            return Err(TemplateError::HasEvents {
                edges: template.edges.len(),
                outcomes: template.outcomes.len(),
            });
        }
        let counters: Vec<_> = template.columns().iter().filter_map(counters_of).collect();
        let commands = if counters.is_empty() {
            Vec::new()
        } else {
            vec![CommandKind::ResetCounter]
        };
        let capabilities = Capabilities {
            device: template.device.clone(),
            fingerprint: template.fingerprint,
            owns: Ownership::Physics,
            commands,
            signals: template.columns().iter().map(Column::signal).collect(),
            counts: EntityCounts::of(&template),
            minimal_period: Duration::ZERO,
        };
        Ok(Self {
            capabilities,
            last_poll: template.time,
            last_given: None,
            observation: template,
            counters,
            n_commands: 0,
            pending: Vec::new(),
        })
    }

    /// Sets the rates of the counters of `signal`, per second.
    ///
    /// # Errors
    /// [`TemplateError::NoSuchCounter`] or [`TemplateError::WrongLength`] when the template has
    /// no such counters, or another number of them.
    pub fn with_rates(mut self, signal: Signal, rates: Vec<u64>) -> Result<Self, TemplateError> {
        let counters = self
            .counters
            .iter_mut()
            .find(|counters| counters.signal == signal)
            .ok_or(TemplateError::NoSuchCounter { signal })?;
        if rates.len() != counters.rates.len() {
            return Err(TemplateError::WrongLength {
                signal,
                expected: counters.rates.len(),
                found: rates.len(),
            });
        }
        counters.rates = rates;
        Ok(self)
    }

    /// Sets the shortest time between two observations; without it every later poll gives one.
    #[must_use]
    pub fn with_minimal_period(mut self, period: Duration) -> Self {
        self.capabilities.minimal_period = period;
        self
    }

    fn carry_out(&mut self, command: &Command, now: Timestamp) -> Status {
        if let Err(refusal) = self.capabilities.check(command) {
            return Status::Refused(refusal);
        }
        if let Command::ResetCounter { signal, selection } = *command {
            let counters = self.counters.iter_mut().find(|c| c.signal == signal);
            if let (Some(counters), Some(column)) = (counters, self.observation.column_mut(signal))
            {
                let indices = match selection {
                    Selection::All => 0..column.len(),
                    // An index that the kind has but this column lacks resets nothing.
                    Selection::One(index) => {
                        let index = usize::try_from(index).unwrap_or(usize::MAX);
                        index.min(column.len())..index.saturating_add(1).min(column.len())
                    }
                };
                for index in indices {
                    counters.base[index] = 0;
                    counters.since[index] = Some(now);
                    column.reset_counter(index);
                }
            }
        }
        Status::Done
    }

    fn count(&mut self, now: Timestamp) {
        for counters in &mut self.counters {
            let Some(column) = self.observation.column_mut(counters.signal) else {
                continue;
            };
            for (index, since) in counters.since.iter_mut().enumerate() {
                let elapsed = now.since(*since.get_or_insert(now)).unwrap_or_default();
                // At most 2^64 * 2^64, which fits.
                let grown = u128::from(counters.rates[index]) * elapsed.as_nanos() / 1_000_000_000;
                let grown = u64::try_from(grown).unwrap_or(u64::MAX);
                if let Some(old) = column.counter(index) {
                    let count = counters.base[index].saturating_add(grown);
                    if count != old {
                        column.set_counter(index, count);
                    }
                }
            }
        }
    }
}

fn counters_of(column: &Column) -> Option<Counters> {
    debug_assert_eq!(
        column.signal().storage() == Storage::Counter,
        matches!(column.values(), Values::Counter(_))
    );
    let Values::Counter(base) = column.values() else {
        return None;
    };
    Some(Counters {
        signal: column.signal(),
        since: vec![None; base.len()],
        rates: vec![0; base.len()],
        base: base.clone(),
    })
}

impl Plant for StaticPlant {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn submit(&mut self, command: Command) -> CommandId {
        let id = CommandId(self.n_commands);
        self.n_commands += 1;
        self.pending.push((id, command));
        id
    }

    fn poll(&mut self, now: Timestamp) -> Result<Option<&Observation>, PollError> {
        let last = self.last_poll;
        if now < last {
            return Err(PollError::TimeReversed { now, last });
        }
        self.last_poll = now;
        if let Some(given) = self.last_given {
            let passed = now.since(given).unwrap_or_default();
            if passed.is_zero() || passed < self.capabilities.minimal_period {
                return Ok(None);
            }
            self.observation.sequence += 1;
        }
        self.last_given = Some(now);
        self.observation.time = now;
        self.observation.outcomes.clear();
        for (command, request) in std::mem::take(&mut self.pending) {
            let status = self.carry_out(&request, now);
            self.observation.outcomes.push(Outcome {
                command,
                time: now,
                status,
            });
        }
        self.count(now);
        Ok(Some(&self.observation))
    }
}

#[cfg(test)]
mod tests {
    use system::{EntityKind, Fingerprint, LaserId};

    use super::*;
    use crate::{DeviceName, RefusalReason};

    const SECOND: u64 = 1_000_000_000;

    fn plant() -> StaticPlant {
        let device = DeviceName::new("leaf1").unwrap();
        let mut template = Observation::new(Fingerprint::of(b"x"), device);
        template.insert(Column::from_values(Signal::LaserBias, [0.1, 0.2]).unwrap());
        let counters = Column::from_counters(Signal::FecCodewords, vec![5, u64::MAX - 1]);
        template.insert(counters.unwrap());
        let rates = vec![3, u64::MAX];
        let plant = StaticPlant::new(template).unwrap();
        plant.with_rates(Signal::FecCodewords, rates).unwrap()
    }

    fn at(plant: &mut StaticPlant, nanos: u64) -> &Observation {
        let polled = plant.poll(Timestamp::from_nanos(nanos)).unwrap();
        polled.expect("a new observation")
    }

    fn counts(observation: &Observation) -> (Option<u64>, Option<u64>) {
        let column = observation.column(Signal::FecCodewords).unwrap();
        (column.counter(0), column.counter(1))
    }

    #[test]
    fn counters_grow_at_their_rates_from_the_first_poll_and_stop_at_the_end() {
        let mut plant = plant();
        let start = 1_700_000_000 * SECOND;
        assert_eq!(counts(at(&mut plant, start)), (Some(5), Some(u64::MAX - 1)));
        let later = at(&mut plant, start + SECOND + SECOND / 2);
        // floor(3 * 1.5) = 4.
        assert_eq!(counts(later), (Some(9), Some(u64::MAX)));
        assert_eq!(later.sequence, 1);
    }

    #[test]
    fn time_running_backwards_is_a_value_and_changes_nothing() {
        let mut plant = plant();
        at(&mut plant, 10);
        let refused = plant.poll(Timestamp::from_nanos(9)).unwrap_err();
        assert!(matches!(refused, PollError::TimeReversed { .. }));
        assert_eq!(plant.poll(Timestamp::from_nanos(10)), Ok(None));
        assert_eq!(at(&mut plant, 11).sequence, 1);
    }

    #[test]
    fn outcomes_wait_for_the_minimal_period() {
        let mut plant = plant().with_minimal_period(Duration::from_nanos(100));
        at(&mut plant, 0);
        let id = plant.submit(Command::ResetCounter {
            signal: Signal::FecCodewords,
            selection: Selection::One(0),
        });
        assert_eq!(plant.poll(Timestamp::from_nanos(99)), Ok(None));
        let observation = at(&mut plant, 2 * SECOND);
        assert_eq!(observation.outcomes.len(), 1);
        assert_eq!(observation.outcomes[0].command, id);
        assert_eq!(observation.outcomes[0].status, Status::Done);
        assert_eq!(counts(observation).0, Some(0));
        let column = observation.column(Signal::FecCodewords).unwrap();
        assert_eq!(column.reset_epochs(), &[1, 0]);
        let later = at(&mut plant, 3 * SECOND);
        assert_eq!(counts(later).0, Some(3));
        assert_eq!(later.outcomes, &[]);
    }

    fn refusal(command: Command) -> RefusalReason {
        let mut plant = plant();
        plant.submit(command);
        match &at(&mut plant, 1).outcomes[0].status {
            Status::Refused(refusal) => refusal.reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn commands_without_capability_are_refused_with_a_reason() {
        let enable = Command::SetLaserEnable {
            laser: LaserId(0),
            enabled: true,
        };
        assert_eq!(refusal(enable), RefusalReason::NotSupported);
        let text = "dirt".to_owned();
        let fault = Command::InjectFault { text };
        assert_eq!(refusal(fault), RefusalReason::NotSupported);
        let reset = |signal, index| Command::ResetCounter {
            signal,
            selection: Selection::One(index),
        };
        let beyond = reset(Signal::FecCodewords, 2);
        assert_eq!(refusal(beyond), RefusalReason::NoSuchEntity);
        let no_counter = reset(Signal::LaserBias, 0);
        assert_eq!(refusal(no_counter), RefusalReason::NoSuchEntity);
    }

    #[test]
    fn capabilities_follow_from_the_template() {
        let plant = plant();
        let capabilities = plant.capabilities();
        assert_eq!(capabilities.counts.get(EntityKind::Laser), 2);
        assert_eq!(
            capabilities.signals,
            [Signal::LaserBias, Signal::FecCodewords]
        );
        assert!(!capabilities.accepts(CommandKind::InjectFault));
        let text = capabilities.encode_json();
        assert_eq!(&Capabilities::decode_json(&text).unwrap(), capabilities);
    }
}
