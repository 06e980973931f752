//! Parts given as measured tables.

mod tables;

use link::{Conditions, Element, LaneDesign, LaneFault, Lanes, Margin};
use photonics::laser::Laser;
use system::parts::{self, Modulator};
use system::{Input, Library, System, TableError};
use units::{Celsius, DbMilliwatts, Decibels, Dimension};

use crate::tables::{Axis, RingBench, liv};

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

fn solve(sets: &[&str], files: &[(&str, String)]) -> (System, Lanes) {
    solve_on("cpo-51t", sets, files)
}

fn solve_on(platform: &str, sets: &[&str], files: &[(&str, String)]) -> (System, Lanes) {
    let library = Library::embedded();
    let text = library
        .platform(platform)
        .expect("the platform exists")
        .to_owned();
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    let load = |file: &str| {
        let found = files.iter().find(|(name, _)| *name == file);
        found
            .map(|(_, text)| text.clone().into_bytes())
            .ok_or_else(|| "not there".to_owned())
    };
    let input = Input {
        name: platform,
        bytes: text.as_bytes(),
        sets: &sets,
        library: &library,
        load: &load,
    };
    let system = System::resolve(&input).unwrap_or_else(|problems| panic!("{problems}"));
    let lanes = Lanes::new(&system, &at_stated(&system));
    (system, lanes)
}

/// The library's laser, as the model that the table is sampled from.
fn library_laser(system: &System) -> Laser {
    link::laser_device(&system.description.laser_module[0].value.laser)
}

#[test]
fn a_measured_laser_works_at_the_point_of_the_laser_it_was_measured_on() {
    let (system, modelled) = solve(&[], &[]);
    let table = liv(&library_laser(&system), &[25.0, 45.0, 65.0]);
    let set = "laser_module.els.laser.measured=liv.csv";
    let (_, measured) = solve(&[set], &[("liv.csv", table.clone())]);
    let a = modelled.designs[0].laser.expect("lit").point;
    let b = measured.designs[0].laser.expect("lit").point;
    // Linear interpolation over 10 mA of a curve that bends by rollover alone.
    assert!(
        (a.current / b.current - 1.0).abs() < 2e-4,
        "{} {}",
        a.current,
        b.current
    );
    assert!((a.electrical_power / b.electrical_power - 1.0).abs() < 5e-4);
    assert!((b.power.value() - 0.1).abs() < 1e-9);
    // Between two temperatures, at equal current, the table is linear; the law is exponential
    // over T0 = 60 K and T1 = 180 K, which over 20 K bends by less than a per cent.
    let (_, between) = solve(
        &[set, "zone.faceplate.temperature=35 C"],
        &[("liv.csv", table.clone())],
    );
    let (_, modelled_between) = solve(&["zone.faceplate.temperature=35 C"], &[]);
    let (a, b) = (
        modelled_between.designs[0]
            .laser
            .expect("lit")
            .point
            .current,
        between.designs[0].laser.expect("lit").point.current,
    );
    assert!((a / b - 1.0).abs() < 0.01, "{a} {b}");
    // Outside the table nothing is extrapolated: the lane is dark and says why.
    let (_, outside) = solve(
        &[set, "zone.faceplate.temperature=70 C"],
        &[("liv.csv", table)],
    );
    let fault = outside.designs[0]
        .outcome
        .as_ref()
        .expect_err("outside the table");
    assert_eq!(
        fault.to_string(),
        "measured table: 70 C lies outside the measured range 25 C to 65 C; nothing is extrapolated"
    );
}

#[test]
fn a_measured_coupler_replaces_the_computed_loss() {
    let table = "wavelength [nm],loss [dB]\n1290,2.0\n1310,1.0\n1330,2.0\n".to_owned();
    let set = "engine.oe.output_coupler.measured=coupler.csv";
    let (_, lanes) = solve(&[set], &[("coupler.csv", table)]);
    let design = &lanes.designs[0];
    let wavelength = design.laser.expect("lit").point.wavelength.value() * 1e9;
    let expected = 1.0 + (wavelength - 1310.0).abs() / 20.0;
    let loss = design
        .planes
        .after(Element::OutputCoupler)
        .expect("passed")
        .loss
        .value();
    assert!((loss - expected).abs() < 1e-9, "{loss} at {wavelength} nm");
    let narrow = "wavelength [nm],loss [dB]\n1290,2.0\n1300,1.0\n".to_owned();
    let (_, lanes) = solve(&[set], &[("coupler.csv", narrow)]);
    let fault = lanes.designs[0]
        .outcome
        .as_ref()
        .expect_err("outside the table")
        .to_string();
    assert!(fault.contains("outside the measured range"), "{fault}");
}

const RINGS: &str = "quantum-x-115t";
const RING: &str = "engine.oe.modulator.measured=ring.csv";

fn ring_part(system: &System) -> &parts::RingModulator {
    match &system.description.engine[0].value.modulator {
        Modulator::RingModulator(part) => part,
        Modulator::MachZehnder(_) => panic!("the platform has rings"),
    }
}

/// The bench on which the analytic ring of the platform stands where its heater has to move it by
/// what it has to move the analytic one.
fn bench<'a>(system: &'a System, design: &LaneDesign) -> RingBench<'a> {
    let part = ring_part(system);
    let laser = design.laser.expect("lit").point.wavelength.value() * 1e9;
    let state = design.modulator.as_ref().expect("lit");
    let drift = state.heater.expect("heated").drift.value() * 1e9;
    let spread = part.resonance_spread.value.value() * 1e9;
    let detuning = state.detuning.expect("a ring").value() * 1e9;
    RingBench {
        part,
        resonance_nm: laser - detuning - 3.0 * spread - 15.0 * drift,
        at_c: 65.0,
        drift_nm_per_k: drift,
        laser_nm: laser,
    }
}

fn margin(design: &LaneDesign) -> Decibels {
    match design.outcome.as_ref().expect("lit").margin {
        Margin::Met(margin) => margin,
        ref other => panic!("{other:?}"),
    }
}

#[test]
fn a_measured_ring_works_where_the_ring_works_that_it_was_measured_on() {
    let (system, modelled) = solve_on(RINGS, &[], &[]);
    let model = &modelled.designs[0];
    let state = model.modulator.as_ref().expect("lit");
    let bench = bench(&system, model);
    let linewidth = 0.290;
    let centre = bench.resonance_nm;
    let mut errors = Vec::new();
    for steps in [9.0, 18.0] {
        // From 2.4 nm below the coldest resonance to 2.4 nm above the hottest.
        let n: u32 = if steps > 10.0 { 528 } else { 264 };
        let wavelengths = Axis(
            centre - 2.4,
            centre - 2.4 + linewidth / steps * f64::from(n),
            n + 1,
        );
        let table = bench.table(Axis(65.0, 125.0, 4), Axis(0.0, 2.4, 3), wavelengths);
        let (_, measured) = solve_on(RINGS, &[RING], &[("ring.csv", table)]);
        let found = &measured.designs[0];
        let found_state = found
            .modulator
            .as_ref()
            .unwrap_or_else(|| panic!("{:?}", found.outcome));
        let oma = |levels: &[f64]| levels[levels.len() - 1] - levels[0];
        let relative = |a: f64, b: f64| (a / b - 1.0).abs();
        let error = relative(oma(&found_state.levels), oma(&state.levels));
        // Two levels, each off by less than 9 D (h / W)^4 with a depth below 0.9, over an amplitude
        // of 0.25 and more.
        let bound = 2.0 * 9.0 * 0.9 / steps.powi(4) / 0.25;
        assert!(error < bound, "{steps}: {error:e} {bound:e}");
        // A detuning at a flat optimum moves by the root of what its worth moves by.
        let shift =
            (found_state.detuning.expect("a ring") - state.detuning.expect("a ring")).value();
        let shift = shift.abs() / (linewidth * 1e-9);
        assert!(shift < bound.sqrt(), "{steps}: {shift} {bound}");
        let losses = [
            (found_state.insertion_loss, state.insertion_loss),
            (found_state.extinction_ratio, state.extinction_ratio),
            (found_state.lock_penalty, state.lock_penalty),
            (margin(found), margin(model)),
        ];
        let worst = losses
            .iter()
            .map(|(a, b)| (*a - *b).value().abs())
            .fold(0.0, f64::max);
        errors.push((error, worst));
        assert!((found_state.rlm - state.rlm).abs() < 1e-9);
        // What follows from the fitted ring: the photon lifetime, and self-heating in the heater.
        let bandwidth = relative(found_state.bandwidth.value(), state.bandwidth.value());
        assert!(bandwidth < 0.02, "{bandwidth}");
        let heater = relative(found_state.tuning_power.value(), state.tuning_power.value());
        assert!(heater < 0.02, "{heater}");
        let drift = found_state.heater.expect("heated").drift.value();
        assert!(
            relative(drift * 1e9, bench.drift_nm_per_k) < 1e-3,
            "{drift}"
        );
    }
    let [(coarse, coarse_db), (fine, fine_db)] = errors[..] else {
        panic!()
    };
    // Half the step leaves a sixteenth; half of that is left for what places and rounding of the
    // file cost.
    assert!(fine < coarse / 8.0, "{coarse:e} {fine:e}");
    assert!(coarse_db < 0.1 && fine_db < 0.02, "{coarse_db} {fine_db}");
}

/// A table of the analytic ring on a grid that is fine enough.
fn ring_table(bench: &RingBench<'_>, temperatures: Axis) -> String {
    let centre = bench.resonance_nm;
    let wavelengths = Axis(centre - 2.4, centre + 6.0, 421);
    bench.table(temperatures, Axis(0.0, 2.4, 3), wavelengths)
}

const WARM: Axis = Axis(65.0, 125.0, 4);

fn fault(files: &[(&str, String)], sets: &[&str]) -> LaneFault {
    let (_, lanes) = solve_on(RINGS, sets, files);
    lanes.designs[0].outcome.clone().expect_err("dark")
}

fn plane(design: &LaneDesign, element: Element) -> link::Plane {
    *design.planes.after(element).expect("passed")
}

fn amplitude(design: &LaneDesign, element: Element) -> DbMilliwatts {
    plane(design, element).oma.expect("modulated")
}

#[test]
fn a_laser_and_a_ring_of_ones_own_change_the_waterfall_by_what_was_measured() {
    let (system, modelled) = solve_on(RINGS, &[], &[]);
    let model = &modelled.designs[0];
    let bench = bench(&system, model);
    // A ring that loses 1 dB more.
    let mut part = bench.part.clone();
    part.bus_loss.value += Decibels::new(1.0);
    let lossy = RingBench {
        part: &part,
        ..bench
    };
    let laser = library_laser(&system);
    let (sets, launch) = (
        [RING, "laser_module.els.laser.measured=liv.csv"],
        "laser_module.els.launch=17 dBm",
    );
    let same = liv(&laser, &[40.0, 60.0]);
    let files = [("ring.csv", ring_table(&bench, WARM)), ("liv.csv", same)];
    let (_, found) = solve_on(RINGS, &sets, &files);
    let found = &found.designs[0];
    // The laser's heat differs by what its table is linear between currents, and so do its
    // wavelength and the ring's heater; the light does not.
    for element in [Element::OutputCoupler, Element::Photodiode] {
        let (a, b) = (plane(found, element), plane(model, element));
        assert!((a.average - b.average).value().abs() < 5e-3, "{element:?}");
        let oma = amplitude(found, element) - amplitude(model, element);
        assert!(oma.value().abs() < 5e-3, "{element:?}");
    }
    assert!((margin(found) - margin(model)).value().abs() < 5e-3);
    let (_, weak) = solve_on(RINGS, &[&sets[..], &[launch]].concat(), &files);
    let weak = &weak.designs[0];
    let (_, weak_model) = solve_on(RINGS, &[launch], &[]);
    assert!(
        (margin(weak) - margin(&weak_model.designs[0]))
            .value()
            .abs()
            < 5e-3
    );
    let files = [("ring.csv", ring_table(&lossy, WARM)), files[1].clone()];
    let (_, lossy) = solve_on(RINGS, &sets, &files);
    let lossy = &lossy.designs[0];
    let lost = amplitude(found, Element::Photodiode) - amplitude(lossy, Element::Photodiode);
    assert!((lost.value() - 1.0).abs() < 1e-3, "{lost}");
    assert!(margin(lossy) < margin(found));
    // A laser that reaches its rail is a result; one whose measurement ends before its rail and
    // below its set-point is refused, not continued.
    let mut weak = library_laser(&system);
    weak.slope_efficiency = weak.slope_efficiency * 0.5;
    let whole = liv(&weak, &[40.0, 60.0]);
    let part: String = whole
        .lines()
        .filter(|line| {
            line.split(',')
                .nth(1)
                .is_some_and(|i| i.len() < 4 || i.contains('['))
        })
        .flat_map(|line| [line, "\n"])
        .collect();
    let (_, lanes) = solve_on(RINGS, &sets, &[files[0].clone(), ("liv.csv", whole)]);
    assert!(lanes.designs[0].laser.expect("lit").is_at_rail);
    let ended = fault(&[files[0].clone(), ("liv.csv", part)], &sets);
    assert!(
        matches!(
            ended,
            LaneFault::Table(TableError::OutOfRange {
                axis: Dimension::Power,
                ..
            })
        ),
        "{ended}"
    );
}

#[test]
fn a_ring_is_not_used_beyond_its_table() {
    let (system, modelled) = solve_on(RINGS, &[], &[]);
    let bench = bench(&system, &modelled.designs[0]);
    let table = ring_table(&bench, WARM);
    let refused = |table: &str, sets: &[&str]| {
        let sets = [&[RING], sets].concat();
        fault(&[("ring.csv", table.to_owned())], &sets)
    };
    let out_of_range = |fault: LaneFault| match fault {
        LaneFault::Table(TableError::OutOfRange {
            axis,
            at,
            low,
            high,
        }) => (axis, at, low, high),
        other => panic!("{other}"),
    };
    // A substrate colder than what was measured.
    let cold = refused(&table, &["zone.package.temperature=60 C"]);
    assert_eq!(
        cold.to_string(),
        "measured table: 60 C lies outside the measured range 65 C to 125 C; nothing is extrapolated"
    );
    // The heater has to bring the ring to where the mean drive meets the laser: 15 K and 3 sigma.
    let short = ring_table(&bench, Axis(65.0, 70.0, 2));
    let (axis, at, low, high) = out_of_range(refused(&short, &[]));
    assert_eq!((axis, low, high), (Dimension::Temperature, 65.0, 70.0));
    let needed = 80.0 + 0.6 / bench.drift_nm_per_k;
    // The search may stop up to four linewidths and a swing short of the best place.
    assert!(at > 70.0 && at < needed + 25.0, "{at} {needed}");
    // A drive beyond the measured voltages.
    let (axis, at, low, high) = out_of_range(refused(
        &table,
        &["engine.oe.modulator.drive_voltage=2.6 V"],
    ));
    assert_eq!((axis, low, high), (Dimension::Voltage, 0.0, 2.4));
    assert!((at - 2.6).abs() < 1e-12);
    // More heat than the heater has.
    let weak = refused(&table, &["engine.oe.modulator.max_heater_power=5 mW"]);
    assert!(matches!(weak, LaneFault::RingUnlocked { .. }), "{weak}");
}

#[test]
fn a_spectrum_shows_one_whole_resonance_finely_enough() {
    let (system, modelled) = solve_on(RINGS, &[], &[]);
    let bench = bench(&system, &modelled.designs[0]);
    let centre = bench.resonance_nm;
    let refused = |wavelengths: Axis| {
        let table = bench.table(WARM, Axis(0.0, 2.4, 3), wavelengths);
        fault(&[("ring.csv", table)], &[RING]).to_string()
    };
    // The linewidth is near 0.29 nm.
    let coarse = refused(Axis(centre - 2.4, centre + 6.0, 169));
    assert!(coarse.contains("50 pm apart are too coarse"), "{coarse}");
    let cut = refused(Axis(centre, centre + 8.4, 421));
    assert!(cut.contains("it needs one"), "{cut}");
    let two = refused(Axis(centre - 2.0, centre + 14.0, 801));
    assert!(two.contains("has 2 dips"), "{two}");
}

#[test]
fn a_ring_measured_at_one_temperature_drifts_like_its_guide() {
    let (system, modelled) = solve_on(RINGS, &[], &[]);
    let model = &modelled.designs[0];
    let bench = bench(&system, model);
    let table = ring_table(&bench, Axis(65.0, 65.0, 1));
    let (_, found) = solve_on(RINGS, &[RING], &[("ring.csv", table.clone())]);
    assert!((margin(&found.designs[0]) - margin(model)).value().abs() < 5e-3);
    // The analytic rings are counted from their design temperature, 10 K further away; both need
    // the heat of 10 K more.
    let warmer = "zone.package.temperature=75 C";
    let (_, warm) = solve_on(RINGS, &[RING, warmer], &[("ring.csv", table)]);
    let (_, warm_model) = solve_on(RINGS, &[warmer], &[]);
    let heater = |lanes: &Lanes| {
        let state = lanes.designs[0].modulator.clone().expect("lit");
        state.tuning_power.value()
    };
    let ratio = heater(&warm) / heater(&warm_model);
    assert!((ratio - 1.0).abs() < 0.02, "{ratio}");
}

#[test]
fn a_measured_mach_zehnder_has_the_levels_of_the_device_it_was_measured_on() {
    let (system, modelled) = solve(&[], &[]);
    let Modulator::MachZehnder(part) = &system.description.engine[0].value.modulator else {
        panic!("the platform has Mach-Zehnder modulators");
    };
    let set = "engine.oe.modulator.measured=mzm.csv";
    let model = modelled.designs[0].modulator.as_ref().expect("lit");
    let drive = part.drive_voltage.value.value();
    let mut errors = Vec::new();
    for n in [5, 9] {
        let voltages = Axis(-0.6 * drive, 0.6 * drive, n);
        let table =
            tables::mach_zehnder(part, Axis(25.0, 85.0, 3), voltages, Axis(1300.0, 1320.0, 5));
        let (_, lanes) = solve(&[set], &[("mzm.csv", table)]);
        let found = lanes.designs[0].modulator.as_ref().expect("lit");
        let step = 1.2 * drive / f64::from(n - 1);
        // Four points near the end: h^4 / 24 of the fourth derivative, which is that of half a
        // cosine in the phase.
        let phase = 2.0 * std::f64::consts::PI * step * part.length.value.value()
            / part.vpi_l.value.value();
        let bound = 0.5 * phase.powi(4) / 24.0;
        let top = model.levels[model.levels.len() - 1];
        let error = found
            .levels
            .iter()
            .zip(&model.levels)
            .map(|(a, b)| ((a - b) / top).abs())
            .fold(0.0, f64::max);
        // The bound is relative to the passive transmission, which is above the top level.
        assert!(error < 2.0 * bound + 1e-9, "{n}: {error:e} {bound:e}");
        errors.push(error);
        assert!((found.bandwidth / model.bandwidth - 1.0).abs() < 1e-12);
    }
    assert!(errors[1] < errors[0] / 8.0, "{errors:?}");
    let table = tables::mach_zehnder(
        part,
        Axis(25.0, 40.0, 2),
        Axis(-drive, drive, 9),
        Axis(1300.0, 1320.0, 5),
    );
    let (_, lanes) = solve(&[set], &[("mzm.csv", table)]);
    let fault = lanes.designs[0].outcome.clone().expect_err("too hot");
    assert!(
        fault
            .to_string()
            .contains("outside the measured range 25 C to 40 C"),
        "{fault}"
    );
}

#[test]
fn a_measured_receiver_replaces_noise_and_bandwidth() {
    let set = "engine.oe.tia.measured=receiver.csv";
    let (system, modelled) = solve(&[], &[]);
    let model = &modelled.designs[0];
    let tia = &system.description.engine[0].value.tia;
    let noise = tia.noise.value.value() * 1e12;
    let flat = format!("frequency [GHz],noise [pA/rtHz]\n0.1,{noise}\n110,{noise}\n");
    let (_, lanes) = solve(&[set], &[("receiver.csv", flat)]);
    let same = &lanes.designs[0];
    // A flat density is the stated one, whatever the share that was measured.
    assert!((margin(same) - margin(model)).value().abs() < 1e-9);
    let (_, lanes) = solve(
        &[set],
        &[("receiver.csv", tables::receiver(tia, Axis(0.0, 120.0, 61)))],
    );
    let rising = &lanes.designs[0];
    let thermal = |design: &LaneDesign| {
        let receiver = &design.reception.as_ref().expect("lit").receiver;
        receiver.thermal_noise.value()
    };
    assert!(thermal(rising) > thermal(model));
    assert!(margin(rising) < margin(model));
    // The response is one pole of the stated bandwidth, so that only the noise differs.
    let unequalised = |design: &LaneDesign| {
        design
            .equaliser
            .as_ref()
            .expect("lit")
            .unequalised_bandwidth
            .value()
    };
    assert!((unequalised(rising) / unequalised(model) - 1.0).abs() < 1e-3);
    let slow = "frequency [GHz],response [dB]\n1,0\n20,-1\n30,-4\n";
    let (_, lanes) = solve(&[set], &[("receiver.csv", slow.to_owned())]);
    assert!(unequalised(&lanes.designs[0]) < 0.8 * unequalised(model));
    let narrow = format!("frequency [GHz],noise [pA/rtHz]\n0.1,{noise}\n30,{noise}\n");
    let (_, lanes) = solve(&[set], &[("receiver.csv", narrow)]);
    let fault = lanes.designs[0].outcome.clone().expect_err("too narrow");
    assert!(
        fault
            .to_string()
            .contains("outside the measured range 100 MHz to 30 GHz"),
        "{fault}"
    );
}

#[test]
fn a_wafer_map_gives_median_and_spread() {
    let set = "engine.oe.output_coupler.residual_loss={ map = 'wafer.csv' }";
    let map = tables::wafer(0.5);
    let mut sites: Vec<f64> = map
        .lines()
        .skip(1)
        .map(|line| {
            line.rsplit(',')
                .next()
                .unwrap_or_default()
                .parse()
                .expect("a number")
        })
        .collect();
    sites.sort_by(f64::total_cmp);
    let n = sites.len();
    assert!(n % 2 == 1, "the median is a site: {n}");
    let (system, lanes) = solve(&[set], &[("wafer.csv", map)]);
    let residual = |system: &System| {
        let parts::Coupler::EdgeCoupler(coupler) =
            &system.description.engine[0].value.output_coupler
        else {
            panic!("the platform has edge couplers");
        };
        coupler.residual_loss.clone()
    };
    let nominal = residual(&system);
    assert!((nominal.value.value() - sites[n / 2]).abs() < 1e-12);
    assert_eq!(
        nominal.origin.to_string(),
        format!("measured: wafer.csv, {n} sites")
    );
    let mut drawn: Vec<f64> = (0..400)
        .map(|tick| residual(&system.drawn(7, tick)).value.value())
        .collect();
    drawn.sort_by(f64::total_cmp);
    assert!(drawn[0] >= sites[0] && drawn[399] <= sites[n - 1]);
    // Four standard errors of a median of 400, by the slope of the quantiles there.
    let slope = (sites[3 * n / 4] - sites[n / 4]) / 0.5;
    assert!((drawn[200] - sites[n / 2]).abs() < 4.0 * 0.025 * slope);
    // More loss at the coupler is less light behind it, by as much.
    let tick = (0..50)
        .find(|tick| residual(&system.drawn(7, *tick)).value > nominal.value)
        .expect("half of them");
    let other = system.drawn(7, tick);
    let loss = |design: &LaneDesign| plane(design, Element::OutputCoupler).loss;
    let more = loss(&Lanes::new(&other, &at_stated(&other)).designs[0]) - loss(&lanes.designs[0]);
    assert!(more.value() > 0.0);
}

/// What the files of the worked example hold, without remarks.
fn numbers(text: &str) -> (String, Vec<Vec<f64>>) {
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let header = lines.next().expect("a header").to_owned();
    let rows = lines
        .map(|line| {
            line.split(',')
                .map(|cell| cell.parse().expect("a number"))
                .collect()
        })
        .collect();
    (header, rows)
}

#[test]
fn the_files_of_the_worked_example_are_what_the_models_give() {
    let files = [
        (
            "laser",
            include_str!("../../../examples/measured/laser.csv"),
        ),
        ("ring", include_str!("../../../examples/measured/ring.csv")),
        (
            "receiver",
            include_str!("../../../examples/measured/receiver.csv"),
        ),
        (
            "wafer",
            include_str!("../../../examples/measured/wafer.csv"),
        ),
    ];
    for (name, file) in files {
        let made = tables::example(name).expect("one of the files");
        let ((header, rows), (expected_header, expected)) = (numbers(file), numbers(&made));
        assert_eq!(header, expected_header);
        assert_eq!(rows.len(), expected.len(), "{name}");
        for (row, expected) in rows.iter().zip(&expected) {
            // The last digit of a file may differ between machines.
            let is_same = row.iter().zip(expected).all(|(a, b)| (a - b).abs() < 2e-3);
            assert!(is_same, "{name}: {row:?} {expected:?}");
        }
    }
}
