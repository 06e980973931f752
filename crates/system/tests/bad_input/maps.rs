//! Maps, references, counts and names that cannot be.

use system::Library;

use crate::{CPO, Files, check, check_files, resolve};

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
        system::reference x:78:10 engine "eo" of bus.engines does not exist | did you mean "oe"?
        system::reference x:84:16 laser_module "elfs" of bus.lasers does not exist | did you mean "els"?
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
        "
        system::missing x:39:1 port.copper lacks serdes | add `serdes = ...`, one of: optical, front
        system::map --set:1:13 link.l joins copper, whose ports are electrical | name a group of optical ports
        ",
    );
}

#[test]
fn engines_must_fit_their_dies() {
    check(
        CPO,
        &[("count = 8", "count = 9")],
        &["package.shoreline=290 mm"],
        "
        system::map x:20:8 the 512 lanes of class optical on switch are used up before engine 9 of 9 | each engine takes 64 of them; raise the class's `lanes` or lower `count`
        ",
    );
    check(
        CPO,
        &[],
        &["asic.switch.count=3"],
        "
        system::map x:18:9 8 engines do not spread evenly over 3 ASICs | `count` must be a multiple of 3
        ",
    );
    check(
        CPO,
        &[],
        &["engine.oe.host_lanes=48"],
        "
        system::map --set:1:22 no gearbox joins 48 host lanes with 64 media lanes | one of `host_lanes` and `media_lanes` must divide the other
        system::map x:15:1 48 host lanes carry 5100.0 Gb/s, 64 media lanes 6800.0 Gb/s | coding explains a difference of 10 % at most; change `media_rate`, the numbers of lanes, or the SerDes class in `host`
        ",
    );
    check(
        CPO,
        &[],
        &["engine.oe.media_rate=53.125 Gb/s"],
        "
        system::map --set:1:22 64 host lanes carry 6800.0 Gb/s, 64 media lanes 3400.0 Gb/s | coding explains a difference of 10 % at most; change `media_rate`, the numbers of lanes, or the SerDes class in `host`
        system::conflict --set:1:22 oe is linear and sends 53.12 Gb/s, its host lanes of class optical run at 106.25 Gb/s | a linear engine passes the host's rate on; change `media_rate`, the SerDes class in `host`, or use an engine with a DSP
        ",
    );
    check(
        CPO,
        &[],
        &["port.eth.striped_over=2"],
        "
        system::map --set:1:23 8 lanes cannot be striped over 2 of 1 ASICs | `striped_over` must divide both the lanes of a port and the number of ASICs
        ",
    );
    check(
        "quantum-x-115t",
        &[],
        &["port.ib.striped_over=3"],
        "
        system::map --set:1:22 4 lanes cannot be striped over 3 of 4 ASICs | `striped_over` must divide both the lanes of a port and the number of ASICs
        ",
    );
}

#[test]
fn light_must_reach_every_engine_once() {
    check(
        CPO,
        &[],
        &["laser_module.els.count=15"],
        "
        system::map --set:1:24 15 modules have 120 lasers; the lanes need 128 at 4 lanes each | use 16 modules, or leave `count` out
        ",
    );
    check(
        CPO,
        &[],
        &["laser_module.more={use=\"elsfp-vhp-8\", feeds=\"oe\", zone=\"faceplate\"}"],
        "
        system::map x:15:1 more than one group of laser modules feeds oe: els, more | split the engines into groups, one for each group of laser modules
        ",
    );
    check(
        CPO,
        &[],
        &[
            "engine.oe.laser=cw-dfb-1310-module",
            "engine.oe.laser_launch=17 dBm",
        ],
        "
        system::map --set:1:17 oe has lasers inside and laser modules too: els | remove the engine's `laser`, or the laser modules
        ",
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
}

#[test]
fn ports_and_edges_must_fit() {
    check(
        CPO,
        &[],
        &["port.eth.breakout=3", "port.eth.count=65"],
        "
        system::map --set:1:19 8 lanes do not break out into 3 ports | `breakout` must divide `lanes`
        system::map --set:1:16 the lanes are used up after 64 of 65 ports | lower `count` or `lanes`, or give the switch more engines or SerDes lanes
        ",
    );
    check(
        CPO,
        &[],
        &["port.eth.rate=1600 Gb/s"],
        "
        system::map --set:1:15 a lane of this port carries 200.00 Gb/s of data; a lane of oe runs at 106.25 Gb/s | the lane's rate is the data rate plus coding; change `rate` or `lanes`
        ",
    );
    check(
        CPO,
        &[],
        &["port.eth.rate=100 Gb/s"],
        "
        system::map --set:1:15 a lane of this port carries 12.50 Gb/s of data; a lane of oe runs at 106.25 Gb/s | the lane's rate is the data rate plus coding; change `rate` or `lanes`
        ",
    );
    check(
        "humboldt-25t",
        &[],
        &["port.copper.rate=800 Gb/s"],
        "
        system::map --set:1:18 a lane of this port carries 200.00 Gb/s of data; class front runs at 106.25 Gb/s | lower `rate`, raise `lanes`, or name a faster class in `serdes`
        ",
    );
    check(
        "humboldt-25t",
        &[],
        &["port.copper.count=33"],
        "
        system::map --set:1:19 the lanes are used up after 32 of 33 ports | lower `count` or `lanes`, or give the switch more engines or SerDes lanes
        ",
    );
    check(
        CPO,
        &[],
        &["package.shoreline=159 mm", "fec.k=515"],
        "
        system::map --set:1:19 the engines take 160.0 mm of package edge; 159.0 mm are there | use fewer or narrower engines (`edge_width`), or a longer `shoreline`
        system::map --set:1:7 RS(544,515) is no Reed-Solomon code | `n` less `k` must be even and positive
        ",
    );
    check(
        CPO,
        &[],
        &["package.shoreline=341 mm"],
        "
        system::map --set:1:19 the shoreline of 341.0 mm is longer than the edge of the package, 340.0 mm | shorten `shoreline`, or correct `width` and `height`
        ",
    );
    check(
        CPO,
        &[],
        &["link.a={port=\"eth\"}", "link.b={port=\"eth\"}"],
        "
        system::map --set:1:8 two links join the ports of eth | remove one, or split the ports into groups
        ",
    );
}

#[test]
fn huge_counts_are_refused_before_anything_is_made() {
    check(
        CPO,
        &[],
        &["port.eth.count=100000", "port.eth.lanes=1024"],
        "
        system::too-large x:1:1 the description has 102401544 lanes and lasers; the limit is 1048576 | lower the counts; a fleet is many systems, not one
        ",
    );
    check(
        CPO,
        &[],
        &[
            "engine.oe.count=100000",
            "engine.oe.media_lanes=4096",
            "engine.oe.host_lanes=4096",
        ],
        "
        system::too-large x:1:1 the description has 819201032 lanes and lasers; the limit is 1048576 | lower the counts; a fleet is many systems, not one
        ",
    );
    check(
        CPO,
        &[],
        &[
            "asic.switch.count=1024",
            "asic.switch.serdes.optical.lanes=100000",
        ],
        "
        system::too-large x:1:1 the description has 102401544 lanes and lasers; the limit is 1048576 | lower the counts; a fleet is many systems, not one
        ",
    );
    check(
        CPO,
        &[],
        &[
            "laser_module.els.count=100000",
            "laser_module.els.lasers=64",
        ],
        "
        system::too-large x:1:1 the description has 6402048 lanes and lasers; the limit is 1048576 | lower the counts; a fleet is many systems, not one
        ",
    );
    check(
        CPO,
        &[],
        &["asic.switch.serdes.optical.lanes=4294967296"],
        "
        system::range --set:1:34 lanes cannot be 4294967296 | the valid range is 1 to 100000
        ",
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
        "
        system::syntax x:32:1 duplicate key | TOML has [table] headers and `key = value` lines, each key once; texts stand in quotes
        system::syntax x:56:7 duplicate key | TOML has [table] headers and `key = value` lines, each key once; texts stand in quotes
        ",
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
        system::peer --set:1:8 cannot read the peer "far.toml": no such file | expected one of: cpo-51t, quantum-x-115t, dsp-51t, dsp-102t, humboldt-25t, lpo-51t, npo-51t, bailly-51t, cpo-51t-2.5d, cpo-51t-3d, davisson-102t, spectrum-x-102t, spectrum-x-409t, arista-28t, dsp-25t, teraphy-oio, oci-4t
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
        system::peer x:91:8 cannot read the peer "dsp-51": no such file | did you mean "dsp-51t"?
        "#,
    );
    check_files(
        CPO,
        &[],
        &["link.l={port=\"eth\", peer=\"far.toml\"}"],
        &[("far.toml", b"format = 1\nnaem = 3")],
        r#"
        system::unknown-key far.toml:2:1 unknown key "naem" of system | did you mean "name"?
        system::missing far.toml:1:1 the description lacks architecture, fibre_plant, fec, monitor, control, package, power, facility, repair | add architecture (one of pluggable, lpo, npo, cpo, oio); fibre_plant (the name or the table of a part (fibre_plant)); fec (the name or the table of a part (fec or uncoded)); monitor (the name or the table of a part (monitors)); control (the name or the table of a part (controls)); package (the name or the table of a part (package)); power (the name or the table of a part (power_delivery)); facility (the name or the table of a part (facility)); repair (the name or the table of a part (repair))
        "#,
    );
    check_files(
        CPO,
        &[],
        &["link.l={port=\"eth\", peer=\"dsp-51t\"}"],
        &[],
        "
        accepted
        ",
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
        "
        system::missing x:15:1 engine.oe lacks zone | add `zone = ...`, one of: die, package, faceplate
        ",
    );
    check(
        CPO,
        &[
            ("laser_fibre = \"pm\"\n", ""),
            ("laser_connectors = 1\n", ""),
        ],
        &[],
        "
        system::missing x:37:1 fibre_plant lacks laser_fibre, laser_connectors | add them: the lasers of els are outside the engines
        ",
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
