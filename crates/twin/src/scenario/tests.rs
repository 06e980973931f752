//! Scenarios, right and wrong.

use plant::{
    Command, Direction, HeaterDrive, Loopback, PowerState, PoweredUnit, Selection, Sequence,
    Signal, TestPattern,
};
use system::{
    AsicId, EngineId, Input, LaserId, LaserModuleId, Library, MediaLaneId, Problems, SerdesLaneId,
    System,
};
use units::{Amperes, Celsius, DbMilliwatts, Seconds, VolumeFlow, Watts};

use super::{Action, LoadProfile, Scenario, Training};
use crate::fault::{FaultKind, Target};

const S: u64 = 1_000_000_000;

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

fn load(name: &str) -> Result<Vec<u8>, String> {
    match name {
        "day.csv" => Ok(b"time_s,utilisation\n0,0.1\n10,0.9\n".to_vec()),
        "bad.csv" => Ok(b"time_s,utilisation\n0,0.1\n1,NaN\n".to_vec()),
        _ => Err("it is not there".to_owned()),
    }
}

fn read(events: &str) -> Result<Scenario, Problems> {
    let system = system("quantum-x-115t");
    let text = format!("format = 1\n{events}");
    Scenario::parse("s.toml", text.as_bytes(), &[("leaf1", &system)], &load)
}

fn actions(events: &str) -> Vec<Action> {
    let scenario = read(events).unwrap();
    scenario
        .events
        .into_iter()
        .map(|event| event.action)
        .collect()
}

/// The single action of an event that happens at once.
fn action(keys: &str) -> Action {
    let mut actions = actions(&format!("[[event]]\nat = \"0 s\"\n{keys}"));
    assert_eq!(actions.len(), 1, "{keys}");
    actions.remove(0)
}

fn command(keys: &str) -> Command {
    match action(keys) {
        Action::Command(command) => command,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_fault_comes_with_its_profile_and_goes_by_its_id() {
    let events = "
        [[event]]
        at = '2 s'
        do = 'plant.fault'
        id = 'dirt'
        fault = 'fibre_dirt'
        target = ['oe0.tx3', 'oe1.rx*']
        severity = '1.5 dB'
        onset = '10 s'
        for = '1 min'
        recovery = '1 s'
        repeat = '4 s'
        duty = 0.25
        [[event]]
        at = '2 s'
        do = 'plant.clear'
        id = 'dirt'";
    let scenario = read(events).unwrap();
    // One fibre, and the eight that engine 1 receives from.
    assert_eq!(scenario.events.len(), 10);
    assert!(scenario.events.iter().all(|event| event.at_ns == 2 * S));
    let Action::Fault { id, fault } = &scenario.events[1].action else {
        panic!("{:?}", scenario.events[1]);
    };
    let system = system("quantum-x-115t");
    let text = "fibre_dirt oe1.rx0 1.5 dB onset 10 s for 1 min recovery 1 s repeat 4 s duty 0.25";
    assert_eq!(id.as_deref(), Some("dirt"));
    assert_eq!(fault.display(&system).to_string(), text);
    assert!(matches!(&scenario.events[9].action, Action::Clear { id } if **id == *"dirt"));
    assert!(scenario.without_devices().is_ok());
}

#[test]
fn a_pattern_leaves_out_what_the_fault_does_not_strike() {
    let keys = "[[event]]\nat = '0 s'\ndo = 'plant.fault'\nfault = 'laser_dirt'\ntarget = 'els0*'";
    let actions = actions(keys);
    // A module has eight lasers, each with one fibre.
    assert_eq!(actions.len(), 8);
    let monitors = "[[event]]\nat = '0 s'\ndo = 'plant.fault'\nfault = 'monitor_biased'\n\
        target = ['rx_power_dbm oe0.*', 'laser_temperature_c els0.laser0']\nseverity = '1 K'";
    let problems = read(monitors).unwrap_err();
    assert!(
        problems
            .to_string()
            .contains("expected a ratio in decibels"),
        "{problems}"
    );
    let monitors = monitors
        .replace("'1 K'", "'1 dB'")
        .replace(", 'laser_temperature_c els0.laser0'", "");
    let found = self::actions(&monitors);
    assert_eq!(found.len(), 8);
    assert!(found.iter().all(|action| matches!(
        action,
        Action::Fault { fault, .. } if fault.kind == FaultKind::MonitorBiased
            && matches!(fault.target, Target::Monitor(Signal::RxPower, _))
    )));
}

#[test]
fn coolings_change_and_parts_age() {
    let Action::Cooling {
        cooling,
        flow,
        inlet,
    } = action("do = 'plant.cooling'\ngroup = 'engines'\nflow = '0.5 L/min'")
    else {
        panic!("a cooling");
    };
    assert_eq!((cooling, inlet), (1, None));
    assert_eq!(flow, Some(VolumeFlow::new(0.5 * (1e-3 / 60.0))));
    let inlet = action("do = 'plant.cooling'\ngroup = 'die'\ninlet = '45 C'");
    let warm = Some(Celsius::new(45.0));
    assert!(matches!(inlet, Action::Cooling { cooling: 0, flow: None, inlet } if inlet == warm));
    let half_a_year = Seconds::new(6.0 * (365.25 * 86400.0 / 12.0));
    let age = action("do = 'plant.age'\nby = '6 months'");
    assert!(matches!(age, Action::Age { by } if by == half_a_year));
}

#[test]
fn loads_are_for_all_dies_or_those_that_are_named() {
    let Action::Load { asic: None, load } = action("do = 'load.asic'\nutilisation = 0.3") else {
        panic!("a load");
    };
    assert_eq!(load, LoadProfile::Constant(0.3));
    let all =
        actions("[[event]]\nat = '1 s'\ndo = 'load.profile'\nprofile = 'idle'\nasic = 'quantum*'");
    let dies: Vec<u32> = all
        .iter()
        .map(|action| match action {
            Action::Load {
                asic: Some(AsicId(asic)),
                load,
            } if *load == LoadProfile::IDLE => *asic,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(dies, [0, 1, 2, 3]);
    let steps = "do = 'load.profile'\nprofile = 'training'\nperiod = '2 s'\nduty = '30 %'\nburst = 0.95\nramp = '10 ms'";
    let Action::Load { load, .. } = action(steps) else {
        panic!("a load");
    };
    let expected = Training {
        period_ns: 2 * S,
        burst_ns: 600_000_000,
        ramp_ns: 10_000_000,
        burst: 0.95,
        base: 0.0,
    };
    assert_eq!(load, LoadProfile::Training(expected));
    let Action::Load { load, .. } = action("do = 'load.trace'\ncsv = 'day.csv'") else {
        panic!("a load");
    };
    assert!((load.utilisation(5 * S) - 0.5).abs() < 1e-15);
}

fn given(name: &str, keys: &str) -> Command {
    command(&format!("do = 'command.{name}'\n{keys}"))
}

#[test]
fn what_a_lane_carries_can_be_commanded() {
    let lane = MediaLaneId(3);
    let (transmit, receive) = (Direction::Transmit, Direction::Receive);
    let prbs = TestPattern::new(Sequence::Prbs13q).inverted();
    for (keys, direction, pattern) in [
        ("pattern = 'prbs13q_inverted'", transmit, Some(prbs)),
        ("direction = 'receive'\npattern = 'none'", receive, None),
    ] {
        let keys = format!("target = 'oe0.lane3'\n{keys}");
        assert_eq!(
            given("pattern", &keys),
            Command::SetPattern {
                lane,
                direction,
                pattern
            }
        );
    }
    for (pattern, name) in [(Some(prbs), "prbs13q_inverted"), (None, "none")] {
        let keys = format!("target = 'quantum0.optical3'\npattern = '{name}'");
        let serdes = SerdesLaneId(3);
        assert_eq!(
            given("serdes_pattern", &keys),
            Command::SetSerdesPattern { serdes, pattern }
        );
    }
    let keys = "target = 'oe0.lane3'\ndirection = 'receive'\ninverted = true";
    assert_eq!(
        given("polarity", keys),
        Command::SetPolarity {
            lane,
            direction: receive,
            inverted: true
        }
    );
    assert_eq!(
        given("receive_enable", "target = 'oe0.lane3'\nenabled = false"),
        Command::SetReceiveEnable {
            lane,
            enabled: false
        }
    );
}

#[test]
fn every_command_of_a_plant_can_be_given() {
    let (laser, lane) = (LaserId(1), MediaLaneId(3));
    assert_eq!(
        given("laser_enable", "target = 'els0.laser1'\nenabled = false"),
        Command::SetLaserEnable {
            laser,
            enabled: false
        }
    );
    assert_eq!(
        given("laser_output", "target = 'els0.laser1'\npower = '13 dBm'"),
        Command::SetLaserOutput {
            laser,
            power: DbMilliwatts::new(13.0)
        }
    );
    assert_eq!(
        given("laser_bias", "target = 'els0.laser1'\ncurrent = '100 mA'"),
        Command::SetLaserBias {
            laser,
            current: Amperes::new(0.1)
        }
    );
    assert_eq!(
        given("transmit_enable", "target = 'oe0.lane3'\nenabled = true"),
        Command::SetTransmitEnable {
            lane,
            enabled: true
        }
    );
    let direction = Direction::Receive;
    let drive = HeaterDrive::Fixed(Watts::new(5e-3));
    assert_eq!(
        given(
            "heater",
            "target = 'oe0.lane3'\ndirection = 'receive'\npower = '5 mW'"
        ),
        Command::SetHeater {
            lane,
            direction,
            drive
        }
    );
    let (direction, drive) = (Direction::Transmit, HeaterDrive::Loop);
    assert_eq!(
        given("heater", "target = 'oe0.lane3'\npower = 'loop'"),
        Command::SetHeater {
            lane,
            direction,
            drive
        }
    );
    let state = PowerState::LowPower;
    for (name, unit) in [
        ("oe5", PoweredUnit::Engine(EngineId(5))),
        ("els2", PoweredUnit::LaserModule(LaserModuleId(2))),
    ] {
        let keys = format!("target = '{name}'\nstate = 'low_power'");
        assert_eq!(
            given("power_state", &keys),
            Command::SetPowerState { unit, state }
        );
    }
    let loopback = Loopback::MediaOutput;
    assert_eq!(
        given(
            "loopback",
            "target = 'oe0.lane3'\nloopback = 'media_output'"
        ),
        Command::SetLoopback { lane, loopback }
    );
    let signal = Signal::FecCorrectedCodewords;
    for (keys, selection) in [("", Selection::All), ("target = 'ib7'", Selection::One(7))] {
        let keys = format!("signal = 'fec_corrected_codewords'\n{keys}");
        assert_eq!(
            given("reset_counter", &keys),
            Command::ResetCounter { signal, selection }
        );
    }
}

#[test]
fn device_actions_are_kept_and_refused_where_there_is_no_device() {
    let events = "[[event]]\nat = '0 s'\ndo = 'device.write'\npage = 0x10\nwhatever = [1, 2]\n";
    let scenario = read(events).unwrap();
    let Action::Device { action, node } = &scenario.events[0].action else {
        panic!("{scenario:?}");
    };
    assert_eq!(action, "write");
    assert!(node.get("whatever").is_some());
    let refused = scenario.without_devices().unwrap_err().to_string();
    assert!(refused.contains("device.write needs a device"), "{refused}");
    assert!(refused.starts_with("s.toml:2:"), "{refused}");
}

#[test]
fn switches_of_a_world_are_told_apart() {
    let (one, other) = (system("cpo-51t"), system("quantum-x-115t"));
    let switches = [("leaf1", &one), ("spine1", &other)];
    let parse = |switch: &str| {
        let text = format!(
            "format = 1\n[[event]]\nat = '0 s'\n{switch}\ndo = 'plant.fault'\nfault = 'ring_unlock'\ntarget = 'oe0.lane0'\n"
        );
        Scenario::parse("s.toml", text.as_bytes(), &switches, &load)
    };
    assert_eq!(parse("switch = 'spine1'").unwrap().events[0].switch, 1);
    for (switch, message) in [
        ("switch = 'leaf1'", "oe0.lane0 has a Mach-Zehnder modulator"),
        ("switch = 'spine2'", "did you mean \"spine1\"?"),
        ("", "the event lacks switch"),
    ] {
        let problems = parse(switch).unwrap_err().to_string();
        assert!(problems.contains(message), "{problems}");
    }
}

/// Events, then where the problem stands, what is said, and part of how to mend it.
const WRONG: &[(&str, &str, &str, &str)] = &[
    (
        "do='plant.falt'",
        "plant.falt",
        "there is no action \"plant.falt\"",
        "did you mean \"plant.fault\"?",
    ),
    (
        "do='device.'",
        "device.",
        "there is no action \"device.\"",
        "expected one of",
    ),
    (
        "do='plant.fault'\nfault='fiber_dirt'\ntarget='oe0.tx0'",
        "fiber_dirt",
        "there is no fault \"fiber_dirt\"",
        "fibre_dirt",
    ),
    (
        "do='plant.fault'\nfault='fibre_dirt'\ntarget='oe0.tx99'",
        "oe0.tx99",
        "there is no fibre \"oe0.tx99\"",
        "did you mean",
    ),
    (
        "do='plant.fault'\nfault='fibre_dirt'\ntarget='oe99.*'",
        "oe99.*",
        "no fibre is called \"oe99.*\"",
        "stands for any",
    ),
    (
        "do='plant.fault'\nfault='fibre_dirt'\ntarget='els0.*'",
        "els0.*",
        "\"els0.*\" names no such part",
        "a fibre that carries signals",
    ),
    (
        "do='plant.fault'\nfault='fibre_dirt'\ntarget='oe0.tx0 oe0.tx1'",
        "oe0.tx0 oe0.tx1",
        "\"oe0.tx0 oe0.tx1\" is not what fibre_dirt strikes",
        "name a fibre",
    ),
    (
        "do='plant.fault'\nfault='fibre_dirt'\ntarget='oe0.tx0'\nseverity='61 dB'",
        "61 dB",
        "the severity of fibre_dirt, the loss of the light in the fibre, cannot be 61 dB",
        "0 dB to 60 dB",
    ),
    (
        "do='plant.fault'\nfault='fibre_dirt'\ntarget=[]",
        "[]",
        "target names nothing",
        "name at least one",
    ),
    (
        "do='plant.fault'\nfault='fibre_dirt'\ntarget=7",
        "7",
        "target takes a text, found an integer",
        "put it in quotes",
    ),
    (
        "do='plant.fault'\nfault='fibre_dirt'\ntarget='oe0.tx0'\nonst='1 s'",
        "onst",
        "plant.fault has no key \"onst\"",
        "did you mean \"onset\"?",
    ),
    (
        "do='plant.fault'\nfault='fibre_dirt'",
        "[[event]]",
        "plant.fault lacks target",
        "add `target = \"oe0.tx3\"`",
    ),
    (
        "do='plant.clear'\nid='dirt'",
        "dirt",
        "no event above has the id \"dirt\"",
        "give the fault an `id`",
    ),
    (
        "do='plant.cooling'\ngroup='die'",
        "[[event]]",
        "plant.cooling lacks flow or inlet",
        "2 L/min",
    ),
    (
        "do='plant.cooling'\ngroup='di'\nflow='1 L/min'",
        "di",
        "there is no cooling \"di\"",
        "did you mean \"die\"?",
    ),
    (
        "do='plant.cooling'\ngroup='die'\ninlet='300 C'",
        "300 C",
        "inlet cannot be 300 C",
        "-60 C to 200 C",
    ),
    (
        "do='plant.age'\nby='-1 y'",
        "-1 y",
        "by cannot be -1 y",
        "the valid range is 0 s",
    ),
    (
        "do='load.asic'\nutilisation=1.5",
        "1.5",
        "utilisation cannot be 1.5",
        "0 to 1",
    ),
    (
        "do='load.asic'\nutilisation=0.5\nasic='quantum9'",
        "quantum9",
        "there is no die \"quantum9\"",
        "did you mean",
    ),
    (
        "do='load.profile'\nprofile='trainin'",
        "trainin",
        "profile cannot be \"trainin\"",
        "training",
    ),
    (
        "do='load.profile'\nprofile='training'\nduty=0.5\nperiod='0 s'",
        "0 s",
        "a step cannot take no time",
        "2 s",
    ),
    (
        "do='load.profile'\nprofile='training'\nduty=0.9\nperiod='10 s'\nramp='2 s'",
        "2 s",
        "a ramp of 2 s does not fit into the step",
        "at most 1 s",
    ),
    (
        "do='load.trace'\ncsv='no.csv'",
        "no.csv",
        "cannot read \"no.csv\": it is not there",
        "relative to the scenario",
    ),
    (
        "do='load.trace'\ncsv='bad.csv'",
        "NaN",
        "\"NaN\" is no utilisation",
        "0 to 1",
    ),
    (
        "do='command.laser_enable'\ntarget='els0.laser1'\nenabled='yes'",
        "'yes'",
        "enabled takes true or false, found a text",
        "write true or false",
    ),
    (
        "do='command.laser_bias'\ntarget='els0.laser1'\ncurrent='-1 mA'",
        "-1 mA",
        "current cannot be -1 mA",
        "0 A to 10 A",
    ),
    (
        "do='command.heater'\ntarget='oe0.lane0'\npower='lop'",
        "lop",
        "expected a power such as \"1 W\", found \"lop\"",
        "1 W",
    ),
    (
        "do='command.power_state'\ntarget='oe0'\nstate='of'",
        "of",
        "state cannot be \"of\"",
        "did you mean \"off\"?",
    ),
    (
        "do='command.power_state'\ntarget='oe0.lane0'\nstate='off'",
        "oe0.lane0",
        "\"oe0.lane0\" is a media lane, not an engine or laser module or zone",
        "expected one of",
    ),
    (
        "do='command.reset_counter'\nsignal='rx_power_dbm'",
        "rx_power_dbm",
        "rx_power_dbm is no counter",
        "fec_codewords",
    ),
];

#[test]
fn what_is_wrong_with_an_event_is_shown_at_its_place() {
    for (keys, at, message, help) in WRONG {
        let problems = read(&format!("[[event]]\nat='1 s'\n{keys}\n")).unwrap_err();
        let [problem] = problems.0.as_slice() else {
            panic!("{keys}: {problems}");
        };
        let place = &problem.span.source.text[problem.span.range.clone()];
        assert_eq!((place, problem.message.as_str()), (*at, *message), "{keys}");
        let hint = problem.help.as_deref().unwrap_or_default();
        assert!(hint.contains(help), "{keys}: {hint}");
    }
}

#[test]
fn all_problems_of_a_file_come_at_once() {
    let text = "
titel = 'x'
[[event]]
at = '2 s'
do = 'load.asic'
utilisation = 0.5
[[event]]
at = '1 s'
do = 'load.asic'
utilisation = 2
[[event]]
do = 'load.asic'
[[event]]
at = 'soon'
do = 'plant.clear'
id = 'x'
";
    let problems = read(text).unwrap_err();
    let places: Vec<(usize, &str)> = problems
        .0
        .iter()
        .map(|problem| (problem.span.line_column().0, problem.message.as_str()))
        .collect();
    let expected = [
        (3, "a scenario has no key \"titel\""),
        (9, "time runs backwards: 1 s after 2 s"),
        (11, "utilisation cannot be 2"),
        (12, "the event lacks at"),
        (12, "load.asic lacks utilisation"),
        (15, "expected a time such as \"1 s\", found \"soon\""),
        (17, "no event above has the id \"x\""),
    ];
    assert_eq!(places, expected);
    assert!(problems.0.iter().all(|problem| problem.help.is_some()));
}

#[test]
fn the_file_states_its_format() {
    let system = system("cpo-51t");
    for (text, message) in [
        ("", "the file does not state its format"),
        (
            "format = 2",
            "format 2 is newer than this program, which reads format 1",
        ),
        ("format = '1'", "the format must be 1"),
        (
            "format = 1\nevent = 3",
            "event takes a list of tables, found an integer",
        ),
        (
            "format = 1\nevent = [3]",
            "an event is a table, found an integer",
        ),
        (
            "format = 1\ntitle = 3",
            "title takes a text, found an integer",
        ),
    ] {
        let switches = [("leaf1", &system)];
        let problems = Scenario::parse("s.toml", text.as_bytes(), &switches, &load).unwrap_err();
        assert_eq!(problems.0.len(), 1, "{problems}");
        assert_eq!(problems.0[0].message, message);
    }
}

#[test]
fn an_id_stands_once() {
    let event =
        "[[event]]\nat='1 s'\nid='x'\ndo='plant.fault'\nfault='fibre_break'\ntarget='oe0.tx0'\n";
    let problems = read(&event.repeat(2)).unwrap_err();
    assert_eq!(problems.0.len(), 1);
    assert_eq!(problems.0[0].message, "the id \"x\" stands twice");
}

#[test]
fn too_many_events_are_refused_once() {
    let event = "[[event]]\nat='1 s'\ndo='plant.fault'\nfault='modulator_open'\ntarget='*'\n";
    let problems = read(&event.repeat(400)).unwrap_err();
    assert_eq!(problems.0.len(), 1, "{problems}");
    assert!(
        problems.0[0].message.contains("more than 200000 events"),
        "{problems}"
    );
}
