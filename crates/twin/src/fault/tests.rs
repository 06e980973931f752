//! Texts of faults, right and wrong.

use system::{Input, Library, Problem, System};

use super::text::MAX_TEXT;
use super::*;

fn system(name: &str) -> System {
    let library = Library::embedded();
    System::resolve(&Input {
        name,
        bytes: library.platform(name).unwrap().as_bytes(),
        sets: &[],
        library: &library,
        load: &|file| Err(format!("{file} is not there")),
    })
    .unwrap()
}

/// A target of a kind on either platform.
fn example(strikes: Strikes) -> &'static str {
    match strikes {
        Strikes::Laser => "els0.laser3",
        Strikes::LaserModule => "els1",
        Strikes::LaserFibre => "els0.laser3.fibre",
        Strikes::DataFibre | Strikes::Fibre => "oe0.tx3",
        Strikes::TwoDataFibres => "oe0.rx3 oe1.rx2",
        Strikes::Connector => "ferrule2",
        Strikes::Fau => "oe3.fau0",
        Strikes::MediaLane | Strikes::MachZehnderLane | Strikes::RingLane => "oe2.lane5",
        Strikes::HostLane => "oe2.host5",
        Strikes::EngineOrAsic => "oe7",
        Strikes::Cooling | Strikes::AirCooling => "faceplate",
        Strikes::Monitor | Strikes::ValueMonitor => "rx_power_dbm oe0.lane3",
    }
}

#[test]
fn every_kind_reads_with_its_default_and_prints_as_it_reads() {
    let (mach_zehnder, ring) = (system("cpo-51t"), system("quantum-x-115t"));
    for kind in FaultKind::ALL {
        let system = match kind.strikes() {
            Strikes::RingLane => &ring,
            _ => &mach_zehnder,
        };
        let severity = match kind.severity() {
            Severity::OfSignal => " 1 dB",
            _ => "",
        };
        let text = format!("{} {}{severity}", kind.name(), example(kind.strikes()));
        let fault = Fault::parse(&text, system).unwrap();
        assert_eq!((fault.kind, fault.profile), (*kind, Profile::SUDDEN));
        let printed = fault.display(system).to_string();
        assert!(printed.starts_with(&text), "{printed}");
        assert_eq!(Fault::parse(&printed, system).unwrap(), fault, "{printed}");
    }
}

#[test]
fn a_whole_line_prints_as_it_was_written() {
    let system = system("cpo-51t");
    for text in [
        "fibre_dirt oe0.tx3 1.5 dB onset 10 s for 1 min recovery 250 ms repeat 2 s duty 0.25",
        "monitor_biased laser_temperature_c els0.laser1 -2.5 K",
        "monitor_biased rx_power_dbm oe0.lane0 0.3 dB for 1 h",
        "monitor_stuck switch_power_w switch",
        "monitor_dead fec_codewords eth3",
        "laser_death els0.laser0 for 90 s repeat 10 s duty 0.5",
        "bias_creep oe0.lane0 0.3 rad"
            .replace("0.3 rad", "3e-1 rad")
            .as_str(),
        "laser_wavelength els0.laser0 -200 pm onset 1 d",
        "channel_blocked package 0.3",
        "tim_void switch 0.02 K/W",
    ] {
        let fault = Fault::parse(text, &system).unwrap();
        assert_eq!(fault.display(&system).to_string(), text);
    }
}

#[test]
fn units_may_touch_their_numbers_and_shares_may_be_per_cent() {
    let system = system("cpo-51t");
    let fault = |text: &str| Fault::parse(text, &system).unwrap();
    let share = fault("photodiode oe0.lane3 20 % onset 10s repeat 1min duty 30 %");
    assert!((share.severity - 0.2).abs() < 1e-15);
    assert_eq!(share.profile.onset_ns, 10_000_000_000);
    let repeat = share.profile.repeat.unwrap();
    assert_eq!(repeat.period_ns, 60_000_000_000);
    assert!((repeat.duty - 0.3).abs() < 1e-15);
    assert_eq!(
        share,
        fault("photodiode oe0.lane3 20% onset 10 s repeat 60 s duty 30%")
    );
    assert_eq!(
        fault("tia_noise oe0.lane3 3").severity.to_bits(),
        3f64.to_bits()
    );
}

fn problems_of(text: &str, system: &System) -> Vec<(String, String, String)> {
    let problems = Fault::parse(text, system).unwrap_err();
    let place = |p: &Problem| text[p.span.range.clone()].to_owned();
    let help = |p: &Problem| p.help.clone().expect("how to mend it");
    let problems = problems.0.iter();
    problems
        .map(|p| (place(p), p.message.clone(), help(p)))
        .collect()
}

fn check(text: &str, at: &str, message: &str, help: &str, system: &System) {
    let problems = problems_of(text, system);
    let [(place, found, hint)] = problems.as_slice() else {
        panic!("{text}: {problems:?}");
    };
    assert_eq!((place.as_str(), found.as_str()), (at, message), "{text}");
    assert!(hint.contains(help), "{text}: {hint}");
}

/// Text, the place of its problem, what is said, and part of how to mend it.
const WRONG: &str = r#"
 | | nothing stands here | write a fault
fiber_dirt oe0.tx3 | fiber_dirt | there is no fault "fiber_dirt" | did you mean "fibre_dirt"?
fibre_dirt | | fibre_dirt lacks what it strikes | name a fibre that carries signals
fibre_dirt oe0.xt3 | oe0.xt3 | there is no fibre "oe0.xt3" | did you mean "oe0.tx3"?
laser_death oe0.tx3 | oe0.tx3 | "oe0.tx3" is a fibre, not a laser | expected one of: els0.laser0
fibre_dirt oe0 | oe0 | "oe0" is an engine, not a fibre | expected one of
laser_dirt oe0.tx3 | oe0.tx3 | oe0.tx3 carries signals | laser_dirt strikes a fibre that carries laser light
ring_unlock oe0.lane1 | oe0.lane1 | oe0.lane1 has a Mach-Zehnder modulator | a ring modulator
fibre_dirt oe0.tx3 1.5 dBm | 1.5 dBm | expected a ratio in decibels, found a power ("1.5 dBm") | 1 dB
fibre_dirt oe0.tx3 1.5 | 1.5 | expected a ratio in decibels with its unit (dB), found a bare number "1.5" | 1 dB
fibre_dirt oe0.tx3 90 dB | 90 dB | the severity of fibre_dirt, the loss of the light in the fibre, cannot be 90 dB | the valid range is 0 dB to 60 dB
fibre_dirt oe0.tx3 NaN dB | NaN dB | expected a ratio in decibels such as "1 dB", found "NaN dB" | 1 dB
laser_death els0.laser0 3 dB | 3 dB | laser_death has no severity: it is there or not | remove it
laser_death els0.laser0 onset 3 s | 3 s | laser_death is there or not: it can neither rise nor fall | for and repeat
heater_stuck oe0.lane0 1 mW recovery 3 s | 3 s | heater_stuck is there or not: it can neither rise nor fall | for and repeat
fibre_dirt oe0.tx3 onst 3 s | onst | unexpected "onst" | did you mean "onset"?
fibre_dirt oe0.tx3 1 dB onst 3 s | onst | unexpected "onst" | did you mean "onset"?
fibre_dirt oe0.tx3 1 dB onset | | onset lacks a time | onset 10 s
fibre_dirt oe0.tx3 1 dB onset 3 s for -3 s | -3 s | "-3 s" is before its start | between 0 s and 584 years
fibre_dirt oe0.tx3 1 dB for 1 s for 2 s | for | for stands twice | remove one
fibre_dirt oe0.tx3 1 dB repeat 0 s | 0 s | nothing can repeat after no time | 10 s
fibre_dirt oe0.tx3 1 dB repeat 1 s duty 0 | 0 | the duty cannot be 0 | above 0 %
fibre_dirt oe0.tx3 1 dB duty 0.5 | 0.5 | there is a duty, and nothing repeats | repeat 10 s
fibres_swapped oe0.tx3 oe0.rx3 | oe0.tx3 oe0.rx3 | oe0.tx3 and oe0.rx3 carry signals in opposite directions | two fibres
fibres_swapped oe0.tx3 oe0.tx3 | oe0.tx3 oe0.tx3 | a fibre cannot change places with itself | two fibres
fibres_swapped oe0.tx3 els0.laser0.fibre | els0.laser0.fibre | els0.laser0.fibre carries laser light | two fibres
monitor_dead rx_power oe0.lane3 | rx_power | there is no signal "rx_power" | rx_power_dbm
monitor_noisy fec_codewords eth0 | fec_codewords | fec_codewords is a u64 counter | neither state nor counter
monitor_biased rx_power_dbm oe0.lane3 | | monitor_biased lacks its severity, the error of the readings | 1 dB
coolant_warm packag | packag | there is no cooling "packag" | did you mean "package"?
"#;

#[test]
fn what_is_wrong_is_named_with_its_place_and_what_was_meant() {
    let system = system("cpo-51t");
    for line in WRONG.lines().filter(|line| !line.is_empty()) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [text, at, message, help] = cells.as_slice() else {
            panic!("{line}");
        };
        check(text, at, message, help, &system);
    }
    let liquid = self::system("quantum-x-115t");
    check(
        "fan_failure die",
        "die",
        "die is cooled by a liquid",
        "coolant_loss",
        &liquid,
    );
    let ring = "oe0.lane0 has a ring modulator";
    check(
        "bias_creep oe0.lane0",
        "oe0.lane0",
        ring,
        "Mach-Zehnder",
        &liquid,
    );
}

#[test]
fn all_problems_come_at_once() {
    let system = system("cpo-51t");
    let text = "fibre_dirt oe0.tx999 1.5 m onset 1 K fur 1 min";
    let places: Vec<String> = problems_of(text, &system)
        .into_iter()
        .map(|p| p.0)
        .collect();
    assert_eq!(places.len(), 3, "{places:?}");
}

#[test]
fn a_text_beyond_the_limit_is_refused() {
    let error = Fault::parse(&"x ".repeat(MAX_TEXT), &system("cpo-51t")).unwrap_err();
    assert!(error.to_string().contains("the limit is 4096"), "{error}");
}

#[test]
fn strength_follows_the_kind() {
    let system = system("cpo-51t");
    let strength = |text: &str, level: f64| Fault::parse(text, &system).unwrap().strength_at(level);
    let is = |found: Option<f64>, expected: f64| (found.unwrap() - expected).abs() < 1e-12;
    assert!(is(strength("fibre_dirt oe0.tx3 2 dB", 0.25), 0.5));
    assert!(is(strength("tia_noise oe0.lane3 3", 0.5), 2.0));
    // A tenth of the power reflected is ten decibels less.
    assert!(is(strength("reflection oe0.tx3 -20 dB", 0.1), -30.0));
    assert!(is(strength("heater_stuck oe0.lane3 4 mW", 1.0), 4e-3));
    assert!(is(strength("fibre_break oe0.tx3", 1.0), 1.0));
    assert_eq!(strength("reflection oe0.tx3 -20 dB", 0.0), None);
}
