//! A host that does anything to a module, while sensors say anything: the module answers, stays within
//! its states, keeps its checksums, and goes on from what it has kept.
//!
//! The input is a list of acts of one byte for their kind and a few for what they do.
#![no_main]

use cmis::map::extension::Placement;
use cmis::module::{
    Application, CdbProfile, Diagnostics, FoundPattern, Identity, Image, Kind, LaneReadings, Limits,
    Module, Nonvolatile, PathDurations, Patterns, PowerDurations, Profile, Readings,
    SignalIntegrity, TestPattern, Thresholds, VdmItem, Version,
};
use cmis::{Address, Feature, Features, Registers};
use libfuzzer_sys::fuzz_target;

const MS: u64 = 1_000_000;

fuzz_target!(|acts: &[u8]| {
    let kind = Kind::new(profile());
    let image = Image::new(Version::default(), vec![1; 64]).expect("short");
    let mut module = Module::new(&kind, Nonvolatile::new(image), 0);
    let mut now_ns = 400 * MS;
    module.advance(now_ns);
    let mut rest = acts;
    while let [act, a, b, c, more @ ..] = rest {
        rest = more;
        let at = Address {
            bank: *a % 6,
            page: *b,
            byte: *c,
        };
        match act % 8 {
            0 => {
                let mut into = vec![0; usize::from(*a)];
                let _ = module.read(at, &mut into);
            }
            1..=3 => {
                let n = usize::from(act / 8).min(rest.len());
                let (data, more) = rest.split_at(n);
                rest = more;
                let _ = module.write(at, data);
            }
            4 => {
                now_ns += u64::from(u16::from_le_bytes([*a, *b])) * MS / 8;
                module.advance(now_ns);
            }
            5 => module.observe(&readings([*a, *b, *c])),
            6 => module.set_low_power_pin(a & 1 != 0),
            _ => {
                let kept = module.nonvolatile().clone();
                assert!(kept.images[kept.boots()].is_some(), "nothing to boot");
                module = Module::new(&kind, kept, now_ns);
            }
        }
        for (page, first, last) in [(0, 128, 221), (1, 130, 254), (2, 128, 254)] {
            let mut half = [0; 128];
            if module.read(Address::page(page, 128), &mut half).is_ok() {
                let covered = &half[first - 128..=last - 128];
                let sum = covered.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
                assert_eq!(half[last + 1 - 128], sum);
            }
        }
    }
});

fn readings([a, b, c]: [u8; 3]) -> Readings {
    let value = f64::from(a) * f64::from(b) / 16.0 - f64::from(c);
    let lane = LaneReadings {
        tx_power_mw: (a & 1 != 0).then_some(value),
        rx_power_mw: (a & 2 != 0).then_some(value),
        media_ber: (a & 4 != 0).then_some(value),
        has_host_signal: b & 1 != 0,
        has_media_signal: b & 2 != 0,
        is_tx_on: b & 4 != 0,
        media_pattern: if b & 8 != 0 {
            FoundPattern::Pattern(TestPattern {
                code: c & 0xF,
                is_inverted: b & 16 != 0,
            })
        } else {
            FoundPattern::Nothing
        },
        ..LaneReadings::default()
    };
    Readings {
        is_powered: c & 1 != 0,
        temperature_c: (c & 2 != 0).then_some(value),
        fault: if c > 250 { c } else { 0 },
        lanes: vec![lane; usize::from(b) % 40],
        ..Readings::default()
    }
}

fn profile() -> Profile {
    let any = Limits {
        high_alarm: 10.0,
        low_alarm: -10.0,
        high_warning: 8.0,
        low_warning: -8.0,
    };
    let features = Feature::ALL.into_iter().filter(|of| *of != Feature::LaserModule);
    let text = |text: &str| text.to_owned();
    Profile {
        identity: Identity {
            identifier: 0x80,
            vendor_name: text("v"),
            vendor_oui: [0; 3],
            part_number: text("p"),
            part_revision: text("r"),
            serial_number: text("s"),
            date_code: text("d"),
            clei: text("c"),
        },
        revision: (5, 3),
        features: features.fold(Features::NONE, Features::with),
        banks: 4,
        lanes: 32,
        media_lanes: Vec::new(),
        applications: [(8, 1), (4, 0x11), (1, 0xFF)]
            .map(|(lanes, starts)| Application {
                host_id: 1,
                media_id: 1,
                host_lanes: lanes,
                media_lanes: lanes,
                host_starts: starts,
                media_starts: starts,
            })
            .to_vec(),
        power: PowerDurations {
            start_ns: 300 * MS,
            power_up_ns: 10 * MS,
            power_down_ns: 10 * MS,
        },
        paths: PathDurations {
            init_ns: 10 * MS,
            deinit_ns: 10 * MS,
            turn_on_ns: 10 * MS,
            turn_off_ns: 10 * MS,
            configure_ns: 10 * MS,
        },
        thresholds: Thresholds {
            temperature_c: any,
            supply_v: Some(any),
            laser_temperature_c: Some(any),
            tx_power_mw: Some(any),
            tx_bias_ma: Some(any),
            rx_power_mw: any,
        },
        signal_integrity: SignalIntegrity {
            default: [0; 21],
            tx_input_eq_max: 10,
            rx_pre_cursor_max: 7,
            rx_post_cursor_max: 7,
            rx_amplitudes: 0b1111,
        },
        bias_multiplier: 4,
        media_type: 2,
        connector: 0,
        media_technology: 0,
        max_power_w: 30.0,
        reach_m: Some(500.0),
        wavelength_nm: (1310.0, 6.0),
        hardware: (1, 0),
        cdb: Some(CdbProfile {
            is_background: true,
            is_protected: false,
            long_pages: 16,
            query_ns: MS,
            start_ns: MS,
            complete_ns: MS,
            write_ns: MS,
            copy_ns: MS,
        }),
        vdm: (0..32)
            .flat_map(|lane| {
                [1, 9, 15, 84, 101].map(|observable| VdmItem {
                    observable,
                    lane: Some(lane),
                    limits: Some(any),
                })
            })
            .collect(),
        flips_polarity: true,
        diagnostics: Some(Diagnostics {
            loopbacks: 0x7F,
            patterns: Patterns {
                host_generator: 0xFF,
                media_generator: 0xFF,
                host_checker: 0xFF,
                media_checker: 0xFF,
            },
            bit_rate_hz: 1e11,
            has_host_snr: true,
        }),
        extension_abilities: 0xFF,
        ring_abilities: 0x0F,
        extension_counts: [1, 4, 2],
        input_low_dbm: Some(0.0),
        extension: Placement::DEFAULT,
        laser: None,
    }
}
