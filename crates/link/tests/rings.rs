//! Rings of several lanes beside each other, at rest.

use link::{Conditions, LaneFault, Lanes, RingRow, lane, ring_rows};
use system::{Input, Library, MediaLaneId, System};
use units::derivation::number;
use units::{Celsius, Watts};

fn resolve(platform: &str, sets: &[&str]) -> System {
    let library = Library::embedded();
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    System::resolve(&Input {
        name: platform,
        bytes: library.platform(platform).expect("it exists").as_bytes(),
        sets: &sets,
        library: &library,
        load: &|file| Err(format!("{file} is not there")),
    })
    .unwrap_or_else(|problems| panic!("{problems}"))
}

/// Every part at one temperature.
fn held_at(system: &System, celsius: f64) -> Conditions {
    let at = || number(Celsius::new(celsius));
    Conditions {
        asics: system.asics.iter().map(|_| at()).collect(),
        engines: system.engines.iter().map(|_| at()).collect(),
        fibre_shifts: vec![None; system.engines.len()],
        laser_modules: system
            .laser_modules
            .iter()
            .map(|_| number(Celsius::new(45.0)))
            .collect(),
        peers: Vec::new(),
    }
}

fn shares(system: &System) -> (f64, f64) {
    let engine = &system.description.engine[0].value;
    let system::parts::Modulator::RingModulator(ring) = &engine.modulator else {
        panic!("a ring modulates")
    };
    let share = ring.heater_crosstalk.as_ref().expect("described");
    (share.value.value(), ring.heater_efficiency.value.value())
}

/// Heater powers of the modulators of a row, W.
fn powers(lanes: &Lanes, row: &RingRow) -> Vec<f64> {
    let power = |lane: &MediaLaneId| lanes.heaters(*lane).transmit.expect("lit").value();
    row.lanes.iter().map(power).collect()
}

/// `K P`: what every ring is shifted by its own heater and those beside it is what it needs.
#[test]
fn heaters_of_a_row_shift_every_ring_to_its_place() {
    for (platform, celsius) in [
        ("quantum-x-115t", 55.0),
        ("quantum-x-115t", 70.0),
        ("teraphy-oio", 60.0),
        ("oci-4t", 70.0),
    ] {
        let system = resolve(platform, &[]);
        let (share, m_per_w) = shares(&system);
        let lanes = Lanes::new(&system, &held_at(&system, celsius));
        for row in ring_rows(&system) {
            let powers = powers(&lanes, &row);
            for (at, id) in row.lanes.iter().enumerate() {
                let beside: f64 = [at.wrapping_sub(1), at + 1]
                    .iter()
                    .filter_map(|at| powers.get(*at))
                    .sum();
                let shift_m = m_per_w * (powers[at] + share * beside);
                let modulator = lanes.design(*id).modulator.as_ref().expect("lit");
                let needed_m = modulator.heater.expect("a heater").shift.value();
                assert!(
                    (shift_m - needed_m).abs() < 1e-17,
                    "{platform} {at}: {shift_m} {needed_m}"
                );
            }
            // Those at the ends have one neighbour, and pay for it.
            let n = powers.len();
            assert!(powers[0] > powers[1] && powers[n - 1] > powers[n - 2]);
        }
    }
}

/// Lanes of one design stand for their mean, so that the power of the engine is that of its rings.
#[test]
fn a_design_has_the_mean_of_its_rings() {
    let system = resolve("quantum-x-115t", &[]);
    let conditions = held_at(&system, 55.0);
    let lanes = Lanes::new(&system, &conditions);
    assert_eq!(lanes.designs.len(), 1);
    let row = &ring_rows(&system)[0];
    let found = powers(&lanes, row);
    let mean = found.iter().sum::<f64>() / found.len() as f64;
    let modulator = |design: &link::LaneDesign| {
        let of = design.modulator.as_ref().expect("lit");
        of.tuning_power.value()
    };
    assert!((modulator(&lanes.designs[0]) / mean - 1.0).abs() < 1e-12);
    // One lane by itself is solved with its row.
    let one = lane(&system, &conditions, row.lanes[3]);
    assert_eq!(
        modulator(&one).to_bits(),
        modulator(&lanes.designs[0]).to_bits()
    );
    // The expression gives the same bits.
    let power = lanes.tuning_power(0).expect("lit");
    let again = power.node().evaluate(&units::derivation::Replaced::new());
    assert_eq!(again.map(f64::to_bits), Ok(power.value().value().to_bits()));
}

/// A row needs less power the more its heaters warm each other, in proportion for small shares.
#[test]
fn heat_of_neighbours_saves_power() {
    let mean_at = |share: f64| {
        let set = format!("engine.oe.modulator.heater_crosstalk={share}");
        let system = resolve("quantum-x-115t", &[&set]);
        let lanes = Lanes::new(&system, &held_at(&system, 55.0));
        let modulator = lanes.designs[0].modulator.as_ref().expect("lit");
        modulator.tuning_power
    };
    let alone = mean_at(0.0);
    // Eight rings have 14 neighbours: 1 - 14/8 x to first order.
    for share in [0.01, 0.02] {
        let left = mean_at(share) / alone;
        assert!(
            (left - (1.0 - 1.75 * share)).abs() < 6.0 * share * share,
            "{share}: {left}"
        );
    }
    assert!(mean_at(0.25) < mean_at(0.1) && mean_at(0.1) < alone);
    assert!(mean_at(0.25) > Watts::new(0.0));
}

/// What a neighbour does beyond what a ring needs cannot be taken away: the ring says so, and carries
/// nothing.
#[test]
fn a_ring_that_its_neighbours_overheat_is_not_locked() {
    // Alone every ring takes 5 mW; with two neighbours it takes 5 / 1.4.
    let close = [
        "control.heater_reserve=\"4 mW\"",
        "engine.oe.modulator.heater_crosstalk=0.2",
    ];
    let apart = [
        "control.heater_reserve=\"4 mW\"",
        "engine.oe.modulator.heater_crosstalk=0",
    ];
    let outcome = |sets: &[&str]| {
        let system = resolve("quantum-x-115t", sets);
        let lanes = Lanes::new(&system, &held_at(&system, 70.0));
        lanes.designs[0].outcome.clone().map(|_| ())
    };
    assert_eq!(outcome(&apart), Ok(()));
    let found = outcome(&close);
    assert!(
        matches!(found, Err(LaneFault::RingUnlocked { needed, low, .. }) if needed < low),
        "{found:?}"
    );
}

/// Every part so warm that rings have passed their channels: those of a bus that may be shifted serve
/// the next ones.
#[test]
fn a_bus_takes_the_channels_at_which_all_rings_hold() {
    let channels = |sets: &[&str], celsius: f64| {
        let system = resolve("teraphy-oio", sets);
        let lanes = Lanes::new(&system, &held_at(&system, celsius));
        let shifts: Vec<_> = (0..16)
            .map(|lane| {
                let design = lanes.design(MediaLaneId(lane));
                let modulator = design.modulator.as_ref()?;
                let filter = design.filter_heater?;
                Some((modulator.heater?.channels, filter.channels))
            })
            .collect();
        assert!(shifts.iter().all(|of| *of == shifts[0]), "{shifts:?}");
        shifts[0]
    };
    // Where the own channels can be held they are.
    assert_eq!(channels(&[], 60.0), Some((0, 0)));
    // 10 K above the design temperature take 0.66 nm, more than the guard of 0.3 nm: one channel on.
    assert_eq!(channels(&[], 95.0), Some((1, 1)));
    assert_eq!(channels(&["control.barrel_shift=false"], 95.0), None);
    // So cold that 40 mW would not do: as far back as the rings allow that serve through another order.
    assert_eq!(channels(&[], 8.0), Some((-2, -2)));
}
