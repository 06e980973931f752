//! Which devices there are, and what they say that they are.

mod bench;

use bench::{Bench, COMMANDS, resolve};
use cmis::map::{lower, p00, p01, p11};
use device::{DeviceError, Fleet, FleetError, Part};
use system::{Library, PortId};

#[test]
fn every_platform_has_devices_or_says_which_rule_it_breaks() {
    // Engines' devices, laser modules' devices, banks of the first.
    let expected = |name: &str| match name {
        "arista-28t" => Ok((18, 5, 1)),
        "bailly-51t" | "cpo-51t" | "cpo-51t-2.5d" | "cpo-51t-3d" | "davisson-102t" | "npo-51t" => {
            Ok((16, 16, 4))
        }
        "dsp-25t" | "dsp-51t" | "dsp-102t" | "lpo-51t" => Ok((64, 0, 1)),
        "humboldt-25t" => Ok((4, 4, 4)),
        "quantum-x-115t" => Ok((72, 18, 1)),
        "spectrum-x-102t" => Ok((64, 16, 1)),
        "spectrum-x-409t" => Ok((256, 64, 1)),
        "oci-4t" => Err("no interface code"),
        "teraphy-oio" => Err("never spans banks"),
        other => panic!("no expectation for {other}"),
    };
    for name in Library::embedded().platforms() {
        match (Bench::with(name, &[], &COMMANDS), expected(name)) {
            (Ok(bench), Ok((engines, lasers, banks))) => {
                let devices = bench.switch.fleet().devices();
                let n_engines = devices
                    .iter()
                    .filter(|of| matches!(of.part, Part::Engine(_)))
                    .count();
                assert_eq!(n_engines, engines, "{name}");
                assert_eq!(devices.len() - n_engines, lasers, "{name}");
                assert_eq!(devices[0].banks, banks, "{name}");
            }
            (Err(error), Err(rule)) => {
                let error = error.to_string();
                assert!(error.contains(rule), "{name}: {error}");
            }
            (found, expected) => panic!("{name}: {:?}, not {expected:?}", found.err()),
        }
    }
}

#[test]
fn every_lane_and_laser_stands_in_one_place() {
    for name in ["cpo-51t", "quantum-x-115t", "humboldt-25t", "dsp-51t"] {
        let system = resolve(name, &[]);
        let fleet = Fleet::new(&system).expect("managed");
        let mut lanes: Vec<_> = fleet
            .devices()
            .iter()
            .flat_map(|of| of.lanes.iter().map(|lane| lane.media))
            .collect();
        lanes.sort_unstable();
        let all = (0..system.media_lanes.len()).map(system::MediaLaneId::from_index);
        assert_eq!(lanes, all.collect::<Vec<_>>(), "{name}");
        for (number, device) in fleet.devices().iter().enumerate() {
            for (lane, of) in device.lanes.iter().enumerate() {
                let place = fleet.place(of.media).expect("it stands somewhere");
                assert_eq!((place.device, place.lane), (number, lane));
                // What a laser feeds is lit by that laser.
                for module in &device.lit_by {
                    let feeds = fleet.devices()[*module].lasers.iter();
                    let fed = feeds.filter(|laser| laser.feeds.contains(&place));
                    assert!(fed.map(|laser| laser.laser).all(|laser| laser == of.laser));
                }
            }
        }
    }
}

#[test]
fn an_engine_of_64_lanes_is_two_devices_or_one_of_eight_banks() {
    let four = resolve("cpo-51t", &[]);
    let fleet = Fleet::new(&four).expect("managed");
    let (first, second) = (&fleet.devices()[0], &fleet.devices()[1]);
    assert_eq!(first.part, second.part);
    assert_eq!((first.banks, first.lanes.len()), (4, 32));
    assert_eq!(second.lanes[0].media.index(), 32);
    // 32 lanes of four to a laser are eight lasers, those of one laser module.
    assert_eq!(
        (first.lit_by.as_slice(), second.lit_by.as_slice()),
        (&[16][..], &[17][..])
    );
    let eight = resolve("cpo-51t", &["bus.engines.banks=8"]);
    let fleet = Fleet::new(&eight).expect("managed");
    assert_eq!(fleet.devices().len(), 8 + 16);
    assert_eq!(
        (fleet.devices()[0].banks, fleet.devices()[0].lanes.len()),
        (8, 64)
    );
    let mut bench = Bench::with("cpo-51t", &["bus.engines.banks=8"], &COMMANDS).expect("managed");
    bench.wait_ms(1000);
    assert_eq!(bench.get(0, 0, &lower::MAX_BANKS), [8]);
    assert_eq!(
        bench.get(0, 0, &p01::BANKS_SUPPORTED)[0] & 3,
        3,
        "beyond the standard"
    );
}

#[test]
fn a_bus_that_says_nothing_has_no_devices() {
    let library = Library::embedded();
    let text = library.platform("dsp-51t").expect("a platform");
    let text = text.replace("module = \"cmis-osfp-retimed\"\n", "");
    let system = system::System::resolve(&system::Input {
        name: "x",
        bytes: text.as_bytes(),
        sets: &[],
        library: &library,
        load: &|_| Err("no file".to_owned()),
    })
    .expect("it resolves");
    let found = Fleet::new(&system).err();
    assert!(
        matches!(found, Some(FleetError::NothingManaged { .. })),
        "{found:?}"
    );
}

#[test]
fn an_engine_with_a_gearbox_names_the_rule_that_it_breaks() {
    let sets = [
        "engine.module.host_lanes=4",
        "asic.switch.serdes.front.part.rate=212.5 Gb/s",
    ];
    let found = Bench::with("dsp-51t", &sets, &COMMANDS).err();
    let Some(DeviceError::Fleet(FleetError::Gearbox { host, media, .. })) = found else {
        panic!("{found:?}");
    };
    assert_eq!((host, media), (4, 8));
}

#[test]
fn identities_are_stable_and_unique_and_tell_linear_from_retimed() {
    let serials = |name: &str| -> Vec<Vec<u8>> {
        let mut bench = Bench::new(name);
        bench.wait_ms(600);
        let devices = 0..bench.switch.fleet().devices().len();
        devices
            .map(|device| bench.get(device, 0, &p00::VENDOR_SN))
            .collect()
    };
    let once = serials("cpo-51t");
    assert_eq!(once, serials("cpo-51t"));
    let unique: std::collections::BTreeSet<_> = once.iter().collect();
    assert_eq!(unique.len(), once.len());
    for (name, identifier, has_lol) in [
        ("cpo-51t", 0x80, 0),
        ("quantum-x-115t", 0x80, 1),
        ("dsp-51t", 0x19, 1),
    ] {
        let mut bench = Bench::new(name);
        bench.wait_ms(600);
        assert_eq!(bench.get(0, 0, &lower::IDENTIFIER), [identifier], "{name}");
        let found = bench.get(0, 0, &p01::CDR_LOL_FLAG_TX_SUPPORTED)[0] >> 2 & 1;
        assert_eq!(found, has_lol, "{name}");
    }
}

#[test]
fn lanes_tell_their_wavelength_and_fibre_and_parts_their_day() {
    for name in ["cpo-51t", "humboldt-25t"] {
        let mut bench = Bench::up(name);
        let system = resolve(name, &[]);
        let device = bench.switch.fleet().devices()[1].clone();
        for (bank, lanes) in device.lanes.chunks(8).enumerate() {
            let bank = u8::try_from(bank).expect("four");
            let shown = bench.get(1, bank, &p11::WAVELENGTH_MAPPING_TX);
            let heard = bench.get(1, bank, &p11::WAVELENGTH_MAPPING_RX);
            for (at, lane) in lanes.iter().enumerate() {
                let of = &system.media_lanes[lane.media.index()];
                let wavelength = of.wavelength.index() + 1;
                assert_eq!(usize::from(shown[at] >> 4), wavelength, "{name} {at}");
                assert_eq!(usize::from(heard[at] >> 4), wavelength, "{name} {at}");
                // Lanes have the same number if and only if they have the same fibre.
                for (other, next) in lanes.iter().enumerate() {
                    let next = &system.media_lanes[next.media.index()];
                    let same = |bytes: &[u8]| bytes[at] & 15 == bytes[other] & 15;
                    assert_eq!(same(&shown), of.transmit_fibre == next.transmit_fibre);
                    assert_eq!(same(&heard), of.receive_fibre == next.receive_fibre);
                }
            }
            assert_eq!((shown[0] & 15, heard[0] & 15), (1, 1), "{name}");
        }
        let day = bench.get(1, 0, &p00::DATE_CODE);
        assert!(day[..6].iter().all(u8::is_ascii_digit), "{name}: {day:?}");
        assert_eq!(day[6..], *b"  ", "{name}: no lot");
    }
}

#[test]
fn applications_follow_from_ports_and_their_breakouts() {
    // Host and media interface, and lanes of both, by SFF-8024.
    let cases: [(&str, &[[u8; 4]]); 4] = [
        // Linear, 100 Gb/s a lane: 800G, 400G, 200G, 100G.
        (
            "cpo-51t",
            &[
                [35, 146, 0x88, 0x01],
                [34, 145, 0x44, 0x11],
                [33, 144, 0x22, 0x55],
                [32, 143, 0x11, 0xFF],
            ],
        ),
        // Retimed, 200 Gb/s a lane.
        (
            "dsp-102t",
            &[
                [131, 127, 0x88, 0x01],
                [130, 119, 0x44, 0x11],
                [129, 117, 0x22, 0x55],
                [128, 115, 0x11, 0xFF],
            ],
        ),
        // Four wavelengths on a fibre, ports that do not break out.
        ("bailly-51t", &[[34, 29, 0x44, 0x11]]),
        // One lane of each of four dies.
        ("quantum-x-115t", &[[128, 115, 0x11, 0xFF]]),
    ];
    for (name, expected) in cases {
        let mut bench = Bench::new(name);
        bench.wait_ms(600);
        let list = bench
            .bytes(0, cmis::Address::lower(86), 32)
            .expect("it answers");
        let found: Vec<[u8; 4]> = list
            .chunks(4)
            .take_while(|row| row[0] != 0xFF)
            .map(|row| row.try_into().expect("four"))
            .collect();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn a_port_is_lit_by_its_laser_modules() {
    let system = resolve("cpo-51t", &[]);
    let fleet = Fleet::new(&system).expect("managed");
    // Four ports of eight lanes hang on each laser module.
    for port in 0..system.ports.len() {
        let lighting = fleet.lighting(PortId::from_index(port));
        assert_eq!(lighting, [16 + port / 4]);
    }
}
