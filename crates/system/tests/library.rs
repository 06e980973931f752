//! The embedded library and platforms are complete, sourced and consistent.

use system::{
    EntityKind, FibreUse, Fingerprint, Input, Library, PART_KINDS, Part, Problems, Record, System,
    Value,
};
use units::Origin;

fn resolve_with(name: &str, sets: &[&str]) -> Result<System, Problems> {
    let library = Library::embedded();
    let text = library
        .platform(name)
        .expect("the platform exists")
        .to_owned();
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    System::resolve(&Input {
        name,
        bytes: text.as_bytes(),
        sets: &sets,
        library: &library,
        load: &|file| Err(format!("{file} is not there")),
    })
}

fn resolve(name: &str) -> System {
    resolve_with(name, &[]).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Every quantity of a record and of the parts inside it.
fn quantities<'a>(record: &'a Record, path: &str, found: &mut Vec<(String, &'a Origin)>) {
    for (schema, field) in record.schema.fields.iter().zip(&record.fields) {
        let path = format!("{path}.{}", schema.name);
        match field.as_ref().map(|field| &field.value) {
            Some(Value::Quantity { origin, .. }) => found.push((path, origin)),
            Some(Value::Part(part)) => quantities(part, &path, found),
            Some(Value::Groups(groups)) => {
                for (name, part) in groups {
                    quantities(part, &format!("{path}.{name}"), found);
                }
            }
            _ => {}
        }
    }
}

#[test]
fn every_value_of_the_library_has_a_source_that_exists_or_says_that_it_is_an_estimate() {
    let library = Library::embedded();
    let mut n_values = 0;
    let mut used = std::collections::BTreeSet::new();
    for schema in PART_KINDS {
        for name in library.names(schema.kind) {
            let record = library
                .part(schema.kind, name)
                .unwrap_or_else(|problems| panic!("{problems}"));
            assert!(
                library.title(schema.kind, name).is_some(),
                "{} {name} has no title",
                schema.kind
            );
            let mut found = Vec::new();
            quantities(&record, name, &mut found);
            n_values += found.len();
            for (path, origin) in found {
                match origin {
                    Origin::Source(key) => {
                        assert!(library.has_source(key), "{path}: no source {key}");
                        used.insert(key.to_string());
                    }
                    Origin::Estimate(reason) => assert!(reason.len() >= 10, "{path}: {reason}"),
                    other => panic!("{path}: {other:?}"),
                }
            }
        }
    }
    assert!(n_values > 300, "only {n_values} values were seen");
    let platforms: String = library
        .platforms()
        .filter_map(|name| library.platform(name))
        .collect();
    let unused: Vec<_> = library
        .source_keys()
        .filter(|key| !used.contains(*key) && !platforms.contains(&format!("source = \"{key}\"")))
        .collect();
    assert!(
        unused.is_empty(),
        "sources that nothing refers to: {unused:?}"
    );
}

#[test]
fn platforms_have_the_published_counts() {
    let count = |system: &System, kind| system.count(kind);
    let cpo = resolve("cpo-51t");
    assert_eq!(count(&cpo, EntityKind::MediaLane), 512);
    assert_eq!(count(&cpo, EntityKind::Engine), 8);
    assert_eq!(count(&cpo, EntityKind::Fibre), 1152);
    assert_eq!(count(&cpo, EntityKind::Connector), 16);
    assert_eq!(count(&cpo, EntityKind::Laser), 128);
    let apart = resolve_with("cpo-51t", &["fibre_plant.ferrules=separate"]).unwrap();
    assert_eq!(count(&apart, EntityKind::Connector), 17);
    let quantum = resolve("quantum-x-115t");
    assert_eq!(count(&quantum, EntityKind::Port), 144);
    assert_eq!(count(&quantum, EntityKind::Engine), 72);
    assert_eq!(count(&quantum, EntityKind::LaserModule), 18);
    assert_eq!(count(&quantum, EntityKind::Laser), 144);
    assert_eq!(count(&quantum, EntityKind::MediaLane), 576);
    let humboldt = resolve("humboldt-25t");
    assert_eq!(count(&humboldt, EntityKind::Port), 64);
    assert_eq!(count(&humboldt, EntityKind::MediaLane), 128);
    for name in ["dsp-51t", "dsp-102t"] {
        let system = resolve(name);
        assert_eq!(count(&system, EntityKind::Engine), 64);
        assert_eq!(count(&system, EntityKind::LaserModule), 0);
        assert!(system.warnings.is_empty());
    }
}

/// Entities of a platform: ports, lanes, engines, laser modules, lasers, data fibres and laser
/// fibres, and the data rate of all ports in Tb/s.
type Counts = ([usize; 7], f64);

const COUNTS: &[(&str, Counts)] = &[
    // One engine or module for each port of 800G; two fibres for each lane.
    ("lpo-51t", ([64, 512, 64, 0, 128, 1024, 0], 51.2)),
    // 16 engines of 3.2T.
    ("npo-51t", ([64, 512, 16, 16, 128, 1024, 128], 51.2)),
    // Eight engines of 6.4T, 128 ports of 400G FR4 on two fibres each.
    ("bailly-51t", ([128, 512, 8, 16, 128, 256, 128], 51.2)),
    ("cpo-51t-2.5d", ([64, 512, 8, 16, 128, 1024, 128], 51.2)),
    ("cpo-51t-3d", ([64, 512, 8, 16, 128, 1024, 128], 51.2)),
    // 16 engines of 6.4T, lanes of 200G.
    ("davisson-102t", ([128, 512, 16, 16, 128, 1024, 128], 102.4)),
    // Engines of 3.2T, 128 and 512 ports of 800G.
    (
        "spectrum-x-102t",
        ([128, 512, 32, 16, 128, 1024, 128], 102.4),
    ),
    (
        "spectrum-x-409t",
        ([512, 2048, 128, 64, 512, 4096, 512], 409.6),
    ),
    // Five modules of eight lasers, of which four feed nothing.
    ("arista-28t", ([36, 144, 18, 5, 40, 288, 36], 28.8)),
    ("dsp-25t", ([64, 256, 64, 0, 64, 512, 0], 25.6)),
    // 4 Tb/s each way; sixteen wavelengths share each fibre, the laser's too.
    ("teraphy-oio", ([8, 128, 1, 1, 16, 16, 1], 4.096)),
    // 64 lanes of 32 Gb/s each way on eight fibre pairs.
    ("oci-4t", ([8, 64, 1, 0, 8, 16, 0], 2.048)),
];

#[test]
fn platforms_have_the_counts_that_follow_from_what_is_published() {
    for (name, (counts, tbps)) in COUNTS {
        let system = resolve(name);
        let fibres = |carries| {
            let fibres = system.fibres.iter();
            fibres.filter(|fibre| fibre.carries == carries).count()
        };
        let found = [
            system.count(EntityKind::Port),
            system.count(EntityKind::MediaLane),
            system.count(EntityKind::Engine),
            system.count(EntityKind::LaserModule),
            system.count(EntityKind::Laser),
            fibres(FibreUse::Data),
            fibres(FibreUse::Laser),
        ];
        assert_eq!(found, *counts, "{name}");
        let groups = system.description.port.iter();
        let rate: f64 = groups
            .map(|group| f64::from(group.value.count) * group.value.rate.value.value())
            .sum();
        assert!((rate / (tbps * 1e12) - 1.0).abs() < 1e-12, "{name}: {rate}");
        // Every lane carries its share of a port.
        assert!(system.media_lanes.iter().all(|lane| lane.port.is_some()));
        let meant: &[&str] = match *name {
            "arista-28t" => &["4 of 40 lasers of els feed nothing"],
            _ => &[],
        };
        assert_eq!(system.warnings, meant, "{name}");
    }
    let listed = COUNTS.iter().map(|(name, _)| *name);
    let older = [
        "cpo-51t",
        "quantum-x-115t",
        "dsp-51t",
        "dsp-102t",
        "humboldt-25t",
    ];
    let tested: std::collections::BTreeSet<_> = listed.chain(older).collect();
    let library = Library::embedded();
    assert_eq!(tested, library.platforms().collect());
}

#[test]
fn ports_of_the_box_of_four_dies_are_striped_and_fibres_of_fr4_are_shared() {
    let spectrum = resolve("spectrum-x-409t");
    assert!(spectrum.ports.iter().all(|port| port.asics.len() == 4));
    let bailly = resolve("bailly-51t");
    for port in &bailly.ports {
        let lanes = || port.media_lanes.iter().map(|lane| lane.index());
        let fibres: std::collections::BTreeSet<_> = lanes()
            .map(|lane| &bailly.media_lanes[lane])
            .flat_map(|lane| [lane.transmit_fibre, lane.receive_fibre])
            .collect();
        assert_eq!(fibres.len(), 2, "{}", port.name);
        let colours: std::collections::BTreeSet<_> = lanes()
            .map(|lane| bailly.media_lanes[lane].wavelength)
            .collect();
        assert_eq!(colours.len(), 4);
    }
    // The loss of the one laser fibre of an optical I/O chiplet takes all its lanes.
    let teraphy = resolve("teraphy-oio");
    let of_laser = |fibre: &system::FibreEntity| fibre.carries == FibreUse::Laser;
    let fibre = teraphy.fibres.iter().position(of_laser).unwrap();
    let lost = teraphy.blast_radius(Part::Fibre(system::FibreId::from_index(fibre)));
    assert_eq!(lost.lanes_lost, 128);
    let one = teraphy.blast_radius(Part::Laser(system::LaserId(0)));
    assert_eq!((one.lanes_lost, one.ports_degraded.len()), (8, 8));
}

#[test]
fn ports_of_400g_interleave_two_codewords_and_faster_ones_four() {
    // IEEE 802.3 distributes 400GBASE-R over two codewords and 800GBASE-R over two times two.
    let library = Library::embedded();
    for name in library.platforms() {
        let system = resolve(name);
        let system::parts::Code::Fec(fec) = &system.description.fec else {
            continue;
        };
        let fastest = system
            .ports
            .iter()
            .map(|port| system.description.port[port.group].value.rate.value.value())
            .fold(0.0, f64::max);
        let expected = if fastest > 450e9 { 4 } else { 2 };
        assert_eq!(fec.interleave, expected, "{name}");
    }
}

#[test]
fn what_lies_inside_the_box_takes_longer_than_what_is_pulled_at_the_faceplate() {
    let library = Library::embedded();
    for name in library.platforms() {
        let system = resolve(name);
        let repair = &system.description.repair;
        if repair.engine != system::RepairUnit::Subassembly {
            continue;
        }
        let inside = repair.subassembly_time.as_ref().map(|time| time.value);
        assert!(
            inside > Some(repair.part_time.value) && inside < Some(repair.switch_time.value),
            "{name}: {inside:?}"
        );
    }
}

#[test]
fn laser_modules_cost_more_the_more_light_they_give() {
    let classes = ["lp", "mp", "hp", "vhp", "uhp", "shp"];
    let modules = classes.map(|class| {
        let set = format!("laser_module.els.use=elsfp-{class}-8");
        let system = resolve_with("cpo-51t", &[&set]).unwrap_or_else(|p| panic!("{p}"));
        let part = &system.description.laser_module[0].value;
        (
            part.launch.value.value(),
            part.price.as_ref().unwrap().value.value(),
        )
    });
    for pair in modules.windows(2) {
        assert!(pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1, "{pair:?}");
    }
}

#[test]
fn a_link_without_a_code_says_so_and_takes_no_inner_code() {
    let set = ["fec=none"];
    let system = resolve_with("cpo-51t", &set).unwrap_or_else(|p| panic!("{p}"));
    assert!(matches!(
        system.description.fec,
        system::parts::Code::Uncoded(_)
    ));
    let sets = ["fec=none", "engine.module.dsp.inner_code=hamming-128-120"];
    let problems = resolve_with("dsp-51t", &sets).unwrap_err().to_string();
    assert!(problems.contains("no outer code"), "{problems}");
}

#[test]
fn losing_an_engine_degrades_the_ports_striped_over_it() {
    let quantum = resolve("quantum-x-115t");
    let radius = quantum.blast_radius(Part::Engine(system::EngineId(0)));
    assert_eq!(radius.lanes_lost, 8);
    assert_eq!(radius.ports_down.len(), 0);
    assert_eq!(radius.ports_degraded.len(), 8);
    // The sub-assembly of three engines comes out.
    assert_eq!(radius.ports_in_repair.len(), 24);
    let port = &quantum.ports[0];
    let dies: std::collections::BTreeSet<_> = port
        .media_lanes
        .iter()
        .map(|lane| quantum.engines[quantum.media_lanes[lane.index()].engine.index()].asic)
        .collect();
    assert_eq!(dies.len(), 4);

    let cpo = resolve("cpo-51t");
    let radius = cpo.blast_radius(Part::Engine(system::EngineId(0)));
    assert_eq!(
        (radius.ports_down.len(), radius.ports_in_repair.len()),
        (8, 64)
    );
    let radius = cpo.blast_radius(Part::Laser(system::LaserId(0)));
    assert_eq!(
        (radius.ports_down.len(), radius.ports_degraded.len()),
        (0, 1)
    );
    // Replacing one laser takes out its whole module: eight lasers, 32 lanes, four ports.
    assert_eq!(radius.ports_in_repair.len(), 4);
}

#[test]
fn a_sub_assembly_does_not_reach_over_to_the_next_die() {
    // Eighteen engines on each die make blocks of 4, 4, 4, 4 and 2; an engine has a lane of eight ports.
    let sets = ["repair.engines_per_subassembly=4"];
    let quantum = resolve_with("quantum-x-115t", &sets).unwrap_or_else(|p| panic!("{p}"));
    let in_repair = |engine| {
        let radius = quantum.blast_radius(Part::Engine(system::EngineId(engine)));
        let ports = radius.ports_in_repair;
        (ports.len(), ports[0].0)
    };
    assert_eq!(in_repair(0), (32, 0));
    assert_eq!(in_repair(15), (32, 96));
    assert_eq!(in_repair(16), (16, 128));
    assert_eq!(in_repair(17), (16, 128));
    assert_eq!(in_repair(18), (32, 0));
}

#[test]
fn a_fibre_array_unit_takes_its_lanes_down_and_its_engine_out() {
    // 36 fibres are those of 16 lanes: two data fibres each, and a laser fibre for every four.
    let fau = Part::Fau(system::FauId(0));
    let cpo = resolve("cpo-51t");
    let radius = cpo.blast_radius(fau);
    assert_eq!(radius.lanes_lost, 16);
    assert_eq!(
        (radius.ports_down.len(), radius.ports_degraded.len()),
        (2, 0)
    );
    assert_eq!(radius.ports_in_repair.len(), 64);
    let cpo = resolve_with("cpo-51t", &["repair.engine=part"]).unwrap_or_else(|p| panic!("{p}"));
    assert_eq!(cpo.blast_radius(fau).ports_in_repair.len(), 8);
    // A unit of laser fibres only would still take down the lanes that they light.
    for idx in 0..cpo.faus.len() {
        let lanes = cpo.lanes_of(Part::Fau(system::FauId::from_index(idx)));
        let holds = |fibre: system::FibreId| cpo.fibres[fibre.index()].fau.index() == idx;
        for (laser, lit) in cpo
            .lasers
            .iter()
            .map(|laser| (laser.home, &laser.media_lanes))
        {
            if let system::LaserHome::Module(_, Some(fibre)) = laser
                && holds(fibre)
            {
                assert!(lit.iter().all(|lane| lanes.contains(lane)));
            }
        }
    }
}

#[test]
fn a_launch_outside_its_class_and_a_hot_die_are_warned_of() {
    let warnings = |sets: &[&str]| {
        let system = resolve_with("cpo-51t", sets).unwrap_or_else(|p| panic!("{p}"));
        system.warnings
    };
    assert!(warnings(&[]).is_empty());
    // Nominal launch of each class in OIF-ELSFP-02.0, dBm.
    let classes = [
        ("LP", 11.0),
        ("MP", 14.0),
        ("HP", 17.0),
        ("VHP", 20.0),
        ("UHP", 23.0),
        ("SHP", 26.0),
    ];
    for (class, nominal) in classes {
        for (deviation, is_inside) in [(-1.6, false), (-1.5, true), (1.5, true), (1.6, false)] {
            let found = warnings(&[
                &format!("laser_module.els.class={class}"),
                &format!("laser_module.els.launch={} dBm", nominal + deviation),
            ]);
            assert_eq!(
                found.is_empty(),
                is_inside,
                "{class} {deviation}: {found:?}"
            );
        }
    }
    assert_eq!(
        warnings(&["laser_module.els.launch=23 dBm"]),
        ["laser_module.els: a launch of 23 dBm lies outside class VHP, 20 dBm within 1.5 dB"]
    );
    assert!(warnings(&["zone.die.temperature=105 C"]).is_empty());
    assert_eq!(
        warnings(&["zone.die.temperature=106 C"]),
        ["asic.switch: its zone die has 106 C, above the greatest temperature of the die, 105 C"]
    );
}

#[test]
fn the_fingerprint_follows_the_content_and_nothing_else() {
    let print =
        |sets: &[&str]| -> Fingerprint { resolve_with("cpo-51t", sets).unwrap().fingerprint };
    assert_eq!(print(&[]), print(&[]));
    assert_ne!(
        print(&[]),
        print(&["engine.oe.photodiode.responsivity=0.91 A/W"])
    );
    let library = Library::embedded();
    let text = library
        .platform("cpo-51t")
        .unwrap()
        .replace("[package]", "# a remark\n[package]");
    let commented = System::resolve(&Input {
        name: "x",
        bytes: text.as_bytes(),
        sets: &[],
        library: &library,
        load: &|_| Err(String::new()),
    });
    assert_eq!(commented.unwrap().fingerprint, print(&[]));
}

#[test]
fn draws_are_repeatable_and_stay_in_range() {
    let system = resolve("quantum-x-115t");
    let value = |tick| {
        let drawn = system.drawn(7, tick);
        drawn.description.engine[0]
            .value
            .photodiode
            .responsivity
            .value
            .value()
    };
    assert_eq!(value(3).to_bits(), value(3).to_bits());
    assert!((0..50).any(|tick| value(tick).to_bits() != value(0).to_bits()));
    assert!((0..200).all(|tick| (0.8..=1.0).contains(&value(tick))));
}

#[test]
fn every_platform_says_how_its_heat_leaves() {
    let library = Library::embedded();
    let mut separate = 0;
    for name in library.platforms() {
        let system = resolve(name);
        let description = &system.description;
        assert!(description.package.stack.is_some(), "{name}");
        for zone in &description.zone {
            assert!(zone.value.cooling.is_some(), "{name}: {}", zone.name);
        }
        for module in &description.laser_module {
            assert!(module.value.heat_resistance.is_some(), "{name}");
        }
        for engine in &description.engine {
            let is_inside = engine.value.integration.is_in_package();
            assert!(
                is_inside || engine.value.heat_resistance.is_some(),
                "{name}"
            );
        }
        for asic in &description.asic {
            // Cores of one kind leak the same share.
            let leakage = asic.value.leakage.as_ref().unwrap().value;
            let share = leakage / asic.value.core_power.value;
            assert!((0.14..0.16).contains(&share), "{name}: {share}");
        }
        let cooling_of = |zone: system::ZoneId| &description.zone[zone.index()].value.cooling;
        let inside = system.engines.iter().filter(|engine| {
            let part = &description.engine[engine.group].value;
            part.integration.is_in_package()
        });
        let of_die = |engine: &system::EngineEntity| system.asics[engine.asic.index()].zone;
        if inside
            .clone()
            .any(|engine| cooling_of(engine.zone) != cooling_of(of_die(engine)))
        {
            separate += 1;
        }
    }
    // Both boxes of one vendor's Ethernet family, and its InfiniBand one.
    assert_eq!(separate, 3);
}

/// Power of a die with its SerDes at full load, in watts.
fn die_power_w(system: &System) -> f64 {
    let asic = &system.description.asic[0].value;
    let lanes = asic.serdes.iter().map(|class| {
        let part = &class.value.part;
        let lane = part.energy.value.value() * part.rate.value.value();
        f64::from(class.value.lanes) * lane
    });
    asic.core_power.value.value() + lanes.sum::<f64>()
}

#[test]
fn the_die_of_the_class_of_102t_takes_one_kilowatt() {
    // "Below 1,000 W" with 512 long-reach lanes.
    let power = die_power_w(&resolve("dsp-102t"));
    assert!((power / 1000.0 - 1.0).abs() < 0.02, "{power}");
    // The same heat where the lanes end in the package; there the usual die saves a third and more.
    let set = ["asic.spectrum.use=switch-102t-1kw"];
    let system = resolve_with("spectrum-x-102t", &set).unwrap_or_else(|p| panic!("{p}"));
    let power = die_power_w(&system);
    assert!((power / 1000.0 - 1.0).abs() < 0.02, "{power}");
    assert!(die_power_w(&resolve("spectrum-x-102t")) < 650.0);
}

#[test]
fn every_managed_part_has_a_rail_at_the_nominal_supply_of_its_registers() {
    let library = Library::embedded();
    let mut n_managed = 0;
    for name in library.platforms() {
        let system = resolve(name);
        let description = &system.description;
        assert!(description.monitor.supply.is_some(), "{name}");
        let of = |group: &Option<String>, is: &str| group.as_deref() == Some(is);
        for bus in &description.bus {
            let bus = &bus.value;
            // Of a bus without engines the laser modules are those of `module`.
            let els = if bus.engine.is_some() {
                &bus.els
            } else {
                &bus.module
            };
            let engines = description.engine.iter();
            let engines = engines.filter(|group| of(&bus.engine, &group.name));
            let engines = engines.map(|group| (&group.value.supply_voltage, &bus.module));
            let modules = description.laser_module.iter();
            let modules = modules.filter(|group| of(&bus.laser_module, &group.name));
            let modules = modules.map(|group| (&group.value.supply_voltage, els));
            for (rail, managed) in engines.chain(modules) {
                let rail = rail.as_ref().expect("every part of the library has one");
                let managed = managed.as_ref().expect("managed");
                assert_eq!(rail.value, managed.supply.value, "{name}");
                n_managed += 1;
            }
        }
    }
    assert!(n_managed > 17, "{n_managed}");
}
