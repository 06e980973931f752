//! What heat cannot find its way through.

use crate::{CPO, check, check_files};

#[test]
fn zones_name_a_cooling_that_exists_or_state_their_temperature() {
    check(
        CPO,
        &[],
        &["zone.die.cooling=packages"],
        r#"
        system::reference --set:1:18 cooling "packages" of zone.die does not exist | did you mean "package"?
        "#,
    );
    check(
        CPO,
        &[("cooling = \"package\"\n[zone.package]", "[zone.package]")],
        &["zone.die.temperature=90 C"],
        r#"
        system::missing x:52:1 zone.die of asic.switch lacks a cooling, and the package has a stack | add `cooling = "name of a [cooling]"`, or leave `package.stack` out
        "#,
    );
    check(
        CPO,
        &[("cooling = \"faceplate\"\n", "")],
        &[],
        r#"
        system::missing x:61:1 zone.faceplate has neither a temperature nor a cooling | add `cooling = "name of a [cooling]"`, or state its `temperature`
        "#,
    );
    check(
        CPO,
        &[("cooling = \"faceplate\"\n", "temperature = \"45 C\"\n")],
        &[],
        "accepted",
    );
}

#[test]
fn coolers_have_both_extents_and_a_base_under_a_package() {
    check(
        CPO,
        &[],
        &[
            "cooling.faceplate.area_width=20 mm",
            "cooling.package.area_width=80 mm",
        ],
        "
        system::missing --set:1:28 cooling.package has area_width and lacks area_height | add `area_height`, or leave `area_width` out
        ",
    );
    check(
        CPO,
        &[],
        &["cooling.package.cooler=riding-sink"],
        r#"
        system::missing --set:1:24 the cooler of cooling.package sits on a package and has no base | use a cooler with a base, for example "cold-plate", or add `base` and `base_thickness`
        "#,
    );
    check(
        CPO,
        &[],
        &["cooling.faceplate.cooler.base=copper"],
        "
        system::missing --set:1:31 the cooler of cooling.faceplate has base and lacks base_thickness | add `base_thickness`, or leave `base` out
        ",
    );
}

#[test]
fn leakage_is_stated_whole_and_is_a_part_of_the_power() {
    check(
        CPO,
        &[],
        &["asic.switch.leakage=231 W"],
        "
        system::conflict --set:1:21 231 W leak, and the core takes 230 W as a whole | leakage is a part of `core_power`; lower it
        ",
    );
    let own = [(
        "[asic.switch]\nuse = \"switch-51t\"",
        "[asic.switch]\nleakage = \"20 W\"\ncore_power = \"230 W\"\nwidth = \"33 mm\"\nheight = \"26 mm\"\nmax_temperature = \"105 C\"\nlatency = \"600 ns\"\nfailure_rate = \"200 FIT\"",
    )];
    check(
        CPO,
        &own,
        &[],
        "
        system::missing x:11:11 asic.switch has leakage and lacks leakage_temperature, leakage_slope | add leakage_temperature, leakage_slope, or leave all three out
        ",
    );
}

#[test]
fn a_module_has_more_resistance_than_its_cooler() {
    check(
        CPO,
        &[],
        &["laser_module.els.heat_resistance=0.6 K/W"],
        "
        system::conflict --set:1:34 laser_module.els has 0.6 K/W to its fluid, of which its cooler alone has 0.700 K/W | raise `heat_resistance`, or use a better cooler or a larger area in cooling.faceplate
        ",
    );
    check(
        "dsp-51t",
        &[],
        &["engine.module.heat_resistance=0.6 K/W"],
        "
        system::conflict --set:1:31 engine.module has 0.6 K/W to its fluid, of which its cooler alone has 0.700 K/W | raise `heat_resistance`, or use a better cooler or a larger area in cooling.faceplate
        ",
    );
}

#[test]
fn layers_come_with_their_thickness() {
    check(
        "teraphy-oio",
        &[],
        &[
            "package.stack.lid=copper",
            "package.stack.lid_thickness=2 mm",
        ],
        "accepted",
    );
    check(
        "teraphy-oio",
        &[],
        &[
            "package.stack.lid=copper",
            "package.stack.active_thickness=800 um",
        ],
        "
        system::missing --set:1:19 the stack of the package has lid and lacks lid_thickness | add `lid_thickness`, or leave `lid` out
        system::conflict --set:1:32 heat arises in 800 um of a die of 775 um | lower `active_thickness`, or raise `die_thickness`
        ",
    );
    check(
        CPO,
        &[],
        &["package.stack.interposer_thickness=100 um"],
        "
        system::missing --set:1:36 the stack of the package has interposer_thickness and lacks interposer | add `interposer`, or leave `interposer_thickness` out
        ",
    );
}

/// A stack with what every stack says, and nothing of its bow.
const PLAIN_STACK: &str = r#"substrate = "organic-substrate"
substrate_thickness = "1.8 mm"
joint = "micro-bump-underfill"
joint_thickness = "80 um"
fill = "air"
die = "silicon"
die_thickness = "775 um"
active_thickness = "15 um"
tim1 = "polymer"
tim2 = "phase-change"
engine_gap = "4 mm"
engine_tim = "gel-pad"
engine_base = "organic-substrate"
engine_base_thickness = "500 um"
photonic_die_thickness = "300 um"
electronic_die_thickness = "300 um"
electronic_die_area = 0.4
serdes_depth = "2 mm"
"#;

#[test]
fn a_lever_comes_with_a_bow_and_its_part_since_the_attach() {
    let with = |more: &str, expected: &str| {
        let stack = format!("{PLAIN_STACK}{more}");
        check(CPO, &[("use = \"flip-chip-2d\"\n", &stack)], &[], expected);
    };
    let bow = "warpage = \"80 um\"\n";
    let whole = format!("{bow}fibre_lever = \"1.2 mm\"\nbow_since_attach = 0.25\n");
    for accepted in ["", bow, &whole] {
        with(accepted, "accepted");
    }
    with(
        "fibre_lever = \"1.2 mm\"\n",
        "
        system::missing x:140:15 the stack of the package has fibre_lever and lacks warpage | add `warpage`, or leave `fibre_lever` out
        system::missing x:140:15 the stack of the package has fibre_lever and lacks bow_since_attach | add `bow_since_attach`, or leave `fibre_lever` out
        ",
    );
    with(
        &format!("{bow}bow_since_attach = 0.25\n"),
        "
        system::missing x:141:20 the stack of the package has bow_since_attach and lacks fibre_lever | add `fibre_lever`, or leave `bow_since_attach` out
        ",
    );
}

#[test]
fn engines_fit_round_the_die() {
    check(
        CPO,
        &[],
        &["package.stack.engine_gap=7 mm"],
        "
        system::map x:90:9 dies and engines take 87.0 mm of the width of the package, 85.0 mm | raise `width`, or use smaller or fewer engines (`edge_width`, `depth`) or a smaller `engine_gap`
        ",
    );
    check(
        CPO,
        &[],
        &["package.height=79.9 mm", "package.width=81 mm"],
        "
        system::map --set:1:16 dies and engines take 80.0 mm of the height of the package, 79.9 mm | raise `height`, or use smaller or fewer engines (`edge_width`, `depth`) or a smaller `engine_gap`
        ",
    );
    check(
        CPO,
        &[],
        &["package.height=80 mm", "package.width=81 mm"],
        "accepted",
    );
    // Two sides suffice for the shoreline: nothing stands at the left and right of the die.
    check(
        "humboldt-25t",
        &[],
        &[
            "package.width=40 mm",
            "package.height=74 mm",
            "package.shoreline=80 mm",
        ],
        "accepted",
    );
    check(
        "humboldt-25t",
        &[],
        &["package.height=73 mm"],
        "
        system::map --set:1:16 dies and engines take 74.0 mm of the height of the package, 73.0 mm | raise `height`, or use smaller or fewer engines (`edge_width`, `depth`) or a smaller `engine_gap`
        ",
    );
}

#[test]
fn a_measured_cooler_has_flow_and_what_was_measured_over_it() {
    let measure = |text: &str, expected: &str| {
        check_files(
            CPO,
            &[],
            &["cooling.package.cooler.measured=sink.csv"],
            &[("sink.csv", text.as_bytes())],
            expected,
        );
    };
    measure(
        "flow [CFM],resistance [K/W],pressure_drop [Pa]\n20,0.08,15\n60,0.05,80\n",
        "accepted",
    );
    measure(
        "flow [CFM],resistance [K/W]\n20,0.08\n50,0.055\n",
        "
        system::conflict x:127:8 a flow of 1699 L/min, and the cooler was measured from 566.3 L/min to 1416 L/min | change `flow`, or measure the cooler there
        ",
    );
    measure(
        "flow [CFM],resistance [K/W]\n60,0.05\n20,0.08\n",
        "
        table::order sink.csv:3:1 flow does not rise | sort the rows by flow, each place once
        ",
    );
    measure(
        "flow [CFM]\n20\n60\n",
        r#"
        table::column sink.csv:1:1 neither column "resistance" nor "pressure_drop" is there | the first line is, for example, "flow [m3/s],resistance [K/W],pressure_drop [Pa]"
        "#,
    );
}

#[test]
fn laws_of_ageing_are_there_as_a_whole() {
    let own = [(
        "data_connector = \"mpo\"",
        "data_connector = { loss = \"0.3 dB\", reflectance = \"-45 dB\", failure_rate = \"20 FIT\", loss_growth = \"0.01 dB/y\" }",
    )];
    check(
        CPO,
        &own,
        &[],
        "
        system::missing x:41:100 fibre_plant.data_connector has loss_growth and lacks loss_growth_sigma, greatest_growth | add loss_growth_sigma, greatest_growth, or leave all of them out
        ",
    );
    check(
        CPO,
        &[],
        &["package.stack.tim1.ageing_cycles=5000"],
        "
        system::missing --set:1:34 package.stack.tim1 has ageing_cycles and lacks ageing_swing, ageing_exponent | add ageing_swing, ageing_exponent, or leave all of them out
        ",
    );
    // Liquid metal does not age.
    check(
        "teraphy-oio",
        &[],
        &[
            "package.stack.tim1.ageing_cycles=5000",
            "package.stack.tim1.ageing_swing=40 K",
            "package.stack.tim1.ageing_exponent=2",
        ],
        "
        system::missing --set:1:34 package.stack.tim1 has ageing_cycles and lacks aged_resistance | add `aged_resistance` with its time, or leave `ageing_cycles` out
        ",
    );
}

#[test]
fn zones_throttle_before_they_are_shut_down() {
    check(
        CPO,
        &[],
        &["zone.package.throttle=120 C"],
        "
        system::conflict --set:1:23 zone.package throttles above 120 C and is shut down above 105 C | lower `throttle`, or raise `emergency`
        ",
    );
    check(
        CPO,
        &[],
        &["zone.die.throttle=95 C"],
        "
        system::missing --set:1:19 zone.die has throttle and lacks hysteresis, throttle_time | add hysteresis, throttle_time, or leave all of them out
        ",
    );
    check(
        CPO,
        &[],
        &[
            "zone.faceplate.throttle=70 C",
            "zone.faceplate.hysteresis=3 K",
            "zone.faceplate.throttle_time=10 s",
        ],
        "
        system::conflict --set:1:25 zone.faceplate holds neither dies nor engines whose work could be lowered | leave `throttle` out, or give the zone to an [asic] or [engine]
        ",
    );
}
