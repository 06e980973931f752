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
    let field = model.steady(&model.powers()).expect("converges");
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
