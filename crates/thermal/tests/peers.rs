//! Our temperatures against those that `HotSpot` 7 printed for the same files.
//!
//! The tool prints hundredths of a kelvin. Its faults, which the tests tell apart, are explained in
//! `validation/thermal/hotspot/README.md`.
#![expect(
    clippy::disallowed_methods,
    reason = "the files of the validation cases are read from the repository"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use thermal::read::Case;
use thermal::read::hotspot::{self, Fidelity, Options};
use thermal::{Model, ThermalError};
use units::Kelvin;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Half of the last digit that the tool prints, and as much again for the films that stand for the
/// spreader and the sink.
const PRINTED_K: f64 = 0.01;

fn load(folder: &str, name: &str) -> Result<String, String> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../validation/thermal");
    let text = std::fs::read_to_string(root.join(folder).join(name));
    text.map_err(|error| error.to_string())
}

fn read(
    folder: &str,
    config: &str,
    pairs: &[(&str, &str)],
    fidelity: Fidelity,
) -> Result<Case, Box<dyn std::error::Error>> {
    let overrides = pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    let options = Options {
        overrides,
        fidelity,
    };
    let text = load(folder, config)?;
    Ok(hotspot::read(config, &text, &options, &|name| {
        load(folder, name)
    })?)
}

/// Mean temperatures of all blocks of a layer of the tool, in kelvin.
fn ours(case: &Case) -> Result<BTreeMap<String, f64>, ThermalError> {
    let model = Model::new(&case.stack, &case.grid)?;
    let field = model.steady(&model.powers())?;
    let blocks = case.stack.blocks().enumerate();
    let kelvin = blocks.map(|(idx, (layer, block))| {
        let layer = &case.stack.layers[layer].name;
        let name = block
            .name
            .strip_prefix(&format!("{layer}_"))
            .unwrap_or(&block.name);
        let mean: Kelvin = model.average(&field, idx).into();
        (format!("{layer}_{name}"), mean.value())
    });
    Ok(kelvin.collect())
}

/// What the tool printed.
fn theirs(folder: &str, name: &str) -> Result<BTreeMap<String, f64>, Box<dyn std::error::Error>> {
    let mut printed = BTreeMap::new();
    for line in load(folder, name)?.lines() {
        let (name, kelvin) = line.split_once('\t').ok_or("no tab")?;
        printed.insert(name.to_owned(), kelvin.trim().parse()?);
    }
    Ok(printed)
}

/// The greatest difference of the blocks that both know, and how many those are.
fn worst(ours: &BTreeMap<String, f64>, theirs: &BTreeMap<String, f64>) -> (f64, usize) {
    let both = ours
        .iter()
        .filter_map(|(name, kelvin)| Some((kelvin - theirs.get(name)?).abs()));
    both.fold((0.0, 0), |(worst, n), off| (off.max(worst), n + 1))
}

fn small(
    config: &str,
    detailed: &str,
    fidelity: Fidelity,
) -> Result<BTreeMap<String, f64>, Box<dyn std::error::Error>> {
    let pairs = [
        ("grid_layer_file", "small.lcf"),
        ("materials_file", "small.materials"),
        ("p", "small.ptrace"),
        ("detailed_3D", detailed),
    ];
    Ok(ours(&read("hotspot", config, &pairs, fidelity)?)?)
}

fn cpo(
    columns: &str,
    fidelity: Fidelity,
) -> Result<BTreeMap<String, f64>, Box<dyn std::error::Error>> {
    let pairs = [
        ("materials_file", "cpo.materials"),
        ("p", "cpo.ptrace"),
        ("detailed_3D", "on"),
        ("grid_cols", columns),
    ];
    Ok(ours(&read(
        "cpo-16/hotspot",
        "cpo.config",
        &pairs,
        fidelity,
    )?)?)
}

#[test]
fn its_faults_are_understood_to_the_last_printed_digit() -> Outcome {
    for (detailed, n_blocks) in [("on", 6), ("off", 4)] {
        let printed = theirs("hotspot", &format!("small.{detailed}.steady"))?;
        let ours = small("small.config", detailed, Fidelity::HotspotCompat)?;
        let (off, n) = worst(&ours, &printed);
        assert_eq!(n, n_blocks);
        assert!(off < PRINTED_K, "detailed_3D {detailed}: {off} K");
    }
    Ok(())
}

#[test]
fn convection_counts_one_and_a_half_times_there() -> Outcome {
    let printed = theirs("hotspot", "small.on.steady")?;
    let ours = small("small.config", "on", Fidelity::Physics)?;
    // 32 W through half of 1.5625 K/W, and the half thickness of the die below its nodes:
    // 0.15 mm of 120 W/(m K) over 16 mm2 for each block.
    for (block, watts) in [("hot", 24.0), ("warm", 5.0), ("cool", 2.0), ("cold", 1.0)] {
        let name = format!("layer_0_{block}");
        let excess = printed[&name] - ours[&name];
        let explained = 32.0 * 0.5 * 1.5625 + watts * 0.15e-3 / (120.0 * 16e-6);
        // Heat spreads sideways in the die, so the second term moves between the blocks; it is
        // at most what the hottest block has of it.
        assert!(
            (excess - explained).abs() < 0.5,
            "{block}: {excess} K, explained {explained} K"
        );
    }
    Ok(())
}

/// Beyond the chip the tool has twelve lumped nodes and we have cells: 2 % of a rise of 42 K.
#[test]
fn wide_plates_differ_by_their_lumped_periphery() -> Outcome {
    for (detailed, tolerance) in [("on", 0.8), ("off", 0.4)] {
        let printed = theirs("hotspot", &format!("wide.{detailed}.steady"))?;
        let ours = small("wide.config", detailed, Fidelity::HotspotCompat)?;
        let ours = ours
            .into_iter()
            .filter(|(name, _)| name.starts_with("layer_0"));
        let (off, n) = worst(&ours.collect(), &printed);
        assert_eq!(n, 4);
        assert!(off < tolerance, "detailed_3D {detailed}: {off} K");
    }
    Ok(())
}

/// The friction of its channels is a fit to that of rectangular ducts, and it takes the mean of two
/// cells as the temperature that flows between them, where we take that of the upper one: 0.2 % of
/// a rise of 33 K.
#[test]
fn channels_of_a_map_cool_as_there() -> Outcome {
    let pairs = [
        ("grid_layer_file", "channels.lcf"),
        ("materials_file", "small.materials"),
        ("p", "small.ptrace"),
        ("detailed_3D", "on"),
        ("use_microchannels", "1"),
    ];
    let case = read(
        "hotspot",
        "channels.config",
        &pairs,
        Fidelity::HotspotCompat,
    )?;
    let (off, n) = worst(&ours(&case)?, &theirs("hotspot", "channels.on.steady")?);
    assert_eq!(n, 4);
    assert!(off < 0.1, "{off} K");
    Ok(())
}

#[test]
fn co_packaged_engines_with_its_faults() -> Outcome {
    // Cells of 0.5 x 0.5 mm, and of 1 x 0.5 mm, where it exchanges the directions.
    for (columns, file) in [("120", "cpo.on.steady"), ("60", "cpo-oblong.steady")] {
        let printed = theirs("cpo-16/hotspot", file)?;
        let (off, n) = worst(&cpo(columns, Fidelity::HotspotCompat)?, &printed);
        assert_eq!(n, 34, "ASIC and engines in two layers");
        assert!(off < PRINTED_K, "{file}: {off} K");
    }
    Ok(())
}

#[test]
fn co_packaged_engines_without_them() -> Outcome {
    let printed = theirs("cpo-16/hotspot", "cpo.on.steady")?;
    let ours = cpo("120", Fidelity::Physics)?;
    // 692 W through half of 1/72 K/W stand between its spreader and its sink, where two films of
    // 0.1 um are.
    let again = printed["hsp_whole"] - printed["hsink_whole"];
    let whole = 692.0 * 0.5 / 72.0;
    assert!((again - whole).abs() < 0.03, "{again} K against {whole} K");
    // The second half does not cool the lid sideways, so the hottest block sees most of it.
    let excess = |name: &str| printed[name] - ours[name];
    let asic = excess("layer_2_asic");
    assert!((asic - 7.5).abs() < 0.3, "{asic} K");
    for idx in 1..=16 {
        let engine = excess(&format!("layer_2_engine{idx}"));
        assert!((engine - 4.5).abs() < 0.6, "engine {idx}: {engine} K");
    }
    // Oblong cells change our engines by the finer grid only, and its by kelvins.
    let oblong = cpo("60", Fidelity::Physics)?;
    let dies = oblong
        .into_iter()
        .filter(|(name, _)| !name.contains("mold"));
    let (off, _) = worst(&dies.collect(), &ours);
    assert!(off < 0.15, "{off} K");
    let (off, _) = worst(&theirs("cpo-16/hotspot", "cpo-oblong.steady")?, &printed);
    assert!(off > 4.0, "{off} K");
    Ok(())
}
