//! Heat, light and electrons of the platforms: what physics says moves, and in which direction.

use system::{Input, Library, System};
use twin::heat::{AGREEMENT, GroupHeat, HeatFault, HeatState, HeatedKind};
use twin::{Figures, SteadyState};
use units::{Celsius, Watts};

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

struct Solved {
    system: System,
    state: SteadyState,
    figures: Figures,
}

impl Solved {
    fn new(platform: &str, sets: &[&str]) -> Self {
        let system = resolve(platform, sets);
        let state = SteadyState::solve(&system);
        let figures = Figures::new(&system, &state);
        Self {
            system,
            state,
            figures,
        }
    }

    fn heat(&self) -> &HeatState {
        let heat = self.state.heat.as_ref().expect("heat is solved");
        heat.as_ref().unwrap_or_else(|fault| panic!("{fault}"))
    }

    fn group(&self, kind: HeatedKind) -> &GroupHeat {
        self.figures.heat.first(kind).expect("the system has some")
    }

    fn junction(&self) -> f64 {
        self.group(HeatedKind::Die).temperature.high.value()
    }

    fn engine(&self) -> f64 {
        self.group(HeatedKind::Engine).temperature.high.value()
    }

    fn heaters(&self) -> f64 {
        let rings = self.group(HeatedKind::Engine).rings;
        rings.expect("rings").heaters.high.value()
    }
}

/// What was agreed holds: the lanes were solved at these temperatures, their heat makes them again
/// within the stated agreement, and all of it leaves.
#[test]
fn every_platform_agrees_with_its_heat() {
    for platform in Library::embedded().platforms() {
        let solved = Solved::new(platform, &[]);
        let heat = solved.heat();
        assert!(heat.residual <= AGREEMENT, "{platform}: {}", heat.residual);
        assert!(heat.gain < 0.5, "{platform}: {}", heat.gain);
        for balance in &heat.balances {
            let lost = balance.generated - balance.to_coolers - balance.to_board;
            let share = (lost / balance.generated).abs();
            assert!(share < 1e-8, "{platform}: {balance:?}");
        }
        let limit = solved
            .group(HeatedKind::Die)
            .limit
            .expect("dies have a limit");
        assert!(
            solved.junction() < limit.value(),
            "{platform}: {}",
            solved.junction()
        );
    }
}

#[test]
fn a_die_that_takes_more_warms_its_engines_by_the_crosstalk() {
    let cool = Solved::new("quantum-x-115t", &["asic.quantum.core_power=100 W"]);
    let warm = Solved::new("quantum-x-115t", &["asic.quantum.core_power=200 W"]);
    let more: Watts = warm.heat().asics[0].power - cool.heat().asics[0].power;
    for (idx, (a, b)) in cool
        .heat()
        .engines
        .iter()
        .zip(&warm.heat().engines)
        .enumerate()
    {
        let rise = (b.photonic.temperature - a.photonic.temperature).value();
        let k_per_w = a.crosstalk_k_per_w.expect("in the package");
        // The heaters take back a little, and the SerDes lie nearer to the engines than the core.
        let expected = k_per_w * more.value();
        assert!(
            (rise - expected).abs() < 0.2 * expected + 2e-3,
            "{idx}: {rise} {expected}"
        );
    }
    assert!(warm.junction() > cool.junction() + 5.0);
    // A warmer ring has less to be heated.
    assert!(warm.heaters() < cool.heaters());
}

#[test]
fn a_warmer_inlet_warms_everything_by_as_much_and_relieves_the_heaters() {
    let sets = ["engines", "die"].map(|name| format!("cooling.{name}.inlet=45 C"));
    let sets: Vec<&str> = sets.iter().map(String::as_str).collect();
    let (cool, warm) = (
        Solved::new("quantum-x-115t", &[]),
        Solved::new("quantum-x-115t", &sets),
    );
    // Leakage adds to it, and heaters take from it.
    assert!((warm.junction() - cool.junction() - 5.0).abs() < 0.4);
    assert!((warm.engine() - cool.engine() - 5.0).abs() < 0.4);
    assert!(warm.heaters() < cool.heaters());
    let rings = |solved: &Solved| solved.group(HeatedKind::Engine).rings.expect("rings");
    // What the heaters save is what the rings drift: 5 K of 32 rings at their efficiency.
    assert!(rings(&warm).drift == rings(&cool).drift);
}

#[test]
fn more_flow_cools_and_less_flow_warms() {
    let at = |flow: &str| Solved::new("cpo-51t", &[&format!("cooling.package.flow={flow}")]);
    let (low, high) = (at("40 CFM"), at("90 CFM"));
    let nominal = Solved::new("cpo-51t", &[]);
    assert!(low.junction() > nominal.junction() && nominal.junction() > high.junction());
    assert!(low.engine() > nominal.engine() && nominal.engine() > high.engine());
    // The fluid warms by what it takes up.
    let cooling = &nominal.figures.heat.coolings[0];
    let part = &nominal.system.description.cooling[0].value;
    let capacity = part.flow.value.value() * part.cooler.fluid_heat_capacity.value.value();
    let rise = (cooling.outlet - cooling.inlet).value();
    let taken = nominal.heat().balances[0].to_coolers.value();
    assert!((rise * capacity / taken - 1.0).abs() < 1e-9);
}

#[test]
fn an_electronic_die_on_the_photonic_one_warms_it_more_than_beside_it() {
    // The three differ in their carrier too; the own resistance of the photonic die tells.
    let own = |platform: &str| {
        let solved = Solved::new(platform, &[]);
        let engine = solved.group(HeatedKind::Engine);
        (
            engine.own.expect("in the package").high.value(),
            engine.crosstalk.expect("in the package").high.value(),
            solved.engine(),
        )
    };
    let (flat, beside, stacked) = (own("cpo-51t"), own("cpo-51t-2.5d"), own("cpo-51t-3d"));
    // Through the electronic die above it the photonic one is further from the plate.
    assert!(stacked.0 > 1.2 * beside.0, "{stacked:?} {beside:?}");
    // Silicon under die and engines joins them better than the substrate.
    assert!(beside.1 > 1.1 * flat.1, "{beside:?} {flat:?}");
    assert!(stacked.2 > beside.2 && beside.2 > flat.2);
}

#[test]
fn a_stated_temperature_holds_whatever_the_heat() {
    let solved = Solved::new("cpo-51t", &["zone.package.temperature=70 C"]);
    let engines = &solved.state.conditions.engines;
    assert!(engines.iter().all(|t| t.value() == Celsius::new(70.0)));
    assert!(solved.junction() < 90.0, "the die is solved all the same");
    let all = ["die", "package", "faceplate"].map(|zone| format!("zone.{zone}.temperature=70 C"));
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    assert!(Solved::new("cpo-51t", &all).state.heat.is_none());
}

#[test]
fn leakage_without_end_has_no_operating_point() {
    let sets = [
        "asic.switch.leakage=200 W",
        "asic.switch.leakage_slope=0.08 /K",
        "asic.switch.leakage_temperature=60 C",
    ];
    let solved = Solved::new("cpo-51t", &sets);
    let heat = solved.state.heat.as_ref().expect("heat is asked for");
    assert!(
        matches!(heat, Err(HeatFault::Runaway { part, gain, .. }) if part == "switch" && *gain >= 1.0),
        "{heat:?}"
    );
    let warnings = &solved.figures.warnings;
    assert!(
        warnings
            .iter()
            .any(|w| w.contains("no stable operating point")),
        "{warnings:?}"
    );
}

#[test]
fn a_module_without_flow_is_refused() {
    let solved = Solved::new("dsp-51t", &["cooling.faceplate.flow=0 CFM"]);
    let heat = solved.state.heat.as_ref().expect("heat is asked for");
    assert!(matches!(heat, Err(HeatFault::Cooler { .. })), "{heat:?}");
    assert!(solved.figures.heat.fault.is_some());
}

#[test]
fn a_die_beyond_its_limit_is_told() {
    let solved = Solved::new("cpo-51t", &["asic.switch.core_power=700 W"]);
    let warnings = &solved.figures.warnings;
    assert!(
        warnings
            .iter()
            .any(|w| w.starts_with("switch: its junction")),
        "{warnings:?}"
    );
}

/// Reuse is exact: a system that differs in nothing of its package takes the same response, and
/// comes to the temperatures that it would find alone.
#[test]
fn a_package_that_fits_is_not_cut_again_and_gives_the_same() {
    let nominal = Solved::new("cpo-51t", &[]);
    let other = resolve("cpo-51t", &["cooling.package.inlet=38 C"]);
    let near = SteadyState::solve_near(&other, &nominal.state);
    let alone = SteadyState::solve(&other);
    for (a, b) in near
        .conditions
        .engines
        .iter()
        .zip(&alone.conditions.engines)
    {
        // Both agree within a millikelvin with their own heat.
        assert!((a.value() - b.value()).value().abs() < 2.5e-3);
    }
    // A layer that differs is cut anew.
    let thin = resolve("cpo-51t", &["package.stack.lid_thickness=1 mm"]);
    let near = SteadyState::solve_near(&thin, &nominal.state);
    let alone = SteadyState::solve(&thin);
    for (a, b) in near.conditions.asics.iter().zip(&alone.conditions.asics) {
        assert!(a.value() == b.value());
    }
}

/// The package of a solved system, solved as a field, has the temperatures that its response gave.
#[test]
fn the_field_of_a_package_has_the_temperatures_of_its_response() {
    let solved = Solved::new("cpo-51t", &[]);
    let package = twin::heat::package(&solved.system, &solved.state).expect("a package");
    let model = thermal::Model::new(&package.stack, &package.grid).expect("sound");
    let field = model.steady_nonlinear(&model.powers());
    let field = field.expect("converges").field;
    for (idx, (_, block)) in package.stack.blocks().enumerate() {
        let Some(engine) = block.name.strip_suffix(".photonic") else {
            continue;
        };
        let at = solved
            .system
            .engines
            .iter()
            .position(|e| e.name == engine)
            .unwrap();
        let expected = solved.heat().engines[at].photonic.temperature;
        let found = model.average(&field, idx);
        assert!(
            (found - expected).value().abs() < 5e-3,
            "{engine}: {found} {expected}"
        );
    }
}

/// A die that fills its package and heats it evenly, so that heat flows straight up through it; the
/// exponent of its conductivity is that of the library, or another one.
fn straight_up(exponent: Option<&str>) -> Solved {
    let mut sets: Vec<String> = [
        "asic.switch.width=25 mm",
        "asic.switch.height=25 mm",
        "package.width=25 mm",
        "package.height=25 mm",
        "asic.switch.leakage=0 W",
        "package.stack.serdes_depth=2.5 mm",
        "package.stack.board_coefficient=0 W/(m2 K)",
        "cooling.package.cooler.resistance=20 K mm2/W",
    ]
    .map(String::from)
    .to_vec();
    sets.extend(exponent.map(|n| format!("package.stack.die.exponent={n}")));
    let solved = |sets: &[String]| {
        let sets: Vec<&str> = sets.iter().map(String::as_str).collect();
        Solved::new("dsp-51t", &sets)
    };
    // The core covers 400 mm2, the SerDes 225 mm2: as much on each.
    let first = solved(&sets);
    let core = first.system.description.asic[0].value.core_power.value;
    let serdes = first.heat().asics[0].power - core;
    sets.push(format!(
        "asic.switch.core_power={} W",
        serdes.value() * 400.0 / 225.0
    ));
    solved(&sets)
}

/// `integral of k0 (T / T0)^-n = q L` from the upper face of the die to its heat: Kirchhoff's
/// transform. What lies above the die takes the same heat and does not change.
#[test]
fn silicon_that_conducts_less_when_warm_raises_the_junction_as_kirchhoff_says() {
    let (reference, warm) = (straight_up(Some("0")), straight_up(None));
    let stack = warm.system.description.package.stack.as_ref().expect("one");
    let die = &stack.die;
    let (k0, n) = (
        die.conductivity.value.value(),
        die.exponent
            .as_ref()
            .expect("silicon has one")
            .value
            .value(),
    );
    assert!((n - 1.3).abs() < 1e-12, "{n}");
    let power = warm.heat().asics[0].power;
    assert!((power - reference.heat().asics[0].power).value().abs() < 1e-9);
    let flux = power.value() / 625e-6;
    // Heat arises in the middle of the cells of the active layer.
    let length = stack.die_thickness.value.value() - stack.active_thickness.value.value() / 2.0;
    let kelvin = |solved: &Solved| solved.junction() + 273.15;
    let top = kelvin(&reference) - flux * length / k0;
    let transformed = top.powf(1.0 - n) + (1.0 - n) * flux * length / (k0 * 300_f64.powf(n));
    let expected = transformed.powf(1.0 / (1.0 - n)) - kelvin(&reference);
    let found = warm.junction() - reference.junction();
    assert!(expected > 1.0, "the die is too cold to tell: {expected} K");
    // Two temperatures that agree within a millikelvin each, and the two cells of the die.
    assert!((found - expected).abs() < 4e-3, "{found} {expected}");
}

/// The agreement is one with the field that has the conductivities of its own temperatures: solved
/// again from nowhere, it moves no part by more.
#[test]
fn conductivities_are_those_of_the_temperatures_that_were_found() {
    for platform in ["cpo-51t", "cpo-51t-3d", "quantum-x-115t", "spectrum-x-409t"] {
        let solved = Solved::new(platform, &[]);
        let package = twin::heat::package(&solved.system, &solved.state).expect("a package");
        let model = thermal::Model::new(&package.stack, &package.grid).expect("sound");
        let powers = model.powers();
        let field = model.steady_nonlinear(&powers).expect("converges").field;
        let blocks: Vec<&thermal::Block> = package.stack.blocks().map(|(_, block)| block).collect();
        let hottest = |part: &str| {
            let of_part = |(idx, block): (usize, &&thermal::Block)| {
                let of = block.name.strip_prefix(part)?;
                matches!(of, ".core" | ".serdes").then(|| model.maximum(&field, idx).value())
            };
            let blocks = blocks.iter().enumerate();
            blocks.filter_map(of_part).reduce(f64::max)
        };
        let asics = solved.system.asics.iter().zip(&solved.heat().asics);
        let mut n = 0;
        for (asic, heat) in asics {
            let Some(found) = hottest(&asic.name) else {
                continue;
            };
            n += 1;
            // Temperatures are held on multiples of the agreement.
            let apart = (found - heat.temperature.value()).abs();
            assert!(apart < 1.5 * AGREEMENT.value(), "{platform}: {apart}");
        }
        assert!(n > 0, "{platform}");
        // At 300 K values the die would be colder by far more.
        let cold = model.steady(&powers).expect("converges");
        let at = blocks
            .iter()
            .position(|block| block.name.strip_suffix(".core").is_some());
        let at = at.expect("a die");
        let less = model.maximum(&field, at) - model.maximum(&cold, at);
        assert!(less.value() > 0.1, "{platform}: {less}");
    }
}

/// A flow beyond the measurement of a cooler is no resistance at its rated flow: a draw says so
/// like one whose heat runs away.
#[test]
fn a_draw_whose_cooler_was_not_measured_there_fails() {
    let nominal = Solved::new("dsp-51t", &[]);
    let still = resolve("dsp-51t", &["cooling.faceplate.flow=0 CFM"]);
    let drawn = SteadyState::solve_drawn(&still, &nominal.state);
    let fault = drawn.heat.as_ref().expect("heat is asked for");
    assert!(matches!(fault, Err(HeatFault::Cooler { .. })), "{fault:?}");
}
