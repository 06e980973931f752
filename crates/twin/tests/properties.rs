//! What holds for every fault and every scenario, whatever their numbers.

use proptest::prelude::*;
use system::{Input, Library, System};
use twin::Supply;
use twin::fault::{Fault, FaultKind, Profile, Repeat, Severity, Strikes};
use twin::scenario::{LoadProfile, Scenario, Trace, Training};
use units::{Ohms, Volts, Watts};

fn system(name: &str) -> System {
    let library = Library::embedded();
    System::resolve(&Input {
        name,
        bytes: library
            .platform(name)
            .expect("a platform of the library")
            .as_bytes(),
        sets: &[],
        library: &library,
        load: &|file| Err(format!("{file} is not there")),
    })
    .expect("platforms resolve")
}

thread_local! {
    static SYSTEMS: [System; 2] = [system("cpo-51t"), system("quantum-x-115t")];
}

/// Names of what a kind strikes, on the first system or, for rings, on the second one.
fn target(strikes: Strikes, pick: u32) -> String {
    let (engine, lane) = (pick % 8, pick / 8 % 8);
    match strikes {
        Strikes::Laser => format!("els{engine}.laser{lane}"),
        Strikes::LaserModule => format!("els{engine}"),
        Strikes::LaserFibre => format!("els{engine}.laser{lane}.fibre"),
        Strikes::DataFibre | Strikes::Fibre => format!("oe{engine}.rx{lane}"),
        Strikes::TwoDataFibres => format!("oe{engine}.tx{lane} oe{}.tx7", (engine + 1) % 8),
        Strikes::Connector => format!("ferrule{lane}"),
        Strikes::Fau => format!("oe{engine}.fau0"),
        Strikes::MediaLane | Strikes::MachZehnderLane | Strikes::RingLane => {
            format!("oe{engine}.lane{lane}")
        }
        Strikes::HostLane => format!("oe{engine}.host{lane}"),
        Strikes::EngineOrAsic => format!("oe{engine}"),
        Strikes::Cooling | Strikes::AirCooling => "package".to_owned(),
        Strikes::Monitor => format!("fec_codewords eth{lane}"),
        Strikes::ValueMonitor => format!("laser_bias_a els{engine}.laser{lane}"),
    }
}

fn profiles() -> impl Strategy<Value = Profile> {
    let time = || prop_oneof![Just(0), 1..10_000u64, any::<u64>()];
    let repeat = (1..u64::MAX, 1e-9..1.0f64);
    (
        time(),
        proptest::option::of(time()),
        time(),
        proptest::option::of(repeat),
    )
        .prop_map(|(onset_ns, hold_ns, recovery_ns, repeat)| Profile {
            onset_ns,
            hold_ns,
            recovery_ns,
            repeat: repeat.map(|(period_ns, duty)| Repeat { period_ns, duty }),
        })
}

/// The mean of a load whose corners lie at whole nanoseconds, one after the other.
fn summed(load: &LoadProfile, from_ns: u64, to_ns: u64) -> f64 {
    let each = (from_ns..to_ns).map(|t| 0.5 * (load.utilisation(t) + load.utilisation(t + 1)));
    #[expect(clippy::cast_precision_loss, reason = "small times")]
    let n = (to_ns - from_ns) as f64;
    each.sum::<f64>() / n
}

proptest! {
    #[test]
    fn a_fault_reads_back_from_its_text_bit_for_bit(
        kind in proptest::sample::select(FaultKind::ALL),
        pick in any::<u32>(),
        share in 0.0..=1.0f64,
        profile in profiles(),
    ) {
        SYSTEMS.with(|systems| {
            let system = &systems[usize::from(kind.strikes() == Strikes::RingLane)];
            let bias = if kind.severity() == Severity::OfSignal { " 1 mA" } else { "" };
            let text = format!("{} {}{bias}", kind.name(), target(kind.strikes(), pick));
            let mut fault = Fault::parse(&text, system).unwrap();
            match kind.severity() {
                Severity::None => {}
                Severity::Quantity(range) => {
                    fault.severity = range.least + share * (range.greatest - range.least);
                }
                Severity::OfSignal => fault.severity = share * 1e-3,
            }
            fault.profile = profile;
            if !kind.is_gradual() {
                (fault.profile.onset_ns, fault.profile.recovery_ns) = (0, 0);
            }
            let text = fault.display(system).to_string();
            let back = Fault::parse(&text, system);
            prop_assert_eq!(back.map_err(|e| format!("{text}: {e}")), Ok(fault));
            Ok(())
        })?;
    }

    #[test]
    fn a_level_is_a_share_and_nothing_is_left_at_the_end(
        profile in profiles(),
        at in any::<u64>(),
        cleared in any::<u64>(),
    ) {
        let level = profile.level(at);
        prop_assert!((0.0..=1.0).contains(&level));
        if profile.end_ns().is_some_and(|end| end < u64::MAX && at >= end) {
            prop_assert!(level <= 0.0);
        }
        let after = profile.level_when_cleared(at, cleared);
        prop_assert!((0.0..=level).contains(&after));
        let over = cleared.saturating_add(profile.recovery_ns);
        if over < u64::MAX {
            prop_assert!(profile.level_when_cleared(over, cleared) <= 0.0);
        }
    }

    /// Between two times the level moves by no more than the steeper of its two slopes allows.
    #[test]
    fn a_fault_with_onset_and_recovery_never_jumps(
        onset_ns in 1..1_000_000u64,
        hold_ns in proptest::option::of(0..1_000_000u64),
        recovery_ns in 1..1_000_000u64,
        at in 0..3_000_000u64,
        step in 1..1_000u64,
        cleared in 0..3_000_000u64,
    ) {
        let profile = Profile { onset_ns, hold_ns, recovery_ns, repeat: None };
        #[expect(clippy::cast_precision_loss, reason = "small times")]
        let most = step as f64 / onset_ns.min(recovery_ns) as f64 + 1e-12;
        let moved = profile.level(at + step) - profile.level(at);
        prop_assert!(moved.abs() <= most);
        let cleared = [at, at + step].map(|t| profile.level_when_cleared(t, cleared));
        prop_assert!((cleared[1] - cleared[0]).abs() <= most);
        prop_assert!(profile.level(0) <= 0.0);
    }

    #[test]
    fn whatever_is_written_is_read_or_located(text in "[a-z0-9_. %-]{0,60}") {
        SYSTEMS.with(|systems| {
            if let Err(problems) = Fault::parse(&text, &systems[0]) {
                prop_assert!(!problems.0.is_empty());
                for problem in &problems.0 {
                    prop_assert!(text.get(problem.span.range.clone()).is_some());
                    prop_assert!(problem.help.is_some(), "{problem:?}");
                }
            }
            Ok(())
        })?;
    }

    /// Loads with ramps move by no more than their steepest slope allows, and stay between their ends.
    #[test]
    fn a_load_with_ramps_never_jumps(
        ramp_ns in 1..1_000u64,
        more in (0..10_000u64, 0..10_000u64),
        utilisations in (0.0..=1.0f64, 0.0..=1.0f64),
        at in 0..100_000u64,
        step in 1..100u64,
    ) {
        let (burst_ns, rest_ns) = (ramp_ns + more.0, ramp_ns + more.1);
        let (burst, base) = utilisations;
        let period_ns = burst_ns + rest_ns;
        let load = LoadProfile::Training(Training { period_ns, burst_ns, ramp_ns, burst, base });
        let values = [load.utilisation(at), load.utilisation(at + step)];
        for value in values {
            prop_assert!((burst.min(base)..=burst.max(base)).contains(&value));
        }
        #[expect(clippy::cast_precision_loss, reason = "small times")]
        let most = (burst - base).abs() * step as f64 / ramp_ns as f64 + 1e-12;
        prop_assert!((values[1] - values[0]).abs() <= most);
        prop_assert_eq!(load.utilisation(at + period_ns).to_bits(), values[0].to_bits());
        prop_assert!((load.mean(at, at + step) - summed(&load, at, at + step)).abs() < 1e-12);
        // Over whole periods it does not matter where they begin.
        let over = |from: u64| load.mean(from, from + 3 * period_ns);
        prop_assert!((over(at) - over(0)).abs() < 1e-12);
    }

    #[test]
    fn a_trace_goes_through_its_points_and_stays_between_them(
        rows in proptest::collection::vec((1..1_000_000u64, 0.0..=1.0f64), 1..20),
        share in 0.0..=1.0f64,
    ) {
        let (mut text, mut time_us, mut points) = ("time_s,utilisation\n".to_owned(), 0, Vec::new());
        for (step_us, value) in rows {
            time_us += step_us;
            let row = format!("{}.{:06},{value}\n", time_us / 1_000_000, time_us % 1_000_000);
            text.push_str(&row);
            points.push((time_us * 1_000, value));
        }
        let trace = Trace::parse("load.csv", text.as_bytes()).expect("sound rows");
        prop_assert_eq!((trace.len(), trace.end_ns()), (points.len(), points[points.len() - 1].0));
        let load = LoadProfile::Trace(trace.into());
        for (time_ns, value) in &points {
            prop_assert_eq!(load.utilisation(*time_ns).to_bits(), value.to_bits());
        }
        let (first, last) = (points[0].0, points[points.len() - 1].0);
        let areas = points.windows(2).map(|pair| {
            let ((start, from), (end, to)) = (pair[0], pair[1]);
            #[expect(clippy::cast_precision_loss, reason = "small times")]
            let width = (end - start) as f64;
            0.5 * (from + to) * width
        });
        #[expect(clippy::cast_precision_loss, reason = "small times")]
        let area = load.mean(first, last) * (last - first) as f64;
        let expected: f64 = areas.sum();
        prop_assert!(points.len() < 2 || (area - expected).abs() <= 1e-9 * (1.0 + expected));
        for pair in points.windows(2) {
            let ((start, from), (end, to)) = (pair[0], pair[1]);
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "small times"
            )]
            let between = start + ((end - start) as f64 * share) as u64;
            let value = load.utilisation(between);
            prop_assert!((from.min(to)..=from.max(to)).contains(&value));
        }
    }

    #[test]
    fn whatever_a_scenario_holds_is_read_or_located(text in "[a-z0-9_.=\\[\\]'\n *-]{0,200}") {
        SYSTEMS.with(|systems| {
            let text = format!("format = 1\n[[event]]\nat = '1 s'\n{text}");
            let switches = [("leaf1", &systems[0])];
            let load = |name: &str| Err(format!("no {name}"));
            if let Err(problems) = Scenario::parse("s", text.as_bytes(), &switches, &load) {
                for problem in &problems.0 {
                    prop_assert!(text.get(problem.span.range.clone()).is_some());
                    prop_assert!(problem.help.is_some(), "{problem:?}");
                }
            }
            Ok(())
        })?;
    }
}

proptest! {
    /// `V (V0 - V) = R P`, between half of the rail's voltage and all of it, falling with power and way.
    #[test]
    fn supplies_obey_kirchhoff_up_to_their_greatest_power(
        volts in 0.5..60.0f64,
        ohm in 1e-6..1.0f64,
        share in 0.0..1.0f64,
        more in 1.0..1.5f64,
    ) {
        let supply = |ohm| Supply { voltage: Volts::new(volts), resistance: Ohms::new(ohm) };
        let rail = supply(ohm);
        let most_w = rail.greatest_power().value();
        let watts = share * most_w;
        let found = rail.voltage_at(Watts::new(watts)).expect("less than the most").value();
        prop_assert!((found * (volts - found) - ohm * watts).abs() <= 1e-12 * volts * volts);
        prop_assert!(found >= 0.5 * volts && found <= volts);
        for (rail, watts) in [(rail, watts * more), (supply(ohm * more), watts)] {
            match rail.voltage_at(Watts::new(watts)) {
                Ok(lower) => prop_assert!(lower.value() <= found),
                Err(_) => prop_assert!(watts > rail.greatest_power().value()),
            }
        }
        prop_assert!(rail.voltage_at(Watts::new(most_w * 1.000_001)).is_err());
    }
}
