//! Sensors against the figures of their monitors, and what they owe to snapshots and to each other.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::sync::Arc;
use std::time::Duration;

use link::fec::FecCode;
use plant::{Column, DeviceName, Quality, Selection, Signal, Storage, Timestamp, Values, binary};
use proptest::prelude::*;
use system::{Input, Library, System};
use twin::sensors::{
    BitErrors, CodewordErrors, CodewordModel, SensorError, SensorFault, SensorPlan, Sensors, Truth,
};

const STEP: Duration = Duration::from_millis(100);

/// A platform, with some lines of its monitors left out.
fn platform(name: &str, has_monitors: bool) -> System {
    let library = Library::embedded();
    let text = library.platform(name).unwrap();
    let mut text = text.to_owned();
    if !has_monitors {
        let start = text.find("[monitor]\n").unwrap() + "[monitor]\n".len();
        let end = start + text[start..].find("\n[").unwrap();
        text.replace_range(start..end, "");
    }
    System::resolve(&Input {
        name,
        bytes: text.as_bytes(),
        sets: &[],
        library: &library,
        load: &|file| Err(format!("{file} is not there")),
    })
    .unwrap()
}

fn sensors(plan: SensorPlan) -> Sensors {
    Sensors::new(Arc::new(plan), DeviceName::new("leaf1").unwrap(), 42)
}

fn at(millis: u64) -> Timestamp {
    Timestamp::from_nanos(millis * 1_000_000)
}

/// A truth in which everything exists, and differs from entity to entity.
fn truth(system: &System) -> Truth {
    let mut truth = Truth::new(system);
    for info in Signal::TABLE {
        for (i, value) in truth.values_mut(info.signal).iter_mut().enumerate() {
            *value = 1.25 + 0.01 * i as f64;
        }
        if let Storage::State(names) = info.storage {
            for (i, state) in truth.states_mut(info.signal).iter_mut().enumerate() {
                *state = u8::try_from(i % names.len()).unwrap();
            }
        }
    }
    let bits = 106.25e9 * STEP.as_secs_f64();
    for signal in [Signal::PreFecBer, Signal::SerdesBer] {
        for (i, lane) in truth.bit_errors_mut(signal).iter_mut().enumerate() {
            let ratio = 1e-12 * 10f64.powi(i32::try_from(i % 9).unwrap());
            *lane = BitErrors { bits, ratio };
        }
    }
    let model = CodewordModel::new(FecCode::Kp4).unwrap();
    for (i, port) in truth.codeword_errors_mut().iter_mut().enumerate() {
        let ber = 1e-8 * 10f64.powi(i32::try_from(i % 6).unwrap());
        *port = model.errors(78_125.3, model.symbol_error_ratio(ber));
    }
    truth
}

fn column(sensors: &Sensors, signal: Signal) -> &Column {
    sensors.observation().column(signal).unwrap()
}

fn values(sensors: &Sensors, signal: Signal) -> Vec<f64> {
    let column = column(sensors, signal);
    (0..column.len())
        .map(|i| column.value(i).unwrap())
        .collect()
}

/// The bits of a column's elements, without those of failed ones.
fn counts(sensors: &Sensors, signal: Signal) -> Vec<u64> {
    match column(sensors, signal).values() {
        Values::Counter(counts) => counts.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn readings_have_bias_noise_and_steps_of_their_monitor() {
    let system = platform("cpo-51t", true);
    let mut sensors = sensors(SensorPlan::with_signals(&system, &[Signal::RxPower]));
    let mut truth = Truth::new(&system);
    truth.values_mut(Signal::RxPower).fill(-3.003);
    let monitor = sensors.plan().monitor(Signal::RxPower).unwrap().clone();
    // library/monitors.toml: 0.05 dB, uniform 1.5 dB, 0.02 dB, 100 ms.
    let (noise, spread, lsb) = (0.05, 1.5, 0.02);
    assert_eq!((monitor.noise, monitor.lsb), (noise, lsb));
    assert_eq!(monitor.period_ns, 100_000_000);
    let n_readings = 400u32;
    let n = f64::from(n_readings);
    let mut sums = vec![(0.0, 0.0); 512];
    for reading in 1..=n_readings {
        sensors.read(&truth, at(100 * u64::from(reading)), STEP);
        let column = column(&sensors, Signal::RxPower);
        assert!(column.times().is_empty() && column.qualities().is_empty());
        for (value, (sum, square)) in values(&sensors, Signal::RxPower).iter().zip(&mut sums) {
            // Steps, as far as `f32` holds them.
            assert!((value / lsb - (value / lsb).round()).abs() < 1e-4);
            *sum += value + 3.003;
            *square += (value + 3.003) * (value + 3.003);
        }
    }
    // Noise and rounding, of a step less than half the noise, add as independent errors.
    let variance = noise * noise + lsb * lsb / 12.0;
    let errors: Vec<f64> = sums.iter().map(|(sum, _)| sum / n).collect();
    let squares = sums
        .iter()
        .map(|(sum, square)| square - sum * sum / n)
        .sum::<f64>();
    let freedom = 512.0 * (n - 1.0);
    // Chi-square of so many degrees is normal; four of its standard deviations, 6 in 100,000.
    assert!((squares / variance - freedom).abs() < 4.0 * (2.0 * freedom).sqrt());
    // Constant errors: uniform, so all within 1.5 dB but for the error of the mean.
    let slack = 5.0 * (variance / n).sqrt();
    assert!(errors.iter().all(|error| error.abs() < spread + slack));
    let mean = errors.iter().sum::<f64>() / 512.0;
    let sigma = spread / 3f64.sqrt();
    assert!(mean.abs() < 4.0 * sigma / 512f64.sqrt(), "{mean}");
    // The variance of a uniform sample has the standard error sigma^2 sqrt(0.8 / n).
    let found = errors.iter().map(|e| e * e).sum::<f64>() / 512.0;
    assert!((found / (sigma * sigma) - 1.0).abs() < 4.0 * (0.8f64 / 512.0).sqrt());
    // Neighbours are independent, in bias as in noise.
    let product: f64 = errors.windows(2).map(|pair| pair[0] * pair[1]).sum();
    assert!((product / 511.0).abs() < 4.0 * sigma * sigma / 511f64.sqrt());
}

#[test]
fn a_monitor_is_read_at_multiples_of_its_period_whatever_the_steps() {
    let system = platform("cpo-51t", true);
    let signals = [Signal::EngineTemperature, Signal::RxPower];
    let plan = Arc::new(SensorPlan::with_signals(&system, &signals));
    let start = || Sensors::new(plan.clone(), DeviceName::new("leaf1").unwrap(), 1);
    let truth = truth(&system);
    // 500 ms for temperatures, 100 ms for levels.
    let mut fine = start();
    let mut at_multiples = Vec::new();
    let mut old = None;
    for step in 1..=200u64 {
        fine.read(&truth, at(10 * step), Duration::from_millis(10));
        let temperatures = column(&fine, Signal::EngineTemperature);
        let time = |column: &Column| *column.times().first().unwrap_or(&at(10 * step));
        if step >= 50 {
            assert_eq!(time(temperatures), at(10 * step / 500 * 500), "{step}");
        }
        assert!(temperatures.qualities().is_empty());
        let new = temperatures.values().clone();
        if step % 50 == 0 {
            assert_ne!(old, Some(new.clone()));
            at_multiples.push(fine.observation().columns().to_vec());
        } else if step > 1 {
            assert_eq!(old, Some(new.clone()), "{step}");
        }
        old = Some(new);
        // The wire forms hold what stands.
        if step == 73 {
            let mut bytes = Vec::new();
            binary::encode(fine.observation(), &mut bytes);
            let back = binary::decode(&bytes, &system.fingerprint).unwrap();
            assert_eq!(&back, fine.observation());
        }
    }
    let mut coarse = start();
    for (i, columns) in (1..).zip(at_multiples) {
        coarse.read(&truth, at(500 * i), Duration::from_millis(500));
        assert_eq!(coarse.observation().columns(), columns);
    }
    // A step that passes a multiple reads it, and says when.
    coarse.read(&truth, at(2730), Duration::from_millis(730));
    let time_of = |signal| column(&coarse, signal).times()[0];
    assert_eq!(time_of(Signal::EngineTemperature), at(2500));
    assert_eq!(time_of(Signal::RxPower), at(2700));
}

#[test]
fn without_monitors_the_truth_is_read_as_it_is_stored() {
    let system = platform("quantum-x-115t", false);
    let mut sensors = sensors(SensorPlan::new(&system));
    let mut truth = truth(&system);
    truth.values_mut(Signal::RxPower)[3] = f64::NAN;
    truth.values_mut(Signal::RxPower)[4] = f64::NEG_INFINITY;
    truth.states_mut(Signal::TransmitLock)[5] = Truth::NO_STATE;
    sensors.read(&truth, at(100), STEP);
    for column in sensors.observation().columns() {
        let signal = column.signal();
        let states = truth.states(signal);
        match column.values() {
            Values::F32(_) | Values::F64(_) if !truth.values(signal).is_empty() => {
                let expected =
                    Column::from_values(signal, truth.values(signal).iter().copied()).unwrap();
                assert_eq!(column, &expected);
            }
            Values::State(_) => {
                for (i, state) in states.iter().enumerate() {
                    let there = (*state != Truth::NO_STATE).then_some(*state);
                    assert_eq!(column.state(i), there);
                }
            }
            _ => {}
        }
    }
    assert_eq!(
        column(&sensors, Signal::RxPower).quality(3),
        Quality::Failed
    );
    assert_eq!(
        column(&sensors, Signal::RxPower).quality(4),
        Quality::Failed
    );
    assert_eq!(
        column(&sensors, Signal::TransmitLock).quality(5),
        Quality::Failed
    );
    let ideal: Vec<Signal> = sensors.plan().ideal().collect();
    assert!(ideal.contains(&Signal::LaserBias) && ideal.contains(&Signal::SwitchPower));
    // With all its monitors this is what has none.
    let plan = SensorPlan::new(&platform("quantum-x-115t", true));
    let ideal: Vec<Signal> = plan.ideal().collect();
    assert_eq!(
        ideal,
        [
            Signal::SwitchPower,
            Signal::AsicPower,
            Signal::EnginePower,
            Signal::TransmitDetuning,
            Signal::LaserModulePower,
            Signal::LaserVoltage,
            Signal::LaserAge,
            Signal::LaserFrequency,
        ]
    );
}

#[test]
fn darkness_reads_as_the_floor_and_what_is_not_there_fails() {
    let system = platform("cpo-51t", true);
    let mut sensors = sensors(SensorPlan::new(&system));
    let mut truth = truth(&system);
    let powers = truth.values_mut(Signal::RxPower);
    (powers[0], powers[1], powers[2]) = (f64::NEG_INFINITY, f64::NAN, -55.0);
    sensors.read(&truth, at(100), STEP);
    let column = column(&sensors, Signal::RxPower);
    // library/monitors.toml: -40 dBm.
    assert_eq!(column.value(0), Some(-40.0));
    assert_eq!(column.quality(1), Quality::Failed);
    assert_eq!(column.value(2), Some(-40.0));
}

#[test]
fn lanes_of_one_feed_report_one_tap_and_one_monitor_has_one_bias() {
    let system = platform("cpo-51t", true);
    let mut sensors = sensors(SensorPlan::new(&system));
    let mut truth = truth(&system);
    truth.values_mut(Signal::EngineInputPower).fill(9.0);
    truth.values_mut(Signal::RxPower).fill(-3.0);
    truth.values_mut(Signal::RxOma).fill(-3.0);
    sensors
        .set_fault(Signal::EngineInputPower, 1, SensorFault::Biased(-2.0))
        .unwrap();
    sensors.read(&truth, at(100), STEP);
    let taps = values(&sensors, Signal::EngineInputPower);
    let lanes = &system.media_lanes;
    assert_eq!(lanes[0].laser, lanes[1].laser);
    let mut n_equal = 0;
    for a in 0..64 {
        for b in 0..a {
            let is_shared = lanes[a].laser == lanes[b].laser;
            let is_equal = taps[a].to_bits() == taps[b].to_bits();
            assert!(is_equal || !is_shared);
            n_equal += usize::from(is_equal && !is_shared);
        }
    }
    // Taps apart agree by chance, one pair in about 300 steps of bias.
    assert!(n_equal < 60, "{n_equal}");
    let n_failed = sensors.faults().count();
    assert_eq!(n_failed, system.lasers[0].media_lanes.len());
    let pairs = values(&sensors, Signal::RxPower)
        .into_iter()
        .zip(values(&sensors, Signal::RxOma));
    let apart: Vec<f64> = pairs.map(|(average, oma)| average - oma).collect();
    // Six standard deviations of two noises of 0.05 dB and two steps of 0.02 dB.
    assert!(apart.iter().all(|difference| difference.abs() < 0.5));
    assert!(apart.iter().any(|difference| difference.abs() > 0.01));
}

#[test]
fn sensors_fail_as_they_are_told_and_recover() {
    let system = platform("cpo-51t", true);
    let plan = Arc::new(SensorPlan::new(&system));
    let start = || Sensors::new(plan.clone(), DeviceName::new("leaf1").unwrap(), 3);
    let (mut sound, mut failing) = (start(), start());
    let mut truth = truth(&system);
    let rx = Signal::RxPower;
    for sensors in [&mut sound, &mut failing] {
        sensors.read(&truth, at(100), STEP);
    }
    failing.set_fault(rx, 0, SensorFault::Stuck).unwrap();
    failing.set_fault(rx, 1, SensorFault::Dead).unwrap();
    failing.set_fault(rx, 2, SensorFault::Biased(1.0)).unwrap();
    failing.set_fault(rx, 3, SensorFault::Noisy(100.0)).unwrap();
    failing.set_fault(rx, 4, SensorFault::Noisy(0.0)).unwrap();
    let lock = Signal::TransmitLock;
    failing.set_fault(lock, 0, SensorFault::Stuck).unwrap();
    failing.set_fault(lock, 1, SensorFault::Dead).unwrap();
    let power = Signal::SwitchPower;
    failing
        .set_fault(power, 0, SensorFault::Biased(2.5))
        .unwrap();
    let stuck = column(&failing, rx).value(0);
    let stuck_state = column(&failing, lock).state(0);
    truth
        .values_mut(rx)
        .iter_mut()
        .for_each(|value| *value -= 7.0);
    truth
        .states_mut(lock)
        .iter_mut()
        .for_each(|s| *s = (*s + 1) % 3);
    let mut apart: f64 = 0.0;
    for tick in 2..30 {
        for sensors in [&mut sound, &mut failing] {
            sensors.read(&truth, at(100 * tick), STEP);
        }
        let (good, bad) = (column(&sound, rx), column(&failing, rx));
        assert_eq!((bad.value(0), bad.quality(0)), (stuck, Quality::Good));
        assert!(bad.times().is_empty());
        assert_eq!((bad.value(1), bad.quality(1)), (None, Quality::Failed));
        let difference = bad.value(2).unwrap() - good.value(2).unwrap();
        assert!((difference - 1.0).abs() < 1e-5, "{difference}");
        apart = apart.max((bad.value(3).unwrap() - good.value(3).unwrap()).abs());
        assert_eq!(bad.value(4), column(&failing, rx).value(4));
        for i in 5..512 {
            assert_eq!(bad.value(i), good.value(i));
        }
        let (good, bad) = (column(&sound, lock), column(&failing, lock));
        assert_eq!(bad.state(0), stuck_state);
        assert_ne!(good.state(0), stuck_state);
        assert_eq!(bad.quality(1), Quality::Failed);
        assert_eq!(bad.state(2), good.state(2));
        let watts = |sensors| column(sensors, power).value(0).unwrap();
        assert!((watts(&failing) - watts(&sound) - 2.5).abs() < 1e-6);
    }
    // 28 readings with a hundredfold noise of 0.05 dB.
    assert!(apart > 5.0, "{apart}");
    assert_eq!(failing.faults().count(), 8);
    for (signal, entity, _) in failing.faults().collect::<Vec<_>>() {
        failing.clear_fault(signal, entity).unwrap();
    }
    for sensors in [&mut sound, &mut failing] {
        sensors.read(&truth, at(3000), STEP);
    }
    assert_eq!(failing, sound);
}

#[test]
fn a_sensor_that_was_never_read_sticks_at_its_first_reading() {
    let system = platform("cpo-51t", true);
    let mut sensors = sensors(SensorPlan::new(&system));
    let truth = truth(&system);
    sensors
        .set_fault(Signal::RxPower, 0, SensorFault::Stuck)
        .unwrap();
    let mut seen = Vec::new();
    for tick in 1..5 {
        sensors.read(&truth, at(100 * tick), STEP);
        seen.push(column(&sensors, Signal::RxPower).value(0).unwrap());
    }
    assert!(
        seen.iter()
            .all(|value| value.to_bits() == seen[0].to_bits())
    );
}

#[test]
fn what_cannot_fail_so_says_why() {
    let system = platform("cpo-51t", true);
    let mut sensors = sensors(SensorPlan::with_signals(
        &system,
        &[
            Signal::RxPower,
            Signal::SwitchPower,
            Signal::FecCodewords,
            Signal::TransmitLock,
        ],
    ));
    let before = sensors.clone();
    let mut refused = |signal, index, fault| {
        sensors
            .set_fault(signal, index, fault)
            .unwrap_err()
            .to_string()
    };
    expect_text(
        &refused(Signal::LaserBias, 0, SensorFault::Dead),
        "laser_bias_a is not measured here",
    );
    expect_text(
        &refused(Signal::RxPower, 512, SensorFault::Dead),
        "rx_power_dbm has no element 512; there are 512",
    );
    expect_text(
        &refused(Signal::SwitchPower, 0, SensorFault::Noisy(2.0)),
        "a sensor of switch_power_w cannot be noisy: it has no noise; use stuck or dead",
    );
    expect_text(
        &refused(Signal::FecCodewords, 0, SensorFault::Biased(2.0)),
        "a sensor of fec_codewords cannot be biased: it counts; use stuck or dead",
    );
    expect_text(
        &refused(Signal::TransmitLock, 0, SensorFault::Noisy(2.0)),
        "a sensor of tx_lock_state cannot be noisy: it reads a state; use stuck or dead",
    );
    expect_text(
        &refused(Signal::RxPower, 0, SensorFault::Noisy(-1.0)),
        "a noisy sensor of rx_power_dbm needs a factor that is finite and not negative, not -1",
    );
    expect_text(
        &refused(Signal::RxPower, 0, SensorFault::Biased(f64::NAN)),
        "a biased sensor of rx_power_dbm needs a finite amount, not NaN",
    );
    let reset = sensors.reset_counter(Signal::RxPower, Selection::All);
    assert!(matches!(reset, Err(SensorError::NotACounter { .. })));
    let reset = sensors.reset_counter(Signal::FecCodewords, Selection::One(9999));
    assert!(matches!(reset, Err(SensorError::NoSuchEntity { .. })));
    let reset = sensors.reset_counter(Signal::FecCorrectedSymbols, Selection::All);
    assert!(matches!(reset, Err(SensorError::NotMeasured { .. })));
    assert_eq!(sensors, before);
}

fn expect_text(found: &str, expected: &str) {
    assert_eq!(found, expected);
}

#[test]
fn bit_error_ratios_are_counts_divided_by_bits() {
    let system = platform("cpo-51t", true);
    let mut sensors = sensors(SensorPlan::new(&system));
    let mut truth = truth(&system);
    let (bits, rare, common) = (1.0625e10, 1e-12, 1e-4);
    for (i, lane) in truth
        .bit_errors_mut(Signal::PreFecBer)
        .iter_mut()
        .enumerate()
    {
        let ratio = if i < 256 { rare } else { common };
        *lane = BitErrors { bits, ratio };
    }
    // Ratios are stated once a second.
    let n_steps = 50u32;
    let (mut n_zero, mut n_found, mut statistic) = (0.0, 0.0, 0.0);
    for tick in 1..=n_steps {
        sensors.read(&truth, at(1000 * u64::from(tick)), STEP);
        let ratios = values(&sensors, Signal::PreFecBer);
        for ratio in &ratios[..256] {
            // A count, as far as `f32` holds it.
            let count = ratio * bits;
            assert!((count - count.round()).abs() < 1e-6 * (1.0 + count));
            n_zero += f64::from(u8::from(count < 0.5));
            n_found += count;
        }
        for ratio in &ratios[256..] {
            let deviation = ratio - common;
            statistic += deviation * deviation / (common * (1.0 - common) / bits);
        }
        // A port counts what its lanes count.
        let ports = values(&sensors, Signal::PortPreFecBer);
        for (port, ratio) in system.ports.iter().zip(ports) {
            let lanes = port.media_lanes.iter();
            let mean =
                lanes.map(|lane| ratios[lane.index()]).sum::<f64>() / port.media_lanes.len() as f64;
            assert!((ratio - mean).abs() <= 1e-6 * mean, "{ratio} {mean}");
        }
    }
    // Poisson of mean 0.010625; five standard deviations.
    let (n, mean) = (256.0 * f64::from(n_steps), bits * rare);
    let none = (-mean).exp();
    assert!((n_zero - n * none).abs() < 5.0 * (n * none * (1.0 - none)).sqrt());
    assert!((n_found - n * mean).abs() < 5.0 * (n * mean).sqrt());
    // Chi-square; four of its standard deviations. `f32` adds 1e-7 of 1e-4, a thousandth of the
    // noise.
    assert!(
        (statistic - n).abs() < 4.0 * (2.0 * n).sqrt(),
        "{statistic}"
    );

    // An interval without bits leaves the reading; no receiver leaves none.
    let before = values(&sensors, Signal::PreFecBer);
    let lanes = truth.bit_errors_mut(Signal::PreFecBer);
    for lane in lanes.iter_mut() {
        lane.bits = 0.0;
    }
    lanes[7] = BitErrors::ABSENT;
    sensors.read(&truth, at(60_000), STEP);
    sensors.read(&truth, at(61_000), STEP);
    let ratios = column(&sensors, Signal::PreFecBer);
    assert_eq!(ratios.value(300), Some(before[300]));
    assert_eq!(ratios.quality(300), Quality::Stale);
    assert_eq!(ratios.times()[300], at(1000 * u64::from(n_steps)));
    assert_eq!(ratios.quality(7), Quality::Failed);
    truth.bit_errors_mut(Signal::PreFecBer)[300].bits = bits;
    sensors.read(&truth, at(62_000), STEP);
    let ratios = column(&sensors, Signal::PreFecBer);
    assert_eq!(ratios.quality(300), Quality::Good);
    assert_eq!(
        (ratios.times()[300], ratios.times()[301]),
        (at(62_000), at(50_000))
    );
}

#[test]
fn ratios_gather_the_bits_of_their_period() {
    let system = platform("cpo-51t", true);
    let mut sensors = sensors(SensorPlan::new(&system));
    let mut truth = truth(&system);
    let set = |truth: &mut Truth, ratio: f64| {
        let lanes = truth.bit_errors_mut(Signal::PreFecBer);
        lanes.fill(BitErrors { bits: 1e12, ratio });
    };
    set(&mut truth, 1e-4);
    sensors.read(&truth, at(1000), STEP);
    let first = values(&sensors, Signal::PreFecBer);
    // Nine steps of one ratio and one of another, of which the tenth is stated.
    for step in 1..=10u64 {
        set(&mut truth, if step == 4 { 2e-3 } else { 1e-4 });
        sensors.read(&truth, at(1000 + 100 * step), STEP);
        let ratios = column(&sensors, Signal::PreFecBer);
        let is_due = step == 10;
        assert_eq!(ratios.value(0) != Some(first[0]), is_due, "{step}");
        if !is_due {
            assert_eq!(ratios.times()[0], at(1000));
        }
    }
    let ratio = values(&sensors, Signal::PreFecBer)[0];
    let mean = (9.0 * 1e-4 + 2e-3) / 10.0;
    // Five standard deviations of 2.9e9 errors, and the rounding of `f32`.
    let allowed = 5.0 * (mean / 1e13f64).sqrt() + 1e-7 * mean;
    assert!((ratio - mean).abs() < allowed, "{ratio} {mean}");
}

const COUNTERS: [Signal; 4] = [
    Signal::FecCodewords,
    Signal::FecCorrectedCodewords,
    Signal::FecUncorrectedCodewords,
    Signal::FecCorrectedSymbols,
];

#[test]
fn counters_agree_with_each_other_and_only_grow() {
    let system = platform("cpo-51t", true);
    let mut sensors = sensors(SensorPlan::new(&system));
    let mut truth = truth(&system);
    let model = CodewordModel::new(FecCode::Kp4).unwrap();
    // The worst ports lose codewords: 0.49 of them are lost at 2.9e-3 (mpmath, in `link`).
    for port in truth.codeword_errors_mut().iter_mut().skip(1).step_by(2) {
        *port = model.errors(78_125.3, model.symbol_error_ratio(2.9e-3));
    }
    let n_ports = system.ports.len();
    let all = || COUNTERS.into_iter().chain(Signal::FEC_BINS);
    let mut old: Vec<Vec<u64>> = all().map(|_| vec![0; n_ports]).collect();
    let n_steps = 40;
    for tick in 1..=n_steps {
        sensors.read(&truth, at(100 * tick), STEP);
        let new: Vec<Vec<u64>> = all().map(|signal| counts(&sensors, signal)).collect();
        for (old, new) in old.iter().zip(&new) {
            assert!(old.iter().zip(new).all(|(old, new)| old <= new));
        }
        let of = |counter: usize, port: usize| new[counter][port];
        for port in 0..n_ports {
            let bins = (0..16).map(|bin| of(4 + bin, port));
            let [codewords, corrected, lost, symbols] = [0, 1, 2, 3].map(|i| of(i, port));
            assert_eq!(bins.clone().sum::<u64>() + lost, codewords);
            assert_eq!(bins.clone().skip(1).sum::<u64>(), corrected);
            let weighted = bins.zip(0..).map(|(count, k)| count * k);
            assert_eq!(weighted.sum::<u64>(), symbols);
            assert!(symbols >= corrected && corrected + lost <= codewords);
        }
        old = new;
    }
    // Fractions of codewords add up.
    let n = 78_125.3 * n_steps as f64;
    assert!(old[0].iter().all(|count| (*count as f64 - n).abs() < 1.0));
    let errors = truth.codeword_errors()[1];
    let lost = n * errors.uncorrectable();
    let symbols = n * errors.mean_corrected_symbols();
    for port in (1..n_ports).step_by(2) {
        // Five standard deviations of a binomial, and as much of sums of at most 15 each.
        assert!((old[2][port] as f64 - lost).abs() < 5.0 * lost.sqrt());
        assert!((old[3][port] as f64 - symbols).abs() < 5.0 * 15.0 * n.sqrt());
    }
}

#[test]
fn resets_begin_epochs_and_failures_do_not_lose_counts() {
    let system = platform("cpo-51t", true);
    let mut sensors = sensors(SensorPlan::new(&system));
    let mut truth = truth(&system);
    let total = Signal::FecCodewords;
    sensors.read(&truth, at(100), STEP);
    sensors.reset_counter(total, Selection::One(1)).unwrap();
    let count = |sensors: &Sensors, port| column(sensors, total).counter(port);
    assert_eq!(count(&sensors, 1), Some(0));
    assert_eq!(column(&sensors, total).reset_epochs()[..3], [0, 1, 0]);
    sensors.set_fault(total, 2, SensorFault::Dead).unwrap();
    sensors.set_fault(total, 3, SensorFault::Stuck).unwrap();
    sensors.read(&truth, at(200), STEP);
    assert_eq!(count(&sensors, 0), Some(156_250));
    assert_eq!(count(&sensors, 1), Some(78_125));
    assert_eq!(count(&sensors, 2), None);
    assert_eq!(count(&sensors, 3), Some(78_125));
    for port in [2, 3] {
        sensors.clear_fault(total, port).unwrap();
    }
    // A decoder without signal stands still, one that is not there has no counter.
    truth.codeword_errors_mut()[0] = CodewordErrors::IDLE;
    truth.codeword_errors_mut()[4] = CodewordErrors::ABSENT;
    sensors.read(&truth, at(300), STEP);
    assert_eq!(count(&sensors, 0), Some(156_250));
    assert_eq!(count(&sensors, 2), Some(234_375));
    assert_eq!(count(&sensors, 3), Some(234_375));
    assert_eq!(column(&sensors, total).quality(4), Quality::Failed);
    sensors.reset_counter(total, Selection::All).unwrap();
    assert!(counts(&sensors, total).iter().all(|count| *count == 0));
    assert_eq!(column(&sensors, total).reset_epochs()[..3], [1, 2, 1]);
    assert!(counts(&sensors, Signal::FecBin0)[6] > 200_000);
}

#[test]
fn switches_differ_by_name_and_by_seed() {
    let system = platform("cpo-51t", true);
    let plan = Arc::new(SensorPlan::with_signals(&system, &[Signal::RxPower]));
    let truth = truth(&system);
    let reading = |name: &str, seed| {
        let mut sensors = Sensors::new(plan.clone(), DeviceName::new(name).unwrap(), seed);
        sensors.read(&truth, at(100), STEP);
        values(&sensors, Signal::RxPower)
    };
    assert_eq!(reading("a", 1), reading("a", 1));
    for other in [reading("b", 1), reading("a", 2)] {
        let pairs = reading("a", 1).into_iter().zip(other);
        let n_equal = pairs.filter(|(a, b)| (a - b).abs() < 1e-9).count();
        // One in about a hundred by chance.
        assert!(n_equal < 30, "{n_equal}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn another_sensor_changes_no_bit(seed: u64, kept in proptest::collection::vec(any::<bool>(), Signal::TABLE.len()), steps in proptest::collection::vec(1u64..400, 1..6)) {
        let system = platform("cpo-51t", true);
        let signals: Vec<Signal> = Signal::TABLE
            .iter()
            .zip(&kept)
            .filter_map(|(info, kept)| kept.then_some(info.signal))
            .collect();
        let device = DeviceName::new("leaf1").unwrap();
        let start = |plan| Sensors::new(Arc::new(plan), device.clone(), seed);
        let mut all = start(SensorPlan::new(&system));
        let mut some = start(SensorPlan::with_signals(&system, &signals));
        let truth = truth(&system);
        let mut now = 0;
        for step in steps {
            now += step;
            for sensors in [&mut all, &mut some] {
                sensors.read(&truth, at(now), Duration::from_millis(step));
            }
            for column in some.observation().columns() {
                prop_assert_eq!(Some(column), all.observation().column(column.signal()));
            }
        }
    }

    #[test]
    fn a_restored_snapshot_goes_on_with_the_same_bits(
        seed: u64,
        steps in proptest::collection::vec((1u64..400, -1.0..1.0f64, 0u8..6, 0u32..512), 2..20),
        split in any::<prop::sample::Index>(),
    ) {
        let system = platform("cpo-51t", true);
        let plan = Arc::new(SensorPlan::new(&system));
        let device = DeviceName::new("leaf1").unwrap();
        let mut sensors = Sensors::new(plan, device, seed);
        let mut truth = truth(&system);
        let run = |sensors: &mut Sensors, truth: &mut Truth, now: &mut u64, steps: &[(u64, f64, u8, u32)]| {
            for &(millis, drift, action, entity) in steps {
                *now += millis;
                for value in truth.values_mut(Signal::RxPower) {
                    *value += drift;
                }
                let rx = Signal::RxPower;
                match action {
                    0 => sensors.set_fault(rx, entity, SensorFault::Stuck).unwrap(),
                    1 => sensors.set_fault(rx, entity, SensorFault::Biased(drift)).unwrap(),
                    2 => sensors.set_fault(rx, entity, SensorFault::Dead).unwrap(),
                    3 => sensors.reset_counter(Signal::FecCodewords, Selection::All).unwrap(),
                    _ => {}
                }
                sensors.read(truth, at(*now), Duration::from_millis(millis));
            }
        };
        let (before, after) = steps.split_at(split.index(steps.len()));
        let mut now = 0;
        run(&mut sensors, &mut truth, &mut now, before);
        let (mut snapshot, mut truth_then, mut now_then) = (sensors.clone(), truth.clone(), now);
        run(&mut sensors, &mut truth, &mut now, after);
        run(&mut snapshot, &mut truth_then, &mut now_then, after);
        prop_assert_eq!(&snapshot, &sensors);
        let mut bytes = Vec::new();
        binary::encode(sensors.observation(), &mut bytes);
        let back = binary::decode(&bytes, &system.fingerprint).unwrap();
        prop_assert_eq!(&back, sensors.observation());
    }
}
