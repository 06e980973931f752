//! The inverse budget against the model that it searches, and against rules of the field.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use link::Element;
use system::{Input, Library, Problems, System};
use twin::solve::{Point, Question, Region, Search, SolveError, Values, solve};
use twin::{Figures, Metric, SteadyState};

struct Bench {
    library: Library,
    platform: &'static str,
    sets: Vec<String>,
}

impl Bench {
    fn new(platform: &'static str, sets: &[&str]) -> Self {
        Self {
            library: Library::embedded(),
            platform,
            sets: sets.iter().map(ToString::to_string).collect(),
        }
    }

    fn resolve(&self, more: &[String]) -> Result<System, Problems> {
        let sets: Vec<String> = self.sets.iter().chain(more).cloned().collect();
        System::resolve(&Input {
            name: self.platform,
            bytes: self
                .library
                .platform(self.platform)
                .expect("a platform")
                .as_bytes(),
            sets: &sets,
            library: &self.library,
            load: &|file| Err(format!("{file} is not there")),
        })
    }

    fn question(&self, constraints: &str, variables: &str) -> Result<Question, Problems> {
        let system = self.resolve(&[]).expect("platforms are sound");
        Question::parse(constraints, variables, None, &system, &self.library)
    }

    fn solve_with(
        &self,
        constraints: &str,
        variables: &str,
        stop: &AtomicBool,
    ) -> Result<Region, SolveError> {
        let system = self.resolve(&[]).expect("platforms are sound");
        let question = self
            .question(constraints, variables)
            .expect("the question is sound");
        let search = Search {
            seed: 1,
            draws: 100,
            stop,
            progress: &|_, _| {},
        };
        let resolve = |sets: &[String]| self.resolve(sets);
        solve(&question, &system, &self.library, &resolve, &search)
    }

    fn solve(&self, constraints: &str, variables: &str) -> Region {
        self.solve_with(constraints, variables, &AtomicBool::new(false))
            .expect("the search ends")
    }
}

fn metric(name: &str, system: &System, state: &SteadyState) -> Option<f64> {
    let figures = Figures::new(system, state);
    let metric = Metric::find(name).expect("a figure with a name");
    (metric.value)(system, state, &figures).map(|si| metric.in_unit(si))
}

/// The greatest feasible sharing of each class.
fn greatest_sharing(region: &Region) -> Vec<(String, Option<String>)> {
    let n = region.variables[1].values.len();
    (0..region.variables[0].values.len())
        .map(|class| {
            let sharing = (0..n)
                .rev()
                .find(|idx| region.points[class * n + idx].feasible);
            let text = sharing.map(|idx| region.variables[1].text(idx));
            (region.variables[0].text(class), text)
        })
        .collect()
}

/// DR4 asks for an outer amplitude of -0.8 dBm at TP2. With lasers at the lower edge of their class
/// and 1 dB of ageing, the published rule is 1x2 for HP, 1x4 for VHP, 1x8 for UHP.
///
/// Source of the limit: 100GBASE-DR / 400GBASE-DR4 data sheets, transmit OMA; of the rule: a budget
/// with other losses for each element, so that the agreement is one of margins and not of digits.
#[test]
fn safe_sharing_doubles_with_each_class() {
    let worst = "laser_module.els.condition=worst";
    let region = Bench::new("cpo-51t", &[worst]).solve(
        "tx_oma>=-0.8 dBm, margin>=1 dB",
        "laser.class=HP|VHP|UHP, lanes_per_laser",
    );
    let found = greatest_sharing(&region);
    let rule = [("HP", "2"), ("VHP", "4"), ("UHP", "8")];
    for ((class, sharing), (known, lanes)) in found.iter().zip(rule) {
        assert_eq!((class.as_str(), sharing.as_deref()), (known, Some(lanes)));
    }
    // The transmitter binds; the receiver would do with half the light and less.
    assert_eq!(region.binding[0].0, 0);
    assert_eq!(region.binding_at_cheapest, Some(0));
    let beyond = region.cheapest_without[0].unwrap();
    let terms = region
        .terms
        .iter()
        .find(|terms| terms.point == beyond)
        .unwrap();
    assert_eq!(terms.losses[0].name, "splitter");
    let of = |name: &str| {
        terms
            .losses
            .iter()
            .find(|term| term.name == name)
            .map(|t| t.amount)
    };
    assert!((of("laser class tolerance").unwrap() - 1.5).abs() < 1e-9);
    assert!((of("laser ageing").unwrap() - 1.0).abs() < 1e-9);
}

/// Without tolerance and ageing twice as many lanes are within the limit: the allowance of 2.5 dB
/// is what makes the rule, as a doubling costs 3 dB.
#[test]
fn without_allowance_twice_as_many_lanes_share() {
    let region = Bench::new("cpo-51t", &[]).solve(
        "tx_oma>=-0.8 dBm",
        "laser.class=HP|VHP|UHP, lanes_per_laser",
    );
    let sharing: Vec<_> = greatest_sharing(&region)
        .into_iter()
        .map(|(_, sharing)| sharing.unwrap())
        .collect();
    assert_eq!(sharing, ["4", "8", "16"]);
}

#[test]
fn a_specification_is_met_by_the_model() {
    let bench = Bench::new("cpo-51t", &[]);
    let region = bench.solve(
        "extinction_ratio>=0 dB, tx_power>=-30 dBm",
        "coupler.loss=0.8 dB..2 dB in 3, modulator.er=4 dB..6 dB in 3",
    );
    let Values::Numbers { values, .. } = &region.variables[1].values else {
        panic!("numbers")
    };
    for (idx, point) in region.points.iter().enumerate() {
        // The detuning of no ring is involved, so the inversion is exact to 1e-8 dB.
        let target = values[point.coordinates[1]];
        assert!((point.values[0].unwrap() - target).abs() < 1e-6, "{idx}");
    }
    // The middle one of three values of each: 1.4 dB and 5 dB.
    let terms = {
        let region = bench.solve(
            "tx_power>=-30 dBm",
            "coupler.loss=1.4 dB, modulator.er=5 dB",
        );
        region.terms[0].clone()
    };
    for coupler in ["input coupler", "output coupler", "receive coupler"] {
        let found = terms
            .losses
            .iter()
            .find(|term| term.name == coupler)
            .unwrap();
        // The wavelength of the laser moves with its temperature, and the modes with it.
        assert!((found.amount - 1.4).abs() < 1e-3, "{found:?}");
    }
    assert_eq!(Element::InputCoupler.name(), "input_coupler");
}

#[test]
fn an_edge_is_where_the_constraint_just_holds() {
    let bench = Bench::new("cpo-51t", &[]);
    let region = bench.solve(
        "tx_oma>=1 dBm",
        "coupler.loss=0.7 dB..4 dB in 4, lanes_per_laser=4",
    );
    let edge = region
        .edges
        .iter()
        .find(|edge| edge.location.is_some())
        .unwrap();
    let x = edge.location.unwrap();
    // Two couplers up to TP2: between two losses the amplitude falls by twice their difference.
    let at = |point: usize| region.points[point].values[0].unwrap();
    let Values::Numbers { values, .. } = &region.variables[0].values else {
        panic!("numbers")
    };
    let inside = values[region.points[edge.inside].coordinates[0]];
    let expected = inside + (at(edge.inside) - 1.0) / 2.0;
    // Nonlinear absorption of the guide falls with the light, 0.02 dB over the step.
    assert!((x - expected).abs() < 0.02, "{x} {expected}");
    let here = bench.solve(
        "tx_oma>=1 dBm",
        &format!("coupler.loss={x} dB, lanes_per_laser=4"),
    );
    // The search stops at a thousandth of the step's slack of about two decibels.
    assert!(here.points[0].slack[0].unwrap().abs() < 3e-3);
    assert_eq!(edge.constraint, Some(0));
}

/// What common random numbers and the derivative of the quantile give, against drawing every point
/// as a whole with the same draws. The bound is the Monte-Carlo error of a hundred draws, which a
/// fuller computation would have as well.
#[test]
fn a_corrected_quantile_agrees_with_drawing_the_point() {
    let bench = Bench::new("cpo-51t", &[]);
    let region = bench.solve(
        "margin_p5>=2 dB",
        "laser.class=HP|VHP, lanes_per_laser=4|8|16, coupler.loss=0.8 dB..2 dB in 3",
    );
    let error = region.monte_carlo_error[0].unwrap();
    let mut n_checked = 0;
    for point in region
        .points
        .iter()
        .filter(|point| !point.is_estimate)
        .take(6)
    {
        let sets = region.sets(&point.coordinates).unwrap();
        let system = bench.resolve(&sets).unwrap();
        let nominal = SteadyState::solve(&system);
        let mut drawn: Vec<f64> = (0..100)
            .map(|tick| {
                let drawn = system.drawn(1, tick);
                let state = SteadyState::solve_drawn(&drawn, &nominal);
                metric("margin", &drawn, &state).unwrap_or(f64::NEG_INFINITY)
            })
            .collect();
        drawn.sort_by(f64::total_cmp);
        // P5 of a hundred lies between the fifth and the sixth, at 0.05 x 99 = 4.95.
        let exact = drawn[4] + 0.95 * (drawn[5] - drawn[4]);
        let found = point.values[0].unwrap();
        assert!(
            (found - exact).abs() < error.max(0.1),
            "{found} {exact} {error}"
        );
        n_checked += 1;
    }
    assert!(n_checked >= 4);
}

#[test]
fn constraints_that_exclude_each_other_are_named() {
    let bench = Bench::new("cpo-51t", &[]);
    let text = "power.module_w<=3, margin>=9 dB, lanes>=1";
    let region = bench.solve(text, "laser.class=HP|VHP, lanes_per_laser=4|8|16");
    let why = region.infeasible.as_ref().unwrap();
    assert_eq!(why.constraints, [0, 1]);
    let problems = region.problems(text).unwrap();
    assert_eq!(&text[problems.0[0].span.range.clone()], "power.module_w<=3");
    assert!(problems.0[0].message.starts_with(
        "infeasible, because power.module_w<=3 cannot hold with margin>=9 dB: the best there is 3.9"
    ));

    let region = bench.solve("margin>=30 dB", "lanes_per_laser=4|8");
    let why = region.infeasible.as_ref().unwrap();
    assert_eq!(why.constraints, [0]);
    let best = why.best[0].unwrap();
    assert_eq!(region.describe(best), "lanes_per_laser 4");
}

#[test]
fn a_description_that_does_not_resolve_is_a_reason() {
    // Sixteen modules of eight lasers serve 512 lanes by fours, not by twos.
    let count = "laser_module.els.count=16";
    let region = Bench::new("cpo-51t", &[count]).solve("margin>=1 dB", "lanes_per_laser=2|4");
    assert!(!region.points[0].feasible);
    let reason = region.points[0].reason.as_deref().unwrap();
    assert!(reason.contains("the lanes need 256"), "{reason}");
    assert!(region.points[1].feasible);
}

#[test]
fn a_question_is_answered_the_same_on_any_number_of_threads() {
    let bench = Bench::new("cpo-51t", &[]);
    let of = |n: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n)
            .build()
            .unwrap();
        pool.install(|| {
            bench.solve(
                "margin_p5>=6 dB",
                "coupler.loss=0.8 dB..2 dB in 3, lanes_per_laser=4|8",
            )
        })
    };
    let (one, three) = (of(1), of(3));
    assert_eq!(one.points, three.points);
    assert_eq!(one.edges, three.edges);
    assert_eq!(one.terms, three.terms);
}

#[test]
fn a_search_stops_when_asked() {
    let bench = Bench::new("cpo-51t", &[]);
    let found = bench.solve_with("margin>=1 dB", "lanes_per_laser", &AtomicBool::new(true));
    assert_eq!(found.unwrap_err(), SolveError::Interrupted);
}

#[test]
fn progress_counts_to_its_end() {
    let bench = Bench::new("cpo-51t", &[]);
    let system = bench.resolve(&[]).unwrap();
    let question = bench.question("margin>=1 dB", "lanes_per_laser").unwrap();
    let greatest = AtomicUsize::new(0);
    let search = Search {
        seed: 1,
        draws: 20,
        stop: &AtomicBool::new(false),
        progress: &|done, planned| {
            assert!(done <= planned);
            greatest.fetch_max(done, Ordering::Relaxed);
        },
    };
    let resolve = |sets: &[String]| bench.resolve(sets);
    solve(&question, &system, &bench.library, &resolve, &search).unwrap();
    assert!(greatest.load(Ordering::Relaxed) >= 5);
}

#[test]
fn what_is_asked_wrongly_is_shown_where_it_stands() {
    let bench = Bench::new("cpo-51t", &[]);
    let cases = [
        (
            "power.modul_w<=8",
            "",
            "power.modul_w",
            "there is no figure \"power.modul_w\"",
        ),
        (
            "margin_p5>=1 W",
            "",
            "1 W",
            "link.worst.margin_db: expected a ratio in decibels, found a power (\"1 W\")",
        ),
        (
            "margin=1 dB",
            "",
            "margin=1 dB",
            "a figure is computed, so it cannot be asked to equal a number",
        ),
        (
            "margin",
            "",
            "margin",
            "a constraint compares a figure with a value",
        ),
        ("margin>=1 dB,", "", "", "nothing stands here"),
        (
            "margin>=3, margin<=2",
            "",
            "margin<=2",
            "infeasible, because \"margin<=2\" contradicts \"margin>=3\"",
        ),
        (
            "",
            "laser.clas",
            "laser.clas",
            "there is no variable \"laser.clas\"",
        ),
        (
            "",
            "engine.oe.tia.nois=1 pA/rtHz..2 pA/rtHz",
            "nois",
            "no variable \"engine.oe.tia.nois\": tia has no \"nois\"",
        ),
        (
            "",
            "engine.oe.tia.noise",
            "engine.oe.tia.noise",
            "engine.oe.tia.noise has no range of its own",
        ),
        (
            "",
            "engine.oe.tia.noise=1 dB..2 dB",
            "1 dB",
            "expected a current noise density, found a ratio in decibels (\"1 dB\")",
        ),
        (
            "",
            "coupler.loss=2 dB..1 dB",
            "2 dB..1 dB",
            "the range is empty",
        ),
        ("", "laser.class=HP|XP", "XP", "there is no \"XP\" here"),
        (
            "",
            "lanes_per_laser=4|x",
            "x",
            "expected a whole number, found \"x\"",
        ),
        (
            "",
            "lanes_per_laser,lanes_per_laser",
            "lanes_per_laser",
            "lanes_per_laser varies twice",
        ),
    ];
    for (constraints, variables, at, message) in cases {
        let constraints = if constraints.is_empty() {
            "margin>=0"
        } else {
            constraints
        };
        let variables = if variables.is_empty() {
            "lanes_per_laser"
        } else {
            variables
        };
        let problems = bench.question(constraints, variables).unwrap_err();
        assert_eq!(problems.0.len(), 1, "{problems}");
        let problem = &problems.0[0];
        let text = &problem.span.source.text[problem.span.range.clone()];
        assert_eq!((text, problem.message.as_str()), (at, message));
        assert!(problem.help.is_some(), "{message}");
    }
    let problems = bench.question("powr>=1, margin>=1 W", "nothing, lanes_per_laser=0..2..3");
    assert_eq!(problems.unwrap_err().0.len(), 4);
}

#[test]
fn ranges_and_units_are_read() {
    let bench = Bench::new("cpo-51t", &[]);
    let question = bench
        .question(
            "power.module<=8000 mW, tx_oma ≥ -0.8, latency<3 us",
            "engine.oe.tia.noise=14 pA/rtHz..18 pA/rtHz in 3, laser_module.els.lanes_per_laser=1..4,\
             laser_module.els.condition=new|worst",
        )
        .unwrap();
    let bounds: Vec<f64> = question
        .constraints
        .iter()
        .map(|c| c.metric.in_unit(c.bound))
        .collect();
    // 3 us are 3000 ns, within the rounding of one division.
    assert!(
        (bounds[0] - 8.0).abs() < 1e-12 && (bounds[2] - 3000.0).abs() < 1e-9,
        "{bounds:?}"
    );
    assert!((bounds[1] + 0.8).abs() < 1e-12);
    let texts: Vec<Vec<String>> = question
        .variables
        .iter()
        .map(|variable| {
            (0..variable.values.len())
                .map(|idx| variable.text(idx))
                .collect()
        })
        .collect();
    assert_eq!(texts[0], ["14 pA/rtHz", "16 pA/rtHz", "18 pA/rtHz"]);
    assert_eq!(texts[1], ["1", "2", "3", "4"]);
    assert_eq!(texts[2], ["new", "worst"]);
}

/// What the region says of binding constraints is what its points say, counted here anew.
#[test]
fn what_binds_is_counted_from_the_points() {
    let bench = Bench::new("cpo-51t", &[]);
    let region = bench.solve(
        "power.module_w>=3, laser_power<=18 dBm, margin>=5 dB",
        "laser.class=HP|VHP, lanes_per_laser=2|4|8, coupler.loss=0.8 dB..2 dB in 3",
    );
    let meets = |point: &Point, idx: usize| point.slack[idx].is_some_and(|slack| slack >= 0.0);
    let n = region.constraints.len();
    let only =
        |point: &Point, idx: usize| (0..n).all(|other| meets(point, other) == (other != idx));
    let n_infeasible = region.points.iter().filter(|point| !point.feasible).count();
    assert!(n_infeasible > 3 && n_infeasible < region.points.len());
    for (idx, share) in &region.binding {
        let alone = region
            .points
            .iter()
            .filter(|point| only(point, *idx))
            .count();
        let expected = alone as f64 / n_infeasible as f64;
        assert!(
            (share - expected).abs() < 1e-12,
            "{idx}: {share} {expected}"
        );
    }
    // Some points miss more than one, so that the shares are less than all.
    let sum: f64 = region.binding.iter().map(|(_, share)| share).sum();
    assert!(sum < 1.0, "{sum}");
    let least = |among: &dyn Fn(&Point) -> bool| {
        let among = region.points.iter().filter(|point| among(point));
        let objectives = among.filter_map(|point| point.objective);
        objectives.min_by(f64::total_cmp).unwrap()
    };
    let cheapest = least(&|point| point.feasible);
    let saved: Vec<f64> = (0..n)
        .map(|dropped| {
            cheapest - least(&|point| (0..n).all(|idx| idx == dropped || meets(point, idx)))
        })
        .collect();
    // Both of the first two make the point dearer, one more than the other: a module of least
    // power shares a laser of the lower class most, one of little more a laser of the higher.
    assert!(
        saved.iter().filter(|saved| **saved > 0.0).count() >= 2,
        "{saved:?}"
    );
    let most = (0..n)
        .max_by(|a, b| saved[*a].total_cmp(&saved[*b]))
        .unwrap();
    assert_eq!(region.binding_at_cheapest, Some(most));
}

/// A pair that excludes each other stands before a single constraint that nothing meets, and the
/// single one is the answer.
#[test]
fn the_set_that_cannot_hold_is_the_smallest() {
    let bench = Bench::new("cpo-51t", &[]);
    let region = bench.solve(
        "power.module_w<=3, margin>=9 dB, margin>=30 dB",
        "laser.class=HP|VHP, lanes_per_laser=4|8|16",
    );
    assert_eq!(region.infeasible.unwrap().constraints, [2]);
}

/// A spread in proportion to its value moves the quantile further where the value is greater. The
/// corrected points and the edge between them agree with drawing them as a whole.
#[test]
fn quantiles_and_edges_follow_a_spread_that_grows() {
    let bench = Bench::new("dsp-51t", &[]);
    let path = "engine.module.dsp.energy";
    let region = bench.solve(
        "power.module_w_p95<=16 W",
        &format!("{path}=2 pJ/bit..16 pJ/bit in 3"),
    );
    let whole = |energy: f64| {
        let one = bench.solve(
            "power.module_w_p95<=1000 W",
            &format!("{path}={energy} pJ/bit"),
        );
        one.points[0].values[0].unwrap()
    };
    let edge = &region.edges[0];
    // What a hundred draws leave open; without correction one would miss by five times that.
    let error = region.monte_carlo_error[0].unwrap();
    assert!(error < 0.4, "{error}");
    // 1.7 W and 3.3 W above the nominal power; one is drawn, the other one corrected.
    for (idx, energy) in [(edge.inside, 9.0), (edge.outside, 16.0)] {
        let point = &region.points[idx];
        let (found, exact) = (point.values[0].unwrap(), whole(energy));
        assert!(!point.is_estimate);
        assert!((found - exact).abs() < error, "{energy}: {found} {exact}");
    }
    let at_edge = whole(edge.location.unwrap());
    assert!((at_edge - 16.0).abs() < error, "{at_edge}");
}

/// A value of nothing has no spread in proportion, and is a value as any other.
#[test]
fn a_variable_may_be_zero() {
    let region = Bench::new("dsp-51t", &[]).solve(
        "power.module_w_p95<=16 W",
        "engine.module.dsp.energy=0 pJ/bit|2 pJ/bit",
    );
    for point in &region.points {
        assert!(point.feasible, "{:?}", point.reason);
    }
    assert!(region.points[0].values[0] < region.points[1].values[0]);
}

/// The later of two variables would win, and the table would show values that nobody had.
#[test]
fn two_variables_of_one_value_are_refused() {
    let bench = Bench::new("cpo-51t", &[]);
    let variables = "engine.oe.modulator.drive_voltage=1 V..3 V, modulator.er";
    let problems = bench
        .question("margin>=1 dB", variables)
        .expect_err("both set the drive");
    let text = problems.to_string();
    assert!(
        text.contains("both set engine.oe.modulator.drive_voltage"),
        "{text}"
    );
    assert!(
        bench
            .question("margin>=1 dB", "modulator.er, coupler.loss")
            .is_ok()
    );
}
