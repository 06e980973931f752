//! No text panics, every problem has a place, and maps are consistent whatever the counts.

use std::collections::BTreeSet;

use proptest::prelude::*;
use system::{FibreUse, Input, LaserHome, Library, Part, Problems, System};
use units::{Dimension, Spread, parse_in};

fn resolve(library: &Library, bytes: &[u8], sets: &[String]) -> Result<System, Problems> {
    System::resolve(&Input {
        name: "x",
        bytes,
        sets,
        library,
        load: &|file| Err(format!("{file} is not there")),
    })
}

/// Every problem lies in its text, says something, and says how to mend it.
fn check_problems(problems: &Problems) {
    assert!(!problems.0.is_empty());
    for problem in &problems.0 {
        let range = problem.span.range.clone();
        assert!(problem.span.source.text.get(range).is_some(), "{problem:?}");
        assert!(!problem.message.is_empty());
        assert!(
            problem.help.as_ref().is_some_and(|help| !help.is_empty()),
            "no help: {problem}"
        );
    }
    assert!(!problems.to_string().is_empty());
}

/// The maps of a system agree with each other.
fn check_maps(system: &System) {
    for (idx, lane) in system.media_lanes.iter().enumerate() {
        let lane_id = system::MediaLaneId::from_index(idx);
        let lasers = system
            .lasers
            .iter()
            .filter(|laser| laser.media_lanes.contains(&lane_id));
        assert_eq!(lasers.count(), 1, "lasers of {}", lane.name);
        assert!(
            system.lasers[lane.laser.index()]
                .media_lanes
                .contains(&lane_id)
        );
        let alike = &system.lasers[lane.laser.index()].media_lanes;
        assert!(
            alike
                .iter()
                .all(|other| system.media_lanes[other.index()].wavelength == lane.wavelength),
            "a laser has one wavelength"
        );
        let engine = &system.engines[lane.engine.index()];
        assert!(engine.media_lanes.contains(&lane_id.0));
        assert!(engine.is_spare || !lane.host_lanes.is_empty());
        assert!(
            lane.host_lanes
                .clone()
                .all(|host| engine.host_lanes.contains(&host))
        );
        let ports = system
            .ports
            .iter()
            .filter(|port| port.media_lanes.iter().any(|l| l.index() == idx));
        assert_eq!(
            ports.count(),
            usize::from(lane.port.is_some()),
            "ports of {}",
            lane.name
        );
    }
    for port in &system.ports {
        let lanes: BTreeSet<_> = port.media_lanes.iter().collect();
        assert_eq!(lanes.len(), port.media_lanes.len());
    }
    let serdes: Vec<_> = system
        .host_lanes
        .iter()
        .map(|lane| lane.serdes)
        .chain(
            system
                .ports
                .iter()
                .flat_map(|port| port.serdes_lanes.iter().copied()),
        )
        .collect();
    assert_eq!(serdes.iter().collect::<BTreeSet<_>>().len(), serdes.len());
    let data: BTreeSet<_> = system
        .media_lanes
        .iter()
        .flat_map(|lane| [lane.transmit_fibre, lane.receive_fibre])
        .collect();
    let laser: BTreeSet<_> = system
        .lasers
        .iter()
        .filter_map(|laser| match laser.home {
            LaserHome::Module(_, fibre) => fibre,
            LaserHome::Engine(_) => None,
        })
        .collect();
    assert!(
        data.iter()
            .all(|fibre| system.fibres[fibre.index()].carries == FibreUse::Data)
    );
    assert!(
        laser
            .iter()
            .all(|fibre| system.fibres[fibre.index()].carries == FibreUse::Laser)
    );
    assert_eq!(data.len() + laser.len(), system.fibres.len());
    let capacity = system.description.fibre_plant.fibres_per_ferrule as usize;
    let mut held = vec![0; system.connectors.len()];
    for fibre in &system.fibres {
        held[fibre.connector.index()] += 1;
        assert_eq!(system.faus[fibre.fau.index()].engine, fibre.engine);
    }
    assert!(held.iter().all(|n| (1..=capacity).contains(n)));
    let engines: BTreeSet<_> = (0..system.engines.len())
        .flat_map(|idx| {
            let radius = system.blast_radius(Part::Engine(system::EngineId::from_index(idx)));
            radius.ports_down.into_iter().chain(radius.ports_degraded)
        })
        .collect();
    let optical = system
        .ports
        .iter()
        .filter(|port| !port.media_lanes.is_empty())
        .count();
    assert_eq!(engines.len(), optical);
}

fn platform(index: usize) -> (&'static str, &'static Library) {
    static LIBRARY: std::sync::LazyLock<Library> = std::sync::LazyLock::new(Library::embedded);
    let library: &'static Library = &LIBRARY;
    let names: Vec<_> = library.platforms().collect();
    let text = library.platform(names[index % names.len()]);
    (text.expect("the platform exists"), library)
}

/// Changes one line of a text.
fn mutate(text: &str, line: usize, kind: u8, number: i64, word: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let line = line % lines.len();
    match kind % 6 {
        0 => drop(lines.remove(line)),
        1 => lines.insert(line, lines[line].clone()),
        2 => {
            // Another number in place of the first one.
            let digits = |c: char| c.is_ascii_digit();
            if let Some(start) = lines[line].find(digits) {
                let rest = &lines[line][start..];
                let length = rest.find(|c| !digits(c)).unwrap_or(rest.len());
                lines[line].replace_range(start..start + length, &number.to_string());
            }
        }
        3 => word.clone_into(&mut lines[line]),
        4 => {
            let other = usize::try_from(number.unsigned_abs()).unwrap_or(0) % lines.len();
            lines.swap(line, other);
        }
        _ => {
            let at = lines[line]
                .char_indices()
                .map(|(at, _)| at)
                .nth(usize::try_from(number.unsigned_abs() % 40).unwrap_or(0));
            if let Some(at) = at {
                lines[line].insert_str(at, word);
            }
        }
    }
    lines.join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn no_text_panics(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "\\PC{0,200}", set in "\\PC{0,60}") {
        let (_, library) = platform(0);
        for bytes in [bytes.as_slice(), text.as_bytes(), format!("format = 1\n{text}").as_bytes()] {
            if let Err(problems) = resolve(library, bytes, std::slice::from_ref(&set)) {
                check_problems(&problems);
            }
        }
    }

    #[test]
    fn changed_platforms_resolve_or_say_why(
        index in 0usize..5,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), prop_oneof![-3i64..200, any::<i64>()], "[a-z=\\[\\]{}\"'#.0-9 -]{0,12}"), 1..4),
    ) {
        let (text, library) = platform(index);
        let mut text = text.to_owned();
        for (line, kind, number, word) in changes {
            text = mutate(&text, line.index(1000), kind, number, &word);
        }
        match resolve(library, text.as_bytes(), &[]) {
            Ok(system) => {
                if system.media_lanes.len() < 600 {
                    check_maps(&system);
                }
                let drawn = system.drawn(1, 2);
                prop_assert_eq!(drawn.fingerprint, system.fingerprint);
            }
            Err(problems) => check_problems(&problems),
        }
    }

    #[test]
    fn maps_agree_whatever_the_counts(
        (dies, per_die, lanes_log, gearbox) in (1u32..4, 1u32..4, 0u32..6, 0u32..2),
        (per_laser, wavelengths, per_fau, per_ferrule) in (1u32..9, 1u32..9, 1u32..40, 1u32..144),
        (spare, separate, shared, breakout) in any::<(bool, bool, bool, bool)>(),
    ) {
        let (text, library) = platform(0);
        let lanes = 1 << lanes_log;
        let host = lanes << gearbox;
        let rate = 106.25 * f64::from(1 << gearbox);
        let engines = dies * per_die;
        let on_port = if lanes % 2 == 0 && breakout { 2 } else { 1 };
        let mut sets = vec![
            format!("asic.switch.count={dies}"),
            format!("asic.switch.serdes.optical.lanes={}", host * per_die),
            format!("engine.oe.count={engines}"),
            format!("engine.oe.media_lanes={lanes}"),
            format!("engine.oe.host_lanes={host}"),
            format!("engine.oe.media_rate={rate} Gb/s"),
            format!("engine.oe.wavelengths_per_fibre={wavelengths}"),
            "engine.oe.channel_spacing=400 GHz".to_owned(),
            "engine.oe.multiplexer=cwdm4".to_owned(),
            "engine.oe.demultiplexer=cwdm4".to_owned(),
            "engine.oe.electrical=retimed".to_owned(),
            "engine.oe.dsp=pam4-800g".to_owned(),
            format!("engine.oe.directions={}", if shared { "shared" } else { "separate" }),
            format!("laser_module.els.lanes_per_laser={per_laser}"),
            format!("port.eth.count={}", engines * lanes / on_port),
            format!("port.eth.lanes={on_port}"),
            format!("port.eth.breakout={on_port}"),
            format!("port.eth.rate={} Gb/s", 0.9 * rate * f64::from(on_port)),
            format!("fibre_plant.fibres_per_fau={per_fau}"),
            format!("fibre_plant.fibres_per_ferrule={per_ferrule}"),
            format!("fibre_plant.ferrules={}", if separate { "separate" } else { "shared" }),
            "package.shoreline=300 mm".to_owned(),
            "package.width=1 m".to_owned(),
            "package.height=1 m".to_owned(),
        ];
        if spare {
            sets.push("engine.spare={use=\"mzm-dr-6t4\", role=\"spare\", media_lanes=2, host_lanes=2, asic=\"switch\", host=\"optical\", zone=\"package\", laser=\"cw-dfb-1310-module\", laser_launch=\"10 dBm\", count=".to_owned() + &dies.to_string() + "}");
        }
        let system = resolve(library, text.as_bytes(), &sets);
        let system = system.map_err(|problems| TestCaseError::fail(problems.to_string()))?;
        prop_assert_eq!(system.media_lanes.len(), (engines * lanes + if spare { 2 * dies } else { 0 }) as usize);
        check_maps(&system);
    }

    #[test]
    fn the_order_of_tables_and_keys_does_not_matter(seed in prop::collection::vec(any::<u32>(), 40), index in 0usize..5) {
        let (text, library) = platform(index);
        let expected = resolve(library, text.as_bytes(), &[]).map_err(|p| TestCaseError::fail(p.to_string()))?;
        // The order of groups of one kind has a meaning: it says who takes lanes first.
        let mut sections: Vec<Vec<&str>> = vec![Vec::new()];
        for line in text.lines() {
            if line.starts_with('[') {
                sections.push(Vec::new());
            }
            sections.last_mut().expect("never empty").push(line);
        }
        let kind = |section: &Vec<&str>| section[0].split(['.', ']']).next().unwrap_or("").to_owned();
        let mut kinds: Vec<String> = sections[1..].iter().map(kind).collect();
        kinds.sort();
        kinds.dedup();
        kinds.sort_by_key(|kind| seed[kind.len() % seed.len()]);
        let mut shuffled: Vec<&str> = sections[0].clone();
        for wanted in kinds {
            for section in sections[1..].iter().filter(|section| kind(section) == wanted) {
                let mut keys = section[1..].to_vec();
                keys.sort_by_key(|key| if key.starts_with("serdes.") { 0 } else { seed[key.len() % seed.len()] });
                shuffled.push(section[0]);
                shuffled.extend(keys);
            }
        }
        let found = resolve(library, shuffled.join("\n").as_bytes(), &[]).map_err(|p| TestCaseError::fail(p.to_string()))?;
        prop_assert_eq!(found.fingerprint, expected.fingerprint);
    }

    #[test]
    fn setting_twice_is_setting_once(value in 1u32..=64, loss in 0.0..10.0f64) {
        let (text, library) = platform(0);
        let sets = [format!("port.eth.count={value}"), format!("engine.oe.polarisation_loss={loss} dB")];
        let print = |sets: &[String]| resolve(library, text.as_bytes(), sets).map(|system| system.fingerprint).map_err(|p| TestCaseError::fail(p.to_string()));
        let twice: Vec<_> = sets.iter().chain(&sets).cloned().collect();
        prop_assert_eq!(print(&sets)?, print(&twice)?);
        // The last one wins, so setting back undoes.
        let back = [format!("port.eth.count={value}"), "port.eth.count=64".to_owned()];
        prop_assert_eq!(print(&back)?, print(&[])?);
    }

    #[test]
    fn quantities_are_read_or_refused(text in "[-+0-9.eE_ %a-zA-Z/°µ]{0,24}", nominal in any::<f64>(), p in 1e-9..0.999f64) {
        for dimension in Dimension::ALL {
            if let Ok(si) = parse_in(*dimension, &text) {
                prop_assert!(si.is_finite());
            }
            if nominal.is_finite() && let Ok(spread) = Spread::parse(*dimension, nominal, &text) {
                prop_assert!(!spread.quantile(nominal, p).is_nan());
            }
        }
    }
}

/// A value that is replaced is exact; the others keep theirs, and their draws.
#[test]
fn a_replaced_value_changes_itself_alone() {
    let library = Library::embedded();
    for name in ["cpo-51t", "quantum-x-115t", "dsp-51t"] {
        let text = library.platform(name).expect("a platform");
        let system = resolve(&library, text.as_bytes(), &[]).expect("platforms are sound");
        let values = system.values();
        assert!(values.len() > 100, "{name}");
        for (idx, value) in values.iter().enumerate().step_by(7) {
            let si = value.quantile(0.3);
            let asked = [(&*value.key, value.field, si)];
            let replaced = system.with_values(&asked).expect("a quantile is in range");
            assert_eq!(
                replaced.fingerprint == system.fingerprint,
                value.spread.is_exact(),
                "{}",
                value.name()
            );
            for (other, now) in replaced.values().iter().enumerate() {
                if other == idx {
                    assert_eq!(now.si.to_bits(), si.to_bits());
                    assert!(now.spread.is_exact());
                } else {
                    assert_eq!(*now, values[other]);
                }
            }
        }
        // What is replaced by its own draw is drawn again, to the bit.
        let excess = values
            .iter()
            .find(|value| value.field == "excess_loss" && value.key.contains("splitter"))
            .expect("every platform splits light");
        let si = excess.quantile(excess.draw(5).uniform(9));
        let fixed = system
            .with_values(&[(&excess.key, "excess_loss", si)])
            .expect("a quantile is in range");
        let of = |system: &System| {
            let splitter = &system.description.engine[0].value.splitter;
            splitter.excess_loss.value.value().to_bits()
        };
        assert_eq!(of(&fixed), si.to_bits());
        assert_eq!(of(&system.drawn(5, 9)), si.to_bits());
        let nothing = system.with_values(&[]).expect("nothing to replace");
        assert_eq!(nothing.fingerprint, system.fingerprint);
    }
}

/// The connections follow the length that the description gives them.
#[test]
fn a_replaced_length_reaches_the_links() {
    let library = Library::embedded();
    let text = library.platform("cpo-51t").expect("a platform");
    let system = resolve(&library, text.as_bytes(), &[]).expect("platforms are sound");
    let reach = system
        .values()
        .into_iter()
        .find(|value| value.field == "reach")
        .expect("the fibre plant has a reach");
    let moved = system
        .with_values(&[(&reach.key, "reach", 123.0)])
        .expect("a length in range");
    assert!(
        moved
            .links
            .iter()
            .all(|link| (moved.link_length(link.port).value.value() - 123.0).abs() < 1e-12)
    );
    assert!(
        system
            .links
            .iter()
            .all(|link| (system.link_length(link.port).value.value() - reach.si).abs() < 1e-12)
    );
}

#[test]
fn a_value_that_is_not_there_or_out_of_range_is_refused() {
    let library = Library::embedded();
    let text = library.platform("cpo-51t").expect("a platform");
    let system = resolve(&library, text.as_bytes(), &[]).expect("platforms are sound");
    let reach = system
        .values()
        .into_iter()
        .find(|value| value.field == "reach")
        .expect("the fibre plant has a reach");
    let unknown = system.with_values(&[(&reach.key, "rech", 1.0)]);
    assert!(matches!(unknown, Err(system::ValueError::Unknown { .. })));
    for si in [-1.0, f64::NAN, f64::INFINITY] {
        let bad = system.with_values(&[(&reach.key, "reach", si)]);
        assert!(
            matches!(bad, Err(system::ValueError::OutOfRange { .. })),
            "{si}"
        );
    }
}
