//! Whatever is recorded comes back bit for bit, and whatever is corrupt is refused.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use plant::{
    Column, CommandId, DeviceName, Edge, EdgeKind, Entity, Observation, Outcome, Quality, Refusal,
    RefusalReason, Signal, Status, Storage, Timestamp, Values, binary,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::time::Duration;
use system::{EntityKind, Fingerprint};
use telemetry::block::{self, Group, Ticks};
use telemetry::{Recorder, RecorderOptions, Store};

fn system() -> Fingerprint {
    Fingerprint::of(b"a description")
}

fn device() -> DeviceName {
    DeviceName::new("leaf \"1\", α").unwrap()
}

/// Words that repeat, creep and jump, as sensors do.
fn words(n: usize) -> impl Strategy<Value = Vec<u64>> {
    let word = prop_oneof![
        3 => Just(0),
        3 => 0..4_u64,
        2 => any::<u64>(),
        1 => any::<u32>().prop_map(|w| u64::from(w) << 32),
    ];
    vec(word, n)
}

fn values(storage: Storage, words: &[u64]) -> Values {
    let low = |word: u64| u32::try_from(word >> 32).unwrap() ^ u32::try_from(word & 7).unwrap();
    match storage {
        Storage::F32 => Values::F32(
            words
                .iter()
                .map(|&w| f32::from_bits(low(w)))
                .map(|v| if v.is_finite() { v } else { -0.0 })
                .collect(),
        ),
        Storage::F64 => Values::F64(
            words
                .iter()
                .map(|&w| f64::from_bits(w))
                .map(|v| if v.is_finite() { v } else { -0.0 })
                .collect(),
        ),
        Storage::Counter => Values::Counter(words.to_vec()),
        Storage::State(names) => {
            let state = |&w: &u64| u8::try_from(w % names.len() as u64).unwrap();
            Values::State(words.iter().map(state).collect())
        }
    }
}

fn column(signal: Signal, n: usize) -> impl Strategy<Value = Column> {
    let is_counter = usize::from(signal.storage() == Storage::Counter);
    (0..2_usize, 0..=is_counter, any::<bool>())
        .prop_flat_map(move |(times, epochs, is_good)| {
            let qualities = if is_good {
                &Quality::ALL[..1]
            } else {
                Quality::ALL
            };
            (
                words(n),
                vec(select(qualities), n),
                words(n * times),
                vec(0..3_u32, n * epochs),
            )
        })
        .prop_map(move |(words, qualities, times, epochs)| {
            let times = times.into_iter().map(Timestamp::from_nanos).collect();
            let values = values(signal.storage(), &words);
            let mut column = Column::from_parts(signal, values, Vec::new(), times, epochs).unwrap();
            for (index, quality) in qualities.into_iter().enumerate() {
                column.set_quality(index, quality);
            }
            column
        })
}

fn edge() -> impl Strategy<Value = Edge> {
    let kind = select(EntityKind::ALL.to_vec());
    (any::<u64>(), kind, any::<u32>(), select(EdgeKind::ALL)).prop_map(
        |(nanos, kind, index, what)| Edge {
            time: Timestamp::from_nanos(nanos),
            entity: Entity { kind, index },
            what,
        },
    )
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let refusal = (select(RefusalReason::ALL), any::<String>())
        .prop_map(|(reason, detail)| Status::Refused(Refusal::new(reason, detail)));
    let status = prop_oneof![Just(Status::Accepted), Just(Status::Done), refusal];
    (any::<u64>(), any::<u64>(), status).prop_map(|(command, nanos, status)| Outcome {
        command: CommandId(command),
        time: Timestamp::from_nanos(nanos),
        status,
    })
}

/// A run of observations of one device: every column keeps its length, and some are missing now
/// and then.
fn run() -> impl Strategy<Value = Vec<Observation>> {
    let all: Vec<Signal> = Signal::TABLE.iter().map(|info| info.signal).collect();
    let shape = proptest::sample::subsequence(all, 0..8).prop_flat_map(|signals| {
        let n = signals.len();
        (Just(signals), vec(0..5_usize, n))
    });
    (shape, 1..12_usize).prop_flat_map(|((signals, lengths), n_ticks)| {
        let tick = move || {
            let columns: Vec<_> = signals
                .iter()
                .zip(&lengths)
                .map(|(&signal, &n)| proptest::option::weighted(0.8, column(signal, n)))
                .collect();
            let step = prop_oneof![Just(100_000_000_u64), 1..1_000_000_000_000_u64];
            let events = (vec(edge(), 0..3), vec(outcome(), 0..2));
            (
                step,
                any::<u64>(),
                columns,
                proptest::option::weighted(0.3, events),
            )
        };
        let ticks: Vec<_> = (0..n_ticks).map(|_| tick()).collect();
        ticks.prop_map(|ticks| {
            let mut now = 0;
            let one = |(step, sequence, columns, events): (u64, u64, Vec<Option<Column>>, _)| {
                let mut observation = Observation::new(system(), device());
                now += step;
                observation.time = Timestamp::from_nanos(now);
                observation.sequence = sequence;
                for column in columns.into_iter().flatten() {
                    observation.insert(column);
                }
                if let Some((edges, outcomes)) = events {
                    (observation.edges, observation.outcomes) = (edges, outcomes);
                }
                observation
            };
            ticks.into_iter().map(one).collect()
        })
    })
}

fn encoded(observation: &Observation) -> Vec<u8> {
    let mut bytes = Vec::new();
    binary::encode(observation, &mut bytes);
    bytes
}

const ALWAYS: (Timestamp, Timestamp) = (Timestamp::from_nanos(0), Timestamp::from_nanos(u64::MAX));

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn recordings_read_back_bit_for_bit(run in run(), seconds in 0..2000_u64) {
        let options = RecorderOptions {
            span: Duration::from_secs(seconds),
            ..RecorderOptions::default()
        };
        let mut recorder = Recorder::new(Store::in_memory(system()).unwrap(), options);
        let mut n_committed = 0;
        for observation in &run {
            n_committed += recorder.record(observation).unwrap().map_or(0, |c| c.observations);
        }
        n_committed += recorder.flush().unwrap().map_or(0, |c| c.observations);
        prop_assert_eq!(n_committed, run.len() as u64);
        let store = recorder.finish().unwrap();
        let back: Vec<Observation> = store
            .observations(&device(), ALWAYS.0, ALWAYS.1)
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        prop_assert_eq!(back.len(), run.len());
        for (back, original) in back.iter().zip(&run) {
            // Equality of floats does not see the sign of zero; the bytes do.
            prop_assert_eq!(encoded(back), encoded(original));
        }
        let edges = |run: &[Observation]| run.iter().flat_map(|o| o.edges.clone()).collect::<Vec<_>>();
        let events: Vec<Observation> = store
            .events(&device(), ALWAYS.0, ALWAYS.1)
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        prop_assert_eq!(edges(&events), edges(&run));
        let (from, to) = (run[run.len() / 3].time, run[run.len() - 1].time);
        if from < to {
            let part: Vec<u64> = store
                .observations(&device(), from, to)
                .unwrap()
                .map(|o| o.unwrap().time.nanos())
                .collect();
            let expected: Vec<u64> = run[run.len() / 3..run.len() - 1]
                .iter()
                .map(|o| o.time.nanos())
                .collect();
            prop_assert_eq!(part, expected);
        }
    }

    #[test]
    fn arbitrary_blocks_are_refused_without_panic(bytes in vec(any::<u8>(), 0..300)) {
        prop_assert!(Group::parse(&bytes).is_err());
        let sealed = block::seal(&bytes);
        if let Ok(group) = Group::parse(&sealed) {
            for signal in group.signals() {
                if let Ok(columns) = group.columns(signal) {
                    prop_assert_eq!(columns.len(), group.n_ticks());
                }
            }
        }
        if let Ok(ticks) = Ticks::decode(&sealed, &system(), &device()) {
            prop_assert!(ticks.times.is_sorted());
        }
    }
}
