//! One physical input is changed; every figure that must move does so in the right direction, and
//! every other figure keeps all its bits.

use std::fmt::Write as _;

use link::{LaneDesign, LaneFault, Margin, NoiseKind};
use system::{Input, Library, Part, System};
use twin::{Figures, SteadyState};

const CPO: &str = "cpo-51t";
const RING: &str = "quantum-x-115t";
const DSP: &str = "dsp-51t";

fn resolve(platform: &str, sets: &[&str]) -> System {
    let library = Library::embedded();
    let text = library
        .platform(platform)
        .expect("the platform exists")
        .to_owned();
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

struct Solved {
    system: System,
    state: SteadyState,
    figures: Figures,
}

/// Temperatures are held, so that a change shows what it does to light and electrons by itself;
/// `heat.rs` shows what heat makes of it.
fn held(platform: &str) -> &'static [&'static str] {
    match platform {
        RING => &[
            "zone.die.temperature=85 C",
            "zone.package.temperature=65 C",
            "zone.faceplate.temperature=40 C",
        ],
        DSP => &[
            "zone.die.temperature=90 C",
            "zone.faceplate.temperature=60 C",
        ],
        _ => &[
            "zone.die.temperature=90 C",
            "zone.package.temperature=70 C",
            "zone.faceplate.temperature=45 C",
        ],
    }
}

fn solve(platform: &str, sets: &[&str]) -> Solved {
    let system = resolve(platform, &[held(platform), sets].concat());
    let state = SteadyState::solve(&system);
    let figures = Figures::new(&system, &state);
    Solved {
        system,
        state,
        figures,
    }
}

/// A margin as a number that can be ordered: no light suffices, or any does.
fn order(design: &LaneDesign) -> f64 {
    match design.outcome.as_ref().map(|solution| solution.margin) {
        Ok(Margin::MetThroughout) => f64::INFINITY,
        Ok(margin) => margin
            .signed()
            .map_or(f64::NEG_INFINITY, units::Decibels::value),
        Err(_) => f64::NEG_INFINITY,
    }
}

/// Every figure that is watched, as a plain number. Powers are those of one port unless the name
/// says otherwise; the lane is that of the first optical port.
fn watched(solved: &Solved) -> Vec<(&'static str, f64)> {
    [
        powers(solved),
        lane(solved),
        latencies(solved),
        counts(solved),
    ]
    .concat()
}

fn powers(solved: &Solved) -> Vec<(&'static str, f64)> {
    let power = solved
        .figures
        .power
        .as_ref()
        .expect("there are optical ports");
    let port = &power.port;
    vec![
        ("engine", port.engine.value()),
        ("interface", port.engine_interface.value()),
        ("dsp", port.dsp.value()),
        ("tuning", port.tuning.value()),
        ("laser", port.laser.value()),
        ("laser_pj", power.per_bit(port.laser).value()),
        ("serdes", port.serdes.value()),
        ("optics_conversion", port.optics_conversion.value()),
        ("serdes_conversion", port.serdes_conversion.value()),
        ("module_w", port.module().value()),
        ("port_w", port.port().value()),
        ("optics_w", power.optics.value()),
        ("asic_w", power.asic.value()),
        ("all_serdes_w", power.serdes.value()),
        ("overhead_w", power.overhead.value()),
        ("supply_loss_w", power.supply_loss.value()),
        ("switch_w", power.switch.value()),
        ("facility_w", power.facility.value()),
    ]
}

fn lane(solved: &Solved) -> Vec<(&'static str, f64)> {
    let Solved { state, figures, .. } = solved;
    let design = &state.lanes.designs[0];
    let solution = design.outcome.as_ref().ok();
    let link = figures.link.as_ref().expect("there are optical ports");
    let worst = link.worst.as_ref();
    let laser = design.laser.expect("a lit laser").point;
    let modulator = design.modulator.as_ref();
    let tp2 = design
        .planes
        .after(link::Element::OutputCoupler)
        .and_then(|plane| plane.oma);
    let dark = f64::NEG_INFINITY;
    vec![
        ("margin", order(design)),
        ("ber", solution.map_or(0.5, link::Solution::pre_fec_ber)),
        (
            "cer",
            worst.map_or(0.0, |worst| worst.log10_codeword_error_ratio),
        ),
        ("target_ber", design.target_ber),
        ("tp2_oma", tp2.map_or(dark, units::DbMilliwatts::value)),
        ("rx_oma", worst.map_or(dark, |worst| worst.rx_oma.value())),
        (
            "er",
            modulator.map_or(0.0, |state| state.extinction_ratio.value()),
        ),
        (
            "mod_loss",
            modulator.map_or(0.0, |state| state.insertion_loss.value()),
        ),
        (
            "mod_bandwidth",
            modulator.map_or(0.0, |state| state.bandwidth.value()),
        ),
        ("rin", design.rin.value()),
        ("bias", laser.current.value()),
        ("junction", laser.junction_temperature.value()),
        ("open", link.n_open as f64),
        ("dark", link.n_dark as f64),
    ]
}

fn latencies(solved: &Solved) -> Vec<(&'static str, f64)> {
    let latency = solved.figures.latency.expect("there are optical ports");
    vec![
        ("serdes_ns", latency.serdes.value()),
        ("dsp_ns", latency.dsp.value()),
        ("fibre_ns", latency.fibre.value()),
        ("fill_ns", latency.fec_fill.value()),
        ("decode_ns", latency.fec_decode.value()),
        ("latency", latency.total().value()),
    ]
}

fn counts(solved: &Solved) -> Vec<(&'static str, f64)> {
    let Solved {
        system, figures, ..
    } = solved;
    let radius = |part| system.blast_radius(part);
    let laser = radius(Part::Laser(system::LaserId(0)));
    let engine = radius(Part::Engine(system::EngineId(0)));
    let ferrule = radius(Part::Connector(system::ConnectorId(0)));
    let shoreline = figures.density.shoreline;
    vec![
        ("bandwidth", figures.bandwidth.value()),
        ("lanes", figures.lanes as f64),
        ("engines", figures.optical_engines as f64),
        ("lasers", figures.lasers as f64),
        ("modules", figures.laser_modules as f64),
        ("laser_fibres", figures.fibres.laser as f64),
        ("data_fibres", figures.fibres.data as f64),
        ("ferrules", figures.fibres.ferrules as f64),
        ("fit", figures.reliability.total.value()),
        ("link_failures", figures.reliability.link_failures_per_year),
        ("laser_lanes", laser.lanes_lost as f64),
        ("laser_repair", laser.ports_in_repair.len() as f64),
        ("engine_lanes", engine.lanes_lost as f64),
        ("engine_repair", engine.ports_in_repair.len() as f64),
        ("ferrule_lanes", ferrule.lanes_lost as f64),
        (
            "shoreline",
            shoreline.map_or(0.0, units::BitRatePerMeter::value),
        ),
        (
            "faceplate",
            figures
                .density
                .per_rack_unit
                .map_or(0.0, units::BitRate::value),
        ),
    ]
}

/// Names that stand for several figures. A minus in front of the name turns all signs round.
const GROUPS: &[(&str, &str)] = &[
    ("box", "+supply_loss_w +switch_w +facility_w"),
    (
        "optics",
        "+optics_conversion +module_w +port_w +optics_w +box",
    ),
    ("light", "+laser +laser_pj +optics"),
    ("signal", "+margin -ber -cer"),
    ("received", "+rx_oma +signal"),
    ("sent", "+tp2_oma +received"),
    ("failures", "+fit +link_failures"),
];

/// What a figure must do.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Sign {
    Up,
    Down,
    /// Moves by a side effect that is named in the row's remark: less than one part in a hundred,
    /// or of a level less than 0.01 dB.
    Hardly,
}

fn parse(expected: &str) -> Vec<(&str, Sign)> {
    let mut all = Vec::new();
    for word in expected.split_whitespace() {
        let (sign, name) = word.split_at(1);
        let sign = match sign {
            "+" => Sign::Up,
            "-" => Sign::Down,
            "~" => Sign::Hardly,
            other => panic!("{other:?} is no sign"),
        };
        match GROUPS.iter().find(|(group, _)| *group == name) {
            None => all.push((name, sign)),
            Some((_, members)) => all.extend(parse(members).into_iter().map(|(name, inner)| {
                let turned = match (sign, inner) {
                    (Sign::Hardly, _) | (_, Sign::Hardly) => Sign::Hardly,
                    (Sign::Up, inner) => inner,
                    (Sign::Down, Sign::Up) => Sign::Down,
                    (Sign::Down, Sign::Down) => Sign::Up,
                };
                (name, turned)
            })),
        }
    }
    all
}

/// One change of a platform, as sets, and what moves. Figures that are not named keep their bits.
struct Row<'a> {
    platform: &'a str,
    change: Vec<&'a str>,
    expected: Vec<(&'a str, Sign)>,
}

/// Rows of `platform | path=value; path=value | signs`; remarks begin with a hash.
fn rows(table: &str) -> Vec<Row<'_>> {
    let lines = table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [platform, change, expected] = cells[..] else {
                panic!("{line:?} has not three cells")
            };
            let platform = match platform {
                "cpo" => CPO,
                "ring" => RING,
                "dsp" => DSP,
                other => panic!("no platform {other:?}"),
            };
            let change = change.split(';').map(str::trim).collect();
            Row {
                platform,
                change,
                expected: parse(expected),
            }
        })
        .collect()
}

/// Whether a figure has moved as it must.
fn is_right(name: &str, before: f64, after: f64, sign: Option<Sign>) -> bool {
    match sign {
        None => before.to_bits() == after.to_bits(),
        Some(Sign::Up) => after > before,
        Some(Sign::Down) => after < before,
        Some(Sign::Hardly) => {
            let is_level = ["margin", "tp2_oma", "rx_oma"].contains(&name);
            let bound = if is_level { 0.01 } else { 0.01 * before.abs() };
            before.to_bits() != after.to_bits() && (after - before).abs() <= bound
        }
    }
}

fn check(row: &Row<'_>) -> Vec<String> {
    let before = watched(&solve(row.platform, &[]));
    let after = watched(&solve(row.platform, &row.change));
    let mut wrong = Vec::new();
    for (name, _) in &row.expected {
        if !before.iter().any(|(known, _)| known == name) {
            wrong.push(format!("{name} is no figure"));
        }
    }
    for ((name, before), (_, after)) in before.iter().zip(&after) {
        let named = row.expected.iter().find(|(figure, _)| figure == name);
        let sign = named.map(|(_, sign)| *sign);
        if !is_right(name, *before, *after, sign) {
            let wanted = sign.map_or("no change".to_owned(), |sign| format!("{sign:?}"));
            wrong.push(format!(
                "{name}: {before:?} -> {after:?}, expected {wanted}"
            ));
        }
    }
    wrong
}

fn check_all(table: &str) {
    let mut report = String::new();
    for row in rows(table) {
        let wrong = check(&row).join("\n    ");
        if !wrong.is_empty() {
            writeln!(report, "\n{} {:?}:\n    {wrong}", row.platform, row.change)
                .expect("a string takes all text");
        }
    }
    assert!(report.is_empty(), "{report}");
}

/// From the laser to the modulator.
#[test]
fn light_before_the_modulator() {
    check_all(
        "
# A weaker laser runs cooler, so it is also bluer: less than 1 nm.
cpo | laser_module.els.launch=18 dBm | -light -sent -bias -junction -failures
cpo | laser_module.els.internal_loss=1 dB | +light ~sent +bias +junction +failures
cpo | laser_module.els.laser.slope_efficiency=0.25 W/A | +light ~sent +bias +junction +failures
cpo | laser_module.els.laser.threshold_current=20 mA | +light ~sent +bias +junction +failures
cpo | laser_module.els.laser.series_resistance=1.5 ohm | +light ~sent +bias +junction +failures
cpo | zone.faceplate.temperature=60 C | +light ~sent +bias +junction +failures
cpo | laser_module.els.cooler_power_ratio=1.0 | +light
cpo | laser_module.els.electronics_power=2 W | +light
cpo | laser_module.els.laser.rin=-138 dB/Hz | -signal +rin
cpo | laser_module.els.laser.isolation=10 dB | -signal +rin
cpo | fibre_plant.laser_connector.reflectance=-20 dB | -signal +rin
cpo | fibre_plant.laser_mate.loss=1 dB | -sent -rin
# The connector hides more of the coupler behind it than it reflects itself.
cpo | fibre_plant.laser_connectors=2 | -sent -rin +fit +failures
cpo | fibre_plant.laser_fibre.axis_error=6 deg | -sent
cpo | fibre_plant.laser_fibre_length=10 m | -sent
cpo | engine.oe.input_coupler.residual_loss=2.9 dB | -sent
cpo | engine.oe.routing_length=6 mm | -sent
cpo | engine.oe.platform.guide_loss=3 dB/cm | -sent
cpo | engine.oe.platform.two_photon_absorption=1.0 cm/GW | -sent
cpo | engine.oe.splitter.excess_loss=0.3 dB | -sent
# One lane more on each laser: 13 lasers for 64 lanes, the last of which lights four.
cpo | laser_module.els.lanes_per_laser=5 | -light -sent -lasers -modules -laser_fibres -failures +laser_lanes +ferrule_lanes +laser_repair
",
    );
}

/// The modulator and what drives it.
#[test]
fn the_modulator() {
    check_all(
        "
cpo | engine.oe.modulator.drive_voltage=1.4 V | +er -mod_loss +sent
cpo | engine.oe.modulator.vpi_l=2.2 V cm | -er +mod_loss -sent
cpo | engine.oe.modulator.phase_shifter_loss=12 dB/cm | +mod_loss -sent
cpo | engine.oe.modulator.passive_loss=1.0 dB | +mod_loss -sent
cpo | engine.oe.modulator.rc_bandwidth=40 GHz | -mod_bandwidth -signal
cpo | engine.oe.modulator.electrode_loss=0.3 dB/mm | -mod_bandwidth -signal
cpo | engine.oe.modulator.bias_power=20 mW | +tuning +optics
cpo | engine.oe.modulator.predistorted=false | -signal
cpo | engine.oe.driver.bandwidth=40 GHz | -signal
cpo | engine.oe.driver.energy=1.5 pJ/bit | +engine +optics
cpo | engine.oe.control_energy=0.4 pJ/bit | +engine +optics
ring | engine.oe.modulator.resonance_spread=0.3 nm | +tuning +optics
ring | engine.oe.modulator.heater_efficiency=0.2 nm/mW | -tuning -optics
ring | engine.oe.modulator.lock_error=8 pm | -sent
ring | engine.oe.modulator.bus_loss=0.8 dB | +mod_loss -sent
# The heater gives what the light does not.
ring | engine.oe.modulator.absorbed_fraction=0.6 | -tuning -optics
# A warmer chip needs less heat; its photodiodes have more dark current.
ring | zone.package.temperature=75 C | -tuning -optics -signal
cpo | zone.package.temperature=80 C | -signal
ring | zone.package.design_temperature=85 C | +tuning +optics
",
    );
}

/// From the modulator to the photodiode.
#[test]
fn the_path_to_the_far_end() {
    check_all(
        "
cpo | engine.oe.output_coupler.residual_loss=2.9 dB | -sent
cpo | engine.oe.output_coupler.offset=2 um | -sent
cpo | engine.oe.output_coupler.tilt=1 deg | -sent
cpo | engine.oe.output_coupler.gap=15 um | -sent
# The bow of the package moves the fibres of all three couplers.
cpo | package.stack.warpage=150 um | -sent
cpo | package.stack.fibre_lever=2 mm | -sent
cpo | package.stack.bow_since_attach=0.5 | -sent
cpo | engine.oe.receive_coupler.residual_loss=2.9 dB | -received
cpo | engine.oe.polarisation_loss=0.8 dB | -received
cpo | fibre_plant.shuffle_loss=1 dB | -received
cpo | fibre_plant.data_connector.loss=0.5 dB | -received
cpo | fibre_plant.data_connectors=6 | -received
cpo | fibre_plant.reach=1000 m | -received +fibre_ns +latency
cpo | fibre_plant.data_connector.reflectance=-20 dB | -signal
ring | fibre_plant.data_connector.reflectance=-20 dB | -signal
cpo | engine.oe.photodiode.reflectance=-20 dB | -signal
cpo | fibre_plant.data_fibre.failure_rate=4 FIT | +failures
cpo | fibre_plant.ferrules=separate | +ferrules +failures +ferrule_lanes
cpo | fibre_plant.fibres_per_ferrule=36 | +ferrules +failures -ferrule_lanes
",
    );
}

/// Receiver, code and electrical lanes.
#[test]
fn the_receiver_and_the_code() {
    check_all(
        "
cpo | engine.oe.photodiode.responsivity=0.8 A/W | -signal
cpo | engine.oe.photodiode.dark_current=100 nA | -signal
cpo | engine.oe.photodiode.bandwidth=40 GHz | -signal
cpo | engine.oe.tia.noise=20 pA/rtHz | -signal
cpo | engine.oe.tia.energy=0.9 pJ/bit | +engine +optics
cpo | fec=kr4 | -target_ber -margin +cer -fill_ns -latency
cpo | fec.target_codeword_error_ratio=1e-15 | -target_ber -margin
cpo | fec.interleave=1 | -fill_ns -latency
cpo | fec.decode_latency=100 ns | +decode_ns +latency
cpo | asic.switch.serdes.optical.part.linear_noise=0.1 | -signal
cpo | asic.switch.serdes.optical.part.implementation_noise=0.07 | -signal
cpo | asic.switch.serdes.optical.part.ffe_taps=5 | -signal
cpo | asic.switch.serdes.optical.part.energy=2 pJ/bit | +serdes +serdes_conversion +port_w +all_serdes_w +box
cpo | asic.switch.serdes.optical.part.latency=10 ns | +serdes_ns +latency
cpo | asic.switch.serdes.optical.part.failure_rate=1 FIT | +failures
# A linear path has no segment of its own; a retimed one has no noise to hand on.
cpo | asic.switch.serdes.optical.part.segment_ber=1e-4 | 
dsp | asic.switch.serdes.front.part.linear_noise=0.3 | 
dsp | asic.switch.serdes.front.part.segment_ber=5e-5 | -signal -target_ber
dsp | engine.module.dsp.energy=8 pJ/bit | +dsp +optics
dsp | engine.module.dsp.latency=100 ns | +dsp_ns +latency
dsp | engine.module.dsp.implementation_noise=0.08 | -signal
dsp | engine.module.dsp.failure_rate=500 FIT | +failures
ring | engine.oe.host_interface.energy=1.5 pJ/bit | +interface +optics
ring | engine.oe.dsp.energy=1 pJ/bit | +dsp +optics
",
    );
}

/// Power delivery, the box and the building.
#[test]
fn the_box() {
    check_all(
        "
cpo | power.engine_regulator=0.85 | +optics
cpo | power.laser_regulator=0.8 | +optics
cpo | power.asic_regulator=0.85 | +serdes_conversion +port_w +all_serdes_w +asic_w +box
cpo | power.supply=0.92 | +box
cpo | power.cooling=90 W | +overhead_w +box
cpo | power.board=100 W | +overhead_w +box
cpo | facility.pue=1.5 | +facility_w
cpo | asic.switch.core_power=300 W | +asic_w +box
cpo | asic.switch.failure_rate=400 FIT | +fit
cpo | rack_units=4 | -faceplate
# Shorter rows stand nearer to the centre of the package, whose bow shifts their fibres less.
cpo | engine.oe.edge_width=15 mm | +shoreline +sent
cpo | engine.oe.failure_rate=1000 FIT | +failures
cpo | laser_module.els.failure_rate=500 FIT | +failures
cpo | laser_module.els.laser.failure_rate=200 FIT | +failures
cpo | laser_module.els.laser.wearout_median=100 y | +failures
cpo | repair.service_life=15 y | +failures
cpo | repair.engine=part | -engine_repair
cpo | repair.laser_module=switch | +laser_repair
ring | repair.engines_per_subassembly=6 | +engine_repair
dsp | engine.module.laser_cooler_ratio=1.0 | +light
# Half of the switch: each lane and each port is what it was, with its engine in the middle of a side
# of the package, where the bow shifts fibres less.
cpo | engine.oe.count=4; port.eth.count=32 | -optics_w -all_serdes_w -box -bandwidth -lanes -engines -lasers -modules -laser_fibres -data_fibres -ferrules -failures -engine_repair -faceplate +sent
# Twice the rate on the same lanes, with the parts that this takes. Light costs the same,
# so half as much for each bit.
cpo | engine.oe.media_rate=212.5 Gb/s; engine.oe.modulator=si-mzm-106gbd; engine.oe.driver=sige-mzm-106gbd; engine.oe.photodiode=ge-106gbd; engine.oe.tia=tia-106gbd; asic.switch.serdes.optical.part=xsr-224g; port.eth.rate=1.6 Tb/s | +engine -laser_pj +serdes +optics +serdes_conversion +all_serdes_w -signal +mod_bandwidth -er -mod_loss +tp2_oma +rx_oma -serdes_ns -fill_ns -latency +bandwidth +failures +shoreline +faceplate
",
    );
}

#[test]
fn a_wrong_expectation_is_found() {
    for expected in [
        "+switch_w",
        "-facility_w",
        "~facility_w",
        "",
        "+facility_w +no_such_figure",
    ] {
        let table = format!("cpo | facility.pue=1.5 | {expected}");
        let found = check(&rows(&table)[0]);
        assert!(!found.is_empty(), "{expected}");
    }
    assert!(check(&rows("cpo | facility.pue=1.5 | +facility_w")[0]).is_empty());
}

#[test]
fn intensity_noise_alone_can_close_the_eye_of_a_fast_lane() {
    for rin in ["-138 dB/Hz", "-130 dB/Hz"] {
        let solved = solve(RING, &[&format!("laser_module.els.laser.rin={rin}")]);
        let solution = solved.state.lanes.designs[0]
            .outcome
            .as_ref()
            .expect("the lane is lit");
        let Margin::Unreachable {
            floor_ber,
            limiting,
        } = solution.margin
        else {
            panic!("{rin}: {:?}", solution.margin)
        };
        assert_eq!(limiting, NoiseKind::IntensityNoise);
        assert!(
            floor_ber > solved.state.lanes.designs[0].target_ber
                && floor_ber <= solution.optical_ber
        );
        let link = solved
            .figures
            .link
            .as_ref()
            .expect("there are optical ports");
        assert_eq!((link.n_open, link.n_dark), (576, 0));
        assert!(
            solved
                .figures
                .warnings
                .iter()
                .any(|warning| warning.contains("no power would do"))
        );
    }
    // The same laser does for 100G lanes.
    let slow = solve(CPO, &["laser_module.els.laser.rin=-138 dB/Hz"]);
    assert!(
        slow.state.lanes.designs[0]
            .outcome
            .as_ref()
            .is_ok_and(link::Solution::closes)
    );
}

#[test]
fn a_package_hotter_than_its_rings_were_made_for_is_dark() {
    let solved = solve(RING, &["zone.package.temperature=95 C"]);
    let link = solved
        .figures
        .link
        .as_ref()
        .expect("there are optical ports");
    assert_eq!((link.n_open, link.n_dark), (0, 576));
    let outcome = &solved.state.lanes.designs[0].outcome;
    assert!(
        matches!(outcome, Err(LaneFault::RingUnlocked { needed, low, .. }) if needed < low),
        "{outcome:?}"
    );
    assert!(
        solved
            .figures
            .warnings
            .iter()
            .any(|warning| warning.contains("are dark: ring not locked"))
    );
    // Too cold is as bad: the heater has a rail.
    let cold = solve(RING, &["zone.package.temperature=0 C"]);
    let outcome = &cold.state.lanes.designs[0].outcome;
    assert!(
        matches!(outcome, Err(LaneFault::RingUnlocked { needed, high, .. }) if needed > high),
        "{outcome:?}"
    );
}

#[test]
fn a_laser_at_its_rail_says_so() {
    let cool = solve(CPO, &[]);
    let hot = solve(CPO, &["zone.faceplate.temperature=110 C"]);
    let (cool_laser, hot_laser) = (
        cool.state.lanes.designs[0].laser,
        hot.state.lanes.designs[0].laser,
    );
    assert!(cool_laser.is_some_and(|laser| !laser.is_at_rail));
    let (cool_laser, hot_laser) = (cool_laser.expect("lit"), hot_laser.expect("lit"));
    assert!(hot_laser.is_at_rail && hot_laser.point.power < cool_laser.point.power);
    assert!(hot_laser.point.current > cool_laser.point.current);
    assert!(
        hot.figures
            .warnings
            .iter()
            .any(|warning| warning.contains("at its rail"))
    );
    assert!(order(&hot.state.lanes.designs[0]) < order(&cool.state.lanes.designs[0]));
}

#[test]
fn what_a_receiver_or_an_electrical_path_cannot_take_is_dark() {
    let loud = solve(CPO, &["engine.oe.tia.overload=-3 dBm"]);
    let outcome = &loud.state.lanes.designs[0].outcome;
    assert!(
        matches!(outcome, Err(LaneFault::Overload { received, limit }) if received > limit),
        "{outcome:?}"
    );
    let far = solve(DSP, &["asic.switch.serdes.front.channel_loss=30 dB"]);
    let outcome = &far.state.lanes.designs[0].outcome;
    assert!(
        matches!(outcome, Err(LaneFault::HostChannel { loss, budget }) if loss > budget),
        "{outcome:?}"
    );
    let long = solve(
        RING,
        &[
            "fibre_plant.reach=100 km",
            "fibre_plant.data_fibre.zero_dispersion=1300 nm",
        ],
    );
    let outcome = &long.state.lanes.designs[0].outcome;
    assert!(
        matches!(outcome, Err(LaneFault::Dispersion { .. })),
        "{outcome:?}"
    );
}
