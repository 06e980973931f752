//! Parts given as measured tables.

use std::fmt::Write as _;

use link::{Element, Lanes};
use photonics::laser::Laser;
use system::{Input, Library, System};
use units::{Amperes, Celsius};

fn solve(sets: &[&str], files: &[(&str, String)]) -> (System, Lanes) {
    let library = Library::embedded();
    let text = library
        .platform("cpo-51t")
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
        name: "cpo-51t",
        bytes: text.as_bytes(),
        sets: &sets,
        library: &library,
        load: &load,
    };
    let system = System::resolve(&input).unwrap_or_else(|problems| panic!("{problems}"));
    let lanes = Lanes::new(&system);
    (system, lanes)
}

/// The library's laser, as the model that the table is sampled from.
fn library_laser(system: &System) -> Laser {
    link::laser_device(&system.description.laser_module[0].value.laser)
}

fn liv(laser: &Laser, temperatures: &[f64]) -> String {
    let mut text = String::from("temperature [C],current [mA],power [mW],voltage [V]\n");
    for temperature in temperatures {
        for step in 3..=60 {
            let current = Amperes::new(f64::from(step) * 10e-3);
            let point = laser
                .at_current(Celsius::new(*temperature), current)
                .expect("within the model");
            writeln!(
                text,
                "{temperature},{},{},{}",
                current.value() * 1e3,
                point.power.value() * 1e3,
                point.voltage.value()
            )
            .expect("a String takes all");
        }
    }
    text
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
