//! Lanes of the platforms.

use link::{LaneDesign, Lanes};
use system::{Input, Library, System};

fn resolve(name: &str, sets: &[&str]) -> System {
    let library = Library::embedded();
    let text = library
        .platform(name)
        .expect("the platform exists")
        .to_owned();
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    let input = Input {
        name,
        bytes: text.as_bytes(),
        sets: &sets,
        library: &library,
        load: &|file| Err(format!("{file} is not there")),
    };
    System::resolve(&input).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn print_all() {
    for name in [
        "cpo-51t",
        "quantum-x-115t",
        "dsp-51t",
        "dsp-102t",
        "humboldt-25t",
    ] {
        let system = resolve(name, &[]);
        let start = std::time::Duration::default();
        let lanes = Lanes::new(&system);
        let _ = start;
        for design in &lanes.designs {
            println!(
                "== {name}: laser {:?} rin {:?}",
                design.laser.map(|l| (
                    l.point.power,
                    l.point.electrical_power,
                    l.point.wall_plug_efficiency,
                    l.is_at_rail
                )),
                design.rin
            );
            for plane in &design.planes.0 {
                println!(
                    "{:18} loss {:6.2} avg {:7.2} oma {:?}",
                    plane.element.name(),
                    plane.loss.value(),
                    plane.average.value(),
                    plane.oma.map(|o| o.value())
                );
            }
            println!("{:?}", design.modulator);
            println!(
                "{:?}",
                design.equaliser.as_ref().map(|e| (
                    e.noise_bandwidth,
                    e.noise_enhancement,
                    e.residual_isi_rms
                ))
            );
            println!("{:?}", design.outcome);
        }
    }
}
