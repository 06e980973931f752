//! The published 51.2T package on cold plates, `validation/thermal/cold-plate-51t`: what ours gives
//! with estimates that were stated before it was solved, and how far from the publication that is.
//!
//! Its abstract gives temperatures, but neither powers nor fluid nor geometry.

use system::{Input, Library, System};
use twin::SteadyState;
use twin::heat::{HeatFigures, HeatedKind};

/// Junction of the switch die, doi 10.1007/s12200-025-00156-4, simulated there; measurements
/// lie within 4 % of the simulation.
const JUNCTION_C: f64 = 97.3;

/// Hottest junction of the optical modules.
const MODULE_C: f64 = 31.3;

/// Difference between the modules.
const SPREAD_K: [f64; 2] = [1.2, 2.4];

/// Inlet of our description: none is published in the abstract.
const INLET_C: f64 = 25.0;

/// The last digit that README.md prints.
const PRINTED_K: f64 = 0.1;

/// What counts as agreement.
const AGREEMENT: f64 = 0.1;

struct Temperatures {
    junction_c: f64,
    photonic_c: f64,
    electronic_c: f64,
    spread_k: f64,
    die_w: f64,
    module_w: f64,
}

fn resolve(sets: &[&str]) -> System {
    let library = Library::embedded();
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    System::resolve(&Input {
        name: "system.toml",
        bytes: include_bytes!("../../../validation/thermal/cold-plate-51t/system.toml"),
        sets: &sets,
        library: &library,
        load: &|file| Err(format!("{file} is not there")),
    })
    .unwrap_or_else(|problems| panic!("{problems}"))
}

/// Temperatures with some inputs replaced; the spread is that of the electronic dies, which are
/// the hottest of a module.
fn solve(sets: &[&str]) -> Temperatures {
    let system = resolve(sets);
    let state = SteadyState::solve(&system);
    let heat: HeatFigures = twin::Figures::new(&system, &state).heat;
    assert_eq!(heat.fault, None, "{sets:?}");
    let die = heat.first(HeatedKind::Die).expect("one die");
    let modules = heat.first(HeatedKind::Engine).expect("modules");
    let electronic = modules.electronic.expect("engines lie in the package");
    Temperatures {
        junction_c: die.temperature.high.value(),
        photonic_c: modules.temperature.high.value(),
        electronic_c: electronic.high.value(),
        spread_k: (electronic.high - electronic.low).value(),
        die_w: die.power.expect("solved").high.value(),
        module_w: modules.power.expect("solved").high.value(),
    }
}

const COLD_LOOP: [&str; 2] = [
    "cooling.die.inlet=\"15 C\"",
    "cooling.engines.inlet=\"15 C\"",
];
const WARM_LOOP: [&str; 2] = [
    "cooling.die.inlet=\"30 C\"",
    "cooling.engines.inlet=\"30 C\"",
];
/// A die whose power does not follow its temperature, as heaters and most thermal simulations have.
const FIXED_POWER: &str = "asic.switch.leakage=\"0 W\"";
const DIE_300_W: &str = "asic.switch.core_power=\"240 W\"";
const DIE_900_W: &str = "asic.switch.core_power=\"840 W\"";
const SMALL_DIE: [&str; 2] = [
    "asic.switch.width=\"26 mm\"",
    "asic.switch.height=\"26 mm\"",
];
const LARGE_DIE: [&str; 2] = [
    "asic.switch.width=\"40 mm\"",
    "asic.switch.height=\"40 mm\"",
];

/// Inputs of the die and its plate, each at the ends of its range alone: junction, photonic die, electronic die, all hottest
/// and in C, and the difference of the electronic dies in K.
const OF_THE_DIE: [(&[&str], [f64; 4]); 19] = [
    (&COLD_LOOP, [51.6, 19.4, 25.6, 0.4]),
    (&WARM_LOOP, [67.9, 34.3, 40.5, 0.4]),
    (&[FIXED_POWER], [64.5, 29.4, 35.6, 0.4]),
    (&[FIXED_POWER, DIE_300_W], [47.2, 29.3, 35.4, 0.4]),
    (&[FIXED_POWER, DIE_900_W], [99.9, 29.5, 35.8, 0.6]),
    (&SMALL_DIE, [73.5, 29.4, 35.4, 0.2]),
    (&LARGE_DIE, [44.8, 29.5, 35.6, 0.5]),
    (
        &["engine.oe.dsp.energy=\"0 pJ/bit\""],
        [62.4, 28.0, 31.8, 0.3],
    ),
    (
        &["engine.oe.dsp.energy=\"6 pJ/bit\""],
        [62.5, 32.2, 43.1, 0.6],
    ),
    (
        &["package.stack.tim1.bond_line=\"30 um\""],
        [59.4, 29.4, 35.5, 0.4],
    ),
    (
        &["package.stack.tim1.bond_line=\"90 um\""],
        [68.5, 29.4, 35.6, 0.4],
    ),
    (
        &["package.stack.tim1.conductivity=\"3 W/(m K)\""],
        [66.2, 29.4, 35.6, 0.4],
    ),
    (
        &["package.stack.tim1.conductivity=\"7 W/(m K)\""],
        [59.7, 29.4, 35.5, 0.4],
    ),
    (
        &["package.stack.tim2.bond_line=\"20 um\""],
        [60.8, 29.3, 35.4, 0.4],
    ),
    (
        &["package.stack.tim2.bond_line=\"75 um\""],
        [66.6, 29.6, 35.9, 0.6],
    ),
    (
        &["cooling.die.cooler.resistance=\"15 K mm2/W\""],
        [59.0, 29.3, 35.5, 0.4],
    ),
    (
        &["cooling.die.cooler.resistance=\"40 K mm2/W\""],
        [71.2, 29.4, 35.6, 0.5],
    ),
    (&["cooling.die.flow=\"1 L/min\""], [70.9, 29.4, 35.6, 0.5]),
    (&["cooling.die.flow=\"6 L/min\""], [59.2, 29.4, 35.5, 0.4]),
];

/// The same for what stands round the modules.
const OF_THE_MODULES: [(&[&str], [f64; 4]); 15] = [
    (
        &["cooling.engines.cooler.resistance=\"20 K mm2/W\""],
        [62.4, 29.1, 35.2, 0.3],
    ),
    (
        &["cooling.engines.cooler.resistance=\"50 K mm2/W\""],
        [62.4, 29.9, 36.2, 0.6],
    ),
    (
        &["cooling.engines.flow=\"0.3 L/min\""],
        [62.5, 35.3, 41.6, 0.6],
    ),
    (
        &["cooling.engines.flow=\"3 L/min\""],
        [62.4, 27.5, 33.6, 0.3],
    ),
    (
        &["package.stack.engine_tim.bond_line=\"150 um\""],
        [62.3, 29.1, 33.9, 0.3],
    ),
    (
        &["package.stack.engine_tim.bond_line=\"500 um\""],
        [62.7, 30.3, 39.4, 0.6],
    ),
    (
        &["package.stack.engine_tim.conductivity=\"3 W/(m K)\""],
        [62.4, 30.3, 39.5, 0.2],
    ),
    (
        &["package.stack.engine_tim.conductivity=\"12 W/(m K)\""],
        [62.4, 29.0, 33.4, 0.6],
    ),
    (
        &["package.stack.electronic_die_area=0.25"],
        [62.4, 29.6, 38.4, 0.2],
    ),
    (
        &["package.stack.electronic_die_area=0.6"],
        [62.4, 29.4, 33.4, 0.3],
    ),
    (
        &["package.stack.engine_gap=\"2 mm\""],
        [63.6, 29.4, 35.5, 0.4],
    ),
    (
        &["package.stack.engine_gap=\"8 mm\""],
        [60.9, 29.5, 35.4, 0.3],
    ),
    (
        &["package.stack.use=\"flip-chip-stacked\""],
        [56.9, 30.3, 32.3, 0.2],
    ),
    (&["zone.package.cooling=\"die\""], [59.8, 29.1, 36.4, 1.9]),
    (
        &[
            "engine.oe.use=\"mzm-dr-6t4\"",
            "engine.oe.count=8",
            "asic.switch.serdes.optical.part=\"xsr-112g-linear\"",
        ],
        [63.2, 28.4, 33.2, 0.8],
    ),
];

/// Everything at the cold end of its range, with a die of fixed power.
const COLDEST: [&str; 17] = [
    COLD_LOOP[0],
    COLD_LOOP[1],
    FIXED_POWER,
    DIE_300_W,
    LARGE_DIE[0],
    LARGE_DIE[1],
    "engine.oe.dsp.energy=\"0 pJ/bit\"",
    "package.stack.tim1.bond_line=\"30 um\"",
    "package.stack.tim1.conductivity=\"7 W/(m K)\"",
    "package.stack.tim2.bond_line=\"20 um\"",
    "cooling.die.cooler.resistance=\"15 K mm2/W\"",
    "cooling.engines.cooler.resistance=\"20 K mm2/W\"",
    "cooling.die.flow=\"6 L/min\"",
    "cooling.engines.flow=\"3 L/min\"",
    "package.stack.engine_tim.bond_line=\"150 um\"",
    "package.stack.engine_tim.conductivity=\"12 W/(m K)\"",
    "package.stack.electronic_die_area=0.6",
];

/// Everything at the warm end.
const WARMEST: [&str; 17] = [
    WARM_LOOP[0],
    WARM_LOOP[1],
    FIXED_POWER,
    DIE_900_W,
    SMALL_DIE[0],
    SMALL_DIE[1],
    "engine.oe.dsp.energy=\"6 pJ/bit\"",
    "package.stack.tim1.bond_line=\"90 um\"",
    "package.stack.tim1.conductivity=\"3 W/(m K)\"",
    "package.stack.tim2.bond_line=\"75 um\"",
    "cooling.die.cooler.resistance=\"40 K mm2/W\"",
    "cooling.engines.cooler.resistance=\"50 K mm2/W\"",
    "cooling.die.flow=\"1 L/min\"",
    "cooling.engines.flow=\"0.3 L/min\"",
    "package.stack.engine_tim.bond_line=\"500 um\"",
    "package.stack.engine_tim.conductivity=\"3 W/(m K)\"",
    "package.stack.electronic_die_area=0.25",
];

fn check(sets: &[&str], expected: [f64; 4]) {
    let found = solve(sets);
    let found = [
        found.junction_c,
        found.photonic_c,
        found.electronic_c,
        found.spread_k,
    ];
    for (found, expected) in found.into_iter().zip(expected) {
        assert!(
            (found - expected).abs() < PRINTED_K,
            "{sets:?}: {found} in place of {expected}"
        );
    }
}

/// What was stated before anything was solved, and what it gives.
#[test]
fn our_temperatures() {
    let ours = solve(&[]);
    check(&[], [62.4, 29.4, 35.5, 0.4]);
    // The die would take 500 W at 85 C; a module takes what its lanes and its retimer take.
    assert!((ours.die_w - 475.8).abs() < PRINTED_K, "{} W", ours.die_w);
    assert!(
        (ours.module_w - 19.2).abs() < PRINTED_K,
        "{} W",
        ours.module_w
    );
}

/// A disagreement that is recorded: half of the published rise of the die, two thirds more than
/// that of the hottest die of a module, and less difference between modules. Photonic dies agree as
/// printed, which says little, because every input is an estimate.
#[test]
fn the_published_temperatures() {
    let ours = solve(&[]);
    let rise = |celsius: f64| celsius - INLET_C;
    // What, ours, published, relative difference, and whether that is agreement.
    let recorded = [
        ("junction", ours.junction_c, JUNCTION_C, -0.36, false),
        (
            "rise of the junction",
            rise(ours.junction_c),
            rise(JUNCTION_C),
            -0.48,
            false,
        ),
        (
            "hottest die of a module",
            ours.electronic_c,
            MODULE_C,
            0.14,
            false,
        ),
        (
            "rise of the hottest die of a module",
            rise(ours.electronic_c),
            rise(MODULE_C),
            0.67,
            false,
        ),
        ("photonic die", ours.photonic_c, MODULE_C, -0.06, true),
        (
            "rise of the photonic die",
            rise(ours.photonic_c),
            rise(MODULE_C),
            -0.31,
            false,
        ),
        // The inlet cancels where both plates are fed by one loop.
        (
            "junction over the hottest die of a module",
            ours.junction_c - ours.electronic_c,
            JUNCTION_C - MODULE_C,
            -0.59,
            false,
        ),
    ];
    for (what, ours, published, recorded, agrees) in recorded {
        let off = ours / published - 1.0;
        // The last printed digit of the smallest published rise, 6.3 K.
        let tolerance = PRINTED_K / rise(MODULE_C);
        assert!((off - recorded).abs() < tolerance, "{what}: {off}");
        assert_eq!(off.abs() < AGREEMENT, agrees, "{what}: {off}");
    }
    let [least, greatest] = SPREAD_K;
    assert!(
        ours.spread_k < least && least < greatest,
        "{} K",
        ours.spread_k
    );
}

#[test]
fn one_input_of_the_die_at_a_time() {
    for (sets, expected) in OF_THE_DIE {
        check(sets, expected);
        assert_eq!(
            expected[0] > JUNCTION_C,
            sets.contains(&DIE_900_W),
            "only the power of the die explains it alone: {sets:?}"
        );
    }
}

#[test]
fn one_input_of_the_modules_at_a_time() {
    for (sets, expected) in OF_THE_MODULES {
        check(sets, expected);
    }
}

/// The published temperatures lie far inside of what the ranges allow together: that is no
/// confirmation.
#[test]
fn all_inputs_at_their_ends() {
    check(&COLDEST, [23.1, 16.3, 17.6, 0.2]);
    check(&WARMEST, [212.8, 55.8, 94.2, 2.7]);
}
