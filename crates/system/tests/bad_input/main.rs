//! What a person wrote wrongly is found, all of it, with its place and how to mend it.

mod conflicts;
mod heat;
mod management;
mod maps;
mod measured;
mod tables;

use std::fmt::Write as _;

use system::{Input, Library, Problems, System};

/// `code file:line:column message | help`, one line for each problem.
fn list(problems: &Problems) -> String {
    let mut lines = String::new();
    for problem in &problems.0 {
        let (line, column) = problem.span.line_column();
        let range = &problem.span.range;
        assert!(
            problem.span.source.text.get(range.clone()).is_some(),
            "{range:?} is no part of the text: {problem}"
        );
        let help = problem.help.as_deref().unwrap_or("NO HELP");
        let file = &problem.span.source.name;
        let _ = writeln!(
            lines,
            "{} {file}:{line}:{column} {} | {help}",
            problem.code, problem.message
        );
    }
    lines
}

/// Files beside the description.
type Files<'a> = &'a [(&'a str, &'a [u8])];

fn resolve(
    library: &Library,
    bytes: &[u8],
    sets: &[&str],
    files: Files,
) -> Result<System, Problems> {
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    System::resolve(&Input {
        name: "x",
        bytes,
        sets: &sets,
        library,
        load: &|file| {
            let found = files.iter().find(|(name, _)| *name == file);
            found
                .map(|(_, bytes)| bytes.to_vec())
                .ok_or_else(|| "no such file".to_owned())
        },
    })
}

#[track_caller]
fn assert_problems(found: Result<System, Problems>, expected: &str) {
    let found = match found {
        Ok(_) => "accepted".to_owned(),
        Err(problems) => list(&problems),
    };
    assert_texts(&found, expected);
}

#[track_caller]
fn assert_texts(found: &str, expected: &str) {
    let expected: String = expected
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .flat_map(|line| [line, "\n"])
        .collect();
    let expected = expected.trim();
    let found = found.trim();
    assert_eq!(found, expected, "\nfound:\n{found}");
}

/// A platform with texts replaced and values set has exactly these problems.
#[track_caller]
fn check(platform: &str, replaced: &[(&str, &str)], sets: &[&str], expected: &str) {
    check_files(platform, replaced, sets, &[], expected);
}

#[track_caller]
fn check_files(
    platform: &str,
    replaced: &[(&str, &str)],
    sets: &[&str],
    files: Files,
    expected: &str,
) {
    let library = Library::embedded();
    let mut text = library
        .platform(platform)
        .expect("the platform exists")
        .to_owned();
    for (from, to) in replaced {
        assert!(text.contains(from), "{from:?} is not in {platform}");
        text = text.replacen(from, to, 1);
    }
    assert_problems(resolve(&library, text.as_bytes(), sets, files), expected);
}

/// A text has exactly these problems.
#[track_caller]
fn check_bytes(bytes: &[u8], expected: &str) {
    assert_problems(resolve(&Library::embedded(), bytes, &[], &[]), expected);
}

const CPO: &str = "cpo-51t";

#[test]
fn unknown_keys_name_the_nearest_one() {
    check(
        CPO,
        &[
            ("rack_units = 2", "rack_unit = 2"),
            ("reach =", "reech ="),
            ("count = 8", "cout = 8"),
        ],
        &[],
        r#"
        system::unknown-key x:7:1 unknown key "rack_unit" of system | did you mean "rack_units"?
        system::unknown-key x:18:1 unknown key "cout" of engine | did you mean "count"?
        system::unknown-key x:40:1 unknown key "reech" of fibre_plant | did you mean "reach"?
        "#,
    );
    check(
        CPO,
        &[],
        &[
            "engine.oe.photodiode.responsivty=1 A/W",
            "zone.die.temperature={valu=\"1 C\"}",
            "control.heater_lok=1",
        ],
        r#"
        system::unknown-key --set:1:22 unknown key "responsivty" of photodiode | did you mean "responsivity"?
        system::unknown-key --set:1:22 unknown key "valu" of a value | did you mean "value"?
        system::missing --set:1:22 temperature lacks `value` | write `value = "1 C"`
        system::unknown-key --set:1:9 unknown key "heater_lok" of controls | expected one of: heater_reserve, barrel_shift, use, kind, title, note, source
        "#,
    );
}

#[test]
fn wrong_dimensions_and_types_say_what_was_expected() {
    check(
        CPO,
        &[
            ("\"500 m\"", "\"500 s\""),
            ("rate = \"800 Gb/s\"", "rate = 800"),
            ("count = 64", "count = \"64\""),
            ("rack_units = 2", "rack_units = true"),
        ],
        &[],
        r#"
        system::quantity x:7:14 rack_units takes a pure number, found true or false | for example 0.5, or "50 %"
        system::type x:31:9 count takes a whole number, found a text | write a number such as 8, without quotes
        system::quantity x:32:8 rate takes a bit rate, found an integer | for example "1 b/s"
        system::quantity x:40:19 reach: expected a length, found a time ("500 s") | for example "1 m"
        "#,
    );
    check(
        CPO,
        &[],
        &[
            "engine.oe.laser_launch=1",
            "engine.oe.modulator=3",
            "engine=3",
            "engine.oe.integration=2D",
            "engine.oe.platform.germanium=1",
            "name=3",
            "fec=[]",
        ],
        r#"
        system::set --set:1:8 "engine" is an integer; it has no keys | end the path there
        system::type --set:1:6 name takes a text, found an integer | put it in quotes
        system::type --set:1:5 expected the name or the table of a part (fec or uncoded), found a list | write the part's name in quotes, or a table of its fields
        system::type --set:1:8 engine takes named tables, one for each engine, found an integer | for example a table [engine.NAME]
        "#,
    );
    check(
        CPO,
        &[],
        &[
            "zone.die.temperature=1 furlong",
            "zone.package.temperature=warm",
            "package.width=1e999 m",
            "package.height=75",
        ],
        r#"
        system::quantity --set:1:22 temperature: unknown unit "furlong" in "1 furlong"; a temperature takes C, °C, K | for example "1 C"
        system::quantity --set:1:26 temperature: expected a temperature such as "1 C", found "warm" | for example "1 C"
        system::quantity --set:1:15 width: "1e999 m" is not a finite value | for example "1 m"
        system::quantity --set:1:16 height takes a length, found an integer | for example "1 m"
        "#,
    );
}

#[test]
fn numbers_outside_their_range_are_refused() {
    check(
        CPO,
        &[],
        &[
            "engine.oe.polarisation_loss=-0.5 dB",
            "port.eth.count=0",
            "port.eth.lanes=-1",
            "port.eth.breakout=99999999999",
            "power.supply=120 %",
        ],
        "
        system::range --set:1:29 polarisation_loss cannot be -0.5 dB | the valid range is 0 dB to 10 dB
        system::range --set:1:16 count cannot be 0 | the valid range is 1 to 100000
        system::range --set:1:16 lanes cannot be -1 | the valid range is 1 to 1024
        system::range --set:1:19 breakout cannot be 99999999999 | the valid range is 1 to 1024
        system::range --set:1:14 supply cannot be 1.2 | the valid range is 0.1 to 1
        ",
    );
    check(
        CPO,
        &[],
        &[
            "facility.pue=nan",
            "power.supply=inf",
            "rack_units=1979-05-27",
            "fibre_plant.fibres_per_fau=1e2",
            "package.count=9223372036854775808",
        ],
        r#"
        system::quantity --set:1:12 rack_units takes a pure number, found a date | for example 0.5, or "50 %"
        system::type --set:1:28 fibres_per_fau takes a whole number, found a number | write a number such as 8, without quotes
        system::type --set:1:15 count takes a whole number, found an integer beyond 64 bits | write a number such as 8, without quotes
        system::quantity --set:1:14 supply takes a pure number, found a number that is not finite | for example 0.5, or "50 %"
        system::quantity --set:1:14 pue takes a pure number, found a number that is not finite | for example 0.5, or "50 %"
        "#,
    );
}

#[test]
fn missing_parts_and_sources_name_the_nearest_one() {
    check(
        CPO,
        &[
            ("\"mzm-dr-6t4\"", "\"mzm-dr-6t5\""),
            ("\"elsfp-vhp-8\"", "\"zzzzzzzz\""),
            ("fec = \"kp4\"", "fec = \"kp5\""),
            ("source = \"broadcom-bailly\"", ""),
        ],
        &[],
        r#"
        system::unknown-part x:8:7 the library has no fec or uncoded called "kp5" | did you mean "kp4"?
        system::unknown-part x:17:7 the library has no engine called "mzm-dr-6t5" | did you mean "mzm-dr-6t4"?
        system::unknown-part x:24:7 the library has no laser_module called "zzzzzzzz" | expected one of: elsfp-vhp-8, elsfp-uhp-8, elsfp-hp-8, elsfp-mp-8, elsfp-lp-8, elsfp-shp-8, elsfp-vhp-8-cwdm, comb-16
        "#,
    );
    check(
        CPO,
        &[("source = \"dr8-datasheet\"", "source = \"dr8-datashet\"")],
        &[
            "engine.oe.modulator={kind=\"ring\"}",
            "engine.oe.output_coupler={loss=\"1 dB\"}",
            "engine.oe.receive_coupler={use=\"spot-size-converter\", kind=\"grating_coupler\"}",
            "engine.oe.tia={use=3}",
            "engine.oe.input_coupler={kind=3}",
        ],
        r#"
        system::kind --set:1:21 no kind "ring" here | expected one of: mach_zehnder, ring_modulator
        system::unknown-key --set:1:26 unknown key "loss" of edge_coupler | expected one of: chip_mode_x, chip_mode_y, fibre_mode, offset, tilt, gap, gap_index, residual_loss, reflectance, measured, use, kind, title, note, source
        system::kind --set:1:27 "spot-size-converter" is of kind edge_coupler | leave `kind` out: `use` says it
        system::type --set:1:15 `use` takes a text, found an integer | write the name of a part in quotes
        system::type --set:1:25 `kind` takes a text, found an integer | write the kind of part in quotes
        library::unknown-source x:40:9 no source "dr8-datashet" | did you mean "dr8-datasheet"?
        "#,
    );
}

#[test]
fn missing_fields_are_found_all_at_once() {
    check_bytes(
        b"format = 1\nname = \"x\"",
        "
        system::missing x:1:1 the description lacks architecture, fibre_plant, fec, monitor, control, package, power, facility, repair | add architecture (one of pluggable, lpo, npo, cpo, oio); fibre_plant (the name or the table of a part (fibre_plant)); fec (the name or the table of a part (fec or uncoded)); monitor (the name or the table of a part (monitors)); control (the name or the table of a part (controls)); package (the name or the table of a part (package)); power (the name or the table of a part (power_delivery)); facility (the name or the table of a part (facility)); repair (the name or the table of a part (repair))
        ",
    );
    check(
        CPO,
        &[
            ("medium = \"optical\"\n", ""),
            ("reach =", "# reach ="),
            ("rack_units = 2", "rack_units = \"2 m\""),
            ("supply = {", "suply = {"),
        ],
        &[],
        r#"
        system::quantity x:7:14 rack_units: expected a pure number, found a length ("2 m") | for example 0.5, or "50 %"
        system::unknown-key x:98:1 unknown key "suply" of power_delivery | did you mean "supply"?
        system::missing x:29:1 port.eth lacks medium | add medium (one of optical, electrical)
        system::missing x:36:1 fibre_plant lacks reach | add reach (a length)
        "#,
    );
    check(
        CPO,
        &[
            ("laser_fibre = \"pm\"\n", ""),
            ("laser_connectors = 1\n", ""),
            ("zone = \"package\"", ""),
            ("feeds = \"oe\"", ""),
            ("clock = \"400 kHz\"", ""),
        ],
        &[],
        "
        system::missing x:74:1 bus.engines lacks clock | add clock (a frequency)
        ",
    );
}

#[test]
fn the_format_must_be_ours() {
    check(
        CPO,
        &[("format = 1", "format = 2")],
        &[],
        "
        system::format x:3:10 format 2 is newer than this program, which reads format 1 | use a newer shoreline
        ",
    );
    check(
        CPO,
        &[("format = 1", "format = 0")],
        &[],
        "
        system::format x:3:10 the format must be 1 | `shoreline migrate FILE` rewrites older files
        ",
    );
    check(
        CPO,
        &[("format = 1", "format = \"1\"")],
        &[],
        "
        system::format x:3:10 the format must be 1 | `shoreline migrate FILE` rewrites older files
        ",
    );
    check(
        CPO,
        &[("format = 1", "")],
        &["format=1"],
        "
        system::format x:1:1 the file does not state its format | start the file with `format = 1`
        system::set --set:1:1 the format belongs to the file | change it there
        ",
    );
}

#[test]
fn texts_that_are_no_toml_show_every_error() {
    check_bytes(
        b"format = 1\nname = \nrack_units = = 2\n[asic\nfec = \"kp4",
        "
        system::syntax x:2:8 string values must be quoted, expected literal string | TOML has [table] headers and `key = value` lines, each key once; texts stand in quotes
        system::syntax x:3:14 extra `=`, expected nothing | TOML has [table] headers and `key = value` lines, each key once; texts stand in quotes
        system::syntax x:3:16 unexpected key or value, expected newline, `#` | TOML has [table] headers and `key = value` lines, each key once; texts stand in quotes
        system::syntax x:4:6 unclosed table, expected `]` | TOML has [table] headers and `key = value` lines, each key once; texts stand in quotes
        ",
    );
    check_bytes(
        b"",
        "
        system::format x:1:1 the file does not state its format | start the file with `format = 1`
        system::missing x:1:1 the description lacks name, architecture, fibre_plant, fec, monitor, control, package, power, facility, repair | add name (a text); architecture (one of pluggable, lpo, npo, cpo, oio); fibre_plant (the name or the table of a part (fibre_plant)); fec (the name or the table of a part (fec or uncoded)); monitor (the name or the table of a part (monitors)); control (the name or the table of a part (controls)); package (the name or the table of a part (package)); power (the name or the table of a part (power_delivery)); facility (the name or the table of a part (facility)); repair (the name or the table of a part (repair))
        ",
    );
    check_bytes(
        b"\xef\xbb\xbfformat = 1\nnam = 2",
        r#"
        system::unknown-key x:2:1 unknown key "nam" of system | did you mean "name"?
        system::missing x:1:1 the description lacks architecture, fibre_plant, fec, monitor, control, package, power, facility, repair | add architecture (one of pluggable, lpo, npo, cpo, oio); fibre_plant (the name or the table of a part (fibre_plant)); fec (the name or the table of a part (fec or uncoded)); monitor (the name or the table of a part (monitors)); control (the name or the table of a part (controls)); package (the name or the table of a part (package)); power (the name or the table of a part (power_delivery)); facility (the name or the table of a part (facility)); repair (the name or the table of a part (repair))
        "#,
    );
    check_bytes(
        b"format = 1\nname = \"a\xff\"",
        "
        system::not-utf8 x:2:10 the file is not UTF-8: byte 0xff at offset 20 | save the file as UTF-8
        ",
    );
    check_bytes(
        &vec![b'#'; (4 << 20) + 1],
        "
        system::too-large x:1:1 the file has 4194305 bytes; the limit is 4194304 | describe repeated entities by `count`, and put measurements into CSV tables
        ",
    );
    check_bytes(
        b"\0\x01\x02",
        "
        system::syntax x:1:1 invalid unquoted key, expected letters, numbers, `-`, `_` | TOML has [table] headers and `key = value` lines, each key once; texts stand in quotes
        system::syntax x:1:4 key with no value, expected `=` | TOML has [table] headers and `key = value` lines, each key once; texts stand in quotes
        ",
    );
}

#[test]
fn settings_that_cannot_be_say_why() {
    check(
        CPO,
        &[],
        &[
            "rack_units",
            "=3",
            "engine..count=3",
            "name.x.y=3",
            "rack_units.value=1",
            "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q=1",
            "",
        ],
        r#"
        system::set --set:1:1 expected PATH=VALUE | for example --set 'engine.oe.photodiode.responsivity=0.9 A/W'
        system::set --set:1:1 an empty key in the path | keys are separated by one dot
        system::set --set:1:8 an empty key in the path | keys are separated by one dot
        system::set --set:1:12 "rack_units" is an integer; it has no keys | end the path there
        system::set --set:1:1 a path of 17 keys; the limit is 16 | name a key that the description or its parts can have
        system::type x:4:8 name takes a text, found a table | put it in quotes
        "#,
    );
    check(
        CPO,
        &[],
        &[
            "engine.oe.photodiode=none",
            "engine.oe.photodiode.responsivity.spread=+-5 %",
            "engine.oe.tia.noise={value=\"12 pA/rtHz\", spread=\"wide\"}",
            "zone.die.temperature={value=\"90 C\", spread=\"+-5 %\"}",
            "zone.faceplate.temperature={value=\"45 C\", spread=\"range 50 C .. 60 C\"}",
        ],
        r#"
        system::unknown-part --set:1:22 the library has no photodiode called "none" | expected one of: ge-56gbd, ge-106gbd, ge-32gbd
        system::spread --set:1:21 spread of noise: "wide" is not a spread; expected one of "normal 5 %", "normal 0.2 dB within 0 dB .. 1 dB", "uniform 10 %", "range 4 pJ/bit .. 6 pJ/bit", "lognormal 20 %", with units that fit the value | for example "+-5 %"
        system::spread --set:1:22 spread of temperature: the spread "5 %" of a temperature must be absolute, in K, mK | for example "+-1 K"
        system::spread --set:1:28 spread of temperature: the interval "50 C .. 60 C" does not contain the nominal value 45 C | for example "+-1 K"
        "#,
    );
    check(
        CPO,
        &[],
        &[
            "zone.die.temperature={value=\"90 C\", source=\"ieee-kp4\", estimate=\"a guess of mine\"}",
            "zone.package.temperature={value=\"70 C\", estimate=\"guess\", note=3, spread=3}",
            "engine.oe.title=3",
            "engine.oe.source=3",
        ],
        r#"
        system::type --set:1:18 source takes a text, found an integer | put it in quotes
        system::type --set:1:17 title takes a text, found an integer | put it in quotes
        library::two-origins --set:1:22 a value has a source or is an estimate, not both | remove `source` or `estimate`; remarks go into `note`
        system::type --set:1:26 note takes a text, found an integer | put it in quotes
        library::no-reason --set:1:26 the estimate says too little: "guess" | write in a few words how it was made
        system::spread --set:1:26 spread of temperature: expected a text, found an integer | for example "+-1 K"
        "#,
    );
}

#[test]
fn more_than_enough_is_refused() {
    let groups: String = (0..1025).fold(String::new(), |text, i| text + &format!("[zone.z{i}]\n"));
    check_bytes(
        format!("format = 1\n{groups}").as_bytes(),
        "
        system::too-large x:2:2 1025 groups in zone; the limit is 1024 | join equal groups into one with a `count`
        system::missing x:1:1 the description lacks name, architecture, fibre_plant, fec, monitor, control, package, power, facility, repair | add name (a text); architecture (one of pluggable, lpo, npo, cpo, oio); fibre_plant (the name or the table of a part (fibre_plant)); fec (the name or the table of a part (fec or uncoded)); monitor (the name or the table of a part (monitors)); control (the name or the table of a part (controls)); package (the name or the table of a part (package)); power (the name or the table of a part (power_delivery)); facility (the name or the table of a part (facility)); repair (the name or the table of a part (repair))
        ",
    );
    let deep = format!("format = 1\nname = {}", "[".repeat(100_000));
    check_bytes(
        deep.as_bytes(),
        "
        system::syntax x:2:88 cannot recurse further; max recursion depth met | TOML has [table] headers and `key = value` lines, each key once; texts stand in quotes
        system::syntax x:2:100008 unclosed array, expected `]` | TOML has [table] headers and `key = value` lines, each key once; texts stand in quotes
        ",
    );
    let dotted = format!("format = 1\n{} = 1", vec!["a"; 100_000].join("."));
    check_bytes(
        dotted.as_bytes(),
        "
        system::syntax x:1:1 recursion limit | TOML has [table] headers and `key = value` lines, each key once; texts stand in quotes
        ",
    );
    let header = format!("format = 1\n[{}]", vec!["a"; 100_000].join("."));
    check_bytes(
        header.as_bytes(),
        "
        system::syntax x:1:1 recursion limit | TOML has [table] headers and `key = value` lines, each key once; texts stand in quotes
        ",
    );
    let long = format!(
        "format = 1\n{} = 1\nfec = \"{}\"",
        "k".repeat(1 << 20),
        "p".repeat(1 << 20)
    );
    check_bytes(
        long.as_bytes(),
        r#"
        system::unknown-key x:2:1 unknown key "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk…" of system | expected one of: name, architecture, rack_units, asic, engine, laser_module, port, fibre_plant, fec, zone, cooling, monitor, control, bus, link, package, chassis, power, facility, repair, use, kind, title, note, source
        system::unknown-part x:3:7 the library has no fec or uncoded called "pppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp…" | expected one of: kp4, kr4, rs272, none
        system::missing x:1:1 the description lacks name, architecture, fibre_plant, monitor, control, package, power, facility, repair | add name (a text); architecture (one of pluggable, lpo, npo, cpo, oio); fibre_plant (the name or the table of a part (fibre_plant)); monitor (the name or the table of a part (monitors)); control (the name or the table of a part (controls)); package (the name or the table of a part (package)); power (the name or the table of a part (power_delivery)); facility (the name or the table of a part (facility)); repair (the name or the table of a part (repair))
        "#,
    );
}

#[test]
fn long_texts_full_of_errors_end_soon() {
    let library = Library::embedded();
    let keys: String = (0..100_000).fold(String::from("format = 1\n"), |text, i| {
        text + &format!("key{i} = 1\n")
    });
    let signs = "= = =\n".repeat(100_000);
    let rows = "1,2,3\n".repeat(100_000);
    for (text, sets) in [(keys.as_str(), &[][..]), (&signs, &[])] {
        let problems = resolve(&library, text.as_bytes(), sets, &[]).unwrap_err().0;
        assert!((100..=200).contains(&problems.len()), "{}", problems.len());
    }
    let table = format!("wavelength [nm],loss [dB]\n{rows}");
    let files: Files = &[("t.csv", table.as_bytes())];
    let platform = library
        .platform(CPO)
        .expect("the platform exists")
        .as_bytes();
    let problems = resolve(
        &library,
        platform,
        &["engine.oe.input_coupler.measured=t.csv"],
        files,
    );
    assert_eq!(problems.unwrap_err().0.len(), 200);
}
