//! Lanes of the platforms: their planes add up, their margin is the loss that they can take, and
//! their error ratio is what the receiver makes of their levels.

use link::fec::FecCode;
use link::{Conditions, Element, LaneDesign, Lanes, Margin, Solution};
use system::{Input, Library, MediaLaneId, System};
use units::special::normal_tail;
use units::{Celsius, DbMilliwatts, Decibels, Watts};

/// Temperatures round which these tests look: engines and laser modules of a warm box.
fn at_stated(system: &System) -> Conditions {
    let (engines, modules) = match system.description.name.as_str() {
        "quantum-x-115t" => (65.0, 40.0),
        name if name.starts_with("dsp") => (60.0, 45.0),
        _ => (70.0, 45.0),
    };
    let mut conditions = Conditions::stated(system, Celsius::new(engines));
    let cool = Conditions::stated(system, Celsius::new(modules));
    conditions.laser_modules = cool.laser_modules;
    conditions.peers = system.peers.iter().map(|peer| at_stated(peer)).collect();
    conditions
}

const PLATFORMS: [&str; 14] = [
    "cpo-51t",
    "cpo-51t-2.5d",
    "cpo-51t-3d",
    "quantum-x-115t",
    "dsp-51t",
    "dsp-102t",
    "humboldt-25t",
    "lpo-51t",
    "npo-51t",
    "bailly-51t",
    "davisson-102t",
    "spectrum-x-102t",
    "teraphy-oio",
    "oci-4t",
];
/// Rounding of sums of decibels.
const DUST_DB: f64 = 1e-9;

fn resolve(platform: &str, sets: &[&str]) -> System {
    let library = Library::embedded();
    let text = library
        .platform(platform)
        .expect("the platform exists")
        .to_owned();
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

fn design(platform: &str, sets: &[&str]) -> LaneDesign {
    let system = resolve(platform, sets);
    link::lane(&system, &at_stated(&system), MediaLaneId(0))
}

fn solution(design: &LaneDesign) -> &Solution {
    design.outcome.as_ref().expect("the lane is lit")
}

fn level(design: &LaneDesign, element: Element) -> (f64, Option<f64>) {
    let plane = design
        .planes
        .after(element)
        .expect("the lane has the plane");
    (plane.average.value(), plane.oma.map(DbMilliwatts::value))
}

#[track_caller]
fn near(a: f64, b: f64, tolerance: f64) {
    assert!(
        (a - b).abs() <= tolerance,
        "{a} against {b}, tolerance {tolerance}"
    );
}

#[test]
fn planes_add_up() {
    for platform in PLATFORMS {
        let design = design(platform, &[]);
        let planes = &design.planes.0;
        assert_eq!(planes[0].element, Element::Laser);
        assert_eq!(
            planes.last().map(|plane| plane.element),
            Some(Element::Photodiode)
        );
        assert!(
            planes.is_sorted_by(|a, b| a.element < b.element),
            "{platform}: each element once, in order"
        );
        for pair in planes.windows(2) {
            near(
                (pair[0].average - pair[1].average).value(),
                pair[1].loss.value(),
                DUST_DB,
            );
            if let (Some(before), Some(after)) = (pair[0].oma, pair[1].oma) {
                let amplitude_loss = (before - after).value();
                if matches!(pair[1].element, Element::Fibre | Element::LockError) {
                    // Dispersion and detuning slow the signal and leave its mean alone.
                    assert!(amplitude_loss >= pair[1].loss.value() - DUST_DB);
                } else {
                    near(amplitude_loss, pair[1].loss.value(), DUST_DB);
                }
            }
            // Two-photon absorption apart, nothing here can amplify.
            assert!(
                pair[1].loss >= Decibels::new(0.0),
                "{platform}: {:?}",
                pair[1]
            );
        }
        let sum: Decibels = planes.iter().map(|plane| plane.loss).sum();
        near(
            (planes[0].average - planes[planes.len() - 1].average).value(),
            sum.value(),
            DUST_DB,
        );
        // The laser delivers the launch power that its control asks for.
        let launch = match platform {
            "quantum-x-115t" | "spectrum-x-102t" => 23.0,
            "dsp-51t" | "dsp-102t" | "lpo-51t" => 17.0,
            "teraphy-oio" => 14.0,
            "oci-4t" => 13.0,
            _ => 20.0,
        };
        near(planes[0].average.value(), launch, 1e-6);
    }
}

/// `P_avg = P_cw IL (1 + 1/r) / 2` and `OMA = P_cw IL (1 - 1/r)` with equal steps.
#[test]
fn the_modulation_plane_obeys_the_algebra_of_levels() {
    for platform in PLATFORMS {
        let design = design(platform, &[]);
        let state = design.modulator.as_ref().expect("a modulator at work");
        // The drivers pre-distort, so the steps are even; the algebra below needs that.
        near(state.rlm, 1.0, 1e-9);
        let r = state.extinction_ratio.to_ratio();
        let continuous = level(&design, Element::Splitter).0;
        let top = level(&design, Element::Modulator).0;
        near(continuous - top, state.insertion_loss.value(), DUST_DB);
        let (average, oma) = level(&design, Element::Modulation);
        let oma = oma.expect("modulated light");
        near(top - average, -10.0 * (0.5 * (1.0 + 1.0 / r)).log10(), 1e-9);
        near(top - oma, -10.0 * (1.0 - 1.0 / r).log10(), 1e-9);
        near(
            oma - average,
            10.0 * (2.0 * (r - 1.0) / (r + 1.0)).log10(),
            1e-9,
        );
    }
}

/// The table of extinction ratios: 4 dB costs 2.20 dB to OMA and 1.56 dB to the average, 5 dB
/// 1.65 and 1.82 dB.
#[test]
fn the_price_of_a_finite_extinction_ratio() {
    for (drive, er, to_oma, to_average) in
        [("1.0198 V", 4.0, 2.20, 1.56), ("1.2520 V", 5.0, 1.65, 1.82)]
    {
        let design = design(
            "cpo-51t",
            &[&format!("engine.oe.modulator.drive_voltage={drive}")],
        );
        let state = design.modulator.as_ref().expect("a modulator at work");
        // A tenth of a decibel of extinction moves the two losses by less than 0.06 dB.
        near(state.extinction_ratio.value(), er, 0.02);
        let top = level(&design, Element::Modulator).0;
        let (average, oma) = level(&design, Element::Modulation);
        near(top - oma.expect("modulated light"), to_oma, 0.02);
        near(top - average, to_average, 0.02);
    }
}

/// More loss of the margin less 0.01 dB closes, 0.01 dB beyond it does not. The equaliser is
/// solved anew for the weaker light and stays the same within 0.003 dB. Without a code the target
/// lies far down the tails, where the little interference that an equaliser for weaker light
/// leaves costs up to 0.3 dB.
#[test]
fn the_margin_is_the_loss_that_the_link_can_take() {
    for platform in PLATFORMS {
        let engine = match platform {
            "dsp-51t" | "dsp-102t" | "lpo-51t" => "module",
            _ => "oe",
        };
        let whole = design(platform, &[]);
        let Margin::Met(margin) = solution(&whole).margin else {
            panic!("{platform} closes")
        };
        let slack = match whole.fec {
            FecCode::None => 0.3,
            _ => 0.01,
        };
        // Both lie outside the reflections that interfere. A shuffle alone takes 10 dB at most.
        let with = |loss: f64| {
            let sets = [
                format!("fibre_plant.shuffle_loss={} dB", loss - 1.0),
                format!("engine.{engine}.output_coupler.residual_loss=1.9 dB"),
            ];
            let design = design(platform, &sets.each_ref().map(String::as_str));
            solution(&design).clone()
        };
        assert!(
            with(margin.value() - slack).closes(),
            "{platform}: margin {margin}"
        );
        assert!(
            !with(margin.value() + slack).closes(),
            "{platform}: margin {margin}"
        );
        let half = with(0.5 * margin.value())
            .margin
            .signed()
            .expect("a finite margin");
        near(half.value(), 0.5 * margin.value(), slack);
    }
}

/// Gaussian noise at each level, thresholds at the crossing, Gray code: the sum over all levels
/// and decisions, with the noise of thermal, shot, intensity and symbol disturbance added here.
#[test]
fn the_error_ratio_is_that_of_the_receiver_by_hand() {
    const CHARGE: f64 = 1.602_176_634e-19;
    // Four levels, one wavelength, and error ratios that are not far down the tails.
    for platform in [
        "cpo-51t",
        "quantum-x-115t",
        "dsp-51t",
        "dsp-102t",
        "humboldt-25t",
        "lpo-51t",
        "npo-51t",
        "spectrum-x-102t",
    ] {
        let design = design(platform, &[]);
        let reception = design.reception.as_ref().expect("a receiver");
        let receiver = &reception.receiver;
        let (r, bn) = (
            receiver.responsivity.value(),
            receiver.noise_bandwidth.value(),
        );
        let state = design.modulator.as_ref().expect("a modulator at work");
        let mean = state.levels.iter().sum::<f64>() / 4.0;
        let received = DbMilliwatts::new(level(&design, Element::Photodiode).0).to_watts();
        let oma = design
            .planes
            .after(Element::Photodiode)
            .and_then(|plane| plane.oma);
        let swing = oma.expect("data").to_watts().value() / (state.levels[3] - state.levels[0]);
        let current: Vec<f64> = state
            .levels
            .iter()
            .map(|level| r * (received.value() + swing * (level - mean)))
            .collect();
        let spacing = (current[3] - current[0]) / 3.0;
        let rin = design.rin.value();
        let link::SymbolDisturbance::Gaussian { rms } = reception.impairments.isi else {
            panic!("{platform}")
        };
        let spread = spacing * 5f64.sqrt() / 2.0;
        let ratios = &reception.impairments.interference.ratios;
        let average = current.iter().sum::<f64>() / 4.0;
        let interference: f64 = ratios.iter().map(|ratio| ratio.value()).sum();
        let sigma: Vec<f64> = current
            .iter()
            .map(|i| {
                let thermal = receiver.thermal_noise.value().powi(2) * bn;
                let shot = 2.0 * CHARGE * (i + receiver.dark_current.value()) * bn;
                let intensity = 10f64.powf(rin / 10.0) * i * i * bn;
                let multipath = 2.0 * i * interference * average;
                (thermal + shot + intensity + multipath + (rms.value() * spread).powi(2)).sqrt()
            })
            .collect();
        // The crossing of two Gaussian densities lies very near the sigma-weighted point; at
        // these error ratios the difference moves the result by less than 2 %.
        let threshold: Vec<f64> = (0..3)
            .map(|k| {
                (current[k] * sigma[k + 1] + current[k + 1] * sigma[k]) / (sigma[k] + sigma[k + 1])
            })
            .collect();
        let gray = [0u32, 1, 3, 2];
        let mut ber = 0.0;
        for sent in 0..4usize {
            let above = |k: usize| normal_tail((threshold[k] - current[sent]) / sigma[sent]);
            let below = |k: usize| normal_tail((current[sent] - threshold[k]) / sigma[sent]);
            for decided in 0..4usize {
                if decided == sent {
                    continue;
                }
                let probability = if decided > sent {
                    above(decided - 1) - if decided < 3 { above(decided) } else { 0.0 }
                } else {
                    below(decided) - if decided > 0 { below(decided - 1) } else { 0.0 }
                };
                ber += probability * f64::from((gray[sent] ^ gray[decided]).count_ones()) / 8.0;
            }
        }
        let ours = solution(&design).optical_ber;
        near(ber / ours, 1.0, 0.02);
    }
}

#[test]
fn one_lane_alone_is_the_same_as_among_all() {
    for platform in PLATFORMS {
        let system = resolve(platform, &[]);
        let lanes = Lanes::new(&system, &at_stated(&system));
        assert_eq!(lanes.design_of.len(), system.media_lanes.len());
        for idx in 0..system.media_lanes.len() {
            let id = MediaLaneId::from_index(idx);
            let (one, among) = (
                link::lane(&system, &at_stated(&system), id),
                lanes.design(id),
            );
            assert_eq!(one.planes, among.planes);
            assert_eq!((one.laser, &one.modulator), (among.laser, &among.modulator));
            assert_eq!(
                (one.outcome, one.target_ber),
                (among.outcome.clone(), among.target_ber)
            );
        }
    }
}

/// The chain of the argument on sharing: mate and connectors 1.05 dB, input coupler 1.5,
/// routing 0.5, splitter with 0.2 dB of excess at each stage, modulator 4.5, extinction ratio
/// 5 dB, output coupler 1.5, link 1.2, receive coupler 2.0 dB.
fn shared_laser(class: &str, launch: f64, lanes: u32) -> LaneDesign {
    let coupler = |name: &str, loss: f64| {
        [
            format!("engine.oe.{name}.chip_mode_x=9.2 um"),
            format!("engine.oe.{name}.chip_mode_y=9.2 um"),
            format!("engine.oe.{name}.offset=0 um"),
            format!("engine.oe.{name}.tilt=0 deg"),
            format!("engine.oe.{name}.gap=0 um"),
            format!("engine.oe.{name}.residual_loss={loss} dB"),
        ]
    };
    let mut sets: Vec<String> = [
        "fibre_plant.laser_mate.loss=0.7 dB",
        "fibre_plant.laser_connector.loss=0.35 dB",
        "fibre_plant.laser_fibre_length=0 m",
        "fibre_plant.laser_fibre.axis_error=0 deg",
        "engine.oe.platform.guide_loss=5 dB/cm",
        "engine.oe.routing_length=1 mm",
        "engine.oe.platform.two_photon_absorption=0 cm/GW",
        "engine.oe.splitter.excess_loss=0.2 dB",
        "engine.oe.modulator.drive_voltage=1.2520 V",
        "engine.oe.modulator.phase_shifter_loss=0 dB/cm",
        "engine.oe.modulator.passive_loss=0 dB",
        "fibre_plant.data_connectors=0",
        "fibre_plant.shuffle_loss=1.2 dB",
        "fibre_plant.reach=0 m",
        "engine.oe.polarisation_loss=0 dB",
    ]
    .map(str::to_owned)
    .into();
    sets.push(format!(
        "laser_module.els={{ use = \"{class}\", feeds = \"oe\", lanes_per_laser = {lanes}, zone = \"faceplate\", \
         launch = \"{launch} dBm\" }}"
    ));
    sets.extend(coupler("input_coupler", 1.5));
    sets.extend(coupler("output_coupler", 1.5));
    sets.extend(coupler("receive_coupler", 2.0));
    let at = |sets: &[String]| {
        design(
            "cpo-51t",
            &sets.iter().map(String::as_str).collect::<Vec<_>>(),
        )
    };
    // What the top level of quadrature lacks of 4.5 dB is put into the passive loss.
    let bare = at(&sets)
        .modulator
        .expect("a modulator at work")
        .insertion_loss;
    sets.push(format!(
        "engine.oe.modulator.passive_loss={} dB",
        4.5 - bare.value()
    ));
    at(&sets)
}

#[test]
fn how_far_a_laser_can_be_shared() {
    // The quoted chain is rounded to a twentieth of a decibel.
    const ROUNDED: f64 = 0.05;
    // Least amplitude at TP2 of 100G DR4.
    const TP2_LEAST_DBM: f64 = -0.8;
    let oma = |design: &LaneDesign, element| level(design, element).1.expect("modulated light");
    for (class, launch, most) in [
        ("elsfp-hp-8", 17.0, 4u32),
        ("elsfp-vhp-8", 20.0, 8),
        ("elsfp-uhp-8", 23.0, 16),
    ] {
        let design = shared_laser(class, launch, most);
        let split = 10.0 * f64::from(most).log10() + 0.2 * f64::from(most.ilog2());
        let at_modulator = launch - 1.05 - 1.5 - 0.5 - split;
        near(level(&design, Element::Splitter).0, at_modulator, ROUNDED);
        near(
            oma(&design, Element::Modulation),
            at_modulator - 4.5 - 1.65,
            ROUNDED,
        );
        let tp2 = at_modulator - 4.5 - 1.65 - 1.5;
        near(oma(&design, Element::OutputCoupler), tp2, ROUNDED);
        near(oma(&design, Element::Fibre), tp2 - 1.2, ROUNDED);
        near(oma(&design, Element::Photodiode), tp2 - 3.2, ROUNDED);
        // Met "with only 0.3 to 0.7 dB to spare"; twice as many lanes are too many.
        let room = oma(&design, Element::OutputCoupler) - TP2_LEAST_DBM;
        assert!(
            (0.3 - ROUNDED..=0.7 + ROUNDED).contains(&room),
            "{class}: {room}"
        );
        assert!(
            oma(
                &shared_laser(class, launch, 2 * most),
                Element::OutputCoupler
            ) < TP2_LEAST_DBM
        );
        // Class tolerance of 1.5 dB and 1 dB of ageing: half as many lanes are safe.
        let worst = |lanes| {
            oma(
                &shared_laser(class, launch - 2.5, lanes),
                Element::OutputCoupler,
            )
        };
        assert!(
            worst(most / 2) > TP2_LEAST_DBM && worst(most) < TP2_LEAST_DBM,
            "{class}"
        );
    }
}

/// Only what no retimer stops reaches the slicer: of a linear engine at one end, half of the
/// variance of a linear path.
#[test]
fn a_linear_engine_at_either_end_brings_half_of_the_electrical_noise() {
    let peer = |platform: &str, peer: &str| {
        let sets = [
            "link.far.port=eth".to_owned(),
            format!("link.far.peer={peer}"),
        ];
        design(platform, &sets.each_ref().map(String::as_str))
    };
    // Squares of noise over spacing: implementation of the receiver, and the electrical path.
    let (linear_receiver, dsp_receiver, path) = (0.05f64.powi(2), 0.04f64.powi(2), 0.06f64.powi(2));
    for (design, expected) in [
        (design("cpo-51t", &[]), linear_receiver + path),
        (peer("cpo-51t", "dsp-51t"), dsp_receiver + path / 2.0),
        (peer("dsp-51t", "cpo-51t"), linear_receiver + path / 2.0),
        (design("dsp-51t", &[]), dsp_receiver),
    ] {
        let reception = design.reception.as_ref().expect("a receiver");
        let link::SymbolDisturbance::Gaussian { rms } = reception.impairments.isi else {
            panic!("the equaliser leaves a Gaussian remainder")
        };
        let residual = design
            .equaliser
            .as_ref()
            .expect("an equaliser")
            .residual_isi_rms;
        // The levels of PAM4 spread by sqrt(5)/2 of their spacing.
        let square = rms.value().powi(2) * 1.25;
        near(square, expected + residual.powi(2), 1e-12);
    }
}

#[test]
fn heat_of_the_light_replaces_heat_of_the_heater() {
    let design = design("quantum-x-115t", &[]);
    let state = design.modulator.as_ref().expect("a ring");
    let heater = state.heater.expect("a heater");
    near(state.tuning_power.value(), heater.power.value(), 0.0);
    // 3 sigma of 0.2 nm and 15 K at the drift of the guide, less what the light heats.
    let all = 0.6e-9 + 15.0 * heater.drift.value();
    assert!(heater.shift.value() < all && heater.power > Watts::new(0.0));
}

/// A lane takes interference as Gaussian where that changes nothing, and elsewhere averages the
/// strongest interferer only. The receiver's own average over three interferers is the oracle.
#[test]
fn the_short_cut_for_interference_stays_within_its_bounds() {
    /// Decades of the error ratio and decibels of margin, as promised.
    const DECADES: f64 = 0.01;
    const MARGIN_DB: f64 = 0.005;
    let reflective = "fibre_plant.data_connector.reflectance=-22 dB";
    for (platform, sets, is_negligible) in [
        ("cpo-51t", &[][..], true),
        ("dsp-51t", &[], true),
        ("cpo-51t", &[reflective], false),
    ] {
        let design = design(platform, sets);
        let solution = solution(&design);
        let reception = design.reception.as_ref().expect("a receiver");
        let exact = reception.evaluate().expect("evaluates").bit_error_ratio;
        let decades =
            ((solution.optical_ber + solution.host_ber) / (exact + solution.host_ber)).log10();
        let exact_margin = link::margin(reception, design.target_ber).expect("solves");
        let margins = (solution.margin.signed(), exact_margin.signed());
        let (Some(ours), Some(exact_margin)) = margins else {
            panic!("{platform}: {margins:?}")
        };
        let lost = (exact_margin - ours).value();
        if is_negligible {
            assert!(decades.abs() < DECADES, "{platform}: {decades} decades");
            assert!(lost.abs() < MARGIN_DB, "{platform}: {lost} dB");
        } else {
            // An upper value of the error ratio, and a lower one of the margin.
            assert!(
                (-DECADES..0.5).contains(&decades),
                "{platform}: {decades} decades"
            );
            assert!((-MARGIN_DB..0.1).contains(&lost), "{platform}: {lost} dB");
        }
    }
}

/// Four wavelengths on a fibre: four designs, spaced as the grid, each laser on one of them.
#[test]
fn wavelengths_of_a_fibre_have_lasers_of_their_own() {
    let sets = [
        "engine.oe.wavelengths_per_fibre=4",
        "engine.oe.channel_spacing=3.5 THz",
        "engine.oe.multiplexer=cwdm4",
        "engine.oe.demultiplexer=cwdm4",
    ];
    let system = resolve("cpo-51t", &sets);
    let lanes = Lanes::new(&system, &at_stated(&system));
    assert_eq!(lanes.designs.len(), 4);
    let frequencies: Vec<f64> = lanes
        .designs
        .iter()
        .map(|design| {
            let laser = design.laser.expect("lit");
            laser.point.wavelength.to_optical_frequency().value()
        })
        .collect();
    for pair in frequencies.windows(2) {
        // The lasers drift alike in wavelength, which differs by 0.4 % in frequency over a step.
        near((pair[1] - pair[0]) / 3.5e12, 1.0, 0.005);
    }
    for laser in &system.lasers {
        let designs: Vec<usize> = laser
            .media_lanes
            .iter()
            .map(|lane| lanes.design_of[lane.index()])
            .collect();
        assert!(
            designs.windows(2).all(|pair| pair[0] == pair[1]),
            "{}",
            laser.name
        );
    }
    // The multiplexer's loss and the neighbours' light cost margin.
    let plain = design("cpo-51t", &[]);
    let lost = |design: &LaneDesign| solution(design).margin.signed().expect("closes");
    assert!(lost(&plain) - lost(&lanes.designs[0]) > Decibels::new(1.9));
}

/// Between two systems the light that comes in is what the other one sends.
#[test]
fn each_end_receives_what_the_other_sends() {
    let here = resolve(
        "cpo-51t",
        &["link.spine.port=eth", "link.spine.peer=dsp-51t"],
    );
    let there = resolve(
        "dsp-51t",
        &["link.spine.port=eth", "link.spine.peer=cpo-51t"],
    );
    let (here, there) = (
        Lanes::new(&here, &at_stated(&here)),
        Lanes::new(&there, &at_stated(&there)),
    );
    let (here, there) = (&here.designs[0], &there.designs[0]);
    for (sent, received) in [(here, there.incoming()), (there, here.incoming())] {
        assert_eq!(sent.planes, received.planes);
        assert_eq!(solution(sent), solution(received));
    }
    assert_ne!(here.planes, there.planes);
    let worse = here.worse();
    for direction in [here, here.incoming()] {
        let (a, b) = (solution(worse), solution(direction));
        assert!(a.ln_codeword_error_ratio >= b.ln_codeword_error_ratio);
    }
}
