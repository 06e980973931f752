//! A lane as plain numbers against the exact lane, at its design and away from it.

use link::batch::{LaneBatch, LaneResults, evaluate};
use link::{
    Conditions, HeaterAct, LaneDesign, LaneModel, LockState, ReceiveState, TransmitState, lane,
};
use system::{Input, Library, MediaLaneId, System};
use units::derivation::number;
use units::{Celsius, Decibels};

const FIRST: MediaLaneId = MediaLaneId(0);

fn resolve(platform: &str, sets: &[&str]) -> System {
    let library = Library::embedded();
    let text = library.platform(platform).expect("the platform exists");
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    System::resolve(&Input {
        name: platform,
        bytes: text.as_bytes(),
        sets: &sets,
        library: &library,
        load: &|file| Err(format!("{file} is not there")),
    })
    .unwrap_or_else(|problems| panic!("{problems}"))
}

fn held_at(system: &System, celsius: f64) -> Conditions {
    let mut conditions = Conditions::stated(system, Celsius::new(40.0));
    for engine in &mut conditions.engines {
        *engine = number(Celsius::new(celsius));
    }
    conditions
}

struct Found {
    mpd_in_dbm: f64,
    mpd_tx_dbm: f64,
    rx_dbm: f64,
    oma_dbm: f64,
    heater_w: f64,
    ber: f64,
    lock: LockState,
}

fn follow(
    model: &LaneModel,
    transmit: &TransmitState,
    extra_db: f64,
    receive: &ReceiveState,
) -> Found {
    let sent = model.transmit(transmit);
    let levels = model.arrive(&sent.levels_w, extra_db);
    let mut batch = LaneBatch::new(model.modulation());
    model.join(&mut batch).expect("a batch takes it");
    let arrived = model.receive(&levels, receive, &mut batch, 0);
    let mut results = LaneResults::default();
    evaluate(&batch, &mut results);
    let dbm = |watts: f64| 10.0 * (watts / 1e-3).log10();
    Found {
        mpd_in_dbm: dbm(sent.input_w),
        mpd_tx_dbm: dbm(sent.mean_w),
        rx_dbm: dbm(arrived.mean_w),
        oma_dbm: dbm(arrived.amplitude_w),
        heater_w: sent.heater_w,
        ber: results.bit_error_ratio[0],
        lock: sent.lock,
    }
}

/// The bounds that hold for every short cut of a lane: 0.005 dB and 0.01 decades.
fn agree(found: &Found, design: &LaneDesign, what: &str) {
    use link::Element::{InputCoupler, Modulation, Photodiode};
    let plane = |of| design.planes.after(of).expect("a lit lane").average.value();
    let oma = design.planes.after(Photodiode).and_then(|plane| plane.oma);
    for (name, found, exact) in [
        ("MPD_in", found.mpd_in_dbm, plane(InputCoupler)),
        ("MPD_tx", found.mpd_tx_dbm, plane(Modulation)),
        ("received", found.rx_dbm, plane(Photodiode)),
        (
            "received OMA",
            found.oma_dbm,
            oma.expect("modulated").value(),
        ),
    ] {
        assert!(
            (found - exact).abs() < 0.005,
            "{what}, {name}: {found} {exact} dBm"
        );
    }
    let solution = design.outcome.as_ref().expect("lit");
    // Error ratios are compared where the decoder sees them, beside those of the host lanes.
    let ratio = (found.ber + solution.host_ber + 1e-30) / (solution.pre_fec_ber() + 1e-30);
    assert!(
        ratio.log10().abs() < 0.01,
        "{what}: {} {}",
        found.ber,
        solution.optical_ber
    );
    let heater = design.modulator.as_ref().expect("a modulator").tuning_power;
    assert!(
        (found.heater_w - heater.value()).abs() < 1e-6,
        "{what}: {} W, {heater}",
        found.heater_w
    );
}

/// Every platform at its design.
#[test]
fn a_model_is_its_design() {
    let library = Library::embedded();
    for platform in library.platforms() {
        let system = resolve(platform, &[]);
        let conditions = held_at(&system, 55.0);
        let design = lane(&system, &conditions, FIRST);
        if design.outcome.is_err() {
            continue;
        }
        let model = LaneModel::new(&system, FIRST, &design, &conditions).expect("a lit lane");
        let (transmit, receive) = model.as_designed();
        agree(&follow(&model, &transmit, 0.0, &receive), &design, platform);
    }
}

/// What is lost on the way, at either end of a range: a description that says so.
#[test]
fn losses_move_it_as_they_move_the_design() {
    for (platform, connectors) in [("cpo-51t", 4.0), ("quantum-x-115t", 4.0), ("dsp-51t", 4.0)] {
        let system = resolve(platform, &[]);
        let conditions = held_at(&system, 55.0);
        let design = lane(&system, &conditions, FIRST);
        let model = LaneModel::new(&system, FIRST, &design, &conditions).expect("a lit lane");
        let (transmit, receive) = model.as_designed();
        let n = f64::from(system.description.fibre_plant.data_connectors);
        let each = system
            .description
            .fibre_plant
            .data_connector
            .loss
            .value
            .value();
        for extra in [0.5, 2.0, connectors, 7.0] {
            let worse = format!(
                "fibre_plant.data_connector.loss=\"{} dB\"",
                each + extra / n
            );
            let worse = resolve(platform, &[&worse]);
            let exact = lane(&worse, &conditions, FIRST);
            let found = follow(&model, &transmit, extra, &receive);
            agree(&found, &exact, &format!("{platform}, {extra} dB"));
        }
    }
}

/// Warmer and colder rings: heaters back off along the drift of the guide, until there is nothing
/// left to take away.
#[test]
fn heaters_follow_the_substrate_to_their_rails() {
    let alone = "engine.oe.modulator.heater_crosstalk=0";
    let system = resolve("quantum-x-115t", &[alone]);
    let conditions = held_at(&system, 55.0);
    let design = lane(&system, &conditions, FIRST);
    let model = LaneModel::new(&system, FIRST, &design, &conditions).expect("a lit lane");
    let (mut transmit, receive) = model.as_designed();
    for celsius in [45.0, 50.0, 58.0, 60.0] {
        transmit.substrate_c = celsius;
        let receive = ReceiveState {
            substrate_c: celsius,
            ..receive
        };
        let exact = lane(&system, &held_at(&system, celsius), FIRST);
        let found = follow(&model, &transmit, 0.0, &receive);
        if exact.outcome.is_ok() {
            agree(&found, &exact, &format!("{celsius} C"));
        }
        assert_eq!(found.lock, LockState::Locked, "{celsius} C");
    }
    // So hot that the resonance has passed the laser with the heater off.
    transmit.substrate_c = 130.0;
    let found = follow(&model, &transmit, 0.0, &receive);
    assert_eq!((found.lock, found.heater_w), (LockState::Unlocked, 0.0));
    assert!(found.ber > 0.1 && found.oma_dbm < found.rx_dbm - 10.0);
}

/// A bias loop takes drift out with the power of its heater, `P = P_0 - d P_0 / phase`, down to none
/// and up to the greatest; light does not change. What is left at a rail, and all of it where the
/// heater is held, bends the levels: `sin(a + d) - sin(d - a) = 2 sin(a) cos(d)` about quadrature.
#[test]
fn a_bias_loop_takes_drift_out_between_its_rails() {
    use std::f64::consts::FRAC_PI_2;
    let part = "engine.oe.modulator";
    let [mean, greatest] =
        ["bias_power=15 mW", "max_bias_power=60 mW"].map(|set| format!("{part}.{set}"));
    let light = [
        format!("{part}.bias=90 deg"),
        format!("{part}.split_ratio=0.5"),
    ];
    let system = resolve("cpo-51t", &[&mean, &greatest, &light[0], &light[1]]);
    let conditions = held_at(&system, 55.0);
    let design = lane(&system, &conditions, FIRST);
    let model = LaneModel::new(&system, FIRST, &design, &conditions).expect("a lit lane");
    let (designed, _) = model.as_designed();
    let rest = model.transmit(&designed);
    let at = |bias_drift_rad: f64, heater: HeaterAct| TransmitState {
        bias_drift_rad,
        heater,
        ..designed
    };
    let w_per_rad = 15e-3 / FRAC_PI_2;
    for drift in [-3.0 * FRAC_PI_2 + 1e-9, -1.0, -0.02, 0.3, FRAC_PI_2 - 1e-9] {
        let state = at(drift, HeaterAct::Locked);
        let sent = model.transmit(&state);
        assert_eq!(
            sent.levels_w.map(f64::to_bits),
            rest.levels_w.map(f64::to_bits),
            "{drift}"
        );
        assert_eq!(sent.lock, LockState::Locked, "{drift}");
        let heater_w = 15e-3 - drift * w_per_rad;
        assert!(
            (sent.heater_w - heater_w).abs() < 1e-15,
            "{drift}: {}",
            sent.heater_w
        );
        let followed = model.follow_heater(&designed, (rest.heater_w, rest.lock), &state);
        let followed = followed.expect("the light is the same");
        assert!((followed - heater_w).abs() < 1e-15, "{drift}: {followed}");
    }
    // The drift, what drives the heater, where it stands, and what is left.
    for (drift, act, heater_w, left) in [
        (2.0, HeaterAct::Locked, 0.0, 2.0 - FRAC_PI_2),
        (-5.0, HeaterAct::Locked, 60e-3, 3.0 * FRAC_PI_2 - 5.0),
        (0.4, HeaterAct::Held(15e-3), 15e-3, 0.4),
        (0.4, HeaterAct::Held(0.0), 0.0, 0.4 - FRAC_PI_2),
    ] {
        let state = at(drift, act);
        let sent = model.transmit(&state);
        assert_eq!(sent.lock, LockState::Unlocked, "{drift}");
        assert!(
            (sent.heater_w - heater_w).abs() < 1e-15,
            "{drift}: {}",
            sent.heater_w
        );
        let kept = sent.amplitude_w / rest.amplitude_w;
        assert!((kept - left.cos()).abs() < 1e-9, "{drift}: {kept}");
        if act == HeaterAct::Locked {
            let found = model.follow_heater(&designed, (rest.heater_w, rest.lock), &state);
            assert_eq!(found, None, "{drift}");
            // At the rail every further drift is light; and so is the way back to the lock.
            let before = (sent.heater_w, sent.lock);
            assert_eq!(
                model.follow_heater(&state, before, &state),
                Some(sent.heater_w)
            );
            for to in [drift * 1.01, 0.0] {
                assert_eq!(
                    model.follow_heater(&state, before, &at(to, act)),
                    None,
                    "{drift}"
                );
            }
        }
    }
    // No heater, no loop.
    let none = format!("{part}.bias_power=0 W");
    let system = resolve("cpo-51t", &[&none, &light[0], &light[1]]);
    let design = lane(&system, &conditions, FIRST);
    let model = LaneModel::new(&system, FIRST, &design, &conditions).expect("a lit lane");
    let state = at(0.4, HeaterAct::Locked);
    let sent = model.transmit(&state);
    assert!((sent.amplitude_w / rest.amplitude_w - 0.4_f64.cos()).abs() < 1e-9);
    assert_eq!((sent.heater_w, sent.lock), (0.0, LockState::Locked));
    assert_eq!(
        model.follow_heater(&designed, (0.0, sent.lock), &state),
        None
    );
}

/// Without drive there is light and no data; without light there is neither.
#[test]
fn without_drive_or_light_half_of_the_bits_are_wrong() {
    for platform in ["cpo-51t", "quantum-x-115t"] {
        let system = resolve(platform, &[]);
        let conditions = held_at(&system, 55.0);
        let design = lane(&system, &conditions, FIRST);
        let model = LaneModel::new(&system, FIRST, &design, &conditions).expect("a lit lane");
        let (transmit, receive) = model.as_designed();
        let idle = TransmitState {
            swing: 0.0,
            ..transmit
        };
        let found = follow(&model, &idle, 0.0, &receive);
        assert!(found.rx_dbm > -10.0, "{platform}: {}", found.rx_dbm);
        assert!((found.ber - 0.5).abs() < 1e-6, "{platform}: {}", found.ber);
        let dark = TransmitState {
            laser_w: 0.0,
            ..transmit
        };
        let found = follow(&model, &dark, 0.0, &receive);
        assert!((found.ber - 0.5).abs() < 1e-6, "{platform}: {}", found.ber);
        let open = TransmitState {
            heater: HeaterAct::Held(0.0),
            ..transmit
        };
        let found = follow(&model, &open, 0.0, &receive);
        // Light passes, and the levels stand too close for a decision.
        assert_eq!(found.lock, LockState::Unlocked, "{platform}");
        assert!(found.ber > 1e-3, "{platform}: {}", found.ber);
    }
}

/// A transmitter's own losses: what is lost ahead of the modulator lowers every tap behind it.
#[test]
fn feed_losses_lower_every_tap_behind_them() {
    let system = resolve("cpo-51t", &[]);
    let conditions = held_at(&system, 55.0);
    let design = lane(&system, &conditions, FIRST);
    let model = LaneModel::new(&system, FIRST, &design, &conditions).expect("a lit lane");
    let (transmit, receive) = model.as_designed();
    let each = system
        .description
        .fibre_plant
        .laser_connector
        .as_ref()
        .expect("fed from outside");
    let n = f64::from(system.description.fibre_plant.laser_connectors.unwrap_or(0));
    let worse = format!(
        "fibre_plant.laser_connector.loss=\"{} dB\"",
        each.loss.value.value() + 1.5 / n
    );
    let exact = lane(&resolve("cpo-51t", &[&worse]), &conditions, FIRST);
    let dirty = TransmitState {
        feed_db: 1.5,
        ..transmit
    };
    agree(
        &follow(&model, &dirty, 0.0, &receive),
        &exact,
        "1.5 dB ahead of the engine",
    );
    let weak = TransmitState {
        laser_w: transmit.laser_w * Decibels::new(-1.5).to_ratio(),
        ..transmit
    };
    let (a, b) = (
        follow(&model, &dirty, 0.0, &receive),
        follow(&model, &weak, 0.0, &receive),
    );
    assert!((a.rx_dbm - b.rx_dbm).abs() < 1e-9);
}
