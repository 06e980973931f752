//! Whatever a host does, and whatever sensors say, a module goes on.

mod host;

use cmis::map::lower;
use cmis::module::{Diagnostics, Module, Patterns, Profile, Readings, VdmItem};
use cmis::{Address, Feature, HALF, Registers};
use host::{Bench, MS, engine};
use proptest::prelude::*;

/// With everything that an engine may have.
fn everything() -> Profile {
    let mut profile = engine();
    for feature in Feature::ALL {
        if feature != Feature::LaserModule {
            profile.features = profile.features.with(feature);
        }
    }
    profile.flips_polarity = true;
    profile.diagnostics = Some(Diagnostics {
        loopbacks: 0x7F,
        patterns: Patterns {
            host_generator: 0xFF,
            media_generator: 0xFF,
            host_checker: 0xFF,
            media_checker: 0xFF,
        },
        bit_rate_hz: 1e11,
        has_host_snr: true,
    });
    profile.vdm = (0..32)
        .flat_map(|lane| {
            [1, 9, 15, 84, 101].map(|observable| VdmItem {
                observable,
                lane: Some(lane),
                limits: None,
            })
        })
        .collect();
    profile
}

#[derive(Debug, Clone)]
enum Act {
    Read(Address, usize),
    Write(Address, Vec<u8>),
    Wait(u64),
    Observe(f64, u8),
    Pin(bool),
    Reset,
}

fn address() -> impl Strategy<Value = Address> {
    let page = prop_oneof![
        4 => prop::sample::select(vec![0_u8, 1, 2, 0x10, 0x11, 0x13, 0x14, 0x2F, 0x9F, 0xA0, 0xC6]),
        1 => any::<u8>(),
    ];
    (0..6_u8, page, any::<u8>()).prop_map(|(bank, page, byte)| Address { bank, page, byte })
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (address(), 0..260_usize).prop_map(|(at, n)| Act::Read(at, n)),
        6 => (address(), prop::collection::vec(any::<u8>(), 0..40)).prop_map(|(at, data)| Act::Write(at, data)),
        2 => (0..400_u64).prop_map(Act::Wait),
        2 => (prop_oneof![any::<f64>(), -50.0..150.0_f64], any::<u8>()).prop_map(|(value, bits)| Act::Observe(value, bits)),
        1 => any::<bool>().prop_map(Act::Pin),
        1 => Just(Act::Reset),
    ]
}

fn readings(value: f64, bits: u8) -> Readings {
    let mut readings = host::healthy(usize::from(bits) % 40);
    readings.is_powered = bits & 1 != 0;
    readings.temperature_c = Some(value);
    readings.fault = if bits > 250 { bits } else { 0 };
    for lane in &mut readings.lanes {
        lane.rx_power_mw = Some(value);
        lane.tx_bias_ma = (bits & 2 != 0).then_some(value);
        lane.media_ber = Some(value);
        lane.has_host_signal = bits & 4 != 0;
        lane.has_media_signal = bits & 8 != 0;
    }
    readings
}

/// What is so of every module at every time.
fn check(module: &mut Module) {
    let mut lower = [0; HALF];
    // Bytes 12 to 127 clear nothing.
    if module.read(Address::lower(14), &mut lower[14..]).is_err() {
        return;
    }
    let mut state = [0];
    module
        .read(Address::lower(3), &mut state)
        .expect("it answered");
    lower[3] = state[0];
    let code = lower::MODULE_STATE.raw_of(0, &lower);
    assert_eq!(code, u64::from(module.state().code()));
    assert_eq!(lower[122..126], [0; 4], "passwords are never read");
    assert!((1..=5).contains(&code));
    let asserted = !lower::INTERRUPT_DEASSERTED.flag(0, &lower);
    assert_eq!(asserted, module.is_interrupting());
    for (page, first, last) in [(0, 128, 221), (1, 130, 254), (2, 128, 254)] {
        let mut half = [0; HALF];
        module
            .read(Address::page(page, 128), &mut half)
            .expect("it answered");
        let sum = half[first - HALF..=last - HALF]
            .iter()
            .fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        assert_eq!(
            half[last + 1 - HALF],
            sum,
            "the checksum of page {page:02X}h"
        );
    }
}

proptest! {
    #[test]
    fn nothing_that_a_host_does_breaks_a_module(acts in prop::collection::vec(act(), 1..60)) {
        let mut bench = Bench::new(everything());
        bench.wait_ms(350);
        for act in acts {
            match act {
                Act::Read(at, n) => {
                    let mut into = vec![0xEE; n];
                    let mut seen = [into.clone(), into.clone()];
                    let looks = seen.each_mut().map(|seen| bench.module.peek(at, seen));
                    let answer = bench.module.read(at, &mut into);
                    prop_assert_eq!(looks, [answer, answer], "a look");
                    prop_assert_eq!(&seen, &[into.clone(), into.clone()], "clears nothing");
                    if usize::from(at.byte) + n > 2 * HALF {
                        prop_assert!(answer.is_err());
                        prop_assert!(into.iter().all(|byte| *byte == 0xEE));
                    }
                }
                Act::Write(at, data) => {
                    let answer = bench.module.write(at, &data);
                    if usize::from(at.byte) + data.len() > 2 * HALF {
                        prop_assert!(answer.is_err());
                    }
                }
                Act::Wait(ms) => {
                    bench.now_ns += ms * MS;
                    bench.module.advance(bench.now_ns);
                }
                Act::Observe(value, bits) => bench.module.observe(&readings(value, bits)),
                Act::Pin(is_set) => bench.module.set_low_power_pin(is_set),
                Act::Reset => bench.module.reset(),
            }
            check(&mut bench.module);
        }
    }

    #[test]
    fn how_time_is_cut_changes_nothing(cuts in prop::collection::vec(1..300_u64, 1..20)) {
        let total: u64 = cuts.iter().sum();
        let mut whole = Bench::new(everything());
        let mut cut = Bench::new(everything());
        whole.module.advance(total * MS);
        let mut now_ms = 0;
        for ms in cuts {
            now_ms += ms;
            cut.module.advance(now_ms * MS);
        }
        prop_assert_eq!(whole.module.state(), cut.module.state());
        for lane in 0..32 {
            prop_assert_eq!(whole.module.path_state(lane), cut.module.path_state(lane));
        }
        let bytes = |bench: &mut Bench| bench.bytes(Address::lower(0), HALF);
        prop_assert_eq!(bytes(&mut whole), bytes(&mut cut));
    }

    #[test]
    fn a_read_in_pieces_is_the_read_as_a_whole(at in 0..200_u8, n in 1..56_usize) {
        let mut whole = Bench::activated(everything());
        whole.module.observe(&readings(f64::NAN, 0b11));
        let mut pieces = Bench::activated(everything());
        pieces.module.observe(&readings(f64::NAN, 0b11));
        for page in [0x00, 0x11, 0x2C] {
            let from = Address::page(page, at).in_bank(1);
            let together = whole.bytes(from, n).expect("it answers");
            let apart: Vec<u8> = (0..n)
                .map(|k| {
                    let byte = at + u8::try_from(k).expect("below 56");
                    pieces.bytes(Address { byte, ..from }, 1).expect("it answers")[0]
                })
                .collect();
            // The interrupt bit follows each flag as it is cleared.
            let ignore = |mut bytes: Vec<u8>| {
                for (k, byte) in bytes.iter_mut().enumerate() {
                    if usize::from(at) + k < 8 {
                        *byte = 0;
                    }
                }
                bytes
            };
            prop_assert_eq!(ignore(together), ignore(apart));
        }
    }
}
