//! The keys of `run --json`, and the counts of the platforms.

mod common;

use serde_json::Value;

use crate::common::json;

const PLATFORMS: [&str; 5] = [
    "cpo-51t",
    "quantum-x-115t",
    "dsp-51t",
    "dsp-102t",
    "humboldt-25t",
];

const TEXTS: &[&str] = &[
    "/system/name",
    "/system/architecture",
    "/system/fingerprint",
    "/link/worst/lane",
];

/// Whole numbers.
const COUNTS: &[&str] = &[
    "/ports",
    "/lanes",
    "/optical_engines",
    "/laser_modules",
    "/lasers",
    "/fibres/data",
    "/fibres/laser",
    "/fibres/total",
    "/fibres/mpo",
    "/reliability/blast_radius/ports_down",
    "/reliability/blast_radius/ports_degraded",
    "/reliability/blast_radius/ports_in_repair",
];

/// Finite numbers.
const NUMBERS: &[&str] = &[
    "/bandwidth_tbps",
    "/lane_rate_gbps",
    "/power/module_w",
    "/power/port_w",
    "/power/optics_w",
    "/power/switch_w",
    "/power/facility_w",
    "/power/pj_per_bit",
    "/power/terms_pj_per_bit/engine",
    "/power/terms_pj_per_bit/laser",
    "/power/terms_pj_per_bit/serdes",
    "/power/terms_pj_per_bit/dsp",
    "/power/terms_pj_per_bit/tuning",
    "/power/terms_pj_per_bit/conversion",
    "/latency_ns/total",
    "/density/faceplate_tbps_per_ru",
    "/link/worst/margin_db",
    "/link/worst/pre_fec_ber",
    "/link/worst/post_fec_cer",
    "/link/worst/rx_oma_dbm",
    "/link/median/margin_db",
    "/link/median/pre_fec_ber",
    "/link/median/post_fec_cer",
    "/link/median/rx_oma_dbm",
    "/cost/optics_usd/value",
    "/cost/capex_usd/value",
    "/cost/capex_usd/low",
    "/cost/capex_usd/high",
    "/cost/capex_usd/assumed_share",
    "/cost/cabling_usd/value",
    "/cost/per_gbps_usd/value",
    "/cost/optics_per_gbps_usd/value",
    "/cost/optics_share/value",
    "/cost/life/years",
    "/cost/life/capital_usd/value",
    "/cost/life/energy_usd/value",
    "/cost/life/parts_usd/value",
    "/cost/life/visits_usd/value",
    "/cost/life/total_usd/value",
    "/reliability/fit_total",
    "/reliability/link_failures_per_year",
];

fn run(platform: &str, more: &[&str]) -> Value {
    json(&[&["run", platform, "--json"], more].concat())
}

fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value
        .pointer(pointer)
        .unwrap_or_else(|| panic!("{pointer} is missing"))
}

fn number(value: &Value, pointer: &str) -> f64 {
    let found = at(value, pointer);
    found
        .as_f64()
        .unwrap_or_else(|| panic!("{pointer} is {found}"))
}

fn near(found: f64, expected: f64, relative: f64) {
    assert!(
        (found - expected).abs() <= relative * expected.abs(),
        "{found}, expected {expected}"
    );
}

#[test]
fn every_platform_has_every_key() {
    for platform in PLATFORMS {
        let value = run(platform, &[]);
        for pointer in TEXTS {
            assert!(at(&value, pointer).is_string(), "{platform}: {pointer}");
        }
        for pointer in COUNTS {
            assert!(at(&value, pointer).is_u64(), "{platform}: {pointer}");
        }
        for pointer in NUMBERS {
            number(&value, pointer);
        }
        // Pluggable modules take no package edge.
        let shoreline = at(&value, "/density/shoreline_tbps_per_mm");
        let is_pluggable = at(&value, "/system/architecture") == "pluggable";
        assert!(
            if is_pluggable {
                shoreline.is_null()
            } else {
                shoreline.is_f64()
            },
            "{platform}"
        );
        let groups = at(&value, "/port_groups")
            .as_array()
            .expect("groups are a list");
        assert!(!groups.is_empty());
        for group in groups {
            assert!(at(group, "/medium").is_string() && at(group, "/rate_gbps").is_f64());
            assert!(at(group, "/count").is_u64() && at(group, "/lanes").is_u64());
        }
        let warnings = at(&value, "/warnings")
            .as_array()
            .expect("warnings are a list");
        assert!(warnings.iter().all(Value::is_string));
        assert_eq!(at(&value, "/system/name"), platform);
    }
}

#[test]
fn figures_of_one_report_agree_with_each_other() {
    for platform in PLATFORMS {
        let value = run(platform, &[]);
        let of = |pointer: &str| number(&value, pointer);
        // Rounding of a sum of seven terms.
        let terms = at(&value, "/power/terms_pj_per_bit")
            .as_object()
            .expect("terms are an object");
        let sum: f64 = terms.values().filter_map(Value::as_f64).sum();
        near(
            sum,
            of("/power/port_w") / of("/power/port_rate_gbps") * 1e3,
            1e-9,
        );
        near(
            of("/power/pj_per_bit"),
            of("/power/module_w") / of("/power/port_rate_gbps") * 1e3,
            1e-9,
        );
        let parts = at(&value, "/power/switch_terms_w")
            .as_object()
            .expect("terms are an object");
        near(
            parts.values().filter_map(Value::as_f64).sum(),
            of("/power/switch_w"),
            1e-9,
        );
        assert!(of("/power/module_w") < of("/power/port_w"));
        assert!(
            of("/power/optics_w") < of("/power/switch_w")
                && of("/power/switch_w") < of("/power/facility_w")
        );
        near(
            of("/fibres/total"),
            of("/fibres/data") + of("/fibres/laser"),
            0.0,
        );
        let latency = at(&value, "/latency_ns")
            .as_object()
            .expect("terms are an object");
        let sum: f64 = latency
            .iter()
            .filter(|(key, _)| *key != "total")
            .filter_map(|(_, ns)| ns.as_f64())
            .sum();
        near(sum, of("/latency_ns/total"), 1e-9);
        let groups = at(&value, "/port_groups")
            .as_array()
            .expect("groups are a list");
        let gbps: f64 = groups
            .iter()
            .map(|group| number(group, "/count") * number(group, "/rate_gbps"))
            .sum();
        near(gbps / 1e3, of("/bandwidth_tbps"), 1e-9);
        assert!(of("/link/worst/post_fec_cer") >= of("/link/median/post_fec_cer"));
    }
}

/// Visits every object that says whether it is assumed.
fn marked(value: &Value, path: &str, visit: &mut dyn FnMut(&str, &Value)) {
    match value {
        Value::Object(fields) => {
            if fields.contains_key("assumed") {
                visit(path, value);
            }
            for (key, field) in fields {
                marked(field, &format!("{path}/{key}"), visit);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                marked(item, &format!("{path}/{index}"), visit);
            }
        }
        _ => {}
    }
}

#[test]
fn what_rests_on_an_estimate_is_a_range_that_says_so() {
    for platform in PLATFORMS {
        let value = run(platform, &[]);
        let mut n_assumed = 0;
        for section in ["cost", "package"] {
            marked(&value[section], section, &mut |path, range| {
                let of = |key: &str| number(range, key);
                assert!(
                    of("/low") <= of("/value") && of("/value") <= of("/high"),
                    "{path}"
                );
                if range["assumed"] == true {
                    n_assumed += 1;
                    // A step that cannot fail has no range, however uncertain the others are.
                    let is_sure = path.starts_with("package/steps");
                    assert!(is_sure || of("/low") < of("/high"), "{platform} {path}");
                }
            });
        }
        // The library knows no published price.
        assert!(n_assumed > 20, "{platform}: {n_assumed}");
        assert_eq!(at(&value, "/cost/capex_usd/assumed"), true);
        assert_eq!(
            at(&value, "/package").is_null(),
            platform.starts_with("dsp")
        );
        for line in at(&value, "/cost/lines")
            .as_array()
            .expect("lines are a list")
        {
            let is_estimate = line["unit_usd"]["assumed"] == true;
            let origin = line["origin"].as_str().expect("every line has a price");
            assert_eq!(
                is_estimate,
                origin.contains("estimate") || origin == "derived",
                "{line}"
            );
        }
    }
}

#[test]
fn a_stated_price_is_a_point_without_a_mark() {
    let value = run("dsp-51t", &["--set", "engine.module.price=900 USD"]);
    let optics = at(&value, "/cost/optics_usd");
    assert_eq!(optics["assumed"], false);
    for key in ["/low", "/value", "/high"] {
        near(number(optics, key), 57_600.0, 1e-12);
    }
    near(
        number(&value, "/cost/optics_per_gbps_usd/value"),
        1.125,
        1e-12,
    );
}

#[test]
fn a_comparison_of_costs_says_what_can_be_told() {
    let value = json(&["compare", "dsp-51t", "cpo-51t", "--json"]);
    let difference = at(&value, "/cost_differences/0/optics_per_gbps_usd");
    assert_eq!(difference["verdict"], "cannot_tell");
    assert_eq!(difference["assumed"], true);
    assert!(number(difference, "/low") < 0.0 && number(difference, "/high") > 0.0);
}

fn check_counts(value: &Value, expected: &[(&str, f64)]) {
    for (pointer, expected) in expected {
        let found = number(value, pointer);
        assert!(
            (found - expected).abs() < 1e-9,
            "{pointer}: {found}, expected {expected}"
        );
    }
}

#[test]
fn the_generic_switch_has_its_counts() {
    let expected = [
        ("/bandwidth_tbps", 51.2),
        ("/ports", 64.0),
        ("/lanes", 512.0),
        ("/lane_rate_gbps", 100.0),
        ("/fibres/data", 1024.0),
        ("/fibres/laser", 128.0),
        ("/fibres/total", 1152.0),
    ];
    // 1152 fibres at 72 to a ferrule are 16; apart, 1024 / 72 and 128 / 72 round up to 15 and 2.
    let shared = run("cpo-51t", &[]);
    check_counts(&shared, &[&expected[..], &[("/fibres/mpo", 16.0)]].concat());
    let separate = run("cpo-51t", &["--set", "fibre_plant.ferrules=separate"]);
    check_counts(
        &separate,
        &[&expected[..], &[("/fibres/mpo", 17.0)]].concat(),
    );
}

#[test]
fn the_ring_switch_has_its_published_counts() {
    let expected = [
        ("/bandwidth_tbps", 115.2),
        ("/ports", 144.0),
        ("/optical_engines", 72.0),
        ("/laser_modules", 18.0),
        ("/lasers", 144.0),
        ("/lane_rate_gbps", 200.0),
    ];
    check_counts(&run("quantum-x-115t", &[]), &expected);
}

#[test]
fn a_seed_gives_the_same_ranges_again() {
    let ranges = |seed| {
        at(
            &run("cpo-51t", &["--samples", "10", "--seed", seed]),
            "/intervals",
        )
        .clone()
    };
    let first = ranges("3");
    assert_eq!(first, ranges("3"));
    assert_ne!(first, ranges("4"));
    let module = &first["module_w"];
    let of = |key: &str| number(module, key);
    assert!(of("/p5") < of("/p50") && of("/p50") < of("/p95"));
}

/// Every key of a sampled run, and how its numbers hang together.
#[test]
fn a_sampled_run_has_its_keys() {
    // So many connectors that more than ten draws fail, without which no share in closing is told.
    let lossy = [
        "--samples",
        "200",
        "--set",
        "fibre_plant.data_connectors=22",
    ];
    let value = run("quantum-x-115t", &lossy);
    let intervals = at(&value, "/intervals");
    for key in [
        "seed",
        "draws_asked",
        "draws",
        "draws_dark",
        "draws_unreachable",
        "draws_met_throughout",
    ] {
        assert!(intervals[key].is_u64(), "{key}");
    }
    assert_eq!(intervals["draws"], 200);
    let dark: u64 = intervals["dark"]
        .as_array()
        .expect("reasons are a list")
        .iter()
        .map(|reason| {
            assert!(reason["reason"].is_string() && reason["example"].is_string());
            reason["draws"].as_u64().expect("draws are counted")
        })
        .sum();
    assert_eq!(intervals["draws_dark"], dark);
    for key in [
        "engine_w",
        "engine_interface_w",
        "dsp_w",
        "tuning_w",
        "laser_w",
        "optics_conversion_w",
        "module_w",
        "serdes_w",
        "serdes_conversion_w",
        "port_w",
        "optics_w",
        "asic_w",
        "overhead_w",
        "supply_loss_w",
        "switch_w",
        "facility_w",
        "module_pj_per_bit",
        "port_pj_per_bit",
        "rx_power_dbm",
        "rx_oma_dbm",
        "pre_fec_ber_log10",
        "post_fec_cer_log10",
    ] {
        let of = |p: &str| number(intervals, &format!("/{key}/{p}"));
        assert!(of("p5") <= of("p50") && of("p50") <= of("p95"), "{key}");
    }
    assert!(number(intervals, "/margin_db/p5") < number(intervals, "/margin_db/p50"));
    assert!(number(intervals, "/margin_db/p50") < number(intervals, "/margin_db/p95"));
    check_planes_and_yields(&value);
    check_influences(at(&value, "/sampled/influences"));
    assert!(run("cpo-51t", &[]).get("sampled").is_none());
}

fn check_planes_and_yields(value: &Value) {
    let sampled = at(value, "/sampled");
    assert_eq!(at(sampled, "/lane"), at(value, "/link/worst/lane"));
    let planes = at(sampled, "/planes")
        .as_array()
        .expect("planes are a list");
    let nominal = at(value, "/designs/0/planes")
        .as_array()
        .expect("planes are a list");
    assert_eq!(planes.len(), nominal.len());
    for (plane, nominal) in planes.iter().zip(nominal) {
        assert_eq!(plane["element"], nominal["element"]);
        assert_eq!(plane["tap"], nominal["tap"]);
        for key in ["loss_db", "average_dbm"] {
            assert!(number(plane, &format!("/{key}/p5")) <= number(plane, &format!("/{key}/p95")));
        }
        assert_eq!(plane["oma_dbm"].is_null(), nominal["oma_dbm"].is_null());
    }
    near(number(sampled, "/yield/confidence"), 0.95, 0.0);
    let lane = at(sampled, "/yield/lanes/0");
    assert_eq!(at(lane, "/lanes"), 576);
    let share = number(lane, "/closes/share");
    near(share, number(lane, "/closes/draws") / 200.0, 1e-12);
    assert!(number(lane, "/closes/low") < share && share < number(lane, "/closes/high"));
    let port = at(sampled, "/yield/ports/0");
    assert_eq!(
        (at(port, "/ports"), at(port, "/lanes")),
        (&144.into(), &4.into())
    );
    near(
        number(port, "/closes_if_lanes_vary_together/share"),
        share,
        1e-12,
    );
    near(
        number(port, "/closes_if_lanes_vary_independently/share"),
        share.powi(4),
        1e-12,
    );
}

fn check_influences(influences: &Value) {
    let influences = influences.as_array().expect("influences are a list");
    assert!(influences.len() > 20);
    for influence in influences {
        for key in ["key", "field", "p5_text", "p95_text"] {
            assert!(influence[key].is_string(), "{key}");
        }
        assert!(number(influence, "/p5") <= number(influence, "/p95"));
        for result in ["margin_db", "module_w"] {
            for key in ["share", "standard_error", "chance"] {
                number(influence, &format!("/{result}/first_order/{key}"));
            }
            assert!(
                influence[result].get("at_p5").is_some()
                    && influence[result].get("at_p95").is_some()
            );
        }
        number(influence, "/closing/share");
    }
}

#[test]
fn compare_gives_the_figures_of_run() {
    let both = json(&["compare", "dsp-51t", "cpo-51t", "--json"]);
    for (index, platform) in ["dsp-51t", "cpo-51t"].into_iter().enumerate() {
        let alone = run(platform, &[]);
        let figures = both["systems"][index]
            .as_object()
            .expect("figures are an object");
        for (key, value) in figures {
            assert_eq!(value, &alone[key], "{platform}: {key}");
        }
    }
}

#[test]
fn a_package_without_a_chassis_has_no_box() {
    let value = run("teraphy-oio", &[]);
    for pointer in [
        "/power/switch_w",
        "/power/facility_w",
        "/density/faceplate_tbps_per_ru",
    ] {
        assert!(at(&value, pointer).is_null(), "{pointer}");
    }
    for pointer in [
        "/power/module_w",
        "/density/areal_tbps_per_mm2",
        "/link/worst/margin_db",
    ] {
        number(&value, pointer);
    }
    assert_eq!(at(&value, "/rings"), 256);
    assert_eq!(at(&value, "/wavelengths_per_fibre"), 16);
    assert_eq!(at(&value, "/designs/0/outcome/code"), "none");
}

/// The order that the qualitative matrix of a technology analysis gives the architectures, from
/// computed numbers. Where ours differs the test says so.
#[test]
fn the_comparison_orders_the_architectures() {
    let of = |pointer: &'static str| {
        ["dsp-51t", "lpo-51t", "npo-51t", "cpo-51t", "teraphy-oio"]
            .map(|platform| number(&run(platform, &[]), pointer))
    };
    // Energy at the port: high, half, between linear and co-packaged, low, lowest. At 51.2T the
    // retimed near-package engine takes more than the linear module, against the matrix.
    let module = of("/power/pj_per_bit");
    assert!(
        module[1] < 0.5 * module[0],
        "half is stated; ours is a third"
    );
    let port = ["dsp-51t", "lpo-51t", "npo-51t", "cpo-51t", "teraphy-oio"].map(|platform| {
        let value = run(platform, &[]);
        number(&value, "/power/port_w") / number(&value, "/power/port_rate_gbps")
    });
    assert!(port[0] > port[2] && port[2] > port[1] && port[1] > port[3] && port[3] > port[4]);
    let (total, fibre) = (of("/latency_ns/total"), of("/latency_ns/fibre"));
    let link: Vec<f64> = total
        .iter()
        .zip(fibre)
        .map(|(all, out)| all - out)
        .collect();
    // High, low, low, lower, lowest; linear and near-package lie side by side.
    assert!(link[0] > 2.0 * link[1] && link[0] > 2.0 * link[2]);
    assert!(link[3] < link[1] && link[3] < link[2] && link[4] < 0.2 * link[3]);
    // What stands still while an engine is replaced: a port, a port, an engine, the box.
    let out = of("/reliability/blast_radius/ports_in_repair");
    for (found, expected) in out.into_iter().zip([1.0, 1.0, 4.0, 64.0, 8.0]) {
        near(found, expected, 0.0);
    }
}

#[test]
fn published_figures_stand_beside_their_predictions() {
    let value = run("bailly-51t", &["--published", "--samples", "20"]);
    let figures = at(&value, "/published/figures").as_array().expect("a list");
    assert_eq!(at(&value, "/published/draws"), 20);
    assert!(figures.len() >= 3);
    for figure in figures {
        let (p5, p95) = (
            number(figure, "/predicted/p5"),
            number(figure, "/predicted/p95"),
        );
        let (low, high) = (
            number(figure, "/published/low"),
            number(figure, "/published/high"),
        );
        assert_eq!(figure["agrees"], p95 >= low && p5 <= high, "{figure}");
        assert!(figure["note"].is_string() && figure["doubt"].is_string());
    }
}

/// The bow of a package shifts the fibres of the engines inside, and of no others.
#[test]
fn fibres_of_a_bowed_package_are_off() {
    let value = run("quantum-x-115t", &[]);
    let groups = at(&value, "/heat/groups").as_array().expect("a list");
    let (engines, others): (Vec<&Value>, Vec<&Value>) =
        groups.iter().partition(|group| group["kind"] == "engine");
    let of = |pointer: &str| number(engines[0], pointer);
    // Micrometres: a tenth of the offset of the attach, and less than its mode.
    assert!(0.1 < of("/fibres/shift_um/low"));
    assert!(of("/fibres/shift_um/high") < 4.0);
    assert!(of("/fibres/output_coupler_db/low") < of("/fibres/output_coupler_db/high"));
    let greatest = number(&value, "/heat/fibre_shift_um");
    near(greatest, of("/fibres/shift_um/high"), 0.0);
    assert!(others.iter().all(|group| group["fibres"].is_null()));
    let outside = run("dsp-51t", &[]);
    assert!(at(&outside, "/heat/fibre_shift_um").is_null());
}
