//! What a person wrote wrongly is found, all of it, with its place and how to mend it.

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
        system::unknown-key --set:1:9 unknown key "heater_lok" of controls | expected one of: heater_reserve, laser_power_error, laser_bias_floor, heater_time, use, kind, title, note, source
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
            "engine.oe.platform.detects=1",
            "name=3",
            "fec=[]",
        ],
        r#"
        system::set --set:1:8 "engine" is an integer; it has no keys | end the path there
        system::type --set:1:6 name takes a text, found an integer | put it in quotes
        system::type --set:1:5 expected the name or the table of a part (fec), found a list | write the part's name in quotes, or a table of its fields
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
        r#"
        system::range --set:1:29 polarisation_loss cannot be -0.5 dB | the valid range is 0 dB to 10 dB
        system::range --set:1:16 count cannot be 0 | the valid range is 1 to 100000
        system::range --set:1:16 lanes cannot be -1 | the valid range is 1 to 1024
        system::range --set:1:19 breakout cannot be 99999999999 | the valid range is 1 to 1024
        system::range --set:1:14 supply cannot be 1.2 | the valid range is 0.1 to 1
        "#,
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
        system::unknown-part x:8:7 the library has no fec called "kp5" | did you mean "kp4"?
        system::unknown-part x:17:7 the library has no engine called "mzm-dr-6t5" | did you mean "mzm-dr-6t4"?
        system::unknown-part x:24:7 the library has no laser_module called "zzzzzzzz" | expected one of: elsfp-vhp-8, elsfp-uhp-8, elsfp-hp-8
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
        r#"
        system::missing x:1:1 the description lacks architecture, rack_units, fibre_plant, fec, monitor, control, package, power, facility, repair | add architecture (one of pluggable, lpo, npo, cpo, oio); rack_units (a pure number); fibre_plant (the name or the table of a part (fibre_plant)); fec (the name or the table of a part (fec)); monitor (the name or the table of a part (monitors)); control (the name or the table of a part (controls)); package (the name or the table of a part (package)); power (the name or the table of a part (power_delivery)); facility (the name or the table of a part (facility)); repair (the name or the table of a part (repair))
        "#,
    );
    check(
        CPO,
        &[
            ("medium = \"optical\"\n", ""),
            ("reach =", "# reach ="),
            ("rack_units = 2", "rack_units = \"2 m\""),
            ("supply =", "suply ="),
        ],
        &[],
        r#"
        system::quantity x:7:14 rack_units: expected a pure number, found a length ("2 m") | for example 0.5, or "50 %"
        system::unknown-key x:91:1 unknown key "suply" of power_delivery | did you mean "supply"?
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
        r#"
        system::missing x:69:1 bus.engines lacks clock | add clock (a frequency)
        "#,
    );
}

#[test]
fn references_to_groups_must_lead_somewhere() {
    check(
        CPO,
        &[
            ("zone = \"die\"", "zone = \"dye\""),
            ("zone = \"package\"", "zone = \"pack\""),
            ("asic = \"switch\"", "asic = \"swich\""),
            ("engine = \"oe\"\nbanks", "engine = \"eo\"\nbanks"),
            ("laser_module = \"els\"", "laser_module = \"elfs\""),
        ],
        &[],
        r#"
        system::reference x:12:8 zone "dye" of asic.switch does not exist | did you mean "die"?
        system::reference x:19:8 asic "swich" of engine.oe does not exist | did you mean "switch"?
        system::reference x:21:8 zone "pack" of engine.oe does not exist | expected one of: die, package, faceplate
        system::reference x:73:10 engine "eo" of bus.engines does not exist | did you mean "oe"?
        system::reference x:78:16 laser_module "elfs" of bus.lasers does not exist | did you mean "els"?
        "#,
    );
    check(
        CPO,
        &[("host = \"optical\"", "host = \"optics\"")],
        &[],
        r#"
        system::reference x:20:8 host "optics" of engine.oe does not exist | did you mean "optical"?
        "#,
    );
    check(
        CPO,
        &[
            ("feeds = \"oe\"", "feeds = \"ao\""),
            ("engine = \"oe\"\nbreakout", "engine = \"oa\"\nbreakout"),
        ],
        &["link.l.port=eht"],
        r#"
        system::reference x:25:9 feeds "ao" of laser_module.els does not exist | expected one of: oe
        system::map x:15:1 nothing lights oe: it has no laser, and no laser module feeds it | add a laser, or a laser_module with `feeds = "oe"`
        system::reference x:34:10 engine "oa" of port.eth does not exist | did you mean "oe"?
        system::reference --set:1:13 port "eht" of link.l does not exist | did you mean "eth"?
        "#,
    );
    check(
        "humboldt-25t",
        &[("asic = \"switch\"\nserdes = \"front\"", "asic = \"swatch\"")],
        &[],
        r#"
        system::reference x:45:8 asic "swatch" of port.copper does not exist | did you mean "switch"?
        "#,
    );
    check(
        "humboldt-25t",
        &[("serdes = \"front\"", "")],
        &["link.l.port=copper"],
        r#"
        system::missing x:39:1 port.copper lacks serdes | add `serdes = ...`, one of: optical, front
        system::map --set:1:13 link.l joins copper, whose ports are electrical | name a group of optical ports
        "#,
    );
}

#[test]
fn maps_that_cannot_be_say_why() {
    check(
        CPO,
        &[("count = 8", "count = 9")],
        &["package.shoreline=290 mm"],
        r#"
        system::map x:20:8 the 512 lanes of class optical on switch are used up before engine 9 of 9 | each engine takes 64 of them; raise the class's `lanes` or lower `count`
        "#,
    );
    check(
        CPO,
        &[],
        &["asic.switch.count=3"],
        r#"
        system::map x:18:9 8 engines do not spread evenly over 3 ASICs | `count` must be a multiple of 3
        "#,
    );
    check(
        CPO,
        &[],
        &["engine.oe.host_lanes=48"],
        r#"
        system::map --set:1:22 no gearbox joins 48 host lanes with 64 media lanes | one of `host_lanes` and `media_lanes` must divide the other
        system::map x:15:1 48 host lanes carry 5100.0 Gb/s, 64 media lanes 6800.0 Gb/s | coding explains a difference of 10 % at most; change `media_rate`, the numbers of lanes, or the SerDes class in `host`
        "#,
    );
    check(
        CPO,
        &[],
        &["engine.oe.media_rate=53.125 Gb/s"],
        r#"
        system::map --set:1:22 64 host lanes carry 6800.0 Gb/s, 64 media lanes 3400.0 Gb/s | coding explains a difference of 10 % at most; change `media_rate`, the numbers of lanes, or the SerDes class in `host`
        "#,
    );
    check(
        CPO,
        &[],
        &["port.eth.striped_over=2"],
        r#"
        system::map --set:1:23 8 lanes cannot be striped over 2 of 1 ASICs | `striped_over` must divide both the lanes of a port and the number of ASICs
        "#,
    );
    check(
        "quantum-x-115t",
        &[],
        &["port.ib.striped_over=3"],
        r#"
        system::map --set:1:22 4 lanes cannot be striped over 3 of 4 ASICs | `striped_over` must divide both the lanes of a port and the number of ASICs
        "#,
    );
    check(
        CPO,
        &[],
        &["laser_module.els.count=15"],
        r#"
        system::map --set:1:24 15 modules have 120 lasers; the lanes need 128 at 4 lanes each | use 16 modules, or leave `count` out
        "#,
    );
    check(
        CPO,
        &[],
        &["laser_module.more={use=\"elsfp-vhp-8\", feeds=\"oe\", zone=\"faceplate\"}"],
        r#"
        system::map x:15:1 more than one group of laser modules feeds oe: els, more | split the engines into groups, one for each group of laser modules
        "#,
    );
    check(
        CPO,
        &[],
        &[
            "engine.oe.laser=cw-dfb-1310-module",
            "engine.oe.laser_launch=17 dBm",
        ],
        r#"
        system::map --set:1:17 oe has lasers inside and laser modules too: els | remove the engine's `laser`, or the laser modules
        "#,
    );
    check(
        "dsp-51t",
        &[],
        &["engine.module.electrical=lineal"],
        r#"
        system::choice --set:1:26 electrical cannot be "lineal" | did you mean "linear"?
        "#,
    );
    check(
        CPO,
        &[(
            "[laser_module.els]",
            "[engine.dark]\nuse = \"mzm-dr-6t4\"\nrole = \"spare\"\nasic = \"switch\"\nhost = \"optical\"\nzone = \"package\"\n[laser_module.els]",
        )],
        &["package.shoreline=290 mm"],
        r#"
        system::map x:23:1 nothing lights dark: it has no laser, and no laser module feeds it | add a laser, or a laser_module with `feeds = "dark"`
        "#,
    );
    check(
        CPO,
        &[],
        &["port.eth.breakout=3", "port.eth.count=65"],
        r#"
        system::map --set:1:19 8 lanes do not break out into 3 ports | `breakout` must divide `lanes`
        system::map --set:1:16 the lanes are used up after 64 of 65 ports | lower `count` or `lanes`, or give the switch more engines or SerDes lanes
        "#,
    );
    check(
        CPO,
        &[],
        &["port.eth.rate=1600 Gb/s"],
        r#"
        system::map --set:1:15 a lane of this port carries 200.00 Gb/s of data; a lane of oe runs at 106.25 Gb/s | the lane's rate is the data rate plus coding; change `rate` or `lanes`
        "#,
    );
    check(
        CPO,
        &[],
        &["port.eth.rate=100 Gb/s"],
        r#"
        system::map --set:1:15 a lane of this port carries 12.50 Gb/s of data; a lane of oe runs at 106.25 Gb/s | the lane's rate is the data rate plus coding; change `rate` or `lanes`
        "#,
    );
    check(
        "humboldt-25t",
        &[],
        &["port.copper.rate=800 Gb/s"],
        r#"
        system::map --set:1:18 a lane of this port carries 200.00 Gb/s of data; class front runs at 106.25 Gb/s | lower `rate`, raise `lanes`, or name a faster class in `serdes`
        "#,
    );
    check(
        "humboldt-25t",
        &[],
        &["port.copper.count=33"],
        r#"
        system::map --set:1:19 the lanes are used up after 32 of 33 ports | lower `count` or `lanes`, or give the switch more engines or SerDes lanes
        "#,
    );
    check(
        CPO,
        &[],
        &["package.shoreline=159 mm", "fec.k=515"],
        r#"
        system::map --set:1:19 the engines take 160.0 mm of package edge; 159.0 mm are there | use fewer or narrower engines (`edge_width`), or a longer `shoreline`
        system::map --set:1:7 RS(544,515) is no Reed-Solomon code | `n` less `k` must be even and positive
        "#,
    );
    check(
        CPO,
        &[],
        &["package.shoreline=301 mm"],
        r#"
        system::map --set:1:19 the shoreline of 301.0 mm is longer than the edge of the package, 300.0 mm | shorten `shoreline`, or correct `width` and `height`
        "#,
    );
    check(
        CPO,
        &[],
        &["link.a={port=\"eth\"}", "link.b={port=\"eth\"}"],
        r#"
        system::map --set:1:8 two links join the ports of eth | remove one, or split the ports into groups
        "#,
    );
}

#[test]
fn huge_counts_are_refused_before_anything_is_made() {
    check(
        CPO,
        &[],
        &["port.eth.count=100000", "port.eth.lanes=1024"],
        r#"
        system::too-large x:1:1 the description has 102401544 lanes and lasers; the limit is 1048576 | lower the counts; a fleet is many systems, not one
        "#,
    );
    check(
        CPO,
        &[],
        &[
            "engine.oe.count=100000",
            "engine.oe.media_lanes=4096",
            "engine.oe.host_lanes=4096",
        ],
        r#"
        system::too-large x:1:1 the description has 819201032 lanes and lasers; the limit is 1048576 | lower the counts; a fleet is many systems, not one
        "#,
    );
    check(
        CPO,
        &[],
        &[
            "asic.switch.count=1024",
            "asic.switch.serdes.optical.lanes=100000",
        ],
        r#"
        system::too-large x:1:1 the description has 102401544 lanes and lasers; the limit is 1048576 | lower the counts; a fleet is many systems, not one
        "#,
    );
    check(
        CPO,
        &[],
        &[
            "laser_module.els.count=100000",
            "laser_module.els.lasers=64",
        ],
        r#"
        system::too-large x:1:1 the description has 6402048 lanes and lasers; the limit is 1048576 | lower the counts; a fleet is many systems, not one
        "#,
    );
    check(
        CPO,
        &[],
        &["asic.switch.serdes.optical.lanes=4294967296"],
        r#"
        system::range --set:1:34 lanes cannot be 4294967296 | the valid range is 1 to 100000
        "#,
    );
}

#[test]
fn names_tell_entities_apart() {
    check(
        CPO,
        &[(
            "[laser_module.els]",
            "[engine.oe1]\nuse = \"mzm-dr-6t4\"\nrole = \"spare\"\nasic = \"switch\"\nhost = \"optical\"\nzone = \"package\"\n[laser_module.spare]\nuse = \"elsfp-vhp-8\"\nfeeds = \"oe1\"\nzone = \"package\"\n[laser_module.els]",
        )],
        &["package.shoreline=290 mm"],
        r#"
        system::name x:23:1 the name "oe1" would stand twice | rename engine.oe1: counted names end in their number
        "#,
    );
    check(
        CPO,
        &[(
            "[zone.die]",
            "[zone.\"a.b\"]\ntemperature = \"1 C\"\n[zone.\"\"]\ntemperature = \"1 C\"\n[zone.die]",
        )],
        &[],
        r#"
        system::name x:52:7 a group cannot be called "a.b" | a name has 1 to 64 letters, digits, `-`, `_` or `/`
        system::name x:54:7 a group cannot be called "" | a name has 1 to 64 letters, digits, `-`, `_` or `/`
        "#,
    );
    check(
        CPO,
        &[
            ("[zone.die]", "[zone.package]\n[zone.die]"),
            ("count = 64", "count = 64\ncount = 32"),
        ],
        &[],
        r#"
        system::syntax x:32:1 duplicate key | TOML has [table] headers and `key = value` lines, each key once; texts stand in quotes
        system::syntax x:56:7 duplicate key | TOML has [table] headers and `key = value` lines, each key once; texts stand in quotes
        "#,
    );
}

#[test]
fn the_format_must_be_ours() {
    check(
        CPO,
        &[("format = 1", "format = 2")],
        &[],
        r#"
        system::format x:3:10 format 2 is newer than this program, which reads format 1 | use a newer shoreline
        "#,
    );
    check(
        CPO,
        &[("format = 1", "format = 0")],
        &[],
        r#"
        system::format x:3:10 the format must be 1 | `shoreline migrate FILE` rewrites older files
        "#,
    );
    check(
        CPO,
        &[("format = 1", "format = \"1\"")],
        &[],
        r#"
        system::format x:3:10 the format must be 1 | `shoreline migrate FILE` rewrites older files
        "#,
    );
    check(
        CPO,
        &[("format = 1", "")],
        &["format=1"],
        r#"
        system::format x:1:1 the file does not state its format | start the file with `format = 1`
        system::set --set:1:1 the format belongs to the file | change it there
        "#,
    );
}

#[test]
fn texts_that_are_no_toml_show_every_error() {
    check_bytes(
        b"format = 1\nname = \nrack_units = = 2\n[asic\nfec = \"kp4",
        r#"
        system::syntax x:2:8 string values must be quoted, expected literal string | TOML has [table] headers and `key = value` lines, each key once; texts stand in quotes
        system::syntax x:3:14 extra `=`, expected nothing | TOML has [table] headers and `key = value` lines, each key once; texts stand in quotes
        system::syntax x:3:16 unexpected key or value, expected newline, `#` | TOML has [table] headers and `key = value` lines, each key once; texts stand in quotes
        system::syntax x:4:6 unclosed table, expected `]` | TOML has [table] headers and `key = value` lines, each key once; texts stand in quotes
        "#,
    );
    check_bytes(
        b"",
        r#"
        system::format x:1:1 the file does not state its format | start the file with `format = 1`
        system::missing x:1:1 the description lacks name, architecture, rack_units, fibre_plant, fec, monitor, control, package, power, facility, repair | add name (a text); architecture (one of pluggable, lpo, npo, cpo, oio); rack_units (a pure number); fibre_plant (the name or the table of a part (fibre_plant)); fec (the name or the table of a part (fec)); monitor (the name or the table of a part (monitors)); control (the name or the table of a part (controls)); package (the name or the table of a part (package)); power (the name or the table of a part (power_delivery)); facility (the name or the table of a part (facility)); repair (the name or the table of a part (repair))
        "#,
    );
    check_bytes(
        b"\xef\xbb\xbfformat = 1\nnam = 2",
        r#"
        system::unknown-key x:2:1 unknown key "nam" of system | did you mean "name"?
        system::missing x:1:1 the description lacks architecture, rack_units, fibre_plant, fec, monitor, control, package, power, facility, repair | add architecture (one of pluggable, lpo, npo, cpo, oio); rack_units (a pure number); fibre_plant (the name or the table of a part (fibre_plant)); fec (the name or the table of a part (fec)); monitor (the name or the table of a part (monitors)); control (the name or the table of a part (controls)); package (the name or the table of a part (package)); power (the name or the table of a part (power_delivery)); facility (the name or the table of a part (facility)); repair (the name or the table of a part (repair))
        "#,
    );
    check_bytes(
        b"format = 1\nname = \"a\xff\"",
        r#"
        system::not-utf8 x:2:10 the file is not UTF-8: byte 0xff at offset 20 | save the file as UTF-8
        "#,
    );
    check_bytes(
        &vec![b'#'; (4 << 20) + 1],
        r#"
        system::too-large x:1:1 the file has 4194305 bytes; the limit is 4194304 | describe repeated entities by `count`, and put measurements into CSV tables
        "#,
    );
    check_bytes(
        b"\0\x01\x02",
        r#"
        system::syntax x:1:1 invalid unquoted key, expected letters, numbers, `-`, `_` | TOML has [table] headers and `key = value` lines, each key once; texts stand in quotes
        system::syntax x:1:4 key with no value, expected `=` | TOML has [table] headers and `key = value` lines, each key once; texts stand in quotes
        "#,
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
        ],
        r#"
        system::unknown-part --set:1:22 the library has no photodiode called "none" | expected one of: ge-56gbd, ge-106gbd
        system::spread --set:1:21 spread of noise: "wide" is not a spread; expected one of "normal 5 %", "normal 0.2 dB within 0 dB .. 1 dB", "uniform 10 %", "range 4 pJ/bit .. 6 pJ/bit", "lognormal 20 %", with units that fit the value | for example "+-5 %"
        system::spread --set:1:22 spread of temperature: the spread "5 %" of a temperature must be absolute, in K, mK | for example "+-1 K"
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
fn measured_tables_are_checked_cell_by_cell() {
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[("t.csv", b"")],
        r#"
        table::empty t.csv:1:1 the table is empty | the first line is, for example, "wavelength [m],loss [dB]"
        "#,
    );
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[("t.csv", b"# nothing\n\n")],
        r#"
        table::empty t.csv:1:1 the table is empty | the first line is, for example, "wavelength [m],loss [dB]"
        "#,
    );
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[("t.csv", b"wavelength [nm]\n1310\n")],
        r#"
        table::column t.csv:1:1 no column "loss" | the first line is, for example, "wavelength [m],loss [dB]"
        "#,
    );
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[("t.csv", b"wavelengh [nm],loss [dB]\n1310,1\n")],
        r#"
        table::column t.csv:1:1 unknown column "wavelengh" | did you mean "wavelength"?
        "#,
    );
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[("t.csv", b"wavelength [dB],loss\n1310,1\n")],
        r#"
        table::unit t.csv:1:1 column "wavelength" needs the unit of a length in brackets | for example "wavelength [m]"; units: m, km, cm, mm, um, µm, nm, pm
        table::unit t.csv:1:17 column "loss" needs the unit of a ratio in decibels in brackets | for example "loss [dB]"; units: dB
        "#,
    );
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[("t.csv", b"wavelength [nm],loss [dB],loss [dB]\n1310,1,1\n")],
        r#"
        table::column t.csv:1:27 column "loss" stands twice | remove one
        "#,
    );
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[("t.csv", b"wavelength [nm],loss [dB]\n1310,1\n")],
        r#"
        table::short t.csv:1:1 too few rows: 1 | nothing can be interpolated between fewer than two
        "#,
    );
    check_files(CPO, &[], &["engine.oe.input_coupler.measured=t.csv"], &[("t.csv", b"wavelength [nm],loss [dB]\n1310\n1311,,\n1312,\n1313,one\n1314,NaN\n1315,inf\n1316,-1\n1e30,1\n\"1317\",1\n")], r#"
        table::row t.csv:2:1 the row has 1 cells, the header 2 | separate cells by commas and write numbers with a decimal point
        table::row t.csv:3:1 the row has 3 cells, the header 2 | separate cells by commas and write numbers with a decimal point
        table::number t.csv:4:6 loss cannot be "" dB | the valid range is 0 dB to 100 dB; leave rows with gaps out
        table::number t.csv:5:6 loss cannot be "one" dB | the valid range is 0 dB to 100 dB; leave rows with gaps out
        table::number t.csv:6:6 loss cannot be "NaN" dB | the valid range is 0 dB to 100 dB; leave rows with gaps out
        table::number t.csv:7:6 loss cannot be "inf" dB | the valid range is 0 dB to 100 dB; leave rows with gaps out
        table::number t.csv:8:6 loss cannot be "-1" dB | the valid range is 0 dB to 100 dB; leave rows with gaps out
        table::number t.csv:9:1 wavelength cannot be "1e30" nm | the valid range is 800 nm to 1.7 um; leave rows with gaps out
        table::number t.csv:10:1 wavelength cannot be "\"1317\"" nm | the valid range is 800 nm to 1.7 um; leave rows with gaps out
        "#);
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[(
            "t.csv",
            b"\xef\xbb\xbfwavelength [nm],loss [dB]\r\n1310,1\r\n1300,1\r\n",
        )],
        r#"
        table::order t.csv:3:1 wavelength does not rise | sort the rows by wavelength, each place once
        "#,
    );
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[("t.csv", b"wavelength [nm],loss [dB]\n1310,1\n1310,2\n")],
        r#"
        table::order t.csv:3:1 wavelength does not rise | sort the rows by wavelength, each place once
        "#,
    );
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[("t.csv", b"wavelength;loss\n1310;1\n")],
        r#"
        table::column t.csv:1:1 unknown column "wavelength;loss" | expected one of: wavelength, loss
        "#,
    );
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[("t.csv", b"wavelength [nm],loss [dB]\n1310,\xff\n")],
        r#"
        system::not-utf8 --set:1:34 "t.csv" is not UTF-8: byte 0xff at offset 31 | save the file as UTF-8
        "#,
    );
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[("t.csv", &vec![b'\n'; (4 << 20) + 1])],
        r#"
        system::too-large --set:1:34 "t.csv" has 4194305 bytes; the limit is 4194304 | thin the table out
        "#,
    );
    check(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=gone.csv"],
        r#"
        system::file --set:1:34 cannot read "gone.csv": no such file | the path is relative to the description
        "#,
    );
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[(
            "t.csv",
            b"wavelength [nm],loss [dB]\n1300,1\n1310,1.5\n1320,1\n",
        )],
        r#"
        accepted
        "#,
    );
}

#[test]
fn laser_tables_rise_in_temperature_and_then_in_current() {
    check_files(CPO, &[], &["laser_module.els.laser.measured=t.csv"], &[("t.csv", b"temperature [C],current [mA],power [mW],voltage [V]\n25,100,28,1.2\n25,200,58,1.3\n70,100,10,1.2\n70,200,30,1.3\n")], r#"
        accepted
        "#);
    check_files(CPO, &[], &["laser_module.els.laser.measured=t.csv"], &[("t.csv", b"temperature [C],current [mA],power [mW],voltage [V]\n25,100,28,1.2\n70,100,10,1.2\n25,200,58,1.3\n70,200,30,1.3\n")], r#"
        table::order t.csv:4:1 temperature does not rise | sort the rows by temperature, then current, each place once
        "#);
    check_files(
        CPO,
        &[],
        &["laser_module.els.laser.measured=t.csv"],
        &[(
            "t.csv",
            b"temperature [C],current [mA],power [mW],voltage [V]\n25,200,28,1.2\n25,100,58,1.3\n",
        )],
        r#"
        table::order t.csv:3:1 current does not rise | sort the rows by temperature, then current, each place once
        "#,
    );
    check_files(
        CPO,
        &[],
        &["laser_module.els.laser.measured=t.csv"],
        &[(
            "t.csv",
            b"temperature [C],current [mA],power [mW],voltage [V]\n70,100,28,1.2\n25,100,58,1.3\n",
        )],
        r#"
        table::order t.csv:3:1 temperature does not rise | sort the rows by temperature, then current, each place once
        "#,
    );
}

#[test]
fn peers_are_read_and_their_problems_shown() {
    check_files(
        CPO,
        &[],
        &["link.l={port=\"eth\", peer=\"far.toml\"}"],
        &[],
        r#"
        system::peer --set:1:8 cannot read the peer "far.toml": no such file | expected one of: cpo-51t, quantum-x-115t, dsp-51t, dsp-102t, humboldt-25t
        "#,
    );
    check(
        CPO,
        &[(
            "[package]",
            "[link.up]\nport = \"eth\"\npeer = \"dsp-51\"\n[package]",
        )],
        &[],
        r#"
        system::peer x:84:8 cannot read the peer "dsp-51": no such file | did you mean "dsp-51t"?
        "#,
    );
    check_files(
        CPO,
        &[],
        &["link.l={port=\"eth\", peer=\"far.toml\"}"],
        &[("far.toml", b"format = 1\nnaem = 3")],
        r#"
        system::unknown-key far.toml:2:1 unknown key "naem" of system | did you mean "name"?
        system::missing far.toml:1:1 the description lacks architecture, rack_units, fibre_plant, fec, monitor, control, package, power, facility, repair | add architecture (one of pluggable, lpo, npo, cpo, oio); rack_units (a pure number); fibre_plant (the name or the table of a part (fibre_plant)); fec (the name or the table of a part (fec)); monitor (the name or the table of a part (monitors)); control (the name or the table of a part (controls)); package (the name or the table of a part (package)); power (the name or the table of a part (power_delivery)); facility (the name or the table of a part (facility)); repair (the name or the table of a part (repair))
        "#,
    );
    check_files(
        CPO,
        &[],
        &["link.l={port=\"eth\", peer=\"dsp-51t\"}"],
        &[],
        r#"
        accepted
        "#,
    );
}

#[test]
fn two_groups_of_engines_make_feeds_necessary() {
    check(
        CPO,
        &[
            ("feeds = \"oe\"", ""),
            (
                "[laser_module.els]",
                "[engine.more]\nuse = \"mzm-dr-6t4\"\nrole = \"spare\"\nasic = \"switch\"\nhost = \"optical\"\nzone = \"package\"\n[laser_module.els]",
            ),
        ],
        &[],
        r#"
        system::missing x:29:1 laser_module.els lacks feeds | add `feeds = ...`, one of: oe, more
        system::map x:15:1 nothing lights oe: it has no laser, and no laser module feeds it | add a laser, or a laser_module with `feeds = "oe"`
        system::map x:23:1 nothing lights more: it has no laser, and no laser module feeds it | add a laser, or a laser_module with `feeds = "more"`
        "#,
    );
    check(
        CPO,
        &[
            ("laser_fibre = \"pm\"\n", ""),
            ("laser_connectors = 1\n", ""),
            ("zone = \"package\"", ""),
        ],
        &[],
        r#"
        system::missing x:15:1 engine.oe lacks zone | add `zone = ...`, one of: die, package, faceplate
        "#,
    );
    check(
        CPO,
        &[
            ("laser_fibre = \"pm\"\n", ""),
            ("laser_connectors = 1\n", ""),
        ],
        &[],
        r#"
        system::missing x:37:1 fibre_plant lacks laser_fibre, laser_connectors | add them: the lasers of els are outside the engines
        "#,
    );
    check(
        CPO,
        &[("[zone.die]", "[zone.dye]")],
        &["zone={}"],
        r#"
        system::reference x:12:8 zone "die" of asic.switch does not exist | the description has nothing of this kind; add it
        system::reference x:21:8 zone "package" of engine.oe does not exist | the description has nothing of this kind; add it
        "#,
    );
    check(
        "dsp-51t",
        &[],
        &[
            "engine.module.laser={use=\"cw-dfb-1310-module\"}",
            "engine.module.edge_width=nothing",
        ],
        r#"
        system::quantity --set:1:26 edge_width: expected a length such as "1 m", found "nothing" | for example "1 m"
        "#,
    );
}

#[test]
fn more_than_enough_is_refused() {
    let groups: String = (0..1025).fold(String::new(), |text, i| text + &format!("[zone.z{i}]\n"));
    check_bytes(
        format!("format = 1\n{groups}").as_bytes(),
        r#"
        system::too-large x:2:2 1025 groups in zone; the limit is 1024 | join equal groups into one with a `count`
        system::missing x:1:1 the description lacks name, architecture, rack_units, fibre_plant, fec, monitor, control, package, power, facility, repair | add name (a text); architecture (one of pluggable, lpo, npo, cpo, oio); rack_units (a pure number); fibre_plant (the name or the table of a part (fibre_plant)); fec (the name or the table of a part (fec)); monitor (the name or the table of a part (monitors)); control (the name or the table of a part (controls)); package (the name or the table of a part (package)); power (the name or the table of a part (power_delivery)); facility (the name or the table of a part (facility)); repair (the name or the table of a part (repair))
        "#,
    );
    let deep = format!("format = 1\nname = {}", "[".repeat(100_000));
    check_bytes(
        deep.as_bytes(),
        r#"
        system::syntax x:2:88 cannot recurse further; max recursion depth met | TOML has [table] headers and `key = value` lines, each key once; texts stand in quotes
        system::syntax x:2:100008 unclosed array, expected `]` | TOML has [table] headers and `key = value` lines, each key once; texts stand in quotes
        "#,
    );
    let dotted = format!("format = 1\n{} = 1", vec!["a"; 100_000].join("."));
    check_bytes(
        dotted.as_bytes(),
        r#"
        system::syntax x:1:1 recursion limit | TOML has [table] headers and `key = value` lines, each key once; texts stand in quotes
        "#,
    );
    let header = format!("format = 1\n[{}]", vec!["a"; 100_000].join("."));
    check_bytes(
        header.as_bytes(),
        r#"
        system::syntax x:1:1 recursion limit | TOML has [table] headers and `key = value` lines, each key once; texts stand in quotes
        "#,
    );
    let long = format!(
        "format = 1\n{} = 1\nfec = \"{}\"",
        "k".repeat(1 << 20),
        "p".repeat(1 << 20)
    );
    check_bytes(
        long.as_bytes(),
        r#"
        system::unknown-key x:2:1 unknown key "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk…" of system | expected one of: name, architecture, rack_units, asic, engine, laser_module, port, fibre_plant, fec, zone, monitor, control, bus, link, package, power, facility, repair, use, kind, title, note, source
        system::unknown-part x:3:7 the library has no fec called "pppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp…" | expected one of: kp4, kr4
        system::missing x:1:1 the description lacks name, architecture, rack_units, fibre_plant, monitor, control, package, power, facility, repair | add name (a text); architecture (one of pluggable, lpo, npo, cpo, oio); rack_units (a pure number); fibre_plant (the name or the table of a part (fibre_plant)); monitor (the name or the table of a part (monitors)); control (the name or the table of a part (controls)); package (the name or the table of a part (package)); power (the name or the table of a part (power_delivery)); facility (the name or the table of a part (facility)); repair (the name or the table of a part (repair))
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

/// Problems of parts of a library of one file with sources.
#[track_caller]
fn check_part(kind: &str, name: &str, file: &str, expected: &str) {
    let text = format!("format = 1\n[source.s]\ntitle = \"a source\"\n{file}");
    let found = Library::new([("parts.toml", text.as_bytes())], Vec::new())
        .and_then(|library| library.part(kind, name).map(|_| library));
    let found = match found {
        Ok(_) => "accepted".to_owned(),
        Err(problems) => list(&problems),
    };
    assert_texts(&found, expected);
}

#[test]
fn libraries_are_checked_too() {
    check_part(
        "connector",
        "a",
        "[connector.a]\nuse = \"b\"\n[connector.b]\nuse = \"c\"\n[connector.c]\nuse = \"a\"\n",
        r#"
        system::cycle parts.toml:5:7 a part uses itself: connector b -> connector c -> connector a -> connector b | let one of them state its fields without `use`
        "#,
    );
    check_part(
        "connector",
        "a",
        "[connector]\na = \"a\"\n",
        r#"
        system::cycle parts.toml:5:5 a part uses itself: connector a -> connector a | let one of them state its fields without `use`
        "#,
    );
    let chain: String = (0..1000).fold(String::new(), |text, i| {
        text + &format!("[connector.c{i}]\nuse = \"c{}\"\n", i + 1)
    });
    check_part(
        "connector",
        "c0",
        &chain,
        r#"
        system::cycle parts.toml:69:7 connector c33 stands at the end of a chain of 32 parts | let parts state their fields, or use a part that does
        "#,
    );
    check_part(
        "connector",
        "a",
        "[connector.a]\nloss = \"1 dB\"\nreflectance = { value = \"-50 dB\", source = \"t\" }\nfailure_rate = { value = \"1 FIT\", estimate = \"guess\" }\n",
        r#"
        library::no-source parts.toml:5:8 loss names neither a source nor the reason of an estimate | write `{ value = ..., source = "key" }`, or `estimate` with the reason
        library::unknown-source parts.toml:6:15 no source "t" | did you mean "s"?
        library::no-reason parts.toml:7:16 the estimate says too little: "guess" | write in a few words how it was made
        library::no-source parts.toml:7:16 failure_rate names neither a source nor the reason of an estimate | write `{ value = ..., source = "key" }`, or `estimate` with the reason
        "#,
    );
    check_part(
        "conector",
        "a",
        "",
        r#"
        system::unknown-part library:1:1 the library has no conector called "a" | did you mean "connector"?
        "#,
    );
    check_part(
        "connector",
        "a",
        "[conector.a]\n[source.t]\n",
        r#"
        library::no-title parts.toml:5:9 source "t" has no title | add `title = "author, title, year"`
        library::unknown-kind parts.toml:4:2 unknown kind of part "conector" | did you mean "connector"?
        "#,
    );
    check_part(
        "connector",
        "ab",
        "[connector.abc]\nsource = \"s\"\nloss = \"1 dB\"\n",
        r#"
        system::unknown-part library:1:1 the library has no connector called "ab" | did you mean "abc"?
        "#,
    );
    check_part(
        "edge_coupler",
        "a",
        "[edge_coupler.a]\nmeasured = \"t.csv\"\n",
        r#"
        system::file parts.toml:5:12 cannot read "t.csv": a library part cannot name the file t.csv | the path is relative to the description
        "#,
    );
    check_part(
        "connector",
        "abc",
        "[connector.abc]\nsource = \"s\"\nloss = \"1 dB\"\n",
        r#"
        accepted
        "#,
    );
}

#[test]
fn peers_that_link_back_are_not_followed() {
    let library = Library::embedded();
    let text = library.platform(CPO).expect("the platform exists");
    let here = format!("{text}\n[link.l]\nport = \"eth\"\npeer = \"far\"\n");
    let far = here
        .replace("peer = \"far\"", "peer = \"x\"")
        .replace("name = \"cpo-51t\"", "name = \"far\"");
    let files: Files = &[("far", far.as_bytes()), ("x", here.as_bytes())];
    let system = resolve(&library, here.as_bytes(), &[], files).unwrap_or_else(|p| panic!("{p}"));
    assert_eq!(system.peers.len(), 1);
    assert!(system.peers[0].peers.is_empty());
    assert!(system.links.iter().all(|link| link.peer == Some(0)));
}
