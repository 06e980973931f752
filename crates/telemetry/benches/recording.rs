//! Values recorded per second on one thread, into a file, durable commits included.
#![expect(clippy::unwrap_used, reason = "a bench stops where it fails")]
#![expect(clippy::print_stderr, reason = "size is measured beside speed")]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use plant::{Column, DeviceName, Observation, Signal, Storage, Timestamp};
use system::{EntityKind, Fingerprint};
use telemetry::{Recorder, RecorderOptions, Store};
use units::random::Draw;

const N_LANES: usize = 512;
const N_TICKS: u64 = 600;

/// Every signal of media lanes, a minute at 100 ms.
fn run(value: impl Fn(Signal, u64, u64) -> f64) -> Vec<Observation> {
    let system = Fingerprint::of(b"a description");
    let device = DeviceName::new("leaf1").unwrap();
    let tick = |tick: u64| {
        let mut observation = Observation::new(system, device.clone());
        observation.sequence = tick;
        observation.time = Timestamp::from_nanos(tick * 100_000_000);
        for info in Signal::TABLE {
            let is_lane = info.kind == EntityKind::MediaLane;
            if is_lane && matches!(info.storage, Storage::State(_)) {
                let states = vec![1; N_LANES];
                observation.insert(Column::from_states(info.signal, states).unwrap());
            } else if is_lane {
                let lanes = 0..N_LANES as u64;
                let values = lanes.map(|lane| value(info.signal, tick, lane));
                observation.insert(Column::from_values(info.signal, values).unwrap());
            }
        }
        observation
    };
    (0..N_TICKS).map(tick).collect()
}

fn record(run: &[Observation], store: Store) -> Store {
    let mut recorder = Recorder::new(store, RecorderOptions::default());
    for observation in run {
        recorder.record(observation).unwrap();
    }
    recorder.finish().unwrap()
}

fn recording(c: &mut Criterion) {
    let noise = Draw::new(1, "leaf1", "rx_power");
    let normal = |signal: Signal, tick: u64, lane: u64| {
        let key = (tick * N_LANES as u64 + lane) * 64 + u64::from(signal.code());
        -3.0 + 0.02 * noise.normal(key)
    };
    let quantised = |signal, tick, lane| (normal(signal, tick, lane) * 100.0).round() / 100.0;
    let steady = |_, _, lane: u64| -3.0 - lane as f64 * 1e-3;
    let mut group = c.benchmark_group("recording");
    group.sample_size(10);
    for (name, run) in [
        ("noise", run(normal)),
        ("steps of 0.01", run(quantised)),
        ("steady", run(steady)),
    ] {
        let n_values = run
            .iter()
            .flat_map(Observation::columns)
            .map(Column::len)
            .sum::<usize>();
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("size.slr");
        let store = record(&run, Store::create(&path, run[0].fingerprint).unwrap());
        let bytes = store.bytes().unwrap() as f64;
        eprintln!("{name}: {:.2} bytes per value", bytes / n_values as f64);
        group.throughput(Throughput::Elements(n_values as u64));
        let mut n_files = 0;
        group.bench_function(name, |b| {
            b.iter_batched(
                || {
                    n_files += 1;
                    let path = directory.path().join(format!("{n_files}.slr"));
                    Store::create(path, run[0].fingerprint).unwrap()
                },
                |store| black_box(record(&run, store)),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, recording);
criterion_main!(benches);
