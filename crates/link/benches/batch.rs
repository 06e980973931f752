//! Throughput of the batch kernel in lanes per second on one thread.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use link::batch::{LaneBatch, LaneResults, evaluate};
use link::fec::FecCode;
use link::{
    CompressedEyes, Impairments, Interference, LevelShape, Levels, Modulation, Receiver, Reception,
    SymbolDisturbance, Thresholds,
};
use units::{
    Amperes, AmperesPerRootHertz, AmperesPerWatt, DbMilliwatts, Decibels, DecibelsPerHertz, Hertz,
    Ratio,
};

const N_LANES: usize = 4096;

/// PAM4 lanes at 53 gigabaud whose power is spread over 4 dB, with Q from about 4 to 9.
fn batch(interference: &Interference, isi: &SymbolDisturbance) -> LaneBatch {
    let shape = LevelShape {
        modulation: Modulation::Pam4,
        extinction_ratio: Decibels::new(5.0),
        level_mismatch: Ratio::new(0.97),
        compressed_eyes: CompressedEyes::Middle,
    };
    let mut batch = LaneBatch::new(Modulation::Pam4);
    for i in 0..N_LANES {
        let power = DbMilliwatts::new(-9.0 + 4.0 * i as f64 / N_LANES as f64);
        let reception = Reception {
            levels: Levels::from_average(power.to_watts(), &shape).expect("a valid shape"),
            receiver: Receiver {
                responsivity: AmperesPerWatt::new(0.9),
                dark_current: Amperes::new(2e-8),
                thermal_noise: AmperesPerRootHertz::new(16e-12),
                noise_bandwidth: Hertz::new(40e9),
                noise_enhancement: Ratio::new(1.2),
            },
            impairments: Impairments {
                rin: Some(DecibelsPerHertz::new(-145.0)),
                interference: interference.clone(),
                crosstalk: SymbolDisturbance::None,
                isi: isi.clone(),
            },
            thresholds: Thresholds::GaussianCrossing,
        };
        batch.push(&reception, FecCode::Kp4).expect("a valid lane");
    }
    batch
}

fn throughput(c: &mut Criterion) {
    let mut group = c.benchmark_group("lanes");
    group.throughput(Throughput::Elements(N_LANES as u64));
    let cases = [
        (
            "gaussian",
            Interference::default(),
            SymbolDisturbance::Gaussian {
                rms: Ratio::new(0.03),
            },
        ),
        (
            "interferer_and_two_taps",
            Interference {
                ratios: vec![Ratio::new(Decibels::new(-32.0).to_ratio())],
                ..Interference::default()
            },
            SymbolDisturbance::Taps(vec![0.03, -0.02]),
        ),
    ];
    for (name, interference, isi) in cases {
        let lanes = batch(&interference, &isi);
        let mut results = LaneResults::default();
        group.bench_function(name, |b| b.iter(|| evaluate(&lanes, &mut results)));
    }
    group.finish();
}

criterion_group!(benches, throughput);
criterion_main!(benches);
