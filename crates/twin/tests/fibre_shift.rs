//! What the bow of a package does to the fibres of its engines.

use link::{Conditions, Element, LaneDesign, LaneFault};
use system::{Input, Library, System};
use twin::heat::{FibreShift, HeatedKind};
use twin::{Figures, SteadyState};
use units::{Celsius, Meters};

/// Two engines on each of two sides that face each other.
const TWO_SIDES: &str = "humboldt-25t";

/// Eighteen engines in rows, their two dies one upon the other.
const ROWS: &str = "quantum-x-115t";

fn resolve(platform: &str, sets: &[&str]) -> System {
    let library = Library::embedded();
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    System::resolve(&Input {
        name: platform,
        bytes: library.platform(platform).expect("a platform").as_bytes(),
        sets: &sets,
        library: &library,
        load: &|file| Err(format!("{file} is not there")),
    })
    .unwrap_or_else(|problems| panic!("{problems}"))
}

/// Solves a platform whose zones all state their temperature, so that light alone is compared.
fn held(platform: &str, sets: &[&str]) -> (System, SteadyState) {
    let stated = resolve(platform, &[]);
    let zones: Vec<String> = stated
        .description
        .zone
        .iter()
        .map(|zone| format!("zone.{}.temperature=60 C", zone.name))
        .collect();
    let zones: Vec<&str> = zones.iter().map(String::as_str).collect();
    let system = resolve(platform, &[&zones, sets].concat());
    let state = SteadyState::solve(&system);
    (system, state)
}

fn shifts(state: &SteadyState) -> Vec<f64> {
    let shifts = state.conditions.fibre_shifts.iter();
    let shifts = shifts.map(|shift| shift.as_ref().map_or(0.0, |shift| shift.value().value()));
    shifts.collect()
}

/// Loss of an element, dB: mean power in front of it less that behind it.
fn loss_db(design: &LaneDesign, element: Element) -> f64 {
    let planes = &design.planes.0;
    let idx = planes.iter().position(|plane| plane.element == element);
    let idx = idx.expect("light passes the element");
    (planes[idx - 1].average - planes[idx].average).value()
}

fn of_engines(system: &System, state: &SteadyState) -> Option<FibreShift> {
    let figures = Figures::new(system, state);
    figures
        .heat
        .first(HeatedKind::Engine)
        .expect("engines")
        .fibres
}

/// Equal modes that touch and point the same way lose `10 log10(e) (d / w)^2` to a shift `d`, which
/// is `s h 2 w r / r_c^2` of a bow `w`.
#[test]
fn shift_and_loss_of_an_engine_in_closed_form() {
    let mut sets = vec![
        "package.stack.warpage=80 um".to_owned(),
        "package.stack.fibre_lever=1.5 mm".to_owned(),
        "package.stack.bow_since_attach=0.5".to_owned(),
    ];
    for coupler in ["output_coupler", "receive_coupler"] {
        for value in [
            "chip_mode_x=9 um",
            "chip_mode_y=9 um",
            "fibre_mode=9 um",
            "tilt=0 deg",
            "gap=0 um",
        ] {
            sets.push(format!("engine.oe.{coupler}.{value}"));
        }
    }
    let mut sets: Vec<&str> = sets.iter().map(String::as_str).collect();
    let (system, state) = held(TWO_SIDES, &sets);
    let package = &system.description.package;
    let (die, engine) = (
        &system.description.asic[0].value,
        &system.description.engine[0].value,
    );
    let stack = package.stack.as_ref().expect("layers");
    // The first engine lies below the die, in the middle of its half of the package.
    let y = die.height.value.value() / 2.0
        + stack.engine_gap.value.value()
        + engine.depth.as_ref().expect("a depth").value.value() / 2.0;
    let (width, height) = (package.width.value.value(), package.height.value.value());
    let r = y.hypot(width / 4.0);
    let corner_m2 = (width * width + height * height) / 4.0;
    let d = 0.5 * 1.5e-3 * 2.0 * 80e-6 * r / corner_m2;
    // Places are taken on a grid of a nanometre.
    assert!((shifts(&state)[0] / d - 1.0).abs() < 1e-7, "{d}");
    sets.push("package.stack.fibre_lever=0 mm");
    let (_, straight) = held(TWO_SIDES, &sets);
    let expected = 10.0 * std::f64::consts::E.log10() * (d / 4.5e-6).powi(2);
    for element in [Element::OutputCoupler, Element::ReceiveCoupler] {
        let of = |state: &SteadyState| loss_db(&state.lanes.designs[0], element);
        let more = of(&state) - of(&straight);
        // Levels near 0 dBm are known to 1e-15 dB, and the place to 1e-7.
        assert!(
            (more - expected).abs() < 1e-6 * expected,
            "{more} {expected}"
        );
    }
    let low = of_engines(&system, &state).and_then(|fibres| fibres.output_loss);
    let low = low.expect("edge couplers price it").low.value();
    assert!((low - expected).abs() < 1e-6 * expected, "{low}");
}

/// A package that does not bow gives the same bits as one of which nothing is said.
#[test]
fn a_flat_package_shifts_nothing() {
    let (system, flat) = held("cpo-51t", &["package.stack.warpage=0 um"]);
    let unsaid = Conditions {
        fibre_shifts: vec![None; system.engines.len()],
        ..flat.conditions.clone()
    };
    let unsaid = SteadyState::at(&system, unsaid);
    assert_eq!(unsaid.lanes.designs.len(), 1);
    assert_eq!(flat.lanes.designs.len(), 1);
    let (a, b) = (&unsaid.lanes.designs[0], &flat.lanes.designs[0]);
    assert_eq!(a.planes, b.planes);
    assert_eq!(a.outcome, b.outcome);
    // Engines outside of the package do not feel it.
    let (system, pluggable) = held("dsp-51t", &[]);
    assert!(
        pluggable
            .conditions
            .fibre_shifts
            .iter()
            .all(Option::is_none)
    );
    assert_eq!(of_engines(&system, &pluggable), None);
}

#[test]
fn more_bow_costs_more_at_every_coupler_of_a_fibre() {
    let at = |bow: &str| {
        let (_, state) = held("cpo-51t", &[&format!("package.stack.warpage={bow}")]);
        let design = &state.lanes.designs[0];
        [
            Element::InputCoupler,
            Element::OutputCoupler,
            Element::ReceiveCoupler,
        ]
        .map(|element| loss_db(design, element))
    };
    let losses = ["0 um", "40 um", "80 um", "160 um", "1 mm"].map(at);
    for pair in losses.windows(2) {
        for (less, more) in pair[0].iter().zip(&pair[1]) {
            assert!(less < more, "{losses:?}");
        }
    }
}

/// A laser inside of the engine shines into the chip without a fibre.
#[test]
fn a_laser_inside_does_not_feel_the_fibres() {
    let at = |bow: &str| {
        let sets = [&*format!("package.stack.warpage={bow}")];
        let (_, state) = held("oci-4t", &sets);
        let design = &state.lanes.designs[0];
        [Element::InputCoupler, Element::OutputCoupler].map(|element| loss_db(design, element))
    };
    let ([flat_in, flat_out], [bowed_in, bowed_out]) = (at("0 um"), at("100 um"));
    assert!((flat_in - bowed_in).abs() < 1e-12);
    assert!(flat_out < bowed_out);
}

/// Shifts are in the ratio of the distances of the engines from the centre of the package.
#[test]
fn engines_farther_out_shift_more() {
    let system = resolve(ROWS, &[]);
    let state = SteadyState::solve(&system);
    let package = twin::heat::package(&system, &state).expect("heat is solved");
    let stack = &package.stack;
    let blocks = || stack.layers.iter().flat_map(|layer| &layer.blocks);
    let shifts = shifts(&state);
    let mut known: Vec<(f64, f64)> = Vec::new();
    for (engine, shift) in system.engines.iter().zip(shifts) {
        // Stacked, the photonic die is as large as the engine.
        let name = format!("{}.photonic", engine.name);
        let Some(block) = blocks().find(|block| block.name == name) else {
            continue;
        };
        let area = &block.area[0];
        let x = (area.x + area.width * 0.5 - stack.width * 0.5).value();
        let y = (area.y + area.height * 0.5 - stack.height * 0.5).value();
        known.push((x.hypot(y), shift));
    }
    let dies = &system.description.package;
    assert_eq!(known.len() * dies.count as usize, system.engines.len());
    known.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (nearest, farthest) = (known[0], known[known.len() - 1]);
    assert!(farthest.0 > 1.1 * nearest.0);
    for (r, shift) in &known {
        // The grid of places is a nanometre.
        let expected = nearest.1 * r / nearest.0;
        assert!((shift - expected).abs() < 1e-7 * expected, "{r} {shift}");
    }
    let fibres = of_engines(&system, &state).expect("the package bows");
    assert!((fibres.shift.high.value() - farthest.1).abs() < 1e-15);
    let loss = fibres.output_loss.expect("edge couplers price it");
    assert!(loss.low < loss.high);
}

/// Places that a temperature tells apart are those that a shift does, so it needs no more designs;
/// and draws take one for each kind.
#[test]
fn shifts_make_no_lane_dear() {
    for platform in ["cpo-51t", ROWS] {
        let (bowed, flat) = (
            resolve(platform, &[]),
            resolve(platform, &["package.stack.fibre_lever=0 mm"]),
        );
        let nominal = SteadyState::solve(&bowed);
        let (with, without) = (&nominal.lanes, &SteadyState::solve(&flat).lanes);
        assert_eq!(with.designs.len(), without.designs.len(), "{platform}");
        let kinds = |lanes: &link::Lanes| lanes.kind_of.iter().max().copied();
        assert_eq!(kinds(with), kinds(without), "{platform}");
        let drawn = bowed.drawn(1, 0);
        let state = SteadyState::solve_drawn(&drawn, &nominal);
        let n_kinds = kinds(&state.lanes).map_or(0, |last| last + 1);
        assert_eq!(state.lanes.designs.len(), n_kinds, "{platform}");
        // The drawn bow is not the nominal one.
        assert!(
            shifts(&state)
                .iter()
                .zip(shifts(&nominal))
                .all(|(drawn, nominal)| *drawn > 0.0 && (drawn - nominal).abs() > 1e-12)
        );
    }
}

/// Beyond the mode field of the fibre the overlap of two Gaussian modes says nothing.
#[test]
fn fibres_far_off_leave_the_lane_dark() {
    let (system, state) = held(
        "cpo-51t",
        &[
            "package.stack.warpage=5 mm",
            "package.stack.fibre_lever=5 mm",
        ],
    );
    for design in &state.lanes.designs {
        let Err(LaneFault::FibreShift { shift, mode }) = &design.outcome else {
            panic!("{:?}", design.outcome)
        };
        assert!(shift > mode && *mode > Meters::new(0.0));
    }
    let figures = Figures::new(&system, &state);
    let warned = figures.warnings.iter();
    let dark: Vec<&String> = warned
        .filter(|text| text.contains("fibre shifted"))
        .collect();
    assert_eq!(dark.len(), 1, "{:#?}", figures.warnings);
}

/// A coupler that cannot tell what a shift costs is named.
#[test]
fn a_grating_says_that_it_does_not_price_the_shift() {
    let warned = |sets: &[&str]| {
        let (system, state) = held("cpo-51t", sets);
        let warnings = Figures::new(&system, &state).warnings;
        let of_shift = |text: &String| text.contains("costs nothing at");
        (
            warnings.into_iter().find(of_shift),
            of_engines(&system, &state),
        )
    };
    assert_eq!(warned(&[]).0, None);
    let grating = "engine.oe.output_coupler=o-band";
    let (text, fibres) = warned(&[grating]);
    let text = text.expect("a remark");
    assert!(text.contains("costs nothing at output_coupler:"), "{text}");
    assert_eq!(fibres.expect("the package bows").output_loss, None);
    let flat = warned(&[grating, "package.stack.warpage=0 um"]);
    assert_eq!(flat.0, None);
}

/// A temperature of a part is not touched: the shift is not heat.
#[test]
fn a_lever_moves_no_temperature_that_is_stated() {
    let (_, near) = held("cpo-51t", &["package.stack.fibre_lever=1 mm"]);
    let (_, far) = held("cpo-51t", &["package.stack.fibre_lever=2 mm"]);
    let celsius = |state: &SteadyState| -> Vec<Celsius> {
        let engines = state.conditions.engines.iter();
        engines.map(units::Derived::value).collect()
    };
    assert_eq!(celsius(&near), celsius(&far));
    for (one, two) in shifts(&near).iter().zip(shifts(&far)) {
        assert!((two - 2.0 * one).abs() < 1e-18, "{one} {two}");
    }
}
