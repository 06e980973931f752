//! Cost and package yield of whole systems: counts, marks, limits and comparisons.

use system::{Input, Library, Problems, System};
use twin::{CostBoundary, CostFigures, CostVerdict, Figures, PackageFigures, SteadyState};
use units::Origin;

fn resolve(name: &str, sets: &[&str]) -> Result<System, Problems> {
    resolve_text(name, |text| text, sets)
}

fn resolve_text(
    name: &str,
    change: impl Fn(String) -> String,
    sets: &[&str],
) -> Result<System, Problems> {
    let library = Library::embedded();
    let text = change(library.platform(name).expect("a platform").to_owned());
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    System::resolve(&Input {
        name,
        bytes: text.as_bytes(),
        sets: &sets,
        library: &library,
        load: &|file| Err(format!("{file} is not there")),
    })
}

fn figures(name: &str, sets: &[&str]) -> Figures {
    let system = resolve(name, sets).unwrap_or_else(|problems| panic!("{problems}"));
    Figures::new(&system, &SteadyState::solve(&system))
}

fn cost(name: &str, sets: &[&str]) -> CostFigures {
    figures(name, sets).cost
}

fn package(name: &str, sets: &[&str]) -> PackageFigures {
    figures(name, sets).package.expect("an assembly")
}

fn near(found: f64, expected: f64) {
    // A few roundings of sums.
    let bound = 1e-12 * expected.abs();
    assert!(
        (found - expected).abs() <= bound,
        "{found}, expected {expected}"
    );
}

#[test]
fn sums_are_those_of_their_lines_and_ranges_hold_their_nominal_value() {
    for name in Library::embedded().platforms() {
        let cost = cost(name, &[]);
        let sum = |of: fn(CostBoundary) -> bool| -> f64 {
            let lines = cost.lines.iter().filter(|line| of(line.within));
            lines.map(|line| line.total().nominal.value()).sum()
        };
        near(
            cost.optics.nominal.value(),
            sum(|b| b == CostBoundary::Optics),
        );
        near(
            cost.capex.nominal.value(),
            sum(|b| b != CostBoundary::Cabling),
        );
        near(
            cost.cabling.nominal.value(),
            sum(|b| b == CostBoundary::Cabling),
        );
        for line in &cost.lines {
            let total = line.total();
            assert!(
                total.low <= total.nominal && total.nominal <= total.high,
                "{name} {line:?}"
            );
            assert!(total.low.value() >= 0.0);
        }
        assert!(
            cost.capex.is_complete(),
            "{name}: {:?}",
            cost.unpriced().collect::<Vec<_>>()
        );
        let [low, nominal, high] = cost.optics_share().expect("optics have a price");
        assert!(0.0 < low && low < nominal && nominal < high && high < 1.0);
    }
}

#[test]
fn the_bill_counts_entities() {
    let count = |name: &str, kind: &str| -> f64 {
        let cost = cost(name, &[]);
        let lines = cost.lines.iter().filter(|line| line.kind == kind);
        lines.map(|line| line.count).sum()
    };
    near(count("cpo-51t", "engine"), 8.0);
    near(count("cpo-51t", "laser_module"), 16.0);
    // 128 laser fibres of half a metre.
    near(count("cpo-51t", "laser_fibre"), 64.0);
    // 16 ferrules at the faceplate, and one more pair of each half link.
    near(count("cpo-51t", "connector"), 32.0);
    // 1,152 fibres, 144 of them in four units on each engine.
    near(count("cpo-51t", "fau"), 1152.0);
    near(count("cpo-51t", "fau_attach"), 32.0);
    // Half of 500 m for each of 1,024 data fibres.
    near(count("cpo-51t", "data_fibre"), 256_000.0);
    near(count("quantum-x-115t", "engine"), 72.0);
    near(count("quantum-x-115t", "socket"), 72.0);
    near(count("quantum-x-115t", "substrate"), 4.0);
    near(count("quantum-x-115t", "asic"), 4.0);
    // What a module holds is in its price, and its plug belongs to the cable.
    near(count("dsp-51t", "engine"), 64.0);
    near(count("dsp-51t", "fau"), 0.0);
    near(count("dsp-51t", "connector"), 128.0);
    assert!(figures("dsp-51t", &[]).package.is_none());
}

#[test]
fn a_price_that_is_stated_is_not_assumed() {
    let sets = ["engine.module.price=900 USD"];
    let cost = cost("dsp-51t", &sets);
    let modules = &cost.lines[0];
    assert_eq!(modules.origin, Some(Origin::Stated));
    let total = modules.total();
    assert!(!total.is_assumed);
    near(total.nominal.value(), 57_600.0);
    near(total.low.value(), 57_600.0);
    near(total.high.value(), 57_600.0);
    // The optics of a pluggable switch are its modules.
    assert!(!cost.optics.is_assumed);
    assert!(cost.capex.is_assumed);
    let other = cost.capex.nominal - total.nominal;
    near(cost.capex.assumed_share(), other / cost.capex.nominal);
    near(
        cost.optics_per_gbps.expect("optical ports").nominal.value(),
        57_600.0 / 51_200.0,
    );
    near(
        cost.per_gbps.nominal.value(),
        cost.capex.nominal.value() / 51_200.0,
    );
}

#[test]
fn every_estimated_price_of_the_library_is_a_range() {
    for name in Library::embedded().platforms() {
        for line in cost(name, &[]).lines {
            let unit = line.unit.expect("the library has a price");
            if unit.is_assumed {
                assert!(unit.low < unit.high, "{name} {}", line.item);
            }
        }
    }
}

#[test]
fn no_part_takes_over_the_price_of_the_part_that_it_starts_from() {
    let library = Library::embedded();
    for kind in ["asic", "engine", "laser_module"] {
        for name in library.names(kind) {
            let record = library.part(kind, name).unwrap_or_else(|p| panic!("{p}"));
            let price = record.get("price").expect("every part has a price");
            let system::Value::Quantity { key, .. } = &price.value else {
                panic!("a price is a quantity");
            };
            assert!(key.ends_with(name), "{kind} {name} has the price of {key}");
        }
    }
}

#[test]
fn a_missing_price_is_said_and_not_counted() {
    let without = |text: String| text.replace("[chassis]\nuse = \"air-2u\"\n", "");
    let system = resolve_text("dsp-51t", without, &[]).unwrap_or_else(|p| panic!("{p}"));
    let figures = Figures::new(&system, &SteadyState::solve(&system));
    let found = &figures.cost;
    assert_eq!(found.unpriced().collect::<Vec<_>>(), ["chassis"]);
    assert!(found.capex.is_known() && !found.capex.is_complete());
    assert!(found.optics.is_complete());
    // 9,100 USD of chassis are in the other one.
    near(
        found.capex.nominal.value() + 9100.0,
        cost("dsp-51t", &[]).capex.nominal.value(),
    );
    let verdict = |boundary| {
        let base = cost("cpo-51t", &[]);
        let difference = found.difference_per_gbps(&base, boundary);
        difference.expect("both have optical ports").verdict()
    };
    assert_eq!(verdict(CostBoundary::Box), CostVerdict::Incomplete);
    let metric = twin::Metric::find("capex").expect("a figure");
    let state = SteadyState::solve(&system);
    assert_eq!((metric.value)(&system, &state, &figures), None);
}

#[test]
fn a_system_costs_what_it_costs() {
    for name in Library::embedded().platforms() {
        let cost = cost(name, &[]);
        for boundary in [CostBoundary::Optics, CostBoundary::Box] {
            let none = cost
                .difference_per_gbps(&cost, boundary)
                .expect("a difference");
            assert_eq!(none.verdict(), CostVerdict::CannotTell);
            // Shared prices cancel to rounding.
            assert!(none.low.value().abs() < 1e-9 && none.high.value().abs() < 1e-9);
            assert!(!none.is_assumed);
        }
    }
}

#[test]
fn a_shared_price_decides_nothing_and_a_wide_one_leaves_it_open() {
    let verdict = |sets: &[&str]| {
        let base = cost("dsp-51t", &["engine.module.price=900 USD"]);
        let difference = cost("dsp-51t", sets).difference_per_gbps(&base, CostBoundary::Box);
        difference.expect("both have optical ports")
    };
    // Only the modules differ, and both prices are stated: 64 times 100 USD over 51,200 Gb/s.
    let cheaper = verdict(&["engine.module.price=800 USD"]);
    assert_eq!(cheaper.verdict(), CostVerdict::Cheaper);
    assert!(!cheaper.is_assumed);
    near(cheaper.nominal.value(), -0.125);
    near(cheaper.high.value(), -0.125);
    // The estimate of the library, 600 to 1,300 USD, holds 900.
    let open = verdict(&[]);
    assert_eq!(open.verdict(), CostVerdict::CannotTell);
    assert!(open.is_assumed && open.low.value() < 0.0 && open.high.value() > 0.0);
    let dearer = verdict(&["engine.module.price=2000 USD"]);
    assert_eq!(dearer.verdict(), CostVerdict::Dearer);
}

#[test]
fn energy_failures_and_visits_add_up_over_the_life() {
    let sets = [
        "engine.module.price=900 USD",
        "facility.energy_price=0.1 USD/kWh",
        "repair.visit_price=200 USD",
        "repair.service_life=4 y",
    ];
    let figures = figures("dsp-51t", &sets);
    let life = figures.cost.life.as_ref().expect("power");
    let power = figures.power.as_ref().expect("power");
    let kilowatt_hours = power.facility.value() / 1e3 * 4.0 * 8766.0;
    near(life.energy.nominal.value(), 0.1 * kilowatt_hours);
    assert!(!life.energy.is_assumed);
    let failures = figures.reliability.total.to_per_year() * 4.0;
    near(life.visits.nominal.value(), 200.0 * failures);
    let engines = life
        .replacements
        .iter()
        .find(|line| line.kind == "engine")
        .expect("modules fail");
    near(engines.unit.expect("a price").nominal.value(), 900.0);
    let sum = life.capital.nominal + life.energy.nominal + life.parts.nominal + life.visits.nominal;
    near(life.total.nominal.value(), sum.value());
    near(
        life.capital.nominal.value(),
        figures.cost.capex.nominal.value(),
    );
    // With interest the capital is paid as an annuity: 4 * 0.1 / (1 - 1.1^-4).
    let paid = cost(
        "dsp-51t",
        &[&sets[..], &["facility.interest=10 %"]].concat(),
    );
    let paid = paid.life.expect("power").capital.nominal;
    near(
        paid / life.capital.nominal,
        4.0 * 0.1 / (1.0 - 1.1_f64.powi(-4)),
    );
}

#[test]
fn a_soldered_engine_costs_a_box_and_a_detachable_one_an_engine() {
    let unit = |sets: &[&str]| {
        let cost = cost("cpo-51t", sets);
        let life = cost.life.expect("power");
        let line = life.replacements.into_iter().find(|l| l.kind == "engine");
        (
            line.expect("engines fail").unit.expect("a price").nominal,
            cost.capex.nominal,
        )
    };
    let (soldered, capex) = unit(&[]);
    near(soldered.value(), capex.value());
    let (part, _) = unit(&["repair.engine=part", "engine.oe.price=3000 USD"]);
    // 144 fibres of the array units are glued to it, 8 USD each.
    near(part.value(), 3000.0 + 144.0 * 8.0);
}

#[test]
fn a_system_without_ports_has_a_price_and_none_per_bandwidth() {
    let without = |text: String| {
        let start = text.find("[port.eth]").expect("it has ports");
        let end = start + text[start..].find("\n\n").expect("another section follows");
        text[..start].to_owned() + &text[end..]
    };
    let system = resolve_text("dsp-51t", without, &[]).unwrap_or_else(|p| panic!("{p}"));
    let found = Figures::new(&system, &SteadyState::solve(&system)).cost;
    assert!(found.capex.is_complete() && !found.per_gbps.is_known());
    assert!(found.optics_per_gbps.is_none() && found.life.is_none());
    let base = cost("dsp-51t", &[]);
    let difference = found.difference_per_gbps(&base, CostBoundary::Box);
    assert!(difference.is_none());
}

const PERFECT: [&str; 8] = [
    "package.assembly.substrate_yield=1",
    "package.assembly.asic_yield=1",
    "package.assembly.asic_attach=1",
    "package.assembly.engine_yield=1",
    "package.assembly.engine_attach=1",
    "package.assembly.fau_attach=1",
    "package.assembly.rework_success=1",
    "package.assembly.rework_survival=1",
];

#[test]
fn a_perfect_assembly_scraps_nothing() {
    let figures = figures("cpo-51t", &PERFECT);
    let package = figures.package.as_ref().expect("an assembly");
    near(package.good.nominal, 1.0);
    let cost = package.cost.as_ref().expect("prices");
    near(cost.total.nominal.value(), cost.parts.nominal.value());
    assert!(package.worst_step().is_none());
    assert!(figures.cost.lines.iter().all(|line| line.kind != "scrap"));
}

#[test]
fn the_yield_of_the_generic_switch_is_the_product_of_its_steps() {
    let package = package("cpo-51t", &["package.assembly.reworks=0"]);
    // Values of the library: known-good parts by yield^(1 - coverage), 8 engines of 4 units.
    let asic = 0.7_f64.powf(1.0 - 0.99) * 0.995;
    let engine = 0.8_f64.powf(1.0 - 0.97) * 0.99 * 0.995_f64.powi(4);
    near(package.good.nominal, 0.99 * asic * engine.powi(8));
    let product: f64 = package.steps.iter().map(|step| step.good.nominal).product();
    near(package.good.nominal, product);
    assert!(package.is_assumed);
    assert!(package.good.low < package.good.nominal && package.good.nominal < package.good.high);
    assert_eq!(
        package.worst_step().map(|step| step.name),
        Some("fibre array units")
    );
}

#[test]
fn what_a_good_package_costs_is_on_the_bill() {
    for name in ["cpo-51t", "quantum-x-115t", "humboldt-25t"] {
        let figures = figures(name, &[]);
        let package = figures.package.as_ref().expect("an assembly");
        let cost = package.cost.as_ref().expect("prices");
        let kinds = [
            "engine",
            "fau",
            "engine_attach",
            "socket",
            "fau_attach",
            "substrate",
            "asic_attach",
            "package_test",
            "asic",
            "rework",
            "scrap",
        ];
        let of_package = figures
            .cost
            .lines
            .iter()
            .filter(|line| kinds.contains(&line.kind));
        let on_bill: f64 = of_package.map(|line| line.total().nominal.value()).sum();
        near(
            on_bill,
            cost.total.nominal.value() * f64::from(package.count),
        );
    }
}

#[test]
fn rework_and_spares_help_and_sockets_save_the_package() {
    let good = |sets: &[&str]| package("cpo-51t", sets).good.nominal;
    let none = good(&["package.assembly.reworks=0"]);
    let one = good(&["package.assembly.reworks=1"]);
    assert!(one > none);
    // A replacement that harms every other package is worse than none.
    let harmful = good(&[
        "package.assembly.reworks=1",
        "package.assembly.rework_success=0",
        "package.assembly.rework_survival=0.5",
    ]);
    assert!(harmful < none);
    let sockets = package("cpo-51t", &["package.assembly.seat=detachable"]);
    near(
        sockets.good.nominal,
        0.99 * 0.7_f64.powf(1.0 - 0.99) * 0.995,
    );
    // The other seat of one is the seat of the other.
    let soldered = package("cpo-51t", &[]);
    let other = soldered.other_seat.expect("engines are in the package");
    near(other.good.nominal, sockets.good.nominal);
    let back = sockets.other_seat.expect("engines are in the package");
    near(back.good.nominal, soldered.good.nominal);
    let there = other.difference.expect("prices");
    let here = back.difference.expect("prices");
    near(there.nominal.value(), -here.nominal.value());
    near(there.low.value(), -here.high.value());
    let (a, b) = (
        soldered.cost.expect("prices"),
        sockets.cost.expect("prices"),
    );
    near(
        there.nominal.value(),
        (b.total.nominal - a.total.nominal).value(),
    );
}

#[test]
fn an_estimated_price_without_a_range_is_refused() {
    let change = |text: String| {
        text.replace(
            "[facility]\n",
            "[facility]\n# a remark\n",
        )
        .replace(
            "use = \"osfp-800g-dr8\"",
            "use = \"osfp-800g-dr8\"\nprice = { value = \"900 USD\", estimate = \"what a friend said\" }",
        )
    };
    let problems = resolve_text("dsp-51t", change, &[]).expect_err("it has no range");
    assert_eq!(problems.0.len(), 1);
    assert_eq!(problems.0[0].code, "system::no-range");
}

#[test]
fn parts_that_do_not_spread_over_the_packages_are_refused() {
    let problems = resolve("cpo-51t", &["package.count=3"]).expect_err("8 engines, 3 packages");
    assert!(
        problems
            .to_string()
            .contains("8 active engines do not spread evenly")
    );
}

/// The range of a difference holds its nominal value, and the difference the other way round is its
/// mirror image: what is least one way is greatest the other.
#[test]
fn a_difference_is_the_mirror_image_of_the_other_way_round() {
    for (a, b) in [("dsp-51t", "cpo-51t"), ("cpo-51t", "quantum-x-115t")] {
        let (a, b) = (cost(a, &[]), cost(b, &[]));
        for boundary in [CostBoundary::Optics, CostBoundary::Box] {
            let there = a.difference_per_gbps(&b, boundary).expect("optical ports");
            let back = b.difference_per_gbps(&a, boundary).expect("optical ports");
            near(there.low.value(), -back.high.value());
            near(there.high.value(), -back.low.value());
            near(there.nominal.value(), -back.nominal.value());
            assert!(there.low < there.nominal && there.nominal < there.high);
        }
    }
}

/// Both ends of the capital take both ends of the interest.
#[test]
fn the_interest_widens_the_capital() {
    let interest = "facility.interest={ value = \"10 %\", spread = \"uniform 50 %\", estimate = \"half of it either way, for a test\" }";
    let cost = cost("dsp-51t", &["repair.service_life=4 y", interest]);
    let capital = cost.life.expect("power").capital;
    // Uniform from 5 to 15 %: percentiles 5.5 and 14.5 %.
    let factor = |rate: f64| 4.0 * rate / (1.0 - (1.0 + rate).powi(-4));
    near(capital.low.value(), cost.capex.low.value() * factor(0.055));
    near(
        capital.nominal.value(),
        cost.capex.nominal.value() * factor(0.1),
    );
    near(
        capital.high.value(),
        cost.capex.high.value() * factor(0.145),
    );
    assert!(capital.is_assumed);
}
