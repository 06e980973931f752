//! Files of worlds, right and wrong.

use std::cell::RefCell;

use system::{Input, Library, PortId};

use super::*;

/// Two descriptions of few lanes, one of other lanes, one with electrical ports.
fn resolve(text: &str) -> Result<System, Unresolved> {
    let library = Library::embedded();
    let (platform, sets): (&str, &[&str]) = match text {
        "leaf" => (
            "cpo-51t",
            &[
                "engine.oe.count=1",
                "port.eth.count=8",
                "asic.switch.serdes.optical.lanes=64",
            ],
        ),
        "narrow" => (
            "cpo-51t",
            &[
                "engine.oe.count=1",
                "port.eth.count=16",
                "port.eth.lanes=4",
                "port.eth.breakout=4",
                "port.eth.rate=400 Gb/s",
                "asic.switch.serdes.optical.lanes=64",
            ],
        ),
        other => (other, &[]),
    };
    let Some(bytes) = library.platform(platform) else {
        return Err(Unresolved::Absent(format!("{text:?} is not there")));
    };
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    System::resolve(&Input {
        name: text,
        bytes: bytes.as_bytes(),
        sets: &sets,
        library: &library,
        load: &|file| Err(format!("{file} is not there")),
    })
    .map_err(Unresolved::Wrong)
}

const TWO: &str = r#"
format = 1
[[switch]]
name = "a"
system = "leaf"
[[switch]]
name = "b"
system = "leaf"
seed = 5
"#;

fn parse(text: &str) -> Result<WorldFile, Problems> {
    WorldFile::parse("world.toml", text.as_bytes(), &resolve)
}

fn read(text: &str) -> WorldFile {
    parse(text).unwrap_or_else(|problems| panic!("{problems}"))
}

/// What the lanes of a port hear.
fn hears(file: &WorldFile, switch: usize, port: usize) -> Vec<FarEnd> {
    let port = &file.switches[switch].system.ports[port];
    let lanes = port.media_lanes.iter();
    lanes.map(|lane| file.far[switch][lane.index()]).collect()
}

/// The lanes of a port as those that are heard.
fn lanes(file: &WorldFile, switch: usize, port: usize, extra_db: f64) -> Vec<FarEnd> {
    let port = &file.switches[switch].system.ports[PortId::from_index(port).index()];
    let end = |lane: &MediaLaneId| {
        FarEnd::Lane(FarLane {
            switch,
            lane: *lane,
            extra_db,
        })
    };
    port.media_lanes.iter().map(end).collect()
}

#[test]
fn joined_ports_hear_each_other_and_all_others_themselves() {
    let file = read(&format!(
        "{TWO}[[link]]\nends = [\"a.eth0\", \"b.eth3\"]\nloss = \"0.3 dB\"\n"
    ));
    assert_eq!(hears(&file, 0, 0), lanes(&file, 1, 3, 0.3));
    assert_eq!(hears(&file, 1, 3), lanes(&file, 0, 0, 0.3));
    for (switch, port) in [(0, 3), (1, 0), (0, 7)] {
        assert_eq!(hears(&file, switch, port), lanes(&file, switch, port, 0.0));
    }
    assert_eq!(file.switches[0].seed, None);
    assert_eq!(file.switches[1].seed, Some(5));
}

#[test]
fn switches_of_one_text_share_their_description() {
    let asked = RefCell::new(Vec::new());
    let counted = |text: &str| {
        asked.borrow_mut().push(text.to_owned());
        resolve(text)
    };
    let file = WorldFile::parse("world.toml", TWO.as_bytes(), &counted).unwrap();
    assert_eq!(*asked.borrow(), ["leaf"]);
    assert!(Arc::ptr_eq(
        &file.switches[0].system,
        &file.switches[1].system
    ));
    let world = file.world(1).unwrap();
    let plans = world.switches().iter().map(Switch::plan);
    let plans: Vec<_> = plans.collect();
    assert!(Arc::ptr_eq(plans[0], plans[1]));
}

#[test]
fn patterns_join_in_order() {
    let file = read(&format!("{TWO}[[link]]\nends = [\"a.*\", \"b.eth*\"]\n"));
    for port in 0..8 {
        assert_eq!(hears(&file, 0, port), lanes(&file, 1, port, 0.0));
    }
    // Both ends of one switch, and a pattern over switches.
    let file = read(&format!(
        "unconnected = \"none\"{TWO}[[link]]\nends = [\"*.eth0\", \"*.eth1\"]\n"
    ));
    assert_eq!(hears(&file, 0, 0), lanes(&file, 0, 1, 0.0));
    assert_eq!(hears(&file, 1, 1), lanes(&file, 1, 0, 0.0));
    assert_eq!(hears(&file, 1, 2), [FarEnd::Nothing; 8]);
}

#[test]
fn far_ends_that_are_no_ports() {
    let file = read(&format!(
        r#"unconnected = "ideal"
        {TWO}
        [[link]]
        ends = "a.eth0"
        far = "none"
        [[link]]
        ends = ["a.eth1", ]
        far = "loopback"
        loss = "2 dB"
        "#
    ));
    assert_eq!(hears(&file, 0, 0), [FarEnd::Nothing; 8]);
    assert_eq!(hears(&file, 0, 1), lanes(&file, 0, 1, 2.0));
    assert_eq!(hears(&file, 0, 2), [FarEnd::Ideal; 8]);
}

/// The text has problems with these words, each at its place.
fn check(text: &str, expected: &[(&str, &str, &str)]) {
    let problems = parse(text).expect_err("the file is wrong").0;
    let found: Vec<String> = problems
        .iter()
        .map(|p| {
            let place = &p.span.source.text[p.span.range.clone()];
            format!(
                "{place:?}: {} ({})",
                p.message,
                p.help.clone().unwrap_or_default()
            )
        })
        .collect();
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for ((place, message, help), (found, problem)) in
        expected.iter().zip(found.iter().zip(&problems))
    {
        let at = &problem.span.source.text[problem.span.range.clone()];
        assert_eq!(at, *place, "{found}");
        assert!(problem.message.contains(message), "{found}");
        assert!(
            problem.help.as_deref().unwrap_or("").contains(help),
            "{found}"
        );
    }
}

#[test]
fn a_link_that_names_what_is_not_there() {
    let text = format!(
        r#"{TWO}
        [[link]]
        ends = ["a.eth0", "c.eth0"]
        [[link]]
        ends = ["a.eht1", "b.eth0"]
        [[link]]
        ends = ["eth1", "b.x*"]
        "#
    );
    check(
        &text,
        &[
            ("c.eth0", "there is no switch \"c\"", "did you mean \"a\"?"),
            ("a.eht1", "a has no port \"eht1\"", "did you mean \"eth1\"?"),
            ("eth1", "does not name a port of a switch", "\"a.eth0\""),
            (
                "b.x*",
                "no optical port is called \"b.x*\"",
                "any characters",
            ),
        ],
    );
}

#[test]
fn a_pattern_without_end_is_refused() {
    let end = "*".repeat(1000);
    let text = format!("{TWO}[[link]]\nends = [\"{end}.eth0\"]\nfar = \"none\"\n");
    let place = format!("{end}.eth0");
    check(&text, &[(&place, "1005 bytes", "256 at most")]);
}

#[test]
fn a_port_has_one_far_end() {
    let text = format!(
        r#"{TWO}
        [[link]]
        ends = ["a.eth0", "b.eth0"]
        [[link]]
        ends = ["a.eth*", "b.eth*"]
        [[link]]
        ends = ["b.eth1", "b.eth1"]
        "#
    );
    check(
        &text,
        &[
            ("a.eth*", "a.eth0 is joined twice", "line 12"),
            (
                "b.eth1",
                "b.eth1 is joined with itself",
                "far = \"loopback\"",
            ),
        ],
    );
}

#[test]
fn ports_that_do_not_understand_each_other() {
    let text = r#"
format = 1
[[switch]]
name = "leaf"
system = "leaf"
[[switch]]
name = "narrow"
system = "narrow"
[[switch]]
name = "fast"
system = "arista-28t"
[[switch]]
name = "half"
system = "humboldt-25t"
[[switch]]
name = "quantum"
system = "quantum-x-115t"
[[link]]
ends = ["leaf.eth0", "narrow.eth0"]
[[link]]
ends = ["fast.eth0", "narrow.eth1"]
[[link]]
ends = ["leaf.eth*", "narrow.*"]
[[link]]
ends = ["half.copper0", "leaf.eth1"]
"#;
    let problems = parse(text).expect_err("the file is wrong").0;
    let messages: Vec<&str> = problems.iter().map(|p| p.message.as_str()).collect();
    assert_eq!(
        messages[0], "leaf.eth0 has 8 lanes, and narrow.eth0 has 4",
        "{messages:#?}"
    );
    assert!(
        messages[1].contains("fast.eth0 has lanes of"),
        "{messages:#?}"
    );
    assert_eq!(
        messages[2],
        "leaf.eth* names 8 ports, and narrow.* names 16"
    );
    assert_eq!(messages.len(), 4, "{messages:#?}");
}

#[test]
fn keys_of_files_of_switches_and_of_links() {
    let text = r#"
format = 2
titel = "x"
unconnected = "loop"
[[switch]]
name = "a b"
system = "leaf"
sede = 3
[[switch]]
name = "c"
system = "nowhere"
seed = -1
[[switch]]
name = "c"
[[switch]]
name = ".."
system = "leaf"
[[link]]
ends = ["c.eth0"]
[[link]]
ends = ["c.eth0"]
far = "none"
loss = "1 dB"
[[link]]
ends = ["c.eth0", "c.eth1"]
far = "none"
[[link]]
ends = ["c.eth0", "c.eth1", "c.eth2"]
"#;
    let problems = parse(text).expect_err("the file is wrong").0;
    let found: Vec<(&str, &str)> = problems
        .iter()
        .map(|p| (&p.span.source.text[p.span.range.clone()], p.code))
        .collect();
    let expected = [
        ("2", "world::format"),
        ("titel", "world::unknown-key"),
        ("loop", "world::value"),
        ("-1", "world::type"),
        ("a b", "world::name"),
        ("..", "world::name"),
    ];
    for problem in expected {
        assert!(found.contains(&problem), "{problem:?} in {found:#?}");
    }
    for code in ["world::system", "world::missing", "world::link"] {
        assert!(
            found.iter().any(|(_, of)| *of == code),
            "{code} in {found:#?}"
        );
    }
    assert!(problems.iter().all(|problem| problem.help.is_some()));
}

#[test]
fn a_world_is_told_from_a_description() {
    let library = Library::embedded();
    let platform = library.platform("cpo-51t").unwrap();
    assert!(!WorldFile::is_one("cpo-51t", platform.as_bytes()));
    assert!(WorldFile::is_one("w", TWO.as_bytes()));
    assert!(WorldFile::is_one("w", b"[[link]]\nends = 3"));
    assert!(!WorldFile::is_one("w", b"\xff"));
    let problems =
        parse("format = 1\n[[link]]\nends = [\"a.b\", \"c.d\"]\n").expect_err("no switch");
    assert_eq!(problems.0[0].message, "the world has no switch");
}

#[test]
fn faults_say_on_which_switch_they_are() {
    use crate::fault::Fault;
    let file = read(TWO);
    let switches = file.named();
    let (switch, fault) = Fault::parse_among("b: fibre_dirt oe.tx3 2 dB", &switches).unwrap();
    assert_eq!(switch, 1);
    assert_eq!(
        fault,
        Fault::parse("fibre_dirt oe.tx3 2 dB", switches[1].1).unwrap()
    );
    let alone = &switches[..1];
    assert_eq!(
        Fault::parse_among("fibre_dirt oe.tx3 2 dB", alone)
            .unwrap()
            .0,
        0
    );
    assert_eq!(
        Fault::parse_among("a: fibre_dirt oe.tx3 2 dB", alone)
            .unwrap()
            .0,
        0
    );
    for (text, place, message) in [
        (
            "fibre_dirt oe.tx3 2 dB",
            "fibre_dirt oe.tx3 2 dB",
            "on which switch",
        ),
        ("c : fibre_dirt oe.tx3 2 dB", "c", "no switch \"c\""),
        ("b: fibre_dirt oe.tx999 2 dB", "oe.tx999", "oe.tx999"),
        ("b:", "", "nothing stands here"),
    ] {
        let problems = Fault::parse_among(text, &switches).expect_err(text);
        let problem = &problems.0[0];
        assert_eq!(&problem.span.source.text[problem.span.range.clone()], place);
        assert!(problem.message.contains(message), "{problem}");
        assert!(problem.help.is_some());
    }
}
