//! What is seen, what fails and what limits, where several systems or parts are involved.

use link::{Element, Limit};
use plant::Signal;
use system::{Input, Library, MediaLaneId, System};
use twin::{Figures, SteadyState, observe};

fn solve(platform: &str, sets: &[&str]) -> (System, SteadyState, Figures) {
    let library = Library::embedded();
    let text = library.platform(platform).expect("the platform exists");
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    let system = System::resolve(&Input {
        name: platform,
        bytes: text.as_bytes(),
        sets: &sets,
        library: &library,
        load: &|file| Err(format!("{file} is not there")),
    })
    .unwrap_or_else(|problems| panic!("{problems}"));
    let state = SteadyState::solve(&system);
    let figures = Figures::new(&system, &state);
    (system, state, figures)
}

const TO_DSP: [&str; 2] = ["link.spine.port=eth", "link.spine.peer=dsp-51t"];
const TO_CPO: [&str; 2] = ["link.spine.port=eth", "link.spine.peer=cpo-51t"];

#[test]
fn received_power_is_what_the_other_system_sends() {
    let (system, state, figures) = solve("cpo-51t", &TO_DSP);
    let (_, other, _) = solve("dsp-51t", &TO_CPO);
    let sent = other.lanes.designs[0].planes.after(Element::Photodiode);
    let sent = sent.expect("it lights the lane").average.value();
    let observation = observe(&system, &state, &figures).expect("it has sensors");
    let seen = observation
        .column(Signal::RxPower)
        .and_then(|column| column.value(0));
    // The column stores single precision.
    assert!(
        (seen.expect("a reading") - sent).abs() < 1e-5,
        "{seen:?} {sent}"
    );
    let own = state
        .lanes
        .design(MediaLaneId(0))
        .planes
        .after(Element::Photodiode);
    assert!(
        (own.expect("lit").average.value() - sent).abs() > 0.1,
        "the two ends differ"
    );
}

#[test]
fn a_link_takes_as_long_from_either_end() {
    let (_, _, here) = solve("cpo-51t", &TO_DSP);
    let (_, _, there) = solve("dsp-51t", &TO_CPO);
    let (here, there) = (
        here.latency.expect("a link"),
        there.latency.expect("a link"),
    );
    assert!((here.total() / there.total() - 1.0).abs() < 1e-12);
    // Half a pass of 6 ns at the linear end, a pass of 15 ns and one DSP at the other.
    assert!(
        (here.serdes.value() - 18e-9).abs() < 1e-15,
        "{}",
        here.serdes
    );
    assert!((here.dsp.value() - 75e-9).abs() < 1e-15, "{}", here.dsp);
}

#[test]
fn the_worst_part_of_a_kind_counts_and_not_the_first() {
    let (_, _, figures) = solve("cpo-51t", &["fibre_plant.ferrules=separate"]);
    let part = |name: &str| {
        let parts = &figures.reliability.parts;
        parts
            .iter()
            .find(|part| part.part == name)
            .expect("a kind of part")
    };
    // The first ferrule holds 72 data fibres. One further on holds 72 laser fibres: 288 lanes.
    assert_eq!(part("ferrule").radius.ports_down.len(), 36);
    assert_eq!(part("ferrule").radius.lanes_lost, 288);
    assert_eq!(part("laser_fibre").radius.lanes_lost, 4);
    assert_eq!(part("data_fibre").radius.lanes_lost, 1);
}

#[test]
fn electrical_segments_that_use_up_the_code_are_named() {
    let set = "asic.switch.serdes.front.part.segment_ber=1e-3";
    let (_, state, figures) = solve("dsp-51t", &[set]);
    let solution = state.lanes.designs[0].outcome.as_ref().expect("lit");
    assert!(!solution.closes());
    assert_eq!(solution.limiting, Limit::Host);
    let link = figures.link.as_ref().expect("optical lanes");
    assert_eq!(link.n_open, 512);
    let named = |warning: &String| warning.contains("electrical segments alone use up the code");
    assert!(figures.warnings.iter().any(named), "{:?}", figures.warnings);
}
