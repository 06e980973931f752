//! Draws: the same bits however they are made, and what they say about planes, yield and influence.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use system::{Input, Library, System};
use twin::{Figures, Quantiles, SamplePlan, Sampled, SteadyState};

fn resolve(platform: &str, sets: &[&str]) -> System {
    let library = Library::embedded();
    let text = library.platform(platform).expect("a platform");
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

fn sampled(system: &System, n: u64) -> Sampled {
    Sampled::new(
        system,
        &SteadyState::solve(system),
        &SamplePlan::quiet(3, n),
    )
}

#[test]
fn the_number_of_threads_does_not_matter() {
    for platform in ["cpo-51t", "quantum-x-115t"] {
        let system = resolve(platform, &[]);
        let nominal = SteadyState::solve(&system);
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .expect("threads can be had");
            pool.install(|| {
                let mut sampled = sampled(&system, 150);
                sampled.find_influences(&system, &nominal);
                sampled
            })
        };
        let alone = run(1);
        assert_eq!(alone, run(3), "{platform}");
        assert_ne!(alone.margins_db, Vec::<f64>::new());
    }
}

#[test]
fn a_stopped_run_is_the_run_of_what_was_done() {
    let system = resolve("cpo-51t", &[]);
    let nominal = SteadyState::solve(&system);
    let stop = AtomicBool::new(false);
    let seen = Mutex::new(Vec::new());
    let progress = |n_done: u64| {
        seen.lock().expect("nothing panics").push(n_done);
        stop.store(n_done >= 200, Ordering::Relaxed);
    };
    let plan = SamplePlan {
        seed: 3,
        n: 1_000_000,
        stop: &stop,
        progress: &progress,
    };
    let stopped = Sampled::new(&system, &nominal, &plan);
    let seen = seen.lock().expect("nothing panics").clone();
    assert!(seen.is_sorted() && seen.last() == Some(&stopped.n_done));
    assert!(stopped.n_done >= 200 && stopped.n_done < 2_000);
    assert_eq!(stopped.n_asked, 1_000_000);
    let whole = sampled(&system, stopped.n_done);
    assert_eq!(whole.n_asked, whole.n_done);
    let mut relabelled = stopped.clone();
    relabelled.n_asked = whole.n_asked;
    assert_eq!(relabelled, whole);
    // Stopped before it began, it has done nothing, and says nothing.
    let nothing = Sampled::new(&system, &nominal, &plan);
    assert_eq!((nothing.n_done, nothing.margin), (0, None));
    assert!(nothing.metrics.is_empty() && nothing.planes.is_empty());
    assert!(nothing.yields.lanes.is_empty() && nothing.yields.ports.is_empty());
}

/// What is drawn fast is what the figures of each draw say.
#[test]
fn draws_agree_with_the_figures_of_each_draw() {
    const N: u64 = 40;
    for platform in ["cpo-51t", "quantum-x-115t", "dsp-51t"] {
        let system = resolve(platform, &[]);
        let fast = sampled(&system, N);
        let nominal = SteadyState::solve(&system);
        let slow: Vec<Figures> = (0..N)
            .map(|tick| {
                let drawn = system.drawn(3, tick);
                Figures::new(&drawn, &SteadyState::solve_drawn(&drawn, &nominal))
            })
            .collect();
        let link = |figures: &Figures| figures.link.clone().expect("ports are optical");
        // Where heat has no answer the lanes have none either.
        let is_lit = |figures: &Figures| figures.heat.fault.is_none() && link(figures).n_dark == 0;
        let lit = || slow.iter().filter(|figures| is_lit(figures));
        assert_eq!(fast.n_dark, slow.len() - lit().count(), "{platform}");
        assert_eq!(
            fast.n_dark,
            fast.dark.iter().map(|reason| reason.n).sum::<usize>()
        );
        let worst = |figures: &Figures| link(figures).worst.expect("a lit lane");
        let margins: Vec<f64> = lit()
            .filter_map(|figures| worst(figures).margin.signed())
            .map(units::Decibels::value)
            .collect();
        assert_eq!(fast.margins_db, margins, "{platform}");
        for (key, of) in [
            (
                "module_w",
                (|f| f.power.as_ref().map(|p| p.port.module().value()))
                    as fn(&Figures) -> Option<f64>,
            ),
            ("switch_w", |f| f.power.as_ref().map(|p| p.switch.value())),
            ("rx_oma_dbm", |f| {
                Some(f.link.as_ref()?.worst.as_ref()?.rx_oma.value())
            }),
            ("pre_fec_ber_log10", |f| {
                Some(f.link.as_ref()?.worst.as_ref()?.pre_fec_ber.log10())
            }),
        ] {
            assert_eq!(
                fast.metric(key),
                Quantiles::of(lit().filter_map(of).collect()),
                "{platform}: {key}"
            );
        }
        let n_closed = lit().filter(|figures| link(figures).n_open == 0).count() as u64;
        let port = fast.yields.worst_port().expect("there are ports");
        assert_eq!(port.together.n_yes, n_closed, "{platform}");
        assert!(port.independent.value <= port.together.value);
        let lanes: usize = fast.yields.lanes.iter().map(|lane| lane.n_lanes).sum();
        let ports: usize = fast.yields.ports.iter().map(|port| port.n_ports).sum();
        assert_eq!((lanes, ports), (slow[0].lanes, slow[0].ports), "{platform}");
    }
}

#[test]
fn planes_lie_round_the_nominal_ones_and_add_up() {
    let system = resolve("cpo-51t", &[]);
    let nominal = SteadyState::solve(&system);
    let sampled = sampled(&system, 400);
    let lane = sampled.lane.expect("there are lanes");
    let planes = &nominal.lanes.design(lane).planes.0;
    assert_eq!(planes.len(), sampled.planes.len());
    for (found, plane) in sampled.planes.iter().zip(planes) {
        assert_eq!(found.element, plane.element);
        let Quantiles { p5, p50, p95 } = found.average_dbm;
        assert!(p5 <= p50 && p50 <= p95);
        // Losses lean to one side, so the nominal light lies above the median, but inside.
        let average = plane.average.value();
        assert!(p5 < average && average < p95, "{:?}", plane.element);
        assert_eq!(found.oma_dbm.is_some(), plane.oma.is_some());
    }
    // Uncertain losses add to uncertain light.
    let width = |at: usize| {
        let band = sampled.planes[at].average_dbm;
        band.p95 - band.p5
    };
    assert!(width(planes.len() - 1) > 1.5 * width(0));
}

/// Each value on its own, solved exactly, moves what it should, and nothing more than all draws.
#[test]
fn influences_are_exact_at_their_ends() {
    let system = resolve("cpo-51t", &[]);
    let nominal = SteadyState::solve(&system);
    let mut drawn = sampled(&system, 2_000);
    drawn.find_influences(&system, &nominal);
    let of = |name: &str| {
        drawn
            .influences
            .iter()
            .find(|influence| influence.value.name().contains(name))
            .unwrap_or_else(|| panic!("{name} has an influence"))
    };
    let launch = of("launch");
    let state = |si: f64| {
        let moved = system
            .with_values(&[(&launch.value.key, launch.value.field, si)])
            .expect("a quantile is in range");
        let figures = Figures::new(&moved, &SteadyState::solve_drawn(&moved, &nominal));
        let link = figures.link.expect("ports are optical");
        let margin = link.worst.expect("a lit lane").margin.signed();
        let power = figures.power.expect("ports are optical").port.module();
        (margin.map(units::Decibels::value), Some(power.value()))
    };
    assert_eq!(
        state(launch.p5),
        (launch.margin_db.at_p5, launch.module_w.at_p5)
    );
    assert_eq!(
        state(launch.p95),
        (launch.margin_db.at_p95, launch.module_w.at_p95)
    );
    // More light is more margin and more power.
    assert!(launch.margin_db.at_p5 < launch.margin_db.at_p95);
    assert!(launch.module_w.at_p5 < launch.module_w.at_p95);
    // A laser that is less efficient takes more power and gives the same light; its warmer junction
    // moves the wavelength, and couplers feel that a little.
    let slope = of("slope_efficiency");
    assert!(slope.module_w.at_p5 > slope.module_w.at_p95);
    assert!(slope.margin_db.swing().is_some_and(|swing| swing < 1e-3));
    let index = |effect: &twin::Effect| effect.first_order.expect("it varies");
    for effect in [
        (|influence| &influence.margin_db) as fn(&twin::Influence) -> &twin::Effect,
        |influence| &influence.module_w,
    ] {
        let all: Vec<_> = drawn.influences.iter().map(|i| index(effect(i))).collect();
        let sum: f64 = all.iter().map(|index| index.value).sum();
        let square: f64 = all.iter().map(|index| index.standard_error.powi(2)).sum();
        // Hardly anything interacts; four standard deviations.
        assert!(sum < 1.0 + 4.0 * square.sqrt(), "{sum}");
        assert!(sum > 0.85 - 4.0 * square.sqrt(), "{sum}");
        // What moves nothing explains nothing.
        for influence in &drawn.influences {
            if effect(influence).swing().is_some_and(|swing| swing < 1e-3)
                && influence.value.field == "slope_efficiency"
            {
                let index = index(effect(influence));
                assert!(index.value.abs() < 5.0 * index.chance, "{influence:?}");
            }
        }
    }
    let shares: Vec<f64> = drawn
        .influences
        .iter()
        .map(|influence| index(&influence.margin_db).value)
        .collect();
    assert!(shares.is_sorted_by(|a, b| a >= b));
}

/// An exact value has no influence, and takes none from the others.
#[test]
fn an_exact_value_is_not_among_the_influences() {
    let system = resolve("cpo-51t", &[]);
    let launch = system
        .values()
        .into_iter()
        .find(|value| value.field == "launch")
        .expect("modules have a launch power");
    let exact = system
        .with_values(&[(&launch.key, "launch", launch.si)])
        .expect("the nominal value is in range");
    let run = |system: &System| {
        let mut drawn = sampled(system, 300);
        drawn.find_influences(system, &SteadyState::solve(system));
        drawn
    };
    let (before, after) = (run(&system), run(&exact));
    let has = |drawn: &Sampled| {
        let mut influences = drawn.influences.iter();
        influences.any(|influence| influence.value.field == "launch")
    };
    assert!(has(&before) && !has(&after));
    // The tornado of another value is the same, because all others are nominal in it.
    let at = |drawn: &Sampled| {
        let found = drawn
            .influences
            .iter()
            .find(|influence| influence.value.field == "residual_loss")
            .expect("couplers lose light");
        (found.margin_db.at_p5, found.margin_db.at_p95)
    };
    assert_eq!(at(&before), at(&after));
    let width = |drawn: &Sampled| {
        let margin = drawn.margin.and_then(|m| m.all()).expect("all close");
        margin.p95 - margin.p5
    };
    assert!(width(&after) < width(&before));
}

/// Without any spread every draw is the nominal system.
#[test]
fn without_spreads_every_draw_is_nominal() {
    let system = resolve("cpo-51t", &[]);
    let values = system.values();
    let all: Vec<(&str, &str, f64)> = values
        .iter()
        .map(|value| (&*value.key, value.field, value.si))
        .collect();
    let exact = system
        .with_values(&all)
        .expect("nominal values are in range");
    let mut drawn = sampled(&exact, 60);
    drawn.find_influences(&exact, &SteadyState::solve(&exact));
    assert!(drawn.influences.is_empty());
    let figures = Figures::new(&exact, &SteadyState::solve(&exact));
    let margin = figures.link.expect("ports are optical").worst.expect("lit");
    let margin = margin.margin.signed().expect("it closes").value();
    let first = drawn.margins_db[0];
    assert!(
        drawn
            .margins_db
            .iter()
            .all(|m| m.to_bits() == first.to_bits())
    );
    // Draws hold all engines at their mean temperature; the worst lane of the nominal system is that
    // of the warmest, a kelvin above.
    assert!((first - margin).abs() < 0.01, "{first} {margin}");
    let module = drawn.metric("module_w").expect("modules take power");
    assert_eq!(module.p5.to_bits(), module.p95.to_bits());
    // Even then sixty draws do not prove that every lane closes.
    let lane = drawn.yields.worst_lane().expect("there are lanes").closes;
    assert!(lane.n_yes == 60 && lane.low < 0.95);
}

/// Links that fail, and why: dark lanes count as failures and are counted by reason.
#[test]
fn failures_are_counted_and_their_causes_found() {
    // Warm engines: the guard of some rings is used up.
    let system = resolve("quantum-x-115t", &["zone.package.temperature=66 C"]);
    let mut drawn = sampled(&system, 600);
    drawn.find_influences(&system, &SteadyState::solve(&system));
    assert!(drawn.n_dark > 30, "{}", drawn.n_dark);
    assert_eq!(drawn.dark[0].kind, "the heater cannot hold the ring");
    assert!(drawn.dark[0].example.contains("not locked"));
    let lane = drawn.yields.worst_lane().expect("there are lanes").closes;
    assert!(lane.n_yes <= 600 - drawn.n_dark as u64 && lane.high < 1.0);
    // A dark draw lies below every margin.
    let margin = drawn.margin.expect("there are lanes");
    assert_eq!((margin.p5, margin.p95.is_some()), (None, true));
    let strongest = drawn
        .influences
        .iter()
        .filter_map(|influence| Some((influence, influence.closing?.value)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .expect("draws fail and close");
    // Rings that absorb much light heat themselves so much that no power is left to take back.
    assert!(
        strongest.0.value.key.starts_with("ring_modulator"),
        "{strongest:?}"
    );
    assert!(strongest.1 > 4.0 * strongest.0.closing.expect("as above").chance);
}

/// A system that is dark as it is stated, and closes in a part of the draws: what one value does
/// from there says nothing, and the draws still tell why links fail.
#[test]
fn a_system_that_is_nominally_dark_has_causes_too() {
    // A laser to each lane is more light than the receiver takes.
    let system = resolve("cpo-51t", &["laser_module.els.lanes_per_laser=1"]);
    let nominal = SteadyState::solve(&system);
    assert!(
        Figures::new(&system, &nominal)
            .link
            .expect("ports are optical")
            .n_dark
            > 0
    );
    let mut drawn = sampled(&system, 600);
    drawn.find_influences(&system, &nominal);
    assert!(drawn.n_dark > 100 && drawn.n_dark < 500, "{}", drawn.n_dark);
    let closing = |influence: &twin::Influence| influence.closing.expect("draws fail and close");
    let strongest = drawn
        .influences
        .iter()
        .max_by(|a, b| closing(a).value.total_cmp(&closing(b).value))
        .expect("spreads have influence");
    let index = closing(strongest);
    assert!(index.value > 4.0 * index.chance, "{strongest:?}");
    // Losses and the launch decide how much light arrives; nothing else can be first.
    let field = strongest.value.field;
    assert!(
        field.contains("loss") || field == "launch" || field == "offset",
        "{strongest:?}"
    );
}

/// The lower bound of a port multiplies over every one of its lanes.
#[test]
fn the_lower_bound_of_a_port_counts_each_lane() {
    // Lanes of one kind, and sixteen wavelengths of sixteen kinds.
    for platform in ["quantum-x-115t", "teraphy-oio"] {
        let drawn = sampled(&resolve(platform, &[]), 200);
        let [port] = &drawn.yields.ports[..] else {
            panic!("{platform} has ports of one kind");
        };
        let expected: f64 = drawn
            .yields
            .lanes
            .iter()
            .map(|lane| {
                let of_port = i32::try_from(lane.n_lanes / port.n_ports).expect("few lanes");
                lane.closes.value.powi(of_port)
            })
            .product();
        let found = port.independent.value;
        assert!(
            (found / expected - 1.0).abs() < 1e-12,
            "{platform}: {found}"
        );
        assert!(found < port.together.value, "{platform}: some draws fail");
    }
}
