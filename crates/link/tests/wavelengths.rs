//! Lanes without a code, and lanes that share fibres by wavelength.

#![expect(clippy::unwrap_used, reason = "a refused input is a failed test")]

use link::fec::FecCode;
use link::{
    Conditions, Element, Impairments, LaneDesign, Lanes, Margin, group_power, lane, latency, margin,
};
use proptest::prelude::*;
use system::{Input, Library, MediaLaneId, PortId, System};
use units::Celsius;

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

fn resolve(platform: &str, sets: &[String]) -> System {
    let library = Library::embedded();
    let text = library.platform(platform).unwrap().to_owned();
    System::resolve(&Input {
        name: platform,
        bytes: text.as_bytes(),
        sets,
        library: &library,
        load: &|file| Err(format!("{file} is not there")),
    })
    .unwrap_or_else(|problems| panic!("{problems}"))
}

fn design(platform: &str, sets: &[&str], idx: u32) -> LaneDesign {
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    let system = resolve(platform, &sets);
    lane(&system, &at_stated(&system), MediaLaneId(idx))
}

fn loss(design: &LaneDesign, element: Element) -> f64 {
    design.planes.after(element).unwrap().loss.value()
}

#[test]
fn the_margin_without_a_code_is_that_of_the_target_error_ratio() {
    let design = design("teraphy-oio", &[], 0);
    assert_eq!(design.fec, FecCode::None);
    // The target of the library, and two die-to-die segments of 1e-15 that share it.
    assert!((design.allowed_ber / 1e-12 - 1.0).abs() < 1e-12);
    assert!((design.target_ber / (1e-12 - 2e-15) - 1.0).abs() < 1e-9);
    // With thermal noise alone Q = R OMA / (2 i_n sqrt(B)), and BER = Q(7.0345) = 1e-12 for two
    // levels: J. G. Proakis, Digital Communications, antipodal signals.
    let mut thermal = design.reception.unwrap();
    thermal.impairments = Impairments::default();
    thermal.receiver.dark_current = units::Amperes::new(0.0);
    let receiver = &thermal.receiver;
    let noise = receiver.thermal_noise.value() * receiver.noise_bandwidth.value().sqrt();
    // Shot noise is left: it adds 2 q I B to the variance of each level.
    let (mean, swing) = (thermal.levels.average(), thermal.levels.oma());
    let level = |k: usize| {
        let power = mean + swing * (k as f64 - 0.5);
        receiver.responsivity.value() * power.value()
    };
    let sigma = |gain: f64, k: usize| {
        let shot = 2.0 * units::constants::ELEMENTARY_CHARGE * gain * level(k);
        (noise * noise + shot * receiver.noise_bandwidth.value()).sqrt()
    };
    let Margin::Met(found) = margin(&thermal, 1e-12).unwrap() else {
        panic!("the lane has light to spare")
    };
    let gain = (-found).to_ratio();
    let q = gain * (level(1) - level(0)) / (sigma(gain, 0) + sigma(gain, 1));
    // The threshold where both densities meet differs from that of equal Q by less than this.
    assert!((q - 7.0345).abs() < 2e-3, "{q}");
}

#[test]
fn nothing_is_filled_or_decoded_without_a_code() {
    let uncoded = latency(&resolve("teraphy-oio", &[]), PortId(0)).unwrap();
    let coded = resolve("teraphy-oio", &["fec=rs272".to_owned()]);
    let coded = latency(&coded, PortId(0)).unwrap();
    assert!(uncoded.fec_fill.value().value() <= 0.0 && uncoded.fec_decode.value().value() <= 0.0);
    // One codeword of 272 symbols of ten bits at 512 Gb/s.
    let fill = coded.fec_fill.value().value();
    assert!((fill / (2720.0 / 512e9) - 1.0).abs() < 1e-12, "{fill}");
}

#[test]
fn light_passes_the_rings_in_front_of_its_own() {
    let of = |idx| design("teraphy-oio", &[], idx);
    let (first, last) = (of(0), of(15));
    // Each ring in front costs its stretch of the bus and a little of its resonance.
    let passed = loss(&last, Element::Demultiplexer) - loss(&first, Element::Demultiplexer);
    assert!(passed > 15.0 * 0.1 && passed < 15.0 * 0.2, "{passed}");
    let bus = loss(&first, Element::Multiplexer);
    assert!(bus > 15.0 * 0.1 && bus < 15.0 * 0.2, "{bus}");
    let level = |design: &LaneDesign| match design.outcome.as_ref().unwrap().margin {
        Margin::Met(by) => by.value(),
        other => panic!("{other:?}"),
    };
    assert!(level(&first) > level(&last));
    // Neighbours closer by leak more and slow nothing.
    let near = design("teraphy-oio", &["engine.oe.channel_spacing=150 GHz"], 8);
    let far = design("teraphy-oio", &[], 8);
    let q = |design: &LaneDesign| design.outcome.as_ref().unwrap().q_min;
    assert!(q(&near) < q(&far));
}

#[test]
fn rings_that_drop_light_take_their_heat() {
    let system = resolve("teraphy-oio", &[]);
    let lanes = Lanes::new(&system, &at_stated(&system));
    let each: f64 = lanes
        .design_of
        .iter()
        .map(|design| {
            let design = &lanes.designs[*design];
            let modulator = design.modulator.as_ref().unwrap().tuning_power.value();
            modulator + design.filter_heater.unwrap().power.value()
        })
        .sum();
    let tuning = group_power(&system, &lanes, 0).tuning.value().value();
    assert!((tuning / each - 1.0).abs() < 1e-12, "{tuning} {each}");
    // 0.3 nm of guard and 15 K at 66 pm/K, of which the ring beside it does a twentieth of its own.
    let [one, next] = [15, 14].map(|lane| lanes.design(MediaLaneId(lane)).filter_heater.unwrap());
    let expected = 0.3e-9 + 15.0 * one.drift.value();
    assert!((one.shift.value() / expected - 1.0).abs() < 1e-9);
    let by_both = 0.12e-6 * (one.power.value() + 0.05 * next.power.value());
    assert!((by_both / expected - 1.0).abs() < 1e-9);
}

#[test]
fn lasers_in_one_guide_absorb_each_others_light() {
    let routing = |n: u32| {
        let set = format!("laser_module.source.wavelengths_per_fibre={n}");
        loss(&design("teraphy-oio", &[&set], 0), Element::Routing)
    };
    assert!(routing(16) > routing(4) && routing(4) > routing(1));
}

#[test]
fn waves_absorb_each_other_twice_as_much_as_themselves() {
    // Boyd, Nonlinear Optics: dP_i/dz = -alpha P_i - (beta / A) (P_i + 2 sum of the others) P_i.
    // For n equal waves of power P that is an excess loss of 1 + (2 n - 1) (beta / A) P L_eff.
    let no_carriers = "engine.oe.platform.free_carrier_cross_section=0 cm2";
    let system = resolve("teraphy-oio", &[no_carriers.to_owned()]);
    let engine = &system.description.engine[0].value;
    let platform = &engine.platform;
    let lane = lane(&system, &at_stated(&system), MediaLaneId(0));
    let input = lane.planes.after(Element::InputCoupler).unwrap();
    let length = engine.routing_length.value.value();
    let linear = (platform.guide_loss.value * engine.routing_length.value).value();
    let alpha = linear * std::f64::consts::LN_10 / 10.0 / length;
    let effective = -(-alpha * length).exp_m1() / alpha;
    let area = platform.guide_width.value.value() * platform.guide_height.value.value();
    let per_watt = platform.two_photon_absorption.value.value() / area;
    let waves = 2.0 * 16.0 - 1.0;
    let power = input.average.to_watts().value();
    let excess = 10.0 * (waves * per_watt * power * effective).ln_1p() / std::f64::consts::LN_10;
    let found = loss(&lane, Element::Routing) - linear;
    // The integration steps by less than 5 % of the power, to the fourth order.
    assert!((found / excess - 1.0).abs() < 1e-5, "{found} {excess}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// A code corrects what no code must not make: it never lowers the margin.
    #[test]
    fn a_code_never_lowers_the_margin(launch_dbm in 11.0..15.0, noise in 8.0..20.0) {
        let solve = |code: &str| {
            let sets = [
                format!("fec={code}"),
                format!("laser_module.source.launch={launch_dbm} dBm"),
                format!("engine.oe.tia.noise={noise} pA/rtHz"),
            ];
            let system = resolve("teraphy-oio", &sets);
            let design = lane(&system, &at_stated(&system), MediaLaneId(7));
            design.outcome.unwrap().margin.signed().map(units::Decibels::value)
        };
        let without = solve("none");
        for code in ["rs272", "kr4", "kp4"] {
            let with = solve(code);
            // No margin is one that no power gives; a code may give one, and never take it.
            prop_assert!(with >= without, "{code}: {with:?} {without:?}");
        }
    }
}
