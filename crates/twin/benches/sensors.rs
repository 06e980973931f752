//! One reading of all sensors of a switch of 512 lanes, on one thread.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use link::fec::FecCode;
use plant::{DeviceName, Signal, Storage, Timestamp};
use system::{Input, Library, System};
use twin::sensors::{BitErrors, CodewordModel, SensorPlan, Sensors, Truth};

/// A truth in which everything exists, with bit error ratios from 1e-12 to 1e-4.
fn truth(system: &System) -> Truth {
    let mut truth = Truth::new(system);
    for info in Signal::TABLE {
        truth.values_mut(info.signal).fill(1.25);
        if let Storage::State(_) = info.storage {
            truth.states_mut(info.signal).fill(1);
        }
    }
    let ratio = |i: usize| 10f64.powi(i32::try_from(i % 9).unwrap_or(0) - 12);
    for signal in [Signal::PreFecBer, Signal::SerdesBer] {
        for (i, lane) in truth.bit_errors_mut(signal).iter_mut().enumerate() {
            *lane = BitErrors {
                bits: 1.0625e10,
                ratio: ratio(i),
            };
        }
    }
    let model = CodewordModel::new(FecCode::Kp4).expect("a code");
    for (i, port) in truth.codeword_errors_mut().iter_mut().enumerate() {
        *port = model.errors(7.8e6, model.symbol_error_ratio(ratio(i)));
    }
    truth
}

fn sensors(criterion: &mut Criterion) {
    let library = Library::embedded();
    let resolve = |name: &str| {
        System::resolve(&Input {
            name,
            bytes: library.platform(name).expect("a platform").as_bytes(),
            sets: &[],
            library: &library,
            load: &|file| Err(format!("{file} is not there")),
        })
        .expect("platforms are sound")
    };
    let mut group = criterion.benchmark_group("sensors");
    let step = Duration::from_millis(100);
    let noisy = [
        Signal::EngineInputPower,
        Signal::TransmitMonitorPower,
        Signal::TransmitOma,
        Signal::RxPower,
        Signal::RxOma,
        Signal::LaserBias,
        Signal::LaserPower,
        Signal::TransmitHeaterPower,
        Signal::ReceiveHeaterPower,
    ];
    let counted = [Signal::PreFecBer, Signal::SerdesBer];
    for (name, signals) in [
        ("cpo-51t, all", None),
        ("cpo-51t, levels", Some(noisy.as_slice())),
        ("cpo-51t, bit errors", Some(counted.as_slice())),
    ] {
        let system = resolve("cpo-51t");
        let plan = match signals {
            None => SensorPlan::new(&system),
            Some(signals) => SensorPlan::with_signals(&system, signals),
        };
        let device = DeviceName::new("leaf1").expect("a name");
        let mut sensors = Sensors::new(Arc::new(plan), device, 1);
        let truth = truth(&system);
        let mut now = Timestamp::default();
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                now = now.saturating_add(step);
                sensors.read(black_box(&truth), now, step);
            });
        });
    }
    let system = resolve("cpo-51t");
    let mut truth = truth(&system);
    let model = CodewordModel::new(FecCode::Kp4).expect("a code");
    group.bench_function("cpo-51t, chances of codewords", |bencher| {
        bencher.iter(|| {
            for port in truth.codeword_errors_mut() {
                *port = model.errors(7.8e6, black_box(2.4e-3));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, sensors);
criterion_main!(benches);
