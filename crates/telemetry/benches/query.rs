//! Values read per second from a file on one thread.
#![expect(clippy::unwrap_used, reason = "a bench stops where it fails")]

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use plant::{Column, DeviceName, Observation, Signal, Timestamp};
use system::Fingerprint;
use telemetry::{Query, Recorder, RecorderOptions, Statistic, Step, Store};
use units::random::Draw;

const N_LANES: usize = 512;
/// Ten minutes at 100 ms.
const N_TICKS: u64 = 6000;

fn query(c: &mut Criterion) {
    let noise = Draw::new(1, "leaf1", "rx_power");
    let system = Fingerprint::of(b"a description");
    let device = DeviceName::new("leaf1").unwrap();
    let directory = tempfile::tempdir().unwrap();
    let store = Store::create(directory.path().join("run.slr"), system).unwrap();
    let mut recorder = Recorder::new(store, RecorderOptions::default());
    let mut observation = Observation::new(system, device.clone());
    for tick in 0..N_TICKS {
        observation.time = Timestamp::from_nanos(tick * 100_000_000);
        for signal in [Signal::RxPower, Signal::TransmitMonitorPower] {
            let lanes = 0..N_LANES as u64;
            let values = lanes.map(|lane| -3.0 + 0.02 * noise.normal(tick * 512 + lane));
            observation.insert(Column::from_values(signal, values).unwrap());
        }
        recorder.record(&observation).unwrap();
    }
    let store = recorder.finish().unwrap();
    let all = Query::new(device, Signal::RxPower);
    let step = Step {
        width: Duration::from_secs(10),
        statistic: Statistic::Mean,
    };
    let minute = (
        Timestamp::from_nanos(60_000_000_000),
        Timestamp::from_nanos(120_000_000_000),
    );
    let n_all = N_TICKS * N_LANES as u64;
    let mut group = c.benchmark_group("query");
    group.sample_size(10);
    for (name, query, n_values) in [
        ("all lanes", all.clone(), n_all),
        ("all lanes in steps", all.clone().step(step), n_all),
        ("one lane", all.clone().entity(300), N_TICKS),
        (
            "one lane, one minute of ten",
            all.entity(300).between(minute.0, minute.1),
            N_TICKS / 10,
        ),
    ] {
        group.throughput(Throughput::Elements(n_values));
        group.bench_function(name, |b| {
            b.iter(|| black_box(store.query(&query).unwrap().map(Result::unwrap).last()));
        });
    }
    group.finish();
}

criterion_group!(benches, query);
criterion_main!(benches);
